//! What holds for every request, and how the registry starts and ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::sandbox::{BODY_LIMIT, Log, Options, StartError, start};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::site::{Site, TOKENS, USER};

#[tokio::test]
async fn p40_it_listens_on_loopback_alone() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "[::ffff:127.0.0.1]:0"] {
        let options = Options {
            listen: address.parse().unwrap(),
            ..Options::default()
        };
        let error = start(options).await.unwrap_err();
        assert!(matches!(error, StartError::NotLoopback(_)));
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
    }
    let site = Site::new().await;
    assert!(site.running.url().starts_with("http://127.0.0.1:"));
    assert!(site.running.url().ends_with('/'));
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let site = Site::new().await;
    let taken: url::Url = site.running.url().parse().unwrap();
    let listen = format!("127.0.0.1:{}", taken.port().unwrap())
        .parse()
        .unwrap();
    let error = start(Options {
        listen,
        ..Options::default()
    })
    .await
    .unwrap_err();
    assert!(
        error.to_string().contains("cannot listen on 127.0.0.1"),
        "{error}"
    );
    for key_bytes in [0, 9, 65] {
        let error = start(Options {
            key_bytes,
            ..Options::default()
        })
        .await
        .unwrap_err();
        assert!(matches!(error, StartError::KeyBytes(_)));
    }
    for prefix in ["npm", "/a b", "/a/{b}", "//a"] {
        let options = Options {
            prefix: prefix.to_owned(),
            ..Options::default()
        };
        let error = start(options).await;
        assert!(matches!(error, Err(StartError::Prefix)), "{prefix}");
    }
}

#[tokio::test]
async fn the_start_line_says_how_to_use_it_and_debug_does_not() {
    let site = Site::new().await;
    let line = site.running.start_line();
    assert!(!line.expose().contains('\n'));
    let line: Value = serde_json::from_str(line.expose()).unwrap();
    assert_eq!(line["url"], site.running.url());
    assert_eq!(line["username"], site.name());
    assert_eq!(line["email"], site.running.email());
    assert_eq!(line["password"], site.password());
    assert_eq!(line["token"], site.token());
    assert_eq!(line.as_object().unwrap().len(), 5);
    let debug = format!("{:?} {:?}", site.running, site.running.inspect());
    assert!(!debug.contains(site.token()) && !debug.contains(site.password()));
}

#[tokio::test]
async fn what_is_not_there_is_not_found_in_json() {
    let site = Site::new().await;
    for path in [
        "/",
        "/npm",
        "/-/org/tess-marlow/package",
        "/-/v1/done/nothing",
        "/kettle-gone",
        "/@marlow%2fkettle",
    ] {
        site.get(path).send().await.refused(404);
    }
    for path in ["/-/user/org.couchdb.user:%ff", "/%ff"] {
        site.get(path).send().await.refused(400);
    }
    let answer = site.ask("PATCH", USER).send().await;
    answer.refused(405);
    let allow = answer.header("allow").unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let site = Site::new().await;
    let body = "x".repeat(BODY_LIMIT + 1);
    site.ask("POST", USER).text(&body).send().await.refused(413);
    let body = format!("{}{{}}", " ".repeat(BODY_LIMIT - 2));
    site.ask("POST", USER).text(&body).send().await.is(200);

    // Without an announced length, too.
    let address = site
        .running
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST {USER} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!(
        "{BODY_LIMIT:x}\r\n{}\r\n1\r\nx\r\n0\r\n\r\n",
        "x".repeat(BODY_LIMIT)
    );
    stream.write_all(chunk.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_path_prefix_stands_before_every_route_and_in_no_next() {
    let options = Options {
        prefix: "/npm/team/".to_owned(),
        ..Options::default()
    };
    let site = Site::with(options).await;
    assert!(site.running.url().ends_with("/npm/team/"));
    site.get("/-/whoami").send().await.is(200);
    let next = site.get(TOKENS).send().await.json()["urls"]["next"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(next, "/-/npm/v1/tokens?perPage=10&page=1");
    site.get(&next).send().await.is(200);
    site.get("/elsewhere").send().await.refused(404);
    let outside = site.running.url().replace("/npm/team/", "/-/whoami");
    let outside = crate::site::client().get(outside).send().await.unwrap();
    assert_eq!(outside.status(), 404);
    assert_eq!(site.running.inspect().requests["GET /-/whoami"], 1);
}

#[tokio::test]
async fn p16_a_reply_carries_the_registry_s_own_time() {
    let site = Site::new().await;
    site.later(3600);
    let answer = site.get("/-/ping").send().await;
    assert_eq!(answer.header("date"), Some("Sun, 22 Nov 2026 11:00:05 GMT"));
}

#[tokio::test]
async fn requests_are_counted_by_route() {
    let site = Site::new().await;
    for _ in 0..3 {
        site.get("/-/whoami").send().await;
    }
    site.get("/-/no/where").send().await;
    site.ask("DELETE", &format!("{TOKENS}/token/x"))
        .send()
        .await;
    let requests = site.running.inspect().requests;
    assert_eq!(requests["GET /-/whoami"], 3);
    assert_eq!(requests["GET (none)"], 1);
    assert_eq!(requests["DELETE /-/npm/v1/tokens/token/{token}"], 1);
    site.running.seen("GET /-/whoami", 3).await;
}

#[tokio::test]
async fn p01_the_log_has_one_line_a_request_and_no_secret() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = lines.clone();
    let log = Log::To(Arc::new(move |line: &str| {
        sink.lock().unwrap().push(line.to_owned());
    }));
    let site = Site::with(Options {
        log,
        ..Options::default()
    })
    .await;
    let (key, recovery) = site.enable("auth-only").await;
    let code = site.code(&key);
    site.get("/-/whoami?token=npm_secret")
        .otp(&code)
        .send()
        .await;
    let body = json!({"password": site.password()});
    let made = site
        .post(TOKENS, body)
        .otp(&recovery[0])
        .send()
        .await
        .is(201)
        .json();
    let value = made["token"].as_str().unwrap();
    site.ask("DELETE", &format!("{TOKENS}/token/{value}"))
        .otp(&code)
        .send()
        .await
        .is(204);
    site.get(&format!("/{value}")).send().await;
    site.ask("DELETE", &format!("/-/user/token/{}", site.token()))
        .send()
        .await
        .is(200);

    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 7);
    assert!(lines[2].starts_with("GET /-/whoami?… 200 "), "{}", lines[2]);
    assert!(
        lines[4].starts_with("DELETE /-/npm/v1/tokens/token/•••• 204 "),
        "{}",
        lines[4]
    );
    let all = lines.join("\n");
    for secret in [
        &key,
        &code,
        &recovery[0],
        value,
        site.token(),
        site.password(),
        "npm_",
    ] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[tokio::test]
async fn a_delayed_reply_has_taken_effect_and_an_ending_registry_sends_it_at_once() {
    // Longer than anyone waits for a test: only the end of the registry lets the reply go.
    let options = Options {
        delay: Duration::from_hours(1),
        ..Options::default()
    };
    let site = Site::with(options).await;
    let url = format!(
        "{}-/npm/v1/tokens/token/{}",
        site.running.url(),
        site.token()
    );
    let request = crate::site::client().delete(url).bearer_auth(site.token());
    let reply = tokio::spawn(request.send());
    site.running
        .seen("DELETE /-/npm/v1/tokens/token/{token}", 1)
        .await;
    assert_eq!(site.running.inspect().tokens, 11);
    assert!(!reply.is_finished());
    let url = site.running.url().to_owned();
    site.running.stop().await;
    assert_eq!(reply.await.unwrap().unwrap().status(), 204);
    let gone = crate::site::client().get(url).send().await.unwrap_err();
    assert!(gone.is_connect());
}

#[tokio::test]
async fn it_ends_with_idle_connections_open_and_when_it_is_dropped() {
    let site = Site::new().await;
    site.get("/-/ping").send().await;
    let address = site
        .running
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let mut idle = TcpStream::connect(&address).await.unwrap();
    drop(site);
    // The other end closes: nothing more comes.
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn unknown_headers_and_npm_s_own_do_no_harm() {
    let site = Site::new().await;
    let request = crate::site::client()
        .get(format!("{}-/whoami", site.running.url()))
        .bearer_auth(site.token())
        .header("npm-auth-type", "web")
        .header("npm-command", "whoami")
        .header("npm-scope", "@marlow")
        .header("x-whatever", "\u{7f}".replace('\u{7f}', "~"))
        .header("npm-otp", "123456");
    assert_eq!(request.send().await.unwrap().status(), 200);
}
