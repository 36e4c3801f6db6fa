//! Granular tokens: what is refused here already, what a form says of itself, and a token like another one.

use jiff::{SignedDuration, Timestamp};
use npm_warden::domain::granular::{Granular, Part, Permission, Spec, like, wider};
use npm_warden::domain::moment::Moment;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::{Never, Token, TokenKey};

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn good() -> Granular {
    Granular {
        name: "ci".to_owned(),
        packages: vec!["left-pad".to_owned()],
        ..Granular::least()
    }
}

fn parts(form: &Granular) -> Vec<Part> {
    form.wrongs().iter().map(|wrong| wrong.part).collect()
}

#[test]
fn the_least_is_read_only_for_seven_days_and_for_nothing_yet() {
    let least = Granular::least();
    assert!(!least.writes() && !least.bypass_2fa && !least.all_packages);
    assert_eq!(least.days, Some(7));
    assert_eq!(parts(&least), [Part::Name, Part::Packages]);
    assert_eq!(parts(&good()), []);
}

#[test]
fn what_the_registry_would_refuse_is_seen_before_it_is_sent() {
    let many = |n: usize, at: &str| (0..n).map(|i| format!("{at}p{i}")).collect::<Vec<_>>();
    let cases: Vec<(&str, Granular, Vec<Part>)> = vec![
        (
            "blank name",
            Granular {
                name: "  ".into(),
                ..good()
            },
            vec![Part::Name],
        ),
        (
            "long name",
            Granular {
                name: "n".repeat(256),
                ..good()
            },
            vec![Part::Name],
        ),
        (
            "hidden",
            Granular {
                name: "a\u{200b}b".into(),
                ..good()
            },
            vec![Part::Name],
        ),
        (
            "escape",
            Granular {
                description: "\u{1b}[31mx".into(),
                ..good()
            },
            vec![Part::Description],
        ),
        (
            "fifty",
            Granular {
                packages: many(40, ""),
                scopes: many(10, "@"),
                ..good()
            },
            vec![],
        ),
        (
            "51",
            Granular {
                packages: many(41, ""),
                scopes: many(10, "@"),
                ..good()
            },
            vec![Part::Packages],
        ),
        (
            "twice",
            Granular {
                packages: vec!["a".into(), "a".into()],
                ..good()
            },
            vec![Part::Packages],
        ),
        (
            "all and one",
            Granular {
                all_packages: true,
                ..good()
            },
            vec![Part::Packages],
        ),
        (
            "all",
            Granular {
                all_packages: true,
                packages: vec![],
                ..good()
            },
            vec![],
        ),
        (
            "nothing",
            Granular {
                packages: vec![],
                ..good()
            },
            vec![Part::Packages],
        ),
        (
            "no access to what is named",
            Granular {
                packages_permission: Permission::NoAccess,
                ..good()
            },
            vec![Part::PackagesPermission],
        ),
        (
            "nothing at all",
            Granular {
                packages_permission: Permission::NoAccess,
                packages: vec![],
                ..good()
            },
            vec![Part::Packages],
        ),
        (
            "orgs alone",
            Granular {
                packages_permission: Permission::NoAccess,
                packages: vec![],
                orgs: vec!["acme".into()],
                orgs_permission: Permission::ReadOnly,
                ..good()
            },
            vec![],
        ),
        (
            "no org",
            Granular {
                orgs_permission: Permission::ReadWrite,
                ..good()
            },
            vec![Part::Orgs],
        ),
        (
            "org without access",
            Granular {
                orgs: vec!["acme".into()],
                ..good()
            },
            vec![Part::OrgsPermission],
        ),
        (
            "org on the stage",
            Granular {
                orgs: vec!["acme".into()],
                orgs_permission: Permission::StageOnly,
                ..good()
            },
            vec![Part::OrgsPermission],
        ),
        (
            "51 orgs",
            Granular {
                orgs: many(51, ""),
                orgs_permission: Permission::ReadOnly,
                ..good()
            },
            vec![Part::Orgs],
        ),
        (
            "no day",
            Granular {
                days: Some(0),
                ..good()
            },
            vec![Part::Days],
        ),
        (
            "a year to read",
            Granular {
                days: Some(365),
                ..good()
            },
            vec![],
        ),
        (
            "the registry's days",
            Granular {
                days: None,
                packages_permission: Permission::ReadWrite,
                ..good()
            },
            vec![],
        ),
        (
            "90 to write",
            Granular {
                days: Some(90),
                packages_permission: Permission::ReadWrite,
                ..good()
            },
            vec![],
        ),
        (
            "91 to write",
            Granular {
                days: Some(91),
                packages_permission: Permission::ReadWrite,
                ..good()
            },
            vec![Part::Days],
        ),
        (
            "91 to the stage",
            Granular {
                days: Some(91),
                packages_permission: Permission::StageOnly,
                ..good()
            },
            vec![Part::Days],
        ),
        (
            "91 for an organization",
            Granular {
                days: Some(91),
                orgs: vec!["acme".into()],
                orgs_permission: Permission::ReadWrite,
                ..good()
            },
            vec![Part::Days],
        ),
    ];
    for (what, form, wrong) in cases {
        assert_eq!(parts(&form), wrong, "{what}: {:?}", form.wrongs());
    }
}

#[test]
fn names_are_as_npm_has_them() {
    for (name, good) in [
        ("left-pad", true),
        ("@a/b", true),
        ("JSONStream", true),
        ("a.b_c~d", true),
        ("@a/_b", true),
        ("@a", false),
        ("@a/", false),
        ("@/b", false),
        ("@a/b/c", false),
        ("", false),
        (" a", false),
        (".a", false),
        ("_a", false),
        ("*", false),
        ("@a/*", false),
        ("a,b", false),
        ("../x", false),
        ("a%2fb", false),
        ("node_modules", false),
        ("ä", false),
        (&"a".repeat(214), true),
        (&"a".repeat(215), false),
    ] {
        let form = Granular {
            packages: vec![name.to_owned()],
            ..self::good()
        };
        assert_eq!(
            form.wrongs().is_empty(),
            good,
            "{name}: {:?}",
            form.wrongs()
        );
    }
    for (name, good) in [
        ("@acme", true),
        ("acme", false),
        ("@acme/x", false),
        ("@", false),
        ("@*", false),
    ] {
        let form = Granular {
            scopes: vec![name.to_owned()],
            ..self::good()
        };
        assert_eq!(form.wrongs().is_empty(), good, "{name}");
    }
    for (name, good) in [
        ("acme", true),
        ("@acme", false),
        ("a/b", false),
        ("", false),
    ] {
        let form = Granular {
            orgs: vec![name.to_owned()],
            orgs_permission: Permission::ReadOnly,
            ..self::good()
        };
        assert_eq!(form.wrongs().is_empty(), good, "{name}");
    }
}

#[test]
fn p26_what_is_wrong_repeats_no_escape_and_not_much() {
    let form = Granular {
        packages: vec![format!("\u{1b}]0;x\u{7}{}", "y".repeat(500))],
        ..good()
    };
    let words = form.wrongs()[0].words.as_str().to_owned();
    assert!(!words.contains('\u{1b}') && words.len() < 120, "{words}");
}

#[test]
fn the_sentence_says_what_with_what_from_where_until_when_and_whether_2fa_is_skipped() {
    let alice = Text::from("alice");
    let least = good().sentence(&alice, now());
    assert_eq!(
        least,
        "It may read the package left-pad, from anywhere, until 2026-11-29 (7 days); \
         it does not skip the second factor."
    );
    let much = Granular {
        packages: ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec(),
        scopes: vec!["@acme".to_owned()],
        packages_permission: Permission::ReadWrite,
        orgs: vec!["acme".to_owned(), "corp".to_owned()],
        orgs_permission: Permission::ReadWrite,
        days: Some(1),
        cidr: vec![
            "192.0.2.0/24".parse().unwrap(),
            "198.51.100.7/32".parse().unwrap(),
        ],
        bypass_2fa: true,
        ..good()
    };
    assert_eq!(
        much.sentence(&alice, now()),
        "It may read and publish the packages a, b, c, d and 2 more and all packages of the scope @acme, and read and \
         change the members and teams of the organizations acme and corp, from 192.0.2.0/24 and 198.51.100.7/32 only, \
         until 2026-11-23 (1 day); it SKIPS the second factor."
    );
    let all = Granular {
        packages: vec![],
        all_packages: true,
        packages_permission: Permission::StageOnly,
        days: None,
        cidr: vec!["0.0.0.0/0".parse().unwrap()],
        ..good()
    };
    assert_eq!(
        all.sentence(&alice, now()),
        "It may read, and publish to the stage alone, all packages of alice, those to come as well, from anywhere, \
         as long as the registry lets it last; it does not skip the second factor."
    );
    let far = Granular {
        days: Some(u32::MAX),
        ..good()
    };
    assert!(far.sentence(&alice, now()).contains("for 4294967295 days"));
    let nothing = Granular::least().sentence(&Text::default(), now());
    assert!(
        nothing.starts_with("It may read no package yet,"),
        "{nothing}"
    );
    let classic = Spec::Classic {
        readonly: false,
        cidr: vec![],
    };
    assert_eq!(
        classic.sentence(&alice, now()),
        "It may do everything that alice may, publishing included, from anywhere, until it is revoked; it does not \
         skip the second factor."
    );
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(Text, Text)> {
    pairs
        .iter()
        .map(|(one, other)| (Text::new(one), Text::new(other)))
        .collect()
}

fn listed() -> Token {
    Token {
        key: TokenKey::new("k"),
        begins: Text::from("npm_aBcD"),
        name: Some(Text::from("ci")),
        description: Some(Box::new(Text::from("for the build"))),
        readonly: false,
        bypass_2fa: true,
        cidr: [Text::from("192.0.2.0/24")].into(),
        created: Some((now() - SignedDuration::from_hours(24 * 80)).into()),
        updated: None,
        accessed: None,
        expires: Some((now() + SignedDuration::from_hours(24 * 10)).into()),
        revoked: None,
        permissions: pairs(&[("package", "write"), ("org", "read")]).into(),
        scopes: pairs(&[
            ("package", "left-pad"),
            ("package", "@a/b"),
            ("scope", "@acme"),
            ("org", "corp"),
        ])
        .into(),
        found: [].into(),
        note: None,
        never: Never::default(),
    }
}

fn granular(old: &Token) -> (Granular, Vec<Text>) {
    match like(old, now()).unwrap() {
        (Spec::Granular(form), lost) => (*form, lost),
        (Spec::Classic { .. }, _) => panic!("a granular token is rotated to a granular one"),
    }
}

#[test]
fn a_rotated_token_is_like_the_old_one() {
    let (form, lost) = granular(&listed());
    assert_eq!(lost, Vec::<Text>::new());
    assert_eq!(
        form,
        Granular {
            name: "ci 2026-11-22".to_owned(),
            description: "for the build".to_owned(),
            packages: vec!["left-pad".to_owned(), "@a/b".to_owned()],
            all_packages: false,
            scopes: vec!["@acme".to_owned()],
            packages_permission: Permission::ReadWrite,
            orgs: vec!["corp".to_owned()],
            orgs_permission: Permission::ReadOnly,
            days: Some(90),
            cidr: vec!["192.0.2.0/24".parse().unwrap()],
            bypass_2fa: true,
        }
    );
    assert_eq!(parts(&form), []);
}

#[test]
fn the_new_name_replaces_the_date_of_the_last_rotation() {
    for (old, new) in [
        ("ci", "ci 2026-11-22"),
        ("ci 2026-08-01", "ci 2026-11-22"),
        ("ci 2026-11-22", "ci 2026-11-22T10:00:00"),
        ("ci 2026-11-21T09:00:00", "ci 2026-11-22"),
        ("ci 7", "ci 7 2026-11-22"),
        ("", "token 2026-11-22"),
    ] {
        let (form, _) = granular(&Token {
            name: Some(Text::new(old)),
            ..listed()
        });
        assert_eq!(form.name, new, "{old}");
        assert_eq!(parts(&form), []);
    }
}

#[test]
fn a_rotated_token_is_never_allowed_more() {
    let stage = Token {
        permissions: pairs(&[("package", "write-stage-only")]).into(),
        ..listed()
    };
    let (form, _) = granular(&stage);
    assert_eq!(form.packages_permission, Permission::StageOnly);
    assert!(form.orgs.is_empty(), "no permission, no organization");
    let read = Token {
        readonly: true,
        ..listed()
    };
    assert!(!granular(&read).0.writes());
    let org = Token {
        permissions: pairs(&[("org", "write")]).into(),
        ..listed()
    };
    let (form, _) = granular(&org);
    assert_eq!(
        (form.packages.len(), form.packages_permission),
        (0, Permission::NoAccess)
    );
    let star = Token {
        scopes: pairs(&[("package", "*")]).into(),
        ..listed()
    };
    assert!(granular(&star).0.all_packages);
    for (what, odd) in [
        (
            "an address range that cannot be asked for",
            Token {
                cidr: [Text::from("2001:db8::/32")].into(),
                ..listed()
            },
        ),
        (
            "no word of what it may do",
            Token {
                permissions: [].into(),
                ..listed()
            },
        ),
        (
            "no word of what it is for",
            Token {
                scopes: [].into(),
                ..listed()
            },
        ),
        (
            "revoked",
            Token {
                revoked: Some(now().into()),
                ..listed()
            },
        ),
        (
            "no access",
            Token {
                permissions: pairs(&[("package", "none")]).into(),
                ..listed()
            },
        ),
    ] {
        assert!(like(&odd, now()).is_err(), "{what}");
    }
}

#[test]
fn what_cannot_be_carried_over_is_said() {
    let days = |created: i64, expires: Option<i64>, readonly| Token {
        created: Some((now() - SignedDuration::from_hours(24 * created)).into()),
        expires: expires
            .map(|days| now() + SignedDuration::from_hours(24 * days))
            .map(Moment::from),
        readonly,
        ..listed()
    };
    for (old, in_days, said) in [
        (days(0, Some(7), false), Some(7), 0),
        (days(300, Some(65), false), Some(90), 1),
        (days(300, Some(65), true), Some(365), 0),
        (days(300, None, false), Some(90), 1),
        (days(300, None, true), None, 1),
        (
            Token {
                created: None,
                ..listed()
            },
            Some(90),
            1,
        ),
    ] {
        let (form, lost) = granular(&old);
        assert_eq!((form.days, lost.len()), (in_days, said), "{lost:?}");
        assert_eq!(parts(&form), []);
    }
    let odd = Token {
        permissions: pairs(&[("package", "read"), ("billing", "write")]).into(),
        scopes: pairs(&[("package", "a"), ("galaxy", "m31")]).into(),
        ..listed()
    };
    assert_eq!(granular(&odd).1.len(), 2);
    let classic = Token {
        permissions: [].into(),
        scopes: [].into(),
        ..listed()
    };
    let (spec, lost) = like(&classic, now()).unwrap();
    assert_eq!(
        spec,
        Spec::Classic {
            readonly: false,
            cidr: vec!["192.0.2.0/24".parse().unwrap()]
        }
    );
    assert_eq!(lost.len(), 3, "name, date, bypass: {lost:?}");
}

#[test]
fn a_token_that_may_more_than_was_asked_for_is_seen() {
    let asked = Granular {
        name: "ci".to_owned(),
        packages: vec!["left-pad".to_owned(), "@a/b".to_owned()],
        scopes: vec!["@acme".to_owned()],
        packages_permission: Permission::ReadWrite,
        orgs: vec!["corp".to_owned()],
        orgs_permission: Permission::ReadOnly,
        days: Some(90),
        cidr: vec!["192.0.2.0/24".parse().unwrap()],
        bypass_2fa: true,
        ..Granular::default()
    };
    let count = |form: &Granular, token: &Token| {
        wider(&Spec::Granular(Box::new(form.clone())), token, now()).len()
    };
    assert_eq!(count(&asked, &listed()), 0, "as asked");
    let less = Token {
        bypass_2fa: false,
        readonly: true,
        cidr: ["192.0.2.7".into()].into(),
        ..listed()
    };
    assert_eq!(count(&asked, &less), 0, "less is not more");
    let readonly = Granular {
        packages_permission: Permission::ReadOnly,
        ..asked.clone()
    };
    let stage = Granular {
        packages_permission: Permission::StageOnly,
        ..asked.clone()
    };
    let no_org = Granular {
        orgs: vec![],
        orgs_permission: Permission::NoAccess,
        ..asked.clone()
    };
    let everything = Token {
        permissions: [].into(),
        scopes: [].into(),
        ..listed()
    };
    let cases = [
        ("old kind", &asked, everything.clone()),
        (
            "old kind, reads",
            &asked,
            Token {
                readonly: true,
                ..everything.clone()
            },
        ),
        (
            "writes",
            &readonly,
            Token {
                permissions: pairs(&[("package", "write")]).into(),
                ..listed()
            },
        ),
        ("publishes at once", &stage, listed()),
        (
            "an organization",
            &no_org,
            Token {
                permissions: pairs(&[("package", "write")]).into(),
                ..listed()
            },
        ),
        (
            "manages",
            &asked,
            Token {
                permissions: pairs(&[("package", "write"), ("org", "write")]).into(),
                ..listed()
            },
        ),
        (
            "another package",
            &asked,
            Token {
                scopes: pairs(&[("package", "right-pad")]).into(),
                ..listed()
            },
        ),
        (
            "all packages",
            &asked,
            Token {
                scopes: pairs(&[("package", "*")]).into(),
                ..listed()
            },
        ),
        (
            "later",
            &asked,
            Token {
                expires: Some((now() + SignedDuration::from_hours(24 * 20)).into()),
                ..listed()
            },
        ),
        (
            "never",
            &asked,
            Token {
                expires: None,
                ..listed()
            },
        ),
        (
            "anywhere",
            &asked,
            Token {
                cidr: [].into(),
                ..listed()
            },
        ),
        (
            "elsewhere",
            &asked,
            Token {
                cidr: ["192.0.0.0/16".into()].into(),
                ..listed()
            },
        ),
        (
            "unreadable",
            &asked,
            Token {
                cidr: ["2001:db8::/32".into()].into(),
                ..listed()
            },
        ),
        (
            "bypass",
            &Granular {
                bypass_2fa: false,
                ..asked.clone()
            },
            listed(),
        ),
    ];
    for (what, form, token) in cases {
        assert_eq!(
            count(form, &token),
            1,
            "{what}: {:?}",
            wider(&Spec::Granular(Box::new(form.clone())), &token, now())
        );
    }
    let classic = |readonly| Spec::Classic {
        readonly,
        cidr: vec![],
    };
    assert_eq!(
        wider(&classic(true), &everything, now()).len(),
        2,
        "it writes, and skips the second factor"
    );
    assert_eq!(
        wider(
            &classic(false),
            &Token {
                bypass_2fa: false,
                ..everything
            },
            now()
        )
        .len(),
        0
    );
}
