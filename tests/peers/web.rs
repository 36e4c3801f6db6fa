//! npm's own way through a browser: signing in, and a second factor for what it does, each approved by a person on the
//! embedded registry's page, found there by the names that assistive technology hears.

use npm_warden::sandbox::Options;

use crate::browser::Browser;
use crate::served::Served;
use crate::terminal::{Session, word_after};
use crate::{pair, second_factor, signed_in, totp};

const WEB: &str = "--auth-type=web";
const LOGIN: &str = "Login at:";
const CHALLENGE: &str = "Authenticate your account at:";
pub const DONE: &str = "You can close this page and go back to the terminal.";

/// The address that npm printed.
fn page(npm: &mut Session, title: &str) -> String {
    npm.until("/-/web/");
    word_after(&npm.screen(), title).to_owned()
}

/// Signs in on a page, up to the question itself.
pub fn identify(browser: &Browser, served: &Served, page: &str, key: Option<&str>) {
    browser.open(page);
    browser.fill("User name", served.running.username());
    browser.fill("Password", served.running.password().expose());
    browser.press("Sign in");
    if let Some(key) = key {
        browser.shows("Second factor");
        browser.fill(
            "One-time password or recovery code",
            &totp::code(key, served.now()),
        );
        browser.press("Go on");
    }
    browser.shows("Approve it only if you have just started it yourself");
}

#[test]
fn npm_signs_in_by_a_browser() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let mut login = npm.spawn(&["login", WEB]);
    let page = page(&mut login, LOGIN);
    browser.open(&page);
    // A mistyped password is said on the page, and npm goes on waiting.
    browser.fill("User name", served.running.username());
    browser.fill("Password", "not the password");
    browser.press("Sign in");
    browser.shows("The user name or the password is not right.");
    identify(&browser, &served, &page, None);
    browser.shows("Sign in npm on this machine as tess-marlow?");
    browser.press("Approve");
    browser.shows(DONE);
    login.end().done().says("Logged in on ");
    npm.run(&["whoami"]).done().says(served.running.username());
    assert!(npm.configuration().contains(":_authToken=npm_"));

    npm.run(&["logout"]).done();
    npm.run(&["whoami"]).failed().says("ENEEDAUTH");
}

#[test]
fn npm_signs_in_and_is_let_through_by_a_browser_with_a_second_factor() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let right = |key: &str| totp::code(key, served.now());
    let (ended, key) = second_factor::enable(&served, &npm, &[], right);
    ended.done();
    npm.run(&["logout"]).done();

    let approve = |page: &str, question: &str| {
        identify(&browser, &served, page, Some(&key));
        browser.shows(question);
        browser.press("Approve");
        browser.shows(DONE);
    };
    let mut login = npm.spawn(&["login", WEB]);
    let question = "Sign in npm on this machine as tess-marlow?";
    approve(&page(&mut login, LOGIN), question);
    login.end().done().says("Logged in on ");
    npm.run(&["whoami"]).done().says(served.running.username());

    let mut set = npm.spawn(&["profile", "set", "github", "tessm", WEB]);
    approve(&page(&mut set, CHALLENGE), "Approve: change your profile");
    set.end().done().says("Set github to tessm");

    let list = npm.run(&["token", "list"]).done();
    let id = list.screen.split(" with id ").nth(2).unwrap();
    let id = id.split(' ').next().unwrap();
    let before = served.running.inspect().tokens;
    let mut revoke = npm.spawn(&["token", "revoke", id, WEB]);
    approve(&page(&mut revoke, CHALLENGE), "Approve: revoke a token");
    revoke.end().done().says("Removed 1 token");
    assert_eq!(served.running.inspect().tokens, before - 1);
}

#[test]
fn what_is_denied_in_the_browser_npm_does_not_do() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let right = |key: &str| totp::code(key, served.now());
    let (ended, key) = second_factor::enable(&served, &npm, &[], right);
    ended.done();

    let mut set = npm.spawn(&["profile", "set", "github", "tessm", WEB]);
    let page_of_set = page(&mut set, CHALLENGE);
    identify(&browser, &served, &page_of_set, Some(&key));
    browser.press("Deny");
    browser.shows("Nothing was done.");
    set.end().failed().says("denied");
    npm.run(&["profile", "get", "github"])
        .done()
        .says("tess-marlow");

    let other = crate::npm::Npm::for_registry(served.running.url()).unwrap();
    let mut login = other.spawn(&["login", WEB]);
    let page_of_login = page(&mut login, LOGIN);
    identify(&browser, &served, &page_of_login, Some(&key));
    browser.press("Deny");
    browser.shows("Nothing was done.");
    // It ends there, and does not go on to ask for the password; nobody is signed in.
    login
        .end()
        .failed()
        .says("Invalid response from web login endpoint");
    assert_eq!(other.configuration(), "");
}
