//! Every line of a page can be reached, in every window: what was drawn tells how far that is.

use npm_warden::app::{Key, KeyCode, Model, Msg, drawn, update};
use npm_warden::ui::Theme;

use crate::draw::draw;
use crate::states;

/// A window on a model, drawn after each key as in the program.
struct Window {
    model: Model,
    size: (u16, u16),
    text: String,
    below: usize,
    above: usize,
}

impl Window {
    fn on(state: &str, size: (u16, u16)) -> Self {
        let mut model = states::named(state);
        model.size = size;
        let mut window = Self {
            model,
            size,
            text: String::new(),
            below: 0,
            above: 0,
        };
        window.look();
        window
    }

    fn look(&mut self) {
        let drawing = draw(&self.model, &Theme::colour(), self.size.0, self.size.1);
        self.text = drawing.text();
        let sight = drawing.told.emergency.expect("it is a text");
        (self.above, self.below) = (sight.above, sight.below);
        drawn(&mut self.model, drawing.told);
    }

    fn press(&mut self, code: KeyCode) -> &mut Self {
        let now = self.model.now;
        update(&mut self.model, Msg::Key(Key::plain(code)), now);
        self.look();
        self
    }
}

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (50, 15), (40, 12)];

/// Pages whose text is longer than a window.
const PAGES: [&str; 5] = [
    "emergency plan",
    "emergency plan, interrupted",
    "emergency plan, many",
    "emergency packages",
    "emergency report",
];

#[test]
fn the_end_of_each_page_is_reached_by_pages_and_by_one_key_and_a_line_back_is_a_line() {
    for state in PAGES {
        for size in SIZES {
            let mut window = Window::on(state, size);
            let mut pages = 0;
            while window.below > 0 {
                window.press(KeyCode::PageDown);
                pages += 1;
                assert!(pages < 200, "{state} {size:?}:\n{}", window.text);
            }
            let (end, above) = (window.text.clone(), window.above);
            if above == 0 {
                continue;
            }
            // Beyond the end nothing is counted that would have to be gone back.
            window.press(KeyCode::PageDown).press(KeyCode::Down);
            window.press(KeyCode::Char('G'));
            assert_eq!(window.text, end, "{state} {size:?}");
            window.press(KeyCode::Up);
            assert_eq!(window.above, above - 1, "{state} {size:?}");
            window.press(KeyCode::Char('j'));
            assert_eq!(window.text, end, "{state} {size:?}");
            window.press(KeyCode::Char('g'));
            assert_eq!(window.above, 0, "{state} {size:?}");
        }
    }
}

#[test]
fn the_plan_shows_its_last_step_and_moves_line_by_line_from_its_answers() {
    for size in SIZES {
        let mut window = Window::on("emergency plan", size);
        window.press(KeyCode::Char('G'));
        assert!(window.text.contains(" 10  "), "{size:?}:\n{}", window.text);
        window.press(KeyCode::Char('g'));
        let start = window.above;
        window.press(KeyCode::Down);
        assert_eq!(window.above, start + 1, "{size:?}");
        // Several answers are gone through first.
        let mut window = Window::on("emergency plan, interrupted", size);
        let start = window.above;
        window.press(KeyCode::Down);
        assert_eq!(window.model.emergency.cursor, 1);
        window.press(KeyCode::Down);
        assert_eq!(window.model.emergency.cursor, 2);
        let at_last = window.above;
        window.press(KeyCode::Down);
        assert_eq!(window.above, at_last + 1, "{size:?} from {start}");
    }
}

#[test]
fn keys_that_come_faster_than_frames_lead_no_less_far() {
    let mut window = Window::on("emergency plan, many", (80, 24));
    let now = window.model.now;
    for _ in 0..3 {
        update(
            &mut window.model,
            Msg::Key(Key::plain(KeyCode::PageDown)),
            now,
        );
    }
    window.look();
    let fast = window.above;
    let mut window = Window::on("emergency plan, many", (80, 24));
    for _ in 0..3 {
        window.press(KeyCode::PageDown);
    }
    assert_eq!(window.above, fast);
}
