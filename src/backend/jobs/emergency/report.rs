//! The report, into two new files (requirement E3).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backend::house::{Connector, Deps, House, blocking};
use crate::backend::protocol::Outcome;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::Incident;
use crate::domain::text::Text;
use crate::records::incident::{json, markdown};
use crate::vault::write_new;

/// The version of the JSON. A change that takes a field away, or gives one another meaning, counts it up. In 1 a row's
/// `unprobed` was what `why` is now, and its `why` what `error` is; a session's end by the registry's own word alone was
/// told as still accepted where that was not so.
const VERSION: u8 = 2;

/// Writes both files, or says why not. Neither replaces anything (promise P10).
pub(in crate::backend::jobs) async fn write<C: Connector>(
    house: &House<C>,
    incident: Arc<Incident>,
    folder: PathBuf,
) -> Result<Outcome, Failure> {
    let deps = house.deps.clone();
    let folder = resolve(&folder, deps.home.as_deref(), &deps.place_dir);
    let files = blocking(move || write_both(&incident, &folder)).await??;
    Ok(Outcome::Reported(files))
}

/// Whether a report could be written into this folder, before anything is done for one. Sends nothing.
pub async fn report_folder(deps: &Deps, folder: &Path) -> Result<(), Failure> {
    let folder = resolve(folder, deps.home.as_deref(), &deps.place_dir);
    blocking(move || is_folder(&folder).and_then(|()| takes_files(&folder))).await?
}

/// Only a file that was made tells that one can be: it is taken away at once.
fn takes_files(folder: &Path) -> Result<(), Failure> {
    let probe = folder.join(format!(".npm-warden-{}", std::process::id()));
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&probe);
    match made.and_then(|_| std::fs::remove_file(&probe)) {
        Ok(()) => Ok(()),
        Err(why) => Err(Failure::new(
            FailureKind::Local,
            format!(
                "No file can be written into {}: {why}.",
                Text::new(&folder.to_string_lossy())
            ),
            "Name a folder that you may write into.",
        )),
    }
}

fn is_folder(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Local,
        format!("{} is no folder.", Text::new(&folder.to_string_lossy())),
        "Name a folder that is there.",
    ))
}

/// `~/` is the home folder, and a relative path begins where files are suggested.
fn resolve(typed: &Path, home: Option<&Path>, from: &Path) -> PathBuf {
    match (typed.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ if typed == Path::new(".") => from.to_owned(),
        _ => from.join(typed),
    }
}

fn write_both(incident: &Incident, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    is_folder(folder)?;
    let mut structured = json(incident);
    structured["version"] = VERSION.into();
    let mut structured = serde_json::to_vec_pretty(&structured).unwrap_or_default();
    structured.push(b'\n');
    let contents = [
        ("md", markdown(incident).into_bytes()),
        ("json", structured),
    ];
    let name = format!("npm-incident-{}", incident.id);
    // A second report of the same emergency is another one.
    for number in 1..=99_u32 {
        let paths = contents.each_ref().map(|(end, _)| {
            folder.join(match number {
                1 => format!("{name}.{end}"),
                n => format!("{name}-{n}.{end}"),
            })
        });
        if paths.iter().any(|path| path.symlink_metadata().is_ok()) {
            continue;
        }
        for (path, (_, bytes)) in paths.iter().zip(&contents) {
            write_new(path, bytes)?;
        }
        return Ok(paths.into());
    }
    Err(Failure::new(
        FailureKind::Local,
        "There are a hundred reports of this emergency in that folder.",
        "Name another folder.",
    ))
}
