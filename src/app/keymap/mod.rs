//! Which keys mean what, where: resolver, footer, help and palette all read the one table in [`super::bindings`].

mod listing;
mod scope;

use std::borrow::Cow;

use super::bindings::BINDINGS;
use super::key::{Key, KeyCode};
use super::model::{Facet, Model, Screen};

pub use listing::{Entry, HelpGroup, footer, help, help_lines, key_names, key_of, palette};
pub use scope::{Scope, beneath, helped, scopes, top};

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
    /// Sign in.
    SignIn,
    /// Go to the next part of the sign-in form.
    SignInNext,
    /// Go to the part before.
    SignInBack,
    /// Go on in the sign-in form, or send it.
    SignInEnter,
    /// Leave the sign-in form, or give up what was sent.
    StopSignIn,
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
    /// Change the password.
    NewPassword,
    /// Go to the next field of the password's form.
    PasswordNext,
    /// Go to the field before.
    PasswordBack,
    /// Go on in the password's form, or send it.
    PasswordEnter,
    /// Leave the password's form, or give up what was sent.
    StopPassword,
    /// Sign out; asks first.
    SignOut,
    /// Give the sign-out up, or close what it left to do.
    StopSignOut,
    /// Enable 2FA, or change its level.
    EnableOrChange,
    /// Turn 2FA off, or clear a half-done set-up.
    TurnOff,
    /// The guide for a lost device.
    LostDevice,
    /// The guide for lost recovery codes.
    LostCodes,
    /// The guide for two entries of one name.
    TwoEntries,
    /// The guide for a new phone.
    NewPhone,
    /// Take the guide's answer, or do what its step says.
    GuideNext,
    /// Go one step back in the guide.
    GuideBack,
    /// Ask the registry anew how the account stands.
    GuideCheck,
    /// Leave the guide; it keeps the place.
    LeaveGuide,
    /// Go back to the guide.
    BackToGuide,
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
    /// The next answer of a facet, or none.
    Facet(Facet),
    /// Sort by the next column.
    Sort,
    /// Select a row, or not any more.
    Select,
    /// Select every row shown, or none of them.
    SelectAll,
    /// Open or close the details.
    Details,
    /// The details of the row above.
    PreviousToken,
    /// The details of the row below.
    NextToken,
    /// Revoke what is selected, or the chosen row.
    Revoke,
    /// Go on with what was interrupted.
    Resume,
    /// Forget what was interrupted.
    ForgetLeft,
    /// Make a token.
    NewToken,
    /// Go to the next part of the form for a token.
    TokenNext,
    /// Go to the part before.
    TokenBack,
    /// Go to the first part.
    TokenFirst,
    /// Go to the last part.
    TokenLast,
    /// Choose the next of a few, or tick.
    TokenChange,
    /// Choose the one before.
    TokenChangeBack,
    /// Go on in the form for a token, or send it.
    TokenEnter,
    /// Leave the form for a token, or give up what was sent.
    StopToken,
    /// Copy the new token's value.
    CopyToken,
    /// Show the new token's value, or hide it.
    ToggleToken,
    /// Leave the new token's value.
    LeaveToken,
    /// Write the new token's value into a file.
    WriteToken,
    /// Go to the next file that it can be written into.
    WriteNext,
    /// Go to the one before.
    WriteBack,
    /// Write it there.
    WriteEnter,
    /// Go back to the value.
    StopWriting,
    /// Put a new token in the place of the chosen one.
    Rotate,
    /// Tick a place for the new value, or not any more.
    RotateTick,
    /// Go on to the form for the new token.
    RotateOn,
    /// Leave a rotation, or stop it.
    StopRotate,
    /// Go on with a rotation after all.
    KeepRotating,
    /// Close a rotation at its end.
    CloseRotate,
    /// Edit the note of the chosen token.
    EditNote,
    /// Take the note down.
    SaveNote,
    /// Leave the note as it is.
    StopNote,
    /// Revoke, when the typed number is right.
    RevokeCounted,
    /// Stop a revocation.
    StopRevoking,
    /// Go on with a revocation after all.
    KeepRevoking,
    /// Open the chosen set of recovery codes.
    OpenSet,
    /// Prove once more to have the codes of the chosen set.
    ProveSet,
    /// Write the codes of the chosen set into a plain file.
    ExportSet,
    /// Remove the chosen set from this machine; asks first.
    RemoveSet,
    /// Go to the other field of what is done with a set.
    SetNext,
    /// Go on with what is done with a set.
    SetEnter,
    /// Leave what is done with a set, or give up what was sent.
    StopSet,
    /// Remove the set, when the typed word is right.
    RemoveTyped,
    /// Copy the chosen recovery code.
    CopyCode,
    /// Copy all the codes of an open set.
    CopySet,
    /// Copy the command that opens an encrypted set without this program.
    CopyAge,
    /// Put the codes of an open set on a page to print, or go back from there.
    SetSheet,
    /// Keep codes that were got elsewhere.
    AddSet,
    /// Another line of such codes.
    AddLine,
    /// Go on to the next field of the form for them.
    AddNext,
    /// Go to the field before.
    AddBack,
    /// Check the place for them, and keep them there.
    AddEnter,
    /// Have part of another code asked for.
    OtherProof,
    /// Send the part of a code that proves a kept set.
    SendSetProof,
    /// Go on to the wizard's next step.
    WizardNext,
    /// Go back to the wizard's last step.
    WizardBack,
    /// Go to the next field of the places for the codes.
    PlaceNext,
    /// Go to the field before.
    PlaceBack,
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
    /// Open the page that is waited for in the browser.
    OpenPage,
    /// Copy the address of the page that is waited for.
    CopyPage,
    /// Copy the recovery codes.
    CopyCodes,
    /// Put the recovery codes on a page to print or to write off, or go back from there.
    Sheet,
    /// Hide the recovery codes and go on to the proof.
    HideCodes,
    /// Save the codes in this place instead.
    SavePlace,
    /// Why the codes cannot be left behind.
    StayWithCodes,
    /// Begin the emergency, or take the present answer.
    EmergencyEnter,
    /// Go on without what the emergency asks.
    EmergencySkip,
    /// Mark the chosen line of the emergency's list, or not any more.
    EmergencyMark,
    /// Mark every line of the emergency's list, or none of them.
    EmergencyMarkAll,
    /// Show the emergency's steps so far, or its question again.
    EmergencySteps,
    /// Revoke, when the typed number is right.
    EmergencyCounted,
    /// Change the password in the midst of the emergency.
    EmergencyPassword,
    /// Open the line for the report's folder.
    EmergencyWrite,
    /// Write the report into the typed folder.
    EmergencyFolder,
    /// Close the line for the report's folder.
    EmergencyNoFolder,
    /// Leave the emergency, or close its report.
    EmergencyLeave,
    /// All that is known of the chosen row of the machine screen, or the list again.
    MachineDetails,
    /// Try the chosen credential out; asks first.
    MachineTry,
    /// Try all credentials out; asks first.
    MachineTryAll,
    /// Take others' rights to the chosen file away; shows it first.
    MachineTighten,
    /// Put a variable in the place of the chosen secret; shows it first.
    MachineVariable,
    /// Take the chosen line out of its file; shows it first.
    MachineRemove,
    /// Sign out, where the chosen credential is the one in use.
    MachineSignOut,
    /// Go on with the name that was typed.
    MachineEnter,
    /// Close what is open on the machine screen, give up what is under way, or clear the line.
    MachineStop,
    /// Send the proof, or the word that declines it.
    SendProof,
    /// Show the codes again.
    ShowAgain,
    /// Close the wizard at its end.
    CloseWizard,
    /// Go on to fresh recovery codes.
    FreshCodes,
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
        // A key of the screen that is not here says why.
        .chain(scope::missing(model))
        .flat_map(bindings)
        .find(|line| line.keys.contains(&pressed))
        .map(|line| line.action)
        .filter(|action| !key.repeat || matches!(action, Action::Move(_)))
}

/// Why an action cannot be taken now.
pub fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    super::enabled::enabled(model, action)
}

/// True for a key that may repeat in a field: it takes away or moves, and types nothing.
pub(super) const fn repeats_in_field(key: Key) -> bool {
    !matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Esc)
}
