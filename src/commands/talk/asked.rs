//! A request under way: the question that it has open on the terminal, its page, and what it waits for.

use std::collections::BTreeMap;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use super::end::{End, no_terminal};
use super::set_up::SetUp;
use super::{say, seconds};
use crate::backend::protocol::RequestId;
use crate::commands::typing::{Typed, Typing};
use crate::domain::incident::Incident;
use crate::domain::secret::Secret;
use crate::domain::signin::WebPage;
use crate::domain::token::Token;

/// How much is left of a page's time when that is said.
const MARKS: [Duration; 3] = [
    Duration::from_mins(5),
    Duration::from_mins(2),
    Duration::from_mins(1),
];

/// A request under way.
pub(super) struct Asked {
    pub(super) id: RequestId,
    pub(super) pages: BTreeMap<u64, Vec<Token>>,
    pub(super) open: Option<Open>,
    /// From when on a code is not held back.
    pub(super) ready: Option<Instant>,
    /// A page or a mail gives codes besides the authenticator.
    pub(super) other_codes: bool,
    /// Why it was given up.
    pub(super) end: Option<End>,
    pub(super) patience: Option<Pin<Box<Sleep>>>,
    /// The person was told that it is waited for.
    pub(super) told: bool,
    /// How much longer a page is waited for, when the next mark has come.
    pub(super) left: Option<Duration>,
    pub(super) marked: Option<Pin<Box<Sleep>>>,
    /// A page that is being opened; tells why it was not.
    pub(super) opening: Option<Pin<Box<dyn Future<Output = Option<&'static str>>>>>,
    pub(super) set_up: SetUp,
    /// The write that comes next, or is under way, may begin a set-up.
    pub(super) begins: bool,
    /// It is a rotation, which tells how far it has come.
    pub(super) rotates: bool,
    /// An emergency, as far as it has come.
    pub(super) incident: Option<Arc<Incident>>,
}

/// A question that stands on the terminal.
pub(super) struct Open {
    pub(super) typing: Typing,
    pub(super) what: What,
}

/// What the line below a question is for.
pub(super) enum What {
    /// A one-time password.
    Code,
    /// A yes that sends this recovery code.
    Spend(Secret<String>),
    /// Enter opens this page.
    Page(WebPage),
    /// A yes that opens this page, which is not of the registry's own host.
    Foreign(WebPage),
}

impl Asked {
    pub(super) fn new(id: RequestId) -> Self {
        Self {
            id,
            pages: BTreeMap::new(),
            open: None,
            ready: None,
            other_codes: false,
            end: None,
            patience: None,
            told: false,
            left: None,
            marked: None,
            opening: None,
            set_up: SetUp::default(),
            begins: false,
            rotates: false,
            incident: None,
        }
    }

    /// Until the next of the times at which it is said how much is left: seldom, for whoever has them read out.
    pub(super) fn mark(&mut self) {
        let next = self.left.and_then(|left| {
            let at = MARKS.into_iter().find(|at| *at < left)?;
            self.left = Some(at);
            left.checked_sub(at)
        });
        self.marked = next.map(|wait| Box::pin(sleep(wait)));
    }

    /// One of these times has come.
    pub(super) fn count(&mut self) {
        if let Some(left) = self.left {
            self.say(&format!("{} min left.", left.as_secs() / 60));
        }
        self.mark();
    }

    /// No code goes out before so much time has passed.
    pub(super) fn hold_back(&mut self, wait: Option<Duration>) {
        self.ready = wait.and_then(|wait| Instant::now().checked_add(wait));
        if let Some(wait) = wait {
            self.say(&format!(
                "The next code goes out in {} s at the earliest.",
                seconds(wait)
            ));
        }
    }

    /// A code was typed: when it goes out, where that is later.
    pub(super) fn goes_out(&mut self) {
        let ready = self.ready.take();
        let wait = ready.map(|ready| ready.saturating_duration_since(Instant::now()));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            self.say(&format!("The code goes out in {} s.", seconds(wait)));
        }
    }

    pub(super) fn open(&mut self, label: &str, what: What) -> Result<(), End> {
        let hidden = matches!(what, What::Code);
        let typing = Typing::open(label, hidden).map_err(|error| no_terminal(&error))?;
        self.open = Some(Open { typing, what });
        Ok(())
    }

    pub(super) fn open_page(&mut self, page: &WebPage) -> Result<(), End> {
        self.open(
            "Enter opens it in a browser on this machine: ",
            What::Page(page.clone()),
        )
    }

    pub(super) fn say(&self, line: &str) {
        match &self.open {
            Some(open) => open.typing.say(line),
            None => say(line),
        }
    }
}

pub(super) async fn answer(open: &mut Option<Open>) -> Typed {
    match open {
        Some(open) => open.typing.next().await,
        None => pending().await,
    }
}

pub(super) async fn opened(
    opening: &mut Option<Pin<Box<dyn Future<Output = Option<&'static str>>>>>,
) -> Option<&'static str> {
    match opening {
        Some(opening) => opening.await,
        None => pending().await,
    }
}

pub(super) async fn over(patience: &mut Option<Pin<Box<Sleep>>>) {
    match patience {
        Some(sleep) => sleep.await,
        None => pending().await,
    }
}
