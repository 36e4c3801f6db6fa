//! This program, as a person uses it, with Verdaccio 9-next.

use crate::verdaccio::{Verdaccio, Version};
use crate::warden::Warden;

const PASSWORD: &str = "a-password";

#[test]
fn commands_sign_in_on_its_website() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    let mut login = warden.spawn("login");
    login.until("Waiting for it");
    let page = verdaccio.page(&login.screen());
    verdaccio.approves(&page, "alice", PASSWORD);
    login.end().done().says("Signed in as alice at");
    warden.run("whoami").done().says("alice");
    warden.run("token list").done().says("lists no tokens");
}
