//! What the screens promise about names, destruction, and words from outside.

use npm_warden::ui::Theme;
use unicode_width::UnicodeWidthStr as _;

use crate::draw::draw;
use crate::states;

/// The column of the first cell of `part` in a row.
fn column(row: &str, part: &str) -> Option<usize> {
    row.find(part).map(|at| row[..at].width())
}

#[test]
fn p27_a_name_stays_in_its_column_and_makes_no_badge() {
    let text = draw(
        &states::named("tokens hostile names"),
        &Theme::colour(),
        80,
        24,
    )
    .text();
    let rows: Vec<&str> = text.lines().collect();
    let id = rows.iter().find_map(|row| column(row, "id     ")).unwrap();
    let ids: Vec<usize> = ["a1b2c3", "a1c2c6", "a1d2c9"]
        .iter()
        .map(|short| rows.iter().find_map(|row| column(row, short)).unwrap())
        .collect();
    assert_eq!(ids, [id; 3], "{text}");
    // The first token's name ends in "bypass"; only the second one has the badge.
    let badges: Vec<&&str> = rows.iter().filter(|row| row.contains("bypass")).collect();
    assert_eq!(badges.len(), 1, "{text}");
    assert!(badges[0].contains("a1c2c6"), "{text}");
    assert!(!text.contains("✓ revoked"), "{text}");
}

#[test]
fn p26_what_steers_a_terminal_never_reaches_a_cell() {
    for state in states::all() {
        for (columns, rows) in [(80, 24), (40, 12)] {
            for cell in draw(&state.model, &Theme::colour(), columns, rows).cells() {
                assert!(
                    !cell.symbol().chars().any(char::is_control),
                    "{}: {cell:?}",
                    state.name
                );
            }
        }
    }
}

#[test]
fn p28_before_revoking_each_token_is_named_and_no_is_the_default() {
    let text = draw(&states::named("revoke one"), &Theme::colour(), 80, 24).text();
    for part in [
        "laptop",
        "npm_1000",
        "may publish",
        "for everything",
        "used just now",
        "▸ No",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("▸ Yes"), "{text}");
    let text = draw(&states::named("revoke many"), &Theme::colour(), 80, 24).text();
    assert!(text.contains("Type 6"), "{text}");
}

#[test]
fn p29_the_token_in_use_has_its_badge_and_the_question_says_that_it_goes_last() {
    let text = draw(&states::named("tokens"), &Theme::colour(), 80, 24).text();
    let badged: Vec<&str> = text.lines().filter(|row| row.contains("in use")).collect();
    assert_eq!(badged.len(), 1, "{text}");
    assert!(badged[0].contains("npm_1004"), "{text}");
    let text = draw(&states::named("revoke many"), &Theme::colour(), 80, 24).text();
    assert!(text.contains("it goes last"), "{text}");
}

/// Whatever the window: who, where, and that it is the demo (promise P40).
#[test]
fn p40_the_header_says_who_where_and_that_it_is_the_demo() {
    for (columns, rows) in [(80, 24), (50, 15), (40, 12)] {
        let text = draw(&states::named("demo"), &Theme::colour(), columns, rows).text();
        let header = text.lines().next().unwrap();
        for part in ["DEMO", "alice @ reg", "2FA off"] {
            assert!(header.contains(part), "{header}");
        }
    }
}

/// A set-up that was left or refused never shows its later steps as done.
#[test]
fn the_stepper_marks_only_what_was_done() {
    for name in ["left half done", "not taken", "set-up failed"] {
        let text = draw(&states::named(name), &Theme::colour(), 80, 24).text();
        assert!(
            text.contains("–Codes") && !text.contains("✓Codes"),
            "{text}"
        );
        assert!(text.contains("Not enabled"), "{text}");
    }
}

/// What was found here about a code stays true when the registry refuses it too, and its time stands still.
#[test]
fn a_code_that_was_insisted_on_is_not_called_right() {
    let theme = Theme::colour();
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let other = states::named("scan insisted on another key");
    let text = words(draw(&other, &theme, 200, 40).text());
    assert!(text.contains("refused it too"), "{text}");
    assert!(text.contains("No code of this key"), "{text}");
    assert!(!text.contains("right for this key"), "{text}");
    let mut late = states::named("scan insisted on another time");
    let before = draw(&late, &theme, 200, 40).text();
    assert!(words(before.clone()).contains("right for"), "{before}");
    late.now.wall += jiff::SignedDuration::from_secs(7);
    assert_eq!(before, draw(&late, &theme, 200, 40).text());
}

#[test]
fn the_place_is_described_as_it_is() {
    let theme = Theme::colour();
    for name in ["wizard place", "wizard place proved"] {
        let text = draw(&states::named(name), &theme, 120, 40).text();
        assert_eq!(text.to_lowercase().matches("malware").count(), 1, "{text}");
    }
    let text = draw(&states::named("wizard place myself"), &theme, 120, 40).text();
    assert!(
        text.contains("keeps no copy") && text.contains("crash"),
        "{text}"
    );
    assert!(!text.contains("are written to"), "{text}");
    let text = draw(&states::named("demo codes"), &theme, 120, 40).text();
    assert!(text.contains("removed when the demo ends"), "{text}");
    let text = draw(&states::named("proof"), &theme, 120, 40).text();
    assert!(text.contains("/home/alice/safe/"), "{text}");
}
