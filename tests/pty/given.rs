//! Tokens that are given to `token revoke -`: what each is, and what nobody knows it is.

use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, Policy, StartTfa};
use serde_json::{Value, json};

use crate::house::House;
use crate::plain::{deletes, fed, json as told, others, run, tokens};

const REVOKE: &str = "token revoke --yes --json -";

/// Gives this to a revocation that asks nothing: its exit code and what it told.
fn give(house: &House, line: &str, input: &str) -> (i32, Value, String) {
    let (code, out, err) = fed(house.command(line), input);
    (
        code,
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")),
        err,
    )
}

fn states(done: &Value) -> Vec<&str> {
    let rows = done["tokens"].as_array().unwrap();
    rows.iter()
        .map(|row| row["state"].as_str().unwrap())
        .collect()
}

/// Makes a token; gives its value.
fn made(house: &House) -> String {
    let made = house.create(json!({"readonly": true}));
    made["token"].as_str().unwrap().to_owned()
}

/// How often it was asked whose a credential is.
fn asked(house: &House) -> u64 {
    let requests = house.registry.running.inspect().requests;
    requests.get("GET /-/whoami").copied().unwrap_or_default()
}

#[test]
fn p31_a_value_that_is_given_is_tried_out_before_and_after() {
    let house = House::new(Options::default());
    let value = made(&house);
    let (code, done, err) = give(&house, REVOKE, &value);
    assert_eq!((code, err.as_str()), (0, ""), "{done}");
    assert_eq!(states(&done), ["verified"], "{done}");
    assert!(!done.to_string().contains(&value));
}

#[test]
fn p31_a_value_that_is_given_and_still_accepted_is_not_called_gone() {
    let house = House::new(Options {
        faults: vec!["token.revoke=linger-accepted-for:6000".parse().unwrap()],
        ..Options::default()
    });
    let value = made(&house);
    let (code, done, _) = give(&house, REVOKE, &value);
    assert_eq!((code, states(&done)), (5, vec!["still-accepted"]), "{done}");

    // It is nowhere on this machine: what was found out stays, and so does what is noted of it.
    for _ in 0..2 {
        let (code, done, err) = give(&house, "token revoke --resume --yes --json", "");
        assert_eq!((code, states(&done)), (5, vec!["still-accepted"]), "{done}");
        assert!(err.contains("accepts them all the same"), "{err}");
        let (code, out, _) = run(&house, "token revoke --resume --yes");
        assert_eq!(code, 5);
        assert!(out.contains("STILL ACCEPTED since"), "{out}");
        assert!(out.contains("not tried out again"), "{out}");
    }
    // Given again by its key it is no better.
    let key = done["tokens"][0]["key"].as_str().unwrap();
    let (code, done, _) = give(
        &house,
        &format!("token revoke --yes --json {}", &key[..6]),
        "",
    );
    assert_eq!((code, states(&done)), (5, vec!["still-accepted"]), "{done}");
}

#[test]
fn a_value_is_taken_out_of_the_line_that_it_stands_in() {
    let house = House::new(Options::default());
    let values = [0; 4].map(|_| made(&house));
    let before = tokens(&house);
    let nerf = house.url().split_once(':').unwrap().1;
    let input = format!(
        "\u{feff}{nerf}:_authToken={}\r\n\"{}\"\nNPM_TOKEN={}\n  export NPM_TOKEN='{}';\n",
        values[0], values[1], values[2], values[3]
    );
    let (code, done, err) = give(&house, REVOKE, &input);
    assert_eq!((code, err.as_str()), (0, ""), "{done}");
    assert_eq!(states(&done), ["verified"; 4], "{done}");
    assert_eq!(tokens(&house), before - 4);
}

#[test]
fn an_npmrc_as_it_leaked_is_taken_with_its_comments_and_its_settings() {
    let house = House::new(Options::default());
    let value = made(&house);
    let before = tokens(&house);
    let nerf = house.url().split_once(':').unwrap().1;
    let input = format!(
        "# what leaked, by mail\n; of a build\n\nregistry=https://r.test/\n@acme:registry = https://r.test/\n\
         save-exact=true\n//r.test/:always-auth=true\n//r.test/:email=tess@r.test\n\
         {nerf}:_authToken={value}\n"
    );
    let (code, done, err) = give(&house, REVOKE, &input);
    assert_eq!((code, err.as_str()), (0, ""), "{done}");
    assert_eq!(states(&done), ["verified"], "{done}");
    assert_eq!(tokens(&house), before - 1);
}

#[test]
fn lines_are_counted_as_the_file_has_them_and_one_that_cannot_be_read_has_a_next_step() {
    let house = House::new(Options::default());
    let value = made(&house);
    let nerf = house.url().split_once(':').unwrap().1;
    // What is a comment is in the file that leaked all the same; so is a password.
    for (line, said) in [
        (
            "my old token".to_owned(),
            "Line 4 is no id and no value alone",
        ),
        (
            format!("# {nerf}:_authToken={value}"),
            "Line 4 is a comment that holds what looks like a value",
        ),
        (
            format!("{nerf}:_password=Y2FuYXJ5"),
            "Line 4 holds a password",
        ),
        (
            format!("registry=https://tess:{value}@r.test/"),
            "Line 4 is no id and no value alone",
        ),
        (
            "save-exact=npm_canary".to_owned(),
            "Line 4 fits no listed token",
        ),
        ("abcdef".to_owned(), "Line 4 (abcdef) fits no listed token"),
    ] {
        let (code, out, err) = fed(
            house.command("token revoke --yes -"),
            &format!("{value}\n\n# c\n{line}\n"),
        );
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(said), "{err}");
        assert!(err.contains("take the line out"), "{err}");
        assert!(
            !err.contains("token list shows") && !err.contains(&value),
            "{err}"
        );
    }
    assert_eq!(deletes(&house), 0);
    // What is no listed token is told by its line as well.
    let stray = format!("# c\n\nnpm_{}\n", "canary".repeat(6));
    let (_, done, _) = give(&house, REVOKE, &stray);
    assert_eq!(done["tokens"][0]["number"], 1, "{done}");
    assert_eq!(done["tokens"][0]["line"], 3, "{done}");
    let (_, out, _) = fed(house.command("token revoke --yes -"), &stray);
    assert!(out.contains("(line 3)"), "{out}");
}

#[test]
fn p31_a_token_that_was_revoked_and_works_still_is_called_alive_and_the_next_step_is_another() {
    let house = House::new(Options {
        faults: vec!["token.revoke=linger-accepted:100".parse().unwrap()],
        ..Options::default()
    });
    let made = house.create(json!({"readonly": true}));
    let (value, key) = (
        made["token"].as_str().unwrap(),
        made["key"].as_str().unwrap(),
    );
    // Past the program, as by npm.
    assert!(house.delete(key) < 300);
    let (code, out, err) = fed(house.command("token revoke -y --try-out -"), value);
    assert_eq!(code, 5, "{err}");
    assert!(out.contains("it WORKS at"), "{out}");
    assert!(err.contains("1 of the values given is ALIVE"), "{err}");
    assert!(
        !err.contains("may be alive") && !err.contains("--try-out"),
        "{err}"
    );
    for step in ["up to an hour", "npm-warden logout", "support"] {
        assert!(err.contains(step), "{err}");
    }
}

#[test]
fn what_is_no_token_alone_is_exit_code_2_and_nothing_is_touched() {
    let house = House::new(Options::default());
    let value = made(&house);
    for line in [
        "my old token",
        "//r.test/:_authToken=${NPM_TOKEN}",
        "npm_aBcD…7890",
    ] {
        let (code, out, err) = fed(
            house.command("token revoke --yes -"),
            &format!("{value}\n{line}\n"),
        );
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains("Line 2 is no id and no value alone"), "{err}");
        assert!(!err.contains(line), "{err}");
    }
    assert_eq!(deletes(&house), 0);
}

#[test]
fn p30_a_value_that_fits_no_listed_token_is_not_called_gone_unless_it_is_proved_dead() {
    let house = House::new(Options::default());
    let value = format!("npm_{}", "canary".repeat(6));
    let stray = |line: &str, input: &str| {
        let before = asked(&house);
        let (code, done, err) = give(&house, line, input);
        assert_eq!(states(&done), ["not-listed"], "{done}");
        assert_eq!(done["tokens"][0]["number"], 1);
        assert!(!done.to_string().contains("canary") && !err.contains("canary"));
        let answer = done["tokens"][0]["answer"].as_str().unwrap().to_owned();
        // Once it is asked whose the credential in use is.
        (code, answer, asked(&house) - before)
    };
    // Nobody said that it may be sent anywhere.
    assert_eq!(stray(REVOKE, &value), (5, "not-tried".into(), 1));
    let try_out = format!("{REVOKE} --try-out");
    assert_eq!(stray(&try_out, &value), (0, "refused".into(), 2));
    // The line names the registry that it is of.
    let nerf = house.url().split_once(':').unwrap().1;
    let of_here = format!("{nerf}:_authToken={value}");
    assert_eq!(stray(REVOKE, &of_here), (0, "refused".into(), 2));
    let of_another = format!("//r.test/:_authToken={value}");
    for line in [REVOKE, &try_out] {
        assert_eq!(stray(line, &of_another), (5, "not-tried".into(), 1));
    }
    let (code, out, err) = fed(house.command("token revoke --yes -"), &of_another);
    assert_eq!(code, 5, "{err}");
    assert!(
        out.contains("no listed token; of r.test, and not tried out"),
        "{out}"
    );
    assert!(
        err.contains("1 of the values given is no listed token and may be alive"),
        "{err}"
    );
    assert_eq!(deletes(&house), 0);
}

#[test]
fn p31_a_value_that_only_looks_like_a_token_whose_key_is_a_digest_is_not_that_token() {
    let house = House::new(Options::default());
    let value = made(&house);
    let other = format!("{}{}", &value[..8], "x".repeat(value.len() - 8));
    let (code, done, err) = give(&house, REVOKE, &other);
    assert_eq!((code, states(&done)), (5, vec!["not-listed"]), "{err}");
    assert_eq!(deletes(&house), 0);
}

#[test]
fn p30_the_ids_of_a_revocation_that_was_broken_off_count_as_gone_when_they_are_given_again() {
    let house = House::new(Options {
        faults: vec!["token.revoke#2=status:403".parse().unwrap()],
        ..Options::default()
    });
    let listed = others(&house);
    let line = format!("token revoke --yes --json {} {}", listed[0].1, listed[1].1);
    let (code, done, _) = give(&house, &line, "");
    assert_eq!((code, states(&done)), (5, vec!["gone", "failed"]), "{done}");
    let (code, done, _) = give(&house, &line, "");
    assert_eq!(
        (code, states(&done)),
        (0, vec!["gone", "already-gone"]),
        "{done}"
    );
    assert_eq!(done["tokens"][1]["id"], listed[0].1.as_str());
    assert_eq!(deletes(&house), 3);
}

#[test]
fn an_id_is_taken_in_either_case() {
    let house = House::new(Options::default());
    let (key, id) = others(&house)
        .into_iter()
        .find(|(_, id)| id.contains(char::is_alphabetic))
        .unwrap();
    let done = told(
        &house,
        &format!("token revoke --yes --json {}", id.to_uppercase()),
    );
    assert_eq!(done["tokens"][0]["key"], key.as_str());
}

/// Where keys tell nothing of values, and sessions are in no list.
fn strict() -> (House, String) {
    let house = House::standing(Options {
        policy: Policy::Npmjs,
        tfa: StartTfa::On(Level::AuthOnly),
        ..Options::default()
    });
    let code = house.registry.running.code().unwrap().code.expose().clone();
    (house, code)
}

#[test]
fn p31_a_living_session_that_no_list_shows_is_told_as_that() {
    let (house, _) = strict();
    let session = house.registry.running.token().expose().clone();
    let (code, done, err) = give(&house, &format!("{REVOKE} --try-out"), &session);
    assert_eq!(
        (code, states(&done)),
        (5, vec!["not-listed"]),
        "{done}{err}"
    );
    assert_eq!(done["tokens"][0]["answer"], "works");
    assert_eq!(
        done["tokens"][0]["username"],
        house.registry.running.username()
    );
    assert!(err.contains("npm-warden logout"), "{err}");
}

#[test]
fn p31_what_only_looks_like_a_listed_token_is_not_revoked_unasked_unless_it_is_seen_to_work() {
    let (house, code) = strict();
    let password = house.password();
    let wish = json!({
        "name": "given", "password": password, "packages": ["left-pad"],
        "packages_and_scopes_permission": "read-only", "expires": 7,
    });
    let made = house.create_by(wish, &code);
    let value = made["token"].as_str().unwrap();
    let (exit, done, err) = give(&house, REVOKE, value);
    assert_eq!(exit, 2, "{done}");
    assert!(err.contains("which is no proof"), "{err}");
    assert_eq!(deletes(&house), 0);

    house
        .registry
        .hand
        .advance(std::time::Duration::from_mins(1));
    let code = house.registry.running.code().unwrap().code.expose().clone();
    let (exit, done, err) = give(&house, &format!("{REVOKE} --try-out --otp {code}"), value);
    assert_eq!((exit, states(&done)), (0, vec!["verified"]), "{done}{err}");
}
