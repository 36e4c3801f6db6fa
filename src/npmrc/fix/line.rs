//! Putting a variable in the place of a secret, and taking a secret out, in one line.

use zeroize::Zeroizing;

use crate::domain::failure::Failure;
use crate::domain::machine::{
    CredentialId, Fix, FixPreview, Form, Git, Rank, SourceState, check_variable,
};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::super::credential;
use super::super::document::Parsed;
use super::super::layers::{Env, Layer, Value};
use super::super::store::{Open, changed, local};
use super::super::survey::key::What;
use super::super::survey::{Kept, Looked, gone, look, look_with};
use super::super::{Auth, Inputs, registry_name, replace};
use super::{seal, show};

/// What happens to the line.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    /// `${NAME}` takes the secret's place.
    ToVariable(&'a str),
    /// It goes.
    Remove,
}

/// What would be done.
pub(super) struct Plan {
    pub(super) preview: FixPreview,
    open: Open,
    after: Zeroizing<Vec<u8>>,
}

impl Plan {
    pub(super) fn apply(&self) -> Result<(), Failure> {
        self.open.write(&self.after)
    }
}

pub(super) fn plan(
    inputs: &Inputs,
    id: &CredentialId,
    change: Change<'_>,
) -> Result<Plan, Failure> {
    if let Change::ToVariable(name) = change {
        check_variable(name)?;
    }
    let looked = look(inputs);
    let at = looked
        .machine
        .credentials
        .iter()
        .position(|local| local.id == *id)
        .ok_or_else(gone)?;
    let (credential, kept) = (&looked.machine.credentials[at], &looked.held[at]);
    let place = &credential.place;
    let Some(path) = &id.path else {
        return Err(local(
            format!(
                "{place} is a variable, which no program can change for the shell that set it."
            ),
            "Remove it there, and where it is set at every start.",
        ));
    };
    let mut open = Open::new(path, inputs)?;
    let read = looked.all.readings.iter().find(|read| read.path == *path);
    let read = read.and_then(|read| read.found.as_ref().ok());
    let before = match (&open.before, read) {
        (Some(bytes), Some(document)) if *document.to_bytes() == **bytes => bytes,
        _ => return Err(changed(&open.shown)),
    };
    let raw = open.document.lines().find(|(number, _)| *number == id.line);
    let (_, raw) = raw.ok_or_else(gone)?;
    let shown = show::before(raw.raw.expose(), credential, kept);
    let seal = seal(&open.real, before).ok_or_else(|| changed(&open.shown))?;
    let (fix, written, then_shown) = match change {
        Change::ToVariable(name) => {
            replaceable(&looked, at)?;
            serves_no_other(inputs, &looked, at, name)?;
            let reference = format!("${{{name}}}");
            open.document
                .set_value(id.line, &Secret::from(reference.as_str()))
                .map_err(|why| {
                    local(
                        format!("{place} {}, so it was left as it is.", why.words()),
                        "Remove that line, and write it anew.",
                    )
                })?;
            let fix = Fix::ToVariable {
                id: id.clone(),
                name: name.to_owned(),
            };
            let mut lines = open.document.lines();
            let line = lines.find(|(number, _)| *number == id.line);
            let line = line.map(|(_, line)| show::after(line.raw.expose(), kept));
            (fix, Some(reference), line.unwrap_or_default())
        }
        Change::Remove => {
            open.document.take_out(&[id.line]);
            (Fix::Remove(id.clone()), None, Text::default())
        }
    };
    let after = open.document.to_bytes();
    let then = look_with(inputs, Some((&open.real, &after)));
    if let Some(reference) = &written
        && !reads(&then, inputs, kept, id, reference)
    {
        return Err(local(
            format!(
                "npm would read something else than {reference} in {place}, so nothing was written."
            ),
            "Write the line anew yourself.",
        ));
    }
    let mut warnings: Vec<_> = show::signs([&shown, &then_shown]).into_iter().collect();
    if let Some(link) = link(&looked, id) {
        warnings.push(format!("{} is a link: what changes is {link}.", open.shown));
    }
    let names = open
        .real
        .metadata()
        .map_or(1, |about| replace::names(&about));
    if names > 1 {
        warnings.push(format!(
            "{} has {names} names (hard links): it is written in place, so that all of them change.",
            open.shown
        ));
    }
    match change {
        Change::ToVariable(name) => of_variable(&mut warnings, inputs, &looked, at, name),
        Change::Remove => of_removal(&mut warnings, (&looked, at), &then),
    }
    of_git(&mut warnings, &looked, at, &open.shown);
    Ok(Plan {
        preview: FixPreview {
            fix,
            file: open.shown.clone(),
            before: shown,
            after: then_shown,
            warnings: warnings.iter().map(|text| Text::new(text)).collect(),
            seal,
        },
        open,
        after,
    })
}

/// Whether npm reads, under the same key, that variable and nothing else.
fn reads(then: &Looked, inputs: &Inputs, kept: &Kept, id: &CredentialId, reference: &str) -> bool {
    let reading = then
        .all
        .readings
        .iter()
        .find(|read| Some(&read.path) == id.path.as_ref());
    let document = reading.and_then(|read| Some((read, read.found.as_ref().ok()?)));
    let line = document.and_then(|(read, document)| {
        let (_, line) = document.lines().find(|(number, _)| *number == id.line)?;
        match line.parsed() {
            Parsed::Entry(entry) => Some(Layer::one_line(
                entry,
                id.line,
                &read.shown,
                Env(&inputs.env),
            )),
            _ => None,
        }
    });
    line.is_some_and(|setting| {
        let names = setting.used.iter().chain(&setting.unset);
        names.map(Text::as_str).eq([reference]) && setting.key.matches(&kept.line.setting.key)
    })
}

/// Fails for a line in which a variable would be of no use.
fn replaceable(looked: &Looked, at: usize) -> Result<(), Failure> {
    let (credential, kept) = (&looked.machine.credentials[at], &looked.held[at]);
    let place = &credential.place;
    let names: Vec<_> = credential.form.names().iter().map(Text::as_str).collect();
    let names = names.join(" and ");
    match &credential.form {
        Form::Literal => {}
        Form::Variable { .. } => {
            return Err(local(
                format!("{place} takes its value from {names} already."),
                "",
            ));
        }
        Form::Mixed { .. } => {
            return Err(local(
                format!("{place} mixes text with {names}, so no one variable takes its place."),
                "Write the line anew yourself.",
            ));
        }
    }
    if looked.machine.refused.contains(place) {
        return Err(local(
            format!("npm refuses every command for {place}, and goes on with a variable in it."),
            "Write its key for a registry, or remove the line.",
        ));
    }
    let is_value = matches!(kept.line.setting.value, Value::Text(_) | Value::True);
    if kept.line.named.is_none() || kept.line.is_comment || !is_value {
        let next = "Remove the line instead.";
        return Err(local(
            format!(
                "npm takes no credential from {place}, so a variable would be of no use there."
            ),
            next,
        ));
    }
    Ok(())
}

/// Fails for a variable that serves another registry, or another kind of credential, already: one variable holds one
/// secret, and what it holds goes to both (promise P21). Unless it is known to hold this very one.
fn serves_no_other(inputs: &Inputs, looked: &Looked, at: usize, name: &str) -> Result<(), Failure> {
    let (credential, kept) = (&looked.machine.credentials[at], &looked.held[at]);
    let reference = format!("${{{name}}}");
    let value = kept.line.setting.value.text().map(Secret::from);
    let set = Env(&inputs.env).get(name).map(Secret::from);
    if let (Some(set), Some(value)) = (&set, &value)
        && set.matches(value)
    {
        return Ok(());
    }
    let all = looked.machine.credentials.iter().zip(&looked.held);
    let mut others = all.filter(|(other, kept)| {
        let mut names = other.form.names().iter();
        other.id != credential.id
            && kept.line.is_read()
            && names.any(|used| used.as_str() == reference)
            && !credential.is_of_the_same(other)
    });
    let Some((other, _)) = others.next() else {
        return Ok(());
    };
    let place = &credential.place;
    Err(local(
        format!(
            "{reference} serves {} already, and is not known to hold the value of {place}, so nothing was written.",
            other.place
        ),
        &format!(
            "Take another name, such as {}; or, if both are one and the same, set the variable to it first.",
            looked.machine.free_variable(&credential.id)
        ),
    ))
}

fn of_variable(
    warnings: &mut Vec<String>,
    inputs: &Inputs,
    looked: &Looked,
    at: usize,
    name: &str,
) {
    let (credential, kept) = (&looked.machine.credentials[at], &looked.held[at]);
    let reference = format!("${{{name}}}");
    let value = kept.line.setting.value.text().map(Secret::from);
    let set = Env(&inputs.env).get(name).map(Secret::from);
    let same = match (&set, &value) {
        (Some(set), Some(value)) => set.matches(value),
        _ => false,
    };
    let wins = credential.rank == Rank::Wins;
    match &set {
        None if wins && kept.line.what() == Some(What::Proxy) => warnings.push(format!(
            "{reference} is not set here: until it is, npm goes without this proxy."
        )),
        None if wins && kept.line.what() == Some(What::Key) => warnings.push(format!(
            "{reference} is not set here: until it is, npm sends no certificate by it."
        )),
        None if wins => warnings.push(format!(
            "{reference} is not set here: until it is, npm is signed out of {}.",
            credential.scope
        )),
        None => warnings.push(format!("{reference} is not set here.")),
        Some(_) if !same => warnings.push(format!(
            "{reference} holds another value than this line, and npm uses that one from then on."
        )),
        Some(_) => {}
    }
    match kept.line.what() {
        Some(What::Password) if !same => warnings.push(format!(
            "npm decodes what {reference} holds: the password has to be in base64 there, as in this line."
        )),
        Some(What::Basic) if !same => warnings.push(format!(
            "npm sends what {reference} holds as it is: name and password have to be in base64 there, as in this line."
        )),
        _ => {}
    }
    let elsewhere = same_value(looked, at);
    for (other, kept) in looked.machine.credentials.iter().zip(&looked.held) {
        let serves = |names: &[Text]| names.iter().any(|used| used.as_str() == reference);
        if serves(other.form.names()) && other.scope != credential.scope && kept.line.is_read() {
            let to = if other.scope.is_empty() {
                "something else"
            } else {
                other.scope.as_str()
            };
            warnings.push(format!(
                "{reference} serves {} already: what it holds goes to {to} as well.",
                other.place
            ));
        }
    }
    if !same && elsewhere.stands.is_empty() && elsewhere.taken.is_empty() {
        warnings.push(
            "This line is the only place here that holds the value: put it where the variable is set first, \
             or make a new one for it."
                .to_owned(),
        );
    }
    also_in(warnings, &elsewhere);
}

fn of_removal(warnings: &mut Vec<String>, (looked, at): (&Looked, usize), then: &Looked) {
    let (credential, kept) = (&looked.machine.credentials[at], &looked.held[at]);
    match kept.auth {
        _ if matches!(credential.form, Form::Variable { .. }) => {
            let names: Vec<_> = credential.form.names().iter().map(Text::as_str).collect();
            warnings.push(if credential.form.unset().is_empty() {
                let (go, their) = match names.len() {
                    1 => ("goes", "its value"),
                    _ => ("go", "their values"),
                };
                let names = names.join(" and ");
                format!("{names} {go} on holding {their}: only this line goes.")
            } else {
                "No value stands in this line: only the line goes.".to_owned()
            });
        }
        Some(Auth::Basic(_)) => warnings.push(
            "The password goes on being the account's: only this line goes.".to_owned(),
        ),
        _ if kept.line.is_certificate() => {
            warnings.push("The certificate's own files stay where they are.".to_owned());
        }
        _ if kept.line.what() == Some(What::Proxy) => warnings.push(
            "The password goes on being good at the proxy: only this line goes.".to_owned(),
        ),
        _ if kept.line.what() == Some(What::Key) => warnings.push(
            "The key goes on being good wherever its certificate is accepted: only this line goes.".to_owned(),
        ),
        _ => warnings.push(
            "The token goes on living at the registry: revoke it there as well, unless it is used elsewhere."
                .to_owned(),
        ),
    }
    of_refusal(warnings, looked, then, &credential.place);
    if let (Some(home), Rank::Wins) = (&kept.home, &credential.rank) {
        let registry = if credential.in_use {
            &looked.all.registry
        } else {
            &home.own
        };
        let host = registry_name(registry);
        let decided = credential::decide(&then.all.layers, registry, &mut |_| ());
        warnings.push(match decided {
            None => format!("npm is signed out of {host} then."),
            Some((decided, _)) => {
                let place = &decided.setting().place;
                let usable = decided.auth(&mut Vec::new()).is_some();
                // A line that stood below has moved up by one.
                let now = then
                    .held
                    .iter()
                    .position(|kept| kept.line.is_read() && kept.line.setting.place == *place);
                let was = now.and_then(|now| place_before(looked, then, at, now));
                let place = was.as_ref().unwrap_or(place);
                if usable {
                    format!("npm uses {place} for {host} then.")
                } else {
                    format!("npm takes {place} for {host} then, which cannot be used.")
                }
            }
        });
    }
    also_in(warnings, &same_value(looked, at));
}

/// Whether npm goes on refusing every command.
fn of_refusal(warnings: &mut Vec<String>, looked: &Looked, then: &Looked, place: &Text) {
    let before = &looked.machine.refused;
    if before.is_empty() {
        return;
    }
    if then.machine.refused.is_empty() {
        warnings.push(
            "npm refuses every command for this line: without it, it works again.".to_owned(),
        );
        return;
    }
    let others: Vec<_> = before.iter().filter(|other| *other != place).collect();
    let others: Vec<_> = others.into_iter().map(Text::as_str).collect();
    warnings.push(format!(
        "npm goes on refusing every command then, for {}.",
        others.join(" and ")
    ));
}

/// Where a credential of the files as they will be stands now.
fn place_before(looked: &Looked, then: &Looked, gone: usize, now: usize) -> Option<Text> {
    // The list is the same but for the one that goes.
    let before = if now < gone { now } else { now + 1 };
    let same = then.machine.credentials.len() + 1 == looked.machine.credentials.len();
    let local = looked.machine.credentials.get(before).filter(|_| same)?;
    Some(local.place.clone())
}

fn of_git(warnings: &mut Vec<String>, looked: &Looked, at: usize, shown: &Text) {
    let (credential, kept) = (&looked.machine.credentials[at], &looked.held[at]);
    let source = looked
        .machine
        .sources
        .iter()
        .find(|source| source.path == credential.id.path);
    let Some(SourceState::Read(facts)) = source.map(|source| &source.state) else {
        return;
    };
    // A line without a value leaves none in the history; nor does the name of a file.
    if !credential.holds() || kept.line.is_certificate() {
        return;
    }
    let end = match kept.line.what() {
        Some(What::Basic | What::Password) => "Change the password as well.",
        Some(What::Proxy) => "Change the proxy's password as well.",
        Some(What::Key) => "Replace the key and its certificate as well.",
        _ => "Revoke the token as well.",
    };
    match facts.git {
        Git::Tracked => warnings.push(format!(
            "git keeps {shown}: if this line was ever committed, it stays in the history. {end}"
        )),
        Git::Unknown => warnings.push(format!(
            "Whether git keeps {shown} could not be found out: if it does, the line stays in its history."
        )),
        Git::None | Git::Untracked | Git::Ignored => {}
    }
}

fn link(looked: &Looked, id: &CredentialId) -> Option<Text> {
    let mut sources = looked.machine.sources.iter();
    match &sources.find(|source| source.path == id.path)?.state {
        SourceState::Read(facts) => facts.link.clone(),
        _ => None,
    }
}

/// Where else the same value is.
#[derive(Default)]
struct Elsewhere {
    /// It stands there itself.
    stands: Vec<Text>,
    /// A line that takes it from these variables.
    taken: Vec<(Text, String)>,
}

fn same_value(looked: &Looked, at: usize) -> Elsewhere {
    let mut elsewhere = Elsewhere::default();
    let Some(own) = &looked.held[at].auth else {
        return elsewhere;
    };
    let all = looked.machine.credentials.iter().zip(&looked.held);
    let same = all.enumerate().filter(|(other, (_, kept))| {
        let auth = kept.auth.as_ref();
        *other != at && auth.is_some_and(|auth| auth.secret().matches(own.secret()))
    });
    for (_, (local, _)) in same {
        let names: Vec<_> = local.form.names().iter().map(Text::as_str).collect();
        if names.is_empty() {
            elsewhere.stands.push(local.place.clone());
        } else {
            let names = names.join(" and ");
            elsewhere.taken.push((local.place.clone(), names));
        }
    }
    elsewhere
}

fn also_in(warnings: &mut Vec<String>, elsewhere: &Elsewhere) {
    if !elsewhere.stands.is_empty() {
        let places: Vec<_> = elsewhere.stands.iter().map(Text::as_str).collect();
        warnings.push(format!(
            "The same value stands in {}, too.",
            places.join(" and ")
        ));
    }
    for (place, names) in &elsewhere.taken {
        warnings.push(format!("{place} takes the same value from {names}."));
    }
}
