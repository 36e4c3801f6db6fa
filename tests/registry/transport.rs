use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Level;
use npm_warden::domain::token::TokenKey;
use npm_warden::npmrc::Auth;
use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Call, Error, PageAt, Registry as _, Sent};

use crate::client::{Heard, client, noon, plain, setup, with_otp};
use crate::server::{Server, Step, close, json, with};

const ALICE: &str = r#"{"username":"alice"}"#;

#[tokio::test]
async fn p20_no_redirect_is_followed_and_not_one_byte_leaves() {
    let other = Server::start([]).await;
    let server = Server::start([]).await;
    let client = client(&server);
    let otp = Secret::from("123456");
    let away = format!("{}-/whoami?x=1", other.url());
    let here = format!("http://127.0.0.1:{}", server.port);
    for status in [300, 301, 302, 303, 307, 308] {
        for (location, to) in [
            (away.as_str(), format!("http://127.0.0.1:{}", other.port)),
            ("https://al:pw@evil.test/x?token=1", "evil.test".to_owned()),
            ("//evil.test:81/x", "http://evil.test:81".to_owned()),
            ("/login?next=secret", format!("{here}/login")),
        ] {
            let step = || with(status, &[("location", location)], "moved");
            server.then(step());
            let error = client.whoami(with_otp(&otp)).await.unwrap_err();
            assert_eq!(
                error,
                Error::Elsewhere {
                    to: Text::new(&to),
                    sent: Sent::No
                },
                "{status} {location}"
            );
            server.then(step());
            let error = client
                .enrol(with_otp(&otp), Level::AuthOnly, &Secret::from("pw"))
                .await
                .unwrap_err();
            assert!(matches!(error, Error::Elsewhere { .. }));
            assert!(
                error.outcome_unknown(),
                "a form that was taken answers with a redirect: {error:?}"
            );
        }
    }
    assert!(other.raw().is_empty());
    assert_eq!(
        server.seen().len(),
        6 * 4 * 2,
        "nothing was followed, nothing tried again"
    );
    for location in [&[][..], &[("location", "http://")]] {
        server.then(with(302, location, ""));
        let error = client.whoami(plain()).await.unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
        server.then(with(303, location, ""));
        let confirming = client.confirm(plain(), &otp);
        assert!(confirming.await.unwrap_err().outcome_unknown());
    }
}

#[tokio::test]
async fn p21_a_credential_of_another_place_is_not_sent() {
    let server = Server::start([]).await;
    let other = Server::start([]).await;
    for (stored, asked) in [
        (other.url(), server.url()),
        (format!("{}npm/", server.url()), server.url()),
        (
            format!("{}npm/", server.url()),
            format!("{}npmx/", server.url()),
        ),
        (server.url(), server.url().replace("127.0.0.1", "localhost")),
    ] {
        let mut setup = setup(&stored);
        setup.base = asked.parse().unwrap();
        let client = HttpRegistry::new(setup).unwrap();
        let error = client.whoami(plain()).await.unwrap_err();
        assert!(
            matches!(error, Error::Unsafe { .. }),
            "{stored} {asked}: {error:?}"
        );
    }
    assert!(server.raw().is_empty() && other.raw().is_empty());
}

#[tokio::test]
async fn a_credential_that_cannot_be_a_header_is_not_sent() {
    let server = Server::start([]).await;
    for token in ["canary\u{e9}", "canary\u{7}x", "canary\nx: y", ""] {
        let mut setup = setup(&server.url());
        let (_, scope) = setup.credential.take().unwrap();
        setup.credential = Some((Auth::Bearer(Arc::new(Secret::from(token))), scope));
        let error = HttpRegistry::new(setup)
            .unwrap()
            .whoami(plain())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Unsafe { .. }), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    let error = client(&server)
        .revoke(with_otp(&Secret::from("12\r\nx: y")), &TokenKey::new("k"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unsafe { .. }), "{error:?}");
    assert!(server.raw().is_empty());
}

#[tokio::test]
async fn p25_a_read_is_tried_again_and_the_person_hears_of_it() {
    let half = || Step::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{\"user".to_vec());
    let steps: [fn() -> Step; 5] = [
        || json(429, ""),
        || json(502, ""),
        || json(503, "{}"),
        || json(504, ""),
        close,
    ];
    let mut steps: Vec<Box<dyn Fn() -> Step>> =
        steps.into_iter().map(|step| Box::new(step) as _).collect();
    steps.push(Box::new(half));
    for step in steps {
        let server = Server::start([step(), step(), json(200, ALICE)]).await;
        let heard = Heard::default();
        let note = |retrying| heard.note(retrying);
        let call = Call {
            otp: None,
            once: false,
            retrying: &note,
        };
        let name = client(&server).whoami(call).await.unwrap();
        assert_eq!(name.as_str(), "alice");
        let heard = heard.all();
        let told: Vec<_> = heard.iter().map(|r| (r.attempt, r.of, r.wait)).collect();
        let ms = Duration::from_millis;
        assert_eq!(told, [(2, 3, ms(1)), (3, 3, ms(2))]);
        assert!(heard.iter().all(|retrying| !retrying.why.is_empty()));
    }
}

#[tokio::test]
async fn p25_after_three_attempts_a_read_ends_with_the_last_answer() {
    let server = Server::start([
        json(503, ""),
        json(502, ""),
        json(503, r#"{"error":"down"}"#),
    ])
    .await;
    let error = client(&server).whoami(plain()).await.unwrap_err();
    assert_eq!(
        error,
        Error::Refused {
            status: 503,
            words: Text::new("down")
        }
    );
    assert_eq!(server.seen().len(), 3);
    let server = Server::start([close(), close(), close(), json(200, ALICE)]).await;
    let error = client(&server).whoami(plain()).await.unwrap_err();
    assert!(
        matches!(error, Error::Network { sent: Sent::No, .. }),
        "{error:?}"
    );
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn p25_retry_after_wins_and_a_long_one_is_told_instead() {
    for (after, wait) in [("0", 0), ("Sun, 22 Nov 2026 12:00:00 GMT", 0)] {
        let server =
            Server::start([with(503, &[("retry-after", after)], ""), json(200, ALICE)]).await;
        let mut setup = setup(&server.url());
        setup.timing.waits = [Duration::from_hours(1); 2];
        let heard = Heard::default();
        let note = |retrying| heard.note(retrying);
        let call = Call {
            otp: None,
            once: false,
            retrying: &note,
        };
        HttpRegistry::new(setup)
            .unwrap()
            .whoami(call)
            .await
            .unwrap();
        assert_eq!(heard.all()[0].wait, Duration::from_secs(wait));
    }
    for status in [429, 503] {
        let server = Server::start([with(status, &[("retry-after", "61")], "")]).await;
        let error = client(&server).whoami(plain()).await.unwrap_err();
        let for_ = Some(Duration::from_secs(61));
        assert_eq!(
            error,
            Error::Wait {
                for_,
                words: Text::default()
            }
        );
        assert_eq!(server.seen().len(), 1);
    }
    for after in ["99999999999999999999", "Wed, 22 Nov 9026 12:00:00 GMT"] {
        let server = Server::start([with(429, &[("retry-after", after)], "")]).await;
        let error = client(&server).whoami(plain()).await.unwrap_err();
        let Error::Wait {
            for_: Some(wait), ..
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!(wait, Duration::from_hours(24), "{after}");
    }
}

#[tokio::test]
async fn p25_a_write_that_was_sent_is_not_tried_again() {
    let key = TokenKey::new("k");
    for step in [
        close(),
        json(503, ""),
        json(429, ""),
        Step::Bytes(b"HTTP/1.1 2".to_vec()),
    ] {
        let server = Server::start([step, json(200, "{}")]).await;
        client(&server).revoke(plain(), &key).await.unwrap_err();
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn p25_a_write_that_never_arrived_is_tried_again() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let setup = setup(&format!("http://{}/", gone.local_addr().unwrap()));
    drop(gone);
    let heard = Heard::default();
    let note = |retrying| heard.note(retrying);
    let call = Call {
        otp: None,
        once: false,
        retrying: &note,
    };
    let client = HttpRegistry::new(setup).unwrap();
    let error = client.revoke(call, &TokenKey::new("k")).await.unwrap_err();
    assert_eq!(
        error,
        Error::Network {
            sent: Sent::No,
            why: Text::new("the connection was refused")
        }
    );
    assert_eq!(heard.all().len(), 2);
}

#[tokio::test]
async fn an_answer_that_never_ends_is_given_up() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n{";
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffff\r\n{";
    for step in [
        || Step::Hang(Vec::new()),
        || Step::Hang(b"HTTP/1.1 200".to_vec()),
        || Step::Hang(HEAD.into()),
        || Step::Drip(HEAD.into()),
        || Step::Drip(CHUNKED.into()),
    ] {
        let server = Server::start([step(), step()]).await;
        let mut setup = setup(&server.url());
        setup.timing.whole = Duration::from_millis(100);
        let client = HttpRegistry::new(setup).unwrap();
        let error = client.whoami(plain()).await.unwrap_err();
        let Error::Network {
            sent: Sent::No,
            why,
        } = &error
        else {
            panic!("{error:?}")
        };
        assert!(why.as_str().contains("within"), "{why}");
        let password = Secret::from("pw");
        let enrolling = client.enrol(plain(), Level::AuthOnly, &password);
        assert!(enrolling.await.unwrap_err().outcome_unknown());
        assert_eq!(
            server.seen().len(),
            2,
            "who waited that long is not made to wait again"
        );
    }
}

/// While a process is stopped its limits pass and its answers arrive.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "a stopped process is one in which nothing runs for a time: that time is the matter of the test"
)]
async fn p07_codes_that_arrived_while_the_process_was_stopped_are_taken() {
    use std::io::{Read as _, Write as _};
    const LIMIT: Duration = Duration::from_secs(2);
    const CODES: &str = r#"{"tfa":["aa11","bb22"]}"#;
    for in_two_pieces in [false, true] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (arrived, request) = tokio::sync::oneshot::channel();
        let (stopped, stop) = std::sync::mpsc::channel();
        let (written, answered) = std::sync::mpsc::channel();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"}") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                bytes.push(byte[0]);
            }
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", CODES.len());
            if in_two_pieces {
                stream.write_all(head.as_bytes()).unwrap();
                arrived.send(()).unwrap();
                stop.recv().unwrap();
            } else {
                arrived.send(()).unwrap();
                stop.recv().unwrap();
                stream.write_all(head.as_bytes()).unwrap();
            }
            stream.write_all(CODES.as_bytes()).unwrap();
            written.send(()).unwrap();
            // The connection stays open.
            stream
        });
        let mut setup = setup(&url);
        setup.timing.whole = LIMIT;
        let client = HttpRegistry::new(setup).unwrap();
        let begun = std::time::Instant::now();
        let code = Secret::from("123456");
        let stop_here = async {
            request.await.unwrap();
            assert!(begun.elapsed() < LIMIT, "this machine is too slow to tell");
            stopped.send(()).unwrap();
            answered.recv().unwrap();
            // Nothing of this process runs until the limit has passed.
            std::thread::sleep(LIMIT);
        };
        let (codes, ()) = tokio::join!(client.confirm(plain(), &code), stop_here);
        assert_eq!(codes.expect("the codes are here").len(), 2);
        drop(server.join().unwrap());
    }
}

#[tokio::test]
async fn an_answer_larger_than_any_should_be_is_not_read() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 4194305\r\n\r\n{";
    let mut unannounced = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\"".to_vec();
    unannounced.resize(5 << 20, b'x');
    for step in [Step::Hang(announced.into()), Step::Bytes(unannounced)] {
        let server = Server::start([step]).await;
        let error = client(&server)
            .tokens(plain(), &PageAt::First)
            .await
            .unwrap_err();
        let Error::Malformed { what, .. } = &error else {
            panic!("{error:?}")
        };
        assert!(what.as_str().contains("4 MiB"), "{what}");
        assert_eq!(server.seen().len(), 1);
    }
    let mut just = format!(
        r#"{{"username":"alice","x":"{}"#,
        "x".repeat((4 << 20) - 32)
    );
    just += "\"}";
    assert!(just.len() <= 4 << 20);
    let server = Server::start([json(200, &just)]).await;
    assert!(client(&server).whoami(plain()).await.is_ok());
}

#[tokio::test]
async fn what_is_no_http_at_all_is_said() {
    for garbage in ["SSH-2.0-OpenSSH_9.9\r\n", "\u{0}\u{1}\u{2}\r\n\r\n"] {
        let step = || Step::Bytes(garbage.into());
        let server = Server::start([step(), step(), step()]).await;
        let error = client(&server).whoami(plain()).await.unwrap_err();
        assert!(matches!(error, Error::Network { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn p16_the_clocks_distance_is_learned_from_the_date() {
    for (date, ahead) in [
        ("Sun, 22 Nov 2026 12:00:00 GMT", Some(0)),
        ("Sun, 22 Nov 2026 11:59:59 GMT", Some(0)),
        ("Sun, 22 Nov 2026 11:58:59 GMT", Some(60)),
        ("Sun, 22 Nov 2026 12:02:00 GMT", Some(-120)),
        ("Sunday, 22-Nov-26", None),
        ("", None),
    ] {
        let server = Server::start([with(401, &[("date", date)], "{}")]).await;
        let client = client(&server);
        assert_eq!(client.clock_ahead(), None);
        client.whoami(plain()).await.unwrap_err();
        assert_eq!(client.clock_ahead(), ahead, "{date:?}");
    }
    let old = [("date", "Sun, 22 Nov 2026 11:00:00 GMT"), ("age", "3600")];
    let server = Server::start([with(200, &old, ALICE)]).await;
    let client = client(&server);
    client.whoami(plain()).await.unwrap();
    assert_eq!(
        client.clock_ahead(),
        None,
        "an answer out of a cache tells nothing"
    );
}

thread_local! {
    static READ: Cell<i64> = const { Cell::new(0) };
}

/// A clock that moves on by twenty seconds whenever it is read: every answer is slow.
fn slow() -> Timestamp {
    let read = READ.replace(READ.get() + 1);
    noon() + SignedDuration::from_secs(20 * read)
}

#[tokio::test]
async fn p16_a_slow_answer_raises_no_alarm() {
    let dated = |date| with(200, &[("date", date)], ALICE);
    let server = Server::start([
        dated("Sun, 22 Nov 2026 12:00:01 GMT"),
        dated("Sun, 22 Nov 2026 12:00:59 GMT"),
    ])
    .await;
    let mut setup = setup(&server.url());
    setup.now = slow;
    let client = HttpRegistry::new(setup).unwrap();
    for _ in 0..2 {
        client.whoami(plain()).await.unwrap();
        assert_eq!(client.clock_ahead(), Some(0));
    }
}
