//! Why an action cannot be taken now: the sentence that a disabled key answers with.

use super::keymap::{Action, Reason, Scope, beneath};
use super::model::{Account, Kind, Load, Model, PlaceChoice, RotateStage, Screen, Stopping};
use super::notice::seconds_left;
use super::request::Purpose;
use super::{emergency, guide, machine, recovery, rotate, signin, signout, tokens, web};
use crate::backend::protocol::Asking;
use crate::domain::ability::Ability;
use crate::domain::account::Profile;
use crate::domain::identity::Standing;
use crate::domain::text::Text;
use crate::domain::tfa::{Refusal, Tfa};

/// Why `action` cannot be taken now.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    match action {
        Action::Reload => reload(model),
        Action::SignIn => signin::enabled(model),
        Action::SignInEnter => signin::ready(model),
        Action::EditField => signed_in(model).and_then(|()| offered(model, Ability::EditProfile)),
        Action::ReviewField | Action::SaveField => offered(model, Ability::EditProfile),
        Action::NewPassword => new_password(model),
        Action::PasswordEnter => offered(model, Ability::ChangePassword),
        Action::NewToken => new_token(model),
        Action::Rotate => rotate(model),
        Action::EditNote => rows(model).and_then(|()| chosen(model)),
        Action::CopyToken | Action::ToggleToken => when(
            model.value_card().is_some(),
            "No value is shown: it stands in its places, or was not made.",
        ),
        Action::WriteToken => write(model),
        Action::KeepRotating => {
            let asked = match model.rotation.as_ref().map(|rotation| &rotation.stage) {
                Some(RotateStage::Running(running)) => running.stopping == Stopping::Asked,
                _ => false,
            };
            when(asked, "Nothing was asked: the rotation goes on.")
        }
        Action::SignOut => account(model).and_then(|_| signout::enabled(model)),
        Action::TokenEnter => offered(model, Ability::CreateTokens),
        Action::EnableOrChange => enable(model),
        Action::TurnOff => turn_off(model),
        Action::LostDevice => guide::enabled(model, Kind::LostDevice),
        Action::LostCodes => guide::enabled(model, Kind::LostCodes),
        Action::TwoEntries => guide::enabled(model, Kind::TwoEntries),
        Action::NewPhone => guide::enabled(model, Kind::NewPhone),
        Action::BackToGuide => when(model.guide.is_some(), "No guide was put aside."),
        Action::Filter | Action::Facet(_) | Action::Sort | Action::SelectAll => rows(model),
        Action::Select => token(model),
        Action::Details if model.tokens.details => Ok(()),
        Action::Details => rows(model).and_then(|()| chosen(model)),
        Action::PreviousToken => when(model.tokens.cursor > 0, "This is the first token shown."),
        Action::NextToken => when(
            model.tokens.cursor + 1 < model.tokens.shown.len(),
            "This is the last token shown.",
        ),
        Action::Revoke => revoke(model),
        Action::Resume | Action::ForgetLeft => super::unfinished::enabled(model),
        Action::KeepRevoking => {
            let asked = |r: &super::model::Revoke| r.stopping == Stopping::Asked;
            when(
                model.tokens.revoke.as_ref().is_some_and(asked),
                "Nothing was asked: the revocation goes on.",
            )
        }
        Action::NextQr if web::stands(model) => web::enabled(model, action),
        Action::SendCode
        | Action::CopyKey
        | Action::ToggleKey
        | Action::NextQr
        | Action::LeaveSetUp
        | Action::HideCodes
        | Action::CopyCodes
        | Action::Sheet
        | Action::SavePlace
        | Action::SendProof
        | Action::ShowAgain => wizard(model, action),
        Action::Reveal => reveal(model),
        Action::OpenPage | Action::CopyPage => web::enabled(model, action),
        Action::OpenSet
        | Action::ProveSet
        | Action::ExportSet
        | Action::RemoveSet
        | Action::AddSet => recovery::enabled(model, action),
        Action::EmergencyEnter
        | Action::EmergencySkip
        | Action::EmergencyMark
        | Action::EmergencyMarkAll
        | Action::EmergencySteps
        | Action::EmergencyWrite => emergency::enabled(model, action),
        Action::MachineDetails
        | Action::MachineTry
        | Action::MachineTryAll
        | Action::MachineTighten
        | Action::MachineVariable
        | Action::MachineRemove
        | Action::MachineSignOut => machine::enabled(model, action),
        Action::SendAnswer => answer(model),
        Action::CancelChallenge => when(
            !model.challenges.is_empty(),
            "No question of the registry is open.",
        ),
        _ => Ok(()),
    }
}

/// That the registry did not say it has no such thing.
pub(super) fn offered(model: &Model, ability: Ability) -> Result<(), Reason> {
    let said = model.lacks.get(&ability).or_else(|| {
        // A list and a new entry of it have one address.
        let listed = model.lacks.get(&Ability::Tokens);
        listed.filter(|_| ability == Ability::CreateTokens)
    });
    match said {
        Some(said) => Err(format!("{said} Press r to ask it anew.").into()),
        None => Ok(()),
    }
}

fn when(holds: bool, otherwise: &'static str) -> Result<(), Reason> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

fn reload(model: &Model) -> Result<(), Reason> {
    let pending = match model.screen {
        Screen::Profile | Screen::Security => model.account.pending(),
        Screen::Tokens => {
            signed_in(model)?;
            when(
                model.running(Purpose::Revoke).is_none(),
                "A revocation is under way; it reads the list itself at its end.",
            )?;
            // A background reload gives way to one that may ask.
            model.tokens.list.pending().filter(|id| {
                model
                    .requests
                    .get(id)
                    .is_some_and(|request| request.asking == Asking::Allowed)
            })
        }
        Screen::Recovery => model.recovery.sets.pending(),
        Screen::Machine => {
            when(
                model.running(Purpose::ApplyFix).is_none(),
                "A file is being changed; it is read anew after that.",
            )?;
            model.machine.machine.pending()
        }
        Screen::Emergency => {
            when(
                !model.emergency.under_way(),
                "The emergency reads what it needs itself.",
            )?;
            model.account.pending()
        }
    };
    when(pending.is_none(), "It is being read already.")
}

fn account(model: &Model) -> Result<&Account, Reason> {
    model.account.value().ok_or_else(|| match &model.account {
        Load::Failed { why, .. } => why.to_string().into(),
        _ => "The account is not here yet.".into(),
    })
}

fn signed_in(model: &Model) -> Result<(), Reason> {
    match &account(model)?.standing {
        Standing::SignedIn(_) => Ok(()),
        Standing::SignedOut => Err(
            "Nobody is signed in: npm's configuration has no credential for this registry.".into(),
        ),
        Standing::Rejected(_) => {
            Err("The registry does not accept the credential, so nothing can be changed.".into())
        }
    }
}

fn new_password(model: &Model) -> Result<(), Reason> {
    signed_in(model)?;
    offered(model, Ability::ChangePassword)?;
    when(
        model.running(Purpose::ChangePassword).is_none(),
        "An earlier change of the password has not ended yet.",
    )
}

fn new_token(model: &Model) -> Result<(), Reason> {
    signed_in(model)?;
    // Where none can be listed, none could be taken back.
    offered(model, Ability::Tokens)?;
    offered(model, Ability::CreateTokens)?;
    when(
        model.running(Purpose::CreateToken).is_none(),
        "An earlier request for a token has not ended yet.",
    )
}

fn rotate(model: &Model) -> Result<(), Reason> {
    if model.rotation.as_ref().is_some_and(|r| r.aside) {
        return Ok(());
    }
    token(model)?;
    signed_in(model)?;
    offered(model, Ability::CreateTokens)?;
    rotate::enabled(model)
}

fn write(model: &Model) -> Result<(), Reason> {
    let card = model.value_card().ok_or("No value is shown here.")?;
    when(
        card.sent.is_none(),
        "The value is being written already; how that ends is said here.",
    )?;
    when(
        model.demo.is_none(),
        "The demo reads and writes no .npmrc: its tokens end with it.",
    )
}

fn enable(model: &Model) -> Result<(), Reason> {
    signed_in(model)?;
    no_change_under_way(model)?;
    let tfa = model.profile().map(|profile| &profile.tfa);
    match (tfa, &model.refusal) {
        (Some(Tfa::On(_)), _) => Ok(()),
        (Some(Tfa::Unknown(said)), _) => Err(unknown(model, said)),
        (_, Some(Refusal::NotOffered(said))) => Err(format!(
            "This registry has no two-factor authentication (\"{said}\"). Press r to ask it anew."
        )
        .into()),
        (_, Some(Refusal::Closed(said))) => Err(format!(
            "This registry takes no set-up from a program (\"{said}\"): use its website. Press r to ask it anew."
        )
        .into()),
        _ => Ok(()),
    }
}

fn turn_off(model: &Model) -> Result<(), Reason> {
    signed_in(model)?;
    no_change_under_way(model)?;
    match model.profile().map(|profile| &profile.tfa) {
        Some(Tfa::On(_) | Tfa::Pending(_)) => Ok(()),
        Some(Tfa::Off) | None => Err("Two-factor authentication is off already.".into()),
        Some(Tfa::Unknown(said)) => Err(unknown(model, said)),
    }
}

/// The second factor is left alone where nobody knows how it stands.
fn unknown(model: &Model, said: &Text) -> Reason {
    if model.profile().is_some_and(Profile::is_name_alone) {
        return "The registry gave no profile, so how 2FA stands is not known, and it is left alone. Press r to ask anew."
            .into();
    }
    format!(
        "The registry describes this account's 2FA in a way that is not known here (\"{said}\"), so it is left alone."
    )
    .into()
}

fn no_change_under_way(model: &Model) -> Result<(), Reason> {
    let busy = [Purpose::Enable, Purpose::ChangeLevel, Purpose::Disable]
        .into_iter()
        .any(|purpose| model.running(purpose).is_some());
    when(
        !busy,
        "An earlier change of the second factor has not ended yet.",
    )
}

fn rows(model: &Model) -> Result<(), Reason> {
    let list = &model.tokens.list;
    match list.value() {
        Some(rows) if !rows.is_empty() => Ok(()),
        _ => Err(match list {
            Load::Failed { .. } if model.lacks.contains_key(&Ability::Tokens) => {
                return offered(model, Ability::Tokens);
            }
            Load::Loading { .. } | Load::Partial { .. } => "The tokens are not here yet.".into(),
            Load::Failed { why, .. } => why.to_string().into(),
            Load::Empty => {
                signed_in(model)?;
                "The tokens were not read yet. Press r to read them.".into()
            }
            Load::Ready(_) => "This account has no tokens.".into(),
        }),
    }
}

fn chosen(model: &Model) -> Result<(), Reason> {
    when(
        tokens::chosen(model).is_some(),
        "No token fits. Press Esc to see more.",
    )
}

fn token(model: &Model) -> Result<(), Reason> {
    rows(model)?;
    chosen(model)?;
    when(
        tokens::chosen(model).is_some_and(|token| token.revoked.is_none()),
        "This token is revoked already.",
    )
}

fn revoke(model: &Model) -> Result<(), Reason> {
    if model.running(Purpose::Revoke).is_some() {
        return Err("A revocation is under way; it has to end first.".into());
    }
    if model.tokens.selected.is_empty() {
        token(model)
    } else {
        rows(model)
    }
}

fn wizard(model: &Model, action: Action) -> Result<(), Reason> {
    let Some(wizard) = &model.wizard else {
        return Err("The wizard is not open.".into());
    };
    let busy = || -> Reason {
        wizard
            .doing
            .map_or("One moment: nothing is asked yet.".into(), |doing| {
                format!("{doing}; one moment.").into()
            })
    };
    match action {
        Action::SendCode if wizard.confirm.is_none() => Err(busy()),
        Action::SendCode => wait(model, wizard.wait_until),
        Action::CopyKey | Action::ToggleKey | Action::NextQr => {
            when(wizard.enrolment.is_some(), "The key is not here yet.")
        }
        Action::HideCodes if !wizard.codes_asked && wizard.end.is_none() => Err(busy()),
        Action::CopyCodes | Action::Sheet => when(wizard.codes.is_some(), "The codes are hidden."),
        Action::SendProof | Action::ShowAgain if wizard.proof.is_none() && wizard.end.is_none() => {
            Err(busy())
        }
        Action::ShowAgain => when(
            wizard.end.is_none(),
            "The set-up broke off, so the codes cannot be shown again.",
        ),
        _ => Ok(()),
    }
}

/// Among the places for the codes there is one field with dots.
fn reveal(model: &Model) -> Result<(), Reason> {
    let places = matches!(beneath(model), Scope::WizardPlace | Scope::WizardOtherPlace);
    let form = model.wizard.as_ref().map(|wizard| &wizard.place);
    when(
        !places
            || form.is_some_and(|form| form.choice == PlaceChoice::Vault && form.proof().is_none()),
        "Nothing is hidden here.",
    )
}

fn answer(model: &Model) -> Result<(), Reason> {
    let Some(asked) = model.challenges.first() else {
        return Err("No question of the registry is open.".into());
    };
    when(!asked.answered, "The registry is looking at the code.")?;
    wait(model, asked.wait_until)
}

/// Without a number: the seconds count down beside the field, and this line would not.
fn wait(model: &Model, until: Option<std::time::Duration>) -> Result<(), Reason> {
    when(
        until.is_none_or(|until| seconds_left(until, model.now.mono) == 0),
        "No code is taken before the wait is over.",
    )
}
