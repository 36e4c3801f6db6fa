//! A rotation that ended while its new token was being made: whatever was made, its value is lost.

use jiff::{SignedDuration, Timestamp};

use super::log::Past;
use super::{Rotation, named};
use crate::backend::house::Connector;
use crate::backend::jobs::tokens::Listed;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::text::Text;
use crate::domain::token::Token;

/// How far this machine's clock may be off the registry's where nothing told how far it is.
const OFF: SignedDuration = SignedDuration::from_hours(24);

impl<C: Connector> Rotation<'_, C> {
    /// Says what the list tells of it. It is over, unless the list tells nothing.
    pub(super) fn lost_in_between(&mut self, past: &Past, listed: &Listed) {
        let old = self.old_name();
        if !past.begins(RotateStep::Create) {
            self.not_made("npm-warden ended before the new token was asked for: none was made.");
            self.remain(format!("{old} is as it was: rotate it anew."));
            self.over = true;
            return;
        }
        let found: Vec<Token> = listed
            .tokens
            .iter()
            .filter(|token| self.could_be(token, past.sent))
            .cloned()
            .collect();
        self.over = !listed.moved;
        self.not_made(if !found.is_empty() {
            "npm-warden ended while the new token was being made, and its value is lost."
        } else if listed.moved {
            "npm-warden ended while the new token was being made. Whether it was made is not known, since the list of tokens changed each time while it was read."
        } else {
            "npm-warden ended while the new token was being made, and none is listed yet that it could be."
        });
        for token in &found {
            let name = named(&Text::new(token.label()), &token.key);
            self.remain(format!(
                "Revoke {name} if it is the one that was being made."
            ));
        }
        if let [token] = &found[..] {
            self.token = Some(Box::new(token.clone()));
        }
        if listed.moved {
            self.remain(
                "Go on with this rotation once more, to look through a list that stays as it is.",
            );
        } else if found.is_empty() {
            self.remain("Look through the tokens in a few minutes, before you rotate it anew, and revoke what is new there.");
        }
        self.remain(format!("{old} is as it was."));
    }

    fn not_made(&mut self, what: &str) {
        self.set(
            RotateStep::Create,
            RotateState::Failed(Failure::new(
                FailureKind::Local,
                what,
                "Begin the rotation anew.",
            )),
        );
    }

    /// Whether a listed token may be the one that was being made, by the registry's own time.
    fn could_be(&self, token: &Token, sent: Option<Timestamp>) -> bool {
        let since = sent.unwrap_or_else(|| {
            let early = self.begun.at.checked_sub(OFF);
            early.unwrap_or(Timestamp::MIN)
        });
        let asked = &self.begun.asked;
        let name = token.name.as_ref();
        token.revoked.is_none()
            && token.key != self.begun.old
            && token.created.is_none_or(|at| at >= since)
            && (asked.is_empty() || name.is_none_or(|name| name == asked))
            && (token.created.is_some() || name.is_some())
    }
}
