//! The form that changes the level or turns 2FA off: a warning, then the password.

use ratatui::style::Style;

use crate::app::Model;
use crate::app::model::{Kind, SecurityChange};
use crate::domain::account::Profile;
use crate::domain::tfa::{Level, Tfa};
use crate::ui::failure;
use crate::ui::guide::closing_words;
use crate::ui::input::Input;
use crate::ui::page::Page;
use crate::ui::theme::Theme;

/// The warning, then the password, for a change of the level or for turning 2FA off.
pub(super) fn draw<'a>(
    page: &mut Page<'a>,
    model: &Model,
    profile: &Profile,
    change: &'a SecurityChange,
    theme: &Theme,
) -> &'static str {
    let plain = Style::new();
    let pending = matches!(profile.tfa, Tfa::Pending(_));
    let title = match change.to {
        Some(level) => {
            page.spans(&[
                ("From ", plain),
                (profile.tfa.word(), theme.title),
                (" to ", plain),
                (level.word(), theme.title),
                (".", plain),
            ]);
            match level {
                Level::AuthAndWrites => page.explain(
                    "Publishing and the other package changes ask for a code as well from then on.",
                    plain,
                ),
                Level::AuthOnly => page.say(
                    "! Publishing and the other package changes no longer ask for a code then.",
                    theme.warning,
                ),
            }
            "Change the 2FA level"
        }
        None if pending => {
            page.say(
                "This clears the set-up that was begun and never confirmed.",
                plain,
            );
            page.say(
                "The entry that it left in your authenticator is useless then: delete it there.",
                plain,
            );
            "Clear the half-done set-up"
        }
        None => {
            page.say(
                "! Without 2FA whoever has the password has the account, and can publish your packages.",
                theme.warning,
            );
            let says =
                "The recovery codes stop working, and so does the entry in your authenticator.";
            if change.warn.is_some() {
                page.say(says, plain);
            } else {
                page.explain(says, plain);
            }
            if let Some(why) = closing_words(model.closing()) {
                page.gap();
                page.say(format!("! {why}"), theme.warning);
            }
            "Disable two-factor authentication"
        }
    };
    page.gap();
    if let Some(yes) = change.warn {
        let answer = |chosen: bool| if chosen { theme.selected } else { plain };
        page.spans(&[
            ("Go on?  ", theme.title),
            (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
            ("  ", plain),
            (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
        ]);
        return title;
    }
    let input = Input {
        theme,
        now: model.now.mono,
        focused: change.sent.is_none(),
        width: 40,
    };
    page.field("Your password: ", &change.password, &input);
    page.gap();
    if let Some(why) = &change.error {
        failure(page, why, theme);
        page.gap();
    }
    match (change.sent.is_some(), change.stopping) {
        (true, true) => page.say(
            "! Giving up: if it was sent already, the registry may have done it.",
            theme.warning,
        ),
        (true, false) => page.say("Waiting for the registry …", theme.dim),
        _ if pending => {}
        _ if lost_device(model) => page.say(
            "The registry asks for a code next: type a recovery code there.",
            plain,
        ),
        _ => page.explain(
            "The registry asks for a code from the authenticator next.",
            theme.dim,
        ),
    }
    title
}

/// The form is a step of the guide for a lost device.
fn lost_device(model: &Model) -> bool {
    let guide = model.guide.as_ref();
    guide.is_some_and(|guide| guide.kind == Kind::LostDevice && guide.errand.is_some())
}
