//! This program, as a person uses it, with Verdaccio 6.8.

use npm_warden::domain::token::NewToken;
use npm_warden::registry::Registry as _;

use crate::client::{Client, plain};
use crate::http::run;
use crate::terminal::Session;
use crate::verdaccio::{Verdaccio, Version};
use crate::warden::Warden;

const PASSWORD: &str = "a-password";

/// Signs in by the prompts, to which it falls back.
fn prompted(login: &mut Session, name: &str) {
    login.until("has no sign-in on the web");
    login.expect("User name:");
    login.send(name);
    login.expect("Password of");
    login.send(PASSWORD);
}

#[test]
fn commands_sign_in_list_revoke_and_say_that_signing_out_ends_nothing_there() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    warden.run("whoami").failed().says("There is no credential");

    // Mistyped: no account is made of it.
    let mut login = warden.spawn("login");
    prompted(&mut login, "alcie");
    let ended = login.end().failed();
    let ended = ended.says("it knows no account by this user name and password");
    assert_eq!(ended.code, 5);
    assert_eq!(verdaccio.accounts(), ["alice"]);
    assert_eq!(warden.token(), None);

    let mut login = warden.spawn("login");
    prompted(&mut login, "alice");
    login.end().done().says("Signed in as alice at");
    let token = warden.token().unwrap();
    warden.run("whoami").done().says("alice");
    warden
        .run("profile get")
        .done()
        .says("two-factor auth  disabled");
    // The sign-in's own is not in the list.
    warden.run("token list").done().says("lists no tokens");

    let client = Client::with(verdaccio.url(), &token);
    let new = NewToken {
        readonly: true,
        cidr: Vec::new(),
        password: PASSWORD.into(),
    };
    let (_, value) = run(client.create_token(plain(), &new)).unwrap();
    let list = warden.run("token list").done().says("read");
    let row = list.screen.lines().nth(1).unwrap().to_owned();
    let id = row.split_whitespace().next().unwrap();
    let mut revoke = warden.spawn(&format!("token revoke {id}"));
    revoke.expect("[y/N]");
    revoke.send("y");
    revoke.end().done().says("gone");
    let dead = Client::with(verdaccio.url(), value.expose());
    assert!(run(dead.whoami(plain())).is_err());

    let mut logout = warden.spawn("logout");
    logout.expect("[y/N]");
    logout.send("y");
    let ended = logout.end().failed().says("STILL ACCEPTS it");
    assert_eq!(ended.code, 5);
    assert_eq!(warden.token(), None);
    assert_eq!(run(client.whoami(plain())).unwrap().as_str(), "alice");
}

#[test]
fn commands_tell_a_dead_token_from_none() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let session = verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    let other = Client::with(verdaccio.url(), &session);
    warden.put("not-a-token");
    for command in ["whoami", "profile get", "token list"] {
        assert_eq!(warden.run(command).failed().code, 3, "{command}");
    }
    warden.put(&session);
    warden.run("whoami").done().says("alice");
    run(other.change_password(plain(), &PASSWORD.into(), &"another-one".into())).unwrap();
    for command in ["whoami", "profile get", "token list"] {
        assert_eq!(warden.run(command).failed().code, 3, "{command}");
    }
}
