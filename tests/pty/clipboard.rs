//! A copy goes where the person is, by no way that others can look into, and says so (promises P01, P37).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use npm_warden::sandbox::Options;

use crate::house::{DESIGN, House};
use crate::totp::parameter;
use crate::tui::Tui;
use crate::wizard::to_the_code;

/// A stand-in for tmux that keeps one buffer and writes down how it was called.
const TMUX: &str = r#"#!/bin/sh
echo "$@" >> "$HOME/tmux.calls"
case "$1" in
  load-buffer) cat > "$HOME/tmux.new" && mv "$HOME/tmux.new" "$HOME/tmux.buffer" ;;
  list-buffers) test -f "$HOME/tmux.buffer" && echo buffer0 ;;
  show-buffer) cat "$HOME/tmux.buffer" ;;
  delete-buffer) rm "$HOME/tmux.buffer" ;;
esac
"#;

/// A program inside that tmux, over SSH, with the key of a set-up on the screen.
fn in_tmux(house: &House) -> (Tui, String) {
    let bin = house.home().join("bin");
    fs::create_dir(&bin).unwrap();
    let tmux = bin.join("tmux");
    fs::write(&tmux, TMUX).unwrap();
    fs::set_permissions(&tmux, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let env = [
        ("SSH_CONNECTION", "there"),
        ("TMUX", "x,1,0"),
        ("PATH", path.as_str()),
    ];
    with_a_key(house, &env)
}

fn with_a_key(house: &House, env: &[(&str, &str)]) -> (Tui, String) {
    let mut tui = house.enter(DESIGN, env);
    let otpauth = to_the_code(&mut tui, &house.password());
    let key = parameter(&otpauth, "secret").unwrap().to_owned();
    tui.keys("\x19");
    (tui, key)
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[test]
fn p01_p37_tmux_is_told_by_its_standard_input_and_forgets_at_the_end() {
    let house = House::new(Options::default());
    let (mut tui, key) = in_tmux(&house);
    tui.shows("In tmux's buffer");
    let buffer = house.home().join("tmux.buffer");
    assert_eq!(read(&buffer).as_deref(), Some(key.as_str()));
    tui.keys("\x03");
    assert!(tui.ended().success());
    assert_eq!(read(&buffer), None, "the key is still in tmux's buffer");
    let calls = read(&house.home().join("tmux.calls")).unwrap();
    assert!(calls.starts_with("load-buffer -w -\n"), "{calls}");
    assert!(!calls.contains(&key), "{calls}");
}

#[test]
fn p37_what_the_person_copied_meanwhile_stays() {
    let house = House::new(Options::default());
    let (mut tui, _) = in_tmux(&house);
    tui.shows("In tmux's buffer");
    let buffer = house.home().join("tmux.buffer");
    fs::write(&buffer, "the person's own").unwrap();
    tui.keys("\x03");
    assert!(tui.ended().success());
    assert_eq!(read(&buffer).as_deref(), Some("the person's own"));
}

#[test]
fn p37_without_a_desktop_or_far_from_it_the_terminal_is_sent_it_and_that_is_said() {
    for env in [[("SSH_CONNECTION", "there")].as_slice(), &[]] {
        let house = House::new(Options::default());
        let (tui, key) = with_a_key(&house, env);
        tui.shows("cannot be cleared from here");
        let sent = format!("\x1b]52;c;{}\x07", STANDARD.encode(&key));
        let raw = tui.raw();
        assert!(String::from_utf8_lossy(&raw).contains(&sent));
    }
}
