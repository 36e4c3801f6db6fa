//! The connector of the program itself: the real client, from a configuration that is read when it is needed.

use std::path::Path;

use url::Url;

use crate::backend::clock::{Clock as _, SystemClock};
use crate::backend::house::{Access, Connector, no_files};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::Held;
use crate::domain::machine::{CredentialId, Destination, Fix, FixPreview, Machine, Target};
use crate::domain::secret::Secret;
use crate::domain::signin::{Forgotten, Session, Stored};
use crate::domain::text::Text;
use crate::npmrc::{self, Config, Credential, Inputs, Survey, registry_name, registry_named};
use crate::registry::http::{HttpRegistry, Setup};

type Reads<T> = Box<dyn Fn() -> Result<T, Failure> + Send + Sync>;

/// Makes the HTTP client from a configuration.
pub struct Configured(Source);

enum Source {
    /// npm's own configuration, found by these.
    Npm(Reads<Inputs>),
    /// One that stands in no file.
    Fixed(Reads<Config>),
}

impl Configured {
    /// By npm's own configuration.
    pub fn npm(inputs: impl Fn() -> Result<Inputs, Failure> + Send + Sync + 'static) -> Self {
        Self(Source::Npm(Box::new(inputs)))
    }

    /// By a configuration that stands in no file; nothing is written to one.
    pub fn fixed(config: impl Fn() -> Result<Config, Failure> + Send + Sync + 'static) -> Self {
        Self(Source::Fixed(Box::new(config)))
    }

    fn config(&self) -> Result<Config, Failure> {
        match &self.0 {
            Source::Npm(inputs) => npmrc::load(&inputs()?),
            Source::Fixed(config) => config(),
        }
    }
}

impl Connector for Configured {
    type Registry = HttpRegistry;

    fn connect(&self, access: Access<'_>) -> Result<HttpRegistry, Failure> {
        let mut config = self.config()?;
        match access {
            Access::Session(session) if registry_name(&config.registry) == session.registry => {
                config.credential = of_session(&config, session);
            }
            Access::Nobody => config.credential = None,
            Access::Configured | Access::Session(_) => {}
        }
        HttpRegistry::new(Setup::new(config, || SystemClock.now()))
    }

    fn survey(&self) -> Result<Survey, Failure> {
        match &self.0 {
            Source::Npm(inputs) => Ok(npmrc::survey(&inputs()?)),
            Source::Fixed(config) => Ok(Survey {
                machine: Machine {
                    registry: registry_name(&config()?.registry),
                    problems: vec![Text::from(
                        "This run reads no npm configuration: its credential was handed to it when it was started.",
                    )],
                    ..Machine::default()
                },
                values: Vec::new(),
            }),
        }
    }

    fn look_into(&self, file: &Path) -> Result<Survey, Failure> {
        match &self.0 {
            Source::Npm(inputs) => npmrc::look_into(&inputs()?, file),
            Source::Fixed(_) => Err(no_files(&Text::new(&file.to_string_lossy()))),
        }
    }

    fn by_local(&self, id: &CredentialId) -> Result<HttpRegistry, Failure> {
        match &self.0 {
            Source::Npm(inputs) => {
                let config = npmrc::by_local(&inputs()?, id)?;
                HttpRegistry::new(Setup::new(config, || SystemClock.now()))
            }
            Source::Fixed(_) => Err(no_files(&id.key)),
        }
    }

    fn put(
        &self,
        id: &CredentialId,
        old: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<Stored, Failure> {
        match &self.0 {
            Source::Npm(inputs) => npmrc::put(&inputs()?, id, old, new),
            Source::Fixed(_) => Err(no_files(&id.key)),
        }
    }

    fn aim(
        &self,
        registry: &Text,
        into: &Destination,
        token: Option<&Secret<String>>,
        by: Option<&Secret<String>>,
    ) -> Result<Target, Failure> {
        let Source::Npm(inputs) = &self.0 else {
            return Err(no_files(&Text::default()));
        };
        npmrc::aim(&inputs()?, &address(registry)?, into, token, by)
    }

    fn write(
        &self,
        registry: &Text,
        token: &Secret<String>,
        into: &Destination,
    ) -> Result<Stored, Failure> {
        let Source::Npm(inputs) = &self.0 else {
            return Err(no_files(&Text::default()));
        };
        npmrc::write(&inputs()?, &address(registry)?, token, into)
    }

    fn preview(&self, fix: &Fix) -> Result<FixPreview, Failure> {
        match &self.0 {
            Source::Npm(inputs) => npmrc::preview(&inputs()?, fix),
            Source::Fixed(_) => Err(no_files(&Text::default())),
        }
    }

    fn apply(&self, preview: &FixPreview) -> Result<(), Failure> {
        match &self.0 {
            Source::Npm(inputs) => npmrc::apply(&inputs()?, preview),
            Source::Fixed(_) => Err(no_files(&preview.file)),
        }
    }

    fn store(&self, session: &Session) -> Result<Stored, Failure> {
        let Source::Npm(inputs) = &self.0 else {
            return Err(Failure::new(
                FailureKind::Local,
                "The credential of this run stands in no file, and none is written.",
                "It serves until the program ends.",
            ));
        };
        let inputs = inputs()?;
        let registry = npmrc::load(&inputs)?.registry;
        if registry_name(&registry) != session.registry {
            return Err(Failure::new(
                FailureKind::Local,
                format!(
                    "The npm configuration has come to mean another registry than {}, so nothing was written.",
                    session.registry
                ),
                "Sign in there, or correct the registry's address and sign in again.",
            ));
        }
        npmrc::store(&inputs, &registry, &session.token)
    }

    fn forget(&self, registry: &Text, token: &Secret<String>) -> Result<Forgotten, Failure> {
        match &self.0 {
            Source::Npm(inputs) => {
                let address = registry_named(registry).ok_or_else(|| {
                    Failure::new(
                        FailureKind::Local,
                        format!("What stands for {registry} in a file could not be made out."),
                        "Take the credential out there yourself.",
                    )
                })?;
                npmrc::remove(&inputs()?, &address, token)
            }
            Source::Fixed(config) => {
                let place = config()?.credential.map(|held| held.source.place);
                let why = Failure::new(
                    FailureKind::Local,
                    "It was handed to the program when it was started, and stands in no file.",
                    "It is asked for again at the next start.",
                );
                Ok(Forgotten::Remains(place.unwrap_or_default(), why))
            }
        }
    }
}

/// What a registry's name stands for in a file.
fn address(registry: &Text) -> Result<Url, Failure> {
    registry_named(registry).ok_or_else(|| {
        Failure::new(
            FailureKind::Local,
            format!("What stands for {registry} in a file could not be made out."),
            "Copy the token to where it is needed.",
        )
    })
}

/// The session's credential, where a token of the configuration would stand.
fn of_session(config: &Config, session: &Session) -> Option<Credential> {
    let token = Secret::from(session.token.expose().as_str());
    let place = Text::from("this session");
    let mut credential = Config::of_token(config.registry.clone(), token, place).credential?;
    credential.source.held = Held::Session;
    Some(credential)
}
