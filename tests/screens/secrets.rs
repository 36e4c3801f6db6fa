//! What is masked is nowhere on the screen.

use npm_warden::app::created::CreatedPage;
use npm_warden::ui::Theme;

use crate::draw::draw;
use crate::states::{self, CANARY, KEY, VALUE};

#[test]
fn p04_a_masked_field_shows_none_of_its_text() {
    let mut seen = 0;
    for state in states::all() {
        for (columns, rows) in [(80, 24), (120, 40), (40, 12)] {
            let text = draw(&state.model, &Theme::colour(), columns, rows).text();
            assert!(!text.contains(CANARY), "{}: {text}", state.name);
            assert!(!text.contains("7f3e"), "{}: {text}", state.name);
            seen += usize::from(text.contains(&"•".repeat(CANARY.len())));
        }
    }
    assert!(seen > 6, "the masked fields are drawn at all");
}

#[test]
fn p04_a_revealed_field_hides_again_by_itself() {
    let mut model = states::named("security raise");
    let now = model.now.mono;
    if let Some(change) = &mut model.security.change {
        change.password.toggle_reveal(now);
    }
    assert!(
        draw(&model, &Theme::colour(), 80, 24)
            .text()
            .contains(CANARY)
    );
    model.now.mono += npm_warden::app::field::REVEALED_FOR;
    assert!(
        !draw(&model, &Theme::colour(), 80, 24)
            .text()
            .contains(CANARY)
    );
}

#[test]
fn p04_a_hidden_key_is_nowhere() {
    let group = |text: &str| (0..KEY.len() - 3).any(|at| text.contains(&KEY[at..at + 4]));
    for (columns, rows) in [(80, 24), (120, 40), (40, 12)] {
        let shown = draw(&states::named("scan 121"), &Theme::colour(), columns, rows).text();
        assert!(group(&shown), "{shown}");
        let hidden = draw(
            &states::named("scan key hidden"),
            &Theme::colour(),
            columns,
            rows,
        )
        .text();
        assert!(!group(&hidden), "{hidden}");
    }
}

#[test]
fn p08_the_codes_are_gone_while_their_proof_is_asked() {
    let codes = draw(&states::named("codes short"), &Theme::colour(), 80, 24).text();
    assert!(codes.contains("1111222233330000"), "{codes}");
    let proof = draw(&states::named("proof"), &Theme::colour(), 80, 24).text();
    assert!(!proof.contains("111122223333"), "{proof}");
}

#[test]
fn p02_a_new_token_is_on_the_screen_in_full() {
    let squeezed = |text: &str| -> String {
        let kept = |c: &char| c.is_ascii_alphanumeric() || *c == '_' || *c == '.';
        text.chars().filter(kept).collect()
    };
    for (columns, rows) in [(80, 24), (120, 40), (40, 12)] {
        let text = draw(
            &states::named("token made"),
            &Theme::colour(),
            columns,
            rows,
        )
        .text();
        assert!(squeezed(&text).contains(VALUE), "{text}");
        let text = draw(
            &states::named("token made leaving"),
            &Theme::colour(),
            columns,
            rows,
        )
        .text();
        assert!(squeezed(&text).contains(VALUE), "{text}");
    }
    // A long one can be scrolled through where it finds no room, every row of it.
    let mut model = states::named("token made long");
    let (columns, rows) = (40, 12);
    let mut seen = String::new();
    for scroll in 0..40 {
        if let Some(CreatedPage::Made(made)) = &mut model.created {
            made.scroll = scroll;
        }
        seen.push_str(&draw(&model, &Theme::colour(), columns, rows).text());
    }
    let Some(CreatedPage::Made(made)) = &model.created else {
        panic!("no token");
    };
    let value = made.card.value.expose();
    for start in (0..value.len()).step_by(38) {
        let row = &value[start..value.len().min(start + 38)];
        assert!(seen.contains(row), "{row} in {seen}");
    }
}

#[test]
fn p02_each_code_is_on_the_screen_in_full() {
    let mut model = states::named("codes");
    let codes: Vec<String> = model
        .wizard
        .as_ref()
        .and_then(|wizard| wizard.codes.as_ref())
        .map(|shown| {
            shown
                .codes
                .iter()
                .map(|code| code.expose().clone())
                .collect()
        })
        .unwrap();
    let text = draw(&model, &Theme::colour(), 80, 24).text();
    for code in &codes {
        assert!(text.contains(code.as_str()), "{text}");
    }
    // Where they find no room they can be scrolled through, every character of them.
    let mut all = String::new();
    for scroll in 0..codes.len() {
        if let Some(shown) = model
            .wizard
            .as_mut()
            .and_then(|wizard| wizard.codes.as_mut())
        {
            shown.scroll = scroll;
        }
        all.push_str(&draw(&model, &Theme::colour(), 40, 12).text());
    }
    for code in &codes {
        for part in [&code[..33], &code[33..]] {
            assert!(all.contains(part), "{part} in {all}");
        }
    }
}

#[test]
fn p02_p26_a_code_with_what_cannot_be_seen_is_spelled_out_and_said_to_be() {
    for name in ["codes odd", "codes odd sheet", "set opened odd"] {
        for (columns, rows) in [(80, 24), (120, 40)] {
            let text = draw(&states::named(name), &Theme::plain(), columns, rows).text();
            for code in [
                r#""ab\u001b[2Jcd""#,
                r#""ef\u202egh\u200bij""#,
                "0123456789ab",
                "A code in quotes has characters that cannot be seen",
            ] {
                assert!(text.contains(code), "{name}: {text}");
            }
            assert!(!text.contains("every sign belongs to it"), "{text}");
        }
    }
    let text = draw(&states::named("codes"), &Theme::plain(), 80, 24).text();
    assert!(!text.contains("in quotes"), "{text}");
}
