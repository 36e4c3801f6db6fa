//! A token that stands where none can be put, as one of a list or in a comment: that is found out before another is made.
//! The file and what reads and writes it are real.

use std::fs;
use std::path::PathBuf;

use npm_warden::domain::secret::Secret;
use npm_warden::npmrc::{self, Inputs};
use tempfile::TempDir;

use super::*;

/// A home folder with an `.npmrc`.
struct Lying {
    folder: TempDir,
}

impl Lying {
    fn new(content: &str) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".npmrc"), content).unwrap();
        Arc::new(Self { folder })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(".npmrc")
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            registry: Some(format!("https://{HOST}/")),
            userconfig: None,
            cwd: self.folder.path().to_owned(),
            home: Some(self.folder.path().to_owned()),
            env: vec![("PREFIX".into(), "/nowhere".into())],
        }
    }

    fn machine(&self) -> Machine {
        npmrc::survey(&self.inputs()).machine
    }

    fn id(&self, line: usize) -> CredentialId {
        let all = self.machine().credentials;
        all.into_iter()
            .find(|local| local.id.line == line)
            .unwrap()
            .id
    }

    fn script(self: &Arc<Self>, truth: &Truth) -> Script {
        let (surveyed, put) = (Arc::clone(self), Arc::clone(self));
        truth
            .script()
            .survey(move || Ok(npmrc::survey(&surveyed.inputs())))
            .puts(move |id, old, new| {
                let (old, new) = (Secret::from(old), Secret::from(new));
                npmrc::put(&put.inputs(), id, &old, &new).map(|_| ())
            })
    }
}

#[tokio::test(start_paused = true)]
async fn e4_a_line_that_takes_no_value_is_refused_before_anything_is_made() {
    for (content, why) in [
        (
            format!("//{HOST}/:_authToken[]={OLD}\n"),
            "its key ends in []",
        ),
        (
            format!("//{HOST}/:_authToken[]={OLD}\n//{HOST}/:_authToken[]={OTHER}\n"),
            "its key ends in []",
        ),
        (format!("; //{HOST}/:_authToken={OLD}\n"), "it is a comment"),
        (
            format!("//{HOST}/:_authtoken={OLD}\n"),
            "its key is none by which npm looks for a token",
        ),
    ] {
        let lying = Lying::new(&content);
        let truth = Truth::new(Fault::None);
        let mut bench = Bench::new(lying.script(&truth));
        let id = bench.start(wishes(lying.id(1)));
        let failure = bench.finished(id).await.unwrap_err();
        let told = failure.to_string();
        assert!(
            told.contains(why) && told.contains("Nothing was changed"),
            "{content}: {told}"
        );
        assert_eq!(lying.read(), content);
        assert_eq!(truth.made(), 0);
        assert!(truth.works(OLD));
        assert!(left(bench.folder.path()).is_empty());
    }
}

/// What is called closed is what the writing refuses, and nothing else.
#[test]
fn e4_a_line_is_closed_where_the_writing_would_refuse_it() {
    let content = format!(
        "//{HOST}/:_authToken={OLD}\n\
         //{HOST}/:_authToken[]={OLD}\n\
         ; //{HOST}/:_authToken={OLD}\n\
         //{HOST}/:_authtoken={OLD}\n\
         https://{HOST}/:_authToken={OLD}\n\
         //{HOST}:_authToken=\"{OLD}\"\n\
         [section]\n\
         //{HOST}/:_authToken={OLD}\n"
    );
    let mut closed = Vec::new();
    for line in [1, 2, 3, 4, 5, 6, 8] {
        let lying = Lying::new(&content);
        let id = lying.id(line);
        let (old, new) = (Secret::from(OLD), Secret::from(NEW));
        let put = npmrc::put(&lying.inputs(), &id, &old, &new);
        let is_closed = lying.machine().is_closed(&id).is_some();
        assert_eq!(put.is_err(), is_closed, "{line}: {put:?}");
        if is_closed {
            closed.push(line);
        }
    }
    assert_eq!(closed, [2, 3, 4]);
}
