//! Signing in by user name and password, and signing up: the protocol of the database that npm's registry once was.
//!
//! # A sign-in makes no account
//! The request that signs in is, on other registries than npm's own, the one that makes an account: Verdaccio makes
//! one for any name that it does not know, be it sent plainly or with a revision and basic authentication (seen
//! with 6.8). So it is sent only once the registry has shown that the account exists: by the user's document with
//! a revision, or by its own answer to user name and password who that is. A registry that shows neither is not
//! signed in to from here. npm's default registry makes accounts only with an e-mail address, which a sign-in
//! does not send; there npm's own order is kept.

use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde::Serialize;
use serde_json::{Map, Value};

use super::account::{bare, twice};
use super::address::is_default;
use super::answer::{Asked, hinted};
use super::bearing::{Bears, basic};
use super::reply::Reply;
use super::request::{Ask, Body, escaped};
use super::transport::Transport;
use super::wire::{WithToken, malformed, parse, text};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::npmrc::Auth;
use crate::registry::{Call, Error, Sent};

/// What the name of a user's document begins with.
const USER: &str = "org.couchdb.user:";

/// The account that was shown to exist last, as typed and as the registry writes it: a sign-in that is sent again
/// with a code asks no second time, since the first may have taken a code of its own.
#[derive(Debug, Default)]
pub(super) struct Shown(Mutex<Option<(String, String)>>);

impl Shown {
    fn get(&self, typed: &str) -> Option<String> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, known) = shown.as_ref()?;
        (name == typed).then(|| known.clone())
    }

    fn set(&self, typed: &str, known: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((typed.to_owned(), known.to_owned()));
    }
}

/// The user's document as it is sent.
#[derive(Serialize)]
struct Document<'a> {
    _id: String,
    name: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    r#type: &'static str,
    roles: Value,
    date: String,
    /// What the registry has beside these.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// One attempt to sign in.
struct Couch<'a> {
    transport: &'a Transport,
    call: Call<'a>,
    password: &'a Secret<String>,
    command: &'static str,
    asked: Asked,
}

/// Signs in to an account that exists.
pub(super) async fn login(
    transport: &Transport,
    call: Call<'_>,
    shown: &Shown,
    name: &str,
    password: &Secret<String>,
) -> Result<Secret<String>, Error> {
    let couch = Couch {
        transport,
        call,
        password,
        command: "login",
        asked: Asked::SignIn,
    };
    let auth = couch.basic(name)?;
    if is_default(transport.base()) {
        let reply = couch.plain(name, None).await?;
        if reply.status != 409 {
            return couch.token(&reply);
        }
        let document = couch.document(name).await?;
        let reply = couch.revised(name, auth, document).await?;
        return couch.token(&reply);
    }
    let document = couch.document(name).await?;
    let known = couch.existing(shown, name, &auth, &document).await?;
    let auth = couch.basic(&known)?;
    let reply = couch.revised(&known, auth, document).await?;
    // This registry knows no revisions. The account exists, so that nothing new is made.
    if matches!(reply.status, 404 | 405 | 501) {
        return couch.token(&couch.plain(&known, None).await?);
    }
    couch.token(&reply)
}

/// Makes an account.
pub(super) async fn sign_up(
    transport: &Transport,
    call: Call<'_>,
    name: &str,
    password: &Secret<String>,
    email: &str,
) -> Result<Secret<String>, Error> {
    let couch = Couch {
        transport,
        call,
        password,
        command: "adduser",
        asked: Asked::SignUp,
    };
    couch.basic(name)?;
    couch.token(&couch.plain(name, Some(email)).await?)
}

impl Couch<'_> {
    fn basic(&self, name: &str) -> Result<Auth, Error> {
        basic(name, self.password)
            .filter(|_| !name.is_empty())
            .ok_or_else(|| Error::Unsafe {
                why: Text::from(
                    "A user name is not empty and has no colon in it, so nothing was sent.",
                ),
            })
    }

    /// The user's document, as far as the registry shows it to anybody.
    async fn document(&self, name: &str) -> Result<Map<String, Value>, Error> {
        let call = self.bare();
        let ask = Ask::read(self.at(name, "?write=true"), self.command).bearing(Bears::Nothing);
        let reply = self.transport.send(call, ask).await?;
        match reply.status {
            ..400 => Ok(serde_json::from_slice(&reply.body).unwrap_or_default()),
            429 | 500.. => Err(self.refusal(&reply, Asked::Proof)),
            _ => Ok(Map::new()),
        }
    }

    /// The name of the account as the registry writes it, once it has shown that there is one.
    async fn existing(
        &self,
        shown: &Shown,
        name: &str,
        auth: &Auth,
        document: &Map<String, Value>,
    ) -> Result<String, Error> {
        if let Some(known) = shown.get(name) {
            return Ok(known);
        }
        let known = if is_of(document, name) {
            name.to_owned()
        } else {
            self.proved(name, auth).await?
        };
        shown.set(name, &known);
        Ok(known)
    }

    /// Asks whose user name and password these are.
    async fn proved(&self, name: &str, auth: &Auth) -> Result<String, Error> {
        let mut reply = self.whose(self.bare(), auth).await?;
        if reply.status >= 400
            && self.call.otp.is_some()
            && let Error::Challenge(_) = self.refusal(&reply, Asked::Proof)
        {
            reply = self.whose(twice(self.call)?, auth).await?;
        }
        if reply.status >= 400 {
            return Err(match self.refusal(&reply, Asked::Proof) {
                Error::NotOffered { words } => Error::NotOffered {
                    words: hinted(
                        &words,
                        "whether the account exists cannot be found out there, and to sign in could make a new one",
                    ),
                },
                Error::Refused { status: 401, words } if tokens_only(&reply) => Error::Refused {
                    status: 401,
                    words: hinted(
                        &words,
                        "it may take no user names and passwords from here at all: sign in on its website",
                    ),
                },
                error => error,
            });
        }
        let answer: Map<String, Value> = parse(&reply, Sent::No)?;
        text(answer.get("username"))
            .filter(|found| found.as_str().eq_ignore_ascii_case(name))
            .map(String::from)
            .ok_or_else(|| Error::Refused {
                status: reply.status,
                words: Text::from("it knows no account by this user name and password"),
            })
    }

    async fn whose(&self, call: Call<'_>, auth: &Auth) -> Result<Reply, Error> {
        let ask = Ask::read(self.transport.at("-/whoami"), self.command)
            .bearing(Bears::Typed(auth.clone()));
        self.transport.send(call, ask).await
    }

    /// `PUT /-/user/org.couchdb.user:<name>`.
    async fn plain(&self, name: &str, email: Option<&str>) -> Result<Reply, Error> {
        let body = self.body(name, email, Map::new());
        self.put(self.at(name, ""), body, Bears::Nothing).await
    }

    /// `PUT /-/user/org.couchdb.user:<name>/-rev/<rev>`, with user name and password as basic authentication.
    async fn revised(
        &self,
        name: &str,
        auth: Auth,
        document: Map<String, Value>,
    ) -> Result<Reply, Error> {
        // Without one npm writes just this, and registries without revisions take it.
        let rev = document.get("_rev").and_then(Value::as_str);
        let rev = escaped(rev.unwrap_or("undefined"));
        let url = self.at(name, &format!("/-rev/{rev}"));
        let body = self.body(name, None, document);
        self.put(url, body, Bears::Typed(auth)).await
    }

    async fn put(&self, url: url::Url, body: Body, bears: Bears) -> Result<Reply, Error> {
        let ask = Ask::write(Method::PUT, url, self.command, Some(body)).bearing(bears);
        self.transport.send(self.call, ask).await
    }

    fn body(&self, name: &str, email: Option<&str>, mut more: Map<String, Value>) -> Body {
        let roles = more.remove("roles");
        for own in ["_id", "name", "password", "type", "date"] {
            more.remove(own);
        }
        Body::json(&Document {
            _id: format!("{USER}{name}"),
            name,
            password: self.password.expose(),
            email,
            r#type: "user",
            roles: roles.unwrap_or_else(|| Value::Array(Vec::new())),
            date: self
                .transport
                .now()
                .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
                .to_string(),
            more,
        })
    }

    fn token(&self, reply: &Reply) -> Result<Secret<String>, Error> {
        if reply.status >= 400 {
            return Err(self.refusal(reply, self.asked));
        }
        parse::<WithToken>(reply, Sent::Maybe)?
            .read()
            .ok_or_else(|| malformed("has no token in it", Sent::Maybe))
    }

    fn refusal(&self, reply: &Reply, asked: Asked) -> Error {
        let secrets: [&str; 1] = [self.password.expose()];
        self.transport.refusal(reply, asked, self.call, &secrets)
    }

    fn at(&self, name: &str, rest: &str) -> url::Url {
        let name = escaped(name);
        self.transport.at(&format!("-/user/{USER}{name}{rest}"))
    }

    /// A code may be good for one request only, and the one that signs in needs it.
    fn bare(&self) -> Call<'_> {
        bare(self.call)
    }
}

/// A document that only an account which exists can have: with a revision, and of this name.
fn is_of(document: &Map<String, Value>, name: &str) -> bool {
    let has = |key: &str| document.get(key).and_then(Value::as_str);
    has("_rev").is_some_and(|rev| !rev.is_empty())
        && (has("name") == Some(name)
            || has("_id").and_then(|id| id.strip_prefix(USER)) == Some(name))
}

/// The registry names tokens as the one way to be known to it.
fn tokens_only(reply: &Reply) -> bool {
    let names = |scheme: &str| {
        let mut items = reply.challenges.iter();
        items.any(|item| item.split(' ').next() == Some(scheme))
    };
    names("bearer") && !names("basic")
}
