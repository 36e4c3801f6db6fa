//! A sign-in for the emergency alone, which is written to no disk and ended when all is done; and the question for the
//! address.

use std::sync::Arc;

use super::whose::Whose;
use super::{LEFT_OUT, Walk};
use crate::backend::desk::Left;
use crate::backend::finder::digest;
use crate::backend::house::Connector;
use crate::backend::protocol::{Answer, Question, SignInAsked};
use crate::backend::session::ended;
use crate::domain::account::ProfileField;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::Held;
use crate::domain::incident::{Ask, Reply, Stage};
use crate::domain::revocation::RowState;
use crate::domain::signin::{Ended, Session};
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::records::incident::{FOR_THIS, line};
use crate::registry::Registry as _;

/// The session that the emergency speaks by.
pub(super) struct Own {
    pub(super) session: Arc<Session>,
    /// Its key in the list, once that is proved.
    pub(super) key: Option<TokenKey>,
    /// How it stands in the record.
    pub(super) name: Text,
    /// It was made for this; otherwise it was there before.
    pub(super) made: bool,
}

/// What was there before is this.
const BEFORE: &str = "The session that was in use before this began";

const NEXT: &str = "Revoke it in the list of tokens or on the registry's website.";

const WITHOUT: &str = "Without it, the credential in use goes on. If that is a token that a thief may have too, both of you \
    act by it; and npm's own registry lets no token manage tokens, so that nothing may be revoked. A registry that offers no \
    sign-in leaves no other way.";

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn sign_in(&mut self) -> Result<(), Left> {
        if let Some(session) = self.held().await {
            self.adopt(session, false).await;
            self.snapshot_again().await;
            let words = "The session of this program goes on: it is on no disk.";
            self.done(Stage::SignIn, words).await;
            return Ok(());
        }
        let mut problem = match self.whose().await {
            Whose::Another(name) => Some(self.another(&name).what),
            Whose::Ours | Whose::NotTold(_) => None,
        };
        loop {
            self.book
                .now_doing(Stage::SignIn, "Waiting for you to sign in")
                .await;
            let Some(session) = self.ask_for_session(problem.take()).await? else {
                self.skipped(Stage::SignIn, format!("{LEFT_OUT} {WITHOUT}"))
                    .await;
                return Ok(());
            };
            if let Some(why) = self.unfit(&session) {
                problem = Some(why);
                continue;
            }
            if self.job.house.filed(&session.token).await {
                problem = Some(Text::from(
                    "That sign-in was written into a file, where it is to stay. Sign in once more, for this alone.",
                ));
                continue;
            }
            self.job.desk.settled();
            let name = session.name.clone();
            self.adopt(session, true).await;
            self.snapshot_again().await;
            let words = format!("Signed in as {name}, for this alone.");
            self.done(Stage::SignIn, words).await;
            return Ok(());
        }
    }

    /// The credential in use is a session that this program alone holds already.
    async fn held(&self) -> Option<Arc<Session>> {
        let registry = self.job.registry;
        let source = registry.identity().credential?;
        let token = registry.token()?;
        if source.held != Held::Session || self.job.house.filed(&token).await {
            return None;
        }
        let session = self.job.house.sessions.newest()?;
        (session.token.matches(&token) && self.unfit(&session).is_none()).then_some(session)
    }

    /// `None`: go on without.
    async fn ask_for_session(&self, problem: Option<Text>) -> Result<Option<Arc<Session>>, Left> {
        let asked = SignInAsked {
            action: Text::from("see to the emergency"),
            host: self.job.host(),
            name: self.book.incident().account.clone(),
            words: Text::default(),
            problem,
            without: Some(Text::from(WITHOUT)),
        };
        match self.job.desk.ask(Question::SignIn(asked)).await? {
            Answer::Emergency(Reply::Skip) => {
                self.job.desk.settled();
                Ok(None)
            }
            Answer::SignedIn => match self.job.house.sessions.newest() {
                Some(session) => Ok(Some(session)),
                None => Err(Left),
            },
            _ => {
                self.job.desk.settled();
                Err(Left)
            }
        }
    }

    /// Why a session does not do.
    fn unfit(&self, session: &Session) -> Option<Text> {
        let host = self.job.host();
        if session.registry != host {
            return Some(Text::new(&format!(
                "That was a sign-in to {}; this is about {host}.",
                session.registry
            )));
        }
        let account = self.book.incident().account.as_ref();
        let account = account.filter(|account| **account != session.name)?;
        Some(Text::new(&format!(
            "You signed in as {}; this was begun for {account} and goes on for nobody else.",
            session.name
        )))
    }

    async fn adopt(&mut self, session: Arc<Session>, made: bool) {
        // From here on it ends by itself, and says what it knows: a session is to be ended.
        self.job.desk.hold();
        self.job.registry.adopt(&session);
        let _ = self.job.account.set(session.name.clone());
        let name = if made {
            let at = self.book.now().strftime("%Y-%m-%d %H:%M:%S UTC");
            Text::new(&format!("The sign-in of {at}{FOR_THIS}"))
        } else {
            Text::from(BEFORE)
        };
        // So that one which a crash leaves alive is known.
        let open = Ended::Unchecked(Failure::new(
            FailureKind::Local,
            "It was not seen to end; it ends by itself, as a rule within hours.",
            "",
        ));
        let key = TokenKey::new(digest(&session.token));
        let mut lines = vec![line::session_of(&name, &open, &key)];
        if self.book.incident().account.is_none() {
            lines.push(line::account(&session.name));
        }
        self.book.note_all(lines).await;
        self.own = Some(Own {
            session,
            key: None,
            name,
            made,
        });
    }

    /// A credential that died on the way was asked for anew: that session is its own from then on.
    pub(super) async fn signed_in_meanwhile(&mut self) {
        let carried = self.job.registry.token();
        let Some(session) = self.job.house.sessions.newest() else {
            return;
        };
        let speaks = carried.is_some_and(|token| session.token.matches(&token));
        let own = self.own.iter().map(|own| &own.session);
        let mut known = own.chain(&self.closed);
        let known = known.any(|other| other.token.matches(&session.token));
        if speaks && !known && !self.job.house.filed(&session.token).await {
            if let Some(former) = self.own.take() {
                self.replaced(former).await;
            }
            self.adopt(session, true).await;
        }
    }

    /// Another session speaks now: the one before is to be dead, as a rule because it died.
    async fn replaced(&mut self, former: Own) {
        let Ok(speaker) = self.job.house.by(&former.session).await else {
            return;
        };
        let since = self.book.now();
        match self.ended_or_dead(&*speaker).await {
            Ended::StillAccepted => self.lingers(former.name, speaker, since).await,
            ended => {
                let token = &former.session.token;
                self.session_ends(&former.name, Some(token), ended).await;
            }
        }
        self.closed.push(former.session);
    }

    /// Ends the session that was made for this, and sees that it is dead. What lies in a file by then is the person's.
    pub(super) async fn end_session(&mut self) {
        let Some(own) = self.own.take() else { return };
        let token = Arc::clone(&own.session.token);
        let house = self.job.house;
        let carried = self.job.registry.token();
        let carried = carried.is_some_and(|carried| carried.matches(&token));
        let since = self.book.now();
        let ended = if house.filed(&token).await {
            Ended::Unchecked(Failure::new(
                FailureKind::Cancelled,
                "It was put into a file meanwhile, and lives on there.",
                "",
            ))
        } else if carried {
            ended(self.job.registry, NEXT).await
        } else {
            // Something else speaks by now, which is not this emergency's to end.
            match house.by(&own.session).await {
                Ok(speaker) => ended(&*speaker, NEXT).await,
                Err(why) => Ended::Unchecked(why),
            }
        };
        if ended == Ended::Verified {
            house.signed_out(&token).await;
        }
        let probed = self.book.now();
        // Where it stands in the list as well, its row says the same.
        let row = match &ended {
            Ended::Verified => Some(RowState::Refused),
            Ended::StillAccepted => Some(RowState::StillAccepted { since, probed }),
            Ended::Unchecked(why) if why.kind != FailureKind::Cancelled => {
                Some(RowState::Unknown(why.clone()))
            }
            _ => None,
        };
        if ended == Ended::StillAccepted {
            let line = line::still_accepted(&own.name, since, probed);
            self.book.note(line).await;
        } else {
            self.session_ends(&own.name, Some(&token), ended).await;
        }
        if let Some(row) = own.key.zip(row) {
            self.went_since(&row.1).await;
            self.book.rows(&[row]).await;
        }
        self.closed.push(own.session);
    }

    /// The person stops here: what was made for this ends. What was there before stays.
    pub(super) async fn leave(&mut self) {
        if self.own.as_ref().is_some_and(|own| own.made) && !self.job.desk.closing() {
            self.end_session().await;
            self.book.tell();
        }
    }

    /// Is the address still the person's? Who reads it can take the account back.
    pub(super) async fn email(&mut self) -> Result<(), Left> {
        let snapshot = self.book.incident().snapshot.as_ref();
        let profile = snapshot.and_then(|snapshot| snapshot.profile.as_ref().ok());
        let address = profile.and_then(|it| it.field(ProfileField::Email).cloned());
        let verified = profile.and_then(|it| it.email_verified);
        self.book
            .now_doing(Stage::Email, "Waiting for your answer")
            .await;
        let question = Ask::Email {
            address: address.unwrap_or_default(),
            verified,
        };
        loop {
            match self.ask(question.clone()).await? {
                Reply::EmailMine(mine) => {
                    self.book.note(line::email_mine(mine)).await;
                    let words = if mine {
                        "It is still yours, by your word."
                    } else {
                        "It is NOT yours alone, by your word. If it is not yours any more, write to the registry's support at \
                         once, from another address; if somebody else may read it, change it when the tokens are gone. What \
                         follows stops the tokens; it does not give the account back."
                    };
                    self.settled_with(Stage::Email, usize::from(!mine), words)
                        .await;
                }
                Reply::Skip => {
                    self.skipped(Stage::Email, "Whether it is yours is open.")
                        .await;
                }
                _ => continue,
            }
            return Ok(());
        }
    }
}
