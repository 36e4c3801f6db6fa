//! `recovery list`, `show` and `prove`: what this machine keeps, without a registry.

use std::process::{Command, Stdio};

use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, StartTfa};
use serde_json::Value;

use crate::house::House;
use crate::plain::ended;
use crate::tui::{program, surroundings};

/// A command about what is kept in this home folder, without a terminal and without a registry.
pub fn local(house: &House, line: &str) -> Command {
    let mut command = Command::new(program());
    command
        .args(line.split(' '))
        .env_clear()
        .envs(surroundings(house.home()))
        .current_dir(house.home())
        .stdin(Stdio::null());
    command
}

#[test]
fn nothing_kept_is_no_fault_of_a_list() {
    let house = House::new(Options {
        tfa: StartTfa::On(Level::AuthOnly),
        ..Options::default()
    });
    // A configuration that npm could not read is none of its business.
    std::fs::write(house.home().join(".npmrc"), "registry=not an address\n").unwrap();
    let (exit, out, err) = ended(&local(&house, "recovery list").output().unwrap());
    assert_eq!((exit, out.as_str()), (0, ""));
    assert!(err.contains("No recovery codes are known"), "{err}");
    let (exit, line, _) = ended(&local(&house, "recovery list --json").output().unwrap());
    assert_eq!(exit, 0);
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&told["version"], &told["sets"]),
        (&1.into(), &Value::Array(Vec::new()))
    );
    for line in ["recovery show", "recovery show --account nobody"] {
        let (exit, out, err) = ended(&local(&house, line).output().unwrap());
        assert_eq!((exit, out.as_str()), (1, ""), "{err}");
        assert!(err.contains("recovery list"), "{err}");
    }
    let (exit, _, err) = ended(&local(&house, "recovery prove").output().unwrap());
    assert_eq!(exit, 2, "{err}");
    let requests = house.registry.running.inspect().requests;
    assert!(requests.is_empty(), "{requests:?}");
}
