//! `login` and `logout`.

use super::Here;
use super::account::{nobody, signed_in};
use super::report::{Report, failure, for_a_command};
use super::shape;
use super::talk::{Answered, End, Talk, say};
use crate::args::{LoginArgs, LogoutArgs};
use crate::backend::SessionEnd;
use crate::backend::protocol::{Outcome, Request};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::{CredentialKind, Identity, Standing};
use crate::domain::signin::{Ended, Forgotten, Keep, Kept, SignIn};
use crate::domain::text::Text;

pub(super) async fn login(here: &Here, args: &LoginArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, &args.account)?;
    let by_password = args.sign_up || args.username.is_some();
    let answered = if by_password {
        with_password(&mut talk, args).await?
    } else {
        match sign_in(&mut talk, SignIn::Web).await {
            // The registry has no page for it.
            Err(End::Failed(why)) if why.kind == FailureKind::NotOffered && !args.web => {
                if !talk.somebody() {
                    return Err(End::Failed(Failure::new(
                        FailureKind::NotOffered,
                        why.what.as_str(),
                        "It takes a user name and a password, which are asked for on a terminal.",
                    )));
                }
                say(&format!("{} has no sign-in on the web.", talk.host()));
                with_password(&mut talk, args).await?
            }
            result => result?,
        }
    };
    let Outcome::SignedIn {
        identity,
        standing,
        kept,
        ..
    } = answered.outcome
    else {
        return Err(super::not_what_was_asked().into());
    };
    for problem in &identity.problems {
        say(problem.as_str());
    }
    let name = match &standing {
        Standing::SignedIn(profile) => Some(&profile.name),
        Standing::SignedOut | Standing::Rejected(_) => None,
    };
    let host = talk.host();
    let who = match name {
        Some(name) => format!("Signed in as {name} at {host}"),
        None => format!("Signed in at {host}"),
    };
    let (file, why) = shape::kept(&kept);
    let json = shape::line(shape::SignedIn {
        registry: talk.config()?.registry.as_str(),
        username: name,
        file,
        error: why,
    });
    // What stands in no file is ended by this.
    let ended = talk.close();
    let (text, failed) = match &kept {
        Kept::File(file) => (format!("{who}; the token is in {file}."), None),
        Kept::NotWritten(why) => (String::new(), Some(not_kept(&who, Some(why), ended))),
        Kept::Session => (String::new(), Some(not_kept(&who, None, ended))),
    };
    Ok(Report {
        text: text.into(),
        json,
        end: answered.end.or(failed.map(End::Failed)),
    })
}

/// A token that no file holds is of no use after a plain command, and what became of it is said.
fn not_kept(who: &str, why: Option<&Failure>, ended: Option<SessionEnd>) -> Failure {
    let what = match why {
        Some(why) => format!("{who}, but the token could not be kept. {}", why.what),
        None => format!("{who}, but the token was not kept."),
    };
    let fate = match ended {
        Some(SessionEnd::Ended) => "It was ended at the registry again.".to_owned(),
        Some(SessionEnd::Alive(why)) => why.to_string(),
        None => "It may live on at the registry.".to_owned(),
    };
    // A plain command has no session; the terminal program has.
    let next = why.map_or(String::new(), |why| {
        why.next
            .as_str()
            .replace("this session only", "a session in the terminal program")
    });
    Failure::new(FailureKind::Local, format!("{what} {fate}"), next)
}

async fn sign_in(talk: &mut Talk, how: SignIn) -> Result<Answered, End> {
    let at = Some(talk.host());
    talk.ask(Request::SignIn {
        how,
        keep: Keep::File,
        at,
        wanted: None,
    })
    .await
}

/// By user name and password, which are asked for: neither a file nor a command line is a place for them.
async fn with_password(talk: &mut Talk, args: &LoginArgs) -> Result<Answered, End> {
    if !talk.somebody() {
        return Err(End::usage(
            "There is no terminal to ask for the password on.",
            "Sign in on the web (without --username and --sign-up), or run it on a terminal.",
        ));
    }
    let name = match &args.username {
        Some(name) => name.clone(),
        None => talk.filled("User name: ").await?,
    };
    let host = talk.host();
    if !args.sign_up {
        let password = talk
            .hidden(&format!("Password of {} at {host}: ", Text::new(&name)))
            .await?;
        return sign_in(talk, SignIn::Password { name, password }).await;
    }
    say(&format!("A new account at {host}."));
    let email = talk.filled("E-mail address: ").await?;
    let password = talk.twice("New password: ").await?;
    let how = SignIn::SignUp {
        name,
        password,
        email,
    };
    sign_in(talk, how).await
}

pub(super) async fn logout(here: &Here, args: &LogoutArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, &args.account)?;
    if !args.yes && !talk.somebody() {
        return Err(End::usage(
            "There is no terminal to ask on whether the token is to be ended.",
            "Give --yes to end it without being asked.",
        ));
    }
    if !args.yes {
        ask_first(&mut talk).await?;
    }
    let answered = talk.ask(Request::SignOut).await?;
    let Outcome::SignedOut {
        place,
        ended,
        forgotten,
    } = answered.outcome
    else {
        return Err(super::not_what_was_asked().into());
    };
    let failed = not_well(&ended, &forgotten);
    let (removed_from, remains_in) = shape::forgotten(&forgotten);
    let why = failed
        .clone()
        .or_else(|| answered.end.as_ref().map(failure))
        .map(|failure| for_a_command(failure, &args.account));
    Ok(Report {
        text: format!(
            "{} {}",
            ended_words(&ended, &place),
            forgotten_words(&forgotten)
        )
        .trim()
        .to_owned()
        .into(),
        json: shape::line(shape::SignedOut {
            registry: talk.config()?.registry.as_str(),
            place: &place,
            ended: shape::ended(&ended),
            removed_from,
            remains_in,
            error: why.as_ref().map(Into::into),
        }),
        end: answered.end.or(failed.map(End::Failed)),
    })
}

/// Says what would be ended; No is the default.
async fn ask_first(talk: &mut Talk) -> Result<(), End> {
    let identity: Identity = talk.config()?.identity();
    let Some(source) = &identity.credential else {
        return Err(nobody(&identity).into());
    };
    let who = match signed_in(talk).await {
        Ok((_, profile)) => format!(" of {}", profile.name),
        // It may be dead already: it can be taken out of its file all the same.
        Err(End::Failed(why)) if why.kind != FailureKind::Network => String::new(),
        Err(end) => return Err(end),
    };
    let host = talk.host();
    match source.kind {
        CredentialKind::Token => say(&format!(
            "The token{who} at {host} in {} is ended at the registry: everywhere that it is used, not only here.",
            source.place
        )),
        _ => say(&format!(
            "{} holds a {}{who} for {host}; there is nothing at the registry to end.",
            source.place,
            source.kind.word()
        )),
    }
    if talk.agreed("Sign out?").await? {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Cancelled, "Nothing was changed.", "").into())
}

fn ended_words(ended: &Ended, place: &Text) -> String {
    match ended {
        Ended::Verified => {
            format!("Signed out: the registry refuses the token of {place} from now on.")
        }
        Ended::DeadBefore => {
            format!("The registry did not accept the token of {place} any more before.")
        }
        Ended::StillAccepted => {
            format!("The registry said that it ended the token of {place}, and STILL ACCEPTS it.")
        }
        Ended::Unchecked(_) => format!(
            "The registry said that it ended the token of {place}; whether it accepts it still could not be found out."
        ),
        Ended::Unlisted => format!("The registry does not list the token of {place} any more."),
        Ended::NothingThere => {
            format!(
                "{place} holds a user name and password: there is nothing at the registry to end."
            )
        }
    }
}

fn forgotten_words(forgotten: &Forgotten) -> String {
    match forgotten {
        Forgotten::Session => String::new(),
        Forgotten::File(file) => format!("It was taken out of {file}."),
        Forgotten::Remains(place, _) => format!("It is still in {place}."),
    }
}

/// What keeps it from being the end that was wanted, the worst first.
fn not_well(ended: &Ended, forgotten: &Forgotten) -> Option<Failure> {
    match (ended, forgotten) {
        (Ended::StillAccepted, _) => Some(Failure::new(
            FailureKind::Refused,
            "The registry still accepts the token.",
            "Some registries take up to an hour, and some end none this way. If it has to be dead, sign in again and revoke it in the list, or change the password and see whether that ends it.",
        )),
        (Ended::Unchecked(why), _) | (_, Forgotten::Remains(_, why)) => Some(why.clone()),
        _ => None,
    }
}
