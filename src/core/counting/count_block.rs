//! A count block: the nonzero counts of consecutive texts in a compact form, for rows that cannot be written at once.
//!
//! There are three uses. A sparse matrix is built from count blocks, since the position of a row block is known only
//! when all row blocks before it are counted. Rows that share texts look up the counts of their text. The counts of a
//! row block that several tiles share are added up.
//!
//! A count takes five bytes instead of the matrix's eight, and a text one byte instead of four. So a matrix and all
//! of its count blocks take less than twice the memory of the matrix.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::row::{LINE, Line, Row, RowPart};
use super::runs::Runs;
use super::small_ints::{LARGE, SmallInts};
use crate::core::base::cancel::checked;
use crate::core::base::memory::{self, moved, push};
use crate::core::base::simd::nonzero;

/// The nonzero counts of consecutive texts, text by text, in order of columns.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CountBlock {
    columns: Vec<u32>,
    counts: SmallInts,
    /// The number of nonzero counts of each text.
    lengths: SmallInts,
    /// Where the counts of every [`CHECKPOINT_EVERY`]th text begin.
    checkpoints: Vec<usize>,
}

/// Texts between two checkpoints.
const CHECKPOINT_EVERY: usize = 16;

impl CountBlock {
    /// The number of texts.
    pub fn len(&self) -> usize {
        self.lengths.bytes.len()
    }

    /// The number of nonzero counts of all texts.
    pub fn nonzero(&self) -> usize {
        self.columns.len()
    }

    /// Adds a text with the counts of a row, and sets the row to zero.
    #[inline]
    pub fn push(&mut self, row: &mut Row) {
        self.push_text(|columns, counts| {
            row.drain(|part| match part {
                // A count of noted matches is less than `LARGE`.
                RowPart::Some(counted) => counted.append_to(columns, &mut counts.bytes),
                RowPart::Line(first, line) => push_line(columns, counts, first, line),
                RowPart::One(column, count) => {
                    push(columns, column as u32);
                    counts.push(count);
                }
            });
        });
    }

    /// Adds a text of another block, or one without counts.
    pub fn push_text_of(&mut self, text: Option<(&Self, usize)>) {
        self.push_text(|columns, counts| {
            if let Some((block, i)) = text {
                let row = block.range(i);
                memory::extend(columns, &block.columns[row.clone()]);
                row.for_each(|at| counts.push(block.count(at)));
            }
        });
    }

    /// Adds a text with these columns and counts.
    #[inline]
    pub fn push_runs(&mut self, runs: &Runs) {
        self.push_text(|columns, counts| {
            memory::extend(columns, runs.numbers());
            // Less than this only if each count is.
            if runs.counts().iter().fold(0, |bits, &count| bits | count) < u32::from(LARGE) {
                memory::reserve(&mut counts.bytes, runs.counts().len());
                counts.bytes.extend(runs.counts().iter().map(|&count| count as u8));
            } else {
                runs.counts().iter().for_each(|&count| counts.push(count.into()));
            }
        });
    }

    /// The same texts with other column numbers, by the old ones. Columns with the number `u32::MAX` are left out.
    /// With `binary`, each count is 1.
    pub fn renumbered(mut self, numbers: &[u32], binary: bool, cancel: &AtomicBool) -> Self {
        if binary {
            self.counts.large.clear();
            self.counts.bytes.fill(1);
        }
        let mut most = 0;
        for column in checked(&mut self.columns, cancel) {
            *column = numbers[*column as usize];
            most = most.max(*column);
        }
        if most < u32::MAX {
            return self;
        }
        let mut made = Self::default();
        for row in self.rows() {
            made.push_text(|columns, counts| {
                for (column, count) in checked(row, cancel).filter(|(column, _)| *column < u32::MAX) {
                    push(columns, column);
                    counts.push(count);
                }
            });
        }
        made.take()
    }

    #[inline(always)]
    fn push_text(&mut self, add: impl FnOnce(&mut Vec<u32>, &mut SmallInts)) {
        let before = self.columns.len();
        if self.len().is_multiple_of(CHECKPOINT_EVERY) {
            push(&mut self.checkpoints, before);
        }
        add(&mut self.columns, &mut self.counts);
        self.lengths.push((self.columns.len() - before) as u64);
    }

    /// Moves the content to a block without spare capacity. This one becomes empty and keeps its capacity.
    pub fn take(&mut self) -> Self {
        Self {
            columns: moved(&mut self.columns),
            counts: self.counts.take(),
            lengths: self.lengths.take(),
            checkpoints: moved(&mut self.checkpoints),
        }
    }

    /// The number of nonzero counts of text `i`.
    #[inline]
    pub fn row_len(&self, i: usize) -> usize {
        self.lengths.get(i) as usize
    }

    /// The columns and counts of text `i`.
    pub fn row(&self, i: usize) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.counts(self.range(i))
    }

    fn range(&self, i: usize) -> Range<usize> {
        let before = (i - i % CHECKPOINT_EVERY..i).map(|text| self.row_len(text)).sum::<usize>();
        let start = self.checkpoints[i / CHECKPOINT_EVERY] + before;
        start..start + self.row_len(i)
    }

    /// The columns and counts of each text, in order.
    pub fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = (u32, u64)> + '_> + '_ {
        let mut end = 0;
        (0..self.len()).map(move |text| {
            let start = end;
            end += self.row_len(text);
            self.counts(start..end)
        })
    }

    fn counts(&self, range: Range<usize>) -> impl Iterator<Item = (u32, u64)> + '_ {
        range.map(|at| (self.columns[at], self.counts.get(at)))
    }

    /// The text that the count belongs to.
    pub fn text_of(&self, at: usize) -> usize {
        let mut end = 0;
        let ends = (0..self.len()).map(|text| {
            end += self.row_len(text);
            end
        });
        ends.take_while(|&end| end <= at).count()
    }

    /// The count for column `at` of [`CountBlock::columns`].
    pub fn count(&self, at: usize) -> u64 {
        self.counts.get(at)
    }

    /// All columns, text by text.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The counts for [`CountBlock::columns`], one byte each, if all are less than 255.
    pub fn small_counts(&self) -> Option<&[u8]> {
        self.counts.large.is_empty().then_some(&self.counts.bytes)
    }

    /// Adds up several blocks of the same texts. Calls `each` with the sum of every text, in order, and stops early
    /// if `cancel` is set.
    pub fn sum(blocks: &[Self], texts: usize, row: &mut Row, cancel: &AtomicBool, mut each: impl FnMut(&mut Row)) {
        let mut rows: Vec<_> = blocks.iter().map(Self::rows).collect();
        for _ in 0..texts {
            for counts in rows.iter_mut().filter_map(Iterator::next) {
                counts.for_each(|(column, count)| row.add(column, count));
                if cancel.load(Ordering::Relaxed) {
                    return;
                }
            }
            each(row);
        }
    }
}

/// Adds the nonzero counts of a line of a row, four at a time: a branch for each would be unpredictable.
#[inline(always)]
fn push_line(columns: &mut Vec<u32>, counts: &mut SmallInts, first: usize, line: &Line) {
    const AT_ONCE: usize = 4;
    let mut rest = nonzero(&line.0);
    while rest != 0 {
        // The positions after the last are dropped.
        let mut end = columns.len();
        let positions: [usize; AT_ONCE] = std::array::from_fn(|_| {
            let position = rest.trailing_zeros() as usize % LINE;
            end += usize::from(rest != 0);
            rest &= rest.wrapping_sub(1);
            position
        });
        memory::extend(columns, &positions.map(|position| (first + position) as u32));
        columns.truncate(end);
        let bytes = positions.map(|position| line.0[position]);
        if bytes.contains(&LARGE) {
            bytes[..end - counts.bytes.len()].iter().for_each(|&byte| counts.push(byte.into()));
        } else {
            memory::extend(&mut counts.bytes, &bytes);
            counts.bytes.truncate(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::Level;

    #[test]
    fn texts_are_returned_in_order() {
        let mut row = Row::new(1000);
        let mut growing = CountBlock::default();
        let mut expected: Vec<Vec<(u32, u64)>> = Vec::new();
        for text in 0..100u32 {
            let columns = if text % 37 == 5 { 300 } else { text % 4 };
            let counts =
                (0..columns).map(|i| (3 * i + text % 3, [1, 254, 255, 256, 1 << 40][(text + i) as usize % 5]));
            expected.push(counts.clone().collect());
            counts.for_each(|(column, count)| row.add(column, count));
            growing.push(&mut row);
        }
        let block = growing.take();
        assert_eq!(growing, CountBlock::default());
        assert_eq!((block.len(), block.nonzero()), (100, expected.iter().map(Vec::len).sum()));
        assert_eq!(block.rows().map(Vec::from_iter).collect::<Vec<_>>(), expected);
        for (i, counts) in expected.iter().enumerate() {
            assert_eq!(block.row(i).collect::<Vec<_>>(), *counts);
        }
        assert!(block.small_counts().is_none());
    }

    #[test]
    fn columns_are_renumbered() {
        let block = || {
            let (mut block, mut runs) = (CountBlock::default(), Runs::default());
            for sorted in [&[&[0; 300][..], &[2, 2, 5]].concat(), &[][..], &[5]] {
                runs.find(Level::PORTABLE, sorted);
                block.push_runs(&runs);
            }
            block
        };
        let rows = |block: CountBlock| block.rows().map(Vec::from_iter).collect::<Vec<_>>();
        assert_eq!(rows(block()), [vec![(0, 300), (2, 2), (5, 1)], vec![], vec![(5, 1)]]);
        let (all, some) = ([7, 0, 3, 9, 9, 1], [7, u32::MAX, u32::MAX, 9, 9, 1]);
        for (binary, [most, two]) in [(false, [300, 2]), (true, [1, 1])] {
            let renumbered = |numbers: &[u32]| rows(block().renumbered(numbers, binary, &AtomicBool::new(false)));
            assert_eq!(renumbered(&all), [vec![(7, most), (3, two), (1, 1)], vec![], vec![(1, 1)]]);
            assert_eq!(renumbered(&some), [vec![(7, most), (1, 1)], vec![], vec![(1, 1)]]);
        }
    }

    #[test]
    fn blocks_are_added_up() {
        let mut row = Row::new(3);
        let blocks: Vec<CountBlock> = (0..3u32)
            .map(|i| {
                let mut block = CountBlock::default();
                row.add(i % 2, 200);
                block.push(&mut row);
                block.push(&mut row);
                block
            })
            .collect();
        let mut sum = CountBlock::default();
        CountBlock::sum(&blocks, 2, &mut row, &AtomicBool::new(false), |row| sum.push(row));
        assert_eq!(sum.rows().map(Vec::from_iter).collect::<Vec<_>>(), [vec![(0, 400), (1, 200)], vec![]]);
    }
}
