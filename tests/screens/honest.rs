//! What the screens promise about names, destruction, and words from outside.

use npm_warden::app::model::PlaceChoice;
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
    let ids: Vec<usize> = ["a1b2c3", "a1c2c6", "a1d2c9", "a1e2cc", "a1f2cf"]
        .iter()
        .map(|short| rows.iter().find_map(|row| column(row, short)).unwrap())
        .collect();
    assert_eq!(ids, [id; 5], "{text}");
    // The first token's name ends in "bypass"; only the second one has the badge.
    let listed = rows.iter().filter(|row| row.contains("npm_10"));
    let badges: Vec<&&str> = listed.filter(|row| row.contains("bypass")).collect();
    assert_eq!(badges.len(), 1, "{text}");
    assert!(badges[0].contains("a1c2c6"), "{text}");
    assert!(!text.contains("✓ revoked"), "{text}");
    // A name from right to left stands between marks that keep its neighbours where they are; others need none.
    let marked: Vec<&&str> = rows.iter().filter(|row| row.contains('\u{200e}')).collect();
    assert_eq!(marked.len(), 1, "{text}");
    assert_eq!(marked[0].matches('\u{200e}').count(), 2, "{text}");
    assert!(marked[0].contains("a1e2cc"), "{text}");
    // Marks above a letter do not pile up into other rows.
    let piled = rows.iter().find(|row| row.contains("a1f2cf")).unwrap();
    assert_eq!(piled.matches('\u{301}').count(), 4, "{text}");
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
    for name in ["wizard place", "wizard place file", "wizard place proved"] {
        let text = draw(&states::named(name), &theme, 120, 40).text();
        assert_eq!(text.to_lowercase().matches("malware").count(), 1, "{text}");
    }
    let text = draw(&states::named("wizard place myself"), &theme, 120, 40).text();
    assert!(
        text.contains("on the screen alone") && text.contains("crash"),
        "{text}"
    );
    let text = draw(&states::named("demo codes"), &theme, 120, 40).text();
    assert!(text.contains("removed when the demo ends"), "{text}");
    let text = draw(&states::named("proof"), &theme, 120, 40).text();
    assert!(text.contains("/home/alice/safe/"), "{text}");
}

/// The text of a screen as one line, so that sentences can be looked for.
fn words(text: &str) -> String {
    let plain = text.replace(['│', '╭', '╰'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn p09_four_places_are_offered_the_best_first_and_each_with_its_reason() {
    for (columns, rows) in [(80, 24), (50, 24), (120, 40)] {
        let text = draw(
            &states::named("wizard place"),
            &Theme::plain(),
            columns,
            rows,
        )
        .text();
        let text = words(&text);
        let at: Vec<usize> = [
            "▸ (●) encrypted file",
            "( ) copied to a password manager",
            "( ) on paper",
            "( ) plain text file",
        ]
        .iter()
        .map(|name| text.find(name).unwrap_or_else(|| panic!("{name}: {text}")))
        .collect();
        assert!(at.is_sorted(), "{text}");
        assert!(text.contains("age opens it without this program"), "{text}");
    }
    // Where they find no room, each one's reason stands there when it is chosen.
    for (columns, rows) in [(40, 12), (50, 15)] {
        let mut seen = String::new();
        for choice in PlaceChoice::ALL {
            let mut model = states::named("wizard place");
            if let Some(wizard) = &mut model.wizard {
                wizard.place.choice = choice;
            }
            for nudge in -12..12 {
                if let Some(wizard) = &mut model.wizard {
                    wizard.nudge = nudge;
                }
                seen.push_str(&words(&draw(&model, &Theme::plain(), columns, rows).text()));
            }
        }
        for word in [
            "format: age",
            "not on this disk alone",
            "No program reads paper",
            "code-stealing",
        ] {
            assert!(seen.contains(word), "{columns}: {word}");
        }
    }
}

#[test]
fn p07_whoever_takes_the_codes_by_hand_is_told_what_a_crash_does() {
    for choice in [PlaceChoice::Copy, PlaceChoice::Print] {
        for (columns, rows) in [(80, 24), (50, 15), (40, 12)] {
            let mut model = states::named("wizard place");
            if let Some(wizard) = &mut model.wizard {
                wizard.place.choice = choice;
            }
            let text = words(&draw(&model, &Theme::plain(), columns, rows).text());
            assert!(
                text.contains("a crash before you have a copy loses them"),
                "{text}"
            );
        }
    }
}

#[test]
fn the_page_to_print_has_every_code_exactly_and_says_what_the_blanks_are() {
    for name in ["codes sheet", "codes sheet, short"] {
        for (columns, rows) in [(80, 24), (120, 40), (50, 15), (40, 12)] {
            let mut model = states::named(name);
            let mut seen = String::new();
            let mut all = String::new();
            for row in 0..60 {
                if let Some(codes) = model.wizard.as_mut().and_then(|w| w.codes.as_mut()) {
                    codes.sheet = Some(row);
                }
                let text = draw(&model, &Theme::plain(), columns, rows).text();
                // Whatever the page says above the first code, there is nothing of the frame.
                assert!(
                    !text.contains("npm-warden") && !text.contains('╭'),
                    "{text}"
                );
                let first = text.lines().next().unwrap_or_default().trim().to_owned();
                all.push_str(&text);
                // The row that scrolls out at the top, but for the mark of what is hidden.
                let first = first.split(['↑', '↓']).next().unwrap_or_default();
                seen.push_str(&first.replace(' ', ""));
            }
            let last = draw(&model, &Theme::plain(), columns, rows).text();
            for line in last.lines().skip(1) {
                let line = line.split(['↑', '↓']).next().unwrap_or_default();
                seen.push_str(&line.replace(' ', ""));
            }
            let codes = model
                .wizard
                .as_ref()
                .and_then(|w| w.codes.as_ref())
                .unwrap();
            for code in codes.codes.iter() {
                // A row that shares its place with the mark may lose its end: the next window has it.
                let whole = seen.contains(code.expose().as_str());
                let by_eye = code
                    .expose()
                    .as_bytes()
                    .chunks(4)
                    .all(|group| all.contains(std::str::from_utf8(group).unwrap()));
                assert!(whole || by_eye, "{columns}×{rows}: {seen}");
            }
            let all = words(&all);
            for part in [
                "account alice",
                "registry registry.example.com",
                "received 2026-11-22",
            ] {
                assert!(all.contains(part), "{part}: {all}");
            }
            assert!(all.contains("belong to no code"), "{all}");
        }
    }
    let mut demo = states::named("codes sheet");
    demo.demo = states::named("demo").demo;
    let text = draw(&demo, &Theme::plain(), 80, 24).text();
    assert!(text.contains("DEMO"), "{text}");
}

#[test]
fn an_encrypted_file_is_shown_with_the_command_that_opens_it() {
    for name in ["proof sealed", "done sealed, of a new level"] {
        let text = draw(&states::named(name), &Theme::plain(), 200, 40).text();
        let text = words(&text);
        let folder = "/home/alice/.local/share/npm-warden/recovery";
        let stem = "alice-registry.example.com-2026-11-22";
        let command = format!("age -d -i {folder}/{stem}.key.age {folder}/{stem}.age");
        assert!(
            text.replace(' ', "").contains(&command.replace(' ', "")),
            "{text}"
        );
    }
}

#[test]
fn the_command_that_opens_an_encrypted_file_stands_with_ten_long_codes_in_a_small_window() {
    let text = draw(&states::named("codes sealed"), &Theme::plain(), 80, 24).text();
    let all = words(&text).replace([' ', '│'], "");
    let stem = "alice-registry.example.com-2026-11-22";
    for part in [
        "/home/alice/.local/share/npm-warden/recovery".to_owned(),
        format!("age-d-i{stem}.key.age{stem}.age"),
        "11112222d70a0a38".repeat(4),
    ] {
        assert!(all.contains(&part), "{part}: {text}");
    }
}

#[test]
fn a_code_that_is_tried_out_is_never_a_recovery_code() {
    let tried = |name| draw(&states::named(name), &Theme::plain(), 80, 24).text();
    let asked = tried("guide entries asked");
    assert!(
        asked.contains("Type the code that your authenticator"),
        "{asked}"
    );
    assert!(!words(&asked).contains("works too"), "{asked}");
    assert!(tried("challenge").contains("works too"));
}

#[test]
fn a_level_that_is_a_new_set_up_is_explained_in_every_window() {
    let mut model = states::named("wizard place of a new level");
    for (columns, rows) in [(80, 24), (50, 15), (40, 12)] {
        let mut seen = String::new();
        for nudge in -20..3 {
            if let Some(wizard) = &mut model.wizard {
                wizard.nudge = nudge;
            }
            seen.push_str(&draw(&model, &Theme::plain(), columns, rows).text());
        }
        let seen = words(&seen);
        assert!(seen.contains("2FA is OFF"), "{seen}");
    }
    let text = words(&draw(&model, &Theme::plain(), 80, 24).text());
    for part in [
        "as a new set-up",
        "confirm it with a new entry",
        "of no use any more",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// M17: two entries of one name, an old code, a clock.
#[test]
fn a_wrong_code_is_told_by_its_time_or_its_entry() {
    let text = |name: &str| words(&draw(&states::named(name), &Theme::plain(), 200, 40).text());
    let key = text("scan other key");
    assert!(
        key.contains("other entry called registry.example.com:alice in your app"),
        "{key}"
    );
    let time = text("scan other time");
    assert!(
        time.contains("12:03:30") && time.contains("60 s late"),
        "{time}"
    );
    let early = text("scan early");
    assert!(
        early.contains("90 s early") && early.contains("clock is ahead"),
        "{early}"
    );
    let off = text("scan refused again, waiting");
    assert!(off.contains("clock is 95 s behind the registry's"), "{off}");
}

#[test]
fn before_2fa_is_turned_off_it_is_said_that_it_may_stay_off() {
    for name in [
        "guide codes again",
        "guide codes again, none came",
        "guide phone again",
        "guide device off",
    ] {
        let drawn = draw(&states::named(name), &Theme::colour(), 80, 40).text();
        let text = words(&drawn);
        for part in [
            "cannot be found out beforehand",
            "npm's own since 2025-10-13",
            "2FA stays off, and the password alone opens the account",
            "ask whoever runs it",
        ] {
            assert!(text.contains(part), "{name}: {part}: {drawn}");
        }
        assert!(!text.contains("speaks for that"), "{name}: {drawn}");
    }
    let drawn = draw(&states::named("guide device off"), &Theme::colour(), 80, 40).text();
    assert!(words(&drawn).contains("72 hours"), "{drawn}");
}

#[test]
fn a_refusal_after_the_clearing_says_that_the_half_done_set_up_is_gone() {
    let mut model = states::named("not taken");
    model.account = states::named("security closed").account;
    model.wizard.as_mut().unwrap().pending = true;
    let drawn = draw(&model, &Theme::colour(), 80, 24).text();
    let text = words(&drawn);
    assert!(
        text.contains("The half-done one was cleared: 2FA is off now"),
        "{drawn}"
    );
    assert!(text.contains("Enter goes to Security."), "{drawn}");
}

#[test]
fn the_end_page_of_a_guides_wizard_says_that_the_guide_goes_on() {
    let mut model = states::named("not taken");
    let mut guide = states::named("guide device on").guide.unwrap();
    guide.shown = false;
    guide.errand = Some(npm_warden::app::model::Errand::Wizard);
    model.guide = Some(guide);
    let drawn = draw(&model, &Theme::colour(), 80, 24).text();
    assert!(drawn.contains("Enter goes on with the guide."), "{drawn}");
}

#[test]
fn codes_that_were_copied_by_hand_and_not_proved_are_not_told_as_copied() {
    use npm_warden::backend::protocol::Enabled;
    let mut model = states::named("done, not proved");
    if let Some(Ok(Enabled::On { place, .. })) = &mut model.wizard.as_mut().unwrap().end {
        *place = npm_warden::domain::recovery::Place::Myself;
    }
    let drawn = draw(&model, &Theme::colour(), 80, 24).text();
    let text = words(&drawn);
    assert!(
        text.contains("You said that you copy the recovery codes yourself"),
        "{drawn}"
    );
    assert!(!text.contains("are where you copied them"), "{drawn}");
}

/// The rows that show one of the emergency's tokens with its mark.
fn marked(text: &str) -> Vec<&str> {
    text.lines().filter(|row| row.contains("[x]")).collect()
}

#[test]
fn p27_in_an_emergency_a_name_makes_neither_mark_nor_badge() {
    for (columns, rows) in [(80, 24), (120, 40), (50, 15), (40, 12)] {
        let model = states::named("emergency revoke");
        let text = draw(&model, &Theme::plain(), columns, rows).text();
        let items: Vec<&str> = marked(&text);
        let hostile = items.iter().find(|row| row.contains("✓ revoked")).unwrap();
        // Its name says "in use", "here" and "[ ] stays": its columns say bypass alone.
        let badge = hostile.find("bypass").unwrap();
        assert!(hostile[badge..].find("in use").is_none(), "{text}");
        assert!(
            !hostile.contains("[ ]") && !hostile.contains("verified"),
            "{text}"
        );
        let at = column(hostile, "bypass").unwrap();
        for row in items.iter().filter(|row| row.contains("bypass")) {
            assert_eq!(column(row, "bypass"), Some(at), "{text}");
        }
    }
}

#[test]
fn p27_in_the_plan_the_badges_stay_in_every_window() {
    for columns in [80, 50] {
        let rows = 200;
        let model = states::named("emergency plan");
        let text = draw(&model, &Theme::plain(), columns, rows).text();
        let hostile = text.lines().find(|row| row.contains("✓ revoked"));
        assert!(hostile.unwrap().contains("bypass"), "{text}");
    }
}

#[test]
fn p29_p32_p33_the_emergency_says_what_it_does_and_does_not() {
    let said = |name: &str| words(&draw(&states::named(name), &Theme::plain(), 80, 200).text());
    let plan = said("emergency plan");
    for part in [
        "in use here: last",
        "npm login on other machines",
        "Trusted publishers",
        "mail account",
    ] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
    assert!(said("emergency suspect").contains("▸ (●) It may be"));
    assert!(said("emergency account").contains("A new password ends no token"));
    assert!(said("emergency sign in").contains("written to a disk"));
}

#[test]
fn p30_p31_what_is_still_accepted_is_never_called_revoked_and_the_sum_is_whole() {
    for name in ["emergency report", "emergency report, written"] {
        let model = states::named(name);
        let text = words(&draw(&model, &Theme::plain(), 80, 200).text());
        let rows = model.emergency.incident.as_ref().unwrap().rows.len();
        let counted: usize = (1..=rows)
            .flat_map(|n| ['✗', '!', '✓'].map(|sign| (n, format!("{sign} {n} of {rows} "))))
            .map(|(n, sum)| n * text.matches(&sum).count())
            .sum();
        assert_eq!(counted, rows, "{text}");
        let accepted = text.split("STILL ACCEPTED").nth(1).unwrap();
        assert!(accepted.starts_with(": the registry says"), "{text}");
        assert!(text.contains("2 of 8 revoked and verified"), "{text}");
    }
}

#[test]
fn while_an_emergency_is_under_way_every_other_screen_says_so() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        let model = states::named("emergency elsewhere on profile");
        let text = draw(&model, &Theme::plain(), columns, rows).text();
        let said = if columns < 50 {
            "The emergency waits: ! goes back."
        } else {
            "An emergency is under way"
        };
        assert!(text.contains(said), "{text}");
    }
}
