//! The plain commands, by scripts and by people, against the embedded registry.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use npm_warden::sandbox::Options;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::house::House;
use crate::totp::code;
use crate::tui::{Tui, program, surroundings};

pub fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Exit code, standard output, standard error.
pub fn ended(output: &Output) -> (i32, String, String) {
    let code = output.status.code().unwrap();
    (code, said(&output.stdout), said(&output.stderr))
}

pub fn run(house: &House, line: &str) -> (i32, String, String) {
    ended(&house.command(line).output().unwrap())
}

/// A command that must go well and say nothing beside its result.
pub fn json(house: &House, line: &str) -> Value {
    let (code, out, err) = run(house, line);
    assert_eq!((code, err.as_str()), (0, ""), "{line}: {out}");
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["version"], 1);
    assert!(out.starts_with("{\"version\":1,"), "{out}");
    assert_eq!(out.lines().count(), 1, "{out}");
    value
}

pub fn fed(mut command: Command, input: &str) -> (i32, String, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Who refuses the command line reads nothing.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    ended(&child.wait_with_output().unwrap())
}

/// The tokens that are not the program's own: key and id.
pub fn others(house: &House) -> Vec<(String, String)> {
    let list = json(house, "token list --json");
    let tokens = list["tokens"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    tokens
        .iter()
        .filter(|token| token["in_use"] == false)
        .map(|token| (text(&token["key"]), text(&token["id"])))
        .collect()
}

pub fn tokens(house: &House) -> usize {
    house.registry.running.inspect().tokens
}

/// How often tokens were asked to be revoked.
pub fn deletes(house: &House) -> u64 {
    let requests = house.registry.running.inspect().requests;
    let of_tokens = |route: &String| route.starts_with("DELETE /-/npm/v1/tokens");
    let found = requests.iter().filter(|(route, _)| of_tokens(route));
    found.map(|(_, times)| times).sum()
}

#[test]
fn who_is_signed_in_is_told_in_a_word_or_in_json() {
    let house = House::new(Options::default());
    let name = house.registry.running.username().to_owned();
    assert_eq!(
        run(&house, "whoami"),
        (0, format!("{name}\n"), String::new())
    );
    let who = json(&house, "whoami --json");
    assert_eq!(who["username"], name.as_str());
    assert_eq!(who["registry"], house.url());
}

#[test]
fn p26_a_profile_is_told_whole_and_what_it_holds_steers_no_terminal() {
    let house = House::new(Options::default());
    let evil = r#"{"fullname":"Tess\u001b[31m \u202eMarlow\u0007\u200b","homepage":"a\nb"}"#;
    assert_eq!(house.post(evil, "").0, 200);
    let (code, out, err) = run(&house, "profile get");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("two-factor auth  disabled\n"), "{out}");
    assert!(out.contains("fullname         Tess Marlow\n"), "{out}");
    assert!(out.contains("homepage         a b\n"), "{out}");
    assert!(!out.chars().any(|c| c != '\n' && c.is_control()), "{out:?}");

    let whole = json(&house, "profile get --json");
    assert_eq!(whole["profile"]["fullname"], "Tess Marlow");
    assert_eq!(whole["profile"]["tfa"]["state"], "off");
    assert_eq!(whole["profile"]["twitter"], Value::Null);
    assert_eq!(whole["credential"]["kind"], "token");
    let shown = whole["credential"]["place"].as_str().unwrap();
    assert!(shown.ends_with("of-this-test.npmrc, line 1"), "{shown}");
    house.protect();
    let whole = json(&house, "profile get --json");
    assert_eq!(whole["profile"]["tfa"]["state"], "on");
    assert_eq!(whole["profile"]["tfa"]["mode"], "auth-and-writes");
}

#[test]
fn without_a_credential_it_is_exit_code_3_and_the_next_step() {
    let house = House::new(Options::default());
    std::fs::write(house.npmrc(), "").unwrap();
    for line in [
        "whoami",
        "profile get",
        "token list",
        "token revoke --yes abc",
        "2fa status --check",
        "2fa enable --level auth-only",
        "2fa level auth-only",
        "2fa disable --yes",
    ] {
        let (code, out, err) = run(&house, line);
        assert_eq!((code, out.as_str()), (3, ""), "{line}");
        assert!(err.contains("There is no credential for"), "{err}");
        assert!(err.contains("of-this-test.npmrc"), "{err}");
        assert!(
            err.contains("Sign in with npm-warden login --registry"),
            "{err}"
        );
        assert!(!err.contains("press r"), "{err}");
    }
    let scope = house.url().strip_prefix("http:").unwrap();
    std::fs::write(house.npmrc(), format!("{scope}:_authToken=npm_canary\n")).unwrap();
    for line in ["whoami --json", "token list --json"] {
        let (code, out, err) = run(&house, line);
        assert_eq!(code, 3, "{line}");
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (&told["version"], &told["error"]["kind"]),
            (&1.into(), &"signed-out".into())
        );
        assert!(
            !out.contains("canary") && !err.contains("canary"),
            "{out}{err}"
        );
    }
}

#[test]
fn tokens_are_listed_in_columns_and_whole_in_json() {
    let house = House::new(Options::default());
    let (code, out, err) = run(&house, "token list");
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines.len(), 1 + tokens(&house), "{out}");
    let name = lines[0].find("NAME").unwrap();
    assert!(lines[0].starts_with("ID "), "{out}");
    assert!(
        lines.iter().all(|line| line.as_bytes()[name - 1] == b' '),
        "{out}"
    );
    assert!(
        lines.iter().any(|line| line.contains("nightly builds")),
        "{out}"
    );
    assert!(
        lines.iter().filter(|line| line.contains("in-use")).count() == 1,
        "{out}"
    );

    let list = json(&house, "token list --json");
    let listed = list["tokens"].as_array().unwrap();
    assert_eq!(listed.len(), tokens(&house));
    for token in listed {
        let (key, id) = (
            token["key"].as_str().unwrap(),
            token["id"].as_str().unwrap(),
        );
        assert!(key.len() >= 32 && key.starts_with(id), "{token}");
        let fits = |other: &&Value| other["key"].as_str().unwrap().starts_with(id);
        assert_eq!(listed.iter().filter(fits).count(), 1, "{token}");
    }
    let value = house.registry.running.token().expose();
    assert!(!list.to_string().contains(value.as_str()));
}

#[test]
fn a_long_list_is_whole() {
    let house = House::new(Options {
        tokens: 345,
        ..Options::default()
    });
    let list = json(&house, "token list --json");
    assert_eq!(list["tokens"].as_array().unwrap().len(), 345);
    assert_eq!(run(&house, "token list").1.lines().count(), 346);
}

#[test]
fn p30_tokens_are_revoked_by_id_and_by_key_and_each_has_its_end() {
    let house = House::new(Options::default());
    let before = tokens(&house);
    let listed = others(&house);
    // The whole key, the id, and more than the id; one of them twice.
    let [(key, id), (_, second), (third, _)] = &listed[..3] else {
        panic!("{listed:?}")
    };
    let line = format!(
        "token revoke --yes --json {key} {id} {second} {}",
        &third[..20]
    );
    let done = json(&house, &line);
    let rows = done["tokens"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{done}");
    assert!(rows.iter().all(|row| row["state"] == "gone"), "{done}");
    assert_eq!(done["remaining"], before - 3);
    assert_eq!(done["error"], Value::Null);
    assert_eq!(tokens(&house), before - 3);

    let (_, fourth) = &listed[3];
    let (code, out, err) = run(&house, &format!("token revoke --yes {fourth}"));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("ID "), "{out}");
    assert!(out.contains(&format!("{fourth}  gone")), "{out}");

    // What is gone fits nothing any more, and nothing else goes with it.
    let sent = deletes(&house);
    let (code, out, err) = run(
        &house,
        &format!("token revoke --yes {} {fourth}", listed[4].1),
    );
    assert_eq!((code, out.as_str()), (2, ""));
    let named = format!("Number 2 ({fourth}) fits no listed token");
    assert!(err.contains(&named), "{err}");
    assert_eq!((tokens(&house), deletes(&house)), (before - 4, sent));
}

#[test]
fn an_id_that_fits_several_is_exit_code_2_and_says_which() {
    let house = House::new(Options {
        tokens: 60,
        ..Options::default()
    });
    let listed = others(&house);
    let first = |key: &str| key[..1].to_owned();
    let shared = listed
        .iter()
        .map(|(key, _)| first(key))
        .find(|begin| {
            listed
                .iter()
                .filter(|(key, _)| first(key) == *begin)
                .count()
                > 1
        })
        .unwrap();
    let (code, out, err) = run(&house, &format!("token revoke --yes {shared}"));
    assert_eq!((code, out.as_str()), (2, ""));
    for (key, id) in &listed {
        assert_eq!(
            err.contains(&format!(" {id} (")),
            first(key) == shared,
            "{err}"
        );
    }
    assert_eq!((tokens(&house), deletes(&house)), (60, 0));
}

#[test]
fn p01_a_value_is_taken_from_standard_input_alone_and_never_repeated() {
    let house = House::new(Options::default());
    let value = house.registry.running.token().expose().clone();
    let (code, out, err) = run(&house, &format!("token revoke --yes {value}"));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("standard input"), "{err}");
    assert!(!err.contains(&value), "{err}");
    // Nothing was asked of the registry, whose log would have it.
    assert_eq!(
        house
            .registry
            .running
            .inspect()
            .requests
            .values()
            .sum::<u64>(),
        0
    );

    let (key, id) = others(&house).remove(0);
    let all = tokens(&house);
    for input in ["\n \n", "nonsense-of-a-value-1234567890\n"] {
        let (code, out, err) = fed(house.command("token revoke --yes -"), input);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(!err.contains("nonsense"), "{err}");
    }
    assert_eq!((tokens(&house), deletes(&house)), (all, 0));

    // The one in use goes last, and is refused since.
    let input = format!("{value}\r\n\n  {id}  \n{key}\n");
    let (code, out, err) = fed(house.command("token revoke --yes --json -"), &input);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let done: Value = serde_json::from_str(&out).unwrap();
    let rows = done["tokens"].as_array().unwrap();
    let states: Vec<_> = rows
        .iter()
        .map(|row| row["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["gone", "refused"], "{done}");
    assert_eq!(rows[0]["key"], key.as_str());
    assert!(!out.contains(&value));
    assert_eq!(tokens(&house), all - 2);
    assert_eq!(run(&house, "whoami").0, 3);
}

#[test]
fn without_a_terminal_nothing_is_revoked_unless_it_is_said_twice() {
    let house = House::new(Options::default());
    let (_, id) = others(&house).remove(0);
    let (code, _, err) = run(&house, &format!("token revoke {id}"));
    assert_eq!(code, 2);
    assert!(err.contains("--yes"), "{err}");
    assert_eq!(deletes(&house), 0);
}

#[test]
fn a_code_comes_by_option_once_and_is_never_sent_again_after_a_refusal() {
    let house = House::standing(Options::default());
    let key = house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let listed = others(&house);
    let revoke = |more: &str| {
        run(
            &house,
            &format!("token revoke --yes {} {more}", listed[0].1),
        )
    };

    let (exit, _, err) = run(&house, &format!("token revoke --yes {}", listed[0].1));
    assert_eq!(exit, 4);
    assert!(
        err.contains("--otp CODE") && !err.contains("press"),
        "{err}"
    );

    // Refused: it is said, and the code went out once.
    let sent = deletes(&house);
    let (exit, _, err) = revoke("--otp 000000");
    assert_eq!(exit, 4);
    assert!(err.contains("did not accept that code"), "{err}");
    assert!(!err.contains("000000"), "{err}");
    assert_eq!(deletes(&house) - sent, 2, "one without a code, one with it");

    let (exit, out, err) = revoke(&format!("--json --otp {}", "ab".repeat(32)));
    assert_eq!(exit, 2);
    assert!(err.contains("recovery code"), "{err}");
    assert!(!err.contains("abab") && !out.contains("abab"), "{err}{out}");

    let all = tokens(&house);
    let otp = code(&key, house.registry.now());
    let line = format!(
        "token revoke --yes --otp {otp} {} {} {}",
        listed[0].1, listed[1].1, listed[2].1
    );
    let (exit, out, err) = run(&house, &line);
    assert_eq!((exit, err.as_str()), (0, ""), "{out}");
    assert!(!out.contains(&otp));
    assert_eq!(tokens(&house), all - 3);
}

#[test]
fn where_each_code_serves_once_a_script_is_told_what_is_left() {
    let house = House::standing(Options {
        otp_once: true,
        ..Options::default()
    });
    let key = house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let listed = others(&house);
    let all = tokens(&house);
    let otp = code(&key, house.registry.now());
    let line = format!(
        "token revoke --yes --json --otp {otp} {} {}",
        listed[0].1, listed[1].1
    );
    let (exit, out, err) = run(&house, &line);
    assert_eq!(exit, 4, "{out}{err}");
    assert!(
        err.contains("Of 2 tokens, 1 was not tried; 1 is gone from a fresh list."),
        "{err}"
    );
    let done: Value = serde_json::from_str(&out).unwrap();
    let states: Vec<_> = [0, 1].map(|n| done["tokens"][n]["state"].clone()).into();
    assert!(states.contains(&"gone".into()), "{done}");
    assert!(states.contains(&"not-tried".into()), "{done}");
    assert_eq!(done["error"]["kind"], "needs-second-factor");
    assert_eq!(
        (tokens(&house), done["remaining"].as_u64()),
        (all - 1, Some(all as u64 - 1))
    );
}

/// What it ended with, and that the terminal is as it was.
pub fn left(tui: &Tui) -> u32 {
    let ended = tui.ended();
    assert!(tui.cooked(), "the terminal is raw");
    ended.exit_code()
}

#[test]
fn p28_a_person_is_asked_and_no_is_the_default() {
    let house = House::new(Options::default());
    let all = tokens(&house);
    let listed = others(&house);
    for answer in ["\r", "n\r", "nonsense\r", "\u{3}", "\u{4}"] {
        let mut tui = house.ask(&format!("token revoke {}", listed[0].1));
        tui.shows("Revoke this token? [y/N]");
        tui.shows(&listed[0].1);
        tui.keys(answer);
        let exit = left(&tui);
        assert_eq!(exit, if answer < "\u{5}" { 130 } else { 1 }, "{answer:?}");
        tui.shows(if exit == 130 {
            "Nothing was changed."
        } else {
            "Nothing was revoked."
        });
    }
    assert_eq!(deletes(&house), 0);

    let mut tui = house.ask(&format!("token revoke {} {}", listed[0].1, listed[1].1));
    tui.shows("Revoke these 2 tokens? [y/N]");
    tui.keys("yx\x7f\r");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(tokens(&house), all - 2);

    // From three on the count is typed.
    let three = format!(
        "token revoke {} {} {}",
        listed[2].1, listed[3].1, listed[4].1
    );
    for (answer, exit) in [("y\r", 1), ("2\r", 1), ("3\r", 0)] {
        let mut tui = house.ask(&three);
        tui.shows("Type 3 to revoke these 3 tokens:");
        tui.keys(answer);
        assert_eq!(left(&tui), exit, "{}", tui.text());
    }
    assert_eq!(tokens(&house), all - 5);
}

#[test]
fn p29_the_one_in_use_is_named_before_it_goes() {
    let house = House::new(Options::default());
    let list = json(&house, "token list --json");
    let listed = list["tokens"].as_array().unwrap();
    let own = listed.iter().find(|token| token["in_use"] == true).unwrap();
    let mut tui = house.ask(&format!("token revoke {}", own["id"].as_str().unwrap()));
    tui.shows("The one in use here goes last");
    tui.shows("Revoke this token? [y/N]");
    tui.keys("y\r");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    tui.shows("refused since");
}

#[test]
fn p15_a_person_types_the_code_unseen_and_again_when_it_is_refused() {
    let house = House::standing(Options::default());
    let key = house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let (_, id) = others(&house).remove(0);
    let all = tokens(&house);
    // The refused code of the command line is not the last chance.
    let mut tui = house.ask(&format!("token revoke --yes {id} --otp 111111"));
    tui.shows("did not accept that code");
    tui.shows("One-time password:");
    tui.keys("111111\r");
    tui.shows("refused before and is not sent again");
    // What is typed before the question stands is not taken for an answer to it.
    tui.find("the next question", |screen| {
        let text = screen.contents();
        let said = text.find("refused before")?;
        text[said..]
            .trim_end()
            .ends_with("One-time password:")
            .then_some(())
    });
    let otp = code(&key, house.registry.now());
    // A paste with blanks and a line end is one code, and submits nothing.
    let (a, b) = otp.split_at(3);
    tui.keys(&format!("\x1b[200~{a} {b}\r\n\x1b[201~"));
    tui.keys("\r");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(tokens(&house), all - 1);
    let written = said(&tui.raw());
    assert!(!written.contains(&otp) && !written.contains(&format!("{a} {b}")));
    assert!(!written.contains("111111"));
}

#[test]
fn p11_a_recovery_code_goes_out_after_a_yes_of_its_own() {
    let house = House::standing(Options::default());
    house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let (_, id) = others(&house).remove(0);
    let mut tui = house.ask(&format!("token revoke --yes {id}"));
    tui.shows("One-time password:");
    let sent = deletes(&house);
    let codes = house.registry.running.inspect().recovery_codes;
    tui.keys(&"0f".repeat(32));
    tui.keys("\r");
    tui.shows("72 hours");
    tui.shows("Send it? [y/N]");
    tui.keys("\r");
    tui.shows("It was not sent.");
    assert_eq!(deletes(&house), sent);
    tui.keys("\u{3}");
    assert_eq!(left(&tui), 130);
    assert_eq!(house.registry.running.inspect().recovery_codes, codes);
    assert!(!said(&tui.raw()).contains("0f0f"));
}

#[test]
fn ctrl_c_at_a_question_changes_nothing_and_gives_the_terminal_back() {
    let house = House::standing(Options::default());
    house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let (_, id) = others(&house).remove(0);
    let all = tokens(&house);
    for by_signal in [None, Some((Signal::INT, 130)), Some((Signal::TERM, 143))] {
        let mut tui = house.ask(&format!("token revoke --yes {id}"));
        tui.shows("One-time password:");
        assert!(!tui.cooked(), "the code would be echoed");
        tui.keys("123");
        if let Some((signal, _)) = by_signal {
            tui.signal(signal);
        } else {
            tui.keys("\u{3}");
        }
        let expected = by_signal.map_or(130, |(_, code)| code);
        assert_eq!(left(&tui), expected, "{}", tui.text());
        tui.shows("Cancelled before anything was changed.");
        assert_eq!(
            tui.text().matches("npm-warden:").count(),
            1,
            "{}",
            tui.text()
        );
    }
    assert_eq!(tokens(&house), all);
}

#[test]
fn ctrl_c_while_a_token_is_being_revoked_waits_for_the_answer_and_tells_it() {
    let house = House::gated(Options::default());
    let listed = others(&house);
    let all = tokens(&house);
    house.gate().shut();
    let line = format!("token revoke --yes --json {}", listed[0].1);
    let child = house
        .command(&line)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    house.gate().keeps_one();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    house.gate().open();
    let (exit, out, err) = ended(&child.wait_with_output().unwrap());
    assert_eq!(exit, 130, "{out}{err}");
    let last = err.lines().last().unwrap();
    assert!(last.starts_with("npm-warden: "), "{err}");
    assert_eq!(tokens(&house), all - 1);
    // Whether the fresh list was still read depends on which came first; the answer itself is told either way.
    assert!(
        out.contains("gone") || out.contains("accepted"),
        "{out}{err}"
    );
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["error"]["kind"], "cancelled", "{out}");
}

#[test]
fn a_network_that_is_not_there_is_exit_code_6() {
    let house = House::new(Options::default());
    // Nobody listens on a port that was just given back.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let scope = format!("//{port}/:_authToken=npm_canary\n");
    std::fs::write(house.npmrc(), scope).unwrap();
    let line = format!(
        "whoami --json --registry http://{port}/ --userconfig {}",
        house.npmrc().display()
    );
    let mut command = Command::new(program());
    command
        .args(line.split(' '))
        .env_clear()
        .envs(surroundings(house.home()));
    let (exit, out, err) = ended(&command.stdin(Stdio::null()).output().unwrap());
    assert_eq!(exit, 6, "{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["error"]["kind"], "network");
    assert!(err.contains("Trying again in"), "{err}");
    assert!(!err.contains("canary") && !out.contains("canary"));
}

#[test]
fn p30_a_lost_answer_is_settled_by_the_fresh_list() {
    let house = House::gated(Options::default());
    let listed = others(&house);
    house.gate().shut();
    let line = format!("token revoke --yes --json {}", listed[0].1);
    let child = house
        .command(&line)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    house.gate().keeps_one();
    // The deed was done and its answer is lost: the fresh list has the last word.
    house.gate().cut();
    let (exit, out, err) = ended(&child.wait_with_output().unwrap());
    assert_eq!((exit, err.as_str()), (0, ""), "{out}");
    let done: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(done["tokens"][0]["state"], "gone");
}

#[test]
fn a_page_on_the_web_answers_a_challenge_while_the_terminal_waits_for_a_code() {
    let house = House::standing(Options::default());
    house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let (_, id) = others(&house).remove(0);
    let all = tokens(&house);
    let tui = house.ask(&format!("token revoke --yes {id}"));
    let page = tui.find("the page", address);
    tui.shows("One-time password:");
    assert!(house.registry.running.approve(&page), "{page}");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(tokens(&house), all - 1);
}

#[test]
fn a_page_answers_a_challenge_where_the_values_come_from_a_file() {
    let house = House::standing(Options::default());
    house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let (key, _) = others(&house).remove(0);
    let all = tokens(&house);
    std::fs::write(house.home().join("leaked.txt"), key).unwrap();
    let script = format!(
        "exec {} token revoke --yes - --registry {} --userconfig of-this-test.npmrc < leaked.txt",
        program().display(),
        house.url()
    );
    let mut command = portable_pty::CommandBuilder::new("sh");
    command.args(["-c", &script]);
    let tui = Tui::run((100, 40), house.home(), command, &[]);
    let page = tui.find("the page", address);
    assert!(house.registry.running.approve(&page), "{page}");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(tokens(&house), all - 1);
}

/// The address on the screen, whole although it may take two lines.
pub fn address(screen: &vt100::Screen) -> Option<String> {
    let text = screen.contents();
    let from = text.find("  http")? + 2;
    let end = text[from..].find("\nWaiting for it")? + from;
    // Below it stands its QR code.
    Some(
        text[from..end]
            .chars()
            .filter(char::is_ascii_graphic)
            .collect(),
    )
}

#[test]
fn p01_what_is_typed_while_a_code_is_at_the_registry_is_not_shown() {
    let house = House::gated(Options::default());
    let key = house.protect();
    let (_, id) = others(&house).remove(0);
    let mut tui = house.ask(&format!("token revoke --yes {id}"));
    tui.shows("One-time password:");
    house.gate().shut();
    tui.keys(&format!("{}\r", code(&key, house.registry.now())));
    house.gate().keeps_one();
    assert!(!tui.cooked(), "it would be echoed");
    // Ctrl-C is a signal all the while; what came before it has been seen by the terminal, too.
    tui.keys("canary\u{3}");
    tui.shows("Waiting for the registry to confirm a change");
    house.gate().open();
    assert_eq!(left(&tui), 130, "{}", tui.text());
    assert!(!said(&tui.raw()).contains("canary"), "{}", tui.text());
}

#[test]
fn a_code_that_is_held_back_is_said_to_be_and_nothing_is_echoed_meanwhile() {
    let house = House::standing(Options {
        faults: vec!["token.revoke#2=retry-after:3".parse().unwrap()],
        ..Options::default()
    });
    let key = house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let (_, id) = others(&house).remove(0);
    let mut tui = house.ask(&format!("token revoke --yes {id}"));
    tui.shows("One-time password:");
    let otp = code(&key, house.registry.now());
    tui.keys(&format!("{otp}\r"));
    tui.shows("The next code goes out in");
    tui.find("the next question", |screen| {
        let text = screen.contents();
        text.trim_end()
            .ends_with("One-time password:")
            .then_some(())
    });
    house.registry.hand.advance(Duration::from_secs(30));
    tui.keys(&format!("{}\r", code(&key, house.registry.now())));
    tui.shows("The code goes out in");
    assert!(!tui.cooked(), "it would be echoed");
    tui.keys("canary");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert!(!said(&tui.raw()).contains("canary"), "{}", tui.text());
}

#[test]
fn p30_a_revocation_that_was_broken_off_is_taken_up_by_the_same_command() {
    let house = House::new(Options::default());
    let listed = others(&house);
    let [(first, _), (second, _), (_, third)] = &listed[..3] else {
        panic!("{listed:?}")
    };
    let keys = format!("{first}\n{second}\n");
    json(&house, &format!("token revoke --yes --json {first}"));
    let before = tokens(&house);
    let (code, out, err) = fed(house.command("token revoke --yes --json -"), &keys);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let done: Value = serde_json::from_str(&out).unwrap();
    let rows = done["tokens"].as_array().unwrap();
    let state = |field: &str, value: Value| {
        let mut fits = rows.iter().filter(|row| row[field] == value);
        fits.next().map(|row| row["state"].clone())
    };
    assert_eq!(rows.len(), 2, "{done}");
    assert_eq!(
        state("number", 1.into()),
        Some("already-gone".into()),
        "{done}"
    );
    assert_eq!(
        state("key", second.as_str().into()),
        Some("gone".into()),
        "{done}"
    );
    assert_eq!(done["remaining"], before - 1);

    // All of it is done: nothing is sent, and it is well all the same.
    let sent = deletes(&house);
    let (code, out, err) = fed(house.command("token revoke --yes -"), &keys);
    assert_eq!(
        (code, err.as_str(), deletes(&house)),
        (0, "", sent),
        "{out}"
    );
    assert!(out.contains("was gone already"), "{out}");

    // A short id may be mistyped: nothing is touched.
    let line = format!("token revoke --yes {second} {third} {}", &second[..6]);
    let (code, out, err) = run(&house, &line);
    assert_eq!(
        (code, out.as_str(), deletes(&house)),
        (2, "", sent),
        "{err}"
    );
    let said = format!("Number 3 ({}) fits no listed token", &second[..6]);
    assert!(err.contains(&said), "{err}");
}

#[test]
fn p30_what_no_fresh_list_could_confirm_is_told_as_the_registrys_word() {
    // The list is read before, and cannot be read after.
    let house = House::new(Options {
        faults: vec!["token.list#3+=status:403".parse().unwrap()],
        ..Options::default()
    });
    let (_, id) = others(&house).remove(0);
    let (code, out, err) = run(&house, &format!("token revoke --yes {id}"));
    assert_eq!(code, 5, "{out}{err}");
    assert!(out.contains("not checked"), "{out}");
    assert!(
        err.contains("The token is revoked as the registry says, which was not checked."),
        "{err}"
    );
    assert!(
        !err.contains("are gone") && !err.contains("Nothing was changed"),
        "{err}"
    );
}
