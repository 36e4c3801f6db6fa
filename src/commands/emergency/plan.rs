//! The plan of an emergency: what it would do on this machine and at this registry. Sends nothing.

use serde::Serialize;

use super::super::report::Report;
use super::super::shape;
use super::super::talk::{End, Talk};
use super::super::wrapped::{out_width, wrapped};
use crate::backend::protocol::{Outcome, Request};
use crate::backend::stage_word;
use crate::domain::incident::Stage;
use crate::domain::machine::{Form, LocalCredential, Machine};
use crate::domain::plan::{BEYOND, Class, STAYS};
use crate::domain::text::Text;

#[derive(Serialize)]
struct Planned<'a> {
    plan: Vec<Step>,
    order: Vec<&'static str>,
    stays: [&'static str; 4],
    beyond: [&'static str; 8],
    registry: &'a str,
    credentials: Vec<Credential<'a>>,
    /// Why this machine could not be looked at.
    unread: Option<Text>,
}

#[derive(Serialize)]
struct Step {
    stage: &'static str,
    title: &'static str,
    does: &'static str,
}

#[derive(Serialize)]
struct Credential<'a> {
    place: &'a Text,
    scope: &'a Text,
    kind: &'static str,
    begins: &'a Text,
    literal: bool,
}

pub(super) async fn plan(talk: &mut Talk) -> Result<Report, End> {
    let machine = match talk.ask(Request::Machine).await {
        Ok(answered) => match answered.outcome {
            Outcome::Machine(machine) => Ok(machine),
            _ => return Err(super::super::not_what_was_asked().into()),
        },
        Err(End::Failed(why)) => Err(why.what),
        Err(end) => return Err(end),
    };
    let none = Vec::new();
    let credentials = machine
        .as_ref()
        .map_or(&none, |machine| &machine.credentials);
    let json = shape::line(Planned {
        plan: Stage::ALL
            .map(|stage| Step {
                stage: stage_word(stage),
                title: stage.title(),
                does: stage.plan(),
            })
            .into(),
        order: Class::ALL.map(Class::words).into(),
        stays: STAYS,
        beyond: BEYOND,
        registry: talk.config()?.registry.as_str(),
        credentials: credentials.iter().map(credential).collect(),
        unread: machine.as_ref().err().cloned(),
    });
    let text = in_words(&talk.host(), machine.as_deref());
    Ok(Report {
        text: wrapped(&text, out_width()).into(),
        json,
        end: None,
    })
}

fn credential(local: &LocalCredential) -> Credential<'_> {
    Credential {
        place: &local.place,
        scope: &local.scope,
        kind: local.kind.word(),
        begins: &local.begins,
        literal: local.form == Form::Literal,
    }
}

fn in_words(host: &Text, machine: Result<&Machine, &Text>) -> String {
    let mut lines = vec![
        format!(
            "The plan of an emergency at {host}. Nothing was sent, and nothing is changed by this."
        ),
        String::new(),
    ];
    for (number, stage) in (0..).zip(Stage::ALL) {
        lines.push(format!("{number:2}  {}", stage.title()));
        lines.push(format!("    {}", stage.plan()));
    }
    lines.push(String::new());
    lines.push("Tokens go in this order:".to_owned());
    for (number, class) in (1..).zip(Class::ALL) {
        lines.push(format!("{number:2}  those {}", class.words()));
    }
    lines.push(String::new());
    lines.push("What stays:".to_owned());
    lines.extend(STAYS.map(|stays| format!(" -  {stays}")));
    lines.push(String::new());
    lines.push("What cannot be reached from here:".to_owned());
    lines.extend(BEYOND.map(|beyond| format!(" -  {beyond}")));
    lines.push(String::new());
    match machine {
        Ok(machine) if machine.credentials.is_empty() => {
            lines.push("No credential for npm was found on this machine.".to_owned());
        }
        Ok(machine) => {
            lines.push("Credentials for npm on this machine:".to_owned());
            lines.extend(machine.credentials.iter().map(found));
        }
        Err(why) => lines.push(format!("This machine could not be looked at: {why}")),
    }
    lines.join("\n")
}

fn found(local: &LocalCredential) -> String {
    let form = match &local.form {
        Form::Literal => String::new(),
        Form::Variable { names, .. } => {
            let names: Vec<_> = names.iter().map(Text::as_str).collect();
            format!(", from {}", names.join(", "))
        }
        Form::Mixed { names, .. } => {
            let names: Vec<_> = names.iter().map(Text::as_str).collect();
            format!(", text mixed with {}", names.join(", "))
        }
    };
    let begins = match local.begins.as_str() {
        "" => String::new(),
        begins => format!(" {begins}"),
    };
    format!(
        " -  {}: {}{begins} for {}{form}",
        local.place,
        local.kind.word(),
        local.serves()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identity::CredentialKind;
    use crate::domain::machine::{CredentialId, Rank, SourceKind};

    #[test]
    fn what_names_no_registry_is_said_to_name_none() {
        let local = LocalCredential {
            id: CredentialId {
                path: None,
                key: "NPM_TOKEN".into(),
                line: 0,
            },
            place: "$NPM_TOKEN".into(),
            source: SourceKind::Environment,
            scope: Text::default(),
            kind: CredentialKind::Token,
            form: Form::Literal,
            begins: "npm_vqh9".into(),
            rank: Rank::Wins,
            in_use: false,
        };
        let words = " -  $NPM_TOKEN: token npm_vqh9 for no registry";
        assert_eq!(found(&local), words);
    }
}
