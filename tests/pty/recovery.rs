//! The recovery screen: codes from the website, kept, opened, proved, exported and removed; two instances at once.

use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, StartTfa};

use crate::house::{DESIGN, House};
use crate::tui::Tui;
use crate::wizard::{PASSPHRASE, asked};

const CODES: [&str; 3] = ["a1b2c3d4e5f60718", "b2c3d4e5f6071829", "c3d4e5f60718293a"];

/// The part of a code that is asked for.
fn answers(tui: &mut Tui) {
    let (from, to, code) = tui.find("the proof", asked);
    let part = &CODES[code - 1][from - 1..to];
    tui.keys(&format!("{part}\r"));
}

/// Everything that can be done with a set, from the paste to its end.
#[test]
fn codes_from_the_website_are_kept_opened_proved_exported_and_removed() {
    let house = House::new(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    tui.keys("4");
    tui.shows("No recovery codes are known on this machine");
    tui.keys("n");
    tui.shows("Paste the codes that");
    let pasted = format!(
        "Your codes:\r1. {}\r2. {}\r3. {}\r",
        CODES[0], CODES[1], CODES[2]
    );
    tui.keys(&format!("\x1b[200~{pasted}\x1b[201~"));
    tui.shows("3 codes so far");
    tui.shows("Line 1 has something that is no code");
    assert!(!tui.text().contains(CODES[0]), "p04: {}", tui.text());
    tui.keys("\t");
    tui.shows("Tab again");
    tui.keys("\t");
    tui.shows("encrypted file of this program");
    tui.keys(&format!("{PASSPHRASE}\r"));
    tui.keys(&format!("{PASSPHRASE}\r"));
    // Where the test runs, a restart empties the folder: that is said.
    tui.shows("Enter keeps the codes there");
    tui.keys("\r");
    answers(&mut tui);
    tui.shows("you proved to have them");
    tui.shows("encrypted file · none of 3 used");

    tui.keys("\r");
    tui.shows("Passphrase:");
    tui.keys("not the passphrase\r");
    tui.shows("This is not the passphrase of these codes");
    tui.keys(&format!("{PASSPHRASE}\r"));
    for code in CODES {
        tui.shows(code);
    }
    tui.shows("age -d -i");
    tui.keys("p");
    tui.shows("a1b2 c3d4 e5f6 0718");
    tui.keys("\x1b");
    tui.hides("a1b2 c3d4");
    tui.keys("\x1b");
    tui.hides(CODES[1]);

    tui.keys("p");
    tui.shows("Passphrase:");
    tui.keys(&format!("{PASSPHRASE}\r"));
    answers(&mut tui);
    tui.shows("you have these codes");

    tui.keys("e");
    tui.shows("New file:");
    tui.shows(".txt");
    tui.keys(&format!("{PASSPHRASE}\r"));
    tui.keys("\x15copy.txt\r");
    tui.shows("as plain text");
    let file = std::fs::read_to_string(house.home().join("copy.txt")).unwrap();
    assert!(CODES.iter().all(|code| file.contains(code)), "{file}");
    // Nothing is written over.
    tui.keys("e");
    tui.shows(".txt");
    tui.keys(&format!("{PASSPHRASE}\r"));
    tui.keys("\x15copy.txt\r");
    tui.shows("no file is ever");
    tui.keys("\x1b");
    tui.hides("New file:");

    tui.keys("x");
    tui.shows("▸ No");
    tui.shows(".key.age");
    tui.keys("\r");
    tui.shows("Nothing was removed");
    tui.keys("xy");
    tui.shows("No recovery codes are known on this machine");
    let log = std::fs::read_to_string(house.log()).unwrap();
    for secret in CODES.iter().chain([&PASSPHRASE]) {
        assert!(!log.contains(secret), "p01: in the log");
    }
}

/// What serves at a question of the registry is marked as used, and no other.
#[test]
fn a_code_that_was_used_at_a_question_is_marked() {
    let house = House::new(Options {
        tfa: StartTfa::On(Level::AuthAndWrites),
        ..Options::default()
    });
    let issued = house.registry.running.recovery_codes();
    let codes: Vec<&str> = issued.iter().map(|code| code.expose().as_str()).collect();
    let count = codes.len();
    let mut tui = house.enter((120, 40), &[]);
    tui.keys("4n");
    tui.shows("Paste the codes that");
    tui.keys(&format!("\x1b[200~{}\x1b[201~\t", codes.join("\r")));
    tui.shows(&format!("{count} codes to keep"));
    // A plain file is the next place but one.
    tui.keys("\t\t");
    tui.shows("Code-stealing malware");
    tui.keys("\x15codes.txt\r");
    tui.shows("Enter keeps the codes there");
    tui.keys("\r");
    tui.shows("Type characters");
    tui.keys("\x1b");
    tui.shows(&format!(
        "none of {count} used · as you gave them: not checked"
    ));

    tui.keys("1je\x15Tess M\r");
    tui.shows("Enter save");
    tui.keys("\r");
    tui.shows("Its recovery codes of");
    tui.keys(&format!("{}\r", codes[2]));
    tui.shows("This looks like a recovery code");
    tui.press_until("y", "fullname is saved");
    tui.keys("4");
    tui.shows(&format!("1 of {count} used"));
    tui.keys("\r");
    tui.shows(codes[3]);
    let text = tui.text();
    let rows: Vec<&str> = text.lines().collect();
    let row = rows.iter().position(|row| row.contains(codes[2])).unwrap();
    let marked: Vec<usize> = (0..rows.len())
        .filter(|row| rows[*row].contains("used 20"))
        .collect();
    assert!(marked == [row] || marked == [row + 1], "{text}");
}

#[test]
fn a_second_instance_may_write_the_list_too() {
    let house = House::new(Options::default());
    let mut first = house.enter(DESIGN, &[]);
    first.keys("4");
    first.shows("No recovery codes are known on this machine");
    let mut second = house.enter(DESIGN, &[]);
    second.keys("4");
    second.shows("No recovery codes are known on this machine");
    for tui in [&first, &second] {
        assert!(!tui.text().contains("only reads"), "{}", tui.text());
    }
}
