//! Address ranges as people type them.

use npm_warden::domain::cidr::{NoRange, nets, ranges};

#[test]
fn a_range_is_sent_as_it_stands_and_what_is_sent_otherwise_is_said() {
    for (typed, sent, note) in [
        ("10.0.0.0/8", "10.0.0.0/8", None),
        ("192.0.2.0/24", "192.0.2.0/24", None),
        ("192.0.2.7/32", "192.0.2.7/32", None),
        (
            "192.0.2.7",
            "192.0.2.7/32",
            Some("192.0.2.7 is sent as 192.0.2.7/32: this one address."),
        ),
        (
            "10.1.2.3/8",
            "10.0.0.0/8",
            Some("10.1.2.3/8 is sent as 10.0.0.0/8: that is the whole range."),
        ),
        (
            "10.1.2.3/0",
            "0.0.0.0/0",
            Some("0.0.0.0/0 is every address: it limits nothing."),
        ),
    ] {
        let read = ranges(typed);
        let [Ok(range)] = &read[..] else {
            panic!("{typed}: {read:?}");
        };
        assert_eq!(range.net.to_string(), sent);
        assert_eq!(range.note().as_deref(), note, "{typed}");
    }
}

#[test]
fn what_is_no_range_says_why() {
    for (typed, why) in [
        (
            "::1",
            "::1 is IPv6: the list of a token can only contain IPv4 addresses.",
        ),
        (
            "2001:db8::/32",
            "2001:db8::/32 is IPv6: the list of a token can only contain IPv4 addresses.",
        ),
        (
            "10.0.0.0/33",
            "10.0.0.0/33 is no address range; 192.0.2.0/24 is one, 192.0.2.7 a single address.",
        ),
    ] {
        let read = ranges(typed);
        let [Err(none)] = &read[..] else {
            panic!("{typed}: {read:?}");
        };
        assert_eq!(none.to_string(), why);
        assert!(nets(&read).is_none());
    }
    for typed in [
        "10.0.0",
        "010.0.0.1",
        "10.0.0.0/",
        "*",
        "example.com",
        "1.2.3.4-5",
    ] {
        let read = ranges(typed);
        assert!(
            matches!(&read[..], [Err(NoRange::Unreadable(_))]),
            "{typed}: {read:?}"
        );
    }
    // What a registry never sees is not repeated at full length either.
    let none = ranges(&"x".repeat(500)).remove(0).unwrap_err().to_string();
    assert!(none.len() < 150, "{none}");
}

#[test]
fn a_list_has_commas_or_blanks_and_each_range_once() {
    let read = ranges(" 10.0.0.0/8,192.0.2.7 , 10.9.9.9/8\n192.0.2.7/32,, ");
    assert_eq!(read.len(), 4);
    let sent: Vec<String> = nets(&read)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(sent, ["10.0.0.0/8", "192.0.2.7/32"]);
    assert_eq!(nets(&ranges("  ")), Some(Vec::new()));
}
