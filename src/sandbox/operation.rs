//! What a request asks for, told in one place: several of them share a route.

use axum::http::Method;
use serde_json::Value;

use super::body::Body;

/// What one request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Login,
    Poll,
    Couch,
    Logout,
    Whoami,
    ProfileGet,
    ProfileSet,
    Password,
    Tfa,
    TfaOff,
    TokenList,
    TokenCreate,
    TokenRevoke,
    /// Everything else that the registry answers, such as ping.
    Other,
}

/// The names that a fault takes, in the order of the help.
pub(super) const NAMES: [&str; 12] = [
    "login",
    "poll",
    "couch",
    "logout",
    "whoami",
    "profile.get",
    "profile.set",
    "password",
    "2fa",
    "token.list",
    "token.create",
    "token.revoke",
];

impl Operation {
    /// By method, route without the path prefix, and body.
    pub(super) fn of(method: &Method, route: &str, body: &[u8]) -> Self {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        match (method.as_str(), route) {
            ("POST", "/-/v1/login") => Self::Login,
            (_, "/-/v1/done/{done}") if reads => Self::Poll,
            ("PUT", "/-/user/{id}" | "/-/user/{id}/-rev/{rev}") => Self::Couch,
            ("DELETE", "/-/user/token/{token}") => Self::Logout,
            (_, "/-/whoami") if reads => Self::Whoami,
            (_, "/-/npm/v1/user") if reads => Self::ProfileGet,
            ("POST", "/-/npm/v1/user") => Self::of_change(body),
            (_, "/-/npm/v1/tokens") if reads => Self::TokenList,
            ("POST", "/-/npm/v1/tokens") => Self::TokenCreate,
            ("DELETE", "/-/npm/v1/tokens/token/{token}") => Self::TokenRevoke,
            _ => Self::Other,
        }
    }

    /// One address takes the fields, the password and the second factor. It is read by the same
    /// parser that carries it out, so that no odd body is called something else than what it does.
    fn of_change(body: &[u8]) -> Self {
        let Ok(body) = Body::parse(body) else {
            return Self::ProfileSet;
        };
        if body.has("tfa") {
            let mode = body.get("tfa").and_then(|tfa| tfa.get("mode"));
            return match mode.and_then(Value::as_str) {
                Some("disable") => Self::TfaOff,
                _ => Self::Tfa,
            };
        }
        if body.get("password").is_some() {
            Self::Password
        } else {
            Self::ProfileSet
        }
    }

    /// Its name in a fault; `None` where it has none of its own.
    pub(super) const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Login => "login",
            Self::Poll => "poll",
            Self::Couch => "couch",
            Self::Logout => "logout",
            Self::Whoami => "whoami",
            Self::ProfileGet => "profile.get",
            Self::ProfileSet => "profile.set",
            Self::Password => "password",
            Self::Tfa | Self::TfaOff => "2fa",
            Self::TokenList => "token.list",
            Self::TokenCreate => "token.create",
            Self::TokenRevoke => "token.revoke",
            Self::Other => return None,
        })
    }

    /// What a person is asked to approve.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Login => "sign in",
            Self::Couch => "sign in by user name and password",
            Self::Whoami => "read who is signed in",
            Self::ProfileGet => "read your profile",
            Self::ProfileSet => "change your profile",
            Self::Password => "change your password",
            Self::Tfa => "change two-factor authentication",
            Self::TfaOff => "turn off two-factor authentication",
            Self::TokenList => "list your tokens",
            Self::TokenCreate => "create a token",
            Self::TokenRevoke => "revoke a token",
            Self::Poll | Self::Logout | Self::Other => "make a guarded request",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_told_apart_by_its_body() {
        for (body, operation) in [
            (r#"{"email":"a@b.example"}"#, Operation::ProfileSet),
            (r#"{"password":null}"#, Operation::ProfileSet),
            (
                r#"{"password":{"old":"a","new":"b"},"email":"x"}"#,
                Operation::Password,
            ),
            (r#"{"tfa":["123456"]}"#, Operation::Tfa),
            (r#"{"tfa":{"mode":"auth-only"}}"#, Operation::Tfa),
            (
                r#"{"tfa":["1"],"tfa":{"mode":"disable","password":"p"}}"#,
                Operation::TfaOff,
            ),
            ("no JSON", Operation::ProfileSet),
        ] {
            let found = Operation::of(&Method::POST, "/-/npm/v1/user", body.as_bytes());
            assert_eq!(found, operation, "{body}");
        }
    }

    #[test]
    fn every_name_is_one_of_an_operation() {
        let routes = [
            ("POST", "/-/v1/login"),
            ("GET", "/-/v1/done/{done}"),
            ("PUT", "/-/user/{id}/-rev/{rev}"),
            ("DELETE", "/-/user/token/{token}"),
            ("GET", "/-/whoami"),
            ("GET", "/-/npm/v1/user"),
            ("GET", "/-/npm/v1/tokens"),
            ("POST", "/-/npm/v1/tokens"),
            ("DELETE", "/-/npm/v1/tokens/token/{token}"),
        ];
        let mut names: Vec<_> = routes
            .iter()
            .filter_map(|(method, route)| {
                let method = method.parse().expect("a method");
                Operation::of(&method, route, b"").name()
            })
            .chain(
                [
                    Operation::ProfileSet,
                    Operation::Password,
                    Operation::TfaOff,
                ]
                .into_iter()
                .filter_map(Operation::name),
            )
            .collect();
        let mut all = NAMES.to_vec();
        names.sort_unstable();
        all.sort_unstable();
        assert_eq!(names, all);
    }
}
