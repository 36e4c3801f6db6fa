//! Everything that the screens show.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::create::TokenForm;
use super::created::CreatedPage;
use super::field::Field;
use super::note::NoteForm;
use super::notice::Spot;
use super::password::PasswordForm;
use super::request::InFlight;
use super::signin::{Parked, SignInForm};
use super::signout::SignOut;
use super::{DemoCode, Now};
use crate::domain::ability::Ability;
use crate::domain::account::{Profile, ProfileField};
use crate::domain::failure::Failure;
use crate::domain::identity::{Identity, Standing};
use crate::domain::qr::Modules;
use crate::domain::signin::WebPage;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Refusal};
use crate::domain::token::{Token, TokenKey};

// What belongs to one flow stands beside it; a screen that draws it needs no other room.
pub use super::emergency::model::EmergencyScreen;
pub use super::guide::model::{
    Checked, Choice, Closing, Errand, Guide, Kind, Status, Step as GuideStep, Trial, Verdict,
};
pub use super::machine::model::MachineScreen;
pub use super::recovery::model::{
    AddField, AddForm, OpenedSet, RecoveryScreen, RemoveForm, SetField, SetForm, SetPage, SetProof,
    SetTask,
};
pub use super::revoke::model::{Revoke, RevokeRow, RevokeStage, Stopping};
pub use super::rotate::model::{
    Again, AskedInPlace, Done, GoOn, Installed, RotateStage, Rotation, Running,
};
pub use super::tokens::{Facet, Facets, Incoming, Index, Order, SortBy, Sought, Trait};
pub use super::unfinished::Forgetting;
pub use super::wizard::model::{
    Judged, LeaveChoice, PlaceChoice, PlaceForm, ShownCodes, Wizard, WizardStep,
};

// What the model holds of the backend's words; a screen that draws them needs no other room.
pub use crate::backend::protocol::{
    Challenge, CodeRefused, Confirm, Enabled, Proof, RequestId, RowState, SignInAsked, Unfinished,
    Unprobed, no_codes,
};

/// A value that comes from elsewhere, in every state that it can be in.
#[derive(Debug)]
pub enum Load<T> {
    /// Not asked for.
    Empty,
    /// Asked for; `old` is shown meanwhile.
    Loading {
        /// The request.
        id: RequestId,
        /// What was known before.
        old: Option<T>,
    },
    /// Part of it is here and can be used.
    Partial {
        /// The request.
        id: RequestId,
        /// What is here.
        rows: T,
        /// How many rows are here.
        done: u64,
        /// How many there are, where known.
        total: Option<u64>,
    },
    /// All of it is here.
    Ready(T),
    /// It could not be read; `old` is what was known before and may be out of date.
    Failed {
        /// Why.
        why: Failure,
        /// What was known before.
        old: Option<T>,
    },
}

impl<T> Load<T> {
    /// The newest value at hand, complete or not, current or not.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Empty => None,
            Self::Loading { old, .. } | Self::Failed { old, .. } => old.as_ref(),
            Self::Partial { rows, .. } | Self::Ready(rows) => Some(rows),
        }
    }

    /// The same, to be changed in place.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Empty => None,
            Self::Loading { old, .. } | Self::Failed { old, .. } => old.as_mut(),
            Self::Partial { rows, .. } | Self::Ready(rows) => Some(rows),
        }
    }

    /// Asked for anew; what is known stays.
    pub(super) fn load(&mut self, id: RequestId) {
        let old = self.take();
        *self = Self::Loading { id, old };
    }

    /// The newest value at hand, taken out.
    pub(super) fn take(&mut self) -> Option<T> {
        match std::mem::replace(self, Self::Empty) {
            Self::Empty => None,
            Self::Loading { old, .. } | Self::Failed { old, .. } => old,
            Self::Partial { rows, .. } | Self::Ready(rows) => Some(rows),
        }
    }

    /// The request that is still to fill it.
    pub fn pending(&self) -> Option<RequestId> {
        match self {
            Self::Loading { id, .. } | Self::Partial { id, .. } => Some(*id),
            _ => None,
        }
    }
}

/// The screens that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The account's fields.
    Profile,
    /// The second factor.
    Security,
    /// The access tokens.
    Tokens,
    /// The recovery codes kept here.
    Recovery,
    /// What this machine holds for npm.
    Machine,
    /// The emergency.
    Emergency,
}

impl Screen {
    /// In the order of their keys, `1` first.
    pub const ALL: [Self; 6] = [
        Self::Profile,
        Self::Security,
        Self::Tokens,
        Self::Recovery,
        Self::Machine,
        Self::Emergency,
    ];

    /// Its key.
    pub const fn key(self) -> char {
        match self {
            Self::Profile => '1',
            Self::Security => '2',
            Self::Tokens => '3',
            Self::Recovery => '4',
            Self::Machine => '6',
            Self::Emergency => '!',
        }
    }

    /// The title in the bar.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Profile => "Profile",
            Self::Security => "Security",
            Self::Tokens => "Tokens",
            Self::Recovery => "Recovery",
            Self::Machine => "Machine",
            Self::Emergency => "Emergency",
        }
    }
}

/// The whole state of the terminal program.
#[derive(Debug)]
pub struct Model {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time of the last message.
    pub now: Now,
    /// The screen beneath everything.
    pub screen: Screen,
    /// The registry that is asked, from before its first answer on.
    pub registry: Option<Text>,
    /// Who, where, by which credential.
    pub account: Load<Account>,
    /// How QR codes are drawn: what was chosen last holds for the run.
    pub qr: QrStyle,
    /// What the registry said when a set-up of 2FA was tried from here, in this run.
    pub refusal: Option<Refusal>,
    /// What this registry does not offer, and what it said when it was tried; emptied by another registry, and when the
    /// person asks anew.
    pub lacks: BTreeMap<Ability, Text>,
    /// Set in the demo alone.
    pub demo: Option<Demo>,
    /// The profile screen.
    pub profile: ProfileScreen,
    /// The security screen.
    pub security: SecurityScreen,
    /// The tokens screen.
    pub tokens: TokensScreen,
    /// The recovery screen.
    pub recovery: RecoveryScreen,
    /// The machine screen.
    pub machine: MachineScreen,
    /// The emergency screen.
    pub emergency: EmergencyScreen,
    /// What was begun on this machine and not ended.
    pub unfinished: Vec<Unfinished>,
    /// The 2FA wizard; covers the screen while it is open.
    pub wizard: Option<Wizard>,
    /// A guide, open or put aside.
    pub guide: Option<Guide>,
    /// The page of the registry's website that the screen sends the person to.
    pub site: Option<WebPiece>,
    /// A token that was just made; covers the screen until the person has dealt with it.
    pub created: Option<CreatedPage>,
    /// A token that takes another one's place; covers the screen unless it was put aside.
    pub rotation: Option<Rotation>,
    /// Whose data the screens hold: the registry and the account's name.
    pub owner: Option<(Text, Text)>,
    /// The sign-in form, above the screen or the wizard.
    pub signin: Option<SignInForm>,
    /// The requests that go on when somebody has signed in again.
    pub parked: Vec<Parked>,
    /// Help or the palette, above the screen or the wizard.
    pub overlay: Option<Overlay>,
    /// The registry's questions, above everything; the first one is shown.
    pub challenges: Vec<Asked>,
    /// The last line but one: what just happened.
    pub notice: Option<Notice>,
    /// The next request's name.
    pub next_id: u64,
    /// What begins no further write, since it is being asked whether to stop it.
    pub held: Option<RequestId>,
    /// Every request that was begun and has not ended, also one whose screen was left.
    pub requests: BTreeMap<RequestId, InFlight>,
    /// Set when the program is to end; a write in flight may still be waited for.
    pub quitting: bool,
}

impl Model {
    /// The profile of whoever is signed in.
    pub fn profile(&self) -> Option<&Profile> {
        match &self.account.value()?.standing {
            Standing::SignedIn(profile) => Some(profile),
            _ => None,
        }
    }
}

/// Who is signed in, as the registry told last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The registry and the credential's origin.
    pub identity: Identity,
    /// What the registry makes of it.
    pub standing: Standing,
    /// How far this machine's clock is ahead of the registry's, in seconds.
    pub clock_ahead: Option<i64>,
}

/// What the demo adds to the screen.
#[derive(Debug)]
pub struct Demo {
    /// The password of the demo account: not a secret, it is shown. `None` once the person has chosen another one.
    pub password: Option<String>,
    /// Where the demo's registry shows what it mailed; `None` where it mails nothing.
    pub inbox: Option<String>,
    /// Somebody else is in the demo's account, for the rehearsal of an emergency.
    pub under_attack: bool,
    /// The demo authenticator's line is open.
    pub open: bool,
    /// A code from a mail is asked for: it is shown in place of the authenticator's.
    pub mail: bool,
    /// What it shows; `None` until an authenticator has something to show.
    pub code: Option<DemoCode>,
    /// When that code is to be replaced by the next one.
    pub code_until: Option<Duration>,
}

/// The line that says what just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence.
    pub text: Text,
    /// When, for the clock at the end of the line.
    pub at: Timestamp,
    /// When it goes by itself; `None` for one that stays until its place is left.
    pub until: Option<Duration>,
    /// How a request ended: it outlives the place where it was said. Everything else goes with it.
    pub outcome: bool,
    /// Where it was said; `None` until the step that said it is over.
    pub spot: Option<Spot>,
    /// The wait that it counts down.
    pub retry: Option<Retry>,
}

/// A read that is tried again after a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Whose.
    pub id: RequestId,
    /// When it is tried again.
    pub at: Duration,
    /// Which attempt that is, from 2.
    pub attempt: u32,
    /// How many at most.
    pub of: u32,
    /// Why the last one failed.
    pub why: Text,
}

/// How a line is meant. Always also said by a sign or a word, never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// For information.
    Plain,
    /// Take care.
    Warning,
    /// It did not work.
    Bad,
}

/// The profile screen.
#[derive(Debug, Default)]
pub struct ProfileScreen {
    /// Which field is chosen, as an index into [`ProfileField::ALL`].
    pub cursor: usize,
    /// The first line shown, when not all fit.
    pub scroll: usize,
    /// A field being edited.
    pub edit: Option<FieldEdit>,
    /// The password being changed.
    pub password: Option<PasswordForm>,
    /// Signing out, from the question to what is left of it.
    pub sign_out: Option<SignOut>,
}

/// A profile field being edited.
#[derive(Debug)]
pub struct FieldEdit {
    /// Which.
    pub field: ProfileField,
    /// The value before.
    pub before: Option<Text>,
    /// The value being typed.
    pub typed: Field,
    /// Enter was pressed once: the line `before → after` asks for a second Enter.
    pub review: bool,
    /// The request, once it is out.
    pub saving: Option<RequestId>,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it was not saved; the typed value is kept.
    pub error: Option<Failure>,
}

/// The security screen.
#[derive(Debug, Default)]
pub struct SecurityScreen {
    /// The first line shown, when not all fit.
    pub scroll: usize,
    /// A change that needs the password: the level, or off.
    pub change: Option<SecurityChange>,
    /// A set-up was begun from here, in this run, for the account that is signed in.
    pub begun: bool,
}

/// A level change, or 2FA being turned off.
#[derive(Debug)]
pub struct SecurityChange {
    /// What is wanted: another level, or `None` for off.
    pub to: Option<Level>,
    /// The warning that comes before the password when 2FA goes off: `Some(false)` has the focus on No.
    /// `None` when it was accepted, or none is needed.
    pub warn: Option<bool>,
    /// The account's password.
    pub password: Field,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
}

/// The tokens screen.
#[derive(Debug)]
pub struct TokensScreen {
    /// The list, in the registry's order.
    pub list: Load<Vec<Token>>,
    /// What the filter looks through, row by row of the list, while there is a filter.
    pub index: Option<Index>,
    /// A list that is being read anew, kept apart until it is whole.
    pub incoming: Incoming,
    /// The list changed each time while it was read: a token that it lacks may be there all the same.
    pub moved: bool,
    /// The rows that are shown, as indices into the list: filtered and sorted.
    pub shown: Vec<usize>,
    /// The chosen row, as an index into `shown`.
    pub cursor: usize,
    /// The first row on the screen, as an index into `shown`.
    pub offset: usize,
    /// What the list is filtered by.
    pub filter: Field,
    /// The filter has the focus.
    pub filtering: bool,
    /// A token's value that was pasted: its row is looked for.
    pub sought: Option<Sought>,
    /// The questions that narrow the list, and how many rows fit each.
    pub facets: Facets,
    /// When that was counted.
    pub counted: Duration,
    /// What it is sorted by; `None` is the registry's order.
    pub sort: Option<SortBy>,
    /// The selected rows.
    pub selected: BTreeSet<TokenKey>,
    /// The details of the chosen row are open (on narrow screens; wide ones have a pane).
    pub details: bool,
    /// The first line of the details that is shown, when not all fit.
    pub scroll: usize,
    /// A revocation, from the question to the result per row.
    pub revoke: Option<Revoke>,
    /// A new token being asked for.
    pub create: Option<TokenForm>,
    /// The note of a token being edited.
    pub note: Option<NoteForm>,
    /// The question before what was interrupted is forgotten.
    pub forgetting: Option<Forgetting>,
    /// The notes that were taken down while the list is being read: what is on its way may not have them yet.
    pub noted: BTreeMap<TokenKey, Option<Text>>,
    /// The row to be chosen as soon as it stands in the list.
    pub wanted: Option<TokenKey>,
}

/// How a QR code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QrStyle {
    /// Two modules a cell, one above the other.
    HalfBlocks,
    /// Two columns a module, for terminals whose lines stand apart.
    Wide,
    /// Six modules a cell, for terminals that draw sextants.
    Sextants,
    /// Half blocks with light and dark exchanged.
    Inverted,
}

/// What lies above a screen.
#[derive(Debug)]
pub enum Overlay {
    /// The keys of this screen, from the one table.
    Help {
        /// The first line shown.
        scroll: usize,
        /// The registry's question that it was opened from: it stands above that one.
        over: Option<RequestId>,
    },
    /// Every action by name.
    Palette {
        /// What is typed.
        typed: Field,
        /// The chosen line.
        cursor: usize,
    },
    /// Leave the program although something is unfinished? Stands above the registry's questions too.
    Leave {
        /// What would be lost, as a sentence.
        why: Text,
        /// Yes has the focus.
        yes: bool,
    },
}

impl QrStyle {
    /// The one after it, round and round.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::HalfBlocks => Self::Wide,
            Self::Wide => Self::Sextants,
            Self::Sextants => Self::Inverted,
            Self::Inverted => Self::HalfBlocks,
        }
    }
}

/// A registry's question in the queue.
#[derive(Debug)]
pub struct Asked {
    /// Whose question.
    pub id: RequestId,
    /// The question.
    pub challenge: Challenge,
    /// The code being typed.
    pub typed: Field,
    /// When the dialog came to the front: Esc counts only 300 ms later.
    pub opened: Option<Duration>,
    /// No answer is taken before this time.
    pub wait_until: Option<Duration>,
    /// The answer is out and not yet judged.
    pub answered: bool,
    /// What was typed since is no whole code: what was said of the code before is of no use any more.
    pub amiss: bool,
    /// The page on the web that answers it as well.
    pub web: Option<WebPiece>,
    /// The first line of its text that is shown, when not all fit.
    pub scroll: usize,
    /// What was typed is no authenticator's code: the page that asks whether a recovery code is to be used up.
    pub spending: Option<Spending>,
}

/// A page on the web that is waited for, and how it is shown.
#[derive(Debug)]
pub struct WebPiece {
    /// The page.
    pub page: WebPage,
    /// Until when it is waited for.
    pub until: Duration,
    /// The QR code of its address; `None` when that is longer than any holds.
    pub modules: Option<Modules>,
    /// How the QR code is drawn.
    pub qr: QrStyle,
    /// It may be opened, copied and drawn: it is the registry's own, or the person said so.
    pub agreed: bool,
    /// The question about a page elsewhere.
    pub foreign: Option<Foreign>,
}

/// The question before a page is used that is not of the registry's own website (promise P18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What it is to be used for.
    pub wish: WebWish,
    /// Yes has the focus.
    pub yes: bool,
    /// When the question was opened: a yes counts only 300 ms later.
    pub opened: Duration,
}

/// What a person can want of a page on the web.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebWish {
    /// Open it in the browser.
    Open,
    /// Copy its address.
    Copy,
    /// Draw its QR code, or draw it another way.
    Draw,
}

/// The page before a recovery code goes out (promise P11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// Yes has the focus.
    pub yes: bool,
    /// When the page was opened: a yes counts only 300 ms later.
    pub opened: Duration,
}
