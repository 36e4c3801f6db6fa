//! What the pages say.

use axum::http::StatusCode;
use jiff::Timestamp;

use super::desk::Kind;
use super::page::{Field, Page, Problem, escape};
use crate::domain::secret::Secret;

/// A form, its fields and its buttons.
struct Form<'a> {
    path: &'a str,
    token: &'a Secret<String>,
    step: &'a str,
    fields: &'a [Field<'a>],
    /// `(value, words)` of the buttons, in their order.
    buttons: &'a [(&'a str, &'a str)],
}

impl Form<'_> {
    fn html(&self, problem: Option<&Problem>) -> String {
        let blamed = problem.and_then(|problem| {
            let blamed = |field: &Field<'_>| problem.fields.contains(&field.name);
            self.fields.iter().position(blamed)
        });
        let said = problem.map_or(String::new(), |problem| {
            let words = escape(&problem.words);
            format!("<p class=\"error\" id=\"problem\" role=\"alert\">Problem: {words}</p>\n")
        });
        let fields: String = self
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| field.html(problem, index == blamed.unwrap_or(0)))
            .collect();
        let mut buttons = String::new();
        for (value, words) in self.buttons {
            // Who starts over need not fill in what is required.
            let skip = if *value == "restart" {
                " formnovalidate"
            } else {
                ""
            };
            buttons.push_str("<button type=\"submit\" name=\"answer\" value=\"");
            for part in [value, "\"", skip, ">", &escape(words), "</button>\n"] {
                buttons.push_str(part);
            }
        }
        format!(
            "{said}<form method=\"post\" action=\"{}\">\n\
             <input type=\"hidden\" name=\"form\" value=\"{}\">\n\
             <input type=\"hidden\" name=\"step\" value=\"{}\">\n{fields}{buttons}</form>\n",
            escape(self.path),
            escape(self.token.expose()),
            self.step,
        )
    }
}

fn page(heading: &str, words: &str, form: &Form<'_>, problem: Option<&Problem>) -> Page {
    let main = format!("<p>{}</p>\n{}", escape(words), form.html(problem));
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    Page::new(status, heading, &main).with_wait(problem.and_then(|problem| problem.wait))
}

/// Where a form goes and the token in it.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) path: &'a str,
    pub(super) token: &'a Secret<String>,
}

/// User name and password.
pub(super) fn sign_in(at: At<'_>, kind: Kind, name: &str, problem: Option<&Problem>) -> Page {
    let words = match kind {
        Kind::SignIn | Kind::SignUp => {
            "A program on this machine wants to be signed in. Say who you are first; you approve it after that."
                .to_owned()
        }
        Kind::Approve(_, operation) | Kind::Show(_, operation) => format!(
            "A program wants to {}. Say who you are first; you approve it after that.",
            operation.words()
        ),
    };
    let fields = [
        Field {
            name: "username",
            label: "User name",
            kind: "text",
            autocomplete: "username",
            value: name,
            hint: "",
        },
        Field {
            name: "password",
            label: "Password",
            kind: "password",
            autocomplete: "current-password",
            value: "",
            hint: "",
        },
    ];
    let form = Form {
        path: at.path,
        token: at.token,
        step: "sign-in",
        fields: &fields,
        buttons: &[("go", "Sign in")],
    };
    page("Sign in", &words, &form, problem)
}

/// A new account.
pub(super) fn sign_up(at: At<'_>, name: &str, email: &str, problem: Option<&Problem>) -> Page {
    let fields = [
        Field {
            name: "username",
            label: "User name",
            kind: "text",
            autocomplete: "username",
            value: name,
            hint: "Lower-case letters, digits, and the signs - _ . ~",
        },
        Field {
            name: "email",
            label: "E-mail address",
            kind: "email",
            autocomplete: "email",
            value: email,
            hint: "Nothing is sent to it: this registry speaks to nobody.",
        },
        Field {
            name: "password",
            label: "Password",
            kind: "password",
            autocomplete: "new-password",
            value: "",
            hint: "Longer than 10 characters, and without the user name in it.",
        },
    ];
    let form = Form {
        path: at.path,
        token: at.token,
        step: "sign-up",
        fields: &fields,
        buttons: &[("go", "Create the account")],
    };
    let words = "The account is on this registry alone, and gone when it ends.";
    page("Create an account", words, &form, problem)
}

/// The second factor.
pub(super) fn code(at: At<'_>, name: &str, problem: Option<&Problem>) -> Page {
    let fields = [Field {
        name: "code",
        label: "One-time password or recovery code",
        kind: "text",
        autocomplete: "one-time-code",
        value: "",
        hint: "The six digits that your authenticator shows now. A recovery code works too, once.",
    }];
    let form = Form {
        path: at.path,
        token: at.token,
        step: "code",
        fields: &fields,
        buttons: &[("go", "Go on"), ("restart", "Use another account")],
    };
    let words =
        format!("{name} has two-factor authentication, so the password alone is not enough.");
    page("Second factor", &words, &form, problem)
}

/// A code that went to the person by mail.
pub(super) fn mailed(at: At<'_>, address: &str, inbox: &str, problem: Option<&Problem>) -> Page {
    let fields = [Field {
        name: "code",
        label: "Code from the mail",
        kind: "text",
        autocomplete: "one-time-code",
        value: "",
        hint: "Eight digits.",
    }];
    let form = Form {
        path: at.path,
        token: at.token,
        step: "code",
        fields: &fields,
        buttons: &[("go", "Go on"), ("restart", "Use another account")],
    };
    let main = format!(
        "<p>A code was mailed to {}. Nothing leaves this machine: read it in the \
         <a href=\"{}\" target=\"_blank\" rel=\"noopener\">inbox of this registry</a> \
         (opens in a new tab).</p>\n{}",
        escape(address),
        escape(inbox),
        form.html(problem)
    );
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    Page::new(status, "Code by mail", &main).with_wait(problem.and_then(|problem| problem.wait))
}

/// The question itself.
pub(super) fn question(
    at: At<'_>,
    kind: Kind,
    name: &str,
    asked: Timestamp,
    problem: Option<&Problem>,
) -> Page {
    let (heading, buttons): (_, &[_]) = match kind {
        Kind::SignIn => (
            format!("Sign in npm on this machine as {name}?"),
            &[
                ("approve", "Approve"),
                ("deny", "Deny"),
                ("restart", "Use another account"),
            ],
        ),
        Kind::SignUp => (
            format!("Sign in npm on this machine as {name}?"),
            &[("approve", "Approve"), ("deny", "Deny")],
        ),
        Kind::Approve(_, operation) | Kind::Show(_, operation) => (
            format!("Approve: {}", operation.words()),
            &[("approve", "Approve"), ("deny", "Deny")],
        ),
    };
    let words = format!(
        "You are {name}. This was asked for at {}. Approve it only if you have just started it yourself in a terminal; else deny it.",
        asked.strftime("%H:%M:%S UTC")
    );
    let form = Form {
        path: at.path,
        token: at.token,
        step: "decide",
        fields: &[],
        buttons,
    };
    page(&heading, &words, &form, problem)
}

/// It was approved.
pub(super) fn approved() -> Page {
    Page::new(
        StatusCode::OK,
        "Approved",
        "<p>You can close this page and go back to the terminal.</p>\n",
    )
}

/// It was approved, for a client that knows nothing of pages.
pub(super) fn to_type(code: &Secret<String>, until: Timestamp) -> Page {
    let main = format!(
        "<p>Type this code in the terminal, before {}:</p>\n<p><strong>{}</strong></p>\n\
         <p>You can close this page after that.</p>\n",
        until.strftime("%H:%M:%S UTC"),
        in_fours(code).expose()
    );
    Page::new(StatusCode::OK, "Approved", &main)
}

/// A code in groups of four, as it is easily read and typed.
pub(super) fn in_fours(code: &Secret<String>) -> Secret<String> {
    let mut grouped = Secret::with_capacity(2 * code.chars());
    for (index, digit) in code.expose().chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            grouped.expose_mut().push(' ');
        }
        grouped.expose_mut().push(digit);
    }
    grouped
}

/// It was denied.
pub(super) fn denied() -> Page {
    Page::new(
        StatusCode::OK,
        "Denied",
        "<p>Nothing was done. You can close this page and go back to the terminal.</p>\n",
    )
}

/// No such page, or no longer.
pub(super) fn gone() -> Page {
    Page::new(
        StatusCode::NOT_FOUND,
        "This page has expired or was never here",
        "<p>A page waits ten minutes. Go back to the terminal and start again.</p>\n",
    )
}

/// Asked under a name that is none of this machine's.
pub(super) fn misdirected() -> Page {
    Page::new(
        StatusCode::MISDIRECTED_REQUEST,
        "This address is not the registry’s",
        "<p>The registry answers to 127.0.0.1, [::1] and localhost only. Open the page by the address that the terminal shows.</p>\n",
    )
}
