//! Values that must not leak.

use std::fmt;

use zeroize::Zeroize;

/// A value that is wiped from memory when it is dropped and that `Debug` never shows.
///
/// It has neither `Clone` nor `Display`: a secret is moved, or shared behind an `Arc`, and read
/// through [`Secret::expose`] alone, so that every place that reads one can be found by that name.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value over.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. The caller sees to it that it goes no further than it must.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, to be changed in place (a field that is being typed into).
    pub fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}

impl From<String> for Secret<String> {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl Secret<String> {
    /// An empty string that can grow to `capacity` bytes without leaving copies behind.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(String::with_capacity(capacity))
    }

    /// True when there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many characters it has; a length alone is not treated as secret.
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// Equality that takes the same time wherever the two differ. Lengths are not hidden.
    pub fn matches(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq as _;
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}
