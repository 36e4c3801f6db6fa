//! Where recovery codes are to be kept: from the command line, or asked for, the best place first (promise P09).

use std::path::{Path, PathBuf};

use super::talk::{Answered, End, Talk, say};
use crate::args::PlaceArg;
use crate::backend::protocol::{Outcome, PlaceWish, Request};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::{PASSPHRASE_LEAST, Place, passphrase_will_do};
use crate::domain::text::Text;

/// The word that accepts to copy the codes by hand.
const MYSELF: &str = "myself";

/// A place that was proved. `given` is what the command line says; without it the person chooses, until one will do.
pub(super) async fn choose(
    talk: &mut Talk,
    account: &Text,
    given: Option<&PlaceArg>,
) -> Result<Place, End> {
    if let Some(given) = given {
        let tried = match given {
            PlaceArg::Vault => vault(talk, account).await?,
            PlaceArg::File(path) => file(talk, path).await?,
            PlaceArg::Myself => myself(talk).await?,
        };
        return tried.map_err(End::Failed);
    }
    loop {
        say("");
        say(
            "Where are the recovery codes to be kept? The registry shows them once, when the set-up is confirmed.",
        );
        say(
            "  1  an encrypted file of this program, which a passphrase opens: of no use to whoever copies the file",
        );
        say(
            "  2  a new text file, for you alone: malware that steals files looks for codes in plain text",
        );
        say("  3  nowhere: you copy them from this terminal, and a crash before that loses them");
        let tried = match talk.line("Place [1]: ", false).await?.expose().trim() {
            "" | "1" => vault(talk, account).await?,
            "2" => typed_file(talk, account).await?,
            "3" => myself(talk).await?,
            _ => continue,
        };
        match tried {
            Ok(place) => return Ok(place),
            Err(why) => say(&why.to_string()),
        }
    }
}

type Tried = Result<Place, Failure>;

/// The encrypted file: its keys are made now, so that codes need no passphrase when they arrive.
async fn vault(talk: &mut Talk, account: &Text) -> Result<Tried, End> {
    say(&format!(
        "Choose a passphrase of {PASSPHRASE_LEAST} characters or more for the encrypted file. Nobody can open it without, and nobody can give it back to you."
    ));
    let passphrase = loop {
        let passphrase = talk.twice("Passphrase: ").await?;
        if passphrase_will_do(&passphrase) {
            break passphrase;
        }
        say(&format!(
            "That is too short: {PASSPHRASE_LEAST} characters, blanks not counted."
        ));
    };
    let wish = PlaceWish::Vault {
        account: account.clone(),
        passphrase,
    };
    let tried = prove(talk, wish).await?;
    Ok(tried.map(|(place, warnings)| {
        warn(&warnings);
        place
    }))
}

async fn file(talk: &mut Talk, path: &Path) -> Result<Tried, End> {
    let tried = prove(talk, PlaceWish::File(absolute(path))).await?;
    Ok(tried.map(|(place, warnings)| {
        warn(&warnings);
        place
    }))
}

async fn typed_file(talk: &mut Talk, account: &Text) -> Result<Tried, End> {
    let request = Request::SuggestPlace {
        account: account.clone(),
    };
    let suggested = match unbroken(talk.ask_within(request).await)? {
        Ok(Outcome::Suggested(path)) => Some(path),
        // One can be typed all the same.
        Ok(_) | Err(_) => None,
    };
    let shown = suggested
        .as_ref()
        .map_or_else(String::new, |path| format!(" [{}]", text(path)));
    let path = loop {
        let line = talk.line(&format!("File{shown}: "), false).await?;
        match (line.expose().trim(), &suggested) {
            ("", Some(suggested)) => break suggested.clone(),
            ("", None) => {}
            (typed, _) => break PathBuf::from(typed),
        }
    };
    let (place, warnings) = match prove(talk, PlaceWish::File(absolute(&path))).await? {
        Ok(proved) => proved,
        Err(why) => return Ok(Err(why)),
    };
    warn(&warnings);
    if warnings.is_empty() || talk.agreed("Use it all the same?").await? {
        return Ok(Ok(place));
    }
    Ok(Err(Failure::new(
        FailureKind::Cancelled,
        "It is not used.",
        "",
    )))
}

async fn myself(talk: &mut Talk) -> Result<Tried, End> {
    say(
        "The codes exist on this terminal alone then: a crash before you have copied them loses them.",
    );
    let word = talk
        .filled(&format!("Type {MYSELF} to accept that: "))
        .await?;
    Ok(if word.eq_ignore_ascii_case(MYSELF) {
        Ok(Place::Myself)
    } else {
        Err(Failure::new(
            FailureKind::Cancelled,
            "That was not the word.",
            "",
        ))
    })
}

async fn prove(
    talk: &mut Talk,
    wish: PlaceWish,
) -> Result<Result<(Place, Vec<Text>), Failure>, End> {
    let answered = unbroken(talk.ask_within(Request::ProvePlace(wish)).await)?;
    Ok(answered.and_then(|outcome| match outcome {
        Outcome::PlaceProved { place, warnings } => Ok((place, warnings)),
        _ => Err(super::not_what_was_asked()),
    }))
}

/// A failure is for another try; a person who leaves is not asked again.
fn unbroken(result: Result<Answered, End>) -> Result<Result<Outcome, Failure>, End> {
    match result {
        Ok(Answered { end: Some(end), .. }) => Err(end),
        Ok(answered) => Ok(Ok(answered.outcome)),
        Err(End::Failed(why)) => Ok(Err(why)),
        Err(end) => Err(end),
    }
}

fn warn(warnings: &[Text]) {
    for warning in warnings {
        say(&format!("Careful: {warning}"));
    }
}

/// A command's paths begin where it is run. What begins with `~/` is left for the backend.
fn absolute(path: &Path) -> PathBuf {
    if path.starts_with("~") {
        return path.to_owned();
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Where it is, for a sentence.
pub(super) fn path(place: &Place) -> Text {
    match place {
        Place::Vault(path) | Place::File(path) => text(path),
        Place::Myself => Text::default(),
    }
}

/// A path, safe to show.
pub(super) fn text(path: &Path) -> Text {
    Text::new(&path.to_string_lossy())
}
