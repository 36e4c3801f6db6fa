//! What plain commands tell: a wrong command line, a credential that is refused, columns that stay, the way on.

use npm_warden::sandbox::Options;
use serde_json::Value;

use crate::house::House;
use crate::plain::{ended, json, others, run};

#[test]
fn a_command_line_that_makes_no_sense_is_told_in_json_where_that_is_asked_for() {
    let house = House::new(Options::default());
    for line in [
        "token revoke --json",
        "token list --json --nonsense",
        "nonsense --json",
    ] {
        let (code, out, err) = run(&house, line);
        assert_eq!(code, 2, "{line}");
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (&told["version"], &told["error"]["kind"]),
            (&1.into(), &"local".into())
        );
        assert!(!told["error"]["next"].as_str().unwrap().is_empty());
        let what = told["error"]["what"].as_str().unwrap();
        assert!(!what.contains('\n') && !what.contains("Usage"), "{what}");
        assert!(err.contains("Usage"), "{err}");
    }
    let (code, out, _) = run(&house, "token list --nonsense");
    assert_eq!((code, out.as_str()), (2, ""));
}

#[test]
fn the_word_help_is_understood() {
    let house = House::new(Options::default());
    let mut command = std::process::Command::new(crate::tui::program());
    let (code, out, _) = ended(&command.arg("help").output().unwrap());
    assert_eq!(code, 0);
    assert!(out.contains("Usage: npm-warden"), "{out}");
    drop(house);
}

#[test]
fn a_credential_that_is_refused_is_named_by_its_place() {
    let house = House::new(Options::default());
    let scope = house.url().strip_prefix("http:").unwrap();
    std::fs::write(
        house.npmrc(),
        format!("# mine\n{scope}:_authToken=npm_canary\n"),
    )
    .unwrap();
    for line in ["token list", "token revoke --yes 1f3a9c", "whoami", "check"] {
        let (code, _, err) = run(&house, line);
        assert_eq!(code, 3, "{line}: {err}");
        assert!(err.contains("of-this-test.npmrc, line 2"), "{line}: {err}");
        assert!(!err.contains("canary"), "{err}");
    }
}

#[test]
fn the_columns_of_the_list_stay_whatever_stands_in_them() {
    let house = House::new(Options::default());
    let (code, out, _) = run(&house, "token list");
    assert_eq!(code, 0);
    let head: Vec<_> = out.lines().next().unwrap().split_whitespace().collect();
    let all = [
        "ID", "BEGINS", "MAY", "FOR", "IP", "CREATED", "USED", "EXPIRES", "BADGES", "FOUND",
        "NOTE", "NAME",
    ];
    assert_eq!(head, all);
    assert!(out.contains(" everything "), "{out}");
    assert!(out.contains(" never "), "{out}");
}

#[test]
fn p30_what_is_gone_on_with_keeps_its_names_and_says_how_much_is_left() {
    let house = House::new(Options {
        faults: vec!["token.revoke#3+=status:403".parse().unwrap()],
        ..Options::default()
    });
    let list = json(&house, "token list --json");
    let named = |key: &Value| {
        let tokens = list["tokens"].as_array().unwrap();
        tokens.iter().find(|token| token["key"] == *key).unwrap()["name"].clone()
    };
    let ids: Vec<_> = others(&house)
        .into_iter()
        .take(5)
        .map(|(_, id)| id)
        .collect();
    let (code, _, err) = run(&house, &format!("token revoke --yes {}", ids.join(" ")));
    assert_eq!(code, 5, "{err}");
    house.registry.running.mend();

    let mut tui = house.ask("token revoke --resume");
    tui.shows("2 of 5 tokens are not in the list any more; what is left of them:");
    tui.shows("Type 3 to revoke these 3 tokens:");
    tui.keys("\r");
    tui.shows("Nothing was revoked.");
    let _ = tui.ended();

    let done = json(&house, "token revoke --resume --yes --json");
    let rows = done["tokens"].as_array().unwrap();
    assert_eq!(rows.len(), 5);
    for row in rows {
        assert_eq!(row["name"], named(&row["key"]), "{row}");
    }
}

#[test]
fn p30_who_leaves_in_the_middle_is_told_the_way_on() {
    let house = House::gated(Options::default());
    let ids: Vec<_> = others(&house)
        .into_iter()
        .take(9)
        .map(|(_, id)| id)
        .collect();
    house.gate().shut();
    let mut tui = house.ask(&format!("token revoke --yes {}", ids.join(" ")));
    house.gate().keeps_one();
    tui.keys("\u{3}");
    tui.shows("Waiting for the registry to confirm a change");
    house.gate().open();
    assert_eq!(tui.ended().exit_code(), 130, "{}", tui.text());
    tui.shows("npm-warden token revoke --resume goes on with it");
}
