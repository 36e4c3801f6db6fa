//! Putting a token where the person wants it, and a new one in the very place of an old one (requirement E4).

use std::path::{Path, PathBuf};

use url::Url;
use zeroize::Zeroizing;

use crate::domain::failure::Failure;
use crate::domain::machine::{CredentialId, Destination, Git, StandsThere, Target, Wins};
use crate::domain::secret::Secret;
use crate::domain::signin::Stored;
use crate::domain::text::Text;

use super::document::{Document, Parsed};
use super::file;
use super::layers::{Env, Kind, Layer, Layers, Setting};
use super::load::{load, sources};
use super::store::{Open, can_stand, hidden, key_of, local, open_to_others, reads};
use super::{Inputs, credential, locate, registry_name, survey};

/// What the path of a file in the home folder begins with.
const HOME: &str = "~/";
/// Stands for a token that is not there yet.
const ANY: &str = "npm_of_no_registry_only_to_see_where_it_would_stand";

/// Puts the token of this registry into a file of the person's choice.
///
/// As [`super::store()`] does it: the line that npm reads there gets the new value, without one a line is added, a line
/// that takes its value from a variable is left alone, and where npm would go on with another token, nothing is
/// written. A file that is none of the configuration's has to give the token by itself.
pub fn write(
    inputs: &Inputs,
    registry: &Url,
    token: &Secret<String>,
    into: &Destination,
) -> Result<Stored, Failure> {
    let Plan { open, after, .. } = plan(inputs, registry, token, into)?;
    open.write(&after)?;
    Ok(Stored {
        caution: cautions(&open, inputs),
        file: open.shown,
    })
}

/// What [`write()`] would do to the file, tried out as far as that goes without changing it: a token comes once, and what
/// is wrong with the place is to be known before. `token` is what is to be written, where that is known already; `by` is the
/// token of this run's requests.
pub fn aim(
    inputs: &Inputs,
    registry: &Url,
    into: &Destination,
    token: Option<&Secret<String>>,
    by: Option<&Secret<String>>,
) -> Result<Target, Failure> {
    let any = Secret::from(ANY);
    let plan = plan(inputs, registry, token.unwrap_or(&any), into)?;
    plan.open.try_out()?;
    let itself = |held: &Secret<String>| token.is_some_and(|token| token.matches(held));
    let over = plan.over.filter(|(_, held)| !itself(held));
    Ok(Target {
        wins: plan.wins.filter(|_| is_for_here(inputs, registry)),
        in_use: over
            .as_ref()
            .is_some_and(|(_, held)| by.is_some_and(|by| by.matches(held))),
        over: over.map(|(place, held)| StandsThere {
            place,
            begins: survey::begins(held.expose()),
        }),
        file: plan.open.shown,
    })
}

/// Whether the configuration means this registry.
fn is_for_here(inputs: &Inputs, registry: &Url) -> bool {
    let means = load(inputs).map(|config| registry_name(&config.registry));
    means.is_ok_and(|means| means == registry_name(registry))
}

/// A change of a file that was thought through and not done.
struct Plan {
    open: Open,
    after: Zeroizing<Vec<u8>>,
    /// npm reads the file from here, and goes by the token in it then.
    wins: Option<Wins>,
    /// The token that stands there so far, and where.
    over: Option<(Text, Secret<String>)>,
}

fn plan(
    inputs: &Inputs,
    registry: &Url,
    token: &Secret<String>,
    into: &Destination,
) -> Result<Plan, Failure> {
    if !can_stand(token) {
        return Err(unwritable());
    }
    let read = sources(inputs, None)?;
    let path = match into {
        Destination::User => read.user.clone().ok_or_else(|| {
            local(
                "There is no home folder, so there is no .npmrc of yours to write.",
                "Name a file.",
            )
        })?,
        Destination::Project => {
            let project = read.files.iter().find(|(kind, _)| *kind == Kind::Project);
            let (_, path) = project.ok_or_else(|| {
                local(
                    "npm reads no project's .npmrc here: its global mode is set, or that file is your own.",
                    "Choose your own file, or name one.",
                )
            })?;
            path.clone()
        }
        Destination::File(typed) => typed_path(inputs, typed)?,
    };
    let mut open = Open::new(&path, inputs)?;
    let key = key_of(registry)?;
    let env = Env(&inputs.env);
    let alone = alone(&open.document, &open.shown, env);
    // npm finds it with the slash at its end and without, that with it first.
    let bare = key.replace("/:_authToken", ":_authToken");
    let mut over = None;
    match alone.get(&key).or_else(|| alone.get(&bare)) {
        Some(setting) => {
            set(&mut open, setting, token)?;
            let held = setting.value.text().filter(|held| !held.trim().is_empty());
            over = held.map(|held| (setting.place.clone(), held.into()));
        }
        None => open.document.add(&key, token),
    }
    let after = open.document.to_bytes();
    let is_ours = |(_, file): &(Kind, PathBuf)| file::real(file).is_ok_and(|f| f == open.real);
    let mut wins = None;
    if read.files.iter().any(is_ours) {
        let (now, _) = credential::find(&read.layers, registry);
        // What it goes by already is no news.
        if !now.as_ref().is_some_and(|now| reads(now, token)) {
            wins = Some(Wins {
                instead: now
                    .map(|now| now.source.place)
                    .filter(|place| over.as_ref().is_none_or(|(there, _)| there != place)),
            });
        }
        let then = sources(inputs, Some((&open.real, &after)))?;
        let (found, _) = credential::find(&then.layers, registry);
        if !found.is_some_and(|found| reads(&found, token)) {
            let why = hidden(&then, &key, &open.shown);
            return Err(local(
                why.what.as_str(),
                "Take what wins out of its place first, or choose another file.",
            ));
        }
    } else {
        let layer = self::alone(&Document::parse(&after), &open.shown, env);
        let (found, _) = credential::find(&Layers(vec![layer]), registry);
        if !found.is_some_and(|found| reads(&found, token)) {
            return Err(local(
                format!(
                    "npm would read something else than the token in {}, so nothing was written.",
                    open.shown
                ),
                "Look after the lines of this registry there, or choose another file.",
            ));
        }
    }
    Ok(Plan {
        open,
        after,
        wins,
        over,
    })
}

/// Puts a new token in the place of an old one: into this very line, and only while the old one stands there, as it is,
/// and not by way of a variable. No other byte of the file changes (promise P35).
pub fn put(
    inputs: &Inputs,
    id: &CredentialId,
    old: &Secret<String>,
    new: &Secret<String>,
) -> Result<Stored, Failure> {
    if !can_stand(new) {
        return Err(unwritable());
    }
    let path = id.path.as_ref().ok_or_else(|| {
        local(
            format!(
                "{} is an environment variable, which no program can change for the shell that set it.",
                id.key
            ),
            "Set it to the new value yourself, there and where it is set at every start.",
        )
    })?;
    let mut open = Open::new(path, inputs)?;
    let setting = at(&open.document, id.line, &open.shown, inputs)
        .filter(|setting| setting.key.expose().ends_with("_authToken"))
        .ok_or_else(|| moved(&open, id.line))?;
    if let Some(variable) = setting.used.first().or(setting.unset.first()) {
        return Err(by_variable(&setting, variable));
    }
    let stands = |setting: &Setting, token: &Secret<String>| {
        let value = setting.value.text();
        value.is_some_and(|value| token.matches(&value.into()))
    };
    if !stands(&setting, old) {
        return Err(moved(&open, id.line));
    }
    set(&mut open, &setting, new)?;
    let after = open.document.to_bytes();
    let written = at(&Document::parse(&after), id.line, &open.shown, inputs);
    if !written.is_some_and(|setting| stands(&setting, new)) {
        return Err(local(
            format!(
                "npm would read something else than the new token in {}, so it was left as it is.",
                setting.place
            ),
            "Put the value there yourself.",
        ));
    }
    open.write(&after)?;
    Ok(Stored {
        caution: cautions(&open, inputs),
        file: open.shown,
    })
}

/// What stands on a line, whether npm reads it or not.
fn at(document: &Document, line: usize, shown: &Text, inputs: &Inputs) -> Option<Setting> {
    let (_, found) = document.lines().find(|(number, _)| *number == line)?;
    match found.parsed() {
        Parsed::Entry(entry) if !entry.list => {
            Some(Layer::one_line(entry, line, shown, Env(&inputs.env)))
        }
        _ => None,
    }
}

/// A file's settings as if there were no other.
fn alone(document: &Document, shown: &Text, env: Env<'_>) -> Layer {
    Layer::from_document(Kind::User, document, shown, env)
}

fn set(open: &mut Open, old: &Setting, token: &Secret<String>) -> Result<(), Failure> {
    if let Some(variable) = old.used.first().or(old.unset.first()) {
        return Err(by_variable(old, variable));
    }
    let line = old.line.unwrap_or_default();
    open.document.set_value(line, token).map_err(|why| {
        local(
            format!("{} {}, so it was left as it is.", old.place, why.words()),
            "Mend or remove that line, and do it again.",
        )
    })
}

fn by_variable(old: &Setting, variable: &Text) -> Failure {
    if old.mixed {
        return local(
            format!(
                "{} makes the token of {variable} and of text beside it, so it was left as it is.",
                old.place
            ),
            "Write that line anew with the value yourself; or choose another file.",
        );
    }
    local(
        format!(
            "{} takes the token from {variable}, so it was left as it is.",
            old.place
        ),
        "Set the variable to the value, there and where it is set at every start; or choose another file.",
    )
}

/// The old token is not where it was.
fn moved(open: &Open, line: usize) -> Failure {
    local(
        format!(
            "{}, line {line} does not hold the old token any more, or not as a setting of its own, so it was left as it is.",
            open.shown
        ),
        "Put the new value there yourself if that is where it belongs.",
    )
}

fn unwritable() -> Failure {
    local(
        "The token has characters that no .npmrc line can hold, so it was not written.",
        "Copy it to where it is needed.",
    )
}

/// A path as a person types it. A folder is none: nobody means that a file takes its name.
fn typed_path(inputs: &Inputs, typed: &Path) -> Result<PathBuf, Failure> {
    let path = match (typed.to_str(), inputs.home.as_deref()) {
        (Some(raw), Some(home)) if raw.starts_with(HOME) => {
            locate::resolve(home, Path::new(&raw[HOME.len()..]))
        }
        _ => locate::resolve(&inputs.cwd, typed),
    };
    if typed.as_os_str().is_empty() || path.file_name().is_none() {
        return Err(local("No file was named.", "Name one."));
    }
    Ok(path)
}

/// What to know about a file that holds a token now.
fn cautions(open: &Open, inputs: &Inputs) -> Option<Text> {
    let readable = open_to_others(&open.real, &open.shown);
    let tracked = survey::git_of(&open.real, Env(&inputs.env));
    let in_git = match tracked {
        Git::Tracked => Some(format!(
            "git keeps {}: what stands in it goes out with the next commit. Take the token out before, or have git forget the file.",
            open.shown
        )),
        Git::Untracked => Some(format!(
            "{} lies in a git work tree that does not ignore it: see that it is never committed.",
            open.shown
        )),
        Git::None | Git::Ignored | Git::Unknown => None,
    };
    let both: Vec<_> = readable
        .into_iter()
        .map(|text| text.to_string())
        .chain(in_git)
        .collect();
    (!both.is_empty()).then(|| Text::new(&both.join(" ")))
}
