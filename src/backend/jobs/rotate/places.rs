//! Putting the new value where the old one stood, and back.

use super::{Ended, On, Rotation};
use crate::backend::house::Connector;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::text::Text;

impl<C: Connector> Rotation<'_, C> {
    /// Writes the new value to each place that holds the old one.
    pub(super) async fn write(&mut self) -> On {
        let step = RotateStep::Write;
        let Some(value) = self.value.clone() else {
            return Ok(());
        };
        if self.places.is_empty() {
            self.left_out(step, "No place on this machine takes it.");
            return Ok(());
        }
        if self.places.iter().all(|place| place.written) {
            self.set(step, RotateState::Done(Text::default()));
            self.writing = None;
            return Ok(());
        }
        // At the end of the program the value is not let go of because of an open question.
        let asked = self.job.desk.unhalted().await;
        if self.job.desk.given_up() || (!asked && self.job.desk.left()) {
            self.left_out(step, "You left before.");
            self.nothing_written();
            return Err(Ended);
        }
        if let Some(failure) = self.unkept.take() {
            self.set(step, RotateState::Failed(failure));
            self.nothing_written();
            return Err(Ended);
        }
        self.set(step, RotateState::Doing);
        let mut said = Vec::new();
        for at in 0..self.places.len() {
            if self.places[at].written {
                continue;
            }
            if self.job.desk.unhalted().await && self.job.desk.given_up() {
                self.left_out(step, "You left before all of it was written.");
                self.nothing_written();
                return Err(Ended);
            }
            let id = self.places[at].id.clone();
            let written = match (self.log.begins(step).await, self.old.clone()) {
                (Ok(()), Some(old)) => self.job.house.put(&id, &old, &value).await,
                (Ok(()), None) => Err(Failure::new(
                    FailureKind::Local,
                    format!(
                        "{} does not hold the old token any more.",
                        self.places[at].shown
                    ),
                    "Put the new value there yourself if that is where it belongs.",
                )),
                (Err(failure), _) => Err(failure),
            };
            match written {
                Ok(stored) => {
                    self.places[at].written = true;
                    said.push(format!("It stands in {}.", self.places[at].shown));
                    said.extend(stored.caution.map(|caution| caution.to_string()));
                }
                Err(failure) => {
                    self.set(step, RotateState::Failed(failure));
                    self.nothing_written();
                    return Err(Ended);
                }
            }
        }
        self.log.done(step).await;
        // The value is on the disk now.
        self.writing = None;
        self.set(step, RotateState::Done(Text::new(&said.join(" "))));
        Ok(())
    }

    /// Some places, or all, still hold the old value.
    fn nothing_written(&mut self) {
        let shown = |written: bool| {
            let places = self.places.iter().filter(|place| place.written == written);
            let shown: Vec<_> = places.map(|place| place.shown.as_str()).collect();
            shown.join(", ")
        };
        let (with_new, with_old) = (shown(true), shown(false));
        let (old, new) = (self.old_name(), self.new_name());
        let is = if self.places.iter().filter(|place| !place.written).count() == 1 {
            "is as it was"
        } else {
            "are as they were"
        };
        self.remain(format!("{old} was not revoked; {with_old} {is}."));
        let unread = self.places.iter().any(|place| place.unread);
        if with_new.is_empty() && !unread {
            // Its value is in no file, so nothing can be gone on with later.
            self.over = true;
            self.remain(format!(
                "{new} was made: put its value where it is needed, or revoke it."
            ));
        } else if with_new.is_empty() {
            self.remain(format!(
                "{new} was made: go on with this rotation when every file can be read."
            ));
        } else {
            self.remain(format!(
                "{new} stands in {with_new}: go on with this rotation, or put its value into the other places."
            ));
        }
    }

    /// The registry does not take the new one: the old value goes back to where it stood. Only what was seen to work is
    /// told; where it did not, the old value is handed out, since it may stand nowhere else.
    pub(super) async fn not_taken(&mut self) {
        let (old, new) = (self.old_name(), self.new_name());
        let any = self.places.iter().any(|place| place.written);
        let open = self.put_back().await;
        if open.is_empty() {
            let back = if any {
                ", and is back in its place"
            } else {
                ""
            };
            self.remain(format!(
                "{old} was not revoked{back}. Revoke {new}, which the registry does not take."
            ));
            self.over = true;
            return;
        }
        for what in open {
            self.remain(what);
        }
        self.gives_old = self.old.is_some();
        self.remain(if self.gives_old {
            format!(
                "{old} was not revoked, and its value is given out here: put it back yourself, then go on with this rotation."
            )
        } else {
            format!(
                "{old} was not revoked, and its value is not known here: put it back from where you have it, then go on with this rotation."
            )
        });
    }

    /// What still holds the new value, and why.
    async fn put_back(&mut self) -> Vec<String> {
        let (old, Some(new)) = (self.old.clone(), self.value.clone()) else {
            return Vec::new();
        };
        let mut open = Vec::new();
        for at in 0..self.places.len() {
            if !self.places[at].written {
                continue;
            }
            let id = self.places[at].id.clone();
            let put = match &old {
                Some(old) => self.job.house.put(&id, &new, old).await.map(|_| ()),
                None => Err(Failure::new(
                    FailureKind::Local,
                    "Its value is in none of the files.",
                    "",
                )),
            };
            match put {
                Ok(()) => self.places[at].written = false,
                Err(why) => open.push(format!(
                    "{} holds the new token, which the registry does not take, and the old one could not be put back: {why}",
                    self.places[at].shown
                )),
            }
        }
        open
    }
}
