//! Which keys mean what, where: resolver, footer, help and palette all read the one table in [`super::bindings`].

use std::borrow::Cow;

use super::bindings::BINDINGS;
use super::key::{Key, KeyCode};
use super::model::{Model, Overlay, PlaceChoice, RevokeStage, Screen, Wizard, WizardStep};

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
    /// The profile screen.
    Profile,
    /// A profile field being typed.
    ProfileEdit,
    /// The line `before → after`.
    ProfileReview,
    /// A profile field that was sent.
    ProfileSaving,
    /// The security screen.
    Security,
    /// The warning before 2FA goes off.
    ChangeWarning,
    /// The password for a change of the second factor.
    ChangePassword,
    /// A change of the second factor that was sent.
    ChangeSent,
    /// The tokens screen.
    Tokens,
    /// The filter of the tokens.
    Filter,
    /// The details of a token.
    Details,
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
    /// Wizard: the recovery codes, and another place for them.
    WizardOtherPlace,
    /// Wizard: the proof.
    WizardProof,
    /// Wizard: the end.
    WizardDone,
    /// The registry's question.
    Challenge,
    /// The help.
    Help,
    /// The palette.
    Palette,
    /// Leave the program although something is unfinished?
    Leaving,
}

/// What the person means by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Quit at once; codes that were not proved guard themselves once.
    QuitNow,
    /// Give the terminal back for a while.
    Suspend,
    /// Open or close the demo authenticator's line.
    DemoAuthenticator,
    /// Open the help.
    Help,
    /// Open the palette.
    Palette,
    /// Quit; asks when something would be lost.
    Quit,
    /// Go to a screen.
    Go(Screen),
    /// Go to the screen after this one.
    NextScreen,
    /// Go to the screen before this one.
    PreviousScreen,
    /// Read this screen anew.
    Reload,
    /// Move.
    Move(Move),
    /// Clear the filter, the selection, or the line that says what happened.
    Dismiss,
    /// Close what lies on top.
    Close,
    /// Do what the chosen line of the palette says.
    RunEntry,
    /// Yes to the question on top.
    Yes,
    /// No to the question on top.
    No,
    /// The other answer of the question on top gets the focus.
    Switch,
    /// The answer that has the focus.
    Take,
    /// Show what was typed, or hide it.
    Reveal,
    /// Edit the chosen profile field.
    EditField,
    /// Show before and after.
    ReviewField,
    /// Send the change.
    SaveField,
    /// Go back to typing.
    EditAgain,
    /// Stop editing, or give up what was sent.
    StopEditing,
    /// Enable 2FA, or change its level.
    EnableOrChange,
    /// Turn 2FA off, or clear a half-done set-up.
    TurnOff,
    /// Send the change of the second factor.
    SendChange,
    /// Leave the change of the second factor.
    StopChange,
    /// Type a filter.
    Filter,
    /// Keep the filter and go back to the list.
    KeepFilter,
    /// Clear the filter.
    ClearFilter,
    /// Sort by the next column.
    Sort,
    /// Select a row, or not any more.
    Select,
    /// Select every row shown, or none of them.
    SelectAll,
    /// Open or close the details.
    Details,
    /// Revoke what is selected, or the chosen row.
    Revoke,
    /// Revoke, when the typed number is right.
    RevokeCounted,
    /// Stop a revocation.
    StopRevoking,
    /// Go on with a revocation after all.
    KeepRevoking,
    /// Go on to the wizard's next step.
    WizardNext,
    /// Go back to the wizard's last step.
    WizardBack,
    /// Send the code that confirms.
    SendCode,
    /// Ask for the way out of a begun set-up.
    LeaveSetUp,
    /// Copy the key.
    CopyKey,
    /// Show the key, or hide it.
    ToggleKey,
    /// Draw the QR code another way.
    NextQr,
    /// Copy the recovery codes.
    CopyCodes,
    /// Hide the recovery codes and go on to the proof.
    HideCodes,
    /// Save the codes in this place instead.
    SavePlace,
    /// Why the codes cannot be left behind.
    StayWithCodes,
    /// Send the proof, or the word that declines it.
    SendProof,
    /// Show the codes again.
    ShowAgain,
    /// Close the wizard at its end.
    CloseWizard,
    /// Answer the registry's question.
    SendAnswer,
    /// Give up what the registry asks about.
    CancelChallenge,
}

/// Ways to move through a list or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the way")]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
}

/// One line of the key table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where it holds.
    pub scope: Scope,
    /// The keys, the one that the footer names first.
    pub keys: &'static [Key],
    /// What they mean.
    pub action: Action,
    /// Its word in the footer; empty for one that does not stand there.
    pub short: &'static str,
    /// Its line in help and palette.
    pub help: &'static str,
}

/// Why an action cannot be taken now, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(pub Cow<'static, str>);

impl From<&'static str> for Reason {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

/// A part of the help: one scope's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpGroup {
    /// Where the keys hold.
    pub title: &'static str,
    /// The keys, what they do, and why not at the moment.
    pub lines: Vec<(String, &'static str, Option<Reason>)>,
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub name: &'static str,
    /// The screen that it belongs to and that is gone to first, when it is another one.
    pub on: Option<Screen>,
    /// Its keys.
    pub keys: String,
    /// The action.
    pub action: Action,
    /// Why not at the moment.
    pub disabled: Option<Reason>,
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
            Self::Security | Self::ChangeWarning | Self::ChangePassword | Self::ChangeSent => {
                "Security"
            }
            Self::Tokens | Self::Filter | Self::Details => "Tokens",
            Self::RevokeAsk | Self::RevokeCount | Self::RevokeRunning | Self::RevokeDone => {
                "Revoking"
            }
            Self::Recovery => "Recovery",
            Self::WizardNeed
            | Self::WizardLevel
            | Self::WizardPassword
            | Self::WizardPlace
            | Self::WizardWorking
            | Self::WizardScan
            | Self::WizardLeaving
            | Self::WizardCodes
            | Self::WizardOtherPlace
            | Self::WizardProof
            | Self::WizardDone => "Enabling 2FA",
            Self::Challenge => "The registry's question",
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
                | Self::ChangePassword
                | Self::Filter
                | Self::RevokeCount
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
            | Self::Tokens
            | Self::Details
            | Self::RevokeAsk
            | Self::RevokeRunning
            | Self::RevokeDone
            | Self::Recovery
            | Self::WizardLevel
            | Self::WizardLeaving
            | Self::WizardCodes
            | Self::Help => Some(Self::Moves),
            Self::Filter
            | Self::RevokeCount
            | Self::WizardPlace
            | Self::WizardOtherPlace
            | Self::Palette => Some(Self::FieldMoves),
            _ => None,
        }
    }

    const fn screen(self) -> Option<Screen> {
        match self {
            Self::Profile => Some(Screen::Profile),
            Self::Security => Some(Screen::Security),
            Self::Tokens => Some(Screen::Tokens),
            Self::Recovery => Some(Screen::Recovery),
            _ => None,
        }
    }

    /// True for a question or a page above everything: no help, no quitting by `q` from there.
    const fn is_closed(self) -> bool {
        matches!(
            self,
            Self::Challenge | Self::Help | Self::Palette | Self::Leaving
        )
    }
}

/// The scope of whatever is on top.
pub fn top(model: &Model) -> Scope {
    if let Some(Overlay::Leave { .. }) = model.overlay {
        return Scope::Leaving;
    }
    if !model.challenges.is_empty() {
        return Scope::Challenge;
    }
    match model.overlay {
        Some(Overlay::Help { .. }) => Scope::Help,
        Some(Overlay::Palette { .. }) => Scope::Palette,
        Some(Overlay::Leave { .. }) | None => beneath(model),
    }
}

/// The scope of the wizard or the screen, beneath overlays and questions.
pub fn beneath(model: &Model) -> Scope {
    if let Some(wizard) = &model.wizard {
        return wizard_scope(wizard);
    }
    match model.screen {
        Screen::Profile => match &model.profile.edit {
            None => Scope::Profile,
            Some(edit) if edit.saving.is_some() => Scope::ProfileSaving,
            Some(edit) if edit.review => Scope::ProfileReview,
            Some(_) => Scope::ProfileEdit,
        },
        Screen::Security => match &model.security.change {
            None => Scope::Security,
            Some(change) if change.sent.is_some() => Scope::ChangeSent,
            Some(change) if change.warn.is_some() => Scope::ChangeWarning,
            Some(_) => Scope::ChangePassword,
        },
        Screen::Tokens => match model
            .tokens
            .revoke
            .as_ref()
            .map(|r| (&r.stage, r.rows.len()))
        {
            Some((RevokeStage::Confirm { .. }, 3..)) => Scope::RevokeCount,
            Some((RevokeStage::Confirm { .. }, _)) => Scope::RevokeAsk,
            Some((RevokeStage::Running(_), _)) => Scope::RevokeRunning,
            Some((RevokeStage::Done { .. }, _)) => Scope::RevokeDone,
            None if model.tokens.filtering => Scope::Filter,
            None if model.tokens.details => Scope::Details,
            None => Scope::Tokens,
        },
        Screen::Recovery => Scope::Recovery,
    }
}

fn wizard_scope(wizard: &Wizard) -> Scope {
    if wizard.leaving {
        return Scope::WizardLeaving;
    }
    match wizard.step {
        WizardStep::Need => Scope::WizardNeed,
        WizardStep::Level => Scope::WizardLevel,
        WizardStep::Password => Scope::WizardPassword,
        WizardStep::Place => Scope::WizardPlace,
        WizardStep::Scan if wizard.confirm.is_some() && !wizard.stopping => Scope::WizardScan,
        WizardStep::Scan => Scope::WizardWorking,
        WizardStep::Codes if wizard.other_place.is_some() => Scope::WizardOtherPlace,
        WizardStep::Codes => Scope::WizardCodes,
        WizardStep::Proof => Scope::WizardProof,
        WizardStep::Done => Scope::WizardDone,
    }
}

/// The scopes whose keys hold, the nearest first.
pub fn scopes(model: &Model) -> Vec<Scope> {
    stack(model, top(model))
}

fn stack(model: &Model, top: Scope) -> Vec<Scope> {
    let mut scopes = vec![top];
    scopes.extend(top.moves());
    if top.screen().is_some() {
        scopes.push(Scope::Main);
    }
    if !top.is_closed() {
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

fn bindings(scope: Scope) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |line| line.scope == scope)
}

/// What a key means now; `None` for a key that means nothing, or is text for the field that has the focus.
pub fn resolve(model: &Model, key: Key) -> Option<Action> {
    let pressed = Key {
        repeat: false,
        ..key
    };
    scopes(model)
        .into_iter()
        .flat_map(bindings)
        .find(|line| line.keys.contains(&pressed))
        .map(|line| line.action)
        .filter(|action| !key.repeat || matches!(action, Action::Move(_)))
}

/// Why an action cannot be taken now.
pub fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    super::enabled::enabled(model, action)
}

/// The keys that work now, the most relevant first: the key and its word.
pub fn footer(model: &Model) -> Vec<(String, &'static str)> {
    scopes(model)
        .into_iter()
        .flat_map(bindings)
        .filter(|line| !line.short.is_empty() && enabled(model, line.action).is_ok())
        .map(|line| (line.keys[0].to_string(), line.short))
        .collect()
}

/// The keys of what lies beneath the help, in groups.
pub fn help(model: &Model) -> Vec<HelpGroup> {
    let mut groups: Vec<HelpGroup> = Vec::new();
    for scope in stack(model, beneath(model)) {
        let lines = bindings(scope).map(|line| {
            (
                key_names(line.keys),
                line.help,
                enabled(model, line.action).err(),
            )
        });
        match groups.iter_mut().find(|group| group.title == scope.title()) {
            Some(group) => group.lines.extend(lines),
            None => groups.push(HelpGroup {
                title: scope.title(),
                lines: lines.collect(),
            }),
        }
    }
    groups
}

/// How many lines the help has, with a heading for each group and a blank between two.
pub fn help_lines(model: &Model) -> usize {
    let groups = help(model);
    groups
        .iter()
        .map(|group| group.lines.len() + 2)
        .sum::<usize>()
        .saturating_sub(1)
}

/// The keys of one line, as a person reads them.
pub fn key_names(keys: &[Key]) -> String {
    let names: Vec<String> = keys.iter().map(Key::to_string).collect();
    names.join(" ")
}

/// The palette's lines that match what is typed there; all of them when it is not open.
///
/// Every word typed has to occur in the name or the screen's title.
pub fn palette(model: &Model) -> Vec<Entry> {
    let typed = match &model.overlay {
        Some(Overlay::Palette { typed, .. }) => typed.value().expose().to_lowercase(),
        _ => String::new(),
    };
    let here = beneath(model);
    let mut entries = Vec::new();
    for scope in stack(model, here) {
        entries.extend(bindings(scope).filter_map(|line| entry(model, line, None)));
    }
    if here.screen().is_some() {
        for scope in [
            Scope::Profile,
            Scope::Security,
            Scope::Tokens,
            Scope::Recovery,
        ] {
            if scope != here {
                let on = scope.screen();
                entries.extend(bindings(scope).filter_map(|line| entry(model, line, on)));
            }
        }
    }
    entries.retain(|entry| {
        let title = entry.on.map_or("", Screen::title).to_lowercase();
        let name = entry.name.to_lowercase();
        typed
            .split_whitespace()
            .all(|word| name.contains(word) || title.contains(word))
    });
    entries
}

fn entry(model: &Model, line: &'static Binding, on: Option<Screen>) -> Option<Entry> {
    if matches!(
        line.action,
        Action::Move(_) | Action::Palette | Action::Dismiss
    ) {
        return None;
    }
    Some(Entry {
        name: line.help,
        on,
        keys: key_names(line.keys),
        action: line.action,
        disabled: enabled(model, line.action).err(),
    })
}

/// True for a key that may repeat in a field: it takes away or moves, and types nothing.
pub(super) const fn repeats_in_field(key: Key) -> bool {
    !matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Esc)
}

impl PlaceChoice {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::File => Self::Myself,
            Self::Myself => Self::File,
        }
    }
}
