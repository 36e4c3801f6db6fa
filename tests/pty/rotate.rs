//! `token create` and `token rotate` on a terminal, against the embedded registry.

use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, Policy, StartTfa};
use serde_json::{Value, json};

use crate::house::{House, mode};
use crate::second_factor::{answer, ask_apart, ask_in, out, password_label};

fn npmrc(house: &House) -> String {
    std::fs::read_to_string(house.npmrc()).unwrap()
}

fn listed(house: &House) -> Vec<Value> {
    let done = house.command("token list --json").output().unwrap();
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    told["tokens"].as_array().unwrap().clone()
}

#[test]
fn p01_create_prints_the_value_alone_and_says_first_what_it_may_do() {
    let house = House::new(Options::default());
    let mut tui = ask_apart(
        &house,
        "token create --name ci --packages left-pad --note CI",
    );
    tui.says("It may read the package left-pad, from anywhere, until");
    answer(&mut tui, "Make this token? [y/N]", "y");
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let out = out(&house);
    assert!(
        out.starts_with("npm_") && out.trim_end().len() == 40 && out.lines().count() == 1,
        "{out}"
    );
    let rows = listed(&house);
    let made = rows.iter().find(|row| row["name"] == "ci").unwrap();
    assert_eq!(
        (&made["note"], &made["readonly"]),
        (&json!("CI"), &json!(true))
    );
    assert!(!npmrc(&house).contains(out.trim_end()));
}

#[test]
fn create_writes_into_a_file_and_keeps_standard_output_free() {
    let house = House::new(Options::default());
    let before = npmrc(&house);
    let mut tui = ask_apart(&house, "token create -y --read-only --write-to ci.npmrc");
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    assert_eq!(out(&house), "");
    let file = house.home().join("ci.npmrc");
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains(":_authToken=npm_")
    );
    assert_eq!(mode(&file), 0o600);
    assert_eq!(npmrc(&house), before);
}

#[test]
fn what_the_registry_would_refuse_is_said_before_anything_is_sent() {
    let house = House::new(Options::default());
    for line in [
        "token create --name ci",
        "token create --packages left-pad",
        "token create --name ci --packages left-pad --packages-and-scopes-permission read-write --expires 91",
        "token create --name ci --packages @acme",
        "token create --name ci --packages a --cidr 2001:db8::/32",
    ] {
        let done = house.command(line).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{line}");
        assert!(done.stdout.is_empty());
    }
    assert_eq!(house.registry.running.inspect().requests.len(), 0);
}

#[test]
fn e4_rotate_puts_the_new_value_into_the_very_line_of_the_credential_in_use() {
    let house = House::new(Options::default());
    let line = npmrc(&house);
    let odd = format!(
        "; mine\r\n  {} ; the build's\r\nalways-auth=true",
        line.trim_end()
    );
    std::fs::write(house.npmrc(), &odd).unwrap();
    let value = house.registry.running.token().expose().clone();
    let rows = listed(&house);
    let old = rows.iter().find(|row| row["in_use_grade"] == "is").unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate {id}"));
    tui.says("The new value goes into");
    answer(&mut tui, "Rotate this token? [y/N]", "y");
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    assert_eq!(out(&house), "", "it stands in its place");
    let after = npmrc(&house);
    assert!(!after.contains(&value));
    let new = after
        .split("_authToken=")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    assert_eq!(after, odd.replace(&value, new));
    let rows = listed(&house);
    assert!(
        rows.iter().all(|row| row["id"] != json!(id)),
        "the old one is gone"
    );
    assert!(rows.iter().any(|row| row["in_use_grade"] == "is"));
    assert!(
        !std::fs::read_to_string(house.home().join("out"))
            .unwrap()
            .contains(new)
    );
}

#[test]
fn a_token_that_lies_nowhere_here_is_shown_before_the_old_one_goes() {
    let house = House::new(Options {
        tokens: 3,
        ..Options::default()
    });
    let rows = listed(&house);
    let old = rows.iter().find(|row| row["found"] == json!([])).unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate {id}"));
    answer(&mut tui, "Rotate this token? [y/N]", "y");
    answer(&mut tui, ":", &house.password());
    answer(&mut tui, "may the old one go? [y/N]", "y");
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    assert!(out(&house).starts_with("npm_") && out(&house).lines().count() == 1);
    let text = tui.text();
    assert!(text.contains("Put it in place: left out. "), "{text}");
    assert!(!text.contains("left-out"), "{text}");
    assert!(listed(&house).iter().all(|row| row["id"] != json!(id)));
}

#[test]
fn e4_who_leaves_at_the_question_is_told_how_to_go_on_with_what_was_made() {
    let house = House::new(Options {
        tokens: 3,
        ..Options::default()
    });
    let rows = listed(&house);
    let old = rows.iter().find(|row| row["found"] == json!([])).unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate {id}"));
    answer(&mut tui, "Rotate this token? [y/N]", "y");
    answer(&mut tui, ":", &house.password());
    tui.says("may the old one go? [y/N]");
    tui.keys("\x03");
    assert_ne!(tui.ended().exit_code(), 0);
    let text = tui.text();
    assert!(text.contains("token rotate --resume"), "{text}");
    assert!(!text.contains("Run it again"), "{text}");
}

/// A token of its own in the file of a project, whose rotation is cut off before the old one is revoked. Its id, and
/// the line with the new value.
fn left_in_a_project(house: &House) -> (String, String) {
    let project = house.home().join("project");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("package.json"), "{}").unwrap();
    let known: Vec<Value> = listed(house).iter().map(|row| row["id"].clone()).collect();
    let mut tui = ask_in(house, "project", "token create -y --write-to project");
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let rows = listed(house);
    let fresh = rows.iter().find(|row| !known.contains(&row["id"])).unwrap();
    let id = fresh["id"].as_str().unwrap().to_owned();
    let file = project.join(".npmrc");
    let before = std::fs::read_to_string(&file).unwrap();
    let mut tui = ask_in(house, "project", &format!("token rotate -y {id}"));
    answer(&mut tui, ":", &house.password());
    assert_ne!(tui.ended().exit_code(), 0, "{}", tui.text());
    let after = std::fs::read_to_string(&file).unwrap();
    assert_ne!(before, after, "the new value stands there");
    (id, after)
}

#[test]
fn e4_resume_goes_on_from_another_folder_than_the_projects() {
    let house = House::new(Options {
        // Neither the new token nor the old one revokes it.
        faults: ["token.revoke#1=status:403", "token.revoke#2=status:403"]
            .map(|fault| fault.parse().unwrap())
            .to_vec(),
        ..Options::default()
    });
    let (id, line) = left_in_a_project(&house);
    let file = house.home().join("project/.npmrc");
    // A script is asked for its word.
    let done = house.command("token rotate --resume").output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    // Whoever begins another one is told.
    let other = listed(&house)[0]["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate {other}"));
    tui.says("was interrupted: the new token was seen to work");
    answer(&mut tui, "Rotate this token? [y/N]", "n");
    assert_ne!(tui.ended().exit_code(), 0);
    // From the home folder, where npm does not read the project's file.
    let mut tui = ask_apart(&house, "token rotate --resume");
    tui.says("Nothing is made anew");
    answer(&mut tui, "Go on with it? [y/N]", "y");
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let text = tui.text();
    let gone = "See that it is refused: left out. It is gone from a fresh list.";
    assert!(text.contains(gone), "{text}");
    assert_eq!(out(&house), "", "it stands in its place");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), line);
    assert!(listed(&house).iter().all(|row| row["id"] != json!(id)));
    // The new one works from where it stands.
    let tui = ask_in(&house, "project", "whoami");
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let done = house.command("token rotate -y --resume").output().unwrap();
    assert_eq!(done.status.code(), Some(2), "nothing is left");
}

#[test]
fn e4_resume_without_the_projects_file_revokes_nothing_and_advises_nobody_to() {
    let house = House::new(Options {
        faults: ["token.revoke#1=status:403", "token.revoke#2=status:403"]
            .map(|fault| fault.parse().unwrap())
            .to_vec(),
        ..Options::default()
    });
    let (id, _) = left_in_a_project(&house);
    let (file, away) = (
        house.home().join("project/.npmrc"),
        house.home().join("project/away"),
    );
    std::fs::rename(&file, &away).unwrap();
    let rows = listed(&house).len();
    for _ in 0..2 {
        let done = house.command("token rotate -y --resume").output().unwrap();
        assert_ne!(done.status.code(), Some(0));
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(said.contains(".npmrc is not there"), "{said}");
        let remains = said.split("See that it is gone").nth(1).unwrap();
        assert!(!remains.to_lowercase().contains("revoke"), "{said}");
        assert_eq!(listed(&house).len(), rows);
    }
    std::fs::rename(&away, &file).unwrap();
    let done = house
        .command("token rotate -y --resume --json")
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(told["remains"], json!([]));
    assert_eq!(told["token"], Value::Null);
    assert!(listed(&house).iter().all(|row| row["id"] != json!(id)));
}

#[test]
fn by_npms_rules_of_today_a_granular_token_is_made_with_a_code() {
    let house = House::new(Options {
        policy: Policy::Npmjs,
        tfa: StartTfa::On(Level::AuthAndWrites),
        ..Options::default()
    });
    let url = house.registry.running.otpauth().unwrap().expose().clone();
    let key = crate::totp::parameter(&url, "secret").unwrap().to_owned();
    let otp = crate::totp::code(
        &key,
        u64::try_from(crate::house::now().as_second()).unwrap(),
    );
    let line = format!(
        "token create -y --json --otp {otp} --name ci --packages kettle-cli --packages-and-scopes-permission read-write-stage-only"
    );
    let mut tui = ask_apart(&house, &line);
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let told: Value = serde_json::from_str(&out(&house)).unwrap();
    assert_eq!(told["name"], "ci");
    assert_eq!((&told["wider"], &told["error"]), (&json!([]), &Value::Null));
    assert!(told["token"].as_str().unwrap().starts_with("npm_"));
}

#[test]
fn a_wrong_password_is_asked_for_again() {
    let house = House::new(Options::default());
    let rows = listed(&house);
    let in_use = rows.iter().find(|row| row["in_use_grade"] == "is").unwrap();
    for line in [
        "token create -y --read-only".to_owned(),
        format!("token rotate -y {}", in_use["id"].as_str().unwrap()),
    ] {
        let mut tui = ask_apart(&house, &line);
        let label = password_label(&house);
        for (times, typed) in ["wrong", "wrong, too", &house.password()]
            .into_iter()
            .enumerate()
        {
            tui.find("the question after so many refusals", |screen| {
                let text = screen.contents();
                let refused = text.matches("type the account's password again").count();
                (refused == times && text.trim_end().ends_with(&label)).then_some(())
            });
            tui.keys(&format!("{typed}\r"));
        }
        assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    }
    let left = house.command("token rotate -y --resume").output().unwrap();
    assert_eq!(
        left.status.code(),
        Some(2),
        "nothing was begun by the refused ones"
    );
}

#[test]
fn a_token_whose_value_was_lost_on_the_way_is_named_in_json_too() {
    let house = House::new(Options {
        faults: vec!["token.create=drop-after".parse().unwrap()],
        ..Options::default()
    });
    let mut known = listed(&house);
    let in_use = known
        .iter()
        .find(|row| row["in_use_grade"] == "is")
        .unwrap();
    let id = in_use["id"].as_str().unwrap().to_owned();
    for (line, one) in [
        ("token create -y --read-only --json".to_owned(), false),
        (format!("token rotate -y --json {id}"), true),
    ] {
        let mut tui = ask_apart(&house, &line);
        answer(&mut tui, &password_label(&house), &house.password());
        assert_eq!(tui.ended().exit_code(), 6, "{}", tui.text());
        let told: Value = serde_json::from_str(&out(&house)).unwrap();
        let now = listed(&house);
        let made = now
            .iter()
            .find(|row| known.iter().all(|known| known["key"] != row["key"]));
        let key = &made.unwrap()["key"];
        let new = if one { key.clone() } else { json!([key]) };
        assert_eq!(
            (&told["new"], &told["token"]),
            (&new, &Value::Null),
            "{told}"
        );
        let id = made.unwrap()["id"].as_str().unwrap();
        assert!(
            told["error"]["next"].as_str().unwrap().contains(id),
            "{told}"
        );
        let text: String = tui.text().split_whitespace().collect();
        let once = text.matches("itsvaluewaslostontheway").count();
        assert_eq!(once, usize::from(one), "{text}");
        known = now;
    }
}
