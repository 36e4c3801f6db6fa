//! The registry's wish for a second factor, or for a sign-in on a page: asked, typed, sent.

use std::io::{self, IsTerminal as _};

use super::asked::{Asked, Open, What};
use super::end::End;
use super::{Talk, is_yes};
use crate::backend::protocol::{Answer, Challenge, Command, RequestId, Web};
use crate::browser;
use crate::commands::qr;
use crate::commands::signs::Sign;
use crate::commands::typing::Typed;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::otp::{looks_like, serves_once, stripped};
use crate::domain::policy::HOLD;
use crate::domain::qr::Modules;
use crate::domain::secret::Secret;
use crate::domain::text::Text;

impl Talk {
    /// The registry wants the second factor: from the command line once, then from the person.
    pub(super) fn challenged(
        &mut self,
        challenge: &Challenge,
        asked: &mut Asked,
    ) -> Result<(), End> {
        if let Some(otp) = self.otp.take() {
            self.otp_went = true;
            self.send(asked.id, otp.expose().as_str().into());
            return Ok(());
        }
        let Challenge { action, host, .. } = challenge;
        let heard: Vec<_> = challenge.notices.iter().map(Text::as_str).collect();
        // Standard input is a file, and somebody looks on: the page needs no key here.
        if !self.somebody
            && io::stderr().is_terminal()
            && let Some(web) = &challenge.web
        {
            asked.say(&format!("{host} wants a second factor to {action}."));
            for notice in heard {
                asked.say(notice);
            }
            self.show(web, "Approve it on this page, on any device:", asked);
            return Ok(());
        }
        if !self.somebody {
            let (what, next) = if self.otp_went {
                (
                    format!("{host} wants another code to {action}. {}", heard.join(" ")),
                    "Run it again with a fresh code after --otp, or on a terminal.",
                )
            } else {
                (
                    format!(
                        "{host} wants a one-time password to {action}. {}",
                        heard.join(" ")
                    ),
                    "Give it with --otp CODE, or run this on a terminal.",
                )
            };
            let why = Failure::new(FailureKind::NeedsSecondFactor, what, next);
            self.give_up(End::Failed(why), asked);
            return Ok(());
        }
        asked.open = None;
        if challenge.attempt <= 1 {
            asked.say(&format!("{host} wants a one-time password to {action}."));
        }
        for notice in heard {
            asked.say(notice);
        }
        if challenge.by_email {
            asked.say("The code comes by mail.");
        }
        if let Some(web) = &challenge.web {
            self.show(web, "Approve it on this page, on any device:", asked);
            asked.say("Or type a code from the authenticator here.");
        }
        asked.hold_back(challenge.wait);
        asked.other_codes = challenge.other_codes();
        asked.open("One-time password: ", What::Code)
    }

    /// Shows a page of the registry's, whole, once (promises P02 and P18).
    pub(super) fn show(&mut self, web: &Web, words: &str, asked: &mut Asked) {
        let page = &web.page;
        if self.page.as_ref() == Some(&page.address) {
            return;
        }
        asked.say(words);
        asked.say(&format!("  {}", page.address));
        if page.foreign {
            asked.say(&format!(
                "Careful: that page is of {}, which is not the registry's own website. \
                 Open it only if you know that your registry signs in there.",
                page.host
            ));
        }
        if !page.foreign {
            let drawn = Modules::of(page.address.as_str()).and_then(|code| qr::on_stderr(&code));
            for line in drawn.unwrap_or_default() {
                asked.say(&line);
            }
        }
        asked.say(&format!(
            "Waiting for it, {} min at most (Ctrl-C cancels) \u{2026}",
            web.left.as_secs().div_ceil(60)
        ));
        self.page = Some(page.address.clone());
        asked.left = Some(web.left);
        asked.mark();
    }

    fn send(&self, id: RequestId, code: Secret<String>) {
        self.handle.send(Command::Answer {
            id,
            answer: Answer::Code(code),
        });
    }

    /// A line was typed below the registry's question.
    pub(super) fn typed(&mut self, typed: Typed, asked: &mut Asked) -> Result<(), End> {
        let Some(Open { what, .. }) = asked.open.take() else {
            return Ok(());
        };
        match (typed, what) {
            (Typed::Left, _) => self.leave(Sign::Interrupt, asked),
            (Typed::Line(_), What::Page(page)) if page.foreign => {
                let question = format!("Open a page of {}? [y/N] ", page.host);
                asked.open(&question, What::Foreign(page))
            }
            (Typed::Line(_), What::Page(page)) => {
                asked.opening = Some(Box::pin(browser::open(&page.address)));
                asked.open_page(&page)
            }
            (Typed::Line(line), What::Foreign(page)) => {
                if is_yes(&line) {
                    asked.opening = Some(Box::pin(browser::open(&page.address)));
                }
                asked.open_page(&page)
            }
            (Typed::Line(line), What::Spend(code)) => {
                if is_yes(&line) {
                    self.send_typed(code, asked);
                    Ok(())
                } else {
                    asked.say("It was not sent.");
                    asked.open("One-time password: ", What::Code)
                }
            }
            (Typed::Line(line), What::Code) => {
                let code = stripped(&line);
                if code.is_empty() {
                    return asked.open("One-time password: ", What::Code);
                }
                if serves_once(&code, asked.other_codes) {
                    // The page before a recovery code is spent (promise P11).
                    asked.say(&format!(
                        "That looks like {}. It works once.",
                        looks_like(&code)
                    ));
                    asked.say(&format!(
                        "On npm's own registry, using one may start {HOLD}."
                    ));
                    return asked.open("Send it? [y/N] ", What::Spend(code));
                }
                self.send_typed(code, asked);
                Ok(())
            }
        }
    }

    fn send_typed(&self, code: Secret<String>, asked: &mut Asked) {
        asked.goes_out();
        self.send(asked.id, code);
    }
}
