//! Signing in and out with the real client, a real configuration and the embedded registry, over loopback.

use std::path::PathBuf;
use std::sync::Arc;

use npm_warden::backend::protocol::{Answer, Created, Outcome, Request, RequestId};
use npm_warden::backend::{Configured, SystemClock};
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::identity::{Held, Standing};
use npm_warden::domain::signin::{Ended, Forgotten, Keep, Kept, SignIn};
use npm_warden::npmrc::Inputs;
use npm_warden::sandbox::{self, Options, Running};

use super::bench::Bench;

struct World {
    running: Running,
    home: tempfile::TempDir,
    bench: Bench,
}

/// The program's own connector, on this registry and this home folder.
fn reading(running: &Running, home: &tempfile::TempDir) -> Configured {
    let (url, folder) = (running.url().to_owned(), home.path().to_owned());
    Configured::npm(move || {
        Ok(Inputs {
            registry: Some(url.clone()),
            userconfig: None,
            cwd: folder.clone(),
            home: Some(folder.clone()),
            env: vec![("PREFIX".into(), "/nowhere".into())],
        })
    })
}

impl World {
    async fn new() -> Self {
        let running = sandbox::start(Options::default()).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let connector = reading(&running, &home);
        let bench = Bench::over(connector, Arc::new(SystemClock), 64);
        Self {
            running,
            home,
            bench,
        }
    }

    fn file(&self) -> PathBuf {
        self.home.path().join(".npmrc")
    }

    fn npmrc(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap_or_default()
    }

    fn sign_in(&mut self, how: SignIn, keep: Keep) -> RequestId {
        self.bench.start(Request::SignIn {
            how,
            keep,
            at: None,
            wanted: None,
        })
    }

    async fn signs_in(&mut self, keep: Keep) {
        let how = self.password();
        let id = self.sign_in(how, keep);
        assert!(self.bench.finished(id).await.is_ok());
    }

    fn password(&self) -> SignIn {
        SignIn::Password {
            name: self.running.username().to_owned(),
            password: self.running.password().expose().as_str().into(),
        }
    }

    fn requests(&self, route: &str) -> u64 {
        let seen = self.running.inspect().requests;
        seen.get(route).copied().unwrap_or_default()
    }

    async fn account(&mut self) -> Standing {
        let id = self.bench.start(Request::Account);
        match self.bench.finished(id).await {
            Ok(Outcome::Account { standing, .. }) => standing,
            other => panic!("{other:?}"),
        }
    }
}

const LOGOUT: &str = "DELETE /-/user/token/{token}";

#[tokio::test]
async fn m1_by_the_web_into_the_file_and_out_again() {
    let mut world = World::new().await;
    assert_eq!(world.account().await, Standing::SignedOut);
    let id = world.sign_in(SignIn::Web, Keep::File);
    let web = world.bench.shown_a_page(id).await;
    assert!(!web.page.foreign);
    assert!(world.running.approve(web.page.address.as_str()));
    let Ok(Outcome::SignedIn { identity, kept, .. }) = world.bench.finished(id).await else {
        panic!("not signed in");
    };
    assert_eq!(identity.credential.unwrap().held, Held::File);
    assert!(matches!(kept, Kept::File(_)), "{kept:?}");
    let written = world.npmrc();
    assert!(written.contains(":_authToken="));
    assert!(matches!(world.account().await, Standing::SignedIn(_)));

    let id = world.bench.start(Request::SignOut);
    let Ok(Outcome::SignedOut {
        ended, forgotten, ..
    }) = world.bench.finished(id).await
    else {
        panic!("not signed out");
    };
    assert_eq!(ended, Ended::Verified);
    assert!(matches!(forgotten, Forgotten::File(_)), "{forgotten:?}");
    assert!(!world.npmrc().contains("_authToken"));
    assert_eq!(world.account().await, Standing::SignedOut);

    // Written back by hand it is worth nothing any more.
    std::fs::write(world.file(), written).unwrap();
    assert!(matches!(world.account().await, Standing::Rejected(_)));
    let id = world.bench.start(Request::SignOut);
    let Ok(Outcome::SignedOut { ended, .. }) = world.bench.finished(id).await else {
        panic!("not signed out");
    };
    assert_eq!(ended, Ended::DeadBefore);
    assert!(!world.npmrc().contains("_authToken"));
}

#[tokio::test]
async fn m1_a_session_leaves_no_trace_in_the_file_and_ends_with_the_program() {
    let mut world = World::new().await;
    world.signs_in(Keep::Session).await;
    assert!(matches!(world.account().await, Standing::SignedIn(_)));
    assert!(!world.file().exists());
    assert_eq!(world.requests(LOGOUT), 0);
    let World { running, bench, .. } = world;
    bench.quit().await;
    let seen = running.inspect().requests;
    assert_eq!(seen.get(LOGOUT), Some(&1));
    assert!(seen["GET /-/whoami"] >= 1, "and that was tried out");
}

#[tokio::test]
async fn a_page_that_is_denied_signs_nobody_in() {
    let mut world = World::new().await;
    let id = world.sign_in(SignIn::Web, Keep::Session);
    let web = world.bench.shown_a_page(id).await;
    assert!(world.running.deny(web.page.address.as_str()));
    assert!(world.bench.finished(id).await.is_err());
    assert_eq!(world.account().await, Standing::SignedOut);
}

#[tokio::test]
async fn a_wrong_password_signs_nobody_in_and_makes_no_account() {
    let mut world = World::new().await;
    let how = SignIn::Password {
        name: world.running.username().to_owned(),
        password: "not the password".into(),
    };
    let id = world.sign_in(how, Keep::File);
    let failure = world.bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("did not take"), "{failure}");
    assert!(!world.file().exists());
}

#[tokio::test]
async fn e7_a_credential_that_ends_in_the_middle_is_replaced_and_the_work_goes_on() {
    let mut world = World::new().await;
    world.signs_in(Keep::File).await;
    let Standing::SignedIn(profile) = world.account().await else {
        panic!("not signed in");
    };
    // Somebody signs out elsewhere with the same file.
    let connector = reading(&world.running, &world.home);
    let mut other = Bench::over(connector, Arc::new(SystemClock), 64);
    let id = other.start(Request::SignOut);
    assert!(other.finished(id).await.is_ok());

    let id = world.bench.start(Request::SaveField {
        field: ProfileField::Github,
        before: profile.field(ProfileField::Github).cloned(),
        after: "octo".to_owned(),
    });
    let asked = world.bench.asked_to_sign_in(id).await;
    assert_eq!(asked.name, Some(profile.name));
    world.signs_in(Keep::Session).await;
    world.bench.answer(id, Answer::SignedIn);
    let Ok(Outcome::Saved(profile)) = world.bench.finished(id).await else {
        panic!("not saved");
    };
    let set = profile.field(ProfileField::Github).unwrap();
    assert_eq!(set.as_str(), "octo");
}

#[tokio::test]
async fn a_token_whose_answer_was_dropped_is_found_and_one_that_was_not_made_is_not() {
    let mut world = World::new().await;
    world.signs_in(Keep::Session).await;
    let make = |world: &World| {
        Request::CreateToken(NewToken::classic(
            true,
            vec!["127.0.0.0/8".parse().unwrap()],
            world.running.password().expose().as_str().into(),
        ))
    };
    world
        .running
        .fault("token.create#1=drop-after".parse().unwrap());
    let request = make(&world);
    let id = world.bench.start(request);
    let result = world.bench.finished(id).await;
    let Ok(Outcome::Created(Created::Lost { tokens, .. })) = result else {
        panic!("{result:?}");
    };
    assert_eq!(tokens.len(), 1);
    assert!(tokens[0].readonly);
    world.running.mend();
    world
        .running
        .fault("token.create#1=drop-before".parse().unwrap());
    let request = make(&world);
    let id = world.bench.start(request);
    let (_, result) = world.bench.rest(id).await;
    let failure = result.unwrap_err();
    assert!(failure.what.as_str().contains("is listed yet"), "{failure}");
    world.running.mend();
    let request = make(&world);
    let id = world.bench.start(request);
    let Ok(Outcome::Created(Created::Made { value, .. })) = world.bench.finished(id).await else {
        panic!("not made");
    };
    assert!(!value.is_empty());
}

#[tokio::test]
async fn a_sign_in_whose_answer_was_dropped_says_so_and_a_profile_that_fails_ends_it() {
    let mut world = World::new().await;
    world.running.fault("couch#1=drop-after".parse().unwrap());
    let how = world.password();
    let id = world.sign_in(how, Keep::File);
    let failure = world.bench.finished(id).await.unwrap_err();
    assert!(
        failure.what.as_str().contains("reached nobody"),
        "{failure}"
    );
    world.running.mend();
    world
        .running
        .fault("profile.get=status:400".parse().unwrap());
    world.running.fault("whoami#1=status:400".parse().unwrap());
    let how = world.password();
    let id = world.sign_in(how, Keep::File);
    let failure = world.bench.finished(id).await.unwrap_err();
    assert!(failure.next.as_str().contains("no more"), "{failure}");
    assert_eq!(world.requests(LOGOUT), 1);
    assert!(!world.file().exists());
    world.running.mend();
    world.signs_in(Keep::File).await;
}

#[tokio::test]
async fn a_new_password_takes_the_old_ones_place() {
    let mut world = World::new().await;
    world.signs_in(Keep::Session).await;
    let current = world.running.password().expose().as_str().into();
    let id = world.bench.start(Request::ChangePassword {
        current,
        new: "another long one".into(),
    });
    assert!(matches!(
        world.bench.finished(id).await,
        Ok(Outcome::PasswordChanged(Ok(_)))
    ));
    let how = world.password();
    let id = world.sign_in(how, Keep::Session);
    assert!(world.bench.finished(id).await.is_err(), "the old one");
    let how = SignIn::Password {
        name: world.running.username().to_owned(),
        password: "another long one".into(),
    };
    let id = world.sign_in(how, Keep::Session);
    assert!(world.bench.finished(id).await.is_ok());
}

#[tokio::test]
async fn a_dead_token_is_taken_out_of_the_file_when_the_file_has_come_to_mean_another_registry() {
    let running = sandbox::start(Options::default()).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let (file, folder) = (home.path().join(".npmrc"), home.path().to_owned());
    let own = format!("registry={}\n", running.url());
    std::fs::write(&file, &own).unwrap();
    let connector = Configured::npm(move || {
        Ok(Inputs {
            registry: None,
            userconfig: None,
            cwd: folder.clone(),
            home: Some(folder.clone()),
            env: vec![("PREFIX".into(), "/nowhere".into())],
        })
    });
    let bench = Bench::over(connector, Arc::new(SystemClock), 64);
    let mut world = World {
        running,
        home,
        bench,
    };
    world.signs_in(Keep::File).await;
    let written = world.npmrc();
    assert!(written.contains("_authToken"));
    let other = "registry=https://other.example/\n";
    std::fs::write(&file, written.replace(&own, other)).unwrap();
    let id = world.bench.start(Request::SignOut);
    let Ok(Outcome::SignedOut {
        ended, forgotten, ..
    }) = world.bench.finished(id).await
    else {
        panic!("not signed out");
    };
    assert_eq!(ended, Ended::Verified);
    assert!(matches!(forgotten, Forgotten::File(_)), "{forgotten:?}");
    assert_eq!(world.npmrc(), other);
}

#[tokio::test]
async fn m1_one_fault_at_the_end_leaves_no_session_alive() {
    for fault in ["drop-before", "status:500", "status:503", "retry-after:1"] {
        let mut world = World::new().await;
        let before = world.running.inspect().tokens;
        world.signs_in(Keep::Session).await;
        assert_eq!(world.running.inspect().tokens, before + 1);
        let spec = format!("logout#1={fault}");
        world.running.fault(spec.parse().unwrap());
        world.bench.quit().await;
        assert_eq!(world.running.inspect().tokens, before, "{fault}");
    }
}

#[tokio::test]
async fn a_profile_that_alone_is_refused_costs_no_sign_in() {
    for status in [403, 500] {
        let mut world = World::new().await;
        let spec = format!("profile.get=status:{status}");
        world.running.fault(spec.parse().unwrap());
        world.signs_in(Keep::Session).await;
        let Standing::SignedIn(profile) = world.account().await else {
            panic!("{status}: not signed in");
        };
        assert_eq!(profile.name.as_str(), world.running.username());
    }
}
