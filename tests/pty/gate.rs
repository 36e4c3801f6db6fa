//! Stands before a registry and can keep its answers to writes back, for as long as a test wants.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

#[derive(Default)]
struct State {
    shut: bool,
    /// The answers to reads are kept back as well.
    all: bool,
    /// The answers for later pages of a list are kept back as well.
    pages: bool,
    over: bool,
    /// Requests whose answers were kept back.
    kept: usize,
    /// What becomes of those that were kept back.
    instead: Option<Instead>,
    /// Everything that was passed on to the program.
    passed_on: Vec<u8>,
    /// How many writes have come.
    writes: usize,
    /// From that one on, counted from 1, they get no further than this.
    stop: Option<(Stop, usize)>,
    /// How often everything that was stopped was dropped.
    dropped: usize,
    /// From that one on, counted from 1, the answers to writes are kept back.
    shuts: Option<usize>,
}

/// Where a write gets no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The registry does not get to see it.
    Before,
    /// The registry has acted, and nobody hears of it.
    After,
}

/// What is passed on in the place of an answer.
#[derive(Clone, Copy)]
enum Instead {
    Refusal,
    Nothing,
}

const REFUSAL: &str = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\n\
     content-length: 38\r\n\r\n{\"error\":\"This account may not do so\"}";

type Shared = Arc<(Mutex<State>, Condvar)>;

/// The gate; open at first. It opens for good when it is dropped.
pub struct Gate {
    url: String,
    state: Shared,
}

impl Gate {
    /// A gate before the registry at `url`.
    pub fn before(url: &str) -> Self {
        let registry = url.strip_prefix("http://").unwrap();
        let registry = registry.trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let state = Shared::default();
        let gate = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if gate.0.lock().unwrap().over {
                    return;
                }
                pass(client.unwrap(), &registry, &gate);
            }
        });
        Self { url, state }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on the answers to writes are kept back.
    pub fn shut(&self) {
        self.state.0.lock().unwrap().shut = true;
    }

    /// The same from the n-th write on, counted from 1 and from now.
    pub fn shut_from(&self, nth: usize) {
        let mut state = self.state.0.lock().unwrap();
        (state.writes, state.kept) = (0, 0);
        state.shuts = Some(nth);
    }

    /// The same for the answers to reads.
    pub fn shut_all(&self) {
        self.state.0.lock().unwrap().all = true;
        self.shut();
    }

    /// The same for every page of a list but the first one.
    pub fn shut_later_pages(&self) {
        self.state.0.lock().unwrap().pages = true;
        self.shut();
    }

    /// Lets go of what was kept back.
    pub fn open(&self) {
        self.state.0.lock().unwrap().shut = false;
        self.state.1.notify_all();
    }

    /// The same, and the answer to the next write is kept back again.
    pub fn open_until_the_next(&self) {
        self.shut_from(1);
        self.open();
    }

    /// Passes on a refusal in the place of what was kept back.
    pub fn refuse(&self) {
        self.state.0.lock().unwrap().instead = Some(Instead::Refusal);
        self.open();
    }

    /// Breaks the connection of what was kept back.
    pub fn cut(&self) {
        self.state.0.lock().unwrap().instead = Some(Instead::Nothing);
        self.open();
    }

    /// Every answer of the registry that went through, as it was on the wire.
    pub fn passed_on(&self) -> String {
        String::from_utf8(self.state.0.lock().unwrap().passed_on.clone()).unwrap()
    }

    /// From the n-th write on, counted from 1 and from now, they get no further than that.
    pub fn stop_from(&self, nth: usize, stop: Stop) {
        let mut state = self.state.0.lock().unwrap();
        (state.writes, state.kept) = (0, 0);
        state.stop = Some((stop, nth));
    }

    /// Drops what was stopped, and stops no more.
    pub fn drop_stopped(&self) {
        let mut state = self.state.0.lock().unwrap();
        state.stop = None;
        state.dropped += 1;
        self.state.1.notify_all();
    }

    /// Waits until a write was stopped (true), or something else is over.
    pub fn stops_one_unless(&self, over: impl Fn() -> bool) -> bool {
        let (state, changed) = &*self.state;
        let mut state = state.lock().unwrap();
        while state.kept == 0 && !over() {
            let look = Duration::from_millis(20);
            state = changed.wait_timeout(state, look).unwrap().0;
        }
        state.kept > 0
    }

    /// Waits until the registry has answered and the answer is kept back here.
    pub fn keeps_one(&self) {
        self.keeps(1);
    }

    /// Waits until so many answers are kept back.
    pub fn keeps(&self, answers: usize) {
        let (state, changed) = &*self.state;
        let state = state.lock().unwrap();
        let fewer = |state: &mut State| state.kept < answers;
        drop(changed.wait_while(state, fewer).unwrap());
    }
}

impl State {
    /// A write has come: its number.
    fn comes(&mut self) -> usize {
        self.writes += 1;
        if self.shuts.take_if(|nth| *nth == self.writes).is_some() {
            self.shut = true;
        }
        self.writes
    }

    fn stops(&self, number: usize, at: Stop) -> bool {
        (self.stop).is_some_and(|(stop, from)| stop == at && number >= from)
    }
}

/// Keeps a write back until it is dropped; false when it may pass.
fn stopped(gate: &Shared, number: usize, at: Stop) -> bool {
    let mut state = gate.0.lock().unwrap();
    if !state.stops(number, at) {
        return false;
    }
    state.kept += 1;
    let dropped = state.dropped;
    gate.1.notify_all();
    let waits = |state: &mut State| state.dropped == dropped && !state.over;
    drop(gate.1.wait_while(state, waits).unwrap());
    true
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.state.0.lock().unwrap().over = true;
        self.open();
        // Wakes the one who accepts.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://").trim_end_matches('/'));
    }
}

/// A request for a page of a list that is not the first.
fn is_later_page(request: &[u8]) -> bool {
    let line = request.split(|byte| *byte == b'\r').next();
    let line = String::from_utf8_lossy(line.unwrap_or_default());
    line.contains("&page=") && !line.contains("&page=0 ")
}

/// One connection, both ways. A connection carries one request at a time, so what comes back answers the last one.
fn pass(client: TcpStream, registry: &str, gate: &Shared) {
    let server = TcpStream::connect(registry).unwrap();
    let writing = Arc::new(AtomicBool::new(false));
    // The number of the write that is under way; 0 for none.
    let number = Arc::new(AtomicUsize::new(0));
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (last, current) = (Arc::clone(&writing), Arc::clone(&number));
    let asked = Arc::clone(gate);
    std::thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Some(read) = from.read(&mut bytes).ok().filter(|read| *read > 0) {
            let begins = |method: &[u8]| bytes[..read].starts_with(method);
            if begins(b"GET ") || begins(b"POST ") || begins(b"DELETE ") {
                let later = asked.0.lock().unwrap().pages && is_later_page(&bytes[..read]);
                last.store(!begins(b"GET ") || later, Ordering::SeqCst);
            }
            if begins(b"GET ") {
                current.store(0, Ordering::SeqCst);
            } else if [&b"POST "[..], b"PUT ", b"DELETE "].into_iter().any(begins) {
                let number = asked.0.lock().unwrap().comes();
                current.store(number, Ordering::SeqCst);
                if stopped(&asked, number, Stop::Before) {
                    break;
                }
            }
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (server, client);
    let gate = Arc::clone(gate);
    std::thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Some(read) = from.read(&mut bytes).ok().filter(|read| *read > 0) {
            let now = number.load(Ordering::SeqCst);
            if now > 0 && stopped(&gate, now, Stop::After) {
                let _ = to.shutdown(Shutdown::Both);
                return;
            }
            let mut state = gate.0.lock().unwrap();
            if state.shut && (state.all || writing.load(Ordering::SeqCst)) {
                state.kept += 1;
                gate.1.notify_all();
                let state = gate.1.wait_while(state, |state| state.shut).unwrap();
                let instead = state.instead;
                drop(state);
                match instead {
                    Some(Instead::Refusal) => {
                        let _ = to.write_all(REFUSAL.as_bytes());
                        continue;
                    }
                    Some(Instead::Nothing) => {
                        let _ = to.shutdown(Shutdown::Both);
                        return;
                    }
                    None => {}
                }
            } else {
                drop(state);
            }
            let passed_on = &mut gate.0.lock().unwrap().passed_on;
            passed_on.extend_from_slice(&bytes[..read]);
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
