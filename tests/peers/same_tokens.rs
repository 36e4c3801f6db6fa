//! The same tokens: what the real npm lists is what this program lists, before and after each thing that is done here, at
//! the embedded registry and at two of others.

use jiff::Timestamp;
use npm_warden::sandbox::Options;
use serde_json::{Value, json};

use crate::client::{Client, plain};
use crate::http::run;
use crate::npm::Npm;
use crate::served::Served;
use crate::terminal::Session;
use crate::thieves::{Signing, emergency};
use crate::verdaccio::{Verdaccio, Version};
use crate::warden::Warden;
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::Registry as _;

const PASSWORD: &str = "a-password";

/// npm with a sign-in of its own, and this program with another one, at one registry.
struct Both {
    npm: Npm,
    warden: Warden,
    password: String,
}

/// What both have to tell of a token.
fn facts(token: &Value, cidr: &Value) -> Value {
    let time = |name: &str| {
        let told = token[name].as_str();
        told.map(|told| told.parse::<Timestamp>().unwrap().as_millisecond())
    };
    json!({
        "key": token["key"],
        "id": token["id"],
        "name": token["name"],
        "readonly": token["readonly"],
        "cidr": cidr,
        "created": time("created"),
        "expires": time("expires"),
    })
}

impl Both {
    /// Both list the same, in the same order; gives what this program says of each.
    #[track_caller]
    fn agree(&self) -> Vec<Value> {
        let (told, code) = self.warden.json("token list --json", "");
        assert_eq!((code, &told["complete"]), (0, &json!(true)), "{told}");
        let ours = told["tokens"].as_array().unwrap().clone();
        let theirs = self.npm.json(&["token", "list", "--json"]);
        let theirs = theirs.as_array().unwrap().iter().map(|token| {
            let cidr = token.get("cidr").or_else(|| token.get("cidr_whitelist"));
            facts(token, cidr.unwrap_or(&json!([])))
        });
        let of_ours = ours.iter().map(|token| facts(token, &token["cidr"]));
        assert_eq!(of_ours.collect::<Vec<_>>(), theirs.collect::<Vec<_>>());
        ours
    }

    fn answers_the_password(&self, mut asks: Session) -> crate::terminal::Ended {
        asks.expect("Password of");
        asks.send(&self.password);
        asks.end().done()
    }

    /// The whole way of a token: made, noted, rotated where it lies, and revoked by everything that names one.
    fn walk(&self) {
        let before = self.agree().len();
        let make = "token create --yes --write-to user --note laptop";
        self.answers_the_password(self.warden.spawn(make));
        let listed = self.agree();
        assert_eq!(listed.len(), before + 1);
        let in_use = |listed: &[Value]| {
            let mut of = listed.iter().filter(|token| token["in_use_grade"] == "is");
            let one = of.next().unwrap().clone();
            assert_eq!(of.count(), 0);
            assert_eq!(
                (&one["note"], &one["found"][0]["grade"]),
                (&json!("laptop"), &json!("is"))
            );
            one
        };
        let old = in_use(&listed);
        let file = self.warden.npmrc();
        self.npm.run_by(&file, &["whoami"]).done();

        let id = old["id"].as_str().unwrap();
        let rotated = self.warden.spawn(&format!("token rotate --yes {id}"));
        self.answers_the_password(rotated)
            .says("It is gone from a fresh list, and refused since.");
        let listed = self.agree();
        assert_eq!(listed.len(), before + 1);
        let new = in_use(&listed);
        assert_ne!(new["key"], old["key"]);
        self.npm.run_by(&file, &["whoami"]).done();

        // What npm makes is there, too; and four more go by an id, by a value, and two at once.
        let mut create = self.npm.spawn(&["token", "create"]);
        create.expect("npm password:");
        create.send(&self.password);
        create.end().done();
        let client = Client::with(&self.url(), &self.warden.token().unwrap());
        let more = NewToken::classic(true, Vec::new(), self.password.as_str().into());
        let one = || run(client.create_token(plain(), &more)).unwrap();
        let mut four = [one(), one(), one(), one()];
        let listed = self.agree();
        assert_eq!(listed.len(), before + 6);

        let gone = |told: (Value, i32), states: &[&str]| {
            let (told, code) = told;
            let rows = told["tokens"].as_array().unwrap().iter();
            let rows: Vec<_> = rows.map(|row| row["state"].as_str().unwrap()).collect();
            assert_eq!((code, &rows[..]), (0, states), "{told}");
            assert_eq!(told["remaining"], self.agree().len());
        };
        let revoke = "token revoke --yes --json";
        let id = four[0].0.key.short();
        gone(self.warden.json(&format!("{revoke} {id}"), ""), &["gone"]);
        let value = std::mem::take(four[1].1.expose_mut());
        let input = format!("{value}\n");
        // A value that is given is tried out; where its characters alone tell which it is, only so.
        let by_value = format!("{revoke} --try-out -");
        gone(self.warden.json(&by_value, &input), &["verified"]);
        assert!(run(Client::with(&self.url(), &value).whoami(plain())).is_err());
        let two = [&four[2].0.key, &four[3].0.key].map(TokenKey::raw);
        let line = format!("{revoke} {} {}", two[0], two[1]);
        gone(self.warden.json(&line, ""), &["gone", "gone"]);
        assert_eq!(self.agree().len(), before + 2);
        // What npm revokes is gone here, too.
        let by_npm = listed.iter().find(|token| {
            let key = token["key"].as_str().unwrap();
            token["key"] != new["key"]
                && !four.iter().any(|(one, _)| one.key.raw() == key)
                && token["readonly"] == false
                && token["in_use_grade"].is_null()
        });
        let id = by_npm.unwrap()["id"].as_str().unwrap();
        self.npm.run(&["token", "revoke", id]).done();
        assert_eq!(self.agree().len(), before + 1);
    }

    fn url(&self) -> String {
        let file = std::fs::read_to_string(self.warden.npmrc()).unwrap();
        let line = file.lines().find_map(|line| line.strip_prefix("registry="));
        line.unwrap().to_owned()
    }
}

fn at(verdaccio: &Verdaccio) -> Option<Both> {
    let npm = Npm::for_registry(verdaccio.url())?;
    npm.sign_in(&verdaccio.sign_up("alice", PASSWORD));
    let warden = Warden::new(verdaccio.url());
    warden.put(&npm_token(&npm));
    Some(Both {
        npm,
        warden,
        password: PASSWORD.to_owned(),
    })
}

fn npm_token(npm: &Npm) -> String {
    let file = npm.configuration();
    let (_, token) = file.split_once("_authToken=").unwrap();
    token.trim().to_owned()
}

#[test]
fn npm_and_this_program_list_the_same_at_verdaccio_6_until_all_are_gone() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let Some(both) = at(&verdaccio) else { return };
    both.walk();
    let ended = emergency(&both.warden, &Signing::Password(PASSWORD), 1, None);
    // Nothing of what was listed is left; the sign-in for this cannot be ended there.
    assert_eq!(ended.code, 5, "{}", ended.screen);
    ended.says("Verify: done. 1 of 1 token is gone, 1 of them tried out and refused.");
    both.warden.put(&npm_token(&both.npm));
    assert_eq!(both.agree(), [Value::Null; 0]);
}

#[test]
fn npm_and_this_program_list_the_same_at_verdaccio_9_until_all_are_gone() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    let Some(both) = at(&verdaccio) else { return };
    both.walk();
    let ended = emergency(&both.warden, &Signing::Without, 1, None);
    // The one that went was the only one, and without one nothing more can be read: what that leaves open is said.
    assert_eq!(ended.code, 0, "{}", ended.screen);
    ended
        .says("The credential in use is refused now")
        .says("refused since; no list could be read by it")
        .says("Packages: OPEN. The packages were not read: the credential in use is refused by now")
        .says("The list of tokens was not read once more at the end");
    both.warden.put(&npm_token(&both.npm));
    assert_eq!(both.agree(), [Value::Null; 0]);
}

#[test]
fn npm_and_this_program_list_the_same_at_the_embedded_registry_until_all_are_gone() {
    let served = Served::new(Options {
        tokens: 33,
        ..Options::default()
    });
    let Some(npm) = Npm::for_registry(served.running.url()) else {
        return;
    };
    npm.sign_in(served.running.token().expose());
    let warden = Warden::new(served.running.url());
    warden.put(served.running.token().expose());
    let both = Both {
        npm,
        warden,
        password: served.running.password().expose().clone(),
    };
    both.walk();
    let name = served.running.username();
    let signing = Signing::Password(&both.password);
    let ended = emergency(&both.warden, &signing, 35, None);
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert_eq!(served.running.inspect().tokens, 0);
    // By a new sign-in of npm's own both see that.
    let mut login = both.npm.spawn(&["login"]);
    login.expect("Username:");
    login.send(name);
    login.expect("Password:");
    login.send(&both.password);
    login.end().done();
    both.warden.put(&npm_token(&both.npm));
    assert_eq!(both.agree().len(), 1);
}
