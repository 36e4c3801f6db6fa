//! An emergency in lines: how far it is, and what came of it.

use jiff::Timestamp;

use unicode_width::UnicodeWidthStr as _;

use super::super::report::{for_a_command, table};
use super::super::talk::say;
use super::super::token_revoke::words;
use super::super::wrapped::{err_width, out_width, wrapped};
use crate::args::AccountArgs;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::found::Grade;
use crate::domain::incident::{Incident, IncidentRow, Stage, StageState};
use crate::domain::package::{PackageChange, PackageFacts, changes};
use crate::domain::text::{Text, cut};
use crate::domain::token::Token;

/// Says it, by whole words.
pub(super) fn tell(line: &str) {
    say(&wrapped(line, err_width()));
}

/// Why something failed, with advice for who has no screens of the terminal program before them. An emergency signs in by
/// itself.
pub(super) fn in_command_words(why: &Failure) -> String {
    let mut why = for_a_command(why.clone(), &AccountArgs::default());
    if why.kind == FailureKind::SignedOut {
        why.next = "npm-warden emergency --resume asks for a sign-in, and goes on.".into();
    }
    why.to_string()
}

/// Says what is new since the last time.
pub(in crate::commands) fn progress(before: Option<&Incident>, now: &Incident) {
    for (stage, state) in &now.stages {
        if before.is_some_and(|before| before.stage(*stage) == state) {
            continue;
        }
        let title = stage.title();
        match state {
            StageState::Waiting => {}
            StageState::Now(text) => {
                tell(&format!(
                    "{title}: {} …",
                    text.as_str().trim_end_matches('.')
                ));
            }
            StageState::Done(_, text) => tell(&format!("{title}: done. {text}")),
            StageState::Open(_, text) => tell(&format!("{title}: OPEN. {text}")),
            // By choice it says so itself.
            StageState::Skipped(_, text) if text.as_str().starts_with("Left out") => {
                tell(&format!("{title}: {text}"));
            }
            StageState::Skipped(_, text) => tell(&format!("{title}: left out. {text}")),
            // It asks for a sign-in in a moment.
            StageState::Failed(_, why)
                if *stage == Stage::Snapshot && why.kind == FailureKind::SignedOut =>
            {
                tell(&format!(
                    "{title}: not yet. {} It is read after the sign-in.",
                    why.what
                ));
            }
            StageState::Failed(_, why) => {
                tell(&format!("{title}: FAILED. {}", in_command_words(why)));
            }
        }
    }
    if let Some(why) = &now.unwritten
        && before.is_none_or(|before| before.unwritten.is_none())
    {
        tell(&format!(
            "What is done cannot be noted on this machine, so that it could not be gone on with after a crash. {why}"
        ));
    }
}

/// What came of it, as wide as standard output is.
pub(super) fn result(incident: &Incident) -> String {
    let width = out_width();
    let mut parts = Vec::new();
    if !incident.rows.is_empty() {
        parts.push(ends(&incident.rows, width));
    }
    let remains = incident.remains();
    if !remains.is_empty() {
        let lines: Vec<_> = remains.iter().map(|line| format!(" -  {line}")).collect();
        let lines = format!("What remains to do:\n{}", lines.join("\n"));
        parts.push(wrapped(&lines, width));
    }
    parts.join("\n\n")
}

/// How each row ended: a table where there is room for it, else two lines for each. What the account's owner chose stands
/// last in a line (promise P27).
fn ends(rows: &[IncidentRow], width: Option<usize>) -> String {
    let cells: Vec<_> = rows
        .iter()
        .map(|row| {
            let id = row.token.key.short().to_string();
            vec![id, words(&row.state), name(&row.token)]
        })
        .collect();
    let whole = table(&["ID", "STATE", "NAME"], &cells);
    if fits(&whole, width) {
        return whole;
    }
    let lines = cells.iter().map(|cells| {
        let lines = format!("{}  {}\n    {}", cells[0], cells[2], cells[1]);
        wrapped(&lines, width)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn fits(text: &str, width: Option<usize>) -> bool {
    width.is_none_or(|width| text.lines().all(|line| line.width() < width))
}

/// What goes, in its order. What the account's owner chose stands last (promise P27).
pub(super) fn rows(rows: &[&IncidentRow]) -> String {
    rows_within(rows, err_width())
}

fn rows_within(rows: &[&IncidentRow], width: Option<usize>) -> String {
    let whole = goes(rows, width);
    let mut lines: Vec<String> = Vec::new();
    for (line, row) in whole
        .lines()
        .zip(std::iter::once(None).chain(rows.iter().map(Some)))
    {
        lines.push(line.to_owned());
        let found = row.iter().flat_map(|row| &row.token.found);
        for found in found {
            let here = match found.grade {
                Grade::Is => "it lies in",
                Grade::LooksLike => "perhaps it lies in",
            };
            let found = format!("        {here} {}", found.place);
            lines.push(wrapped(&found, width));
        }
    }
    let said = |lines: &mut Vec<String>, words: &str| lines.push(wrapped(words, width));
    if rows.iter().any(|row| row.appeared && !row.ours) {
        said(
            &mut lines,
            "NEW was made since this began: if not by you, somebody still has a way in.",
        );
    }
    if rows.iter().any(|row| row.ours && !row.of_earlier_run()) {
        said(
            &mut lines,
            "OWN is the sign-in of this emergency itself, and goes at its end.",
        );
    }
    if rows.iter().any(|row| row.of_earlier_run()) {
        said(
            &mut lines,
            "EARLIER is the sign-in of an earlier run of this emergency, and goes as well.",
        );
    }
    if rows.iter().any(|row| row.token.bypass_2fa) {
        said(
            &mut lines,
            "What skips 2FA is taken without the second factor.",
        );
    }
    lines.join("\n")
}

/// The table of them. Names have what the other columns leave; where that is nothing, some go.
fn goes(rows: &[&IncidentRow], width: Option<usize>) -> String {
    let of = |columns: usize, room: usize| {
        let rows: Vec<_> = rows.iter().map(|row| cells(row, columns, room)).collect();
        table(
            &["ID", "BEGINS", "MAY", "2FA", "NEW?", "USED", "NAME"],
            &rows,
        )
    };
    let whole = of(3, NAME);
    let Some(width) = width else {
        return whole;
    };
    let names = rows.iter().map(|row| name(&row.token).width());
    let longest = names.max().unwrap_or(0).max("NAME".len());
    let mut told = whole;
    for columns in [3, 2, 1] {
        told = of(columns, NAME);
        let widest = told.lines().map(str::width).max().unwrap_or(0);
        let over = (widest + 1).saturating_sub(width);
        let room = longest.saturating_sub(over);
        if over == 0 {
            break;
        }
        told = of(columns, room.max(LEAST));
        if room >= LEAST {
            break;
        }
    }
    told
}

/// `columns`: 3 for all, 2 without the first characters, 1 without the last use as well.
fn cells(row: &IncidentRow, columns: usize, room: usize) -> Vec<String> {
    let token = &row.token;
    let used = token.accessed.filter(|_| columns > 1);
    vec![
        token.key.short().to_string(),
        token.begins.cut(if columns > 2 { 16 } else { 0 }),
        token.may().to_owned(),
        if token.bypass_2fa { "skips" } else { "" }.to_owned(),
        match (row.ours, row.appeared) {
            (true, _) if row.of_earlier_run() => "EARLIER",
            (true, _) => "OWN",
            (false, true) => "NEW",
            (false, false) => "",
        }
        .to_owned(),
        used.map(|used| used.at().strftime("%Y-%m-%d").to_string())
            .unwrap_or_default(),
        cut(token.label(), room),
    ]
}

/// A name is cut to so much, and never to less than the other.
const NAME: usize = 60;
const LEAST: usize = 9;

/// The packages, and what is new of them.
pub(super) fn packages(incident: &Incident) -> Vec<String> {
    let Some((Ok(now), of_before)) = incident.known_packages() else {
        return Vec::new();
    };
    let before = incident.snapshot.as_ref();
    let before = before.and_then(|snapshot| snapshot.packages.as_ref().ok());
    let different = before
        .map(|before| changes(before, now))
        .unwrap_or_default();
    let mut lines = Vec::new();
    if let (true, Some(Err(why))) = (of_before, &incident.packages) {
        let why = match why.kind {
            FailureKind::SignedOut => "Nobody is signed in by now.",
            _ => why.what.as_str(),
        };
        lines.push(format!(
            " !  These are as they were when this began. They could not be read again: {why}"
        ));
    }
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

    fn row(key: &str, name: &str, used: Option<&str>) -> IncidentRow {
        use crate::domain::plan::Class;
        use crate::domain::revocation::RowState;
        use crate::domain::token::TokenKey;
        let mut token = Token::new(TokenKey::new(key));
        token.name = Some(name.into());
        token.begins = "npm_w6wT…h2Rk".into();
        token.bypass_2fa = true;
        token.accessed = used.and_then(|at| Some(at.parse::<Timestamp>().ok()?.into()));
        IncidentRow {
            token,
            class: Class::WriteBypass,
            state: RowState::Waiting,
            at: None,
            appeared: true,
            ours: false,
        }
    }

    #[test]
    fn what_goes_fits_the_terminal_line_by_line_and_a_pipe_gets_it_whole() {
        use crate::domain::found::Found;
        let long = "a name that goes on and on until no column has room for it";
        let mut here = row("0123456789abcdef", long, Some("2026-11-20T10:00:00Z"));
        here.token.found.push(Found {
            place:
                "~/projects/a-folder-with-a-long-name/another-one/packages/kettle/.npmrc, line 12"
                    .into(),
            grade: Grade::Is,
            proof: None,
            in_use: false,
        });
        let own = IncidentRow {
            ours: true,
            ..row("fedcba9876543210", "日本", None)
        };
        let rows = [&here, &own];
        for width in [50, 80, 120] {
            let told = rows_within(&rows, Some(width));
            let at = |line: &str| line.width() < width || !line.trim().contains(' ');
            assert!(told.lines().all(at), "{width}:\n{told}");
            assert!(told.contains("NEW was made since this began"), "{told}");
            assert!(told.contains("EARLIER is the sign-in of an"), "{told}");
        }
        let whole = rows_within(&rows, None);
        assert!(
            whole
                .lines()
                .nth(1)
                .is_some_and(|line| line.ends_with(long)),
            "{whole}"
        );
    }

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
