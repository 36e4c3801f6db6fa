//! Two instances at once: neither keeps the other from the list of recovery codes.

use npm_warden::sandbox::Options;

use crate::house::{DESIGN, House};

#[test]
fn a_second_instance_may_write_the_list_too() {
    let house = House::new(Options::default());
    let mut first = house.enter(DESIGN, &[]);
    first.keys("4");
    first.shows("No recovery codes are known on this machine");
    let mut second = house.enter(DESIGN, &[]);
    second.keys("4");
    second.shows("No recovery codes are known on this machine");
    for tui in [&first, &second] {
        assert!(!tui.text().contains("only reads"), "{}", tui.text());
    }
}
