//! An account that somebody else is in, to rehearse an emergency.

use npm_warden::sandbox::Options;

use crate::site::Site;

const TOKENS: &str = "/-/npm/v1/tokens";

async fn site() -> Site {
    Site::with(Options {
        under_attack: true,
        ..Options::default()
    })
    .await
}

async fn names(site: &Site) -> Vec<(String, String)> {
    let list = site.get(&format!("{TOKENS}?perPage=100")).send().await;
    let list = list.is(200).json();
    let rows = list["objects"].as_array().unwrap().iter();
    // But for the one that this asks by.
    let own = site.token().get(..8).unwrap();
    rows.filter(|row| row["token"] != own)
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            (text("name"), text("key"))
        })
        .collect()
}

#[tokio::test]
async fn a_thief_has_tokens_a_session_another_address_and_a_package() {
    let site = site().await;
    let found = names(&site).await;
    for name in ["✓ revoked   in use", "npm-cli-cache"] {
        assert!(found.iter().any(|(other, _)| other == name), "{found:?}");
    }
    assert_eq!(site.running.inspect().sessions, 1);
    let profile = site.get("/-/npm/v1/user").send().await.is(200).json();
    assert_ne!(profile["email"], site.running.email());
    assert_eq!(profile["email_verified"], false);
    let kettle = site.get("/kettle-core").send().await.is(200).json();
    assert_eq!(kettle["maintainers"][1]["name"], "mara-toss");
    assert_eq!(kettle["dist-tags"]["latest"], "2.1.1");
}

#[tokio::test]
async fn the_thief_makes_one_more_token_while_tokens_go() {
    let site = site().await;
    let before = names(&site).await;
    let kept = before.len();
    let backups =
        |all: &[(String, String)]| all.iter().filter(|(name, _)| name == "backup").count();
    for (done, (_, key)) in before[..5].iter().enumerate() {
        let path = format!("{TOKENS}/token/{key}");
        site.ask("DELETE", &path).send().await.is(204);
        let now = names(&site).await;
        let made = usize::from(done >= 2);
        assert_eq!(backups(&now), made, "after {}", done + 1);
        assert_eq!(now.len(), kept - (done + 1) + made);
    }
}

#[tokio::test]
async fn without_a_thief_nothing_of_it_is_there() {
    let site = Site::new().await;
    let found = names(&site).await;
    assert!(found.iter().all(|(name, _)| name != "npm-cli-cache"));
    assert_eq!(site.running.inspect().sessions, 0);
}
