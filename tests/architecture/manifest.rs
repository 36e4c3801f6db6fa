//! `Cargo.toml` against the page and the folders.

use std::collections::BTreeSet;
use std::fs;

use crate::source::{root, table, text};

/// The names in the sections whose heading ends so.
fn names(ends: &str) -> BTreeSet<String> {
    let manifest = text("Cargo.toml");
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if let Some(heading) = line.strip_prefix('[') {
            inside = heading.ends_with(ends) && !heading.starts_with("dev-");
        } else if inside && let Some((name, _)) = line.split_once([' ', '=']) {
            names.insert(name.trim().to_owned());
        }
    }
    names.retain(|name| !name.is_empty() && !name.starts_with('#'));
    names
}

#[test]
fn every_direct_dependency_has_a_reason_and_no_other_crate_has_one() {
    let listed: BTreeSet<_> = table(&text("ARCHITECTURE.md"), "## Crates")
        .into_iter()
        .inspect(|row| assert!(row.len() == 2 && row[1].len() > 5, "no reason: {row:?}"))
        .flat_map(|row| row[0].split(", ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(listed, names("dependencies]"));
}

/// The declared binaries of a kind, such as `test`, and their files.
fn declared(kind: &str) -> BTreeSet<(String, String)> {
    let manifest = text("Cargo.toml");
    let value = |block: &str, key: &str| {
        let line = block.lines().find(|line| line.starts_with(key)).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    };
    manifest
        .split(&format!("[[{kind}]]"))
        .skip(1)
        .map(|block| (value(block, "name"), value(block, "path")))
        .collect()
}

#[test]
fn every_layer_of_tests_is_declared_and_on_the_page() {
    let folders: BTreeSet<_> = fs::read_dir(root().join("tests"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("main.rs").exists())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .map(|name| (name.clone(), format!("tests/{name}/main.rs")))
        .collect();
    let tests = declared("test");
    let all: BTreeSet<_> = tests.union(&declared("example")).cloned().collect();
    assert_eq!(folders, all, "a folder of tests that is never built");

    let page = text("ARCHITECTURE.md");
    let (_, layers) = page.split_once("## Tests, by layer").unwrap();
    let (layers, _) = layers.split_once("\n## ").unwrap();
    for (name, _) in tests {
        assert!(
            layers.contains(&format!("`{name}`")),
            "{name} is not on the page"
        );
    }
}

#[test]
fn every_file_of_tests_is_part_of_a_binary() {
    for (name, main) in declared("test") {
        let code = text(&main);
        for entry in fs::read_dir(root().join("tests").join(&name)).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let is_code = path.extension().is_some_and(|end| end == "rs");
            if is_code && stem != "main" {
                let mention = format!("mod {stem};");
                assert!(code.contains(&mention), "{} is never run", path.display());
            }
        }
    }
}
