//! Random walks: whatever is pressed, pasted, resized and reported, nothing panics, nothing precious is
//! lost, nothing secret shows, and there is always a way back to a screen. Every step is checked by [`Sim::send`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use npm_warden::app::create::TokenField;
use npm_warden::app::keymap::{Scope, top};
use npm_warden::app::model::{AddField, PlaceChoice, SetPage, Wizard, WizardStep};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Key, Msg};
use npm_warden::backend::protocol::{
    Challenge, CodeCheck, CodeRefused, Confirm, Created, Enabled, Event, Opened, Outcome, Question,
    RequestId, Rotated, RowState, SignInAsked, Step,
};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::given::Marks;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::incident::Ask;
use npm_warden::domain::machine::StandsThere;
use npm_warden::domain::otp::Diagnosis;
use npm_warden::domain::recovery::{Place, RecoverySet, UsedAt, UsedCode};
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::rotation::{RotateState, RotateStep};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::{Ended, Forgotten, Kept, Stored};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Refusal, Tfa};
use proptest::prelude::*;

use crate::create::aims_at;
use crate::emergency::{copies, incident, sign_in_asked as emergency_sign_in};
use crate::machine;
use crate::rotate;
use crate::sim::{
    CODE, KEY, NEW_PASSWORD, OTP, PASSPHRASE, PASSWORD, Sim, VALUE, account, challenge, codes,
    codes_step, confirm, demo_code, enrolment, failure, file, is_screen, key, on_default_registry,
    profile, proof, standing, token, tokens, vault, web, web_challenge,
};

const KEYS: &[&str] = &[
    "enter",
    "enter",
    "enter",
    "enter",
    "esc",
    "esc",
    "tab",
    "shift-tab",
    "backspace",
    "del",
    "left",
    "right",
    "home",
    "end",
    "up",
    "down",
    "pgup",
    "pgdn",
    "f1",
    "space",
    "space",
    "1",
    "2",
    "2",
    "3",
    "3",
    "4",
    "5",
    "6",
    "!",
    "?",
    ":",
    "a",
    "c",
    "d",
    "e",
    "e",
    "g",
    "j",
    "k",
    "n",
    "n",
    "p",
    "p",
    "O",
    "v",
    "w",
    "q",
    "r",
    "s",
    "w",
    "!",
    "x",
    "x",
    "y",
    "y",
    "/",
    "G",
    "A",
    "T",
    "6",
    "L",
    "l",
    "t",
    "m",
    "b",
    "i",
    "o",
    "ctrl-b",
    "ctrl-g",
    "ctrl-o",
    "ctrl-p",
    "ctrl-r",
    "ctrl-t",
    "ctrl-u",
    "ctrl-y",
    "ctrl-z",
];

const SIZES: &[(u16, u16)] = &[
    (0, 0),
    (1, 1),
    (80, 24),
    (40, 12),
    (200, 60),
    (80, 0),
    (0, 24),
];

const KINDS: [FailureKind; 7] = [
    FailureKind::NotOffered,
    FailureKind::SignedOut,
    FailureKind::NeedsSecondFactor,
    FailureKind::Refused,
    FailureKind::Network,
    FailureKind::Local,
    FailureKind::Cancelled,
];

/// One step of a walk, as numbers that are read by the state that they meet.
#[derive(Clone, Copy, Debug)]
enum Stride {
    Key(u8),
    Held(u8),
    /// What belongs where the focus is: a password, a code, a word.
    Fill(u8),
    Paste(u8),
    Size(u8),
    Time(u16),
    /// An event of a request that is under way, fitting it.
    Fitting(u8, u8, u8),
    /// Any event of any request, known or not.
    Any(u8, u8, u8),
    Shell(u8),
}

fn stride() -> impl Strategy<Value = Stride> {
    prop_oneof![
        30 => any::<u8>().prop_map(Stride::Key),
        3 => any::<u8>().prop_map(Stride::Held),
        12 => any::<u8>().prop_map(Stride::Fill),
        2 => any::<u8>().prop_map(Stride::Paste),
        2 => any::<u8>().prop_map(Stride::Size),
        6 => any::<u16>().prop_map(Stride::Time),
        35 => any::<(u8, u8, u8)>().prop_map(|(a, b, c)| Stride::Fitting(a, b, c)),
        8 => any::<(u8, u8, u8)>().prop_map(|(a, b, c)| Stride::Any(a, b, c)),
        2 => any::<u8>().prop_map(Stride::Shell),
    ]
}

fn pick<T: Copy>(from: &[T], n: u8) -> T {
    from[usize::from(n) % from.len()]
}

/// What a person would type here; secrets only where secrets belong.
fn filling(sim: &Sim, n: u8) -> &'static str {
    match top(&sim.model) {
        Scope::SignInPassword
        | Scope::ChangePassword
        | Scope::WizardPassword
        | Scope::TokenPassword => PASSWORD,
        Scope::TokenText => match sim.model.token_form().unwrap().at {
            TokenField::Name => "ci",
            TokenField::Packages => pick(&["left-pad", "@acme/ui,", "@acme ", "le*t"], n),
            TokenField::Scopes => pick(&["@acme", "acme", "@a/b"], n),
            TokenField::Orgs => "acme",
            TokenField::Days => pick(&["7", "30", "x", "0"], n),
            TokenField::Addresses => {
                pick(&["10.0.0.0/8", "192.0.2.7 ", "::1,", "10.1.2.3/8", "x"], n)
            }
            _ => "words",
        },
        Scope::WritePath => "/tmp/x",
        Scope::NoteEdit => "CI of o/r",
        Scope::MachineName => pick(&["MY", "-x", ""], n),
        Scope::PasswordForm => pick(&[PASSWORD, NEW_PASSWORD, NEW_PASSWORD], n),
        Scope::SignInName => pick(&["alice", "a@b", "bob"], n),
        Scope::Challenge => pick(&[OTP, OTP, CODE, KEY], n),
        Scope::WizardScan => pick(&[OTP, OTP, KEY], n),
        Scope::WizardProof => pick(&["decline", CODE, "decline", CODE], n),
        Scope::WizardPlace | Scope::WizardOtherPlace => {
            let form = &sim.model.wizard.as_ref().unwrap().place;
            match form.choice {
                PlaceChoice::Vault => pick(&[PASSPHRASE, PASSPHRASE, PASSPHRASE, "short"], n),
                PlaceChoice::Copy | PlaceChoice::Print => "myself",
                PlaceChoice::File => "/tmp/x",
            }
        }
        Scope::SetPassphrase | Scope::AddSecret => pick(&[PASSPHRASE, PASSPHRASE, "short"], n),
        Scope::SetPath | Scope::AddPath => "/tmp/x",
        Scope::SetProof => CODE,
        Scope::SetRemoveWord => pick(&["remove", "rm"], n),
        Scope::AddCodes => pick(
            &[
                "1. canary0code00000\n2. canary0code00001",
                "- canary0code00000\n640917\n",
                "no code at all",
                CODE,
            ],
            n,
        ),
        Scope::EmergencyCount => pick(&["3", "4", "5"], n),
        Scope::EmergencyFolder => pick(&["/tmp/x", "~", ""], n),
        Scope::RevokeCount => pick(&["3", "4", "5", "6"], n),
        _ => pick(&["token", "x\u{200b}y", "日本", "1", "2 3"], n),
    }
}

fn walk(sim: &mut Sim, stride: Stride) {
    match stride {
        Stride::Key(n) => {
            sim.press(pick(KEYS, n));
        }
        Stride::Held(n) => {
            sim.send(Msg::Key(Key {
                repeat: true,
                ..key(pick(KEYS, n))
            }));
        }
        Stride::Fill(n) => {
            let text = filling(sim, n);
            if n.is_multiple_of(4) {
                sim.pastes(text);
            } else if n.is_multiple_of(3) {
                sim.types(text);
            } else {
                sim.types(text).press("enter");
            }
        }
        Stride::Paste(n) => {
            let text = pick(
                &[
                    "",
                    "\r\n",
                    " 1 2\n3 ",
                    "q\u{1b}[31m",
                    "x".repeat(5000).leak(),
                    VALUE,
                    VALUE,
                ],
                n,
            );
            // In a field that is no secret's, a person's own paste may be shown: only the places that look for a token's row
            // promise to take it out.
            let sought = matches!(
                top(&sim.model),
                Scope::Tokens | Scope::Filter | Scope::RevokeAsk | Scope::RevokeCount
            );
            sim.pastes(if text == VALUE && !sought {
                "npm"
            } else {
                text
            });
        }
        Stride::Size(n) => {
            let (columns, rows) = pick(SIZES, n);
            sim.send(Msg::Resize(columns, rows));
        }
        Stride::Time(ms) => {
            sim.waits(u64::from(ms));
        }
        Stride::Fitting(which, kind, detail) => fitting(sim, which, kind, detail),
        Stride::Any(which, kind, detail) => {
            let known: Vec<RequestId> = sim.model.requests.keys().copied().collect();
            let id = match which % 3 {
                0 if !known.is_empty() => pick(&known, detail),
                1 => RequestId(u64::from(which)),
                _ => RequestId(1_000_000),
            };
            let event = any_event(id, kind, detail);
            sim.event(event);
        }
        Stride::Shell(n) => {
            sim.send(match n % 6 {
                5 => Msg::Sent("Sent to the terminal.".to_owned()),
                0 => Msg::Wake,
                1 => Msg::Copied(Ok("Copied.".to_owned())),
                2 => demo_code(u64::from(n)),
                3 => Msg::NotOpened("No browser could be started here."),
                _ => Msg::DemoCode(None),
            });
        }
    }
}

fn kind(n: u8) -> FailureKind {
    pick(&KINDS, n)
}

fn tfa(n: u8) -> Tfa {
    match n % 6 {
        0 | 1 => Tfa::Off,
        2 => Tfa::Pending(None),
        3 => Tfa::On(Level::AuthOnly),
        4 => Tfa::On(Level::AuthAndWrites),
        _ => Tfa::Unknown(Text::new("passkey")),
    }
}

fn place(n: u8) -> Place {
    match n % 3 {
        0 => file(),
        1 => vault(),
        _ => Place::Myself,
    }
}

fn wait(n: u8) -> Option<Duration> {
    (n % 5 == 4).then(|| Duration::from_millis(u64::from(n) * 20))
}

fn asked(attempt: u32, n: u8) -> Question {
    let question = match n % 4 {
        0 => web_challenge(attempt, false),
        1 => web_challenge(attempt, true),
        _ => challenge(attempt),
    };
    Question::Challenge(Challenge {
        wait: wait(n),
        by_email: n.is_multiple_of(7),
        ..question
    })
}

fn confirming(n: u8) -> Question {
    let refused = [
        None,
        Some(CodeRefused::Here(Diagnosis::OtherKey)),
        Some(CodeRefused::There(Text::new("no"))),
        Some(CodeRefused::Again),
    ];
    Question::Confirm(Confirm {
        refused: refused[usize::from(n) % 4].clone(),
        wait: wait(n),
        ..confirm(1 + u32::from(n % 3))
    })
}

/// How a job that enables 2FA would go on from where the wizard stands.
fn enabling(sim: &mut Sim, id: RequestId, way: u8, n: u8) {
    let step = sim
        .model
        .wizard
        .as_ref()
        .map(|w| (w.step, w.enrolment.is_some()));
    let finished = |end| Event::Finished {
        id,
        result: Ok(Outcome::Enabled(end)),
    };
    let level = Level::AuthOnly;
    let event = match (step, way % 6) {
        (_, 0) => Event::Finished {
            id,
            result: Err(failure(kind(n), "It broke off.")),
        },
        (Some((WizardStep::Place, _)), 1..=3) => Event::Asked {
            id,
            question: Question::NewSetUp(Level::AuthOnly),
        },
        (Some((WizardStep::Scan, false)), 1) => {
            finished(Enabled::NotTaken(Refusal::Closed(Text::new("closed"))))
        }
        (Some((WizardStep::Scan, false)), 2) => Event::Asked {
            id,
            question: asked(1, n),
        },
        (Some((WizardStep::Scan, false)), _) => Event::Step {
            id,
            step: Step::Enrolled(enrolment()),
        },
        (Some((WizardStep::Scan, true)) | None, 3) => finished(Enabled::Left {
            cleared: n.is_multiple_of(2),
        }),
        (Some((WizardStep::Scan, true)), 4 | 5) => Event::Asked {
            id,
            question: confirming(n),
        },
        (None | Some((WizardStep::Scan, true)), _) => Event::Step {
            id,
            step: codes_step(place(n)),
        },
        (Some((WizardStep::Codes, _)), 1) => Event::Asked {
            id,
            question: Question::OtherPlace(failure(FailureKind::Local, "The disk is full.")),
        },
        (Some((WizardStep::Codes, _)), 2) => Event::Asked {
            id,
            question: Question::Proof(proof(1)),
        },
        (Some((WizardStep::Codes, _)), _) => Event::Asked {
            id,
            question: Question::CodesShown,
        },
        (Some((WizardStep::Proof, _)), 1) => Event::Asked {
            id,
            question: Question::Proof(proof(2)),
        },
        (Some((WizardStep::Proof, _)), 2) => Event::Step {
            id,
            step: codes_step(place(n)),
        },
        (_, 5) => finished(Enabled::OnWithoutCodes {
            level,
            why: failure(FailureKind::Network, "No answer."),
        }),
        _ => finished(Enabled::On {
            level,
            checked: true,
            unreadable: 0,
            place: place(n),
            proved: n.is_multiple_of(2),
        }),
    };
    sim.event(event);
}

fn sign_in_asked(n: u8) -> Question {
    Question::SignIn(SignInAsked {
        action: Text::new("revoke 3 tokens"),
        host: Text::new("registry.example.com"),
        name: n.is_multiple_of(2).then(|| Text::new("alice")),
        words: Text::new("Unauthorized"),
        without: None,
        problem: n
            .is_multiple_of(3)
            .then(|| Text::new("You signed in as bob.")),
    })
}

fn fitting(sim: &mut Sim, which: u8, way: u8, n: u8) {
    let open: Vec<(RequestId, Purpose)> = sim
        .model
        .requests
        .iter()
        .map(|(id, request)| (*id, request.purpose))
        .collect();
    if open.is_empty() {
        return;
    }
    let (id, purpose) = pick(&open, which);
    let good = !way.is_multiple_of(4);
    let result = |outcome| {
        if good {
            Ok(outcome)
        } else {
            Err(failure(kind(n), "It did not work."))
        }
    };
    let follows = |wizard: &Wizard| wizard.job == Some(id);
    if purpose == Purpose::ChangeLevel && sim.model.wizard.as_ref().is_some_and(follows) {
        return enabling(sim, id, way, n);
    }
    if purpose == Purpose::ChangeLevel && way.is_multiple_of(2) {
        sim.event(Event::Asked {
            id,
            question: Question::NewSetUp(Level::AuthOnly),
        });
        return;
    }
    if purpose != Purpose::Enable && way % 5 == 4 {
        sim.event(match n % 5 {
            0 => Event::Asked {
                id,
                question: asked(1 + u32::from(n % 3), n),
            },
            1 => Event::Cleared { id },
            2 if purpose == Purpose::SignIn => Event::Asked {
                id,
                question: Question::Web(web(n.is_multiple_of(4))),
            },
            2 | 3 => Event::Asked {
                id,
                question: sign_in_asked(n),
            },
            _ => Event::Retrying {
                id,
                attempt: 2,
                of: 3,
                wait: Duration::from_millis(u64::from(n) * 30),
                why: Text::new("no answer"),
            },
        });
        return;
    }
    if matches!(purpose, Purpose::ProveSet | Purpose::AddSet) && !way.is_multiple_of(3) {
        let question = match n % 5 {
            0 => Question::OtherPlace(failure(FailureKind::Local, "The disk is full.")),
            1 => Question::CodesShown,
            _ => Question::Proof(proof(1 + u32::from(n % 2))),
        };
        sim.event(Event::Asked { id, question });
        return;
    }
    let outcome = match purpose {
        Purpose::Enable => return enabling(sim, id, way, n),
        Purpose::Account => match n % 8 {
            0 => standing(Standing::SignedOut),
            1 => standing(Standing::Rejected(Text::new("no"))),
            _ => account(tfa(n)),
        },
        // Only the plain commands ask that.
        Purpose::Given => Outcome::TriedOut(Vec::new()),
        Purpose::Tokens => {
            let index = u64::from(n % 3);
            let first = usize::from(n % 3) * 4;
            let rows = (first..first + 4).map(token).collect();
            let total = n.is_multiple_of(2).then_some(12);
            sim.event(Event::Page {
                id,
                index,
                rows,
                total,
            });
            if !way.is_multiple_of(3) {
                return;
            }
            Outcome::Tokens {
                pages: u64::from(n % 3),
                moved: n.is_multiple_of(5),
            }
        }
        Purpose::Revoke => {
            let keys: Vec<_> = sim.model.tokens.revoke.as_ref().map_or(Vec::new(), |r| {
                r.rows.iter().map(|row| row.token.key.clone()).collect()
            });
            let state = |n: u8| match n % 6 {
                0 => RowState::Sent,
                1 => RowState::Accepted,
                2 => RowState::StillListed,
                3 => RowState::Failed(failure(kind(n), "It did not work.")),
                4 => RowState::NotTried,
                _ => RowState::Gone(Unprobed::ValueUnknown),
            };
            if way.is_multiple_of(2) && !keys.is_empty() {
                let token = keys[usize::from(n) % keys.len()].clone();
                sim.event(Event::Step {
                    id,
                    step: Step::Row {
                        token,
                        state: state(way),
                    },
                });
                return;
            }
            Outcome::Revoked {
                rows: keys.into_iter().map(|key| (key, state(n))).collect(),
                list: if n.is_multiple_of(3) {
                    Err(failure(kind(n), "No list."))
                } else {
                    Ok(tokens(usize::from(n % 12)))
                },
            }
        }
        Purpose::Marks => Outcome::Marks(vec![Marks {
            digest: token(usize::from(n % 9)).key,
            made: n.is_multiple_of(3).then(|| token(usize::from(n % 7)).key),
            others: (n.is_multiple_of(5))
                .then(|| token(usize::from(n % 4)).key)
                .into_iter()
                .collect(),
        }]),
        Purpose::Note => Outcome::Noted {
            token: token(usize::from(n % 5)).key,
            note: n.is_multiple_of(2).then(|| Text::new("CI")),
        },
        Purpose::WriteToken if !way.is_multiple_of(3) => aims_at((way % 3 == 1).then(there)),
        Purpose::WriteToken => Outcome::Written(Stored {
            file: Text::new("~/.npmrc, line 4"),
            caution: n
                .is_multiple_of(2)
                .then(|| Text::new("Others can read it.")),
        }),
        Purpose::Rotate if way.is_multiple_of(2) => return rotating(sim, id, n),
        Purpose::Rotate => Outcome::Rotated(rotated(n)),
        Purpose::Unfinished if way.is_multiple_of(2) => {
            super::unfinished::interrupted(usize::from(n % 5))
        }
        Purpose::Unfinished if n.is_multiple_of(3) => Outcome::Unfinished(Vec::new()),
        Purpose::Unfinished => {
            let done = RotateStep::ALL.get(usize::from(n) % 6).copied();
            Outcome::Unfinished(vec![crate::rotate_again::left(done)])
        }
        Purpose::Machine => Outcome::Machine(Box::new(machine::found(n))),
        Purpose::Probe if way.is_multiple_of(2) => {
            let step = Step::Probed(machine::tried(n));
            sim.event(Event::Step { id, step });
            return;
        }
        Purpose::Probe => Outcome::Probed(vec![machine::tried(n)]),
        Purpose::PreviewFix => Outcome::FixPreview(Box::new(machine::preview(machine::fixes(n)))),
        Purpose::ApplyFix => Outcome::Fixed(Box::new(machine::found(n))),
        Purpose::Emergency => return emergency(sim, id, way, n),
        Purpose::Report => Outcome::Reported(vec![PathBuf::from("/tmp/x.md")]),
        Purpose::SignIn => {
            let Outcome::Account {
                identity,
                standing,
                clock_ahead,
            } = account(tfa(n))
            else {
                return;
            };
            let standing = match standing {
                Standing::SignedIn(mut profile) if n.is_multiple_of(3) => {
                    profile.name = Text::new("bob");
                    Standing::SignedIn(profile)
                }
                standing => standing,
            };
            Outcome::SignedIn {
                identity: Box::new(identity),
                standing,
                clock_ahead,
                kept: match n % 4 {
                    0 => Kept::File(Text::new("~/.npmrc")),
                    1 => Kept::NotWritten(failure(kind(n), "It cannot be written.")),
                    _ => Kept::Session,
                },
            }
        }
        Purpose::SignOut => Outcome::SignedOut {
            place: Text::new("~/.npmrc, line 1"),
            ended: match n % 5 {
                0 => Ended::StillAccepted,
                1 => Ended::Unchecked(failure(kind(n), "No answer.")),
                2 => Ended::DeadBefore,
                3 => Ended::NothingThere,
                _ => Ended::Verified,
            },
            forgotten: match way % 3 {
                0 => Forgotten::Session,
                1 => Forgotten::File(Text::new("~/.npmrc")),
                _ => Forgotten::Remains(
                    Text::new("$NPM_TOKEN"),
                    failure(FailureKind::Local, "It is a variable."),
                ),
            },
        },
        Purpose::ChangePassword => Outcome::PasswordChanged(if n.is_multiple_of(2) {
            Ok(Box::new(profile(tfa(n))))
        } else {
            Err(failure(kind(n), "Not accepted any more."))
        }),
        Purpose::CreateToken => Outcome::Created(if n.is_multiple_of(2) {
            Created::Made {
                registry: "registry.example.com".into(),
                wider: Vec::new(),
                warnings: Vec::new(),
                token: Box::new(token(0)),
                value: Arc::new(Secret::from(VALUE)),
            }
        } else {
            Created::Lost {
                tokens: tokens(usize::from(n % 5)),
                why: failure(kind(n), "No answer."),
            }
        }),
        Purpose::SaveField => Outcome::Saved(Box::new(profile(tfa(n)))),
        Purpose::Disable => Outcome::Disabled(Box::new(profile(Tfa::Off))),
        Purpose::ChangeLevel => Outcome::LevelChanged(Level::AuthOnly),
        Purpose::ProvePlace => Outcome::PlaceProved {
            place: match (&sim.model.recovery.page, &sim.model.wizard) {
                (Some(SetPage::Add(form)), _) if form.at.place() == AddField::Passphrase => vault(),
                (_, Some(wizard)) if wizard.place.choice == PlaceChoice::Vault => vault(),
                _ => Place::File(PathBuf::from("/tmp/x")),
            },
            warnings: if n.is_multiple_of(2) {
                Vec::new()
            } else {
                vec![Text::new("Others can read it.")]
            },
        },
        Purpose::SuggestPlace => Outcome::Suggested(PathBuf::from("/tmp/suggested")),
        Purpose::Sets => sets(n),
        Purpose::OpenSet => {
            let set = match &sim.model.recovery.page {
                Some(SetPage::Form(form)) if !n.is_multiple_of(7) => form.set.id(),
                _ => set(n).id(),
            };
            let at = |k: u8| {
                let sure = n.is_multiple_of(3);
                let at = set.received;
                n.is_multiple_of(k).then_some(UsedAt { at, sure })
            };
            Outcome::Opened(Opened {
                used: [2, 3, 1, 4, 5, 6, 8].map(at)[..usize::from(n % 8)].to_vec(),
                set,
                codes: codes(),
            })
        }
        Purpose::ProveSet => Outcome::SetProved {
            proved: n.is_multiple_of(2),
        },
        Purpose::ExportSet => Outcome::Exported(PathBuf::from("/tmp/x")),
        Purpose::RemoveSet => Outcome::SetRemoved(
            (0..n % 3)
                .map(|_| Text::new("/x could not be removed."))
                .collect(),
        ),
        Purpose::AddSet => Outcome::SetAdded {
            place: place(n),
            proved: n.is_multiple_of(2),
        },
        Purpose::CheckCode => Outcome::CodeChecked(if n.is_multiple_of(2) {
            CodeCheck::Taken
        } else {
            CodeCheck::NotAsked
        }),
    };
    sim.event(Event::Finished {
        id,
        result: result(outcome),
    });
}

/// Another token where a value is to go.
fn there() -> StandsThere {
    StandsThere {
        place: Text::new("~/.npmrc, line 4"),
        begins: Text::new("npm_abcd"),
    }
}

/// How a rotation goes on.
fn rotating(sim: &mut Sim, id: RequestId, n: u8) {
    let step = RotateStep::ALL[usize::from(n) % 5];
    sim.event(match n % 3 {
        0 if n.is_multiple_of(2) => Event::Asked {
            id,
            question: super::rotate_again::in_place(),
        },
        0 => Event::Asked {
            id,
            question: rotate::installed(),
        },
        1 => Event::Step {
            id,
            step: Step::Rotating {
                step,
                state: RotateState::Doing,
            },
        },
        _ => Event::Step {
            id,
            step: Step::Rotating {
                step,
                state: RotateState::Done(Text::default()),
            },
        },
    });
}

fn rotated(n: u8) -> Rotated {
    let remains: &[&str] = if n.is_multiple_of(3) {
        &["The old token lives on."]
    } else {
        &[]
    };
    let mut rotated = rotate::ended(n.is_multiple_of(2), remains);
    if n.is_multiple_of(5) {
        let why = failure(kind(n), "No.");
        rotated.token = None;
        rotated.steps[0].1 = RotateState::Failed(why);
    }
    rotated
}

/// How an emergency would go on.
fn emergency(sim: &mut Sim, id: RequestId, way: u8, n: u8) {
    let rows = usize::from(n % 6);
    let told = || {
        let mut told = incident(usize::from(way % 11), rows);
        if n.is_multiple_of(9) {
            told.unwritten = Some(failure(FailureKind::Local, "The disk is full."));
        }
        told
    };
    let event = match way % 7 {
        0 => {
            let mut told = told();
            told.ended = (!n.is_multiple_of(3)).then_some(told.began);
            Event::Finished {
                id,
                result: if n.is_multiple_of(4) {
                    Err(failure(kind(n), "It broke off."))
                } else {
                    Ok(Outcome::Emergency(Arc::new(told)))
                },
            }
        }
        1 | 2 => Event::Step {
            id,
            step: Step::Incident(Arc::new(told())),
        },
        3 => Event::Step {
            id,
            step: Step::Row {
                token: token(rows).key,
                state: RowState::Verified,
            },
        },
        _ => {
            let keys = || tokens(rows).into_iter().map(|token| token.key).collect();
            let question = match n % 10 {
                0 => Ask::Suspect,
                1 => Ask::Email {
                    address: Text::new("alice@example.com"),
                    verified: None,
                },
                2 | 3 => Ask::Revoke,
                4 => Ask::Again { rows: keys() },
                5 => Ask::Appeared(keys()),
                6 => Ask::Local(copies()),
                7 => Ask::Account,
                8 => Ask::Beyond,
                _ if way.is_multiple_of(2) => Ask::Packages,
                _ => Ask::Report,
            };
            let question = if n.is_multiple_of(11) {
                Question::SignIn(emergency_sign_in(way.is_multiple_of(2)))
            } else {
                Question::Emergency(question)
            };
            Event::Asked { id, question }
        }
    };
    sim.event(event);
}

fn set(n: u8) -> RecoverySet {
    let received = "2026-11-22T12:00:00Z".parse().unwrap();
    RecoverySet {
        account: Text::new(pick(&["alice", "alice", "bob"], n)),
        registry: Text::new("registry.example.com"),
        received,
        place: place(n),
        count: 5,
        proved: n.is_multiple_of(2),
        added: false,
        unplaced: 0,
        used: (0..n % 3)
            .map(|k| UsedCode {
                at: received,
                sure: k == 0,
                mark: String::new(),
            })
            .collect(),
    }
}

fn sets(n: u8) -> Outcome {
    let of = |k: u8| {
        let mut set = set(n.wrapping_add(k));
        set.received -= jiff::SignedDuration::from_hours(i64::from(k % 3) * 24);
        (set, !k.is_multiple_of(5))
    };
    Outcome::Sets {
        sets: (0..n % 5).map(of).collect(),
        read_only: n.is_multiple_of(5),
    }
}

/// Any event at all, fitting or not. A job never ends with success while the codes are on the screen and
/// unproved, so that much sense is kept.
fn any_event(id: RequestId, way: u8, n: u8) -> Event {
    let question = |question| Event::Asked { id, question };
    let step = |step| Event::Step { id, step };
    match way % 19 {
        18 => question(Question::NewSetUp(Level::AuthAndWrites)),
        16 => question(sign_in_asked(n)),
        17 => question(Question::Web(web(n.is_multiple_of(2)))),
        0 => question(asked(1, n)),
        1 => question(confirming(n)),
        2 => question(Question::CodesShown),
        3 => question(Question::OtherPlace(failure(kind(n), "The disk is full."))),
        4 => question(Question::Proof(proof(1))),
        5 => Event::Cleared { id },
        6 => Event::Page {
            id,
            index: u64::from(n % 4),
            rows: tokens(usize::from(n % 7)),
            total: None,
        },
        7 => step(Step::Enrolled(enrolment())),
        8 => step(codes_step(place(n))),
        9 => step(Step::Row {
            token: token(usize::from(n)).key,
            state: RowState::Gone(Unprobed::ValueUnknown),
        }),
        10 => step(Step::Doing("Doing something")),
        11 => Event::Finished {
            id,
            result: Err(failure(kind(n), "It did not work.")),
        },
        12 => Event::Finished {
            id,
            result: Ok(sets(n)),
        },
        13 => Event::Finished {
            id,
            result: Ok(account(tfa(n))),
        },
        14 => Event::Finished {
            id,
            result: Ok(Outcome::Enabled(Enabled::Left { cleared: true })),
        },
        _ => Event::Retrying {
            id,
            attempt: 2,
            of: 3,
            wait: Duration::ZERO,
            why: Text::new("no answer"),
        },
    }
}

/// Whatever is open, a person with Esc, Enter and the words on the screen comes back to a screen once the
/// backend has ended what it was doing.
fn comes_back(sim: &mut Sim) {
    for _ in 0..60 {
        let open: Vec<RequestId> = sim.model.requests.keys().copied().collect();
        for id in open {
            sim.event(Event::Finished {
                id,
                result: Err(failure(FailureKind::Network, "The end.")),
            });
        }
        sim.waits(1000);
        let scope = top(&sim.model);
        if is_screen(scope) {
            return;
        }
        match scope {
            Scope::WizardCodes => sim.press("enter"),
            Scope::WizardLeaving => sim.press("down enter"),
            Scope::MadeLeaving | Scope::TokenLeaving | Scope::RotateLeaving => sim.press("y"),
            Scope::WizardProof => sim.press("ctrl-u").types("decline⏎"),
            _ => sim.press("esc"),
        };
        assert!(!sim.model.quitting);
    }
    panic!("stuck in {:?}", top(&sim.model));
}

/// And without a backend that ever answers, only what guards the codes stays.
fn gets_out(sim: &mut Sim) {
    for _ in 0..60 {
        sim.waits(1000);
        let scope = top(&sim.model);
        let guarded = matches!(
            scope,
            Scope::WizardCodes | Scope::WizardSheet | Scope::WizardOtherPlace | Scope::WizardProof
        );
        if is_screen(scope) || guarded {
            return;
        }
        match scope {
            Scope::WizardLeaving => sim.press("down enter"),
            Scope::MadeLeaving | Scope::TokenLeaving | Scope::RotateLeaving => {
                sim.press("tab enter")
            }
            _ => sim.press("esc"),
        };
    }
    panic!("stuck in {:?}", top(&sim.model));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_a_way_back(
        demo in any::<bool>(),
        strides in proptest::collection::vec(stride(), 1..160),
    ) {
        let mut sim = Sim::start(demo);
        for stride in strides {
            walk(&mut sim, stride);
            if sim.model.quitting {
                return Ok(());
            }
            sim.effects.clear();
        }
        comes_back(&mut sim);
    }

    #[test]
    fn from_the_forms_on(
        token in any::<bool>(),
        strides in proptest::collection::vec(stride(), 1..120),
    ) {
        let mut sim = Sim::signed_in();
        if token {
            sim.press("3 n space pgdn").types(PASSWORD).press("enter");
        } else {
            sim.press("p").types(PASSWORD).press("enter").types(NEW_PASSWORD).press("tab");
            sim.types(NEW_PASSWORD).press("enter");
        }
        for stride in strides {
            walk(&mut sim, stride);
            if sim.model.quitting {
                return Ok(());
            }
            sim.effects.clear();
        }
        gets_out(&mut sim);
        comes_back(&mut sim);
    }

    #[test]
    fn from_a_form_or_a_rotation_on(
        way in 0usize..7,
        strides in proptest::collection::vec(stride(), 1..140),
    ) {
        let mut sim = match way {
            0 => rotate::sent(true),
            1 => rotate::asking(true),
            2 => rotate::asking(false),
            3 => {
                let mut sim = crate::rotate_again::offered(vec![token(1), token(2)]);
                sim.press("R");
                sim
            }
            _ => {
                let mut sim = Sim::at_tokens(5);
                sim.press(["o", "m", "n"][way - 4]);
                sim
            }
        };
        for stride in strides {
            walk(&mut sim, stride);
            if sim.model.quitting {
                return Ok(());
            }
            sim.effects.clear();
        }
        gets_out(&mut sim);
        comes_back(&mut sim);
    }

    #[test]
    fn from_the_sign_in_form_on(
        way in 0usize..3,
        strides in proptest::collection::vec(stride(), 1..120),
    ) {
        let mut sim = Sim::start(false);
        sim.arrives(standing(Standing::SignedOut)).press("enter");
        for _ in 0..way {
            sim.press("down");
        }
        for stride in strides {
            walk(&mut sim, stride);
            if sim.model.quitting {
                return Ok(());
            }
            sim.effects.clear();
        }
        gets_out(&mut sim);
        comes_back(&mut sim);
    }

    #[test]
    fn from_the_guides_on(
        npm in any::<bool>(),
        which in 0usize..5,
        strides in proptest::collection::vec(stride(), 1..140),
    ) {
        let mut sim = Sim::start(false);
        let on = account(Tfa::On(Level::AuthAndWrites));
        sim.arrives(if npm { on_default_registry(on) } else { on }).lists(tokens(5));
        sim.press(["2 l", "2 L", "2 t", "2 m", "2 d"][which]);
        for stride in strides {
            walk(&mut sim, stride);
            if sim.model.quitting {
                return Ok(());
            }
            sim.effects.clear();
        }
        gets_out(&mut sim);
        comes_back(&mut sim);
    }

    #[test]
    fn from_a_set_up_that_a_level_change_began_on(
        codes in any::<bool>(),
        strides in proptest::collection::vec(stride(), 1..120),
    ) {
        let mut sim = Sim::with(Tfa::On(Level::AuthAndWrites), tokens(2));
        sim.press("2 e").types(PASSWORD).press("enter");
        sim.asks(Purpose::ChangeLevel, Question::NewSetUp(Level::AuthOnly));
        if codes {
            sim.types(PASSPHRASE).press("enter").types(PASSPHRASE).press("enter");
            let place = vault();
            sim.ends(Purpose::ProvePlace, Ok(Outcome::PlaceProved { place, warnings: Vec::new() }));
            sim.steps(Purpose::ChangeLevel, Step::Enrolled(enrolment()));
            sim.asks(Purpose::ChangeLevel, Question::Confirm(confirm(1)));
            sim.steps(Purpose::ChangeLevel, codes_step(vault()));
        }
        for stride in strides {
            walk(&mut sim, stride);
            if sim.model.quitting {
                return Ok(());
            }
            sim.effects.clear();
        }
        gets_out(&mut sim);
        comes_back(&mut sim);
    }

    #[test]
    fn from_the_recovery_screen_on(
        way in 0usize..7,
        n in any::<u8>(),
        strides in proptest::collection::vec(stride(), 1..120),
    ) {
        let mut sim = Sim::with(Tfa::On(Level::AuthAndWrites), tokens(2));
        sim.press("4 r");
        let kept = Outcome::Sets {
            sets: vec![(set(n), true), (set(n.wrapping_add(1)), true)],
            read_only: false,
        };
        sim.ends(Purpose::Sets, Ok(kept));
        sim.press(["enter", "p", "e", "x", "n", "j enter", "j x"][way]);
        if way == 4 {
            sim.pastes("1. canary0code00000\n2. canary0code00001\n").press("tab");
        }
        for stride in strides {
            walk(&mut sim, stride);
            if sim.model.quitting {
                return Ok(());
            }
            sim.effects.clear();
        }
        gets_out(&mut sim);
        comes_back(&mut sim);
    }

    #[test]
    fn from_the_wizard_on(
        strides in proptest::collection::vec(stride(), 1..120),
    ) {
        let mut sim = Sim::signed_in();
        sim.press("2 e enter enter").types(PASSWORD).press("enter tab tab").types("myself⏎");
        for stride in strides {
            walk(&mut sim, stride);
            if sim.model.quitting {
                return Ok(());
            }
            sim.effects.clear();
        }
        gets_out(&mut sim);
        comes_back(&mut sim);
    }
}

#[test]
fn an_emergency_that_waits_for_the_answer_to_a_code_is_left() {
    let mut sim = Sim::signed_in();
    sim.press("! enter").challenged(Purpose::Emergency);
    sim.waits(400).types("640917").press("enter");
    gets_out(&mut sim);
    comes_back(&mut sim);
}
