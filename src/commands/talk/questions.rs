//! The questions of a set-up, and of codes that are proved once more, line by line.
//!
//! While one of them is open its job is parked and nothing else can happen, so they are asked on the spot.

use std::sync::Arc;

use super::asked::Asked;
use super::end::End;
use super::set_up::distance;
use super::{Shows, Talk, say};
use crate::backend::protocol::{Answer, Command, Confirm, InPlace, Proof, RequestId};
use crate::commands::outlet::{Handed, hand_over, takes};
use crate::commands::place;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::otp::stripped;
use crate::domain::recovery::Place;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::tfa::Level;
use crate::domain::token::Token;

/// The word that goes on without the proof.
const DECLINE: &str = "decline";
/// The word that shows the codes before the proof is asked for again.
const SHOW: &str = "show";

impl Talk {
    /// The code that the authenticator shows for the new entry.
    pub(super) async fn confirm(
        &mut self,
        confirm: &Confirm,
        asked: &mut Asked,
    ) -> Result<(), End> {
        if let Some(end) = asked.end.take() {
            self.leave_set_up(end, asked);
            return Ok(());
        }
        if let Some(refused) = &confirm.refused {
            say(&asked.set_up.refused(refused));
            asked.set_up.judge(refused);
        }
        if let Some(ahead) = confirm.clock_ahead {
            let way = if ahead > 0 { "ahead of" } else { "behind" };
            say(&format!(
                "This computer's clock is {} {way} the registry's.",
                distance(ahead.unsigned_abs())
            ));
        }
        asked.hold_back(confirm.wait);
        match self.code().await {
            Ok(code) => {
                asked.set_up.typed = Some(Secret::from(code.expose().as_str()));
                asked.goes_out();
                self.answer(asked.id, Answer::Code(code));
            }
            Err(end) => self.leave_set_up(of_the_job(end), asked),
        }
        Ok(())
    }

    async fn code(&mut self) -> Result<Secret<String>, End> {
        loop {
            let code = stripped(&self.hidden("Code from the authenticator: ").await?);
            if !code.is_empty() {
                return Ok(code);
            }
        }
    }

    /// Where another level was asked for, a new set-up was begun.
    pub(super) async fn new_set_up(&mut self, level: Level, asked: &mut Asked) -> Result<(), End> {
        if let Some(end) = asked.end.take() {
            self.leave_set_up(end, asked);
            return Ok(());
        }
        say(&format!(
            "{} does not change a level: it began a new set-up for {}. Two-factor authentication is off until that is \
             confirmed, with a new entry in the authenticator and new recovery codes.",
            self.host(),
            level.word()
        ));
        match self.place().await {
            Ok(place) => self.answer(asked.id, Answer::Place(place)),
            Err(end) => self.leave_set_up(of_the_job(end), asked),
        }
        Ok(())
    }

    async fn place(&mut self) -> Result<Place, End> {
        let account = self.account.clone();
        place::choose(self, &account, None).await
    }

    /// The codes are saved, or stand on the terminal.
    pub(super) async fn codes_shown(&mut self, asked: &mut Asked) -> Result<(), End> {
        if let Some(end) = asked.end.take() {
            self.give_up(end, asked);
            return Ok(());
        }
        if std::mem::take(&mut asked.set_up.shown)
            && let Err(end) = self.line("Enter when you have copied them: ", false).await
        {
            self.give_up(of_the_job(end), asked);
            return Ok(());
        }
        self.answer(asked.id, Answer::GoOn);
        Ok(())
    }

    /// The codes could not be written, and stand on the terminal.
    pub(super) async fn other_place(
        &mut self,
        why: &Failure,
        asked: &mut Asked,
    ) -> Result<(), End> {
        if let Some(end) = asked.end.take() {
            self.leave_codes(end, asked);
            return Ok(());
        }
        say(&format!("The codes could not be saved. {why}"));
        match self.place().await {
            Ok(place) => self.answer(asked.id, Answer::Place(place)),
            Err(end) => self.leave_codes(of_the_job(end), asked),
        }
        Ok(())
    }

    /// Part of one code (promise P08).
    pub(super) async fn proof(&mut self, proof: Proof, asked: &mut Asked) -> Result<(), End> {
        if let Some(end) = asked.end.take() {
            self.give_up(end, asked);
            return Ok(());
        }
        // A set that is proved once more is not shown.
        let shows = asked.set_up.codes.is_some();
        if proof.attempt > 1 {
            say(
                "That is not it. Look at the number of the code, and count from its first character.",
            );
        } else {
            say(
                "Prove that you have the codes: open your copy and type a part of one. It is compared on this machine, and no code is used up.",
            );
            if let Some(Place::Vault(_)) = asked.set_up.place {
                say("In another terminal, npm-warden recovery show opens it.");
            }
            say(if shows {
                "The word show shows them here; the word decline goes on without a proof, at your own risk."
            } else {
                "The word decline ends it without a proof."
            });
        }
        let label = format!(
            "Characters {} to {} of code {}: ",
            proof.from, proof.to, proof.code
        );
        let answer = match self.hidden(&label).await {
            Ok(typed) => of_proof(typed, shows),
            Err(end) => {
                self.give_up(of_the_job(end), asked);
                return Ok(());
            }
        };
        asked.set_up.show = matches!(answer, Answer::ShowAgain);
        self.answer(asked.id, answer);
        Ok(())
    }

    /// The value of a rotated token: is it where it is used?
    pub(super) async fn installed(
        &mut self,
        token: &Token,
        value: Arc<Secret<String>>,
        asked: &mut Asked,
    ) {
        if let Some(end) = asked.end.take() {
            self.give_up(end, asked);
            return;
        }
        if matches!(self.shows, Shows::Never) {
            let why = Failure::new(
                FailureKind::Cancelled,
                "With --json the value comes once, at the end, so nobody could put it elsewhere before: the old token was kept.",
                "Leave --json out, or add --print.",
            );
            self.give_up(End::Failed(why), asked);
            return;
        }
        let asks = matches!(self.shows, Shows::Before);
        // Where it would be lost, the old one must not go.
        let lost = if let Shows::AtTheEnd(kept) = &mut self.shows {
            *kept = Some(value);
            takes().err()
        } else {
            let handed = hand_over(self, value.expose(), &value).await;
            self.shows = Shows::Done;
            match handed {
                Handed::Lost(why) => Some(why),
                Handed::Printed | Handed::Shown(_) => None,
            }
        };
        if let Some(why) = lost {
            let id = token.key.short();
            let why = Failure::new(
                FailureKind::Local,
                format!(
                    "The value of the new token, {id}, could not be written to standard output ({why}). The old token was kept."
                ),
                format!(
                    "Where the new one stands in no file, revoke it: npm-warden token revoke {id}"
                ),
            );
            self.give_up(End::Failed(why), asked);
            return;
        }
        if !asks {
            self.answer(asked.id, Answer::GoOn);
            return;
        }
        let kept = || {
            End::Failed(Failure::new(
                FailureKind::Cancelled,
                "The old token was kept.",
                "",
            ))
        };
        match self
            .agreed("Put the value where it is used. Is it everywhere, and may the old one go?")
            .await
        {
            Ok(true) => self.answer(asked.id, Answer::GoOn),
            Ok(false) => self.give_up(kept(), asked),
            Err(end) => self.give_up(of_the_job(end), asked),
        }
    }

    /// The same where the value went with an earlier run. Without a person's word nothing is revoked, whatever was said
    /// on the command line: that tells nothing of other machines.
    pub(super) async fn in_place(&mut self, wanted: &InPlace, asked: &mut Asked) {
        if let Some(end) = asked.end.take() {
            self.give_up(end, asked);
            return;
        }
        say(wanted.said.as_str());
        for caution in &wanted.cautions {
            say(caution.as_str());
        }
        if !self.somebody() {
            say("There is no terminal to ask on whether it is in place, so nothing is revoked.");
            self.answer(asked.id, Answer::Declined);
            return;
        }
        say(&format!(
            "It has to be in place everywhere that {} was used: a yes revokes that one.",
            wanted.old
        ));
        match self
            .agreed("Is the new one in place everywhere, and may the old one go?")
            .await
        {
            Ok(true) => self.answer(asked.id, Answer::GoOn),
            Ok(false) => self.answer(asked.id, Answer::Declined),
            Err(end) => self.give_up(of_the_job(end), asked),
        }
    }

    fn answer(&self, id: RequestId, answer: Answer) {
        self.handle.send(Command::Answer { id, answer });
    }
}

fn of_proof(typed: Secret<String>, shows: bool) -> Answer {
    let word = typed.expose().trim();
    if word.eq_ignore_ascii_case(DECLINE) {
        Answer::Declined
    } else if shows && word.eq_ignore_ascii_case(SHOW) {
        Answer::ShowAgain
    } else {
        Answer::Proof(typed)
    }
}

/// That nothing was changed is not true any more: the job knows what is.
pub(super) fn of_the_job(end: End) -> End {
    match end {
        End::Stopped(sign, _) => End::Stopped(sign, Text::default()),
        end => end,
    }
}
