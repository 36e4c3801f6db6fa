//! A command in a pseudo-terminal that is answered line by line.

use std::io::{Read as _, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use portable_pty::{ChildKiller, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A fence, not a wait: no step takes a fraction of it.
const DEADLINE: Duration = Duration::from_mins(2);

/// Tall enough for everything that a command prints, so that nothing scrolls away, and wide enough for npm's drawing of a QR code.
const SIZE: PtySize = PtySize {
    rows: 250,
    cols: 180,
    pixel_width: 0,
    pixel_height: 0,
};

/// A command that has ended.
#[derive(Debug)]
pub struct Ended {
    pub code: u32,
    pub screen: String,
}

/// A command that runs.
pub struct Session {
    what: String,
    parser: vt100::Parser,
    news: Receiver<News>,
    keys: Box<dyn Write + Send>,
    /// The row of the last answer: a question that was answered does not count again.
    answered: Option<u16>,
    code: Option<u32>,
    closed: bool,
    deadline: Instant,
    killer: Box<dyn ChildKiller + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

enum News {
    Output(Vec<u8>),
    Closed,
    Exit(u32),
}

impl Session {
    /// Starts it; `what` is its name in messages.
    pub fn start(command: CommandBuilder, what: String) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let mut child = pair.slave.spawn_command(command).unwrap();
        // The terminal closes when the child's own end does.
        drop(pair.slave);
        let killer = child.clone_killer();
        let (tell, news) = channel();
        read(pair.master.try_clone_reader().unwrap(), tell.clone());
        std::thread::spawn(move || {
            let code = child.wait().map_or(u32::MAX, |status| status.exit_code());
            let _ = tell.send(News::Exit(code));
        });
        Self {
            what,
            parser: vt100::Parser::new(SIZE.rows, SIZE.cols, 0),
            news,
            keys: pair.master.take_writer().unwrap(),
            answered: None,
            code: None,
            closed: false,
            deadline: now() + DEADLINE,
            killer,
            _master: pair.master,
        }
    }

    /// Waits for a question: a text in the cursor's row, below the last answer.
    #[track_caller]
    pub fn expect(&mut self, question: &str) {
        while !self.asks(question) {
            assert!(
                !self.over(),
                "{} ended without asking {question:?}:\n{}",
                self.what,
                self.screen()
            );
            self.wait(question);
        }
    }

    /// Waits for one of several questions; gives which.
    #[track_caller]
    pub fn one_of(&mut self, questions: &[&str]) -> usize {
        loop {
            if let Some(at) = questions.iter().position(|question| self.asks(question)) {
                return at;
            }
            assert!(
                !self.over(),
                "{} ended without asking one of {questions:?}:\n{}",
                self.what,
                self.screen()
            );
            self.wait(questions[0]);
        }
    }

    /// Waits for a text anywhere on the screen.
    #[track_caller]
    pub fn until(&mut self, text: &str) {
        while !self.screen().contains(text) {
            assert!(
                !self.over(),
                "{} ended without saying {text:?}:\n{}",
                self.what,
                self.screen()
            );
            self.wait(text);
        }
    }

    /// Answers with a line.
    pub fn send(&mut self, line: &str) {
        self.answered = Some(self.parser.screen().cursor_position().0);
        self.keys.write_all(format!("{line}\r").as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for the end.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        while !self.over() {
            self.wait("its end");
        }
        Ended {
            code: self.code.unwrap(),
            screen: self.screen(),
        }
    }

    /// What stands on the screen.
    pub fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    fn asks(&self, question: &str) -> bool {
        let screen = self.parser.screen();
        let row = screen.cursor_position().0;
        self.answered.is_none_or(|answered| row > answered)
            && screen
                .rows(0, SIZE.cols)
                .nth(row.into())
                .is_some_and(|text| text.contains(question))
    }

    fn over(&self) -> bool {
        self.closed && self.code.is_some()
    }

    /// Waits for news of the terminal or of the process.
    #[track_caller]
    fn wait(&mut self, what: &str) {
        let left = self.deadline.saturating_duration_since(now());
        match self.news.recv_timeout(left) {
            Ok(News::Output(bytes)) => self.parser.process(&bytes),
            Ok(News::Closed) => self.closed = true,
            Ok(News::Exit(code)) => self.code = Some(code),
            Err(RecvTimeoutError::Timeout) => {
                panic!(
                    "{}: {what:?} did not come in time:\n{}",
                    self.what,
                    self.screen()
                )
            }
            Err(RecvTimeoutError::Disconnected) => unreachable!("both threads say when they end"),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.code.is_none() {
            let _ = self.killer.kill();
        }
    }
}

impl Ended {
    /// It ended well.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.screen);
        self
    }

    /// It ended with an error.
    #[track_caller]
    pub fn failed(self) -> Self {
        assert_ne!(self.code, 0, "{}", self.screen);
        self
    }

    /// The screen has that text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.screen.contains(text),
            "no {text:?} in:\n{}",
            self.screen
        );
        self
    }

    /// The rest of the first line with that text, up to the next blank.
    #[track_caller]
    pub fn word_after(&self, text: &str) -> &str {
        word_after(&self.screen, text)
    }
}

/// What follows a text, up to the next white space.
#[track_caller]
pub fn word_after<'a>(screen: &'a str, text: &str) -> &'a str {
    let rest = screen.split_once(text).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_else(|| panic!("no word after {text:?} in:\n{screen}"))
}

fn read(mut terminal: Box<dyn std::io::Read + Send>, tell: Sender<News>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        // A pseudo-terminal whose other end is closed reports an error on some systems.
        while let Ok(count @ 1..) = terminal.read(&mut buffer) {
            if tell.send(News::Output(buffer[..count].to_vec())).is_err() {
                return;
            }
        }
        let _ = tell.send(News::Closed);
    });
}

#[expect(
    clippy::disallowed_methods,
    reason = "the fence around a process that hangs"
)]
fn now() -> Instant {
    Instant::now()
}
