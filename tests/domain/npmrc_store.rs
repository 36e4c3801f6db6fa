//! A token goes into an `.npmrc` and out of it, and everything else there stays as it was.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use npm_warden::domain::failure::Failure;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::Forgotten;
use npm_warden::npmrc::{self, Document};
use proptest::prelude::*;
use url::Url;

use crate::home::{Home, is_bearer, sent};

const KEY: &str = "//reg.example/:_authToken";

fn at_reg() -> Home {
    Home::new().registry("https://reg.example")
}

fn reg() -> Url {
    "https://reg.example/".parse().unwrap()
}

fn store(home: &Home, token: &str) -> Result<String, Failure> {
    npmrc::store(&home.inputs(), &reg(), &token.into()).map(|stored| stored.file.to_string())
}

fn remove(home: &Home, token: &str) -> Forgotten {
    npmrc::remove(&home.inputs(), &reg(), &token.into()).unwrap()
}

fn user(home: &Home) -> String {
    fs::read_to_string(home.path("home/.npmrc")).unwrap()
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The names in the home folder, without the project's.
pub(crate) fn names(home: &Home) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(home.home())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "project")
        .collect();
    names.sort();
    names
}

#[test]
fn p35_a_mode_that_lets_others_read_the_token_stays_and_is_told() {
    for (given, who) in [
        (0o644, Some("Others on this machine")),
        (0o604, Some("Others on this machine")),
        (0o640, Some("Members of its group")),
        (0o600, None),
        (0o620, None),
        (0o700, None),
    ] {
        let home = at_reg().user("a=1\n");
        set_mode(&home.path("home/.npmrc"), given);
        let stored = npmrc::store(&home.inputs(), &reg(), &"new".into()).unwrap();
        assert_eq!(mode(&home.path("home/.npmrc")), given);
        let said = who.map(|who| {
            format!("{who} may read ~/.npmrc (mode {given:o}), and the token stands in it now: run chmod 600 ~/.npmrc.")
        });
        assert_eq!(stored.caution.map(|said| said.to_string()), said);
    }
    // A file that is made here is the person's alone.
    let stored = npmrc::store(&at_reg().inputs(), &reg(), &"new".into()).unwrap();
    assert_eq!(stored.caution, None);
}

#[test]
fn p35_a_token_is_written_and_nothing_else_changes() {
    let k = KEY;
    let cases = [
        (String::new(), format!("{k}=new\n")),
        ("a=1\n".into(), format!("a=1\n{k}=new\n")),
        ("a=1".into(), format!("a=1\n{k}=new")),
        ("a=1\r\nb=2".into(), format!("a=1\r\nb=2\r\n{k}=new")),
        ("a=1\r\n".into(), format!("a=1\r\n{k}=new\r\n")),
        ("a=1\rb=2\r".into(), format!("a=1\rb=2\r{k}=new\r")),
        ("\u{feff}a=1\n".into(), format!("\u{feff}a=1\n{k}=new\n")),
        ("\u{feff}".into(), format!("\u{feff}\n{k}=new")),
        ("[s]\nx=1\n".into(), format!("{k}=new\n[s]\nx=1\n")),
        (
            "a=1\n\n; of s\n# too\n[s]\nx=1".into(),
            format!("a=1\n\n{k}=new\n; of s\n# too\n[s]\nx=1"),
        ),
        (
            "; head\n[s]\nx=1\n".into(),
            format!("; head\n{k}=new\n[s]\nx=1\n"),
        ),
        (
            format!("[s]\n{k}=below\n"),
            format!("{k}=new\n[s]\n{k}=below\n"),
        ),
        (format!("{k}=old\n"), format!("{k}=new\n")),
        (format!("{k}=old"), format!("{k}=new")),
        (
            format!("\u{feff}{k}=old\r\na=1"),
            format!("\u{feff}{k}=new\r\na=1"),
        ),
        (
            format!("  {k}  =  old  \t; note=1\r\n"),
            format!("  {k}  =  new  \t; note=1\r\n"),
        ),
        (format!("{k} = \"old==\" \n"), format!("{k} = new \n")),
        (format!("{k}='old'\n"), format!("{k}=new\n")),
        (format!("{k}=\"old\" ; note\n"), format!("{k}=new ; note\n")),
        (format!("{k}=o\\;l\\#d#note\n"), format!("{k}=new#note\n")),
        (format!("{k}= ;note\n"), format!("{k}= new;note\n")),
        (format!("{k}=\n"), format!("{k}=new\n")),
        (format!("{k}\n"), format!("{k}=new\n")),
        (format!("{k} ; note\n"), format!("{k} ; note=new\n")),
        (format!("{k}=null\n"), format!("{k}=new\n")),
        (format!("\"{k}\"=old\n"), format!("\"{k}\"=new\n")),
        (
            format!("{k}=first\n; between\n{k}=last\n"),
            format!("{k}=first\n; between\n{k}=new\n"),
        ),
        (
            format!("{k}=${{V}}\n{k}=last\n"),
            format!("{k}=${{V}}\n{k}=new\n"),
        ),
        (
            "${HOST}/:_authToken=old\n".into(),
            "${HOST}/:_authToken=new\n".into(),
        ),
        (
            format!("{k}=hidden\n${{HOST}}/:_authToken=old\n"),
            format!("{k}=hidden\n${{HOST}}/:_authToken=new\n"),
        ),
        (
            "//reg.example/:_auth=eDp5\n//reg.example/:username=x\n".into(),
            format!("//reg.example/:_auth=eDp5\n//reg.example/:username=x\n{k}=new\n"),
        ),
        (
            "//reg.example:_authToken=wide\na=${V}\n".into(),
            format!("//reg.example:_authToken=wide\na=${{V}}\n{k}=new\n"),
        ),
    ];
    for (before, after) in cases {
        let home = at_reg()
            .env("V", "value of v")
            .env("HOST", "//reg.example")
            .user(&before);
        assert_eq!(store(&home, "new").as_deref(), Ok("~/.npmrc"), "{before:?}");
        assert_eq!(user(&home), after, "{before:?}");
        assert!(is_bearer(&home.load(), "new"), "{before:?}");
        assert_eq!(names(&home), [".npmrc"]);
    }
}

#[test]
fn a_value_is_written_as_npm_writes_it() {
    for (token, line) in [
        ("npm_abc", "npm_abc"),
        ("ab==", "\"ab==\""),
        ("a;b#c", r"a\;b\#c"),
        ("[a", "\"[a\""),
        ("\"a\"", r#""\"a\"""#),
        ("'a'", "\"'a'\""),
        ("a'b", "a'b"),
        ("eyJ.a-b_c/d+e", "eyJ.a-b_c/d+e"),
    ] {
        let home = at_reg().user("");
        store(&home, token).unwrap();
        assert_eq!(user(&home), format!("{KEY}={line}\n"));
        assert!(is_bearer(&home.load(), token), "{token}");

        let home = at_reg().user(format!("{KEY}=old ; note\n"));
        match store(&home, token) {
            Ok(_) => assert!(is_bearer(&home.load(), token), "{token}"),
            // Beside a note there are no quotes, and without them npm would read something else.
            Err(_) => assert_eq!(user(&home), format!("{KEY}=old ; note\n")),
        }
        assert!(user(&home).ends_with(" ; note\n"));
    }
}

#[test]
fn a_token_that_would_break_out_of_its_line_is_not_written() {
    for token in [
        "a\nregistry=https://evil.example/",
        "a\rb",
        "a b",
        "é",
        "",
        "a\0",
    ] {
        let home = at_reg().user("a=1\n");
        let said = store(&home, token).unwrap_err();
        assert!(said.what.as_str().contains("not written"), "{said}");
        assert_eq!(user(&home), "a=1\n");
    }
    // Words and places that mean something else to npm.
    for token in ["${HOME}", "null", "undefined"] {
        let home = at_reg().env("HOME", "x").user("a=1\n");
        let said = store(&home, token).unwrap_err();
        assert!(said.what.as_str().contains("nothing was written"), "{said}");
        assert!(
            !said.to_string().contains(token) || token == "true",
            "{said}"
        );
        assert_eq!(user(&home), "a=1\n");
    }
}

#[test]
fn p36_a_line_that_takes_its_token_from_a_variable_is_not_overwritten() {
    for variable in [
        "${NPM_TOKEN}",
        "\"${NPM_TOKEN}\"",
        "x${NPM_TOKEN?}",
        "${UNSET}",
    ] {
        let home = at_reg()
            .env("NPM_TOKEN", "canary")
            .user(format!("{KEY}={variable}\n"));
        let said = store(&home, "new").unwrap_err().to_string();
        let how = if variable.starts_with('x') {
            "makes the token of ${NPM_TOKEN} and of text beside it"
        } else {
            "takes the token from ${"
        };
        assert!(said.contains(&format!("~/.npmrc, line 1 {how}")), "{said}");
        assert!(!said.contains("canary"), "{said}");
        assert_eq!(user(&home), format!("{KEY}={variable}\n"));
    }
}

#[test]
fn nothing_is_written_that_npm_would_not_read() {
    let by_project = at_reg().user("a=1\n").project(format!("{KEY}=other\n"));
    let by_variable = at_reg()
        .user("a=1\n")
        .env("npm_config_//reg.example/:_authToken", "other");
    let off = at_reg().user("a=1\n").project(format!("{KEY}=false\n"));
    for (home, place) in [
        (by_project, "~/project/.npmrc, line 1 wins"),
        (off, "~/project/.npmrc, line 1 wins"),
        (
            by_variable,
            "the environment variable npm_config_//reg.example/:_authToken wins",
        ),
    ] {
        let said = store(&home, "new").unwrap_err().to_string();
        assert!(said.contains(place), "{said}");
        assert!(!said.contains("other"), "{said}");
        assert_eq!(user(&home), "a=1\n");
    }
    for list in [
        format!("{KEY}[]=one\n"),
        format!("{KEY}[]=one\n{KEY}=two\n"),
    ] {
        let home = at_reg().user(&list);
        let said = store(&home, "new").unwrap_err().to_string();
        assert!(said.contains("list"), "{said}");
        assert_eq!(user(&home), list);
    }
}

#[test]
fn the_file_is_the_one_that_npm_would_take() {
    let home = at_reg().env("NPM_CONFIG_USERCONFIG", "~/other.rc");
    assert_eq!(store(&home, "new").as_deref(), Ok("~/other.rc"));
    assert_eq!(names(&home), ["other.rc"]);

    let mut home = at_reg().env("npm_config_userconfig", "~/other.rc");
    home.userconfig = Some("mine.rc".into());
    assert_eq!(store(&home, "new").as_deref(), Ok("~/project/mine.rc"));
    assert!(is_bearer(&home.load(), "new"));

    let home = at_reg();
    let registry = "https://reg.example:4873/npm/x/".parse().unwrap();
    npmrc::store(&home.inputs(), &registry, &"new".into()).unwrap();
    assert_eq!(user(&home), "//reg.example:4873/npm/x/:_authToken=new\n");

    // The home folder is the project, too: one file.
    let mut home = at_reg();
    home.cwd = home.home();
    store(&home, "new").unwrap();
    assert!(is_bearer(&home.load(), "new"));
}

#[test]
fn p35_the_mode_stays_and_a_new_file_is_its_owners_alone() {
    for before in [0o600, 0o644, 0o640, 0o660, 0o700] {
        let home = at_reg().user(format!("{KEY}=old\n"));
        let path = home.path("home/.npmrc");
        set_mode(&path, before);
        store(&home, "new").unwrap();
        assert_eq!(mode(&path), before);
        remove(&home, "new");
        assert_eq!((mode(&path), user(&home).as_str()), (before, ""));
    }
    let home = at_reg();
    store(&home, "new").unwrap();
    assert_eq!(mode(&home.path("home/.npmrc")), 0o600);
}

#[test]
fn p35_a_link_stays_and_the_file_behind_it_is_edited() {
    let home = at_reg().file("dotfiles/npmrc", "a=1\n");
    let (link, behind) = (home.path("home/.npmrc"), home.path("dotfiles/npmrc"));
    symlink("../dotfiles/hop", &link).unwrap();
    symlink("npmrc", home.path("dotfiles/hop")).unwrap();
    set_mode(&behind, 0o640);
    store(&home, "new").unwrap();
    assert!(link.is_symlink() && home.path("dotfiles/hop").is_symlink());
    assert_eq!(
        fs::read_to_string(&behind).unwrap(),
        format!("a=1\n{KEY}=new\n")
    );
    assert_eq!(mode(&behind), 0o640);
    assert_eq!(names(&home), [".npmrc"]);
    assert_eq!(fs::read_dir(home.path("dotfiles")).unwrap().count(), 2);
    assert_eq!(remove(&home, "new"), Forgotten::File("~/.npmrc".into()));
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&behind).unwrap(), "a=1\n");

    fs::remove_file(&behind).unwrap();
    let said = store(&home, "new").unwrap_err();
    assert!(said.what.as_str().contains("link to a file"), "{said}");
    assert!(!behind.exists());
}

#[test]
fn what_cannot_be_written_is_left_as_it_is_and_says_why() {
    let token = format!("{KEY}=old\n");
    let folder = at_reg().user(&token);
    set_mode(&folder.home(), 0o500);
    // Root may write there all the same.
    let may = fs::write(folder.home().join("probe"), "").is_ok();
    let said = store(&folder, "new");
    let kept = remove(&folder, "old");
    set_mode(&folder.home(), 0o700);
    if !may {
        assert!(said.unwrap_err().what.as_str().contains("may not write"));
        let Forgotten::Remains(place, why) = kept else {
            panic!("{kept:?}")
        };
        assert_eq!(place.as_str(), "~/.npmrc, line 1");
        assert!(why.what.as_str().contains("may not write"), "{why}");
        assert_eq!(user(&folder), token);
    }

    let file = at_reg().user(&token);
    set_mode(&file.path("home/.npmrc"), 0o400);
    let said = store(&file, "new").unwrap_err();
    assert!(said.what.as_str().contains("write-protected"), "{said}");
    assert!(matches!(remove(&file, "old"), Forgotten::Remains(..)));
    assert_eq!(user(&file), token);

    let mut none = at_reg();
    none.userconfig = Some("/dev/null".into());
    let said = store(&none, "new").unwrap_err();
    assert!(said.what.as_str().contains("not a plain file"), "{said}");
    none.userconfig = Some("not/there/npmrc".into());
    let said = store(&none, "new").unwrap_err();
    assert!(said.what.as_str().contains("does not exist"), "{said}");
}

#[test]
fn a_token_is_taken_out_of_every_line_that_gives_it_to_this_registry() {
    let k = KEY;
    let cases = [
        (format!("{k}=old\n"), String::new()),
        (format!("a=1\n{k}=old"), "a=1\n".into()),
        (format!("a=1\r\n{k} = \"old\" \r\nb=2"), "a=1\r\nb=2".into()),
        (
            format!("{k}=old\n; a note\n{k}=old\n//reg.example:_authToken=old\n"),
            "; a note\n".into(),
        ),
        // Other registries, other keys, and other values are none of ours.
        (
            format!("//other.example/:_authToken=old\n{k}=else\n{k}=old\nx=old\n"),
            format!("//other.example/:_authToken=old\n{k}=else\nx=old\n"),
        ),
        (
            format!("{k}=old\n[s]\n{k}=old\n"),
            format!("[s]\n{k}=old\n"),
        ),
        (
            format!("\u{feff}{k}=old\r\n[s]\r\n"),
            "\u{feff}\r\n[s]\r\n".into(),
        ),
    ];
    for (before, after) in cases {
        let home = at_reg().user(&before);
        assert_eq!(
            remove(&home, "old"),
            Forgotten::File("~/.npmrc".into()),
            "{before:?}"
        );
        assert_eq!(user(&home), after, "{before:?}");
        assert_eq!(names(&home), [".npmrc"]);
    }
    let both = at_reg()
        .user(format!("{KEY}=old\n"))
        .project(format!("a=1\n{KEY}=old\n"));
    assert_eq!(
        remove(&both, "old"),
        Forgotten::File("~/project/.npmrc and ~/.npmrc".into())
    );
    assert_eq!(sent(&both.load()), "none");
}

#[test]
fn a_token_that_stands_nowhere_was_this_programs_alone() {
    let home = at_reg().user(format!("{KEY}=else\n"));
    assert_eq!(remove(&home, "old"), Forgotten::Session);
    assert_eq!(user(&home), format!("{KEY}=else\n"));
    assert_eq!(remove(&at_reg(), "old"), Forgotten::Session);
}

#[test]
fn a_file_that_cannot_be_read_is_not_said_to_be_without_the_token() {
    let home = at_reg();
    fs::create_dir(home.path("home/.npmrc")).unwrap();
    let Forgotten::Remains(place, why) = remove(&home, "old") else {
        panic!("nobody knows that")
    };
    assert_eq!(place.as_str(), "~/.npmrc, as far as is known");
    assert!(why.what.as_str().contains("is a folder"), "{why}");
    // It was found where it was read from.
    let home = at_reg().project(format!("{KEY}=old\n"));
    fs::create_dir(home.path("home/.npmrc")).unwrap();
    assert_eq!(
        remove(&home, "old"),
        Forgotten::File("~/project/.npmrc".into())
    );
}

#[test]
fn a_registry_is_found_again_by_its_name() {
    for address in [
        "https://reg.example/",
        "https://reg.example:8443/a/b/",
        "http://127.0.0.1:4873/",
        "http://[::1]:4873/npm/",
    ] {
        let address: Url = address.parse().unwrap();
        let name = npmrc::registry_name(&address);
        assert_eq!(npmrc::registry_named(&name), Some(address));
    }
}

#[test]
fn p36_a_token_from_a_variable_remains_and_the_place_is_named() {
    let line = format!("{KEY}=${{NPM_TOKEN}}\n");
    let by_line = at_reg().env("NPM_TOKEN", "stale").user(&line);
    let by_name = at_reg()
        .user("")
        .env("npm_config_//reg.example/:_authToken", "stale");
    for (home, expected) in [
        (&by_line, "~/.npmrc, line 1, from ${NPM_TOKEN}"),
        (
            &by_name,
            "the environment variable npm_config_//reg.example/:_authToken",
        ),
    ] {
        let Forgotten::Remains(place, why) = remove(home, "stale") else {
            panic!("it is still there")
        };
        assert_eq!(place.as_str(), expected);
        assert!(
            why.next.as_str().starts_with("Remove the variable"),
            "{why}"
        );
        assert!(!why.to_string().contains("stale"), "{why}");
    }
    assert_eq!(user(&by_line), line);
}

#[test]
fn p01_no_failure_tells_a_token() {
    let home = at_reg()
        .env("V", "canary1")
        .user(format!("{KEY}=${{V}}\n"))
        .project(format!("{KEY}=canary2\n"));
    let said = [
        format!("{:?}", store(&home, "canary3")),
        format!("{:?}", remove(&home, "canary1")),
        format!("{:?}", remove(&home, "canary2")),
    ];
    assert!(said.iter().all(|said| !said.contains("canary")), "{said:?}");
}

/// Lines of every kind that npm tells apart; many of them about the key.
pub(crate) fn a_line() -> impl Strategy<Value = Vec<u8>> {
    let about_the_key = prop::sample::select(vec![
        "//reg.example/:_authToken=old",
        "  //reg.example/:_authToken = \"old==\" ",
        "//reg.example/:_authToken=old ; note",
        "//reg.example/:_authToken='old'",
        "//reg.example/:_authToken=\"old",
        "//reg.example/:_authToken",
        "//reg.example/:_authToken=",
        "//reg.example/:_authToken[]=old",
        "//reg.example/:_authToken=${V}",
        "//reg.example/:_authToken=${UNSET}",
        "\"//reg.example/:_authToken\"=old",
        "${HOST}/:_authToken=old",
        "//reg.example/:_auth=eDp5",
        "//reg.example:_authToken=wide",
    ]);
    let others = prop::sample::select(vec![
        "",
        " \t",
        "; comment = 1",
        "# comment",
        "[section]",
        "[a]=b",
        "=odd",
        "always-auth=${V}",
        "//other.example/:_authToken=npm_other",
        "email=a@b.example",
        "k[]=1",
        "k=it's",
    ]);
    prop_oneof![
        2 => about_the_key.prop_map(|line| line.as_bytes().to_vec()),
        3 => others.prop_map(|line| line.as_bytes().to_vec()),
        1 => "[ -~\u{a0}\u{2028}é]{0,12}".prop_map(String::into_bytes),
        1 => prop::collection::vec(prop::num::u8::ANY.prop_filter("no line end", |b| !b"\r\n".contains(b)), 0..6),
    ]
}

pub(crate) fn a_document() -> impl Strategy<Value = Vec<u8>> {
    let end = prop::sample::select(vec!["\n", "\n", "\r\n", "\r"]);
    let lines = prop::collection::vec((a_line(), end), 0..8);
    (any::<bool>(), lines, any::<bool>()).prop_map(|(mark, lines, ended)| {
        let mut bytes = if mark {
            "\u{feff}".as_bytes().to_vec()
        } else {
            Vec::new()
        };
        let last = lines.len();
        for (n, (line, end)) in lines.into_iter().enumerate() {
            bytes.extend_from_slice(&line);
            if ended || n + 1 < last {
                bytes.extend_from_slice(end.as_bytes());
            }
        }
        bytes
    })
}

/// How many bytes both begin with, and how many both end with, without counting one twice.
pub(crate) fn around(a: &[u8], b: &[u8]) -> (usize, usize) {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(rest);
    (head, tail.take_while(|(a, b)| a == b).count())
}

fn lines(bytes: &[u8]) -> usize {
    Document::parse(bytes).lines().count()
}

proptest! {
    #[test]
    fn p35_whatever_the_file_is_only_the_token_changes(
        before in a_document(),
        mode_before in prop::sample::select(vec![0o600, 0o644, 0o640]),
        linked: bool,
        token in prop_oneof!["npm_[a-zA-Z0-9]{36}", "[!-~]{1,20}"],
    ) {
        let home = at_reg().env("V", "v").env("HOST", "//reg.example").file("real", &before);
        let (path, real) = (home.path("home/.npmrc"), home.path("real"));
        if linked {
            symlink(&real, &path).unwrap();
        } else {
            fs::rename(&real, &path).unwrap();
        }
        set_mode(&path, mode_before);
        let said = store(&home, &token);
        let after = fs::read(&path).unwrap();
        prop_assert_eq!(mode(&path), mode_before);
        prop_assert_eq!(path.is_symlink(), linked);
        prop_assert_eq!(names(&home), [".npmrc"]);
        if said.is_err() {
            prop_assert_eq!(after, before);
            return Ok(());
        }
        prop_assert!(is_bearer(&home.load(), &token));

        // What went was part of one line's value or nothing, and what came holds the token.
        let (head, tail) = around(&before, &after);
        let gone = &before[head..before.len() - tail];
        prop_assert!(!gone.iter().any(|b| b"\r\n".contains(b)), "{gone:?}");
        prop_assert!(!gone.windows(2).any(|two| two == b"//" || two == b" ;"), "{gone:?}");
        prop_assert!(lines(&after) - lines(&before) <= 1);

        // And out again: the line is gone, and nothing else.
        if token != "old" && token != "v" && token != "wide" {
            prop_assert_eq!(remove(&home, &token), Forgotten::File("~/.npmrc".into()));
            let left = fs::read(&path).unwrap();
            prop_assert!(!is_bearer(&home.load(), &token));
            prop_assert!(lines(&left) <= lines(&before).max(1));
            prop_assert_eq!((mode(&path), path.is_symlink()), (mode_before, linked));
        }
    }
}

#[test]
fn a_secret_is_what_goes_in() {
    // The signature is the promise: neither function takes a plain text for a token.
    let _: fn(&npmrc::Inputs, &Url, &Secret<String>) -> Result<Forgotten, Failure> = npmrc::remove;
}
