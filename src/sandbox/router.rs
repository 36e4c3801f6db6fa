//! The routes, and what holds for every one of them.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, DATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::time::Instant;

use super::account::Registry;
use super::call::{Call, route};
use super::clock::{Clock, http_date};
use super::door::Peer;
use super::fault::{Ending, Faults, Plan, halved};
use super::log::Log;
use super::options::Policy;
use super::reply::{Answer, Refusal};
use super::{login, packages, profile, tokens, web};

/// The largest body that is taken, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// What all requests share.
pub(super) struct Shared {
    pub(super) registry: Mutex<Registry>,
    pub(super) clock: Clock,
    pub(super) delay: Duration,
    pub(super) faults: Mutex<Faults>,
    pub(super) log: Log,
    pub(super) prefix: String,
    /// How many requests each route has seen, by method and route.
    pub(super) seen: watch::Sender<BTreeMap<String, u64>>,
    /// True, or gone, when the registry ends.
    pub(super) closing: watch::Receiver<bool>,
}

impl Shared {
    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        // An operation changes the registry in its last lines, after everything that can fail.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        // Counters and a list: there is no state in between.
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole registry as a service.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let routes = Router::new()
        .route("/-/ping", get(run(login::ping)))
        .route("/-/whoami", get(run(login::whoami)))
        .route(
            "/-/user/{id}",
            get(run(login::user)).put(run(login::put_user)),
        )
        .route("/-/user/{id}/-rev/{rev}", put(run(login::put_user_rev)))
        .route("/-/org/{id}/package", get(run(packages::of_org)))
        .route("/-/user/{id}/package", get(run(packages::of_user)))
        .route("/{package}", get(run(packages::document)))
        .route("/{scope}/{package}", get(run(packages::document)))
        .route("/-/user/token/{token}", delete(run(login::logout)))
        .route(
            "/-/npm/v1/user",
            get(run(profile::read)).post(run(profile::write)),
        )
        .route(
            "/-/npm/v1/tokens",
            get(run(tokens::list)).post(run(tokens::create)),
        )
        .route(
            "/-/npm/v1/tokens/token/{token}",
            delete(run(tokens::revoke)),
        );
    let routes = if shared.registry().rules.web {
        routes
            .route("/-/v1/login", post(run(web::login)))
            .route("/-/v1/done/{done}", get(run(web::done)))
            .route(
                "/-/web/{page}",
                get(shown(web::show)).post(shown(web::submit)),
            )
    } else {
        routes
    };
    let routes = match shared.registry().rules.policy {
        Policy::Classic => routes,
        // Also without the other pages: the codes have to be read somewhere.
        Policy::Npmjs => routes.route(web::INBOX, get(shown(web::inbox))),
    };
    let routes = if shared.prefix.is_empty() {
        routes
    } else {
        Router::new().nest(&shared.prefix, routes)
    };
    routes
        .fallback(async || Refusal::not_found("Not found"))
        .layer(from_fn_with_state(shared.clone(), around))
        .with_state(shared.clone())
}

/// Makes a handler of an operation: the request is read, then the operation has the registry for
/// itself, unless a fault stands before it.
fn run(
    operation: fn(&mut Registry, &Call) -> Answer,
) -> impl Fn(State<Arc<Shared>>, Call) -> Ready<Response> + Clone + Send + Sync + 'static {
    move |State(shared), call| {
        let plan = shared.faults().meet(call.operation);
        let mut response = plan.before(call.now).unwrap_or_else(|| {
            let mut registry = shared.registry();
            registry.linger = plan.linger;
            let answer = operation(&mut registry, &call);
            drop(registry);
            plan.after(answer.into_response())
        });
        response.extensions_mut().insert(plan);
        ready(response)
    }
}

/// The same for what a person sees in a browser.
fn shown(
    operation: fn(&mut Registry, &Call) -> web::Page,
) -> impl Fn(State<Arc<Shared>>, Result<Call, Refusal>) -> Ready<web::Page> + Clone + Send + Sync + 'static
{
    move |State(shared), call| {
        ready(match call {
            Ok(call) => operation(&mut shared.registry(), &call),
            Err(refusal) => web::Page::refused(&refusal),
        })
    }
}

/// What holds for every request: it is counted and logged, and its reply is never cached, carries
/// the registry's own time, is held back for as long as was asked, and ends as the faults want it.
async fn around(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = format!("{method} {}", route(&request, &shared.prefix));

    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let cut = peer.map(|peer| peer.0.cut.clone());

    let mut response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = response.headers_mut().remove(ALLOW);
        response = Refusal::method(allow).into_response();
    }
    let plan: Plan = response.extensions_mut().remove().unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let now = shared.clock.now();
    let date = now.saturating_add(SignedDuration::from_secs(plan.skew));
    if let Some(date) = http_date(date.unwrap_or(now)) {
        headers.insert(DATE, date);
    }
    shared
        .seen
        .send_modify(|seen| *seen.entry(route).or_default() += 1);

    let delay = shared.delay.saturating_add(plan.delay);
    if !delay.is_zero() {
        let mut closing = shared.closing.clone();
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    }
    shared.log.request(
        &method,
        &uri,
        response.status(),
        start.elapsed(),
        plan.word(),
    );
    match (plan.ending(), cut) {
        (Some(Ending::Dropped), Some(cut)) => {
            cut.now();
            response
        }
        (Some(Ending::Halved), Some(cut)) => halved(response, cut).await,
        _ => response,
    }
}
