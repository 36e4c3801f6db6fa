//! What is told before a line is mended is true of what stands in that line, and what is advised can be done.

#![cfg(unix)]

use std::fs;
use std::process::Command;

use npm_warden::domain::failure::Failure;
use npm_warden::domain::machine::{CredentialId, Fix, FixPreview, Git, Rank, SourceState};
use npm_warden::domain::text::Text;
use npm_warden::npmrc;

use crate::home::Home;

const ONE: &str = "npm_canaryAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const TWO: &str = "npm_Canary2BBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

fn on_line(home: &Home, line: usize) -> CredentialId {
    let all = npmrc::survey(&home.inputs()).machine.credentials;
    let mut ids = all.into_iter().map(|local| local.id);
    ids.find(|id| id.line == line).unwrap()
}

fn to_variable(home: &Home, line: usize, name: &str) -> Result<FixPreview, Failure> {
    let fix = Fix::ToVariable {
        id: on_line(home, line),
        name: name.to_owned(),
    };
    npmrc::preview(&home.inputs(), &fix)
}

fn remove(home: &Home, line: usize) -> FixPreview {
    npmrc::preview(&home.inputs(), &Fix::Remove(on_line(home, line))).unwrap()
}

fn told(preview: &FixPreview) -> String {
    let all: Vec<_> = preview.warnings.iter().map(Text::as_str).collect();
    all.join("\n")
}

/// A home whose file git keeps.
fn kept_by_git(content: &str) -> Home {
    let mut home = Home::new().registry("https://reg.example").user(content);
    let path = std::env::var_os("PATH").unwrap();
    home = home.env("PATH", path);
    let folder = home.home();
    for line in [&["init", "--quiet"][..], &["add", "-f", ".npmrc"]] {
        let mut git = Command::new("git");
        let done = git.args(line).current_dir(&folder).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }
    let machine = npmrc::survey(&home.inputs()).machine;
    let tracked =
        |state: &SourceState| matches!(state, SourceState::Read(f) if f.git == Git::Tracked);
    assert!(machine.sources.iter().any(|source| tracked(&source.state)));
    home
}

#[test]
fn what_git_may_keep_is_ended_by_what_ends_it() {
    let home = kept_by_git(&format!(
        "//reg.example/:_authToken={ONE}\n\
         //a.example/:username=me\n\
         //a.example/:_password=Y2FuYXJ5LXBhc3N3b3Jk\n\
         //b.example/:_auth=Y2FuYXJ5OmNhbmFyeQ==\n\
         https-proxy=http://me:canary@proxy.example:1\n\
         //c.example/:certfile=/nowhere/cert.pem\n\
         //c.example/:keyfile=/nowhere/key.pem\n"
    ));
    let history = "git keeps ~/.npmrc: if this line was ever committed, it stays in the history.";
    for (line, end) in [
        (1, "Revoke the token as well."),
        (3, "Change the password as well."),
        (4, "Change the password as well."),
        (5, "Change the proxy's password as well."),
    ] {
        let said = told(&to_variable(&home, line, "MY_SECRET").unwrap());
        assert!(said.contains(&format!("{history} {end}")), "{line}: {said}");
        assert_eq!(said.contains("token"), line == 1, "{line}: {said}");
        let said = told(&remove(&home, line));
        assert!(said.contains(&format!("{history} {end}")), "{line}: {said}");
    }
    // It names a file, which is no secret.
    let said = told(&remove(&home, 6));
    assert!(!said.contains("git keeps"), "{said}");
}

#[test]
fn a_variable_for_a_password_is_said_to_hold_it_as_the_line_does() {
    let home = Home::new().registry("https://reg.example").user(
        "//a.example/:username=me\n\
         //a.example/:_password=Y2FuYXJ5LXBhc3N3b3Jk\n\
         //b.example/:_auth=Y2FuYXJ5OmNhbmFyeQ==\n",
    );
    let said = told(&to_variable(&home, 2, "MY_PASSWORD").unwrap());
    assert!(
        said.contains("npm decodes what ${MY_PASSWORD} holds: the password has to be in base64 there, as in this line."),
        "{said}"
    );
    let said = told(&to_variable(&home, 3, "MY_AUTH").unwrap());
    assert!(
        said.contains("npm sends what ${MY_AUTH} holds as it is: name and password have to be in base64 there, as in this line."),
        "{said}"
    );
}

#[test]
fn of_a_line_that_holds_no_value_nothing_is_said_as_if_it_did() {
    let home = kept_by_git("//reg.example/:_authToken=${NPM_TOKEN}\n");
    for (env, then) in [
        (None, "No value stands in this line: only the line goes."),
        (
            Some(ONE),
            "${NPM_TOKEN} goes on holding its value: only this line goes.",
        ),
    ] {
        let home = match env {
            Some(value) => {
                kept_by_git("//reg.example/:_authToken=${NPM_TOKEN}\n").env("NPM_TOKEN", value)
            }
            None => Home::new()
                .registry("https://reg.example")
                .user("//reg.example/:_authToken=${NPM_TOKEN}\n"),
        };
        let said = told(&remove(&home, 1));
        assert!(said.starts_with(then), "{said}");
        for wrong in ["git keeps", "revoke", "Revoke", "history"] {
            assert!(!said.contains(wrong), "{wrong}: {said}");
        }
    }
    let said = told(&remove(&home, 1));
    assert!(!said.contains("git keeps"), "{said}");
}

#[test]
fn a_value_that_another_line_takes_from_a_variable_does_not_stand_in_that_line() {
    let home = Home::new()
        .registry("https://reg.example")
        .env("VTOK", ONE)
        .project(format!("//reg.example/:_authToken={ONE}\n# {ONE}\n"))
        .user("//reg.example/:_authToken=${VTOK}\n");
    let id = |path: &str, line| {
        let all = npmrc::survey(&home.inputs()).machine.credentials;
        let path = home.path(path);
        let mut ids = all.into_iter().map(|local| local.id);
        ids.find(|id| id.line == line && id.path.as_ref() == Some(&path))
            .unwrap()
    };
    let fix = Fix::ToVariable {
        id: id("home/project/.npmrc", 1),
        name: "OTHER".to_owned(),
    };
    let said = told(&npmrc::preview(&home.inputs(), &fix).unwrap());
    assert!(
        said.contains("The same value stands in .npmrc, line 2, too.")
            || said.contains("The same value stands in ~/project/.npmrc, line 2, too."),
        "{said}"
    );
    assert!(
        said.contains("~/.npmrc, line 1 takes the same value from ${VTOK}."),
        "{said}"
    );
}

#[test]
fn p21_lines_with_different_values_are_offered_different_variables() {
    let home = Home::new().registry("https://reg.example").user(format!(
        "//reg.example/:_authToken={ONE}\n//reg.example/p/:_authToken={TWO}\n//reg.example:_authToken={TWO}\n"
    ));
    let machine = || npmrc::survey(&home.inputs()).machine;
    let suggested = |line| machine().free_variable(&on_line(&home, line));
    let all = [suggested(1), suggested(2), suggested(3)];
    assert_eq!(
        all,
        [
            "NPM_TOKEN",
            "NPM_TOKEN_REG_EXAMPLE_P",
            "NPM_TOKEN_REG_EXAMPLE"
        ]
    );
    // One after the other, as they were offered at first.
    for (at, name) in all.iter().enumerate() {
        let preview = to_variable(&home, at + 1, name).unwrap();
        npmrc::apply(&home.inputs(), &preview).unwrap();
    }
}

#[test]
fn p21_a_variable_of_another_registry_is_refused_but_where_it_holds_this_very_value() {
    let content =
        format!("//reg.example/:_authToken=${{NPM_TOKEN}}\n//reg.example/p/:_authToken={TWO}\n");
    let here = || Home::new().registry("https://reg.example").user(&content);
    for home in [here(), here().env("NPM_TOKEN", ONE)] {
        let said = to_variable(&home, 2, "NPM_TOKEN").unwrap_err();
        assert_eq!(
            said.what.as_str(),
            "${NPM_TOKEN} serves ~/.npmrc, line 1 already, and is not known to hold the value of ~/.npmrc, line 2, \
             so nothing was written."
        );
        assert_eq!(
            said.next.as_str(),
            "Take another name, such as NPM_TOKEN_REG_EXAMPLE_P; or, if both are one and the same, set the variable to it first."
        );
        assert_eq!(
            fs::read_to_string(home.path("home/.npmrc")).unwrap(),
            content
        );
    }
    // Of another kind: what is a token there is none here.
    let home = Home::new().registry("https://reg.example").user(format!(
        "//reg.example/:_auth=${{NPM_TOKEN}}\n//reg.example:_authToken={TWO}\n"
    ));
    assert!(to_variable(&home, 2, "NPM_TOKEN").is_err());
    let home = here().env("NPM_TOKEN", TWO);
    let said = told(&to_variable(&home, 2, "NPM_TOKEN").unwrap());
    assert!(
        said.contains("${NPM_TOKEN} serves ~/.npmrc, line 1 already: what it holds goes to reg.example as well."),
        "{said}"
    );
}

#[test]
fn a_line_that_is_not_text_is_advised_to_be_mended_by_what_works() {
    let mut content = b"registry=https://reg.example\nnote=caf\xe9\n; caf\xe9 ".to_vec();
    content.extend_from_slice(ONE.as_bytes());
    content.push(b'\n');
    let home = Home::new().user(&content);
    let machine = npmrc::survey(&home.inputs()).machine;
    let problems: Vec<_> = machine.problems.iter().map(Text::as_str).collect();
    assert_eq!(
        problems,
        [
            "~/.npmrc, line 2 holds bytes that are not UTF-8. Write it again, or take it out, in an editor."
        ]
    );
    // What looks like a token is found there as well, and can be taken out.
    let found = &machine.credentials[0];
    assert_eq!(found.id.line, 3);
    assert!(matches!(found.rank, Rank::Unusable(_)));
    let preview = remove(&home, 3);
    assert!(!format!("{preview:?}").contains("canaryA"));
    npmrc::apply(&home.inputs(), &preview).unwrap();
    let after = fs::read(home.path("home/.npmrc")).unwrap();
    assert_eq!(after, b"registry=https://reg.example\nnote=caf\xe9\n");
}
