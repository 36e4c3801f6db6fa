//! One file per flow.

mod account;
mod revoke;
mod tokens;

use std::sync::Arc;

use crate::backend::desk::Desk;
use crate::backend::house::{Connector, House};
use crate::backend::pass::{Pass, Stop, guarded};
use crate::backend::protocol::{Outcome, Request};
use crate::domain::account::Profile;
use crate::domain::failure::Failure;
use crate::domain::text::Text;
use crate::registry::{Error, Registry as _};

/// Does what was asked for, to its end.
pub(super) async fn run<C: Connector>(house: Arc<House<C>>, desk: Arc<Desk>, request: Request) {
    let result = perform(&house, &desk, request).await;
    desk.finish(result);
}

async fn perform<C: Connector>(
    house: &Arc<House<C>>,
    desk: &Arc<Desk>,
    request: Request,
) -> Result<Outcome, Failure> {
    let registry = match request {
        Request::Account => house.registry_anew().await?,
        _ => house.registry().await?,
    };
    let job = Job {
        desk,
        house,
        registry: &*registry,
    };
    let result = match request {
        Request::Account => account::account(&job).await,
        Request::Tokens => tokens::tokens(&job).await,
        Request::Revoke { tokens } => revoke::revoke(&job, tokens).await,
        _ => Err(Stop::Failure(Failure::new(
            crate::domain::failure::FailureKind::Local,
            "This part of the program is not built yet.",
            "",
        ))),
    };
    result.map_err(|stop| job.words(stop))
}

/// What a job works with.
struct Job<'a, C: Connector> {
    desk: &'a Arc<Desk>,
    house: &'a House<C>,
    registry: &'a C::Registry,
}

impl<'a, C: Connector> Job<'a, C> {
    /// A guarded call that changes nothing.
    fn reading(&self, action: &str) -> Pass<'a, C::Registry> {
        Pass::read(self.desk, self.registry, &self.house.used, action)
    }

    /// A guarded call that changes something.
    fn writing(&self, action: &str) -> Pass<'a, C::Registry> {
        Pass::write(self.desk, self.registry, &self.house.used, action)
    }

    /// The profile as it is now.
    async fn profile(&self) -> Result<Profile, Stop> {
        guarded!(self.reading("read the profile"), call => self.registry.profile(call))
    }

    /// The registry as a person names it.
    fn host(&self) -> Text {
        self.registry.identity().registry
    }

    fn error(&self, error: &Error) -> Failure {
        error.failure(&self.host())
    }

    fn words(&self, stop: Stop) -> Failure {
        match stop {
            Stop::Error(error) => self.error(&error),
            Stop::Failure(failure) => failure,
            Stop::Left => self.desk.left_words(),
        }
    }
}
