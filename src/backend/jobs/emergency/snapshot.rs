//! What there is. Each part may fail, and the plan goes on.

use super::whose::Whose;
use super::{Walk, plural};
use crate::backend::house::Connector;
use crate::backend::jobs::{Job, packages, tokens};
use crate::domain::account::Profile;
use crate::domain::failure::Failure;
use crate::domain::found::Grade;
use crate::domain::identity::Standing;
use crate::domain::incident::{Later, PackageFacts, Snapshot, Stage};
use crate::domain::text::Text;
use crate::domain::token::Token;
use crate::records::incident::line;
use crate::registry::{Error, Registry as _};

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn snapshot(&mut self) {
        self.book
            .now_doing(Stage::Snapshot, "Reading what there is")
            .await;
        // Nothing of it is worth a question: what is missing now is read after the sign-in.
        let job = self.job.as_it_is().without_codes();
        let (profile, tokens, packages) = match self.whose().await {
            Whose::Another(name) => {
                let why = self.another(&name);
                (Err(why.clone()), Err(why.clone()), Err(why))
            }
            Whose::Ours | Whose::NotTold(_) => {
                let profile = profile(&job).await;
                let account = profile.as_ref().ok().map(|profile| profile.name.clone());
                let (tokens, packages) = tokio::join!(tokens(&job), of(&job, account.as_ref()));
                (profile.map(Box::new), tokens, packages)
            }
        };
        let machine = job.house.survey().await;
        let snapshot = Snapshot {
            at: self.book.now(),
            profile,
            tokens,
            packages,
            machine: machine.map(|survey| Box::new(survey.machine)),
            later: Later::default(),
        };
        self.keep(snapshot).await;
        self.try_configured().await;
    }

    /// What could not be read before there was a sign-in.
    pub(super) async fn snapshot_again(&mut self) {
        let Some(mut snapshot) = self.book.incident().snapshot.clone() else {
            return;
        };
        if snapshot.profile.is_ok() && snapshot.tokens.is_ok() && snapshot.packages.is_ok() {
            return;
        }
        self.book
            .now_doing(Stage::SignIn, "Reading what could not be read before")
            .await;
        let job = self.job.as_it_is().without_codes();
        if snapshot.profile.is_err() {
            snapshot.profile = profile(&job).await.map(Box::new);
            snapshot.later.profile = Some(self.book.now());
        }
        if snapshot.tokens.is_err() {
            // Its own session was not there when this began.
            let made = self.own.as_ref().is_some_and(|own| own.made);
            snapshot.tokens = tokens(&job).await.map(|mut tokens| {
                tokens.retain(|token| !(made && token.in_use() == Some(Grade::Is)));
                tokens
            });
            snapshot.later.tokens = Some(self.book.now());
        }
        if snapshot.packages.is_err() {
            let account = self.book.incident().account.clone();
            snapshot.packages = of(&job, account.as_ref()).await;
            snapshot.later.packages = Some(self.book.now());
        }
        self.keep(snapshot).await;
    }

    async fn keep(&mut self, snapshot: Snapshot) {
        let known = self.book.incident().account.is_some();
        let account = snapshot.profile.as_ref().ok().map(|it| it.name.clone());
        let all_failed = match (&snapshot.profile, &snapshot.tokens, &snapshot.packages) {
            (Err(why), Err(_), Err(_)) => Some(why.clone()),
            _ => None,
        };
        let words = words(&snapshot);
        let mut lines = vec![line::snapshot(&snapshot)];
        if let Some(account) = account.filter(|_| !known) {
            lines.push(line::account(&account));
        }
        self.book.note_all(lines).await;
        if let Some(why) = all_failed {
            self.failed(Stage::Snapshot, why).await;
        } else {
            let (missing, words) = words;
            self.settled_with(Stage::Snapshot, missing, words).await;
        }
    }
}

/// How many parts are missing, and what there is.
fn words(snapshot: &Snapshot) -> (usize, String) {
    let mut found = Vec::new();
    let mut failed = Vec::new();
    let mut part = |number: Result<usize, &Failure>, one: &str, many: &str| match number {
        Ok(number) => found.push(plural(number, one, many)),
        Err(why) => failed.push(format!(" No {many}: {}", why.what)),
    };
    part(snapshot.tokens.as_ref().map(Vec::len), "token", "tokens");
    part(
        snapshot.packages.as_ref().map(Vec::len),
        "package",
        "packages",
    );
    let machine = snapshot.machine.as_ref();
    part(
        machine.map(|machine| machine.credentials.len()),
        "credential on this machine",
        "credentials on this machine",
    );
    (
        failed.len(),
        format!("{}.{}", found.join(", "), failed.concat()),
    )
}

pub(super) async fn profile<C: Connector>(job: &Job<'_, C>) -> Result<Profile, Failure> {
    match super::super::account::standing(job).await {
        Ok(Standing::SignedIn(profile)) => Ok(*profile),
        Ok(Standing::SignedOut) => Err(signed_out(job, true, Text::default())),
        Ok(Standing::Rejected(words)) => Err(signed_out(job, false, words)),
        Err(stop) => Err(job.words(stop)),
    }
}

fn signed_out<C: Connector>(job: &Job<'_, C>, anonymous: bool, words: Text) -> Failure {
    job.error(&Error::SignedOut { anonymous, words })
}

async fn tokens<C: Connector>(job: &Job<'_, C>) -> Result<Vec<Token>, Failure> {
    let list = tokens::list(job, tokens::LIST).await;
    list.map(|list| list.tokens).map_err(|stop| job.words(stop))
}

async fn of<C: Connector>(
    job: &Job<'_, C>,
    account: Option<&Text>,
) -> Result<Vec<PackageFacts>, Failure> {
    let Some(account) = account else {
        return Err(signed_out(job, anonymous(job), Text::default()));
    };
    packages::read(job, account).await
}

fn anonymous<C: Connector>(job: &Job<'_, C>) -> bool {
    job.registry.identity().credential.is_none()
}
