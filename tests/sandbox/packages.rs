//! Packages, as far as an account's owner looks at them.

use crate::site::Site;

#[tokio::test]
async fn who_owns_what_is_told_to_who_is_signed_in() {
    let site = Site::new().await;
    let path = format!("/-/user/{}/package", site.name());
    let list = site.get(&path).send().await.is(200).json();
    assert_eq!(list["kettle-cli"], "write");
    assert_eq!(list["@marlow/lid"], "write");
    site.get(&path).anonymous().send().await.refused(401);
    site.get("/-/user/nobody/package").send().await.refused(404);
    let org = format!("/-/org/{}/package", site.name());
    site.get(&org).send().await.refused(404);
}

#[tokio::test]
async fn a_document_has_what_npm_needs_of_it() {
    let site = Site::new().await;
    let kettle = site.get("/kettle-cli").anonymous().send().await;
    let kettle = kettle.is(200).json();
    assert_eq!(kettle["_id"], "kettle-cli");
    assert_eq!(kettle["dist-tags"]["latest"], "2.1.1");
    assert_eq!(kettle["maintainers"][0]["name"], site.name());
    assert!(kettle["time"]["2.1.1"].is_string() && kettle["time"]["created"].is_string());
    let rev = kettle["_rev"].as_str().unwrap();
    for path in ["/@marlow%2flid", "/@marlow%2Flid", "/@marlow/lid"] {
        let lid = site.get(path).send().await.is(200).json();
        assert_eq!(lid["name"], "@marlow/lid");
    }
    assert!(site.running.publish("kettle-cli", "2.1.2"));
    let again = site.get("/kettle-cli").send().await.is(200).json();
    assert_eq!(again["dist-tags"]["latest"], "2.1.2");
    assert_ne!(again["_rev"], rev);
    site.ask("PUT", "/kettle-cli").send().await.refused(405);
}
