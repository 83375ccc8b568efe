//! The dense count matrix: blocks written into the caller's array, whatever its strides.

use std::ops::Range;
use std::sync::Mutex;

use ndarray::{ArrayViewMut1, ArrayViewMut2, Axis};

use super::cell::Cell;
use super::documents::{Documents, MISSING_ROW};
use super::error::CountError;
use super::grid::{Grid, Output, Run, locked};
use super::plan::Plan;
use super::sparse::collect;
use super::tally::Block;

/// Fills `matrix`, of shape (documents, columns). With `clear`, cells are set to zero first; without, they are zero.
///
/// After an error the content of `matrix` is undefined.
pub fn dense<T: Cell>(
    plan: &Plan,
    documents: &Documents<'_>,
    mut matrix: ArrayViewMut2<'_, T>,
    clear: bool,
    run: Run<'_>,
) -> Result<(), CountError> {
    assert_eq!(matrix.dim(), (documents.len(), plan.columns()), "the shape of the count matrix");
    if let Some(rows) = documents.rows() {
        let texts = collect(plan, documents.texts(), run)?;
        for (row, &text) in rows.iter().enumerate() {
            let counts = if text == MISSING_ROW { None } else { Some(texts.row(text as usize)) };
            fill(matrix.row_mut(row), counts.into_iter().flatten(), clear)
                .map_err(|overflow| overflow.at::<T>(row))?;
        }
        return Ok(());
    }
    let grid = Grid::counting(plan, documents.texts(), run);
    let output = Dense { bands: split(matrix.view_mut(), grid.bands()), clear, overflow: Mutex::default() };
    grid.count(&output)?;
    match locked(&output.overflow).take() {
        Some((row, overflow)) => Err(overflow.at::<T>(row)),
        None => Ok(()),
    }
}

/// The rows of each band, each a view of its own.
fn split<'m, T>(matrix: ArrayViewMut2<'m, T>, bands: &[Range<usize>]) -> Vec<Mutex<Option<ArrayViewMut2<'m, T>>>> {
    let mut rest = Some(matrix);
    let next = |band: &Range<usize>| {
        let (head, tail) = rest.take()?.split_at(Axis(0), band.len());
        rest = Some(tail);
        Some(head)
    };
    bands.iter().map(next).map(Mutex::new).collect()
}

/// A count that the cells cannot hold.
struct Overflow {
    column: u32,
    count: u64,
}

impl Overflow {
    fn at<T: Cell>(&self, row: usize) -> CountError {
        CountError::Overflow { row, column: self.column as usize, count: self.count, dtype: T::NAME }
    }
}

/// Writes the counts of one document, in order of columns.
fn fill<T: Cell>(
    mut row: ArrayViewMut1<'_, T>,
    counts: impl Iterator<Item = (u32, u64)>,
    clear: bool,
) -> Result<(), Overflow> {
    if clear {
        row.fill(T::ZERO);
    }
    for (column, count) in counts {
        row[column as usize] = T::from_count(count).ok_or(Overflow { column, count })?;
    }
    Ok(())
}

struct Dense<'m, T> {
    bands: Vec<Mutex<Option<ArrayViewMut2<'m, T>>>>,
    clear: bool,
    /// The first row with an overflow, so far.
    overflow: Mutex<Option<(usize, Overflow)>>,
}

impl<T: Cell> Output for Dense<'_, T> {
    fn deliver(&self, band: usize, texts: Range<usize>, block: Block) {
        let mut rows = locked(&self.bands[band]).take().expect("a band is delivered once");
        for (i, row) in rows.axis_iter_mut(Axis(0)).enumerate() {
            if let Err(overflow) = fill(row, block.row(i), self.clear) {
                let row = texts.start + i;
                let mut first = locked(&self.overflow);
                if first.as_ref().is_none_or(|(known, _)| row < *known) {
                    *first = Some((row, overflow));
                }
                return;
            }
        }
    }
}
