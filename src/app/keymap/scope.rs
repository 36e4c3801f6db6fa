//! Where keys hold: which part of the program is on top, and which scopes are active with it.

use crate::app::create::{Shape, TokenField, TokenForm};
use crate::app::created::CreatedPage;
use crate::app::model::{
    Enabled, Model, Overlay, ProfileScreen, RevokeStage, Screen, TokensScreen, Wizard, WizardStep,
};
use crate::app::signin::SignInPart;
use crate::app::{emergency, machine, recovery, rotate};

/// A part of the program with keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere.
    Always,
    /// Everywhere in the demo.
    Demo,
    /// Where a field has the focus.
    Field,
    /// Where no field has the focus and no question is open.
    Free,
    /// On the screens themselves.
    Main,
    /// Wherever something can be moved through.
    Moves,
    /// The same while a field has the focus: keys that are no text.
    FieldMoves,
    /// In the place of a screen that needs an account, while nobody is signed in.
    Absent,
    /// The sign-in form: a choice.
    SignInChoice,
    /// The sign-in form: the user name, or the address for mails.
    SignInName,
    /// The sign-in form: the password.
    SignInPassword,
    /// A sign-in that was sent.
    SignInSent,
    /// The page on which the person signs in.
    SignInPage,
    /// The profile screen.
    Profile,
    /// A profile field being typed.
    ProfileEdit,
    /// The line `before → after`.
    ProfileReview,
    /// A profile field that was sent.
    ProfileSaving,
    /// The form for another password.
    PasswordForm,
    /// Another password that was sent.
    PasswordSent,
    /// The question before signing out.
    SignOutAsk,
    /// A sign-out that was sent.
    SignOutSent,
    /// What a sign-out left to do.
    SignOutDone,
    /// The security screen.
    Security,
    /// A guide's page.
    Guide,
    /// The warning before 2FA goes off.
    ChangeWarning,
    /// The password for a change of the second factor.
    ChangePassword,
    /// A change of the second factor that was sent.
    ChangeSent,
    /// The machine screen.
    Machine,
    /// The machine screen: all that is known of a row.
    MachineDetails,
    /// The machine screen: a question with No as its answer.
    MachineAsk,
    /// The machine screen: the name of a variable.
    MachineName,
    /// The machine screen: something is waited for.
    MachineSent,
    /// The emergency screen: the plan, or the work.
    Emergency,
    /// The emergency: a question with a few answers, or a page to read.
    EmergencyAsk,
    /// The emergency: a list to mark.
    EmergencyList,
    /// The emergency: password, second factor, recovery codes.
    EmergencyAccount,
    /// The emergency: its report.
    EmergencyReport,
    /// The emergency: a question with No as its answer.
    EmergencySure,
    /// The emergency: how many tokens go.
    EmergencyCount,
    /// The emergency: where the report goes.
    EmergencyFolder,
    /// The tokens screen.
    Tokens,
    /// The filter of the tokens.
    Filter,
    /// The details of a token.
    Details,
    /// The form for a token: one of a few, or a tick.
    TokenChoice,
    /// The form for a token: what is typed.
    TokenText,
    /// The form for a token: the account's password.
    TokenPassword,
    /// The question before a form for a token is given up.
    TokenLeaving,
    /// A token that was asked for.
    TokenSent,
    /// A new token's value.
    Made,
    /// The question before a new token's value is left.
    MadeLeaving,
    /// Where a new token's value is to be written: which file.
    WriteChoice,
    /// The same: the path.
    WritePath,
    /// The question before another token is replaced in a file.
    WriteOver,
    /// A new token's value that is being written.
    WriteSent,
    /// Tokens whose value is lost: are they to be revoked?
    Lost,
    /// A rotation: where the new value goes.
    RotatePlaces,
    /// The question before an interrupted rotation is gone on with.
    RotateAsk,
    /// The question before a rotation is given up.
    RotateLeaving,
    /// A rotation under way.
    RotateRunning,
    /// A rotation: is the new value everywhere?
    RotateInstalled,
    /// A rotation that is gone on with: is the new token in place, whose value is not here any more?
    RotateInPlace,
    /// The end of a rotation.
    RotateDone,
    /// The question before what was interrupted is forgotten.
    ForgetAsk,
    /// The note of a token being typed.
    NoteEdit,
    /// A note that is being taken down.
    NoteSent,
    /// The question before one or two tokens are revoked.
    RevokeAsk,
    /// The question before three or more are revoked.
    RevokeCount,
    /// A revocation under way.
    RevokeRunning,
    /// The result of a revocation.
    RevokeDone,
    /// The recovery screen.
    Recovery,
    /// Where an export of recovery codes goes.
    SetPath,
    /// The passphrase for a set of recovery codes.
    SetPassphrase,
    /// Something with a set of recovery codes that is under way.
    SetSent,
    /// The codes of a set.
    SetOpened,
    /// The same on a page to print.
    SetSheet,
    /// Part of a code of a kept set is asked for.
    SetProof,
    /// The question before a set is removed.
    SetRemoveAsk,
    /// The same for codes in use.
    SetRemoveWord,
    /// What of a removed set is left.
    SetLeft,
    /// Codes that were got elsewhere are being pasted.
    AddCodes,
    /// The passphrase for their encrypted file.
    AddSecret,
    /// The path for their plain file.
    AddPath,
    /// The person keeps them.
    AddMine,
    /// Wizard: what you need.
    WizardNeed,
    /// Wizard: the level.
    WizardLevel,
    /// Wizard: the password.
    WizardPassword,
    /// Wizard: where the codes go.
    WizardPlace,
    /// Wizard: the job is at work and asks nothing.
    WizardWorking,
    /// Wizard: QR code, typed key, and the code that confirms.
    WizardScan,
    /// Wizard: the way out of a begun set-up.
    WizardLeaving,
    /// Wizard: the recovery codes.
    WizardCodes,
    /// Wizard: the recovery codes on a page to print or to write off.
    WizardSheet,
    /// Wizard: the recovery codes, and another place for them.
    WizardOtherPlace,
    /// Wizard: the proof.
    WizardProof,
    /// Wizard: the end.
    WizardDone,
    /// Wizard: the end, without recovery codes.
    WizardNoCodes,
    /// The registry's question.
    Challenge,
    /// The question before a page is used that is not of the registry's own website.
    Foreign,
    /// The page before a recovery code is used up.
    Spending,
    /// The help.
    Help,
    /// The palette.
    Palette,
    /// Leave the program although something is unfinished?
    Leaving,
}

impl Scope {
    /// The heading of its keys in the help.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Always | Self::Free | Self::Field => "Everywhere",
            Self::Demo => "Demo",
            Self::Main => "Screens",
            Self::Moves | Self::FieldMoves => "Moving",
            Self::Profile | Self::ProfileEdit | Self::ProfileReview | Self::ProfileSaving => {
                "Profile"
            }
            Self::PasswordForm | Self::PasswordSent => "Changing the password",
            Self::SignOutAsk | Self::SignOutSent | Self::SignOutDone => "Signing out",
            Self::Security | Self::ChangeWarning | Self::ChangePassword | Self::ChangeSent => {
                "Security"
            }
            Self::Guide => "Guides",
            Self::Machine
            | Self::MachineDetails
            | Self::MachineAsk
            | Self::MachineName
            | Self::MachineSent => "Machine",
            Self::Emergency
            | Self::EmergencyAsk
            | Self::EmergencyList
            | Self::EmergencyAccount
            | Self::EmergencyReport
            | Self::EmergencySure
            | Self::EmergencyCount
            | Self::EmergencyFolder => "Emergency",
            Self::Tokens | Self::Filter | Self::Details => "Tokens",
            Self::TokenChoice
            | Self::TokenText
            | Self::TokenPassword
            | Self::TokenLeaving
            | Self::TokenSent
            | Self::Made
            | Self::MadeLeaving
            | Self::WriteChoice
            | Self::WritePath
            | Self::WriteOver
            | Self::WriteSent
            | Self::Lost => "A new token",
            Self::RotatePlaces
            | Self::RotateAsk
            | Self::RotateLeaving
            | Self::RotateRunning
            | Self::RotateInstalled
            | Self::RotateInPlace
            | Self::RotateDone => "Rotating a token",
            Self::ForgetAsk => "Forgetting what was interrupted",
            Self::NoteEdit | Self::NoteSent => "The note of a token",
            Self::RevokeAsk | Self::RevokeCount | Self::RevokeRunning | Self::RevokeDone => {
                "Revoking"
            }
            Self::Recovery
            | Self::SetPath
            | Self::SetPassphrase
            | Self::SetSent
            | Self::SetOpened
            | Self::SetSheet
            | Self::SetProof
            | Self::SetRemoveAsk
            | Self::SetRemoveWord
            | Self::SetLeft
            | Self::AddCodes
            | Self::AddSecret
            | Self::AddPath
            | Self::AddMine => "Recovery",
            Self::Absent => "Signed out",
            Self::SignInChoice
            | Self::SignInName
            | Self::SignInPassword
            | Self::SignInSent
            | Self::SignInPage => "Signing in",
            Self::WizardNeed
            | Self::WizardLevel
            | Self::WizardPassword
            | Self::WizardPlace
            | Self::WizardWorking
            | Self::WizardScan
            | Self::WizardLeaving
            | Self::WizardCodes
            | Self::WizardSheet
            | Self::WizardOtherPlace
            | Self::WizardProof
            | Self::WizardDone
            | Self::WizardNoCodes => "Enabling 2FA",
            Self::Challenge | Self::Foreign | Self::Spending => "The registry's question",
            Self::Help => "Help",
            Self::Palette => "All actions",
            Self::Leaving => "Leaving",
        }
    }

    /// True where letters are text.
    pub const fn is_field(self) -> bool {
        matches!(
            self,
            Self::ProfileEdit
                | Self::PasswordForm
                | Self::TokenText
                | Self::TokenPassword
                | Self::WritePath
                | Self::NoteEdit
                | Self::MachineName
                | Self::SignInName
                | Self::SignInPassword
                | Self::ChangePassword
                | Self::Filter
                | Self::RevokeCount
                | Self::EmergencyCount
                | Self::EmergencyFolder
                | Self::SetPath
                | Self::SetPassphrase
                | Self::SetProof
                | Self::SetRemoveWord
                | Self::AddCodes
                | Self::AddSecret
                | Self::AddPath
                | Self::WizardPassword
                | Self::WizardPlace
                | Self::WizardScan
                | Self::WizardOtherPlace
                | Self::WizardProof
                | Self::Challenge
                | Self::Palette
        )
    }

    const fn moves(self) -> Option<Self> {
        match self {
            Self::Profile
            | Self::Security
            | Self::Guide
            | Self::Tokens
            | Self::Details
            | Self::Made
            | Self::Lost
            | Self::RotatePlaces
            | Self::RotateAsk
            | Self::RotateRunning
            | Self::RotateInstalled
            | Self::RotateInPlace
            | Self::RotateDone
            | Self::ForgetAsk
            | Self::SignOutDone
            | Self::RevokeAsk
            | Self::RevokeRunning
            | Self::RevokeDone
            | Self::Recovery
            | Self::Machine
            | Self::MachineDetails
            | Self::MachineAsk
            | Self::Emergency
            | Self::EmergencyAsk
            | Self::EmergencyList
            | Self::EmergencyAccount
            | Self::EmergencyReport
            | Self::EmergencySure
            | Self::WizardNeed
            | Self::SetOpened
            | Self::SetSheet
            | Self::SetRemoveAsk
            | Self::WizardLevel
            | Self::WizardLeaving
            | Self::WizardCodes
            | Self::WizardSheet
            | Self::WizardDone
            | Self::WizardNoCodes
            | Self::Absent
            | Self::SignInChoice
            | Self::SignInSent
            | Self::SignInPage
            | Self::Foreign
            | Self::Help => Some(Self::Moves),
            Self::Filter
            | Self::RevokeCount
            | Self::EmergencyCount
            | Self::EmergencyFolder
            | Self::WizardPassword
            | Self::SetProof
            | Self::SetRemoveWord
            | Self::WizardPlace
            | Self::WizardScan
            | Self::WizardOtherPlace
            | Self::WizardProof
            | Self::SignInName
            | Self::SignInPassword
            | Self::Challenge
            | Self::Palette => Some(Self::FieldMoves),
            _ => None,
        }
    }

    pub(super) const fn screen(self) -> Option<Screen> {
        match self {
            Self::Profile => Some(Screen::Profile),
            Self::Security => Some(Screen::Security),
            Self::Tokens => Some(Screen::Tokens),
            Self::Recovery => Some(Screen::Recovery),
            Self::Machine => Some(Screen::Machine),
            Self::Emergency
            | Self::EmergencyAsk
            | Self::EmergencyList
            | Self::EmergencyAccount
            | Self::EmergencyReport => Some(Screen::Emergency),
            _ => None,
        }
    }

    /// True for a screen with nothing open on it.
    pub const fn is_screen(self) -> bool {
        self.screen().is_some() || matches!(self, Self::Absent)
    }

    /// True for a question or a page above everything: no help but from a field, no quitting by `q` from there.
    const fn is_closed(self) -> bool {
        matches!(
            self,
            Self::Challenge
                | Self::Foreign
                | Self::Spending
                | Self::Help
                | Self::Palette
                | Self::Leaving
        )
    }
}

/// The scope of whatever is on top.
pub fn top(model: &Model) -> Scope {
    if let Some(Overlay::Leave { .. }) = model.overlay {
        return Scope::Leaving;
    }
    if !helped(model)
        && let Some(scope) = question(model)
    {
        return scope;
    }
    match model.overlay {
        Some(Overlay::Help { .. }) => Scope::Help,
        Some(Overlay::Palette { .. }) => Scope::Palette,
        Some(Overlay::Leave { .. }) | None => beneath(model),
    }
}

/// The help was opened from the registry's question on top, and stands above it.
pub fn helped(model: &Model) -> bool {
    let first = model.challenges.first().map(|asked| asked.id);
    matches!(model.overlay, Some(Overlay::Help { over: Some(id), .. }) if first == Some(id))
}

fn question(model: &Model) -> Option<Scope> {
    let asked = model.challenges.first()?;
    let web = asked.web.as_ref();
    Some(match asked.spending {
        Some(_) => Scope::Spending,
        None if web.is_some_and(|web| web.foreign.is_some()) => Scope::Foreign,
        None => Scope::Challenge,
    })
}

/// The scope that the help is about.
pub(super) fn explained(model: &Model) -> Scope {
    let asked = question(model).filter(|_| helped(model));
    asked.unwrap_or_else(|| beneath(model))
}

/// The scope of the sign-in form, the wizard or the screen, beneath overlays and questions.
pub fn beneath(model: &Model) -> Scope {
    if let Some(form) = &model.signin {
        return match &form.web {
            Some(web) if web.foreign.is_some() => Scope::Foreign,
            Some(_) => Scope::SignInPage,
            None if form.sent.is_some() => Scope::SignInSent,
            None => match form.at {
                SignInPart::Way | SignInPart::Keep => Scope::SignInChoice,
                SignInPart::Name | SignInPart::Email => Scope::SignInName,
                SignInPart::Password | SignInPart::Again => Scope::SignInPassword,
            },
        };
    }
    if let Some(wizard) = &model.wizard {
        return wizard_scope(wizard);
    }
    match &model.created {
        Some(CreatedPage::Made(made)) => return made.card.scope().unwrap_or(Scope::Made),
        Some(CreatedPage::Lost(_)) => return Scope::Lost,
        None => {}
    }
    let rotation = rotate::scope(model);
    if let Some(scope) = rotation.or_else(|| rotate::form(model).map(form_scope)) {
        return scope;
    }
    if model.guide.as_ref().is_some_and(|guide| guide.shown) {
        return Scope::Guide;
    }
    match on_screen(model) {
        Scope::Profile | Scope::Security | Scope::Tokens | Scope::Filter | Scope::Details
            if model.profile().is_none() =>
        {
            Scope::Absent
        }
        scope => scope,
    }
}

/// The screen in whose place there is nothing but the word that nobody is signed in.
pub(super) fn missing(model: &Model) -> Option<Scope> {
    (top(model) == Scope::Absent).then(|| on_screen(model))
}

fn on_screen(model: &Model) -> Scope {
    match model.screen {
        Screen::Profile => profile_scope(&model.profile),
        Screen::Security => match &model.security.change {
            None => Scope::Security,
            Some(change) if change.sent.is_some() => Scope::ChangeSent,
            Some(change) if change.warn.is_some() => Scope::ChangeWarning,
            Some(_) => Scope::ChangePassword,
        },
        Screen::Tokens => tokens_scope(&model.tokens),
        Screen::Recovery => match &model.recovery.page {
            None => Scope::Recovery,
            Some(page) => recovery::scope(page),
        },
        Screen::Machine => machine::scope(&model.machine),
        Screen::Emergency => emergency::scope(&model.emergency),
    }
}

fn profile_scope(screen: &ProfileScreen) -> Scope {
    if let Some(page) = &screen.sign_out {
        return match (page.sent, &page.left) {
            (_, Some(_)) => Scope::SignOutDone,
            (Some(_), None) => Scope::SignOutSent,
            (None, None) => Scope::SignOutAsk,
        };
    }
    match (&screen.edit, &screen.password) {
        (Some(edit), _) if edit.saving.is_some() => Scope::ProfileSaving,
        (Some(edit), _) if edit.review => Scope::ProfileReview,
        (Some(_), _) => Scope::ProfileEdit,
        (None, Some(form)) if form.sent.is_some() => Scope::PasswordSent,
        (None, Some(_)) => Scope::PasswordForm,
        (None, None) => Scope::Profile,
    }
}

fn tokens_scope(screen: &TokensScreen) -> Scope {
    match (&screen.revoke, &screen.create) {
        (Some(revoke), _) => match (&revoke.stage, revoke.going()) {
            (RevokeStage::Confirm { .. }, 3..) => Scope::RevokeCount,
            (RevokeStage::Confirm { .. }, _) => Scope::RevokeAsk,
            (RevokeStage::Running(_), _) => Scope::RevokeRunning,
            (RevokeStage::Done { .. }, _) => Scope::RevokeDone,
        },
        (None, Some(form)) => form_scope(form),
        (None, None) if screen.forgetting.is_some() => Scope::ForgetAsk,
        (None, None) if screen.note.is_some() => match &screen.note {
            Some(form) if form.sent.is_some() => Scope::NoteSent,
            _ => Scope::NoteEdit,
        },
        (None, None) if screen.filtering => Scope::Filter,
        (None, None) if screen.details => Scope::Details,
        (None, None) => Scope::Tokens,
    }
}

fn form_scope(form: &TokenForm) -> Scope {
    match form.at {
        _ if form.sent.is_some() => Scope::TokenSent,
        _ if form.leaving.is_some() => Scope::TokenLeaving,
        TokenField::Password => Scope::TokenPassword,
        field if field.shape() == Shape::Text => Scope::TokenText,
        _ => Scope::TokenChoice,
    }
}

fn wizard_scope(wizard: &Wizard) -> Scope {
    if wizard.leaving {
        return Scope::WizardLeaving;
    }
    let codes = wizard.codes.as_ref();
    let sheet = codes.is_some_and(|codes| codes.sheet.is_some());
    match wizard.step {
        WizardStep::Need => Scope::WizardNeed,
        WizardStep::Level => Scope::WizardLevel,
        WizardStep::Password => Scope::WizardPassword,
        WizardStep::Place => Scope::WizardPlace,
        WizardStep::Scan if wizard.confirm.is_some() && !wizard.stopping => Scope::WizardScan,
        WizardStep::Scan => Scope::WizardWorking,
        WizardStep::Codes if sheet => Scope::WizardSheet,
        WizardStep::Codes if wizard.other_place.is_some() => Scope::WizardOtherPlace,
        WizardStep::Codes => Scope::WizardCodes,
        WizardStep::Proof => Scope::WizardProof,
        WizardStep::Done => match wizard.end {
            Some(Ok(Enabled::OnWithoutCodes { .. })) => Scope::WizardNoCodes,
            _ => Scope::WizardDone,
        },
    }
}

/// The scopes whose keys hold, the nearest first.
pub fn scopes(model: &Model) -> Vec<Scope> {
    stack(model, top(model))
}

pub(super) fn stack(model: &Model, top: Scope) -> Vec<Scope> {
    let mut scopes = vec![top];
    scopes.extend(top.moves());
    if top.is_screen() {
        scopes.push(Scope::Main);
    }
    if !top.is_closed() || matches!(top, Scope::Challenge) {
        scopes.push(if top.is_field() {
            Scope::Field
        } else {
            Scope::Free
        });
    }
    if model.demo.is_some() {
        scopes.push(Scope::Demo);
    }
    scopes.push(Scope::Always);
    scopes
}
