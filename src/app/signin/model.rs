//! What the model holds of a sign-in: the form, its parts, and what waits for it.

use std::time::Duration;

use crate::app::field::Field;
use crate::app::model::{Model, WebPiece};
use crate::backend::protocol::{RequestId, SignInAsked};
use crate::domain::ability::Ability;
use crate::domain::failure::Failure;
use crate::domain::identity;
use crate::domain::signin::Keep;
use crate::domain::text::Text;

/// How a person signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On the registry's website.
    Web,
    /// By user name and password.
    Password,
    /// With a new account.
    NewAccount,
}

impl Way {
    /// In the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Web, Self::Password, Self::NewAccount];

    pub(super) const fn ability(self) -> Ability {
        match self {
            Self::Web => Ability::WebSignIn,
            Self::Password => Ability::PasswordSignIn,
            Self::NewAccount => Ability::SignUp,
        }
    }
}

/// The parts of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInPart {
    /// How.
    Way,
    /// The user name.
    Name,
    /// The address for mails.
    Email,
    /// The password.
    Password,
    /// A new account's password once more: a slip would lock it.
    Again,
    /// Where the credential is kept.
    Keep,
}

/// The form.
#[derive(Debug)]
pub struct SignInForm {
    /// The registry that it was opened for: what is typed into it goes to no other.
    pub host: Option<Text>,
    /// The part that has the focus.
    pub at: SignInPart,
    /// How.
    pub way: Way,
    /// Where the credential is kept.
    pub keep: Keep,
    /// The user name.
    pub name: Field,
    /// The address that the registry writes to.
    pub email: Field,
    /// The password.
    pub password: Field,
    /// A new account's password once more.
    pub again: Field,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// What it is doing while it asks nothing.
    pub doing: Option<&'static str>,
    /// The page that the person is to open.
    pub web: Option<WebPiece>,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
    /// Nothing goes out before this time: the registry asked to wait.
    pub wait_until: Option<Duration>,
    /// The first line shown, when not all fit.
    pub scroll: usize,
    /// It was opened by requests that wait for it.
    pub by_question: bool,
    /// When it was opened: what may have been meant for something else counts only 300 ms later.
    pub opened: Duration,
}

/// A request that goes on when somebody has signed in again.
#[derive(Debug)]
pub struct Parked {
    /// Which.
    pub id: RequestId,
    /// What it says.
    pub asked: SignInAsked,
}

impl Model {
    /// The registry that a sign-in goes to, as a person reads it.
    pub fn sign_in_host(&self) -> Option<&Text> {
        let form = self.signin.as_ref().and_then(|form| form.host.as_ref());
        let parked = || self.parked.first().map(|parked| &parked.asked.host);
        let account = || self.account.value().map(|a| &a.identity.registry);
        form.or_else(parked)
            .or_else(account)
            .or(self.registry.as_ref())
    }

    /// The file in which a sign-in can be kept for npm.
    pub fn sign_in_file(&self) -> Option<&Text> {
        self.account.value()?.identity.user_file.as_ref()
    }

    /// The account that the requests which wait were begun for.
    pub fn begun_for(&self) -> Option<&Text> {
        self.parked.iter().find_map(|p| p.asked.name.as_ref())
    }

    /// The ways that are offered: what waits for somebody needs no new account.
    pub fn sign_in_ways(&self) -> Vec<Way> {
        let chosen = self.signin.as_ref().map(|form| form.way);
        let mut ways = Way::ALL.to_vec();
        ways.retain(|way| {
            *way != Way::NewAccount || self.begun_for().is_none() || chosen == Some(*way)
        });
        ways
    }

    /// Why a way of signing in is not open here, as a sentence.
    pub fn no_way(&self, way: Way) -> Option<String> {
        let website = self.sign_in_host().and_then(identity::website);
        if let (Way::NewAccount, Some(name)) = (way, self.begun_for()) {
            return Some(format!("What waits goes on for {name} alone."));
        }
        match (way, website, self.lacks.get(&way.ability())) {
            (Way::NewAccount, Some(website), _) => Some(format!(
                "First make the account on the website, then sign in here: {website}/signup"
            )),
            (_, _, Some(said)) => Some(said.to_string()),
            _ => None,
        }
    }
}

impl SignInForm {
    /// The parts that the form has now, in order.
    pub fn parts(&self, model: &Model) -> Vec<SignInPart> {
        use SignInPart as P;
        if model.no_way(self.way).is_some() {
            return vec![P::Way];
        }
        let mut parts = match self.way {
            Way::Web => vec![P::Way],
            // Who it has to be stands fixed: what is typed first is the password, and goes into its field.
            Way::Password if model.begun_for().is_some() => vec![P::Way, P::Password],
            Way::Password => vec![P::Way, P::Name, P::Password],
            Way::NewAccount => vec![P::Way, P::Name, P::Email, P::Password, P::Again],
        };
        if model.sign_in_file().is_some() && !model.emergency.under_way() {
            parts.push(P::Keep);
        }
        parts
    }

    pub(super) fn field(&self, part: SignInPart) -> Option<&Field> {
        match part {
            SignInPart::Name => Some(&self.name),
            SignInPart::Email => Some(&self.email),
            SignInPart::Password => Some(&self.password),
            SignInPart::Again => Some(&self.again),
            SignInPart::Way | SignInPart::Keep => None,
        }
    }

    /// The field that has the focus.
    pub(in crate::app) fn focus(&mut self) -> Option<&mut Field> {
        match self.at {
            SignInPart::Name => Some(&mut self.name),
            SignInPart::Email => Some(&mut self.email),
            SignInPart::Password => Some(&mut self.password),
            SignInPart::Again => Some(&mut self.again),
            SignInPart::Way | SignInPart::Keep => None,
        }
    }
}
