//! `login` and `logout`: by the web, by password, with a second factor; what becomes of the token and of its file.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::time::Duration;

use npm_warden::sandbox::Options;
use serde_json::Value;

use crate::house::{House, mode};
use crate::plain::{address, deletes, ended, left, run, said, tokens};
use crate::totp::code;

/// A house whose file has other things in it, and no token.
fn signed_out(options: Options) -> House {
    let house = House::new(options);
    std::fs::write(house.npmrc(), BEFORE).unwrap();
    house
}

const BEFORE: &str = "; mine\r\nsave-exact=true\r\n//other.example/:_authToken=${OTHER}";

fn file(house: &House) -> String {
    std::fs::read_to_string(house.npmrc()).unwrap()
}

/// The key of this registry.
fn key(house: &House) -> String {
    format!("{}:_authToken=", house.url().strip_prefix("http:").unwrap())
}

/// The token in the file, when all else there is as it was.
fn token(house: &House) -> String {
    let file = file(house);
    let line = file
        .strip_prefix(BEFORE)
        .unwrap()
        .strip_prefix("\r\n")
        .unwrap();
    line.strip_prefix(&key(house)).unwrap().to_owned()
}

#[test]
fn p35_a_sign_in_on_the_web_is_kept_and_every_other_byte_stays() {
    let house = signed_out(Options::default());
    let all = tokens(&house);
    let mut child = house
        .command("login --json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let page = loop {
        let mut line = String::new();
        assert_ne!(err.read_line(&mut line).unwrap(), 0, "it ended");
        if let Some(page) = line.strip_prefix("  http") {
            break format!("http{}", page.trim_end());
        }
    };
    assert!(house.registry.running.approve(&page), "{page}");
    let mut rest = String::new();
    err.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    let (exit, out, _) = ended(&output);
    assert_eq!(exit, 0, "{out}{rest}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["username"], house.registry.running.username());
    assert_eq!(told["error"], Value::Null);
    assert!(
        told["file"]
            .as_str()
            .unwrap()
            .ends_with("of-this-test.npmrc")
    );
    let value = token(&house);
    assert!(!out.contains(&value) && !rest.contains(&value));
    assert_eq!(run(&house, "whoami").0, 0);
    assert_eq!(tokens(&house), all + 1);
}

#[test]
fn by_password_with_a_second_factor_nothing_typed_is_shown() {
    let house = House::standing(Options {
        web: false,
        ..Options::default()
    });
    let key = house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    std::fs::remove_file(house.npmrc()).unwrap();
    let mut tui = house.ask("login");
    tui.shows("has no sign-in on the web");
    tui.shows("User name:");
    tui.keys(&format!("x\u{15}{}\r", house.registry.running.username()));
    tui.shows("Password of");
    tui.keys(&format!("{}\r", house.password()));
    tui.shows("One-time password:");
    let otp = code(&key, house.registry.now());
    tui.keys(&format!("{otp}\r"));
    assert_eq!(left(&tui), 0, "{}", tui.text());
    tui.shows("Signed in as");
    let written = said(&tui.raw());
    assert!(!written.contains(&house.password()) && !written.contains(&otp));
    assert_eq!(mode(&house.npmrc()), 0o600);
    assert_eq!(run(&house, "whoami").0, 0);
}

#[test]
fn a_password_that_is_wrong_is_exit_code_5_and_writes_nothing() {
    let house = signed_out(Options::default());
    let mut tui = house.ask("login --username tess-marlow");
    tui.shows("Password of tess-marlow");
    tui.keys("wrong\r");
    assert_eq!(left(&tui), 5, "{}", tui.text());
    assert_eq!(file(&house), BEFORE);
}

#[test]
fn a_new_account_is_made_where_the_registry_offers_it() {
    let house = signed_out(Options::default());
    let mut tui = house.ask("login --sign-up --username zoe");
    tui.shows("E-mail address:");
    tui.keys("zoe@mail.example\r");
    for (first, second) in [
        ("one-password-1", "another-2"),
        ("cedar-lantern-42", "cedar-lantern-42"),
    ] {
        tui.find("a field", |screen| {
            screen
                .contents()
                .trim_end()
                .ends_with("New password:")
                .then_some(())
        });
        tui.keys(&format!("{first}\r"));
        tui.find("a field", |screen| {
            screen
                .contents()
                .trim_end()
                .ends_with("The same again:")
                .then_some(())
        });
        tui.keys(&format!("{second}\r"));
    }
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert!(tui.text().contains("They differ."));
    assert_eq!(run(&house, "whoami").1, "zoe\n");
}

#[test]
fn without_a_terminal_a_password_is_not_asked_for() {
    let house = signed_out(Options {
        web: false,
        ..Options::default()
    });
    for (line, exit, words) in [
        ("login", 5, "asked for on a terminal"),
        ("login --web", 5, "does not offer this"),
        (
            "login --username zoe",
            2,
            "no terminal to ask for the password",
        ),
        ("login --sign-up", 2, "no terminal to ask for the password"),
        ("logout", 2, "--yes"),
    ] {
        let (code, out, err) = run(&house, line);
        assert_eq!((code, out.as_str()), (exit, ""), "{line}: {err}");
        assert!(err.contains(words), "{line}: {err}");
    }
    assert_eq!(file(&house), BEFORE);
}

#[test]
fn ctrl_c_before_the_page_is_approved_keeps_nothing() {
    let house = signed_out(Options::default());
    let all = tokens(&house);
    let mut tui = house.ask("login");
    tui.find("the page", address);
    tui.keys("\u{3}");
    assert_eq!(left(&tui), 130, "{}", tui.text());
    assert_eq!((file(&house).as_str(), tokens(&house)), (BEFORE, all));
}

#[test]
fn p36_a_sign_in_that_cannot_be_kept_is_ended_again() {
    let house = House::new(Options::default());
    let before = format!("{}${{NPM_TOKEN}}\n", key(&house));
    std::fs::write(house.npmrc(), &before).unwrap();
    let all = tokens(&house);
    let tui = house.ask("login");
    let page = tui.find("the page", address);
    assert!(house.registry.running.approve(&page), "{page}");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    let text = tui.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("takes the token from ${NPM_TOKEN}"), "{text}");
    assert!(
        text.contains("It was ended at the registry again."),
        "{text}"
    );
    assert!(text.contains("in the terminal program"), "{text}");
    assert_eq!((file(&house), tokens(&house)), (before, all));
}

#[test]
fn p31_signing_out_ends_the_token_proves_it_and_takes_its_line_out() {
    let house = House::new(Options::default());
    let line = file(&house);
    let scope = house.url().strip_prefix("http:").unwrap();
    std::fs::write(
        house.npmrc(),
        format!("{BEFORE}\r\n{line}{scope}:email=a@b.example\n"),
    )
    .unwrap();
    let all = tokens(&house);

    for answer in ["\r", "n\r"] {
        let mut tui = house.ask("logout");
        tui.shows("is ended at the registry");
        tui.shows("Sign out? [y/N]");
        tui.keys(answer);
        assert_eq!(left(&tui), 1, "{}", tui.text());
    }
    assert_eq!((tokens(&house), deletes(&house)), (all, 0));

    let (exit, out, err) = run(&house, "logout --yes --json");
    assert_eq!((exit, err.as_str()), (0, ""), "{out}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["ended"], "verified");
    assert_eq!(told["remains_in"], Value::Null);
    let from = told["removed_from"].as_str().unwrap();
    assert!(from.ends_with("of-this-test.npmrc"), "{from}");
    assert_eq!(
        file(&house),
        format!("{BEFORE}\r\n{scope}:email=a@b.example\n")
    );
    assert_eq!(tokens(&house), all - 1);
    assert_eq!(run(&house, "logout --yes").0, 3);
}

#[test]
fn a_token_that_is_dead_already_is_taken_out_all_the_same() {
    let house = House::new(Options::default());
    std::fs::write(house.npmrc(), format!("a=1\n{}npm_dead\n", key(&house))).unwrap();
    let mut tui = house.ask("logout");
    tui.shows("Sign out? [y/N]");
    tui.keys("y\r");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    tui.shows("did not accept the token of");
    assert_eq!(file(&house), "a=1\n");
}

#[test]
fn p36_a_token_from_a_variable_is_ended_and_said_to_remain_there() {
    let house = House::new(Options::default());
    let line = format!("{}${{NPM_TOKEN}}\n", key(&house));
    std::fs::write(house.npmrc(), &line).unwrap();
    let value = house.registry.running.token().expose().clone();
    let mut command = house.command("logout --yes --json");
    let output = command.env("NPM_TOKEN", &value).output().unwrap();
    let (exit, out, err) = ended(&output);
    assert_eq!(exit, 1, "{out}{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["ended"], "verified");
    assert!(
        told["remains_in"]
            .as_str()
            .unwrap()
            .contains("${NPM_TOKEN}")
    );
    assert!(err.contains("Remove the variable"), "{err}");
    assert!(!out.contains(&value) && !err.contains(&value));
    assert_eq!(file(&house), line);
}
