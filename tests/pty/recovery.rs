//! Two instances at once: one holds the list of recovery codes, the other reads it and says so.

use npm_warden::sandbox::Options;

use crate::house::{DESIGN, House};

#[test]
fn the_second_instance_reads_and_says_so() {
    let house = House::new(Options::default());
    let mut first = house.enter(DESIGN, &[]);
    first.keys("4");
    first.shows("No recovery codes are known on this machine");
    let mut second = house.enter(DESIGN, &[]);
    second.keys("4");
    second.shows("Another npm-warden is running");
    assert!(!first.text().contains("Another npm-warden"));

    first.keys("q");
    assert!(first.ended().success());
    second.keys("r");
    second.hides("Another npm-warden is running");
}
