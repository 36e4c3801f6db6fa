//! What lies in the files of this machine: copies of dead credentials are taken out, and one that lives is said to.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::{LEFT_OUT, Walk, plural};
use crate::backend::batch::WIDTH;
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::backend::local::{Taken, taken, token_of};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Ask, Reply, Stage};
use crate::domain::machine::{CredentialId, Fix, Form, LocalCredential};
use crate::domain::remains::is_gone;
use crate::domain::secret::Secret;
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::npmrc::{Auth, Survey};
use crate::records::incident::line;
use crate::registry::Registry as _;

/// A credential for this registry that lies here, tried out.
struct Held {
    local: LocalCredential,
    /// The value that was tried out.
    secret: Arc<Secret<String>>,
    /// Why it is not called dead; `None` for one that is.
    alive: Option<Failure>,
}

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn local(&mut self) -> Result<(), Left> {
        loop {
            let why = match self.copies().await? {
                Ok(()) => return Ok(()),
                Err(why) => why,
            };
            self.failed(Stage::Local, why).await;
            loop {
                match self.ask(Ask::Again { rows: Vec::new() }).await? {
                    Reply::Again => break,
                    Reply::Skip => return Ok(()),
                    _ => {}
                }
            }
        }
    }

    /// Looks, asks, takes out; the reason why it is to be looked at again.
    async fn copies(&mut self) -> Result<Result<(), Failure>, Left> {
        self.book
            .now_doing(Stage::Local, "Trying out what lies on this machine")
            .await;
        let held = match self.held_here().await {
            Ok(held) => held,
            Err(why) => return Ok(Err(why)),
        };
        self.book.note(line::copies_anew()).await;
        let (dead, living): (Vec<_>, Vec<_>) = held.into_iter().partition(|it| it.alive.is_none());
        let (files, elsewhere): (Vec<_>, Vec<_>) = dead
            .into_iter()
            .partition(|it| it.local.id.path.is_some() && it.local.form == Form::Literal);
        let lines = living.iter().map(|it| (&it.local, it.alive.clone()));
        let not_here = elsewhere
            .iter()
            .map(|it| (&it.local, Some(set_elsewhere(&it.local))));
        let lines = lines.chain(not_here);
        let lines = lines.map(|(local, why)| line::copy(local, why.as_ref()));
        self.book.note_all(lines.collect()).await;
        let stays = living.len() + elsewhere.len();
        let mixed = elsewhere.iter().filter(|it| is_mixed(&it.local)).count();
        let unset = elsewhere.len() - mixed;
        if files.is_empty() {
            let words = match stays {
                0 => "No dead token lies on this machine.".to_owned(),
                _ => format!(
                    "Nothing could be taken out. {}",
                    stay(living.len(), unset, mixed, 0)
                ),
            };
            self.settled_with(Stage::Local, stays, words).await;
            return Ok(Ok(()));
        }
        self.book
            .now_doing(Stage::Local, "Waiting for your answer")
            .await;
        let question = Ask::Local(files.iter().map(|it| it.local.clone()).collect());
        let wanted: HashSet<CredentialId> = loop {
            match self.ask(question.clone()).await? {
                Reply::TakeOut(wanted) => break wanted.into_iter().collect(),
                Reply::Skip => {
                    self.leave_there(&files).await;
                    self.skipped(Stage::Local, LEFT_OUT).await;
                    return Ok(Ok(()));
                }
                _ => {}
            }
        };
        let (take, leave): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|it| wanted.contains(&it.local.id));
        self.leave_there(&leave).await;
        let (taken, failed) = self.take_out(take).await;
        if let Some((place, why)) = failed {
            return Ok(Err(Failure::new(
                why.kind,
                format!("{place} still holds a dead token: {}", why.what),
                "Look again: it is read and tried out anew.",
            )));
        }
        let mut words = format!(
            "{} taken out of the files of this machine.",
            plural(taken, "dead token", "dead tokens")
        );
        let stays = stays + leave.len();
        if stays > 0 {
            words = format!("{words} {}", stay(living.len(), unset, mixed, leave.len()));
        }
        self.settled_with(Stage::Local, stays, words).await;
        Ok(Ok(()))
    }

    /// What this machine holds for this registry and this account, but for what is kept by choice. Of other registries
    /// nothing is tried out.
    async fn held_here(&self) -> Result<Vec<Held>, Failure> {
        let job = self.job;
        let Survey { machine, values } = job.house.survey().await?;
        let (_, notes) = job.house.kept_here().await;
        let incident = self.book.incident();
        let rows = incident.rows.iter().map(|row| &row.token.key);
        let kept = incident.kept.iter().map(|token| &token.key);
        let keys: Vec<TokenKey> = rows.chain(kept).cloned().collect();
        let mut tried = Vec::new();
        for (place, local) in machine.credentials.into_iter().enumerate() {
            let Some((_, auth)) = values.iter().find(|(id, _)| *id == local.id) else {
                continue;
            };
            let value = match auth {
                Auth::Bearer(value) => Some(value),
                Auth::Basic(_) => None,
            };
            let key = value.and_then(|value| token_of(&job.host(), &notes, &keys, value));
            let secret = Arc::clone(auth.secret());
            tried.push((place, local, (value.is_some(), secret, key)));
        }
        let tried = tried.into_iter().map(async |(place, local, value)| {
            let alive = self.tried(&local, &value).await?;
            let (_, secret, _) = value;
            let held = Held {
                local,
                secret,
                alive,
            };
            Some((place, held))
        });
        let mut held: Vec<_> = stream::iter(tried)
            .buffer_unordered(WIDTH)
            .filter_map(std::future::ready)
            .collect()
            .await;
        held.sort_by_key(|(place, _)| *place);
        Ok(held.into_iter().map(|(_, held)| held).collect())
    }

    /// Why a credential is not called dead, and `None` within for one that is; `None` for what is not looked at. That it is
    /// refused proves nothing by itself: a token may work from other addresses alone.
    async fn tried(
        &self,
        local: &LocalCredential,
        (bearer, secret, key): &(bool, Arc<Secret<String>>, Option<TokenKey>),
    ) -> Option<Option<Failure>> {
        let (job, incident) = (self.job, self.book.incident());
        let kept = |key: &TokenKey| incident.kept.iter().any(|token| token.key == *key);
        if key.as_ref().is_some_and(kept) {
            return None;
        }
        let registry = match job.house.by_local(&local.id).await {
            Ok(registry) if registry.identity().registry == job.host() => registry,
            Ok(_) | Err(_) => return None,
        };
        let row = key.as_ref().and_then(|key| self.book.row_state(key));
        let ended = || {
            let ended = self.book.session(secret);
            matches!(ended, Some(Ended::Verified | Ended::Unlisted))
        };
        let gone = *bearer && (row.is_some_and(is_gone) || ended());
        let same = !bearer || registry.token().is_some_and(|now| now.matches(secret));
        let why =
            |what: &str, next: &str| Some(Some(Failure::new(FailureKind::Refused, what, next)));
        let account = incident.account.as_ref();
        match taken(&registry).await {
            Taken::By(name) if account.is_some_and(|account| *account != name) => None,
            Taken::By(_) => why(
                "It is ALIVE: the registry accepts it.",
                "Revoke it, or end it on the registry's website.",
            ),
            Taken::Refused if gone && same => Some(None),
            Taken::Refused => why(
                "It is refused from here, which does not prove that it is dead: it may work from other addresses.",
                "Look for it in the list of tokens.",
            ),
            Taken::NoAnswer(_) => why(
                "Whether it is dead could not be found out: the registry gave no answer that tells.",
                "Look at it again.",
            ),
        }
    }

    async fn leave_there(&mut self, these: &[Held]) {
        let why = Failure::new(
            FailureKind::Cancelled,
            "It is dead, and was left there by your choice.",
            "",
        );
        let lines = these.iter().map(|it| line::copy(&it.local, Some(&why)));
        self.book.note_all(lines.collect()).await;
    }

    /// The lower lines of a file first: what stands above them keeps its place. How many went, and one that did not.
    async fn take_out(&mut self, mut these: Vec<Held>) -> (usize, Option<(Text, Failure)>) {
        these.sort_by(|a, b| {
            let place = |it: &Held| (it.local.id.path.clone(), it.local.id.line);
            place(b).cmp(&place(a))
        });
        let (mut taken, mut failed) = (0, None);
        for it in these {
            let done = match self.job.desk.writing() {
                Ok(_writing) => self.take_one(&it).await,
                Err(Left) => Err(self.job.desk.left_words()),
            };
            let place = &it.local.place;
            let line = line::copy(&it.local, done.as_ref().err());
            self.book.note(line).await;
            self.book.tell();
            match done {
                Ok(()) => taken += 1,
                Err(why) => failed = Some((place.clone(), why)),
            }
        }
        (taken, failed)
    }

    /// The line goes only with the value that was tried out: what somebody put there since may be alive. The file is
    /// sealed first, read then, and changed only if the seal holds still.
    async fn take_one(&self, it: &Held) -> Result<(), Failure> {
        let house = self.job.house;
        let id = &it.local.id;
        let preview = house.preview(Fix::Remove(id.clone())).await?;
        let now = house.survey().await?.values;
        let same = now
            .iter()
            .any(|(other, auth)| other == id && auth.secret().matches(&it.secret));
        if !same {
            return Err(Failure::new(
                FailureKind::Local,
                "Something else stands there since it was tried out; that was left alone.",
                "Look at it again.",
            ));
        }
        house.apply(preview).await
    }
}

/// What stays where it is, in sentences.
fn stay(living: usize, elsewhere: usize, mixed: usize, left: usize) -> String {
    let mut words = Vec::new();
    if living > 0 {
        let what = plural(
            living,
            "credential that lies here is",
            "credentials that lie here are",
        );
        words.push(format!("{what} not known to be dead."));
    }
    if elsewhere > 0 {
        let what = plural(elsewhere, "dead token comes", "dead tokens come");
        words.push(format!("{what} from a variable: unset it where it is set."));
    }
    if mixed > 0 {
        let what = plural(
            mixed,
            "dead token is made of a variable and of text in its line",
            "dead tokens are made of a variable and of text in their line",
        );
        words.push(format!(
            "{what}: take the line out, and unset the variable where it is set."
        ));
    }
    if left > 0 {
        let what = plural(left, "dead token stays", "dead tokens stay");
        words.push(format!("{what} by your choice."));
    }
    words.join(" ")
}

/// Part of it stands in a line of a file.
fn is_mixed(local: &LocalCredential) -> bool {
    matches!(local.form, Form::Mixed { .. }) && local.id.path.is_some()
}

fn set_elsewhere(local: &LocalCredential) -> Failure {
    if let (Form::Mixed { names, .. }, Some(_)) = (&local.form, &local.id.path) {
        let names: Vec<_> = names.iter().map(Text::as_str).collect();
        return Failure::new(
            FailureKind::Local,
            format!(
                "It is dead, and is made of {} and of text in the line.",
                names.join(", ")
            ),
            "Take the line out, and unset the variable where it is set: a profile of the shell, or the settings of the CI.",
        );
    }
    let what = match &local.form {
        Form::Variable { names, .. } | Form::Mixed { names, .. } => {
            let names: Vec<_> = names.iter().map(Text::as_str).collect();
            format!("It is dead, and comes from {}.", names.join(", "))
        }
        Form::Literal => "It is dead, and is a variable of the environment.".to_owned(),
    };
    Failure::new(
        FailureKind::Local,
        what,
        "Unset it where it is set: a profile of the shell, or the settings of the CI.",
    )
}
