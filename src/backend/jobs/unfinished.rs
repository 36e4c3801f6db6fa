//! What was begun on this machine for the account and not ended: listed, or forgotten.

use std::sync::Arc;

use super::emergency::incidents_open;
use super::{Job, revoke, rotate};
use crate::backend::house::{Connector, blocking};
use crate::backend::pass::Stop;
use crate::backend::protocol::{JournalId, Outcome, Step, Unfinished};
use crate::domain::text::Text;
use crate::records::incident::incident_left;
use crate::records::{Left, Tag};
use crate::registry::Registry as _;

/// What one journal tells, and for whom.
struct Begun {
    registry: Text,
    /// `None` where it began before anybody was signed in.
    account: Option<Text>,
    what: Unfinished,
}

/// Each kind is read by the job that wrote it.
fn begun(left: &Left) -> Option<Begun> {
    match left.tag {
        Tag::Revocation => {
            let (registry, account, what) = revoke::unfinished(left)?;
            Some(Begun {
                registry,
                account: Some(account),
                what,
            })
        }
        Tag::Emergency => {
            let incident = Arc::new(incident_left(left)?);
            Some(Begun {
                registry: incident.registry.clone(),
                account: incident.account.clone(),
                what: Unfinished::Emergency {
                    id: JournalId(left.id.clone()),
                    incident,
                },
            })
        }
        Tag::Rotation => {
            let (registry, account, what) = rotate::unfinished(left)?;
            Some(Begun {
                registry,
                account,
                what,
            })
        }
    }
}

const fn is_emergency(begun: &Begun) -> bool {
    matches!(
        begun.what,
        Unfinished::Emergency { .. } | Unfinished::Elsewhere { .. }
    )
}

/// Of this registry, and of the account in use. An emergency is shown to whoever is not known as somebody else: it may well
/// have revoked the very credential that lies here, and the thief's hour is no time to hide it.
pub(super) async fn unfinished<C: Connector>(job: &Job<'_, C>) -> Result<Outcome, Stop> {
    let folder = job.house.deps.vault_dir.clone();
    let (all, open) = blocking(move || {
        let all = Left::all(&folder)?;
        incidents_open(&folder).map(|open| (all, open))
    })
    .await??;
    let registry = job.host();
    let open = open.into_iter().map(|open| Begun {
        registry: open.incident.registry.clone(),
        account: open.incident.account.clone(),
        what: Unfinished::Elsewhere {
            id: open.id,
            incident: Arc::new(open.incident),
            process: open.process,
        },
    });
    let mut here: Vec<Begun> = all
        .iter()
        .filter_map(begun)
        .chain(open)
        .filter(|begun| begun.registry == registry)
        .collect();
    // The registry may take its time, or give no answer at all.
    let emergencies = here.iter().filter(|begun| is_emergency(begun));
    let emergencies: Vec<_> = emergencies.map(|begun| begun.what.clone()).collect();
    if !emergencies.is_empty() {
        job.desk.step(Step::Emergencies(emergencies));
    }
    // Also where nothing was left: what a plain command does next is noted for its account. Who has no credential is nobody.
    let account = match job.registry.identity().credential {
        Some(_) => revoke::account(job).await,
        None => None,
    };
    here.retain(|begun| {
        let nobody = account.is_none() && is_emergency(begun);
        nobody || begun.account.is_none() || begun.account == account
    });
    let left = here.into_iter().map(|begun| begun.what);
    Ok(Outcome::Unfinished(left.collect()))
}

pub(super) async fn forget<C: Connector>(
    job: &Job<'_, C>,
    left: JournalId,
) -> Result<Outcome, Stop> {
    let folder = job.house.deps.vault_dir.clone();
    blocking(move || Left::forget(&folder, &left.0)).await??;
    unfinished(job).await
}
