//! What is known of a set-up under way, and what is written of it: its key, its codes, why a code did not do.

use std::fmt::Write as _;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::say;
use crate::backend::protocol::CodeRefused;
use crate::commands::{place, qr};
use crate::domain::otp::{Diagnosis, Enrolment};
use crate::domain::recovery::{Place, RecoveryCodes, age_command};
use crate::domain::secret::Secret;

/// What is known of a set-up under way.
#[derive(Default)]
pub(super) struct SetUp {
    /// Until the registry took a code of it (promise P14).
    enrolment: Option<Arc<Enrolment>>,
    /// The code that was typed last, and before it one that is none of the set-up's by what is known here.
    pub(super) typed: Option<Secret<String>>,
    judged: Option<(Secret<String>, Diagnosis)>,
    pub(super) codes: Option<Arc<RecoveryCodes>>,
    pub(super) place: Option<Place>,
    /// They were asked for, or exist nowhere else: they go to the terminal.
    pub(super) show: bool,
    /// They stand there, and the person has not said yet to have them.
    pub(super) shown: bool,
}

impl SetUp {
    /// What goes into the authenticator: for the terminal alone, on which questions are asked.
    pub(super) fn enrolled(&mut self, enrolment: Arc<Enrolment>) {
        say("");
        let drawn = enrolment.modules().and_then(qr::on_stderr);
        if let Some(lines) = &drawn {
            say("Scan this with an authenticator on another device, or type the key there:");
            for line in lines {
                say(line);
            }
        } else {
            say(if qr::draws() {
                "Type this key into an authenticator on another device (a larger window has room for a QR code):"
            } else {
                "Type this key into an authenticator on another device (this terminal draws no QR code):"
            });
        }
        say(&key(&enrolment));
        let mut about = Vec::new();
        for (label, text) in [
            ("account", &enrolment.account),
            ("issuer", &enrolment.issuer),
        ] {
            if !text.is_empty() {
                about.push(format!("{label} {text}"));
            }
        }
        about.push(format!(
            "{} digits, a new code every {} s",
            enrolment.digits, enrolment.period
        ));
        say(&format!("  {}", about.join(" \u{b7} ")));
        self.enrolment = Some(enrolment);
    }

    /// The codes came.
    pub(super) fn codes(&mut self, codes: Arc<RecoveryCodes>, place: Place) {
        self.enrolment = None;
        self.typed = None;
        self.judged = None;
        if self.codes.is_none() {
            say("");
            say(
                "Two-factor authentication is on. The key above makes its codes: clear the scrollback of this terminal later.",
            );
        }
        if place == Place::Myself {
            self.show = true;
        } else if self.place.as_ref() != Some(&place) {
            say(&format!(
                "The recovery codes are saved in {}.",
                place::path(&place)
            ));
            if let Place::Vault(path) = &place {
                say(&format!(
                    "npm-warden recovery show opens it, and so does, without this program: {}",
                    age_command(path)
                ));
            }
        }
        if std::mem::take(&mut self.show) {
            say("Recovery codes; each works once, where the authenticator's code is asked for:");
            for (index, code) in codes.written().enumerate() {
                say(&numbered(index, code));
            }
            say("They stay in the scrollback of this terminal: clear that when you have them.");
            self.shown = true;
        }
        self.codes = Some(codes);
        self.place = Some(place);
    }

    /// The code that brings them is on its way.
    pub(super) fn codes_under_way(&self) -> bool {
        self.typed.is_some() && self.codes.is_none()
    }

    /// What was seen of the code that was typed last, when it had been typed before and is sent all the same.
    fn insisted(&self) -> Option<Diagnosis> {
        let (judged, diagnosis) = self.judged.as_ref()?;
        let typed = self.typed.as_ref()?;
        typed.matches(judged).then_some(*diagnosis)
    }

    pub(super) fn judge(&mut self, refused: &CodeRefused) {
        let insisted = self.insisted().is_some();
        match (refused, self.typed.take()) {
            (CodeRefused::Here(diagnosis), Some(typed)) => self.judged = Some((typed, *diagnosis)),
            _ if insisted => {}
            _ => self.judged = None,
        }
    }

    /// Why a code did not do, with what to try.
    pub(super) fn refused(&self, refused: &CodeRefused) -> String {
        let insisted = self.insisted().map(|diagnosis| self.found(diagnosis));
        match (refused, insisted) {
            (CodeRefused::Here(diagnosis @ (Diagnosis::OtherKey | Diagnosis::OtherTime(_))), _) => {
                format!(
                    "{} Typed again, it is sent all the same.",
                    self.found(*diagnosis)
                )
            }
            (CodeRefused::Here(diagnosis), _) => self.found(*diagnosis),
            (CodeRefused::There(words), Some(found)) if words.is_empty() => {
                format!("The registry refused it too. {found}")
            }
            (CodeRefused::There(words), Some(found)) => {
                format!(
                    "The registry refused it too: {}. {found}",
                    words.quoted(160)
                )
            }
            (CodeRefused::There(words), None) if words.is_empty() => {
                "The registry refused a code that is right for this key. Wait for the next one."
                    .to_owned()
            }
            (CodeRefused::There(words), None) => format!(
                "The registry refused a code that is right for this key: {}. Wait for the next one.",
                words.quoted(160)
            ),
            (CodeRefused::Again, Some(found)) => format!("That code went out before. {found}"),
            (CodeRefused::Again, None) => {
                "That code went out before, and is not sent again. Wait for the next one."
                    .to_owned()
            }
            (CodeRefused::Unanswered(why), _) => format!(
                "No answer came, and the registry still waits for a code: {} Type the current code.",
                why.cut(160)
            ),
        }
    }

    /// What the set-up's own secret says about a code (M17).
    fn found(&self, diagnosis: Diagnosis) -> String {
        match diagnosis {
            Diagnosis::Current => "That code is right; type it again.".to_owned(),
            Diagnosis::OtherTime(off) => {
                let by = distance(off.unsigned_abs());
                let way = if off < 0 { "behind" } else { "ahead" };
                format!(
                    "That code is of the right entry, for another time: your phone is {by} {way}. \
                     Set its time to automatic and type a new code."
                )
            }
            Diagnosis::OtherKey => {
                let issuer = self.enrolment.as_ref().map(|enrolment| &enrolment.issuer);
                match issuer.filter(|issuer| !issuer.is_empty()) {
                    Some(issuer) => format!(
                        "That is no code of this key within 10 minutes. Is it from the other entry called {issuer} in your app?"
                    ),
                    None => "That is no code of this key within 10 minutes. Is it from another entry in your app?".to_owned(),
                }
            }
            Diagnosis::NotACode(digits) => format!("A code has {digits} digits."),
        }
    }
}

/// `40 s`, `5 min`, `2 h`.
pub(super) fn distance(seconds: u64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 2 * 3600 => format!("{} min", s / 60),
        s => format!("{} h", s / 3600),
    }
}

/// The key in groups of four.
fn key(enrolment: &Enrolment) -> Zeroizing<String> {
    let key = enrolment.key().expose().trim();
    let mut line = Zeroizing::new(String::with_capacity(2 + key.len() * 2));
    line.push(' ');
    for (index, c) in key.chars().enumerate() {
        if index % 4 == 0 {
            line.push(' ');
        }
        line.push(c);
    }
    line
}

/// A code with its number, as the proof asks for it; `code` as it is written in a file, too.
pub(in crate::commands) fn numbered(index: usize, code: &str) -> Zeroizing<String> {
    // Room for what may be said of it, too: a line that grows would leave a copy behind.
    let mut line = Zeroizing::new(String::with_capacity(code.len() + 64));
    let _ = write!(line, "{:>3}  {code}", index + 1);
    line
}
