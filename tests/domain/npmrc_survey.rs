//! What lies on this machine for npm: every source, every credential, and which of them counts.

use std::fs;
use std::process::Command;

use npm_warden::domain::identity::CredentialKind;
use npm_warden::domain::machine::{Form, Git, LocalCredential, Rank, SourceKind, SourceState};
use npm_warden::npmrc::{self, Survey};

use crate::home::Home;

const REGISTRY: &str = "https://reg.example/npm/";
const LONG: &str = "npm_canaryAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn survey(home: &Home) -> Survey {
    npmrc::survey(&home.inputs())
}

/// "place | scope | rank | in use", one line a credential.
fn told(survey: &Survey) -> Vec<String> {
    let all = &survey.machine.credentials;
    all.iter().map(told_of).collect()
}

fn told_of(local: &LocalCredential) -> String {
    let rank = match &local.rank {
        Rank::Wins => "wins".to_owned(),
        Rank::Beaten(by) => format!("beaten by {by}"),
        Rank::Unusable(_) => "unusable".to_owned(),
    };
    let used = if local.in_use { " | in use" } else { "" };
    format!("{} | {} | {rank}{used}", local.place, local.scope)
}

fn why(survey: &Survey, at: usize) -> String {
    match &survey.machine.credentials[at].rank {
        Rank::Unusable(why) => why.to_string(),
        other => format!("{other:?}"),
    }
}

fn values(survey: &Survey) -> Vec<String> {
    let all = survey.values.iter();
    all.map(|(_, auth)| auth.header().expose().clone())
        .collect()
}

#[test]
fn every_source_is_told_in_order_of_precedence_absent_ones_too() {
    let home = Home::new()
        .user("//reg.example/:_authToken=a\n")
        .registry(REGISTRY);
    let sources: Vec<_> = survey(&home)
        .machine
        .sources
        .iter()
        .map(|source| {
            let state = match source.state {
                SourceState::Absent => "absent",
                SourceState::Unreadable(_) | SourceState::BrokenLink { .. } => "unreadable",
                SourceState::Read(_) => "read",
            };
            format!("{} {} {state}", source.kind.word(), source.shown)
        })
        .collect();
    assert_eq!(
        sources,
        [
            "environment environment read",
            "project ~/project/.npmrc absent",
            "user ~/.npmrc read",
            "global /nowhere/etc/npmrc absent",
        ]
    );
    // The project's own file may name another one of the person's; a folder is no file.
    let home = Home::new()
        .project("userconfig=~/mine\nglobalconfig=~/project\n")
        .file("home/mine", "");
    let survey = survey(&home);
    let shown: Vec<_> = survey
        .machine
        .sources
        .iter()
        .map(|s| s.shown.as_str())
        .collect();
    assert_eq!(
        shown,
        ["environment", "~/project/.npmrc", "~/mine", "~/project"]
    );
    let SourceState::Unreadable(failure) = &survey.machine.sources[3].state else {
        panic!("a folder was read");
    };
    assert!(failure.what.as_str().contains("is a folder"), "{failure}");
}

#[test]
fn the_project_is_passed_over_where_npm_passes_it_over() {
    let kinds = |home: &Home| -> Vec<SourceKind> {
        let sources = survey(home).machine.sources;
        sources.iter().map(|source| source.kind).collect()
    };
    let home = Home::new().project("a=1").env("npm_config_global", "true");
    assert!(!kinds(&home).contains(&SourceKind::Project));
    assert_eq!(
        survey(&home).machine.problems[0].as_str(),
        "npm's global mode is set (global or location), so npm does not read ~/project/.npmrc, and neither does npm-warden."
    );
    let mut home = Home::new().project("//reg.example/:_authToken=a");
    home.userconfig = Some(home.path("home/project/.npmrc"));
    assert!(!kinds(&home).contains(&SourceKind::Project));
    assert_eq!(
        told(&survey(&home)),
        ["~/project/.npmrc, line 1 | reg.example | wins"]
    );
}

#[test]
fn a_userconfig_that_cannot_be_read_is_told_and_ends_nothing() {
    let mut home = Home::new().project("//reg.example/:_authToken=a");
    home.userconfig = Some(home.home());
    let survey = survey(&home);
    assert!(matches!(
        survey.machine.sources[2].state,
        SourceState::Unreadable(_)
    ));
    assert_eq!(survey.machine.credentials.len(), 1);
}

#[test]
fn the_winner_is_found_for_each_registry_by_npms_walk() {
    let home = Home::new()
        .registry(REGISTRY)
        .env("npm_config_//reg.example/:_authToken", "from-env")
        .project("//reg.example/npm/:_authToken=narrow\n//other.example/:_authToken=o\n")
        .user(
            "//reg.example/:_authToken=wide\n\
             //reg.example/npm/:_authToken=first\n\
             //reg.example/npm/:_authToken=last\n\
             //reg.example/npm/:_auth=dTpw\n\
             //other.example/:username=u\n\
             //other.example/:_password=cA==\n\
             //third.example:_authToken=bare\n\
             //third.example/:_authToken=slash\n",
        )
        .file(
            "prefix/etc/npmrc",
            "//fourth.example/:_password=cA==\n//fourth.example/:username=u\n",
        )
        .env("PREFIX", "unused");
    let prefix = home.path("prefix");
    let home = home.env("PREFIX", prefix);
    let survey = survey(&home);
    let env = "the environment variable npm_config_//reg.example/:_authToken";
    let global = home.path("prefix/etc/npmrc");
    assert_eq!(
        told(&survey),
        [
            format!("{env} | reg.example | wins"),
            "~/project/.npmrc, line 1 | reg.example/npm | wins | in use".to_owned(),
            "~/project/.npmrc, line 2 | other.example | wins".to_owned(),
            format!("~/.npmrc, line 1 | reg.example | beaten by {env}"),
            "~/.npmrc, line 2 | reg.example/npm | beaten by ~/project/.npmrc, line 1".to_owned(),
            "~/.npmrc, line 3 | reg.example/npm | beaten by ~/project/.npmrc, line 1".to_owned(),
            "~/.npmrc, line 4 | reg.example/npm | beaten by ~/project/.npmrc, line 1".to_owned(),
            "~/.npmrc, line 6 | other.example | beaten by ~/project/.npmrc, line 2".to_owned(),
            "~/.npmrc, line 7 | third.example | beaten by ~/.npmrc, line 8".to_owned(),
            "~/.npmrc, line 8 | third.example | wins".to_owned(),
            format!("{}, line 1 | fourth.example | wins", global.display()),
        ]
    );
    assert_eq!(
        values(&survey),
        [
            "Bearer from-env",
            "Bearer narrow",
            "Bearer o",
            "Bearer wide",
            "Bearer first",
            "Bearer last",
            "Basic dTpw",
            "Basic dTpw",
            "Bearer bare",
            "Bearer slash",
            "Basic dTpw",
        ]
    );
    let kinds: Vec<_> = survey.machine.credentials.iter().map(|c| c.kind).collect();
    assert_eq!(kinds[6], CredentialKind::Basic);
    assert_eq!(survey.machine.registry.as_str(), "reg.example/npm");
}

#[test]
fn a_list_of_tokens_is_told_as_npm_takes_it() {
    let key = "//reg.example/:_authToken";
    let looked = |lines: String| survey(&Home::new().registry(REGISTRY).user(lines));
    let one = looked(format!("{key}[]={LONG}\n"));
    let local = &one.machine.credentials[0];
    assert!(local.rank == Rank::Wins && local.in_use, "{local:?}");
    for lines in [
        format!("{key}[]={LONG}\n{key}[]={LONG}\n"),
        format!("{key}={LONG}\n{key}[]={LONG}\n"),
        format!("{key}[]={LONG}\n{key}={LONG}\n"),
    ] {
        let several = looked(lines);
        for at in [0, 1] {
            let line = format!("~/.npmrc, line {} is part of a list: npm sends all", at + 1);
            let said = why(&several, at);
            assert!(said.starts_with(&line), "{said}");
            assert!(!several.machine.credentials[at].in_use);
        }
    }
}

#[test]
fn what_npm_finds_nothing_usable_in_is_told_with_why() {
    let home = Home::new().registry(REGISTRY).user(format!(
        "_authToken={LONG}\n\
         https://reg.example/:_authToken={LONG}\n\
         //reg.example/:_authtoken={LONG}\n\
         //REG.example/:_authToken={LONG}\n\
         //reg.example:443/:_authToken={LONG}\n\
         //a.example/:_auth[]={LONG}\n\
         //b.example/:_password=cA==\n\
         //c.example/:_authToken=${{UNSET}}\n\
         //d.example/:_authToken=a\u{e9}b\n\
         //e.example/:certfile=/c\n//e.example/:keyfile=/k\n\
         token={LONG}\n\
         {LONG}\n\
         # {LONG}\n\
         ; //f.example/:_authToken=0f8fad5b-d9cb-469f-a165-70867728950e\n\
         ; //f.example/:_authToken=${{NPM_TOKEN}}\n\
         //g.example/:_authToken=\n\
         //g.example/:_authToken=null\n\
         [s]\n\
         //h.example/:_authToken={LONG}\n",
    ));
    let survey = survey(&home);
    let lines: Vec<_> = survey
        .machine
        .credentials
        .iter()
        .map(|c| c.id.line)
        .collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 20]);
    for (at, part) in [
        (0, "without saying for which registry"),
        (1, "begins with http: or https:"),
        (2, "It ends in _authToken."),
        (3, "Write it as //reg.example/:_authToken."),
        (4, "Write it as //reg.example/:_authToken."),
        (5, "part of a list"),
        (6, "without a username beside it"),
        (7, "uses ${UNSET}, which is not set"),
        (8, "characters that cannot be sent"),
        (9, "so npm sends no certificate"),
        (10, "its key is none by which npm looks for a token"),
        (11, "npm takes it for the name of a setting"),
        (12, "a comment"),
        (13, "a comment"),
        (14, "below a [section]"),
    ] {
        assert!(
            why(&survey, at).contains(part),
            "{at}: {}",
            why(&survey, at)
        );
    }
    let kind = survey.machine.credentials[9].kind;
    assert_eq!(kind, CredentialKind::Certificate);
    // What lies there can be recognised, whether npm uses it or not.
    let held: Vec<_> = survey.values.iter().map(|(id, _)| id.line).collect();
    assert_eq!(held, [1, 2, 3, 4, 5, 6, 12, 13, 14, 15, 20]);
    assert!(!format!("{survey:?}").contains("canaryA"), "{survey:?}");
}

#[test]
fn p36_a_variable_is_named_and_never_expanded() {
    let home = Home::new()
        .env("NPM_TOKEN", LONG)
        .env("HOST", "canaryhost.example")
        .env("NODE_AUTH_TOKEN", "canary-of-actions-0123456789")
        .user(
            "//reg.example/:_authToken=${NPM_TOKEN}\n\
             //${HOST}/npm/:_authToken=x${A}${A}${NPM_TOKEN}\n",
        )
        .registry("https://reg.example");
    let survey = survey(&home);
    assert_eq!(
        told(&survey),
        [
            "$NPM_TOKEN |  | unusable",
            "$NODE_AUTH_TOKEN |  | unusable",
            "~/.npmrc, line 1 | reg.example | wins | in use",
            "~/.npmrc, line 2 | ${HOST}/npm | unusable",
        ]
    );
    assert_eq!(
        why(&survey, 0),
        "npm does not read $NPM_TOKEN by itself, but by ~/.npmrc, line 1, which refers to it."
    );
    assert_eq!(
        why(&survey, 1),
        "npm does not read $NODE_AUTH_TOKEN by itself, and no line here refers to it."
    );
    let all = &survey.machine.credentials;
    let begins: Vec<_> = all.iter().map(|c| c.begins.as_str()).collect();
    assert_eq!(begins, ["npm_cana", "cana", "", ""]);
    assert_eq!(
        all[2].form,
        Form::Variable {
            names: vec!["${NPM_TOKEN}".into()],
            unset: Vec::new()
        }
    );
    assert_eq!(
        all[3].form,
        Form::Mixed {
            names: vec!["${NPM_TOKEN}".into(), "${A}".into()],
            unset: vec!["${A}".into()]
        }
    );
    let shown = format!("{survey:?}");
    assert!(
        !shown.contains("canaryhost") && !shown.contains("canaryA"),
        "{shown}"
    );
}

#[test]
fn p03_first_characters_are_no_more_than_a_registry_lists_and_a_password_shows_none() {
    let home = Home::new().user(format!(
        "//a.example/:_authToken={LONG}\n\
         //b.example/:_authToken=0f8fad5b-d9cb-469f-a165-70867728950e\n\
         //c.example/:_authToken=short\n\
         //d.example/:_auth=dTpjYW5hcnktcGFzc3dvcmQtb2YtbWluZQ==\n\
         //al:canarypw@e.example/:_authToken={LONG}\n"
    ));
    let survey = survey(&home);
    let all = &survey.machine.credentials;
    let begins: Vec<_> = all.iter().map(|c| c.begins.as_str()).collect();
    assert_eq!(begins, ["npm_cana", "0f8f", "", "", "npm_cana"]);
    assert_eq!(all[4].id.key.as_str(), "//••••@e.example/:_authToken");
    assert!(!format!("{survey:?}").contains("canarypw"));
}

#[cfg(unix)]
#[test]
fn a_file_is_told_with_its_mode_and_what_it_links_to() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let home = Home::new().file("home/dotfiles/npmrc", "//reg.example/:_authToken=a\n");
    let real = home.path("home/dotfiles/npmrc");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&real, home.path("home/.npmrc")).unwrap();
    symlink(home.path("nowhere"), home.path("home/project/.npmrc")).unwrap();
    let survey = survey(&home);
    let SourceState::Read(facts) = &survey.machine.sources[2].state else {
        panic!("not read");
    };
    assert_eq!(facts.mode, Some(0o644));
    assert!(facts.open_to_others());
    assert_eq!(facts.link.as_ref().unwrap().as_str(), "~/dotfiles/npmrc");
    assert_eq!(facts.git, Git::None);
    let SourceState::BrokenLink { to, why: failure } = &survey.machine.sources[1].state else {
        panic!("a link to nothing was read");
    };
    assert!(!to.is_empty());
    assert!(
        failure
            .what
            .as_str()
            .contains("nowhere, which is not there, so nothing in it counts")
    );
}

fn git_of(home: &Home, source: usize) -> Git {
    match &survey(home).machine.sources[source].state {
        SourceState::Read(facts) => facts.git,
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
#[test]
fn git_is_asked_whether_it_keeps_a_file() {
    use std::os::unix::fs::symlink;
    let home = Home::new().project("a=1\n").user("b=1\n");
    let at = home.home();
    let git = |arguments: &[&str]| {
        let ended = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b.c"])
            .args(arguments)
            .current_dir(at.join("project"))
            .env("HOME", &at)
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
    };
    assert_eq!(git_of(&home, 1), Git::None);
    git(&["init", "--quiet"]);
    assert_eq!(git_of(&home, 1), Git::Unknown, "no git to be found in PATH");
    let path = std::env::var_os("PATH").unwrap();
    // Another work tree, and settings that would run a program, lead nobody astray.
    let ran = home.path("ran");
    let watcher = home.path("watcher");
    fs::write(&watcher, format!("#!/bin/sh\ntouch '{}'\n", ran.display())).unwrap();
    Command::new("chmod")
        .arg("700")
        .arg(&watcher)
        .status()
        .unwrap();
    git(&["config", "core.fsmonitor", watcher.to_str().unwrap()]);
    let mut home = home
        .env("PATH", &path)
        .env("GIT_DIR", "/nowhere")
        .env("GIT_INDEX_FILE", "/nowhere");
    assert_eq!(git_of(&home, 1), Git::Untracked);
    home = home.file("home/project/.gitignore", ".npmrc\n");
    assert_eq!(git_of(&home, 1), Git::Ignored);
    let tree = home.path("home/project");
    let add = Command::new("git")
        .args(["-c", "core.fsmonitor=false", "add", "-f", ".npmrc"])
        .current_dir(&tree)
        .status()
        .unwrap();
    assert!(add.success());
    assert_eq!(git_of(&home, 1), Git::Tracked);
    // The person's own file is a link into the work tree: what counts is where it lies.
    fs::remove_file(home.path("home/.npmrc")).unwrap();
    symlink(tree.join(".npmrc"), home.path("home/.npmrc")).unwrap();
    assert_eq!(git_of(&home, 2), Git::Tracked);
    assert!(!ran.exists(), "a program of the work tree was run");
    fs::remove_dir_all(tree.join(".git")).unwrap();
    fs::write(tree.join(".git"), "nonsense").unwrap();
    assert_eq!(git_of(&home, 1), Git::Unknown);
}

#[test]
fn e4_a_file_that_npm_does_not_read_from_here_is_looked_into_by_its_name() {
    let home = Home::new()
        .user("//reg.example/npm/:_authToken=users\n")
        .project("//reg.example/npm/:_authToken=projects\n")
        .file(
            "home/other/.npmrc",
            "; theirs\n//reg.example/npm/:_authToken=others\n",
        )
        .file("home/other/folder/inside", "")
        .registry(REGISTRY);
    let other = home.path("home/other/.npmrc");
    let survey = npmrc::look_into(&home.inputs(), &other).unwrap();
    assert_eq!(values(&survey), ["Bearer others"]);
    let local = &survey.machine.credentials[0];
    assert_eq!(local.place.as_str(), "~/other/.npmrc, line 2");
    assert_eq!((&local.id.path, local.id.line), (&Some(other), 2));
    // Those that npm does read are named the same way.
    for (file, value) in [
        ("home/.npmrc", "Bearer users"),
        ("home/project/.npmrc", "Bearer projects"),
    ] {
        let survey = npmrc::look_into(&home.inputs(), &home.path(file)).unwrap();
        assert_eq!(values(&survey), [value]);
        let known = npmrc::survey(&home.inputs());
        let id = &survey.machine.credentials[0].id;
        assert!(
            known
                .machine
                .credentials
                .iter()
                .any(|local| local.id == *id)
        );
    }
    // What cannot be read is no empty file.
    let missing = npmrc::look_into(&home.inputs(), &home.path("home/gone/.npmrc")).unwrap_err();
    assert!(missing.what.as_str().contains("is not there"), "{missing}");
    assert!(npmrc::look_into(&home.inputs(), &home.path("home/other/folder")).is_err());
}

#[test]
fn where_npm_refuses_every_command_nothing_wins() {
    for (user, places, said) in [
        (
            "_authToken=a\n",
            "~/.npmrc, line 2",
            "Write the key as //reg.example/npm/:_authToken, or remove the line.",
        ),
        (
            "_password=cA==\n",
            "~/.npmrc, line 2",
            "there is no username beside it.",
        ),
        (
            "_auth[]=dTpw\n",
            "~/.npmrc, line 2",
            "npm refuses every command.",
        ),
        ("_authtoken=a\n", "~/.npmrc, line 2", "Remove the line."),
        (
            "_authToken=${UNSET}\n",
            "~/.npmrc, line 2",
            "npm refuses every command.",
        ),
        (
            "_auth=dTpw\n_auth=dTpw\n",
            "~/.npmrc, line 2 and ~/.npmrc, line 3",
            "npm refuses every command.",
        ),
        (
            "_password=cA==\nusername=u\n",
            "~/.npmrc, line 2 and ~/.npmrc, line 3",
            "Write the key as",
        ),
    ] {
        let home = Home::new()
            .registry(REGISTRY)
            .user(format!("//reg.example/npm/:_authToken={LONG}\n{user}"));
        let survey = survey(&home);
        let problem = survey.machine.problems[0].as_str();
        let begin = "npm refuses every command but npm config (ERR_INVALID_AUTH): ";
        assert!(
            problem.starts_with(&format!("{begin}{places} hold")),
            "{user}: {problem}"
        );
        assert_eq!(
            told(&survey)[0],
            "~/.npmrc, line 1 | reg.example/npm | unusable | in use"
        );
        assert_eq!(
            why(&survey, 0),
            format!("npm uses no credential, because it refuses every command for {places}.")
        );
        assert!(
            why(&survey, 1).contains(said),
            "{user}: {}",
            why(&survey, 1)
        );
    }
    // A user name is no secret, and npm refuses it all the same.
    let home = Home::new()
        .registry(REGISTRY)
        .user("username=u\n//reg.example/:_authToken=a\n");
    let alone = survey(&home);
    assert_eq!(alone.machine.refused, ["~/.npmrc, line 1".into()]);
    assert_eq!(
        told(&alone),
        ["~/.npmrc, line 2 | reg.example | unusable | in use"]
    );
    // What is empty counts for nothing, nor does what comes last in vain; of a variable npm takes no notice.
    for user in [
        "_authToken=\n",
        "_authToken=null\n",
        "_authToken=a\n_authToken=\n",
        "[s]\n_authToken=a\n",
    ] {
        let home = Home::new()
            .registry(REGISTRY)
            .env("npm_config__auth", "dTpw")
            .user(format!("//reg.example/:_authToken=a\n{user}"));
        let survey = survey(&home);
        assert_eq!(survey.machine.refused, [], "{user}");
        assert!(
            told(&survey).contains(&"~/.npmrc, line 1 | reg.example | wins | in use".to_owned())
        );
        assert!(
            !why(&survey, 0).contains("refuses"),
            "{user}: {}",
            why(&survey, 0)
        );
    }
}

#[test]
fn a_certificate_is_sent_beside_the_token_of_the_same_key() {
    let home = Home::new()
        .registry(REGISTRY)
        .file("home/project/c", "")
        .file("home/project/k", "")
        .user(
            "//reg.example/npm/:_authToken=a\n\
             //reg.example/npm/:certfile=c\n\
             //reg.example/npm/:keyfile=k\n\
             //reg.example/:certfile=c\n\
             //reg.example/:keyfile=k\n\
             //other.example/a/:certfile=c\n\
             //other.example/a/:keyfile=k\n\
             //third.example/:certfile=c\n\
             //third.example/:keyfile=gone\n\
             //fourth.example/:certfile=c\n\
             cert=c\n\
             key=\"-----BEGIN PRIVATE KEY-----\\ncanary\\n-----END PRIVATE KEY-----\"\n",
        );
    let survey = survey(&home);
    assert_eq!(
        told(&survey),
        [
            "~/.npmrc, line 1 | reg.example/npm | wins | in use",
            "~/.npmrc, line 2 | reg.example/npm | wins",
            // The walk ends at the first key that has anything.
            "~/.npmrc, line 4 | reg.example | wins",
            "~/.npmrc, line 6 | other.example/a | wins",
            "~/.npmrc, line 8 | third.example | unusable",
            "~/.npmrc, line 10 | fourth.example | unusable",
            "~/.npmrc, line 12 |  | wins",
        ]
    );
    assert_eq!(
        why(&survey, 4),
        "The keyfile that ~/.npmrc, line 8 leads to is not there, so npm sends no certificate."
    );
    assert!(why(&survey, 5).contains("without a keyfile beside it"));
    let key = &survey.machine.credentials[6];
    assert_eq!((key.kind, &key.form), (CredentialKind::Key, &Form::Literal));
    assert!(!format!("{survey:?}").contains("canary"), "{survey:?}");
    let alone = Home::new().user("key=-----BEGIN PRIVATE KEY-----\\ncanary\n");
    assert!(why(&self::survey(&alone), 0).contains("holds a private key without a cert"));
}

#[test]
fn p23_a_proxys_password_is_listed_and_never_shown() {
    let home = Home::new()
        .registry(REGISTRY)
        .env("HTTPS_PROXY", "http://me:canary@env.example:1")
        .env("npm_config_proxy", "http://me:canary@config.example:1")
        .env("PW", "canary")
        .project("https-proxy=http://me:canary@project.example:1\n")
        .user(
            "https-proxy=http://me:${PW}@user.example:1\n\
             proxy=http://me:canary@user.example:1\n\
             https-proxy=me:canary@nowhere\n\
             noproxy=a\n",
        )
        .file("prefix/etc/npmrc", "proxy=http://no.password:1\n");
    let prefix = home.path("prefix");
    let home = home.env("PREFIX", prefix);
    let all = survey(&home);
    let kinds = all.machine.credentials.iter().map(|local| local.kind);
    assert!(kinds.into_iter().all(|kind| kind == CredentialKind::Proxy));
    let project = "~/project/.npmrc, line 1";
    assert_eq!(
        told(&all),
        [
            format!("$npm_config_proxy |  | beaten by {project}"),
            format!("$HTTPS_PROXY |  | beaten by {project}"),
            format!("{project} |  | wins"),
            format!("~/.npmrc, line 1 |  | beaten by {project}"),
            format!("~/.npmrc, line 2 |  | beaten by {project}"),
            "~/.npmrc, line 3 |  | unusable".to_owned(),
        ]
    );
    assert!(all.values.is_empty());
    assert!(
        matches!(&all.machine.credentials[3].form, Form::Mixed { names, .. } if names[0].as_str() == "${PW}")
    );
    assert!(!format!("{all:?}").contains("canary"), "{all:?}");
    // That of the surroundings counts where the configuration names none, and one for http: alone not for https.
    let home = Home::new()
        .registry(REGISTRY)
        .env("http_proxy", "http://me:canary@env.example:1");
    assert!(why(&survey(&home), 0).contains("begin with http: alone"));
    let home = home.env("Https_Proxy", "http://me:canary@env.example:1");
    assert_eq!(
        told(&survey(&home)),
        [
            "$Https_Proxy |  | wins",
            "$http_proxy |  | beaten by $Https_Proxy"
        ]
    );
}

#[test]
fn p03_a_value_with_a_variable_in_it_is_not_told_as_the_variable() {
    let home = Home::new().env("X", "canary").user(
        "//a.example/:_authToken=npm_pre${X}post\n\
         //b.example/:_authToken=${X}\n\
         //c.example/:_authToken=${X}${Y?}\n\
         //d.example/:_authToken=${Z}post\n\
         //e.example/:_authToken=\\\\\\\\${X}\n\
         //f.example/:_authToken=\"${X}\"\n",
    );
    let survey = npmrc::survey(&home.inputs());
    let all = survey.machine.credentials.iter();
    let forms: Vec<_> = all.map(|local| format!("{:?}", local.form)).collect();
    let forms: Vec<_> = forms
        .iter()
        .map(|form| form.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        forms,
        [
            "Mixed", "Variable", "Variable", "Mixed", "Mixed", "Variable"
        ]
    );
    assert!(!format!("{survey:?}").contains("npm_pre"));
}
