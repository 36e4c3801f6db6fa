//! npm changes the second factor behind this program's back. What is begun here on what the screen still says ends with
//! the truth, `r` shows it, and in the end both say the same.

use npm_warden::domain::tfa::{Level, Tfa};

use crate::both_ways::Both;
use crate::second_factor::{CODE, KEY, OTP, enable};
use crate::terminal::{Session, word_after};
use crate::totp::{code, parameter};
use crate::tui::Tui;
use crate::wizard::{in_a_persons_hands, scanned, to_the_place};

impl Both {
    /// The code of a key by the registry's clock.
    fn code(&self, key: &str) -> String {
        code(key, self.served.now())
    }

    /// npm turns it on; gives the key.
    fn npm_enables(&self, level: &str) -> String {
        let (ended, key) = enable(&self.served, &self.npm, &[level], |key| self.code(key));
        ended.done();
        key
    }

    /// npm begins a set-up and waits for the code; gives the key.
    fn npm_begins(&self, level: &str) -> (Session, String) {
        let mut enable = self.npm.spawn(&["profile", "enable-2fa", level]);
        enable.expect("npm password:");
        enable.send(self.password());
        enable.until(KEY);
        enable.expect(CODE);
        let key = word_after(&enable.screen(), KEY).to_owned();
        (enable, key)
    }

    /// npm changes the level.
    fn npm_changes(&self, level: &str, key: &str) {
        let mut change = self.npm.spawn(&["profile", "enable-2fa", level]);
        change.expect("npm password:");
        change.send(self.password());
        change.expect(OTP);
        change.send(&self.code(key));
        let changed = format!("mode changed to: {level}");
        change.end().done().says(&changed);
    }

    /// npm turns it off.
    fn npm_disables(&self, key: &str) {
        let otp = format!("--otp={}", self.code(key));
        let mut disable = self.npm.spawn(&["profile", "disable-2fa", &otp]);
        disable.expect("npm password:");
        disable.send(self.password());
        disable.end().done().says("disabled");
    }

    /// The program on its security screen.
    fn at_security(&self) -> Tui {
        let mut tui = self.enter();
        tui.keys("2");
        tui.shows("─ Security ─");
        tui
    }

    /// Both say that, and so does the registry. The program is asked anew.
    #[track_caller]
    fn agree(&self, tui: &mut Tui, tfa: &Tfa) {
        tui.keys("r");
        let header = match tfa {
            Tfa::On(level) => format!("2FA {} ", level.word()),
            Tfa::Pending(_) => "2FA half done ".to_owned(),
            _ => "2FA off ".to_owned(),
        };
        tui.shows(&header);
        assert_eq!(self.served.running.inspect().tfa, *tfa);
        let said = self.npm.run(&["profile", "get", "--json"]).done().screen;
        let profile: serde_json::Value = serde_json::from_str(&said).unwrap();
        let (mode, pending) = match tfa {
            Tfa::On(level) => (Some(level.word()), false),
            Tfa::Pending(level) => (level.map(Level::word), true),
            _ => (None, false),
        };
        assert_eq!(profile["tfa"]["mode"].as_str(), mode, "{said}");
        assert_eq!(profile["tfa"]["pending"] == true, pending, "{said}");
    }
}

/// From the security screen through the wizard, up to the answer of the registry. The codes are copied by hand.
fn through_the_wizard(tui: &mut Tui, password: &str) {
    to_the_place(tui, password);
    in_a_persons_hands(tui);
}

/// Confirms a set-up that the screen shows, and lets the codes go.
fn confirms(both: &Both, tui: &mut Tui) {
    let otpauth = scanned(tui);
    tui.keys(&both.code(parameter(&otpauth, "secret").unwrap()));
    tui.keys("\r");
    tui.shows("▸Codes");
    tui.keys("\r");
    tui.shows("Type characters");
    tui.keys("decline\r");
    tui.shows("▸Done");
    tui.keys("\r");
}

/// The password for a change on the security screen.
fn with_password(both: &Both, tui: &mut Tui) {
    tui.shows("Your password:");
    tui.keys(both.password());
    tui.keys("\r");
}

#[test]
fn a_set_up_that_npm_has_begun_is_found_explained_and_cleared_on_consent() {
    let Some(both) = Both::new() else {
        return;
    };
    let mut tui = both.at_security();
    tui.shows("2FA off");
    let (mut npm, key) = both.npm_begins("auth-only");

    // The screen says off; the set-up of another client is not swept away unasked.
    through_the_wizard(&mut tui, both.password());
    tui.says("a half-done set-up of two-factor authentication");
    let pending = Tfa::Pending(Some(Level::AuthOnly));
    assert_eq!(both.served.running.inspect().tfa, pending);
    tui.press_until("\x1b", "─ Security ─");
    both.agree(&mut tui, &pending);

    // Now it is said before anything is asked, and going on is the consent.
    tui.keys("e");
    tui.says("A half-done set-up is in the way: going on clears it.");
    tui.press_until("\x1b", "─ Security ─");
    assert_eq!(both.served.running.inspect().tfa, pending);
    through_the_wizard(&mut tui, both.password());
    tui.shows("Enter confirm");
    // npm still waits for a code of the key that was cleared.
    npm.send(&both.code(&key));
    npm.end().failed();
    assert!(matches!(both.served.running.inspect().tfa, Tfa::Pending(_)));
    confirms(&both, &mut tui);
    both.agree(&mut tui, &Tfa::On(Level::AuthAndWrites));
}

#[test]
fn a_set_up_that_npm_finishes_is_not_begun_again() {
    let Some(both) = Both::new() else {
        return;
    };
    let mut tui = both.at_security();
    tui.shows("2FA off");
    both.npm_enables("auth-only");
    through_the_wizard(&mut tui, both.password());
    tui.says("Two-factor authentication is on already: auth-only.");
    tui.press_until("\x1b", "─ Security ─");
    let on = Tfa::On(Level::AuthOnly);
    both.agree(&mut tui, &on);
    assert_eq!(both.served.running.inspect().recovery_codes, 5);
}

#[test]
fn a_set_up_that_npm_takes_over_is_told_by_the_registrys_words() {
    let Some(both) = Both::new() else {
        return;
    };
    let mut tui = both.at_security();
    tui.shows("2FA off");
    through_the_wizard(&mut tui, both.password());
    let otpauth = scanned(&tui);
    // npm clears what is pending, and finishes with a key of its own.
    both.npm_enables("auth-only");
    tui.keys(&both.code(parameter(&otpauth, "secret").unwrap()));
    tui.keys("\r");
    tui.shows("▸Done");
    tui.says("Two-factor authentication is ON: auth-only");
    // The registry's own words, whatever they mean.
    tui.says("“Two-factor authentication is on already”");
    tui.says("another program finished a set-up of its own");
    tui.press_until("\x1b", "─ Security ─");
    both.agree(&mut tui, &Tfa::On(Level::AuthOnly));
    assert_eq!(both.served.running.inspect().recovery_codes, 5);
}

#[test]
fn a_set_up_that_npm_confirms_is_not_swept_away_as_half_done() {
    let Some(both) = Both::new() else {
        return;
    };
    let (mut npm, key) = both.npm_begins("auth-only");
    let mut tui = both.at_security();
    tui.shows("2FA half done");
    npm.send(&both.code(&key));
    npm.end().done();
    let on = Tfa::On(Level::AuthOnly);

    // Clearing it would turn off what protects the account by now: that is another action, and asks for a code.
    tui.keys("d");
    tui.shows("This clears the set-up");
    tui.keys("y");
    with_password(&both, &mut tui);
    tui.shows("╭ Second factor ─");
    tui.shows("second factor to turn two-factor");
    tui.press_until_gone("\x1b", "╭ Second factor ─");
    assert_eq!(both.served.running.inspect().tfa, on);
    tui.press_until("\x1b", "─ Security ─");
    both.agree(&mut tui, &on);
}

#[test]
fn a_level_that_npm_changed_is_not_changed_back() {
    let Some(both) = Both::new() else {
        return;
    };
    let key = both.npm_enables("auth-only");
    let mut tui = both.at_security();
    tui.shows("2FA auth-only");
    both.npm_changes("auth-and-writes", &key);
    let seen = both.served.running.inspect().requests;

    // What is asked for is there already, so nothing is sent and no code is asked for.
    tui.keys("e");
    tui.shows("From auth-only to auth-and-writes.");
    with_password(&both, &mut tui);
    tui.shows("2FA auth-and-writes");
    let posts = "POST /-/npm/v1/user";
    let asked = both.served.running.inspect().requests;
    assert_eq!(asked.get(posts), seen.get(posts));
    both.agree(&mut tui, &Tfa::On(Level::AuthAndWrites));

    // The other way round it is the level of this moment that `e` changes.
    both.npm_changes("auth-only", &key);
    both.agree(&mut tui, &Tfa::On(Level::AuthOnly));
}

#[test]
fn what_npm_turned_off_is_neither_changed_nor_turned_off_again() {
    let Some(both) = Both::new() else {
        return;
    };
    let key = both.npm_enables("auth-only");
    let mut tui = both.at_security();
    tui.shows("2FA auth-only");
    both.npm_disables(&key);

    tui.keys("e");
    tui.shows("From auth-only to auth-and-writes.");
    with_password(&both, &mut tui);
    tui.says("by its profile, two-factor authentication is not on");
    tui.press_until("\x1b", "─ Security ─");
    both.agree(&mut tui, &Tfa::Off);

    let key = both.npm_enables("auth-and-writes");
    both.agree(&mut tui, &Tfa::On(Level::AuthAndWrites));
    both.npm_disables(&key);
    tui.keys("d");
    tui.shows("▸ No");
    tui.keys("y");
    with_password(&both, &mut tui);
    tui.shows("2FA off");
    both.agree(&mut tui, &Tfa::Off);
}
