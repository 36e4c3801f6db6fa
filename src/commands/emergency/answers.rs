//! What the person says at each question of an emergency. Enter alone does no harm anywhere.

use std::path::Path;
use std::sync::Arc;

use super::super::talk::{End, Talk, say};
use super::shown;
use crate::backend::protocol::{Answer, Outcome, Request, RowState, SignInAsked};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Ask, Care, Incident, IncidentRow, Reply, Suspicion};
use crate::domain::machine::LocalCredential;
use crate::domain::signin::{Keep, SignIn};
use crate::domain::text::Text;
use crate::domain::token::TokenKey;

/// From this many on the count is typed (promise P28).
const MANY: usize = 3;
/// The word that stops here, to go on later.
const LEAVE: &str = "leave";
/// The word that goes on without.
const SKIP: &str = "skip";

/// The person's answer.
pub(in crate::commands) async fn answered(
    talk: &mut Talk,
    ask: Ask,
    incident: Option<Arc<Incident>>,
) -> Result<Reply, End> {
    match (ask, incident) {
        (Ask::Suspect, _) => suspect(talk).await,
        (Ask::Email { address, verified }, _) => email(talk, &address, verified).await,
        (Ask::Revoke, Some(incident)) => {
            // What has an end already is not asked about once more.
            let waiting = incident.rows.iter();
            let waiting = waiting.filter(|row| row.state == RowState::Waiting);
            let keys: Vec<_> = waiting.map(|row| row.token.key.clone()).collect();
            goes(talk, &incident, &keys).await
        }
        (Ask::Appeared(keys), Some(incident)) => {
            say("");
            say(
                "CAREFUL: these tokens were MADE SINCE THIS BEGAN. If it was not you, somebody still has a way in.",
            );
            goes(talk, &incident, &keys).await
        }
        (Ask::Again { rows }, incident) => again(talk, &rows, incident.as_deref()).await,
        (Ask::Unlisted(place), _) => unlisted(talk, &place).await,
        (Ask::Local(found), _) => local(talk, &found).await,
        (Ask::Account, _) => account(talk).await,
        (Ask::Packages, Some(incident)) => {
            for line in shown::packages(&incident) {
                say(&line);
            }
            say("Also look on the registry's website: trusted publishers, and who may publish.");
            word(
                talk,
                "Enter when you have looked at them (skip, leave): ",
                Reply::GoOn,
            )
            .await
        }
        (Ask::Beyond, Some(incident)) => beyond(talk, &incident).await,
        (Ask::Report, Some(incident)) => report(talk, &incident).await,
        // There is nothing to show: it was not told yet.
        (Ask::Revoke | Ask::Appeared(_) | Ask::Packages | Ask::Beyond | Ask::Report, None) => {
            Ok(Reply::Leave)
        }
    }
}

async fn typed(talk: &mut Talk, label: &str) -> Result<String, End> {
    let line = talk.line(label, false).await?;
    Ok(line.expose().trim().to_lowercase())
}

/// Enter means this; the words skip and leave mean themselves.
async fn word(talk: &mut Talk, label: &str, enter: Reply) -> Result<Reply, End> {
    loop {
        match typed(talk, label).await?.as_str() {
            "" => return Ok(enter),
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            _ => {}
        }
    }
}

async fn suspect(talk: &mut Talk) -> Result<Reply, End> {
    say(
        "May a thief be in this machine: malware, a bad package that was installed, a stranger's hand?",
    );
    say("Some malware destroys files when a token that it stole is revoked.");
    say("  1  It may be. Stop here: isolate it from the network, and do this from another device");
    say("  2  No, it is not suspect");
    say("  3  It may be, and I go on here all the same");
    loop {
        let suspicion = match typed(talk, "This machine [1]: ").await?.as_str() {
            "" | "1" => Suspicion::Elsewhere,
            "2" => Suspicion::Clean,
            "3" => Suspicion::AllTheSame,
            LEAVE => return Ok(Reply::Leave),
            _ => continue,
        };
        return Ok(Reply::Suspect(suspicion));
    }
}

async fn email(talk: &mut Talk, address: &Text, verified: Option<bool>) -> Result<Reply, End> {
    if address.is_empty() {
        say("The registry does not tell the account's e-mail address: look it up on its website.");
    } else {
        let verified = match verified {
            Some(true) => " (verified)",
            Some(false) => " (NOT verified)",
            None => "",
        };
        say(&format!(
            "The account's e-mail address is {address}{verified}."
        ));
    }
    loop {
        match typed(
            talk,
            "Is it yours, and can only you read it? (yes, no, skip, leave): ",
        )
        .await?
        .as_str()
        {
            "y" | "yes" => return Ok(Reply::EmailMine(true)),
            "n" | "no" => return Ok(Reply::EmailMine(false)),
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            _ => {}
        }
    }
}

/// What goes, what of it stays, and the confirmation; the default is that nothing happens.
async fn goes(talk: &mut Talk, incident: &Incident, keys: &[TokenKey]) -> Result<Reply, End> {
    let fits = |row: &&IncidentRow| keys.contains(&row.token.key);
    let rows: Vec<&IncidentRow> = incident.rows.iter().filter(fits).collect();
    say("");
    say("These go, in this order:");
    say(&shown::rows(&rows));
    loop {
        let line = typed(
            talk,
            "Ids to keep, with blanks between them (Enter: none; skip, leave): ",
        )
        .await?;
        let keep = match line.as_str() {
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            ids => chosen(&rows, ids),
        };
        let keep = match keep {
            Ok(keep) => keep,
            Err(why) => {
                say(&why);
                continue;
            }
        };
        let going = rows.len() - keep.len();
        let agreed = if going == 0 {
            true
        } else if going >= MANY {
            // What was chosen to stay is not lost by a slip.
            let question = format!("Type {going} to revoke these {going} tokens: ");
            loop {
                match typed(talk, &question).await?.as_str() {
                    "" => break false,
                    count if count == going.to_string() => break true,
                    LEAVE => return Ok(Reply::Leave),
                    _ => say(&format!(
                        "That is not {going}, and nothing was revoked. Enter alone goes back to the list."
                    )),
                }
            }
        } else {
            talk.agreed(&format!(
                "Revoke {}?",
                if going == 1 {
                    "this token"
                } else {
                    "these 2 tokens"
                }
            ))
            .await?
        };
        if agreed {
            return Ok(Reply::Revoke { keep });
        }
        say("Nothing was revoked.");
    }
}

/// The keys that these beginnings name, each exactly one.
fn chosen(rows: &[&IncidentRow], ids: &str) -> Result<Vec<TokenKey>, String> {
    let mut keep = Vec::new();
    for id in ids.split_whitespace() {
        let begins = |row: &&&IncidentRow| row.token.key.raw().to_lowercase().starts_with(id);
        let mut found = rows.iter().filter(begins);
        match (found.next(), found.next()) {
            (Some(row), None) => {
                if !keep.contains(&row.token.key) {
                    keep.push(row.token.key.clone());
                }
            }
            (Some(_), Some(_)) => return Err(format!("{} fits several tokens.", Text::new(id))),
            (None, _) => return Err(format!("{} fits none of these tokens.", Text::new(id))),
        }
    }
    Ok(keep)
}

async fn again(
    talk: &mut Talk,
    rows: &[TokenKey],
    incident: Option<&Incident>,
) -> Result<Reply, End> {
    let all = incident.map_or(&[][..], |incident| &incident.rows);
    for row in all.iter().filter(|row| rows.contains(&row.token.key)) {
        say(&format!(
            " !  {} {}: {}",
            row.token.key.short(),
            shown::name(&row.token),
            super::super::token_revoke::words(&row.state)
        ));
    }
    loop {
        match typed(talk, "Try again? (again, skip, leave): ")
            .await?
            .as_str()
        {
            "a" | "again" | "y" | "yes" => return Ok(Reply::Again),
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            _ => {}
        }
    }
}

async fn unlisted(talk: &mut Talk, place: &Text) -> Result<Reply, End> {
    say(&format!(
        "{place} holds a credential that lives, and that stands in no list which was read. Who took it can use it."
    ));
    loop {
        let label = "End it at the registry? npm is signed out here by that. (end, skip, leave): ";
        match typed(talk, label).await?.as_str() {
            "e" | "end" => return Ok(Reply::GoOn),
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            _ => {}
        }
    }
}

async fn local(talk: &mut Talk, found: &[LocalCredential]) -> Result<Reply, End> {
    say("These lines hold credentials that the registry does not accept any more:");
    for (number, local) in (1..).zip(found) {
        say(&format!("{number:3}  {} for {}", local.place, local.scope));
    }
    loop {
        let line = typed(
            talk,
            "Take out which? Numbers, or all (Enter: none; leave): ",
        )
        .await?;
        let take = match line.as_str() {
            "" | SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            "all" => found.iter().map(|local| local.id.clone()).collect(),
            numbers => {
                let numbers = numbers.split_whitespace().map(str::parse::<usize>);
                let named = numbers.map(|number| {
                    let at = number.ok()?.checked_sub(1)?;
                    found.get(at).map(|local| local.id.clone())
                });
                let Some(named) = named.collect::<Option<Vec<_>>>() else {
                    continue;
                };
                named
            }
        };
        return Ok(Reply::TakeOut(take));
    }
}

async fn account(talk: &mut Talk) -> Result<Reply, End> {
    say(
        "Now, in another terminal or on the registry's website: a new password, a renewed second factor, new recovery codes.",
    );
    say(
        "(npm-warden changes the password; npm-warden 2fa disable, then 2fa enable, renews the factor and its codes.)",
    );
    say("A new password ends no token.");
    let mut cares = [Care::Open; 3];
    for (care, what) in cares
        .iter_mut()
        .zip(["Password", "Second factor", "Recovery codes"])
    {
        *care = loop {
            let label =
                format!("{what}: done, in another window or on the website? (done, skip, leave): ");
            match typed(talk, &label).await?.as_str() {
                // Nothing but the person's word tells of it.
                "d" | "done" | "e" | "elsewhere" => break Care::Elsewhere,
                SKIP => break Care::LeftOut,
                LEAVE => return Ok(Reply::Leave),
                _ => {}
            }
        };
    }
    let [password, second_factor, recovery_codes] = cares;
    Ok(Reply::Account {
        password,
        second_factor,
        recovery_codes,
    })
}

async fn beyond(talk: &mut Talk, incident: &Incident) -> Result<Reply, End> {
    say(
        "This cannot be reached from here. y ticks it off, Enter leaves it open; it stands in the report.",
    );
    let mut ticks = Vec::new();
    for (text, _) in &incident.beyond {
        say(&format!(" -  {text}"));
        match typed(talk, "Seen to? [y/N] (skip, leave): ")
            .await?
            .as_str()
        {
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            answer => ticks.push(matches!(answer, "y" | "yes")),
        }
    }
    Ok(Reply::Ticked(ticks))
}

async fn report(talk: &mut Talk, incident: &Arc<Incident>) -> Result<Reply, End> {
    if let Some(folder) = talk.report.take()
        && talk.write_report(incident, &folder).await?
    {
        return Ok(Reply::GoOn);
    }
    loop {
        let line = talk
            .line(
                "Folder for the report (Enter: this one; skip for none, leave): ",
                false,
            )
            .await?;
        let folder = match line.expose().trim() {
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            "" => ".",
            folder => folder,
        };
        if talk.write_report(incident, Path::new(folder)).await? {
            return Ok(Reply::GoOn);
        }
    }
}

fn left() -> Failure {
    Failure::new(
        FailureKind::Cancelled,
        "You left the emergency; what it had done is noted.",
        "npm-warden emergency --resume goes on with it.",
    )
}

impl Talk {
    /// A sign-in for the emergency alone, which no file gets to see.
    pub(in crate::commands) async fn for_this_alone(
        &mut self,
        asked: &SignInAsked,
    ) -> Result<Answer, End> {
        if let Some(problem) = &asked.problem {
            say(problem.as_str());
        }
        if let Some(without) = &asked.without {
            say(&format!(
                "Sign in to {}, for this alone: nothing is written to a disk.",
                asked.host
            ));
            say(without.as_str());
        } else {
            say(&format!(
                "{} does not accept the credential any more. Sign in again, for this alone, to {}.",
                asked.host, asked.action
            ));
        }
        loop {
            say("  1  on the registry's website   2  by user name and password");
            // What is parked until there is a sign-in cannot go on without one.
            let label = match asked.without {
                Some(_) => "Sign in [1] (skip, leave): ",
                None => "Sign in [1] (leave): ",
            };
            let how = match typed(self, label).await?.as_str() {
                "" | "1" => SignIn::Web,
                "2" => {
                    let name = match &asked.name {
                        Some(name) => name.as_str().to_owned(),
                        None => self.filled("User name: ").await?,
                    };
                    let label = format!("Password of {} at {}: ", Text::new(&name), asked.host);
                    let password = self.hidden(&label).await?;
                    SignIn::Password { name, password }
                }
                SKIP if asked.without.is_some() => return Ok(Answer::Emergency(Reply::Skip)),
                LEAVE if asked.without.is_some() => return Ok(Answer::Emergency(Reply::Leave)),
                LEAVE => return Err(left().into()),
                _ => continue,
            };
            let request = Request::SignIn {
                how,
                keep: Keep::Session,
                at: Some(asked.host.clone()),
                wanted: asked.name.clone(),
            };
            match self.ask_within(request).await {
                Ok(answered) if matches!(answered.outcome, Outcome::SignedIn { .. }) => {
                    return Ok(Answer::SignedIn);
                }
                Ok(_) => return Err(super::super::not_what_was_asked().into()),
                Err(End::Failed(why)) if why.kind != FailureKind::Local => say(&why.to_string()),
                Err(end) => return Err(end),
            }
        }
    }
}
