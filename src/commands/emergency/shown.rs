//! An emergency in lines: how far it is, and what came of it.

use jiff::Timestamp;

use super::super::report::table;
use super::super::talk::say;
use super::super::token_revoke::words;
use crate::domain::incident::{Incident, IncidentRow, StageState};
use crate::domain::package::{PackageChange, PackageFacts, changes};
use crate::domain::text::{Text, cut};
use crate::domain::token::Token;

/// Says what is new since the last time.
pub(in crate::commands) fn progress(before: Option<&Incident>, now: &Incident) {
    for (stage, state) in &now.stages {
        if before.is_some_and(|before| before.stage(*stage) == state) {
            continue;
        }
        let title = stage.title();
        match state {
            StageState::Waiting => {}
            StageState::Now(text) => say(&format!("{title}: {text} …")),
            StageState::Done(_, text) => say(&format!("{title}: done. {text}")),
            StageState::Open(_, text) => say(&format!("{title}: OPEN. {text}")),
            StageState::Skipped(_, text) => say(&format!("{title}: left out. {text}")),
            StageState::Failed(_, why) => say(&format!("{title}: FAILED. {why}")),
        }
    }
    if let Some(why) = &now.unwritten
        && before.is_none_or(|before| before.unwritten.is_none())
    {
        say(&format!(
            "What is done cannot be noted on this machine, so that it could not be gone on with after a crash. {why}"
        ));
    }
}

/// What came of it.
pub(super) fn result(incident: &Incident) -> String {
    let mut parts = Vec::new();
    if !incident.rows.is_empty() {
        let rows: Vec<_> = incident
            .rows
            .iter()
            .map(|row| {
                vec![
                    row.token.key.short().to_string(),
                    words(&row.state),
                    name(&row.token),
                ]
            })
            .collect();
        parts.push(table(&["ID", "STATE", "NAME"], &rows));
    }
    let remains = incident.remains();
    if !remains.is_empty() {
        let lines: Vec<_> = remains.iter().map(|line| format!(" -  {line}")).collect();
        parts.push(format!("What remains to do:\n{}", lines.join("\n")));
    }
    parts.join("\n\n")
}

/// What goes, in its order. What the account's owner chose stands last (promise P27).
pub(super) fn rows(rows: &[&IncidentRow]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let token = &row.token;
            let found: Vec<_> = token
                .found
                .iter()
                .map(|found| format!("{} {}", found.grade.words(), found.place))
                .collect();
            vec![
                token.key.short().to_string(),
                token.begins.cut(24),
                token.may().to_owned(),
                if token.bypass_2fa { "skips-2fa" } else { "" }.to_owned(),
                match (row.ours, row.appeared) {
                    (true, _) => "THIS",
                    (false, true) => "NEW",
                    (false, false) => "",
                }
                .to_owned(),
                token
                    .accessed
                    .map(|used| time(used.at()))
                    .unwrap_or_default(),
                cut(&found.join(", "), 60),
                name(token),
            ]
        })
        .collect();
    table(
        &[
            "ID", "BEGINS", "MAY", "2FA", "SINCE", "USED", "FOUND", "NAME",
        ],
        &rows,
    )
}

/// The packages, and what is new of them.
pub(super) fn packages(incident: &Incident) -> Vec<String> {
    let Some(Ok(now)) = &incident.packages else {
        return Vec::new();
    };
    let before = incident.snapshot.as_ref();
    let before = before.and_then(|snapshot| snapshot.packages.as_ref().ok());
    let different = before
        .map(|before| changes(before, now))
        .unwrap_or_default();
    let mut lines = Vec::new();
    for it in now {
        lines.push(package(it));
        let fresh: Vec<_> = it
            .lately(incident.began)
            .map(|(version, at)| format!("{} of {}", version.cut(40), time(*at)))
            .collect();
        if !fresh.is_empty() {
            lines.push(format!(" !  published lately: {}", fresh.join(", ")));
        }
    }
    for (name, changes) in &different {
        for change in changes {
            lines.push(format!(" !  {}: {}", name.cut(60), changed(change)));
        }
    }
    lines
}

fn package(package: &PackageFacts) -> String {
    let last = match (&package.unread, package.recent.first()) {
        (Some(why), _) => why.what.to_string(),
        (None, Some((version, at))) => format!("{} of {}", version.cut(40), time(*at)),
        (None, None) => "no version".to_owned(),
    };
    let owners: Vec<_> = package.owners.iter().map(Text::as_str).collect();
    let owners = cut(&owners.join(", "), 60);
    format!(" -  {}: {last}; owners: {owners}", package.name.cut(60))
}

fn changed(change: &PackageChange) -> String {
    match change {
        PackageChange::Appeared => "was not there when this began".to_owned(),
        PackageChange::Gone => "is not the account's any more".to_owned(),
        PackageChange::Version(version, at) => {
            format!("NEW VERSION {} of {}", version.cut(40), time(*at))
        }
        PackageChange::Latest(was, is) => format!("latest was {}, is {}", was.cut(40), is.cut(40)),
        PackageChange::OwnerAdded(name) => format!("NEW OWNER {}", name.cut(60)),
        PackageChange::OwnerGone(name) => format!("owner {} is gone", name.cut(60)),
        PackageChange::Access(was, is) => format!("access was {}, is {}", was.cut(20), is.cut(20)),
    }
}

pub(super) fn name(token: &Token) -> String {
    cut(token.label(), 60)
}

pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_published_lately_stands_below_its_package() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
        let mut incident = Incident::begun("1".into(), at("2026-11-22T21:19:44Z"), "r".into());
        incident.packages = Some(Ok(vec![PackageFacts {
            recent: vec![
                ("2.1.1".into(), at("2026-11-22T21:04:00Z")),
                ("2.2.0-n1".into(), at("2026-11-20T10:00:00Z")),
                ("2.1.0".into(), at("2026-01-01T10:00:00Z")),
            ],
            owners: vec!["alice".into()],
            ..PackageFacts::named("kettle".into(), "write".into())
        }]));
        assert_eq!(
            packages(&incident),
            [
                " -  kettle: 2.1.1 of 2026-11-22 21:04 UTC; owners: alice",
                " !  published lately: 2.1.1 of 2026-11-22 21:04 UTC, 2.2.0-n1 of 2026-11-20 10:00 UTC",
            ]
        );
    }
}
