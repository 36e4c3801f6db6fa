//! Tokens whose value lies on this machine, for sure, and whether their own registry takes them (promise P31).

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::backend::finder::digest;
use crate::backend::house::{Connector, House};
use crate::domain::secret::Secret;
use crate::domain::signin::Session;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::npmrc::Auth;
use crate::records::Notes;
use crate::registry::{Call, Error, Registry, Retrying};

/// How long one try, or a look at the files of this machine, may take: what is to be revoked does not wait longer for a
/// proof.
const PATIENT: Duration = Duration::from_secs(10);

/// What speaks by a token's value.
pub(super) enum Speaker<'a, R> {
    /// What the job itself speaks by: the credential in use.
    InUse(&'a R),
    /// Another one that lies here.
    Local(Box<R>),
    /// One that somebody gave.
    Given(Arc<R>),
}

impl<R> Deref for Speaker<'_, R> {
    type Target = R;

    fn deref(&self) -> &R {
        match self {
            Self::InUse(registry) => registry,
            Self::Local(registry) => registry,
            Self::Given(registry) => registry,
        }
    }
}

/// What a registry makes of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is this account's.
    By(Text),
    /// It is refused: 401, 403, or an answer without an account.
    Refused,
    /// There was no answer that tells; the least wait before another try, where the registry asked for one.
    NoAnswer(Option<Duration>),
}

/// Tries a value out, on its own registry. Asks the person nothing.
pub(super) async fn taken<R: Registry>(registry: &R) -> Taken {
    let quiet = |_: Retrying| {};
    let call = Call {
        otp: None,
        once: false,
        retrying: &quiet,
    };
    let asked = async {
        match registry.whoami(call).await {
            Err(Error::NotOffered { .. }) => {
                registry.profile(call).await.map(|profile| profile.name)
            }
            answer => answer,
        }
    };
    match tokio::time::timeout(PATIENT, asked).await {
        Ok(Ok(name)) => Taken::By(name),
        Ok(Err(
            Error::SignedOut { .. }
            | Error::Refused {
                status: 401 | 403, ..
            },
        )) => Taken::Refused,
        Ok(Err(Error::Wait { for_, .. })) => Taken::NoAnswer(for_),
        Ok(Err(_)) | Err(_) => Taken::NoAnswer(None),
    }
}

/// Tries several out at once.
pub(super) async fn all_taken<'r, R: Registry>(
    speakers: impl IntoIterator<Item = &'r R>,
) -> Vec<Taken> {
    join_all(speakers.into_iter().map(taken)).await
}

/// Which of these tokens of a registry a value is, for sure.
pub(super) fn token_of(
    host: &Text,
    notes: &Notes,
    keys: &[TokenKey],
    value: &Secret<String>,
) -> Option<TokenKey> {
    let digest = digest(value);
    let by_key = keys.iter().find(|key| key.is(&digest));
    by_key.cloned().or_else(|| {
        let given = notes.whose(host, value);
        given.filter(|key| keys.contains(key))
    })
}

impl<C: Connector> House<C> {
    /// Those of these tokens of a registry whose value is known here for sure, each with what speaks by it.
    pub(super) async fn known_here<'a>(
        &self,
        registry: &'a C::Registry,
        keys: &[TokenKey],
    ) -> Vec<(TokenKey, Speaker<'a, C::Registry>)> {
        let host = registry.identity().registry;
        let looked = tokio::time::timeout(PATIENT, self.kept_here()).await;
        let (survey, notes) = looked.unwrap_or_default();
        let of = |value: &Secret<String>| token_of(&host, &notes, keys, value);
        let mut known = Vec::new();
        if let Some(value) = registry.token()
            && let Some(key) = of(&value)
        {
            known.push((key, Speaker::InUse(registry)));
        }
        for (id, auth) in &survey.values {
            let Auth::Bearer(value) = auth else { continue };
            let Some(key) = of(value) else { continue };
            if known.iter().any(|(known, _)| *known == key) {
                continue;
            }
            match self.by_local(id).await {
                // A copy that npm would send elsewhere says nothing about this registry.
                Ok(local) if origin(&local.identity().registry) == origin(&host) => {
                    known.push((key, Speaker::Local(Box::new(local))));
                }
                Ok(_) => {}
                Err(failure) => tracing::warn!(%failure, "a token's value cannot be tried out"),
            }
        }
        // What the configuration gives stands in no file of a demo, and a session speaks in its place.
        if let Ok(configured) = self.configured().await
            && configured.identity().registry == host
            && let Some(key) = configured.token().and_then(|value| of(&value))
            && !known.iter().any(|(known, _)| *known == key)
        {
            known.push((key, Speaker::Given(configured)));
        }
        for (key, value) in self.given.of(&host) {
            // A key that is a digest may be listed in letters of either case.
            let same = |listed: &&TokenKey| listed.is(&key.raw());
            let found = keys.iter().find(|listed| **listed == key);
            let Some(key) = found.or_else(|| keys.iter().find(same)).cloned() else {
                continue;
            };
            if known.iter().any(|(known, _)| *known == key) {
                continue;
            }
            if let Some(by) = self.by_value(&host, &value).await {
                known.push((key, Speaker::Given(by)));
            }
        }
        known
    }

    /// What speaks to this registry by a value that somebody gave, unless the configuration has come to mean another.
    pub(super) async fn by_value(
        &self,
        host: &Text,
        value: &Arc<Secret<String>>,
    ) -> Option<Arc<C::Registry>> {
        let session = Arc::new(Session {
            token: Arc::clone(value),
            registry: host.clone(),
            name: Text::default(),
        });
        let registry = self.by(&session).await.ok()?;
        let carried = registry
            .token()
            .is_some_and(|carried| carried.matches(value));
        (carried && registry.identity().registry == *host).then_some(registry)
    }
}

/// Host and port of a registry's name.
fn origin(registry: &Text) -> &str {
    let name = registry.as_str();
    let (scheme, rest) = name.split_once("://").map_or(("", name), |(_, rest)| {
        name.split_at(name.len() - rest.len())
    });
    let end = rest.find('/').unwrap_or(rest.len());
    &name[..scheme.len() + end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrys_origin_is_its_scheme_host_and_port() {
        for (name, of) in [
            ("r.test", "r.test"),
            ("r.test:8443/npm/x", "r.test:8443"),
            ("http://127.0.0.1:4873", "http://127.0.0.1:4873"),
            ("http://127.0.0.1:4873/npm", "http://127.0.0.1:4873"),
        ] {
            assert_eq!(origin(&Text::from(name)), of);
        }
    }
}
