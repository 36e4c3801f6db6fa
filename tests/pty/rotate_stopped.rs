//! `token rotate` stopped on its way: the end says what is so, and names the way on that exists.

use npm_warden::sandbox::Options;
use serde_json::{Value, json};

use crate::house::House;
use crate::plain::run;
use crate::second_factor::{answer, ask_apart, out, password_label};
use crate::tui::Tui;

/// What the terminal says while a stopped command waits for an answer.
const WAITS: &str = "Waiting for the registry to confirm a change";

fn listed(house: &House) -> Vec<Value> {
    let told: Value = serde_json::from_str(&run(house, "token list --json").1).unwrap();
    told["tokens"].as_array().unwrap().clone()
}

fn own_id(house: &House) -> String {
    let rows = listed(house);
    let own = rows.iter().find(|row| row["in_use_grade"] == "is").unwrap();
    own["id"].as_str().unwrap().to_owned()
}

/// The rotation of the credential in use, stopped while the answer to its n-th write is kept back, which then comes.
fn stopped_at(house: &House, nth: usize, options: &str) -> Tui {
    let line = format!("token rotate -y {options} {}", own_id(house));
    let mut tui = ask_apart(house, &line.replace("  ", " "));
    house.gate().shut_from(nth);
    answer(&mut tui, &password_label(house), &house.password());
    house.gate().keeps_one();
    tui.keys("\x03");
    tui.says(WAITS);
    house.gate().open();
    tui
}

fn nothing_is_left(house: &House) {
    let (exit, _, err) = run(house, "token rotate -y --resume");
    assert_eq!(exit, 2, "{err}");
}

#[test]
fn e4_what_was_done_before_it_could_be_stopped_ends_well_and_says_so() {
    for options in ["", "--json"] {
        let house = House::gated(Options::default());
        let old = own_id(&house);
        let tui = stopped_at(&house, 2, options);
        assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
        let text = tui.text();
        assert!(
            text.contains("was done before it could be stopped"),
            "{text}"
        );
        assert!(!text.contains("Run it again"), "{text}");
        if !options.is_empty() {
            let told: Value = serde_json::from_str(&out(&house)).unwrap();
            assert_eq!(
                (&told["error"], &told["remains"]),
                (&Value::Null, &json!([])),
                "{told}"
            );
        }
        assert_ne!(own_id(&house), old);
        nothing_is_left(&house);
    }
}

#[test]
fn e4_stopped_while_the_new_one_is_made_the_last_line_names_how_to_revoke_it() {
    for options in ["", "--json"] {
        let house = House::gated(Options::default());
        let (old, before) = (own_id(&house), listed(&house));
        let tui = stopped_at(&house, 1, options);
        assert_eq!(tui.ended().exit_code(), 130, "{}", tui.text());
        assert_eq!(own_id(&house), old, "it is as it was");
        let rows = listed(&house);
        let mut new = rows.iter().filter(|row| !before.contains(row));
        let new = new.next().unwrap()["id"].as_str().unwrap();
        let way = format!("npm-warden token revoke {new}");
        let text = tui.text();
        let last = text.split("npm-warden: ").last().unwrap();
        assert!(last.contains(&way), "{text}");
        assert!(!text.contains("Run it again"), "{text}");
        assert!(out(&house).contains("npm_"), "nobody else has the value");
        if !options.is_empty() {
            let told: Value = serde_json::from_str(&out(&house)).unwrap();
            assert!(told["error"].to_string().contains(&way), "{told}");
        }
        nothing_is_left(&house);
        let (exit, _, err) = run(&house, &format!("token revoke -y {new}"));
        assert_eq!(exit, 0, "{err}");
        assert_eq!(listed(&house).len(), before.len());
    }
}

#[test]
fn each_step_of_a_rotation_is_told_when_it_ends_and_on_a_terminal_when_it_begins() {
    let house = House::gated(Options::default());
    let mut tui = ask_apart(&house, &format!("token rotate -y {}", own_id(&house)));
    house.gate().shut();
    answer(&mut tui, &password_label(&house), &house.password());
    house.gate().keeps_one();
    tui.says("Make the new one \u{2026}");
    assert!(!tui.text().contains("Make the new one: done."));
    house.gate().open_until_the_next();
    house.gate().keeps_one();
    for said in [
        "Make the new one: done.",
        "Put it in place: done.",
        "See that it works: done.",
        "Revoke the old one \u{2026}",
    ] {
        tui.says(said);
    }
    house.gate().open();
    assert_eq!(tui.ended().exit_code(), 0, "{}", tui.text());
    let text = tui.text();
    let mut at = 0;
    for said in [
        "Look at the old token and its places \u{2026}",
        "Make the new one: done.",
        "Put it in place: done.",
        "See that it works \u{2026}",
        "See that it works: done.",
        "Revoke the old one: done.",
        "See that it is gone \u{2026}",
        "See that it is gone: done.",
    ] {
        assert_eq!(text.matches(said).count(), 1, "{said}: {text}");
        let here = text.find(said).unwrap();
        assert!(here > at, "{said}: {text}");
        at = here;
    }
}

#[test]
fn where_it_is_no_terminal_a_rotation_tells_only_how_each_step_ended() {
    let house = House::new(Options {
        faults: ["token.revoke#1=status:403", "token.revoke#2=status:403"]
            .map(|fault| fault.parse().unwrap())
            .to_vec(),
        ..Options::default()
    });
    let mut tui = ask_apart(&house, &format!("token rotate -y {}", own_id(&house)));
    answer(&mut tui, &password_label(&house), &house.password());
    assert_ne!(tui.ended().exit_code(), 0, "{}", tui.text());
    let (exit, _, err) = run(&house, "token rotate -y --resume");
    assert_eq!(exit, 0, "{err}");
    let steps = [
        "Make the new one: ",
        "Put it in place: ",
        "See that it works: ",
        "Revoke the old one: ",
        "See that it is refused: ",
    ];
    let told = steps.map(|step| err.matches(step).count());
    assert_eq!(told, [1; 5], "{err}");
    assert!(!err.contains('\u{2026}'), "{err}");
}
