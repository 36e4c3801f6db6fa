//! Signing out: what holds the credential and what ends with it is said first, and afterwards what became of both.

use super::Effect;
use super::keymap::{Action, Move, Reason};
use super::model::{Model, Screen, Tone};
use super::request::Purpose;
use super::scroll::moved;
use super::{account, act, exposure, request};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::{CredentialKind, CredentialSource, Held, Standing};
use crate::domain::signin::{Ended, Forgotten};
use crate::domain::text::Text;

/// About how many lines what is left to do has, where the reasons are long.
const LINES: usize = 16;

/// The question, the request, and what came of it where that is not all well.
#[derive(Debug)]
pub struct SignOut {
    /// The credential that it is about.
    pub source: CredentialSource,
    /// The screen on which it was asked for, to which its end leads back.
    pub from: Screen,
    /// The registry does not accept it any more: only its place is left to be cleared.
    pub dead: bool,
    /// Yes has the focus.
    pub yes: bool,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// It was given up while it was out: the next Esc closes the page, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
    /// What is left to do, sentence by sentence; stays until the person has dismissed it.
    pub left: Option<Vec<(Tone, String)>>,
    /// The first line shown of that, when not all fit.
    pub scroll: usize,
}

/// What stands in the way of signing out.
pub(super) fn enabled(model: &Model) -> Result<(), Reason> {
    let Some(source) = source(model) else {
        return Err("Nobody is signed in.".into());
    };
    if source.kind == CredentialKind::Basic {
        return Err(format!(
            "{} holds a user name and a password: there is nothing at the registry to end, so take them out there.",
            source.place
        )
        .into());
    }
    // What is under way needs the credential to its end.
    let busy = [
        (Purpose::Revoke, "A revocation"),
        (Purpose::CreateToken, "A request for a token"),
        (Purpose::Rotate, "A rotation"),
        (Purpose::WriteToken, "Writing a token into a file"),
        (Purpose::ChangePassword, "A change of the password"),
        (Purpose::SaveField, "A change of the profile"),
        (Purpose::Enable, "A set-up of 2FA"),
        (Purpose::ChangeLevel, "A change of the second factor"),
        (Purpose::Disable, "A change of the second factor"),
        (Purpose::SignIn, "A sign-in"),
        (Purpose::SignOut, "Signing out"),
    ];
    match busy
        .into_iter()
        .find(|(purpose, _)| model.running(*purpose).is_some())
    {
        Some((_, what)) => Err(format!("{what} is under way; it has to end first.").into()),
        None => Ok(()),
    }
}

fn source(model: &Model) -> Option<&CredentialSource> {
    model.account.value()?.identity.credential.as_ref()
}

/// Asks, on the profile: who is signed in stands there.
pub(super) fn ask(model: &mut Model) {
    exposure::hide_all(model);
    let Some(source) = source(model).cloned() else {
        return;
    };
    let from = model.screen;
    let dead = model
        .account
        .value()
        .is_some_and(|account| matches!(account.standing, Standing::Rejected(_)));
    act::go(model, Screen::Profile);
    model.profile.sign_out = Some(SignOut {
        source,
        from,
        dead,
        yes: false,
        sent: None,
        stopping: false,
        error: None,
        left: None,
        scroll: 0,
    });
}

/// Closes it, and leads back to where it was asked for.
fn close(model: &mut Model) {
    if let Some(page) = model.profile.sign_out.take() {
        back(model, page.from);
    }
}

fn back(model: &mut Model, from: Screen) {
    if model.screen == Screen::Profile && from != Screen::Profile {
        act::go(model, from);
    }
}

/// The answer to the question; No has the focus at first.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(page) = &mut model.profile.sign_out else {
        return;
    };
    match (action, page.yes) {
        (Action::Switch, _) => page.yes = !page.yes,
        (Action::Yes, _) | (Action::Take, true) => send(model, effects),
        _ => {
            close(model);
            model.plain("Nothing was changed; you are signed in as before.");
        }
    }
}

fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Err(why) = enabled(model) {
        model.plain(&why.0);
        return;
    }
    let id = request::start(model, Request::SignOut, Asking::Allowed, effects);
    if let Some(page) = &mut model.profile.sign_out {
        page.sent = Some(id);
        page.stopping = false;
        page.yes = false;
        page.error = None;
    }
}

/// Esc while it is out: given up first, and left alone the second time. At its end: seen.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(page) = &mut model.profile.sign_out else {
        return;
    };
    match page.sent {
        Some(id) if !page.stopping => {
            page.stopping = true;
            request::cancel(model, id, effects);
            model
                .plain("Given up. What was sent already is waited for; Esc again leaves it alone.");
        }
        Some(_) => {
            close(model);
            model.warn(
                "If it was sent already, the credential may have ended; how it ends is said here.",
            );
        }
        None => close(model),
    }
}

/// Scrolls what is left to do.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let last = model.text_end(LINES);
    if let Some(of) = &mut model.profile.sign_out {
        of.scroll = moved(of.scroll, step, page, last);
    }
}

/// Another account, or nobody: a question about the credential of before is open no more.
pub(super) fn forget(model: &mut Model) {
    let done = |page: &SignOut| page.sent.is_none() && page.left.is_none();
    if model.profile.sign_out.as_ref().is_some_and(done) {
        close(model);
    }
}

/// It has ended.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<(Text, Ended, Forgotten), Failure>,
    effects: &mut Vec<Effect>,
) {
    let page = model.profile.sign_out.take_if(|page| page.sent == Some(id));
    match result {
        Ok((place, ended, forgotten)) => {
            let said = [registry_words(&ended), place_words(&place, &forgotten)];
            let bad = said.iter().any(|(tone, _)| *tone == Tone::Warning);
            let text = said.each_ref().map(|(_, words)| words.as_str()).join(" ");
            let from = page.as_ref().map_or(Screen::Profile, |page| page.from);
            if bad {
                if let Some(source) = page
                    .map(|page| page.source)
                    .or_else(|| self::source(model).cloned())
                {
                    model.profile.sign_out = Some(SignOut {
                        source,
                        from,
                        dead: false,
                        yes: false,
                        sent: None,
                        stopping: false,
                        error: None,
                        left: Some(said.to_vec()),
                        scroll: 0,
                    });
                }
                if model.screen != Screen::Profile {
                    model.ended(Tone::Warning, text);
                }
            } else {
                back(model, from);
                model.good(text);
            }
            account::read(model, Asking::Never, effects);
        }
        Err(why) => {
            if let Some(page) = page {
                let kind = why.kind;
                model.profile.sign_out = Some(SignOut {
                    sent: None,
                    stopping: false,
                    error: Some(why.clone()),
                    ..page
                });
                // The page says why, but goes with an account that is not accepted any more.
                if kind != FailureKind::SignedOut {
                    return;
                }
            }
            model.bad(&why);
        }
    }
}

/// What the registry made of it.
fn registry_words(ended: &Ended) -> (Tone, String) {
    match ended {
        Ended::Verified => (
            Tone::Good,
            "You are signed out: the registry refuses the token since.".to_owned(),
        ),
        Ended::DeadBefore => (
            Tone::Good,
            "The registry did not accept the token any more before.".to_owned(),
        ),
        Ended::StillAccepted => (
            Tone::Warning,
            "The registry said that it ended the token, and STILL ACCEPTS it. Some take up to an hour; some end it \
             only on their website, or with a new password."
                .to_owned(),
        ),
        Ended::Unchecked(why) => (
            Tone::Warning,
            format!(
                "The registry said that it ended the token; whether it accepts it still could not be found out: {why}"
            ),
        ),
        Ended::Unlisted => (
            Tone::Good,
            "The registry does not list it any more.".to_owned(),
        ),
        Ended::NothingThere => (
            Tone::Plain,
            "It is a user name and a password: there was nothing at the registry to end.".to_owned(),
        ),
    }
}

/// What became of its place.
fn place_words(place: &Text, forgotten: &Forgotten) -> (Tone, String) {
    match forgotten {
        Forgotten::Session => (Tone::Good, "It was kept in no file.".to_owned()),
        Forgotten::File(file) => (Tone::Good, format!("It was taken out of {file}.")),
        Forgotten::Remains(still, why) => {
            let still = if still.is_empty() { place } else { still };
            (Tone::Warning, format!("It still stands in {still}. {why}"))
        }
    }
}

impl SignOut {
    /// What signing out does, and what it does not, sentence by sentence.
    pub fn said(&self) -> Vec<(Tone, String)> {
        let place = &self.source.place;
        let mut said = Vec::new();
        if self.dead {
            said.push((
                Tone::Plain,
                "The registry does not accept this credential any more.".to_owned(),
            ));
        } else {
            let which = match self.source.held {
                Held::Session => "The token of this session".to_owned(),
                _ => format!("The token in {place}"),
            };
            said.push((
                Tone::Warning,
                format!("{which} is ended at the registry: whatever else uses it stops working."),
            ));
        }
        let place = match self.source.held {
            Held::File if self.dead => (Tone::Plain, format!("It is taken out of {place}.")),
            Held::File => (Tone::Plain, "Then it is taken out of that file.".to_owned()),
            Held::Session => (
                Tone::Plain,
                "If it was also kept in your .npmrc, it is taken out there.".to_owned(),
            ),
            Held::Environment => (
                Tone::Warning,
                "The variable stays: no program can change it for its shell.".to_owned(),
            ),
            Held::Mixed => (
                Tone::Warning,
                "The line and the variable stay, for it is made of both: take the line out, and unset the variable."
                    .to_owned(),
            ),
            Held::Given => (
                Tone::Plain,
                "It was handed in when the program was started, and stands in no file.".to_owned(),
            ),
        };
        said.push(place);
        said
    }
}
