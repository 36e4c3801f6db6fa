//! The wizard's steps, by keys.

use crate::qr;
use crate::tui::Tui;

/// From any screen to the place for the recovery codes.
pub fn to_the_place(tui: &mut Tui, password: &str) {
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
}

/// The place is the file that is suggested.
pub fn in_a_file(tui: &mut Tui) {
    // The last of the places.
    tui.keys("\x1b[Z");
    tui.shows(".txt");
    tui.keys("\r");
    tui.shows("Enter uses it all the same");
    tui.keys("\r");
}

/// The person copies them.
pub fn in_a_persons_hands(tui: &mut Tui) {
    // Past the fields of the encrypted file.
    tui.keys("\t\t");
    tui.shows("Type “myself” to accept that:");
    tui.keys("myself\r");
}

/// What the QR code holds, once the code is asked for.
pub fn scanned(tui: &Tui) -> String {
    let otpauth = tui.find("a QR code", |screen| qr::read(screen, 0));
    tui.shows("Enter confirm");
    otpauth
}

/// The part of a code that the proof asks for: characters from, to, of code; all counted from 1.
pub fn asked(screen: &vt100::Screen) -> Option<(usize, usize, usize)> {
    let text = screen.contents();
    let words = text.split_once("Type characters ")?.1;
    let mut numbers = words
        .split_whitespace()
        .filter_map(|word| word.trim_end_matches(':').parse().ok());
    Some((numbers.next()?, numbers.next()?, numbers.next()?))
}
