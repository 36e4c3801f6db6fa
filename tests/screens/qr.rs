//! The QR code is read back from the drawn cells, as a camera would see them.

use npm_warden::app::model::QrStyle;
use npm_warden::domain::policy;
use npm_warden::ui::Theme;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;

use crate::draw::draw;
use crate::states::{self, PAGES, URLS, scanning, web_challenge};

/// Pixels that a terminal would show for a window: each cell 4 wide and 12 high. Cells of the terminal's own colours take
/// the background that the terminal has.
fn picture(buffer: &Buffer, terminal_dark: bool) -> (usize, usize, Vec<u8>) {
    const WIDE: usize = 4;
    const HIGH: usize = 12;
    let area = buffer.area();
    let (columns, rows) = (usize::from(area.width), usize::from(area.height));
    let mut pixels = vec![0; columns * WIDE * rows * HIGH];
    for (index, cell) in buffer.content().iter().enumerate() {
        let (x, y) = (index % columns, index / columns);
        for dy in 0..HIGH {
            for dx in 0..WIDE {
                let shade = shade(cell, dx * 2 / WIDE, dy * 12 / HIGH, terminal_dark);
                pixels[(y * HIGH + dy) * columns * WIDE + x * WIDE + dx] = shade;
            }
        }
    }
    (columns * WIDE, rows * HIGH, pixels)
}

/// The shade of a cell in its left or right half and one of twelve lines.
fn shade(cell: &Cell, half: usize, line: usize, terminal_dark: bool) -> u8 {
    let own = |colour, default: u8| match colour {
        Color::Indexed(16) => 0,
        Color::Indexed(231) => 255,
        _ => default,
    };
    let (ground, ink) = if terminal_dark { (20, 220) } else { (250, 30) };
    let (bg, fg) = (own(cell.bg, ground), own(cell.fg, ink));
    let symbol = cell.symbol().chars().next().unwrap_or(' ');
    let filled = match symbol {
        '▀' => line < 6,
        '▌' => half == 0,
        '▐' => half == 1,
        '\u{1fb00}'..='\u{1fb3b}' => {
            let mut pattern = u32::from(symbol) - 0x1_fb00 + 1;
            for left_out in [21, 42] {
                if pattern >= left_out {
                    pattern += 1;
                }
            }
            pattern & (1 << (line / 4 * 2 + half)) != 0
        }
        _ => false,
    };
    if filled { fg } else { bg }
}

fn read(buffer: &Buffer, terminal_dark: bool) -> Option<String> {
    let (width, height, pixels) = picture(buffer, terminal_dark);
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = image.detect_grids();
    grids
        .into_iter()
        .find_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
}

const STYLES: [QrStyle; 4] = [
    QrStyle::HalfBlocks,
    QrStyle::Wide,
    QrStyle::Sextants,
    QrStyle::Inverted,
];

/// Every length, every style, dark and light terminals, with and without colour.
#[test]
fn the_code_reads_back_byte_for_byte() {
    for url in URLS {
        for style in STYLES {
            for theme in [Theme::colour(), Theme::plain()] {
                let drawn = draw(&scanning(url, |wizard| wizard.qr = style), &theme, 200, 60);
                let mut buffer = drawn.buffer;
                if style == QrStyle::Inverted {
                    exchange(&mut buffer);
                }
                for dark in [true, false] {
                    assert_eq!(
                        read(&buffer, dark).as_deref(),
                        Some(url),
                        "{style:?}, {} characters, dark: {dark}",
                        url.len()
                    );
                }
            }
        }
    }
}

/// The reader of these tests knows dark on light alone; authenticators read both.
fn exchange(buffer: &mut Buffer) {
    let other = |colour| match colour {
        Color::Indexed(16) => Color::Indexed(231),
        Color::Indexed(231) => Color::Indexed(16),
        other => other,
    };
    for cell in &mut buffer.content {
        (cell.fg, cell.bg) = (other(cell.fg), other(cell.bg));
    }
}

/// Every length at the design size; the longest one takes the first and the last row as well.
#[test]
fn at_80_by_24_every_length_reads_back() {
    for url in URLS {
        let drawn = draw(&scanning(url, |_| {}), &Theme::plain(), 80, 24);
        assert_eq!(
            read(&drawn.buffer, true).as_deref(),
            Some(url),
            "{}",
            drawn.text()
        );
        assert!(drawn.text().contains("JBSW Y3DP"), "{}", drawn.text());
    }
}

/// Each cell of the card sets both its colours, and is a blank or an upper half.
#[test]
fn the_card_is_painted_cell_by_cell() {
    let drawn = draw(&scanning(URLS[1], |_| {}), &Theme::plain(), 80, 24);
    let mut cells = 0;
    for cell in drawn.cells() {
        if let (Color::Indexed(fg), Color::Indexed(bg)) = (cell.fg, cell.bg) {
            cells += 1;
            assert!([16, 231].contains(&fg) && [16, 231].contains(&bg));
            assert_eq!(cell.symbol(), if fg == bg { " " } else { "▀" });
        }
    }
    // 37 modules with a quiet zone of 2 each side: 41 × 21 cells, the largest that fits 22 rows.
    assert_eq!(cells, 41 * 21);
}

/// Where it does not fit there is the key, and how much is missing.
#[test]
fn too_small_a_window_says_how_much_is_missing() {
    let text = draw(&scanning(URLS[0], |_| {}), &Theme::colour(), 50, 15).text();
    assert!(text.contains("JBSW Y3DP EHPK 3PXP"), "{text}");
    assert!(text.contains("16 columns and 3 rows more"), "{text}");
    assert!(!text.contains('▀'), "{text}");
}

/// The page of a challenge: every length, every style, dark and light terminals, with and without colour.
#[test]
fn p18_a_challenges_page_reads_back_byte_for_byte() {
    for address in PAGES {
        for style in STYLES {
            for theme in [Theme::colour(), Theme::plain()] {
                let model = web_challenge(address, |asked| {
                    asked.web.as_mut().unwrap().qr = style;
                });
                let mut buffer = draw(&model, &theme, 130, 54).buffer;
                if style == QrStyle::Inverted {
                    exchange(&mut buffer);
                }
                for dark in [true, false] {
                    assert_eq!(
                        read(&buffer, dark).as_deref(),
                        Some(address),
                        "{style:?}, {} characters, dark: {dark}",
                        address.len()
                    );
                }
            }
        }
    }
}

/// At the design size address, code and field are all in sight; the longest address as sextants.
#[test]
fn p18_the_website_of_a_state_or_a_guide_reads_back_byte_for_byte() {
    let theme = Theme::colour();
    for (name, address) in [
        ("security off at npmjs", policy::SETTINGS),
        ("security closed at npmjs", policy::SETTINGS),
        ("guide device website", policy::SETTINGS),
        ("guide codes renew", policy::SETTINGS),
        ("guide device support at npmjs", policy::RECOVERING),
    ] {
        for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
            let drawn = draw(&states::named(name), &theme, columns, rows);
            for dark in [true, false] {
                assert_eq!(
                    read(&drawn.buffer, dark).as_deref(),
                    Some(address),
                    "{name} at {columns} by {rows}"
                );
            }
            assert!(drawn.text().contains("https://"));
        }
        let small = draw(&states::named(name), &theme, 50, 15);
        assert_eq!(read(&small.buffer, true), None);
    }
}

#[test]
fn at_80_by_24_a_challenges_page_stands_beside_its_field() {
    let styles = [QrStyle::HalfBlocks, QrStyle::HalfBlocks, QrStyle::Sextants];
    for (address, style) in PAGES.into_iter().zip(styles) {
        let model = web_challenge(address, |asked| {
            asked.web.as_mut().unwrap().qr = style;
        });
        let drawn = draw(&model, &Theme::plain(), 80, 24);
        let text = drawn.text();
        assert_eq!(
            read(&drawn.buffer, true).as_deref(),
            Some(address),
            "{text}"
        );
        assert!(text.contains("Code: ["), "{text}");
        assert!(whole(&text, address), "{text}");
    }
}

/// Whether an address stands there in full, over as many rows as it takes.
fn whole(text: &str, address: &str) -> bool {
    let mut rest = address;
    for row in text.lines() {
        let row: String = row
            .chars()
            .map(|c| if c.is_ascii_graphic() { c } else { ' ' })
            .collect();
        // No other row has a single word.
        let row = row.trim().trim_start_matches("Open ");
        rest = rest.strip_prefix(row).unwrap_or(rest);
    }
    rest.is_empty()
}

/// Where the code does not fit, the address and the field are there, and how the code is to be seen.
#[test]
fn too_small_a_window_has_address_and_field_and_says_how_to_see_the_code() {
    for address in PAGES {
        let mut model = web_challenge(address, |_| {});
        let mut seen = String::new();
        for scroll in 0..8 {
            model.challenges[0].scroll = scroll;
            let text = draw(&model, &Theme::colour(), 40, 12).text();
            assert!(text.contains("Code: ["), "{text}");
            assert!(!text.contains('▀'), "{text}");
            seen.push_str(&text);
        }
        assert!(whole(&seen, address), "{seen}");
        for part in ["Its QR code needs", "Ctrl-G"] {
            assert!(seen.contains(part), "{part}: {seen}");
        }
    }
}

/// What the registry's own website is not is not drawn before the person said so (promise P18).
#[test]
fn p18_a_page_elsewhere_has_no_code_before_the_person_agreed() {
    let elsewhere = |agreed| {
        web_challenge(PAGES[0], |asked| {
            let web = asked.web.as_mut().unwrap();
            web.page.foreign = true;
            web.agreed = agreed;
        })
    };
    for (agreed, code) in [(false, None), (true, Some(PAGES[0]))] {
        let drawn = draw(&elsewhere(agreed), &Theme::colour(), 120, 40);
        assert_eq!(read(&drawn.buffer, true).as_deref(), code);
        assert!(drawn.text().contains("! The page is not on"));
    }
}
