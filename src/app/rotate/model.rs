//! What a rotation holds: the old token, where the new value goes, the form, and how far it has come.

use std::collections::BTreeSet;

use crate::app::create::TokenForm;
use crate::app::created::ValueCard;
use crate::app::model::Stopping;
use crate::backend::protocol::{InPlace, JournalId, RequestId};
use crate::domain::failure::Failure;
use crate::domain::machine::CredentialId;
use crate::domain::rotation::{RotateState, RotateStep, RotationLeft};
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};

/// A token that takes another one's place.
#[derive(Debug)]
pub struct Rotation {
    /// The old one.
    pub old: TokenKey,
    /// Its name.
    pub name: Text,
    /// The old one as it was listed; `None` where no list has it.
    pub token: Option<Box<Token>>,
    /// It is gone on with: this was interrupted.
    pub resumes: Option<JournalId>,
    /// Why no token like the old one can be asked for.
    pub unlike: Option<Failure>,
    /// What a new one like it does not have, as sentences.
    pub lost: Vec<Text>,
    /// The places that are not to take the new value.
    pub unticked: BTreeSet<CredentialId>,
    /// Whether it is used elsewhere, too; `None` as long as nobody said so.
    pub elsewhere: Option<bool>,
    /// Which tick has the focus: the places, then [`Rotation::elsewhere`].
    pub at: usize,
    /// What the new one is to be.
    pub form: TokenForm,
    /// How far it has come.
    pub stage: RotateStage,
    /// It goes on behind the screen.
    pub aside: bool,
    /// The first line shown, when not all fit.
    pub scroll: usize,
}

/// How far a rotation has come.
#[derive(Debug)]
pub enum RotateStage {
    /// The question before one that was interrupted is gone on with.
    Ask(GoOn),
    /// Where the new value goes.
    Places,
    /// The form is open: what the new one is to be.
    Form,
    /// The question before what was typed is given up; the focus is on No when false.
    Leaving(bool),
    /// The request is out.
    Running(Running),
    /// It is over.
    Done(Done),
}

/// What was interrupted, and whether it is to be gone on with.
#[derive(Debug)]
pub struct GoOn {
    /// How far it came.
    pub left: Box<RotationLeft>,
    /// Yes has the focus.
    pub yes: bool,
}

/// A rotation under way.
#[derive(Debug)]
pub struct Running {
    /// The request.
    pub id: RequestId,
    /// What was done before it was interrupted, where it is gone on with.
    pub again: Option<Again>,
    /// Each step.
    pub steps: Vec<(RotateStep, RotateState)>,
    /// Whether it is being stopped.
    pub stopping: Stopping,
    /// The value, from when it is to be put elsewhere.
    pub installed: Option<Installed>,
    /// While that is asked without a value.
    pub in_place: Option<AskedInPlace>,
    /// What it is at, besides its steps.
    pub doing: Option<&'static str>,
}

/// What was done before a rotation was interrupted.
#[derive(Clone, Copy, Debug)]
pub struct Again {
    /// The new token was made.
    pub made: bool,
    /// The registry took the revocation of the old one.
    pub revoked: bool,
}

/// Whether a new token whose value is not here any more is in place.
#[derive(Debug)]
pub struct AskedInPlace {
    /// The question.
    pub asked: InPlace,
    /// Yes has the focus.
    pub yes: bool,
}

/// The value that the person puts elsewhere.
#[derive(Debug)]
pub struct Installed {
    /// The value.
    pub card: ValueCard,
    /// The new token.
    pub token: Box<Token>,
    /// Yes has the focus: it is everywhere.
    pub yes: bool,
    /// The answer is out.
    pub answered: bool,
}

/// The end of a rotation.
#[derive(Debug)]
pub struct Done {
    /// Each step.
    pub steps: Vec<(RotateStep, RotateState)>,
    /// The new token, when it was made.
    pub token: Option<Box<Token>>,
    /// Its value, as long as it stands in no place of this machine.
    pub card: Option<ValueCard>,
    /// What remains to be done, one sentence each.
    pub remains: Vec<Text>,
}

impl Rotation {
    /// What the old token is called.
    pub fn called(&self, width: usize) -> String {
        super::called(&self.name, &self.old, width)
    }

    /// Nothing of it was sent yet.
    pub const fn is_unsent(&self) -> bool {
        matches!(
            self.stage,
            RotateStage::Ask(_) | RotateStage::Places | RotateStage::Form | RotateStage::Leaving(_)
        )
    }
}

impl Running {
    pub(in crate::app) fn new(id: RequestId) -> Self {
        Self {
            id,
            again: None,
            steps: RotateStep::ALL
                .map(|step| (step, RotateState::Waiting))
                .to_vec(),
            stopping: Stopping::No,
            installed: None,
            in_place: None,
            doing: None,
        }
    }

    /// What it is at, where no step tells.
    pub fn besides(&self) -> Option<&'static str> {
        let mut steps = self.steps.iter();
        self.doing
            .filter(|_| !steps.any(|(_, state)| matches!(state, RotateState::Doing)))
    }

    /// How a step stands.
    pub fn state(&self, step: RotateStep) -> &RotateState {
        let found = self.steps.iter().find(|(of, _)| *of == step);
        found.map_or(&RotateState::Waiting, |(_, state)| state)
    }

    /// The value that the person is to put elsewhere, while that is asked.
    pub fn asks(&self) -> Option<&Installed> {
        self.installed.as_ref().filter(|asked| !asked.answered)
    }

    pub(in crate::app) fn is_done(&self, step: RotateStep) -> bool {
        matches!(self.state(step), RotateState::Done(_))
    }

    pub(in crate::app) fn is_waiting(&self, step: RotateStep) -> bool {
        matches!(self.state(step), RotateState::Waiting)
    }
}
