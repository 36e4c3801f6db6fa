//! `assets/keys.md` is drawn from the one key table. `UPDATE_KEYS=1 cargo test --test app key_list` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use npm_warden::app::bindings::BINDINGS;
use npm_warden::app::keymap::key_names;

fn listed() -> String {
    let mut list = "# Keys\n\nMade from the key table; what `?` shows in the program, for all screens at once.\n"
        .to_owned();
    let mut heading = "";
    for binding in BINDINGS {
        let title = binding.scope.title();
        if title != heading {
            let _ = write!(
                list,
                "\n## {title}\n| where | key | does |\n|---|---|---|\n"
            );
            heading = title;
        }
        let keys = key_names(binding.keys).replace('|', "\\|");
        let scope = words(&format!("{:?}", binding.scope));
        let _ = writeln!(list, "| {scope} | {keys} | {} |", binding.help);
    }
    list
}

/// `TokensFilter` → `tokens filter`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

#[test]
fn the_key_list_in_assets_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/keys.md");
    if std::env::var_os("UPDATE_KEYS").is_some() {
        std::fs::write(&path, listed()).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == listed(),
        "assets/keys.md is not what the key table says: UPDATE_KEYS=1 cargo test --test app key_list"
    );
}
