//! The wizard: every step, every way out, every end.

use std::path::PathBuf;
use std::time::Duration;

use npm_warden::app::Effect;
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Kind, LeaveChoice, PlaceChoice, QrStyle, Screen, Tone, WizardStep};
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::{CodeRefused, Confirm, Enabled, Outcome, Question, Step};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::otp::Diagnosis;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Refusal, Tfa};

use crate::sim::{
    KEY, OTP, PASSPHRASE, PASSWORD, Sim, account, codes_step, confirm, enrolment, failure, file,
    proof, tokens, vault,
};

/// At the place for the codes, with a file suggested.
fn at_place() -> Sim {
    let mut sim = Sim::signed_in();
    sim.press("2 e").step(WizardStep::Need);
    sim.wants(&["start SuggestPlace quietly"]);
    sim.ends(
        Purpose::SuggestPlace,
        Ok(Outcome::Suggested(PathBuf::from("/home/alice/codes.txt"))),
    );
    sim.press("enter enter").step(WizardStep::Password);
    sim.types(PASSWORD).press("enter").step(WizardStep::Place);
    sim
}

/// At the last of the places, a plain file.
fn at_file() -> Sim {
    let mut sim = at_place();
    sim.press("shift-tab");
    assert_eq!(sim.wizard().place.choice, PlaceChoice::File);
    sim
}

fn proved(sim: &mut Sim, warnings: &[&str]) {
    sim.ends(
        Purpose::ProvePlace,
        Ok(Outcome::PlaceProved {
            place: Place::File(PathBuf::from("/home/alice/codes.txt")),
            warnings: warnings.iter().map(|w| Text::new(w)).collect(),
        }),
    );
}

/// The job is under way.
fn begun() -> Sim {
    let mut sim = at_file();
    sim.press("enter");
    proved(&mut sim, &[]);
    sim.step(WizardStep::Scan).at_scope(Scope::WizardWorking);
    sim.effects.clear();
    sim
}

/// The QR code is on the screen and the code is asked for.
fn scanning() -> Sim {
    let mut sim = begun();
    sim.steps(Purpose::Enable, Step::Enrolled(enrolment()));
    sim.asks(Purpose::Enable, Question::Confirm(confirm(1)))
        .at_scope(Scope::WizardScan);
    sim
}

/// The recovery codes are on the screen and were saved to `place`.
fn with_codes(place: Place) -> Sim {
    let mut sim = scanning();
    sim.types(OTP).press("enter");
    sim.effects.clear();
    sim.steps(Purpose::Enable, codes_step(place));
    sim.asks(Purpose::Enable, Question::CodesShown)
        .at_scope(Scope::WizardCodes);
    sim
}

/// The codes are hidden and the proof is asked for.
fn proving() -> Sim {
    let mut sim = with_codes(file());
    sim.press("enter").wants(&["answer GoOn"]);
    sim.asks(Purpose::Enable, Question::Proof(proof(1)))
        .at_scope(Scope::WizardProof);
    sim
}

fn ends(sim: &mut Sim, end: Enabled) {
    sim.ends(Purpose::Enable, Ok(Outcome::Enabled(end)));
}

fn on(proved: bool) -> Enabled {
    Enabled::On {
        level: Level::AuthAndWrites,
        checked: true,
        unreadable: 0,
        place: file(),
        proved,
    }
}

#[test]
fn the_whole_way_by_keys_alone() {
    let mut sim = at_file();
    assert_eq!(
        sim.wizard().place.path.value().expose(),
        "/home/alice/codes.txt"
    );
    sim.wiped();
    sim.press("enter")
        .wants(&["start ProvePlace /home/alice/codes.txt"]);
    proved(&mut sim, &[]);
    sim.wants(&["start Enable auth-and-writes File(\"/home/alice/codes.txt\") false"]);
    assert!(
        sim.wizard().password.is_empty(),
        "the password went with the request"
    );
    sim.steps(Purpose::Enable, Step::Doing("Asking the registry"));
    assert_eq!(sim.wizard().doing, Some("Asking the registry"));
    sim.steps(Purpose::Enable, Step::Enrolled(enrolment()));
    sim.asks(Purpose::Enable, Question::Confirm(confirm(1)));
    sim.types(OTP).press("enter");
    assert_eq!(sim.answers()[0].1, format!("code {OTP}"));
    sim.at_scope(Scope::WizardWorking);
    sim.steps(Purpose::Enable, codes_step(file())).wiped();
    sim.step(WizardStep::Codes);
    sim.press("enter").says("ne moment").wants(&[]);
    sim.asks(Purpose::Enable, Question::CodesShown);
    sim.press("enter").wants(&["answer GoOn"]);
    sim.asks(Purpose::Enable, Question::Proof(proof(1)))
        .wiped()
        .wants(&["clear clipboard"]);
    assert!(sim.wizard().codes.is_none());
    sim.types("0code0").press("enter");
    assert_eq!(sim.answers()[0].1, "proof 0code0");
    ends(&mut sim, on(true));
    sim.step(WizardStep::Done);
    sim.wants(&["start Account quietly", "start Sets quietly"]);
    assert_eq!(
        sim.model.profile().unwrap().tfa,
        Tfa::On(Level::AuthAndWrites)
    );
    sim.press("enter").at_scope(Scope::Security);
}

#[test]
fn esc_goes_one_step_back_and_nothing_was_sent() {
    let mut sim = at_place();
    sim.effects.clear();
    sim.press("esc").step(WizardStep::Password);
    sim.press("esc").step(WizardStep::Level);
    sim.press("esc").step(WizardStep::Need);
    sim.press("esc")
        .at_scope(Scope::Security)
        .says("Nothing was sent");
    sim.wants(&[]);
}

#[test]
fn the_level_is_auth_and_writes_unless_the_other_is_chosen() {
    let mut sim = Sim::signed_in();
    sim.press("2 e enter");
    assert_eq!(sim.wizard().level, Level::AuthAndWrites);
    sim.press("down");
    assert_eq!(sim.wizard().level, Level::AuthOnly);
    sim.press("k tab tab tab");
    assert_eq!(sim.wizard().level, Level::AuthOnly);
    // No shortcut of the screens works beneath the wizard.
    sim.press("1 3 r").step(WizardStep::Level);
    assert_eq!(sim.model.screen, Screen::Security);
    sim.press("enter enter")
        .says("password first")
        .step(WizardStep::Password);
}

#[test]
fn a_place_is_proved_before_anything_is_sent_and_its_warnings_are_read() {
    let mut sim = at_file();
    sim.effects.clear();
    sim.press("ctrl-u enter").wants(&[]);
    assert!(sim.wizard().place.error.is_some());
    sim.types("/tmp/x⏎").wants(&["start ProvePlace /tmp/x"]);
    sim.press("enter").says("being checked").wants(&[]);
    sim.fails(Purpose::ProvePlace, FailureKind::Local, "No such folder.");
    assert!(sim.wizard().place.error.is_some());
    sim.types("y⏎").wants(&["start ProvePlace /tmp/xy"]);
    proved(&mut sim, &["Others can read this folder."]);
    sim.says("warning").step(WizardStep::Place).wants(&[]);
    sim.press("enter").step(WizardStep::Scan);
}

#[test]
fn a_proof_counts_for_the_path_that_was_proved_and_no_other() {
    let mut sim = at_file();
    sim.press("enter");
    let id = sim.id(Purpose::ProvePlace);
    sim.effects.clear();
    sim.types("2").wants(&["cancel"]);
    sim.event(npm_warden::backend::protocol::Event::Finished {
        id,
        result: Ok(Outcome::PlaceProved {
            place: Place::File(PathBuf::from("/home/alice/codes.txt")),
            warnings: Vec::new(),
        }),
    })
    .step(WizardStep::Place)
    .wants(&[]);
    // One that was proved with a warning is proved again after a change.
    sim.press("backspace enter");
    proved(&mut sim, &["Others can read this folder."]);
    sim.effects.clear();
    sim.types("2⏎")
        .wants(&["start ProvePlace /home/alice/codes.txt2"]);
}

#[test]
fn p07_copying_them_oneself_takes_the_typed_word() {
    let mut sim = at_place();
    sim.effects.clear();
    sim.press("tab tab enter")
        .step(WizardStep::Place)
        .wants(&[]);
    assert!(sim.wizard().place.error.is_some());
    sim.types("mysel⏎").step(WizardStep::Place);
    sim.types("f⏎").step(WizardStep::Scan);
    sim.wants(&["start Enable auth-and-writes Myself false"]);
}

#[test]
fn a_half_done_set_up_is_named_and_cleared_with_consent() {
    let mut sim = Sim::with(Tfa::Pending(Some(Level::AuthOnly)), tokens(1));
    sim.press("2 e");
    assert!(sim.wizard().pending);
    sim.press("enter enter")
        .types(PASSWORD)
        .press("enter tab tab");
    sim.effects.clear();
    sim.types("myself⏎")
        .wants(&["start Enable auth-and-writes Myself true"]);
}

#[test]
fn the_key_can_be_copied_hidden_and_the_qr_code_drawn_otherwise() {
    let mut sim = scanning();
    assert!(sim.wizard().key_shown);
    sim.press("ctrl-y");
    let copied = sim.effects.iter().find_map(|e| match e {
        Effect::Copy {
            text, sensitive, ..
        } => Some((text.expose().clone(), *sensitive)),
        _ => None,
    });
    assert_eq!(copied, Some((KEY.to_owned(), true)));
    sim.effects.clear();
    sim.press("ctrl-r").wiped();
    assert!(!sim.wizard().key_shown);
    sim.press("ctrl-g");
    assert_eq!(sim.wizard().qr, QrStyle::Wide);
    sim.press("ctrl-g ctrl-g ctrl-g");
    assert_eq!(sim.wizard().qr, QrStyle::HalfBlocks);
}

#[test]
fn a_wrong_code_keeps_the_set_up_and_says_why() {
    let mut sim = scanning();
    sim.press("enter").says("Type the code").wants(&[]);
    let (front, back) = OTP.split_at(3);
    sim.pastes(&format!("{front} {back}\n")).wants(&[]);
    sim.press("enter");
    assert_eq!(sim.answers()[0].1, format!("code {OTP}"));
    sim.asks(
        Purpose::Enable,
        Question::Confirm(Confirm {
            attempt: 2,
            refused: Some(CodeRefused::Here(Diagnosis::OtherKey)),
            wait: Some(Duration::from_secs(2)),
            ..confirm(2)
        }),
    )
    .at_scope(Scope::WizardScan);
    assert!(sim.wizard().enrolment.is_some() && sim.wizard().code.is_empty());
    sim.types(OTP)
        .press("enter")
        .says("before the wait is over")
        .wants(&[]);
    sim.waits(2000).press("enter");
    assert_eq!(sim.answers().len(), 1);
}

#[test]
fn leaving_a_begun_set_up_asks_and_offers_to_clear_it() {
    for (keys, answer) in [
        ("down enter", "answer Leave { clear: true }"),
        ("down down enter", "answer Leave { clear: false }"),
        ("tab enter", "answer Leave { clear: true }"),
    ] {
        let mut sim = scanning();
        sim.press("esc").at_scope(Scope::WizardLeaving);
        assert_eq!(sim.wizard().leave, LeaveChoice::Stay);
        sim.press("enter").at_scope(Scope::WizardScan);
        sim.press("esc esc").at_scope(Scope::WizardScan).wants(&[]);
        sim.press("esc").press(keys).wants(&[answer]);
        let cleared = answer.contains("true");
        ends(&mut sim, Enabled::Left { cleared });
        sim.wiped().at_scope(Scope::Security);
        if cleared {
            sim.says("keeps nothing").tone(Tone::Plain);
        } else {
            sim.says("half-done set-up remains").tone(Tone::Warning);
        }
        sim.wants(&["start Account quietly", "start Sets quietly"]);
    }
}

#[test]
fn leaving_while_the_registry_is_at_work_gives_the_job_up() {
    let mut sim = begun();
    sim.press("esc down enter").wants(&["cancel"]);
    sim.at_scope(Scope::WizardWorking);
    // It asks after all: what was chosen is what it is told.
    sim.asks(Purpose::Enable, Question::Confirm(confirm(1)))
        .wants(&["answer Leave { clear: true }"]);
    ends(&mut sim, Enabled::Left { cleared: true });
    sim.at_scope(Scope::Security);

    let mut sim = begun();
    sim.press("esc down enter");
    sim.fails(Purpose::Enable, FailureKind::Cancelled, "Cancelled.")
        .at_scope(Scope::Security);
}

#[test]
fn p07_codes_that_come_after_the_wizard_was_left_open_it_again() {
    let mut sim = scanning();
    sim.types(OTP)
        .press("enter esc down enter esc")
        .at_scope(Scope::Security);
    sim.press("e").says("has not ended yet");
    sim.press("4 ?");
    sim.steps(Purpose::Enable, codes_step(file()))
        .step(WizardStep::Codes)
        .at_scope(Scope::WizardCodes);
    sim.asks(Purpose::Enable, Question::CodesShown);
    sim.press("enter");
    sim.asks(Purpose::Enable, Question::Proof(proof(1)))
        .at_scope(Scope::WizardProof);
    ends(&mut sim, on(true));
    sim.step(WizardStep::Done);
}

#[test]
fn a_job_whose_wizard_was_left_leaves_everything_as_it_is() {
    let mut sim = begun();
    sim.press("esc down enter esc").at_scope(Scope::Security);
    sim.effects.clear();
    sim.steps(Purpose::Enable, Step::Enrolled(enrolment()));
    sim.asks(Purpose::Enable, Question::Confirm(confirm(1)))
        .wants(&["answer Leave { clear: false }"]);
    ends(&mut sim, Enabled::Left { cleared: false });
    sim.says("half-done set-up remains");
}

#[test]
fn p08_the_codes_cannot_be_left_behind_by_accident() {
    let mut sim = with_codes(Place::Myself);
    sim.press("esc")
        .says("press Enter to go on")
        .step(WizardStep::Codes);
    sim.press("1 2 3 4 r tab").step(WizardStep::Codes);
    // q and Ctrl-C ask once, and staying is the default.
    sim.press("q").at_scope(Scope::Leaving);
    sim.press("enter").at_scope(Scope::WizardCodes).wants(&[]);
    sim.press("ctrl-c").at_scope(Scope::Leaving).wants(&[]);
    let Some(npm_warden::app::model::Overlay::Leave { why, .. }) = &sim.model.overlay else {
        panic!("no question");
    };
    assert!(why.as_str().contains("nowhere else"));
    sim.press("esc").at_scope(Scope::WizardCodes);
    sim.press("ctrl-c ctrl-c").wants(&["quit"]);
    assert!(sim.model.quitting);
}

#[test]
fn p08_the_proof_cannot_be_left_behind_either() {
    let mut sim = proving();
    sim.effects.clear();
    sim.press("esc").says("decline").step(WizardStep::Proof);
    // Letters are text here.
    sim.types("q1").at_scope(Scope::WizardProof);
    sim.press("ctrl-c").at_scope(Scope::Leaving).wants(&[]);
    sim.press("n").at_scope(Scope::WizardProof);
    sim.press("ctrl-u enter").says("first").wants(&[]);
}

#[test]
fn p08_a_wrong_proof_is_asked_again_the_codes_can_be_seen_again_and_a_word_declines() {
    let mut sim = proving();
    sim.types("wrong").press("enter");
    sim.effects.clear();
    sim.press("enter").says("ne moment").wants(&[]);
    sim.asks(Purpose::Enable, Question::Proof(proof(2)));
    assert_eq!(sim.wizard().proof.unwrap().attempt, 2);
    assert!(sim.wizard().proof_typed.is_empty());
    sim.press("ctrl-b").wants(&["answer ShowAgain"]);
    sim.steps(Purpose::Enable, codes_step(file()));
    sim.asks(Purpose::Enable, Question::CodesShown)
        .at_scope(Scope::WizardCodes);
    sim.press("enter");
    sim.effects.clear();
    sim.asks(Purpose::Enable, Question::Proof(proof(3)));
    sim.types(" Decline⏎")
        .wants(&["clear clipboard", "answer Declined"]);
    ends(&mut sim, on(false));
    sim.step(WizardStep::Done);
}

#[test]
fn the_codes_can_be_copied_and_leafed_through() {
    let mut sim = with_codes(file());
    sim.effects.clear();
    sim.press("c").wants(&["copy the recovery codes"]);
    sim.press("ctrl-y").wants(&["copy the recovery codes"]);
    sim.press("j j G G g j");
    assert_eq!(sim.wizard().codes.as_ref().unwrap().scroll, 1);
}

#[test]
fn p07_codes_that_could_not_be_saved_stay_while_another_place_is_chosen() {
    let mut sim = scanning();
    sim.types(OTP).press("enter");
    sim.steps(Purpose::Enable, codes_step(Place::Myself));
    let full = failure(FailureKind::Local, "The disk is full.");
    sim.asks(Purpose::Enable, Question::OtherPlace(full))
        .at_scope(Scope::WizardOtherPlace);
    sim.press("esc").says("not saved yet");
    sim.effects.clear();
    sim.types("2⏎")
        .wants(&["start ProvePlace /home/alice/codes.txt2"]);
    sim.ends(
        Purpose::ProvePlace,
        Ok(Outcome::PlaceProved {
            place: Place::File(PathBuf::from("/home/alice/codes.txt2")),
            warnings: Vec::new(),
        }),
    )
    .wants(&["answer Place(File(\"/home/alice/codes.txt2\"))"]);
    assert!(sim.wizard().codes.is_some());
    let full = failure(FailureKind::Local, "The disk is full.");
    sim.asks(Purpose::Enable, Question::OtherPlace(full));
    sim.press("down shift-tab")
        .types("myself⏎")
        .wants(&["answer Place(Myself)"]);
    sim.steps(Purpose::Enable, codes_step(Place::Myself));
    sim.asks(Purpose::Enable, Question::CodesShown)
        .at_scope(Scope::WizardCodes);
}

#[test]
fn p07_codes_outlive_a_job_that_broke_off() {
    let mut sim = with_codes(Place::Myself);
    sim.fails(Purpose::Enable, FailureKind::Local, "It broke.")
        .says("It broke.")
        .at_scope(Scope::WizardCodes);
    assert!(sim.wizard().codes.is_some());
    sim.press("enter").at_scope(Scope::WizardProof);
    sim.types("x⏎").says("decline").at_scope(Scope::WizardProof);
    sim.press("esc").at_scope(Scope::WizardCodes);
    sim.press("enter")
        .types("decline⏎")
        .step(WizardStep::Done)
        .wiped();
    sim.press("enter").at_scope(Scope::Security);
}

#[test]
fn a_wrong_password_leads_back_to_it_with_the_reason() {
    let mut sim = begun();
    sim.fails(Purpose::Enable, FailureKind::Refused, "Wrong password.")
        .says("Wrong password.")
        .step(WizardStep::Password);
    assert!(sim.wizard().error.is_some() && sim.wizard().password.is_empty());
    // The place is still known.
    sim.effects.clear();
    sim.types(PASSWORD).press("enter enter");
    assert!(sim.wizard().error.is_none());
    sim.wants(&["start Enable auth-and-writes File(\"/home/alice/codes.txt\") false"]);
}

#[test]
fn a_cancelled_question_before_the_set_up_leads_back_to_the_password() {
    let mut sim = begun();
    sim.challenged(Purpose::Enable).waits(300).press("esc");
    sim.fails(Purpose::Enable, FailureKind::Cancelled, "Cancelled.")
        .step(WizardStep::Password);
}

#[test]
fn a_registry_that_takes_no_set_up_is_remembered() {
    for (refusal, why) in [
        (Refusal::Closed(Text::new("closed")), "use its website"),
        (Refusal::NotOffered(Text::new("none")), "has no two-factor"),
    ] {
        let mut sim = begun();
        ends(&mut sim, Enabled::NotTaken(refusal.clone()));
        sim.step(WizardStep::Done);
        assert_eq!(sim.model.refusal, Some(refusal));
        sim.press("esc").at_scope(Scope::Security);
        sim.arrives(crate::sim::account(Tfa::Off));
        sim.press("e").says(why);
    }
}

#[test]
fn two_factor_authentication_that_is_on_without_codes_says_so() {
    let mut sim = scanning();
    sim.types(OTP).press("enter");
    ends(
        &mut sim,
        Enabled::OnWithoutCodes {
            level: Level::AuthOnly,
            why: failure(FailureKind::Network, "The connection broke."),
        },
    );
    sim.step(WizardStep::Done).wiped();
    assert!(matches!(
        sim.wizard().end,
        Some(Ok(Enabled::OnWithoutCodes { .. }))
    ));
    assert_eq!(sim.model.profile().unwrap().tfa, Tfa::On(Level::AuthOnly));
}

#[test]
fn a_set_up_that_breaks_off_ends_with_its_reason() {
    let mut sim = scanning();
    sim.fails(
        Purpose::Enable,
        FailureKind::Network,
        "The connection broke.",
    )
    .step(WizardStep::Done);
    assert!(matches!(sim.wizard().end, Some(Err(_))));
    sim.press("enter").at_scope(Scope::Security);
}

#[test]
fn p14_the_set_up_s_secret_is_gone_once_it_is_on() {
    let sim = with_codes(file());
    assert!(sim.wizard().enrolment.is_none());
}

#[test]
fn q_asks_before_a_begun_set_up_is_left_and_ctrl_c_does_not() {
    let mut sim = begun();
    sim.press("q").at_scope(Scope::Leaving);
    sim.press("esc ctrl-c").wants(&["quit"]);
}

#[test]
fn p08_a_place_that_is_proved_too_late_does_not_lead_away_from_the_proof() {
    let mut sim = scanning();
    sim.types(OTP).press("enter");
    sim.steps(Purpose::Enable, codes_step(Place::Myself));
    let full = failure(FailureKind::Local, "The disk is full.");
    sim.asks(Purpose::Enable, Question::OtherPlace(full));
    sim.press("enter");
    sim.asks(Purpose::Enable, Question::Proof(proof(1)));
    proved(&mut sim, &[]);
    sim.step(WizardStep::Proof);
}

#[test]
fn a_half_done_set_up_that_shows_later_is_named_before_it_is_cleared() {
    let mut sim = begun();
    sim.fails(
        Purpose::Enable,
        FailureKind::Refused,
        "The registry has a half-done set-up.",
    )
    .step(WizardStep::Password);
    sim.arrives(crate::sim::account(Tfa::Pending(None)))
        .says("half-done")
        .step(WizardStep::Need);
    sim.press("enter enter").types(PASSWORD).press("enter");
    sim.effects.clear();
    sim.press("enter")
        .wants(&["start Enable auth-and-writes File(\"/home/alice/codes.txt\") true"]);
}

#[test]
fn p04_a_half_done_set_up_that_shows_while_the_place_is_chosen_takes_the_passphrase_along() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off)).press("2 r e enter enter");
    sim.types(PASSWORD).press("enter").types(PASSPHRASE);
    sim.step(WizardStep::Place).effects.clear();
    sim.arrives(account(Tfa::Pending(None)))
        .step(WizardStep::Need)
        .wiped();
    assert!(sim.wizard().place.passphrase.is_empty());
}

#[test]
fn p08_a_job_that_ends_in_the_middle_of_the_proof_ends_on_the_last_page() {
    for end in [Enabled::Left { cleared: true }, on(false)] {
        let mut sim = proving();
        ends(&mut sim, end);
        sim.step(WizardStep::Done);
    }
    let mut sim = proving();
    sim.fails(Purpose::Enable, FailureKind::Cancelled, "The program ends.")
        .step(WizardStep::Done);
}

#[test]
fn what_was_found_about_a_code_is_kept_while_the_person_insists_on_it() {
    let asks = |sim: &mut Sim, attempt: u32, refused: CodeRefused| {
        sim.asks(
            Purpose::Enable,
            Question::Confirm(Confirm {
                refused: Some(refused),
                ..confirm(attempt)
            }),
        );
    };
    let no = || CodeRefused::There(Text::new("no"));
    for (second, kept) in [(OTP, true), ("123123", false)] {
        let mut sim = scanning();
        sim.types(OTP).press("enter");
        asks(&mut sim, 2, CodeRefused::Here(Diagnosis::OtherTime(-60)));
        let judged = sim.wizard().judged.unwrap();
        assert_eq!((judged.at, judged.insisted), (sim.now.wall, false));
        // The moment is the answer's, whatever time it is when it is drawn.
        sim.waits(5000).types(second).press("enter");
        asks(&mut sim, 3, no());
        let insisted = sim.wizard().judged.map(|j| (j.at, j.insisted));
        assert_eq!(insisted, kept.then_some((judged.at, true)));
        sim.types("456456").press("enter");
        asks(&mut sim, 4, no());
        assert_eq!(sim.wizard().judged, None);
        sim.steps(Purpose::Enable, codes_step(file()));
        assert!(sim.wizard().tried.is_none());
    }
}

#[test]
fn the_place_of_the_codes_is_kept_when_they_are_hidden() {
    let sim = proving();
    assert!(sim.wizard().codes.is_none());
    assert_eq!(sim.wizard().saved, Some(file()));
}

#[test]
fn p40_leaving_the_demo_says_that_its_folder_goes() {
    for demo in [true, false] {
        let mut sim = with_codes(file());
        if demo {
            sim.model.demo = Sim::start(true).model.demo;
        }
        sim.press("q").at_scope(Scope::Leaving);
        let Some(npm_warden::app::model::Overlay::Leave { why, .. }) = &sim.model.overlay else {
            panic!("no question");
        };
        assert_eq!(why.as_str().contains("removed when the demo ends"), demo);
        assert!(why.as_str().contains("/home/alice/codes.txt"));
    }
}

/// The encrypted file is proved.
fn sealed(sim: &mut Sim, warnings: &[&str]) {
    sim.ends(
        Purpose::ProvePlace,
        Ok(Outcome::PlaceProved {
            place: vault(),
            warnings: warnings.iter().map(|w| Text::new(w)).collect(),
        }),
    );
}

const WISH: &str = "start ProvePlace vault of alice, passphrase right: true";

#[test]
fn p09_the_encrypted_file_comes_first_and_its_passphrase_is_typed_twice() {
    let mut sim = at_place();
    assert_eq!(sim.wizard().place.choice, PlaceChoice::Vault);
    sim.effects.clear();
    sim.press("enter").wants(&[]);
    assert!(sim.wizard().place.error.is_some());
    // Letters are text, blanks are part of it.
    sim.types(PASSPHRASE).press("enter").wants(&[]);
    assert!(sim.wizard().place.at_again && sim.wizard().place.error.is_none());
    sim.types(PASSPHRASE).press("enter").wants(&[WISH]);
    assert!(sim.wizard().place.passphrase.is_empty() && sim.wizard().place.again.is_empty());
    sim.press("enter").says("being checked").wants(&[]);
    sealed(&mut sim, &[]);
    sim.step(WizardStep::Scan)
        .wants(&["start Enable auth-and-writes Vault(\"/home/alice/vault/codes.age\") false"]);
}

#[test]
fn a_passphrase_that_is_too_short_or_not_the_same_twice_goes_nowhere() {
    let mut sim = at_place();
    sim.effects.clear();
    sim.types("eleven char").press("enter").wants(&[]);
    let error = |sim: &Sim| sim.wizard().place.error.as_ref().unwrap().what.to_string();
    assert!(error(&sim).contains("12 characters"), "{}", error(&sim));
    assert!(!sim.wizard().place.at_again);
    // Blanks do not make it longer.
    sim.press("ctrl-u")
        .types("a b c d e f g h")
        .press("enter")
        .wants(&[]);
    assert!(error(&sim).contains("too short"));
    sim.press("ctrl-u")
        .types(PASSPHRASE)
        .press("tab")
        .press("enter")
        .wants(&[]);
    assert!(error(&sim).contains("once only"), "{}", error(&sim));
    sim.types("canary passphrase of w0rds⏎").wants(&[]);
    assert!(error(&sim).contains("not the same"));
    assert!(sim.wizard().place.at_again && sim.wizard().place.again.is_empty());
    assert!(!sim.wizard().place.passphrase.is_empty());
    sim.types(PASSPHRASE).press("enter").wants(&[WISH]);
}

#[test]
fn p04_a_revealed_passphrase_hides_by_itself_and_with_every_step() {
    let shown = |sim: &Sim| {
        let form = &sim.wizard().place;
        let now = sim.now.mono;
        form.passphrase.shows_text(now) || form.again.shows_text(now)
    };
    let mut sim = at_place();
    sim.types(PASSPHRASE).press("ctrl-r");
    assert!(shown(&sim));
    sim.effects.clear();
    sim.waits(10_000).wiped();
    assert!(!shown(&sim));
    for key in ["enter", "tab", "down", "shift-tab", "esc", "f1"] {
        let mut sim = at_place();
        sim.types(PASSPHRASE).press("ctrl-r");
        sim.effects.clear();
        sim.press(key).wiped();
        assert!(!shown(&sim), "{key}");
    }
    // Leaving the step leaves no passphrase behind.
    sim.press("esc enter").step(WizardStep::Place);
    assert!(sim.wizard().place.passphrase.is_empty());
    // Where nothing is hidden there is nothing to show.
    sim.press("shift-tab ctrl-r").says("Nothing is hidden");
}

#[test]
fn the_places_are_walked_through_field_by_field() {
    let mut sim = at_place();
    let at = |sim: &Sim| (sim.wizard().place.choice, sim.wizard().place.at_again);
    let all = [
        (PlaceChoice::Vault, false),
        (PlaceChoice::Vault, true),
        (PlaceChoice::Copy, false),
        (PlaceChoice::Print, false),
        (PlaceChoice::File, false),
    ];
    for key in ["tab", "down"] {
        for stop in &all[1..] {
            sim.press(key);
            assert_eq!(at(&sim), *stop);
        }
        sim.press("tab");
        assert_eq!(at(&sim), all[0]);
    }
    sim.press("up");
    assert_eq!(at(&sim), all[0]);
    sim.press("shift-tab down");
    assert_eq!(at(&sim), all[4]);
    for stop in all[..4].iter().rev() {
        sim.press("up");
        assert_eq!(at(&sim), *stop);
    }
}

#[test]
fn an_encrypted_file_is_prepared_for_one_attempt() {
    let mut sim = at_place();
    sim.types(PASSPHRASE)
        .press("enter")
        .types(PASSPHRASE)
        .press("enter");
    sealed(&mut sim, &["Others can read this folder."]);
    sim.says("warning").step(WizardStep::Place);
    // Another place and back: it is ready still.
    sim.press("shift-tab tab").step(WizardStep::Place);
    sim.press("enter").step(WizardStep::Scan);
    sim.fails(Purpose::Enable, FailureKind::Refused, "Wrong password.")
        .step(WizardStep::Password);
    sim.effects.clear();
    sim.types(PASSWORD).press("enter").step(WizardStep::Place);
    assert!(sim.wizard().place.spent && sim.wizard().place.proof().is_none());
    sim.types(PASSPHRASE)
        .press("enter")
        .types(PASSPHRASE)
        .press("enter");
    sim.wants(&[WISH]);
    assert!(!sim.wizard().place.spent);
}

#[test]
fn a_proof_of_another_place_is_not_used() {
    let mut sim = at_place();
    sim.types(PASSPHRASE)
        .press("enter")
        .types(PASSPHRASE)
        .press("enter");
    let id = sim.id(Purpose::ProvePlace);
    sim.effects.clear();
    // Leaving the place gives its check up.
    sim.press("shift-tab shift-tab").wants(&["cancel"]);
    sim.event(npm_warden::backend::protocol::Event::Finished {
        id,
        result: Ok(Outcome::PlaceProved {
            place: vault(),
            warnings: Vec::new(),
        }),
    })
    .step(WizardStep::Place)
    .wants(&[]);
    sim.types("x").step(WizardStep::Place);
}

#[test]
fn p07_paper_takes_the_typed_word_and_opens_its_page() {
    let mut sim = at_place();
    sim.press("tab tab tab");
    assert_eq!(sim.wizard().place.choice, PlaceChoice::Print);
    sim.effects.clear();
    sim.press("enter").step(WizardStep::Place).wants(&[]);
    sim.types("Myself⏎")
        .wants(&["start Enable auth-and-writes Myself false"]);
    sim.steps(Purpose::Enable, Step::Enrolled(enrolment()));
    sim.asks(Purpose::Enable, Question::Confirm(confirm(1)));
    sim.types(OTP).press("enter");
    sim.steps(Purpose::Enable, codes_step(Place::Myself))
        .at_scope(Scope::WizardSheet);
    sim.asks(Purpose::Enable, Question::CodesShown)
        .at_scope(Scope::WizardSheet);
    // It is a page of a secret: it is wiped when it is left.
    sim.effects.clear();
    sim.press("j j k g G esc")
        .at_scope(Scope::WizardCodes)
        .wiped();
    sim.press("p").at_scope(Scope::WizardSheet).press("ctrl-p");
    sim.at_scope(Scope::WizardCodes);
    // The proof ends it, too.
    sim.press("p enter enter");
    sim.asks(Purpose::Enable, Question::Proof(proof(1)))
        .wiped()
        .at_scope(Scope::WizardProof);
}

#[test]
fn p05_suspending_hides_the_page_to_print_like_all_secrets() {
    let mut sim = with_codes(vault());
    sim.press("p");
    sim.effects.clear();
    sim.press("ctrl-z").wants(&["suspend"]);
    sim.press("q").at_scope(Scope::Leaving);
    sim.press("esc").at_scope(Scope::WizardSheet);
}

#[test]
fn p07_the_page_to_print_gives_way_when_saving_failed() {
    let mut sim = at_place();
    sim.press("tab tab tab").types("myself⏎");
    sim.steps(Purpose::Enable, Step::Enrolled(enrolment()));
    sim.steps(Purpose::Enable, codes_step(Place::Myself))
        .at_scope(Scope::WizardSheet);
    let full = failure(FailureKind::Local, "The disk is full.");
    sim.asks(Purpose::Enable, Question::OtherPlace(full))
        .at_scope(Scope::WizardOtherPlace);
    sim.press("ctrl-p").at_scope(Scope::WizardSheet);
    sim.press("esc").at_scope(Scope::WizardOtherPlace);
    // All four places are offered again; the encrypted one as well.
    sim.effects.clear();
    sim.press("tab").types(PASSPHRASE).press("enter");
    sim.types(PASSPHRASE).press("enter").wants(&[WISH]);
    sealed(&mut sim, &[]);
    sim.wants(&["answer Place(Vault(\"/home/alice/vault/codes.age\"))"]);
    sim.steps(Purpose::Enable, codes_step(vault()))
        .at_scope(Scope::WizardCodes);
    assert!(sim.wizard().codes.is_some());
}

#[test]
fn the_way_of_drawing_is_remembered_for_the_run() {
    let mut sim = scanning();
    sim.press("ctrl-g ctrl-g");
    assert_eq!(sim.model.qr, QrStyle::Sextants);
    sim.press("esc down enter");
    ends(&mut sim, Enabled::Left { cleared: true });
    sim.press("e");
    assert_eq!(sim.wizard().qr, QrStyle::Sextants);
}

/// The level is to be raised, and the registry begins a new set-up for it.
fn relevelled() -> Sim {
    let mut sim = Sim::with(Tfa::On(Level::AuthOnly), tokens(2));
    sim.press("2 e").types(PASSWORD).press("enter");
    sim.wants(&["start ChangeLevel auth-and-writes"]);
    sim.asks(
        Purpose::ChangeLevel,
        Question::NewSetUp(Level::AuthAndWrites),
    )
    .step(WizardStep::Place)
    .at_scope(Scope::WizardPlace)
    .says("2FA is off until you confirm it")
    .tone(Tone::Warning);
    assert!(sim.model.security.change.is_none() && sim.wizard().relevel);
    sim.wants(&["start SuggestPlace quietly", "start Account quietly"]);
    sim
}

#[test]
fn a_level_that_is_a_new_set_up_is_walked_to_its_end() {
    let mut sim = relevelled();
    // The header tells the truth meanwhile.
    let pending = Tfa::Pending(Some(Level::AuthAndWrites));
    assert_eq!(sim.model.profile().unwrap().tfa, pending);
    sim.arrives(crate::sim::account(pending))
        .step(WizardStep::Place);
    sim.effects.clear();
    sim.types(PASSPHRASE)
        .press("enter")
        .types(PASSPHRASE)
        .press("enter");
    sim.wants(&[WISH]);
    sealed(&mut sim, &[]);
    sim.step(WizardStep::Scan)
        .wants(&["answer Place(Vault(\"/home/alice/vault/codes.age\"))"]);
    sim.steps(Purpose::ChangeLevel, Step::Doing("Asking the registry"));
    assert_eq!(sim.wizard().doing, Some("Asking the registry"));
    sim.steps(Purpose::ChangeLevel, Step::Enrolled(enrolment()));
    sim.asks(Purpose::ChangeLevel, Question::Confirm(confirm(1)))
        .at_scope(Scope::WizardScan);
    sim.types(OTP).press("enter");
    sim.steps(Purpose::ChangeLevel, codes_step(vault()));
    sim.asks(Purpose::ChangeLevel, Question::CodesShown);
    sim.press("enter");
    sim.asks(Purpose::ChangeLevel, Question::Proof(proof(1)));
    sim.types("0code0").press("enter");
    sim.effects.clear();
    sim.ends(Purpose::ChangeLevel, Ok(Outcome::Enabled(on(true))))
        .step(WizardStep::Done)
        .wants(&["start Account quietly", "start Sets quietly"]);
    assert_eq!(
        sim.model.profile().unwrap().tfa,
        Tfa::On(Level::AuthAndWrites)
    );
    sim.press("enter").at_scope(Scope::Security);
}

#[test]
fn leaving_a_set_up_that_a_level_change_began_asks_and_says_that_2fa_is_off() {
    for (keys, answer, said) in [
        ("down enter", "answer Leave { clear: true }", "OFF now"),
        (
            "tab tab enter",
            "answer Leave { clear: false }",
            "half-done",
        ),
    ] {
        let mut sim = relevelled();
        sim.press("esc").at_scope(Scope::WizardLeaving);
        sim.press("enter").at_scope(Scope::WizardPlace);
        sim.types(PASSPHRASE)
            .press("esc")
            .press(keys)
            .wants(&[answer]);
        sim.at_scope(Scope::WizardWorking);
        let cleared = answer.contains("true");
        let end = Outcome::Enabled(Enabled::Left { cleared });
        sim.ends(Purpose::ChangeLevel, Ok(end));
        sim.at_scope(Scope::Security).says(said).tone(Tone::Warning);
    }
}

#[test]
fn a_set_up_that_a_level_change_began_can_end_in_every_way() {
    // A failure is told on the last page, not as a wrong password.
    let mut sim = relevelled();
    sim.fails(Purpose::ChangeLevel, FailureKind::Network, "It broke off.")
        .step(WizardStep::Done);
    sim.press("enter").at_scope(Scope::Security);
    // The level was changed after all.
    let mut sim = relevelled();
    sim.ends(
        Purpose::ChangeLevel,
        Ok(Outcome::LevelChanged(Level::AuthAndWrites)),
    )
    .at_scope(Scope::Security)
    .says("auth-and-writes now");
    // Codes that come after the wizard was left open it again.
    let mut sim = relevelled();
    sim.press("esc down enter esc").at_scope(Scope::Security);
    sim.steps(Purpose::ChangeLevel, codes_step(vault()))
        .at_scope(Scope::WizardCodes);
    // One that was left by a person who had given the change up opens all the same: 2FA is off.
    let mut sim = Sim::with(Tfa::On(Level::AuthOnly), tokens(2));
    sim.press("2 e").types(PASSWORD).press("enter esc esc");
    sim.at_scope(Scope::Security);
    sim.asks(
        Purpose::ChangeLevel,
        Question::NewSetUp(Level::AuthAndWrites),
    )
    .at_scope(Scope::WizardPlace);
}

#[test]
fn a_question_for_a_place_that_belongs_to_no_level_change_leaves_everything_as_it_is() {
    let mut sim = scanning();
    sim.effects.clear();
    sim.asks(Purpose::Enable, Question::NewSetUp(Level::AuthOnly))
        .at_scope(Scope::WizardScan)
        .wants(&[]);
    // While the codes of another set-up are shown, they stay.
    let mut sim = with_codes(vault());
    sim.effects.clear();
    sim.asks(Purpose::Enable, Question::NewSetUp(Level::AuthOnly))
        .at_scope(Scope::WizardCodes)
        .wants(&[]);
}

#[test]
fn without_codes_enter_leads_to_fresh_ones_and_esc_to_security() {
    for key in ["enter", "esc"] {
        let mut sim = scanning();
        sim.types(OTP).press("enter");
        ends(
            &mut sim,
            Enabled::OnWithoutCodes {
                level: Level::AuthOnly,
                why: failure(FailureKind::Network, "The connection broke."),
            },
        );
        sim.at_scope(Scope::WizardNoCodes);
        sim.press(key);
        assert!(sim.model.wizard.is_none());
        assert_eq!(sim.model.screen, Screen::Security);
        let guide = sim.model.guide.as_ref();
        let leads = guide.is_some_and(|guide| guide.kind == Kind::LostCodes && guide.none_came);
        assert_eq!(leads, key == "enter");
    }
}

#[test]
fn what_does_not_fit_is_moved_through() {
    let mut sim = at_place();
    sim.press("pgdn");
    assert!(sim.wizard().nudge > 0);
    // Typing brings back what is typed into.
    sim.types("x");
    assert_eq!(sim.wizard().nudge, 0);
    sim.press("pgup");
    assert!(sim.wizard().nudge < 0);
    sim.press("esc");
    assert_eq!(
        (sim.wizard().step, sim.wizard().nudge),
        (WizardStep::Password, 0)
    );
    let mut sim = Sim::signed_in();
    sim.press("2 e k");
    assert_eq!(sim.wizard().nudge, 0);
    sim.press("j j");
    assert_eq!(sim.wizard().nudge, 2);
    let mut sim = scanning();
    sim.press("down down up");
    assert_eq!(sim.wizard().nudge, 1);
}

#[test]
fn a_second_factor_that_was_turned_on_elsewhere_ends_the_wizard() {
    // It was being read while the wizard was opened.
    let mut sim = Sim::signed_in();
    sim.press("2 r e").step(WizardStep::Need);
    sim.press("enter enter")
        .types(PASSWORD)
        .press("enter")
        .step(WizardStep::Place);
    sim.arrives(crate::sim::account(Tfa::On(Level::AuthOnly)))
        .says("on already: auth-only. It was turned on elsewhere")
        .at_scope(Scope::Security);
    assert!(sim.model.wizard.is_none());
    let mut sim = begun();
    sim.fails(Purpose::Enable, FailureKind::Refused, "On already.");
    sim.arrives(crate::sim::account(Tfa::On(Level::AuthOnly)))
        .says("turned on elsewhere")
        .at_scope(Scope::Security);
    assert!(sim.model.wizard.is_none());
}

#[test]
fn a_place_that_fails_is_told_where_it_can_be_changed() {
    let mut sim = begun();
    sim.fails(Purpose::Enable, FailureKind::Local, "It is full.")
        .step(WizardStep::Place);
    assert!(sim.wizard().place.error.is_some() && sim.wizard().error.is_none());
    // The password went out with the request: it is asked for before anything else is sent.
    sim.effects.clear();
    sim.press("enter");
    proved(&mut sim, &[]);
    sim.step(WizardStep::Password);
    sim.types(PASSWORD).press("enter enter");
    sim.step(WizardStep::Scan);
}
