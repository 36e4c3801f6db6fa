//! The client and the embedded registry share no code below `domain`: each checks the other.

use std::time::Duration;

use npm_warden::domain::account::ProfileField;
use npm_warden::domain::otp::{Diagnosis, Enrolment};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Challenged, Enrolling, Error, PageAt, Registry as _, Revoked};
use npm_warden::sandbox::{Clock, Options, Running, start};

use crate::client::{noon, plain, setup_from, with_otp};

pub(crate) async fn registry(options: Options) -> Running {
    let (clock, _) = Clock::by_hand(noon());
    start(Options { clock, ..options }).await.unwrap()
}

pub(crate) fn client(running: &Running) -> HttpRegistry {
    let key = running.url().split_once(':').unwrap().1;
    let token = running.token().expose().clone();
    let env = vec![(format!("npm_config_{key}:_authToken"), token)];
    HttpRegistry::new(setup_from(running.url(), env)).unwrap()
}

pub(crate) fn code(running: &Running) -> Secret<String> {
    running.code().unwrap().code
}

/// Digits that are not the present code.
pub(crate) fn wrong(running: &Running) -> Secret<String> {
    let code = code(running);
    let flip = |c: char| if c == '0' { '1' } else { '0' };
    Secret::from(code.expose().chars().map(flip).collect::<String>())
}

#[tokio::test]
async fn an_account_is_walked_from_end_to_end() {
    let options = Options {
        prefix: "/npm/team".to_owned(),
        tokens: 230,
        ..Options::default()
    };
    let running = registry(options).await;
    let client = client(&running);
    let password = running.password();

    let name = client.whoami(plain()).await.unwrap();
    assert_eq!(name.as_str(), running.username());
    let profile = client.profile(plain()).await.unwrap();
    assert_eq!(profile.tfa, Tfa::Off);
    assert_eq!(
        profile.field(ProfileField::Email).unwrap().as_str(),
        running.email()
    );

    let bad = Secret::from("not the password");
    let error = client
        .enrol(plain(), Level::AuthOnly, &bad)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Refused { status: 401, .. }),
        "{error:?}"
    );
    let Enrolling::Begun(url) = client
        .enrol(plain(), Level::AuthOnly, password)
        .await
        .unwrap()
    else {
        panic!("it was off")
    };
    let enrolment = Enrolment::parse(url).unwrap();
    let now = u64::try_from(noon().as_second()).unwrap();
    assert_eq!(enrolment.diagnose(&code(&running), now), Diagnosis::Current);
    let profile = client.profile(plain()).await.unwrap();
    assert_eq!(profile.tfa, Tfa::Pending(Some(Level::AuthOnly)));

    let error = client.confirm(plain(), &wrong(&running)).await.unwrap_err();
    assert!(
        matches!(error, Error::Refused { status: 401, .. }),
        "{error:?}"
    );
    let codes = client.confirm(plain(), &code(&running)).await.unwrap();
    assert!(!codes.is_empty() && codes.iter().all(|code| code.chars() == 64));
    let profile = client.profile(plain()).await.unwrap();
    assert_eq!(profile.tfa, Tfa::On(Level::AuthOnly));

    let before = profile.field(ProfileField::Github);
    let save = async |call| {
        client
            .save_field(call, ProfileField::Github, before, "a new one")
            .await
    };
    let (right, wrong) = (code(&running), wrong(&running));
    let error = save(plain()).await.unwrap_err();
    assert!(
        matches!(error, Error::Challenge(Challenged { refused: false, .. })),
        "{error:?}"
    );
    let error = save(with_otp(&wrong)).await.unwrap_err();
    assert!(
        matches!(error, Error::Challenge(Challenged { refused: true, .. })),
        "{error:?}"
    );
    let saved = save(with_otp(&right)).await.unwrap();
    assert_eq!(
        saved.field(ProfileField::Github).unwrap().as_str(),
        "a new one"
    );
    for field in ProfileField::ALL {
        if field != ProfileField::Github {
            assert_eq!(saved.field(field), profile.field(field), "{field:?}");
        }
    }

    let first = client.tokens(plain(), &PageAt::First).await.unwrap();
    assert_eq!(
        (first.rows.len(), first.total, first.last),
        (100, Some(230), Some(2))
    );
    assert_eq!(first.next, Some(PageAt::Number(1)));
    let last = client.tokens(plain(), &PageAt::Number(2)).await.unwrap();
    assert_eq!((last.rows.len(), last.next), (30, None));

    let key = &first.rows[50].key;
    let error = client.revoke(plain(), key).await.unwrap_err();
    assert!(matches!(error, Error::Challenge(_)), "{error:?}");
    let otp = right;
    assert_eq!(client.revoke(with_otp(&otp), key).await, Ok(Revoked::Done));
    assert_eq!(
        client.revoke(with_otp(&otp), key).await,
        Ok(Revoked::AlreadyGone)
    );
    let unknown = TokenKey::new("no such key");
    assert_eq!(
        client.revoke(with_otp(&otp), &unknown).await,
        Ok(Revoked::AlreadyGone)
    );
    assert_eq!(running.inspect().tokens, 229);

    let changed = client
        .enrol(with_otp(&otp), Level::AuthAndWrites, password)
        .await;
    assert!(matches!(
        changed,
        Ok(Enrolling::LevelChanged(Level::AuthAndWrites))
    ));
    client
        .disable(with_otp(codes.get(0).unwrap()), password)
        .await
        .unwrap();
    assert_eq!(client.profile(plain()).await.unwrap().tfa, Tfa::Off);
    assert_eq!(client.clock_ahead(), Some(0));
    running.stop().await;
}

#[tokio::test]
async fn too_many_wrong_codes_mean_wait() {
    let running = registry(Options::default()).await;
    let client = client(&running);
    client
        .enrol(plain(), Level::AuthOnly, running.password())
        .await
        .unwrap();
    let wrong = wrong(&running);
    let error = loop {
        match client.confirm(plain(), &wrong).await.unwrap_err() {
            Error::Refused { status: 401, .. } => {}
            error => break error,
        }
    };
    let Error::Wait {
        for_: Some(wait),
        words,
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(
        wait > Duration::ZERO && words.as_str().contains("Too many"),
        "{words}"
    );
    running.stop().await;
}

#[tokio::test]
async fn a_credential_that_was_revoked_means_signed_out() {
    let running = registry(Options::default()).await;
    let key = running.url().split_once(':').unwrap().1;
    let env = vec![(
        format!("npm_config_{key}:_authToken"),
        "nobody-has-this".to_owned(),
    )];
    let client = HttpRegistry::new(setup_from(running.url(), env)).unwrap();
    for error in [
        client.whoami(plain()).await.unwrap_err(),
        client.profile(plain()).await.unwrap_err(),
        client.tokens(plain(), &PageAt::First).await.unwrap_err(),
        client
            .revoke(plain(), &TokenKey::new("k"))
            .await
            .unwrap_err(),
    ] {
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
    running.stop().await;
    let gone = client.whoami(plain()).await.unwrap_err();
    let said = gone.failure(&Text::new("registry.test"));
    assert!(said.what.as_str().contains("refused"), "{said}");
}
