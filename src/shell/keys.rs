//! From the terminal's events to the program's own.

use crossterm::event::{self, Event, KeyEventKind, KeyModifiers};

use super::platform;
use crate::app::{Key, KeyCode, Msg};
use crate::domain::secret::Secret;

/// What an event means, if it means anything.
pub(super) fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => self::key(key, platform::ALT_GR_IS_CTRL_ALT).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(Secret::from(text))),
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

fn key(key: event::KeyEvent, alt_gr: bool) -> Option<Key> {
    // A release is no second press; a key held with Super belongs to the desktop.
    let foreign = KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
    if key.kind == KeyEventKind::Release || key.modifiers.intersects(foreign) {
        return None;
    }
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    let mut ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let mut alt = key.modifiers.contains(KeyModifiers::ALT);
    let code = match key.code {
        event::KeyCode::Char(c) => {
            if alt_gr && ctrl && alt && !c.is_ascii_alphanumeric() {
                ctrl = false;
                alt = false;
            }
            KeyCode::Char(if ctrl {
                c.to_ascii_lowercase()
            } else if shift && c.is_lowercase() {
                c.to_uppercase().next().unwrap_or(c)
            } else {
                c
            })
        }
        event::KeyCode::Tab if shift => KeyCode::BackTab,
        event::KeyCode::Tab => KeyCode::Tab,
        event::KeyCode::BackTab => KeyCode::BackTab,
        event::KeyCode::Enter => KeyCode::Enter,
        event::KeyCode::Esc => KeyCode::Esc,
        event::KeyCode::Backspace => KeyCode::Backspace,
        event::KeyCode::Delete => KeyCode::Delete,
        event::KeyCode::Left => KeyCode::Left,
        event::KeyCode::Right => KeyCode::Right,
        event::KeyCode::Up => KeyCode::Up,
        event::KeyCode::Down => KeyCode::Down,
        event::KeyCode::Home => KeyCode::Home,
        event::KeyCode::End => KeyCode::End,
        event::KeyCode::PageUp => KeyCode::PageUp,
        event::KeyCode::PageDown => KeyCode::PageDown,
        event::KeyCode::F(number) => KeyCode::F(number),
        _ => return None,
    };
    Some(Key {
        code,
        ctrl,
        alt,
        repeat: key.kind == KeyEventKind::Repeat,
    })
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode as C, KeyEvent, KeyEventState};

    use super::*;

    fn seen(code: C, modifiers: KeyModifiers, kind: KeyEventKind, alt_gr: bool) -> Option<Key> {
        let state = KeyEventState::NONE;
        key(
            KeyEvent {
                code,
                modifiers,
                kind,
                state,
            },
            alt_gr,
        )
    }

    fn pressed(code: C, modifiers: KeyModifiers) -> Option<Key> {
        seen(code, modifiers, KeyEventKind::Press, false)
    }

    #[test]
    fn a_release_is_no_second_press_and_a_held_key_says_so() {
        let none = KeyModifiers::NONE;
        assert_eq!(seen(C::Char('x'), none, KeyEventKind::Release, false), None);
        let held = seen(C::Down, none, KeyEventKind::Repeat, false);
        assert!(held.is_some_and(|key| key.repeat && key.code == KeyCode::Down));
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let cases = [
            (C::Char('G'), KeyModifiers::SHIFT, Key::char('G')),
            (C::Char('g'), KeyModifiers::SHIFT, Key::char('G')),
            (C::Char('!'), KeyModifiers::SHIFT, Key::char('!')),
            (C::Char('y'), KeyModifiers::CONTROL, Key::ctrl('y')),
            (C::Char('Y'), KeyModifiers::CONTROL, Key::ctrl('y')),
            (C::Tab, KeyModifiers::SHIFT, Key::plain(KeyCode::BackTab)),
            (
                C::BackTab,
                KeyModifiers::SHIFT,
                Key::plain(KeyCode::BackTab),
            ),
            (C::Enter, KeyModifiers::NONE, Key::plain(KeyCode::Enter)),
        ];
        for (code, modifiers, wanted) in cases {
            assert_eq!(pressed(code, modifiers), Some(wanted), "{code:?}");
        }
        assert_eq!(pressed(C::Char('q'), KeyModifiers::SUPER), None);
    }

    #[test]
    fn a_character_typed_with_alt_gr_is_a_character() {
        let both = KeyModifiers::CONTROL | KeyModifiers::ALT;
        let typed = seen(C::Char('@'), both, KeyEventKind::Press, true);
        assert_eq!(typed, Some(Key::char('@')));
        let chord = seen(C::Char('x'), both, KeyEventKind::Press, true);
        assert!(chord.is_some_and(|key| key.ctrl && key.alt));
    }

    #[test]
    fn a_paste_is_a_secret_until_a_field_knows_better() {
        let message = message(Event::Paste("canary".to_owned()));
        assert!(!format!("{message:?}").contains("canary"));
    }
}
