//! What comes back, and what its headers say.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{self, HeaderMap, HeaderName};
use zeroize::{Zeroize as _, Zeroizing};

use crate::domain::secret::Secret;
use crate::registry::Call;

/// No registry means a longer wait, and nobody waits it out.
const LONGEST: Duration = Duration::from_hours(24);

/// A whole answer, of any status but a redirect.
pub(super) struct Reply {
    /// The HTTP status.
    pub(super) status: u16,
    /// The items of `www-authenticate`, in lower case.
    pub(super) challenges: Vec<String>,
    /// How long to wait, where it says so.
    pub(super) retry_after: Option<Duration>,
    /// The body; of a refusal only the beginning.
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The credential that went out, and the own one, to be taken out of what the registry says.
    pub(super) credentials: Vec<Arc<Secret<String>>>,
    /// An attempt before this one broke off in the middle of a good answer.
    pub(super) begun_before: bool,
    /// An answer to an attempt before this one may have been lost on the way.
    pub(super) lost_before: bool,
}

impl Reply {
    /// The secrets that may be quoted: these, the credentials, and the code.
    pub(super) fn known<'a>(&'a self, call: Call<'a>, secrets: &[&'a str]) -> Vec<&'a str> {
        let credentials = self.credentials.iter().map(Arc::as_ref);
        let all = credentials.chain(call.otp);
        all.map(|secret| secret.expose().as_str())
            .chain(secrets.iter().copied())
            .collect()
    }
}

/// Appends without leaving a copy behind when the memory has to grow.
pub(super) fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let needed = body.len() + chunk.len();
    if needed > body.capacity() {
        let mut grown = Zeroizing::new(Vec::with_capacity(needed.max(body.capacity() * 2)));
        grown.extend_from_slice(body);
        body.zeroize();
        *body = grown;
    }
    body.extend_from_slice(chunk);
}

/// The items of `www-authenticate`, in lower case.
pub(super) fn challenges(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|item| item.trim().to_ascii_lowercase())
        .filter(|item| !item.is_empty())
        .collect()
}

/// How long to wait, at most a day: seconds, or a date, which is set against the registry's own clock where that
/// is known.
pub(super) fn retry_after(headers: &HeaderMap, now: fn() -> Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        let seconds = Duration::from_secs(text.parse().unwrap_or(u64::MAX));
        return Some(seconds.min(LONGEST));
    }
    let until = date(headers, &header::RETRY_AFTER)?;
    let now = date(headers, &header::DATE).unwrap_or_else(now);
    let wait = until.as_millisecond() - now.as_millisecond();
    Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(LONGEST))
}

/// The date in a header.
pub(super) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    let text = headers.get(name)?.to_str().ok()?;
    rfc2822::DateTimeParser::new()
        .parse_timestamp(text.trim())
        .ok()
}
