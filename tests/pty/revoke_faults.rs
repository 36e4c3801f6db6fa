//! Tokens are revoked by command and by keys while the registry fails: what is told of each row equals a fresh list, read
//! past the program, and a trial of each value (promises P30 and P31).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use npm_warden::sandbox::Options;
use serde_json::{Value, json};

use crate::house::House;
use crate::plain::run;
use crate::totp::code;
use crate::tui::Tui;

/// How many go at once, by command and then by keys.
const GOING: usize = 4;

struct Going {
    key: String,
    value: String,
}

/// Tokens whose values lie on this machine, so that each can be tried out.
fn known(house: &House, many: usize, otp: &str) -> Vec<Going> {
    let (_, scope) = house.url().split_once(':').unwrap();
    // The last line of a key is the one that counts.
    let in_use = std::fs::read_to_string(house.npmrc()).unwrap();
    let mut npmrc = String::new();
    let made: Vec<_> = (0..many)
        .map(|_| {
            let wish = json!({ "readonly": false, "cidr_whitelist": [] });
            let made = house.create_by(wish, otp);
            let text = |name: &str| made[name].as_str().unwrap().to_owned();
            let (key, value) = (text("key"), text("token"));
            writeln!(npmrc, "{scope}:_authToken={value}").unwrap();
            Going { key, value }
        })
        .collect();
    std::fs::write(house.npmrc(), npmrc + &in_use).unwrap();
    made
}

/// The keys of the list.
fn listed(house: &House) -> BTreeSet<String> {
    let token = house.registry.running.token().expose();
    let (status, list) = house.get("-/npm/v1/tokens?perPage=100", token);
    assert_eq!(status, 200);
    let rows = list["objects"].as_array().unwrap();
    assert_eq!(list["total"], rows.len());
    rows.iter()
        .map(|row| row["key"].as_str().unwrap().to_owned())
        .collect()
}

/// What is told of each row is so.
#[track_caller]
fn is_so(house: &House, fault: &str, going: &[Going], told: &[String]) {
    assert_eq!(going.len(), told.len(), "{fault}");
    let listed = listed(house);
    for (row, told) in going.iter().zip(told) {
        let is_listed = listed.contains(&row.key);
        let works = house.get("-/whoami", &row.value).0 == 200;
        let fits = match told.as_str() {
            "verified" | "already-gone" | "gone before" => !is_listed && !works,
            "still-accepted" | "STILL ACCEPTED" => !is_listed && works,
            // Its value is refused already, or not.
            "still-listed" | "still listed" => is_listed,
            "failed" | "not-tried" | "not tried" => is_listed && works,
            _ => false,
        };
        assert!(fits, "{fault}: {told}, listed {is_listed}, works {works}");
    }
    let asked = house.registry.running.inspect().revoked;
    assert!(
        asked.values().all(|times| *times == 1),
        "{fault}: {asked:?}"
    );
}

/// The state of each row, and how it ended.
fn by_command(house: &House, fault: &str, going: &[Going], more: &str) -> (Vec<String>, i32) {
    let keys: Vec<_> = going.iter().map(|row| row.key.as_str()).collect();
    let line = format!("token revoke --yes --json{more} {}", keys.join(" "));
    let (exit, out, err) = run(house, &line);
    let told: Value = serde_json::from_str(&out).unwrap();
    let state = |row: &Going| {
        let rows = told["tokens"].as_array().unwrap();
        let found = rows.iter().find(|told| told["key"] == *row.key).unwrap();
        found["state"].as_str().unwrap().to_owned()
    };
    let states: Vec<_> = going.iter().map(state).collect();
    assert_eq!(told["remaining"], listed(house).len(), "{fault}: {told}");
    // The exit code is that of the kind of the failure.
    let documented = match told["error"]["kind"].as_str() {
        None => 0,
        Some("needs-second-factor") => 4,
        Some("refused") => 5,
        Some("network") => 6,
        Some(other) => panic!("{fault}: {other}: {told}"),
    };
    assert_eq!(exit, documented, "{fault}: {told}{err}");
    let done = |state: &String| ["verified", "already-gone"].contains(&state.as_str());
    assert_eq!(exit == 0, states.iter().all(done), "{fault}: {told}");
    (states, exit)
}

/// What stands before each row on the screen of the result.
fn by_keys(house: &House, going: &[Going]) -> Vec<String> {
    let all = listed(house).len();
    let mut tui = house.enter((120, 60), &[]);
    tui.keys("3");
    tui.shows(&format!("{all} of {all}"));
    for (at, row) in going.iter().enumerate() {
        tui.keys(&format!("/{}\r", row.key));
        tui.shows(&format!("1 of {all}"));
        tui.keys(" ");
        tui.shows(&format!("{} selected", at + 1));
        tui.keys("\x1b");
        tui.shows(&format!("{all} of {all}"));
    }
    tui.keys("x");
    tui.shows(&format!("Type {GOING} to revoke them all"));
    tui.keys(&format!("{GOING}\r"));
    tui.shows(&format!("Revoked: the result for {GOING} tokens"));
    let told = going.iter().map(|row| word(&tui, &row.key[..6])).collect();
    tui.keys("\rq");
    assert!(tui.ended().success());
    told
}

/// The word before the row of this id.
fn word(tui: &Tui, id: &str) -> String {
    const WORDS: [&str; 8] = [
        "verified",
        "gone before",
        "still listed",
        "STILL ACCEPTED",
        "failed",
        "not tried",
        "gone",
        "not known",
    ];
    let text = tui.text();
    let row = text.lines().find(|line| line.contains(id)).unwrap();
    let found = WORDS
        .into_iter()
        .find(|word| row.contains(&format!(" {word} ")));
    found.unwrap_or(row).to_owned()
}

fn house(faults: &[&str]) -> House {
    House::new(Options {
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..Options::default()
    })
}

fn open(told: &[String]) -> usize {
    let done = ["verified", "already-gone", "gone before"];
    told.iter()
        .filter(|told| !done.contains(&told.as_str()))
        .count()
}

#[test]
fn p30_p31_over_each_fault_what_is_told_equals_a_fresh_list() {
    // What one row in three meets, and how many of four are not gone then.
    for (fault, left) in [
        ("status:500", 1),
        ("retry-after:1:429", 0),
        ("drop-after", 0),
    ] {
        let house = house(&[&format!("token.revoke#/3={fault}")]);
        let known = known(&house, 2 * GOING, "");
        let (first, second) = known.split_at(GOING);
        let (told, _) = by_command(&house, fault, first, "");
        is_so(&house, fault, first, &told);
        assert_eq!(open(&told), left, "{fault}: {told:?}");
        let told = by_keys(&house, second);
        is_so(&house, fault, second, &told);
        assert_eq!(open(&told), left, "{fault}: {told:?}");
    }
}

/// Of what lingers for longer than anybody waits.
const LINGER: [&str; 2] = [
    "token.revoke#1=linger-listed:1000",
    "token.revoke#2=linger-accepted:1000",
];

#[test]
fn p31_neither_a_command_nor_a_screen_calls_revoked_what_is_still_listed_or_accepted() {
    let by_command = || {
        let house = house(&LINGER);
        let known = known(&house, GOING, "");
        let (told, exit) = by_command(&house, "lingers", &known, "");
        is_so(&house, "lingers", &known, &told);
        assert_eq!((open(&told), exit), (2, 5), "{told:?}");
    };
    let by_keys = || {
        let house = house(&LINGER);
        let known = known(&house, GOING, "");
        let told = by_keys(&house, &known);
        is_so(&house, "lingers", &known, &told);
        assert_eq!(open(&told), 2, "{told:?}");
    };
    // Each looks again until it gives up, for as long as a person would wait: both at once.
    std::thread::scope(|scope| {
        scope.spawn(by_command);
        scope.spawn(by_keys);
    });
}

#[test]
fn p30_where_codes_are_refused_half_way_and_locked_out_what_is_told_equals_a_fresh_list() {
    let locked = vec!["token.revoke#3+=retry-after:600:401".parse().unwrap()];
    for (otp_once, faults) in [(true, Vec::new()), (false, locked)] {
        let house = House::standing(Options {
            otp_once,
            faults,
            ..Options::default()
        });
        let known = known(&house, GOING, "");
        let key = house.protect();
        house
            .registry
            .hand
            .advance(std::time::Duration::from_secs(90));
        let otp = format!(" --otp {}", code(&key, house.registry.now()));
        let (told, ended) = by_command(&house, "otp", &known, &otp);
        is_so(&house, "otp", &known, &told);
        assert_eq!(ended, 4, "{told:?}");
        let gone = told.iter().filter(|told| *told == "verified").count();
        assert_eq!(gone, 1, "{told:?}");
    }
}
