//! Which columns of the table of tokens a width has room for.

use crate::app::model::SortBy;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Id,
    Begins,
    May,
    For,
    Ip,
    Created,
    Used,
    Expires,
    Found,
    Badges,
}

pub(super) use Column as C;

/// In the order in which they stand.
const ORDER: [Column; 11] = [
    C::Name,
    C::Id,
    C::Begins,
    C::May,
    C::For,
    C::Ip,
    C::Created,
    C::Used,
    C::Expires,
    C::Found,
    C::Badges,
];

/// The most telling first: what finds no room is left out from the end.
const WORTH: [Column; 11] = [
    C::Name,
    C::May,
    C::Badges,
    C::Expires,
    C::Used,
    C::Id,
    C::Begins,
    C::Found,
    C::For,
    C::Created,
    C::Ip,
];

/// What is left goes where words are cut first, up to so many cells.
const WIDENED: [(Column, usize); 10] = [
    (C::Badges, 9),
    (C::Name, COMFORT),
    (C::Found, 18),
    (C::Expires, 12),
    (C::May, 12),
    (C::Begins, 15),
    (C::Found, 24),
    (C::Badges, 20),
    (C::Name, 32),
    (C::For, 36),
];

/// The cells before the first column: the cursor, the selection, a blank.
pub(super) const MARKS: usize = 3;

/// How much room names get before what is less telling gets any.
const COMFORT: usize = 16;

impl Column {
    const fn least(self) -> usize {
        match self {
            C::Id => 6,
            C::May | C::Badges => 7,
            C::Name => 8,
            C::Begins => 9,
            C::Created | C::Expires => 10,
            C::Used | C::Found => 13,
            C::For => 16,
            C::Ip => 18,
        }
    }

    /// Told of few tokens, or said by what stands already: names come first.
    const fn is_extra(self) -> bool {
        matches!(self, C::Found | C::For | C::Created | C::Ip)
    }

    pub(super) const fn heading(self) -> &'static str {
        match self {
            C::Name => "name",
            C::Id => "id",
            C::Begins => "begins",
            C::May => "may",
            C::For => "for",
            C::Ip => "only from",
            C::Created => "created",
            C::Used => "last used",
            C::Expires => "expires",
            C::Found => "found",
            C::Badges => "badges",
        }
    }

    pub(super) const fn sorted_by(self, sort: SortBy) -> bool {
        matches!(
            (self, sort),
            (C::Name, SortBy::Name)
                | (C::May, SortBy::May)
                | (C::Created, SortBy::Created)
                | (C::Used, SortBy::Accessed)
                | (C::Expires, SortBy::Expires)
        )
    }
}

/// The columns that `width` cells have room for, with their widths.
pub(super) fn that_fit(width: usize) -> Vec<(Column, usize)> {
    let mut left = width.saturating_sub(MARKS + C::Name.least());
    let mut taken = vec![C::Name];
    for column in &WORTH[1..] {
        let spare = if column.is_extra() {
            COMFORT - C::Name.least()
        } else {
            0
        };
        let Some(rest) = left
            .checked_sub(column.least() + 1)
            .filter(|rest| *rest >= spare)
        else {
            break;
        };
        left = rest;
        taken.push(*column);
    }
    let columns = ORDER
        .into_iter()
        .filter(|column| taken.contains(column))
        .collect::<Vec<_>>();
    let mut widths: Vec<usize> = columns.iter().map(|column| column.least()).collect();
    for (widened, most) in WIDENED {
        if let Some(index) = columns.iter().position(|column| *column == widened) {
            let more = left.min(most.saturating_sub(widths[index]));
            left -= more;
            widths[index] += more;
        }
    }
    columns.into_iter().zip(widths).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_has_a_name_and_nothing_overflows() {
        for width in 34..250 {
            let columns = that_fit(width);
            let used: usize = MARKS + columns.iter().map(|(_, width)| width + 1).sum::<usize>() - 1;
            assert!(used <= width, "{used} cells in {width}");
            assert_eq!(columns[0].0, C::Name);
        }
    }

    #[test]
    fn columns_go_from_the_least_telling_on() {
        let shown = |width| {
            that_fit(width)
                .iter()
                .map(|(column, _)| column.heading())
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(39), ["name", "may", "expires", "badges"]);
        assert_eq!(
            shown(76),
            [
                "name",
                "id",
                "begins",
                "may",
                "last used",
                "expires",
                "badges"
            ]
        );
        assert_eq!(shown(157).len(), ORDER.len());
        let width = |width, wanted: &str| {
            let columns = that_fit(width);
            columns
                .iter()
                .find_map(|(column, width)| (column.heading() == wanted).then_some(*width))
        };
        assert_eq!(width(76, "badges"), Some(9));
        assert_eq!(width(76, "name"), Some(13));
        assert_eq!((width(90, "found"), width(93, "found")), (None, Some(13)));
        assert_eq!(width(93, "name"), Some(COMFORT));
    }
}
