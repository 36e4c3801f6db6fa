//! From one page to the next: who the person is, then what they say.

use axum::http::StatusCode;

use super::desk::{Ask, Gift, Kind, State, Who};
use super::inbox::INBOX;
use super::page::{Page, Problem};
use super::views::{self, At};
use super::wire::web_code;
use crate::domain::secret::Secret;
use crate::sandbox::account::{Account, Registry, Rules, Takes, email_rules, name_rules};
use crate::sandbox::call::{Call, code};
use crate::sandbox::mail::Outbox;
use crate::sandbox::operation::Operation;
use crate::sandbox::options::Policy;
use crate::sandbox::reply::Refusal;
use crate::sandbox::shelf::Range;

/// `GET /-/web/<page>`: changes nothing.
pub(in crate::sandbox) fn show(registry: &mut Registry, call: &Call) -> Page {
    match find(registry, call) {
        Err(page) => page,
        Ok(mut found) => view(&mut found, call, None),
    }
}

/// `POST /-/web/<page>`: one step forward.
pub(in crate::sandbox) fn submit(registry: &mut Registry, call: &Call) -> Page {
    let mut found = match find(registry, call) {
        Err(page) => return page,
        Ok(found) => found,
    };
    let Found {
        ask,
        accounts,
        rules,
        outbox,
    } = &mut found;
    let path = ask.path(&rules.prefix);
    if !matches!(ask.state, State::Waiting) {
        return Page::to(path);
    }
    let form = call.form("form");
    let Some(browser) = ask
        .browser(call.cookie.as_ref())
        .filter(|browser| !call.foreign && browser.form.matches(&form))
    else {
        let words = "This form was not sent from this page in this browser, or the browser keeps no cookies. Nothing was done. Try again.";
        return view(&mut found, call, Some(&Problem::new(&[], words)));
    };
    let who = browser.who;
    let restart = call.form("answer").expose() == "restart";
    let step = call.form("step");
    let result = match (who, step.expose().as_str()) {
        (Who::Half(_) | Who::Known(_), _) if restart => Ok(Who::Nobody),
        (Who::Nobody, "sign-in") if ask.kind != Kind::SignUp => {
            password(ask.kind, accounts, rules, outbox, call)
        }
        (Who::Nobody, "sign-up") if ask.kind == Kind::SignUp => new_account(accounts, call),
        (Who::Half(account), "code") => second_factor(account, accounts, rules, outbox, call),
        (Who::Known(account), "decide") => {
            match call.form("answer").expose().as_str() {
                "approve" => approve(ask, account, accounts, call),
                "deny" => drop(ask.decide(account, false)),
                _ => {}
            }
            return Page::to(path);
        }
        // A form of a step that is over, by the way back in a browser.
        _ => return Page::to(path),
    };
    match result {
        Err(problem) => view(&mut found, call, Some(&problem)),
        Ok(who) => {
            let cookie = ask.turn(call.cookie.as_ref(), who, &rules.prefix);
            Page::to(path).with_cookie(cookie)
        }
    }
}

/// A page and what its steps need.
struct Found<'a> {
    ask: &'a mut Ask,
    accounts: &'a mut Vec<Account>,
    rules: &'a Rules,
    outbox: &'a mut Outbox,
}

fn find<'a>(registry: &'a mut Registry, call: &Call) -> Result<Found<'a>, Page> {
    if call.origin.is_none() {
        return Err(views::misdirected());
    }
    let Registry {
        accounts,
        desk,
        rules,
        outbox,
        ..
    } = registry;
    let ask = call
        .param("page")
        .ok()
        .and_then(|id| desk.page(id, call.now))
        .ok_or_else(views::gone)?;
    Ok(Found {
        ask,
        accounts,
        rules,
        outbox,
    })
}

/// The page as it stands for this browser.
fn view(found: &mut Found<'_>, call: &Call, problem: Option<&Problem>) -> Page {
    let Found {
        ask,
        accounts,
        rules,
        ..
    } = found;
    let known = (ask.browser(call.cookie.as_ref()))
        .is_some_and(|browser| matches!(browser.who, Who::Known(_)));
    match &ask.state {
        State::Waiting => {}
        State::Denied => return views::denied(),
        State::Fetched(Gift::Code(code), until) if known && *until > call.now => {
            return views::to_type(code, *until);
        }
        State::Approved(_) | State::Fetched(..) => return views::approved(),
    }
    let path = ask.path(&rules.prefix);
    let (kind, asked) = (ask.kind, ask.asked);
    let (browser, cookie) = ask.visit(call.cookie.as_ref(), &rules.prefix);
    let at = At {
        path: &path,
        token: &browser.form,
    };
    let page = match browser.who {
        Who::Nobody => {
            let name = call.form("username");
            match kind {
                Kind::SignUp => {
                    views::sign_up(at, name.expose(), call.form("email").expose(), problem)
                }
                Kind::SignIn | Kind::Approve(..) | Kind::Show(..) => {
                    views::sign_in(at, kind, name.expose(), problem)
                }
            }
        }
        Who::Half(account) if !by_mail(&accounts[account], rules) => {
            views::code(at, &accounts[account].name, problem)
        }
        Who::Half(account) => {
            let inbox = format!("{}{INBOX}", rules.prefix);
            views::mailed(at, &accounts[account].email, &inbox, problem)
        }
        Who::Known(account) => views::question(at, kind, &accounts[account].name, asked, problem),
    };
    page.with_cookie(cookie)
}

/// What an approval brings is made when the client fetches it; a code to be typed, at once.
fn approve(ask: &mut Ask, account: usize, accounts: &mut [Account], call: &Call) {
    if ask.decide(account, true)
        && let Kind::Show(account, _) = ask.kind
    {
        let (code, until) = web_code(&mut accounts[account].tfa, call.now);
        ask.given(Gift::Code(code), until);
    }
}

const BOTH: &[&str] = &["username", "password"];

/// User name and password, under the same lock-out as everywhere.
fn password(
    kind: Kind,
    accounts: &mut [Account],
    rules: &Rules,
    outbox: &mut Outbox,
    call: &Call,
) -> Result<Who, Problem> {
    let unknown = "The user name or the password is not right.";
    let name = call.form("username");
    let index = accounts
        .iter()
        .position(|account| account.name == name.expose().trim())
        .ok_or_else(|| Problem::new(BOTH, unknown))?;
    let account = &mut accounts[index];
    account
        .check_password(&call.form("password"), call.now)
        .map_err(|refusal| match refusal.status() {
            StatusCode::UNAUTHORIZED => Problem::new(BOTH, unknown),
            _ => Problem::from(&refusal, BOTH),
        })?;
    if !Range::allow(&account.cidr, call.peer) {
        let words = "The account may not be used from this address.";
        return Err(Problem::new(&["username"], words));
    }
    if kind.of().is_some_and(|(owner, _)| owner != index) {
        let words =
            "This page is for another account. Sign in with the one that the terminal uses.";
        return Err(Problem::new(&["username"], words));
    }
    let mails = by_mail(account, rules);
    if mails {
        outbox.code(account, Operation::Login.words(), call.now);
    }
    Ok(if mails || account.guarded() {
        Who::Half(index)
    } else {
        Who::Known(index)
    })
}

/// Whether the code that is asked for goes to the account by mail, for want of a second factor.
fn by_mail(account: &Account, rules: &Rules) -> bool {
    rules.policy == Policy::Npmjs && !account.guarded()
}

/// The code, under the same lock-out and the same rules for a second use as everywhere.
fn second_factor(
    index: usize,
    accounts: &mut [Account],
    rules: &Rules,
    outbox: &mut Outbox,
    call: &Call,
) -> Result<Who, Problem> {
    let Some(given) = code(call.form("code").expose()) else {
        return Err(Problem::new(&["code"], "Type the code first."));
    };
    let account = &mut accounts[index];
    let checked = if by_mail(account, rules) {
        account.check_mailed(&given, rules, outbox, Operation::Login, call.now)
    } else {
        account.check_otp(Some(&given), Takes::NoApproval, rules, call.now)
    };
    checked.map_err(|refusal| Problem::from(&refusal, &["code"]))?;
    Ok(Who::Known(index))
}

/// A new account, by the rules that hold for all.
fn new_account(accounts: &mut Vec<Account>, call: &Call) -> Result<Who, Problem> {
    let name = call.form("username").expose().trim().to_owned();
    let email = call.form("email").expose().trim().to_owned();
    let password: Secret<String> = call.form("password");
    let by = |fields| move |refusal: Refusal| Problem::from(&refusal, fields);
    name_rules(&name).map_err(by(&["username"]))?;
    if accounts.iter().any(|account| account.name == name) {
        let refusal = Refusal::conflict("This user name is taken.");
        return Err(Problem::from(&refusal, &["username"]));
    }
    email_rules(&email).map_err(by(&["email"]))?;
    Account::password_rules(&name, &password).map_err(by(&["password"]))?;
    accounts.push(Account::new(name, email, password, call.now));
    Ok(Who::Known(accounts.len() - 1))
}
