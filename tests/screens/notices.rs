//! What was just said is said where it belongs.

use npm_warden::app::model::Tone;
use npm_warden::app::notice::Spot;
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
