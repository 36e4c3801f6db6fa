//! How a plain command ends when not by its result.

use std::io;

use crate::commands::signs::Sign;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

/// Why a command ends before its result, or not as it should.
#[derive(Debug)]
pub(in crate::commands) enum End {
    /// It failed.
    Failed(Failure),
    /// The command line makes no sense here; nothing was changed.
    Usage(Failure),
    /// A signal, or Ctrl-C at a question; what is to be said.
    Stopped(Sign, Text),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl End {
    pub(in crate::commands) fn usage(what: impl AsRef<str>, next: &str) -> Self {
        Self::Usage(Failure::new(FailureKind::Local, what, next))
    }

    /// The person answered no.
    pub(in crate::commands) fn nothing_changed() -> Self {
        Self::Failed(Failure::new(
            FailureKind::Cancelled,
            nothing_done().as_str(),
            "",
        ))
    }

    pub(in crate::commands) const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(failure) => failure.kind.exit_code(),
            Self::Usage(_) => 2,
            Self::Stopped(sign, _) => sign.exit_code(),
        }
    }
}

pub(super) fn no_terminal(error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!("The terminal takes no questions: {error}."),
        "Give what is needed on the command line, or use another terminal.",
    )
}

pub(super) fn nothing_done() -> Text {
    Text::from("Nothing was changed.")
}

/// `codes`: its answer may hold recovery codes.
pub(super) fn unknown(codes: bool) -> Text {
    Text::from(if codes {
        "The registry has not answered; whether it acted is not known, and recovery codes that only its answer held are lost. \
         Look with npm-warden 2fa status; if it is on, get fresh codes while the authenticator works."
    } else {
        "The registry has not answered; whether it acted is not known."
    })
}

pub(super) fn gone() -> Failure {
    Failure::new(
        FailureKind::Local,
        "npm-warden itself failed while working on this.",
        "Please report it, and look what the registry says now.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::set_up::SetUp;
    use super::*;

    #[test]
    fn p07_who_leaves_without_the_answer_is_told_that_it_may_have_held_recovery_codes() {
        let mut set_up = SetUp::default();
        assert!(!unknown(set_up.codes_under_way()).as_str().contains("codes"));
        set_up.typed = Some("123456".into());
        let said = unknown(set_up.codes_under_way());
        assert!(said.as_str().contains("recovery codes"), "{said}");
        assert!(said.as_str().contains("are lost"), "{said}");
    }
}
