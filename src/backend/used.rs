//! The codes that are not sent again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::otp::Otp;
use crate::domain::secret::Secret;
use crate::registry::{Error, Sent};

/// A one-time password that is about to be sent, or was.
pub(super) type Code = Arc<Otp>;

/// The codes that are not sent again, whatever asks for one (promises P11 and P15).
#[derive(Debug, Default)]
pub(super) struct Used(Mutex<VecDeque<UsedCode>>);

#[derive(Debug)]
struct UsedCode {
    code: Code,
    why: WhyNot,
}

/// Why a code is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhyNot {
    /// The registry refused it.
    Refused,
    /// It serves once, and has served.
    Served,
    /// It serves once, and went out; how it was taken is not known, or not yet.
    Sent,
    /// It went out, and the registry asked to wait instead of judging it.
    Waited,
}

impl Used {
    /// The waits make it a matter of hours to have this many refused.
    const MOST: usize = 256;

    fn codes(&self) -> MutexGuard<'_, VecDeque<UsedCode>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, code: Code, why: WhyNot) {
        let mut codes = self.codes();
        codes.retain(|used| !used.code.matches(&code));
        if codes.len() == Self::MOST {
            codes.pop_front();
        }
        codes.push_back(UsedCode { code, why });
    }

    /// A code goes out: one that serves once does so for the last time, whatever the answer will be.
    pub(super) fn sent(&self, code: &Code) {
        if code.once() && self.find(code).is_none() {
            self.add(Arc::clone(code), WhyNot::Sent);
        }
    }

    /// The write that it went with ended by this: when that surely never arrived, the code is as good as before.
    pub(super) fn unsent(&self, code: &Code, error: &Error) {
        if matches!(error, Error::Network { sent: Sent::No, .. }) {
            self.codes()
                .retain(|used| used.why != WhyNot::Sent || !used.code.matches(code));
        }
    }

    pub(super) fn find(&self, code: &Secret<String>) -> Option<WhyNot> {
        self.codes()
            .iter()
            .find(|used| used.code.matches(code))
            .map(|used| used.why)
    }
}
