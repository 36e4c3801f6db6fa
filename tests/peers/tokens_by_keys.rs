//! A token from the form to its end, by keys alone, at registries of others; the real npm uses the file that it lies in.

use crate::npm::Npm;
use crate::tui::Tui;
use crate::verdaccio::{Verdaccio, Version};
use crate::warden::{Warden, new_value};

const PASSWORD: &str = "a-password";

fn by_keys(version: Version) {
    let Some(verdaccio) = Verdaccio::start(version) else {
        return;
    };
    let Some(npm) = Npm::for_registry(verdaccio.url()) else {
        return;
    };
    npm.has_a_package();
    let session = verdaccio.sign_up("alice", PASSWORD);
    npm.sign_in(&session);
    let warden = Warden::new(verdaccio.url());
    warden.put(&session);
    let file = warden.npmrc();
    let mut tui = warden.enter();
    tui.shows("alice @");
    tui.keys("3");
    tui.shows("0 of 0");

    // The old kind, which this registry knows alone, to publish, with a note.
    tui.keys("n");
    tui.shows("─ New token ─");
    tui.keys(" ");
    tui.shows("(●) classic");
    tui.keys("\t ");
    tui.shows("(●) publish");
    tui.keys("\t\tthe laptop");
    tui.shows("[ the laptop ");
    tui.keys("\x1b[6~");
    tui.keys(&format!("{PASSWORD}\r"));
    let value = tui.find("the value", new_value);
    tui.keys("w");
    tui.shows("Which file takes the token?");
    tui.keys("\r");
    // The sign-in stands there, which is in no list.
    tui.shows("Replace it?  ▸ No");
    tui.press_until("y", "The token is in");
    assert_eq!(warden.token().as_deref(), Some(value.as_str()));
    npm.run_by(&file, &["whoami"]).done().says("alice");
    npm.run_by(&file, &["publish", "--dry-run"])
        .done()
        .says("made-up");

    tui.keys("\x1b");
    tui.shows("1 of 1");
    // What requests carry is the sign-in of before, until the configuration is read anew.
    tui.shows("here note");
    tui.keys("1");
    tui.shows("─ Profile ─");
    tui.keys("r3");
    tui.shows("1 of 1");
    tui.keys("r");
    tui.shows("use note");
    tui.keys("\r");
    tui.says("~/.npmrc, line 2");
    tui.says("the laptop");
    tui.keys("\x1b");
    tui.hides("breaks");
    note(&mut tui, "m", "the old laptop");

    tui.keys("o");
    tui.shows("it is proved to hold the old one");
    tui.keys("\r");
    tui.shows("Rotate: the new token");
    tui.keys("\x1b[6~");
    tui.keys(&format!("{PASSWORD}\r"));
    // By its note it is used elsewhere, too.
    tui.shows("Is it everywhere?");
    tui.shows("revoke the old token");
    npm.run_by(&file, &["whoami"]).done().says("alice");
    tui.press_until("\t", "▸ Yes");
    tui.keys("\r");
    tui.shows("The new token has taken the old one's place.");
    let new = warden.token().unwrap();
    assert_ne!(new, value);
    npm.run_by(&file, &["whoami"]).done().says("alice");
    npm.run_by(&file, &["publish", "--dry-run"]).done();
    let dead = verdaccio.get("-/whoami", &value);
    assert_ne!(
        (dead.status, &dead.json()["username"]),
        (200, &"alice".into())
    );
    tui.keys("\r");
    tui.shows("1 of 1");
    tui.keys("\r");
    tui.says("the old laptop");
    tui.keys("\x1b");
    tui.hides("breaks");

    tui.keys("x");
    tui.shows("Revoke 1 token?");
    tui.says("~/.npmrc, line 2");
    tui.press_until_gone("y", "Revoke 1 token?");
    tui.shows("refused");
    npm.run_by(&file, &["whoami"]).failed();
    let left = npm.json(&["token", "list", "--json"]);
    assert_eq!(left.as_array().unwrap().len(), 0);
    tui.keys("\x03");
    tui.ended();
    let raw = String::from_utf8_lossy(&tui.raw()).into_owned();
    assert!(!raw.contains(PASSWORD));
}

fn note(tui: &mut Tui, key: &str, words: &str) {
    tui.keys(key);
    tui.shows("Empty takes the note away");
    tui.keys(&format!("\x15{words}\r"));
    tui.shows("─ Tokens ─");
}

#[test]
fn a_token_of_verdaccio_6_from_the_form_to_its_end() {
    by_keys(Version::Six);
}

#[test]
fn a_token_of_verdaccio_9_from_the_form_to_its_end() {
    by_keys(Version::NineNext);
}
