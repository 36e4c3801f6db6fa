//! Changing the password: the present one, the new one, the new one again.

use super::Effect;
use super::field::Field;
use super::model::{Model, Tone};
use super::{account, emergency, exposure, request};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::account::Profile;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::CredentialKind;
use crate::domain::secret::Secret;

/// npm's own registry wants more characters than this; others differ, so it is said and not enforced.
const SHORT: usize = 10;

/// The form, and the request that it became.
#[derive(Debug)]
pub struct PasswordForm {
    /// The present password.
    pub current: Field,
    /// The new one.
    pub new: Field,
    /// The new one once more.
    pub again: Field,
    /// Which one has the focus.
    pub at: PasswordField,
    /// What there is to say of these fields is said.
    seen: [bool; 3],
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
}

/// The fields, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordField {
    /// The present password.
    Current,
    /// The new one.
    New,
    /// The new one once more.
    Again,
}

impl PasswordField {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Current, Self::New, Self::Again];

    /// Where it stands among them.
    const fn index(self) -> usize {
        match self {
            Self::Current => 0,
            Self::New => 1,
            Self::Again => 2,
        }
    }
}

/// What there is to say of what was typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Nothing was typed.
    Missing,
    /// The new one is the present one.
    Same,
    /// The two new ones do not agree.
    Differs,
    /// The account's name is part of it.
    HasName,
    /// It is short.
    Short,
}

impl Remark {
    /// It is not sent like this. The other remarks are the registry's to judge.
    pub const fn blocks(self) -> bool {
        matches!(self, Self::Missing | Self::Same | Self::Differs)
    }

    /// The remark as a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Missing => "Nothing is typed here yet.",
            Self::Same => "That is the present password: nothing would change.",
            Self::Differs => "The two do not agree: type the new password once more.",
            Self::HasName => "Your user name is part of it: npm's own registry refuses that.",
            Self::Short => "That is short: npm's own registry asks for more than 10 characters.",
        }
    }
}

impl PasswordForm {
    fn new() -> Self {
        Self {
            current: Field::masked(),
            new: Field::masked(),
            again: Field::masked(),
            at: PasswordField::Current,
            seen: [false; 3],
            sent: None,
            stopping: false,
            error: None,
        }
    }

    /// A field.
    pub const fn field(&self, which: PasswordField) -> &Field {
        match which {
            PasswordField::Current => &self.current,
            PasswordField::New => &self.new,
            PasswordField::Again => &self.again,
        }
    }

    /// The same, to be typed into.
    pub(super) const fn field_mut(&mut self, which: PasswordField) -> &mut Field {
        match which {
            PasswordField::Current => &mut self.current,
            PasswordField::New => &mut self.new,
            PasswordField::Again => &mut self.again,
        }
    }

    /// What is said beside a field now; `name` is the account's.
    pub fn said(&self, which: PasswordField, name: &str) -> Vec<Remark> {
        if self.seen[which.index()] {
            self.remarks(which, name)
        } else {
            Vec::new()
        }
    }

    fn remarks(&self, which: PasswordField, name: &str) -> Vec<Remark> {
        let field = self.field(which);
        if field.is_empty() {
            return vec![Remark::Missing];
        }
        let typed = field.value();
        match which {
            PasswordField::Current => Vec::new(),
            PasswordField::Again if typed.matches(self.new.value()) => Vec::new(),
            PasswordField::Again => vec![Remark::Differs],
            PasswordField::New if typed.matches(self.current.value()) => vec![Remark::Same],
            PasswordField::New => {
                let mut remarks = Vec::new();
                let lower = Secret::from(typed.expose().to_lowercase());
                if !name.is_empty() && lower.expose().contains(&name.to_lowercase()) {
                    remarks.push(Remark::HasName);
                }
                if typed.chars() <= SHORT {
                    remarks.push(Remark::Short);
                }
                remarks
            }
        }
    }

    /// The focus goes to another field; what was typed in the one that it leaves is looked at.
    fn turn_to(&mut self, which: PasswordField) {
        if !self.field(self.at).is_empty() {
            self.seen[self.at.index()] = true;
        }
        self.at = which;
    }
}

/// Opens the form.
pub(super) fn open(model: &mut Model) {
    exposure::hide_all(model);
    model.profile.password = Some(PasswordForm::new());
}

/// The next field (`steps` 1) or the one before (2), round and round.
pub(super) fn step(model: &mut Model, steps: usize) {
    if let Some(form) = &mut model.profile.password {
        let all = PasswordField::ALL;
        form.turn_to(all[(form.at.index() + steps) % all.len()]);
    }
}

/// Enter: on to the next field; from the last one the change goes out, unless there is something to mend.
pub(super) fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let name = name(model);
    let Some(form) = &mut model.profile.password else {
        return;
    };
    if form.at != PasswordField::Again {
        step(model, 1);
        return;
    }
    form.seen = [true; 3];
    let wrong = PasswordField::ALL.into_iter().find(|field| {
        let remarks = form.remarks(*field, &name);
        remarks.into_iter().any(Remark::blocks)
    });
    if let Some(wrong) = wrong {
        form.at = wrong;
        return;
    }
    let change = Request::ChangePassword {
        current: form.current.take(),
        new: form.new.take(),
    };
    form.again.clear();
    form.seen = [false; 3];
    form.error = None;
    form.stopping = false;
    let id = request::start(model, change, Asking::Allowed, effects);
    if let Some(form) = &mut model.profile.password {
        form.sent = Some(id);
    }
}

fn name(model: &Model) -> String {
    let profile = model.profile();
    profile.map_or_else(String::new, |profile| profile.name.to_string())
}

/// Leaves the form; what was sent is given up first, and left alone the second time.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = &mut model.profile.password else {
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
            model.profile.password = None;
            model.warn(
                "If it was sent already, the new password may hold; how it ends is said here.",
            );
        }
        None => {
            model.profile.password = None;
            model.plain("Nothing was sent; the password is as it was.");
        }
    }
}

/// The registry has answered: `Ok` when it changed the password, with what the credential in use reads since.
/// That tells of this one credential; of the others nothing is known, and nothing is said (promise P33).
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<Result<Box<Profile>, Failure>, Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok(after) => {
            model.profile.password.take_if(|form| form.sent == Some(id));
            emergency::password_changed(model);
            if let Some(demo) = &mut model.demo {
                demo.password = None;
            }
            changed(model, after, effects);
        }
        Err(why) => {
            let form = model.profile.password.as_mut();
            if let Some(form) = form.filter(|form| form.sent == Some(id)) {
                form.sent = None;
                form.stopping = false;
                form.at = PasswordField::Current;
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

fn changed(model: &mut Model, after: Result<Box<Profile>, Failure>, effects: &mut Vec<Effect>) {
    match after {
        Ok(profile) => {
            account::set_profile(model, *profile);
            model.good(
                "The password is changed, and the credential in use here still works. A token that must \
                 go has to be revoked.",
            );
        }
        Err(why) if why.kind == FailureKind::SignedOut => {
            // A credential that is made of the password cannot outlive it.
            let holds_it = model
                .account
                .value()
                .and_then(|account| account.identity.credential.as_ref())
                .filter(|credential| credential.kind == CredentialKind::Basic)
                .map(|credential| format!(" {} still holds the old one:", credential.place));
            model.ended(
                Tone::Warning,
                format!(
                    "The password is changed, and the registry does not accept the credential any more:{} sign in again with the new password.",
                    holds_it.unwrap_or_default()
                ),
            );
            account::read(model, Asking::Never, effects);
        }
        Err(why) => model.ended(
            Tone::Warning,
            format!(
                "The password is changed. Whether the credential in use still works is not known: {why}"
            ),
        ),
    }
}
