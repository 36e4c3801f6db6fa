//! The one key table: nothing doubled, nothing hidden, nothing undescribed.

use std::collections::HashSet;

use npm_warden::app::bindings::BINDINGS;
use npm_warden::app::keymap::{
    Action, Scope, beneath, enabled, footer, help, key_names, palette, resolve, scopes, top,
};
use npm_warden::app::model::Screen;
use npm_warden::app::{Key, KeyCode};

use crate::sim::{Sim, is_screen, key};
use crate::tour::places;

#[test]
fn no_key_is_doubled_in_a_scope() {
    let mut seen = HashSet::new();
    for line in BINDINGS {
        assert!(!line.keys.is_empty(), "{:?} has no key", line.action);
        for key in line.keys {
            assert!(seen.insert((line.scope, *key)), "{key} in {:?}", line.scope);
        }
    }
}

#[test]
fn every_line_is_described_and_reached_somewhere() {
    let places = places();
    for line in BINDINGS {
        assert!(!line.help.is_empty());
        assert!(!line.short.contains('.') && !line.help.ends_with('.'));
        let reached = places.iter().any(|sim| {
            scopes(&sim.model).contains(&line.scope)
                && resolve(&sim.model, line.keys[0]) == Some(line.action)
        });
        assert!(
            reached,
            "{:?} in {:?} is never reached",
            line.action, line.scope
        );
    }
}

#[test]
fn every_line_can_be_taken_somewhere() {
    let places = places();
    for line in BINDINGS {
        // A code that is being looked at, a wait: what stands in the way passes.
        let taken = places.iter().any(|sim| {
            scopes(&sim.model).contains(&line.scope) && enabled(&sim.model, line.action).is_ok()
        });
        assert!(
            taken,
            "{:?} in {:?} is never enabled",
            line.action, line.scope
        );
    }
}

#[test]
fn a_field_with_the_focus_takes_every_letter_and_every_editing_key() {
    let mut editing = vec![
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Backspace,
        KeyCode::Delete,
    ]
    .into_iter()
    .map(Key::plain)
    .collect::<Vec<_>>();
    editing.extend(['a', 'e', 'h', 'u'].map(Key::ctrl));
    editing.extend(('!'..='~').map(Key::char));
    editing.push(Key::char(' '));
    for sim in places().iter().filter(|sim| top(&sim.model).is_field()) {
        for key in &editing {
            assert_eq!(
                resolve(&sim.model, *key),
                None,
                "{key} in {:?}",
                top(&sim.model)
            );
        }
    }
}

#[test]
fn the_footer_names_keys_that_work_and_begins_with_the_nearest() {
    for sim in places() {
        let scope = top(&sim.model);
        let footer = footer(&sim.model);
        for (name, short) in &footer {
            let pressed = BINDINGS
                .iter()
                .flat_map(|line| line.keys)
                .find(|key| key.to_string() == *name)
                .unwrap();
            let action = resolve(&sim.model, *pressed).unwrap();
            assert!(
                enabled(&sim.model, action).is_ok(),
                "{name} {short} in {scope:?}"
            );
        }
        if is_screen(scope) {
            let words: Vec<&str> = footer.iter().map(|(_, short)| *short).collect();
            assert!(
                words.ends_with(&["help", "quit", "demo authenticator"])
                    || sim.model.demo.is_none()
            );
        }
        assert!(!footer.is_empty(), "{scope:?} has nothing in its footer");
    }
    let sim = Sim::at_tokens(3);
    let line: Vec<String> = footer(&sim.model)
        .iter()
        .map(|(key, word)| format!("{key} {word}"))
        .collect();
    assert_eq!(
        line.join("  "),
        "space select  x revoke  n new  / filter  s sort  Enter details  a all  o rotate  m note  r reload  ? help  q quit"
    );
}

#[test]
fn the_help_is_complete_and_says_why_not() {
    for sim in places() {
        let groups = help(&sim.model);
        let lines: Vec<_> = groups.iter().flat_map(|group| &group.lines).collect();
        let mut wanted = vec![beneath(&sim.model), Scope::Always];
        if is_screen(beneath(&sim.model)) {
            wanted.extend([Scope::Main, Scope::Free]);
        }
        for line in BINDINGS.iter().filter(|line| wanted.contains(&line.scope)) {
            let found = lines
                .iter()
                .find(|(keys, text, _)| *keys == key_names(line.keys) && *text == line.help)
                .unwrap_or_else(|| panic!("{} is not in the help", line.help));
            assert_eq!(found.2, enabled(&sim.model, line.action).err());
        }
        let titles: HashSet<_> = groups.iter().map(|group| group.title).collect();
        assert_eq!(titles.len(), groups.len());
    }
}

#[test]
fn the_palette_has_every_action_of_every_screen() {
    let sim = Sim::signed_in();
    let entries = palette(&sim.model);
    for line in BINDINGS {
        let wanted = matches!(
            line.scope,
            Scope::Profile | Scope::Security | Scope::Tokens | Scope::Main | Scope::Free
        ) && !matches!(line.action, Action::Palette | Action::Dismiss);
        let found = entries.iter().any(|entry| entry.action == line.action);
        assert!(found || !wanted, "{:?}", line.action);
    }
}

#[test]
fn the_fixed_keys_mean_what_habits_rely_on() {
    let mut sim = Sim::at_tokens(3);
    let means = |sim: &Sim, name: &str| resolve(&sim.model, key(name)).unwrap();
    for (name, action) in [
        ("1", Action::Go(Screen::Profile)),
        ("2", Action::Go(Screen::Security)),
        ("3", Action::Go(Screen::Tokens)),
        ("4", Action::Go(Screen::Recovery)),
        ("tab", Action::NextScreen),
        ("shift-tab", Action::PreviousScreen),
        ("?", Action::Help),
        (":", Action::Palette),
        ("r", Action::Reload),
        ("/", Action::Filter),
        ("s", Action::Sort),
        ("space", Action::Select),
        ("a", Action::SelectAll),
        ("x", Action::Revoke),
        ("n", Action::NewToken),
        ("q", Action::Quit),
        ("ctrl-c", Action::QuitNow),
        ("ctrl-z", Action::Suspend),
    ] {
        assert_eq!(means(&sim, name), action, "{name}");
    }
    sim.press("2");
    assert_eq!(means(&sim, "e"), Action::EnableOrChange);
    assert_eq!(means(&sim, "d"), Action::TurnOff);
    sim.press("1");
    assert_eq!(means(&sim, "e"), Action::EditField);
    assert_eq!(means(&sim, "p"), Action::NewPassword);
}

#[test]
fn keys_have_names_that_people_know() {
    for (name, shown) in [
        ("ctrl-y", "Ctrl-Y"),
        ("enter", "Enter"),
        ("space", "space"),
        ("G", "G"),
        ("pgdn", "PgDn"),
        ("shift-tab", "Shift-Tab"),
        ("f1", "F1"),
    ] {
        assert_eq!(key(name).to_string(), shown);
    }
}

#[test]
fn f1_helps_in_every_field_and_the_footer_says_so() {
    let mut sim = Sim::signed_in();
    sim.press("1 e").at_scope(Scope::ProfileEdit);
    let footer = footer(&sim.model);
    assert!(footer.contains(&("F1".to_owned(), "help")), "{footer:?}");
    sim.press("f1").at_scope(Scope::Help);
}
