//! Pages on the web: to sign in on, and to approve a request on (promises P18, P19, P20).

use std::time::Duration;

use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Call, Challenged, DoneUrl, Error, Polled, Registry as _, Sent};

use crate::client::{Heard, TOKEN, client, nobody, plain, setup, setup_from, with_otp};
use crate::server::{Server, Step, close, json, with};

fn pair(login: &str, done: &str) -> String {
    serde_json::json!({ "loginUrl": login, "doneUrl": done }).to_string()
}

fn at(url: &str) -> DoneUrl {
    DoneUrl::new(url.parse().unwrap())
}

fn done(server: &Server) -> DoneUrl {
    at(&format!("{}-/v1/done/opaque-session", server.url()))
}

/// What one answer to a poll means.
async fn polled(steps: impl IntoIterator<Item = Step>) -> Result<Polled, Error> {
    let server = Server::start(steps).await;
    nobody(&server.url()).poll(plain(), &done(&server)).await
}

#[tokio::test]
async fn a_sign_in_begins_without_a_credential_and_names_the_page_whole() {
    let server = Server::start([]).await;
    let login = format!("{}-/web/login?next=/-/v1/login_cli/0f8f-1", server.url());
    let asked = format!("{}-/v1/done/0f8f-1", server.url());
    let otp = Secret::from("123456");
    for client in [nobody(&server.url()), client(&server)] {
        server.then(json(200, &pair(&login, &asked)));
        let session = client.web_login(with_otp(&otp)).await.unwrap();
        assert_eq!(session.page.address.as_str(), login);
        assert_eq!(
            session.page.host.as_str(),
            format!("127.0.0.1:{}", server.port)
        );
        assert!(!session.page.foreign);
        assert_eq!(session.done.url().as_str(), asked);
        assert!(!format!("{session:?}").contains("done/0f8f"), "{session:?}");
    }
    for seen in server.seen() {
        assert_eq!(seen.line(), "POST /-/v1/login");
        assert_eq!(seen.json(), serde_json::json!({}));
        assert_eq!(seen.header("authorization"), None);
        assert_eq!(seen.header("npm-otp"), None);
        assert_eq!(seen.header("npm-auth-type"), Some("web"));
        assert_eq!(seen.header("npm-command"), Some("login"));
    }
}

#[tokio::test]
async fn a_registry_without_such_a_page_says_so() {
    let express = "<!DOCTYPE html><html><title>Error</title><pre>Cannot POST /-/v1/login</pre>";
    for (status, body) in [
        (404, express),
        (404, r#"{"error":"no such route"}"#),
        (405, ""),
        (501, ""),
    ] {
        let server = Server::start([json(status, body)]).await;
        let error = nobody(&server.url()).web_login(plain()).await.unwrap_err();
        assert!(
            matches!(error, Error::NotOffered { .. }),
            "{status}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_page_that_is_refused_or_fails_once_is_not_called_missing() {
    for status in [400, 401, 403, 410, 422, 500] {
        for headers in [&[][..], &[("www-authenticate", "otp")]] {
            let server = Server::start([with(status, headers, r#"{"error":"not now"}"#)]).await;
            let error = nobody(&server.url()).web_login(plain()).await.unwrap_err();
            let Error::Refused {
                status: said,
                words,
            } = &error
            else {
                panic!("{status}: {error:?}")
            };
            assert_eq!((*said, words.as_str()), (status, "not now"));
        }
    }
}

#[tokio::test]
async fn a_sign_in_that_does_not_begin_leaves_nothing_unknown() {
    let hangs_up =
        || Step::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"login".to_vec());
    for step in [
        json(502, ""),
        json(503, r#"{"error":"down"}"#),
        json(504, ""),
        json(599, ""),
        close(),
        hangs_up(),
        json(200, ""),
        json(200, "<html>"),
        json(200, "{}"),
        json(200, "[]"),
        json(200, r#"{"loginUrl":"https://r.test/"}"#),
        json(200, r#"{"loginUrl":1,"doneUrl":2}"#),
    ] {
        let server = Server::start([step]).await;
        let error = nobody(&server.url()).web_login(plain()).await.unwrap_err();
        assert!(!error.outcome_unknown(), "{error:?}");
        assert!(!matches!(error, Error::NotOffered { .. }), "{error:?}");
        assert_eq!(server.seen().len(), 1, "it is no read, and not tried again");
    }
    let server = Server::start([with(429, &[("retry-after", "7")], "")]).await;
    let error = nobody(&server.url()).web_login(plain()).await.unwrap_err();
    let wait = Some(Duration::from_secs(7));
    assert!(
        matches!(error, Error::Wait { for_, .. } if for_ == wait),
        "{error:?}"
    );
}

#[tokio::test]
async fn p18_a_page_that_is_not_safe_to_open_is_refused_with_a_sentence() {
    let server = Server::start([]).await;
    let here = format!("{}done", server.url());
    for (login, why) in [
        ("http://login.test/x", "not encrypted"),
        ("http://127.0.0.1.login.test/x", "not encrypted"),
        ("https://127.0.0.1@login.test/x", "user name or a password"),
        ("javascript:alert(1)", "not one of the web"),
        ("file:///bin/sh", "not one of the web"),
        ("-a Calculator", "makes no sense"),
        ("/-/web/login", "makes no sense"),
    ] {
        server.then(json(200, &pair(login, &here)));
        let error = nobody(&server.url()).web_login(plain()).await.unwrap_err();
        let failure = error.failure(&Text::new("registry.test"));
        assert!(failure.what.as_str().contains(why), "{login}: {failure}");
    }
}

#[tokio::test]
async fn p18_a_page_of_another_host_is_called_foreign() {
    let server = Server::start([]).await;
    let here = format!("{}done", server.url());
    for (login, host) in [
        ("https://login.test/x", "login.test"),
        ("https://login.test:8443/x", "login.test:8443"),
        ("https://b\u{fc}cher.test/x", "xn--bcher-kva.test"),
    ] {
        server.then(json(200, &pair(login, &here)));
        let session = nobody(&server.url()).web_login(plain()).await.unwrap();
        assert!(session.page.foreign);
        assert_eq!(session.page.host.as_str(), host);
        assert!(session.page.address.as_str().is_ascii());
    }
}

#[tokio::test]
async fn p19_a_result_elsewhere_is_refused_and_not_one_byte_goes_there() {
    let other = Server::start([]).await;
    let server = Server::start([]).await;
    let login = format!("{}login", server.url());
    for to in [
        format!("{}-/v1/done/1", other.url()),
        format!("http://localhost:{}/-/v1/done/1", server.port),
        format!("https://127.0.0.1:{}/-/v1/done/1", server.port),
        "https://evil.test/-/v1/done/1".to_owned(),
    ] {
        server.then(json(200, &pair(&login, &to)));
        let error = nobody(&server.url()).web_login(plain()).await.unwrap_err();
        let failure = error.failure(&Text::new("registry.test"));
        let what = failure.what.as_str();
        assert!(what.contains("not the registry itself"), "{to}: {what}");
        // Nor is it asked for by an address that came some other way.
        let error = client(&server).poll(plain(), &at(&to)).await.unwrap_err();
        assert!(
            matches!(error, Error::Elsewhere { .. } | Error::Unsafe { .. }),
            "{to}: {error:?}"
        );
    }
    assert!(other.raw().is_empty());
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn p19_the_address_of_npms_own_registry_leads_to_the_mirror() {
    let server = Server::start([]).await;
    let base = format!("{}npm/team/", server.url());
    let npms = npm_warden::npmrc::DEFAULT_REGISTRY;
    let named = pair(
        &format!("{}login", server.url()),
        &format!("{npms}-/v1/done?authId=4711"),
    );
    server.then(json(200, &named));
    server.then(json(200, r#"{"token":"npm_signed-in"}"#));
    let client = nobody(&base);
    let session = client.web_login(plain()).await.unwrap();
    assert_eq!(
        session.done.url().as_str(),
        format!("{base}-/v1/done?authId=4711")
    );
    let Polled::Done(token) = client.poll(plain(), &session.done).await.unwrap() else {
        panic!("it is done")
    };
    assert_eq!(token.expose(), "npm_signed-in");
    assert_eq!(
        server.lines(),
        [
            "POST /npm/team/-/v1/login",
            "GET /npm/team/-/v1/done?authId=4711"
        ]
    );
}

#[tokio::test]
async fn p19_while_the_person_has_not_finished_it_is_pending() {
    let date = ("date", "Sun, 22 Nov 2026 12:00:00 GMT");
    let skewed = ("date", "Sun, 22 Nov 2026 19:00:00 GMT");
    let after = |seconds| Some(Duration::from_secs(seconds));
    for (status, headers, body, wait) in [
        (202, &[][..], "{}", None),
        (202, &[], "", None),
        (202, &[], "<html>wait</html>", None),
        (202, &[], "{", None),
        (202, &[], r#"{"token":"npm_early"}"#, None),
        (202, &[("retry-after", "5")], "{}", after(5)),
        (202, &[("retry-after", "0")], "{}", None),
        (202, &[("retry-after", "soon")], "{}", None),
        (202, &[("retry-after", "-3")], "{}", None),
        (
            202,
            &[("retry-after", "99999999999999999999")],
            "",
            after(86_400),
        ),
        (
            202,
            &[("retry-after", "Sun, 22 Nov 2026 12:00:09 GMT"), date],
            "{}",
            after(9),
        ),
        // By the registry's own clock, not by this machine's.
        (
            202,
            &[("retry-after", "Sun, 22 Nov 2026 19:00:04 GMT"), skewed],
            "{}",
            after(4),
        ),
        (
            202,
            &[("retry-after", "Sun, 22 Nov 2026 12:00:03 GMT")],
            "{}",
            after(3),
        ),
        (
            202,
            &[("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT"), date],
            "{}",
            None,
        ),
        (429, &[("retry-after", "20")], "{}", after(20)),
        (429, &[], "", None),
    ] {
        let polled = polled([with(status, headers, body)]).await;
        assert!(
            matches!(polled, Ok(Polled::Pending(found)) if found == wait),
            "{status} {headers:?}: {polled:?}"
        );
    }
}

#[tokio::test]
async fn p19_at_most_64_kib_are_read() {
    let largest = 64 * 1024;
    let filled = |length: usize| {
        let frame = r#"{"token":"npm_x","pad":""}"#.len();
        format!(
            r#"{{"token":"npm_x","pad":"{}"}}"#,
            "x".repeat(length - frame)
        )
    };
    assert!(matches!(
        polled([json(200, &filled(largest))]).await,
        Ok(Polled::Done(_))
    ));
    for status in [200, 202] {
        let head = format!("HTTP/1.1 {status} OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = format!("{:x}\r\n{}\r\n", largest + 1, "x".repeat(largest + 1));
        for step in [
            json(status, &filled(largest + 1)),
            // Without saying how much, and without an end.
            Step::Hang([head.as_bytes(), chunk.as_bytes()].concat()),
        ] {
            let error = polled([step]).await.unwrap_err();
            let Error::Malformed { what, .. } = &error else {
                panic!("{status}: {error:?}")
            };
            assert!(what.as_str().contains("larger than 64 KiB"), "{what}");
        }
    }
    // Of a refusal the beginning is enough.
    let long = format!(r#"{{"error":"expired {}"}}"#, "x".repeat(largest));
    let Ok(Polled::Over(words)) = polled([json(404, &long)]).await else {
        panic!("it is over")
    };
    assert!(words.as_str().starts_with("expired xxx"), "{words}");
}

#[tokio::test]
async fn a_page_that_came_to_nothing_is_over_in_the_registrys_words() {
    for (status, body, words) in [
        (
            400,
            r#"{"error":"session id is invalid"}"#,
            "session id is invalid",
        ),
        (
            401,
            r#"{"error":"session token has expired"}"#,
            "session token has expired",
        ),
        (
            403,
            r#"{"message":"Denied\u0007 by alice"}"#,
            "Denied by alice",
        ),
        (404, "", ""),
        (410, "gone", "gone"),
    ] {
        let polled = polled([json(status, body)]).await;
        assert!(
            matches!(&polled, Ok(Polled::Over(found)) if found.as_str() == words),
            "{status}: {polled:?}"
        );
    }
}

#[tokio::test]
async fn a_good_answer_that_says_why_there_is_no_token_ends_it() {
    for body in [
        r#"{"error":"denied by npm_0123456789abcdefghij"}"#,
        r#"{"token":null,"error":"denied by npm_0123456789abcdefghij"}"#,
    ] {
        let Ok(Polled::Over(words)) = polled([json(200, body)]).await else {
            panic!("{body}")
        };
        assert_eq!(words.as_str(), "denied by npm_••••");
    }
    let both = json(200, r#"{"token":"npm_x","error":"odd"}"#);
    let polled = polled([both]).await;
    assert!(matches!(polled, Ok(Polled::Done(_))), "{polled:?}");
}

#[tokio::test]
async fn a_good_answer_without_a_token_makes_no_sense() {
    for (status, body) in [
        (200, ""),
        (200, "{}"),
        (200, "<html>"),
        (200, r#"{"token":""}"#),
        (200, r#"{"token":null}"#),
        (200, r#"{"token":["npm_x"]}"#),
        (200, r#"{"token":{"token":"npm_x"}}"#),
        (200, r#"{"token":"npm_x\r\nx: y"}"#),
        (200, r#"{"token":"npm_\u00e9"}"#),
        (204, ""),
        (200, r#"{"error":""}"#),
        (200, r#"{"error":7}"#),
    ] {
        let error = polled([json(status, body)]).await.unwrap_err();
        assert!(
            matches!(error, Error::Malformed { .. }),
            "{body}: {error:?}"
        );
        assert!(!format!("{error:?}").contains("npm_"), "{error:?}");
    }
}

#[tokio::test]
async fn p25_a_poll_is_tried_again_a_few_times_and_then_ends() {
    let server = Server::start([close(), json(503, ""), json(202, "{}")]).await;
    let heard = Heard::default();
    let note = |retrying| heard.note(retrying);
    let call = Call {
        otp: None,
        once: false,
        retrying: &note,
    };
    let polled = nobody(&server.url()).poll(call, &done(&server)).await;
    assert!(matches!(polled, Ok(Polled::Pending(None))), "{polled:?}");
    assert_eq!(heard.all().len(), 2);

    let server = Server::start([close(), close(), close(), json(202, "{}")]).await;
    let error = nobody(&server.url())
        .poll(plain(), &done(&server))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Network {
                sent: Sent::Maybe,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_result_that_broke_off_and_is_told_once_is_not_called_denied() {
    let half = || Step::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"tok".to_vec());
    let error = polled([half(), json(404, r#"{"error":"Not found"}"#)])
        .await
        .unwrap_err();
    let Error::Malformed { what, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(what.as_str().contains("only once"), "{what}");
    // Told again, it is as good.
    let polled = polled([half(), json(200, r#"{"token":"npm_x"}"#)]).await;
    assert!(matches!(polled, Ok(Polled::Done(_))), "{polled:?}");
}

#[tokio::test]
async fn p20_a_refusal_after_an_answer_that_was_lost_says_so() {
    let gone = || json(404, r#"{"error":"Not found"}"#);
    for lost in [close(), json(502, ""), json(504, "")] {
        let error = polled([lost, gone()]).await.unwrap_err();
        assert!(error.outcome_unknown(), "{error:?}");
        let Error::Malformed { what, .. } = &error else {
            panic!("{error:?}")
        };
        assert!(what.as_str().contains("lost") && what.as_str().contains("Not found"));
    }
    // Whoever says to come again has told nothing.
    let polled = polled([json(503, ""), gone()]).await;
    assert!(matches!(polled, Ok(Polled::Over(_))), "{polled:?}");
}

#[tokio::test]
async fn p20_a_poll_follows_no_redirect_and_names_no_session() {
    let other = Server::start([]).await;
    for status in [300, 301, 302, 303, 307, 308] {
        for to in [
            format!("{}-/v1/done/opaque-session/", other.url()),
            "/-/v1/done/opaque-session/".to_owned(),
        ] {
            let server = Server::start([with(status, &[("location", &to)], "")]).await;
            let client = client(&server);
            let error = client.poll(plain(), &done(&server)).await.unwrap_err();
            assert!(matches!(error, Error::Elsewhere { .. }), "{error:?}");
            assert!(!format!("{error:?}").contains("opaque"), "{error:?}");
            assert_eq!(server.seen().len(), 1);
        }
    }
    assert!(other.raw().is_empty());
    assert!(!crate::secrets::log().contains("opaque-session"));
}

#[tokio::test]
async fn p19_p21_the_credential_goes_along_only_where_it_was_stored_for() {
    let server = Server::start([]).await;
    let base = format!("{}npm/", server.url());
    let bearer = format!("Bearer {TOKEN}");
    let otp = Secret::from("123456");
    let inside = setup(&base);
    let whole = setup_from(
        &base,
        vec![(
            format!("npm_config_//127.0.0.1:{}/:_authToken", server.port),
            TOKEN.to_owned(),
        )],
    );
    for (setup, path, carried) in [
        (inside, "-/v1/done/1", false),
        (setup(&base), "npm/-/v1/done/1", true),
        (setup(&base), "npm/..%2f-/v1/done/1", false),
        (setup(&base), "npmx/-/v1/done/1", false),
        (whole, "-/v1/done/1", true),
        (setup_from(&base, Vec::new()), "npm/-/v1/done/1", false),
    ] {
        server.then(json(202, "{}"));
        let client = HttpRegistry::new(setup).unwrap();
        let asked = at(&format!("{}{path}", server.url()));
        client.poll(with_otp(&otp), &asked).await.unwrap();
        let seen = server.seen();
        let last = seen.last().unwrap();
        assert_eq!(last.line(), format!("GET /{path}"));
        let expected = carried.then_some(bearer.as_str());
        assert_eq!(last.header("authorization"), expected, "{path}");
        assert_eq!(last.header("npm-otp"), None);
    }
    let before = server.raw();
    let typed = format!("http://al:pw@127.0.0.1:{}/x", server.port);
    let error = nobody(&base).poll(plain(), &at(&typed)).await.unwrap_err();
    assert!(matches!(error, Error::Elsewhere { .. }), "{error:?}");
    assert_eq!(server.raw(), before);
}

#[tokio::test]
async fn a_challenge_brings_its_page_beside_the_typed_code() {
    let server = Server::start([]).await;
    let auth = format!("{}auth/cli/8f14e45f", server.url());
    let asked = format!("{}-/v1/done?authId=8f14e45f", server.url());
    let otp = Secret::from("123456");
    for headers in [&[("www-authenticate", "OTP")][..], &[]] {
        for (call, refused) in [(plain(), false), (with_otp(&otp), true)] {
            for body in [
                serde_json::json!({ "authUrl": auth, "doneUrl": asked }),
                serde_json::json!({ "authUrl": auth, "doneUrl": asked, "error": "Approve it." }),
            ] {
                server.then(with(401, headers, &body.to_string()));
                let error = client(&server)
                    .revoke(call, &TokenKey::new("k"))
                    .await
                    .unwrap_err();
                let Error::Challenge(Challenged {
                    words,
                    refused: found,
                    by_email: false,
                    web: Some(web),
                }) = error
                else {
                    panic!("{error:?}")
                };
                assert_eq!(found, refused);
                assert_eq!(words.as_str(), body["error"].as_str().unwrap_or_default());
                assert_eq!(web.page.address.as_str(), auth);
                assert_eq!(web.done.url().as_str(), asked);
            }
        }
    }
}

#[tokio::test]
async fn a_challenge_with_a_page_that_is_not_used_stands_and_says_why() {
    let other = Server::start([]).await;
    let server = Server::start([]).await;
    let auth = format!("{}auth", server.url());
    let here = format!("{}-/v1/done?authId=1", server.url());
    let npms = format!("{}-/v1/done?authId=1", npm_warden::npmrc::DEFAULT_REGISTRY);
    for (auth, asked, why) in [
        (auth.as_str(), other.url(), "not the registry itself"),
        // npm rewrites this one for a sign-in only.
        (&auth, npms, "not the registry itself"),
        ("http://evil.test/", here.clone(), "not encrypted"),
        ("nonsense", here.clone(), "makes no sense"),
    ] {
        let body =
            serde_json::json!({ "authUrl": auth, "doneUrl": asked, "error": "A code, please." });
        server.then(with(401, &[("www-authenticate", "otp")], &body.to_string()));
        let error = client(&server)
            .revoke(plain(), &TokenKey::new("k"))
            .await
            .unwrap_err();
        let Error::Challenge(Challenged {
            words,
            refused: false,
            web: None,
            ..
        }) = error
        else {
            panic!("{error:?}")
        };
        assert!(words.as_str().starts_with("A code, please. ("), "{words}");
        assert!(words.as_str().contains(why), "{words}");
    }
    // Half a pair is none, and no reason to say anything.
    let half = serde_json::json!({ "authUrl": auth }).to_string();
    server.then(with(401, &[("www-authenticate", "otp")], &half));
    let error = client(&server)
        .revoke(plain(), &TokenKey::new("k"))
        .await
        .unwrap_err();
    assert_eq!(error, Error::Challenge(Challenged::default()));
    assert!(other.raw().is_empty());
}
