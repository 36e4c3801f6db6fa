//! What a key says about the credential below it.

use url::Url;
use zeroize::Zeroizing;

use crate::domain::text::Text;

use super::super::load::UNSCOPED;
use super::super::{credential, is_loopback};

/// What stands below a key. A user name is no secret, and the file of a key lies beside that of its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum What {
    Token,
    Basic,
    Password,
    Certificate,
    /// The private key of a certificate for every registry.
    Key,
    /// The password of a proxy.
    Proxy,
}

/// What a credential's key is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Bound {
    /// A registry, as npm writes it.
    Registry,
    /// A registry, with a scheme, by which npm does not find it.
    WithScheme,
    /// A registry, with an ending in capitals or small letters that npm does not know.
    Misspelt,
    /// Nothing.
    Nothing,
    /// No registry, and rightly so.
    None,
}

/// A key that is one of a credential.
#[derive(Clone, Debug)]
pub(in super::super) struct Named {
    pub(super) what: What,
    pub(super) bound: Bound,
    /// `//host:port/path`, where it is bound to something.
    pub(super) prefix: String,
}

const ENDINGS: [(&str, What); 4] = [
    (":_authToken", What::Token),
    (":_auth", What::Basic),
    (":_password", What::Password),
    (":certfile", What::Certificate),
];

impl Named {
    /// By a key whose variables are replaced.
    pub(super) fn of(key: &str) -> Option<Self> {
        if UNSCOPED.contains(&key) && key != "username" {
            return Some(Self {
                what: match key {
                    "_auth" => What::Basic,
                    "_password" => What::Password,
                    _ => What::Token,
                },
                bound: Bound::Nothing,
                prefix: String::new(),
            });
        }
        let scheme = ["https:", "http:"]
            .into_iter()
            .find(|scheme| key.starts_with(scheme));
        let rest = &key[scheme.map_or(0, str::len)..];
        if !rest.starts_with("//") {
            return None;
        }
        ENDINGS.into_iter().find_map(|(ending, what)| {
            let at = rest.len().checked_sub(ending.len())?;
            let found = rest.get(at..)?;
            found.eq_ignore_ascii_case(ending).then(|| Self {
                what,
                bound: match scheme {
                    Some(_) => Bound::WithScheme,
                    None if found == ending => Bound::Registry,
                    None => Bound::Misspelt,
                },
                prefix: rest[..at].to_owned(),
            })
        })
    }

    /// The key of its partner, as `username` of `_password`.
    pub(super) fn beside(&self, ending: &str) -> String {
        match self.bound {
            Bound::Nothing => ending.to_owned(),
            _ => format!("{}:{ending}", self.prefix),
        }
    }

    /// By a key that belongs to no registry.
    pub(super) const fn of_none(what: What) -> Self {
        Self {
            what,
            bound: Bound::None,
            prefix: String::new(),
        }
    }
}

/// Where a credential belongs.
#[derive(Clone, Debug)]
pub(in super::super) struct Home {
    /// The registry that its key names.
    pub(in super::super) own: Url,
    /// Where it is tried out: a registry of the configuration that the key covers, else its own.
    pub(super) base: Url,
    /// The path of its key, as written.
    pub(super) path: String,
    /// npm, asking for that registry, looks for a key written so.
    pub(super) found: bool,
}

/// The registry of a `//host:port/path`. The scheme, which a key does not tell, is that of a registry that the
/// configuration names on this host and port; else https, or on loopback http.
pub(super) fn home(prefix: &str, registries: &[Url]) -> Option<Home> {
    let rest = prefix.strip_prefix("//")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if host.is_empty() || host.contains('@') {
        return None;
    }
    let named = |url: &Url| credential::host(url).as_deref() == Some(&prefix[..host.len() + 2]);
    let at = |scheme: &str| Url::parse(&format!("{scheme}://{rest}")).ok();
    let known = registries.iter().find(|url| named(url));
    let https = at("https")?;
    let mut own = match known {
        Some(url) => at(url.scheme())?,
        None if is_loopback(&https) => at("http")?,
        None => https,
    };
    own.set_query(None);
    own.set_fragment(None);
    let with_slash = format!("{}/", own.path().trim_end_matches('/'));
    own.set_path(&with_slash);
    let covers = |url: &&Url| named(url) && credential::steps(url).any(|step| step == path);
    let base = if registries.contains(&own) {
        own.clone()
    } else {
        registries.iter().find(covers).unwrap_or(&own).clone()
    };
    Some(Home {
        found: covers(&&own),
        own,
        base,
        path: path.to_owned(),
    })
}

/// A key for the screen: without what may be a secret in it.
pub(super) fn shown(key: &str) -> Text {
    Text::new(&Text::new(&masked(key)).cut(LONGEST))
}

/// A text as it is, but for what may be a secret in it.
pub(in super::super) fn masked(key: &str) -> String {
    let mut key = Zeroizing::new(key.to_owned());
    if let Some(at) = key.find("//").map(|at| at + 2) {
        let end = key[at..].find('/').map_or(key.len(), |end| at + end);
        if let Some(user) = key[at..end].rfind('@') {
            key.replace_range(at..at + user, HIDDEN);
        }
    }
    let mut from = 0;
    while let Some((start, end)) = token(&key[from..]) {
        key.replace_range(from + start + 4..from + end, HIDDEN);
        from += start + 4 + HIDDEN.len();
    }
    key.as_str().to_owned()
}

/// What stands in the place of a secret.
pub(in super::super) const HIDDEN: &str = "••••";
/// The longest key that is shown, in cells.
const LONGEST: usize = 200;
/// How long what follows `npm_` is at least in a token; by npm it is 36.
const SHORTEST: usize = 30;

/// Where in a text something stands that is an npm token by its looks.
pub(in super::super) fn token(text: &str) -> Option<(usize, usize)> {
    text.match_indices("npm_").find_map(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let begins = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        (begins && length >= SHORTEST).then_some((at, at + mark.len() + length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p03_a_key_is_shown_without_what_may_be_a_secret() {
        for (key, safe) in [
            (
                "//reg.example/npm/:_authToken",
                "//reg.example/npm/:_authToken",
            ),
            (
                "//al:pw@reg.example/:_authToken",
                "//••••@reg.example/:_authToken",
            ),
            ("//reg.example/@scope/:_auth", "//reg.example/@scope/:_auth"),
            (
                "//reg.example/npm_canaryAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/:_auth",
                "//reg.example/npm_••••/:_auth",
            ),
            (
                "npm_canaryAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA npm_canaryBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "npm_•••• npm_••••",
            ),
            ("\u{1b}[2J//reg.example/:_auth", "//reg.example/:_auth"),
        ] {
            assert_eq!(shown(key).as_str(), safe, "{key:?}");
        }
    }

    #[test]
    fn a_key_names_its_registry_by_the_scheme_that_is_known() {
        let registries: Vec<Url> = ["https://reg.example/npm/", "http://127.0.0.1:4873/"]
            .iter()
            .map(|url| url.parse().expect("an address of this test"))
            .collect();
        for (prefix, own, base, found) in [
            (
                "//reg.example/npm/",
                "https://reg.example/npm/",
                "https://reg.example/npm/",
                true,
            ),
            (
                "//reg.example/npm",
                "https://reg.example/npm/",
                "https://reg.example/npm/",
                true,
            ),
            (
                "//reg.example/",
                "https://reg.example/",
                "https://reg.example/npm/",
                true,
            ),
            (
                "//reg.example",
                "https://reg.example/",
                "https://reg.example/npm/",
                true,
            ),
            (
                "//reg.example/other/",
                "https://reg.example/other/",
                "https://reg.example/other/",
                true,
            ),
            (
                "//127.0.0.1:4873/",
                "http://127.0.0.1:4873/",
                "http://127.0.0.1:4873/",
                true,
            ),
            (
                "//localhost:1/",
                "http://localhost:1/",
                "http://localhost:1/",
                true,
            ),
            (
                "//other.example:8443/a/",
                "https://other.example:8443/a/",
                "https://other.example:8443/a/",
                true,
            ),
            (
                "//OTHER.example/",
                "https://other.example/",
                "https://other.example/",
                false,
            ),
            (
                "//other.example:443/",
                "https://other.example/",
                "https://other.example/",
                false,
            ),
            (
                "//other.example/a/../b/",
                "https://other.example/b/",
                "https://other.example/b/",
                false,
            ),
        ] {
            let home = home(prefix, &registries).expect("it names a host");
            assert_eq!(
                (home.own.as_str(), home.base.as_str(), home.found),
                (own, base, found),
                "{prefix}"
            );
        }
        for none in [
            "//",
            "///a",
            "//al:pw@reg.example/",
            "reg.example",
            "//[::/",
        ] {
            assert!(home(none, &registries).is_none(), "{none}");
        }
    }
}
