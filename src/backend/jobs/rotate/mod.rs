//! Rotating a token (requirement E4): make one alike, put it where the old one stood, see that it works, revoke the old
//! one, see that it is gone. Wherever it stops, there is a credential that works, and what remains is said.

mod elsewhere;
mod gone;
mod known;
mod log;
mod lost;
mod places;
mod resume;
mod verify;

use std::sync::Arc;

use jiff::Timestamp;

use crate::backend::desk::Writing;
use crate::backend::house::{Connector, SignedIn};
use crate::backend::pass::Stop;
use crate::backend::protocol::{Answer, Outcome, Question, Rotate, Rotated, Step};
use crate::backend::session::{Probed, name_of, probe};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::machine::CredentialId;
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::secret::Secret;
use crate::domain::signin::Session;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::records::Mark;
use crate::registry::Registry as _;

use self::known::Known;
use self::log::{Begun, Log};
use super::Job;
use super::create::{Made, Obtained, prepare};

pub(super) use self::log::unfinished;
pub(super) use self::resume::resume;

/// One place that takes the new value.
struct Place {
    id: CredentialId,
    shown: Text,
    /// The new value stands there.
    written: bool,
    /// npm reads it from here.
    here: bool,
    /// Its file cannot be read now, so what stands there is not known.
    unread: bool,
}

/// What the registry made of the old value before anything was revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Before {
    /// That was not found out.
    #[default]
    NotKnown,
    /// It took it.
    Worked,
    /// It refused it.
    Refused,
}

/// A rotation that is under way.
struct Rotation<'a, C: Connector> {
    job: &'a Job<'a, C>,
    log: Log,
    begun: Begun,
    /// The old value, where it is known here.
    old: Option<Arc<Secret<String>>>,
    /// What the registry made of it before: only what worked can be shown to be refused since.
    before: Before,
    /// Requests carry the old token: from the writing on they carry the new one.
    in_use: bool,
    /// What speaks to the registry, once that is not the job's own.
    by: Option<Arc<C::Registry>>,
    token: Option<Box<Token>>,
    value: Option<Arc<Secret<String>>>,
    places: Vec<Place>,
    states: Vec<(RotateStep, RotateState)>,
    remains: Vec<Text>,
    /// A whole list does not have the old one any more: it is neither asked about nor sent.
    old_is_gone: bool,
    /// Nothing is left to go on with later.
    over: bool,
    /// The registry has taken its revocation in an earlier run: nobody is asked about it again.
    may_go: bool,
    /// While the value stands nowhere else.
    writing: Option<Writing>,
    /// When the old value was last taken after it was gone from the list.
    accepted: Option<Timestamp>,
    /// Why it is not known whether the revocation came through.
    unsure: Option<Failure>,
    /// The old value could not be put back where it stood: it goes out with the end.
    gives_old: bool,
    /// Why the journal does not have by what the new value is recognised.
    unkept: Option<Failure>,
}

/// It goes no further; everything that there is to say is said.
struct Ended;

/// Whether to go on.
type On = Result<(), Ended>;

pub(super) async fn rotate<C: Connector>(job: &Job<'_, C>, wish: Rotate) -> Result<Outcome, Stop> {
    let Rotate {
        old,
        mut new,
        places,
        elsewhere,
    } = wish;
    if old.revoked.is_some() {
        return Err(nothing("The token is revoked already.").into());
    }
    if let crate::domain::granular::Spec::Granular(form) = &new.spec
        && let Some(wrong) = form.wrongs().first()
    {
        return Err(nothing(wrong.words.as_str()).into());
    }
    job.desk
        .step(Step::Doing("look at the old token and its places"));
    let known = Known::look(job.house, job.host()).await?;
    let mut ready = Vec::new();
    let mut value = None;
    for id in places {
        if ready.iter().any(|place: &Place| place.id == id) {
            continue;
        }
        let (shown, held) = known.replaceable(&id, &old.key)?;
        value = Some(held);
        ready.push(Place {
            id,
            shown,
            written: false,
            here: true,
            unread: false,
        });
    }
    let carried = job.registry.token();
    let in_use = carried.filter(|carried| known.is(&old.key, carried));
    if new.note.trim().is_empty()
        && let Some(note) = known.note(&old.key)
    {
        new.note = note.as_str().to_owned();
    }
    let value = value
        .or_else(|| in_use.clone())
        .or_else(|| known.holding(&old.key).next().map(|(_, v)| Arc::clone(v)));
    let begun = Begun {
        registry: job.host(),
        account: account(job).await,
        at: job.house.deps.clock.now(),
        old: old.key.clone(),
        name: Text::new(old.label()),
        asked: match &new.spec {
            crate::domain::granular::Spec::Granular(form) => Text::new(&form.name),
            crate::domain::granular::Spec::Classic { .. } => Text::default(),
        },
        limited: !new.spec.cidr().is_empty() || !old.cidr.is_empty(),
        elsewhere,
        mark: value.as_deref().map(Mark::of),
        places: ready.iter().map(|place| place.id.clone()).collect(),
        shown: ready.iter().map(|place| place.shown.clone()).collect(),
    };
    let data = job.house.deps.vault_dir.clone();
    if data.as_os_str().is_empty() {
        return Err(nothing(
            "There is no folder on this machine to note down in how far it has come.",
        )
        .into());
    }
    let log = Log::begin(data, begun.at, &begun, job.desk).await?;
    let mut rotation = Rotation::new(job, log, begun, value, in_use.is_some());
    rotation.places = ready;
    rotation.probe_old(true).await;
    rotation.create(&new).await?;
    rotation.go_on().await;
    Ok(rotation.outcome().await)
}

/// Whose it is, where that can be found out without a question.
async fn account<C: Connector>(job: &Job<'_, C>) -> Option<Text> {
    if let Some(who) = job.account.get() {
        return Some(who.clone());
    }
    name_of(job.registry, job.desk.retrying()).await.ok()
}

fn nothing(what: &str) -> Failure {
    Failure::new(FailureKind::Local, what, "Nothing was changed.")
}

impl<'a, C: Connector> Rotation<'a, C> {
    fn new(
        job: &'a Job<'a, C>,
        log: Log,
        begun: Begun,
        old: Option<Arc<Secret<String>>>,
        in_use: bool,
    ) -> Self {
        let states = RotateStep::ALL.map(|step| (step, RotateState::Waiting));
        Self {
            job,
            log,
            begun,
            old,
            before: Before::NotKnown,
            in_use,
            by: None,
            token: None,
            value: None,
            places: Vec::new(),
            states: states.to_vec(),
            remains: Vec::new(),
            over: false,
            may_go: false,
            writing: None,
            old_is_gone: false,
            accepted: None,
            unsure: None,
            gives_old: false,
            unkept: None,
        }
    }

    fn set(&mut self, step: RotateStep, state: RotateState) {
        let state = match state {
            RotateState::Failed(why) if step != RotateStep::Create => {
                RotateState::Failed(self.as_it_stands(step, why))
            }
            state => state,
        };
        self.job.desk.step(Step::Rotating {
            step,
            state: state.clone(),
        });
        if let Some(at) = self.states.iter_mut().find(|(known, _)| *known == step) {
            at.1 = state;
        }
    }

    /// What a request or a file says of itself, that nothing was changed, is not true of the rotation.
    fn as_it_stands(&self, step: RotateStep, mut why: Failure) -> Failure {
        const NOTHING: &str = "Nothing was changed.";
        let holds = |text: &Text| text.as_str().contains(NOTHING);
        if !holds(&why.what) && !holds(&why.next) {
            return why;
        }
        let without = |text: &Text| text.as_str().replace(NOTHING, "").trim().to_owned();
        let places = self.places.iter().filter(|place| place.written);
        let places: Vec<_> = places.map(|place| place.shown.as_str()).collect();
        let mut stands = "The new token is made".to_owned();
        if !places.is_empty() {
            stands.push_str(", and stands in ");
            stands.push_str(&places.join(" and "));
        }
        if step < RotateStep::Revoke {
            stands.push_str("; the old one was not revoked");
        }
        let next = format!("{stands}. {}", without(&why.next));
        why.what = Text::new(&without(&why.what));
        why.next = Text::new(next.trim_end());
        why
    }

    fn left_out(&mut self, step: RotateStep, why: &str) {
        self.set(step, RotateState::LeftOut(Text::new(why)));
    }

    fn remain(&mut self, what: impl AsRef<str>) {
        self.remains.push(Text::new(what.as_ref()));
    }

    /// The new token, as a person finds it in the list.
    fn new_name(&self) -> String {
        let Some(token) = &self.token else {
            return "the new token".to_owned();
        };
        named(&Text::new(token.label()), &token.key)
    }

    /// The old one.
    fn old_name(&self) -> String {
        named(&self.begun.name, &self.begun.old)
    }

    /// A session by a token of this rotation, which is in no file as such.
    fn session(&self, token: &Arc<Secret<String>>) -> Arc<Session> {
        Arc::new(Session {
            token: Arc::clone(token),
            registry: self.begun.registry.clone(),
            name: self.begun.account.clone().unwrap_or_default(),
        })
    }

    /// What speaks by this token to the registry of the rotation, and to no other.
    async fn speaker(&self, token: &Arc<Secret<String>>) -> Result<Arc<C::Registry>, Failure> {
        let registry = self.job.house.by(&self.session(token)).await?;
        if registry.token().is_some_and(|held| held.matches(token)) {
            return Ok(registry);
        }
        Err(Failure::new(
            FailureKind::Local,
            format!(
                "The npm configuration has come to mean another registry than {}.",
                self.begun.registry
            ),
            "Set it back, and go on.",
        ))
    }

    /// What the registry makes of the old value. As long as no revocation was sent (`untouched`), a refusal is one from
    /// before, too.
    async fn probe_old(&mut self, untouched: bool) {
        let Some(old) = self.old.clone() else { return };
        let Ok(speaker) = self.speaker(&old).await else {
            return;
        };
        let before = match probe(&*speaker, self.job.desk.retrying()).await {
            Probed::Accepted => Before::Worked,
            Probed::SignedOut | Probed::Refused(_) if untouched => Before::Refused,
            Probed::SignedOut | Probed::Refused(_) | Probed::Unknown(_) => return,
        };
        self.before = before;
        self.log.before(before).await;
    }

    /// Makes the new one. An error says that nothing was made, or that this is not known.
    async fn create(&mut self, new: &crate::domain::granular::NewToken) -> Result<(), Stop> {
        self.set(RotateStep::Create, RotateState::Doing);
        let ready = match prepare(self.job, new, Some(&self.begun.old)).await {
            Ok(ready) => ready,
            Err(stop) => {
                self.log.end().await;
                return Err(stop);
            }
        };
        // Not noted as asked for before it is.
        self.job.desk.unhalted().await;
        if let Err(failure) = self.log.begins_to_make(ready.sent(self.job)).await {
            self.log.end().await;
            return Err(failure.into());
        }
        let made = match ready.obtain(self.job, new).await {
            Err(stop) => {
                self.log.end().await;
                return Err(stop);
            }
            Ok(Obtained::Lost { tokens, why }) => {
                self.made_and_lost(&tokens, why);
                return Ok(());
            }
            Ok(Obtained::Made(made)) => made,
        };
        let Made {
            token,
            value,
            wider,
            warnings,
            writing,
        } = *made;
        self.writing = writing;
        self.unkept = self.log.made(&token.key, &value).await.err();
        self.token = Some(Box::new(token));
        self.value = Some(value);
        let said: Vec<_> = warnings.iter().map(Text::as_str).collect();
        if wider.is_empty() {
            self.set(
                RotateStep::Create,
                RotateState::Done(Text::new(&said.join(" "))),
            );
            return Ok(());
        }
        let more: Vec<_> = wider.iter().map(Text::as_str).collect();
        let name = self.new_name();
        self.set(
            RotateStep::Create,
            RotateState::Failed(Failure::new(
                FailureKind::Refused,
                format!(
                    "The new token may do more than was asked for: {}",
                    more.join(" ")
                ),
                "Revoke it at once; the old one is as it was.",
            )),
        );
        self.remain(format!(
            "Revoke {name} at once: it may do more than was asked for. The old one is as it was."
        ));
        self.over = true;
        Ok(())
    }

    /// The answer was lost, and these are new in the list.
    fn made_and_lost(&mut self, tokens: &[Token], why: Failure) {
        self.set(RotateStep::Create, RotateState::Failed(why));
        if let [token] = tokens {
            self.token = Some(Box::new(token.clone()));
        }
        for token in tokens {
            let name = named(&Text::new(token.label()), &token.key);
            self.remain(format!(
                "Revoke {name} if it is the one that was made: its value was lost on the way."
            ));
        }
        self.remain(format!("{} is as it was.", capital(&self.old_name())));
        self.over = true;
    }

    /// Everything from the writing on, as far as it is not done.
    async fn go_on(&mut self) {
        if matches!(self.states[0].1, RotateState::Failed(_)) {
            return;
        }
        // It is either done or says itself why not.
        let _: On = async {
            self.write().await?;
            self.verify().await?;
            self.speak_by_the_new().await?;
            self.installed().await?;
            self.revoke().await?;
            self.verify_gone().await;
            Ok(())
        }
        .await;
    }

    /// Requests that carry the old token carry the new one from here on.
    async fn speak_by_the_new(&mut self) -> On {
        let (Some(new), true) = (self.value.clone(), self.in_use) else {
            return Ok(());
        };
        let house = self.job.house;
        if let Some(found) = house.configured_by(&new).await {
            if let Some(old) = &self.old {
                house.signed_out(old).await;
            }
            self.by = Some(house.registry_anew().await.unwrap_or(found));
            return Ok(());
        }
        let registry = match self.speaker(&new).await {
            Ok(registry) => registry,
            Err(why) => {
                self.left_out(
                    RotateStep::Revoke,
                    "The old one carries the requests, and the new one could not take its place.",
                );
                self.remain(format!("{} {}", why.what, why.next));
                self.both_stay();
                return Err(Ended);
            }
        };
        // It is the person's own, and is not ended with the program.
        house
            .settle(SignedIn {
                session: self.session(&new),
                registry: Arc::clone(&registry),
                filed: true,
                configured: false,
            })
            .await;
        self.by = Some(registry);
        Ok(())
    }

    /// The person puts the value elsewhere, too.
    async fn installed(&mut self) -> On {
        let (Some(value), Some(token)) = (self.value.clone(), self.token.clone()) else {
            return Ok(());
        };
        if !self.begun.elsewhere || self.old_is_gone || self.may_go {
            return Ok(());
        }
        self.job.desk.if_left(
            "You left before the old token was revoked: the old one and the new one stay.",
            "Go on with the rotation, or revoke the one that you do not need.",
        );
        self.log.handed().await;
        // A person may take days for it: this is no write that the end of the program waits for.
        self.writing = None;
        let question = Question::Installed {
            registry: self.begun.registry.clone(),
            value,
            token,
        };
        if let Ok(Answer::GoOn) = self.job.desk.ask(question).await {
            return Ok(());
        }
        self.left_out(RotateStep::Revoke, "You kept both.");
        self.both_stay();
        Err(Ended)
    }

    fn state(&self, step: RotateStep) -> &RotateState {
        let found = self.states.iter().find(|(known, _)| *known == step);
        found.map_or(&RotateState::Waiting, |(_, state)| state)
    }

    /// What was seen of the new one: by a value that is not known any more it was seen in an earlier run.
    const fn seen_to_work(&self) -> &'static str {
        if self.value.is_some() {
            "works"
        } else {
            "was seen to work"
        }
    }

    /// The old one was not revoked, and what to do about it. Of the new one only what was seen is told.
    fn both_stay(&mut self) {
        let (old, new) = (self.old_name(), self.new_name());
        let what = match self.state(RotateStep::Verify) {
            RotateState::Done(_) => format!(
                "{new} is the new one, and {}. {old} was not revoked: revoke it when nothing uses it any more, or go on with this rotation.",
                self.seen_to_work()
            ),
            RotateState::LeftOut(_) => format!(
                "{new} is the new one, and was not tried out. {old} was not revoked: revoke it when the new one is seen to work from where it is used."
            ),
            _ => format!(
                "{old} was not revoked. Whether {new} works is not known: go on with this rotation, which tries it out again, and keep both until then."
            ),
        };
        self.remain(what);
    }

    async fn outcome(mut self) -> Outcome {
        if self.over {
            self.log.end().await;
        }
        let placed = !self.places.is_empty() && self.places.iter().all(|place| place.written);
        let value = if self.gives_old {
            self.old
        } else {
            self.value.filter(|_| !placed)
        };
        if value.is_some() && !self.gives_old && !self.over {
            self.log.handed().await;
        }
        Outcome::Rotated(Rotated {
            registry: self.begun.registry,
            steps: self.states,
            token: self.token,
            value,
            is_old: self.gives_old,
            remains: self.remains,
            open: !self.over,
        })
    }
}

/// "ci (0a1b2c)".
fn named(name: &Text, key: &TokenKey) -> String {
    format!("{} ({})", name.cut(44), key.short())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + chars.as_str()
    })
}
