//! Verdaccio takes today's form for a token, passes over its limits, and makes one that may do everything: that is said
//! loudly, and the way back is offered.

use serde_json::{Value, json};

use crate::client::{Client, plain};
use crate::http::run;
use crate::terminal::Ended;
use crate::verdaccio::{Verdaccio, Version};
use crate::warden::Warden;
use npm_warden::registry::Registry as _;

const PASSWORD: &str = "a-password";
const LOUD: &str = "THE TOKEN MAY DO MORE THAN WAS ASKED FOR";

fn asked(warden: &Warden, line: &str, revoke: &str) -> Ended {
    let mut create = warden.spawn(line);
    create.expect("Password of");
    create.send(PASSWORD);
    create.until(LOUD);
    create.expect("Revoke it at once?");
    create.send(revoke);
    let ended = create.end().failed();
    assert_eq!(ended.code, 5, "{}", ended.screen);
    ended
        .says("which is bound to no package: it may")
        .says("as far as the registry says, and was to last 7 days.")
}

fn listed(warden: &Warden) -> Vec<Value> {
    let (told, code) = warden.json("token list --json", "");
    assert_eq!(code, 0, "{told}");
    told["tokens"].as_array().unwrap().clone()
}

fn said_loudly(version: Version) {
    let Some(verdaccio) = Verdaccio::start(version) else {
        return;
    };
    let session = verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    warden.put(&session);
    let reads = "token create --yes --name ci --packages left-pad";
    let ended = asked(&warden, reads, "n").says("it may read everything that the account may");
    let rows = listed(&warden);
    let [row] = &rows[..] else { panic!("{rows:?}") };
    // The list shows nothing of what was asked for, and says so of each.
    assert_eq!(
        [&row["name"], &row["expires"], &row["kind"], &row["may"]],
        [
            &Value::Null,
            &Value::Null,
            &json!("classic"),
            &json!("read")
        ]
    );
    assert_eq!(
        (&row["packages"], &row["never_expires"]),
        (&Value::Null, &json!(false))
    );
    let id = row["id"].as_str().unwrap();
    let next = format!("Revoke it: npm-warden token revoke {id}");
    let value = ended.says(&next).screen;
    let value = value
        .lines()
        .find(|line| line.ends_with("=="))
        .unwrap()
        .trim()
        .to_owned();
    let by_value = Client::with(verdaccio.url(), &value);
    assert_eq!(run(by_value.whoami(plain())).unwrap().as_str(), "alice");
    let (told, code) = warden.json(&format!("token revoke --yes --json {id}"), "");
    assert_eq!((code, &told["remaining"]), (0, &json!(0)), "{told}");
    assert!(run(by_value.whoami(plain())).is_err());

    let publishes = format!("{reads} --packages-and-scopes-permission read-write");
    asked(&warden, &publishes, "y")
        .says("it may do everything that the account may")
        .says("and was revoked")
        .says("The value on standard output is of no use any more.");
    assert_eq!(listed(&warden), [Value::Null; 0]);
}

#[test]
fn verdaccio_6_makes_a_full_token_of_a_limited_one_which_is_said_loudly() {
    said_loudly(Version::Six);
}

#[test]
fn verdaccio_9_makes_a_full_token_of_a_limited_one_which_is_said_loudly() {
    said_loudly(Version::NineNext);
}

#[test]
fn a_machine_tells_what_verdaccio_takes_of_what_lies_there() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let session = verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    warden.put(&session);
    let place = verdaccio.url().split_once(':').unwrap().1;
    let pair = crate::verdaccio::basic("alice", PASSWORD);
    let pair = pair.strip_prefix("Basic ").unwrap();
    let more =
        format!("{place}npm:_authToken=not-a-token-of-anybody\n{place}old/:_auth=\"{pair}\"\n");
    let file = std::fs::read_to_string(warden.npmrc()).unwrap();
    std::fs::write(warden.npmrc(), format!("{file}{more}")).unwrap();
    let probed = || {
        let (told, _) = warden.json("machine --probe --json", "");
        let all = told["credentials"].as_array().unwrap().iter();
        let of = |local: &Value| (local["line"].clone(), local["probe"]["state"].clone());
        all.map(of).collect::<Vec<_>>()
    };
    let state = |line: u64, state: &str| (json!(line), json!(state));
    let first = probed();
    assert!(first.contains(&state(2, "works")), "{first:?}");
    // Verdaccio tells whoever asks "nobody" with 200 OK.
    assert!(!first.contains(&state(3, "works")), "{first:?}");

    // A new password ends it there, and leaves the line where it is.
    let other = Client::with(verdaccio.url(), &session);
    run(other.change_password(plain(), &PASSWORD.into(), &"another-one".into())).unwrap();
    assert!(probed().contains(&state(2, "dead")));
    let (_, code) = warden.json("machine --probe --check --json", "");
    assert_eq!(code, 1);
}
