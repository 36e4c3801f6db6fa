//! Ten thousand tokens in a terminal: used while they arrive, and held in little memory.

use npm_warden::sandbox::Options;

use crate::house::House;

const WINDOW: (u16, u16) = (120, 30);

/// The most that the program may take at any moment of a first reading and another one, in KiB: a fence around the 16,100
/// to 17,900 that were seen, with room for how far the screen lags behind. Nearly half of it is the program's file; the target,
/// 16 MiB, has nothing to spare, see `PERFORMANCE.md`. Only an optimised build is held to it: the other one's file alone is larger than all of that.
#[cfg(target_os = "linux")]
const MOST: u64 = 20 * 1024;

/// How many pages are asked for at once.
const AT_ONCE: usize = 8;

fn house() -> House {
    House::gated(Options {
        tokens: 10_000,
        ..Options::default()
    })
}

#[test]
fn they_are_used_from_the_first_page_on_and_stand_in_one_list_at_the_end() {
    let house = house();
    house.gate().shut_later_pages();
    let mut tui = house.enter_unlogged(WINDOW);
    tui.keys("3");
    // One page is here, and no other one comes before the gate opens.
    tui.shows("100 of 100");
    tui.shows("100 of 10000");
    house.gate().keeps(AT_ONCE);
    tui.keys("jj ");
    tui.shows("1 selected");
    tui.keys("/nightly");
    tui.shows("9 of 100");
    tui.shows("1 selected, 1 not shown");
    tui.keys("\r\r");
    tui.shows("Esc close");
    tui.keys("\x1b");
    tui.hides("Esc close");
    tui.keys("\x1b");
    tui.shows("100 of 100 · 1 selected");
    tui.keys("y");
    tui.shows("✓bypass");
    house.gate().open();
    // Nothing that was chosen is lost when the rest comes.
    tui.shows("of 10000 · 1 selected");
    tui.hides("Reading");
    tui.keys("y");
    tui.shows("10000 of 10000 · 1 selected");
    tui.keys("G");
    tui.shows("↑ 99");
    tui.keys("r");
    tui.shows("10000 of 10000");
    tui.hides("Reading");
    #[cfg(target_os = "linux")]
    if std::env::var_os("NPM_WARDEN_BIN").is_some() {
        let most = tui.most_memory();
        assert!(most <= MOST, "it took {most} KiB");
    }
}
