//! Whether the registry takes the new token, from where it stands (requirement E4).

use std::sync::Arc;
use std::time::Duration;

use super::{Before, Ended, On, Place, Rotation};
use crate::backend::house::Connector;
use crate::backend::session::name_of;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::{Error, Registry};

/// The waits before it is tried out again: some registries know a new token late.
const WAITS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// What a registry made of the new token.
enum Tried {
    Works,
    Refused(Failure),
    Unknown(Failure),
}

impl<C: Connector> Rotation<'_, C> {
    pub(super) async fn verify(&mut self) -> On {
        let step = RotateStep::Verify;
        self.set(step, RotateState::Doing);
        let mut tried = self.try_out().await;
        for (attempt, wait) in (2..).zip(WAITS) {
            let why = match &tried {
                Tried::Works => break,
                Tried::Refused(why) | Tried::Unknown(why) => why.what.clone(),
            };
            if self.job.desk.left() {
                break;
            }
            self.job.desk.pause(attempt, 3, wait, why).await;
            tried = self.try_out().await;
        }
        match tried {
            Tried::Works => {
                self.log.done(step).await;
                let host = self.begun.registry.clone();
                self.set(
                    step,
                    RotateState::Done(Text::new(&format!("{host} takes the new token."))),
                );
                Ok(())
            }
            // The old one is limited to other addresses than this, and so is the new one.
            Tried::Refused(_) if self.begun.limited && self.before != Before::Worked => {
                self.left_out(
                    step,
                    "It is limited to addresses, and cannot be tried out from here.",
                );
                if self.begun.elsewhere {
                    return Ok(());
                }
                self.left_out(
                    RotateStep::Revoke,
                    "The old one is not revoked before the new one is seen to work.",
                );
                self.both_stay();
                Err(Ended)
            }
            Tried::Refused(failure) => {
                self.not_taken().await;
                self.set(step, RotateState::Failed(failure));
                Err(Ended)
            }
            Tried::Unknown(failure) => {
                self.set(step, RotateState::Failed(failure));
                self.both_stay();
                Err(Ended)
            }
        }
    }

    /// From each place that holds it, or by itself where none does.
    async fn try_out(&self) -> Tried {
        let Some(value) = &self.value else {
            return Tried::Works;
        };
        let mut any = false;
        for place in self.places.iter().filter(|place| place.written) {
            any = true;
            match self.try_out_from(place, value).await {
                Ok(Tried::Works) => {}
                Ok(tried) => return tried,
                Err(why) => return Tried::Unknown(why),
            }
        }
        if any {
            return Tried::Works;
        }
        match self.speaker(value).await {
            Ok(registry) => self.by(&*registry).await,
            Err(why) => Tried::Unknown(why),
        }
    }

    /// Where npm does not read the place from here, by what stands in it.
    async fn try_out_from(
        &self,
        place: &Place,
        value: &Arc<Secret<String>>,
    ) -> Result<Tried, Failure> {
        let house = self.job.house;
        let gone = || {
            Failure::new(
                FailureKind::Local,
                format!("{} does not hold the new token any more.", place.shown),
                "Look who else writes there, and go on.",
            )
        };
        if place.here {
            let registry = house.by_local(&place.id).await?;
            let holds = registry.token().is_some_and(|held| held.matches(value));
            if !holds {
                return Err(gone());
            }
            return Ok(self.by(&registry).await);
        }
        let file = place.id.path.clone().ok_or_else(gone)?;
        let stands = house.look_into(file).await?.values;
        let holds = stands
            .iter()
            .any(|(id, held)| *id == place.id && held.secret().matches(value));
        if !holds {
            return Err(gone());
        }
        let registry = self.speaker(value).await?;
        Ok(self.by(&registry).await)
    }

    async fn by(&self, registry: &C::Registry) -> Tried {
        let host = &self.begun.registry;
        match name_of(registry, self.job.desk.retrying()).await {
            Ok(name) if self.begun.account.as_ref().is_none_or(|ours| *ours == name) => {
                Tried::Works
            }
            Ok(name) => Tried::Refused(Failure::new(
                FailureKind::Refused,
                format!("{host} takes the new token for {name}'s."),
                "Revoke it.",
            )),
            Err(Error::SignedOut { words, .. }) => {
                let says = if words.is_empty() {
                    String::new()
                } else {
                    format!(": {}", words.quoted(200))
                };
                Tried::Refused(Failure::new(
                    FailureKind::Refused,
                    format!("{host} does not take the new token{says}."),
                    "The old one goes on being used.",
                ))
            }
            Err(
                error @ Error::Refused {
                    status: 401 | 403, ..
                },
            ) => Tried::Refused(error.failure(host)),
            Err(error) => Tried::Unknown(error.failure(host)),
        }
    }
}
