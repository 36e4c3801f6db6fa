//! What lies on this machine: looked at without a request, tried out each at its own registry, mended as previewed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use npm_warden::backend::Configured;
use npm_warden::backend::protocol::{Event, Outcome, Request, Step};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::machine::{CredentialId, Fix, Machine, Probe, Rank};
use npm_warden::domain::text::Text;
use npm_warden::npmrc::{Config, Inputs};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::bench::{Bench, TestClock};
use super::embedded::start;

const LIVE: &str = "npm_canaryLIVEAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const DEAD: &str = "npm_canaryDEADAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A registry that notes down which credential came to it for what.
struct Listening {
    host: String,
    seen: Arc<Mutex<Vec<(String, String)>>>,
    /// How many were under way at most.
    together: Arc<Mutex<(usize, usize)>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listening {
    /// `gate`: answers wait for a permit of it.
    async fn new(gate: Option<Arc<Semaphore>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let together = Arc::new(Mutex::new((0, 0)));
        let (noted, counted) = (Arc::clone(&seen), Arc::clone(&together));
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (noted, counted, gate) =
                    (Arc::clone(&noted), Arc::clone(&counted), gate.clone());
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let request = String::from_utf8(request).unwrap();
                    let path = request.split(' ').nth(1).unwrap().to_owned();
                    let credential = request
                        .lines()
                        .find_map(|line| line.strip_prefix("authorization: "))
                        .unwrap_or("none")
                        .to_owned();
                    let (status, body) = match credential.as_str() {
                        dead if dead.contains("DEAD") => {
                            ("401 Unauthorized", "{\"error\":\"Unknown token\"}")
                        }
                        held if held.contains("HELD") => (
                            "401 Unauthorized\r\nwww-authenticate: ipaddress",
                            "{\"error\":\"Not from this address\"}",
                        ),
                        _ => ("200 OK", "{\"username\":\"alice\"}"),
                    };
                    noted.lock().unwrap().push((path, credential));
                    {
                        let mut count = counted.lock().unwrap();
                        count.0 += 1;
                        count.1 = count.1.max(count.0);
                    }
                    if let Some(gate) = gate {
                        gate.acquire().await.unwrap().forget();
                    }
                    counted.lock().unwrap().0 -= 1;
                    let answer = format!(
                        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self {
            host,
            seen,
            together,
            task,
        }
    }

    fn seen(&self) -> Vec<(String, String)> {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.sort();
        seen
    }
}

/// A home folder with this `.npmrc`, and a backend that reads it.
struct Here {
    folder: tempfile::TempDir,
    bench: Bench,
}

impl Here {
    fn new(registry: &str, user: &str, env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".npmrc"), user).unwrap();
        let mut all: Vec<(OsString, OsString)> = vec![("PREFIX".into(), "/nowhere".into())];
        all.extend(env.iter().map(|(name, value)| (name.into(), value.into())));
        let (home, registry) = (folder.path().to_owned(), registry.to_owned());
        let connector = Configured::npm(move || {
            Ok(Inputs {
                registry: Some(registry.clone()),
                userconfig: None,
                cwd: home.join("project"),
                home: Some(home.clone()),
                env: all.clone(),
            })
        });
        let clock = TestClock(Mutex::new(start()));
        Self {
            bench: Bench::over(connector, Arc::new(clock), 64),
            folder,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(".npmrc")
    }

    async fn machine(&mut self) -> Machine {
        let id = self.bench.start(Request::Machine);
        match self.bench.finished(id).await {
            Ok(Outcome::Machine(machine)) => *machine,
            other => panic!("{other:?}"),
        }
    }

    async fn ids(&mut self) -> Vec<CredentialId> {
        let all = self.machine().await.credentials;
        all.into_iter().map(|local| local.id).collect()
    }
}

fn words(probe: &Probe) -> String {
    match probe {
        Probe::Works(name) => format!("works for {name}"),
        Probe::Dead(words) => format!("dead: {words}"),
        Probe::Refused(why) => format!("refused: {}", why.what),
        Probe::Unknown(why) => format!("unknown: {}", why.what),
    }
}

#[tokio::test]
async fn p21_each_credential_is_tried_out_at_its_own_registry_alone() {
    let (one, other) = (Listening::new(None).await, Listening::new(None).await);
    let (a, b) = (&one.host, &other.host);
    let mut here = Here::new(
        &format!("http://{a}/npm/"),
        &format!(
            "//{a}/npm/:_authToken={LIVE}\n\
             //{a}/npm/:_auth=dTpjYW5hcnk=\n\
             //{b}/deep/er/:_authToken={DEAD}\n\
             //{b}/:_authToken=HELD-canary-0123456789\n\
             //{a}/:_authToken=wide-canary-0123456789\n\
             //reg.example/:_authToken=${{UNSET}}\n\
             _authToken={LIVE}\n\
             @x:registry=http://plain.example/\n\
             //plain.example/:_authToken={LIVE}\n\
             //{b}/:certfile=/c\n//{b}/:keyfile=/k\n"
        ),
        &[("NPM_TOKEN", LIVE)],
    );
    let ids = here.ids().await;
    assert_eq!(
        (one.seen().len(), other.seen().len()),
        (0, 0),
        "to look sends nothing"
    );
    let id = here.bench.start(Request::Probe(ids.clone()));
    let (events, result) = here.bench.rest(id).await;
    let Ok(Outcome::Probed(probed)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(
        probed.iter().map(|probed| &probed.id).collect::<Vec<_>>(),
        ids.iter().collect::<Vec<_>>()
    );
    let told: Vec<_> = probed.iter().map(|probed| words(&probed.probe)).collect();
    assert_eq!(
        told,
        [
            "unknown: $NPM_TOKEN does not say which registry it is for, so it is sent to none.".to_owned(),
            "works for alice".to_owned(),
            "works for alice".to_owned(),
            "dead: Unknown token".to_owned(),
            format!(
                "refused: http://{b} refused (status 401): “the credential is not accepted from this machine's network address”."
            ),
            "works for alice".to_owned(),
            "unknown: ~/.npmrc, line 6 uses ${UNSET}, which is not set, so the token there cannot be used. \
             Set the variable, or sign in with `npm login`."
                .to_owned(),
            "unknown: ~/.npmrc, line 7 does not say which registry it is for, so it is sent to none.".to_owned(),
            "unknown: The registry http://plain.example/ is not encrypted, and nothing is sent to it from here."
                .to_owned(),
            "unknown: The certfile that ~/.npmrc, line 10 leads to is not there, so npm sends no certificate.".to_owned(),
        ]
    );
    // Each step was told on the way, by the clock of this machine.
    let mut stepped = 0;
    for event in &events {
        if let Event::Step {
            step: Step::Probed(one),
            ..
        } = event
        {
            assert!(probed.contains(one));
            assert_eq!(one.at, start());
            stepped += 1;
        }
    }
    assert_eq!(stepped, probed.len());
    let bearer = |value: &str| format!("Bearer {value}");
    assert_eq!(
        one.seen(),
        [
            ("/npm/-/whoami".to_owned(), "Basic dTpjYW5hcnk=".to_owned()),
            ("/npm/-/whoami".to_owned(), bearer(LIVE)),
            // What its key covers, for the registry that the configuration has there.
            ("/npm/-/whoami".to_owned(), bearer("wide-canary-0123456789")),
        ]
    );
    assert_eq!(
        other.seen(),
        [
            ("/-/whoami".to_owned(), bearer("HELD-canary-0123456789")),
            ("/deep/er/-/whoami".to_owned(), bearer(DEAD)),
        ]
    );
    let said = format!("{events:?} {probed:?}");
    assert!(!said.contains("canary"), "{said}");
}

#[tokio::test]
async fn no_more_than_eight_are_tried_out_at_once_and_who_leaves_is_let_go() {
    let gate = Arc::new(Semaphore::new(0));
    let slow = Listening::new(Some(Arc::clone(&gate))).await;
    let lines: String = (0..20)
        .map(|n| format!("//{}/{n}/:_authToken=canary-{n:020}\n", slow.host))
        .collect();
    let mut here = Here::new("https://reg.example/", &lines, &[]);
    let ids = here.ids().await;
    assert_eq!(ids.len(), 20);
    let id = here.bench.start(Request::Probe(ids.clone()));
    let under_way = Arc::clone(&slow.together);
    here.bench
        .when_true(|| under_way.lock().unwrap().0 == 8)
        .await;
    gate.add_permits(20);
    let result = here.bench.finished(id).await;
    let Ok(Outcome::Probed(probed)) = result else {
        panic!("{result:?}");
    };
    let all_work = probed
        .iter()
        .all(|probed| matches!(probed.probe, Probe::Works(_)));
    assert!(all_work && probed.len() == 20);
    assert_eq!(slow.together.lock().unwrap().1, 8);

    let id = here.bench.start(Request::Probe(ids));
    here.bench
        .when_true(|| under_way.lock().unwrap().0 == 8)
        .await;
    here.bench.cancel(id);
    let failure = here.bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
}

#[tokio::test]
async fn a_credential_that_is_no_longer_there_is_not_looked_for_elsewhere() {
    let one = Listening::new(None).await;
    let line = format!("//{}/:_authToken={LIVE}\n", one.host);
    let mut here = Here::new("https://reg.example/", &line, &[]);
    let ids = here.ids().await;
    fs::write(here.file(), format!("; moved\n{line}")).unwrap();
    let id = here.bench.start(Request::Probe(ids));
    let result = here.bench.finished(id).await;
    let Ok(Outcome::Probed(probed)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(
        words(&probed[0].probe),
        "unknown: The credential is not where it was any more."
    );
    assert!(one.seen().is_empty());
}

#[tokio::test]
async fn a_fix_is_previewed_and_done_and_sends_nothing() {
    let one = Listening::new(None).await;
    let line = format!("; mine\n//{}/:_authToken={LIVE}\n", one.host);
    let mut here = Here::new(&format!("http://{}", one.host), &line, &[]);
    let machine = here.machine().await;
    assert!(machine.credentials[0].in_use);
    let fix = Fix::ToVariable {
        id: machine.credentials[0].id.clone(),
        name: "NPM_TOKEN".to_owned(),
    };
    let id = here.bench.start(Request::PreviewFix(fix));
    let result = here.bench.finished(id).await;
    let Ok(Outcome::FixPreview(preview)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(fs::read_to_string(here.file()).unwrap(), line);
    let id = here.bench.start(Request::ApplyFix(preview.clone()));
    let result = here.bench.finished(id).await;
    let Ok(Outcome::Fixed(machine)) = result else {
        panic!("{result:?}");
    };
    assert!(matches!(machine.credentials[0].rank, Rank::Unusable(_)));
    assert!(!machine.credentials[0].in_use);
    assert_eq!(
        fs::read_to_string(here.file()).unwrap(),
        format!("; mine\n//{}/:_authToken=${{NPM_TOKEN}}\n", one.host)
    );
    // Once more is not what was previewed.
    let id = here.bench.start(Request::ApplyFix(preview));
    let failure = here.bench.finished(id).await.unwrap_err();
    assert!(
        failure
            .what
            .as_str()
            .contains("was changed by another program"),
        "{failure}"
    );
    assert!(one.seen().is_empty());
}

#[tokio::test]
async fn p40_a_run_without_files_says_so_and_touches_none() {
    let connector = Configured::fixed(|| {
        let address = "https://reg.example/".parse().unwrap();
        Ok(Config::of_token(
            address,
            LIVE.into(),
            Text::from("the demo's own session"),
        ))
    });
    let clock = TestClock(Mutex::new(start()));
    let mut bench = Bench::over(connector, Arc::new(clock), 64);
    let id = bench.start(Request::Machine);
    let result = bench.finished(id).await;
    let Ok(Outcome::Machine(machine)) = result else {
        panic!("{result:?}");
    };
    assert!(machine.sources.is_empty() && machine.credentials.is_empty());
    assert_eq!(machine.registry.as_str(), "reg.example");
    assert_eq!(machine.problems.len(), 1);
    let id = bench.start(Request::PreviewFix(Fix::Tighten(
        Path::new("/etc/hosts").into(),
    )));
    assert!(bench.finished(id).await.is_err());
}
