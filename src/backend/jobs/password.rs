//! What a registry's refusal says about the password that went with the request.

use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;
use crate::registry::Error;

use super::Job;

/// The registry's words when `error` refuses the password.
///
/// The credential was taken by the read just before, so an answer that calls the request unauthorised means
/// the password.
pub(super) fn refused(error: &Error) -> Option<&Text> {
    match error {
        Error::SignedOut {
            anonymous: false,
            words,
        }
        | Error::Refused { status: 401, words } => Some(words),
        Error::Refused {
            status: 400 | 403 | 422,
            words,
        } if is_about_password(words) => Some(words),
        _ => None,
    }
}

/// The failure of a request that carried a password.
pub(super) fn failed<C: Connector>(job: &Job<'_, C>, stop: Stop) -> Stop {
    let Stop::Error(error) = &stop else {
        return stop;
    };
    let Some(words) = refused(error) else {
        return stop;
    };
    let says = if words.is_empty() {
        String::new()
    } else {
        format!(": “{}”", words.cut(200))
    };
    Failure::new(
        FailureKind::Refused,
        format!("{} did not accept the password{says}.", job.host()),
        "Nothing was changed: type the account's password again.",
    )
    .into()
}

fn is_about_password(words: &Text) -> bool {
    let words = words.as_str().to_lowercase();
    // "one-time password" is another matter.
    words
        .replace("one-time password", "")
        .replace("one time password", "")
        .contains("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_password_is_told_from_other_refusals() {
        let refusal = |status, words: &str| Error::Refused {
            status,
            words: words.into(),
        };
        let cases = [
            (refusal(401, "unauthorized"), true),
            (refusal(403, "The password is wrong."), true),
            (refusal(400, "bad username/password, access denied"), true),
            (refusal(403, "New set-ups are closed."), false),
            (refusal(403, "A One Time Password is needed"), false),
            (refusal(500, "password service is down"), false),
            (
                Error::SignedOut {
                    anonymous: false,
                    words: "".into(),
                },
                true,
            ),
            (
                Error::SignedOut {
                    anonymous: true,
                    words: "".into(),
                },
                false,
            ),
        ];
        for (error, wrong) in cases {
            assert_eq!(refused(&error).is_some(), wrong, "{error:?}");
        }
    }
}
