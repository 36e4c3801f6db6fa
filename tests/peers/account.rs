//! Signing in and out, and the profile.

use npm_warden::sandbox::Options;

use crate::{pair, signed_in};

#[test]
fn npm_signs_in_says_who_it_is_and_signs_out() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    npm.run(&["whoami"]).failed().says("ENEEDAUTH");

    let mut login = npm.spawn(&["login"]);
    login.expect("Username:");
    login.send(served.running.username());
    login.expect("Password:");
    login.send(served.running.password().expose());
    login.end().done().says("Logged in on ");
    assert!(npm.configuration().contains(":_authToken=npm_"));
    assert_eq!(served.running.inspect().tokens, 13);

    npm.run(&["whoami"]).done().says(served.running.username());
    npm.run(&["logout"]).done();
    assert!(!npm.configuration().contains("_authToken"));
    assert_eq!(served.running.inspect().tokens, 12);
    let requests = served.running.inspect().requests;
    for route in [
        "PUT /-/user/{id}",
        "GET /-/user/{id}",
        "PUT /-/user/{id}/-rev/{rev}",
        "DELETE /-/user/token/{token}",
    ] {
        assert_eq!(requests.get(route), Some(&1), "{route}");
    }
}

#[test]
fn npm_says_that_a_password_is_wrong_and_that_a_user_is_unknown() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    for (name, says) in [
        (served.running.username(), "Incorrect or missing password"),
        ("nobody-here", "There is no user"),
    ] {
        let mut login = npm.spawn(&["login"]);
        login.expect("Username:");
        login.send(name);
        login.expect("Password:");
        login.send("not the password");
        login.end().failed().says(says);
    }
    assert_eq!(npm.configuration(), "");
}

#[test]
fn npm_adds_a_user() {
    let Some((_served, npm)) = pair(Options::default()) else {
        return;
    };
    let mut add = npm.spawn(&["adduser"]);
    add.expect("Username:");
    add.send("ben-example");
    add.expect("Password:");
    add.send("long-enough-for-it");
    add.expect("Email");
    add.send("ben@mail.example");
    add.end().done();
    npm.run(&["whoami"]).done().says("ben-example");
}

#[test]
fn p34_npm_reads_the_profile_and_changes_one_field_of_it() {
    let Some((_served, npm)) = signed_in(Options::default()) else {
        return;
    };
    npm.run(&["profile", "get"])
        .done()
        .says("name: tess-marlow")
        .says("email: tess.marlow@mail.example (verified)")
        .says("two-factor auth: disabled")
        .says("fullname: Tess Marlow");
    npm.run(&["profile", "set", "fullname", "Tess M. Marlow"])
        .done()
        .says("Set fullname to Tess M. Marlow");
    npm.run(&["profile", "set", "twitter", ""])
        .done()
        .says("Set twitter");
    let left = npm.run(&["profile", "get", "--json"]).done();
    for line in [
        r#""fullname": "Tess M. Marlow""#,
        r#""twitter": null"#,
        r#""homepage": "https://tess-marlow.example""#,
        r#""github": "tess-marlow""#,
        r#""email_verified": true"#,
    ] {
        assert!(left.screen.contains(line), "{line} in {}", left.screen);
    }
}

#[test]
fn npm_changes_the_password() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    let change = |old: &str, new: &str| {
        let mut set = npm.spawn(&["profile", "set", "password"]);
        set.expect("Current password:");
        set.send(old);
        set.expect("New password:");
        set.send(new);
        set.expect("Again:");
        set.send(new);
        set.end()
    };
    let old = served.running.password().expose();
    change("not the password", "a-quite-new-one")
        .failed()
        .says("Incorrect or missing password");
    change(old, "short")
        .failed()
        .says("longer than 10 characters");
    change(old, "a-quite-new-one").done().says("Set password");
    change("a-quite-new-one", "and-another-one").done();
    npm.run(&["whoami"]).done();
}
