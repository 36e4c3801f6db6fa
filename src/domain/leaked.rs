//! A line of a file that leaked, as it lies there: with comments, blank lines, and settings that are no secret.

use super::given::Given;

/// What a line is.
#[derive(Debug)]
pub enum Line {
    /// Surely neither an id nor a value.
    Nothing,
    /// An id, a key or a value.
    Given(Given),
    /// It cannot be taken: what it is, as the end of a sentence that begins with the line.
    Unclear(&'static str),
}

/// From this length on a word that has a digit may be a value.
const LONG: usize = 32;

/// Settings of .npmrc files that hold no credential.
const SETTINGS: [&str; 66] = [
    "access",
    "always-auth",
    "audit",
    "audit-level",
    "auth-type",
    "auto-install-peers",
    "before",
    "bin-links",
    "ca",
    "cache",
    "cafile",
    "certfile",
    "color",
    "commit-hooks",
    "depth",
    "editor",
    "email",
    "engine-strict",
    "fetch-retries",
    "fetch-retry-maxtimeout",
    "fetch-retry-mintimeout",
    "fetch-timeout",
    "foreground-scripts",
    "fund",
    "git",
    "git-tag-version",
    "hoist",
    "https-proxy",
    "ignore-scripts",
    "init-author-email",
    "init-author-name",
    "init-author-url",
    "init-license",
    "init-version",
    "install-links",
    "install-strategy",
    "keyfile",
    "legacy-peer-deps",
    "link-workspace-packages",
    "lockfile-version",
    "loglevel",
    "maxsockets",
    "message",
    "min-release-age",
    "node-linker",
    "node-options",
    "noproxy",
    "omit",
    "package-lock",
    "prefer-offline",
    "prefix",
    "progress",
    "provenance",
    "proxy",
    "registry",
    "save",
    "save-dev",
    "save-exact",
    "save-prefix",
    "scope",
    "script-shell",
    "strict-peer-dependencies",
    "strict-ssl",
    "tag",
    "update-notifier",
    "username",
];

impl Line {
    /// Reads a line. Of what is not clear nothing is left out: it may be what leaked.
    pub fn read(line: &str) -> Self {
        let text = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if text.is_empty() {
            return Self::Nothing;
        }
        if let Some(comment) = text.strip_prefix(['#', ';']) {
            let holds = comment.split_whitespace().any(may_be_value);
            return if holds {
                Self::Unclear("is a comment that holds what looks like a value")
            } else {
                Self::Nothing
            };
        }
        if let Some((name, value)) = text.split_once('=') {
            match setting(name.trim()) {
                "_password" | "_auth" => {
                    return Self::Unclear(
                        "holds a password, which no revoking of tokens ends: it has to be changed",
                    );
                }
                name if SETTINGS.contains(&name) && is_harmless(value) => return Self::Nothing,
                _ => {}
            }
        }
        Given::read(text).map_or(Self::Unclear("is no id and no value alone"), Self::Given)
    }
}

/// The name of a setting, without the registry or the scope that it is for.
fn setting(name: &str) -> &str {
    let name = name.trim_end_matches("[]");
    if !name.starts_with(['/', '@']) {
        return name;
    }
    name.rsplit_once(':').map_or(name, |(_, setting)| setting)
}

/// Whether it holds neither a value nor a name and a password in an address.
fn is_harmless(value: &str) -> bool {
    let in_address = value
        .split_once("://")
        .is_some_and(|(_, rest)| rest.contains('@'));
    !in_address && !value.split_whitespace().any(may_be_value)
}

/// Whether a word may be a value, or a setting with one.
fn may_be_value(word: &str) -> bool {
    if word.contains("npm_") || word.contains("npms_") {
        return true;
    }
    Given::read(word).is_some_and(|given| {
        let text = given.text.expose();
        text.len() >= LONG && text.bytes().any(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_surely_no_value_is_nothing() {
        for line in [
            "",
            " \t\r",
            "\u{feff}",
            "# what leaked",
            "; see https://example.com/some/long/way/to/a/page/of/2026",
            "  # -----------------------------------------------",
            "registry=https://r.test/",
            "@acme:registry = https://r.test/npm/",
            "//r.test/:always-auth=true",
            "//r.test/:username=tess",
            "email=tess@r.test",
            "save-exact=true",
            "omit[]=dev",
            "ca=",
        ] {
            assert!(matches!(Line::read(line), Line::Nothing), "{line}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_never_left_out() {
        for line in [
            "#npm_aBcDeFgH1234567890",
            "; //r.test/:_authToken=0b1c2d3e-0000-4000-8000-00000000abcd",
            "# old: eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.s-_x0123456789",
            "registry=https://tess:canary@r.test/",
            "proxy=http://tess:canary@r.test:8080",
            "//r.test/:_password=Y2FuYXJ5",
            "_auth=dGVzczpjYW5hcnk=",
            "my old token",
            "key=-----BEGIN PRIVATE KEY-----",
        ] {
            assert!(matches!(Line::read(line), Line::Unclear(_)), "{line}");
        }
        for line in [
            "1f3a9c",
            "npm_aBcDeFgH1234567890",
            "NPM_TOKEN=npm_aBcDeFgH1234567890",
            "save-exact=npm_aBcDeFgH1234567890",
            "email=0b1c2d3e-0000-4000-8000-00000000abcd",
            "//r.test/:_authToken=canary",
        ] {
            assert!(matches!(Line::read(line), Line::Given(_)), "{line}");
        }
    }
}
