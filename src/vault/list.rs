//! The list's file: what it holds, and how it is read.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::recovery::{RecoverySet, UsedCode};
use crate::domain::text::Text;

use super::sealed::Seals;
use super::write::replace;
use super::{failure, shown};

/// The form of the list that this program writes. 1 had no marks of used codes and no encrypted files.
const VERSION: u32 = 2;
/// The largest list that is read.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What the file holds.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) sets: Vec<Line>,
    pub(super) prepared: Vec<Prepared>,
    pub(super) loose: Vec<Loose>,
}

/// The mark of a code that was sent, where it is not known which set the code is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Loose {
    pub(super) account: Text,
    pub(super) registry: Text,
    #[serde(flatten)]
    pub(super) used: UsedCode,
    /// When the sets were received that it is surely not of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) not_of: Vec<Timestamp>,
}

/// A set, with what the vault alone needs to know of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Line {
    #[serde(flatten)]
    pub(super) set: RecoverySet,
    /// For an encrypted file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seals: Option<Seals>,
}

/// A place that is ready, an encrypted one with its key, and whose codes have not come yet: when this program is killed right after
/// they came, the next one finds them by this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Prepared {
    pub(super) account: Text,
    pub(super) registry: Text,
    /// Where the codes will be.
    pub(super) path: PathBuf,
    /// For a plain file: the name of the file that shows that the program lives. For an encrypted one, its key does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) guard: Option<String>,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    sets: &'a [Line],
    #[serde(skip_serializing_if = "<[Prepared]>::is_empty")]
    prepared: &'a [Prepared],
    #[serde(skip_serializing_if = "<[Loose]>::is_empty")]
    loose: &'a [Loose],
}

#[derive(Deserialize)]
struct Read {
    sets: Vec<Line>,
    #[serde(default)]
    prepared: Vec<Prepared>,
    #[serde(default)]
    loose: Vec<Loose>,
}

/// What the list's file turned out to be.
pub(super) enum Found {
    List(List),
    Newer,
    Corrupt,
}

/// Reads the list; none is an empty one.
pub(super) fn read(path: &Path) -> Result<Found, Failure> {
    let mut bytes = Vec::new();
    let result = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    match result {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Found::List(List::default()));
        }
        Err(error) => {
            return Err(failure(
                format!("{} could not be read ({error}).", shown(path)),
                "Make it a file that you may read, or move it away.",
            ));
        }
    }
    // The version first: a newer list may have sets of another form.
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
        return Ok(Found::Corrupt);
    };
    match json.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => return Ok(Found::Newer),
        Some(_) => {}
        None => return Ok(Found::Corrupt),
    }
    Ok(match serde_json::from_value::<Read>(json) {
        Ok(Read {
            sets,
            prepared,
            loose,
        }) => Found::List(List {
            sets,
            prepared,
            loose,
        }),
        Err(_) => Found::Corrupt,
    })
}

/// Writes the list in one step.
pub(super) fn write(path: &Path, list: &List) -> Result<(), Failure> {
    let written = Written {
        version: VERSION,
        sets: &list.sets,
        prepared: &list.prepared,
        loose: &list.loose,
    };
    let mut json = serde_json::to_vec_pretty(&written).map_err(|error| {
        failure(
            format!("The list of recovery codes could not be written down ({error})."),
            "Choose a place with plain letters in its path.",
        )
    })?;
    json.push(b'\n');
    replace(path, &json)
}
