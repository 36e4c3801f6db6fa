//! The value of a token that is shown once: what has it besides the screen, and what that is worth as time passes.

use npm_warden::app::created::Copied;
use npm_warden::app::keymap::Scope;
use npm_warden::app::request::Purpose;
use npm_warden::app::{Effect, Msg};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::machine::StandsThere;
use npm_warden::domain::text::Text;

use crate::create::{aims_at, copies, has_made, nothing_there};
use crate::rotate::asking;
use crate::sim::Sim;

fn copied(sim: &Sim) -> Copied {
    sim.model.value_card().unwrap().copied
}

#[test]
fn p08_p37_a_value_that_was_on_a_clipboard_alone_asks_again_once_that_was_cleared() {
    let mut sim = has_made();
    copies(&mut sim, true);
    sim.waits(44_000);
    assert!(sim.model.value_card().unwrap().is_kept());
    sim.waits(2000).says("clipboard was cleared");
    assert_eq!(copied(&sim), Copied::Cleared);
    sim.press("esc").at_scope(Scope::MadeLeaving).press("n");
    sim.press("q").at_scope(Scope::Leaving).press("n");
    let left = sim.model.left_uncopied().unwrap();
    assert!(left.contains("cleared since"), "{left}");
    // Copied again it is there again, and its time begins anew.
    copies(&mut sim, true);
    sim.waits(40_000);
    copies(&mut sim, true);
    sim.waits(40_000);
    assert_eq!(copied(&sim), Copied::There);
    sim.waits(6000);
    assert_eq!(copied(&sim), Copied::Cleared);
}

#[test]
fn p08_whatever_takes_the_value_off_the_clipboard_is_noticed() {
    // A second copy that goes nowhere: the first one went before it.
    let mut sim = has_made();
    copies(&mut sim, true);
    copies(&mut sim, false);
    assert_eq!(copied(&sim), Copied::Cleared);
    // The end of the program clears it, too: who was killed is told.
    let mut sim = has_made();
    copies(&mut sim, true);
    assert!(sim.model.left_uncopied().is_some());
}

#[test]
fn p08_a_rotations_value_that_is_in_no_place_is_not_kept_by_a_clipboard_that_was_cleared() {
    let mut sim = asking(false);
    sim.press("c").send(Msg::Copied(Ok("Copied.".to_owned())));
    sim.waits(46_000);
    sim.effects.clear();
    sim.press("y").at_scope(Scope::MadeLeaving);
    assert!(
        !sim.effects
            .iter()
            .any(|e| matches!(e, Effect::Answer { .. }))
    );
    // Where a file has it, nothing is lost.
    let mut sim = asking(true);
    sim.press("c").send(Msg::Copied(Ok("Copied.".to_owned())));
    sim.waits(46_000);
    sim.effects.clear();
    sim.press("y").wants(&["answer GoOn"]);
}

fn stands(sim: &mut Sim) -> &mut Sim {
    let there = StandsThere {
        place: Text::new("~/.npmrc, line 3"),
        begins: Text::new("npm_abcd"),
    };
    sim.ends(Purpose::WriteToken, Ok(aims_at(Some(there))))
}

/// Another token stands where the value is to go.
pub(crate) fn over() -> Sim {
    let mut sim = has_made();
    sim.press("w enter");
    stands(&mut sim);
    sim
}

#[test]
fn a_token_that_stands_where_the_value_is_to_go_is_not_replaced_unasked() {
    let looks = "look at User for registry.example.com";
    let writes = "start WriteToken User for registry.example.com";
    let mut sim = has_made();
    sim.effects.clear();
    // Enter twice looks once.
    sim.press("w enter enter").wants(&[looks]);
    stands(&mut sim).at_scope(Scope::WriteOver).wants(&[]);
    // No has the focus, and leads back to the form.
    sim.press("enter").at_scope(Scope::WriteChoice).wants(&[]);
    sim.says("Nothing was written")
        .press("enter")
        .wants(&[looks]);
    stands(&mut sim).press("esc").at_scope(Scope::WriteChoice);
    sim.press("enter");
    sim.effects.clear();
    stands(&mut sim)
        .press("y")
        .at_scope(Scope::WriteSent)
        .wants(&[writes]);
    // What could not be looked at is not written.
    let mut sim = has_made();
    sim.press("w enter");
    sim.effects.clear();
    sim.fails(
        Purpose::WriteToken,
        FailureKind::Local,
        "It cannot be read.",
    )
    .at_scope(Scope::WriteChoice)
    .wants(&[]);
    let form = sim.model.value_card().unwrap().writing.as_ref().unwrap();
    assert!(form.error.is_some());
}

#[test]
fn what_was_looked_at_counts_for_the_file_that_is_chosen_alone() {
    // Another file was chosen meanwhile, or the form was left.
    for keys in ["tab", "esc"] {
        let mut sim = has_made();
        sim.press("w enter").press(keys);
        sim.effects.clear();
        nothing_there(&mut sim);
        sim.wants(&[]);
        let card = sim.model.value_card().unwrap();
        assert!(card.sent.is_none() && !card.is_kept());
    }
}
