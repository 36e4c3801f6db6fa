//! The encrypted file, opened without this program: by `age`, which asks for the passphrase on its terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use npm_warden::sandbox::Options;
use portable_pty::CommandBuilder;

use crate::house::{DESIGN, House, codes_in, mode};
use crate::missing::missing;
use crate::tui::Tui;
use crate::wizard::{PASSPHRASE, present, to_the_code_sealed};

/// Whether `age` is here; where it is not, that is said, and in the checks it is a failure.
pub fn works() -> bool {
    let mut age = Command::new("age");
    age.arg("--version").stdout(Stdio::null());
    let there = age.status().is_ok_and(|status| status.success());
    if !there {
        missing("age", "there is no age on this machine", "install age");
    }
    there
}

/// Opens the file in the way that the screen names. `out` is new, and outside of what a test looks at.
pub fn opened(home: &Path, identity: &Path, file: &Path, out: &Path) -> Result<(), String> {
    let mut command = CommandBuilder::new("age");
    command.args(["-d", "-i"]);
    command.arg(identity);
    command.arg("-o");
    command.arg(out);
    command.arg(file);
    run(home, command)
}

/// The key itself, with which files are opened without the passphrase.
pub fn unlocked(home: &Path, key: &Path, out: &Path) -> Result<(), String> {
    let mut command = CommandBuilder::new("age");
    command.args(["-d", "-o"]);
    command.arg(out);
    command.arg(key);
    run(home, command)
}

/// Runs it in a terminal, and types the passphrase when it is asked for.
fn run(home: &Path, command: CommandBuilder) -> Result<(), String> {
    let mut age = Tui::run(DESIGN, home, command, &[]);
    if age.asks_or_ends("Enter passphrase") {
        age.keys(&format!("{PASSPHRASE}\r"));
    }
    match age.ended() {
        ended if ended.success() => Ok(()),
        ended => Err(format!("age: {ended:?}\n{}", age.text())),
    }
}

/// The files with keys in the program's own folder.
pub fn keys(house: &House) -> Vec<PathBuf> {
    let entries = house.home().join("data/npm-warden").read_dir().unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_str().unwrap().ends_with(".key.age"));
    paths
}

/// The file with codes that belongs to a key.
pub fn codes_of(key: &Path) -> PathBuf {
    key.to_str().unwrap().replace(".key.age", ".age").into()
}

#[test]
fn p07_p09_age_opens_the_encrypted_file_and_finds_the_codes_of_the_registry() {
    if !works() {
        return;
    }
    let house = House::new(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    let otpauth = to_the_code_sealed(&mut tui, &house.password());
    tui.keys(&present(&otpauth));
    tui.keys("\r");
    tui.shows("Enter hides");
    let shown = tui.text();
    let keys = keys(&house);
    let [key] = &keys[..] else {
        panic!("not one key: {keys:?}")
    };
    let file = &codes_of(key);
    for file in [file, key] {
        assert_eq!(mode(file), 0o600);
        assert!(
            std::fs::read(file)
                .unwrap()
                .starts_with(b"age-encryption.org/v1\n")
        );
    }

    let out = house.home().join("tmp/opened");
    opened(house.home(), key, file, &out).unwrap();
    let codes = codes_in(&out);
    assert_eq!(codes.len(), house.registry.running.inspect().recovery_codes);
    for code in &codes {
        assert!(shown.contains(&code[..32]), "{shown}");
        assert!(house.takes(code), "a code that was never issued");
    }
    // No other passphrase does.
    let wrong = house.home().join("tmp/wrong");
    let mut command = CommandBuilder::new("age");
    command.args(["-d", "-o", wrong.to_str().unwrap(), key.to_str().unwrap()]);
    let mut age = Tui::run(DESIGN, house.home(), command, &[]);
    age.shows("Enter passphrase");
    age.keys("three words here\r");
    assert!(!age.ended().success());
}
