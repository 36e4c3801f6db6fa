//! This program, as a person uses it, with Verdaccio 6.8.

use npm_warden::domain::granular::NewToken;
use npm_warden::registry::{PageAt, Registry as _};

use crate::client::{Client, plain};
use crate::http::run;
use crate::terminal::Session;
use crate::tui::Tui;
use crate::verdaccio::{Verdaccio, Version};
use crate::warden::{Warden, leaves_one_alive, new_value};
use crate::wizard::{in_a_file, to_the_place};

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
    let new = NewToken::classic(true, Vec::new(), PASSWORD.into());
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

/// Opens the form, which finds that there is no web login, and fills in the other way.
fn form(tui: &mut Tui, name: &str, password: &str) {
    tui.shows("Enter sign in");
    tui.keys("\r");
    tui.shows("╭ Sign in ─");
    tui.press_until("\r", "Enter signs in, once both");
    tui.shows("▸ User name");
    tui.keys(name);
    tui.keys("\t");
    tui.shows("▸ Password");
    tui.keys(password);
    tui.keys("\r");
}

#[test]
fn the_terminal_program_finds_out_what_there_is_not_and_signs_in_again_after_a_new_password() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    let before = std::fs::read_to_string(warden.npmrc()).unwrap();
    let mut tui = warden.enter();
    tui.shows("signed out @");
    form(&mut tui, "alcie", PASSWORD);
    tui.shows("it knows no account by this");
    assert_eq!(verdaccio.accounts(), ["alice"]);
    // Back to the name, which still stands there.
    tui.keys("\x1b[Z");
    tui.shows("▸ User name  [ alcie ");
    tui.keys("\x15alice\t");
    tui.shows("▸ Password");
    tui.keys(PASSWORD);
    tui.keys("\r");
    tui.shows("Signed in as alice; this session ends with npm-warden.");
    tui.shows("2FA off · session");

    // A field: refused once, then said instead of tried.
    tui.keys("e");
    tui.shows("Enter review");
    tui.keys("a@b.example\r");
    tui.shows("→");
    tui.keys("\r");
    tui.shows("does not offer this: “profile unexpected");
    tui.keys("\x1b");
    tui.hides("Enter shows the change");
    tui.shows("These fields cannot be set:");
    tui.keys("j");
    tui.shows("▸ fullname");
    tui.keys("e");
    tui.shows("Press r to ask it anew.");

    // No second factor: the wizard comes to it before anything is begun.
    to_the_place(&mut tui, PASSWORD);
    in_a_file(&mut tui);
    tui.shows("This registry has no two-factor authentication");
    tui.keys("\r");
    tui.shows("─ Security ─");
    tui.shows("This registry has no two-factor authentication");

    tui.keys("3");
    tui.shows("0 of 0");
    tui.keys("n");
    tui.shows("─ New token ─");
    tui.keys(" \x1b[6~");
    tui.keys(PASSWORD);
    tui.keys("\r");
    let value = tui.find("the value", new_value);
    let made = Client::with(verdaccio.url(), &value);
    assert_eq!(run(made.whoami(plain())).unwrap().as_str(), "alice");
    tui.keys("\x1b");
    tui.shows("Leave it?");
    tui.keys("y");
    tui.shows("1 of 1");

    tui.keys("1");
    tui.shows("─ Profile ─");
    tui.keys("p");
    tui.shows("─ Change the password ─");
    tui.keys(PASSWORD);
    tui.keys("\ranother-one\ranother-one\r");
    tui.shows("The password is changed, and the registry does not accept the");
    assert!(run(made.whoami(plain())).is_err());
    form(&mut tui, "alice", "another-one");
    tui.shows("Signed in as alice; this session ends with npm-warden.");
    tui.keys("q");
    tui.ended();
    leaves_one_alive(&tui);
    assert_eq!(std::fs::read_to_string(warden.npmrc()).unwrap(), before);
}

#[test]
fn a_token_that_is_revoked_elsewhere_is_replaced_in_the_middle_of_work() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let session = verdaccio.sign_up("alice", PASSWORD);
    let elsewhere = Client::with(verdaccio.url(), &session);
    let make = || {
        let new = NewToken::classic(false, Vec::new(), PASSWORD.into());
        run(elsewhere.create_token(plain(), &new)).unwrap()
    };
    let (mine, value) = make();
    let (other, _) = make();
    let warden = Warden::new(verdaccio.url());
    warden.put(value.expose());
    let mut tui = warden.enter();
    tui.shows("alice @");
    tui.keys("3");
    tui.shows("2 of 2");
    run(elsewhere.revoke(plain(), &mine.key)).unwrap();
    let id: String = format!("{:?}", other.key).chars().take(6).collect();
    tui.keys("/");
    tui.keys(&id);
    tui.keys("\r");
    tui.shows("1 of 2");
    tui.keys("x");
    tui.shows("Revoke 1 token?");
    tui.keys("y");
    tui.shows("╭ Sign in ─");
    // Whose tokens these are is known: only the password is asked for.
    tui.press_until("\r", "▸ Password");
    tui.keys(PASSWORD);
    tui.keys("\r");
    tui.shows("1 of 1 gone from a fresh list");
    let left = run(elsewhere.tokens(plain(), &PageAt::First)).unwrap();
    assert_eq!(left.rows, []);
    tui.keys("\rq");
    tui.ended();
    assert_eq!(warden.token().as_ref(), Some(value.expose()));
}

#[test]
fn commands_say_that_it_has_no_second_factor() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let token = verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    warden.put(&token);
    warden.run("2fa status").done().says("off");
    let ended = warden.run("2fa status --check").failed();
    assert_eq!(ended.code, 1, "{}", ended.screen);
    // What is not on is off already, and has no level.
    warden.run("2fa disable --yes").done().says("off already");
    assert_eq!(warden.run("2fa level auth-only").failed().code, 2);

    let mut enable = warden.spawn("2fa enable --level auth-only --place codes.txt");
    enable.expect("Password of alice");
    enable.send(PASSWORD);
    let ended = enable.end().failed();
    assert_eq!(ended.code, 5, "{}", ended.screen);
    ended
        .says("has no two-factor authentication")
        .says("not yet supported");
    assert!(!warden.home().join("codes.txt").exists());
    warden.run("recovery list").done().says("No recovery codes");
}
