//! What is told of an emergency that was interrupted, stopped, left out in parts, and of what stands around one.

use npm_warden::app::model::{Load, Screen};
use npm_warden::app::{KeyCode, Msg};
use npm_warden::backend::protocol::{Challenge, Event, Question, RowState};
use npm_warden::domain::identity::Standing;
use npm_warden::domain::incident::{Ask, Care, StageState, Suspicion};
use npm_warden::domain::text::Text;
use npm_warden::domain::token::Token;

use super::super::{State, WRITES, account, on, state};
use super::{
    ENTER, Model, asked, at, down, incident, key_of, left, minutes, over, plan, press, send,
    sign_in, then, token, types, working,
};

/// Fourteen, two of them without a name.
fn many() -> Vec<Token> {
    (0..14)
        .map(|n| {
            let mut token = token(if n < 8 { n } else { 1 });
            token.key = key_of(n);
            token.begins = Text::new(&format!("npm_XOjP{n}"));
            if matches!(n, 8 | 9) {
                token.name = None;
            }
            token
        })
        .collect()
}

fn rejected(mut model: Model) -> Model {
    model.account = Load::Ready(account(Standing::Rejected(Text::new(
        "Unable to authenticate",
    ))));
    model
}

/// Interrupted at its seventh step, with a live stage behind.
fn resumed() -> Model {
    let mut incident = incident(4);
    incident.resumed = 1;
    incident.stages[2].1 = StageState::Now(Text::new("Waiting for you to sign in"));
    at(incident)
}

fn stopped() -> Model {
    over(|incident| {
        let began = incident.stages[0].1.clone();
        for (_, state) in &mut incident.stages {
            *state = StageState::Waiting;
        }
        incident.stages[0].1 = began;
        incident.suspicion = Some(Suspicion::Elsewhere);
        incident.snapshot = None;
        incident.rows.clear();
        incident.kept.clear();
        incident.sessions.clear();
        incident.copies.clear();
        incident.packages = None;
        incident.listed = None;
        incident.beyond.clear();
    })
}

/// Walked through to its end with every question left out.
fn left_out() -> Model {
    over(|incident| {
        for row in &mut incident.rows {
            row.state = RowState::NotTried;
        }
        let done = |text: &str| StageState::Done(minutes(3), Text::new(text));
        let open = |text: &str| StageState::Open(minutes(3), Text::new(text));
        incident.stages[4].1 = StageState::Skipped(minutes(3), "Left out by your choice.".into());
        incident.stages[5].1 = open("0 of 8 gone.");
        incident.stages[7].1 =
            done("Password: left out; second factor: left out; recovery codes: left out.");
        incident.stages[3].1 = done("It is NOT yours any more.");
        incident.email_mine = Some(false);
        incident.password = Care::LeftOut;
        incident.second_factor = Care::LeftOut;
        incident.recovery_codes = Care::LeftOut;
        for (_, ticked) in &mut incident.beyond {
            *ticked = false;
        }
    })
}

fn by_password(mut model: Model) -> Model {
    model.now.mono += std::time::Duration::from_secs(1);
    press(&mut model, &[KeyCode::Down, KeyCode::Tab]);
    model
}

fn mailed() -> Model {
    then(working(), |model| {
        let id = model.emergency.job.expect("it is under way");
        let question = Question::Challenge(Challenge {
            action: Text::new("revoke 3 tokens"),
            host: Text::new("registry.example.com"),
            attempt: 1,
            notices: Vec::new(),
            by_email: true,
            web: None,
            wait: None,
        });
        send(model, Msg::Backend(Event::Asked { id, question }));
    })
}

pub(super) fn states(all: &mut Vec<State>) {
    let interrupted = |model: &mut Model| model.unfinished = vec![left()];
    all.push(state(
        "emergency interrupted, at start",
        then(rejected(on(Screen::Profile, WRITES)), interrupted),
    ));
    all.push(state(
        "emergency interrupted, steps",
        then(then(plan(), interrupted), |model| types(model, "v")),
    ));
    all.push(state(
        "emergency plan, many",
        then(plan(), |model| model.tokens.list = Load::Ready(many())),
    ));
    all.push(state("emergency resumed", resumed()));
    all.push(state("emergency stopped", stopped()));
    all.push(state("emergency left out", left_out()));
    all.push(state(
        "emergency sign in, password",
        by_password(sign_in(true)),
    ));
    all.push(state("emergency code by mail", mailed()));
    all.push(state(
        "emergency account, password form",
        then(asked(incident(7), Ask::Account), |model| {
            press(model, &[ENTER]);
        }),
    ));
    all.push(state(
        "emergency account, guide",
        then(asked(incident(7), Ask::Account), |model| {
            press(model, &down(1));
            press(model, &[ENTER]);
        }),
    ));
}
