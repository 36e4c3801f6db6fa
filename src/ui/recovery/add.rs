//! Codes that were got elsewhere: what is understood of the paste, line by line, and where they are to be kept.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::name;
use super::set::path_rows;
use crate::app::Model;
use crate::app::model::{AddField, AddForm};
use crate::domain::recovery::pasted::{PastedLine, Remark};
use crate::domain::recovery::{PASSPHRASE_LEAST, Place};
use crate::ui::input::Input;
use crate::ui::page::{Hidden, Page};
use crate::ui::theme::Theme;
use crate::ui::tokens::split;
use crate::ui::wrap::narrow;
use crate::ui::{Heading, failure, words};

/// The cells for what a line turned out to be.
const SAID: usize = 14;

pub(super) fn draw(
    model: &Model,
    form: &AddForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let count = form.pasted().len();
    let hidden = if form.at == AddField::Codes && !form.is_busy() {
        codes(model, form, theme, frame, inner)
    } else {
        places(model, form, count, theme, frame, inner)
    };
    Heading {
        title: format!("Add codes of {}", form.account),
        right: vec![words::count(count, "code", "codes")],
        hidden,
    }
}

/// The field of several lines stands below what is said of it, and shows the part around the cursor.
fn codes(
    model: &Model,
    form: &AddForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Hidden {
    let pasted = form.pasted();
    let mut top = Page::new(inner.width);
    if let Some(why) = &form.error {
        failure(&mut top, why, theme);
    }
    let (line, column) = form.codes.line_and_cursor();
    match pasted.len() {
        0 => top.say(
            format!(
                "Paste the codes that {} shows for this account, one in each line. Numbers and bullets do no harm.",
                form.registry
            ),
            Style::new(),
        ),
        count => top.say(
            format!(
                "✓ {} so far. Are these all that you were shown?",
                words::count(count, "code", "codes")
            ),
            theme.good,
        ),
    }
    remarks(&mut top, pasted.lines(), line, theme);
    if inner.height > 9 {
        top.gap();
    }
    let least = 3.min(inner.height);
    let top_rows = narrow(top.len()).min(inner.height - least);
    let [head, field] = split(inner, top_rows);
    top.draw(frame, head, 0);

    let plain = form.codes.shows_text(model.now.mono);
    let text = form.codes.value().expose();
    let lines: Vec<&str> = text.split('\n').collect();
    let height = usize::from(field.height);
    let first = (line + 1).saturating_sub(height);
    let width = usize::from(field.width).saturating_sub(SAID + 2);
    for (row, (index, one)) in lines
        .iter()
        .enumerate()
        .skip(first)
        .take(height)
        .enumerate()
    {
        let at = if index == line { column } else { 0 };
        let (shown, cursor) = part(one, at, width, plain);
        let (said, style) = pasted
            .lines()
            .get(index)
            .map_or((String::new(), Style::new()), |line| said(line, theme));
        let y = field.y + narrow(row);
        let spans = vec![
            Span::styled(if index == line { "▸ " } else { "  " }, theme.accent),
            Span::styled(format!("{shown:<width$}"), theme.field),
            Span::raw(" "),
            Span::styled(said, style),
        ];
        frame
            .buffer_mut()
            .set_line(field.x, y, &Line::from(spans), field.width);
        if index == line {
            frame.set_cursor_position(Position::new(field.x + 2 + narrow(cursor), y));
        }
    }
    Hidden {
        above: first,
        below: lines.len().saturating_sub(first + height),
    }
}

/// The part of a line around the cursor, as dots or as it is, and where the cursor is in it.
fn part(line: &str, cursor: usize, width: usize, plain: bool) -> (String, usize) {
    let clusters: Vec<&str> = line.graphemes(true).collect();
    let first = (cursor + 1).saturating_sub(width);
    let shown = clusters
        .iter()
        .skip(first)
        .take(width)
        .map(|cluster| {
            if plain && *cluster != "\t" {
                cluster
            } else if plain {
                " "
            } else {
                "•"
            }
        })
        .collect();
    (shown, cursor - first)
}

/// What a line turned out to be, in a word or two.
fn said(line: &PastedLine, theme: &Theme) -> (String, Style) {
    let short = match line.remark {
        None | Some(Remark::OtherLength) => None,
        Some(Remark::Again(of)) => Some(format!("! as code {of}")),
        Some(Remark::Short) => Some("! too short".to_owned()),
        Some(Remark::Authenticator) => Some("! 6 digits".to_owned()),
        Some(Remark::Token) => Some("! a token".to_owned()),
        Some(Remark::Unclear) => Some("! one or more?".to_owned()),
        Some(Remark::SetUp | Remark::NoCode) => Some("! no code".to_owned()),
    };
    match (line.codes, short) {
        (_, Some(short)) => (short, theme.warning),
        (Some((from, to)), None) => {
            let number = if from == to {
                format!("code {from}")
            } else {
                format!("{from} to {to}")
            };
            if line.remark == Some(Remark::OtherLength) {
                (format!("! {number}"), theme.warning)
            } else {
                (format!("✓ {number}"), theme.good)
            }
        }
        (None, None) => (String::new(), Style::new()),
    }
}

/// What is wrong with lines, the one with the cursor before the others.
fn remarks(page: &mut Page<'_>, lines: &[PastedLine], cursor: usize, theme: &Theme) {
    let all = || lines.iter().enumerate();
    let remark = |(index, line): (usize, &PastedLine)| line.remark.map(|why| (index + 1, why));
    let here = all().filter(|(index, _)| *index == cursor).find_map(remark);
    let Some((number, why)) = here.or_else(|| all().find_map(remark)) else {
        return;
    };
    let others = all().filter_map(remark).count() - 1;
    let what = match why {
        Remark::Again(of) => format!("is the same as code {of}, and was left out"),
        Remark::Short => "is too short for a code, and was left out".to_owned(),
        Remark::Authenticator => {
            "looks like an authenticator's code, which lasts seconds: it was left out".to_owned()
        }
        Remark::Token => "is an access token and no recovery code: it was left out".to_owned(),
        Remark::SetUp => {
            "is the key of an authenticator and no recovery code: it was left out".to_owned()
        }
        Remark::NoCode => "has something that is no code, which was left out".to_owned(),
        Remark::Unclear => {
            "may be one code or several, and was left out: put each code in a line of its own, without blanks".to_owned()
        }
        Remark::OtherLength => "is not as long as the others: see whether it is whole".to_owned(),
    };
    let more = match others {
        0 => String::new(),
        others => format!(
            " {} to look at.",
            words::count(others, "more line", "more lines")
        ),
    };
    page.say(format!("! Line {number} {what}.{more}"), theme.warning);
}

/// What a place is called, and why one would take it.
const fn place_of(field: AddField) -> (&'static str, &'static str) {
    match field {
        AddField::Path => (
            "plain text file, for you alone",
            "Code-stealing malware looks for such files.",
        ),
        AddField::Mine => (
            "with me: a password manager, or paper",
            "It is noted that you have them; no copy is kept on this machine.",
        ),
        AddField::Codes | AddField::Passphrase | AddField::Again => (
            "encrypted file of this program",
            "In the age format: age opens it without this program.",
        ),
    }
}

fn places(
    model: &Model,
    form: &AddForm,
    count: usize,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Hidden {
    let plain = Style::new();
    let mut page = Page::new(inner.width).scrolls();
    page.spans(&[
        (&name(&form.account, &form.registry), theme.title),
        (
            &format!(" · {} to keep", words::count(count, "code", "codes")),
            plain,
        ),
    ]);
    page.gap();
    if form.is_busy() {
        let said = match (form.stopping, form.proving, form.at.place()) {
            (true, _, _) => "Giving up …",
            (_, Some(_), AddField::Passphrase) => "Making the key, and trying it out …",
            (_, Some(_), _) => "Checking that it can be written …",
            _ => "Keeping the codes …",
        };
        page.say(said, theme.dim);
        return page.draw(frame, inner, 0);
    }
    if let Some(why) = &form.error {
        failure(&mut page, why, theme);
        page.gap();
    }
    let indent = if page.width() < 50 { "  " } else { "      " };
    for field in [AddField::Passphrase, AddField::Path, AddField::Mine] {
        let chosen = form.at.place() == field;
        let (name, why) = place_of(field);
        page.focus_if(chosen);
        page.spans(&[
            (if chosen { "▸ (●) " } else { "  ( ) " }, theme.accent),
            (name, if chosen { theme.accent } else { plain }),
        ]);
        if chosen {
            page.say(format!("{indent}{why}"), theme.dim);
            fields(&mut page, model, form, indent, theme);
        }
        page.focus_ends();
    }
    page.draw(frame, inner, 0)
}

/// What the chosen place wants to know, and what was found.
fn fields<'a>(page: &mut Page<'a>, model: &Model, form: &'a AddForm, indent: &str, theme: &Theme) {
    let input = |field: AddField, width: usize| Input {
        theme,
        now: model.now.mono,
        focused: form.at == field,
        width,
    };
    if let Some((Place::File(path) | Place::Vault(path), warnings)) = form.proof() {
        page.say(format!("{indent}✓ It can be written:"), theme.good);
        let lead = format!("{indent}  ");
        path_rows(page, &lead, path, (theme.good, theme.good));
        for warning in warnings {
            page.say(format!("{indent}! {warning}"), theme.warning);
        }
        page.say(
            format!("{indent}Enter keeps the codes there."),
            Style::new(),
        );
        return;
    }
    match form.at {
        AddField::Passphrase | AddField::Again => {
            let first = input(AddField::Passphrase, 40);
            page.field(&format!("{indent}Passphrase: "), &form.passphrase, &first);
            let second = input(AddField::Again, 40);
            page.field(&format!("{indent}Once more:  "), &form.again, &second);
            page.say(
                format!(
                    "{indent}{PASSPHRASE_LEAST} characters or more, blanks not counted. Lost, the codes are lost."
                ),
                theme.dim,
            );
        }
        AddField::Path => page.field(indent, &form.path, &input(AddField::Path, 120)),
        AddField::Codes | AddField::Mine => {}
    }
}
