//! Where a credential may go (promises P21 and P22).

use npm_warden::npmrc::{Scope, is_loopback};
use url::Url;

use crate::home::Home;

/// The scope of a credential found under `key` for `registry`.
fn scope(registry: &str, key: &str) -> Scope {
    Home::new()
        .user(format!("{key}:_authToken=t\n"))
        .registry(registry)
        .load()
        .credential
        .unwrap()
        .scope
}

fn covers(scope: &Scope, url: &str) -> bool {
    scope.covers(&Url::parse(url).unwrap())
}

#[test]
fn p21_a_credential_covers_its_own_origin_and_path_and_nothing_else() {
    let root = scope("https://reg.example/", "//reg.example/");
    let cases = [
        ("https://reg.example/", true),
        ("https://reg.example:443/-/whoami", true),
        ("https://REG.EXAMPLE/-/npm/v1/user", true),
        ("https://reg.example/@scope%2fname", true),
        ("https://reg.example:8443/", false),
        ("https://sub.reg.example/", false),
        ("https://reg.example.evil/", false),
        ("https://reg.example@evil.example/", false),
        ("https://me@reg.example/", false),
        ("http://reg.example/", false),
        ("ftp://reg.example/", false),
    ];
    for (url, expected) in cases {
        assert_eq!(covers(&root, url), expected, "{url}");
    }
    let cases = [
        ("https://reg.example/npm/-/whoami", true),
        ("https://reg.example/npm/", true),
        ("https://reg.example/npmx/", false),
        ("https://reg.example/", false),
        ("https://reg.example/npm/../other", false),
        ("https://reg.example/npm/%2e%2e/other", false),
        ("https://reg.example/npm/..%2fother", false),
        ("https://reg.example/npm/%2E%2E%2Fother", false),
        ("https://reg.example/npm/..%5cother", false),
    ];
    for key in ["//reg.example/npm/", "//reg.example/npm"] {
        let prefixed = scope("https://reg.example/npm/", key);
        for (url, expected) in cases {
            assert_eq!(covers(&prefixed, url), expected, "{key} {url}");
        }
    }
    // A credential that was stored for the host may go anywhere on it.
    for key in ["//reg.example/", "//reg.example"] {
        assert!(covers(
            &scope("https://reg.example/npm/", key),
            "https://reg.example/other"
        ));
    }
}

#[test]
fn p22_plain_http_is_covered_on_loopback_alone() {
    let local = scope("http://127.0.0.1:4873/", "//127.0.0.1:4873/");
    assert!(covers(&local, "http://127.0.0.1:4873/-/whoami"));
    assert!(!covers(&local, "http://127.0.0.1:4874/"));
    assert!(!covers(&local, "https://127.0.0.1:4873/"));
    assert!(!covers(&local, "http://localhost:4873/"));
    let far = scope("http://reg.example/", "//reg.example/");
    assert!(!covers(&far, "http://reg.example/-/whoami"));
    let six = scope("http://[::1]:4873/", "//[::1]:4873/");
    assert!(covers(&six, "http://[::1]:4873/-/whoami"));
}

#[test]
fn p22_loopback_is_a_literal_address_or_localhost() {
    let cases = [
        ("http://127.0.0.1/", true),
        ("http://127.255.0.3:80/", true),
        ("http://[::1]/", true),
        ("http://localhost/", true),
        ("http://LOCALHOST:4873/", true),
        ("http://0x7f.1/", true),
        ("http://127.0.0.1.example/", false),
        ("http://localhost.example/", false),
        ("http://sub.localhost/", false),
        ("http://[::ffff:127.0.0.1]/", false),
        ("http://128.0.0.1/", false),
        ("http://0.0.0.0/", false),
    ];
    for (url, expected) in cases {
        assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
    }
}
