use npm_warden::domain::moment::Moment;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::{Never, TokenKey};
use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Error, PageAt, Registry as _, Revoked, Sent};

use crate::client::{client, plain, setup, with_otp};
use crate::server::{Server, Step, close, json, with};

fn rows(count: usize) -> String {
    let row = |n| format!(r#"{{"key":"k{n}","token":"npm_{n}","readonly":false}}"#);
    (0..count).map(row).collect::<Vec<_>>().join(",")
}

fn page(count: usize, total: &str, next: &str) -> Step {
    let rows = rows(count);
    json(
        200,
        &format!(r#"{{"objects":[{rows}],"total":{total},"urls":{{"next":{next}}}}}"#),
    )
}

#[tokio::test]
async fn every_field_of_new_and_old_registries_is_read() {
    let server = Server::start([json(
        200,
        r#"{"objects":[
            {"key":"8f14e45f-ceea-467f-a0e6-1d2b3c4d5e6f","token":"npm_aBcD...7890","name":"ci","description":"d",
             "readonly":true,"bypass_2fa":true,"cidr_whitelist":["10.0.0.0/8"],"cidr":[],"expiry":"2026-02-03T20:06:18.920Z",
             "revoked":null,"created":"2026-01-01T00:00:00.000Z","updated":"2026-01-01T00:00:00.000Z","accessed":null,
             "permissions":[{"name":"package","action":"write"}],"scopes":[{"type":"package","name":"left-pad"}]},
            {"user":"al","token":"YTAz...4NzQ0","key":"03a4","cidr":["10.1.0.0/16"],"readonly":false,"created":1767225600000,
             "expires":"2026-02-03T20:06:18.920Z","name":"","accessed":"yesterday","permissions":[7,{}],"scopes":null},
            {"key":"only"}],"urls":{"next":""}}"#,
    )])
    .await;
    let page = client(&server)
        .tokens(plain(), &PageAt::First)
        .await
        .unwrap();
    assert_eq!(server.lines(), ["GET /-/npm/v1/tokens?perPage=100&page=0"]);
    assert_eq!((page.total, &page.next, page.last), (None, &None, None));
    let [new, old, bare] = &page.rows[..] else {
        panic!("{page:?}")
    };
    let text = |s: &str| Some(Text::new(s));
    assert_eq!(new.key.raw(), "8f14e45f-ceea-467f-a0e6-1d2b3c4d5e6f");
    assert_eq!(new.name, text("ci"));
    assert_eq!(new.description.as_deref(), text("d").as_ref());
    assert!(new.readonly && new.bypass_2fa);
    assert_eq!(*new.cidr, [Text::new("10.0.0.0/8")]);
    assert!(new.expires.is_some() && new.created.is_some() && new.accessed.is_none());
    assert_eq!(
        *new.permissions,
        [(Text::new("package"), Text::new("write"))]
    );
    assert_eq!(*new.scopes, [(Text::new("package"), Text::new("left-pad"))]);
    assert!(new.updated.is_some() && old.updated.is_none());
    // Not used yet and said so; a moment that cannot be read, or is not spoken of, is not known.
    assert!(new.never.used && !new.never.expires);
    assert_eq!(old.never, Never::default());
    assert_eq!(bare.never, Never::default());
    assert_eq!(old.begins.as_str(), "YTAz...4NzQ0");
    assert_eq!(*old.cidr, [Text::new("10.1.0.0/16")]);
    assert_eq!(old.name, None);
    assert_eq!(
        old.created.unwrap().at().to_string(),
        "2026-01-01T00:00:00Z"
    );
    assert_eq!(old.expires, new.expires);
    assert!(old.permissions.is_empty() && old.accessed.is_none());
    assert!(bare.begins.is_empty() && bare.cidr.is_empty());
}

#[tokio::test]
async fn a_token_that_does_not_lapse_is_told_from_one_of_which_that_is_not_said() {
    let server = Server::start([json(
        200,
        r#"{"objects":[{"key":"a","expiry":null},{"key":"b","expires":null,"expiry":null},{"key":"c"},
            {"key":"d","expiry":null,"expires":"2026-02-03T20:06:18.920Z"},{"key":"e","expiry":""}]}"#,
    )])
    .await;
    let page = client(&server)
        .tokens(plain(), &PageAt::First)
        .await
        .unwrap();
    let never: Vec<bool> = page.rows.iter().map(|row| row.never.expires).collect();
    assert_eq!(never, [true, true, false, false, false]);
    assert!(page.rows[3].expires.is_some());
}

#[tokio::test]
async fn odd_values_spoil_no_list_and_hide_nothing_that_matters() {
    let server = Server::start([json(
        200,
        r#"{"objects":[
            {"key":"nulls","token":null,"name":null,"description":null,"token_description":"why","readonly":null,
             "bypass_2fa":null,"cidr":null,"cidr_whitelist":null,"expires":null,"revoked":null,"created":null,
             "updated":null,"accessed":null,"permissions":null,"scopes":null},
            {"key":"wrong","token":7,"name":{},"description":[],"readonly":"yes","bypass_2fa":1,"cidr":{},
             "cidr_whitelist":"10.0.0.0/8, 10.1.0.0/16","expires":"2026-02-03","revoked":false,
             "created":"2026-01-01T00:00:00","updated":[],"accessed":{},"permissions":"write","scopes":{}},
            {"key":"words","bypass_2fa":"true","permissions":["read",null],"scopes":["left-pad",7,""],
             "cidr":[7,"10.0.0.0/8",null],"expiry":{},"expires":"2026-02-03T00:00:00+01:00","unheard-of":{"of":[1]}},
            {"key":"noes","bypass_2fa":"false","readonly":0,"expires":1e300,"created":-1,"accessed":"0000"}
           ],"total":"4","urls":null}"#,
    )])
    .await;
    let page = client(&server)
        .tokens(plain(), &PageAt::First)
        .await
        .unwrap();
    assert_eq!((page.total, &page.next), (None, &None));
    let [nulls, wrong, words, noes] = &page.rows[..] else {
        panic!("{page:?}")
    };
    let text = |s: &str| Some(Text::new(s));
    let at = |s: &str| Some(s.parse::<jiff::Timestamp>().unwrap());
    assert_eq!(nulls.description, text("why").map(Box::new));
    assert!(!nulls.bypass_2fa && nulls.writes(), "nothing limits it");
    assert!(nulls.cidr.is_empty() && nulls.created.is_none());

    assert_eq!((&wrong.name, &wrong.description), (&None, &None));
    assert!(wrong.begins.is_empty());
    assert!(wrong.bypass_2fa, "that may mean yes");
    assert!(wrong.writes(), "no word of ours says that it may not");
    assert_eq!(
        *wrong.cidr,
        [Text::new("10.0.0.0/8"), Text::new("10.1.0.0/16")]
    );
    assert_eq!(wrong.expires, at("2026-02-03T00:00:00Z").map(Moment::from));
    assert_eq!(wrong.created, at("2026-01-01T00:00:00Z").map(Moment::from));
    assert_eq!(wrong.revoked, None);

    assert!(words.bypass_2fa);
    assert_eq!(words.may(), "read");
    assert_eq!(*words.scopes, [(Text::default(), Text::new("left-pad"))]);
    assert_eq!(*words.cidr, [Text::new("10.0.0.0/8")]);
    assert_eq!(words.expires, at("2026-02-02T23:00:00Z").map(Moment::from));

    assert!(!noes.bypass_2fa);
    assert_eq!((noes.expires, noes.accessed), (None, None));
}

#[tokio::test]
async fn p26_the_names_of_tokens_are_cleaned() {
    let body = r#"{"objects":[{"key":"k","name":"a\u001b[2J\u202eb","token":"\u009b1mnpm_x"}]}"#;
    let server = Server::start([json(200, body)]).await;
    let page = client(&server)
        .tokens(plain(), &PageAt::First)
        .await
        .unwrap();
    assert_eq!(page.rows[0].label(), "ab");
    assert_eq!(page.rows[0].begins.as_str(), "npm_x");
}

#[tokio::test]
async fn a_list_that_is_none_makes_no_sense() {
    for (body, what) in [
        ("", "is empty"),
        ("<!doctype html><p>", "is a web page and not JSON"),
        (r#"{"objects":[{"key":"#, "is cut off"),
        (r#"{"objects":["#, "is cut off"),
        ("nonsense", "is not JSON"),
        ("{}", "has an unknown shape"),
        (r#"{"objects":{}}"#, "has an unknown shape"),
        (r#"{"objects":["x"]}"#, "has an unknown shape"),
        (
            r#"{"objects":[{"token":"t"}]}"#,
            "lists a token without a key",
        ),
        (r#"{"objects":[{"key":7}]}"#, "lists a token without a key"),
        (r#"{"objects":[{"key":""}]}"#, "lists a token without a key"),
    ] {
        let server = Server::start([json(200, body)]).await;
        let error = client(&server)
            .tokens(plain(), &PageAt::First)
            .await
            .unwrap_err();
        let Error::Malformed { what: said, .. } = &error else {
            panic!("{body}: {error:?}")
        };
        assert_eq!(said.as_str(), what, "{body}");
    }
}

#[tokio::test]
async fn a_good_list_of_the_wrong_content_type_is_read() {
    let server = Server::start([with(
        200,
        &[("content-type", "text/html")],
        r#"{"objects":[]}"#,
    )])
    .await;
    let page = client(&server)
        .tokens(plain(), &PageAt::First)
        .await
        .unwrap();
    assert!(page.rows.is_empty());
}

#[tokio::test]
async fn numbered_pages_can_be_asked_for_at_once() {
    let next = |n| format!(r#""/-/npm/v1/tokens?perPage=100&page={n}""#);
    let server = Server::start([page(100, "250", &next(1)), page(50, "250", "null")]).await;
    let client = client(&server);
    let first = client.tokens(plain(), &PageAt::First).await.unwrap();
    assert_eq!(first.total, Some(250));
    assert_eq!(first.next, Some(PageAt::Number(1)));
    assert_eq!(first.last, Some(2));
    let last = client.tokens(plain(), &PageAt::Number(2)).await.unwrap();
    assert_eq!((last.next, last.last), (None, None));
    assert_eq!(server.lines()[1], "GET /-/npm/v1/tokens?perPage=100&page=2");
}

#[tokio::test]
async fn pages_that_are_counted_otherwise_are_followed_by_their_links() {
    let server = Server::start([]).await;
    let base = server.url();
    for (count, total, next) in [
        (
            10,
            "25",
            r#""/-/npm/v1/tokens?perPage=10&page=1""#.to_owned(),
        ),
        (100, "250", r#""-/npm/v1/tokens?cursor=abc""#.to_owned()),
        (100, "null", format!(r#""{base}-/npm/v1/tokens?after=k""#)),
    ] {
        server.then(page(count, total, &next));
        server.then(page(1, total, r#""""#));
        let client = client(&server);
        let first = client.tokens(plain(), &PageAt::First).await.unwrap();
        assert_eq!(first.last, None);
        let Some(next @ PageAt::Link(_)) = first.next else {
            panic!("{first:?}")
        };
        assert_eq!(client.tokens(plain(), &next).await.unwrap().next, None);
    }
    let lines = server.lines();
    assert_eq!(lines[1], "GET /-/npm/v1/tokens?perPage=10&page=1");
    assert_eq!(lines[3], "GET /-/npm/v1/tokens?cursor=abc");
    assert_eq!(lines[5], "GET /-/npm/v1/tokens?after=k");
}

#[tokio::test]
async fn without_a_total_the_pages_are_numbered_but_not_counted() {
    let server = Server::start([page(
        100,
        "null",
        r#""/-/npm/v1/tokens?perPage=100&page=1""#,
    )])
    .await;
    let first = client(&server)
        .tokens(plain(), &PageAt::First)
        .await
        .unwrap();
    assert_eq!((first.next, first.last), (Some(PageAt::Number(1)), None));
}

#[tokio::test]
async fn p21_a_next_link_stays_on_the_registry() {
    let server = Server::start([]).await;
    let base = format!("{}npm/", server.url());
    let other = Server::start([]).await;
    let client = HttpRegistry::new(setup(&base)).unwrap();
    for (next, to) in [
        (format!("{}npm/-/npm/v1/tokens", other.url()), other.url()),
        (
            format!("{}other/-/npm/v1/tokens", server.url()),
            server.url() + "other/-/npm/v1/tokens",
        ),
        (format!("{base}../x"), server.url() + "x"),
        (format!("{base}%2e%2e/x"), server.url() + "x"),
        ("/../x".to_owned(), server.url() + "x"),
        (
            format!("https://127.0.0.1:{}/npm/", server.port),
            format!("127.0.0.1:{}", server.port),
        ),
        (
            format!("http://al:pw@127.0.0.1:{}/npm/", server.port),
            server.url(),
        ),
        (
            "http://".to_owned(),
            "an address that makes no sense".to_owned(),
        ),
        (
            "HTTPS://evil.test/npm/x?token=secret".to_owned(),
            "evil.test".to_owned(),
        ),
    ] {
        server.then(page(100, "200", &format!("{next:?}")));
        let error = client.tokens(plain(), &PageAt::First).await.unwrap_err();
        assert_eq!(
            error,
            Error::Elsewhere {
                to: Text::new(to.trim_end_matches('/')),
                sent: Sent::No
            },
            "{next}"
        );
        let error = client
            .tokens(plain(), &PageAt::Link(next.clone()))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Elsewhere { .. }), "{next}");
    }
    assert!(other.raw().is_empty());
    assert!(
        server
            .lines()
            .iter()
            .all(|line| line == "GET /npm/-/npm/v1/tokens?perPage=100&page=0")
    );
}

#[tokio::test]
async fn p21_a_link_that_looks_like_another_host_is_a_path_as_npm_joins_it() {
    let server = Server::start([page(100, "200", r#""//evil.test/x""#)]).await;
    let first = client(&server)
        .tokens(plain(), &PageAt::First)
        .await
        .unwrap();
    assert_eq!(
        first.next,
        Some(PageAt::Link(format!("{}evil.test/x", server.url())))
    );
}

#[tokio::test]
async fn p21_pages_are_bounded_and_said_to_be() {
    let server = Server::start([
        page(100, "1000001", r#""/-/npm/v1/tokens?perPage=100&page=1""#),
        page(100, "null", r#""/-/npm/v1/tokens?perPage=100&page=10000""#),
        page(100, "null", r#""/-/npm/v1/tokens?perPage=100&page=0""#),
    ])
    .await;
    let client = client(&server);
    for (at, what) in [
        (PageAt::First, "goes on for more than 10000 pages"),
        (PageAt::First, "goes on for more than 10000 pages"),
        (PageAt::First, "names a page as the one after itself"),
        (PageAt::Number(10_000), "goes on for more than 10000 pages"),
    ] {
        let error = client.tokens(plain(), &at).await.unwrap_err();
        let Error::Malformed { what: said, .. } = &error else {
            panic!("{error:?}")
        };
        assert!(said.as_str().starts_with(what), "{said}");
    }
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_token_is_revoked_by_its_key() {
    let server = Server::start([with(204, &[], ""), json(200, "{}"), json(404, "{}")]).await;
    let client = client(&server);
    let otp = Secret::from("123456");
    let revoke = async |key: &str| {
        client
            .revoke(with_otp(&otp), &TokenKey::new(key))
            .await
            .unwrap()
    };
    assert_eq!(revoke("03a4").await, Revoked::Done);
    assert_eq!(revoke("a/b c?d#e%f").await, Revoked::Done);
    assert_eq!(
        revoke("8f14e45f-ceea-467f-a0e6-1d2b3c4d5e6f").await,
        Revoked::AlreadyGone
    );
    assert_eq!(
        server.lines(),
        [
            "DELETE /-/npm/v1/tokens/token/03a4",
            "DELETE /-/npm/v1/tokens/token/a%2Fb%20c%3Fd%23e%25f",
            "DELETE /-/npm/v1/tokens/token/8f14e45f-ceea-467f-a0e6-1d2b3c4d5e6f",
        ]
    );
    assert_eq!(server.seen()[0].header("npm-otp"), Some("123456"));
    assert_eq!(server.seen()[0].header("npm-command"), Some("token"));
}

#[tokio::test]
async fn a_key_that_would_name_something_else_is_not_sent() {
    let server = Server::start([]).await;
    for key in ["", ".", "..", "../../x", "a/../../b"] {
        let result = client(&server).revoke(plain(), &TokenKey::new(key)).await;
        assert!(result.is_err(), "{key}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_revocation_that_broke_off_has_an_unknown_outcome() {
    let server = Server::start([close()]).await;
    let error = client(&server)
        .revoke(plain(), &TokenKey::new("k"))
        .await
        .unwrap_err();
    assert!(error.outcome_unknown());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_revocation_is_done_by_its_status_whatever_the_body_says() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"ok",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz",
        "HTTP/1.1 202 OK\r\n\r\n<html>",
    ] {
        let server = Server::start([Step::Bytes(answer.into())]).await;
        let revoked = client(&server).revoke(plain(), &TokenKey::new("k")).await;
        assert_eq!(revoked, Ok(Revoked::Done), "{answer}");
    }
}
