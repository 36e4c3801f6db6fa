//! A registry that knows tokens of the old kind alone, as Verdaccio 6: whatever is wished for, it makes a full one, and
//! what `token create` makes of that.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use portable_pty::CommandBuilder;
use serde_json::{Value, json};

use crate::second_factor::{answer, asks};
use crate::tui::{Tui, program};

const WORKING: &str = "npm_of_this_test_which_works_and_stays";
const MADE: &str = "npm_canary_that_may_do_more_than_asked";

/// The registry and a home with a line that works.
struct OldKind {
    url: String,
    /// Key and value of what lives.
    alive: Arc<Mutex<Vec<(&'static str, &'static str)>>>,
    home: tempfile::TempDir,
}

/// Its first line, who asks, and its body.
fn request(client: &mut TcpStream) -> (String, String) {
    let mut reader = BufReader::new(client);
    let (mut first, mut token, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end();
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if lower.starts_with("authorization: bearer ") {
            line["authorization: bearer ".len()..].clone_into(&mut token);
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (first, token)
}

impl OldKind {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let alive = Arc::new(Mutex::new(vec![("0a0a0a", WORKING)]));
        let tokens = Arc::clone(&alive);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let (first, token) = request(&mut client);
                let (status, body) = respond(&mut tokens.lock().unwrap(), &first, &token);
                let body = body.to_string();
                let length = body.len();
                let _ = write!(
                    client,
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                     connection: close\r\n\r\n{body}"
                );
            }
        });
        let old = Self {
            url,
            alive,
            home: tempfile::tempdir().unwrap(),
        };
        std::fs::write(old.npmrc(), old.line(WORKING)).unwrap();
        old
    }

    fn npmrc(&self) -> PathBuf {
        self.home.path().join("of-this-test.npmrc")
    }

    fn line(&self, value: &str) -> String {
        let scope = self.url.strip_prefix("http:").unwrap();
        format!("{scope}:_authToken={value}\n")
    }

    /// Makes a token for one package, to be written over the line that works.
    fn create(&self) -> Tui {
        let script = format!(
            "exec {} token create -y --name ci --packages left-pad --write-to user --registry {} --userconfig {} > out",
            program().display(),
            self.url,
            self.npmrc().display()
        );
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", &script]);
        let mut tui = Tui::run((100, 40), self.home.path(), command, &[]);
        answer(&mut tui, ":", "canary");
        tui.says("THE TOKEN MAY DO MORE THAN WAS ASKED FOR");
        tui
    }

    fn lives(&self, value: &str) -> bool {
        self.alive.lock().unwrap().iter().any(|t| t.1 == value)
    }

    fn stands(&self) -> String {
        std::fs::read_to_string(self.npmrc()).unwrap()
    }

    fn out(&self) -> String {
        std::fs::read_to_string(self.home.path().join("out")).unwrap()
    }
}

fn row(key: &str) -> Value {
    json!({ "token": "npm_", "key": key, "cidr": [], "readonly": false, "created": "2026-11-22T10:00:00.000Z" })
}

fn respond(
    alive: &mut Vec<(&'static str, &'static str)>,
    first: &str,
    token: &str,
) -> (&'static str, Value) {
    if !alive.iter().any(|(_, value)| *value == token) {
        return (
            "401 Unauthorized",
            json!({ "error": "unauthorized access" }),
        );
    }
    let path = first.split(' ').nth(1).unwrap();
    let body = match first.split(' ').next().unwrap() {
        "GET" if path.starts_with("/-/npm/v1/tokens") => {
            let rows: Vec<_> = alive.iter().map(|(key, _)| row(key)).collect();
            json!({ "objects": rows, "urls": {} })
        }
        "GET" => json!({ "username": "tess", "name": "tess", "tfa": false }),
        "POST" => {
            alive.push(("0b0b0b", MADE));
            let mut made = row("0b0b0b");
            made["token"] = MADE.into();
            made
        }
        _ => {
            alive.retain(|(key, _)| !path.ends_with(key));
            json!({})
        }
    };
    ("200 OK", body)
}

#[test]
fn a_token_that_was_revoked_at_once_is_written_over_nothing() {
    let old = OldKind::new();
    let mut tui = old.create();
    answer(&mut tui, "Revoke it at once? [y/N]", "y");
    assert_eq!(tui.ended().exit_code(), 5, "{}", tui.text());
    assert!(!old.lives(MADE) && old.lives(WORKING));
    assert_eq!(old.stands(), old.line(WORKING), "the working line stays");
    tui.says("was not written into");
    assert_eq!(old.out().trim_end(), MADE);
}

#[test]
fn a_token_that_may_more_is_written_only_by_the_persons_own_word() {
    for keeps in [false, true] {
        let old = OldKind::new();
        let mut tui = old.create();
        answer(&mut tui, "Revoke it at once? [y/N]", "n");
        let answered = if keeps { "y" } else { "" };
        answer(&mut tui, "all the same? [y/N]", answered);
        assert_eq!(tui.ended().exit_code(), 5, "{}", tui.text());
        assert!(old.lives(MADE) && old.lives(WORKING));
        let stands = if keeps { MADE } else { WORKING };
        assert_eq!(old.stands(), old.line(stands));
        let out = if keeps { "" } else { MADE };
        assert_eq!(old.out().trim_end(), out);
    }
}

#[test]
fn who_leaves_at_the_question_has_nothing_written() {
    let old = OldKind::new();
    let mut tui = old.create();
    asks(&tui, "Revoke it at once? [y/N]");
    tui.keys("\u{3}");
    assert!(!tui.ended().success());
    assert_eq!(old.stands(), old.line(WORKING));
    assert_eq!(old.out().trim_end(), MADE, "who has it can revoke it");
}
