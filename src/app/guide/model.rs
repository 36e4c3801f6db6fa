//! What a guide holds: which one it is, where it stands, what the person answered, what the registry said.

use jiff::Timestamp;

use crate::app::model::Load;
use crate::backend::protocol::RequestId;
use crate::domain::failure::Failure;
use crate::domain::recovery::RecoverySet;
use crate::domain::text::Text;
use crate::domain::tfa::{Refusal, Tfa};

use super::super::model::Model;
use super::super::recovery::{Listed, listed};

/// The guides that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The device with the authenticator is gone (M15).
    LostDevice,
    /// The recovery codes are gone, or never came (M16).
    LostCodes,
    /// Two entries of one name in the authenticator (M17).
    TwoEntries,
    /// The authenticator moves to another phone.
    NewPhone,
    /// Two-factor authentication is being turned off (M14).
    Removal,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::LostDevice,
        Self::LostCodes,
        Self::TwoEntries,
        Self::NewPhone,
        Self::Removal,
    ];
}

/// A page of a guide. Several guides share some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Does anything else give codes?
    Another,
    /// Is there a recovery code?
    Code,
    /// Where nothing may be enabled from here: the website, or from here all the same?
    Way,
    /// Is the authenticator at hand?
    Hand,
    /// The sets that this machine knows of.
    Sets,
    /// The authenticator moves by its own means.
    Transfer,
    /// How two entries of one name come about.
    How,
    /// A code is tried out at the registry.
    TryCode,
    /// What a security key is good for.
    Key,
    /// Turning 2FA off and on again, before anything is done.
    Again,
    /// Two-factor authentication goes off.
    TurnOff,
    /// It goes on again, with the authenticator of now.
    TurnOn,
    /// A second factor is added on the registry's website.
    Website,
    /// The registry's website shows the recovery codes and makes new ones.
    Regenerate,
    /// The codes of the website are kept here.
    Keep,
    /// The new codes are saved.
    Saved,
    /// The tokens are looked over.
    Tokens,
    /// Nothing is left but the people who run the registry.
    Support,
    /// Nothing can be renewed from here, and nothing is to be turned off.
    Ask,
    /// Which entry is deleted.
    Delete,
    /// What was reached, and what is left to do.
    End,
}

/// An answer to what a page asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// Another phone, a backup, another program still shows codes.
    OldDevice,
    /// A security key is registered.
    SecurityKey,
    /// There is nothing else.
    Nothing,
    /// A recovery code is at hand.
    HaveCode,
    /// Look at the sets that this machine knows of, or add one there.
    SeeSets,
    /// Look at the tokens.
    SeeTokens,
    /// Get new codes.
    Fresh,
    /// There is no recovery code.
    NoCode,
    /// On the registry's website.
    OnWebsite,
    /// From here.
    FromHere,
    /// It is at hand.
    AtHand,
    /// It is not.
    NotAtHand,
    /// The entry is on the new phone.
    Moved,
    /// The app cannot do that.
    CannotMove,
    /// The upper one of the two entries.
    Upper,
    /// The lower one.
    Lower,
    /// Neither entry's code is taken.
    Neither,
    /// Try once more.
    TryAgain,
    /// Go on with it.
    GoOn,
    /// Leave everything as it is.
    LeaveIt,
}

/// What the person is doing elsewhere for the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Signing in.
    SignIn,
    /// The form that turns 2FA off.
    Change,
    /// The wizard.
    Wizard,
    /// A screen, until the key that leads back.
    Screen,
}

/// A reading of the profile since the guide was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// When.
    pub at: Timestamp,
    /// What it said.
    pub tfa: Tfa,
}

/// Codes being tried out at the registry.
#[derive(Debug, Default)]
pub struct Trial {
    /// The request, while it is out.
    pub sent: Option<RequestId>,
    /// Whose code is being tried.
    pub entry: Option<Choice>,
    /// How many codes of this request were refused.
    pub(super) refusals: u32,
    /// The last code was typed here.
    pub(super) typed: bool,
    /// It is being asked whether a recovery code is to be used up.
    pub(super) spending: bool,
    /// What was typed last was a recovery code.
    pub(super) recovery: bool,
    /// How many codes were refused in this guide before this request.
    pub(super) before: u32,
    /// What became of the last one.
    pub verdict: Option<Verdict>,
}

impl Trial {
    /// How many codes were refused in this guide.
    pub fn refused(&self) -> u32 {
        self.before + self.refusals
    }
}

/// What became of a code that was tried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The registry took it.
    Right {
        /// When.
        at: Timestamp,
        /// Whose it was.
        entry: Option<Choice>,
        /// None was refused in the same try: it is surely that entry's.
        first: bool,
    },
    /// The question was answered on a page, which says nothing about entries.
    ByPage,
    /// A recovery code was typed, which says nothing about entries.
    ByRecoveryCode,
    /// The registry asked for none.
    NotAsked,
    /// A code was refused, and the person stopped there.
    Refused(Option<Choice>),
    /// The person stopped before any code went out.
    Stopped,
    /// It could not be tried.
    Failed(Failure),
}

/// How a step that changes something stands, by the registry's own answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not done yet.
    Todo,
    /// Under way.
    Doing,
    /// Done: the registry said so at this time.
    Met(Timestamp),
    /// The registry's word is being asked for, or could not be read.
    Unchecked,
}

/// What is known of whether this registry takes a new authenticator app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing<'a> {
    /// Nothing speaks against it.
    NotKnown,
    /// Its people announced that it takes none.
    Announced,
    /// It said so itself, in this run.
    Said(&'a Refusal),
}

/// A guide, open or put aside.
#[derive(Debug)]
pub struct Guide {
    /// Which.
    pub kind: Kind,
    /// Where it stands.
    pub at: Step,
    /// What was answered, page by page.
    pub answers: Vec<(Step, Choice)>,
    /// The answer that has the focus.
    pub cursor: usize,
    /// The answers are followed with the eyes; otherwise the text is.
    pub follow: bool,
    /// The first line shown, when not all fit.
    pub scroll: usize,
    /// The steps that changed something and are done: there is no way back before them.
    pub passed: Vec<Step>,
    /// Where `at` stands on the route.
    pub(super) index: usize,
    /// It covers the screen. Otherwise it waits for its key.
    pub shown: bool,
    /// What the person is doing elsewhere for it.
    pub errand: Option<Errand>,
    /// Whose account it is about: the registry and the name. `None` until somebody is signed in.
    pub owner: Option<(Text, Text)>,
    /// The registry that it is about.
    pub registry: Option<Text>,
    /// When it was opened.
    pub began: Timestamp,
    /// The last reading of the profile since.
    pub checked: Option<Checked>,
    /// The codes of the last set-up never came: the guide was opened for that.
    pub none_came: bool,
    /// Codes being tried out.
    pub trial: Trial,
}

impl Guide {
    /// What was answered on that page.
    pub fn answer(&self, step: Step) -> Option<Choice> {
        let mut answers = self.answers.iter().rev();
        answers
            .find(|(of, _)| *of == step)
            .map(|(_, choice)| *choice)
    }
}

/// What a route depends on beside the answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    /// What is known of new set-ups.
    pub(super) closing: Closing<'a>,
    /// The registry's website is known.
    pub(super) website: bool,
    /// Sets of codes of this account that may still serve are known on this machine.
    pub(super) sets: bool,
}

impl Model {
    /// What is known of whether this registry takes a new authenticator app.
    pub fn closing(&self) -> Closing<'_> {
        match &self.refusal {
            Some(refusal) => Closing::Said(refusal),
            None if self.website().is_some() => Closing::Announced,
            None => Closing::NotKnown,
        }
    }

    /// The website of the registry in use, where it is known.
    pub fn website(&self) -> Option<&'static str> {
        let registry = self.account.value().map(|a| &a.identity.registry);
        crate::domain::identity::website(registry.or(self.registry.as_ref())?)
    }

    /// The sets of codes that may still serve this account; where nobody is signed in, those of this registry.
    pub fn sets_at_hand(&self) -> Vec<Listed<'_>> {
        let mut sets = self.sets_of_account();
        sets.retain(|one| one.worth.may_serve());
        sets
    }

    /// The sets of this account's codes, of use or not, the newest first.
    pub fn sets_of_account(&self) -> Vec<Listed<'_>> {
        let account = self.account.value();
        let registry = account
            .map(|a| &a.identity.registry)
            .or(self.registry.as_ref());
        let signed_in = self.profile().is_some();
        let mut sets = listed(self);
        sets.retain(|one| registry == Some(&one.set.registry) && (one.here || !signed_in));
        sets
    }

    /// The set of this account's codes that came since `began`.
    pub fn set_since(&self, began: Timestamp) -> Option<&RecoverySet> {
        let newest = self.sets_of_account().into_iter().find(|one| one.here)?;
        (newest.set.received >= began).then_some(newest.set)
    }

    /// The list of sets is still being read.
    pub fn sets_unread(&self) -> bool {
        matches!(
            self.recovery.sets,
            Load::Empty | Load::Loading { .. } | Load::Partial { .. }
        )
    }

    /// How many of the tokens that are listed are taken without a code; `None` while the list is not known.
    pub fn tokens_without_code(&self) -> Option<usize> {
        let list = self.tokens.list.value()?;
        let live = list.iter().filter(|token| token.revoked.is_none());
        Some(
            live.filter(|token| token.bypass_2fa && !token.readonly)
                .count(),
        )
    }
}
