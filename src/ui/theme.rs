//! How things look, by what they mean. The only place that names colours.
//!
//! The terminal's own palette and modifiers only, so that light and dark terminals both stay readable; what a colour
//! says is always also said by a sign or a word.

use jiff::tz::TimeZone;
use ratatui::style::{Color, Modifier, Style};

use crate::app::model::Tone;

/// The dark modules of a QR code. Fixed, also without colour: it is function, not decoration.
pub(super) const INK: Color = Color::Indexed(16);
/// The light modules of a QR code.
pub(super) const PAPER: Color = Color::Indexed(231);

/// The styles by meaning, and the zone that times are shown in.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Headings and the program's name.
    pub title: Style,
    /// What matters less: labels, explanations, lines.
    pub dim: Style,
    /// What a person should notice: the current screen, the current step.
    pub accent: Style,
    /// It worked, it is safe.
    pub good: Style,
    /// Take care.
    pub warning: Style,
    /// It failed, it is dangerous.
    pub bad: Style,
    /// The chosen row.
    pub selected: Style,
    /// A key to press.
    pub key: Style,
    /// What is typed into a field.
    pub field: Style,
    /// Badges: facts of the program's own that stand beside text from outside.
    pub badge: Style,
    zone: TimeZone,
}

impl Theme {
    /// The terminal's palette; times in UTC.
    pub fn colour() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            title: bold,
            dim: plain.add_modifier(Modifier::DIM),
            accent: bold.fg(Color::Cyan),
            good: plain.fg(Color::Green),
            warning: plain.fg(Color::Yellow),
            bad: bold.fg(Color::Red),
            selected: plain.add_modifier(Modifier::REVERSED),
            key: bold.fg(Color::Cyan),
            field: plain.add_modifier(Modifier::UNDERLINED),
            badge: plain.fg(Color::Magenta),
            zone: TimeZone::UTC,
        }
    }

    /// No colour at all, for `NO_COLOR`; times in UTC.
    pub fn plain() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            title: bold,
            dim: plain,
            accent: bold,
            good: plain,
            warning: bold,
            bad: bold,
            selected: plain.add_modifier(Modifier::REVERSED),
            key: bold,
            field: plain.add_modifier(Modifier::UNDERLINED),
            badge: bold,
            zone: TimeZone::UTC,
        }
    }

    /// The same with times in the person's own zone.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
    }

    /// The zone that times are shown in.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The style of a tone.
    pub fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Good => self.good,
            Tone::Plain => Style::new(),
            Tone::Warning => self.warning,
            Tone::Bad => self.bad,
        }
    }
}

/// The sign that says a tone without colour.
pub(super) const fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "✓",
        Tone::Plain => "·",
        Tone::Warning => "!",
        Tone::Bad => "✗",
    }
}
