//! The registry's wire: the one room that knows its JSON.
//!
//! [`Registry`] is what the jobs speak to; [`http`] is the real one, a test scripts its own.

pub mod error;
pub mod http;
mod known;
pub mod redact;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::account::{Profile, ProfileField};
use crate::domain::granular::NewToken;
use crate::domain::identity::Identity;
use crate::domain::package::PackageFacts;
use crate::domain::recovery::RecoveryCodes;
use crate::domain::secret::Secret;
use crate::domain::signin::Session;
use crate::domain::text::Text;
use crate::domain::tfa::Level;
use crate::domain::token::{Token, TokenKey};

pub use error::{Challenged, DoneUrl, Error, Retrying, Sent, WebSession};

/// What accompanies one call: the code for it, if one is at hand, and who is told of retries.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Goes out as `npm-otp`.
    pub otp: Option<&'a Secret<String>>,
    /// That code goes with one request (promise P11).
    pub once: bool,
    /// Told before each wait, so that the person sees it (promise P25).
    pub retrying: &'a (dyn Fn(Retrying) + Send + Sync),
}

/// One account on one registry.
///
/// Reads are retried inside, writes only when they surely never arrived; everything else is the caller's to decide.
/// A call that is dropped before it ends may or may not have reached the registry.
pub trait Registry: Send + Sync + 'static {
    /// Who speaks to which registry.
    fn identity(&self) -> Identity;

    /// How far this machine's clock is ahead of the registry's `Date` header, in seconds; negative when behind.
    /// `None` before the first answer.
    fn clock_ahead(&self) -> Option<i64>;

    /// The account's name. [`Error::SignedOut`] when the registry does not know the credential, also where
    /// it says so by an answer without a name.
    fn whoami(&self, call: Call<'_>) -> impl Future<Output = Result<Text, Error>> + Send;

    /// The profile.
    fn profile(&self, call: Call<'_>) -> impl Future<Output = Result<Profile, Error>> + Send;

    /// Sets one field and harms no other: reads, merges, writes. `before` is the value the person saw; when the
    /// registry has another one by now, nothing is written and the answer is [`Error::Changed`].
    /// An empty `after` clears the field.
    fn save_field(
        &self,
        call: Call<'_>,
        field: ProfileField,
        before: Option<&Text>,
        after: &str,
    ) -> impl Future<Output = Result<Profile, Error>> + Send;

    /// Writes the profile back as it is: a request that is guarded like any change, and changes nothing.
    fn touch(&self, call: Call<'_>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Begins a set-up of the second factor, or changes the level of one that is on.
    fn enrol(
        &self,
        call: Call<'_>,
        level: Level,
        password: &Secret<String>,
    ) -> impl Future<Output = Result<Enrolling, Error>> + Send;

    /// Confirms a set-up with a code from the authenticator. The codes in the answer exist nowhere else.
    fn confirm(
        &self,
        call: Call<'_>,
        code: &Secret<String>,
    ) -> impl Future<Output = Result<RecoveryCodes, Error>> + Send;

    /// Turns the second factor off, or clears a set-up that was not confirmed.
    fn disable(
        &self,
        call: Call<'_>,
        password: &Secret<String>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// One page of the tokens.
    fn tokens(
        &self,
        call: Call<'_>,
        page: &PageAt,
    ) -> impl Future<Output = Result<TokenPage, Error>> + Send;

    /// Revokes one token.
    fn revoke(
        &self,
        call: Call<'_>,
        key: &TokenKey,
    ) -> impl Future<Output = Result<Revoked, Error>> + Send;

    /// The token that requests carry, if the credential is one.
    fn token(&self) -> Option<Arc<Secret<String>>>;

    /// From now on requests carry this, as if it had been the credential from the start.
    fn adopt(&self, session: &Session);

    /// Begins a sign-in on the registry's website. Carries no credential.
    fn web_login(&self, call: Call<'_>) -> impl Future<Output = Result<WebSession, Error>> + Send;

    /// Asks once what came of a page on the web. The credential goes along where it may.
    fn poll(
        &self,
        call: Call<'_>,
        done: &DoneUrl,
    ) -> impl Future<Output = Result<Polled, Error>> + Send;

    /// Signs in by user name and password, and never makes an account. Carries no credential but these.
    fn password_login(
        &self,
        call: Call<'_>,
        name: &str,
        password: &Secret<String>,
    ) -> impl Future<Output = Result<Secret<String>, Error>> + Send;

    /// Makes an account and signs in to it.
    fn sign_up(
        &self,
        call: Call<'_>,
        name: &str,
        password: &Secret<String>,
        email: &str,
    ) -> impl Future<Output = Result<Secret<String>, Error>> + Send;

    /// Ends the token that requests carry.
    fn logout(&self, call: Call<'_>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Changes the password and harms no other field.
    fn change_password(
        &self,
        call: Call<'_>,
        current: &Secret<String>,
        new: &Secret<String>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Makes a token. Its value exists nowhere else.
    fn create_token(
        &self,
        call: Call<'_>,
        new: &NewToken,
    ) -> impl Future<Output = Result<(Token, Secret<String>), Error>> + Send;

    /// The packages that an account has, by name and access alone.
    fn packages(
        &self,
        call: Call<'_>,
        account: &Text,
    ) -> impl Future<Output = Result<Vec<PackageFacts>, Error>> + Send;

    /// The same package, with what its document says.
    fn package(
        &self,
        call: Call<'_>,
        package: &PackageFacts,
    ) -> impl Future<Output = Result<PackageFacts, Error>> + Send;
}

/// What a registry tells about a page on the web.
#[derive(Debug)]
pub enum Polled {
    /// The person has not finished; ask again after this time, where it says so.
    Pending(Option<Duration>),
    /// The person has: a token after a sign-in, a one-time password after a challenge.
    Done(Secret<String>),
    /// It has come to nothing: denied, expired, or not known any more; the registry's words.
    Over(Text),
}

/// What a registry answers to [`Registry::enrol`].
#[derive(Debug)]
pub enum Enrolling {
    /// The `otpauth://` URL, byte for byte. Not yet parsed: a URL that makes no sense is a finding of its own.
    Begun(Secret<String>),
    /// Two-factor authentication was on already and has this level now.
    LevelChanged(Level),
}

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum PageAt {
    /// The first one.
    #[default]
    First,
    /// By number, counted from 0, on a registry whose first page showed that it numbers them.
    Number(u64),
    /// The `next` link of the page before, checked to stay on the registry.
    Link(String),
}

/// One page of tokens.
#[derive(Debug)]
pub struct TokenPage {
    /// The rows, in the registry's order.
    pub rows: Vec<Token>,
    /// How many there are in all, where the registry says so.
    pub total: Option<u64>,
    /// The page after this one, if there is one.
    pub next: Option<PageAt>,
    /// The last page's number, when the first answer numbers the pages: then they can be asked for several at once.
    pub last: Option<u64>,
}

/// How a revocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The registry says that it did it.
    Done,
    /// The registry does not know the token (any more).
    AlreadyGone,
}
