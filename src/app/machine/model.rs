//! What the machine screen holds.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::app::field::Field;
use crate::app::model::Load;
use crate::backend::protocol::RequestId;
use crate::domain::failure::Failure;
use crate::domain::machine::{
    CredentialId, Fix, FixPreview, LocalCredential, Machine, Probed, Source,
};
use crate::domain::text::Text;

/// The machine screen.
#[derive(Debug)]
pub struct MachineScreen {
    /// What npm would read here.
    pub machine: Load<Machine>,
    /// Something was done since that may have changed it: it is read anew when the screen is looked at.
    pub(in crate::app) stale: bool,
    /// Which of its rows is chosen.
    pub cursor: usize,
    /// What came of credentials that were tried out.
    pub probed: Vec<Probed>,
    /// Files out of which a secret was taken since the start: what keeps their history keeps it still.
    pub emptied: BTreeSet<PathBuf>,
    /// Credentials that are being tried out.
    pub trying: Option<Trying>,
    /// What is open above the list.
    pub page: Option<MachinePage>,
}

/// Credentials that are being tried out.
#[derive(Debug)]
pub struct Trying {
    /// The request.
    pub id: RequestId,
    /// Which.
    pub ids: Vec<CredentialId>,
}

/// What is open above the list.
#[derive(Debug)]
pub enum MachinePage {
    /// All that is known of the chosen row; the first line shown.
    Details(usize),
    /// The question before credentials are tried out.
    Consent(Consent),
    /// The name of the variable that takes a secret's place.
    Name(NameForm),
    /// What a fix would do, and whether it is to be done.
    Fix(FixPage),
}

/// The question before credentials are tried out: each goes to its own registry, and only there.
#[derive(Debug)]
pub struct Consent {
    /// Which.
    pub ids: Vec<CredentialId>,
    /// Where they go, as the machine tells it, and the places of those that go there.
    pub to: Vec<(Text, Vec<Text>)>,
    /// Yes has the focus.
    pub yes: bool,
    /// The first line shown, when not all fit.
    pub scroll: usize,
}

/// The name of a variable being typed.
#[derive(Debug)]
pub struct NameForm {
    /// Which credential it takes the place of.
    pub id: CredentialId,
    /// Where that stands.
    pub place: Text,
    /// What is typed.
    pub typed: Field,
    /// What it would do is being found out.
    pub sent: Option<RequestId>,
    /// Why that name, or that credential, does not do.
    pub error: Option<Failure>,
}

/// A fix, from what it would do to its end.
#[derive(Debug)]
pub struct FixPage {
    /// What it would do, once that is known.
    pub preview: Option<Box<FixPreview>>,
    /// What is being waited for: what it would do, or its end.
    pub sent: Option<RequestId>,
    /// Yes has the focus.
    pub yes: bool,
    /// The first line shown, when not all fit.
    pub scroll: usize,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// Something that is wrong and belongs to no single source.
    Problem(&'a Text),
    /// A source.
    Source(&'a Source),
    /// A credential in the source above it.
    Credential(&'a LocalCredential),
}

impl MachineScreen {
    pub(in crate::app) const fn new() -> Self {
        Self {
            machine: Load::Empty,
            stale: false,
            cursor: 0,
            probed: Vec::new(),
            emptied: BTreeSet::new(),
            trying: None,
            page: None,
        }
    }

    /// The rows, in the order in which they stand on the screen.
    pub fn rows(&self) -> Vec<Row<'_>> {
        self.machine.value().map_or_else(Vec::new, rows)
    }

    /// The chosen row.
    pub fn chosen(&self) -> Option<Row<'_>> {
        self.rows().get(self.cursor).copied()
    }

    /// What came of a credential when it was tried out last.
    pub fn probe(&self, id: &CredentialId) -> Option<&Probed> {
        self.probed.iter().rev().find(|probed| probed.id == *id)
    }

    /// A credential is being tried out, and nothing has come of it yet.
    pub fn is_tried(&self, id: &CredentialId) -> bool {
        let asked = |trying: &Trying| trying.ids.contains(id);
        self.trying.as_ref().is_some_and(asked) && self.probe(id).is_none()
    }

    /// The file of the chosen row.
    pub(super) fn file(&self) -> Option<PathBuf> {
        match self.chosen()? {
            Row::Problem(_) => None,
            Row::Source(source) => source.path.clone(),
            Row::Credential(local) => local.id.path.clone(),
        }
    }

    /// The credential of the chosen row.
    pub fn credential(&self) -> Option<&LocalCredential> {
        match self.chosen()? {
            Row::Credential(local) => Some(local),
            Row::Problem(_) | Row::Source(_) => None,
        }
    }
}

fn rows(machine: &Machine) -> Vec<Row<'_>> {
    let mut rows: Vec<_> = machine.problems.iter().map(Row::Problem).collect();
    let mut left: Vec<_> = machine.credentials.iter().collect();
    for source in &machine.sources {
        rows.push(Row::Source(source));
        let here = |local: &&LocalCredential| local.id.path == source.path;
        rows.extend(left.iter().copied().filter(here).map(Row::Credential));
        left.retain(|local| !here(local));
    }
    rows.extend(left.into_iter().map(Row::Credential));
    rows
}

/// What a row is, to be found again among others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Source(Option<PathBuf>),
    Credential(CredentialId),
}

impl Row<'_> {
    pub(super) fn mark(self) -> Option<Mark> {
        match self {
            Self::Problem(_) => None,
            Self::Source(source) => Some(Mark::Source(source.path.clone())),
            Self::Credential(local) => Some(Mark::Credential(local.id.clone())),
        }
    }
}

impl FixPage {
    /// What was found out is there to be looked at, and nothing is under way.
    pub fn asks(&self) -> bool {
        self.sent.is_none() && self.preview.is_some()
    }
}

/// The file that a fix changes.
pub(super) fn file_of(fix: &Fix) -> Option<&PathBuf> {
    match fix {
        Fix::Tighten(path) => Some(path),
        Fix::ToVariable { id, .. } | Fix::Remove(id) => id.path.as_ref(),
    }
}
