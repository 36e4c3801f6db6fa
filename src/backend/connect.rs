//! The connector of the program itself: the real client, from a configuration that is read when it is needed.

use crate::backend::clock::{Clock as _, SystemClock};
use crate::backend::house::Connector;
use crate::domain::failure::Failure;
use crate::npmrc::Config;
use crate::registry::http::{HttpRegistry, Setup};

/// Makes the HTTP client from what the function says is the configuration.
pub struct Configured<F>(pub F);

impl<F> Connector for Configured<F>
where
    F: Fn() -> Result<Config, Failure> + Send + Sync + 'static,
{
    type Registry = HttpRegistry;

    fn connect(&self) -> Result<HttpRegistry, Failure> {
        HttpRegistry::new(Setup::new((self.0)()?, || SystemClock.now()))
    }
}
