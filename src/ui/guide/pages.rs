//! What each step of a guide says.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::parts::{self, closing, outcome, registry};
use crate::app::Model;
use crate::app::model::{Choice, Closing, Guide, GuideStep as Step, Kind, Status, Verdict};
use crate::domain::policy::website_host;
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Refusal, Tfa};
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::{failure, site, words};

/// A guide with what is needed to draw its page.
pub(super) struct View<'a> {
    pub(super) model: &'a Model,
    pub(super) guide: &'a Guide,
    pub(super) inner: Rect,
    pub(super) theme: &'a Theme,
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
                self.plain(page, "If they can be opened, they are not lost.");
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

    pub(super) fn plain(&self, page: &mut Page<'_>, text: &str) {
        page.say(text, Style::new());
    }

    pub(super) fn warn(&self, page: &mut Page<'_>, text: &str) {
        page.say(format!("! {text}"), self.theme.warning);
    }

    fn another(&self, page: &mut Page<'_>) {
        self.plain(
            page,
            "The device with your authenticator is gone. Often something else still gives codes, and then nothing has to be turned off.",
        );
        page.explain(
            "Stay signed in until this is over: looking at the account needs no code.",
            self.theme.dim,
        );
    }

    fn code(&self, page: &mut Page<'_>) {
        self.plain(
            page,
            "A recovery code takes the place of a code of the authenticator. Each works once.",
        );
        if self.model.website().is_some() {
            self.warn(
                page,
                "On npmjs its use starts a hold of 72 hours: no publishing, no new tokens, no changes of 2FA but adding a method.",
            );
        }
        page.gap();
        parts::sets(page, self.model, self.theme);
    }

    fn way(&self, page: &mut Page<'_>) {
        closing(page, self.model, self.theme);
        page.gap();
        if self.model.website().is_some() {
            self.plain(
                page,
                "On the website one recovery code signs you in; then you add a security key, and 2FA is never off. During the hold of 72 hours turning 2FA off may be refused.",
            );
            site::address(page, self.model, self.inner, self.theme);
        } else {
            self.plain(
                page,
                "The website of this registry, or whoever runs it, may know a way that leaves 2FA on. Ask there first.",
            );
        }
    }

    fn hand(&self, page: &mut Page<'_>) {
        match self.guide.kind {
            Kind::NewPhone => self.plain(
                page,
                "Keep the old phone until the new one's codes are taken: it is the only way back.",
            ),
            _ => self.plain(
                page,
                "Recovery codes are the spare key: without them, who loses the authenticator loses the account. Get new ones while it works.",
            ),
        }
    }

    fn transfer(&self, page: &mut Page<'_>) {
        self.plain(
            page,
            "This changes nothing at the registry, so it cannot lock you out:",
        );
        for how in [
            "· Google Authenticator: “Transfer accounts”, from phone to phone by QR code",
            "· Microsoft Authenticator: its cloud backup, restored on the new phone",
            "· 2FAS, Aegis, Ente: export or backup, imported on the new phone",
            "· Authy, 1Password, Bitwarden: sign in to the same account on the new phone",
        ] {
            self.plain(page, how);
        }
    }

    fn how(&self, page: &mut Page<'_>) {
        self.plain(
            page,
            "Each set-up leaves an entry in the authenticator, and all of them have the same name. Only the newest one that was confirmed counts: the codes of the others are refused.",
        );
        page.gap();
        self.plain(
            page,
            "Next, a code of one entry is tried at the registry: it is asked to save a field of your profile as it is. Nothing changes by that.",
        );
        page.gap();
        self.warn(
            page,
            "Refused codes count: after a few the registry may take none for a while. Type a code when it is fresh.",
        );
    }

    fn try_code(&self, page: &mut Page<'_>) {
        match self.guide.kind {
            Kind::TwoEntries if right(self.guide) => {}
            Kind::TwoEntries => {
                self.plain(page, "Whose code will you type? Count the two as your app lists them.");
            }
            Kind::NewPhone => self.plain(
                page,
                "Have the new phone show a code and type it: the registry says whether it is right. Nothing changes by that.",
            ),
            _ => self.plain(
                page,
                "Type a code that it shows: the registry says whether it is right. Nothing changes by that.",
            ),
        }
        if self.guide.kind != Kind::TwoEntries && self.guide.trial.verdict.is_none() {
            self.warn(
                page,
                "Refused codes count: after a few the registry may take none for a while.",
            );
        }
        page.gap();
        self.verdict(page);
    }

    fn verdict(&self, page: &mut Page<'_>) {
        let trial = &self.guide.trial;
        if trial.sent.is_some() {
            return page.say("The registry is being asked …", self.theme.dim);
        }
        match &trial.verdict {
            None => return,
            Some(Verdict::Right { at, entry, first }) => page.say(
                format!(
                    "✓ checked {}: the registry took the code{}.",
                    words::clock(*at, self.theme),
                    match (entry, first) {
                        (Some(entry), true) => format!(" of the {} entry", place(*entry)),
                        (Some(_), false) => " that you typed last".to_owned(),
                        (None, _) => String::new(),
                    }
                ),
                self.theme.good,
            ),
            Some(Verdict::ByPage) => self.warn(
                page,
                "It was answered on the registry's page, which says nothing about codes. Try again and type one.",
            ),
            Some(Verdict::ByRecoveryCode) => self.warn(
                page,
                "That was a recovery code: it is used up, and says nothing about the authenticator. Try again with its code.",
            ),
            Some(Verdict::NotAsked) => self.warn(
                page,
                "The registry asked for no code, so it says nothing about any. Publishing or revoking a token will ask.",
            ),
            Some(Verdict::Refused(entry)) => page.say(
                match entry {
                    Some(entry) => format!(
                        "✗ A code of the {} entry was refused. Unless it was too old, it is the other one.",
                        place(*entry)
                    ),
                    None => "✗ The code was refused. If it was fresh, this entry is not the right one.".to_owned(),
                },
                self.theme.bad,
            ),
            Some(Verdict::Stopped) => self.plain(page, "· No code was sent."),
            Some(Verdict::Failed(why)) => failure(page, why, self.theme),
        }
        match trial.refused() {
            0 => {}
            1 => self.warn(page, "One code was refused so far."),
            n => self.warn(page, &format!("{n} codes were refused so far.")),
        }
    }

    fn key(&self, page: &mut Page<'_>) {
        self.plain(
            page,
            "Where the registry asks for a code and offers a page, Ctrl-O opens it: use the key there. No recovery code is used up.",
        );
        self.plain(
            page,
            "With the key, sign in on the website as well, and take the lost authenticator off the account there.",
        );
        page.gap();
        if self.model.website().is_some() {
            site::address(page, self.model, self.inner, self.theme);
        }
    }

    fn again(&self, page: &mut Page<'_>) {
        self.plain(
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
        match self.model.closing() {
            Closing::NotKnown => self.plain(
                page,
                "Should this registry take no new set-up, 2FA would stay off. Nothing that is known here speaks for that.",
            ),
            _ => closing(page, self.model, self.theme),
        }
    }

    fn turn_off(&self, page: &mut Page<'_>) {
        if !self.met() {
            self.plain(
                page,
                match self.guide.kind {
                    Kind::LostDevice => {
                        "The form takes your password. Then the registry asks for a code: type a recovery code there. It is not sent before a page of its own has asked."
                    }
                    _ => "The form takes your password. Then the registry asks for a code of the authenticator.",
                },
            );
            page.gap();
            self.warn(
                page,
                "Until it is on again, the password alone protects the account.",
            );
            closing(page, self.model, self.theme);
        }
        outcome(page, self.model, self.guide, self.theme);
    }

    pub(super) fn met(&self) -> bool {
        matches!(crate::app::guide::status(self.model), Some(Status::Met(_)))
    }

    fn turn_on(&self, page: &mut Page<'_>) {
        if !self.met() {
            self.plain(
                page,
                "The wizard leads through it: the level, your password, a place for the new codes, and a QR code for the authenticator.",
            );
            self.plain(
                page,
                "Delete the old entry in the app first: two of one name are hard to tell apart, and the old one is useless now.",
            );
            page.gap();
            self.warn(
                page,
                "2FA is off now: the password alone protects the account.",
            );
            if self.model.closing() == Closing::Announced {
                self.plain(
                    page,
                    "npm has announced that it takes no new apps. If it refuses, this guide goes on with the website.",
                );
            }
        }
        outcome(page, self.model, self.guide, self.theme);
    }

    fn website(&self, page: &mut Page<'_>) {
        let off = self.guide.passed.contains(&Step::TurnOff);
        if off && !self.met() {
            self.warn(page, "2FA is off: until a security key is added, the password alone protects the account.");
        }
        if let Closing::Said(Refusal::Closed(said) | Refusal::NotOffered(said)) =
            self.model.closing()
            && !said.is_empty()
        {
            page.explain(
                format!(
                    "This registry takes no set-up from here; it says: {}.",
                    said.quoted(160)
                ),
                Style::new(),
            );
        }
        if self.model.website().is_none() {
            self.plain(
                page,
                "The website of this registry is not known here. Whoever runs it knows the address, and whether it takes a second factor there.",
            );
            outcome(page, self.model, self.guide, self.theme);
            return;
        }
        self.plain(
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
        page.gap();
        parts::security_keys(page, self.theme.dim);
        outcome(page, self.model, self.guide, self.theme);
    }

    fn host(&self, page: &mut Page<'_>) {
        page.explain(
            format!("The address bar has to say {}.", website_host()),
            self.theme.dim,
        );
    }

    fn regenerate(&self, page: &mut Page<'_>) {
        self.plain(
            page,
            "npm's website alone shows and renews recovery codes; this program cannot. With the authenticator at hand:",
        );
        self.plain(
            page,
            "Two-Factor Authentication, “Modify 2FA”, “Manage Recovery Codes”. What stands there counts; “Regenerate” makes new ones, and ends those of before.",
        );
        page.gap();
        site::address(page, self.model, self.inner, self.theme);
        self.host(page);
    }

    fn keep(&self, page: &mut Page<'_>) {
        let since = self.model.set_since(self.guide.began);
        if let Some(set) = since {
            return self.kept(page, set);
        }
        self.plain(
            page,
            "Put the codes away before the website's page is closed: in a password manager, on paper, or here in an encrypted file. Not on the phone alone.",
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
                "✓ {}: {} are kept {place}.",
                words::clock(set.received, self.theme),
                words::count(set.count, "code", "codes")
            ),
            self.theme.good,
        );
        if !set.proved {
            self.warn(
                page,
                "You did not prove that you have them. On Recovery that can be done at any time.",
            );
        }
        self.plain(
            page,
            "Codes of before are of no use any more: throw them away.",
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
                self.plain(
                    page,
                    "Without them, losing the authenticator loses the account.",
                );
            }
        }
    }

    fn tokens(&self, page: &mut Page<'_>) {
        self.plain(
            page,
            "Who has the lost device may have more than the authenticator: npm's file with a token, a browser that is signed in.",
        );
        match self.model.tokens_without_code() {
            None => self.plain(page, "Your tokens were not read yet."),
            Some(0) => self.plain(
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
        let plain = Style::new();
        page.say("What still works without a code:", self.theme.title);
        self.plain(
            page,
            "· reading the account, while you stay signed in: sign out nowhere",
        );
        self.plain(
            page,
            "· installing, and whatever your tokens may do without a code",
        );
        match self.model.profile().map(|profile| &profile.tfa) {
            Some(Tfa::On(Level::AuthOnly)) => {
                self.plain(page, "· publishing: at auth-only it asks for no code");
            }
            _ => self.plain(
                page,
                "· publishing by a token marked “bypass”, if you have one",
            ),
        }
        page.gap();
        if self.model.website().is_some() {
            self.plain(
                page,
                "npm can give the account back. On its sign-in page: “Use a recovery code or request a reset”, then “Try recovering your account”.",
            );
            site::address(page, self.model, self.inner, self.theme);
            page.explain(
                format!("To write to its people: {}", crate::domain::policy::SUPPORT),
                plain,
            );
        } else {
            page.spans(&[
                ("Next: ask whoever runs ", plain),
                (registry(self.model), self.theme.accent),
                (
                    " to turn 2FA off for your account. They will want to see that it is yours.",
                    plain,
                ),
            ]);
        }
        page.explain(
            "! Whoever offers help by mail and asks for a password or a code is after the account.",
            self.theme.warning,
        );
    }

    fn ask(&self, page: &mut Page<'_>) {
        closing(page, self.model, self.theme);
        page.gap();
        self.plain(
            page,
            "So nothing is turned off here. Make a backup of the authenticator by its own means: it is the only key that you have.",
        );
        page.spans(&[
            ("Next: ask whoever runs ", Style::new()),
            (registry(self.model), self.theme.accent),
            (" for new recovery codes.", Style::new()),
        ]);
    }

    fn delete(&self, page: &mut Page<'_>) {
        self.verdict(page);
        page.gap();
        if let Some(Verdict::Right { entry, first, .. }) = &self.guide.trial.verdict {
            let other = match (entry, first) {
                (Some(Choice::Upper), true) => "Delete the lower entry in your app.",
                (Some(Choice::Lower), true) => "Delete the upper entry in your app.",
                _ => {
                    "Delete the other entry in your app: the one whose code you did not type last."
                }
            };
            page.say(other, self.theme.title);
            self.plain(
                page,
                "Give the one that stays a name with today's date, where the app can do that.",
            );
        }
        page.explain(
            "What an app has deleted cannot be brought back: look twice.",
            self.theme.dim,
        );
    }
}

const fn place(entry: Choice) -> &'static str {
    match entry {
        Choice::Lower => "lower",
        _ => "upper",
    }
}
