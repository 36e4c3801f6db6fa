//! Two-factor authentication, from "off" to "on", by keys alone.

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::Options;

use crate::house::{DESIGN, House, codes_in, mode, now};
use crate::qr;
use crate::totp::{code, parameter};
use crate::tui::Tui;

/// The present code of what was scanned.
pub fn present(otpauth: &str) -> String {
    let seconds = u64::try_from(now().as_second()).unwrap();
    code(parameter(otpauth, "secret").unwrap(), seconds)
}

/// A code that is none of this key for hours around.
fn wrong(otpauth: &str) -> String {
    let seconds = u64::try_from(now().as_second()).unwrap();
    let secret = parameter(otpauth, "secret").unwrap();
    let near: Vec<_> = (0..=240)
        .map(|step| code(secret, seconds - 3600 + step * 30))
        .collect();
    (0..1000)
        .map(|number| format!("{number:06}"))
        .find(|code| !near.contains(code))
        .unwrap()
}

/// From any screen to the password.
pub fn to_the_password(tui: &mut Tui) {
    tui.keys("2");
    tui.shows("─ Security ─");
    tui.keys("e");
    past_the_level(tui);
}

/// From the wizard's first page to the password.
fn past_the_level(tui: &mut Tui) {
    tui.shows("▸Need");
    tui.keys("\r");
    tui.shows("▸Level");
    tui.keys("\r");
    tui.shows("▸Password");
}

/// From the security screen to the QR code; gives what it holds.
pub fn to_the_code(tui: &mut Tui, password: &str) -> String {
    to_the_place(tui, password);
    from_a_file(tui)
}

/// The same, with a file of that name in the home folder for the recovery codes.
pub fn to_the_code_in(tui: &mut Tui, password: &str, file: &str) -> String {
    to_the_place(tui, password);
    tui.keys(&format!("\x15{file}"));
    from_a_file(tui)
}

/// What opens the encrypted file.
pub const PASSPHRASE: &str = "four words of a test";

/// The same, with an encrypted file for the recovery codes.
pub fn to_the_code_sealed(tui: &mut Tui, password: &str) -> String {
    to_any_place(tui, password);
    seals(tui);
    scanned(tui)
}

/// From the wizard's first page to the registry's answer, with an encrypted file for the recovery codes.
pub fn from_the_need(tui: &mut Tui, password: &str) {
    past_the_level(tui);
    tui.keys(&format!("{password}\r"));
    tui.shows("▸Place");
    seals(tui);
}

/// Takes the encrypted file as the place.
fn seals(tui: &mut Tui) {
    tui.shows("Passphrase:");
    tui.keys(&format!("{PASSPHRASE}\r"));
    tui.keys(&format!("{PASSPHRASE}\r"));
    // Where the test runs, a restart empties the folder: that is said.
    tui.shows("Enter uses it all the same");
    tui.keys("\r");
}

/// From the security screen to the place for the recovery codes.
fn to_any_place(tui: &mut Tui, password: &str) {
    to_the_password(tui);
    tui.keys(password);
    tui.keys("\r");
    tui.shows("▸Place");
}

/// The same, where a plain file is suggested.
fn to_the_place(tui: &mut Tui, password: &str) {
    to_any_place(tui, password);
    // The last of the places is a plain file.
    tui.keys("\x1b[Z");
    tui.shows(".txt");
}

/// From a plain file as the place to the QR code.
fn from_a_file(tui: &mut Tui) -> String {
    tui.keys("\r");
    // A plain file is warned of, so it takes a second Enter.
    tui.shows("Enter uses it all the same");
    tui.keys("\r");
    scanned(tui)
}

/// What the QR code holds, once the code is asked for.
pub fn scanned(tui: &Tui) -> String {
    let otpauth = tui.find("a QR code", |screen| qr::read(screen, 0));
    tui.hides("Enter uses it all the same");
    // The set-up is shown a moment before its code is asked for.
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

/// The whole way. `length` is the length of the address in the QR code.
fn walk(options: Options, length: usize, env: &[(&str, &str)]) {
    let house = House::new(options);
    let mut tui = house.enter(DESIGN, env);
    tui.shows("2FA off");

    let otpauth = to_the_code(&mut tui, &house.password());
    assert_eq!(otpauth.len(), length, "{otpauth}");
    let on_a_light_terminal = tui.find("the QR code", |screen| qr::read(screen, 255));
    assert_eq!(on_a_light_terminal, otpauth);
    assert!(otpauth.starts_with("otpauth://totp/"));

    tui.keys(&wrong(&otpauth));
    tui.keys("\r");
    tui.shows("No code of this key");
    tui.shows("Enter confirm");
    assert!(matches!(
        house.registry.running.inspect().tfa,
        Tfa::Pending(_)
    ));
    tui.keys("\x15");
    tui.keys(&present(&otpauth));
    tui.keys("\r");

    tui.shows("▸Codes");
    let files = house.code_files();
    let [file] = files.as_slice() else {
        panic!("not one file: {files:?}")
    };
    assert_eq!(mode(file), 0o600);
    let codes = codes_in(file);
    assert_eq!(codes.len(), house.registry.running.inspect().recovery_codes);
    for code in &codes {
        tui.shows(&code[..32]);
    }

    tui.keys("\r");
    let (from, to, number) = tui.find("the proof", asked);
    for code in &codes {
        tui.hides(&code[..32]);
    }
    tui.keys(&codes[number - 1][from - 1..to]);
    tui.keys("\r");
    tui.shows("▸Done");
    tui.shows("auth-and-writes");
    tui.keys("\r");
    tui.keys("1");
    tui.shows("two-factor auth auth-and-writes");
    assert_eq!(
        house.registry.running.inspect().tfa,
        Tfa::On(Level::AuthAndWrites)
    );

    tui.keys("q");
    assert!(tui.ended().success());
    tui.assert_given_back("");

    // The registry's own codes, and not only something of that shape: it takes each of them, once.
    for code in &codes {
        assert!(
            house.takes(code),
            "a code in the file that the registry never issued"
        );
        assert!(!house.takes(code));
    }
    assert_eq!(house.registry.running.inspect().recovery_codes, 0);

    let log = std::fs::read_to_string(house.log()).unwrap();
    assert!(log.contains("DEBUG"));
    let secrets = [
        house.password(),
        parameter(&otpauth, "secret").unwrap().to_owned(),
        house.registry.running.token().expose().clone(),
    ];
    for secret in secrets.iter().chain(&codes) {
        assert!(!log.contains(secret), "a secret is in the log");
    }
    assert_eq!(mode(&house.log()), 0o600);
}

#[test]
fn p01_p08_p10_p14_the_whole_wizard() {
    walk(Options::default(), 81, &[]);
}

/// The place that is offered first: the codes go into an encrypted file, and onto a page to print.
#[test]
fn p05_p07_p09_the_encrypted_file_comes_first_and_the_page_to_print_is_wiped() {
    const PASSPHRASE: &str = "correct horse battery staple";
    let house = House::new(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    to_the_password(&mut tui);
    tui.keys(&house.password());
    tui.keys("\r");
    tui.shows("▸Place");
    tui.shows("(recommended)");
    tui.keys(&format!("{PASSPHRASE}\r"));
    tui.keys("correct horse battery stable\r");
    tui.shows("The two passphrases are not the same.");
    tui.keys(&format!("{PASSPHRASE}\r"));
    // The test's home is in a folder for what passes.
    tui.shows("Enter uses it all the same");
    tui.keys("\r");
    let otpauth = tui.find("a QR code", |screen| qr::read(screen, 0));
    tui.shows("Enter confirm");
    tui.keys(&present(&otpauth));
    tui.keys("\r");
    tui.shows("▸Codes");
    tui.shows("✓ Saved, encrypted, in");
    let codes: Vec<String> = tui.find("the codes", |screen| {
        let text = screen.contents();
        let code = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
        let codes: Vec<String> = text
            .split_whitespace()
            .filter(code)
            .map(str::to_owned)
            .collect();
        (codes.len() == house.registry.running.inspect().recovery_codes).then_some(codes)
    });
    assert!(
        house.code_files().is_empty(),
        "nothing lies there in plain text"
    );

    tui.keys("p");
    tui.shows("belong to no code");
    tui.hides("▸Codes");
    let eyes = |code: &str| {
        let groups: Vec<&str> = (0..8).map(|n| &code[8 * n..8 * n + 8]).collect();
        groups.join(" ")
    };
    for code in &codes {
        tui.shows(&eyes(code));
    }
    tui.keys("\x1b");
    tui.shows("▸Codes");
    tui.hides(&eyes(&codes[0]));

    tui.keys("\r");
    tui.shows("age -d -i ");
    let (from, to, number) = tui.find("the proof", asked);
    assert!(!tui.text().contains(&codes[0][..32]));
    tui.keys(&codes[number - 1][from - 1..to]);
    tui.keys("\r");
    tui.shows("▸Done");
    tui.keys("\r");
    tui.keys("q");
    assert!(tui.ended().success());
    tui.assert_given_back("");
    for code in &codes {
        assert!(house.takes(code));
    }
    let log = std::fs::read_to_string(house.log()).unwrap();
    for secret in codes.iter().map(String::as_str).chain([PASSPHRASE]) {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[test]
fn the_qr_code_keeps_its_colours_without_colours() {
    walk(
        Options {
            key_bytes: 16,
            ..Options::default()
        },
        75,
        &[("NO_COLOR", "1")],
    );
}

#[test]
fn an_address_of_121_characters_fits_beside_everything_else() {
    walk(
        Options {
            issuer: "custom".to_owned(),
            otpauth_parameters: true,
            ..Options::default()
        },
        121,
        &[],
    );
}

#[test]
fn a_key_of_80_bits_is_taken() {
    walk(
        Options {
            key_bytes: 10,
            ..Options::default()
        },
        65,
        &[("NO_COLOR", "1")],
    );
}
