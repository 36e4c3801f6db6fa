//! A set of codes as a text file: for people to read, and for this program to read back.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::domain::failure::Failure;
use crate::domain::recovery::RecoveryCodes;
use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::read::whole;
use super::write::{explain, write_new_known};
use super::{failure, shown};

/// The largest file that is read back.
pub(super) const LARGEST: u64 = 1024 * 1024;

/// How a file says when its codes were received.
const MINUTE: &str = "%Y-%m-%d %H:%M UTC";

/// Writes the codes into a new file, reads the file again and compares (promises P07, P08, P10).
///
/// When this returns `Ok`, the codes are on the disk, whole. After a failure there is no such file.
pub fn save_codes(
    codes: &RecoveryCodes,
    account: &Text,
    registry: &Text,
    received: Timestamp,
    path: &Path,
) -> Result<(), Failure> {
    let text = render(codes, &Head::new(account, registry, received), "")?;
    write_new_known(path, text.as_bytes())?;
    let compared = read_back(path).and_then(|read| {
        if same(codes, &read) {
            Ok(())
        } else {
            Err(changed(path))
        }
    });
    if compared.is_err() {
        // It was made by this call, so it is this call's to remove.
        let _ = std::fs::remove_file(path);
    }
    compared
}

/// The codes that a file of [`save_codes`] holds, in order.
pub fn read_back(path: &Path) -> Result<Vec<Secret<String>>, Failure> {
    let bytes =
        whole(path, LARGEST).map_err(|unread| unread.failure(path, "a file of recovery codes"))?;
    std::str::from_utf8(&bytes)
        .ok()
        .and_then(parse)
        .ok_or_else(|| {
            failure(
                format!(
                    "{} is not a file of recovery codes as it was written.",
                    shown(path)
                ),
                "Check the file, or choose another.",
            )
        })
}

/// When the codes in a file were received: to the minute as the file says, and closer where the disk knows.
pub(super) fn received(path: &Path) -> Option<Timestamp> {
    let bytes = whole(path, LARGEST).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let said = text
        .lines()
        .find_map(|line| line.strip_prefix("received:"))?
        .trim();
    let written = path.symlink_metadata().ok()?.modified().ok()?;
    let written = Timestamp::try_from(written).ok()?;
    if written.strftime(MINUTE).to_string() == said {
        return Some(written);
    }
    let minute = jiff::fmt::strtime::parse(MINUTE, said).ok()?;
    let minute = minute.to_datetime().ok()?;
    let minute = minute.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(minute.timestamp())
}

/// The disk gave back something else than it took.
pub(super) fn changed(path: &Path) -> Failure {
    failure(
        format!(
            "What was read back from {} is not what was written.",
            shown(path)
        ),
        "The disk may be failing: choose a place on another one.",
    )
}

/// Whether the codes read are the codes received; every pair is compared, each in constant time.
pub(super) fn same(codes: &RecoveryCodes, read: &[Secret<String>]) -> bool {
    codes.len() == read.len()
        && codes
            .iter()
            .zip(read)
            .fold(true, |all, (one, other)| one.matches(other) & all)
}

/// What a file of codes says of them.
pub(super) struct Head<'a> {
    pub(super) account: &'a Text,
    pub(super) registry: &'a Text,
    pub(super) received: Timestamp,
}

impl<'a> Head<'a> {
    pub(super) const fn new(account: &'a Text, registry: &'a Text, received: Timestamp) -> Self {
        Self {
            account,
            registry,
            received,
        }
    }
}

/// The text of a file. `how` is a paragraph on how the file was made, and may be empty.
///
/// Files that were written before are compared with it byte by byte before they are removed: words that change here
/// make old files strangers, which are left where they are.
pub(super) fn render(
    codes: &RecoveryCodes,
    head: &Head<'_>,
    how: &str,
) -> Result<Zeroizing<String>, Failure> {
    if codes.is_empty() {
        return Err(failure(
            "There are no recovery codes to save.",
            "Ask the registry for new ones.",
        ));
    }
    let Head {
        account, registry, ..
    } = head;
    let room = 1024
        + how.len()
        + account.as_str().len()
        + registry.as_str().len()
        + codes.written().map(|code| 32 + code.len()).sum::<usize>();
    let mut out = Zeroizing::new(String::with_capacity(room));
    let date = head.received.strftime(MINUTE);
    // Writing into a string cannot fail.
    let _ = write!(
        out,
        "npm recovery codes\n\n\
         account:   {account}\n\
         registry:  {registry}\n\
         received:  {date}\n\
         codes:     {}\n\n\
         Each code works once, where a one-time password is asked for, when your authenticator is lost.\n\
         Keep them apart from the device with the authenticator, and cross out what you have used.\n\n{how}",
        codes.len()
    );
    for (index, code) in codes.written().enumerate() {
        let _ = write!(out, "{:>2}. ", index + 1);
        out.push_str(code);
        out.push('\n');
    }
    Ok(out)
}

/// The numbered lines; `None` when they are not numbered from 1 on, or not as many as the head says.
pub(super) fn parse(text: &str) -> Option<Vec<Secret<String>>> {
    let count: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("codes:"))?
        .trim()
        .parse()
        .ok()?;
    let mut codes = Vec::new();
    for line in text.lines() {
        let Some((number, code)) = line.trim_start_matches(' ').split_once(". ") else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        if number != codes.len() + 1 {
            return None;
        }
        codes.push(if code.starts_with('"') {
            Secret::from(serde_json::from_str::<String>(code).ok()?)
        } else {
            Secret::from(code)
        });
    }
    (codes.len() == count).then_some(codes)
}

/// Removes a file that turned out to be of no use, as far as that works.
pub(super) fn remove(path: &Path) -> Result<(), Failure> {
    std::fs::remove_file(path).map_err(|e| explain(path, &e))
}
