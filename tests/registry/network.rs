use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Error, Registry as _, Sent};

use crate::client::{TOKEN, plain, setup};
use crate::server::{Server, json, with};

#[tokio::test]
async fn p22_plain_http_goes_to_loopback_alone() {
    for url in [
        "http://registry.test/",
        "http://192.0.2.1:4873/",
        "http://[2001:db8::1]/",
        "http://localhost.test/",
        "http://127.0.0.1.test/",
        "http://0.0.0.0/",
    ] {
        let mut setup = setup("http://127.0.0.1/");
        setup.base = url.parse().unwrap();
        let client = HttpRegistry::new(setup).unwrap();
        let error = client.whoami(plain()).await.unwrap_err();
        let Error::Unsafe { why } = &error else {
            panic!("{url}: {error:?}")
        };
        assert!(why.as_str().contains("plain http"), "{why}");
    }
}

#[tokio::test]
async fn p22_localhost_is_this_machine_and_no_proxy_is_asked() {
    let proxy = Server::start([]).await;
    let alice = || json(200, r#"{"username":"alice"}"#);
    let server = Server::start([alice(), alice()]).await;
    for host in ["127.0.0.1", "localhost"] {
        let mut setup = setup(&format!("http://{host}:{}/", server.port));
        setup.network.http_proxy = Some(Secret::from(proxy.url()));
        setup.network.https_proxy = Some(Secret::from(proxy.url()));
        let client = HttpRegistry::new(setup).unwrap();
        assert_eq!(client.whoami(plain()).await.unwrap().as_str(), "alice");
    }
    assert!(proxy.raw().is_empty());
}

#[tokio::test]
async fn p23_a_configured_proxy_is_used_and_its_password_stays_with_it() {
    let refuses = || with(407, &[("proxy-authenticate", "Basic")], "");
    let proxy = Server::start([refuses(), refuses(), refuses()]).await;
    let mut setup = setup("https://registry.test/");
    let address = format!("http://al:canary-pw@127.0.0.1:{}", proxy.port);
    setup.network.https_proxy = Some(Secret::from(address));
    let client = HttpRegistry::new(setup).unwrap();
    let error = client
        .revoke(plain(), &TokenKey::new("k"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Network { sent: Sent::No, .. }),
        "{error:?}"
    );
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    let seen = proxy.seen();
    assert_eq!(seen[0].line(), "CONNECT registry.test:443");
    // al:canary-pw
    assert_eq!(
        seen[0].header("proxy-authorization"),
        Some("Basic YWw6Y2FuYXJ5LXB3")
    );
    assert!(!String::from_utf8_lossy(&proxy.raw()).contains(TOKEN));
    let log = crate::secrets::log();
    assert!(!log.contains("canary-pw") && !log.contains("YWw6Y2FuYXJ5LXB3"));
}

#[tokio::test]
async fn p23_an_exception_from_the_proxy_is_obeyed() {
    let proxy = Server::start([]).await;
    let mut setup = setup("https://registry.invalid/");
    setup.network.https_proxy = Some(Secret::from(proxy.url()));
    setup.network.no_proxy = vec![".invalid".to_owned()];
    let client = HttpRegistry::new(setup).unwrap();
    let error = client.whoami(plain()).await.unwrap_err();
    assert_eq!(
        error,
        Error::Network {
            sent: Sent::No,
            why: Text::new("the name registry.invalid was not found")
        }
    );
    assert!(proxy.raw().is_empty());
}

#[tokio::test]
async fn an_address_that_is_none_of_a_registry_is_refused_at_once() {
    for url in ["ftp://h/", "file:///x", "data:x"] {
        let mut setup = setup("https://registry.test/");
        setup.base = url.parse().unwrap();
        assert!(HttpRegistry::new(setup).is_err(), "{url}");
    }
}
