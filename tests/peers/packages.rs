//! Packages: the real npm sees what an emergency looks at.

use npm_warden::sandbox::Options;

use crate::signed_in;

#[test]
fn npm_lists_the_packages_and_their_owners() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    npm.run(&["access", "list", "packages"])
        .done()
        .says("kettle-cli: read-write")
        .says("@marlow/lid: read-write");
    let owner = format!("{} <{}>", served.running.username(), served.running.email());
    for package in ["kettle-cli", "@marlow/lid"] {
        npm.run(&["owner", "ls", package]).done().says(&owner);
    }
    assert!(served.running.publish("kettle-cli", "2.1.2"));
    npm.run(&["view", "kettle-cli", "version"])
        .done()
        .says("2.1.2");
}
