//! Which credential npm would send, and what is said when there is none.

use crate::home::{Home, is_bearer, place, problems, sent};

const REGISTRY: &str = "https://reg.example/npm/";

#[test]
fn the_walk_goes_from_the_whole_path_to_the_bare_host_and_the_longest_key_wins() {
    let cases = [
        ("//reg.example/npm/:_authToken=a", "Bearer a"),
        ("//reg.example/npm:_authToken=a", "Bearer a"),
        ("//reg.example/:_authToken=a", "Bearer a"),
        ("//reg.example:_authToken=a", "Bearer a"),
        (
            "//reg.example/:_authToken=short\n//reg.example/npm/:_authToken=long",
            "Bearer long",
        ),
        (
            "//reg.example/npm:_authToken=without\n//reg.example/npm/:_authToken=with",
            "Bearer with",
        ),
        // A longer key of a lesser kind wins over a shorter one of a better kind.
        (
            "//reg.example/:_authToken=t\n//reg.example/npm/:_auth=dTpw",
            "Basic dTpw",
        ),
        // At the same key, the token, then `_auth`, then the pair.
        (
            "//reg.example/:username=u\n//reg.example/:_password=cA==\n//reg.example/:_auth=x\n//reg.example/:_authToken=t",
            "Bearer t",
        ),
        (
            "//reg.example/:username=u\n//reg.example/:_password=cA==\n//reg.example/:_auth=eDp5",
            "Basic eDp5",
        ),
        (
            "//reg.example/:username=u\n//reg.example/:_password=cA==",
            "Basic dTpw",
        ),
        // Half a pair is none.
        ("//reg.example/:username=u", "none"),
        ("//reg.example/:_password=cA==", "none"),
        // Other hosts, ports, paths, and spellings that npm does not know.
        ("//other.example/:_authToken=a", "none"),
        ("//reg.example:8443/:_authToken=a", "none"),
        ("//reg.example:443/:_authToken=a", "none"),
        ("//reg.example/np/:_authToken=a", "none"),
        ("//reg.example/npm/deeper/:_authToken=a", "none"),
        ("//REG.example/:_authToken=a", "none"),
        ("https://reg.example/:_authToken=a", "none"),
        // Empty, false and null are no credential; the walk goes on.
        (
            "//reg.example/npm/:_authToken=\n//reg.example/:_authToken=b",
            "Bearer b",
        ),
        ("//reg.example/:_authToken=null", "none"),
        ("//reg.example/:_authToken=false", "none"),
        ("//reg.example/:_authToken=undefined", "none"),
        ("//reg.example/:_authToken", "Bearer true"),
    ];
    for (content, expected) in cases {
        let config = Home::new().user(content).registry(REGISTRY).load();
        assert_eq!(sent(&config), expected, "{content}");
    }
}

#[test]
fn the_place_is_named_with_file_line_and_variable() {
    let config = Home::new()
        .user("; mine\n\n//reg.example/:_authToken=${NPM_TOKEN}\n")
        .env("NPM_TOKEN", "canary-1")
        .registry(REGISTRY)
        .load();
    assert!(is_bearer(&config, "canary-1"));
    assert_eq!(place(&config), "~/.npmrc, line 3, from ${NPM_TOKEN}");
    assert_eq!(problems(&config), "");
}

#[test]
fn variables_are_replaced_as_npm_replaces_them() {
    let cases = [
        ("${TOK}", "Bearer t"),
        ("a${TOK}b${TOK}", "Bearer atbt"),
        ("${TOK?}", "Bearer t"),
        ("x${UNSET?}", "Bearer x"),
        ("\\${TOK}", "Bearer ${TOK}"),
        ("\\\\${TOK}", "Bearer ${TOK}"),
        ("\"\\\\\\\\${TOK}\"", "Bearer \\t"),
        ("${}", "Bearer ${}"),
        ("${TOK", "Bearer ${TOK"),
        ("$TOK", "Bearer $TOK"),
        ("${${TOK}", "Bearer ${t"),
        // What pnpm and yarn know and npm does not is the name of no variable.
        ("${UNSET-x}", "none"),
        ("${UNSET:-x}", "none"),
    ];
    for (value, expected) in cases {
        let config = Home::new()
            .user(format!("//reg.example/:_authToken={value}"))
            .env("TOK", "t")
            .registry(REGISTRY)
            .load();
        assert_eq!(sent(&config), expected, "{value}");
    }
    let config = Home::new()
        .user("//${HOST}/:_authToken=t")
        .env("HOST", "reg.example")
        .registry(REGISTRY)
        .load();
    assert_eq!(sent(&config), "Bearer t");
}

#[test]
fn an_unset_variable_is_said_and_its_credential_is_not_used_nor_passed_over() {
    let config = Home::new()
        .user("//reg.example/:_auth=dTpw\n//reg.example/:_authToken=${NPM_TOKEN}\n")
        .registry(REGISTRY)
        .load();
    assert_eq!(sent(&config), "none");
    assert_eq!(
        problems(&config),
        "~/.npmrc, line 2 uses ${NPM_TOKEN}, which is not set, so the token there cannot be used. \
         Set the variable, or sign in with `npm login`."
    );
    // For another registry it is of no concern.
    let config = Home::new()
        .user("//other.example/:_authToken=${NPM_TOKEN}\n")
        .registry(REGISTRY)
        .load();
    assert_eq!(problems(&config), "");
}

#[test]
fn p03_a_token_that_was_put_into_the_braces_is_not_quoted() {
    for name in [
        "npm_canaryAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "canary-0000-4000-8000-000000000000",
        "canary:-x",
    ] {
        let config = Home::new()
            .user(format!("//reg.example/:_authToken=${{{name}}}\n"))
            .registry(REGISTRY)
            .load();
        assert_eq!(sent(&config), "none");
        let said = problems(&config);
        assert!(
            said.contains("uses an environment variable, which is not set"),
            "{said}"
        );
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn an_empty_variable_is_said() {
    let config = Home::new()
        .user("//reg.example/:_authToken=${NPM_TOKEN}\n")
        .env("NPM_TOKEN", "")
        .registry(REGISTRY)
        .load();
    assert_eq!(sent(&config), "none");
    assert!(problems(&config).contains("from ${NPM_TOKEN}, which is empty"));
}

#[test]
fn passwords_are_decoded_as_leniently_as_npm_does() {
    let cases = [
        // "pässword" in UTF-8, with and without padding, in either alphabet.
        ("cMOkc3N3b3Jk", "u:pässword"),
        ("cA==", "u:p"),
        ("cA", "u:p"),
        ("Pz8_", "u:???"),
        ("c A\u{2e}A", "u:p\0"),
        // Not UTF-8: npm sends replacement characters.
        ("/w==", "u:\u{fffd}"),
    ];
    for (encoded, expected) in cases {
        use base64::Engine as _;
        let config = Home::new()
            .user(format!(
                "//reg.example/:username=u\n//reg.example/:_password=\"{encoded}\"\n"
            ))
            .registry(REGISTRY)
            .load();
        let sent = sent(&config);
        let pair = base64::engine::general_purpose::STANDARD
            .decode(sent.strip_prefix("Basic ").unwrap())
            .unwrap();
        assert_eq!(String::from_utf8(pair).unwrap(), expected, "{encoded}");
    }
    let config = Home::new()
        .user("//reg.example/:username=u\n//reg.example/:_password=canary!!\n")
        .registry(REGISTRY)
        .load();
    assert!(problems(&config).contains("~/.npmrc, line 2 holds a password that is not base64"));
    assert!(!problems(&config).contains("canary"));
}

#[test]
fn a_credential_that_no_header_can_carry_is_not_used() {
    for value in ["\"canary\\nx\"", "canaryä", "\"canary\\u0000\""] {
        let config = Home::new()
            .user(format!("//reg.example/:_authToken={value}\n"))
            .registry(REGISTRY)
            .load();
        assert_eq!(sent(&config), "none");
        assert!(problems(&config).contains("cannot be sent"));
        assert!(!problems(&config).contains("canary"));
    }
}

#[test]
fn a_client_certificate_at_a_longer_key_ends_the_walk_as_in_npm_and_is_said() {
    let config = Home::new()
        .user("//reg.example/:_authToken=t\n//reg.example/npm/:certfile=c\n//reg.example/npm/:keyfile=k\n")
        .registry(REGISTRY)
        .load();
    assert_eq!(sent(&config), "none");
    assert!(problems(&config).contains("client certificate"));
}

#[test]
fn a_credential_without_a_registry_is_said_with_the_key_that_it_should_have() {
    let config = Home::new()
        .user("_authToken=npm_canary\n_auth=canary\n_authtoken=canary\n")
        .env("npm_config__auth", "canary")
        .registry("https://reg.example:8443/npm")
        .load();
    assert_eq!(sent(&config), "none");
    let said = problems(&config);
    assert!(
        said.contains("~/.npmrc, line 1 holds _authToken without saying for which registry, so npm refuses every command. Write the key as //reg.example:8443/npm/:_authToken"),
        "{said}"
    );
    assert!(said.contains("~/.npmrc, line 3 holds _authtoken"));
    assert!(said.contains("the environment variable npm_config__auth holds _auth"));
    assert!(!said.contains("canary"));
}

#[test]
fn a_list_of_one_token_is_sent_as_npm_does_and_one_of_several_serves_nobody() {
    let key = "//reg.example/npm/:_authToken";
    let load = |lines: String| {
        // What stands at a shorter path does not come into it.
        let lines = format!("//reg.example/:_authToken=npm_shorter\n{lines}");
        let home = Home::new().user(lines);
        home.registry("https://reg.example/npm/").load()
    };
    let one = load(format!("{key}[]=canary\n"));
    assert_eq!(sent(&one), "Bearer canary");
    assert_eq!(problems(&one), "");
    for lines in [
        format!("{key}[]=canary\n{key}[]=other\n"),
        format!("{key}=canary\n{key}[]=other\n"),
        format!("{key}[]=canary\n{key}=other\n"),
    ] {
        let several = load(lines);
        assert_eq!(sent(&several), "none");
        let said = problems(&several);
        assert!(
            said.starts_with(
                "~/.npmrc, line 3 is part of a list: npm sends all of its tokens as one"
            ),
            "{said}"
        );
        assert!(!said.contains("canary"));
    }
    // Of the other kinds npm makes nothing.
    let config = Home::new()
        .user("//reg.example/:_auth[]=canary\n")
        .registry(REGISTRY)
        .load();
    assert_eq!(sent(&config), "none");
    assert!(problems(&config).contains("holds a list"));
}

#[test]
fn a_key_that_begins_with_a_scheme_is_said() {
    let config = Home::new()
        .user("https://reg.example/:_authToken=canary\n@x:registry=https://reg.example/\n")
        .registry(REGISTRY)
        .load();
    assert_eq!(sent(&config), "none");
    assert!(problems(&config).starts_with("~/.npmrc, line 1 has a credential whose key begins"));
    assert_eq!(config.problems.len(), 1);
    assert!(!problems(&config).contains("canary"));
}
