//! A set-up whose last code was sent and whose answer, with the recovery codes, is kept back by the gate.

use std::path::{Path, PathBuf};

use npm_warden::sandbox::Options;

use crate::house::{DESIGN, House};
use crate::tui::Tui;
use crate::wizard::{present, to_the_code_in};

/// What the person types as the place.
pub const FILE: &str = "codes.txt";

/// The answer is on its way.
pub struct Arriving {
    pub house: House,
    pub tui: Tui,
}

impl Arriving {
    /// The place is a plain file in the home folder.
    pub fn new() -> Self {
        let house = Self::house();
        let tui = house.enter_unlogged(DESIGN);
        Self::from(house, tui, FILE)
    }

    /// A home folder with a file of somebody's, and a registry behind a gate.
    pub fn house() -> House {
        let house = House::gated(Options::default());
        std::fs::write(house.home().join("codes"), "somebody's\n").unwrap();
        house
    }

    /// The same with a program that was started in a way of its own, and another place.
    pub fn from(house: House, mut tui: Tui, place: &str) -> Self {
        let otpauth = to_the_code_in(&mut tui, &house.password(), place);
        house.gate().shut();
        tui.keys(&present(&otpauth));
        tui.keys("\r");
        house.gate().keeps_one();
        Self { house, tui }
    }

    pub fn home(&self) -> &Path {
        self.house.home()
    }

    /// The place that was chosen.
    pub fn file(&self) -> PathBuf {
        self.home().join(FILE)
    }

    /// The program's own folder.
    pub fn data(&self) -> PathBuf {
        self.home().join("data/npm-warden")
    }

    /// The list of sets.
    pub fn index(&self) -> PathBuf {
        self.data().join("recovery-sets.json")
    }

    /// The answer arrives; the program does so much that it asks to look at the codes.
    pub fn arrives(&self) {
        self.house.gate().open();
        self.tui.shows("Enter hides");
    }

    /// The files of the home folder and of the program's own, in order; links counted.
    pub fn files(&self) -> Vec<PathBuf> {
        let folders = [self.home().to_owned(), self.data()];
        let entries = folders.iter().flat_map(|folder| folder.read_dir().unwrap());
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.is_symlink() || !path.is_dir());
        paths.sort();
        paths
    }

    /// What was there before is as it was.
    #[track_caller]
    pub fn spares_what_was_there(&self) {
        let somebodys = std::fs::read_to_string(self.home().join("codes")).unwrap();
        assert_eq!(somebodys, "somebody's\n");
    }
}
