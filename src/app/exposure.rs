//! Which secrets stand on the screen, so that leaving one is noticed in one place (promises P04 and P05).

use super::field::Field;
use super::model::{Model, SetPage, WizardStep};
use super::password::PasswordField;
use super::rotate;

/// A secret on the screen, or a form for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exposed {
    Password,
    Revealed,
    NewPassword(PasswordField),
    NewPasswordRevealed(PasswordField),
    TokenPassword,
    TokenPasswordRevealed,
    TokenValue,
    TokenValueShown,
    SignInPassword,
    SignInRevealed,
    SignInPage,
    WizardPassword,
    WizardRevealed,
    Passphrase,
    PassphraseRevealed,
    Enrolment,
    Key,
    Code,
    Codes,
    Sheet,
    Proof,
    SetPassphrase,
    SetPassphraseRevealed,
    OpenedCodes,
    SetProof,
    Pasted,
    PastedRevealed,
    Challenge(u64),
    ChallengeRevealed,
    Demo,
}

/// What stands on the screen now.
pub(super) fn of(model: &Model) -> Vec<Exposed> {
    let now = model.now.mono;
    let shown = |field: &Field| field.masked && field.shows_text(now);
    let mut exposed = Vec::new();
    let mut add = |holds: bool, what: Exposed| {
        if holds {
            exposed.push(what);
        }
    };
    if let Some(change) = &model.security.change {
        add(!change.password.is_empty(), Exposed::Password);
        add(shown(&change.password), Exposed::Revealed);
    }
    if let Some(form) = &model.profile.password {
        for which in PasswordField::ALL {
            let field = form.field(which);
            add(!field.is_empty(), Exposed::NewPassword(which));
            add(shown(field), Exposed::NewPasswordRevealed(which));
        }
    }
    if let Some(form) = model.token_form() {
        add(!form.password.is_empty(), Exposed::TokenPassword);
        add(shown(&form.password), Exposed::TokenPasswordRevealed);
    }
    if let Some(card) = model.value_card().filter(|_| !rotate::is_aside(model)) {
        add(true, Exposed::TokenValue);
        add(card.stands(), Exposed::TokenValueShown);
    }
    if let Some(form) = &model.signin {
        add(
            !form.password.is_empty() || !form.again.is_empty(),
            Exposed::SignInPassword,
        );
        add(
            shown(&form.password) || shown(&form.again),
            Exposed::SignInRevealed,
        );
        add(form.web.is_some(), Exposed::SignInPage);
    }
    if let Some(wizard) = &model.wizard {
        let at = |step| wizard.step == step;
        add(
            at(WizardStep::Password) && !wizard.password.is_empty(),
            Exposed::WizardPassword,
        );
        add(shown(&wizard.password), Exposed::WizardRevealed);
        add(
            at(WizardStep::Scan) && wizard.enrolment.is_some(),
            Exposed::Enrolment,
        );
        add(
            at(WizardStep::Scan) && wizard.enrolment.is_some() && wizard.key_shown,
            Exposed::Key,
        );
        add(
            at(WizardStep::Scan) && !wizard.code.is_empty(),
            Exposed::Code,
        );
        add(
            at(WizardStep::Codes) && wizard.codes.is_some(),
            Exposed::Codes,
        );
        let shown_codes = wizard.codes.as_ref();
        add(
            shown_codes.is_some_and(|codes| codes.sheet.is_some()),
            Exposed::Sheet,
        );
        let form = &wizard.place;
        add(
            !form.passphrase.is_empty() || !form.again.is_empty(),
            Exposed::Passphrase,
        );
        add(
            shown(&form.passphrase) || shown(&form.again),
            Exposed::PassphraseRevealed,
        );
        add(
            at(WizardStep::Proof) && !wizard.proof_typed.is_empty(),
            Exposed::Proof,
        );
    }
    match &model.recovery.page {
        Some(SetPage::Form(form)) => {
            add(!form.passphrase.is_empty(), Exposed::SetPassphrase);
            add(shown(&form.passphrase), Exposed::SetPassphraseRevealed);
        }
        Some(SetPage::Add(form)) => {
            let passphrases = [&form.passphrase, &form.again];
            let typed = passphrases.iter().any(|field| !field.is_empty());
            add(typed, Exposed::SetPassphrase);
            let revealed = passphrases.iter().any(|field| shown(field));
            add(revealed, Exposed::SetPassphraseRevealed);
            add(!form.codes.is_empty(), Exposed::Pasted);
            add(shown(&form.codes), Exposed::PastedRevealed);
        }
        Some(SetPage::Opened(_)) => add(true, Exposed::OpenedCodes),
        Some(SetPage::Proof(page)) => add(!page.typed.is_empty(), Exposed::SetProof),
        Some(SetPage::Remove(_) | SetPage::Left(_)) | None => {}
    }
    if let Some(asked) = model.challenges.first() {
        let foreign = asked.web.as_ref().is_some_and(|web| web.foreign.is_some());
        let on_top = asked.spending.is_none() && !foreign;
        add(on_top, Exposed::Challenge(asked.id.0));
        add(shown(&asked.typed), Exposed::ChallengeRevealed);
    }
    if let Some(demo) = &model.demo {
        add(demo.open, Exposed::Demo);
    }
    exposed
}

/// True when something that stood on the screen `before` stands there no more.
pub(super) fn was_left(before: &[Exposed], model: &Model) -> bool {
    if before.is_empty() {
        return false;
    }
    let after = of(model);
    before.iter().any(|exposed| !after.contains(exposed))
}

/// Every field that can be masked.
pub(super) fn each_field(model: &mut Model, mut act: impl FnMut(&mut Field)) {
    if let Some(change) = &mut model.security.change {
        act(&mut change.password);
    }
    if let Some(form) = &mut model.profile.password {
        for which in PasswordField::ALL {
            act(form.field_mut(which));
        }
    }
    if let Some(form) = &mut model.tokens.create {
        act(&mut form.password);
    }
    if let Some(rotation) = &mut model.rotation {
        act(&mut rotation.form.password);
    }
    if let Some(form) = &mut model.signin {
        act(&mut form.password);
        act(&mut form.again);
    }
    if let Some(wizard) = &mut model.wizard {
        act(&mut wizard.password);
        act(&mut wizard.place.passphrase);
        act(&mut wizard.place.again);
    }
    match &mut model.recovery.page {
        Some(SetPage::Form(form)) => act(&mut form.passphrase),
        Some(SetPage::Add(form)) => {
            act(&mut form.passphrase);
            act(&mut form.again);
            act(&mut form.codes);
        }
        _ => {}
    }
    for asked in &mut model.challenges {
        act(&mut asked.typed);
    }
}

/// Hides whatever was revealed: nothing revealed survives a change of what is on top.
pub(super) fn hide_all(model: &mut Model) {
    each_field(model, Field::hide);
}
