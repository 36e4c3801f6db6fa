//! The other hard thing: recovery codes are never lost. And the way to them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hmac::{Hmac, Mac as _};
use npm_warden::backend::protocol::{
    Answer, CodeRefused, Enabled, Event, Outcome, PlaceWish, Proof, Question, Request, RequestId,
    Step,
};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::otp::Diagnosis;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::{Level, Refusal, Tfa};
use npm_warden::registry::{Challenged, Error, Sent};
use npm_warden::vault::Vault;
use tokio::time::Instant;

use super::bench::{Bench, is_step};
use super::script::{
    At, Reply, Script, held, is_on, lost, off, pending, refuses, unauthorised, unreachable, wait,
};

pub const KEY: &str = "JBSWY3DPEHPK3PXP";
pub const URL: &str =
    "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example&digits=6&period=30";
pub const PASSWORD: &str = "correct horse canary";
pub const CODES: [&str; 3] = [
    "aaaa0000bbbb1111cccc2222dddd3333",
    "4444eeee5555ffff6666aaaa7777bbbb",
    "8888cccc9999dddd0000eeee1111ffff",
];

/// The code at a time, computed apart from the program (RFC 6238).
pub fn code_at(seconds: i64) -> String {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"Hello!\xde\xad\xbe\xef").unwrap();
    mac.update(&(seconds / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// The time on the bench.
pub const NOW: i64 = 1_700_000_010;

pub fn request(place: Place) -> Request {
    Request::Enable {
        level: Level::AuthAndWrites,
        password: PASSWORD.into(),
        place,
        clear_pending: false,
    }
}

fn clearing(place: Place) -> Request {
    let Request::Enable {
        level, password, ..
    } = request(Place::Myself)
    else {
        unreachable!()
    };
    Request::Enable {
        level,
        password,
        place,
        clear_pending: true,
    }
}

fn url() -> Reply {
    Reply::Url(URL.to_owned())
}

fn codes() -> Reply {
    Reply::Codes(CODES.to_vec())
}

fn on() -> Reply {
    is_on(Level::AuthAndWrites)
}

/// A registry that has come as far as the last code.
fn begun(confirm: impl IntoIterator<Item = Reply>) -> Script {
    Script::new()
        .on(At::Profile, [off()])
        .on(At::Enrol, [url()])
        .on(At::Confirm, confirm)
}

impl Bench {
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("codes.txt")
    }

    pub fn start_with_file(&mut self) -> RequestId {
        let place = Place::File(self.file());
        self.start(request(place))
    }

    pub async fn shown(&mut self) -> Place {
        self.until(|event| match is_step(event) {
            Some(Step::Codes { codes, place, .. }) => {
                let shown: Vec<_> = codes.iter().map(|code| code.expose().as_str()).collect();
                assert_eq!(shown, CODES);
                Some(place.clone())
            }
            _ => None,
        })
        .await
    }

    pub async fn question(&mut self) -> Question {
        loop {
            match self.next().await {
                Event::Asked { question, .. } => return question,
                Event::Finished { result, .. } => panic!("ended instead: {result:?}"),
                _ => {}
            }
        }
    }

    pub async fn proof(&mut self) -> Proof {
        match self.question().await {
            Question::Proof(proof) => proof,
            other => panic!("{other:?}"),
        }
    }

    async fn other_place(&mut self) -> Failure {
        match self.question().await {
            Question::OtherPlace(failure) => failure,
            other => panic!("{other:?}"),
        }
    }

    /// Looks at the codes and proves to have them.
    pub async fn prove(&mut self, id: RequestId) {
        assert!(matches!(self.question().await, Question::CodesShown));
        self.answer(id, Answer::GoOn);
        let proof = self.proof().await;
        self.answer(id, Answer::Proof(part(proof).into()));
    }

    pub async fn enabled(&mut self, id: RequestId) -> Enabled {
        match self.finished(id).await {
            Ok(Outcome::Enabled(enabled)) => enabled,
            other => panic!("{other:?}"),
        }
    }

    pub async fn kept(&mut self) -> Vec<(Place, bool)> {
        let id = self.start(Request::Sets);
        match self.finished(id).await {
            Ok(Outcome::Sets { sets, .. }) => sets
                .into_iter()
                .map(|(set, _)| (set.place, set.proved))
                .collect(),
            other => panic!("{other:?}"),
        }
    }
}

pub fn part(proof: Proof) -> &'static str {
    &CODES[proof.code - 1][proof.from - 1..proof.to]
}

pub fn holds_all_codes(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    CODES.iter().all(|code| text.contains(code))
}

#[tokio::test(start_paused = true)]
async fn p07_p08_the_whole_way_and_the_codes_are_on_disk_before_they_are_shown() {
    let mut bench = Bench::new(begun([codes()]));
    bench.script.add(At::Profile, [on()]);
    let id = bench.start_with_file();
    let account = bench
        .until(|event| match is_step(event) {
            Some(Step::Enrolled(enrolment)) => {
                assert_eq!(enrolment.url().expose(), URL);
                assert_eq!(enrolment.key().expose(), KEY);
                Some(enrolment.account.clone())
            }
            _ => None,
        })
        .await;
    assert_eq!(account.as_str(), "alice");
    let confirm = bench.asked_to_confirm(id).await;
    assert_eq!((confirm.attempt, confirm.refused), (1, None));
    assert!(!bench.file().exists(), "the probe is gone");
    bench.code(id, &format!(" {}\n", code_at(NOW)));
    let file = Place::File(bench.file());
    assert_eq!(bench.shown().await, file);
    assert!(holds_all_codes(&bench.file()));
    bench.prove(id).await;
    match bench.enabled(id).await {
        Enabled::On {
            level,
            checked,
            unreadable,
            place,
            proved,
        } => {
            assert_eq!(level, Level::AuthAndWrites);
            assert_eq!((checked, unreadable), (true, 0));
            assert_eq!((place, proved), (file.clone(), true));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.kept().await, [(file, true)]);
    let seen = bench.script.seen();
    let ats: Vec<_> = seen.iter().map(|seen| seen.at).collect();
    assert_eq!(ats, [At::Profile, At::Enrol, At::Confirm, At::Profile]);
    assert_eq!(seen[1].what, format!("auth-and-writes {PASSWORD}"));
    assert_eq!(seen[2].what, code_at(NOW));
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn p10_the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut bench = Bench::new(begun([codes()]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    bench.shown().await;
    let mode = bench.file().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(start_paused = true)]
async fn p07_when_saving_fails_the_codes_are_shown_and_another_place_is_asked_for_until_it_works() {
    let mut bench = Bench::new(begun([codes()]));
    bench.script.add(At::Profile, [on()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    // Between the proof of the place and the codes somebody puts a file there.
    std::fs::write(bench.file(), "mine").unwrap();
    bench.code(id, &code_at(NOW));
    assert_eq!(bench.shown().await, Place::Myself);
    assert_eq!(bench.other_place().await.kind, FailureKind::Local);
    assert_eq!(std::fs::read_to_string(bench.file()).unwrap(), "mine");
    // Leaving is passed over: the codes exist on the screen alone.
    bench.cancel(id);
    assert!(bench.is_quiet().await);
    bench.answer(
        id,
        Answer::Place(Place::File("no/such/folder/c.txt".into())),
    );
    bench.other_place().await;
    bench.answer(id, Answer::Place(Place::File("second.txt".into())));
    let second = bench.folder.path().join("second.txt");
    assert_eq!(bench.shown().await, Place::File(second.clone()));
    assert!(holds_all_codes(&second));
    bench.prove(id).await;
    let Enabled::On { place, proved, .. } = bench.enabled(id).await else {
        panic!("on");
    };
    assert_eq!((place, proved), (Place::File(second), true));
}

#[tokio::test(start_paused = true)]
async fn p07_who_takes_the_codes_along_after_a_failed_save_goes_on_without_a_file() {
    let mut bench = Bench::new(begun([codes()]));
    bench.script.add(At::Profile, [on()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    std::fs::write(bench.file(), "mine").unwrap();
    bench.code(id, &code_at(NOW));
    bench.shown().await;
    bench.other_place().await;
    bench.answer(id, Answer::Place(Place::Myself));
    assert_eq!(bench.shown().await, Place::Myself);
    bench.prove(id).await;
    bench.enabled(id).await;
    assert_eq!(bench.kept().await, [(Place::Myself, true)]);
}

#[tokio::test(start_paused = true)]
async fn p08_a_wrong_part_asks_for_the_same_one_and_showing_again_for_another() {
    let mut bench = Bench::new(begun([codes()]));
    bench.script.add(At::Profile, [on()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    bench.shown().await;
    bench.question().await;
    bench.answer(id, Answer::GoOn);
    let first = bench.proof().await;
    bench.answer(id, Answer::Proof("zzzzzz".into()));
    let second = bench.proof().await;
    assert_eq!(
        second,
        Proof {
            attempt: 2,
            ..first
        }
    );
    bench.answer(id, Answer::ShowAgain);
    bench.shown().await;
    assert!(matches!(bench.question().await, Question::CodesShown));
    bench.answer(id, Answer::GoOn);
    let third = bench.proof().await;
    assert_ne!(third.code, first.code);
    assert_eq!(third.attempt, 1);
    bench.answer(id, Answer::Proof(part(third).into()));
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::On { proved: true, .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn p08_declining_is_said_as_not_proved() {
    let mut bench = Bench::new(begun([codes()]));
    bench.script.add(At::Profile, [on()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    bench.question().await;
    bench.answer(id, Answer::GoOn);
    bench.proof().await;
    bench.answer(id, Answer::Declined);
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::On { proved: false, .. }
    ));
    assert!(!bench.kept().await[0].1);
}

#[tokio::test(start_paused = true)]
async fn leaving_after_the_codes_are_safe_ends_as_on_and_not_proved() {
    let mut bench = Bench::new(begun([codes()]));
    bench.script.add(At::Profile, [on()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    bench.question().await;
    bench.cancel(id);
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::On { proved: false, .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn nothing_ends_a_confirmation_that_is_under_way() {
    let (gate, reply) = held();
    let mut bench = Bench::new(begun([reply]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    bench
        .when(|script| script.seen_at(At::Confirm).len() == 1)
        .await;
    bench.cancel(id);
    bench.settle().await;
    gate.open(codes());
    assert_eq!(bench.shown().await, Place::File(bench.file()));
    assert!(matches!(bench.question().await, Question::CodesShown));
}

#[tokio::test(start_paused = true)]
async fn p07_the_codes_are_saved_when_nobody_reads_and_the_program_quits() {
    let (gate, reply) = held();
    let mut bench = Bench::new(begun([reply]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    bench
        .when(|script| script.seen_at(At::Confirm).len() == 1)
        .await;
    bench.stop_reading();
    bench.close();
    tokio::task::yield_now().await;
    gate.open(codes());
    let (folder, _) = bench.quit().await;
    assert!(holds_all_codes(&folder.path().join("codes.txt")));
}

#[tokio::test(start_paused = true)]
async fn p07_a_save_that_fails_while_the_program_quits_finds_another_place_and_says_only_that() {
    let (gate, reply) = held();
    let mut bench = Bench::new(begun([reply]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    std::fs::write(bench.file(), "mine").unwrap();
    bench.code(id, &code_at(NOW));
    bench
        .when(|script| script.seen_at(At::Confirm).len() == 1)
        .await;
    bench.close();
    tokio::task::yield_now().await;
    gate.open(codes());
    let (_folder, events) = bench.quit().await;
    let places: Vec<_> = events
        .iter()
        .filter_map(is_step)
        .filter_map(|step| match step {
            Step::Codes { place, .. } => Some(place),
            _ => None,
        })
        .collect();
    let [Place::File(path)] = places[..] else {
        panic!("{places:?}");
    };
    assert!(holds_all_codes(path));
}

#[tokio::test(start_paused = true)]
async fn p07_codes_that_nobody_sees_any_more_are_saved_although_the_person_meant_to_copy_them() {
    let (gate, reply) = held();
    let mut bench = Bench::new(begun([reply]));
    let id = bench.start(request(Place::Myself));
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    bench
        .when(|script| script.seen_at(At::Confirm).len() == 1)
        .await;
    bench.close();
    tokio::task::yield_now().await;
    gate.open(codes());
    let (folder, events) = bench.quit().await;
    let places: Vec<_> = events
        .iter()
        .filter_map(is_step)
        .filter_map(|step| match step {
            Step::Codes { place, .. } => Some(place.clone()),
            _ => None,
        })
        .collect();
    let [Place::File(path)] = &places[..] else {
        panic!("{places:?}");
    };
    assert!(holds_all_codes(path));
    let vault = Vault::open(&folder.path().join("vault")).unwrap();
    assert_eq!(vault.sets()[0].set.place, places[0]);
}

#[tokio::test(start_paused = true)]
async fn p07_a_full_channel_that_nobody_reads_keeps_no_code_from_the_disk() {
    let mut bench = Bench::with_room(begun([codes()]), 8);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    // Twenty requests more than the channel has room for, and nobody reads.
    for _ in 0..20 {
        bench.start(Request::Sets);
    }
    bench.code(id, &code_at(NOW));
    let (folder, _) = bench.quit().await;
    // Quitting races the answer here: either the code was never sent, or the codes are safe.
    let confirmed = folder.path().join("codes.txt").exists();
    assert!(!confirmed || holds_all_codes(&folder.path().join("codes.txt")));

    let mut bench = Bench::with_room(begun([codes()]), 8);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    for _ in 0..20 {
        bench.start(Request::Sets);
    }
    bench.code(id, &code_at(NOW));
    let file = bench.file();
    bench.when_true(|| holds_all_codes(&file)).await;
}

#[tokio::test(start_paused = true)]
async fn p07_codes_that_found_no_place_are_saved_in_the_programs_own_when_it_quits() {
    let mut bench = Bench::new(begun([codes()]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    std::fs::write(bench.file(), "mine").unwrap();
    bench.code(id, &code_at(NOW));
    bench.other_place().await;
    let (folder, events) = bench.quit().await;
    let saved = events
        .iter()
        .filter_map(is_step)
        .find_map(|step| match step {
            Step::Codes {
                place: Place::File(path),
                ..
            } => Some(path.clone()),
            _ => None,
        });
    let saved = saved.expect("the last event says where they are");
    assert!(saved.starts_with(folder.path()));
    assert!(holds_all_codes(&saved));
}

#[tokio::test(start_paused = true)]
async fn m10_a_code_that_cannot_be_right_is_explained_and_not_sent() {
    let mut bench = Bench::new(begun([codes()]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    for (typed, diagnosis) in [
        ("12345".to_owned(), Diagnosis::NotACode(6)),
        ("12345".to_owned(), Diagnosis::NotACode(6)),
        (code_at(NOW - 90), Diagnosis::OtherTime(-90)),
        (code_at(NOW + 300), Diagnosis::OtherTime(300)),
        ("abcdef".to_owned(), Diagnosis::NotACode(6)),
        (code_at(NOW + 300), Diagnosis::OtherTime(300)),
    ] {
        bench.code(id, &typed);
        let confirm = bench.asked_to_confirm(id).await;
        assert_eq!(confirm.refused, Some(CodeRefused::Here(diagnosis)));
    }
    assert!(bench.script.seen_at(At::Confirm).is_empty());
    // Twice in a row: the person insists.
    bench.code(id, &code_at(NOW + 300));
    bench.shown().await;
    assert_eq!(bench.script.seen_at(At::Confirm).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn m17_a_code_of_another_entry_is_recognised() {
    let mut bench = Bench::new(begun([]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    let near: Vec<_> = (-30..30).map(|step| code_at(NOW + step * 30)).collect();
    let foreign = (0..)
        .map(|n| format!("{n:06}"))
        .find(|code| !near.contains(code))
        .unwrap();
    bench.code(id, &foreign);
    let confirm = bench.asked_to_confirm(id).await;
    assert_eq!(
        confirm.refused,
        Some(CodeRefused::Here(Diagnosis::OtherKey))
    );
}

#[tokio::test(start_paused = true)]
async fn p16_codes_are_judged_by_the_registrys_clock_and_the_distance_is_said() {
    let script = begun([codes()]).clock_ahead(240);
    let mut bench = Bench::new(script);
    let id = bench.start_with_file();
    assert_eq!(bench.asked_to_confirm(id).await.clock_ahead, Some(240));
    bench.code(id, &code_at(NOW));
    let confirm = bench.asked_to_confirm(id).await;
    assert_eq!(
        confirm.refused,
        Some(CodeRefused::Here(Diagnosis::OtherTime(240)))
    );
    bench.code(id, &code_at(NOW - 240));
    bench.shown().await;
}

#[tokio::test(start_paused = true)]
async fn p15_a_code_that_the_registry_refuses_is_told_in_its_words_and_not_sent_again() {
    let challenge = Reply::Error(Error::Challenge(Challenged {
        words: "Invalid OTP".into(),
        refused: false,
        by_email: false,
        web: None,
    }));
    for refusal in [
        unauthorised("invalid one-time password"),
        refuses(403, "invalid one-time password"),
        challenge,
    ] {
        let mut bench = Bench::new(begun([refusal, codes()]));
        bench.script.add(At::Profile, [pending()]);
        let id = bench.start_with_file();
        bench.asked_to_confirm(id).await;
        bench.code(id, &code_at(NOW));
        let confirm = bench.asked_to_confirm(id).await;
        assert_eq!(confirm.attempt, 2);
        assert!(
            matches!(confirm.refused, Some(CodeRefused::There(words)) if words.as_str().to_lowercase().contains("invalid"))
        );
        bench.code(id, &code_at(NOW));
        let confirm = bench.asked_to_confirm(id).await;
        assert_eq!(confirm.refused, Some(CodeRefused::Again));
        assert_eq!(bench.script.seen_at(At::Confirm).len(), 1);
        bench.code(id, &code_at(NOW + 30));
        bench.shown().await;
    }
}

#[tokio::test(start_paused = true)]
async fn p15_a_closed_door_is_waited_for() {
    let mut bench = Bench::new(begun([wait(60), codes()]));
    bench.script.add(At::Profile, [pending()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    let confirm = bench.asked_to_confirm(id).await;
    assert_eq!(confirm.wait.map(|wait| wait.as_secs()), Some(60));
    // One that is not sent anyway is told at once, and shortens nothing.
    let begun = Instant::now();
    bench.code(id, &code_at(NOW));
    let confirm = bench.asked_to_confirm(id).await;
    assert_eq!(confirm.refused, Some(CodeRefused::Again));
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(confirm.wait.map(|wait| wait.as_secs()), Some(60));
    bench.code(id, &code_at(NOW + 30));
    bench.shown().await;
}

#[tokio::test(start_paused = true)]
async fn a_challenge_at_the_last_step_is_answered_and_the_code_goes_again_with_it() {
    let mailed = Reply::Error(Error::Challenge(Challenged {
        words: "A One Time Password (OTP) by email is required.".into(),
        refused: false,
        by_email: true,
        web: None,
    }));
    let mut bench = Bench::new(begun([mailed, codes()]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    assert!(bench.challenged(id).await.by_email);
    bench.code(id, "12345678");
    bench.shown().await;
    let seen = bench.script.seen_at(At::Confirm);
    assert_eq!(seen[1].otp.as_deref(), Some("12345678"));
    assert_eq!(seen[1].what, code_at(NOW));
}

#[tokio::test(start_paused = true)]
async fn when_the_last_answer_is_lost_the_profile_tells_that_it_is_on() {
    let mut bench = Bench::new(begun([Reply::Error(lost())]));
    bench
        .script
        .add(At::Profile, [Reply::Error(unreachable()), on()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    match bench.enabled(id).await {
        Enabled::OnWithoutCodes { level, why } => {
            assert_eq!(level, Level::AuthAndWrites);
            assert!(why.next.as_str().contains("recovery codes"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_last_answer_is_lost_and_it_still_waits_the_question_comes_again() {
    let garbled = Reply::Error(Error::Malformed {
        what: "is not JSON".into(),
        sent: Sent::Maybe,
    });
    let mut bench = Bench::new(begun([garbled, codes()]));
    bench.script.add(At::Profile, [pending()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    let confirm = bench.asked_to_confirm(id).await;
    assert!(matches!(confirm.refused, Some(CodeRefused::Unanswered(_))));
    // It was not refused, so it may go again.
    bench.code(id, &code_at(NOW));
    bench.shown().await;
}

#[tokio::test(start_paused = true)]
async fn a_code_that_was_taken_after_all_is_found_out() {
    // The registry acted late: the profile was still pending, and now says that it is on already.
    let mut bench = Bench::new(begun([Reply::Error(lost()), unauthorised("on already")]));
    bench.script.add(At::Profile, [pending(), on()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW + 30));
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::OnWithoutCodes { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn when_nothing_can_be_read_after_the_last_code_it_is_said_plainly() {
    let mut bench = Bench::new(begun([Reply::Error(lost())]));
    bench
        .script
        .add(At::Profile, (0..3).map(|_| Reply::Error(unreachable())));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("is not known"), "{failure}");
    assert!(
        failure.next.as_str().contains("Keep the entry"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn on_without_any_codes_is_not_called_a_success() {
    let mut bench = Bench::new(begun([Reply::Codes(Vec::new())]));
    bench.script.add(At::Profile, [on()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::OnWithoutCodes { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn m12_a_half_done_set_up_is_cleared_only_by_consent() {
    let mut bench = Bench::new(Script::new().on(At::Profile, [pending()]));
    let id = bench.start_with_file();
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("half-done"), "{failure}");
    assert_eq!(bench.script.seen().len(), 1);

    let mut bench = Bench::new(
        Script::new()
            .on(At::Profile, [pending()])
            .on(At::Disable, [Reply::Done])
            .on(At::Enrol, [url()]),
    );
    let place = Place::File(bench.file());
    let id = bench.start(clearing(place));
    bench.asked_to_confirm(id).await;
    assert_eq!(bench.script.seen_at(At::Disable)[0].what, PASSWORD);
}

#[tokio::test(start_paused = true)]
async fn what_is_on_already_is_not_begun() {
    let mut bench = Bench::new(Script::new().on(At::Profile, [is_on(Level::AuthOnly)]));
    let id = bench.start_with_file();
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("on already: auth-only"));
    assert_eq!(bench.script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn e8_a_registry_that_takes_no_set_up_is_told_in_its_own_words() {
    let not_offered = || {
        Reply::Error(Error::NotOffered {
            words: "not yet supported".into(),
        })
    };
    let cases = [
        (
            not_offered(),
            Refusal::NotOffered("not yet supported".into()),
        ),
        (
            refuses(503, "not yet supported"),
            Refusal::NotOffered("not yet supported".into()),
        ),
        (
            refuses(403, "Use the website."),
            Refusal::Closed("Use the website.".into()),
        ),
        (
            refuses(400, "New set-ups are closed."),
            Refusal::Closed("New set-ups are closed.".into()),
        ),
    ];
    for (reply, refusal) in cases {
        let script = Script::new()
            .on(At::Profile, [off(), off()])
            .on(At::Enrol, [reply]);
        let mut bench = Bench::new(script);
        let id = bench.start_with_file();
        match bench.enabled(id).await {
            Enabled::NotTaken(told) => assert_eq!(told, refusal),
            other => panic!("{other:?}"),
        }
    }
    let mut bench = Bench::new(Script::new().on(At::Profile, [not_offered()]));
    let id = bench.start_with_file();
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::NotTaken(Refusal::NotOffered(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_not_taken_for_a_closed_door() {
    for reply in [
        refuses(401, "unauthorized access"),
        refuses(403, "The password is wrong."),
    ] {
        let script = Script::new()
            .on(At::Profile, [off(), off()])
            .on(At::Enrol, [reply]);
        let mut bench = Bench::new(script);
        let id = bench.start_with_file();
        let failure = bench.finished(id).await.unwrap_err();
        assert!(
            failure
                .what
                .as_str()
                .contains("did not accept the password"),
            "{failure}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_the_registry_is_not_taken_for_a_closed_door() {
    let script = Script::new()
        .on(At::Profile, [off(), off()])
        .on(At::Enrol, [refuses(500, "oops")]);
    let mut bench = Bench::new(script);
    let id = bench.start_with_file();
    assert_eq!(
        bench.finished(id).await.unwrap_err().kind,
        FailureKind::Refused
    );
}

#[tokio::test(start_paused = true)]
async fn a_set_up_without_a_usable_key_is_cleared_again() {
    for bad in [
        "otpauth://totp/alice?issuer=Example",
        "https://example.com/",
        "otpauth://totp/alice?secret=1!",
    ] {
        let script = Script::new()
            .on(At::Profile, [off(), off()])
            .on(At::Enrol, [Reply::Url(bad.to_owned())])
            .on(At::Disable, [Reply::Done]);
        let mut bench = Bench::new(script);
        let id = bench.start_with_file();
        let failure = bench.finished(id).await.unwrap_err();
        assert!(
            failure.what.as_str().contains("cannot be used"),
            "{failure}"
        );
        assert!(
            failure.next.as_str().contains("was cleared again"),
            "{failure}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_answer_with_the_key_is_lost_the_profile_tells_what_to_do() {
    for (truth, next) in [(pending(), "half-done"), (off(), "Nothing was begun")] {
        let script = Script::new()
            .on(At::Profile, [off(), truth])
            .on(At::Enrol, [Reply::Error(lost())]);
        let mut bench = Bench::new(script);
        let id = bench.start_with_file();
        let failure = bench.finished(id).await.unwrap_err();
        assert!(failure.next.as_str().contains(next), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn leaving_before_the_last_code_clears_if_wanted_and_says_what_remains() {
    for (disable, profile, cleared) in [
        (Reply::Done, off(), true),
        (Reply::Done, pending(), false),
        (refuses(500, "oops"), pending(), false),
        (Reply::Error(lost()), off(), true),
    ] {
        let mut bench = Bench::new(begun([]).on(At::Disable, [disable]));
        let again =
            matches!(&profile, Reply::Profile(p) if p.tfa == npm_warden::domain::tfa::Tfa::Off);
        bench.script.add(At::Profile, [profile]);
        // A lost answer reads the profile once more.
        bench
            .script
            .add(At::Profile, [if again { off() } else { pending() }]);
        let id = bench.start_with_file();
        bench.asked_to_confirm(id).await;
        bench.answer(id, Answer::Leave { clear: true });
        match bench.enabled(id).await {
            Enabled::Left { cleared: told } => assert_eq!(told, cleared),
            other => panic!("{other:?}"),
        }
    }
    let mut bench = Bench::new(begun([]));
    bench.script.add(At::Profile, [pending()]);
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.answer(id, Answer::Leave { clear: false });
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::Left { cleared: false }
    ));
    assert!(bench.script.seen_at(At::Disable).is_empty());
}

#[tokio::test(start_paused = true)]
async fn cancelling_at_the_last_question_says_what_remains() {
    let mut bench = Bench::new(begun([]));
    let id = bench.start_with_file();
    bench.asked_to_confirm(id).await;
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert!(failure.what.as_str().contains("half-done"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn a_place_that_cannot_be_written_is_found_out_before_anything_is_begun() {
    let mut bench = Bench::new(Script::new());
    let id = bench.start(request(Place::File("no/such/folder/codes.txt".into())));
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Local);
    assert!(bench.script.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn places_are_suggested_proved_and_listed() {
    let mut bench = Bench::new(Script::new());
    let id = bench.start(Request::SuggestPlace {
        account: "alice".into(),
    });
    let Ok(Outcome::Suggested(path)) = bench.finished(id).await else {
        panic!("suggested");
    };
    assert!(path.starts_with(bench.folder.path()));
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(
        name.contains("alice") && name.contains("2023-11-1"),
        "{name}"
    );
    let id = bench.start(Request::ProvePlace(PlaceWish::File(name.into())));
    let Ok(Outcome::PlaceProved {
        place: Place::File(proved),
        ..
    }) = bench.finished(id).await
    else {
        panic!("proved");
    };
    assert_eq!(proved, path);
    assert!(!path.exists());
    let id = bench.start(Request::ProvePlace(PlaceWish::File(
        "no/such/folder/x.txt".into(),
    )));
    assert!(bench.finished(id).await.is_err());
    assert!(bench.kept().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_cannot_be_read_at_the_end_is_not_said_to_have_been() {
    let unread = || {
        let unknown = Reply::Profile(super::script::profile(Tfa::Unknown("a list".into())));
        [
            vec![unknown],
            (0..3).map(|_| Reply::Error(lost())).collect(),
        ]
    };
    for replies in unread() {
        let mut bench = Bench::new(begun([codes()]));
        bench.script.add(At::Profile, replies);
        let id = bench.start_with_file();
        bench.asked_to_confirm(id).await;
        bench.code(id, &code_at(NOW));
        bench.prove(id).await;
        assert!(matches!(
            bench.enabled(id).await,
            Enabled::On {
                level: Level::AuthAndWrites,
                checked: false,
                ..
            }
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn no_write_begins_after_the_person_left() {
    for quits in [false, true] {
        let (gate, reply) = super::script::held();
        let script = Script::new()
            .on(At::Profile, [pending()])
            .on(At::Disable, [reply])
            .on(At::Enrol, [url()]);
        let mut bench = Bench::new(script);
        let id = bench.start(clearing(Place::Myself));
        bench
            .when(|script| !script.seen_at(At::Disable).is_empty())
            .await;
        let script = bench.script.clone();
        if quits {
            bench.close();
        } else {
            bench.cancel(id);
        }
        // The backend gets its turns to obey; the answer to the write is still held.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        gate.open(Reply::Done);
        let failure = bench.finished(id).await.unwrap_err();
        assert!(
            failure.what.as_str().contains("nothing new was begun"),
            "{failure}"
        );
        assert!(script.seen_at(At::Enrol).is_empty());
    }
}
