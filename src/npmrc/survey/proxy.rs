//! Proxies with a password in their address: a secret that lies there like any other.

use url::Url;

use crate::domain::machine::Rank;
use crate::domain::text::Text;

use super::super::layers::{Env, Layers, Setting};
use super::super::load::Everything;
use super::super::network;
use super::line::Line;

/// npm's settings for it, the one that wins first.
const SETTINGS: [&str; 2] = ["https-proxy", "proxy"];

/// Whether a setting of this name is a proxy's address with a password in it.
pub(super) fn is_one(setting: &Setting) -> bool {
    SETTINGS.contains(&setting.key.expose().as_str())
        && setting.value.text().is_some_and(holds_password)
}

/// Whether a password stands in an address, whatever else may be wrong with it.
fn holds_password(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let within = |text: &str| {
        let user = text.rsplit_once('@').map(|(user, _)| user);
        let pair = user.and_then(|user| user.split_once(':'));
        pair.is_some_and(|(_, password)| !password.is_empty())
    };
    // One that was written without its escapes ends the address early.
    within(authority) || Url::parse(text).is_err() && within(rest)
}

/// The variables of the surroundings that hold one, with their names as they are written.
pub(super) fn of_surroundings(env: Env<'_>) -> Vec<(&str, &str)> {
    network::PROXY_VARIABLES
        .iter()
        .filter_map(|name| network::any_case(env, name))
        .filter(|(_, value)| holds_password(value))
        .collect()
}

/// The place of the proxy that npm takes for the registry in force.
pub(super) fn in_force(all: &Everything, env: Env<'_>) -> Option<Text> {
    let layers: &Layers = &all.layers;
    let configured = SETTINGS.iter().find_map(|key| {
        let setting = layers.get(key)?;
        // What npm takes for no address at all it passes over; with any other it fails.
        setting
            .value
            .text()?
            .contains(':')
            .then(|| setting.place.clone())
    });
    configured.or_else(|| {
        let names = network::proxy_variables(&all.registry);
        let (name, _) = names.iter().find_map(|name| network::any_case(env, name))?;
        Some(network::variable(name))
    })
}

fn is_address(text: &str) -> bool {
    let is_proxy = |url: Url| {
        let scheme = url.scheme();
        (matches!(scheme, "http" | "https") || scheme.starts_with("socks")) && url.has_host()
    };
    Url::parse(text).is_ok_and(is_proxy)
}

pub(super) fn rank(line: &Line, in_force: Option<&Text>, all: &Everything, lines: &[Line]) -> Rank {
    let place = &line.place;
    if let Some(why) = &line.unread {
        return Rank::Unusable(why.clone());
    }
    let own = in_force == Some(&line.setting.place);
    let why = match in_force {
        _ if !line.setting.value.text().is_some_and(is_address) => {
            format!(
                "{place} holds a password in what is no address of a proxy, so npm cannot go through it. Write it as \
                 http://user:password@host:port."
            )
        }
        Some(_) if own => return Rank::Wins,
        Some(by) => {
            let line = lines.iter().find(|line| line.setting.place == *by);
            return Rank::Beaten(line.map_or(by, |line| &line.place).clone());
        }
        None => format!(
            "npm takes {place} for addresses that begin with http: alone, and {} is none.",
            all.registry
        ),
    };
    Rank::Unusable(Text::new(&why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_seen_however_the_address_is_written() {
        for (text, held) in [
            ("http://user:pw@proxy.example:8080", true),
            ("http://user:pw@proxy.example:8080/", true),
            ("user:pw@proxy.example:8080", true),
            ("http://user:p/w@proxy.example", true),
            ("socks5://user:pw@proxy.example", true),
            ("http://user@proxy.example:8080", false),
            ("http://user:@proxy.example:8080", false),
            ("http://proxy.example:8080/@a", false),
            ("http://proxy.example:8080", false),
            ("", false),
        ] {
            assert_eq!(holds_password(text), held, "{text}");
        }
    }
}
