//! Faults that are asked for: what was done, by the state afterwards, and what went over the wire.

use std::net::SocketAddr;

use npm_warden::domain::tfa::Tfa;
use npm_warden::sandbox::Options;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::site::{Site, TOKENS, USER};

/// What came over a connection of its own until the other end closed it.
struct Raw(String);

impl Raw {
    fn head(&self) -> &str {
        self.0.split_once("\r\n\r\n").unwrap().0
    }

    fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").unwrap().1
    }

    fn status(&self) -> &str {
        self.0.split(' ').nth(1).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head().lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// One request over a connection of its own, read until the other end closes it.
async fn raw(site: &Site, method: &str, path: &str, body: &str) -> Raw {
    exchange(site, method, path, body, "keep-alive").await
}

/// The same where the answer is a whole one: the other end is asked to close.
async fn raw_closing(site: &Site, method: &str, path: &str, body: &str) -> Raw {
    exchange(site, method, path, body, "close").await
}

async fn exchange(site: &Site, method: &str, path: &str, body: &str, connection: &str) -> Raw {
    let address = site.running.url().trim_start_matches("http://");
    let address: SocketAddr = address.trim_end_matches('/').parse().unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         connection: {connection}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        site.token(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // The end of it is a close and no reset: the whole request was read.
    stream.read_to_end(&mut answer).await.unwrap();
    Raw(String::from_utf8(answer).unwrap())
}

/// The requests that change something: name, method, path, body.
fn deeds(site: &Site) -> Vec<(&'static str, &'static str, String, Value)> {
    let password = site.password();
    vec![
        (
            "profile.set",
            "POST",
            USER.to_owned(),
            json!({"fullname": "Changed"}),
        ),
        (
            "password",
            "POST",
            USER.to_owned(),
            json!({"password": {"old": password, "new": "another-long-one"}}),
        ),
        (
            "2fa",
            "POST",
            USER.to_owned(),
            json!({"tfa": {"mode": "auth-only", "password": password}}),
        ),
        (
            "token.create",
            "POST",
            TOKENS.to_owned(),
            json!({"password": password}),
        ),
        (
            "token.revoke",
            "DELETE",
            format!("{TOKENS}/token/{}", site.token()),
            Value::Null,
        ),
        (
            "logout",
            "DELETE",
            format!("/-/user/token/{}", site.token()),
            Value::Null,
        ),
        (
            "couch",
            "PUT",
            "/-/user/org.couchdb.user:ben".to_owned(),
            json!({"name": "ben", "password": "long-enough-1", "email": "ben@mail.example"}),
        ),
    ]
}

/// Whether a deed was done, by the state and not by the answer.
async fn done(site: &Site, name: &str) -> bool {
    let inspection = site.running.inspect();
    match name {
        "profile.set" => site.profile().await["fullname"] == "Changed",
        "password" => {
            let old = site.get("/-/whoami").basic(site.name(), site.password());
            old.send().await.status == 401
        }
        "2fa" => inspection.tfa != Tfa::Off,
        "token.create" => inspection.tokens == 13,
        "token.revoke" | "logout" => inspection.tokens == 11,
        "couch" => {
            let path = "/-/user/org.couchdb.user:ben";
            site.get(path).send().await.status == 200
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_dropped_connection_gives_no_byte_and_was_before_the_deed_or_after_it() {
    for (kind, acts) in [("drop-before", false), ("drop-after", true)] {
        let names: Vec<_> = deeds(&Site::new().await)
            .iter()
            .map(|deed| deed.0)
            .collect();
        for (index, name) in names.into_iter().enumerate() {
            let site = Site::new().await;
            site.fault(&format!("{name}={kind}"));
            let (_, method, path, body) = deeds(&site).swap_remove(index);
            let body = if body.is_null() {
                String::new()
            } else {
                body.to_string()
            };
            let answer = raw(&site, method, &path, &body).await;
            assert_eq!(answer.0, "", "{name} {kind}");
            site.running.mend();
            assert_eq!(done(&site, name).await, acts, "{name} {kind}");
        }
    }
}

#[tokio::test]
async fn what_answers_in_place_of_the_deed_leaves_it_undone_and_what_comes_after_does_not() {
    for (kind, status, acts) in [
        ("status:503", 503, false),
        ("status:401", 401, false),
        ("retry-after:7", 429, false),
        ("redirect:http://127.0.0.1:1/", 307, false),
        ("status-after:504", 504, true),
    ] {
        let names: Vec<_> = deeds(&Site::new().await)
            .iter()
            .map(|deed| deed.0)
            .collect();
        for (index, name) in names.into_iter().enumerate() {
            let site = Site::new().await;
            site.fault(&format!("{name}={kind}"));
            let (_, method, path, body) = deeds(&site).swap_remove(index);
            let text = if body.is_null() {
                String::new()
            } else {
                body.to_string()
            };
            let answer = raw_closing(&site, method, &path, &text).await;
            assert_eq!(answer.status(), status.to_string(), "{name} {kind}");
            site.running.mend();
            assert_eq!(done(&site, name).await, acts, "{name} {kind}");
        }
    }
}

#[tokio::test]
async fn half_a_body_comes_with_the_length_of_the_whole() {
    let site = Site::new().await;
    let whole = site.get(TOKENS).send().await.text;
    site.fault("token.list=half-body");
    let answer = raw(&site, "GET", TOKENS, "").await;
    assert_eq!(answer.status(), "200");
    let length = whole.len().to_string();
    assert_eq!(answer.header("content-length"), Some(length.as_str()));
    assert_eq!(answer.body(), &whole[..whole.len() / 2]);
    assert_eq!(answer.header("cache-control"), Some("no-store"));

    // It was done; where there is no body, nothing at all is sent.
    site.fault("token.create=half-body");
    let body = json!({"password": site.password()}).to_string();
    let answer = raw(&site, "POST", TOKENS, &body).await;
    assert_eq!(answer.status(), "201");
    assert_eq!(site.running.inspect().tokens, 13);
    site.fault("token.revoke=half-body");
    let path = format!("{TOKENS}/token/{}", site.token());
    assert_eq!(raw(&site, "DELETE", &path, "").await.0, "");
    assert_eq!(site.running.inspect().tokens, 12);
}

#[tokio::test]
async fn half_a_large_body_is_sent_whole_up_to_there() {
    let site = Site::with(Options {
        tokens: 9000,
        ..Options::default()
    })
    .await;
    let path = format!("{TOKENS}?perPage=9999");
    let whole = site.get(&path).send().await.text;
    assert!(whole.len() > 3_000_000, "more than any buffer between");
    site.fault("token.list=half-body");
    let answer = raw(&site, "GET", &path, "").await;
    assert_eq!(answer.body().len(), whole.len() / 2);
}

#[tokio::test]
async fn a_wait_is_told_in_seconds_or_as_a_date_of_the_registry_s_own() {
    let site = Site::new().await;
    site.fault("whoami#1=retry-after:7");
    site.fault("whoami#2=retry-after:0:503");
    site.fault("whoami#3=retry-after-date:90");
    site.fault("whoami#4=retry-after-date:90:202");
    site.fault("whoami#5=status:202");
    let mut seen = Vec::new();
    for _ in 0..6 {
        let answer = site.get("/-/whoami").send().await;
        seen.push((
            answer.status,
            answer.header("retry-after").map(str::to_owned),
            answer.json(),
        ));
    }
    let date = "Sun, 22 Nov 2026 10:01:35 GMT";
    let wanted = [
        (429, Some("7")),
        (503, Some("0")),
        (429, Some(date)),
        (202, Some(date)),
        (202, None),
        (200, None),
    ];
    for ((status, wait, json), (wanted, header)) in seen.iter().zip(wanted) {
        assert_eq!((*status, wait.as_deref()), (wanted, header));
        if *status == 202 {
            assert_eq!(*json, json!({}));
        } else if *status > 400 {
            assert!(json["error"].as_str().unwrap().contains("asked for"));
        }
    }
}

#[tokio::test]
async fn a_redirect_leads_elsewhere_before_anything_is_done() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/there?x=1", elsewhere.local_addr().unwrap());
    let site = Site::new().await;
    site.fault(&format!("profile.set=redirect:{to}"));
    let body = json!({"fullname": "Changed"}).to_string();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = format!("{}{}", site.running.url(), USER.trim_start_matches('/'));
    let answer = client.post(url).bearer_auth(site.token()).body(body);
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], to);
    assert_eq!(site.profile().await["fullname"], "Tess Marlow");
    // P40: the registry itself asks nobody.
    let asked = std::future::poll_fn(|context| {
        std::task::Poll::Ready(elsewhere.poll_accept(context).is_ready())
    });
    assert!(!asked.await);
}

#[tokio::test]
async fn a_skewed_date_and_a_delay_come_on_top_of_another_fault() {
    let site = Site::new().await;
    site.fault("whoami#1=skew:-3600");
    site.fault("whoami#2+=skew:90");
    site.fault("whoami#2=delay:1");
    site.fault("whoami#2=status:500");
    site.fault("whoami#2=drop-before");
    let date = |answer: crate::site::Answer| answer.header("date").unwrap().to_owned();
    let whoami = || site.get("/-/whoami").send();
    assert_eq!(date(whoami().await), "Sun, 22 Nov 2026 09:00:05 GMT");
    let second = whoami().await;
    second.refused(500);
    assert_eq!(date(second), "Sun, 22 Nov 2026 10:01:35 GMT");
    let third = whoami().await;
    assert_eq!(date(third), "Sun, 22 Nov 2026 10:01:35 GMT");
    let other = site.get("/-/ping").send().await;
    assert_eq!(date(other), "Sun, 22 Nov 2026 10:00:05 GMT");
}

#[tokio::test]
async fn a_delay_is_after_the_deed() {
    let site = Site::new().await;
    // Longer than anyone waits for a test: only the end of the registry lets the reply go.
    site.fault("token.revoke=delay:600000");
    let url = format!(
        "{}-/npm/v1/tokens/token/{}",
        site.running.url(),
        site.token()
    );
    let request = crate::site::client().delete(url).bearer_auth(site.token());
    let reply = tokio::spawn(request.send());
    let route = "DELETE /-/npm/v1/tokens/token/{token}";
    site.running.seen(route, 1).await;
    assert_eq!(site.running.inspect().tokens, 11);
    assert!(!reply.is_finished());
    site.running.stop().await;
    assert_eq!(reply.await.unwrap().unwrap().status(), 204);
}

#[tokio::test]
async fn faults_are_counted_from_when_they_were_asked_for() {
    let site = Site::with(Options {
        faults: vec!["whoami#2=status:503".parse().unwrap()],
        ..Options::default()
    })
    .await;
    let status = async || site.get("/-/whoami").send().await.status;
    assert_eq!(status().await, 200);
    site.fault("whoami#1=status:500");
    // Both meet this one; the first that was asked for is done, and both have counted it.
    assert_eq!(status().await, 503);
    assert_eq!(status().await, 200);
    site.fault("whoami#2+=status:502");
    assert_eq!(status().await, 200);
    assert_eq!(status().await, 502);
    assert_eq!(status().await, 502);
    site.running.mend();
    assert_eq!(status().await, 200);
    // What a fault met was seen all the same.
    assert_eq!(site.running.inspect().requests["GET /-/whoami"], 7);
}

#[tokio::test]
async fn operations_that_share_an_address_are_told_apart() {
    let site = Site::new().await;
    for (name, status) in [("profile.set", 501), ("password", 502), ("2fa", 503)] {
        site.fault(&format!("{name}=status:{status}"));
    }
    let password = site.password();
    for (body, status) in [
        (json!({"fullname": "x"}), 501),
        (
            json!({"password": {"old": password, "new": "another-long-one"}, "fullname": "x"}),
            502,
        ),
        (json!({"tfa": ["123456"]}), 503),
        (json!({"tfa": {"mode": "disable"}}), 503),
    ] {
        site.post(USER, body).send().await.refused(status);
    }
    site.profile().await;
    site.fault("*=status:418");
    for path in [USER, TOKENS, "/-/whoami", "/-/ping"] {
        site.get(path).send().await.refused(418);
    }
}

#[tokio::test]
async fn a_sign_in_on_the_web_survives_a_lost_answer() {
    let site = Site::new().await;
    site.fault("login#1=status:503");
    site.fault("poll#2=drop-after");
    let login = || site.post("/-/v1/login", json!({})).anonymous().send();
    login().await.refused(503);
    let pair = login().await.is(200).json();
    let done = pair["doneUrl"].as_str().unwrap();
    assert_eq!(site.get(done).send().await.status, 202);
    assert!(site.running.approve(pair["loginUrl"].as_str().unwrap()));
    let path = done.strip_prefix(site.running.url()).unwrap();
    assert_eq!(raw(&site, "GET", &format!("/{path}"), "").await.0, "");
    // The token was made, and it is still to be had.
    assert_eq!(site.running.inspect().tokens, 13);
    let token = site.get(done).send().await.is(200).json()["token"].clone();
    let whoami = site.get("/-/whoami").bearer(token.as_str().unwrap());
    whoami.send().await.is(200);
    assert_eq!(site.running.inspect().tokens, 13);
}

#[tokio::test]
async fn a_connection_that_goes_on_is_not_harmed_by_another_that_was_cut() {
    let site = Site::new().await;
    site.fault("whoami#2=drop-after");
    // The client keeps connections: each of these has a whole answer.
    site.get("/-/whoami").send().await.is(200);
    let url = format!("{}-/whoami", site.running.url());
    let broken = reqwest::Client::builder().no_proxy().build().unwrap();
    let broken = broken.get(&url).bearer_auth(site.token()).send().await;
    assert!(broken.is_err());
    site.get("/-/whoami").send().await.is(200);
    assert_eq!(site.running.inspect().requests["GET /-/whoami"], 3);
}
