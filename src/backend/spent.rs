//! Recovery codes that went out: each serves once, so that it did is noted where its set is kept.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;

use crate::backend::house::{Connector, House};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::Error;

/// Keeps the list of recovery codes that went out.
pub(super) trait Book: Send + Sync {
    /// A code of an account of a registry went out; `sure`: it was taken. Whatever happens here stops nothing.
    fn code_used<'a>(
        &'a self,
        account: &'a Text,
        registry: &'a Text,
        code: &'a Secret<String>,
        sure: bool,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

impl<C: Connector> Book for House<C> {
    fn code_used<'a>(
        &'a self,
        account: &'a Text,
        registry: &'a Text,
        code: &'a Secret<String>,
        sure: bool,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(self.code_used(account, registry, code, sure))
    }
}

/// Where the codes of one account are noted.
#[derive(Clone, Copy)]
pub(super) struct Noting<'a> {
    /// The list.
    pub(super) book: &'a dyn Book,
    /// Whose codes they are, once that is known.
    pub(super) account: &'a OnceLock<Text>,
}

/// Whether a code that serves once may have served in a call that ended by this.
pub(super) fn may_have_served(error: &Error, write: bool) -> bool {
    match error {
        // Refused, or not looked at: whoever is not known has no codes.
        Error::Challenge(_) | Error::SignedOut { .. } | Error::Unsafe { .. } => false,
        Error::Changed { .. } => !write,
        // Of a read it is told that nothing changed by it, not that it never arrived.
        Error::Network { .. } | Error::Malformed { .. } | Error::Elsewhere { .. } => {
            !(write && error.surely_undone())
        }
        // Some registries look at the code first, and refuse for another reason.
        Error::NotOffered { .. } | Error::Wait { .. } | Error::Refused { .. } => true,
    }
}
