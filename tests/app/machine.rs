//! What lies on this machine: read when it is looked at, tried out after a yes, mended after a look.

use std::path::PathBuf;

use npm_warden::app::keymap::Scope;
use npm_warden::app::machine::model::{MachinePage, Row};
use npm_warden::app::model::{Load, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Effect, keymap};
use npm_warden::backend::protocol::{Event, Outcome, Request, Step};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::{CredentialKind, Standing};
use npm_warden::domain::machine::{
    CredentialId, FileFacts, Fix, FixPreview, Form, Git, LocalCredential, Machine, Probe, Probed,
    Rank, Seal, Source, SourceKind, SourceState,
};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;

use crate::sim::{Sim, VALUE, account, failure, standing};

const USER: &str = "/home/alice/.npmrc";

fn local(line: usize, scope: &str) -> LocalCredential {
    let (source, path, place) = match line {
        0 => (SourceKind::Environment, None, "$NPM_TOKEN".to_owned()),
        line => (
            SourceKind::User,
            Some(USER),
            format!("~/.npmrc, line {line}"),
        ),
    };
    LocalCredential {
        id: CredentialId {
            path: path.map(PathBuf::from),
            key: Text::new(&format!("//{scope}/:_authToken")),
            line,
        },
        place: Text::new(&place),
        source,
        scope: Text::new(scope),
        kind: CredentialKind::Token,
        form: Form::Literal,
        begins: Text::new("npm_aB3d"),
        rank: Rank::Wins,
        in_use: line == 3,
    }
}

/// A variable that names no registry; then a file of mode 644 with four lines: the one in use, one for the same
/// registry, one from a variable for another one, a certificate.
pub(crate) fn machine() -> Machine {
    let source = |kind, path: Option<&str>, shown, mode| Source {
        kind,
        shown: Text::new(shown),
        path: path.map(PathBuf::from),
        state: SourceState::Read(FileFacts {
            mode,
            link: None,
            git: Git::None,
        }),
    };
    Machine {
        refused: Vec::new(),
        closed: Vec::new(),
        sources: vec![
            source(SourceKind::Environment, None, "environment", None),
            source(SourceKind::User, Some(USER), "~/.npmrc", Some(0o644)),
        ],
        credentials: vec![
            local(0, ""),
            local(3, "registry.example.com"),
            local(4, "registry.example.com"),
            LocalCredential {
                form: Form::Variable {
                    names: vec![Text::new("${OTHER}")],
                    unset: Vec::new(),
                },
                ..local(6, "other.example")
            },
            LocalCredential {
                kind: CredentialKind::Certificate,
                ..local(8, "certified.example")
            },
        ],
        problems: Vec::new(),
        registry: Text::new("registry.example.com"),
    }
}

fn id(line: usize) -> CredentialId {
    let all = machine().credentials;
    all.into_iter()
        .find(|local| local.id.line == line)
        .unwrap()
        .id
}

/// Some of it, for a walk.
pub(crate) fn found(n: u8) -> Machine {
    let mut machine = machine();
    machine.credentials.truncate(usize::from(n % 6));
    machine.sources.truncate(usize::from(n % 3));
    if n.is_multiple_of(7) {
        machine.problems.push(Text::new("Something is wrong."));
    }
    machine
}

pub(crate) fn tried(n: u8) -> Probed {
    let all = machine().credentials;
    let probe = match n % 4 {
        0 => Probe::Works(Text::new("alice")),
        1 => Probe::Dead(Text::new("expired")),
        2 => Probe::Refused(failure(FailureKind::Refused, "Not from here.")),
        _ => Probe::Unknown(failure(FailureKind::Network, "No answer.")),
    };
    came(all[usize::from(n) % all.len()].id.line, probe)
}

fn came(line: usize, probe: Probe) -> Probed {
    Probed {
        id: id(line),
        probe,
        at: "2026-11-22T12:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn fixes(n: u8) -> Fix {
    match n % 3 {
        0 => Fix::Tighten(PathBuf::from(USER)),
        1 => Fix::Remove(id(3)),
        _ => Fix::ToVariable {
            id: id(3),
            name: "NPM_TOKEN".to_owned(),
        },
    }
}

pub(crate) fn preview(fix: Fix) -> FixPreview {
    let after = match &fix {
        Fix::Tighten(_) => "mode 600",
        Fix::ToVariable { .. } => "//registry.example.com/:_authToken=${NPM_TOKEN}",
        Fix::Remove(_) => "",
    };
    FixPreview {
        fix,
        file: Text::new("~/.npmrc"),
        before: Text::new("as it is"),
        after: Text::new(after),
        warnings: vec![Text::new("The token goes on living.")],
        seal: Seal([1; 32]),
    }
}

/// On the screen, before it is known what lies here.
fn opened() -> Sim {
    let mut sim = Sim::signed_in();
    sim.press("6")
        .at_scope(Scope::Machine)
        .wants(&["start Machine quietly"]);
    sim
}

/// On the screen; the credential in use is chosen.
pub(crate) fn looked() -> Sim {
    let mut sim = opened();
    sees(&mut sim, machine());
    sim
}

fn sees(sim: &mut Sim, machine: Machine) {
    let outcome = Outcome::Machine(Box::new(machine));
    sim.ends(Purpose::Machine, Ok(outcome));
}

fn chosen(sim: &Sim) -> usize {
    sim.model.machine.credential().unwrap().id.line
}

/// The lines of the credentials that went out to be tried.
fn asked(sim: &mut Sim) -> Vec<usize> {
    let out = sim.effects.drain(..).find_map(|effect| match effect {
        Effect::Start {
            request: Request::Probe(ids),
            ..
        } => Some(ids),
        _ => None,
    });
    let ids = out.expect("nothing is tried out");
    ids.iter().map(|id| id.line).collect()
}

fn works() -> Probe {
    Probe::Works(Text::new("alice"))
}

#[test]
fn it_is_read_when_it_is_looked_at_and_not_before() {
    let mut sim = Sim::signed_in();
    sim.press("2 3 4").wants(&[]);
    let mut sim = looked();
    assert_eq!(chosen(&sim), 3, "the one in use");
    sim.press("1 6").wants(&[]);
    sim.press("r").wants(&["start Machine"]);
    sim.press("r").says("read already").wants(&[]);
}

#[test]
fn nobody_needs_to_be_signed_in_for_it() {
    let mut sim = Sim::start(false);
    sim.arrives(standing(Standing::SignedOut)).press("6");
    sees(&mut sim, machine());
    sim.at_scope(Scope::Machine)
        .press("m")
        .at_scope(Scope::MachineSent);
}

#[test]
fn what_was_chosen_stays_chosen_when_it_is_read_anew() {
    let mut sim = looked();
    sim.press("j j");
    assert_eq!(chosen(&sim), 6);
    sim.press("r");
    let mut fewer = machine();
    fewer.credentials.remove(0);
    sees(&mut sim, fewer);
    assert_eq!(chosen(&sim), 6);
    sim.press("r");
    sees(&mut sim, Machine::default());
    assert!(sim.model.machine.chosen().is_none());
    sim.press("j G g enter")
        .at_scope(Scope::Machine)
        .says("Nothing was found");
}

#[test]
fn what_was_read_before_stays_when_it_cannot_be_read_anew() {
    let mut sim = looked();
    sim.press("r")
        .fails(Purpose::Machine, FailureKind::Local, "The folder is gone.");
    assert!(matches!(sim.model.machine.machine, Load::Failed { .. }));
    assert_eq!(chosen(&sim), 3);
    // It is not read again and again by itself.
    sim.effects.clear();
    sim.press("1 6").wants(&[]);
}

#[test]
fn after_a_change_elsewhere_it_is_read_anew_once_it_is_looked_at() {
    let mut sim = looked();
    sim.press("1 O y");
    sim.fails(Purpose::SignOut, FailureKind::Network, "No answer.");
    sim.effects.clear();
    sim.press("esc 6").wants(&["start Machine quietly"]);
}

#[test]
fn p21_the_question_names_every_registry_and_its_answer_is_no() {
    let mut sim = looked();
    sim.press("T").at_scope(Scope::MachineAsk);
    let Some(MachinePage::Consent(consent)) = &sim.model.machine.page else {
        panic!("nothing is asked");
    };
    let to: Vec<_> = consent
        .to
        .iter()
        .map(|(to, all)| (to.as_str(), all.len()))
        .collect();
    assert_eq!(to, [("registry.example.com", 2), ("other.example", 1)]);
    sim.press("enter")
        .at_scope(Scope::Machine)
        .says("Nothing was sent")
        .wants(&[]);
    for no in ["n", "esc"] {
        sim.press("T").press(no).at_scope(Scope::Machine).wants(&[]);
    }
    sim.press("T tab enter");
    // Neither what names no registry nor a certificate.
    assert_eq!(asked(&mut sim), [3, 4, 6]);
    let mut sim = looked();
    sim.press("j t y");
    assert_eq!(asked(&mut sim), [4]);
}

#[test]
fn what_cannot_be_tried_out_says_why() {
    let mut sim = looked();
    sim.press("k t").says("Choose a credential first");
    sim.press("k t")
        .says("does not say which registry")
        .wants(&[]);
    sim.press("G t").says("client certificate").wants(&[]);
    sim.at_scope(Scope::Machine);
}

#[test]
fn what_comes_back_stands_at_its_credential_at_once() {
    let mut sim = looked();
    sim.press("T y")
        .steps(Purpose::Probe, Step::Probed(came(4, works())));
    let screen = &sim.model.machine;
    assert!(!screen.is_tried(&id(4)) && screen.is_tried(&id(3)));
    assert_eq!(screen.probe(&id(4)).unwrap().probe, works());
    // Meanwhile neither another one nor a change of the lines.
    for key in ["t", "T", "e", "x", "m"] {
        sim.press(key)
            .says("being tried out")
            .at_scope(Scope::Machine);
    }
    let dead = Probe::Dead(Text::new("expired"));
    let all = vec![came(3, dead), came(4, works()), came(6, works())];
    sim.ends(Purpose::Probe, Ok(Outcome::Probed(all)));
    sim.says("2 of 3 work").tone(Tone::Warning);
    assert!(sim.model.machine.trying.is_none());
    assert_eq!(sim.model.machine.probed.len(), 3);
    // What is read anew may be another one.
    sim.press("r");
    sees(&mut sim, machine());
    assert!(sim.model.machine.probed.is_empty());
}

#[test]
fn it_can_be_given_up_and_what_comes_late_is_not_shown() {
    let mut sim = looked();
    sim.press("T y");
    let request = sim.id(Purpose::Probe);
    sim.effects.clear();
    sim.press("esc").says("Given up").wants(&["cancel"]);
    let step = Step::Probed(came(3, works()));
    sim.event(Event::Step { id: request, step });
    sim.fails(Purpose::Probe, FailureKind::Cancelled, "Cancelled.");
    assert!(sim.model.machine.probed.is_empty());
    // Also by reading anew, which makes other rows.
    sim.press("T y");
    sim.effects.clear();
    sim.press("r").wants(&["cancel", "start Machine"]);
}

#[test]
fn p35_a_fix_is_looked_at_first_and_its_answer_is_no() {
    for (keys, n) in [("m", 0), ("x", 1), ("e enter", 2)] {
        let mut sim = looked();
        sim.press(keys)
            .at_scope(Scope::MachineSent)
            .wants(&["start PreviewFix"]);
        let shown = preview(fixes(n));
        sim.ends(
            Purpose::PreviewFix,
            Ok(Outcome::FixPreview(Box::new(shown.clone()))),
        );
        sim.at_scope(Scope::MachineAsk).wants(&[]);
        sim.press("enter").says("Nothing was changed").wants(&[]);
        sim.press(keys).ends(
            Purpose::PreviewFix,
            Ok(Outcome::FixPreview(Box::new(shown.clone()))),
        );
        sim.effects.clear();
        sim.press("y").at_scope(Scope::MachineSent);
        let sent = sim.effects.drain(..).find_map(|effect| match effect {
            Effect::Start {
                request: Request::ApplyFix(preview),
                ..
            } => Some(*preview),
            _ => None,
        });
        assert_eq!(sent, Some(shown), "what was shown is what is done");
        if n == 1 {
            // Nobody is held by a disk that does not answer, and what is written meanwhile is told.
            sim.press("esc")
                .at_scope(Scope::Machine)
                .says("cannot be stopped")
                .wants(&[]);
            sim.press("x")
                .at_scope(Scope::Machine)
                .says("A file is being changed")
                .wants(&[]);
        }
        let mut after = machine();
        after.credentials.remove(1);
        sim.ends(Purpose::ApplyFix, Ok(Outcome::Fixed(Box::new(after))));
        sim.at_scope(Scope::Machine)
            .tone(Tone::Good)
            .says(if n == 1 {
                "The file is changed"
            } else {
                "~/.npmrc"
            })
            .wants(&[]);
        assert_eq!(
            sim.model.machine.machine.value().unwrap().credentials.len(),
            4
        );
    }
}

#[test]
fn p35_a_file_that_changed_meanwhile_is_left_alone_and_read_anew() {
    let mut sim = looked();
    sim.press("x");
    let shown = Outcome::FixPreview(Box::new(preview(fixes(1))));
    sim.ends(Purpose::PreviewFix, Ok(shown)).press("y");
    sim.effects.clear();
    sim.fails(
        Purpose::ApplyFix,
        FailureKind::Local,
        "~/.npmrc has changed meanwhile.",
    );
    sim.at_scope(Scope::Machine)
        .tone(Tone::Bad)
        .says("changed meanwhile")
        .wants(&["start Machine quietly"]);
    sees(&mut sim, machine());
    sim.press("m");
    sim.effects.clear();
    sim.fails(Purpose::PreviewFix, FailureKind::Local, "It is gone.");
    sim.says("It is gone").wants(&["start Machine quietly"]);
}

#[test]
fn what_was_tried_out_in_a_file_is_not_said_of_its_lines_after_a_change() {
    for (keys, n, left) in [("m", 0, 2), ("x", 1, 0)] {
        let mut sim = looked();
        sim.press("T y");
        let all = vec![came(3, works()), came(4, works())];
        sim.ends(Purpose::Probe, Ok(Outcome::Probed(all)))
            .press(keys);
        let shown = Outcome::FixPreview(Box::new(preview(fixes(n))));
        sim.ends(Purpose::PreviewFix, Ok(shown)).press("y");
        sim.ends(Purpose::ApplyFix, Ok(Outcome::Fixed(Box::new(machine()))));
        assert_eq!(sim.model.machine.probed.len(), left);
    }
}

#[test]
fn the_name_of_the_variable_can_be_typed_and_is_checked() {
    let mut sim = looked();
    sim.press("e").at_scope(Scope::MachineName);
    sim.press("ctrl-u")
        .types("a b")
        .press("enter")
        .at_scope(Scope::MachineName)
        .wants(&[]);
    let error = |sim: &Sim| match &sim.model.machine.page {
        Some(MachinePage::Name(form)) => form.error.clone().unwrap().to_string(),
        _ => panic!("no name is typed"),
    };
    assert!(error(&sim).contains("no name of a variable"));
    // A value that is pasted there goes nowhere but to the check beside the file, which quotes nothing.
    sim.press("ctrl-u")
        .types("MY_TOKEN⏎")
        .wants(&["start PreviewFix"]);
    sim.fails(
        Purpose::PreviewFix,
        FailureKind::Local,
        "npm takes it for a setting.",
    );
    sim.at_scope(Scope::MachineName);
    assert!(error(&sim).contains("for a setting"));
    sim.press("enter").at_scope(Scope::MachineSent);
    sim.effects.clear();
    sim.press("esc").at_scope(Scope::Machine).wants(&["cancel"]);
    let shown = Outcome::FixPreview(Box::new(preview(fixes(2))));
    sim.ends(Purpose::PreviewFix, Ok(shown))
        .at_scope(Scope::Machine);
    sim.press("e ctrl-u")
        .pastes(&format!("{VALUE}!"))
        .press("enter");
    assert!(!error(&sim).contains("canary"));
}

#[test]
fn what_cannot_be_mended_says_why() {
    let mut sim = looked();
    sim.press("j j e").says("from ${OTHER} already");
    sim.press("G e").says("names a file");
    sim.press("g e").says("Choose a credential first");
    sim.press("m").says("Only a file has a mode");
    sim.press("j x").says("no program can change").wants(&[]);
    let mut tight = machine();
    if let SourceState::Read(facts) = &mut tight.sources[1].state {
        facts.mode = Some(0o600);
    }
    sim.press("r");
    sees(&mut sim, tight);
    sim.press("G m")
        .says("its owner's alone already (mode 600)");
    sim.at_scope(Scope::Machine);
}

#[test]
fn signing_out_is_of_the_credential_in_use_alone() {
    let mut sim = looked();
    sim.press("j O")
        .at_scope(Scope::Machine)
        .says("that is another one");
    sim.press("k O").at_scope(Scope::SignOutAsk);
    sim.press("esc").at_scope(Scope::Machine);
}

#[test]
fn the_details_are_of_the_chosen_row_and_have_its_keys() {
    let mut sim = looked();
    sim.press("j enter").at_scope(Scope::MachineDetails);
    sim.press("t").at_scope(Scope::MachineAsk).press("y");
    assert_eq!(asked(&mut sim), [4]);
    sim.press("esc");
    sim.press("enter pgdn up down")
        .at_scope(Scope::MachineDetails);
    assert!(matches!(
        sim.model.machine.chosen(),
        Some(Row::Credential(_))
    ));
    sim.press("esc").at_scope(Scope::Machine);
}

#[test]
fn the_demo_says_that_it_reads_no_file() {
    let mut sim = Sim::start(true);
    sim.arrives(account(Tfa::Off)).press("6");
    let told = Machine {
        problems: vec![Text::new("This run reads no configuration.")],
        ..Machine::default()
    };
    sees(&mut sim, told);
    assert!(sim.model.machine.rows().is_empty());
    sim.press("T").says("The demo reads no file");
    assert!(keymap::footer(&sim.model).iter().all(|(key, _)| key != "t"));
}
