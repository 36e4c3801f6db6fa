//! Opening an address in the person's browser: as one argument, by no shell, and held up by nothing (promise P18).
//!
//! No crate does it: the usual one goes through a command line or a script on some systems, and waits in place.

use std::io;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use url::Url;

use crate::domain::text::Text;
use crate::npmrc::is_loopback;

const NO_BROWSER: &str =
    "No browser could be started here: copy the address, or scan it with a phone.";

const UNFIT: &str = "This address is neither https nor on this machine, so it is not opened.";

/// What fails later than this had a window of its own by then, or somebody who closed it.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Opens the address. Tells why not, in a sentence, when it was not; may take as long as the browser is open.
pub fn open(address: &Text) -> impl Future<Output = Option<&'static str>> + use<> {
    let (reply, answer) = oneshot::channel();
    match fit(address) {
        None => {
            let _ = reply.send(Some(UNFIT));
        }
        Some(url) => {
            let ways = ways(&Place::of_process());
            // When no thread can be had, the reply is dropped, which the answer tells. The thread also collects what
            // ended, so that nothing is left of it in the system's table.
            let _ = std::thread::Builder::new()
                .name("browser".to_owned())
                .spawn(move || reply.send((!started(&ways, &url)).then_some(NO_BROWSER)));
        }
    }
    async { answer.await.unwrap_or(Some(NO_BROWSER)) }
}

/// What may be opened: https, or http on this machine. The registry's answer was checked before; this is the last
/// place that can keep `file:` or another program's scheme from the system.
fn fit(address: &Text) -> Option<Url> {
    let url = Url::parse(address.as_str()).ok()?;
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    (safe && url.username().is_empty() && url.password().is_none()).then_some(url)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Mac,
    Windows,
    /// Linux under Windows, whose browser is the other system's.
    Guest,
    /// Linux and its kin: a browser needs a display.
    Desktop {
        display: bool,
    },
}

/// Where the program runs, as far as browsers go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    system: System,
    /// The person sits at another machine.
    remote: bool,
    /// `$BROWSER`: commands separated like the folders of a path; `%s` stands for the address.
    wished: Vec<Vec<String>>,
}

impl Place {
    fn of_process() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let system = if cfg!(target_os = "macos") {
            System::Mac
        } else if cfg!(windows) {
            System::Windows
        } else if set("WSL_DISTRO_NAME") {
            System::Guest
        } else {
            System::Desktop {
                display: set("DISPLAY") || set("WAYLAND_DISPLAY"),
            }
        };
        let wished = std::env::var_os("BROWSER").unwrap_or_default();
        Self {
            system,
            remote: set("SSH_CONNECTION") || set("SSH_TTY"),
            wished: std::env::split_paths(&wished)
                .filter_map(|command| words(command.to_str()?))
                .collect(),
        }
    }
}

fn words(command: &str) -> Option<Vec<String>> {
    let words: Vec<_> = command.split_whitespace().map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

/// The commands to try, in this order.
fn ways(place: &Place) -> Vec<Vec<String>> {
    // Who set it knows how the address gets to where they sit.
    let mut ways = place.wished.clone();
    let known: &[&str] = match place.system {
        System::Mac if !place.remote => &["open"],
        System::Windows if !place.remote => &["rundll32.exe url.dll,FileProtocolHandler"],
        System::Guest if !place.remote => &["wslview", "rundll32.exe url.dll,FileProtocolHandler"],
        // Over SSH a display is one that the person's own machine lends.
        System::Desktop { display: true } => &["xdg-open", "gio open"],
        _ => &[],
    };
    ways.extend(known.iter().filter_map(|command| words(command)));
    ways
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long another program ran is known here alone"
)]
fn now() -> Instant {
    Instant::now()
}

/// Tries one after another, each until it has ended. False when none could be started, or each failed at once.
fn started(ways: &[Vec<String>], address: &Url) -> bool {
    ways.iter().any(|words| {
        let begun = now();
        start(&with(words, address))
            .and_then(|mut child| child.wait())
            .is_ok_and(|ended| ended.success() || begun.elapsed() > AT_ONCE)
    })
}

/// The command with the address: where it says `%s`, else at its end.
fn with(words: &[String], address: &Url) -> Vec<String> {
    let mut named = false;
    let mut all: Vec<_> = words
        .iter()
        .map(|word| {
            named |= word.contains("%s");
            word.replace("%s", address.as_str())
        })
        .collect();
    if !named {
        all.push(address.to_string());
    }
    all
}

/// Starts it away from the terminal: a browser that draws on one must not draw on this one, and Ctrl-C is not for it.
fn start(words: &[String]) -> io::Result<Child> {
    #[cfg(target_os = "linux")]
    {
        // The system's own tool gives it a session without a terminal, and is replaced by it.
        let mut session = Command::new("setsid");
        session.args(words);
        match quiet(&mut session).spawn() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            started => return started,
        }
    }
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::NotFound)?;
    let mut command = Command::new(program);
    command.args(arguments);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    quiet(&mut command).spawn()
}

fn quiet(command: &mut Command) -> &mut Command {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(address: &str) -> bool {
        fit(&Text::new(address)).is_some()
    }

    #[test]
    fn p18_only_https_and_this_machine_are_opened() {
        for good in [
            "https://registry.example.com/login/1?next=%2F&x=1",
            "http://127.0.0.1:4873/login",
            "http://[::1]:4873/login",
            "http://localhost:4873/login",
        ] {
            assert!(opens(good), "{good}");
        }
        for bad in [
            "http://registry.example.com/login",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "mailto:someone@example.com",
            "vscode://open",
            "https://name:word@registry.example.com/",
            "--help",
            "/bin/sh",
            "",
        ] {
            assert!(!opens(bad), "{bad}");
        }
    }

    fn place(system: System) -> Place {
        Place {
            system,
            remote: false,
            wished: Vec::new(),
        }
    }

    fn first(place: &Place) -> Option<String> {
        ways(place).first().map(|words| words.join(" "))
    }

    #[test]
    fn a_browser_is_looked_for_where_the_person_sits() {
        let local = System::Desktop { display: true };
        assert_eq!(first(&place(local)).as_deref(), Some("xdg-open"));
        let bare = System::Desktop { display: false };
        assert_eq!(first(&place(bare)), None);
        let wished = Place {
            wished: vec![vec!["lynx".to_owned()]],
            ..place(bare)
        };
        assert_eq!(first(&wished).as_deref(), Some("lynx"));
        for system in [System::Mac, System::Windows, System::Guest] {
            assert!(first(&place(system)).is_some());
            let remote = Place {
                remote: true,
                ..place(system)
            };
            assert_eq!(first(&remote), None);
        }
    }

    #[cfg(unix)]
    mod started {
        use std::fs;
        use std::path::Path;

        use super::*;

        /// A program that writes down what it was given and whether it has a terminal, and ends with `status`.
        fn program(folder: &Path, status: u8) -> Vec<String> {
            let path = folder.join("program");
            let seen = folder.join("seen");
            let script = format!(
                "for word; do echo \"$word\"; done > '{0}'\n(: < /dev/tty) 2> /dev/null \
                 && echo terminal >> '{0}'\ncat >> '{0}'\nexit {status}\n",
                seen.display()
            );
            fs::write(&path, script).expect("the folder is new");
            vec!["sh".to_owned(), word(&path)]
        }

        fn word(path: &Path) -> String {
            path.to_str().expect("the name is ASCII").to_owned()
        }

        fn seen(folder: &tempfile::TempDir) -> String {
            fs::read_to_string(folder.path().join("seen")).expect("it ran")
        }

        fn folder() -> tempfile::TempDir {
            tempfile::tempdir().expect("there is a place for it")
        }

        #[test]
        fn p18_the_address_is_one_argument_and_no_shell_reads_it() {
            let folder = folder();
            let address = "https://example.com/a;b'c$(id)?x=1&y=`id`#%s";
            let url = Url::parse(address).expect("an address");
            for (option, given) in [
                ("--new", format!("--new\n{url}\n")),
                ("--to=%s", format!("--to={url}\n")),
            ] {
                let mut words = program(folder.path(), 0);
                words.push(option.to_owned());
                assert!(started(&[words], &url));
                assert_eq!(seen(&folder), given);
            }
        }

        #[test]
        fn what_is_missing_or_fails_gives_way_to_the_next() {
            let (bad, good) = (folder(), folder());
            let url = Url::parse("https://example.com/").expect("an address");
            let missing = vec![word(&bad.path().join("missing"))];
            let fails = program(bad.path(), 1);
            assert!(!started(&[missing.clone(), fails.clone()], &url));
            let works = program(good.path(), 0);
            assert!(started(&[missing, fails, works], &url));
            assert_eq!(seen(&bad), seen(&good));
            assert!(!started(&[], &url));
        }
    }
}
