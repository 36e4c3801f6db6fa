//! The tokens of all accounts, found by value, by key, and in their order.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher as _;
use std::net::IpAddr;

use ipnet::Ipv4Net;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha512};

use super::linger::{Linger, Lingers};
use super::options::Policy;
use super::random;
use crate::domain::secret::Secret;

/// A range of IPv4 addresses.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Range(pub(super) Ipv4Net);

impl Range {
    /// Whether a request from `peer` is allowed by a list of ranges; an empty list allows all.
    pub(super) fn allow(ranges: &[Self], peer: IpAddr) -> bool {
        ranges.is_empty()
            || match peer.to_canonical() {
                IpAddr::V4(peer) => ranges.iter().any(|range| range.0.contains(&peer)),
                IpAddr::V6(_) => false,
            }
    }
}

impl Serialize for Range {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// What a token is to be, before it has a value.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) readonly: bool,
    pub(super) bypass_2fa: bool,
    /// It came of a sign-in and is in no list.
    pub(super) unlisted: bool,
    pub(super) cidr: Vec<Range>,
    pub(super) expires: Option<Timestamp>,
    pub(super) permissions: Vec<Permission>,
    pub(super) scopes: Vec<Scope>,
}

/// What a granular token may do.
#[derive(Serialize)]
pub(super) struct Permission {
    pub(super) name: &'static str,
    pub(super) action: &'static str,
}

impl Permission {
    /// Whether it lets anything be written.
    pub(super) fn writes(&self) -> bool {
        self.action.starts_with("write")
    }
}

/// What a granular token is for.
#[derive(Serialize)]
pub(super) struct Scope {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: String,
}

/// A token.
pub(super) struct Token {
    pub(super) owner: usize,
    pub(super) key: String,
    pub(super) value: Secret<String>,
    pub(super) draft: Draft,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) accessed: Option<Timestamp>,
    /// It was revoked, and that does not show everywhere yet.
    lingers: Option<Lingers>,
}

impl Token {
    /// A granular token serves packages and organizations, never the account.
    pub(super) fn granular(&self) -> bool {
        !self.draft.scopes.is_empty()
    }

    /// Whether its time is over.
    pub(super) fn expired(&self, now: Timestamp) -> bool {
        self.draft.expires.is_some_and(|at| at <= now)
    }
}

/// A token's key, as npm's registry API documents it: the hexadecimal SHA-512 of its value. Who has the value can tell by
/// it which token that is. npm's registry of 2026 gives out keys that tell nothing.
fn digest(value: &Secret<String>) -> String {
    use std::fmt::Write as _;
    let mut key = String::with_capacity(128);
    for byte in Sha512::digest(value.expose()) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

/// All tokens.
pub(super) struct Shelf {
    policy: Policy,
    tokens: BTreeMap<u64, Token>,
    /// Those that are listed, per account, the oldest first.
    owned: BTreeMap<usize, Vec<u64>>,
    by_key: HashMap<String, u64>,
    /// By a hash that is keyed anew in each process, so that looking one up tells nothing about
    /// the values; those that share a hash are compared in constant time.
    by_value: HashMap<u64, Vec<u64>>,
    hash: RandomState,
    next: u64,
    /// How often each key that was revoked was asked to be.
    revoked: BTreeMap<String, u64>,
}

impl Shelf {
    /// Without tokens yet; their keys are made by this policy.
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy,
            tokens: BTreeMap::new(),
            owned: BTreeMap::new(),
            by_key: HashMap::new(),
            by_value: HashMap::new(),
            hash: RandomState::new(),
            next: 0,
            revoked: BTreeMap::new(),
        }
    }

    /// Makes a token and gives its number.
    pub(super) fn add(&mut self, owner: usize, draft: Draft, now: Timestamp) -> u64 {
        let id = self.next;
        self.next += 1;
        let value = random::token();
        let key = match self.policy {
            Policy::Classic => digest(&value),
            Policy::Npmjs => random::key(),
        };
        let token = Token {
            owner,
            key,
            value,
            draft,
            created: now,
            updated: now,
            accessed: None,
            lingers: None,
        };
        self.by_key.insert(token.key.clone(), id);
        self.by_value
            .entry(self.hash.hash_one(token.value.expose()))
            .or_default()
            .push(id);
        if !token.draft.unlisted {
            self.owned.entry(owner).or_default().push(id);
        }
        self.tokens.insert(id, token);
        id
    }

    pub(super) fn get(&self, id: u64) -> Option<&Token> {
        self.tokens.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut Token> {
        self.tokens.get_mut(&id)
    }

    /// The token of that value.
    pub(super) fn by_value(&self, value: &Secret<String>) -> Option<u64> {
        self.of_value(value, |token| token.lingers.is_none())
    }

    /// The same for a request that carries it: one that was revoked may be accepted for a while.
    pub(super) fn accepted(&mut self, value: &Secret<String>, now: Timestamp) -> Option<u64> {
        let id = self.of_value(value, |_| true)?;
        let lingers = self.get_mut(id)?.lingers.as_mut();
        lingers
            .is_none_or(|lingers| lingers.is_accepted(now))
            .then_some(id)
    }

    fn of_value(&self, value: &Secret<String>, is_so: fn(&Token) -> bool) -> Option<u64> {
        self.by_value
            .get(&self.hash.hash_one(value.expose()))?
            .iter()
            .copied()
            .find(|id| {
                self.get(*id)
                    .is_some_and(|token| is_so(token) && token.value.matches(value))
            })
    }

    /// The token of that key or of that value.
    pub(super) fn by_key_or_value(&self, given: &Secret<String>) -> Option<u64> {
        self.by_key
            .get(given.expose())
            .copied()
            .or_else(|| self.by_value(given))
    }

    /// How many tokens of an account are listed.
    pub(super) fn count(&self, owner: usize) -> usize {
        self.owned.get(&owner).map_or(0, Vec::len)
    }

    /// How many of those were not revoked.
    pub(super) fn living(&self, owner: usize) -> usize {
        let living = |token: &&Token| token.lingers.is_none();
        self.of(owner).filter(living).count()
    }

    /// How often each key that was revoked was asked to be.
    pub(super) const fn revoked(&self) -> &BTreeMap<String, u64> {
        &self.revoked
    }

    /// Somebody asks to revoke what was revoked before.
    pub(super) fn asked_again(&mut self, given: &Secret<String>) {
        if let Some(times) = self.revoked.get_mut(given.expose()) {
            *times += 1;
        }
    }

    /// The list is read from its beginning: what was revoked is in it for so many readings.
    pub(super) fn is_read(&mut self, owner: usize) {
        let Some(ids) = self.owned.get_mut(&owner) else {
            return;
        };
        let tokens = &mut self.tokens;
        ids.retain(|id| {
            let lingers = tokens.get_mut(id).and_then(|token| token.lingers.as_mut());
            lingers.is_none_or(Lingers::is_listed)
        });
    }

    /// How many of an account's tokens are in no list, and not over.
    pub(super) fn unlisted(&self, owner: usize, now: Timestamp) -> usize {
        let alive =
            |token: &&Token| token.draft.unlisted && token.lingers.is_none() && !token.expired(now);
        let of = |token: &&Token| token.owner == owner;
        self.tokens.values().filter(of).filter(alive).count()
    }

    /// An account's listed tokens, the newest first.
    pub(super) fn of(&self, owner: usize) -> impl Iterator<Item = &Token> {
        self.owned
            .get(&owner)
            .into_iter()
            .flat_map(|ids| ids.iter().rev())
            .filter_map(|id| self.tokens.get(id))
    }

    /// Revokes a token, as far as a fault lets it.
    pub(super) fn revoke(&mut self, id: u64, linger: Linger, now: Timestamp) {
        let Some(token) = self.tokens.get_mut(&id) else {
            return;
        };
        *self.revoked.entry(token.key.clone()).or_default() += 1;
        if linger.is_nothing() {
            self.remove(id);
        } else {
            token.lingers = Some(linger.from(now));
            self.by_key.remove(&token.key);
        }
    }

    /// Ends a token.
    fn remove(&mut self, id: u64) {
        let Some(token) = self.tokens.remove(&id) else {
            return;
        };
        self.by_key.remove(&token.key);
        let hash = self.hash.hash_one(token.value.expose());
        if let Some(ids) = self.by_value.get_mut(&hash) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_value.remove(&hash);
            }
        }
        if let Some(ids) = self.owned.get_mut(&token.owner)
            && let Ok(index) = ids.binary_search(&id)
        {
            ids.remove(index);
        }
    }
}
