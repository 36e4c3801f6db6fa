//! What the screens tell the backend and what it reports: data only.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::account::{Profile, ProfileField};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::given::{Marks, Worth};
use crate::domain::granular::NewToken;
use crate::domain::identity::{Identity, Standing};
use crate::domain::incident::{Ask, Incident, Reply};
use crate::domain::machine::{CredentialId, Fix, FixPreview, Machine, Probed, Target};
use crate::domain::otp::{Diagnosis, Enrolment, serves_once};
use crate::domain::recovery::{Place, RecoveryCodes, RecoverySet, SetId, UsedAt};
use crate::domain::rotation::{RotateState, RotateStep, RotationLeft};
use crate::domain::secret::Secret;
use crate::domain::signin::{Ended, Forgotten, Keep, Kept, SignIn, Stored, WebPage};
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Refusal};
use crate::domain::token::{KnownAs, Token, TokenKey};

pub use crate::domain::machine::Destination;
pub use crate::domain::revocation::{RowState, Unprobed};

/// Names one request from its start to its end. The screens make them, counting up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Whether a request may interrupt the person with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// The person started it.
    Allowed,
    /// A background reload: a challenge ends it.
    Never,
}

/// What the backend is told.
#[derive(Debug)]
pub enum Command {
    /// Begin a request.
    Start {
        /// Its name from now on.
        id: RequestId,
        /// What to do.
        request: Request,
        /// Whether it may ask.
        asking: Asking,
    },
    /// The answer to the question that this request has open.
    Answer {
        /// Whose question.
        id: RequestId,
        /// The answer.
        answer: Answer,
    },
    /// Give the request up, if it is still waiting or reading. A write that was sent goes on to its end.
    Cancel {
        /// Which one.
        id: RequestId,
    },
    /// Begin no further write while the person is asked whether to go on; or go on. What was sent goes on to its end, and
    /// giving the request up, or the end of the program, ends this as well.
    Hold {
        /// Which one.
        id: RequestId,
        /// Whether it is held.
        held: bool,
    },
}

/// What a person can want from the registry, or from what this machine keeps.
#[derive(Debug)]
pub enum Request {
    /// Read the npm configuration anew, then who is signed in and the profile. → [`Outcome::Account`]
    Account,
    /// Set one profile field; empty clears it. → [`Outcome::Saved`]
    SaveField {
        /// Which.
        field: ProfileField,
        /// The value that the person saw.
        before: Option<Text>,
        /// The value to set.
        after: String,
    },
    /// List the tokens, page by page. → [`Event::Page`] …, [`Outcome::Tokens`]
    Tokens,
    /// Revoke these, then read the list again. → [`Step::Row`] …, [`Outcome::Revoked`]
    Revoke {
        /// Which, in this order; several may be under way at once.
        tokens: Vec<TokenKey>,
        /// What looks like the credential in use: these go one at a time, and only when all others are gone from a
        /// fresh list (promise P29).
        last: Vec<TokenKey>,
        /// What a person knows them by, as far as known: noted down with them until all are gone.
        names: Vec<(TokenKey, KnownAs)>,
    },
    /// Find out what can prove which tokens these values are. Sends nothing. → [`Outcome::Marks`]
    Marks {
        /// The values.
        values: Vec<Arc<Secret<String>>>,
        /// They are known here from now on, as those that lie on this machine: their revocation is proved by them.
        held: bool,
    },
    /// Try values out that somebody gave, at this registry; the person agreed. One that works as this account's, and looks
    /// like that token alone, is known here from now on. → [`Outcome::TriedOut`]
    TryOut(Vec<(Arc<Secret<String>>, Option<TokenKey>)>),
    /// Prove that codes can be kept there, before the last code is sent. For this program's own encrypted file the
    /// key pair is made now, so that codes need no passphrase when they arrive. → [`Outcome::PlaceProved`]
    ProvePlace(PlaceWish),
    /// A free file name for a set of codes. → [`Outcome::Suggested`]
    SuggestPlace {
        /// The account that the codes will be of.
        account: Text,
    },
    /// Enable two-factor authentication. → [`Step::Enrolled`], [`Step::Codes`], [`Outcome::Enabled`]
    Enable {
        /// The level.
        level: Level,
        /// The account's password.
        password: Secret<String>,
        /// Where the recovery codes go; a file was proved before.
        place: Place,
        /// The person agreed that a half-done set-up is cleared first.
        clear_pending: bool,
    },
    /// Change the level of an account that has 2FA on. → [`Outcome::LevelChanged`]; where the registry begins a new
    /// set-up for it, [`Question::NewSetUp`], and then as [`Request::Enable`] from [`Step::Enrolled`] on.
    ChangeLevel {
        /// The new level.
        level: Level,
        /// The account's password.
        password: Secret<String>,
    },
    /// Turn two-factor authentication off, or clear a half-done set-up, and read the profile again. → [`Outcome::Disabled`]
    Disable {
        /// The account's password.
        password: Secret<String>,
    },
    /// The sets of recovery codes that are kept on this machine. → [`Outcome::Sets`]
    Sets,
    /// Read the codes of a set. → [`Outcome::Opened`]
    OpenSet {
        /// Which.
        set: SetId,
        /// For an encrypted file.
        passphrase: Option<Secret<String>>,
    },
    /// Prove once more to have the codes of a set: [`Question::Proof`], the codes are not shown. → [`Outcome::SetProved`]
    ProveSet {
        /// Which.
        set: SetId,
        /// For an encrypted file.
        passphrase: Option<Secret<String>>,
    },
    /// Write the codes of a set into a new plain file. → [`Outcome::Exported`]
    ExportSet {
        /// Which.
        set: SetId,
        /// For an encrypted file.
        passphrase: Option<Secret<String>>,
        /// What the person typed.
        to: PathBuf,
    },
    /// Remove a set from this machine: its files, where this program made them, and its line in the list.
    /// → [`Outcome::SetRemoved`]
    RemoveSet {
        /// Which.
        set: SetId,
    },
    /// Keep codes that the person got elsewhere, as a rule on the registry's website. Asks as the end of a set-up does,
    /// without showing them. → [`Outcome::SetAdded`]
    AddSet {
        /// The account that they are of.
        account: Text,
        /// The codes.
        codes: RecoveryCodes,
        /// Where they go; a place that was proved before.
        place: Place,
    },
    /// See whether a code of the authenticator is right, by a guarded request that changes nothing. Neither a recovery code
    /// nor a page on the web stands in for one. → [`Outcome::CodeChecked`]
    CheckCode,
    /// Sign in. By the web it asks [`Question::Web`]. → [`Outcome::SignedIn`]
    SignIn {
        /// How.
        how: SignIn,
        /// Where the credential is kept.
        keep: Keep,
        /// The registry that the person was shown with the form, as [`crate::domain::identity::Identity::registry`]:
        /// nothing is sent to another. `None` is the one of the last reading.
        at: Option<Text>,
        /// The account that requests wait for: a sign-in of another one is ended again, and nothing is kept of it.
        wanted: Option<Text>,
    },
    /// End the credential in use at the registry, see that it is dead, then take it out of the file that held it.
    /// → [`Outcome::SignedOut`]
    SignOut,
    /// Change the password. → [`Outcome::PasswordChanged`]
    ChangePassword {
        /// The present one.
        current: Secret<String>,
        /// The new one.
        new: Secret<String>,
    },
    /// Make a token, and note down on this machine what it is for. → [`Outcome::Created`]
    CreateToken(NewToken),
    /// Note down on this machine what a token is for; empty takes the note away. → [`Outcome::Noted`]
    Note {
        /// Which token.
        token: TokenKey,
        /// The note.
        note: String,
    },
    /// See whether a token could be put into a file of the npm configuration, and what it would take the place of; nothing is
    /// changed. → [`Outcome::Target`]
    AimToken {
        /// What is to be put there and the registry that it is of; `None` where that is to be made yet, at this registry.
        what: Option<(Text, Arc<Secret<String>>)>,
        /// Where.
        into: Destination,
    },
    /// Put a token's value into a file of the npm configuration. → [`Outcome::Written`]
    WriteToken {
        /// The registry that the value is of, as it came with it: whatever the configuration means by now, it is written for
        /// no other (promise P21).
        registry: Text,
        /// The value.
        value: Arc<Secret<String>>,
        /// Where.
        into: Destination,
    },
    /// Put a new token in the place of another (requirement E4). → [`Step::Rotating`] …, [`Outcome::Rotated`]
    Rotate(Rotate),
    /// Go on with a rotation that was interrupted: verify what was written, then revoke the old token.
    /// → as [`Request::Rotate`]
    ResumeRotation {
        /// Which.
        left: JournalId,
    },
    /// What was begun on this machine and not ended. → [`Outcome::Unfinished`]
    Unfinished,
    /// Go on with a revocation that was interrupted: reads the list first, and sends what is still in it. → as
    /// [`Request::Revoke`]
    ResumeRevocation {
        /// Which.
        left: JournalId,
    },
    /// Forget something that was begun and not ended; nothing is sent. → [`Outcome::Unfinished`]
    DropUnfinished {
        /// Which.
        left: JournalId,
    },
    /// What npm would read on this machine. → [`Outcome::Machine`]
    Machine,
    /// Try these credentials out, each against its own registry alone; the person agreed.
    /// → [`Step::Probed`] …, [`Outcome::Probed`]
    Probe(Vec<CredentialId>),
    /// What a fix would do. → [`Outcome::FixPreview`]
    PreviewFix(Fix),
    /// Do what was previewed, if the file is still the same. → [`Outcome::Fixed`]
    ApplyFix(Box<FixPreview>),
    /// The emergency: a guided plan. → [`Step::Incident`], [`Question::Emergency`], [`Question::SignIn`],
    /// [`Outcome::Emergency`]
    Emergency {
        /// Go on with this one, which was interrupted.
        resume: Option<JournalId>,
        /// It is the demo's.
        rehearsal: bool,
    },
    /// Write the report of an emergency into this folder, in Markdown and JSON. → [`Outcome::Reported`]
    Report {
        /// Which.
        incident: Arc<Incident>,
        /// What the person typed.
        folder: PathBuf,
    },
}

/// A token that is to take another one's place.
#[derive(Debug)]
pub struct Rotate {
    /// The old one, as it was listed.
    pub old: Box<Token>,
    /// The new one; by default alike.
    pub new: NewToken,
    /// Where the new value goes: places that are proved to hold the old one.
    pub places: Vec<CredentialId>,
    /// The person puts the value elsewhere, too: the old one is not revoked before [`Answer::GoOn`] to
    /// [`Question::Installed`].
    pub elsewhere: bool,
}

/// Names something on this machine that was begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(pub String);

/// Something that was begun on this machine for the account and not ended.
#[derive(Clone, Debug)]
pub enum Unfinished {
    /// A revocation: which tokens were to go, with their names, and how each stood.
    Revocation {
        /// Its name.
        id: JournalId,
        /// When it began.
        began: jiff::Timestamp,
        /// Each token, its name, and how it stood.
        rows: Vec<(TokenKey, KnownAs, RowState)>,
    },
    /// A rotation.
    Rotation {
        /// Its name.
        id: JournalId,
        /// How far it came.
        left: Box<RotationLeft>,
    },
    /// An emergency.
    Emergency {
        /// Its name.
        id: JournalId,
        /// How far it came.
        incident: Arc<Incident>,
    },
    /// An emergency that another instance is at: not to be gone on with here.
    Elsewhere {
        /// Its name.
        id: JournalId,
        /// How far it has come.
        incident: Arc<Incident>,
        /// The process of that instance, where it was noted.
        process: Option<u32>,
    },
}

/// Where a person would like codes to be kept.
#[derive(Debug)]
pub enum PlaceWish {
    /// In an encrypted file of this program's own.
    Vault {
        /// The account that the codes will be of.
        account: Text,
        /// What will open it.
        passphrase: Secret<String>,
    },
    /// In a plain file; what was typed.
    File(PathBuf),
}

/// What the backend reports.
#[derive(Debug)]
pub enum Event {
    /// The request waits for an answer. A second question of one request replaces the first.
    Asked {
        /// Whose question.
        id: RequestId,
        /// The question.
        question: Question,
    },
    /// The question of this request is no longer open.
    Cleared {
        /// Whose.
        id: RequestId,
    },
    /// A read is being tried again after a wait.
    Retrying {
        /// Whose.
        id: RequestId,
        /// Which attempt comes next, from 2.
        attempt: u32,
        /// How many at most.
        of: u32,
        /// The wait before it.
        wait: Duration,
        /// Why the last one failed.
        why: Text,
    },
    /// Rows of a list that is still being read.
    Page {
        /// Whose.
        id: RequestId,
        /// Which page, from 0. Pages may arrive out of order.
        index: u64,
        /// The rows.
        rows: Vec<Token>,
        /// How many rows there are in all, where the registry says so.
        total: Option<u64>,
    },
    /// A job of several steps has taken one.
    Step {
        /// Whose.
        id: RequestId,
        /// Which.
        step: Step,
    },
    /// The request has ended.
    Finished {
        /// Which.
        id: RequestId,
        /// How.
        result: Result<Outcome, Failure>,
    },
}

/// What a request can ask.
#[derive(Debug)]
pub enum Question {
    /// The registry wants the second factor. → [`Answer::Code`]
    Challenge(Challenge),
    /// The code that the authenticator shows for the new entry. → [`Answer::Code`] or [`Answer::Leave`]
    Confirm(Confirm),
    /// The registry began a new set-up where another level was asked for: two-factor authentication is off until it
    /// is confirmed. Where do its codes go? → [`Answer::Place`] or [`Answer::Leave`]
    NewSetUp(Level),
    /// The codes are shown: go on when they were looked at. → [`Answer::GoOn`]
    CodesShown,
    /// The codes could not be written: they are on the screen; another place? → [`Answer::Place`]
    OtherPlace(Failure),
    /// Part of one code, to prove that it was saved. → [`Answer::Proof`], [`Answer::ShowAgain`] or [`Answer::Declined`]
    Proof(Proof),
    /// The page on which the person signs in is to be opened; the job asks the registry meanwhile, and clears this
    /// by itself. No answer; [`Command::Cancel`] gives it up.
    Web(Web),
    /// The value of a rotated token is here and is in its places on this machine: is it everywhere else, too?
    /// → [`Answer::GoOn`]; [`Command::Cancel`] keeps both tokens.
    Installed {
        /// The registry that the value is of.
        registry: Text,
        /// The value.
        value: Arc<Secret<String>>,
        /// The new token.
        token: Box<Token>,
    },
    /// A rotation for elsewhere is gone on with, and nothing here has the value of its new token any more.
    /// → [`Answer::GoOn`] says that it is everywhere that the old one was used, [`Answer::Declined`] keeps both tokens.
    InPlace(InPlace),
    /// The emergency asks. → [`Answer::Emergency`]
    Emergency(Ask),
    /// The registry does not accept the credential any more, in the middle of this request: sign in again with
    /// [`Request::SignIn`], and it goes on. The emergency asks it for a sign-in of its own, to be kept by
    /// [`Keep::Session`]. → [`Answer::SignedIn`]
    SignIn(SignInAsked),
}

impl Question {
    /// True for a question that stands above every screen, false for one that its own screen asks.
    pub const fn is_challenge(&self) -> bool {
        matches!(self, Self::Challenge(_))
    }
}

/// Whether the new token of a rotation is in place, asked where its value is not known any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InPlace {
    /// The old token, which a yes revokes.
    pub old: Text,
    /// What became of the new one and its value.
    pub said: Text,
    /// What speaks against a yes, one sentence each.
    pub cautions: Vec<Text>,
}

/// The registry's wish for a second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// What is to be done with the code, as in "to revoke 3 tokens".
    pub action: Text,
    /// Whose wish it is.
    pub host: Text,
    /// 1 for the first question of an action, then counting refusals.
    pub attempt: u32,
    /// What to know first: why the last code was refused, the registry's own words, a clock that is off.
    pub notices: Vec<Text>,
    /// The code comes by mail and not from an authenticator.
    pub by_email: bool,
    /// A page on the web answers it as well; the job asks the registry meanwhile, and clears the question by itself.
    pub web: Option<Web>,
    /// No answer is taken before this much time has passed.
    pub wait: Option<Duration>,
}

impl Challenge {
    /// A page or a mail gives codes here besides the authenticator, and longer ones.
    pub const fn other_codes(&self) -> bool {
        self.web.is_some() || self.by_email
    }

    /// Whether this answer is asked about before it goes out (promise P11).
    pub fn spends(&self, code: &Secret<String>) -> bool {
        serves_once(code, self.other_codes())
    }
}

/// A page on the web that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// The page.
    pub page: WebPage,
    /// How much longer it is waited for (promise P19).
    pub left: Duration,
}

/// A credential that has ended in the middle of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInAsked {
    /// What the request was about to do, as in "revoke 3 tokens".
    pub action: Text,
    /// Which registry.
    pub host: Text,
    /// The account that the request was begun for: it goes on for no other.
    pub name: Option<Text>,
    /// The registry's words.
    pub words: Text,
    /// Why the last sign-in did not do, when it is asked again.
    pub problem: Option<Text>,
    /// It can be done without: what that means, a sentence or two. Then [`Answer::Emergency`] with [`Reply::Skip`] or
    /// [`Reply::Leave`] is taken, too.
    pub without: Option<Text>,
}

/// The last question of a set-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// 1 for the first question, then counting.
    pub attempt: u32,
    /// Why it is asked again.
    pub refused: Option<CodeRefused>,
    /// How far this machine's clock is ahead of the registry's, in seconds, when it is more than 30 (promise P16).
    pub clock_ahead: Option<i64>,
    /// No answer is taken before this much time has passed.
    pub wait: Option<Duration>,
}

/// Why a confirmation code did not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeRefused {
    /// Seen here by the enrolment's own secret; nothing was sent. Typing the same code again sends it all the same.
    Here(Diagnosis),
    /// The registry refused a code that is right by the enrolment's own secret; its words.
    There(Text),
    /// The code went out before, was refused or met a wish to wait, and is not sent again.
    Again,
    /// No answer came: the code surely never arrived, or by its profile the registry still waits for one. What happened.
    Unanswered(Text),
}

/// Which part of which code proves that the codes were saved. All counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Which code.
    pub code: usize,
    /// The first character asked for.
    pub from: usize,
    /// The last character asked for.
    pub to: usize,
    /// 1 for the first question, then counting wrong answers.
    pub attempt: u32,
}

/// The answer to a [`Question`].
#[derive(Debug)]
pub enum Answer {
    /// A one-time password, as typed.
    Code(Secret<String>),
    /// Leave the set-up; clear what the registry has of it when `clear` is set.
    Leave {
        /// Clear the half-done set-up.
        clear: bool,
    },
    /// Go on.
    GoOn,
    /// Another place for the codes.
    Place(Place),
    /// Part of a code.
    Proof(Secret<String>),
    /// Show the codes again; another code is asked for afterwards.
    ShowAgain,
    /// The person declines to prove it, and typed the word that says so; or says no to [`Question::InPlace`].
    Declined,
    /// A [`Request::SignIn`] has ended well.
    SignedIn,
    /// To the emergency's question.
    Emergency(Reply),
}

/// A step that a job has taken.
#[derive(Debug)]
pub enum Step {
    /// The registry has begun a set-up.
    Enrolled(Arc<Enrolment>),
    /// The code was accepted, two-factor authentication is on, and the codes are on disk where `place` says so.
    Codes {
        /// The codes.
        codes: Arc<RecoveryCodes>,
        /// Where they are now; [`Place::Myself`] when they exist on the screen alone.
        place: Place,
        /// When they were received.
        received: jiff::Timestamp,
    },
    /// A row of a revocation changed.
    Row {
        /// Which token.
        token: TokenKey,
        /// How it stands.
        state: RowState,
    },
    /// A step of a rotation changed.
    Rotating {
        /// Which.
        step: RotateStep,
        /// How it stands.
        state: RotateState,
    },
    /// A credential was tried out.
    Probed(Probed),
    /// The emergency, as far as it has come; rows that change come as [`Step::Row`] besides.
    Incident(Arc<Incident>),
    /// The emergencies of this registry that this machine knows of, before the registry has told whose account this is.
    Emergencies(Vec<Unfinished>),
    /// How far this comes cannot be noted on this machine (why). It goes on; what is left of it after a crash would have to
    /// be found out anew.
    Unkept(Failure),
    /// The configuration was read, and this registry is asked now.
    Asking(Text),
    /// The last thing that a job of several requests is doing, in a few words.
    Doing(&'static str),
}

/// The next step where the password was refused and nothing else happened: it can be typed again.
pub const PASSWORD_AGAIN: &str = "Nothing was changed: type the account's password again.";

/// What [`Step::Doing`] says before a set-up is begun: who leaves from here on leaves something to clear.
pub const BEGINNING: &str = "Beginning the set-up";

/// How a request ended well.
#[derive(Debug)]
pub enum Outcome {
    /// Who is signed in, where, by what credential.
    Account {
        /// The registry and the credential.
        identity: Identity,
        /// What the registry makes of it.
        standing: Standing,
        /// How far this machine's clock is ahead of the registry's, in seconds, where an answer told.
        clock_ahead: Option<i64>,
    },
    /// The profile after a field was set, as the registry has it.
    Saved(Box<Profile>),
    /// The list is complete; every row went out in an [`Event::Page`].
    Tokens {
        /// How many pages there were.
        pages: u64,
        /// It changed each time while it was read: a row that is not in it may be there all the same.
        moved: bool,
    },
    /// The rows of a revocation, final.
    Revoked {
        /// In the order asked for.
        rows: Vec<(TokenKey, RowState)>,
        /// The list as it is now; `None` when it could not be read (why).
        list: Result<Vec<Token>, Failure>,
    },
    /// What the registry makes of each value.
    TriedOut(Vec<Worth>),
    /// The place will do.
    PlaceProved {
        /// The place, by its whole path.
        place: Place,
        /// What to know about it.
        warnings: Vec<Text>,
    },
    /// A file name that is free.
    Suggested(PathBuf),
    /// The set-up is over.
    Enabled(Enabled),
    /// The level is this now, by the registry's own answer.
    LevelChanged(Level),
    /// Two-factor authentication is off, by the registry's own answer; the profile.
    Disabled(Box<Profile>),
    /// The sets that are kept here.
    Sets {
        /// Each set, and whether its file is still there.
        sets: Vec<(RecoverySet, bool)>,
        /// The list can only be read: a newer program wrote it, or its folder takes no writing.
        read_only: bool,
    },
    /// The codes of a set.
    Opened(Opened),
    /// How proving a set once more ended.
    SetProved {
        /// The person has the codes; otherwise the person declined.
        proved: bool,
    },
    /// The codes were written into this file.
    Exported(PathBuf),
    /// The set is gone from this machine; what could not be removed, one sentence each.
    SetRemoved(Vec<Text>),
    /// The codes are kept.
    SetAdded {
        /// Where.
        place: Place,
        /// The person proved to have them.
        proved: bool,
    },
    /// What became of a code that was tried out.
    CodeChecked(CodeCheck),
    /// Signed in: who, where, by what credential.
    SignedIn {
        /// The registry and the credential.
        identity: Box<Identity>,
        /// The profile, by the registry's own answer to the new credential.
        standing: Standing,
        /// How far this machine's clock is ahead of the registry's, in seconds, where an answer told.
        clock_ahead: Option<i64>,
        /// Where the credential is.
        kept: Kept,
    },
    /// Signed out.
    SignedOut {
        /// What held the credential.
        place: Text,
        /// What the registry made of it.
        ended: Ended,
        /// What became of the place.
        forgotten: Forgotten,
    },
    /// The registry says that the password was changed; the profile as the credential in use reads it since,
    /// which a registry may have ended with the old password.
    PasswordChanged(Result<Box<Profile>, Failure>),
    /// How the making of a token ended.
    Created(Created),
    /// The note was taken down.
    Noted {
        /// Of which token.
        token: TokenKey,
        /// As it is kept; `None` when there is none any more.
        note: Option<Text>,
    },
    /// What can prove which tokens the values are, one by one.
    Marks(Vec<Marks>),
    /// The value is in this file.
    Written(Stored),
    /// What the file holds so far.
    Target(Target),
    /// How a rotation ended.
    Rotated(Rotated),
    /// What was begun for this account and not ended, the newest first.
    Unfinished(Vec<Unfinished>),
    /// What npm would read here.
    Machine(Box<Machine>),
    /// What came of the credentials that were tried out.
    Probed(Vec<Probed>),
    /// What a fix would do.
    FixPreview(Box<FixPreview>),
    /// It was done; what npm would read since.
    Fixed(Box<Machine>),
    /// The emergency is over, or was left to be gone on with later.
    Emergency(Arc<Incident>),
    /// The report was written into these files.
    Reported(Vec<PathBuf>),
}

/// How a rotation ended: how each step stands, and what remains.
#[derive(Debug)]
pub struct Rotated {
    /// The registry.
    pub registry: Text,
    /// Each step.
    pub steps: Vec<(RotateStep, RotateState)>,
    /// The new token, when it was made.
    pub token: Option<Box<Token>>,
    /// Its value, as long as it stands in no place of this machine; or the old one's.
    pub value: Option<Arc<Secret<String>>>,
    /// The value is that of the old token, which works and could not be put back where it stood.
    pub is_old: bool,
    /// What remains to be done, one sentence each; empty when all is well.
    pub remains: Vec<Text>,
    /// It can be gone on with later.
    pub open: bool,
}

/// A set of codes, open to be read.
#[derive(Debug)]
pub struct Opened {
    /// Which.
    pub set: SetId,
    /// The codes.
    pub codes: Arc<RecoveryCodes>,
    /// For each code, when it was sent from here, if it was.
    pub used: Vec<Option<UsedAt>>,
}

/// What became of a code that was tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeCheck {
    /// The registry took it: the entry that showed it is the right one.
    Taken,
    /// The registry asked for none, so it says nothing about any.
    NotAsked,
}

/// How the making of a token ended.
#[derive(Debug)]
pub enum Created {
    /// It was made.
    Made {
        /// The registry that made it.
        registry: Text,
        /// The token as it is listed.
        token: Box<Token>,
        /// Its value, which the registry shows this once.
        value: Arc<Secret<String>>,
        /// How it may do more than was asked for, a sentence each: then it is to be revoked at once.
        wider: Vec<Text>,
        /// What did not work besides, as the note.
        warnings: Vec<Text>,
    },
    /// No good answer came (why), and the list has these tokens that were not there before: their values are lost.
    Lost {
        /// What is new in the list.
        tokens: Vec<Token>,
        /// What became of the answer.
        why: Failure,
    },
}

/// How a set-up ended.
#[derive(Debug)]
pub enum Enabled {
    /// Two-factor authentication is on.
    On {
        /// The level: by the profile where `checked`, else the one that was asked for.
        level: Level,
        /// The profile was read after the code was taken, and says so itself.
        checked: bool,
        /// How many more recovery codes the registry sent in a shape that could not be read.
        unreadable: usize,
        /// Where the recovery codes are.
        place: Place,
        /// The person proved to have them.
        proved: bool,
    },
    /// It is on, but no recovery codes came: their answer is lost, or held none that can be read.
    OnWithoutCodes {
        /// The level, by the registry's own answer.
        level: Level,
        /// What happened to the answer; see [`no_codes`].
        why: Failure,
    },
    /// The person left before confirming.
    Left {
        /// Nothing of the set-up remains on the registry.
        cleared: bool,
    },
    /// The registry does not take a set-up from here.
    NotTaken(Refusal),
}

/// Why a set-up that is on has no recovery codes, as a sentence without its full stop.
pub const fn no_codes(why: &Failure) -> &'static str {
    match why.kind {
        FailureKind::Network => "The answer that held the recovery codes never came",
        _ => "The registry's answer held no recovery codes that can be read",
    }
}
