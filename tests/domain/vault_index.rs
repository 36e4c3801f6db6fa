//! The list of sets: durable, many writers, never overwritten when it cannot be understood.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use npm_warden::domain::recovery::{Place, RecoverySet};
use npm_warden::domain::text::Text;
use npm_warden::vault::Vault;

const LIST: &str = "recovery-sets.json";

fn set(account: &str, second: i64, place: Place) -> RecoverySet {
    RecoverySet {
        account: Text::new(account),
        registry: Text::new("reg.example"),
        received: Timestamp::from_second(second).unwrap(),
        place,
        count: 10,
        proved: false,
        added: false,
        unplaced: 0,
        used: Vec::new(),
    }
}

fn vault_folder(root: &Path) -> PathBuf {
    root.join("share/npm-warden")
}

#[test]
fn sets_are_kept_from_one_start_to_the_next() {
    let root = tempfile::tempdir().unwrap();
    let folder = vault_folder(root.path());
    let file = root.path().join("codes.txt");
    fs::write(&file, "").unwrap();
    let mut vault = Vault::open(&folder).unwrap();
    assert!(!vault.read_only());
    assert!(vault.warnings().is_empty());
    assert!(vault.sets().is_empty());
    vault
        .add(set("alice", 1, Place::File(file.clone())))
        .unwrap();
    vault.add(set("alice", 2, Place::Myself)).unwrap();
    let two = set("alice", 2, Place::Myself);
    vault.mark_proved(&two.id()).unwrap();
    assert!(
        vault
            .mark_proved(&set("bob", 2, Place::Myself).id())
            .is_err()
    );
    drop(vault);

    fs::remove_file(&file).unwrap();
    let vault = Vault::open(&folder).unwrap();
    let sets = vault.sets();
    assert_eq!(sets.len(), 2);
    assert_eq!(
        sets[0].set,
        RecoverySet {
            proved: true,
            ..two
        }
    );
    assert!(sets[0].present);
    assert_eq!(sets[1].set, set("alice", 1, Place::File(file)));
    assert!(!sets[1].present, "its file has vanished");
}

#[test]
fn the_same_set_is_not_listed_twice() {
    let root = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    vault.add(set("alice", 1, Place::Myself)).unwrap();
    vault
        .add(set("alice", 1, Place::File("/somewhere/else".into())))
        .unwrap();
    assert_eq!(vault.sets().len(), 1);
    assert_eq!(
        vault.sets()[0].set.place,
        Place::File("/somewhere/else".into())
    );
}

#[test]
fn the_list_has_a_version_and_holds_what_it_says() {
    let root = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    vault
        .add(set("alice", 0, Place::File("/a/codes.txt".into())))
        .unwrap();
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(root.path().join(LIST)).unwrap()).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"version": 2, "sets": [{
            "account": "alice", "registry": "reg.example", "received": "1970-01-01T00:00:00Z",
            "place": {"file": "/a/codes.txt"}, "count": 10, "proved": false,
        }]})
    );
}

#[cfg(unix)]
#[test]
fn p10_the_folder_and_all_in_it_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let root = tempfile::tempdir().unwrap();
    let folder = vault_folder(root.path());
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let mut vault = Vault::open(&folder).unwrap();
    vault.add(set("alice", 1, Place::Myself)).unwrap();
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["lock", LIST]);
}

#[test]
fn a_list_that_cannot_be_understood_is_moved_aside_and_kept() {
    let broken = [
        "",
        "{",
        "[]",
        r#"{"sets":[]}"#,
        r#"{"version":1}"#,
        r#"{"version":1,"sets":[{"account":"alice"}]}"#,
    ];
    let root = tempfile::tempdir().unwrap();
    for (n, content) in (1..).zip(broken) {
        fs::write(root.path().join(LIST), content).unwrap();
        let mut vault = Vault::open(root.path()).unwrap();
        assert!(vault.sets().is_empty());
        assert!(!vault.read_only());
        let said = vault.warnings()[0].as_str();
        let aside = root.path().join(format!("{LIST}.unreadable-{n}"));
        assert!(said.contains(&aside.display().to_string()), "{said}");
        assert_eq!(fs::read_to_string(&aside).unwrap(), content);
        vault.add(set("alice", 1, Place::Myself)).unwrap();
        assert_eq!(Vault::open(root.path()).unwrap().sets().len(), 1);
    }
}

#[test]
fn a_newer_list_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let content = r#"{"version":3,"sets":"of another form"}"#;
    fs::write(root.path().join(LIST), content).unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    assert!(vault.read_only());
    assert!(vault.warnings()[0].as_str().contains("newer npm-warden"));
    assert!(vault.add(set("alice", 1, Place::Myself)).is_err());
    assert_eq!(fs::read_to_string(root.path().join(LIST)).unwrap(), content);
}

#[test]
fn a_folder_that_cannot_be_made_is_a_failure_with_a_reason() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    let failure = Vault::open(&root.path().join("file/npm-warden")).unwrap_err();
    assert!(
        failure.what.as_str().contains("is not a folder"),
        "{failure}"
    );
    assert!(Vault::open(&root.path().join("file")).is_err());
}

#[test]
fn a_list_that_could_not_be_written_is_unchanged_in_memory_too() {
    let root = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    vault.add(set("alice", 1, Place::Myself)).unwrap();
    // A folder under the list's name: the move to it fails for everyone.
    fs::remove_file(root.path().join(LIST)).unwrap();
    fs::create_dir(root.path().join(LIST)).unwrap();
    assert!(vault.add(set("bob", 2, Place::Myself)).is_err());
    assert_eq!(vault.sets().len(), 1);
    let left = fs::read_dir(root.path()).unwrap().count();
    assert_eq!(left, 2, "the lock and the folder, and no temporary file");
}

#[test]
fn a_set_that_was_not_counted_is_never_told_as_none() {
    let counted = |count| RecoverySet {
        count,
        ..set("alice", 1, Place::Myself)
    };
    assert_eq!(counted(0).how_many(), "codes (not counted yet)");
    assert_eq!(counted(1).how_many(), "1 code");
    assert_eq!(counted(10).how_many(), "10 codes");
}
