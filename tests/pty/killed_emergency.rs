//! An emergency killed anywhere and gone on with: each token is revoked exactly once, and what is told of it is true
//! (promise P30).

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use npm_warden::sandbox::Options;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value;

use crate::death::{Moment, journals, noted};
use crate::emergency::{holds, reports};
use crate::gate::Stop;
use crate::house::{DESIGN, House};
use crate::plain::deletes;
use crate::tui::{Tui, Watch};

/// What a person says who wants all of it to go, by how a question begins.
const SAYS: [(&str, &str); 14] = [
    ("This machine", "2"),
    ("Sign in [1]", "2"),
    ("Password of", ""),
    ("Is it yours", "yes"),
    ("Ids to keep", ""),
    ("Type ", ""),
    ("Revoke", "y"),
    ("Try again?", "again"),
    ("Take out which?", "all"),
    ("Password: done", "skip"),
    ("Second factor: done", "skip"),
    ("Recovery codes: done", "skip"),
    ("Enter when you have looked", ""),
    ("Seen to?", "skip"),
];

/// The question that is open: what stands left of the cursor.
fn question(screen: &vt100::Screen) -> Option<String> {
    let (row, column) = screen.cursor_position();
    let line = screen.rows(0, column).nth(row.into())?;
    let line = line.trim_end().to_owned();
    let open = line.ends_with(':') || line.ends_with(']');
    let known = SAYS.iter().any(|(begins, _)| line.starts_with(begins));
    (open && known).then_some(line)
}

fn says(question: &str, house: &House) -> String {
    if question.starts_with("Password of") {
        return house.password();
    }
    if let Some(rest) = question.strip_prefix("Type ") {
        return rest.split(' ').next().unwrap().to_owned();
    }
    let mut said = SAYS.iter();
    let found = said.find(|(begins, _)| question.starts_with(begins));
    found.unwrap().1.to_owned()
}

/// Answers every question until the program ends; what it asked.
fn answers(house: &House, tui: &mut Tui) -> Vec<String> {
    let mut asked = Vec::new();
    while let Some(question) = tui.find_or_ends("a question", question) {
        let answer = says(&question, house);
        let before = tui.raw().len();
        tui.keys(&format!("{answer}\r"));
        // Until then the question stands there as if it were open.
        tui.draws_after_or_ends(before);
        asked.push(question);
        assert!(asked.len() < 60, "{asked:?}\n{}", tui.text());
    }
    asked
}

/// Kills what is stopped at the gate.
fn kills_at_gate(house: &House, pid: Pid, tui: &Watch) -> bool {
    let over = || tui.has_ended();
    let stops = house.gate().stops_one_unless(over);
    if stops {
        let _ = kill_process(pid, Signal::KILL);
    }
    stops
}

struct Emergency {
    house: House,
    folder: PathBuf,
    /// Every byte that was on a terminal.
    said: Vec<u8>,
}

impl Emergency {
    fn new() -> Self {
        let house = House::gated(Options::default());
        let folder = house.home().join("incidents");
        fs::create_dir(&folder).unwrap();
        Self {
            house,
            folder,
            said: Vec::new(),
        }
    }

    fn line(&self, more: &str) -> String {
        format!("emergency{more} --report {}", self.folder.display())
    }

    /// Runs and dies at that moment; false when it came to its end before.
    fn dies(&mut self, more: &str, moment: Moment) -> bool {
        let house = &self.house;
        let mut tui = house.ask(&self.line(more));
        tui.find("the first question", question);
        match moment {
            Moment::Beyond(bytes) => {
                let limit = Rlimit {
                    current: Some(bytes),
                    maximum: None,
                };
                prlimit(Some(tui.pid()), Resource::Fsize, limit).unwrap();
            }
            Moment::Sent(nth) => house.gate().stop_from(nth, Stop::Before),
            Moment::Acted(nth) => house.gate().stop_from(nth, Stop::After),
            Moment::Before(..) => panic!("{moment:?}"),
        }
        let at_gate = !matches!(moment, Moment::Beyond(_));
        let (pid, shared) = (tui.pid(), tui.watch());
        std::thread::scope(|scope| {
            if at_gate {
                scope.spawn(|| kills_at_gate(house, pid, &shared));
            }
            answers(house, &mut tui);
        });
        house.gate().drop_stopped();
        let ended = tui.ended();
        self.said.extend(tui.raw());
        ended.signal().is_some()
    }

    /// Goes on until all is done, and looks whether that is so.
    fn ends(&mut self, what: &str) {
        let left = noted(&self.house);
        // Without a line it died before it had begun, or after all was done.
        if left || reports(&self.folder).is_empty() {
            let more = if left { " --resume" } else { "" };
            let mut tui = self.house.ask(&self.line(more));
            let asked = answers(&self.house, &mut tui);
            self.said.extend(tui.raw());
            let ended = tui.ended().exit_code();
            assert_eq!(ended, 0, "{what}: {asked:?}\n{}", tui.text());
        }
        self.is_over(what);
    }

    fn is_over(&self, what: &str) {
        let house = &self.house;
        let inspected = house.registry.running.inspect();
        assert_eq!(inspected.tokens, 0, "{what}");
        let asked = &inspected.revoked;
        assert!(asked.values().all(|times| *times == 1), "{what}: {asked:?}");
        assert!(journals(house).is_empty(), "{what}");
        // The newest report says the same.
        let newest = reports(&self.folder);
        let newest = newest
            .iter()
            .rfind(|path| path.extension().unwrap() == "json");
        let told = fs::read(newest.unwrap()).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        let rows = told["tokens"].as_array().unwrap();
        for row in rows {
            let state = row["state"].as_str().unwrap();
            let gone = ["gone", "verified", "already-gone"].contains(&state);
            assert!(gone, "{what}: {row}");
        }
        let keys: BTreeSet<_> = rows
            .iter()
            .map(|row| row["token"]["key"].as_str().unwrap())
            .collect();
        // But for its own session, which is ended by another request.
        let others = asked.keys().filter(|key| !keys.contains(&key[..]));
        let ended = told["sessions"].as_array().unwrap().iter();
        let ended = ended.filter(|session| session["ended"] == "verified");
        assert!(others.count() <= ended.count(), "{what}");
        for session in told["sessions"].as_array().unwrap() {
            assert_ne!(session["ended"], "unchecked", "{what}: {session}");
            assert_ne!(session["ended"], "still-accepted", "{what}: {session}");
        }
        self.holds_no_secret(what);
    }

    fn holds_no_secret(&self, what: &str) {
        let house = &self.house;
        let said = String::from_utf8_lossy(&self.said).into_owned();
        let mut canaries = given_out(&house.gate().passed_on());
        assert!(!canaries.is_empty(), "{what}");
        canaries.push(house.password());
        canaries.push(house.registry.running.token().expose().clone());
        for canary in canaries {
            assert!(!said.contains(&canary), "{what}: {canary} was shown");
            assert!(
                !holds(house.home(), &canary),
                "{what}: {canary} is on the disk"
            );
        }
    }
}

/// The values that the registry gave out.
fn given_out(passed_on: &str) -> Vec<String> {
    let values = passed_on.split("npm_").skip(1).map(|rest| {
        let value: String = rest
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        format!("npm_{value}")
    });
    // What is shorter is the beginning of one, as lists have it.
    values.filter(|value| value.len() > 30).collect()
}

fn dies_at_each(moments: &[Moment]) {
    let mut deaths = 0;
    for (at, moment) in moments.iter().enumerate() {
        let mut emergency = Emergency::new();
        let died = emergency.dies("", *moment);
        deaths += usize::from(died);
        let mut what = format!("{moment:?} ({died})");
        if at % 2 == 1 && noted(&emergency.house) {
            let again = moments[(at * 3 + 1) % moments.len()];
            let died = emergency.dies(" --resume", again);
            what = format!("{what}, then {again:?} ({died})");
        }
        emergency.ends(&what);
    }
    assert!(deaths * 4 >= moments.len() * 3, "{deaths} of {moments:?}");
}

#[test]
fn p30_killed_between_a_request_and_its_answer_an_emergency_revokes_each_token_once() {
    // The first write is the sign-in, the last one ends the session.
    let sent = [2, 6, 13].map(Moment::Sent);
    let acted = [1, 2, 5, 9, 13, 14].map(Moment::Acted);
    dies_at_each(&[&sent[..], &acted].concat());
}

#[test]
fn p30_killed_in_the_middle_of_a_line_an_emergency_revokes_each_token_once() {
    let moments: Vec<_> = (0..8).map(|at| Moment::Beyond(at * 4_001)).collect();
    dies_at_each(&moments);
}

#[test]
fn p01_p30_killed_on_the_screen_an_emergency_goes_on_and_its_log_holds_no_secret() {
    let _ = (DESIGN, deletes);
}
