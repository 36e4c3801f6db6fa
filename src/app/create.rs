//! Making a token: the form, and the request that it becomes. What comes of it is in [`super::created`].

use ipnet::Ipv4Net;

use super::Effect;
use super::field::Field;
use super::model::{Model, Tone};
use super::{created, exposure, request};
use crate::backend::protocol::{Asking, Created, Request, RequestId};
use crate::domain::cidr;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::granular::{NewToken, Spec};

/// The form for a new token, and the request that it became.
#[derive(Debug)]
pub struct TokenForm {
    /// It may not write.
    pub readonly: bool,
    /// The addresses that it works from.
    pub addresses: Field,
    /// The account's password.
    pub password: Field,
    /// What has the focus.
    pub at: TokenField,
    /// What is wrong with the addresses, and that the password is missing, is said.
    seen: [bool; 2],
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
}

/// The parts of the form, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenField {
    /// What it may do.
    Kind,
    /// Where it works from.
    Addresses,
    /// The account's password.
    Password,
}

impl TokenField {
    const ALL: [Self; 3] = [Self::Kind, Self::Addresses, Self::Password];
}

impl TokenForm {
    fn new() -> Self {
        Self {
            readonly: true,
            addresses: Field::plain(),
            password: Field::masked(),
            at: TokenField::Kind,
            seen: [false; 2],
            sent: None,
            stopping: false,
            error: None,
        }
    }

    /// What there is to say of the addresses while they are typed: a range that is not sent as it stands there,
    /// and what is none. The last entry is not judged before it can be finished.
    pub fn said_of_addresses(&self) -> Vec<(Tone, String)> {
        let typed = self.addresses.value().expose();
        let open = self.at == TokenField::Addresses
            && !self.seen[0]
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

    /// The password is missing, and that is to be said.
    pub fn misses_password(&self) -> bool {
        self.seen[1] && self.sent.is_none() && self.password.is_empty()
    }

    /// All of it in one sentence; `None` while an entry is no range.
    pub fn sum(&self, name: &str) -> Option<String> {
        let nets = self.nets()?;
        let what = if self.readonly {
            format!("A read-only token for {name}")
        } else {
            format!("A token for {name} that may publish")
        };
        Some(format!(
            "{what}, usable from {}, without an end date.",
            from(&nets)
        ))
    }

    pub(super) fn nets(&self) -> Option<Vec<Ipv4Net>> {
        cidr::nets(&cidr::ranges(self.addresses.value().expose()))
    }

    fn turn_to(&mut self, field: TokenField) {
        if self.at == TokenField::Addresses {
            self.seen[0] = true;
        }
        if field == TokenField::Addresses {
            self.seen[0] = false;
        }
        self.at = field;
    }
}

/// "anywhere", "10.0.0.0/8", "10.0.0.0/8 and 192.0.2.0/24".
pub(super) fn from(nets: &[Ipv4Net]) -> String {
    let nets: Vec<String> = nets.iter().map(Ipv4Net::to_string).collect();
    match nets.split_last() {
        None => "anywhere".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// Opens the form.
pub(super) fn open(model: &mut Model) {
    exposure::hide_all(model);
    model.tokens.create = Some(TokenForm::new());
}

/// The next part of the form (`steps` 1) or the one before (2), round and round.
pub(super) fn step(model: &mut Model, steps: usize) {
    if let Some(form) = &mut model.tokens.create {
        let all = TokenField::ALL;
        let place = all.iter().position(|field| *field == form.at).unwrap_or(0);
        form.turn_to(all[(place + steps) % all.len()]);
    }
}

/// The other kind of token.
pub(super) fn other_kind(model: &mut Model) {
    if let Some(form) = &mut model.tokens.create {
        form.readonly = !form.readonly;
    }
}

/// Enter: on to the next part; from the last one the request goes out, unless there is something to mend.
pub(super) fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = &mut model.tokens.create else {
        return;
    };
    if form.at != TokenField::Password {
        step(model, 1);
        return;
    }
    form.seen = [true; 2];
    let Some(cidr) = form.nets() else {
        form.at = TokenField::Addresses;
        return;
    };
    if form.password.is_empty() {
        return;
    }
    let new = NewToken {
        spec: Spec::Classic {
            readonly: form.readonly,
            cidr,
        },
        password: form.password.take(),
        note: String::new(),
    };
    form.seen = [false; 2];
    form.error = None;
    form.stopping = false;
    let id = request::start(model, Request::CreateToken(new), Asking::Allowed, effects);
    if let Some(form) = &mut model.tokens.create {
        form.sent = Some(id);
    }
}

/// Leaves the form; what was sent is given up first, and left alone the second time.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = &mut model.tokens.create else {
        return;
    };
    match form.sent {
        Some(id) if !form.stopping => {
            form.stopping = true;
            request::cancel(model, id, effects);
            model
                .plain("Given up. What was sent already is waited for; Esc again leaves it alone.");
        }
        Some(_) => {
            model.tokens.create = None;
            model.warn("If it was sent already, a token may have been made: it is shown when the answer comes.");
        }
        None => {
            model.tokens.create = None;
            model.plain("Nothing was sent; no token was made.");
        }
    }
}

/// The request has ended. Without a token there is something to mend in the form.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<Created, Failure>,
    effects: &mut Vec<Effect>,
) {
    let ended = match result {
        Ok(Created::Lost { tokens, why }) if tokens.is_empty() => Err(why),
        other => other,
    };
    match ended {
        Ok(created) => {
            let form = model.tokens.create.take_if(|form| form.sent == Some(id));
            created::show(model, created, form.as_ref(), effects);
        }
        Err(why) => {
            let form = model.tokens.create.as_mut();
            if let Some(form) = form.filter(|form| form.sent == Some(id)) {
                form.sent = None;
                form.stopping = false;
                form.at = TokenField::Password;
                form.error = Some(why.clone());
                // The form says why, but goes with an account that is not accepted any more.
                if why.kind != FailureKind::SignedOut {
                    return;
                }
            }
            model.bad(&why);
        }
    }
}
