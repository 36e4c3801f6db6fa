//! What belongs to the whole program: moving about, help, palette, quitting, the demo, time.

use npm_warden::app::keymap::{Scope, help_lines, palette};
use npm_warden::app::model::{Overlay, Screen};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Effect, Msg};
use npm_warden::backend::protocol::{Outcome, Step};
use npm_warden::domain::recovery::RecoverySet;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;

use crate::sim::{OTP, Sim, account, all_screens, demo_code, file, tokens};

#[test]
fn screens_are_reached_by_number_and_by_tab() {
    let mut sim = Sim::signed_in();
    for (number, screen) in ["2", "3", "4", "1"].into_iter().zip([
        Screen::Security,
        Screen::Tokens,
        Screen::Recovery,
        Screen::Profile,
    ]) {
        sim.press(number);
        assert_eq!(sim.model.screen, screen);
    }
    for screen in all_screens().into_iter().cycle().skip(1).take(6) {
        sim.press("tab");
        assert_eq!(sim.model.screen, screen);
    }
    sim.press("shift-tab shift-tab shift-tab");
    assert_eq!(sim.model.screen, Screen::Recovery);
}

#[test]
fn screens_that_do_not_exist_yet_have_no_keys() {
    let mut sim = Sim::signed_in();
    let before = format!("{:?}", sim.model);
    sim.press("5 n l L i o v").wants(&[]);
    assert_eq!(format!("{:?}", sim.model), before);
}

#[test]
fn nothing_happens_while_nothing_runs() {
    let mut sim = Sim::signed_in();
    assert_eq!(sim.model.wake_at(), None, "0 ticks while idle");
    sim.press("2 d");
    sim.waits(60_000);
    assert_eq!(sim.notice(), "", "what was said goes by itself");
    assert_eq!(sim.model.wake_at(), None);
}

#[test]
fn the_help_lists_what_lies_beneath_it() {
    let mut sim = Sim::signed_in();
    sim.press("3 ?").at_scope(Scope::Help);
    let last = help_lines(&sim.model) - sim.model.list_rows() / 2;
    sim.press("G j");
    assert!(matches!(sim.model.overlay, Some(Overlay::Help { scroll, .. }) if scroll == last));
    sim.press("q").at_scope(Scope::Tokens);
    sim.press("/ f1").at_scope(Scope::Help);
    sim.press("esc").at_scope(Scope::Filter);
}

#[test]
fn the_palette_finds_any_action_by_name_and_does_it() {
    let mut sim = Sim::signed_in();
    sim.press(":").types("sort").at_scope(Scope::Palette);
    let found = palette(&sim.model);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].on, Some(Screen::Tokens));
    sim.press("enter")
        .at_scope(Scope::Tokens)
        .says("Sorted by name");
    sim.press(":").types("disable 2fa").press("enter");
    assert_eq!(sim.model.screen, Screen::Security);
    sim.says("off already");
    sim.press(":").types("nothing of the kind").press("enter");
    sim.says("No action has that name").press("esc");
    sim.press(": down up enter").at_scope(Scope::WizardNeed);
}

#[test]
fn quitting_asks_only_when_something_would_be_lost() {
    let mut sim = Sim::signed_in();
    sim.press("q").wants(&["quit"]);
    assert!(sim.model.quitting);

    let mut sim = Sim::signed_in();
    sim.press("e")
        .types("x⏎")
        .press("q")
        .at_scope(Scope::Leaving);
    sim.press("n").at_scope(Scope::ProfileReview);
    sim.press("q tab enter").wants(&["quit"]);
    // From here on only Ctrl-C is left, for a write that is waited for too long.
    sim.press("q esc x").wants(&[]);
    sim.press("ctrl-c").wants(&["quit"]);

    let mut sim = Sim::at_tokens(3);
    sim.press("x y q").at_scope(Scope::Leaving);
    sim.effects.clear();
    sim.press("y").wants(&["quit"]);
}

#[test]
fn ctrl_c_quits_from_everywhere() {
    for keys in ["1", "e", "3 /", "3 x", "2 e", "2 e enter enter", "?", ":"] {
        let mut sim = Sim::signed_in();
        sim.press(keys);
        sim.effects.clear();
        sim.press("ctrl-c").wants(&["quit"]);
    }
    let mut sim = Sim::signed_in();
    sim.send(Msg::Terminate).wants(&["quit"]);
    let mut sim = Sim::signed_in();
    sim.press("ctrl-z").wants(&["suspend"]);
}

#[test]
fn the_way_out_stands_above_a_question_of_the_registry() {
    let mut sim = Sim::at_tokens(3);
    sim.press("x y q")
        .challenged(Purpose::Revoke)
        .at_scope(Scope::Leaving);
    sim.press("n").at_scope(Scope::Challenge);
}

#[test]
fn a_copy_says_where_it_went() {
    let mut sim = Sim::signed_in();
    sim.send(Msg::Copied(Ok(
        "Copied the key; cleared in 45 s.".to_owned()
    )))
    .says("cleared in 45 s");
    sim.send(Msg::Copied(Err("No clipboard here.".to_owned())))
        .says("No clipboard");
}

#[test]
fn a_paste_without_a_field_does_nothing() {
    let mut sim = Sim::at_tokens(3);
    sim.pastes("xy\n")
        .says("Nothing here takes pasted text")
        .wants(&[]);
    sim.at_scope(Scope::Tokens);
}

#[test]
fn the_recovery_screen_lists_what_is_kept() {
    let set = |received: &str| RecoverySet {
        account: Text::new("alice"),
        registry: Text::new("registry.example.com"),
        received: received.parse().unwrap(),
        place: file(),
        count: 5,
        proved: true,
        added: false,
        unplaced: 0,
        used: Vec::new(),
    };
    let old = set("2026-10-22T12:00:00Z");
    let mut sim = Sim::signed_in();
    sim.press("4 j").press("r").wants(&["start Sets"]);
    sim.ends(
        Purpose::Sets,
        Ok(Outcome::Sets {
            sets: vec![(old.clone(), true), (set("2026-11-22T12:00:00Z"), false)],
            read_only: true,
        }),
    )
    .says("up to date");
    assert!(sim.model.recovery.read_only);
    sim.press("j j");
    assert_eq!(sim.model.recovery.chosen, Some(old.id()));
    sim.press("r").fails(
        Purpose::Sets,
        npm_warden::domain::failure::FailureKind::Local,
        "Not readable.",
    );
    sim.says("Not readable.");
    assert_eq!(sim.model.recovery.sets.value().unwrap().len(), 2);
}

#[test]
fn the_demo_authenticator_shows_its_code_and_the_next_one() {
    let mut sim = Sim::start(true);
    sim.arrives(account(Tfa::Off)).lists(tokens(2));
    sim.effects.clear();
    sim.press("ctrl-t").wants(&["demo"]);
    let demo = |sim: &Sim| {
        let demo = sim.model.demo.as_ref().unwrap();
        (demo.open, demo.code.as_ref().map(|c| c.seconds_left))
    };
    sim.send(demo_code(2));
    assert_eq!(demo(&sim), (true, Some(2)));
    sim.waits(1000);
    assert_eq!(demo(&sim), (true, Some(1)));
    sim.waits(1000).wants(&["demo"]);
    assert_eq!(demo(&sim), (true, None));
    sim.send(Msg::DemoCode(None));
    assert_eq!(
        sim.model.wake_at(),
        None,
        "nothing to show, nothing to wait for"
    );
    sim.send(demo_code(30)).press("ctrl-t");
    assert_eq!(demo(&sim), (false, None));
    sim.send(demo_code(30));
    assert_eq!(demo(&sim), (false, None), "an answer that came too late");
    // It works over everything, a field with the focus included.
    sim.press("3 x").effects.clear();
    sim.press("y").challenged(Purpose::Revoke);
    sim.effects.clear();
    sim.press("ctrl-t")
        .wants(&["demo"])
        .at_scope(Scope::Challenge);
    sim.types(OTP);
    assert_eq!(sim.model.challenges[0].typed.value().chars(), 6);
}

#[test]
fn the_demo_turns_to_the_mail_while_a_code_from_it_is_asked_for() {
    let mut sim = Sim::start(true);
    sim.arrives(account(Tfa::Off)).lists(tokens(2));
    sim.press("ctrl-t").send(demo_code(20));
    sim.press("3 x").effects.clear();
    sim.press("y").challenged(Purpose::Revoke);
    let demo = |sim: &Sim| {
        let demo = sim.model.demo.as_ref().unwrap();
        (demo.mail, demo.code.as_ref().map(|c| c.seconds_left))
    };
    assert_eq!(demo(&sim), (false, Some(20)));
    // The next answer of the registry names the mail; what the phone shows is no answer to that.
    sim.effects.clear();
    sim.model.challenges[0].challenge.by_email = true;
    sim.send(Msg::Wake).wants(&["demo"]);
    assert_eq!(demo(&sim), (true, None));
    sim.send(demo_code(600));
    assert_eq!(demo(&sim), (true, Some(600)));
    sim.waits(1000);
    assert_eq!(demo(&sim), (true, Some(599)));
    sim.effects.clear();
    sim.press("esc").waits(400).press("esc");
    assert_eq!(demo(&sim), (false, None), "the phone is asked anew");
    assert!(
        sim.effects
            .iter()
            .any(|e| matches!(e, Effect::DemoAuthenticator))
    );
}

#[test]
fn outside_the_demo_there_is_no_authenticator() {
    let mut sim = Sim::signed_in();
    sim.press("ctrl-t").wants(&[]);
    sim.send(demo_code(30));
    assert!(sim.model.demo.is_none());
}

#[test]
fn a_terminal_of_any_size_is_taken() {
    let mut sim = Sim::at_tokens(3);
    for columns in [0, 1, 39, 40, 80, 500] {
        for rows in [0, 1, 11, 12, 24, 200] {
            sim.send(Msg::Resize(columns, rows));
            sim.press("G g pgdn pgup ? G esc");
        }
    }
    assert!(!sim.effects.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn the_palette_closes_when_what_lies_beneath_it_changes_by_itself() {
    let mut sim = Sim::at_tokens(3);
    sim.press("x y : down");
    sim.fails(
        Purpose::Revoke,
        npm_warden::domain::failure::FailureKind::Network,
        "No answer.",
    )
    .at_scope(Scope::RevokeDone);
}

#[test]
fn p40_the_registry_is_known_before_it_answers() {
    let mut sim = Sim::start(false);
    assert_eq!(sim.model.registry, None);
    sim.steps(Purpose::Account, Step::Asking(Text::new("reg.example")));
    assert_eq!(sim.model.registry, Some(Text::new("reg.example")));
}
