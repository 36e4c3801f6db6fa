//! The clipboard: where a copy goes, that it goes there without holding up a key, and that a secret leaves it again.
//!
//! A desktop's clipboard may hang, so it is spoken to on a thread of its own. That thread also keeps the one handle
//! for the life of the program (on some desktops the content goes when the handle does) and the time of a secret.

mod boards;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use self::boards::Boards;
use crate::app::created::STAYS as LIFETIME;
use crate::domain::secret::Secret;

/// How long an answer of the desktop is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What was to be copied.
type Shared = Arc<Secret<String>>;

/// Where the program runs, as far as copying goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The desktop, if any, is another machine's.
    remote: bool,
    /// Inside tmux, which drops what programs send to the terminal's clipboard.
    tmux: bool,
    /// The system's own text console, which has no clipboard to send to.
    console: bool,
}

impl Place {
    /// As the environment tells.
    pub(super) fn of_process() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        Self {
            remote: set("SSH_CONNECTION") || set("SSH_TTY"),
            tmux: set("TMUX"),
            console: std::env::var_os("TERM").is_some_and(|term| term == "linux"),
        }
    }

    /// Where to try, in this order.
    fn ways(self) -> Vec<Way> {
        let mut ways = Vec::new();
        if !self.remote {
            ways.push(Way::Desktop);
        }
        if self.tmux {
            ways.push(Way::Tmux);
        } else if !self.console {
            ways.push(Way::Terminal);
        }
        ways
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Desktop,
    Tmux,
    Terminal,
}

/// How a copy went.
#[derive(Debug)]
pub(super) enum Copied {
    /// It is there; where, as a sentence.
    There(&'static str),
    /// These bytes are to be sent to the terminal; what to say then.
    Send(Secret<Vec<u8>>, &'static str),
    /// It is nowhere; why and what to do.
    Nowhere(&'static str),
}

/// The clipboard of whatever the program runs in.
pub(super) struct Clipboard {
    jobs: Option<Sender<Job>>,
    ended: Option<Receiver<()>>,
    place: Place,
}

enum Job {
    Copy {
        text: Shared,
        sensitive: bool,
        reply: oneshot::Sender<Copied>,
    },
    Clear,
}

impl Clipboard {
    pub(super) fn new(place: Place) -> Self {
        Self {
            jobs: None,
            ended: None,
            place,
        }
    }

    /// Copies; the answer comes within half a second.
    pub(super) fn copy(
        &mut self,
        text: Secret<String>,
        sensitive: bool,
    ) -> impl Future<Output = Copied> + use<> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Copy {
            text: Arc::new(text),
            sensitive,
            reply,
        };
        // A thread that is gone drops the reply, which the answer tells.
        let _ = self.thread().send(job);
        async {
            match tokio::time::timeout(PATIENCE, answer).await {
                Ok(Ok(copied)) => copied,
                Ok(Err(_)) => {
                    Copied::Nowhere("The clipboard does not work; select the text with the mouse.")
                }
                Err(_) => Copied::Nowhere(
                    "The clipboard did not answer within half a second; select the text with the mouse.",
                ),
            }
        }
    }

    /// Takes away what this program put there and must not stay, if it is still there.
    pub(super) fn clear(&self) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(Job::Clear);
        }
    }

    /// The same at the end of the program, and waits for it a little.
    pub(super) fn end(&mut self) {
        self.jobs = None;
        if let Some(ended) = self.ended.take() {
            let _ = ended.recv_timeout(PATIENCE);
        }
    }

    fn thread(&mut self) -> &Sender<Job> {
        let place = self.place;
        self.jobs.get_or_insert_with(|| {
            let (jobs, orders) = channel();
            let (end, ended) = channel();
            self.ended = Some(ended);
            // When no thread can be had, `orders` is dropped and every copy says that it went nowhere.
            let _ = std::thread::Builder::new()
                .name("clipboard".to_owned())
                .spawn(move || {
                    Keeper::new(place, Boards::default(), LIFETIME).serve(&orders);
                    let _ = end.send(());
                });
            jobs
        })
    }
}

/// A place that keeps text and can be read back.
trait Board {
    fn put(&mut self, text: &str, sensitive: bool) -> Option<()>;
    /// Takes away this text, if it is still there.
    fn take_away(&mut self, text: &str);
}

trait Desk {
    fn board(&mut self, way: Way) -> Option<&mut dyn Board>;
}

/// What runs on the thread.
struct Keeper<D> {
    place: Place,
    desk: D,
    lifetime: Duration,
    held: Option<(Way, Shared)>,
}

impl<D: Desk> Keeper<D> {
    fn new(place: Place, desk: D, lifetime: Duration) -> Self {
        Self {
            place,
            desk,
            lifetime,
            held: None,
        }
    }

    /// Until nobody can send any more; then what must not stay is gone.
    fn serve(mut self, orders: &Receiver<Job>) {
        loop {
            let order = match self.held {
                Some(_) => orders.recv_timeout(self.lifetime),
                None => orders.recv().map_err(RecvTimeoutError::from),
            };
            match order {
                Ok(Job::Copy {
                    text,
                    sensitive,
                    reply,
                }) => {
                    let copied = self.copy(&text, sensitive);
                    let _ = reply.send(copied);
                }
                Ok(Job::Clear) | Err(RecvTimeoutError::Timeout) => self.clear(),
                Err(RecvTimeoutError::Disconnected) => {
                    self.clear();
                    return;
                }
            }
        }
    }

    fn copy(&mut self, text: &Shared, sensitive: bool) -> Copied {
        // An earlier secret goes first: it may have gone another way than this one will.
        self.clear();
        for way in self.place.ways() {
            if way == Way::Terminal {
                return Copied::Send(
                    osc52(text),
                    "Sent to the terminal (OSC 52); it cannot be cleared from here",
                );
            }
            let Some(board) = self.desk.board(way) else {
                continue;
            };
            if board.put(text.expose(), sensitive).is_none() {
                continue;
            }
            if sensitive {
                self.held = Some((way, Arc::clone(text)));
            }
            return Copied::There(match (way, sensitive) {
                (Way::Tmux, true) => {
                    "In tmux's buffer for 45 s; what tmux passed on to its terminal stays there"
                }
                (Way::Tmux, false) => "In tmux's buffer; tmux keeps it",
                (_, true) => "Copied to the clipboard; cleared in 45 s",
                (_, false) => "Copied to the clipboard",
            });
        }
        Copied::Nowhere("There is no clipboard here; select the text with the mouse.")
    }

    fn clear(&mut self) {
        if let Some((way, text)) = self.held.take()
            && let Some(board) = self.desk.board(way)
        {
            board.take_away(text.expose());
        }
    }
}

/// The terminal's own way to be given something for its clipboard.
fn osc52(text: &Secret<String>) -> Secret<Vec<u8>> {
    let plain = text.expose().as_bytes();
    // Room for all of it: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(String::with_capacity(plain.len() / 3 * 4 + 16));
    bytes.push_str("\x1b]52;c;");
    STANDARD.encode_string(plain, &mut bytes);
    bytes.push('\x07');
    Secret::new(std::mem::take(&mut *bytes).into_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A board that tells what it holds.
    #[derive(Clone, Default)]
    struct Fake {
        holds: Arc<Mutex<Option<String>>>,
        broken: bool,
        gone: Option<Sender<()>>,
    }

    impl Fake {
        fn holds(&self) -> Option<String> {
            self.holds.lock().expect("no test panics with it").clone()
        }
    }

    impl Board for Fake {
        fn put(&mut self, text: &str, _: bool) -> Option<()> {
            if self.broken {
                return None;
            }
            *self.holds.lock().expect("no test panics with it") = Some(text.to_owned());
            Some(())
        }

        fn take_away(&mut self, text: &str) {
            let mut holds = self.holds.lock().expect("no test panics with it");
            if holds.as_deref() == Some(text) {
                *holds = None;
                drop(holds);
                if let Some(gone) = &self.gone {
                    let _ = gone.send(());
                }
            }
        }
    }

    impl Desk for Fake {
        fn board(&mut self, _: Way) -> Option<&mut dyn Board> {
            Some(self)
        }
    }

    fn copy(keeper: &mut Keeper<Fake>, text: &str, sensitive: bool) -> Copied {
        keeper.copy(&Arc::new(Secret::from(text)), sensitive)
    }

    fn keeper(place: Place, fake: &Fake) -> Keeper<Fake> {
        Keeper::new(place, fake.clone(), LIFETIME)
    }

    const REMOTE: Place = Place {
        remote: true,
        tmux: false,
        console: false,
    };

    #[test]
    fn p37_a_copy_goes_where_the_person_is_and_says_so() {
        let local = Place::default();
        let tmux = Place {
            tmux: true,
            ..REMOTE
        };
        let console = Place {
            console: true,
            ..local
        };
        assert_eq!(local.ways(), [Way::Desktop, Way::Terminal]);
        assert_eq!(REMOTE.ways(), [Way::Terminal]);
        assert_eq!(tmux.ways(), [Way::Tmux]);
        assert_eq!(console.ways(), [Way::Desktop]);

        let fake = Fake::default();
        let said = format!("{:?}", copy(&mut keeper(local, &fake), "x", true));
        assert!(said.contains("cleared in 45 s"), "{said}");
        let said = format!("{:?}", copy(&mut keeper(tmux, &fake), "x", false));
        assert!(said.contains("tmux keeps it"), "{said}");
    }

    #[test]
    fn without_a_desktop_the_terminal_is_sent_it_and_the_console_says_that_it_has_none() {
        let broken = Fake {
            broken: true,
            ..Fake::default()
        };
        let Copied::Send(bytes, said) = copy(&mut keeper(Place::default(), &broken), "hi", true)
        else {
            panic!("not sent");
        };
        assert_eq!(bytes.expose(), b"\x1b]52;c;aGk=\x07");
        assert!(said.contains("cannot be cleared"));
        let console = Place {
            console: true,
            ..Place::default()
        };
        let copied = copy(&mut keeper(console, &broken), "hi", true);
        assert!(matches!(copied, Copied::Nowhere(_)));
    }

    #[test]
    fn p37_a_secret_is_cleared_only_if_it_is_still_there() {
        let fake = Fake::default();
        let mut keeper = keeper(Place::default(), &fake);
        copy(&mut keeper, "secret", true);
        keeper.clear();
        assert_eq!(fake.holds(), None);

        copy(&mut keeper, "secret", true);
        *fake.holds.lock().expect("alone") = Some("the person's own".to_owned());
        keeper.clear();
        assert_eq!(fake.holds().as_deref(), Some("the person's own"));

        copy(&mut keeper, "https://example.com/", false);
        keeper.clear();
        assert_eq!(fake.holds().as_deref(), Some("https://example.com/"));
    }

    #[test]
    fn p37_a_secret_leaves_by_time_and_at_the_end() {
        for by_time in [true, false] {
            let (gone, leaving) = channel();
            let fake = Fake {
                gone: Some(gone),
                ..Fake::default()
            };
            let lifetime = if by_time {
                Duration::from_millis(1)
            } else {
                LIFETIME
            };
            let (jobs, orders) = channel();
            let (reply, _answer) = oneshot::channel();
            let text = Arc::new(Secret::from("secret"));
            let job = Job::Copy {
                text,
                sensitive: true,
                reply,
            };
            assert!(jobs.send(job).is_ok());
            let keeper = Keeper::new(Place::default(), fake.clone(), lifetime);
            let serving = std::thread::spawn(move || keeper.serve(&orders));
            let jobs = Some(jobs).filter(|_| by_time);
            leaving
                .recv_timeout(Duration::from_secs(20))
                .expect("it is taken away");
            drop(jobs);
            serving.join().expect("it ends");
            assert_eq!(fake.holds(), None);
        }
    }

    #[test]
    fn p01_nothing_of_a_copy_is_in_debug() {
        let sent = Copied::Send(osc52(&Secret::from("canary")), "Sent");
        let shown = format!("{sent:?}");
        assert!(
            !shown.contains("canary") && !shown.contains("Y2FuYXJ5"),
            "{shown}"
        );
    }
}
