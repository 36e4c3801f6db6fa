//! The demo: nothing of the person's own is read, nothing is left, and no phone is needed (promise P40).

use std::fs;
use std::path::Path;

use crate::house::DESIGN;
use crate::tui::Tui;

/// The demo in a home whose npm configuration must not be looked at.
fn start(home: &Path, args: &[&str]) -> Tui {
    fs::write(
        home.join(".npmrc"),
        "registry=https://registry.example.com/\n//registry.example.com/:_authToken=canary-of-the-person\n",
    )
    .unwrap();
    let tui = Tui::start(DESIGN, home, &[&["--demo"], args].concat(), &[]);
    tui.shows("DEMO tess-marlow @");
    tui
}

fn scratch(home: &Path) -> usize {
    fs::read_dir(home.join("tmp")).unwrap().count()
}

/// The word after a label.
fn after(screen: &vt100::Screen, label: &str) -> Option<String> {
    let text = screen.contents();
    let rest = text.split_once(label)?.1;
    rest.split_whitespace().next().map(str::to_owned)
}

/// A code that the demo's line shows.
fn digits(tui: &Tui, label: &str, count: usize) -> String {
    tui.find(label, |screen| {
        let text = screen.contents();
        let (_, rest) = text.split_once(label)?;
        let code: String = rest
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == ' ')
            .filter(char::is_ascii_digit)
            .collect();
        (code.len() == count).then_some(code)
    })
}

/// Through the wizard up to where the registry is asked to begin, with a plain file for the codes.
fn to_the_set_up(tui: &mut Tui, password: &str) {
    tui.keys("2");
    tui.shows("─ Security ─");
    tui.keys("e");
    tui.shows("▸Need");
    tui.keys("\r");
    tui.shows("▸Level");
    tui.keys("\r");
    tui.shows("▸Password");
    tui.keys(password);
    tui.keys("\r");
    tui.shows("▸Place");
    // The last of the places is a plain file.
    tui.keys("\x1b[Z");
    tui.shows(".txt");
    tui.keys("\r");
    tui.shows("Enter uses it all the same");
    tui.keys("\r");
}

#[test]
fn p40_the_demo_can_be_walked_without_a_phone_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut tui = start(home.path(), &[]);
    assert_eq!(scratch(home.path()), 1);
    let password = tui.find("the password", |screen| after(screen, "Demo password: "));
    assert!(!tui.text().contains("registry.example.com"));

    to_the_set_up(&mut tui, &password);
    tui.shows("▸Scan");
    tui.shows("Enter confirm");
    tui.keys("\x14");
    let code = digits(&tui, "Demo authenticator: ", 6);
    tui.keys(&code);
    tui.keys("\r");
    tui.shows("▸Codes");

    // The codes guard themselves once; then quitting is quitting.
    tui.keys("\x03");
    tui.shows("Leave");
    tui.keys("\x03");
    assert_eq!(tui.ended().exit_code(), 0);
    tui.assert_given_back("");
    assert_eq!(scratch(home.path()), 0);
    let left: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "only .npmrc and tmp: {left:?}");
}

#[test]
fn p40_by_npm_s_rules_the_demo_shows_its_mail_and_that_no_authenticator_is_taken() {
    let home = tempfile::tempdir().unwrap();
    let mut tui = start(home.path(), &["--policy", "npmjs"]);
    let password = tui.find("the password", |screen| after(screen, "Demo password: "));
    tui.keys("3");
    tui.shows("11 of 11");
    tui.keys("x");
    tui.shows("Revoke 1 token?");
    tui.keys("y");
    tui.shows("Code by mail");
    tui.shows("Demo inbox: http://127.0.0.1:");
    tui.shows("/-/inbox");
    tui.keys("\x14");
    let code = digits(&tui, "Demo inbox: ", 8);
    tui.keys(&code);
    tui.keys("\r");
    tui.shows("Revoked: the result");
    tui.shows("Demo authenticator: no entry yet");
    tui.keys("\r");
    tui.shows("10 of 10");

    to_the_set_up(&mut tui, &password);
    tui.shows("takes no new set-up from a program");
    tui.keys("\x03");
    assert_eq!(tui.ended().exit_code(), 0);
    assert_eq!(scratch(home.path()), 0);
}

#[test]
fn p40_a_demo_with_a_second_factor_from_the_start_has_its_codes() {
    for policy in ["classic", "npmjs"] {
        let home = tempfile::tempdir().unwrap();
        let args = ["--policy", policy, "--tfa", "auth-only"];
        let mut tui = start(home.path(), &args);
        tui.shows("2FA auth-only");
        tui.keys("3");
        tui.shows(" of 1");
        tui.keys("jx");
        tui.shows("Revoke 1 token?");
        tui.keys("y");
        tui.shows("Second factor");
        tui.keys("\x14");
        let code = digits(&tui, "Demo authenticator: ", 6);
        tui.keys(&code);
        tui.keys("\r");
        tui.shows("Revoked: the result");
        tui.keys("\x03");
        assert_eq!(tui.ended().exit_code(), 0);
    }
}
