//! The line that says what just happened.

use std::time::Duration;

use super::model::{Model, Notice, Retry, Tone};
use crate::domain::failure::Failure;
use crate::domain::text::Text;

/// How long a line stays that asks for nothing.
const STAYS: Duration = Duration::from_secs(20);

impl Model {
    /// Says that something worked.
    pub(super) fn good(&mut self, text: impl AsRef<str>) {
        self.say(Tone::Good, text.as_ref());
    }

    /// Says something for information.
    pub(super) fn plain(&mut self, text: impl AsRef<str>) {
        self.say(Tone::Plain, text.as_ref());
    }

    /// Says something that needs care.
    pub(super) fn warn(&mut self, text: impl AsRef<str>) {
        self.say(Tone::Warning, text.as_ref());
    }

    /// Says what went wrong and what to do next.
    pub(super) fn bad(&mut self, why: &Failure) {
        self.say(Tone::Bad, &why.to_string());
    }

    fn say(&mut self, tone: Tone, text: &str) {
        let stays = matches!(tone, Tone::Warning | Tone::Bad);
        self.notice = Some(Notice {
            tone,
            text: Text::new(text),
            at: self.now.wall,
            until: (!stays).then(|| self.now.mono + STAYS),
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
    pub(super) fn retry_over(&mut self, id: crate::backend::protocol::RequestId) {
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
