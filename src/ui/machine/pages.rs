//! The questions before something is sent or changed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::input::Input;
use super::super::page::{Hidden, Page};
use super::super::theme::Theme;
use super::super::tokens::split;
use super::super::wrap::narrow;
use super::super::{Heading, failure, words};
use crate::app::Model;
use crate::app::machine::model::{Consent, FixPage, NameForm};
use crate::domain::machine::{Fix, FixPreview};
use crate::domain::text::Text;

/// The text from its beginning on, and below it the answers, which are in sight wherever the text is.
fn ask(
    text: Page<'_>,
    scroll: usize,
    (question, yes): (&str, bool),
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Hidden {
    let mut foot = Page::new(inner.width);
    let answer = |chosen: bool| if chosen { theme.selected } else { Style::new() };
    foot.spans(&[
        (question, theme.title),
        (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
        ("  ", Style::new()),
        (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
    ]);
    let rows = narrow(foot.len()).min(inner.height);
    // Where there is room, the answers stand right below the text.
    let gap = usize::from(inner.height) > text.len() + foot.len();
    let room = inner.height - rows;
    let above = narrow(text.len() + usize::from(gap)).min(room);
    let [middle, below] = split(inner, above);
    let hidden = text.draw(frame, middle, scroll);
    foot.draw(frame, below, 0);
    hidden
}

/// Which registries get a request, and which credential goes where.
pub(super) fn consent(
    consent: &Consent,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    let many = consent.ids.len() > 1;
    page.say(
        match (many, consent.to.len()) {
            (false, _) => "This registry gets a request with this credential:",
            (true, 1) => "This registry gets a request with each of these credentials:",
            (true, _) => "Each of these registries gets a request with its own credentials:",
        },
        theme.title,
    );
    for (registry, places) in &consent.to {
        page.hanging(
            4,
            &[("  ", Style::new()), (registry.as_str(), theme.accent)],
        );
        for place in places {
            page.hanging(6, &[("    ", Style::new()), (place.as_str(), Style::new())]);
        }
    }
    page.gap();
    page.explain(
        "It asks who the credential belongs to, and changes nothing. No credential goes to another registry than the one that it is written for. The registry may note down that it was used.",
        theme.dim,
    );
    Heading {
        title: format!(
            "Try out {}?",
            words::count(consent.ids.len(), "credential", "credentials")
        ),
        right: Vec::new(),
        hidden: ask(
            page,
            consent.scroll,
            ("Send it?  ", consent.yes),
            theme,
            frame,
            inner,
        ),
    }
}

/// The variable's name.
pub(super) fn name(
    model: &Model,
    form: &NameForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    if let Some(why) = &form.error {
        failure(&mut page, why, theme);
        page.gap();
    }
    page.say(
        format!(
            "Which variable takes the place of the secret in {}?",
            form.place
        ),
        theme.title,
    );
    page.gap();
    let input = Input {
        theme,
        now: model.now.mono,
        focused: form.sent.is_none(),
        width: 40,
    };
    page.field("Variable: ", &form.typed, &input);
    page.gap();
    if form.sent.is_some() {
        page.say("Looking at what would change …", theme.dim);
    } else {
        page.explain(
            "npm puts the variable's value there each time that it reads the file. What would change is shown before it is done. This program sets no variable: that is for your shell or your CI.",
            theme.dim,
        );
    }
    Heading {
        title: "A variable for the secret".to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}

/// What a fix would do, and whether it is to be done.
pub(super) fn fix(of: &FixPage, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    let title = match &of.preview {
        None => {
            page.say("Looking at what would change …", theme.dim);
            "Mending"
        }
        Some(preview) => {
            if of.sent.is_some() {
                page.say("Writing …", theme.accent);
                page.gap();
            }
            tell(&mut page, preview, theme);
            match preview.fix {
                Fix::Tighten(_) => "Tighten the mode?",
                Fix::ToVariable { .. } => "A variable for the secret?",
                Fix::Remove(_) => "Remove the line?",
            }
        }
    };
    let asks = of.preview.is_some() && of.sent.is_none();
    let hidden = if asks {
        let question = ("Change it?  ", of.yes);
        ask(page, of.scroll, question, theme, frame, inner)
    } else {
        page.draw(frame, inner, of.scroll)
    };
    Heading {
        title: title.to_owned(),
        right: Vec::new(),
        hidden,
    }
}

fn tell(page: &mut Page<'_>, preview: &FixPreview, theme: &Theme) {
    page.say(preview.file.as_str(), theme.title);
    let line = |page: &mut Page<'_>, sign: &str, text: &Text, style| {
        page.hanging(4, &[(sign, style), (text.as_str(), style)]);
    };
    line(page, "  - ", &preview.before, theme.bad);
    if preview.after.is_empty() {
        page.hanging(4, &[("    the line goes", theme.dim)]);
    } else {
        line(page, "  + ", &preview.after, theme.good);
    }
    page.gap();
    for warning in &preview.warnings {
        page.say(format!("! {warning}"), theme.warning);
    }
}
