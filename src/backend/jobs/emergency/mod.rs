//! The emergency: a guided plan, stage by stage. What a stage cannot do is said, and the plan goes on.
//!
//! ```text
//! asked ─▶ read what there is ─▶ sign in ─▶ asked, revoked, class by class ─▶ list read, tried out ─▶ … ─▶ report
//!            (snapshot)          (session)       (rows)                          (rows, sessions)
//! ```
//!
//! Each step is a line of the journal before it is told (`book`); what was told is what the lines tell. Gone on with after
//! an interruption, it reads the truth anew: settled stages are not done again, and no token is revoked twice.

mod account;
mod book;
mod end;
mod linger;
mod local;
mod packages;
pub(super) mod report;
mod revoke;
mod sign_in;
mod snapshot;
mod unlisted;
mod verify;
mod whose;

use std::path::Path;
use std::sync::Arc;

use self::book::Book;
use self::sign_in::Own;
use self::unlisted::Lingering;
use super::Job;
use super::revoke::Hand;
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::{Answer, JournalId, Outcome, Question};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Ask, Incident, Reply, Stage, StageState, Suspicion};
use crate::domain::signin::{Ended, Session};
use crate::domain::text::Text;
use crate::records::Left as LeftBehind;
use crate::records::incident::{Record, incident_left, line, process_of};

pub(super) async fn emergency<C: Connector>(
    job: &Job<'_, C>,
    resume: Option<JournalId>,
    rehearsal: bool,
) -> Result<Outcome, Stop> {
    let book = match resume {
        Some(left) => Book::resume(job.house, job.desk, &left).await?,
        None => match suspect(job, rehearsal).await? {
            Begun::Goes(book) => *book,
            Begun::Elsewhere(incident) => return Ok(Outcome::Emergency(incident)),
        },
    };
    let of = book.incident().registry.clone();
    if of != job.host() {
        let words = format!(
            "That emergency is about {of}, and npm means {} here now.",
            job.host()
        );
        return Err(Failure::new(
            FailureKind::Local,
            words,
            "Name that registry, and go on then.",
        )
        .into());
    }
    job.desk.if_left(
        "You left the emergency; what it had done is noted.",
        "Go on with it when you are ready: it reads the truth first, and does nothing twice.",
    );
    let open =
        |(_, ended): &(Text, Ended)| matches!(ended, Ended::Unchecked(_) | Ended::StillAccepted);
    let over = book.incident().ended.is_some();
    let cut_off = !over && book.incident().sessions.iter().any(open);
    let mut walk = Walk {
        job,
        book,
        own: None,
        closed: Vec::new(),
        lingering: Vec::new(),
        cut_off,
        hand: Hand::default(),
        refused: None,
    };
    let stale = |stage: &StageState| !matches!(stage, StageState::Waiting);
    if !walk.settled(Stage::SignIn) && stale(walk.book.incident().stage(Stage::SignIn)) {
        // The session of the earlier run is lost with it.
        let line = line::stage(Stage::SignIn, &StageState::Waiting);
        walk.book.note(line).await;
    }
    walk.nothing_under_way().await;
    walk.book.tell();
    match walk.stages().await {
        // What failed, or may be alive, can be gone on with.
        Ok(()) if walk.book.incident().is_open() => {}
        Ok(()) => walk.book.end().await,
        Err(Left) => walk.leave().await,
    }
    if let Some(why) = walk.refused.take() {
        return Err(why.into());
    }
    Ok(Outcome::Emergency(walk.book.shared()))
}

/// The emergencies that were begun and not ended, the newest first. Sends nothing.
pub fn incidents_left(data: &Path) -> Result<Vec<(JournalId, Incident)>, Failure> {
    let left = LeftBehind::all(data)?;
    let found = left.iter().filter_map(|left| {
        let incident = incident_left(left)?;
        Some((JournalId(left.id.clone()), incident))
    });
    Ok(found.collect())
}

/// The emergencies that another instance is at, the newest first, with its process. Sends nothing.
pub fn incidents_open(data: &Path) -> Result<Vec<IncidentOpen>, Failure> {
    let open = LeftBehind::open(data)?;
    let found = open.iter().filter_map(|left| {
        let process = process_of(left);
        let incident = incident_left(left).filter(|_| process != Some(std::process::id()))?;
        Some(IncidentOpen {
            id: JournalId(left.id.clone()),
            incident,
            process,
        })
    });
    Ok(found.collect())
}

/// An emergency that another instance is at.
#[derive(Debug)]
pub struct IncidentOpen {
    /// Its name.
    pub id: JournalId,
    /// How far it has come.
    pub incident: Incident,
    /// Which process that is, where that was noted.
    pub process: Option<u32>,
}

enum Begun<'a> {
    Goes(Box<Book<'a>>),
    Elsewhere(Arc<Incident>),
}

/// May this machine be in a thief's hands? Nothing is sent, and nothing written, before that is answered.
async fn suspect<'a, C: Connector>(job: &Job<'a, C>, rehearsal: bool) -> Result<Begun<'a>, Stop> {
    let suspicion = loop {
        if let Reply::Suspect(suspicion) = ask(job, Ask::Suspect).await? {
            break suspicion;
        }
    };
    let now = job.house.deps.clock.now();
    let first = line::began(now, &job.host(), job.account.get(), (rehearsal, suspicion));
    let words = match suspicion {
        Suspicion::Clean => "It is not suspect, by your word.",
        Suspicion::Elsewhere => {
            "It is suspect: nothing was sent. Isolate it from the network first; some malware destroys files when its \
             stolen token is revoked. Then do this from another device."
        }
        Suspicion::AllTheSame => {
            "It is suspect, and you go on here all the same: what you type can be read, and files may be destroyed when a \
             stolen token is revoked."
        }
    };
    let done = line::stage(Stage::Suspect, &StageState::Done(now, Text::new(words)));
    if suspicion == Suspicion::Elsewhere {
        let id = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut record = Record::begin(&id, &first)
            .ok_or_else(|| crate::backend::house::fault("beginning the emergency"))?;
        record.take(&done);
        record.take(&line::ended(now));
        return Ok(Begun::Elsewhere(Arc::clone(record.incident())));
    }
    let mut book = Book::begin(job.house, job.desk, first).await?;
    book.note(done).await;
    Ok(Begun::Goes(Box::new(book)))
}

/// Asks; to leave is to leave everywhere.
async fn ask<C: Connector>(job: &Job<'_, C>, ask: Ask) -> Result<Reply, Left> {
    match job.desk.ask(Question::Emergency(ask)).await? {
        Answer::Emergency(Reply::Leave) => Err(Left),
        Answer::Emergency(reply) => Ok(reply),
        // No other answer fits.
        _ => Err(Left),
    }
}

/// One emergency under way.
struct Walk<'a, 'j, C: Connector> {
    job: &'j Job<'a, C>,
    book: Book<'a>,
    /// The session that it speaks by.
    own: Option<Own>,
    /// What it spoke by before, and has ended as far as that can be done: it speaks by none of them again.
    closed: Vec<Arc<Session>>,
    /// What the registry said that it ended, and accepted still when that was tried out last.
    lingering: Vec<Lingering<C::Registry>>,
    /// An earlier run was cut off before it could end its session, which may be in the list.
    cut_off: bool,
    /// What is known of the code that goes with what is revoked, from one kind of token to the next.
    hand: Hand,
    /// Why it goes on for nobody.
    refused: Option<Failure>,
}

impl<C: Connector> Walk<'_, '_, C> {
    async fn stages(&mut self) -> Result<(), Left> {
        for stage in Stage::ALL {
            if self.settled(stage) {
                continue;
            }
            if self.job.desk.left() {
                return Err(Left);
            }
            let acts = [
                Stage::Revoke,
                Stage::Verify,
                Stage::Account,
                Stage::Packages,
            ];
            if acts.contains(&stage) {
                self.as_begun(stage).await?;
            }
            match stage {
                Stage::Suspect => {}
                Stage::Snapshot => self.snapshot().await,
                Stage::SignIn => self.sign_in().await?,
                Stage::Email => self.email().await?,
                Stage::Revoke => self.revoke().await?,
                Stage::Verify => self.verify().await?,
                Stage::Local => self.local().await?,
                Stage::Account => self.account().await?,
                Stage::Packages => self.packages().await?,
                Stage::Beyond => self.beyond().await?,
                Stage::Report => self.report().await?,
            }
            self.signed_in_meanwhile().await;
        }
        Ok(())
    }

    /// What an earlier run was at is not under way now.
    async fn nothing_under_way(&mut self) {
        let stages = self.book.incident().stages.iter();
        let cut = stages.filter(|(_, state)| matches!(state, StageState::Now(_)));
        let lines = cut.map(|(stage, _)| line::stage(*stage, &StageState::Waiting));
        let lines: Vec<_> = lines.collect();
        if !lines.is_empty() {
            self.book.note_all(lines).await;
        }
    }

    /// Whether nothing is left to do in a stage. A sign-in of an earlier run is of no use to this one.
    fn settled(&self, stage: Stage) -> bool {
        let settled = |stage: Stage| {
            matches!(
                self.book.incident().stage(stage),
                StageState::Done(..) | StageState::Open(..) | StageState::Skipped(..)
            )
        };
        match stage {
            Stage::SignIn => {
                let needs = [
                    Stage::Revoke,
                    Stage::Verify,
                    Stage::Account,
                    Stage::Packages,
                ];
                let open = self.is_open(Stage::Revoke) || self.is_open(Stage::Verify);
                needs.into_iter().all(settled) && !self.cut_off && !open
            }
            // A row that is not gone can be gone on with.
            Stage::Revoke | Stage::Verify if self.is_open(stage) => false,
            Stage::Verify => settled(stage) && !self.cut_off,
            stage => settled(stage),
        }
    }

    fn is_open(&self, stage: Stage) -> bool {
        matches!(self.book.incident().stage(stage), StageState::Open(..))
    }

    async fn ask(&self, question: Ask) -> Result<Reply, Left> {
        ask(self.job, question).await
    }

    /// The same job, by whom it speaks now: a credential that dies on the way is asked for anew.
    fn speaking(&self) -> Job<'_, C> {
        speaking(self.job, self.book.incident().account.as_ref())
    }

    /// The same for what is read at the end: who signed in for none is not asked to sign in for that.
    fn reading(&self) -> Job<'_, C> {
        let mut job = self.speaking();
        if self.own.is_none() {
            job.who = None;
        }
        job
    }

    async fn done(&mut self, stage: Stage, words: impl AsRef<str>) {
        let stands = StageState::Done(self.book.now(), Text::new(words.as_ref()));
        self.book.stage(stage, stands).await;
    }

    /// Done, unless so many things of it stay open.
    async fn settled_with(&mut self, stage: Stage, open: usize, words: impl AsRef<str>) {
        let (at, words) = (self.book.now(), Text::new(words.as_ref()));
        let stands = match open {
            0 => StageState::Done(at, words),
            _ => StageState::Open(at, words),
        };
        self.book.stage(stage, stands).await;
    }

    async fn skipped(&mut self, stage: Stage, why: impl AsRef<str>) {
        let stands = StageState::Skipped(self.book.now(), Text::new(why.as_ref()));
        self.book.stage(stage, stands).await;
    }

    async fn failed(&mut self, stage: Stage, why: Failure) {
        let stands = StageState::Failed(self.book.now(), why);
        self.book.stage(stage, stands).await;
    }
}

fn speaking<'a, C: Connector>(job: &Job<'a, C>, who: Option<&'a Text>) -> Job<'a, C> {
    let Job {
        desk,
        house,
        registry,
        account,
        ..
    } = *job;
    Job {
        desk,
        house,
        registry,
        who,
        account,
        asks: true,
    }
}

const LEFT_OUT: &str = "Left out by your choice.";

/// "1 token", "3 tokens".
fn count(number: usize, what: &str) -> String {
    plural(number, what, &format!("{what}s"))
}

/// "1 token is", "3 tokens are".
fn plural(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}
