//! A page on the web that is waited for: opened, copied, drawn as a QR code. One that is not of the registry's own
//! website only after a question (promise P18).

use std::time::Duration;

use super::keymap::{Action, Reason};
use super::model::{Foreign, Model, QrStyle, WebPiece, WebWish};
use super::signin::SignInForm;
use super::{Effect, exposure};
use crate::backend::protocol::Web;
use crate::domain::qr::Modules;
use crate::domain::secret::Secret;

/// A yes that was meant for what lay beneath is not taken.
const KEYS_COUNT_AFTER: Duration = Duration::from_millis(300);

impl WebPiece {
    /// The page of a question that has just come. What was agreed about `before` holds when it is the same page.
    pub(super) fn new(web: &Web, now: Duration, qr: QrStyle, before: Option<Self>) -> Self {
        let until = now.saturating_add(web.left);
        match before {
            Some(before) if before.page == web.page => Self {
                until,
                foreign: None,
                ..before
            },
            _ => Self {
                page: web.page.clone(),
                until,
                modules: Modules::of(web.page.address.as_str()),
                qr,
                agreed: !web.page.foreign,
                foreign: None,
            },
        }
    }
}

/// A question or a page stands above whatever else has a QR code.
pub(super) fn stands(model: &Model) -> bool {
    let page = |form: &SignInForm| form.web.is_some();
    !model.challenges.is_empty() || model.signin.as_ref().is_some_and(page) || model.site.is_some()
}

/// The page of the question on top, or of the sign-in, or of the screen.
fn front(model: &mut Model) -> Option<&mut WebPiece> {
    match model.challenges.first_mut() {
        Some(asked) => asked.web.as_mut(),
        None => match model.signin.as_mut() {
            Some(form) => form.web.as_mut(),
            None => model.site.as_mut(),
        },
    }
}

/// Why nothing can be done with the page now.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    let web = match model.challenges.first() {
        Some(asked) if asked.answered => {
            return Err("The registry is looking at the code.".into());
        }
        Some(asked) => asked
            .web
            .as_ref()
            .ok_or("The registry offers no page for this: type the code.")?,
        None => match &model.signin {
            Some(form) => form.web.as_ref(),
            None => model.site.as_ref(),
        }
        .ok_or("There is no page to open here.")?,
    };
    if action == Action::NextQr {
        return match web.modules {
            Some(_) => Ok(()),
            None => Err("The address is too long for a QR code.".into()),
        };
    }
    if web.until <= model.now.mono {
        return Err("The registry's page is not waited for any more.".into());
    }
    Ok(())
}

/// Opens, copies or draws the page, or asks first.
pub(super) fn take(model: &mut Model, wish: WebWish, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(web) = front(model) else {
        return;
    };
    if web.agreed {
        fulfil(model, wish, effects);
    } else {
        web.foreign = Some(Foreign {
            wish,
            yes: false,
            opened: now,
        });
        exposure::hide_all(model);
    }
}

fn fulfil(model: &mut Model, wish: WebWish, effects: &mut Vec<Effect>) {
    let Some(web) = front(model) else {
        return;
    };
    match wish {
        WebWish::Open => {
            let address = web.page.address.clone();
            effects.push(Effect::Open { address });
            model.plain("The page is being opened in your browser.");
        }
        WebWish::Copy => effects.push(Effect::Copy {
            what: "address",
            text: Secret::from(web.page.address.as_str()),
            sensitive: false,
        }),
        WebWish::Draw => {
            web.qr = web.qr.next();
            model.qr = web.qr;
        }
    }
}

/// The answer to the question about a page elsewhere; No has the focus at first.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(web) = front(model) else {
        return;
    };
    let Some(foreign) = &mut web.foreign else {
        return;
    };
    match (action, foreign.yes) {
        (Action::Switch, _) => foreign.yes = !foreign.yes,
        (Action::Yes, _) | (Action::Take, true) => {
            if foreign.opened + KEYS_COUNT_AFTER <= now {
                let wish = foreign.wish;
                web.foreign = None;
                web.agreed = true;
                // Drawn it is from now on, and in the way that is drawn first.
                if wish != WebWish::Draw {
                    fulfil(model, wish, effects);
                }
            }
        }
        _ => web.foreign = None,
    }
}
