//! The addresses that a token works from, as a person types them: IPv4 ranges, since registries take no others.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::text::Text;

/// The most cells of what was typed that a sentence repeats.
const SHOWN: usize = 44;

/// One range of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// What is sent.
    pub net: Ipv4Net,
    /// What was typed.
    typed: Text,
    read: Read,
}

/// How what was typed became a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    AsTyped,
    OneAddress,
    HostBits,
}

/// What is no range that a registry takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRange {
    /// An address or a range of the other kind.
    Ipv6(Text),
    /// Nothing of the sort.
    Unreadable(Text),
}

impl Range {
    /// What to know about it, where it is not sent as it was typed or limits nothing.
    pub fn note(&self) -> Option<String> {
        let net = self.net;
        let typed = self.typed.cut(SHOWN);
        match self.read {
            _ if net.prefix_len() == 0 => {
                Some(format!("{net} is every address: it limits nothing."))
            }
            Read::AsTyped => None,
            Read::OneAddress => Some(format!("{typed} is sent as {net}: this one address.")),
            Read::HostBits => Some(format!(
                "{typed} is sent as {net}: that is the whole range."
            )),
        }
    }
}

impl fmt::Display for NoRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv6(typed) => write!(
                f,
                "{} is IPv6: the list of a token can only contain IPv4 addresses.",
                typed.cut(SHOWN)
            ),
            Self::Unreadable(typed) => write!(
                f,
                "{} is no address range; 192.0.2.0/24 is one, 192.0.2.7 a single address.",
                typed.cut(SHOWN)
            ),
        }
    }
}

/// Reads a list whose entries stand between commas or blanks.
pub fn ranges(typed: &str) -> Vec<Result<Range, NoRange>> {
    typed
        .split(|c: char| c == ',' || c == ';' || c.is_whitespace())
        .filter(|entry| !entry.is_empty())
        .map(range)
        .collect()
}

fn range(typed: &str) -> Result<Range, NoRange> {
    let text = Text::new(typed);
    if let Ok(address) = typed.parse::<Ipv4Addr>() {
        return Ok(Range {
            net: Ipv4Net::from(address),
            typed: text,
            read: Read::OneAddress,
        });
    }
    match (typed.parse::<IpNet>(), typed.parse::<IpAddr>()) {
        (Ok(IpNet::V4(net)), _) => Ok(Range {
            net: net.trunc(),
            typed: text,
            read: if net == net.trunc() {
                Read::AsTyped
            } else {
                Read::HostBits
            },
        }),
        (Ok(IpNet::V6(_)), _) | (_, Ok(IpAddr::V6(_))) => Err(NoRange::Ipv6(text)),
        _ => Err(NoRange::Unreadable(text)),
    }
}

/// The ranges to be sent, each once; `None` when one of the entries is none.
pub fn nets(read: &[Result<Range, NoRange>]) -> Option<Vec<Ipv4Net>> {
    let mut nets = Vec::new();
    for range in read {
        let net = range.as_ref().ok()?.net;
        if !nets.contains(&net) {
            nets.push(net);
        }
    }
    Some(nets)
}
