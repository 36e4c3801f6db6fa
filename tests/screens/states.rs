//! A model for every state that a screen can be in.

mod above;
mod account;
mod emergency;
mod forms;
mod guides;
mod leftover;
mod machine;
mod recovery;
mod rotate;
mod signin;
mod tokens;
mod unsure;
mod wizard;

use std::time::Duration;

use jiff::Timestamp;
use npm_warden::app::field::Field;
use npm_warden::app::model::{Account, Load, Notice, Screen, Tone};
use npm_warden::app::{Model, Now};
use npm_warden::backend::protocol::RequestId;
use npm_warden::domain::account::{Profile, ProfileField};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::{CredentialKind, CredentialSource, Held, Identity, Standing};
use npm_warden::domain::recovery::RecoveryCodes;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};

pub use above::{PAGES, web_challenge};
pub use forms::VALUE;
pub use tokens::listed;
pub use wizard::{URLS, scanning};

/// A typed secret: it may be on the screen only where a state's name says `shown`.
pub const CANARY: &str = "canary-7f3e";
/// The key of the set-up in the states whose name does not say `hidden`.
pub const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A named model.
pub struct State {
    pub name: &'static str,
    pub model: Model,
}

/// All of them.
pub fn all() -> Vec<State> {
    let mut states = Vec::new();
    states.extend(account::states());
    states.extend(tokens::states());
    states.extend(wizard::states());
    states.extend(forms::states());
    states.extend(above::states());
    states.extend(signin::states());
    states.extend(guides::states());
    states.extend(recovery::states());
    states.extend(emergency::states());
    states.extend(rotate::states());
    states.extend(machine::states());
    states.extend(unsure::states());
    states.extend(leftover::states());
    states
}

/// One of them.
pub fn named(name: &str) -> Model {
    all()
        .into_iter()
        .find(|state| state.name == name)
        .unwrap_or_else(|| panic!("no state is called {name}"))
        .model
}

fn state(name: &'static str, model: Model) -> State {
    State { name, model }
}

/// Codes with what steers a terminal or cannot be seen, and one plain code.
fn odd_codes() -> RecoveryCodes {
    let codes = ["ab\u{1b}[2Jcd", "ef\u{202e}gh\u{200b}ij", "0123456789ab"];
    RecoveryCodes::new(codes.map(Secret::from).into())
}

/// Sunday noon.
pub fn now() -> Timestamp {
    "2026-11-22T12:04:30Z".parse().unwrap()
}

pub fn days(days: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_hours(24 * days)
}

const MONO: Duration = Duration::from_mins(10);

fn after(seconds: u64) -> Duration {
    MONO + Duration::from_secs(seconds)
}

const ID: RequestId = RequestId(7);

/// A program that was just started.
fn started() -> Model {
    let now = Now {
        mono: MONO,
        wall: now(),
    };
    Model::new((80, 24), now, None).0
}

fn identity() -> Identity {
    Identity {
        registry: Text::new("registry.example.com"),
        credential: Some(CredentialSource {
            place: Text::new("/home/alice/.npmrc, line 3"),
            kind: CredentialKind::Token,
            held: Held::File,
        }),
        searched: [
            "the environment variable npm_config_//registry.example.com/:_authToken",
            "/home/alice/project/.npmrc",
            "/home/alice/.npmrc",
            "/usr/local/etc/npmrc",
        ]
        .map(Text::new)
        .to_vec(),
        problems: Vec::new(),
        sign_in: Some(Text::new(
            "npm login --registry https://registry.example.com/",
        )),
        user_file: Some(Text::new("/home/alice/.npmrc")),
    }
}

fn profile(tfa: Tfa) -> Profile {
    let value = |field| match field {
        ProfileField::Email => Some("alice@example.com"),
        ProfileField::Fullname => Some("Al"),
        ProfileField::Github => Some("alice"),
        _ => None,
    };
    Profile {
        name: Text::new("alice"),
        email_verified: Some(true),
        tfa,
        fields: ProfileField::ALL
            .map(|field| (field, value(field).map(Text::new)))
            .to_vec(),
        created: Some("2015-02-26T01:38:35Z".parse().unwrap()),
        updated: Some(days(-3)),
        other: Vec::new(),
    }
}

fn account(standing: Standing) -> Account {
    Account {
        identity: identity(),
        standing,
        clock_ahead: Some(0),
    }
}

fn signed_in_as(profile: Profile) -> Account {
    account(Standing::SignedIn(Box::new(profile)))
}

/// Signed in, on this screen, with this second factor.
fn on(screen: Screen, tfa: Tfa) -> Model {
    let mut model = started();
    model.screen = screen;
    model.account = Load::Ready(signed_in_as(profile(tfa)));
    model.recovery.sets = Load::Ready(Vec::new());
    model.requests.clear();
    model
}

const WRITES: Tfa = Tfa::On(Level::AuthAndWrites);

fn no_network() -> Failure {
    Failure::new(
        FailureKind::Network,
        "registry.example.com could not be reached: the connection was refused.",
        "Check the connection and try again.",
    )
}

fn wrong_password() -> Failure {
    Failure::new(
        FailureKind::Refused,
        "registry.example.com refused (status 401): “wrong password”.",
        "Type the password again.",
    )
}

fn typed(text: &str) -> Field {
    Field::with(text)
}

fn masked(text: &str) -> Field {
    let mut field = Field::masked();
    field.insert(text);
    field
}

pub fn says(mut model: Model, tone: Tone, text: &str) -> Model {
    model.notice = Some(Notice {
        tone,
        text: Text::new(text),
        at: now(),
        until: None,
        outcome: false,
        spot: None,
        retry: None,
    });
    model
}
