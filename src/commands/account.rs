//! `whoami` and `profile get`.

use jiff::Timestamp;

use super::Here;
use super::report::Report;
use super::shape;
use super::talk::{End, Talk};
use crate::args::AccountArgs;
use crate::backend::protocol::{Outcome, Request};
use crate::domain::account::{Profile, ProfileField};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::{Identity, Standing};
use crate::domain::text::Text;
use crate::domain::tfa::Tfa;

pub(super) async fn whoami(here: &Here, account: &AccountArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, account)?;
    let (_, profile) = signed_in(&mut talk).await?;
    Ok(Report {
        text: profile.name.to_string().into(),
        json: shape::line(shape::Who {
            registry: talk.config()?.registry.as_str(),
            username: &profile.name,
        }),
        end: None,
    })
}

pub(super) async fn profile(here: &Here, account: &AccountArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, account)?;
    let (identity, profile) = signed_in(&mut talk).await?;
    Ok(Report {
        text: in_words(&profile).into(),
        json: shape::line(shape::Account {
            registry: talk.config()?.registry.as_str(),
            credential: identity.credential.as_ref().map(Into::into),
            profile: (&*profile).into(),
        }),
        end: None,
    })
}

/// Who is signed in, by what.
pub(super) async fn signed_in(talk: &mut Talk) -> Result<(Identity, Box<Profile>), End> {
    let answered = talk.ask(Request::Account).await?;
    if let Some(end) = answered.end {
        return Err(end);
    }
    let Outcome::Account {
        identity, standing, ..
    } = answered.outcome
    else {
        return Err(super::not_what_was_asked().into());
    };
    match standing {
        Standing::SignedIn(profile) => {
            talk.account = profile.name.clone();
            Ok((identity, profile))
        }
        Standing::SignedOut => Err(nobody(&identity).into()),
        Standing::Rejected(words) => Err(rejected(&identity, &words).into()),
    }
}

/// Nobody is signed in: where was looked, and what is wrong there.
pub(super) fn nobody(identity: &Identity) -> Failure {
    let searched: Vec<_> = identity.searched.iter().map(Text::as_str).collect();
    let problems: Vec<_> = identity.problems.iter().map(Text::as_str).collect();
    let mut what = format!(
        "There is no credential for {}; looked in {}.",
        identity.registry,
        searched.join(", ")
    );
    if !problems.is_empty() {
        what = format!("{what} {}", problems.join(" "));
    }
    Failure::new(FailureKind::SignedOut, what, "")
}

fn rejected(identity: &Identity, words: &Text) -> Failure {
    let by = identity
        .credential
        .as_ref()
        .map(|source| format!("the {} in {}", source.kind.word(), source.place));
    let words = match words.as_str() {
        "" => String::new(),
        words => format!(": \u{201c}{}\u{201d}", crate::domain::text::cut(words, 300)),
    };
    Failure::new(
        FailureKind::SignedOut,
        format!(
            "{} does not accept {}{words}.",
            identity.registry,
            by.unwrap_or_else(|| "the credential".to_owned())
        ),
        "",
    )
}

/// One line a field, by npm's own words for them.
fn in_words(profile: &Profile) -> String {
    let mut rows: Vec<(String, String)> = vec![("name".into(), profile.name.to_string())];
    for field in ProfileField::ALL {
        let mut value = profile
            .field(field)
            .map(Text::to_string)
            .unwrap_or_default();
        if field == ProfileField::Email && !value.is_empty() {
            value.push_str(match profile.email_verified {
                Some(true) => " (verified)",
                Some(false) => " (unverified)",
                None => "",
            });
        }
        rows.push((field.key().into(), value));
        if field == ProfileField::Email {
            rows.push(("two-factor auth".into(), factor(&profile.tfa)));
        }
    }
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    rows.push(("created".into(), time(profile.created)));
    rows.push(("updated".into(), time(profile.updated)));
    let other = profile.other.iter();
    rows.extend(other.map(|(key, value)| (key.to_string(), value.to_string())));
    let width = rows.iter().map(|(key, _)| key.chars().count()).max();
    let width = width.unwrap_or_default();
    let lines: Vec<_> = rows
        .iter()
        .map(|(key, value)| format!("{key:width$}  {value}").trim_end().to_owned())
        .collect();
    lines.join("\n")
}

fn factor(tfa: &Tfa) -> String {
    match tfa {
        Tfa::Off => "disabled".to_owned(),
        Tfa::Pending(_) => "pending (a set-up was begun and not confirmed)".to_owned(),
        Tfa::On(level) => level.word().to_owned(),
        Tfa::Unknown(words) if words.is_empty() => "unknown".to_owned(),
        Tfa::Unknown(words) => format!("unknown ({})", words.cut(200)),
    }
}
