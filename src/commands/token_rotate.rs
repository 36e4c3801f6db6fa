//! `token rotate`: a new token takes the old one's place, in the files as well.

use std::io;

use zeroize::Zeroizing;

use super::Here;
use super::account::signed_in;
use super::outlet::{self, Handed, hand_over};
use super::report::{Report, failure, for_a_command, same_place};
use super::rotate_steps;
use super::second_factor::{by_password, somebody};
use super::shape;
use super::talk::{End, Talk, say};
use super::token_create::{by_id, not_wrong};
use super::token_list::read;
use super::token_resume;
use crate::args::{AccountArgs, RotateArgs};
use crate::backend::protocol::{Outcome, Request, Rotate, Rotated};
use crate::backend::{Clock as _, SystemClock};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::found::Grade;
use crate::domain::granular::{NewToken, Spec, like};
use crate::domain::machine::{CredentialId, Form, Machine};
use crate::domain::rotation::{RotateState, RotateStep, in_words_of};
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};

pub(super) async fn rotate(here: &Here, args: &RotateArgs) -> Result<Report, End> {
    here.folder()?;
    let mut talk = Talk::open(here, &args.account)?;
    let Some(id) = args.token.as_ref().filter(|_| !args.resume) else {
        return token_resume::resume(talk, args).await;
    };
    if args.elsewhere && args.account.json {
        return Err(End::usage(
            "With --json the value comes once, at the end, so nobody could put it elsewhere before the old token goes.",
            "Leave --json out, or --elsewhere.",
        ));
    }
    if args.elsewhere || args.print {
        outlet::open()?;
    }
    let (listed, end) = read(&mut talk).await?;
    if let Some(end) = end {
        return Err(end);
    }
    // A dead credential is said first: no terminal would help against it.
    signed_in(&mut talk).await?;
    somebody(&talk)?;
    let old = by_id(&listed, id)?.clone();
    token_resume::hint(&mut talk).await?;
    let spec = spec(&old, args)?;
    let places = places(&mut talk, &old).await?;
    say(&format!(
        "In the place of {} ({}): {}",
        old.label(),
        old.key.short(),
        spec.sentence(&talk.account, SystemClock.now())
    ));
    for (_, shown) in &places {
        say(&format!("The new value goes into {shown}."));
    }
    if let Some(note) = &old.note {
        say(&format!("Noted of the old one: {note}"));
    }
    // Where nothing on this machine holds it, it is used elsewhere.
    let elsewhere = args.elsewhere || (places.is_empty() && !args.yes && !args.account.json);
    if elsewhere {
        say(
            "Its value is shown, and the old one is not revoked before you have put it where it is used.",
        );
    }
    if !args.yes && !talk.agreed("Rotate this token?").await? {
        return Err(Failure::new(FailureKind::Cancelled, "Nothing was changed.", "").into());
    }
    let prints = elsewhere || args.print || places.is_empty();
    if prints && !elsewhere {
        talk.shows_unasked(args.account.json);
    }
    let places: Vec<_> = places.into_iter().map(|(id, _)| id).collect();
    let answered = by_password(&mut talk, |password| {
        if prints {
            outlet::open()?;
        }
        Ok(Request::Rotate(Rotate {
            old: Box::new(old.clone()),
            new: NewToken {
                spec: spec.clone(),
                password,
                note: args.note.clone().unwrap_or_default(),
            },
            places: places.clone(),
            elsewhere: prints,
        }))
    })
    .await?;
    let Outcome::Rotated(rotated) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    report(&mut talk, args, &old.key, rotated, answered.end).await
}

fn spec(old: &Token, args: &RotateArgs) -> Result<Spec, End> {
    let (mut spec, lost) = like(old, SystemClock.now())?;
    for what in &lost {
        say(what.as_str());
    }
    match &mut spec {
        Spec::Granular(form) => {
            if let Some(name) = &args.name {
                form.name.clone_from(name);
            }
            form.days = args.expires.or(form.days);
            not_wrong(form)?;
        }
        Spec::Classic { .. } if args.name.is_some() || args.expires.is_some() => {
            return Err(End::usage(
                "The token is of the old kind, which has neither a name nor a date.",
                "Leave --name and --expires out.",
            ));
        }
        Spec::Classic { .. } => {}
    }
    Ok(spec)
}

/// The places that are proved to hold it and can take another value.
async fn places(talk: &mut Talk, old: &Token) -> Result<Vec<(CredentialId, Text)>, End> {
    let proved: Vec<_> = old
        .found
        .iter()
        .filter(|found| found.grade == Grade::Is)
        .map(|found| found.place.clone())
        .collect();
    for found in old.found.iter().filter(|found| found.grade != Grade::Is) {
        say(&format!(
            "{} looks like it and is not proved to be it, so it is left as it is.",
            found.place
        ));
    }
    if proved.is_empty() {
        return Ok(Vec::new());
    }
    let Outcome::Machine(machine) = talk.ask(Request::Machine).await?.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    let Machine {
        credentials,
        closed,
        ..
    } = *machine;
    let mut places = Vec::new();
    for local in credentials {
        let named = |place: &Text| {
            let rest = place.as_str().strip_prefix(local.place.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(", from "))
        };
        if !proved.iter().any(named) {
            continue;
        }
        if let Some((_, why)) = closed.iter().find(|(id, _)| *id == local.id) {
            say(&format!(
                "{} holds it and is left as it is: {why}",
                local.place
            ));
        } else if local.form == Form::Literal && local.id.path.is_some() && !local.scope.is_empty()
        {
            places.push((local.id, local.place));
        } else {
            let mixed = matches!(local.form, Form::Mixed { .. });
            let how = if mixed {
                "as text mixed with a variable"
            } else {
                "by way of a variable, or not as a setting"
            };
            say(&format!(
                "{} holds it {how}: put the new value there yourself.",
                local.place
            ));
        }
    }
    Ok(places)
}

pub(super) async fn report(
    talk: &mut Talk,
    args: &RotateArgs,
    old: &TokenKey,
    mut rotated: Rotated,
    end: Option<End>,
) -> Result<Report, End> {
    let resume = same_place("npm-warden token rotate --resume", &args.account);
    let go_on = format!("To go on: {resume}");
    rotated.remains = in_words_of(&rotated.remains, &go_on);
    let mut failed = None;
    for (step, state) in &rotated.steps {
        if !talk.told(*step, state) {
            say(&rotate_steps::line(*step, state));
        }
        if let RotateState::Failed(why) = state {
            failed.get_or_insert_with(|| why.clone());
        }
    }
    let whole = rotated.steps.iter().all(|(step, state)| {
        matches!(state, RotateState::Done(_)) || may_be_left_out(*step, state)
    });
    // The first thing that remains is the next step that the end names.
    let named = usize::from(end.is_none() && !whole);
    for what in rotated.remains.iter().skip(named) {
        say(what.as_str());
    }
    let end = end.or_else(|| {
        (!whole).then(|| {
            let why = failed.unwrap_or_else(|| {
                Failure::new(
                    FailureKind::Cancelled,
                    "The rotation was not done to its end.",
                    "",
                )
            });
            End::Failed(Failure::new(
                why.kind,
                why.what.as_str(),
                rotated.remains.first().map_or("", Text::as_str),
            ))
        })
    });
    let end = match end {
        Some(End::Stopped(_, what)) if what.is_empty() && whole => {
            say("The rotation was done before it could be stopped.");
            None
        }
        end => end,
    };
    let end = end.map(|end| match end {
        // Run again, the command would make another token.
        End::Stopped(sign, what) if what.is_empty() => {
            End::Stopped(sign, stopped(&rotated, &go_on, &args.account))
        }
        end => end,
    });
    let (kept, was_shown) = talk.shown();
    let is_old = rotated.is_old;
    let value = rotated.value.take().or(kept);
    let value = value.as_ref();
    let shown = value.filter(|_| is_old || !was_shown);
    if is_old {
        say("On standard output is the value of the old token, which works.");
    }
    let why = end.as_ref();
    let why = why.map(|end| (&for_a_command(failure(end), &args.account)).into());
    let in_json = value.filter(|_| args.account.json);
    let json = shape::line(shape::Rotated {
        registry: talk.config()?.registry.as_str(),
        old: Text::new(&old.raw()),
        new: rotated.token.as_ref().map(|new| Text::new(&new.key.raw())),
        token: value
            .filter(|_| !is_old)
            .map(|value| value.expose().as_str()),
        old_token: value
            .filter(|_| is_old)
            .map(|value| value.expose().as_str()),
        steps: rotated
            .steps
            .iter()
            .map(|(step, state)| {
                let (state, said) = rotate_steps::in_json(state);
                shape::RotateStepShape {
                    step: step.word(),
                    state,
                    said,
                }
            })
            .collect(),
        remains: &rotated.remains,
        error: why,
    });
    let (Some(value), line) = (match in_json {
        Some(value) => (Some(value), json.as_str()),
        None => (shown, shown.map_or("", |value| value.expose())),
    }) else {
        return Ok(Report {
            json,
            text: Zeroizing::default(),
            end,
        });
    };
    let end = match hand_over(talk, line, value).await {
        Handed::Printed => end,
        Handed::Shown(why) => end.or(Some(unprinted(
            "The value is on the terminal alone",
            &why,
            "",
        ))),
        Handed::Lost(why) => Some(lost(&rotated, is_old, &why)),
    };
    Ok(Report {
        json: Zeroizing::default(),
        text: Zeroizing::default(),
        end,
    })
}

fn unprinted(what: &str, why: &io::Error, next: &str) -> End {
    End::Failed(Failure::new(
        FailureKind::Local,
        format!("{what}: standard output could not be written ({why})."),
        next,
    ))
}

/// Nobody has the value that was to be printed.
fn lost(rotated: &Rotated, is_old: bool, why: &io::Error) -> End {
    let state = |wanted: RotateStep| {
        let mut steps = rotated.steps.iter();
        steps.find_map(|(step, state)| (*step == wanted).then_some(state))
    };
    if is_old {
        return unprinted("The value of the old token is lost", why, "");
    }
    if matches!(state(RotateStep::Write), Some(RotateState::Done(_))) {
        return unprinted(
            "The new value was not printed",
            why,
            "It stands in its place all the same.",
        );
    }
    let id = rotated.token.as_ref();
    let id = id.map(|new| new.key.short().to_string());
    let kept = match state(RotateStep::Revoke) {
        Some(RotateState::LeftOut(_)) => "The old token was kept. ",
        _ => "",
    };
    unprinted(
        &format!(
            "The value of the new token{} is lost",
            id.as_ref()
                .map_or_else(String::new, |id| format!(", {id},"))
        ),
        why,
        &id.map_or_else(
            || format!("{kept}Revoke the new one on the registry's website."),
            |id| format!("{kept}Revoke the new one: npm-warden token revoke {id}"),
        ),
    )
}

/// The end of who left between the two tokens: the way on that there is.
fn stopped(rotated: &Rotated, go_on: &str, account: &AccountArgs) -> Text {
    let is_at = |wanted: RotateStep, fits: fn(&RotateState) -> bool| {
        let mut steps = rotated.steps.iter();
        steps.any(|(step, state)| *step == wanted && fits(state))
    };
    let revoke = |new: &Token| {
        let revoke = format!("npm-warden token revoke {}", new.key.short());
        same_place(&revoke, account)
    };
    let way = match &rotated.token {
        _ if rotated.open => format!(" {go_on}"),
        Some(new)
            if is_at(RotateStep::Create, |is| {
                matches!(is, RotateState::Failed(_))
            }) =>
        {
            format!(" To revoke the new token: {}", revoke(new))
        }
        Some(new)
            if rotated.value.is_some()
                && is_at(RotateStep::Verify, |is| matches!(is, RotateState::Waiting)) =>
        {
            format!(
                " Put the value of the new token where it is needed, or revoke it: {}",
                revoke(new)
            )
        }
        // What remains is said above.
        _ => String::new(),
    };
    Text::new(&format!(
        "Stopped before the rotation was done to its end.{way}"
    ))
}

/// Steps without which a rotation is whole.
const fn may_be_left_out(step: RotateStep, state: &RotateState) -> bool {
    matches!(state, RotateState::LeftOut(_))
        && matches!(
            step,
            RotateStep::Write | RotateStep::Verify | RotateStep::VerifyGone
        )
}
