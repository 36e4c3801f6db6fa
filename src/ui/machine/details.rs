//! All that is known of the chosen row, in words.

use ratatui::style::Style;

use super::super::page::Page;
use super::super::theme::Theme;
use super::phrases::{joined, more, probe, rank, warnings};
use crate::app::Model;
use crate::app::machine::model::Row;
use crate::domain::identity::CredentialKind;
use crate::domain::machine::{Form, Git, LocalCredential, Rank, Source, SourceKind, SourceState};

/// Where the values stand.
const COLUMN: usize = 14;

/// Writes it, and gives its title.
pub(super) fn tell(page: &mut Page<'_>, model: &Model, theme: &Theme) -> String {
    match model.machine.chosen() {
        None => {
            page.say("Nothing is chosen.", theme.dim);
            "Machine".to_owned()
        }
        Some(Row::Problem(problem)) => {
            page.say(format!("! {problem}"), theme.warning);
            "A problem".to_owned()
        }
        Some(Row::Source(of)) => {
            source(page, model, of, theme);
            match &of.path {
                Some(_) => of.shown.to_string(),
                None => "The environment".to_owned(),
            }
        }
        Some(Row::Credential(local)) => {
            credential(page, model, local, theme);
            local.place.to_string()
        }
    }
}

fn pair(page: &mut Page<'_>, theme: &Theme, label: &str, value: &str, style: Style) {
    page.pair(label, COLUMN, &[(value, style)], theme.dim);
}

fn source(page: &mut Page<'_>, model: &Model, of: &Source, theme: &Theme) {
    let plain = Style::new();
    let kind = match of.kind {
        SourceKind::Environment => "environment: variables, which come before every file",
        SourceKind::Project => "project: the .npmrc beside the package.json",
        SourceKind::User => "user: your own .npmrc",
        SourceKind::Global => {
            "global: etc/npmrc below npm's prefix; all but npm's built-in file come first"
        }
        SourceKind::Builtin => "builtin: a file inside npm itself; every other source comes first",
    };
    pair(page, theme, "kind", kind, plain);
    if let Some(path) = &of.path {
        pair(page, theme, "file", &path.display().to_string(), plain);
    }
    match &of.state {
        SourceState::Absent => pair(page, theme, "state", "there is no such file", plain),
        SourceState::Unreadable(why) | SourceState::BrokenLink { why, .. } => {
            pair(page, theme, "state", &format!("✗ {}", why.what), theme.bad);
            pair(page, theme, "", why.next.as_str(), plain);
        }
        SourceState::Read(facts) => {
            pair(page, theme, "state", "read", plain);
            if of.path.is_some() {
                let mode = match facts.mode {
                    Some(mode) if facts.open_to_others() => {
                        format!("{mode:o}: others than its owner may read or write it")
                    }
                    Some(mode) => format!("{mode:o}: its owner's alone"),
                    None => "this system has none".to_owned(),
                };
                pair(page, theme, "mode", &mode, plain);
                if let Some(link) = &facts.link {
                    let link = format!("to {}, which is what a fix changes", link.quoted(200));
                    pair(page, theme, "link", &link, plain);
                }
                let git = match facts.git {
                    Git::None => "it lies in no work tree",
                    Git::Untracked => "it lies in a work tree, and git does not keep it",
                    Git::Ignored => "it lies in a work tree, and git ignores it",
                    Git::Tracked => "git keeps it, and its history",
                    Git::Unknown => "it lies in a work tree; whether git keeps it is not known",
                };
                pair(page, theme, "git", git, plain);
            }
        }
    }
    let machine = model.machine.machine.value();
    let held = machine.map_or(0, |machine| {
        let mut all = machine.credentials.iter();
        all.by_ref()
            .filter(|local| local.id.path == of.path)
            .count()
    });
    pair(page, theme, "credentials", &held.to_string(), plain);
    for warning in warnings(&model.machine, of) {
        page.gap();
        page.say(format!("! {warning}"), theme.warning);
    }
}

fn credential(page: &mut Page<'_>, model: &Model, local: &LocalCredential, theme: &Theme) {
    let plain = Style::new();
    if let Some(path) = &local.id.path {
        pair(page, theme, "file", &path.display().to_string(), plain);
        pair(page, theme, "line", &local.id.line.to_string(), plain);
    }
    pair(page, theme, "source", local.source.word(), plain);
    let key = if local.id.key.is_empty() {
        "none that npm looks for"
    } else {
        local.id.key.as_str()
    };
    pair(page, theme, "key", key, plain);
    let scope = match (local.kind, local.serves()) {
        (CredentialKind::Key, _) => "every registry that has no certificate of its own",
        (CredentialKind::Proxy, serves) => serves,
        (_, serves) if !local.scope.is_empty() => serves,
        _ => "it names no registry, so it is sent to none",
    };
    pair(page, theme, "for", scope, plain);
    pair(page, theme, "kind", local.kind.word(), plain);
    match &local.form {
        Form::Literal => pair(
            page,
            theme,
            "value",
            "literal: the secret itself stands there",
            plain,
        ),
        Form::Variable { names, .. } => {
            let from = format!("taken from {}", joined(names));
            pair(page, theme, "value", &from, plain);
        }
        Form::Mixed { names, .. } => {
            let of = format!(
                "made of {} and of text that stands beside it",
                joined(names)
            );
            pair(page, theme, "value", &of, plain);
        }
    }
    if !local.begins.is_empty() {
        let begins = format!("{}…", local.begins);
        pair(page, theme, "begins", &begins, plain);
    }
    let (_, style) = rank(local, theme);
    let certificate = matches!(
        local.kind,
        CredentialKind::Certificate | CredentialKind::Key
    );
    let npm = match &local.rank {
        Rank::Wins if certificate => "sends it, beside a token or a password where there is one",
        Rank::Wins if local.kind == CredentialKind::Proxy => "goes through this proxy",
        Rank::Wins if local.in_use => "uses it: it is the one that requests carry now",
        Rank::Wins => "uses it for that registry",
        Rank::Beaten(_) => "does not use it: another one comes first",
        Rank::Unusable(_) if local.in_use => {
            "does not use it, but npm-warden does: its requests carry it now"
        }
        Rank::Unusable(_) => "cannot use it",
    };
    pair(page, theme, "npm", npm, style);
    for said in more(local, theme) {
        pair(page, theme, "", &said.text, said.style);
    }
    let probed = probe(&model.machine, &local.id, model.now.wall, theme);
    match probed {
        Some(said) => pair(page, theme, "probe", &said.text, said.style),
        None if local.hindered().is_some() => {
            pair(page, theme, "probe", "not tried out from here", theme.dim);
        }
        None => pair(
            page,
            theme,
            "probe",
            "not tried out: t asks its registry",
            theme.dim,
        ),
    }
    page.gap();
    page.explain(
        "The value is never shown, and what a variable holds neither.",
        theme.dim,
    );
}
