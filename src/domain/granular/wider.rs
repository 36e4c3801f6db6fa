//! Whether a token that was made may do more than was asked for: a registry can pass over what it does not know.

use ipnet::Ipv4Net;
use jiff::{SignedDuration, Timestamp};

use super::{Granular, Permission, Spec};
use crate::domain::cidr::{nets, ranges};
use crate::domain::moment::Moment;
use crate::domain::text::Text;
use crate::domain::token::{Reach, Token};

/// How much later than asked for a token may lapse: registries count to the end of a day, or by their own clock.
const SLACK: SignedDuration = SignedDuration::from_hours(25);

/// How a token that was made goes beyond what was asked for, a sentence each; nothing when it does not.
/// `made` is the moment of its making, where the registry does not say.
pub fn wider(asked: &Spec, token: &Token, made: Timestamp) -> Vec<Text> {
    let mut more = Vec::new();
    match asked {
        Spec::Classic { readonly, .. } => {
            if *readonly && token.writes() {
                more.push(Text::from("It may write, and was to read only."));
            }
        }
        Spec::Granular(form) if token.permissions.is_empty() && token.scopes.is_empty() => {
            let what = if token.readonly {
                "read everything that the account may"
            } else {
                "do everything that the account may"
            };
            more.push(Text::new(&format!(
                "The registry made a token of the old kind, which is bound to no package: it may {what}."
            )));
            lasts(form, token, made, &mut more);
        }
        Spec::Granular(form) => {
            reaches(form, token, &mut more);
            lasts(form, token, made, &mut more);
        }
    }
    origin(asked.cidr(), token, &mut more);
    let bypass = matches!(asked, Spec::Granular(form) if form.bypass_2fa);
    if token.bypass_2fa && !bypass {
        more.push(Text::from(
            "It skips the second factor, which was not asked for.",
        ));
    }
    more
}

fn reaches(form: &Granular, token: &Token, more: &mut Vec<Text>) {
    let powers = token.powers();
    let asked = reach(form.packages_permission);
    if powers.packages > asked.max(Reach::Read) {
        more.push(Text::from(if asked == Reach::Stage {
            "It may publish at once, and was to publish to the stage alone."
        } else {
            "It may publish, which was not asked for."
        }));
    }
    if powers.orgs > reach(form.orgs_permission).max(Reach::Read) {
        more.push(Text::from(
            "It may change organizations, which was not asked for.",
        ));
    }
    let mut others = Vec::new();
    for (kind, name) in &token.scopes {
        let name = name.as_str();
        let bare = name.trim_start_matches('@').trim_end_matches("/*");
        let asked = if kind.as_str().contains("org") {
            form.orgs.iter().any(|org| org == bare)
        } else {
            form.all_packages
                || form.packages.iter().any(|package| package == name)
                || form
                    .scopes
                    .iter()
                    .any(|scope| scope.trim_start_matches('@') == bare)
        };
        if !asked {
            others.push(Text::new(name).cut(44));
        }
    }
    if !others.is_empty() {
        others.truncate(4);
        more.push(Text::new(&format!(
            "It is also for what was not asked for: {}.",
            others.join(", ")
        )));
    }
}

const fn reach(permission: Permission) -> Reach {
    match permission {
        Permission::NoAccess => Reach::Nothing,
        Permission::ReadOnly => Reach::Read,
        Permission::StageOnly => Reach::Stage,
        Permission::ReadWrite => Reach::Write,
    }
}

fn lasts(form: &Granular, token: &Token, made: Timestamp, more: &mut Vec<Text>) {
    let Some(days) = form.days else { return };
    let Some(expires) = token.expires else {
        more.push(Text::new(&format!(
            "It does not lapse, as far as the registry says, and was to last {days} days."
        )));
        return;
    };
    let asked = token
        .created
        .map_or(made, Moment::at)
        .checked_add(SignedDuration::from_hours(i64::from(days) * 24) + SLACK);
    if asked.is_ok_and(|asked| expires > asked) {
        more.push(Text::new(&format!(
            "It lasts until {}, and was to last {days} days.",
            expires.at().strftime("%Y-%m-%d")
        )));
    }
}

fn origin(asked: &[Ipv4Net], token: &Token, more: &mut Vec<Text>) {
    if asked.is_empty() || asked.iter().any(|net| net.prefix_len() == 0) {
        return;
    }
    let listed: Vec<_> = token
        .cidr
        .iter()
        .flat_map(|text| ranges(text.as_str()))
        .collect();
    let within = nets(&listed).is_some_and(|nets| {
        let covered = |net: &Ipv4Net| asked.iter().any(|asked| asked.contains(net));
        !nets.is_empty() && nets.iter().all(covered)
    });
    if !within {
        more.push(Text::from(if token.cidr.is_empty() {
            "It works from anywhere, and was to be limited to addresses."
        } else {
            "It works from other addresses than those that were asked for."
        }));
    }
}
