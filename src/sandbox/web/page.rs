//! A page as a browser takes it: HTML without script and without anything from elsewhere.

use axum::body::Body;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::domain::secret::Secret;
use crate::sandbox::reply::Refusal;

const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/// System colours only, which follow the person's own light, dark or contrast setting.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.125rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:34rem;padding:1.5rem}\
h1{font-size:1.5rem;line-height:1.25}\
label{display:block;font-weight:600;margin-top:1rem}\
input{box-sizing:border-box;font:inherit;margin-top:.4rem;padding:.5rem;width:100%}\
button{font:inherit;margin:1.25rem .75rem 0 0;padding:.5rem 1.25rem}\
:focus-visible{outline:3px solid;outline-offset:2px}\
[aria-invalid]{border:3px solid}\
.error{border-left:.4rem solid;font-weight:600;padding-left:.75rem}\
.hint,header{font-size:1rem;margin:0}";

/// What goes to a browser.
pub(in crate::sandbox) struct Page {
    status: StatusCode,
    html: String,
    cookie: Option<Secret<String>>,
    to: Option<String>,
    wait: Option<u64>,
}

impl Page {
    /// A page with one heading. `main` is HTML; heading and title are text.
    pub(super) fn new(status: StatusCode, heading: &str, main: &str) -> Self {
        let title = if status == StatusCode::OK {
            escape(heading)
        } else {
            format!("Problem: {}", escape(heading))
        };
        Self {
            status,
            html: format!(
                "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
                 <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
                 <title>{title} – npm-warden registry</title>\n<style>{STYLE}</style>\n</head>\n\
                 <body>\n<header>npm-warden’s embedded registry, on this machine</header>\n\
                 <main>\n<h1>{}</h1>\n{main}</main>\n</body>\n</html>\n",
                escape(heading)
            ),
            cookie: None,
            to: None,
            wait: None,
        }
    }

    /// To be read anew from this path.
    pub(super) fn to(path: String) -> Self {
        Self {
            to: Some(path),
            html: String::new(),
            ..Self::new(StatusCode::SEE_OTHER, "", "")
        }
    }

    pub(super) fn with_cookie(self, cookie: Option<Secret<String>>) -> Self {
        Self { cookie, ..self }
    }

    pub(super) fn with_wait(self, wait: Option<u64>) -> Self {
        Self { wait, ..self }
    }

    /// A request that could not be read.
    pub(in crate::sandbox) fn refused(refusal: &Refusal) -> Self {
        let main = format!("<p>{}</p>\n", escape(refusal.words()));
        Self::new(refusal.status(), "This request cannot be read", &main)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if let Some(seconds) = self.wait {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(cookie) = &self.cookie
            && let Ok(mut value) = HeaderValue::from_str(cookie.expose())
        {
            value.set_sensitive(true);
            headers.insert(SET_COOKIE, value);
        }
        if let Some(to) = &self.to
            && let Ok(to) = HeaderValue::from_str(to)
        {
            headers.insert(LOCATION, to);
        }
        (self.status, headers, Body::from(self.html)).into_response()
    }
}

/// Text as HTML shows it, in an element and in a quoted attribute alike.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A field with its label, its hint, and, where it is to blame, the problem.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) kind: &'a str,
    pub(super) autocomplete: &'a str,
    pub(super) value: &'a str,
    pub(super) hint: &'a str,
}

/// What is wrong with a form, and the fields that are to blame.
pub(super) struct Problem {
    pub(super) words: String,
    pub(super) fields: &'static [&'static str],
    pub(super) status: StatusCode,
    pub(super) wait: Option<u64>,
}

impl Problem {
    /// A sentence of the page's own.
    pub(super) fn new(fields: &'static [&'static str], words: &str) -> Self {
        Self {
            words: words.to_owned(),
            fields,
            status: StatusCode::FORBIDDEN,
            wait: None,
        }
    }

    /// What the registry refuses elsewhere, too.
    pub(super) fn from(refusal: &Refusal, fields: &'static [&'static str]) -> Self {
        Self {
            words: refusal.words().to_owned(),
            fields,
            // 401 would let some browsers ask for a password in a window of their own.
            status: match refusal.status() {
                StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
                other => other,
            },
            wait: refusal.wait(),
        }
    }
}

impl Field<'_> {
    /// The field as HTML. The first one that is to blame has the focus, else the very first.
    pub(super) fn html(&self, problem: Option<&Problem>, focus: bool) -> String {
        let Self {
            name,
            label,
            kind,
            autocomplete,
            hint,
            ..
        } = self;
        let blamed = problem.is_some_and(|problem| problem.fields.contains(name));
        let hint_line = if hint.is_empty() {
            String::new()
        } else {
            format!(
                "<p class=\"hint\" id=\"{name}-hint\">{}</p>\n",
                escape(hint)
            )
        };
        let mut described = Vec::new();
        if blamed {
            described.push("problem".to_owned());
        }
        if !hint.is_empty() {
            described.push(format!("{name}-hint"));
        }
        let described = if described.is_empty() {
            String::new()
        } else {
            format!(" aria-describedby=\"{}\"", described.join(" "))
        };
        let invalid = if blamed { " aria-invalid=\"true\"" } else { "" };
        let focus = if focus { " autofocus" } else { "" };
        let value = if self.value.is_empty() {
            String::new()
        } else {
            format!(" value=\"{}\"", escape(self.value))
        };
        format!(
            "<label for=\"{name}\">{}</label>\n{hint_line}\
             <input id=\"{name}\" name=\"{name}\" type=\"{kind}\" autocomplete=\"{autocomplete}\" \
             autocapitalize=\"none\" spellcheck=\"false\" required{value}{described}{invalid}{focus}>\n",
            escape(label)
        )
    }
}
