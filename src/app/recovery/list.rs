//! The sets in the order in which they are listed, and what each is still worth.

use std::cmp::Reverse;

use super::super::keymap::{Action, Reason};
use super::super::model::{Load, Model};
use super::super::request::Purpose;
use crate::domain::identity::Standing;
use crate::domain::recovery::{Place, RecoverySet, SetId};
use crate::domain::tfa::Tfa;

/// A line of the list.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// The set.
    pub set: &'a RecoverySet,
    /// Its file is there.
    pub there: bool,
    /// It belongs to the account that is signed in here.
    pub here: bool,
    /// It is the first one of its account and registry.
    pub first: bool,
    /// What it is worth.
    pub worth: Worth,
}

/// What a set is still worth, as far as is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// The registry says that 2FA is on, and no other codes are known that may be newer.
    InUse,
    /// The registry says that 2FA is on, and these codes or others in the list are in use: a person added some, and
    /// which are the newer ones is not known.
    Either,
    /// No newer codes are known; how 2FA stands is not.
    Newest,
    /// There are newer codes in the list.
    Replaced,
    /// The registry has made newer codes since, and they are not kept here.
    Renewed,
    /// 2FA is off.
    Off,
    /// 2FA is half set up, so that no code is asked for.
    Pending,
}

impl Worth {
    /// The codes may serve.
    pub const fn may_serve(self) -> bool {
        matches!(self, Self::InUse | Self::Either | Self::Newest)
    }
}

/// What a set is still worth.
pub fn worth(model: &Model, set: &RecoverySet) -> Worth {
    let sets = || {
        let sets = model.recovery.sets.value().into_iter().flatten();
        sets.map(|(other, _)| other)
    };
    let replaced = |set: &RecoverySet| sets().any(|other| other.replaces(set));
    if replaced(set) {
        return Worth::Replaced;
    }
    let renewed = model
        .recovery
        .renewed
        .iter()
        .any(|(account, registry, at)| {
            *account == set.account && *registry == set.registry && *at >= set.received
        });
    match tfa(model, set) {
        Some(Tfa::Off) => Worth::Off,
        Some(Tfa::Pending(_)) => Worth::Pending,
        _ if renewed => Worth::Renewed,
        Some(Tfa::On(_)) => {
            let rival = |other: &RecoverySet| {
                other.same_account(set)
                    && other.received != set.received
                    && (other.added || set.added)
                    && !replaced(other)
            };
            if sets().any(rival) {
                Worth::Either
            } else {
                Worth::InUse
            }
        }
        Some(Tfa::Unknown(_)) | None => Worth::Newest,
    }
}

/// The second factor of the set's account, where that is the one signed in.
fn tfa<'a>(model: &'a Model, set: &RecoverySet) -> Option<&'a Tfa> {
    let account = model.account.value()?;
    match &account.standing {
        Standing::SignedIn(profile)
            if profile.name == set.account && account.identity.registry == set.registry =>
        {
            Some(&profile.tfa)
        }
        _ => None,
    }
}

/// The sets by account, registry and date, the newest first; those of the signed-in account come before all others.
pub fn listed(model: &Model) -> Vec<Listed<'_>> {
    let sets = model.recovery.sets.value().into_iter().flatten();
    let mut all: Vec<Listed<'_>> = sets
        .map(|(set, there)| Listed {
            set,
            there: *there,
            here: tfa(model, set).is_some(),
            first: false,
            worth: worth(model, set),
        })
        .collect();
    all.sort_by_key(|one| {
        let set = one.set;
        (
            !one.here,
            &set.account,
            &set.registry,
            Reverse(set.received),
        )
    });
    for index in 0..all.len() {
        all[index].first = index == 0 || !all[index - 1].set.same_account(all[index].set);
    }
    all
}

/// Where the chosen set stands in the list.
pub fn cursor(model: &Model, listed: &[Listed<'_>]) -> usize {
    let chosen = |id: &SetId| listed.iter().position(|one| one.set.id() == *id);
    let screen = &model.recovery;
    screen.chosen.as_ref().and_then(chosen).unwrap_or_default()
}

/// The chosen set.
pub(in super::super) fn chosen(model: &Model) -> Option<Listed<'_>> {
    let listed = listed(model);
    listed.get(cursor(model, &listed)).copied()
}

/// Why something cannot be done with the chosen set now.
pub(in super::super) fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    idle(model)?;
    let Some(Listed { set, there, .. }) = chosen(model) else {
        return Err(match &model.recovery.sets {
            Load::Ready(_) => "No recovery codes are known on this machine.".into(),
            Load::Failed { why, .. } => why.to_string().into(),
            _ => "The list is not here yet.".into(),
        });
    };
    match action {
        Action::RemoveSet => writable(model),
        _ if set.place == Place::Myself => Err(
            "You keep these codes yourself: they are where you put them, and nowhere on this machine."
                .into(),
        ),
        _ if !there => Err("The file with these codes was moved or removed.".into()),
        Action::ProveSet => writable(model),
        _ => Ok(()),
    }
}

/// One thing at a time is done with sets.
pub(super) fn idle(model: &Model) -> Result<(), Reason> {
    let busy = [
        (Purpose::OpenSet, "A set is being opened"),
        (Purpose::ProveSet, "A set is being proved"),
        (Purpose::ExportSet, "A set is being exported"),
        (Purpose::RemoveSet, "A set is being removed"),
        (Purpose::AddSet, "A set is being added"),
    ];
    let mut busy = busy.into_iter();
    match busy.find(|(purpose, _)| model.running(*purpose).is_some()) {
        Some((_, what)) => Err(format!("{what}; that has to end first.").into()),
        None => Ok(()),
    }
}

/// A list that can only be read takes no change.
pub(super) fn writable(model: &Model) -> Result<(), Reason> {
    if model.recovery.read_only {
        return Err("The list can only be read now, so nothing is changed here.".into());
    }
    Ok(())
}
