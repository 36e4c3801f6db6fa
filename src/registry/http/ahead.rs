//! How far this machine's clock is ahead of the registry's (promise P16).

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap};

use super::reply::date;

/// A measurement that took longer than this, in milliseconds, does not replace a better one.
const SLOW: i64 = 2_000;

/// The distance, and how long the answer took that told so, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ahead {
    by: i64,
    took: i64,
}

impl Ahead {
    /// Learns from an answer. `Date` counts whole seconds and was written at some moment between the two given:
    /// of all that fits, the least is believed, so that a slow answer raises no alarm.
    pub(super) fn note(
        known: &mut Option<Self>,
        headers: &HeaderMap,
        before: Timestamp,
        after: Timestamp,
    ) {
        // An answer out of a cache tells another moment's date.
        if headers.contains_key(header::AGE) {
            return;
        }
        let Some(date) = date(headers, &header::DATE) else {
            return;
        };
        let least = before.as_millisecond() - (date.as_millisecond() + 1000);
        let most = after.as_millisecond() - date.as_millisecond();
        let took = after.as_millisecond() - before.as_millisecond();
        let by = if least > 0 { least } else { most.min(0) };
        if took <= SLOW || known.is_none_or(|old| took <= old.took) {
            *known = Some(Self { by, took });
        }
    }

    /// In seconds; negative when behind.
    pub(super) fn seconds(self) -> i64 {
        self.by / 1000
    }
}
