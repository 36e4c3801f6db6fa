//! For many layouts of the configuration: the token that the real npm sends is the one that this program sends, and the one
//! that its machine list calls in use. Both are asked in a home of their own, of a server that only writes down what comes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;

use crate::npm;
use crate::tui::program;

/// Takes any request and keeps what it carried.
struct Recorder {
    port: u16,
    /// The `Authorization` of each request; empty where it had none.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let keep = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some(carried) = answered(&stream.unwrap()) else {
                    return;
                };
                keep.lock().unwrap().push(carried);
            }
        });
        Self { port, seen }
    }

    /// What the first request since the last time carried; `None` where there was none.
    fn first(&self) -> Option<String> {
        let mut seen = self.seen.lock().unwrap();
        let first = seen.first().cloned();
        seen.clear();
        first
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // A connection without a request ends it.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// Reads a request's head and answers it. What it carried is kept before the answer goes out, by the order of the bytes.
fn answered(stream: &TcpStream) -> Option<String> {
    let mut carried = String::new();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    lines.next()?;
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap();
        if name.eq_ignore_ascii_case("authorization") {
            value.trim().clone_into(&mut carried);
        }
    }
    let mut stream = stream;
    let body = r#"{"username":"alice"}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
    Some(carried)
}

/// One layout: `$R` is the registry's address without a slash at its end, `$A` the same without its scheme, `$H` the home
/// folder, and `<u>` a token of twenty `u`.
struct Layout {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    env: &'static [(&'static str, &'static str)],
    cwd: &'static str,
    /// What npm sends: a token's letter, `Basic`, or nothing.
    sends: &'static str,
}

const PLAIN: Layout = Layout {
    what: "",
    files: &[],
    env: &[],
    cwd: "project",
    sends: "",
};

struct Laid {
    home: TempDir,
    recorder: Recorder,
}

impl Laid {
    fn out(layout: &Layout) -> Self {
        let laid = Self {
            home: tempfile::tempdir().unwrap(),
            recorder: Recorder::start(),
        };
        for (path, content) in layout.files {
            laid.write(path, content);
        }
        for folder in [layout.cwd, "prefix", "tmp"] {
            std::fs::create_dir_all(laid.path(folder)).unwrap();
        }
        laid
    }

    fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, self.filled(content)).unwrap();
    }

    fn filled(&self, text: &str) -> String {
        let address = format!("127.0.0.1:{}", self.recorder.port);
        let mut filled = text
            .replace("$R", &format!("http://{address}"))
            .replace("$A", &format!("//{address}"))
            .replace("$H", self.home.path().to_str().unwrap());
        for letter in 'a'..='z' {
            filled = filled.replace(&format!("<{letter}>"), &token(letter));
        }
        filled
    }

    /// The surroundings of both: nothing of the person's own.
    fn surroundings(&self, command: &mut Command, layout: &Layout) {
        command.env_clear().current_dir(self.path(layout.cwd));
        let own = [
            ("HOME", ""),
            ("PREFIX", "prefix"),
            ("TMPDIR", "tmp"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
        ];
        for (name, folder) in own {
            command.env(name, self.path(folder));
        }
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("LANG", "C.UTF-8");
        for (name, value) in layout.env {
            command.env(self.filled(name), self.filled(value));
        }
    }

    fn npm(&self, layout: &Layout, cli: &Path, node: &[&str]) -> Option<String> {
        let mut command = Command::new("node");
        command.args(node).arg(cli).arg("ping");
        self.surroundings(&mut command, layout);
        command.env("npm_config_update_notifier", "false");
        command.env("npm_config_fetch_retries", "0");
        command.env("npm_config_logs_max", "0");
        command.output().unwrap();
        self.recorder.first()
    }

    fn warden(&self, layout: &Layout, line: &str) -> (Value, String) {
        let mut command = Command::new(program());
        command.args(line.split(' '));
        self.surroundings(&mut command, layout);
        let done = command.output().unwrap();
        let told = serde_json::from_slice(&done.stdout).unwrap_or_default();
        (told, String::from_utf8_lossy(&done.stderr).into_owned())
    }
}

fn token(letter: char) -> String {
    letter.to_string().repeat(20)
}

fn header(sends: &str) -> String {
    match sends {
        "" => String::new(),
        "Basic" => "Basic YTpi".to_owned(),
        letter => format!("Bearer {}", token(letter.chars().next().unwrap())),
    }
}

#[track_caller]
fn agree(layout: &Layout, cli: &Path, node: &[&str], more: impl FnOnce(&Laid)) {
    let laid = Laid::out(layout);
    more(&laid);
    let what = layout.what;
    let sent = laid.npm(layout, cli, node).expect("npm sent nothing");
    assert_eq!(sent, header(layout.sends), "{what}: npm");
    let (_, said) = laid.warden(layout, "whoami --json");
    let ours = laid.recorder.first().unwrap_or_default();
    assert_eq!(ours, sent, "{what}: {said}");
    let (machine, said) = laid.warden(layout, "machine --json");
    let all = machine["credentials"].as_array().expect(&said).iter();
    let mut used = all.filter(|local| local["in_use"] == true);
    match (used.next(), layout.sends) {
        (None, "") => {}
        (Some(local), "Basic") => {
            assert_eq!(local["kind"], "user name and password", "{what}: {local}");
        }
        (Some(local), letter) if local["form"] == "literal" => {
            assert_eq!(local["begins"], letter.repeat(4), "{what}: {machine}");
        }
        (Some(local), letter) => {
            assert!(!letter.is_empty(), "{what}: {local}");
            assert_eq!(local["unset"], Value::Array(Vec::new()), "{what}: {local}");
        }
        (None, _) => panic!("{what}: none is in use: {machine}"),
    }
    assert_eq!(used.count(), 0, "{what}");
    assert_eq!(
        laid.recorder.first(),
        None,
        "{what}: the machine's list sends nothing"
    );
}

fn all_agree(layouts: &[Layout]) {
    if !npm::there_is_one() {
        return;
    }
    for layout in layouts {
        agree(layout, &npm::cli(), &[], |_| ());
    }
}

const PACKAGE: (&str, &str) = ("project/package.json", "{}");
const USER: (&str, &str) = (".npmrc", "registry=$R/\n$A/:_authToken=<u>\n");
const AT: (&str, &str) = (".npmrc", "registry=$R/\n");
const PROJECT: (&str, &str) = ("project/.npmrc", "$A/:_authToken=<p>\n");
const GLOBAL: (&str, &str) = ("prefix/etc/npmrc", "$A/:_authToken=<g>\n");
const ROOT: (&str, &str) = ("project/package.json", r#"{"workspaces":["packages/*"]}"#);

#[test]
fn the_file_that_wins_here_is_the_one_that_npm_sends_from() {
    all_agree(&[
        Layout {
            what: "the user's",
            files: &[USER, GLOBAL],
            sends: "u",
            ..PLAIN
        },
        Layout {
            what: "the project's",
            files: &[USER, PROJECT, PACKAGE],
            sends: "p",
            ..PLAIN
        },
        Layout {
            what: "the global one",
            files: &[AT, GLOBAL],
            sends: "g",
            ..PLAIN
        },
        Layout {
            what: "below the project",
            files: &[USER, PROJECT, PACKAGE],
            cwd: "project/src/deep",
            sends: "p",
            ..PLAIN
        },
        Layout {
            what: "below a folder that is no project",
            files: &[USER, PROJECT],
            cwd: "project/src",
            sends: "u",
            ..PLAIN
        },
        Layout {
            what: "a workspace's own file does not count",
            files: &[
                USER,
                PROJECT,
                ROOT,
                (
                    "project/packages/a/package.json",
                    r#"{"name":"a","version":"1.0.0"}"#,
                ),
                ("project/packages/a/.npmrc", "$A/:_authToken=<w>\n"),
            ],
            cwd: "project/packages/a",
            sends: "p",
            ..PLAIN
        },
        Layout {
            what: "a folder that is no workspace of the project above",
            files: &[
                USER,
                PROJECT,
                ROOT,
                (
                    "project/other/a/package.json",
                    r#"{"name":"a","version":"1.0.0"}"#,
                ),
                ("project/other/a/.npmrc", "$A/:_authToken=<w>\n"),
            ],
            cwd: "project/other/a",
            sends: "w",
            ..PLAIN
        },
        Layout {
            what: "another user's file, by the environment",
            files: &[USER, ("mine", "registry=$R/\n$A/:_authToken=<m>\n")],
            env: &[("NPM_CONFIG_USERCONFIG", "$H/mine")],
            sends: "m",
            ..PLAIN
        },
        Layout {
            what: "another user's file, by the project",
            files: &[
                USER,
                PACKAGE,
                ("project/.npmrc", "userconfig=$H/mine\n"),
                ("mine", "registry=$R/\n$A/:_authToken=<m>\n"),
            ],
            sends: "m",
            ..PLAIN
        },
        Layout {
            what: "another global file, by the user's",
            files: &[
                (".npmrc", "registry=$R/\nglobalconfig=~/other\n"),
                GLOBAL,
                ("other", "$A/:_authToken=<o>\n"),
            ],
            sends: "o",
            ..PLAIN
        },
        Layout {
            what: "another prefix, by the environment",
            files: &[AT, GLOBAL, ("moved/etc/npmrc", "$A/:_authToken=<o>\n")],
            env: &[("npm_config_prefix", "$H/moved")],
            sends: "o",
            ..PLAIN
        },
        Layout {
            what: "null in a file hides nothing",
            files: &[USER, PACKAGE, ("project/.npmrc", "$A/:_authToken=null\n")],
            sends: "u",
            ..PLAIN
        },
        Layout {
            what: "false in a file does",
            files: &[USER, PACKAGE, ("project/.npmrc", "$A/:_authToken=false\n")],
            ..PLAIN
        },
        Layout {
            what: "a lesser kind in a higher file",
            files: &[USER, PACKAGE, ("project/.npmrc", "$A/:_auth=YTpi\n")],
            sends: "u",
            ..PLAIN
        },
        Layout {
            what: "a name and a password",
            files: &[(
                ".npmrc",
                "registry=$R/\n$A/:username=a\n$A/:_password=Yg==\n",
            )],
            sends: "Basic",
            ..PLAIN
        },
    ]);
}

#[test]
fn what_variables_and_addresses_make_of_it_is_what_npm_makes() {
    all_agree(&[
        Layout {
            what: "the environment over all",
            files: &[USER, PROJECT, PACKAGE],
            env: &[("npm_config_$A/:_authToken", "<e>")],
            sends: "e",
            ..PLAIN
        },
        Layout {
            what: "capitals in front",
            files: &[USER],
            env: &[("NPM_CONFIG_$A/:_authToken", "<e>")],
            sends: "e",
            ..PLAIN
        },
        Layout {
            what: "the registry from the environment, without a slash",
            files: &[(".npmrc", "$A/:_authToken=<u>\n")],
            env: &[("NPM_CONFIG_REGISTRY", "$R")],
            sends: "u",
            ..PLAIN
        },
        Layout {
            what: "a variable",
            files: &[(".npmrc", "registry=$R/\n$A/:_authToken=${MINE}\n")],
            env: &[("MINE", "<v>")],
            sends: "v",
            ..PLAIN
        },
        Layout {
            what: "a variable that may lack",
            files: &[(".npmrc", "registry=$R/\n$A/:_authToken=${MINE?}\n")],
            env: &[("MINE", "<v>")],
            sends: "v",
            ..PLAIN
        },
        Layout {
            what: "one that lacks hides the one below",
            files: &[
                USER,
                PACKAGE,
                ("project/.npmrc", "$A/:_authToken=${MINE?}\n"),
            ],
            ..PLAIN
        },
        Layout {
            what: "one that is empty, too",
            files: &[
                USER,
                PACKAGE,
                ("project/.npmrc", "$A/:_authToken=${MINE}\n"),
            ],
            env: &[("MINE", "")],
            ..PLAIN
        },
        Layout {
            what: "a variable in the key",
            files: &[(".npmrc", "registry=$R/\n${PLACE}:_authToken=<k>\n")],
            env: &[("PLACE", "$A/")],
            sends: "k",
            ..PLAIN
        },
        Layout {
            what: "variables that npm reads in no file of its own",
            files: &[AT],
            env: &[("NPM_TOKEN", "<n>"), ("NODE_AUTH_TOKEN", "<n>")],
            ..PLAIN
        },
        Layout {
            what: "the longest path, with a slash",
            files: &[(
                ".npmrc",
                "registry=$R/npm/team\n$A/:_authToken=<a>\n$A/npm/:_authToken=<b>\n$A/npm/team:_authToken=<c>\n\
                 $A/npm/team/:_authToken=<d>\n$A/npm/other/:_authToken=<e>\n",
            )],
            sends: "d",
            ..PLAIN
        },
        Layout {
            what: "the path without one",
            files: &[(
                ".npmrc",
                "registry=$R/npm/team/\n$A/:_authToken=<a>\n$A/npm/team:_authToken=<c>\n",
            )],
            sends: "c",
            ..PLAIN
        },
        Layout {
            what: "the host without one",
            files: &[(".npmrc", "registry=$R/npm/team/\n$A:_authToken=<a>\n")],
            sends: "a",
            ..PLAIN
        },
        Layout {
            what: "a longer path in a lower file",
            files: &[
                (".npmrc", "registry=$R/npm/\n$A/npm/:_authToken=<u>\n"),
                PROJECT,
                PACKAGE,
            ],
            sends: "u",
            ..PLAIN
        },
        Layout {
            what: "a lesser kind for a longer path",
            files: &[(
                ".npmrc",
                "registry=$R/npm/\n$A/npm/:_auth=YTpi\n$A/:_authToken=<u>\n",
            )],
            sends: "Basic",
            ..PLAIN
        },
        Layout {
            what: "another path, and another port",
            files: &[(
                ".npmrc",
                "registry=$R/npm/\n$A/other/:_authToken=<a>\n//127.0.0.1:1/:_authToken=<b>\n",
            )],
            ..PLAIN
        },
        Layout {
            what: "a scope's registry is another",
            files: &[(
                ".npmrc",
                "registry=$R/\n@s:registry=$R/s/\n$A/:_authToken=<u>\n$A/s/:_authToken=<s>\n",
            )],
            sends: "u",
            ..PLAIN
        },
    ]);
}

#[test]
fn what_is_in_npms_own_file_counts_as_in_npm() {
    if !npm::there_is_one() {
        return;
    }
    // npm again, made of links, with a file that its packers put there.
    let farm = |laid: &Laid, content: &str| {
        let real = npm::cli().parent().unwrap().parent().unwrap().to_owned();
        for part in ["package.json", "lib", "node_modules"] {
            std::fs::create_dir_all(laid.path("npm")).unwrap();
            std::os::unix::fs::symlink(real.join(part), laid.path("npm").join(part)).unwrap();
        }
        std::fs::create_dir_all(laid.path("npm/bin")).unwrap();
        std::fs::copy(npm::cli(), laid.path("npm/bin/npm-cli.js")).unwrap();
        std::fs::create_dir_all(laid.path("bin")).unwrap();
        std::os::unix::fs::symlink("../npm/bin/npm-cli.js", laid.path("bin/npm")).unwrap();
        laid.write("npm/npmrc", content);
    };
    // So that npm takes itself to lie where the links do.
    let node = ["--preserve-symlinks", "--preserve-symlinks-main"];
    for (what, content, sends) in [
        ("by itself", "$A/:_authToken=<b>\n", "b"),
        ("it moves the prefix", "prefix=~/moved\n", "m"),
        ("it names the global file", "globalconfig=~/named\n", "n"),
    ] {
        let path = std::env::var("PATH").unwrap();
        let path: &'static str = Box::leak(format!("$H/bin:{path}").into_boxed_str());
        let env: &'static [(&str, &str)] = Box::leak(Box::new([("PATH", path)]));
        let layout = Layout {
            what,
            files: &[
                AT,
                ("moved/etc/npmrc", "$A/:_authToken=<m>\n"),
                ("named", "$A/:_authToken=<n>\n"),
            ],
            env,
            sends,
            ..PLAIN
        };
        let cli = Path::new("../npm/bin/npm-cli.js");
        agree(&layout, cli, &node, |laid| farm(laid, content));
    }
}

#[test]
fn what_npm_refuses_is_said_to_be_refused_and_nothing_wins() {
    if !npm::there_is_one() {
        return;
    }
    for (line, refused) in [
        ("_authToken=<b>", 1),
        ("_authtoken=<b>", 1),
        ("_auth=YTpi", 1),
        ("_auth[]=YTpi", 1),
        ("username=a", 1),
        ("_password=YWI=\nusername=a", 2),
        ("_authToken=${UNSET}", 1),
        ("_authToken=", 0),
        ("_authToken=null", 0),
        ("_authToken=<b>\n_authToken=", 0),
        ("[section]\n_authToken=<b>", 0),
    ] {
        let laid = Laid::out(&PLAIN);
        laid.write(
            ".npmrc",
            &format!("registry=$R/\n$A/:_authToken=<u>\n{line}\n"),
        );
        let sent = laid.npm(&PLAIN, &npm::cli(), &[]);
        assert_eq!(sent.is_none(), refused > 0, "{line}");
        let (machine, said) = laid.warden(&PLAIN, "machine --json --check");
        let rank = &machine["credentials"][0]["rank"];
        assert_eq!(
            rank,
            if refused > 0 { "unusable" } else { "wins" },
            "{line}: {machine}{said}"
        );
        let findings = machine["findings"].as_array().unwrap().iter();
        let told = findings.filter(|told| told.as_str().unwrap().starts_with("npm refuses"));
        assert_eq!(told.count(), refused, "{line}: {machine}");
    }
}

#[test]
fn the_proxy_that_wins_here_is_the_one_that_npm_goes_through() {
    const HERE: &str = "http://me:canary@127.0.0.1:";

    if !npm::there_is_one() {
        return;
    }
    for (user, project, env, wins) in [
        ("proxy=HERE\n", "", &[][..], "~/.npmrc, line 2"),
        (
            "proxy=HERE\n",
            "https-proxy=HERE\n",
            &[],
            "~/project/.npmrc, line 1",
        ),
        (
            "https-proxy=HERE\n",
            "proxy=HERE\n",
            &[],
            "~/.npmrc, line 2",
        ),
        (
            "proxy=${P}HERE\n",
            "",
            &[("P", ""), ("HTTPS_PROXY", "HERE")],
            "~/.npmrc, line 2",
        ),
        (
            "proxy=false\n",
            "",
            &[("proxy", "HERE"), ("http_proxy", "HERE")],
            "$http_proxy",
        ),
        (
            "",
            "",
            &[("http_proxy", "HERE"), ("Https_proxy", "HERE")],
            "$Https_proxy",
        ),
    ] {
        let laid = Laid::out(&Layout {
            files: &[PACKAGE],
            ..PLAIN
        });
        // Each of the places names another one.
        let others: Vec<_> = (0..4).map(|_| Recorder::start()).collect();
        let mut ports = Vec::new();
        let mut filled = |text: &str, place: &str| {
            if !text.contains("HERE") {
                return text.to_owned();
            }
            let recorder = &others[ports.len()];
            ports.push((place.to_owned(), recorder));
            text.replace("HERE", &format!("{HERE}{}/", recorder.port))
        };
        let user = filled(user, "~/.npmrc, line 2");
        laid.write(
            ".npmrc",
            &format!("registry=http://registry.invalid/\n{user}"),
        );
        laid.write(
            "project/.npmrc",
            &filled(project, "~/project/.npmrc, line 1"),
        );
        let env: Vec<(&str, &str)> = env
            .iter()
            .map(|(name, value)| {
                let value: &'static str =
                    Box::leak(filled(value, &format!("${name}")).into_boxed_str());
                (*name, value)
            })
            .collect();
        let layout = Layout {
            env: Box::leak(env.into_boxed_slice()),
            ..PLAIN
        };
        laid.npm(&layout, &npm::cli(), &[]);
        let asked: Vec<_> = ports
            .iter()
            .filter(|(_, recorder)| recorder.first().is_some())
            .collect();
        let asked: Vec<_> = asked.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(asked, [wins], "{user}");
        let (machine, said) = laid.warden(&layout, "machine --json");
        assert!(
            !format!("{machine}{said}").contains("canary"),
            "{machine}{said}"
        );
        let all = machine["credentials"].as_array().unwrap().iter();
        let first: Vec<_> = all
            .filter(|local| local["rank"] == "wins")
            .map(|local| &local["place"])
            .collect();
        assert_eq!(first, [wins], "{machine}");
    }
}

/// What the library that npm asks with makes of settings: a token's letter, and whether a certificate goes along.
fn carried(laid: &Laid, settings: &[(&str, &str)]) -> (Value, bool) {
    let script = "const [lib, url, opts] = process.argv.slice(1); \
                  const auth = require(lib)(url, JSON.parse(opts)); \
                  console.log(JSON.stringify({ token: auth.token, cert: auth.cert !== null }))";
    let lib = npm::cli()
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("node_modules/npm-registry-fetch/lib/auth.js");
    let opts: serde_json::Map<String, Value> = settings
        .iter()
        .map(|(key, value)| (laid.filled(key), laid.filled(value).into()))
        .collect();
    let mut command = Command::new("node");
    command
        .args(["-e", script])
        .arg(lib)
        .arg(laid.filled("$R/npm/-/whoami"));
    command
        .arg(Value::Object(opts).to_string())
        .current_dir(laid.path("project"));
    let done = command.output().unwrap();
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    (told["token"].clone(), told["cert"] == true)
}

#[test]
fn a_certificate_is_sent_where_npm_sends_it() {
    if !npm::there_is_one() {
        return;
    }
    let pair = |at: &'static str| [(at, ":certfile", "c"), (at, ":keyfile", "k")];
    for (token, certificate, gone) in [
        ("$A/npm/", "$A/npm/", false),
        ("$A/npm/", "$A/", false),
        ("$A/", "$A/npm/", false),
        ("$A/npm/", "$A/npm", false),
        ("$A/npm/", "$A/npm/", true),
    ] {
        let laid = Laid::out(&PLAIN);
        laid.write("project/c", "PEM");
        if !gone {
            laid.write("project/k", "PEM");
        }
        let mut keys = vec![(format!("{token}:_authToken"), "<u>".to_owned())];
        keys.extend(
            pair(certificate).map(|(at, end, file)| (format!("{at}{end}"), file.to_owned())),
        );
        let lines: Vec<_> = keys
            .iter()
            .map(|(key, value)| format!("{key}={value}\n"))
            .collect();
        laid.write(".npmrc", &format!("registry=$R/npm/\n{}", lines.concat()));
        let settings: Vec<_> = keys
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        let (sent, with) = carried(&laid, &settings);
        let (machine, said) = laid.warden(&PLAIN, "machine --json");
        let of = |line: u64| {
            let mut all = machine["credentials"].as_array().expect(&said).iter();
            all.find(|local| local["line"] == line).unwrap()
        };
        let what = format!("{token} {certificate} {gone}: {machine}");
        assert_eq!(of(2)["in_use"], sent.is_string(), "{what}");
        // Of its own key each is the one; which key counts for the registry is told below.
        let own = of(3)["rank"] == "wins";
        assert_eq!(
            own && certificate != "$A/" && certificate != "$A/npm",
            with,
            "{what}"
        );
        assert_eq!(of(3)["rank"] == "unusable", gone, "{what}");
    }
}

#[test]
fn a_credential_above_the_registry_is_sent_by_npm_but_not_by_its_whoami() {
    if !npm::there_is_one() {
        return;
    }
    for (key, whoami) in [
        ("$A/npm/", true),
        ("$A/npm", false),
        ("$A/", false),
        ("$A", false),
    ] {
        let laid = Laid::out(&PLAIN);
        laid.write(
            ".npmrc",
            &format!("registry=$R/npm/\n{key}:_authToken=<u>\n"),
        );
        assert_eq!(
            laid.npm(&PLAIN, &npm::cli(), &[]),
            Some(header("u")),
            "{key}"
        );
        let mut command = Command::new("node");
        command.arg(npm::cli()).arg("whoami");
        laid.surroundings(&mut command, &PLAIN);
        command.env("npm_config_update_notifier", "false");
        assert_eq!(command.output().unwrap().status.success(), whoami, "{key}");
        let (machine, said) = laid.warden(&PLAIN, "machine --json");
        let told = machine["problems"].to_string();
        assert_eq!(
            !told.contains("npm whoami and npm publish"),
            whoami,
            "{key}: {told}{said}"
        );
    }
}

#[test]
fn p36_a_variable_that_is_not_set_is_sent_by_npm_as_it_stands_and_by_nobody_here() {
    if !npm::there_is_one() {
        return;
    }
    let layout = Layout {
        files: &[
            USER,
            PACKAGE,
            ("project/.npmrc", "$A/:_authToken=${MINE}\n"),
        ],
        ..PLAIN
    };
    let laid = Laid::out(&layout);
    let sent = laid.npm(&layout, &npm::cli(), &[]);
    assert_eq!(sent.as_deref(), Some("Bearer ${MINE}"));
    let (_, said) = laid.warden(&layout, "whoami");
    assert_eq!(laid.recorder.first(), None);
    assert!(said.contains("uses ${MINE}, which is not set"), "{said}");
    let (machine, _) = laid.warden(&layout, "machine --json");
    let of = |place: &str| {
        let mut all = machine["credentials"].as_array().unwrap().iter();
        all.find(|local| local["place"] == place).unwrap()
    };
    let project = of("~/project/.npmrc, line 1");
    assert_eq!(project["rank"], "unusable");
    assert_eq!(project["unset"][0], "${MINE}");
    let user = of("~/.npmrc, line 2");
    assert_eq!(
        (&user["rank"], &user["beaten_by"]),
        (&"beaten".into(), &project["place"])
    );
}

/// Fixes by the command, each followed by what npm makes of the file.
#[test]
fn p35_after_each_fix_npm_sends_the_same_or_what_was_taken_out_no_more() {
    if !npm::there_is_one() {
        return;
    }
    let layout = Layout {
        files: &[(
            ".npmrc",
            "; mine\r\nregistry=$R/\r\n  \"$A/:_authToken\" = <u> ; of the laptop\r\nsave-exact = true",
        )],
        ..PLAIN
    };
    let laid = Laid::out(&layout);
    let file = laid.path(".npmrc");
    let content = || std::fs::read_to_string(&file).unwrap();
    let sends = |env: &'static [(&'static str, &'static str)]| {
        laid.npm(
            &Layout {
                env,
                ..layout_of(&layout)
            },
            &npm::cli(),
            &[],
        )
        .unwrap()
    };
    let fix = |line: &str| {
        let path = file.display();
        let line = format!("machine fix {line}").replace("FILE", &path.to_string());
        let mut command = Command::new(program());
        command.args(line.split(' '));
        laid.surroundings(&mut command, &layout);
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{line}: {said}");
    };
    let before = content();
    assert_eq!(sends(&[]), header("u"));

    set_mode(&file, 0o644);
    fix("tighten --yes FILE");
    assert_eq!(mode(&file), 0o600);
    assert_eq!(content(), before);
    assert_eq!(sends(&[]), header("u"));

    fix("to-variable --yes FILE:3 MINE");
    let after = content();
    assert_eq!(after, before.replace(&token('u'), "${MINE}"));
    assert_eq!(mode(&file), 0o600);
    assert_eq!(sends(&[("MINE", "<v>")]), header("v"));
    assert_eq!(sends(&[]), "Bearer ${MINE}");

    fix("remove --yes FILE:3");
    let lines = before.split_inclusive('\n').enumerate();
    let rest: String = lines
        .filter(|(at, _)| *at != 2)
        .map(|(_, line)| line)
        .collect();
    assert_eq!(content(), rest);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(sends(&[("MINE", "<v>")]), "");
}

fn layout_of(other: &Layout) -> Layout {
    Layout { ..*other }
}

fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

fn set_mode(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
}
