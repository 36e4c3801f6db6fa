//! Going on with a rotation for elsewhere after the process is gone that had the value: only the person knows whether the
//! new one is in place, so only on that word the old one goes.

use super::known::Known;
use super::log::Past;
use super::{Ended, On, Rotation};
use crate::backend::house::Connector;
use crate::backend::protocol::{Answer, InPlace, Question};
use crate::domain::rotation::{GO_ON, RotateState, RotateStep};
use crate::domain::text::Text;

impl<C: Connector> Rotation<'_, C> {
    /// No file here was to take the value, and the person has got it: what was done so far stays done.
    pub(super) fn went_elsewhere(&mut self, past: &Past) {
        self.left_out(RotateStep::Write, "No place on this machine takes it.");
        if past.done >= Some(RotateStep::Verify) {
            let said = Text::from("It was seen to work before.");
            self.set(RotateStep::Verify, RotateState::Done(said));
        } else {
            self.left_out(
                RotateStep::Verify,
                "Its value is not known here, so it cannot be tried out.",
            );
        }
    }

    /// The rest of it, on the person's word.
    pub(super) async fn go_on_elsewhere(&mut self, known: &Known, new_is_listed: bool) {
        // It is either done or says itself why not.
        let _: On = async {
            if !self.may_go {
                self.in_place(known, new_is_listed).await?;
            }
            self.revoke().await?;
            self.verify_gone().await;
            Ok(())
        }
        .await;
    }

    /// Asks whether the new one is everywhere; what would leave nothing that works is not even asked.
    async fn in_place(&mut self, known: &Known, new_is_listed: bool) -> On {
        let (old, new) = (self.old_name(), self.new_name());
        if !new_is_listed {
            self.left_out(
                RotateStep::Revoke,
                "Whether the new one lives is not known: the list of tokens changed each time while it was read.",
            );
            self.remain(format!(
                "{old} was not revoked. To look once more, go on with this rotation. {GO_ON}"
            ));
            return Err(Ended);
        }
        if self.in_use {
            self.left_out(
                RotateStep::Revoke,
                "npm-warden itself works by the old one here.",
            );
            self.remain(format!(
                "{old} was not revoked: put the value of {new} in its place on this machine, and go on with this rotation. {GO_ON}"
            ));
            return Err(Ended);
        }
        self.job.desk.if_left(
            "You left before the old token was revoked: the old one and the new one stay.",
            "Go on with the rotation, or revoke the one that you do not need.",
        );
        let mut cautions = Vec::new();
        if !matches!(self.state(RotateStep::Verify), RotateState::Done(_)) {
            cautions.push(Text::from(
                "npm-warden did not see it work: see first that it works where it is used.",
            ));
        }
        for (local, _) in known.holding(&self.begun.old) {
            let caution = format!(
                "{} still holds the old one, which stops working there.",
                local.place
            );
            cautions.push(Text::new(&caution));
        }
        let said = format!(
            "{new} was made and its value shown; npm-warden does not find that value on this machine any more. If you did not get it, say No."
        );
        let question = Question::InPlace(InPlace {
            old: Text::new(&old),
            said: Text::new(&said),
            cautions,
        });
        if let Ok(Answer::GoOn) = self.job.desk.ask(question).await {
            return Ok(());
        }
        self.left_out(
            RotateStep::Revoke,
            "Nobody said that the new value is everywhere.",
        );
        self.remain(format!(
            "{old} was not revoked. When the value of {new} is everywhere that {old} was used, go on with this rotation and say so; if nobody has that value, revoke {new}, and go on with this rotation then, which ends it. {GO_ON}"
        ));
        Err(Ended)
    }
}
