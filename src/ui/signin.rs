//! The sign-in form, and the page on the web that is waited for: above the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::challenge::{Parts, WIDE, elsewhere};
use super::dialog::{dialog, dialog_rows, foot, says};
use super::failure;
use super::input::Input;
use super::page::Page;
use super::theme::{Theme, sign};
use super::web::{self, Layout};
use super::words;
use super::wrap::narrow;
use crate::app::Model;
use crate::app::model::SignInAsked;
use crate::app::model::WebPiece;
use crate::app::signin::{SignInForm, SignInPart, Way};
use crate::domain::signin::Keep;

/// Where the labels of the fields end.
const LABEL: usize = 11;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(form) = &model.signin else {
        return;
    };
    match &form.web {
        Some(web) => waiting(model, form, web, theme, frame),
        None => choosing(model, form, theme, frame),
    }
}

/// Whose host, for a person to recognise.
fn host(model: &Model) -> &str {
    model
        .sign_in_host()
        .map_or("the registry", |host| host.as_str())
}

fn notice(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    if let Some(notice) = &model.notice {
        let style = theme.tone(notice.tone);
        page.say(format!("{} {}", sign(notice.tone), notice.text), style);
    }
}

fn choosing(model: &Model, form: &SignInForm, theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let width = WIDE.min(area.width.saturating_sub(4));
    let most = dialog_rows(model, area);
    let mut page = text(model, form, width, false, theme);
    if says(model, area, width, narrow(page.len()).min(most)) {
        page = text(model, form, width, true, theme);
    }
    let rows = narrow(page.len()).min(most);
    let inner = dialog(model, frame, theme, "Sign in", width, rows);
    let hidden = page.draw(frame, inner, form.scroll);
    let more = match (hidden.above, hidden.below) {
        (0, 0) => return,
        (_, 0) => " ↑ PgUp ",
        (0, _) => " ↓ PgDn ",
        _ => " ↑↓ PgUp PgDn ",
    };
    foot(frame, inner, more, theme);
}

fn text<'a>(
    model: &'a Model,
    form: &'a SignInForm,
    width: u16,
    with_notice: bool,
    theme: &Theme,
) -> Page<'a> {
    let plain = Style::new();
    let mut page = Page::new(width).scrolls();
    parked(&mut page, model, theme);
    if model.parked.is_empty() {
        page.spans(&[
            ("Sign in to ", theme.title),
            (host(model), theme.accent),
            (".", theme.title),
        ]);
        page.gap();
    }
    if let Some(why) = &form.error {
        match (
            form.wait_until,
            super::wait_seconds(form.wait_until, model.now.mono),
        ) {
            (None, _) => failure(&mut page, why, theme),
            (Some(_), left) => {
                let what = format!("✗ {}", why.what);
                page.say(what, theme.bad);
                page.say(
                    match left {
                        Some(left) => format!("  Try again in {}.", words::distance(left)),
                        None => "  The wait is over: try again.".to_owned(),
                    },
                    plain,
                );
            }
        }
        page.gap();
    }
    if form.sent.is_some() {
        under_way(&mut page, form, theme);
        if with_notice {
            notice(&mut page, model, theme);
        }
        return page;
    }
    for way in model.sign_in_ways() {
        let chosen = way == form.way;
        let focused = chosen && form.at == SignInPart::Way;
        let closed = model.no_way(way);
        let mark = if closed.is_some() { " (not here)" } else { "" };
        page.focus_if(focused);
        option(
            &mut page,
            chosen,
            focused,
            &format!("{}{mark}", name(way)),
            theme,
        );
        match (chosen, closed) {
            (true, Some(why)) => page.say(format!("      {why}"), theme.warning),
            (true, None) => {
                if let Some(what) = about(way) {
                    page.explain(format!("      {what}"), theme.dim);
                }
            }
            (false, _) => {}
        }
        page.focus_ends();
    }
    page.gap();
    let parts = form.parts(model);
    if let (Way::Password, Some(name)) = (form.way, model.begun_for()) {
        let label = format!("  {:<LABEL$}", "User name");
        page.spans(&[(&label, plain), (name.as_str(), theme.accent)]);
    }
    for part in &parts {
        match part {
            SignInPart::Name => field(&mut page, model, form, *part, "User name", theme),
            SignInPart::Email => field(&mut page, model, form, *part, "E-mail", theme),
            SignInPart::Password => field(&mut page, model, form, *part, "Password", theme),
            SignInPart::Again => field(&mut page, model, form, *part, "Once more", theme),
            SignInPart::Way | SignInPart::Keep => {}
        }
    }
    page.gap();
    if parts.contains(&SignInPart::Keep) {
        keep(&mut page, model, form, theme);
    } else if model.emergency.under_way() {
        page.say(KEPT_NOWHERE, theme.warning);
    } else if model.no_way(form.way).is_none() {
        page.explain(KEPT_HERE, theme.dim);
    }
    if with_notice {
        page.gap();
        notice(&mut page, model, theme);
    }
    page.gap();
    let keys = match (form.way, model.no_way(form.way)) {
        (_, Some(_)) => "Up and Down choose another way.",
        (Way::Web, None) => "Enter asks the registry for the page to open.",
        (Way::Password, None) if model.begun_for().is_some() => {
            "Enter signs in, once the password is typed."
        }
        (Way::Password, None) => "Enter signs in, once both fields are filled.",
        (Way::NewAccount, None) => "Enter makes the account, once the fields are filled.",
    };
    page.explain(keys, plain);
    page
}

/// What it means to keep a sign-in nowhere.
const KEPT_HERE: &str =
    "The sign-in is for this session only: it is ended at the registry when npm-warden ends.";

/// The same in an emergency.
const KEPT_NOWHERE: &str = "! Nothing of this sign-in is written to a disk: it is for this session alone, and is ended at the registry.";

/// The emergency's sign-in: the credential of before may be the thief's as well.
fn emergency(page: &mut Page<'_>, model: &Model, asked: &SignInAsked, theme: &Theme) {
    let plain = Style::new();
    let name = asked.name.as_ref();
    let whose = name.map_or_else(String::new, |name| format!(" as {name}"));
    page.spans(&[
        ("The emergency needs a sign-in of its own", theme.title),
        (&whose, theme.title),
        (" to ", theme.title),
        (asked.host.as_str(), theme.accent),
        (".", theme.title),
    ]);
    if let Some(problem) = &asked.problem {
        page.hanging(
            2,
            &[("! ", theme.warning), (problem.as_str(), theme.warning)],
        );
    }
    if let Some(address) = model.mail_address() {
        page.hanging(
            2,
            &[
                ("! ", theme.warning),
                ("Codes by mail go to ", plain),
                (address.as_str(), theme.accent),
                (": is it yours?", plain),
            ],
        );
    }
    let others = model.parked.len().saturating_sub(1);
    if others > 0 {
        page.say("What else waits for one goes on by it, too.", plain);
    }
    let esc = match asked.without {
        Some(_) => "Esc leads to what can be done without it.",
        None => "Esc puts it off; the emergency waits.",
    };
    page.explain(esc, theme.dim);
    page.gap();
}

/// What waits for the sign-in, for whom, and why.
fn parked(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    // One that has ended in the middle of work is told as everywhere.
    if let Some(asked) = model
        .emergency_signs_in()
        .filter(|asked| asked.words.is_empty())
    {
        return emergency(page, model, asked, theme);
    }
    let Some(first) = model.parked.first() else {
        return;
    };
    let plain = Style::new();
    let account = model.account.value();
    let credential = account.and_then(|account| account.identity.credential.as_ref());
    // After a sign-in that did not do, the account is known by that one.
    let again = model.parked.iter().any(|p| p.asked.problem.is_some());
    let credential = credential.filter(|_| !again);
    let which = credential.map_or_else(
        || " accepts the credential no more.".to_owned(),
        |known| format!(" accepts the credential of {} no more.", known.place),
    );
    page.hanging(
        2,
        &[
            ("! ", theme.warning),
            (first.asked.host.as_str(), theme.accent),
            (&which, theme.warning),
        ],
    );
    if !first.asked.words.is_empty() {
        page.explain(format!("  It says: “{}”", first.asked.words), plain);
    }
    if let Some(problem) = model.parked.iter().find_map(|p| p.asked.problem.as_ref()) {
        page.hanging(
            2,
            &[("! ", theme.warning), (problem.as_str(), theme.warning)],
        );
    }
    let name = first.asked.name.as_ref();
    let whose = name.map_or_else(String::new, |name| format!(" as {name}"));
    page.say(
        format!("Sign in again{whose}, then this goes on:"),
        theme.title,
    );
    for parked in &model.parked {
        page.hanging(
            4,
            &[("  · ", theme.dim), (&model.goes_on(parked), theme.title)],
        );
    }
    page.explain(
        "Esc gives that up; what is done already stays done.",
        theme.dim,
    );
    page.gap();
}

fn under_way(page: &mut Page<'_>, form: &SignInForm, theme: &Theme) {
    let what = match (form.stopping, form.doing, form.way) {
        (true, _, _) => {
            page.say(
                "Giving up. What was sent already is waited for; Esc again leaves it alone.",
                theme.warning,
            );
            return;
        }
        (false, Some(doing), _) => doing,
        (false, None, Way::Web) => "Asking the registry for a page",
        (false, None, Way::Password) => "Signing in",
        (false, None, Way::NewAccount) => "Making the account",
    };
    page.say(format!("{what} …"), theme.dim);
    page.gap();
    page.explain("Esc gives up.", theme.dim);
}

const fn name(way: Way) -> &'static str {
    match way {
        Way::Web => "on the registry's website",
        Way::Password => "with user name and password",
        Way::NewAccount => "with a new account",
    }
}

/// What to know about a way, where its name does not say it.
const fn about(way: Way) -> Option<&'static str> {
    match way {
        Way::Web => Some("Your password stays in the browser; any second factor works."),
        Way::Password | Way::NewAccount => None,
    }
}

fn option(page: &mut Page<'_>, chosen: bool, focused: bool, name: &str, theme: &Theme) {
    let mark = match (chosen, focused) {
        (true, true) => "▸ (●) ",
        (true, false) => "  (●) ",
        (false, _) => "  ( ) ",
    };
    let style = match (chosen, focused) {
        (true, true) => theme.accent,
        (true, false) => theme.title,
        (false, _) => Style::new(),
    };
    page.hanging(6, &[(mark, theme.accent), (name, style)]);
}

fn field<'a>(
    page: &mut Page<'a>,
    model: &Model,
    form: &'a SignInForm,
    part: SignInPart,
    label: &str,
    theme: &Theme,
) {
    let field = match part {
        SignInPart::Name => &form.name,
        SignInPart::Email => &form.email,
        SignInPart::Again => &form.again,
        _ => &form.password,
    };
    let focused = form.at == part;
    let mark = if focused { "▸ " } else { "  " };
    let label = format!("{mark}{label:<LABEL$}");
    let input = Input {
        theme,
        now: model.now.mono,
        focused,
        width: 40,
    };
    page.field(&label, field, &input);
}

/// Where the credential is kept.
fn keep(page: &mut Page<'_>, model: &Model, form: &SignInForm, theme: &Theme) {
    let focused = form.at == SignInPart::Keep;
    page.say("Keep the sign-in", Style::new());
    page.focus_if(focused);
    option(
        page,
        form.keep == Keep::Session,
        focused,
        "for this session only: ended at the registry when npm-warden ends",
        theme,
    );
    let file = model.sign_in_file().map_or("", |file| file.as_str());
    option(
        page,
        form.keep == Keep::File,
        focused,
        &format!("also in {file}, for npm"),
        theme,
    );
    page.focus_ends();
}

/// The page on which the person signs in.
fn waiting(model: &Model, form: &SignInForm, web: &WebPiece, theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let columns = area.width.saturating_sub(4);
    if let Some(foreign) = web.foreign {
        let width = WIDE.min(columns);
        let text = elsewhere(web, host(model), foreign, width, theme);
        let rows = text.rows();
        let inner = dialog(model, frame, theme, "A page elsewhere", width, rows);
        text.draw(frame, inner, form.scroll, theme);
        return;
    }
    let most = dialog_rows(model, area);
    let room = Rect::new(0, 0, columns, most);
    let layout = Layout::of(web, columns, most);
    let mut text = page_text(model, web, &layout, room, false, theme);
    let (wide, high) = layout.room(text.rows());
    if says(model, area, wide, high) {
        text = page_text(model, web, &layout, room, true, theme);
    }
    let (wide, high) = layout.room(text.rows());
    let inner = dialog(model, frame, theme, "Sign in on the web", wide, high);
    let rest = layout.draw(web, theme, frame, inner);
    text.draw(frame, rest, form.scroll, theme);
}

fn page_text<'a>(
    model: &'a Model,
    web: &'a WebPiece,
    layout: &Layout,
    room: Rect,
    with_notice: bool,
    theme: &Theme,
) -> Parts<'a> {
    let plain = Style::new();
    let mut told = Page::new(layout.text).scrolls();
    told.spans(&[
        ("Sign in to ", plain),
        (host(model), theme.accent),
        (" in your browser.", plain),
    ]);
    told.gap();
    layout.say(&mut told, web, room, web::LETTERS, theme);
    for parked in &model.parked {
        let what = if model.emergency.job == Some(parked.id) {
            "Then the emergency goes on.".to_owned()
        } else {
            format!("Then this goes on: {}.", model.goes_on(parked))
        };
        told.say(what, plain);
    }
    told.gap();
    let mut stays = Page::new(layout.text);
    match web::left(web, model.now.mono) {
        Some(left) => stays.say(format!("Waiting for you there, {left} left."), theme.dim),
        None => stays.say("! The page is not waited for any more.", theme.warning),
    }
    if with_notice {
        notice(&mut stays, model, theme);
    }
    stays.gap();
    stays.explain(
        format!(
            "This closes by itself when you are done. Type no password before the browser shows {}.",
            web.page.host
        ),
        theme.dim,
    );
    stays.gap();
    stays.explain("o opens it, c copies it. Esc gives up.", theme.dim);
    Parts { told, stays }
}
