//! Faults of the program itself: what the person has on the screen, or on its way, is not lost with them.

use std::io::Write as _;
use std::sync::Arc;

use npm_warden::app::DemoCode;
use npm_warden::backend::protocol::{Event, Outcome, Question};
use npm_warden::backend::{self, Configured, Deps, SystemClock, WORK};
use npm_warden::domain::secret::Secret;
use npm_warden::npmrc::Config;
use npm_warden::sandbox::Options;
use npm_warden::shell::terminal::install_panic_hook;
use npm_warden::shell::{self, DemoAccount};
use npm_warden::ui::Theme;
use portable_pty::CommandBuilder;
use tokio::sync::mpsc;

use crate::house::{DESIGN, House, codes_in};
use crate::quit::{WAITING, confirming_in};
use crate::tui::Tui;
use crate::wizard::{present, to_the_code};

/// Set for the process that is to have a fault: which. Only this test binary knows it.
const FAULT: &str = "NPM_WARDEN_TEST_FAULT";
const URL: &str = "NPM_WARDEN_TEST_URL";
const TOKEN: &str = "NPM_WARDEN_TEST_TOKEN";

/// The program with a fault.
fn enter(house: &House, fault: &str) -> Tui {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "faults::has_a_fault_on_request", "--nocapture"]);
    let token = house.registry.running.token().expose();
    let env = [(FAULT, fault), (URL, house.url()), (TOKEN, token)];
    let tui = Tui::run(DESIGN, house.home(), command, &env);
    tui.shows("two-factor auth off");
    tui
}

/// Draws no more when it is asked for the code.
struct Faulty;

impl DemoAccount for Faulty {
    fn password(&self) -> String {
        String::new()
    }

    fn code(&self) -> Option<DemoCode> {
        panic!("in the thread that draws");
    }
}

/// Not a test by itself: what the others run in a terminal.
#[test]
fn has_a_fault_on_request() {
    let Ok(fault) = std::env::var(FAULT) else {
        return;
    };
    install_panic_hook(None);
    let var = |name: &str| std::env::var(name).unwrap();
    let config = move || {
        let (url, token) = (var(URL).parse().unwrap(), Secret::from(var(TOKEN)));
        Ok(Config::of_token(url, token, "this test".into()))
    };
    let home = std::path::PathBuf::from(std::env::var_os("HOME").unwrap());
    let deps = Deps {
        vault_dir: home.join("data"),
        place_dir: home.clone(),
        home: Some(home),
        clock: Arc::new(SystemClock),
        work: WORK,
        seed: None,
    };
    let (handle, mut events) = backend::spawn(Configured::fixed(config), deps);
    let ends_after: fn(&Event) -> bool = match fault.as_str() {
        "codes" => |event| {
            matches!(
                event,
                Event::Asked {
                    question: Question::CodesShown,
                    ..
                }
            )
        },
        "created" => |event| {
            matches!(
                event,
                Event::Finished {
                    result: Ok(Outcome::Created(_)),
                    ..
                }
            )
        },
        "asked" => |event| matches!(event, Event::Asked { .. }),
        _ => |_| false,
    };
    // Ends as the backend's own channel does when its thread is gone.
    let (pass_on, passed) = mpsc::channel(256);
    std::thread::spawn(move || {
        while let Some(event) = events.blocking_recv() {
            let last = ends_after(&event);
            if pass_on.blocking_send(event).is_err() || last {
                return;
            }
        }
    });
    let ended = shell::run_on((handle, passed), Theme::plain(), Some(Box::new(Faulty)));
    if let Err(error) = ended {
        let _ = writeln!(std::io::stderr(), "npm-warden: {error}");
        std::process::exit(error.exit_code().into());
    }
}

#[test]
fn p07_a_panic_while_the_codes_are_on_their_way_waits_for_them_and_saves_them() {
    let house = House::gated(Options::default());
    let mut tui = confirming_in(&house, enter(&house, "drawing"));
    tui.keys("\x14");
    tui.shows("npm-warden stopped because of a mistake in its own code");
    tui.shows(WAITING);
    assert!(tui.cooked());
    house.gate().open();
    tui.shows("the recovery codes are in");
    assert!(!tui.ended().success());
    let files = house.code_files();
    assert_eq!(files.len(), 1);
    assert!(house.takes(&codes_in(&files[0])[0]));
}

#[test]
fn a_backend_that_ends_by_itself_ends_the_program_and_says_so() {
    let house = House::new(Options::default());
    let mut tui = enter(&house, "asked");
    crate::wizard::to_the_password(&mut tui);
    tui.keys(&house.password());
    tui.keys("\r");
    tui.shows("▸Place");
    // The last of the places is a plain file.
    tui.keys("\x1b[Z");
    tui.shows(".txt");
    tui.keys("\r");
    tui.shows("Enter uses it all the same");
    tui.keys("\r");
    assert_eq!(tui.ended().exit_code(), 1);
    tui.shows("the part that talks to the registry ended");
    assert!(tui.cooked());
}

#[test]
fn p08_codes_on_the_screen_outlive_a_backend_that_ends_by_itself() {
    let house = House::new(Options::default());
    let mut tui = enter(&house, "codes");
    let otpauth = to_the_code(&mut tui, &house.password());
    tui.keys(&present(&otpauth));
    tui.keys("\r");
    tui.shows("ended. Keep what this screen shows");
    let codes = codes_in(&house.code_files()[0]);
    for code in &codes {
        tui.shows(&code[..32]);
    }
    // It goes on listening to the person: the codes are let go of by a word alone.
    tui.keys("\r");
    tui.hides(&codes[0][..32]);
    tui.keys("decline\r");
    tui.shows("▸Done");
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 1);
    assert!(tui.cooked());
    tui.shows("npm-warden stopped because of a mistake in its own code");
}

#[test]
fn a_new_tokens_value_outlives_a_backend_that_ends_by_itself() {
    let house = House::new(Options::default());
    let mut tui = enter(&house, "created");
    tui.keys("3");
    tui.shows("12 of 12");
    let password = house.password();
    tui.keys(&format!("n \x1b[6~{password}\r"));
    tui.shows("Its value is shown this once:");
    tui.shows("ended. Keep what this screen shows");
    tui.shows("npm_");
    // It is let go of by a word alone.
    tui.keys("\x03");
    tui.shows("nowhere else");
    tui.keys("\x03");
    assert_eq!(tui.ended().exit_code(), 1);
    assert!(tui.cooked());
    tui.shows("npm-warden stopped because of a mistake in its own code");
}
