//! A challenge's page is opened in the browser as one argument, and the dialog closes when it is approved there.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use npm_warden::sandbox::Options;

use crate::house::House;
use crate::tui::Tui;

/// Large enough for every address of the embedded registry in one row.
const LARGE: (u16, u16) = (120, 40);

/// A stand-in for the desktop's opener: it tells what it was given, one argument a line, and whether there is a
/// terminal for it to draw on.
const OPENER: &str = r#"#!/bin/sh
{
  for word; do echo "$word"; done
  (: < /dev/tty) 2> /dev/null && echo "a terminal"
  cat
} > "$HOME/opened"
"#;

/// The opener's folder, and the pipe that it writes to.
fn opener(house: &House) -> (String, PathBuf) {
    let bin = house.home().join("bin");
    fs::create_dir(&bin).unwrap();
    let program = bin.join("xdg-open");
    fs::write(&program, OPENER).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let pipe = house.home().join("opened");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    (path, pipe)
}

/// What comes out of a pipe, once its other side has written and closed it.
fn written(pipe: PathBuf) -> String {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let mut file = fs::File::open(pipe).unwrap();
        file.read_to_string(&mut text).unwrap();
        tell.send(text)
    });
    told.recv_timeout(Duration::from_secs(30))
        .expect("nothing was opened")
}

/// Asked for the second factor, with a page; its address as the screen shows it.
fn asked(tui: &mut Tui) -> String {
    tui.shows("2FA auth-and-writes");
    tui.keys("3");
    tui.shows("12 of 12");
    tui.keys("jx");
    tui.shows("▸ No");
    tui.keys("y");
    tui.find("an address", |screen| {
        let text = screen.contents();
        let (_, rest) = text.split_once("Open http")?;
        let address = rest.split_whitespace().next()?;
        text.contains("Waiting for the page")
            .then(|| format!("http{address}"))
    })
}

#[test]
fn p18_the_page_is_opened_as_one_argument_and_its_approval_closes_the_dialog() {
    let house = House::new(Options::default());
    house.protect();
    let (path, pipe) = opener(&house);
    let env = [("PATH", path.as_str()), ("DISPLAY", ":0")];
    let mut tui = house.enter(LARGE, &env);
    let address = asked(&mut tui);
    assert!(address.starts_with(house.url()), "{address}");
    tui.keys("\x0f");
    tui.shows("is being opened in your browser");
    assert_eq!(written(pipe), format!("{address}\n"));
    assert!(house.registry.running.approve(&address));
    tui.hides("Second factor");
    tui.shows("Revoked: the result");
    let log = fs::read_to_string(house.log()).unwrap();
    assert!(!log.contains(&address), "the page is in the log");
}

#[test]
fn without_a_display_nothing_is_started_and_that_is_said() {
    let house = House::new(Options::default());
    house.protect();
    let (path, _) = opener(&house);
    let env = [("PATH", path.as_str()), ("SSH_CONNECTION", "there")];
    let mut tui = house.enter(LARGE, &env);
    let address = asked(&mut tui);
    tui.keys("\x0f");
    tui.shows("No browser could be started here");
    // The way that is open: the address leaves by the terminal.
    tui.keys("\x19");
    tui.shows("Sent to the terminal");
    assert!(house.registry.running.approve(&address));
    tui.hides("Second factor");
}

#[test]
fn a_browser_that_was_named_is_used_wherever_the_person_is() {
    let house = House::new(Options::default());
    house.protect();
    let (path, pipe) = opener(&house);
    let env = [
        ("PATH", path.as_str()),
        ("SSH_CONNECTION", "there"),
        ("BROWSER", "missing:xdg-open --new=%s"),
    ];
    let mut tui = house.enter(LARGE, &env);
    let address = asked(&mut tui);
    tui.keys("\x0f");
    assert_eq!(written(pipe), format!("--new={address}\n"));
}

#[test]
fn a_sign_in_by_a_plain_command_shows_its_page_as_a_code_too_and_enter_opens_it() {
    let house = House::new(Options::default());
    fs::write(house.npmrc(), "").unwrap();
    let (path, pipe) = opener(&house);
    let env = [("PATH", path.as_str()), ("DISPLAY", ":0")];
    let mut tui = house.ask_with("login", &env);
    tui.shows("Enter opens it in a browser");
    let address = tui.find("a QR code", |screen| crate::qr::read(screen, 0));
    assert!(tui.text().contains(&address), "{address}");
    tui.keys("\r");
    assert_eq!(written(pipe), format!("{address}\n"));
    assert!(house.registry.running.approve(&address));
    assert_eq!(tui.ended().exit_code(), 0);
    let kept = fs::read_to_string(house.npmrc()).unwrap();
    assert!(kept.contains(":_authToken="));
}
