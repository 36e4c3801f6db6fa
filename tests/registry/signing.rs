//! Signing in, approving, a new password and a new token, between the client and the embedded registry.

use std::sync::Arc;

use npm_warden::domain::granular::NewToken;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::Session;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Level;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Challenged, Error, PageAt, Polled, Registry as _, Revoked};
use npm_warden::sandbox::{Options, Running};

use crate::client::{nobody, plain, with_otp};
use crate::embedded::{client, code, registry, wrong};
use crate::server::Server;

fn adopt(client: &HttpRegistry, token: Secret<String>) {
    client.adopt(&Session {
        token: Arc::new(token),
        registry: client.identity().registry,
        name: Text::new("alice"),
    });
}

fn new(running: &Running) -> NewToken {
    NewToken::classic(
        true,
        vec!["127.0.0.0/8".parse().unwrap()],
        Secret::from(running.password().expose().as_str()),
    )
}

async fn signed_out(client: &HttpRegistry) -> bool {
    matches!(
        client.whoami(plain()).await,
        Err(Error::SignedOut {
            anonymous: false,
            ..
        })
    )
}

#[tokio::test]
async fn a_person_signs_in_on_a_page_makes_a_token_and_signs_out() {
    let running = registry(Options {
        prefix: "/npm/team".to_owned(),
        ..Options::default()
    })
    .await;
    let client = nobody(running.url());
    let visit = client.web_login(plain()).await.unwrap();
    assert!(!visit.page.foreign, "{}", visit.page.address);
    let polled = client.poll(plain(), &visit.done).await.unwrap();
    assert!(matches!(polled, Polled::Pending(Some(_))), "{polled:?}");
    assert!(running.approve(visit.page.address.as_str()));
    let Polled::Done(token) = client.poll(plain(), &visit.done).await.unwrap() else {
        panic!("it was approved")
    };
    adopt(&client, token);
    let name = client.whoami(plain()).await.unwrap();
    assert_eq!(name.as_str(), running.username());

    let before = client.tokens(plain(), &PageAt::First).await.unwrap();
    let (made, value) = client.create_token(plain(), &new(&running)).await.unwrap();
    assert!(made.readonly && *made.cidr == [Text::new("127.0.0.0/8")]);
    let after = client.tokens(plain(), &PageAt::First).await.unwrap();
    assert_eq!(after.rows.len(), before.rows.len() + 1);
    let listed = after.rows.iter().find(|row| row.key == made.key).unwrap();
    assert!(listed.readonly);
    let other = nobody(running.url());
    adopt(&other, value);
    assert_eq!(other.whoami(plain()).await.unwrap(), name);
    // It may only read, and that is no reason to sign in again.
    let error = other.revoke(plain(), &made.key).await.unwrap_err();
    assert!(
        matches!(error, Error::Refused { status: 403, .. }),
        "{error:?}"
    );

    client.logout(plain()).await.unwrap();
    assert!(signed_out(&client).await);
    let error = client.logout(plain()).await.unwrap_err();
    assert!(matches!(error, Error::SignedOut { .. }), "{error:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_page_that_is_denied_signs_nobody_in() {
    let running = registry(Options::default()).await;
    let client = nobody(running.url());
    let visit = client.web_login(plain()).await.unwrap();
    assert!(running.deny(visit.page.address.as_str()));
    let polled = client.poll(plain(), &visit.done).await.unwrap();
    assert!(
        matches!(&polled, Polled::Over(words) if !words.is_empty()),
        "{polled:?}"
    );
    running.stop().await;

    let running = registry(Options {
        web: false,
        ..Options::default()
    })
    .await;
    let error = nobody(running.url()).web_login(plain()).await.unwrap_err();
    assert!(matches!(error, Error::NotOffered { .. }), "{error:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_sign_in_by_password_makes_no_account_and_a_sign_up_does() {
    let running = registry(Options::default()).await;
    let client = nobody(running.url());
    let password = Secret::from("a long enough one");
    for (name, password) in [
        ("nobody-here", &password),
        ("nobody-here", running.password()),
        (running.username(), &password),
    ] {
        let error = client
            .password_login(plain(), name, password)
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Refused { status: 401, .. }),
            "{error:?}"
        );
    }
    let couch = |running: &Running| {
        let requests = running.inspect().requests;
        requests.get("PUT /-/user/{id}").copied().unwrap_or(0)
    };
    assert_eq!(couch(&running), 0);
    let up = client
        .sign_up(plain(), "nobody-here", &password, "n@x.io")
        .await
        .unwrap();
    adopt(&client, up);
    assert_eq!(
        client.whoami(plain()).await.unwrap().as_str(),
        "nobody-here"
    );
    client
        .password_login(plain(), "nobody-here", &password)
        .await
        .unwrap();
    let error = client
        .sign_up(plain(), running.username(), running.password(), "n@x.io")
        .await
        .unwrap_err();
    let failure = error.failure(&Text::new("registry.test"));
    assert!(failure.what.as_str().contains("is taken"), "{failure}");
    running.stop().await;
}

/// A registry whose account has the second factor on.
async fn guarded(options: Options) -> Running {
    let running = registry(options).await;
    let client = client(&running);
    client
        .enrol(plain(), Level::AuthOnly, running.password())
        .await
        .unwrap();
    client.confirm(plain(), &code(&running)).await.unwrap();
    running
}

#[tokio::test]
async fn a_sign_in_by_password_is_challenged_and_takes_one_code() {
    let running = guarded(Options {
        otp_once: true,
        ..Options::default()
    })
    .await;
    let client = nobody(running.url());
    for (call, refused) in [
        (plain(), false),
        (with_otp(&wrong(&running)), true),
        // It has served, for the confirmation.
        (with_otp(&code(&running)), true),
    ] {
        let error = client
            .password_login(call, running.username(), running.password())
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::Challenge(Challenged { refused: found, .. }) if *found == refused),
            "{error:?}"
        );
    }
    running.stop().await;

    let running = guarded(Options::default()).await;
    let client = nobody(running.url());
    let token = client
        .password_login(
            with_otp(&code(&running)),
            running.username(),
            running.password(),
        )
        .await
        .unwrap();
    adopt(&client, token);
    let name = client.whoami(plain()).await.unwrap();
    assert_eq!(name.as_str(), running.username());
    running.stop().await;
}

#[tokio::test]
async fn a_challenge_is_answered_on_its_page() {
    let running = guarded(Options::default()).await;
    let client = client(&running);
    let page = client.tokens(plain(), &PageAt::First).await.unwrap();
    let key = &page.rows[3].key;
    let Err(Error::Challenge(Challenged { web: Some(web), .. })) =
        client.revoke(plain(), key).await
    else {
        panic!("it is guarded, and offers a page")
    };
    let polled = client.poll(plain(), &web.done).await.unwrap();
    assert!(matches!(polled, Polled::Pending(_)), "{polled:?}");
    assert!(running.approve(web.page.address.as_str()));
    let Polled::Done(code) = client.poll(plain(), &web.done).await.unwrap() else {
        panic!("it was approved")
    };
    let revoked = client.revoke(with_otp(&code), key).await;
    assert_eq!(revoked, Ok(Revoked::Done));
    running.stop().await;
}

#[tokio::test]
async fn a_new_password_takes_the_place_of_the_old_one() {
    let running = guarded(Options::default()).await;
    let client = client(&running);
    let before = client.profile(plain()).await.unwrap();
    let (old, new) = (running.password(), Secret::from("another long one"));
    let code = code(&running);
    let error = client
        .change_password(with_otp(&code), &Secret::from("wrong"), &new)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Refused {
                status: 401 | 403,
                ..
            }
        ),
        "{error:?}"
    );
    let error = client
        .change_password(plain(), old, &new)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Challenge(_)), "{error:?}");
    client
        .change_password(with_otp(&code), old, &new)
        .await
        .unwrap();
    let after = client.profile(plain()).await.unwrap();
    assert_eq!(after.fields, before.fields);
    let other = nobody(running.url());
    let login = async |password| {
        let call = with_otp(&code);
        other
            .password_login(call, running.username(), password)
            .await
    };
    assert!(matches!(
        login(old).await,
        Err(Error::Refused { status: 401, .. })
    ));
    assert!(login(&new).await.is_ok());
    running.stop().await;
}

#[tokio::test]
async fn p20_after_each_fault_the_outcome_is_judged_and_nothing_goes_elsewhere() {
    let other = Server::start([]).await;
    let running = registry(Options::default()).await;
    let moved = format!("redirect:{}", other.url());
    for (kind, unknown) in [
        ("drop-before", true),
        ("drop-after", true),
        ("half-body", true),
        ("status:500", true),
        ("status-after:500", true),
        ("status-after:503", true),
        (moved.as_str(), true),
        ("retry-after:9", false),
        ("retry-after-date:9:503", false),
        ("status:404", false),
    ] {
        let fault = |operation: &str| {
            running.mend();
            running.fault(format!("{operation}={kind}").parse().unwrap());
        };
        let mut errors = Vec::new();
        fault("token.create");
        let client = client(&running);
        let made = client.create_token(plain(), &new(&running)).await;
        errors.push(made.err().unwrap());
        fault("couch");
        let (name, password) = (running.username(), running.password());
        let login = client.password_login(plain(), name, password).await;
        errors.push(login.err().unwrap());
        fault("profile.set");
        let field = npm_warden::domain::account::ProfileField::Github;
        let profile = client.profile(plain()).await.unwrap();
        let saved = client.save_field(plain(), field, profile.field(field), kind);
        errors.extend(saved.await.err());
        for error in errors {
            assert_eq!(error.outcome_unknown(), unknown, "{kind}: {error:?}");
        }
        // Of these the status alone says enough.
        fault("token.revoke");
        let revoked = client.revoke(plain(), &TokenKey::new("k")).await;
        if !matches!(kind, "half-body" | "status:404") {
            assert_eq!(revoked.unwrap_err().outcome_unknown(), unknown, "{kind}");
        }
    }
    for operation in ["login", "poll", "logout", "password", "whoami"] {
        running.mend();
        let client = client(&running);
        let visit = client.web_login(plain()).await.unwrap();
        running.fault(format!("{operation}={moved}").parse().unwrap());
        let error = match operation {
            "login" => client.web_login(plain()).await.err(),
            "poll" => client.poll(plain(), &visit.done).await.err(),
            "logout" => client.logout(plain()).await.err(),
            "password" => {
                let (old, new) = (running.password(), Secret::from("another long one"));
                client.change_password(plain(), old, &new).await.err()
            }
            _ => client.whoami(plain()).await.err(),
        };
        assert!(
            matches!(error, Some(Error::Elsewhere { .. })),
            "{operation}: {error:?}"
        );
    }
    assert!(other.raw().is_empty());
    running.stop().await;
}
