//! The registry's question, above everything: for which action, whose host, and a field for the code.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::dialog::{dialog, dialog_rows, foot, says};
use super::input::Input;
use super::page::Page;
use super::recovery::set::place_word;
use super::theme::{Theme, sign};
use super::tokens::split;
use super::web::{self, Layout};
use super::words;
use super::wrap::narrow;
use crate::app::Model;
use crate::app::model::{Asked, Foreign, WebPiece, WebWish};
use crate::app::request::Purpose;
use crate::domain::otp::{looks_like, stripped};
use crate::domain::policy::HOLD;
use crate::domain::recovery::Place;

/// The widest that text is.
pub(super) const WIDE: u16 = 62;

/// The first question of the queue.
pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(asked) = model.challenges.first() else {
        return;
    };
    let area = frame.area();
    let columns = area.width.saturating_sub(4);
    let width = WIDE.min(columns);
    if let Some(spending) = &asked.spending {
        let mut page = Page::new(width);
        spend(&mut page, asked, spending.yes, theme);
        let rows = narrow(page.len());
        let inner = dialog(model, frame, theme, "Use up a recovery code?", width, rows);
        page.draw(frame, inner, 0);
        return;
    }
    let foreign = asked.web.as_ref().and_then(|web| Some((web, web.foreign?)));
    if let Some((web, foreign)) = foreign {
        let text = elsewhere(web, asked.challenge.host.as_str(), foreign, width, theme);
        let (columns, rows) = (width, text.rows());
        let inner = dialog(model, frame, theme, "A page elsewhere", columns, rows);
        text.draw(frame, inner, asked.scroll, theme);
        return;
    }
    let most = dialog_rows(model, area);
    let room = Rect::new(0, 0, columns, most);
    let layout = asked.web.as_ref().map(|web| Layout::of(web, columns, most));
    let size = |text: &Parts<'_>| match &layout {
        Some(layout) => layout.room(text.rows()),
        None => (width, text.rows()),
    };
    let view = View {
        model,
        asked,
        theme,
        layout: layout.as_ref(),
        width: layout.as_ref().map_or(width, |layout| layout.text),
        room,
    };
    let mut text = view.text(false);
    let (wide, high) = size(&text);
    if says(model, area, wide, high) {
        text = view.text(true);
    }
    let (wide, high) = size(&text);
    let title = if asked.challenge.by_email {
        "Code by mail"
    } else {
        "Second factor"
    };
    let title = match model.challenges.len() {
        1 => title.to_owned(),
        n => format!("{title} · {} more", n - 1),
    };
    let inner = dialog(model, frame, theme, &title, wide, high);
    let rest = match (&layout, &asked.web) {
        (Some(layout), Some(web)) => layout.draw(web, theme, frame, inner),
        _ => inner,
    };
    text.draw(frame, rest, asked.scroll, theme);
}

/// What scrolls when there is little room, and what stays: a field is never pushed out of sight.
pub(super) struct Parts<'a> {
    pub(super) told: Page<'a>,
    pub(super) stays: Page<'a>,
}

impl Parts<'_> {
    pub(super) fn rows(&self) -> u16 {
        narrow(self.told.len() + self.stays.len())
    }

    pub(super) fn draw(self, frame: &mut Frame<'_>, area: Rect, scroll: usize, theme: &Theme) {
        let height = usize::from(area.height);
        // What explains the field goes first.
        let stays = height
            .saturating_sub(self.told.len())
            .clamp(self.stays.least().min(self.stays.len()), self.stays.len());
        let told = self.told.len().min(height.saturating_sub(stays));
        let [above, below] = split(area, narrow(told));
        let hidden = self.told.draw(frame, above, scroll);
        self.stays.draw(frame, below, 0);
        let more = match (hidden.above, hidden.below) {
            (0, 0) => return,
            (_, 0) => " ↑ more ",
            (0, _) => " ↓ more ",
            _ => " ↑↓ more ",
        };
        foot(frame, area, more, theme);
    }
}

/// A question with what is needed to lay it out.
struct View<'a> {
    model: &'a Model,
    asked: &'a Asked,
    theme: &'a Theme,
    layout: Option<&'a Layout>,
    /// Columns for the text.
    width: u16,
    /// The most that the dialog has.
    room: Rect,
}

impl<'a> View<'a> {
    fn text(&self, with_notice: bool) -> Parts<'a> {
        let mut told = Page::new(self.width).scrolls();
        self.tell(&mut told);
        told.gap();
        let mut stays = Page::new(self.width);
        self.ask(&mut stays, with_notice);
        Parts { told, stays }
    }

    /// Who asks, for what, what to know first, and the page that answers it as well.
    fn tell(&self, page: &mut Page<'a>) {
        let (challenge, theme) = (&self.asked.challenge, self.theme);
        let plain = Style::new();
        let action = challenge.action.as_str();
        let action = action.strip_prefix("to ").unwrap_or(action);
        let source = if challenge.by_email {
            " asks for the code that it has mailed to you, to "
        } else {
            " asks for your second factor to "
        };
        page.spans(&[
            (challenge.host.as_str(), theme.accent),
            (source, plain),
            (action, theme.title),
            (".", plain),
        ]);
        page.gap();
        if challenge.by_email {
            self.mailed_to(page);
        }
        // What the registry said of the last code comes first.
        let waits = super::wait_seconds(self.asked.wait_until, self.model.now.mono).is_some();
        let stale = usize::from(self.asked.amiss && challenge.attempt > 1 && !waits);
        for notice in challenge.notices.iter().skip(stale) {
            page.hanging(
                2,
                &[("! ", theme.warning), (notice.as_str(), theme.warning)],
            );
        }
        if let (Some(layout), Some(web)) = (self.layout, &self.asked.web) {
            page.gap();
            layout.say(page, web, self.room, web::IN_A_FIELD, theme);
        }
    }

    /// Where the code went, and what to do when that is somebody else's: who changed the address gets the codes.
    fn mailed_to(&self, page: &mut Page<'a>) {
        let (theme, plain) = (self.theme, Style::new());
        match self.model.mail_address() {
            Some(address) => page.spans(&[
                ("It went to ", plain),
                (address.as_str(), theme.accent),
                (".", plain),
            ]),
            None => page.say(
                "It went to the account's own address, which is not known here.",
                plain,
            ),
        }
        if self.model.emergency.job == Some(self.asked.id) {
            page.say(
                "! Not your address? Then a thief has the code: Esc, and write to the registry's support from your own.",
                theme.warning,
            );
        } else {
            page.explain(
                "Not your address? Then somebody else may be in the account: Esc, and ! has a plan for that.",
                theme.dim,
            );
        }
    }

    /// An entry of the authenticator is tried out: a recovery code would be spent and tell nothing.
    fn tries(&self) -> bool {
        let asker = self.model.requests.get(&self.asked.id);
        asker.is_some_and(|asker| asker.purpose == Purpose::CheckCode)
    }

    /// What a person may not know about the code.
    fn explained(&self) -> &'static str {
        match (self.asked.challenge.by_email, self.asked.web.is_some()) {
            (false, true) if self.tries() => {
                "This closes by itself when you are done there. A code from your authenticator does it too."
            }
            (false, false) if self.tries() => "Type the code that your authenticator shows.",
            (true, _) => "It may take a minute; look among the junk as well.",
            (false, true) => {
                "This closes by itself when you are done there. A code from your authenticator does it too, or a recovery code: a page of its own asks before that is used up."
            }
            (false, false) => {
                "Type the code that your authenticator shows. A recovery code works too: a page of its own asks before it is used up."
            }
        }
    }

    /// The recovery codes of this account that are kept here: for whoever has lost the authenticator.
    fn at_hand(&self) -> Option<String> {
        if self.asked.challenge.by_email || self.tries() {
            return None;
        }
        let sets = self.model.sets_at_hand();
        let one = sets.iter().find(|one| one.here && one.there)?;
        let date = words::date(one.set.received, self.theme);
        Some(match &one.set.place {
            Place::Myself => format!("You keep its recovery codes of {date} yourself."),
            place => format!(
                "Its recovery codes of {date} are here, in {} {}: cancel this, and the Recovery screen opens them.",
                if matches!(place, Place::Vault(_)) {
                    "an"
                } else {
                    "a"
                },
                place_word(place)
            ),
        })
    }

    /// The field, and how it stands with the code.
    fn ask(&self, page: &mut Page<'a>, with_notice: bool) {
        let (model, asked, theme) = (self.model, self.asked, self.theme);
        let now = model.now.mono;
        if let Some(web) = asked.web.as_ref().filter(|_| !asked.answered) {
            match web::left(web, now) {
                Some(left) => page.say(format!("Waiting for the page, {left} left."), theme.dim),
                None => page.say(
                    "! The page is not waited for any more: type a code, or cancel and try again.",
                    theme.warning,
                ),
            }
            page.gap();
        }
        if let Some(seconds) = super::wait_seconds(asked.wait_until, now)
            && !asked.answered
        {
            page.say(
                format!("! A code is taken again in {}.", words::distance(seconds)),
                theme.warning,
            );
        }
        let input = Input {
            theme,
            now,
            focused: !asked.answered,
            width: 66,
        };
        let label = if asked.challenge.by_email {
            "Code from the mail: "
        } else {
            "Code: "
        };
        page.field(label, &asked.typed, &input);
        if asked.answered {
            page.say("Waiting for the registry …", theme.dim);
        }
        if let Some(notice) = model.notice.as_ref().filter(|_| with_notice) {
            let style = theme.tone(notice.tone);
            page.say(format!("{} {}", sign(notice.tone), notice.text), style);
        }
        page.gap();
        // What was sent is judged by the registry: the page has no part in it any more.
        if !asked.answered || asked.web.is_none() {
            page.explain(self.explained(), theme.dim);
            if let Some(at_hand) = self.at_hand() {
                page.explain(at_hand, theme.dim);
            }
        }
        page.gap();
        let keys = if self.model.emergency.job == Some(asked.id) {
            if asked.answered {
                "The code is on its way.".to_owned()
            } else {
                "Enter sends it. Esc sends none: what needs it is not done, and the emergency goes on.".to_owned()
            }
        } else if asked.answered {
            "Esc gives up; what was sent already is waited for.".to_owned()
        } else {
            format!(
                "Enter sends it. {}",
                way_out(model.revoked_so_far(asked.id))
            )
        };
        page.explain(keys, theme.dim);
    }
}

/// The question before a page is used that is not of the registry's own website (promise P18).
pub(super) fn elsewhere<'a>(
    web: &'a WebPiece,
    registry: &str,
    foreign: Foreign,
    width: u16,
    theme: &Theme,
) -> Parts<'a> {
    let plain = Style::new();
    let mut told = Page::new(width).scrolls();
    told.spans(&[
        ("The page that ", plain),
        (registry, theme.accent),
        (" names is not on its own website but on ", plain),
        (web.page.host.as_str(), theme.title),
        (":", plain),
    ]);
    told.say(web.page.address.as_str(), theme.accent);
    told.gap();
    told.say(
        "! Whoever runs it may be after your password. Go on only if you know why it is there.",
        theme.warning,
    );
    told.gap();
    let mut stays = Page::new(width);
    let question = match foreign.wish {
        WebWish::Open => "Open it?  ",
        WebWish::Copy => "Copy its address?  ",
        WebWish::Draw => "Show its QR code?  ",
    };
    answers(&mut stays, question, foreign.yes, theme);
    Parts { told, stays }
}

/// No and Yes, the one with the focus marked.
pub(super) fn answers(page: &mut Page<'_>, question: &str, yes: bool, theme: &Theme) {
    let answer = |chosen: bool| if chosen { theme.selected } else { Style::new() };
    page.spans(&[
        (question, theme.title),
        (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
        ("  ", Style::new()),
        (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
    ]);
}

/// What Esc leaves behind: a revocation may have come some way.
fn way_out(revoked: Option<(usize, usize, usize)>) -> String {
    let Some((done, sent, kept)) = revoked else {
        return "Esc cancels: then that is not done.".to_owned();
    };
    let are = |n: usize, what: &str| match n {
        1 => format!("1 is {what}"),
        n => format!("{n} are {what}"),
    };
    let mut parts = Vec::new();
    if done > 0 {
        parts.push(are(done, "revoked already"));
    }
    if sent > 0 {
        parts.push(are(sent, "sent and waited for"));
    }
    match (parts.is_empty(), kept) {
        (true, 0) => return "Esc stops.".to_owned(),
        (true, kept) => parts.push(are(kept, "kept")),
        (false, 0) => {}
        (false, kept) => parts.push(format!("the other {}", are(kept, "kept"))),
    }
    format!("Esc stops: {}.", parts.join(", "))
}

/// The page before a recovery code goes out (promise P11).
fn spend(page: &mut Page<'_>, asked: &Asked, yes: bool, theme: &Theme) {
    let host = asked.challenge.host.as_str();
    let what = looks_like(&stripped(asked.typed.value()));
    page.say(format!("This looks like {what}."), theme.title);
    page.gap();
    page.say(
        format!("! It works once: sent to {host}, it is used up."),
        theme.warning,
    );
    page.say(
        format!("! On npmjs its use may start {HOLD}."),
        theme.warning,
    );
    page.gap();
    page.explain(
        "With the authenticator at hand, go back and type its code instead.",
        theme.dim,
    );
    page.gap();
    answers(page, "Use it up?  ", yes, theme);
}
