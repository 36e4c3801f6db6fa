//! The files of the package, as text.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of `src`, without its comments.
pub struct Source {
    /// Relative to `src`.
    pub path: PathBuf,
    pub code: String,
}

impl Source {
    /// The module of the crate's root that it belongs to: `shell` for `shell/mod.rs`, `args` for `args.rs`.
    pub fn room(&self) -> &str {
        let first = self.path.iter().next().unwrap().to_str().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many modules above it the crate's root is.
    pub fn depth(&self) -> usize {
        let modules = self.path.iter().count();
        modules - usize::from(self.path.ends_with("mod.rs"))
    }

    pub fn name(&self) -> std::path::Display<'_> {
        self.path.display()
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every file of `src`.
pub fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut folders = vec![src.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                sources.push(Source {
                    code: without_comments(&fs::read_to_string(&path).unwrap()),
                    path: path.strip_prefix(&src).unwrap().to_owned(),
                });
            }
        }
    }
    assert!(sources.len() > 50, "the walk found {} files", sources.len());
    sources
}

/// Lines up to `//`, unless that stands in a text such as an address.
fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| match line.find("//") {
            Some(at) if !line[..at].ends_with(':') && line[..at].matches('"').count() % 2 == 0 => {
                &line[..at]
            }
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The cells of the first table after a heading, without its head.
pub fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, rest) = page.split_once(heading).expect("the heading is there");
    rest.lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}
