//! `token create --write-to`: the place is looked at before anything is made, and no credential there is lost unasked.

use std::os::unix::fs::{PermissionsExt, symlink};

use npm_warden::sandbox::{Options, Policy};

use crate::disk::small_disk;
use crate::house::{DESIGN, House};
use crate::plain::{ended, run};
use crate::second_factor::{answer, ask_apart, ask_in, out};
use crate::tui::Tui;

fn npmrc(house: &House) -> String {
    std::fs::read_to_string(house.npmrc()).unwrap()
}

fn tokens(house: &House) -> usize {
    house.registry.running.inspect().tokens
}

/// What its standard error says.
fn refused(house: &House, into: &str) -> String {
    let before = tokens(house);
    let tui = ask_apart(
        house,
        &format!("token create -y --read-only --write-to {into}"),
    );
    assert_eq!(tui.ended().exit_code(), 1, "{into}: {}", tui.text());
    assert_eq!(tokens(house), before, "{into}: {}", tui.text());
    assert_eq!(out(house), "");
    let text = tui.text();
    assert!(!text.contains("Password"), "{into}: {text}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn p35_a_place_that_takes_no_token_is_said_before_one_is_made() {
    let house = House::new(Options::default());
    let home = house.home();
    let (_, scope) = house.url().split_once(':').unwrap();
    std::fs::create_dir(home.join("folder")).unwrap();
    symlink("nowhere", home.join("dangling")).unwrap();
    std::fs::write(home.join("kept"), "a=1\n").unwrap();
    std::fs::set_permissions(home.join("kept"), PermissionsExt::from_mode(0o400)).unwrap();
    let variable = format!("{scope}:_authToken=${{OURS}}\n");
    std::fs::write(home.join("variable"), &variable).unwrap();
    let list = format!("{scope}:_authToken[]=a\n");
    std::fs::write(home.join("list"), &list).unwrap();
    for (into, said) in [
        ("none/.npmrc", "does not exist"),
        ("folder", "cannot be changed"),
        ("dangling", "is a link to a file that is not there"),
        ("kept", "is write-protected"),
        ("variable", "takes the token from"),
        ("list", "holds a list where one token is expected"),
        ("kept/.npmrc", "kept"),
    ] {
        let text = refused(&house, into);
        assert!(text.contains(said), "{into}: {text}");
        assert!(text.contains("No token was made."), "{into}: {text}");
    }
    assert_eq!(
        std::fs::read_to_string(home.join("variable")).unwrap(),
        variable
    );
    let names: Vec<_> = std::fs::read_dir(home)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let left = names
        .iter()
        .any(|name| name.starts_with(".npm-warden-npmrc"));
    assert!(!left, "{names:?}");
}

#[test]
fn p35_a_credential_is_not_written_over_unless_that_is_said() {
    for (question, says) in [("n", false), ("y", true)] {
        let house = House::new(Options::default());
        let (before, many) = (npmrc(&house), tokens(&house));
        let mut tui = ask_apart(&house, "token create --read-only --write-to user");
        tui.says("the token by which you are signed in here");
        answer(&mut tui, "Write over that one? [y/N]", question);
        if says {
            answer(&mut tui, "Make this token? [y/N]", "y");
            answer(&mut tui, ":", &house.password());
        }
        assert_eq!(tui.ended().success(), says, "{}", tui.text());
        assert_eq!(npmrc(&house) != before, says);
        assert_eq!(tokens(&house), many + usize::from(says));
    }
}

#[test]
fn p35_unasked_it_is_said_what_is_written_over() {
    let house = House::new(Options::default());
    let (_, scope) = house.url().split_once(':').unwrap();
    let other = format!("{scope}:_authToken=another\n");
    std::fs::write(house.home().join("ci.npmrc"), &other).unwrap();
    let mut tui = ask_apart(&house, "token create -y --read-only --write-to ci.npmrc");
    tui.says("It takes the place of another token of this registry, in ~/ci.npmrc, line 1");
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    assert!(!tui.text().contains("another\n"));
}

#[test]
fn what_npm_login_wrote_meanwhile_is_the_one_in_use_after_r() {
    let house = House::new(Options::default());
    let made = house.create(serde_json::json!({ "readonly": false, "cidr_whitelist": [] }));
    let (value, key) = (
        made["token"].as_str().unwrap(),
        made["key"].as_str().unwrap(),
    );
    let mut tui = house.enter(DESIGN, &[]);
    tui.keys("3");
    let in_use = |screen: &vt100::Screen| {
        let text = screen.contents();
        let row = text
            .lines()
            .find(|line| line.contains("in use"))?
            .to_owned();
        Some(row)
    };
    let before = tui.find("the token in use", in_use);
    assert!(!before.contains(&key[..6]), "{before}");
    let (_, scope) = house.url().split_once(':').unwrap();
    std::fs::write(house.npmrc(), format!("{scope}:_authToken={value}\n")).unwrap();
    tui.keys("r");
    tui.find("the new one in use", |screen| {
        in_use(screen).filter(|row| row.contains(&key[..6]))
    });
    tui.keys("q");
    assert!(tui.ended().success());
}

#[test]
fn a_token_for_packages_that_comes_into_use_here_is_said_to_and_is_named_when_it_is_refused() {
    let house = House::new(Options {
        policy: Policy::Npmjs,
        ..Options::default()
    });
    let project = house.home().join("project");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("package.json"), "{}").unwrap();
    let session = house.registry.running.token().expose().clone();
    let line = "token create --name ci --packages left-pad --write-to project";
    let mut tui = ask_in(&house, "project", line);
    let seen = |tui: &Tui| tui.text().split_whitespace().collect::<Vec<_>>().join(" ");
    tui.says("Make this token? [y/N]");
    let before = seen(&tui);
    for said in [
        "Once it is written, npm works by the new token in this folder, and not by the credential in ~/of-this-test.npmrc, line 1",
        "It is for packages and organizations, not for the account: registries refuse to list",
    ] {
        assert!(before.contains(said), "{before}");
    }
    answer(&mut tui, "Make this token? [y/N]", "y");
    answer(&mut tui, ":", &house.password());
    tui.says("One-time password:");
    let mail = house.registry.running.mail();
    tui.keys(mail[0].code.expose());
    tui.keys("\r");
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    assert!(seen(&tui).contains("From now on npm works by the new token in this folder"));
    // The same command as ever, refused since, and why.
    let refused = house
        .command("token list")
        .current_dir(&project)
        .output()
        .unwrap();
    let (code, out, err) = ended(&refused);
    assert_eq!((code, out.as_str()), (5, ""), "{err}");
    assert!(
        err.contains("The request carried the token in ~/project/.npmrc, line 1."),
        "{err}"
    );
    assert!(!err.contains(&session));
    // Elsewhere it goes by the other one.
    assert_eq!(run(&house, "token list").0, 0);
}

#[test]
fn p21_a_dead_token_is_said_before_that_there_is_no_terminal() {
    let house = House::new(Options::default());
    let (_, scope) = house.url().split_once(':').unwrap();
    let dead = format!("{scope}:_authToken=npm_{}\n", "canary".repeat(6));
    for npmrc in [dead.as_str(), ""] {
        std::fs::write(house.npmrc(), npmrc).unwrap();
        for line in [
            "token create -y --read-only --write-to ci.npmrc",
            "token rotate -y abcdef",
        ] {
            let (exit, _, err) = run(&house, line);
            assert_eq!(exit, 3, "{line}: {err}");
            assert!(!err.contains("no terminal"), "{line}: {err}");
        }
    }
}

#[test]
fn p35_a_disk_that_fills_up_while_the_token_is_made_leads_to_no_second_one() {
    let house = House::new(Options::default());
    let disk = house.home().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let Some(starter) = small_disk(&disk) else {
        return;
    };
    let known = tokens(&house);
    let way = house.home().join("out");
    let program = crate::tui::program();
    let script = format!(
        "exec {} token create -y --read-only --write-to disk/ci.npmrc --registry {} --userconfig {} > {}",
        program.display(),
        house.url(),
        house.npmrc().display(),
        way.display()
    );
    let mut command = portable_pty::CommandBuilder::new(&starter[0]);
    command.args(&starter[1..]);
    command.args(["sh", "-c", &script]);
    let mut tui = Tui::run((100, 40), house.home(), command, &[]);
    crate::second_factor::asks(&tui, ":");
    // Between the question and the answer of the registry.
    let seen = format!(
        "/proc/{}/root{}",
        tui.pid().as_raw_nonzero(),
        disk.display()
    );
    let filled = std::fs::write(format!("{seen}/fill"), vec![0; 128 * 1024]);
    assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 1, "{}", tui.text());
    assert_eq!(tokens(&house), known + 1);
    let text = tui.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("The token was made, but not written. There is no room left"),
        "{text}"
    );
    assert!(
        text.contains("Its value is on standard output: put it there yourself, or revoke it"),
        "{text}"
    );
    assert!(!text.contains("again"), "{text}");
    let value = out(&house);
    assert_eq!(house.get("-/whoami", value.trim()).0, 200);
    let listed = crate::plain::others(&house);
    assert!(
        listed
            .iter()
            .any(|(_, id)| text.contains(&format!("npm-warden token revoke {id}"))),
        "{text}"
    );
}
