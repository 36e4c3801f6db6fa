//! What lies on this machine. Each state is reached by keys and events, as in the program.

use std::path::PathBuf;

use npm_warden::app::model::{Demo, Load, Screen};
use npm_warden::app::{Key, KeyCode, Model, Msg, Now, update};
use npm_warden::backend::protocol::{Event, Outcome, Step};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::{CredentialKind, Standing};
use npm_warden::domain::machine::{
    CredentialId, FileFacts, Fix, FixPreview, Form, Git, LocalCredential, Machine, Probe, Probed,
    Rank, Seal, Source, SourceKind, SourceState,
};
use npm_warden::domain::text::Text;

use super::{MONO, State, WRITES, account, now, on, state};

const USER: &str = "/home/alice/.npmrc";
const PROJECT: &str = "/home/alice/project/.npmrc";

fn press(model: &mut Model, keys: &str) {
    for c in keys.chars() {
        let key = match c {
            '⏎' => Key::plain(KeyCode::Enter),
            '⎋' => Key::plain(KeyCode::Esc),
            '↓' => Key::plain(KeyCode::Down),
            '⇟' => Key::plain(KeyCode::PageDown),
            c => Key::char(c),
        };
        send(model, Msg::Key(key));
    }
}

fn send(model: &mut Model, msg: Msg) {
    let now = Now {
        mono: MONO,
        wall: now(),
    };
    update(model, msg, now);
}

/// The newest request ends.
fn ends(model: &mut Model, result: Result<Outcome, Failure>) {
    let id = *model.requests.keys().next_back().unwrap();
    send(model, Msg::Backend(Event::Finished { id, result }));
}

fn source(kind: SourceKind, path: Option<&str>, shown: &str, state: SourceState) -> Source {
    Source {
        kind,
        shown: Text::new(shown),
        path: path.map(PathBuf::from),
        state,
    }
}

fn read(mode: u32, git: Git, link: Option<&str>) -> SourceState {
    SourceState::Read(FileFacts {
        mode: Some(mode),
        link: link.map(Text::new),
        git,
    })
}

fn credential(
    place: &str,
    (source, path, line): (SourceKind, Option<&str>, usize),
    scope: &str,
    rank: Rank,
) -> LocalCredential {
    LocalCredential {
        id: CredentialId {
            path: path.map(PathBuf::from),
            key: Text::new(&format!("//{scope}/:_authToken")),
            line,
        },
        place: Text::new(place),
        source,
        scope: Text::new(scope),
        kind: CredentialKind::Token,
        form: Form::Literal,
        begins: Text::new("npm_aB3d"),
        rank,
        in_use: false,
    }
}

fn variable(name: &str, set: bool) -> Form {
    let name = Text::new(name);
    Form::Variable {
        unset: if set { Vec::new() } else { vec![name.clone()] },
        names: vec![name],
    }
}

/// Every kind of source and of credential, one place that imitates the interface among them (promise P27).
fn machine() -> Machine {
    let user = |line| (SourceKind::User, Some(USER), line);
    let project = |line| (SourceKind::Project, Some(PROJECT), line);
    let beaten = || Rank::Beaten(Text::new("~/project/.npmrc, line 2"));
    Machine {
        refused: Vec::new(),
        closed: Vec::new(),
        sources: vec![
            source(
                SourceKind::Environment,
                None,
                "environment",
                SourceState::Read(FileFacts::default()),
            ),
            source(
                SourceKind::Project,
                Some(PROJECT),
                "~/project/.npmrc",
                read(0o644, Git::Tracked, None),
            ),
            source(
                SourceKind::User,
                Some(USER),
                "~/.npmrc",
                read(
                    0o664,
                    Git::None,
                    Some("/home/alice/dotfiles/npmrc ✓ in use"),
                ),
            ),
            source(
                SourceKind::Global,
                Some("/usr/local/etc/npmrc"),
                "/usr/local/etc/npmrc",
                SourceState::Unreadable(Failure::new(
                    FailureKind::Local,
                    "/usr/local/etc/npmrc cannot be read: permission denied.",
                    "Look at who owns it.",
                )),
            ),
        ],
        credentials: vec![
            LocalCredential {
                scope: Text::default(),
                rank: Rank::Unusable(Text::new(
                    "npm does not read $NPM_TOKEN by itself, and no line here refers to it.",
                )),
                ..credential(
                    "$NPM_TOKEN",
                    (SourceKind::Environment, None, 0),
                    "",
                    Rank::Wins,
                )
            },
            LocalCredential {
                in_use: true,
                ..credential(
                    "~/project/.npmrc, line 2",
                    project(2),
                    "registry.example.com",
                    Rank::Wins,
                )
            },
            LocalCredential {
                form: variable("${OTHER_TOKEN}", false),
                begins: Text::default(),
                ..credential(
                    "~/project/.npmrc, line 7",
                    project(7),
                    "npm.acme.example/team",
                    Rank::Wins,
                )
            },
            credential(
                "~/.npmrc, line 3",
                user(3),
                "registry.example.com",
                beaten(),
            ),
            LocalCredential {
                kind: CredentialKind::Basic,
                begins: Text::default(),
                ..credential(
                    "~/.npmrc, line 5",
                    user(5),
                    "packages.corp.example:8443/very/long/path/of/a/registry/日本語",
                    Rank::Wins,
                )
            },
        ],
        problems: vec![Text::new(
            "~/.npmrc, line 9 cannot be read as a setting, so npm passes it over.",
        )],
        registry: Text::new("registry.example.com"),
    }
}

fn opened() -> Model {
    let mut model = on(Screen::Profile, WRITES);
    press(&mut model, "6");
    model
}

fn looked() -> Model {
    let mut model = opened();
    ends(&mut model, Ok(Outcome::Machine(Box::new(machine()))));
    model
}

fn after(keys: &str) -> Model {
    let mut model = looked();
    press(&mut model, keys);
    model
}

fn preview(fix: Fix, before: &str, after: &str, warnings: &[&str]) -> Outcome {
    Outcome::FixPreview(Box::new(FixPreview {
        fix,
        file: Text::new("~/project/.npmrc"),
        before: Text::new(before),
        after: Text::new(after),
        warnings: warnings.iter().map(|text| Text::new(text)).collect(),
        seal: Seal([7; 32]),
    }))
}

const LINE: &str = "//registry.example.com/:_authToken=npm_aB3d…";

fn id() -> CredentialId {
    machine().credentials[1].id.clone()
}

fn mended(keys: &str, outcome: Outcome) -> Model {
    let mut model = after(keys);
    ends(&mut model, Ok(outcome));
    model
}

fn to_variable() -> Model {
    let name = "NPM_TOKEN".to_owned();
    mended(
        "e⏎",
        preview(
            Fix::ToVariable { id: id(), name },
            LINE,
            "//registry.example.com/:_authToken=${NPM_TOKEN}",
            &[
                "${NPM_TOKEN} is not set here: until it is, npm is signed out of registry.example.com.",
                "This line is the only place here that holds the value: put it where the variable is set first, or make a new token for it.",
                "git keeps ~/project/.npmrc: if this line was ever committed, it stays in the history. Revoke the token as well.",
            ],
        ),
    )
}

/// Some have come back: each kind of answer, one still out.
fn trying() -> Model {
    let mut model = after("Ty");
    let id = *model.requests.keys().next_back().unwrap();
    let local = |n: usize| machine().credentials[n].id.clone();
    let refused = || {
        Failure::new(
            FailureKind::Refused,
            "npm.acme.example/team refused (status 403): “not from this address”.",
            "",
        )
    };
    for (n, probe) in [
        (1, Probe::Works(Text::new("alice"))),
        (2, Probe::Refused(refused())),
        (3, Probe::Dead(Text::new("token expired"))),
    ] {
        let step = Step::Probed(Probed {
            id: local(n),
            probe,
            at: now(),
        });
        send(&mut model, Msg::Backend(Event::Step { id, step }));
    }
    model
}

fn in_the_demo() -> Model {
    let mut model = on(Screen::Profile, WRITES);
    model.demo = Some(Demo {
        password: Some("demo-password".to_owned()),
        inbox: None,
        under_attack: false,
        open: false,
        mail: false,
        code: None,
        code_until: None,
    });
    press(&mut model, "6");
    let told = Machine {
        problems: vec![Text::new(
            "This run reads no npm configuration: its credential was handed to it when it was started.",
        )],
        ..Machine::default()
    };
    ends(&mut model, Ok(Outcome::Machine(Box::new(told))));
    model
}

fn failed(mut model: Model) -> Model {
    let why = Failure::new(
        FailureKind::Local,
        "The folder that this program was started in is gone.",
        "Start it in another one.",
    );
    ends(&mut model, Err(why));
    model
}

fn nothing() -> Model {
    let mut model = opened();
    let mut none = machine();
    none.credentials.clear();
    none.problems.clear();
    for source in &mut none.sources[1..] {
        source.state = SourceState::Absent;
    }
    ends(&mut model, Ok(Outcome::Machine(Box::new(none))));
    model
}

/// A value of which a part stands in the line.
fn mixed(keys: &str) -> Model {
    let mut model = opened();
    let mut found = machine();
    found.credentials[2].form = Form::Mixed {
        names: vec![Text::new("${OTHER_TOKEN}")],
        unset: Vec::new(),
    };
    ends(&mut model, Ok(Outcome::Machine(Box::new(found))));
    press(&mut model, keys);
    model
}

/// One whose variable is not set, in the words of the look at it.
fn unset() -> Model {
    let mut model = opened();
    let mut found = machine();
    found.credentials[2].rank = Rank::Unusable(Text::new(
        "~/project/.npmrc, line 7 uses ${OTHER_TOKEN}, which is not set, so the token there cannot be used. Set the \
         variable, or sign in with `npm login`.",
    ));
    ends(&mut model, Ok(Outcome::Machine(Box::new(found))));
    press(&mut model, "↓");
    model
}

/// The secret of the file that git keeps was moved into a variable.
fn emptied() -> Model {
    let mut model = to_variable();
    press(&mut model, "y");
    let mut now = machine();
    now.credentials[1].form = variable("${NPM_TOKEN}", true);
    ends(&mut model, Ok(Outcome::Fixed(Box::new(now))));
    model
}

pub fn states() -> Vec<State> {
    let mut signed_out = looked();
    signed_out.account = Load::Ready(account(Standing::SignedOut));
    let mut again = after("r");
    again.notice = None;
    let mut bad_name = after("e");
    press(&mut bad_name, "-x⏎");
    let mut writing = to_variable();
    press(&mut writing, "y");
    vec![
        state("machine looking", opened()),
        state("machine", looked()),
        state("machine signed out", signed_out),
        state("machine at the end", after("G")),
        state("machine reading again", again),
        state("machine failed", failed(opened())),
        state("machine failed old", failed(after("r"))),
        state("machine nothing", nothing()),
        state("machine demo", in_the_demo()),
        state("machine credential", after("⏎")),
        state("machine credential unset", after("↓⏎")),
        state("machine unset", unset()),
        state("machine emptied", emptied()),
        state("machine mixed", mixed("↓")),
        state("machine credential mixed", mixed("↓⏎")),
        state("machine mixed to variable", mixed("↓e")),
        state("machine file", after("kk⏎")),
        state("machine file kept by git", after("k⏎")),
        state("machine problem", after("g⏎")),
        state("machine consent one", after("t")),
        state("machine consent all", after("T")),
        state("machine trying", trying()),
        state("machine name", after("e")),
        state("machine name refused", bad_name),
        state("machine to variable", to_variable()),
        state("machine writing", writing),
        state(
            "machine tighten",
            mended(
                "m",
                preview(
                    Fix::Tighten(PathBuf::from(PROJECT)),
                    "mode 644",
                    "mode 600",
                    &[],
                ),
            ),
        ),
        state(
            "machine remove",
            mended(
                "x",
                preview(
                    Fix::Remove(id()),
                    LINE,
                    "",
                    &[
                        "The token goes on living at the registry: revoke it there as well, unless it is used elsewhere.",
                        "npm uses ~/.npmrc, line 3 for registry.example.com then.",
                    ],
                ),
            ),
        ),
    ]
}
