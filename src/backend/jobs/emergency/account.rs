//! Password, second factor, recovery codes: done by the person, elsewhere in this program or on the website; what a profile
//! tells of it is read.

use super::snapshot::profile;
use super::{LEFT_OUT, Walk};
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::domain::account::{Profile, ProfileField};
use crate::domain::incident::{Ask, Care, Reply, Stage};
use crate::domain::tfa::Tfa;
use crate::records::incident::line;

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn account(&mut self) -> Result<(), Left> {
        self.book.now_doing(Stage::Account, "Waiting for you").await;
        let mut cares = loop {
            match self.ask(Ask::Account).await? {
                Reply::Account {
                    password,
                    second_factor,
                    recovery_codes,
                } => break [password, second_factor, recovery_codes],
                Reply::Skip => {
                    let left_out = [Care::LeftOut; 3];
                    self.book.note(line::care(left_out, None)).await;
                    self.skipped(Stage::Account, LEFT_OUT).await;
                    return Ok(());
                }
                _ => {}
            }
        };
        self.book
            .now_doing(Stage::Account, "Reading the profile again")
            .await;
        let read = profile(&self.reading()).await;
        if self.job.desk.left() {
            return Err(Left);
        }
        let mut words = vec![said(cares)];
        match &read {
            Ok(now) => {
                if !matches!(now.tfa, Tfa::On(_) | Tfa::Unknown(_)) && cares[1] == Care::Done {
                    cares[1] = Care::Open;
                    words[0] = said(cares);
                }
                words.push(factor(now));
                words.extend(self.address(now));
            }
            Err(why) => words.push(format!("The profile could not be read: {}", why.what)),
        }
        // Promise P33.
        if matches!(cares[0], Care::Done | Care::Elsewhere) {
            words.push(
                "A new password ends no token: only the list tells which are dead.".to_owned(),
            );
        }
        let tfa = read.as_ref().ok().map(|profile| &profile.tfa);
        self.book.note(line::care(cares, tfa)).await;
        let open = |care: &&Care| matches!(care, Care::Open | Care::LeftOut);
        let open = cares.iter().filter(open).count() + usize::from(read.is_err());
        self.settled_with(Stage::Account, open, words.join(" "))
            .await;
        Ok(())
    }

    /// Somebody may have changed it since.
    fn address(&self, now: &Profile) -> Option<String> {
        let snapshot = self.book.incident().snapshot.as_ref()?;
        let before = snapshot.profile.as_ref().ok()?;
        let (before, now) = (
            before.field(ProfileField::Email),
            now.field(ProfileField::Email),
        );
        // What is not told now is no other one.
        let (before, now) = (before?, now?);
        (before != now).then(|| {
            "The e-mail address is ANOTHER ONE than when this began: see whether that was you."
                .to_owned()
        })
    }
}

fn said([password, second_factor, recovery_codes]: [Care; 3]) -> String {
    let word = |care: Care| match care {
        Care::Open => "open",
        Care::Done => "renewed",
        Care::Elsewhere => "renewed elsewhere, by your word",
        Care::LeftOut => "left out",
    };
    format!(
        "Password: {}; second factor: {}; recovery codes: {}.",
        word(password),
        word(second_factor),
        word(recovery_codes)
    )
}

fn factor(profile: &Profile) -> String {
    match &profile.tfa {
        Tfa::On(level) => format!("The profile says that two-factor authentication is on: {}.", level.word()),
        Tfa::Off => "The profile says that two-factor authentication is OFF.".to_owned(),
        Tfa::Pending(_) => "The profile says that two-factor authentication is half set up, which protects nothing.".to_owned(),
        Tfa::Unknown(_) => "The registry does not tell whether two-factor authentication is on.".to_owned(),
    }
}
