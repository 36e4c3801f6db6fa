//! Giving a request up, on the person's wish or because nobody can answer it.

use std::time::Duration;

use tokio::time::sleep;

use super::asked::Asked;
use super::end::{End, unknown};
use super::{Talk, say};
use crate::backend::protocol::{Answer, Command};
use crate::commands::signs::Sign;
use crate::commands::typing::is_quiet;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

/// How long a request that was given up may take to say so before the person is told what is waited for.
const AT_ONCE: Duration = Duration::from_millis(300);
/// How long a write that is under way is waited for.
const LAST_ANSWER: Duration = Duration::from_secs(30);

impl Talk {
    pub(super) fn give_up(&self, end: End, asked: &mut Asked) {
        ends(end, asked);
        self.handle.send(Command::Cancel { id: asked.id });
    }

    /// The end is asked for: nothing more is begun, and a write that is under way is waited for. Asked for again, it
    /// is not.
    pub(super) fn leave(&self, sign: Sign, asked: &mut Asked) -> Result<(), End> {
        if matches!(asked.end, Some(End::Stopped(..))) {
            return Err(End::Stopped(sign, unknown(asked.set_up.codes_under_way())));
        }
        if sign == Sign::Interrupt && self.somebody && asked.open.is_none() && !is_quiet() {
            // The terminal wrote ^C.
            asked.say("");
        }
        let end = End::Stopped(sign, Text::default());
        if asked.begins && self.handle.writes_in_flight() > 0 {
            // What is begun by that asks for its last code, and is cleared then: given up now, it would be left there.
            ends(end, asked);
        } else {
            self.give_up(end, asked);
        }
        Ok(())
    }

    /// Nothing came of the write that was waited for.
    pub(super) fn begin_nothing_more(&self, asked: &Asked) {
        if asked.end.is_some() {
            self.handle.send(Command::Cancel { id: asked.id });
        }
    }

    /// The end is asked for while the registry waits for the last code of a set-up: that is cleared first.
    pub(super) fn leave_set_up(&self, end: End, asked: &mut Asked) {
        say("Clearing the set-up at the registry (Ctrl-C leaves it half done) \u{2026}");
        ends(end, asked);
        asked.told = true;
        asked.patience = Some(Box::pin(sleep(LAST_ANSWER)));
        self.handle.send(Command::Answer {
            id: asked.id,
            answer: Answer::Leave { clear: true },
        });
    }

    /// The end is asked for while recovery codes have no place: the backend ends, and saves them where it can.
    pub(super) fn leave_codes(&mut self, end: End, asked: &mut Asked) {
        ends(end, asked);
        self.handle.close();
    }

    pub(super) fn late(&self, asked: &mut Asked) -> Result<(), End> {
        if asked.told {
            let unknown = unknown(asked.set_up.codes_under_way());
            return Err(match asked.end.take() {
                Some(End::Stopped(sign, _)) => End::Stopped(sign, unknown),
                _ => End::Failed(Failure::new(FailureKind::Network, unknown.as_str(), "")),
            });
        }
        asked.told = true;
        asked.patience = Some(Box::pin(sleep(LAST_ANSWER)));
        if self.handle.writes_in_flight() > 0 {
            asked.say("Waiting for the registry to confirm a change, 30 s at most (Ctrl-C leaves) \u{2026}");
        }
        Ok(())
    }
}

pub(super) fn ends(end: End, asked: &mut Asked) {
    asked.open = None;
    asked.end = Some(end);
    asked.patience = Some(Box::pin(sleep(AT_ONCE)));
}
