//! The pages of a guide that ask: what is at hand, and which way to go.

use super::pages::{View, plain};
use super::parts::{self, closing};
use crate::app::model::Kind;
use crate::domain::policy::HOLD;
use crate::ui::page::Page;
use crate::ui::site;

impl View<'_> {
    pub(super) fn another(&self, page: &mut Page<'_>) {
        plain(
            page,
            "The device with your authenticator is gone. Often something else still gives codes, and then nothing has to be turned off.",
        );
        page.explain(
            "Stay signed in until this is over: looking at the account needs no code.",
            self.theme.dim,
        );
    }

    pub(super) fn code(&self, page: &mut Page<'_>) {
        plain(
            page,
            "A recovery code takes the place of a code of the authenticator. Each works once.",
        );
        if self.model.website().is_some() {
            self.warn(page, &format!("On npmjs its use starts {HOLD}."));
        }
        page.gap();
        parts::sets(page, self.model, self.theme);
    }

    pub(super) fn way(&self, page: &mut Page<'_>) {
        closing(page, self.model, self.theme);
        page.gap();
        if self.model.website().is_some() {
            plain(
                page,
                "On the website one recovery code signs you in; then you add a security key, and 2FA is never off. During the hold of 72 hours turning 2FA off may be refused.",
            );
            site::address(page, self.model, self.inner, self.theme);
        } else {
            plain(
                page,
                "The website of this registry, or whoever runs it, may know a way that leaves 2FA on. Ask there first.",
            );
        }
    }

    pub(super) fn hand(&self, page: &mut Page<'_>) {
        match self.guide.kind {
            Kind::NewPhone => plain(
                page,
                "Keep the old phone until the new one's codes are taken: it is the only way back.",
            ),
            _ => plain(
                page,
                "Recovery codes are the spare key: without them, who loses the authenticator loses the account. Get new ones while it works.",
            ),
        }
    }

    pub(super) fn transfer(&self, page: &mut Page<'_>) {
        plain(
            page,
            "This changes nothing at the registry, so it cannot lock you out:",
        );
        for how in [
            "· Google Authenticator: “Transfer accounts”, from phone to phone by QR code",
            "· Microsoft Authenticator: its cloud backup, restored on the new phone",
            "· 2FAS, Aegis, Ente: export or backup, imported on the new phone",
            "· Authy, 1Password, Bitwarden: sign in to the same account on the new phone",
        ] {
            plain(page, how);
        }
        page.explain(
            "Other apps do it in one of these ways, too.",
            self.theme.dim,
        );
    }

    pub(super) fn how(&self, page: &mut Page<'_>) {
        plain(
            page,
            "Each set-up leaves an entry in the authenticator, and all of them have the same name. Only the newest one that was confirmed counts: the codes of the others are refused.",
        );
        page.gap();
        plain(
            page,
            "Next, a code of one entry is tried at the registry: it is asked to save a field of your profile as it is. Nothing changes by that.",
        );
        page.gap();
        self.warn(
            page,
            "Refused codes count: after a few the registry may take none for a while. Type a code when it is fresh; recovery codes are not tried here.",
        );
    }
}
