//! What stands on every screen, at three sizes.

use std::fmt::Write as _;

use npm_warden::ui::Theme;

use crate::draw::draw;
use crate::states;

/// npm's default registry, as the header names it.
static HOST: std::sync::LazyLock<&str> = std::sync::LazyLock::new(|| {
    let address = npm_warden::domain::identity::DEFAULT_REGISTRY;
    address.trim_start_matches("https://").trim_end_matches('/')
});

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

/// One file per state with the three windows; without colour the text is the same.
#[test]
fn every_screen_at_three_sizes() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots");
    settings.bind(|| {
        insta::allow_duplicates! {
            for state in states::all() {
                let mut text = String::new();
                for (columns, rows) in SIZES {
                    let drawn = draw(&state.model, &Theme::colour(), columns, rows);
                    let plain = draw(&state.model, &Theme::plain(), columns, rows);
                    assert_eq!(drawn.text(), plain.text(), "{}", state.name);
                    assert_eq!(drawn.cursor, plain.cursor, "{}", state.name);
                    let cursor = drawn.cursor.map_or_else(
                        || "no cursor".to_owned(),
                        |at| format!("cursor at {}, {}", at.x, at.y),
                    );
                    writeln!(text, "{columns} × {rows}, {cursor}").unwrap();
                    for line in drawn.text().lines() {
                        // The host stands in one place of the sources alone; as wide, so that nothing moves.
                        let line = line.replace(*HOST, "«default registry»");
                        writeln!(text, "│{line}").unwrap();
                    }
                }
                insta::assert_snapshot!(state.name.replace([' ', ','], "_").replace("__", "_"), text);
            }
        }
    });
}

/// A narrow window, between the design size and the least one: the guides and the states of the second factor.
#[test]
fn guides_in_a_narrow_window() {
    narrow_window("guides_at_50_by_15", &["guide ", "security "]);
}

/// The same for the forms of tokens, their values, and rotations.
#[test]
fn tokens_in_a_narrow_window() {
    let names = ["new token", "token made", "token write", "rotate", "note"];
    narrow_window("forms_of_tokens_at_50_by_15", &names);
}

/// The same for what lies on this machine.
#[test]
fn the_machine_in_a_narrow_window() {
    narrow_window("machine_at_50_by_15", &["machine "]);
}

fn narrow_window(snapshot: &str, names: &[&str]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots");
    let mut text = String::new();
    for state in states::all() {
        if names.iter().any(|name| state.name.starts_with(name)) {
            writeln!(text, "{}", state.name).unwrap();
            for line in draw(&state.model, &Theme::colour(), 50, 15).text().lines() {
                writeln!(text, "│{}", line.replace(*HOST, "«default registry»")).unwrap();
            }
        }
    }
    settings.bind(|| insta::assert_snapshot!(snapshot, text));
}

/// The same for an emergency.
#[test]
fn emergencies_in_a_narrow_window() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots");
    let mut text = String::new();
    for state in states::all() {
        if state.name.starts_with("emergency ") {
            writeln!(text, "{}", state.name).unwrap();
            for line in draw(&state.model, &Theme::plain(), 50, 15).text().lines() {
                writeln!(text, "│{line}").unwrap();
            }
        }
    }
    settings.bind(|| insta::assert_snapshot!("emergencies_at_50_by_15", text));
}

/// The same for revocations, and for what is not certain of a list.
#[test]
fn revocations_in_a_narrow_window() {
    let names = ["revoke", "tokens value", "tokens that changed"];
    narrow_window("revocations_at_50_by_15", &names);
}
