//! The one key table. A key is added here, its action's effect where its screen is.

use super::key::{Key, KeyCode};
use super::keymap::{Action, Binding, Move, Scope};
use super::model::{Facet, Screen};

const fn on(
    scope: Scope,
    keys: &'static [Key],
    action: Action,
    short: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        scope,
        keys,
        action,
        short,
        help,
    }
}

const fn k(c: char) -> Key {
    Key::char(c)
}

const ENTER: Key = Key::plain(KeyCode::Enter);
const ESC: Key = Key::plain(KeyCode::Esc);
const TAB: Key = Key::plain(KeyCode::Tab);
const BACK_TAB: Key = Key::plain(KeyCode::BackTab);
const LEFT: Key = Key::plain(KeyCode::Left);
const RIGHT: Key = Key::plain(KeyCode::Right);
const UP: Key = Key::plain(KeyCode::Up);
const DOWN: Key = Key::plain(KeyCode::Down);
const PG_UP: Key = Key::plain(KeyCode::PageUp);
const PG_DN: Key = Key::plain(KeyCode::PageDown);
const HOME: Key = Key::plain(KeyCode::Home);
const END: Key = Key::plain(KeyCode::End);
const BACKSPACE: Key = Key::plain(KeyCode::Backspace);
const F1: Key = Key::plain(KeyCode::F(1));
const REVEAL: Key = Key::ctrl('r');
const COPY: Key = Key::ctrl('y');
const PRINT: Key = Key::ctrl('p');

/// Every key, scope by scope; within a scope the most relevant first, as the footer shows them.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = {
    use {Action as A, Scope as S};
    &[
        on(S::Absent, &[ENTER], A::SignIn, "sign in", "sign in"),
        on(S::Absent, &[k('O')], A::SignOut, "sign out", "sign out; asks first"),
        on(S::Absent, &[k('l')], A::LostDevice, "lost device", "the device with the authenticator is lost: a guide"),
        on(S::Absent, &[k('L')], A::LostCodes, "", "the recovery codes are lost: a guide"),
        on(S::Absent, &[ESC], A::Dismiss, "", "clear the message line"),

        on(S::SignInChoice, &[ENTER], A::SignInEnter, "go on", "go on to what is still empty, or sign in"),
        on(S::SignInChoice, &[k(' '), LEFT, RIGHT], A::Switch, "other", "the other choice"),
        on(S::SignInChoice, &[TAB], A::SignInNext, "next part", "the next part"),
        on(S::SignInChoice, &[BACK_TAB], A::SignInBack, "", "the part before"),
        on(S::SignInChoice, &[ESC], A::StopSignIn, "cancel", "sign nobody in; what waits for it is given up"),

        on(S::SignInName, &[ENTER], A::SignInEnter, "go on", "go on to what is still empty, or sign in"),
        on(S::SignInName, &[TAB], A::SignInNext, "next part", "the next part"),
        on(S::SignInName, &[BACK_TAB], A::SignInBack, "", "the part before"),
        on(S::SignInName, &[ESC], A::StopSignIn, "cancel", "sign nobody in; what waits for it is given up"),

        on(S::SignInPassword, &[ENTER], A::SignInEnter, "go on", "go on to what is still empty, or sign in"),
        on(S::SignInPassword, &[REVEAL], A::Reveal, "show/hide", "show the password for ten seconds, or hide it"),
        on(S::SignInPassword, &[TAB], A::SignInNext, "next part", "the next part"),
        on(S::SignInPassword, &[BACK_TAB], A::SignInBack, "", "the part before"),
        on(S::SignInPassword, &[ESC], A::StopSignIn, "cancel", "sign nobody in; what waits for it is given up"),

        on(S::SignInSent, &[ESC], A::StopSignIn, "give up", "give the sign-in up"),

        on(S::SignInPage, &[k('o'), ENTER, Key::ctrl('o')], A::OpenPage, "open", "open the registry's page in your browser"),
        on(S::SignInPage, &[k('c'), COPY], A::CopyPage, "copy", "copy the address of the registry's page"),
        on(S::SignInPage, &[k('i'), Key::ctrl('g')], A::NextQr, "QR style", "draw the QR code another way"),
        on(S::SignInPage, &[ESC], A::StopSignIn, "cancel", "give the sign-in up"),

        on(S::Profile, &[k('e'), ENTER], A::EditField, "edit", "edit the chosen field"),
        on(S::Profile, &[k('p')], A::NewPassword, "password", "change the password"),
        on(S::Profile, &[k('O')], A::SignOut, "sign out", "sign out; asks first"),
        on(S::Profile, &[ESC], A::Dismiss, "", "clear the message line"),

        on(S::ProfileEdit, &[ENTER], A::ReviewField, "review", "review the change before it is sent"),
        on(S::ProfileEdit, &[ESC], A::StopEditing, "leave it as it was", "leave the field as it was"),

        on(S::ProfileReview, &[ENTER], A::SaveField, "save", "send the change to the registry"),
        on(S::ProfileReview, &[ESC], A::EditAgain, "back", "go back to typing"),

        on(S::ProfileSaving, &[ESC], A::StopEditing, "give up", "give the change up, if it was not sent yet"),

        on(S::PasswordForm, &[ENTER], A::PasswordEnter, "next", "go on to the next field; from the last one, change the password"),
        on(S::PasswordForm, &[REVEAL], A::Reveal, "show/hide", "show what was typed for ten seconds, or hide it"),
        on(S::PasswordForm, &[TAB, DOWN], A::PasswordNext, "", "the next field"),
        on(S::PasswordForm, &[BACK_TAB, UP], A::PasswordBack, "", "the field before"),
        on(S::PasswordForm, &[ESC], A::StopPassword, "cancel", "leave the password as it is"),

        on(S::PasswordSent, &[ESC], A::StopPassword, "give up", "give the change up, if it was not sent yet"),

        on(S::SignOutAsk, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::SignOutAsk, &[k('y')], A::Yes, "yes, sign out", "yes, sign out"),
        on(S::SignOutAsk, &[k('n'), ESC], A::No, "no", "no, stay signed in"),
        on(S::SignOutAsk, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::SignOutSent, &[ESC], A::StopSignOut, "give up", "give it up, if it was not sent yet"),

        on(S::SignOutDone, &[ENTER, ESC], A::StopSignOut, "close", "close what is left to do"),

        on(S::Security, &[k('e')], A::EnableOrChange, "enable 2FA / level", "enable 2FA, or change its level"),
        on(S::Security, &[k('d')], A::TurnOff, "disable 2FA", "disable 2FA, or clear a half-done set-up"),
        on(S::Security, &[k('l')], A::LostDevice, "lost device", "the device with the authenticator is lost: a guide"),
        on(S::Security, &[k('L')], A::LostCodes, "lost codes", "the recovery codes are lost: a guide"),
        on(S::Security, &[k('o'), Key::ctrl('o')], A::OpenPage, "website", "open the registry's page in your browser"),
        on(S::Security, &[k('c'), COPY], A::CopyPage, "copy", "copy the address of the registry's page"),
        on(S::Security, &[k('i'), Key::ctrl('g')], A::NextQr, "", "draw the QR code another way"),
        on(S::Security, &[k('t')], A::TwoEntries, "", "two entries of one name in the authenticator: a guide"),
        on(S::Security, &[k('m')], A::NewPhone, "", "move the authenticator to a new phone: a guide"),
        on(S::Security, &[ESC], A::Dismiss, "", "clear the message line"),

        on(S::Guide, &[ENTER], A::GuideNext, "go on", "take the marked answer, or do what the step says"),
        on(S::Guide, &[LEFT, BACKSPACE], A::GuideBack, "back", "one step back"),
        on(S::Guide, &[k('o'), Key::ctrl('o')], A::OpenPage, "website", "open the registry's page in your browser"),
        on(S::Guide, &[k('c'), COPY], A::CopyPage, "copy", "copy the address of the registry's page"),
        on(S::Guide, &[k('i'), Key::ctrl('g')], A::NextQr, "QR style", "draw the QR code another way"),
        on(S::Guide, &[k('r')], A::GuideCheck, "check", "ask the registry anew how the account stands"),
        on(S::Guide, &[ESC], A::LeaveGuide, "leave", "leave the guide; it keeps the place"),

        on(S::ChangeWarning, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::ChangeWarning, &[k('y')], A::Yes, "yes", "yes, go on to the password"),
        on(S::ChangeWarning, &[k('n'), ESC], A::No, "no", "no, leave it as it is"),
        on(S::ChangeWarning, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::ChangePassword, &[ENTER], A::SendChange, "send", "send the change to the registry"),
        on(S::ChangePassword, &[REVEAL], A::Reveal, "show/hide", "show the password for ten seconds, or hide it"),
        on(S::ChangePassword, &[ESC], A::StopChange, "cancel", "leave it as it is"),

        on(S::ChangeSent, &[ESC], A::StopChange, "give up", "give the change up, if it was not sent yet"),

        on(S::Tokens, &[k(' ')], A::Select, "select", "select the row, or not any more"),
        on(S::Tokens, &[k('x')], A::Revoke, "revoke", "revoke the selected tokens, or the chosen one"),
        on(S::Tokens, &[k('n')], A::NewToken, "new", "make a token"),
        on(S::Tokens, &[k('/')], A::Filter, "filter", "filter the list; a token's value that is pasted finds its row"),
        on(S::Tokens, &[k('s')], A::Sort, "sort", "sort by the next column"),
        on(S::Tokens, &[ENTER], A::Details, "details", "open the token's details"),
        on(S::Tokens, &[k('a')], A::SelectAll, "all", "select every row shown, or none of them"),
        on(S::Tokens, &[k('o')], A::Rotate, "rotate", "put a new token in the place of the chosen one"),
        on(S::Tokens, &[k('m')], A::EditNote, "note", "note down where the chosen token is used, on this machine alone"),
        on(S::Tokens, &[k('p')], A::Facet(Facet::Publish), "", "only tokens that may publish, or all again"),
        on(S::Tokens, &[k('y')], A::Facet(Facet::Bypass), "", "only tokens that bypass 2FA, or all again"),
        on(S::Tokens, &[k('d')], A::Facet(Facet::Due), "", "only tokens that expire within 14 days, then only expired ones, then all again"),
        on(S::Tokens, &[k('u')], A::Facet(Facet::Unused), "", "only tokens not used for 90 days, or all again"),
        on(S::Tokens, &[k('f')], A::Facet(Facet::Found), "", "only tokens found on this machine, then only proved ones, then all again"),
        on(S::Tokens, &[k('R')], A::Resume, "", "go on with the revocation or rotation that was interrupted; asks first"),
        on(S::Tokens, &[k('F')], A::ForgetLeft, "", "forget what was interrupted; asks first, and nothing is sent"),
        on(S::Tokens, &[ESC], A::Dismiss, "", "clear the filter, then the facets, the selection, the message line"),

        on(S::Filter, &[ENTER], A::KeepFilter, "keep", "keep the filter and go back to the list"),
        on(S::Filter, &[ESC], A::ClearFilter, "clear", "clear the filter"),

        on(S::Details, &[ESC, ENTER], A::Details, "close", "close the details"),
        on(S::Details, &[RIGHT], A::NextToken, "next", "the details of the next token"),
        on(S::Details, &[LEFT], A::PreviousToken, "", "the details of the token before"),
        on(S::Details, &[k(' ')], A::Select, "select", "select the token, or not any more"),
        on(S::Details, &[k('x')], A::Revoke, "revoke", "revoke the selected tokens, or this one"),
        on(S::Details, &[k('o')], A::Rotate, "rotate", "put a new token in the place of this one"),
        on(S::Details, &[k('m')], A::EditNote, "note", "note down where this token is used, on this machine alone"),

        on(S::TokenChoice, &[ENTER], A::TokenEnter, "next", "go on to the next field"),
        on(S::TokenChoice, &[k(' '), RIGHT], A::TokenChange, "choose", "choose the next of a few, or tick"),
        on(S::TokenChoice, &[LEFT], A::TokenChangeBack, "", "choose the one before"),
        on(S::TokenChoice, &[TAB, DOWN], A::TokenNext, "", "the next field"),
        on(S::TokenChoice, &[BACK_TAB, UP], A::TokenBack, "", "the field before"),
        on(S::TokenChoice, &[PG_DN], A::TokenLast, "to the password", "to the last field, the password"),
        on(S::TokenChoice, &[PG_UP], A::TokenFirst, "", "to the first field"),
        on(S::TokenChoice, &[ESC], A::StopToken, "cancel", "leave the form; asks first when something was typed"),

        on(S::TokenText, &[ENTER], A::TokenEnter, "next", "go on to the next field"),
        on(S::TokenText, &[TAB, DOWN], A::TokenNext, "", "the next field"),
        on(S::TokenText, &[BACK_TAB, UP], A::TokenBack, "", "the field before"),
        on(S::TokenText, &[PG_DN], A::TokenLast, "to the password", "to the last field, the password"),
        on(S::TokenText, &[PG_UP], A::TokenFirst, "", "to the first field"),
        on(S::TokenText, &[ESC], A::StopToken, "cancel", "leave the form; asks first when something was typed"),

        on(S::TokenPassword, &[ENTER], A::TokenEnter, "make it", "have the registry make the token"),
        on(S::TokenPassword, &[REVEAL], A::Reveal, "show/hide", "show the password for ten seconds, or hide it"),
        on(S::TokenPassword, &[TAB, DOWN], A::TokenNext, "", "the next field"),
        on(S::TokenPassword, &[BACK_TAB, UP], A::TokenBack, "", "the field before"),
        on(S::TokenPassword, &[PG_UP], A::TokenFirst, "", "to the first field"),
        on(S::TokenPassword, &[ESC], A::StopToken, "cancel", "leave the form; asks first when something was typed"),

        on(S::TokenLeaving, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::TokenLeaving, &[k('y')], A::Yes, "yes, leave", "yes, give up what was typed"),
        on(S::TokenLeaving, &[k('n'), ESC], A::No, "no", "no, back to the form"),
        on(S::TokenLeaving, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::TokenSent, &[ESC], A::StopToken, "give up", "give it up, if it was not sent yet"),

        on(S::Made, &[k('c'), COPY], A::CopyToken, "copy", "copy the new token's value"),
        on(S::Made, &[k('w')], A::WriteToken, "write", "write the value into an .npmrc of your choice"),
        on(S::Made, &[k('v'), REVEAL], A::ToggleToken, "show/hide", "show the value, or hide it"),
        on(S::Made, &[ESC, ENTER], A::LeaveToken, "done", "leave the value, which is not shown again; asks first when nothing else has it"),

        on(S::WriteChoice, &[ENTER], A::WriteEnter, "write it", "write the value into the chosen file"),
        on(S::WriteChoice, &[TAB, DOWN, RIGHT, k(' ')], A::WriteNext, "other file", "the next file"),
        on(S::WriteChoice, &[BACK_TAB, UP, LEFT], A::WriteBack, "", "the file before"),
        on(S::WriteChoice, &[ESC], A::StopWriting, "back", "back to the value; nothing is written"),

        on(S::WritePath, &[ENTER], A::WriteEnter, "write it", "write the value into the file that was typed"),
        on(S::WritePath, &[TAB, DOWN], A::WriteNext, "other file", "the next file"),
        on(S::WritePath, &[BACK_TAB, UP], A::WriteBack, "", "the file before"),
        on(S::WritePath, &[ESC], A::StopWriting, "back", "back to the value; nothing is written"),

        on(S::WriteOver, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::WriteOver, &[k('y')], A::Yes, "yes, write", "yes, write the value there; the other token gives way"),
        on(S::WriteOver, &[k('n'), ESC], A::No, "no", "no, leave what stands there; nothing is written"),
        on(S::WriteOver, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::WriteSent, &[ESC], A::StopWriting, "back", "back to the value; the file is written all the same"),

        on(S::MadeLeaving, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::MadeLeaving, &[k('y')], A::Yes, "yes, leave", "yes, leave the value"),
        on(S::MadeLeaving, &[k('n'), ESC], A::No, "no", "no, back to the value"),
        on(S::MadeLeaving, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::Lost, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::Lost, &[k('y')], A::Yes, "yes, revoke", "yes, go on to revoking; that asks once more"),
        on(S::Lost, &[k('n'), ESC], A::No, "no", "no, revoke nothing"),
        on(S::Lost, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::RotatePlaces, &[ENTER], A::RotateOn, "go on", "go on to the form for the new token"),
        on(S::RotatePlaces, &[k(' ')], A::RotateTick, "tick", "tick a place for the new value, or not any more"),
        on(S::RotatePlaces, &[TAB], A::Move(Move::Down), "", "the next tick"),
        on(S::RotatePlaces, &[BACK_TAB], A::Move(Move::Up), "", "the tick before"),
        on(S::RotatePlaces, &[ESC], A::StopRotate, "cancel", "rotate nothing; asks first when something was typed"),

        on(S::RotateAsk, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::RotateAsk, &[k('y')], A::Yes, "yes, go on", "yes, go on with the rotation"),
        on(S::RotateAsk, &[k('n'), ESC], A::No, "no", "no, leave it as it is; nothing is sent"),
        on(S::RotateAsk, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::RotateLeaving, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::RotateLeaving, &[k('y')], A::Yes, "yes, leave", "yes, give up what was typed"),
        on(S::RotateLeaving, &[k('n'), ESC], A::No, "no", "no, back to the rotation"),
        on(S::RotateLeaving, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::RotateRunning, &[ESC], A::StopRotate, "stop", "stop the rotation; says first what that means, and asks"),
        on(S::RotateRunning, &[ENTER], A::KeepRotating, "go on", "go on after all"),

        on(S::RotateInstalled, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::RotateInstalled, &[k('c'), COPY], A::CopyToken, "copy", "copy the new token's value"),
        on(S::RotateInstalled, &[k('w')], A::WriteToken, "write", "write the value into an .npmrc of your choice"),
        on(S::RotateInstalled, &[k('v'), REVEAL], A::ToggleToken, "show/hide", "show the value, or hide it"),
        on(S::RotateInstalled, &[k('y')], A::Yes, "yes, everywhere", "yes, it is installed everywhere: go on and revoke the old token"),
        on(S::RotateInstalled, &[k('n')], A::No, "", "not yet"),
        on(S::RotateInstalled, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),
        on(S::RotateInstalled, &[ESC], A::StopRotate, "keep both", "stop here and keep both tokens; asks first"),

        on(S::RotateInPlace, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::RotateInPlace, &[k('y')], A::Yes, "yes, everywhere", "yes, the new token is in place everywhere: revoke the old one"),
        on(S::RotateInPlace, &[k('n'), ESC], A::No, "no, keep both", "no, or not known: keep both tokens"),
        on(S::RotateInPlace, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::RotateDone, &[ENTER, ESC], A::CloseRotate, "close", "close; asks first when nothing has the value"),
        on(S::RotateDone, &[k('c'), COPY], A::CopyToken, "copy", "copy the new token's value"),
        on(S::RotateDone, &[k('w')], A::WriteToken, "write", "write the value into an .npmrc of your choice"),
        on(S::RotateDone, &[k('v'), REVEAL], A::ToggleToken, "show/hide", "show the value, or hide it"),

        on(S::ForgetAsk, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::ForgetAsk, &[k('y')], A::Yes, "yes, forget", "yes, forget what was interrupted; nothing is sent"),
        on(S::ForgetAsk, &[k('n'), ESC], A::No, "no", "no, keep what is noted of it"),
        on(S::ForgetAsk, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::NoteEdit, &[ENTER], A::SaveNote, "keep", "keep the note on this machine; empty takes it away"),
        on(S::NoteEdit, &[ESC], A::StopNote, "cancel", "leave the note as it was"),

        on(S::NoteSent, &[ESC], A::StopNote, "back", "back to the list; the note is taken down all the same"),

        on(S::RevokeAsk, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::RevokeAsk, &[k('y')], A::Yes, "yes, revoke", "yes, revoke"),
        on(S::RevokeAsk, &[k('n'), ESC], A::No, "no", "no, revoke nothing"),
        on(S::RevokeAsk, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::RevokeCount, &[ENTER], A::RevokeCounted, "revoke", "revoke, when the number typed is right"),
        on(S::RevokeCount, &[ESC], A::No, "cancel", "revoke nothing"),

        on(S::RevokeRunning, &[ESC], A::StopRevoking, "stop", "stop what was not sent yet; asks first"),
        on(S::RevokeRunning, &[ENTER], A::KeepRevoking, "go on", "go on after all"),

        on(S::RevokeDone, &[ENTER, ESC], A::Close, "close", "go back to the list"),

        on(S::Recovery, &[ENTER], A::OpenSet, "open", "open the chosen set and read its codes"),
        on(S::Recovery, &[k('p')], A::ProveSet, "prove", "prove once more that you have the codes"),
        on(S::Recovery, &[k('e')], A::ExportSet, "export", "write the codes of the chosen set into a plain file"),
        on(S::Recovery, &[k('n')], A::AddSet, "add", "keep codes that you got on the registry's website"),
        on(S::Recovery, &[k('x')], A::RemoveSet, "remove", "remove the chosen set from this machine; asks first"),
        on(S::Recovery, &[k('L')], A::LostCodes, "lost codes", "the recovery codes are lost: a guide"),
        on(S::Recovery, &[ESC], A::Dismiss, "", "clear the message line"),

        on(S::Machine, &[ENTER], A::MachineDetails, "details", "all that is known of the chosen file or credential"),
        on(S::Machine, &[k('t')], A::MachineTry, "try out", "ask its registry whether the chosen credential works; asks first"),
        on(S::Machine, &[k('T')], A::MachineTryAll, "all", "ask each registry whether its credentials work; asks first"),
        on(S::Machine, &[k('m')], A::MachineTighten, "mode", "take others' rights to the chosen file away; shows it first"),
        on(S::Machine, &[k('e')], A::MachineVariable, "variable", "put a variable in the place of the chosen secret; shows it first"),
        on(S::Machine, &[k('x')], A::MachineRemove, "remove", "take the chosen line out of its file; shows it first"),
        on(S::Machine, &[k('O')], A::MachineSignOut, "sign out", "end the credential in use at its registry; asks first"),
        on(S::Machine, &[ESC], A::MachineStop, "", "give up what is being tried out, or clear the message line"),

        on(S::MachineDetails, &[k('t')], A::MachineTry, "try out", "ask its registry whether this credential works; asks first"),
        on(S::MachineDetails, &[k('m')], A::MachineTighten, "mode", "take others' rights to this file away; shows it first"),
        on(S::MachineDetails, &[k('e')], A::MachineVariable, "variable", "put a variable in the place of this secret; shows it first"),
        on(S::MachineDetails, &[k('x')], A::MachineRemove, "remove", "take this line out of its file; shows it first"),
        on(S::MachineDetails, &[k('O')], A::MachineSignOut, "sign out", "end the credential in use at its registry; asks first"),
        on(S::MachineDetails, &[ESC, ENTER], A::MachineStop, "back", "go back to the list"),

        on(S::MachineAsk, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::MachineAsk, &[k('y')], A::Yes, "yes", "yes, do it"),
        on(S::MachineAsk, &[k('n'), ESC], A::No, "no", "no: nothing is sent and nothing is changed"),
        on(S::MachineAsk, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::MachineName, &[ENTER], A::MachineEnter, "go on", "look at what would change"),
        on(S::MachineName, &[ESC], A::MachineStop, "cancel", "leave the line as it is"),

        on(S::MachineSent, &[ESC], A::MachineStop, "give up", "give it up; what is being written already goes on"),

        on(S::SetPath, &[ENTER], A::SetEnter, "go on", "go on to the passphrase, or write the file"),
        on(S::SetPath, &[TAB, BACK_TAB, DOWN, UP], A::SetNext, "", "the other field"),
        on(S::SetPath, &[ESC], A::StopSet, "cancel", "write no file"),

        on(S::SetPassphrase, &[ENTER], A::SetEnter, "go on", "open the encrypted file with what was typed"),
        on(S::SetPassphrase, &[REVEAL], A::Reveal, "show/hide", "show the passphrase for ten seconds, or hide it"),
        on(S::SetPassphrase, &[TAB, BACK_TAB, DOWN, UP], A::SetNext, "", "the other field"),
        on(S::SetPassphrase, &[ESC], A::StopSet, "cancel", "leave the set as it is"),

        on(S::SetSent, &[ESC], A::StopSet, "give up", "give it up, if it was not done yet"),

        on(S::SetOpened, &[k('c'), COPY], A::CopyCode, "copy", "copy the chosen code"),
        on(S::SetOpened, &[k('C')], A::CopySet, "copy all", "copy all the codes, one a line"),
        on(S::SetOpened, &[k('a')], A::CopyAge, "copy command", "copy the command that opens the encrypted file without npm-warden"),
        on(S::SetOpened, &[k('p'), PRINT], A::SetSheet, "print", "put the codes on a page to print or to write off"),
        on(S::SetOpened, &[ESC, ENTER], A::StopSet, "hide", "hide the codes and go back to the list"),

        on(S::SetSheet, &[ESC, ENTER, k('p'), PRINT], A::SetSheet, "back to the codes", "go back to the codes"),

        on(S::SetProof, &[ENTER], A::SendSetProof, "check", "check what was typed"),
        on(S::SetProof, &[Key::ctrl('b')], A::OtherProof, "another code", "be asked for part of another code"),
        on(S::SetProof, &[ESC], A::StopSet, "no proof", "leave without a proof; the set stays as it is"),

        on(S::SetRemoveAsk, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::SetRemoveAsk, &[k('y')], A::Yes, "yes, remove", "yes, remove the set"),
        on(S::SetRemoveAsk, &[k('n'), ESC], A::No, "no", "no, keep the set"),
        on(S::SetRemoveAsk, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::SetRemoveWord, &[ENTER], A::RemoveTyped, "remove", "remove the set, when the word is typed"),
        on(S::SetRemoveWord, &[ESC], A::StopSet, "cancel", "keep the set"),

        on(S::SetLeft, &[ENTER, ESC], A::StopSet, "close", "go back to the list"),

        on(S::AddCodes, &[TAB], A::AddNext, "go on", "go on to the place, when all codes are here"),
        on(S::AddCodes, &[ENTER], A::AddLine, "next line", "begin another line; goes on to nothing, since a paste can bring it"),
        on(S::AddCodes, &[REVEAL], A::Reveal, "show/hide", "show the codes for ten seconds, or hide them"),
        on(S::AddCodes, &[ESC], A::StopSet, "cancel", "keep nothing"),

        on(S::AddSecret, &[ENTER], A::AddEnter, "go on", "go on to the second field; from there, make the encrypted file"),
        on(S::AddSecret, &[TAB, DOWN], A::AddNext, "other place", "the next field or place"),
        on(S::AddSecret, &[BACK_TAB, UP], A::AddBack, "", "the field or place before"),
        on(S::AddSecret, &[REVEAL], A::Reveal, "show/hide", "show the passphrase for ten seconds, or hide it"),
        on(S::AddSecret, &[ESC], A::StopSet, "back", "back to the codes"),

        on(S::AddPath, &[ENTER], A::AddEnter, "go on", "check the file's place, then keep the codes there"),
        on(S::AddPath, &[TAB, DOWN], A::AddNext, "other place", "the next place"),
        on(S::AddPath, &[BACK_TAB, UP], A::AddBack, "", "the place before"),
        on(S::AddPath, &[ESC], A::StopSet, "back", "back to the codes"),

        on(S::AddMine, &[ENTER], A::AddEnter, "go on", "note down that you keep these codes yourself"),
        on(S::AddMine, &[TAB, DOWN], A::AddNext, "", "the next place"),
        on(S::AddMine, &[BACK_TAB, UP], A::AddBack, "other place", "the place before"),
        on(S::AddMine, &[ESC], A::StopSet, "back", "back to the codes"),

        on(S::Emergency, &[ENTER], A::EmergencyEnter, "begin", "begin, or take the marked answer; nothing is sent before"),
        on(S::Emergency, &[k('v')], A::EmergencySteps, "steps", "show the steps so far, or go back from there"),
        on(S::Emergency, &[ESC], A::EmergencyLeave, "leave", "leave what is under way; asks first, and it can be gone on with later"),

        on(S::EmergencyAsk, &[ENTER], A::EmergencyEnter, "choose", "take the marked answer, or go on"),
        on(S::EmergencyAsk, &[k('s')], A::EmergencySkip, "skip", "go on without it"),
        on(S::EmergencyAsk, &[k('v')], A::EmergencySteps, "steps", "show the steps so far, or go back from there"),
        on(S::EmergencyAsk, &[ESC], A::EmergencyLeave, "leave", "leave the emergency; asks first, and it can be gone on with later"),

        on(S::EmergencyList, &[ENTER], A::EmergencyEnter, "go on", "go on with what is marked; before tokens go it asks once more"),
        on(S::EmergencyList, &[k(' ')], A::EmergencyMark, "mark", "mark the chosen line, or take its mark away"),
        on(S::EmergencyList, &[k('a')], A::EmergencyMarkAll, "all", "mark all lines, or none"),
        on(S::EmergencyList, &[k('s')], A::EmergencySkip, "skip", "go on without it"),
        on(S::EmergencyList, &[k('v')], A::EmergencySteps, "", "show the steps so far, or go back from there"),
        on(S::EmergencyList, &[ESC], A::EmergencyLeave, "leave", "leave the emergency; asks first, and it can be gone on with later"),

        on(S::EmergencyAccount, &[ENTER], A::EmergencyEnter, "do it", "do what the chosen line says, and come back here"),
        on(S::EmergencyAccount, &[k('p')], A::EmergencyPassword, "password", "change the password, and come back here"),
        on(S::EmergencyAccount, &[k(' ')], A::EmergencyMark, "mark", "done elsewhere, left out, or open again"),
        on(S::EmergencyAccount, &[k('s')], A::EmergencySkip, "skip", "go on; what is open is left out"),
        on(S::EmergencyAccount, &[k('v')], A::EmergencySteps, "", "show the steps so far, or go back from there"),
        on(S::EmergencyAccount, &[ESC], A::EmergencyLeave, "leave", "leave the emergency; asks first, and it can be gone on with later"),

        on(S::EmergencyReport, &[k('w')], A::EmergencyWrite, "write", "write the report into a folder, in Markdown and JSON"),
        on(S::EmergencyReport, &[ENTER], A::EmergencyEnter, "end", "end the emergency; asks first when the report was not written"),
        on(S::EmergencyReport, &[k('v')], A::EmergencySteps, "steps", "show the steps so far, or go back from there"),
        on(S::EmergencyReport, &[ESC], A::EmergencyLeave, "leave", "leave the emergency, or close its report; asks first"),

        on(S::EmergencySure, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::EmergencySure, &[k('y')], A::Yes, "yes", "yes, do it"),
        on(S::EmergencySure, &[k('n'), ESC], A::No, "no", "no, go back"),
        on(S::EmergencySure, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::EmergencyCount, &[ENTER], A::EmergencyCounted, "revoke", "revoke, when the number typed is right"),
        on(S::EmergencyCount, &[ESC], A::No, "back", "go back to the list; nothing is revoked"),

        on(S::EmergencyFolder, &[ENTER], A::EmergencyFolder, "write", "write the report into this folder"),
        on(S::EmergencyFolder, &[ESC], A::EmergencyNoFolder, "cancel", "write nothing"),

        on(S::WizardNeed, &[ENTER], A::WizardNext, "begin", "go on to the level"),
        on(S::WizardNeed, &[ESC], A::WizardBack, "not now", "leave; nothing was sent"),

        on(S::WizardLevel, &[ENTER], A::WizardNext, "go on", "go on to the password"),
        on(S::WizardLevel, &[TAB, BACK_TAB], A::Switch, "other level", "choose the other level"),
        on(S::WizardLevel, &[ESC], A::WizardBack, "back", "one step back"),

        on(S::WizardPassword, &[ENTER], A::WizardNext, "go on", "go on to the place for the codes"),
        on(S::WizardPassword, &[REVEAL], A::Reveal, "show/hide", "show the password for ten seconds, or hide it"),
        on(S::WizardPassword, &[ESC], A::WizardBack, "back", "one step back"),

        on(S::WizardPlace, &[ENTER], A::WizardNext, "go on", "check the place and go on"),
        on(S::WizardPlace, &[TAB], A::PlaceNext, "next place", "the next place, or the passphrase once more"),
        on(S::WizardPlace, &[BACK_TAB], A::PlaceBack, "", "the place before"),
        on(S::WizardPlace, &[REVEAL], A::Reveal, "show/hide", "show the passphrase for ten seconds, or hide it"),
        on(S::WizardPlace, &[ESC], A::WizardBack, "back", "one step back"),

        on(S::WizardWorking, &[ESC], A::LeaveSetUp, "leave", "leave the set-up; asks first"),

        on(S::WizardScan, &[ENTER], A::SendCode, "confirm", "send the code and turn 2FA on"),
        on(S::WizardScan, &[COPY], A::CopyKey, "copy key", "copy the key"),
        on(S::WizardScan, &[Key::ctrl('g')], A::NextQr, "QR style", "draw the QR code another way"),
        on(S::WizardScan, &[REVEAL], A::ToggleKey, "show/hide key", "show the key, or hide it"),
        on(S::WizardScan, &[ESC], A::LeaveSetUp, "leave", "leave the set-up; asks first"),

        on(S::WizardLeaving, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::WizardLeaving, &[TAB, RIGHT], A::Switch, "next answer", "the next answer"),
        on(S::WizardLeaving, &[ESC], A::No, "stay", "go on with the set-up"),

        on(S::WizardCodes, &[ENTER], A::HideCodes, "saved", "hide the codes and prove that they are saved"),
        on(S::WizardCodes, &[k('c'), COPY], A::CopyCodes, "copy", "copy the recovery codes"),
        on(S::WizardCodes, &[k('p'), PRINT], A::Sheet, "print", "put the codes on a page to print or to write off"),
        on(S::WizardCodes, &[ESC], A::StayWithCodes, "", "why the codes cannot be left behind"),

        on(S::WizardSheet, &[ESC, ENTER, k('p'), PRINT], A::Sheet, "back to the codes", "go back to the codes"),

        on(S::WizardOtherPlace, &[ENTER], A::SavePlace, "save there", "save the codes in this place"),
        on(S::WizardOtherPlace, &[TAB], A::PlaceNext, "next place", "the next place, or the passphrase once more"),
        on(S::WizardOtherPlace, &[BACK_TAB], A::PlaceBack, "", "the place before"),
        on(S::WizardOtherPlace, &[COPY], A::CopyCodes, "copy", "copy the recovery codes"),
        on(S::WizardOtherPlace, &[PRINT], A::Sheet, "print", "put the codes on a page to print or to write off"),
        on(S::WizardOtherPlace, &[REVEAL], A::Reveal, "show/hide", "show the passphrase for ten seconds, or hide it"),
        on(S::WizardOtherPlace, &[ESC], A::StayWithCodes, "", "why the codes cannot be left behind"),

        on(S::WizardProof, &[ENTER], A::SendProof, "check", "check what was typed, or decline with the word decline"),
        on(S::WizardProof, &[Key::ctrl('b')], A::ShowAgain, "show the codes again", "show the codes again; another part is asked for then"),
        on(S::WizardProof, &[ESC], A::StayWithCodes, "", "why the codes cannot be left behind"),

        on(S::WizardDone, &[ENTER, ESC], A::CloseWizard, "close", "go to the security screen"),

        on(S::WizardNoCodes, &[ENTER], A::FreshCodes, "get fresh codes", "go on to fresh recovery codes"),
        on(S::WizardNoCodes, &[ESC], A::CloseWizard, "later", "go to the security screen"),

        on(S::Challenge, &[ENTER], A::SendAnswer, "send", "send the code"),
        on(S::Challenge, &[Key::ctrl('o')], A::OpenPage, "open", "open the registry's page in your browser"),
        on(S::Challenge, &[COPY], A::CopyPage, "copy", "copy the address of the registry's page"),
        on(S::Challenge, &[Key::ctrl('g')], A::NextQr, "QR style", "draw the QR code another way"),
        on(S::Challenge, &[REVEAL], A::Reveal, "", "show what was typed for ten seconds, or hide it"),
        on(S::Challenge, &[ESC], A::CancelChallenge, "cancel", "cancel what the registry asks about; it was not done"),

        on(S::Foreign, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::Foreign, &[k('y')], A::Yes, "yes", "yes, go on with this page"),
        on(S::Foreign, &[k('n'), ESC], A::No, "no", "no, leave the page alone"),
        on(S::Foreign, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::Spending, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::Spending, &[k('y')], A::Yes, "yes, use it up", "yes, send the recovery code and use it up"),
        on(S::Spending, &[k('n'), ESC], A::No, "no", "no, go back to what was typed"),
        on(S::Spending, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::Help, &[ESC, ENTER, k('?'), k('q'), F1], A::Close, "close", "close the help"),

        on(S::Palette, &[ENTER], A::RunEntry, "do it", "do what the chosen line says"),
        on(S::Palette, &[ESC], A::Close, "close", "close the list of actions"),

        on(S::Leaving, &[ENTER], A::Take, "take the marked answer", "take the answer that has the focus"),
        on(S::Leaving, &[k('y')], A::Yes, "yes, leave", "yes, leave the program"),
        on(S::Leaving, &[k('n'), ESC], A::No, "no, stay", "no, stay"),
        on(S::Leaving, &[TAB, LEFT, RIGHT, BACK_TAB], A::Switch, "", "the other answer"),

        on(S::Moves, &[UP, k('k')], A::Move(Move::Up), "", "up"),
        on(S::Moves, &[DOWN, k('j')], A::Move(Move::Down), "", "down"),
        on(S::Moves, &[PG_UP], A::Move(Move::PageUp), "", "a page up"),
        on(S::Moves, &[PG_DN], A::Move(Move::PageDown), "", "a page down"),
        on(S::Moves, &[k('g'), HOME], A::Move(Move::Top), "", "to the top"),
        on(S::Moves, &[k('G'), END], A::Move(Move::Bottom), "", "to the bottom"),

        on(S::FieldMoves, &[UP], A::Move(Move::Up), "", "up"),
        on(S::FieldMoves, &[DOWN], A::Move(Move::Down), "", "down"),
        on(S::FieldMoves, &[PG_UP], A::Move(Move::PageUp), "", "a page up"),
        on(S::FieldMoves, &[PG_DN], A::Move(Move::PageDown), "", "a page down"),

        on(S::Main, &[k('r')], A::Reload, "reload", "read this screen anew"),
        on(S::Main, &[k('b')], A::BackToGuide, "guide", "back to the guide that was put aside"),
        on(S::Main, &[k('A')], A::SignIn, "", "sign in, also with another account"),
        on(S::Main, &[k('1')], A::Go(Screen::Profile), "", "go to Profile"),
        on(S::Main, &[k('2')], A::Go(Screen::Security), "", "go to Security"),
        on(S::Main, &[k('3')], A::Go(Screen::Tokens), "", "go to Tokens"),
        on(S::Main, &[k('4')], A::Go(Screen::Recovery), "", "go to Recovery"),
        on(S::Main, &[k('6')], A::Go(Screen::Machine), "", "go to Machine"),
        on(S::Main, &[k('!')], A::Go(Screen::Emergency), "", "go to Emergency"),
        on(S::Main, &[TAB], A::NextScreen, "", "go to the next screen"),
        on(S::Main, &[BACK_TAB], A::PreviousScreen, "", "go to the screen before"),

        on(S::Free, &[k('?'), F1], A::Help, "help", "show the keys that work here"),
        on(S::Free, &[k(':')], A::Palette, "", "find any action by its name"),
        on(S::Free, &[k('q')], A::Quit, "quit", "quit; asks when something would be lost"),

        on(S::Field, &[F1], A::Help, "help", "show the keys that work here"),

        on(S::Demo, &[Key::ctrl('t')], A::DemoAuthenticator, "demo authenticator", "open or close the demo authenticator, a stand-in for your phone"),

        on(S::Always, &[Key::ctrl('c')], A::QuitNow, "", "quit at once; codes that were not proved, and a new token, guard themselves once"),
        on(S::Always, &[Key::ctrl('z')], A::Suspend, "", "go back to the shell for a while"),
    ]
};
