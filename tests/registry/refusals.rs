use std::time::Duration;

use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::{Call, Challenged, Error, PageAt, Registry as _, Sent};

use crate::client::{client, plain, with_otp};
use crate::server::{Server, Step, json, with};

/// What a revocation makes of an answer.
async fn revoked(step: Step, call: Call<'_>) -> Error {
    let server = Server::start([step]).await;
    let error = client(&server)
        .revoke(call, &TokenKey::new("k"))
        .await
        .unwrap_err();
    let mut lines = server.lines();
    lines.retain(|line| line.starts_with("DELETE "));
    assert_eq!(lines.len(), 1, "a write is not tried again");
    error
}

fn challenge(words: &str, refused: bool) -> Error {
    Error::Challenge(Challenged {
        words: Text::new(words),
        refused,
        by_email: false,
        web: None,
    })
}

#[tokio::test]
async fn a_challenge_is_known_by_its_header_or_its_words() {
    let words =
        "You must provide a one-time pass. Upgrade your client to npm@latest in order to use 2FA.";
    let body = format!(r#"{{"error":"{words}"}}"#);
    let otp = Secret::from("123456");
    for (headers, body, expected) in [
        (&[("www-authenticate", "OTP")][..], body.as_str(), words),
        (&[("www-authenticate", "Bearer, otp")], "", ""),
        (
            &[
                ("WWW-Authenticate", "Bearer"),
                ("www-authenticate", " Otp "),
            ],
            "{}",
            "",
        ),
        (&[], body.as_str(), words),
        (
            &[("content-type", "text/plain")],
            "a one-time pass, please",
            "a one-time pass, please",
        ),
    ] {
        assert_eq!(
            revoked(with(401, headers, body), plain()).await,
            challenge(expected, false)
        );
        assert_eq!(
            revoked(with(401, headers, body), with_otp(&otp)).await,
            challenge(expected, true)
        );
    }
    // Said of a wrong code, without a header.
    let error = revoked(json(401, r#"{"error":"invalid OTP"}"#), with_otp(&otp)).await;
    assert_eq!(error, challenge("invalid OTP", true));
}

#[tokio::test]
async fn what_only_looks_like_a_challenge_is_none() {
    let one_time = r#"{"error":"no one-time pass here"}"#;
    for (headers, body) in [
        (&[("www-authenticate", "Bearer")][..], one_time),
        (&[("www-authenticate", "otp-like")], "{}"),
        (&[("www-authenticate", "Bearer realm=\"otp\"")], "{}"),
        (&[], r#"{"error":"Unauthorized"}"#),
    ] {
        let error = revoked(with(401, headers, body), plain()).await;
        assert!(
            matches!(
                error,
                Error::SignedOut {
                    anonymous: false,
                    ..
                }
            ),
            "{headers:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_address_that_is_not_accepted_comes_before_a_challenge() {
    let error = revoked(
        with(401, &[("www-authenticate", "otp, IPAddress")], "{}"),
        plain(),
    )
    .await;
    let Error::Refused { status: 401, words } = error else {
        panic!("{error:?}")
    };
    assert!(words.as_str().contains("network address"), "{words}");
}

#[tokio::test]
async fn too_many_attempts_mean_wait() {
    let words = Text::new("too many attempts");
    let body = r#"{"error":"too many attempts"}"#;
    let wait = |seconds: Option<u64>| Error::Wait {
        for_: seconds.map(Duration::from_secs),
        words: words.clone(),
    };
    let after = [("retry-after", "300"), ("www-authenticate", "OTP")];
    for (status, headers, expected) in [
        (429, &[][..], wait(None)),
        (429, &[("retry-after", "7")], wait(Some(7))),
        (401, &after[..], wait(Some(300))),
        (401, &after[1..], wait(None)),
        (403, &after[..1], wait(Some(300))),
        (423, &[], wait(None)),
        (503, &after[..1], wait(Some(300))),
        (
            429,
            &[("retry-after", "Sun, 22 Nov 2026 12:01:00 GMT")],
            wait(Some(60)),
        ),
        (
            429,
            &[("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")],
            wait(Some(0)),
        ),
        (
            429,
            &[
                ("retry-after", "Sun, 22 Nov 2026 13:00:00 GMT"),
                ("date", "Sun, 22 Nov 2026 12:59:30 GMT"),
            ],
            wait(Some(30)),
        ),
        (429, &[("retry-after", "soon")], wait(None)),
        (429, &[("retry-after", "-1")], wait(None)),
    ] {
        let error = revoked(with(status, headers, body), plain()).await;
        assert_eq!(error, expected, "{status} {headers:?}");
    }
}

#[tokio::test]
async fn every_other_refusal_keeps_its_status_and_its_words() {
    for (status, body, words) in [
        (
            400,
            r#"{"message":"could not delete token"}"#,
            "could not delete token",
        ),
        (
            403,
            r#"{"error":{"summary":"Please\u0007 enable 2fa"}}"#,
            "Please enable 2fa",
        ),
        (409, "", ""),
        (418, "just text\r\nin lines", "just text in lines"),
        (
            422,
            r#"{"error":"the parameters are not valid"}"#,
            "the parameters are not valid",
        ),
    ] {
        let error = revoked(json(status, body), plain()).await;
        assert_eq!(
            error,
            Error::Refused {
                status,
                words: Text::new(words)
            }
        );
    }
}

#[tokio::test]
async fn a_gateway_that_gave_up_leaves_a_write_unknown() {
    for status in [502, 504] {
        let error = revoked(json(status, ""), plain()).await;
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
    }
}

#[tokio::test]
async fn after_a_fault_of_the_registry_a_write_may_have_been_done() {
    for (status, body, says) in [
        (
            500,
            "<html><head><title>Oops</title>",
            ": “a web page, Oops”",
        ),
        (
            500,
            r#"{"error":"profile unexpected error"}"#,
            "profile unexpected",
        ),
        (503, r#"{"error":"upstream reset"}"#, "upstream reset"),
        (505, "", "(status 505)"),
        (599, "{", "(status 599)"),
    ] {
        let error = revoked(json(status, body), plain()).await;
        assert!(error.outcome_unknown(), "{status} {error:?}");
        let failure = error.failure(&Text::new("registry.test"));
        assert!(failure.what.as_str().contains(says), "{failure}");
        assert!(failure.next.as_str().contains("is not known"), "{failure}");
    }
    for (status, headers, body) in [
        (501, &[][..], ""),
        (503, &[("retry-after", "9")], ""),
        (503, &[], r#"{"error":"this is not supported yet"}"#),
    ] {
        let error = revoked(with(status, headers, body), plain()).await;
        assert!(!error.outcome_unknown(), "{status} {error:?}");
    }
    // Of what only reads nothing can remain.
    let server = Server::start([json(500, "")]).await;
    let error = client(&server).profile(plain()).await.unwrap_err();
    assert!(!error.outcome_unknown(), "{error:?}");
}

#[tokio::test]
async fn a_credential_that_is_not_accepted_means_signed_out() {
    let unauthorized = || {
        json(
            401,
            r#"{"message":"You must be logged in to publish packages."}"#,
        )
    };
    let revoked_token = || json(403, r#"{"error":"unauthorized access"}"#);
    let of_an_old_password = || json(403, r#"{"error":"bad username/password, access denied"}"#);
    let server = Server::start([
        unauthorized(),
        unauthorized(),
        unauthorized(),
        revoked_token(),
        revoked_token(),
        revoked_token(),
        of_an_old_password(),
        of_an_old_password(),
        of_an_old_password(),
        json(403, r#"{"error":"this token may not list tokens"}"#),
    ])
    .await;
    let client = client(&server);
    for _ in 0..3 {
        let errors = [
            client.whoami(plain()).await.unwrap_err(),
            client.profile(plain()).await.unwrap_err(),
            client.tokens(plain(), &PageAt::First).await.unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(
                    error,
                    Error::SignedOut {
                        anonymous: false,
                        ..
                    }
                ),
                "{error:?}"
            );
        }
    }
    let error = client.tokens(plain(), &PageAt::First).await.unwrap_err();
    assert!(
        matches!(error, Error::Refused { status: 403, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_two_megabyte_error_is_read_to_its_first_words() {
    let body = format!(r#"{{"error":"it went wrong: {}"}}"#, "x".repeat(2 << 20));
    let error = revoked(json(400, &body), plain()).await;
    let Error::Refused { status: 400, words } = error else {
        panic!("{error:?}")
    };
    assert!(words.as_str().starts_with("it went wrong: xxx"), "{words}");
    assert!(words.as_str().len() < 2000);
}

#[tokio::test]
async fn a_refusal_whose_body_breaks_off_is_still_that_refusal() {
    let half = "HTTP/1.1 400 No\r\ncontent-length: 400\r\n\r\n{\"error\":\"half a sen";
    let error = revoked(Step::Bytes(half.into()), plain()).await;
    assert_eq!(
        error,
        Error::Refused {
            status: 400,
            words: Text::new("half a sen")
        }
    );
}

#[tokio::test]
async fn e10_a_page_that_is_not_there_may_be_a_credential_that_is_no_more() {
    let not_found = || json(404, r#"{"error":"Not found"}"#);
    let password = Secret::from("hunter22");
    for (whoami, dead) in [
        (json(401, r#"{"error":"Unauthorized"}"#), true),
        (json(200, r#"{"username":"alice"}"#), false),
        (json(500, ""), false),
    ] {
        let server = Server::start([not_found(), whoami]).await;
        let error = client(&server)
            .disable(plain(), &password)
            .await
            .unwrap_err();
        let words = Text::new("Not found");
        let expected = if dead {
            Error::SignedOut {
                anonymous: false,
                words,
            }
        } else {
            Error::NotOffered { words }
        };
        assert_eq!(error, expected);
        assert_eq!(server.lines(), ["POST /-/npm/v1/user", "GET /-/whoami"]);
    }
}

#[tokio::test]
async fn e10_refusals_of_npm_are_told_with_their_cause_and_the_next_step() {
    let registry = Text::new("registry.example.com");
    for (body, next) in [
        (
            r#"{"message":"Granular access tokens that bypass two-factor authentication may not perform this action."}"#,
            "sign in, and do it with that",
        ),
        (
            r#"{"error":"This account is on hold: a recovery code was used."}"#,
            "72 hours",
        ),
    ] {
        let error = revoked(json(403, body), plain()).await;
        let failure = error.failure(&registry);
        assert!(failure.next.as_str().contains(next), "{failure}");
        // The registry's own words stay.
        let words = body.split('"').nth(3).unwrap().trim_end_matches('.');
        assert!(failure.what.as_str().contains(words), "{failure}");
    }
    let words = "A One Time Password (OTP) by email is required.";
    let mailed = json(401, &format!(r#"{{"error":"{words}"}}"#));
    let failure = revoked(mailed, plain()).await.failure(&registry);
    assert!(failure.what.as_str().contains("mailed"), "{failure}");
}

#[tokio::test]
async fn p11_a_code_that_serves_once_goes_with_one_request() {
    let otp = Secret::from("0123456789abcdef0123456789abcdef");
    // A read that may be tried again is not, and no second request gets the code that the first one had.
    let server = Server::start([json(503, ""), json(200, "{}")]).await;
    assert!(client(&server).profile(with_otp(&otp)).await.is_err());
    assert_eq!(server.lines().len(), 1);

    let wants = || with(401, &[("www-authenticate", "otp")], "{}");
    let server = Server::start([wants(), json(200, "{}"), json(200, "{}")]).await;
    let error = client(&server).touch(with_otp(&otp)).await.unwrap_err();
    assert!(matches!(error, Error::Unsafe { .. }), "{error:?}");
    let carried: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| seen.header("npm-otp").map(str::to_owned))
        .collect();
    assert_eq!(carried, [None]);
}

#[tokio::test]
async fn p34_writing_a_profile_back_changes_nothing_in_it() {
    let profile = r#"{"name":"al","tfa":{"mode":"auth-only","pending":false},"email":"a@x.io","fullname":"A\u200bl","homepage":"","twitter":null,"cidr_whitelist":["10.0.0.0/8"]}"#;
    let server = Server::start([json(200, profile), json(200, profile)]).await;
    let otp = Secret::from("123456");
    client(&server).touch(with_otp(&otp)).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].header("npm-otp"), None);
    assert_eq!(seen[1].line(), "POST /-/npm/v1/user");
    assert_eq!(seen[1].header("npm-otp"), Some("123456"));
    assert_eq!(
        seen[1].json(),
        serde_json::json!({"email":"a@x.io","fullname":"A\u{200b}l","homepage":null,"twitter":null})
    );
}
