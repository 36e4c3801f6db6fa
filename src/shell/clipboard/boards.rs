//! The boards that a text can be put on and taken from again: the desktop's clipboard, tmux's buffers.

use std::io::Write as _;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::{Board, Desk, Way};

/// The real boards, opened at the first use.
#[derive(Default)]
pub(super) struct Boards {
    desktop: Option<Desktop>,
    tmux: Tmux,
}

impl Desk for Boards {
    fn board(&mut self, way: Way) -> Option<&mut dyn Board> {
        match way {
            Way::Desktop => {
                if self.desktop.is_none() {
                    // Without a desktop the errors differ from system to system; each means "no clipboard".
                    self.desktop = arboard::Clipboard::new().ok().map(Desktop);
                }
                self.desktop.as_mut().map(|board| board as &mut dyn Board)
            }
            Way::Tmux => Some(&mut self.tmux),
            Way::Terminal => None,
        }
    }
}

struct Desktop(arboard::Clipboard);

impl Board for Desktop {
    fn put(&mut self, text: &str, sensitive: bool) -> Option<()> {
        let set = self.0.set();
        let set = if sensitive { discreet(set) } else { set };
        set.text(text).ok()
    }

    fn take_away(&mut self, text: &str) {
        if self
            .0
            .get_text()
            .is_ok_and(|now| *Zeroizing::new(now) == *text)
        {
            let _ = self.0.clear();
        }
    }
}

/// Asks clipboard histories not to keep it.
fn discreet(set: arboard::Set<'_>) -> arboard::Set<'_> {
    #[cfg(target_os = "macos")]
    use arboard::SetExtApple as _;
    #[cfg(all(unix, not(target_os = "macos")))]
    use arboard::SetExtLinux as _;
    #[cfg(windows)]
    use arboard::SetExtWindows as _;
    set.exclude_from_history()
}

#[derive(Default)]
struct Tmux;

impl Board for Tmux {
    fn put(&mut self, text: &str, _sensitive: bool) -> Option<()> {
        // `-w` passes it on to the terminal's clipboard; versions before 3.2 do not know it.
        feed(&["load-buffer", "-w", "-"], text).or_else(|| feed(&["load-buffer", "-"], text))
    }

    fn take_away(&mut self, text: &str) {
        let names = ask(&["list-buffers", "-F", "#{buffer_name}"]).unwrap_or_default();
        for name in String::from_utf8_lossy(&names).lines() {
            if ask(&["show-buffer", "-b", name]).is_some_and(|held| *held == text.as_bytes()) {
                let _ = ask(&["delete-buffer", "-b", name]);
            }
        }
    }
}

/// Runs tmux with the text on its standard input, where no other process can see it.
fn feed(args: &[&str], text: &str) -> Option<()> {
    let mut child = Command::new("tmux")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let fed = child
        .stdin
        .take()
        .and_then(|mut input| input.write_all(text.as_bytes()).ok());
    let ended = child.wait().ok()?;
    fed.filter(|()| ended.success())
}

fn ask(args: &[&str]) -> Option<Zeroizing<Vec<u8>>> {
    let output = Command::new("tmux")
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let said = Zeroizing::new(output.stdout);
    output.status.success().then_some(said)
}
