//! Several instances with one list: each notes what it has to, and none undoes what another has noted.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Barrier;

use jiff::Timestamp;
use npm_warden::domain::recovery::{Place, RecoveryCodes, RecoverySet, UsedAt, UsedCode, key_of};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::vault::{Order, Pair, Vault, open_codes, save_codes};
use proptest::prelude::*;

const LIST: &str = "recovery-sets.json";
const PHRASE: &str = "correct horse battery";

fn account() -> Text {
    Text::new("alice")
}

fn registry() -> Text {
    Text::new("reg.example")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn set(second: i64) -> RecoverySet {
    RecoverySet {
        account: account(),
        registry: registry(),
        received: at(second),
        place: Place::Myself,
        count: 10,
        proved: false,
        added: false,
        unplaced: 0,
        used: Vec::new(),
    }
}

fn code(number: i64) -> Secret<String> {
    format!("c0de-{number}").into()
}

fn surely(second: i64) -> UsedAt {
    let (at, sure) = (at(second), true);
    UsedAt { at, sure }
}

fn codes(numbers: std::ops::Range<i64>) -> RecoveryCodes {
    RecoveryCodes::new(numbers.map(code).collect())
}

fn seconds(vault: &Vault) -> Vec<i64> {
    let sets = vault.sets();
    let mut seconds: Vec<_> = sets.iter().map(|s| s.set.received.as_second()).collect();
    seconds.sort_unstable();
    seconds
}

#[test]
fn two_instances_add_and_mark_without_losing_anything() {
    let root = tempfile::tempdir().unwrap();
    let mut one = Vault::open(root.path()).unwrap();
    let mut two = Vault::open(root.path()).unwrap();
    assert!(!one.read_only() && !two.read_only());
    assert!(one.warnings().is_empty() && two.warnings().is_empty());
    one.add(set(1)).unwrap();
    two.add(set(2)).unwrap();
    one.mark_proved(&set(2).id()).unwrap();
    two.mark_used(&account(), &registry(), &code(1), at(5), false)
        .unwrap();
    one.mark_used(&account(), &registry(), &code(2), at(6), true)
        .unwrap();
    // The answer that was missing came after all.
    one.mark_used(&account(), &registry(), &code(1), at(7), true)
        .unwrap();
    two.forget(&set(1).id()).unwrap();
    one.forget(&set(1).id()).unwrap();
    two.refresh().unwrap();
    one.refresh().unwrap();
    assert_eq!(one.sets(), two.sets());
    let newest = &one.sets()[0].set;
    assert!(newest.proved);
    assert_eq!(newest.received, at(2));
    assert_eq!(newest.unplaced, 2);
    let used = two.used(&account(), &registry(), &codes(0..4));
    assert_eq!(used, [None, Some(surely(5)), Some(surely(6)), None]);
}

#[test]
fn instances_that_write_at_the_same_moment_lose_nothing() {
    const EACH: i64 = 5;
    let root = tempfile::tempdir().unwrap();
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for instance in 0..4 {
            let (root, start) = (root.path(), &start);
            scope.spawn(move || {
                let mut vault = Vault::open(root).unwrap();
                start.wait();
                for n in 0..EACH {
                    let second = instance * EACH + n;
                    vault.add(set(second)).unwrap();
                    vault.mark_proved(&set(second).id()).unwrap();
                    vault
                        .mark_used(&account(), &registry(), &code(second), at(second), true)
                        .unwrap();
                }
            });
        }
    });
    let vault = Vault::open(root.path()).unwrap();
    assert_eq!(seconds(&vault), (0..4 * EACH).collect::<Vec<_>>());
    assert!(vault.sets().iter().all(|state| state.set.proved));
    let dates = vault.used(&account(), &registry(), &codes(0..4 * EACH));
    assert!(dates.iter().all(Option::is_some));
}

#[derive(Clone, Debug)]
enum Act {
    Add(i64),
    Prove(i64),
    Use(i64),
    Forget(i64),
    Refresh,
}

fn act() -> impl Strategy<Value = (bool, Act)> {
    let n = 0..6i64;
    let act = prop_oneof![
        n.clone().prop_map(Act::Add),
        n.clone().prop_map(Act::Prove),
        n.clone().prop_map(Act::Use),
        n.prop_map(Act::Forget),
        Just(Act::Refresh),
    ];
    (any::<bool>(), act)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_interleaving_of_two_instances_is_as_one(acts in proptest::collection::vec(act(), 1..20)) {
        let (root, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut two = [Vault::open(root.path()).unwrap(), Vault::open(root.path()).unwrap()];
        let mut one = Vault::open(alone.path()).unwrap();
        for (n, (which, act)) in (0..).zip(acts) {
            let mut done = Vec::new();
            for vault in [&mut two[usize::from(which)], &mut one] {
                done.push(match act {
                    Act::Add(n) => vault.add(set(n)).is_ok(),
                    Act::Prove(n) => vault.mark_proved(&set(n).id()).is_ok(),
                    Act::Use(c) => vault.mark_used(&account(), &registry(), &code(c), at(n), c % 2 == 0).is_ok(),
                    Act::Forget(n) => vault.forget(&set(n).id()).is_ok(),
                    Act::Refresh => vault.refresh().is_ok(),
                });
            }
            prop_assert_eq!(done[0], done[1]);
        }
        for vault in &mut two {
            vault.refresh().unwrap();
            prop_assert_eq!(seconds(vault), seconds(&one));
            prop_assert_eq!(vault.used(&account(), &registry(), &codes(0..6)), one.used(&account(), &registry(), &codes(0..6)));
            let proved = |vault: &Vault| vault.sets().iter().map(|s| s.set.proved).collect::<Vec<_>>();
            prop_assert_eq!(proved(vault), proved(&one));
        }
    }
}

#[test]
fn an_instance_that_writes_for_ever_is_waited_for_no_longer_than_that() {
    let root = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    vault.add(set(1)).unwrap();
    let held = File::options()
        .write(true)
        .open(root.path().join("lock"))
        .unwrap();
    held.lock().unwrap();
    // Whoever opens it now may read, and may write again once it is let go of.
    let other = Vault::open(root.path()).unwrap();
    assert!(!other.read_only());
    assert_eq!(seconds(&other), [1]);
    let failure = vault.add(set(2)).unwrap_err();
    assert!(failure.what.as_str().contains("Another"), "{failure}");
    assert_eq!(seconds(&vault), [1]);
    drop(held);
    vault.add(set(2)).unwrap();
    assert_eq!(seconds(&vault), [1, 2]);
}

#[test]
fn a_used_code_is_known_to_who_has_it_and_leaves_no_trace_otherwise() {
    let root = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    // Nothing is known of the account: nothing to note, and no failure.
    vault
        .mark_used(&account(), &registry(), &code(1), at(1), true)
        .unwrap();
    assert!(vault.sets().is_empty());
    vault.add(set(1)).unwrap();
    vault.add(set(2)).unwrap();
    let bob = Text::new("bob");
    for (account, code) in [
        (account(), "0a1B 2c3d"),
        (account(), "Word-1"),
        (bob.clone(), "0a1b2c3d"),
    ] {
        vault
            .mark_used(&account, &registry(), &code.into(), at(9), true)
            .unwrap();
    }
    let list = fs::read_to_string(root.path().join(LIST)).unwrap();
    // Long enough that no digest has one by chance.
    for trace in ["0a1B", "0a1b2c", "Word", "word"] {
        assert!(!list.contains(trace), "{list}");
    }
    let sets = vault.sets();
    // They may be of the newest set; those before it were replaced when they were sent.
    let sent = |index: usize| (sets[index].set.used.len(), sets[index].set.unplaced);
    assert_eq!([sent(0), sent(1)], [(0, 2), (0, 0)]);
    // The salt differs, and so does each mark of one code.
    let json: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_ne!(json["loose"][0]["mark"], json["loose"][1]["mark"]);
    let known = |code: &str| {
        let codes = RecoveryCodes::new(vec![code.into()]);
        vault.used(&account(), &registry(), &codes)[0].is_some()
    };
    // Blanks never count, and the case only where a code has other letters than hexadecimal ones.
    for of in ["0a1b2c3d", "0A1B2C3D", "0a1b 2c3d", "Word-1"] {
        assert!(known(of), "{of}");
    }
    for not in ["0a1b2c3e", "word-1", "Word-", "", " "] {
        assert!(!known(not), "{not}");
    }
    let codes = RecoveryCodes::new(vec!["0a1b2c3d".into()]);
    assert_eq!(vault.used(&bob, &registry(), &codes), [None]);
}

#[test]
fn marks_do_not_make_the_list_grow_without_end() {
    let root = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    let used = (0..255)
        .map(|n| UsedCode {
            at: at(n),
            sure: true,
            mark: "0:0".to_owned(),
        })
        .collect();
    vault.add(RecoverySet { used, ..set(1) }).unwrap();
    for n in 0..3 {
        vault
            .mark_used(&account(), &registry(), &code(n), at(n), true)
            .unwrap();
    }
    let used = vault.used(&account(), &registry(), &codes(0..2));
    assert_eq!(used, [Some(surely(0)), None]);
    assert_eq!(vault.sets()[0].set.used.len(), 255);
}

#[test]
fn a_list_of_the_first_form_is_read_and_written_in_the_second() {
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join(LIST),
        r#"{"version":1,"sets":[
            {"account":"alice","registry":"reg.example","received":"1970-01-01T00:00:01Z","place":"myself","count":10,"proved":true},
            {"account":"alice","registry":"reg.example","received":"1970-01-01T00:00:02Z","place":{"file":"/a/codes.txt"},"count":5,"proved":false}
        ]}"#,
    )
    .unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    assert!(!vault.read_only() && vault.warnings().is_empty());
    assert_eq!(seconds(&vault), [1, 2]);
    vault
        .mark_used(&account(), &registry(), &code(1), at(9), true)
        .unwrap();
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(root.path().join(LIST)).unwrap()).unwrap();
    assert_eq!(json["version"], 2);
    assert_eq!(json["sets"][0]["proved"], true);
    assert_eq!(json["sets"][1]["place"]["file"], "/a/codes.txt");
    assert_eq!(json["loose"][0]["sure"], true);
}

/// A plain set in a file of that name.
fn plain(folder: &Path, name: &str, second: i64, codes: &RecoveryCodes) -> RecoverySet {
    let path = folder.join(name);
    save_codes(codes, &account(), &registry(), at(second), &path).unwrap();
    let place = Place::File(path);
    RecoverySet {
        place,
        ..set(second)
    }
}

fn sent(vault: &Vault) -> Vec<(usize, usize)> {
    let sets = vault.sets().into_iter();
    sets.map(|state| (state.set.used.len(), state.set.unplaced))
        .collect()
}

#[test]
fn a_used_code_is_noted_in_the_sets_that_it_is_of_and_in_no_other() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    let mut vault = Vault::open(folder).unwrap();
    let (old, new) = (codes(0..3), codes(10..13));
    // The newest set is no copy of the codes that serve.
    vault.add(plain(folder, "old", 1, &old)).unwrap();
    let added = |set| RecoverySet { added: true, ..set };
    vault.add(added(plain(folder, "new", 2, &new))).unwrap();
    vault.add(added(set(3))).unwrap();
    vault
        .mark_used(&account(), &registry(), &code(1), at(9), true)
        .unwrap();
    assert_eq!(sent(&vault), [(0, 1), (0, 0), (1, 0)]);
    // One that was received from the registry after that surely has other codes.
    vault.add(set(10)).unwrap();
    assert_eq!(sent(&vault), [(0, 0), (0, 1), (0, 0), (1, 0)]);
    // A code of none that can be read here is of no set, until one with it is opened.
    vault
        .mark_used(&account(), &registry(), &code(21), at(11), false)
        .unwrap();
    assert_eq!(sent(&vault), [(0, 1), (0, 2), (0, 0), (1, 0)]);
    vault.opened(&set(3).id(), &codes(20..23)).unwrap();
    assert_eq!(sent(&vault)[1].0, 1);
    assert_eq!(sent(&vault)[0], (0, 1), "it may be a copy");
    vault.opened(&set(10).id(), &codes(30..33)).unwrap();
    assert_eq!(sent(&vault)[0].0, 0);
}

#[test]
fn what_was_used_stays_known_when_the_newest_set_is_removed() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    let mut vault = Vault::open(folder).unwrap();
    let both = codes(0..3);
    vault.add(set(1)).unwrap();
    vault.add(plain(folder, "copy", 2, &both)).unwrap();
    vault
        .mark_used(&account(), &registry(), &code(1), at(9), true)
        .unwrap();
    vault.forget(&set(2).id()).unwrap();
    let known = |vault: &Vault| vault.used(&account(), &registry(), &both);
    assert_eq!(known(&vault), [None, Some(surely(9)), None]);
    // Also when it was the last one, and the codes come again.
    vault.forget(&set(1).id()).unwrap();
    let mut vault = Vault::open(folder).unwrap();
    assert_eq!(known(&vault), [None, Some(surely(9)), None]);
    let added = RecoverySet {
        added: true,
        ..set(12)
    };
    vault.add(added).unwrap();
    assert_eq!(sent(&vault), [(0, 1)]);
    vault.opened(&set(12).id(), &both).unwrap();
    assert_eq!(sent(&vault), [(1, 0)]);
}

#[test]
fn a_mark_that_stood_in_the_wrong_set_finds_the_right_one() {
    let root = tempfile::tempdir().unwrap();
    let mut vault = Vault::open(root.path()).unwrap();
    vault.add(set(1)).unwrap();
    vault
        .mark_used(&account(), &registry(), &code(1), at(3), false)
        .unwrap();
    vault.opened(&set(1).id(), &codes(0..3)).unwrap();
    let used = vault.sets()[0].set.used.clone();
    assert_eq!(used.len(), 1);
    // As lists were written before: in the newest set, whichever it is of.
    let added = RecoverySet {
        added: true,
        used,
        ..set(2)
    };
    vault.forget(&set(1).id()).unwrap();
    vault.add(set(1)).unwrap();
    vault.add(added).unwrap();
    vault.opened(&set(2).id(), &codes(5..8)).unwrap();
    assert_eq!(sent(&vault), [(0, 0), (0, 1)]);
    vault.opened(&set(1).id(), &codes(0..3)).unwrap();
    assert_eq!(sent(&vault)[1], (1, 0));
}

fn prepare(folder: &Path) -> Pair {
    let (account, registry) = (account(), registry());
    let order = Order {
        folder,
        account: &account,
        registry: Some(&registry),
        date: jiff::civil::date(2026, 11, 22),
        work: 1,
    };
    Pair::prepare(&order, &PHRASE.into()).unwrap().0
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "lock" && name != LIST)
        .collect();
    names.sort();
    names
}

/// The folder, with a program that has prepared a place and is still there.
fn prepared(folder: &Path) -> (Vault, Pair) {
    let mut vault = Vault::open(folder).unwrap();
    let pair = prepare(folder);
    vault
        .awaits(account(), registry(), pair.path().to_owned())
        .unwrap();
    (vault, pair)
}

#[test]
fn p07_codes_of_a_program_that_was_killed_before_it_noted_them_are_in_the_next_list() {
    let root = tempfile::tempdir().unwrap();
    let (_, pair) = prepared(root.path());
    pair.seal(&codes(0..3), &account(), &registry(), at(5))
        .unwrap();
    // As long as it lives, it notes them itself.
    let mut other = Vault::open(root.path()).unwrap();
    assert!(other.sets().is_empty());
    let path = pair.path().to_owned();
    drop(pair);
    other.refresh().unwrap();
    let found = other.sets().remove(0);
    assert!(found.present);
    assert_eq!(found.set.place, Place::Vault(path.clone()));
    assert_eq!(found.set.account, account());
    assert_eq!(found.set.registry, registry());
    assert_eq!(found.set.count, 0, "nobody can know yet");
    let (set, seals) = other.find(&found.set.id()).unwrap();
    let opened = open_codes(&path, &PHRASE.into(), seals.as_ref()).unwrap();
    assert_eq!(opened.len(), 3);
    let opened = RecoveryCodes::new(opened);
    other.opened(&set.id(), &opened).unwrap();
    assert_eq!(Vault::open(root.path()).unwrap().sets()[0].set.count, 3);
}

#[test]
fn a_set_that_two_instances_noted_is_listed_once() {
    let root = tempfile::tempdir().unwrap();
    let (mut vault, pair) = prepared(root.path());
    let seals = pair
        .seal(&codes(0..3), &account(), &registry(), at(5))
        .unwrap();
    let place = Place::Vault(pair.path().to_owned());
    drop(pair);
    assert_eq!(Vault::open(root.path()).unwrap().sets().len(), 1);
    let set = RecoverySet { place, ..set(5) };
    vault.add_sealed(set.clone(), Some(seals)).unwrap();
    let sets = Vault::open(root.path()).unwrap().sets();
    assert_eq!(sets.len(), 1);
    assert_eq!(sets[0].set, set);
}

#[test]
fn a_key_without_codes_goes_with_its_program_and_no_sooner() {
    let root = tempfile::tempdir().unwrap();
    let (_, pair) = prepared(root.path());
    let (_, second) = prepared(root.path());
    assert_eq!(names(root.path()).len(), 2);
    drop(pair);
    let vault = Vault::open(root.path()).unwrap();
    assert!(vault.sets().is_empty());
    assert_eq!(names(root.path()).len(), 1);
    let codes = codes(0..3);
    second.seal(&codes, &account(), &registry(), at(5)).unwrap();
    let path = second.path().to_owned();
    drop(second);
    // Nor does one that is not this program's own any more.
    let (_, third) = prepared(root.path());
    let strange = key_of(third.path());
    fs::write(&strange, "what somebody keeps here").unwrap();
    drop(third);
    assert_eq!(Vault::open(root.path()).unwrap().sets().len(), 1);
    assert!(strange.exists());
    assert!(open_codes(&path, &PHRASE.into(), None).is_ok());
    let list = fs::read_to_string(root.path().join(LIST)).unwrap();
    assert!(!list.contains("prepared"), "{list}");
}

#[test]
fn a_key_whose_program_ended_while_it_was_tried_out_goes_and_its_probe_is_no_set() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    let (account, registry) = (account(), registry());
    let order = Order {
        folder,
        account: &account,
        registry: Some(&registry),
        date: jiff::civil::date(2026, 11, 22),
        work: 1,
    };
    let note = |codes: &Path| {
        assert!(key_of(codes).exists(), "before it is tried out");
        let codes = codes.to_owned();
        let mut vault = Vault::open(folder).unwrap();
        vault
            .awaits(account.clone(), registry.clone(), codes)
            .unwrap();
    };
    let (pair, _) = Pair::prepare_noted(&order, &PHRASE.into(), note).unwrap();
    // What is there when it is killed right after the probe was written.
    let sealed = fs::read(key_of(pair.path())).unwrap();
    fs::write(pair.path().with_extension("try.age"), sealed).unwrap();
    drop(pair);
    assert!(Vault::open(folder).unwrap().sets().is_empty());
    assert!(names(folder).is_empty(), "{:?}", names(folder));
}

#[cfg(unix)]
#[test]
fn p07_plain_codes_of_a_program_that_was_killed_before_it_noted_them_are_in_the_next_list() {
    let (root, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let awaits = |name: &str| {
        let path = home.path().join(name);
        let mut vault = Vault::open(root.path()).unwrap();
        let awaited = vault.awaits_plain(account(), registry(), path.clone());
        (path, awaited.unwrap())
    };
    let (path, awaited) = awaits("codes.txt");
    let received = at(1);
    save_codes(&codes(0..3), &account(), &registry(), received, &path).unwrap();
    // As long as it lives, it notes them itself.
    assert!(Vault::open(root.path()).unwrap().sets().is_empty());
    drop(awaited);
    let found = Vault::open(root.path()).unwrap().sets().remove(0).set;
    assert_eq!(found.place, Place::File(path.clone()));
    assert_eq!((found.account.clone(), found.count), (account(), 3));
    assert!(names(root.path()).is_empty(), "{:?}", names(root.path()));

    // Killed before the file had its name: it gets it, and what was not written whole goes.
    let (second, awaited) = awaits("second.txt");
    let text = fs::read(&path).unwrap();
    let left = |length: usize| format!(".npm-warden-second.txt-{length}-AbCdEf.tmp");
    fs::write(home.path().join(left(text.len())), &text).unwrap();
    fs::write(home.path().join(left(text.len() + 1)), &text).unwrap();
    drop(awaited);
    let sets = Vault::open(root.path()).unwrap().sets();
    assert_eq!(sets.len(), 2);
    assert_eq!(names(home.path()), ["codes.txt", "second.txt"]);
    assert_eq!(fs::read(&second).unwrap(), text);

    // None came; or they did and are noted.
    let (_, awaited) = awaits("third.txt");
    awaited.discard();
    let vault = Vault::open(root.path()).unwrap();
    assert_eq!(vault.sets().len(), 2);
    let list = fs::read_to_string(root.path().join(LIST)).unwrap();
    assert!(!list.contains("prepared"), "{list}");
    assert!(names(root.path()).is_empty(), "{:?}", names(root.path()));
}

#[cfg(unix)]
#[test]
fn a_folder_that_takes_no_writing_is_read_all_the_same() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    Vault::open(root.path()).unwrap().add(set(1)).unwrap();
    let mode = |mode| fs::set_permissions(root.path(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    let may_write = File::create(root.path().join("probe")).is_ok();
    let vault = Vault::open(root.path());
    mode(0o700);
    let vault = vault.unwrap();
    assert_eq!(seconds(&vault), [1]);
    // Who may do anything may write there, too.
    assert_eq!(vault.read_only(), !may_write);
    assert_eq!(vault.warnings().len(), usize::from(!may_write));
}

#[test]
fn what_somebody_else_put_at_an_awaited_place_is_not_taken_for_codes() {
    let root = tempfile::tempdir().unwrap();
    let (_, pair) = prepared(root.path());
    fs::write(pair.path(), "somebody's").unwrap();
    let key = key_of(pair.path());
    drop(pair);
    assert!(Vault::open(root.path()).unwrap().sets().is_empty());
    assert!(key.exists());
    let list = fs::read_to_string(root.path().join(LIST)).unwrap();
    assert!(!list.contains("prepared"), "{list}");
}
