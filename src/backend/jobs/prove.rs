//! Asking for a piece of one code until it is right, or the person declines (promise P08).

use crate::backend::desk::{Desk, Left};
use crate::backend::house::{Connector, House};
use crate::backend::protocol::{Answer, Proof, Question};
use crate::domain::recovery::RecoveryCodes;
use crate::vault::ProofTask;

/// What "show me the codes again" does.
pub(super) enum Again<'a> {
    /// They are shown, and another code is asked for afterwards.
    Shows(&'a (dyn Fn() + Sync)),
    /// Another code is asked for.
    Hides,
}

/// Asks. `Ok(false)`: the person declined, or there is nothing to ask for.
pub(super) async fn prove<C: Connector>(
    house: &House<C>,
    desk: &Desk,
    codes: &RecoveryCodes,
    again: Again<'_>,
) -> Result<bool, Left> {
    let mut asked_for = None;
    'code: loop {
        let task = ProofTask::pick(codes, &mut *house.rng(), asked_for);
        let Some(task) = task else {
            return Ok(false);
        };
        asked_for = Some(task.code);
        let mut attempt = 1;
        loop {
            let question = Question::Proof(Proof {
                code: task.code,
                from: task.from,
                to: task.to,
                attempt,
            });
            match desk.ask(question).await? {
                Answer::Proof(typed) if task.check(codes, &typed) => return Ok(true),
                Answer::ShowAgain => {
                    if let Again::Shows(show) = &again {
                        show();
                        desk.ask(Question::CodesShown).await?;
                    }
                    continue 'code;
                }
                Answer::Declined => return Ok(false),
                _ => attempt += 1,
            }
        }
    }
}
