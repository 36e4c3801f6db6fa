//! Frames and the filter, in this process: the model, the view and the drawing library, without a terminal.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use npm_warden::app::{Msg, update};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;
use npm_warden::ui::{self, Theme};
use npm_warden::vault::{Order, Pair, WORK};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::row;
use crate::sim::{Sim, key, tokens};
use crate::spread::{Spread, ms};

const SIZE: (u16, u16) = (200, 60);

/// A terminal that takes everything and shows nothing, and how much it took.
#[derive(Clone, Default)]
struct Nowhere(Rc<Cell<usize>>);

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A key pair for recovery codes, made and tried out: its passphrase is stretched twice.
fn passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = "six words that nobody else has".to_owned().into();
    let order = Order {
        folder: folder.path(),
        account: &Text::new("tess-marlow"),
        registry: None,
        date: jiff::civil::date(2026, 11, 22),
        work: WORK,
    };
    let times = Spread::of(3, || {
        let start = Instant::now();
        let (pair, _) = Pair::prepare(&order, &passphrase).unwrap();
        let took = start.elapsed();
        pair.discard().unwrap();
        took
    });
    let once = ms(times.median() / 2);
    row("a passphrase stretched", once, "", "about 1 s");
}

pub fn rows() {
    passphrase();
    for (count, name) in [(10_000, "10,000"), (100_000, "100,000")] {
        let mut sim = Sim::with(Tfa::Off, tokens(count));
        let now = sim.now;
        for msg in [Msg::Resize(SIZE.0, SIZE.1), Msg::Key(key("3"))] {
            update(&mut sim.model, msg, now);
        }
        let theme = Theme::colour();
        let area = Rect::new(0, 0, SIZE.0, SIZE.1);
        let viewport = Viewport::Fixed(area);
        let taken = Nowhere::default();
        let mut terminal = Terminal::with_options(
            CrosstermBackend::new(taken.clone()),
            TerminalOptions { viewport },
        )
        .unwrap();
        let mut frame = |sim: &Sim| -> Duration {
            let start = Instant::now();
            terminal
                .draw(|frame| {
                    ui::view(&sim.model, &theme, frame);
                })
                .unwrap();
            start.elapsed()
        };
        frame(&sim);
        let before = taken.0.get();
        frame(&sim);
        let same = taken.0.get() - before;
        // From the window's end on each move scrolls, so that all its rows change.
        let times = Spread::of(2_000, || {
            update(&mut sim.model, Msg::Key(key("down")), now);
            frame(&sim)
        });
        row(
            &format!("frame at 200×60, {name} rows"),
            times.whole(),
            "",
            "median ≤ 0.5 ms, p95 ≤ 1 ms",
        );
        if count > 10_000 {
            continue;
        }
        row(
            "bytes of a frame in which nothing changes",
            same,
            "and 16 around it",
            "≤ 32",
        );
        update(&mut sim.model, Msg::Key(key("/")), now);
        for (what, typed) in [
            ("the first letter", &["t", "backspace"][..]),
            (
                "the third letter",
                &["0", "1", "2", "backspace", "backspace", "backspace"][..],
            ),
        ] {
            let times = Spread::of(200, || {
                let middle = typed.len() / 2;
                for name in &typed[..middle - 1] {
                    update(&mut sim.model, Msg::Key(key(name)), now);
                }
                let start = Instant::now();
                update(&mut sim.model, Msg::Key(key(typed[middle - 1])), now);
                let took = start.elapsed();
                for name in &typed[middle..] {
                    update(&mut sim.model, Msg::Key(key(name)), now);
                }
                took
            });
            row(
                &format!("filter 10,000 by {what}"),
                times.whole(),
                "",
                "≤ 1 ms",
            );
        }
    }
}
