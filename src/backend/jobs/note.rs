//! Noting down on this machine what a token is for. Nothing is sent.

use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::Outcome;
use crate::domain::note::{clean, holds_a_token};
use crate::domain::token::TokenKey;
use crate::registry::Registry as _;

use super::Job;

pub(super) async fn note<C: Connector>(
    job: &Job<'_, C>,
    token: TokenKey,
    typed: &str,
) -> Result<Outcome, Stop> {
    let text = clean(typed)?;
    let token_in_use = job.registry.token();
    if token_in_use.is_some_and(|value| text.as_str().contains(value.expose().as_str())) {
        return Err(holds_a_token().into());
    }
    let (registry, key, kept) = (job.host(), token.clone(), text.clone());
    job.house
        .notes(move |notes| notes.set(&registry, &key, &kept))
        .await?;
    Ok(Outcome::Noted {
        token,
        note: (!text.is_empty()).then_some(text),
    })
}
