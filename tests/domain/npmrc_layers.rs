//! Which file or variable wins, and what is said about those that cannot count.

use std::fs;

use npm_warden::domain::text::Text;
use npm_warden::npmrc::DEFAULT_REGISTRY;

use crate::home::{Home, place, problems, sent};

const TOKEN: &str = "//reg.example/:_authToken";

fn token(value: &str) -> String {
    format!("{TOKEN}={value}\n")
}

fn at_reg() -> Home {
    Home::new().registry("https://reg.example")
}

#[test]
fn without_any_configuration_it_is_npms_own_registry_and_no_credential() {
    let home = Home::new();
    let config = home.load();
    assert_eq!(config.registry.as_str(), DEFAULT_REGISTRY);
    assert_eq!(sent(&config), "none");
    let identity = config.identity();
    assert_eq!(identity.credential, None);
    assert_eq!(identity.problems, []);
    assert!(!identity.registry.as_str().contains("//"));
    let searched: Vec<_> = identity.searched.iter().map(ToString::to_string).collect();
    assert_eq!(
        searched,
        [
            "environment (npm_config_…)",
            "~/project/.npmrc (not there)",
            "~/.npmrc (not there)",
            "/nowhere/etc/npmrc (not there)",
        ]
    );
}

#[test]
fn each_key_comes_from_the_highest_layer_that_has_it() {
    let all = || {
        let mut home = at_reg()
            .file("prefix/etc/npmrc", token("global"))
            .user(token("user"))
            .project(token("project"));
        home.env.retain(|(name, _)| name != "PREFIX");
        let prefix = home.path("prefix");
        home.env("PREFIX", prefix)
            .env("npm_config_//reg.example/:_authToken", "env")
    };
    let home = all();
    assert_eq!(sent(&home.load()), "Bearer env");
    assert_eq!(
        place(&home.load()),
        "the environment variable npm_config_//reg.example/:_authToken"
    );

    let mut home = all();
    home.env.retain(|(name, _)| name == "PREFIX");
    assert_eq!(sent(&home.load()), "Bearer project");
    assert_eq!(place(&home.load()), "~/project/.npmrc, line 1");

    fs::remove_file(home.path("home/project/.npmrc")).unwrap();
    assert_eq!(sent(&home.load()), "Bearer user");

    fs::remove_file(home.path("home/.npmrc")).unwrap();
    assert_eq!(sent(&home.load()), "Bearer global");
}

#[test]
fn a_better_kind_in_a_lower_layer_wins_over_a_lesser_kind_in_a_higher_one() {
    let config = at_reg()
        .user(token("user"))
        .project("//reg.example/:_auth=cHJvamVjdA==\n")
        .load();
    assert_eq!(sent(&config), "Bearer user");
}

#[test]
fn a_value_switched_off_in_a_higher_layer_hides_the_lower_one() {
    for off in ["false", "undefined", ""] {
        let config = at_reg().user(token("user")).project(token(off)).load();
        assert_eq!(sent(&config), "none", "{off}");
    }
    let config = at_reg().user(token("user"));
    let config = config.env("npm_config_//reg.example/:_authToken", "null");
    assert_eq!(sent(&config.load()), "none");
}

#[test]
fn null_in_a_file_hides_nothing() {
    for null in ["null", "\"null\""] {
        let config = at_reg().user(token("user")).project(token(null)).load();
        assert_eq!(sent(&config), "Bearer user", "{null}");
    }
    // As in npm, the last line of a file counts for it.
    let twice = format!("{}{}", token("first"), token("null"));
    let config = at_reg().user(token("user")).project(&twice).load();
    assert_eq!(sent(&config), "Bearer user");
}

#[test]
fn environment_names_are_read_as_npm_reads_them() {
    let cases = [
        ("npm_config_registry", "https://reg.example/"),
        ("NPM_CONFIG_REGISTRY", "https://reg.example/"),
        ("Npm_Config_Registry", "https://reg.example/"),
        ("npm_config_registry_", DEFAULT_REGISTRY),
        ("npm_registry", DEFAULT_REGISTRY),
    ];
    for (name, expected) in cases {
        let config = Home::new().env(name, "https://reg.example").load();
        assert_eq!(config.registry.as_str(), expected, "{name}");
    }
    let config = Home::new()
        .user("registry=https://user.example")
        .env("npm_config_registry", "")
        .load();
    assert_eq!(config.registry.as_str(), "https://user.example/");
}

#[test]
fn the_users_file_can_be_named_by_option_variable_or_project() {
    let home = || {
        at_reg()
            .user(token("user"))
            .file("home/alt.rc", token("alt"))
            .file("home/project/near.rc", token("near"))
    };
    let mut by_option = home();
    by_option.userconfig = Some("~/alt.rc".into());
    assert_eq!(sent(&by_option.load()), "Bearer alt");
    by_option.userconfig = Some("near.rc".into());
    assert_eq!(sent(&by_option.load()), "Bearer near");
    let by_variable = home().env("NPM_CONFIG_USERCONFIG", "~/alt.rc");
    assert_eq!(sent(&by_variable.load()), "Bearer alt");
    assert_eq!(place(&by_variable.load()), "~/alt.rc, line 1");
    let by_project = home().project("userconfig=${HERE}/alt.rc\n");
    let here = by_project.home();
    assert_eq!(sent(&by_project.env("HERE", here).load()), "Bearer alt");
}

#[test]
fn a_userconfig_that_was_asked_for_must_be_readable() {
    let mut home = at_reg();
    home.userconfig = Some("~/missing.rc".into());
    // npm removes a file that it leaves empty, so a missing one means "signed out".
    let config = home.load();
    assert_eq!(sent(&config), "none");
    assert_eq!(
        config.problems,
        [Text::new(
            "~/missing.rc, given with --userconfig, does not exist; npm makes it when you sign in."
        )]
    );
    home.userconfig = Some(home.home());
    let failure = home.try_load().unwrap_err();
    assert!(failure.what.as_str().contains("is a folder"), "{failure}");
    // One that a variable names may be missing, as in npm.
    home.userconfig = None;
    assert_eq!(
        sent(&home.env("npm_config_userconfig", "gone").load()),
        "none"
    );
}

#[cfg(unix)]
#[test]
fn the_null_device_is_an_empty_users_file() {
    let mut home = at_reg().user(token("user"));
    home.userconfig = Some("/dev/null".into());
    assert_eq!(sent(&home.load()), "none");
}

#[test]
fn a_registry_that_was_asked_for_must_be_an_address() {
    for wrong in ["", "reg.example", "ftp://reg.example", "/registry"] {
        assert!(Home::new().registry(wrong).try_load().is_err(), "{wrong}");
    }
    let secret = Home::new().registry("https://me:canary@reg.example/");
    let failure = secret.try_load().unwrap_err();
    assert!(!failure.to_string().contains("canary"));
}

#[test]
fn the_registry_always_ends_in_one_slash() {
    let cases = [
        ("https://reg.example", "https://reg.example/"),
        ("https://reg.example/npm", "https://reg.example/npm/"),
        ("https://reg.example/npm//", "https://reg.example/npm/"),
        ("https://REG.example:443/", "https://reg.example/"),
        ("http://127.0.0.1:4873", "http://127.0.0.1:4873/"),
    ];
    for (given, expected) in cases {
        let config = Home::new().registry(given).load();
        assert_eq!(config.registry.as_str(), expected);
        assert_eq!(problems(&config), "");
    }
    let names = [
        ("https://reg.example/npm", "reg.example/npm"),
        ("http://127.0.0.1:4873", "http://127.0.0.1:4873"),
    ];
    for (given, expected) in names {
        let config = Home::new().registry(given).load();
        assert_eq!(config.identity().registry.as_str(), expected);
    }
}

#[test]
fn a_registry_that_is_no_address_is_passed_over_and_said() {
    let config = Home::new()
        .user("registry=https://user.example\n")
        .project("\nregistry=nonsense\n")
        .load();
    assert_eq!(config.registry.as_str(), "https://user.example/");
    assert!(
        problems(&config).starts_with("~/project/.npmrc, line 2 names a registry that is not"),
        "{}",
        problems(&config)
    );
    let config = Home::new().user("registry=https://${HOST}/\n").load();
    assert_eq!(config.registry.as_str(), DEFAULT_REGISTRY);
    assert!(problems(&config).contains("~/.npmrc, line 1 uses ${HOST}, which is not set"));
}

#[test]
fn p03_a_password_in_a_registrys_address_is_neither_used_nor_shown() {
    let config = Home::new()
        .user("registry=https://me:canary@reg.example/?q=canary\n")
        .load();
    assert_eq!(config.registry.as_str(), "https://reg.example/");
    assert!(problems(&config).contains("~/.npmrc, line 1"));
    assert!(!format!("{config:?}").contains("canary"));
}

#[test]
fn p22_an_unencrypted_registry_elsewhere_is_said() {
    let config = Home::new().registry("http://reg.example/").load();
    assert!(problems(&config).contains("is not encrypted"));
}

#[test]
fn the_project_is_found_by_walking_up() {
    let home = || {
        let mut home = at_reg()
            .user(token("user"))
            .file("home/monorepo/.npmrc", token("root"))
            .file("home/monorepo/packages/app/.npmrc", token("member"))
            .file("home/monorepo/packages/app/src/.npmrc", token("deep"));
        home.cwd = home.path("home/monorepo/packages/app/src");
        home
    };
    let found = |home: Home| sent(&home.load());
    // Without a project the present folder counts.
    assert_eq!(found(home()), "Bearer deep");
    assert_eq!(
        found(home().file("home/monorepo/package.json", "{}")),
        "Bearer root"
    );
    assert_eq!(
        found(home().file("home/monorepo/packages/app/node_modules/x/y", "")),
        "Bearer member"
    );
    let member = || home().file("home/monorepo/packages/app/package.json", "{}");
    assert_eq!(found(member()), "Bearer member");
    let workspaces = [
        (r#"{"workspaces":["packages/*"]}"#, "Bearer root"),
        (r#"{"workspaces":["./packages/app/"]}"#, "Bearer root"),
        (r#"{"workspaces":["**"]}"#, "Bearer root"),
        (
            r#"{"workspaces":{"packages":["packages/a*"]}}"#,
            "Bearer root",
        ),
        (
            r#"{"workspaces":["packages/*","!packages/app"]}"#,
            "Bearer member",
        ),
        (r#"{"workspaces":["other/*"]}"#, "Bearer member"),
        (r#"{"workspaces":7}"#, "Bearer member"),
        ("{}", "Bearer member"),
        ("not json", "Bearer member"),
    ];
    for (package, expected) in workspaces {
        let home = member().file("home/monorepo/package.json", package);
        assert_eq!(found(home), expected, "{package}");
    }
}

#[test]
fn the_users_file_is_not_read_a_second_time_as_the_projects() {
    let mut home = at_reg().user(token("user"));
    home.cwd = home.home();
    let config = home.load();
    assert_eq!(place(&config), "~/.npmrc, line 1");
    assert_eq!(config.searched.len(), 3);
}

#[test]
fn in_global_mode_there_is_no_project() {
    for (name, value) in [
        ("npm_config_global", "true"),
        ("npm_config_location", "global"),
    ] {
        let home = at_reg().project(token("project")).env(name, value);
        assert_eq!(sent(&home.load()), "none");
    }
}

#[test]
fn the_global_file_can_be_moved() {
    let home = || {
        at_reg()
            .file("g/etc/npmrc", token("prefix"))
            .file("g/rc", token("named"))
    };
    let one = home();
    let prefix = one.path("g");
    assert_eq!(
        sent(&one.env("npm_config_prefix", &prefix).load()),
        "Bearer prefix"
    );
    let one = home();
    let file = one.path("g/rc");
    let one = one.user(format!("globalconfig={}\n", file.display()));
    assert_eq!(sent(&one.load()), "Bearer named");
}

#[cfg(unix)]
#[test]
fn the_global_file_lies_beside_the_node_that_the_path_finds() {
    let home = at_reg()
        .file("opt/node/bin/node", "")
        .file("opt/node/etc/npmrc", token("beside-node"));
    fs::create_dir(home.path("bin")).unwrap();
    std::os::unix::fs::symlink(home.path("opt/node/bin/node"), home.path("bin/node")).unwrap();
    let mut home = home;
    home.env.clear();
    let path = std::env::join_paths([home.path("nothing"), home.path("bin")]).unwrap();
    let home = home.env("PATH", path);
    assert_eq!(sent(&home.load()), "Bearer beside-node");
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_the_rest_counts() {
    let home = at_reg().user(token("user"));
    fs::create_dir(home.path("home/project/.npmrc")).unwrap();
    let config = home.load();
    assert_eq!(sent(&config), "Bearer user");
    assert!(
        problems(&config)
            .starts_with("~/project/.npmrc is a folder, not a file, so nothing in it counts."),
        "{}",
        problems(&config)
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_file_holds_nothing_up() {
    let home = at_reg();
    let pipe = home.path("home/.npmrc");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    assert!(problems(&home.load()).starts_with("~/.npmrc is not a plain file"));
}

#[test]
fn p03_a_broken_line_is_named_by_file_and_number_and_never_quoted() {
    let mut bytes = b"\n//reg.example/:_authToken=\"npm_canary1\n[section]\n//reg.example/:_authToken=npm_canary2\n=npm_canary3\nkey=npm_canary4".to_vec();
    bytes.extend_from_slice(b"\xff\n");
    let config = at_reg().user(bytes).load();
    let said = problems(&config);
    for (line, words) in [
        (2, "quotation marks that do not pair up"),
        (4, "stands below a [section]"),
        (5, "has nothing before"),
        (6, "not UTF-8"),
    ] {
        assert!(
            said.lines()
                .any(|s| s.starts_with(&format!("~/.npmrc, line {line} ")) && s.contains(words)),
            "{said}"
        );
    }
    assert!(!format!("{config:?}").contains("canary"));
    assert!(!format!("{:?}", config.identity()).contains("canary"));
}

#[test]
fn the_advice_to_sign_in_names_the_registry_and_the_file_and_never_sends_a_password_in_the_clear() {
    let advice = |home: &Home| home.load().identity().sign_in.map(String::from);
    let mut home = at_reg();
    let plain = "npm login --registry https://reg.example/";
    assert_eq!(advice(&home).as_deref(), Some(plain));
    home.userconfig = Some("/tmp/a.rc".into());
    let named = format!("{plain} --userconfig /tmp/a.rc");
    assert_eq!(advice(&home), Some(named));
    home.userconfig = Some("/tmp/it's here.rc".into());
    let quoted = format!(r"{plain} --userconfig '/tmp/it'\''s here.rc'");
    assert_eq!(advice(&home), Some(quoted));
    let unencrypted = Home::new().registry("http://reg.example");
    assert_eq!(advice(&unencrypted), None);
    let loopback = Home::new().registry("http://127.0.0.1:4873");
    assert!(advice(&loopback).is_some());
}

#[test]
fn the_persons_own_file_is_named_also_when_it_is_not_there() {
    let file = |home: &Home| home.load().identity().user_file.map(String::from);
    let mut home = at_reg();
    assert_eq!(file(&home).as_deref(), Some("~/.npmrc"));
    home.userconfig = Some(home.home().join("own.rc"));
    std::fs::write(home.home().join("own.rc"), "").unwrap();
    assert_eq!(file(&home).as_deref(), Some("~/own.rc"));
}

#[cfg(unix)]
#[test]
fn the_file_inside_npm_comes_last_and_names_where_the_global_one_lies() {
    let npm = |home: Home| {
        std::os::unix::fs::symlink("../npm/bin/npm-cli.js", home.path("bin/npm")).unwrap();
        let path = home.path("bin");
        home.env("PATH", path)
    };
    let home = || Home::new().file("bin/x", "").file("npm/bin/npm-cli.js", "");
    let builtin = |content: &str| npm(home().file("npm/npmrc", content));
    let by_itself = format!("registry=https://reg.example/\n{}", token("builtin"));
    let config = builtin(&by_itself).load();
    assert_eq!(sent(&config), "Bearer builtin");
    assert!(place(&config).ends_with("npm/npmrc, line 2"));
    assert_eq!(
        sent(&builtin(&by_itself).user(token("user")).load()),
        "Bearer user"
    );

    let global = |moved: &str| {
        let one = home()
            .file("npm/npmrc", moved)
            .file("home/g/etc/npmrc", token("prefix"))
            .file("home/other", token("named"));
        npm(one.user("registry=https://reg.example/\n")).env("PREFIX", "/nowhere")
    };
    assert_eq!(sent(&global("prefix=~/g\n").load()), "Bearer prefix");
    assert_eq!(
        sent(&global("globalconfig=~/other\n").load()),
        "Bearer named"
    );

    // A wrapper of that name tells nothing of where npm lies.
    let wrapper = Home::new().file("bin/npm", "").file("npmrc", &by_itself);
    let path = wrapper.path("bin");
    assert_eq!(sent(&wrapper.env("PATH", path).load()), "none");
}
