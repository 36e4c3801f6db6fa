//! The recovery screen: what is listed, and what is done with a kept set.

use std::path::PathBuf;

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Screen, SetPage, Tone};
use npm_warden::app::recovery::{Worth, listed};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Effect, Msg};
use npm_warden::backend::protocol::{Enabled, Opened, Outcome, Question, Request, RequestId, Step};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::recovery::{Place, RecoverySet, UsedAt, UsedCode};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};

use crate::sim::{
    CODE, PASSWORD, Sim, account, codes, codes_step, confirm, enrolment, file, profile, proof,
    standing, tokens,
};

const ON: Tfa = Tfa::On(Level::AuthAndWrites);

fn vault() -> Place {
    Place::Vault(PathBuf::from(
        "/home/alice/.local/share/npm-warden/alice.age",
    ))
}

/// A set of alice's, received on this day of November.
pub(crate) fn set(place: Place, day: u8) -> RecoverySet {
    RecoverySet {
        account: Text::new("alice"),
        registry: Text::new("registry.example.com"),
        received: format!("2026-11-{day:02}T12:00:00Z").parse().unwrap(),
        place,
        count: 5,
        proved: true,
        added: false,
        unplaced: 0,
        used: Vec::new(),
    }
}

fn of(account: &str, registry: &str, day: u8) -> RecoverySet {
    RecoverySet {
        account: Text::new(account),
        registry: Text::new(registry),
        ..set(file(), day)
    }
}

/// These sets are listed, on the recovery screen.
fn lists(sim: &mut Sim, sets: Vec<(RecoverySet, bool)>, read_only: bool) {
    sim.press("4 r");
    sim.ends(Purpose::Sets, Ok(Outcome::Sets { sets, read_only }));
    sim.effects.clear();
}

/// Signed in with this second factor, on the recovery screen with these sets.
pub(crate) fn with(tfa: Tfa, sets: Vec<RecoverySet>) -> Sim {
    let mut sim = Sim::with(tfa, tokens(2));
    lists(
        &mut sim,
        sets.into_iter().map(|set| (set, true)).collect(),
        false,
    );
    sim
}

fn one(place: Place) -> Sim {
    with(ON, vec![set(place, 20)])
}

fn opened(set: &RecoverySet) -> Outcome {
    let first = set
        .used
        .iter()
        .map(|&UsedCode { at, sure, .. }| Some(UsedAt { at, sure }));
    Outcome::Opened(Opened {
        set: set.id(),
        codes: codes(),
        used: first.chain(std::iter::repeat(None)).take(5).collect(),
    })
}

/// A plain file's codes on the screen.
pub(crate) fn open() -> Sim {
    let mut sim = one(file());
    sim.press("enter").wants(&["start OpenSet"]);
    sim.ends(Purpose::OpenSet, Ok(opened(&set(file(), 20))));
    sim.at_scope(Scope::SetOpened);
    sim
}

fn is_open(sim: &Sim) -> bool {
    matches!(sim.model.recovery.page, Some(SetPage::Opened(_)))
}

/// The last request, whole.
fn request(sim: &Sim) -> &Request {
    let mut effects = sim.effects.iter().rev();
    let started = effects.find_map(|effect| match effect {
        Effect::Start { request, .. } => Some(request),
        _ => None,
    });
    started.expect("nothing was started")
}

// The list.

#[test]
fn the_sets_of_whoever_is_signed_in_come_first_then_by_account_registry_and_date() {
    let sim = with(
        ON,
        vec![
            of("aaron", "registry.example.com", 5),
            of("alice", "registry.example.com", 3),
            of("alice", "a.example.net", 9),
            of("alice", "registry.example.com", 20),
        ],
    );
    let listed = listed(&sim.model);
    let told: Vec<_> = listed
        .iter()
        .map(|one| {
            let registry = one.set.registry.as_str();
            (one.set.account.as_str(), registry, one.here, one.first)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("alice", "registry.example.com", true, true),
            ("alice", "registry.example.com", true, false),
            ("aaron", "registry.example.com", false, true),
            ("alice", "a.example.net", false, true),
        ]
    );
    assert!(listed[0].set.received > listed[1].set.received);
}

#[test]
fn what_a_set_is_worth() {
    let worth = |tfa: Tfa| {
        let sim = with(
            tfa,
            vec![
                set(file(), 20),
                set(vault(), 3),
                of("carol", "registry.example.com", 1),
            ],
        );
        let listed = listed(&sim.model);
        listed.iter().map(|one| one.worth).collect::<Vec<_>>()
    };
    assert_eq!(worth(ON), [Worth::InUse, Worth::Replaced, Worth::Newest]);
    assert_eq!(
        worth(Tfa::Off),
        [Worth::Off, Worth::Replaced, Worth::Newest]
    );
    let pending = Tfa::Pending(None);
    assert_eq!(
        worth(pending),
        [Worth::Pending, Worth::Replaced, Worth::Newest]
    );
    let unknown = Tfa::Unknown(Text::new("passkey"));
    assert_eq!(
        worth(unknown),
        [Worth::Newest, Worth::Replaced, Worth::Newest]
    );
}

/// What a person adds may be a copy of codes that are known, or older ones: it makes none of them worthless.
#[test]
fn codes_that_a_person_added_replace_none() {
    let added = RecoverySet {
        added: true,
        ..set(file(), 20)
    };
    let sets = vec![added.clone(), set(vault(), 10), set(vault(), 3)];
    let worth = |tfa: Tfa, sets: &[RecoverySet]| {
        let sim = with(tfa, sets.to_vec());
        let listed = listed(&sim.model);
        listed.iter().map(|one| one.worth).collect::<Vec<_>>()
    };
    assert_eq!(
        worth(ON, &sets),
        [Worth::Either, Worth::Either, Worth::Replaced]
    );
    assert_eq!(
        worth(Tfa::Off, &sets),
        [Worth::Off, Worth::Off, Worth::Replaced]
    );
    // Alone there is nothing else that could be in use; and codes that the registry sent later replace them all.
    assert_eq!(worth(ON, &sets[..1]), [Worth::InUse]);
    let newer = [&[set(vault(), 21)], &sets[..]].concat();
    assert_eq!(
        worth(ON, &newer),
        [
            Worth::InUse,
            Worth::Replaced,
            Worth::Replaced,
            Worth::Replaced
        ]
    );
    // Either may be the one that works: a slip of the finger removes none.
    let mut sim = with(ON, sets);
    sim.press("x").at_scope(Scope::SetRemoveWord);
    sim.press("esc j x").at_scope(Scope::SetRemoveWord);
    sim.press("esc j x").at_scope(Scope::SetRemoveAsk);
}

/// A set-up that was begun makes the older codes worthless, also when the new ones were lost on their way.
#[test]
fn codes_from_before_a_new_set_up_do_not_count_as_usable() {
    let mut sim = Sim::with(Tfa::Off, tokens(2));
    lists(&mut sim, vec![(set(file(), 20), true)], false);
    sim.press("2 e enter enter").types(PASSWORD).press("enter");
    sim.press("tab tab").types("myself⏎");
    sim.steps(Purpose::Enable, Step::Enrolled(enrolment()));
    sim.asks(Purpose::Enable, Question::Confirm(confirm(1)));
    let lost = Enabled::OnWithoutCodes {
        level: Level::AuthOnly,
        why: crate::sim::failure(FailureKind::Network, "No answer."),
    };
    sim.ends(Purpose::Enable, Ok(Outcome::Enabled(lost)));
    sim.arrives(account(ON));
    assert_eq!(listed(&sim.model)[0].worth, Worth::Renewed);
}

#[test]
fn the_chosen_set_stays_chosen_when_the_list_is_read_anew() {
    let mut sim = with(ON, vec![set(file(), 3), set(file(), 10), set(file(), 20)]);
    sim.press("j");
    assert_eq!(sim.model.recovery.chosen, Some(set(file(), 10).id()));
    lists(
        &mut sim,
        [25, 20, 10, 3].map(|day| (set(file(), day), true)).to_vec(),
        false,
    );
    assert_eq!(sim.model.recovery.chosen, Some(set(file(), 10).id()));
    // When it is gone, the one in its place is chosen.
    lists(
        &mut sim,
        [25, 20, 3].map(|day| (set(file(), day), true)).to_vec(),
        false,
    );
    assert_eq!(sim.model.recovery.chosen, Some(set(file(), 3).id()));
}

#[test]
fn what_cannot_be_done_is_said() {
    let mut sim = with(ON, Vec::new());
    sim.press("enter")
        .says("No recovery codes are known")
        .wants(&[]);
    let mut sim = one(Place::Myself);
    for key in ["enter", "p", "e"] {
        sim.press(key)
            .says("You keep these codes yourself")
            .wants(&[]);
    }
    let mut sim = one(file());
    lists(&mut sim, vec![(set(file(), 20), false)], false);
    sim.press("enter").says("moved or removed").wants(&[]);
    sim.press("x").at_scope(Scope::SetRemoveWord);
    // The list can only be read.
    let mut sim = one(file());
    lists(&mut sim, vec![(set(file(), 20), true)], true);
    for key in ["x", "p"] {
        sim.press(key).says("only be read").wants(&[]);
    }
    sim.press("enter").wants(&["start OpenSet"]);
}

#[test]
fn one_thing_at_a_time_is_done_with_sets() {
    let mut sim = one(file());
    sim.press("enter esc esc").at_scope(Scope::Recovery);
    sim.effects.clear();
    for key in ["enter", "p", "e", "x"] {
        sim.press(key).says("is being opened").wants(&[]);
    }
    sim.fails(Purpose::OpenSet, FailureKind::Cancelled, "Given up.");
    sim.press("x").at_scope(Scope::SetRemoveWord);
}

/// The list tells how many are used: it is read anew when a request has ended that took one.
#[test]
fn a_code_that_was_used_is_counted_at_once() {
    let mut sim = one(file());
    sim.press("3 x y")
        .challenged(Purpose::Revoke)
        .types(CODE)
        .press("enter");
    sim.waits(400).press("y");
    sim.effects.clear();
    assert!(sim.running(Purpose::Sets).is_none());
    sim.fails(Purpose::Revoke, FailureKind::Network, "No answer.");
    assert!(sim.running(Purpose::Sets).is_some());
}

// Opening.

#[test]
fn a_plain_file_opens_directly_and_an_encrypted_one_asks_for_its_passphrase() {
    open();
    let mut sim = one(vault());
    sim.press("enter").at_scope(Scope::SetPassphrase).wants(&[]);
    sim.press("enter").says("passphrase first").wants(&[]);
    sim.types(PASSWORD).press("enter").at_scope(Scope::SetSent);
    let Request::OpenSet {
        set: id,
        passphrase,
    } = request(&sim)
    else {
        panic!("{:?}", sim.effects);
    };
    assert_eq!(*id, set(vault(), 20).id());
    assert_eq!(passphrase.as_ref().unwrap().expose(), PASSWORD);
    sim.wiped()
        .ends(Purpose::OpenSet, Ok(opened(&set(vault(), 20))));
    sim.at_scope(Scope::SetOpened);
}

#[test]
fn a_wrong_passphrase_is_said_and_can_be_typed_again() {
    let mut sim = one(vault());
    sim.press("enter").types("wrong⏎");
    sim.fails(
        Purpose::OpenSet,
        FailureKind::Refused,
        "That is not the passphrase.",
    );
    sim.at_scope(Scope::SetPassphrase);
    let Some(SetPage::Form(form)) = &sim.model.recovery.page else {
        panic!("no form");
    };
    assert!(form.passphrase.is_empty());
    assert!(
        form.error
            .as_ref()
            .unwrap()
            .what
            .as_str()
            .contains("not the passphrase")
    );
    sim.types(PASSWORD).press("enter");
    sim.ends(Purpose::OpenSet, Ok(opened(&set(vault(), 20))));
    sim.at_scope(Scope::SetOpened);
}

#[test]
fn a_plain_file_that_cannot_be_read_is_said_on_the_list() {
    let mut sim = one(file());
    sim.press("enter");
    sim.fails(Purpose::OpenSet, FailureKind::Local, "It cannot be read.");
    sim.at_scope(Scope::Recovery)
        .says("cannot be read")
        .tone(Tone::Bad);
}

/// The codes that come after the person has given up are not shown.
#[test]
fn codes_that_nobody_waits_for_any_more_are_dropped() {
    let mut sim = one(file());
    sim.press("enter esc").wants(&["start OpenSet", "cancel"]);
    sim.ends(Purpose::OpenSet, Ok(opened(&set(file(), 20))));
    sim.at_scope(Scope::Recovery);
    // Nor are those of another set than the one that was asked for.
    sim.press("enter");
    sim.ends(Purpose::OpenSet, Ok(opened(&set(file(), 3))));
    sim.at_scope(Scope::Recovery);
}

#[test]
fn p05_open_codes_go_when_they_are_left() {
    type Way = fn(&mut Sim);
    let leave: [(&str, Way); 6] = [
        ("Esc", |sim| {
            sim.press("esc");
        }),
        ("suspending", |sim| {
            sim.press("ctrl-z");
        }),
        ("quitting", |sim| {
            sim.press("q");
        }),
        ("the end", |sim| {
            sim.send(Msg::Terminate);
        }),
        ("nobody there", |sim| {
            sim.waits(6 * 60 * 1000);
        }),
        ("another screen", |sim| {
            sim.model.screen = Screen::Security;
            sim.send(Msg::Wake);
        }),
    ];
    for (how, leave) in leave {
        let mut sim = open();
        sim.effects.clear();
        leave(&mut sim);
        assert!(!is_open(&sim), "{how}");
        sim.wiped();
    }
}

#[test]
fn p05_open_codes_go_when_another_person_is_there() {
    let mut sim = one(file());
    sim.press("1 r 4 enter");
    sim.ends(Purpose::OpenSet, Ok(opened(&set(file(), 20))));
    assert!(is_open(&sim));
    let mut bob = profile(ON);
    bob.name = Text::new("bob");
    sim.effects.clear();
    sim.arrives(standing(Standing::SignedIn(Box::new(bob))));
    assert!(!is_open(&sim));
    sim.wiped();
}

/// Beneath a question of the registry they stay readable, and no key reaches them.
#[test]
fn a_question_of_the_registry_stands_above_open_codes() {
    let mut sim = Sim::with(ON, tokens(3));
    lists(&mut sim, vec![(set(file(), 20), true)], false);
    sim.press("3 r 4 enter");
    sim.ends(Purpose::OpenSet, Ok(opened(&set(file(), 20))));
    sim.challenged(Purpose::Tokens).at_scope(Scope::Challenge);
    sim.effects.clear();
    sim.press("c j").wants(&[]);
    assert!(is_open(&sim));
    // And none is opened beneath one.
    sim.waits(400).press("esc esc").at_scope(Scope::Recovery);
    sim.fails(Purpose::Tokens, FailureKind::Cancelled, "Given up.");
    sim.press("3 r 4").challenged(Purpose::Tokens);
    sim.effects.clear();
    sim.press("enter").wants(&[]);
    assert!(!is_open(&sim));
}

#[test]
fn one_code_is_copied_or_all_of_them() {
    let copied = |sim: &mut Sim| {
        let copies = sim.effects.drain(..).filter_map(|effect| match effect {
            Effect::Copy {
                text, sensitive, ..
            } => Some((text.expose().clone(), sensitive)),
            _ => None,
        });
        copies.collect::<Vec<_>>()
    };
    let mut sim = open();
    sim.effects.clear();
    sim.press("j c");
    assert_eq!(copied(&mut sim), [(format!("{CODE}00001"), true)]);
    sim.press("a").says("plain text");
    assert_eq!(copied(&mut sim), []);
    if let Some(SetPage::Opened(page)) = &mut sim.model.recovery.page {
        page.set.place = vault();
    }
    sim.press("a");
    let command = copied(&mut sim);
    assert!(command[0].0.starts_with("age -d -i ") && !command[0].1);
    sim.press("C");
    let all = [0, 1, 2, 3, 4].map(|n| format!("{CODE}0000{n}\n")).concat();
    assert_eq!(copied(&mut sim), [(all, true)]);
    // What was copied is for somewhere else: leaving does not take it away.
    sim.press("esc");
    assert!(!sim.wishes().contains(&"clear clipboard".to_owned()));
}

#[test]
fn open_codes_stand_on_a_page_to_print() {
    let mut sim = open();
    sim.press("p").at_scope(Scope::SetSheet).press("j c esc");
    sim.at_scope(Scope::SetOpened).press("p ctrl-z");
    assert!(!is_open(&sim));
    sim.wiped().at_scope(Scope::Recovery);
}

#[test]
fn a_used_code_is_marked_and_not_copied() {
    let mut used = set(file(), 20);
    let code = |minute: u8, sure| UsedCode {
        at: format!("2026-11-21T12:{minute:02}:00Z").parse().unwrap(),
        sure,
        mark: String::new(),
    };
    used.used = vec![code(1, true), code(2, false)];
    let mut sim = with(ON, vec![used.clone()]);
    sim.press("enter");
    sim.ends(Purpose::OpenSet, Ok(opened(&used)));
    sim.effects.clear();
    let Some(SetPage::Opened(page)) = &sim.model.recovery.page else {
        panic!("not open");
    };
    // The first one that is surely unused is chosen.
    assert_eq!(page.cursor, 2);
    let sure: Vec<_> = page.used.iter().flatten().map(|used| used.sure).collect();
    assert_eq!(sure, [true, false]);
    sim.press("k c")
        .says("may be used")
        .wants(&["copy the recovery code"]);
    sim.press("k c").says("was used").wants(&[]);
}

/// The mark may be noted in another set, of which this one is a copy.
#[test]
fn a_code_that_was_used_by_the_marks_of_another_set_is_surely_used() {
    let plain = set(file(), 20);
    let mut sim = one(file());
    sim.press("enter");
    let mut used = vec![None; 5];
    let at = plain.received;
    used[0] = Some(UsedAt { at, sure: true });
    let opened = Opened {
        set: plain.id(),
        codes: codes(),
        used,
    };
    sim.ends(Purpose::OpenSet, Ok(Outcome::Opened(opened)));
    let Some(SetPage::Opened(page)) = &sim.model.recovery.page else {
        panic!("not open");
    };
    assert!(page.used[0].is_some_and(|used| used.sure));
}

// Proving.

#[test]
fn a_set_is_proved_by_part_of_a_code_without_showing_any() {
    for place in [file(), vault()] {
        let mut sim = one(place.clone());
        sim.press("p");
        if place == vault() {
            sim.at_scope(Scope::SetPassphrase)
                .types(PASSWORD)
                .press("enter");
        }
        sim.wants(&["start ProveSet"]).at_scope(Scope::SetSent);
        sim.asks(Purpose::ProveSet, Question::Proof(proof(1)));
        sim.at_scope(Scope::SetProof);
        sim.press("enter").says("Type what is asked for").wants(&[]);
        sim.types("00 00").press("enter");
        assert_eq!(sim.answers()[0].1, "proof 0000");
        sim.at_scope(Scope::SetSent);
        sim.asks(Purpose::ProveSet, Question::Proof(proof(2)));
        sim.at_scope(Scope::SetProof).types(CODE).press("enter");
        sim.ends(Purpose::ProveSet, Ok(Outcome::SetProved { proved: true }));
        sim.at_scope(Scope::Recovery)
            .says("you have these codes")
            .tone(Tone::Good);
        assert!(
            sim.running(Purpose::Sets).is_some(),
            "the list is read anew"
        );
    }
}

#[test]
fn a_proof_is_left_by_esc() {
    let mut sim = one(file());
    sim.press("p")
        .asks(Purpose::ProveSet, Question::Proof(proof(1)));
    sim.effects.clear();
    sim.press("esc")
        .wants(&["answer Declined"])
        .at_scope(Scope::SetSent);
    sim.ends(Purpose::ProveSet, Ok(Outcome::SetProved { proved: false }));
    sim.at_scope(Scope::Recovery)
        .says("Nothing was proved")
        .tone(Tone::Plain);
    // One that is asked for after everybody has left is declined.
    sim.press("p esc esc").at_scope(Scope::Recovery);
    sim.effects.clear();
    sim.asks(Purpose::ProveSet, Question::Proof(proof(1)));
    sim.wants(&["answer Declined"]).at_scope(Scope::Recovery);
}

#[test]
fn a_proof_that_fails_is_said() {
    let mut sim = one(vault());
    sim.press("p").types("wrong⏎");
    sim.fails(
        Purpose::ProveSet,
        FailureKind::Refused,
        "That is not the passphrase.",
    );
    sim.at_scope(Scope::SetPassphrase)
        .types(PASSWORD)
        .press("enter");
    sim.asks(Purpose::ProveSet, Question::Proof(proof(1)));
    sim.types(CODE).press("enter");
    sim.fails(
        Purpose::ProveSet,
        FailureKind::Local,
        "It could not be noted down.",
    );
    sim.at_scope(Scope::Recovery)
        .says("could not be noted down");
}

// Exporting.

#[test]
fn an_export_goes_to_a_new_file_that_is_suggested() {
    let mut sim = one(vault());
    sim.press("e").wants(&["start SuggestPlace quietly"]);
    sim.ends(
        Purpose::SuggestPlace,
        Ok(Outcome::Suggested("/home/alice/new.txt".into())),
    );
    // What is typed first is the passphrase: it never stands in the file's name.
    sim.at_scope(Scope::SetPassphrase)
        .types(PASSWORD)
        .press("enter")
        .at_scope(Scope::SetPath);
    sim.press("enter");
    sim.wants(&["start ExportSet /home/alice/new.txt"])
        .at_scope(Scope::SetSent);
    sim.fails(
        Purpose::ExportSet,
        FailureKind::Local,
        "There is such a file already.",
    );
    // The path stays; the passphrase is typed anew.
    sim.at_scope(Scope::SetPassphrase)
        .types(PASSWORD)
        .press("shift-tab");
    sim.at_scope(Scope::SetPath).types("2").press("enter");
    sim.wants(&["start ExportSet /home/alice/new.txt2"]);
    sim.ends(
        Purpose::ExportSet,
        Ok(Outcome::Exported("/home/alice/new.txt2".into())),
    );
    sim.at_scope(Scope::Recovery)
        .says("/home/alice/new.txt2, as plain text")
        .tone(Tone::Good);
}

#[test]
fn an_export_needs_a_path_and_a_plain_file_no_passphrase() {
    let mut sim = one(file());
    sim.press("e").at_scope(Scope::SetPath);
    sim.press("enter")
        .says("Type where")
        .at_scope(Scope::SetPath);
    // A name that is typed already is not replaced by the suggestion.
    sim.types("/x")
        .ends(Purpose::SuggestPlace, Ok(Outcome::Suggested("/y".into())));
    sim.effects.clear();
    sim.press("enter").wants(&["start ExportSet /x"]);
    sim.fails(
        Purpose::ExportSet,
        FailureKind::Local,
        "It cannot be written.",
    );
    sim.at_scope(Scope::SetPath);
}

#[test]
fn a_set_of_another_registry_is_exported_under_its_own_name() {
    let mut sim = with(ON, vec![of("carol", "other.example.net", 3)]);
    sim.press("e").wants(&[]).press("enter");
    sim.wants(&["start ExportSet ~/npm-recovery-codes-carol-other.example.net.txt"]);
    // A file that was written after all is never left unsaid.
    sim.press("esc esc").at_scope(Scope::Recovery);
    sim.ends(Purpose::ExportSet, Ok(Outcome::Exported("/z.txt".into())));
    sim.says("/z.txt");
}

// Removing.

#[test]
fn p28_a_set_is_removed_after_a_question_whose_default_is_no() {
    let mut sim = with(ON, vec![set(file(), 20), set(vault(), 3)]);
    sim.press("j x").at_scope(Scope::SetRemoveAsk).wants(&[]);
    let Some(SetPage::Remove(form)) = &sim.model.recovery.page else {
        panic!("no question");
    };
    let files: Vec<_> = form
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    assert_eq!(
        files[1],
        "/home/alice/.local/share/npm-warden/alice.key.age"
    );
    assert_eq!(files.len(), 2);
    sim.press("enter")
        .says("Nothing was removed")
        .at_scope(Scope::Recovery)
        .wants(&[]);
    sim.press("x tab enter")
        .wants(&["start RemoveSet"])
        .at_scope(Scope::SetSent);
    sim.ends(Purpose::RemoveSet, Ok(Outcome::SetRemoved(Vec::new())));
    sim.at_scope(Scope::Recovery)
        .says("removed from this machine")
        .tone(Tone::Good);
    assert!(sim.running(Purpose::Sets).is_some());
}

#[test]
fn p28_codes_in_use_are_removed_by_a_typed_word_alone() {
    let mut sim = one(vault());
    sim.press("x").at_scope(Scope::SetRemoveWord);
    sim.types("y⏎").says("Type the word remove").wants(&[]);
    sim.press("ctrl-u")
        .types("Remove⏎")
        .wants(&["start RemoveSet"]);
    let left = vec![Text::new("/a.key.age could not be removed (read-only).")];
    sim.ends(Purpose::RemoveSet, Ok(Outcome::SetRemoved(left)));
    sim.at_scope(Scope::SetLeft)
        .says("not all of it")
        .tone(Tone::Warning);
    sim.press("enter").at_scope(Scope::Recovery);
}

/// What becomes known while the question is open counts.
#[test]
fn p28_a_set_that_turns_out_to_be_in_use_takes_the_word_after_all() {
    let mut sim = with(Tfa::Off, vec![set(file(), 20)]);
    sim.press("1 r 4 x").at_scope(Scope::SetRemoveAsk);
    sim.arrives(account(ON));
    sim.effects.clear();
    sim.press("y").says("in use").at_scope(Scope::SetRemoveWord);
    assert!(!sim.wishes().iter().any(|wish| wish.contains("RemoveSet")));
}

#[test]
fn a_removal_that_fails_is_said_and_can_be_left() {
    let mut sim = one(file());
    sim.press("x").types("remove⏎");
    sim.fails(
        Purpose::RemoveSet,
        FailureKind::Local,
        "The list cannot be written.",
    );
    sim.at_scope(Scope::SetRemoveWord)
        .types("remove⏎")
        .press("esc esc");
    sim.at_scope(Scope::Recovery);
    let left = vec![Text::new("/a could not be removed.")];
    sim.ends(Purpose::RemoveSet, Ok(Outcome::SetRemoved(left)));
    sim.at_scope(Scope::Recovery)
        .says("/a could not be removed");
}

// What belongs to nobody.

#[test]
fn answers_of_another_kind_are_never_silent() {
    for (key, purpose) in [("enter", Purpose::OpenSet), ("p", Purpose::ProveSet)] {
        let mut sim = one(file());
        sim.press(key);
        sim.ends(purpose, Ok(Outcome::SetRemoved(Vec::new())));
        sim.at_scope(Scope::Recovery).says("mistake in npm-warden");
    }
    // And events of nobody change nothing.
    let mut sim = one(file());
    sim.event(npm_warden::backend::protocol::Event::Asked {
        id: RequestId(4711),
        question: Question::Proof(proof(1)),
    });
    sim.wants(&[]).at_scope(Scope::Recovery);
}

#[test]
fn open_codes_are_out_of_sight_while_a_set_up_shows_its_own() {
    let mut sim = Sim::signed_in();
    sim.press("2 e enter enter")
        .types(PASSWORD)
        .press("enter tab tab")
        .types("myself⏎");
    sim.steps(Purpose::Enable, Step::Enrolled(enrolment()));
    sim.asks(Purpose::Enable, Question::Confirm(confirm(1)));
    sim.press("esc down down enter esc");
    lists(&mut sim, vec![(set(file(), 20), true)], false);
    sim.press("enter");
    sim.ends(Purpose::OpenSet, Ok(opened(&set(file(), 20))));
    assert!(is_open(&sim), "{:?}", sim.model.notice);
    sim.steps(Purpose::Enable, codes_step(Place::Myself));
    assert!(!is_open(&sim));
}

// Adding.

const PASTED: &str = "1. canary0code00000\n2. canary0code00001\n";

/// The form for codes from elsewhere, with two codes pasted.
pub(crate) fn adding() -> Sim {
    let mut sim = with(ON, Vec::new());
    sim.press("n").wants(&["start SuggestPlace quietly"]);
    sim.ends(
        Purpose::SuggestPlace,
        Ok(Outcome::Suggested("/home/alice/new.txt".into())),
    );
    sim.at_scope(Scope::AddCodes).pastes(PASTED);
    sim.at_scope(Scope::AddCodes).wants(&[]);
    sim
}

fn add_form(sim: &Sim) -> &npm_warden::app::model::AddForm {
    match &sim.model.recovery.page {
        Some(SetPage::Add(form)) => form,
        page => panic!("no form: {page:?}"),
    }
}

fn proves(sim: &mut Sim, place: Place, warnings: &[&str]) {
    let warnings = warnings.iter().map(|said| Text::new(said)).collect();
    sim.ends(
        Purpose::ProvePlace,
        Ok(Outcome::PlaceProved { place, warnings }),
    );
}

#[test]
fn p17_a_paste_of_codes_goes_on_to_nothing() {
    let mut sim = adding();
    assert_eq!(add_form(&sim).pasted().len(), 2);
    // Nor does one that a terminal types key by key.
    sim.press("ctrl-u")
        .types("canary0code00000⏎canary0code00001⏎⏎");
    sim.at_scope(Scope::AddCodes).wants(&[]);
    assert_eq!(add_form(&sim).pasted().len(), 2);
    sim.press("ctrl-u tab").says("Paste the codes first");
    sim.at_scope(Scope::AddCodes);
    // More than fits is said.
    sim.pastes(&"canary0code00000\n".repeat(500))
        .says("more than fits");
}

#[test]
fn what_is_left_out_of_a_paste_is_asked_about_first() {
    let mut sim = adding();
    sim.press("ctrl-u")
        .pastes("1. canary0code00000\n2. what is this?\n3. canary0code00001");
    assert_eq!(add_form(&sim).pasted().len(), 2);
    sim.press("tab").says("1 line").at_scope(Scope::AddCodes);
    sim.types("⏎").press("tab").at_scope(Scope::AddCodes);
    sim.press("tab").at_scope(Scope::AddSecret);
}

#[test]
fn a_line_of_the_codes_can_be_mended() {
    let mut sim = adding();
    sim.press("up up down end").types("x");
    sim.press("tab")
        .at_scope(Scope::AddSecret)
        .press("shift-tab");
    let lines = add_form(&sim).codes.line_and_cursor();
    assert_eq!(lines, (1, "2. canary0code00001x".len()));
}

#[test]
fn codes_are_kept_in_an_encrypted_file_by_a_passphrase_typed_twice_and_then_proved() {
    let mut sim = adding();
    sim.press("tab").at_scope(Scope::AddSecret);
    sim.types("short⏎").at_scope(Scope::AddSecret).wants(&[]);
    assert!(add_form(&sim).error.is_some());
    sim.press("ctrl-u")
        .types(PASSWORD)
        .press("enter")
        .types("another⏎");
    assert!(
        add_form(&sim)
            .error
            .as_ref()
            .unwrap()
            .what
            .as_str()
            .contains("not the same")
    );
    sim.types(PASSWORD).press("enter").at_scope(Scope::SetSent);
    let Request::ProvePlace(npm_warden::backend::protocol::PlaceWish::Vault {
        account,
        passphrase,
    }) = request(&sim)
    else {
        panic!("{:?}", sim.effects);
    };
    assert_eq!(
        (account.as_str(), passphrase.expose().as_str()),
        ("alice", PASSWORD)
    );
    proves(&mut sim, vault(), &[]);
    let Request::AddSet {
        codes,
        place,
        account,
    } = request(&sim)
    else {
        panic!("{:?}", sim.effects);
    };
    assert_eq!(
        (codes.len(), place, account.as_str()),
        (2, &vault(), "alice")
    );
    assert_eq!(codes.get(1).unwrap().expose(), "canary0code00001");
    sim.effects.clear();
    sim.at_scope(Scope::SetSent);
    sim.asks(Purpose::AddSet, Question::Proof(proof(1)));
    sim.at_scope(Scope::SetProof)
        .press("ctrl-b")
        .wants(&["answer ShowAgain"]);
    sim.asks(Purpose::AddSet, Question::Proof(proof(1)));
    sim.types(CODE).press("enter");
    sim.ends(
        Purpose::AddSet,
        Ok(Outcome::SetAdded {
            place: vault(),
            proved: true,
        }),
    );
    sim.at_scope(Scope::Recovery)
        .says("you proved to have them")
        .tone(Tone::Good);
    assert!(sim.running(Purpose::Sets).is_some());
}

#[test]
fn a_plain_file_is_taken_after_its_warning_and_an_own_copy_is_only_noted() {
    let mut sim = adding();
    sim.press("tab tab tab")
        .at_scope(Scope::AddPath)
        .press("enter");
    sim.wants(&["start ProvePlace /home/alice/new.txt"]);
    proves(&mut sim, file(), &["Malware looks for it."]);
    sim.at_scope(Scope::AddPath)
        .says("Read the warning")
        .wants(&[]);
    // What is typed now is another place.
    sim.types("2")
        .press("enter")
        .wants(&["start ProvePlace /home/alice/new.txt2"]);
    proves(&mut sim, file(), &["Malware looks for it."]);
    sim.press("enter").wants(&["start AddSet"]);
    sim.asks(Purpose::AddSet, Question::Proof(proof(1)));
    sim.press("esc").wants(&["answer Declined"]);
    sim.ends(
        Purpose::AddSet,
        Ok(Outcome::SetAdded {
            place: file(),
            proved: false,
        }),
    );
    sim.at_scope(Scope::Recovery)
        .says("was not proved")
        .tone(Tone::Warning);

    let mut sim = adding();
    sim.press("tab down down down")
        .at_scope(Scope::AddMine)
        .press("enter");
    sim.wants(&["start AddSet"]);
    sim.ends(
        Purpose::AddSet,
        Ok(Outcome::SetAdded {
            place: Place::Myself,
            proved: false,
        }),
    );
    sim.at_scope(Scope::Recovery)
        .says("you keep these codes yourself");
}

/// One that was typed for a place that is not taken after all goes, too.
#[test]
fn p06_no_passphrase_stays_behind_a_place() {
    let mut sim = adding();
    sim.press("tab").types(PASSWORD).press("tab tab enter");
    sim.wants(&["start ProvePlace /home/alice/new.txt"]);
    assert!(add_form(&sim).passphrase.is_empty());
    proves(&mut sim, file(), &["Malware looks for it."]);
    sim.press("up up").types(PASSWORD).press("esc");
    assert!(add_form(&sim).passphrase.is_empty());
}

#[test]
fn p07_pasted_codes_stay_until_they_are_kept() {
    let mut sim = adding();
    sim.press("tab tab tab enter");
    sim.fails(
        Purpose::ProvePlace,
        FailureKind::Local,
        "There is such a file.",
    );
    sim.at_scope(Scope::AddPath);
    assert!(add_form(&sim).error.is_some());
    sim.press("enter");
    proves(&mut sim, file(), &[]);
    sim.wishes();
    // The disk is full: another place is asked for, and answered.
    let full = crate::sim::failure(FailureKind::Local, "The disk is full.");
    sim.asks(Purpose::AddSet, Question::OtherPlace(full));
    sim.at_scope(Scope::AddPath).types("3").press("enter");
    sim.wants(&["start ProvePlace /home/alice/new.txt3"]);
    proves(&mut sim, file(), &[]);
    assert!(
        sim.wishes()
            .iter()
            .any(|wish| wish.starts_with("answer Place"))
    );
    sim.at_scope(Scope::SetSent);
    sim.fails(Purpose::AddSet, FailureKind::Local, "It broke off.");
    sim.at_scope(Scope::AddPath);
    assert_eq!(add_form(&sim).pasted().len(), 2);
    // And quitting asks.
    sim.press("esc")
        .at_scope(Scope::AddCodes)
        .press("tab tab tab tab")
        .at_scope(Scope::AddMine);
    sim.press("q")
        .at_scope(Scope::Leaving)
        .press("n")
        .at_scope(Scope::AddMine);
    sim.press("esc esc")
        .at_scope(Scope::Recovery)
        .says("Nothing was kept");
}

#[test]
fn adding_is_given_up_by_esc() {
    let mut sim = adding();
    sim.press("tab tab tab enter esc").at_scope(Scope::AddPath);
    sim.wants(&["start ProvePlace /home/alice/new.txt", "cancel"]);
    // The answer that comes all the same changes nothing.
    proves(&mut sim, file(), &[]);
    sim.at_scope(Scope::AddPath).wants(&[]);
    sim.press("enter");
    let id = sim.id(Purpose::ProvePlace);
    sim.event(npm_warden::backend::protocol::Event::Finished {
        id,
        result: Ok(Outcome::PlaceProved {
            place: file(),
            warnings: Vec::new(),
        }),
    });
    sim.effects.clear();
    sim.press("esc")
        .wants(&["cancel"])
        .press("esc")
        .at_scope(Scope::Recovery);
    // A question after everybody has left is answered so that nothing waits.
    sim.effects.clear();
    sim.asks(Purpose::AddSet, Question::Proof(proof(1)))
        .wants(&["answer Declined"]);
    let full = crate::sim::failure(FailureKind::Local, "The disk is full.");
    sim.asks(Purpose::AddSet, Question::OtherPlace(full))
        .wants(&["cancel"]);
    sim.press("n").says("is being added");
    sim.fails(Purpose::AddSet, FailureKind::Cancelled, "Given up.");
    sim.at_scope(Scope::Recovery).says("Given up");
}

#[test]
fn codes_are_added_for_whoever_is_signed_in() {
    let mut sim = Sim::start(false);
    sim.arrives(standing(Standing::SignedOut)).press("4 n");
    sim.says("A signs in").at_scope(Scope::Recovery);
    let mut sim = with(ON, Vec::new());
    lists(&mut sim, Vec::new(), true);
    sim.press("n").says("only be read");
    // Another person finds no form of the one before.
    let mut sim = adding();
    sim.effects.clear();
    sim.model.screen = Screen::Recovery;
    let mut bob = profile(ON);
    bob.name = Text::new("bob");
    sim.press("tab esc esc").press("1 r 4 n").pastes(PASTED);
    sim.effects.clear();
    sim.arrives(standing(Standing::SignedIn(Box::new(bob))));
    assert!(sim.model.recovery.page.is_none());
    sim.wiped();
}
