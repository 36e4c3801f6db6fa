//! The guides, each by script: the way through, every branch, answers that never came, another account in between.

use npm_warden::app::guide::{Gate, choices, gate, route, status};
use npm_warden::app::keymap::{Scope, footer};
use npm_warden::app::model::{
    Choice, Errand, GuideStep as Step, Kind, Screen, Status, Tone, Verdict,
};
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::{CodeCheck, Enabled, Outcome, Question};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::recovery::RecoverySet;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Refusal, Tfa};

use crate::sim::{
    CODE, OTP, PASSWORD, Sim, account, challenge, file, on_default_registry, profile, standing,
    tokens, web_challenge,
};

const ON: Tfa = Tfa::On(Level::AuthAndWrites);

fn on() -> Sim {
    let mut sim = Sim::with(ON, tokens(6));
    sim.press("2");
    sim
}

/// Signed in to npm's default registry, where new set-ups are announced to be closed.
fn at_npm(tfa: Tfa) -> Sim {
    let mut sim = Sim::start(false);
    sim.arrives(on_default_registry(account(tfa)))
        .lists(tokens(6));
    sim.ends(Purpose::Sets, Ok(sets(&[], "")));
    sim.press("2");
    sim.effects.clear();
    sim
}

/// Sets of alice's codes, received at these times.
fn sets(at: &[&str], registry: &str) -> Outcome {
    let set = |at: &&str| RecoverySet {
        account: Text::new("alice"),
        registry: Text::new(if registry.is_empty() {
            "registry.example.com"
        } else {
            registry
        }),
        received: at.parse().unwrap(),
        place: file(),
        count: 5,
        proved: true,
        added: false,
        unplaced: 0,
        used: Vec::new(),
    };
    Outcome::Sets {
        sets: at.iter().map(|at| (set(at), true)).collect(),
        read_only: false,
    }
}

impl Sim {
    /// The guide is at this step, and on the screen.
    fn guided(&mut self, step: Step) -> &mut Self {
        let guide = self.model.guide.as_ref().expect("a guide is open");
        assert_eq!(guide.at, step, "{:?}", self.model.notice);
        assert!(guide.shown, "the guide stands aside");
        self.at_scope(Scope::Guide)
    }

    fn aside(&mut self, errand: Errand) -> &mut Self {
        let guide = self.model.guide.as_ref().expect("a guide is open");
        assert!(!guide.shown);
        assert_eq!(guide.errand, Some(errand));
        self
    }

    /// Takes this answer of the page.
    fn answered(&mut self, choice: Choice) -> &mut Self {
        let offered = choices(&self.model);
        let place = offered
            .iter()
            .position(|c| *c == choice)
            .unwrap_or_else(|| panic!("{choice:?} is not among {offered:?}"));
        for _ in 0..10 {
            self.press("up");
        }
        for _ in 0..place {
            self.press("down");
        }
        self.press("enter")
    }

    fn met(&mut self) -> &mut Self {
        let status = status(&self.model);
        assert!(matches!(status, Some(Status::Met(_))), "{status:?}");
        self
    }

    fn todo(&mut self) -> &mut Self {
        assert_eq!(status(&self.model), Some(Status::Todo));
        self
    }

    /// The form that turns 2FA off is filled in and sent.
    fn turns_off(&mut self) -> &mut Self {
        self.press("enter").aside(Errand::Change);
        self.at_scope(Scope::ChangeWarning)
            .press("y")
            .types(PASSWORD)
            .press("enter")
    }

    fn is_off(&mut self) -> &mut Self {
        let off = Outcome::Disabled(Box::new(profile(Tfa::Off)));
        self.ends(Purpose::Disable, Ok(off))
    }

    /// The wizard is walked to the end of its job.
    fn sets_up(&mut self, end: Enabled) -> &mut Self {
        self.press("enter").aside(Errand::Wizard);
        self.press("enter enter").types(PASSWORD).press("enter");
        self.types_myself();
        self.ends(Purpose::Enable, Ok(Outcome::Enabled(end)))
    }

    /// Behind both fields of the passphrase comes what is taken by hand.
    fn types_myself(&mut self) -> &mut Self {
        self.press("tab tab").types("myself").press("enter")
    }
}

fn enabled() -> Enabled {
    Enabled::On {
        level: Level::AuthAndWrites,
        checked: true,
        unreadable: 0,
        place: file(),
        proved: true,
    }
}

// A lost device.

#[test]
fn m15_a_recovery_code_turns_it_off_and_the_new_device_turns_it_on() {
    let mut sim = on();
    sim.press("l").guided(Step::Another);
    sim.answered(Choice::Nothing).guided(Step::Code);
    sim.answered(Choice::HaveCode).guided(Step::TurnOff).todo();
    assert_eq!(
        route(&sim.model),
        [
            Step::Another,
            Step::Code,
            Step::TurnOff,
            Step::TurnOn,
            Step::Saved,
            Step::Tokens,
            Step::End
        ]
    );
    sim.turns_off().aside(Errand::Change);
    sim.challenged(Purpose::Disable).types(CODE).press("enter");
    // A recovery code is never sent before its own page has asked.
    sim.at_scope(Scope::Spending).wishes();
    sim.waits(400).press("y");
    assert_eq!(sim.answers().len(), 1);
    sim.is_off().guided(Step::TurnOff).met();
    sim.press("enter").guided(Step::TurnOn).todo();
    sim.sets_up(enabled());
    sim.aside(Errand::Wizard);
    sim.arrives(account(ON)).press("enter");
    sim.guided(Step::TurnOn).met();
    sim.ends(Purpose::Sets, Ok(sets(&["2026-11-22T12:30:00Z"], "")));
    sim.press("enter").guided(Step::Saved).met();
    sim.press("enter").guided(Step::Tokens);
    sim.answered(Choice::SeeTokens).at_scope(Scope::Tokens);
    let keys: Vec<String> = footer(&sim.model).into_iter().map(|(key, _)| key).collect();
    assert!(keys.contains(&"b".to_owned()), "{keys:?}");
    sim.press("b").guided(Step::End);
    sim.press("enter").at_scope(Scope::Tokens);
    assert!(sim.model.guide.is_none());
}

#[test]
fn m15_something_else_that_gives_codes_is_tried_before_anything_is_turned_off() {
    let mut sim = on();
    sim.press("l").answered(Choice::OldDevice);
    sim.guided(Step::TryCode);
    sim.effects.clear();
    sim.press("enter").wants(&["start CheckCode"]);
    sim.challenged(Purpose::CheckCode).types("640917⏎");
    sim.ends(
        Purpose::CheckCode,
        Ok(Outcome::CodeChecked(CodeCheck::Taken)),
    );
    sim.guided(Step::TryCode).press("enter").guided(Step::End);
    sim.answered(Choice::GoOn).guided(Step::Transfer);
    assert_eq!(sim.model.guide.as_ref().unwrap().kind, Kind::NewPhone);
}

#[test]
fn m15_a_security_key_needs_no_recovery_code() {
    let mut sim = at_npm(ON);
    sim.press("l").answered(Choice::SecurityKey);
    sim.guided(Step::Key).press("enter").guided(Step::End);
    sim.press("esc");
    assert!(sim.model.guide.is_none());
}

#[test]
fn m15_without_a_recovery_code_it_ends_with_who_can_help() {
    let mut sim = at_npm(ON);
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::NoCode).guided(Step::Support);
    sim.effects.clear();
    sim.press("o c");
    let wishes = sim.wishes();
    assert!(
        wishes[0].starts_with("open https://docs."),
        "npm's own page: {wishes:?}"
    );
    assert_eq!(wishes[1], "copy address");
    // Elsewhere there is no page to open.
    let mut sim = on();
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::NoCode).guided(Step::Support);
    sim.press("o").says("no page to open");
    sim.press("enter").at_scope(Scope::Security);
    assert!(sim.model.guide.is_none());
}

#[test]
fn m15_where_set_ups_are_announced_to_be_closed_the_website_comes_first() {
    let mut sim = at_npm(ON);
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::HaveCode).guided(Step::Way);
    // What is recommended has the focus.
    assert_eq!(choices(&sim.model)[0], Choice::OnWebsite);
    assert!(!route(&sim.model).contains(&Step::TurnOff));
    sim.press("enter").guided(Step::Website);
    sim.press("enter").guided(Step::Keep);
    sim.answered(Choice::LeaveIt).guided(Step::Tokens);
    sim.answered(Choice::LeaveIt).guided(Step::End);
}

#[test]
fn m15_a_refusal_in_the_middle_leads_to_the_website_and_strands_nobody() {
    let mut sim = at_npm(ON);
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::HaveCode).answered(Choice::FromHere);
    sim.guided(Step::TurnOff).turns_off();
    sim.is_off().guided(Step::TurnOff).press("enter");
    sim.guided(Step::TurnOn);
    let closed = Refusal::Closed(Text::new("TOTP is gone"));
    sim.sets_up(Enabled::NotTaken(closed));
    sim.arrives(on_default_registry(account(Tfa::Off)));
    sim.press("enter").guided(Step::Website).todo();
    // A key that was added there is seen by the registry's own answer.
    sim.press("r")
        .arrives(on_default_registry(account(ON)))
        .guided(Step::Website)
        .met();
    sim.press("enter").guided(Step::Tokens);
}

#[test]
fn m15_the_same_on_a_registry_that_nobody_knew_to_be_closed() {
    let mut sim = on();
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::HaveCode).turns_off();
    sim.is_off().press("enter").guided(Step::TurnOn);
    sim.sets_up(Enabled::NotTaken(Refusal::NotOffered(Text::new("no"))));
    sim.arrives(account(Tfa::Off)).press("enter");
    sim.guided(Step::Website).todo();
    assert!(sim.model.site.is_none(), "its website is not known");
    sim.press("enter").guided(Step::Tokens);
    sim.answered(Choice::LeaveIt).guided(Step::End);
}

#[test]
fn m15_an_answer_that_never_came_is_judged_by_the_profile() {
    let mut sim = on();
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::HaveCode).turns_off();
    sim.effects.clear();
    sim.fails(
        Purpose::Disable,
        FailureKind::Network,
        "The connection broke. Whether it is off is not known.",
    )
    .wants(&["start Account quietly"]);
    sim.aside(Errand::Change);
    // It was done: the form is pointless, and the guide goes on by what the registry says.
    sim.arrives(account(Tfa::Off)).guided(Step::TurnOff).met();

    let mut sim = on();
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::HaveCode).turns_off();
    sim.fails(Purpose::Disable, FailureKind::Network, "It broke.");
    // It was not: the form is still there, and left without a change it leads back to the step.
    sim.arrives(account(ON)).aside(Errand::Change);
    sim.press("esc").guided(Step::TurnOff).todo();
}

#[test]
fn m15_a_form_left_while_it_is_under_way_is_waited_for() {
    let mut sim = on();
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::HaveCode).turns_off();
    sim.press("esc esc").guided(Step::TurnOff);
    assert_eq!(status(&sim.model), Some(Status::Doing));
    sim.press("enter").says("One moment");
    sim.is_off().guided(Step::TurnOff).met();
}

#[test]
fn m15_signed_out_the_step_says_so_and_the_sign_in_leads_back_to_it() {
    let mut sim = Sim::start(false);
    sim.arrives(standing(Standing::SignedOut));
    sim.ends(Purpose::Sets, Ok(sets(&[], "")));
    sim.press("2").at_scope(Scope::Absent);
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::HaveCode).guided(Step::TurnOff);
    assert!(matches!(gate(&sim.model), Some(Gate::SignedOut)));
    sim.press("enter").aside(Errand::SignIn);
    sim.press("esc").guided(Step::TurnOff);
    sim.press("enter");
    sim.press("enter");
    let Outcome::Account {
        identity,
        standing,
        clock_ahead,
    } = account(ON)
    else {
        unreachable!();
    };
    sim.ends(
        Purpose::SignIn,
        Ok(Outcome::SignedIn {
            identity: Box::new(identity),
            standing,
            clock_ahead,
            kept: npm_warden::domain::signin::Kept::Session,
        }),
    );
    sim.guided(Step::TurnOff).todo();
    assert!(gate(&sim.model).is_none());
}

#[test]
fn m15_no_answer_and_no_account_yet_are_said_in_place_of_the_step() {
    let mut sim = Sim::start(false);
    sim.press("2 l").answered(Choice::OldDevice);
    sim.guided(Step::TryCode);
    assert!(matches!(gate(&sim.model), Some(Gate::Asking)));
    sim.press("enter").says("One moment");
    sim.fails(Purpose::Account, FailureKind::Network, "No way through.");
    assert!(matches!(gate(&sim.model), Some(Gate::NoAnswer(_))));
    sim.effects.clear();
    sim.press("enter").wants(&["start Account"]);
    sim.arrives(account(ON)).guided(Step::TryCode);
    assert!(gate(&sim.model).is_none());
}

// Lost codes.

#[test]
fn m16_off_and_on_again_brings_new_codes() {
    let mut sim = on();
    sim.press("L").guided(Step::Hand);
    sim.answered(Choice::AtHand).guided(Step::Again);
    sim.press("enter").guided(Step::TurnOff);
    sim.turns_off().is_off().press("enter").guided(Step::TurnOn);
    sim.sets_up(enabled());
    sim.arrives(account(ON)).press("enter");
    sim.guided(Step::TurnOn).press("enter").guided(Step::Saved);
    // The list is still being read: nothing is said of it before.
    assert_eq!(status(&sim.model), Some(Status::Unchecked));
    sim.ends(Purpose::Sets, Ok(sets(&["2026-11-22T12:30:00Z"], "")));
    sim.met().press("enter").guided(Step::End);
}

#[test]
fn m16_codes_that_never_came_lead_to_fresh_ones_while_the_authenticator_works() {
    let mut sim = on();
    sim.press("L").answered(Choice::AtHand).press("enter");
    sim.turns_off().is_off().press("enter");
    let lost = Enabled::OnWithoutCodes {
        level: Level::AuthAndWrites,
        why: crate::sim::failure(FailureKind::Network, "No answer."),
    };
    sim.sets_up(lost);
    sim.arrives(account(ON));
    sim.ends(Purpose::Sets, Ok(sets(&[], "")));
    while sim.model.wizard.is_some() {
        sim.press("esc");
    }
    if sim.model.guide.as_ref().unwrap().at == Step::TurnOn {
        sim.press("enter").guided(Step::Saved).todo();
        sim.answered(Choice::Fresh);
    }
    sim.guided(Step::Again);
    let guide = sim.model.guide.as_ref().unwrap();
    assert!(guide.none_came && guide.kind == Kind::LostCodes);
}

#[test]
fn m16_p12_at_npm_the_website_alone_makes_new_codes_and_nothing_is_turned_off() {
    let mut sim = at_npm(ON);
    sim.press("L").answered(Choice::AtHand);
    sim.guided(Step::Regenerate);
    assert!(!route(&sim.model).contains(&Step::TurnOff));
    sim.effects.clear();
    sim.press("o");
    assert!(sim.wishes()[0].starts_with("open https://www."));
    sim.press("enter").guided(Step::Keep).todo();
    sim.answered(Choice::SeeSets).at_scope(Scope::AddCodes);
    sim.press("esc").at_scope(Scope::Recovery);
    sim.press("b").guided(Step::Keep);
    // Added there: the guide comes back by itself.
    sim.answered(Choice::SeeSets).press("esc r");
    let host = sim.model.account.value().unwrap().identity.registry.clone();
    sim.ends(
        Purpose::Sets,
        Ok(sets(&["2026-11-22T12:30:00Z"], host.as_str())),
    );
    sim.guided(Step::Keep).met();
    // What was kept just now is not looked for as what may not be lost.
    assert!(!route(&sim.model).contains(&Step::Sets));
    sim.press("enter").guided(Step::End);
}

#[test]
fn m16_where_a_refusal_is_known_nothing_is_ever_turned_off() {
    let mut sim = on();
    sim.model.refusal = Some(Refusal::Closed(Text::new("closed")));
    sim.press("L").answered(Choice::AtHand);
    sim.guided(Step::Ask);
    assert!(!route(&sim.model).contains(&Step::TurnOff));
    sim.press("enter").guided(Step::End);
}

#[test]
fn m16_sets_that_this_machine_knows_of_are_looked_at_first() {
    let mut sim = Sim::start(false);
    sim.arrives(account(ON)).lists(tokens(2));
    sim.ends(
        Purpose::Sets,
        Ok(sets(&["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"], "")),
    );
    sim.press("4 L").answered(Choice::NotAtHand);
    sim.guided(Step::Sets);
    sim.answered(Choice::SeeSets).at_scope(Scope::Recovery);
    let chosen = sim.model.recovery.chosen.as_ref().unwrap();
    let newest = "2026-02-01T00:00:00Z".parse().unwrap();
    assert_eq!(chosen.received, newest, "the newest one");
    sim.press("b").guided(Step::Sets);
    sim.answered(Choice::HaveCode).guided(Step::Code);
    assert_eq!(sim.model.guide.as_ref().unwrap().kind, Kind::LostDevice);
    // And without them.
    sim.press("esc 2 L").answered(Choice::NotAtHand);
    sim.answered(Choice::NoCode).guided(Step::Support);
}

// Two entries.

fn at_two() -> Sim {
    let mut sim = on();
    sim.press("t").guided(Step::How);
    sim.press("enter").guided(Step::TryCode);
    sim
}

fn verdict(sim: &Sim) -> Option<Verdict> {
    sim.model.guide.as_ref().unwrap().trial.verdict.clone()
}

#[test]
fn m17_the_entry_whose_code_is_taken_is_the_right_one() {
    let mut sim = at_two();
    sim.answered(Choice::Lower).challenged(Purpose::CheckCode);
    sim.types("640917⏎");
    sim.ends(
        Purpose::CheckCode,
        Ok(Outcome::CodeChecked(CodeCheck::Taken)),
    );
    let at = sim.now.wall;
    let right = Verdict::Right {
        at,
        entry: Some(Choice::Lower),
        first: true,
    };
    assert_eq!(verdict(&sim), Some(right));
    sim.guided(Step::TryCode)
        .press("enter")
        .guided(Step::Delete);
    sim.press("enter").at_scope(Scope::Security);
}

#[test]
fn m17_after_a_refusal_it_is_the_one_that_was_typed_last() {
    let mut sim = at_two();
    sim.answered(Choice::Upper).challenged(Purpose::CheckCode);
    sim.types("640917⏎");
    sim.asks(Purpose::CheckCode, Question::Challenge(challenge(2)));
    sim.types("111111⏎");
    sim.ends(
        Purpose::CheckCode,
        Ok(Outcome::CodeChecked(CodeCheck::Taken)),
    );
    assert!(matches!(
        verdict(&sim),
        Some(Verdict::Right { first: false, .. })
    ));
    assert_eq!(sim.model.guide.as_ref().unwrap().trial.refused(), 1);
}

#[test]
fn m17_refusals_are_counted_and_neither_leads_on() {
    let mut sim = at_two();
    assert!(!choices(&sim.model).contains(&Choice::Neither));
    for (entry, refused) in [(Choice::Upper, 1), (Choice::Lower, 2)] {
        sim.answered(entry).challenged(Purpose::CheckCode);
        sim.types("640917⏎");
        sim.asks(Purpose::CheckCode, Question::Challenge(challenge(2)));
        sim.waits(400).press("esc");
        sim.fails(Purpose::CheckCode, FailureKind::Cancelled, "Cancelled.");
        assert_eq!(verdict(&sim), Some(Verdict::Refused(Some(entry))));
        assert_eq!(sim.model.guide.as_ref().unwrap().trial.refused(), refused);
    }
    sim.answered(Choice::Neither).guided(Step::Another);
    assert_eq!(sim.model.guide.as_ref().unwrap().kind, Kind::LostDevice);
}

#[test]
fn m17_only_a_code_of_the_authenticator_proves_an_entry() {
    // The page on the web answered.
    let mut sim = at_two();
    sim.answered(Choice::Upper);
    sim.asks(
        Purpose::CheckCode,
        Question::Challenge(web_challenge(1, false)),
    );
    let taken = || Ok(Outcome::CodeChecked(CodeCheck::Taken));
    sim.ends(Purpose::CheckCode, taken());
    assert_eq!(verdict(&sim), Some(Verdict::ByPage));
    // A recovery code was used up.
    sim.answered(Choice::Upper).challenged(Purpose::CheckCode);
    sim.types(CODE).press("enter").waits(400).press("y");
    sim.ends(Purpose::CheckCode, taken());
    assert_eq!(verdict(&sim), Some(Verdict::ByRecoveryCode));
    // One that was put back, and the authenticator's code instead.
    sim.answered(Choice::Upper).challenged(Purpose::CheckCode);
    sim.types(CODE).press("enter").waits(400).press("n ctrl-u");
    sim.types(OTP).press("enter");
    sim.ends(Purpose::CheckCode, taken());
    assert!(matches!(verdict(&sim), Some(Verdict::Right { .. })));
}

#[test]
fn m17_a_registry_that_asks_for_nothing_says_nothing() {
    let mut sim = at_two();
    sim.answered(Choice::Upper);
    sim.ends(
        Purpose::CheckCode,
        Ok(Outcome::CodeChecked(CodeCheck::NotAsked)),
    );
    assert_eq!(verdict(&sim), Some(Verdict::NotAsked));
    sim.guided(Step::TryCode).answered(Choice::Upper);
    sim.fails(Purpose::CheckCode, FailureKind::Network, "No answer.");
    assert!(matches!(verdict(&sim), Some(Verdict::Failed(_))));
    // A try that outlives its guide is told in a line.
    sim.answered(Choice::Upper).press("esc");
    sim.press("l");
    sim.ends(
        Purpose::CheckCode,
        Ok(Outcome::CodeChecked(CodeCheck::Taken)),
    );
    sim.says("took the code").tone(Tone::Good);
}

// A new phone.

#[test]
fn a_new_phone_takes_the_entry_over_and_a_code_of_it_is_checked() {
    let mut sim = on();
    sim.press("m").answered(Choice::AtHand);
    sim.guided(Step::Transfer).answered(Choice::Moved);
    sim.guided(Step::TryCode).press("enter");
    sim.challenged(Purpose::CheckCode).types("640917⏎");
    sim.ends(
        Purpose::CheckCode,
        Ok(Outcome::CodeChecked(CodeCheck::Taken)),
    );
    sim.press("enter").guided(Step::End);
}

#[test]
fn a_registry_that_lets_nobody_try_a_code_holds_nobody_up() {
    let mut sim = on();
    sim.press("m").answered(Choice::AtHand);
    sim.answered(Choice::Moved).press("enter");
    assert!(choices(&sim.model).is_empty(), "one try at a time");
    sim.press("enter").says("One moment");
    sim.fails(
        Purpose::CheckCode,
        FailureKind::Refused,
        "It saves no field.",
    );
    sim.effects.clear();
    sim.answered(Choice::TryAgain).wants(&["start CheckCode"]);
    sim.fails(
        Purpose::CheckCode,
        FailureKind::Refused,
        "It saves no field.",
    );
    sim.answered(Choice::LeaveIt).guided(Step::End);
}

#[test]
fn a_new_phone_without_the_old_one_is_a_lost_device() {
    let mut sim = on();
    sim.press("m").answered(Choice::NotAtHand);
    sim.guided(Step::Another);
    assert_eq!(sim.model.guide.as_ref().unwrap().kind, Kind::LostDevice);
}

#[test]
fn a_new_phone_by_a_new_set_up_only_where_that_is_not_closed() {
    let mut sim = on();
    sim.press("m").answered(Choice::AtHand);
    sim.answered(Choice::CannotMove).guided(Step::Again);
    sim.press("enter").turns_off().is_off().press("enter");
    sim.guided(Step::TurnOn);
    let mut sim = at_npm(ON);
    sim.press("m").answered(Choice::AtHand);
    sim.answered(Choice::CannotMove).guided(Step::Website);
    assert!(!route(&sim.model).contains(&Step::TurnOff));
}

// Turning it off.

#[test]
fn m14_removal_ends_with_what_is_left_to_do_by_the_registrys_own_answer() {
    let mut sim = on();
    sim.press("d").at_scope(Scope::ChangeWarning);
    sim.press("y").types(PASSWORD).press("enter");
    sim.is_off().guided(Step::End).says("is off");
    sim.press("enter").at_scope(Scope::Security);
    assert!(sim.model.guide.is_none());
}

#[test]
fn m14_a_removal_that_is_not_done_leaves_no_guide_behind() {
    let mut sim = on();
    sim.press("d n").at_scope(Scope::Security);
    assert!(sim.model.guide.is_none());
    sim.press("d y esc").at_scope(Scope::Security);
    assert!(sim.model.guide.is_none());
    // One that was given up and happened all the same is told at its end.
    sim.press("d y").types(PASSWORD).press("enter esc esc");
    sim.guided(Step::TurnOff);
    assert_eq!(status(&sim.model), Some(Status::Doing));
    sim.is_off().met().press("enter").guided(Step::End);
}

#[test]
fn m14_the_lost_answer_of_a_removal_is_told_by_the_profile() {
    let mut sim = on();
    sim.press("d y").types(PASSWORD).press("enter");
    sim.fails(
        Purpose::Disable,
        FailureKind::Network,
        "The connection broke.",
    )
    .at_scope(Scope::ChangePassword)
    .arrives(account(Tfa::Off))
    .guided(Step::End);
}

// All of them.

#[test]
fn a_guide_that_is_left_keeps_its_place() {
    let mut sim = on();
    sim.press("l").answered(Choice::Nothing);
    sim.press("esc")
        .at_scope(Scope::Security)
        .says("b goes back");
    sim.press("1 b").guided(Step::Code);
    sim.press("esc 2 l").guided(Step::Code);
    sim.press("left").guided(Step::Another);
    sim.press("left").says("first step");
    // Another guide takes its place.
    sim.press("esc L").guided(Step::Hand);
    sim.press("esc l").guided(Step::Another);
}

#[test]
fn there_is_no_way_back_before_what_was_done() {
    let mut sim = on();
    sim.press("l").answered(Choice::Nothing);
    sim.answered(Choice::HaveCode).turns_off().is_off();
    sim.press("enter").guided(Step::TurnOn);
    sim.press("left").says("stays done").guided(Step::TurnOn);
}

#[test]
fn another_account_or_registry_ends_the_guide_with_a_sentence() {
    for (other, said) in [(true, "bob"), (false, "is asked now")] {
        let mut sim = on();
        sim.press("l").answered(Choice::Nothing).press("r");
        let outcome = if other {
            let mut bob = profile(ON);
            bob.name = Text::new("bob");
            standing(Standing::SignedIn(Box::new(bob)))
        } else {
            on_default_registry(standing(Standing::SignedOut))
        };
        sim.arrives(outcome).says(said).tone(Tone::Warning);
        assert!(sim.model.guide.is_none());
    }
    // Signed out and in again as the same person: the guide waits.
    let mut sim = on();
    sim.press("l").answered(Choice::OldDevice).press("r");
    sim.arrives(standing(Standing::SignedOut))
        .guided(Step::TryCode);
    assert!(matches!(gate(&sim.model), Some(Gate::SignedOut)));
    sim.press("r").arrives(account(ON)).guided(Step::TryCode);
    assert!(gate(&sim.model).is_none());
}

#[test]
fn a_guide_without_a_second_factor_says_why_not() {
    for (tfa, said) in [(Tfa::Off, "is off"), (Tfa::Pending(None), "half done")] {
        for key in ["l", "L", "t", "m"] {
            let mut sim = Sim::with(tfa.clone(), tokens(1));
            sim.press("2").press(key).says(said);
            assert!(sim.model.guide.is_none());
        }
    }
    // What the registry says in a way that is not known may well be on.
    let mut sim = Sim::with(Tfa::Unknown(Text::new("passkey")), tokens(1));
    sim.press("2 l").guided(Step::Another);
}

#[test]
fn the_answers_are_marked_one_by_one_and_the_text_scrolls_by_pages() {
    let mut sim = on();
    sim.press("l");
    let guide = |sim: &Sim| {
        let guide = sim.model.guide.as_ref().unwrap();
        (guide.cursor, guide.scroll, guide.follow)
    };
    sim.press("down");
    assert_eq!(guide(&sim), (1, 0, true));
    sim.press("down down down");
    assert_eq!(guide(&sim).0, 2);
    sim.press("pgdn");
    assert!(!guide(&sim).2);
    sim.press("pgup pgup");
    assert_eq!(guide(&sim), (2, 0, false));
}

// The states on the Security screen.

#[test]
fn m08_the_announced_closing_is_on_the_screen_before_any_password_and_can_still_be_tried() {
    let mut sim = at_npm(Tfa::Off);
    assert!(sim.model.site.is_some());
    sim.press("o c i");
    let wishes = sim.wishes();
    assert!(wishes[0].starts_with("open https://www."), "{wishes:?}");
    assert_eq!(wishes[1], "copy address");
    sim.press("e").at_scope(Scope::WizardNeed);
    assert!(sim.model.site.is_none(), "the page went with its screen");
    // Elsewhere nothing is known, so nothing is said.
    let mut sim = Sim::signed_in();
    sim.press("2 o").says("no page to open");
}

#[test]
fn m12_a_set_up_that_was_begun_in_this_run_is_known_as_ones_own() {
    let mut sim = Sim::signed_in();
    sim.press("2 e enter enter").types(PASSWORD).press("enter");
    sim.types_myself();
    assert!(!sim.model.security.begun);
    sim.steps(
        Purpose::Enable,
        npm_warden::backend::protocol::Step::Enrolled(crate::sim::enrolment()),
    );
    assert!(sim.model.security.begun);
    // It was alice's: of bob's nothing is known.
    sim.fails(Purpose::Enable, FailureKind::Network, "It broke.");
    let mut bob = profile(Tfa::Pending(None));
    bob.name = Text::new("bob");
    sim.arrives(standing(Standing::SignedIn(Box::new(bob))));
    assert!(!sim.model.security.begun);
}

#[test]
fn e08_a_profile_that_did_not_come_is_not_an_unknown_second_factor() {
    let mut nothing = profile(Tfa::Unknown(Text::new("not found")));
    nothing.fields.clear();
    let mut sim = Sim::start(false);
    sim.arrives(standing(Standing::SignedIn(Box::new(nothing))));
    sim.press("2 e").says("gave no profile");
    assert_eq!(sim.model.screen, Screen::Security);
}

#[test]
fn where_a_refusal_is_known_a_disabled_guide_names_the_way_that_is_open() {
    for (tfa, at) in [(Tfa::Off, "off"), (Tfa::Pending(None), "d clears it")] {
        let mut sim = Sim::with(tfa, tokens(6));
        sim.model.refusal = Some(Refusal::Closed(Text::new("closed here")));
        sim.press("2");
        for key in ["l", "L", "t", "m"] {
            sim.press(key).says("ask whoever runs it").says(at);
            assert!(!sim.notice().contains("e enables"), "{key}");
        }
    }
}
