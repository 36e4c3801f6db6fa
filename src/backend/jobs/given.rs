//! Values that somebody gave: whether they work.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::Job;
use crate::backend::batch::WIDTH;
use crate::backend::house::Connector;
use crate::backend::local::{Taken, taken};
use crate::backend::protocol::Outcome;
use crate::domain::given::Worth;
use crate::domain::secret::Secret;
use crate::domain::token::TokenKey;

/// Whether they work here, several at once. Asks the person nothing.
pub(super) async fn try_out<C: Connector>(
    job: &Job<'_, C>,
    values: Vec<(Arc<Secret<String>>, Option<TokenKey>)>,
) -> Outcome {
    let host = job.host();
    let each = values.into_iter().map(async |(value, like)| {
        let Some(registry) = job.house.by_value(&host, &value).await else {
            return Worth::NoAnswer;
        };
        match taken(&*registry).await {
            Taken::By(name) => {
                let ours = job.account.get() == Some(&name);
                if let Some(key) = like.filter(|_| ours) {
                    job.house.given.is(&host, key, value);
                }
                Worth::Works {
                    account: name,
                    ours,
                }
            }
            Taken::Refused => Worth::Refused,
            Taken::NoAnswer(_) => Worth::NoAnswer,
        }
    });
    Outcome::TriedOut(stream::iter(each).buffered(WIDTH).collect().await)
}
