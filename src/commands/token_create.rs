//! `token create`: the value on standard output, and nothing else there.

use std::io;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Here;
use super::account::signed_in;
use super::outlet::{self, Handed, hand_over};
use super::report::{Report, failure, for_a_command};
use super::second_factor::{by_password, somebody};
use super::shape;
use super::talk::{End, Talk, say};
use crate::args::{CreateArgs, May};
use crate::backend::protocol::{Created, Destination, Outcome, Request};
use crate::backend::{Clock as _, SystemClock};
use crate::domain::cidr::{self, nets, ranges};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::granular::{Granular, NewToken, Permission, Spec};
use crate::domain::machine::{StandsThere, Target};
use crate::domain::moment::Moment;
use crate::domain::note;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};

pub(super) async fn create(here: &Here, args: &CreateArgs) -> Result<Report, End> {
    let spec = spec(args)?;
    let note = args.note.clone().unwrap_or_default();
    note::clean(&note).map_err(End::Usage)?;
    if args.write_to.is_none() {
        outlet::open()?;
    }
    let mut talk = Talk::open(here, &args.account)?;
    // A dead credential is said first: no terminal would help against it.
    signed_in(&mut talk).await?;
    somebody(&talk)?;
    let aimed = match &args.write_to {
        Some(into) => Some(aim(&mut talk, into).await?),
        None => None,
    };
    say(&spec.sentence(&talk.account, SystemClock.now()));
    if let Some(target) = &aimed {
        say(&format!("Its value goes into {}.", target.file));
    }
    let wins = aimed.as_ref().and_then(|target| target.wins.clone());
    if let Some(wins) = wins.as_ref().filter(|_| !args.yes) {
        say(&wins.in_words("Once it is written,", spec.limits()));
    }
    if let Some(over) = aimed.as_ref().and_then(over) {
        say(&over);
        if !args.yes && !talk.agreed("Write over that one?").await? {
            return Err(Failure::new(FailureKind::Cancelled, "No token was made.", "").into());
        }
    }
    if !args.yes && !talk.agreed("Make this token?").await? {
        return Err(Failure::new(FailureKind::Cancelled, "No token was made.", "").into());
    }
    let answered = by_password(&mut talk, |password| {
        if args.write_to.is_none() {
            outlet::open()?;
        }
        Ok(Request::CreateToken(NewToken {
            spec: spec.clone(),
            password,
            note: note.clone(),
        }))
    })
    .await?;
    let Outcome::Created(created) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    let (registry, token, value, wider, warnings) = match created {
        Created::Made {
            registry,
            token,
            value,
            wider,
            warnings,
        } => (registry, token, value, wider, warnings),
        Created::Lost { tokens, why } => {
            let end = answered.end.unwrap_or_else(|| lost(&tokens, &why).into());
            let why = for_a_command(failure(&end), &args.account);
            return Ok(Report {
                json: shape::line(shape::Lost {
                    registry: talk.config()?.registry.as_str(),
                    token: None,
                    new: tokens
                        .iter()
                        .map(|token| Text::new(&token.key.raw()))
                        .collect(),
                    error: Some((&why).into()),
                }),
                text: Zeroizing::default(),
                end: Some(end),
            });
        }
    };
    let mut end = answered.end;
    for warning in &warnings {
        say(warning.as_str());
    }
    let mut into = args.write_to.as_deref();
    let mut is_revoked = false;
    if !wider.is_empty() {
        let (wish, why) = too_much(&mut talk, &token, &wider, into).await;
        end = Some(why);
        is_revoked = wish == Wish::Revoked;
        if let Some(path) = into.filter(|_| wish != Wish::Write) {
            say(&format!(
                "It was not written into {}, which is as it was.",
                shown(path)
            ));
            into = None;
        }
    }
    let mut file = None;
    if let Some(into) = into {
        let wish = Request::WriteToken {
            registry,
            value: Arc::clone(&value),
            into: destination(into),
        };
        match talk.ask(wish).await.map(|answered| answered.outcome) {
            Ok(Outcome::Written(stored)) => {
                say(&format!("The token is in {}.", stored.file));
                if let Some(caution) = &stored.caution {
                    say(caution.as_str());
                }
                if let Some(wins) = &wins {
                    say(&wins.in_words("From now on", token.limits()));
                }
                file = Some(stored.file);
            }
            Ok(_) => end = end.or(Some(super::not_what_was_asked().into())),
            Err(why) => end = end.or(Some(unwritten(why, &token))),
        }
    }
    let why = end.as_ref();
    let why = why.map(|end| (&for_a_command(failure(end), &args.account)).into());
    let json = shape::line(shape::Created {
        registry: talk.config()?.registry.as_str(),
        key: Text::new(&token.key.raw()),
        name: token.name.as_ref(),
        expires: token.expires.map(Moment::at),
        token: file.is_none().then(|| value.expose().as_str()),
        file: file.as_ref(),
        wider: &wider,
        warnings: &warnings,
        error: why,
    });
    if file.is_some() {
        return Ok(Report {
            json,
            text: Zeroizing::default(),
            end,
        });
    }
    let line = if args.account.json {
        &json
    } else {
        value.expose().as_str()
    };
    let end = match hand_over(&mut talk, line, &value).await {
        Handed::Printed => end,
        Handed::Shown(why) => end.or(Some(beside(&token, &why))),
        // It is of no use to anybody.
        Handed::Lost(_) if is_revoked => end,
        Handed::Lost(why) => Some(nobody_has_it(&mut talk, &token, &why).await),
    };
    Ok(Report {
        json: Zeroizing::default(),
        text: Zeroizing::default(),
        end,
    })
}

/// The value went to the terminal alone.
fn beside(token: &Token, why: &io::Error) -> End {
    End::Failed(Failure::new(
        FailureKind::Local,
        format!(
            "The token {} was made. Its value is on the terminal alone: standard output could not be written ({why}).",
            token.key.short()
        ),
        "",
    ))
}

/// The value is lost: the token can be revoked at once, and is named in any case.
async fn nobody_has_it(talk: &mut Talk, token: &Token, why: &io::Error) -> End {
    let what = format!(
        "The token {} was made and its value is lost: standard output could not be written ({why}).",
        token.key.short()
    );
    let lost = |what: &str, next: &str| Failure::new(FailureKind::Local, what, next).into();
    if token.key.raw().is_empty() {
        return lost(&what, "Revoke it on the registry's website.");
    }
    let next = format!("Revoke it: npm-warden token revoke {}", token.key.short());
    let revokes = talk.somebody() && {
        say(&what);
        talk.agreed("Revoke it at once?").await.unwrap_or(false)
    };
    if !revokes {
        return lost(&what, &next);
    }
    match revoke(talk, &token.key).await {
        Ok(()) => lost(
            &format!("Standard output could not be written ({why}), so the new token was revoked."),
            "Nothing is left of it.",
        ),
        Err(failed) => {
            say(failed.what.as_str());
            lost(&what, &next)
        }
    }
}

/// Whether the file takes it, before there is anything to lose; and what that would change.
async fn aim(talk: &mut Talk, into: &Path) -> Result<Target, End> {
    let wish = Request::AimToken {
        what: None,
        into: destination(into),
    };
    let outcome = match talk.ask(wish).await {
        Ok(answered) => answered.outcome,
        Err(End::Failed(why)) => {
            return Err(End::Failed(Failure::new(
                why.kind,
                why.what.as_str(),
                format!("{} No token was made.", why.next),
            )));
        }
        Err(end) => return Err(end),
    };
    match outcome {
        Outcome::Target(target) => Ok(target),
        _ => Err(super::not_what_was_asked().into()),
    }
}

/// What it would take the place of, in words.
fn over(target: &Target) -> Option<String> {
    let whose = if target.in_use {
        "the token by which you are signed in here"
    } else {
        "another token of this registry"
    };
    target.over.as_ref().map(|StandsThere { place, .. }| {
        format!(
            "It takes the place of {whose}, in {place}. That one stays valid until it is revoked, and cannot be read there any \
             more; npm-warden token rotate puts a new one in its place and revokes it."
        )
    })
}

/// What was asked for; what the registry would refuse is seen before anything is sent.
fn spec(args: &CreateArgs) -> Result<Spec, End> {
    let read: Vec<_> = args.cidr.iter().flat_map(|typed| ranges(typed)).collect();
    if let Some(wrong) = read.iter().find_map(|range| range.as_ref().err()) {
        return Err(End::usage(wrong.to_string(), "No token was made."));
    }
    for note in read.iter().flatten().filter_map(cidr::Range::note) {
        say(&note);
    }
    let cidr = nets(&read).unwrap_or_default();
    let of_packages = args.packages_all || !args.packages.is_empty() || !args.scopes.is_empty();
    let granular = of_packages
        || !args.orgs.is_empty()
        || args.name.is_some()
        || args.description.is_some()
        || args.packages_and_scopes_permission.is_some()
        || args.orgs_permission.is_some()
        || args.expires.is_some()
        || args.bypass_2fa;
    if !granular {
        return Ok(Spec::Classic {
            readonly: args.read_only,
            cidr,
        });
    }
    let reads = |any: bool| {
        if any {
            Permission::ReadOnly
        } else {
            Permission::NoAccess
        }
    };
    let of_orgs = !args.orgs.is_empty();
    let least = Granular::least();
    let form = Granular {
        name: args.name.clone().unwrap_or_default(),
        description: args.description.clone().unwrap_or_default(),
        packages: args.packages.clone(),
        all_packages: args.packages_all,
        scopes: args.scopes.clone(),
        packages_permission: args
            .packages_and_scopes_permission
            .map_or_else(|| reads(of_packages || !of_orgs), permission),
        orgs: args.orgs.clone(),
        orgs_permission: args
            .orgs_permission
            .map_or_else(|| reads(of_orgs), permission),
        days: args.expires.or(least.days),
        cidr,
        bypass_2fa: args.bypass_2fa,
    };
    not_wrong(&form)?;
    Ok(Spec::Granular(Box::new(form)))
}

/// Everything that is wrong with it, at once.
pub(super) fn not_wrong(form: &Granular) -> Result<(), End> {
    let wrongs = form.wrongs();
    if wrongs.is_empty() {
        return Ok(());
    }
    let words: Vec<_> = wrongs.iter().map(|wrong| wrong.words.as_str()).collect();
    Err(End::usage(words.join(" "), "No token was made."))
}

const fn permission(may: May) -> Permission {
    match may {
        May::NoAccess => Permission::NoAccess,
        May::ReadOnly => Permission::ReadOnly,
        May::ReadWrite => Permission::ReadWrite,
        May::ReadWriteStageOnly => Permission::StageOnly,
    }
}

/// A file, as it was named.
fn shown(typed: &Path) -> Text {
    match destination(typed) {
        Destination::User => Text::from("your own .npmrc"),
        Destination::Project => Text::from("the project's .npmrc"),
        Destination::File(path) => Text::new(&path.to_string_lossy()),
    }
}

fn destination(typed: &Path) -> Destination {
    match typed.to_str() {
        Some("user") => Destination::User,
        Some("project") => Destination::Project,
        _ => Destination::File(typed.to_owned()),
    }
}

/// It was made and the value is here, but not in the file.
fn unwritten(why: End, token: &Token) -> End {
    match why {
        End::Failed(why) => End::Failed(Failure::new(
            why.kind,
            format!("The token was made, but not written. {}", why.what),
            // What is to be mended there would make a second token if the command were given again.
            format!(
                "Its value is on standard output: put it there yourself, or revoke it: npm-warden token revoke {}",
                token.key.short()
            ),
        )),
        end => end,
    }
}

fn lost(tokens: &[Token], why: &Failure) -> Failure {
    let ids: Vec<_> = tokens
        .iter()
        .map(|token| token.key.short().to_string())
        .collect();
    Failure::new(
        why.kind,
        format!(
            "{} New in the list: {}. If it is the token that was asked for, its value is lost.",
            why.what,
            ids.join(", ")
        ),
        match &ids[..] {
            [id] => format!("Revoke it: npm-warden token revoke {id}"),
            _ => "npm-warden token list tells them apart: revoke the one that was made, by npm-warden token revoke ID."
                .to_owned(),
        },
    )
}

/// What the person wants of a token that may do more than was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// It was revoked at once.
    Revoked,
    /// It goes into no file.
    Keep,
    /// It goes into the file all the same.
    Write,
}

/// It may do more than was asked for: said loudly, and revoked at once if the person wants that. Over a line that works,
/// nothing goes by itself that is dead, or that was not wanted so.
async fn too_much(
    talk: &mut Talk,
    token: &Token,
    wider: &[Text],
    into: Option<&Path>,
) -> (Wish, End) {
    let more: Vec<_> = wider.iter().map(Text::as_str).collect();
    let more = more.join(" ");
    let what = format!("THE TOKEN MAY DO MORE THAN WAS ASKED FOR: {more}");
    say(&what);
    let id = token.key.short();
    let has_key = !token.key.raw().is_empty();
    let next = if has_key {
        format!("Revoke it: npm-warden token revoke {id}")
    } else {
        "Revoke it on the registry's website.".to_owned()
    };
    if has_key {
        match talk.agreed("Revoke it at once?").await {
            Ok(true) => {
                return match revoke(talk, &token.key).await {
                    Ok(()) => {
                        let end = refused(
                            &format!(
                                "The token may have done more than was asked for, and was revoked: {more}"
                            ),
                            "The value on standard output is of no use any more.",
                        );
                        (Wish::Revoked, end)
                    }
                    Err(why) => {
                        say(why.what.as_str());
                        (Wish::Keep, refused(&what, &next))
                    }
                };
            }
            Ok(false) => {}
            Err(_) => return (Wish::Keep, refused(&what, &next)),
        }
    }
    let is_kept = match into {
        Some(into) => {
            let question = format!("Write it into {} all the same?", shown(into));
            talk.agreed(&question).await.unwrap_or(false)
        }
        None => false,
    };
    let wish = if is_kept { Wish::Write } else { Wish::Keep };
    (wish, refused(&what, &next))
}

fn refused(what: &str, next: &str) -> End {
    End::Failed(Failure::new(FailureKind::Refused, what, next))
}

async fn revoke(talk: &mut Talk, key: &TokenKey) -> Result<(), Failure> {
    use crate::backend::protocol::RowState;
    let wish = Request::Revoke {
        tokens: vec![key.clone()],
        last: Vec::new(),
        names: Vec::new(),
    };
    let outcome = talk.ask(wish).await.map_err(|end| failure(&end))?.outcome;
    let Outcome::Revoked { rows, .. } = outcome else {
        return Err(super::not_what_was_asked());
    };
    match rows.into_iter().next() {
        Some((
            _,
            RowState::Gone(_) | RowState::Verified | RowState::Refused | RowState::AlreadyGone,
        )) => Ok(()),
        Some((_, RowState::Failed(why))) => Err(why),
        _ => Err(Failure::new(
            FailureKind::Refused,
            "The registry did not say that it is gone.",
            "",
        )),
    }
}

/// A token's value on a command line is a leak of its own: it is neither taken nor repeated.
pub(super) fn by_id<'t>(listed: &'t [Token], id: &Secret<String>) -> Result<&'t Token, End> {
    let id = id.expose().as_str();
    if id.is_empty() || id.starts_with("npm_") || id.starts_with("npms_") {
        return Err(End::usage(
            "That is no ID. Values are not taken on the command line, where other programs can read them.",
            "Give the id that npm-warden token list shows. Nothing was changed.",
        ));
    }
    let alive = || listed.iter().filter(|token| token.revoked.is_none());
    if let Some(token) = alive().find(|token| token.key.raw() == id) {
        return Ok(token);
    }
    let fits: Vec<_> = alive()
        .filter(|token| token.key.raw().starts_with(id))
        .collect();
    match fits[..] {
        [token] => Ok(token),
        [] => Err(End::usage(
            "No token has such an ID.",
            "npm-warden token list shows them. Nothing was changed.",
        )),
        _ => Err(End::usage(
            format!("{} tokens have an ID that begins so.", fits.len()),
            "Give more of it. Nothing was changed.",
        )),
    }
}
