//! The registry's questions: a queue above everything.

use std::time::Duration;

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::Tone;
use npm_warden::app::request::Purpose;
use npm_warden::app::{Effect, Msg};
use npm_warden::backend::protocol::{Challenge, Event, Question, RowState, Step};
use npm_warden::domain::text::Text;

use crate::sim::{CODE, OTP, Sim, challenge, tokens, web_challenge};

fn revoking() -> Sim {
    let mut sim = Sim::at_tokens(5);
    sim.press("x y").wants(&["start Revoke 1"]);
    sim
}

#[test]
fn a_challenge_stands_above_what_was_open_and_gives_it_back() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).at_scope(Scope::Challenge);
    let id = sim.id(Purpose::Revoke);
    sim.types(OTP).press("enter");
    assert_eq!(sim.answers(), [(id, format!("code {OTP}"))]);
    // What was typed is gone, and a second Enter sends nothing.
    assert!(sim.model.challenges[0].typed.is_empty());
    sim.press("enter").says("looking at the code").wants(&[]);
    sim.event(Event::Cleared { id })
        .wiped()
        .at_scope(Scope::RevokeRunning);
}

#[test]
fn enter_counts_only_after_something_was_typed() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).press("enter").wants(&[]);
    sim.says("Type the code");
    // What was still in the fingers when the dialog opened is no code.
    sim.types("ab").press("enter").wants(&[]);
    sim.says("at least six");
}

#[test]
fn esc_counts_only_after_the_dialog_was_open_for_a_moment() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    sim.waits(299).press("esc").at_scope(Scope::Challenge);
    sim.waits(1).press("esc").at_scope(Scope::RevokeRunning);
    sim.wants(&["cancel"]);
    // A question that was on its way is not asked any more.
    sim.challenged(Purpose::Revoke).wants(&["cancel"]);
    sim.at_scope(Scope::RevokeRunning);
}

#[test]
fn p17_a_pasted_code_with_blanks_and_a_newline_fills_and_never_submits() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    let (front, back) = OTP.split_at(3);
    sim.pastes(&format!(" {front} {back}\r\n")).wants(&[]);
    sim.at_scope(Scope::Challenge).press("enter");
    assert_eq!(sim.answers()[0].1, format!("code {OTP}"));
}

#[test]
fn a_refused_code_is_asked_for_again_in_place() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).types(OTP).press("enter");
    sim.effects.clear();
    let id = sim.id(Purpose::Revoke);
    sim.event(Event::Asked {
        id,
        question: Question::Challenge(challenge(2)),
    });
    assert_eq!(sim.model.challenges.len(), 1);
    let asked = &sim.model.challenges[0];
    assert!(asked.challenge.attempt == 2 && !asked.answered && asked.typed.is_empty());
    // Enter alone sends nothing: the refused code is not there to be sent again (promise P15).
    sim.press("enter").wants(&[]);
}

#[test]
fn p11_a_code_typed_for_one_action_is_not_there_for_another() {
    let mut sim = revoking();
    let next = |sim: &mut Sim, action: &str| {
        let question = Question::Challenge(Challenge {
            action: Text::new(action),
            ..challenge(1)
        });
        sim.asks(Purpose::Revoke, question);
    };
    next(&mut sim, "revoke 3 tokens");
    sim.waits(400).types(CODE);
    // The page has come to nothing, and the same is asked again.
    next(&mut sim, "revoke 3 tokens");
    assert_eq!(sim.model.challenges[0].typed.value().expose(), CODE);
    // The page has answered, and the next one asks about something else.
    next(&mut sim, "list the tokens");
    assert!(sim.model.challenges[0].typed.is_empty());
    sim.press("enter").wants(&[]).press("esc");
    sim.at_scope(Scope::Challenge).waits(300).press("esc");
    sim.at_scope(Scope::RevokeRunning);
}

#[test]
fn a_second_challenge_waits_behind_the_first() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).types("640");
    let first = sim.id(Purpose::Revoke);
    // A save that was begun before is asked about as well.
    sim.model.overlay = None;
    let id = second_request(&mut sim);
    sim.event(Event::Asked {
        id,
        question: Question::Challenge(challenge(1)),
    });
    assert_eq!(sim.model.challenges.len(), 2);
    assert_eq!(sim.model.challenges[0].id, first);
    assert_eq!(sim.model.challenges[0].typed.value().expose(), "640");
    assert_eq!(sim.model.challenges[1].opened, None);
    sim.waits(400).press("esc");
    // The next one comes to the front and has its own moment of grace.
    assert_eq!(sim.model.challenges[0].id, id);
    sim.press("esc").at_scope(Scope::Challenge);
    sim.types(OTP).press("enter");
    assert_eq!(sim.answers().last().unwrap().0, id);
}

#[test]
fn p15_no_code_goes_out_while_the_registry_takes_none() {
    let mut sim = revoking();
    sim.asks(
        Purpose::Revoke,
        Question::Challenge(Challenge {
            wait: Some(Duration::from_millis(3200)),
            attempt: 4,
            ..challenge(4)
        }),
    );
    sim.types(OTP)
        .press("enter")
        .says("before the wait is over")
        .wants(&[]);
    sim.waits(300)
        .press("enter")
        .says("before the wait is over")
        .wants(&[]);
    let next = sim.now.mono + Duration::from_millis(900);
    assert_eq!(sim.model.wake_at(), Some(next), "once a second");
    sim.waits(2900).press("enter");
    assert_eq!(sim.answers().len(), 1);
}

#[test]
fn a_background_read_is_not_allowed_to_ask() {
    let mut sim = Sim::start(false);
    sim.arrives(crate::sim::account(npm_warden::domain::tfa::Tfa::Off));
    sim.effects.clear();
    sim.challenged(Purpose::Tokens).wants(&["cancel"]);
    assert!(sim.model.challenges.is_empty());
}

#[test]
fn p04_a_recovery_code_is_masked_and_a_revealed_one_hides_by_itself() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).types(OTP);
    let shows = |sim: &Sim| {
        let field = &sim.model.challenges[0].typed;
        field.shows_text(sim.now.mono)
    };
    assert!(shows(&sim), "digits can be checked while they are typed");
    sim.types("abcdefgh");
    assert!(!shows(&sim));
    sim.press("ctrl-r");
    assert!(shows(&sim));
    sim.effects.clear();
    sim.waits(10_000).wiped();
    assert!(!shows(&sim));
}

#[test]
fn the_end_of_a_request_takes_its_question_along() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    sim.fails(
        Purpose::Revoke,
        npm_warden::domain::failure::FailureKind::Network,
        "Gone.",
    )
    .wiped()
    .at_scope(Scope::RevokeDone);
}

/// A recovery code stands in the field, typed or pasted, and Enter was pressed.
fn at_the_page(way: fn(&mut Sim)) -> Sim {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    way(&mut sim);
    sim.press("enter").at_scope(Scope::Spending).wants(&[]);
    sim
}

#[test]
fn p11_a_recovery_code_goes_out_only_after_a_page_of_its_own() {
    let code = format!("{CODE}{CODE}");
    let typed: fn(&mut Sim) = |sim| {
        sim.types(CODE).types(CODE);
    };
    let pasted: fn(&mut Sim) = |sim| {
        sim.pastes(&format!(" {CODE} {CODE}\n"));
    };
    for way in [typed, pasted] {
        // No is the default, and so is Esc; the text is kept.
        for keys in ["enter", "n", "esc", "tab tab enter"] {
            let mut sim = at_the_page(way);
            sim.waits(400).press(keys).at_scope(Scope::Challenge);
            assert!(sim.answers().is_empty());
            assert!(!sim.model.challenges[0].typed.is_empty());
        }
        for keys in ["y", "tab enter"] {
            let mut sim = at_the_page(way);
            sim.waits(400).press(keys).at_scope(Scope::Challenge);
            assert_eq!(sim.answers()[0].1, format!("code {code}"));
            assert!(sim.model.challenges[0].typed.is_empty());
            sim.press("enter").wants(&[]);
        }
    }
}

#[test]
fn p11_the_page_comes_for_whatever_no_clock_shows_and_each_time_anew() {
    for (typed, page) in [
        ("12345678", false),
        // Some registries give recovery codes of digits alone.
        ("123456789", true),
        ("1234567890123456", true),
        ("12345678901234567", true),
        ("12a456", true),
    ] {
        let mut sim = revoking();
        sim.challenged(Purpose::Revoke).types(typed).press("enter");
        assert_eq!(sim.answers().is_empty(), page, "{typed}");
    }
    let mut sim = at_the_page(|sim| {
        sim.types(CODE);
    });
    // Another question of the registry closes the page.
    sim.asks(Purpose::Revoke, Question::Challenge(challenge(2)))
        .at_scope(Scope::Challenge);
    sim.types(CODE).press("enter").at_scope(Scope::Spending);
}

#[test]
fn p11_what_follows_a_pasted_code_at_once_is_no_yes() {
    let mut sim = at_the_page(|sim| {
        sim.types(CODE);
    });
    // A terminal that types what it pastes, and a second line with a y in it.
    sim.press("y tab enter").at_scope(Scope::Spending);
    assert!(sim.answers().is_empty());
    sim.pastes("y").at_scope(Scope::Spending);
}

#[test]
fn a_question_in_the_middle_of_a_revocation_knows_how_far_it_came() {
    let mut sim = Sim::at_tokens(5);
    sim.press("a x").types("5⏎").challenged(Purpose::Revoke);
    let id = sim.id(Purpose::Revoke);
    assert_eq!(sim.model.revoked_so_far(id), Some((0, 0, 5)));
    let states = [RowState::Accepted, RowState::AlreadyGone, RowState::Sent];
    for (token, state) in tokens(5).into_iter().zip(states) {
        let token = token.key;
        sim.steps(Purpose::Revoke, Step::Row { token, state });
    }
    assert_eq!(sim.model.revoked_so_far(id), Some((2, 1, 2)));
}

fn with_a_page(foreign: bool) -> Sim {
    let mut sim = revoking();
    sim.asks(
        Purpose::Revoke,
        Question::Challenge(web_challenge(1, foreign)),
    )
    .at_scope(Scope::Challenge);
    sim.effects.clear();
    sim
}

/// The one address among the wishes, opened or copied.
fn address(sim: &mut Sim) -> Option<String> {
    let mut addresses = sim.effects.drain(..).filter_map(|effect| match effect {
        Effect::Open { address } => Some(address.to_string()),
        Effect::Copy {
            text, sensitive, ..
        } => {
            assert!(
                !sensitive,
                "it is to be pasted into a browser, whenever that is"
            );
            Some(text.expose().clone())
        }
        _ => None,
    });
    let first = addresses.next();
    assert_eq!(addresses.next(), None);
    first
}

const OWN: &str = "https://registry.example.com/auth/5f1c2f0e?x=1&y=%2F";
const ELSEWHERE: &str = "https://elsewhere.example.net/auth/5f1c2f0e?x=1&y=%2F";

#[test]
fn p18_the_page_is_opened_and_copied_as_it_is() {
    let mut sim = with_a_page(false);
    sim.press("ctrl-o").says("being opened");
    assert_eq!(address(&mut sim).as_deref(), Some(OWN));
    sim.send(Msg::NotOpened("No browser could be started here: copy it."))
        .says("copy it")
        .tone(Tone::Warning);
    sim.press("ctrl-y");
    assert_eq!(address(&mut sim).as_deref(), Some(OWN));
    sim.send(Msg::Copied(Ok("Copied to the clipboard".to_owned())))
        .says("Copied");
    let style = |sim: &Sim| sim.model.challenges[0].web.as_ref().unwrap().qr;
    let before = style(&sim);
    sim.press("ctrl-g").wants(&[]);
    assert_ne!(before, style(&sim));
}

#[test]
fn a_code_typed_under_the_page_answers_as_well() {
    let mut sim = with_a_page(false);
    let id = sim.id(Purpose::Revoke);
    sim.pastes(&format!("{OTP}\n")).wants(&[]);
    sim.press("enter");
    assert_eq!(sim.answers(), [(id, format!("code {OTP}"))]);
    // The registry is looking at it: the page has no part in that any more.
    sim.press("ctrl-o").says("looking at the code").wants(&[]);
    sim.asks(
        Purpose::Revoke,
        Question::Challenge(web_challenge(2, false)),
    );
    assert_eq!(sim.model.challenges.len(), 1);
    sim.press("ctrl-o").wants(&[&format!("open {OWN}")]);
    // So does the code that such a page shows, which has 16 digits.
    sim.types("1234567890123456").press("enter");
    assert_eq!(sim.answers(), [(id, "code 1234567890123456".to_owned())]);
    sim.asks(
        Purpose::Revoke,
        Question::Challenge(web_challenge(3, false)),
    );
    // And a recovery code, by its page.
    sim.types(CODE).press("enter").at_scope(Scope::Spending);
    sim.waits(400).press("y");
    assert_eq!(sim.answers(), [(id, format!("code {CODE}"))]);
}

#[test]
fn an_approval_closes_the_question_whatever_is_open_of_it() {
    let ways: [fn(&mut Sim); 4] = [
        |_| {},
        |sim| {
            sim.types("640");
        },
        |sim| {
            sim.types(CODE).press("enter").at_scope(Scope::Spending);
        },
        |sim| {
            sim.press("ctrl-o");
        },
    ];
    for (n, way) in ways.into_iter().enumerate() {
        let mut sim = with_a_page(n == 3);
        way(&mut sim);
        sim.effects.clear();
        let id = sim.id(Purpose::Revoke);
        sim.event(Event::Cleared { id })
            .at_scope(Scope::RevokeRunning);
        assert!(sim.answers().is_empty());
    }
}

#[test]
fn a_cancelled_page_is_not_asked_about_again_and_a_late_approval_changes_nothing() {
    let mut sim = with_a_page(false);
    let id = sim.id(Purpose::Revoke);
    sim.waits(400).press("esc").at_scope(Scope::RevokeRunning);
    sim.wants(&["cancel"]);
    sim.event(Event::Cleared { id })
        .at_scope(Scope::RevokeRunning)
        .wants(&[]);
}

#[test]
fn p18_a_page_elsewhere_is_neither_opened_nor_copied_nor_drawn_without_a_yes() {
    for key in ["ctrl-o", "ctrl-y", "ctrl-g"] {
        for no in ["enter", "n", "esc", "tab tab enter"] {
            let mut sim = with_a_page(true);
            sim.types("640").press(key).at_scope(Scope::Foreign);
            sim.waits(400).press(no).at_scope(Scope::Challenge);
            assert_eq!(address(&mut sim), None);
            let asked = &sim.model.challenges[0];
            assert!(!asked.web.as_ref().unwrap().agreed);
            assert_eq!(asked.typed.value().expose(), "640", "what was typed stays");
            sim.press(key).at_scope(Scope::Foreign);
        }
        for yes in ["y", "tab enter"] {
            let mut sim = with_a_page(true);
            // A key that was on its way is no yes.
            sim.press(key).press(yes).at_scope(Scope::Foreign);
            assert_eq!(address(&mut sim), None);
            let mut sim = with_a_page(true);
            sim.press(key).waits(400).press(yes);
            sim.at_scope(Scope::Challenge);
            let wanted = (key != "ctrl-g").then_some(ELSEWHERE);
            assert_eq!(address(&mut sim).as_deref(), wanted);
            assert!(sim.model.challenges[0].web.as_ref().unwrap().agreed);
            // Said once, it holds for this page, also when the question is asked again …
            sim.asks(Purpose::Revoke, Question::Challenge(web_challenge(2, true)));
            sim.press("ctrl-o");
            assert_eq!(address(&mut sim).as_deref(), Some(ELSEWHERE));
            // … and for no other.
            let mut other = web_challenge(3, true);
            let page = &mut other.web.as_mut().unwrap().page;
            page.address = Text::new("https://third.example.net/");
            sim.asks(Purpose::Revoke, Question::Challenge(other));
            sim.press("ctrl-o").at_scope(Scope::Foreign);
            assert_eq!(address(&mut sim), None);
        }
    }
}

#[test]
fn the_countdown_ticks_once_a_second_and_only_while_the_page_is_waited_for() {
    let mut sim = with_a_page(false);
    sim.model.notice = None;
    let start = sim.now.mono;
    let second = Duration::from_secs(1);
    assert_eq!(sim.model.wake_at(), Some(start + second));
    sim.waits(1000);
    assert_eq!(sim.model.wake_at(), Some(start + 2 * second));
    sim.types(OTP).press("enter");
    assert_eq!(sim.model.wake_at(), None, "what was sent has no time");

    let mut sim = with_a_page(false);
    sim.model.notice = None;
    sim.waits(10 * 60 * 1000);
    assert_eq!(sim.model.wake_at(), None);
    sim.press("ctrl-o")
        .says("not waited for any more")
        .wants(&[]);
    sim.types(OTP).press("enter");
    assert_eq!(sim.answers().len(), 1);

    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    assert_eq!(sim.model.wake_at(), None, "nothing runs");
}

#[test]
fn a_page_that_waits_behind_another_question_does_not_tick() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    let behind = second_request(&mut sim);
    sim.event(Event::Asked {
        id: behind,
        question: Question::Challenge(web_challenge(1, false)),
    });
    assert_eq!(sim.model.challenges.len(), 2);
    assert_eq!(sim.model.wake_at(), None);
    sim.press("ctrl-o").says("no page").wants(&[]);
    // Refused, the first one stays in front.
    sim.types(OTP).press("enter");
    sim.asks(Purpose::Revoke, Question::Challenge(challenge(2)));
    assert_eq!(sim.model.challenges[1].id, behind);
    // Approved elsewhere meanwhile, the second one goes without having been seen.
    sim.event(Event::Cleared { id: behind });
    assert_eq!(sim.model.challenges.len(), 1);
}

#[test]
fn of_two_questions_one_is_cancelled_and_the_other_is_answered_by_its_page() {
    let mut sim = with_a_page(false);
    let behind = second_request(&mut sim);
    sim.event(Event::Asked {
        id: behind,
        question: Question::Challenge(web_challenge(1, false)),
    });
    sim.waits(400).press("esc").wants(&["cancel"]);
    assert_eq!(sim.model.challenges[0].id, behind);
    let next = sim.now.mono + Duration::from_millis(600);
    assert_eq!(sim.model.wake_at(), Some(next));
    // Its own moment of grace: the Esc that is still in the fingers is not for it.
    sim.press("esc").at_scope(Scope::Challenge).wants(&[]);
    sim.press("ctrl-o").wants(&[&format!("open {OWN}")]);
    sim.event(Event::Cleared { id: behind })
        .at_scope(Scope::RevokeRunning);
}

/// A save that was begun before is under way as well.
fn second_request(sim: &mut Sim) -> npm_warden::backend::protocol::RequestId {
    let id = npm_warden::backend::protocol::RequestId(sim.model.next_id);
    sim.model.next_id += 1;
    sim.model.requests.insert(
        id,
        npm_warden::app::request::InFlight {
            purpose: Purpose::SaveField,
            asking: npm_warden::backend::protocol::Asking::Allowed,
            cancelled: false,
        },
    );
    id
}

#[test]
fn what_is_said_scrolls_and_typing_brings_the_beginning_back() {
    let mut sim = revoking();
    sim.send(Msg::Resize(40, 12));
    let long = "a long story of the registry's own ".repeat(12);
    sim.asks(
        Purpose::Revoke,
        Question::Challenge(Challenge {
            notices: vec![Text::new(&long)],
            ..challenge(3)
        }),
    );
    let scroll = |sim: &Sim| sim.model.challenges[0].scroll;
    sim.press("down down").at_scope(Scope::Challenge);
    assert_eq!(scroll(&sim), 2);
    sim.press("pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn");
    let last = scroll(&sim);
    assert!((8..24).contains(&last), "{last}");
    sim.press("up");
    assert_eq!(scroll(&sim), last - 1);
    sim.types("6");
    assert_eq!(scroll(&sim), 0);
    assert_eq!(sim.model.challenges[0].typed.value().expose(), "6");
}

#[test]
fn what_is_being_typed_outlives_a_page_that_came_to_nothing() {
    let mut sim = with_a_page(false);
    let (front, back) = OTP.split_at(4);
    sim.types(front);
    let notice = "The page on the web has come to nothing. Type a code, or cancel and begin again.";
    sim.asks(
        Purpose::Revoke,
        Question::Challenge(Challenge {
            notices: vec![Text::new(notice)],
            ..challenge(1)
        }),
    );
    sim.press("ctrl-o").says("no page").wants(&[]);
    assert_eq!(
        sim.model.wake_at(),
        sim.model.notice.as_ref().and_then(|n| n.until)
    );
    sim.types(back).press("enter");
    assert_eq!(sim.answers()[0].1, format!("code {OTP}"));
}

#[test]
fn what_is_no_whole_code_takes_the_place_of_what_was_said_of_the_code_before() {
    let mut sim = revoking();
    let refused = Challenge {
        notices: vec![Text::new("That code was refused before.")],
        ..challenge(2)
    };
    sim.asks(Purpose::Revoke, Question::Challenge(refused.clone()));
    assert!(!sim.model.challenges[0].amiss);
    sim.types("12345").press("enter").says("at least six");
    assert!(sim.model.challenges[0].amiss);
    sim.asks(Purpose::Revoke, Question::Challenge(refused));
    assert!(!sim.model.challenges[0].amiss);
}

#[test]
fn f1_helps_in_the_field_of_a_question_and_gives_it_back() {
    let mut sim = with_a_page(false);
    sim.types("123").press("f1").at_scope(Scope::Help);
    let groups = npm_warden::app::keymap::help(&sim.model);
    assert_eq!(groups[0].title, "The registry's question");
    sim.press("down esc").at_scope(Scope::Challenge);
    assert_eq!(sim.model.challenges[0].typed.value().expose(), "123");
    // The question that closes by itself leaves the help to what lies beneath.
    sim.press("f1");
    let id = sim.id(Purpose::Revoke);
    sim.event(Event::Cleared { id }).at_scope(Scope::Help);
    sim.press("esc").at_scope(Scope::RevokeRunning);
}
