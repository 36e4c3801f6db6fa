//! What guides, their steps and their answers are called.

use crate::app::model::{Choice, Guide, GuideStep as Step, Kind};

/// The guide's name in the stepper.
pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::LostDevice => "Lost device",
        Kind::LostCodes => "Lost codes",
        Kind::TwoEntries => "Two entries",
        Kind::NewPhone => "New phone",
        Kind::Removal => "Turning 2FA off",
    }
}

/// The step's word in the stepper.
pub(super) const fn short(step: Step) -> &'static str {
    match step {
        Step::Another => "Others",
        Step::Code => "Code",
        Step::Way => "Way",
        Step::Hand => "At hand",
        Step::Sets => "Look",
        Step::Transfer => "Move",
        Step::How => "Why",
        Step::TryCode => "Try",
        Step::Key => "Key",
        Step::Again => "Plan",
        Step::TurnOff => "Off",
        Step::TurnOn => "On",
        Step::Website => "Website",
        Step::Regenerate => "Renew",
        Step::Keep => "Keep",
        Step::Saved => "Codes",
        Step::Tokens => "Tokens",
        Step::Support => "Support",
        Step::Ask => "Ask",
        Step::Delete => "Delete",
        Step::End => "Done",
    }
}

/// The step's page, in its top line.
pub(super) const fn title(guide: &Guide) -> &'static str {
    match (guide.kind, guide.at) {
        (_, Step::Another) => "Does anything else give codes?",
        (_, Step::Code) => "Is there a recovery code?",
        (_, Step::Way) => "On the website, or from here?",
        (Kind::NewPhone, Step::Hand) => "Is the old phone at hand?",
        (_, Step::Hand) => "Is the authenticator at hand?",
        (_, Step::Sets) => "Codes that this machine knows of",
        (_, Step::Transfer) => "Move it by the app's own means",
        (_, Step::How) => "Two entries of one name",
        (Kind::TwoEntries, Step::TryCode) => "Which entry is the right one?",
        (_, Step::TryCode) => "Try a code",
        (_, Step::Key) => "Use the security key",
        (_, Step::Again) => "Off, and on again",
        (_, Step::TurnOff) => "Turn 2FA off",
        (Kind::NewPhone | Kind::LostDevice, Step::TurnOn) => "Turn it on with the new device",
        (_, Step::TurnOn) => "Turn it on again",
        (_, Step::Website) => "Add a security key on the website",
        (_, Step::Regenerate) => "New codes from the website",
        (_, Step::Keep) => "Keep the codes",
        (_, Step::Saved) => "The new recovery codes",
        (_, Step::Tokens) => "Look over the tokens",
        (_, Step::Support) => "Without a code",
        (_, Step::Ask) => "Turn nothing off",
        (_, Step::Delete) => "Delete the other entry",
        (_, Step::End) => "Done",
    }
}

/// An answer, and what follows from it.
pub(super) const fn choice(guide: &Guide, choice: Choice) -> (&'static str, &'static str) {
    match (choice, guide.kind, guide.at) {
        (Choice::OldDevice, ..) => (
            "Yes, something shows codes",
            "an old phone, a tablet, the app's own backup, a password manager",
        ),
        (Choice::SecurityKey, ..) => ("Yes, a security key", "one that the account knows already"),
        (Choice::Nothing, ..) => ("No, nothing", "on to the recovery codes"),
        (Choice::HaveCode, ..) => ("I have one", "on to what it does"),
        (Choice::SeeSets, _, Step::Keep) => {
            ("Keep them here", "opens the form for them on Recovery")
        }
        (Choice::SeeSets, ..) => ("Look on this machine", "opens Recovery; b comes back"),
        (Choice::NoCode, Kind::LostCodes, _) => ("They cannot be opened", "on without them"),
        (Choice::NoCode, ..) => ("I have none", "what still works, and who can help"),
        (Choice::OnWebsite, ..) => ("On the website", "2FA stays on all the time (recommended)"),
        (Choice::FromHere, ..) => (
            "From here",
            "2FA goes off, and the website has to turn it on",
        ),
        (Choice::AtHand, Kind::NewPhone, _) => ("Yes", "it still shows codes"),
        (Choice::AtHand, ..) => ("Yes", "it shows codes"),
        (Choice::NotAtHand, Kind::NewPhone, _) => ("No", "the guide for a lost device"),
        (Choice::NotAtHand, ..) => ("No", "what still works, and who can help"),
        (Choice::Moved, ..) => ("It is on the new phone", "try a code of it"),
        (Choice::CannotMove, ..) => ("The app cannot move it", "the way by a new set-up"),
        (Choice::Upper, ..) => ("The upper one", ""),
        (Choice::Lower, ..) => ("The lower one", ""),
        (Choice::Neither, ..) => ("Neither is taken", "the guide for a lost device"),
        (Choice::TryAgain, ..) => ("Try again", "with a fresh code"),
        (Choice::SeeTokens, ..) => ("Look now", "opens Tokens, where x revokes; b comes back"),
        (Choice::Fresh, ..) => ("Get new codes", "while the authenticator works"),
        (Choice::GoOn, ..) => ("Move it to a new phone", "the guide for that"),
        (Choice::LeaveIt, _, Step::Keep) => ("I keep them elsewhere", "away from the phone"),
        (Choice::LeaveIt, _, Step::End) => ("Leave it there", "close the guide"),
        (Choice::LeaveIt, _, Step::TryCode) => {
            ("Go on without", "nothing is known of the codes then")
        }
        (Choice::LeaveIt, ..) => ("Go on without", ""),
    }
}
