//! What the wizard that enables 2FA holds.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::app::field::Field;
use crate::app::model::QrStyle;
use crate::backend::protocol::{Confirm, Enabled, Proof, RequestId};
use crate::domain::failure::Failure;
use crate::domain::otp::{Diagnosis, Enrolment};
use crate::domain::recovery::{Place, RecoveryCodes};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::tfa::Level;

/// The steps of the wizard, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WizardStep {
    /// What you need.
    Need,
    /// Which level.
    Level,
    /// The account's password.
    Password,
    /// Where the recovery codes go.
    Place,
    /// The QR code, the typed key, and the code that confirms.
    Scan,
    /// The recovery codes.
    Codes,
    /// The proof that they were saved.
    Proof,
    /// What changed and what is next.
    Done,
}

/// The wizard that enables 2FA.
#[derive(Debug)]
pub struct Wizard {
    /// The step that is shown.
    pub step: WizardStep,
    /// The level chosen.
    pub level: Level,
    /// The registry has a half-done set-up: going on clears it first, and the first page says so.
    pub pending: bool,
    /// The registry began this set-up where another level was asked for: the wizard begins at the Place step.
    pub relevel: bool,
    /// Whose codes they will be.
    pub account: Text,
    /// The password being typed.
    pub password: Field,
    /// The place for the codes.
    pub place: PlaceForm,
    /// The job, from the end of the Place step on.
    pub job: Option<RequestId>,
    /// The job waits for a place for the codes.
    pub place_asked: bool,
    /// What the job is doing while it needs no answer.
    pub doing: Option<&'static str>,
    /// Why the last attempt came to nothing; stands on the step where it can be mended.
    pub error: Option<Failure>,
    /// The set-up, from the Scan step until 2FA is on (promise P14).
    pub enrolment: Option<Arc<Enrolment>>,
    /// How the QR code is drawn.
    pub qr: QrStyle,
    /// The typed key is shown in full; when false it is masked.
    pub key_shown: bool,
    /// The code being typed.
    pub code: Field,
    /// The code that went out last, to see whether the person insists on it.
    pub tried: Option<Secret<String>>,
    /// What was found here about that code, when it looked wrong.
    pub judged: Option<Judged>,
    /// The open question for the code; `None` while the registry is checking one.
    pub confirm: Option<Confirm>,
    /// No code is taken before this time.
    pub wait_until: Option<Duration>,
    /// The way out of a begun set-up is being asked about.
    pub leaving: bool,
    /// The answer that has the focus in that question.
    pub leave: LeaveChoice,
    /// The job was given up: the next Esc closes the wizard, whatever becomes of it.
    pub stopping: bool,
    /// The codes, while they are shown and until they are proved.
    pub codes: Option<ShownCodes>,
    /// The job waits until the codes were looked at: Enter hides them and goes on.
    pub codes_asked: bool,
    /// The codes could not be saved (why); the Place form is open for another place, with the codes on the screen.
    pub other_place: Option<Failure>,
    /// Where the codes are; kept when they are hidden.
    pub saved: Option<Place>,
    /// The open question for part of a code.
    pub proof: Option<Proof>,
    /// The answer being typed, or the word that declines.
    pub proof_typed: Field,
    /// How it ended.
    pub end: Option<Result<Enabled, Failure>>,
    /// How many rows the page was moved from where it stands by itself, when not all fits.
    pub nudge: isize,
}

/// A code that looked wrong here, by the set-up's own secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// How.
    pub diagnosis: Diagnosis,
    /// When: the diagnosis counts its seconds from here.
    pub at: Timestamp,
    /// The person sent it all the same.
    pub insisted: bool,
}

/// The ways out of a begun set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LeaveChoice {
    /// Go on with it.
    #[default]
    Stay,
    /// Leave, and clear what the registry has of it.
    Clear,
    /// Leave it half done.
    Keep,
}

impl LeaveChoice {
    /// In the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Stay, Self::Clear, Self::Keep];
}

/// The codes on the screen.
#[derive(Debug)]
pub struct ShownCodes {
    /// The codes; dropped when they are hidden for the proof.
    pub codes: Arc<RecoveryCodes>,
    /// Where they are.
    pub place: Place,
    /// When they were received.
    pub received: Timestamp,
    /// The first line shown, when not all fit.
    pub scroll: usize,
    /// They stand on a page to be printed or written off by hand, from this row on.
    pub sheet: Option<usize>,
}

/// The choice of a place for the codes.
#[derive(Debug)]
pub struct PlaceForm {
    /// Which place.
    pub choice: PlaceChoice,
    /// What will open the encrypted file; kept until it is sent, and no longer.
    pub passphrase: Field,
    /// The same once more, so that no slip locks the file for ever.
    pub again: Field,
    /// The second of these two has the focus.
    pub at_again: bool,
    /// The plain file's path.
    pub path: Field,
    /// The word that accepts the risk of copying by hand.
    pub word: Field,
    /// The request that proves the place, while it is out.
    pub proving: Option<RequestId>,
    /// The place that was proved, with what to know about it.
    pub proved: Option<(Place, Vec<Text>)>,
    /// An encrypted file was prepared, and went with the attempt that came to nothing.
    pub spent: bool,
    /// Why the place will not do.
    pub error: Option<Failure>,
}

impl PlaceForm {
    /// With the best place chosen.
    pub(in crate::app) fn new() -> Self {
        Self {
            choice: PlaceChoice::Vault,
            passphrase: Field::masked(),
            again: Field::masked(),
            at_again: false,
            path: Field::plain(),
            word: Field::plain(),
            proving: None,
            proved: None,
            spent: false,
            error: None,
        }
    }

    /// The proof that holds for the chosen place.
    pub fn proof(&self) -> Option<&(Place, Vec<Text>)> {
        self.proved.as_ref().filter(|(place, _)| match place {
            Place::Vault(_) => self.choice == PlaceChoice::Vault,
            Place::File(_) => self.choice == PlaceChoice::File,
            Place::Myself => false,
        })
    }

    /// No passphrase stays behind.
    pub(in crate::app) fn forget(&mut self) {
        self.passphrase.clear();
        self.again.clear();
        self.at_again = false;
    }

    /// The field that has the focus.
    pub(in crate::app) const fn focus(&mut self) -> &mut Field {
        match self.choice {
            PlaceChoice::Vault if self.at_again => &mut self.again,
            PlaceChoice::Vault => &mut self.passphrase,
            PlaceChoice::Copy | PlaceChoice::Print => &mut self.word,
            PlaceChoice::File => &mut self.path,
        }
    }
}

/// The places on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceChoice {
    /// An encrypted file of this program.
    Vault,
    /// Nowhere on this machine: they go into a password manager.
    Copy,
    /// Nowhere on this machine: they go onto paper.
    Print,
    /// A new text file that only its owner can read.
    File,
}

impl PlaceChoice {
    /// In the order in which they are offered, the best first (promise P09).
    pub const ALL: [Self; 4] = [Self::Vault, Self::Copy, Self::Print, Self::File];
}
