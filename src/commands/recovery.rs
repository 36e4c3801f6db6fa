//! `recovery list`, `recovery show` and `recovery prove`: what this machine keeps, without a registry.

use jiff::Timestamp;
use url::Url;
use zeroize::Zeroizing;

use super::Here;
use super::place::path;
use super::report::{Report, table};
use super::shape;
use super::talk::{End, Talk, numbered, say};
use crate::args::{KeptArgs, SetArgs};
use crate::backend::protocol::{Outcome, Request};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::{NOT_COUNTED, Place, RecoverySet, UsedAt};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::npmrc::registry_name;

/// The columns. What has any length stands last.
const HEAD: [&str; 7] = [
    "RECEIVED", "ACCOUNT", "REGISTRY", "CODES", "USED", "NOTES", "PLACE",
];

pub(super) async fn list(here: &Here, args: &KeptArgs) -> Result<Report, End> {
    let mut talk = Talk::local(here)?;
    let (sets, read_only) = kept(&mut talk, args).await?;
    if sets.is_empty() {
        say(none(args.account.is_some() || args.registry.is_some()));
    }
    if read_only {
        say(
            "The list of them can only be read: a newer npm-warden wrote it, or its folder takes no writing.",
        );
    }
    let rows: Vec<_> = sets.iter().map(Kept::row).collect();
    Ok(Report {
        text: if sets.is_empty() {
            Zeroizing::default()
        } else {
            table(&HEAD, &rows).into()
        },
        json: shape::line(shape::Sets {
            sets: sets
                .iter()
                .map(|kept| shape::Set::new(&kept.set, kept.there, kept.replaced))
                .collect(),
            read_only,
        }),
        end: None,
    })
}

/// A set that is known here.
struct Kept {
    set: RecoverySet,
    /// Its file is there.
    there: bool,
    /// Newer codes of the same account are known.
    replaced: bool,
}

/// Said where there is nothing to list; `asked`: some were asked for by name.
const fn none(asked: bool) -> &'static str {
    if asked {
        "No set of recovery codes that is known on this machine fits."
    } else {
        "No recovery codes are known on this machine."
    }
}

/// Those that are meant, the newest first.
async fn kept(talk: &mut Talk, args: &KeptArgs) -> Result<(Vec<Kept>, bool), End> {
    let answered = talk.ask(Request::Sets).await?;
    if let Some(end) = answered.end {
        return Err(end);
    }
    let Outcome::Sets {
        mut sets,
        read_only,
    } = answered.outcome
    else {
        return Err(super::not_what_was_asked().into());
    };
    sets.sort_by_key(|(set, _)| std::cmp::Reverse(set.received));
    let registry = args.registry.as_deref().map(named);
    let mut kept: Vec<Kept> = Vec::new();
    for (set, there) in sets {
        let fits = args
            .account
            .as_deref()
            .is_none_or(|name| set.account.as_str() == name)
            && registry.as_ref().is_none_or(|name| set.registry == *name);
        if fits {
            let replaced = kept.iter().any(|newer| newer.set.replaces(&set));
            kept.push(Kept {
                set,
                there,
                replaced,
            });
        }
    }
    Ok((kept, read_only))
}

/// A registry as sets name it, by its address or by that name.
fn named(given: &str) -> Text {
    let address = ["http://", "https://"]
        .iter()
        .any(|scheme| given.starts_with(scheme));
    match Url::parse(given) {
        Ok(mut url) if address => {
            if !url.path().ends_with('/') {
                url.set_path(&format!("{}/", url.path()));
            }
            registry_name(&url)
        }
        _ => Text::new(given.trim_end_matches('/')),
    }
}

/// Said of older codes.
const REPLACED: &str =
    "These are replaced: newer codes of this account are known here, and the registry takes those.";

/// When it was received, to the second: as a rule that names a set.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Kept {
    fn row(&self) -> Vec<String> {
        let set = &self.set;
        let mut notes: Vec<&str> = Vec::new();
        if !self.there {
            notes.push("missing");
        }
        if self.replaced {
            notes.push("replaced by newer ones");
        }
        if set.added {
            notes.push("added by you");
        }
        if !set.proved {
            notes.push("never proved");
        }
        if set.unplaced > 0 {
            notes.push("codes sent from here may be of it");
        }
        if set.counted().is_none() {
            notes.push(NOT_COUNTED);
        }
        vec![
            moment(set.received),
            set.account.cut(40),
            set.registry.cut(60),
            set.counted()
                .map_or_else(String::new, |count| count.to_string()),
            match set.used.len() {
                0 => String::new(),
                used => used.to_string(),
            },
            notes.join(", "),
            match &set.place {
                Place::Myself => "copied by hand".to_owned(),
                place => path(place).to_string(),
            },
        ]
    }
}

/// The one set that is meant, and what opens it.
async fn chosen(talk: &mut Talk, args: &SetArgs) -> Result<(Kept, Option<Secret<String>>), End> {
    let (mut sets, _) = kept(talk, &args.kept).await?;
    if let Some(given) = &args.set {
        let begins = given.trim_end_matches('Z');
        sets.retain(|kept| kept.set.received.to_string().starts_with(begins));
    }
    let Some(newest) = sets.first() else {
        let named =
            args.set.is_some() || args.kept.account.is_some() || args.kept.registry.is_some();
        let next = "npm-warden recovery list shows what is kept here.";
        return Err(Failure::new(FailureKind::Local, none(named), next).into());
    };
    let alone = if args.set.is_some() {
        sets.len() == 1
    } else {
        sets.iter().all(|kept| kept.set.same_account(&newest.set))
    };
    if !alone {
        let which: Vec<_> = sets
            .iter()
            .map(|kept| {
                format!(
                    "{} of {} @ {}",
                    moment(kept.set.received),
                    kept.set.account.cut(40),
                    kept.set.registry.cut(60)
                )
            })
            .collect();
        return Err(End::usage(
            format!("Several sets fit: {}.", which.join(", ")),
            "Name one by --account, --registry or its time.",
        ));
    }
    let kept = sets.swap_remove(0);
    let set = &kept.set;
    let passphrase = match &set.place {
        // Where it is gone, no passphrase opens it.
        Place::Vault(_) if !kept.there => {
            return Err(Failure::new(
                FailureKind::Local,
                format!("{} is not there any more.", path(&set.place)),
                "Put it back, or look for a copy of it.",
            )
            .into());
        }
        Place::Vault(_) => Some(passphrase(talk, set).await?),
        Place::File(_) => None,
        Place::Myself => {
            return Err(Failure::new(
                FailureKind::Local,
                format!(
                    "The recovery codes of {} @ {} were copied by hand; this machine has none.",
                    set.account, set.registry
                ),
                "They are where you put them then.",
            )
            .into());
        }
    };
    Ok((kept, passphrase))
}

async fn passphrase(talk: &mut Talk, set: &RecoverySet) -> Result<Secret<String>, End> {
    if !talk.somebody() {
        return Err(End::usage(
            "There is no terminal to ask for the passphrase on, and it is taken from nowhere else.",
            "Run it on a terminal, with standard input and standard error there.",
        ));
    }
    say(&format!("An encrypted file: {}.", path(&set.place)));
    talk.hidden("Passphrase: ").await
}

pub(super) async fn show(here: &Here, args: &SetArgs) -> Result<Report, End> {
    let mut talk = Talk::local(here)?;
    let (Kept { set, replaced, .. }, passphrase) = chosen(&mut talk, args).await?;
    let request = Request::OpenSet {
        set: set.id(),
        passphrase,
    };
    let answered = talk.ask(request).await?;
    if let Some(end) = answered.end {
        return Err(end);
    }
    let Outcome::Opened(opened) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    say(&format!(
        "Recovery codes of {} @ {}, received {}{}.",
        set.account,
        set.registry,
        moment(set.received),
        if replaced {
            ""
        } else {
            "; each works once, as far as this machine knows"
        }
    ));
    if replaced {
        say(REPLACED);
    }
    let used = |index: usize| opened.used.get(index).copied().flatten();
    let codes = opened.codes.iter().enumerate();
    if args.kept.json {
        let codes = codes.map(|(index, code)| shape::Numbered {
            number: index + 1,
            code: code.expose(),
            used: used(index).map(|used| used.at),
            sure: used(index).map(|used| used.sure),
        });
        let json = shape::line(shape::Opened {
            account: &set.account,
            registry: &set.registry,
            received: set.received,
            replaced,
            codes: codes.collect(),
        });
        return Ok(Report {
            text: Zeroizing::default(),
            json,
            end: None,
        });
    }
    let lines: Vec<_> = opened
        .codes
        .written()
        .enumerate()
        .map(|(index, code)| {
            let mut line = numbered(index, code);
            if let Some(UsedAt { at, sure }) = used(index) {
                line.push_str(if sure { "  used " } else { "  perhaps used " });
                line.push_str(&moment(at));
            }
            line
        })
        .collect();
    let room = lines.iter().map(|line| line.len() + 1).sum();
    let mut text = Zeroizing::new(String::with_capacity(room));
    for line in &lines {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    Ok(Report {
        text,
        json: Zeroizing::default(),
        end: None,
    })
}

pub(super) async fn prove(here: &Here, args: &SetArgs) -> Result<Report, End> {
    let mut talk = Talk::local(here)?;
    if !talk.somebody() {
        return Err(End::usage(
            "There is no terminal to ask for a part of a code on.",
            "Run it on a terminal, with standard input and standard error there.",
        ));
    }
    let (Kept { set, replaced, .. }, passphrase) = chosen(&mut talk, args).await?;
    let id = set.id();
    let request = Request::ProveSet {
        set: set.id(),
        passphrase,
    };
    if replaced {
        say(REPLACED);
    }
    let answered = talk.ask(request).await?;
    let Outcome::SetProved { proved } = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    let not_proved = || {
        End::Failed(Failure::new(
            FailureKind::Cancelled,
            "You did not prove that you have the codes.",
            "If they are lost, get fresh ones while the authenticator is at hand.",
        ))
    };
    Ok(Report {
        text: if proved {
            format!(
                "You have the recovery codes of {} @ {}.",
                set.account, set.registry
            )
            .into()
        } else {
            Zeroizing::default()
        },
        json: shape::line(shape::Proof::new(&id, proved)),
        end: answered.end.or_else(|| (!proved).then(not_proved)),
    })
}
