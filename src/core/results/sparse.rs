//! The sparse count matrix (compressed sparse rows), built from count blocks.
//!
//! Counting fills count blocks first. Then the number of counts is known, so the caller can allocate the arrays in
//! their final types. The position of each row block in the arrays is known too, so workers copy them in parallel.
//! Each count block is freed as soon as it is copied.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::cell::{Cell, FirstOverflow};
use super::count_blocks::{CountBlocks, SHARED_ROWS};
use crate::core::base::error::CountError;
use crate::core::base::freed_memory::return_freed_memory;
use crate::core::base::memory::{collected, push};
use crate::core::counting::count_block::CountBlock;
use crate::core::documents::rows::Documents;
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
    /// In order of the rows.
    parts: Vec<Part<'d>>,
    /// If rows share texts: the counts of the texts.
    texts: CountBlocks,
    /// Bytes of text that were counted.
    done: u64,
    /// Whether freed memory is returned to the system while the matrix is written.
    returns_memory: bool,
}

/// Consecutive rows.
enum Part<'d> {
    Own(CountBlock),
    /// Rows that share texts: the text of each row, and their number of counts.
    Shared(&'d [u32], usize),
}

impl Part<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Own(block) => block.len(),
            Self::Shared(rows, _) => rows.len(),
        }
    }

    fn nonzero(&self) -> usize {
        match self {
            Self::Own(block) => block.nonzero(),
            &Self::Shared(_, nonzero) => nonzero,
        }
    }

    fn into_block(self, texts: &CountBlocks, cancel: &AtomicBool) -> CountBlock {
        match self {
            Self::Own(block) => block,
            Self::Shared(rows, _) => {
                let mut block = CountBlock::default();
                let rows = rows.iter().take_while(|_| !cancel.load(Ordering::Relaxed));
                rows.for_each(|&text| block.push_text_of(texts.locate(text)));
                block
            }
        }
    }
}

/// How many counts are copied between two checks for cancellation: about a millisecond.
const CHECK_EVERY: usize = 1 << 20;

/// A matrix with fewer counts than this is written without returning memory.
const MANY_COUNTS: usize = 1 << 20;

/// How often memory is returned while count blocks are copied.
const STEPS: usize = 4;

/// Fewer counts than this are written on the calling thread.
const INLINE_COUNTS: usize = 64 << 10;

/// Counts all documents. [`Sparse::write`] writes the matrix.
pub fn sparse<'d>(plan: &Plan, documents: &'d Documents<'_>, run: RunOptions<'_>) -> Result<Sparse<'d>, CountError> {
    let mut all = Sparse::of_blocks(Vec::new(), 0);
    load_blocks(documents, run, |_, part, run| {
        let counted = CountBlocks::new(plan, part.texts(), run)?;
        all.done += counted.done;
        match documents.rows() {
            None => counted.blocks.into_iter().for_each(|block| push(&mut all.parts, Part::Own(block))),
            Some(rows) => {
                let team = WorkerTeam::new(run, all.done, rows.len() <= SHARED_ROWS);
                let nonzero = |&text: &u32| counted.locate(text).map_or(0, |(block, i)| block.row_len(i));
                all.parts =
                    team.map(rows.chunks(SHARED_ROWS), |rows| Part::Shared(rows, rows.iter().map(nonzero).sum()))?;
                all.texts = counted;
            }
        }
        Ok(())
    })?;
    Ok(all)
}

impl Sparse<'_> {
    /// From count blocks, one after another. `done` bytes of text were counted.
    pub fn of_blocks(blocks: Vec<CountBlock>, done: u64) -> Self {
        let parts = collected(blocks.into_iter().map(Part::Own));
        Self { parts, texts: CountBlocks::default(), done, returns_memory: false }
    }

    /// The same matrix. If it is large, memory that was freed before and that of count blocks is returned to the
    /// system while it is written. This takes longer: 5 ms for 3 million counts.
    pub fn returning_memory(self) -> Self {
        Self { returns_memory: self.nonzero() >= MANY_COUNTS, ..self }
    }

    /// The number of nonzero counts.
    pub fn nonzero(&self) -> usize {
        self.parts.iter().map(Part::nonzero).sum()
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
        mut indices: &mut [I],
        mut data: &mut [T],
        run: RunOptions<'_>,
    ) -> Result<(), CountError> {
        let nonzero = self.nonzero();
        let rows = self.parts.iter().map(Part::len).sum();
        assert_eq!(
            (indptr.len(), indices.len(), data.len()),
            (rows + 1, nonzero, nonzero),
            "the lengths of the arrays"
        );
        let (first, mut ends) = indptr.split_first_mut().expect("one more than there are rows");
        *first = I::of(0);
        let (mut row, mut before) = (0, 0);
        let parts = self.parts.into_iter().map(|part| {
            let slices = CsrSlices {
                row,
                before,
                ends: ends.split_off_mut(..part.len()).expect("an end for each row"),
                indices: indices.split_off_mut(..part.nonzero()).expect("an index for each count"),
                data: data.split_off_mut(..part.nonzero()).expect("a cell for each count"),
            };
            (row, before) = (row + part.len(), before + part.nonzero());
            (part, slices)
        });
        let overflows = FirstOverflow::default();
        if self.returns_memory {
            return_freed_memory();
        }
        let (copied, step) = (AtomicUsize::new(0), nonzero.div_ceil(STEPS));
        let team = WorkerTeam::new(run, self.done, nonzero.max(rows) < INLINE_COUNTS);
        team.map(parts, |(part, slices)| {
            let block = part.into_block(&self.texts, &team.cancel);
            if !team.is_cancelled() {
                slices.write(&block, &overflows, &team.cancel);
            }
            let count = block.nonzero();
            drop(block);
            let before = copied.fetch_add(count, Ordering::Relaxed);
            if self.returns_memory && before / step < (before + count) / step {
                return_freed_memory();
            }
        })?;
        overflows.first()
    }
}

/// Where the counts of a block are written.
struct CsrSlices<'p, T, I> {
    /// The number of rows before.
    row: usize,
    /// The number of counts before.
    before: usize,
    ends: &'p mut [I],
    indices: &'p mut [I],
    data: &'p mut [T],
}

impl<T: Cell, I: Index> CsrSlices<'_, T, I> {
    /// Stops early if `cancel` is set.
    fn write(self, block: &CountBlock, overflows: &FirstOverflow, cancel: &AtomicBool) {
        let Self { row, before, ends, indices, data } = self;
        let small = block.small_counts().filter(|_| T::SMALL == u8::MAX);
        for start in (0..data.len()).step_by(CHECK_EVERY) {
            let part = start..data.len().min(start + CHECK_EVERY);
            let columns = indices[part.clone()].iter_mut().zip(&block.columns()[part.clone()]);
            columns.for_each(|(index, &column)| *index = I::of(column as usize));
            match small {
                Some(counts) => {
                    let cells = data[part.clone()].iter_mut().zip(&counts[part]);
                    cells.for_each(|(cell, &count)| *cell = T::from_small(count));
                }
                None => {
                    for at in part {
                        let Some(cell) = T::from_count(block.count(at)) else {
                            return overflows.note::<T>(
                                row + block.text_of(at),
                                block.columns()[at],
                                block.count(at),
                            );
                        };
                        data[at] = cell;
                    }
                }
            }
            if cancel.load(Ordering::Relaxed) {
                return;
            }
        }
        let mut end = before;
        for (i, row_end) in ends.iter_mut().enumerate() {
            end += block.row_len(i);
            *row_end = I::of(end);
        }
    }
}
