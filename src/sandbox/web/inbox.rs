//! The mail that the registry would have sent. Everybody on this machine may read it: the accounts are made up,
//! and who asks for a code in a test has no other way to it.

use axum::http::StatusCode;

use super::page::{Page, escape};
use super::views::{in_fours, misdirected};
use crate::sandbox::account::Registry;
use crate::sandbox::call::Call;
use crate::sandbox::mail::Mail;

/// Where it is, below the path prefix.
pub(in crate::sandbox) const INBOX: &str = "/-/inbox";

/// `GET /-/inbox`: the newest mail first.
pub(in crate::sandbox) fn inbox(registry: &mut Registry, call: &Call) -> Page {
    if call.origin.is_none() {
        return misdirected();
    }
    let mut main = "<p>What this registry would have mailed. The accounts are made up, so that \
        everybody on this machine may read it. Reload the page to see what came since.</p>\n"
        .to_owned();
    let mails = registry.outbox.all().rev();
    let before = main.len();
    for mail in mails {
        main.push_str(&shown(mail, call));
    }
    if main.len() == before {
        main.push_str("<p>There is no mail yet.</p>\n");
    }
    Page::new(StatusCode::OK, "Inbox", &main)
}

fn shown(mail: &Mail, call: &Call) -> String {
    let serves = if mail.until > call.now {
        format!("It works until {}.", mail.until.strftime("%H:%M:%S UTC"))
    } else {
        "It does not work any more.".to_owned()
    };
    format!(
        "<article>\n<h2>Your one-time password</h2>\n<p class=\"hint\">To {}, {}</p>\n\
         <p>Somebody wants to {}. The code for that:</p>\n<p><strong>{}</strong></p>\n<p>{serves}</p>\n</article>\n",
        escape(&mail.to),
        mail.sent.strftime("%H:%M:%S UTC"),
        escape(mail.purpose),
        in_fours(&mail.code).expose(),
    )
}
