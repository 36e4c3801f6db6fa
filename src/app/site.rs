//! The page of the registry's website that a screen sends the person to: always one of the constants, never an
//! address that a registry sent.

use std::time::Duration;

use super::guide::model::{Closing, Step};
use super::keymap::{self, Scope};
use super::model::{Model, QrStyle, WebPiece};
use crate::domain::policy::{RECOVERING, SETTINGS, website_host};
use crate::domain::qr::Modules;
use crate::domain::signin::WebPage;
use crate::domain::text::Text;
use crate::domain::tfa::Tfa;

/// A page of the website, to be opened, copied or scanned. It is not waited for.
pub fn page(address: &'static str) -> WebPiece {
    WebPiece {
        page: WebPage {
            address: Text::new(address),
            host: Text::new(website_host()),
            foreign: false,
        },
        until: Duration::MAX,
        modules: Modules::of(address),
        qr: QrStyle::HalfBlocks,
        agreed: true,
        foreign: None,
    }
}

/// The address that belongs to what is on the screen now.
pub fn wanted(model: &Model) -> Option<&'static str> {
    // Other registries have websites too, but which is not known here.
    model.website()?;
    match keymap::beneath(model) {
        Scope::Security => of_state(model).then_some(SETTINGS),
        Scope::Guide => match model.guide.as_ref()?.at {
            Step::Support => Some(RECOVERING),
            Step::Way | Step::Key | Step::Website | Step::Regenerate => Some(SETTINGS),
            _ => None,
        },
        _ => None,
    }
}

/// The state of the second factor for which the website is the next step.
fn of_state(model: &Model) -> bool {
    match model.profile().map(|profile| &profile.tfa) {
        Some(Tfa::Off) => model.closing() != Closing::NotKnown,
        Some(Tfa::Pending(_)) => matches!(model.closing(), Closing::Said(_)),
        Some(Tfa::Unknown(_)) => true,
        Some(Tfa::On(_)) | None => false,
    }
}

/// After every step: the page goes with what it belongs to.
pub(super) fn settle(model: &mut Model) {
    let wanted = wanted(model);
    let shown = model.site.as_ref().map(|site| site.page.address.as_str());
    if shown != wanted {
        let qr = model.site.as_ref().map(|site| site.qr);
        model.site = wanted.map(|address| WebPiece {
            qr: qr.unwrap_or(QrStyle::HalfBlocks),
            ..page(address)
        });
    }
}
