//! Values that somebody gave: which listed token each is, and whether it works.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::Job;
use crate::backend::batch::WIDTH;
use crate::backend::finder::digest;
use crate::backend::house::Connector;
use crate::backend::local::{Taken, taken};
use crate::backend::protocol::Outcome;
use crate::domain::given::{Whose, Worth};
use crate::domain::secret::Secret;
use crate::domain::token::{Token, TokenKey};

/// Which of these tokens they are. Sends nothing.
pub(super) async fn whose<C: Connector>(
    job: &Job<'_, C>,
    values: Vec<Arc<Secret<String>>>,
    among: &[Token],
) -> Outcome {
    let host = job.host();
    let (_, notes) = job.house.kept_here().await;
    // Another value is known of it, so that it is no other.
    let taken = |token: &Token| {
        is_digest(&token.key)
            || notes
                .of(&host, &token.key)
                .is_some_and(crate::records::Note::knows)
    };
    let whose = |value: &Arc<Secret<String>>| {
        let digest = digest(value);
        let by_key = |token: &&Token| token.key.is(&digest);
        let is = among.iter().find(by_key).map(|token| &token.key).cloned();
        let is = is.or_else(|| {
            let given = notes.whose(&host, value)?;
            among
                .iter()
                .any(|token| token.key == given)
                .then_some(given)
        });
        if let Some(key) = is {
            job.house.given.is(&host, key.clone(), Arc::clone(value));
            return Whose::Is(key);
        }
        let like =
            |token: &&Token| Token::looks_like(&token.begins, value.expose()) && !taken(token);
        let like: Vec<_> = among
            .iter()
            .filter(like)
            .map(|token| token.key.clone())
            .collect();
        if like.is_empty() {
            Whose::Nobodys
        } else {
            Whose::LooksLike(like)
        }
    };
    Outcome::Whose(values.iter().map(whose).collect())
}

/// Whether a key is the digest of its value, as npm's registry API documents keys: then it is that of no other.
fn is_digest(key: &TokenKey) -> bool {
    key.raw().len() == 128 && key.raw().bytes().all(|b| b.is_ascii_hexdigit())
}

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
