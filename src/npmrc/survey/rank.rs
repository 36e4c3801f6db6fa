//! Whether npm would use a credential, found out by npm's own walk.

use std::path::Path;

use crate::domain::machine::Rank;
use crate::domain::text::Text;

use super::super::credential::{self, Decided};
use super::super::layers::{Setting, Value};
use super::super::load::{Everything, begins_with_scheme, for_no_registry};
use super::super::locate;
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

impl From<Rank> for Ranked {
    fn from(rank: Rank) -> Self {
        Self {
            rank,
            auth: None,
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
        Bound::None => return key(line, all, lines).into(),
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
    let shown = |setting: &Setting| place_of(setting, lines);
    let own = &line.setting.place;
    if let Some(first) = all.layers.get(line.setting.key.expose()) {
        let in_layer = all.layers.0.get(line.layer);
        let in_layer = in_layer.and_then(|layer| layer.get(line.setting.key.expose()));
        let with_it = in_layer.is_some_and(|setting| setting.place == first.place);
        if with_it && named.what == What::Token && credential::of_several(first) {
            return Ranked::unusable(credential::several(own).as_str(), auth);
        }
        if first.place != *own {
            return Ranked {
                rank: Rank::Beaten(shown(first)),
                auth,
                problems: Vec::new(),
            };
        }
        if first.value.text().is_none()
            && !(named.what == What::Token && matches!(first.value, Value::List(_)))
        {
            let why = credential::empty(first).map_or_else(
                || format!("{} holds no credential.", line.place),
                |why| why.to_string(),
            );
            return Ranked::unusable(why, auth);
        }
    }
    let decided = credential::decide(&all.layers, &home.own, &mut |_| ());
    if named.what == What::Certificate {
        let beside = decided.filter(|(_, path)| *path != home.path);
        return match beside {
            Some((decided, _)) => Rank::Beaten(shown(decided.setting())),
            None => certificate(line, named, all),
        }
        .into();
    }
    match decided {
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
            let why = without_partner(line, "holds a password", "username");
            Ranked::unusable(why, auth)
        }
    }
}

/// As a person reads it.
fn place_of(setting: &Setting, lines: &[Line]) -> Text {
    let same = |other: &&Line| other.is_read() && other.setting.place == setting.place;
    let line = lines.iter().find(same);
    line.map_or(&setting.place, |line| &line.place).clone()
}

fn without_partner(line: &Line, what: &str, partner: &str) -> String {
    format!(
        "{} {what} without a {partner} beside it, so npm does not use it. Remove the line, or add the other one.",
        line.place
    )
}

/// npm sends it beside a token or a password of the same key, if both files are there.
fn certificate(line: &Line, named: &Named, all: &Everything) -> Rank {
    let partner = all.layers.get(&named.beside("keyfile"));
    let files = [
        line.setting.value.text(),
        partner.and_then(|partner| partner.value.text()),
    ];
    let why = match files {
        [Some(file), Some(key)] => {
            let is_there = |file: &str| locate::resolve(&all.cwd, Path::new(file)).exists();
            if is_there(file) && is_there(key) {
                return Rank::Wins;
            }
            let which = if is_there(file) {
                "keyfile"
            } else {
                "certfile"
            };
            format!(
                "The {which} that {} leads to is not there, so npm sends no certificate.",
                line.place
            )
        }
        _ => without_partner(line, "names a client certificate", "keyfile"),
    };
    Rank::Unusable(Text::new(&why))
}

/// The private key for every registry that has no certificate of its own.
fn key(line: &Line, all: &Everything, lines: &[Line]) -> Rank {
    match all.layers.get(line.setting.key.expose()) {
        Some(first) if first.place != line.setting.place => Rank::Beaten(place_of(first, lines)),
        _ if all
            .layers
            .get("cert")
            .is_some_and(|cert| cert.value.text().is_some()) =>
        {
            Rank::Wins
        }
        _ => Rank::Unusable(Text::new(&without_partner(
            line,
            "holds a private key",
            "cert",
        ))),
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
        What::Certificate | What::Key | What::Proxy => None,
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
        What::Key => "key",
        What::Proxy => "proxy",
    }
}
