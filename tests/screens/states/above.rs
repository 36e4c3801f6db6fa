//! What lies above a screen, and what the demo adds.

use std::time::Duration;

use npm_warden::app::field::Field;
use npm_warden::app::model::{
    Asked, Demo, Foreign, Overlay, QrStyle, RevokeStage, RowState, Screen, Spending, Tone,
    WebPiece, WebWish,
};
use npm_warden::app::{DemoCode, Model};
use npm_warden::backend::protocol::Challenge;
use npm_warden::domain::qr::Modules;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::WebPage;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;

use super::tokens::revoking;
use super::{
    CANARY, ID, State, URLS, WRITES, after, listed, masked, on, says, scanning, state, typed,
};

fn asked(attempt: u32, notices: &[&str], change: impl FnOnce(&mut Asked)) -> Asked {
    let mut asked = Asked {
        id: ID,
        challenge: Challenge {
            action: Text::new("revoke 3 tokens"),
            host: Text::new("registry.example.com"),
            attempt,
            notices: notices.iter().map(|notice| Text::new(notice)).collect(),
            by_email: false,
            web: None,
            wait: None,
        },
        typed: Field::plain(),
        opened: Some(Duration::ZERO),
        wait_until: None,
        answered: false,
        web: None,
        scroll: 0,
        spending: None,
        amiss: false,
    };
    change(&mut asked);
    asked
}

/// Addresses as registries make them: npm's website (66 bytes), Verdaccio's (90), and a long one (150).
pub const PAGES: [&str; 3] = [
    "https://www.example.com/auth/cli/5f1c2f0e-8d55-4f1e-9a86-2f3f0b6c1d2e",
    "http://127.0.0.1:48731/-/web/login?next=/-/v1/login_cli/5f1c2f0e-8d55-4f1e-9a86-2f3f0b6c1d2e",
    "https://registry.example.com/a/long/way/down/to/the/page/of/the/second/factor?session=5f1c2f0e8d554f1e9a862f3f0b6c1d2e&return=%2Fsettings%2Faccount%2Fdone",
];

/// A question that a page on the web answers as well.
pub fn web_challenge(address: &str, change: impl FnOnce(&mut Asked)) -> Model {
    asking(vec![asked(1, &[], |asked| {
        asked.web = Some(web(address));
        change(asked);
    })])
}

pub(super) fn web(address: &str) -> WebPiece {
    let host = address.split('/').nth(2).unwrap();
    WebPiece {
        page: WebPage {
            address: Text::new(address),
            host: Text::new(host),
            foreign: false,
        },
        until: after(598),
        modules: Modules::of(address),
        qr: QrStyle::HalfBlocks,
        agreed: true,
        foreign: None,
    }
}

fn foreign(asked: &mut Asked) -> &mut WebPiece {
    let web = asked.web.as_mut().unwrap();
    web.page.foreign = true;
    web.agreed = false;
    web
}

fn asking(questions: Vec<Asked>) -> Model {
    let mut model = listed(12);
    model.challenges = questions;
    model
}

/// Two of six are revoked when another code is asked for.
fn half_revoked() -> Model {
    let mut model = revoking(6, RevokeStage::Running(ID), |revoke| {
        for row in revoke.rows.iter_mut().take(2) {
            row.state = RowState::Accepted;
        }
    });
    model.challenges = vec![asked(2, &[], |_| {})];
    model
}

fn with_overlay(overlay: Overlay) -> Model {
    let mut model = listed(12);
    model.overlay = Some(overlay);
    model
}

fn by_mail() -> Model {
    asking(vec![asked(1, &[], |asked| asked.challenge.by_email = true)])
}

pub(super) fn with_demo(mut model: Model, open: bool, code: Option<&str>) -> Model {
    model.demo = Some(Demo {
        password: Some("correct horse".to_owned()),
        inbox: Some("http://127.0.0.1:40123/-/inbox".to_owned()),
        under_attack: false,
        open,
        mail: model
            .challenges
            .first()
            .is_some_and(|asked| asked.challenge.by_email),
        code: code.map(|code| DemoCode {
            code: Secret::from(code),
            seconds_left: 18,
        }),
        code_until: None,
    });
    model
}

pub(super) fn states() -> Vec<State> {
    let clock =
        "This computer's clock is 95 s behind the registry's: set it, or the code will be refused.";
    let refused = "The registry refused the last code: “invalid OTP”.";
    let locked = "The registry refused the last code: “too many attempts: this account takes no codes for five minutes; further attempts make it longer”. Five refusals in a row lock the second factor on many registries: wait to the end, then type the code that is current by then.";
    let mut quitting = listed(12);
    quitting.quitting = true;
    vec![
        state("challenge", asking(vec![asked(1, &[], |_| {})])),
        state(
            "challenge again",
            asking(vec![
                asked(2, &[refused, clock], |asked| {
                    asked.typed = typed("123456");
                    asked.wait_until = Some(after(20));
                }),
                asked(1, &[], |_| {}),
            ]),
        ),
        state(
            "challenge answered",
            asking(vec![asked(1, &[], |asked| {
                asked.typed = typed("123456");
                asked.answered = true;
            })]),
        ),
        state("challenge by mail", by_mail()),
        state("challenge web", web_challenge(PAGES[0], |_| {})),
        state("challenge web medium", web_challenge(PAGES[1], |_| {})),
        state("challenge web long", web_challenge(PAGES[2], |_| {})),
        state(
            "challenge web typed, copied",
            says(
                web_challenge(PAGES[0], |asked| asked.typed = typed("123456")),
                Tone::Good,
                "Sent to the terminal (OSC 52); it cannot be cleared from here",
            ),
        ),
        state(
            "challenge web answered",
            web_challenge(PAGES[0], |asked| asked.answered = true),
        ),
        state(
            "challenge web again",
            web_challenge(PAGES[0], |asked| {
                asked.challenge.attempt = 4;
                asked.challenge.notices = [refused, clock].map(Text::new).to_vec();
                asked.wait_until = Some(after(20));
            }),
        ),
        state(
            "challenge web over",
            web_challenge(PAGES[0], |asked| {
                asked.web.as_mut().unwrap().until = after(0);
            }),
        ),
        state(
            "challenge web elsewhere",
            web_challenge(PAGES[0], |asked| {
                foreign(asked);
            }),
        ),
        state(
            "challenge web elsewhere asked",
            web_challenge(PAGES[0], |asked| {
                foreign(asked).foreign = Some(Foreign {
                    wish: WebWish::Open,
                    yes: false,
                    opened: Duration::ZERO,
                });
            }),
        ),
        state(
            "challenge web sextants",
            web_challenge(PAGES[2], |asked| {
                asked.web.as_mut().unwrap().qr = QrStyle::Sextants;
            }),
        ),
        state(
            "challenge locked out",
            asking(vec![asked(5, &[locked], |asked| {
                asked.wait_until = Some(after(290));
            })]),
        ),
        state(
            "challenge locked out scrolled",
            asking(vec![asked(5, &[locked], |asked| {
                asked.wait_until = Some(after(290));
                asked.scroll = 4;
            })]),
        ),
        state(
            "challenge recovery code",
            asking(vec![asked(1, &[], |asked| {
                asked.typed = masked(CANARY);
                asked.spending = Some(Spending {
                    yes: false,
                    opened: Duration::ZERO,
                });
            })]),
        ),
        state("challenge in the middle", half_revoked()),
        state(
            "help",
            with_overlay(Overlay::Help {
                scroll: 0,
                over: None,
            }),
        ),
        state(
            "help scrolled",
            with_overlay(Overlay::Help {
                scroll: 9,
                over: None,
            }),
        ),
        state(
            "palette",
            with_overlay(Overlay::Palette {
                typed: Field::plain(),
                cursor: 2,
            }),
        ),
        state(
            "palette search",
            with_overlay(Overlay::Palette {
                typed: typed("revoke"),
                cursor: 0,
            }),
        ),
        state(
            "palette nothing",
            with_overlay(Overlay::Palette {
                typed: typed("zzz"),
                cursor: 0,
            }),
        ),
        state(
            "leave",
            with_overlay(Overlay::Leave {
                why: Text::new(
                    "The recovery codes on the screen were not proved to be saved. Leaving now may lose them.",
                ),
                yes: false,
            }),
        ),
        state("quitting", quitting),
        state(
            "demo",
            with_demo(on(Screen::Security, Tfa::Off), false, None),
        ),
        state(
            "demo without a phone",
            with_demo(on(Screen::Security, Tfa::Off), true, None),
        ),
        state(
            "demo code",
            with_demo(on(Screen::Profile, WRITES), true, Some("123456")),
        ),
        state(
            "demo challenge web",
            with_demo(web_challenge(PAGES[0], |_| {}), true, Some("123456")),
        ),
        state("demo challenge mail", with_demo(by_mail(), false, None)),
        state(
            "demo challenge mailed",
            with_demo(by_mail(), true, Some("12345678")),
        ),
        state(
            "demo scan",
            with_demo(scanning(URLS[2], |_| {}), false, None),
        ),
        state(
            "demo scan code",
            with_demo(scanning(URLS[2], |_| {}), true, Some("123456")),
        ),
        state(
            "demo codes",
            with_demo(super::wizard::with_codes(), false, None),
        ),
        state(
            "long notice",
            says(
                listed(12),
                Tone::Bad,
                "registry.example.com could not be reached: the connection was closed. Whether it acted is not known: check the connection, then press r to read the truth.",
            ),
        ),
    ]
}
