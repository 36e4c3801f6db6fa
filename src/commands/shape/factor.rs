//! The JSON of `2fa`.

use serde::Serialize;

use super::recovery::Where;
use super::{Factor, Why};
use crate::domain::recovery::Place;
use crate::domain::text::Text;

#[derive(Serialize)]
pub(in crate::commands) struct Status<'a> {
    pub(in crate::commands) registry: &'a str,
    pub(in crate::commands) username: &'a Text,
    pub(in crate::commands) tfa: Factor<'a>,
    /// What the registry asks for a code for; `null` where the state is not known.
    pub(in crate::commands) asks_for: Option<Vec<&'static str>>,
}

/// What became of a change.
#[derive(Serialize)]
pub(in crate::commands) struct Change<'a> {
    pub(in crate::commands) registry: &'a str,
    pub(in crate::commands) username: &'a Text,
    /// As it is now.
    pub(in crate::commands) tfa: Factor<'a>,
    /// It was something else before.
    pub(in crate::commands) changed: bool,
    /// The registry itself says so, after the change.
    pub(in crate::commands) checked: bool,
    /// The recovery codes that came with it.
    pub(in crate::commands) recovery: Option<Came>,
    pub(in crate::commands) error: Option<Why>,
}

/// Where recovery codes went. Holds none.
#[derive(Serialize)]
pub(in crate::commands) struct Came {
    #[serde(flatten)]
    place: Where,
    proved: bool,
    /// How many more came in a shape that could not be read.
    unreadable: usize,
}

impl Came {
    pub(in crate::commands) fn new(place: &Place, proved: bool, unreadable: usize) -> Self {
        Self {
            place: place.into(),
            proved,
            unreadable,
        }
    }
}
