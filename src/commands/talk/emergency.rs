//! The questions of an emergency. While one of them is open its job is parked, so they are asked on the spot.

use std::sync::Arc;

use super::asked::Asked;
use super::end::End;
use super::leaving::ends;
use super::questions::of_the_job;
use super::{Talk, say};
use crate::backend::protocol::{Answer, Command, SignInAsked};
use crate::commands::emergency::{answered, progress};
use crate::domain::incident::{Ask, Incident, Reply};

impl Talk {
    /// It has come further.
    pub(super) fn incident(now: Arc<Incident>, asked: &mut Asked) {
        progress(asked.incident.as_deref(), &now);
        asked.incident = Some(now);
    }

    /// It asks.
    pub(super) async fn emergency(&mut self, ask: Ask, asked: &mut Asked) -> Result<(), End> {
        let answer = if asked.end.is_some() {
            Ok(Reply::Leave)
        } else {
            answered(self, ask, asked.incident.clone()).await
        };
        self.say_to_it(answer.map(Answer::Emergency), asked);
        Ok(())
    }

    /// It asks for a sign-in of its own, or for another one after that has ended.
    pub(super) async fn emergency_sign_in(
        &mut self,
        wanted: &SignInAsked,
        asked: &mut Asked,
    ) -> Result<(), End> {
        let answer = self.for_this_alone(wanted).await;
        if answer.is_err() && wanted.without.is_none() {
            // Nothing but a sign-in answers that.
            if let Err(end) = answer {
                self.give_up(of_the_job(end), asked);
            }
            return Ok(());
        }
        self.say_to_it(answer, asked);
        Ok(())
    }

    fn say_to_it(&self, answer: Result<Answer, End>, asked: &mut Asked) {
        let answer = answer.unwrap_or_else(|end| {
            say("Stopping; what was done is noted, and --resume goes on with it.");
            ends(of_the_job(end), asked);
            Answer::Emergency(Reply::Leave)
        });
        self.handle.send(Command::Answer {
            id: asked.id,
            answer,
        });
    }
}
