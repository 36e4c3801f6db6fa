//! The value of a token that is shown once: what has it besides the screen, and what that is worth as time passes.

use npm_warden::app::created::Copied;
use npm_warden::app::keymap::Scope;
use npm_warden::app::{Effect, Msg};

use crate::create::{copies, has_made};
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
