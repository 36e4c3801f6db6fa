//! `token rotate --resume` where a person's word is needed, and where the old one is still accepted.

use npm_warden::sandbox::Options;
use serde_json::{Value, json};

use crate::house::House;
use crate::second_factor::{answer, ask_apart, ask_in, out, password_label};

fn listed(house: &House) -> Vec<Value> {
    let done = house.command("token list --json").output().unwrap();
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    told["tokens"].as_array().unwrap().clone()
}

fn lives(house: &House, id: &str) -> bool {
    listed(house).iter().any(|row| row["id"] == json!(id))
}

#[test]
fn e4_p28_for_elsewhere_only_a_persons_word_revokes_whatever_the_command_line_says() {
    let house = House::new(Options {
        tokens: 3,
        ..Options::default()
    });
    let rows = listed(&house);
    let old = rows.iter().find(|row| row["found"] == json!([])).unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate {id}"));
    answer(&mut tui, "Rotate this token? [y/N]", "y");
    answer(&mut tui, &password_label(&house), &house.password());
    tui.says("may the old one go? [y/N]");
    tui.keys("\x03");
    assert_ne!(tui.ended().exit_code(), 0);
    // Nobody is there to be asked.
    let done = house.command("token rotate -y --resume").output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("so nothing is revoked"), "{said}");
    assert!(
        said.contains("go on with this rotation and say so"),
        "{said}"
    );
    assert!(lives(&house, &id));
    // Somebody is there, and does not say yes.
    for typed in ["n", ""] {
        let mut tui = ask_apart(&house, "token rotate -y --resume");
        answer(&mut tui, "may the old one go? [y/N]", typed);
        assert_eq!(tui.ended().exit_code(), 1, "{}", tui.text());
        assert!(lives(&house, &id));
    }
    let mut tui = ask_apart(&house, "token rotate --resume");
    tui.says("You are asked before the old token is revoked.");
    answer(&mut tui, "Go on with it? [y/N]", "y");
    answer(&mut tui, "may the old one go? [y/N]", "y");
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let text = tui.text();
    let gone = "See that it is refused: left out. It is gone from a fresh list.";
    assert!(text.contains(gone), "{text}");
    assert_eq!(out(&house), "", "there is no value any more");
    assert!(!lives(&house, &id));
    let done = house.command("token rotate -y --resume").output().unwrap();
    assert_eq!(done.status.code(), Some(2), "nothing is left");
}

#[test]
fn p31_an_old_token_that_is_still_accepted_ends_each_time_with_exit_code_5() {
    let house = House::new(Options {
        faults: vec!["token.revoke=linger-accepted-for:6000".parse().unwrap()],
        ..Options::default()
    });
    let value = house.registry.running.token().expose().clone();
    let rows = listed(&house);
    let old = rows.iter().find(|row| row["in_use_grade"] == "is").unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate -y {id}"));
    answer(&mut tui, &password_label(&house), &house.password());
    assert_eq!(tui.ended().exit_code(), 5, "{}", tui.text());
    assert!(!lives(&house, &id), "it is not listed");
    // The value is nowhere here any more: what was seen last holds.
    let resume = "token rotate -y --resume --json";
    let done = house.command(resume).output().unwrap();
    assert_eq!(done.status.code(), Some(5), "{done:?}");
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    let (steps, error) = (told["steps"].as_array().unwrap(), &told["error"]);
    let proof = steps.iter().find(|step| step["step"] == "verify-gone");
    assert_eq!(proof.unwrap()["state"], "failed", "{told}");
    let what = error["what"].as_str().unwrap();
    assert!(
        what.contains("was still accepted when last tried"),
        "{told}"
    );
    assert_ne!(told["remains"], json!([]), "{told}");
    // Where it is, it is tried out again, and is still taken.
    let project = house.home().join("project");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("package.json"), "{}").unwrap();
    let line = std::fs::read_to_string(house.npmrc()).unwrap();
    let new = line.split("_authToken=").nth(1).unwrap().trim_end();
    std::fs::write(project.join(".npmrc"), line.replace(new, &value)).unwrap();
    let tui = ask_in(&house, "project", "token rotate -y --resume");
    assert_eq!(tui.ended().exit_code(), 5, "{}", tui.text());
    let text: String = tui.text().split_whitespace().collect();
    assert!(text.contains("stilltakesit"), "{}", tui.text());
    assert!(!text.contains("isrefused:done"), "{}", tui.text());
    let asked = house.registry.running.inspect().revoked;
    assert!(asked.values().all(|times| *times == 1), "{asked:?}");
}

#[test]
fn e4_what_is_advised_where_nobody_has_the_value_can_be_done_by_commands_and_ends_it() {
    let house = House::new(Options {
        tokens: 3,
        ..Options::default()
    });
    let known = listed(&house);
    let old = known.iter().find(|row| row["found"] == json!([])).unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate {id}"));
    answer(&mut tui, "Rotate this token? [y/N]", "y");
    answer(&mut tui, &password_label(&house), &house.password());
    tui.says("may the old one go? [y/N]");
    tui.keys("\x03");
    assert_ne!(tui.ended().exit_code(), 0);
    for more in ["", " --print"] {
        let mut tui = ask_apart(&house, &format!("token rotate --resume{more}"));
        answer(&mut tui, "Go on with it? [y/N]", "y");
        answer(&mut tui, "may the old one go? [y/N]", "n");
        assert_eq!(tui.ended().exit_code(), 1, "{}", tui.text());
        let text = tui.text();
        let first = text.lines().find(|line| line.contains("made anew"));
        assert!(
            first.unwrap().contains("you are asked before") || more.is_empty(),
            "{text}"
        );
        assert!(
            text.contains("To go on: npm-warden token rotate --resume"),
            "{text}"
        );
        for none in ["forget", "R on the tokens", "F on the tokens"] {
            assert!(!text.contains(none), "{none}: {text}");
        }
    }
    let rows = listed(&house);
    let is_new = |row: &&Value| known.iter().all(|known| known["id"] != row["id"]);
    let new = rows.iter().find(is_new).unwrap()["id"].as_str().unwrap();
    let done = house
        .command(&format!("token revoke -y {new}"))
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let done = house.command("token rotate -y --resume").output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("was revoked meanwhile"), "{said}");
    let done = house.command("token rotate -y --resume").output().unwrap();
    assert_eq!(done.status.code(), Some(2), "nothing is left");
    assert!(lives(&house, &id));
}

#[test]
fn e4_in_json_a_rotation_for_elsewhere_is_gone_on_with_where_no_value_can_come() {
    let house = House::new(Options {
        tokens: 3,
        ..Options::default()
    });
    let rows = listed(&house);
    let old = rows.iter().find(|row| row["found"] == json!([])).unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate {id}"));
    answer(&mut tui, "Rotate this token? [y/N]", "y");
    answer(&mut tui, &password_label(&house), &house.password());
    tui.says("may the old one go? [y/N]");
    tui.keys("\x03");
    assert_ne!(tui.ended().exit_code(), 0);
    // Nobody can be asked: nothing is revoked, and that is told.
    let resume = "token rotate -y --resume --json";
    let done = house.command(resume).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(told["token"], Value::Null);
    assert_ne!(told["remains"], json!([]));
    assert!(!told.to_string().contains("--print"), "{told}");
    assert!(lives(&house, &id));
    let mut tui = ask_apart(&house, resume);
    answer(&mut tui, "may the old one go? [y/N]", "y");
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let told: Value = serde_json::from_str(&out(&house)).unwrap();
    assert_eq!(
        (&told["error"], &told["token"]),
        (&Value::Null, &Value::Null)
    );
    assert!(!lives(&house, &id));
}

#[test]
fn e4_in_json_a_value_that_is_found_again_is_given_and_the_old_one_kept_unless_print_is_said() {
    let house = House::new(Options::default());
    let rows = listed(&house);
    // One that may revoke: requests carry the new one.
    let fits = |row: &&Value| row["found"] == json!([]) && row["readonly"] == json!(false);
    let old = rows.iter().find(fits).unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate {id}"));
    answer(&mut tui, "Rotate this token? [y/N]", "y");
    answer(&mut tui, &password_label(&house), &house.password());
    tui.says("may the old one go? [y/N]");
    tui.keys("\x03");
    assert_ne!(tui.ended().exit_code(), 0);
    // The person has put it into a project here.
    let value = out(&house).trim().to_owned();
    let project = house.home().join("project");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("package.json"), "{}").unwrap();
    let line = std::fs::read_to_string(house.npmrc()).unwrap();
    let own = line.split("_authToken=").nth(1).unwrap().trim_end();
    std::fs::write(project.join(".npmrc"), line.replace(own, &value)).unwrap();
    for (more, exit) in [("", 1), (" --print", 0)] {
        let resume = format!("token rotate -y --resume --json{more}");
        let tui = ask_in(&house, "project", &resume);
        assert_eq!(tui.ended().exit_code(), exit, "{}", tui.text());
        let told = std::fs::read_to_string(project.join("out")).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["token"], json!(value), "{more}");
        let wants = told["error"]["next"].to_string().contains("--print");
        assert_eq!(wants, more.is_empty(), "{told}");
        assert_eq!(lives(&house, &id), more.is_empty(), "{told}");
    }
}
