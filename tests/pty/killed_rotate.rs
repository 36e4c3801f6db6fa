//! A rotation killed anywhere: what stands in the file works at any moment, and the next start says what remains and ends
//! it (requirement E4).

use std::fs;

use npm_warden::sandbox::Options;
use rustix::process::{Resource, Rlimit, Signal, prlimit};
use serde_json::{Value, json};

use crate::death::{Moment, before, journals, noted};
use crate::gate::Stop;
use crate::house::{DESIGN, House};
use crate::plain::{run, tokens};
use crate::second_factor::{answer, ask_apart, asks, out};
use crate::strace::Strace;

/// How many tokens there are at first.
const TOKENS: usize = 12;

fn own_id(house: &House) -> String {
    let list = run(house, "token list --json").1;
    let list: Value = serde_json::from_str(&list).unwrap();
    let mut rows = list["tokens"].as_array().unwrap().iter();
    let own = rows.find(|row| row["in_use_grade"] == "is").unwrap();
    own["id"].as_str().unwrap().to_owned()
}

/// The rotation of the credential in use dies then; false when it came to its end before.
fn dies(house: &House, moment: Moment) -> bool {
    let mut tui = house.ask(&format!("token rotate -y {}", own_id(house)));
    asks(&tui, ":");
    let mut strace = None;
    match moment {
        Moment::Beyond(bytes) => {
            let limit = Rlimit {
                current: Some(bytes),
                maximum: None,
            };
            prlimit(Some(tui.pid()), Resource::Fsize, limit).unwrap();
        }
        Moment::Before(call, nth) => {
            let inject = format!("--inject={call}:signal=KILL:when={nth}");
            strace = Some(Strace::attach(tui.pid(), &[&inject]));
        }
        Moment::Sent(nth) => house.gate().stop_from(nth, Stop::Before),
        Moment::Acted(nth) => house.gate().stop_from(nth, Stop::After),
    }
    tui.keys(&format!("{}\r", house.password()));
    if matches!(moment, Moment::Sent(_) | Moment::Acted(_)) {
        assert!(house.gate().stops_one_unless(|| false));
        tui.signal(Signal::KILL);
    }
    let ended = tui.ended();
    drop(strace);
    house.gate().drop_stopped();
    ended.signal().is_some()
}

fn dies_at_each(moments: &[Moment]) {
    let mut deaths = 0;
    for moment in moments {
        let house = House::gated(Options::default());
        let died = dies(&house, *moment);
        deaths += usize::from(died);
        let what = format!("{moment:?} ({died})");
        let (exit, _, err) = run(&house, "whoami");
        assert_eq!(exit, 0, "{what}: {err}");
        let told = noted(&house);
        assert!(told || tokens(&house) == TOKENS, "{what}");
        if told {
            let mut tui = house.enter_unlogged(DESIGN);
            tui.keys("3");
            tui.says("The rotation of");
            tui.keys("R");
            tui.shows("Go on?  ▸ No");
            tui.press_until_gone("y", "Go on?");
            tui.find("its end", |_| journals(&house).is_empty().then_some(()));
            drop(tui);
            let (exit, _, err) = run(&house, "whoami");
            assert_eq!(exit, 0, "{what}: {err}");
        }
        // One that was made and whose value is lost stays in the list, and is named there; nothing else is too many.
        let lost = matches!(
            moment,
            Moment::Acted(1) | Moment::Beyond(_) | Moment::Before(..)
        );
        let all = tokens(&house);
        assert!(all == TOKENS || lost && all == TOKENS + 1, "{what}: {all}");
        let asked = house.registry.running.inspect().revoked;
        assert!(asked.values().all(|times| *times == 1), "{what}: {asked:?}");
        let file = fs::read_to_string(house.npmrc()).unwrap();
        assert_eq!(file.matches(":_authToken=npm_").count(), 1, "{what}");
    }
    assert!(deaths * 4 >= moments.len() * 3, "{deaths} of {moments:?}");
}

#[test]
fn e4_killed_between_a_request_and_its_answer_the_file_holds_what_works() {
    let moments = [1, 2].map(|nth| [Moment::Sent(nth), Moment::Acted(nth)]);
    dies_at_each(&moments.concat());
}

#[test]
fn e4_killed_in_the_middle_of_a_line_the_file_holds_what_works() {
    // Within the first line of the journal, and in those after it.
    let moments = [0, 40, 500, 700, 800, 850].map(Moment::Beyond);
    dies_at_each(&moments);
}

#[test]
fn e4_killed_before_calls_on_files_the_file_holds_what_works() {
    let moments = before(&[("fdatasync", 4), ("fsync", 3), ("rename", 1)]);
    if !moments.is_empty() {
        dies_at_each(&moments);
    }
}

#[test]
fn rotate_in_json_tells_each_step_and_gives_the_value_only_where_it_stands_nowhere() {
    let house = House::new(Options::default());
    let own = own_id(&house);
    let mut tui = ask_apart(&house, &format!("token rotate -y --json {own}"));
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let told: Value = serde_json::from_str(&out(&house)).unwrap();
    assert_eq!(
        (&told["token"], &told["error"]),
        (&Value::Null, &Value::Null)
    );
    let steps = told["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 5, "{told}");
    assert!(steps.iter().all(|step| step["state"] == "done"), "{told}");
    assert!(told["old"].as_str().unwrap().starts_with(&own));
    assert_eq!(run(&house, "whoami").0, 0);

    // One that lies nowhere here: its value is the result.
    let list = run(&house, "token list --json").1;
    let list: Value = serde_json::from_str(&list).unwrap();
    let mut rows = list["tokens"].as_array().unwrap().iter();
    let other = rows.find(|row| row["found"] == json!([])).unwrap();
    let id = other["id"].as_str().unwrap().to_owned();
    let mut tui = ask_apart(&house, &format!("token rotate -y --json {id}"));
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let told: Value = serde_json::from_str(&out(&house)).unwrap();
    let value = told["token"].as_str().unwrap();
    assert!(value.starts_with("npm_") && !tui.text().contains(value));
    assert_eq!(tokens(&house), TOKENS);
}

#[test]
fn rotate_prints_the_new_value_besides_when_that_is_asked_for() {
    let house = House::new(Options::default());
    let own = own_id(&house);
    let mut tui = ask_apart(&house, &format!("token rotate -y --print {own}"));
    answer(&mut tui, ":", &house.password());
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let value = out(&house);
    assert!(
        value.starts_with("npm_") && value.lines().count() == 1,
        "{value}"
    );
    let file = fs::read_to_string(house.npmrc()).unwrap();
    assert!(file.contains(value.trim_end()));
    assert!(!tui.text().contains(value.trim_end()));
    assert_eq!(tokens(&house), TOKENS);
}
