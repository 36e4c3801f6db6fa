//! The guides, walked to their end by keys alone; what a guide says of the registry is asked of the registry as well.

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::{Fault, Options, Policy, StartTfa};

use crate::house::{DESIGN, House};
use crate::totp::parameter;
use crate::tui::Tui;
use crate::wizard::{asked, from_the_need, present, scanned};

const ON: Tfa = Tfa::On(Level::AuthAndWrites);

const COLOURLESS: &[(&str, &str)] = &[("NO_COLOR", "1")];

/// A person in front of the program, and the registry behind it.
struct Walk {
    house: House,
    tui: Tui,
}

/// What a set-up left behind.
struct SetUp {
    otpauth: String,
    codes: Vec<String>,
}

/// The words of recovery codes on the screen.
fn codes_on(screen: &vt100::Screen) -> Vec<String> {
    let text = screen.contents();
    let code = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = text.split_whitespace().filter(code);
    words.map(str::to_owned).collect()
}

impl Walk {
    fn new(options: Options, size: (u16, u16), env: &[(&str, &str)]) -> Self {
        let house = House::new(options);
        Self::into(house, size, env)
    }

    fn into(house: House, size: (u16, u16), env: &[(&str, &str)]) -> Self {
        let tui = house.enter(size, env);
        tui.shows(match house.registry.running.inspect().tfa {
            Tfa::Off => "2FA off",
            _ => "2FA auth",
        });
        Self { house, tui }
    }

    /// With 2FA on from the start.
    fn on(policy: Policy, env: &[(&str, &str)]) -> Self {
        Self::new(on(policy), DESIGN, env)
    }

    fn tfa(&self) -> Tfa {
        self.house.registry.running.inspect().tfa
    }

    fn recovery(&self, number: usize) -> String {
        self.house.registry.running.recovery_codes()[number]
            .expose()
            .clone()
    }

    /// What the authenticator shows that the account has.
    fn code(&self) -> String {
        let code = self.house.registry.running.code().unwrap().code;
        code.expose().clone()
    }

    fn key(&mut self, key: &str) -> &mut Self {
        self.tui.keys(key);
        self
    }

    /// The box with this title is on the screen.
    fn page(&mut self, title: &str) -> &mut Self {
        self.tui.shows(&format!(" {title} ─"));
        self
    }

    fn says(&mut self, text: &str) -> &mut Self {
        self.tui.says(text);
        self
    }

    /// Opens the guide of this key on the security screen.
    fn opens(&mut self, key: &str, title: &str) -> &mut Self {
        self.key("2").page("Security").key(key).page(title)
    }

    /// Takes the answer that so many others stand before.
    fn takes(&mut self, place: usize, answer: &str) -> &mut Self {
        self.tui.shows("▸ (●) ");
        for _ in 0..place {
            self.tui.keys("\x1b[B");
        }
        self.tui.shows(&format!("▸ (●) {answer}"));
        self.key("\r")
    }

    /// Enter, and the page that follows.
    fn on_to(&mut self, title: &str) -> &mut Self {
        self.key("\r").page(title)
    }

    /// From the form that turns 2FA off to the registry's question for a code.
    fn to_the_question(&mut self) -> &mut Self {
        self.page("Disable two-factor authentication");
        self.tui.shows("▸ No");
        self.key("y").says("Your password:");
        let password = self.house.password();
        self.key(&format!("{password}\r")).page("Second factor")
    }

    /// Answers it by a code of the authenticator.
    fn by_authenticator(&mut self) -> &mut Self {
        let code = self.code();
        self.key(&format!("{code}\r"))
    }

    /// Answers it by a recovery code, which is asked about once more.
    fn by_recovery_code(&mut self, number: usize) -> &mut Self {
        let code = self.recovery(number);
        self.key(&code).key("\r").page("Use up a recovery code?");
        self.tui
            .press_until_gone("y", "This looks like a recovery code");
        self
    }

    /// The step says so, and the registry as well.
    fn is_off(&mut self) -> &mut Self {
        self.page("Turn 2FA off");
        self.says("two-factor authentication is off.").checked();
        assert_eq!(self.tfa(), Tfa::Off);
        self
    }

    fn is_on(&mut self) -> &mut Self {
        self.says("two-factor authentication is on: auth-and-writes.");
        self.checked();
        assert_eq!(self.tfa(), ON);
        self
    }

    fn checked(&mut self) -> &mut Self {
        self.tui.shows("✓ checked ");
        self
    }

    /// From the guide's step through the wizard, and back to the step.
    fn sets_up(&mut self, step: &str) -> SetUp {
        self.key("\r");
        from_the_need(&mut self.tui, &self.house.password());
        let made = self.scans();
        self.page(step).is_on();
        made
    }

    /// From the QR code to the wizard's end.
    fn scans(&mut self) -> SetUp {
        let otpauth = scanned(&self.tui);
        self.tui.keys(&format!("{}\r", present(&otpauth)));
        self.tui.shows("▸Codes");
        let count = |house: &House| house.registry.running.inspect().recovery_codes;
        let codes = self.tui.find("the codes", |screen| {
            let codes = codes_on(screen);
            (!codes.is_empty() && codes.len() == count(&self.house)).then_some(codes)
        });
        self.tui.shows("Enter hides");
        self.tui.keys("\r");
        let (from, to, number) = self.tui.find("the proof", asked);
        let part = &codes[number - 1][from - 1..to];
        self.tui.keys(&format!("{part}\r"));
        self.tui.shows("▸Done");
        self.tui.keys("\r");
        SetUp { otpauth, codes }
    }

    /// The new codes are the registry's, and those of before are not any more.
    fn codes_are_new(&self, made: &SetUp) {
        let running = &self.house.registry.running;
        let key = parameter(&made.otpauth, "secret").unwrap();
        if let Some(before) = running.otpauth() {
            assert_ne!(parameter(before.expose(), "secret"), Some(key));
        }
        for old in running.recovery_codes().iter().rev().take(2) {
            assert!(!made.codes.contains(old.expose()));
            assert!(!self.house.takes(old.expose()), "an old code still serves");
        }
        for code in &made.codes {
            assert!(self.house.takes(code), "a code that was never issued");
        }
    }

    /// The guide is closed, and nothing of it is left.
    fn closes(&mut self) -> &mut Self {
        self.says("Enter closes the guide.").key("\r");
        self.tui.shows("1 Profile");
        self.tui.hides("Enter closes the guide.");
        self
    }

    fn leaves(mut self) {
        self.key("q");
        assert!(self.tui.ended().success());
        self.tui.assert_given_back("");
        let log = std::fs::read_to_string(self.house.log()).unwrap();
        let running = &self.house.registry.running;
        assert!(!log.contains(&self.house.password()), "p01: in the log");
        for code in running.recovery_codes() {
            assert!(!log.contains(code.expose()), "p01: in the log");
        }
    }
}

fn on(policy: Policy) -> Options {
    Options {
        policy,
        tfa: StartTfa::On(Level::AuthAndWrites),
        ..Options::default()
    }
}

#[test]
fn m15_a_lost_device_by_a_recovery_code_off_and_on_again() {
    let mut walk = Walk::on(Policy::Classic, &[]);
    walk.opens("l", "Does anything else give codes?");
    walk.takes(2, "No, nothing")
        .page("Is there a recovery code?")
        .takes(0, "I have one")
        .page("Turn 2FA off")
        .key("\r")
        .to_the_question()
        .by_recovery_code(0)
        .is_off()
        .on_to("Turn it on with the new device");
    let made = walk.sets_up("Turn it on with the new device");
    walk.on_to("The new recovery codes")
        .says("5 codes are kept in")
        .on_to("Look over the tokens")
        .takes(0, "Look now")
        .page("Tokens");
    // Looking is all there is to that step.
    walk.key("b").page("Done").is_on().closes();
    walk.codes_are_new(&made);
    walk.leaves();
}

#[test]
fn m15_without_a_recovery_code_it_is_said_what_still_works_and_who_can_help() {
    for policy in [Policy::Classic, Policy::Npmjs] {
        let mut walk = Walk::on(policy, COLOURLESS);
        walk.opens("l", "Does anything else give codes?")
            .takes(2, "No, nothing")
            .page("Is there a recovery code?")
            .takes(1, "I have none")
            .page("Without a code")
            .says("What still works without a code:")
            .says("this account, read: do not sign out")
            .says("Next: ask whoever runs");
        assert_eq!(walk.tfa(), ON);
        walk.closes();
        walk.leaves();
    }
}

#[test]
fn m16_lost_codes_off_and_on_again_bring_new_ones() {
    let mut walk = Walk::on(Policy::Classic, COLOURLESS);
    // Security and Recovery lead to the same guide.
    walk.opens("L", "Is the authenticator at hand?")
        .key("\x1b")
        .page("Security");
    walk.key("4")
        .page("Recovery codes")
        .key("L")
        .page("Is the authenticator at hand?")
        .takes(0, "Yes")
        .page("Off, and on again")
        .says("In between, the password alone protects the account.")
        .on_to("Turn 2FA off")
        .key("\r")
        .to_the_question()
        .by_authenticator()
        .is_off()
        .on_to("Turn it on again");
    let made = walk.sets_up("Turn it on again");
    walk.on_to("The new recovery codes")
        .says("5 codes are kept in")
        .on_to("Done")
        .is_on()
        .says("The codes of before are of no use.")
        .closes();
    walk.codes_are_new(&made);
    walk.leaves();
}

#[test]
fn m16_codes_whose_answer_never_came_are_replaced_at_once() {
    let fault: Fault = "2fa#2=drop-after".parse().unwrap();
    let mut walk = Walk::new(
        Options {
            faults: vec![fault],
            ..Options::default()
        },
        DESIGN,
        &[],
    );
    walk.key("2").page("Security").key("e");
    from_the_need(&mut walk.tui, &walk.house.password());
    let lost = scanned(&walk.tui);
    walk.key(&format!("{}\r", present(&lost)))
        .says("The answer that held the recovery codes never came: you have none.");
    assert_eq!(walk.tfa(), ON);
    walk.on_to("Off, and on again")
        .says("2FA is on, and its recovery codes never came.")
        .on_to("Turn 2FA off")
        .key("\r")
        .to_the_question()
        .by_authenticator()
        .is_off()
        .on_to("Turn it on again");
    let made = walk.sets_up("Turn it on again");
    assert_ne!(
        parameter(&made.otpauth, "secret"),
        parameter(&lost, "secret")
    );
    walk.on_to("The new recovery codes")
        .says("5 codes are kept in")
        .on_to("Done")
        .is_on()
        .closes();
    walk.codes_are_new(&made);
    walk.leaves();
}
