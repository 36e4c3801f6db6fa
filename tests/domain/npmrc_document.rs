//! The ini grammar as npm reads it, and the file that comes out as it went in.

use npm_warden::npmrc::{Document, Oddity, Parsed, Scalar};
use proptest::prelude::*;

/// What npm reads in one line, as text: "key = value".
fn read(line: &str) -> String {
    let document = Document::parse(line.as_bytes());
    let (_, line) = document.lines().next().unwrap();
    match line.parsed() {
        Parsed::Blank => "blank".to_owned(),
        Parsed::Comment => "comment".to_owned(),
        Parsed::Section => "section".to_owned(),
        Parsed::Unreadable => "unreadable".to_owned(),
        Parsed::Entry(entry) => {
            let value = match &entry.value {
                Scalar::Text(text) => format!("<{}>", text.expose()),
                Scalar::True => "true".to_owned(),
                Scalar::False => "false".to_owned(),
                Scalar::Null => "null".to_owned(),
                Scalar::Other => "other".to_owned(),
            };
            let list = if entry.list { "[]" } else { "" };
            format!("{}{list} = {value}", entry.key.expose())
        }
    }
}

fn oddity(line: impl AsRef<[u8]>) -> Option<Oddity> {
    let document = Document::parse(line.as_ref());
    document.lines().last().unwrap().1.oddity()
}

#[test]
fn a_line_is_read_as_npm_reads_it() {
    let cases = [
        ("\n", "blank"),
        (" \t", "blank"),
        ("; text", "comment"),
        ("  # text", "comment"),
        ("\u{feff}; text", "comment"),
        ("key=value", "key = <value>"),
        ("\u{feff}key=value", "key = <value>"),
        ("  key  =  value  ", "key = <value>"),
        ("\u{a0}key =\u{a0}value", "key = <value>"),
        ("key", "key = true"),
        ("key=", "key = <>"),
        ("key=true", "key = true"),
        ("key=false", "key = false"),
        ("key=null", "key = null"),
        ("key=\"null\"", "key = null"),
        ("key=nullable", "key = <nullable>"),
        ("key[]=one", "key[] = <one>"),
        ("[]=one", "[] = <one>"),
        ("key=a=b==", "key = <a=b==>"),
        ("key=a ; note", "key = <a>"),
        ("key=a#note", "key = <a>"),
        (r"key=a\;b", "key = <a;b>"),
        (r"key=a\#b", "key = <a#b>"),
        (r"key=a\\b", r"key = <a\b>"),
        (r"key=a\nb", r"key = <a\nb>"),
        (r"key=a\", r"key = <a\>"),
        (r#"key="ab==""#, "key = <ab==>"),
        (r#"key="a;b#c""#, "key = <a;b#c>"),
        (r#"key="a\"bA""#, "key = <a\"bA>"),
        (r#"key="a" ; note"#, "key = <\"a\">"),
        (r#"key="a\x""#, r#"key = <"a\x">"#),
        ("key='a b'", "key = <a b>"),
        ("key='12'", "key = <12>"),
        ("key='1.50'", "key = <1.5>"),
        (r#"key='"a"'"#, "key = <a>"),
        (r#"key='{"a":1}'"#, "key = other"),
        ("key=12", "key = <12>"),
        ("\"//h/:_authToken\"=t", "//h/:_authToken = <t>"),
        ("'//h/:_authToken'=t", "//h/:_authToken = <t>"),
        ("//h:4873/:_authToken=t", "//h:4873/:_authToken = <t>"),
        ("key;note=value", "key = <value>"),
        ("[section]", "section"),
        ("[section]  ", "section"),
        (" [section]", "[section] = true"),
        ("[section]x", "[section]x = true"),
        ("[a]=b", "[a] = <b>"),
        ("=value", "unreadable"),
        ("key=a\u{2028}b", "unreadable"),
    ];
    for (line, expected) in cases {
        assert_eq!(read(line), expected, "{line:?}");
    }
}

#[test]
fn what_its_writer_did_not_mean_is_noticed() {
    let cases: [(&[u8], Option<Oddity>); 14] = [
        (b"key=value", None),
        (b"key=it's", None),
        (b"key='[not json'", None),
        (b"key=\"value\"", None),
        (b"; \xff in a comment", None),
        (b"key=\xff", Some(Oddity::NotUtf8)),
        (b"key=\"value", Some(Oddity::OpenQuote)),
        (b"key=\"value\" ; note", Some(Oddity::OpenQuote)),
        (b"key='value", Some(Oddity::OpenQuote)),
        (b"key='", Some(Oddity::OpenQuote)),
        (b"key=\"a\\x\"", Some(Oddity::OpenQuote)),
        (b"=value", Some(Oddity::NoKey)),
        ("k=a\u{2029}b".as_bytes(), Some(Oddity::LineSeparator)),
        (b"[s]\n//h/:_authToken=t", Some(Oddity::BelowSection)),
    ];
    for (line, expected) in cases {
        assert_eq!(oddity(line), expected, "{line:?}");
    }
}

#[test]
fn lines_are_numbered_as_an_editor_numbers_them() {
    let document = Document::parse(b"a=1\r\n\r\nb=2\rc=3\n\nd=4");
    let numbered: Vec<_> = document
        .lines()
        .filter_map(|(number, line)| match line.parsed() {
            Parsed::Entry(entry) => Some((entry.key.expose().as_str(), number)),
            _ => None,
        })
        .collect();
    assert_eq!(numbered, [("a", 1), ("b", 3), ("c", 4), ("d", 6)]);
}

#[test]
fn p01_debug_of_a_document_shows_no_part_of_a_line() {
    let document = Document::parse(b"npm_canary0\n//h/:_authToken=npm_canary1\n; npm_canary2\n=npm_canary3\nk[]=\"npm_canary4\"");
    assert!(!format!("{document:?}").contains("canary"));
}

proptest! {
    #[test]
    fn p35_a_document_that_is_not_changed_comes_out_byte_for_byte(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(&*Document::parse(&bytes).to_bytes(), &bytes);
    }

    #[test]
    fn p35_also_when_it_looks_like_a_configuration(
        text in "(\u{feff})?([;#\\[\\]=\"'\\\\ a-c/:_$\\{\\}]{0,12}(\r\n|\n|\r)){0,8}[a-z=]{0,4}"
    ) {
        prop_assert_eq!(&*Document::parse(text.as_bytes()).to_bytes(), text.as_bytes());
    }
}
