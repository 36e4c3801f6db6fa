//! An emergency from its plan to its report. Holds no secret: what stands here may go to the screen, into the journal
//! and into the report.

use jiff::Timestamp;

use super::account::Profile;
use super::failure::Failure;
use super::found::Grade;
use super::machine::{LocalCredential, Machine};
pub use super::package::PackageFacts;
use super::plan::Class;
use super::revocation::RowState;
use super::signin::Ended;
use super::text::Text;
use super::tfa::Tfa;
use super::token::{Token, TokenKey};

/// The stages of an emergency, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// May this machine be in a thief's hands? If so, elsewhere first.
    Suspect,
    /// What there is: profile, tokens, packages, what lies on this machine.
    Snapshot,
    /// A sign-in of its own, which is written to no disk.
    SignIn,
    /// Is the e-mail address still the person's?
    Email,
    /// Revoke, the worst first; the credential in use last.
    Revoke,
    /// A fresh list, and what is known here tried out; the unlisted session ended.
    Verify,
    /// Copies of dead credentials on this machine.
    Local,
    /// Password, second factor, recovery codes.
    Account,
    /// Owners, publishers and versions of the packages.
    Packages,
    /// What cannot be reached from here.
    Beyond,
    /// The report.
    Report,
}

impl Stage {
    /// All, in their order.
    pub const ALL: [Self; 11] = [
        Self::Suspect,
        Self::Snapshot,
        Self::SignIn,
        Self::Email,
        Self::Revoke,
        Self::Verify,
        Self::Local,
        Self::Account,
        Self::Packages,
        Self::Beyond,
        Self::Report,
    ];
}

/// How a stage stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageState {
    /// Not begun.
    Waiting,
    /// Under way; what it is doing, or waits for.
    Now(Text),
    /// Done, with its result as a sentence.
    Done(Timestamp, Text),
    /// Gone through, and something of it stays open; what, as a sentence.
    Open(Timestamp, Text),
    /// Left out by the person, or impossible here (why).
    Skipped(Timestamp, Text),
    /// It did not work; the plan can go on.
    Failed(Timestamp, Failure),
}

/// What the person says of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// It is not suspect.
    Clean,
    /// It may be: the plan ends here, to be done from another device.
    Elsewhere,
    /// It may be, and the person goes on here all the same.
    AllTheSame,
}

/// What there was when the emergency began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// When.
    pub at: Timestamp,
    /// The profile.
    pub profile: Result<Box<Profile>, Failure>,
    /// The tokens.
    pub tokens: Result<Vec<Token>, Failure>,
    /// The packages.
    pub packages: Result<Vec<PackageFacts>, Failure>,
    /// This machine's sources.
    pub machine: Result<Box<Machine>, Failure>,
    /// When what could not be read then was read after all.
    pub later: Later,
}

/// When parts of a [`Snapshot`] were read that could not be read with the others; `None` for one that was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Later {
    /// The profile.
    pub profile: Option<Timestamp>,
    /// The tokens. The session of the emergency itself is not among them.
    pub tokens: Option<Timestamp>,
    /// The packages.
    pub packages: Option<Timestamp>,
}

/// A token that was to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRow {
    /// As it was listed.
    pub token: Token,
    /// Why it went when it did.
    pub class: Class,
    /// How it stands.
    pub state: RowState,
    /// Since when it stands so.
    pub at: Option<Timestamp>,
    /// It was not there when the emergency began: somebody made it since.
    pub appeared: bool,
    /// It is a sign-in of this emergency itself, as of a run that was cut off.
    pub ours: bool,
}

impl IncidentRow {
    /// It is the sign-in of an earlier run, and not what the emergency speaks by now.
    pub fn of_earlier_run(&self) -> bool {
        self.ours && self.token.in_use() != Some(Grade::Is)
    }
}

/// What became of one of the things that the person does about the account itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Care {
    /// Not yet.
    #[default]
    Open,
    /// Done; by the registry's own answer where one tells.
    Done,
    /// The person says that it was done elsewhere.
    Elsewhere,
    /// Left out.
    LeftOut,
}

/// An emergency, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Its name: the moment when it began, as a file name.
    pub id: Text,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// It was gone on with after it had been interrupted.
    pub resumed: u32,
    /// Why it cannot be gone on with after an interruption: what it does could not be written down.
    pub unwritten: Option<Failure>,
    /// Which registry.
    pub registry: Text,
    /// Whose account.
    pub account: Option<Text>,
    /// A rehearsal in the demo.
    pub rehearsal: bool,
    /// Each stage.
    pub stages: Vec<(Stage, StageState)>,
    /// What the person says of this machine.
    pub suspicion: Option<Suspicion>,
    /// What there was.
    pub snapshot: Option<Snapshot>,
    /// The address is still the person's, by their own word.
    pub email_mine: Option<bool>,
    /// What was to go, in its order.
    pub rows: Vec<IncidentRow>,
    /// What the person chose to keep.
    pub kept: Vec<Token>,
    /// Which of them were not there when the emergency began: somebody made them since.
    pub kept_new: Vec<TokenKey>,
    /// When the list of tokens was read last, and how many of them were alive.
    pub listed: Option<(Timestamp, usize)>,
    /// The first of them, each with why it lives.
    pub living: Vec<Text>,
    /// When the list was read once more after all else, and had nothing new.
    pub looked_again: Option<Timestamp>,
    /// What came of the session that the emergency used, and of the credential that was there before.
    pub sessions: Vec<(Text, Ended)>,
    /// Of those that are still accepted: when the registry said that it ended them, and when they were tried out last.
    pub accepted: Vec<(Text, (Timestamp, Timestamp))>,
    /// Copies that were taken out of this machine's files, and those that remain (why).
    pub copies: Vec<(Text, Option<Failure>)>,
    /// The password.
    pub password: Care,
    /// The second factor.
    pub second_factor: Care,
    /// The recovery codes.
    pub recovery_codes: Care,
    /// Two-factor authentication, as the profile told it after the account was seen to.
    pub tfa: Option<Tfa>,
    /// The packages as they are after all, to be set against [`Incident::snapshot`] with [`super::package::changes`].
    pub packages: Option<Result<Vec<PackageFacts>, Failure>>,
    /// What cannot be reached from here, and whether the person ticked it off.
    pub beyond: Vec<(Text, bool)>,
}

impl Incident {
    /// One that has just begun.
    pub fn begun(id: Text, began: Timestamp, registry: Text) -> Self {
        Self {
            id,
            began,
            ended: None,
            resumed: 0,
            unwritten: None,
            registry,
            account: None,
            rehearsal: false,
            stages: Stage::ALL.map(|stage| (stage, StageState::Waiting)).into(),
            suspicion: None,
            snapshot: None,
            email_mine: None,
            rows: Vec::new(),
            kept: Vec::new(),
            kept_new: Vec::new(),
            listed: None,
            living: Vec::new(),
            looked_again: None,
            sessions: Vec::new(),
            accepted: Vec::new(),
            copies: Vec::new(),
            password: Care::Open,
            second_factor: Care::Open,
            recovery_codes: Care::Open,
            tfa: None,
            packages: None,
            beyond: Vec::new(),
        }
    }
}

impl Incident {
    /// The packages as they are known last: as they are after all, else as they were when it began, which the flag tells.
    /// What they were not read for, where neither is known; `None` where nobody looked.
    pub fn known_packages(&self) -> Option<(Result<&[PackageFacts], &Failure>, bool)> {
        let before = self.snapshot.as_ref().map(|snapshot| &snapshot.packages);
        match (&self.packages, before) {
            (Some(Ok(now)), _) => Some((Ok(now), false)),
            (_, Some(Ok(before))) => Some((Ok(before), true)),
            (Some(Err(why)), _) | (None, Some(Err(why))) => Some((Err(why), false)),
            (None, None) => None,
        }
    }
}

/// " (process 4711)", where it is known.
pub fn process_in_words(process: Option<u32>) -> String {
    process.map_or_else(String::new, |id| format!(" (process {id})"))
}

/// What an emergency asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// May this machine be in a thief's hands?
    Suspect,
    /// Is this address still the person's, and may only they read it?
    Email {
        /// The address; empty when the registry tells none.
        address: Text,
        /// Whether the registry has seen a proof of it.
        verified: Option<bool>,
    },
    /// These go, in this order. Which of them not?
    Revoke,
    /// Not every row is well: try those again?
    Again {
        /// Which.
        rows: Vec<TokenKey>,
    },
    /// These were not there when the emergency began, and stand among the rows now: they go, too. Which of them not?
    Appeared(Vec<TokenKey>),
    /// What lies at this place is in no list that could be read, and still to be ended at the registry. End it?
    Unlisted(Text),
    /// These copies lie on this machine. Take them out?
    Local(Vec<LocalCredential>),
    /// Password, second factor, recovery codes.
    Account,
    /// The packages, to be looked at.
    Packages,
    /// What cannot be reached from here, to be ticked off.
    Beyond,
    /// All is done, and the report can be written. What was written down on the way is forgotten after the answer.
    Report,
}

/// The answer to [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To [`Ask::Suspect`].
    Suspect(Suspicion),
    /// To [`Ask::Email`].
    EmailMine(bool),
    /// To [`Ask::Revoke`] and [`Ask::Appeared`]: all but these.
    Revoke {
        /// What stays.
        keep: Vec<TokenKey>,
    },
    /// To [`Ask::Again`]: once more.
    Again,
    /// To [`Ask::Local`]: take these out.
    TakeOut(Vec<super::machine::CredentialId>),
    /// To [`Ask::Account`]: how each stands now. The second factor is read from the profile.
    Account {
        /// The password.
        password: Care,
        /// The second factor.
        second_factor: Care,
        /// The recovery codes.
        recovery_codes: Care,
    },
    /// To [`Ask::Unlisted`]: end it. To [`Ask::Packages`]: they were looked at. To [`Ask::Report`]: it was written.
    GoOn,
    /// To [`Ask::Beyond`]: what was ticked off.
    Ticked(Vec<bool>),
    /// To any: go on without it.
    Skip,
    /// To any: stop here; it can be gone on with later.
    Leave,
}
