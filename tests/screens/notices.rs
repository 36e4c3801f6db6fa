//! What was just said is said where it belongs.

use npm_warden::app::model::Tone;
use npm_warden::app::notice::Spot;
use npm_warden::backend::protocol::RowState;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::ui::Theme;

use crate::draw::draw;
use crate::states;

#[test]
fn p37_what_was_said_in_a_dialog_stands_in_the_dialog() {
    for (name, beside) in [
        ("challenge", "Code: "),
        ("challenge web", "Waiting for the page"),
        ("sign in page", "Waiting for you there"),
    ] {
        let mut model = states::says(states::named(name), Tone::Good, "In tmux's buffer");
        let spot = Spot::of(&model);
        model.notice.as_mut().unwrap().spot = Some(spot);
        for (columns, rows) in [(80, 24), (120, 40), (160, 50)] {
            let text = draw(&model, &Theme::colour(), columns, rows).text();
            let row = |part| text.lines().position(|row| row.contains(part)).unwrap();
            let said = row("✓ In tmux's buffer");
            assert!(row(beside).abs_diff(said) < 5, "{name}\n{text}");
        }
    }
}

#[test]
fn a_code_that_is_too_short_leaves_nothing_of_the_one_before() {
    let mut model = states::named("challenge again");
    model.challenges[0].wait_until = None;
    let theme = Theme::colour();
    let said = &model.challenges[0].challenge.notices[0];
    let stale: String = said.as_str().chars().take(20).collect();
    assert!(draw(&model, &theme, 80, 24).text().contains(&stale));
    model.challenges[0].amiss = true;
    let text = draw(&model, &theme, 80, 24).text();
    assert!(!text.contains(&stale), "{text}");
}

#[test]
fn p30_a_row_without_an_answer_is_not_called_failed_before_the_fresh_list() {
    let mut model = states::named("revoke running");
    let rows = &mut model.tokens.revoke.as_mut().unwrap().rows;
    for row in rows.iter_mut() {
        row.state = RowState::Sent;
    }
    rows[0].state = RowState::Failed(Failure::new(
        FailureKind::Network,
        "The connection broke.",
        "Press r to read the truth.",
    ));
    let text = draw(&model, &Theme::colour(), 120, 40).text();
    assert!(text.contains("not known"), "{text}");
    assert!(
        !text.contains("failed") && !text.contains("Press r"),
        "{text}"
    );
}
