//! The demo: nothing of the person's own is read, nothing is left, and no phone is needed (promise P40).

use std::fs;
use std::path::Path;

use crate::house::DESIGN;
use crate::tui::Tui;

/// The demo in a home whose npm configuration must not be looked at.
fn start(home: &Path, env: &[(&str, &str)]) -> Tui {
    fs::write(
        home.join(".npmrc"),
        "registry=https://registry.example.com/\n//registry.example.com/:_authToken=canary-of-the-person\n",
    )
    .unwrap();
    let tui = Tui::start(DESIGN, home, &["--demo"], env);
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

#[test]
fn p40_the_demo_can_be_walked_without_a_phone_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut tui = start(home.path(), &[]);
    assert_eq!(scratch(home.path()), 1);
    let password = tui.find("the password", |screen| after(screen, "Demo password: "));
    assert!(!tui.text().contains("registry.example.com"));

    tui.keys("2");
    tui.shows("─ Security ─");
    tui.keys("e");
    tui.shows("▸Need");
    tui.keys("\r");
    tui.shows("▸Level");
    tui.keys("\r");
    tui.shows("▸Password");
    tui.keys(&password);
    tui.keys("\r");
    tui.shows("▸Place");
    tui.shows(".txt");
    tui.keys("\r");
    tui.shows("Enter uses it all the same");
    tui.keys("\r");
    tui.shows("▸Scan");
    tui.shows("Enter confirm");
    tui.keys("\x14");
    let code = tui.find("the demo authenticator's code", |screen| {
        let text = screen.contents();
        let (_, rest) = text.split_once("Demo authenticator: ")?;
        let code: String = rest
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == ' ')
            .filter(char::is_ascii_digit)
            .collect();
        (code.len() == 6).then_some(code)
    });
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
