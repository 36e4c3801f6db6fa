//! Whose the credential in use is: an emergency goes on for the account that it was begun for, and for no other.

use super::Walk;
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::backend::session::name_of;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Ask, Reply, Stage};
use crate::domain::text::Text;
use crate::registry::{Error, Registry as _};

/// Whose it is, by the registry's own answer.
pub(super) enum Whose {
    /// Of the account that this was begun for, or of nobody any more.
    Ours,
    /// Of another account.
    Another(Text),
    /// That could not be found out.
    NotTold(Failure),
}

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn whose(&self) -> Whose {
        let registry = self.job.registry;
        let Some(account) = &self.book.incident().account else {
            return Whose::Ours;
        };
        let speaks_by_own = self.own.as_ref().is_some_and(|own| {
            let carried = registry.token();
            carried.is_some_and(|token| own.session.token.matches(&token))
        });
        // The registry said at the sign-in whose that is.
        if speaks_by_own {
            return Whose::Ours;
        }
        match name_of(registry, self.job.desk.retrying()).await {
            Ok(name) if name == *account => Whose::Ours,
            Ok(name) => Whose::Another(name),
            Err(
                Error::SignedOut { .. }
                | Error::Refused {
                    status: 401 | 403, ..
                },
            ) => Whose::Ours,
            Err(error) => Whose::NotTold(self.job.error(&error)),
        }
    }

    /// Why nothing is done with another account's credential.
    pub(super) fn another(&self, name: &Text) -> Failure {
        let incident = self.book.incident();
        let account = incident.account.as_ref().map_or("", Text::as_str);
        Failure::new(
            FailureKind::Local,
            format!(
                "This emergency is of {account}, and the credential in use here is {name}'s at {}. Nothing was done with it.",
                self.job.host()
            ),
            format!("Sign in as {account}, and go on with it then."),
        )
    }

    /// Before anything is done in the account's name: it is that account. Otherwise it is left, and can be gone on with.
    pub(super) async fn as_begun(&mut self, stage: Stage) -> Result<(), Left> {
        loop {
            let why = match self.whose().await {
                Whose::Ours => return Ok(()),
                Whose::Another(name) => {
                    let why = self.another(&name);
                    self.failed(stage, why.clone()).await;
                    self.refused = Some(why);
                    return Err(Left);
                }
                // What it speaks by has not changed since it told whose it is.
                Whose::NotTold(_) if self.book.incident().resumed == 0 => return Ok(()),
                Whose::NotTold(why) => why,
            };
            self.failed(stage, why.clone()).await;
            loop {
                match self.ask(Ask::Again { rows: Vec::new() }).await? {
                    Reply::Again => break,
                    Reply::Skip => {
                        self.refused = Some(why);
                        return Err(Left);
                    }
                    _ => {}
                }
            }
        }
    }
}
