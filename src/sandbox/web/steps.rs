//! From one page to the next: who the person is, then what they say.

use axum::http::StatusCode;

use super::desk::{Ask, Kind, State, Who};
use super::page::{Page, Problem};
use super::views::{self, At};
use crate::domain::secret::Secret;
use crate::sandbox::account::{Account, Registry, Rules, Takes, email_rules, name_rules};
use crate::sandbox::call::{Call, code};
use crate::sandbox::reply::Refusal;
use crate::sandbox::shelf::Range;

/// `GET /-/web/<page>`: changes nothing.
pub(in crate::sandbox) fn show(registry: &mut Registry, call: &Call) -> Page {
    match find(registry, call) {
        Err(page) => page,
        Ok((ask, accounts, rules)) => view(ask, accounts, rules, call, None),
    }
}

/// `POST /-/web/<page>`: one step forward.
pub(in crate::sandbox) fn submit(registry: &mut Registry, call: &Call) -> Page {
    let (ask, accounts, rules) = match find(registry, call) {
        Err(page) => return page,
        Ok(found) => found,
    };
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
        return view(ask, accounts, rules, call, Some(&Problem::new(&[], words)));
    };
    let who = browser.who;
    let restart = call.form("answer").expose() == "restart";
    let step = call.form("step");
    let result = match (who, step.expose().as_str()) {
        (Who::Half(_) | Who::Known(_), _) if restart => Ok(Who::Nobody),
        (Who::Nobody, "sign-in") if ask.kind != Kind::SignUp => password(ask.kind, accounts, call),
        (Who::Nobody, "sign-up") if ask.kind == Kind::SignUp => new_account(accounts, call),
        (Who::Half(account), "code") => second_factor(account, accounts, rules, call),
        (Who::Known(account), "decide") => {
            match call.form("answer").expose().as_str() {
                "approve" => ask.decide(account, true),
                "deny" => ask.decide(account, false),
                _ => false,
            };
            return Page::to(path);
        }
        // A form of a step that is over, by the way back in a browser.
        _ => return Page::to(path),
    };
    match result {
        Err(problem) => view(ask, accounts, rules, call, Some(&problem)),
        Ok(who) => {
            let cookie = ask.turn(call.cookie.as_ref(), who, &rules.prefix);
            Page::to(path).with_cookie(cookie)
        }
    }
}

type Found<'a> = (&'a mut Ask, &'a mut Vec<Account>, &'a Rules);

fn find<'a>(registry: &'a mut Registry, call: &Call) -> Result<Found<'a>, Page> {
    if call.origin.is_none() {
        return Err(views::misdirected());
    }
    let Registry {
        accounts,
        desk,
        rules,
        ..
    } = registry;
    let ask = call
        .param("page")
        .ok()
        .and_then(|id| desk.page(id, call.now))
        .ok_or_else(views::gone)?;
    Ok((ask, accounts, rules))
}

/// The page as it stands for this browser.
fn view(
    ask: &mut Ask,
    accounts: &[Account],
    rules: &Rules,
    call: &Call,
    problem: Option<&Problem>,
) -> Page {
    match ask.state {
        State::Waiting => {}
        State::Denied => return views::denied(),
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
                Kind::SignIn | Kind::Approve(..) => {
                    views::sign_in(at, kind, name.expose(), problem)
                }
            }
        }
        Who::Half(account) => views::code(at, &accounts[account].name, problem),
        Who::Known(account) => views::question(at, kind, &accounts[account].name, asked, problem),
    };
    page.with_cookie(cookie)
}

const BOTH: &[&str] = &["username", "password"];

/// User name and password, under the same lock-out as everywhere.
fn password(kind: Kind, accounts: &mut [Account], call: &Call) -> Result<Who, Problem> {
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
    if let Kind::Approve(owner, _) = kind
        && owner != index
    {
        let words =
            "This page is for another account. Sign in with the one that the terminal uses.";
        return Err(Problem::new(&["username"], words));
    }
    Ok(if account.guarded() {
        Who::Half(index)
    } else {
        Who::Known(index)
    })
}

/// The code, under the same lock-out and the same rules for a second use as everywhere.
fn second_factor(
    index: usize,
    accounts: &mut [Account],
    rules: &Rules,
    call: &Call,
) -> Result<Who, Problem> {
    let given = code(call.form("code").expose());
    if given.is_none() {
        return Err(Problem::new(&["code"], "Type the code first."));
    }
    accounts[index]
        .check_otp(given.as_ref(), Takes::NoApproval, rules.otp_once, call.now)
        .map_err(|refusal| Problem::from(&refusal, &["code"]))?;
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
