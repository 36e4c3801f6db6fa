//! Why a connection failed, in plain words.

use std::error::Error as StdError;
use std::io;

use super::client::NameUnknown;

/// The first cause of a failure, in plain words where it is a common one.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &(dyn StdError + 'static) = error;
    let mut io = None;
    let mut name = None;
    loop {
        if let Some(found) = cause.downcast_ref::<io::Error>() {
            io = Some(found.kind());
        }
        if let Some(found) = cause.downcast_ref::<NameUnknown>() {
            name = Some(found.to_string());
        }
        match cause.source() {
            Some(source) => cause = source,
            None => break,
        }
    }
    if let Some(name) = name {
        return name;
    }
    match io {
        Some(io::ErrorKind::ConnectionRefused) => "the connection was refused".to_owned(),
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe,
        ) => "it was closed from the other side".to_owned(),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "there is no way to that network".to_owned()
        }
        _ => {
            let text = cause.to_string();
            match text.rfind(" (os error") {
                Some(end) => text[..end].to_owned(),
                None => text,
            }
        }
    }
}
