//! What this program writes into an `.npmrc`, npm reads; what npm wrote there, this program takes out.

use npm_warden::domain::machine::Fix;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::Forgotten;
use npm_warden::npmrc::{self, Inputs};
use npm_warden::sandbox::Options;
use url::Url;

use crate::npm::Npm;
use crate::pair;

fn inputs(npm: &Npm) -> Inputs {
    let file = npm.userconfig();
    let home = file.parent().unwrap().to_owned();
    Inputs {
        registry: None,
        userconfig: Some(file),
        cwd: home.join("project"),
        home: Some(home),
        env: vec![("PREFIX".into(), "/nowhere".into())],
    }
}

#[test]
fn p35_npm_reads_the_token_that_was_written_whatever_the_file_was() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    let registry: Url = served.running.url().parse().unwrap();
    let key = format!(
        "{}:_authToken",
        served.running.url().split_once(':').unwrap().1
    );
    let bare = key.replace("/:_authToken", ":_authToken");
    for before in [
        String::new(),
        "save-exact=true".to_owned(),
        "\u{feff}; a note\r\nsave-exact=true\r\n".to_owned(),
        format!("; head\n\n; of the section\n[section]\n{key}=below\n"),
        format!("{key}=first\n{key} = \"last==\" \n"),
        format!("  '{key}' = 'old' ; a note = here\r\nsave-exact=true"),
        format!("{key}\n"),
        format!("{key}=null\n{bare}=npm_wide\n"),
    ] {
        std::fs::write(npm.userconfig(), &before).unwrap();
        npmrc::store(&inputs(&npm), &registry, served.running.token()).unwrap();
        let after = npm.configuration();
        let who = npm.run(&["whoami"]);
        assert_eq!(who.code, 0, "{before:?} became {after:?}: {}", who.screen);
        who.says(served.running.username());
    }
}

#[test]
fn p36_npm_reads_the_variable_that_took_the_tokens_place() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    let scope = served.running.url().split_once(':').unwrap().1;
    let token = served.running.token().expose().as_str();
    for before in [
        format!("{scope}:_authToken={token}\n"),
        format!("\u{feff}  '{scope}:_authToken' = \"{token}\"  \r\nsave-exact=true"),
        format!("; head\n{scope}:_authToken={token} ; a note = here\n[section]\nx=1\n"),
    ] {
        std::fs::write(npm.userconfig(), &before).unwrap();
        let inputs = inputs(&npm);
        let found = npmrc::survey(&inputs).machine.credentials;
        let fix = Fix::ToVariable {
            id: found[0].id.clone(),
            name: "MY_TOKEN".to_owned(),
        };
        let preview = npmrc::preview(&inputs, &fix).unwrap();
        npmrc::apply(&inputs, &preview).unwrap();
        let after = npm.configuration();
        assert_eq!(after.matches("${MY_TOKEN}").count(), 1, "{after:?}");
        assert!(!after.contains(token));
        let who = npm.run_with(&[("MY_TOKEN", token)], &["whoami"]);
        assert_eq!(who.code, 0, "{before:?} became {after:?}: {}", who.screen);
        who.says(served.running.username());
        npm.run(&["whoami"]).failed();
    }
}

#[test]
fn npm_finds_nothing_where_the_line_was_taken_out_and_all_else_is_as_it_was() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    let scope = served.running.url().split_once(':').unwrap().1;
    let token = served.running.token().expose().as_str();
    let before =
        format!("save-exact=true\n{scope}:_authToken={token}\ninit-license = ISC ; mine\n");
    std::fs::write(npm.userconfig(), before).unwrap();
    let inputs = inputs(&npm);
    let found = npmrc::survey(&inputs).machine.credentials;
    let preview = npmrc::preview(&inputs, &Fix::Remove(found[0].id.clone())).unwrap();
    npmrc::apply(&inputs, &preview).unwrap();
    assert_eq!(
        npm.configuration(),
        "save-exact=true\ninit-license = ISC ; mine\n"
    );
    npm.run(&["whoami"]).failed().says("ENEEDAUTH");
    npm.run(&["config", "get", "init-license"])
        .done()
        .says("ISC");
}

#[test]
fn what_npm_wrote_is_taken_out() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    let mut login = npm.spawn(&["login", "--auth-type=legacy"]);
    login.expect("Username:");
    login.send(served.running.username());
    login.expect("Password:");
    login.send(served.running.password().expose());
    login.end().done();
    let written = npm.configuration();
    let token = written.split("_authToken=").nth(1).unwrap().trim();
    let registry: Url = served.running.url().parse().unwrap();
    let forgotten = npmrc::remove(&inputs(&npm), &registry, &Secret::from(token)).unwrap();
    assert_eq!(forgotten, Forgotten::File("~/.npmrc".into()));
    assert!(!npm.configuration().contains("_authToken"));
    npm.run(&["whoami"]).failed().says("ENEEDAUTH");
}
