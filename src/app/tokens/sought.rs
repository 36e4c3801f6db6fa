//! A token's value that was pasted: which row it is, and by what that is proved. The value stands nowhere on the screen,
//! and goes as soon as nothing can come of it any more.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::index::Index;
use crate::app::model::{Model, TokensScreen};
use crate::app::{Effect, request};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::found::ProvedBy;
use crate::domain::given::Marks;
use crate::domain::secret::Secret;
use crate::domain::token::{Token, TokenKey};

/// From this length on, words that are written in one may be a value.
const VALUE: usize = 30;
/// How the values of npm's own tokens begin, and how much of one a list may tell.
const NPM: &str = "npm_";
const LISTED: usize = 12;

/// A value that was pasted, and what is known of it.
#[derive(Debug)]
pub struct Sought {
    /// The value, until it is proved which token it is.
    value: Option<Arc<Secret<String>>>,
    /// The look for what can prove it.
    looking: Option<RequestId>,
    /// What can prove which token it is, once that is known.
    marks: Option<Marks>,
    /// The token that it is.
    is: Option<(TokenKey, ProvedBy)>,
    /// The tokens that its characters fit.
    alike: BTreeSet<TokenKey>,
}

/// What a list says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is this token.
    Is(ProvedBy),
    /// It is a token that this program made, and that is not in the list.
    Unlisted,
    /// It looks like so many tokens; no more than that is known.
    LooksLike(usize),
    /// It looks like none.
    Nothing,
    /// No row tells how its value begins.
    Untold,
}

impl Sought {
    /// Whether it is being found out what can prove it.
    pub const fn is_looking(&self) -> bool {
        self.looking.is_some()
    }

    /// Whether this is it, or may be it as far as is known.
    pub fn fits(&self, token: &Token) -> bool {
        match &self.is {
            Some((key, _)) => *key == token.key,
            None => self.alike.contains(&token.key),
        }
    }

    /// What these rows say of it.
    pub fn said(&self, rows: &[Token]) -> Said {
        match &self.is {
            Some((key, by)) if rows.iter().any(|row| row.key == *key) => return Said::Is(*by),
            Some(_) => return Said::Unlisted,
            None => {}
        }
        match rows.iter().filter(|row| self.fits(row)).count() {
            0 if !rows.is_empty() && rows.iter().all(|row| row.begins.is_empty()) => Said::Untold,
            0 => Said::Nothing,
            n => Said::LooksLike(n),
        }
    }

    /// Rows came, or what can prove it. True when it is proved by them: what only looked like it is out.
    pub(super) fn look_at(&mut self, rows: &[Token]) -> bool {
        let before = self.is.is_some();
        if self.is.is_none()
            && let Some(marks) = &self.marks
        {
            let proved = |row: &Token| Some((row.key.clone(), marks.prove(&row.key)?));
            self.is = rows.iter().find_map(proved);
        }
        if self.is.is_some() {
            self.value = None;
        }
        if let Some(value) = &self.value {
            let like = |row: &&Token| match &self.marks {
                Some(marks) => marks.may_be(value, row),
                None => Token::looks_like(&row.begins, value.expose()),
            };
            let alike = rows.iter().filter(like).map(|row| row.key.clone());
            self.alike.extend(alike);
        }
        self.is.is_some() != before
    }
}

/// What of a pasted text may be a token's value: as such, or behind the name that a line of a file gives it.
fn value_in(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = text.rsplit_once("_authToken=").map_or(text, |(_, v)| v);
    let text = text.trim_matches('"');
    may_be_value(text).then_some(text)
}

fn may_be_value(text: &str) -> bool {
    let written = |b: u8| b.is_ascii_alphanumeric() || b"_-+/=.~".contains(&b);
    text.len() >= VALUE && text.bytes().all(written)
}

/// Whether what is typed into the filter is to be hidden: it is a value, or may become one.
pub(super) fn hides(screen: &TokensScreen) -> bool {
    let typed = screen.filter.value().expose().trim();
    let npm = typed.starts_with(NPM) && typed.len() > LISTED;
    let long = typed.len() >= VALUE && !typed.contains(char::is_whitespace);
    (npm || long) && !stands(screen, typed)
}

/// What stands in a row is no secret: a token's whole key, or a long word of its own.
fn stands(screen: &TokensScreen, text: &str) -> bool {
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    let text = Secret::from(text.to_lowercase());
    match &screen.index {
        Some(index) => index.has(rows, text.expose()),
        None => Index::of(rows).has(rows, text.expose()),
    }
}

/// A value is looked for instead of being put into a field; false for any other text.
pub(in crate::app) fn seek(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> bool {
    let value = value_in(text).filter(|value| !stands(&model.tokens, value));
    let Some(value) = value else {
        return false;
    };
    let value = Arc::new(Secret::from(value));
    let request = Request::Marks {
        values: vec![Arc::clone(&value)],
        held: false,
    };
    let id = request::start(model, request, Asking::Never, effects);
    let screen = &mut model.tokens;
    screen.filtering = false;
    screen.filter.clear();
    screen.index = None;
    screen.facets.clear();
    // What x asks about is the row that is found.
    let let_go = std::mem::take(&mut screen.selected).len();
    screen.details = false;
    let mut sought = Sought {
        value: Some(value),
        looking: Some(id),
        marks: None,
        is: None,
        alike: BTreeSet::new(),
    };
    sought.look_at(screen.list.value().map_or(&[], Vec::as_slice));
    screen.sought = Some(sought);
    super::refresh(model);
    if let_go > 0 {
        let them = match let_go {
            1 => "The selected token is".to_owned(),
            n => format!("The {n} selected tokens are"),
        };
        model.plain(if model.tokens.revoke.is_some() {
            format!("{them} not selected any more; the question is as it was.")
        } else {
            format!("{them} not selected any more: x asks about what was pasted.")
        });
    }
    true
}

/// What can prove it was found out, or not; then its characters alone speak.
pub(in crate::app) fn proved(model: &mut Model, id: RequestId, result: Result<Marks, Failure>) {
    let screen = &mut model.tokens;
    let Some(sought) = screen
        .sought
        .as_mut()
        .filter(|sought| sought.looking == Some(id))
    else {
        return;
    };
    sought.looking = None;
    match result {
        Ok(marks) => {
            sought.is = marks.made.clone().map(|key| (key, ProvedBy::Made));
            sought.marks = Some(marks);
            // What only looked like it may be proved to be another by now.
            sought.alike.clear();
            sought.look_at(screen.list.value().map_or(&[], Vec::as_slice));
        }
        Err(why) => model.bad(&why),
    }
    super::refresh(model);
}

/// It is looked for no more, and nothing is held of it.
pub(super) fn forget(model: &mut Model) -> bool {
    let was = model.tokens.sought.take().is_some();
    if was {
        super::refresh(model);
    }
    was
}
