//! What the person says at each question of an emergency. Enter alone does no harm anywhere.

use std::path::Path;
use std::sync::Arc;

use super::super::talk::{End, Talk};
use super::shown::{self, tell};
use crate::backend::protocol::{Answer, Outcome, Request, RowState, SignInAsked};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Ask, Care, Incident, IncidentRow, Reply, Suspicion};
use crate::domain::machine::LocalCredential;
use crate::domain::plan;
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
            tell("");
            let rows = incident.rows.iter();
            let mut rows = rows.filter(|row| keys.contains(&row.token.key));
            tell(if rows.all(|row| row.appeared && !row.ours) {
                "CAREFUL: these tokens were MADE SINCE THIS BEGAN. If it was not you, somebody still has a way in."
            } else {
                "CAREFUL: what is marked NEW was MADE SINCE THIS BEGAN. If it was not you, somebody still has a way in. What \
                 else is to go and lives stands beside it."
            });
            goes(talk, &incident, &keys).await
        }
        (Ask::Again { rows }, incident) => again(talk, &rows, incident.as_deref()).await,
        (Ask::Unlisted(place), _) => unlisted(talk, &place).await,
        (Ask::Local(found), _) => local(talk, &found).await,
        (Ask::Account, _) => account(talk).await,
        (Ask::Packages, Some(incident)) => {
            for line in shown::packages(&incident) {
                tell(&line);
            }
            tell("Also look on the registry's website: trusted publishers, and who may publish.");
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
            _ => misheard("Enter alone, skip or leave"),
        }
    }
}

/// What was typed is no answer to this; it is asked once more.
fn misheard(answers: &str) {
    tell(&format!("That was not understood. It takes {answers}."));
}

/// Whether one that was interrupted is gone on with; Enter does.
pub(super) async fn goes_on(talk: &mut Talk) -> Result<bool, End> {
    loop {
        match typed(talk, "Which one [1] (leave): ").await?.as_str() {
            "" | "1" => return Ok(true),
            "2" => return Ok(false),
            LEAVE => return Err(left().into()),
            _ => misheard("1, 2 or leave"),
        }
    }
}

async fn suspect(talk: &mut Talk) -> Result<Reply, End> {
    tell(
        "May a thief be in this machine: malware, a bad package that was installed, a stranger's hand?",
    );
    tell("Some malware destroys files when a token that it stole is revoked.");
    tell("  1  It may be. Stop here: isolate it from the network, and do this from another device");
    tell("  2  No, it is not suspect");
    tell("  3  It may be, and I go on here all the same");
    loop {
        let suspicion = match typed(talk, "This machine [1]: ").await?.as_str() {
            "" | "1" => Suspicion::Elsewhere,
            "2" => Suspicion::Clean,
            "3" => Suspicion::AllTheSame,
            LEAVE => return Ok(Reply::Leave),
            _ => {
                misheard("1, 2, 3 or leave");
                continue;
            }
        };
        return Ok(Reply::Suspect(suspicion));
    }
}

async fn email(talk: &mut Talk, address: &Text, verified: Option<bool>) -> Result<Reply, End> {
    if address.is_empty() {
        tell("The registry does not tell the account's e-mail address: look it up on its website.");
    } else {
        let verified = match verified {
            Some(true) => " (verified)",
            Some(false) => " (NOT verified)",
            None => "",
        };
        tell(&format!(
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
            _ => misheard("yes, no, skip or leave"),
        }
    }
}

/// What goes, what of it stays, and the confirmation; the default is that nothing happens.
async fn goes(talk: &mut Talk, incident: &Incident, keys: &[TokenKey]) -> Result<Reply, End> {
    let fits = |row: &&IncidentRow| keys.contains(&row.token.key);
    let rows: Vec<&IncidentRow> = incident.rows.iter().filter(fits).collect();
    if let Some(kept) = plan::kept(incident) {
        tell("");
        tell(&kept);
        tell(
            "Who thinks otherwise of one: npm-warden token revoke ID revokes it, before this goes on or after.",
        );
    }
    tell("");
    tell("These go, in this order:");
    tell(&shown::rows(&rows));
    if let Some(codes) = plan::codes(incident) {
        tell(codes);
    }
    tell(
        "Type the ids of those that are to stay, with blanks between them, or Enter for none. skip revokes none of them.",
    );
    loop {
        let line = typed(talk, "Ids to keep (Enter: none; skip, leave): ").await?;
        let keep = match line.as_str() {
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            ids => chosen(&rows, ids),
        };
        let keep = match keep {
            Ok(keep) => keep,
            Err(why) => {
                tell(&why);
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
                    _ => tell(&format!(
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
        tell("Nothing was revoked.");
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
        tell(&format!(
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
            _ => misheard("again, skip or leave"),
        }
    }
}

async fn unlisted(talk: &mut Talk, place: &Text) -> Result<Reply, End> {
    tell(&format!(
        "{place} holds a credential that lives, and that stands in no list which was read. Who took it can use it."
    ));
    tell("To end it at the registry signs npm out here.");
    loop {
        match typed(talk, "End it? (end, skip, leave): ").await?.as_str() {
            "e" | "end" => return Ok(Reply::GoOn),
            SKIP => return Ok(Reply::Skip),
            LEAVE => return Ok(Reply::Leave),
            _ => misheard("end, skip or leave"),
        }
    }
}

async fn local(talk: &mut Talk, found: &[LocalCredential]) -> Result<Reply, End> {
    tell("These lines hold credentials that the registry does not accept any more:");
    for (number, local) in (1..).zip(found) {
        tell(&format!("{number:3}  {} for {}", local.place, local.scope));
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
                let Ok(numbers) = numbers.collect::<Result<Vec<_>, _>>() else {
                    misheard(
                        "numbers of the list with blanks between them, all, Enter alone or leave",
                    );
                    continue;
                };
                let named = |number: &usize| found.get(number.checked_sub(1)?);
                if let Some(none) = numbers.iter().find(|number| named(number).is_none()) {
                    tell(&format!(
                        "There is no {none} in this list; nothing was taken out."
                    ));
                    continue;
                }
                let named = numbers.iter().filter_map(named);
                named.map(|local| local.id.clone()).collect()
            }
        };
        return Ok(Reply::TakeOut(take));
    }
}

async fn account(talk: &mut Talk) -> Result<Reply, End> {
    tell(
        "Now, in another terminal or on the registry's website: a new password, a renewed second factor, new recovery codes.",
    );
    tell(
        "(npm-warden changes the password; npm-warden 2fa disable, then 2fa enable, renews the factor and its codes.)",
    );
    tell("A new password ends no token.");
    let mut cares = [Care::Open; 3];
    // No label may begin as one that asks for a password: what is typed here is seen.
    for (care, what) in cares.iter_mut().zip([
        "Is a new password set",
        "Is the second factor renewed",
        "Are the recovery codes renewed",
    ]) {
        *care = loop {
            let label = format!("{what}? (done, skip, leave): ");
            match typed(talk, &label).await?.as_str() {
                // Nothing but the person's word tells of it.
                "d" | "done" | "e" | "elsewhere" | "y" | "yes" => break Care::Elsewhere,
                SKIP | "n" | "no" => break Care::LeftOut,
                LEAVE => return Ok(Reply::Leave),
                _ => misheard("done, skip or leave"),
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
    tell(
        "This cannot be reached from here. y ticks a thing off, Enter leaves it open, and so it stands in the report; skip \
         leaves all of them open.",
    );
    let mut ticks = Vec::new();
    for (text, _) in &incident.beyond {
        tell(&format!(" -  {text}"));
        let seen_to = loop {
            match typed(talk, "Seen to? [y/N] (skip, leave): ")
                .await?
                .as_str()
            {
                "y" | "yes" => break true,
                "" | "n" | "no" => break false,
                SKIP => return Ok(Reply::Skip),
                LEAVE => return Ok(Reply::Leave),
                _ => misheard("y, n, Enter alone, skip or leave"),
            }
        };
        ticks.push(seen_to);
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

pub(super) fn left() -> Failure {
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
            tell(problem.as_str());
        }
        if let Some(without) = &asked.without {
            tell(&format!(
                "Sign in to {}, for this alone: nothing is written to a disk.",
                asked.host
            ));
            tell(without.as_str());
        } else {
            tell(&format!(
                "{} does not accept the credential any more. Sign in again, for this alone, to {}.",
                asked.host, asked.action
            ));
        }
        // What the registry has just said that it does not offer is not what Enter means.
        let mut default = "1";
        loop {
            tell("  1  on the registry's website   2  by user name and password");
            // What is parked until there is a sign-in cannot go on without one.
            let others = match asked.without {
                Some(_) => "skip, leave",
                None => "leave",
            };
            let label = format!("Sign in [{default}] ({others}): ");
            let typed = match typed(self, &label).await? {
                enter if enter.is_empty() => default.to_owned(),
                typed => typed,
            };
            let how = match typed.as_str() {
                "1" => SignIn::Web,
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
                _ => {
                    misheard(match asked.without {
                        Some(_) => "1, 2, skip or leave",
                        None => "1, 2 or leave",
                    });
                    continue;
                }
            };
            let by_web = matches!(how, SignIn::Web);
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
                Err(End::Failed(why)) if why.kind != FailureKind::Local => {
                    if by_web && why.kind == FailureKind::NotOffered {
                        default = "2";
                    }
                    tell(&shown::in_command_words(&why));
                }
                Err(end) => return Err(end),
            }
        }
    }
}
