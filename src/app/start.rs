//! The first state of everything.

use std::collections::{BTreeMap, BTreeSet};

use super::field::Field;
use super::model::{
    Demo, EmergencyScreen, Load, MachineScreen, Model, ProfileScreen, QrStyle, RecoveryScreen,
    Screen, SecurityScreen, TokensScreen,
};
use super::request;
use super::tokens::{Facets, Incoming};
use super::{Effect, Now};
use crate::backend::protocol::{Asking, Request};

impl Model {
    /// The model of a program that was just started, and the requests that fill it.
    pub fn new(size: (u16, u16), now: Now, demo: Option<Demo>) -> (Self, Vec<Effect>) {
        let mut model = Self {
            size,
            now,
            screen: Screen::Profile,
            registry: None,
            account: Load::Empty,
            refusal: None,
            lacks: BTreeMap::new(),
            demo,
            profile: ProfileScreen::default(),
            security: SecurityScreen::default(),
            tokens: TokensScreen::new(),
            recovery: RecoveryScreen {
                sets: Load::Empty,
                read_only: false,
                chosen: None,
                page: None,
                spending: BTreeSet::new(),
                renewed: Vec::new(),
            },
            machine: MachineScreen::new(),
            emergency: EmergencyScreen::default(),
            unfinished: Vec::new(),
            qr: QrStyle::HalfBlocks,
            wizard: None,
            guide: None,
            site: None,
            created: None,
            rotation: None,
            owner: None,
            signin: None,
            parked: Vec::new(),
            overlay: None,
            challenges: Vec::new(),
            notice: None,
            next_id: 1,
            held: None,
            requests: BTreeMap::new(),
            quitting: false,
        };
        let mut effects = Vec::new();
        let id = request::start(&mut model, Request::Account, Asking::Allowed, &mut effects);
        model.account.load(id);
        let id = request::start(&mut model, Request::Sets, Asking::Never, &mut effects);
        model.recovery.sets.load(id);
        (model, effects)
    }
}

impl TokensScreen {
    /// A screen that knows no token yet.
    pub(super) fn new() -> Self {
        Self {
            list: Load::Empty,
            index: None,
            incoming: Incoming::default(),
            moved: false,
            shown: Vec::new(),
            cursor: 0,
            offset: 0,
            filter: Field::plain(),
            filtering: false,
            sought: None,
            facets: Facets::default(),
            counted: std::time::Duration::ZERO,
            sort: None,
            selected: BTreeSet::new(),
            details: false,
            scroll: 0,
            revoke: None,
            create: None,
            note: None,
            forgetting: None,
            noted: BTreeMap::new(),
            wanted: None,
        }
    }
}
