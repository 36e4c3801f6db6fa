//! What the recovery screen holds.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::app::field::Field;
use crate::app::model::Load;
use crate::backend::protocol::{Proof, RequestId};
use crate::domain::failure::Failure;
use crate::domain::recovery::pasted::Pasted;
use crate::domain::recovery::{Place, RecoveryCodes, RecoverySet, SetId, UsedAt};
use crate::domain::text::Text;

/// The recovery screen.
#[derive(Debug)]
pub struct RecoveryScreen {
    /// The sets, and whether each one's file is still there.
    pub sets: Load<Vec<(RecoverySet, bool)>>,
    /// The list can only be read.
    pub read_only: bool,
    /// The chosen set; the first one of the list when this one is not there.
    pub chosen: Option<SetId>,
    /// What is open on the screen.
    pub page: Option<SetPage>,
    /// Requests at whose question a recovery code was typed: when they end, the list has one more that is used.
    pub spending: BTreeSet<RequestId>,
    /// Accounts whose codes were replaced in this run, and when: older codes are of no use, also when the new ones are
    /// not kept here.
    pub renewed: Vec<(Text, Text, Timestamp)>,
}

/// What can be open on the recovery screen.
#[derive(Debug)]
pub enum SetPage {
    /// What it takes to open, prove or export a set.
    Form(SetForm),
    /// The codes of a set.
    Opened(OpenedSet),
    /// Part of a code is asked for.
    Proof(SetProof),
    /// The question before a set is removed.
    Remove(RemoveForm),
    /// What of a removed set could not be removed.
    Left(Vec<Text>),
    /// Codes that the person got elsewhere.
    Add(AddForm),
}

/// What is done with a set that needs its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTask {
    /// Show them.
    Open,
    /// Prove once more to have them.
    Prove,
    /// Write them into a plain file.
    Export,
}

/// The fields of a [`SetForm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetField {
    /// Where an export goes.
    Path,
    /// What opens an encrypted file.
    Passphrase,
}

/// What it takes to do something with a set.
#[derive(Debug)]
pub struct SetForm {
    /// Which set.
    pub set: RecoverySet,
    /// What is done with it.
    pub task: SetTask,
    /// What opens an encrypted file; kept until it is sent, and no longer.
    pub passphrase: Field,
    /// Where an export goes.
    pub path: Field,
    /// The request for a free file name, while it is out.
    pub suggesting: Option<RequestId>,
    /// The field that has the focus.
    pub at: SetField,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
}

impl SetForm {
    /// The set lies in an encrypted file.
    pub const fn is_locked(&self) -> bool {
        matches!(self.set.place, Place::Vault(_))
    }

    /// The fields that it has, in order.
    pub fn fields(&self) -> Vec<SetField> {
        let path = (self.task == SetTask::Export).then_some(SetField::Path);
        let passphrase = self.is_locked().then_some(SetField::Passphrase);
        passphrase.into_iter().chain(path).collect()
    }
}

/// The codes of a set, on the screen.
#[derive(Debug)]
pub struct OpenedSet {
    /// Which set.
    pub set: RecoverySet,
    /// The codes.
    pub codes: Arc<RecoveryCodes>,
    /// For each code, whether it was used from here.
    pub used: Vec<Option<UsedAt>>,
    /// The chosen code, from 0.
    pub cursor: usize,
    /// How many rows were scrolled past the last code.
    pub below: usize,
    /// They stand on a page to be printed or written off by hand, from this row on.
    pub sheet: Option<usize>,
    /// When they are hidden by themselves.
    pub until: Duration,
}

/// The question for part of a code.
#[derive(Debug)]
pub struct SetProof {
    /// The account.
    pub account: Text,
    /// Where the codes are.
    pub place: Place,
    /// The job that asks.
    pub job: RequestId,
    /// The open question.
    pub proof: Option<Proof>,
    /// What is being typed.
    pub typed: Field,
    /// The first line shown, when not all fit.
    pub scroll: usize,
    /// The codes were just added, and the proof is the end of that.
    pub added: bool,
    /// It was declined or given up: the next Esc closes the page, whatever becomes of it.
    pub stopping: bool,
}

/// The question before a set is removed.
#[derive(Debug)]
pub struct RemoveForm {
    /// Which set.
    pub set: RecoverySet,
    /// The files that go with it.
    pub files: Vec<PathBuf>,
    /// Its codes are in use: the word has to be typed.
    pub in_use: bool,
    /// Yes has the focus.
    pub yes: bool,
    /// The word being typed.
    pub word: Field,
    /// The first line shown, when not all fit.
    pub scroll: usize,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// It was given up while it was out: the next Esc closes the page, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
}

/// Codes that the person got elsewhere, and where they are to be kept.
#[derive(Debug)]
pub struct AddForm {
    /// The account that they are of.
    pub account: Text,
    /// The registry.
    pub registry: Text,
    /// What was pasted; kept until the codes are.
    pub codes: Field,
    /// It was said that lines are left out, and Tab goes on without them.
    pub warned: bool,
    /// The field that has the focus, and with it the place that is chosen.
    pub at: AddField,
    /// What will open the encrypted file; kept until it is sent, and no longer.
    pub passphrase: Field,
    /// The same once more, so that no slip locks the file for ever.
    pub again: Field,
    /// The plain file's path.
    pub path: Field,
    /// The request for a free file name, while it is out.
    pub suggesting: Option<RequestId>,
    /// The request that proves the place, while it is out.
    pub proving: Option<RequestId>,
    /// The place that was proved, with what to know about it.
    pub proved: Option<(Place, Vec<Text>)>,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// It could not write the codes, and waits for another place.
    pub asked: bool,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
}

/// The fields of an [`AddForm`], in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddField {
    /// The codes.
    Codes,
    /// An encrypted file: its passphrase.
    Passphrase,
    /// The passphrase once more.
    Again,
    /// A plain file: its path.
    Path,
    /// The person keeps them: nothing to type.
    Mine,
}

impl AddField {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Codes,
        Self::Passphrase,
        Self::Again,
        Self::Path,
        Self::Mine,
    ];

    /// The field with which its place begins.
    #[must_use]
    pub const fn place(self) -> Self {
        match self {
            Self::Again => Self::Passphrase,
            other => other,
        }
    }
}

impl AddForm {
    /// What is understood of what was pasted.
    pub fn pasted(&self) -> Pasted {
        Pasted::read(self.codes.value().expose())
    }

    /// The proof that holds for the chosen place.
    pub fn proof(&self) -> Option<&(Place, Vec<Text>)> {
        self.proved.as_ref().filter(|(place, _)| match place {
            Place::Vault(_) => self.at.place() == AddField::Passphrase,
            Place::File(_) => self.at == AddField::Path,
            Place::Myself => false,
        })
    }

    /// Something is under way that needs no answer.
    pub const fn is_busy(&self) -> bool {
        self.proving.is_some() || (self.sent.is_some() && !self.asked)
    }

    /// No passphrase stays behind.
    pub(in crate::app) fn forget(&mut self) {
        self.passphrase.clear();
        self.again.clear();
    }

    /// What was proved served for one attempt.
    pub(in crate::app) fn spend(&mut self) {
        self.proved = None;
    }

    /// The field that has the focus.
    pub(in crate::app) const fn focus(&mut self) -> Option<&mut Field> {
        match self.at {
            AddField::Codes => Some(&mut self.codes),
            AddField::Passphrase => Some(&mut self.passphrase),
            AddField::Again => Some(&mut self.again),
            AddField::Path => Some(&mut self.path),
            AddField::Mine => None,
        }
    }
}
