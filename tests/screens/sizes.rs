//! No size is too small or too odd.

use npm_warden::ui::{LEAST, Theme};

use crate::draw::draw;
use crate::states;

#[test]
fn nothing_panics_from_nothing_to_large() {
    let theme = Theme::colour();
    for state in states::all() {
        for rows in [
            0, 1, 2, 3, 11, 12, 13, 14, 15, 16, 17, 20, 23, 24, 25, 31, 40, 60,
        ] {
            for columns in (0..=200).filter(|n| *n < 4 || *n > 36 && *n < 44 || n % 17 == 0) {
                draw(&state.model, &theme, columns, rows);
            }
        }
        for columns in [0, 1, 39, 40, 41, 50, 79, 80, 104, 120, 200] {
            for rows in 0..=60 {
                draw(&state.model, &theme, columns, rows);
            }
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
