//! Whether npm would use a credential, found out by npm's own walk.

use crate::domain::machine::Rank;
use crate::domain::text::Text;

use super::super::credential::{self, Decided};
use super::super::layers::{Setting, Value};
use super::super::load::{Everything, begins_with_scheme, for_no_registry};
use super::super::{Auth, credential_key};
use super::key::{Bound, Home, Named, What};
use super::line::Line;

/// What came of it.
pub(super) struct Ranked {
    pub(super) rank: Rank,
    /// The value, whether npm uses it or not.
    pub(super) auth: Option<Auth>,
    /// What is wrong with it all the same.
    pub(super) problems: Vec<Text>,
}

impl Ranked {
    fn unusable(why: impl AsRef<str>, auth: Option<Auth>) -> Self {
        Self {
            rank: Rank::Unusable(Text::new(why.as_ref())),
            auth,
            problems: Vec::new(),
        }
    }
}

pub(super) fn rank(line: &Line, home: Option<&Home>, all: &Everything, lines: &[Line]) -> Ranked {
    let mut problems = Vec::new();
    let auth = auth(line, all, &mut problems);
    if let Some(why) = &line.unread {
        return Ranked::unusable(why.as_str(), auth);
    }
    let Some(named) = &line.named else {
        return Ranked::unusable("npm looks for no credential there.", auth);
    };
    match named.bound {
        Bound::Nothing => {
            let why = all
                .layers
                .0
                .get(line.layer)
                .map_or_else(Text::default, |layer| {
                    for_no_registry(layer, &line.setting, &all.registry)
                });
            return Ranked::unusable(why.as_str(), auth);
        }
        Bound::WithScheme => {
            return Ranked::unusable(begins_with_scheme(&line.setting).as_str(), auth);
        }
        Bound::Misspelt => {
            let why = format!(
                "{} has a key that ends in capitals or small letters other than npm's, so npm does not find it. \
                 It ends in {}.",
                line.place,
                ending(named)
            );
            return Ranked::unusable(why, auth);
        }
        Bound::Registry => {}
    }
    let Some(home) = home.filter(|home| home.found) else {
        let instead = home
            .and_then(|home| credential_key(&home.own, ending(named)))
            .filter(|_| !line.key_has_variables)
            .map(|key| format!(" Write it as {key}."));
        let why = format!(
            "{} has a key of a form that npm never looks for.{}",
            line.place,
            instead.unwrap_or_default()
        );
        return Ranked::unusable(why, auth);
    };
    let shown = |setting: &Setting| {
        let same = |other: &&Line| other.is_read() && other.setting.place == setting.place;
        let line = lines.iter().find(same);
        line.map_or(&setting.place, |line| &line.place).clone()
    };
    let own = &line.setting.place;
    if let Some(first) = all.layers.get(line.setting.key.expose()) {
        if first.place != *own {
            return Ranked {
                rank: Rank::Beaten(shown(first)),
                auth,
                problems: Vec::new(),
            };
        }
        if first.value.text().is_none() {
            let why = credential::empty(first).map_or_else(
                || format!("{} holds no credential.", line.place),
                |why| why.to_string(),
            );
            return Ranked::unusable(why, auth);
        }
    }
    match credential::decide(&all.layers, &home.own, &mut |_| ()) {
        Some((decided, _)) if decided.setting().place == *own => {
            let mut problems = Vec::new();
            match decided.auth(&mut problems) {
                Some(auth) => Ranked {
                    rank: Rank::Wins,
                    auth: Some(auth),
                    problems,
                },
                None => {
                    Ranked::unusable(problems.last().map(Text::as_str).unwrap_or_default(), None)
                }
            }
        }
        Some((decided, _)) => Ranked {
            rank: Rank::Beaten(shown(decided.setting())),
            auth,
            problems: Vec::new(),
        },
        None => {
            let (what, partner) = match named.what {
                What::Certificate => ("names a client certificate", "keyfile"),
                _ => ("holds a password", "username"),
            };
            let why = format!(
                "{} {what} without a {partner} beside it, so npm does not use it. Remove the line, or add the other one.",
                line.place
            );
            Ranked::unusable(why, auth)
        }
    }
}

/// The value by itself.
fn auth(line: &Line, all: &Everything, problems: &mut Vec<Text>) -> Option<Auth> {
    // Of a list's line by itself, too: what stands there stands there.
    let setting = &line.setting;
    if !matches!(setting.value, Value::Text(_) | Value::True) {
        return None;
    }
    let Some(named) = &line.named else {
        return Decided::Token(setting).auth(problems);
    };
    match named.what {
        What::Token => Decided::Token(setting).auth(problems),
        What::Basic => Decided::Basic(setting).auth(problems),
        What::Certificate => None,
        What::Password => {
            let key = named.beside("username");
            let beside = all.layers.0.get(line.layer);
            let name = beside
                .and_then(|layer| layer.get(&key))
                .or_else(|| all.layers.get(&key))
                .filter(|name| name.value.text().is_some())?;
            Decided::Pair(name, setting).auth(problems)
        }
    }
}

/// How npm writes the end of the key.
const fn ending(named: &Named) -> &'static str {
    match named.what {
        What::Token => "_authToken",
        What::Basic => "_auth",
        What::Password => "_password",
        What::Certificate => "certfile",
    }
}
