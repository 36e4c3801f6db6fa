//! What should be mended, each with a command that does it.

use super::super::talk::{End, Talk};
use super::outcome;
use crate::args::LookArgs;
use crate::backend::protocol::{Outcome, Request};
use crate::domain::identity::CredentialKind;
use crate::domain::machine::{
    Fix, Git, LocalCredential, Machine, Probe, Probed, Source, SourceState,
};
use crate::domain::text::Text;

/// Looks through what was found. A command is named only where it would do what it says, which is found out as a
/// preview is: nothing is sent or written.
pub(super) async fn findings(
    talk: &mut Talk,
    machine: &Machine,
    probed: Option<&[Probed]>,
    look: &LookArgs,
) -> Result<Vec<Text>, End> {
    let mut findings = Vec::new();
    for place in &machine.refused {
        let local = machine
            .credentials
            .iter()
            .find(|local| local.place == *place && local.id.path.is_some());
        let or = match local.and_then(|local| source_of(machine, local).zip(Some(local))) {
            Some((source, local)) => format!(", or: {}", remove(source, local, look)),
            None => ", or remove the line.".to_owned(),
        };
        findings.push(format!(
            "npm refuses every command for {place}: write its key for a registry{or}"
        ));
    }
    for source in &machine.sources {
        let facts = match &source.state {
            SourceState::Read(facts) => facts,
            SourceState::Absent => continue,
            SourceState::Unreadable(why) | SourceState::BrokenLink { why, .. } => {
                findings.push(why.to_string());
                continue;
            }
        };
        let held: Vec<_> = machine
            .credentials
            .iter()
            .filter(|local| {
                local.id.path.is_some() && local.id.path == source.path && local.holds()
            })
            .collect();
        if held.is_empty() {
            continue;
        }
        let shown = &source.shown;
        if let Some(mode) = facts.mode.filter(|_| facts.open_to_others()) {
            let command = command("tighten", &file(source), look);
            findings.push(format!(
                "{shown} holds a credential, and others may read or write it (mode {mode:o}): {command}"
            ));
        }
        if facts.git == Git::Tracked {
            for local in held {
                let command = mending(talk, machine, source, local, look).await?;
                let end = match local.kind {
                    CredentialKind::Basic | CredentialKind::Proxy => "change its password",
                    _ => "revoke the credential",
                };
                findings.push(format!(
                    "{} holds a credential, and git keeps it: {end}, and: {command}",
                    local.place
                ));
            }
        }
    }
    if let Some(probed) = probed {
        findings.extend(
            machine
                .credentials
                .iter()
                .filter_map(|local| tried(local, probed)),
        );
    }
    Ok(findings.iter().map(|finding| Text::new(finding)).collect())
}

fn source_of<'m>(machine: &'m Machine, local: &LocalCredential) -> Option<&'m Source> {
    machine
        .sources
        .iter()
        .find(|source| source.path == local.id.path)
}

/// What trying it out has left open. That a variable is not set here is one thing; what can never be tried out is another,
/// and stands with its credential.
fn tried(local: &LocalCredential, probed: &[Probed]) -> Option<String> {
    let (scope, place) = (&local.scope, &local.place);
    match probed
        .iter()
        .find(|one| one.id == local.id)
        .map(|one| &one.probe)
    {
        Some(Probe::Works(_)) => None,
        Some(Probe::Dead(_)) => Some(format!(
            "{scope} does not accept the credential in {place} any more."
        )),
        Some(Probe::Refused(why) | Probe::Unknown(why)) => Some(format!(
            "Whether the credential in {place} works could not be found out: {}",
            why.what
        )),
        None => {
            let open = !local.form.unset().is_empty();
            let why = local.hindered().filter(|_| open && !scope.is_empty());
            why.map(|why| why.to_string())
        }
    }
}

/// A variable in its place, where that is of use.
async fn mending(
    talk: &mut Talk,
    machine: &Machine,
    source: &Source,
    local: &LocalCredential,
    look: &LookArgs,
) -> Result<String, End> {
    let name = machine.free_variable(&local.id);
    let fix = Fix::ToVariable {
        id: local.id.clone(),
        name: name.clone(),
    };
    match talk.ask(Request::PreviewFix(fix)).await.map(outcome) {
        Ok((Outcome::FixPreview(_), None)) => {
            let line = format!("{} {name}", at(source, local));
            Ok(command("to-variable", &line, look))
        }
        Err(stopped @ End::Stopped(..)) => Err(stopped),
        _ => Ok(remove(source, local, look)),
    }
}

fn remove(source: &Source, local: &LocalCredential, look: &LookArgs) -> String {
    command("remove", &at(source, local), look)
}

fn at(source: &Source, local: &LocalCredential) -> String {
    format!("{}:{}", file(source), local.id.line)
}

/// As a shell takes it.
fn file(source: &Source) -> String {
    match &source.path {
        Some(path) if !is_plain(source.shown.as_str()) => quoted(&path.to_string_lossy()),
        _ => source.shown.to_string(),
    }
}

fn command(what: &str, on: &str, look: &LookArgs) -> String {
    let userconfig = look.userconfig.as_ref().map_or_else(String::new, |file| {
        let file = file.to_string_lossy();
        let file = if is_plain(&file) {
            file.into_owned()
        } else {
            quoted(&file)
        };
        format!(" --userconfig {file}")
    });
    format!("npm-warden machine fix {what} {on}{userconfig}")
}

fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || "/._-~+@:".contains(c))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
