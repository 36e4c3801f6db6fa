//! Signing in: the form, what its request asks and brings, and the requests that wait for it.

use std::time::Duration;

use super::field::Field;
use super::keymap::{Action, Move, Reason};
use super::model::{Account, Load, Model, RevokeStage, Tone, WebPiece};
use super::notice::tokens as counted_tokens;
use super::request::Purpose;
use super::scroll::moved;
use super::{Effect, ability, account, emergency, exposure, request, tokens};
use crate::backend::protocol::{Answer, Asking, Request, RequestId, SignInAsked, Web};
use crate::domain::ability::Ability;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::{self, Standing};
use crate::domain::signin::{Keep, Kept, SignIn};
use crate::domain::text::Text;

/// A key that was meant for what lay beneath is not taken.
const KEYS_COUNT_AFTER: Duration = Duration::from_millis(300);

/// How a person signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On the registry's website.
    Web,
    /// By user name and password.
    Password,
    /// With a new account.
    NewAccount,
}

impl Way {
    /// In the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Web, Self::Password, Self::NewAccount];

    const fn ability(self) -> Ability {
        match self {
            Self::Web => Ability::WebSignIn,
            Self::Password => Ability::PasswordSignIn,
            Self::NewAccount => Ability::SignUp,
        }
    }
}

/// The parts of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInPart {
    /// How.
    Way,
    /// The user name.
    Name,
    /// The address for mails.
    Email,
    /// The password.
    Password,
    /// A new account's password once more: a slip would lock it.
    Again,
    /// Where the credential is kept.
    Keep,
}

/// The form.
#[derive(Debug)]
pub struct SignInForm {
    /// The registry that it was opened for: what is typed into it goes to no other.
    pub host: Option<Text>,
    /// The part that has the focus.
    pub at: SignInPart,
    /// How.
    pub way: Way,
    /// Where the credential is kept.
    pub keep: Keep,
    /// The user name.
    pub name: Field,
    /// The address that the registry writes to.
    pub email: Field,
    /// The password.
    pub password: Field,
    /// A new account's password once more.
    pub again: Field,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// What it is doing while it asks nothing.
    pub doing: Option<&'static str>,
    /// The page that the person is to open.
    pub web: Option<WebPiece>,
    /// It was given up while it was out: the next Esc closes the form, whatever becomes of it.
    pub stopping: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
    /// Nothing goes out before this time: the registry asked to wait.
    pub wait_until: Option<Duration>,
    /// The first line shown, when not all fit.
    pub scroll: usize,
    /// It was opened by requests that wait for it.
    pub by_question: bool,
    /// When it was opened: what may have been meant for something else counts only 300 ms later.
    pub opened: Duration,
}

/// A request that goes on when somebody has signed in again.
#[derive(Debug)]
pub struct Parked {
    /// Which.
    pub id: RequestId,
    /// What it says.
    pub asked: SignInAsked,
}

impl Model {
    /// The registry that a sign-in goes to, as a person reads it.
    pub fn sign_in_host(&self) -> Option<&Text> {
        let form = self.signin.as_ref().and_then(|form| form.host.as_ref());
        let parked = || self.parked.first().map(|parked| &parked.asked.host);
        let account = || self.account.value().map(|a| &a.identity.registry);
        form.or_else(parked)
            .or_else(account)
            .or(self.registry.as_ref())
    }

    /// The file in which a sign-in can be kept for npm.
    pub fn sign_in_file(&self) -> Option<&Text> {
        self.account.value()?.identity.user_file.as_ref()
    }

    /// The account that the requests which wait were begun for.
    fn begun_for(&self) -> Option<&Text> {
        self.parked.iter().find_map(|p| p.asked.name.as_ref())
    }

    /// Why a way of signing in is not open here, as a sentence.
    pub fn no_way(&self, way: Way) -> Option<String> {
        let website = self.sign_in_host().and_then(identity::website);
        if let (Way::NewAccount, Some(name)) = (way, self.begun_for()) {
            return Some(format!("What waits goes on for {name} alone."));
        }
        match (way, website, self.lacks.get(&way.ability())) {
            (Way::NewAccount, Some(website), _) => Some(format!(
                "First make the account on the website, then sign in here: {website}/signup"
            )),
            (_, _, Some(said)) => Some(said.to_string()),
            _ => None,
        }
    }
}

impl SignInForm {
    /// The parts that the form has now, in order.
    pub fn parts(&self, model: &Model) -> Vec<SignInPart> {
        use SignInPart as P;
        if model.no_way(self.way).is_some() {
            return vec![P::Way];
        }
        let mut parts = match self.way {
            Way::Web => vec![P::Way],
            Way::Password => vec![P::Way, P::Name, P::Password],
            Way::NewAccount => vec![P::Way, P::Name, P::Email, P::Password, P::Again],
        };
        if model.sign_in_file().is_some() && !model.emergency.under_way() {
            parts.push(P::Keep);
        }
        parts
    }

    fn field(&self, part: SignInPart) -> Option<&Field> {
        match part {
            SignInPart::Name => Some(&self.name),
            SignInPart::Email => Some(&self.email),
            SignInPart::Password => Some(&self.password),
            SignInPart::Again => Some(&self.again),
            SignInPart::Way | SignInPart::Keep => None,
        }
    }

    /// The field that has the focus.
    pub(super) fn focus(&mut self) -> Option<&mut Field> {
        match self.at {
            SignInPart::Name => Some(&mut self.name),
            SignInPart::Email => Some(&mut self.email),
            SignInPart::Password => Some(&mut self.password),
            SignInPart::Again => Some(&mut self.again),
            SignInPart::Way | SignInPart::Keep => None,
        }
    }
}

/// Why nobody can sign in from here now.
pub(super) fn enabled(model: &Model) -> Result<(), Reason> {
    if model.running(Purpose::SignIn).is_some() {
        return Err("An earlier sign-in has not ended yet.".into());
    }
    no_change(model)?;
    match &model.account {
        Load::Empty | Load::Loading { old: None, .. } => {
            return Err("One moment: the registry is being asked who you are.".into());
        }
        Load::Failed { why, old: None } => return Err(why.to_string().into()),
        _ => {}
    }
    let unsafe_address = model
        .account
        .value()
        .is_some_and(|account| model.demo.is_none() && account.identity.sign_in.is_none());
    if unsafe_address {
        return Err(
            "The registry's address is not encrypted, so nothing is sent to it. Put its https address into the npm configuration."
                .into(),
        );
    }
    Ok(())
}

/// Why what the form says cannot be sent.
pub(super) fn ready(model: &Model) -> Result<(), Reason> {
    let until = model.signin.as_ref().and_then(|form| form.wait_until);
    if until.is_some_and(|until| until > model.now.mono) {
        // Without a number: the seconds count down in the form, and this line would not.
        return Err("The registry asked to wait; nothing is sent before that is over.".into());
    }
    let way = model.signin.as_ref().map(|form| form.way);
    match way.and_then(|way| model.no_way(way)) {
        Some(why) => Err(why.into()),
        None => Ok(()),
    }
}

/// Whoever signs in or out takes the credential from under a change that is under way.
pub(super) fn no_change(model: &Model) -> Result<(), Reason> {
    let changes = model.requests.iter().any(|(id, request)| {
        let reads = matches!(
            request.purpose,
            Purpose::Account
                | Purpose::Tokens
                | Purpose::Unfinished
                | Purpose::Sets
                | Purpose::ProvePlace
                | Purpose::SuggestPlace
                | Purpose::OpenSet
                | Purpose::ProveSet
                | Purpose::ExportSet
                | Purpose::RemoveSet
                | Purpose::AddSet
                | Purpose::SignIn
        );
        let waits = model.parked.iter().any(|parked| parked.id == *id)
            || (model.emergency.job == Some(*id) && model.emergency.waits.is_some());
        !reads && !waits
    });
    if changes {
        return Err("A change is under way; it has to end first.".into());
    }
    Ok(())
}

/// Opens the form.
pub(super) fn open(model: &mut Model) {
    show(model, false);
}

fn show(model: &mut Model, by_question: bool) {
    exposure::hide_all(model);
    let way = Way::ALL
        .into_iter()
        .find(|way| model.no_way(*way).is_none());
    model.signin = Some(SignInForm {
        host: model.sign_in_host().cloned(),
        at: SignInPart::Way,
        way: way.unwrap_or(Way::Web),
        keep: Keep::Session,
        name: Field::plain(),
        email: Field::plain(),
        password: Field::masked(),
        again: Field::masked(),
        sent: None,
        doing: None,
        web: None,
        stopping: false,
        error: None,
        wait_until: None,
        scroll: 0,
        by_question,
        opened: model.now.mono,
    });
}

/// A request cannot go on before somebody signs in again: it waits, and the form is there.
pub(super) fn parks(
    model: &mut Model,
    id: RequestId,
    asked: SignInAsked,
    effects: &mut Vec<Effect>,
) {
    let Some(request) = model.requests.get(&id) else {
        return;
    };
    if request.cancelled || request.asking == Asking::Never {
        request::cancel(model, id, effects);
        return;
    }
    match model.parked.iter_mut().find(|parked| parked.id == id) {
        Some(parked) => parked.asked = asked,
        None => model.parked.push(Parked { id, asked }),
    }
    if model.signin.is_none() {
        show(model, true);
        // The name that it was begun for is the one that is wanted.
        let name = model.parked.first().and_then(|p| p.asked.name.clone());
        if let (Some(form), Some(name)) = (&mut model.signin, name) {
            form.name = Field::with(name.as_str());
        }
    }
}

/// This request waits no longer.
pub(super) fn unpark(model: &mut Model, id: RequestId) {
    let before = model.parked.len();
    model.parked.retain(|parked| parked.id != id);
    let over = before > 0 && model.parked.is_empty();
    let idle =
        |form: &SignInForm| form.by_question && form.sent.is_none() && form.password.is_empty();
    if over && model.signin.as_ref().is_some_and(idle) {
        model.signin = None;
    }
}

/// Tab and its like: the next part, or the one before.
pub(super) fn step(model: &mut Model, forth: bool) {
    let Some(form) = &model.signin else {
        return;
    };
    let parts = form.parts(model);
    let place = parts.iter().position(|part| *part == form.at).unwrap_or(0);
    let by = if forth { 1 } else { parts.len() - 1 };
    go_to(model, parts[(place + by) % parts.len()]);
}

fn go_to(model: &mut Model, part: SignInPart) {
    if let Some(form) = &mut model.signin {
        form.password.hide();
        form.again.hide();
        form.at = part;
        form.scroll = 0;
    }
}

/// Moves: through the choices, through the parts where a field has the focus, by pages through the text.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = (model.list_rows() / 2).max(1);
    let end = model.text_end(LINES);
    let waits = |form: &SignInForm| form.sent.is_some();
    let Some(form) = &mut model.signin else {
        return;
    };
    let whole = matches!(step, Move::PageUp | Move::PageDown);
    if whole || waits(form) {
        form.scroll = moved(form.scroll, step, page, end);
        return;
    }
    match form.at {
        SignInPart::Way => {
            let ways = Way::ALL;
            let place = ways.iter().position(|way| *way == form.way).unwrap_or(0);
            choose(model, ways[moved(place, step, 1, ways.len() - 1)]);
        }
        SignInPart::Keep => {
            let up = matches!(step, Move::Up | Move::Top);
            form.keep = if up { Keep::Session } else { Keep::File };
            form.scroll = 0;
        }
        SignInPart::Name | SignInPart::Email | SignInPart::Password | SignInPart::Again => {
            self::step(model, matches!(step, Move::Down));
        }
    }
}

/// About how many lines the form has: what waits for it, the ways, the fields.
const LINES: usize = 24;

fn choose(model: &mut Model, way: Way) {
    if let Some(form) = &mut model.signin {
        form.scroll = 0;
        if form.way != way {
            form.way = way;
            // What was typed for one way is not kept about for another.
            form.password.clear();
            form.again.clear();
            form.error = None;
        }
    }
}

/// The other choice of the part that has the focus.
pub(super) fn switch(model: &mut Model) {
    let Some(form) = &mut model.signin else {
        return;
    };
    match form.at {
        SignInPart::Way => {
            let place = Way::ALL.iter().position(|way| *way == form.way);
            let next = Way::ALL[(place.unwrap_or(0) + 1) % Way::ALL.len()];
            choose(model, next);
        }
        SignInPart::Keep => {
            form.keep = match form.keep {
                Keep::Session => Keep::File,
                Keep::File => Keep::Session,
            };
        }
        SignInPart::Name | SignInPart::Email | SignInPart::Password | SignInPart::Again => {}
    }
}

/// Something was typed.
pub(super) fn typed(model: &mut Model) {
    if let Some(form) = &mut model.signin {
        form.scroll = 0;
    }
}

/// Enter: on to what is still empty; when nothing is, it goes out.
pub(super) fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(form) = &model.signin else {
        return;
    };
    if form.sent.is_some() || (form.by_question && form.opened + KEYS_COUNT_AFTER > now) {
        return;
    }
    let at = form.at;
    let empty = |part: SignInPart| {
        form.field(part)
            .is_some_and(|field| field.value().expose().trim().is_empty())
    };
    let missing = form.parts(model).into_iter().find(|part| empty(*part));
    if let Some(part) = missing {
        if part == at {
            model.plain(match part {
                SignInPart::Name => "Type the user name first.",
                SignInPart::Email => "Type the e-mail address first.",
                SignInPart::Again => "Type the password once more.",
                _ => "Type the password first.",
            });
        }
        go_to(model, part);
        return;
    }
    if form.way == Way::NewAccount && !form.email.value().expose().contains('@') {
        go_to(model, SignInPart::Email);
        model.plain("That is no e-mail address.");
        return;
    }
    let differs = |form: &SignInForm| form.password.value().expose() != form.again.value().expose();
    if form.way == Way::NewAccount && differs(form) {
        if let Some(form) = &mut model.signin {
            form.again.clear();
        }
        go_to(model, SignInPart::Again);
        model.warn("That is another password than the one above: type it once more.");
        return;
    }
    send(model, effects);
}

/// The password goes out with the request; the model keeps none.
fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    // In an emergency nothing is written to a disk.
    let file = model.sign_in_file().is_some() && !model.emergency.under_way();
    let at = model.sign_in_host().cloned();
    let wanted = model.begun_for().cloned();
    let Some(form) = &mut model.signin else {
        return;
    };
    let name = form.name.value().expose().trim().to_owned();
    form.again.clear();
    let how = match form.way {
        Way::Web => SignIn::Web,
        Way::Password => SignIn::Password {
            name,
            password: form.password.take(),
        },
        Way::NewAccount => SignIn::SignUp {
            name,
            password: form.password.take(),
            email: form.email.value().expose().trim().to_owned(),
        },
    };
    let keep = if file { form.keep } else { Keep::Session };
    form.error = None;
    form.stopping = false;
    form.doing = None;
    form.scroll = 0;
    let request = Request::SignIn {
        how,
        keep,
        at,
        wanted,
    };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(form) = &mut model.signin {
        form.sent = Some(id);
    }
}

/// The form of this request.
fn of(model: &mut Model, id: RequestId) -> Option<&mut SignInForm> {
    model.signin.as_mut().filter(|form| form.sent == Some(id))
}

/// The page is there.
pub(super) fn page(model: &mut Model, id: RequestId, web: &Web, effects: &mut Vec<Effect>) {
    let (now, qr) = (model.now.mono, model.qr);
    let known = model.requests.get(&id);
    let wanted = known.is_some_and(|request| !request.cancelled);
    match of(model, id) {
        Some(form) if wanted => {
            form.web = Some(WebPiece::new(web, now, qr, form.web.take()));
            form.scroll = 0;
        }
        _ => request::cancel(model, id, effects),
    }
}

/// The page is not waited for any more.
pub(super) fn cleared(model: &mut Model, id: RequestId) {
    if let Some(form) = of(model, id) {
        form.web = None;
    }
}

/// What the request is doing.
pub(super) fn doing(model: &mut Model, id: RequestId, doing: &'static str) {
    if let Some(form) = of(model, id) {
        form.doing = Some(doing);
    }
}

/// Esc: what is under way is given up first. Then the form goes, and with it what waits for a sign-in.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(form) = &mut model.signin else {
        return;
    };
    match form.sent {
        Some(id) if !form.stopping => {
            form.stopping = true;
            form.web = None;
            form.scroll = 0;
            request::cancel(model, id, effects);
        }
        None if form.by_question && form.opened + KEYS_COUNT_AFTER > now => {}
        _ => {
            model.signin = None;
            give_up(model, effects);
        }
    }
}

/// Gives up every request that waits for a sign-in.
fn give_up(model: &mut Model, effects: &mut Vec<Effect>) {
    let mut parked = std::mem::take(&mut model.parked);
    let emergency = parked
        .iter()
        .position(|parked| model.emergency.job == Some(parked.id));
    if let Some(index) = emergency {
        // What comes of an emergency is never decided by closing a form.
        emergency::sign_in_closed(model, parked.remove(index).asked);
    }
    if parked.is_empty() {
        return;
    }
    let actions: Vec<String> = parked.iter().map(|p| model.goes_on(p)).collect();
    let actions = actions.join("; ");
    for parked in &parked {
        request::cancel(model, parked.id, effects);
    }
    model.ended(
        Tone::Warning,
        format!("Nobody signed in, so this goes no further: {actions}."),
    );
    account::lost(model, effects);
}

impl Model {
    /// What goes on after a sign-in, as in "revoke 3 tokens". The job names the call that met the dead credential, which
    /// may be a read on the way; where the request changes something, the change is what a person agrees to.
    pub fn goes_on(&self, parked: &Parked) -> String {
        let action = parked.asked.action.as_str();
        let action = action.strip_prefix("to ").unwrap_or(action);
        let purpose = self.requests.get(&parked.id).map(|known| known.purpose);
        let change = match purpose {
            Some(Purpose::SaveField) => {
                let edit = self.profile.edit.as_ref();
                edit.filter(|edit| edit.saving == Some(parked.id))
                    .map_or("save a field of the profile".to_owned(), |edit| {
                        format!("save {}", edit.field.key())
                    })
            }
            Some(Purpose::Revoke) => {
                let revoke = self.tokens.revoke.as_ref();
                revoke
                    .filter(|r| matches!(r.stage, RevokeStage::Running(id) if id == parked.id))
                    .map_or("revoke tokens".to_owned(), |r| {
                        format!("revoke {}", counted_tokens(r.rows.len()))
                    })
            }
            Some(Purpose::CreateToken) => "create a token".to_owned(),
            Some(Purpose::ChangePassword) => "change the password".to_owned(),
            Some(Purpose::Enable) => "enable two-factor authentication".to_owned(),
            Some(Purpose::ChangeLevel) => {
                "change the level of two-factor authentication".to_owned()
            }
            Some(Purpose::Disable) => "disable two-factor authentication".to_owned(),
            Some(Purpose::SignOut) => "sign out".to_owned(),
            Some(Purpose::Rotate) => "rotate a token".to_owned(),
            Some(Purpose::Emergency) => "go on with the emergency".to_owned(),
            Some(
                Purpose::Account
                | Purpose::Tokens
                | Purpose::ProvePlace
                | Purpose::SuggestPlace
                | Purpose::Sets
                | Purpose::OpenSet
                | Purpose::ProveSet
                | Purpose::ExportSet
                | Purpose::RemoveSet
                | Purpose::AddSet
                | Purpose::CheckCode
                | Purpose::SignIn
                | Purpose::Note
                | Purpose::WriteToken
                | Purpose::Unfinished
                | Purpose::Machine
                | Purpose::Probe
                | Purpose::PreviewFix
                | Purpose::ApplyFix
                | Purpose::Report,
            )
            | None => return action.to_owned(),
        };
        // The job knows more of its own change: how many, or which.
        let verb = change.split(' ').next().unwrap_or_default();
        if action.starts_with(verb) {
            action.to_owned()
        } else {
            change
        }
    }
}

/// The request has ended.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<(Account, Kept), Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok((account, kept)) => signed_in(model, id, account, &kept, effects),
        Err(why) => failed(model, id, why),
    }
}

fn signed_in(
    model: &mut Model,
    id: RequestId,
    account: Account,
    kept: &Kept,
    effects: &mut Vec<Effect>,
) {
    let known = model.account.value().map(|old| &old.identity.problems);
    let fresh: Vec<String> = account
        .identity
        .problems
        .iter()
        .filter(|problem| known.is_none_or(|known| !known.contains(problem)))
        .map(ToString::to_string)
        .collect();
    let (mut tone, mut text) = words(&account.standing, kept);
    for problem in fresh {
        tone = Tone::Warning;
        text = format!("{text} {problem}");
    }
    // A form that was opened since is about the next sign-in.
    if of(model, id).is_some()
        || model
            .signin
            .as_ref()
            .is_some_and(|form| form.sent.is_none())
    {
        model.signin = None;
    }
    account::replaced(model, account, effects);
    for parked in std::mem::take(&mut model.parked) {
        effects.push(Effect::Answer {
            id: parked.id,
            answer: Answer::SignedIn,
        });
    }
    emergency::signed_in(model, effects);
    let revoking = model.running(Purpose::Revoke).is_some();
    if model.profile().is_some() && !revoking {
        tokens::read(model, Asking::Never, effects);
    }
    if tone == Tone::Good {
        model.good(text);
    } else {
        model.ended(tone, text);
    }
}

/// Who signed in, and where the credential is now.
pub fn words(standing: &Standing, kept: &Kept) -> (Tone, String) {
    let who = match standing {
        Standing::SignedIn(profile) => format!("Signed in as {}", profile.name),
        Standing::SignedOut | Standing::Rejected(_) => "Signed in".to_owned(),
    };
    match kept {
        Kept::Session => (
            Tone::Good,
            format!("{who}; this session ends with npm-warden."),
        ),
        Kept::File(file) => (Tone::Good, format!("{who}, and npm can use it: {file}.")),
        Kept::NotWritten(why) => (
            Tone::Warning,
            format!("{who}, for this session only: it was not kept for npm. {why}"),
        ),
    }
}

fn failed(model: &mut Model, id: RequestId, why: Failure) {
    let now = model.now.mono;
    let Some(form) = of(model, id) else {
        // One that carries on with what became of a credential says so.
        if why.kind != FailureKind::Cancelled || !why.next.is_empty() {
            model.bad(&why);
        }
        return;
    };
    let way = form.way;
    form.wait_until = why.wait.map(|wait| now.saturating_add(wait));
    form.sent = None;
    form.stopping = false;
    form.doing = None;
    form.web = None;
    form.scroll = 0;
    if way != Way::Web && why.kind != FailureKind::Network {
        form.at = SignInPart::Password;
    }
    match why.kind {
        // Here as well: one that says no more is the leaving alone.
        FailureKind::Cancelled if why.next.is_empty() => {
            model.plain("Signing in was given up.");
        }
        FailureKind::NotOffered => {
            form.at = SignInPart::Way;
            ability::lacking(model, way.ability(), &why);
            let open = Way::ALL
                .into_iter()
                .find(|way| model.no_way(*way).is_none());
            if let (Way::Web, Some(open), Some(form)) = (way, open, &mut model.signin) {
                form.way = open;
                form.at = SignInPart::Name;
                let text = format!("{} Sign in with user name and password.", why.what);
                model.ended(Tone::Plain, text);
            } else if let Some(form) = &mut model.signin {
                form.error = Some(why);
            }
        }
        _ => form.error = Some(why),
    }
}

/// The keys of the form.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::SignInNext => step(model, true),
        Action::SignInBack => step(model, false),
        Action::SignInEnter => enter(model, effects),
        Action::StopSignIn => stop(model, effects),
        _ => open(model),
    }
}
