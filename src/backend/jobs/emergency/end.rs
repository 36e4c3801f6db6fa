//! What cannot be reached from here, and the end.

use super::{LEFT_OUT, Walk};
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::domain::incident::{Ask, Reply, Stage};
use crate::domain::plan::BEYOND;
use crate::domain::text::Text;
use crate::records::incident::line;

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn beyond(&mut self) -> Result<(), Left> {
        let mut beyond: Vec<_> = BEYOND.map(|text| (Text::from(text), false)).into();
        self.book.note(line::beyond(&beyond)).await;
        self.book.now_doing(Stage::Beyond, "Waiting for you").await;
        loop {
            match self.ask(Ask::Beyond).await? {
                Reply::Ticked(ticks) => {
                    for ((_, done), tick) in beyond.iter_mut().zip(ticks) {
                        *done = tick;
                    }
                    self.book.note(line::beyond(&beyond)).await;
                    let done = beyond.iter().filter(|(_, done)| *done).count();
                    let words = format!("{done} of {} ticked off.", beyond.len());
                    self.settled_with(Stage::Beyond, beyond.len() - done, words)
                        .await;
                }
                Reply::Skip => self.skipped(Stage::Beyond, LEFT_OUT).await,
                _ => continue,
            }
            return Ok(());
        }
    }

    pub(super) async fn report(&mut self) -> Result<(), Left> {
        self.book
            .now_doing(Stage::Report, "Reading the list once more")
            .await;
        self.look_again().await;
        self.last_list().await?;
        self.book
            .now_doing(Stage::Report, "Ending the session of this emergency")
            .await;
        self.end_session().await;
        let now = self.book.now();
        self.book.note(line::ended(now)).await;
        self.book
            .now_doing(Stage::Report, "The report can be written")
            .await;
        loop {
            match self.ask(Ask::Report).await? {
                Reply::GoOn => self.done(Stage::Report, "The report was written.").await,
                Reply::Skip => self.skipped(Stage::Report, LEFT_OUT).await,
                _ => continue,
            }
            return Ok(());
        }
    }
}
