//! Putting a token into the person's `.npmrc`, and taking one out of where it stands.

use std::io;
use std::path::{Path, PathBuf};

use url::Url;
use zeroize::Zeroizing;

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::signin::{Forgotten, Stored};
use crate::domain::text::Text;

use super::document::Document;
use super::file::{self, Unread};
use super::layers::{Env, Kind, Layer, Setting, Value};
use super::load::{Sources, sources};
use super::replace::{Refused, replace, try_out};
use super::{Auth, Inputs, credential, locate};

/// Puts the token of this registry into the person's own file, so that npm finds it there.
///
/// The line that npm reads gets the new value; without one, a line is added above the first `[section]`. A line that
/// takes its value from a variable is left alone, and nothing is written: other machines and other people may rely
/// on it, and the variable would win again wherever that line is restored. Neither is anything written when the
/// result, read as npm reads it, would not give the new token, because a place that ranks higher holds another.
/// The rights of others to read the file stay as they are, and are told.
pub fn store(inputs: &Inputs, registry: &Url, token: &Secret<String>) -> Result<Stored, Failure> {
    if !can_stand(token) {
        return Err(Failure::new(
            FailureKind::Refused,
            "The registry gave out a token with characters that no .npmrc line can hold, so it was not written.",
            "Sign in for this session only.",
        ));
    }
    let read = sources(inputs, None)?;
    let path = read.user.as_ref().ok_or_else(|| {
        local(
            "There is no home folder, so there is no .npmrc of yours to write.",
            "Name the file with --userconfig.",
        )
    })?;
    let mut open = Open::new(path, inputs)?;
    let key = key_of(registry)?;
    let user = read.layers.0.iter().find(|layer| layer.kind == Kind::User);
    match user.and_then(|layer| layer.get(&key)) {
        Some(setting) => open.set(setting, token)?,
        None => open.document.add(&key, token),
    }
    let after = open.document.to_bytes();
    let then = sources(inputs, Some((&open.real, &after)))?;
    let (found, _) = credential::find(&then.layers, registry);
    if !found.as_ref().is_some_and(|found| reads(found, token)) {
        return Err(hidden(&then, &key, &open.shown));
    }
    open.write(&after)?;
    Ok(Stored {
        caution: open_to_others(&open.real, &open.shown),
        file: open.shown,
    })
}

/// Whether a line can hold this token, and a header carry it.
pub(super) fn can_stand(token: &Secret<String>) -> bool {
    !token.is_empty() && token.expose().bytes().all(|b| b.is_ascii_graphic())
}

/// Whether that is this token.
pub(super) fn reads(found: &super::Credential, token: &Secret<String>) -> bool {
    match &found.secret {
        Auth::Bearer(value) => value.matches(token),
        Auth::Basic(_) => false,
    }
}

/// Who else may read the file, as a sentence.
#[cfg(unix)]
pub(super) fn open_to_others(real: &Path, shown: &Text) -> Option<Text> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = real.metadata().ok()?.permissions().mode() & 0o7777;
    let who = match (mode & 0o004 != 0, mode & 0o040 != 0) {
        (true, _) => "Others on this machine",
        (false, true) => "Members of its group",
        (false, false) => return None,
    };
    Some(Text::new(&format!(
        "{who} may read {shown} (mode {mode:o}), and the token stands in it now: run chmod 600 {shown}."
    )))
}

/// Here the folder decides, and it is the person's own.
#[cfg(not(unix))]
pub(super) fn open_to_others(_: &Path, _: &Text) -> Option<Text> {
    None
}

/// Takes the token out of every file of the configuration in which it stands as the token of this registry.
///
/// Only lines that hold this very token go. A line that they hid, and that then counts, is left: it is another
/// credential, and not the one that was ended. A file that is left empty stays, though npm would remove it: a link
/// or a mode that somebody chose is theirs. Of a token that stands nowhere, only this program had it;
/// a file that cannot be read may hold it.
pub fn remove(
    inputs: &Inputs,
    registry: &Url,
    token: &Secret<String>,
) -> Result<Forgotten, Failure> {
    let read = sources(inputs, None)?;
    let host = credential::host(registry).unwrap_or_default();
    let keys: Vec<_> = credential::steps(registry)
        .map(|path| format!("{host}{path}:_authToken"))
        .collect();
    let holds = |setting: &&Setting| {
        let value = setting.value.text();
        keys.contains(setting.key.expose())
            && value.is_some_and(|value| token.matches(&value.into()))
    };
    let mut remains = Vec::new();
    let environment = read.layers.0.iter().filter(|layer| !layer.kind.is_file());
    for setting in environment.flat_map(|layer| &layer.settings).filter(holds) {
        remains.push((
            setting.place.clone(),
            local(
                "It is in an environment variable, which no program can change for the shell that set it.",
                "Remove the variable, there and where it is set at every start.",
            ),
        ));
    }
    let mut edited: Vec<Text> = Vec::new();
    let mut unread = None;
    for (_, path) in &read.files {
        let shown = locate::shown(path, inputs.home.as_deref());
        let bytes = match file::read(path) {
            Ok(bytes) => bytes,
            Err(Unread::Missing) => continue,
            Err(Unread::Because(why)) => {
                unread.get_or_insert((shown, why));
                continue;
            }
        };
        let document = Document::parse(&bytes);
        let lines = Layer::each_line(&document, &shown, Env(&inputs.env));
        let (literal, variable): (Vec<_>, Vec<_>) = lines
            .iter()
            .filter(holds)
            .partition(|setting| setting.used.is_empty());
        for setting in variable {
            let why = if setting.mixed {
                local(
                    "The line makes it of a variable and of text beside it, so neither holds it alone.",
                    "Remove that line, and the variable where it is set at every start.",
                )
            } else {
                local(
                    "The line takes it from a variable, so the file does not hold it.",
                    "Remove the variable, there and where it is set at every start.",
                )
            };
            remains.push((setting.origin(), why));
        }
        let lines: Vec<_> = literal.iter().filter_map(|setting| setting.line).collect();
        if let Some(first) = literal.first() {
            match take_out(path, inputs, &bytes, &lines) {
                Ok(()) => edited.push(shown),
                Err(failure) => remains.push((first.place.clone(), failure)),
            }
        }
    }
    if let Some((place, failure)) = remains.into_iter().next() {
        return Ok(Forgotten::Remains(place, failure));
    }
    if let (true, Some((shown, why))) = (edited.is_empty(), unread) {
        return Ok(Forgotten::Remains(
            Text::new(&format!("{shown}, as far as is known")),
            local(
                format!("{shown} {why}, so nothing was taken out of it."),
                "Make it a file that you can read and write, and take the line out there if it holds one.",
            ),
        ));
    }
    let edited: Vec<_> = edited.iter().map(Text::as_str).collect();
    Ok(if edited.is_empty() {
        Forgotten::Session
    } else {
        Forgotten::File(Text::new(&edited.join(" and ")))
    })
}

fn take_out(path: &Path, inputs: &Inputs, seen: &[u8], lines: &[usize]) -> Result<(), Failure> {
    let mut open = Open::new(path, inputs)?;
    if open.before.as_ref().is_none_or(|before| **before != seen) {
        return Err(changed(&open.shown));
    }
    open.document.take_out(lines);
    let after = open.document.to_bytes();
    open.write(&after)
}

/// A file that is being changed.
pub(super) struct Open {
    /// Without links.
    pub(super) real: PathBuf,
    pub(super) shown: Text,
    pub(super) before: Option<Zeroizing<Vec<u8>>>,
    pub(super) document: Document,
}

impl Open {
    pub(super) fn new(path: &Path, inputs: &Inputs) -> Result<Self, Failure> {
        let shown = locate::shown(path, inputs.home.as_deref());
        let real = file::real(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if path.symlink_metadata().is_ok() => local(
                format!("{shown} is a link to a file that is not there."),
                "Make that file, or remove the link.",
            ),
            _ => disk(&shown, &error),
        })?;
        let before = match file::read_real(&real) {
            Ok(bytes) => Some(bytes),
            Err(Unread::Missing) => None,
            Err(Unread::Because(why)) => {
                return Err(local(
                    format!("{shown} {why}, so it cannot be changed."),
                    "Make it a file that you can read and write.",
                ));
            }
        };
        Ok(Self {
            document: Document::parse(before.as_ref().map_or(&[][..], |bytes| bytes)),
            before,
            real,
            shown,
        })
    }

    fn set(&mut self, old: &Setting, token: &Secret<String>) -> Result<(), Failure> {
        if let Some(variable) = old.used.first().or(old.unset.first()) {
            let how = if old.mixed {
                format!("makes the token of {variable} and of text beside it")
            } else {
                format!("takes the token from {variable}")
            };
            return Err(local(
                format!("{} {how}, so it was left as it is.", old.place),
                "Remove that line and sign in again, or sign in for this session only.",
            ));
        }
        self.document
            .set_value(old.line.unwrap_or_default(), token)
            .map_err(|why| {
                local(
                    format!("{} {}, so it was left as it is.", old.place, why.words()),
                    "Remove that line and sign in again.",
                )
            })
    }

    pub(super) fn write(&self, after: &[u8]) -> Result<(), Failure> {
        replace(&self.real, self.before(), after).map_err(|refused| self.refused(&refused))
    }

    /// Fails where [`Self::write`] would.
    pub(super) fn try_out(&self) -> Result<(), Failure> {
        try_out(&self.real, self.before()).map_err(|refused| self.refused(&refused))
    }

    fn before(&self) -> Option<&[u8]> {
        self.before.as_ref().map(|bytes| &***bytes)
    }

    fn refused(&self, refused: &Refused) -> Failure {
        match refused {
            Refused::Changed => changed(&self.shown),
            Refused::Protected => local(
                format!(
                    "{} is write-protected, so it was left as it is.",
                    self.shown
                ),
                "Give yourself the right to write it, and do it again.",
            ),
            Refused::Foreign => local(
                format!(
                    "{} belongs to another user, so it was left as it is.",
                    self.shown
                ),
                "Change it as that user.",
            ),
            Refused::Disk(error) => disk(&self.shown, error),
            Refused::Broken(error, copy) => broken(&self.shown, error, copy),
        }
    }
}

/// The key that npm itself writes.
pub(super) fn key_of(registry: &Url) -> Result<String, Failure> {
    let host = credential::host(registry).ok_or_else(|| {
        local(
            "The registry's address has no host.",
            "Write it in full, such as https://registry.example.com/.",
        )
    })?;
    Ok(format!("{host}{}:_authToken", registry.path()))
}

/// Why npm would not read the new token.
pub(super) fn hidden(then: &Sources, key: &str, shown: &Text) -> Failure {
    let found = then.layers.winner(key);
    let found = found.map(|(layer, winner)| (layer.kind, winner));
    let (what, next) = match found {
        Some((Kind::Environment, winner)) => (
            format!(
                "{} wins over {shown}, so a token written there would not count; nothing was written.",
                winner.origin()
            ),
            "Remove the variable and sign in again, or sign in for this session only.",
        ),
        Some((_, winner)) if matches!(winner.value, Value::List(_)) => (
            format!(
                "{} is part of a list where one token is expected, so nothing was written.",
                winner.place
            ),
            "Remove the lines of that key and sign in again, or sign in for this session only.",
        ),
        Some((Kind::Project, winner)) => (
            format!(
                "{} wins over {shown}, so a token written there would not count; nothing was written.",
                winner.origin()
            ),
            "Remove that line and sign in again, or sign in for this session only.",
        ),
        _ => (
            format!(
                "npm would read something else than the token in {shown}, so nothing was written."
            ),
            "Sign in for this session only.",
        ),
    };
    local(what, next)
}

pub(super) fn changed(shown: &Text) -> Failure {
    local(
        format!("{shown} was changed by another program meanwhile, so it was left as it is."),
        "Do it again.",
    )
}

pub(super) fn disk(shown: &Text, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::PermissionDenied => local(
            format!("You may not write in the folder of {shown}."),
            "Give yourself the right to, and do it again.",
        ),
        io::ErrorKind::ReadOnlyFilesystem => local(
            format!("{shown} lies on a disk that cannot be written."),
            "Name another file with --userconfig.",
        ),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => local(
            format!("The folder of {shown} does not exist."),
            "Make it, and do it again.",
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => local(
            format!("There is no room left to write {shown}."),
            "Make room, and do it again.",
        ),
        _ => local(
            format!("{shown} could not be written ({error})."),
            "Look after the disk, and do it again.",
        ),
    }
}

/// The file is not whole any more.
fn broken(shown: &Text, error: &io::Error, copy: &Path) -> Failure {
    local(
        format!(
            "{shown} was broken off in the middle of writing ({error}), and could not be put back. What it held lies whole in {}, \
             which is yours alone and stays until you remove it.",
            copy.display()
        ),
        "Mend the disk, and copy that over it before you do anything else.",
    )
}

pub(super) fn local(what: impl AsRef<str>, next: &str) -> Failure {
    Failure::new(FailureKind::Local, what, next)
}
