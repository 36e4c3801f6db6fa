//! Who sees whom, and who may do what.

use std::collections::BTreeMap;

use crate::source::{Source, sources, table, text};

/// What a room sees: other rooms, or a part of one as `backend::protocol`.
type Rooms = BTreeMap<String, Vec<String>>;

/// The table of the page.
fn rooms() -> Rooms {
    let mut rooms = Rooms::new();
    for row in table(&text("ARCHITECTURE.md"), "## Rooms") {
        let name = row[0].trim_matches('`').to_owned();
        let sees = match row[2].as_str() {
            "nothing" => Vec::new(),
            "all of the above" => rooms.keys().cloned().collect(),
            list => list.split(", ").map(str::to_owned).collect(),
        };
        rooms.insert(name, sees);
    }
    rooms
}

/// Every path from the crate's root in a file, at least two segments deep where it goes that far.
fn paths(source: &Source, rooms: &Rooms) -> Vec<String> {
    let mut found = Vec::new();
    for (at, root) in source.code.match_indices("crate::") {
        let before = source.code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        from(&source.code[at + root.len()..], "", &mut found);
    }
    // The same room by another door: so many `super` that the root is reached.
    let up = "super::".repeat(source.depth());
    for (at, _) in source.code.match_indices(&up) {
        let rest = source.code[at + up.len()..].trim_start_matches("super::");
        let first = segment(rest);
        if rooms.contains_key(first) {
            from(rest, "", &mut found);
        }
    }
    found
}

fn segment(code: &str) -> &str {
    let end = code
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(code.len());
    &code[..end]
}

/// The paths that begin here: one, or one for each part in braces.
fn from(code: &str, prefix: &str, found: &mut Vec<String>) {
    if let Some(group) = code.strip_prefix('{') {
        let mut depth = 0_usize;
        let mut start = true;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && !c.is_whitespace() => {
                    start = false;
                    from(&group[at..], prefix, found);
                }
                _ => {}
            }
        }
        return;
    }
    let name = segment(code);
    let path = format!("{prefix}{name}");
    match code[name.len()..].strip_prefix("::") {
        Some(rest) if prefix.is_empty() => from(rest, &format!("{path}::"), found),
        _ => found.push(path),
    }
}

/// Whether a list of what is seen covers a path.
fn covers(sees: &[String], path: &str) -> bool {
    sees.iter().any(|seen| {
        path.strip_prefix(seen.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    })
}

#[test]
fn no_room_sees_more_than_the_page_says() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for source in sources() {
        if ["lib", "main", "demo"].contains(&source.room()) {
            continue;
        }
        let Some(sees) = rooms.get(source.room()) else {
            wrong.push(format!(
                "{}: a room that the page does not know",
                source.name()
            ));
            continue;
        };
        for path in paths(&source, &rooms) {
            let own = path.split("::").next() == Some(source.room());
            if !own && !covers(sees, &path) {
                wrong.push(format!("{}: {path}", source.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_room_of_the_page_exists() {
    let sources = sources();
    for (room, sees) in rooms() {
        assert!(sources.iter().any(|source| source.room() == room), "{room}");
        for seen in sees {
            let first = seen.split("::").next().unwrap().to_owned();
            assert!(
                sources.iter().any(|source| source.room() == first),
                "{room} sees {seen}"
            );
        }
    }
}

/// The files that hold one of these words and are not among those that may.
fn elsewhere(words: &[&str], may: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources() {
        let path = source.path.to_str().unwrap().replace('\\', "/");
        let allowed = may
            .iter()
            .any(|place| path == *place || path.starts_with(&format!("{place}/")));
        for word in words.iter().filter(|_| !allowed) {
            if source.code.contains(word) {
                found.push(format!("{path}: {word}"));
            }
        }
    }
    found
}

#[test]
fn only_the_backend_and_the_embedded_registry_spawn_tasks() {
    let words = [
        "tokio::spawn",
        "task::spawn",
        "spawn_local",
        "spawn_blocking",
        "JoinSet",
    ];
    let found = elsewhere(&words, &["backend", "sandbox"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_thread_is_begun_where_something_may_hang_and_nowhere_else() {
    let found = elsewhere(
        &["thread::spawn", "thread::Builder", "thread::scope"],
        &[
            "backend/handle.rs",
            "browser.rs",
            "shell/clipboard",
            "demo.rs",
        ],
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn colours_are_the_themes_and_the_terminals_own() {
    let found = elsewhere(&["Color::Rgb", "Rgb("], &[]);
    assert!(found.is_empty(), "{found:#?}");
    let found = elsewhere(&["Color::"], &["ui/theme.rs"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn standard_output_belongs_to_the_commands() {
    let found = elsewhere(&["print!(", "println!("], &["main.rs", "commands"]);
    assert!(found.is_empty(), "{found:#?}");
    let found = elsewhere(&["stdout()"], &["main.rs", "commands", "shell"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_reader_of_paths_reads_them() {
    let source = Source {
        path: "shell/keys.rs".into(),
        code: "use crate::{app::{Key, model::Model}, ui, backend::protocol::Event};\n\
               fn f() { super::super::sandbox::start(); mycrate::x(); crate::vault() }"
            .to_owned(),
    };
    let rooms = Rooms::from([("sandbox".to_owned(), Vec::new())]);
    let wanted = [
        "app::Key",
        "app::model",
        "ui",
        "backend::protocol",
        "vault",
        "sandbox::start",
    ];
    assert_eq!(paths(&source, &rooms), wanted);
    let sees = ["app".to_owned(), "backend::protocol".to_owned()];
    assert!(covers(&sees, "app::Key") && covers(&sees, "backend::protocol"));
    assert!(!covers(&sees, "backend::Handle") && !covers(&sees, "apple"));
}
