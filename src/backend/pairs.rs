//! Key pairs of encrypted files of codes, from their making until codes are sealed by them, or none came.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;
use crate::vault::Pair;

/// The pairs that wait for codes.
#[derive(Debug, Default)]
pub(super) struct Pairs(Mutex<Vec<Waiting>>);

#[derive(Debug)]
struct Waiting {
    pair: Arc<Pair>,
    account: Text,
    /// How many jobs count on it.
    held: usize,
}

impl Pairs {
    fn list(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A pair was made. Its name was free: one that had it before has lost its key.
    pub(super) fn add(&self, pair: Pair, account: Text) {
        let mut list = self.list();
        list.retain(|waiting| waiting.pair.path() != pair.path());
        list.push(Waiting {
            pair: Arc::new(pair),
            account,
            held: 0,
        });
    }

    /// The pair of this place.
    pub(super) fn of(&self, path: &Path) -> Result<Arc<Pair>, Failure> {
        let list = self.list();
        let found = list.iter().find(|waiting| waiting.pair.path() == path);
        found.map(|found| Arc::clone(&found.pair)).ok_or_else(|| {
            Failure::new(
                FailureKind::Local,
                "No key is ready for the encrypted file.",
                "Choose the place again, and type a passphrase for it.",
            )
        })
    }

    /// A pair for codes of this account, where one waits.
    pub(super) fn any_for(&self, account: &Text) -> Option<Arc<Pair>> {
        let list = self.list();
        let found = list.iter().rfind(|waiting| waiting.account == *account)?;
        Some(Arc::clone(&found.pair))
    }

    /// A job counts on the pair of this place from now on.
    pub(super) fn hold(self: &Arc<Self>, path: &Path) -> Result<Hold, Failure> {
        let pair = self.of(path)?;
        for waiting in &mut *self.list() {
            waiting.held += usize::from(Arc::ptr_eq(&waiting.pair, &pair));
        }
        Ok(Hold {
            pairs: Arc::clone(self),
            pair,
        })
    }

    /// Codes are sealed by it: it is of no more use, and its file with the key stays.
    pub(super) fn spent(&self, pair: &Arc<Pair>) {
        self.list()
            .retain(|waiting| !Arc::ptr_eq(&waiting.pair, pair));
    }

    /// Removes those of this account that nothing counts on. Blocks on files.
    pub(super) fn discard_of(&self, account: &Text) {
        self.discard(|waiting| waiting.account == *account && waiting.held == 0);
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.list().is_empty()
    }

    /// Removes them all. Blocks on files.
    pub(super) fn discard_all(&self) {
        self.discard(|_| true);
    }

    fn discard(&self, which: impl Fn(&Waiting) -> bool) {
        let gone: Vec<_> = self
            .list()
            .extract_if(.., |waiting| which(waiting))
            .collect();
        for waiting in gone {
            if let Err(failure) = waiting.pair.discard() {
                tracing::warn!(%failure, "a key that no codes came for is still there");
            }
        }
    }
}

/// A job counts on a pair as long as this lives.
#[derive(Debug)]
pub(super) struct Hold {
    pairs: Arc<Pairs>,
    pair: Arc<Pair>,
}

impl Hold {
    /// No codes will come for it. Blocks on files; does nothing to a pair that has got codes.
    pub(super) fn discard(self) {
        let pair = Arc::clone(&self.pair);
        let pairs = Arc::clone(&self.pairs);
        drop(self);
        pairs.discard(|waiting| Arc::ptr_eq(&waiting.pair, &pair) && waiting.held == 0);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for waiting in &mut *self.pairs.list() {
            if Arc::ptr_eq(&waiting.pair, &self.pair) {
                waiting.held = waiting.held.saturating_sub(1);
            }
        }
    }
}
