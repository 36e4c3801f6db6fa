//! What each step of a guide says.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::parts::{self, closing, outcome, registry};
use crate::app::Model;
use crate::app::model::{Closing, Guide, GuideStep as Step, Kind, Status, Verdict};
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Tfa};
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::{site, words};

/// A guide with what is needed to draw its page.
pub(super) struct View<'a> {
    pub(super) model: &'a Model,
    pub(super) guide: &'a Guide,
    pub(super) inner: Rect,
    pub(super) theme: &'a Theme,
}

/// A sentence that needs no care.
pub(super) fn plain(page: &mut Page<'_>, text: &str) {
    page.say(text, Style::new());
}

/// The last code that was tried is right.
pub(super) const fn right(guide: &Guide) -> bool {
    matches!(guide.trial.verdict, Some(Verdict::Right { .. }))
}

impl View<'_> {
    /// The page of the step that the guide is at.
    pub(super) fn tell(&self, page: &mut Page<'_>) {
        match self.guide.at {
            Step::Another => self.another(page),
            Step::Code => self.code(page),
            Step::Way => self.way(page),
            Step::Hand => self.hand(page),
            Step::Sets => {
                parts::sets(page, self.model, self.theme);
                plain(page, "If they can be opened, they are not lost.");
            }
            Step::Transfer => self.transfer(page),
            Step::How => self.how(page),
            Step::TryCode => self.try_code(page),
            Step::Key => self.key(page),
            Step::Again => self.again(page),
            Step::TurnOff => self.turn_off(page),
            Step::TurnOn => self.turn_on(page),
            Step::Website => self.website(page),
            Step::Regenerate => self.regenerate(page),
            Step::Keep => self.keep(page),
            Step::Saved => self.saved(page),
            Step::Tokens => self.tokens(page),
            Step::Support => self.support(page),
            Step::Ask => self.ask(page),
            Step::Delete => self.delete(page),
            Step::End => super::end::tell(self, page),
        }
    }

    pub(super) fn warn(&self, page: &mut Page<'_>, text: &str) {
        page.say(format!("! {text}"), self.theme.warning);
    }

    fn key(&self, page: &mut Page<'_>) {
        plain(
            page,
            "Where the registry asks for a code and offers a page, Ctrl-O opens it: use the key there. No recovery code is used up.",
        );
        plain(
            page,
            "With the key, sign in on the website as well, and take the lost authenticator off the account there.",
        );
        page.gap();
        if self.model.website().is_some() {
            site::address(page, self.model, self.inner, self.theme);
        }
    }

    fn again(&self, page: &mut Page<'_>) {
        plain(
            page,
            match (self.guide.kind, self.guide.none_came) {
                (Kind::NewPhone, _) => {
                    "What cannot be moved is set up anew: 2FA goes off with a code of the old phone, and on with the new one. That brings new recovery codes, too."
                }
                (_, true) => {
                    "2FA is on, and its recovery codes never came. Only a new set-up brings new ones: off, and on again, while your authenticator works."
                }
                (_, false) => {
                    "A registry shows recovery codes once. Only a new set-up brings new ones: off, and on again, while your authenticator works."
                }
            },
        );
        page.gap();
        self.warn(page, "In between, the password alone protects the account.");
        closing(page, self.model, self.theme);
        parts::not_known(page, self.model, self.theme);
    }

    fn turn_off(&self, page: &mut Page<'_>) {
        if !self.met() {
            plain(
                page,
                match self.guide.kind {
                    Kind::LostDevice => {
                        "The form takes your password. Then the registry asks for a code: type a recovery code there. It is not sent before a page of its own has asked."
                    }
                    _ => {
                        "The form takes your password. Then the registry asks for a code of the authenticator."
                    }
                },
            );
            page.gap();
            self.warn(
                page,
                "Until it is on again, the password alone protects the account.",
            );
            closing(page, self.model, self.theme);
            if self.guide.kind == Kind::LostDevice {
                parts::not_known(page, self.model, self.theme);
                if self.model.website().is_none() {
                    self.warn(
                        page,
                        "A registry may hold the account back after a recovery code (npm's own: 72 hours without publishing, new tokens or turning 2FA on from here).",
                    );
                }
            }
        }
        outcome(page, self.model, self.guide, self.theme);
    }

    pub(super) fn met(&self) -> bool {
        matches!(crate::app::guide::status(self.model), Some(Status::Met(_)))
    }

    fn turn_on(&self, page: &mut Page<'_>) {
        if !self.met() {
            plain(
                page,
                "The wizard leads through it: the level, your password, a place for the new codes, and a QR code for the authenticator.",
            );
            plain(
                page,
                match self.guide.kind {
                    Kind::LostDevice => {
                        "An old entry that the app's backup brings along is of no use any more: delete it, or two have one name."
                    }
                    _ => {
                        "Delete the old entry in the app first: two of one name are hard to tell apart, and the old one is useless now."
                    }
                },
            );
            page.gap();
            self.warn(
                page,
                "2FA is off now: the password alone protects the account.",
            );
            if self.model.closing() == Closing::Announced {
                plain(
                    page,
                    "npm has announced that it takes no new apps. If it refuses, this guide goes on with the website.",
                );
            }
        }
        outcome(page, self.model, self.guide, self.theme);
    }

    fn keep(&self, page: &mut Page<'_>) {
        if let Some(set) = self.model.set_since(self.guide.began) {
            return self.kept(page, set);
        }
        if self.guide.kind == Kind::LostDevice {
            plain(
                page,
                "One recovery code is used up now. When the hold is over, renew them on the website: “Manage Recovery Codes”, “Regenerate”.",
            );
        }
        plain(
            page,
            "Put codes away before the website's page is closed: in a password manager, on paper, or here in an encrypted file. Not on the phone alone.",
        );
    }

    fn kept(&self, page: &mut Page<'_>, set: &crate::domain::recovery::RecoverySet) {
        let place = match &set.place {
            Place::Myself => "where you put them".to_owned(),
            Place::File(path) | Place::Vault(path) => {
                format!("in {}", Text::new(&path.to_string_lossy()))
            }
        };
        page.say(
            format!(
                "✓ {}: {} {} kept {place}.",
                words::clock(set.received, self.theme),
                set.how_many(),
                if set.count == 1 { "is" } else { "are" }
            ),
            self.theme.good,
        );
        if !set.proved {
            self.warn(
                page,
                "You did not prove that you have them. On Recovery that can be done at any time.",
            );
        }
        plain(
            page,
            if set.added {
                "If the registry made these codes just now, those of before are of no use any more."
            } else {
                "Codes of before are of no use any more: throw them away."
            },
        );
    }

    fn saved(&self, page: &mut Page<'_>) {
        match self.model.set_since(self.guide.began) {
            Some(set) => self.kept(page, set),
            None if self.model.sets_unread() => page.say("Reading the list …", self.theme.dim),
            None => {
                self.warn(
                    page,
                    "No new codes are known here: the answer that held them may never have come.",
                );
                plain(
                    page,
                    "Without them, losing the authenticator loses the account.",
                );
            }
        }
    }

    fn tokens(&self, page: &mut Page<'_>) {
        plain(
            page,
            "Who has the lost device may have more than the authenticator: npm's file with a token, a browser that is signed in.",
        );
        match self.model.tokens_without_code() {
            None => plain(page, "Your tokens were not read yet."),
            Some(0) => plain(
                page,
                "None of your tokens that may write is marked “bypass”.",
            ),
            Some(n) => self.warn(
                page,
                &format!(
                    "{} that may write {} marked “bypass”: taken without any code.",
                    words::count(n, "token", "tokens"),
                    if n == 1 { "is" } else { "are" }
                ),
            ),
        }
    }

    fn support(&self, page: &mut Page<'_>) {
        let style = Style::new();
        page.say("What still works without a code:", self.theme.title);
        plain(page, "· this account, read: do not sign out");
        plain(page, "· installing packages");
        plain(
            page,
            match self.model.profile().map(|profile| &profile.tfa) {
                Some(Tfa::On(Level::AuthOnly)) => "· publishing, which auth-only does not guard",
                _ => "· publishing by a token marked “bypass”",
            },
        );
        page.gap();
        if self.model.website().is_some() {
            plain(
                page,
                "npm's people may give it back: sign in there, “Use a recovery code or request a reset”, “Try recovering your account”.",
            );
            site::address(page, self.model, self.inner, self.theme);
            page.explain(
                format!("Or write: {}", crate::domain::policy::SUPPORT),
                style,
            );
        } else {
            page.spans(&[
                ("Next: ask whoever runs ", style),
                (registry(self.model), self.theme.accent),
                (
                    " to turn 2FA off for your account. They will want to see that it is yours.",
                    style,
                ),
            ]);
        }
        page.explain(
            "! Who offers help by mail and wants a password or a code is after the account.",
            self.theme.warning,
        );
    }

    fn ask(&self, page: &mut Page<'_>) {
        closing(page, self.model, self.theme);
        page.gap();
        plain(
            page,
            "So nothing is turned off here. Make a backup of the authenticator by its own means: it is the only key that you have.",
        );
        page.spans(&[
            ("Next: ask whoever runs ", Style::new()),
            (registry(self.model), self.theme.accent),
            (" for new recovery codes.", Style::new()),
        ]);
    }
}
