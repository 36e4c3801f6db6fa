//! A registry that answers by script and notes down what it was asked.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use npm_warden::backend::{Access, Connector};
use npm_warden::domain::account::{Profile, ProfileField};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::identity::{CredentialKind, CredentialSource, Held, Identity};
use npm_warden::domain::machine::{CredentialId, Destination, Fix, FixPreview, Seal};
use npm_warden::domain::package::PackageFacts;
use npm_warden::domain::recovery::RecoveryCodes;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::{Forgotten, Session, Stored, WebPage};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::{Never, Token, TokenKey};
use npm_warden::npmrc::Survey;
use npm_warden::registry::{
    Call, Challenged, DoneUrl, Enrolling, Error, PageAt, Polled, Registry, Revoked, Sent,
    TokenPage, WebSession,
};
use tokio::sync::oneshot;

pub const HOST: &str = "registry.example.com";

/// The token that the configuration holds at first.
pub const CONFIGURED: &str = "npm_configured";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    Whoami,
    Profile,
    Save,
    Touch,
    Enrol,
    Confirm,
    Disable,
    Tokens,
    Revoke,
    WebLogin,
    Poll,
    PasswordLogin,
    SignUp,
    Logout,
    ChangePassword,
    CreateToken,
    Packages,
    Package,
}

/// One call as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub at: At,
    pub host: &'static str,
    /// The credential that it carried.
    pub token: Option<String>,
    pub otp: Option<String>,
    /// The token, the page, the code: what the call is about.
    pub what: String,
    /// How many calls were under way with it.
    pub together: usize,
    /// How many good answers to calls with this code, or without one, had arrived by then.
    pub proved: usize,
    /// A refusal of this code had arrived by then.
    pub refused_before: bool,
}

pub enum Reply {
    Name(&'static str),
    Profile(Profile),
    Url(String),
    Level(Level),
    Codes(Vec<&'static str>),
    Done,
    Page(TokenPage),
    Revoked(Revoked),
    Web(WebSession),
    Polled(Polled),
    /// The token of a sign-in.
    Token(&'static str),
    /// A token that was made, and its value.
    Made(Token, &'static str),
    Packages(Vec<PackageFacts>),
    Package(PackageFacts),
    Error(Error),
    /// After a while.
    Late(Duration, Box<Reply>),
    /// Waits for the gate.
    Held(oneshot::Receiver<Reply>),
}

/// Opens the way for a held reply.
pub struct Gate(oneshot::Sender<Reply>);

impl Gate {
    pub fn open(self, reply: Reply) {
        let _ = self.0.send(reply);
    }
}

pub fn held() -> (Gate, Reply) {
    let (open, wait) = oneshot::channel();
    (Gate(open), Reply::Held(wait))
}

type World = Box<dyn FnMut(&Seen) -> Reply + Send>;

#[derive(Default)]
struct State {
    queues: HashMap<At, VecDeque<Reply>>,
    world: Option<World>,
    seen: Vec<Seen>,
    proved: HashMap<Option<String>, usize>,
    refused: HashSet<String>,
    codes_arrived: Vec<Vec<&'static str>>,
    under_way: usize,
    clock_ahead: Option<i64>,
    /// What the configuration holds.
    file: File,
    connects: usize,
    broken: bool,
    survey: Option<Surveys>,
    looks: Option<Looks>,
    puts: Option<Puts>,
    fixed: Vec<Fix>,
    /// The values that were written, with the registry that each was written for.
    written: Vec<(Text, String)>,
}

/// What lies on the machine.
type Surveys = Arc<dyn Fn() -> Result<Survey, Failure> + Send + Sync>;

/// What stands in a file, wherever it lies.
type Looks = Arc<dyn Fn(&Path) -> Result<Survey, Failure> + Send + Sync>;

/// Puts a new value in the place of an old one.
type Puts = Arc<dyn Fn(&CredentialId, &str, &str) -> Result<(), Failure> + Send + Sync>;

/// The configuration, as far as it matters here.
struct File {
    host: &'static str,
    token: Option<String>,
    /// What was ever written into it.
    stored: Vec<String>,
    /// Another file with another token counts before the one that is written.
    shadowed: bool,
    /// It can be neither written nor changed.
    read_only: bool,
    /// Others may read it.
    readable: bool,
}

impl Default for File {
    fn default() -> Self {
        Self {
            host: HOST,
            token: Some(CONFIGURED.to_owned()),
            stored: Vec::new(),
            shadowed: false,
            read_only: false,
            readable: false,
        }
    }
}

/// The registry, and the test's hand on it.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<State>>);

impl Script {
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panics in its script is reported by that, not by a poisoned lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues answers for an endpoint.
    pub fn on(self, at: At, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.add(at, replies);
        self
    }

    pub fn add(&self, at: At, replies: impl IntoIterator<Item = Reply>) {
        let mut state = self.state();
        state.queues.entry(at).or_default().extend(replies);
    }

    /// Answers what has no queue.
    pub fn world(self, world: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        self.state().world = Some(Box::new(world));
        self
    }

    pub fn clock_ahead(self, seconds: i64) -> Self {
        self.state().clock_ahead = Some(seconds);
        self
    }

    pub fn without_credential(self) -> Self {
        self.state().file.token = None;
        self
    }

    /// The token that the configuration holds now.
    pub fn configured(&self) -> Option<String> {
        self.state().file.token.clone()
    }

    /// What was ever written into the configuration.
    pub fn stored(&self) -> Vec<String> {
        self.state().file.stored.clone()
    }

    /// From now on the configuration means another registry.
    pub fn moves_to(&self, host: &'static str) {
        self.state().file.host = host;
    }

    /// Another file counts before the one that is written.
    pub fn shadowed(self) -> Self {
        self.state().file.shadowed = true;
        self
    }

    /// The configuration can be read and not written.
    pub fn read_only(self) -> Self {
        self.state().file.read_only = true;
        self
    }

    /// Others may read the file that is written.
    pub fn readable(self) -> Self {
        self.state().file.readable = true;
        self
    }

    /// What npm would read on this machine.
    pub fn survey(
        self,
        survey: impl Fn() -> Result<Survey, Failure> + Send + Sync + 'static,
    ) -> Self {
        self.state().survey = Some(Arc::new(survey));
        self
    }

    /// What stands in a file that npm does not read from here.
    pub fn looks(
        self,
        looks: impl Fn(&Path) -> Result<Survey, Failure> + Send + Sync + 'static,
    ) -> Self {
        self.state().looks = Some(Arc::new(looks));
        self
    }

    /// What becomes of a new value that is put in the place of an old one.
    pub fn puts(
        self,
        puts: impl Fn(&CredentialId, &str, &str) -> Result<(), Failure> + Send + Sync + 'static,
    ) -> Self {
        self.state().puts = Some(Arc::new(puts));
        self
    }

    /// The configuration holds this token from now on.
    pub fn configures(&self, token: &str) {
        self.state().file.token = Some(token.to_owned());
    }

    /// The values that were written, with the registry that each was written for.
    pub fn written(&self) -> Vec<(Text, String)> {
        self.state().written.clone()
    }

    /// What was mended on the machine.
    pub fn fixed(&self) -> Vec<Fix> {
        self.state().fixed.clone()
    }

    /// A registry as the configuration says.
    pub fn wire(&self) -> Wire {
        self.connect(Access::Configured).unwrap()
    }

    /// From now on the configuration cannot be read, or can again.
    pub fn broken(&self, broken: bool) {
        self.state().broken = broken;
    }

    pub fn connects(&self) -> usize {
        self.state().connects
    }

    /// Whether recovery codes have reached the program.
    pub fn codes_arrived(&self) -> bool {
        !self.state().codes_arrived.is_empty()
    }

    /// Each set of recovery codes that has reached the program.
    pub fn arrived(&self) -> Vec<Vec<&'static str>> {
        self.state().codes_arrived.clone()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    pub fn seen_at(&self, at: At) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|seen| seen.at == at);
        seen
    }

    /// The codes that went with the calls of an endpoint, in order.
    pub fn otps(&self, at: At) -> Vec<Option<String>> {
        self.seen_at(at).into_iter().map(|seen| seen.otp).collect()
    }

    async fn reply(
        &self,
        at: At,
        (host, token): (&'static str, Option<String>),
        call: Call<'_>,
        what: String,
    ) -> Reply {
        let _under_way = UnderWay(self);
        let otp = call.otp.map(|otp| otp.expose().clone());
        let reply = {
            let mut state = self.state();
            state.under_way += 1;
            let seen = Seen {
                at,
                host,
                token,
                proved: state.proved.get(&otp).copied().unwrap_or_default(),
                refused_before: otp.as_ref().is_some_and(|otp| state.refused.contains(otp)),
                otp: otp.clone(),
                what,
                together: state.under_way,
            };
            let queued = state.queues.get_mut(&at).and_then(VecDeque::pop_front);
            let reply = match (queued, &mut state.world) {
                (Some(reply), _) => reply,
                (None, Some(world)) => world(&seen),
                (None, None) => panic!("no answer is scripted for {seen:?}"),
            };
            state.seen.push(seen);
            reply
        };
        // Every call takes its turn, as over a wire.
        tokio::task::yield_now().await;
        let reply = match reply {
            Reply::Held(wait) => wait.await.unwrap_or(Reply::Error(lost())),
            Reply::Late(wait, reply) => {
                tokio::time::sleep(wait).await;
                *reply
            }
            reply => reply,
        };
        let mut state = self.state();
        match &reply {
            Reply::Revoked(Revoked::Done) => *state.proved.entry(otp).or_default() += 1,
            Reply::Error(Error::Challenge(_)) => state.refused.extend(otp),
            Reply::Codes(codes) if !codes.is_empty() => state.codes_arrived.push(codes.clone()),
            _ => {}
        }
        reply
    }
}

struct UnderWay<'a>(&'a Script);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
    }
}

impl Connector for Script {
    type Registry = Wire;

    fn connect(&self, access: Access<'_>) -> Result<Wire, Failure> {
        let mut state = self.state();
        state.connects += 1;
        if state.broken {
            return Err(Failure::new(
                FailureKind::Local,
                "The configuration cannot be read.",
                "Mend it.",
            ));
        }
        let configured = || state.file.token.as_deref().map(Secret::from).map(Arc::new);
        let (token, held) = match access {
            Access::Session(session) if session.registry.as_str() == state.file.host => {
                (Some(Arc::clone(&session.token)), Held::Session)
            }
            Access::Nobody => (None, Held::File),
            Access::Configured | Access::Session(_) => (configured(), Held::File),
        };
        Ok(Wire {
            script: self.clone(),
            host: state.file.host,
            credential: Mutex::new((token, held)),
        })
    }

    fn store(&self, session: &Session) -> Result<Stored, Failure> {
        let mut state = self.state();
        if state.file.read_only {
            return Err(Failure::new(
                FailureKind::Local,
                "The file cannot be written.",
                "Mend it.",
            ));
        }
        state.file.stored.push(session.token.expose().clone());
        if !state.file.shadowed {
            state.file.token = Some(session.token.expose().clone());
        }
        Ok(Stored {
            file: "~/.npmrc".into(),
            caution: state.file.readable.then(|| "Others may read it.".into()),
        })
    }

    fn survey(&self) -> Result<Survey, Failure> {
        let survey = self.state().survey.clone();
        survey.map_or_else(|| Ok(Survey::default()), |survey| survey())
    }

    fn look_into(&self, file: &Path) -> Result<Survey, Failure> {
        let looks = self.state().looks.clone();
        looks.map_or_else(
            || Err(Failure::new(FailureKind::Local, "It is not there.", "")),
            |looks| looks(file),
        )
    }

    fn put(
        &self,
        id: &CredentialId,
        old: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<Stored, Failure> {
        let puts = self.state().puts.clone().expect("a script for it");
        puts(id, old.expose(), new.expose()).map(|()| Stored {
            file: "~/.npmrc".into(),
            caution: None,
        })
    }

    fn write(
        &self,
        registry: &Text,
        token: &Secret<String>,
        _into: &Destination,
    ) -> Result<Stored, Failure> {
        let value = token.expose().clone();
        self.state().written.push((registry.clone(), value));
        Ok(Stored {
            file: "~/.npmrc".into(),
            caution: None,
        })
    }

    fn by_local(&self, id: &CredentialId) -> Result<Wire, Failure> {
        let values = Connector::survey(self)?.values;
        let value = values.into_iter().find(|(other, _)| other == id);
        let (_, auth) =
            value.ok_or_else(|| Failure::new(FailureKind::Local, "It is not there.", ""))?;
        Ok(Wire {
            script: self.clone(),
            host: self.state().file.host,
            credential: Mutex::new((Some(Arc::clone(auth.secret())), Held::File)),
        })
    }

    fn preview(&self, fix: &Fix) -> Result<FixPreview, Failure> {
        Ok(FixPreview {
            fix: fix.clone(),
            file: "~/.npmrc".into(),
            before: Text::default(),
            after: Text::default(),
            warnings: Vec::new(),
            seal: Seal([0; 32]),
        })
    }

    fn apply(&self, preview: &FixPreview) -> Result<(), Failure> {
        let mut state = self.state();
        if state.file.read_only {
            return Err(Failure::new(
                FailureKind::Local,
                "The file cannot be written.",
                "Mend it.",
            ));
        }
        state.fixed.push(preview.fix.clone());
        Ok(())
    }

    fn forget(&self, _registry: &Text, token: &Secret<String>) -> Result<Forgotten, Failure> {
        let mut state = self.state();
        if state.file.read_only {
            return Ok(Forgotten::Remains(
                "~/.npmrc, line 1".into(),
                Failure::new(
                    FailureKind::Local,
                    "The file cannot be written.",
                    "Mend it.",
                ),
            ));
        }
        let held = &mut state.file.token;
        if held.as_ref() != Some(token.expose()) {
            return Err(Failure::new(
                FailureKind::Local,
                "The token is not there.",
                "",
            ));
        }
        *held = None;
        Ok(Forgotten::File("~/.npmrc".into()))
    }
}

/// One connection to the registry, with the credential that it carries.
pub struct Wire {
    script: Script,
    host: &'static str,
    credential: Mutex<(Option<Arc<Secret<String>>>, Held)>,
}

impl Wire {
    fn credential(&self) -> MutexGuard<'_, (Option<Arc<Secret<String>>>, Held)> {
        self.credential
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn reply(&self, at: At, call: Call<'_>, what: String) -> Reply {
        let token = self.token().map(|token| token.expose().clone());
        self.script.reply(at, (self.host, token), call, what).await
    }
}

macro_rules! expect {
    ($reply:expr, $($pattern:pat => $value:expr),+) => {
        match $reply {
            $($pattern => Ok($value),)+
            Reply::Error(error) => Err(error),
            _ => panic!("an answer of another endpoint is scripted"),
        }
    };
}

impl Registry for Wire {
    fn identity(&self) -> Identity {
        let (token, held) = &*self.credential();
        Identity {
            registry: self.host.into(),
            credential: token.as_ref().map(|_| CredentialSource {
                place: match held {
                    Held::Session => "this session".into(),
                    _ => "~/.npmrc, line 1".into(),
                },
                kind: CredentialKind::Token,
                held: *held,
            }),
            searched: Vec::new(),
            problems: Vec::new(),
            sign_in: None,
            user_file: Some("~/.npmrc".into()),
        }
    }

    fn token(&self) -> Option<Arc<Secret<String>>> {
        self.credential().0.clone()
    }

    fn adopt(&self, session: &Session) {
        *self.credential() = (Some(Arc::clone(&session.token)), Held::Session);
    }

    fn clock_ahead(&self) -> Option<i64> {
        self.script.state().clock_ahead
    }

    async fn whoami(&self, call: Call<'_>) -> Result<Text, Error> {
        expect!(self.reply(At::Whoami, call, String::new()).await, Reply::Name(name) => name.into())
    }

    async fn profile(&self, call: Call<'_>) -> Result<Profile, Error> {
        expect!(self.reply(At::Profile, call, String::new()).await, Reply::Profile(profile) => profile)
    }

    async fn save_field(
        &self,
        call: Call<'_>,
        field: ProfileField,
        _before: Option<&Text>,
        after: &str,
    ) -> Result<Profile, Error> {
        let what = format!("{}={after}", field.key());
        expect!(self.reply(At::Save, call, what).await, Reply::Profile(profile) => profile)
    }

    async fn touch(&self, call: Call<'_>) -> Result<(), Error> {
        expect!(self.reply(At::Touch, call, String::new()).await, Reply::Done => ())
    }

    async fn enrol(
        &self,
        call: Call<'_>,
        level: Level,
        password: &Secret<String>,
    ) -> Result<Enrolling, Error> {
        let what = format!("{} {}", level.word(), password.expose());
        expect!(self.reply(At::Enrol, call, what).await,
            Reply::Url(url) => Enrolling::Begun(url.into()),
            Reply::Level(level) => Enrolling::LevelChanged(level))
    }

    async fn confirm(&self, call: Call<'_>, code: &Secret<String>) -> Result<RecoveryCodes, Error> {
        let what = code.expose().clone();
        expect!(self.reply(At::Confirm, call, what).await,
            Reply::Codes(codes) => RecoveryCodes::new(codes.into_iter().map(Secret::from).collect()))
    }

    async fn disable(&self, call: Call<'_>, password: &Secret<String>) -> Result<(), Error> {
        let what = password.expose().clone();
        expect!(self.reply(At::Disable, call, what).await, Reply::Done => ())
    }

    async fn tokens(&self, call: Call<'_>, page: &PageAt) -> Result<TokenPage, Error> {
        let what = match page {
            PageAt::First => "first".to_owned(),
            PageAt::Number(n) => n.to_string(),
            PageAt::Link(link) => link.clone(),
        };
        expect!(self.reply(At::Tokens, call, what).await, Reply::Page(page) => page)
    }

    async fn revoke(&self, call: Call<'_>, key: &TokenKey) -> Result<Revoked, Error> {
        let what = key.raw().into_owned();
        expect!(self.reply(At::Revoke, call, what).await, Reply::Revoked(revoked) => revoked)
    }

    async fn web_login(&self, call: Call<'_>) -> Result<WebSession, Error> {
        expect!(self.reply(At::WebLogin, call, String::new()).await, Reply::Web(session) => session)
    }

    async fn poll(&self, call: Call<'_>, done: &DoneUrl) -> Result<Polled, Error> {
        let what = done.url().path().to_owned();
        expect!(self.reply(At::Poll, call, what).await, Reply::Polled(polled) => polled)
    }

    async fn password_login(
        &self,
        call: Call<'_>,
        name: &str,
        password: &Secret<String>,
    ) -> Result<Secret<String>, Error> {
        let what = format!("{name} {}", password.expose());
        expect!(self.reply(At::PasswordLogin, call, what).await, Reply::Token(token) => token.into())
    }

    async fn sign_up(
        &self,
        call: Call<'_>,
        name: &str,
        password: &Secret<String>,
        email: &str,
    ) -> Result<Secret<String>, Error> {
        let what = format!("{name} {} {email}", password.expose());
        expect!(self.reply(At::SignUp, call, what).await, Reply::Token(token) => token.into())
    }

    async fn logout(&self, call: Call<'_>) -> Result<(), Error> {
        expect!(self.reply(At::Logout, call, String::new()).await, Reply::Done => ())
    }

    async fn change_password(
        &self,
        call: Call<'_>,
        current: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<(), Error> {
        let what = format!("{} {}", current.expose(), new.expose());
        expect!(self.reply(At::ChangePassword, call, what).await, Reply::Done => ())
    }

    async fn create_token(
        &self,
        call: Call<'_>,
        new: &NewToken,
    ) -> Result<(Token, Secret<String>), Error> {
        let what = format!(
            "{} {:?} {}",
            new.spec.readonly(),
            new.spec.cidr(),
            new.password.expose()
        );
        expect!(self.reply(At::CreateToken, call, what).await,
            Reply::Made(token, value) => (token, value.into()))
    }

    async fn packages(&self, call: Call<'_>, account: &Text) -> Result<Vec<PackageFacts>, Error> {
        let what = account.as_str().to_owned();
        expect!(self.reply(At::Packages, call, what).await, Reply::Packages(packages) => packages)
    }

    async fn package(&self, call: Call<'_>, package: &PackageFacts) -> Result<PackageFacts, Error> {
        let what = package.name.as_str().to_owned();
        expect!(self.reply(At::Package, call, what).await, Reply::Package(package) => package)
    }
}

// What registries say.

pub fn profile(tfa: Tfa) -> Profile {
    Profile {
        name: "alice".into(),
        email_verified: Some(true),
        tfa,
        fields: vec![(ProfileField::Fullname, Some("Al".into()))],
        created: None,
        updated: None,
        other: Vec::new(),
    }
}

pub fn off() -> Reply {
    Reply::Profile(profile(Tfa::Off))
}

pub fn pending() -> Reply {
    Reply::Profile(profile(Tfa::Pending(None)))
}

pub fn is_on(level: Level) -> Reply {
    Reply::Profile(profile(Tfa::On(level)))
}

/// Wants a code; the answer to a call without one.
pub fn wants_code() -> Reply {
    Reply::Error(Error::Challenge(Challenged {
        words: "You must provide a one-time pass. Upgrade your client to npm@latest in order to use 2FA.".into(),
        refused: false,
        by_email: false,
        web: None,
    }))
}

/// A page on the web; `name` tells one from another.
pub fn page_of(name: &str) -> WebSession {
    WebSession {
        page: WebPage {
            address: format!("https://{HOST}/login/{name}").as_str().into(),
            host: HOST.into(),
            foreign: false,
        },
        done: DoneUrl::new(format!("https://{HOST}/done/{name}").parse().unwrap()),
    }
}

/// Wants a code, or a visit to a page on the web.
pub fn wants_code_or_page(name: &str) -> Reply {
    Reply::Error(Error::Challenge(Challenged {
        web: Some(page_of(name)),
        ..Challenged::default()
    }))
}

/// Refuses the code that went with the call, and offers a page once more.
pub fn refuses_code_and_offers(name: &str) -> Reply {
    Reply::Error(Error::Challenge(Challenged {
        words: "invalid OTP".into(),
        refused: true,
        by_email: false,
        web: Some(page_of(name)),
    }))
}

/// The person has not finished on the page.
pub fn not_yet(seconds: Option<u64>) -> Reply {
    Reply::Polled(Polled::Pending(seconds.map(Duration::from_secs)))
}

/// The person has.
pub fn approved(code: &str) -> Reply {
    Reply::Polled(Polled::Done(code.into()))
}

/// Refuses the code that went with the call.
pub fn refuses_code(words: &str) -> Reply {
    Reply::Error(Error::Challenge(Challenged {
        words: words.into(),
        refused: true,
        by_email: false,
        web: None,
    }))
}

pub fn refuses(status: u16, words: &str) -> Reply {
    Reply::Error(Error::Refused {
        status,
        words: words.into(),
    })
}

/// A plain 401.
pub fn unauthorised(words: &str) -> Reply {
    Reply::Error(Error::SignedOut {
        anonymous: false,
        words: words.into(),
    })
}

pub fn wait(seconds: u64) -> Reply {
    Reply::Error(Error::Wait {
        for_: Some(Duration::from_secs(seconds)),
        words: "Too many wrong codes in a row.".into(),
    })
}

/// The connection broke after the request was sent.
pub fn lost() -> Error {
    Error::Network {
        sent: Sent::Maybe,
        why: "the connection broke".into(),
    }
}

pub fn unreachable() -> Error {
    Error::Network {
        sent: Sent::No,
        why: "connection refused".into(),
    }
}

pub fn token(key: impl Into<String>) -> Token {
    Token {
        key: TokenKey::new(key),
        begins: "npm_ab".into(),
        name: None,
        description: None,
        readonly: false,
        bypass_2fa: false,
        cidr: Vec::new().into(),
        created: None,
        accessed: None,
        expires: None,
        revoked: None,
        permissions: Vec::new().into(),
        scopes: Vec::new().into(),
        found: [].into(),
        note: None,
        updated: None,
        never: Never::default(),
    }
}

pub fn page<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> TokenPage {
    TokenPage {
        rows: keys.into_iter().map(token).collect(),
        total: None,
        next: None,
        last: None,
    }
}

pub fn list<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Reply {
    Reply::Page(page(keys))
}
