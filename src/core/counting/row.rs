//! A worker's counts for one text, one for each column, all zero between texts.
//!
//! Nearly all counts are small, so a cell is one byte. The cells of 64 columns are one cache line, and those of
//! 300,000 columns fit the second-level cache. Finished rows are processed a line at a time, which the compiler
//! vectorizes. Counts over 255 keep the rest, a multiple of 256, in a separate map. One bit for each line tells
//! whether the line may be nonzero. A row of few lines does without bits: all of its lines are visited.
//!
//! With very many columns nearly every match falls into a different line. So a text's first matches are only noted
//! ([`SmallRow`]). With 286,000 columns and seven matches in each text, this halves the time of a count.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::small_row::{CountedColumns, SmallRow};
use crate::core::base::memory::{filled, refuse};
use crate::core::base::simd::{self, nonzero};

/// Columns in a line.
pub const LINE: usize = 64;

#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Line(pub [u8; LINE]);

const EMPTY: Line = Line([0; LINE]);

/// Rows of up to this many lines have no bits. Visiting all lines for each text is cheaper than setting a bit for
/// each match.
const FEW_LINES: usize = 4;

/// A part of a row, as [`Row::drain`] passes it on.
pub enum RowPart<'r> {
    /// The first column of a line, and the line's counts.
    Line(usize, &'r Line),
    /// Columns in order, and their counts.
    Some(CountedColumns<'r>),
    /// A column and its count.
    One(usize, u64),
}

impl RowPart<'_> {
    /// Calls `each` with the columns and nonzero counts, in order.
    #[inline(always)]
    pub fn for_each(self, mut each: impl FnMut(usize, u64)) {
        match self {
            Self::Line(first, line) => bits(nonzero(&line.0)).for_each(|i| each(first + i, line.0[i].into())),
            Self::Some(counted) => {
                let counts = counted.columns().iter().zip(counted.counts());
                counts.for_each(|(&column, &count)| each(column as usize, count.into()));
            }
            Self::One(column, count) => each(column, count),
        }
    }
}

/// With at least this many columns, a text's first matches are noted in a [`SmallRow`]. With 10,000 columns texts
/// share more lines, and noting makes a count slower (0.9x).
const MANY_COLUMNS: usize = 32 << 10;

pub struct Row {
    /// The columns of the first matches, until it is full.
    small_row: SmallRow,
    is_small: bool,
    /// Whether each text begins with the small row.
    uses_small_row: bool,
    /// The counts modulo 256.
    lines: Vec<Line>,
    /// One bit for each line that may be nonzero. Empty if the row has few lines.
    touched: Vec<u64>,
    /// By column: the rest of a count over 255, a multiple of 256.
    large: HashMap<u32, u64, RandomState>,
}

impl Row {
    pub fn new(columns: usize) -> Self {
        let lines = columns.div_ceil(LINE);
        let words = if Self::is_drained_whole(columns) { 0 } else { lines.div_ceil(64) };
        Self {
            small_row: SmallRow::new(simd::level()),
            is_small: columns >= MANY_COLUMNS,
            uses_small_row: columns >= MANY_COLUMNS,
            lines: filled(EMPTY, lines),
            touched: filled(0, words),
            large: HashMap::default(),
        }
    }

    /// Whether [`Row::drain`] passes on all columns of such a row, zeros included.
    pub fn is_drained_whole(columns: usize) -> bool {
        columns.div_ceil(LINE) <= FEW_LINES
    }

    /// Whether a count is over 255. Then [`Row::drain`] passes on the counts one by one.
    #[inline]
    pub fn is_large(&self) -> bool {
        !self.large.is_empty()
    }

    /// Counts one match.
    #[inline(always)]
    pub fn add_one(&mut self, column: u32) {
        if self.is_small {
            if self.small_row.note(column) {
                return;
            }
            self.spill_small_row();
        }
        self.add_to_line(column);
    }

    /// Moves the noted matches to the lines, where all later matches of the text are counted.
    #[cold]
    fn spill_small_row(&mut self) {
        self.is_small = false;
        let mut small_row = std::mem::replace(&mut self.small_row, SmallRow::new(simd::level()));
        small_row.take().for_each(|column| self.add_to_line(column));
        self.small_row = small_row;
    }

    #[inline(always)]
    fn add_to_line(&mut self, column: u32) {
        let line = column as usize / LINE;
        let cell = &mut self.lines[line].0[column as usize % LINE];
        let (sum, passed) = cell.overflowing_add(1);
        *cell = sum;
        if !self.touched.is_empty() {
            self.touched[line / 64] |= 1 << (line % 64);
        }
        if passed {
            self.carry(column, 1 << 8);
        }
    }

    /// Counts several matches.
    #[inline]
    pub fn add(&mut self, column: u32, count: u64) {
        if self.is_small {
            if self.small_row.note_several(column, count) {
                return;
            }
            self.spill_small_row();
        }
        let line = column as usize / LINE;
        let cell = &mut self.lines[line].0[column as usize % LINE];
        let sum = u64::from(*cell) + count;
        *cell = sum as u8;
        if let Some(word) = self.touched.get_mut(line / 64) {
            *word |= 1 << (line % 64);
        }
        if sum > u8::MAX.into() {
            self.carry(column, sum & !0xFF);
        }
    }

    #[cold]
    fn carry(&mut self, column: u32, count: u64) {
        if self.large.try_reserve(1).is_err() {
            refuse(size_of::<(u32, u64)>() * 2 * self.large.len());
        }
        *self.large.entry(column).or_insert(0) += count;
    }

    /// Passes on the nonzero counts in order of columns, and sets them to zero. Rows of few lines are passed on
    /// completely.
    #[inline]
    pub fn drain(&mut self, mut take: impl FnMut(RowPart<'_>)) {
        if self.is_small {
            return take(RowPart::Some(self.small_row.count()));
        }
        self.is_small = self.uses_small_row;
        if self.is_large() {
            return self.drain_large(&mut take);
        }
        let Self { lines, touched, .. } = self;
        for_each_touched(lines.len(), touched, |at| {
            take(RowPart::Line(at * LINE, &lines[at]));
            lines[at] = EMPTY;
        });
    }

    /// Passes on the counts one by one, since some are over 255.
    #[cold]
    fn drain_large(&mut self, take: &mut dyn FnMut(RowPart<'_>)) {
        let Self { lines, touched, large, .. } = self;
        for_each_touched(lines.len(), touched, |at| {
            for (i, cell) in std::mem::replace(&mut lines[at], EMPTY).0.into_iter().enumerate() {
                let column = at * LINE + i;
                let count = u64::from(cell) + large.get(&(column as u32)).copied().unwrap_or(0);
                if count > 0 {
                    take(RowPart::One(column, count));
                }
            }
        });
        large.clear();
    }
}

/// Calls `each` with the lines that may be nonzero, in order, and clears their bits.
#[inline(always)]
fn for_each_touched(lines: usize, touched: &mut [u64], mut each: impl FnMut(usize)) {
    if touched.is_empty() {
        return (0..lines).for_each(each);
    }
    // Eight words at a time: in wide rows most words are zero.
    for (at, words) in touched.chunks_mut(8).enumerate() {
        if words.iter().fold(0, |all, word| all | word) == 0 {
            continue;
        }
        for (i, word) in words.iter_mut().enumerate() {
            for bit in bits(std::mem::take(word)) {
                each((at * 8 + i) * 64 + bit);
            }
        }
    }
}

/// The positions of the set bits, in order.
#[inline(always)]
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let position = word.trailing_zeros() as usize;
        (word != 0).then(|| {
            word &= word - 1;
            position
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(row: &mut Row) -> Vec<(usize, u64)> {
        let mut counts = Vec::new();
        row.drain(|part| part.for_each(|column, count| counts.push((column, count))));
        counts
    }

    #[test]
    fn counts_are_drained_in_order_and_once() {
        for columns in [1usize, 63, 64, 65, 300, 4096, 4097, 40_000, 300_000] {
            let mut row = Row::new(columns);
            for round in 0..3 {
                let mut expected = std::collections::BTreeMap::new();
                for i in 0..200 {
                    let column = i * i * 7919 % columns;
                    row.add_one(column as u32);
                    *expected.entry(column).or_insert(0) += 1;
                    if round == 1 && i % 50 == 0 {
                        let count = [0, 1, 255, 256, u64::from(u32::MAX) + 1][i / 50 % 5];
                        row.add(column as u32, count);
                        *expected.get_mut(&column).unwrap() += count;
                    }
                }
                assert_eq!(drained(&mut row), Vec::from_iter(expected), "{columns} columns, round {round}");
                assert_eq!(drained(&mut row), []);
            }
        }
    }

    #[test]
    fn a_count_of_any_size_is_exact() {
        let mut row = Row::new(200);
        for count in [1u64, 255, 256, 257, 511, 512, 70_000] {
            (0..count).for_each(|_| row.add_one(130));
            row.add_one(2);
            assert_eq!(drained(&mut row), [(2, 1), (130, count)]);
        }
        row.add(7, u64::MAX - 1);
        row.add_one(7);
        assert_eq!(drained(&mut row), [(7, u64::MAX)]);
    }
}
