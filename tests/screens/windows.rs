//! A long list costs what is in sight.

use npm_warden::ui::Theme;

use crate::draw::draw;
use crate::states::listed;

/// Everything but the counts is the same whether 200 or 100 000 rows lie below: rows out of sight do not matter.
#[test]
fn rows_out_of_sight_do_not_change_the_frame() {
    let body = |count: usize| {
        let mut model = listed(count);
        model.tokens.cursor = 100;
        model.tokens.offset = 90;
        let text = draw(&model, &Theme::colour(), 120, 40).text();
        // The bar, the box's top line and the line of facets count.
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[4..].join("\n")
    };
    assert_eq!(body(200), body(100_000));
}
