//! What goes out: one request, its body, and headers that hold a secret.

use std::io;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderValue;
use url::Url;
use zeroize::Zeroizing;

use crate::domain::secret::Secret;
use crate::registry::Sent;

/// The body of a request, wiped when the last owner lets go of it.
#[derive(Clone)]
pub(super) struct Body(Bytes);

impl Body {
    /// Serializes `value` into memory of its own, large enough never to be moved.
    pub(super) fn json(value: &impl serde::Serialize) -> Self {
        let mut length = Counter(0);
        let written = serde_json::to_writer(&mut length, value).is_ok();
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
        assert!(
            written && serde_json::to_writer(&mut *bytes, value).is_ok(),
            "plain values always serialize"
        );
        Self(Bytes::from_owner(bytes))
    }

    /// The same memory once more.
    pub(super) fn bytes(&self) -> Bytes {
        self.0.clone()
    }
}

/// Counts what is written to it.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One request.
pub(super) struct Ask {
    /// Everything but GET is a write.
    pub(super) method: Method,
    /// From [`Transport::at`] or [`Transport::within`].
    pub(super) url: Url,
    /// What npm's command of the same purpose is called.
    pub(super) command: &'static str,
    /// JSON.
    pub(super) body: Option<Body>,
}

impl Ask {
    /// Whether it changes nothing, so that it may be sent again.
    pub(super) fn reads(&self) -> bool {
        self.method == Method::GET
    }

    /// What is known of its effect when it broke off on the way.
    pub(super) fn sent(&self) -> Sent {
        if self.reads() { Sent::No } else { Sent::Maybe }
    }
}

/// A header whose value is marked as secret and wiped when the last owner lets go of it.
pub(super) fn secret_header(secret: &Secret<String>) -> Option<HeaderValue> {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte);
    if secret.is_empty() || !secret.expose().bytes().all(plain) {
        return None;
    }
    let bytes = Zeroizing::new(secret.expose().clone().into_bytes());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(bytes)).ok()?;
    value.set_sensitive(true);
    Some(value)
}
