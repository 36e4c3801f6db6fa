//! A token as JSON: one writer for the plain commands and for reports. README.md describes it.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::found::{Grade, ProvedBy};
use crate::domain::moment::Moment;
use crate::domain::text::Text;
use crate::domain::token::Token;

/// A token, as `token list` and the report of an emergency tell it.
#[derive(Debug, Serialize)]
pub struct TokenShape<'a> {
    key: Text,
    id: &'a str,
    begins: &'a Text,
    name: &'a Option<Text>,
    description: Option<&'a Text>,
    readonly: bool,
    bypass_2fa: bool,
    cidr: &'a [Text],
    created: Option<Timestamp>,
    accessed: Option<Timestamp>,
    expires: Option<Timestamp>,
    revoked: Option<Timestamp>,
    permissions: Vec<Permission<'a>>,
    scopes: Vec<Scope<'a>>,
    kind: &'static str,
    may: &'static str,
    updated: Option<Timestamp>,
    /// The registry says outright that it does not lapse, or was not used.
    never_expires: bool,
    never_used: bool,
    /// It is the credential in use, or looks like it; which of the two, `in_use_grade` tells.
    in_use: bool,
    in_use_grade: Option<&'static str>,
    found: Vec<FoundShape<'a>>,
    note: Option<&'a Text>,
}

/// A place on this machine.
#[derive(Debug, Serialize)]
struct FoundShape<'a> {
    place: &'a Text,
    grade: &'static str,
    /// By what it is proved.
    proof: Option<&'static str>,
    in_use: bool,
}

/// How sure it is, in a word that scripts can rely on.
pub const fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Is => "is",
        Grade::LooksLike => "looks-like",
    }
}

#[derive(Debug, Serialize)]
struct Permission<'a> {
    name: &'a Text,
    action: &'a Text,
}

#[derive(Debug, Serialize)]
struct Scope<'a> {
    r#type: &'a Text,
    name: &'a Text,
}

impl<'a> TokenShape<'a> {
    /// `id`: as short as it may be given on a command line.
    pub fn new(token: &'a Token, id: &'a str) -> Self {
        Self {
            key: Text::new(&token.key.raw()),
            id,
            begins: &token.begins,
            name: &token.name,
            description: token.description.as_deref(),
            readonly: token.readonly,
            bypass_2fa: token.bypass_2fa,
            cidr: &token.cidr,
            created: token.created.map(Moment::at),
            accessed: token.accessed.map(Moment::at),
            expires: token.expires.map(Moment::at),
            revoked: token.revoked.map(Moment::at),
            permissions: token
                .permissions
                .iter()
                .map(|(name, action)| Permission { name, action })
                .collect(),
            scopes: token
                .scopes
                .iter()
                .map(|(r#type, name)| Scope { r#type, name })
                .collect(),
            kind: token.kind().word(),
            may: token.may(),
            updated: token.updated.map(Moment::at),
            never_expires: token.never.expires,
            never_used: token.never.used,
            in_use: token.in_use().is_some(),
            in_use_grade: token.in_use().map(grade),
            found: token
                .found
                .iter()
                .map(|found| FoundShape {
                    place: &found.place,
                    grade: grade(found.grade),
                    proof: found.proof.map(ProvedBy::word),
                    in_use: found.in_use,
                })
                .collect(),
            note: token.note.as_deref(),
        }
    }
}
