//! The command line: what scripts rely on.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::tui::{program, surroundings};

fn command(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(args)
        .env_clear()
        .envs(surroundings(home))
        .stdin(Stdio::null());
    command
}

fn output(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    command(home.path(), args).output().unwrap()
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Ends a child whatever a test does.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_embedded_registry_says_one_line_serves_and_ends_when_told() {
    for signal in [Signal::INT, Signal::TERM] {
        let home = tempfile::tempdir().unwrap();
        let child = command(home.path(), &["registry", "--tokens", "3", "--otp-once"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut child = Ended(child);
        let mut out = BufReader::new(child.0.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let start: serde_json::Value = serde_json::from_str(&line).unwrap();
        let mut names: Vec<_> = start.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["email", "password", "token", "url", "username"]);

        let url = start["url"].as_str().unwrap();
        let host = url.strip_prefix("http://").unwrap().trim_end_matches('/');
        let token = start["token"].as_str().unwrap();
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        std::io::Write::write_all(
            &mut stream,
            format!(
                "GET /-/whoami HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
                 connection: close\r\n\r\n"
            )
            .as_bytes(),
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(start["username"].as_str().unwrap()));

        let pid = Pid::from_raw(i32::try_from(child.0.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        assert_eq!(child.0.wait().unwrap().code(), Some(0));
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "more than one line on standard output");
        let mut log = String::new();
        child
            .0
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        assert!(log.contains("GET /-/whoami 200"), "{log}");
        assert!(!log.contains(token), "{log}");
    }
}

#[test]
fn an_account_with_a_second_factor_comes_with_its_key_and_codes() {
    for (policy, tfa, codes) in [
        ("classic", "auth-only", 5),
        ("npmjs", "auth-and-writes", 5),
        ("npmjs", "pending", 0),
    ] {
        let home = tempfile::tempdir().unwrap();
        let args = ["registry", "--policy", policy, "--tfa", tfa];
        let child = command(home.path(), &args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut child = Ended(child);
        let mut line = String::new();
        let out = child.0.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let start: serde_json::Value = serde_json::from_str(&line).unwrap();
        let otpauth = start["otpauth"].as_str().unwrap();
        assert!(otpauth.starts_with("otpauth://totp/npm:tess-marlow?secret="));
        assert_eq!(start["recovery_codes"].as_array().unwrap().len(), codes);
    }
}

#[test]
fn what_makes_no_sense_is_a_sentence_and_exit_code_2() {
    for args in [
        ["registry", "--listen", "192.0.2.1:0"].as_slice(),
        &["--registry", "not an address"],
        &["--demo", "--registry", "http://127.0.0.1:1/"],
        &["--policy", "npmjs"],
        &["--colour"],
        &["token"],
        &["token", "revoke"],
    ] {
        let output = output(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn without_a_terminal_it_says_so() {
    let output = output(&["--demo"]);
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output.stderr);
    assert!(said.contains("standard input is not one"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_port_that_is_taken_is_exit_code_6() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = output(&["registry", "--listen", &address]);
    assert_eq!(output.status.code(), Some(6));
    assert!(said(&output.stderr).contains("Use another port"));
}

#[test]
fn help_and_version_are_worth_reading() {
    let help = said(&output(&["--help"]).stdout);
    for word in [
        "--demo",
        "--userconfig",
        "Examples:",
        "Exit codes:",
        "README.md",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    assert!(
        help.lines().all(|line| line.chars().count() <= 100),
        "{help}"
    );
    let version = said(&output(&["--version"]).stdout);
    assert!(version.starts_with("npm-warden "), "{version}");
    assert!(version.contains("no update check"), "{version}");
    let registry = said(&output(&["registry", "--help"]).stdout);
    for word in [
        "loopback",
        "--otp-once",
        "npmjs",
        "--tfa",
        "/-/inbox",
        "otpauth",
    ] {
        assert!(registry.contains(word), "{word}: {registry}");
    }
}
