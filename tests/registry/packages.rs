//! The packages of an account.

use npm_warden::domain::package::PackageFacts;
use npm_warden::domain::text::Text;
use npm_warden::registry::{Error, Registry as _};
use npm_warden::sandbox::Options;

use crate::client::{client, plain};
use crate::embedded;
use crate::server::{Server, json};

fn named(name: &str) -> PackageFacts {
    PackageFacts::named(name.into(), "write".into())
}

#[tokio::test]
async fn packages_are_asked_for_as_npm_does() {
    let server = Server::start([
        json(404, r#"{"error":"Not found"}"#),
        json(200, r#"{"@s/p":"read","kettle":"write","odd":7}"#),
    ])
    .await;
    let found = client(&server)
        .packages(plain(), &Text::from("al ice"))
        .await
        .unwrap();
    assert_eq!(
        server.lines(),
        [
            "GET /-/org/al%20ice/package",
            "GET /-/user/al%20ice/package"
        ]
    );
    let found: Vec<_> = found
        .iter()
        .map(|package| (package.name.as_str(), package.access.as_str()))
        .collect();
    assert_eq!(found, [("@s/p", "read"), ("kettle", "write"), ("odd", "")]);
}

#[tokio::test]
async fn a_registry_without_such_a_list_says_so_by_two_404() {
    let gone = || json(404, r#"{"error":"Not found"}"#);
    let server = Server::start([gone(), gone()]).await;
    let found = client(&server).packages(plain(), &Text::from("al")).await;
    assert!(matches!(found, Err(Error::NotOffered { .. })), "{found:?}");
}

#[tokio::test]
async fn a_name_that_is_no_part_of_an_address_is_not_sent() {
    let server = Server::start([]).await;
    let client = client(&server);
    assert!(client.packages(plain(), &Text::from("..")).await.is_err());
    for name in [".", "..", "", "@", "@s/", "@/x", "@../x"] {
        assert!(
            client.package(plain(), &named(name)).await.is_err(),
            "{name}"
        );
    }
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn of_a_document_little_is_kept_and_that_is_lenient() {
    let server = Server::start([
        json(
            200,
            r#"{"_id":"@s/p","versions":{"1.0.0":{"x":[1,{}]}},
                "dist-tags":{"latest":"1.0.1","next":"2"},
                "maintainers":[{"name":"tess","email":"t@x.example"},"mo <m@x.example>",7,{"name":"ev\u001b[2Jil"}],
                "time":{"created":"2020-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","unpublished":{"by":"x"},
                        "1.0.0":"2026-01-02T00:00:00.000Z","1.0.1":"2026-01-03T00:00:00.000Z","0.1.0":"never"}}"#,
        ),
        json(200, "{}"),
        json(200, r#"{"maintainers":null,"time":null,"dist-tags":null}"#),
        json(404, r#"{"error":"Not found"}"#),
    ])
    .await;
    let client = client(&server);
    let found = client.package(plain(), &named("@s/p")).await.unwrap();
    assert_eq!(server.lines(), ["GET /@s%2fp"]);
    let (latest, at) = found.latest.unwrap();
    assert_eq!(latest.as_str(), "1.0.1");
    assert_eq!(at.unwrap().to_string(), "2026-01-03T00:00:00Z");
    let recent: Vec<_> = found.recent.iter().map(|(v, _)| v.as_str()).collect();
    assert_eq!(recent, ["1.0.1", "1.0.0"]);
    // Promise P26.
    let owners: Vec<_> = found.owners.iter().map(Text::as_str).collect();
    assert_eq!(owners, ["tess", "mo", "evil"]);
    for _ in 0..2 {
        let bare = client.package(plain(), &named("kettle")).await.unwrap();
        assert_eq!(bare, named("kettle"));
    }
    assert!(client.package(plain(), &named("kettle")).await.is_err());
}

#[tokio::test]
async fn the_embedded_registry_tells_of_its_packages() {
    let running = embedded::registry(Options::default()).await;
    let client = embedded::client(&running);
    let name = Text::new(running.username());
    let list = client.packages(plain(), &name).await.unwrap();
    let names: Vec<_> = list.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        names,
        ["@marlow/lid", "kettle-cli", "kettle-core", "kettle-nightly"]
    );
    let before = client.package(plain(), &list[1]).await.unwrap();
    assert_eq!(before.owners, [name]);
    assert_eq!(before.recent.len(), 3);
    assert!(
        client
            .package(plain(), &list[0])
            .await
            .unwrap()
            .latest
            .is_some()
    );
    assert!(running.publish("kettle-cli", "2.1.2"));
    assert!(!running.publish("kettle-gone", "1.0.0"));
    let after = client.package(plain(), &list[1]).await.unwrap();
    assert_eq!(after.latest.unwrap().0.as_str(), "2.1.2");
}
