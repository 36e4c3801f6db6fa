//! The recovery screen: the list, and what is open above it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use npm_warden::app::Model;
use npm_warden::app::field::Field;
use npm_warden::app::model::{
    AddField, AddForm, Load, OpenedSet, RemoveForm, Screen, SetField, SetForm, SetPage, SetProof,
    SetTask,
};
use npm_warden::backend::protocol::Proof;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::Standing;
use npm_warden::domain::recovery::{Place, RecoveryCodes, RecoverySet, UsedAt, UsedCode, key_of};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;

use super::{CANARY, ID, State, WRITES, account, days, masked, no_network, on, state, typed};

const FOLDER: &str = "/home/alice/.local/share/npm-warden/recovery";

fn vault(name: &str) -> Place {
    Place::Vault(PathBuf::from(format!("{FOLDER}/{name}.age")))
}

fn file(name: &str) -> Place {
    Place::File(PathBuf::from(format!("/home/alice/safe/{name}")))
}

fn set(account: &str, place: Place, proved: bool) -> RecoverySet {
    RecoverySet {
        account: Text::new(account),
        registry: Text::new("registry.example.com"),
        received: days(-40),
        place,
        count: 10,
        proved,
        added: false,
        unplaced: 0,
        used: Vec::new(),
    }
}

fn used(mut set: RecoverySet, sure: &[bool]) -> RecoverySet {
    set.used = (0..)
        .zip(sure)
        .map(|(n, sure)| UsedCode {
            at: days(-20 + n),
            sure: *sure,
            mark: String::new(),
        })
        .collect();
    set
}

fn in_use() -> RecoverySet {
    used(
        set(
            "alice",
            vault("alice-registry.example.com-2026-10-13"),
            true,
        ),
        &[true, true, false],
    )
}

fn sets() -> Vec<(RecoverySet, bool)> {
    let mut older = set(
        "alice",
        file("npm-recovery-alice-registry.example.com.txt"),
        true,
    );
    older.received = days(-90);
    vec![
        (set("old-account", file("gone.txt"), false), false),
        (older, true),
        (set("carol", Place::Myself, true), true),
        (in_use(), true),
    ]
}

fn listed(load: Load<Vec<(RecoverySet, bool)>>) -> Model {
    let mut model = on(Screen::Recovery, WRITES);
    model.recovery.sets = load;
    model
}

fn with(page: SetPage) -> Model {
    let mut model = listed(Load::Ready(sets()));
    model.recovery.page = Some(page);
    model
}

fn form(set: RecoverySet, task: SetTask, change: impl FnOnce(&mut SetForm)) -> Model {
    let mut form = SetForm {
        set,
        task,
        passphrase: Field::masked(),
        path: Field::plain(),
        suggesting: None,
        at: SetField::Passphrase,
        sent: None,
        stopping: false,
        error: None,
    };
    change(&mut form);
    with(SetPage::Form(form))
}

fn codes(length: usize) -> Arc<RecoveryCodes> {
    let code =
        |n: usize| Secret::from(format!("{n}a5c7").repeat(length.div_ceil(5))[..length].to_owned());
    Arc::new(RecoveryCodes::new((0..10).map(code).collect()))
}

fn opened(set: RecoverySet, length: usize, cursor: usize, below: usize) -> Model {
    let marks = set.used.iter().map(|code| {
        Some(UsedAt {
            at: code.at,
            sure: code.sure,
        })
    });
    let used = marks.chain(std::iter::repeat(None)).take(10).collect();
    let mut model = with(SetPage::Opened(OpenedSet {
        set,
        codes: codes(length),
        used,
        cursor,
        below,
        sheet: None,
        until: Duration::MAX,
    }));
    model.size = (80, 24);
    model
}

fn proof(attempt: u32, asked: bool) -> Model {
    let proof = Proof {
        code: 3,
        from: 5,
        to: 10,
        attempt,
    };
    with(SetPage::Proof(SetProof {
        account: Text::new("alice"),
        place: in_use().place,
        job: ID,
        proof: asked.then_some(proof),
        typed: typed(if attempt > 1 { "" } else { "c70a5" }),
        scroll: 0,
        added: false,
        stopping: false,
    }))
}

fn removing(set: RecoverySet, change: impl FnOnce(&mut RemoveForm)) -> Model {
    let files = match &set.place {
        Place::Vault(path) => vec![path.clone(), key_of(path)],
        Place::File(path) => vec![path.clone()],
        Place::Myself => Vec::new(),
    };
    let mut form = RemoveForm {
        set,
        files,
        in_use: false,
        yes: false,
        word: Field::plain(),
        scroll: 0,
        sent: None,
        stopping: false,
        error: None,
    };
    change(&mut form);
    with(SetPage::Remove(form))
}

fn wrong() -> Failure {
    Failure::new(
        FailureKind::Refused,
        "That passphrase does not open the file.",
        "Type it again; capitals and blanks count.",
    )
}

pub(super) fn states() -> Vec<State> {
    let mut states = lists();
    states.extend(pages());
    states.extend(added());
    states
}

fn lists() -> Vec<State> {
    let mut read_only = listed(Load::Ready(sets()));
    read_only.recovery.read_only = true;
    read_only.recovery.chosen = Some(set("carol", Place::Myself, true).id());
    // The first of these was replaced by the second, and that one died with 2FA.
    let mut spent = on(Screen::Recovery, Tfa::Off);
    let mut older = set("alice", file("old.txt"), true);
    older.received = days(-90);
    let newer = set("alice", file("new.txt"), true);
    spent.recovery.sets = Load::Ready(vec![(older.clone(), true), (newer.clone(), true)]);
    let mut pending = on(Screen::Recovery, Tfa::Pending(None));
    pending.recovery.sets = Load::Ready(vec![(newer.clone(), true)]);
    let mut renewed = listed(Load::Ready(vec![(newer, true)]));
    let account_of = |name: &str| (Text::new(name), Text::new("registry.example.com"), days(-1));
    renewed.recovery.renewed = vec![account_of("alice")];
    let mut missing = listed(Load::Ready(sets()));
    missing.recovery.chosen = Some(set("old-account", file("gone.txt"), false).id());
    let mut out = listed(Load::Ready(sets()));
    out.account = Load::Ready(account(Standing::SignedOut));
    let few = used(set("alice", vault("few"), false), &[true; 9]);
    vec![
        state("recovery spent", spent),
        state("recovery half set up", pending),
        state("recovery renewed", renewed),
        state(
            "recovery loading",
            listed(Load::Loading { id: ID, old: None }),
        ),
        state("recovery empty", listed(Load::Ready(Vec::new()))),
        state("recovery sets", listed(Load::Ready(sets()))),
        state("recovery file missing", missing),
        state("recovery few left", listed(Load::Ready(vec![(few, true)]))),
        state("recovery signed out", out),
        state("recovery read-only", read_only),
        state(
            "recovery failed",
            listed(Load::Failed {
                why: no_network(),
                old: Some(sets()),
            }),
        ),
    ]
}

fn pages() -> Vec<State> {
    let plain = || {
        set(
            "alice",
            file("npm-recovery-alice-registry.example.com.txt"),
            true,
        )
    };
    vec![
        state(
            "set passphrase",
            form(in_use(), SetTask::Open, |form| {
                form.passphrase = masked(CANARY);
            }),
        ),
        state(
            "set passphrase wrong",
            form(in_use(), SetTask::Open, |form| form.error = Some(wrong())),
        ),
        state(
            "set opening",
            form(in_use(), SetTask::Open, |form| form.sent = Some(ID)),
        ),
        state(
            "set prove passphrase",
            form(in_use(), SetTask::Prove, |_| {}),
        ),
        state(
            "set export",
            form(in_use(), SetTask::Export, |form| {
                form.at = SetField::Path;
                form.path = typed("/home/alice/npm-recovery-codes-alice-2026-11-22.txt");
            }),
        ),
        state(
            "set export plain taken",
            form(plain(), SetTask::Export, |form| {
                form.at = SetField::Path;
                form.path = typed("/home/alice/x.txt");
                form.error = Some(Failure::new(
                    FailureKind::Local,
                    "There is already something at /home/alice/x.txt.",
                    "Choose another name: nothing is written over.",
                ));
            }),
        ),
        state("set opened", opened(in_use(), 64, 3, 0)),
        state(
            "set opened short",
            opened(used(plain(), &[true, false]), 16, 2, 0),
        ),
        state("set opened odd", {
            let mut model = opened(plain(), 16, 0, 0);
            if let Some(SetPage::Opened(page)) = &mut model.recovery.page {
                page.codes = Arc::new(super::odd_codes());
            }
            model
        }),
        state("set opened end", opened(in_use(), 64, 9, 6)),
        state("set sheet", {
            let mut model = opened(in_use(), 64, 3, 0);
            if let Some(SetPage::Opened(page)) = &mut model.recovery.page {
                page.sheet = Some(0);
            }
            model
        }),
        state("set proof", proof(1, true)),
        state("set proof again", proof(2, true)),
        state("set proof checking", proof(1, false)),
        state("set remove", removing(plain(), |_| {})),
        state(
            "set remove in use",
            removing(in_use(), |form| form.in_use = true),
        ),
        state(
            "set remove failed",
            removing(plain(), |form| {
                form.yes = true;
                form.error = Some(Failure::new(
                    FailureKind::Local,
                    "The list of sets could not be written: the disk is full.",
                    "Make room and try again.",
                ));
            }),
        ),
        state(
            "set removed with leftovers",
            with(SetPage::Left(vec![Text::new(
                "/home/alice/safe/npm-recovery-alice-registry.example.com.txt could not be removed (permission denied): remove it yourself.",
            )])),
        ),
    ]
}

fn adding(at: AddField, pasted: &str, change: impl FnOnce(&mut AddForm)) -> Model {
    let mut codes = Field::lines();
    codes.insert(pasted);
    let mut form = AddForm {
        account: Text::new("alice"),
        registry: Text::new("registry.example.com"),
        codes,
        warned: false,
        at,
        passphrase: Field::masked(),
        again: Field::masked(),
        path: typed("/home/alice/npm-recovery-codes-alice-2026-11-22.txt"),
        suggesting: None,
        proving: None,
        proved: None,
        sent: None,
        asked: false,
        stopping: false,
        error: None,
    };
    change(&mut form);
    with(SetPage::Add(form))
}

const PASTED: &str = "Your recovery codes\n1. 7f3ecanary0000001\n2. 7f3ecanary0000002\n3. 7f3ecanary0000003\n3. 7f3ecanary0000003\n4. 640917\n5. 7f3ecanary00005\n";

fn added() -> Vec<State> {
    let proved = |place: Place| {
        let warning = Text::new(
            "A plain file with recovery codes is what code-stealing malware looks for: move the codes into a password manager or onto paper when you can.",
        );
        Some((place, vec![warning]))
    };
    let mut asked = proof(1, true);
    if let Some(SetPage::Proof(page)) = &mut asked.recovery.page {
        page.added = true;
    }
    vec![
        state("add codes empty", adding(AddField::Codes, "", |_| {})),
        state("add codes", adding(AddField::Codes, PASTED, |_| {})),
        state(
            "add place",
            adding(AddField::Again, PASTED, |form| {
                form.passphrase = masked(CANARY);
            }),
        ),
        state("add place file", adding(AddField::Path, PASTED, |_| {})),
        state(
            "add place file proved",
            adding(AddField::Path, PASTED, |form| {
                form.proved = proved(file("codes.txt"));
            }),
        ),
        state("add place mine", adding(AddField::Mine, PASTED, |_| {})),
        state(
            "add place full",
            adding(AddField::Path, PASTED, |form| {
                form.sent = Some(ID);
                form.asked = true;
                form.error = Some(Failure::new(
                    FailureKind::Local,
                    "The codes could not be written: the disk is full.",
                    "Choose another place.",
                ));
            }),
        ),
        state(
            "add proving",
            adding(AddField::Passphrase, PASTED, |form| form.proving = Some(ID)),
        ),
        state("add proof", asked),
    ]
}
