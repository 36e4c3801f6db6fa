//! Signing in: a credential from the registry, tried out, then kept where the person wants it. Until it is kept,
//! nobody else holds it: whatever goes wrong, it is ended at the registry or said to live on.

use std::sync::{Arc, OnceLock};

use crate::backend::desk::{Desk, Writing};
use crate::backend::house::{Connector, House, SignedIn};
use crate::backend::pass::{Stop, guarded_by};
use crate::backend::protocol::{Outcome, Step};
use crate::backend::session::{SessionEnd, accepted, end, with_end};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::{Identity, Standing};
use crate::domain::secret::Secret;
use crate::domain::signin::{Keep, Kept, Session, SignIn};
use crate::domain::text::Text;
use crate::registry::{Error, Registry};

use super::{Job, account, web};

pub(super) async fn sign_in<C: Connector>(
    house: &House<C>,
    desk: &Arc<Desk>,
    how: SignIn,
    at: Option<Text>,
    (keep, wanted): (Keep, Option<Text>),
) -> Result<Outcome, Failure> {
    let nobody = house.nobody().await?;
    let shown = match at {
        Some(shown) => Some(shown),
        None => house.present().await,
    };
    elsewhere(shown, &nobody.identity().registry)?;
    let account = match &how {
        SignIn::Password { name, .. } => OnceLock::from(Text::new(name)),
        SignIn::Web | SignIn::SignUp { .. } => OnceLock::new(),
    };
    let job = Job {
        desk,
        house,
        registry: &*nobody,
        who: None,
        account: &account,
        asks: true,
    };
    desk.step(Step::Asking(job.host()));
    let received = match receive(&job, how).await {
        Ok(received) => received,
        Err(stop) => return Err(job.words(stop)),
    };
    keep_it(&job, received, keep, wanted).await
}

/// Why what the person typed for the registry that they see is not sent: the configuration means another.
fn elsewhere(shown: Option<Text>, meant: &Text) -> Result<(), Failure> {
    let Some(shown) = shown.filter(|shown| shown != meant) else {
        return Ok(());
    };
    Err(Failure::new(
        FailureKind::Local,
        format!(
            "The npm configuration has come to mean {meant} and no longer {shown}, so nothing was sent."
        ),
        "Leave the form and press r to read it anew, then sign in.",
    ))
}

/// A credential that this job alone holds.
struct Received {
    token: Arc<Secret<String>>,
    /// While it lives, nothing drops the job.
    writing: Option<Writing>,
}

async fn receive<C: Connector>(job: &Job<'_, C>, how: SignIn) -> Result<Received, Stop> {
    let (token, writing) = match how {
        SignIn::Web => web::sign_in(job).await?,
        SignIn::Password { name, password } => {
            let mut pass = job.writing("sign in").patiently();
            let answer =
                guarded_by!(pass, call => job.registry.password_login(call, &name, &password));
            match answer {
                Ok(token) => (token, pass.into_writing()),
                Err(stop) => return Err(refused(job, stop)),
            }
        }
        SignIn::SignUp {
            name,
            password,
            email,
        } => {
            let mut pass = job.writing("make an account").patiently();
            let answer =
                guarded_by!(pass, call => job.registry.sign_up(call, &name, &password, &email));
            match answer {
                Ok(token) => (token, pass.into_writing()),
                Err(stop) => return Err(not_made(job, stop)),
            }
        }
    };
    Ok(Received {
        token: Arc::new(token),
        writing,
    })
}

/// The registry gave no credential. No words of a credential that is not accepted: none was sent.
fn refused<C: Connector>(job: &Job<'_, C>, stop: Stop) -> Stop {
    let Stop::Error(error) = stop else {
        return stop;
    };
    let words = match &error {
        Error::SignedOut { words, .. }
        | Error::Refused {
            status: 400 | 401 | 403 | 404 | 422,
            words,
        } => words,
        error if error.outcome_unknown() => {
            let failure = job.error(error);
            return Failure::new(
                failure.kind,
                format!(
                    "{} If the registry has given out a credential, it reached nobody.",
                    failure.what
                ),
                "Check the connection and sign in again.",
            )
            .into();
        }
        _ => return error.into(),
    };
    let says = if words.is_empty() {
        String::new()
    } else {
        format!(": {}", words.quoted(200))
    };
    Failure::new(
        FailureKind::Refused,
        format!("{} did not take this sign-in{says}.", job.host()),
        "Check the user name and the password, and try again.",
    )
    .into()
}

/// The registry made no account, or did not say that it did.
fn not_made<C: Connector>(job: &Job<'_, C>, stop: Stop) -> Stop {
    let Stop::Error(error) = stop else {
        return stop;
    };
    let failure = job.error(&error);
    match &error {
        error if error.outcome_unknown() => Failure::new(
            failure.kind,
            format!(
                "{} Whether the account was made is not known.",
                failure.what
            ),
            "Sign in with its name and password to find out.",
        )
        .into(),
        Error::SignedOut { .. } => Failure::new(
            FailureKind::Refused,
            format!("{} makes no account like this.", job.host()),
            "Choose another name or password, or sign up on the registry's website.",
        )
        .into(),
        _ => error.into(),
    }
}

/// Tries the credential out and keeps it, or ends it.
async fn keep_it<C: Connector>(
    job: &Job<'_, C>,
    received: Received,
    keep: Keep,
    wanted: Option<Text>,
) -> Result<Outcome, Failure> {
    let Received { token, writing } = received;
    let unnamed = Arc::new(Session {
        token: Arc::clone(&token),
        registry: job.host(),
        name: Text::default(),
    });
    let registry = match job.house.by(&unnamed).await {
        Ok(registry) => registry,
        Err(why) => return Err(give_back(job, &unnamed, &why).await),
    };
    if !registry
        .token()
        .is_some_and(|carried| carried.matches(&token))
    {
        let why = Failure::new(
            FailureKind::Local,
            "The npm configuration has come to mean another registry during the sign-in.",
            "",
        );
        return Err(give_back(job, &unnamed, &why).await);
    }
    let named = Job {
        registry: &*registry,
        ..*job
    };
    let (standing, name) = match verified(&named).await {
        Ok(verified) => verified,
        Err(why) => return Err(give_back(job, &unnamed, &why).await),
    };
    if let Some(wanted) = wanted.filter(|wanted| *wanted != name) {
        let why = Failure::new(
            FailureKind::Refused,
            format!(
                "You signed in as {name}; what waits was begun for {wanted} and goes on for nobody else, so nothing was kept."
            ),
            "",
        );
        return Err(give_back(job, &unnamed, &why).await);
    }
    if job.desk.left() {
        let why = job.words(Stop::Left);
        return Err(give_back(job, &unnamed, &why).await);
    }
    // It is in good hands now.
    job.desk.hold();
    let session = Arc::new(Session {
        token,
        registry: unnamed.registry.clone(),
        name,
    });
    let clock_ahead = registry.clock_ahead();
    let former = match keep {
        Keep::Session => None,
        Keep::File => job.house.configured().await.ok(),
    };
    let (kept, caution, signed_in) = place(job, session, registry, keep).await;
    let mut identity = signed_in.registry.identity();
    identity.problems.extend(caution);
    if let (Kept::File(file), false) = (&kept, signed_in.configured) {
        identity.problems.push(Text::new(&format!(
            "The new credential is in {file}, but npm finds another one before it: npm goes on with that, and npm-warden with the new one until it ends."
        )));
    }
    if let Some(former) = former.filter(|_| signed_in.configured) {
        identity
            .problems
            .extend(lives_on(&signed_in.session, &*former).await);
    }
    if let Some(before) = job.house.settle(signed_in).await
        && !before.filed
        && let SessionEnd::Alive(why) = end(&*before.registry).await
    {
        identity.problems.push(Text::new(&format!(
            "The sign-in of before, as {}: {why}",
            before.session.name
        )));
    }
    drop(writing);
    Ok(Outcome::SignedIn {
        identity: Box::new(identity),
        standing,
        clock_ahead,
        kept,
    })
}

/// The token that npm used before and uses no more: only the line that is gone named it.
async fn lives_on<R: Registry>(session: &Session, former: &R) -> Option<Text> {
    if former.token()?.matches(&session.token) {
        return None;
    }
    let Identity {
        registry,
        credential,
        ..
    } = former.identity();
    let place = credential?.place;
    accepted(former).await.then(|| {
        Text::new(&format!(
            "The token that npm used before ({place}) lives on at {registry}: revoke it under Tokens if nothing else uses it."
        ))
    })
}

/// The registry answers to the credential with a name, or it is of no use.
async fn verified<C: Connector>(job: &Job<'_, C>) -> Result<(Standing, Text), Failure> {
    if job.desk.left() {
        return Err(job.words(Stop::Left));
    }
    job.desk.step(Step::Doing("Trying the sign-in out"));
    let standing = account::standing(job)
        .await
        .map_err(|stop| job.words(stop))?;
    let words = match &standing {
        Standing::SignedIn(profile) if !profile.name.is_empty() => {
            let name = profile.name.clone();
            return Ok((standing, name));
        }
        Standing::SignedIn(_) | Standing::SignedOut => Text::default(),
        Standing::Rejected(words) => words.clone(),
    };
    let says = if words.is_empty() {
        String::new()
    } else {
        format!(": {}", words.quoted(200))
    };
    Err(Failure::new(
        FailureKind::Refused,
        format!(
            "{} gave out a credential and does not say whose it is{says}.",
            job.host()
        ),
        "",
    ))
}

/// Where the credential is from now on, what to know about that place, and what speaks by it.
async fn place<C: Connector>(
    job: &Job<'_, C>,
    session: Arc<Session>,
    registry: Arc<C::Registry>,
    keep: Keep,
) -> (Kept, Option<Text>, SignedIn<C::Registry>) {
    let mut signed_in = SignedIn {
        session,
        registry,
        filed: false,
        configured: false,
    };
    let stored = match keep {
        Keep::Session => Ok(None),
        Keep::File => job.house.store(&signed_in.session).await.map(Some),
    };
    let (stored, caution) = match stored {
        Ok(Some(stored)) => (Ok(Some(stored.file)), stored.caution),
        Ok(None) => (Ok(None), None),
        Err(why) => (Err(why), None),
    };
    // As npm finds it, if it does: another place may come first. One that stood there before is npm's, and does not
    // end with this program.
    if let Some(found) = job.house.configured_by(&signed_in.session.token).await {
        let place = found.identity().credential.map(|source| source.place);
        signed_in.registry = found;
        signed_in.configured = true;
        signed_in.filed = true;
        let file = stored.ok().flatten().or(place);
        let kept = Kept::File(file.unwrap_or_default());
        return (kept, caution, signed_in);
    }
    signed_in.filed = matches!(stored, Ok(Some(_)));
    let kept = match stored {
        Ok(Some(file)) => Kept::File(file),
        Ok(None) => Kept::Session,
        Err(why) => Kept::NotWritten(why),
    };
    (kept, caution, signed_in)
}

/// Nobody will hold the credential: it is ended, and what became of it is said.
async fn give_back<C: Connector>(
    job: &Job<'_, C>,
    session: &Arc<Session>,
    why: &Failure,
) -> Failure {
    let what = match why.kind {
        FailureKind::Cancelled => "You left before the sign-in was finished.",
        _ => why.what.as_str(),
    };
    if job.house.uses(&session.token).await {
        return Failure::new(
            why.kind,
            what,
            "The credential that the registry gave out was in use before, and stays as it is.",
        );
    }
    job.registry.adopt(session);
    with_end(why.kind, what, end(job.registry).await)
}
