//! `machine`: what npm would read here, and what can be mended.

mod findings;

use std::path::{Path, PathBuf};

use self::findings::findings;
use super::Here;
use super::report::{Report, table};
use super::shape;
use super::talk::{Answered, End, Talk, say};
use crate::args::{AccountArgs, FixCommand, LineArg, LookArgs, MachineArgs, MachineCommand};
use crate::backend::protocol::{Outcome, Request};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::CredentialKind;
use crate::domain::machine::{
    Fix, Form, Git, LocalCredential, Machine, Probe, Probed, Rank, Source, SourceState,
    check_variable,
};
use crate::domain::text::Text;

/// What stands first can be read by columns; places have any length.
const SOURCES: [&str; 6] = ["SOURCE", "STATE", "MODE", "GIT", "PLACE", "LINK TO"];
const CREDENTIALS: [&str; 7] = ["PLACE", "FOR", "KIND", "VALUE", "NPM", "PROBE", "WHY"];

pub(super) async fn machine(here: &Here, args: &MachineArgs) -> Result<Report, End> {
    match &args.command {
        None => look(here, args).await,
        Some(MachineCommand::Fix(fix)) => mend(here, fix, args.look()).await,
    }
}

/// What all plain commands have in common, for [`Talk`] and the report.
pub(super) fn account(look: &LookArgs) -> AccountArgs {
    AccountArgs {
        registry: look.registry.clone(),
        userconfig: look.userconfig.clone(),
        json: look.json,
        otp: None,
    }
}

async fn look(here: &Here, args: &MachineArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, &account(&args.look))?;
    let machine = read(&mut talk).await?;
    let mut probed = Vec::new();
    let mut end = None;
    if args.probe {
        let named = machine
            .credentials
            .iter()
            .filter(|local| local.hindered().is_none());
        let ids = named.map(|local| local.id.clone()).collect();
        match outcome(talk.ask(Request::Probe(ids)).await?) {
            (Outcome::Probed(all), early) => (probed, end) = (all, early),
            _ => return Err(super::not_what_was_asked().into()),
        }
    }
    let findings = findings(
        &mut talk,
        &machine,
        args.probe.then_some(&probed[..]),
        &args.look,
    )
    .await?;
    if args.check && !findings.is_empty() && end.is_none() {
        let what = match findings.len() {
            1 => "Something here should be mended.".to_owned(),
            n => format!("{n} things here should be mended."),
        };
        end = Some(End::Failed(Failure::new(FailureKind::Local, what, "")));
    }
    Ok(Report {
        text: in_words(&machine, &probed, &findings).into(),
        json: shape::line(shape::MachineShape::new(
            talk.config()?.registry.as_str(),
            &machine,
            &probed,
            &findings,
        )),
        end,
    })
}

async fn read(talk: &mut Talk) -> Result<Machine, End> {
    match outcome(talk.ask(Request::Machine).await?) {
        (Outcome::Machine(machine), None) => Ok(*machine),
        (_, Some(end)) => Err(end),
        _ => Err(super::not_what_was_asked().into()),
    }
}

fn outcome(answered: Answered) -> (Outcome, Option<End>) {
    (answered.outcome, answered.end)
}

fn in_words(machine: &Machine, probed: &[Probed], findings: &[Text]) -> String {
    let sources: Vec<_> = machine.sources.iter().map(source).collect();
    let mut parts = vec![table(&SOURCES, &sources)];
    if machine.credentials.is_empty() {
        parts.push("There is no credential in them.".to_owned());
    } else {
        let row = |local: &LocalCredential| {
            let probe = probed.iter().find(|probed| probed.id == local.id);
            credential(local, probe.map(|probed| &probed.probe))
        };
        let rows: Vec<_> = machine.credentials.iter().map(row).collect();
        parts.push(table(&CREDENTIALS, &rows));
    }
    for sentences in [&machine.problems[..], findings] {
        let lines: Vec<_> = sentences.iter().map(Text::as_str).collect();
        if !lines.is_empty() {
            parts.push(lines.join("\n"));
        }
    }
    parts.join("\n\n")
}

fn source(source: &Source) -> Vec<String> {
    let (state, mode, git, link) = match &source.state {
        SourceState::Absent => ("absent", None, "", None),
        SourceState::Unreadable(_) => ("unreadable", None, "", None),
        SourceState::BrokenLink { to, .. } => ("unreadable", None, "", Some(to.to_string())),
        SourceState::Read(facts) => (
            "read",
            facts.mode.map(|mode| format!("{mode:o}")),
            match facts.git {
                Git::None => "",
                git => shape::git(git),
            },
            facts.link.as_ref().map(Text::to_string),
        ),
    };
    vec![
        source.kind.word().to_owned(),
        state.to_owned(),
        mode.unwrap_or_default(),
        git.to_owned(),
        match &source.path {
            Some(_) => source.shown.to_string(),
            None => String::new(),
        },
        link.unwrap_or_default(),
    ]
}

fn credential(local: &LocalCredential, probe: Option<&Probe>) -> Vec<String> {
    let value = match &local.form {
        Form::Literal if local.begins.is_empty() => "literal".to_owned(),
        Form::Literal => format!("{}\u{2026}", local.begins),
        Form::Variable { names, .. } => {
            let names: Vec<_> = names.iter().map(Text::as_str).collect();
            names.join(" ")
        }
        Form::Mixed { names, .. } => {
            let names: Vec<_> = names.iter().map(Text::as_str).collect();
            format!("text with {}", names.join(" "))
        }
    };
    let (npm, mut why) = match &local.rank {
        Rank::Wins if local.in_use => ("in use", String::new()),
        Rank::Wins => match local.kind {
            CredentialKind::Certificate | CredentialKind::Key => ("sent", String::new()),
            _ => ("wins", String::new()),
        },
        Rank::Beaten(by) => ("beaten", format!("by {by}")),
        Rank::Unusable(why) if local.in_use => {
            ("refused", format!("{why} npm-warden uses it all the same."))
        }
        Rank::Unusable(why) => ("unusable", why.to_string()),
    };
    let told = match probe {
        None => String::new(),
        Some(Probe::Works(name)) => format!("works ({})", name.cut(40)),
        Some(probe) => shape::probed(probe).to_owned(),
    };
    match probe {
        Some(Probe::Dead(words)) if why.is_empty() && !words.is_empty() => {
            why = words.quoted(120);
        }
        Some(Probe::Refused(failure) | Probe::Unknown(failure)) if why.is_empty() => {
            why = failure.what.to_string();
        }
        _ => {}
    }
    vec![
        local.place.to_string(),
        local.serves().to_owned(),
        local.kind.word().to_owned(),
        value,
        npm.to_owned(),
        told,
        why,
    ]
}

async fn mend(here: &Here, fix: &FixCommand, look: &LookArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, &account(look))?;
    let yes = match fix {
        FixCommand::Tighten(args) => args.yes,
        FixCommand::ToVariable(args) => args.yes,
        FixCommand::Remove(args) => args.yes,
    };
    if let FixCommand::ToVariable(args) = fix
        && let Some(name) = &args.name
    {
        check_variable(name).map_err(End::Usage)?;
    }
    let machine = read(&mut talk).await?;
    let fix = match fix {
        FixCommand::Tighten(args) => Fix::Tighten(file(here, &machine, &args.file)?),
        FixCommand::ToVariable(args) => {
            let id = line(here, &machine, &args.line)?.id.clone();
            let name = args.name.clone();
            let name = name.unwrap_or_else(|| machine.free_variable(&id));
            Fix::ToVariable { id, name }
        }
        FixCommand::Remove(args) => Fix::Remove(line(here, &machine, &args.line)?.id.clone()),
    };
    if let Some(done) = nothing_to_do(&machine, &fix) {
        return Ok(done);
    }
    if !yes && !talk.somebody() {
        return Err(End::usage(
            "There is no terminal to ask on whether the file is to be changed.",
            "Give --yes to change it without being asked.",
        ));
    }
    let preview = match outcome(talk.ask(Request::PreviewFix(fix)).await?) {
        (Outcome::FixPreview(preview), None) => preview,
        (_, Some(end)) => return Err(end),
        _ => return Err(super::not_what_was_asked().into()),
    };
    say(&format!("{}:", preview.file));
    say(&format!("- {}", preview.before));
    if !preview.after.is_empty() {
        say(&format!("+ {}", preview.after));
    }
    for warning in &preview.warnings {
        say(warning.as_str());
    }
    if !yes && !talk.agreed("Change it?").await? {
        return Err(End::nothing_changed());
    }
    let answered = talk.ask(Request::ApplyFix(preview.clone())).await?;
    let (Outcome::Fixed(_), end) = outcome(answered) else {
        return Err(super::not_what_was_asked().into());
    };
    Ok(Report {
        text: format!("{} is changed.", preview.file).into(),
        json: shape::line(shape::Fixed::from(&*preview)),
        end,
    })
}

/// What is so already needs no change and no question.
fn nothing_to_do(machine: &Machine, fix: &Fix) -> Option<Report> {
    let (file, is, text) = match fix {
        Fix::Tighten(path) => {
            let mut sources = machine.sources.iter();
            let source = sources.find(|source| source.path.as_ref() == Some(path))?;
            let SourceState::Read(facts) = &source.state else {
                return None;
            };
            let mode = facts.mode.filter(|mode| mode & !0o600 == 0)?;
            let shown = &source.shown;
            let is = format!("mode {mode:o}");
            let text =
                format!("{shown} is its owner's alone already ({is}): there is nothing to do.");
            (shown, is, text)
        }
        Fix::ToVariable { id, name } => {
            let local = machine.credentials.iter().find(|local| local.id == *id)?;
            let reference = format!("${{{name}}}");
            let Form::Variable { names, .. } = &local.form else {
                return None;
            };
            if names.len() != 1 || names[0].as_str() != reference {
                return None;
            }
            let text = format!(
                "{} takes its value from {reference} already: there is nothing to do.",
                local.place
            );
            (&local.place, reference, text)
        }
        Fix::Remove(_) => return None,
    };
    let is = Text::new(&is);
    Some(Report {
        text: text.into(),
        json: shape::line(shape::Fixed::nothing(file, &is)),
        end: None,
    })
}

/// The file of the configuration that is meant, by whichever way it is named.
fn file(here: &Here, machine: &Machine, named: &Path) -> Result<PathBuf, End> {
    let home = here.deps.home.as_deref();
    let named = match (named.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => named.to_owned(),
    };
    let same = |path: &Path| {
        path == named
            || std::path::absolute(&named).is_ok_and(|named| named == path)
            || path
                .canonicalize()
                .and_then(|path| Ok(named.canonicalize()? == path))
                .unwrap_or(false)
    };
    let mut paths = machine
        .sources
        .iter()
        .filter_map(|source| source.path.as_deref());
    paths
        .find(|path| same(path))
        .map(Path::to_owned)
        .ok_or_else(|| {
            End::usage(
                "That is no file of the npm configuration.",
                "See npm-warden machine for those that there are.",
            )
        })
}

/// The credential on this line.
fn line<'m>(here: &Here, machine: &'m Machine, at: &LineArg) -> Result<&'m LocalCredential, End> {
    let path = file(here, machine, &at.file)?;
    let mut all = machine.credentials.iter();
    all.find(|local| local.id.path.as_ref() == Some(&path) && local.id.line == at.line)
        .ok_or_else(|| {
            End::usage(
                format!("There is no credential on line {} of that file.", at.line),
                "See npm-warden machine for the lines that have one; mend any other in an editor.",
            )
        })
}
