//! The terminal is given back, whatever ends the program or stops it (promise P05).

use std::io::Write as _;

use npm_warden::sandbox::Options;
use npm_warden::shell::terminal::{Terminal, install_panic_hook};
use portable_pty::CommandBuilder;
use ratatui::widgets::Paragraph;
use rustix::process::Signal;

use crate::house::{DESIGN, House};
use crate::tui::Tui;
use crate::wizard::to_the_code;

/// Set for the process that is to panic. Only this test binary knows it.
const PANIC: &str = "NPM_WARDEN_TEST_PANIC";

/// What must not be left anywhere.
const SECRET: &str = "JBSW Y3DP EHPK 3PXP";

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn demo(home: &tempfile::TempDir) -> Tui {
    let tui = Tui::start(DESIGN, home.path(), &["--demo"], &[]);
    tui.shows("DEMO");
    tui.shows("two-factor auth off");
    assert!(!tui.cooked());
    tui
}

/// Blanks in every row of the alternate screen before it is left: what a terminal keeps of it holds no secret.
fn overwritten_before_leaving(raw: &[u8], rows: u16) {
    let text = String::from_utf8_lossy(raw);
    let left = text
        .rfind("\x1b[?1049l")
        .expect("it left the alternate screen");
    let entered = text[..left].rfind("\x1b[?1049h").expect("it was there");
    let mut kept = vt100::Parser::new(rows, DESIGN.0, 0);
    kept.process(text[entered..left].as_bytes());
    assert_eq!(kept.screen().contents().trim(), "", "something was left");
    let erased = (1..=rows).all(|row| text[..left].contains(&format!("\x1b[{row};1H\x1b[2K")));
    assert!(erased, "a row was not overwritten");
}

#[test]
fn p05_quit() {
    let home = home();
    let mut tui = demo(&home);
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
    tui.assert_given_back("");
    overwritten_before_leaving(&tui.raw(), DESIGN.1);
}

#[test]
#[cfg(target_os = "linux")]
fn p06_no_core_file_can_be_written() {
    let home = home();
    let tui = demo(&home);
    let limits = tui.limits();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{limits}");
}

#[test]
fn p05_ctrl_c() {
    let home = home();
    let mut tui = demo(&home);
    tui.keys("\x03");
    assert_eq!(tui.ended().exit_code(), 0);
    tui.assert_given_back("");
}

#[test]
fn p05_p40_signals_end_it_and_the_scratch_folder_goes() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT] {
        let home = home();
        let tui = demo(&home);
        let scratch = || std::fs::read_dir(home.path().join("tmp")).unwrap().count();
        assert_eq!(scratch(), 1);
        tui.signal(signal);
        assert_eq!(tui.ended().exit_code(), 0, "{signal:?}");
        tui.assert_given_back("");
        overwritten_before_leaving(&tui.raw(), DESIGN.1);
        assert_eq!(scratch(), 0, "{signal:?}");
    }
}

#[test]
fn p05_a_secret_screen_is_gone_after_sigterm() {
    let house = House::new(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    to_the_code(&mut tui, &house.password());
    tui.signal(Signal::TERM);
    assert_eq!(tui.ended().exit_code(), 0);
    tui.assert_given_back("");
    overwritten_before_leaving(&tui.raw(), DESIGN.1);
}

/// The demo as a job of a shell.
fn job(home: &tempfile::TempDir) -> Tui {
    let mut tui = Tui::start_as_a_job(DESIGN, home.path(), &["--demo"]);
    tui.shows("DEMO");
    tui.shows("two-factor auth off");
    tui.is_the_job(home.path());
    tui
}

#[test]
fn p05_ctrl_z_gives_the_terminal_back_and_fg_draws_everything_anew() {
    let home = home();
    let mut tui = job(&home);
    for (by_key, stopped) in [(true, "stopped 1"), (false, "stopped 2")] {
        if by_key {
            tui.keys("\x1a");
        } else {
            tui.signal(Signal::TSTP);
        }
        tui.shows(stopped);
        tui.assert_given_back(stopped);
        // The shell may do anything with the window meanwhile.
        tui.resize(100, 30);
        tui.resize(DESIGN.0, DESIGN.1);
        tui.keys("\r");
        tui.find("the alternate screen", |screen| {
            screen.alternate_screen().then_some(())
        });
        tui.shows("DEMO");
        tui.shows("two-factor auth off");
        tui.shows("q quit");
        tui.find("paste in brackets", |screen| {
            screen.bracketed_paste().then_some(())
        });
        assert!(!tui.cooked());
    }
    tui.keys("3");
    tui.shows("Tokens ─");
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
    tui.assert_given_back("stopped 2");
}

#[test]
fn p05_told_to_end_while_it_is_stopped_it_ends_when_it_goes_on() {
    let home = home();
    let mut tui = job(&home);
    tui.keys("\x1a");
    tui.shows("stopped 1");
    tui.signal(Signal::TERM);
    tui.keys("\r");
    assert_eq!(tui.ended().exit_code(), 0);
    assert!(tui.cooked());
}

#[test]
fn where_no_shell_would_bring_it_back_it_does_not_stop_and_says_why() {
    // Here it leads the session itself, as in a container or a window that was opened for it.
    let home = home();
    let mut tui = demo(&home);
    tui.keys("\x1a");
    tui.shows("Ctrl-Z needs a shell");
    tui.keys("3");
    tui.shows("Tokens ─");
    tui.signal(Signal::TSTP);
    tui.shows("Ctrl-Z needs a shell");
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
    tui.assert_given_back("");
}

#[test]
fn stopped_from_outside_and_continued_it_takes_its_modes_again() {
    let home = home();
    let mut tui = demo(&home);
    tui.signal(Signal::STOP);
    tui.stopped();
    // A shell that gets its prompt back clears what it finds.
    tui.scribble("\x1b[?1049l\x1b[2J\x1b[?2004l");
    tui.signal(Signal::CONT);
    tui.shows("two-factor auth off");
    tui.find("the alternate screen", |screen| {
        (screen.alternate_screen() && screen.bracketed_paste()).then_some(())
    });
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
}

#[test]
fn p01_p05_a_panic_gives_the_terminal_back_and_says_one_sentence_without_a_secret() {
    let home = home();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "modes::panics_on_request", "--nocapture"]);
    let mut tui = Tui::run(DESIGN, home.path(), command, &[(PANIC, "1")]);
    tui.shows(SECRET);
    assert!(!tui.cooked());
    tui.keys("\n");
    assert!(!tui.ended().success());
    assert!(tui.cooked());
    let text = tui.text();
    assert!(
        text.contains("npm-warden stopped because of a mistake in its own code"),
        "{text}"
    );
    assert!(text.contains("--log FILE"), "{text}");
    let raw = tui.raw();
    let raw = String::from_utf8_lossy(&raw);
    let (_, after) = raw.rsplit_once("\x1b[?1049l").unwrap();
    assert!(!after.contains("JBSW") && !text.contains("JBSW"), "{text}");
    assert!(after.contains("\x1b[?25h"), "the cursor is hidden");
    assert!(raw.contains("\x1b[?2004l"), "bracketed paste is on");
    overwritten_before_leaving(raw.as_bytes(), DESIGN.1);
}

/// Not a test by itself: what the one above runs in a terminal. Draws a secret, waits for Enter, draws another frame
/// half way and panics with the secret in the panic's own text.
#[test]
fn panics_on_request() {
    if std::env::var_os(PANIC).is_none() {
        return;
    }
    install_panic_hook(None);
    let mut terminal = Terminal::enter().unwrap();
    let show =
        |frame: &mut ratatui::Frame<'_>| frame.render_widget(Paragraph::new(SECRET), frame.area());
    terminal.draw(show).unwrap();
    std::io::stdin().read_line(&mut String::new()).ok();
    let _ = terminal.draw(|frame| {
        show(frame);
        panic!("with {SECRET}");
    });
}

/// A window whose frame is more than a terminal takes at once.
const LARGE: (u16, u16) = (500, 200);

#[test]
fn a_terminal_that_others_made_non_blocking_is_waited_for() {
    let home = home();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "modes::draws_a_lot_on_request", "--nocapture"]);
    let tui = Tui::run(LARGE, home.path(), command, &[(PANIC, "1")]);
    assert!(tui.ended().success(), "{}", tui.text());
}

/// What the one above runs.
#[test]
fn draws_a_lot_on_request() {
    if std::env::var_os(PANIC).is_none() {
        return;
    }
    // The terminal is shared with whoever started this, and so is this flag.
    let stdout = rustix::stdio::stdout();
    let flags = rustix::fs::fcntl_getfl(stdout).unwrap();
    rustix::fs::fcntl_setfl(stdout, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut terminal = Terminal::enter().unwrap();
    for text in ["#", "+"] {
        let lines = vec![text.repeat(usize::from(LARGE.0)); usize::from(LARGE.1)].join("\n");
        terminal
            .draw(|frame| frame.render_widget(Paragraph::new(lines), frame.area()))
            .unwrap();
    }
    drop(terminal);
    rustix::fs::fcntl_setfl(stdout, flags).unwrap();
}

#[test]
fn p01_a_log_names_the_place_of_a_panic_and_nothing_else() {
    // Beside the thread that draws, a panic is only logged: nothing of it reaches the screen or standard error.
    let said = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "modes::panics_beside_on_request", "--nocapture"])
        .env(PANIC, "1")
        .output()
        .unwrap();
    assert!(said.status.success());
    let all = [said.stdout, said.stderr].concat();
    let all = String::from_utf8_lossy(&all);
    assert!(!all.contains("JBSW") && !all.contains("mistake"), "{all}");
}

/// What the one above runs.
#[test]
fn panics_beside_on_request() {
    if std::env::var_os(PANIC).is_none() {
        return;
    }
    install_panic_hook(None);
    let beside = std::thread::spawn(|| panic!("with {SECRET}"));
    assert!(beside.join().is_err());
    let _ = std::io::stdout().flush();
}

#[test]
fn resized_to_one_cell_and_back_in_the_wizard_nothing_is_lost() {
    let house = House::new(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    let otpauth = to_the_code(&mut tui, &house.password());
    tui.keys("12");
    tui.shows("12");
    for (columns, rows) in [(1, 1), (2, 1), (39, 11), (80, 2), DESIGN] {
        let drawn = tui.raw().len();
        tui.resize(columns, rows);
        tui.draws_after(drawn);
    }
    let again = tui.find("the QR code", |screen| crate::qr::read(screen, 0));
    assert_eq!(again, otpauth);
    tui.shows("[ 12");
    // Faster than the program can follow: to it the window has the size that it had, but not the content.
    for (columns, rows) in [(1, 1), (2, 2), DESIGN] {
        tui.resize(columns, rows);
    }
    tui.shows("[ 12");
    tui.keys("\x15");
    tui.keys(&crate::wizard::present(&otpauth));
    tui.keys("\r");
    tui.shows("▸Codes");
    assert_eq!(house.code_files().len(), 1);
}
