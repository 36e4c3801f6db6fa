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
