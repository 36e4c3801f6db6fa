//! Signing in and out: the ways, where the credential is kept, and what became of it.

use std::sync::Arc;

use super::failure::Failure;
use super::secret::Secret;
use super::text::Text;

/// How a person signs in.
#[derive(Debug)]
pub enum SignIn {
    /// On the registry's website.
    Web,
    /// By user name and password.
    Password {
        /// The user name.
        name: String,
        /// The account's password.
        password: Secret<String>,
    },
    /// With a new account, where the registry makes one.
    SignUp {
        /// The user name.
        name: String,
        /// The account's password.
        password: Secret<String>,
        /// The address that the registry writes to.
        email: String,
    },
}

/// Where the credential of a sign-in is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// In this program alone; it is ended at the registry when the program ends.
    #[default]
    Session,
    /// Also in the person's `.npmrc`, for npm.
    File,
}

/// A credential that a registry gave out to this program, and whose it is.
#[derive(Debug)]
pub struct Session {
    /// Sent as a bearer token.
    pub token: Arc<Secret<String>>,
    /// [`super::identity::Identity::registry`]: it goes there and nowhere else.
    pub registry: Text,
    /// The account's name, by the registry's own answer to this credential.
    pub name: Text,
}

/// A page of the registry's that a person is to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPage {
    /// The whole address, in ASCII. It is https, or on this machine (promise P18).
    pub address: Text,
    /// Its host, in ASCII, with the port where it has one.
    pub host: Text,
    /// It is not of the registry's own web host: the person is asked before it is opened (promise P18).
    pub foreign: bool,
}

/// Where the credential of a sign-in is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In this program alone.
    Session,
    /// Also in this file.
    File(Text),
    /// It was to go into the file too, and could not (why): it is in this program alone.
    NotWritten(Failure),
}

/// A credential that went into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The file, as a person reads it.
    pub file: Text,
    /// What to know about it: that others can read it.
    pub caution: Option<Text>,
}

/// What the registry made of the end of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It said that it did it, and refuses the credential since.
    Verified,
    /// It did not accept the credential before.
    DeadBefore,
    /// It said that it did it, and accepts the credential still.
    StillAccepted,
    /// It said that it did it; whether it accepts the credential still could not be found out.
    Unchecked(Failure),
    /// A user name and password: there is nothing at the registry to end.
    NothingThere,
    /// A fresh list does not have it any more, which had it or would have it. It was not tried out: its value was not
    /// known.
    Unlisted,
}

/// What became of the place that held a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// It was in this program alone.
    Session,
    /// It was taken out of this file.
    File(Text),
    /// It is still where it was (the place), and why it was not taken out.
    Remains(Text, Failure),
}
