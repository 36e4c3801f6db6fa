//! The report, written into a folder.

use std::path::PathBuf;

use super::super::field::Field;
use super::super::model::{Model, Screen};
use super::super::{Effect, request};
use super::answer::reply;
use super::shown;
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::incident::{Ask, Reply};
use crate::domain::text::Text;

/// The home folder, as a person types it.
const HOME: &str = "~";

/// Opens the line for the folder.
pub(super) fn open(model: &mut Model) {
    let report = &mut model.emergency.report;
    report.error = None;
    report.folder = Some(Field::with(HOME));
}

/// Esc: the line is closed.
pub(in crate::app) fn stop(model: &mut Model) {
    model.emergency.report.folder = None;
}

/// Enter: it is written there.
pub(super) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let screen = &mut model.emergency;
    let (Some(incident), Some(folder)) = (&screen.incident, &screen.report.folder) else {
        return;
    };
    let typed = folder.value().expose().trim();
    if typed.is_empty() {
        model.plain("Type a folder first; ~ is your home folder.");
        return;
    }
    let request = Request::Report {
        incident: std::sync::Arc::clone(incident),
        folder: PathBuf::from(typed),
    };
    screen.report.folder = None;
    let id = request::start(model, request, Asking::Allowed, effects);
    model.emergency.report.sent = Some(id);
}

/// The report was written, or not.
pub(in crate::app) fn reported(
    model: &mut Model,
    id: RequestId,
    result: Result<Vec<PathBuf>, Failure>,
    effects: &mut Vec<Effect>,
) {
    let here = model.emergency.report.sent == Some(id);
    if here {
        model.emergency.report.sent = None;
    }
    match result {
        Ok(files) => {
            let files: Vec<Text> = files.iter().map(|file| shown(file)).collect();
            let names: Vec<&str> = files.iter().map(Text::as_str).collect();
            let words = format!("The report is written: {}.", names.join(", "));
            model.good(words);
            if here {
                model.emergency.report.written = files;
                // Nothing is left to be asked.
                if model.emergency.ask() == Some(&Ask::Report) {
                    reply(model, Reply::GoOn, effects);
                }
            }
        }
        Err(why) => {
            let said = here && model.screen == Screen::Emergency;
            if here {
                model.emergency.report.error = Some(why.clone());
            }
            if !said {
                model.bad(&why);
            }
        }
    }
}
