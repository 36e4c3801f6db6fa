//! Asking for a piece of one code, to see that the person has the codes (promise P08).

use rand::Rng;

use crate::domain::recovery::RecoveryCodes;
use crate::domain::secret::Secret;

/// The most characters that are asked for.
const ASKED: usize = 6;

/// Which characters of which code are asked for. Everything is counted from 1, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofTask {
    /// The code.
    pub code: usize,
    /// The first character.
    pub from: usize,
    /// The last character.
    pub to: usize,
}

impl ProofTask {
    /// A random piece of a random code: six characters, or half of a shorter code.
    ///
    /// It is counted as the code is shown. Codes that stand in quotes are asked for where there are no others: what
    /// cannot be seen is badly counted.
    /// `not` is a code that was asked for before; it is avoided while there is another.
    /// `None` when there is no code to ask for.
    pub fn pick<R: Rng + ?Sized>(
        codes: &RecoveryCodes,
        rng: &mut R,
        not: Option<usize>,
    ) -> Option<Self> {
        let mut usable: Vec<(usize, usize)> = codes
            .iter()
            .zip(codes.written())
            .enumerate()
            .filter(|(_, (code, _))| !code.expose().is_empty())
            .map(|(index, (_, written))| (index + 1, written.len()))
            .collect();
        if usable.iter().any(|(code, _)| !codes.is_quoted(code - 1)) {
            usable.retain(|(code, _)| !codes.is_quoted(code - 1));
        }
        let others: Vec<_> = usable
            .iter()
            .copied()
            .filter(|(code, _)| Some(*code) != not)
            .collect();
        let from = if others.is_empty() { usable } else { others };
        if from.is_empty() {
            return None;
        }
        let (code, length) = from[rng.random_range(0..from.len())];
        let asked = (length / 2).clamp(1, ASKED);
        let start = rng.random_range(1..=length - asked + 1);
        Some(Self {
            code,
            from: start,
            to: start + asked - 1,
        })
    }

    /// Whether `typed` is that piece. Blanks are passed over, and the case too when the codes are hexadecimal.
    /// Takes the same time wherever the two differ.
    pub fn check(&self, codes: &RecoveryCodes, typed: &Secret<String>) -> bool {
        let index = self.code.checked_sub(1);
        let Some(code) = index.and_then(|index| codes.written().nth(index)) else {
            return false;
        };
        let is_hex = codes
            .iter()
            .all(|code| code.expose().bytes().all(|b| b.is_ascii_hexdigit()));
        let piece = code
            .chars()
            .skip(self.from.saturating_sub(1))
            .take((self.to + 1).saturating_sub(self.from));
        let wanted = comparable(piece, code.len(), is_hex);
        let given = comparable(typed.expose().chars(), typed.expose().len(), is_hex);
        !wanted.is_empty() && wanted.matches(&given)
    }
}

fn comparable(chars: impl Iterator<Item = char>, room: usize, is_hex: bool) -> Secret<String> {
    let mut out = Secret::with_capacity(room);
    for c in chars.filter(|c| !c.is_whitespace()) {
        out.expose_mut()
            .push(if is_hex { c.to_ascii_lowercase() } else { c });
    }
    out
}
