//! Verdaccio 6.8, which has neither second factor nor web login and answers oddly at times: what it does, and what this
//! program's client makes of it.

use npm_warden::domain::account::ProfileField;
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::Token;
use npm_warden::registry::{Error, PageAt, Registry as _, Sent};
use serde_json::{Value, json};

use crate::client::{Client, plain};
use crate::http::run;
use crate::verdaccio::{Verdaccio, Version, basic};

const PASSWORD: &str = "a-password";

fn new_token(readonly: bool, cidr: &[&str], password: &str) -> NewToken {
    NewToken::classic(
        readonly,
        cidr.iter().map(|range| range.parse().unwrap()).collect(),
        password.into(),
    )
}

fn list(client: &Client) -> Vec<Token> {
    let page = run(client.tokens(plain(), &PageAt::default())).unwrap();
    assert_eq!(page.next, None);
    page.rows
}

fn signed_out<T: std::fmt::Debug>(result: &Result<T, Error>) {
    let out = matches!(
        result,
        Err(Error::SignedOut {
            anonymous: false,
            ..
        })
    );
    assert!(out, "{result:?}");
}

#[test]
fn signing_in_there_makes_an_account_of_any_name_and_here_of_none() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let nobody = Client::nobody(verdaccio.url());
    let refused = run(nobody.web_login(plain()));
    assert!(matches!(refused, Err(Error::NotOffered { .. })));
    for (name, password) in [("alcie", PASSWORD), ("alice", "not-it")] {
        let refused = run(nobody.password_login(plain(), name, &password.into()));
        let Err(Error::Refused { words, .. }) = refused else {
            panic!("{refused:?}");
        };
        let words = words.as_str();
        assert_eq!(words, "it knows no account by this user name and password");
    }
    let token = run(nobody.password_login(plain(), "alice", &PASSWORD.into())).unwrap();
    nobody.take("alice", token);
    assert_eq!(run(nobody.whoami(plain())).unwrap().as_str(), "alice");
    assert_eq!(verdaccio.accounts(), ["alice"]);

    // Both of the requests by which npm signs in make one.
    let by = basic("aliec", PASSWORD);
    let mistyped = [("alcie", None), ("aliec", Some(by.as_str()))];
    for (name, authorization) in mistyped {
        let reply = verdaccio.put_user(name, PASSWORD, authorization);
        assert_eq!(reply.status, 201);
    }
    assert_eq!(verdaccio.accounts(), ["alice", "alcie", "aliec"]);
}

#[test]
fn what_it_cannot_change_is_not_offered() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let alice = Client::sign_in(verdaccio.url(), "alice", PASSWORD);
    let profile = run(alice.profile(plain())).unwrap();
    assert_eq!(profile.name.as_str(), "alice");
    assert_eq!(profile.tfa, Tfa::Off);
    let field = ProfileField::Fullname;
    let saved = run(alice.save_field(plain(), field, None, "Alice"));
    assert!(matches!(saved, Err(Error::NotOffered { .. })), "{saved:?}");
    let begun = run(alice.enrol(plain(), Level::AuthOnly, &PASSWORD.into()));
    let Err(Error::NotOffered { words }) = begun else {
        panic!("it was begun");
    };
    assert!(words.as_str().contains("not yet supported"));
    let off = run(alice.disable(plain(), &PASSWORD.into()));
    assert!(matches!(off, Err(Error::NotOffered { .. })), "{off:?}");
}

#[test]
fn its_tokens_are_made_listed_and_refused_after_they_were_revoked() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let alice = Client::sign_in(verdaccio.url(), "alice", PASSWORD);
    // The session's own is not listed.
    assert_eq!(list(&alice), []);
    let refused = run(alice.create_token(plain(), &new_token(true, &[], "not-it")));
    let refused = refused.map(|(token, _)| token);
    assert!(
        matches!(refused, Err(Error::Refused { status: 401, .. })),
        "{refused:?}"
    );
    let bound = new_token(false, &["192.0.2.0/24"], PASSWORD);
    let (bound, outside) = run(alice.create_token(plain(), &bound)).unwrap();
    let (made, value) = run(alice.create_token(plain(), &new_token(true, &[], PASSWORD))).unwrap();
    assert!(made.readonly);
    let rows = list(&alice);
    let [first, second] = &rows[..] else {
        panic!("{rows:?}");
    };
    assert_eq!((&first.key, &second.key), (&bound.key, &made.key));
    assert_eq!((first.readonly, second.readonly), (false, true));
    assert_eq!(first.cidr.len(), 1, "{first:?}");

    let outside = Client::with(verdaccio.url(), outside.expose());
    let refused = run(outside.whoami(plain()));
    assert!(refused.is_err(), "{refused:?}");
    let reader = Client::with(verdaccio.url(), value.expose());
    assert_eq!(run(reader.whoami(plain())).unwrap().as_str(), "alice");
    let refused = run(reader.create_token(plain(), &new_token(false, &[], PASSWORD)));
    let refused = refused.map(|(token, _)| token);
    assert!(
        matches!(refused, Err(Error::Refused { status: 403, .. })),
        "{refused:?}"
    );

    for key in [&made.key, &bound.key] {
        run(alice.revoke(plain(), key)).unwrap();
    }
    assert_eq!(list(&alice), []);
    signed_out(&run(reader.whoami(plain())));
    signed_out(&run(reader.profile(plain())));
}

#[test]
fn it_tells_a_token_that_it_does_not_know_from_nobody_only_by_the_name() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let who = verdaccio.get("-/whoami", "not-a-token");
    assert_eq!((who.status, who.json()), (200, json!({})));
    let unknown = Client::with(verdaccio.url(), "not-a-token");
    signed_out(&run(unknown.whoami(plain())));
    signed_out(&run(unknown.profile(plain())));
    signed_out(&run(unknown.tokens(plain(), &PageAt::default())).map(|page| page.rows));

    // Its sign-out revokes nothing.
    let alice = Client::sign_in(verdaccio.url(), "alice", PASSWORD);
    run(alice.logout(plain())).unwrap();
    assert_eq!(run(alice.whoami(plain())).unwrap().as_str(), "alice");
}

#[test]
fn a_new_password_ends_its_tokens_and_a_wrong_old_one_ends_the_server() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let alice = Client::sign_in(verdaccio.url(), "alice", PASSWORD);
    let new = Secret::from("another-one");
    let change = |client: &Client, old: &str, new: &str| {
        run(client.change_password(plain(), &old.into(), &new.into()))
    };
    let refused = change(&alice, PASSWORD, "x");
    let Err(Error::Refused { status: 401, words }) = refused else {
        panic!("{refused:?}");
    };
    assert!(words.as_str().contains("does not pass the validation"));
    change(&alice, PASSWORD, new.expose()).unwrap();
    let who = verdaccio.get("-/whoami", &alice.value());
    assert_eq!(who.json()["username"], Value::Null);
    signed_out(&run(alice.whoami(plain())));

    let alice = Client::sign_in(verdaccio.url(), "alice", new.expose());
    let broke = change(&alice, PASSWORD, "a-third-one");
    let what_happened_is_unknown = matches!(
        broke,
        Err(Error::Network {
            sent: Sent::Maybe,
            ..
        })
    );
    assert!(what_happened_is_unknown, "{broke:?}");
    let said = verdaccio.crashes();
    assert!(said.contains("TypeError"), "{said}");
}
