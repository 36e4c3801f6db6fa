//! The forms for another password and for a new token, and what the latter brings.

use std::sync::Arc;

use npm_warden::app::model::{Load, Screen};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Key, KeyCode, Model, Msg, update};
use npm_warden::backend::protocol::{Created, Event, Outcome};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::Held;
use npm_warden::domain::machine::{StandsThere, Target, Wins};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::{Ended, Forgotten, Stored};
use npm_warden::domain::text::Text;
use npm_warden::domain::token::{Never, Token, TokenKey};

use super::{CANARY, State, WRITES, days, listed, no_network, now, on, state, wrong_password};

/// A value as npm's registry makes them; nothing accepts it.
pub const VALUE: &str = "npm_EXAMPLEexampleEXAMPLEexampleEXAMPLE12";

pub(super) fn states() -> Vec<State> {
    let mut states = passwords();
    states.extend(forms());
    states.extend(created());
    states.extend(sign_outs());
    states
}

pub(super) fn step(model: &mut Model, msg: Msg) {
    let now = model.now;
    update(model, msg, now);
}

/// Characters one by one; `⏎` is Enter, `⇥` Tab, `⎋` Esc, `⇤` Shift-Tab, `⤓` page down.
pub(super) fn types(mut model: Model, text: &str) -> Model {
    for c in text.chars() {
        let key = match c {
            '⏎' => Key::plain(KeyCode::Enter),
            '⇥' => Key::plain(KeyCode::Tab),
            '⇤' => Key::plain(KeyCode::BackTab),
            '⎋' => Key::plain(KeyCode::Esc),
            '⤓' => Key::plain(KeyCode::PageDown),
            c => Key::char(c),
        };
        step(&mut model, Msg::Key(key));
    }
    model
}

pub(super) fn ends(mut model: Model, purpose: Purpose, result: Result<Outcome, Failure>) -> Model {
    let id = model.running(purpose).expect("it was sent");
    step(&mut model, Msg::Backend(Event::Finished { id, result }));
    model
}

fn passwords() -> Vec<State> {
    let p = |text: &str| types(on(Screen::Profile, WRITES), &format!("p{text}"));
    let sent = || p(&format!("{CANARY}⏎{CANARY}x⏎{CANARY}x⏎"));
    vec![
        state("password", p("")),
        state("password typing", p(&format!("{CANARY}⏎{CANARY}"))),
        state("password warnings", p(&format!("{CANARY}⏎Alice1⏎Ali"))),
        state(
            "password not sent",
            p(&format!("{CANARY}⏎{CANARY}⏎{CANARY}x⏎")),
        ),
        state("password missing", p("⇥⇥⏎")),
        state("password sent", sent()),
        state("password given up", types(sent(), "⎋")),
        state(
            "password refused",
            ends(sent(), Purpose::ChangePassword, Err(wrong_password())),
        ),
        state(
            "password changed",
            ends(
                sent(),
                Purpose::ChangePassword,
                Ok(Outcome::PasswordChanged(Ok(Box::new(super::profile(
                    WRITES,
                ))))),
            ),
        ),
        state(
            "password changed, not readable",
            ends(
                sent(),
                Purpose::ChangePassword,
                Ok(Outcome::PasswordChanged(Err(no_network()))),
            ),
        ),
    ]
}

fn n(text: &str) -> Model {
    types(listed(6), &format!("n{text}"))
}

/// With a name and a package, at the packages.
fn named(text: &str) -> Model {
    n(&format!("⇥CI deploy⇥⇥left-pad{text}"))
}

fn sent(addresses: &str) -> Model {
    named(&format!("⇥⇥⇥⇥⇥⇥⇥{addresses}⤓{CANARY}⏎"))
}

/// Where the list has nothing but tokens of the old kind.
fn classic_alone() -> Model {
    let mut model = listed(0);
    let row = Token {
        begins: Text::new("YTAz"),
        created: Some(now().into()),
        ..Token::new(TokenKey::new("c0ffee00"))
    };
    model.tokens.list = Load::Ready(vec![row]);
    model
}

fn sign_outs() -> Vec<State> {
    let held = |held| {
        let mut model = on(Screen::Profile, WRITES);
        if let Load::Ready(account) = &mut model.account
            && let Some(source) = &mut account.identity.credential
        {
            source.held = held;
            match held {
                Held::Environment => source.place = Text::new("the environment variable NPM_TOKEN"),
                Held::Session => source.place = Text::new("this session"),
                _ => {}
            }
        }
        types(model, "O")
    };
    let sent = || types(held(Held::File), "y");
    let ended = |ended, forgotten| {
        let place = Text::new("/home/alice/.npmrc, line 3");
        let outcome = Outcome::SignedOut {
            place,
            ended,
            forgotten,
        };
        ends(sent(), Purpose::SignOut, Ok(outcome))
    };
    let remains = Forgotten::Remains(
        Text::new("the environment variable NPM_TOKEN"),
        Failure::new(
            FailureKind::Local,
            "It is in an environment variable, which no program can change for the shell that set it.",
            "Remove the variable, there and where it is set at every start.",
        ),
    );
    let file = || Forgotten::File(Text::new("~/.npmrc"));
    vec![
        state("sign out", held(Held::File)),
        state("sign out of a variable", held(Held::Environment)),
        state("sign out of a session", held(Held::Session)),
        state("sign out sent", sent()),
        state("sign out given up", types(sent(), "⎋")),
        state(
            "sign out failed",
            ends(sent(), Purpose::SignOut, Err(no_network())),
        ),
        state("signed out well", ended(Ended::Verified, file())),
        state(
            "signed out with a rest",
            ended(Ended::StillAccepted, remains),
        ),
        state(
            "signed out unchecked",
            ended(Ended::Unchecked(no_network()), file()),
        ),
    ]
}

fn forms() -> Vec<State> {
    let mut default = listed(6);
    if let Load::Ready(account) = &mut default.account {
        account.identity.registry = Text::new(
            npm_warden::domain::identity::DEFAULT_REGISTRY
                .trim_start_matches("https://")
                .trim_end_matches('/'),
        );
    }
    vec![
        state("new token", n("")),
        state("new token named", named("")),
        state("new token of everything", {
            let mut model =
                named(", @acme/ui⇥ ⇥@acme⇥ ⇥acme⇥ ⇥0⇥⇥ ⇥GitHub secret NPM_TOKEN in o/r");
            step(&mut model, Msg::Key(Key::plain(KeyCode::BackTab)));
            model
        }),
        state("new token wrong", n("⇥⇥⇥le*t, @acme ⇥⇥⇥⇥⇥⇥x⇥")),
        state("new token classic", n(" ⇥ ")),
        state(
            "new token classic on the default registry",
            types(default, "n "),
        ),
        state(
            "new token where all are classic",
            types(classic_alone(), "n "),
        ),
        state(
            "new token addresses",
            named("⇥⇥⇥⇥⇥⇥⇥192.0.2.0/24, 10.1.2.3/8 192.0.2.7"),
        ),
        state(
            "new token bad addresses",
            named("⇥⇥⇥⇥⇥⇥⇥2001:db8::/32, 192.0.2⇥"),
        ),
        state("new token password", named(&format!("⤓{CANARY}"))),
        state("new token without password", named("⤓⏎")),
        state("new token leaving", named("⎋")),
        state("new token sent", sent("192.0.2.0/24")),
        state("new token given up", types(sent(""), "⎋")),
        state(
            "new token refused",
            ends(sent(""), Purpose::CreateToken, Err(wrong_password())),
        ),
    ]
}

fn token(n: u8, name: Option<&str>) -> Token {
    Token {
        key: TokenKey::new(format!("c0ffe{n}00aa")),
        begins: Text::new("npm_EXAM"),
        name: name.map(Text::new),
        description: None,
        readonly: n == 1,
        bypass_2fa: false,
        cidr: if n == 1 {
            [Text::new("192.0.2.0/24")].into()
        } else {
            Vec::new().into()
        },
        created: Some(now().into()),
        accessed: None,
        expires: None,
        revoked: None,
        permissions: Vec::new().into(),
        scopes: Vec::new().into(),
        found: [].into(),
        note: None,
        updated: None,
        never: Never::default(),
    }
}

fn made(addresses: &str, token: Token, value: &str) -> Model {
    let created = Created::Made {
        registry: "registry.example.com".into(),
        wider: Vec::new(),
        warnings: Vec::new(),
        token: Box::new(token),
        value: Arc::new(Secret::from(value)),
    };
    ends(
        sent(addresses),
        Purpose::CreateToken,
        Ok(Outcome::Created(created)),
    )
}

fn lost(tokens: Vec<Token>) -> Model {
    let why = Failure::new(
        no_network().kind,
        "registry.example.com could not be reached: the connection broke off.",
        "",
    );
    ends(
        sent(""),
        Purpose::CreateToken,
        Ok(Outcome::Created(Created::Lost { tokens, why })),
    )
}

fn unwritable() -> Failure {
    Failure::new(
        FailureKind::Local,
        "/home/alice/.npmrc changed while it was written.",
        "Nothing was written; do it again.",
    )
}

fn created() -> Vec<State> {
    let value = |text: &str| made("192.0.2.0/24", token(1, None), text);
    let mut expiring = token(2, None);
    expiring.expires = Some(days(7).into());
    let mut copied = types(value(VALUE), "c");
    let said = "Copied to the clipboard; cleared in 45 s".to_owned();
    step(&mut copied, Msg::Copied(Ok(said)));
    let mut cleared = types(value(VALUE), "c");
    step(&mut cleared, Msg::Copied(Ok("Copied.".to_owned())));
    let mut later = cleared.now;
    later.mono += npm_warden::app::created::STAYS;
    update(&mut cleared, Msg::Wake, later);
    let cleared = types(cleared, "⎋");
    let mut passed_on = types(value(VALUE), "c");
    let said = "Sent to the terminal, which may drop it; cannot be cleared from here";
    step(&mut passed_on, Msg::Sent(said.to_owned()));
    let passes_over = || {
        let model = types(value(VALUE), "w⇥⏎");
        ends(
            model,
            Purpose::WriteToken,
            Ok(Outcome::Target(Target {
                file: Text::new("~/code/left-pad/.npmrc"),
                over: None,
                in_use: false,
                wins: Some(Wins {
                    instead: Some("/home/alice/.npmrc, line 3".into()),
                }),
            })),
        )
    };
    let looks = |there| {
        let model = types(value(VALUE), "w⏎");
        ends(
            model,
            Purpose::WriteToken,
            Ok(Outcome::Target(Target {
                file: Text::new("~/.npmrc"),
                over: there,
                in_use: false,
                wins: None,
            })),
        )
    };
    let sends = || looks(None);
    let there = |place: &str, begins: &str| {
        looks(Some(StandsThere {
            place: Text::new(place),
            begins: Text::new(begins),
        }))
    };
    let long = "eyJhbGciOiJFWEFNUExFIn0.".repeat(9);
    vec![
        state("token made", value(VALUE)),
        state("token made copied", copied),
        state("token made cleared", cleared),
        state("token made sent", types(passed_on, "⏎")),
        state("token made long", value(&long)),
        state(
            "token made hidden",
            types(value(&format!("npm_{CANARY}")), "v"),
        ),
        state("token made leaving", types(value(VALUE), "⏎")),
        state("token made otherwise", {
            let created = Created::Made {
                registry: "registry.example.com".into(),
                token: Box::new(expiring),
                value: Arc::new(Secret::from(VALUE)),
                wider: vec![
                    Text::new("It may publish, which was not asked for."),
                    Text::new("It works from anywhere, and was to be limited to addresses."),
                ],
                warnings: vec![Text::new("The note could not be kept: the disk is full.")],
            };
            ends(
                sent(""),
                Purpose::CreateToken,
                Ok(Outcome::Created(created)),
            )
        }),
        state("token write", types(value(VALUE), "w")),
        state("token write into the project", types(value(VALUE), "w⇥")),
        state("token write path", types(value(VALUE), "w⇥⇥ci/.npmrc")),
        state("token write path missing", types(value(VALUE), "w⇥⇥⏎")),
        state("token write looking", types(value(VALUE), "w⏎")),
        state(
            "token write over the one in use",
            there("/home/alice/.npmrc, line 3", "npm_abcd"),
        ),
        state(
            "token write over another",
            there("~/ci/.npmrc, line 1", "npm_1000"),
        ),
        state("token write passes another over", passes_over()),
        state("token write done for this folder", {
            let stored = Stored {
                file: Text::new("~/code/left-pad/.npmrc"),
                caution: None,
            };
            let model = types(passes_over(), "y");
            ends(model, Purpose::WriteToken, Ok(Outcome::Written(stored)))
        }),
        state("token write sent", sends()),
        state(
            "token write failed",
            ends(sends(), Purpose::WriteToken, Err(unwritable())),
        ),
        state("token write done", {
            let stored = Stored {
                file: Text::new("/home/alice/.npmrc, line 3"),
                caution: Some(Text::new("Others on this machine can read it: mode 644.")),
            };
            ends(sends(), Purpose::WriteToken, Ok(Outcome::Written(stored)))
        }),
        state("token made quitting", types(value(VALUE), "q")),
        state("token lost", lost(vec![token(1, None)])),
        state(
            "tokens lost",
            lost(vec![
                token(1, None),
                token(2, Some("CI deploy of left-pad")),
                token(3, Some("release bot")),
            ]),
        ),
    ]
}
