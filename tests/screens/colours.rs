//! Colours: none that were not asked for, and never the only sign.

use npm_warden::ui::Theme;
use ratatui::style::Color;

use crate::draw::draw;
use crate::states;

/// Under `NO_COLOR` only the QR code has colours: it does not scan without.
#[test]
fn without_colour_there_is_none_but_the_qr_code() {
    for state in states::all() {
        for (columns, rows) in [(80, 24), (120, 40), (40, 12)] {
            let drawn = draw(&state.model, &Theme::plain(), columns, rows);
            for cell in drawn.cells() {
                let qr = matches!(
                    (cell.fg, cell.bg),
                    (Color::Indexed(16 | 231), Color::Indexed(16 | 231))
                );
                assert!(
                    qr || (cell.fg, cell.bg) == (Color::Reset, Color::Reset),
                    "{}: {cell:?}",
                    state.name
                );
            }
        }
    }
}

/// The terminal's own sixteen colours, so that its palette decides; no fixed ones but the QR code's.
#[test]
fn the_terminal_palette_decides() {
    for state in states::all() {
        let drawn = draw(&state.model, &Theme::colour(), 80, 24);
        for cell in drawn.cells() {
            for colour in [cell.fg, cell.bg] {
                assert!(
                    !matches!(
                        colour,
                        Color::Rgb(..) | Color::White | Color::Black | Color::Gray
                    ),
                    "{}: {cell:?}",
                    state.name
                );
            }
        }
    }
}

macro_rules! styles {
    ($($test:ident: $state:literal,)*) => {$(
        #[test]
        fn $test() {
            let drawn = draw(&states::named($state), &Theme::colour(), 80, 24);
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.set_snapshot_path("snapshots");
            settings.bind(|| insta::assert_snapshot!(concat!("styles_", stringify!($test)), drawn.styles()));
        }
    )*};
}

styles! {
    security: "security auth-only",
    tokens: "tokens",
    revoke_done: "revoke done",
    challenge: "challenge again",
    challenge_web: "challenge web elsewhere",
}
