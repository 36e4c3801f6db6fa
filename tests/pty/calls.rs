//! What strace wrote down: the calls that touched files of a home folder, in their order.

use std::path::{Path, PathBuf};

/// A call on a file or a folder, as far as a test asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The thread.
    pub thread: u32,
    /// Such as `openat`.
    pub name: String,
    /// The files and folders below the home folder that it names, by path or by descriptor.
    pub paths: Vec<PathBuf>,
    /// The arguments as they were printed.
    pub args: String,
}

impl Call {
    /// Whether it is this call on that file or folder.
    pub fn is(&self, name: &str, path: &Path) -> bool {
        self.name == name && self.concerns(path)
    }

    pub fn concerns(&self, path: &Path) -> bool {
        self.paths.iter().any(|named| named == path)
    }

    /// A file under a name that nobody can know beforehand.
    pub fn on_temporary(&self) -> bool {
        let temporary = |path: &PathBuf| path.extension().is_some_and(|end| end == "tmp");
        self.paths.iter().any(temporary)
    }
}

/// Every call of the log, in the order in which they began.
pub fn all(log: &str, home: &Path) -> Vec<Call> {
    log.lines().filter_map(|line| call(line, home)).collect()
}

/// One line: `THREAD name(arguments) = result`. What resumes a call began before; what is no call has no parenthesis
/// after a plain word.
fn call(line: &str, home: &Path) -> Option<Call> {
    let (thread, rest) = line.trim_start().split_once(' ')?;
    let (name, args) = rest.trim_start().split_once('(')?;
    let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    Some(Call {
        thread: thread.parse().ok()?,
        name: name.to_owned(),
        paths: paths(name, args, home),
        args: args.to_owned(),
    })
}

/// What stands between quotes or, for a descriptor, between angles. The folder that a relative path would start from
/// is not meant, and neither is what is written or read.
fn paths(name: &str, args: &str, home: &Path) -> Vec<PathBuf> {
    let content = ["read", "write"].contains(&name);
    let args = args.split(if content { "\"" } else { ") = " });
    let args = args.take(1).collect::<String>();
    let args = args.replace(&format!("AT_FDCWD<{}>", home.display()), "");
    let mut found: Vec<PathBuf> = Vec::new();
    for part in args.split(['"', '<', '>']) {
        let path = Path::new(part);
        if path.starts_with(home) && !found.iter().any(|known| known == path) {
            found.push(path.to_owned());
        }
    }
    found
}

#[test]
fn a_line_is_read_with_what_it_names() {
    let home = Path::new("/home/t");
    let line = r#"12 renameat2(AT_FDCWD</home/t>, "/home/t/.a.tmp", AT_FDCWD</home/t>, "/home/t/b", RENAME_NOREPLACE) = 0"#;
    let call = call(line, home).unwrap();
    assert_eq!((call.thread, call.name.as_str()), (12, "renameat2"));
    assert_eq!(
        call.paths,
        [Path::new("/home/t/.a.tmp"), Path::new("/home/t/b")]
    );
    assert!(call.on_temporary());
    let log = "12 fsync(3</home/t> <unfinished ...>\n\
               13 write(1</dev/pts/0>, \"x\", 1) = 1\n\
               12 <... fsync resumed>) = 0\n\
               12 +++ killed by SIGKILL +++\n";
    let calls = all(log, home);
    assert_eq!(calls.len(), 2);
    assert!(calls[0].is("fsync", home));
    assert!(calls[1].paths.is_empty());
}
