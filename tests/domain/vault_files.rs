//! Files with recovery codes: new, whole, their owner's alone, and read back.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use npm_warden::domain::failure::Failure;
use npm_warden::domain::recovery::RecoveryCodes;
use npm_warden::domain::text::Text;
use npm_warden::vault::{prove, read_back, resolve, save_codes, suggest_path, write_new};
use proptest::prelude::*;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
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

fn save(list: &[&str], path: &Path) -> Result<(), Failure> {
    let (account, registry) = (Text::new("alice"), Text::new("reg.example"));
    save_codes(&codes(list), &account, &registry, received(), path)
}

fn read(path: &Path) -> Vec<String> {
    read_back(path)
        .unwrap()
        .iter()
        .map(|code| code.expose().clone())
        .collect()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn p10_a_new_file_holds_the_bytes_and_is_its_owners_alone() {
    let folder = folder();
    let path = folder.path().join("codes.txt");
    write_new(&path, b"bytes").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"bytes");
    assert_eq!(names(folder.path()), ["codes.txt"]);
    #[cfg(unix)]
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn p10_an_existing_file_is_never_overwritten() {
    let folder = folder();
    let path = folder.path().join("codes.txt");
    fs::write(&path, "precious").unwrap();
    for failure in [
        write_new(&path, b"bytes").unwrap_err(),
        save(&["code"], &path).unwrap_err(),
        prove(&path, false).unwrap_err(),
    ] {
        assert!(
            failure.what.as_str().contains("is already there"),
            "{failure}"
        );
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    assert_eq!(names(folder.path()), ["codes.txt"]);
}

#[cfg(unix)]
#[test]
fn p10_a_symlink_is_never_followed_not_even_a_dangling_one() {
    let folder = folder();
    let target = folder.path().join("target");
    for name in ["dangling", "pointing"] {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert!(write_new(&path, b"bytes").is_err());
        assert!(save(&["code"], &path).is_err());
        assert!(prove(&path, false).is_err());
        assert!(path.is_symlink());
        match name {
            "dangling" => {
                assert!(!target.exists());
                fs::write(&target, "precious").unwrap();
            }
            _ => assert_eq!(fs::read_to_string(&target).unwrap(), "precious"),
        }
    }
    assert_eq!(names(folder.path()), ["dangling", "pointing", "target"]);
    // Nor is one read back in place of the file.
    assert!(read_back(&folder.path().join("pointing")).is_err());
}

#[test]
fn p10_a_place_that_takes_no_file_is_refused_with_a_reason() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").unwrap();
    let long = "x".repeat(300);
    let cases = [
        ("gone/codes.txt", "does not exist"),
        ("file/codes.txt", "is not a folder"),
        (long.as_str(), "is not a name"),
    ];
    for (inside, reason) in cases {
        let path = folder.path().join(inside);
        for failure in [
            prove(&path, false).unwrap_err(),
            save(&["code"], &path).unwrap_err(),
        ] {
            assert!(failure.what.as_str().contains(reason), "{failure}");
            assert!(!failure.next.is_empty());
        }
    }
    assert_eq!(names(folder.path()), ["file"]);
}

#[cfg(target_os = "linux")]
#[test]
fn p10_a_folder_that_nobody_may_write_in_is_refused() {
    // Not even root makes a file there.
    for folder in ["/proc", "/sys"] {
        assert!(prove(&Path::new(folder).join("codes.txt"), false).is_err());
        assert!(save(&["code"], &Path::new(folder).join("codes.txt")).is_err());
    }
}

/// Runs one test of this program again, in a process whose every write to a file fails.
#[cfg(unix)]
#[test]
fn p10_a_write_that_the_disk_refuses_leaves_nothing_behind() {
    let folder = folder();
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" --exact vault_files::helper_writes_on_a_full_disk --nocapture";
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("NPM_WARDEN_TEST_FOLDER", folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn helper_writes_on_a_full_disk() {
    let Some(folder) = std::env::var_os("NPM_WARDEN_TEST_FOLDER") else {
        return;
    };
    let path = Path::new(&folder).join("codes.txt");
    for failure in [
        prove(&path, false).unwrap_err(),
        save(&["canary"], &path).unwrap_err(),
    ] {
        assert!(
            failure.what.as_str().contains("could not be written"),
            "{failure}"
        );
    }
}

#[test]
fn p08_codes_are_saved_and_read_back_in_order() {
    let folder = folder();
    let path = folder.path().join("codes.txt");
    let list = [
        "a".repeat(64),
        "12345678".to_owned(),
        "0f0f-1e1e".to_owned(),
    ];
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    save(&list, &path).unwrap();
    assert_eq!(read(&path), list);
    #[cfg(unix)]
    assert_eq!(mode(&path), 0o600);
    let text = fs::read_to_string(&path).unwrap();
    for part in [
        "alice",
        "reg.example",
        "2026-11-22 01:43 UTC",
        "codes:     3",
        " 2. 12345678\n",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 110),
        "{text}"
    );
}

#[test]
fn p08_a_changed_file_is_not_read_back_as_if_it_were_whole() {
    let folder = folder();
    let path = folder.path().join("codes.txt");
    save(&["one", "two", "three"], &path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let changes = [
        text.replace(" 2. two\n", ""),
        text.replace(" 3. three\n", ""),
        text.replace("codes:     3", "codes:     4"),
        text.replace("codes:", "c:"),
        format!("{text} 4. four\n"),
        text.replace(" 2. two", " 2. \"two"),
        String::new(),
    ];
    for change in changes {
        assert_ne!(change, text);
        fs::write(&path, &change).unwrap();
        let failure = read_back(&path).unwrap_err();
        assert!(!failure.to_string().contains("two"), "{failure}");
    }
    fs::write(&path, b"codes: 1\n 1. \xff").unwrap();
    assert!(read_back(&path).is_err());
    assert!(read_back(folder.path()).is_err());
    assert!(read_back(&folder.path().join("gone")).is_err());
}

#[test]
fn no_codes_are_nothing_to_save() {
    let folder = folder();
    assert!(save(&[], &folder.path().join("codes.txt")).is_err());
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn p07_whatever_a_registry_sends_as_codes_is_kept_exactly(
        list in proptest::collection::vec(".*|[ \"\\\\\n\r\tab0-9.]{0,12}|[0-9]{1,2}\\. [a-f]{3}", 1..20)
    ) {
        let folder = folder();
        let path = folder.path().join("codes.txt");
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        save(&list, &path).unwrap();
        prop_assert_eq!(read(&path), list);
        // P26: nothing in the file steers a terminal that shows it.
        let text = fs::read_to_string(&path).unwrap();
        prop_assert!(text.bytes().all(|b| b == b'\n' || b == b' ' || b.is_ascii_graphic()));
    }
}

#[test]
fn proving_a_place_leaves_nothing_and_warns_of_plain_files() {
    let folder = folder();
    let path = folder.path().join("codes.txt");
    let proof = prove(&path, false).unwrap();
    assert!(proof.warnings[0].as_str().contains("malware"));
    assert_eq!(names(folder.path()), Vec::<String>::new());
    save(&["code"], &path).unwrap();
}

#[cfg(unix)]
#[test]
fn p10_a_folder_that_others_can_enter_is_warned_of() {
    let folder = folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let warned = |mode: u32, words: &str| {
        set_mode(&inner, mode);
        let proof = prove(&inner.join("codes.txt"), false).unwrap();
        proof.warnings.iter().any(|w| w.as_str().contains(words))
    };
    assert!(!warned(0o700, "Other users"));
    assert!(warned(0o755, "can look into this folder"));
    assert!(warned(0o770, "can write in this folder"));
    assert!(warned(0o1777, "can look into this folder"));
}

#[test]
fn p10_a_folder_in_a_git_work_tree_is_warned_of() {
    let folder = folder();
    let inner = folder.path().join("repository/deep/er");
    fs::create_dir_all(&inner).unwrap();
    let warned = || {
        let proof = prove(&inner.join("codes.txt"), false).unwrap();
        proof
            .warnings
            .iter()
            .any(|w| w.as_str().contains("git work tree"))
    };
    assert!(!warned());
    fs::write(folder.path().join("repository/.git"), "gitdir: elsewhere").unwrap();
    assert!(warned());
}

#[test]
fn the_programs_own_folder_is_made_for_its_owner_alone() {
    let folder = folder();
    let path = folder.path().join("share/npm-warden/codes.txt");
    assert!(prove(&path, false).is_err());
    assert!(!path.parent().unwrap().exists());
    prove(&path, true).unwrap();
    #[cfg(unix)]
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[test]
fn a_typed_path_is_made_whole() {
    let (home, cwd) = (Path::new("/people/me"), Path::new("/people/me/work"));
    let whole = |typed| resolve(typed, Some(home), cwd).unwrap();
    assert_eq!(whole("~/codes.txt"), home.join("codes.txt"));
    assert_eq!(whole(" ~//codes.txt\n"), home.join("codes.txt"));
    assert_eq!(whole("codes.txt"), cwd.join("codes.txt"));
    assert_eq!(whole("./a/../codes.txt"), cwd.join("codes.txt"));
    assert_eq!(
        whole("/media/stick/codes.txt"),
        Path::new("/media/stick/codes.txt")
    );
    assert_eq!(whole("~other/codes.txt"), cwd.join("~other/codes.txt"));
    for folder in ["", "  ", "~", "~/", ".", "..", "a/", "/"] {
        assert!(resolve(folder, Some(home), cwd).is_err(), "{folder:?}");
    }
    assert!(resolve("~/codes.txt", None, cwd).is_err());
    assert!(prove(Path::new("codes.txt"), false).is_err());
}

#[test]
fn p26_a_suggested_name_is_plain_and_free() {
    let folder = folder();
    let date = jiff::civil::date(2026, 11, 22);
    let suggest = |account: &str, registry: Option<&str>| {
        let registry = registry.map(Text::new);
        let path = suggest_path(folder.path(), &Text::new(account), registry.as_ref(), date);
        assert_eq!(path.parent().unwrap(), folder.path());
        path.file_name().unwrap().to_str().unwrap().to_owned()
    };
    let cases = [
        ("alice", None, "npm-recovery-codes-alice-2026-11-22.txt"),
        (
            "alice",
            Some("http://127.0.0.1:4873"),
            "npm-recovery-codes-alice-http-127.0.0.1-4873-2026-11-22.txt",
        ),
        (
            "../../etc/passwd",
            None,
            "npm-recovery-codes-etc-passwd-2026-11-22.txt",
        ),
        (
            "a\u{202e}b c/d\\e:f",
            None,
            "npm-recovery-codes-ab-c-d-e-f-2026-11-22.txt",
        ),
        ("...", None, "npm-recovery-codes-account-2026-11-22.txt"),
        ("日本", None, "npm-recovery-codes-account-2026-11-22.txt"),
    ];
    for (account, registry, expected) in cases {
        assert_eq!(suggest(account, registry), expected);
    }
    assert!(suggest(&"x".repeat(500), None).len() < 100);
    fs::write(
        folder
            .path()
            .join("npm-recovery-codes-alice-2026-11-22.txt"),
        "",
    )
    .unwrap();
    assert_eq!(
        suggest("alice", None),
        "npm-recovery-codes-alice-2026-11-22-2.txt"
    );
    #[cfg(unix)]
    {
        let second = folder
            .path()
            .join("npm-recovery-codes-alice-2026-11-22-2.txt");
        std::os::unix::fs::symlink("gone", second).unwrap();
        assert_eq!(
            suggest("alice", None),
            "npm-recovery-codes-alice-2026-11-22-3.txt"
        );
    }
}
