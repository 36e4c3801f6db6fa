//! The form for a token: to make one, or to make one that takes another one's place. Least privilege first.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use jiff::Timestamp;

use crate::app::field::Field;
use crate::app::model::Tone;
use crate::backend::protocol::RequestId;
use crate::domain::cidr;
use crate::domain::failure::Failure;
use crate::domain::granular::{Granular, NewToken, Part, Permission, Spec};
use crate::domain::text::Text;

/// Which kind of token the form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Today's: a name, what for, how long.
    Granular,
    /// The kind of old: all that the account may do, or all that it may read.
    Classic,
}

/// The form for a new token, and the request that it became.
#[derive(Debug)]
pub struct TokenForm {
    /// Which kind.
    pub kind: TokenKind,
    /// A classic one may not write.
    pub readonly: bool,
    /// Its name.
    pub name: Field,
    /// Its description.
    pub description: Field,
    /// The packages that it is for.
    pub packages: Field,
    /// It is for all packages.
    pub all_packages: bool,
    /// The scopes that it is for.
    pub scopes: Field,
    /// What it may do with them.
    pub permission: Permission,
    /// The organizations that it is for.
    pub orgs: Field,
    /// What it may do with them.
    pub orgs_permission: Permission,
    /// How many days it lasts.
    pub days: Field,
    /// The addresses that it works from.
    pub addresses: Field,
    /// It is accepted without the second factor.
    pub bypass_2fa: bool,
    /// What is noted of it on this machine.
    pub note: Field,
    /// The account's password.
    pub password: Field,
    /// What has the focus.
    pub at: TokenField,
    /// What was left once, or was to be sent: there everything that is wrong is said.
    seen: BTreeSet<TokenField>,
    /// Something was typed or chosen that would be lost.
    pub touched: bool,
    /// The question before what was typed is given up: `Some(false)` has the focus on No.
    pub leaving: Option<bool>,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
}

/// The parts of the form, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the part of that name")]
pub enum TokenField {
    Kind,
    Readonly,
    Name,
    Description,
    Packages,
    AllPackages,
    Scopes,
    Permission,
    Orgs,
    OrgsPermission,
    Days,
    Addresses,
    Bypass,
    Note,
    Password,
}

/// How a part of the form is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One of a few.
    Choice,
    /// Yes or no.
    Tick,
    /// Typed.
    Text,
}

impl TokenField {
    const GRANULAR: [Self; 14] = [
        Self::Kind,
        Self::Name,
        Self::Description,
        Self::Packages,
        Self::AllPackages,
        Self::Scopes,
        Self::Permission,
        Self::Orgs,
        Self::OrgsPermission,
        Self::Days,
        Self::Addresses,
        Self::Bypass,
        Self::Note,
        Self::Password,
    ];
    const CLASSIC: [Self; 5] = [
        Self::Kind,
        Self::Readonly,
        Self::Addresses,
        Self::Note,
        Self::Password,
    ];

    /// How it is filled in.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Kind | Self::Readonly | Self::Permission | Self::OrgsPermission => Shape::Choice,
            Self::AllPackages | Self::Bypass => Shape::Tick,
            _ => Shape::Text,
        }
    }

    /// The part of a granular token whose rules hold here.
    const fn part(self) -> Option<Part> {
        match self {
            Self::Name => Some(Part::Name),
            Self::Description => Some(Part::Description),
            Self::Packages => Some(Part::Packages),
            Self::Scopes => Some(Part::Scopes),
            Self::Permission => Some(Part::PackagesPermission),
            Self::Orgs => Some(Part::Orgs),
            Self::OrgsPermission => Some(Part::OrgsPermission),
            Self::Days => Some(Part::Days),
            _ => None,
        }
    }

    const fn of(part: Part) -> Self {
        match part {
            Part::Name => Self::Name,
            Part::Description => Self::Description,
            Part::Packages => Self::Packages,
            Part::Scopes => Self::Scopes,
            Part::PackagesPermission => Self::Permission,
            Part::Orgs => Self::Orgs,
            Part::OrgsPermission => Self::OrgsPermission,
            Part::Days => Self::Days,
        }
    }

    /// It takes several names, one after the other.
    const fn lists(self) -> bool {
        matches!(self, Self::Packages | Self::Scopes | Self::Orgs)
    }
}

/// What packages and scopes can be given to a token for.
pub const PERMISSIONS: [Permission; 4] = [
    Permission::NoAccess,
    Permission::ReadOnly,
    Permission::ReadWrite,
    Permission::StageOnly,
];
/// What organizations can be given to a token for.
pub const ORGS_PERMISSIONS: [Permission; 3] = [
    Permission::NoAccess,
    Permission::ReadOnly,
    Permission::ReadWrite,
];

impl TokenForm {
    /// As little as can be: to read one package that is still to be named, for a week.
    pub(in crate::app) fn new(kind: TokenKind) -> Self {
        let mut form = Self::of(&Spec::Granular(Box::new(Granular::least())), "");
        form.kind = kind;
        form
    }

    /// Filled in with this.
    pub(in crate::app) fn of(spec: &Spec, note: &str) -> Self {
        let least = Granular::least();
        let (kind, granular) = match spec {
            Spec::Classic { .. } => (TokenKind::Classic, &least),
            Spec::Granular(granular) => (TokenKind::Granular, &**granular),
        };
        let cidr: Vec<String> = spec.cidr().iter().map(Ipv4Net::to_string).collect();
        let days = granular.days.map(|days| days.to_string());
        Self {
            kind,
            readonly: !matches!(spec, Spec::Classic { readonly, .. } if !*readonly),
            name: Field::with(&granular.name),
            description: Field::with(&granular.description),
            packages: Field::with(&granular.packages.join(", ")),
            all_packages: granular.all_packages,
            scopes: Field::with(&granular.scopes.join(", ")),
            permission: granular.packages_permission,
            orgs: Field::with(&granular.orgs.join(", ")),
            orgs_permission: granular.orgs_permission,
            days: Field::with(&days.unwrap_or_default()),
            addresses: Field::with(&cidr.join(", ")),
            bypass_2fa: granular.bypass_2fa,
            note: Field::with(note),
            password: Field::masked(),
            at: TokenField::Kind,
            seen: BTreeSet::new(),
            touched: false,
            leaving: None,
            sent: None,
            stopping: false,
            error: None,
        }
    }

    /// The parts that this kind of token has.
    pub fn parts(&self) -> &'static [TokenField] {
        match self.kind {
            TokenKind::Granular => &TokenField::GRANULAR,
            TokenKind::Classic => &TokenField::CLASSIC,
        }
    }

    /// The text of a part that is typed.
    pub fn field(&self, field: TokenField) -> Option<&Field> {
        Some(match field {
            TokenField::Name => &self.name,
            TokenField::Description => &self.description,
            TokenField::Packages => &self.packages,
            TokenField::Scopes => &self.scopes,
            TokenField::Orgs => &self.orgs,
            TokenField::Days => &self.days,
            TokenField::Addresses => &self.addresses,
            TokenField::Note => &self.note,
            TokenField::Password => &self.password,
            _ => return None,
        })
    }

    /// What is typed into.
    pub(in crate::app) fn focus(&mut self) -> Option<&mut Field> {
        Some(match self.at {
            TokenField::Name => &mut self.name,
            TokenField::Description => &mut self.description,
            TokenField::Packages => &mut self.packages,
            TokenField::Scopes => &mut self.scopes,
            TokenField::Orgs => &mut self.orgs,
            TokenField::Days => &mut self.days,
            TokenField::Addresses => &mut self.addresses,
            TokenField::Note => &mut self.note,
            TokenField::Password => &mut self.password,
            _ => return None,
        })
    }

    /// What there is to say of a part while it is filled in: what is wrong with it, and what to know. What can still
    /// be finished is not judged before it is left.
    pub fn said(&self, field: TokenField) -> Vec<(Tone, String)> {
        let bad = |words: String| (Tone::Bad, words);
        let mut said = Vec::new();
        if self.field(field).is_some_and(Field::is_full) {
            said.push(bad("No more fits here.".to_owned()));
        }
        match field {
            TokenField::Addresses => said.extend(self.said_of_addresses()),
            TokenField::Password if self.misses_password() => {
                said.push(bad("Type the account's password.".to_owned()));
            }
            TokenField::Days if self.days().is_err() => {
                let typed = self.days.value().expose().trim();
                said.push(bad(if typed.bytes().all(|b| b.is_ascii_digit()) {
                    format!("That is too long: at most {} days can be typed.", u32::MAX)
                } else {
                    "Type a number of days.".to_owned()
                }));
            }
            TokenField::Bypass if self.bypass_2fa => said.extend(self.said_of_bypass()),
            TokenField::Readonly if !self.readonly => {
                said.push((
                    Tone::Warning,
                    "Whoever has it can publish your packages.".to_owned(),
                ));
            }
            TokenField::Permission if self.permission.writes() => said.push((
                Tone::Warning,
                match self.permission {
                    Permission::StageOnly => {
                        "Whoever has it can put versions on the stage; a person releases them."
                    }
                    _ => "Whoever has it can publish these packages.",
                }
                .to_owned(),
            )),
            _ => {}
        }
        if let Some(part) = field.part().filter(|_| self.kind == TokenKind::Granular) {
            said.extend(self.wrongs(field, part).into_iter().map(bad));
        }
        said
    }

    /// What the registry would refuse of this part, as far as that is to be said by now.
    fn wrongs(&self, field: TokenField, part: Part) -> Vec<String> {
        let seen = self.seen.contains(&field);
        let typed = self.field(field);
        let open = self.at == field && !seen;
        let judged = match typed {
            None => seen || self.at == field,
            Some(_) if seen => true,
            Some(typed) => open && !typed.value().expose().trim().is_empty(),
        };
        if !judged || (field == TokenField::Days && open && self.days() == Ok(Some(0))) {
            return Vec::new();
        }
        // Packages can be named one by one, all at once, or by their scope: only then nothing is named.
        if field == TokenField::Packages
            && self.packages.is_empty()
            && !self.all_packages
            && !self.seen.contains(&TokenField::Scopes)
        {
            return Vec::new();
        }
        let granular = self.granular(open.then_some(field));
        if open && field.lists() && names(&granular, field).is_empty() {
            return Vec::new();
        }
        let wrongs = granular.wrongs().into_iter();
        let here = wrongs.filter(|wrong| wrong.part == part);
        here.map(|wrong| wrong.words.as_str().to_owned()).collect()
    }

    /// What there is to say of the addresses while they are typed: a range that is not sent as it stands there,
    /// and what is none. The last entry is not judged before it can be finished.
    pub fn said_of_addresses(&self) -> Vec<(Tone, String)> {
        let typed = self.addresses.value().expose();
        let open = self.at == TokenField::Addresses
            && !self.seen.contains(&TokenField::Addresses)
            && typed.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | ':' | '/'));
        let read = cidr::ranges(typed);
        let last = read.len().saturating_sub(1);
        let mut said = Vec::new();
        for (index, range) in read.into_iter().enumerate() {
            match range {
                Ok(range) => said.extend(range.note().map(|note| (Tone::Plain, note))),
                Err(cidr::NoRange::Unreadable(_)) if open && index == last => {}
                Err(none) => said.push((Tone::Bad, none.to_string())),
            }
        }
        said
    }

    /// What a token without the second factor means today. Source: npm's restriction of such tokens of 2026-07-31.
    fn said_of_bypass(&self) -> Vec<(Tone, String)> {
        let mut said = vec![
            (
                Tone::Warning,
                "Whoever steals it needs no code from your device.".to_owned(),
            ),
            (
                Tone::Plain,
                "Since 2026-07-31 npm's own registry lets it manage no tokens, profile, 2FA, owners or teams."
                    .to_owned(),
            ),
        ];
        if self.permission == Permission::ReadWrite {
            said.push((
                Tone::Plain,
                "From about January 2027 on it is to publish nothing directly there.".to_owned(),
            ));
        }
        said
    }

    /// The password is missing, and that is to be said.
    pub fn misses_password(&self) -> bool {
        self.seen.contains(&TokenField::Password) && self.sent.is_none() && self.password.is_empty()
    }

    /// All of it in one sentence; `None` while addresses or days cannot be read.
    pub fn sum(&self, account: &Text, now: Timestamp) -> Option<String> {
        Some(self.spec()?.sentence(account, now))
    }

    /// What it is to be; `None` while addresses or days cannot be read.
    pub fn spec(&self) -> Option<Spec> {
        let cidr = self.nets()?;
        Some(match self.kind {
            TokenKind::Classic => Spec::Classic {
                readonly: self.readonly,
                cidr,
            },
            TokenKind::Granular => {
                self.days().ok()?;
                Spec::Granular(Box::new(Granular {
                    cidr,
                    ..self.granular(None)
                }))
            }
        })
    }

    fn nets(&self) -> Option<Vec<Ipv4Net>> {
        cidr::nets(&cidr::ranges(self.addresses.value().expose()))
    }

    /// How many days; `Ok(None)` leaves it to the registry.
    fn days(&self) -> Result<Option<u32>, ()> {
        match self.days.value().expose().trim() {
            "" => Ok(None),
            typed => typed.parse().map(Some).map_err(|_| ()),
        }
    }

    /// As a granular token, without the last name of a list that is still `open`.
    fn granular(&self, open: Option<TokenField>) -> Granular {
        let text = |field: &Field| field.value().expose().trim().to_owned();
        let list = |of: TokenField, field: &Field| {
            let typed = field.value().expose();
            let mut names: Vec<String> = typed
                .split(separates)
                .filter(|name| !name.is_empty())
                .map(ToOwned::to_owned)
                .collect();
            if open == Some(of) && !typed.ends_with(separates) {
                names.pop();
            }
            names
        };
        let bare = |name: String| match name.strip_prefix('@') {
            Some(bare) => bare.to_owned(),
            None => name,
        };
        let scope = |name: String| match name.strip_prefix('@') {
            Some(_) => name,
            None => format!("@{name}"),
        };
        Granular {
            name: text(&self.name),
            description: text(&self.description),
            packages: list(TokenField::Packages, &self.packages),
            all_packages: self.all_packages,
            scopes: list(TokenField::Scopes, &self.scopes)
                .into_iter()
                .map(scope)
                .collect(),
            packages_permission: self.permission,
            orgs: list(TokenField::Orgs, &self.orgs)
                .into_iter()
                .map(bare)
                .collect(),
            orgs_permission: self.orgs_permission,
            days: self.days().unwrap_or_default(),
            cidr: Vec::new(),
            bypass_2fa: self.bypass_2fa,
        }
    }

    /// To this part of the form.
    fn turn_to(&mut self, field: TokenField) {
        self.seen.insert(self.at);
        // What is typed anew is not judged before it is finished again.
        if field.shape() == Shape::Text {
            self.seen.remove(&field);
        }
        self.at = field;
    }

    /// So many parts further, round and round.
    pub(super) fn step(&mut self, steps: usize) {
        let parts = self.parts();
        let place = parts.iter().position(|field| *field == self.at);
        self.turn_to(parts[(place.unwrap_or(0) + steps) % parts.len()]);
    }

    /// To the part before.
    pub(super) fn back(&mut self) {
        self.step(self.parts().len() - 1);
    }

    /// To the first part, or the last one.
    pub(super) fn jump(&mut self, last: bool) {
        let parts = self.parts();
        self.turn_to(parts[if last { parts.len() - 1 } else { 0 }]);
    }

    /// The next of a few, or the one before; a tick comes or goes.
    pub(super) fn change(&mut self, back: bool) {
        self.touched = true;
        match self.at {
            TokenField::Kind => {
                self.kind = match self.kind {
                    TokenKind::Granular => TokenKind::Classic,
                    TokenKind::Classic => TokenKind::Granular,
                };
            }
            TokenField::Readonly => self.readonly = !self.readonly,
            TokenField::AllPackages => self.all_packages = !self.all_packages,
            TokenField::Bypass => self.bypass_2fa = !self.bypass_2fa,
            TokenField::Permission => turn(&mut self.permission, &PERMISSIONS, back),
            TokenField::OrgsPermission => {
                turn(&mut self.orgs_permission, &ORGS_PERMISSIONS, back);
            }
            _ => {}
        }
    }

    /// Takes what is to be sent out of the form; `None` when something is to be mended first, which has the focus then.
    pub(in crate::app) fn take(&mut self) -> Option<NewToken> {
        self.seen = self.parts().iter().copied().collect();
        let spec = self.spec();
        let wrong = match &spec {
            None if self.days().is_err() && self.kind == TokenKind::Granular => {
                Some(TokenField::Days)
            }
            None => Some(TokenField::Addresses),
            Some(Spec::Granular(granular)) => granular
                .wrongs()
                .first()
                .map(|wrong| TokenField::of(wrong.part)),
            Some(Spec::Classic { .. }) => None,
        };
        let wrong = wrong.or_else(|| {
            let missing = self.password.is_empty();
            missing.then_some(TokenField::Password)
        });
        if let Some(field) = wrong {
            self.at = field;
            return None;
        }
        self.seen.clear();
        self.error = None;
        self.stopping = false;
        Some(NewToken {
            spec: spec?,
            password: self.password.take(),
            note: self.note.value().expose().trim().to_owned(),
        })
    }

    /// It did not work: everything but the password stands as it was typed.
    pub(in crate::app) fn failed(&mut self, why: Failure) {
        self.sent = None;
        self.stopping = false;
        self.at = TokenField::Password;
        self.error = Some(why);
    }
}

fn separates(c: char) -> bool {
    c == ',' || c == ';' || c.is_whitespace()
}

fn names(granular: &Granular, field: TokenField) -> &[String] {
    match field {
        TokenField::Packages => &granular.packages,
        TokenField::Scopes => &granular.scopes,
        _ => &granular.orgs,
    }
}

fn turn(permission: &mut Permission, all: &[Permission], back: bool) {
    let place = all.iter().position(|one| one == permission).unwrap_or(0);
    let steps = if back { all.len() - 1 } else { 1 };
    *permission = all[(place + steps) % all.len()];
}
