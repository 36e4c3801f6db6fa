//! An emergency rehearsed in a terminal, from `!` to the report, with a thief in the demo's account.

use std::fs;

use crate::house::DESIGN;
use crate::tui::Tui;

/// The word after a label.
fn after(screen: &vt100::Screen, label: &str) -> Option<String> {
    let text = screen.contents();
    let rest = text.split_once(label)?.1;
    rest.split_whitespace().next().map(str::to_owned)
}

/// Which of these stands on the screen first.
fn first<'a>(tui: &Tui, texts: &[&'a str]) -> &'a str {
    tui.find(&texts.join(" or "), |screen| {
        let shown = screen.contents();
        texts.iter().copied().find(|text| shown.contains(text))
    })
}

#[test]
fn an_emergency_is_rehearsed_from_its_plan_to_its_report() {
    let home = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut tui = Tui::start(DESIGN, home.path(), &["--demo", "--under-attack"], &[]);
    tui.shows("DEMO tess-marlow @");
    let password = tui.find("the password", |screen| after(screen, "Demo password: "));
    tui.keys("!");
    tui.shows("Rehearsal: the plan");
    tui.shows("A thief is in this account");
    tui.keys("\r");
    tui.shows("May a thief be in this machine?");
    tui.keys("j\r");

    // Nothing of the sign-in goes to a disk.
    tui.shows("The emergency needs a sign-in of its own");
    tui.shows("Nothing of this sign-in is written to a disk");
    // Keys count only after a moment, since the form comes by itself.
    tui.press_until("\x1b", "The emergency waits for a sign-in");
    tui.keys("\r");
    tui.shows("on the registry's website");
    tui.keys("\x1b[B");
    tui.shows("▸ (●) with user name and password");
    tui.press_until("\r", "▸ Password");
    tui.keys(&password);
    tui.keys("\r");

    // The thief's address; the sign-in names it, too.
    tui.shows("Is this address still yours");
    tui.shows("    tess.marlow@mai1.example");
    tui.keys("jj\r");

    // The thief's token stays in its column, whatever its name says; another screen keeps the place.
    tui.shows("These go, in this order");
    tui.shows("revoked   in use");
    tui.keys("1");
    tui.shows("! leads back to it");
    tui.keys("!");
    tui.shows("These go, in this order");
    tui.keys("\r");
    let count = tui.find("the count", |screen| after(screen, "Type "));
    tui.keys(&count);
    tui.keys("\r");

    // While the tokens went, the thief made another one.
    tui.shows("made since the emergency began");
    tui.shows("backup");
    tui.keys("\r");
    tui.shows("Revoke this token?");
    tui.keys("y");

    loop {
        match first(
            &tui,
            &[
                "not gone yet",
                "this did not work",
                "lie on this machine",
                "No copy of these",
                "What opens the account itself",
            ],
        ) {
            "What opens the account itself" => break,
            other => {
                tui.keys("s");
                tui.hides(other);
            }
        }
    }
    tui.keys("p");
    tui.shows("Current");
    tui.keys("\x1b");
    tui.shows("What opens the account itself");
    tui.keys("s");

    tui.shows("Do you know every owner");
    tui.shows("mara-toss");
    tui.keys("\r");
    tui.shows("What no step reached");
    tui.keys(" \r");

    tui.shows("writes the report into a folder");
    tui.shows("What remains to do");
    tui.keys("w");
    tui.shows("Folder:");
    tui.keys("\x15");
    tui.keys(folder.path().to_str().unwrap());
    tui.keys("\r");
    tui.shows("✓ written:");
    tui.shows("The emergency has ended");
    let report = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "md"))
        .unwrap();
    let report = fs::read_to_string(report).unwrap();
    for part in ["backup", "tess-marlow", "ehears"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert!(!report.contains(&password));

    // The report is written, so nothing is asked.
    tui.shows("Enter close");
    tui.keys("\r");
    tui.shows("Rehearsal: the plan");
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
    tui.assert_given_back("");
    assert_eq!(fs::read_dir(home.path().join("tmp")).unwrap().count(), 0);
}
