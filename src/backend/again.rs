//! A credential that has ended in the middle of a request: it waits for another sign-in, and goes on by that.

use std::sync::Arc;

use crate::backend::desk::{Desk, Left};
use crate::backend::house::Sessions;
use crate::backend::protocol::{Answer, Question, SignInAsked};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::Registry;

/// What stood for the account in a call.
pub(super) type Token = Option<Arc<Secret<String>>>;

/// True when both are the same credential.
pub(super) fn same(one: &Token, other: &Token) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.matches(other),
        (None, None) => true,
        _ => false,
    }
}

/// What a request goes on with when its credential ends in the middle.
#[derive(Clone, Copy)]
pub(super) struct Again<'a> {
    /// Where a new sign-in is found.
    pub(super) sessions: &'a Sessions,
    /// The account that it was begun for.
    pub(super) who: &'a Text,
}

/// What a request waits for when its credential has ended.
pub(super) struct Wanted<'a> {
    /// What it was about to do.
    pub(super) action: &'a Text,
    /// The registry's words.
    pub(super) words: &'a Text,
    /// What was refused.
    pub(super) carried: &'a Token,
}

impl Again<'_> {
    /// Parks until there is a sign-in to the same account of the same registry, which `registry` speaks by from then on.
    pub(super) async fn wait<R: Registry>(
        self,
        desk: &Desk,
        registry: &R,
        wanted: Wanted<'_>,
    ) -> Result<(), Left> {
        // Another request may have led to one meanwhile.
        if !same(&registry.token(), wanted.carried) || self.adopt(registry, wanted.carried).is_ok()
        {
            return Ok(());
        }
        let mut problem = None;
        loop {
            let asked = SignInAsked {
                action: wanted.action.clone(),
                host: registry.identity().registry,
                name: Some(self.who.clone()),
                words: wanted.words.clone(),
                problem: problem.take(),
                without: None,
            };
            let Answer::SignedIn = desk.ask(Question::SignIn(asked)).await? else {
                continue;
            };
            match self.adopt(registry, wanted.carried) {
                Ok(()) => {
                    desk.settled();
                    return Ok(());
                }
                Err(why) => problem = Some(why),
            }
        }
    }

    /// Takes the newest sign-in over, if it is of the same account; else says why not.
    fn adopt<R: Registry>(self, registry: &R, carried: &Token) -> Result<(), Text> {
        let host = registry.identity().registry;
        let Some(session) = self.sessions.newest() else {
            return Err(Text::from("Nobody has signed in yet."));
        };
        if same(&Some(Arc::clone(&session.token)), carried) {
            return Err(Text::from(
                "The registry does not accept this sign-in either.",
            ));
        }
        if session.registry != host {
            return Err(Text::new(&format!(
                "That was a sign-in to {}; this waits for {host}.",
                session.registry
            )));
        }
        if session.name != *self.who {
            return Err(Text::new(&format!(
                "You signed in as {}; this was begun for {} and goes on for nobody else.",
                session.name, self.who
            )));
        }
        registry.adopt(&session);
        Ok(())
    }
}
