//! An emergency that was interrupted is found again whoever is signed in, when that cannot be told as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use npm_warden::backend::protocol::{Answer, Event, Outcome, Question, Request, Step, Unfinished};
use npm_warden::domain::incident::{Ask, Reply as Said, Suspicion};
use npm_warden::domain::tfa::Tfa;

use super::bench::Bench;
use super::script::{At, Reply, Script, Seen, profile, refuses, unauthorised};

/// What the registry makes of the credential.
const ALICE: u8 = 0;
const BOB: u8 = 1;
const DEAD: u8 = 2;

fn script(who: &Arc<AtomicU8>) -> Script {
    let who = Arc::clone(who);
    Script::new().world(move |seen: &Seen| match who.load(Ordering::SeqCst) {
        DEAD => unauthorised("dead"),
        who => match seen.at {
            At::Whoami => Reply::Name(if who == ALICE { "alice" } else { "bob" }),
            At::Profile => Reply::Profile(profile(Tfa::Off)),
            _ => refuses(404, "no"),
        },
    })
}

/// Begun for alice, and left at its sign-in.
async fn left(bench: &mut Bench) {
    bench.knows_the_account().await;
    let resume = None;
    let rehearsal = false;
    let id = bench.start(Request::Emergency { resume, rehearsal });
    loop {
        let answer = match bench.next().await {
            Event::Asked { question, .. } => match question {
                Question::Emergency(Ask::Suspect) => Said::Suspect(Suspicion::Clean),
                _ => Said::Leave,
            },
            Event::Finished { id: by, .. } if by == id => return,
            _ => continue,
        };
        bench.answer(id, Answer::Emergency(answer));
    }
}

/// How many emergencies are found, and how often the registry was asked who this is.
async fn found(bench: &mut Bench) -> (usize, usize) {
    let whoami = |bench: &Bench| bench.script.seen_at(At::Whoami).len();
    let before = whoami(bench);
    let id = bench.start(Request::Unfinished);
    let Ok(Outcome::Unfinished(all)) = bench.finished(id).await else {
        panic!("it is looked for");
    };
    assert!(
        all.iter()
            .all(|one| matches!(one, Unfinished::Emergency { .. }))
    );
    (all.len(), whoami(bench) - before)
}

#[tokio::test(start_paused = true)]
async fn it_is_found_by_its_account_and_when_its_own_revocation_has_ended_the_credential() {
    let who = Arc::new(AtomicU8::new(ALICE));
    let mut bench = Bench::new(script(&who));
    assert_eq!(
        found(&mut bench).await,
        (0, 1),
        "what a plain command does next is noted for whoever this is"
    );
    left(&mut bench).await;
    assert_eq!(found(&mut bench).await.0, 1);
    for (now, finds) in [(DEAD, 1), (BOB, 0), (ALICE, 1)] {
        who.store(now, Ordering::SeqCst);
        let folder = bench.dies().await;
        bench = Bench::again(script(&who), folder);
        assert_eq!(found(&mut bench).await.0, finds, "{now}");
    }
}

/// A journal that another process writes, held by this one in its place.
fn opened_elsewhere(bench: &Bench) -> std::fs::File {
    use std::io::Write as _;
    let journals = bench.folder.path().join("vault/journals");
    let path = std::fs::read_dir(journals).unwrap().next().unwrap();
    let options = std::fs::File::options()
        .append(true)
        .open(path.unwrap().path());
    let mut file = options.unwrap();
    file.lock().unwrap();
    file.write_all(b"{\"resumed\":\"2026-11-22T12:00:00Z\",\"process\":1}\n")
        .unwrap();
    file
}

#[tokio::test(start_paused = true)]
async fn what_this_machine_knows_is_told_before_the_registry_has_said_who_this_is() {
    let who = Arc::new(AtomicU8::new(ALICE));
    let mut bench = Bench::new(script(&who));
    left(&mut bench).await;
    let told = async |bench: &mut Bench| {
        let id = bench.start(Request::Unfinished);
        let before = loop {
            match bench.next().await {
                Event::Step {
                    step: Step::Emergencies(known),
                    ..
                } => break known,
                Event::Finished { .. } => panic!("nothing was told before the end"),
                _ => {}
            }
        };
        let Ok(Outcome::Unfinished(after)) = bench.finished(id).await else {
            panic!("it is looked for");
        };
        (before, after)
    };
    let (before, after) = told(&mut bench).await;
    for all in [before, after] {
        assert!(
            matches!(&all[..], [Unfinished::Emergency { .. }]),
            "{all:?}"
        );
    }
    let _open = opened_elsewhere(&bench);
    let (before, after) = told(&mut bench).await;
    for all in [before, after] {
        let elsewhere = |one: &Unfinished| {
            matches!(
                one,
                Unfinished::Elsewhere {
                    process: Some(1),
                    ..
                }
            )
        };
        assert!(all.len() == 1 && elsewhere(&all[0]), "{all:?}");
    }
}
