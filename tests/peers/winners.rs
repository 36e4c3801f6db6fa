//! The line that `machine --json` calls the one that wins for a registry is the one whose token the real npm sends to it.
//!
//! The one token that lives stands in the place that wins, and dead ones in all others: `npm whoami` knows the account. Where
//! none wins, each place has it in turn, and `npm whoami` never does.

use std::path::PathBuf;
use std::process::Command;

use npm_warden::sandbox::Options;
use serde_json::Value;

use crate::npm::Npm;
use crate::served::Served;
use crate::{pair, tui};

const USER: &str = ".npmrc";
const PROJECT: &str = "project/.npmrc";

/// `$A` is the registry's address without its scheme and without a slash at its end, and `<1>` the value of the first place.
struct Layout {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    env: &'static [(&'static str, &'static str)],
    /// The file and the line of each place.
    places: &'static [(&'static str, u64)],
    /// The one that wins, from 1.
    wins: Option<usize>,
}

const LAYOUTS: [Layout; 11] = [
    Layout {
        what: "the project's over the user's",
        files: &[
            (USER, "$A/:_authToken=<1>\n"),
            (PROJECT, "$A/:_authToken=<2>\n"),
        ],
        env: &[],
        places: &[(USER, 1), (PROJECT, 1)],
        wins: Some(2),
    },
    Layout {
        what: "the longest path that leads to it",
        files: &[(
            USER,
            "$A:_authToken=<1>\n$A/:_authToken=<2>\n$A/npm/:_authToken=<3>\n",
        )],
        env: &[],
        places: &[(USER, 1), (USER, 2), (USER, 3)],
        wins: Some(2),
    },
    Layout {
        what: "a variable",
        files: &[(USER, "; mine\n$A/:_authToken=${MINE}\n$A:_authToken=<2>\n")],
        env: &[("MINE", "<1>")],
        places: &[(USER, 2), (USER, 3)],
        wins: Some(1),
    },
    Layout {
        what: "quotes, blanks and a note",
        files: &[
            (USER, "  \"$A/:_authToken\" = \"<1>\"  \n"),
            (PROJECT, "'$A/:_authToken' = '<2>'\n"),
        ],
        env: &[],
        places: &[(USER, 1), (PROJECT, 1)],
        wins: Some(2),
    },
    Layout {
        what: "a mark at the beginning, and lines of Windows",
        files: &[(
            USER,
            "\u{feff}save-exact=true\r\n$A/:_authToken=<1> ; a note\r\n\r\n",
        )],
        env: &[],
        places: &[(USER, 2)],
        wins: Some(1),
    },
    Layout {
        what: "the last of one key",
        files: &[(
            USER,
            "$A/:_authToken=<1>\n\"$A/:_authToken\"=<2>\n$A/:_authToken = <3>\n",
        )],
        env: &[],
        places: &[(USER, 1), (USER, 2), (USER, 3)],
        wins: Some(3),
    },
    Layout {
        what: "a list of one",
        files: &[(USER, "$A/:_authToken[]=<1>\n")],
        env: &[],
        places: &[(USER, 1)],
        wins: Some(1),
    },
    Layout {
        what: "a list of two",
        files: &[(USER, "$A/:_authToken=<1>\n$A/:_authToken[]=<2>\n")],
        env: &[],
        places: &[(USER, 1), (USER, 2)],
        wins: None,
    },
    Layout {
        what: "a token beside a name and a password",
        files: &[(
            USER,
            "$A/:_auth=ZGVhZDpkZWFk\n$A/:_authToken=<1>\n$A:_authToken=<2>\n",
        )],
        env: &[],
        places: &[(USER, 2), (USER, 3)],
        wins: Some(1),
    },
    Layout {
        what: "a name and a password for a longer path",
        files: &[(USER, "$A/:_auth=ZGVhZDpkZWFk\n$A:_authToken=<1>\n")],
        env: &[],
        places: &[(USER, 2)],
        wins: None,
    },
    Layout {
        what: "comments, and what stands below a section",
        files: &[(
            USER,
            "; $A/:_authToken=<1>\n#$A/:_authToken=<2>\n$A/:_authToken=<3>\n[section]\n$A/:_authToken=<4>\n",
        )],
        env: &[],
        places: &[(USER, 1), (USER, 2), (USER, 3), (USER, 5)],
        wins: Some(3),
    },
];

/// A person's npm, and this program with the same files and surroundings.
struct Both<'a> {
    npm: &'a Npm,
    env: Vec<(&'static str, String)>,
}

impl Both<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.npm.userconfig().parent().unwrap().join(name)
    }

    fn write(&self, files: &[(&str, String)]) {
        for name in [USER, PROJECT] {
            let _ = std::fs::remove_file(self.path(name));
        }
        for (name, content) in files {
            std::fs::write(self.path(name), content).unwrap();
        }
    }

    /// Whom npm takes itself for there; nobody where it is refused, or signed out.
    fn npm_is(&self, registry: &str, name: &str) -> bool {
        let env: Vec<_> = self.env.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let who = self.npm.run_with(&env, &["whoami", "--registry", registry]);
        assert!(
            who.code == 0
                || ["E401", "ENEEDAUTH"]
                    .iter()
                    .any(|why| who.screen.contains(why)),
            "{}",
            who.screen
        );
        who.code == 0 && who.screen.contains(name)
    }

    /// Where the credential stands that wins for a registry.
    fn winner(&self, registry: &str) -> Option<(PathBuf, u64)> {
        let mut command = Command::new(tui::program());
        command.args(["machine", "--json", "--registry", registry]);
        command.env_clear().current_dir(self.path("project"));
        for (name, folder) in [
            ("HOME", ""),
            ("TMPDIR", ""),
            ("PREFIX", "prefix"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("NPM_CONFIG_USERCONFIG", USER),
            ("NPM_CONFIG_GLOBALCONFIG", "globalrc"),
        ] {
            command.env(name, self.path(folder));
        }
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let done = command.output().unwrap();
        let told: Value = serde_json::from_slice(&done.stdout).unwrap();
        let host = registry.trim_end_matches('/').split_once("//").unwrap().1;
        let wins = |local: &&Value| {
            let scope = local["scope"].as_str().unwrap();
            let scope = scope.split_once("://").map_or(scope, |(_, scope)| scope);
            local["rank"] == "wins" && scope == host
        };
        let all: Vec<_> = told["credentials"].as_array().unwrap().iter().collect();
        let mut winners = all.into_iter().filter(wins);
        let winner = winners.next()?;
        assert!(winners.next().is_none(), "one wins: {told}");
        let path = winner["path"].as_str().unwrap();
        Some((path.into(), winner["line"].as_u64().unwrap()))
    }
}

fn dead(place: usize) -> String {
    format!("npm_{}{place}", "D".repeat(35))
}

#[test]
fn what_wins_here_is_what_npm_sends() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    let registry = served.running.url();
    let name = served.running.username();
    let address = registry.split_once(':').unwrap().1.trim_end_matches('/');
    for layout in &LAYOUTS {
        let tried = layout
            .wins
            .map_or(1..=layout.places.len(), |wins| wins..=wins);
        for living in tried {
            let filled = |text: &str| {
                let mut text = text.replace("$A", address);
                for place in 1..=layout.places.len() {
                    let value = if place == living {
                        served.running.token().expose().clone()
                    } else {
                        dead(place)
                    };
                    text = text.replace(&format!("<{place}>"), &value);
                }
                text
            };
            let env = layout
                .env
                .iter()
                .map(|(name, value)| (*name, filled(value)));
            let both = Both {
                npm: &npm,
                env: env.collect(),
            };
            let files = layout.files.iter();
            let files: Vec<_> = files.map(|(name, text)| (*name, filled(text))).collect();
            both.write(&files);
            let winner = both.winner(registry);
            let at = |place: usize| {
                let (file, line) = layout.places[place - 1];
                (both.path(file), line)
            };
            let what = format!("{}, place {living}", layout.what);
            let won = winner == Some(at(living));
            assert_eq!(won, layout.wins == Some(living), "{what}: {winner:?}");
            assert_eq!(both.npm_is(registry, name), won, "{what}: {winner:?}");
        }
    }
}

#[test]
fn each_registry_has_a_winner_of_its_own() {
    let Some((one, npm)) = pair(Options::default()) else {
        return;
    };
    let two = Served::new(Options::default());
    let both = Both {
        npm: &npm,
        env: Vec::new(),
    };
    let address = |of: &Served| of.running.url().split_once(':').unwrap().1.to_owned();
    let token = |of: &Served| of.running.token().expose().clone();
    let files = [
        (
            USER,
            format!(
                "@s:registry={}\n{}:_authToken={}\n",
                two.running.url(),
                address(&one),
                token(&one)
            ),
        ),
        (
            PROJECT,
            format!("{}:_authToken={}\n", address(&two), token(&two)),
        ),
    ];
    both.write(&files);
    for (served, file, line) in [(&one, USER, 2), (&two, PROJECT, 1)] {
        let url = served.running.url();
        assert_eq!(both.winner(url), Some((both.path(file), line)), "{url}");
        assert!(both.npm_is(url, served.running.username()), "{url}");
    }
}
