//! Where a value goes that is printed once: it is not lost without a word when nobody takes it there.

use std::ffi::OsStr;
use std::fs::File;

use npm_warden::sandbox::Options;
use portable_pty::CommandBuilder;
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use serde_json::{Value, json};

use crate::house::House;
use crate::second_factor::answer;
use crate::tui::{Tui, program};

/// A plain command on a terminal, whose standard output goes there.
fn ask_into(house: &House, line: &str, out: &str) -> Tui {
    let script = format!(
        "exec {} {line} --registry {} --userconfig {} {out}",
        program().display(),
        house.url(),
        house.npmrc().display()
    );
    let mut command = CommandBuilder::new("sh");
    command.args([OsStr::new("-c"), OsStr::new(&script)]);
    Tui::run((100, 40), house.home(), command, &[])
}

fn listed(house: &House) -> Vec<Value> {
    let done = house.command("token list --json").output().unwrap();
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    told["tokens"].as_array().unwrap().clone()
}

/// A pipe with a name, and its reader.
fn pipe(house: &House) -> File {
    let path = house.home().join("pipe");
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let reader = rustix::fs::open(
        &path,
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC,
        Mode::empty(),
    );
    reader.unwrap().into()
}

/// Begins the line; its answer is on the way when the reader leaves.
fn nobody_reads_at_the_end(house: &House, line: &str) -> Tui {
    let reader = pipe(house);
    let mut tui = ask_into(house, line, "> pipe");
    crate::second_factor::asks(&tui, ":");
    house.gate().shut();
    tui.keys(&format!("{}\r", house.password()));
    house.gate().keeps_one();
    drop(reader);
    house.gate().open();
    tui
}

fn one_more_than(known: &[Value], house: &House) -> Value {
    let mut rows = listed(house);
    rows.retain(|row| !known.iter().any(|known| known["key"] == row["key"]));
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

#[test]
fn p01_no_token_is_made_whose_value_standard_output_would_lose() {
    let house = House::new(Options::default());
    let before = listed(&house).len();
    let id = listed(&house)[0]["id"].as_str().unwrap().to_owned();
    pipe(&house);
    for out in [">&-", "> /dev/null", "> /dev/full", "3<> pipe > pipe 3>&-"] {
        for line in [
            "token create -y --read-only".to_owned(),
            "token create -y --read-only --json".to_owned(),
            format!("token rotate -y --print {id}"),
        ] {
            let tui = ask_into(&house, &line, out);
            let full = out.ends_with("full") && line.ends_with("json");
            let exit = if full { 1 } else { 2 };
            assert_eq!(tui.ended().exit_code(), exit, "{out}: {}", tui.text());
            let text: String = tui.text().split_whitespace().collect();
            assert!(text.contains("wouldbelost"), "{out}: {}", tui.text());
            assert_eq!(listed(&house).len(), before, "{out} {line}");
        }
    }
    // It goes elsewhere.
    let mut tui = ask_into(
        &house,
        "token create -y --read-only --write-to ci.npmrc",
        ">&-",
    );
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    assert_eq!(listed(&house).len(), before + 1);
}

#[test]
fn a_value_that_nobody_takes_any_more_is_given_on_the_terminal_to_who_wants_it_there() {
    for line in [
        "token create -y --read-only",
        "token create -y --read-only --json",
    ] {
        let house = House::gated(Options::default());
        let known = listed(&house);
        let mut tui = nobody_reads_at_the_end(&house, line);
        answer(&mut tui, "Show it here, on the terminal? [y/N]", "y");
        assert_eq!(tui.ended().exit_code(), 1, "{}", tui.text());
        let made = one_more_than(&known, &house);
        let text = tui.text();
        let shown = text.lines().filter(|line| line.starts_with("npm_")).count();
        assert_eq!(shown, 1, "{text}");
        assert!(text.contains(made["id"].as_str().unwrap()), "{text}");
    }
}

#[test]
fn a_value_that_nobody_takes_is_named_by_its_id_and_can_be_revoked_at_once() {
    for revokes in [false, true] {
        let house = House::gated(Options::default());
        let known = listed(&house);
        let mut tui = nobody_reads_at_the_end(&house, "token create -y --read-only");
        answer(&mut tui, "Show it here, on the terminal? [y/N]", "n");
        let word = if revokes { "y" } else { "n" };
        answer(&mut tui, "Revoke it at once? [y/N]", word);
        assert_eq!(tui.ended().exit_code(), 1, "{}", tui.text());
        let text = tui.text();
        assert!(!text.contains("npm_"), "{text}");
        if revokes {
            assert_eq!(listed(&house).len(), known.len(), "{text}");
            assert!(text.contains("was revoked"), "{text}");
        } else {
            let made = one_more_than(&known, &house);
            let way = format!("npm-warden token revoke {}", made["id"].as_str().unwrap());
            assert!(text.contains(&way), "{text}");
        }
    }
}

#[test]
fn e4_a_new_value_that_nobody_takes_keeps_the_old_one() {
    for (shows, exit) in [("n", 1), ("y", 0)] {
        let house = House::gated(Options {
            tokens: 3,
            ..Options::default()
        });
        let known = listed(&house);
        let old = known.iter().find(|row| row["found"] == json!([]));
        let id = old.unwrap()["id"].as_str().unwrap().to_owned();
        let mut tui = nobody_reads_at_the_end(&house, &format!("token rotate -y --elsewhere {id}"));
        answer(&mut tui, "Show it here, on the terminal? [y/N]", shows);
        if shows == "y" {
            answer(&mut tui, "may the old one go? [y/N]", "y");
        }
        assert_eq!(tui.ended().exit_code(), exit, "{}", tui.text());
        let alive = listed(&house).iter().any(|row| row["id"] == id.as_str());
        assert_eq!(alive, shows == "n", "{}", tui.text());
        if shows == "n" {
            let made = one_more_than(&known, &house);
            let way = format!("token revoke {}", made["id"].as_str().unwrap());
            assert!(tui.text().contains(&way), "{}", tui.text());
            assert!(!tui.text().contains("npm_"), "{}", tui.text());
        }
    }
}

#[test]
fn e4_where_nobody_is_asked_a_value_that_nobody_takes_keeps_the_old_one_too() {
    for (more, file) in [("", false), ("--print", true), ("--json", false)] {
        let house = House::gated(Options {
            tokens: 3,
            ..Options::default()
        });
        let known = listed(&house);
        let wanted = |row: &&Value| (row["in_use_grade"] == "is") == file;
        let id = known.iter().find(wanted).unwrap()["id"].as_str().unwrap();
        let line = format!("token rotate -y {more} {id}");
        let mut tui = nobody_reads_at_the_end(&house, &line.replace("  ", " "));
        answer(&mut tui, "Show it here, on the terminal? [y/N]", "n");
        assert_eq!(tui.ended().exit_code(), 1, "{}", tui.text());
        let made = one_more_than(&known, &house);
        let text = tui.text();
        let way = format!("token revoke {}", made["id"].as_str().unwrap());
        assert!(text.contains(&way), "{text}");
        assert!(text.contains("The old token was kept"), "{text}");
        let alive = listed(&house).iter().any(|row| row["id"] == id);
        assert!(alive, "{text}");
    }
}
