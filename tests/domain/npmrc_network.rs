//! Proxy, certificates and time-out.

use std::time::Duration;

use url::Url;

use crate::home::{Home, problems};

const PEM: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

fn proxy(home: &Home, url: &str) -> Option<String> {
    home.load()
        .network
        .proxy_for(&Url::parse(url).unwrap())
        .map(|proxy| proxy.expose().clone())
}

#[test]
fn the_proxy_is_the_configured_one_else_the_environments() {
    let to = "https://reg.example/";
    let cases = [
        ("", &[][..], None),
        ("proxy=http://p:1", &[], Some("http://p:1")),
        (
            "https-proxy=http://s:2\nproxy=http://p:1",
            &[],
            Some("http://s:2"),
        ),
        (
            "proxy=http://p:1",
            &[("HTTPS_PROXY", "http://e:3")],
            Some("http://p:1"),
        ),
        ("", &[("HTTPS_PROXY", "http://e:3")], Some("http://e:3")),
        ("", &[("https_proxy", "http://e:3")], Some("http://e:3")),
        ("", &[("HTTP_PROXY", "http://e:3")], None),
        (
            "proxy=null",
            &[("https_proxy", "http://e:3")],
            Some("http://e:3"),
        ),
        ("proxy=false", &[], None),
        ("proxy=http://p:1\nnoproxy=reg.example", &[], None),
        ("proxy=http://p:1\nnoproxy=example", &[], None),
        ("proxy=http://p:1\nnoproxy=.example", &[], None),
        ("proxy=http://p:1\nnoproxy=a.b, reg.example", &[], None),
        (
            "proxy=http://p:1\nnoproxy[]=a.b\nnoproxy[]=reg.example",
            &[],
            None,
        ),
        ("proxy=http://p:1\nnoproxy=*", &[], Some("http://p:1")),
        (
            "proxy=http://p:1\nnoproxy=eg.example",
            &[],
            Some("http://p:1"),
        ),
        (
            "proxy=http://p:1\nnoproxy=x.reg.example",
            &[],
            Some("http://p:1"),
        ),
        ("proxy=http://p:1", &[("NO_PROXY", "reg.example")], None),
        (
            "proxy=http://p:1\nnoproxy=other",
            &[("NO_PROXY", "reg.example")],
            Some("http://p:1"),
        ),
    ];
    for (content, env, expected) in cases {
        let mut home = Home::new().user(content);
        for (name, value) in env {
            home = home.env(name, value);
        }
        assert_eq!(proxy(&home, to).as_deref(), expected, "{content} {env:?}");
        assert_eq!(problems(&home.load()), "", "{content}");
    }
}

#[test]
fn p22_loopback_is_never_proxied() {
    let home = Home::new()
        .user("proxy=http://p:1")
        .env("http_proxy", "http://e:3");
    for local in [
        "http://127.0.0.1:4873/",
        "http://localhost/",
        "https://[::1]/",
    ] {
        assert_eq!(proxy(&home, local), None);
    }
}

#[test]
fn p23_a_proxys_password_is_kept_and_never_shown() {
    let home = Home::new().user("proxy=http://me:canary@p:1");
    let config = home.load();
    assert!(!format!("{config:?}").contains("canary"));
    assert_eq!(
        proxy(&home, "https://reg.example/").unwrap(),
        "http://me:canary@p:1"
    );
    for wrong in [
        "me:canary@p:1",
        "socks5://me:canary@p:1",
        "http://",
        "${CANARY}",
    ] {
        let config = Home::new().user(format!("\nproxy={wrong}")).load();
        assert!(config.network.https_proxy.is_none(), "{wrong}");
        assert!(problems(&config).contains("~/.npmrc, line 2"), "{wrong}");
        assert!(!problems(&config).contains("canary"));
    }
}

#[test]
fn p23_switching_tls_checks_off_is_refused_and_said() {
    for content in ["strict-ssl=false", "strict-ssl=\"false\""] {
        let config = Home::new().user(content).load();
        assert!(
            problems(&config).starts_with("~/.npmrc, line 1 sets strict-ssl=false, but TLS checks cannot be switched off here."),
            "{}",
            problems(&config)
        );
    }
    let config = Home::new().env("npm_config_strict_ssl", "false").load();
    assert!(problems(&config).contains("the environment variable npm_config_strict_ssl"));
    assert_eq!(problems(&Home::new().user("strict-ssl=true").load()), "");
}

#[test]
fn p23_authorities_come_from_ca_or_cafile_and_the_higher_layer_wins() {
    let escaped = PEM.replace('\n', "\\n");
    let one = |content: &str| {
        Home::new()
            .file("home/ca.pem", format!("a comment\n{PEM}\r\n{PEM}"))
            .user(content)
            .load()
    };
    assert_eq!(one("").network.ca.len(), 0);
    let config = one(&format!("ca=\"{escaped}\""));
    assert_eq!(config.network.ca, [PEM.as_bytes()]);
    assert_eq!(one(&format!("ca={escaped}")).network.ca, [PEM.as_bytes()]);
    assert_eq!(
        one(&format!("ca[]=\"{escaped}\"\nca[]=\"{escaped}\""))
            .network
            .ca
            .len(),
        2
    );
    assert_eq!(
        one("cafile=~/ca.pem").network.ca,
        [PEM.as_bytes(), PEM.as_bytes()]
    );
    assert_eq!(one("ca=null").network.ca.len(), 0);
    // Within one file the later counts; a higher layer counts before a lower.
    assert_eq!(
        one(&format!("cafile=~/ca.pem\nca=\"{escaped}\""))
            .network
            .ca
            .len(),
        1
    );
    assert_eq!(
        one(&format!("ca=\"{escaped}\"\ncafile=~/ca.pem"))
            .network
            .ca
            .len(),
        2
    );
    let config = Home::new()
        .file("home/ca.pem", PEM)
        .user("cafile=~/ca.pem")
        .env("npm_config_ca", "null")
        .load();
    assert_eq!(config.network.ca.len(), 0);
    let env = format!("{PEM}\n{PEM}");
    assert_eq!(
        Home::new()
            .env("npm_config_ca", env)
            .load()
            .network
            .ca
            .len(),
        2
    );
}

#[test]
fn a_cafile_that_cannot_be_used_is_said() {
    let home = Home::new().user("cafile=~/gone.pem");
    assert!(
        problems(&home.load())
            .starts_with("The cafile ~/gone.pem that ~/.npmrc, line 1 names does not exist")
    );
    let home = home.file("home/gone.pem", "nothing");
    assert!(problems(&home.load()).contains("holds no certificate"));
}

#[test]
fn nodes_extra_authorities_count_beside_the_known_ones() {
    let home = Home::new().file("x.pem", PEM);
    let file = home.path("x.pem");
    let home = home.env("NODE_EXTRA_CA_CERTS", file);
    assert_eq!(home.load().network.extra_ca.len(), 1);
    assert_eq!(home.load().network.ca.len(), 0);
}

#[test]
fn the_time_out_is_npms() {
    let timeout = |content: &str| Home::new().user(content).load().network.timeout;
    assert_eq!(timeout(""), Duration::from_mins(5));
    assert_eq!(timeout("fetch-timeout=1500"), Duration::from_millis(1500));
    assert_eq!(timeout("fetch-timeout=soon"), Duration::from_mins(5));
    assert_eq!(timeout("fetch-timeout=0"), Duration::from_mins(5));
}
