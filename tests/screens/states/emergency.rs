//! The emergency, from its plan to its report. Each state is reached by keys and events, as in the program.

mod told;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use npm_warden::app::model::{Load, Screen};
use npm_warden::app::{Key, KeyCode, Model, Msg, Now, update};
use npm_warden::backend::protocol::{
    Event, JournalId, Outcome, Question, RowState, SignInAsked, Step, Unfinished,
};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::found::{Found, Grade};
use npm_warden::domain::identity::{CredentialKind, Standing};
use npm_warden::domain::incident::{
    Ask, Care, Incident, IncidentRow, PackageFacts, Snapshot, Stage, StageState, Suspicion,
};
use npm_warden::domain::machine::{CredentialId, Form, LocalCredential, Machine, Rank, SourceKind};
use npm_warden::domain::moment::Moment;
use npm_warden::domain::plan::{self, Class};
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::signin::Ended;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;
use npm_warden::domain::token::{Never, Token, TokenKey};

use super::{State, WRITES, account, days, no_network, now, on, profile, state};

fn minutes(ago: i64) -> jiff::Timestamp {
    now() - SignedDuration::from_mins(ago)
}

fn key_of(n: usize) -> TokenKey {
    TokenKey::new(format!("{:06x}feed{n}", 0x00b1_c2d3 + n * 4099))
}

/// Names as they come, one that imitates the interface among them (promise P27).
const NAMES: [&str; 8] = [
    "✓ revoked   in use   here   [ ] stays: ✓ verified and gone",
    "npm-cli-cache",
    "release workflow",
    "",
    "nightly builds",
    "docs preview",
    "日本語のトークン",
    "laptop",
];

fn token(n: usize) -> Token {
    let place = |place: &str, grade, in_use| Found {
        place: Text::new(place),
        grade,
        proof: None,
        in_use,
    };
    Token {
        key: key_of(n),
        begins: Text::new(&format!("npm_{:04}", 2000 + n)),
        name: (!NAMES[n].is_empty()).then(|| Text::new(NAMES[n])),
        description: None,
        readonly: n == 5,
        bypass_2fa: matches!(n, 0 | 4),
        cidr: Vec::new().into(),
        created: Some(if n < 2 {
            minutes(31).into()
        } else {
            days(-9).into()
        }),
        accessed: (n != 3)
            .then(|| minutes(3 + i64::try_from(n).unwrap() * 900))
            .map(Moment::from),
        expires: None,
        revoked: None,
        permissions: Vec::new().into(),
        scopes: Vec::new().into(),
        found: match n {
            2 => [
                place("~/site/.npmrc, line 2", Grade::Is, false),
                place("$NPM_TOKEN", Grade::LooksLike, false),
            ]
            .into(),
            7 => [place("~/.npmrc, line 3", Grade::Is, true)].into(),
            _ => [].into(),
        },
        note: (n == 2)
            .then(|| Text::new("GitHub secret NPM_TOKEN in alice/left-pad"))
            .map(Box::new),
        updated: None,
        never: Never::default(),
    }
}

fn tokens() -> Vec<Token> {
    (0..NAMES.len()).map(token).collect()
}

fn rows() -> Vec<IncidentRow> {
    let tokens = tokens();
    let by_key = |key: &TokenKey| tokens.iter().find(|token| token.key == *key).unwrap();
    plan::order(&tokens)
        .into_iter()
        .flat_map(|(class, keys)| keys.into_iter().map(move |key| (class, key)))
        .map(|(class, key)| IncidentRow {
            token: by_key(&key).clone(),
            class,
            state: RowState::Waiting,
            at: None,
            appeared: false,
            ours: false,
        })
        .collect()
}

fn package(name: &str, version: &str, ago: i64, owners: &[&str]) -> PackageFacts {
    PackageFacts {
        latest: Some((Text::new(version), Some(minutes(ago)))),
        recent: vec![(Text::new(version), minutes(ago))],
        owners: owners.iter().map(|name| Text::new(name)).collect(),
        ..PackageFacts::named(Text::new(name), Text::new("write"))
    }
}

fn packages() -> Vec<PackageFacts> {
    vec![
        package("left-pad", "1.3.1", 90_000, &["alice"]),
        package("@example/lid", "2.0.1", 12, &["alice", "mara-toss"]),
        PackageFacts {
            unread: Some(no_network()),
            ..PackageFacts::named(Text::new("@example/kettle"), Text::new("read"))
        },
    ]
}

const RESULTS: [&str; 11] = [
    "This machine is not suspect, by your word.",
    "8 tokens, 3 packages, 2 credentials on this machine.",
    "Signed in as alice, for this session alone.",
    "alice@example.com is yours, by your word.",
    "8 of 8 sent.",
    "6 gone, 1 still accepted.",
    "1 copy was taken out.",
    "The password was changed.",
    "3 packages, looked at.",
    "2 of 3 ticked off.",
    "The report.",
];

/// An emergency at this step; those before it are done.
fn incident(at: usize) -> Incident {
    let stages = Stage::ALL.iter().enumerate().map(|(index, stage)| {
        let time = minutes(20 - i64::try_from(index).unwrap());
        let state = match index.cmp(&at) {
            std::cmp::Ordering::Less if index == 3 && at > 6 => {
                StageState::Skipped(time, Text::new("Whether the address is yours is open."))
            }
            std::cmp::Ordering::Less => StageState::Done(time, Text::new(RESULTS[index])),
            std::cmp::Ordering::Equal => StageState::Now(Text::new("Waiting for you.")),
            std::cmp::Ordering::Greater => StageState::Waiting,
        };
        (*stage, state)
    });
    Incident {
        account: Some(Text::new("alice")),
        stages: stages.collect(),
        suspicion: (at > 0).then_some(Suspicion::Clean),
        snapshot: (at > 1).then(|| Snapshot {
            at: minutes(19),
            profile: Ok(Box::new(profile(WRITES))),
            tokens: Ok(tokens()),
            packages: Ok(packages()),
            machine: Ok(Box::new(Machine::default())),
            later: npm_warden::domain::incident::Later::default(),
        }),
        email_mine: (at > 3).then_some(true),
        rows: if at > 3 { rows() } else { Vec::new() },
        beyond: [
            "Other sessions, as of npm login elsewhere: they stand in no list, and end by themselves.",
            "Tokens of other services that lay on the same machine: CI secrets, cloud keys.",
            "The mail account: its password, its second factor, and rules that forward mail.",
        ]
        .into_iter()
        .map(|text| (Text::new(text), false))
        .collect(),
        ..Incident::begun(
            Text::new("20261122T114430Z"),
            minutes(20),
            Text::new("registry.example.com"),
        )
    }
}

/// How rows end, one of each kind.
fn ends(incident: &mut Incident) {
    let refused = Failure::new(
        FailureKind::Refused,
        "registry.example.com refused (status 403): “not allowed”.",
        "Revoke it on the website.",
    );
    let states = [
        RowState::Verified,
        RowState::Gone(Unprobed::ValueUnknown),
        RowState::StillAccepted {
            since: minutes(9),
            probed: minutes(1),
        },
        RowState::Failed(refused),
        RowState::Gone(Unprobed::RefusedBefore),
        RowState::AlreadyGone,
        RowState::StillListed,
        RowState::Verified,
    ];
    for (row, state) in incident.rows.iter_mut().zip(states) {
        row.state = state;
        row.at = Some(minutes(1));
    }
    incident.listed = Some((minutes(1), 2));
}

fn send(model: &mut Model, msg: Msg) {
    let now = Now {
        mono: model.now.mono,
        wall: now(),
    };
    update(model, msg, now);
}

fn press(model: &mut Model, keys: &[KeyCode]) {
    for code in keys {
        send(model, Msg::Key(Key::plain(*code)));
    }
}

fn types(model: &mut Model, text: &str) {
    for c in text.chars() {
        send(model, Msg::Key(Key::char(c)));
    }
}

const ENTER: KeyCode = KeyCode::Enter;

fn plan() -> Model {
    let mut model = on(Screen::Emergency, WRITES);
    model.tokens.list = Load::Ready(tokens());
    model
}

/// Begun, and come as far as this.
fn at(incident: Incident) -> Model {
    let mut model = plan();
    press(&mut model, &[ENTER]);
    step(&mut model, incident);
    model
}

fn step(model: &mut Model, incident: Incident) {
    let id = model.emergency.job.expect("it is under way");
    let step = Step::Incident(Arc::new(incident));
    send(model, Msg::Backend(Event::Step { id, step }));
}

fn asks(model: &mut Model, ask: Ask) {
    let id = model.emergency.job.expect("it is under way");
    let question = Question::Emergency(ask);
    send(model, Msg::Backend(Event::Asked { id, question }));
}

fn asked(incident: Incident, ask: Ask) -> Model {
    let mut model = at(incident);
    asks(&mut model, ask);
    model
}

fn then(mut model: Model, change: impl FnOnce(&mut Model)) -> Model {
    change(&mut model);
    model
}

fn copy(place: &str, path: Option<&str>, form: Form, rank: Rank) -> LocalCredential {
    LocalCredential {
        id: CredentialId {
            path: path.map(PathBuf::from),
            key: Text::new("//registry.example.com/:_authToken"),
            line: 3,
        },
        place: Text::new(place),
        source: SourceKind::User,
        scope: Text::new("registry.example.com"),
        kind: CredentialKind::Token,
        form,
        begins: Text::new("npm_2007"),
        rank,
        in_use: false,
    }
}

fn copies() -> Vec<LocalCredential> {
    let variable = Form::Variable {
        names: vec![Text::new("${NPM_TOKEN}")],
        unset: Vec::new(),
    };
    vec![
        copy(
            "~/.npmrc, line 3",
            Some("/home/alice/.npmrc"),
            Form::Literal,
            Rank::Wins,
        ),
        copy(
            "~/site/.npmrc, line 2",
            Some("/home/alice/site/.npmrc"),
            variable,
            Rank::Beaten(Text::new("~/.npmrc, line 3")),
        ),
        copy("$npm_config__auth", None, Form::Literal, Rank::Wins),
    ]
}

fn left() -> Unfinished {
    let mut incident = incident(4);
    for row in incident.rows.iter_mut().take(3) {
        row.state = RowState::Gone(Unprobed::ValueUnknown);
    }
    Unfinished::Emergency {
        id: JournalId("emergency-20261122T114430Z".to_owned()),
        incident: Arc::new(incident),
    }
}

fn working() -> Model {
    let mut incident = incident(4);
    incident.stages[4].1 = StageState::Now(Text::new("Revoking what may publish."));
    let mut model = at(incident);
    let id = model.emergency.job.expect("it is under way");
    let states = [
        RowState::Verified,
        RowState::Gone(Unprobed::ValueUnknown),
        RowState::Accepted,
        RowState::Sent,
    ];
    let keys: Vec<TokenKey> = rows().into_iter().map(|row| row.token.key).collect();
    for (token, state) in keys.into_iter().zip(states) {
        let step = Step::Row { token, state };
        send(&mut model, Msg::Backend(Event::Step { id, step }));
    }
    model
}

fn again() -> Model {
    let mut incident = incident(5);
    ends(&mut incident);
    let rows = [2, 3, 6].map(|n: usize| incident.rows[n].token.key.clone());
    asked(
        incident,
        Ask::Again {
            rows: rows.to_vec(),
        },
    )
}

fn appeared() -> Model {
    let mut incident = incident(5);
    ends(&mut incident);
    let mut token = token(1);
    token.key = TokenKey::new("c0ffee00cafe");
    token.name = Some(Text::new("backup"));
    token.created = Some(minutes(1).into());
    token.accessed = None;
    token.bypass_2fa = true;
    incident.rows.push(IncidentRow {
        token,
        class: Class::WriteBypass,
        state: RowState::Waiting,
        at: None,
        appeared: true,
        ours: false,
    });
    let key = TokenKey::new("c0ffee00cafe");
    asked(incident, Ask::Appeared(vec![key]))
}

fn sign_in(without: bool) -> Model {
    let mut model = at(incident(2));
    let id = model.emergency.job.expect("it is under way");
    let asked = SignInAsked {
        action: Text::new("to sign in for the emergency"),
        host: Text::new("registry.example.com"),
        name: Some(Text::new("alice")),
        words: Text::new(""),
        problem: None,
        without: without.then(|| {
            Text::new(
                "The credential of ~/.npmrc, line 3 is used instead, which a thief may hold, too.",
            )
        }),
    };
    let question = Question::SignIn(asked);
    send(&mut model, Msg::Backend(Event::Asked { id, question }));
    model
}

fn care() -> Incident {
    let mut incident = incident(7);
    ends(&mut incident);
    incident
}

fn looked() -> Incident {
    let mut incident = incident(8);
    ends(&mut incident);
    let mut after = packages();
    after[0].recent.insert(0, (Text::new("1.3.2"), minutes(2)));
    after[0].latest = Some((Text::new("1.3.2"), Some(minutes(2))));
    incident.packages = Some(Ok(after));
    incident
}

fn reported() -> Incident {
    let mut incident = incident(10);
    ends(&mut incident);
    incident.ended = Some(now());
    incident.kept = vec![token(6)];
    incident.password = Care::Done;
    incident.second_factor = Care::Elsewhere;
    incident.recovery_codes = Care::LeftOut;
    incident.email_mine = None;
    incident.sessions = vec![
        (Text::new("the session of the emergency"), Ended::Verified),
        (Text::new("~/.npmrc, line 3"), Ended::StillAccepted),
    ];
    incident.copies = vec![
        (Text::new("~/.npmrc, line 3"), None),
        (
            Text::new("~/site/.npmrc, line 2"),
            Some(Failure::new(
                FailureKind::Local,
                "The file has changed meanwhile.",
                "Look at it.",
            )),
        ),
    ];
    incident.packages = looked().packages;
    incident.beyond[0].1 = true;
    incident.beyond[1].1 = true;
    incident
}

fn over(change: impl FnOnce(&mut Incident)) -> Model {
    let mut incident = reported();
    incident.ended = Some(now());
    let end = Text::new("Over.");
    incident.stages[10].1 = StageState::Done(now(), end);
    change(&mut incident);
    let mut model = at(incident.clone());
    let id = model.emergency.job.expect("it is under way");
    let result = Ok(Outcome::Emergency(Arc::new(incident)));
    send(&mut model, Msg::Backend(Event::Finished { id, result }));
    model.account = Load::Ready(super::signed_in_as(profile(WRITES)));
    model
}

fn written() -> Model {
    let mut model = over(|_| {});
    types(&mut model, "w");
    press(&mut model, &[ENTER]);
    let id = model.emergency.report.sent.expect("it is being written");
    let files = ["md", "json"].map(|ext| PathBuf::from(format!("/home/alice/emergency.{ext}")));
    let result = Ok(Outcome::Reported(files.to_vec()));
    send(&mut model, Msg::Backend(Event::Finished { id, result }));
    model
}

/// One after the other: a model is large, and all at once would be too much for a test's stack.
pub(super) fn states() -> Vec<State> {
    let mut all = Vec::new();
    for part in [
        before,
        begun,
        revocation,
        account_and_copies,
        rest,
        told::states,
    ] {
        part(&mut all);
    }
    all
}

fn down(times: usize) -> Vec<KeyCode> {
    vec![KeyCode::Down; times]
}

fn signed_out() -> Model {
    let mut model = on(Screen::Emergency, WRITES);
    model.account = Load::Ready(account(Standing::SignedOut));
    model
}

fn before(all: &mut Vec<State>) {
    all.push(state("emergency plan", plan()));
    all.push(state("emergency plan, signed out", signed_out()));
    all.push(state(
        "emergency plan, demo",
        super::above::with_demo(plan(), false, None),
    ));
    all.push(state(
        "emergency plan, interrupted",
        then(plan(), |model| model.unfinished = vec![left()]),
    ));
    all.push(state(
        "emergency plan, forget",
        then(plan(), |model| {
            model.unfinished = vec![left()];
            press(model, &down(2));
            press(model, &[ENTER]);
        }),
    ));
    all.push(state(
        "emergency beginning",
        then(plan(), |model| press(model, &[ENTER])),
    ));
}

fn begun(all: &mut Vec<State>) {
    all.push(state("emergency suspect", asked(incident(0), Ask::Suspect)));
    all.push(state(
        "emergency snapshot",
        at({
            let mut incident = incident(1);
            incident.stages[1].1 = StageState::Now(Text::new("Reading the tokens."));
            incident
        }),
    ));
    all.push(state("emergency sign in", sign_in(true)));
    all.push(state(
        "emergency sign in, put off",
        then(sign_in(true), |model| {
            model.now.mono += std::time::Duration::from_secs(1);
            press(model, &[KeyCode::Esc]);
        }),
    ));
    all.push(state(
        "emergency email",
        asked(
            incident(3),
            Ask::Email {
                address: Text::new("alice@examp1e.com"),
                verified: Some(false),
            },
        ),
    ));
}

fn revocation(all: &mut Vec<State>) {
    all.push(state("emergency revoke", asked(incident(4), Ask::Revoke)));
    all.push(state(
        "emergency revoke, one kept",
        then(asked(incident(4), Ask::Revoke), |model| {
            press(model, &down(3));
            types(model, " ");
        }),
    ));
    all.push(state(
        "emergency revoke, what breaks",
        then(asked(incident(4), Ask::Revoke), |model| {
            let rows = rows();
            let there = rows.iter().position(|row| row.token.key == key_of(2));
            press(model, &down(there.unwrap()));
        }),
    ));
    all.push(state(
        "emergency revoke, counted",
        then(asked(incident(4), Ask::Revoke), |model| {
            press(model, &[ENTER]);
            types(model, "7");
        }),
    ));
    all.push(state(
        "emergency revoke, two",
        then(asked(incident(4), Ask::Revoke), |model| {
            types(model, "a  ");
            press(model, &[ENTER]);
        }),
    ));
    all.push(state(
        "emergency revoke, nothing",
        then(asked(incident(4), Ask::Revoke), |model| types(model, "s")),
    ));
    all.push(state("emergency revoking", working()));
}

fn account_and_copies(all: &mut Vec<State>) {
    all.push(state("emergency again", again()));
    all.push(state("emergency appeared", appeared()));
    all.push(state(
        "emergency local",
        asked(incident(6), Ask::Local(copies())),
    ));
    all.push(state(
        "emergency local, none",
        asked(incident(6), Ask::Local(Vec::new())),
    ));
    all.push(state("emergency account", asked(care(), Ask::Account)));
    all.push(state(
        "emergency account, some done",
        then(asked(care(), Ask::Account), |model| {
            model.emergency.care = [Care::Done, Care::Elsewhere, Care::LeftOut];
            press(model, &down(3));
        }),
    ));
    all.push(state("emergency packages", asked(looked(), Ask::Packages)));
    all.push(state(
        "emergency packages, not read",
        asked(
            {
                let mut incident = looked();
                incident.packages = Some(Err(no_network()));
                incident
            },
            Ask::Packages,
        ),
    ));
}

fn rest(all: &mut Vec<State>) {
    all.push(state(
        "emergency beyond",
        then(asked(incident(9), Ask::Beyond), |model| types(model, " ")),
    ));
    all.push(state("emergency report", asked(reported(), Ask::Report)));
    all.push(state(
        "emergency report, folder",
        then(asked(reported(), Ask::Report), |model| types(model, "w")),
    ));
    all.push(state("emergency report, written", written()));
    all.push(state(
        "emergency report, elsewhere",
        over(|incident| {
            incident.suspicion = Some(Suspicion::Elsewhere);
            incident.rows.clear();
            incident.kept.clear();
        }),
    ));
    all.push(state(
        "emergency steps",
        then(asked(looked(), Ask::Packages), |model| types(model, "v")),
    ));
    all.push(state(
        "emergency leaving",
        then(asked(incident(4), Ask::Revoke), |model| {
            press(model, &[KeyCode::Esc]);
        }),
    ));
    all.push(state(
        "emergency elsewhere on profile",
        then(asked(incident(4), Ask::Revoke), |model| types(model, "1")),
    ));
    all.push(state(
        "emergency broke off",
        then(at(incident(1)), |model| {
            let id = model.emergency.job.unwrap();
            let result = Err(no_network());
            send(model, Msg::Backend(Event::Finished { id, result }));
            model.account = Load::Ready(super::signed_in_as(profile(Tfa::Off)));
        }),
    ));
}
