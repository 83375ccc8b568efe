//! The dense count matrix. Rows are written to the caller's array as they are counted; any strides are allowed.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{ArrayViewMut2, Axis};

use super::cell::{Cell, FirstOverflow};
use super::count_blocks::CountBlocks;
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::counting::reducer::{Output, RowConsumer, RowWriter};
use crate::core::counting::row::{LINE, Line, Row, RowPart};
use crate::core::documents::rows::{Documents, MISSING_ROW};
use crate::core::plan::Plan;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::RunOptions;

/// How many rows a worker fills at a time if rows share texts.
const SHARED_ROWS: usize = 4 << 10;

/// Fills `matrix`, of shape (documents, columns). Without `clear`, all cells must be zero before.
///
/// After an error the content of `matrix` is undefined.
pub fn dense<T: Cell>(
    plan: &Plan,
    documents: &Documents<'_>,
    matrix: ArrayViewMut2<'_, T>,
    clear: bool,
    run: RunOptions<'_>,
) -> Result<(), CountError> {
    assert_eq!(matrix.dim(), (documents.len(), plan.columns()), "the shape of the count matrix");
    let mut rest = Some(matrix);
    load_blocks(documents, run, |start, part, run| {
        let (rows, others) = rest.take().expect("the rows of the load block").split_at(Axis(0), part.len());
        rest = Some(others);
        dense_load_block(plan, part, rows, clear, run).map_err(|error| error.after_rows(start))
    })
}

fn dense_load_block<T: Cell>(
    plan: &Plan,
    documents: &Documents<'_>,
    matrix: ArrayViewMut2<'_, T>,
    clear: bool,
    run: RunOptions<'_>,
) -> Result<(), CountError> {
    let overflows = FirstOverflow::default();
    if let Some(rows) = documents.rows() {
        let (texts, team) = CountBlocks::new(plan, documents.texts(), run, true)?;
        let row_ranges: Vec<_> =
            (0..rows.len()).step_by(SHARED_ROWS).map(|start| start..rows.len().min(start + SHARED_ROWS)).collect();
        let views = split(matrix, &row_ranges);
        team.work(
            row_ranges.len(),
            || (),
            |(), job| {
                let mut cells = RowCells::new(lock_ignoring_poison(&views[job]).take(), clear, &team.cancel);
                for (row, &text) in row_ranges[job].clone().zip(&rows[row_ranges[job].clone()]) {
                    let counts = if text == MISSING_ROW { None } else { Some(texts.row(text)) };
                    let written = counts.into_iter().flatten().try_for_each(|(column, count)| {
                        cells
                            .set(row - row_ranges[job].start, column as usize, count)
                            .map_err(|overflow| overflow.in_row::<T>(row))
                    });
                    if overflows.note(written) {
                        return;
                    }
                }
            },
        )?;
        return overflows.first();
    }
    let grid = Grid::counting(plan, documents.texts(), run, plan.columns())?;
    let row_blocks = split(matrix, grid.row_blocks());
    grid.count(&DenseOutput {
        row_blocks,
        clear,
        columns: plan.columns(),
        overflows: &overflows,
        cancel: grid.cancel(),
    })?;
    overflows.first()
}

/// A separate view for each range of rows.
fn split<'m, T>(
    matrix: ArrayViewMut2<'m, T>,
    row_ranges: &[Range<usize>],
) -> Vec<Mutex<Option<ArrayViewMut2<'m, T>>>> {
    let mut rest = Some(matrix);
    let next = |run: &Range<usize>| {
        let (head, tail) = rest.take()?.split_at(Axis(0), run.len());
        rest = Some(tail);
        Some(head)
    };
    row_ranges.iter().map(next).map(Mutex::new).collect()
}

struct DenseOutput<'m, T> {
    row_blocks: Vec<Mutex<Option<ArrayViewMut2<'m, T>>>>,
    clear: bool,
    columns: usize,
    overflows: &'m FirstOverflow,
    cancel: &'m AtomicBool,
}

impl<T: Cell> Output for DenseOutput<'_, T> {
    fn writer(&self) -> Box<dyn RowWriter + '_> {
        Box::new(DenseWriter { output: self, cells: RowCells::none(), columns: self.columns, first: 0, next: 0 })
    }
}

/// Fills the rows of one row block after another.
struct DenseWriter<'d, 'm, T> {
    output: &'d DenseOutput<'m, T>,
    cells: RowCells<'m, T>,
    columns: usize,
    /// The first row of the row block.
    first: usize,
    /// The number of its rows that are filled.
    next: usize,
}

impl<T: Cell> RowWriter for DenseWriter<'_, '_, T> {
    fn begin(&mut self, row_block: usize, texts: Range<usize>) {
        let rows = lock_ignoring_poison(&self.output.row_blocks[row_block]).take();
        // Rows of few columns are written completely, so there is no need to clear them.
        let are_all_written =
            Row::is_drained_whole(self.columns) && rows.as_ref().is_some_and(|rows| rows.is_standard_layout());
        self.cells = RowCells::new(rows, self.output.clear && !are_all_written, self.output.cancel);
        (self.first, self.next) = (texts.start, 0);
    }

    fn end(&mut self) {
        self.cells = RowCells::none();
    }
}

impl<T: Cell> RowConsumer for DenseWriter<'_, '_, T> {
    fn row(&mut self, row: &mut Row) {
        let i = self.next;
        self.next += 1;
        let mut overflow = None;
        if let RowCells::Contiguous { cells, columns } = &mut self.cells {
            let cells = &mut cells[i * *columns..];
            if self.output.clear && row.is_large() {
                cells[..*columns].fill(T::ZERO);
            }
            let one = |cells: &mut [T], column: usize, count: u64| match T::from_count(count) {
                Some(cell) => {
                    cells[column] = cell;
                    None
                }
                None => Some(CellOverflow { column, count }),
            };
            row.drain(|counts| match counts {
                RowPart::Line(first, line) => {
                    if !write_line(&mut cells[first..], *columns - first, line) {
                        overflow = overflow.or_else(|| first_overflow::<T>(first, line));
                    }
                }
                RowPart::Some(columns, counts) => {
                    for (&column, &count) in columns.iter().zip(counts) {
                        overflow = overflow.or(one(cells, column as usize, count.into()));
                    }
                }
                RowPart::One(column, count) => overflow = overflow.or(one(cells, column, count)),
            });
        } else {
            let mut set = |column, count| {
                if let Err(found) = self.cells.set(i, column, count) {
                    overflow = overflow.or(Some(found));
                }
            };
            row.drain(|counts| match counts {
                RowPart::Line(first, line) => line.for_each(|at, count| set(first + at, count.into())),
                RowPart::Some(columns, counts) => {
                    columns.iter().zip(counts).for_each(|(&column, &count)| set(column as usize, count.into()));
                }
                RowPart::One(column, count) => set(column, count),
            });
        }
        if let Some(overflow) = overflow {
            self.output.overflows.note(Err(overflow.in_row::<T>(self.first + i)));
        }
    }
}

/// Cells are written in groups of this size, so that no rest is written one by one.
const LANES: usize = 16;

/// Writes the counts of a line to the cells of its columns; `columns` are left in the row. Returns whether all counts
/// fit. It may write zeros after the row's end, into rows that are written later.
#[inline(always)]
fn write_line<T: Cell>(cells: &mut [T], columns: usize, line: &Line) -> bool {
    let written = columns.min(LINE).next_multiple_of(LANES).min(cells.len());
    cells[..written].iter_mut().zip(&line.0[..written]).for_each(|(cell, &count)| *cell = T::from_small(count));
    T::SMALL == u8::MAX || line.0.iter().all(|&count| count <= T::SMALL)
}

#[cold]
fn first_overflow<T: Cell>(first: usize, line: &Line) -> Option<CellOverflow> {
    let mut found = None;
    line.for_each(|i, count| {
        if T::from_count(count.into()).is_none() {
            found = found.or(Some(CellOverflow { column: first + i, count: count.into() }));
        }
    });
    found
}

/// A count that does not fit its cell.
#[derive(Clone, Copy)]
struct CellOverflow {
    column: usize,
    count: u64,
}

impl CellOverflow {
    fn in_row<T: Cell>(self, row: usize) -> CountError {
        CountError::Overflow { row, column: self.column, count: self.count, dtype: T::NAME }
    }
}

/// The number of cells to clear between two checks for cancellation.
const CELLS_PER_CLEAR: usize = 256 << 10;

/// The cells of consecutive rows.
enum RowCells<'m, T> {
    /// In row order, without gaps.
    Contiguous {
        cells: &'m mut [T],
        columns: usize,
    },
    Strided(ArrayViewMut2<'m, T>),
}

impl<'m, T: Cell> RowCells<'m, T> {
    fn none() -> Self {
        Self::Contiguous { cells: &mut [], columns: 0 }
    }

    /// If the count is cancelled, some cells are not cleared.
    fn new(rows: Option<ArrayViewMut2<'m, T>>, clear: bool, cancel: &AtomicBool) -> Self {
        let Some(mut rows) = rows else { return Self::none() };
        if clear {
            // Each part is contiguous or nearly so. The memory may be new, and then the system is slow to provide its
            // pages.
            let axis = rows.max_stride_axis();
            let part = (CELLS_PER_CLEAR * rows.len_of(axis) / rows.len().max(1)).max(1);
            let parts = rows.axis_chunks_iter_mut(axis, part);
            parts.take_while(|_| !cancel.load(Ordering::Relaxed)).for_each(|mut part| part.fill(T::ZERO));
        }
        let columns = rows.ncols();
        match rows.is_standard_layout() {
            true => Self::Contiguous { cells: rows.into_slice().unwrap_or_default(), columns },
            false => Self::Strided(rows),
        }
    }

    #[inline]
    fn set(&mut self, row: usize, column: usize, count: u64) -> Result<(), CellOverflow> {
        let cell = T::from_count(count).ok_or(CellOverflow { column, count })?;
        match self {
            Self::Contiguous { cells, columns } => cells[row * *columns + column] = cell,
            Self::Strided(rows) => rows[[row, column]] = cell,
        }
        Ok(())
    }
}
