//! One program in every scope that there is.

use std::collections::HashSet;
use std::path::PathBuf;

use npm_warden::app::keymap::{Scope, scopes, top};
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::{Created, Enabled, Outcome, Question, Step};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::incident::Ask;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::signin::{Ended, Forgotten};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};

use crate::emergency;
use crate::machine;
use crate::recovery::{self, set};
use crate::rotate;
use crate::sim::{
    CODE, OTP, PASSWORD, Sim, account, codes_step, confirm, created, enrolment, failure, file,
    on_default_registry, proof, standing, token, tokens, web, web_challenge,
};

fn new(tfa: Tfa) -> Sim {
    let mut sim = Sim::start(true);
    sim.arrives(account(tfa)).lists(tokens(6));
    sim
}

fn wizard(until: usize) -> Sim {
    let mut sim = new(Tfa::Off);
    sim.press("2 e");
    let steps: [fn(&mut Sim); 11] = [
        |sim| {
            sim.press("enter");
        },
        |sim| {
            sim.press("enter");
        },
        |sim| {
            sim.types(PASSWORD).press("enter");
        },
        |sim| {
            sim.press("tab tab").types("myself").press("enter");
        },
        |sim| {
            sim.steps(Purpose::Enable, Step::Enrolled(enrolment()));
            sim.asks(Purpose::Enable, Question::Confirm(confirm(1)));
        },
        |sim| {
            sim.press("esc");
        },
        |sim| {
            sim.press("esc").types(OTP).press("enter");
            sim.steps(Purpose::Enable, codes_step(Place::Myself));
            let why = failure(FailureKind::Local, "The disk is full.");
            sim.asks(Purpose::Enable, Question::OtherPlace(why));
        },
        |sim| {
            sim.asks(Purpose::Enable, Question::CodesShown);
        },
        |sim| {
            sim.press("enter");
            sim.asks(Purpose::Enable, Question::Proof(proof(1)));
        },
        |sim| {
            sim.press("ctrl-c");
        },
        |sim| {
            sim.press("n").types("decline").press("enter");
            let end = Enabled::On {
                level: Level::AuthAndWrites,
                checked: true,
                unreadable: 0,
                place: Place::File(PathBuf::from("/x")),
                proved: false,
            };
            sim.ends(Purpose::Enable, Ok(Outcome::Enabled(end)));
        },
    ];
    for step in &steps[..until] {
        step(&mut sim);
    }
    sim
}

/// Every place that the program can be in.
pub(crate) fn places() -> Vec<Sim> {
    let on = Tfa::On(Level::AuthAndWrites);
    let mut all = Vec::new();
    for keys in [
        "1",
        "e",
        "e x enter",
        "e x enter enter",
        "2",
        "2 d",
        "2 e",
        "3",
        "3 /",
        "3 enter",
        "3 down enter",
        "3 x",
        "3 a x",
        "3 x y",
        "3 x y esc",
        "p",
        "p x enter y enter",
        "O",
        "O y",
        "3 n",
        "3 n enter",
        "3 n pgdn",
        "3 n space esc",
        "3 n space pgdn x enter",
        "3 m",
        "3 m x enter",
        "3 o",
        "3 o enter",
        "3 o enter space esc esc",
        "4",
        "?",
        "3 ?",
        ":",
    ] {
        let mut sim = new(on.clone());
        sim.press(keys);
        all.push(sim);
    }
    let mut sim = new(on.clone());
    sim.press("O y");
    sim.ends(
        Purpose::SignOut,
        Ok(Outcome::SignedOut {
            place: Text::new("~/.npmrc line 2"),
            ended: Ended::StillAccepted,
            forgotten: Forgotten::File(Text::new("~/.npmrc")),
        }),
    );
    all.push(sim);
    let mut sim = new(on.clone());
    sim.press("p x enter").types("yy⏎yy⏎");
    all.push(sim);
    for keys in ["", "esc", "w", "w up", "w enter"] {
        let mut sim = Sim::start(false);
        sim.arrives(account(on.clone())).lists(tokens(6));
        sim.press("3 n space pgdn x enter");
        sim.ends(Purpose::CreateToken, Ok(created(token(0))));
        sim.press(keys);
        all.push(sim);
    }
    all.push(crate::created::over());
    let mut sim = crate::create::has_made();
    sim.press("w enter");
    crate::create::nothing_there(&mut sim);
    all.push(sim);
    let mut sim = crate::rotate_again::offered(vec![token(1)]);
    sim.press("R");
    all.push(sim);
    let mut sim = new(on.clone());
    sim.press("3 n space pgdn x enter");
    let lost = Created::Lost {
        tokens: vec![token(0)],
        why: failure(FailureKind::Network, "No answer."),
    };
    sim.ends(Purpose::CreateToken, Ok(Outcome::Created(lost)));
    all.push(sim);
    let mut sim = new(on.clone());
    sim.press("2 e").types(PASSWORD).press("enter");
    all.push(sim);
    let mut sim = new(on.clone());
    sim.press("3 x y").challenged(Purpose::Revoke);
    all.push(sim);
    let mut sim = new(on.clone());
    sim.press("3 x y").challenged(Purpose::Revoke);
    sim.types(CODE).press("enter");
    all.push(sim);
    for foreign in [false, true] {
        let mut sim = new(on.clone());
        sim.press("3 x y");
        sim.asks(
            Purpose::Revoke,
            Question::Challenge(web_challenge(1, foreign)),
        );
        if foreign {
            sim.press("ctrl-o");
        }
        all.push(sim);
    }
    let mut sim = new(on.clone());
    sim.press("3");
    if sim.running(Purpose::Unfinished).is_some() {
        let left = super::unfinished::interrupted(3);
        sim.ends(Purpose::Unfinished, Ok(left));
    }
    all.push(sim);
    let mut sim = new(on);
    sim.press("3 x y")
        .fails(Purpose::Revoke, FailureKind::Network, "No answer.");
    all.push(sim);
    all.extend((0..=11).map(wizard));
    for (until, keys) in [(7, "tab"), (8, "p")] {
        let mut sim = wizard(until);
        sim.press(keys);
        all.push(sim);
    }
    let mut sim = wizard(5);
    sim.ends(
        Purpose::Enable,
        Ok(Outcome::Enabled(Enabled::OnWithoutCodes {
            level: Level::AuthOnly,
            why: failure(FailureKind::Network, "No answer."),
        })),
    );
    all.push(sim);
    all.push(rotate::sent(false));
    let mut sim = rotate::sent(false);
    sim.press("esc");
    all.push(sim);
    all.push(rotate::asking(true));
    let mut sim = crate::rotate_again::offered(vec![token(1)]);
    sim.press("F");
    all.push(sim);
    let mut sim = crate::rotate_again::offered(vec![token(1)]);
    sim.press("R y")
        .asks(Purpose::Rotate, crate::rotate_again::in_place());
    all.push(sim);
    for value in [false, true] {
        let mut sim = rotate::sent(false);
        let rotated = rotate::ended(value, &[]);
        sim.ends(Purpose::Rotate, Ok(Outcome::Rotated(rotated)));
        all.push(sim);
    }
    all.push(Sim::start(false));
    all.extend(signing_in());
    all.extend(guides());
    all.extend(kept());
    all.extend(emergencies());
    for keys in ["", "enter", "t", "e", "e enter", "m"] {
        let mut sim = machine::looked();
        sim.press(keys);
        all.push(sim);
    }
    all
}

/// The emergency, from its plan to its report.
fn emergencies() -> Vec<Sim> {
    let mut all = Vec::new();
    let mut plan = new(Tfa::Off);
    plan.press("!");
    all.push(plan);
    all.push(emergency::begun(4, 5));
    let again = vec![tokens(1)[0].key.clone()];
    for (at, ask, keys) in [
        (0, Ask::Suspect, ""),
        (4, Ask::Revoke, ""),
        (4, Ask::Revoke, "v"),
        (4, Ask::Revoke, "s"),
        (4, Ask::Revoke, "enter"),
        (5, Ask::Again { rows: again }, ""),
        (6, Ask::Local(emergency::copies()), ""),
        (7, Ask::Account, ""),
        (8, Ask::Packages, ""),
        (9, Ask::Beyond, ""),
        (10, Ask::Report, ""),
        (10, Ask::Report, "w"),
        (10, Ask::Report, "esc"),
    ] {
        let mut sim = emergency::asked(at, 5, ask);
        sim.press(keys);
        all.push(sim);
    }
    all
}

/// The guides, on npm's default registry and elsewhere.
fn guides() -> Vec<Sim> {
    let mut all = Vec::new();
    for keys in [
        "2 l",
        "2 L",
        "2 t enter",
        "2 m",
        "2 l esc",
        "4 L",
        "2 l down down enter enter enter",
    ] {
        let mut sim = new(Tfa::On(Level::AuthAndWrites));
        sim.press(keys);
        all.push(sim);
    }
    for (tfa, keys) in [
        (Tfa::Off, "2"),
        (Tfa::On(Level::AuthOnly), "2 L enter"),
        (Tfa::On(Level::AuthOnly), "2 l down down enter down enter"),
    ] {
        let mut sim = Sim::start(true);
        sim.arrives(on_default_registry(account(tfa)))
            .lists(tokens(2));
        sim.press(keys);
        all.push(sim);
    }
    all
}

/// What is done with kept sets.
fn kept() -> Vec<Sim> {
    let vault = || set(Place::Vault(PathBuf::from("/x.age")), 20);
    let mut all = Vec::new();
    for keys in [
        "",
        "enter",
        "enter x enter",
        "e",
        "e tab",
        "p",
        "x",
        "j x",
        "j x y",
        "x r e m o v e enter",
    ] {
        let mut sim = recovery::with(Tfa::On(Level::AuthOnly), vec![vault(), set(file(), 3)]);
        sim.press(keys);
        all.push(sim);
    }
    let mut sim = recovery::with(Tfa::On(Level::AuthOnly), vec![set(file(), 3)]);
    sim.press("p")
        .asks(Purpose::ProveSet, Question::Proof(proof(1)));
    all.push(sim);
    let mut sim = recovery::with(Tfa::Off, vec![set(file(), 3)]);
    sim.press("x y");
    let left = vec![Text::new("/x could not be removed.")];
    sim.ends(Purpose::RemoveSet, Ok(Outcome::SetRemoved(left)));
    all.push(sim);
    for keys in ["", "p"] {
        let mut sim = recovery::open();
        sim.press(keys);
        all.push(sim);
    }
    for keys in ["", "tab", "tab tab tab", "tab tab tab tab"] {
        let mut sim = recovery::adding();
        sim.press(keys);
        all.push(sim);
    }
    all
}

/// Signed out, the form in each of its states, and its page.
fn signing_in() -> Vec<Sim> {
    let mut all = Vec::new();
    for keys in [
        "",
        "A",
        "A down enter",
        "A down enter a enter",
        "A down down enter a enter a @ enter",
        "A down tab tab tab",
        "A enter",
    ] {
        let mut sim = Sim::start(false);
        sim.arrives(standing(Standing::SignedOut)).press(keys);
        all.push(sim);
    }
    for foreign in [false, true] {
        let mut sim = Sim::start(false);
        sim.arrives(standing(Standing::Rejected(Text::new("no"))));
        sim.press("enter enter")
            .asks(Purpose::SignIn, Question::Web(web(foreign)));
        if foreign {
            sim.press("o");
        }
        all.push(sim);
    }
    all
}

#[test]
fn the_tour_sees_every_scope_of_the_table() {
    let seen: HashSet<Scope> = places().iter().flat_map(|sim| scopes(&sim.model)).collect();
    for line in npm_warden::app::bindings::BINDINGS {
        assert!(
            seen.contains(&line.scope),
            "{:?} is not on the tour",
            line.scope
        );
    }
}

#[test]
fn every_place_can_be_drawn_in_debug_without_a_secret() {
    for sim in places() {
        crate::sim::check(&sim.model, &sim.effects, "");
        let _ = top(&sim.model);
    }
}
