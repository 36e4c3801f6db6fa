//! One file per flow.

mod account;
mod check;
mod confirm;
mod create;
mod disable;
mod emergency;
mod enable;
mod factor;
mod given;
mod keep;
mod level;
mod machine;
mod marks;
mod note;
mod packages;
mod password;
mod place;
mod profile;
mod prove;
mod revoke;
mod rotate;
mod set_up;
mod sets;
mod sign_in;
mod sign_out;
mod tokens;
mod unfinished;
mod web;
mod write;

pub use emergency::report::report_folder;
pub use emergency::{IncidentOpen, incidents_left, incidents_open};

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::backend::again::Again;
use crate::backend::desk::Desk;
use crate::backend::house::{Connector, House};
use crate::backend::pass::{Pass, Powers, Stop, guarded};
use crate::backend::protocol::{Outcome, PlaceWish, Request};
use crate::backend::spent::Noting;
use crate::domain::account::Profile;
use crate::domain::failure::Failure;
use crate::domain::text::Text;
use crate::registry::{Error, Registry as _};

/// The longest wait before the truth is read again.
const LONGEST: Duration = Duration::from_secs(10);

/// Does what was asked for, to its end.
pub(super) async fn run<C: Connector>(house: Arc<House<C>>, desk: Arc<Desk>, request: Request) {
    let result = perform(&house, &desk, request).await;
    desk.finish(result);
}

async fn perform<C: Connector>(
    house: &Arc<House<C>>,
    desk: &Arc<Desk>,
    request: Request,
) -> Result<Outcome, Failure> {
    // What this machine keeps needs no registry, and who signs in has no credential yet.
    let request = match request {
        Request::Sets => return sets::sets(house).await,
        Request::ProvePlace(PlaceWish::File(path)) => return place::prove(house, path).await,
        Request::ProvePlace(PlaceWish::Vault {
            account,
            passphrase,
        }) => return place::prove_vault(house, account, passphrase).await,
        Request::OpenSet { set, passphrase } => return sets::open(house, set, passphrase).await,
        Request::ProveSet { set, passphrase } => {
            return sets::prove_again(house, desk, set, passphrase).await;
        }
        Request::ExportSet {
            set,
            passphrase,
            to,
        } => return sets::export(house, set, passphrase, to).await,
        Request::RemoveSet { set } => return sets::remove(house, desk, set).await,
        Request::SignIn {
            how,
            keep,
            at,
            wanted,
        } => return sign_in::sign_in(house, desk, how, at, (keep, wanted)).await,
        Request::Marks { values, held } => return marks::marks(house, values, held).await,
        Request::Machine => return machine::look(house).await,
        Request::Probe(ids) => return machine::probe(house, desk, ids).await,
        Request::PreviewFix(fix) => return machine::preview(house, fix).await,
        Request::ApplyFix(preview) => return machine::apply(house, desk, *preview).await,
        Request::Report { incident, folder } => {
            return emergency::report::write(house, incident, folder).await;
        }
        request => request,
    };
    let registry = match request {
        Request::Account => house.registry_anew().await?,
        _ => house.registry().await?,
    };
    let account = house
        .who(&registry)
        .await
        .map_or_else(OnceLock::new, OnceLock::from);
    // What tells, or ends, how the credential stands is not what waits for another one. An emergency asks in its own way.
    let who = match request {
        Request::Account | Request::SignOut | Request::Emergency { .. } => None,
        _ => account.get(),
    };
    let job = Job {
        desk,
        house,
        registry: &*registry,
        who,
        account: &account,
        asks: true,
    };
    let result = match request {
        Request::Account => account::account(&job).await,
        Request::SaveField {
            field,
            before,
            after,
        } => profile::save(&job, field, before, after).await,
        Request::Tokens => tokens::tokens(&job).await,
        Request::TryOut(values) => Ok(given::try_out(&job, values).await),
        Request::Revoke {
            tokens,
            last,
            names,
        } => {
            let going = revoke::Going {
                tokens,
                last,
                names,
            };
            revoke::revoke(&job, going).await
        }
        Request::ResumeRevocation { left } => revoke::resume(&job, &left).await,
        Request::Unfinished => unfinished::unfinished(&job).await,
        Request::DropUnfinished { left } => unfinished::forget(&job, left).await,
        Request::SuggestPlace { account } => place::suggest(&job, account).await,
        Request::Enable {
            level,
            password,
            place,
            clear_pending,
        } => enable::enable(&job, level, password, place, clear_pending).await,
        Request::ChangeLevel { level, password } => level::change(&job, level, password).await,
        Request::Disable { password } => disable::disable(&job, &password).await,
        Request::SignOut => sign_out::sign_out(&job).await,
        Request::ChangePassword { current, new } => password::change(&job, &current, &new).await,
        Request::CreateToken(new) => create::create(&job, &new).await,
        Request::AddSet {
            account,
            codes,
            place,
        } => keep::add(&job, account, codes, place).await,
        Request::CheckCode => check::check(&job).await,
        Request::Note { token, note } => note::note(&job, token, &note).await,
        Request::AimToken { what, into } => write::aim(&job, what, into).await,
        Request::WriteToken {
            registry,
            value,
            into,
        } => write::write(&job, registry, value, into).await,
        Request::Rotate(wish) => rotate::rotate(&job, wish).await,
        Request::ResumeRotation { left } => rotate::resume(&job, &left).await,
        Request::Emergency { resume, rehearsal } => {
            emergency::emergency(&job, resume, rehearsal).await
        }
        Request::Sets
        | Request::ProvePlace(_)
        | Request::OpenSet { .. }
        | Request::ProveSet { .. }
        | Request::ExportSet { .. }
        | Request::RemoveSet { .. }
        | Request::SignIn { .. }
        | Request::Marks { .. }
        | Request::Machine
        | Request::Probe(_)
        | Request::PreviewFix(_)
        | Request::ApplyFix(_)
        | Request::Report { .. } => Err(Stop::Left),
    };
    result.map_err(|stop| job.words(stop))
}

/// What a job works with.
struct Job<'a, C: Connector> {
    desk: &'a Arc<Desk>,
    house: &'a House<C>,
    registry: &'a C::Registry,
    /// The account that it was begun for, if that is known and it goes on after a new sign-in.
    who: Option<&'a Text>,
    /// Whose codes it asks for, once that is known.
    account: &'a OnceLock<Text>,
    /// It asks for a code where the registry wants one.
    asks: bool,
}

impl<'a, C: Connector> Job<'a, C> {
    /// The same job, with the credential as it is now: when that is refused, this is the answer.
    const fn as_it_is(&self) -> Self {
        Job { who: None, ..*self }
    }

    /// The same job, for what is not worth a question.
    const fn without_codes(&self) -> Self {
        Job {
            asks: false,
            ..*self
        }
    }

    fn powers(&self) -> Powers<'a> {
        Powers {
            used: &self.house.used,
            asks: self.asks,
            again: self.who.map(|who| Again {
                sessions: &self.house.sessions,
                who,
            }),
            noting: Noting {
                book: self.house,
                account: self.account,
            },
        }
    }

    /// A guarded call that changes nothing.
    fn reading(&self, action: &str) -> Pass<'a, C::Registry> {
        Pass::read(self.desk, self.registry, self.powers(), action)
    }

    /// A guarded call that changes something.
    fn writing(&self, action: &str) -> Pass<'a, C::Registry> {
        Pass::write(self.desk, self.registry, self.powers(), action)
    }

    /// The profile as it is now.
    async fn profile(&self) -> Result<Profile, Stop> {
        if self.desk.closing() {
            return Err(Stop::Left);
        }
        let pass = self.reading("read the profile");
        let profile = guarded!(pass, call => self.registry.profile(call))?;
        self.account.get_or_init(|| profile.name.clone());
        Ok(profile)
    }

    /// The profile as it is now, for a write whose outcome is not known: one lost answer is often followed by
    /// another, so it is tried for a while.
    async fn truth(&self) -> Result<Profile, Failure> {
        let waits = [2, 8].map(Duration::from_secs);
        let of = u32::try_from(waits.len()).unwrap_or(u32::MAX) + 1;
        let mut attempt = 1;
        for wait in waits {
            let (wait, why) = match self.profile().await {
                Ok(profile) => return Ok(profile),
                Err(Stop::Error(
                    Error::Network { why, .. }
                    | Error::Malformed { what: why, .. }
                    | Error::Refused {
                        status: 500..,
                        words: why,
                    },
                )) => (wait, why),
                Err(Stop::Error(Error::Wait { for_, words }))
                    if for_.is_none_or(|asked| asked <= LONGEST) =>
                {
                    (for_.unwrap_or(wait), words)
                }
                Err(stop) => return Err(self.words(stop)),
            };
            attempt += 1;
            self.desk.pause(attempt, of, wait, why).await;
        }
        self.profile().await.map_err(|stop| self.words(stop))
    }

    /// The registry as a person names it.
    fn host(&self) -> Text {
        self.registry.identity().registry
    }

    fn error(&self, error: &Error) -> Failure {
        error.failure_at(&self.registry.identity())
    }

    fn words(&self, stop: Stop) -> Failure {
        match stop {
            Stop::Error(error) => self.error(&error),
            Stop::Failure(failure) => failure,
            Stop::Left => self.desk.left_words(),
        }
    }
}
