//! What is said of a pasted value: which row it is, how sure that is, and what it means that there is none.

use crate::app::Model;
use crate::app::model::{Load, Revoke, Sought, Tone};
use crate::app::tokens::Said;
use crate::domain::token::Token;
use crate::ui::page::Page;
use crate::ui::theme::{Theme, sign};

/// Above the list, of which its rows are left.
pub(super) fn above_list(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    let Some(sought) = &model.tokens.sought else {
        return;
    };
    let (tone, words) = match sought.said(rows(model)) {
        Said::Is(by) => (
            Tone::Good,
            format!("The pasted value is this token: {}.", by.words()),
        ),
        Said::LooksLike(1) => (
            Tone::Warning,
            format!("The pasted value looks like this token, {LIKENESS}"),
        ),
        Said::LooksLike(n) => (
            Tone::Warning,
            format!("The pasted value looks like these {n} tokens, {LIKENESS}"),
        ),
        said => (Tone::Warning, without_row(said, model)),
    };
    say(page, sought, tone, &words, theme);
    page.explain("Esc shows all again.", theme.dim);
}

/// In the question of a revocation: whether it is among what goes.
pub(in crate::ui) fn among(page: &mut Page<'_>, model: &Model, revoke: &Revoke, theme: &Theme) {
    let Some(sought) = &model.tokens.sought else {
        return;
    };
    let said = sought.said(rows(model));
    let goes = revoke.rows.iter().map(|row| &row.token);
    let goes: Vec<&Token> = goes.filter(|token| sought.fits(token)).collect();
    let label = |token: &Token| format!("{} {}", token.key.short(), token.label());
    let (tone, words) = match (said, &goes[..]) {
        (Said::Is(by), [token, ..]) => (
            Tone::Good,
            format!(
                "The pasted value is {}, which goes: {}.",
                label(token),
                by.words()
            ),
        ),
        (Said::Is(_), []) => (
            Tone::Warning,
            "The pasted value is another token, which does not go. Esc shows it in the list.".to_owned(),
        ),
        (Said::LooksLike(1), [token]) => (
            Tone::Warning,
            format!("The pasted value looks like {}, {LIKENESS}", label(token)),
        ),
        (Said::LooksLike(n), [_, ..]) => (
            Tone::Warning,
            format!(
                "The pasted value looks like {n} tokens, {LIKENESS} Of them go: {}.",
                goes.len()
            ),
        ),
        (Said::LooksLike(_), []) => (
            Tone::Warning,
            "The pasted value looks like none of those that go. Esc shows in the list what it looks like."
                .to_owned(),
        ),
        (said, _) => (Tone::Warning, without_row(said, model)),
    };
    say(page, sought, tone, &words, theme);
}

const LIKENESS: &str = "by the characters that are listed; that is no proof.";

/// The next step where no row tells: it sends the value to the registry, which no screen does unasked.
const TRY_OUT: &str =
    "npm-warden token revoke --try-out - asks for it and tells whether the registry accepts it.";

fn rows(model: &Model) -> &[Token] {
    model.tokens.list.value().map_or(&[][..], Vec::as_slice)
}

/// Not to be listed is not to be dead.
fn without_row(said: Said, model: &Model) -> String {
    let mut words = match said {
        Said::Unlisted => {
            "The pasted value is a token that this program made and that the list lacks: it is \
             revoked or has lapsed, as far as the registry tells."
                .to_owned()
        }
        Said::Untold => format!(
            "The list does not tell how values begin, and nothing proves which one was pasted. {TRY_OUT}"
        ),
        _ => format!(
            "What was pasted looks like no token here. It may be alive all the same: another account's, or a \
             session, which no list shows. {TRY_OUT}"
        ),
    };
    let list = &model.tokens.list;
    if matches!(list, Load::Partial { .. } | Load::Loading { .. }) {
        words.push_str(" The list is still being read.");
    }
    words
}

fn say(page: &mut Page<'_>, sought: &Sought, tone: Tone, words: &str, theme: &Theme) {
    if sought.is_looking() {
        page.say(
            "Looking for what proves which token was pasted …",
            theme.dim,
        );
        return;
    }
    let mark = format!("{} ", sign(tone));
    let style = theme.tone(tone);
    page.hanging(2, &[(&mark, style), (words, style)]);
}
