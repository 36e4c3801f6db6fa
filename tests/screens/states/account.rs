//! Profile, security, and what stands in their place.

use npm_warden::app::Model;
use npm_warden::app::model::{FieldEdit, Load, Screen, SecurityChange, Tone};
use npm_warden::domain::ability::Ability;
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Refusal, Tfa};

use super::{
    CANARY, ID, State, WRITES, account, masked, no_network, on, profile, says, signed_in_as,
    started, state, typed, wrong_password,
};

pub(super) fn states() -> Vec<State> {
    let mut states = Vec::new();
    states.extend(absent());
    states.extend(profiles());
    states.extend(security());
    states
}

fn with_account(load: Load<npm_warden::app::model::Account>) -> Model {
    let mut model = started();
    model.account = load;
    model
}

fn absent() -> Vec<State> {
    let mut signed_out = account(Standing::SignedOut);
    signed_out.identity.credential = None;
    let mut with_problem = signed_out.clone();
    with_problem.identity.problems = vec![Text::new(
        "/home/alice/.npmrc, line 3 names ${NPM_TOKEN}, which is not set: set it, or sign in with npm login.",
    )];
    let rejected = account(Standing::Rejected(Text::new("Unauthorized")));
    vec![
        state("start", started()),
        state("start asking", {
            let mut model = started();
            model.registry = Some(Text::new("registry.example.com"));
            model
        }),
        state(
            "no answer",
            with_account(Load::Failed {
                why: no_network(),
                old: None,
            }),
        ),
        state("signed out", with_account(Load::Ready(signed_out))),
        state(
            "signed out with a problem",
            with_account(Load::Ready(with_problem)),
        ),
        state("credential rejected", with_account(Load::Ready(rejected))),
    ]
}

fn editing(change: impl FnOnce(&mut FieldEdit)) -> Model {
    let mut model = on(Screen::Profile, WRITES);
    model.profile.cursor = 1;
    let mut edit = FieldEdit {
        field: ProfileField::Fullname,
        before: Some(Text::new("Al")),
        typed: typed("Ally B"),
        review: false,
        saving: None,
        stopping: false,
        error: None,
    };
    change(&mut edit);
    model.profile.edit = Some(edit);
    model
}

fn profiles() -> Vec<State> {
    let mut long = profile(WRITES);
    long.email_verified = Some(false);
    long.fields[1].1 = Some(Text::new(
        "山田 太郎 🦊 and a name that goes on and on until it finds no room in any window",
    ));
    long.other = (0..14)
        .map(|n| {
            (
                Text::new(&format!("extra_{n}")),
                Text::new(if n % 2 == 0 { "" } else { "a value" }),
            )
        })
        .collect();
    vec![
        state(
            "profile",
            says(
                on(Screen::Profile, WRITES),
                Tone::Good,
                "fullname is “Al” now.",
            ),
        ),
        state(
            "profile with everything",
            with_account(Load::Ready(signed_in_as(long))),
        ),
        state(
            "profile out of date",
            with_account(Load::Failed {
                why: no_network(),
                old: Some(signed_in_as(profile(WRITES))),
            }),
        ),
        state(
            "profile read again",
            with_account(Load::Loading {
                id: ID,
                old: Some(signed_in_as(profile(Tfa::Off))),
            }),
        ),
        state("profile that cannot be set", {
            let mut model = on(Screen::Profile, WRITES);
            model.lacks.insert(
                Ability::EditProfile,
                Text::new("registry.example.com does not offer this: “profile unexpected error”."),
            );
            model
        }),
        state("profile edit", editing(|_| {})),
        state("profile review", editing(|edit| edit.review = true)),
        state(
            "profile review of clearing",
            editing(|edit| {
                edit.review = true;
                edit.typed = typed("");
            }),
        ),
        state(
            "profile saving",
            editing(|edit| {
                edit.review = true;
                edit.saving = Some(ID);
            }),
        ),
        state(
            "profile not saved",
            editing(|edit| {
                edit.field = ProfileField::Email;
                edit.typed = typed("alice@example.org");
                edit.error = Some(no_network());
            }),
        ),
    ]
}

fn changing(tfa: Tfa, to: Option<Level>, change: impl FnOnce(&mut SecurityChange)) -> Model {
    let mut model = on(Screen::Security, tfa);
    let mut form = SecurityChange {
        to,
        warn: None,
        password: masked(CANARY),
        sent: None,
        stopping: false,
        error: None,
    };
    change(&mut form);
    model.security.change = Some(form);
    model
}

fn refused(refusal: Refusal, registry: &str) -> Model {
    let mut model = on(Screen::Security, Tfa::Off);
    model.refusal = Some(refusal);
    if let Load::Ready(account) = &mut model.account {
        account.identity.registry = Text::new(registry);
    }
    model
}

fn security() -> Vec<State> {
    let words = || Text::new("Enabling TOTP is no longer supported. Use a security key.");
    let default = npm_warden::domain::identity::DEFAULT_REGISTRY
        .trim_start_matches("https://")
        .trim_end_matches('/');
    let s = |tfa| on(Screen::Security, tfa);
    vec![
        state("security off", s(Tfa::Off)),
        state("security half done", s(Tfa::Pending(Some(Level::AuthOnly)))),
        state("security auth-only", s(Tfa::On(Level::AuthOnly))),
        state("security auth-and-writes", s(WRITES)),
        state(
            "security unknown",
            s(Tfa::Unknown(Text::new("{\"mode\":\"webauthn\"}"))),
        ),
        state(
            "security not offered",
            refused(
                Refusal::NotOffered(Text::new("not implemented")),
                "registry.example.com",
            ),
        ),
        state(
            "security closed",
            refused(Refusal::Closed(words()), "registry.example.com"),
        ),
        state(
            "security closed on the default registry",
            refused(Refusal::Closed(words()), default),
        ),
        state(
            "security raise",
            changing(Tfa::On(Level::AuthOnly), Some(Level::AuthAndWrites), |_| {}),
        ),
        state(
            "security lower",
            changing(WRITES, Some(Level::AuthOnly), |form| {
                form.error = Some(wrong_password());
            }),
        ),
        state(
            "security disable warning",
            changing(WRITES, None, |form| form.warn = Some(false)),
        ),
        state("security disable password", changing(WRITES, None, |_| {})),
        state(
            "security disable sent",
            changing(WRITES, None, |form| form.sent = Some(ID)),
        ),
        state(
            "security disable given up",
            changing(WRITES, None, |form| {
                form.sent = Some(ID);
                form.stopping = true;
            }),
        ),
        state(
            "security clear half done",
            changing(Tfa::Pending(None), None, |_| {}),
        ),
    ]
}
