//! The dense count matrix. Rows are written to the caller's array as they are counted; any strides are allowed.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{ArrayViewMut2, Axis, Slice};

use super::cell::{Cell, FirstOverflow};
use super::count_blocks::{CountBlocks, SHARED_ROWS};
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::counting::reducer::RowWriter;
use crate::core::counting::row::{LINE, Line, Row, RowPart};
use crate::core::documents::rows::Documents;
use crate::core::plan::Plan;
use crate::core::schedule::grid::{Grid, INLINE_CELLS};
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// Fills `matrix`, of shape (documents, columns). Without `clear`, all cells must be zero before.
///
/// After an error the content of `matrix` is undefined.
pub fn dense<T: Cell>(
    plan: &Plan,
    documents: &Documents<'_>,
    mut matrix: ArrayViewMut2<'_, T>,
    clear: bool,
    run: RunOptions<'_>,
) -> Result<(), CountError> {
    assert_eq!(matrix.dim(), (documents.len(), plan.columns()), "the shape of the count matrix");
    load_blocks(documents, run, |start, part, run| {
        let rows = matrix.slice_axis_mut(Axis(0), Slice::from(start..start + part.len()));
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
        let texts = CountBlocks::new(plan, documents.texts(), run)?;
        let team = WorkerTeam::new(run, texts.done, matrix.len() < INLINE_CELLS);
        let views = split(matrix, rows.chunks(SHARED_ROWS).map(<[u32]>::len));
        team.map(rows.chunks(SHARED_ROWS).zip(views).enumerate(), |(i, (rows, view))| {
            let mut cells = RowCells::new(view, clear, &team.cancel);
            for (row, &text) in rows.iter().enumerate() {
                let Some((block, at)) = texts.locate(text) else { continue };
                for (column, count) in block.row(at) {
                    match T::from_count(count) {
                        Some(cell) => cells.set(row, column as usize, cell),
                        None => return overflows.note::<T>(i * SHARED_ROWS + row, column, count),
                    }
                }
            }
        })?;
    } else {
        let grid = Grid::counting(plan, documents.texts(), run, plan.columns())?;
        let views = split(matrix, grid.row_blocks().iter().map(Range::len)).map(Some).map(Mutex::new);
        let views: Vec<_> = views.collect();
        grid.count(&|row_block, texts| {
            let view = lock_ignoring_poison(&views[row_block]).take().expect("a row block is written once");
            // Rows of few columns are written completely, so there is no need to clear them.
            let are_all_written = Row::is_drained_whole(plan.columns()) && view.is_standard_layout();
            let cells = RowCells::new(view, clear && !are_all_written, grid.cancel());
            Box::new(DenseWriter { cells, clear, first: texts.start, next: 0, overflows: &overflows })
        })?;
    }
    overflows.first()
}

/// Views of consecutive rows.
fn split<'m, T>(
    mut rest: ArrayViewMut2<'m, T>,
    lens: impl Iterator<Item = usize>,
) -> impl Iterator<Item = ArrayViewMut2<'m, T>> {
    lens.map(move |len| {
        let empty = ArrayViewMut2::from_shape((0, 0), &mut []).expect("a shape without cells");
        let (view, others) = std::mem::replace(&mut rest, empty).split_at(Axis(0), len);
        rest = others;
        view
    })
}

/// Fills the rows of a row block.
struct DenseWriter<'d, 'm, T> {
    cells: RowCells<'m, T>,
    /// Whether cells may be nonzero before.
    clear: bool,
    /// The first row of the row block.
    first: usize,
    /// The number of its rows that are filled.
    next: usize,
    overflows: &'d FirstOverflow,
}

impl<T: Cell> RowWriter for DenseWriter<'_, '_, T> {
    fn row(&mut self, row: &mut Row) {
        let Self { cells, clear, first, next, overflows } = self;
        let i = *next;
        *next += 1;
        if let RowCells::Contiguous { cells, columns } = cells
            && *clear
            && row.is_large()
        {
            cells[i * *columns..][..*columns].fill(T::default());
        }
        row.drain(|part| {
            if let (RowCells::Contiguous { cells, columns }, RowPart::Line(start, line)) = (&mut *cells, &part)
                && write_line(&mut cells[i * *columns + start..], *columns - start, line)
            {
                return;
            }
            part.for_each(|column, count| match T::from_count(count) {
                Some(cell) => cells.set(i, column, cell),
                None => overflows.note::<T>(*first + i, column as u32, count),
            });
        });
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
    /// If the count is cancelled, some cells are not cleared.
    fn new(mut rows: ArrayViewMut2<'m, T>, clear: bool, cancel: &AtomicBool) -> Self {
        if clear {
            // Each part is contiguous or nearly so. The memory may be new, and then the system is slow to provide its
            // pages.
            let axis = rows.max_stride_axis();
            let part = (CELLS_PER_CLEAR * rows.len_of(axis) / rows.len().max(1)).max(1);
            let parts = rows.axis_chunks_iter_mut(axis, part);
            parts.take_while(|_| !cancel.load(Ordering::Relaxed)).for_each(|mut part| part.fill(T::default()));
        }
        let columns = rows.ncols();
        match rows.is_standard_layout() {
            true => Self::Contiguous { cells: rows.into_slice().unwrap_or_default(), columns },
            false => Self::Strided(rows),
        }
    }

    #[inline]
    fn set(&mut self, row: usize, column: usize, cell: T) {
        match self {
            Self::Contiguous { cells, columns } => cells[row * *columns + column] = cell,
            Self::Strided(rows) => rows[[row, column]] = cell,
        }
    }
}
