//! Signing in: the form, what waits for it, its page on the web.

use std::time::Duration;

use npm_warden::app::Model;
use npm_warden::app::field::Field;
use npm_warden::app::model::{Foreign, Load, Screen, Tone, WebPiece, WebWish};
use npm_warden::app::signin::{Parked, SignInForm, SignInPart, Way};
use npm_warden::backend::protocol::{RequestId, SignInAsked};
use npm_warden::domain::ability::Ability;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::{Held, Standing};
use npm_warden::domain::signin::Keep;
use npm_warden::domain::text::Text;

use super::above::web;
use super::{
    CANARY, ID, PAGES, State, WRITES, account, masked, no_network, on, says, started, state, typed,
};

fn form() -> SignInForm {
    SignInForm {
        host: None,
        at: SignInPart::Way,
        way: Way::Web,
        keep: Keep::Session,
        name: Field::plain(),
        email: Field::plain(),
        password: Field::masked(),
        again: Field::masked(),
        sent: None,
        doing: None,
        web: None,
        stopping: false,
        error: None,
        wait_until: None,
        scroll: 0,
        by_question: false,
        opened: Duration::ZERO,
    }
}

fn signed_out() -> Model {
    let mut model = started();
    let mut account = account(Standing::SignedOut);
    account.identity.credential = None;
    model.account = Load::Ready(account);
    model
}

fn signing_in(change: impl FnOnce(&mut SignInForm)) -> Model {
    let mut model = signed_out();
    let mut form = form();
    change(&mut form);
    model.signin = Some(form);
    model
}

fn by_password(change: impl FnOnce(&mut SignInForm)) -> Model {
    signing_in(|form| {
        form.way = Way::Password;
        form.at = SignInPart::Password;
        form.name = typed("alice");
        form.password = masked(CANARY);
        change(form);
    })
}

fn waiting(address: &str, change: impl FnOnce(&mut WebPiece)) -> Model {
    signing_in(|form| {
        form.sent = Some(ID);
        let mut page = web(address);
        change(&mut page);
        form.web = Some(page);
    })
}

fn parked(id: u64, action: &str, problem: Option<&str>) -> Parked {
    Parked {
        id: RequestId(id),
        asked: SignInAsked {
            action: Text::new(action),
            host: Text::new("registry.example.com"),
            name: Some(Text::new("alice")),
            words: Text::new("Unauthorized"),
            problem: problem.map(Text::new),
            without: None,
        },
    }
}

/// Two requests wait while somebody signs in again.
fn again(problem: Option<&str>, change: impl FnOnce(&mut SignInForm)) -> Model {
    let mut model = on(Screen::Security, WRITES);
    let mut form = form();
    form.by_question = true;
    form.name = typed("alice");
    change(&mut form);
    model.signin = Some(form);
    model.parked = vec![
        parked(8, "to revoke 3 tokens", problem),
        parked(9, "set fullname", None),
    ];
    model
}

fn session() -> Model {
    let mut model = on(Screen::Profile, WRITES);
    if let Load::Ready(account) = &mut model.account
        && let Some(credential) = &mut account.identity.credential
    {
        credential.held = Held::Session;
        credential.place = Text::new("this session");
    }
    says(
        model,
        Tone::Good,
        "Signed in as alice; this session ends with npm-warden.",
    )
}

pub(super) fn states() -> Vec<State> {
    let mut without_page = by_password(|form| {
        form.at = SignInPart::Name;
        form.name = Field::plain();
        form.password = Field::masked();
    });
    without_page.lacks.insert(
        Ability::WebSignIn,
        Text::new("registry.example.com has no sign-in on the web."),
    );
    without_page = says(
        without_page,
        Tone::Plain,
        "registry.example.com has no sign-in on the web. Sign in with user name and password.",
    );
    let mut default_registry = signing_in(|form| form.way = Way::NewAccount);
    if let Load::Ready(account) = &mut default_registry.account {
        let whole = npm_warden::domain::identity::DEFAULT_REGISTRY;
        let host = whole.trim_start_matches("https://").trim_end_matches('/');
        account.identity.registry = Text::new(host);
    }
    let mut demo = signing_in(|_| {});
    if let Load::Ready(account) = &mut demo.account {
        account.identity.user_file = None;
        account.identity.registry = Text::new("http://127.0.0.1:41873");
    }
    let refused = Failure::new(
        FailureKind::Refused,
        "registry.example.com did not take this sign-in: “bad username/password”.",
        "Check the user name and the password, and try again.",
    );
    let elsewhere = |page: &mut WebPiece| {
        page.page.foreign = true;
        page.agreed = false;
    };
    vec![
        state("sign in", signing_in(|_| {})),
        state("sign in without a file", demo),
        state(
            "sign in kept",
            signing_in(|form| {
                form.at = SignInPart::Keep;
                form.keep = Keep::File;
            }),
        ),
        state("sign in by password", by_password(|_| {})),
        state(
            "sign in by password refused",
            by_password(|form| {
                form.password = Field::masked();
                form.error = Some(refused);
            }),
        ),
        state("sign in without a page", without_page),
        state(
            "sign in anew",
            signing_in(|form| {
                form.way = Way::NewAccount;
                form.at = SignInPart::Email;
                form.name = typed("bob");
            }),
        ),
        state("sign in anew on the website", default_registry),
        state(
            "sign in no answer",
            signing_in(|form| form.error = Some(no_network())),
        ),
        state("sign in asking", signing_in(|form| form.sent = Some(ID))),
        state(
            "sign in tried out",
            by_password(|form| {
                form.password = Field::masked();
                form.sent = Some(ID);
                form.doing = Some("Trying the sign-in out");
            }),
        ),
        state(
            "sign in given up",
            signing_in(|form| {
                form.sent = Some(ID);
                form.stopping = true;
            }),
        ),
        state("sign in page", waiting(PAGES[0], |_| {})),
        state("sign in page long", waiting(PAGES[2], |_| {})),
        state(
            "sign in page copied",
            says(
                waiting(PAGES[1], |_| {}),
                Tone::Good,
                "Copied to the clipboard",
            ),
        ),
        state("sign in page elsewhere", waiting(PAGES[0], elsewhere)),
        state(
            "sign in page elsewhere asked",
            waiting(PAGES[0], |page| {
                elsewhere(page);
                page.foreign = Some(Foreign {
                    wish: WebWish::Open,
                    yes: false,
                    opened: Duration::ZERO,
                });
            }),
        ),
        state("sign in again", again(None, |_| {})),
        state(
            "sign in again as another",
            again(
                Some("You signed in as bob; this was begun for alice and goes on for nobody else."),
                |form| {
                    form.way = Way::Password;
                    form.at = SignInPart::Password;
                    form.password = masked(CANARY);
                },
            ),
        ),
        state(
            "sign in again page",
            again(None, |form| {
                form.sent = Some(ID);
                form.web = Some(web(PAGES[0]));
            }),
        ),
        state("signed in for this session", session()),
    ]
}
