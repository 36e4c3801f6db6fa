//! A key pair for one set of codes: made and tried out before there are any, used once, removed when none came.

use std::fmt;
use std::path::{Path, PathBuf};

use age::x25519::Identity;
use jiff::Timestamp;
use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::domain::failure::Failure;
use crate::domain::recovery::{PASSPHRASE_LEAST, RecoveryCodes, key_of, passphrase_will_do};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::super::codes::{Head, LARGEST, changed, parse, remove, render, same};
use super::super::lock::Alive;
use super::super::marks::digest;
use super::super::place::{free_path, make_private, temporary_warning, tighten};
use super::super::read::whole;
use super::super::write::{explain, sync_folder, write_new, write_new_known};
use super::super::{failure, shown};
use super::Seals;
use super::format::{Closed, key, lock, push_key, same_key, seal, unlock, unseal};

/// The largest file with a key that is read.
pub(super) const LARGEST_KEY: u64 = 16 * 1024;
/// What age adds to codes: a header, a nonce, and a tag for each 64 KiB.
pub(super) const LARGEST_SEALED: u64 = LARGEST + 64 * 1024;
/// As large as a generous set of codes.
const PROBE: usize = 4096;
/// How often another name is tried when somebody else takes one first.
const NAMES: usize = 8;

/// What a pair is wanted for.
#[derive(Debug)]
pub struct Order<'a> {
    /// Where both files go: this program's own folder.
    pub folder: &'a Path,
    /// The account that the codes will be of.
    pub account: &'a Text,
    /// The registry, where it is not npm's own.
    pub registry: Option<&'a Text>,
    /// Today.
    pub date: Date,
    /// How much work the passphrase costs, as a power of two.
    pub work: u8,
}

/// A key pair whose file with the key is written, and which seals codes without the passphrase.
pub struct Pair {
    codes: PathBuf,
    identity: Identity,
    /// Of the file with the key.
    digest: String,
    /// As long as this lives, no other instance takes the key for one that was left behind.
    _alive: Alive,
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair")
            .field("codes", &self.codes)
            .finish_non_exhaustive()
    }
}

impl Pair {
    /// Makes a pair and tries it out on the way that the codes will go. Gives what a person should know about it.
    ///
    /// After a failure nothing is left.
    pub fn prepare(
        order: &Order<'_>,
        passphrase: &Secret<String>,
    ) -> Result<(Self, Vec<Text>), Failure> {
        Self::prepare_noted(order, passphrase, |_| {})
    }

    /// [`Pair::prepare`]; where the codes will be is told to `note` once the key is written, and before it is tried
    /// out: this program may end meanwhile, and the key is not to stay for ever.
    pub fn prepare_noted(
        order: &Order<'_>,
        passphrase: &Secret<String>,
        note: impl FnOnce(&Path),
    ) -> Result<(Self, Vec<Text>), Failure> {
        fit(passphrase)?;
        make_private(order.folder)
            .and_then(|()| tighten(order.folder))
            .map_err(|e| explain(order.folder, &e))?;
        let identity = Identity::generate();
        let text = key_text(&identity, order);
        let locked = lock(text.as_bytes(), passphrase, order.work).map_err(|e| unmade(&e))?;
        drop(text);
        let codes = write_key(order, &locked)?;
        let pair = Self {
            digest: digest(&[&locked]),
            _alive: Alive::mark(&key_of(&codes)),
            codes,
            identity,
        };
        note(&pair.codes);
        let tried = pair.try_out(passphrase);
        if let Err(failure) = tried {
            // Both were made by this call, so they are this call's to remove.
            let _ = remove(&pair.key());
            return Err(failure);
        }
        Ok((pair, temporary_warning(order.folder).into_iter().collect()))
    }

    /// Where the codes will be.
    pub fn path(&self) -> &Path {
        &self.codes
    }

    fn key(&self) -> PathBuf {
        key_of(&self.codes)
    }

    /// The key as it will be read one day, and a probe on the way that codes go.
    fn try_out(&self, passphrase: &Secret<String>) -> Result<(), Failure> {
        let path = self.key();
        let read = whole(&path, LARGEST_KEY).map_err(|unread| unread.failure(&path, "a key"))?;
        let identity = unlock(&read, passphrase)
            .ok()
            .and_then(|text| key(&text))
            .filter(|identity| same_key(identity, &self.identity))
            .ok_or_else(|| changed(&path))?;
        let mut probe =
            b"npm-warden made this file to see whether codes can be kept here. It may be deleted.\n"
                .to_vec();
        probe.resize(PROBE, b'\n');
        let sealed = seal(&probe, &self.identity).map_err(|e| unmade(&e))?;
        // Under a name of its own, so that nobody takes it for codes when this program is killed now.
        let place = probe_of(&self.codes);
        write_new(&place, &sealed)?;
        let read = read_back(&place, &identity);
        remove(&place)?;
        if let Some(folder) = place.parent() {
            sync_folder(folder).map_err(|e| explain(&place, &e))?;
        }
        match read {
            Ok(read) if *read == probe => Ok(()),
            Ok(_) => Err(changed(&place)),
            Err(failure) => Err(failure),
        }
    }

    /// Writes the codes, reads them back and compares (promises P07, P08, P10).
    ///
    /// When this returns `Ok`, the codes are on the disk, whole, and so is their key. After a failure there is no such
    /// file, and the pair can be tried again.
    pub fn seal(
        &self,
        codes: &RecoveryCodes,
        account: &Text,
        registry: &Text,
        received: Timestamp,
    ) -> Result<Seals, Failure> {
        let head = Head::new(account, registry, received);
        let text = render(codes, &head, &self.how())?;
        let sealed = seal(text.as_bytes(), &self.identity).map_err(|e| unmade(&e))?;
        drop(text);
        write_new_known(&self.codes, &sealed)?;
        let kept = read_back(&self.codes, &self.identity)
            .and_then(
                |read| match std::str::from_utf8(&read).ok().and_then(parse) {
                    Some(read) if same(codes, &read) => Ok(()),
                    _ => Err(changed(&self.codes)),
                },
            )
            // Codes whose key is gone are lost.
            .and_then(|()| self.key_is_there());
        match kept {
            Ok(()) => Ok(Seals::of(&sealed, &self.digest)),
            Err(failure) => {
                // It was made by this call, so it is this call's to remove.
                let _ = remove(&self.codes);
                Err(failure)
            }
        }
    }

    /// Removes the file with the key, for a pair that no codes came for. One that was changed, or guards codes, stays.
    pub fn discard(&self) -> Result<(), Failure> {
        if self.codes.symlink_metadata().is_ok() || self.key_is_there().is_err() {
            return Ok(());
        }
        remove(&self.key())
    }

    fn key_is_there(&self) -> Result<(), Failure> {
        let path = self.key();
        match whole(&path, LARGEST_KEY) {
            Ok(read) if digest(&[&read]) == self.digest => Ok(()),
            Ok(_) => Err(failure(
                format!(
                    "{} was changed since it was made, so codes cannot be kept beside it.",
                    shown(&path)
                ),
                "Choose the place anew, or choose another.",
            )),
            Err(unread) => Err(unread.failure(&path, "a key")),
        }
    }

    /// For whoever opens the file in years to come.
    fn how(&self) -> String {
        let name = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            Text::new(&name.to_string_lossy())
        };
        let (key, codes) = (name(&self.key()), name(&self.codes));
        format!(
            "npm-warden encrypted this text in the age format, to a key of its own that a passphrase guards.\n\
             Any program for that format shows it, in the folder of both files:\n\
             age -d -i {key} {codes}\n\n"
        )
    }
}

/// Where a pair is tried out.
pub(super) fn probe_of(codes: &Path) -> PathBuf {
    codes.with_extension("try.age")
}

fn read_back(path: &Path, identity: &Identity) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let sealed = whole(path, LARGEST_SEALED)
        .map_err(|unread| unread.failure(path, "a file of recovery codes"))?;
    unseal(&sealed, identity).map_err(|_: Closed| changed(path))
}

/// What could not be typed when another program asks for it is no passphrase.
fn fit(passphrase: &Secret<String>) -> Result<(), Failure> {
    if !passphrase_will_do(passphrase) {
        return Err(failure(
            "The passphrase is too short: a program could guess it once it has the files.",
            &format!("Choose one of {PASSPHRASE_LEAST} characters or more, such as a few words."),
        ));
    }
    if passphrase.expose().chars().any(char::is_control) {
        return Err(failure(
            "The passphrase has characters that cannot be typed where it is asked for.",
            "Choose one of letters, digits, signs and blanks.",
        ));
    }
    Ok(())
}

/// Writes the file with the key under a name that is free, together with that of the codes. Gives the latter.
fn write_key(order: &Order<'_>, locked: &[u8]) -> Result<PathBuf, Failure> {
    let mut tries = 0;
    loop {
        let codes = free_path(
            order.folder,
            order.account,
            order.registry,
            order.date,
            &["age", "key.age", "try.age"],
        );
        tries += 1;
        match write_new(&key_of(&codes), locked) {
            Ok(()) => return Ok(codes),
            // Another instance was quicker.
            Err(_) if tries < NAMES && key_of(&codes).symlink_metadata().is_ok() => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// The file with the key, as `age-keygen` would write it.
fn key_text(identity: &Identity, order: &Order<'_>) -> Zeroizing<String> {
    let mut out = Zeroizing::new(format!(
        "# npm-warden made this key on {} for recovery codes of {}{}.\n# public key: {}\n",
        order.date,
        order.account,
        order
            .registry
            .map(|registry| format!(" at {registry}"))
            .unwrap_or_default(),
        identity.to_public(),
    ));
    // No part of the key is left behind where the text was before it grew.
    out.reserve_exact(256);
    push_key(&mut out, identity);
    out
}

fn unmade(error: &std::io::Error) -> Failure {
    failure(
        format!("The codes could not be encrypted ({error})."),
        "Choose another place.",
    )
}
