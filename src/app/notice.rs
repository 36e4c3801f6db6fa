//! The line that says what just happened.

use std::time::Duration;

use super::keymap::{self, Scope};
use super::model::{AddField, GuideStep, Kind, Model, Notice, PlaceChoice, Retry, SetPage, Tone};
use super::signin::SignInPart;
use crate::backend::protocol::{Proof, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

/// How long a line stays that asks for nothing.
const STAYS: Duration = Duration::from_secs(20);

/// What the person is at: what was said there is of no use elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    scope: Scope,
    /// The registry's question that is open, which attempt it is, and whether an answer is out.
    asked: Option<(RequestId, u32, bool)>,
    /// Which part of the sign-in form has the focus.
    part: Option<SignInPart>,
    /// What the form for a place is about.
    place: Option<(PlaceChoice, bool, bool)>,
    /// What the wizard waits for.
    waits: Option<(bool, Option<Proof>)>,
    /// The guide's page.
    page: Option<(Kind, GuideStep)>,
    /// Which part of a kept set's codes is asked for.
    proof: Option<Proof>,
    /// The field of the form for codes from elsewhere, and whether its place is proved.
    add: Option<(AddField, bool)>,
}

impl Spot {
    /// Where the person is now.
    pub fn of(model: &Model) -> Self {
        let scope = keymap::top(model);
        let asked = model.challenges.first();
        let wizard = model.wizard.as_ref();
        let guide = model.guide.as_ref().filter(|guide| guide.shown);
        Self {
            scope,
            asked: asked.map(|asked| (asked.id, asked.challenge.attempt, asked.answered)),
            part: model.signin.as_ref().map(|form| form.at),
            place: wizard.map(|w| {
                let form = &w.place;
                (form.choice, form.at_again, form.proof().is_some())
            }),
            waits: wizard.map(|w| (w.codes_asked, w.proof)),
            page: guide.map(|guide| (guide.kind, guide.at)),
            proof: match &model.recovery.page {
                Some(SetPage::Proof(page)) => page.proof,
                _ => None,
            },
            add: match &model.recovery.page {
                Some(SetPage::Add(form)) => Some((form.at, form.proof().is_some())),
                _ => None,
            },
        }
    }
}

/// After every step: what was said in it belongs to where that led, and goes once the place is left. How a
/// request ended stays its time, a warning or failure not for ever; what was done goes when the person enters another
/// place, and not when one opens by itself.
pub(super) fn settle(model: &mut Model, by_person: bool) {
    let here = Spot::of(model);
    let now = model.now.mono;
    let Some(notice) = &mut model.notice else {
        return;
    };
    match &notice.spot {
        None => notice.spot = Some(here),
        Some(_) if notice.retry.is_some() => {}
        Some(spot) if *spot == here => {}
        Some(spot) if notice.tone == Tone::Good && by_person && spot.scope != here.scope => {
            model.notice = None;
        }
        Some(_) if notice.tone == Tone::Good => notice.spot = Some(here),
        Some(_) if notice.outcome => {
            notice.until.get_or_insert(now + STAYS);
        }
        Some(_) => model.notice = None,
    }
}

impl Model {
    /// Says that something worked.
    pub(super) fn good(&mut self, text: impl AsRef<str>) {
        self.say(Tone::Good, text.as_ref(), true);
    }

    /// Says something for information, here and now.
    pub(super) fn plain(&mut self, text: impl AsRef<str>) {
        self.say(Tone::Plain, text.as_ref(), false);
    }

    /// Says something that needs care, here and now.
    pub(super) fn warn(&mut self, text: impl AsRef<str>) {
        self.say(Tone::Warning, text.as_ref(), false);
    }

    /// Says how a request ended, when that is neither well nor badly.
    pub(super) fn ended(&mut self, tone: Tone, text: impl AsRef<str>) {
        self.say(tone, text.as_ref(), true);
    }

    /// Says what went wrong and what to do next. What the person cancelled did not go wrong.
    pub(super) fn bad(&mut self, why: &Failure) {
        let tone = match why.kind {
            FailureKind::Cancelled => Tone::Plain,
            _ => Tone::Bad,
        };
        self.say(tone, &why.to_string(), true);
    }

    fn say(&mut self, tone: Tone, text: &str, outcome: bool) {
        let stays = matches!(tone, Tone::Warning | Tone::Bad);
        self.notice = Some(Notice {
            tone,
            text: Text::new(text),
            at: self.now.wall,
            until: (!stays).then(|| self.now.mono + STAYS),
            outcome,
            spot: None,
            retry: None,
        });
    }

    /// Says that a read is tried again, with the seconds counting down (promise P25).
    pub(super) fn say_retry(&mut self, retry: Retry) {
        self.notice = Some(Notice {
            tone: Tone::Warning,
            text: retry_text(&retry, self.now.mono),
            at: self.now.wall,
            until: None,
            outcome: false,
            spot: None,
            retry: Some(retry),
        });
    }

    /// Brings the line up to date with the time.
    pub(super) fn refresh_notice(&mut self) {
        let now = self.now.mono;
        let Some(notice) = &mut self.notice else {
            return;
        };
        if notice.until.is_some_and(|until| until <= now) {
            self.notice = None;
        } else if let Some(retry) = &notice.retry {
            notice.text = retry_text(retry, now);
        }
    }

    /// Takes the retry line away once its request goes on.
    pub(super) fn retry_over(&mut self, id: RequestId) {
        if self
            .notice
            .as_ref()
            .and_then(|notice| notice.retry.as_ref())
            .is_some_and(|retry| retry.id == id)
        {
            self.notice = None;
        }
    }
}

fn retry_text(retry: &Retry, now: Duration) -> Text {
    let Retry {
        at,
        attempt,
        of,
        why,
        ..
    } = retry;
    let seconds = seconds_left(*at, now);
    if seconds == 0 {
        Text::new(&format!("Trying again ({attempt} of {of}): {why}"))
    } else {
        Text::new(&format!(
            "Trying again in {seconds} s ({attempt} of {of}): {why}"
        ))
    }
}

/// Whole seconds until `until`, as a countdown shows them: 1 until the very end.
pub fn seconds_left(until: Duration, now: Duration) -> u64 {
    let left = until.saturating_sub(now);
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// "1 token", "2 tokens".
pub(super) fn tokens(count: usize) -> String {
    if count == 1 {
        "1 token".to_owned()
    } else {
        format!("{count} tokens")
    }
}
