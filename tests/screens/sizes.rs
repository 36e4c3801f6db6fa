//! No size is too small or too odd.

use npm_warden::ui::{LEAST, Theme};

use crate::draw::draw;
use crate::states;

#[test]
fn nothing_panics_from_nothing_to_large() {
    let theme = Theme::colour();
    for state in states::all() {
        for rows in [0, 1, 2, 11, 12, 13, 15, 16, 24] {
            for columns in [0, 1, 2, 39, 40, 41, 60, 79, 81, 107, 108, 200] {
                draw(&state.model, &theme, columns, rows);
            }
        }
        for rows in 0..=30 {
            draw(&state.model, &theme, 40, rows);
            draw(&state.model, &theme, 80, rows);
        }
        for columns in [0, 40, 50, 120, 200] {
            draw(&state.model, &theme, columns, 60);
        }
    }
}

#[test]
fn a_window_that_is_too_small_says_how_much_room_is_needed() {
    let model = states::named("tokens");
    for (columns, rows) in [
        (LEAST.0 - 1, 24),
        (80, LEAST.1 - 1),
        (20, 5),
        (6, 1),
        (5, 1),
    ] {
        let text = draw(&model, &Theme::colour(), columns, rows).text();
        let shown: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(shown.len(), 1, "{text}");
        assert!(shown[0].contains("40") && shown[0].contains("12"), "{text}");
    }
    let text = draw(&model, &Theme::colour(), LEAST.0, LEAST.1).text();
    assert!(text.contains("Tokens"), "{text}");
}
