//! Making a token: the form, the value that is shown once, writing it into a file, and the value that is lost.

use npm_warden::app::create::{TokenField, TokenForm, TokenKind};
use npm_warden::app::created::{CreatedPage, MadeToken};
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Load, RevokeStage, Screen, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::app::tokens::chosen;
use npm_warden::app::{Effect, Msg};
use npm_warden::backend::protocol::{Created, Outcome, Request};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::granular::{Granular, NewToken, Permission, Spec};
use npm_warden::domain::identity::Standing;
use npm_warden::domain::machine::{StandsThere, Target, Wins};
use npm_warden::domain::signin::Stored;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::Token;

use crate::sim::{PASSWORD, Sim, VALUE, created, failure, standing, token, tokens};

fn open() -> Sim {
    let mut sim = Sim::at_tokens(4);
    sim.press("n").at_scope(Scope::TokenChoice);
    sim
}

fn form(sim: &Sim) -> &TokenForm {
    sim.model.token_form().unwrap()
}

/// To this part of the form.
fn to(sim: &mut Sim, field: TokenField) -> &mut Sim {
    for _ in 0..20 {
        if form(sim).at == field {
            return sim;
        }
        sim.press("tab");
    }
    panic!("there is no {field:?}");
}

/// A form that can be sent, but for the password.
fn filled() -> Sim {
    let mut sim = open();
    to(&mut sim, TokenField::Name).types("ci");
    to(&mut sim, TokenField::Packages).types("left-pad");
    sim
}

fn sent(addresses: &str) -> Sim {
    let mut sim = filled();
    to(&mut sim, TokenField::Addresses).types(addresses);
    sim.press("pgdn").types(PASSWORD);
    sim.effects.clear();
    sim.press("enter").at_scope(Scope::TokenSent);
    sim
}

/// What went out.
fn asked(sim: &Sim) -> &NewToken {
    let found = sim.effects.iter().find_map(|effect| match effect {
        Effect::Start {
            request: Request::CreateToken(new),
            ..
        } => Some(new),
        _ => None,
    });
    found.expect("nothing went out")
}

fn granular(new: &NewToken) -> &Granular {
    match &new.spec {
        Spec::Granular(granular) => granular,
        Spec::Classic { .. } => panic!("it is classic"),
    }
}

/// What was asked for by [`sent`], as it is listed.
fn fresh() -> Token {
    let created: jiff::Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    Token {
        readonly: true,
        bypass_2fa: false,
        name: Some(Text::new("ci")),
        created: Some(created.into()),
        expires: Some((created + jiff::SignedDuration::from_hours(7 * 24)).into()),
        scopes: [(Text::new("package"), Text::new("left-pad"))].into(),
        permissions: [(Text::new("package"), Text::new("read"))].into(),
        ..token(40)
    }
}

pub(crate) fn has_made() -> Sim {
    let mut sim = sent("");
    sim.ends(Purpose::CreateToken, Ok(created(fresh())))
        .at_scope(Scope::Made);
    sim
}

fn lost(sim: &mut Sim, tokens: Vec<Token>) -> &mut Sim {
    let why = failure(FailureKind::Network, "The connection broke.");
    sim.ends(
        Purpose::CreateToken,
        Ok(Outcome::Created(Created::Lost { tokens, why })),
    )
}

fn made(sim: &Sim) -> &MadeToken {
    match &sim.model.created {
        Some(CreatedPage::Made(made)) => made,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn copies(sim: &mut Sim, went: bool) {
    let result = if went {
        Ok("Copied to the clipboard; cleared in 45 s".to_owned())
    } else {
        Err("There is no clipboard here.".to_owned())
    };
    sim.press("c").send(Msg::Copied(result));
}

fn bad(sim: &Sim, field: TokenField) -> Vec<String> {
    let said = form(sim).said(field).into_iter();
    said.filter(|(tone, _)| *tone == Tone::Bad)
        .map(|(_, words)| words)
        .collect()
}

fn sum(sim: &Sim) -> Option<String> {
    let name = Text::new("alice");
    form(sim).sum(&name, sim.now.wall)
}

#[test]
fn the_least_comes_first_and_the_sum_says_all_of_it() {
    let mut sim = open();
    let begun = form(&sim);
    assert_eq!(begun.kind, TokenKind::Granular);
    assert_eq!(begun.permission, Permission::ReadOnly);
    assert_eq!(begun.orgs_permission, Permission::NoAccess);
    assert_eq!(begun.days.value().expose(), "7");
    assert!(!begun.bypass_2fa && !begun.all_packages && !begun.touched);
    assert!(sum(&sim).unwrap().contains("no package yet"));
    to(&mut sim, TokenField::Packages).types("left-pad");
    assert_eq!(
        sum(&sim).unwrap(),
        "It may read the package left-pad, from anywhere, until 2026-11-29 (7 days); it does not skip the second factor."
    );
    to(&mut sim, TokenField::Permission).press("space");
    to(&mut sim, TokenField::Addresses).types("192.0.2.0/24, 10.1.2.3/8");
    to(&mut sim, TokenField::Bypass).press("space");
    assert_eq!(
        sum(&sim).unwrap(),
        "It may read and publish the package left-pad, from 192.0.2.0/24 and 10.0.0.0/8 only, until 2026-11-29 (7 days); it SKIPS the second factor."
    );
    to(&mut sim, TokenField::Addresses).types(" ::1");
    assert_eq!(sum(&sim), None);
}

#[test]
fn a_choice_goes_both_ways_and_a_tick_comes_and_goes() {
    let mut sim = open();
    to(&mut sim, TokenField::Permission);
    let mut seen = Vec::new();
    for _ in 0..4 {
        sim.press("right");
        seen.push(form(&sim).permission.word());
    }
    assert_eq!(
        seen,
        [
            "read-write",
            "read-write-stage-only",
            "no-access",
            "read-only"
        ]
    );
    sim.press("left left");
    assert_eq!(form(&sim).permission, Permission::StageOnly);
    to(&mut sim, TokenField::OrgsPermission).press("left");
    assert_eq!(form(&sim).orgs_permission, Permission::ReadWrite);
    sim.press("space");
    assert_eq!(form(&sim).orgs_permission, Permission::NoAccess);
    to(&mut sim, TokenField::AllPackages).press("space");
    assert!(form(&sim).all_packages);
    sim.press("left");
    assert!(!form(&sim).all_packages);
    sim.press("pgup space");
    assert_eq!(form(&sim).kind, TokenKind::Classic);
    assert!(!form(&sim).parts().contains(&TokenField::Name));
    sim.press("down right");
    assert!(!form(&sim).readonly);
    sim.press("pgdn").at_scope(Scope::TokenPassword);
    sim.press("tab").at_scope(Scope::TokenChoice);
    assert_eq!(form(&sim).at, TokenField::Kind, "round and round");
    sim.press("shift-tab").at_scope(Scope::TokenPassword);
}

#[test]
fn what_is_wrong_is_said_at_its_part_and_not_before_that_can_be_finished() {
    let mut sim = open();
    to(&mut sim, TokenField::Name);
    assert_eq!(bad(&sim, TokenField::Name), [""; 0]);
    sim.press("tab");
    assert!(bad(&sim, TokenField::Name)[0].contains("needs a name"));
    sim.press("shift-tab");
    assert_eq!(bad(&sim, TokenField::Name), [""; 0], "it is typed now");
    to(&mut sim, TokenField::Packages);
    // A scope is the beginning of a package.
    sim.types("@acme");
    assert_eq!(bad(&sim, TokenField::Packages), [""; 0]);
    sim.types(",");
    assert!(bad(&sim, TokenField::Packages)[0].contains("is a scope"));
    sim.press("backspace").types("/ui le*t");
    assert_eq!(bad(&sim, TokenField::Packages), [""; 0]);
    sim.press("tab");
    assert!(bad(&sim, TokenField::Packages)[0].contains("has a * in it"));
    sim.press("shift-tab ctrl-u tab");
    // It may still be for a scope.
    assert_eq!(bad(&sim, TokenField::Packages), [""; 0]);
    to(&mut sim, TokenField::Scopes).press("tab");
    assert!(bad(&sim, TokenField::Packages)[0].contains("at least one package or scope"));
    sim.press("shift-tab").types("acme");
    assert_eq!(bad(&sim, TokenField::Packages), [""; 0]);
    to(&mut sim, TokenField::Orgs).types("acme");
    assert_eq!(bad(&sim, TokenField::OrgsPermission), [""; 0]);
    sim.press("tab");
    assert!(bad(&sim, TokenField::OrgsPermission)[0].contains("may do nothing"));
    to(&mut sim, TokenField::Days).press("ctrl-u").types("0");
    assert_eq!(bad(&sim, TokenField::Days), [""; 0]);
    sim.press("ctrl-u").types("soon");
    assert!(bad(&sim, TokenField::Days)[0].contains("number of days"));
    assert_eq!(sum(&sim), None);
    sim.press("ctrl-u").types("91");
    assert_eq!(bad(&sim, TokenField::Days), [""; 0], "it only reads");
    to(&mut sim, TokenField::Permission).press("space");
    assert!(bad(&sim, TokenField::Days)[0].contains("90 days at most"));
}

#[test]
fn addresses_are_looked_at_while_they_are_typed() {
    let mut sim = open();
    to(&mut sim, TokenField::Addresses).at_scope(Scope::TokenText);
    let said = |sim: &Sim| form(sim).said_of_addresses();
    sim.types("10.0");
    assert_eq!(said(&sim), [], "it is not finished");
    sim.types(".0.7");
    let (tone, words) = said(&sim).remove(0);
    assert_eq!(tone, Tone::Plain);
    assert!(words.contains("10.0.0.7/32"), "{words}");
    sim.types("/8");
    assert!(said(&sim)[0].1.contains("10.0.0.0/8"));
    sim.press("ctrl-u").types("10.0.0.0/8");
    assert_eq!(said(&sim), []);
    sim.types(", 2001:db8::/32");
    let (tone, words) = said(&sim).remove(0);
    assert_eq!(tone, Tone::Bad);
    assert!(words.contains("IPv6") && words.contains("IPv4"), "{words}");
    // What is left unfinished is said once the field is left.
    sim.press("ctrl-u").types("10.0");
    assert_eq!(said(&sim), []);
    sim.press("tab");
    assert_eq!(said(&sim)[0].0, Tone::Bad);
}

#[test]
fn it_goes_out_with_what_was_chosen_and_not_before_all_is_there() {
    let mut sim = open();
    to(&mut sim, TokenField::Name).types(" ci of o/r ");
    to(&mut sim, TokenField::Description).types("deploys");
    to(&mut sim, TokenField::Packages).types("left-pad,@acme/ui ;");
    to(&mut sim, TokenField::Scopes).types("@acme other");
    to(&mut sim, TokenField::Permission).press("space space");
    to(&mut sim, TokenField::Orgs).types("@acme");
    to(&mut sim, TokenField::OrgsPermission).press("space");
    to(&mut sim, TokenField::Days)
        .press("backspace")
        .types("30");
    to(&mut sim, TokenField::Addresses).types("10.1.2.3/8,192.0.2.7 10.0.0.0/8");
    to(&mut sim, TokenField::Bypass).press("space");
    to(&mut sim, TokenField::Note).types("GitHub secret NPM_TOKEN in o/r");
    sim.press("pgdn").types(PASSWORD);
    sim.effects.clear();
    sim.press("enter").at_scope(Scope::TokenSent);
    let new = asked(&sim);
    assert_eq!(new.password.expose(), PASSWORD);
    assert_eq!(new.note, "GitHub secret NPM_TOKEN in o/r");
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let wanted = Granular {
        name: "ci of o/r".to_owned(),
        description: "deploys".to_owned(),
        packages: owned(&["left-pad", "@acme/ui"]),
        all_packages: false,
        scopes: owned(&["@acme", "@other"]),
        packages_permission: Permission::StageOnly,
        orgs: owned(&["acme"]),
        orgs_permission: Permission::ReadOnly,
        days: Some(30),
        cidr: vec![
            "10.0.0.0/8".parse().unwrap(),
            "192.0.2.7/32".parse().unwrap(),
        ],
        bypass_2fa: true,
    };
    assert_eq!(granular(new), &wanted);
    sim.wiped();
    assert!(form(&sim).password.is_empty());

    // What is to be mended first has the focus.
    let mut sim = open();
    for (field, mend) in [
        (TokenField::Name, "ci"),
        (TokenField::Packages, "left-pad"),
        (TokenField::Password, PASSWORD),
    ] {
        sim.press("pgdn enter").wants(&[]);
        assert_eq!(form(&sim).at, field);
        sim.types(mend);
    }
    to(&mut sim, TokenField::Addresses).types("nonsense");
    sim.press("pgdn enter").wants(&[]);
    assert_eq!(form(&sim).at, TokenField::Addresses);
    sim.press("ctrl-u");
    to(&mut sim, TokenField::Days).press("ctrl-u").types("x");
    sim.press("pgdn enter").wants(&[]);
    assert_eq!(form(&sim).at, TokenField::Days);
    sim.press("ctrl-u pgdn enter")
        .wants(&["start CreateToken read-only []"]);
}

#[test]
fn a_classic_token_is_asked_for_as_ever() {
    let mut sim = open();
    sim.press("space down space down").types("10.0.0.0/8");
    sim.press("pgdn enter").wants(&[]);
    assert!(form(&sim).misses_password());
    sim.types(PASSWORD)
        .press("enter")
        .wants(&["start CreateToken publish [10.0.0.0/8]"]);
}

#[test]
fn a_registry_whose_list_knows_no_granular_token_is_asked_for_a_classic_one_first() {
    let bare = |n: usize| Token {
        name: None,
        expires: None,
        ..token(n)
    };
    let mut sim = Sim::at_tokens(2);
    sim.press("r").lists(vec![bare(0), bare(1)]);
    sim.press("n");
    assert_eq!(form(&sim).kind, TokenKind::Classic);
    // One granular token is enough, and an empty list says nothing.
    for rows in [vec![bare(0), token(1)], Vec::new()] {
        let mut sim = Sim::at_tokens(2);
        sim.press("r").lists(rows);
        sim.press("n");
        assert_eq!(form(&sim).kind, TokenKind::Granular);
    }
}

#[test]
fn letters_are_text_where_a_field_has_the_focus() {
    let mut sim = open();
    to(&mut sim, TokenField::Note).types("q?:1nx [é]");
    assert_eq!(form(&sim).note.value().expose(), "q?:1nx [é]");
    sim.press("tab").types("q?:1nx y");
    assert_eq!(form(&sim).password.value().expose(), "q?:1nx y");
    sim.press("tab");
    assert_eq!(form(&sim).at, TokenField::Kind);
}

#[test]
fn what_was_typed_is_given_up_by_an_answer_alone() {
    let mut sim = open();
    sim.press("esc")
        .at_scope(Scope::Tokens)
        .says("no token was made");
    let mut sim = filled();
    sim.press("pgdn").types(PASSWORD);
    sim.press("esc").at_scope(Scope::TokenLeaving);
    sim.press("enter").at_scope(Scope::TokenPassword);
    sim.press("esc esc").at_scope(Scope::TokenPassword);
    assert_eq!(form(&sim).packages.value().expose(), "left-pad");
    // Leaving the program asks, too, where that is not pressed in a field.
    sim.press("tab q").at_scope(Scope::Leaving).press("n");
    sim.effects.clear();
    sim.press("esc y")
        .at_scope(Scope::Tokens)
        .says("no token was made")
        .wiped();
    assert!(sim.model.tokens.create.is_none());
}

#[test]
fn what_was_typed_survives_a_resize_and_help() {
    let mut sim = filled();
    sim.send(Msg::Resize(40, 12));
    sim.press("f1 esc").send(Msg::Resize(120, 40));
    assert_eq!(form(&sim).packages.value().expose(), "left-pad");
    assert_eq!(form(&sim).at, TokenField::Packages);
}

#[test]
fn p02_the_value_is_shown_whole_and_copied_as_a_secret() {
    let mut sim = has_made();
    assert_eq!(made(&sim).card.value.expose(), VALUE);
    assert!(made(&sim).card.shown);
    sim.effects.clear();
    sim.press("ctrl-y");
    let [
        Effect::Copy {
            what: "the new token",
            text,
            sensitive: true,
        },
    ] = &sim.effects[..]
    else {
        panic!("{:?}", sim.effects);
    };
    assert_eq!(text.expose(), VALUE);
    sim.send(Msg::Copied(Ok(
        "Copied to the clipboard; cleared in 45 s".to_owned()
    )))
    .says("cleared in 45 s");
    assert!(made(&sim).card.is_kept());
    // Copied, it goes without a question; the cells go with it.
    sim.effects.clear();
    sim.press("esc").wiped().at_scope(Scope::Tokens);
    assert!(sim.model.created.is_none());
}

#[test]
fn leaving_a_value_that_was_not_copied_asks_first_and_the_default_is_no() {
    let mut sim = has_made();
    sim.press("enter").at_scope(Scope::MadeLeaving);
    sim.press("enter").at_scope(Scope::Made);
    sim.press("esc n").at_scope(Scope::Made);
    // A copy that went nowhere is none.
    copies(&mut sim, false);
    sim.says("no clipboard")
        .press("esc")
        .at_scope(Scope::MadeLeaving)
        .press("esc");
    // Another copy's end is not this one's.
    sim.send(Msg::Copied(Ok("Copied.".to_owned())));
    sim.press("esc").at_scope(Scope::MadeLeaving);
    sim.effects.clear();
    sim.press("tab enter").at_scope(Scope::Tokens).wiped();
    // A copy that comes through while the question stands answers it.
    let mut sim = has_made();
    sim.press("c esc").at_scope(Scope::MadeLeaving);
    sim.send(Msg::Copied(Ok("Copied.".to_owned())))
        .at_scope(Scope::Made);
    sim.press("esc").at_scope(Scope::Tokens);
}

#[test]
fn p05_hiding_the_value_overwrites_it() {
    let mut sim = has_made();
    sim.effects.clear();
    sim.press("v").wiped();
    assert!(!made(&sim).card.shown);
    sim.effects.clear();
    sim.press("ctrl-r").not_wiped();
    assert!(made(&sim).card.shown);
}

#[test]
fn quitting_with_the_value_on_the_screen_asks_once() {
    let mut sim = has_made();
    sim.effects.clear();
    sim.press("ctrl-c")
        .at_scope(Scope::Leaving)
        .wants(&[])
        .press("n");
    sim.press("q")
        .at_scope(Scope::Leaving)
        .press("n")
        .at_scope(Scope::Made);
    copies(&mut sim, true);
    sim.press("q").at_scope(Scope::Leaving);
    let Some(npm_warden::app::model::Overlay::Leave { why, .. }) = &sim.model.overlay else {
        panic!("no question");
    };
    assert!(
        why.as_str().contains("cleared when the program ends"),
        "{why}"
    );
    sim.effects.clear();
    sim.press("ctrl-c").wants(&["quit"]);
}

#[test]
fn quitting_while_a_token_is_being_made_asks() {
    let mut sim = sent("");
    sim.press("q")
        .at_scope(Scope::Leaving)
        .press("n")
        .at_scope(Scope::TokenSent);
}

#[test]
fn the_list_is_read_again_and_the_new_row_is_chosen() {
    let mut sim = Sim::at_tokens(4);
    sim.press("/")
        .types("00002⏎")
        .press("n space pgdn")
        .types(PASSWORD)
        .press("enter");
    sim.effects.clear();
    sim.ends(Purpose::CreateToken, Ok(created(fresh())))
        .wants(&["start Tokens quietly"]);
    let mut rows = tokens(4);
    rows.insert(2, fresh());
    sim.lists(rows).at_scope(Scope::Made);
    copies(&mut sim, true);
    sim.press("enter").at_scope(Scope::Tokens);
    assert_eq!(chosen(&sim.model).unwrap().key, fresh().key);
    assert!(sim.model.tokens.filter.is_empty(), "no filter hides it");
    // It is chosen once: the cursor is the person's again.
    sim.press("down r").lists(tokens(4));
    assert_ne!(chosen(&sim.model).unwrap().key, fresh().key);
}

#[test]
fn a_value_that_comes_late_is_shown_wherever_the_person_is() {
    let mut sim = sent("");
    sim.effects.clear();
    sim.press("esc")
        .wants(&["cancel"])
        .at_scope(Scope::TokenSent);
    sim.press("esc")
        .wants(&[])
        .at_scope(Scope::Tokens)
        .tone(Tone::Warning);
    sim.press("n")
        .says("has not ended yet")
        .at_scope(Scope::Tokens);
    sim.press("2 ?");
    sim.ends(Purpose::CreateToken, Ok(created(fresh())))
        .at_scope(Scope::Made);
    sim.lists(tokens(4)).at_scope(Scope::Made);
    copies(&mut sim, true);
    sim.press("esc").at_scope(Scope::Tokens);
    assert_eq!(sim.model.screen, Screen::Tokens);
}

#[test]
fn a_value_stays_when_the_account_goes() {
    let mut sim = Sim::at_tokens(2);
    sim.press("n space pgdn")
        .types(PASSWORD)
        .press("enter esc esc 1 r");
    sim.ends(Purpose::CreateToken, Ok(created(fresh())))
        .at_scope(Scope::Made);
    sim.arrives(standing(Standing::Rejected(Text::new("no"))))
        .at_scope(Scope::Made);
    assert_eq!(made(&sim).card.value.expose(), VALUE);
}

#[test]
fn what_the_registry_made_beyond_what_was_asked_stands_on_the_page() {
    let mut sim = sent("");
    let Outcome::Created(Created::Made {
        registry,
        token,
        value,
        ..
    }) = created(fresh())
    else {
        panic!("it was made");
    };
    let made_more = Created::Made {
        registry,
        token,
        value,
        wider: vec![Text::new("It may publish, which was not asked for.")],
        warnings: vec![Text::new("The note is not kept.")],
    };
    sim.ends(Purpose::CreateToken, Ok(Outcome::Created(made_more)));
    assert_eq!((made(&sim).wider.len(), made(&sim).warnings.len()), (1, 1));
}

#[test]
fn a_refusal_keeps_all_that_was_typed_with_the_reason_and_without_the_password() {
    let mut sim = sent("10.0.0.0/8");
    sim.challenged(Purpose::CreateToken);
    sim.fails(
        Purpose::CreateToken,
        FailureKind::Refused,
        "Wrong password.",
    )
    .at_scope(Scope::TokenPassword);
    let kept = form(&sim);
    assert_eq!(kept.addresses.value().expose(), "10.0.0.0/8");
    assert_eq!(kept.packages.value().expose(), "left-pad");
    assert!(kept.password.is_empty() && kept.error.is_some() && !kept.misses_password());
    // A loss without anything new in the list is a failure like others.
    sim.types(PASSWORD).press("enter");
    lost(&mut sim, Vec::new()).at_scope(Scope::TokenPassword);
    // It is still asked about before it is given up.
    sim.press("esc").at_scope(Scope::TokenLeaving);
}

/// What stands where the value is to go.
pub(crate) fn aims_at(over: Option<StandsThere>) -> Outcome {
    Outcome::Target(Target {
        file: Text::new("~/.npmrc"),
        over,
        in_use: false,
        wins: None,
    })
}

/// No other token stands where the value is to go.
pub(crate) fn nothing_there(sim: &mut Sim) {
    sim.ends(Purpose::WriteToken, Ok(aims_at(None)));
}

#[test]
fn another_credential_that_is_passed_over_from_then_on_is_asked_about() {
    for (key, written) in [("y", true), ("enter", false)] {
        let mut sim = has_made();
        sim.press("w").press("tab").press("enter");
        let target = Target {
            file: Text::new("~/code/.npmrc"),
            over: None,
            in_use: false,
            wins: Some(Wins {
                instead: Some("~/.npmrc, line 1".into()),
            }),
        };
        sim.ends(Purpose::WriteToken, Ok(Outcome::Target(target)));
        sim.at_scope(Scope::WriteOver);
        sim.effects.clear();
        sim.press(key);
        if written {
            sim.at_scope(Scope::WriteSent)
                .wants(&["start WriteToken Project for registry.example.com"]);
            writes(&mut sim, None);
            sim.at_scope(Scope::Made);
        } else {
            sim.at_scope(Scope::WriteChoice)
                .wants(&[])
                .says("Nothing was written");
        }
    }
}

fn writes(sim: &mut Sim, caution: Option<&str>) {
    let stored = Stored {
        file: Text::new("~/.npmrc, line 4"),
        caution: caution.map(Text::new),
    };
    sim.ends(Purpose::WriteToken, Ok(Outcome::Written(stored)));
}

#[test]
fn the_value_is_written_into_the_file_that_was_chosen() {
    let mut sim = has_made();
    sim.effects.clear();
    sim.press("w").at_scope(Scope::WriteChoice).wiped();
    sim.effects.clear();
    sim.press("enter")
        .at_scope(Scope::WriteChoice)
        .wants(&["look at User for registry.example.com"]);
    nothing_there(&mut sim);
    sim.at_scope(Scope::WriteSent)
        .wants(&["start WriteToken User for registry.example.com"]);
    writes(&mut sim, None);
    sim.at_scope(Scope::Made)
        .says("The token is in ~/.npmrc, line 4.")
        .tone(Tone::Good);
    // It is in a file: nothing is lost by leaving.
    sim.press("esc").at_scope(Scope::Tokens);

    let mut sim = has_made();
    sim.press("w tab enter");
    nothing_there(&mut sim);
    sim.effects.retain(|e| {
        matches!(
            e,
            Effect::Start {
                request: Request::WriteToken { .. },
                ..
            }
        )
    });
    sim.wants(&["start WriteToken Project for registry.example.com"]);
    writes(&mut sim, Some("Others can read it."));
    sim.says("Others can read it.").tone(Tone::Warning);

    let mut sim = has_made();
    sim.press("w up").at_scope(Scope::WritePath);
    sim.press("enter").at_scope(Scope::WritePath);
    sim.types("ci/.npmrc");
    sim.effects.clear();
    sim.press("enter")
        .wants(&["look at File(\"ci/.npmrc\") for registry.example.com"]);
    nothing_there(&mut sim);
    sim.wants(&["start WriteToken File(\"ci/.npmrc\") for registry.example.com"]);
    let why = failure(FailureKind::Local, "It cannot be written.");
    sim.ends(Purpose::WriteToken, Err(why))
        .at_scope(Scope::WritePath);
    let card = sim.model.value_card().unwrap();
    assert!(card.writing.as_ref().unwrap().error.is_some());
    assert!(!card.is_kept());
    // Back to the value, which is still nowhere else.
    sim.press("esc").at_scope(Scope::Made);
    assert!(made(&sim).card.stands());
    sim.press("esc").at_scope(Scope::MadeLeaving);
}

#[test]
fn a_file_that_is_still_written_when_its_form_is_left_is_told_of() {
    let mut sim = has_made();
    sim.press("w enter");
    nothing_there(&mut sim);
    sim.press("esc")
        .at_scope(Scope::Made)
        .says("still being written");
    sim.press("w")
        .says("is being written already")
        .at_scope(Scope::Made);
    writes(&mut sim, None);
    assert!(made(&sim).card.is_kept());
    // It ends when nothing of the page is left, too.
    let mut sim = has_made();
    sim.press("w enter");
    nothing_there(&mut sim);
    sim.press("esc esc y").at_scope(Scope::Tokens);
    writes(&mut sim, None);
    sim.says("The token is in ~/.npmrc, line 4.");
    // And of another token's page nothing changes.
    let mut sim = has_made();
    sim.press("w enter");
    nothing_there(&mut sim);
    sim.press("esc esc y").at_scope(Scope::Tokens);
    sim.press("n space pgdn").types(PASSWORD).press("enter");
    sim.ends(Purpose::CreateToken, Ok(created(fresh())));
    writes(&mut sim, None);
    assert!(!made(&sim).card.is_kept());
}

#[test]
fn p40_the_demo_writes_no_file() {
    let mut sim = Sim::start(true);
    sim.arrives(crate::sim::account(npm_warden::domain::tfa::Tfa::Off))
        .lists(tokens(2));
    sim.press("3 n space pgdn").types(PASSWORD).press("enter");
    sim.ends(Purpose::CreateToken, Ok(created(fresh())));
    sim.effects.clear();
    sim.press("w").at_scope(Scope::Made).says("demo").wants(&[]);
}

#[test]
fn a_token_whose_value_is_lost_is_shown_and_revoked_by_the_same_questions_as_any() {
    let mut sim = sent("");
    lost(&mut sim, vec![fresh()]).at_scope(Scope::Lost);
    sim.effects.clear();
    sim.press("enter")
        .at_scope(Scope::Tokens)
        .wants(&[])
        .says("Nothing was revoked");

    let mut sim = sent("");
    lost(&mut sim, vec![fresh()]);
    sim.effects.clear();
    sim.press("tab enter").at_scope(Scope::RevokeAsk).wants(&[]);
    sim.press("enter")
        .wants(&[])
        .at_scope(Scope::Tokens)
        .says("Nothing was revoked");

    let mut sim = sent("");
    lost(&mut sim, vec![fresh(), token(41), token(42)])
        .press("y")
        .at_scope(Scope::RevokeCount);
    sim.effects.clear();
    sim.types("3⏎").wants(&["start Revoke 3"]);
    let revoke = sim.model.tokens.revoke.as_ref().unwrap();
    assert!(matches!(revoke.stage, RevokeStage::Running(_)));
}

#[test]
fn nothing_is_revoked_beside_a_revocation() {
    let mut sim = Sim::at_tokens(4);
    sim.press("n space pgdn")
        .types(PASSWORD)
        .press("enter esc esc x y esc esc esc");
    lost(&mut sim, vec![fresh()])
        .press("y")
        .says("under way")
        .at_scope(Scope::Lost);
}

#[test]
fn nobody_signed_in_makes_no_token() {
    let mut sim = Sim::start(false);
    sim.press("3 n")
        .says("not here yet")
        .at_scope(Scope::Absent);
    sim.arrives(standing(Standing::SignedOut));
    sim.press("n")
        .says("Nobody is signed in")
        .at_scope(Scope::Absent);
    // A form that was not sent does not outlive its account.
    let mut sim = Sim::at_tokens(1);
    sim.press("r");
    sim.press("1 r 3 n space pgdn").types(PASSWORD);
    sim.arrives(standing(Standing::SignedOut))
        .at_scope(Scope::Absent)
        .wiped();
    assert!(matches!(sim.model.tokens.list, Load::Empty));
}

#[test]
fn p37_a_value_that_was_only_sent_to_the_terminal_is_not_counted_as_kept() {
    let sends = |sim: &mut Sim| {
        sim.press("c")
            .send(Msg::Sent(
                "Sent to the terminal, which may drop it".to_owned(),
            ))
            .says("may drop it");
    };
    let mut sim = has_made();
    sends(&mut sim);
    assert!(!made(&sim).card.is_kept());
    let left = sim.model.left_uncopied().unwrap();
    assert!(left.contains("sent to the terminal"), "{left}");
    // It asks, and a copy of the same kind is no answer.
    sim.press("esc").at_scope(Scope::MadeLeaving);
    sends(&mut sim);
    sim.at_scope(Scope::MadeLeaving).press("n");
    sim.press("q").at_scope(Scope::Leaving).press("n");
    // One that is known to be there is, until the next one takes it off.
    copies(&mut sim, true);
    assert!(made(&sim).card.is_kept());
    sends(&mut sim);
    assert!(!made(&sim).card.is_kept());
    copies(&mut sim, true);
    sim.press("esc").at_scope(Scope::Tokens);
}
