//! Where the files lie.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::domain::text::Text;

use super::layers::Env;

/// A path made absolute by `base`, without `.` and `..`, as npm's `path.resolve` does it.
pub(super) fn resolve(base: &Path, path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// A path as written in a setting: `~/` is the home folder, anything else starts at `base`.
pub(super) fn setting_path(raw: &str, base: &Path, home: Option<&Path>) -> PathBuf {
    let raw = raw.trim();
    let in_home = raw
        .strip_prefix("~/")
        .or_else(|| raw.strip_prefix("~\\").filter(|_| cfg!(windows)));
    match (in_home, home) {
        (Some(rest), Some(home)) => resolve(home, Path::new(rest)),
        _ => resolve(base, Path::new(raw)),
    }
}

/// A path as a person reads it, with `~` for the home folder.
pub(super) fn shown(path: &Path, home: Option<&Path>) -> Text {
    if let Some(home) = home.filter(|home| home.parent().is_some())
        && let Ok(rest) = path.strip_prefix(home)
    {
        return Text::new(&Path::new("~").join(rest).to_string_lossy());
    }
    Text::new(&path.to_string_lossy())
}

/// The folder whose `.npmrc` is the project's: the nearest with a `package.json` or a
/// `node_modules`, or the workspace root that counts it as a member; else the present folder.
pub(super) fn project_root(cwd: &Path) -> PathBuf {
    let mut found: Option<&Path> = None;
    for folder in cwd.ancestors() {
        let has_package = folder.join("package.json").is_file();
        match found {
            None if has_package || folder.join("node_modules").is_dir() => found = Some(folder),
            Some(member) if has_package && is_workspace(folder, member) => {
                return folder.to_owned();
            }
            _ => {}
        }
    }
    found.unwrap_or(cwd).to_owned()
}

/// Whether `root/package.json` names `member` among its workspaces.
fn is_workspace(root: &Path, member: &Path) -> bool {
    if !member.join("package.json").is_file() {
        return false;
    }
    let Some(patterns) = workspaces(root) else {
        return false;
    };
    let Ok(path) = member.strip_prefix(root) else {
        return false;
    };
    let segments: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    // The last pattern that fits decides, so that `!` can take members out again.
    patterns.iter().fold(false, |is_member, pattern| {
        let (keep, pattern) = match pattern.strip_prefix('!') {
            Some(rest) => (false, rest),
            None => (true, pattern.as_str()),
        };
        let pattern: Vec<&str> = pattern
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        if fits(&pattern, &segments) {
            keep
        } else {
            is_member
        }
    })
}

fn workspaces(root: &Path) -> Option<Vec<String>> {
    let text = super::file::read_plain(&root.join("package.json"))?;
    let json: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let list = match json.get("workspaces")? {
        serde_json::Value::Object(map) => map.get("packages")?,
        other => other,
    };
    Some(
        list.as_array()?
            .iter()
            .filter_map(|pattern| pattern.as_str().map(str::to_owned))
            .collect(),
    )
}

fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            fits(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, tail)| fits(pattern, tail))
        }
        (Some((part, rest)), Some((segment, tail))) => {
            fits_segment(part.as_bytes(), segment.as_bytes()) && fits(rest, tail)
        }
        _ => false,
    }
}

/// `*` and `?` within one folder's name.
fn fits_segment(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            fits_segment(rest, name)
                || name
                    .split_first()
                    .is_some_and(|(_, tail)| fits_segment(pattern, tail))
        }
        (Some((b'?', rest)), Some((_, tail))) => fits_segment(rest, tail),
        (Some((p, rest)), Some((n, tail))) => p == n && fits_segment(rest, tail),
        _ => false,
    }
}

/// The file inside npm itself, which some packages of npm bring to move its prefix or its global file.
pub(super) fn builtin(env: Env<'_>) -> Option<PathBuf> {
    let package = if cfg!(windows) {
        find_in_path(env, "npm.cmd")?
            .parent()?
            .join("node_modules/npm")
    } else {
        // What is called npm is a link into the package; else it is a wrapper, behind which nothing is looked for.
        let npm = find_in_path(env, "npm")?.canonicalize().ok()?;
        npm.parent()?.parent()?.to_owned()
    };
    let file = package.join("npmrc");
    let is_npm = package.join("bin/npm-cli.js").is_file();
    (is_npm && file.is_file()).then_some(file)
}

/// npm's default prefix: `PREFIX`, or the folder above the one that node lies in.
pub(super) fn default_prefix(env: Env<'_>) -> Option<PathBuf> {
    if let Some(prefix) = env.filled("PREFIX") {
        return Some(PathBuf::from(prefix));
    }
    let node = find_in_path(env, if cfg!(windows) { "node.exe" } else { "node" })?
        .canonicalize()
        .ok()?;
    if cfg!(windows) {
        return node.parent().map(Path::to_owned);
    }
    let prefix = node.parent()?.parent()?;
    Some(match env.filled("DESTDIR") {
        Some(root) => Path::new(root).join(prefix.strip_prefix("/").unwrap_or(prefix)),
        None => prefix.to_owned(),
    })
}

/// Where a program lies, by its name as it was called.
pub(super) fn find_in_path(env: Env<'_>, program: &str) -> Option<PathBuf> {
    let path = env.get("PATH")?;
    std::env::split_paths(OsStr::new(path))
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
