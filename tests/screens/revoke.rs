//! A revocation in any window: what breaks, and how it ended, can be read to the last word.

use npm_warden::app::{Key, KeyCode, Model, Msg, update};
use npm_warden::ui::Theme;

use crate::draw::draw;
use crate::states;

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (50, 15), (40, 12)];

/// The words of each view on the way down, without what wrapping puts between them.
fn views(mut model: Model, (columns, rows): (u16, u16)) -> Vec<String> {
    let now = model.now;
    update(&mut model, Msg::Resize(columns, rows), now);
    let mut views: Vec<String> = Vec::new();
    for _ in 0..40 {
        let text = draw(&model, &Theme::plain(), columns, rows).text();
        views.push(text.replace(['│', '\n'], " "));
        update(&mut model, Msg::Key(Key::plain(KeyCode::Down)), now);
    }
    views
        .iter()
        .map(|view| view.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn p28_what_breaks_here_can_be_read_in_any_window_before_the_yes() {
    for size in SIZES {
        let views = views(states::named("revoke one that breaks here"), size);
        for words in [
            "in use now: it goes last",
            "left-pad/.npmrc, line 3: breaks",
            "secret NPM_TOKEN of left-pad",
        ] {
            assert!(
                views.iter().any(|view| view.contains(words)),
                "{size:?} {words}: {views:#?}"
            );
        }
        let first = &views[0];
        assert!(first.contains("▸ No"), "{size:?} {first}");
        let whole = first.contains("NPM_TOKEN of left-pad");
        assert!(whole || first.contains("more"), "{size:?} {first}");
    }
}

#[test]
fn p30_each_end_of_a_revocation_can_be_read_in_any_window() {
    for size in SIZES {
        let all = views(states::named("revoke done, some still accepted"), size);
        for words in [
            "1 of 6 STILL ACCEPTED",
            "accepted since",
            "still listed old script",
            "(no name)",
        ] {
            assert!(
                all.iter().any(|view| view.contains(words)),
                "{size:?} {words}: {all:#?}"
            );
        }
        assert!(!all[0].contains("accept…"), "{size:?} {}", all[0]);
        let whole = all[0].contains("a202d2");
        assert!(whole || all[0].contains("more"), "{size:?} {}", all[0]);
        let unkept = views(states::named("revoke done, not noted"), size);
        let said = |view: &String| view.contains("takes no writing");
        assert!(unkept.iter().any(said), "{size:?} {unkept:#?}");
    }
}
