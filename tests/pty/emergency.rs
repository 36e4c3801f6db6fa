//! `emergency`, plain: its plan, which sends nothing; a whole run; death in the middle, and going on.

use std::path::{Path, PathBuf};

use npm_warden::sandbox::{Options, Policy};
use rustix::process::Signal;
use serde_json::Value;

use crate::house::{House, mode};
use crate::plain::{left, run, tokens};
use crate::tui::Tui;

fn requests(house: &House) -> u64 {
    house.registry.running.inspect().requests.values().sum()
}

#[test]
fn p24_the_plan_sends_nothing_and_needs_no_terminal() {
    for policy in [Policy::Classic, Policy::Npmjs] {
        let house = House::new(Options {
            policy,
            ..Options::default()
        });
        let (code, out, err) = run(&house, "emergency --plan");
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        for text in [
            "Nothing was sent",
            " 0  This machine",
            "10  Report",
            "those that may write and skip the second factor",
            "What stays:",
            "What cannot be reached from here:",
            "Trusted publishers",
            "of-this-test.npmrc, line 1",
        ] {
            assert!(out.contains(text), "{text}: {out}");
        }
        let (code, out, err) = run(&house, "emergency --plan --json");
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        let plan: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(plan["plan"].as_array().unwrap().len(), 11);
        assert_eq!(plan["credentials"].as_array().unwrap().len(), 1);
        assert!(!out.contains(house.registry.running.token().expose().as_str()));
        assert_eq!(requests(&house), 0);
    }
}

#[test]
fn without_a_terminal_it_does_nothing_and_says_so() {
    let house = House::new(Options::default());
    let (code, out, err) = run(&house, "emergency");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("no terminal") && err.contains("--plan"),
        "{err}"
    );
    assert_eq!(requests(&house), 0);
}

#[test]
fn p32_enter_at_the_first_question_is_the_safe_answer() {
    let house = House::new(Options::default());
    let mut tui = house.ask("emergency");
    tui.shows("This machine [1]:");
    tui.keys("\r");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    tui.shows("Isolate it from the network first");
    assert_eq!(requests(&house), 0);
}

/// Answers a question once it stands there.
fn answer(tui: &mut Tui, question: &str, keys: &str) {
    tui.find(question, |screen| {
        let all = screen.contents();
        let last = all.trim_end().rsplit('\n').next().unwrap_or_default();
        let last: String = last.to_owned();
        let last = last.trim_end();
        let begins = last.starts_with(question) && last.ends_with(':');
        (begins || last.ends_with(question)).then_some(())
    });
    tui.keys(keys);
}

fn to_the_tokens(house: &House, line: &str) -> Tui {
    let mut tui = house.ask(line);
    answer(&mut tui, "This machine [1]:", "2\r");
    signs_in(house, &mut tui);
    answer(&mut tui, "(yes, no, skip, leave):", "yes\r");
    tui
}

fn signs_in(house: &House, tui: &mut Tui) {
    answer(tui, "Sign in [1] (skip, leave):", "2\r");
    answer(
        tui,
        &format!("at {}:", host(house)),
        &format!("{}\r", house.password()),
    );
}

fn host(house: &House) -> String {
    house.url().trim_end_matches('/').to_owned()
}

fn from_the_copies(tui: &mut Tui) {
    answer(tui, "(Enter: none; leave):", "all\r");
    for what in [
        "Is a new password set?",
        "Is the second factor renewed?",
        "Are the recovery codes renewed?",
    ] {
        answer(tui, what, "skip\r");
    }
    answer(tui, "Enter when you have looked at them", "\r");
    answer(tui, "Seen to? [y/N] (skip, leave):", "skip\r");
}

pub fn reports(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("npm-incident-")
        })
        .collect();
    all.sort();
    all
}

/// Nothing below a folder holds this.
pub fn holds(folder: &Path, canary: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            holds(&path, canary)
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).contains(canary)
        }
    })
}

#[test]
fn m22_a_whole_run_leaves_no_token_alive_and_a_report_without_secrets() {
    let house = House::new(Options::default());
    let token = house.registry.running.token().expose().clone();
    let all = tokens(&house);
    let folder = house.home().join("incidents");
    std::fs::create_dir(&folder).unwrap();
    let line = format!("emergency --report {}", folder.display());
    let mut tui = to_the_tokens(&house, &line);
    answer(&mut tui, "(Enter: none; skip, leave):", "\r");
    // All that were there; the session of this goes at its end, and counts.
    answer(&mut tui, "tokens:", &format!("{}\r", all + 1));
    from_the_copies(&mut tui);
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(tokens(&house), 0);
    let npmrc = std::fs::read_to_string(house.npmrc()).unwrap();
    assert!(!npmrc.contains(&token), "{npmrc}");
    let written = reports(&folder);
    assert_eq!(written.len(), 2, "{written:?}");
    assert!(written.iter().all(|path| mode(path) == 0o600));
    assert!(!holds(house.home(), &token), "the old token");
    assert!(!holds(house.home(), &house.password()), "the password");
    let raw = String::from_utf8_lossy(&tui.raw()).into_owned();
    assert!(!raw.contains(&token) && !raw.contains(&house.password()));
}

#[test]
fn a_folder_for_the_report_that_is_not_there_is_said_before_anything_is_asked() {
    let house = House::new(Options::default());
    let missing = house.home().join("missing");
    for words in ["emergency", "emergency --resume"] {
        let tui = house.ask(&format!("{words} --report {}", missing.display()));
        assert_eq!(left(&tui), 2, "{}", tui.text());
        tui.says("is no folder");
        tui.says("Name a folder that is there.");
        assert!(!tui.text().contains("This machine"), "{}", tui.text());
    }
    assert_eq!(requests(&house), 0);
}

/// Not even root makes a file there.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_report_is_said_before_anything_is_asked() {
    let house = House::new(Options::default());
    let tui = house.ask("emergency --report /proc");
    assert_eq!(left(&tui), 2, "{}", tui.text());
    tui.says("No file can be written into /proc");
    assert!(!tui.text().contains("This machine"), "{}", tui.text());
    assert_eq!(requests(&house), 0);
}

#[test]
fn who_leaves_is_told_that_no_report_was_written_yet_and_what_writes_it() {
    let house = House::new(Options::default());
    let line = format!("emergency --report {}", house.home().display());
    let mut tui = to_the_tokens(&house, &line);
    answer(&mut tui, "(Enter: none; skip, leave):", "leave\r");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    tui.says("No report was written yet");
    tui.says("--resume --report");
    assert!(reports(house.home()).is_empty());
}

#[test]
fn p30_killed_in_the_middle_it_goes_on_and_ends_well() {
    let house = House::new(Options::default());
    let all = tokens(&house);
    let tui = to_the_tokens(&house, "emergency");
    tui.shows("(Enter: none; skip, leave):");
    tui.signal(Signal::KILL);
    tui.ended();
    assert_eq!(
        tokens(&house),
        all + 1,
        "the session of the dead program is listed"
    );

    let mut tui = house.ask("emergency --resume");
    signs_in(&house, &mut tui);
    answer(&mut tui, "(Enter: none; skip, leave):", "\r");
    // What was planned is planned anew: the session of the program that died is a token like others now.
    answer(&mut tui, "tokens:", &format!("{}\r", all + 2));
    from_the_copies(&mut tui);
    answer(&mut tui, "skip for none, leave):", "skip\r");
    assert_eq!(left(&tui), 0, "{}", tui.text());
    assert_eq!(tokens(&house), 0);
    let (code, _, err) = run(&house, "emergency --resume");
    assert_eq!(code, 2, "nothing is left, and there is no terminal: {err}");
}

/// Somebody else's emergency at the same registry, begun later.
fn of_bob(house: &House) {
    let folder = house.home().join("data/npm-warden/journals");
    std::fs::create_dir_all(&folder).unwrap();
    let first = serde_json::json!({
        "began": "2099-01-01T10:00:00Z",
        "registry": host(house),
        "account": "bob",
        "rehearsal": false,
        "suspicion": "clean",
    });
    let path = folder.join("emergency-20990101T100000Z.jsonl");
    std::fs::write(path, format!("{first}\n")).unwrap();
}

#[test]
fn what_is_gone_on_with_is_of_the_account_in_use_though_anothers_is_newer() {
    let house = House::new(Options::default());
    of_bob(&house);
    let tui = house.ask("emergency --resume");
    assert_eq!(left(&tui), 2, "{}", tui.text());
    tui.says("No emergency of the account in use");
    tui.says("20990101T100000Z of bob");

    // By its name it is, and asks for a sign-in as bob.
    let mut tui = house.ask("emergency --resume=2099");
    tui.shows("This emergency is of bob");
    answer(&mut tui, "Sign in [1] (skip, leave):", "leave\r");
    tui.ended();

    let tui = to_the_tokens_anew(&house);
    tui.shows("(Enter: none; skip, leave):");
    tui.signal(Signal::KILL);
    tui.ended();
    let mut tui = house.ask("emergency --resume");
    signs_in(&house, &mut tui);
    tui.shows("(Enter: none; skip, leave):");
}

/// Past the question whether to go on with what is left.
fn to_the_tokens_anew(house: &House) -> Tui {
    let mut tui = house.ask("emergency");
    tui.shows("An emergency of bob that began at");
    answer(&mut tui, "Which one [1] (leave):", "2\r");
    answer(&mut tui, "This machine [1]:", "2\r");
    signs_in(house, &mut tui);
    answer(&mut tui, "(yes, no, skip, leave):", "yes\r");
    tui
}

#[test]
fn one_that_is_open_elsewhere_is_said_to_be_and_none_is_begun_beside_it_by_enter() {
    let house = House::new(Options::default());
    let open = to_the_tokens(&house, "emergency");
    open.shows("(Enter: none; skip, leave):");
    let sent = requests(&house);
    for line in ["emergency --resume", "emergency --resume=2"] {
        let tui = house.ask(line);
        assert_eq!(left(&tui), 1, "{line}: {}", tui.text());
        tui.says("is open in another npm-warden (process ");
        tui.says("Go on there.");
        assert!(!tui.text().contains("a new one is begun"), "{}", tui.text());
    }
    let mut tui = house.ask("emergency");
    answer(&mut tui, "Which one [1] (leave):", "\r");
    assert_eq!(left(&tui), 1, "{}", tui.text());
    tui.says("is open in another npm-warden (process ");
    let mut tui = house.ask("emergency");
    answer(&mut tui, "Which one [1] (leave):", "2\r");
    tui.shows("This machine [1]:");
    assert_eq!(requests(&house), sent, "nothing is sent to find that out");
}

#[test]
fn what_is_kept_already_is_said_and_no_question_begins_like_one_for_a_password() {
    let house = House::new(Options::default());
    let spare = house.create(serde_json::json!({"name": "spare"}));
    let id = spare["key"].as_str().unwrap();
    let tui = {
        let mut tui = to_the_tokens(&house, "emergency");
        answer(&mut tui, "(Enter: none; skip, leave):", &format!("{id}\r"));
        let many = tui.find("tokens:", |screen| {
            let all = screen.contents();
            let mut lines = all.lines().map(str::trim_end);
            let last = lines.find(|it| it.starts_with("Type ") && it.ends_with("tokens:"))?;
            last.split_whitespace().nth(1).map(str::to_owned)
        });
        tui.keys(&format!("{many}\r"));
        answer(&mut tui, "(Enter: none; leave):", "77\r");
        tui.shows("There is no 77 in this list");
        tui
    };
    tui.signal(Signal::KILL);
    tui.ended();
    // Somebody makes another one, so that there is something to ask about.
    let wish = serde_json::json!({"name": "late", "password": house.password()}).to_string();
    let by = spare["token"].as_str().unwrap();
    let (status, made) = house.exchange("POST", "-/npm/v1/tokens", by, &wish, "");
    assert_eq!(status, 201, "{made}");
    let mut tui = house.ask("emergency --resume");
    signs_in(&house, &mut tui);
    answer(&mut tui, "(Enter: none; skip, leave):", "\r");
    tui.says("Kept already, by your choice:");
}

#[test]
fn a_sign_in_that_the_registry_has_not_is_not_what_enter_means_the_second_time() {
    let house = House::new(Options {
        web: false,
        ..Options::default()
    });
    let mut tui = house.ask("emergency");
    answer(&mut tui, "This machine [1]:", "2\r");
    answer(&mut tui, "Sign in [1] (skip, leave):", "\r");
    answer(&mut tui, "Sign in [2] (skip, leave):", "\r");
    tui.shows("Password of ");
    assert!(!tui.text().contains("press r"), "{}", tui.text());
}
