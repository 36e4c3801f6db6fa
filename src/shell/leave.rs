//! The end: what is under way when the person leaves is waited for where they can see it, and nothing that arrives
//! is lost.

use std::time::Duration;

use tokio::sync::mpsc;

use super::Error;
use super::platform::{Sign, Signals};
use super::terminal::say;
use crate::backend::protocol::{Event, Outcome, Step};
use crate::backend::{Finish, Handle};
use crate::domain::recovery;

/// How long a write that is under way is waited for.
const LAST_ANSWER: Duration = Duration::from_secs(30);

/// How long a backend without a write under way may take to end.
const AT_ONCE: Duration = Duration::from_millis(40);

/// Lets a change that is under way come to its end, visibly. The terminal is the shell's again by now.
pub(super) async fn finish(
    mut handle: Handle,
    mut events: mpsc::Receiver<Event>,
    signals: &mut Signals,
) -> Result<(), Error> {
    handle.close();
    // The channel ends when the backend has; until then it goes on being read.
    if tokio::time::timeout(AT_ONCE, drained(&mut events))
        .await
        .is_ok()
        || handle.writes_in_flight() == 0
    {
        return Ok(());
    }
    // Whatever asked for the end before this line asked for this end.
    signals.pass_over().await;
    say("Waiting for the registry to confirm a change, 30 s at most (Ctrl-C leaves) …");
    let waiting = tokio::time::timeout(LAST_ANSWER, drained(&mut events));
    tokio::pin!(waiting);
    let came = loop {
        tokio::select! {
            ended = &mut waiting => break ended.is_ok(),
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
    if came && handle.wait(Duration::from_secs(1)) == Finish::Clean {
        say("Confirmed.");
        Ok(())
    } else {
        Err(Error::Unconfirmed)
    }
}

/// Reads events to the last one, and passes on what the person must know although the screen is gone.
async fn drained(events: &mut mpsc::Receiver<Event>) {
    while let Some(event) = events.recv().await {
        match event {
            Event::Step {
                step: Step::Codes { place, .. },
                ..
            } => match place {
                recovery::Place::File(path) => say(&format!(
                    "Two-factor authentication is on; the recovery codes are in {}.",
                    path.display()
                )),
                recovery::Place::Myself => say(
                    "Two-factor authentication is on, but nobody has seen its recovery codes: turn it off and on again for new ones.",
                ),
            },
            Event::Finished {
                result: Ok(Outcome::Revoked { rows, .. }),
                ..
            } => say(&format!(
                "The revocation ended; start again to see each of {} tokens.",
                rows.len()
            )),
            Event::Finished {
                result: Err(failure),
                ..
            } => tracing::debug!(what = failure.what.as_str(), "ended"),
            _ => {}
        }
    }
}
