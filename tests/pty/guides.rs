//! The guides, walked to their end by keys alone; what a guide says of the registry is asked of the registry as well.

use npm_warden::domain::policy::SETTINGS;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::{Fault, Options, Policy, StartTfa};

use crate::front;
use crate::house::{DESIGN, House, now};
use crate::sealed;
use crate::totp::{code, parameter};
use crate::tui::Tui;
use crate::wizard::{PASSPHRASE, asked, from_the_need, present, scanned};

const ON: Tfa = Tfa::On(Level::AuthAndWrites);

const COLOURS: &[(&str, &str)] = &[];

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
            _ if size.0 < 80 => "2FA on",
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
    fn until_asked(&mut self) -> &mut Self {
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
        // The keys of the screens stand in one line, in narrow windows without most titles.
        let bar = |line: &str| line.trim_start().starts_with('1') && line.contains(" 6 ");
        self.tui.find("the screens' keys", |screen| {
            screen.contents().lines().any(bar).then_some(())
        });
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
    let mut walk = Walk::on(Policy::Classic, COLOURS);
    walk.opens("l", "Does anything else give codes?");
    walk.takes(2, "No, nothing")
        .page("Is there a recovery code?")
        .takes(0, "I have one")
        .page("Turn 2FA off")
        .key("\r")
        .until_asked()
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
        .until_asked()
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
        .until_asked()
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

/// In the place of npm's default registry, whose website is known; `None` where that cannot be.
fn at_npm(size: (u16, u16), env: &[(&str, &str)]) -> Option<Walk> {
    front::works().then(|| Walk::into(House::default_registry(on(Policy::Npmjs)), size, env))
}

impl Walk {
    /// From "there is nothing else" to the choice between the website and here.
    fn until_the_way(&mut self) -> &mut Self {
        self.opens("l", "Does anything else give codes?")
            .takes(2, "No, nothing")
            .page("Is there a recovery code?")
            .says("On npmjs its use starts a hold of 72 hours")
            .takes(0, "I have one")
            .page("On the website, or from here?")
            .says("turned off, 2FA can probably not be turned on again from here.")
    }

    /// The step's page names the website, and nothing was asked of the registry for it.
    fn at_the_website(&mut self) -> &mut Self {
        self.says_unbroken(SETTINGS)
            .says("The address bar has to say")
    }

    fn says_unbroken(&mut self, text: &str) -> &mut Self {
        self.tui.says_unbroken(text);
        self
    }

    /// The set-up that is tried from here is refused; the guide goes on with its page for that.
    fn is_refused(&mut self) -> &mut Self {
        self.key("\r");
        from_the_need(&mut self.tui, &self.house.password());
        self.says("This registry takes no new set-up from a program; it says:")
            .on_to("Add a security key on the website")
            .says("2FA is off: until a security key is added, the password alone protects the account.");
        assert_eq!(self.tfa(), Tfa::Off);
        self
    }

    /// Codes are pasted into the form, and kept in an encrypted file.
    fn keeps(&mut self, codes: &[&str]) -> &mut Self {
        self.page("Add codes of tess-marlow")
            .key(&format!("\x1b[200~{}\r\x1b[201~", codes.join("\r")))
            .says(&format!("{} codes so far", codes.len()))
            .key("\t")
            .says("encrypted file of this program")
            .key(&format!("{PASSPHRASE}\r{PASSPHRASE}\r"))
            .says("Enter keeps the codes there")
            .key("\r");
        let (from, to, number) = self.tui.find("the proof", asked);
        self.key(&format!("{}\r", &codes[number - 1][from - 1..to]))
    }
}

#[test]
fn m15_at_npm_the_website_comes_first_and_nothing_is_turned_off() {
    let Some(mut walk) = at_npm(DESIGN, COLOURLESS) else {
        return;
    };
    walk.until_the_way()
        .takes(0, "On the website")
        .page("Add a security key on the website")
        .says("at the code choose “Use a recovery code”")
        .at_the_website()
        .on_to("Keep the codes")
        .says("One recovery code is used up now.")
        .takes(1, "I keep them elsewhere")
        .page("Look over the tokens")
        .takes(1, "Go on without")
        .page("Done")
        .closes();
    assert_eq!(walk.tfa(), ON);
    walk.leaves();
}

#[test]
fn m15_at_npm_from_here_behind_the_warning_and_a_refusal_leads_to_the_website() {
    let Some(mut walk) = at_npm(DESIGN, COLOURS) else {
        return;
    };
    walk.until_the_way()
        .takes(1, "From here")
        .page("Turn 2FA off")
        .says("turned off, 2FA can probably not be turned on again from here.")
        .key("\r")
        .until_asked()
        .by_recovery_code(0)
        .is_off()
        .on_to("Turn it on with the new device")
        .says("If it refuses, this guide goes on with the website.")
        .is_refused()
        .at_the_website()
        .says("two-factor authentication is off.")
        .on_to("Look over the tokens")
        .takes(1, "Go on without")
        .page("Done")
        .says("The password alone opens the account.")
        .closes();
    walk.leaves();
}

#[test]
fn m15_a_refusal_that_nobody_foresaw_leads_to_a_website_that_is_not_known() {
    let mut walk = Walk::on(Policy::Npmjs, COLOURLESS);
    walk.opens("l", "Does anything else give codes?")
        .takes(2, "No, nothing")
        .page("Is there a recovery code?")
        .takes(0, "I have one")
        .page("Turn 2FA off")
        .key("\r")
        .until_asked()
        .by_recovery_code(0)
        .is_off()
        .on_to("Turn it on with the new device")
        .is_refused()
        .says("The website of this registry is not known here.")
        .on_to("Look over the tokens")
        .takes(1, "Go on without")
        .page("Done")
        .says("two-factor authentication is off.")
        .closes();
    walk.leaves();
}

#[test]
fn m16_p12_at_npm_the_codes_of_the_website_are_kept_here() {
    const CODES: [&str; 3] = ["a1b2c3d4e5f60718", "b2c3d4e5f6071829", "c3d4e5f60718293a"];
    let Some(mut walk) = at_npm(DESIGN, COLOURS) else {
        return;
    };
    walk.key("4")
        .page("Recovery codes")
        .key("L")
        .page("Is the authenticator at hand?")
        .takes(0, "Yes")
        .page("New codes from the website")
        .says("this program cannot.")
        .at_the_website()
        .on_to("Keep the codes")
        .takes(0, "Keep them here")
        .keeps(&CODES)
        .page("Keep the codes")
        .says("3 codes are kept in")
        .on_to("Done")
        .says("Keep a second copy of the new ones away")
        .closes();
    assert_eq!(walk.tfa(), ON);
    let folder = walk.house.home().join("data/npm-warden");
    let files = folder.read_dir().unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!CODES.iter().any(|code| text.contains(code)), "{file:?}");
    }
    assert_eq!(sealed::keys(&walk.house).len(), 1);
    walk.leaves();
}

/// A key that the registry never issued: the entry of another set-up.
const OTHER: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// Two entries are told apart, and the registry is as it was.
fn two_entries(policy: Policy, size: (u16, u16), env: &[(&str, &str)]) {
    let mut walk = Walk::new(on(policy), size, env);
    let before = walk.house.registry.running.inspect();
    walk.opens("t", "Two entries of one name")
        .says("Only the newest one that was confirmed counts")
        .on_to("Which entry is the right one?")
        .takes(0, "The upper one");
    let seconds = u64::try_from(now().as_second()).unwrap();
    let wrong = code(OTHER, seconds);
    assert_ne!(wrong, walk.code());
    walk.asks()
        .key(&format!("{wrong}\r"))
        .says("did not accept that code")
        .says("a recovery code would be used up by this.");
    // The same in each of its sentences.
    walk.tui.hides("works too");
    walk.gives_up()
        .page("Which entry is the right one?")
        .says("A code of the upper entry was refused. Unless it was too old, it is the other one.")
        .says("One code was refused so far.")
        // The other one is marked by now.
        .key("\r")
        .asks()
        .by_authenticator()
        .says("the registry took the code of the lower entry.")
        .checked()
        .on_to("Delete the other entry")
        .says("Delete the upper entry in your app.")
        .closes();
    let after = walk.house.registry.running.inspect();
    assert_eq!(after.tfa, before.tfa);
    assert_eq!(after.recovery_codes, before.recovery_codes);
    assert_eq!(after.tokens, before.tokens);
    walk.leaves();
}

impl Walk {
    /// The registry asks for a code.
    fn asks(&mut self) -> &mut Self {
        self.page("Second factor")
    }

    /// Esc, until the question is gone: one that has just opened takes none.
    fn gives_up(&mut self) -> &mut Self {
        self.tui.press_until_gone("\x1b", "Second factor");
        self
    }
}

#[test]
fn m17_two_entries_are_told_apart_and_nothing_changes() {
    two_entries(Policy::Classic, DESIGN, COLOURS);
}

#[test]
fn m17_the_same_in_a_small_window_by_npms_rules() {
    two_entries(Policy::Npmjs, (50, 15), COLOURLESS);
}

/// To the means of moving an authenticator.
fn to_the_move(walk: &mut Walk) -> &mut Walk {
    walk.opens("m", "Is the old phone at hand?")
        .takes(0, "Yes")
        .page("Move it by the app's own means")
        .says("This changes nothing at the registry")
}

#[test]
fn a_new_phone_that_took_the_entry_over_is_right_when_the_registry_takes_its_code() {
    for (policy, env) in [(Policy::Classic, COLOURLESS), (Policy::Npmjs, COLOURS)] {
        let mut walk = Walk::on(policy, env);
        to_the_move(&mut walk)
            .takes(0, "It is on the new phone")
            .page("Try a code")
            .key("\r")
            .asks()
            .by_authenticator()
            .says("the registry took the code.")
            .checked()
            .on_to("Done")
            .says("The registry took a code of the new phone.")
            .closes();
        assert_eq!(walk.tfa(), ON);
        walk.leaves();
    }
}

#[test]
fn a_new_phone_by_a_new_set_up() {
    let mut walk = Walk::on(Policy::Classic, COLOURS);
    to_the_move(&mut walk)
        .takes(1, "The app cannot move it")
        .page("Off, and on again")
        .on_to("Turn 2FA off")
        .key("\r")
        .until_asked()
        .by_authenticator()
        .is_off()
        .on_to("Turn it on with the new device");
    let made = walk.sets_up("Turn it on with the new device");
    walk.on_to("The new recovery codes")
        .says("5 codes are kept in")
        .on_to("Done")
        .is_on()
        .says("then delete the entry on the old phone, or wipe it.")
        .closes();
    walk.codes_are_new(&made);
    walk.leaves();
}

#[test]
fn a_new_phone_at_npm_gets_a_security_key_before_anything_is_turned_off() {
    let Some(mut walk) = at_npm(DESIGN, COLOURS) else {
        return;
    };
    to_the_move(&mut walk)
        .takes(1, "The app cannot move it")
        .page("Add a security key on the website")
        .says("Keep that phone until the key has signed you in.")
        .at_the_website()
        .on_to("Done")
        .says("Nothing of the second factor was changed from here.")
        .closes();
    assert_eq!(walk.tfa(), ON);
    walk.leaves();
}

#[test]
fn m14_removal_ends_with_the_registrys_own_word_and_what_is_left_to_do() {
    for (policy, env) in [(Policy::Classic, COLOURS), (Policy::Npmjs, COLOURLESS)] {
        let mut walk = Walk::on(policy, env);
        walk.key("2")
            .page("Security")
            .key("d")
            .until_asked()
            .by_authenticator()
            .page("Done")
            .says("two-factor authentication is off, by the registry's own profile.")
            .checked()
            .says("Left to do:")
            .says("Throw its recovery codes away");
        assert_eq!(walk.tfa(), Tfa::Off);
        walk.closes();
        walk.leaves();
    }
}

#[test]
fn m15_an_old_device_that_still_shows_codes_is_tried_and_leads_to_a_new_phone() {
    for (policy, env) in [(Policy::Classic, COLOURLESS), (Policy::Npmjs, COLOURS)] {
        let mut walk = Walk::on(policy, env);
        walk.opens("l", "Does anything else give codes?")
            .takes(0, "Yes, something shows codes")
            .page("Try a code")
            .key("\r")
            .asks()
            .by_authenticator()
            .says("the registry took the code.")
            .on_to("Done")
            .says("you are not locked out.")
            .takes(0, "Move it to a new phone")
            .page("Move it by the app's own means");
        assert_eq!(walk.tfa(), ON);
        walk.key("\x1b").says("b goes back to it.");
        walk.leaves();
    }
}
