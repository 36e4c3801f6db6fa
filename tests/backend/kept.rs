//! Encrypted places, and what is done with sets of codes that are kept.

use std::fs;
use std::path::{Path, PathBuf};

use npm_warden::backend::protocol::{
    Answer, Enabled, Event, Opened, Outcome, PlaceWish, Proof, Question, Request, RequestId, Step,
};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::recovery::{Place, RecoveryCodes, RecoverySet, SetId, UsedAt, key_of};
use npm_warden::domain::tfa::Level;
use npm_warden::vault::{self, Vault};

use super::bench::{Bench, is_step};
use super::enable::{CODES, NOW, URL, code_at, request};
use super::script::{At, Reply, Script, is_on, off, pending, refuses};

const PHRASE: &str = "passphrase canary é";

/// A registry that has come as far as the last code.
fn begun(confirm: impl IntoIterator<Item = Reply>) -> Script {
    Script::new()
        .on(At::Profile, [off()])
        .on(At::Enrol, [Reply::Url(URL.to_owned())])
        .on(At::Confirm, confirm)
}

fn codes() -> Reply {
    Reply::Codes(CODES.to_vec())
}

fn wish() -> Request {
    Request::ProvePlace(PlaceWish::Vault {
        account: "alice".into(),
        passphrase: PHRASE.into(),
    })
}

fn given() -> RecoveryCodes {
    RecoveryCodes::new(CODES.iter().map(|code| (*code).into()).collect())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name != "lock" && name != "recovery-sets.json")
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

impl Bench {
    fn own(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    fn plain(&self) -> PathBuf {
        self.folder.path().join("codes.txt")
    }

    /// Proves an encrypted place.
    async fn vault_place(&mut self) -> PathBuf {
        let id = self.start(wish());
        match self.finished(id).await {
            Ok(Outcome::PlaceProved {
                place: Place::Vault(path),
                ..
            }) => path,
            other => panic!("{other:?}"),
        }
    }

    async fn asks(&mut self, by: RequestId) -> Question {
        loop {
            match self.next().await {
                Event::Asked { id, question } if id == by => return question,
                Event::Finished { id, result } if id == by => panic!("ended instead: {result:?}"),
                _ => {}
            }
        }
    }

    /// Up to the moment when the codes are somewhere, and shown.
    async fn come(&mut self, by: RequestId) -> Place {
        self.asked_to_confirm(by).await;
        self.code(by, &code_at(NOW));
        self.codes_in().await
    }

    async fn codes_in(&mut self) -> Place {
        self.until(|event| match is_step(event) {
            Some(Step::Codes { place, .. }) => Some(place.clone()),
            _ => None,
        })
        .await
    }

    /// Gives the right part of the code that is asked for.
    async fn gives_part(&mut self, by: RequestId) {
        match self.asks(by).await {
            Question::Proof(proof) => self.answer(by, Answer::Proof(part(proof).into())),
            other => panic!("{other:?}"),
        }
    }

    async fn listed(&mut self) -> Vec<(RecoverySet, bool)> {
        let id = self.start(Request::Sets);
        match self.finished(id).await {
            Ok(Outcome::Sets { sets, read_only }) => {
                assert!(!read_only);
                sets
            }
            other => panic!("{other:?}"),
        }
    }

    async fn opened(&mut self, set: &SetId, passphrase: Option<&str>) -> Result<Opened, Failure> {
        let id = self.start(Request::OpenSet {
            set: set.clone(),
            passphrase: passphrase.map(Into::into),
        });
        match self.finished(id).await? {
            Outcome::Opened(opened) => Ok(opened),
            other => panic!("{other:?}"),
        }
    }

    async fn removed(&mut self, set: &SetId) -> Result<Vec<String>, Failure> {
        let id = self.start(Request::RemoveSet { set: set.clone() });
        match self.finished(id).await? {
            Outcome::SetRemoved(left) => {
                Ok(left.iter().map(|text| text.as_str().to_owned()).collect())
            }
            other => panic!("{other:?}"),
        }
    }

    /// Keeps codes that came from elsewhere, and proves to have them.
    async fn added(&mut self, place: Place) -> SetId {
        let id = self.start(Request::AddSet {
            account: "alice".into(),
            codes: given(),
            place: place.clone(),
        });
        self.gives_part(id).await;
        match self.finished(id).await {
            Ok(Outcome::SetAdded {
                place: kept,
                proved: true,
            }) => assert_eq!(kept, place),
            other => panic!("{other:?}"),
        }
        let sets = self.listed().await;
        let (set, present) = sets
            .into_iter()
            .find(|(set, _)| set.place == place)
            .unwrap();
        assert!(present && set.proved);
        set.id()
    }
}

fn part(proof: Proof) -> &'static str {
    &CODES[proof.code - 1][proof.from - 1..proof.to]
}

fn are_ours(codes: &RecoveryCodes) -> bool {
    let codes: Vec<_> = codes.iter().map(|code| code.expose().as_str()).collect();
    codes == CODES
}

#[tokio::test(start_paused = true)]
async fn p07_codes_go_into_the_encrypted_file_whose_key_was_ready_before_they_came() {
    let mut bench = Bench::new(begun([codes()]));
    bench.script.add(At::Profile, [is_on(Level::AuthAndWrites)]);
    let path = bench.vault_place().await;
    assert!(path.starts_with(bench.own()));
    assert!(!path.exists() && key_of(&path).exists());
    let id = bench.start(request(Place::Vault(path.clone())));
    assert_eq!(bench.come(id).await, Place::Vault(path.clone()));
    // At this moment they are on the disk already.
    let read = vault::open_codes(&path, &PHRASE.into(), None).unwrap();
    assert!(are_ours(&RecoveryCodes::new(read)));
    assert!(matches!(bench.asks(id).await, Question::CodesShown));
    bench.answer(id, Answer::GoOn);
    bench.gives_part(id).await;
    match bench.finished(id).await {
        Ok(Outcome::Enabled(Enabled::On { place, proved, .. })) => {
            assert_eq!((place, proved), (Place::Vault(path.clone()), true));
        }
        other => panic!("{other:?}"),
    }
    let sets = bench.listed().await;
    assert_eq!(sets.len(), 1);
    let (set, present) = &sets[0];
    assert!(*present && set.proved && set.count == 3);
    let opened = bench.opened(&set.id(), Some(PHRASE)).await.unwrap();
    assert!(are_ours(&opened.codes));
    assert_eq!(opened.used, [None, None, None]);
    // The end of the program takes away nothing.
    let (folder, _) = bench.quit().await;
    assert_eq!(names(&folder.path().join("vault")).len(), 2);
    vault::open_codes(&path, &PHRASE.into(), None).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_place_without_a_key_is_found_out_before_anything_is_begun() {
    let mut bench = Bench::new(Script::new());
    let path = bench.own().join("npm-recovery-codes-alice.age");
    let id = bench.start(request(Place::Vault(path)));
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Local);
    assert!(failure.next.as_str().contains("place again"), "{failure}");
    assert!(bench.script.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_no_codes_came_for_goes_when_its_job_ends_so() {
    // Left at the last code.
    let mut bench = Bench::new(begun([]).on(At::Profile, [pending()]));
    let path = bench.vault_place().await;
    let id = bench.start(request(Place::Vault(path)));
    bench.asked_to_confirm(id).await;
    bench.answer(id, Answer::Leave { clear: false });
    bench.finished(id).await.unwrap();
    assert_eq!(names(&bench.own()), Vec::<String>::new());
    assert!(bench.listed().await.is_empty());

    // Not taken at all.
    let script = Script::new()
        .on(At::Profile, [off(), off()])
        .on(At::Enrol, [refuses(403, "Use the website.")]);
    let mut bench = Bench::new(script);
    let path = bench.vault_place().await;
    let id = bench.start(request(Place::Vault(path)));
    bench.finished(id).await.unwrap();
    assert_eq!(names(&bench.own()), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_mistyped_password_does_not_cost_the_passphrase_once_more() {
    let script = Script::new()
        .on(At::Profile, [off(), off(), off()])
        .on(
            At::Enrol,
            [refuses(401, "unauthorized"), Reply::Url(URL.to_owned())],
        )
        .on(At::Confirm, [codes()]);
    let mut bench = Bench::new(script);
    let path = bench.vault_place().await;
    let id = bench.start(request(Place::Vault(path.clone())));
    assert!(bench.finished(id).await.is_err());
    let id = bench.start(request(Place::Vault(path.clone())));
    assert_eq!(bench.come(id).await, Place::Vault(path));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_waits_goes_when_another_is_made_and_at_the_end_of_the_program() {
    let mut bench = Bench::new(begun([codes()]));
    let first = bench.vault_place().await;
    let second = bench.vault_place().await;
    assert_eq!(first, second, "the name is free again");
    assert_eq!(names(&bench.own()).len(), 1);
    // One that a set-up counts on stays.
    let id = bench.start(request(Place::Vault(second.clone())));
    bench.asked_to_confirm(id).await;
    let third = bench.vault_place().await;
    assert_ne!(third, second);
    bench.code(id, &code_at(NOW));
    assert_eq!(bench.codes_in().await, Place::Vault(second.clone()));
    let (folder, _) = bench.quit().await;
    let mut kept = names(&folder.path().join("vault"));
    kept.retain(|name| !second.ends_with(name) && !key_of(&second).ends_with(name));
    assert_eq!(kept, Vec::<String>::new());
    vault::open_codes(&second, &PHRASE.into(), None).unwrap();
}

#[tokio::test(start_paused = true)]
async fn p07_what_comes_into_the_way_of_an_encrypted_file_costs_no_code() {
    for key_too in [false, true] {
        let mut bench = Bench::new(begun([codes()]));
        let path = bench.vault_place().await;
        let id = bench.start(request(Place::Vault(path.clone())));
        bench.asked_to_confirm(id).await;
        if key_too {
            fs::remove_file(key_of(&path)).unwrap();
        } else {
            fs::write(&path, "mine").unwrap();
        }
        bench.code(id, &code_at(NOW));
        assert_eq!(bench.codes_in().await, Place::Myself);
        assert!(matches!(bench.asks(id).await, Question::OtherPlace(_)));
        // Another one is proved beside the question.
        let other = bench.vault_place().await;
        assert_eq!(
            other == path,
            key_too,
            "a name is free once its key is gone"
        );
        bench.answer(id, Answer::Place(Place::Vault(other.clone())));
        assert_eq!(bench.codes_in().await, Place::Vault(other.clone()));
        vault::open_codes(&other, &PHRASE.into(), None).unwrap();
        if !key_too {
            assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        }
        assert_eq!(bench.listed().await[0].0.place, Place::Vault(other));
    }
}

#[tokio::test(start_paused = true)]
async fn p07_a_program_that_has_to_end_prefers_the_key_that_is_ready() {
    let mut bench = Bench::new(begun([codes()]));
    let waits = bench.vault_place().await;
    let id = bench.start(request(Place::File(bench.plain())));
    bench.asked_to_confirm(id).await;
    fs::write(bench.plain(), "mine").unwrap();
    bench.code(id, &code_at(NOW));
    assert!(matches!(bench.asks(id).await, Question::OtherPlace(_)));
    let (folder, _) = bench.quit().await;
    let read = vault::open_codes(&waits, &PHRASE.into(), None).unwrap();
    assert!(are_ours(&RecoveryCodes::new(read)));
    let vault = Vault::open(&folder.path().join("vault")).unwrap();
    assert_eq!(vault.sets()[0].set.place, Place::Vault(waits));
}

#[tokio::test(start_paused = true)]
async fn sets_are_opened_each_in_its_way() {
    let mut bench = Bench::new(Script::new());
    let sealed = Place::Vault(bench.vault_place().await);
    let sealed = bench.added(sealed).await;
    let opened = bench.opened(&sealed, Some(PHRASE)).await.unwrap();
    assert!(are_ours(&opened.codes));
    let wrong = bench.opened(&sealed, Some("another one")).await;
    let wrong = wrong.unwrap_err();
    assert!(
        wrong.what.as_str().contains("not the passphrase"),
        "{wrong}"
    );
    let none = bench.opened(&sealed, None).await.unwrap_err();
    assert!(none.what.as_str().contains("encrypted"), "{none}");
    // Another program of the same person notes what was used, at the same time.
    let mut other = Vault::open(&bench.own()).unwrap();
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    other
        .mark_used(
            &sealed.account,
            &sealed.registry,
            &CODES[1].into(),
            at,
            true,
        )
        .unwrap();
    // Of which set it is shows when the set is opened.
    let (set, _) = bench.listed().await.remove(0);
    assert_eq!((set.used.len(), set.unplaced), (0, 1));
    let opened = bench.opened(&sealed, Some(PHRASE)).await.unwrap();
    let used = UsedAt { at, sure: true };
    assert_eq!(opened.used, [None, Some(used), None]);
    let (set, _) = bench.listed().await.remove(0);
    assert_eq!((set.used.len(), set.unplaced), (1, 0));

    let mut strange = sealed.clone();
    strange.account = "bob".into();
    let failure = bench.opened(&strange, Some(PHRASE)).await.unwrap_err();
    assert!(
        failure.what.as_str().contains("not in the list"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_plain_set_is_opened_and_one_that_the_person_keeps_is_not() {
    let mut bench = Bench::new(Script::new());
    let plain = bench.added(Place::File(bench.plain())).await;
    let opened = bench.opened(&plain, None).await.unwrap();
    assert!(are_ours(&opened.codes));
    fs::remove_file(bench.plain()).unwrap();
    let failure = bench.opened(&plain, None).await.unwrap_err();
    assert!(
        failure.what.as_str().contains("not there any more"),
        "{failure}"
    );

    let mut bench = Bench::new(Script::new());
    let mine = bench.added(Place::Myself).await;
    let failure = bench.opened(&mine, None).await.unwrap_err();
    assert!(failure.what.as_str().contains("yourself"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn p08_a_set_is_proved_again_without_being_shown() {
    let mut bench = Bench::new(Script::new());
    let place = Place::Vault(bench.vault_place().await);
    let id = bench.start(Request::AddSet {
        account: "alice".into(),
        codes: given(),
        place,
    });
    assert!(matches!(bench.asks(id).await, Question::Proof(_)));
    bench.answer(id, Answer::Declined);
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::SetAdded { proved: false, .. })
    ));
    let set = bench.listed().await[0].0.id();
    let again = |passphrase: &str| Request::ProveSet {
        set: set.clone(),
        passphrase: Some(passphrase.into()),
    };
    let id = bench.start(again("not this one!"));
    assert!(bench.finished(id).await.is_err());

    let id = bench.start(again(PHRASE));
    let Question::Proof(first) = bench.asks(id).await else {
        panic!("a proof");
    };
    bench.answer(id, Answer::Proof("zzzzzz".into()));
    let Question::Proof(second) = bench.asks(id).await else {
        panic!("a proof");
    };
    assert_eq!((second.code, second.attempt), (first.code, 2));
    bench.answer(id, Answer::ShowAgain);
    // Another code is asked for; none is shown.
    let third = loop {
        match bench.next().await {
            Event::Cleared { .. } => {}
            Event::Asked {
                question: Question::Proof(third),
                ..
            } => break third,
            other => panic!("{other:?}"),
        }
    };
    assert_ne!(third.code, first.code);
    bench.answer(id, Answer::Declined);
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::SetProved { proved: false })
    ));
    assert!(!bench.listed().await[0].0.proved);

    let id = bench.start(again(PHRASE));
    bench.gives_part(id).await;
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::SetProved { proved: true })
    ));
    assert!(bench.listed().await[0].0.proved);

    // Declining later takes nothing back, and neither does leaving.
    let id = bench.start(again(PHRASE));
    bench.asks(id).await;
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert!(bench.listed().await[0].0.proved);
}

#[tokio::test(start_paused = true)]
async fn p10_a_set_is_exported_into_a_new_file() {
    let mut bench = Bench::new(Script::new());
    let place = Place::Vault(bench.vault_place().await);
    let set = bench.added(place).await;
    let export = |to: &str| Request::ExportSet {
        set: set.clone(),
        passphrase: Some(PHRASE.into()),
        to: to.into(),
    };
    fs::write(bench.folder.path().join("taken.txt"), "mine").unwrap();
    for bad in ["taken.txt", "no/such/folder/codes.txt", ""] {
        let id = bench.start(export(bad));
        assert!(bench.finished(id).await.is_err(), "{bad}");
    }
    let taken = fs::read_to_string(bench.folder.path().join("taken.txt"));
    assert_eq!(taken.unwrap(), "mine");
    let id = bench.start(export("codes.txt"));
    match bench.finished(id).await {
        Ok(Outcome::Exported(path)) => assert_eq!(path, bench.plain()),
        other => panic!("{other:?}"),
    }
    assert!(are_ours(&RecoveryCodes::new(
        vault::read_back(&bench.plain()).unwrap()
    )));
    // A wrong passphrase leaves no file.
    let id = bench.start(Request::ExportSet {
        set: set.clone(),
        passphrase: Some("not this one!".into()),
        to: "other.txt".into(),
    });
    assert!(bench.finished(id).await.is_err());
    assert!(!bench.folder.path().join("other.txt").exists());
}

#[tokio::test(start_paused = true)]
async fn a_set_is_removed_with_its_files_and_without_anybody_elses() {
    let mut bench = Bench::new(Script::new());
    let place = bench.vault_place().await;
    let set = bench.added(Place::Vault(place.clone())).await;
    // Another set of the same person.
    let other = bench.vault_place().await;
    assert_eq!(bench.removed(&set).await.unwrap(), Vec::<String>::new());
    assert!(bench.listed().await.is_empty());
    assert!(!place.exists() && !key_of(&place).exists());
    assert!(key_of(&other).exists());
    assert!(bench.removed(&set).await.is_err(), "it is not in the list");

    let plain = bench.plain();
    let set = bench.added(Place::File(plain.clone())).await;
    assert_eq!(bench.removed(&set).await.unwrap(), Vec::<String>::new());
    assert!(!plain.exists());
    let set = bench.added(Place::Myself).await;
    assert_eq!(bench.removed(&set).await.unwrap(), Vec::<String>::new());
    // A file that is gone already is no reason to stay in the list.
    let set = bench.added(Place::File(plain.clone())).await;
    fs::remove_file(&plain).unwrap();
    assert_eq!(bench.removed(&set).await.unwrap(), Vec::<String>::new());
    assert!(bench.listed().await.is_empty());
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_as_it_was_written_is_left_behind_and_said() {
    use std::os::unix::fs::symlink;
    let mut bench = Bench::new(Script::new());
    let plain = bench.plain();
    // Somebody crossed a code out, or made it a link to where it is kept now.
    let safe = bench.folder.path().join("safe.txt");
    for linked in [false, true] {
        let set = bench.added(Place::File(plain.clone())).await;
        let mut text = fs::read_to_string(&plain).unwrap();
        text.push_str("the second one is used\n");
        if linked {
            fs::rename(&plain, &safe).unwrap();
            symlink(&safe, &plain).unwrap();
        } else {
            fs::write(&plain, &text).unwrap();
        }
        let left = bench.removed(&set).await.unwrap();
        assert_eq!(left.len(), 1);
        assert!(left[0].contains("was changed"), "{left:?}");
        assert!(bench.listed().await.is_empty());
        assert!(plain.exists());
        fs::remove_file(&plain).unwrap();
    }
    assert!(safe.exists());

    // The passphrase was changed by other means: the codes go, the key stays.
    let place = bench.vault_place().await;
    let set = bench.added(Place::Vault(place.clone())).await;
    fs::write(key_of(&place), b"age-encryption.org/v1\n-> scrypt another").unwrap();
    let left = bench.removed(&set).await.unwrap();
    assert!(left[0].contains(".key.age was changed"), "{left:?}");
    assert!(!place.exists() && key_of(&place).exists());

    // What stays can still be opened.
    let place = bench.vault_place().await;
    let set = bench.added(Place::Vault(place.clone())).await;
    fs::write(&place, b"age-encryption.org/v1\n-> X25519 another").unwrap();
    let left = bench.removed(&set).await.unwrap();
    assert!(left[0].contains("its key"), "{left:?}");
    assert!(place.exists() && key_of(&place).exists());
}

#[tokio::test(start_paused = true)]
async fn codes_from_elsewhere_are_kept_without_being_shown() {
    let mut bench = Bench::new(Script::new());
    let add = |codes, place| Request::AddSet {
        account: "alice".into(),
        codes,
        place,
    };
    let none = RecoveryCodes::new(Vec::new());
    let id = bench.start(add(none, Place::File(bench.plain())));
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("no code"), "{failure}");
    let id = bench.start(add(given(), Place::Vault(bench.own().join("x.age"))));
    assert!(bench.finished(id).await.is_err());

    // The place fails after it was proved.
    let place = bench.vault_place().await;
    fs::remove_file(key_of(&place)).unwrap();
    let id = bench.start(add(given(), Place::Vault(place)));
    let event = bench.next().await;
    assert!(
        matches!(
            &event,
            Event::Asked {
                question: Question::OtherPlace(_),
                ..
            }
        ),
        "{event:?}"
    );
    bench.answer(id, Answer::Place(Place::File(bench.plain())));
    // Nothing of them is shown in between.
    loop {
        match bench.next().await {
            Event::Cleared { .. } => {}
            Event::Asked {
                question: Question::Proof(_),
                ..
            } => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(bench.plain().exists());
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("codes.txt"), "{failure}");
    assert_eq!(bench.listed().await.len(), 1);

    // Given up at the question for another place: they stay where they came from, and nothing is kept.
    let place = bench.vault_place().await;
    fs::write(&place, "mine").unwrap();
    let id = bench.start(add(given(), Place::Vault(place)));
    assert!(matches!(bench.asks(id).await, Question::OtherPlace(_)));
    let waits = bench.vault_place().await;
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!(bench.listed().await.len(), 1);
    assert!(!waits.exists());
}

#[tokio::test(start_paused = true)]
async fn p01_neither_events_nor_the_list_show_a_code_or_a_passphrase() {
    let mut bench = Bench::new(Script::new());
    let clean = |text: &str| {
        for secret in CODES.iter().chain(&[PHRASE, "canary", "AGE-SECRET"]) {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    };
    clean(&format!("{:?}", wish()));
    let place = Place::Vault(bench.vault_place().await);
    let add = Request::AddSet {
        account: "alice".into(),
        codes: given(),
        place,
    };
    clean(&format!("{add:?}"));
    let id = bench.start(add);
    bench.gives_part(id).await;
    clean(&format!("{:?}", bench.finished(id).await));
    let set = bench.listed().await[0].0.id();
    for passphrase in [PHRASE, "another canary"] {
        let open = Request::OpenSet {
            set: set.clone(),
            passphrase: Some(passphrase.into()),
        };
        clean(&format!("{open:?}"));
        let id = bench.start(open);
        let (events, end) = bench.rest(id).await;
        clean(&format!("{events:?} {end:?} {end:#?}"));
    }
    let mut other = Vault::open(&bench.own()).unwrap();
    let at = set.received;
    other
        .mark_used(&set.account, &set.registry, &CODES[0].into(), at, true)
        .unwrap();
    for name in ["recovery-sets.json", "lock"] {
        clean(&fs::read_to_string(bench.own().join(name)).unwrap());
    }
    for name in names(&bench.own()) {
        let bytes = fs::read(bench.own().join(name)).unwrap();
        clean(&String::from_utf8_lossy(&bytes));
    }
}

#[tokio::test(start_paused = true)]
async fn codes_that_a_person_adds_are_listed_as_such() {
    let mut bench = Bench::new(Script::new());
    let added = bench.added(Place::Myself).await;
    let (set, _) = bench.listed().await.remove(0);
    assert_eq!(set.id(), added);
    assert!(set.added);
}
