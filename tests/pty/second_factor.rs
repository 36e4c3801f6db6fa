//! `2fa status`, `enable`, `level` and `disable`: line by line on a terminal, and what scripts get.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::{Options, Policy, StartTfa};
use portable_pty::CommandBuilder;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::house::{House, codes_in, mode};
use crate::kept::local;
use crate::plain::{address, ended, left, run, said};
use crate::qr;
use crate::totp::{code, parameter};
use crate::tui::{Tui, program};
use crate::wizard::present;

pub const PASSPHRASE: &str = "canary of nine blue lanterns";

/// A command in a terminal whose standard output goes to a file.
pub fn ask_apart(house: &House, line: &str) -> Tui {
    ask_in(house, ".", line)
}

/// The same, run in another folder.
pub fn ask_in(house: &House, folder: &str, line: &str) -> Tui {
    let script = format!(
        "cd {folder} && exec {} {line} --registry {} --userconfig {} > out",
        program().display(),
        house.url(),
        house.npmrc().display()
    );
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &script]);
    Tui::run((100, 40), house.home(), command, &[])
}

/// What went to standard output.
pub fn out(house: &House) -> String {
    std::fs::read_to_string(house.home().join("out")).unwrap()
}

fn told(house: &House) -> Value {
    let out = out(house);
    assert!(out.starts_with("{\"version\":1,"), "{out}");
    assert_eq!(out.lines().count(), 1, "{out}");
    serde_json::from_str(&out).unwrap()
}

/// Waits until this question stands on the terminal, open.
pub fn asks(tui: &Tui, question: &str) {
    tui.find(question, |screen| {
        let text = screen.contents();
        text.trim_end().ends_with(question).then_some(())
    });
}

/// Answers a question.
pub fn answer(tui: &mut Tui, question: &str, answer: &str) {
    asks(tui, question);
    tui.keys(&format!("{answer}\r"));
}

fn tfa(house: &House) -> Tfa {
    house.registry.running.inspect().tfa
}

/// The part that a proof asks for: from, to, and of which code; all counted from 1.
pub fn asked(screen: &vt100::Screen) -> Option<(usize, usize, usize)> {
    let text = screen.contents();
    let line = text.trim_end().lines().last()?;
    let words = line.strip_prefix("Characters ")?.strip_suffix(':')?;
    let mut numbers = words
        .split_whitespace()
        .filter_map(|word| word.parse().ok());
    Some((numbers.next()?, numbers.next()?, numbers.next()?))
}

/// Answers a proof by these codes.
pub fn prove(tui: &mut Tui, codes: &[String]) {
    let (from, to, number) = tui.find("the proof", asked);
    tui.keys(&format!("{}\r", &codes[number - 1][from - 1..to]));
}

/// Turns it on with this place (as it is chosen there) and without a proof; gives the codes.
pub fn turned_on(house: &House, place: &str, env: &[(&str, &str)]) -> Vec<String> {
    let mut tui = house.ask_with("2fa enable --level auth-and-writes", env);
    let otpauth = to_the_code(&mut tui, house, place);
    answer(&mut tui, CODE, &present(&otpauth));
    if place != "3" {
        tui.find("the proof", asked);
        tui.keys("show\r");
    }
    asks(&tui, "Enter when you have copied them:");
    let codes = shown(&tui);
    tui.keys("\r");
    tui.find("the proof", asked);
    tui.keys("decline\r");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    codes
}

/// What `recovery list` tells of the newest set.
pub fn newest(house: &House) -> Value {
    let (exit, line, err) = ended(&local(house, "recovery list --json").output().unwrap());
    assert_eq!((exit, err.as_str()), (0, ""), "{line}");
    let told: Value = serde_json::from_str(&line).unwrap();
    told["sets"][0].clone()
}

/// From the password to the QR code, by this answer to the question for a place; gives what the code holds.
fn to_the_code(tui: &mut Tui, house: &House, place: &str) -> String {
    answer(tui, &password_label(house), &house.password());
    answer(tui, "Place [1]:", place);
    match place {
        "2" => {
            asks(tui, ".txt]:");
            tui.keys("\r");
            answer(tui, "Use it all the same? [y/N]", "y");
        }
        "3" => answer(tui, "Type myself to accept that:", "myself"),
        _ => passphrase(tui),
    }
    scan(tui)
}

fn passphrase(tui: &mut Tui) {
    answer(tui, "Passphrase:", "too short");
    answer(tui, "The same again:", "too short");
    answer(tui, "Passphrase:", PASSPHRASE);
    answer(tui, "The same again:", "a slip of the fingers");
    answer(tui, "Passphrase:", PASSPHRASE);
    answer(tui, "The same again:", PASSPHRASE);
}

pub fn password_label(house: &House) -> String {
    let host = house.url().trim_end_matches('/');
    format!(
        "Password of {} at {host}:",
        house.registry.running.username()
    )
}

const CODE: &str = "Code from the authenticator:";

fn scan(tui: &Tui) -> String {
    let otpauth = tui.find("a QR code", |screen| qr::read(screen, 0));
    let key: String = parameter(&otpauth, "secret").unwrap().to_owned();
    tui.find("the key to type", |screen| {
        let text: String = screen.contents().split_whitespace().collect();
        text.contains(&key).then_some(())
    });
    asks(tui, CODE);
    otpauth
}

#[test]
fn the_state_is_told_with_what_it_means_and_the_next_step() {
    for (start, words, state, mode) in [
        (StartTfa::Off, "2fa enable turns it on", "off", Value::Null),
        (
            StartTfa::Pending,
            "protects nothing",
            "pending",
            Value::Null,
        ),
        (
            StartTfa::On(Level::AuthOnly),
            "publishing does not",
            "on",
            "auth-only".into(),
        ),
        (
            StartTfa::On(Level::AuthAndWrites),
            "publish, unpublish",
            "on",
            "auth-and-writes".into(),
        ),
    ] {
        let house = House::new(Options {
            tfa: start,
            ..Options::default()
        });
        let (exit, out, err) = run(&house, "2fa status");
        assert_eq!((exit, err.as_str()), (0, ""), "{out}");
        assert!(out.contains(words), "{out}");
        let (exit, line, err) = run(&house, "2fa status --json");
        assert_eq!((exit, err.as_str()), (0, ""), "{line}");
        let told: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(told["version"], 1);
        assert_eq!(told["username"], house.registry.running.username());
        assert_eq!(told["tfa"]["state"], state, "{line}");
        if state == "on" {
            assert_eq!(told["tfa"]["mode"], mode, "{line}");
        }
        let asks = told["asks_for"].as_array().unwrap();
        assert_eq!(asks.is_empty(), state != "on", "{line}");
        // For scripts: an exit code of its own, and the result all the same.
        for (check, enough) in [
            ("--check", state == "on"),
            ("--check=auth-only", state == "on"),
            ("--check=auth-and-writes", mode == "auth-and-writes"),
        ] {
            let (exit, _, err) = run(&house, &format!("2fa status --json {check}"));
            assert_eq!(
                (exit, err.is_empty()),
                (i32::from(!enough), enough),
                "{err}"
            );
        }
    }
}

#[test]
fn p01_p08_p10_it_is_turned_on_line_by_line_and_the_codes_are_in_a_file() {
    let house = House::new(Options::default());
    let mut tui = ask_apart(&house, "2fa enable --json");
    asks(&tui, "Level [1]:");
    tui.shows("auth-and-writes: signing in");
    tui.keys("nonsense\r");
    tui.shows("Level [1]: nonsense");
    answer(&mut tui, "Level [1]:", "auth-only");
    let otpauth = to_the_code(&mut tui, &house, "2");
    assert!(matches!(tfa(&house), Tfa::Pending(_)));
    answer(&mut tui, CODE, "12345");
    tui.shows("A code has 6 digits.");
    let typed = present(&otpauth);
    answer(&mut tui, CODE, &typed);
    tui.shows("Two-factor authentication is on.");
    let files = house.code_files();
    let [file] = files.as_slice() else {
        panic!("not one file: {files:?}")
    };
    assert_eq!(mode(file), 0o600);
    let codes = codes_in(file);
    tui.find("the proof", asked);
    tui.keys("000000\r");
    tui.shows("That is not it.");
    prove(&mut tui, &codes);
    assert_eq!(left(&tui), 0, "{}", tui.text());

    let told = told(&house);
    assert_eq!(told["tfa"]["state"], "on");
    assert_eq!(told["tfa"]["mode"], "auth-only");
    assert_eq!(
        (&told["changed"], &told["checked"]),
        (&true.into(), &true.into())
    );
    assert_eq!(told["recovery"]["place"], "file");
    assert_eq!(told["recovery"]["file"], file.to_str().unwrap());
    assert_eq!(told["recovery"]["proved"], true);
    assert_eq!(told["recovery"]["unreadable"], 0);
    assert_eq!(told["error"], Value::Null);
    assert_eq!(tfa(&house), Tfa::On(Level::AuthOnly));
    assert!(house.takes(&codes[0]));
    let set = newest(&house);
    assert_eq!(set["account"], house.registry.running.username());
    assert_eq!(set["file"], file.to_str().unwrap());
    assert_eq!(
        (&set["proved"], &set["there"]),
        (&true.into(), &true.into())
    );
    assert_eq!(
        (&set["codes"], &set["used"]),
        (&codes.len().into(), &0.into())
    );

    let (terminal, out) = (said(&tui.raw()), out(&house));
    let key = parameter(&otpauth, "secret").unwrap().to_owned();
    for secret in codes.iter().chain([&house.password(), &typed]) {
        assert!(!terminal.contains(secret), "a secret is on the terminal");
    }
    for secret in codes.iter().chain([&house.password(), &typed, &key]) {
        assert!(!out.contains(secret), "a secret is in the result");
    }
    // It is on already: nothing is asked, and nothing changes.
    let (exit, out, _) = run(&house, "2fa enable --json");
    assert_eq!(exit, 0, "{out}");
    let again: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(again["changed"], false);
    let (exit, _, err) = run(&house, "2fa enable --level auth-and-writes");
    assert_eq!(exit, 2, "{err}");
    assert!(err.contains("2fa level"), "{err}");
}

#[test]
fn p09_the_encrypted_file_comes_first_and_holds_the_codes() {
    let house = House::new(Options::default());
    let mut tui = ask_apart(&house, "2fa enable --level auth-and-writes --json");
    let otpauth = to_the_code(&mut tui, &house, "");
    answer(&mut tui, CODE, &present(&otpauth));
    tui.shows("The recovery codes are saved in");
    tui.shows("age -d -i");
    tui.find("the proof", asked);
    // Who has no other terminal at hand has them shown here.
    tui.keys("show\r");
    asks(&tui, "Enter when you have copied them:");
    let codes = shown(&tui);
    assert_eq!(codes.len(), house.registry.running.inspect().recovery_codes);
    tui.keys("\r");
    prove(&mut tui, &codes);
    assert_eq!(left(&tui), 0, "{}", tui.text());
    let told = told(&house);
    assert_eq!(told["recovery"]["place"], "vault");
    let file = PathBuf::from(told["recovery"]["file"].as_str().unwrap());
    assert_eq!(
        (mode(&file), mode(&file.with_extension("key.age"))),
        (0o600, 0o600)
    );
    let bytes = std::fs::read(&file).unwrap();
    for code in &codes {
        assert!(
            !bytes
                .windows(code.len())
                .any(|part| part == code.as_bytes())
        );
    }
    assert!(house.takes(&codes[1]));
    assert_eq!(newest(&house)["place"], "vault");

    // The lost phone: a code of the set turns it off, and is marked used.
    let mut off = house.ask("2fa disable --yes");
    answer(&mut off, &password_label(&house), &house.password());
    answer(&mut off, "One-time password:", &codes[2]);
    answer(&mut off, "Send it? [y/N]", "y");
    assert_eq!(left(&off), 0, "{}", off.text());
    // Which of the sealed codes it was cannot be seen without the passphrase.
    assert_eq!(newest(&house)["sent"], 1);
    let (terminal, out) = (said(&tui.raw()), out(&house));
    assert!(!terminal.contains(PASSPHRASE) && !out.contains(PASSPHRASE));
    assert!(!codes.iter().any(|code| out.contains(code)));
}

/// The codes that stand on the screen, in order.
fn shown(tui: &Tui) -> Vec<String> {
    let words = |text: String| {
        text.split_whitespace()
            .filter(|word| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()))
            .map(str::to_owned)
            .collect()
    };
    words(tui.text())
}

#[test]
fn p07_codes_that_one_copies_oneself_go_to_the_terminal_alone() {
    let house = House::new(Options::default());
    let mut tui = ask_apart(
        &house,
        "2fa enable --level auth-and-writes --place myself --json",
    );
    answer(&mut tui, &password_label(&house), &house.password());
    tui.shows("a crash before you have copied them loses them");
    answer(&mut tui, "Type myself to accept that:", "myself");
    let otpauth = scan(&tui);
    answer(&mut tui, CODE, &present(&otpauth));
    asks(&tui, "Enter when you have copied them:");
    let codes = shown(&tui);
    assert_eq!(codes.len(), house.registry.running.inspect().recovery_codes);
    tui.keys("\r");
    tui.find("the proof", asked);
    tui.keys("decline\r");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    let told = told(&house);
    assert_eq!(told["recovery"]["place"], "myself");
    assert_eq!(told["recovery"]["file"], Value::Null);
    assert_eq!(told["recovery"]["proved"], false);
    assert!(!codes.iter().any(|code| out(&house).contains(code)));
    assert_eq!(house.code_files(), Vec::<PathBuf>::new());

    // Another word than that one is none.
    let other = House::new(Options::default());
    let mut tui = ask_apart(&other, "2fa enable --level auth-only --place myself");
    answer(&mut tui, &password_label(&other), &other.password());
    answer(&mut tui, "Type myself to accept that:", "yes");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    assert_eq!(tfa(&other), Tfa::Off);
}

#[test]
fn without_a_terminal_it_is_exit_code_2_and_nothing_is_changed() {
    let house = House::new(Options::default());
    for line in ["2fa enable", "2fa enable --level auth-only --place x.txt"] {
        let (exit, out, err) = run(&house, line);
        assert_eq!((exit, out.as_str()), (2, ""), "{err}");
        assert!(err.contains("no terminal"), "{err}");
    }
    let key = house.protect();
    for line in ["2fa disable --yes", "2fa level auth-only"] {
        let otp = code(&key, house.registry.now());
        let (exit, out, err) = run(&house, &format!("{line} --json --otp {otp}"));
        assert_eq!(exit, 2, "{err}");
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(told["error"]["kind"], "local");
        assert!(err.contains("no terminal"), "{err}");
    }
    assert_eq!(tfa(&house), Tfa::On(Level::AuthAndWrites));
    // What is so already needs nobody.
    let (exit, out, err) = run(&house, "2fa level auth-and-writes");
    assert_eq!((exit, err.as_str()), (0, ""), "{out}");
}

#[test]
fn m12_a_half_done_set_up_is_cleared_on_consent() {
    let house = House::new(Options {
        tfa: StartTfa::Pending,
        ..Options::default()
    });
    let mut tui = house.ask("2fa enable");
    answer(&mut tui, "Clear it and begin anew? [y/N]", "");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    tui.shows("Nothing was changed.");
    assert!(matches!(tfa(&house), Tfa::Pending(_)));

    let mut tui = house.ask("2fa disable");
    answer(&mut tui, "Clear it? [y/N]", "y");
    answer(&mut tui, &password_label(&house), &house.password());
    assert_eq!(left(&tui), 0, "{}", tui.text());
    tui.shows("The half-done set-up is cleared");
    assert_eq!(tfa(&house), Tfa::Off);
    let (exit, out, _) = run(&house, "2fa disable --json");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((exit, &told["changed"]), (0, &false.into()));

    let house = House::new(Options {
        tfa: StartTfa::Pending,
        ..Options::default()
    });
    let mut tui = house.ask("2fa enable --clear-pending --level auth-only");
    let otpauth = to_the_code(&mut tui, &house, "3");
    answer(&mut tui, CODE, &present(&otpauth));
    asks(&tui, "Enter when you have copied them:");
    let codes = shown(&tui);
    tui.keys("\r");
    prove(&mut tui, &codes);
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(tfa(&house), Tfa::On(Level::AuthOnly));
}

#[test]
fn ctrl_c_before_the_last_code_clears_the_set_up_and_gives_the_terminal_back() {
    for (signal, exit) in [
        (None, 130),
        (Some(Signal::INT), 130),
        (Some(Signal::TERM), 143),
    ] {
        let house = House::new(Options::default());
        let mut tui = ask_apart(&house, "2fa enable --level auth-only --json");
        to_the_code(&mut tui, &house, "3");
        assert!(!tui.cooked(), "the code would be echoed");
        match signal {
            Some(signal) => tui.signal(signal),
            None => tui.keys("12\u{3}"),
        }
        assert_eq!(left(&tui), exit, "{}", tui.text());
        assert_eq!(tfa(&house), Tfa::Off);
        let told = told(&house);
        assert_eq!(told["tfa"]["state"], "off");
        assert_eq!(told["changed"], false);
        assert_eq!(told["error"]["kind"], "cancelled");
        tui.shows("nothing of the set-up remains");
    }
    // Earlier than that nothing was begun.
    let house = House::new(Options::default());
    let mut tui = house.ask("2fa enable --level auth-only");
    asks(&tui, &password_label(&house));
    tui.keys("canary\u{3}");
    assert_eq!(left(&tui), 130, "{}", tui.text());
    tui.shows("Nothing was changed.");
    assert!(!said(&tui.raw()).contains("canary"));
}

#[test]
fn ctrl_c_while_the_set_up_is_begun_shows_nothing_of_it_and_clears_it() {
    for signal in [None, Some(Signal::TERM)] {
        let house = House::gated(Options::default());
        let mut tui = ask_apart(&house, "2fa enable --level auth-only --json");
        answer(&mut tui, &password_label(&house), &house.password());
        answer(&mut tui, "Place [1]:", "3");
        asks(&tui, "Type myself to accept that:");
        house.gate().shut();
        tui.keys("myself\r");
        house.gate().keeps_one();
        assert!(matches!(tfa(&house), Tfa::Pending(_)));
        match signal {
            Some(signal) => tui.signal(signal),
            None => tui.keys("\u{3}"),
        }
        tui.shows("Waiting for the registry");
        house.gate().open();
        let exit = if signal.is_some() { 143 } else { 130 };
        assert_eq!(left(&tui), exit, "{}", tui.text());
        assert_eq!(tfa(&house), Tfa::Off);
        let written = said(&tui.raw());
        assert!(
            !written.contains("authenticator on another device"),
            "{written}"
        );
        tui.shows("nothing of the set-up remains");
        let told = told(&house);
        assert_eq!(told["tfa"]["state"], "off");
        assert_eq!(told["error"]["kind"], "cancelled");
        let what = told["error"]["what"].as_str().unwrap();
        assert!(what.contains("nothing of the set-up remains"), "{what}");
        assert_ne!(told["error"]["next"], "");
    }
}

#[test]
fn e8_a_closed_registry_is_told_in_its_own_words() {
    let house = House::new(Options {
        policy: Policy::Npmjs,
        ..Options::default()
    });
    let mut tui = ask_apart(
        &house,
        "2fa enable --level auth-only --place codes.txt --json",
    );
    answer(&mut tui, &password_label(&house), &house.password());
    assert_eq!(left(&tui), 5, "{}", tui.text());
    let told = told(&house);
    assert_eq!(told["error"]["kind"], "refused");
    let what = told["error"]["what"].as_str().unwrap();
    assert!(
        what.contains("Authenticator apps can no longer be added"),
        "{what}"
    );
    assert!(told["error"]["next"].as_str().unwrap().contains("website"));
    assert_eq!(house.code_files(), Vec::<PathBuf>::new());

    let house = House::new(Options {
        faults: vec!["2fa=status:404".parse().unwrap()],
        ..Options::default()
    });
    let mut tui = house.ask("2fa enable --level auth-only --place codes.txt");
    answer(&mut tui, &password_label(&house), &house.password());
    assert_eq!(left(&tui), 5, "{}", tui.text());
    tui.shows("has no two-factor authentication");
}

#[test]
fn p07_a_place_that_is_taken_meanwhile_costs_no_codes() {
    let house = House::new(Options::default());
    let mut tui = ask_apart(
        &house,
        "2fa enable --level auth-only --place mine.txt --json",
    );
    answer(&mut tui, &password_label(&house), &house.password());
    let otpauth = scan(&tui);
    std::fs::write(house.home().join("mine.txt"), "mine").unwrap();
    answer(&mut tui, CODE, &present(&otpauth));
    asks(&tui, "Place [1]:");
    let codes = shown(&tui);
    assert_eq!(codes.len(), house.registry.running.inspect().recovery_codes);
    tui.keys("2\r");
    asks(&tui, ".txt]:");
    tui.keys("other.txt\r");
    answer(&mut tui, "Use it all the same? [y/N]", "y");
    tui.shows("The recovery codes are saved in");
    asks(&tui, "Enter when you have copied them:");
    tui.keys("\r");
    let other = house.home().join("other.txt");
    assert_eq!(codes_in(&other), codes);
    prove(&mut tui, &codes);
    assert_eq!(left(&tui), 0, "{}", tui.text());
    let mine = std::fs::read_to_string(house.home().join("mine.txt")).unwrap();
    assert_eq!(mine, "mine");
    assert_eq!(told(&house)["recovery"]["file"], other.to_str().unwrap());
}

#[test]
fn p07_who_leaves_while_the_codes_have_no_place_finds_them_saved() {
    for signal in [None, Some(Signal::TERM), Some(Signal::HUP)] {
        let house = House::new(Options::default());
        let mut tui = ask_apart(
            &house,
            "2fa enable --level auth-only --place mine.txt --json",
        );
        answer(&mut tui, &password_label(&house), &house.password());
        let otpauth = scan(&tui);
        std::fs::write(house.home().join("mine.txt"), "mine").unwrap();
        answer(&mut tui, CODE, &present(&otpauth));
        asks(&tui, "Place [1]:");
        let codes = shown(&tui);
        match signal {
            Some(signal) => tui.signal(signal),
            None => tui.keys("\u{3}"),
        }
        assert!(left(&tui) > 128, "{}", tui.text());
        let told = told(&house);
        assert_eq!(told["tfa"]["state"], "on", "{told}");
        let file = PathBuf::from(told["recovery"]["file"].as_str().unwrap());
        assert_eq!(codes_in(&file), codes, "{told}");
        assert_eq!(told["error"]["kind"], "cancelled");
    }
}

#[test]
fn the_answer_with_the_codes_that_never_came_leads_to_fresh_ones() {
    for walks in [false, true] {
        let house = House::standing(Options {
            faults: vec!["2fa#2=drop-after".parse().unwrap()],
            ..Options::default()
        });
        let now = || house.registry.now();
        let key = |otpauth: &str| parameter(otpauth, "secret").unwrap().to_owned();
        let mut tui = ask_apart(&house, "2fa enable --level auth-and-writes --json");
        let otpauth = to_the_code(&mut tui, &house, "3");
        answer(&mut tui, CODE, &code(&key(&otpauth), now()));
        tui.shows("you have no recovery codes");
        asks(&tui, "Turn it off and on again now? [y/N]");
        if !walks {
            tui.keys("\r");
            assert_eq!(left(&tui), 6, "{}", tui.text());
            let told = told(&house);
            assert_eq!(told["tfa"]["state"], "on");
            assert_eq!(told["recovery"], Value::Null);
            assert_eq!(told["error"]["kind"], "network");
            assert_eq!(tfa(&house), Tfa::On(Level::AuthAndWrites));
            continue;
        }
        house.registry.hand.advance(Duration::from_mins(1));
        tui.keys("y\r");
        // A slip costs nothing.
        answer(&mut tui, &password_label(&house), "wrong");
        answer(&mut tui, "Place [1]:", "3");
        answer(&mut tui, "Type myself to accept that:", "myself");
        tui.shows("did not accept the password");
        answer(&mut tui, "Turn it off and on again now? [y/N]", "y");
        answer(&mut tui, &password_label(&house), &house.password());
        answer(&mut tui, "Place [1]:", "2");
        asks(&tui, ".txt]:");
        tui.keys("\r");
        answer(&mut tui, "Use it all the same? [y/N]", "y");
        answer(&mut tui, "One-time password:", &code(&key(&otpauth), now()));
        tui.shows("It is off.");
        let fresh = tui.find("another QR code", |screen| {
            let text = screen.contents();
            let below = text.trim_end().ends_with(CODE);
            qr::read(screen, 0).filter(|found| below && *found != otpauth)
        });
        answer(&mut tui, CODE, &code(&key(&fresh), now()));
        let codes = loop_codes(&house, &tui);
        prove(&mut tui, &codes);
        assert_eq!(left(&tui), 0, "{}", tui.text());
        assert_eq!(told(&house)["recovery"]["proved"], true);
        assert_eq!(tfa(&house), Tfa::On(Level::AuthAndWrites));
    }
}

/// The codes in the one file, once they are asked for.
fn loop_codes(house: &House, tui: &Tui) -> Vec<String> {
    tui.find("the proof", asked);
    let files = house.code_files();
    let [file] = files.as_slice() else {
        panic!("not one file: {files:?}")
    };
    codes_in(file)
}

/// With the second factor on, and a clock that stands still.
fn protected(options: Options) -> (House, String) {
    let house = House::standing(options);
    let key = house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    (house, key)
}

#[test]
fn m13_the_level_goes_both_ways() {
    let (house, key) = protected(Options::default());
    let otp = code(&key, house.registry.now());
    let mut tui = ask_apart(&house, &format!("2fa level auth-only --json --otp {otp}"));
    tui.shows("no longer ask for a code");
    answer(&mut tui, &password_label(&house), &house.password());
    assert_eq!(left(&tui), 0, "{}", tui.text());
    let told = told(&house);
    assert_eq!(told["tfa"]["mode"], "auth-only");
    assert_eq!(
        (&told["changed"], &told["recovery"]),
        (&true.into(), &Value::Null)
    );
    assert_eq!(tfa(&house), Tfa::On(Level::AuthOnly));

    house.registry.hand.advance(Duration::from_mins(1));
    let mut tui = house.ask("2fa level auth-and-writes");
    answer(&mut tui, &password_label(&house), &house.password());
    let otp = code(&key, house.registry.now());
    answer(&mut tui, "One-time password:", &otp);
    assert_eq!(left(&tui), 0, "{}", tui.text());
    tui.shows("The level is auth-and-writes now.");
    assert_eq!(tfa(&house), Tfa::On(Level::AuthAndWrites));
    let written = said(&tui.raw());
    assert!(!written.contains(&otp) && !written.contains(&house.password()));

    // Off, or half done, it has none.
    let house = House::new(Options::default());
    let (exit, _, err) = run(&house, "2fa level auth-only");
    assert_eq!(exit, 2, "{err}");
    assert!(err.contains("2fa enable --level auth-only"), "{err}");
}

#[test]
fn a_level_whose_answer_is_lost_is_told_by_the_profile() {
    let (house, key) = protected(Options::default());
    // The one before it is the challenge.
    let count = "2fa#2=drop-after".parse().unwrap();
    house.registry.running.fault(count);
    let mut tui = house.ask("2fa level auth-only");
    answer(&mut tui, &password_label(&house), &house.password());
    answer(
        &mut tui,
        "One-time password:",
        &code(&key, house.registry.now()),
    );
    assert_eq!(left(&tui), 0, "{}", tui.text());
    tui.shows("The level is auth-only now.");
}

#[test]
fn ctrl_c_while_it_is_turned_off_waits_and_tells_the_end() {
    let house = House::gated(Options::default());
    let key = house.protect();
    let mut tui = ask_apart(&house, "2fa disable --yes --json");
    answer(&mut tui, &password_label(&house), &house.password());
    asks(&tui, "One-time password:");
    house.gate().shut();
    let later = house.registry.now() + 30;
    tui.keys(&format!("{}\r", code(&key, later)));
    house.gate().keeps_one();
    tui.keys("\u{3}");
    tui.shows("Waiting for the registry");
    house.gate().open();
    assert_eq!(left(&tui), 130, "{}", tui.text());
    assert_eq!(tfa(&house), Tfa::Off);
    tui.shows("Two-factor authentication is off.");
    let told = told(&house);
    assert_eq!(told["tfa"]["state"], "off");
    let what = told["error"]["what"].as_str().unwrap();
    assert!(what.contains("Two-factor authentication is off."), "{what}");
}

#[test]
fn m14_it_is_turned_off_after_a_yes_of_its_own() {
    let (house, key) = protected(Options::default());
    let mut tui = house.ask("2fa disable");
    tui.shows("whoever has the password has the account");
    answer(&mut tui, "Turn it off? [y/N]", "");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    assert_eq!(tfa(&house), Tfa::On(Level::AuthAndWrites));

    let mut tui = house.ask("2fa disable --yes");
    answer(&mut tui, &password_label(&house), "wrong");
    tui.shows("did not accept the password");
    tui.keys("\x03");
    assert_eq!(left(&tui), 130, "{}", tui.text());

    // The answer is lost, and the profile tells.
    house.registry.hand.advance(Duration::from_mins(1));
    house
        .registry
        .running
        .fault("2fa#2=drop-after".parse().unwrap());
    let mut tui = ask_apart(&house, "2fa disable --yes --json");
    answer(&mut tui, &password_label(&house), &house.password());
    answer(
        &mut tui,
        "One-time password:",
        &code(&key, house.registry.now()),
    );
    assert_eq!(left(&tui), 0, "{}", tui.text());
    let told = told(&house);
    assert_eq!(told["tfa"]["state"], "off");
    assert_eq!(
        (&told["changed"], &told["checked"]),
        (&true.into(), &true.into())
    );
    assert_eq!(tfa(&house), Tfa::Off);
}

#[test]
fn p11_m15_a_recovery_code_turns_it_off_after_a_warning() {
    let house = House::new(Options {
        tfa: StartTfa::On(Level::AuthAndWrites),
        ..Options::default()
    });
    let recovery = house.registry.running.recovery_codes()[0].expose().clone();
    let (exit, _, err) = run(&house, &format!("2fa disable --yes --otp {recovery}"));
    assert_eq!(exit, 2, "{err}");
    assert!(!err.contains(&recovery));
    let mut tui = house.ask("2fa disable --yes");
    answer(&mut tui, &password_label(&house), &house.password());
    answer(&mut tui, "One-time password:", &recovery);
    tui.shows("72 hours");
    answer(&mut tui, "Send it? [y/N]", "y");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(tfa(&house), Tfa::Off);
    assert!(!said(&tui.raw()).contains(&recovery));
}

#[test]
fn a_wrong_password_begins_nothing() {
    let house = House::new(Options::default());
    let mut tui = house.ask("2fa enable --level auth-only --place mine.txt");
    answer(&mut tui, &password_label(&house), "canary-password");
    tui.shows("did not accept the password");
    tui.keys("\x03");
    assert_eq!(left(&tui), 130, "{}", tui.text());
    assert_eq!(tfa(&house), Tfa::Off);
    assert_eq!(house.code_files(), Vec::<PathBuf>::new());
    assert!(!said(&tui.raw()).contains("canary"));

    // The key that was made for the encrypted file goes with the command.
    let mut tui = house.ask("2fa enable --level auth-only --place vault");
    answer(&mut tui, &password_label(&house), "canary-password");
    passphrase(&mut tui);
    tui.shows("did not accept the password");
    tui.keys("\x03");
    assert_eq!(left(&tui), 130, "{}", tui.text());
    let own = house.home().join("data").join("npm-warden");
    let names: Vec<_> = std::fs::read_dir(own)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".age"))
        .collect();
    assert_eq!(names, Vec::<String>::new());
}

#[test]
fn m17_a_wrong_code_is_told_apart() {
    let house = House::standing(Options::default());
    let mut tui = house.ask("2fa enable --level auth-only");
    let otpauth = to_the_code(&mut tui, &house, "3");
    let key = parameter(&otpauth, "secret").unwrap().to_owned();
    answer(&mut tui, CODE, &code(&key, house.registry.now() - 120));
    tui.shows("your phone is 2 min behind");
    let near: Vec<_> = (0..120)
        .map(|step| code(&key, house.registry.now() - 1800 + step * 30))
        .collect();
    let other = (0..1000)
        .map(|number| format!("{number:06}"))
        .find(|code| !near.contains(code))
        .unwrap();
    answer(&mut tui, CODE, &other);
    tui.shows("no code of this key within 10 minutes");
    tui.shows("the other entry called npm");
    tui.shows("Typed again, it is sent all the same.");
    answer(&mut tui, CODE, &other);
    tui.shows("The registry refused it too");
    answer(&mut tui, CODE, &code(&key, house.registry.now()));
    asks(&tui, "Enter when you have copied them:");
    tui.keys("\u{3}");
    assert_eq!(left(&tui), 130, "{}", tui.text());
    assert_eq!(tfa(&house), Tfa::On(Level::AuthOnly));
    tui.shows("You left before you had proved to have the codes.");
    tui.shows("Look at your copy now");
}

/// A registry that takes another level as the beginning of a new set-up, as some do. Written out, since the embedded
/// one does not. It takes any code of its one key.
struct Beginner {
    url: String,
    tfa: Arc<Mutex<Value>>,
}

const BEGINNERS_KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

impl Beginner {
    fn new(codes: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let tfa = Arc::new(Mutex::new(json!({ "mode": "auth-only", "pending": false })));
        let state = Arc::clone(&tfa);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let (reads, body) = request(&mut client);
                let mut tfa = state.lock().unwrap();
                let answer = match body.get("tfa") {
                    _ if reads => json!({ "name": "tess", "tfa": *tfa }),
                    Some(Value::Array(_)) => {
                        tfa["pending"] = false.into();
                        json!({ "tfa": codes })
                    }
                    Some(set) if set["mode"] == "disable" => {
                        *tfa = false.into();
                        json!({ "tfa": false })
                    }
                    set => {
                        *tfa = json!({ "mode": set.unwrap()["mode"], "pending": true });
                        json!({ "tfa": format!("otpauth://totp/tess?secret={BEGINNERS_KEY}&issuer=custom") })
                    }
                };
                let answer = answer.to_string();
                let length = answer.len();
                let _ = write!(
                    client,
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                     connection: close\r\n\r\n{answer}"
                );
            }
        });
        Self { url, tfa }
    }

    /// The other level, with standard output in a file.
    fn ask(&self, home: &Path) -> Tui {
        let scope = self.url.strip_prefix("http:").unwrap();
        let npmrc = home.join("of-this-test.npmrc");
        std::fs::write(&npmrc, format!("{scope}:_authToken=npm_of_this_test\n")).unwrap();
        let script = format!(
            "exec {} 2fa level auth-and-writes --json --registry {} --userconfig {} > out",
            program().display(),
            self.url,
            npmrc.display()
        );
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", &script]);
        Tui::run((100, 40), home, command, &[])
    }

    fn password_label(&self) -> String {
        format!("Password of tess at {}:", self.url.trim_end_matches('/'))
    }
}

/// Whether it only reads, and its body.
fn request(client: &mut TcpStream) -> (bool, Value) {
    let mut reader = BufReader::new(client);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    (first.starts_with("GET "), body)
}

#[test]
fn p07_another_level_that_begins_a_new_set_up_is_walked_to_its_codes() {
    let codes: Vec<String> = ["0a", "1b", "2c"].map(|pair| pair.repeat(32)).into();
    for leaves in [false, true] {
        let registry = Beginner::new(codes.clone());
        let home = tempfile::tempdir().unwrap();
        let mut tui = registry.ask(home.path());
        let out = || -> Value {
            let out = std::fs::read_to_string(home.path().join("out")).unwrap();
            serde_json::from_str(&out).unwrap()
        };
        answer(&mut tui, &registry.password_label(), "canary");
        tui.shows("it began a new set-up for auth-and-writes");
        if leaves {
            asks(&tui, "Place [1]:");
            tui.keys("\u{3}");
            assert_eq!(left(&tui), 130, "{}", tui.text());
            let told = out();
            assert_eq!(
                (&told["tfa"]["state"], &told["changed"]),
                (&"off".into(), &true.into())
            );
            tui.shows("It was on before.");
            assert_eq!(*registry.tfa.lock().unwrap(), Value::Bool(false));
            continue;
        }
        answer(&mut tui, "Place [1]:", "1");
        passphrase(&mut tui);
        let otpauth = scan(&tui);
        assert_eq!(parameter(&otpauth, "secret"), Some(BEGINNERS_KEY));
        answer(&mut tui, CODE, &present(&otpauth));
        prove(&mut tui, &codes);
        assert_eq!(left(&tui), 0, "{}", tui.text());
        let told = out();
        assert_eq!(told["tfa"]["mode"], "auth-and-writes");
        assert_eq!(told["recovery"]["place"], "vault");
        assert_eq!(told["recovery"]["proved"], true);
        assert!(!said(&tui.raw()).contains("canary"));
    }
}

#[test]
fn e7_a_page_answers_where_the_registry_asks_as_npms_does() {
    let house = House::new(Options {
        policy: Policy::Npmjs,
        tfa: StartTfa::On(Level::AuthOnly),
        ..Options::default()
    });
    let mut tui = ask_apart(&house, "2fa level auth-and-writes --json");
    answer(&mut tui, &password_label(&house), &house.password());
    let page = tui.find("the page", address);
    assert!(house.registry.running.approve(&page), "{page}");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(told(&house)["tfa"]["mode"], "auth-and-writes");
    assert_eq!(tfa(&house), Tfa::On(Level::AuthAndWrites));
}

#[test]
fn p16_a_clock_that_is_off_is_said_before_the_first_code() {
    let house = House::new(Options {
        faults: vec!["*=skew:-330".parse().unwrap()],
        ..Options::default()
    });
    let mut tui = house.ask("2fa enable --level auth-only");
    to_the_code(&mut tui, &house, "3");
    tui.shows("This computer's clock is 5 min ahead of the registry's.");
    tui.keys("\u{3}");
    assert_eq!(left(&tui), 130, "{}", tui.text());
}

#[test]
fn p10_a_path_of_the_command_line_begins_where_it_is_run() {
    let house = House::new(Options::default());
    std::fs::create_dir(house.home().join("work")).unwrap();
    let mut tui = ask_in(
        &house,
        "work",
        "2fa enable --level auth-only --place mine.txt",
    );
    answer(&mut tui, &password_label(&house), &house.password());
    tui.shows("Careful: ");
    let otpauth = scan(&tui);
    answer(&mut tui, CODE, &present(&otpauth));
    tui.find("the proof", asked);
    let codes = codes_in(&house.home().join("work").join("mine.txt"));
    prove(&mut tui, &codes);
    assert_eq!(left(&tui), 0, "{}", tui.text());
}

#[test]
fn p26_a_code_that_would_steer_the_terminal_stands_there_in_escapes() {
    let odd = "\u{1b}]0;canary\u{7}\u{202e}x".to_owned();
    let registry = Beginner::new(vec![odd, "plain-1234".to_owned()]);
    let home = tempfile::tempdir().unwrap();
    let mut tui = registry.ask(home.path());
    answer(&mut tui, &registry.password_label(), "password");
    answer(&mut tui, "Place [1]:", "3");
    answer(&mut tui, "Type myself to accept that:", "myself");
    let otpauth = scan(&tui);
    answer(&mut tui, CODE, &present(&otpauth));
    asks(&tui, "Enter when you have copied them:");
    tui.shows(r#"1  "\u001b]0;canary\u0007\u202ex""#);
    tui.shows("2  plain-1234");
    let raw = said(&tui.raw());
    assert!(
        !raw.contains("\u{1b}]0") && !raw.contains('\u{202e}'),
        "{raw:?}"
    );
}

#[test]
fn e15_where_a_terminal_knows_nothing_the_key_stands_as_text() {
    let house = House::new(Options::default());
    let env = [("TERM", "dumb"), ("NO_COLOR", "1")];
    let mut tui = house.ask_with("2fa enable --level auth-only --place mine.txt", &env);
    answer(&mut tui, &password_label(&house), &house.password());
    asks(&tui, CODE);
    tui.shows("Type this key into an authenticator on another device");
    // The size of the window is not why.
    tui.shows("this terminal draws no QR code");
    let key = tui.find("the key", |screen| {
        let text = screen.contents();
        let line = text
            .lines()
            .find(|line| line.starts_with("  ") && line.trim().len() == 39)?;
        Some(line.split_whitespace().collect::<String>())
    });
    let seconds = u64::try_from(crate::house::now().as_second()).unwrap();
    answer(&mut tui, CODE, &code(&key, seconds));
    tui.find("the proof", asked);
    prove(&mut tui, &codes_in(&house.home().join("mine.txt")));
    assert_eq!(left(&tui), 0, "{}", tui.text());
    // Nothing steers the terminal, from the first question to the last.
    assert!(
        !said(&tui.raw()).contains('\u{1b}'),
        "{:?}",
        said(&tui.raw())
    );
}
