//! A token's value that is pasted: its row is found, and the value stands and stays nowhere.

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::RevokeStage;
use npm_warden::app::request::Purpose;
use npm_warden::app::tokens::{Said, chosen};
use npm_warden::backend::protocol::{Event, Outcome};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::found::ProvedBy;
use npm_warden::domain::given::Marks;
use npm_warden::domain::tfa::Tfa;
use npm_warden::domain::token::{Token, TokenKey};

use crate::sim::{Sim, VALUE, account, token, tokens};

/// The value of a token whose listed characters are those of `VALUE`.
fn alike(n: usize) -> Token {
    Token {
        begins: "npm_cana".into(),
        ..token(n)
    }
}

fn with(rows: Vec<Token>) -> Sim {
    let mut sim = Sim::at_tokens(0);
    sim.press("r").lists(rows);
    sim.effects.clear();
    sim
}

fn proves(sim: &mut Sim, digest: &str, made: Option<TokenKey>) {
    let digest = TokenKey::new(digest);
    let others = std::collections::BTreeSet::new();
    let marks = Marks {
        digest,
        made,
        others,
    };
    sim.ends(Purpose::Marks, Ok(Outcome::Marks(vec![marks])));
}

fn said(sim: &Sim) -> Said {
    let rows = sim.model.tokens.list.value().map_or(&[][..], Vec::as_slice);
    sim.model.tokens.sought.as_ref().unwrap().said(rows)
}

fn shown(sim: &Sim) -> Vec<TokenKey> {
    let rows = sim.model.tokens.list.value().unwrap();
    let shown = sim.model.tokens.shown.iter();
    shown.map(|&row| rows[row].key.clone()).collect()
}

#[test]
fn p01_a_value_pasted_into_the_filter_is_its_row_and_x_revokes_that() {
    for before in ["/", "", "space space / "] {
        let mut sim = with(vec![token(0), alike(1), alike(2), token(3)]);
        sim.press(before).pastes(&format!(" {VALUE}\n"));
        sim.at_scope(Scope::Tokens).wants(&["start Marks quietly"]);
        assert!(sim.model.tokens.filter.is_empty() && sim.model.tokens.selected.is_empty());
        // Until it is proved, it is what it looks like.
        assert_eq!(said(&sim), Said::LooksLike(2));
        let key = token(2).key;
        proves(&mut sim, &key.raw().to_uppercase(), None);
        assert_eq!(said(&sim), Said::Is(ProvedBy::Key));
        assert_eq!(shown(&sim), std::slice::from_ref(&key));
        sim.press("x").at_scope(Scope::RevokeAsk);
        let rows = &sim.model.tokens.revoke.as_ref().unwrap().rows;
        assert_eq!(rows[0].token.key, key);
        sim.press("n esc").at_scope(Scope::Tokens);
        assert_eq!(shown(&sim).len(), 4);
        assert!(sim.model.tokens.sought.is_none());
    }
}

#[test]
fn what_this_program_made_is_known_also_when_the_list_lacks_it() {
    let mut sim = with(vec![alike(1), alike(2)]);
    sim.pastes(&format!("//registry.example.com/:_authToken={VALUE}"));
    proves(&mut sim, "00", Some(token(1).key));
    assert_eq!(said(&sim), Said::Is(ProvedBy::Made));
    assert_eq!(shown(&sim), [token(1).key]);
    sim.press("r").lists(vec![alike(2)]);
    assert_eq!(said(&sim), Said::Unlisted);
    assert!(sim.model.tokens.shown.is_empty());
}

#[test]
fn without_a_proof_its_characters_speak_and_none_that_fits_is_no_proof_of_its_end() {
    let mut sim = with(vec![token(0), alike(1)]);
    sim.pastes(VALUE);
    sim.fails(Purpose::Marks, FailureKind::Local, "It cannot be read.");
    sim.says("cannot be read");
    assert_eq!(said(&sim), Said::LooksLike(1));
    assert_eq!(chosen(&sim.model).unwrap().key, token(1).key);

    let mut sim = with(tokens(3));
    sim.pastes(VALUE);
    proves(&mut sim, "00", None);
    assert_eq!(said(&sim), Said::Nothing);

    let silent = |n| Token {
        begins: "".into(),
        ..token(n)
    };
    let mut sim = with(vec![silent(0), silent(1)]);
    sim.pastes(VALUE);
    proves(&mut sim, "00", None);
    assert_eq!(said(&sim), Said::Untold);
}

#[test]
fn rows_that_come_later_are_looked_at_as_well() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off)).press("3").pastes(VALUE);
    let digest = token(4).key;
    proves(&mut sim, &digest.raw(), None);
    assert_eq!(said(&sim), Said::Nothing);
    let id = sim.id(Purpose::Tokens);
    let page = |index, rows| Event::Page {
        id,
        index,
        rows,
        total: None,
    };
    sim.event(page(0, vec![token(0), alike(1)]));
    assert_eq!(said(&sim), Said::LooksLike(1));
    sim.event(page(1, vec![alike(4)]));
    assert_eq!(said(&sim), Said::Is(ProvedBy::Key));
    assert_eq!(shown(&sim), [digest]);
    // And those of a list that is read anew.
    let mut sim = with(tokens(2));
    sim.pastes(VALUE);
    proves(&mut sim, "00", None);
    sim.press("r").lists(vec![token(0), alike(1)]);
    assert_eq!(said(&sim), Said::LooksLike(1));
}

#[test]
fn p01_a_value_pasted_into_the_question_of_a_revocation_stands_in_no_field() {
    let mut sim = with(vec![token(0), token(1), token(2), alike(3)]);
    sim.press("space space space x")
        .at_scope(Scope::RevokeCount);
    sim.pastes(VALUE).wants(&["start Marks quietly"]);
    let Some(RevokeStage::Confirm { count, .. }) =
        sim.model.tokens.revoke.as_ref().map(|r| &r.stage)
    else {
        panic!("the question stays");
    };
    assert!(count.is_empty());
    proves(&mut sim, "00", None);
    assert_eq!(said(&sim), Said::LooksLike(1));
    // The row that it is stands in the list when nothing is revoked, and x asks about that one.
    sim.press("esc").at_scope(Scope::Tokens);
    assert_eq!(shown(&sim), [token(3).key]);
    sim.press("x").at_scope(Scope::RevokeAsk);
    assert_eq!(sim.model.tokens.revoke.as_ref().unwrap().rows.len(), 1);
    // The number that is asked for is typed or pasted as ever.
    let mut sim = with(tokens(3));
    sim.press("a x").pastes("3").press("enter");
    sim.wants(&["start Revoke 3"]);
}

#[test]
fn other_words_are_looked_for_as_ever() {
    let named = |n, name: &str| Token {
        name: Some(name.into()),
        ..token(n)
    };
    let long = "release-of-everything-that-we-have-2026";
    let mut sim = with(vec![named(0, long), token(1)]);
    sim.press("/")
        .pastes(long)
        .at_scope(Scope::Filter)
        .wants(&[]);
    assert!(!sim.model.tokens.filter.masked);
    assert_eq!(shown(&sim), [token(0).key]);
    sim.press("ctrl-u")
        .pastes("two words that are no value, 2026");
    sim.wants(&[]);
    assert!(sim.model.tokens.sought.is_none());
}

#[test]
fn p01_a_value_that_was_typed_is_taken_out_of_the_filter_by_enter() {
    let mut sim = with(vec![token(0), alike(1)]);
    sim.press("/").types(VALUE).press("enter");
    sim.at_scope(Scope::Tokens).wants(&["start Marks quietly"]);
    assert!(sim.model.tokens.filter.is_empty());
    assert_eq!(said(&sim), Said::LooksLike(1));
}

#[test]
fn p05_a_value_is_held_on_the_screen_of_the_tokens_alone() {
    let mut sim = with(vec![alike(1)]);
    sim.pastes(VALUE).press("1");
    assert!(sim.model.tokens.sought.is_none());
    // What comes late changes nothing.
    proves(&mut sim, "00", None);
    sim.press("3");
    assert_eq!(shown(&sim).len(), 1);
    // Another filter takes its place.
    sim.pastes(VALUE).press("/");
    assert!(sim.model.tokens.sought.is_none());
}

#[test]
fn p31_a_row_that_is_proved_to_be_another_value_is_not_said_to_be_like_the_pasted_one() {
    let digest = "ab".repeat(64);
    let by_digest = Token {
        key: TokenKey::new(&digest),
        ..alike(1)
    };
    let mut sim = with(vec![token(0), by_digest, alike(2), alike(3)]);
    sim.pastes(VALUE);
    assert_eq!(said(&sim), Said::LooksLike(3));
    let marks = Marks {
        digest: TokenKey::new("cd".repeat(64)),
        made: None,
        others: [token(2).key].into(),
    };
    sim.ends(Purpose::Marks, Ok(Outcome::Marks(vec![marks])));
    assert_eq!(said(&sim), Said::LooksLike(1));
    assert_eq!(shown(&sim), [token(3).key]);
}

#[test]
fn what_was_said_of_a_pasted_value_goes_with_it() {
    let mut sim = with(tokens(3));
    sim.press("space down space").pastes(VALUE);
    sim.says("The 2 selected tokens are not selected any more: x asks about what was pasted.");
    proves(&mut sim, "00", None);
    assert_eq!(said(&sim), Said::Nothing);
    sim.press("x").says("No token fits");
    sim.press("esc").at_scope(Scope::Tokens);
    assert_eq!((sim.notice().as_str(), shown(&sim).len()), ("", 3));
    // The same of a filter that was typed.
    sim.press("/")
        .types("zzz")
        .press("enter x")
        .says("No token fits");
    sim.press("esc");
    assert_eq!((sim.notice().as_str(), shown(&sim).len()), ("", 3));
}
