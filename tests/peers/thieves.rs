//! Emergencies at registries of others: each ends with what is true there.

use serde_json::{Value, json};

use crate::client::{Client, plain};
use crate::http::run;
use crate::terminal::{Ended, Session};
use crate::verdaccio::{Verdaccio, Version};
use crate::warden::Warden;
use npm_warden::domain::granular::NewToken;
use npm_warden::registry::Registry as _;

const PASSWORD: &str = "a-password";
const NEW: &str = "another-one";

/// How the person signs in for it.
pub enum Signing<'a> {
    /// By password.
    Password(&'a str),
    /// On the website, with that name and password.
    Website(&'a Verdaccio, &'a str, &'a str),
    /// Not at all.
    Without,
}

impl Signing<'_> {
    fn answers(&self, session: &mut Session) {
        session.expect("Sign in [1]");
        match self {
            Self::Password(password) => {
                session.send("2");
                session.expect("Password of");
                session.send(password);
            }
            Self::Website(verdaccio, name, password) => {
                session.send("1");
                session.until("Waiting for it");
                let page = verdaccio.page(&session.screen());
                verdaccio.approves(&page, name, password);
            }
            Self::Without => session.send("skip"),
        }
    }
}

/// A new password, set in the middle by the person, and how to sign in by it.
pub struct Renewed<'a> {
    pub sets: &'a dyn Fn(),
    /// Where the registry ends the emergency's own sign-in by it.
    pub again: Option<Signing<'a>>,
}

/// A whole one, which takes out every dead copy and leaves the rest out.
#[track_caller]
pub fn emergency(
    warden: &Warden,
    signing: &Signing<'_>,
    tokens: usize,
    renewed: Option<Renewed<'_>>,
) -> Ended {
    let home = warden.home().to_str().unwrap();
    let mut session = warden.spawn(&format!("emergency --report {home}"));
    session.expect("This machine [1]:");
    session.send("2");
    signing.answers(&mut session);
    session.expect("Is it yours");
    session.send("yes");
    session.expect("Ids to keep");
    session.send("");
    match tokens {
        1 => session.expect("Revoke this token?"),
        2 => session.expect("Revoke these 2 tokens?"),
        n => session.expect(&format!("Type {n} to revoke")),
    }
    session.send(&match tokens {
        1 | 2 => "y".to_owned(),
        n => n.to_string(),
    });
    // What the registry accepts on and on is asked about once, and then left for the end.
    let after = ["Take out which?", "Is a new password set?", "Try again?"];
    let mut asks = session.one_of(&after);
    if asks == 2 {
        session.send("skip");
        asks = session.one_of(&after[..2]);
    }
    if asks == 0 {
        session.send("all");
        session.expect("Is a new password set?");
    }
    let sets = renewed.as_ref().map(|renewed| renewed.sets);
    session.send(sets.map_or("skip", |set| {
        set();
        "done"
    }));
    session.expect("Is the second factor renewed?");
    session.send("skip");
    session.expect("Are the recovery codes renewed?");
    session.send("skip");
    if let Some(again) = renewed.and_then(|renewed| renewed.again) {
        again.answers(&mut session);
    }
    if session.one_of(&["Enter when you have looked", "Seen to?"]) == 0 {
        session.send("");
        session.expect("Seen to?");
    }
    session.send("skip");
    session.end()
}

/// The report that an emergency wrote.
fn reported(warden: &Warden) -> Value {
    let files = std::fs::read_dir(warden.home()).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let file = files.find(|file| file.extension().is_some_and(|end| end == "json"));
    serde_json::from_slice(&std::fs::read(file.unwrap()).unwrap()).unwrap()
}

/// How each session of a report ended, the one of the file told from those of the emergency.
fn sessions(report: &Value) -> Vec<(bool, String)> {
    let all = report["sessions"].as_array().unwrap().iter();
    let of = |session: &Value| {
        let (name, ended) = (&session["session"], &session["ended"]);
        let in_file = name.as_str().unwrap().starts_with("What ~/.npmrc");
        (in_file, ended.as_str().unwrap().to_owned())
    };
    let mut all: Vec<_> = all.map(of).collect();
    all.sort();
    all
}

/// Two tokens beside the sign-in that lies in the file; the values of all three, that one first.
fn account(verdaccio: &Verdaccio) -> (Warden, [String; 3]) {
    let session = verdaccio.sign_up("alice", PASSWORD);
    let client = Client::with(verdaccio.url(), &session);
    let make = |readonly| {
        let new = NewToken::classic(readonly, Vec::new(), PASSWORD.into());
        let (_, value) = run(client.create_token(plain(), &new)).unwrap();
        value.expose().clone()
    };
    let values = [session, make(false), make(true)];
    let warden = Warden::new(verdaccio.url());
    warden.put(&values[0]);
    (warden, values)
}

fn accepts(verdaccio: &Verdaccio, value: &str) -> bool {
    let who = verdaccio.get("-/whoami", value);
    who.status == 200 && who.json()["username"] == "alice"
}

#[test]
fn p31_a_sign_in_that_verdaccio_6_does_not_end_is_said_to_be_alive() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let (warden, values) = account(&verdaccio);
    let before = std::fs::read_to_string(warden.npmrc()).unwrap();
    let signing = Signing::Password(PASSWORD);
    let ended = emergency(&warden, &signing, 2, None);
    assert_eq!(ended.code, 5, "{}", ended.screen);
    let ended = ended
        .says("Verify: OPEN. 2 of 2 tokens are gone, 0 of them tried out and refused. What ~/.npmrc, line 2 held is still ACCEPTED,")
        .says("What ~/.npmrc, line 2 held: the registry still ACCEPTS it, though the registry said at")
        .says("some do when the password is changed");
    // One of the file, and one for this alone: what could not be ended is not taken for another.
    let alive = |in_file| (in_file, "still-accepted".to_owned());
    assert_eq!(
        sessions(&reported(&warden)),
        [alive(false), alive(true)],
        "{}",
        ended.screen
    );
    assert_eq!(
        values.map(|value| accepts(&verdaccio, &value)),
        [true, false, false]
    );
    assert_eq!(std::fs::read_to_string(warden.npmrc()).unwrap(), before);
}

#[test]
fn p33_a_sign_in_that_a_new_password_ended_at_verdaccio_6_is_seen_to_be_dead() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let (warden, values) = account(&verdaccio);
    let other = Client::with(verdaccio.url(), &values[0]);
    let sets = || run(other.change_password(plain(), &PASSWORD.into(), &NEW.into())).unwrap();
    let signing = Signing::Password(PASSWORD);
    let renewed = Renewed {
        sets: &sets,
        again: Some(Signing::Password(NEW)),
    };
    let ended = emergency(&warden, &signing, 2, Some(renewed));
    // The last one, by the new password, lives on.
    assert_eq!(ended.code, 5, "{}", ended.screen);
    let dead = |in_file| (in_file, "verified".to_owned());
    let alive = (false, "still-accepted".to_owned());
    let report = reported(&warden);
    assert_eq!(sessions(&report), [alive, dead(false), dead(true)]);
    assert_eq!(values.map(|value| accepts(&verdaccio, &value)), [false; 3]);
    assert_eq!(report["listed"]["count"], json!(0), "{report}");
}

#[test]
fn p31_a_sign_in_that_verdaccio_9_does_not_end_is_said_to_be_alive() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    let (warden, values) = account(&verdaccio);
    let signing = Signing::Website(&verdaccio, "alice", PASSWORD);
    let ended = emergency(&warden, &signing, 2, None);
    assert_eq!(ended.code, 5, "{}", ended.screen);
    let alive = |in_file| (in_file, "still-accepted".to_owned());
    assert_eq!(sessions(&reported(&warden)), [alive(false), alive(true)]);
    assert_eq!(
        values.map(|value| accepts(&verdaccio, &value)),
        [true, false, false]
    );
}

#[test]
fn the_plan_of_an_emergency_needs_nothing_of_the_registry() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let (warden, _) = account(&verdaccio);
    // Nobody answers any more.
    drop(verdaccio);
    warden
        .run("emergency --plan")
        .done()
        .says("Nothing was sent")
        .says("~/.npmrc, line 2");
}
