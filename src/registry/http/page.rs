//! Pages on the web that a registry names, and where it tells what came of them: which of them are taken
//! (promises P18 and P19).

use serde_json::{Map, Value};
use url::Url;

use super::address::{has_user_info, host, is_default, origin};
use crate::domain::identity::{DEFAULT_REGISTRY, WEBSITE};
use crate::domain::signin::WebPage;
use crate::domain::text::Text;
use crate::npmrc::is_loopback;
use crate::registry::{DoneUrl, WebSession};

/// The longest address that a screen can show whole, in characters.
const LONGEST: usize = 1_500;

/// What a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// To sign in.
    SignIn,
    /// To approve one request.
    Challenge,
}

/// The two addresses of an answer, unchecked.
pub(super) struct Named {
    page: String,
    done: String,
}

impl Named {
    /// Both of them, when the answer names both.
    pub(super) fn find(body: &[u8], what: For) -> Option<Self> {
        let answer: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let address = |key: &str| Some(answer.get(key)?.as_str()?.to_owned());
        Some(Self {
            page: address(match what {
                For::SignIn => "loginUrl",
                For::Challenge => "authUrl",
            })?,
            done: address("doneUrl")?,
        })
    }

    /// Checks them. The error ends the sentence "The answer of the registry …".
    pub(super) fn check(&self, base: &Url, what: For) -> Result<WebSession, String> {
        Ok(WebSession {
            page: page(base, &self.page)?,
            done: done(base, &self.done, what)?,
        })
    }
}

/// The page that a person opens (promise P18).
fn page(base: &Url, raw: &str) -> Result<WebPage, String> {
    // The parser writes every host in ASCII, and escapes whatever could steer a terminal.
    let url =
        Url::parse(raw).map_err(|_| "names a page whose address makes no sense".to_owned())?;
    let safe = match url.scheme() {
        "https" => true,
        "http" => is_loopback(&url),
        _ => return Err("names a page whose address is not one of the web".to_owned()),
    };
    let Some(host) = host(&url) else {
        return Err("names a page whose address makes no sense".to_owned());
    };
    if has_user_info(&url) {
        return Err(format!(
            "names a page on {} with a user name or a password in its address, which may disguise where it leads",
            short(&host)
        ));
    }
    if !safe {
        return Err(format!(
            "names a page on {} that is not encrypted (http)",
            short(&host)
        ));
    }
    if url.as_str().len() > LONGEST {
        return Err(format!(
            "names a page on {} whose address is too long to be shown whole",
            short(&host)
        ));
    }
    let own = if is_default(base) {
        Url::parse(WEBSITE).is_ok_and(|website| website.origin() == url.origin())
    } else {
        url.host() == base.host()
    };
    Ok(WebPage {
        address: Text::new(url.as_str()),
        host: Text::new(&host),
        foreign: !own,
    })
}

/// Where the registry tells what came of it (promise P19).
fn done(base: &Url, raw: &str, what: For) -> Result<DoneUrl, String> {
    let senseless = "names an address for the result that makes no sense";
    let mut url = Url::parse(raw).map_err(|_| senseless.to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || has_user_info(&url) {
        return Err(senseless.to_owned());
    }
    if what == For::SignIn && is_npms(&url) {
        // npm's own rule: a mirror passes the sign-in of npm's default registry on, and with it this address.
        let query = url
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        let path = url.path().trim_start_matches('/');
        url = Url::parse(&format!("{base}{path}{query}")).map_err(|_| senseless.to_owned())?;
    }
    if url.origin() != base.origin() {
        return Err(format!(
            "names {} as the place to ask for the result, which is not the registry itself, so nothing is asked there",
            short(&origin(&url))
        ));
    }
    url.set_fragment(None);
    Ok(DoneUrl::new(url))
}

/// Exactly the host of npm's default registry.
fn is_npms(url: &Url) -> bool {
    url.port().is_none()
        && Url::parse(DEFAULT_REGISTRY).is_ok_and(|default| default.host() == url.host())
}

fn short(host: &str) -> String {
    Text::new(host).cut(80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL of this test")
    }

    #[test]
    fn p18_a_page_is_of_the_registrys_own_web_host_or_called_foreign() {
        let npm = DEFAULT_REGISTRY;
        let corp = "https://npm.corp.test/team/";
        let here = "http://127.0.0.1:4873/";
        for (base, page_url, host, foreign) in [
            (
                npm,
                "https://www.npmjs.com/login?next=/login/cli/1",
                "www.npmjs.com",
                false,
            ),
            (
                npm,
                "https://www.npmjs.com:444/login",
                "www.npmjs.com:444",
                true,
            ),
            (npm, "https://npmjs.com/login", "npmjs.com", true),
            (
                npm,
                "https://www.npmjs.com.evil.test/",
                "www.npmjs.com.evil.test",
                true,
            ),
            (
                npm,
                "https://www.npmjs.co\u{43c}/",
                "xn--www.npmjs.co-6kg",
                true,
            ),
            (corp, "https://npm.corp.test/login", "npm.corp.test", false),
            (
                corp,
                "https://NPM.corp.test:8443/login",
                "npm.corp.test:8443",
                false,
            ),
            (corp, "https://sso.corp.test/login", "sso.corp.test", true),
            (corp, "https://www.npmjs.com/login", "www.npmjs.com", true),
            (corp, "http://127.0.0.1:1/x", "127.0.0.1:1", true),
            (
                here,
                "http://127.0.0.1:4873/-/web/login",
                "127.0.0.1:4873",
                false,
            ),
            (here, "http://[::1]/", "[::1]", true),
            (here, "http://localhost:4873/", "localhost:4873", true),
        ] {
            let found = page(&url(base), page_url).expect(page_url);
            assert_eq!(found.foreign, foreign, "{page_url}");
            assert!(found.address.as_str().is_ascii(), "{page_url}");
            if !host.starts_with("xn--") {
                assert_eq!(found.host.as_str(), host);
            }
        }
    }

    #[test]
    fn p18_what_could_deceive_or_is_not_encrypted_is_no_page() {
        let corp = url("https://npm.corp.test/");
        let long = format!("https://npm.corp.test/{}", "x".repeat(LONGEST));
        for (raw, why) in [
            ("http://npm.corp.test/login", "not encrypted"),
            ("http://127.0.0.1.evil.test/", "not encrypted"),
            ("http://localhost.evil.test/", "not encrypted"),
            (
                "https://npm.corp.test@evil.test/",
                "user name or a password",
            ),
            ("https://:pw@npm.corp.test/", "user name or a password"),
            ("javascript:alert(1)", "not one of the web"),
            ("file:///etc/passwd", "not one of the web"),
            ("--help", "makes no sense"),
            ("/login", "makes no sense"),
            ("", "makes no sense"),
            ("https://", "makes no sense"),
            ("https://a\u{202e}b.test\u{0}/", "makes no sense"),
            (&long, "too long"),
        ] {
            let error = page(&corp, raw).expect_err(raw);
            assert!(error.contains(why), "{raw}: {error}");
            assert!(error.starts_with("names a page"), "{error}");
        }
        let odd = "https://npm.corp.test/a\u{1b}[2J\u{202e}\u{200b}b\n'\" ?x=\u{7}é";
        let page = page(&corp, odd).expect("a page");
        assert_eq!(
            page.address.as_str(),
            "https://npm.corp.test/a%1B[2J%E2%80%AE%E2%80%8Bb'%22%20?x=%07%C3%A9"
        );
        assert!(!page.foreign);
    }

    #[test]
    fn p19_the_result_is_asked_for_on_the_registrys_origin_alone() {
        let mirror = "https://npm.corp.test/team/";
        let npm = DEFAULT_REGISTRY.trim_end_matches('/');
        for (base, raw, taken) in [
            (
                mirror,
                "https://npm.corp.test/-/v1/done/1#x",
                Some("https://npm.corp.test/-/v1/done/1"),
            ),
            (
                mirror,
                "https://NPM.corp.test:443/team/x?a=b",
                Some("https://npm.corp.test/team/x?a=b"),
            ),
            (
                mirror,
                &format!("{npm}/-/v1/done?authId=1"),
                Some("https://npm.corp.test/team/-/v1/done?authId=1"),
            ),
            (
                mirror,
                &format!("{npm}//evil.test/x"),
                Some("https://npm.corp.test/team/evil.test/x"),
            ),
            (mirror, &format!("{npm}:444/-/v1/done"), None),
            (mirror, &format!("{npm}.evil.test/-/v1/done"), None),
            (mirror, "https://npm.corp.test:8443/x", None),
            (mirror, "http://npm.corp.test/x", None),
            (mirror, "https://al:pw@npm.corp.test/x", None),
            (mirror, "https://npm.corp.test.evil.test/x", None),
            (mirror, "ftp://npm.corp.test/x", None),
            (mirror, "/-/v1/done", None),
            (
                DEFAULT_REGISTRY,
                &format!("{npm}/-/v1/done?authId=1"),
                Some(&format!("{npm}/-/v1/done?authId=1")),
            ),
            (DEFAULT_REGISTRY, "https://www.npmjs.com/-/v1/done", None),
        ] {
            let found = done(&url(base), raw, For::SignIn);
            assert_eq!(
                found.ok().as_ref().map(|done| done.url().as_str()),
                taken,
                "{base} {raw}"
            );
        }
        // The rule is npm's for a sign-in, not for a challenge.
        let error = done(
            &url(mirror),
            &format!("{npm}/-/v1/done?authId=1"),
            For::Challenge,
        )
        .expect_err("another origin");
        assert!(error.contains("is not the registry itself"), "{error}");
        let kept = done(
            &url(DEFAULT_REGISTRY),
            &format!("{npm}/-/v1/done?authId=1"),
            For::Challenge,
        );
        assert!(kept.is_ok());
    }
}
