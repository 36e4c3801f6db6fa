//! An emergency killed anywhere and gone on with: each token is revoked exactly once, and what is told of it is true
//! (promise P30).

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use npm_warden::sandbox::Options;
use rustix::process::{Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value;

use crate::death::{Moment, journals, noted};
use crate::emergency::{holds, reports};
use crate::gate::Stop;
use crate::house::{DESIGN, House};
use crate::plain::tokens;
use crate::tui::Tui;

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
    ("Is a new password set?", "skip"),
    ("Is the second factor renewed?", "skip"),
    ("Are the recovery codes renewed?", "skip"),
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

/// Kills a program at the gate while something is done with it.
fn kills_meanwhile<T>(house: &House, tui: &mut Tui, work: impl FnOnce(&mut Tui) -> T) -> T {
    /// Also at the end of a test that fails.
    struct Over<'a>(&'a AtomicBool);
    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let over = AtomicBool::new(false);
    let pid = tui.pid();
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            if house
                .gate()
                .stops_one_unless(|| over.load(Ordering::SeqCst))
            {
                let _ = kill_process(pid, Signal::KILL);
            }
        });
        let _over = Over(&over);
        work(tui)
    });
    house.gate().drop_stopped();
    done
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
        kills_meanwhile(house, &mut tui, |tui| answers(house, tui));
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
            let gone = ["gone", "verified", "refused", "already-gone"].contains(&state);
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

/// Signs in by the form that the emergency opens.
fn signs_in(house: &House, tui: &mut Tui) {
    // Keys count only after a moment, since the form comes by itself.
    tui.press_until("\x1b", "The emergency waits for a sign-in");
    tui.keys("\r");
    tui.shows("on the registry's website");
    tui.keys("\x1b[B");
    tui.shows("▸ (●) with user name and password");
    tui.press_until("\r", "▸ Password");
    tui.keys(&format!("{}\r", house.password()));
    tui.hides("▸ Password");
}

/// What a person does on each page who wants all of it to go.
const PAGES: [(&str, &str); 12] = [
    ("May a thief be in this machine?", "j\r"),
    ("The emergency needs a sign-in of its own", ""),
    ("Is this address still yours", "j\r"),
    ("Revoke this token?", "y"),
    ("These go, in this order", "\r"),
    ("not well yet", "s"),
    ("lie on this machine", "a\r"),
    ("What opens the account itself", "s"),
    ("Do you know every owner", "\r"),
    ("What no step reached", "\r"),
    ("writes the report into a folder", "w"),
    ("The emergency has ended", ""),
];

/// Goes through the pages until it is over or dies; which pages came.
fn goes_through(emergency: &Emergency, tui: &mut Tui) -> Vec<&'static str> {
    let mut pages = Vec::new();
    loop {
        let page = tui.find_or_ends("a page", |screen| {
            let text = screen.contents();
            PAGES.into_iter().find(|(begins, _)| text.contains(begins))
        });
        let Some((page, keys)) = page else {
            return pages;
        };
        pages.push(page);
        assert!(pages.len() < 40, "{pages:?}\n{}", tui.text());
        match page {
            "The emergency has ended" => return pages,
            "The emergency needs a sign-in of its own" => signs_in(&emergency.house, tui),
            "These go, in this order" => {
                tui.keys("\r");
                let count = tui.find_or_ends("the count", |screen| {
                    let text = screen.contents();
                    let (_, rest) = text.split_once("Type ")?;
                    rest.split(' ').next().map(str::to_owned)
                });
                tui.keys(&format!("{}\r", count.unwrap()));
            }
            "writes the report into a folder" => {
                tui.keys("w");
                tui.shows("Folder:");
                tui.keys(&format!("\x15{}\r", emergency.folder.display()));
                tui.shows("✓ written:");
            }
            _ => tui.keys(keys),
        }
        let _ = tui.find_or_ends(page, |screen| {
            (!screen.contents().contains(page)).then_some(())
        });
    }
}

#[test]
fn p01_p30_killed_on_the_screen_an_emergency_goes_on_and_its_log_holds_no_secret() {
    for moment in [Moment::Acted(3), Moment::Sent(9)] {
        let mut emergency = Emergency::new();
        let house = &emergency.house;
        let mut tui = house.enter(DESIGN, &[]);
        tui.keys("!");
        tui.shows("the plan");
        match moment {
            Moment::Sent(nth) => house.gate().stop_from(nth, Stop::Before),
            Moment::Acted(nth) => house.gate().stop_from(nth, Stop::After),
            _ => unreachable!(),
        }
        tui.keys("\r");
        kills_meanwhile(house, &mut tui, |tui| goes_through(&emergency, tui));
        tui.ended();
        let mut said = tui.raw();
        let gone = house.registry.running.inspect().revoked.len();
        assert!(gone > 0 && tokens(house) > 0, "{moment:?}");

        // The credential of the configuration may be among those that went.
        let mut tui = house.start(DESIGN, &[]);
        tui.shows("@ http");
        tui.keys("!");
        tui.says("was interrupted at step 4");
        tui.keys("\r");
        let pages = goes_through(&emergency, &mut tui);
        assert!(
            !pages.contains(&"May a thief be in this machine?"),
            "{pages:?}"
        );
        // What has ended asks nothing.
        tui.keys("q");
        tui.ended();
        said.extend(tui.raw());
        let log = fs::read_to_string(house.log()).unwrap();
        assert!(log.contains("DELETE") || !log.is_empty());
        emergency.said = said;
        emergency.is_over(&format!("{moment:?}: {pages:?}"));
    }
}
