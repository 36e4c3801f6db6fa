//! A token goes where the person wants it, and a new one into the very place of an old one.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use npm_warden::domain::failure::Failure;
use npm_warden::domain::machine::{CredentialId, Destination};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::Stored;
use npm_warden::npmrc::{self, Auth, survey};
use proptest::prelude::*;
use url::Url;

use crate::home::{Home, is_bearer};
use crate::npmrc_store::{a_document, around, mode, names, set_mode};

const KEY: &str = "//reg.example/:_authToken";

fn at_reg() -> Home {
    Home::new().registry("https://reg.example")
}

fn reg() -> Url {
    "https://reg.example/".parse().unwrap()
}

fn write(home: &Home, into: &Destination) -> Result<Stored, Failure> {
    npmrc::write(&home.inputs(), &reg(), &"new".into(), into)
}

/// The places that hold this value, with their names.
fn places(home: &Home, value: &str) -> Vec<CredentialId> {
    let value = Secret::from(value);
    survey(&home.inputs())
        .values
        .into_iter()
        .filter(|(_, auth)| matches!(auth, Auth::Bearer(held) if held.matches(&value)))
        .map(|(id, _)| id)
        .collect()
}

fn put(home: &Home, id: &CredentialId) -> Result<Stored, Failure> {
    npmrc::put(&home.inputs(), id, &"old".into(), &"new".into())
}

#[test]
fn a_token_goes_into_the_file_that_was_chosen() {
    let read = |home: &Home, at: &str| fs::read_to_string(home.path(at)).unwrap();
    let home = at_reg()
        .user("a=1\n")
        .project(format!("; mine\n{KEY}=old ; note\n"));
    let stored = write(&home, &Destination::Project).unwrap();
    assert_eq!(stored.file.as_str(), "~/project/.npmrc");
    assert_eq!(
        read(&home, "home/project/.npmrc"),
        format!("; mine\n{KEY}=new ; note\n")
    );
    assert_eq!(read(&home, "home/.npmrc"), "a=1\n");

    let home = at_reg().user("a=1\r\n");
    write(&home, &Destination::User).unwrap();
    assert_eq!(read(&home, "home/.npmrc"), format!("a=1\r\n{KEY}=new\r\n"));

    for (typed, at) in [
        ("~/ci/npmrc", "home/ci/npmrc"),
        ("ci/npmrc", "home/project/ci/npmrc"),
        ("../ci/npmrc", "home/ci/npmrc"),
    ] {
        let home = at_reg();
        fs::create_dir_all(home.path(at).parent().unwrap()).unwrap();
        let stored = write(&home, &Destination::File(typed.into())).unwrap();
        assert_eq!(read(&home, at), format!("{KEY}=new\n"), "{typed}");
        assert_eq!(mode(&home.path(at)), 0o600);
        assert_eq!(stored.caution, None);
    }
    // The line without the slash is the same registry's.
    let home = at_reg().user("//reg.example:_authToken=old\n");
    write(&home, &Destination::User).unwrap();
    assert_eq!(read(&home, "home/.npmrc"), "//reg.example:_authToken=new\n");
}

#[test]
fn nothing_is_written_where_npm_would_go_on_with_another_token() {
    let key = "npm_config_//reg.example/:_authToken";
    let cases = [
        (
            at_reg().project(format!("{KEY}=other\n")),
            Destination::User,
        ),
        (at_reg().env(key, "other"), Destination::Project),
        (
            at_reg().env(key, "other"),
            Destination::File("~/.npmrc".into()),
        ),
        (
            at_reg().env("V", "v").project(format!("{KEY}=${{V}}\n")),
            Destination::Project,
        ),
        (
            at_reg().project(format!("{KEY}[]=a\n")),
            Destination::Project,
        ),
        (at_reg(), Destination::File("".into())),
        (at_reg(), Destination::File("/".into())),
        (at_reg(), Destination::File("~/project".into())),
        (at_reg(), Destination::File("no/such/folder".into())),
        (
            at_reg().file("home/ci", format!("{KEY}=${{V}}\n")),
            Destination::File("~/ci".into()),
        ),
        (
            at_reg().file("home/ci", format!("{KEY}[]=a\n")),
            Destination::File("~/ci".into()),
        ),
    ];
    for (home, into) in cases {
        let before = (
            names(&home),
            fs::read(home.path("home/project/.npmrc")).ok(),
            fs::read(home.path("home/ci")).ok(),
        );
        let said = write(&home, &into).unwrap_err();
        assert!(
            !said.what.is_empty() && !said.next.as_str().contains("ign in"),
            "{said}"
        );
        let after = (
            names(&home),
            fs::read(home.path("home/project/.npmrc")).ok(),
            fs::read(home.path("home/ci")).ok(),
        );
        assert_eq!(before, after, "{into:?}");
    }
}

#[test]
fn a_file_that_git_keeps_is_told() {
    let home = at_reg();
    let folder = home.path("home/project");
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git")
            .args(args)
            .current_dir(&folder)
            .output();
        done.is_ok_and(|done| done.status.success())
    };
    if !git(&["init", "-q"]) {
        return;
    }
    let mut home = home;
    home.env = std::env::vars_os()
        .filter(|(name, _)| name == "PATH" || name == "HOME")
        .collect();
    let said = write(&home, &Destination::Project)
        .unwrap()
        .caution
        .unwrap();
    assert!(said.as_str().contains("does not ignore it"), "{said}");
    assert!(git(&["add", ".npmrc"]));
    let said = write(&home, &Destination::Project)
        .unwrap()
        .caution
        .unwrap();
    assert!(said.as_str().contains("next commit"), "{said}");
}

#[test]
fn e4_a_new_token_takes_the_place_of_the_old_one_in_its_very_line() {
    for (before, after) in [
        (format!("{KEY}=old\n"), format!("{KEY}=new\n")),
        (
            format!("; a\n  {KEY} = \"old\" \r\n# b"),
            format!("; a\n  {KEY} = new \r\n# b"),
        ),
        (
            format!("{KEY}=old ; the build's\n"),
            format!("{KEY}=new ; the build's\n"),
        ),
        // Of two lines with it, the one that was named.
        (
            format!("{KEY}=old\n{KEY}=old\n"),
            format!("{KEY}=new\n{KEY}=old\n"),
        ),
        // Below a section npm does not read it, and it lies there all the same.
        (format!("[s]\n{KEY}=old\n"), format!("[s]\n{KEY}=new\n")),
        (
            "//other.example/:_authToken=old\n".into(),
            "//other.example/:_authToken=new\n".into(),
        ),
    ] {
        let home = at_reg().user(&before);
        let id = places(&home, "old").remove(0);
        assert_eq!(put(&home, &id).unwrap().file.as_str(), "~/.npmrc");
        assert_eq!(fs::read_to_string(home.path("home/.npmrc")).unwrap(), after);
        // And back, as when the registry does not take it.
        npmrc::put(&home.inputs(), &id, &"new".into(), &"old".into()).unwrap();
        assert_eq!(places(&home, "new"), []);
    }
}

#[test]
fn p35_what_is_not_the_old_token_any_more_is_left_as_it_is() {
    let id = |line| CredentialId {
        path: None,
        key: KEY.into(),
        line,
    };
    for before in [
        format!("{KEY}=another\n"),
        format!("; moved\n{KEY}=old\n"),
        format!("; {KEY}=old\n"),
        format!("{KEY}[]=old\n"),
        format!("{KEY}=${{V}}\n"),
        format!("{KEY}=${{UNSET}}\n"),
        "//reg.example/:_auth=old\n".to_owned(),
        "old\n".to_owned(),
        String::new(),
    ] {
        let home = at_reg().user(&before).env("V", "old");
        let path: PathBuf = home.path("home/.npmrc");
        let said = put(
            &home,
            &CredentialId {
                path: Some(path.clone()),
                ..id(1)
            },
        )
        .unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), before, "{said}");
        assert!(!said.to_string().contains("old\n"));
    }
    let home = at_reg().env("NPM_TOKEN", "old");
    let said = put(&home, &id(0)).unwrap_err();
    assert!(
        said.what.as_str().contains("environment variable"),
        "{said}"
    );
    let gone = CredentialId {
        path: Some(home.path("home/.npmrc")),
        ..id(1)
    };
    assert!(put(&home, &gone).is_err());
    assert!(names(&home).is_empty());
    // What no line can hold goes into none.
    let home = at_reg().user(format!("{KEY}=old\n"));
    let id = places(&home, "old").remove(0);
    for odd in ["", "a b", "a\nb", "\u{e4}"] {
        assert!(npmrc::put(&home.inputs(), &id, &"old".into(), &odd.into()).is_err());
    }
}

proptest! {
    #[test]
    fn p35_whatever_the_file_is_putting_changes_one_value_and_back_makes_it_mean_the_same(
        before in a_document(),
        mode_before in prop::sample::select(vec![0o600, 0o644, 0o640]),
        linked: bool,
        token in prop_oneof!["npm_[a-zA-Z0-9]{36}", "[!-~]{1,20}"],
    ) {
        prop_assume!(token != "old");
        let home = at_reg().env("V", "v").env("HOST", "//reg.example").file("real", &before);
        let (path, real) = (home.path("home/.npmrc"), home.path("real"));
        if linked {
            symlink(&real, &path).unwrap();
        } else {
            fs::rename(&real, &path).unwrap();
        }
        set_mode(&path, mode_before);
        for id in places(&home, "old") {
            let before = fs::read(&path).unwrap();
            let in_force = is_bearer(&home.load(), "old");
            let said = npmrc::put(&home.inputs(), &id, &"old".into(), &token.as_str().into());
            let after = fs::read(&path).unwrap();
            prop_assert_eq!(mode(&path), mode_before);
            prop_assert_eq!(path.is_symlink(), linked);
            prop_assert_eq!(names(&home), [".npmrc"]);
            if said.is_err() {
                prop_assert_eq!(after, before);
                continue;
            }
            let (head, tail) = around(&before, &after);
            let gone = &before[head..before.len() - tail];
            prop_assert!(gone.len() <= "\"old==\"".len(), "{gone:?}");
            prop_assert!(!gone.iter().any(|b| b"\r\n".contains(b)), "{gone:?}");
            let now = places(&home, &token);
            prop_assert!(now.contains(&id), "{now:?}");
            if in_force {
                let config = home.load();
                prop_assert!(is_bearer(&config, "old") || is_bearer(&config, &token));
            }
            npmrc::put(&home.inputs(), &id, &token.as_str().into(), &"old".into()).unwrap();
            prop_assert!(places(&home, "old").contains(&id));
            npmrc::put(&home.inputs(), &id, &"old".into(), &token.as_str().into()).unwrap();
        }
    }
}

#[test]
fn what_npm_goes_by_after_a_write_is_told_before() {
    let wins = |home: &Home, into: Destination| {
        let new = "npm_new".into();
        npmrc::aim(&home.inputs(), &reg(), &into, Some(&new), None)
            .unwrap()
            .wins
            .map(|wins| wins.instead)
    };
    let own = format!("{KEY}=npm_0123456789abcdef\n");
    let home = at_reg().user(&own);
    let place = "~/.npmrc, line 1";
    // A project's file comes before the person's own.
    assert_eq!(
        wins(&home, Destination::Project),
        Some(Some(place.into())),
        "another one is passed over"
    );
    // In the same line, nothing stands beside it.
    assert_eq!(wins(&home, Destination::User), Some(None));
    // npm does not read this file here.
    assert_eq!(wins(&home, Destination::File("~/ci.npmrc".into())), None);
    // It goes by this very token already.
    let home = at_reg().user(format!("{KEY}=npm_new\n"));
    assert_eq!(wins(&home, Destination::User), None);
    // The configuration means another registry.
    let home = Home::new().user(&own);
    assert_eq!(wins(&home, Destination::User), None);
}

#[test]
fn what_a_write_would_replace_is_told_before() {
    let there = |home: &Home, into: Destination| {
        let new = "npm_new".into();
        npmrc::aim(&home.inputs(), &reg(), &into, Some(&new), None).map(|target| target.over)
    };
    let long = "npm_0123456789abcdef";
    for key in [KEY, "//reg.example:_authToken"] {
        let home = at_reg().user(format!("a=1\n{key}={long}\n"));
        let found = there(&home, Destination::User).unwrap().unwrap();
        assert_eq!(found.place.as_str(), "~/.npmrc, line 2");
        assert_eq!(found.begins.as_str(), "npm_0123");
        // The same as the survey calls it.
        assert_eq!(
            survey(&home.inputs()).machine.credentials[0].place,
            found.place
        );
        let typed = Destination::File("~/.npmrc".into());
        assert_eq!(there(&home, typed).unwrap(), Some(found));
    }
    // This very one, none, another registry's.
    for text in [
        format!("{KEY}=npm_new\n"),
        String::new(),
        format!("{KEY}=\n"),
        format!("//other.example/:_authToken={long}\n"),
    ] {
        let home = at_reg().user(&text);
        assert_eq!(there(&home, Destination::User).unwrap(), None, "{text}");
    }
    // What the writing would refuse is refused already.
    let by_variable = at_reg().env("NPM_TOKEN", long);
    let by_variable = by_variable.user(format!("{KEY}=${{NPM_TOKEN}}\n"));
    assert!(there(&by_variable, Destination::User).is_err());
    assert!(there(&at_reg(), Destination::File("/".into())).is_err());
}

#[test]
fn p35_no_value_is_put_into_text_that_a_variable_is_mixed_with() {
    let line = format!("{KEY}=o${{X}}\n");
    let home = at_reg().env("X", "ld").user(&line);
    let id = places(&home, "old").remove(0);
    for said in [
        put(&home, &id).map(|_| ()),
        write(&home, &Destination::User).map(|_| ()),
    ] {
        assert_eq!(
            said.unwrap_err().what.as_str(),
            "~/.npmrc, line 1 makes the token of ${X} and of text beside it, so it was left as it is."
        );
    }
    let fix = npm_warden::domain::machine::Fix::ToVariable {
        id,
        name: "X".to_owned(),
    };
    assert_eq!(
        npmrc::preview(&home.inputs(), &fix)
            .unwrap_err()
            .what
            .as_str(),
        "~/.npmrc, line 1 mixes text with ${X}, so no one variable takes its place."
    );
    assert_eq!(fs::read_to_string(home.path("home/.npmrc")).unwrap(), line);
}
