//! What npm's default registry has changed about second factors and tokens, and the pages of its website that a
//! person is sent to. Facts with their source; nothing here is asked of the registry.

use super::identity::WEBSITE;

/// One change, announced by the registry's own people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The day from which it holds, or on which it was written down.
    pub on: &'static str,
    /// What changed, as a sentence without its full stop.
    pub what: &'static str,
    /// Where that was said.
    pub source: &'static str,
}

/// The day on which the end of new authenticator apps was announced.
pub const CLOSING_ANNOUNCED: &str = "2025-09-29";

/// The day from which no new authenticator app is taken.
pub const CLOSED_SINCE: &str = "2025-10-13";

const STRENGTHENING: &str = "https://github.blog/changelog/2025-09-29-strengthening-npm-security-important-changes-to-authentication-and-token-management/";
const CLASSIC_REVOKED: &str = "https://github.blog/changelog/2025-12-09-npm-classic-tokens-revoked-session-based-auth-and-cli-token-management-now-available/";
const BYPASS_RESTRICTED: &str =
    "https://github.blog/changelog/2026-07-31-restricting-npm-bypass-2fa-granular-access-tokens/";
const RECOVERY_HOLD: &str = "https://github.com/npm/documentation/pull/2029";

/// What changed, the oldest first.
pub const CHANGES: &[Change] = &[
    Change {
        on: CLOSED_SINCE,
        what: "no new authenticator apps; those set up before go on working",
        source: STRENGTHENING,
    },
    Change {
        on: "2025-12-09",
        what: "all classic tokens are revoked; npm login gives one of a few hours",
        source: CLASSIC_REVOKED,
    },
    Change {
        on: "2026-07-31",
        what: "tokens that bypass 2FA no longer manage accounts, tokens or 2FA",
        source: BYPASS_RESTRICTED,
    },
    Change {
        on: "2026-08-28",
        what: "signing in by a recovery code holds publishing, new tokens and 2FA changes for 72 hours",
        source: RECOVERY_HOLD,
    },
];

/// What the use of a recovery code starts there, for a sentence.
pub const HOLD: &str =
    "a hold of 72 hours: no publishing, no new tokens, no changes of 2FA but adding a method";

/// The account's settings, with "Two-Factor Authentication" on them.
pub const SETTINGS: &str = "https://www.npmjs.com/settings/~/profile";

/// How npm gives back an account whose second factor and recovery codes are both lost.
pub const RECOVERING: &str = "https://docs.npmjs.com/recovering-your-2fa-enabled-account";

/// Where npm's people are written to.
pub const SUPPORT: &str = "https://www.npmjs.com/support";

/// The host that a person should see in the address bar.
pub fn website_host() -> &'static str {
    WEBSITE.trim_start_matches("https://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_in_order_and_each_has_a_source() {
        assert!(CHANGES.is_sorted_by_key(|change| change.on));
        for change in CHANGES {
            assert_eq!(change.on.len(), "2025-10-13".len());
            assert!(change.source.starts_with("https://"));
            assert!(!change.what.ends_with('.'));
        }
        assert!(CLOSING_ANNOUNCED < CLOSED_SINCE);
    }

    #[test]
    fn what_a_recovery_code_holds_is_told_in_one_way() {
        let change = CHANGES
            .iter()
            .find(|change| change.source == RECOVERY_HOLD)
            .expect("announced");
        for held in ["72 hours", "publishing", "new tokens", "2FA"] {
            assert!(HOLD.contains(held) && change.what.contains(held), "{held}");
        }
    }

    #[test]
    fn people_are_sent_to_the_website_alone() {
        for page in [SETTINGS, SUPPORT] {
            assert!(
                page.strip_prefix(WEBSITE)
                    .is_some_and(|rest| rest.starts_with('/'))
            );
        }
    }
}
