use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Level;
use npm_warden::registry::{Challenged, Enrolling, Error, Registry as _, Sent};

use crate::client::{client, plain, with_otp};
use crate::server::{Server, close, json, with};

fn password() -> Secret<String> {
    Secret::from("pass \"word\" é")
}

#[tokio::test]
async fn a_set_up_begins_and_its_address_is_kept_byte_for_byte() {
    for url in [
        "otpauth://totp/R:alice?secret=JBSWY3DPEHPK3PXP&issuer=R",
        "otpauth://totp/R:alice?issuer=R",
        "OTPAUTH://totp/%20?secret=jbsw y3dp",
        "otpauth://hotp/x",
    ] {
        let server =
            Server::start([json(200, &format!(r#"{{"tfa":"{url}","name":"alice"}}"#))]).await;
        let answer = client(&server)
            .enrol(plain(), Level::AuthAndWrites, &password())
            .await
            .unwrap();
        let Enrolling::Begun(begun) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(begun.expose(), url);
        let seen = &server.seen()[0];
        assert_eq!(seen.line(), "POST /-/npm/v1/user");
        assert_eq!(seen.header("npm-command"), Some("profile"));
        assert_eq!(
            seen.json(),
            serde_json::json!({"tfa":{"password":"pass \"word\" é","mode":"auth-and-writes"}}),
            "sent alone, so that nothing else is cleared"
        );
    }
}

#[tokio::test]
async fn a_level_is_changed() {
    let server =
        Server::start([json(200, r#"{"tfa":{"mode":"auth-only","pending":false}}"#)]).await;
    let otp = Secret::from("123456");
    let answer = client(&server)
        .enrol(with_otp(&otp), Level::AuthOnly, &password())
        .await
        .unwrap();
    assert!(matches!(answer, Enrolling::LevelChanged(Level::AuthOnly)));
    assert_eq!(server.seen()[0].header("npm-otp"), Some("123456"));
}

#[tokio::test]
async fn an_answer_of_another_shape_makes_no_sense_and_may_have_had_an_effect() {
    for body in [
        "",
        "{}",
        "[]",
        "7",
        "null",
        "<html>login</html>",
        r#"{"tfa":"#,
        r#"{"tfa":7}"#,
        r#"{"tfa":true}"#,
        r#"{"tfa":false}"#,
        r#"{"tfa":null}"#,
        r#"{"tfa":"canary text"}"#,
        r#"{"tfa":["canary"]}"#,
        r#"{"tfa":{}}"#,
        r#"{"tfa":{"mode":"canary"}}"#,
        r#"{"tfa":{"mode":"auth-only","pending":true}}"#,
    ] {
        let server = Server::start([json(200, body)]).await;
        let error = client(&server)
            .enrol(plain(), Level::AuthOnly, &password())
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Malformed {
                    sent: Sent::Maybe,
                    ..
                }
            ),
            "{body}: {error:?}"
        );
        assert!(
            !format!("{error:?}").contains("canary"),
            "{body}: {error:?}"
        );
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn the_recovery_codes_arrive_as_sent_and_in_order() {
    let server = Server::start([json(200, r#"{"tfa":["aa11"," b\"b","c\/c",12345678]}"#)]).await;
    let code = Secret::from("123456");
    let codes = client(&server).confirm(plain(), &code).await.unwrap();
    let codes: Vec<&str> = codes.iter().map(|code| code.expose().as_str()).collect();
    assert_eq!(codes, ["aa11", " b\"b", "c/c", "12345678"]);
    assert_eq!(
        server.seen()[0].json(),
        serde_json::json!({"tfa":["123456"]})
    );
    assert_eq!(server.seen()[0].header("npm-otp"), None);
}

#[tokio::test]
async fn p07_one_odd_item_takes_no_good_code_along() {
    let body = r#"{"tfa":["aa11",null,{"code":"x"},77,["y"],"",true,-1,1e99,"bb22"]}"#;
    let server = Server::start([json(200, body)]).await;
    let code = Secret::from("123456");
    let codes = client(&server).confirm(plain(), &code).await.unwrap();
    assert_eq!(codes.unreadable(), 7);
    let codes: Vec<&str> = codes.iter().map(|code| code.expose().as_str()).collect();
    assert_eq!(codes, ["aa11", "77", "bb22"]);
}

#[tokio::test]
async fn a_confirmation_without_codes_has_an_unknown_outcome() {
    for body in [
        "",
        "{",
        "{}",
        r#"{"tfa":null}"#,
        r#"{"tfa":{"mode":"auth-only","pending":false}}"#,
        r#"{"tfa":[["a"]]}"#,
        r#"{"tfa":[{"code":"a"}]}"#,
        r#"{"tfa":[-1]}"#,
    ] {
        let server = Server::start([json(200, body)]).await;
        let code = Secret::from("123456");
        let error = client(&server).confirm(plain(), &code).await.unwrap_err();
        assert!(error.outcome_unknown(), "{body}: {error:?}");
    }
    let server = Server::start([close()]).await;
    let code = Secret::from("123456");
    let error = client(&server).confirm(plain(), &code).await.unwrap_err();
    assert!(error.outcome_unknown(), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn codes_that_break_off_have_an_unknown_outcome() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"tfa\":[\"canary-code\",";
    let server = Server::start([crate::server::Step::Bytes(half.into())]).await;
    let code = Secret::from("123456");
    let error = client(&server).confirm(plain(), &code).await.unwrap_err();
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
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn a_wrong_confirmation_code_is_a_refusal_and_no_challenge() {
    let words = r#"{"error":"invalid one-time password"}"#;
    for headers in [
        &[][..],
        &[("www-authenticate", "Bearer")],
        &[("www-authenticate", "OTP")],
    ] {
        let server = Server::start([with(401, headers, words)]).await;
        let code = Secret::from("123456");
        let error = client(&server).confirm(plain(), &code).await.unwrap_err();
        assert_eq!(
            error,
            Error::Refused {
                status: 401,
                words: Text::new("invalid one-time password")
            },
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn a_confirmation_can_be_challenged_all_the_same() {
    let server = Server::start([with(
        401,
        &[("www-authenticate", "OTP")],
        r#"{"error":"You must provide a one-time pass."}"#,
    )])
    .await;
    let code = Secret::from("123456");
    let error = client(&server).confirm(plain(), &code).await.unwrap_err();
    assert!(matches!(error, Error::Challenge(_)), "{error:?}");
}

#[tokio::test]
async fn turning_it_off_is_done_when_the_registry_says_so() {
    for body in [
        r#"{"tfa":false}"#,
        r#"{"tfa":null}"#,
        r#"{"name":"al","tfa":false}"#,
    ] {
        let server = Server::start([json(200, body)]).await;
        client(&server).disable(plain(), &password()).await.unwrap();
        assert_eq!(server.seen()[0].json()["tfa"]["mode"], "disable");
    }
    for body in [
        "{}",
        "",
        r#"{"tfa":{"mode":"auth-only"}}"#,
        r#"{"tfa":["a"]}"#,
    ] {
        let server = Server::start([json(200, body)]).await;
        let error = client(&server)
            .disable(plain(), &password())
            .await
            .unwrap_err();
        assert!(error.outcome_unknown(), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_a_refusal_and_not_a_lost_credential() {
    for headers in [&[][..], &[("www-authenticate", "Basic, Bearer")]] {
        let server = Server::start([with(401, headers, r#"{"error":"wrong password"}"#)]).await;
        let error = client(&server)
            .disable(plain(), &password())
            .await
            .unwrap_err();
        assert_eq!(
            error,
            Error::Refused {
                status: 401,
                words: Text::new("wrong password")
            }
        );
    }
}

#[tokio::test]
async fn a_registry_without_it_says_that_it_does_not_offer_it() {
    let words = "the two-factor authentication is not yet supported";
    let server = Server::start([json(503, &format!(r#"{{"error":"{words}"}}"#))]).await;
    let error = client(&server)
        .enrol(plain(), Level::AuthOnly, &password())
        .await
        .unwrap_err();
    assert_eq!(
        error,
        Error::NotOffered {
            words: Text::new(words)
        }
    );
    assert_eq!(server.seen().len(), 1);
    for status in [404, 405, 501] {
        let server = Server::start([json(status, "{}")]).await;
        let error = client(&server)
            .enrol(plain(), Level::AuthOnly, &password())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::NotOffered { .. }), "{status}");
    }
    let server = Server::start([json(503, r#"{"error":"down for maintenance"}"#)]).await;
    let error = client(&server)
        .enrol(plain(), Level::AuthOnly, &password())
        .await
        .unwrap_err();
    assert!(error.outcome_unknown(), "it may have begun: {error:?}");
}

#[tokio::test]
async fn a_code_by_mail_is_told_apart() {
    let words = "A One Time Password (OTP) by email is required.";
    for headers in [&[][..], &[("www-authenticate", "OTP")]] {
        let server =
            Server::start([with(401, headers, &format!(r#"{{"error":"{words}"}}"#))]).await;
        let error = client(&server)
            .enrol(plain(), Level::AuthOnly, &password())
            .await
            .unwrap_err();
        assert_eq!(
            error,
            Error::Challenge(Challenged {
                words: Text::new(words),
                refused: false,
                by_email: true,
                web: None
            })
        );
    }
}
