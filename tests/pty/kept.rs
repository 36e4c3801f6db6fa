//! `recovery list`, `show` and `prove`: what this machine keeps, without a registry.

use std::process::{Command, Stdio};

use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, StartTfa};
use portable_pty::CommandBuilder;
use serde_json::Value;

use crate::house::House;
use crate::plain::{ended, left, said};
use crate::second_factor::{
    PASSPHRASE, answer, asked, asks, newest, password_label, prove, turned_on,
};
use crate::tui::{Tui, program, surroundings};

/// A command about what is kept in this home folder, without a terminal and without a registry.
pub fn local(house: &House, line: &str) -> Command {
    let mut command = Command::new(program());
    command
        .args(line.split(' '))
        .env_clear()
        .envs(surroundings(house.home()))
        .current_dir(house.home())
        .stdin(Stdio::null());
    command
}

#[test]
fn nothing_kept_is_no_fault_of_a_list() {
    let house = House::new(Options {
        tfa: StartTfa::On(Level::AuthOnly),
        ..Options::default()
    });
    // A configuration that npm could not read is none of its business.
    std::fs::write(house.home().join(".npmrc"), "registry=not an address\n").unwrap();
    let (exit, out, err) = ended(&local(&house, "recovery list").output().unwrap());
    assert_eq!((exit, out.as_str()), (0, ""));
    assert!(err.contains("No recovery codes are known"), "{err}");
    let (exit, line, _) = ended(&local(&house, "recovery list --json").output().unwrap());
    assert_eq!(exit, 0);
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&told["version"], &told["sets"]),
        (&1.into(), &Value::Array(Vec::new()))
    );
    let (_, _, err) = ended(
        &local(&house, "recovery list --account nobody")
            .output()
            .unwrap(),
    );
    assert!(err.contains("that is known on this machine fits"), "{err}");
    for line in ["recovery show", "recovery show --account nobody"] {
        let (exit, out, err) = ended(&local(&house, line).output().unwrap());
        assert_eq!((exit, out.as_str()), (1, ""), "{err}");
        assert!(err.contains("recovery list"), "{err}");
    }
    let (exit, _, err) = ended(&local(&house, "recovery prove").output().unwrap());
    assert_eq!(exit, 2, "{err}");
    let requests = house.registry.running.inspect().requests;
    assert!(requests.is_empty(), "{requests:?}");
}

/// In a terminal, with standard output in a file.
fn in_terminal(house: &House, line: &str) -> Tui {
    let script = format!("exec {} {line} > out", program().display());
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &script]);
    Tui::run((100, 40), house.home(), command, &[])
}

/// The codes of `recovery show`: its numbers are those of the proof.
fn listed(out: &str) -> Vec<(String, bool)> {
    let lines = out.lines().enumerate().map(|(index, line)| {
        let mut words = line.split_whitespace();
        assert_eq!(
            words.next(),
            Some((index + 1).to_string().as_str()),
            "{out}"
        );
        let code = words.next().unwrap().to_owned();
        (code, words.next() == Some("used"))
    });
    lines.collect()
}

fn unused(codes: &[String]) -> Vec<(String, bool)> {
    codes.iter().map(|code| (code.clone(), false)).collect()
}

#[test]
fn p01_codes_in_a_file_are_shown_on_standard_output_alone() {
    let house = House::new(Options::default());
    let codes = turned_on(&house, "2", &[]);
    let (exit, out, err) = ended(&local(&house, "recovery show").output().unwrap());
    assert_eq!((exit, listed(&out)), (0, unused(&codes)), "{err}");
    assert!(err.contains(house.registry.running.username()), "{err}");
    assert!(!codes.iter().any(|code| err.contains(code)), "{err}");

    // One of them serves, and is marked.
    let mut tui = house.ask("2fa level auth-only");
    answer(&mut tui, &password_label(&house), &house.password());
    answer(&mut tui, "One-time password:", &codes[1]);
    answer(&mut tui, "Send it? [y/N]", "y");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    let (exit, line, err) = ended(&local(&house, "recovery show --json").output().unwrap());
    assert_eq!(exit, 0, "{err}");
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told["version"], 1);
    assert_eq!(told["account"], house.registry.running.username());
    for (index, code) in codes.iter().enumerate() {
        let row = &told["codes"][index];
        assert_eq!(
            (&row["number"], &row["code"]),
            (&(index + 1).into(), &code.as_str().into())
        );
        assert_eq!(row["used"].is_null(), index != 1, "{line}");
    }
    let (_, out, _) = ended(&local(&house, "recovery show").output().unwrap());
    assert!(listed(&out)[1].1, "{out}");
    let (_, out, _) = ended(&local(&house, "recovery list").output().unwrap());
    assert!(!codes.iter().any(|code| out.contains(code)), "{out}");

    // The file is moved away: that is said, and what can be done.
    std::fs::rename(&house.code_files()[0], house.home().join("elsewhere")).unwrap();
    assert_eq!(newest(&house)["there"], false);
    let (exit, out, err) = ended(&local(&house, "recovery show").output().unwrap());
    assert_eq!((exit, out.as_str()), (1, ""), "{err}");
}

#[test]
fn p01_an_encrypted_file_is_opened_by_a_passphrase_from_the_terminal_alone() {
    let house = House::new(Options::default());
    let codes = turned_on(&house, "1", &[]);
    let (exit, out, err) = ended(&local(&house, "recovery show").output().unwrap());
    assert_eq!((exit, out.as_str()), (2, ""), "{err}");
    assert!(
        err.contains("no terminal to ask for the passphrase"),
        "{err}"
    );

    let mut tui = in_terminal(&house, "recovery show");
    answer(&mut tui, "Passphrase:", "canary of another colour");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    tui.shows("not the passphrase");
    assert!(!said(&tui.raw()).contains("canary"));

    let mut tui = in_terminal(&house, "recovery show");
    answer(&mut tui, "Passphrase:", PASSPHRASE);
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(listed(&out_of(&house)), unused(&codes));
    let terminal = said(&tui.raw());
    assert!(!terminal.contains(PASSPHRASE));
    assert!(!codes.iter().any(|code| terminal.contains(code)));

    let mut tui = in_terminal(&house, "recovery show");
    asks(&tui, "Passphrase:");
    assert!(!tui.cooked(), "it would be echoed");
    tui.keys("canary\u{3}");
    assert_eq!(left(&tui), 130, "{}", tui.text());
    assert_eq!(out_of(&house), "");

    // Where the file is gone, no passphrase is asked for.
    let file = newest(&house)["file"].as_str().unwrap().to_owned();
    std::fs::rename(file, house.home().join("elsewhere")).unwrap();
    for line in ["recovery show", "recovery prove"] {
        let tui = in_terminal(&house, line);
        assert_eq!(left(&tui), 1, "{}", tui.text());
        tui.shows("is not there any more.");
        assert!(!tui.text().contains("Passphrase"), "{}", tui.text());
    }
}

#[test]
fn codes_that_newer_ones_replaced_are_not_said_to_work() {
    let house = House::new(Options::default());
    let old = turned_on(&house, "2", &[]);
    let first = newest(&house)["received"].as_str().unwrap().to_owned();
    let mut tui = house.ask("2fa disable --yes");
    answer(&mut tui, &password_label(&house), &house.password());
    answer(&mut tui, "One-time password:", &old[0]);
    answer(&mut tui, "Send it? [y/N]", "y");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    turned_on(&house, "2", &[]);
    let show = |line: &str| ended(&local(&house, line).output().unwrap());
    let (exit, out, err) = show(&format!("recovery show {first}"));
    assert_eq!((exit, listed(&out)[1].0.as_str()), (0, old[1].as_str()));
    assert!(err.contains("These are replaced"), "{err}");
    assert!(!err.contains("works once"), "{err}");
    for (line, replaced) in [
        (format!("recovery show --json {first}"), true),
        ("recovery show --json".to_owned(), false),
    ] {
        let told: Value = serde_json::from_str(&show(&line).1).unwrap();
        assert_eq!(told["replaced"], replaced, "{line}");
    }
}

#[test]
fn p08_codes_are_proved_once_more_and_none_is_shown() {
    let house = House::new(Options::default());
    let codes = turned_on(&house, "1", &[]);
    assert_eq!(newest(&house)["proved"], false);
    let mut tui = in_terminal(&house, "recovery prove --json");
    answer(&mut tui, "Passphrase:", PASSPHRASE);
    tui.find("the proof", asked);
    tui.keys("decline\r");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    let told: Value = serde_json::from_str(&out_of(&house)).unwrap();
    assert_eq!(told["proved"], false);

    let mut tui = in_terminal(&house, "recovery prove --json");
    answer(&mut tui, "Passphrase:", PASSPHRASE);
    tui.find("the proof", asked);
    tui.keys("show\r");
    tui.shows("That is not it.");
    prove(&mut tui, &codes);
    assert_eq!(left(&tui), 0, "{}", tui.text());
    let told: Value = serde_json::from_str(&out_of(&house)).unwrap();
    assert_eq!(told["proved"], true);
    assert_eq!(newest(&house)["proved"], true);
    let terminal = said(&tui.raw());
    assert!(!codes.iter().any(|code| terminal.contains(code)));

    let mut tui = in_terminal(&house, "recovery prove");
    answer(&mut tui, "Passphrase:", PASSPHRASE);
    tui.find("the proof", asked);
    tui.keys("\u{3}");
    assert_eq!(left(&tui), 130, "{}", tui.text());
}

fn out_of(house: &House) -> String {
    std::fs::read_to_string(house.home().join("out")).unwrap()
}

#[test]
fn where_several_sets_fit_one_is_named() {
    let house = House::new(Options::default());
    let first = turned_on(&house, "2", &[]);
    // Another registry, and the same list.
    let other = House::new(Options::default());
    let data = house.home().join("data");
    let data = data.to_str().unwrap();
    let second = turned_on(&other, "2", &[("XDG_DATA_HOME", data)]);
    let show = |line: &str| {
        ended(
            &local(&house, &format!("recovery show{line}"))
                .output()
                .unwrap(),
        )
    };
    let (exit, out, err) = show("");
    assert_eq!((exit, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("Several sets fit"), "{err}");
    for (house, codes) in [(&house, &first), (&other, &second)] {
        let (exit, out, err) = show(&format!(" --registry {}", house.url()));
        assert_eq!((exit, listed(&out)), (0, unused(codes)), "{err}");
        let host = house.url().trim_end_matches('/');
        assert_eq!(show(&format!(" --registry {host}")).0, 0);
    }
    // By its time; both may be of one second, but not of one moment.
    let (_, line, _) = ended(&local(&house, "recovery list --json").output().unwrap());
    let told: Value = serde_json::from_str(&line).unwrap();
    let sets = told["sets"].as_array().unwrap();
    assert_eq!(sets.len(), 2, "{line}");
    for (set, codes) in sets.iter().zip([&second, &first]) {
        let time = set["received"].as_str().unwrap();
        let (exit, out, err) = show(&format!(" {time}"));
        assert_eq!((exit, listed(&out)), (0, unused(codes)), "{err}");
    }
    let day = &sets[0]["received"].as_str().unwrap()[..7];
    assert_eq!(show(&format!(" {day}")).0, 2);
    assert_eq!(show(" 1999").0, 1);
    let (_, out, _) = ended(
        &local(&house, "--registry http://127.0.0.1:1/ recovery list")
            .output()
            .unwrap(),
    );
    assert_eq!(out, "");

    // Copied by hand: nothing is here to show.
    let third = House::new(Options::default());
    turned_on(&third, "3", &[]);
    let (exit, out, err) = ended(&local(&third, "recovery show").output().unwrap());
    assert_eq!((exit, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("copied by hand"), "{err}");
}
