//! What a plain command prints at its end: its result on standard output, what went wrong on standard error.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use zeroize::Zeroizing;

use super::shape;
use super::talk::{End, say};
use crate::args::AccountArgs;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

/// A result, in both forms.
pub(super) struct Report {
    /// Lines for a person, without the last line end.
    pub(super) text: Zeroizing<String>,
    /// One line of JSON.
    pub(super) json: Zeroizing<String>,
    /// Why it is not the end that was wanted.
    pub(super) end: Option<End>,
}

/// Prints it and gives the exit code.
pub(super) fn print(result: Result<Report, End>, account: &AccountArgs) -> u8 {
    let code = |end: Option<&End>| end.map_or(0, End::exit_code);
    print_as(result, account, code, FailureKind::Local.exit_code())
}

/// The same where exit codes are a command's own; `unwritten` is the one for a result that cannot be written.
pub(super) fn print_as(
    result: Result<Report, End>,
    account: &AccountArgs,
    code: impl FnOnce(Option<&End>) -> u8,
    unwritten: u8,
) -> u8 {
    let (report, end) = match result {
        Ok(report) => (Some((report.text, report.json)), report.end),
        Err(end) => (None, Some(end)),
    };
    let end = end.map(|end| adapted(end, account));
    let line = match (report, account.json) {
        (Some((_, json)), true) => Some(json),
        (Some((text, _)), false) => Some(text),
        (None, true) => end
            .as_ref()
            .map(|end| shape::line(shape::Failed::from(&failure(end)))),
        (None, false) => None,
    };
    let line = line.filter(|line| !line.is_empty());
    let printed = line.map_or(Ok(()), |line| print_line(&line));
    if let Err(error) = &printed {
        say(&format!(
            "npm-warden: The result cannot be written: {error}."
        ));
    }
    if let Some(end) = &end {
        say(&format!("npm-warden: {}", failure(end)));
    }
    if printed.is_err() {
        return unwritten;
    }
    code(end.as_ref())
}

pub(super) fn print_line(line: &str) -> io::Result<()> {
    match print_all(line) {
        // Who reads the first lines alone, as `head` does, wants no more.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// The same of what a reader has to have got: one that has left has not.
pub(super) fn print_all(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush())
}

/// The next step of who left.
const AGAIN: &str = "Run it again when you want it.";

/// What an end says, as `--json` tells it too.
pub(super) fn failure(end: &End) -> Failure {
    match end {
        End::Failed(failure) | End::Usage(failure) => failure.clone(),
        End::Stopped(_, what) if what.is_empty() => {
            Failure::new(FailureKind::Cancelled, "Stopped.", AGAIN)
        }
        // What was done on the way has its own way on.
        End::Stopped(_, what) => {
            let nothing = ["Nothing was changed", "before anything was changed"];
            let nothing = nothing.iter().any(|words| what.as_str().contains(words));
            let next = if nothing { AGAIN } else { "" };
            Failure::new(FailureKind::Cancelled, what.as_str(), next)
        }
    }
}

/// What the jobs advise is for somebody with the terminal program's screens before them.
fn adapted(end: End, account: &AccountArgs) -> End {
    match end {
        End::Failed(failure) => End::Failed(for_a_command(failure, account)),
        End::Usage(failure) => End::Usage(failure),
        End::Stopped(sign, what) => End::Stopped(sign, what),
    }
}

pub(super) fn for_a_command(mut failure: Failure, account: &AccountArgs) -> Failure {
    let own = |text: &Text| Text::new(&own_command(text.as_str()));
    failure.what = own(&failure.what);
    failure.next = own(&failure.next);
    if failure.kind == FailureKind::SignedOut {
        failure.next = Text::new(&format!("Sign in with {}.", sign_in(account)));
        return failure;
    }
    failure.next = without_keys(&failure.next);
    failure
}

/// Our own sentences name our own command; what is quoted stays as it was said.
fn own_command(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut quoted = 0_usize;
    for part in text.split_inclusive(['“', '”']) {
        if quoted == 0 {
            said.push_str(&part.replace("npm login", "npm-warden login"));
        } else {
            said.push_str(part);
        }
        match part.chars().next_back() {
            Some('“') => quoted += 1,
            Some('”') => quoted = quoted.saturating_sub(1),
            _ => {}
        }
    }
    said
}

/// What stands in the place of a key of the terminal program.
const LOOK: &str = "Look what the registry says now, and run it again if need be.";

/// The advice without the clause that names a key; what stands around it stays.
fn without_keys(next: &Text) -> Text {
    let next = next
        .as_str()
        .replace("on the Security screen", "with npm-warden 2fa disable")
        .replace("on the Recovery screen", "with npm-warden recovery prove");
    let Some(at) = next.to_ascii_lowercase().find("press r") else {
        return Text::new(&next);
    };
    let ends = [". ", ": ", "; ", ", and "];
    let before = ends.iter().filter_map(|end| next[..at].rfind(end)).max();
    let after = ends.iter().filter_map(|end| {
        let from = at + next[at..].find(end)?;
        Some((from, from + end.len()))
    });
    let mut said = String::new();
    if let Some(end) = before {
        let _ = write!(said, "{}. ", &next[..end]);
    }
    said.push_str(LOOK);
    if let Some((_, from)) = after.min() {
        let mut rest = next[from..].chars();
        if let Some(first) = rest.next() {
            let _ = write!(said, " {}{}", first.to_uppercase(), rest.as_str());
        }
    }
    Text::new(&said)
}

/// The command that signs in to the same registry by the same file.
fn sign_in(account: &AccountArgs) -> String {
    same_place("npm-warden login", account)
}

/// A command with the options that lead to the same registry by the same file.
pub(super) fn same_place(command: &str, account: &AccountArgs) -> String {
    let mut command = command.to_owned();
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-~+@:[]".contains(c))
    };
    let userconfig = account.userconfig.as_ref().and_then(|file| file.to_str());
    for (option, value) in [
        ("--registry", account.registry.as_deref()),
        ("--userconfig", userconfig),
    ] {
        if let Some(value) = value.filter(|value| plain(value)) {
            let _ = write!(command, " {option} {value}");
        }
    }
    command
}

/// Columns, as wide as they have to be; those that are empty in every row are left out.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let used = (0..head.len()).filter(|column| rows.iter().any(|row| !row[*column].is_empty()));
    columns(head, rows, &used.collect::<Vec<_>>())
}

/// All columns, whatever stands in them: for those who count them.
pub(super) fn whole_table(head: &[&str], rows: &[Vec<String>]) -> String {
    columns(head, rows, &(0..head.len()).collect::<Vec<_>>())
}

fn columns(head: &[&str], rows: &[Vec<String>], used: &[usize]) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let head = head.iter().map(|name| (*name).to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
    let width = |column: usize| all.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = used.iter().map(|column| width(*column)).collect();
    let mut lines = Vec::with_capacity(all.len());
    for row in all {
        let mut line = String::new();
        for (column, width) in used.iter().zip(&widths) {
            let cell = match row[*column].as_str() {
                "" => "-",
                cell => cell,
            };
            line.push_str(cell);
            line.extend(std::iter::repeat_n(
                ' ',
                width.saturating_sub(cell.width()) + 2,
            ));
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_advises_no_key_of_the_terminal_program() {
        let account = AccountArgs::default();
        for (next, expected) in [
            (
                "Whether it acted is not known: check the connection, then press r to read the truth.",
                "Whether it acted is not known. Look what the registry says now, and run it again if need be.",
            ),
            (
                "Press r to read it again.",
                "Look what the registry says now, and run it again if need be.",
            ),
            (
                "Please report it; press r to read the truth from the registry.",
                "Please report it. Look what the registry says now, and run it again if need be.",
            ),
            (
                "Press r in a minute; keep the codes until it is clear.",
                "Look what the registry says now, and run it again if need be. Keep the codes until it is clear.",
            ),
            (
                "Keep the entry; check the connection and press r. If it is on, get fresh codes.",
                "Keep the entry. Look what the registry says now, and run it again if need be. If it is on, get fresh codes.",
            ),
            (
                "Keep the entry, and press r to read the truth.",
                "Keep the entry. Look what the registry says now, and run it again if need be.",
            ),
            (
                "It remains there: clear it on the Security screen, and report it.",
                "It remains there: clear it with npm-warden 2fa disable, and report it.",
            ),
            ("Try again in 5 min.", "Try again in 5 min."),
            (
                "Set the variable, or sign in with `npm login`.",
                "Set the variable, or sign in with `npm-warden login`.",
            ),
        ] {
            let failure = Failure::new(FailureKind::Network, "It broke.", next);
            assert_eq!(for_a_command(failure, &account).next.as_str(), expected);
        }
    }

    #[test]
    fn what_the_registry_said_is_quoted_as_it_said_it() {
        let what = "R refused: “Sign in with npm login, “now”, npm login”. Or use npm login.";
        let failure = Failure::new(FailureKind::Refused, what, "Use npm login.");
        let told = for_a_command(failure, &AccountArgs::default());
        assert_eq!(
            told.what.as_str(),
            "R refused: “Sign in with npm login, “now”, npm login”. Or use npm-warden login."
        );
        assert_eq!(told.next.as_str(), "Use npm-warden login.");
    }

    #[test]
    fn who_is_signed_out_is_told_the_command_for_the_same_registry() {
        let account = AccountArgs {
            registry: Some("http://[::1]:4873/npm/".into()),
            userconfig: Some("/home/of alice/rc".into()),
            ..AccountArgs::default()
        };
        let failure = Failure::new(
            FailureKind::SignedOut,
            "There is no credential.",
            "Sign in with npm login, then press r.",
        );
        assert_eq!(
            for_a_command(failure, &account).next.as_str(),
            "Sign in with npm-warden login --registry http://[::1]:4873/npm/."
        );
    }

    #[test]
    fn columns_are_aligned_by_cells_and_empty_ones_are_left_out() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["日本", "", "x"]), row(["a", "", ""])];
        assert_eq!(
            table(&["ID", "NONE", "NAME"], &rows),
            "ID    NAME\n日本  x\na     -"
        );
    }
}
