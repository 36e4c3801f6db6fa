//! Setting one profile field.

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::Outcome;
use crate::domain::account::ProfileField;
use crate::domain::failure::Failure;
use crate::domain::text::Text;
use crate::registry::Registry as _;

use super::Job;

pub(super) async fn save<C: Connector>(
    job: &Job<'_, C>,
    field: ProfileField,
    before: Option<Text>,
    after: String,
) -> Result<Outcome, Stop> {
    let pass = job.writing(&format!("change your {}", field.key()));
    let saved =
        guarded!(pass, call => job.registry.save_field(call, field, before.as_ref(), &after));
    let error = match saved {
        Ok(profile) => return Ok(Outcome::Saved(Box::new(profile))),
        Err(Stop::Error(error)) if error.outcome_unknown() => job.error(&error),
        Err(stop) => return Err(stop),
    };
    // The answer is lost: the truth is read and said.
    let profile = match job.truth().await {
        Ok(profile) => profile,
        Err(unread) => {
            return Err(Failure::new(
                error.kind,
                format!(
                    "{} Whether {} was changed is not known, since the profile could not be read either.",
                    error.what,
                    field.key()
                ),
                unread.next.as_str(),
            )
            .into());
        }
    };
    let wanted = Some(Text::new(&after)).filter(|value| !value.is_empty());
    if profile.field(field) == wanted.as_ref() {
        return Ok(Outcome::Saved(Box::new(profile)));
    }
    Err(Failure::new(
        error.kind,
        error.what.as_str(),
        format!(
            "The profile was read again: {} is unchanged, so set it once more.",
            field.key()
        ),
    )
    .into())
}
