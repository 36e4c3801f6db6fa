//! From what the person meant to the screen that does it.

use super::Effect;
use super::keymap::{self, Action, Move, Scope};
use super::model::{Kind, Model, Overlay, Screen, WebWish};
use super::request::Purpose;
use super::{
    account, challenge, create, created, demo, emergency, exposure, guide, input, machine, note,
    overlay, password, profile, recovery, revoke, rotate, security, signin, signout, tokens,
    unfinished, web, wizard,
};
use crate::backend::protocol::Asking;

/// Does it, or says why not.
pub(super) fn take(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match keymap::enabled(model, action) {
        Ok(()) => act(model, action, effects),
        Err(why) => model.plain(&why.0),
    }
}

fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::QuitNow => overlay::interrupt(model, effects),
        Action::Quit => overlay::quit(model, effects),
        Action::Suspend => {
            exposure::hide_all(model);
            recovery::hide(model);
            effects.push(Effect::Suspend);
        }
        Action::DemoAuthenticator => demo::toggle(model, effects),
        Action::Help => overlay::help(model),
        Action::Palette => overlay::palette(model),
        Action::RunEntry => overlay::run_entry(model, effects),
        Action::Go(screen) => {
            go(model, screen);
            // What this machine knows of an emergency needs no registry, which may give no answer in that hour.
            if screen == Screen::Emergency && model.running(Purpose::Unfinished).is_none() {
                unfinished::look(model, effects);
            }
        }
        Action::NextScreen => go(model, neighbour(model.screen, 1)),
        Action::PreviousScreen => go(model, neighbour(model.screen, Screen::ALL.len() - 1)),
        Action::Reload => reload(model, effects),
        Action::Move(step) => moves(model, step, effects),
        Action::Dismiss => dismiss(model),
        Action::Close => close(model),
        Action::Yes | Action::No | Action::Switch | Action::Take => decide(model, action, effects),
        Action::Reveal => reveal(model),
        Action::SignIn
        | Action::SignInNext
        | Action::SignInBack
        | Action::SignInEnter
        | Action::StopSignIn => signin::act(model, action, effects),
        Action::EditField => profile::edit(model),
        Action::ReviewField => profile::review(model),
        Action::SaveField => profile::save(model, effects),
        Action::EditAgain => profile::edit_again(model),
        Action::StopEditing => profile::stop(model, effects),
        Action::NewPassword => password::open(model),
        Action::PasswordNext => password::step(model, 1),
        Action::PasswordBack => password::step(model, 2),
        Action::PasswordEnter => password::enter(model, effects),
        Action::StopPassword => password::stop(model, effects),
        Action::SignOut => signout::ask(model),
        Action::StopSignOut => signout::stop(model, effects),
        Action::EnableOrChange => security::enable_or_change(model, effects),
        Action::TurnOff => security::turn_off(model),
        Action::LostDevice => guide::open(model, Kind::LostDevice),
        Action::LostCodes => guide::open(model, Kind::LostCodes),
        Action::TwoEntries => guide::open(model, Kind::TwoEntries),
        Action::NewPhone => guide::open(model, Kind::NewPhone),
        Action::GuideNext => guide::next(model, effects),
        Action::GuideBack => guide::back(model),
        Action::GuideCheck => guide::check(model, effects),
        Action::LeaveGuide => guide::leave(model),
        Action::BackToGuide => guide::back_to(model),
        Action::SendChange => security::send(model, effects),
        Action::StopChange => security::stop(model, effects),
        Action::Filter => tokens::filter(model),
        Action::KeepFilter => tokens::keep_filter(model, effects),
        Action::ClearFilter => tokens::clear_filter(model),
        Action::Facet(facet) => tokens::turn(model, facet),
        Action::Sort => tokens::sort_next(model),
        Action::Select => tokens::select(model),
        Action::SelectAll => tokens::select_all(model),
        Action::Details => tokens::details(model),
        Action::PreviousToken => tokens::leaf(model, Move::Up),
        Action::NextToken => tokens::leaf(model, Move::Down),
        Action::Revoke => revoke::ask(model),
        Action::Resume => unfinished::resume(model, effects),
        Action::ForgetLeft => unfinished::ask_to_forget(model),
        Action::NewToken => create::open(model),
        Action::TokenNext
        | Action::TokenBack
        | Action::TokenFirst
        | Action::TokenLast
        | Action::TokenChange
        | Action::TokenChangeBack
        | Action::TokenEnter
        | Action::StopToken => create::act(model, action, effects),
        Action::CopyToken
        | Action::ToggleToken
        | Action::WriteToken
        | Action::WriteNext
        | Action::WriteBack
        | Action::WriteEnter
        | Action::StopWriting => created::act(model, action, effects),
        Action::LeaveToken => created::leave(model),
        Action::Rotate
        | Action::RotateTick
        | Action::RotateOn
        | Action::StopRotate
        | Action::KeepRotating
        | Action::CloseRotate => rotate::act(model, action, effects),
        Action::EditNote => note::open(model),
        Action::SaveNote => note::save(model, effects),
        Action::StopNote => note::stop(model),
        Action::RevokeCounted => revoke::counted(model, effects),
        Action::StopRevoking => revoke::stop(model, effects),
        Action::KeepRevoking => revoke::keep(model),
        Action::OpenSet
        | Action::ProveSet
        | Action::ExportSet
        | Action::RemoveSet
        | Action::SetNext
        | Action::SetEnter
        | Action::StopSet
        | Action::RemoveTyped
        | Action::CopyCode
        | Action::CopySet
        | Action::CopyAge
        | Action::SetSheet
        | Action::AddSet
        | Action::AddLine
        | Action::AddNext
        | Action::AddBack
        | Action::AddEnter
        | Action::OtherProof
        | Action::SendSetProof => recovery::act(model, action, effects),
        Action::EmergencyEnter
        | Action::EmergencySkip
        | Action::EmergencyMark
        | Action::EmergencyMarkAll
        | Action::EmergencySteps
        | Action::EmergencyCounted
        | Action::EmergencyPassword
        | Action::EmergencyWrite
        | Action::EmergencyFolder
        | Action::EmergencyNoFolder
        | Action::EmergencyLeave => emergency::act(model, action, effects),
        Action::MachineDetails
        | Action::MachineTry
        | Action::MachineTryAll
        | Action::MachineTighten
        | Action::MachineVariable
        | Action::MachineRemove
        | Action::MachineEnter
        | Action::MachineStop => machine::act(model, action, effects),
        Action::MachineSignOut => act(model, Action::SignOut, effects),
        Action::WizardNext => wizard::next(model, effects),
        Action::WizardBack => wizard::back(model, effects),
        Action::PlaceNext => wizard::place_step(model, false, true, effects),
        Action::PlaceBack => wizard::place_step(model, true, true, effects),
        Action::SendCode => wizard::send_code(model, effects),
        Action::LeaveSetUp => wizard::ask_to_leave(model),
        Action::CopyKey => wizard::copy_key(model, effects),
        Action::ToggleKey => wizard::toggle_key(model),
        Action::NextQr if web::stands(model) => web::take(model, WebWish::Draw, effects),
        Action::NextQr => wizard::next_qr(model),
        Action::OpenPage => web::take(model, WebWish::Open, effects),
        Action::CopyPage => web::take(model, WebWish::Copy, effects),
        Action::CopyCodes => wizard::copy_codes(model, effects),
        Action::Sheet => wizard::sheet(model),
        Action::HideCodes => wizard::hide_codes(model, effects),
        Action::SavePlace => wizard::save_place(model, effects),
        Action::StayWithCodes => wizard::stay_with_codes(model),
        Action::SendProof => wizard::send_proof(model, effects),
        Action::ShowAgain => wizard::show_again(model, effects),
        Action::CloseWizard => wizard::close(model),
        Action::FreshCodes => guide::fresh_codes(model, effects),
        Action::SendAnswer => challenge::send(model, effects),
        Action::CancelChallenge => challenge::cancel(model, effects),
    }
}

/// Goes to a screen.
pub(super) fn go(model: &mut Model, screen: Screen) {
    exposure::hide_all(model);
    model.profile.scroll = 0;
    model.screen = screen;
}

fn neighbour(screen: Screen, steps: usize) -> Screen {
    let all = Screen::ALL;
    let place = all.iter().position(|s| *s == screen).unwrap_or(0);
    all[(place + steps) % all.len()]
}

fn reload(model: &mut Model, effects: &mut Vec<Effect>) {
    // What the registry did not offer it may by now.
    model.lacks.clear();
    match model.screen {
        Screen::Profile => account::read(model, Asking::Allowed, effects),
        Screen::Security => {
            model.refusal = None;
            account::read(model, Asking::Allowed, effects);
        }
        Screen::Tokens => {
            // First the configuration: what npm login wrote meanwhile counts, and says whose list it is.
            account::read(model, Asking::Never, effects);
            tokens::read(model, Asking::Allowed, effects);
        }
        Screen::Recovery => recovery::read(model, Asking::Allowed, effects),
        Screen::Machine => machine::read(model, Asking::Allowed, effects),
        Screen::Emergency => emergency::reload(model, effects),
    }
}

fn moves(model: &mut Model, step: Move, effects: &mut Vec<Effect>) {
    match keymap::top(model) {
        Scope::Absent => profile::scroll(model, step),
        Scope::Profile => profile::go(model, step),
        Scope::Security => security::go(model, step),
        Scope::Guide => guide::go(model, step),
        Scope::Tokens | Scope::Filter => tokens::go(model, step),
        Scope::Details => tokens::scroll(model, step),
        Scope::RevokeAsk | Scope::RevokeCount | Scope::RevokeRunning | Scope::RevokeDone => {
            revoke::go(model, step);
        }
        Scope::ForgetAsk => unfinished::go(model, step),
        Scope::Made | Scope::Lost => created::go(model, step),
        Scope::RotatePlaces
        | Scope::RotateAsk
        | Scope::RotateRunning
        | Scope::RotateInstalled
        | Scope::RotateInPlace
        | Scope::RotateDone => rotate::go(model, step),
        Scope::SignOutDone => signout::go(model, step),
        Scope::Recovery
        | Scope::SetOpened
        | Scope::SetSheet
        | Scope::SetProof
        | Scope::SetRemoveAsk
        | Scope::SetRemoveWord => {
            recovery::go(model, step);
        }
        Scope::Machine | Scope::MachineDetails | Scope::MachineAsk => machine::go(model, step),
        Scope::Emergency
        | Scope::EmergencyAsk
        | Scope::EmergencyList
        | Scope::EmergencyAccount
        | Scope::EmergencyReport
        | Scope::EmergencySure
        | Scope::EmergencyCount
        | Scope::EmergencyFolder => emergency::go(model, step),
        Scope::Help | Scope::Palette => overlay::go(model, step),
        Scope::Challenge | Scope::Foreign if !model.challenges.is_empty() => {
            challenge::go(model, step);
        }
        Scope::SignInChoice
        | Scope::SignInName
        | Scope::SignInPassword
        | Scope::SignInSent
        | Scope::SignInPage
        | Scope::Foreign => signin::go(model, step),
        _ => wizard::go(model, step, effects),
    }
}

fn dismiss(model: &mut Model) {
    if model.screen != Screen::Tokens || !tokens::dismiss(model) {
        model.notice = None;
    }
}

fn close(model: &mut Model) {
    if keymap::top(model) == Scope::RevokeDone {
        model.tokens.revoke = None;
    } else {
        model.overlay = None;
    }
}

fn reveal(model: &mut Model) {
    let now = model.now.mono;
    let scope = keymap::top(model);
    if let Some(field) = input::focus(model, scope).filter(|field| field.masked) {
        field.toggle_reveal(now);
    }
}

/// The questions with a few answers, of which the harmless one has the focus at first.
fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match keymap::top(model) {
        Scope::Leaving => {
            let Some(Overlay::Leave { yes, .. }) = &mut model.overlay else {
                return;
            };
            match (action, *yes) {
                (Action::Switch, _) => *yes = !*yes,
                (Action::Yes, _) | (Action::Take, true) => overlay::quit_now(model, effects),
                _ => model.overlay = None,
            }
        }
        Scope::Foreign => web::decide(model, action, effects),
        Scope::SignInChoice => signin::switch(model),
        Scope::Spending => challenge::decide(model, action, effects),
        Scope::ChangeWarning => security::decide(model, action),
        Scope::SignOutAsk => signout::decide(model, action, effects),
        Scope::WriteOver => created::decide_over(model, action, effects),
        Scope::MadeLeaving | Scope::Lost => created::decide(model, action, effects),
        Scope::ForgetAsk => unfinished::decide(model, action, effects),
        Scope::TokenLeaving => create::decide(model, action),
        Scope::RotateAsk | Scope::RotateLeaving | Scope::RotateInstalled | Scope::RotateInPlace => {
            rotate::decide(model, action, effects);
        }
        Scope::RevokeAsk | Scope::RevokeCount => revoke::decide(model, action, effects),
        Scope::EmergencySure | Scope::EmergencyCount => {
            emergency::decide(model, action, effects);
        }
        Scope::SetRemoveAsk => recovery::decide(model, action, effects),
        Scope::MachineAsk => machine::decide(model, action, effects),
        _ => wizard::decide(model, action, effects),
    }
}
