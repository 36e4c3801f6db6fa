//! The program in a pseudo-terminal, seen through a parsed screen.
//!
//! Each step waits for a condition on that screen, woken by the thread that reads; what never comes fails with the
//! screen's text.

use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, mpsc};
use std::time::Duration;

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// How long a state is waited for: far longer than any takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The flags of a line that is echoed and edited by the terminal.
const ECHO: u32 = 0o10;
const ICANON: u32 = 0o2;

/// The program under test: the one that `NPM_WARDEN_BIN` names, else the one that was built with the tests.
pub fn program() -> PathBuf {
    std::env::var_os("NPM_WARDEN_BIN")
        .map_or_else(|| env!("CARGO_BIN_EXE_npm-warden").into(), PathBuf::from)
}

/// Runs its arguments as a job, as a person's shell would.
const SHELL: &str = r#"
    set -m
    sh -c 'echo $$ > "$HOME/job"; exec "$@"' sh "$@"
    ended=$?
    times=0
    while :; do
        case $(kill -l $ended 2>&1) in
            STOP|TSTP) ;;
            *) exit $ended ;;
        esac
        times=$((times + 1))
        printf '\033[H\033[2Jstopped %d' $times
        read -r line
        fg > /dev/null
        ended=$?
    done
"#;

/// What a child process starts from: nothing of the person's own.
pub fn surroundings(home: &Path) -> Vec<(String, String)> {
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    [
        ("HOME", text(home.to_owned())),
        ("XDG_DATA_HOME", text(home.join("data"))),
        ("XDG_CONFIG_HOME", text(home.join("config"))),
        ("TMPDIR", text(home.join("tmp"))),
        ("TERM", "xterm-256color".to_owned()),
        ("PATH", std::env::var("PATH").unwrap()),
        ("LANG", "C.UTF-8".to_owned()),
        ("TZ", "UTC".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
    ended: Option<ExitStatus>,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// A running program and its terminal.
pub struct Tui {
    seen: Shared,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    pid: Pid,
}

impl Tui {
    /// The program, with these arguments and further variables, in a window of columns × rows.
    pub fn start(size: (u16, u16), home: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(program());
        command.args(args);
        Self::run(size, home, command, env)
    }

    /// The program as a job of a shell, which says "stopped 1" when it is, and goes on with it upon Enter.
    pub fn start_as_a_job(size: (u16, u16), home: &Path, args: &[&str]) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", SHELL, "sh"]);
        command.arg(program());
        command.args(args);
        Self::run(size, home, command, &[])
    }

    /// Signals go to the job from now on, and no longer to its shell.
    pub fn is_the_job(&mut self, home: &Path) {
        let pid = std::fs::read_to_string(home.join("job")).unwrap();
        self.pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    }

    /// Another program.
    pub fn run(
        (cols, rows): (u16, u16),
        home: &Path,
        mut command: CommandBuilder,
        env: &[(&str, &str)],
    ) -> Self {
        std::fs::create_dir_all(home.join("tmp")).unwrap();
        command.env_clear();
        for (name, value) in surroundings(home) {
            command.env(name, value);
        }
        for (name, value) in env {
            command.env(name, value);
        }
        command.cwd(home);
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let pid = i32::try_from(child.process_id().unwrap()).unwrap();
        let seen: Shared = Arc::new((
            Mutex::new(Seen {
                parser: vt100::Parser::new(rows, cols, 0),
                raw: Vec::new(),
                closed: false,
                ended: None,
            }),
            Condvar::new(),
        ));
        let mut output = pair.master.try_clone_reader().unwrap();
        let reading = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            // On Linux the end of the other side is an error.
            while let Some(read) = output.read(&mut bytes).ok().filter(|read| *read > 0) {
                let mut seen = reading.0.lock().unwrap();
                seen.parser.process(&bytes[..read]);
                seen.raw.extend_from_slice(&bytes[..read]);
                reading.1.notify_all();
            }
            reading.0.lock().unwrap().closed = true;
            reading.1.notify_all();
        });
        let waiting = Arc::clone(&seen);
        std::thread::spawn(move || {
            let ended = child.wait().unwrap();
            waiting.0.lock().unwrap().ended = Some(ended);
            waiting.1.notify_all();
        });
        Self {
            seen,
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            pid: Pid::from_raw(pid).unwrap(),
        }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for a state of the screen and tells what was found there.
    pub fn find<T>(&self, what: &str, mut look: impl FnMut(&vt100::Screen) -> Option<T>) -> T {
        let mut found = None;
        let seen = self.until(what, |seen| {
            found = look(seen.parser.screen());
            found.is_some()
        });
        drop(seen);
        found.unwrap()
    }

    /// Waits until the screen shows this text, on one line.
    pub fn shows(&self, text: &str) {
        self.find(text, |screen| {
            screen.contents().contains(text).then_some(())
        });
    }

    /// Waits until a page of the screen says this, wherever its lines end.
    #[track_caller]
    pub fn says(&self, text: &str) {
        self.find(text, |screen| spoken(screen).contains(text).then_some(()));
    }

    /// The same for a text without blanks, which is broken where a line ends.
    #[allow(dead_code, reason = "not every test binary meets such a text")]
    #[track_caller]
    pub fn says_unbroken(&self, text: &str) {
        self.find(text, |screen| {
            let words = spoken(screen).replace(' ', "");
            words.contains(text).then_some(())
        });
    }

    /// Waits until the screen shows this text (true) or the program has ended without.
    #[allow(dead_code, reason = "not every test binary meets such a program")]
    pub fn asks_or_ends(&self, text: &str) -> bool {
        let shown = |seen: &Seen| seen.parser.screen().contents().contains(text);
        let over = |seen: &Seen| seen.closed && seen.ended.is_some();
        shown(&self.until(text, |seen| shown(seen) || over(seen)))
    }

    /// Waits for a state of the screen; `None` when the program has ended.
    #[allow(dead_code, reason = "not every test binary meets such a program")]
    pub fn find_or_ends<T>(
        &self,
        what: &str,
        mut look: impl FnMut(&vt100::Screen) -> Option<T>,
    ) -> Option<T> {
        let mut found = None;
        let seen = self.until(what, |seen| {
            found = look(seen.parser.screen());
            found.is_some() || seen.closed && seen.ended.is_some()
        });
        found.filter(|_| seen.ended.is_none())
    }

    /// Waits until it has written more than so many bytes, or has ended.
    #[allow(dead_code, reason = "not every test binary meets such a program")]
    pub fn draws_after_or_ends(&self, bytes: usize) {
        let over = |seen: &Seen| seen.closed && seen.ended.is_some();
        drop(self.until("another line", |seen| seen.raw.len() > bytes || over(seen)));
    }

    /// Waits until the screen does not show this text.
    pub fn hides(&self, text: &str) {
        self.find(&format!("no {text}"), |screen| {
            (!screen.contents().contains(text)).then_some(())
        });
    }

    /// Presses a key until the screen shows this text: a question that has just opened takes no key for a moment, and
    /// a person presses it again.
    #[allow(dead_code, reason = "not every test binary meets such a question")]
    pub fn press_until(&mut self, key: &str, text: &str) {
        self.press_while(key, |screen| !screen.contents().contains(text));
    }

    /// The same, until the text is gone.
    #[allow(dead_code, reason = "not every test binary meets such a question")]
    pub fn press_until_gone(&mut self, key: &str, text: &str) {
        self.press_while(key, |screen| screen.contents().contains(text));
    }

    fn press_while(&mut self, key: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        for _ in 0..300 {
            self.keys(key);
            let (lock, changed) = &*self.seen;
            let again = Duration::from_millis(100);
            let holds = |seen: &mut Seen| holds(seen.parser.screen());
            let (seen, late) = changed
                .wait_timeout_while(lock.lock().unwrap(), again, holds)
                .unwrap();
            drop(seen);
            if !late.timed_out() {
                return;
            }
        }
        panic!("{key:?} does nothing:\n{}", self.text());
    }

    /// What the screen shows now.
    pub fn text(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    /// Every byte that the program wrote.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// Waits until it has written more than so many bytes.
    pub fn draws_after(&self, bytes: usize) {
        drop(self.until("another frame", |seen| seen.raw.len() > bytes));
    }

    /// Waits until it has ended and all that it wrote was read.
    pub fn ended(&self) -> ExitStatus {
        self.until("the end", |seen| seen.closed && seen.ended.is_some())
            .ended
            .clone()
            .unwrap()
    }

    /// Changes the window.
    pub fn resize(&self, cols: u16, rows: u16) {
        let mut seen = self.seen.0.lock().unwrap();
        seen.parser.screen_mut().set_size(rows, cols);
        self.master.resize(size(cols, rows)).unwrap();
    }

    /// Writes to the screen as another program in the same terminal would.
    pub fn scribble(&self, text: &str) {
        let mut seen = self.seen.0.lock().unwrap();
        seen.parser.process(text.as_bytes());
    }

    /// What the system limits it to, as the kernel tells.
    #[cfg(target_os = "linux")]
    pub fn limits(&self) -> String {
        let pid = self.pid.as_raw_nonzero();
        std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap()
    }

    /// The most memory that it has had until now, in KiB, as the kernel tells.
    #[cfg(target_os = "linux")]
    #[allow(dead_code, reason = "not every test binary measures")]
    pub fn most_memory(&self) -> u64 {
        let pid = self.pid.as_raw_nonzero();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let words = line.unwrap().trim().trim_end_matches(" kB");
        words.parse().unwrap()
    }

    pub fn pid(&self) -> Pid {
        self.pid
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Waits until the system says that it is stopped.
    pub fn stopped(&self) {
        let pid = self.pid;
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let how = WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
            tell.send(waitid(WaitId::Pid(pid), how).is_ok())
        });
        let stopped = told.recv_timeout(PATIENCE);
        assert_eq!(stopped, Ok(true), "not stopped:\n{}", self.text());
    }

    /// True when the terminal edits and echoes lines, as a shell wants it.
    pub fn cooked(&self) -> bool {
        let flags = self.master.get_termios().unwrap().local_flags.bits();
        flags & (ECHO | ICANON) == ECHO | ICANON
    }

    /// Every mode is as it was before the program, and nothing of it is left on the screen.
    pub fn assert_given_back(&self, left: &str) {
        self.find("the main screen", |screen| {
            (!screen.alternate_screen()).then_some(())
        });
        let seen = self.seen.0.lock().unwrap();
        let screen = seen.parser.screen();
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(screen.contents().trim(), left);
        drop(seen);
        assert!(self.cooked(), "the terminal is raw");
    }

    fn until(&self, what: &str, mut done: impl FnMut(&Seen) -> bool) -> MutexGuard<'_, Seen> {
        let (lock, changed) = &*self.seen;
        let (seen, late) = changed
            .wait_timeout_while(lock.lock().unwrap(), PATIENCE, |seen| {
                // What has ended changes no more.
                !(done(seen) || seen.closed && seen.ended.is_some())
            })
            .unwrap();
        let ok = done(&seen);
        let (text, ended) = (seen.parser.screen().contents(), seen.ended.clone());
        let late = late.timed_out();
        if ok {
            return seen;
        }
        drop(seen);
        panic!("waited for {what:?} (too late: {late}, ended: {ended:?}):\n{text}");
    }
}

impl Drop for Tui {
    fn drop(&mut self) {
        let running = |seen: MutexGuard<'_, Seen>| seen.ended.is_none();
        if self.seen.0.lock().map_or(true, running) {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

/// The words of the screen, one space between them; frames are none, and a QR code beside them is none.
fn spoken(screen: &vt100::Screen) -> String {
    let text = screen.contents();
    let drawn = |word: &&str| word.chars().all(|c| "│▀".contains(c));
    let mut spoken: Vec<&str> = Vec::new();
    for line in text.lines() {
        spoken.extend(line.split_whitespace().filter(|word| !drawn(word)));
        // The time stands at the end of a line that may go on in the next one.
        spoken.pop_if(|word| is_clock(word));
    }
    spoken.join(" ")
}

/// "14:03", or "14:03Z".
fn is_clock(word: &str) -> bool {
    let digits = word.strip_suffix('Z').unwrap_or(word).split_once(':');
    let two = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    digits.is_some_and(|(hours, minutes)| two(hours) && two(minutes))
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}
