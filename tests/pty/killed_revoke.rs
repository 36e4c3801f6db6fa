//! A revocation killed anywhere and gone on with: each token is revoked exactly once (promise P30).

use std::collections::BTreeMap;

use std::time::Duration;

use npm_warden::sandbox::Options;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::death::{Moment, before, dies, journals, noted};
use crate::gate::Stop;
use crate::house::{DESIGN, House};
use crate::plain::{deletes, left, others, run, tokens};
use crate::totp::code;
use crate::tui::Tui;

/// How many tokens are to go.
const GOING: usize = 5;
const RESUME: &str = "token revoke --resume --yes";

struct Killed {
    house: House,
    keys: Vec<String>,
    line: String,
}

impl Killed {
    fn new() -> Self {
        Self::within(House::gated(Options::default()))
    }

    /// After the first of them went, and before anybody heard of it.
    fn begun() -> Self {
        let killed = Self::new();
        assert!(dies(&killed.house, &killed.line, Moment::Acted(1)));
        killed
    }

    fn within(house: House) -> Self {
        let keys: Vec<_> = others(&house).into_iter().map(|(key, _)| key).collect();
        let keys = keys[..GOING].to_vec();
        let line = format!("token revoke --yes {}", keys.join(" "));
        Self { house, keys, line }
    }

    /// Goes on until all is done, and looks whether that is so.
    fn ends(&self, what: &str) {
        let house = &self.house;
        let left = noted(house);
        let (code, out, err) = run(house, &format!("{RESUME} --json"));
        let told = if left {
            assert_eq!((code, err.as_str()), (0, ""), "{what}: {out}");
            out
        } else {
            // It died before it had begun, or after all was done.
            assert_eq!(code, 2, "{what}: {out}{err}");
            assert!(err.contains("No revocation of this account was interrupted"));
            let (code, out, err) = run(house, &format!("{} --json", self.line));
            assert_eq!((code, err.as_str()), (0, ""), "{what}: {out}");
            out
        };
        let told: Value = serde_json::from_str(&told).unwrap();
        let rows = told["tokens"].as_array().unwrap();
        assert_eq!(rows.len(), GOING, "{what}: {rows:?}");
        for row in rows {
            let state = row["state"].as_str().unwrap();
            let gone = ["gone", "already-gone", "verified"].contains(&state);
            assert!(gone && row["error"].is_null(), "{what}: {row}");
        }
        assert_eq!(told["remaining"], tokens(house), "{what}");
        let once: BTreeMap<_, _> = self.keys.iter().map(|key| (key.clone(), 1)).collect();
        let inspected = house.registry.running.inspect();
        assert_eq!(inspected.revoked, once, "{what}");
        assert_eq!(deletes(house), GOING as u64, "{what}");
        let files = journals(house);
        assert!(files.is_empty(), "{what}: {files:?}");
        // The list has what is left, and none of these.
        let (_, list, _) = run(house, "token list --json");
        let list: Value = serde_json::from_str(&list).unwrap();
        let listed = list["tokens"].as_array().unwrap();
        assert_eq!(json!(listed.len()), told["remaining"], "{what}");
        let lives = |row: &Value| self.keys.iter().any(|key| row["key"] == **key);
        assert!(!listed.iter().any(lives), "{what}");
    }
}

/// Dies at each of these, and in the second run at another one.
fn dies_at_each(moments: &[Moment]) {
    let mut deaths = 0;
    for (at, moment) in moments.iter().enumerate() {
        let killed = Killed::new();
        let first = dies(&killed.house, &killed.line, *moment);
        deaths += usize::from(first);
        let again = moments[(at * 7 + 3) % moments.len()];
        let second = dies(&killed.house, RESUME, again);
        killed.ends(&format!("{moment:?} ({first}), then {again:?} ({second})"));
    }
    // A moment that no run comes to proves nothing.
    assert!(deaths * 4 >= moments.len() * 3, "{deaths} of {moments:?}");
}

#[test]
fn p30_killed_between_a_request_and_its_answer_each_token_is_revoked_once() {
    let nth = 1..=GOING;
    let sent = nth.clone().map(Moment::Sent);
    let moments: Vec<_> = sent.chain(nth.map(Moment::Acted)).collect();
    dies_at_each(&moments);
}

#[test]
fn p30_killed_in_the_middle_of_a_line_each_token_is_revoked_once() {
    // No step of a line's length: some lines are torn, and some are whole.
    let moments: Vec<_> = (0..16).map(|at| Moment::Beyond(at * 251)).collect();
    dies_at_each(&moments);
}

#[test]
fn p30_killed_before_each_call_on_the_journal_each_token_is_revoked_once() {
    let calls = [("flock", 1), ("fsync", 1), ("fdatasync", 5), ("unlink", 1)];
    let moments = before(&calls);
    if !moments.is_empty() {
        dies_at_each(&moments);
    }
}

#[test]
fn with_nothing_interrupted_there_is_nothing_to_go_on_with() {
    let house = House::new(Options::default());
    let (code, out, err) = run(&house, RESUME);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(
        err.contains("No revocation of this account was interrupted"),
        "{err}"
    );
    let (code, out, _) = run(&house, &format!("{RESUME} --json"));
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["error"]["kind"]), (2, &json!("local")));
    assert_eq!(deletes(&house), 0);
}

#[test]
fn p28_p30_going_on_is_asked_about_and_no_is_the_default() {
    let killed = Killed::begun();
    let house = &killed.house;
    let gone = deletes(house);
    for no in ["\r", "yes\r"] {
        let mut tui = house.ask("token revoke --resume");
        tui.shows("to revoke these");
        tui.keys(no);
        assert_eq!(left(&tui), 1, "{}", tui.text());
        tui.shows("Nothing was revoked");
        assert_eq!((deletes(house), journals(house).len()), (gone, 1));
    }
    // What is asked about is what the list has still.
    let mut tui = house.ask("token revoke --resume");
    let open = GOING - usize::try_from(gone).unwrap();
    if open >= 3 {
        tui.shows(&format!("Type {open} to revoke these {open} tokens"));
        tui.keys(&format!("{open}\r"));
    } else {
        tui.shows("[y/N]");
        tui.keys("y\r");
    }
    assert_eq!(left(&tui), 0, "{}", tui.text());
    killed.ends("after it was agreed to");
}

#[test]
fn p15_p30_a_code_that_is_refused_half_way_leaves_the_rest_to_be_gone_on_with() {
    let house = House::standing(Options {
        otp_once: true,
        ..Options::default()
    });
    let key = house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let killed = Killed::within(house);
    let house = &killed.house;
    let all = tokens(house);
    let otp = |at: u64| format!("--otp {}", code(&key, at));
    let now = house.registry.now();
    // Each code serves once: one token goes, and the next request is refused.
    let first = format!("{} {}", killed.line, otp(now - 30));
    let (exit, _, err) = run(house, &first);
    assert_eq!(exit, 4, "{err}");
    assert_eq!((tokens(house), journals(house).len()), (all - 1, 1));
    let sent = deletes(house);
    let (exit, _, err) = run(house, &format!("{RESUME} --otp 000000"));
    assert_eq!(exit, 4, "{err}");
    assert!(err.contains("did not accept that code"), "{err}");
    assert!(err.contains("Of 5 tokens"), "{err}");
    assert_eq!((tokens(house), deletes(house) - sent), (all - 1, 2));
    let (exit, out, err) = run(house, &format!("{RESUME} --json {}", otp(now)));
    assert_eq!(exit, 4, "{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["remaining"], all - 2);
    let states: Vec<_> = told["tokens"].as_array().unwrap().iter().collect();
    let gone = states.iter().filter(|row| row["state"] == "gone");
    assert_eq!((states.len(), gone.count()), (GOING, 2), "{told}");
    assert_eq!((tokens(house), journals(house).len()), (all - 2, 1));
    let asked = house.registry.running.inspect().revoked;
    assert!(asked.values().all(|times| *times == 1), "{asked:?}");
}

#[test]
fn p30_without_a_network_nothing_is_claimed_and_nothing_forgotten() {
    let killed = Killed::begun();
    let running = &killed.house.registry.running;
    let sent = deletes(&killed.house);
    running.fault("*=drop-before".parse().unwrap());
    let (exit, _, err) = run(&killed.house, RESUME);
    assert_eq!(exit, 6, "{err}");
    assert!(!err.contains("No revocation"), "{err}");
    assert_eq!(journals(&killed.house).len(), 1);
    running.mend();
    // It comes back, and goes in the midst of it.
    running.fault("token.revoke#1+=drop-before".parse().unwrap());
    let (exit, out, err) = run(&killed.house, &format!("{RESUME} --json"));
    assert_eq!(exit, 6, "{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["remaining"], tokens(&killed.house), "{told}");
    assert_eq!(journals(&killed.house).len(), 1);
    running.mend();
    let before = deletes(&killed.house);
    assert!(before >= sent);
    let (exit, _, err) = run(&killed.house, RESUME);
    assert_eq!((exit, err.as_str()), (0, ""));
    let asked = killed.house.registry.running.inspect().revoked;
    assert_eq!(asked.len(), GOING);
    assert!(asked.values().all(|times| *times == 1), "{asked:?}");
    assert!(journals(&killed.house).is_empty());
}

#[test]
fn p29_p30_killed_when_the_credential_in_use_is_dead_it_waits_for_another_sign_in() {
    let house = House::gated(Options::default());
    let other = house.create(json!({}));
    let own = run(&house, "token list --json").1;
    let own: Value = serde_json::from_str(&own).unwrap();
    let rows = own["tokens"].as_array().unwrap();
    let own = rows.iter().find(|row| row["in_use_grade"] == "is").unwrap();
    let mut killed = Killed::within(house);
    let other_key = other["key"].as_str().unwrap();
    killed.keys = others(&killed.house)
        .into_iter()
        .map(|(key, _)| key)
        .filter(|key| key != other_key)
        .take(GOING - 1)
        .collect();
    killed.keys.push(own["key"].as_str().unwrap().to_owned());
    killed.line = format!("token revoke --yes {}", killed.keys.join(" "));
    let house = &killed.house;
    assert!(dies(house, &killed.line, Moment::Acted(GOING)));
    assert_eq!(house.registry.running.inspect().revoked.len(), GOING);

    let (exit, _, err) = run(house, RESUME);
    assert_eq!(exit, 3, "{err}");
    assert_eq!(journals(house).len(), 1);

    let npmrc = std::fs::read_to_string(house.npmrc()).unwrap();
    let value = other["token"].as_str().unwrap();
    let dead = house.registry.running.token().expose().as_str();
    std::fs::write(house.npmrc(), npmrc.replace(dead, value)).unwrap();
    killed.ends("after another sign-in");
}

/// How many tokens there are at first.
const TOKENS: usize = 12;

/// The program on the screen dies while five tokens go.
fn dies_on_the_screen(house: &House, nth: usize, stop: Stop) {
    let mut tui = house.enter_unlogged(DESIGN);
    tui.keys("3");
    tui.shows("12 of 12");
    for _ in 0..GOING {
        tui.keys("j ");
    }
    tui.shows("5 selected");
    tui.keys("x");
    tui.shows("Type 5 to revoke them all");
    house.gate().stop_from(nth, stop);
    tui.keys("5\r");
    assert!(house.gate().stops_one_unless(|| false));
    tui.signal(Signal::KILL);
    tui.ended();
    house.gate().drop_stopped();
}

/// Waits for the list of so many, and for the offer; how many are left.
fn offered(tui: &mut Tui, listed: usize) -> usize {
    tui.keys("3");
    tui.shows(&format!("{listed} of {listed}"));
    tui.find("the offer", |screen| {
        let text = screen.contents();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.contains("Of a revocation of 5 tokens nothing is in the list any more") {
            return Some(0);
        }
        let (_, rest) = text.split_once("A revocation of 5 tokens was interrupted: ")?;
        rest.split_once(' ')?.0.parse().ok()
    })
}

#[test]
fn p30_killed_on_the_screen_it_is_offered_gone_on_with_and_ends_well() {
    for (nth, stop) in [
        (1, Stop::Before),
        (4, Stop::Before),
        (1, Stop::After),
        (5, Stop::After),
    ] {
        let house = House::gated(Options::default());
        dies_on_the_screen(&house, nth, stop);
        let acted = house.registry.running.inspect().revoked;
        let mut tui = house.enter_unlogged(DESIGN);
        let open = offered(&mut tui, TOKENS - acted.len());
        assert_eq!(open, GOING - acted.len(), "{acted:?}");
        tui.keys("R");
        // What the list lacks is looked at, and neither counted nor sent again.
        if open == 0 {
            tui.shows("All 5 tokens");
        } else if open >= 3 {
            tui.shows(&format!("Type {open} to revoke"));
            tui.keys(&format!("{open}\r"));
        } else {
            tui.shows("Revoke");
            tui.keys("y");
        }
        if open > 0 {
            tui.shows("Revoked: the result for");
        }
        let asked = house.registry.running.inspect().revoked;
        assert_eq!(asked.len(), GOING, "{nth} {stop:?}");
        assert!(
            asked.values().all(|times| *times == 1),
            "{nth} {stop:?}: {asked:?}"
        );
        assert!(acted.keys().all(|key| asked.contains_key(key)));
        assert_eq!(deletes(&house), GOING as u64, "{nth} {stop:?}");
        assert!(journals(&house).is_empty(), "{nth} {stop:?}");
        if open > 0 {
            tui.keys("\r");
        }
        tui.shows("7 of 7");
        tui.hides("revocation of 5");
        tui.keys("q");
        assert!(tui.ended().success());
        assert_eq!(tokens(&house), TOKENS - GOING);
    }
}

#[test]
fn p30_what_was_interrupted_on_the_screen_can_be_forgotten() {
    let house = House::gated(Options::default());
    dies_on_the_screen(&house, 2, Stop::Before);
    let all = tokens(&house);
    let sent = deletes(&house);
    let mut tui = house.enter_unlogged(DESIGN);
    offered(&mut tui, all);
    tui.keys("F");
    tui.shows("Forget it?  ▸ No");
    tui.keys("y");
    tui.shows("It is not gone on with; nothing was sent.");
    tui.hides("was interrupted:");
    tui.keys("R");
    tui.shows("Nothing was interrupted.");
    tui.keys("q");
    assert!(tui.ended().success());
    assert!(journals(&house).is_empty());
    assert_eq!((tokens(&house), deletes(&house)), (all, sent));
    assert_eq!(run(&house, RESUME).0, 2);
}
