//! Which codes were sent from here, and of which sets they are.
//!
//! Only who has the codes of a set can tell whether a mark is of one of them: those in a readable file are compared at
//! once, all others when their set is opened. Until then a mark is the account's, and no set's.

use jiff::Timestamp;

use crate::domain::recovery::{Place, RecoveryCodes, RecoverySet, SetId, UsedAt, UsedCode};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::codes::read_back;
use super::list::{Line, List, Loose};
use super::marks;

/// The most marks of used codes of one account: no registry gives out so many.
const MOST_USED: usize = 256;

impl Loose {
    fn is_of(&self, account: &Text, registry: &Text) -> bool {
        self.account == *account && self.registry == *registry
    }
}

impl List {
    fn marks(&self, account: &Text, registry: &Text) -> impl Iterator<Item = &UsedCode> {
        let of_sets = self
            .sets
            .iter()
            .filter(|line| line.is_of(account, registry))
            .flat_map(|line| &line.set.used);
        let loose = self.loose.iter().filter(|l| l.is_of(account, registry));
        of_sets.chain(loose.map(|loose| &loose.used))
    }

    /// Whether any code of the account was sent from here.
    pub(super) fn has_marks(&self, account: &Text, registry: &Text) -> bool {
        self.marks(account, registry).next().is_some()
    }

    /// For each code of an account, when it was sent from here, if it was. The marks of all its sets count: several may
    /// be copies of the same codes.
    pub(super) fn used_at(
        &self,
        account: &Text,
        registry: &Text,
        codes: &RecoveryCodes,
    ) -> Vec<Option<UsedAt>> {
        codes
            .iter()
            .map(|code| {
                self.marks(account, registry)
                    .filter(|used| marks::is_of(used, code))
                    .map(|&UsedCode { at, sure, .. }| UsedAt { at, sure })
                    .max_by_key(|used| (used.sure, used.at))
            })
            .collect()
    }

    /// Notes that a code was sent; of an account of which nothing is known, there is nothing to note.
    pub(super) fn note(
        &mut self,
        account: &Text,
        registry: &Text,
        code: &Secret<String>,
        at: Timestamp,
        sure: bool,
    ) {
        let known = |used: &mut UsedCode| {
            let known = marks::is_of(used, code);
            used.sure |= known && sure;
            known
        };
        let of_sets = self
            .sets
            .iter_mut()
            .filter(|line| line.is_of(account, registry))
            .flat_map(|line| &mut line.set.used);
        let loose = self.loose.iter_mut();
        let loose = loose.filter(|loose| loose.is_of(account, registry));
        let marks = of_sets.chain(loose.map(|loose| &mut loose.used));
        if marks.fold(false, |any, used| known(used) | any)
            || self.marks(account, registry).count() >= MOST_USED
        {
            return;
        }
        let mark = marks::used(code, at, sure);
        let (mut any, mut placed, mut not_of) = (false, false, Vec::new());
        for line in &mut self.sets {
            if !line.is_of(account, registry) {
                continue;
            }
            any = true;
            let Place::File(path) = &line.set.place else {
                continue;
            };
            match read_back(path) {
                Ok(codes) if codes.iter().any(|code| marks::is_of(&mark, code)) => {
                    line.set.used.push(mark.clone());
                    placed = true;
                }
                Ok(_) => not_of.push(line.set.received),
                Err(_) => {}
            }
        }
        if any && !placed {
            self.loose.push(Loose {
                account: account.clone(),
                registry: registry.clone(),
                used: mark,
                not_of,
            });
        }
    }

    /// The codes of a set are at hand: the marks of them become its own, and no others.
    pub(super) fn place(&mut self, id: &SetId, codes: &RecoveryCodes) {
        let Some(index) = self.sets.iter().position(|line| line.set.id() == *id) else {
            return;
        };
        let of_set = |used: &UsedCode| codes.iter().any(|code| marks::is_of(used, code));
        let ours = |loose: &Loose| loose.is_of(&id.account, &id.registry);
        let mut found: Vec<_> = self
            .loose
            .extract_if(.., |loose| ours(loose) && of_set(&loose.used))
            .map(|loose| loose.used)
            .collect();
        for loose in self.loose.iter_mut().filter(|loose| ours(loose)) {
            if !loose.not_of.contains(&id.received) {
                loose.not_of.push(id.received);
            }
        }
        let account = self.sets.iter();
        let account = account.filter(|line| line.is_of(&id.account, &id.registry));
        found.extend(
            account
                .flat_map(|line| &line.set.used)
                .filter(|used| of_set(used))
                .cloned(),
        );
        let before = std::mem::take(&mut self.sets[index].set.used);
        let strange = before.into_iter().filter(|used| !of_set(used)).collect();
        self.let_go(id, strange, &[id.received]);
        let used = &mut self.sets[index].set.used;
        for mark in found {
            let code = codes.iter().find(|code| marks::is_of(&mark, code));
            let same = |used: &&mut UsedCode| code.is_some_and(|code| marks::is_of(used, code));
            match used.iter_mut().find(same) {
                Some(known) => known.sure |= mark.sure,
                None => used.push(mark),
            }
        }
        used.sort_by_key(|used| used.at);
    }

    /// Keeps marks that are no set's any more.
    pub(super) fn let_go(&mut self, id: &SetId, marks: Vec<UsedCode>, not_of: &[Timestamp]) {
        for used in marks {
            let known = |other: &UsedCode| other.mark == used.mark;
            if !self.marks(&id.account, &id.registry).any(known) {
                self.loose.push(Loose {
                    account: id.account.clone(),
                    registry: id.registry.clone(),
                    used,
                    not_of: not_of.to_vec(),
                });
            }
        }
    }

    /// How many codes were sent that may be of this set, beside those that are.
    pub(super) fn unplaced(&self, set: &RecoverySet) -> usize {
        let loose = self
            .loose
            .iter()
            .filter(|l| l.is_of(&set.account, &set.registry) && !l.not_of.contains(&set.received))
            .map(|loose| &loose.used);
        // A copy that was not compared has the same codes.
        let copies = self
            .sets
            .iter()
            .map(|line| &line.set)
            .filter(|other| {
                let compared = matches!(set.place, Place::File(_));
                other.same_account(set)
                    && other.received != set.received
                    && (other.added || set.added)
                    && !compared
            })
            .flat_map(|other| &other.used)
            .filter(|used| !set.used.iter().any(|own| own.mark == used.mark));
        // No registry takes a code of codes that it sent later, or has replaced before.
        let possible = |used: &&UsedCode| {
            let replaced = |other: &RecoverySet| other.replaces(set) && other.received <= used.at;
            let sets = self.sets.iter().map(|line| &line.set);
            (set.added || used.at >= set.received) && !(used.sure && sets.into_iter().any(replaced))
        };
        loose.chain(copies).filter(possible).count()
    }
}

impl Line {
    fn is_of(&self, account: &Text, registry: &Text) -> bool {
        self.set.account == *account && self.set.registry == *registry
    }
}
