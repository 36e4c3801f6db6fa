//! Who calls, and what the caller may do.

use super::account::{Account, Registry, Takes, Tfa};
use super::call::{Call, Credential};
use super::npmjs;
use super::options::Policy;
use super::reply::Refusal;
use super::shelf::{Range, Token};
use super::web::Kind;

/// The account that a request speaks for, and by what right.
pub(super) struct Caller {
    pub(super) account: usize,
    pub(super) by: By,
}

/// The right of a [`Caller`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A token, by its number on the shelf.
    Token(u64),
    /// User name and password in the request itself.
    Password,
}

/// What the second factor is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Matter {
    /// Profile and tokens: a token that bypasses the second factor is not asked.
    Account,
    /// Password and the second factor itself: every caller is asked.
    Protection,
}

impl Registry {
    /// The caller of a request that reads. Both levels ask for the second factor when user name
    /// and password stand in place of a token.
    pub(super) fn reader(&mut self, call: &Call) -> Result<Caller, Refusal> {
        let caller = self.identify(call)?;
        if caller.by == By::Password {
            self.otp(caller.account, call)?;
        }
        Ok(caller)
    }

    /// The caller of a request that changes the account. The second factor is not checked yet:
    /// a code that serves once must not be spent on a request that fails for another reason.
    pub(super) fn writer(&mut self, call: &Call) -> Result<Caller, Refusal> {
        let caller = self.identify(call)?;
        self.no_bypass(&caller)?;
        if let Some(token) = self.token(&caller) {
            if token.draft.readonly {
                return Err(Refusal::forbidden(
                    "This token may only read. Use one that may publish, or sign in.",
                ));
            }
            if token.granular() {
                return Err(Refusal::forbidden(
                    "This token is for its packages and organizations, not for the account. Sign in to change the account.",
                ));
            }
        }
        Ok(caller)
    }

    /// Asks for the second factor where the account and the matter want it: the last check
    /// before a change.
    pub(super) fn second_factor(
        &mut self,
        caller: &Caller,
        call: &Call,
        matter: Matter,
    ) -> Result<(), Refusal> {
        let bypass = matter == Matter::Account
            && self
                .token(caller)
                .is_some_and(|token| token.draft.bypass_2fa);
        if bypass {
            Ok(())
        } else {
            self.otp(caller.account, call)
        }
    }

    /// The caller's account.
    pub(super) fn account(&mut self, caller: &Caller) -> &mut Account {
        &mut self.accounts[caller.account]
    }

    /// Checks the request's code, where the account has a second factor, or gets codes by mail for
    /// want of one. A client that asks for the web and sends no code is shown a page.
    pub(super) fn otp(&mut self, account: usize, call: &Call) -> Result<(), Refusal> {
        let (otp, policy) = (call.otp.as_ref(), self.rules.policy);
        if !self.accounts[account].guarded() {
            return match policy {
                Policy::Classic => Ok(()),
                Policy::Npmjs => self.mailed_code(account, call.operation, otp, call.now),
            };
        }
        let page = call
            .origin
            .as_ref()
            .filter(|_| self.rules.web && otp.is_none());
        match (page, policy) {
            (Some(origin), _) if call.web => {
                let ask = self
                    .desk
                    .open(Kind::Approve(account, call.operation), call.now);
                let pair = ask.addresses(origin, &self.rules.prefix);
                Err(Refusal::web(pair, policy))
            }
            // Who does not ask for the web is told of a page that shows a code to type.
            (Some(origin), Policy::Npmjs) => {
                let ask = self
                    .desk
                    .open(Kind::Show(account, call.operation), call.now);
                let page = ask.addresses(origin, &self.rules.prefix).page;
                let asked =
                    self.accounts[account].check_otp(None, Takes::All, &self.rules, call.now);
                asked.map_err(|refusal| refusal.with_page(page))
            }
            _ => self.accounts[account].check_otp(otp, Takes::All, &self.rules, call.now),
        }
    }

    /// Whose request this is, whatever it asks for.
    pub(super) fn identify(&mut self, call: &Call) -> Result<Caller, Refusal> {
        let policy = self.rules.policy;
        let signed_out = |words| {
            Refusal::signed_out(match policy {
                Policy::Classic => words,
                Policy::Npmjs => npmjs::UNAUTHORIZED,
            })
        };
        let caller = match &call.credential {
            Credential::None => {
                return Err(signed_out(
                    "You are not signed in: the request carries no credential.",
                ));
            }
            Credential::Garbled => {
                return Err(signed_out("The authorization header cannot be read."));
            }
            Credential::Bearer(value) => {
                let unknown =
                    || signed_out("The token is not valid: it was revoked, or never issued here.");
                let id = self.shelf.accepted(value, call.now).ok_or_else(unknown)?;
                let token = self.shelf.get_mut(id).ok_or_else(unknown)?;
                if token.expired(call.now) {
                    return Err(signed_out("The token has expired."));
                }
                if !Range::allow(&token.draft.cidr, call.peer) {
                    return Err(Refusal::address(
                        "The token may not be used from this address.",
                    ));
                }
                token.accessed = Some(call.now);
                Caller {
                    account: token.owner,
                    by: By::Token(id),
                }
            }
            Credential::Basic { name, password } => {
                let account = self.find(name).ok_or_else(|| {
                    Refusal::password("The user name or the password is not right.")
                })?;
                self.accounts[account].check_password(password, call.now)?;
                Caller {
                    account,
                    by: By::Password,
                }
            }
        };
        if !Range::allow(&self.accounts[caller.account].cidr, call.peer) {
            return Err(Refusal::address(
                "The account may not be used from this address.",
            ));
        }
        Ok(caller)
    }

    pub(super) fn token(&self, caller: &Caller) -> Option<&Token> {
        match caller.by {
            By::Token(id) => self.shelf.get(id),
            By::Password => None,
        }
    }
}

impl Account {
    /// Whether the second factor is on.
    pub(super) fn guarded(&self) -> bool {
        matches!(self.tfa, Tfa::On { .. })
    }
}
