//! The pages that wait for a person, and the browsers that look at them.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::secret::Secret;
use crate::sandbox::operation::Operation;
use crate::sandbox::random;
use crate::sandbox::reply::Pair;

/// How long a page waits for the person.
const WAITS: Duration = Duration::from_mins(10);

/// How long an approval waits to be fetched where the page's own time is over sooner, and for how
/// long what was fetched can be fetched again. A reply can be lost on its way, and a client that
/// asks once more must not find that the only copy of a token is gone. Who asks knows an address
/// that only the client was told.
const FETCHED: Duration = Duration::from_mins(1);

/// How many pages there are at most; the oldest goes first.
const MOST: usize = 1000;

/// How many browsers look at one page at most; the oldest that nobody signed in with goes first.
const BROWSERS: usize = 8;

/// All pages, the oldest first.
#[derive(Default)]
pub(in crate::sandbox) struct Desk(VecDeque<Ask>);

/// What one page is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Kind {
    /// A client wants a session of whoever signs in.
    SignIn,
    /// The same, and the person may make an account first.
    SignUp,
    /// A request of this account wants the second factor.
    Approve(usize, Operation),
    /// The same, and its client knows nothing of pages: the person types the code that the page shows.
    Show(usize, Operation),
}

impl Kind {
    /// Whose page it is, where it is one account's alone, and what was asked.
    pub(super) const fn of(self) -> Option<(usize, Operation)> {
        match self {
            Self::SignIn | Self::SignUp => None,
            Self::Approve(account, operation) | Self::Show(account, operation) => {
                Some((account, operation))
            }
        }
    }
}

/// One page.
pub(in crate::sandbox) struct Ask {
    page: Secret<String>,
    done: Secret<String>,
    pub(super) kind: Kind,
    pub(super) state: State,
    pub(super) asked: Timestamp,
    ends: Timestamp,
    browsers: VecDeque<Browser>,
}

/// What became of it.
pub(super) enum State {
    Waiting,
    Denied,
    /// By this account. What it brings is made when the client fetches it: a client that has gone
    /// leaves no token behind.
    Approved(usize),
    /// Fetched, and until when it can be fetched again.
    Fetched(Gift, Timestamp),
}

/// What an approval brings.
pub(super) enum Gift {
    /// A token, by its number on the shelf.
    Token(u64),
    Code(Secret<String>),
}

/// One browser that looks at a page.
pub(super) struct Browser {
    cookie: Secret<String>,
    /// Stands in each form, where no other site can read it.
    pub(super) form: Secret<String>,
    pub(super) who: Who,
}

/// How far a browser has signed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Nobody,
    /// The password was right; the code is asked for.
    Half(usize),
    Known(usize),
}

impl Desk {
    pub(in crate::sandbox) fn open(&mut self, kind: Kind, now: Timestamp) -> &mut Ask {
        self.0.retain(|ask| ask.ends > now);
        while self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(Ask {
            page: random::id(),
            done: random::id(),
            kind,
            state: State::Waiting,
            asked: now,
            ends: later(now, WAITS),
            browsers: VecDeque::new(),
        });
        self.0.back_mut().expect("it was put there one line above")
    }

    /// The page of that address.
    pub(in crate::sandbox) fn page(
        &mut self,
        id: &Secret<String>,
        now: Timestamp,
    ) -> Option<&mut Ask> {
        self.find(now, |ask| ask.page.matches(id))
    }

    /// The page that the client asks after.
    pub(super) fn done(&mut self, id: &Secret<String>, now: Timestamp) -> Option<&mut Ask> {
        self.find(now, |ask| ask.done.matches(id))
    }

    /// The second factor of this account is no more: what was approved by it serves no other that comes after it.
    pub(in crate::sandbox) fn factor_gone(&mut self, account: usize) {
        self.0
            .retain(|ask| ask.kind.of().is_none_or(|(of, _)| of != account));
    }

    fn find(&mut self, now: Timestamp, is: impl Fn(&Ask) -> bool) -> Option<&mut Ask> {
        self.0.iter_mut().find(|ask| ask.ends > now && is(ask))
    }
}

impl Ask {
    /// Its two addresses below the address that the request was sent to.
    pub(in crate::sandbox) fn addresses(&self, origin: &str, prefix: &str) -> Pair {
        Pair {
            page: format!("{origin}{}", self.path(prefix)),
            done: format!("{origin}{prefix}/-/v1/done/{}", self.done.expose()),
        }
    }

    /// The path of the person's page.
    pub(super) fn path(&self, prefix: &str) -> String {
        format!("{prefix}/-/web/{}", self.page.expose())
    }

    /// The person's answer. A page of an account is that account's, whoever is named. False when
    /// it was answered before.
    pub(in crate::sandbox) fn decide(&mut self, account: usize, approve: bool) -> bool {
        if !matches!(self.state, State::Waiting) {
            return false;
        }
        let account = self.kind.of().map_or(account, |(of, _)| of);
        self.state = if approve {
            self.ends = later(self.ends, FETCHED);
            State::Approved(account)
        } else {
            State::Denied
        };
        // A code is shown to nobody but who has signed in.
        self.browsers
            .retain(|browser| matches!((self.kind, browser.who), (Kind::Show(..), Who::Known(_))));
        true
    }

    /// The client has fetched what the approval brought.
    pub(super) fn fetched(&mut self, gift: Gift, now: Timestamp) {
        self.given(gift, later(now, FETCHED));
    }

    /// What the approval brought can be had until then.
    pub(super) fn given(&mut self, gift: Gift, until: Timestamp) {
        self.ends = self.ends.max(until);
        self.state = State::Fetched(gift, until);
    }

    /// The browser of that cookie.
    pub(super) fn browser(&mut self, cookie: Option<&Secret<String>>) -> Option<&mut Browser> {
        let index = self.index(cookie)?;
        self.browsers.get_mut(index)
    }

    /// The browser of that cookie, or one that was not seen before, and then the cookie to set.
    pub(super) fn visit(
        &mut self,
        cookie: Option<&Secret<String>>,
        prefix: &str,
    ) -> (&Browser, Option<Secret<String>>) {
        if let Some(index) = self.index(cookie) {
            return (&self.browsers[index], None);
        }
        if self.browsers.len() >= BROWSERS {
            // Whoever has signed in is not pushed out by passers-by.
            let nobody = |browser: &Browser| browser.who == Who::Nobody;
            let oldest = self.browsers.iter().position(nobody).unwrap_or(0);
            self.browsers.remove(oldest);
        }
        let browser = Browser::new(Who::Nobody);
        let cookie = self.cookie(&browser, prefix);
        self.browsers.push_back(browser);
        (&self.browsers[self.browsers.len() - 1], Some(cookie))
    }

    /// Lets a browser be somebody else, under another cookie: what was known of the old one is
    /// worth nothing. Gives the cookie to set.
    pub(super) fn turn(
        &mut self,
        cookie: Option<&Secret<String>>,
        who: Who,
        prefix: &str,
    ) -> Option<Secret<String>> {
        let index = self.index(cookie)?;
        self.browsers[index] = Browser::new(who);
        Some(self.cookie(&self.browsers[index], prefix))
    }

    fn index(&self, cookie: Option<&Secret<String>>) -> Option<usize> {
        let cookie = cookie?;
        self.browsers
            .iter()
            .position(|browser| browser.cookie.matches(cookie))
    }

    fn cookie(&self, browser: &Browser, prefix: &str) -> Secret<String> {
        Secret::from(format!(
            "{}={}; Path={}; Max-Age={}; HttpOnly; SameSite=Strict",
            super::COOKIE,
            browser.cookie.expose(),
            self.path(prefix),
            WAITS.as_secs(),
        ))
    }
}

impl Browser {
    fn new(who: Who) -> Self {
        Self {
            cookie: random::id(),
            form: random::id(),
            who,
        }
    }
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.saturating_add(by).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_and_the_browsers_of_a_page_are_bounded() {
        let mut desk = Desk::default();
        let now = Timestamp::UNIX_EPOCH;
        let first = Secret::from(desk.open(Kind::SignIn, now).page.expose().as_str());
        for _ in 1..MOST {
            desk.open(Kind::SignIn, now);
        }
        assert!(desk.page(&first, now).is_some());
        let ask = desk.open(Kind::SignIn, now);
        ask.visit(None, "");
        let cookie = Secret::from(ask.browsers[0].cookie.expose().as_str());
        for _ in 1..BROWSERS {
            ask.visit(None, "");
        }
        assert!(ask.visit(Some(&cookie), "").1.is_none());
        ask.visit(None, "");
        assert!(ask.visit(Some(&cookie), "").1.is_some());
        assert_eq!(ask.browsers.len(), BROWSERS);
        let (newest, _) = ask.visit(None, "");
        let signed_in = Secret::from(newest.cookie.expose().as_str());
        if let Some(browser) = ask.browser(Some(&signed_in)) {
            browser.who = Who::Known(0);
        }
        for _ in 0..2 * BROWSERS {
            ask.visit(None, "");
        }
        assert!(ask.browser(Some(&signed_in)).is_some());
        assert!(desk.page(&first, now).is_none());
        assert_eq!(desk.0.len(), MOST);
        desk.open(Kind::SignIn, later(now, WAITS));
        assert_eq!(desk.0.len(), 1);
    }
}
