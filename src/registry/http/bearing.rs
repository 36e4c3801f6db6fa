//! What a request bears: the credential in use, which a sign-in may replace, or another, or none.

use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use url::Url;
use zeroize::Zeroizing;

use super::address::origin;
use super::request::secret_header;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::npmrc::{Auth, Scope};
use crate::registry::Error;

/// Whose credential goes along with a request.
pub(super) enum Bears {
    /// The own one; nothing is sent without it.
    Own,
    /// The own one where it was stored for the address; none elsewhere, or when there is none.
    OwnWhereItMay,
    /// None.
    Nothing,
    /// This one, which the person has just typed for this registry.
    Typed(Auth),
}

/// A user name and a password as basic authentication; `None` when the name cannot stand there.
pub(super) fn basic(name: &str, password: &Secret<String>) -> Option<Auth> {
    // The first colon ends the name: with one in it, it would be another name.
    if name.contains(':') {
        return None;
    }
    let mut pair = Zeroizing::new(Vec::with_capacity(name.len() + 1 + password.expose().len()));
    pair.extend_from_slice(name.as_bytes());
    pair.push(b':');
    pair.extend_from_slice(password.expose().as_bytes());
    Some(Auth::Basic(Arc::new(Secret::from(STANDARD.encode(&*pair)))))
}

/// What one request carries.
pub(super) struct Borne {
    /// The `authorization` header.
    pub(super) header: HeaderValue,
    /// The secret in it, to be taken out of what the registry says.
    pub(super) secret: Arc<Secret<String>>,
}

/// The credential in use, and where it may go.
pub(super) struct Held(RwLock<Option<(Auth, Scope)>>);

impl Held {
    pub(super) fn new(credential: Option<(Auth, Scope)>) -> Self {
        Self(RwLock::new(credential))
    }

    /// From now on this one.
    pub(super) fn adopt(&self, auth: Auth, scope: Scope) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((auth, scope));
    }

    fn get(&self) -> Option<(Auth, Scope)> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Its secret, if there is one.
    pub(super) fn secret(&self) -> Option<Arc<Secret<String>>> {
        self.get().map(|(auth, _)| Arc::clone(auth.secret()))
    }

    /// The token, if the credential is one.
    pub(super) fn bearer(&self) -> Option<Arc<Secret<String>>> {
        match self.get()? {
            (Auth::Bearer(token), _) => Some(token),
            (Auth::Basic(_), _) => None,
        }
    }

    /// What a request to `url` carries (promise P21).
    pub(super) fn borne(&self, bears: &Bears, url: &Url) -> Result<Option<Borne>, Error> {
        let auth = match (bears, self.get()) {
            (Bears::Nothing, _) => return Ok(None),
            (Bears::Typed(auth), _) => auth.clone(),
            (Bears::Own, None) => {
                return Err(Error::SignedOut {
                    anonymous: true,
                    words: Text::default(),
                });
            }
            (_, Some((auth, scope))) if scope.covers(url) => auth,
            (Bears::OwnWhereItMay, _) => return Ok(None),
            (Bears::Own, Some(_)) => {
                return Err(Error::Unsafe {
                    why: Text::new(&format!(
                        "The credential was stored for another address than {}, so it is not sent there.",
                        origin(url)
                    )),
                });
            }
        };
        let secret = Arc::clone(auth.secret());
        let header = (!secret.is_empty()).then(|| auth.header());
        let header = header.as_ref().and_then(secret_header).ok_or_else(|| Error::Unsafe {
            why: Text::new(
                "The credential holds characters that cannot be sent, so it is not one that a registry gave out.",
            ),
        })?;
        Ok(Some(Borne { header, secret }))
    }
}
