//! The packages as they are after all: looked at, and nothing changed.

use super::{LEFT_OUT, Walk, count};
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::backend::jobs::packages;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Ask, Reply, Stage};
use crate::domain::package::changes;
use crate::records::incident::line;

/// Nobody is signed in any more to read them by.
const SIGNED_OUT: &str = "the credential in use is refused by now, and there was no sign-in to read them by. Sign in and look at \
    them, or look on the registry's website.";

impl<C: Connector> Walk<'_, '_, C> {
    /// What stops a thief went first, and with it what they are read by: they are shown as they were when this began.
    async fn packages_of_before(&mut self) -> Result<(), Left> {
        let snapshot = self.book.incident().snapshot.as_ref();
        let before = snapshot.and_then(|snapshot| snapshot.packages.as_ref().ok());
        let words = match before.map(Vec::len) {
            Some(known) => format!(
                "{}, as when this began. They were not read again: {SIGNED_OUT}",
                count(known, "package")
            ),
            None => format!("The packages were not read: {SIGNED_OUT}"),
        };
        if before.is_none_or(Vec::is_empty) {
            self.settled_with(Stage::Packages, 1, words).await;
            return Ok(());
        }
        self.book.now_doing(Stage::Packages, &words).await;
        loop {
            match self.ask(Ask::Packages).await? {
                Reply::GoOn => self.settled_with(Stage::Packages, 1, words).await,
                Reply::Skip => self.skipped(Stage::Packages, LEFT_OUT).await,
                _ => continue,
            }
            return Ok(());
        }
    }

    pub(super) async fn packages(&mut self) -> Result<(), Left> {
        self.book
            .now_doing(Stage::Packages, "Reading the packages")
            .await;
        let read = match self.book.incident().account.clone() {
            Some(account) => packages::read(&self.reading(), &account).await,
            None => Err(Failure::new(
                FailureKind::SignedOut,
                "Whose packages to look at is not known.",
                "",
            )),
        };
        if self.job.desk.left() {
            return Err(Left);
        }
        self.book.note(line::packages(&read)).await;
        let packages = match read {
            Ok(packages) => packages,
            Err(why) if why.kind == FailureKind::NotOffered => {
                self.skipped(
                    Stage::Packages,
                    "This registry does not tell which packages an account has: look at them yourself.",
                )
                .await;
                return Ok(());
            }
            Err(why) if why.kind == FailureKind::SignedOut && self.own.is_none() => {
                return self.packages_of_before().await;
            }
            Err(why) => {
                self.failed(Stage::Packages, why).await;
                return Ok(());
            }
        };
        let before = self.book.incident().snapshot.as_ref();
        let before = before.and_then(|snapshot| snapshot.packages.as_ref().ok());
        let different = before.map(|before| changes(before, &packages).len());
        let unread = packages.iter().filter(|it| it.unread.is_some()).count();
        let mut words = count(packages.len(), "package");
        words = match different {
            Some(0) => format!("{words}; none differs from when this began."),
            Some(n) => format!("{words}; {n} NOT AS WHEN THIS BEGAN: see what was published."),
            None => format!("{words}; how they were before is not known."),
        };
        if unread > 0 {
            words = format!("{words} {unread} could not be read.");
        }
        self.book.now_doing(Stage::Packages, &words).await;
        loop {
            match self.ask(Ask::Packages).await? {
                Reply::GoOn => {
                    let open = unread + different.unwrap_or(1);
                    self.settled_with(Stage::Packages, open, words).await;
                }
                Reply::Skip => self.skipped(Stage::Packages, LEFT_OUT).await,
                _ => continue,
            }
            return Ok(());
        }
    }
}
