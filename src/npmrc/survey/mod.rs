//! Everything that npm would read on this machine: the sources, every credential in them, and which of them counts.
//!
//! A credential is also what npm itself does not find: a token below a wrong key, in a comment, or on a line of its own
//! lies there all the same. Nothing is sent, and no line is quoted (promise P03).

mod facts;
mod git;
pub(super) mod key;
pub(super) mod line;
mod proxy;
mod rank;

use std::collections::HashSet;
use std::path::Path;

use url::Url;

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::{CredentialKind, CredentialSource, Held};
use crate::domain::machine::{
    CredentialId, FileFacts, Form, LocalCredential, Machine, Rank, Source, SourceKind, SourceState,
};
use crate::domain::text::Text;

use self::key::{Home, What};
use self::line::Line;
use self::rank::{Ranked, rank};
use super::document::{Document, Parsed};
use super::ini::Oddity;
use super::layers::{Env, Kind};
use super::load::{Everything, everything};
use super::{
    Auth, Config, Credential, Inputs, Scope, Survey, credential, is_loopback, locate, registry_name,
};

/// Looks around. What cannot be read is told in its source; nothing that is wrong ends it.
pub fn survey(inputs: &Inputs) -> Survey {
    let looked = look(inputs);
    let ids = looked.machine.credentials.iter().map(|local| &local.id);
    let values = ids
        .zip(looked.held)
        .filter_map(|(id, held)| Some((id.clone(), held.auth?)))
        .collect();
    Survey {
        machine: looked.machine,
        values,
    }
}

/// Looks into one file, whether npm would read it from here or not: as a person's own one. Fails where it cannot be read.
pub fn look_into(inputs: &Inputs, path: &Path) -> Result<Survey, Failure> {
    let as_own = Inputs {
        registry: inputs.registry.clone(),
        userconfig: Some(path.to_owned()),
        cwd: inputs.cwd.clone(),
        home: inputs.home.clone(),
        env: inputs.env.clone(),
    };
    let mut survey = survey(&as_own);
    let mut sources = survey.machine.sources.iter();
    let source = sources.find(|source| source.path.as_deref() == Some(path));
    match source.map(|source| &source.state) {
        Some(SourceState::Read(_)) => {}
        Some(SourceState::Unreadable(why) | SourceState::BrokenLink { why, .. }) => {
            return Err(why.clone());
        }
        Some(SourceState::Absent) | None => {
            return Err(local_failure(
                &format!(
                    "{} is not there.",
                    locate::shown(path, inputs.home.as_deref())
                ),
                "Put it back, or mount what it lies on.",
            ));
        }
    }
    let is_its = |id: &CredentialId| id.path.as_deref() == Some(path);
    survey.values.retain(|(id, _)| is_its(id));
    survey.machine.credentials.retain(|local| is_its(&local.id));
    Ok(survey)
}

/// A configuration in which a credential of this machine is the one in force, for its own registry alone
/// (promise P21): that of the configuration that its key covers, else the one that its key names.
pub fn by_local(inputs: &Inputs, id: &CredentialId) -> Result<Config, Failure> {
    let looked = look(inputs);
    let mut all = looked.machine.credentials.into_iter().zip(looked.held);
    let (local, held) = all.find(|(local, _)| local.id == *id).ok_or_else(gone)?;
    let place = local.place;
    let Some(secret) = held.auth else {
        let why = match local.rank {
            Rank::Unusable(why) => why,
            _ if local.kind == CredentialKind::Certificate => Text::new(&format!(
                "{place} names a client certificate, which npm-warden cannot use."
            )),
            Rank::Wins | Rank::Beaten(_) => Text::new(&format!(
                "{place} holds nothing that could be sent to a registry."
            )),
        };
        return Err(local_failure(why.as_str(), ""));
    };
    let Some(home) = held.home else {
        return Err(local_failure(
            &format!("{place} does not say which registry it is for, so it is sent to none."),
            "Put it into a line that names its registry to have it tried out.",
        ));
    };
    if home.base.scheme() != "https" && !is_loopback(&home.base) {
        return Err(local_failure(
            &format!(
                "The registry {} is not encrypted, and nothing is sent to it from here.",
                home.base
            ),
            "Use its https address.",
        ));
    }
    let (network, problems) = looked.all.network(inputs);
    let held = match (&local.id.path, &local.form) {
        (Some(_), Form::Literal) => Held::File,
        (Some(_), Form::Mixed { .. }) => Held::Mixed,
        _ => Held::Environment,
    };
    Ok(Config {
        credential: Some(Credential {
            source: CredentialSource {
                place: place.clone(),
                kind: secret.kind(),
                held,
            },
            secret,
            scope: Scope::new(&home.base, &home.path),
        }),
        registry: home.base,
        searched: vec![place],
        problems,
        sign_in: None,
        user_file: None,
        network,
    })
}

/// An id of files as they were.
pub(super) fn gone() -> Failure {
    local_failure(
        "The credential is not where it was any more.",
        "Read what is on this machine anew.",
    )
}

fn local_failure(what: &str, next: &str) -> Failure {
    Failure::new(FailureKind::Local, what, next)
}

/// What was seen, with the secrets.
pub(super) struct Looked {
    pub(super) machine: Machine,
    /// In the order of the credentials.
    pub(super) held: Vec<Kept>,
    pub(super) all: Everything,
}

/// What goes with a credential and is for no screen.
pub(super) struct Kept {
    pub(super) auth: Option<Auth>,
    pub(super) home: Option<Home>,
    pub(super) line: Line,
}

pub(super) fn look(inputs: &Inputs) -> Looked {
    look_with(inputs, None)
}

/// The same, with these bytes in place of what that file holds, which is named without links.
pub(super) fn look_with(inputs: &Inputs, instead: Option<(&Path, &[u8])>) -> Looked {
    let all = everything(inputs, instead);
    let (env, home) = (Env(&inputs.env), inputs.home.as_deref());
    let mut machine = Machine {
        registry: registry_name(&all.registry),
        problems: all.problems.clone(),
        ..Machine::default()
    };
    machine.sources.push(Source {
        kind: SourceKind::Environment,
        shown: Text::from("environment"),
        path: None,
        state: SourceState::Read(FileFacts::default()),
    });
    let mut lines = line::of_environment(&all, env);
    let mut seen = HashSet::new();
    let mut layer = 0;
    for reading in &all.readings {
        machine.sources.push(Source {
            kind: kind(reading.kind),
            shown: reading.shown.clone(),
            path: Some(reading.path.clone()),
            state: facts::state(reading, home, env),
        });
        let Ok(document) = &reading.found else {
            continue;
        };
        layer += 1;
        if let Some(read) = all.layers.0.get(layer) {
            let refused = line::that_npm_refuses(document, reading, read, env);
            machine.refused.extend(refused);
        }
        // One file may be named twice.
        if seen.insert(&reading.path) {
            lines.extend(line::of_file(document, reading, layer, env));
            machine
                .problems
                .extend(oddities(document, reading.shown.as_str()));
        }
    }
    line::tell_who_refers(&mut lines);
    let decided = credential::decide(&all.layers, &all.registry, &mut |_| ());
    if let Some((decided, path)) = decided
        && machine.refused.is_empty()
        && path != all.registry.path()
    {
        let place = &decided.setting().place;
        machine.problems.push(above(&all.registry, place));
    }
    // Of a list of several nothing is sent from here.
    let in_force = decided.map(|(decided, _)| decided.setting());
    let in_force = in_force.filter(|setting| !credential::of_several(setting));
    let in_force = in_force.map(|setting| setting.place.clone());
    let through = proxy::in_force(&all, env);
    let mut ranked = Vec::with_capacity(lines.len());
    for line in &lines {
        let home = line.home(&all.registries);
        let Ranked {
            rank,
            auth,
            problems,
        } = match line.what() {
            Some(What::Proxy) => proxy::rank(line, through.as_ref(), &all, &lines).into(),
            _ => rank(line, home.as_ref(), &all, &lines),
        };
        machine.problems.extend(problems);
        if let (Some(Auth::Bearer(_)), Some(why)) = (&auth, line.closed()) {
            machine.closed.push((line.id.clone(), Text::from(why)));
        }
        let in_use =
            line.is_read() && auth.is_some() && in_force.as_ref() == Some(&line.setting.place);
        machine
            .credentials
            .push(shown(line, home.as_ref(), rank, auth.as_ref(), in_use));
        ranked.push((auth, home));
    }
    if let Some(problem) = refusal(&machine.refused) {
        for local in &mut machine.credentials {
            if local.rank == Rank::Wins {
                local.rank = Rank::Unusable(Text::new(&format!(
                    "npm uses no credential, because it refuses every command for {}.",
                    joined(&machine.refused)
                )));
            }
        }
        machine.problems.insert(0, problem);
    }
    let held = ranked
        .into_iter()
        .zip(lines)
        .map(|((auth, home), line)| Kept { auth, home, line })
        .collect();
    Looked { machine, held, all }
}

/// npm's requests carry what is found on the way up, but some of its commands look first, and only at the end of the way.
fn above(registry: &Url, place: &Text) -> Text {
    let host = credential::host(registry).unwrap_or_default();
    Text::new(&format!(
        "{place} is for more than {}: npm's requests carry it, but npm whoami and npm publish look at {host}{} alone and say \
         that nobody is signed in. Write its key so for them.",
        registry_name(registry),
        registry.path()
    ))
}

/// Why npm does nothing at all.
fn refusal(places: &[Text]) -> Option<Text> {
    let (is, each) = match places.len() {
        0 => return None,
        1 => ("a credential or a user name", "Mend that line"),
        _ => ("credentials or user names", "Mend each of these lines"),
    };
    Some(Text::new(&format!(
        "npm refuses every command but npm config (ERR_INVALID_AUTH): {} {} {is} of no registry. {each}: until then no \
         credential here serves npm.",
        joined(places),
        if places.len() == 1 { "holds" } else { "hold" },
    )))
}

fn joined(places: &[Text]) -> String {
    let places: Vec<_> = places.iter().map(Text::as_str).collect();
    places.join(" and ")
}

fn shown(
    line: &Line,
    home: Option<&Home>,
    rank: Rank,
    auth: Option<&Auth>,
    in_use: bool,
) -> LocalCredential {
    let form = line.form();
    let scope = match (home, &line.named) {
        // What a variable stands for in a key is not put on the screen (promise P36).
        (Some(home), _) if !line.key_has_variables => registry_name(&home.own),
        (_, Some(_)) if line.id.key.as_str().contains("//") => {
            let key = line.id.key.as_str();
            let from = key.find("//").map_or(0, |at| at + 2);
            let to = key.rfind(':').filter(|to| *to > from).unwrap_or(key.len());
            Text::new(key[from..to].trim_end_matches('/'))
        }
        _ => Text::default(),
    };
    LocalCredential {
        id: line.id.clone(),
        place: line.place.clone(),
        source: line.source,
        scope,
        kind: line
            .named
            .as_ref()
            .map_or(CredentialKind::Token, |named| match named.what {
                What::Token => CredentialKind::Token,
                What::Basic | What::Password => CredentialKind::Basic,
                What::Certificate => CredentialKind::Certificate,
                What::Key => CredentialKind::Key,
                What::Proxy => CredentialKind::Proxy,
            }),
        begins: match (&form, auth) {
            (Form::Literal, Some(Auth::Bearer(token))) => begins(token.expose()),
            _ => Text::default(),
        },
        form,
        rank,
        in_use,
    }
}

/// No more than a registry lists of a token; nothing of what is too short to be one.
pub(super) fn begins(token: &str) -> Text {
    const SHORTEST: usize = 16;
    let listed = if token.starts_with("npm_") { 8 } else { 4 };
    if token.chars().count() < SHORTEST {
        return Text::default();
    }
    Text::new(&token.chars().take(listed).collect::<String>())
}

const fn kind(kind: Kind) -> SourceKind {
    match kind {
        Kind::Environment => SourceKind::Environment,
        Kind::Project => SourceKind::Project,
        Kind::User => SourceKind::User,
        Kind::Global => SourceKind::Global,
        Kind::Builtin => SourceKind::Builtin,
    }
}

/// What is wrong with lines; of a credential it is told with the credential.
fn oddities(document: &Document, shown: &str) -> Vec<Text> {
    document
        .lines()
        .filter_map(|(number, line)| {
            let oddity = line.oddity()?;
            let told = oddity == Oddity::BelowSection && matches!(line.parsed(), Parsed::Entry(_));
            (!told).then(|| Text::new(&format!("{shown}, line {number} {}", oddity.words())))
        })
        .collect()
}

/// Whether git keeps a file, which is named without links.
pub(super) fn git_of(real: &std::path::Path, env: Env<'_>) -> crate::domain::machine::Git {
    git::of(real, env)
}

/// For [`Line::home`].
type Registries<'a> = &'a [Url];
