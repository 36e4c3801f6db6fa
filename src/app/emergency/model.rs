//! What the emergency screen holds.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::Sight;
use crate::app::field::Field;
use crate::backend::protocol::{JournalId, RequestId, RowState, SignInAsked, Unfinished};
use crate::domain::failure::Failure;
use crate::domain::incident::{Ask, Care, Incident, IncidentRow};
use crate::domain::machine::LocalCredential;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;

/// The emergency screen.
#[derive(Debug, Default)]
pub struct EmergencyScreen {
    /// The emergency that is under way or over.
    pub incident: Option<Arc<Incident>>,
    /// Where each token stands among its rows.
    pub index: HashMap<TokenKey, usize>,
    /// Rows that changed since it was told as a whole.
    pub changed: HashMap<TokenKey, RowState>,
    /// The request, while it is under way.
    pub job: Option<RequestId>,
    /// What it waits for.
    pub waits: Option<Waits>,
    /// The tokens that the present question is about, in their order.
    pub keys: Vec<TokenKey>,
    /// For each thing of the present list, whether it is marked: goes, is taken out, was ticked off.
    pub marks: Vec<bool>,
    /// The chosen line.
    pub cursor: usize,
    /// The first line shown; of a list, the line that the window begins with.
    pub scroll: usize,
    /// What of its text was out of sight when it was drawn last, until it is moved or another page is open.
    pub sight: Option<Sight>,
    /// The chosen line is to be in sight.
    pub follow: bool,
    /// The steps so far stand in the place of the question.
    pub steps: bool,
    /// A question of its own, above the page.
    pub sure: Option<Sure>,
    /// It was told to stop; what was sent is waited for.
    pub stopping: bool,
    /// The program is to end with it, a moment later.
    pub quits: bool,
    /// Why it broke off.
    pub problem: Option<Failure>,
    /// How the password, the second factor and the recovery codes stand.
    pub care: [Care; 3],
    /// What the person went to do about the account.
    pub errand: Option<CareOf>,
    /// The report being written, or what came of it.
    pub report: ReportForm,
}

/// What an emergency waits for.
#[derive(Debug)]
pub enum Waits {
    /// An answer.
    Ask(Ask),
    /// A sign-in whose form the person has closed.
    SignIn(SignInAsked),
}

/// A question of the screen's own.
#[derive(Debug)]
pub enum Sure {
    /// One or two tokens are to go. Yes has the focus?
    Few(bool),
    /// Three or more are to go: how many, as typed.
    Count(Field),
    /// Nothing is to be revoked at all. Yes has the focus?
    Nothing(bool),
    /// The emergency is to be left. Yes has the focus?
    Leave(bool),
    /// It is to be ended without its report. Yes has the focus?
    NoReport(bool),
    /// What was interrupted is to be forgotten. Yes has the focus?
    Forget(bool),
}

impl Sure {
    /// Whether Yes has the focus; `None` where something is typed.
    pub const fn yes(&self) -> Option<bool> {
        match self {
            Self::Few(yes)
            | Self::Nothing(yes)
            | Self::Leave(yes)
            | Self::NoReport(yes)
            | Self::Forget(yes) => Some(*yes),
            Self::Count(_) => None,
        }
    }

    pub(super) const fn yes_mut(&mut self) -> Option<&mut bool> {
        match self {
            Self::Few(yes)
            | Self::Nothing(yes)
            | Self::Leave(yes)
            | Self::NoReport(yes)
            | Self::Forget(yes) => Some(yes),
            Self::Count(_) => None,
        }
    }
}

/// What a person does about the account itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CareOf {
    /// Change the password.
    Password,
    /// See to the second factor.
    SecondFactor,
    /// Get new recovery codes.
    RecoveryCodes,
}

impl CareOf {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Password, Self::SecondFactor, Self::RecoveryCodes];

    /// Its place in [`EmergencyScreen::care`].
    pub const fn index(self) -> usize {
        match self {
            Self::Password => 0,
            Self::SecondFactor => 1,
            Self::RecoveryCodes => 2,
        }
    }
}

/// The report being written.
#[derive(Debug, Default)]
pub struct ReportForm {
    /// The folder being typed, while the line for it is open.
    pub folder: Option<Field>,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// The files that it was written into.
    pub written: Vec<Text>,
    /// Why it was not written.
    pub error: Option<Failure>,
}

/// An answer that the person can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Begin.
    Begin,
    /// Go on with the one that was interrupted.
    GoOnWithIt,
    /// Begin anew, and leave the interrupted one where it is.
    Anew,
    /// Forget the interrupted one.
    Forget,
    /// This machine may be in a thief's hands: elsewhere.
    Elsewhere,
    /// It is not suspect.
    Clean,
    /// It may be, and the person goes on all the same.
    AllTheSame,
    /// Whether the address is the person's cannot be told now.
    CannotTell,
    /// It is.
    Mine,
    /// It is not, or somebody else may read it.
    NotMine,
    /// Once more.
    TryAgain,
    /// Go on without it.
    Without,
    /// End the credential that no list has.
    EndIt,
    /// Sign in.
    SignIn,
    /// Leave; it can be gone on with.
    Leave,
    /// See to this.
    Care(CareOf),
    /// On to the next step.
    GoOn,
}

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The plan; nothing was sent.
    Plan,
    /// It is at work and asks nothing.
    Working,
    /// It asks something with a few answers.
    Choices,
    /// It asks about a list.
    List,
    /// Password, second factor, recovery codes.
    Account,
    /// The packages.
    Packages,
    /// The report; the emergency waits for its end, or is over.
    Report,
}

impl EmergencyScreen {
    /// What is open.
    pub fn page(&self) -> Page {
        match &self.waits {
            Some(Waits::SignIn(_)) => Page::Choices,
            Some(Waits::Ask(ask)) => match ask {
                Ask::Suspect | Ask::Email { .. } | Ask::Again { .. } | Ask::Unlisted(_) => {
                    Page::Choices
                }
                Ask::Revoke | Ask::Appeared(_) | Ask::Local(_) | Ask::Beyond => Page::List,
                Ask::Account => Page::Account,
                Ask::Packages => Page::Packages,
                Ask::Report => Page::Report,
            },
            // What has ended is told, also a moment before its job is over.
            None if self.job.is_some() && !self.has_ended() => Page::Working,
            None if self.incident.is_some() => Page::Report,
            None => Page::Plan,
        }
    }

    /// It is under way.
    pub const fn under_way(&self) -> bool {
        self.job.is_some()
    }

    /// Nothing is left of it but its report.
    pub fn has_ended(&self) -> bool {
        let incident = self.incident.as_ref();
        incident.is_some_and(|incident| incident.ended.is_some())
    }

    /// Its last answer is given, and its job is over in a moment.
    pub fn is_ending(&self) -> bool {
        self.under_way() && self.waits.is_none() && self.has_ended()
    }

    /// The question that is open.
    pub const fn ask(&self) -> Option<&Ask> {
        match &self.waits {
            Some(Waits::Ask(ask)) => Some(ask),
            _ => None,
        }
    }

    /// The rows of what goes, in their order, each as it stands now.
    pub fn rows(&self) -> impl Iterator<Item = (&IncidentRow, &RowState)> {
        let rows = self.incident.iter().flat_map(|incident| &incident.rows);
        rows.map(|row| (row, self.changed.get(&row.token.key).unwrap_or(&row.state)))
    }

    /// The row of this token.
    pub fn row(&self, key: &TokenKey) -> Option<(&IncidentRow, &RowState)> {
        let row = self.incident.as_ref()?.rows.get(*self.index.get(key)?)?;
        Some((row, self.changed.get(key).unwrap_or(&row.state)))
    }

    /// The copies on this machine that are asked about.
    pub fn copies(&self) -> &[LocalCredential] {
        match self.ask() {
            Some(Ask::Local(copies)) => copies,
            _ => &[],
        }
    }

    /// Whether this thing of the list can be marked at all.
    pub fn can_mark(&self, index: usize) -> bool {
        match self.ask() {
            // What is no file is taken back where it was set.
            Some(Ask::Local(copies)) => copies.get(index).is_some_and(removable),
            _ => index < self.marks.len(),
        }
    }

    /// How many are marked.
    pub fn marked(&self) -> usize {
        self.marks.iter().filter(|mark| **mark).count()
    }
}

/// A line in a file can be taken out; a variable of the environment cannot.
pub fn removable(copy: &LocalCredential) -> bool {
    copy.id.path.is_some()
}

/// The emergency that another instance is at, the newest one, and which process that is.
pub fn elsewhere(unfinished: &[Unfinished]) -> Option<(&Arc<Incident>, Option<u32>)> {
    unfinished.iter().find_map(|left| match left {
        Unfinished::Elsewhere {
            incident, process, ..
        } => Some((incident, *process)),
        _ => None,
    })
}

/// The emergency that was interrupted, the newest one.
pub fn interrupted(unfinished: &[Unfinished]) -> Option<(&JournalId, &Arc<Incident>)> {
    unfinished.iter().find_map(|left| match left {
        Unfinished::Emergency { id, incident } => Some((id, incident)),
        _ => None,
    })
}
