//! Making a token: the form, the value that is shown once, and the value that is lost.

use npm_warden::app::create::{TokenField, TokenForm};
use npm_warden::app::created::{CreatedPage, MadeToken};
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Load, RevokeStage, Screen, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::app::tokens::chosen;
use npm_warden::app::{Effect, Msg};
use npm_warden::backend::protocol::{Created, Outcome, Request};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::Token;

use crate::sim::{PASSWORD, Sim, VALUE, created, failure, standing, token, tokens};

fn open() -> Sim {
    let mut sim = Sim::at_tokens(4);
    sim.press("n").at_scope(Scope::TokenKind);
    sim
}

fn form(sim: &Sim) -> &TokenForm {
    sim.model.tokens.create.as_ref().unwrap()
}

fn sent(addresses: &str) -> Sim {
    let mut sim = open();
    sim.press("enter")
        .types(addresses)
        .press("enter")
        .types(PASSWORD);
    sim.effects.clear();
    sim.press("enter").at_scope(Scope::TokenSent);
    sim
}

/// A read-only token that is new in the list.
fn fresh() -> Token {
    Token {
        readonly: true,
        name: None,
        ..token(40)
    }
}

fn has_made() -> Sim {
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

fn copies(sim: &mut Sim, went: bool) {
    let result = if went {
        Ok("Copied to the clipboard; cleared in 45 s".to_owned())
    } else {
        Err("There is no clipboard here.".to_owned())
    };
    sim.press("c").send(Msg::Copied(result));
}

#[test]
fn the_least_comes_first_and_the_sum_says_all_of_it() {
    let mut sim = open();
    let sum = |sim: &Sim| form(sim).sum("alice");
    assert_eq!(
        sum(&sim).unwrap(),
        "A read-only token for alice, usable from anywhere, without an end date."
    );
    sim.press("enter").types("192.0.2.0/24");
    assert_eq!(
        sum(&sim).unwrap(),
        "A read-only token for alice, usable from 192.0.2.0/24, without an end date."
    );
    sim.types(", 10.1.2.3/8").press("up space");
    assert_eq!(
        sum(&sim).unwrap(),
        "A token for alice that may publish, usable from 192.0.2.0/24 and 10.0.0.0/8, without an end date."
    );
    sim.press("left").press("down").types(" ::1");
    assert_eq!(sum(&sim), None);
}

#[test]
fn addresses_are_looked_at_while_they_are_typed() {
    let mut sim = open();
    sim.press("enter").at_scope(Scope::TokenAddresses);
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
    let mut sim = sent("10.1.2.3/8,192.0.2.7 10.0.0.0/8");
    let request = sim.effects.iter().find_map(|effect| match effect {
        Effect::Start {
            request: Request::CreateToken(new),
            ..
        } => Some(new),
        _ => None,
    });
    let new = request.unwrap();
    assert!(new.spec.readonly());
    assert_eq!(new.password.expose(), PASSWORD);
    let cidr: Vec<String> = new.spec.cidr().iter().map(ToString::to_string).collect();
    assert_eq!(cidr, ["10.0.0.0/8", "192.0.2.7/32"]);
    sim.wiped();
    assert!(form(&sim).password.is_empty());

    let mut sim = open();
    sim.press("up enter")
        .wants(&[])
        .at_scope(Scope::TokenPassword);
    assert!(form(&sim).misses_password());
    sim.types(PASSWORD)
        .press("up")
        .types("nonsense")
        .press("enter enter");
    sim.wants(&[]).at_scope(Scope::TokenAddresses);
    sim.press("ctrl-u enter up up space down down enter")
        .wants(&["start CreateToken publish []"]);
}

#[test]
fn letters_are_text_where_a_field_has_the_focus() {
    let mut sim = open();
    sim.press("tab").types("q?:1nx");
    assert_eq!(form(&sim).addresses.value().expose(), "q?:1nx");
    sim.press("tab").types("q?:1nx y");
    assert_eq!(form(&sim).password.value().expose(), "q?:1nx y");
    sim.press("tab");
    assert_eq!(form(&sim).at, TokenField::Kind);
    sim.press("esc")
        .at_scope(Scope::Tokens)
        .says("no token was made")
        .wiped();
}

#[test]
fn p02_the_value_is_shown_whole_and_copied_as_a_secret() {
    let mut sim = has_made();
    assert_eq!(made(&sim).value.expose(), VALUE);
    assert!(made(&sim).shown);
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
    assert!(made(&sim).copied);
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
    assert!(!made(&sim).shown);
    sim.effects.clear();
    sim.press("ctrl-r").not_wiped();
    assert!(made(&sim).shown);
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
        .press("n enter enter")
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
    sim.press("n enter enter")
        .types(PASSWORD)
        .press("enter esc esc 1 r");
    sim.ends(Purpose::CreateToken, Ok(created(fresh())))
        .at_scope(Scope::Made);
    sim.arrives(standing(Standing::Rejected(Text::new("no"))))
        .at_scope(Scope::Made);
    assert_eq!(made(&sim).value.expose(), VALUE);
}

#[test]
fn what_the_registry_made_of_it_is_compared_with_what_was_asked() {
    let publish = || Token {
        readonly: false,
        permissions: Vec::new(),
        ..fresh()
    };
    let mut sim = sent("10.0.0.0/8");
    sim.ends(Purpose::CreateToken, Ok(created(publish())));
    let differs = &made(&sim).differs;
    assert_eq!(differs.len(), 2, "{differs:?}");
    assert!(differs[0].contains("may publish"), "{differs:?}");
    assert!(differs[1].contains("lists no addresses"), "{differs:?}");
    let mut sim = sent("10.0.0.0/8 192.0.2.7");
    let listed = Token {
        cidr: vec![Text::new("10.0.0.0/8"), Text::new("192.0.2.7")],
        ..fresh()
    };
    sim.ends(Purpose::CreateToken, Ok(created(listed)));
    assert!(made(&sim).differs.is_empty());
}

#[test]
fn a_refusal_keeps_the_form_with_the_reason_and_without_the_password() {
    let mut sim = sent("10.0.0.0/8");
    sim.challenged(Purpose::CreateToken);
    sim.fails(
        Purpose::CreateToken,
        FailureKind::Refused,
        "Wrong password.",
    )
    .at_scope(Scope::TokenPassword);
    let form = form(&sim);
    assert_eq!(form.addresses.value().expose(), "10.0.0.0/8");
    assert!(form.password.is_empty() && form.error.is_some() && !form.misses_password());
    // A loss without anything new in the list is a failure like others.
    sim.types(PASSWORD).press("enter");
    lost(&mut sim, Vec::new()).at_scope(Scope::TokenPassword);
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
    sim.press("n enter enter")
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
    sim.press("1 r 3 n enter enter").types(PASSWORD);
    sim.arrives(standing(Standing::SignedOut))
        .at_scope(Scope::Absent)
        .wiped();
    assert!(matches!(sim.model.tokens.list, Load::Empty));
}
