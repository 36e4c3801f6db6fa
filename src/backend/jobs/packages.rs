//! The packages of an account, read only: the list, then each of them, several at once. What cannot be read of one says so,
//! and hides none of the others.

use std::collections::BTreeMap;
use std::future::Future;

use super::Job;
use crate::backend::batch::Batch;
use crate::backend::drive::{Errand, Flow, drive};
use crate::backend::house::Connector;
use crate::backend::pass::guarded;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::package::PackageFacts;
use crate::domain::text::Text;
use crate::registry::{Call, Error, Registry};

/// What it is read for.
const PURPOSE: &str = "look at the packages";
/// Of how many packages more is read than their names.
const MOST: usize = 500;

/// The packages that this account has.
pub(super) async fn read<C: Connector>(
    job: &Job<'_, C>,
    account: &Text,
) -> Result<Vec<PackageFacts>, Failure> {
    let pass = job.reading(PURPOSE);
    let list = guarded!(pass, call => job.registry.packages(call, account));
    let list = list.map_err(|stop| job.words(stop))?;
    let mut reading = Reading {
        host: job.host(),
        read: BTreeMap::new(),
    };
    let items: Vec<_> = list.iter().take(MOST).cloned().enumerate().collect();
    let rest = drive(
        &mut reading,
        job.desk,
        job.registry,
        &job.house.used,
        (&mut Batch::default(), &mut job.reading(PURPOSE)),
        items,
    )
    .await;
    let mut read = reading.read;
    for (place, package) in rest {
        let why = Failure::new(FailureKind::Cancelled, "It was not waited for.", "");
        read.insert(place, unread(package, why));
    }
    let beyond = list.into_iter().enumerate().skip(MOST);
    read.extend(beyond.map(|(place, package)| {
        let why = Failure::new(
            FailureKind::Local,
            format!("Only the first {MOST} packages were looked at."),
            "Look at it on the registry's website.",
        );
        (place, unread(package, why))
    }));
    Ok(read.into_values().collect())
}

fn unread(package: PackageFacts, why: Failure) -> PackageFacts {
    PackageFacts {
        unread: Some(why),
        ..package
    }
}

struct Reading {
    host: Text,
    read: BTreeMap<usize, PackageFacts>,
}

impl Errand for Reading {
    type Item = (usize, PackageFacts);
    type Done = PackageFacts;
    const WRITE: bool = false;

    fn send<R: Registry>(
        registry: &R,
        call: Call<'_>,
        (_, package): &Self::Item,
    ) -> impl Future<Output = Result<PackageFacts, Error>> + Send {
        registry.package(call, package)
    }

    fn proves(_: &PackageFacts) -> bool {
        true
    }

    fn sent(&mut self, _: &Self::Item) {}

    fn back(&mut self, _: &Self::Item) {}

    fn ended(
        &mut self,
        (place, package): Self::Item,
        result: Result<PackageFacts, Error>,
    ) -> Flow<Self::Item> {
        let read = result.unwrap_or_else(|error| unread(package, error.failure(&self.host)));
        self.read.insert(place, read);
        Flow::Go(Vec::new())
    }
}
