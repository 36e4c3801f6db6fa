//! The pages on which a code is tried out at the registry.

use super::pages::{View, plain, right};
use crate::app::model::{Choice, Kind, Verdict};
use crate::ui::page::Page;
use crate::ui::{failure, words};

impl View<'_> {
    pub(super) fn try_code(&self, page: &mut Page<'_>) {
        match self.guide.kind {
            Kind::TwoEntries if right(self.guide) => {}
            Kind::TwoEntries => {
                plain(
                    page,
                    "Whose code will you type? Count the two as your app lists them.",
                );
            }
            Kind::NewPhone => plain(
                page,
                "Have the new phone show a code and type it: the registry says whether it is right. Nothing changes by that.",
            ),
            _ => plain(
                page,
                "Type a code that it shows: the registry says whether it is right. Nothing changes by that.",
            ),
        }
        if self.guide.kind != Kind::TwoEntries && self.guide.trial.verdict.is_none() {
            self.warn(
                page,
                "Refused codes count: after a few the registry may take none for a while. Recovery codes are not tried here.",
            );
        }
        page.gap();
        self.verdict(page);
    }

    pub(super) fn verdict(&self, page: &mut Page<'_>) {
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
                "The registry asked for no code, so it says nothing about any. Where it asks next, a code that it takes is right.",
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
            Some(Verdict::Stopped) => plain(page, "· No code was sent."),
            Some(Verdict::Failed(why)) => failure(page, why, self.theme),
        }
        match trial.refused() {
            0 => {}
            1 => self.warn(page, "One code was refused so far."),
            n => self.warn(page, &format!("{n} codes were refused so far.")),
        }
    }

    pub(super) fn delete(&self, page: &mut Page<'_>) {
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
            plain(
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
