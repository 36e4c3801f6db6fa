//! The age format: bytes in, bytes out.

use std::io::{self, Read as _, Write as _};

use age::secrecy::{ExposeSecret as _, SecretString};
use age::x25519::Identity;
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use zeroize::Zeroizing;

use crate::domain::secret::Secret;

/// How much work a passphrase costs, as a power of two: about a second, and what age itself takes.
pub const WORK: u8 = 18;
/// The most that a file may ask for: one that somebody planted must not hang this program, nor take all memory.
pub const LARGEST_WORK: u8 = 20;

/// Why something was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The passphrase does not fit.
    Passphrase,
    /// It is encrypted for another key, or in another way.
    OtherKey,
    /// It asks for so much work that it was hardly made by a program.
    TooMuchWork,
    /// It is not as it was written.
    Damaged,
}

/// Encrypts to a key.
pub(super) fn seal(text: &[u8], key: &Identity) -> io::Result<Vec<u8>> {
    let recipient = key.to_public();
    encrypt(text, &recipient)
}

/// Encrypts by a passphrase.
pub(super) fn lock(text: &[u8], passphrase: &Secret<String>, work: u8) -> io::Result<Vec<u8>> {
    let mut recipient = scrypt::Recipient::new(secret(passphrase));
    recipient.set_work_factor(work.clamp(1, LARGEST_WORK));
    encrypt(text, &recipient)
}

fn encrypt(text: &[u8], recipient: &dyn age::Recipient) -> io::Result<Vec<u8>> {
    let encryptor =
        Encryptor::with_recipients(std::iter::once(recipient)).map_err(io::Error::other)?;
    let mut sealed = Vec::with_capacity(text.len() + 1024);
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(text)?;
    writer.finish()?;
    Ok(sealed)
}

/// Decrypts by a key.
pub(super) fn unseal(sealed: &[u8], key: &Identity) -> Result<Zeroizing<Vec<u8>>, Closed> {
    let decryptor = Decryptor::new_buffered(sealed).map_err(|error| closed(&error))?;
    if decryptor.is_scrypt() {
        return Err(Closed::OtherKey);
    }
    read(decryptor, sealed.len(), key)
}

/// Decrypts by a passphrase.
pub(super) fn unlock(
    sealed: &[u8],
    passphrase: &Secret<String>,
) -> Result<Zeroizing<Vec<u8>>, Closed> {
    let decryptor = Decryptor::new_buffered(sealed).map_err(|error| closed(&error))?;
    if !decryptor.is_scrypt() {
        return Err(Closed::OtherKey);
    }
    let mut identity = scrypt::Identity::new(secret(passphrase));
    identity.set_max_work_factor(LARGEST_WORK);
    read(decryptor, sealed.len(), &identity)
}

fn read(
    decryptor: Decryptor<&[u8]>,
    room: usize,
    identity: &dyn age::Identity,
) -> Result<Zeroizing<Vec<u8>>, Closed> {
    let mut reader = decryptor
        .decrypt(std::iter::once(identity))
        .map_err(|error| closed(&error))?;
    // What is encrypted is longer than what is in it: the buffer never grows, so it leaves no copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    reader.read_to_end(&mut text).map_err(|_| Closed::Damaged)?;
    Ok(text)
}

fn closed(error: &DecryptError) -> Closed {
    match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => Closed::Passphrase,
        DecryptError::NoMatchingKeys => Closed::OtherKey,
        DecryptError::ExcessiveWork { .. } => Closed::TooMuchWork,
        _ => Closed::Damaged,
    }
}

/// A key as other programs read it, in a line of its own.
pub(super) fn push_key(out: &mut String, key: &Identity) {
    out.push_str(key.to_string().expose_secret());
    out.push('\n');
}

/// The first key of such a text.
pub(super) fn key(text: &[u8]) -> Option<Identity> {
    std::str::from_utf8(text)
        .ok()?
        .lines()
        .map(str::trim)
        .find_map(|line| line.parse().ok())
}

/// Whether two keys are one; in constant time.
pub(super) fn same_key(one: &Identity, other: &Identity) -> bool {
    use subtle::ConstantTimeEq as _;
    let (one, other) = (one.to_string(), other.to_string());
    let bytes = |key: &SecretString| Zeroizing::new(key.expose_secret().as_bytes().to_vec());
    bytes(&one).ct_eq(&bytes(&other)).into()
}

/// A copy of its exact length, wiped like the first.
fn secret(passphrase: &Secret<String>) -> SecretString {
    SecretString::from(passphrase.expose().as_str())
}
