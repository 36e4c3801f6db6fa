//! The emergency screen: the plan, the steps, the present question, the report.

mod asks;
mod facts;
mod list;
mod names;
mod plan;
mod report;
mod stages;
mod work;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::input::Input;
use super::page::{Hidden, Page};
use super::theme::Theme;
use super::tokens::split;
use super::wrap::narrow;
use super::{Heading, failure};
use crate::app::emergency::model::{Choice, Page as Shown, Sure};
use crate::app::emergency::{choices, stage_now, told};
use crate::app::request::Purpose;
use crate::app::{Model, Sight};
use crate::domain::incident::{Ask, Incident, Stage};

/// From this width on the steps stand beside the page.
const PANE_FROM: u16 = 100;
const PANE: u16 = 38;
/// In less the title is short.
const NARROW: u16 = 50;
/// From this height on a row of the page tells the steps.
const STEPPER_FROM: u16 = 15;

/// What the pages are drawn from.
struct View<'a> {
    model: &'a Model,
    theme: &'a Theme,
}

impl View<'_> {
    const fn incident(&self) -> Option<&std::sync::Arc<Incident>> {
        self.model.emergency.incident.as_ref()
    }
}

/// Also how far its text scrolls.
pub(super) fn draw(
    model: &Model,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> (Heading, Option<Sight>) {
    let view = View { model, theme };
    let screen = &model.emergency;
    let mut place = inner;
    if let Some(incident) = &screen.incident
        && !screen.steps
    {
        if inner.width >= PANE_FROM {
            let pane = Rect {
                width: PANE,
                ..inner
            };
            for y in inner.y..inner.bottom() {
                frame
                    .buffer_mut()
                    .set_string(pane.right() + 1, y, "│", theme.dim);
            }
            let mut brief = Page::new(PANE);
            stages::brief(&mut brief, incident, theme);
            brief.draw(frame, pane, 0);
            place.x += PANE + 3;
            place.width -= PANE + 3;
        } else if inner.height >= STEPPER_FROM {
            let line = stages::stepper(incident, theme, usize::from(inner.width));
            frame
                .buffer_mut()
                .set_line(inner.x, inner.y, &line, inner.width);
            place = split(inner, if inner.height > 18 { 2 } else { 1 })[1];
        }
    }
    let mut foot = Page::new(place.width);
    bottom(&mut foot, &view);
    let rows = narrow(foot.len()).min(place.height.saturating_sub(2));
    let [middle, below] = split(place, place.height - rows);
    let hidden = page(&view, frame, middle, place.width < inner.width);
    foot.draw(frame, below, 0);
    let Hidden { above, below } = hidden;
    let list = screen.page() == Shown::List && !screen.steps;
    let heading = Heading {
        title: title(model, inner.width),
        right: right(model),
        hidden,
    };
    (heading, (!list).then_some(Sight { above, below }))
}

fn title(model: &Model, width: u16) -> String {
    let screen = &model.emergency;
    let what = if model.demo.is_some() {
        "Rehearsal"
    } else {
        "Emergency"
    };
    match &screen.incident {
        Some(incident) if screen.under_way() => {
            let at = stage_now(incident);
            let stage = incident.stages.get(at).map(|(stage, _)| *stage);
            let name = stage.map_or("", Stage::short);
            if width < NARROW {
                format!("Step {at}: {name}")
            } else {
                format!("{what}, step {at} of 10: {name}")
            }
        }
        Some(_) if width < NARROW => "The report".to_owned(),
        Some(_) => format!("{what}: the report"),
        None if screen.steps && told(model).is_some() => format!("{what}: interrupted"),
        None if width < NARROW && screen.page() == Shown::Plan => "The plan".to_owned(),
        None if screen.ask() == Some(&Ask::Suspect) => {
            format!("{what}, step 0: {}", Stage::Suspect.short())
        }
        None if screen.under_way() => format!("{what}: beginning"),
        None => format!("{what}: the plan"),
    }
}

/// At the right of the box's top line.
fn right(model: &Model) -> Vec<String> {
    let screen = &model.emergency;
    match screen.page() {
        Shown::List if !screen.marks.is_empty() => {
            vec![format!("{} of {}", screen.marked(), screen.marks.len())]
        }
        Shown::Plan if !screen.steps => before(model).into_iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// What was done before the plan: nothing is claimed of one that broke off, or before that was looked for.
fn before(model: &Model) -> Option<&'static str> {
    let known = model.running(Purpose::Unfinished).is_none();
    match told(model) {
        Some(_) => Some("interrupted"),
        None if known && model.emergency.problem.is_none() => Some("nothing was sent"),
        None => None,
    }
}

/// `beside`: the steps stand beside it.
fn page(view: &View<'_>, frame: &mut Frame<'_>, area: Rect, beside: bool) -> Hidden {
    let screen = &view.model.emergency;
    match screen.page() {
        Shown::List if !screen.steps => return list::draw(view, frame, area),
        Shown::Working if !screen.steps && screen.incident.is_some() => {
            return work::draw(view, frame, area, beside);
        }
        _ => {}
    }
    let mut page = Page::new(area.width).scrolls();
    match (screen.page(), view.incident()) {
        _ if screen.steps => {
            let goes_on = screen.incident.is_some();
            if let Some(incident) = told(view.model) {
                stages::tell(&mut page, incident, goes_on, view.theme);
            }
        }
        (Shown::Plan, _) => plan::tell(&mut page, view),
        (Shown::Report, Some(incident)) => report::tell(&mut page, view, incident),
        (Shown::Packages, _) => asks::packages(&mut page, view),
        (Shown::Account, _) => {
            asks::account(&mut page, view);
            return with_answers(page, view, frame, area);
        }
        (Shown::Choices, _) => {
            asks::tell(&mut page, view);
            return with_answers(page, view, frame, area);
        }
        _ => page.say("Beginning …", view.theme.dim),
    }
    page.draw(frame, area, screen.scroll)
}

/// A question with its answers. Where not all of it finds room, the answers stay in sight below the text, which scrolls:
/// nobody is to take one that is not to be seen.
fn with_answers(text: Page<'_>, view: &View<'_>, frame: &mut Frame<'_>, area: Rect) -> Hidden {
    let scroll = view.model.emergency.scroll;
    let mut below = Page::new(area.width);
    answers(&mut below, view, true);
    let whole = text.least() + 1 + below.len() <= usize::from(area.height);
    if !whole && below.len() * 2 > usize::from(area.height) {
        below = Page::new(area.width);
        answers(&mut below, view, false);
    }
    let rows = narrow(below.len()).min(area.height);
    let room = area.height - rows;
    let above = if whole {
        narrow(text.len() + 1).min(room)
    } else {
        room
    };
    let [middle, foot] = split(area, above);
    // A line between the two, where there is one to spare.
    let [middle, _] = split(middle, middle.height.saturating_sub(u16::from(whole)));
    let hidden = text.draw(frame, middle, scroll);
    below.draw(frame, foot, 0);
    hidden
}

/// The answers to choose from, with what there is to know about each, or in short.
fn answers(page: &mut Page<'_>, view: &View<'_>, long: bool) {
    let screen = &view.model.emergency;
    let (theme, plain) = (view.theme, Style::new());
    page.gap();
    for (index, choice) in choices(view.model).into_iter().enumerate() {
        let chosen = index == screen.cursor;
        let (name, what) = names::choice(view.model, choice);
        // How it stands is said also where there is little room.
        let what = if long || matches!(choice, Choice::Care(_)) {
            what
        } else {
            String::new()
        };
        page.focus_if(chosen && screen.follow);
        let colon = if what.is_empty() { "" } else { ": " };
        page.hanging(
            6,
            &[
                (if chosen { "▸ (●) " } else { "  ( ) " }, theme.accent),
                (&name, if chosen { theme.accent } else { theme.title }),
                (colon, plain),
                (&what, plain),
            ],
        );
        if chosen && screen.follow {
            page.focus_ends();
        }
    }
}

/// A question of the screen's own, or the line for the report's folder.
fn bottom<'a>(page: &mut Page<'a>, view: &View<'a>) {
    let screen = &view.model.emergency;
    let (theme, plain) = (view.theme, Style::new());
    let input = Input {
        theme,
        now: view.model.now.mono,
        focused: true,
        width: 40,
    };
    match &screen.sure {
        Some(Sure::Count(count)) => {
            page.say(
                "Whatever uses them stops working. This cannot be undone.",
                theme.warning,
            );
            let label = format!("Type {} to revoke them: ", screen.marked());
            page.field(&label, count, &Input { width: 8, ..input });
        }
        Some(sure) => {
            let (what, question) = names::sure(view.model, sure);
            page.say(what, theme.warning);
            let yes = sure.yes() == Some(true);
            let answer = |chosen: bool| if chosen { theme.selected } else { plain };
            page.spans(&[
                (question, theme.title),
                ("  ", plain),
                (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
                ("  ", plain),
                (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
            ]);
        }
        None => {
            if let Some(folder) = &screen.report.folder {
                let what = "Two files without secrets, in Markdown and JSON.";
                let home = if view.model.demo.is_some() {
                    "~ is the demo's folder, which goes with the demo."
                } else {
                    "~ is your home folder."
                };
                page.explain(format!("{what} {home}"), theme.dim);
                page.field("Folder: ", folder, &input);
            } else if let Some(why) = &screen.report.error {
                failure(page, why, theme);
            }
        }
    }
}
