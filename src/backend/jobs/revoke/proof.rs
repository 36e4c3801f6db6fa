//! Values that are known here, tried out on their own registry before the first request and after the list lacks them
//! (promise P31).

use std::time::Duration;

use super::super::Job;
use super::row::{After, Before};
use super::rows::Rows;
use crate::backend::house::Connector;
use crate::backend::local::{Speaker, Taken, all_taken};
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::registry::Registry;

/// The tokens whose value is known here for sure.
pub(super) struct Proof<'a, R> {
    known: Vec<(TokenKey, Speaker<'a, R>)>,
    /// Whose tokens they are.
    account: Option<Text>,
}

impl<'a, R: Registry> Proof<'a, R> {
    /// Looks among what lies on this machine.
    pub(super) async fn find<C: Connector<Registry = R>>(
        job: &Job<'a, C>,
        keys: &[TokenKey],
        account: Option<Text>,
    ) -> Self {
        Self {
            known: job.house.known_here(job.registry, keys).await,
            account,
        }
    }

    /// What requests carry, if it is one of them.
    pub(super) fn in_use(&self) -> Option<&TokenKey> {
        let mut known = self.known.iter();
        let found = known.find(|(_, speaker)| matches!(speaker, Speaker::InUse(_)));
        found.map(|(key, _)| key)
    }

    /// Whether its value can be tried out.
    pub(super) fn knows(&self, key: &TokenKey) -> bool {
        self.known.iter().any(|(known, _)| known == key)
    }

    /// Whether they work before anything is sent.
    pub(super) async fn before(&self, rows: &mut Rows<'_>) {
        let open = self.known.iter();
        let open: Vec<_> = open.filter(|(key, _)| !rows.worked(key)).collect();
        let taken = all_taken(open.iter().map(|(_, speaker)| &**speaker)).await;
        for ((key, _), taken) in open.into_iter().zip(taken) {
            rows.before(
                key,
                match taken {
                    Taken::By(name) if self.is_ours(&name) => Before::Worked,
                    Taken::By(_) | Taken::NoAnswer(_) => Before::NoAnswer,
                    Taken::Refused => Before::Refused,
                },
            );
        }
    }

    /// Whether those that are gone from the list still work; the longest wait that was asked for before another try.
    pub(super) async fn after(&self, rows: &mut Rows<'_>, keys: &[TokenKey]) -> Option<Duration> {
        let open = self.known.iter();
        let open = open.filter(|(key, _)| keys.contains(key) && rows.is_to_be_tried_out(key));
        let open: Vec<_> = open.collect();
        let taken = all_taken(open.iter().map(|(_, speaker)| &**speaker)).await;
        let mut wait = None;
        for ((key, _), taken) in open.into_iter().zip(taken) {
            let after = match taken {
                Taken::By(name) if self.is_ours(&name) => After::Taken(rows.now()),
                Taken::By(_) | Taken::Refused => After::Refused,
                Taken::NoAnswer(asked) => {
                    wait = wait.max(asked);
                    continue;
                }
            };
            rows.after(key, after);
        }
        wait
    }

    fn is_ours(&self, name: &Text) -> bool {
        self.account.as_ref().is_none_or(|account| account == name)
    }
}
