//! What npm would read on this machine, and what is mended there, by plain commands.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use npm_warden::sandbox::Options;
use serde_json::Value;

use crate::house::{DESIGN, House};
use crate::plain::{left, run, said};

const CANARY: &str = "npm_canaryAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The registry's own credential, and canaries in every shape beside it.
fn with_canaries() -> (House, String) {
    let house = House::new(Options::default());
    let first = fs::read_to_string(house.npmrc()).unwrap();
    let (_, scope) = house.url().split_once(':').unwrap();
    let whole = format!(
        "{first}{scope}:_auth=Y2FuYXJ5OmNhbmFyeS1wYXNzd29yZA==\n\
         {scope}dead/:_authToken={CANARY}\n\
         ; {scope}:_authToken={CANARY}\n\
         {CANARY}\n\
         token = {CANARY}\n\
         //al:canary-password@other.example/:_authToken={CANARY}\n\
         //other.example/:_authToken=${{NPM_TOKEN}}\n\
         //other.example/:username=canary\n\
         //other.example/:_password=Y2FuYXJ5LXBhc3N3b3Jk\n"
    );
    fs::write(house.npmrc(), &whole).unwrap();
    fs::set_permissions(house.npmrc(), fs::Permissions::from_mode(0o644)).unwrap();
    (house, whole)
}

/// No value stands in it, but for the first characters that a registry lists.
fn is_clean(house: &House, told: &str) {
    let token = house.registry.running.token().expose();
    for secret in ["canaryA", "canary-", "Y2FuYXJ5", token.as_str()] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

fn json(out: &str) -> Value {
    assert!(out.starts_with("{\"version\":1,"), "{out}");
    assert_eq!(out.lines().count(), 1);
    serde_json::from_str(out).unwrap()
}

#[test]
fn p01_everything_that_npm_would_read_is_told_without_a_value() {
    let (house, _) = with_canaries();
    let before = house.registry.running.inspect().requests;
    let (code, out, err) = run(&house, "machine");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    is_clean(&house, &out);
    assert!(out.contains("npm_cana\u{2026}"), "{out}");
    assert!(out.contains("${NPM_TOKEN}"), "{out}");
    assert!(out.contains("(mode 644)"), "{out}");
    let (code, out, err) = run(&house, "machine --json --check");
    assert_eq!(code, 1, "{err}");
    is_clean(&house, &format!("{out}{err}"));
    let told = json(&out);
    let first = &told["credentials"][0];
    assert_eq!(
        (
            &first["rank"],
            &first["in_use"],
            &first["line"],
            &first["form"]
        ),
        (&"wins".into(), &true.into(), &1.into(), &"literal".into())
    );
    assert_eq!(told["credentials"].as_array().unwrap().len(), 9);
    let kinds: Vec<_> = told["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| &source["kind"])
        .collect();
    assert_eq!(kinds, ["environment", "project", "user", "global"]);
    assert_eq!(told["sources"][2]["mode"], "644");
    let after = house.registry.running.inspect().requests;
    assert_eq!(before, after, "to look sends nothing");
}

#[test]
fn p21_what_is_tried_out_is_tried_out_at_its_own_registry() {
    let house = House::new(Options::default());
    let first = fs::read_to_string(house.npmrc()).unwrap();
    let (_, scope) = house.url().split_once(':').unwrap();
    let bare = scope.trim_end_matches('/');
    fs::write(
        house.npmrc(),
        format!("{first}{bare}:_authToken={CANARY}\n_authToken={CANARY}\n"),
    )
    .unwrap();
    let (code, out, err) = run(&house, "machine --probe --json");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    is_clean(&house, &out);
    let told = json(&out);
    let probe = |at: usize| &told["credentials"][at]["probe"];
    assert_eq!(probe(0)["state"], "works");
    assert_eq!(probe(0)["username"], house.registry.running.username());
    assert_eq!(probe(1)["state"], "dead");
    assert_eq!(
        *probe(2),
        Value::Null,
        "it says of no registry that it is for it"
    );
    let (code, _, err) = run(&house, "machine --probe --check");
    assert_eq!(code, 1, "{err}");
}

#[test]
fn p03_a_value_of_which_a_part_stands_in_the_line_is_told_as_that() {
    let house = House::new(Options::default());
    let line = "//mixed.example/:_authToken=canary-${NPM_HALF?}";
    fs::write(house.npmrc(), format!("{line}\n")).unwrap();
    let (code, out, err) = run(&house, "machine");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("text with ${NPM_HALF}"), "{out}");
    is_clean(&house, &out);
    let (code, out, err) = run(&house, "machine --json");
    assert_eq!(code, 0, "{err}");
    is_clean(&house, &out);
    let told = &json(&out)["credentials"][0];
    assert_eq!(told["form"], "mixed");
    assert_eq!(told["variables"][0], "${NPM_HALF}");
    let name = house.npmrc();
    let name = name.to_str().unwrap();
    for variable in ["NPM_HALF", "OTHER"] {
        let fix = format!("machine fix to-variable --yes {name}:1 {variable}");
        let (code, out, err) = run(&house, &fix);
        assert!(
            code != 0 && err.contains("mixes text with"),
            "{code} {out} {err}"
        );
    }
    assert_eq!(fs::read_to_string(name).unwrap(), format!("{line}\n"));
}

#[test]
fn p35_a_file_is_mended_after_a_look_and_a_yes() {
    let (house, before) = with_canaries();
    let file = house.npmrc();
    let read = || fs::read_to_string(&file).unwrap();
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
    let name = file.to_str().unwrap();

    let (code, out, err) = run(&house, &format!("machine fix remove {name}:5"));
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("Give --yes"), "{err}");
    for answer in ["\r", "n\r", "\u{3}"] {
        let mut tui = house.ask(&format!("machine fix to-variable {name}:3 MY_TOKEN"));
        tui.shows("Change it? [y/N]");
        tui.shows("=${MY_TOKEN}");
        tui.shows("${MY_TOKEN} is not set here");
        is_clean(&house, &tui.text());
        tui.keys(answer);
        assert_eq!(left(&tui), if answer == "\u{3}" { 130 } else { 1 });
        assert_eq!((read(), mode()), (before.clone(), 0o644));
    }
    let mut tui = house.ask(&format!("machine fix to-variable {name}:3 MY_TOKEN"));
    tui.shows("Change it? [y/N]");
    tui.keys("y\r");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    is_clean(&house, &said(&tui.raw()));
    let line = format!("dead/:_authToken={CANARY}");
    let after = before.replacen(&line, "dead/:_authToken=${MY_TOKEN}", 1);
    assert_eq!((read(), mode()), (after.clone(), 0o644));

    let (code, out, err) = run(&house, &format!("machine fix remove --yes --json {name}:5"));
    assert_eq!(code, 0, "{err}");
    is_clean(&house, &format!("{out}{err}"));
    assert_eq!(json(&out)["after"], "");
    assert_eq!(read(), after.replacen(&format!("\n{CANARY}\n"), "\n", 1));

    let (code, out, err) = run(&house, &format!("machine fix tighten --yes {name}"));
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(mode(), 0o600);
    let (code, _, err) = run(&house, &format!("machine fix tighten --yes {name}"));
    assert_eq!(code, 0, "{err}");
    assert!(err.is_empty(), "{err}");
    let (code, out, _) = run(&house, &format!("machine fix tighten --json {name}"));
    assert_eq!((code, &json(&out)["before"]), (0, &json(&out)["after"]));
    let (code, out, _) = run(
        &house,
        &format!("machine fix to-variable {name}:3 MY_TOKEN"),
    );
    assert!(code == 0 && out.contains("nothing to do"), "{out}");
    for bad in ["1st", "npm_config_x", CANARY, "a-b"] {
        let (code, out, err) = run(
            &house,
            &format!("machine fix to-variable --yes {name}:1 {bad}"),
        );
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(!err.contains("canaryA"), "{err}");
    }
    let (code, _, err) = run(&house, &format!("machine fix remove --yes {name}:99"));
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = run(&house, "machine fix tighten --yes /etc/hosts");
    assert_eq!(code, 2, "{err}");
}

#[test]
fn p35_p36_the_machine_is_read_tried_out_and_mended_by_keys() {
    let house = House::new(Options::default());
    let first = fs::read_to_string(house.npmrc()).unwrap();
    let (_, scope) = house.url().split_once(':').unwrap();
    let bare = scope.trim_end_matches('/');
    let rest = "; kept as it is\n//other.example/:_authToken=${OTHER_TOKEN}\n";
    let whole = format!("{first}{bare}:_authToken={CANARY}\n{rest}");
    fs::write(house.npmrc(), &whole).unwrap();
    fs::set_permissions(house.npmrc(), fs::Permissions::from_mode(0o644)).unwrap();
    let read = || fs::read_to_string(house.npmrc()).unwrap();
    let mode = || fs::metadata(house.npmrc()).unwrap().permissions().mode() & 0o7777;
    let mut tui = house.enter(DESIGN, &[("OTHER_TOKEN", CANARY)]);
    tui.keys("6");
    for text in ["mode 644", "npm_cana\u{2026}", "✓ in use", "${OTHER_TOKEN}"] {
        tui.shows(text);
    }

    tui.keys("m");
    tui.shows("+ mode 600");
    tui.keys("\r");
    tui.says("Nothing was changed");
    assert_eq!(mode(), 0o644);
    tui.keys("m");
    tui.shows("+ mode 600");
    tui.keys("y");
    tui.says("its owner's alone now");
    assert_eq!((read(), mode()), (whole.clone(), 0o600));

    tui.keys("jt");
    tui.shows("Try out 1 credential?");
    tui.shows(bare.trim_start_matches('/'));
    tui.keys("y");
    tui.says("does not accept it");

    // The line above has another value, for which the usual name is kept.
    let port = bare.rsplit(':').next().unwrap();
    let name = format!("NPM_TOKEN_127_0_0_1_{port}");
    tui.keys("e");
    tui.shows(&format!("Variable: [ {name}"));
    tui.keys("\r");
    tui.shows(&format!("=${{{name}}}"));
    tui.keys("y");
    tui.says(&format!("takes the value from ${{{name}}} now"));
    let variable = whole.replace(CANARY, &format!("${{{name}}}"));
    assert_eq!((read(), mode()), (variable.clone(), 0o600));

    // A file that changes under the question is left alone.
    tui.keys("x");
    tui.shows("the line goes");
    let changed = format!("{variable}; later\n");
    fs::write(house.npmrc(), &changed).unwrap();
    tui.keys("y");
    tui.says("changed");
    tui.shows("✓ in use");
    assert_eq!(read(), changed);
    tui.keys("x");
    tui.shows("the line goes");
    tui.keys("y");
    tui.says("The line is gone");
    assert_eq!(read(), format!("{first}{rest}; later\n"));

    tui.keys("q");
    assert!(tui.ended().success());
    is_clean(&house, &said(&tui.raw()));
    is_clean(&house, &fs::read_to_string(house.log()).unwrap());
}

#[test]
fn each_command_that_is_recommended_does_what_it_says() {
    let house = House::new(Options::default());
    let first = fs::read_to_string(house.npmrc()).unwrap();
    fs::write(
        house.npmrc(),
        format!(
            "{first}; //other.example/:_authToken={CANARY}\n_authToken={CANARY}\nusername=alice\n"
        ),
    )
    .unwrap();
    let folder = house.npmrc().parent().unwrap().to_owned();
    let name = house.npmrc();
    let name = name.file_name().unwrap().to_str().unwrap();
    for line in [&["init", "-q"][..], &["add", "-f", "--", name]] {
        let mut git = std::process::Command::new("git");
        let done = git.args(line).current_dir(&folder).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }
    // What npm refuses is kept by git as well: one command mends both.
    for left in [6, 4, 3, 2, 1] {
        let (code, out, err) = run(&house, "machine --check --json");
        assert_eq!(code, 1, "{out}{err}");
        is_clean(&house, &format!("{out}{err}"));
        let told = json(&out);
        let findings: Vec<_> = told["findings"].as_array().unwrap().iter().collect();
        assert_eq!(findings.len(), left, "{findings:#?}");
        let with = |finding: &&&Value| finding.as_str().unwrap().contains("npm-warden machine fix");
        let Some(finding) = findings.iter().find(with) else {
            // A user name is no credential, so there is no command for it.
            assert_eq!(left, 1, "{findings:#?}");
            let all = fs::read_to_string(house.npmrc()).unwrap();
            assert!(
                all.ends_with("/:_authToken=${NPM_TOKEN}\nusername=alice\n"),
                "{all}"
            );
            return;
        };
        let (_, command) = finding.as_str().unwrap().split_once("npm-warden ").unwrap();
        // Each run is given it as it is.
        let (command, file) = command.split_once(" --userconfig ").unwrap();
        assert_eq!(file, house.npmrc().to_str().unwrap());
        let (code, _, err) = run(&house, &format!("{command} --yes"));
        assert_eq!(code, 0, "{command}: {err}");
    }
    panic!("there is always another command");
}

#[test]
fn p21_two_values_never_come_from_one_variable_whatever_is_followed() {
    let house = House::new(Options::default());
    let first = fs::read_to_string(house.npmrc()).unwrap();
    let (_, scope) = house.url().split_once(':').unwrap();
    let before = format!("{first}{scope}p/:_authToken={CANARY}\n");
    fs::write(house.npmrc(), &before).unwrap();
    let name = house.npmrc();
    let name = name.to_str().unwrap();
    let fix = |line: &str| {
        run(
            &house,
            &format!("machine fix to-variable --yes {name}:{line}"),
        )
    };
    let (code, out, err) = fix("1 NPM_TOKEN");
    assert_eq!(code, 0, "{out}{err}");
    let half = fs::read_to_string(name).unwrap();
    let (code, out, err) = fix("2 NPM_TOKEN");
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(
        err.contains("serves") && err.contains("Take another name"),
        "{err}"
    );
    assert_eq!(fs::read_to_string(name).unwrap(), half);
    // Without a name it takes one of its own.
    let (code, out, err) = fix("2");
    assert_eq!(code, 0, "{out}{err}");
    let after = fs::read_to_string(name).unwrap();
    assert!(
        after.contains("/p/:_authToken=${NPM_TOKEN_127_0_0_1_"),
        "{after}"
    );

    // What has no credential is not offered to be taken out by a command.
    fs::write(house.npmrc(), b"note=caf\xe9\n").unwrap();
    let (_, out, _) = run(&house, "machine");
    assert!(
        out.contains("in an editor") && !out.contains("fix remove"),
        "{out}"
    );
    let (code, _, err) = run(&house, &format!("machine fix remove --yes {name}:1"));
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("mend any other in an editor"), "{err}");
}

#[test]
fn what_could_not_be_tried_out_is_not_said_to_be_well() {
    let house = House::new(Options::default());
    let first = fs::read_to_string(house.npmrc()).unwrap();
    fs::set_permissions(house.npmrc(), fs::Permissions::from_mode(0o600)).unwrap();
    let (code, out, err) = run(&house, "machine --probe --check");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for (line, said) in [
        (
            "//127.0.0.1:1/:_authToken=x\n",
            "works could not be found out",
        ),
        (
            "//127.0.0.1:1/:_authToken=${UNSET}\n",
            "could not be tried out: ${UNSET} is not set here",
        ),
    ] {
        fs::write(house.npmrc(), format!("{first}{line}")).unwrap();
        let (code, out, err) = run(&house, "machine --probe --check --json");
        assert_eq!(code, 1, "{out}{err}");
        let told = json(&out);
        assert!(
            told["findings"][0].as_str().unwrap().contains(said),
            "{told}"
        );
        let probe = &told["credentials"][1]["probe"];
        assert_eq!(probe.is_null(), line.contains("UNSET"), "{told}");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_told_with_where_and_why() {
    let house = House::new(Options::default());
    fs::remove_file(house.npmrc()).unwrap();
    std::os::unix::fs::symlink("dotfiles/npmrc", house.npmrc()).unwrap();
    let (code, out, err) = run(&house, "machine --json --check");
    assert_eq!(code, 1, "{err}");
    let told = json(&out);
    let source = &told["sources"][2];
    assert_eq!(
        (&source["state"], &source["link"]),
        (&"unreadable".into(), &"~/dotfiles/npmrc".into())
    );
    let why = "is a link to ~/dotfiles/npmrc, which is not there";
    assert!(
        source["error"]["what"].to_string().contains(why),
        "{source}"
    );
    let (_, out, _) = run(&house, "machine");
    assert!(out.contains(why), "{out}");
}
