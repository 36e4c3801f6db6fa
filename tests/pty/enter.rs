//! Signing in from the terminal program: on the web, by password, and in the middle of work.

use npm_warden::sandbox::Options;

use crate::house::{DESIGN, House, mode};
use crate::plain::{run, tokens};
use crate::tui::Tui;

/// The program where the file has no token, and the form is open.
fn at_the_form(house: &House) -> Tui {
    let npmrc = house.npmrc();
    let args = [
        "--registry",
        house.url(),
        "--userconfig",
        npmrc.to_str().unwrap(),
    ];
    let mut tui = Tui::start(DESIGN, house.home(), &args, &[]);
    tui.shows("You are not signed in to");
    tui.keys("\r");
    tui.shows("Keep the sign-in");
    tui
}

/// The address that the sign-in page shows, whole.
fn page(tui: &Tui, house: &House) -> String {
    let from = house.url().to_owned();
    tui.find("the page", |screen| {
        let text = screen.contents();
        if !text.contains("Waiting for you there") {
            return None;
        }
        let mut page = String::new();
        // In a row of its own, or broken beside the QR code: the cells behind the border, row by row.
        for row in text.lines() {
            let row = row.trim_end_matches(['│', ' ']);
            if let Some(at) = row.find(&from) {
                row[at..].clone_into(&mut page);
            } else if !page.is_empty() {
                let next = row.rsplit("  ").next().unwrap_or_default().trim();
                if next.is_empty() || next.contains(' ') {
                    break;
                }
                page.push_str(next);
            }
        }
        (!page.is_empty()).then_some(page)
    })
}

#[test]
fn on_the_web_for_this_session_which_ends_with_the_program() {
    let house = House::new(Options::default());
    std::fs::write(house.npmrc(), "save-exact=true\n").unwrap();
    let before = tokens(&house);
    let mut tui = at_the_form(&house);
    tui.keys("\r");
    let page = page(&tui, &house);
    assert!(house.registry.running.approve(&page), "{page}");
    tui.shows("this session ends with npm-warden");
    tui.shows("· session");
    assert_eq!(tokens(&house), before + 1);
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
    assert_eq!(tokens(&house), before);
    let file = std::fs::read_to_string(house.npmrc()).unwrap();
    assert_eq!(file, "save-exact=true\n");
}

#[test]
fn by_password_and_kept_for_npm_without_the_password_anywhere() {
    let house = House::new(Options {
        web: false,
        ..Options::default()
    });
    std::fs::remove_file(house.npmrc()).unwrap();
    let before = tokens(&house);
    let mut tui = at_the_form(&house);
    // There is no page: said once, and the form goes on to the password.
    tui.keys("\r");
    tui.shows("(not here)");
    let name = house.registry.running.username().to_owned();
    tui.keys(&format!("{name}\r{}\t", house.password()));
    tui.shows("also in");
    tui.keys("j\r");
    tui.shows(&format!("Signed in as {name}, and npm can use it"));
    assert_eq!(mode(&house.npmrc()), 0o600);
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
    assert!(!String::from_utf8_lossy(&tui.raw()).contains(&house.password()));
    // It lives on for npm.
    assert_eq!(tokens(&house), before + 1);
    let (exit, out, _) = run(&house, "whoami");
    assert_eq!((exit, out.trim()), (0, name.as_str()));
}

#[test]
fn a_session_that_ends_in_the_middle_of_work_is_taken_up_again_in_place() {
    let house = House::new(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    tui.keys("je");
    tui.shows("[ Tess Marlow");
    tui.keys(" II\r");
    tui.shows("→ Tess Marlow II");
    // Ended elsewhere, under the program's hands.
    assert_eq!(run(&house, "logout --yes").0, 0);
    tui.keys("\r");
    tui.shows("accepts the credential of");
    tui.shows("· save fullname");
    // Whose it is stands there already, and fixed: the password comes next.
    tui.keys(&format!("j\t{}", house.password()));
    tui.shows("••••");
    // Enter counts a moment after the form has opened: what was meant for something else signs nobody in.
    tui.press_until_gone("\r", "Keep the sign-in");
    tui.shows("fullname is saved.");
    tui.shows("Tess Marlow II");
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
}
