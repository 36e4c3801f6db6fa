//! What a test needs from outside, and what is said where that is not there.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;

/// Says once, loudly, which tests cannot run here and how to have them; in the checks that is a failure.
pub fn missing(what: &str, why: &str, how: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let word =
        format!("\n*** The tests with {what} were SKIPPED: {why}.\n*** To have them: {how}.\n\n");
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{word}"
    );
    if SAID.lock().unwrap().insert(what.to_owned()) {
        // Past the test harness, which swallows what a passing test says.
        std::io::stderr().write_all(word.as_bytes()).unwrap();
    }
}
