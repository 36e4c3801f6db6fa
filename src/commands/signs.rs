//! The signals that end a plain command.

use std::io;

/// How the end was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no such signal there"))]
    Terminate,
    /// The terminal is gone.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no such signal there"))]
    HangUp,
}

impl Sign {
    /// What a shell makes of a program that a signal ended.
    pub(super) const fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
        }
    }
}

#[cfg(unix)]
pub(super) struct Signs {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signs {
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    pub(super) async fn next(&mut self) -> Sign {
        tokio::select! {
            _ = self.interrupt.recv() => Sign::Interrupt,
            _ = self.terminate.recv() => Sign::Terminate,
            _ = self.hang_up.recv() => Sign::HangUp,
        }
    }
}

#[cfg(not(unix))]
pub(super) struct Signs;

#[cfg(not(unix))]
impl Signs {
    #[expect(clippy::unnecessary_wraps, reason = "the same shape as elsewhere")]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> Sign {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Sign::Interrupt
    }
}
