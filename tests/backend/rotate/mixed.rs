//! A line that makes its token of a variable and of text beside it takes no new value, and none is lost for it. The file
//! and what reads and writes it are real.

use std::fs;
use std::path::PathBuf;

use npm_warden::domain::secret::Secret;
use npm_warden::npmrc::{self, Inputs};
use tempfile::TempDir;

use super::*;

/// A home folder with an `.npmrc` of the old token, written in this way.
struct Lying {
    folder: TempDir,
}

impl Lying {
    fn new(value: &str) -> Self {
        let lying = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        lying.write(value);
        lying
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(".npmrc")
    }

    fn write(&self, value: &str) {
        fs::write(self.path(), line(value)).unwrap();
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    /// `HALF` holds the second half of the old token.
    fn inputs(&self) -> Inputs {
        Inputs {
            registry: Some(format!("https://{HOST}/")),
            userconfig: None,
            cwd: self.folder.path().to_owned(),
            home: Some(self.folder.path().to_owned()),
            env: vec![
                ("HALF".into(), OLD[12..].into()),
                ("PREFIX".into(), "/nowhere".into()),
            ],
        }
    }

    fn id(&self) -> CredentialId {
        let all = npmrc::survey(&self.inputs()).machine.credentials;
        all.into_iter().find(|local| local.id.line == 1).unwrap().id
    }

    /// The registry of the truth, and this file. What the person does to it meanwhile is done before it is written.
    fn script(self: &Arc<Self>, truth: &Truth, meanwhile: Option<String>) -> Script {
        let (surveyed, put) = (Arc::clone(self), Arc::clone(self));
        truth
            .script()
            .survey(move || Ok(npmrc::survey(&surveyed.inputs())))
            .puts(move |id, old, new| {
                if let Some(value) = &meanwhile {
                    put.write(value);
                }
                let (old, new) = (Secret::from(old), Secret::from(new));
                npmrc::put(&put.inputs(), id, &old, &new).map(|_| ())
            })
    }
}

fn line(value: &str) -> String {
    format!("//{HOST}/:_authToken={value}\n; a note\n")
}

fn mixed() -> String {
    format!("{}${{HALF}}", &OLD[..12])
}

#[tokio::test(start_paused = true)]
async fn e4_a_line_of_text_and_a_variable_is_refused_before_anything_is_made() {
    let lying = Arc::new(Lying::new(&mixed()));
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(lying.script(&truth, None));
    let id = bench.start(wishes(lying.id()));
    let failure = bench.finished(id).await.unwrap_err();
    let told = failure.to_string();
    assert!(
        told.contains("mixes text with a variable") && told.contains("Nothing was changed"),
        "{told}"
    );
    assert_eq!(lying.read(), line(&mixed()));
    assert_eq!(truth.made(), 0);
    assert!(truth.works(OLD));
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn e4_a_line_that_has_come_to_mix_text_with_a_variable_is_left_alone_and_no_value_is_lost() {
    let lying = Arc::new(Lying::new(OLD));
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(lying.script(&truth, Some(mixed())));
    let id = bench.start(wishes(lying.id()));
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    // What stands there makes the old token still, and that goes on working.
    assert_eq!(lying.read(), line(&mixed()));
    assert!(truth.works(OLD) && truth.works(NEW));
    let value = rotated.value.as_ref().unwrap();
    assert_eq!(value.expose(), NEW, "the new one is given out");
    assert!(!rotated.is_old);
    let why = format!("{:?}", rotated.steps);
    assert!(
        why.contains("makes the token of ${HALF} and of text beside it"),
        "{why}"
    );
    let remains = format!("{:?}", rotated.remains);
    assert!(
        remains.contains("was made: put its value where"),
        "{remains}"
    );
    assert!(!why.contains("Canary") && !remains.contains("Canary"));
    keeps_no_value(bench.folder.path());
}
