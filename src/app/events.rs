//! What the backend reports goes to the screen that asked for it.

use super::Effect;
use super::model::{Account, Model, Retry};
use super::request::{InFlight, Purpose};
use super::{
    ability, account, challenge, create, created, emergency, guide, machine, note, password,
    profile, recovery, revoke, rotate, security, signin, signout, tokens, unfinished, wizard,
};
use crate::backend::protocol::{Event, Outcome, Question, RequestId, Step};
use crate::domain::failure::{Failure, FailureKind};

/// Takes an event. One of a request that is not known, or has ended, changes nothing.
pub(super) fn on(model: &mut Model, event: Event, effects: &mut Vec<Effect>) {
    match event {
        Event::Asked { id, question } => {
            model.retry_over(id);
            match question {
                Question::Challenge(asked) => challenge::asked(model, id, asked, effects),
                Question::SignIn(asked) => signin::parks(model, id, asked, effects),
                Question::Web(web) => signin::page(model, id, &web, effects),
                Question::Emergency(ask) => emergency::asked(model, id, ask, effects),
                Question::Installed {
                    registry,
                    value,
                    token,
                } => {
                    rotate::installed(model, id, (registry, value), token);
                }
                Question::InPlace(asked) => rotate::in_place(model, id, asked),
                question if recovery::asks(model, id) => {
                    recovery::asked(model, id, &question, effects);
                }
                question => wizard::asked(model, id, question, effects),
            }
        }
        Event::Cleared { id } => {
            challenge::close(model, id);
            signin::unpark(model, id);
            signin::cleared(model, id);
            wizard::cleared(model, id);
            recovery::cleared(model, id);
            emergency::cleared(model, id);
            rotate::cleared(model, id);
        }
        Event::Retrying {
            id,
            attempt,
            of,
            wait,
            why,
        } => {
            if model.requests.contains_key(&id) {
                let at = model.now.mono.saturating_add(wait);
                model.say_retry(Retry {
                    id,
                    at,
                    attempt,
                    of,
                    why,
                });
            }
        }
        Event::Page {
            id,
            index,
            rows,
            total,
        } => {
            model.retry_over(id);
            if model.requests.contains_key(&id) {
                tokens::page(model, id, index, rows, total);
            }
        }
        Event::Step { id, step } => {
            model.retry_over(id);
            self::step(model, id, step, effects);
        }
        Event::Finished { id, result } => {
            model.retry_over(id);
            challenge::close(model, id);
            signin::unpark(model, id);
            if let Some(request) = model.requests.remove(&id) {
                finished(model, id, request, result, effects);
            }
            recovery::spent(model, id, effects);
        }
    }
}

fn step(model: &mut Model, id: RequestId, step: Step, effects: &mut Vec<Effect>) {
    let Some(request) = model.requests.get(&id).copied() else {
        return;
    };
    if matches!(step, Step::Enrolled(_)) {
        security::set_up_begun(model);
        recovery::renewed(model);
    }
    match (step, request.purpose) {
        (Step::Enrolled(enrolment), Purpose::Enable | Purpose::ChangeLevel) => {
            wizard::enrolled(model, id, enrolment, effects);
        }
        (
            Step::Codes {
                codes,
                place,
                received,
            },
            Purpose::Enable | Purpose::ChangeLevel,
        ) => wizard::codes(model, id, codes, place, received),
        (Step::Row { token, state }, Purpose::Revoke) => revoke::row(model, id, &token, state),
        (Step::Row { token, state }, Purpose::Emergency) => {
            emergency::row(model, id, &token, state);
        }
        (Step::Incident(incident), Purpose::Emergency) => {
            emergency::goes_on(model, id, incident, effects);
        }
        (Step::Emergencies(known), Purpose::Unfinished) => unfinished::known(model, request, known),
        (Step::Rotating { step, state }, Purpose::Rotate) => rotate::step(model, id, step, state),
        (Step::Probed(probed), Purpose::Probe) => machine::probed(model, id, probed),
        (Step::Unkept(why), Purpose::Revoke) => revoke::unkept(model, id, why),
        (Step::Asking(registry), _) => ability::asks(model, registry),
        (Step::Doing(doing), Purpose::Enable) => wizard::doing(model, id, doing),
        (Step::Doing(doing), _) if wizard::owns(model, id) => wizard::doing(model, id, doing),
        (Step::Doing(doing), Purpose::SignIn) => signin::doing(model, id, doing),
        (Step::Doing(doing), Purpose::Rotate) => rotate::doing(model, id, doing),
        (Step::Doing(doing), _) => model.plain(doing),
        _ => {}
    }
}

/// An answer of another kind than the question: never seen, and never silent.
fn odd() -> Failure {
    Failure::new(
        FailureKind::Local,
        "The answer does not belong to what was asked; this is a mistake in npm-warden.",
        "Press r to read what is true now.",
    )
}

fn finished(
    model: &mut Model,
    id: RequestId,
    request: InFlight,
    result: Result<Outcome, Failure>,
    effects: &mut Vec<Effect>,
) {
    if let Err(why) = &result
        && !matches!(request.purpose, Purpose::Account | Purpose::SignIn)
    {
        account::check_standing(model, request.asking, why, effects);
    }
    if let Err(why) = &result {
        ability::failed(model, request.purpose, why);
    }
    machine::touched(model, request.purpose);
    match request.purpose {
        Purpose::Account => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Account {
                    identity,
                    standing,
                    clock_ahead,
                } => Ok(Account {
                    identity,
                    standing,
                    clock_ahead,
                }),
                _ => Err(odd()),
            });
            account::finished(model, id, request.asking, result, effects);
        }
        Purpose::SaveField => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Saved(profile) => Ok(*profile),
                _ => Err(odd()),
            });
            profile::finished(model, id, result);
        }
        Purpose::Tokens => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Tokens { pages, moved } => Ok((pages, moved)),
                _ => Err(odd()),
            });
            tokens::finished(model, id, result);
        }
        // Only the plain commands ask that.
        Purpose::Given => {}
        Purpose::Revoke => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Revoked { rows, list } => Ok((rows, list)),
                _ => Err(odd()),
            });
            revoke::finished(model, id, result, effects);
        }
        Purpose::ProvePlace => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::PlaceProved { place, warnings } => Ok((place, warnings)),
                _ => Err(odd()),
            });
            if recovery::proves(model, id) {
                recovery::place_proved(model, id, result, effects);
            } else {
                wizard::place_proved(model, id, result, effects);
            }
        }
        Purpose::SuggestPlace => {
            let path = match result {
                Ok(Outcome::Suggested(path)) => Some(path),
                _ => None,
            };
            if !recovery::suggested(model, id, path.as_ref())
                && let Some(path) = path
            {
                wizard::suggested(model, path);
            }
        }
        Purpose::Enable => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Enabled(end) => Ok(end),
                _ => Err(odd()),
            });
            wizard::finished(model, id, result, effects);
        }
        Purpose::ChangeLevel => match result {
            Ok(Outcome::Enabled(end)) => {
                security::over(model, id);
                wizard::finished(model, id, Ok(end), effects);
            }
            Ok(Outcome::LevelChanged(level)) => {
                wizard::superseded(model, id);
                security::level_changed(model, id, Ok(level), effects);
            }
            Ok(_) if wizard::owns(model, id) => wizard::finished(model, id, Err(odd()), effects),
            Err(why) if wizard::owns(model, id) => wizard::finished(model, id, Err(why), effects),
            Ok(_) => security::level_changed(model, id, Err(odd()), effects),
            Err(why) => security::level_changed(model, id, Err(why), effects),
        },
        Purpose::Disable => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Disabled(profile) => Ok(*profile),
                _ => Err(odd()),
            });
            security::disabled(model, id, result, effects);
        }
        Purpose::Sets => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Sets { sets, read_only } => Ok((sets, read_only)),
                _ => Err(odd()),
            });
            recovery::finished(model, id, request.asking, result);
        }
        Purpose::OpenSet => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Opened(opened) => Ok(opened),
                _ => Err(odd()),
            });
            recovery::opened(model, id, result);
        }
        Purpose::ProveSet => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::SetProved { proved } => Ok(proved),
                _ => Err(odd()),
            });
            recovery::proved(model, id, result, effects);
        }
        Purpose::ExportSet => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Exported(path) => Ok(path),
                _ => Err(odd()),
            });
            recovery::exported(model, id, result);
        }
        Purpose::RemoveSet => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::SetRemoved(left) => Ok(left),
                _ => Err(odd()),
            });
            recovery::removed(model, id, result, effects);
        }
        Purpose::AddSet => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::SetAdded { place, proved } => Ok((place, proved)),
                _ => Err(odd()),
            });
            recovery::added(model, id, result, effects);
        }
        Purpose::CheckCode => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::CodeChecked(check) => Ok(check),
                _ => Err(odd()),
            });
            guide::code_checked(model, id, result, effects);
        }
        Purpose::ChangePassword => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::PasswordChanged(after) => Ok(after),
                _ => Err(odd()),
            });
            password::finished(model, id, result, effects);
        }
        Purpose::CreateToken => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Created(created) => Ok(created),
                _ => Err(odd()),
            });
            create::finished(model, id, result, effects);
        }
        Purpose::SignIn => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::SignedIn {
                    identity,
                    standing,
                    clock_ahead,
                    kept,
                } => {
                    let account = Account {
                        identity: *identity,
                        standing,
                        clock_ahead,
                    };
                    Ok((account, kept))
                }
                _ => Err(odd()),
            });
            signin::finished(model, id, result, effects);
        }
        Purpose::SignOut => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::SignedOut {
                    place,
                    ended,
                    forgotten,
                } => Ok((place, ended, forgotten)),
                _ => Err(odd()),
            });
            signout::finished(model, id, result, effects);
        }
        Purpose::Note => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Noted { token, note } => Ok((token, note)),
                _ => Err(odd()),
            });
            note::finished(model, id, result);
        }
        Purpose::Marks => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Marks(mut marks) if marks.len() == 1 => Ok(marks.swap_remove(0)),
                _ => Err(odd()),
            });
            tokens::proved(model, id, result);
        }
        Purpose::WriteToken if created::is_looking(model, id) => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Target(target) => Ok(target),
                _ => Err(odd()),
            });
            created::looked(model, id, result, effects);
        }
        // Nobody waits for it any more.
        Purpose::WriteToken if matches!(result, Ok(Outcome::Target(_))) => {}
        Purpose::WriteToken => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Written(stored) => Ok(stored),
                _ => Err(odd()),
            });
            created::written(model, id, result, effects);
        }
        Purpose::Rotate => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Rotated(rotated) => Ok(rotated),
                _ => Err(odd()),
            });
            rotate::finished(model, id, result, effects);
        }
        Purpose::Unfinished => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Unfinished(left) => Ok(left),
                _ => Err(odd()),
            });
            unfinished::finished(model, request, result);
        }
        Purpose::Machine => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Machine(machine) => Ok(*machine),
                _ => Err(odd()),
            });
            machine::finished(model, id, result);
        }
        Purpose::Probe => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Probed(probed) => Ok(probed),
                _ => Err(odd()),
            });
            machine::all_probed(model, id, result);
        }
        Purpose::PreviewFix => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::FixPreview(preview) => Ok(preview),
                _ => Err(odd()),
            });
            machine::previewed(model, id, result);
        }
        Purpose::ApplyFix => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Fixed(machine) => Ok(*machine),
                _ => Err(odd()),
            });
            machine::fixed(model, id, result);
        }
        Purpose::Emergency => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Emergency(incident) => Ok(incident),
                _ => Err(odd()),
            });
            emergency::finished(model, id, result, effects);
        }
        Purpose::Report => {
            let result = result.and_then(|outcome| match outcome {
                Outcome::Reported(files) => Ok(files),
                _ => Err(odd()),
            });
            emergency::reported(model, id, result, effects);
        }
    }
}
