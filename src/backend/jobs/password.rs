//! Changing the password, and what a registry's refusal says about the one that went with a request.

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::{Outcome, PASSWORD_AGAIN, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::{Error, Registry as _};

use super::Job;

/// Changes it, and reads the profile by the same credential: a registry may have ended that with the old password
/// (promise P33).
pub(super) async fn change<C: Connector>(
    job: &Job<'_, C>,
    current: &Secret<String>,
    new: &Secret<String>,
) -> Result<Outcome, Stop> {
    let pass = job.writing("change the password");
    let lost = match guarded!(pass, call => job.registry.change_password(call, current, new)) {
        Ok(()) => None,
        Err(Stop::Error(error)) if error.outcome_unknown() => Some(job.error(&error)),
        Err(stop) => return Err(failed(job, stop)),
    };
    job.desk.hold();
    job.desk.step(Step::Doing("Reading the profile again"));
    let after = job.as_it_is().truth().await;
    let Some(lost) = lost else {
        return Ok(Outcome::PasswordChanged(
            after
                .map(Box::new)
                .map_err(|why| credential_after(job, why)),
        ));
    };
    // No answer of a registry says which password is in force; to try one out may count as a wrong one.
    let what = match after {
        Err(why) if why.kind == FailureKind::SignedOut => format!(
            "{} The registry does not accept the credential since, as some do after a change, so the password was probably changed.",
            lost.what
        ),
        _ => format!(
            "{} Whether the password was changed is not known.",
            lost.what
        ),
    };
    Err(Failure::new(
        lost.kind,
        what,
        "Sign in with the new password; if that is refused, the old one is still in force.",
    )
    .into())
}

fn credential_after<C: Connector>(job: &Job<'_, C>, why: Failure) -> Failure {
    if why.kind != FailureKind::SignedOut {
        return why;
    }
    Failure::new(
        why.kind,
        format!(
            "{} does not accept the credential any more since the password was changed.",
            job.host()
        ),
        "Sign in again with the new password.",
    )
}

/// The registry's words when `error` refuses the password.
///
/// An answer about the credential itself is another error: the client asks where that is in doubt.
pub(super) fn refused(error: &Error) -> Option<&Text> {
    match error {
        Error::Refused { status: 401, words } => Some(words),
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
        format!(": {}", words.quoted(200))
    };
    Failure::new(
        FailureKind::Refused,
        format!("{} did not accept the password{says}.", job.host()),
        PASSWORD_AGAIN,
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
                false,
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
