//! What npm changes shows here after `r`, and what is changed here npm sees (M27).

use npm_warden::domain::tfa::Tfa;
use npm_warden::sandbox::Options;

use crate::npm::Npm;
use crate::served::Served;
use crate::totp::{code, parameter};
use crate::tui::Tui;
use crate::{qr, signed_in};

const DESIGN: (u16, u16) = (80, 24);

/// A registry, npm signed in to it, and this program on npm's own configuration.
///
/// The registry's clock stands hours away from this machine's: what this program knows of a code goes by the registry's.
pub struct Both {
    pub served: Served,
    pub npm: Npm,
    home: tempfile::TempDir,
}

impl Both {
    pub fn new() -> Option<Self> {
        let (served, npm) = signed_in(Options::default())?;
        let home = tempfile::tempdir().unwrap();
        Some(Self { served, npm, home })
    }

    pub fn enter(&self) -> Tui {
        let userconfig = self.npm.userconfig();
        let args = [
            "--registry",
            self.served.running.url(),
            "--userconfig",
            userconfig.to_str().unwrap(),
        ];
        let tui = Tui::start(DESIGN, self.home.path(), &args, &[]);
        tui.shows("tess-marlow @");
        tui
    }

    pub fn password(&self) -> &str {
        self.served.running.password().expose()
    }
}

#[test]
fn m27_what_npm_changed_shows_here_after_r() {
    let Some(both) = Both::new() else {
        return;
    };
    let npm = &both.npm;
    let mut tui = both.enter();
    tui.shows("Tess Marlow");
    tui.shows("3 Tokens 12");

    npm.run(&["profile", "set", "fullname", "Changed By Npm"])
        .done();
    tui.keys("r");
    tui.shows("Changed By Npm");

    let list = npm.run(&["token", "list"]).done();
    let id = list.screen.split(" with id ").nth(2).unwrap();
    let id = id.split(' ').next().unwrap();
    tui.keys("3");
    tui.shows(id);
    npm.run(&["token", "revoke", id]).done();
    tui.keys("r");
    tui.shows("11 of 11");
    tui.hides(id);

    let mut create = npm.spawn(&["token", "create", "--name=made by npm"]);
    create.expect("npm password:");
    create.send(both.password());
    create.end().done();
    tui.keys("r");
    tui.shows("made by npm");

    let mut enable = npm.spawn(&["profile", "enable-2fa", "auth-only"]);
    enable.expect("npm password:");
    enable.send(both.password());
    enable.expect("And an OTP code from your authenticator:");
    let key = crate::terminal::word_after(&enable.screen(), "Or enter code:").to_owned();
    // Half done, in npm's hands.
    tui.keys("2r");
    tui.shows("half done");
    enable.send(&code(&key, both.served.now()));
    enable.end().done();
    tui.keys("r");
    tui.shows("ON: auth-only");

    npm.run(&["logout"]).done();
    tui.keys("r");
    tui.shows("not signed in");
    tui.keys("q");
    assert!(tui.ended().success());
}

#[test]
fn m27_what_is_changed_here_npm_sees() {
    let Some(both) = Both::new() else {
        return;
    };
    let npm = &both.npm;
    let mut tui = both.enter();
    tui.shows("Tess Marlow");

    // The cursor stands on the e-mail; the full name is the next field.
    tui.keys("je");
    tui.shows("Enter review");
    tui.keys("\x15Changed Here\r");
    tui.shows("→");
    tui.keys("\r");
    tui.shows("Changed Here");
    tui.hides("→");
    npm.run(&["profile", "get", "fullname"])
        .done()
        .says("Changed Here");
    npm.run(&["profile", "get", "email"])
        .done()
        .says("tess.marlow@mail.example");

    let list = npm.run(&["token", "list"]).done();
    let id = list.screen.split(" with id ").nth(2).unwrap();
    let id = id.split(' ').next().unwrap();
    tui.keys("3");
    tui.shows(id);
    tui.keys("jx");
    tui.shows("Revoke 1 token?");
    tui.shows(id);
    tui.keys("y");
    tui.shows("gone from a fresh list");
    tui.keys("\r");
    let list = npm.run(&["token", "list"]).done();
    assert!(!list.screen.contains(id));
    assert_eq!(list.screen.matches(" with id ").count(), 11);

    tui.keys("2e");
    tui.shows("Have these at hand");
    tui.keys("\r");
    tui.shows("auth-and-writes  (recommended)");
    tui.keys("\r");
    tui.shows("Password:");
    tui.keys(both.password());
    tui.keys("\r");
    tui.shows("copied to a password manager");
    tui.keys("\t\t");
    tui.shows("myself”");
    tui.keys("myself\r");
    let otpauth = tui.find("a QR code", |screen| qr::read(screen, 0));
    let key = parameter(&otpauth, "secret").unwrap();
    npm.run(&["profile", "get", "two-factor auth"]).done();
    tui.keys(&code(key, both.served.now()));
    tui.keys("\r");
    tui.shows("Two-factor authentication is on.");
    npm.run(&["profile", "get"]).done().says("auth-and-writes");
    assert!(matches!(both.served.running.inspect().tfa, Tfa::On(_)));
    tui.keys("\r");
    tui.shows("Type characters");
    tui.keys("decline\r");
    tui.shows("ON: auth-and-writes");
    tui.keys("\rq");
    assert!(tui.ended().success());
}
