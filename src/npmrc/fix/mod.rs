//! What can be mended in a file of the configuration: looked at first, and done only to what was looked at.

mod line;
mod mode;
mod show;

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::domain::failure::Failure;
use crate::domain::machine::{Fix, FixPreview, Seal};

use super::store::changed;
use super::{Inputs, file};

/// What a fix would do. Writes nothing.
pub fn preview(inputs: &Inputs, fix: &Fix) -> Result<FixPreview, Failure> {
    match fix {
        Fix::Tighten(path) => Ok(mode::plan(inputs, path)?.preview),
        Fix::ToVariable { id, name } => {
            Ok(line::plan(inputs, id, line::Change::ToVariable(name))?.preview)
        }
        Fix::Remove(id) => Ok(line::plan(inputs, id, line::Change::Remove)?.preview),
    }
}

/// Does what was previewed, if the file is still the same.
pub fn apply(inputs: &Inputs, previewed: &FixPreview) -> Result<(), Failure> {
    let same = |now: &FixPreview| {
        if now.seal == previewed.seal {
            Ok(())
        } else {
            Err(changed(&previewed.file))
        }
    };
    match &previewed.fix {
        Fix::Tighten(path) => {
            let plan = mode::plan(inputs, path)?;
            same(&plan.preview)?;
            plan.apply()
        }
        Fix::ToVariable { id, .. } | Fix::Remove(id) => {
            let change = match &previewed.fix {
                Fix::ToVariable { name, .. } => line::Change::ToVariable(name),
                _ => line::Change::Remove,
            };
            // Whether the line is still there is told best by whether the file is.
            let plan = line::plan(inputs, id, change).map_err(|why| {
                let path = id.path.as_deref();
                let now = path.and_then(seal_of);
                if now.as_ref() == Some(&previewed.seal) {
                    why
                } else {
                    changed(&previewed.file)
                }
            })?;
            same(&plan.preview)?;
            plan.apply()
        }
    }
}

/// A digest of a file's mode and of these bytes, which were read from it.
fn seal(path: &Path, bytes: &[u8]) -> Option<Seal> {
    let mode = mode::of(&path.metadata().ok()?);
    let digest = Sha256::new()
        .chain_update(mode.to_le_bytes())
        .chain_update(bytes)
        .finalize();
    Some(Seal(digest.into()))
}

/// The same of what it holds now.
fn seal_of(path: &Path) -> Option<Seal> {
    seal(path, &file::read_real(path).ok()?)
}
