//! The wizard, step by step.

use std::path::PathBuf;
use std::sync::Arc;

use npm_warden::app::Model;
use npm_warden::app::field::Field;
use npm_warden::app::model::{
    Judged, LeaveChoice, PlaceChoice, PlaceForm, QrStyle, Screen, ShownCodes, Wizard, WizardStep,
};
use npm_warden::backend::protocol::{CodeRefused, Confirm, Enabled, Proof};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::otp::{Diagnosis, Enrolment};
use npm_warden::domain::recovery::{Place, RecoveryCodes};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Refusal, Tfa};

use super::{
    CANARY, ID, KEY, State, after, masked, no_network, now, on, state, typed, wrong_password,
};

/// Set-up addresses of the lengths that registries send: 75, 109, 121, 137 and 146 characters.
pub const URLS: [&str; 5] = [
    "otpauth://totp/npm:ali?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=npmjs",
    "otpauth://totp/registry.example.com:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=registry.example.com",
    "otpauth://totp/registry.example.com:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=registry.example.com&period=30&x",
    "otpauth://totp/registry.example.com:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=registry.example.com&algorithm=SHA1&digits=6&q=1",
    "otpauth://totp/registry.example.com:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=registry.example.com&algorithm=SHA1&digits=6&period=30&q1",
];

fn place() -> PlaceForm {
    PlaceForm {
        choice: PlaceChoice::Vault,
        passphrase: Field::masked(),
        again: Field::masked(),
        at_again: false,
        spent: false,
        path: typed("/home/alice/safe/npm-recovery-alice-registry.example.com.txt"),
        word: Field::plain(),
        proving: None,
        proved: None,
        error: None,
    }
}

fn wizard(step: WizardStep, change: impl FnOnce(&mut Wizard)) -> Model {
    let mut model = on(Screen::Security, Tfa::Off);
    let mut wizard = Wizard {
        step,
        level: Level::AuthAndWrites,
        pending: false,
        relevel: false,
        account: Text::new("alice"),
        password: masked(CANARY),
        place: place(),
        job: None,
        place_asked: false,
        doing: None,
        error: None,
        enrolment: None,
        qr: QrStyle::HalfBlocks,
        key_shown: true,
        code: Field::plain(),
        tried: None,
        judged: None,
        confirm: None,
        wait_until: None,
        leaving: false,
        leave: LeaveChoice::Stay,
        stopping: false,
        codes: None,
        codes_asked: false,
        other_place: None,
        saved: None,
        proof: None,
        proof_typed: Field::plain(),
        end: None,
        nudge: 0,
    };
    change(&mut wizard);
    model.wizard = Some(wizard);
    model
}

/// The Scan step of a set-up with this address.
pub fn scanning(url: &str, change: impl FnOnce(&mut Wizard)) -> Model {
    wizard(WizardStep::Scan, |wizard| {
        wizard.job = Some(ID);
        wizard.enrolment = Some(Arc::new(Enrolment::parse(Secret::from(url)).unwrap()));
        wizard.confirm = Some(Confirm {
            attempt: 1,
            refused: None,
            clock_ahead: None,
            wait: None,
        });
        change(wizard);
    })
}

fn refused(why: CodeRefused) -> Model {
    scanning(URLS[1], |wizard| {
        wizard.code = typed("123456");
        if let Some(confirm) = &mut wizard.confirm {
            confirm.attempt = 2;
            confirm.refused = Some(why);
        }
    })
}

/// A code that looked wrong here, 40 seconds ago, and was sent all the same.
fn insisted(diagnosis: Diagnosis, why: CodeRefused) -> Model {
    let mut model = refused(why);
    if let Some(wizard) = &mut model.wizard {
        wizard.judged = Some(Judged {
            diagnosis,
            at: now() - jiff::SignedDuration::from_secs(40),
            insisted: true,
        });
    }
    model
}

fn codes(long: bool, place: Place) -> ShownCodes {
    let code = |n: u64| {
        let code = format!("{:016x}", 0x1111_2222_3333_0000 + n * 0x1234_5678);
        Secret::from(if long { code.repeat(4) } else { code })
    };
    ShownCodes {
        codes: Arc::new(RecoveryCodes::new((0..10).map(code).collect())),
        place,
        received: now(),
        scroll: 0,
        sheet: None,
    }
}

fn sealed() -> Place {
    Place::Vault(PathBuf::from(
        "/home/alice/.local/share/npm-warden/recovery/alice-registry.example.com-2026-11-22.age",
    ))
}

fn saved() -> Place {
    Place::File(PathBuf::from(
        "/home/alice/safe/npm-recovery-alice-registry.example.com.txt",
    ))
}

fn ended(end: Result<Enabled, Failure>) -> Model {
    let level = match &end {
        Ok(Enabled::On { level, .. } | Enabled::OnWithoutCodes { level, .. }) => Some(*level),
        _ => None,
    };
    let mut model = wizard(WizardStep::Done, |wizard| wizard.end = Some(end));
    if let Some(level) = level {
        model.account = on(Screen::Security, Tfa::On(level)).account;
    }
    model
}

fn proving(attempt: u32) -> Model {
    wizard(WizardStep::Proof, |wizard| {
        wizard.job = Some(ID);
        wizard.proof = Some(Proof {
            code: 3,
            from: 5,
            to: 10,
            attempt,
        });
        wizard.proof_typed = typed("abc");
        wizard.saved = (attempt == 1).then(saved);
    })
}

pub(super) fn states() -> Vec<State> {
    let mut states = forms();
    states.extend(scans());
    states.extend(ends());
    states
}

fn forms() -> Vec<State> {
    let unwritable = Failure::new(
        FailureKind::Local,
        "The folder /home/alice/safe does not exist.",
        "Choose another place, or make the folder first.",
    );
    vec![
        state("wizard need", wizard(WizardStep::Need, |_| {})),
        state(
            "wizard need, half done before",
            wizard(WizardStep::Need, |wizard| wizard.pending = true),
        ),
        state("wizard level", wizard(WizardStep::Level, |_| {})),
        state(
            "wizard level auth-only",
            wizard(WizardStep::Level, |wizard| wizard.level = Level::AuthOnly),
        ),
        state("wizard password", wizard(WizardStep::Password, |_| {})),
        state(
            "wizard password wrong",
            wizard(WizardStep::Password, |wizard| {
                wizard.error = Some(wrong_password());
            }),
        ),
        state("wizard place", wizard(WizardStep::Place, |_| {})),
        state(
            "wizard place, passphrase once more",
            wizard(WizardStep::Place, |wizard| {
                wizard.place.passphrase = masked(CANARY);
                wizard.place.again = masked(CANARY);
                wizard.place.at_again = true;
            }),
        ),
        state(
            "wizard place, passphrases differ",
            wizard(WizardStep::Place, |wizard| {
                wizard.place.passphrase = masked(CANARY);
                wizard.place.at_again = true;
                wizard.place.error = Some(Failure::new(
                    FailureKind::Local,
                    "The two passphrases are not the same.",
                    "Type it the second time; Up leads back to the first.",
                ));
            }),
        ),
        state(
            "wizard place, key being made",
            wizard(WizardStep::Place, |wizard| wizard.place.proving = Some(ID)),
        ),
        state(
            "wizard place, passphrase anew",
            wizard(WizardStep::Place, |wizard| wizard.place.spent = true),
        ),
        state(
            "wizard place sealed, with a warning",
            wizard(WizardStep::Place, |wizard| {
                wizard.place.proved = Some((
                    sealed(),
                    vec![Text::new("Others on this machine can read the folder.")],
                ));
            }),
        ),
        state(
            "wizard place of a new level",
            wizard(WizardStep::Place, |wizard| {
                wizard.relevel = true;
                wizard.job = Some(ID);
                wizard.place_asked = true;
            }),
        ),
        state(
            "wizard place file",
            wizard(WizardStep::Place, |wizard| {
                wizard.place.choice = PlaceChoice::File;
            }),
        ),
        state(
            "wizard place proving",
            wizard(WizardStep::Place, |wizard| {
                wizard.place.choice = PlaceChoice::File;
                wizard.place.proving = Some(ID);
            }),
        ),
        state(
            "wizard place proved",
            wizard(WizardStep::Place, |wizard| {
                wizard.place.choice = PlaceChoice::File;
                wizard.place.proved = Some((
                    Place::File(
                        "/home/alice/safe/npm-recovery-alice-registry.example.com.txt".into(),
                    ),
                    vec![
                        Text::new(
                            "A plain file with recovery codes is what code-stealing malware looks for: move the codes into a password manager or onto paper when you can.",
                        ),
                        Text::new("Others on this machine can read the folder."),
                    ],
                ));
            }),
        ),
        state(
            "wizard place unwritable",
            wizard(WizardStep::Place, |wizard| {
                wizard.place.choice = PlaceChoice::File;
                wizard.place.error = Some(unwritable);
            }),
        ),
        state(
            "wizard place myself",
            wizard(WizardStep::Place, |wizard| {
                wizard.place.choice = PlaceChoice::Copy;
                wizard.place.word = typed("cop");
            }),
        ),
    ]
}

fn scans() -> Vec<State> {
    vec![
        state(
            "scan working",
            wizard(WizardStep::Scan, |wizard| {
                wizard.job = Some(ID);
                wizard.doing = Some("Asking the registry for a key");
            }),
        ),
        state("scan 75", scanning(URLS[0], |_| {})),
        state(
            "scan 121",
            scanning(URLS[2], |wizard| wizard.code = typed("1234")),
        ),
        state("scan 146", scanning(URLS[4], |_| {})),
        state(
            "scan key hidden",
            scanning(URLS[1], |wizard| wizard.key_shown = false),
        ),
        state(
            "scan wide",
            scanning(URLS[0], |wizard| wizard.qr = QrStyle::Wide),
        ),
        state(
            "scan sextants",
            scanning(URLS[4], |wizard| wizard.qr = QrStyle::Sextants),
        ),
        state(
            "scan other time",
            refused(CodeRefused::Here(Diagnosis::OtherTime(-60))),
        ),
        state(
            "scan early",
            refused(CodeRefused::Here(Diagnosis::OtherTime(90))),
        ),
        state("scan of a new level", {
            let mut model = refused(CodeRefused::Here(Diagnosis::OtherKey));
            if let Some(wizard) = &mut model.wizard {
                wizard.relevel = true;
            }
            model
        }),
        state(
            "scan other key",
            refused(CodeRefused::Here(Diagnosis::OtherKey)),
        ),
        state(
            "scan not a code",
            refused(CodeRefused::Here(Diagnosis::NotACode(6))),
        ),
        state(
            "scan refused",
            refused(CodeRefused::There(Text::new("invalid otp"))),
        ),
        state(
            "scan insisted on another key",
            insisted(
                Diagnosis::OtherKey,
                CodeRefused::There(Text::new("invalid otp")),
            ),
        ),
        state(
            "scan insisted on another time",
            insisted(Diagnosis::OtherTime(-60), CodeRefused::Again),
        ),
        state("scan refused again, waiting", {
            let mut model = refused(CodeRefused::Again);
            if let Some(wizard) = &mut model.wizard {
                wizard.wait_until = Some(after(8));
                if let Some(confirm) = &mut wizard.confirm {
                    confirm.clock_ahead = Some(-95);
                }
            }
            model
        }),
        state(
            "scan unanswered",
            refused(CodeRefused::Unanswered(Text::new(
                "the connection was closed.",
            ))),
        ),
        state(
            "scan checking",
            scanning(URLS[1], |wizard| {
                wizard.code = typed("123456");
                wizard.confirm = None;
                wizard.doing = Some("Checking the code");
            }),
        ),
        state(
            "scan leaving",
            scanning(URLS[1], |wizard| {
                wizard.leaving = true;
                wizard.leave = LeaveChoice::Clear;
            }),
        ),
    ]
}

fn shown(long: bool, place: Place, change: impl FnOnce(&mut Wizard)) -> Model {
    wizard(WizardStep::Codes, |wizard| {
        wizard.job = Some(ID);
        wizard.codes = Some(codes(long, place));
        wizard.codes_asked = true;
        change(wizard);
    })
}

/// The codes are on the screen and saved.
pub(super) fn with_codes() -> Model {
    shown(true, saved(), |_| {})
}

/// Two of three codes have what cannot be seen.
fn odd(sheet: Option<usize>) -> Model {
    shown(false, Place::Myself, |wizard| {
        if let Some(shown) = &mut wizard.codes {
            shown.codes = Arc::new(super::odd_codes());
            shown.sheet = sheet;
        }
    })
}

/// The codes on a page to print.
fn sheet(long: bool) -> Model {
    shown(long, sealed(), |wizard| {
        if let Some(codes) = &mut wizard.codes {
            codes.sheet = Some(0);
        }
    })
}

fn ends() -> Vec<State> {
    vec![
        state("codes", shown(true, saved(), |_| {})),
        state("codes sealed", shown(true, sealed(), |_| {})),
        state("codes sealed, short", shown(false, sealed(), |_| {})),
        state(
            "codes to print",
            shown(true, Place::Myself, |wizard| {
                wizard.place.choice = PlaceChoice::Print;
            }),
        ),
        state("codes sheet", sheet(true)),
        state("codes odd", odd(None)),
        state("codes odd sheet", odd(Some(0))),
        state("codes sheet, short", sheet(false)),
        state("codes short", shown(false, saved(), |_| {})),
        state("codes myself", shown(true, Place::Myself, |_| {})),
        state(
            "codes other place",
            shown(false, Place::Myself, |wizard| {
                wizard.codes_asked = false;
                wizard.place.choice = PlaceChoice::File;
                wizard.other_place = Some(Failure::new(
                    FailureKind::Local,
                    "The codes could not be written: the disk is full.",
                    "Choose another place.",
                ));
            }),
        ),
        state(
            "codes orphaned",
            shown(true, saved(), |wizard| {
                wizard.codes_asked = false;
                wizard.job = None;
                wizard.end = Some(Err(no_network()));
            }),
        ),
        state(
            "codes orphaned, letting go",
            shown(true, saved(), |wizard| {
                wizard.step = WizardStep::Proof;
                wizard.codes_asked = false;
                wizard.job = None;
                wizard.end = Some(Err(no_network()));
            }),
        ),
        state("proof", proving(1)),
        state("proof again", proving(2)),
        state("proof sealed", {
            let mut model = proving(1);
            if let Some(wizard) = &mut model.wizard {
                wizard.saved = Some(sealed());
            }
            model
        }),
        state(
            "done",
            ended(Ok(Enabled::On {
                level: Level::AuthAndWrites,
                checked: true,
                unreadable: 0,
                place: saved(),
                proved: true,
            })),
        ),
        state("done sealed, of a new level", {
            let mut model = ended(Ok(Enabled::On {
                level: Level::AuthAndWrites,
                checked: true,
                unreadable: 0,
                place: sealed(),
                proved: true,
            }));
            if let Some(wizard) = &mut model.wizard {
                wizard.relevel = true;
            }
            model
        }),
        state(
            "done, not proved",
            ended(Ok(Enabled::On {
                level: Level::AuthOnly,
                checked: true,
                unreadable: 0,
                place: Place::Myself,
                proved: false,
            })),
        ),
        state(
            "done without codes",
            ended(Ok(Enabled::OnWithoutCodes {
                level: Level::AuthAndWrites,
                why: no_network(),
            })),
        ),
        state(
            "left and cleared",
            ended(Ok(Enabled::Left { cleared: true })),
        ),
        state(
            "left half done",
            ended(Ok(Enabled::Left { cleared: false })),
        ),
        state(
            "not taken",
            ended(Ok(Enabled::NotTaken(Refusal::Closed(Text::new(
                "TOTP is no longer supported",
            ))))),
        ),
        state("set-up failed", ended(Err(no_network()))),
    ]
}

/// The key is the one that the tests look for.
#[test]
fn the_addresses_are_as_long_as_they_say() {
    assert_eq!(URLS.map(str::len), [75, 109, 121, 137, 146]);
    assert!(URLS.iter().all(|url| url.contains(KEY)));
}
