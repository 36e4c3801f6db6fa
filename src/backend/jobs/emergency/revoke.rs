//! What goes, in which order, and that it goes: a class to its end before the next, what is in use last (promise P29).

use std::collections::HashMap;

use super::linger::lingers;
use super::{LEFT_OUT, Walk, count, speaking};
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::backend::jobs::Job;
use crate::backend::jobs::{revoke, tokens};
use crate::backend::pass::Stop;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::found::Grade;
use crate::domain::incident::{Ask, IncidentRow, Reply, Stage, StageState};
use crate::domain::plan::{Class, order, within};
use crate::domain::remains::is_gone;
use crate::domain::revocation::RowState;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::records::incident::line;
use crate::registry::Registry as _;

/// Why the session of the emergency is in a list that is read on the way.
const GOES_AT_ITS_END: &str = "the session of this emergency, which goes at its end";
/// So many living tokens are named.
const NAMED: usize = 20;

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn revoke(&mut self) -> Result<(), Left> {
        let Some(list) = self.list(Stage::Revoke).await? else {
            return Ok(());
        };
        if self.book.chosen() {
            self.plan_anew(&list).await;
            self.catch_up(&list).await;
            if !self.agreed_again().await? {
                self.skipped(Stage::Revoke, LEFT_OUT).await;
                return Ok(());
            }
        } else {
            self.plan(&list).await;
            if self.book.incident().rows.is_empty() {
                self.done(
                    Stage::Revoke,
                    "The account has no token that could be revoked.",
                )
                .await;
                return Ok(());
            }
            let Some(keep) = self.choose(Ask::Revoke).await? else {
                self.skipped(Stage::Revoke, LEFT_OUT).await;
                return Ok(());
            };
            self.book.note(line::kept(&keep)).await;
        }
        self.go(Stage::Revoke).await?;
        let (open, words) = (self.not_gone(), self.sum());
        self.settled_with(Stage::Revoke, open, words).await;
        Ok(())
    }

    /// The list, as often as the person wants to try; `None` when the stage has ended without one.
    pub(super) async fn list(&mut self, stage: Stage) -> Result<Option<Vec<Token>>, Left> {
        loop {
            self.book
                .now_doing(stage, "Reading the list of tokens")
                .await;
            let why = match fresh(&self.speaking()).await {
                Ok(list) => {
                    let carried = self.job.registry.token();
                    if let Some(own) = &mut self.own
                        && carried.is_some_and(|carried| own.session.token.matches(&carried))
                    {
                        let carried = |token: &&Token| token.in_use() == Some(Grade::Is);
                        own.key = list.iter().find(carried).map(|token| token.key.clone());
                    }
                    self.listed(&list).await;
                    return Ok(Some(list));
                }
                Err(Stop::Left) if self.job.desk.left() => return Err(Left),
                // No code was given for it.
                Err(Stop::Left) => Failure::new(
                    FailureKind::NeedsSecondFactor,
                    "The list of tokens was not read: no code was given.",
                    "Try again, with a code.",
                ),
                Err(stop) => self.job.words(stop),
            };
            if why.kind == FailureKind::NotOffered {
                let words = format!(
                    "{} lists no tokens, so none can be revoked from here: see to them on its website.",
                    self.job.host()
                );
                self.skipped(stage, words).await;
                return Ok(None);
            }
            self.failed(stage, why).await;
            loop {
                match self.ask(Ask::Again { rows: Vec::new() }).await? {
                    Reply::Again => break,
                    Reply::Skip => return Ok(None),
                    _ => {}
                }
            }
        }
    }

    /// A list was read: how many live, and which those are.
    async fn listed(&mut self, list: &[Token]) {
        let living: Vec<&Token> = list
            .iter()
            .filter(|token| token.revoked.is_none())
            .collect();
        let named = living.iter().take(NAMED);
        let named: Vec<Text> = named.map(|token| self.who_lives(token)).collect();
        let listed = line::listed(self.book.now(), living.len(), &named);
        self.book.note(listed).await;
    }

    /// The session of the emergency has come to its end: what was said of it with the last list holds no more.
    pub(super) async fn went_since(&mut self, state: &RowState) {
        let incident = self.book.incident();
        let Some((at, count)) = incident.listed else {
            return;
        };
        let became = match state {
            RowState::Refused => "which has ended since",
            RowState::StillAccepted { .. } => "which was ended since, and is STILL ACCEPTED",
            _ => "which was not seen to end",
        };
        let named = incident.living.iter().map(|living| {
            let name = living.as_str().strip_suffix(GOES_AT_ITS_END);
            name.map_or_else(
                || living.clone(),
                |name| Text::new(&format!("{name}the session of this emergency, {became}")),
            )
        });
        let listed = line::listed(at, count, &named.collect::<Vec<_>>());
        self.book.note(listed).await;
    }

    /// A living token, and why it lives.
    fn who_lives(&self, token: &Token) -> Text {
        let incident = self.book.incident();
        let own = self.own.as_ref().and_then(|own| own.key.as_ref());
        let why = if own == Some(&token.key) {
            GOES_AT_ITS_END
        } else if incident.kept.iter().any(|kept| kept.key == token.key) {
            "kept by your choice"
        } else if self.book.row_state(&token.key).is_some() {
            "not gone"
        } else {
            "new"
        };
        Text::new(&format!("{}: {why}", token.quoted()))
    }

    /// All that lives, in its order.
    async fn plan(&mut self, list: &[Token]) {
        let incident = self.book.incident();
        let before = match incident.snapshot.as_ref().map(|snapshot| &snapshot.tokens) {
            Some(Ok(tokens)) => Some(tokens),
            _ => None,
        };
        let appeared = |token: &Token| {
            token.in_use().is_none()
                && !self.is_ours(token)
                && before.is_some_and(|tokens| !tokens.iter().any(|old| old.key == token.key))
        };
        let rows = rows(list, appeared, |token| self.is_ours(token));
        self.book.note(line::plan(&rows)).await;
        self.book.tell();
    }

    /// After an interruption: what is not gone stands in the order of now, what somebody made meanwhile among it.
    async fn plan_anew(&mut self, list: &[Token]) {
        let living = list.iter().filter(|token| token.revoked.is_none());
        let living: HashMap<&TokenKey, &Token> = living.map(|token| (&token.key, token)).collect();
        let mut all = self.book.incident().rows.clone();
        for row in all.iter_mut().filter(|row| !is_gone(&row.state)) {
            if let Some(token) = living.get(&row.token.key) {
                row.class = Class::of(token);
                row.token = Token::clone(token);
            }
        }
        let stranger = |token: &Token| !self.is_ours(token);
        let mut new = self.newcomers(list);
        // What it speaks by now stands there as what it is.
        let own = self.own.as_ref().and_then(|own| own.key.as_ref());
        let own = list.iter().filter(|token| own == Some(&token.key));
        new.extend(
            own.filter(|it| self.book.row_state(&it.key).is_none())
                .cloned(),
        );
        let new = rows(&new, stranger, |token| self.is_ours(token));
        all.extend(new);
        all.sort_by_key(|row| (row.class, within(&row.token)));
        self.book.note(line::plan(&all)).await;
        self.book.tell();
    }

    /// Whether it is a sign-in of this emergency itself.
    pub(super) fn is_ours(&self, token: &Token) -> bool {
        let own = self.own.as_ref().filter(|own| own.made);
        own.is_some_and(|own| own.key.as_ref() == Some(&token.key))
            || self.book.is_own_session(&token.key)
    }

    /// Whether a row may go: the person was asked, or it is a sign-in of this emergency. Who leaves it all out is asked about
    /// what appears later, and agrees to that alone.
    pub(super) fn agreed(&self, row: &IncidentRow) -> bool {
        let left_out = matches!(
            self.book.incident().stage(Stage::Revoke),
            StageState::Skipped(..)
        );
        !left_out || row.appeared || row.ours
    }

    /// Which of these stay; `None` for none of it.
    pub(super) async fn choose(&mut self, question: Ask) -> Result<Option<Vec<TokenKey>>, Left> {
        let stage = match question {
            Ask::Revoke => Stage::Revoke,
            _ => Stage::Verify,
        };
        self.book.now_doing(stage, "Waiting for your answer").await;
        loop {
            match self.ask(question.clone()).await? {
                Reply::Revoke { keep } => return Ok(Some(keep)),
                Reply::Skip => return Ok(None),
                _ => {}
            }
        }
    }

    /// After an interruption: what is still to go is shown, and goes by a new answer. `false`: none of it.
    async fn agreed_again(&mut self) -> Result<bool, Left> {
        let rows = self.book.incident().rows.iter();
        let open = rows.filter(|row| !is_gone(&row.state) && !lingers(row));
        let open: Vec<&IncidentRow> = open.collect();
        if open.iter().all(|row| row.ours) {
            return Ok(true);
        }
        // The sign-ins of earlier runs go as well, and are listed and counted with the others (promise P28).
        let open: Vec<_> = open
            .into_iter()
            .map(|row| (row.token.key.clone(), RowState::Waiting))
            .collect();
        self.book.rows(&open).await;
        match self.choose(Ask::Revoke).await? {
            Some(keep) => {
                self.book.note(line::kept(&keep)).await;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// After an interruption: what the list does not have any more is gone, and is not sent again.
    async fn catch_up(&mut self, list: &[Token]) {
        let keys = self.open(|_| true);
        self.look_at(keys, list).await;
        // What the registry said long ago and did not do is sent anew.
        let now = self.book.now();
        let rows = self.book.incident().rows.iter();
        let late = rows.filter(|row| {
            let since = row.at.filter(|_| row.state == RowState::StillListed);
            since.is_some_and(|at| now.duration_since(at) >= revoke::SETTLES)
        });
        let host = self.job.host();
        let late: Vec<_> = late
            .map(|row| {
                let what = format!("{host} said that it revoked it, and has listed it ever since.");
                let why = Failure::new(FailureKind::Refused, what, "It is revoked again.");
                (row.token.key.clone(), RowState::Failed(why))
            })
            .collect();
        self.book.rows(&late).await;
    }

    /// How these stand by a whole list, and by what lies on this machine.
    pub(super) async fn look_at(&mut self, keys: Vec<TokenKey>, list: &[Token]) {
        let account = self.book.incident().account.clone();
        let job = speaking(self.job, account.as_ref());
        let known = self.book.known(keys);
        revoke::look(&job, known, list, &mut self.book).await;
        self.book.tell();
    }

    /// Sends what is not gone, class by class; asks what to do about rows that are not well; then the one in use.
    pub(super) async fn go(&mut self, stage: Stage) -> Result<(), Left> {
        loop {
            if self.class_by_class(stage).await? {
                self.linger(stage).await?;
            }
            let rows = self.open(|row| self.agreed(row) && !self.goes_last(row));
            if rows.is_empty() || !self.again(stage, rows).await? {
                break;
            }
            // Some may have gone all the same: only a list tells what is to be sent once more.
            let Some(list) = self.list(stage).await? else {
                break;
            };
            self.catch_up(&list).await;
        }
        // Its own session serves to the end.
        if self.own.is_some() {
            return Ok(());
        }
        loop {
            let last = self.open(|row| self.agreed(row) && self.goes_last(row));
            if last.is_empty() {
                return Ok(());
            }
            if !self.open(|row| !self.goes_last(row)).is_empty() {
                let why = Failure::new(
                    FailureKind::Cancelled,
                    "It is the token in use here, and it was kept because not all others are gone.",
                    "Revoke the others first, then this one.",
                );
                let held: Vec<_> = last
                    .into_iter()
                    .map(|key| (key, RowState::Failed(why.clone())))
                    .collect();
                self.book.rows(&held).await;
                return Ok(());
            }
            self.book
                .now_doing(stage, "Revoking the token in use here, the last one")
                .await;
            self.batch(last, true).await?;
            let rows = self.open(|row| self.goes_last(row));
            if rows.is_empty() || !self.again(stage, rows).await? {
                return Ok(());
            }
        }
    }

    /// Sends each class to its end before the next. False when it came to something that would stop all that follows, too.
    async fn class_by_class(&mut self, stage: Stage) -> Result<bool, Left> {
        for class in [Class::WriteBypass, Class::Write, Class::Read] {
            let keys = self.open(|row| row.class == class && self.agreed(row) && !lingers(row));
            if keys.is_empty() {
                continue;
            }
            let words = format!("{} {}", count(keys.len(), "token"), class.words());
            self.book
                .now_doing(stage, format!("Revoking {words}"))
                .await;
            if !self.batch(keys, false).await? {
                return Ok(false);
            }
        }
        // The session of an earlier run, which was cut off, is a token like others to this one.
        let former = |row: &IncidentRow| row.class == Class::InUse && !self.goes_last(row);
        let former = self.open(|row| former(row) && self.agreed(row) && !lingers(row));
        if former.is_empty() {
            return Ok(true);
        }
        self.book
            .now_doing(stage, "Revoking the session of an earlier run")
            .await;
        self.batch(former, false).await
    }

    /// What the emergency itself speaks by.
    pub(super) fn goes_last(&self, row: &IncidentRow) -> bool {
        match &self.own {
            Some(own) => own.key.as_ref() == Some(&row.token.key),
            None => row.class == Class::InUse,
        }
    }

    /// The keys of rows that are not gone.
    pub(super) fn open(&self, fits: impl Fn(&IncidentRow) -> bool) -> Vec<TokenKey> {
        let rows = self.book.incident().rows.iter();
        rows.filter(|row| !is_gone(&row.state) && fits(row))
            .map(|row| row.token.key.clone())
            .collect()
    }

    async fn again(&mut self, stage: Stage, rows: Vec<TokenKey>) -> Result<bool, Left> {
        if self.job.desk.left() {
            return Err(Left);
        }
        let words = format!(
            "{} not gone yet: waiting for your answer",
            count(rows.len(), "token")
        );
        self.book.now_doing(stage, words).await;
        loop {
            match self.ask(Ask::Again { rows: rows.clone() }).await? {
                Reply::Again => return Ok(true),
                Reply::Skip => return Ok(false),
                _ => {}
            }
        }
    }

    /// Revokes these; each is noted before it goes out and when it is answered. `in_use`: requests carry it, so that being
    /// refused afterwards is the proof. False when what follows would end the same way.
    async fn batch(&mut self, keys: Vec<TokenKey>, in_use: bool) -> Result<bool, Left> {
        let account = self.book.incident().account.clone();
        let job = speaking(self.job, account.as_ref());
        let known = self.book.known(keys.iter().cloned());
        let with = (in_use, std::mem::take(&mut self.hand));
        let ended = revoke::step(&job, known, with, &mut self.book).await;
        match ended {
            Ok(ended) => {
                self.hand = ended.hand;
                if let Ok(list) = &ended.list {
                    self.listed(list).await;
                }
                self.book.rows(&ended.rows).await;
            }
            Err(stop) => {
                let unsent = |key: &TokenKey| {
                    let state = self.book.row_state(key);
                    matches!(state, Some(RowState::Waiting | RowState::Sent))
                };
                let end = match stop {
                    Stop::Left => RowState::NotTried,
                    stop => RowState::Failed(self.job.words(stop)),
                };
                let unsent = keys.iter().filter(|key| unsent(key));
                let ends: Vec<_> = unsent.map(|key| (key.clone(), end.clone())).collect();
                self.book.rows(&ends).await;
            }
        }
        self.book.tell();
        if self.job.desk.left() {
            return Err(Left);
        }
        let stops = |key: &TokenKey| match self.book.row_state(key) {
            Some(RowState::NotTried) => true,
            Some(RowState::Failed(why)) => matches!(
                why.kind,
                FailureKind::Network | FailureKind::SignedOut | FailureKind::NeedsSecondFactor
            ),
            _ => false,
        };
        Ok(!keys.iter().any(stops))
    }

    /// How it stands in a sentence.
    pub(super) fn sum(&self) -> String {
        let incident = self.book.incident();
        let rows = &incident.rows;
        let gone = rows.iter().filter(|row| is_gone(&row.state)).count();
        let verified = rows
            .iter()
            .filter(|row| row.state == RowState::Verified)
            .count();
        let mut words = format!(
            "{gone} of {} {} gone, {verified} of them tried out and refused.",
            count(rows.len(), "token"),
            if rows.len() == 1 { "is" } else { "are" },
        );
        let accepted = |row: &&IncidentRow| matches!(row.state, RowState::StillAccepted { .. });
        let accepted = rows.iter().filter(accepted).count();
        if accepted > 0 {
            words = format!(
                "{words} {accepted} STILL ACCEPTED, though the registry said that it revoked them."
            );
        }
        if !incident.kept.is_empty() {
            words = format!("{words} {} kept by your choice.", incident.kept.len());
        }
        if self.own.is_some() && rows.iter().any(|row| self.goes_last(row)) {
            words.push_str(" The session of this emergency goes at its end.");
        }
        words
    }
}

/// Rows for what lives in a list, in their order.
pub(super) fn rows(
    list: &[Token],
    appeared: impl Fn(&Token) -> bool,
    ours: impl Fn(&Token) -> bool,
) -> Vec<IncidentRow> {
    let by_key: HashMap<&TokenKey, &Token> = list.iter().map(|token| (&token.key, token)).collect();
    let mut rows = Vec::new();
    for (class, keys) in order(list) {
        for token in keys.iter().filter_map(|key| by_key.get(key)) {
            rows.push(IncidentRow {
                token: Token::clone(token),
                class,
                state: RowState::Waiting,
                at: None,
                appeared: appeared(token),
                ours: ours(token),
            });
        }
    }
    rows
}

/// The list, if what is not in it is not there.
pub(super) async fn fresh<C: Connector>(job: &Job<'_, C>) -> Result<Vec<Token>, Stop> {
    let list = tokens::list(job, "list the tokens").await?;
    if list.moved {
        return Err(Failure::new(
            FailureKind::Refused,
            "The list of tokens changed each time while it was read: somebody may be making tokens right now.",
            "Read it again.",
        )
        .into());
    }
    Ok(list.tokens)
}
