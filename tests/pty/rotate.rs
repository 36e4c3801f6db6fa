//! `token create` and `token rotate` on a terminal, against the embedded registry.

use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, Policy, StartTfa};
use serde_json::{Value, json};

use crate::house::{House, mode};
use crate::second_factor::{answer, ask_apart, out};

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
