//! How one token stands, and why: all that is known of it, and what follows from that (promises P30 and P31). What was
//! noted of it leads back to what is known.

use jiff::Timestamp;

use crate::backend::protocol::{RowState, Unprobed};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

/// What the registry said to the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Said {
    /// It waits to be sent.
    #[default]
    Waiting,
    /// It is never sent.
    NotTried,
    /// It is out.
    Sent,
    /// It is done (since when).
    Done(Timestamp),
    /// There is no such token (since when).
    AlreadyGone(Timestamp),
    /// It was sent, and nobody knows whether the registry acted.
    Unknown(Failure, Timestamp),
    /// No.
    Failed(Failure),
}

/// What the registry made of the value before the first request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Before {
    /// The value is not known here.
    #[default]
    ValueUnknown,
    /// It was this account's.
    Worked,
    /// It was refused.
    Refused,
    /// That could not be found out.
    NoAnswer,
}

/// What it makes of it since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum After {
    /// Not tried out, or without an answer that tells.
    #[default]
    NotKnown,
    /// It is refused.
    Refused,
    /// It was taken (when).
    Taken(Timestamp),
    /// It is what requests carried, and they are refused since.
    InUseAndRefused,
}

/// What is known of one token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::backend::jobs) struct Facts {
    pub(super) said: Said,
    /// Whether the newest list has it, and when that was read.
    pub(super) listed: Option<(bool, Timestamp)>,
    pub(super) before: Before,
    pub(super) after: After,
}

impl Before {
    /// As it is noted; nothing is where the value is not known.
    pub(super) const fn word(self) -> Option<&'static str> {
        match self {
            Self::ValueUnknown => None,
            Self::Worked => Some("worked"),
            Self::Refused => Some("refused"),
            Self::NoAnswer => Some("no-answer"),
        }
    }

    /// The way back.
    pub(super) fn of(word: &str) -> Option<Self> {
        let all = [Self::Worked, Self::Refused, Self::NoAnswer];
        all.into_iter().find(|before| before.word() == Some(word))
    }
}

impl Facts {
    /// This was noted of the value.
    pub(in crate::backend::jobs) fn noted_before(&mut self, word: &str) {
        if let Some(before) = Before::of(word) {
            self.before = before;
        }
    }

    /// Whether the value was seen to work before the first request, or to be refused.
    pub(in crate::backend::jobs) const fn worked(&self) -> Option<bool> {
        match self.before {
            Before::Worked => Some(true),
            Before::Refused => Some(false),
            Before::ValueUnknown | Before::NoAnswer => None,
        }
    }

    /// It was noted that it stands so.
    pub(in crate::backend::jobs) fn noted(&mut self, state: &RowState, at: Timestamp) {
        self.said = match state {
            RowState::Waiting => Said::Waiting,
            RowState::NotTried => Said::NotTried,
            RowState::Sent => Said::Unknown(interrupted(), at),
            RowState::Accepted => Said::Done(at),
            RowState::Unknown(why) => Said::Unknown(why.clone(), at),
            RowState::Failed(why) => Said::Failed(why.clone()),
            RowState::AlreadyGone => Said::AlreadyGone(at),
            // What the registry said before that stands in an earlier line, as a rule.
            RowState::StillListed => self.done_by(at),
            RowState::StillAccepted { since, .. } => self.done_by(*since),
            RowState::Gone(_) | RowState::Verified | RowState::Refused => {
                std::mem::take(&mut self.said)
            }
        };
        // What its value was found to be worth holds until it is tried out again, here or never.
        match state {
            RowState::StillAccepted { probed, .. } => self.after = After::Taken(*probed),
            RowState::Verified => {
                self.before = Before::Worked;
                self.after = After::Refused;
            }
            RowState::Refused => self.after = After::InUseAndRefused,
            RowState::Gone(_) | RowState::AlreadyGone => self.after = After::NotKnown,
            // Sent anew: a refusal was of the time before. That it was accepted is disproved by a refusal alone.
            _ if !matches!(self.after, After::Taken(_)) => self.after = After::NotKnown,
            _ => {}
        }
    }

    fn done_by(&mut self, at: Timestamp) -> Said {
        match std::mem::take(&mut self.said) {
            said @ (Said::Done(_) | Said::AlreadyGone(_) | Said::Unknown(..)) => said,
            _ => Said::Done(at),
        }
    }

    /// Whether the registry may have acted.
    pub(super) const fn touched(&self) -> bool {
        matches!(
            self.said,
            Said::Done(_) | Said::AlreadyGone(_) | Said::Unknown(..)
        )
    }

    /// Whether trying the value out can tell more.
    pub(super) const fn to_be_tried_out(&self) -> bool {
        matches!(self.listed, Some((false, _)))
            && matches!(self.before, Before::Worked)
            && matches!(self.after, After::NotKnown | After::Taken(_))
    }

    /// How it stands.
    pub(super) fn state(&self, host: &Text) -> RowState {
        match self.listed {
            // No list can be read by it any more.
            None if self.after == After::InUseAndRefused && self.touched() => RowState::Refused,
            None => self.unlooked(),
            Some((true, _)) => self.still_listed(host),
            Some((false, at)) => self.gone(at),
        }
    }

    /// Before there is a list that tells.
    fn unlooked(&self) -> RowState {
        match &self.said {
            Said::Waiting => RowState::Waiting,
            Said::NotTried => RowState::NotTried,
            Said::Sent => RowState::Sent,
            Said::Done(_) => RowState::Accepted,
            Said::AlreadyGone(_) => RowState::AlreadyGone,
            Said::Unknown(failure, _) => RowState::Unknown(failure.clone()),
            Said::Failed(failure) => RowState::Failed(failure.clone()),
        }
    }

    fn still_listed(&self, host: &Text) -> RowState {
        match &self.said {
            Said::Done(_) => RowState::StillListed,
            Said::AlreadyGone(_) => RowState::Failed(Failure::new(
                FailureKind::Refused,
                format!("{host} says that it does not know this token, and lists it all the same."),
                "Press r to read the list again; if it stays there, revoke it on the registry's website.",
            )),
            Said::Unknown(failure, _) => RowState::Failed(Failure::new(
                failure.kind,
                failure.what.as_str(),
                "A fresh list still has the token: revoke it again.",
            )),
            _ => self.unlooked(),
        }
    }

    fn gone(&self, at: Timestamp) -> RowState {
        let since = match self.said {
            Said::Done(since) | Said::AlreadyGone(since) | Said::Unknown(_, since) => since,
            _ => at,
        };
        match (self.before, self.after) {
            // Whatever else was said: who has the value can use it.
            (_, After::Taken(probed)) => return RowState::StillAccepted { since, probed },
            (Before::Worked, After::Refused | After::InUseAndRefused) => return RowState::Verified,
            _ => {}
        }
        match self.said {
            Said::Waiting | Said::Sent => self.unlooked(),
            Said::Done(_) | Said::Unknown(..) => RowState::Gone(match self.before {
                Before::ValueUnknown => Unprobed::ValueUnknown,
                Before::Refused => Unprobed::RefusedBefore,
                Before::Worked | Before::NoAnswer => Unprobed::NoAnswer,
            }),
            // It was not revoked from here, and it is gone all the same.
            Said::NotTried | Said::AlreadyGone(_) | Said::Failed(_) => RowState::AlreadyGone,
        }
    }
}

fn interrupted() -> Failure {
    Failure::new(
        FailureKind::Network,
        "It was sent before the interruption, and the answer is not known.",
        "Press r to read the list.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::remains::is_gone;

    const HOST: &str = "r.test";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn lost() -> Failure {
        Failure::new(FailureKind::Network, "The connection broke.", "Press r.")
    }

    fn ends(said: Said, listed: bool, before: Before, after: After) -> RowState {
        let facts = Facts {
            said,
            listed: Some((listed, at(9))),
            before,
            after,
        };
        facts.state(&Text::from(HOST))
    }

    #[test]
    fn p30_every_row_ends_by_the_fresh_list() {
        let unknown = RowState::Gone(Unprobed::ValueUnknown);
        let cases = [
            (Said::Done(at(1)), false, unknown.clone()),
            (Said::Done(at(1)), true, RowState::StillListed),
            (Said::AlreadyGone(at(1)), false, RowState::AlreadyGone),
            (Said::NotTried, false, RowState::AlreadyGone),
            (Said::NotTried, true, RowState::NotTried),
            (Said::Unknown(lost(), at(1)), false, unknown),
            (Said::Failed(lost()), true, RowState::Failed(lost())),
            (Said::Failed(lost()), false, RowState::AlreadyGone),
        ];
        for (said, listed, end) in cases {
            let of = ends(said.clone(), listed, Before::default(), After::default());
            assert_eq!(of, end, "{said:?}");
        }
        let none = || (Before::default(), After::default());
        let (before, after) = none();
        let still = ends(Said::Unknown(lost(), at(1)), true, before, after);
        assert!(
            matches!(&still, RowState::Failed(why) if why.next.as_str().contains("still has the token"))
        );
        let (before, after) = none();
        let odd = ends(Said::AlreadyGone(at(1)), true, before, after);
        assert!(
            matches!(&odd, RowState::Failed(why) if why.what.as_str().contains("does not know this token"))
        );
    }

    #[test]
    fn p31_verified_needs_a_list_without_it_a_value_that_worked_and_one_that_is_refused() {
        let befores = [
            (Before::ValueUnknown, Unprobed::ValueUnknown),
            (Before::Refused, Unprobed::RefusedBefore),
            (Before::NoAnswer, Unprobed::NoAnswer),
            (Before::Worked, Unprobed::NoAnswer),
        ];
        let taken = RowState::StillAccepted {
            since: at(1),
            probed: at(5),
        };
        for (before, why) in befores {
            for said in [Said::Done(at(1)), Said::Unknown(lost(), at(1))] {
                let end = |after| ends(said.clone(), false, before, after);
                assert_eq!(end(After::NotKnown), RowState::Gone(why));
                assert_eq!(end(After::Taken(at(5))), taken);
                let refused = end(After::Refused);
                assert_eq!(refused == RowState::Verified, before == Before::Worked);
                // Listed is listed, whatever the value is worth.
                let listed = ends(said.clone(), true, before, After::Refused);
                assert!(!is_gone(&listed), "{listed:?}");
            }
        }
    }

    #[test]
    fn p30_p31_what_was_noted_says_the_same_when_it_is_read_again() {
        let lines = |states: &[RowState]| {
            let mut facts = Facts::default();
            facts.noted_before("worked");
            for (second, state) in (1..).zip(states) {
                facts.noted(state, at(second));
            }
            facts.listed = Some((false, at(9)));
            facts.state(&Text::from(HOST))
        };
        let (sent, accepted) = (RowState::Sent, RowState::Accepted);
        let taken = RowState::StillAccepted {
            since: at(2),
            probed: at(3),
        };
        // It is sent anew: a refusal of before is forgotten, and that it was taken is not.
        let ends = [
            (RowState::Verified, RowState::Gone(Unprobed::NoAnswer)),
            (
                taken,
                RowState::StillAccepted {
                    since: at(4),
                    probed: at(3),
                },
            ),
        ];
        for (end, then) in ends {
            assert_eq!(lines(&[sent.clone(), accepted.clone(), end.clone()]), end);
            let anew = lines(&[sent.clone(), end, RowState::Waiting, accepted.clone()]);
            assert_eq!(anew, then);
        }
    }

    #[test]
    fn p31_what_requests_carried_is_verified_by_a_list_alone() {
        let state = |listed: Option<bool>, before| {
            let facts = Facts {
                said: Said::Done(at(1)),
                listed: listed.map(|listed| (listed, at(9))),
                before,
                after: After::InUseAndRefused,
            };
            facts.state(&Text::from(HOST))
        };
        assert_eq!(state(None, Before::Worked), RowState::Refused);
        assert_eq!(state(None, Before::NoAnswer), RowState::Refused);
        assert_eq!(state(Some(false), Before::Worked), RowState::Verified);
        assert_eq!(state(Some(true), Before::Worked), RowState::StillListed);
        let unknown = Facts {
            said: Said::Unknown(lost(), at(1)),
            ..Facts::default()
        };
        assert_eq!(unknown.state(&Text::from(HOST)), RowState::Unknown(lost()));
    }

    #[test]
    fn p31_still_accepted_is_never_called_gone_whatever_the_registry_said() {
        for said in [
            Said::Done(at(1)),
            Said::AlreadyGone(at(1)),
            Said::NotTried,
            Said::Failed(lost()),
            Said::Unknown(lost(), at(1)),
        ] {
            for listed in [true, false] {
                let end = ends(said.clone(), listed, Before::Worked, After::Taken(at(5)));
                let good = is_gone(&end) && end != RowState::AlreadyGone;
                assert!(!good && (listed || !is_gone(&end)), "{said:?}: {end:?}");
            }
        }
    }
}
