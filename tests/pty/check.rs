//! `check`: what ends soon, and an exit code for each thing that can be said.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use npm_warden::sandbox::{Options, Policy};
use serde_json::{Value, json};

use crate::house::House;
use crate::plain::{ended, run};
use crate::tui::{program, surroundings};

fn house(tokens: usize) -> House {
    House::new(Options {
        tokens,
        ..Options::default()
    })
}

/// A command without any option that it is not given here.
fn bare(house: &House, args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(args)
        .env_clear()
        .envs(surroundings(house.home()))
        .current_dir(house.home())
        .stdin(Stdio::null());
    command
}

fn value(made: &Value) -> String {
    made["token"].as_str().unwrap().to_owned()
}

/// The line of JSON, after this exit code.
fn told(house: &House, line: &str, expected: i32) -> Value {
    let (code, out, err) = run(house, line);
    assert_eq!(code, expected, "{line}: {out}{err}");
    assert!(out.starts_with("{\"version\":1,"), "{out}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn nothing_due_is_exit_code_0() {
    // The session's own token, which has no end, and one that ends in 24 days.
    let house = house(2);
    let (code, out, err) = run(&house, "check");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("No token at "), "{out}");
    assert!(out.contains("ends within 14 days."), "{out}");
    assert!(
        out.contains("Of 1 token the registry tells no end (2 tokens looked at)."),
        "{out}"
    );
    let told = told(&house, "check --within 23d --json", 0);
    assert_eq!(told["due"], json!([]));
    assert_eq!(
        (&told["tokens"], &told["without_end"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        (&told["within"], &told["complete"]),
        (&json!("23d"), &json!(true))
    );
    assert_eq!(told["credential"]["listed"], "is");
    assert_eq!(told["credential"]["expires"], Value::Null);
    assert_eq!(told["error"], Value::Null);
}

#[test]
fn what_ends_soon_or_has_ended_is_exit_code_1_with_when_where_and_what_to_do() {
    let house = house(12);
    let (code, out, err) = run(&house, "check --within 2w");
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(out.starts_with("2 of 12 tokens at "), "{out}");
    assert!(out.contains("have ended, or end within 2 weeks."), "{out}");
    let row = |name: &str| out.lines().find(|line| line.ends_with(name)).unwrap();
    assert!(
        row("trial of the new CI").contains("ended 10 days ago"),
        "{out}"
    );
    let soon = row("release workflow");
    assert!(
        soon.contains("in 2 days") || soon.contains("in 3 days"),
        "{out}"
    );
    let commands: Vec<_> = out
        .lines()
        .filter(|line| line.contains("npm-warden token rotate "))
        .collect();
    assert_eq!(commands.len(), 2, "{out}");
    assert!(commands[0].contains(house.url()), "{out}");

    // What has ended stays due, however near is looked.
    let told_now = told(&house, "check --within 0h --json", 1);
    let due = told_now["due"].as_array().unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(
        (&due[0]["expired"], &due[0]["name"]),
        (&json!(true), &json!("trial of the new CI"))
    );
    let all = told(&house, "check --within 80d --json", 1);
    let ends: Vec<_> = all["due"]
        .as_array()
        .unwrap()
        .iter()
        .map(|due| due["expires"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ends.len(), 4, "{all}");
    assert!(ends.is_sorted(), "{all}");
}

#[test]
fn a_due_token_says_where_it_lies_here_and_what_was_noted_of_it() {
    let house = house(1);
    let wish = |name: &str| json!({"name": name, "expires": 5});
    let used_value = value(&house.create(wish("used here")));
    let made = house.create(wish("noted"));
    let scope = house.url().strip_prefix("http:").unwrap();
    std::fs::write(house.npmrc(), format!("{scope}:_authToken={used_value}\n")).unwrap();
    // As the program keeps it.
    let registry = house.url().trim_end_matches('/');
    let data = house.home().join("data/npm-warden");
    std::fs::create_dir_all(&data).unwrap();
    let notes = json!({
        format!("{registry} {}", made["key"].as_str().unwrap()): {"text": "GitHub secret NPM_TOKEN in o/r"}
    });
    std::fs::write(data.join("tokens.json"), notes.to_string()).unwrap();

    let mut command = house.command("check --json");
    command.env("NPM_TOKEN", value(&made));
    let (code, out, err) = ended(&command.output().unwrap());
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    let all: Value = serde_json::from_str(&out).unwrap();
    let due = |name: &str| {
        let due = all["due"].as_array().unwrap();
        due.iter().find(|due| due["name"] == name).unwrap().clone()
    };
    let used = due("used here");
    assert_eq!(
        (&used["in_use"], &used["in_use_grade"]),
        (&json!(true), &json!("is"))
    );
    assert_eq!(used["found"][0]["grade"], "is");
    let place = used["found"][0]["place"].as_str().unwrap();
    assert!(place.ends_with("of-this-test.npmrc, line 1"), "{place}");
    assert_eq!(all["credential"]["expires"], used["expires"]);
    let due = due("noted");
    assert_eq!(due["note"], "GitHub secret NPM_TOKEN in o/r");
    assert_eq!(
        due["found"],
        json!([{"place": "$NPM_TOKEN", "grade": "is", "proof": "key", "in_use": false}])
    );
    assert_eq!(
        (&due["in_use"], &due["in_use_grade"]),
        (&json!(false), &Value::Null)
    );
    let rotate = due["rotate"].as_str().unwrap();
    let id = due["id"].as_str().unwrap();
    assert!(
        rotate.starts_with(&format!("npm-warden token rotate {id} --registry ")),
        "{rotate}"
    );
    assert!(
        !out.contains(&used_value) && !out.contains(&value(&made)),
        "{out}"
    );

    let mut command = house.command("check");
    let (code, out, _) = ended(&command.output().unwrap());
    assert_eq!(code, 1);
    assert!(out.contains("in-use"), "{out}");
    assert!(out.contains("GitHub secret NPM_TOKEN in o/r"), "{out}");
    assert!(out.contains("this machine is signed out"), "{out}");
}

#[test]
fn a_session_that_no_list_has_is_said_to_end_nobody_knows_when() {
    let house = House::new(Options {
        tokens: 1,
        policy: Policy::Npmjs,
        ..Options::default()
    });
    let (code, out, err) = run(&house, "check --within 1h");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("is not in the list, as sessions are not"),
        "{out}"
    );
    let told = told(&house, "check --within 1h --json", 0);
    assert_eq!(told["credential"]["listed"], Value::Null);
}

#[test]
fn a_time_that_makes_no_sense_is_exit_code_2_and_says_how_one_is_written() {
    let house = house(1);
    let (code, out, err) = run(&house, "check --within soon");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("such as 36h, 14d or 2w"), "{err}");
}

#[test]
fn a_fault_on_this_machine_is_exit_code_2_and_not_1() {
    let own = house(12);
    // A certificate that is none: nothing can be sent.
    let npmrc = "registry=https://127.0.0.1:1/\n//127.0.0.1:1/:_authToken=npm_own\n\
         ca=\"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\"\n";
    std::fs::write(own.home().join(".npmrc"), npmrc).unwrap();
    let of = |args: &[&str]| ended(&bare(&own, args).output().unwrap());
    assert_eq!(of(&["whoami"]).0, 1);
    let (code, out, err) = of(&["check"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("certificate"), "{err}");

    // The result cannot be written.
    let unwritten = |house: &House| {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = house.command("check");
        let child = command.stdout(full.unwrap()).stderr(Stdio::piped()).spawn();
        let (code, _, err) = ended(&child.unwrap().wait_with_output().unwrap());
        assert!(err.contains("cannot be written"), "{err}");
        code
    };
    assert_eq!(unwritten(&house(1)), 2);
    assert_eq!(
        unwritten(&house(12)),
        2,
        "who cannot read which are due is told no finding"
    );
}

#[test]
fn without_a_credential_or_with_a_dead_one_it_is_exit_code_3() {
    let house = house(12);
    let scope = house.url().strip_prefix("http:").unwrap().to_owned();
    for npmrc in [String::new(), format!("{scope}:_authToken=npm_canary\n")] {
        std::fs::write(house.npmrc(), npmrc).unwrap();
        let (code, out, err) = run(&house, "check");
        assert_eq!((code, out.as_str()), (3, ""), "{err}");
        assert!(err.contains("Sign in with npm-warden login"), "{err}");
        let told = told(&house, "check --json", 3);
        assert_eq!(told["error"]["kind"], "signed-out");
    }
}

#[test]
fn a_list_that_is_refused_or_not_offered_is_exit_code_5() {
    for status in [403, 404] {
        let house = House::new(Options {
            faults: vec![format!("token.list=status:{status}").parse().unwrap()],
            ..Options::default()
        });
        let (code, out, err) = run(&house, "check");
        assert_eq!((code, out.as_str()), (5, ""), "{status}: {err}");
    }
}

#[test]
fn what_a_later_page_lacks_is_never_nothing_due() {
    for (fault, expected, kind) in [
        ("token.list#2+=status:403", 5, "refused"),
        ("token.list#2+=redirect:http://127.0.0.1:1/", 5, "refused"),
        ("token.list#2+=retry-after:3600", 5, "refused"),
        ("token.list#2+=drop-before", 6, "network"),
        ("token.list#2+=half-body", 6, "network"),
    ] {
        let house = House::new(Options {
            tokens: 250,
            faults: vec![fault.parse().unwrap()],
            ..Options::default()
        });
        let (code, out, err) = run(&house, "check --within 14d --json");
        assert_eq!(code, expected, "{fault}: {out}{err}");
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(told["error"]["kind"], kind, "{fault}: {out}");
        assert_eq!(told["due"], Value::Null, "{fault}: {out}");
        assert!(!err.is_empty(), "{fault}");
    }
}

#[test]
fn a_registry_that_cannot_be_reached_is_exit_code_6() {
    let house = House::new(Options {
        faults: vec!["token.list=drop-before".parse().unwrap()],
        ..Options::default()
    });
    let (code, out, err) = run(&house, "check");
    assert_eq!((code, out.as_str()), (6, ""), "{err}");
}

/// A registry that answers each request for tokens in so many words.
struct Canned {
    url: String,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Canned {
    fn new(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                    head.push(byte[0]);
                }
                let head = String::from_utf8(head).unwrap();
                let (status, body) = answer(head.lines().next().unwrap());
                let otp = match status {
                    401 => "www-authenticate: OTP\r\n",
                    _ => "",
                };
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\n{otp}content-type: application/json\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        Self {
            url,
            over,
            thread: Some(thread),
        }
    }

    /// What `check` makes of it.
    fn check(&self, house: &House, more: &[&str]) -> (i32, String, String) {
        let scope = self.url.strip_prefix("http:").unwrap();
        std::fs::write(house.npmrc(), format!("{scope}:_authToken=npm_own\n")).unwrap();
        let npmrc = house.npmrc();
        let to_here = [
            "--registry",
            &self.url,
            "--userconfig",
            npmrc.to_str().unwrap(),
        ];
        let mut command = bare(house, &[&["check"], &to_here[..], more].concat());
        ended(&command.output().unwrap())
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let host = self.url.trim_start_matches("http://").trim_end_matches('/');
        let _ = TcpStream::connect(host);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_some_and(|ended| ended.is_ok()));
    }
}

#[test]
fn a_registry_that_wants_a_code_for_the_list_is_exit_code_4() {
    let canned = Canned::new(|_| (401, r#"{"error":"OTP required"}"#.to_owned()));
    let (code, out, err) = canned.check(&house(1), &[]);
    assert_eq!((code, out.as_str()), (4, ""), "{err}");
    assert!(err.contains("--otp"), "{err}");
    // Nor with a code that is not accepted, and so in JSON.
    let (code, out, err) = canned.check(&house(1), &["--otp", "123456"]);
    assert_eq!((code, out.as_str()), (4, ""), "{err}");
    assert!(err.contains("did not accept that code"), "{err}");
    let (code, out, _) = canned.check(&house(1), &["--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &told["error"]["kind"]),
        (4, &json!("needs-second-factor"))
    );
}

#[test]
fn an_end_that_cannot_be_read_is_exit_code_5_and_not_said_to_be_none() {
    let listed = |more: &str| {
        let rows = format!(r#"{{"key":"aaaaaa","token":"npm_x","expires":"someday"}}{more}"#);
        Canned::new(move |_| {
            (
                200,
                format!(r#"{{"objects":[{rows}],"urls":{{"next":null}}}}"#),
            )
        })
    };
    let canned = listed("");
    let (code, out, err) = canned.check(&house(1), &[]);
    assert_eq!(code, 5, "{out}{err}");
    assert!(err.contains("it may be due"), "{err}");
    assert!(
        out.contains("is known to end within 14 days.") && !out.contains(" ends within"),
        "{out}"
    );
    let (code, out, _) = canned.check(&house(1), &["--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["unreadable"]), (5, &json!(1)));
    // What is due is due all the same.
    let canned = listed(r#",{"key":"bbbbbb","token":"npm_y","expires":"2026-01-01T00:00:00Z"}"#);
    let (code, out, err) = canned.check(&house(1), &[]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.starts_with("1 of 2 tokens"), "{out}");
    assert!(err.contains("it may be due"), "{err}");
}

/// Two pages that share a row each time: tokens move while they are read.
fn moving(expires: &str) -> impl Fn(&str) -> (u16, String) + Send + 'static + use<> {
    let row = |key: &str| format!(r#"{{"key":"{key}","token":"npm_{key}","expires":{expires}}}"#);
    let (a, b, c) = (row("aaaaaa"), row("bbbbbb"), row("cccccc"));
    move |line| {
        let (rows, next) = if line.contains("page=1") {
            (format!("{b},{c}"), "null")
        } else {
            let next = r#""/-/npm/v1/tokens?perPage=100&page=1""#;
            (format!("{a},{b}"), next)
        };
        (
            200,
            format!(r#"{{"objects":[{rows}],"urls":{{"next":{next}}}}}"#),
        )
    }
}

#[test]
fn a_list_that_keeps_changing_says_so_and_is_never_nothing_due() {
    let canned = Canned::new(moving("null"));
    let house = house(1);
    let (code, out, err) = canned.check(&house, &[]);
    assert_eq!(code, 5, "{out}");
    assert!(err.contains("changed each time while it was read"), "{err}");
    assert!(err.contains("Run it again"), "{err}");
    assert!(out.contains("is known to end within"), "{out}");
    let (code, out, _) = canned.check(&house, &["--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["complete"]), (5, &json!(false)));
    assert_eq!(told["error"]["kind"], "refused");
    // What is due is due all the same.
    let canned = Canned::new(moving(r#""2026-01-01T00:00:00Z""#));
    let (code, out, err) = canned.check(&house, &[]);
    assert_eq!(code, 1, "{err}");
    assert!(out.starts_with("3 of 3 tokens"), "{out}");
    assert!(err.contains("changed each time"), "{err}");
}

#[test]
fn p26_what_a_registry_lists_steers_no_terminal_and_is_no_part_of_a_command() {
    let canned = Canned::new(|_| {
        let row = r#"{"key":"a;touch${IFS}x","token":"npm_x","name":"evil\u001b[2J\u202ename","expires":"2026-01-01T00:00:00Z"}"#;
        (
            200,
            format!(r#"{{"objects":[{row}],"urls":{{"next":null}}}}"#),
        )
    });
    let (code, out, err) = canned.check(&house(1), &[]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("evilname"), "{out}");
    assert!(!out.contains("token rotate"), "{out}");
    assert!(!out.chars().any(|c| c != '\n' && c.is_control()), "{out:?}");
}
