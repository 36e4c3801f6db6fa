//! The tokens and their revocation.

use std::collections::HashMap;

use npm_warden::app::field::Field;
use npm_warden::app::model::{
    Load, Revoke, RevokeRow, RevokeStage, Screen, SortBy, Stopping, Tone,
};
use npm_warden::app::tokens::refresh;
use npm_warden::app::{Key, Model, Msg, update};
use npm_warden::backend::protocol::{Event, RowState};
use npm_warden::domain::ability::Ability;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::found::{Found, Grade, ProvedBy};
use npm_warden::domain::moment::Moment;
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::{Never, Token, TokenKey};

use super::{ID, State, WRITES, days, no_network, on, says, state, typed};

/// What stands of the credential in use.
fn found(in_use: bool) -> Vec<Found> {
    let found = Found {
        place: Text::new("~/.npmrc, line 1"),
        grade: Grade::LooksLike,
        proof: None,
        in_use,
    };
    in_use.then_some(found).into_iter().collect()
}

fn token(n: usize) -> Token {
    let names = [
        "laptop",
        "CI deploy of left-pad",
        "old script",
        "release bot",
        "",
    ];
    let name = names[n % names.len()];
    let index = i64::try_from(n).unwrap();
    Token {
        key: TokenKey::new(format!("{:06x}cafe{n}", 0x00a1_b2c3 + n * 4099)),
        begins: Text::new(&format!("npm_{:04}", 1000 + n)),
        name: (!name.is_empty()).then(|| Text::new(name)),
        description: (n % 4 == 1)
            .then(|| Text::new("used by the pipeline"))
            .map(Box::new),
        readonly: n % 3 == 2,
        bypass_2fa: n % 5 == 1,
        cidr: if n % 4 == 3 {
            [Text::new("10.0.0.0/8")].into()
        } else {
            Vec::new().into()
        },
        created: Some(days(-30 - index).into()),
        accessed: (n % 4 != 2).then(|| days(-index)).map(Moment::from),
        expires: [Some(days(3)), Some(days(60)), None, Some(days(-1))][n % 4].map(Moment::from),
        revoked: (n == 11).then(|| days(-2)).map(Moment::from),
        permissions: if n % 5 == 1 {
            [(Text::new("package"), Text::new("write"))].into()
        } else {
            Vec::new().into()
        },
        scopes: if n % 5 == 1 {
            vec![
                (Text::new("package"), Text::new("left-pad")),
                (Text::new("scope"), Text::new("@example")),
            ]
            .into()
        } else {
            Vec::new().into()
        },
        found: found(n == 4).into(),
        note: None,
        updated: None,
        never: Never::default(),
    }
}

/// The tokens screen with so many tokens, all of them shown.
pub fn listed(count: usize) -> Model {
    let mut model = on(Screen::Tokens, WRITES);
    model.tokens.list = Load::Ready((0..count).map(token).collect());
    refresh(&mut model);
    model
}

fn list(count: usize, change: impl FnOnce(&mut Model)) -> Model {
    let mut model = listed(count);
    change(&mut model);
    refresh(&mut model);
    model
}

fn place(place: &str, grade: Grade, in_use: bool) -> Found {
    Found {
        place: Text::new(place),
        grade,
        proof: (grade == Grade::Is).then_some(if place.contains("old") {
            ProvedBy::Made
        } else {
            ProvedBy::Key
        }),
        in_use,
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(Text, Text)> {
    let pair = |&(one, other): &(&str, &str)| (Text::new(one), Text::new(other));
    pairs.iter().map(pair).collect()
}

/// One token of every kind, with everything that can be known of it.
fn kinds() -> Vec<Token> {
    let used = Never {
        unread: false,
        expires: true,
        used: true,
    };
    vec![
        Token {
            name: Some(Text::new("this laptop")),
            found: [place("this session", Grade::Is, true)].into(),
            bypass_2fa: false,
            ..token(0)
        },
        Token {
            name: Some(Text::new("release workflow")),
            description: Some(Box::new(Text::new(
                "Publishes kettle from the release workflow, and nothing else",
            ))),
            updated: Some(days(-5).into()),
            expires: Some(days(10).into()),
            bypass_2fa: true,
            readonly: false,
            permissions: pairs(&[("package", "write"), ("org", "write")]).into(),
            scopes: pairs(&[
                ("package", "kettle-cli"),
                ("package", "kettle-core"),
                ("scope", "@marlow"),
                ("org", "marlow-labs"),
            ])
            .into(),
            cidr: ["192.0.2.0/24", "198.51.100.7/32", "203.0.113.0/24"]
                .map(Text::new)
                .to_vec()
                .into(),
            found: [
                place("~/.npmrc, line 3", Grade::Is, false),
                place("./.npmrc, line 1", Grade::Is, false),
                place("$NPM_TOKEN", Grade::LooksLike, false),
            ]
            .into(),
            note: Some(Box::new(Text::new(
                "GitHub secret NPM_TOKEN of kettle, rotate each spring",
            ))),
            ..token(1)
        },
        Token {
            name: Some(Text::new("staged only")),
            readonly: false,
            permissions: pairs(&[("package", "read-write-stage-only")]).into(),
            scopes: pairs(&[("package", "*")]).into(),
            found: [place("$NPM_TOKEN", Grade::LooksLike, true)].into(),
            ..token(2)
        },
        Token {
            name: Some(Text::new("org housekeeping")),
            readonly: false,
            permissions: pairs(&[("package", "no-access"), ("org", "write")]).into(),
            scopes: pairs(&[("org", "marlow-labs")]).into(),
            expires: None,
            accessed: None,
            never: used,
            created: Some(days(-200).into()),
            ..token(3)
        },
        Token {
            name: Some(Text::new("old automation")),
            bypass_2fa: true,
            readonly: false,
            expires: Some(days(-3).into()),
            accessed: Some(days(-120).into()),
            note: Some(Box::new(Text::new("ask Bo before it goes"))),
            ..token(5)
        },
        Token {
            name: Some(Text::new("read mirror")),
            readonly: true,
            expires: None,
            never: used,
            accessed: Some(days(-1).into()),
            cidr: [Text::new("192.0.2.0/24")].into(),
            ..token(8)
        },
        Token {
            name: None,
            revoked: Some(days(-2).into()),
            accessed: None,
            found: [place("~/old/.npmrc, line 12", Grade::Is, false)].into(),
            ..token(9)
        },
    ]
}

/// These tokens, and what is done with them.
fn of_every_kind(change: impl FnOnce(&mut Model)) -> Model {
    list(0, |model| {
        model.tokens.list = Load::Ready(kinds());
        refresh(model);
        change(model);
    })
}

pub(super) fn revoking(
    count: usize,
    stage: RevokeStage,
    change: impl FnOnce(&mut Revoke),
) -> Model {
    let mut model = listed(12);
    let rows: Vec<RevokeRow> = (0..count)
        .map(|n| RevokeRow {
            token: token(n),
            state: RowState::Waiting,
        })
        .collect();
    let index: HashMap<TokenKey, usize> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| (row.token.key.clone(), index))
        .collect();
    let mut revoke = Revoke {
        rows,
        index,
        stage,
        stopping: Stopping::No,
        resumes: None,
        unkept: None,
        scroll: 0,
    };
    change(&mut revoke);
    model.tokens.revoke = Some(revoke);
    model
}

fn ask(yes: bool) -> RevokeStage {
    RevokeStage::Confirm {
        yes,
        count: Field::plain(),
    }
}

fn mixed(revoke: &mut Revoke) {
    let refused = Failure::new(
        FailureKind::Refused,
        "registry.example.com refused (status 403): “not yours”.",
        "Nothing was changed.",
    );
    let ends = [
        RowState::Gone(Unprobed::ValueUnknown),
        RowState::Failed(refused),
        RowState::StillListed,
        RowState::AlreadyGone,
        RowState::NotTried,
        RowState::Gone(Unprobed::ValueUnknown),
    ];
    for (row, end) in revoke.rows.iter_mut().zip(ends) {
        row.state = end;
    }
}

/// The details of the token in this row, scrolled so far.
fn looked_at(row: usize, scroll: usize) -> Model {
    of_every_kind(|model| {
        model.tokens.cursor = row;
        model.tokens.details = true;
        model.tokens.scroll = scroll;
    })
}

/// Presses keys one by one.
fn press(model: &mut Model, keys: &str) {
    for key in keys.chars() {
        let now = model.now;
        update(model, Msg::Key(Key::char(key)), now);
    }
}

/// A list that is read again, of which two pages have come.
fn arriving_again() -> Model {
    let mut model = listed(12);
    press(&mut model, "r");
    let id = model.tokens.list.pending().unwrap();
    for (index, from) in [(0, 0), (1, 3)] {
        let now = model.now;
        let event = Event::Page {
            id,
            index,
            rows: (from..from + 3).map(token).collect(),
            total: Some(40),
        };
        update(&mut model, Msg::Backend(event), now);
    }
    model
}

pub(super) fn states() -> Vec<State> {
    let rows = |count: usize| -> Vec<Token> { (0..count).map(token).collect() };
    let hostile = list(5, |model| {
        if let Load::Ready(rows) = &mut model.tokens.list {
            rows[0].name = Some(Text::new(
                "good name   abcdef npm_1000 publish ✓ revoked   bypass",
            ));
            rows[1].name = Some(Text::new("日本語のとても長いトークン名 🦊🦊🦊"));
            rows[2].name = Some(Text::new("\u{1b}[31mred\u{202e}evil\u{200b}\nsecond line"));
            rows[3].name = Some(Text::new("אסימון 2026 bypass"));
            rows[4].name = Some(Text::new(&format!("pi{}le", "\u{301}".repeat(50))));
        }
    });
    vec![
        state(
            "tokens not read",
            list(0, |model| model.tokens.list = Load::Empty),
        ),
        state(
            "tokens loading",
            list(0, |model| {
                model.tokens.list = Load::Loading { id: ID, old: None }
            }),
        ),
        state(
            "tokens arriving",
            list(6, |model| {
                model.tokens.list = Load::Partial {
                    id: ID,
                    rows: rows(6),
                    done: 6,
                    total: Some(40),
                };
            }),
        ),
        state(
            "tokens arriving without a total",
            list(6, |model| {
                model.tokens.list = Load::Partial {
                    id: ID,
                    rows: rows(6),
                    done: 6,
                    total: None,
                };
            }),
        ),
        state("tokens", says(listed(12), Tone::Good, "12 tokens read.")),
        state(
            "tokens many, scrolled and selected",
            list(120, |model| {
                model.tokens.cursor = 60;
                model.tokens.offset = 50;
                model.tokens.sort = Some(SortBy::Accessed);
                for n in [58, 60, 61] {
                    model.tokens.selected.insert(token(n).key);
                }
            }),
        ),
        state(
            "tokens filtered",
            list(12, |model| {
                model.tokens.filter = typed("laptop");
                model.tokens.filtering = true;
            }),
        ),
        state(
            "tokens no match",
            list(12, |model| {
                model.tokens.filter = typed("zzz");
            }),
        ),
        state("tokens none", list(0, |_| {})),
        state(
            "tokens out of date",
            list(6, |model| {
                model.tokens.list = Load::Failed {
                    why: no_network(),
                    old: Some(rows(6)),
                };
            }),
        ),
        state(
            "tokens failed",
            list(0, |model| {
                model.tokens.list = Load::Failed {
                    why: no_network(),
                    old: None,
                }
            }),
        ),
        state(
            "tokens not offered",
            list(0, |model| {
                let why = Failure::new(
                    FailureKind::NotOffered,
                    "registry.example.com does not offer this: “File not found”.",
                    "Nothing was changed.",
                );
                model.lacks.insert(Ability::Tokens, why.what.clone());
                model.tokens.list = Load::Failed { why, old: None }
            }),
        ),
        state(
            "tokens read again",
            list(6, |model| {
                model.tokens.list = Load::Loading {
                    id: ID,
                    old: Some(rows(6)),
                }
            }),
        ),
        state("tokens arriving again", arriving_again()),
        state("tokens of every kind", of_every_kind(|_| {})),
        state(
            "tokens by facets",
            of_every_kind(|model| {
                for n in [0, 1] {
                    model.tokens.selected.insert(token(n).key);
                }
                model.tokens.sort = Some(SortBy::May);
                press(model, "pd");
            }),
        ),
        state(
            "tokens by facets that fit nothing",
            of_every_kind(|model| {
                model.tokens.filter = typed("laptop");
                press(model, "yddf");
            }),
        ),
        state(
            "tokens unused where that is not told",
            list(0, |model| {
                let silent = |n| Token {
                    accessed: None,
                    ..token(n)
                };
                model.tokens.list = Load::Ready((0..3).map(silent).collect());
                press(model, "u");
            }),
        ),
        state("tokens details of what is proved", looked_at(1, 0)),
        state("tokens details scrolled", looked_at(1, 5)),
        state("tokens details of the session", looked_at(0, 0)),
        state("tokens details of a likeness", looked_at(2, 0)),
        state("tokens details of the unused", looked_at(3, 0)),
        state("tokens details of the revoked", looked_at(6, 0)),
        state(
            "tokens details",
            list(12, |model| {
                model.tokens.cursor = 1;
                model.tokens.details = true;
            }),
        ),
        state("tokens hostile names", hostile),
        state("revoke one", revoking(1, ask(false), |_| {})),
        state("revoke two, yes", revoking(2, ask(true), |_| {})),
        state(
            "revoke many",
            revoking(
                6,
                RevokeStage::Confirm {
                    yes: false,
                    count: typed("5"),
                },
                |_| {},
            ),
        ),
        state(
            "revoke running",
            revoking(6, RevokeStage::Running(ID), |revoke| {
                revoke.rows[0].state = RowState::Accepted;
                revoke.rows[1].state = RowState::Sent;
                revoke.stopping = Stopping::Asked;
            }),
        ),
        state(
            "revoke done",
            revoking(6, RevokeStage::Done { why: None }, mixed),
        ),
        state(
            "revoke done, not checked",
            revoking(
                3,
                RevokeStage::Done {
                    why: Some(no_network()),
                },
                |revoke| {
                    for row in &mut revoke.rows {
                        row.state = RowState::Accepted;
                    }
                },
            ),
        ),
    ]
}
