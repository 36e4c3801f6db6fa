//! What can be mended in a file of the configuration: previewed, done to what was previewed, and nothing else changes.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use npm_warden::domain::failure::Failure;
use npm_warden::domain::identity::CredentialKind;
use npm_warden::domain::machine::{CredentialId, Fix, FixPreview, Form, LocalCredential, Rank};
use npm_warden::domain::text::Text;
use npm_warden::npmrc::{self, Survey};
use proptest::prelude::*;

use crate::home::Home;

const LONG: &str = "npm_canaryAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const OTHER: &str = "npm_canaryBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

fn at_reg() -> Home {
    Home::new().registry("https://reg.example")
}

fn survey(home: &Home) -> Survey {
    npmrc::survey(&home.inputs())
}

fn preview(home: &Home, fix: &Fix) -> Result<FixPreview, Failure> {
    npmrc::preview(&home.inputs(), fix)
}

fn apply(home: &Home, preview: &FixPreview) -> Result<(), Failure> {
    npmrc::apply(&home.inputs(), preview)
}

/// The id of the credential on this line of the person's file.
fn on_line(home: &Home, line: usize) -> CredentialId {
    let path = home.path("home/.npmrc");
    let all = survey(home).machine.credentials;
    let mut ids = all.into_iter().map(|local| local.id);
    ids.find(|id| id.line == line && id.path.as_deref() == Some(&path))
        .unwrap()
}

fn to_variable(home: &Home, line: usize) -> Fix {
    Fix::ToVariable {
        id: on_line(home, line),
        name: "NPM_TOKEN".to_owned(),
    }
}

fn user(home: &Home) -> String {
    fs::read_to_string(home.path("home/.npmrc")).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn warnings(preview: &FixPreview) -> String {
    let all: Vec<_> = preview.warnings.iter().map(Text::as_str).collect();
    all.join("\n")
}

#[test]
fn p35_a_mode_is_tightened_on_the_file_itself_and_never_widened() {
    for (before, after) in [
        (0o644, 0o600),
        (0o666, 0o600),
        (0o640, 0o600),
        (0o755, 0o600),
        (0o604, 0o600),
        (0o444, 0o400),
        (0o700, 0o600),
    ] {
        let home = at_reg().file(
            "home/dotfiles/npmrc",
            format!("//reg.example/:_authToken={LONG}"),
        );
        let (path, real) = (home.path("home/.npmrc"), home.path("home/dotfiles/npmrc"));
        symlink(&real, &path).unwrap();
        set_mode(&real, before);
        let fix = Fix::Tighten(path.clone());
        let previewed = preview(&home, &fix).unwrap();
        assert_eq!(mode(&real), before, "a preview changes nothing");
        assert_eq!(
            (previewed.before.to_string(), previewed.after.to_string()),
            (format!("mode {before:o}"), format!("mode {after:o}"))
        );
        assert!(
            warnings(&previewed).contains("~/.npmrc is a link: what changes is ~/dotfiles/npmrc.")
        );
        apply(&home, &previewed).unwrap();
        assert_eq!(mode(&real), after);
        assert!(path.is_symlink());
        // It is done: there is nothing more to do, and the old preview is no longer of this file.
        assert!(preview(&home, &fix).is_err());
        assert!(apply(&home, &previewed).is_err());
        assert_eq!(mode(&real), after);
    }
}

#[test]
fn only_files_of_the_configuration_that_are_the_persons_are_tightened() {
    let home = at_reg().user("a=1\n").file("home/other", "b=1\n");
    let other = home.path("home/other");
    set_mode(&other, 0o644);
    let said = preview(&home, &Fix::Tighten(other.clone())).unwrap_err();
    assert_eq!(
        said.what.as_str(),
        "That is no file of the npm configuration."
    );
    // Absent, or no file of anybody's.
    assert!(preview(&home, &Fix::Tighten(home.path("home/project/.npmrc"))).is_err());
    let mut home = home;
    home.userconfig = Some("/dev/null".into());
    assert!(preview(&home, &Fix::Tighten("/dev/null".into())).is_err());
    // Of another user. Only root can make such a file.
    let path = home.path("home/.npmrc");
    home.userconfig = None;
    set_mode(&path, 0o644);
    if std::os::unix::fs::chown(&path, Some(12345), None).is_ok() {
        let said = preview(&home, &Fix::Tighten(path.clone())).unwrap_err();
        assert!(
            said.what.as_str().contains("belongs to another user"),
            "{said}"
        );
        assert_eq!(mode(&path), 0o644);
    }
}

#[test]
fn p36_a_variable_takes_the_secrets_place_and_the_preview_shows_neither() {
    let cases = [
        (
            "//reg.example/:_authToken=SECRET\n",
            "//reg.example/:_authToken=${NPM_TOKEN}\n",
        ),
        (
            "\u{feff}  //reg.example/:_authToken  =  \"SECRET\"  \r\na=1",
            "\u{feff}  //reg.example/:_authToken  =  ${NPM_TOKEN}  \r\na=1",
        ),
        (
            "//reg.example/:_authToken=SECRET ; mine\n",
            "//reg.example/:_authToken=${NPM_TOKEN} ; mine\n",
        ),
        (
            "'//reg.example/:_authToken'='SECRET'",
            "'//reg.example/:_authToken'=${NPM_TOKEN}",
        ),
        (
            "//reg.example/:_auth=SECRET\n",
            "//reg.example/:_auth=${NPM_TOKEN}\n",
        ),
        (
            "//reg.example/:_password=SECRET\n//reg.example/:username=u\n",
            "//reg.example/:_password=${NPM_TOKEN}\n//reg.example/:username=u\n",
        ),
    ];
    for (before, after) in cases {
        let home = at_reg().user(before.replace("SECRET", LONG));
        let previewed = preview(&home, &to_variable(&home, 1)).unwrap();
        assert!(
            !format!("{previewed:?}").contains("canaryA"),
            "{previewed:?}"
        );
        let first = |text: &str| {
            let line = text.lines().next().unwrap();
            let blanks = line.len() - line.trim_end_matches(' ').len();
            let line = line.trim_end_matches(' ').replace('\u{feff}', "<U+FEFF>");
            Text::new(&(line + &"␠".repeat(blanks)))
        };
        assert_eq!(previewed.after, first(after), "the bytes that are written");
        let shown = if before.contains("_authToken") {
            "npm_cana\u{2026}"
        } else {
            "••••"
        };
        assert_eq!(previewed.before, first(&before.replace("SECRET", shown)));
        assert!(warnings(&previewed).contains(
            "${NPM_TOKEN} is not set here: until it is, npm is signed out of reg.example."
        ));
        assert!(warnings(&previewed).contains("the only place here that holds the value"));
        apply(&home, &previewed).unwrap();
        assert_eq!(user(&home), after);
        let local = &survey(&home).machine.credentials[0];
        let name = vec!["${NPM_TOKEN}".into()];
        assert_eq!(
            local.form,
            Form::Variable {
                names: name.clone(),
                unset: name
            }
        );
        // Set, it signs in as before.
        let home = home.env("NPM_TOKEN", LONG);
        let now = survey(&home).machine.credentials;
        let line = now.iter().find(|local| local.id.path.is_some()).unwrap();
        assert_eq!((&line.rank, line.in_use), (&Rank::Wins, true));
    }
}

#[test]
fn p36_the_line_is_shown_as_it_stands_but_for_every_secret_in_it() {
    let uuid = "0c9a1f52-1c1e-4b2f-9d2c-canary000001";
    for (line, shown) in [
        // What stands behind the value stays, and so do its secrets.
        (
            format!("//reg.example/:_authToken = {LONG} ; was {OTHER}, mine"),
            "//reg.example/:_authToken = npm_cana\u{2026} ; was npm_••••, mine",
        ),
        (
            format!("//reg.example/:_authToken={LONG} # old {uuid} of CI"),
            "//reg.example/:_authToken=npm_cana\u{2026} # old •••• of CI",
        ),
        (
            format!("//reg.example/:_authToken={LONG} ; pw=canary https://a:canary@b.example/x"),
            "//reg.example/:_authToken=npm_cana\u{2026} ; pw=•••• https://••••@b.example/x",
        ),
        (
            "//reg.example/:_authToken=canaryshort ; not canaryshort!".to_owned(),
            "//reg.example/:_authToken=•••• ; not ••••!",
        ),
        // A comment as it was written, and a token without a key with what stands around it.
        (
            format!("#  //reg.example/:_authToken = {LONG}"),
            "#  //reg.example/:_authToken = npm_cana\u{2026}",
        ),
        (
            format!("; the old one: {LONG} and {OTHER}"),
            "; the old one: npm_cana\u{2026} and npm_••••",
        ),
        (
            format!("'tokens' = 'bearer {LONG}'"),
            "'tokens' = 'bearer npm_cana\u{2026}'",
        ),
        (
            format!("\"//reg.example/:_authToken\"=\"{LONG}\""),
            "\"//reg.example/:_authToken\"=\"npm_cana\u{2026}\"",
        ),
        (
            "//reg.example/:_authToken=\"${NPM_TOKEN}\"".to_owned(),
            "//reg.example/:_authToken=\"${NPM_TOKEN}\"",
        ),
    ] {
        let home = at_reg().user(format!("{line}\n"));
        let previewed = preview(&home, &Fix::Remove(on_line(&home, 1))).unwrap();
        let told = format!("{previewed:?}").replace("npm_cana\u{2026}", "");
        assert!(!told.contains("cana"), "{told}");
        assert_eq!(previewed.before.as_str(), shown, "{line}");
    }
}

#[test]
fn p35_a_preview_shows_every_byte_also_those_that_are_not_seen() {
    for (line, before, after) in [
        (
            format!("  //reg.example/:_authToken = {LONG}  "),
            "␠␠//reg.example/:_authToken = npm_cana…␠␠",
            "␠␠//reg.example/:_authToken = ${NPM_TOKEN}␠␠",
        ),
        (
            format!("\t//reg.example/:_authToken\t=\t\t{LONG} \t"),
            "␉//reg.example/:_authToken␉=␉␉npm_cana… ␉",
            "␉//reg.example/:_authToken␉=␉␉${NPM_TOKEN} ␉",
        ),
        (
            format!("//reg.example/:_authToken={LONG} ; a\u{200b}b\u{a0}c\u{1b}[1m"),
            "//reg.example/:_authToken=npm_cana… ; a<U+200B>b<U+00A0>c<U+001B>[1m",
            "//reg.example/:_authToken=${NPM_TOKEN} ; a<U+200B>b<U+00A0>c<U+001B>[1m",
        ),
        (
            format!("\u{feff}//reg.example/:_authToken={LONG}"),
            "<U+FEFF>//reg.example/:_authToken=npm_cana…",
            "<U+FEFF>//reg.example/:_authToken=${NPM_TOKEN}",
        ),
        (
            format!("//reg.example/:_authToken={LONG}"),
            "//reg.example/:_authToken=npm_cana…",
            "//reg.example/:_authToken=${NPM_TOKEN}",
        ),
    ] {
        for end in ["\n", "\r\n", ""] {
            let home = at_reg().user(format!("{line}{end}"));
            let previewed = preview(&home, &to_variable(&home, 1)).unwrap();
            assert_eq!(previewed.before.as_str(), before);
            assert_eq!(previewed.after.as_str(), after);
            let told = warnings(&previewed);
            assert_eq!(
                told.contains("␠ is a blank"),
                before.contains('␠'),
                "{told}"
            );
            assert_eq!(told.contains("␉ "), before.contains('␉'), "{told}");
            let taken = preview(&home, &Fix::Remove(on_line(&home, 1))).unwrap();
            assert_eq!(taken.before.as_str(), before);
        }
    }
}

#[test]
fn what_the_variable_holds_is_told_before() {
    let line = format!("//reg.example/:_authToken={LONG}\n");
    let home = at_reg().user(&line).env("NPM_TOKEN", LONG);
    let previewed = preview(&home, &to_variable(&home, 1)).unwrap();
    assert_eq!(
        warnings(&previewed),
        "The same value stands in $NPM_TOKEN, too."
    );
    let home = at_reg().user(&line).env("NPM_TOKEN", OTHER);
    let previewed = preview(&home, &to_variable(&home, 1)).unwrap();
    assert!(warnings(&previewed).starts_with(
        "${NPM_TOKEN} holds another value than this line, and npm uses that one from then on.\n\
         This line is the only place here that holds the value"
    ));
    assert!(
        !format!("{previewed:?}").contains("canary_"),
        "{previewed:?}"
    );
}

#[test]
fn a_name_that_is_none_is_refused_and_not_quoted() {
    let home = at_reg().user(format!("//reg.example/:_authToken={LONG}\n"));
    for name in [
        "",
        "1A",
        "A-B",
        "A B",
        "${A}",
        "A}\nregistry=https://evil.example/",
        "é",
        LONG,
        "npm_config_registry",
        "NPM_CONFIG__AUTH",
    ] {
        let said = preview(
            &home,
            &Fix::ToVariable {
                id: on_line(&home, 1),
                name: name.to_owned(),
            },
        )
        .unwrap_err();
        assert!(
            !said.to_string().contains("canary") && !said.to_string().contains("evil"),
            "{said}"
        );
    }
    assert!(!user(&home).contains('$'));
}

#[test]
fn where_a_variable_is_of_no_use_none_is_put() {
    for line in [
        "//reg.example/:_authToken=${A}".to_owned(),
        format!("//reg.example/:_authToken[]={LONG}"),
        format!("; //reg.example/:_authToken={LONG}"),
        format!("token={LONG}"),
        LONG.to_owned(),
    ] {
        let home = at_reg().user(&line);
        let said = preview(&home, &to_variable(&home, 1)).unwrap_err();
        assert!(!said.to_string().contains("canary"), "{said}");
        assert_eq!(user(&home), line);
    }
    let home = at_reg().env("NPM_TOKEN", LONG);
    let id = survey(&home).machine.credentials[0].id.clone();
    for fix in [
        Fix::Remove(id.clone()),
        Fix::ToVariable {
            id,
            name: "A".to_owned(),
        },
    ] {
        let said = preview(&home, &fix).unwrap_err();
        assert!(
            said.what.as_str().starts_with("$NPM_TOKEN is a variable"),
            "{said}"
        );
    }
}

#[test]
fn a_line_is_taken_out_and_what_counts_then_is_told() {
    let before = format!(
        "; head\n//reg.example/:_authToken={LONG}\na=1\n//reg.example:_authToken={OTHER}\n# {LONG}\n[s]\n//reg.example/:_auth=below"
    );
    let home = at_reg().user(&before);
    let previewed = preview(&home, &Fix::Remove(on_line(&home, 2))).unwrap();
    assert_eq!(
        previewed.before.as_str(),
        "//reg.example/:_authToken=npm_cana\u{2026}"
    );
    assert_eq!(previewed.after.as_str(), "");
    assert_eq!(
        warnings(&previewed),
        "The token goes on living at the registry: revoke it there as well, unless it is used elsewhere.\n\
         npm uses ~/.npmrc, line 4 for reg.example then.\n\
         The same value stands in ~/.npmrc, line 5, too."
    );
    apply(&home, &previewed).unwrap();
    let line = format!("//reg.example/:_authToken={LONG}\n");
    let without = before.replacen(&line, "", 1);
    assert_eq!(user(&home), without);
    // The next one: nobody is signed in then.
    let previewed = preview(&home, &Fix::Remove(on_line(&home, 3))).unwrap();
    assert!(warnings(&previewed).contains("npm is signed out of reg.example then."));
    // What npm does not read goes as well: a comment, and a line below a section.
    let comment = preview(&home, &Fix::Remove(on_line(&home, 4))).unwrap();
    assert_eq!(comment.before.as_str(), "# npm_cana\u{2026}");
    apply(&home, &comment).unwrap();
    let below = preview(&home, &Fix::Remove(on_line(&home, 5))).unwrap();
    assert_eq!(below.before.as_str(), "//reg.example/:_auth=••••");
    apply(&home, &below).unwrap();
    assert_eq!(
        user(&home),
        format!("; head\na=1\n//reg.example:_authToken={OTHER}\n[s]\n")
    );
}

#[test]
fn p21_the_variable_that_is_suggested_serves_no_other_registry() {
    let suggested = |home: &Home, line| survey(home).machine.free_variable(&on_line(home, line));
    let own = format!("//reg.example/:_authToken={LONG}\n");
    for (more, name) in [
        ("", "NPM_TOKEN"),
        ("//other.example/:_authToken=${OTHER}\n", "NPM_TOKEN"),
        ("//reg.example:_authToken=${NPM_TOKEN}\n", "NPM_TOKEN"),
        (
            "//reg.example/:_auth=${NPM_TOKEN}\n",
            "NPM_TOKEN_REG_EXAMPLE",
        ),
        (
            "//other.example/:_authToken=${NPM_TOKEN}\n",
            "NPM_TOKEN_REG_EXAMPLE",
        ),
        (
            "//other.example/:_authToken=${NPM_TOKEN}${NPM_TOKEN_REG_EXAMPLE}\n",
            "NPM_TOKEN_2",
        ),
    ] {
        let home = at_reg().user(format!("{own}{more}"));
        assert_eq!(suggested(&home, 1), name, "{more}");
        preview(
            &home,
            &Fix::ToVariable {
                id: on_line(&home, 1),
                name: suggested(&home, 1),
            },
        )
        .unwrap();
    }
    // What is set already may be this very token, or another.
    let home = at_reg().env("NPM_TOKEN", LONG).user(&own);
    assert_eq!(suggested(&home, 1), "NPM_TOKEN");
    let home = at_reg()
        .env("NPM_TOKEN", "another-one-0123456789")
        .user(&own);
    assert_eq!(suggested(&home, 1), "NPM_TOKEN_REG_EXAMPLE");
}

#[test]
fn p36_a_proxys_password_takes_a_variable_and_can_be_taken_out() {
    let home = at_reg().user("; mine\r\nhttps-proxy = http://me:canary@proxy.example:1 ; corp\r\n");
    let id = on_line(&home, 2);
    let name = survey(&home).machine.free_variable(&id);
    assert_eq!(name, "NPM_PROXY");
    let put = preview(
        &home,
        &Fix::ToVariable {
            id: id.clone(),
            name,
        },
    )
    .unwrap();
    assert!(
        warnings(&put)
            .contains("${NPM_PROXY} is not set here: until it is, npm goes without this proxy.")
    );
    let out = preview(&home, &Fix::Remove(id)).unwrap();
    assert!(warnings(&out).contains("The password goes on being good at the proxy"));
    assert!(!format!("{put:?}{out:?}").contains("canary"));
    apply(&home, &put).unwrap();
    assert_eq!(
        user(&home),
        "; mine\r\nhttps-proxy = ${NPM_PROXY} ; corp\r\n"
    );
}

#[test]
fn what_npm_refuses_is_taken_out_and_takes_no_variable() {
    let home = at_reg().user(format!(
        "//reg.example/:_authToken={LONG}\n_authToken={OTHER}\n_auth=dTpw\n"
    ));
    let said = preview(&home, &to_variable(&home, 2)).unwrap_err();
    assert!(
        said.what.as_str().contains("npm refuses every command"),
        "{said}"
    );
    let first = preview(&home, &Fix::Remove(on_line(&home, 2))).unwrap();
    assert!(
        warnings(&first).contains("npm goes on refusing every command then, for ~/.npmrc, line 3."),
        "{}",
        warnings(&first)
    );
    let used = preview(&home, &Fix::Remove(on_line(&home, 1))).unwrap();
    assert!(
        warnings(&used).contains("for ~/.npmrc, line 2 and ~/.npmrc, line 3."),
        "{}",
        warnings(&used)
    );
    apply(&home, &first).unwrap();
    let last = preview(&home, &Fix::Remove(on_line(&home, 2))).unwrap();
    assert!(
        warnings(&last).contains("without it, it works again"),
        "{}",
        warnings(&last)
    );
}

#[test]
fn p35_a_file_that_changed_since_the_preview_is_left_alone() {
    let line = format!("//reg.example/:_authToken={LONG}\n");
    for (fix, change) in [
        ("to-variable", "content"),
        ("remove", "mode"),
        ("remove", "gone"),
        ("tighten", "content"),
    ] {
        let home = at_reg().user(&line);
        let path = home.path("home/.npmrc");
        set_mode(&path, 0o644);
        let fix = match fix {
            "to-variable" => to_variable(&home, 1),
            "remove" => Fix::Remove(on_line(&home, 1)),
            _ => Fix::Tighten(path.clone()),
        };
        let previewed = preview(&home, &fix).unwrap();
        match change {
            "content" => fs::write(&path, format!("{line}a=1\n")).unwrap(),
            "gone" => fs::write(&path, "a=1\n").unwrap(),
            _ => set_mode(&path, 0o640),
        }
        let (then, mode_then) = (user(&home), mode(&path));
        let said = apply(&home, &previewed).unwrap_err();
        assert!(
            said.what
                .as_str()
                .contains("was changed by another program"),
            "{fix:?} {change}: {said}"
        );
        assert_eq!((user(&home), mode(&path)), (then, mode_then));
    }
}

#[test]
fn p35_a_protected_file_is_left_alone() {
    let line = format!("//reg.example/:_authToken={LONG}\n");
    let home = at_reg().user(&line);
    set_mode(&home.path("home/.npmrc"), 0o400);
    let previewed = preview(&home, &to_variable(&home, 1)).unwrap();
    let said = apply(&home, &previewed).unwrap_err();
    assert!(said.what.as_str().contains("write-protected"), "{said}");
    assert_eq!(user(&home), line);
}

/// A line of a file, in parts: what stands before a value, the value, what stands behind.
#[derive(Clone, Debug)]
struct Part {
    head: String,
    value: String,
    tail: String,
}

impl Part {
    fn whole(&self) -> String {
        format!("{}{}{}", self.head, self.value, self.tail)
    }
}

fn an_end() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["\n", "\r\n", "\n\n", "\r\n\r\n"]).prop_map(str::to_owned)
}

/// A credential, with what it is worth by itself.
fn a_credential() -> impl Strategy<Value = Part> {
    let key = prop::sample::select(vec![
        "//reg.example/:_authToken",
        "//reg.example:_authToken",
        "//reg.example/:_auth",
        "//reg.example/:_password",
        "//other.example/npm/:_authToken",
        "\"//reg.example/:_authToken\"",
        "'//third.example/:_authToken'",
        "//${HOST}/:_authToken",
        "_authToken",
        "https://reg.example/:_authToken",
        "//reg.example/:_authToken[]",
        "//REG.example/:_authToken",
        "//reg.example:443/a/b:_authToken",
        "//reg.example/:_authtoken",
        "//reg.example/:certfile",
        "//${GONE?}reg.example/:_authToken",
        "@corp:_authToken",
        "https-proxy",
    ]);
    let value = prop::sample::select(vec![
        "npm_canary0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "\"npm_canary1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
        "'npm_canary2AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'",
        "\"YTpjYW5hcnk=\"",
        "canary\\;a\\#b",
        "canary\\${ESCAPED}",
        "${SET}",
        "${UNSET}",
        "npm_${SET}",
        "${SET?}",
        "${UNSET?}",
        "${UNSET-}",
        "${UNSET:-canary-default}",
        "\"${SET}\"",
        "'npm_${UNSET}'",
        "\\\\${SET}",
        "$SET",
        "\"npm_canary3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "http://canary:canary@proxy.example:8080",
        "canary-é",
        "",
    ]);
    (
        prop::sample::select(vec!["", " ", "\t", "  "]),
        key,
        prop::sample::select(vec!["=", " = ", "\t=", "=  "]),
        value,
        prop::sample::select(vec!["", " ", " ; note", " # a=b", "\t;"]),
        an_end(),
    )
        .prop_map(|(indent, key, sign, value, note, end)| {
            // Quotes count only where nothing follows.
            let note = if value.starts_with(['"', '\'']) {
                note.trim_end_matches(|c| c != ' ')
            } else {
                note
            };
            Part {
                head: format!("{indent}{key}{sign}"),
                value: value.to_owned(),
                tail: format!("{note}{end}"),
            }
        })
}

fn another_line() -> impl Strategy<Value = Part> {
    let text = prop::sample::select(vec![
        "",
        "; a comment",
        "# //reg.example/:_authToken=example",
        "registry=https://reg.example/",
        "//reg.example/:username=u",
        "ca[]=one",
        "ca[]=\"two\"",
        "omit[]=dev",
        "a = b ; c",
        "just-a-key",
        "=no key",
        "é=ü",
        "x=\"unclosed",
        "@corp:registry=https://other.example/npm/",
        "[section]",
        "//reg.example/:keyfile=/of/a/key.pem",
        "//reg.example/:username = \"u\"",
        "  ; indented",
        "\t",
        "; npm_canary4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "email=a@b.example",
    ]);
    (text, an_end()).prop_map(|(text, end)| Part {
        head: text.to_owned(),
        value: String::new(),
        tail: end,
    })
}

fn a_file() -> impl Strategy<Value = (bool, Vec<Part>)> {
    let line = prop_oneof![2 => a_credential(), 3 => another_line()];
    let lines = prop::collection::vec(line, 1..9);
    (any::<bool>(), lines, any::<bool>(), any::<bool>()).prop_map(|(mark, mut parts, open, old)| {
        for part in parts.iter_mut().filter(|_| old) {
            part.tail = part.tail.replace("\r\n", "\n").replace('\n', "\r");
        }
        if let Some(last) = parts.last_mut().filter(|_| open) {
            let end = last.tail.trim_end_matches(['\r', '\n']).len();
            last.tail.truncate(end);
        }
        (mark, parts)
    })
}

fn text(mark: bool, parts: &[Part]) -> String {
    let mark = if mark { "\u{feff}" } else { "" };
    let lines: String = parts.iter().map(Part::whole).collect();
    format!("{mark}{lines}")
}

/// How many line ends a text has, as an editor counts them.
fn ends(text: &str) -> usize {
    let text = text.replace("\r\n", "\n");
    text.matches(['\r', '\n']).count()
}

fn shown(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// The part that begins on this line, counted from 1.
fn part_of(parts: &[Part], line: usize) -> usize {
    let mut before = 1;
    for (at, part) in parts.iter().enumerate() {
        if before == line {
            // A part without text and end stands on no line.
            if !part.whole().is_empty() {
                return at;
            }
        }
        before += ends(&part.whole());
    }
    panic!("no part begins on line {line}");
}

/// What npm reads everywhere but on one line.
fn others(all: &[LocalCredential], but: usize, moved: usize) -> Vec<(String, usize, String, Form)> {
    all.iter()
        .filter(|local| local.id.line != but)
        .map(|local| {
            let line = if local.id.line > but {
                local.id.line - moved
            } else {
                local.id.line
            };
            (
                local.id.key.to_string(),
                line,
                local.begins.to_string(),
                local.form.clone(),
            )
        })
        .collect()
}

proptest! {
    #[test]
    fn p35_whatever_the_file_is_a_fix_changes_one_value_or_takes_one_line(
        (mark, parts) in a_file(),
        mode_before in prop::sample::select(vec![0o600, 0o644, 0o640, 0o755]),
        linked: bool,
        removes: bool,
        choice: prop::sample::Index,
    ) {
        let before = text(mark, &parts);
        let home = at_reg()
            .env("SET", "canaryset").env("HOST", "fourth.example")
            .file("real", &before);
        let (path, real) = (home.path("home/.npmrc"), home.path("real"));
        if linked {
            symlink(&real, &path).unwrap();
        } else {
            fs::rename(&real, &path).unwrap();
        }
        set_mode(&path, mode_before);
        let looked = survey(&home);
        prop_assert!(!shown(&looked).contains("canaryset"));
        let all = looked.machine.credentials;
        if all.is_empty() {
            return Ok(());
        }
        let id = choice.get(&all).id.clone();
        let fix = if removes {
            Fix::Remove(id.clone())
        } else {
            Fix::ToVariable { id: id.clone(), name: "NPM_TOKEN".to_owned() }
        };
        let previewed = preview(&home, &fix);
        if all.iter().any(|local| local.id == id && local.takes_variable()) {
            prop_assert!(previewed.is_ok(), "the screen advises what works: {previewed:?}");
        }
        prop_assert_eq!(fs::read_to_string(&path).unwrap(), before.clone(), "a preview changes nothing");
        let Ok(previewed) = previewed else {
            prop_assert!(!removes, "{:?}", previewed);
            return Ok(());
        };
        prop_assert!(!shown(&previewed).contains("canaryset"));
        apply(&home, &previewed).unwrap();
        let at = part_of(&parts, id.line);
        let mut wanted = parts.clone();
        if removes {
            // The line and its own end go; empty lines behind it stay.
            let tail = &wanted[at].tail;
            let end = tail.find(['\r', '\n']).map_or(tail.len(), |end| {
                end + if tail[end..].starts_with("\r\n") { 2 } else { 1 }
            });
            let own_end = tail[..end].trim_start_matches(|c| !"\r\n".contains(c)).to_owned();
            let rest = tail[end..].to_owned();
            // The mark of the file's beginning keeps a line of its own.
            let kept = if mark && text(false, &parts[..at]).is_empty() { own_end } else { String::new() };
            wanted[at] = Part { head: kept, value: String::new(), tail: rest };
        } else {
            wanted[at].value = "${NPM_TOKEN}".to_owned();
        }
        prop_assert_eq!(fs::read_to_string(&path).unwrap(), text(mark, &wanted));
        prop_assert_eq!((mode(&path), path.is_symlink()), (mode_before, linked));
        prop_assert_eq!(fs::read_dir(home.home()).unwrap().count(), 2, "nothing is left behind");

        // What npm reads then.
        let now = survey(&home).machine.credentials;
        let kept_a_line = mark && text(false, &parts[..at]).is_empty();
        let moved = usize::from(removes && !kept_a_line);
        if removes {
            let now: Vec<_> = others(&now, 0, 0);
            prop_assert_eq!(now, others(&all, id.line, moved));
        } else {
            prop_assert_eq!(others(&now, id.line, 0), others(&all, id.line, 0));
            let Some(line) = now.iter().find(|local| local.id == id) else {
                // While the variable is not set, nobody can tell that a proxy's address has a password.
                let was = all.iter().find(|local| local.id == id).unwrap();
                prop_assert_eq!(was.kind, CredentialKind::Proxy);
                return Ok(());
            };
            let Form::Variable { names, .. } = &line.form else {
                panic!("{line:?}");
            };
            prop_assert_eq!(names.len(), 1);
            prop_assert_eq!(names[0].as_str(), "${NPM_TOKEN}");
        }
    }
}
