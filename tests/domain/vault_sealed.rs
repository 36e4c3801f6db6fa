//! Encrypted files of codes: made by a pair that was tried out, opened by a passphrase, and told apart when they are not.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use npm_warden::domain::failure::Failure;
use npm_warden::domain::recovery::{RecoveryCodes, age_command, key_of};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::vault::{LARGEST_WORK, Order, Pair, Seals, open_codes};
use proptest::prelude::*;
use tempfile::TempDir;

/// The least work: tests are about the files.
const WORK: u8 = 1;
const PHRASE: &str = "grüße 日本 correct horse\u{301} battery";
const CANARY: &str = "c0de-canary-4f2a";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn codes(list: &[&str]) -> RecoveryCodes {
    RecoveryCodes::new(list.iter().map(|code| (*code).into()).collect())
}

fn received() -> Timestamp {
    "2026-11-22T01:43:45Z".parse().unwrap()
}

fn prepare_by(folder: &Path, passphrase: &str, work: u8) -> Result<Pair, Failure> {
    let (account, registry) = (Text::new("alice"), Text::new("reg.example"));
    let order = Order {
        folder,
        account: &account,
        registry: Some(&registry),
        date: jiff::civil::date(2026, 11, 22),
        work,
    };
    Pair::prepare(&order, &passphrase.into()).map(|(pair, _)| pair)
}

fn prepare(folder: &Path) -> Pair {
    prepare_by(folder, PHRASE, WORK).unwrap()
}

fn seal(pair: &Pair, list: &[&str]) -> Result<Seals, Failure> {
    let (account, registry) = (Text::new("alice"), Text::new("reg.example"));
    pair.seal(&codes(list), &account, &registry, received())
}

fn open(path: &Path, passphrase: &str) -> Result<Vec<String>, Failure> {
    let codes = open_codes(path, &passphrase.into(), None)?;
    Ok(codes.iter().map(|code| code.expose().clone()).collect())
}

const STEM: &str = "npm-recovery-codes-alice-reg.example-2026-11-22";

#[test]
fn p08_codes_are_sealed_and_opened_by_the_passphrase() {
    let folder = folder();
    let pair = prepare(folder.path());
    assert_eq!(names(folder.path()), [format!("{STEM}.key.age")]);
    assert_eq!(pair.path(), folder.path().join(format!("{STEM}.age")));
    let list = ["a1b2c3d4e5f60718", "with blank", "日本", "\"quoted\""];
    seal(&pair, &list).unwrap();
    assert_eq!(open(pair.path(), PHRASE).unwrap(), list);
    assert_eq!(
        names(folder.path()),
        [format!("{STEM}.age"), format!("{STEM}.key.age")]
    );
    #[cfg(unix)]
    for name in names(folder.path()) {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::symlink_metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o600);
    }
}

#[test]
fn p01_neither_file_nor_debug_shows_a_secret() {
    let folder = folder();
    let pair = prepare(folder.path());
    seal(&pair, &[CANARY]).unwrap();
    assert!(!format!("{pair:?} {pair:#?}").contains("KEY"));
    for name in names(folder.path()) {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("age-encryption.org/v1\n"));
        for secret in [CANARY, PHRASE, "AGE-SECRET-KEY", "alice"] {
            assert!(!text.contains(secret));
        }
    }
}

#[test]
fn each_set_has_a_pair_and_a_name_of_its_own() {
    let folder = folder();
    let (one, two) = (prepare(folder.path()), prepare(folder.path()));
    seal(&two, &["two"]).unwrap();
    seal(&one, &["one"]).unwrap();
    let three = prepare_by(folder.path(), "another phrase", WORK).unwrap();
    seal(&three, &["three"]).unwrap();
    assert!(two.path().ends_with(format!("{STEM}-2.age")));
    assert!(three.path().ends_with(format!("{STEM}-3.age")));
    assert_eq!(open(one.path(), PHRASE).unwrap(), ["one"]);
    assert_eq!(open(two.path(), PHRASE).unwrap(), ["two"]);
    assert_eq!(open(three.path(), "another phrase").unwrap(), ["three"]);
    // A name is free only together with that of its key.
    fs::remove_file(key_of(two.path())).unwrap();
    fs::remove_file(one.path()).unwrap();
    let four = prepare(folder.path());
    assert!(four.path().ends_with(format!("{STEM}-4.age")));
}

#[test]
fn p10_a_pair_is_used_for_one_set_and_never_replaces_anything() {
    let folder = folder();
    let pair = prepare(folder.path());
    seal(&pair, &["first"]).unwrap();
    let failure = seal(&pair, &["second"]).unwrap_err();
    assert!(failure.what.as_str().contains("already there"), "{failure}");
    assert_eq!(open(pair.path(), PHRASE).unwrap(), ["first"]);
    pair.discard().unwrap();
    assert_eq!(open(pair.path(), PHRASE).unwrap(), ["first"]);
}

#[cfg(unix)]
#[test]
fn p10_a_file_or_a_symlink_in_the_way_is_neither_followed_nor_replaced() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let inside = |name: &str| folder.path().join(name);
    fs::write(inside("target"), "precious").unwrap();
    symlink("gone", inside(&format!("{STEM}.key.age"))).unwrap();
    symlink("target", inside(&format!("{STEM}-2.age"))).unwrap();
    fs::write(inside(&format!("{STEM}-3.age")), "precious").unwrap();
    let pair = prepare(folder.path());
    assert_eq!(pair.path(), inside(&format!("{STEM}-4.age")));
    // What comes into the way of the codes later stops them, and stays.
    for link in ["gone", "target"] {
        symlink(link, pair.path()).unwrap();
        let failure = seal(&pair, &[CANARY]).unwrap_err();
        assert!(failure.what.as_str().contains("already there"), "{failure}");
        assert!(pair.path().is_symlink());
        fs::remove_file(pair.path()).unwrap();
    }
    fs::write(pair.path(), "precious").unwrap();
    assert!(seal(&pair, &[CANARY]).is_err());
    assert_eq!(fs::read_to_string(pair.path()).unwrap(), "precious");
    fs::remove_file(pair.path()).unwrap();
    assert_eq!(fs::read_to_string(inside("target")).unwrap(), "precious");
    // And nothing stops it once the way is free.
    seal(&pair, &["code"]).unwrap();
    // Nor is a symlink opened in place of either file.
    let moved = inside("moved");
    for path in [pair.path().to_owned(), key_of(pair.path())] {
        fs::rename(&path, &moved).unwrap();
        symlink(&moved, &path).unwrap();
        let failure = open(pair.path(), PHRASE).unwrap_err();
        assert!(failure.what.as_str().contains("plain file"), "{failure}");
        fs::rename(&moved, &path).unwrap();
    }
    assert_eq!(open(pair.path(), PHRASE).unwrap(), ["code"]);
}

#[test]
fn p07_codes_are_not_sealed_when_their_key_is_gone_or_changed() {
    let folder = folder();
    let pair = prepare(folder.path());
    let key = key_of(pair.path());
    let bytes = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let failure = seal(&pair, &[CANARY]).unwrap_err();
    assert!(failure.what.as_str().contains("not there"), "{failure}");
    fs::write(&key, b"another").unwrap();
    let failure = seal(&pair, &[CANARY]).unwrap_err();
    assert!(failure.what.as_str().contains("was changed"), "{failure}");
    assert!(!pair.path().exists(), "codes that nobody can open");
    // A key that is not as it was made is not this program's to remove.
    pair.discard().unwrap();
    assert!(key.exists());
    fs::write(&key, bytes).unwrap();
    seal(&pair, &["code"]).unwrap();
    assert_eq!(open(pair.path(), PHRASE).unwrap(), ["code"]);
}

#[test]
fn a_pair_that_no_codes_came_for_leaves_nothing() {
    let folder = folder();
    let pair = prepare(folder.path());
    pair.discard().unwrap();
    assert_eq!(names(folder.path()), Vec::<String>::new());
    pair.discard().unwrap();
}

#[test]
fn p10_a_place_that_takes_no_pair_is_refused_with_a_reason() {
    let root = folder();
    fs::write(root.path().join("file"), "").unwrap();
    let failure = prepare_by(&root.path().join("file"), PHRASE, WORK).unwrap_err();
    assert!(!failure.next.is_empty());
    #[cfg(target_os = "linux")]
    assert!(prepare_by(Path::new("/proc"), PHRASE, WORK).is_err());
    assert_eq!(names(root.path()), ["file"]);
    // A folder of this program's own is made.
    let own = root.path().join("share/npm-warden");
    prepare(&own);
    assert_eq!(names(&own).len(), 1);
}

#[test]
fn what_cannot_be_typed_elsewhere_is_no_passphrase() {
    let folder = folder();
    for bad in [
        "",
        "eleven char",
        "two lines\nof a phrase",
        "\u{7}bell and whistle",
        "tabulator\there",
    ] {
        let failure = prepare_by(folder.path(), bad, WORK).unwrap_err();
        assert!(failure.what.as_str().contains("passphrase"), "{failure}");
    }
    assert_eq!(names(folder.path()), Vec::<String>::new());
    for good in [
        "twelve chars!",
        " e\u{301}é wide blanks  ",
        "日本語日本語日本語日本語",
        &"😀".repeat(12),
        &"x".repeat(5000),
    ] {
        let pair = prepare_by(folder.path(), good, WORK).unwrap();
        seal(&pair, &["code"]).unwrap();
        assert_eq!(open(pair.path(), good).unwrap(), ["code"]);
    }
}

#[test]
fn a_passphrase_is_taken_as_it_was_typed_without_unicode_normalisation() {
    let folder = folder();
    let pair = prepare_by(folder.path(), "e\u{301} as typed here", WORK).unwrap();
    seal(&pair, &["code"]).unwrap();
    for other in [
        "\u{e9} as typed here",
        "e as typed here",
        "E\u{301} as typed here",
        "e\u{301} as typed here ",
        " e\u{301} as typed here",
        "",
    ] {
        let failure = open(pair.path(), other).unwrap_err();
        assert!(
            failure.what.as_str().contains("not the passphrase"),
            "{failure}"
        );
    }
}

/// A sealed set, as bytes of both files.
fn sealed(folder: &Path) -> (PathBuf, Vec<u8>, Vec<u8>, Seals) {
    let pair = prepare(folder);
    let seals = seal(&pair, &[CANARY, "two"]).unwrap();
    let path = pair.path().to_owned();
    let (codes, key) = (fs::read(&path).unwrap(), fs::read(key_of(&path)).unwrap());
    (path, codes, key, seals)
}

fn replace(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_wrong_passphrase_a_damaged_file_and_a_missing_key_are_told_apart() {
    let folder = folder();
    let (path, codes, key, seals) = sealed(folder.path());
    let said = |passphrase: &str| {
        let failure = open_codes(&path, &passphrase.into(), Some(&seals)).unwrap_err();
        assert!(!failure.to_string().contains(CANARY));
        assert!(!failure.next.is_empty());
        failure.to_string()
    };
    let wrong = said("wrong");
    assert!(wrong.contains("not the passphrase"), "{wrong}");

    fs::remove_file(key_of(&path)).unwrap();
    let missing = said(PHRASE);
    assert!(missing.contains("file with the key"), "{missing}");
    assert!(missing.contains("not there"), "{missing}");
    replace(&key_of(&path), &key);

    fs::remove_file(&path).unwrap();
    let gone = said(PHRASE);
    assert!(gone.contains("not there any more"), "{gone}");
    replace(&path, &codes);

    // Every length that is not the whole one, and every byte that is not the right one.
    for (file, bytes) in [(path.clone(), &codes), (key_of(&path), &key)] {
        for length in (0..bytes.len()).step_by(7) {
            replace(&file, &bytes[..length]);
            let said = said(PHRASE);
            assert!(said.contains("damaged"), "cut to {length}: {said}");
        }
        for at in (0..bytes.len()).step_by(3) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            replace(&file, &bytes);
            let said = said(PHRASE);
            let known = ["damaged", "was changed", "another key", "more work"];
            assert!(known.iter().any(|k| said.contains(k)), "at {at}: {said}");
            assert!(!said.contains("not the passphrase of"), "at {at}: {said}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        replace(&file, &longer);
        assert!(said(PHRASE).contains("damaged"));
        replace(&file, bytes);
    }
    assert_eq!(open(&path, PHRASE).unwrap(), [CANARY, "two"]);
}

#[test]
fn files_of_two_sets_that_were_mixed_up_are_told() {
    let folder = folder();
    let (one, ..) = sealed(folder.path());
    let (two, _, key, _) = sealed(folder.path());
    replace(&key_of(&one), &key);
    let failure = open(&one, PHRASE).unwrap_err();
    assert!(failure.what.as_str().contains("another key"), "{failure}");
    assert_eq!(open(&two, PHRASE).unwrap(), [CANARY, "two"]);
}

#[test]
fn a_planted_file_neither_hangs_nor_fills_the_memory() {
    let folder = folder();
    let (path, codes, key, _) = sealed(folder.path());
    // More work than anybody would ask for: refused before any is done.
    let header = String::from_utf8_lossy(&key).into_owned();
    let line = header
        .lines()
        .find(|line| line.starts_with("-> scrypt"))
        .unwrap();
    let salt = line.split(' ').nth(2).unwrap();
    let at = key
        .windows(line.len())
        .position(|window| window == line.as_bytes())
        .unwrap();
    for work in [u32::from(LARGEST_WORK) + 1, 40, 63] {
        let mut planted = key[..at].to_vec();
        planted.extend(format!("-> scrypt {salt} {work}").bytes());
        planted.extend(&key[at + line.len()..]);
        replace(&key_of(&path), &planted);
        let failure = open(&path, PHRASE).unwrap_err();
        assert!(failure.what.as_str().contains("more work"), "{failure}");
    }
    replace(&key_of(&path), &vec![b'x'; 1024 * 1024]);
    let failure = open(&path, PHRASE).unwrap_err();
    assert!(failure.what.as_str().contains("too large"), "{failure}");
    replace(&key_of(&path), &key);
    replace(&path, &vec![b'x'; 4 * 1024 * 1024]);
    let failure = open(&path, PHRASE).unwrap_err();
    assert!(failure.what.as_str().contains("too large"), "{failure}");
    // Nor is a file that a passphrase alone opens, or a plain one, taken for codes.
    for other in [&key[..], b"", b"age-encryption.org/v2\n", b"1. code\n"] {
        replace(&path, other);
        assert!(open(&path, PHRASE).is_err());
    }
    replace(&path, &codes);
    replace(&key_of(&path), &codes);
    assert!(open(&path, PHRASE).is_err());
    #[cfg(unix)]
    {
        // What would wait for ever is not even opened.
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert!(open(&path, PHRASE).is_err());
    }
}

/// Runs one test of this program again, in a process whose every file has this limit, in blocks of 512 bytes.
#[cfg(unix)]
fn on_a_full_disk(blocks: u32, folder: &Path, what: &str) -> String {
    let script = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --exact vault_sealed::helper_works_on_a_full_disk --nocapture"
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env("NPM_WARDEN_TEST_FOLDER", folder)
        .env("NPM_WARDEN_TEST_WHAT", what)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.contains("1 passed"), "{said}");
    said
}

#[cfg(unix)]
#[test]
fn p10_a_disk_that_is_full_at_any_point_leaves_nothing_behind() {
    // For the key; for the probe, which is larger; and for codes that are larger than the probe was.
    for (blocks, what) in [(0, "prepare"), (2, "prepare"), (32, "seal")] {
        let folder = folder();
        on_a_full_disk(blocks, folder.path(), what);
        let left = names(folder.path());
        match what {
            "prepare" => assert_eq!(left, Vec::<String>::new(), "{blocks}"),
            // The pair can be tried again.
            _ => assert_eq!(left, [format!("{STEM}.key.age")]),
        }
    }
}

#[cfg(unix)]
#[test]
fn helper_works_on_a_full_disk() {
    let Some(folder) = std::env::var_os("NPM_WARDEN_TEST_FOLDER") else {
        return;
    };
    let folder = Path::new(&folder);
    let failure = if std::env::var("NPM_WARDEN_TEST_WHAT").unwrap() == "prepare" {
        prepare_by(folder, PHRASE, WORK).unwrap_err()
    } else {
        let large = "x".repeat(64 * 1024);
        seal(&prepare(folder), &[&large]).unwrap_err()
    };
    let said = failure.what.as_str();
    assert!(said.contains("could not be written"), "{said}");
}

#[test]
fn the_command_line_for_age_is_exact() {
    let shown = |path: &str| age_command(Path::new(path)).as_str().to_owned();
    assert_eq!(
        shown("/home/alice/share/npm-recovery-codes-alice-2026-11-22.age"),
        "age -d -i /home/alice/share/npm-recovery-codes-alice-2026-11-22.key.age \
         /home/alice/share/npm-recovery-codes-alice-2026-11-22.age"
    );
    #[cfg(unix)]
    assert_eq!(
        shown("/home/al ice/it's/$x.age"),
        r"age -d -i '/home/al ice/it'\''s/$x.key.age' '/home/al ice/it'\''s/$x.age'"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn p07_whatever_a_registry_sends_as_codes_is_sealed_exactly(
        list in proptest::collection::vec(".*|[ \"\\\\\n\r\tab0-9.]{0,12}|[0-9]{1,2}\\. [a-f]{3}", 1..20),
        passphrase in "[^\\p{Cc}\\s]{12,20}",
    ) {
        let folder = folder();
        let pair = prepare_by(folder.path(), &passphrase, WORK).unwrap();
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        let seals = seal(&pair, &list).unwrap();
        let read = open_codes(pair.path(), &Secret::from(passphrase), Some(&seals)).unwrap();
        let read: Vec<&str> = read.iter().map(|code| code.expose().as_str()).collect();
        prop_assert_eq!(read, list);
    }
}
