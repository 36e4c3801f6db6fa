//! Copies of dead credentials in the files of this machine.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt as _};

use super::{LEFT_OUT, Walk, count};
use crate::backend::batch::WIDTH;
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::backend::session::{Probed, probe};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Ask, Reply, Stage};
use crate::domain::machine::{CredentialId, Fix, Form, LocalCredential};
use crate::domain::text::Text;
use crate::records::incident::line;
use crate::registry::Registry as _;

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn local(&mut self) -> Result<(), Left> {
        self.book
            .now_doing(Stage::Local, "Trying out what lies on this machine")
            .await;
        let dead = match self.dead_here().await {
            Ok(dead) => dead,
            Err(why) => {
                self.failed(Stage::Local, why).await;
                return Ok(());
            }
        };
        let (files, elsewhere): (Vec<_>, Vec<_>) = dead
            .into_iter()
            .partition(|local| local.id.path.is_some() && local.form == Form::Literal);
        let mut lines = Vec::new();
        for local in &elsewhere {
            lines.push(line::copy(&local.place, Some(&set_elsewhere(local))));
        }
        self.book.note_all(lines).await;
        if files.is_empty() {
            let words = match elsewhere.len() {
                0 => "No dead token lies on this machine.".to_owned(),
                n => format!(
                    "{} from a variable: unset it where it is set.",
                    count(n, "dead token")
                ),
            };
            self.done(Stage::Local, words).await;
            return Ok(());
        }
        self.book
            .now_doing(Stage::Local, "Waiting for your answer")
            .await;
        let wanted = loop {
            match self.ask(Ask::Local(files.clone())).await? {
                Reply::TakeOut(wanted) => break wanted,
                Reply::Skip => {
                    self.leave_there(&files).await;
                    self.skipped(Stage::Local, LEFT_OUT).await;
                    return Ok(());
                }
                _ => {}
            }
        };
        let wanted: HashSet<CredentialId> = wanted.into_iter().collect();
        let (take, leave): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|local| wanted.contains(&local.id));
        self.leave_there(&leave).await;
        let taken = self.take_out(take).await;
        let words = format!(
            "{} taken out of the files of this machine.",
            count(taken, "dead token")
        );
        self.done(Stage::Local, words).await;
        Ok(())
    }

    /// What this machine holds for this registry, and the registry refuses. Of other registries nothing is tried out.
    async fn dead_here(&self) -> Result<Vec<LocalCredential>, Failure> {
        let (job, host) = (self.job, self.job.host());
        let survey = job.house.survey().await?;
        let held = survey.machine.credentials.into_iter().enumerate();
        let valued = |id: &CredentialId| survey.values.iter().any(|(other, _)| other == id);
        let tried = held
            .filter(|(_, local)| valued(&local.id))
            .map(async |(place, local)| {
                let registry = job.house.by_local(&local.id).await.ok()?;
                if registry.identity().registry != host {
                    return None;
                }
                let answer = probe(&registry, job.desk.retrying()).await;
                matches!(answer, Probed::SignedOut | Probed::Refused(_)).then_some((place, local))
            });
        let mut dead: Vec<_> = stream::iter(tried)
            .buffer_unordered(WIDTH)
            .filter_map(std::future::ready)
            .collect()
            .await;
        dead.sort_by_key(|(place, _)| *place);
        Ok(dead.into_iter().map(|(_, local)| local).collect())
    }

    async fn leave_there(&mut self, these: &[LocalCredential]) {
        let why = Failure::new(FailureKind::Cancelled, "It was left by your choice.", "");
        let lines = these
            .iter()
            .map(|local| line::copy(&local.place, Some(&why)));
        self.book.note_all(lines.collect()).await;
    }

    /// The lower lines of a file first: what stands above them keeps its place.
    async fn take_out(&mut self, mut these: Vec<LocalCredential>) -> usize {
        these.sort_by(|a, b| (&b.id.path, b.id.line).cmp(&(&a.id.path, a.id.line)));
        let mut taken = 0;
        for local in these {
            let done = match self.job.desk.writing() {
                Ok(_writing) => self.take_one(&local).await,
                Err(Left) => Err(self.job.desk.left_words()),
            };
            taken += usize::from(done.is_ok());
            self.book
                .note(line::copy(&local.place, done.as_ref().err()))
                .await;
            self.book.tell();
        }
        taken
    }

    async fn take_one(&self, local: &LocalCredential) -> Result<(), Failure> {
        let preview = self
            .job
            .house
            .preview(Fix::Remove(local.id.clone()))
            .await?;
        self.job.house.apply(preview).await
    }
}

fn set_elsewhere(local: &LocalCredential) -> Failure {
    let what = match &local.form {
        Form::Variable { names, .. } => {
            let names: Vec<_> = names.iter().map(Text::as_str).collect();
            format!("It comes from {}.", names.join(", "))
        }
        Form::Literal => "It is a variable of the environment.".to_owned(),
    };
    Failure::new(
        FailureKind::Local,
        what,
        "Unset it where it is set: a profile of the shell, or the settings of the CI.",
    )
}
