//! Low windows: what is asked and what can be answered are in sight at once, and what is not in sight is announced.

use npm_warden::ui::Theme;

use crate::draw::draw;
use crate::states;

const LOW: [(u16, u16); 3] = [(80, 24), (50, 15), (40, 12)];

fn seen(name: &str, (columns, rows): (u16, u16)) -> String {
    let text = draw(&states::named(name), &Theme::plain(), columns, rows).text();
    let text = text.replace(['│', '\n'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn p32_the_answers_of_an_emergency_are_in_sight_with_their_question() {
    for (name, asks, answers, last) in [
        (
            "emergency suspect",
            "May a thief be in this machine?",
            &[
                "▸ (●) It may be, or I cannot tell",
                "( ) No",
                "all the same",
            ][..],
            "save what you need first",
        ),
        (
            "emergency email",
            "Is this address still yours",
            &[
                "▸ (●) I cannot tell now",
                "( ) Yes",
                "somebody else may read it",
            ],
            "",
        ),
        (
            "emergency again",
            "not gone yet",
            &["▸ (●) Try again", "( ) Go on"],
            "",
        ),
        (
            "emergency sign in, put off",
            "waits for a sign-in",
            &[
                "▸ (●) Sign in",
                "( ) Go on without it",
                "( ) Leave the emergency",
            ],
            "a thief may hold, too",
        ),
    ] {
        for size in LOW {
            let text = seen(name, size);
            assert!(text.contains(asks), "{name} {size:?}: {text}");
            for answer in answers {
                assert!(text.contains(answer), "{name} {size:?} {answer}: {text}");
            }
            let signed = text.contains("more ") || text.contains(last);
            assert!(signed || last.is_empty(), "{name} {size:?}: {text}");
        }
    }
}

#[test]
fn what_a_fix_changes_is_in_sight_before_the_question_is_answered() {
    for (name, first) in [
        ("machine remove", "- //registry.example.com"),
        ("machine to variable", "- //registry.example.com"),
        ("machine tighten", "- mode 644"),
    ] {
        for size in LOW {
            let text = seen(name, size);
            assert!(text.contains("~/project/.npmrc"), "{name} {size:?}: {text}");
            assert!(text.contains(first), "{name} {size:?}: {text}");
            assert!(text.contains("▸ No"), "{name} {size:?}: {text}");
        }
    }
}

#[test]
fn p08_the_first_code_and_the_key_that_copies_are_in_sight_at_once() {
    for size in [(80, 24), (50, 15), (40, 12)] {
        for name in ["codes", "codes short", "codes sealed, short"] {
            let text = seen(name, size);
            assert!(text.contains(" 1 "), "{name} {size:?}: {text}");
            assert!(text.contains("c copy"), "{name} {size:?}: {text}");
        }
    }
}
