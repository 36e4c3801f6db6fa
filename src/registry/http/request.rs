//! What goes out: one request, its body, and headers that hold a secret.

use std::io;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderValue;
use url::Url;
use zeroize::Zeroizing;

use super::bearing::Bears;
use crate::domain::secret::Secret;
use crate::registry::Sent;

/// The largest answer that is read, unless a request says less.
const LARGEST: usize = 4 * 1024 * 1024;
/// Answers after which a read is tried again, unless it says otherwise.
const AGAIN: &[u16] = &[408, 429, 502, 503, 504];

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
    /// GET, or a write.
    pub(super) method: Method,
    /// From [`super::transport::Transport::at`] or [`super::transport::Transport::within`], or the address of a result.
    pub(super) url: Url,
    /// What npm's command of the same purpose is called.
    pub(super) command: &'static str,
    /// JSON.
    pub(super) body: Option<Body>,
    /// Whose credential goes along.
    pub(super) bears: Bears,
    /// Stands in the log and in errors for a path that holds a secret.
    pub(super) alias: Option<&'static str>,
    /// The largest answer that is read, in bytes.
    pub(super) largest: usize,
    /// The answers after which a read is tried again.
    pub(super) again: &'static [u16],
    /// A good status says it all, even when the body breaks off.
    pub(super) by_status: bool,
    /// Nothing remains of it that would have to be read again, although it is no GET.
    leaves_nothing: bool,
    /// What it reads is told once: an answer that is lost may have been the one.
    told_once: bool,
}

impl Ask {
    /// A request that changes nothing and may be sent again, with the own credential.
    pub(super) fn read(url: Url, command: &'static str) -> Self {
        Self {
            method: Method::GET,
            url,
            command,
            body: None,
            bears: Bears::Own,
            alias: None,
            largest: LARGEST,
            again: AGAIN,
            by_status: false,
            leaves_nothing: false,
            told_once: false,
        }
    }

    /// A request that changes something, with the own credential.
    pub(super) fn write(
        method: Method,
        url: Url,
        command: &'static str,
        body: Option<Body>,
    ) -> Self {
        let by_status = method == Method::DELETE;
        Self {
            method,
            body,
            by_status,
            ..Self::read(url, command)
        }
    }

    /// With another credential, or none.
    pub(super) fn bearing(self, bears: Bears) -> Self {
        Self { bears, ..self }
    }

    /// Its path is named in no log and in no error; `alias` is.
    pub(super) fn called(self, alias: &'static str) -> Self {
        Self {
            alias: Some(alias),
            ..self
        }
    }

    /// No more than this is read of the answer.
    pub(super) fn at_most(self, largest: usize) -> Self {
        Self { largest, ..self }
    }

    /// Tried again after these answers only.
    pub(super) fn again_after(self, again: &'static [u16]) -> Self {
        Self { again, ..self }
    }

    /// A good status says it all.
    pub(super) fn by_status(self) -> Self {
        Self {
            by_status: true,
            ..self
        }
    }

    /// Nothing remains of it that would have to be read again.
    pub(super) fn leaving_nothing(self) -> Self {
        Self {
            leaves_nothing: true,
            ..self
        }
    }

    /// What it reads is told once.
    pub(super) fn told_once(self) -> Self {
        Self {
            told_once: true,
            ..self
        }
    }

    /// Whether it changes nothing, so that it may be sent again.
    pub(super) fn reads(&self) -> bool {
        self.method == Method::GET
    }

    /// What is known of its effect when it broke off on the way.
    pub(super) fn sent(&self) -> Sent {
        if (self.reads() && !self.told_once) || self.leaves_nothing {
            Sent::No
        } else {
            Sent::Maybe
        }
    }
}

/// A header whose value is marked as secret and wiped when the last owner lets go of it.
pub(super) fn secret_header(secret: &Secret<String>) -> Option<HeaderValue> {
    if !sendable(secret) {
        return None;
    }
    let bytes = Zeroizing::new(secret.expose().clone().into_bytes());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(bytes)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether a secret can stand in a header.
pub(super) fn sendable(secret: &Secret<String>) -> bool {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte);
    !secret.is_empty() && secret.expose().bytes().all(plain)
}

/// Percent-encoded, except what never needs to be.
pub(super) fn escaped(part: &str) -> String {
    use std::fmt::Write as _;
    // Whatever it is, it grows into no second piece of memory.
    let mut out = String::with_capacity(3 * part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String never fails.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
