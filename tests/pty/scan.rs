//! The way of an authenticator, by programs of others: the screen is painted as a picture, `zbarimg` reads the QR code in
//! it, and `oathtool` makes the codes of the key that stands there to be typed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use npm_warden::sandbox::Options;
use serde_json::Value;
use vt100::Color;

use crate::house::{DESIGN, House};
use crate::missing::missing;
use crate::svg::{self, DARK, LIGHT, Look};
use crate::totp::parameter;
use crate::tui::Tui;
use crate::wizard::to_the_code;

/// Large enough for the widest way to draw the longest address.
const LARGE: (u16, u16) = (130, 50);

/// Whether the programs are here; where one is not, that is said, and in the checks it is a failure.
fn works() -> bool {
    let there = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null());
        command.stderr(Stdio::null()).status().is_ok()
    };
    let needed = ["rsvg-convert", "zbarimg", "oathtool"];
    let absent: Vec<_> = needed.into_iter().filter(|name| !there(name)).collect();
    if !absent.is_empty() {
        let why = format!("there is no {} on this machine", absent.join(" and no "));
        let how = "install librsvg2-bin, zbar-tools and oathtool";
        missing("an authenticator of others", &why, how);
    }
    absent.is_empty()
}

/// A program that gets this to read and has to answer with this status.
fn piped(program: &str, args: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || pipe.write_all(&input));
    let ended = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if ended.status.success() {
        Ok(ended.stdout)
    } else {
        Err(format!("{program}: {} {said}", ended.status))
    }
}

/// What the one QR code in a picture of the screen says.
fn photographed(screen: &vt100::Screen, look: Look, zbar: &[&str]) -> Result<String, String> {
    let picture = svg::draw(screen, look);
    let pixels = piped("rsvg-convert", &[], picture.as_bytes())?;
    let file = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
    std::fs::write(file.path(), pixels).unwrap();
    let path = file.path().to_str().unwrap();
    let args = ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"];
    let text = piped("zbarimg", &[&args, zbar, &[path]].concat(), b"")?;
    let text = String::from_utf8(text).unwrap();
    let text = text.strip_suffix('\n').unwrap();
    assert!(!text.contains('\n'), "more than one code: {text}");
    Ok(text.to_owned())
}

/// The code of a key at this moment.
fn authenticator(key: &str) -> String {
    let code = piped("oathtool", &["--totp", "--base32", "-"], key.as_bytes()).unwrap();
    String::from_utf8(code).unwrap().trim().to_owned()
}

/// The key as a person would type it: the groups below the sentence that asks for that.
fn typed(screen: &vt100::Screen) -> Option<String> {
    let text = screen.contents();
    let mut key = String::new();
    for line in text.lines() {
        // The card stands on the left.
        let words = line.rsplit(['▀', '\u{a0}']).next().unwrap_or_default();
        let group = |word: &&str| {
            (1..=4).contains(&word.len())
                && word
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b))
        };
        let words: Vec<_> = words.split_whitespace().collect();
        if !words.is_empty() && words.iter().all(group) {
            key.extend(words);
        }
    }
    (!key.is_empty()).then_some(key)
}

/// The address as the registry sent it.
fn sent(house: &House) -> String {
    let wire = house.gate().passed_on();
    let at = wire.find("{\"tfa\":\"otpauth").unwrap();
    let mut answers = serde_json::Deserializer::from_str(&wire[at..]).into_iter::<Value>();
    let answer = answers.next().unwrap().unwrap();
    answer["tfa"].as_str().unwrap().to_owned()
}

/// How the code is drawn, by its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    HalfBlocks,
    Wide,
    Sextants,
    Inverted,
}

impl Style {
    fn of(screen: &vt100::Screen) -> Option<Self> {
        let (rows, columns) = screen.size();
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let cells = places.filter_map(|(row, column)| screen.cell(row, column));
        // Ink and paper are colours of their own, which no text has.
        let fixed = |color| matches!(color, Color::Idx(16 | 231));
        let card: Vec<_> = cells.filter(|cell| fixed(cell.bgcolor())).collect();
        // Around the code it is quiet.
        let quiet = card.first()?.bgcolor();
        let has = |wanted: fn(&str) -> bool| card.iter().any(|cell| wanted(cell.contents()));
        Some(match quiet {
            Color::Idx(16) => Self::Inverted,
            _ if has(|sign| sign == "▀") => Self::HalfBlocks,
            _ if has(|sign| ("\u{1FB00}".."\u{1FB3C}").contains(&sign)) => Self::Sextants,
            _ => Self::Wide,
        })
    }
}

/// What a photograph of the screen says, on a dark terminal and on a light one.
fn scanned(tui: &Tui, style: Style) -> [String; 2] {
    // A reader for paper does not expect a negative.
    let zbar: &[&str] = match style {
        Style::Inverted => &["-Stest-inverted"],
        _ => &[],
    };
    tui.find(&format!("a QR code in {style:?}"), |screen| {
        if Style::of(screen) != Some(style) {
            return None;
        }
        let dark = photographed(screen, DARK, zbar).ok()?;
        let light = photographed(screen, LIGHT, zbar).ok()?;
        Some([dark, light])
    })
}

/// The set-up of a person who has an authenticator of others, in a window of the design's size.
fn with_an_authenticator_of_others(options: Options) {
    if !works() {
        return;
    }
    let house = House::gated(options);
    let mut tui = house.enter(DESIGN, &[]);
    to_the_code(&mut tui, &house.password());
    let sent = sent(&house);
    assert_eq!(scanned(&tui, Style::HalfBlocks), [&sent[..]; 2]);
    let key = tui.find("a key", typed);
    assert_eq!(Some(key.as_str()), parameter(&sent, "secret"));
    tui.keys(&authenticator(&key));
    tui.keys("\r");
    tui.shows("▸Codes");
    assert!(house.takes(&authenticator(&key)));
}

#[test]
fn m9_another_authenticator_reads_the_code_and_the_key() {
    with_an_authenticator_of_others(Options::default());
}

#[test]
fn m9_another_authenticator_reads_a_short_key() {
    let key_bytes = 10;
    with_an_authenticator_of_others(Options {
        key_bytes,
        ..Options::default()
    });
}

#[test]
fn m9_another_authenticator_reads_121_characters() {
    with_an_authenticator_of_others(Options {
        issuer: "custom".to_owned(),
        otpauth_parameters: true,
        ..Options::default()
    });
}

#[test]
fn m9_another_authenticator_reads_an_issuer_of_odd_letters() {
    with_an_authenticator_of_others(Options {
        issuer: "Größe & Co: 100%".to_owned(),
        ..Options::default()
    });
}

#[test]
fn m9_every_way_to_draw_the_code_is_read() {
    if !works() {
        return;
    }
    let house = House::gated(Options {
        issuer: "custom".to_owned(),
        otpauth_parameters: true,
        ..Options::default()
    });
    let mut tui = house.enter(LARGE, &[]);
    to_the_code(&mut tui, &house.password());
    let sent = sent(&house);
    assert_eq!(sent.len(), 121);
    let mut seen = Vec::new();
    let mut style = Style::HalfBlocks;
    loop {
        assert_eq!(scanned(&tui, style), [&sent[..]; 2], "{style:?}");
        seen.push(style);
        if seen.len() == 4 {
            break;
        }
        tui.keys("\x07");
        let other = |screen: &_| Style::of(screen).filter(|other| !seen.contains(other));
        style = tui.find("another style", other);
    }
}
