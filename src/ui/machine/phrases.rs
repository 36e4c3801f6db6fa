//! Sources, credentials and what came of them, in words.

use jiff::Timestamp;
use ratatui::style::Style;

use super::super::theme::Theme;
use super::super::words;
use crate::app::machine::model::MachineScreen;
use crate::domain::identity::CredentialKind;
use crate::domain::machine::{
    CredentialId, FileFacts, Form, Git, LocalCredential, Probe, Rank, Source, SourceState,
};
use crate::domain::text::Text;

/// A sentence and how it is meant.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) style: Style,
}

/// Mode, git and link of a file in a few words.
pub(super) fn facts(facts: &FileFacts) -> String {
    let mut parts = Vec::new();
    if let Some(mode) = facts.mode {
        parts.push(format!("mode {mode:o}"));
    }
    match facts.git {
        Git::None => {}
        Git::Untracked => parts.push("not kept by git".to_owned()),
        Git::Ignored => parts.push("ignored by git".to_owned()),
        Git::Tracked => parts.push("kept by git".to_owned()),
        Git::Unknown => parts.push("git: not known".to_owned()),
    }
    if let Some(link) = &facts.link {
        parts.push(format!("→ {}", link.quoted(120)));
    }
    parts.join(" · ")
}

/// What is wrong with a file, one sentence each.
pub(super) fn warnings(screen: &MachineScreen, source: &Source) -> Vec<String> {
    let (Some(path), SourceState::Read(facts)) = (&source.path, &source.state) else {
        return Vec::new();
    };
    let machine = screen.machine.value();
    let held = || {
        let all = machine.into_iter().flat_map(|machine| machine.of(path));
        all.filter(|local| local.holds())
    };
    let literal = held().next().is_some();
    let emptied = screen.emptied.contains(path);
    let mut warnings = Vec::new();
    if literal && facts.open_to_others() {
        warnings
            .push("Others on this machine can read or write it: m tightens the mode.".to_owned());
    }
    match facts.git {
        Git::Tracked if literal => {
            let variable = held().any(LocalCredential::takes_variable);
            let rest = held().any(|local| !local.takes_variable());
            let next = match (variable, rest) {
                (true, false) => "put a variable there (e)",
                (true, true) => "put a variable there (e) or take the line out (x)",
                (false, _) => "take the line out (x)",
            };
            warnings.push(format!(
                "git keeps it, so what stands in it, or stood there, may be in its history: revoke that, and {next}."
            ));
        }
        Git::Tracked if emptied => warnings.push(
            "git keeps it, so the secret that was taken out of it may be in its history: revoke that, too.".to_owned(),
        ),
        Git::Unknown if emptied && !literal => warnings.push(
            "It lies in a work tree of git: if git keeps it, its history may hold the secret that was taken out. \
             Revoke that, too."
                .to_owned(),
        ),
        Git::Unknown if literal => warnings.push(
            "It lies in a work tree of git; whether git keeps it could not be found out.".to_owned(),
        ),
        _ => {}
    }
    warnings
}

/// How the value is written, with as much of it as a registry lists.
pub(super) fn form(local: &LocalCredential) -> String {
    match &local.form {
        Form::Literal if local.begins.is_empty() => "literal".to_owned(),
        Form::Literal => format!("{}…", local.begins),
        Form::Variable { names, .. } => joined(names),
        Form::Mixed { names, .. } => format!("text with {}", joined(names)),
    }
}

pub(super) fn joined(names: &[Text]) -> String {
    let names: Vec<_> = names.iter().map(Text::as_str).collect();
    names.join(" and ")
}

/// What npm makes of it, in a word or two.
pub(super) fn rank(local: &LocalCredential, theme: &Theme) -> (&'static str, Style) {
    match &local.rank {
        // Where npm refuses all, its own requests carry nothing.
        Rank::Unusable(_) if local.in_use => ("! used by npm-warden alone", theme.warning),
        _ if local.in_use => ("✓ in use", theme.good),
        Rank::Wins => match local.kind {
            CredentialKind::Certificate | CredentialKind::Key => ("sent", theme.good),
            _ => ("wins", theme.good),
        },
        Rank::Beaten(_) => ("beaten", theme.dim),
        Rank::Unusable(_) => ("! not usable", theme.warning),
    }
}

/// What is to be said of it besides.
pub(super) fn more(local: &LocalCredential, theme: &Theme) -> Vec<Said> {
    let mut said = Vec::new();
    match &local.rank {
        Rank::Wins => {}
        Rank::Beaten(by) => said.push(Said {
            text: format!("{by} comes first."),
            style: theme.dim,
        }),
        Rank::Unusable(why) => said.push(Said {
            text: format!("! {why}"),
            style: theme.warning,
        }),
    }
    // Of each that is not named already.
    let told = |name: &&Text| said.iter().any(|said| said.text.contains(name.as_str()));
    let unset = local.form.unset().iter();
    let unset: Vec<_> = unset.filter(|name| !told(name)).map(Text::as_str).collect();
    if !unset.is_empty() {
        let is = if unset.len() == 1 { "is" } else { "are" };
        said.push(Said {
            text: format!("! {} {is} not set here.", unset.join(" and ")),
            style: theme.warning,
        });
    }
    said
}

/// What came of trying it out, with the time.
pub(super) fn probe(
    screen: &MachineScreen,
    id: &CredentialId,
    now: Timestamp,
    theme: &Theme,
) -> Option<Said> {
    if screen.is_tried(id) {
        return Some(Said {
            text: "· being tried out …".to_owned(),
            style: theme.accent,
        });
    }
    let probed = screen.probe(id)?;
    let when = format!(
        "tried out at {}, {}",
        words::clock_seconds(probed.at, theme),
        words::ago(probed.at, now)
    );
    let (text, style) = match &probed.probe {
        Probe::Works(name) => (
            format!("✓ works: it is {}'s; {when}", name.cut(40)),
            theme.good,
        ),
        Probe::Dead(said) if said.is_empty() => (
            format!("✗ the registry does not accept it; {when}"),
            theme.bad,
        ),
        Probe::Dead(said) => (
            format!(
                "✗ the registry does not accept it: {}; {when}",
                said.quoted(120)
            ),
            theme.bad,
        ),
        Probe::Refused(why) => (
            format!(
                "! refused, which can have other reasons than the token: {} {when}",
                why.what
            ),
            theme.warning,
        ),
        Probe::Unknown(why) => (
            format!("! that could not be found out: {} {when}", why.what),
            theme.warning,
        ),
    };
    Some(Said { text, style })
}
