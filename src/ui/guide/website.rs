//! The pages of a guide whose step is walked on the registry's website.

use ratatui::style::Style;

use super::pages::{View, plain};
use super::parts::{self, outcome};
use crate::app::model::{Closing, GuideStep as Step, Kind};
use crate::domain::policy::website_host;
use crate::domain::tfa::Refusal;
use crate::ui::page::Page;
use crate::ui::site;

impl View<'_> {
    pub(super) fn website(&self, page: &mut Page<'_>) {
        let off = self.guide.passed.contains(&Step::TurnOff);
        if off && !self.met() {
            self.warn(page, "2FA is off: until a security key is added, the password alone protects the account.");
        }
        if self.model.website().is_none() {
            plain(
                page,
                "The website of this registry is not known here. Whoever runs it knows the address, and whether it takes a second factor there.",
            );
            outcome(page, self.model, self.guide, self.theme);
            self.words(page);
            return;
        }
        plain(
            page,
            match self.guide.kind {
                Kind::LostDevice if !off => {
                    "Sign in with your password; at the code choose “Use a recovery code”. Then, under Two-Factor Authentication, add a security key."
                }
                _ if off => "Sign in and, under Two-Factor Authentication, add a security key.",
                _ => {
                    "Under Two-Factor Authentication add a security key, with a code of the old phone. Keep that phone until the key has signed you in."
                }
            },
        );
        site::address(page, self.model, self.inner, self.theme);
        self.host(page);
        outcome(page, self.model, self.guide, self.theme);
        self.words(page);
        page.gap();
        if !off {
            parts::security_keys(page, self.theme.dim);
        }
    }

    /// What the registry said when a set-up was tried from here.
    fn words(&self, page: &mut Page<'_>) {
        if let Closing::Said(Refusal::Closed(said) | Refusal::NotOffered(said)) =
            self.model.closing()
            && !said.is_empty()
        {
            page.explain(
                format!(
                    "This registry takes no set-up from here; it says: {}.",
                    said.quoted(300)
                ),
                Style::new(),
            );
        }
    }

    fn host(&self, page: &mut Page<'_>) {
        page.explain(
            format!("The address bar has to say {}.", website_host()),
            self.theme.dim,
        );
    }

    pub(super) fn regenerate(&self, page: &mut Page<'_>) {
        plain(
            page,
            "npm's website alone shows and renews recovery codes; this program cannot. With the authenticator at hand:",
        );
        plain(
            page,
            "Two-Factor Authentication, “Modify 2FA”, “Manage Recovery Codes”. What stands there counts; “Regenerate” makes new ones, and ends those of before.",
        );
        page.gap();
        site::address(page, self.model, self.inner, self.theme);
        self.host(page);
    }
}
