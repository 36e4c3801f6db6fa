//! The key table as people read it: footer, help, palette.

use std::collections::HashSet;

use super::scope::{explained, stack};
use super::{Action, Binding, Reason, Scope, beneath, bindings, enabled, scopes};
use crate::app::emergency::choices;
use crate::app::emergency::model::{CareOf, Page, Waits};
use crate::app::key::Key;
use crate::app::model::{Model, Overlay, Screen};
use crate::app::password::PasswordField;
use crate::app::rotate;
use crate::domain::incident::Ask;
use crate::domain::tfa::Tfa;

/// A part of the help: one scope's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpGroup {
    /// Where the keys hold.
    pub title: &'static str,
    /// The keys, what they do, and why not at the moment.
    pub lines: Vec<(String, &'static str, Option<Reason>)>,
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub name: &'static str,
    /// The screen that it belongs to and that is gone to first, when it is another one.
    pub on: Option<Screen>,
    /// Its keys.
    pub keys: String,
    /// The action.
    pub action: Action,
    /// Why not at the moment.
    pub disabled: Option<Reason>,
}

/// The keys that work now, the most relevant first: the key and its word.
pub fn footer(model: &Model) -> Vec<(String, &'static str)> {
    scopes(model)
        .into_iter()
        .flat_map(bindings)
        .filter(|line| !line.short.is_empty() && enabled(model, line.action).is_ok())
        .map(|line| (line.keys[0].to_string(), word(model, line)))
        .filter(|(_, word)| !word.is_empty())
        .collect()
}

/// What a key does in a word or two: the table's word, but for the keys that do another thing by how 2FA or a form stands.
fn word(model: &Model, line: &Binding) -> &'static str {
    if let Some(word) = rotate::word(model, line) {
        return word;
    }
    if line.action == Action::PasswordEnter
        && let Some(form) = &model.profile.password
        && form.at == PasswordField::Again
    {
        return "change it";
    }
    if line.action == Action::ToggleToken
        && let Some(card) = model.value_card()
    {
        return if card.shown { "hide" } else { "show" };
    }
    if line.action == Action::TokenEnter && rotate::form(model).is_some() {
        return match line.scope {
            Scope::TokenPassword => "rotate",
            _ => line.short,
        };
    }
    if line.action == Action::StopToken && rotate::form(model).is_some() {
        return "back";
    }
    if line.action == Action::WizardBack
        && let Some(wizard) = &model.wizard
        && wizard.job.is_some()
    {
        return "leave";
    }
    if matches!(line.action, Action::EmergencyEnter | Action::EmergencyLeave) {
        return emergency(model, line);
    }
    let tfa = model.profile().map(|profile| &profile.tfa);
    match (line.action, tfa) {
        (Action::EnableOrChange, Some(Tfa::On(_))) => "change level",
        (Action::EnableOrChange, Some(Tfa::Pending(_))) => "start over",
        (Action::EnableOrChange, Some(Tfa::Off)) => "enable 2FA",
        (Action::TurnOff, Some(Tfa::Pending(_))) => "clear it",
        _ => line.short,
    }
}

/// What Enter and Esc do in the emergency.
fn emergency(model: &Model, line: &Binding) -> &'static str {
    let screen = &model.emergency;
    if line.action == Action::EmergencyLeave {
        return match screen.page() {
            _ if screen.steps => "back",
            Page::Report if screen.is_ending() => "",
            Page::Plan => "",
            Page::Report if !screen.under_way() => "close",
            _ => line.short,
        };
    }
    match (screen.page(), &screen.waits) {
        _ if screen.steps => "back",
        (Page::Packages, _) => "go on",
        (Page::Report, None) if screen.is_ending() => "",
        (Page::Report, None) => "close",
        (Page::Account, _) if screen.cursor >= CareOf::ALL.len() => "go on",
        (Page::List, Some(Waits::Ask(Ask::Revoke | Ask::Appeared(_))))
            if !screen.marks.is_empty() =>
        {
            "revoke"
        }
        (Page::List, Some(Waits::Ask(Ask::Local(_)))) if screen.marked() > 0 => "take out",
        (Page::Plan, _) if choices(model).len() > 1 => "choose",
        _ => line.short,
    }
}

/// The keys of what lies beneath the help, in groups.
pub fn help(model: &Model) -> Vec<HelpGroup> {
    let mut groups: Vec<HelpGroup> = Vec::new();
    for scope in stack(model, explained(model)) {
        let lines = bindings(scope).map(|line| {
            (
                key_names(line.keys),
                line.help,
                enabled(model, line.action).err(),
            )
        });
        match groups.iter_mut().find(|group| group.title == scope.title()) {
            Some(group) => group.lines.extend(lines),
            None => groups.push(HelpGroup {
                title: scope.title(),
                lines: lines.collect(),
            }),
        }
    }
    groups
}

/// How many lines the help has, with a heading for each group and a blank between two.
pub fn help_lines(model: &Model) -> usize {
    let groups = help(model);
    groups
        .iter()
        .map(|group| group.lines.len() + 2)
        .sum::<usize>()
        .saturating_sub(1)
}

/// The first key of an action in a scope, for what is drawn beside the footer.
pub fn key_of(scope: Scope, action: Action) -> Option<String> {
    let mut lines = bindings(scope).filter(|line| line.action == action);
    lines.next().map(|line| line.keys[0].to_string())
}

/// The keys of one line, as a person reads them.
pub fn key_names(keys: &[Key]) -> String {
    let names: Vec<String> = keys.iter().map(Key::to_string).collect();
    names.join(" ")
}

/// The palette's lines that match what is typed there; all of them when it is not open.
///
/// Every word typed has to occur in the name or the screen's title.
pub fn palette(model: &Model) -> Vec<Entry> {
    let typed = match &model.overlay {
        Some(Overlay::Palette { typed, .. }) => typed.value().expose().to_lowercase(),
        _ => String::new(),
    };
    let here = beneath(model);
    let mut entries = Vec::new();
    for scope in stack(model, here) {
        entries.extend(bindings(scope).filter_map(|line| entry(model, line, None)));
    }
    if here.is_screen() {
        for scope in [
            Scope::Profile,
            Scope::Security,
            Scope::Tokens,
            Scope::Recovery,
        ] {
            if scope != here {
                let on = scope.screen();
                entries.extend(bindings(scope).filter_map(|line| entry(model, line, on)));
            }
        }
    }
    // What is found here is not offered on another screen once more.
    let mut seen = HashSet::new();
    entries.retain(|entry| seen.insert(entry.action));
    entries.retain(|entry| {
        let title = entry.on.map_or("", Screen::title).to_lowercase();
        let name = entry.name.to_lowercase();
        typed
            .split_whitespace()
            .all(|word| name.contains(word) || title.contains(word))
    });
    entries
}

fn entry(model: &Model, line: &'static Binding, on: Option<Screen>) -> Option<Entry> {
    if matches!(
        line.action,
        Action::Move(_) | Action::Palette | Action::Dismiss
    ) {
        return None;
    }
    Some(Entry {
        name: line.help,
        on,
        keys: key_names(line.keys),
        action: line.action,
        disabled: enabled(model, line.action).err(),
    })
}
