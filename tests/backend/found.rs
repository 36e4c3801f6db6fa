//! Which token lies where on this machine, and the notes of tokens: every list says the same.

use std::sync::{Arc, Mutex, mpsc};

use npm_warden::backend::protocol::{Event, Outcome, Request, RowState};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::found::{Found, Grade, ProvedBy};
use npm_warden::domain::identity::CredentialKind;
use npm_warden::domain::machine::{CredentialId, Form, LocalCredential, Machine, Rank, SourceKind};
use npm_warden::domain::note;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::{Token, TokenKey};
use npm_warden::npmrc::{Auth, Survey};
use npm_warden::records::Notes;
use npm_warden::registry::{PageAt, Revoked, TokenPage};
use sha2::{Digest as _, Sha512};

use super::bench::{Bench, keys};
use super::script::{At, CONFIGURED, HOST, Reply, Script, list, page, refuses, token};

/// A value that no list shows more of than its first eight characters.
const LEFT: &str = "npm_LeftCanary0123456789";
const OTHER: &str = "npm_OtherCanary012345678";

/// A credential that lies here: its place, what it is for, its value.
fn lies(here: &[(&str, &str, &str)]) -> Survey {
    let mut survey = Survey::default();
    for (at, (place, scope, value)) in here.iter().enumerate() {
        let id = CredentialId {
            path: None,
            key: (*place).into(),
            line: at,
        };
        survey.machine.credentials.push(LocalCredential {
            id: id.clone(),
            place: (*place).into(),
            source: SourceKind::User,
            scope: (*scope).into(),
            kind: CredentialKind::Token,
            form: Form::Literal,
            begins: Text::default(),
            rank: Rank::Wins,
            in_use: false,
        });
        let auth = Auth::Bearer(Arc::new(Secret::from(*value)));
        survey.values.push((id, auth));
    }
    survey.machine = Machine {
        registry: HOST.into(),
        ..survey.machine
    };
    survey
}

fn with(here: &'static [(&'static str, &'static str, &'static str)]) -> Script {
    Script::new().survey(move || Ok(lies(here)))
}

fn begins(key: impl Into<String>, begins: &str) -> Token {
    Token {
        begins: begins.into(),
        ..token(key)
    }
}

fn one_page(rows: Vec<Token>) -> Reply {
    Reply::Page(TokenPage {
        rows,
        ..page(Vec::<String>::new())
    })
}

fn digest(value: &str) -> String {
    let bytes = Sha512::digest(value);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is(place: &str) -> Found {
    Found {
        place: place.into(),
        grade: Grade::Is,
        proof: Some(ProvedBy::Key),
        in_use: false,
    }
}

fn made(place: &str) -> Found {
    Found {
        proof: Some(ProvedBy::Made),
        ..is(place)
    }
}

fn looks_like(place: &str) -> Found {
    Found {
        grade: Grade::LooksLike,
        proof: None,
        ..is(place)
    }
}

fn in_use(found: Found) -> Found {
    Found {
        in_use: true,
        ..found
    }
}

/// The rows of a list, in the order in which they came.
async fn listed(bench: &mut Bench) -> Vec<Token> {
    let id = bench.start(Request::Tokens);
    let (events, result) = bench.rest(id).await;
    assert!(matches!(result, Ok(Outcome::Tokens { .. })), "{result:?}");
    let rows = events.into_iter().filter_map(|event| match event {
        Event::Page { rows, .. } => Some(rows),
        _ => None,
    });
    rows.flatten().collect()
}

fn found(rows: &[Token]) -> Vec<Vec<Found>> {
    rows.iter().map(|row| row.found.to_vec()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_value_is_the_token_whose_key_is_its_digest_and_looks_like_one_whose_characters_fit() {
    let script = with(&[
        ("~/.npmrc, line 1", HOST, LEFT),
        ("./.npmrc, line 2", "registry.example.com/npm/", LEFT),
        ("~/.npmrc, line 3", "REGISTRY.example.com", OTHER),
        ("$NPM_TOKEN", "", OTHER),
        // For others, whatever its characters are.
        ("~/.npmrc, line 4", "registry.example.com:8080", LEFT),
        ("~/.npmrc, line 5", "registry.example.com.evil.test", OTHER),
        ("~/.npmrc, line 6", "evil.test/registry.example.com", OTHER),
    ])
    .on(
        At::Tokens,
        [one_page(vec![
            begins(digest(LEFT).to_uppercase(), "npm_Left"),
            // The characters fit, and it is proved to be another one.
            begins("8f14e45f", "npm_Left"),
            begins("03a4", "npm_Othe...5678"),
            begins("77b0", "npm_None"),
        ])],
    );
    let rows = listed(&mut Bench::new(script)).await;
    assert_eq!(
        found(&rows),
        [
            vec![is("~/.npmrc, line 1"), is("./.npmrc, line 2")],
            vec![],
            vec![looks_like("~/.npmrc, line 3"), looks_like("$NPM_TOKEN")],
            vec![],
        ]
    );
    assert_eq!(rows[0].in_use(), None);
}

#[tokio::test(start_paused = true)]
async fn the_credential_in_use_is_found_where_it_came_from_and_once() {
    let rows = || {
        one_page(vec![
            begins("a", "npm_conf"),
            begins(digest(CONFIGURED), "npm_conf"),
        ])
    };
    let its = |grade: fn(&str) -> Found| in_use(grade("~/.npmrc, line 1"));
    // No survey tells of it.
    let script = Script::new().on(At::Tokens, [rows()]);
    let listing = listed(&mut Bench::new(script)).await;
    assert_eq!(found(&listing), [vec![], vec![its(is)]]);
    assert_eq!(listing[1].in_use(), Some(Grade::Is));
    // One does, and of a copy.
    let script = with(&[
        ("~/.npmrc, line 1", HOST, CONFIGURED),
        ("./.npmrc, line 9", HOST, CONFIGURED),
    ])
    .on(At::Tokens, [rows()]);
    let copy = in_use(is("./.npmrc, line 9"));
    let listing = listed(&mut Bench::new(script)).await;
    assert_eq!(found(&listing), [vec![], vec![its(is), copy]]);
    // Its key says nothing.
    let script = Script::new().on(At::Tokens, [one_page(vec![begins("a", "npm_conf")])]);
    let listing = listed(&mut Bench::new(script)).await;
    assert_eq!(found(&listing), [vec![its(looks_like)]]);
    assert_eq!(listing[0].in_use(), Some(Grade::LooksLike));
}

#[tokio::test(start_paused = true)]
async fn what_a_page_proves_counts_for_the_pages_after_it() {
    let script = with(&[("~/.npmrc, line 1", HOST, LEFT)]).on(
        At::Tokens,
        [
            Reply::Page(TokenPage {
                rows: vec![
                    begins("before", "npm_Left"),
                    begins(digest(LEFT), "npm_Left"),
                ],
                next: Some(PageAt::Link("/x?2".into())),
                total: Some(3),
                ..page(Vec::<String>::new())
            }),
            one_page(vec![begins("after", "npm_Left")]),
        ],
    );
    let rows = listed(&mut Bench::new(script)).await;
    assert_eq!(found(&rows), [vec![], vec![is("~/.npmrc, line 1")], vec![]]);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_was_given_with_its_key_is_that_token_from_the_first_page_on() {
    let script = with(&[("~/.npmrc, line 1", HOST, LEFT)]).on(
        At::Tokens,
        [one_page(vec![
            begins("alike", "npm_Left"),
            begins("made-here", "npm_Left"),
        ])],
    );
    let mut bench = Bench::new(script);
    let mut notes = Notes::open(&bench.folder.path().join("vault")).unwrap();
    let made_here = TokenKey::new("made-here");
    notes.given(&HOST.into(), &made_here, &LEFT.into()).unwrap();
    // Of another registry, where the same value is nobody's concern.
    let alike = TokenKey::new("alike");
    notes.given(&"r.test".into(), &alike, &LEFT.into()).unwrap();
    let rows = listed(&mut bench).await;
    assert_eq!(found(&rows), [vec![], vec![made("~/.npmrc, line 1")]]);
    assert_eq!(rows[1].note, None, "nothing was noted of it");
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_out_also_where_this_machine_cannot_be_looked_through() {
    let why = || Failure::new(FailureKind::Local, "The file cannot be read.", "Mend it.");
    for panics in [false, true] {
        let script = Script::new()
            .survey(move || {
                assert!(!panics, "a fault of this program");
                Err(why())
            })
            .on(At::Tokens, [one_page(vec![begins("a", "npm_conf")])]);
        let mut bench = Bench::new(script);
        let vault = bench.folder.path().join("vault");
        std::fs::create_dir(&vault).unwrap();
        std::fs::write(vault.join("tokens.json"), "no JSON").unwrap();
        let rows = listed(&mut bench).await;
        assert_eq!(
            found(&rows),
            [vec![in_use(looks_like("~/.npmrc, line 1"))]],
            "what requests carry is known all the same"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn no_row_goes_out_before_this_machine_was_looked_through() {
    let (go, wait) = mpsc::channel();
    let wait = Mutex::new(wait);
    let script = Script::new()
        .survey(move || {
            wait.lock().unwrap().recv().unwrap();
            Ok(lies(&[("~/.npmrc, line 1", HOST, LEFT)]))
        })
        .on(
            At::Tokens,
            [one_page(vec![begins(digest(LEFT), "npm_Left")])],
        );
    let mut bench = Bench::new(script);
    let id = bench.start(Request::Tokens);
    // The page is read meanwhile.
    bench
        .when(|script| !script.seen_at(At::Tokens).is_empty())
        .await;
    go.send(()).unwrap();
    let (events, _) = bench.rest(id).await;
    let rows = events.into_iter().find_map(|event| match event {
        Event::Page { rows, .. } => Some(rows),
        _ => None,
    });
    assert_eq!(found(&rows.unwrap()), [vec![is("~/.npmrc, line 1")]]);
}

#[tokio::test(start_paused = true)]
async fn what_arrived_before_a_list_failed_is_shown_with_what_is_known_of_it() {
    let script = with(&[("~/.npmrc, line 1", HOST, LEFT)]).on(
        At::Tokens,
        [
            Reply::Page(TokenPage {
                next: Some(PageAt::Link("/x?2".into())),
                rows: vec![begins(digest(LEFT), "npm_Left")],
                ..page(Vec::<String>::new())
            }),
            refuses(403, "no more"),
        ],
    );
    let mut bench = Bench::new(script);
    let id = bench.start(Request::Tokens);
    let (events, result) = bench.rest(id).await;
    assert!(result.is_err());
    let found: Vec<_> = events
        .into_iter()
        .filter_map(|event| match event {
            Event::Page { rows, .. } => Some(found(&rows)),
            _ => None,
        })
        .collect();
    assert_eq!(found, [[[is("~/.npmrc, line 1")]]]);
}

#[tokio::test(start_paused = true)]
async fn the_list_after_a_revocation_says_the_same() {
    let script = with(&[("~/.npmrc, line 1", HOST, LEFT)])
        .on(At::Revoke, [Reply::Revoked(Revoked::Done)])
        .on(
            At::Tokens,
            [one_page(vec![begins(digest(LEFT), "npm_Left")])],
        );
    let mut bench = Bench::new(script);
    noted(&mut bench, &digest(LEFT), "CI of o/r").await.unwrap();
    let id = bench.start(Request::Revoke {
        tokens: keys(["gone"]),
        last: Vec::new(),
        names: Vec::new(),
    });
    let Ok(Outcome::Revoked { rows, list }) = bench.finished(id).await else {
        panic!("it ends well")
    };
    assert!(matches!(rows[0].1, RowState::Gone(_)));
    let list = list.unwrap();
    assert_eq!(found(&list), [vec![is("~/.npmrc, line 1")]]);
    assert_eq!(list[0].note.as_deref(), Some(&"CI of o/r".into()));
}

/// Takes a note down; gives what is kept.
async fn noted(bench: &mut Bench, key: &str, words: &str) -> Result<Option<Text>, Failure> {
    let id = bench.start(Request::Note {
        token: TokenKey::new(key),
        note: words.to_owned(),
    });
    match bench.finished(id).await? {
        Outcome::Noted { token, note } => {
            assert_eq!(token, TokenKey::new(key));
            Ok(note)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_is_kept_on_this_machine_shown_in_each_list_and_taken_away_by_an_empty_one() {
    let script = Script::new().world(|_| list(["a", "b"]));
    let mut bench = Bench::new(script);
    let kept = noted(&mut bench, "a", " GitHub secret\tNPM_TOKEN\u{202e}\n").await;
    assert_eq!(kept, Ok(Some("GitHub secret NPM_TOKEN".into())));
    assert!(bench.script.seen().is_empty(), "nothing is sent");
    let notes = |rows: Vec<Token>| {
        let notes = rows.into_iter().map(|row| row.note.as_deref().cloned());
        notes.collect::<Vec<_>>()
    };
    let of_a = Some(Text::from("GitHub secret NPM_TOKEN"));
    assert_eq!(notes(listed(&mut bench).await), [of_a.clone(), None]);

    for (words, why) in [
        ("x".repeat(note::LONGEST + 1), "201 characters"),
        (format!("is {LEFT}"), "a token's value"),
        (format!("is {CONFIGURED}"), "a token's value"),
    ] {
        let failure = noted(&mut bench, "a", &words).await.unwrap_err();
        assert!(failure.what.as_str().contains(why), "{failure}");
        assert!(!failure.to_string().contains("anary"), "{failure}");
        assert_eq!(notes(listed(&mut bench).await), [of_a.clone(), None]);
    }

    assert_eq!(noted(&mut bench, "a", " ").await, Ok(None));
    assert_eq!(notes(listed(&mut bench).await), [None, None]);
    // The same key elsewhere is another token.
    noted(&mut bench, "a", "here").await.unwrap();
    bench.script.moves_to("r.test");
    let id = bench.start(Request::Account);
    bench.script.add(At::Profile, [super::script::off()]);
    bench.finished(id).await.unwrap();
    assert_eq!(notes(listed(&mut bench).await), [None, None]);
}

#[tokio::test(start_paused = true)]
async fn a_note_that_cannot_be_kept_says_so() {
    let mut bench = Bench::new(Script::new());
    std::fs::write(bench.folder.path().join("vault"), "a file in its place").unwrap();
    let failure = noted(&mut bench, "a", "words").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Local);
    assert!(failure.what.as_str().contains("vault"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn whose_token_a_note_is_of_is_learnt_from_a_whole_list_alone() {
    let file = |bench: &Bench| {
        let file = bench.folder.path().join("vault/tokens.json");
        std::fs::read_to_string(file).unwrap()
    };
    let moves = Reply::Page(TokenPage {
        last: Some(1),
        ..page(["a", "b"])
    });
    let script = Script::new()
        .on(At::Profile, [super::script::off()])
        .on(At::Tokens, [moves])
        .world(|_| list(["a", "b"]));
    let mut bench = Bench::new(script);
    noted(&mut bench, "a", "words").await.unwrap();
    bench.knows_the_account().await;
    // The rows of the first page come again on the second, and in the second round once.
    listed(&mut bench).await;
    assert!(file(&bench).contains("alice"), "{}", file(&bench));
    bench.script.add(At::Tokens, [list(["b"])]);
    listed(&mut bench).await;
    assert!(file(&bench).contains("gone"), "it is missed from now on");
    assert!(file(&bench).contains("words"), "and kept for a month");
}

#[tokio::test(start_paused = true)]
async fn a_pasted_value_is_known_by_its_digest_and_by_what_was_made_here_and_nothing_is_sent() {
    let mut bench = Bench::new(Script::new());
    let made_here = TokenKey::new("made-here");
    let mut notes = Notes::open(&bench.folder.path().join("vault")).unwrap();
    notes.given(&HOST.into(), &made_here, &LEFT.into()).unwrap();
    for (value, made) in [(LEFT, Some(made_here)), (OTHER, None)] {
        let id = bench.start(Request::Marks {
            values: vec![std::sync::Arc::new(value.into())],
            held: false,
        });
        let (events, result) = bench.rest(id).await;
        assert!(events.is_empty());
        let Ok(Outcome::Marks(marks)) = result else {
            panic!("{result:?}");
        };
        let [marks] = &marks[..] else {
            panic!("{marks:?}")
        };
        let others = usize::from(made.is_none());
        assert_eq!(marks.digest.raw(), digest(value).as_str());
        assert_eq!((&marks.made, marks.others.len()), (&made, others));
    }
    assert!(bench.script.seen().is_empty());
}
