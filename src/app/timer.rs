//! Time: what runs out by itself, and when the next change is due.

use std::time::Duration;

use super::model::{Model, SetPage};
use super::notice::seconds_left;
use super::password::PasswordField;
use super::{Effect, Now, created, demo, exposure, recovery};

/// Brings the model to `now`: what ran out goes.
pub(super) fn advance(model: &mut Model, now: Now, effects: &mut Vec<Effect>) {
    model.now = Now {
        mono: now.mono.max(model.now.mono),
        wall: now.wall,
    };
    let now = model.now.mono;
    let over = |until: &mut Option<Duration>| {
        if until.is_some_and(|until| until <= now) {
            *until = None;
        }
    };
    for asked in &mut model.challenges {
        over(&mut asked.wait_until);
    }
    if let Some(wizard) = &mut model.wizard {
        over(&mut wizard.wait_until);
    }
    exposure::each_field(model, |field| {
        if field.revealed_until().is_some_and(|until| until <= now) {
            field.hide();
        }
    });
    model.refresh_notice();
    recovery::run_out(model);
    created::run_out(model);
    demo::advance(model, effects);
}

impl Model {
    /// When the screen changes by itself next, on the clock of [`Now::mono`]; `None` while nothing runs.
    pub fn wake_at(&self) -> Option<Duration> {
        let now = self.now.mono;
        let mut next: Option<Duration> = None;
        let mut at = |time: Option<Duration>| {
            if let Some(time) = time.filter(|time| *time > now) {
                next = Some(next.map_or(time, |next| next.min(time)));
            }
        };
        let tick = |until: Option<Duration>| until.map(|until| next_second(until, now));
        if let Some(notice) = &self.notice {
            at(notice.until);
            at(tick(notice.retry.as_ref().map(|retry| retry.at)));
        }
        for asked in &self.challenges {
            // Those behind are not seen; what was sent is not waited for on the web.
            let web = asked
                .web
                .as_ref()
                .filter(|_| asked.opened.is_some() && !asked.answered);
            at(tick(web.map(|web| web.until)));
            at(tick(asked.wait_until));
            at(asked.typed.revealed_until());
        }
        if let Some(form) = &self.signin {
            let seen = form.web.as_ref().filter(|_| self.challenges.is_empty());
            at(tick(seen.map(|web| web.until)));
            at(form.password.revealed_until());
            at(form.again.revealed_until());
            at(tick(form.wait_until));
        }
        if let Some(wizard) = &self.wizard {
            at(tick(wizard.wait_until));
            at(wizard.password.revealed_until());
            at(wizard.place.passphrase.revealed_until());
            at(wizard.place.again.revealed_until());
        }
        if let Some(form) = &self.profile.password {
            for field in PasswordField::ALL {
                at(form.field(field).revealed_until());
            }
        }
        if let Some(form) = &self.tokens.create {
            at(form.password.revealed_until());
        }
        if let Some(rotation) = &self.rotation {
            at(rotation.form.password.revealed_until());
        }
        for until in created::cleared_at(self) {
            at(Some(until));
        }
        match &self.recovery.page {
            Some(SetPage::Form(form)) => at(form.passphrase.revealed_until()),
            Some(SetPage::Add(form)) => {
                for field in [&form.codes, &form.passphrase, &form.again] {
                    at(field.revealed_until());
                }
            }
            Some(SetPage::Opened(page)) => at(Some(page.until)),
            _ => {}
        }
        if let Some(change) = &self.security.change {
            at(change.password.revealed_until());
        }
        if let Some(demo) = &self.demo {
            at(tick(demo.code_until));
        }
        next
    }
}

/// When a countdown to `until` shows another number.
fn next_second(until: Duration, now: Duration) -> Duration {
    let shown = seconds_left(until, now);
    until.saturating_sub(Duration::from_secs(shown.saturating_sub(1)))
}
