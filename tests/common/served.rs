//! An embedded registry for tests that block: it is served by a thread of its own.

use std::sync::mpsc;
use std::thread::JoinHandle;

use npm_warden::sandbox::{Clock, Hand, Options, Running, start};
use tokio::sync::oneshot;

/// A running registry, with its clock in the test's hand. It ends with this value.
pub struct Served {
    pub running: Running,
    pub hand: Hand,
    done: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    #[allow(dead_code, reason = "not every test binary lets the time stand still")]
    pub fn new(options: Options) -> Self {
        let (clock, hand) = Clock::by_hand("2026-11-22T10:00:05Z".parse().unwrap());
        Self::serve(Options { clock, ..options }, hand)
    }

    /// By the clock that the options name, which `hand` moves if it moves at all.
    pub fn serve(options: Options, hand: Hand) -> Self {
        let (started, receive) = mpsc::channel();
        let (done, ending) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                started.send(start(options).await.unwrap()).unwrap();
                let _ = ending.await;
            });
        });
        Self {
            running: receive.recv().unwrap(),
            hand,
            done: Some(done),
            thread: Some(thread),
        }
    }

    /// Seconds since 1970 by the registry's clock.
    pub fn now(&self) -> u64 {
        u64::try_from(self.hand.now().as_second()).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.done.take());
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_some_and(|ended| ended.is_ok()));
    }
}
