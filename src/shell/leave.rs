//! The end: what is under way when the person leaves is waited for where they can see it, nothing that arrives is
//! lost, and how each change ended is said.

mod words;

use std::time::Duration;

use tokio::sync::mpsc;

use self::words::Words;
use super::Error;
use super::changes::Changes;
use super::platform::{Sign, Signals};
use super::terminal::say;
use crate::backend::protocol::{Enabled, Event, Outcome, Step};
use crate::backend::{Finish, Handle, SessionEnd};
use crate::domain::failure::FailureKind;
use crate::domain::recovery;
use crate::domain::text::Text;

/// How long a write that is under way is waited for.
const LAST_ANSWER: Duration = Duration::from_secs(30);

/// How long a backend without a write under way may take to end.
const AT_ONCE: Duration = Duration::from_millis(40);

/// How long it may take on a busy machine, where a change still has to say how it ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Lets a change that is under way come to its end, visibly. The terminal is the shell's again by now. `session`: a
/// sign-in that this program alone holds ends with it. `website`: the registry is npm's own, which has one.
pub(super) async fn finish(
    mut handle: Handle,
    events: mpsc::Receiver<Event>,
    changes: Changes,
    session: bool,
    website: bool,
    signals: &mut Signals,
) -> Result<(), Error> {
    let mut last = Last {
        events,
        changes,
        exit_code: None,
        confirmed: false,
        website,
    };
    handle.close();
    // The channel ends when the backend has; until then it goes on being read.
    let mut ended = last.heard_within(AT_ONCE).await;
    let waits = !ended && handle.writes_in_flight() > 0;
    let changing = !last.changes.is_empty();
    if waits {
        // Whatever asked for the end before this line asked for this end.
        signals.pass_over().await;
        say(if changing {
            "Waiting for the registry to confirm a change, 30 s at most (Ctrl-C leaves) …"
        } else {
            "Ending this session at the registry, 2 s at most (Ctrl-C leaves) …"
        });
        let waiting = last.heard_within(LAST_ANSWER);
        tokio::pin!(waiting);
        ended = loop {
            tokio::select! {
                ended = &mut waiting => break ended,
                sign = signals.next() => match sign {
                    Sign::Interrupt => break false,
                    // A window that closes says so more than once, and a stopped program loses the answer.
                    Sign::Terminate | Sign::Stop => {
                        say("Still waiting for the registry; Ctrl-C leaves without its answer.");
                    }
                    Sign::GoOn => {}
                },
            }
        };
        ended &= handle.wait(LAST_WORDS) == Finish::Clean;
    } else if !ended && !last.changes.is_empty() {
        ended = last.heard_within(LAST_WORDS).await;
    }
    let unheard = waits && !ended;
    let alive = match handle.session_end() {
        Some(SessionEnd::Alive(why)) => Some(why),
        None if unheard && (session || !changing) => Some(Text::from(
            "Left before the registry confirmed the end of this session.",
        )),
        Some(SessionEnd::Ended) | None => None,
    };
    let change = if last.changes.at_work() || (changing && unheard) {
        Some(Error::Unconfirmed)
    } else {
        last.exit_code.map(Error::Undone)
    };
    match (change, alive.map(Error::SessionLives)) {
        (Some(change), session) => {
            // What the program ends with is the change; the session is told before it.
            if let Some(session) = session {
                say(&session.to_string());
            }
            return Err(change);
        }
        (None, Some(session)) => return Err(session),
        (None, None) => {}
    }
    if last.confirmed && waits {
        say("Confirmed.");
    } else if waits && handle.session_end().is_some() {
        say("This session is ended at the registry.");
    } else if waits {
        say("Nothing is under way any more.");
    }
    Ok(())
}

/// What still comes from the backend.
struct Last {
    events: mpsc::Receiver<Event>,
    changes: Changes,
    /// Of the first change that did not come to its good end.
    exit_code: Option<u8>,
    /// A change came to its good end.
    confirmed: bool,
    /// The registry's website is known: it announced that it takes no new authenticator apps.
    website: bool,
}

impl Last {
    /// Reads events to the last one; false when that took too long.
    async fn heard_within(&mut self, limit: Duration) -> bool {
        let heard = async {
            while let Some(event) = self.events.recv().await {
                self.hear(&event);
            }
        };
        tokio::time::timeout(limit, heard).await.is_ok()
    }

    /// Passes on what the person must know although the screen is gone.
    fn hear(&mut self, event: &Event) {
        if let Event::Step {
            step: Step::Codes { place, .. },
            ..
        } = event
        {
            // At once: the rest of the set-up may not be waited for.
            match place {
                recovery::Place::File(path) | recovery::Place::Vault(path) => say(&format!(
                    "Two-factor authentication is on; the recovery codes are in {}.",
                    path.display()
                )),
                recovery::Place::Myself => say(&words::unseen(self.website)),
            }
        }
        if matches!(event, Event::Cleared { .. }) {
            // By the closing: what was waiting for the person then has nothing on its way.
            return;
        }
        let ended = self.changes.see(event);
        if let (Some(change), Event::Finished { result, .. }) = (ended, event) {
            let Words { said, exit_code } = match result {
                Ok(Outcome::Enabled(Enabled::Left { cleared })) if change.was_on => {
                    words::off_now(*cleared)
                }
                Ok(outcome) => words::of(outcome, change.field),
                // The person left its question, and nothing came of what was on its way.
                Err(failure) if change.parked && failure.kind == FailureKind::Cancelled => return,
                Err(failure) => Words::bad(failure.to_string(), failure.kind),
            };
            say(&said);
            self.confirmed |= exit_code.is_none();
            self.exit_code = self.exit_code.or(exit_code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::protocol::{Question, Request, RequestId};
    use crate::domain::failure::Failure;
    use crate::domain::secret::Secret;
    use crate::domain::signin::{Keep, SignIn};
    use crate::domain::tfa::Level;

    const ID: RequestId = RequestId(1);

    /// Left while it waited for the person.
    fn left() -> Last {
        let mut changes = Changes::default();
        let (how, keep) = (SignIn::Web, Keep::Session);
        changes.begins(
            ID,
            &Request::SignIn {
                how,
                keep,
                at: None,
                wanted: None,
            },
        );
        let question = Question::CodesShown;
        changes.see(&Event::Asked { id: ID, question });
        let mut last = Last {
            events: mpsc::channel(1).1,
            changes,
            exit_code: None,
            confirmed: false,
            website: false,
        };
        last.hear(&Event::Cleared { id: ID });
        last
    }

    fn ends(last: &mut Last, kind: FailureKind) {
        let result = Err(Failure::new(kind, "The credential lives on there.", ""));
        last.hear(&Event::Finished { id: ID, result });
    }

    #[test]
    fn a_level_change_that_left_two_factor_authentication_off_is_no_good_end() {
        for cleared in [true, false] {
            let mut changes = Changes::default();
            let request = Request::ChangeLevel {
                level: Level::AuthOnly,
                password: Secret::from("canary"),
            };
            changes.begins(ID, &request);
            let mut last = Last {
                events: mpsc::channel(1).1,
                changes,
                exit_code: None,
                confirmed: false,
                website: false,
            };
            let result = Ok(Outcome::Enabled(Enabled::Left { cleared }));
            last.hear(&Event::Finished { id: ID, result });
            assert_eq!((last.exit_code, last.confirmed), (Some(1), false));
            assert!(
                words::off_now(cleared)
                    .said
                    .contains("was on before, is off now")
            );
        }
    }

    #[test]
    fn what_comes_of_a_question_that_was_left_is_heard_unless_it_is_the_leaving() {
        let mut last = left();
        ends(&mut last, FailureKind::Refused);
        assert_eq!((last.exit_code, last.confirmed), (Some(5), false));

        let mut last = left();
        ends(&mut last, FailureKind::Cancelled);
        assert_eq!((last.exit_code, last.confirmed), (None, false));
        assert!(last.changes.is_empty());
    }
}
