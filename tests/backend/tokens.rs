//! The list of tokens: pages as they arrive, several at once, whole and without doubles.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::protocol::{Event, Outcome, Question, Request};
use npm_warden::domain::failure::Failure;
use npm_warden::registry::{PageAt, TokenPage};

use super::bench::Bench;
use super::script::{
    At, Gate, Reply, Script, Seen, held, list, page, refuses, unreachable, wants_code,
};

/// Pages of three rows, numbered.
fn numbered(index: u64, last: u64) -> TokenPage {
    TokenPage {
        total: Some((last + 1) * 3),
        next: (index < last).then_some(PageAt::Number(index + 1)),
        last: Some(last),
        ..page((0..3).map(|n| format!("{index}-{n}")))
    }
}

fn index_of(what: &str) -> u64 {
    what.parse().unwrap_or(0)
}

struct Listed {
    pages: Vec<(u64, Vec<String>)>,
    result: Result<Outcome, Failure>,
}

async fn listed(bench: &mut Bench) -> Listed {
    let id = bench.start(Request::Tokens);
    let (events, result) = bench.rest(id).await;
    Listed {
        pages: events.into_iter().filter_map(rows).collect(),
        result,
    }
}

fn rows(event: Event) -> Option<(u64, Vec<String>)> {
    match event {
        Event::Page { index, rows, .. } => Some((
            index,
            rows.iter().map(|row| row.key.raw().into_owned()).collect(),
        )),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn numbered_pages_are_asked_for_eight_at_once_and_shown_as_they_arrive() {
    let gates: Arc<Mutex<Vec<(u64, Gate)>>> = Arc::default();
    let opened = gates.clone();
    let script = Script::new().world(move |seen| {
        if seen.what == "first" {
            return Reply::Page(numbered(0, 11));
        }
        let (gate, reply) = held();
        opened.lock().unwrap().push((index_of(&seen.what), gate));
        reply
    });
    let mut bench = Bench::new(script);
    let id = bench.start(Request::Tokens);
    let first = bench.until(|e| {
        matches!(
            e,
            Event::Page {
                index: 0,
                total: Some(36),
                ..
            }
        )
        .then_some(())
    });
    first.await;
    bench.when(|script| script.seen().len() == 9).await;
    assert!(bench.is_quiet().await, "eight under way, and no more");
    assert_eq!(bench.script.seen().len(), 9);
    let mut pages = 1;
    // The latest first: pages may arrive out of order.
    while pages < 12 {
        let next = gates.lock().unwrap().pop();
        let (index, gate) = next.expect("a page is under way");
        gate.open(Reply::Page(numbered(index, 11)));
        let shown = bench.until(|e| match e {
            Event::Page { index, .. } => Some(*index),
            _ => None,
        });
        assert_eq!(shown.await, index);
        pages += 1;
    }
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::Tokens {
            pages: 12,
            moved: false
        })
    ));
    assert!(bench.script.seen().iter().all(|seen| seen.together <= 8));
}

#[tokio::test(start_paused = true)]
async fn no_page_is_asked_for_before_there_is_room_for_it() {
    let page = |seen: &Seen| Reply::Page(numbered(index_of(&seen.what), 99));
    let mut bench = Bench::with_room(Script::new().world(page), 1);
    let id = bench.start(Request::Tokens);
    // This time is over when nothing else goes on any more: one page is taken, and ten are under way.
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(bench.script.seen().len(), 11);
    let (events, result) = bench.rest(id).await;
    assert_eq!(events.into_iter().filter_map(rows).count(), 100);
    assert!(matches!(result, Ok(Outcome::Tokens { pages: 100, .. })));
}

#[tokio::test(start_paused = true)]
async fn pages_without_numbers_are_followed_one_by_one() {
    let linked = |keys: [&'static str; 2], next: Option<&str>| {
        Reply::Page(TokenPage {
            next: next.map(|next| PageAt::Link(next.to_owned())),
            ..page(keys)
        })
    };
    let script = Script::new().world(move |seen| match seen.what.as_str() {
        "first" => linked(["a", "b"], Some("/x?2")),
        "/x?2" => linked(["c", "d"], Some("/x?3")),
        _ => linked(["e", "f"], None),
    });
    let mut bench = Bench::new(script);
    let listed = listed(&mut bench).await;
    assert!(matches!(
        listed.result,
        Ok(Outcome::Tokens {
            pages: 3,
            moved: false
        })
    ));
    assert_eq!(listed.pages[2], (2, vec!["e".to_owned(), "f".to_owned()]));
    let asked: Vec<_> = bench
        .script
        .seen()
        .into_iter()
        .map(|seen| seen.what)
        .collect();
    // No total says that these are all: the second reading does.
    assert_eq!(
        asked,
        ["first", "/x?2", "/x?3", "first", "/x?2", "/x?3"],
        "one by one"
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_that_slipped_while_the_list_was_read_is_found_and_none_is_doubled() {
    // Between the pages a token was made: every row moved down by one, and the new one is in none of them.
    let mut made = false;
    let script = Script::new().world(move |seen| {
        let (rows, last): (&[&str], _) = match (seen.what.as_str(), made) {
            ("first", false) => (&["a", "b"], 1),
            ("1", false) => {
                made = true;
                (&["b", "c"], 1)
            }
            ("first", true) => (&["new", "a"], 1),
            _ => (&["b", "c"], 1),
        };
        Reply::Page(TokenPage {
            last: Some(last),
            total: None,
            ..page(rows.iter().copied())
        })
    });
    let mut bench = Bench::new(script);
    let listed = listed(&mut bench).await;
    let mut all: Vec<_> = listed
        .pages
        .into_iter()
        .flat_map(|(_, rows)| rows)
        .collect();
    all.sort();
    assert_eq!(all, ["a", "b", "c", "new"]);
    assert!(matches!(
        listed.result,
        Ok(Outcome::Tokens { moved: false, .. })
    ));
    assert_eq!(bench.script.seen().len(), 6, "until two readings agree");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_changes_each_time_says_that_it_may_lack_a_row() {
    // The same row stands on both pages, however often they are read.
    let script = Script::new().world(|seen| {
        let rows = match seen.what.as_str() {
            "first" => ["a", "b"],
            _ => ["b", "c"],
        };
        Reply::Page(TokenPage {
            last: Some(1),
            ..page(rows)
        })
    });
    let mut bench = Bench::new(script);
    let listed = listed(&mut bench).await;
    assert!(matches!(
        listed.result,
        Ok(Outcome::Tokens { moved: true, .. })
    ));
    assert_eq!(bench.script.seen().len(), 6, "it is read again twice");
}

/// A row slips over the edge of a page when one before it goes: nothing in what was read tells that.
#[tokio::test(start_paused = true)]
async fn p30_a_row_that_slipped_unseen_is_found_where_no_total_is_told() {
    let mut gone = false;
    let script = Script::new().world(move |seen| {
        let rows: &[&str] = match (seen.what.as_str(), gone) {
            ("first", false) => &["a", "b"],
            ("1", false) => {
                gone = true;
                &["d"]
            }
            ("first", true) => &["b", "slipped"],
            _ => &["d"],
        };
        Reply::Page(TokenPage {
            next: (seen.what == "first").then_some(PageAt::Number(1)),
            ..page(rows.iter().copied())
        })
    });
    let mut bench = Bench::new(script);
    let listed = listed(&mut bench).await;
    assert!(matches!(
        listed.result,
        Ok(Outcome::Tokens { moved: false, .. })
    ));
    let rows: Vec<_> = listed.pages.iter().flat_map(|(_, rows)| rows).collect();
    assert!(rows.contains(&&"slipped".to_owned()), "{rows:?}");
}

#[tokio::test(start_paused = true)]
async fn p30_fewer_rows_than_the_registry_says_that_there_are_is_no_whole_list() {
    for (total, moved) in [(3, true), (2, false), (1, false)] {
        let script = Script::new().world(move |_| {
            Reply::Page(TokenPage {
                total: Some(total),
                ..page(["a", "b"])
            })
        });
        let mut bench = Bench::new(script);
        match listed(&mut bench).await.result {
            Ok(Outcome::Tokens { moved: told, .. }) => assert_eq!(told, moved, "{total}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_list_is_read_once() {
    let script = Script::new().world(|seen| Reply::Page(numbered(index_of(&seen.what), 2)));
    let mut bench = Bench::new(script);
    assert!(listed(&mut bench).await.result.is_ok());
    assert_eq!(bench.script.seen().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn p21_a_list_in_a_circle_or_without_an_end_is_an_error_and_never_cut_silently() {
    let circle = || {
        Reply::Page(TokenPage {
            next: Some(PageAt::Link("/x?1".to_owned())),
            ..page(["a"])
        })
    };
    let mut bench = Bench::new(Script::new().world(move |_| circle()));
    let failure = listed(&mut bench).await.result.unwrap_err();
    assert!(failure.what.as_str().contains("circle"));
    assert_eq!(bench.script.seen().len(), 2);

    let mut bench = Bench::new(Script::new().world(|_| Reply::Page(numbered(0, 1_000_000))));
    let failure = listed(&mut bench).await.result.unwrap_err();
    assert!(failure.what.as_str().contains("more than 2000 pages"));
    assert_eq!(bench.script.seen().len(), 1);

    let mut n = 0;
    let mut bench = Bench::new(Script::new().world(move |_| {
        n += 1;
        Reply::Page(TokenPage {
            next: Some(PageAt::Link(format!("/x?{n}"))),
            ..page([n.to_string()])
        })
    }));
    let failure = listed(&mut bench).await.result.unwrap_err();
    assert!(failure.what.as_str().contains("more than 2000 pages"));
    assert_eq!(bench.script.seen().len(), 2000);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_fails_the_list_and_what_arrived_stays_shown() {
    let script = Script::new().world(|seen| match index_of(&seen.what) {
        3 => Reply::Error(unreachable()),
        index => Reply::Page(numbered(index, 30)),
    });
    let mut bench = Bench::new(script);
    let listed = listed(&mut bench).await;
    assert!(listed.result.is_err());
    assert!(listed.pages.len() >= 3);
    assert!(bench.script.seen().len() <= 17, "nothing more is asked for");
}

#[tokio::test(start_paused = true)]
async fn the_first_challenge_stops_the_queue_and_the_code_serves_all_pages() {
    let script = Script::new().world(|seen| match (&seen.otp, index_of(&seen.what)) {
        (None, index) if index > 0 => wants_code(),
        (_, index) => Reply::Page(numbered(index, 11)),
    });
    let mut bench = Bench::new(script);
    let id = bench.start(Request::Tokens);
    // The first page and the question come in any order: a row waits for what this machine knows of it.
    let (mut paged, mut asked) = (false, None);
    while !paged || asked.is_none() {
        match bench.next().await {
            Event::Page { index: 0, .. } => paged = true,
            Event::Asked {
                question: Question::Challenge(challenge),
                ..
            } => asked = Some(challenge),
            event => panic!("too early: {event:?}"),
        }
    }
    assert_eq!(asked.unwrap().action.as_str(), "list the tokens");
    assert!(bench.is_quiet().await);
    let before = bench.script.seen().len();
    assert_eq!(
        before, 9,
        "the first, and eight of which each is challenged"
    );
    bench.code(id, "123456");
    let (events, result) = bench.rest(id).await;
    assert!(matches!(
        result,
        Ok(Outcome::Tokens {
            pages: 12,
            moved: false
        })
    ));
    assert!(!events.iter().any(|e| matches!(e, Event::Asked { .. })));
    let after = bench.script.seen().split_off(before);
    assert_eq!(after.len(), 11);
    assert!(after[..2].iter().all(|seen| seen.together == 1));
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_is_a_list() {
    let mut bench = Bench::new(Script::new().on(At::Tokens, [list(Vec::<String>::new())]));
    let listed = listed(&mut bench).await;
    assert!(matches!(
        listed.result,
        Ok(Outcome::Tokens {
            pages: 1,
            moved: false
        })
    ));
    assert_eq!(listed.pages, [(0, vec![])]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_list_is_told_in_the_registrys_words() {
    let mut bench = Bench::new(Script::new().on(At::Tokens, [refuses(403, "not with this token")]));
    let failure = listed(&mut bench).await.result.unwrap_err();
    assert!(failure.what.as_str().contains("not with this token"));
}
