//! What the registry makes of a sign-in: its page, what it is doing, and how it ended.

use super::model::{SignInForm, SignInPart, Way};
use crate::app::model::{Account, Model, Tone, WebPiece};
use crate::app::request::Purpose;
use crate::app::{Effect, ability, account, emergency, request, tokens};
use crate::backend::protocol::{Answer, Asking, RequestId, Web};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::Standing;
use crate::domain::signin::Kept;

/// The form of this request.
fn of(model: &mut Model, id: RequestId) -> Option<&mut SignInForm> {
    model.signin.as_mut().filter(|form| form.sent == Some(id))
}

/// The page is there.
pub(in crate::app) fn page(model: &mut Model, id: RequestId, web: &Web, effects: &mut Vec<Effect>) {
    let (now, qr) = (model.now.mono, model.qr);
    let known = model.requests.get(&id);
    let wanted = known.is_some_and(|request| !request.cancelled);
    match of(model, id) {
        Some(form) if wanted => {
            form.web = Some(WebPiece::new(web, now, qr, form.web.take()));
            form.scroll = 0;
        }
        _ => request::cancel(model, id, effects),
    }
}

/// The page is not waited for any more.
pub(in crate::app) fn cleared(model: &mut Model, id: RequestId) {
    if let Some(form) = of(model, id) {
        form.web = None;
    }
}

/// What the request is doing.
pub(in crate::app) fn doing(model: &mut Model, id: RequestId, doing: &'static str) {
    if let Some(form) = of(model, id) {
        form.doing = Some(doing);
    }
}

/// The request has ended.
pub(in crate::app) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<(Account, Kept), Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok((account, kept)) => signed_in(model, id, account, &kept, effects),
        Err(why) => failed(model, id, why),
    }
}

fn signed_in(
    model: &mut Model,
    id: RequestId,
    account: Account,
    kept: &Kept,
    effects: &mut Vec<Effect>,
) {
    let known = model.account.value().map(|old| &old.identity.problems);
    let fresh: Vec<String> = account
        .identity
        .problems
        .iter()
        .filter(|problem| known.is_none_or(|known| !known.contains(problem)))
        .map(ToString::to_string)
        .collect();
    let who = who(&account.standing);
    let (mut tone, mut text) = words(&account.standing, kept);
    for problem in fresh {
        tone = Tone::Warning;
        text = format!("{text} {problem}");
    }
    // A form that was opened since is about the next sign-in.
    if of(model, id).is_some()
        || model
            .signin
            .as_ref()
            .is_some_and(|form| form.sent.is_none())
    {
        model.signin = None;
    }
    account::replaced(model, account, effects);
    let for_emergency = emergency::waits_for_sign_in(model);
    for parked in std::mem::take(&mut model.parked) {
        effects.push(Effect::Answer {
            id: parked.id,
            answer: Answer::SignedIn,
        });
    }
    emergency::signed_in(model, effects);
    let revoking = model.running(Purpose::Revoke).is_some();
    if model.profile().is_some() && !revoking {
        tokens::read(model, Asking::Never, effects);
    }
    if for_emergency && *kept == Kept::Session {
        // The next page shows it as well, and the session ends with the emergency.
        model.plain(format!("{who}, for the emergency alone."));
    } else if tone == Tone::Good {
        model.good(text);
    } else {
        model.ended(tone, text);
    }
}

fn who(standing: &Standing) -> String {
    match standing {
        Standing::SignedIn(profile) => format!("Signed in as {}", profile.name),
        Standing::SignedOut | Standing::Rejected(_) => "Signed in".to_owned(),
    }
}

/// Who signed in, and where the credential is now.
pub fn words(standing: &Standing, kept: &Kept) -> (Tone, String) {
    let who = who(standing);
    match kept {
        Kept::Session => (
            Tone::Good,
            format!("{who}; this session ends with npm-warden."),
        ),
        Kept::File(file) => (Tone::Good, format!("{who}, and npm can use it: {file}.")),
        Kept::NotWritten(why) => (
            Tone::Warning,
            format!("{who}, for this session only: it was not kept for npm. {why}"),
        ),
    }
}

fn failed(model: &mut Model, id: RequestId, why: Failure) {
    let now = model.now.mono;
    let fixed = model.begun_for().is_some();
    let Some(form) = of(model, id) else {
        // One that carries on with what became of a credential says so.
        if why.kind != FailureKind::Cancelled || !why.next.is_empty() {
            model.bad(&why);
        }
        return;
    };
    let way = form.way;
    let first = if fixed {
        SignInPart::Password
    } else {
        SignInPart::Name
    };
    form.wait_until = why.wait.map(|wait| now.saturating_add(wait));
    form.sent = None;
    form.stopping = false;
    form.doing = None;
    form.web = None;
    form.scroll = 0;
    if way != Way::Web && why.kind != FailureKind::Network {
        form.at = SignInPart::Password;
    }
    match why.kind {
        // Here as well: one that says no more is the leaving alone.
        FailureKind::Cancelled if why.next.is_empty() => {
            model.plain("Signing in was given up.");
        }
        FailureKind::NotOffered => {
            form.at = SignInPart::Way;
            ability::lacking(model, way.ability(), &why);
            let open = Way::ALL
                .into_iter()
                .find(|way| model.no_way(*way).is_none());
            if let (Way::Web, Some(open), Some(form)) = (way, open, &mut model.signin) {
                form.way = open;
                form.at = first;
                let text = format!("{} Sign in with user name and password.", why.what);
                model.ended(Tone::Plain, text);
            } else if let Some(form) = &mut model.signin {
                form.error = Some(why);
            }
        }
        _ => form.error = Some(why),
    }
}
