//! Draws the README's picture from the real screen: `cargo run --release --example picture > assets/scan.svg`.
//!
//! The program runs in a pseudo-terminal with `--demo`; each step waits for what the screen says.
#![allow(unreachable_pub, reason = "a module of an example")]

use std::io::{Read as _, Write as _};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use vt100::Parser;

mod svg;

const ROWS: u16 = 24;
const COLUMNS: u16 = 80;
const PATIENCE: Duration = Duration::from_secs(20);

/// What the screen has to say, and what is typed then. `{password}` is the one that the demo shows.
const STEPS: &[(&str, &str)] = &[
    ("tess-marlow @", "2"),
    ("authentication is OFF", "e"),
    ("Have these at hand", "\r"),
    ("(recommended)", "\r"),
    ("Password: [", "{password}\r"),
    (".txt", "\r"),
    ("Enter uses it all the same", "\r"),
    ("Enter confirm", ""),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let program = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "target/release/npm-warden".into());
    let pty = native_pty_system().openpty(PtySize {
        rows: ROWS,
        cols: COLUMNS,
        pixel_width: 0,
        pixel_height: 0,
    })?;
    let mut command = CommandBuilder::new(std::path::absolute(program)?);
    command.arg("--demo");
    command.env("TERM", "xterm-256color");
    command.env("TZ", "UTC");
    command.env_remove("NO_COLOR");
    let mut child = pty.slave.spawn_command(command)?;
    drop(pty.slave);
    let mut keys = pty.master.take_writer()?;
    let mut out = pty.master.try_clone_reader()?;
    let (sender, chunks) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = out.read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut screen = Parser::new(ROWS, COLUMNS, 0);
    let mut password = String::new();
    for (says, typed) in STEPS {
        until(&mut screen, &chunks, says)?;
        if password.is_empty() {
            password = after(&screen, "Demo password:");
        }
        keys.write_all(typed.replace("{password}", &password).as_bytes())?;
    }
    let picture = svg::draw(screen.screen(), svg::DARK);
    child.kill()?;
    child.wait()?;
    std::io::stdout().write_all(picture.as_bytes())?;
    Ok(())
}

fn until(screen: &mut Parser, chunks: &Receiver<Vec<u8>>, says: &str) -> Result<(), String> {
    while !screen.screen().contents().contains(says) {
        match chunks.recv_timeout(PATIENCE) {
            Ok(chunk) => screen.process(&chunk),
            Err(_) => {
                return Err(format!(
                    "“{says}” did not come:\n{}",
                    screen.screen().contents()
                ));
            }
        }
    }
    Ok(())
}

fn after(screen: &Parser, label: &str) -> String {
    let text = screen.screen().contents();
    text.split(label)
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_default()
        .to_owned()
}
