//! What the registry said that it revoked, and lists or takes still: looked at again, and not sent again.

use std::time::Duration;

use super::revoke::fresh;
use super::{Walk, count};
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::domain::incident::{IncidentRow, Stage};
use crate::domain::revocation::RowState;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;

/// The waits before each look.
const LOOKS: [Duration; 3] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// Whether a row is said to be revoked, and is not seen to be: it is not sent again.
pub(super) const fn lingers(row: &IncidentRow) -> bool {
    matches!(
        row.state,
        RowState::Accepted | RowState::StillListed | RowState::StillAccepted { .. }
    )
}

impl<C: Connector> Walk<'_, '_, C> {
    /// Looks for a while; the person can leave the waiting.
    pub(super) async fn linger(&mut self, stage: Stage) -> Result<(), Left> {
        let of = u32::try_from(LOOKS.len()).unwrap_or(u32::MAX) + 1;
        for (attempt, wait) in (2..).zip(LOOKS) {
            let rows = self.open(lingers);
            if rows.is_empty() {
                return Ok(());
            }
            let words = format!(
                "{} said to be revoked, and not seen to be gone",
                count(rows.len(), "token")
            );
            self.book.now_doing(stage, &words).await;
            self.job
                .desk
                .pause_here(attempt, of, wait, Text::new(&words))
                .await;
            if self.job.desk.left() {
                return Err(Left);
            }
            self.look(&rows).await;
        }
        Ok(())
    }

    async fn look(&mut self, keys: &[TokenKey]) {
        let Ok(list) = fresh(&self.speaking()).await else {
            return;
        };
        self.look_at(keys.to_vec(), &list).await;
    }
}
