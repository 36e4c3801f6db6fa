//! The thin binary: arguments to the terminal program, a plain command, or the embedded registry.

mod demo;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::tz::TimeZone;
use npm_warden::args::{Cli, Command, TuiArgs};
use npm_warden::backend::{Configured, Deps, SystemClock, WORK};
use npm_warden::commands;
use npm_warden::npmrc::{self, Inputs};
use npm_warden::shell::{self, Setup, log, terminal};
use npm_warden::ui::Theme;

/// A command line that makes no sense here.
const USAGE: u8 = 2;
/// A fault on this machine.
const LOCAL: u8 = 1;

/// What is said at the end when it is not well, and the exit code.
struct End(String, u8);

fn main() -> ExitCode {
    shell::no_dumps();
    let cli = Cli::of_process(commands::wrong_line);
    let ended = match &cli.command {
        Some(Command::Registry(args)) => {
            commands::registry::run(args).map_err(|error| End(error.to_string(), error.exit_code()))
        }
        Some(command) => {
            let deps = folders().map(|(vault_dir, home)| deps(vault_dir, &home));
            return ExitCode::from(commands::run(command, deps));
        }
        None => tui(&cli.tui),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(End(sentence, code)) => {
            complain(&sentence);
            ExitCode::from(code)
        }
    }
}

/// Said to whoever is still there: a terminal that hung up takes nothing.
fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "npm-warden: {sentence}");
}

fn tui(args: &TuiArgs) -> Result<(), End> {
    shell::terminal_at_hand()?;
    if let Some(path) = &args.log {
        log::start(path).map_err(|error| {
            let path = path.display();
            End(
                format!("The log {path} cannot be written: {error}. Name another file."),
                LOCAL,
            )
        })?;
    }
    terminal::install_panic_hook(args.log.clone());
    if args.demo {
        demo::run_demo(args, theme())
    } else {
        account(args)
    }
}

/// On the registry and the credential that the npm configuration gives.
fn account(args: &TuiArgs) -> Result<(), End> {
    let read = {
        let (registry, userconfig) = (args.registry.clone(), args.userconfig.clone());
        move || Inputs::from_process(registry.clone(), userconfig.clone())
    };
    if args.registry.is_some() || args.userconfig.is_some() {
        // What was asked for on the command line and cannot be had is told there, and not on a screen.
        read()
            .and_then(|inputs| npmrc::load(&inputs))
            .map_err(|failure| End(failure.to_string(), USAGE))?;
    }
    let (vault_dir, home) = folders().map_err(|failure| End(failure, LOCAL))?;
    run(Setup {
        connector: Configured::npm(read),
        deps: deps(vault_dir, &home),
        theme: theme(),
        demo: None,
    })
}

fn run(setup: Setup<Configured>) -> Result<(), End> {
    Ok(shell::run(setup)?)
}

impl From<shell::Error> for End {
    fn from(error: shell::Error) -> Self {
        Self(error.to_string(), error.exit_code())
    }
}

/// `home` is what `~/` stands for, too.
fn deps(vault_dir: PathBuf, home: &Path) -> Deps {
    Deps {
        vault_dir,
        place_dir: home.to_owned(),
        home: Some(home.to_owned()),
        clock: Arc::new(SystemClock),
        work: WORK,
        seed: None,
    }
}

/// The program's own folder, and the person's.
fn folders() -> Result<(PathBuf, PathBuf), String> {
    let none = || {
        "There is no home folder to keep the list of recovery codes in. Set HOME and start again."
            .to_owned()
    };
    let base = directories::BaseDirs::new().ok_or_else(none)?;
    let own = directories::ProjectDirs::from("", "", env!("CARGO_PKG_NAME")).ok_or_else(none)?;
    // Who sets it means it, also where it is not the platform's habit.
    let vault = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|data| data.is_absolute())
        .map_or_else(
            || own.data_local_dir().to_owned(),
            |data| data.join(env!("CARGO_PKG_NAME")),
        );
    Ok((vault, base.home_dir().to_owned()))
}

/// The terminal's palette, or none where the person wants none; times in the person's zone.
fn theme() -> Theme {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let theme = if plain {
        Theme::plain()
    } else {
        Theme::colour()
    };
    theme.in_zone(zone())
}

/// The person's time zone. Its file is read by itself: to find its name means a walk through all folders of the
/// system's database before the first frame, and nothing here shows the name.
fn zone() -> TimeZone {
    let local = || TimeZone::tzif("Local", &std::fs::read("/etc/localtime").ok()?).ok();
    match std::env::var_os("TZ") {
        None if cfg!(unix) => local().unwrap_or_else(TimeZone::system),
        _ => TimeZone::system(),
    }
}
