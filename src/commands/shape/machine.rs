//! The JSON of `machine`. Holds no value.

use std::path::Path;

use serde::Serialize;

use super::Why;
use crate::domain::machine::{
    FileFacts, FixPreview, Form, Git, LocalCredential, Machine, Probe, Probed, Rank, Source,
    SourceState,
};
use crate::domain::text::Text;

#[derive(Serialize)]
pub(in crate::commands) struct MachineShape<'a> {
    registry: &'a str,
    sources: Vec<SourceShape<'a>>,
    credentials: Vec<CredentialShape<'a>>,
    problems: &'a [Text],
    /// What should be mended, one sentence each.
    findings: &'a [Text],
}

impl<'a> MachineShape<'a> {
    pub(in crate::commands) fn new(
        registry: &'a str,
        machine: &'a Machine,
        probed: &'a [Probed],
        findings: &'a [Text],
    ) -> Self {
        let probe = |local: &LocalCredential| {
            let found = probed.iter().find(|probed| probed.id == local.id);
            found.map(|probed| ProbeShape::from(&probed.probe))
        };
        Self {
            registry,
            sources: machine.sources.iter().map(Into::into).collect(),
            credentials: machine
                .credentials
                .iter()
                .map(|local| CredentialShape::new(local, probe(local)))
                .collect(),
            problems: &machine.problems,
            findings,
        }
    }
}

#[derive(Serialize)]
struct SourceShape<'a> {
    kind: &'static str,
    place: &'a Text,
    path: Option<Text>,
    state: &'static str,
    mode: Option<String>,
    link: Option<&'a Text>,
    git: Option<&'static str>,
    error: Option<Why>,
}

fn path(path: &Path) -> Text {
    Text::new(&path.to_string_lossy())
}

impl<'a> From<&'a Source> for SourceShape<'a> {
    fn from(source: &'a Source) -> Self {
        let link = match &source.state {
            SourceState::BrokenLink { to, .. } => Some(to),
            SourceState::Read(facts) => facts.link.as_ref(),
            _ => None,
        };
        let (state, facts, error): (_, Option<&FileFacts>, _) = match &source.state {
            SourceState::Absent => ("absent", None, None),
            SourceState::Unreadable(failure) | SourceState::BrokenLink { why: failure, .. } => {
                ("unreadable", None, Some(failure.into()))
            }
            SourceState::Read(facts) => ("read", Some(facts), None),
        };
        let facts = facts.filter(|_| source.path.is_some());
        Self {
            kind: source.kind.word(),
            place: &source.shown,
            path: source.path.as_deref().map(path),
            state,
            mode: facts.and_then(|facts| Some(format!("{:o}", facts.mode?))),
            link,
            git: facts.map(|facts| git(facts.git)),
            error,
        }
    }
}

/// What git makes of a file, in a word.
pub(in crate::commands) const fn git(git: Git) -> &'static str {
    match git {
        Git::None => "none",
        Git::Untracked => "untracked",
        Git::Ignored => "ignored",
        Git::Tracked => "tracked",
        Git::Unknown => "unknown",
    }
}

#[derive(Serialize)]
struct CredentialShape<'a> {
    place: &'a Text,
    source: &'static str,
    path: Option<Text>,
    /// From 1; `null` for a variable.
    line: Option<usize>,
    key: &'a Text,
    scope: &'a Text,
    kind: &'static str,
    form: &'static str,
    variables: &'a [Text],
    unset: &'a [Text],
    begins: &'a Text,
    rank: &'static str,
    beaten_by: Option<&'a Text>,
    why: Option<&'a Text>,
    in_use: bool,
    /// `null` where it was not tried out.
    probe: Option<ProbeShape<'a>>,
}

impl<'a> CredentialShape<'a> {
    fn new(local: &'a LocalCredential, probe: Option<ProbeShape<'a>>) -> Self {
        let (form, variables, unset): (_, &[Text], &[Text]) = match &local.form {
            Form::Literal => ("literal", &[], &[]),
            Form::Variable { names, unset } => ("variable", names, unset),
            Form::Mixed { names, unset } => ("mixed", names, unset),
        };
        let (rank, beaten_by, why) = match &local.rank {
            Rank::Wins => ("wins", None, None),
            Rank::Beaten(by) => ("beaten", Some(by), None),
            Rank::Unusable(why) => ("unusable", None, Some(why)),
        };
        Self {
            place: &local.place,
            source: local.source.word(),
            path: local.id.path.as_deref().map(path),
            line: local.id.path.as_ref().map(|_| local.id.line),
            key: &local.id.key,
            scope: &local.scope,
            kind: local.kind.word(),
            form,
            variables,
            unset,
            begins: &local.begins,
            rank,
            beaten_by,
            why,
            in_use: local.in_use,
            probe,
        }
    }
}

#[derive(Serialize)]
struct ProbeShape<'a> {
    state: &'static str,
    username: Option<&'a Text>,
    words: Option<&'a Text>,
    error: Option<Why>,
}

impl<'a> From<&'a Probe> for ProbeShape<'a> {
    fn from(probe: &'a Probe) -> Self {
        let (username, words, error) = match probe {
            Probe::Works(name) => (Some(name), None, None),
            Probe::Dead(words) => (None, Some(words), None),
            Probe::Refused(why) | Probe::Unknown(why) => (None, None, Some(why.into())),
        };
        Self {
            state: probed(probe),
            username,
            words,
            error,
        }
    }
}

/// What came of it, in a word.
pub(in crate::commands) const fn probed(probe: &Probe) -> &'static str {
    match probe {
        Probe::Works(_) => "works",
        Probe::Dead(_) => "dead",
        Probe::Refused(_) => "refused",
        Probe::Unknown(_) => "unknown",
    }
}

/// What a fix did.
#[derive(Serialize)]
pub(in crate::commands) struct Fixed<'a> {
    file: &'a Text,
    before: &'a Text,
    after: &'a Text,
    warnings: &'a [Text],
}

impl<'a> Fixed<'a> {
    /// It was so already.
    pub(in crate::commands) const fn nothing(file: &'a Text, is: &'a Text) -> Self {
        Self {
            file,
            before: is,
            after: is,
            warnings: &[],
        }
    }
}

impl<'a> From<&'a FixPreview> for Fixed<'a> {
    fn from(preview: &'a FixPreview) -> Self {
        Self {
            file: &preview.file,
            before: &preview.before,
            after: &preview.after,
            warnings: &preview.warnings,
        }
    }
}
