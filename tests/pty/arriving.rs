//! A set-up whose last code was sent and whose answer, with the recovery codes, is kept back by the gate.

use std::path::{Path, PathBuf};

use npm_warden::sandbox::Options;

use crate::house::{DESIGN, House};
use crate::sealed;
use crate::tui::Tui;
use crate::wizard::{present, to_the_code_in, to_the_code_sealed};

/// What the person types as the place.
pub const FILE: &str = "codes.txt";

/// The place for the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Sealed,
}

/// The answer is on its way.
pub struct Arriving {
    pub house: House,
    pub tui: Tui,
    pub kind: Kind,
    /// Where the codes will be.
    pub file: PathBuf,
}

impl Arriving {
    /// The place is a plain file in the home folder.
    pub fn new() -> Self {
        Self::at(Kind::Plain)
    }

    /// With a place of that kind.
    pub fn at(kind: Kind) -> Self {
        let house = Self::house();
        let mut tui = house.enter_unlogged(DESIGN);
        if kind == Kind::Plain {
            return Self::from(house, tui, FILE);
        }
        let otpauth = to_the_code_sealed(&mut tui, &house.password());
        let keys = sealed::keys(&house);
        let [key] = &keys[..] else {
            panic!("not one key: {keys:?}")
        };
        let file = sealed::codes_of(key);
        Self::sent(house, tui, &otpauth, kind, file)
    }

    /// A home folder with a file of somebody's, and a registry behind a gate.
    pub fn house() -> House {
        let house = House::gated(Options::default());
        std::fs::write(house.home().join("codes"), "somebody's\n").unwrap();
        house
    }

    /// With a program that was started in a way of its own, and another plain file.
    pub fn from(house: House, mut tui: Tui, place: &str) -> Self {
        let otpauth = to_the_code_in(&mut tui, &house.password(), place);
        let file = house.home().join(place);
        Self::sent(house, tui, &otpauth, Kind::Plain, file)
    }

    fn sent(house: House, mut tui: Tui, otpauth: &str, kind: Kind, file: PathBuf) -> Self {
        house.gate().shut();
        tui.keys(&present(otpauth));
        tui.keys("\r");
        house.gate().keeps_one();
        Self {
            house,
            tui,
            kind,
            file,
        }
    }

    pub fn home(&self) -> &Path {
        self.house.home()
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
