//! `Debug` of everything that holds a secret never shows it (promises P01 and P06).

use npm_warden::domain::otp::Enrolment;
use npm_warden::domain::recovery::RecoveryCodes;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::token::TokenKey;
use npm_warden::vault::ProofTask;

use crate::home::Home;

/// What is looked for, in any case, also in pieces of a list of bytes.
fn shows_nothing(debug: &str) {
    assert!(!debug.to_lowercase().contains("canary"), "{debug}");
    // "cana" as numbers, plain or hexadecimal.
    assert!(!debug.contains("99, 97, 110, 97"), "{debug}");
    assert!(!debug.contains("63, 61, 6e, 61"), "{debug}");
}

#[test]
fn p01_debug_of_domain_values_shows_no_secret() {
    let secret = Secret::from("canary");
    shows_nothing(&format!("{secret:?} {secret:#?}"));
    shows_nothing(&format!("{:?}", Secret::new(b"canary".to_vec())));
    let codes = RecoveryCodes::new(vec!["canary-1".into(), "canary-2".into()]);
    shows_nothing(&format!("{codes:?} {codes:#?}"));
    let enrolment = Enrolment::parse("otpauth://totp/npm:alice?secret=CANARYCANARYCANA".into());
    shows_nothing(&format!("{enrolment:?} {enrolment:#?}"));
    assert!(format!("{enrolment:?}").contains("alice"));
    // A key is no secret in itself, but no more of it than a person is shown.
    assert_eq!(format!("{:?}", TokenKey::new("abcdef-canary")), "abcdef…");
}

#[test]
fn p01_debug_of_the_configuration_shows_no_secret() {
    let home = Home::new()
        .user(
            "//reg.example/:_authToken=npm_canary\n\
             //reg.example/:_auth=canary\n\
             _password=canary\n\
             proxy=http://me:canary@proxy.example:1\n",
        )
        .env("npm_config_//reg.example/:username", "canary")
        .env("TOKEN", "canary")
        .registry("https://reg.example/");
    let config = home.load();
    assert_eq!(
        config.credential.as_ref().unwrap().secret.header().expose(),
        "Bearer npm_canary"
    );
    shows_nothing(&format!("{config:?} {config:#?}"));
    shows_nothing(&format!("{:?}", config.identity()));
    shows_nothing(&format!("{:?}", home.inputs()));
    let header = config.credential.unwrap().secret.header();
    shows_nothing(&format!("{header:?}"));
}

#[test]
fn p01_debug_of_the_proof_shows_no_piece_of_a_code() {
    let codes = RecoveryCodes::new(vec!["canarycanarycanary".into()]);
    let task = ProofTask::pick(&codes, &mut rand::rng(), None);
    shows_nothing(&format!("{task:?}"));
}
