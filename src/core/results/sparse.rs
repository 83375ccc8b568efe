//! The sparse count matrix (compressed sparse rows), built from count blocks.
//!
//! Counting fills count blocks first. Then the number of counts is known, so the caller can allocate the arrays in
//! their final types. The position of each row block in the arrays is known too, so workers copy them in parallel.
//! Each count block is freed as soon as it is copied.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::cell::{Cell, FirstOverflow};
use super::count_blocks::CountBlocks;
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::counting::count_block::CountBlock;
use crate::core::documents::rows::{Documents, MISSING_ROW};
use crate::core::plan::Plan;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// The integer type of column numbers and of positions in the array of counts.
pub trait Index: Copy + Send + Sync + 'static {
    /// An index, which the caller made sure the type can hold.
    fn of(position: usize) -> Self;
}

impl Index for i32 {
    #[inline]
    fn of(position: usize) -> Self {
        position as Self
    }
}

impl Index for i64 {
    #[inline]
    fn of(position: usize) -> Self {
        position as Self
    }
}

/// A counted matrix, ready to be written as compressed sparse rows.
pub struct Sparse<'d> {
    source: SparseSource<'d>,
    /// Ranges of rows that a worker writes at a time, with their numbers of counts.
    row_ranges: Vec<(Range<usize>, usize)>,
    /// Bytes of text that were counted.
    done: u64,
}

enum SparseSource<'d> {
    /// The counts of each range of rows.
    Blocks(Vec<Mutex<CountBlock>>),
    /// Rows that share texts: the counts of the texts, and the text of each row.
    Shared(CountBlocks, &'d [u32]),
}

/// How many rows a worker writes at a time if rows share texts.
const SHARED_ROWS: usize = 16 << 10;

/// How many counts are copied between two checks for cancellation: about a millisecond.
const CHECK_EVERY: usize = 1 << 20;

/// Fewer counts than this are written on the calling thread.
const INLINE_COUNTS: usize = 64 << 10;

/// Counts all documents. [`Sparse::write`] writes the matrix.
pub fn sparse<'d>(plan: &Plan, documents: &'d Documents<'_>, run: RunOptions<'_>) -> Result<Sparse<'d>, CountError> {
    match documents.rows() {
        None => {
            let mut all = Sparse { source: SparseSource::Blocks(Vec::new()), row_ranges: Vec::new(), done: 0 };
            load_blocks(documents, run, |_, part, run| {
                let (collected, team) = CountBlocks::new(plan, part.texts(), run, false)?;
                all.push(collected.into_blocks());
                all.done += team.bytes_done();
                Ok(())
            })?;
            Ok(all)
        }
        Some(rows) => {
            let (texts, team) = CountBlocks::new(plan, documents.texts(), run, true)?;
            let counted: Vec<(Range<usize>, Mutex<usize>)> = (0..rows.len())
                .step_by(SHARED_ROWS)
                .map(|start| (start..rows.len().min(start + SHARED_ROWS), Mutex::new(0)))
                .collect();
            team.work(
                counted.len(),
                || (),
                |(), job| {
                    let (run, nonzero) = &counted[job];
                    let used = rows[run.clone()].iter().filter(|&&text| text != MISSING_ROW);
                    *lock_ignoring_poison(nonzero) = used.map(|&text| texts.row_len(text)).sum();
                },
            )?;
            let row_ranges =
                counted.into_iter().map(|(run, nonzero)| (run, *lock_ignoring_poison(&nonzero))).collect();
            Ok(Sparse { source: SparseSource::Shared(texts, rows), row_ranges, done: team.bytes_done() })
        }
    }
}

impl Sparse<'_> {
    /// Appends the rows of blocks.
    fn push(&mut self, new: Vec<CountBlock>) {
        let SparseSource::Blocks(blocks) = &mut self.source else {
            unreachable!("rows that share texts come at once")
        };
        for block in new {
            let start = self.row_ranges.last().map_or(0, |(run, _)| run.end);
            self.row_ranges.push((start..start + block.len(), block.nonzero()));
            blocks.push(Mutex::new(block));
        }
    }

    /// The number of nonzero counts.
    pub fn nonzero(&self) -> usize {
        self.row_ranges.iter().map(|(_, nonzero)| nonzero).sum()
    }

    /// Writes the matrix. The columns and counts of row `i` go to `indptr[i]..indptr[i + 1]` of `indices` and `data`,
    /// in order of columns. `indptr` needs one item more than there are rows; `indices` and `data` need
    /// [`Sparse::nonzero`] items.
    ///
    /// After an error the content of all three is undefined.
    ///
    /// # Errors
    ///
    /// A count does not fit `T`, or the caller cancelled.
    ///
    /// # Panics
    ///
    /// A slice has another length.
    pub fn write<T: Cell, I: Index>(
        self,
        indptr: &mut [I],
        indices: &mut [I],
        data: &mut [T],
        run: RunOptions<'_>,
    ) -> Result<(), CountError> {
        let nonzero = self.nonzero();
        let rows = self.row_ranges.last().map_or(0, |(run, _)| run.end);
        assert_eq!(
            (indptr.len(), indices.len(), data.len()),
            (rows + 1, nonzero, nonzero),
            "the lengths of the arrays"
        );
        let (first, ends) = indptr.split_first_mut().expect("one more than there are rows");
        *first = I::of(0);
        let parts = split(&self.row_ranges, ends, indices, data);
        let overflows = FirstOverflow::default();
        let on_progress = |_| (run.on_progress)(self.done);
        let team =
            WorkerTeam::new(RunOptions { on_progress: &on_progress, ..run }, nonzero.max(rows) < INLINE_COUNTS);
        team.work(
            parts.len(),
            || (),
            |(), job| {
                let slices = lock_ignoring_poison(&parts[job]).take().expect("a range of rows is written once");
                let start = self.row_ranges[job].0.start;
                let written = match &self.source {
                    SparseSource::Blocks(blocks) => slices.write_block(
                        &std::mem::take(&mut *lock_ignoring_poison(&blocks[job])),
                        start,
                        &team.cancel,
                    ),
                    SparseSource::Shared(texts, rows) => {
                        let counts =
                            |&text: &u32| (text != MISSING_ROW).then(|| texts.row(text)).into_iter().flatten();
                        slices.write_rows(
                            rows[self.row_ranges[job].0.clone()].iter().map(counts),
                            start,
                            &team.cancel,
                        )
                    }
                };
                overflows.note(written);
            },
        )?;
        overflows.first()
    }
}

/// Where the counts of a range of rows are written.
struct CsrSlices<'p, T, I> {
    /// The number of counts in all rows before.
    before: usize,
    ends: &'p mut [I],
    indices: &'p mut [I],
    data: &'p mut [T],
}

type CsrParts<'p, T, I> = Vec<Mutex<Option<CsrSlices<'p, T, I>>>>;

fn split<'p, T, I>(
    row_ranges: &[(Range<usize>, usize)],
    mut ends: &'p mut [I],
    mut indices: &'p mut [I],
    mut data: &'p mut [T],
) -> CsrParts<'p, T, I> {
    let mut before = 0;
    let slices = |(rows, nonzero): &(Range<usize>, usize)| {
        let slices = CsrSlices {
            before,
            ends: ends.split_off_mut(..rows.len())?,
            indices: indices.split_off_mut(..*nonzero)?,
            data: data.split_off_mut(..*nonzero)?,
        };
        before += nonzero;
        Some(slices)
    };
    row_ranges.iter().map(slices).map(Mutex::new).collect()
}

impl<T: Cell, I: Index> CsrSlices<'_, T, I> {
    /// Writes the rows of a block; `row` is the first. Stops early if `cancel` is set.
    fn write_block(self, block: &CountBlock, row: usize, cancel: &AtomicBool) -> Result<(), CountError> {
        let Some(small) = block.small_counts().filter(|_| T::SMALL == u8::MAX) else {
            return self.write_rows(block.rows(), row, cancel);
        };
        let counts = self.data.chunks_mut(CHECK_EVERY).zip(small.chunks(CHECK_EVERY));
        let columns = self.indices.chunks_mut(CHECK_EVERY).zip(block.columns().chunks(CHECK_EVERY));
        for ((cells, counts), (indices, columns)) in counts.zip(columns) {
            cells.iter_mut().zip(counts).for_each(|(cell, &count)| *cell = T::from_small(count));
            indices.iter_mut().zip(columns).for_each(|(index, &column)| *index = I::of(column as usize));
            if cancel.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
        let mut end = self.before;
        for (i, row_end) in self.ends.iter_mut().enumerate() {
            end += block.row_len(i);
            *row_end = I::of(end);
        }
        Ok(())
    }

    /// Writes rows count by count. Stops early if `cancel` is set.
    fn write_rows(
        self,
        rows: impl Iterator<Item = impl Iterator<Item = (u32, u64)>>,
        row: usize,
        cancel: &AtomicBool,
    ) -> Result<(), CountError> {
        let mut cells = self.data.iter_mut().zip(self.indices);
        let mut end = self.before;
        for (i, (counts, row_end)) in rows.zip(self.ends).enumerate() {
            if cancel.load(Ordering::Relaxed) {
                return Ok(());
            }
            for (column, count) in counts {
                let (cell, index) = cells.next().expect("an item for each count");
                *cell = T::from_count(count).ok_or(CountError::Overflow {
                    row: row + i,
                    column: column as usize,
                    count,
                    dtype: T::NAME,
                })?;
                *index = I::of(column as usize);
                end += 1;
            }
            *row_end = I::of(end);
        }
        Ok(())
    }
}
