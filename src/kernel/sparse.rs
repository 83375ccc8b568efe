//! The sparse count matrix: blocks joined to compressed sparse rows.

use std::ops::Range;
use std::sync::Mutex;

use super::cell::Cell;
use super::documents::{Documents, MISSING_ROW, Texts};
use super::error::CountError;
use super::grid::{Grid, Output, Run, locked};
use super::plan::Plan;
use super::tally::Block;

/// Compressed sparse rows: those of row `i` are at `indptr[i]..indptr[i + 1]`, in order of columns.
#[derive(Debug, PartialEq)]
pub struct Csr<T> {
    pub indptr: Vec<u64>,
    pub indices: Vec<u32>,
    pub data: Vec<T>,
}

impl<T: Cell> Csr<T> {
    fn with_rows(rows: usize) -> Self {
        let mut indptr = Vec::with_capacity(rows + 1);
        indptr.push(0);
        Self { indptr, indices: Vec::new(), data: Vec::new() }
    }

    /// Adds a row of counts in order of columns.
    fn push(&mut self, counts: impl Iterator<Item = (u32, u64)>) -> Result<(), CountError> {
        for (column, count) in counts {
            let Some(cell) = T::from_count(count) else {
                let row = self.indptr.len() - 1;
                return Err(CountError::Overflow { row, column: column as usize, count, dtype: T::NAME });
            };
            self.indices.push(column);
            self.data.push(cell);
        }
        self.indptr.push(self.indices.len() as u64);
        Ok(())
    }
}

/// Counts into compressed sparse rows.
pub fn sparse<T: Cell>(plan: &Plan, documents: &Documents<'_>, run: Run<'_>) -> Result<Csr<T>, CountError> {
    let mut csr = Csr::with_rows(documents.len());
    if let Some(rows) = documents.rows() {
        let texts = collect(plan, documents.texts(), run)?;
        for &text in rows {
            let counts = if text == MISSING_ROW { None } else { Some(texts.row(text as usize)) };
            csr.push(counts.into_iter().flatten())?;
        }
        return Ok(csr);
    }
    let blocks = bands(plan, documents.texts(), run)?;
    let nonzero = blocks.iter().map(Block::nonzero).sum();
    csr.indices.reserve_exact(nonzero);
    csr.data.reserve_exact(nonzero);
    // Each block is freed as soon as it is copied.
    for block in blocks {
        for i in 0..block.len() {
            csr.push(block.row(i))?;
        }
    }
    Ok(csr)
}

/// The counts of all texts as one block, where rows are to be looked up.
pub fn collect(plan: &Plan, texts: &Texts<'_>, run: Run<'_>) -> Result<Block, CountError> {
    let mut all = Block::default();
    bands(plan, texts, run)?.into_iter().for_each(|block| all.append(block));
    Ok(all)
}

/// The counts of all texts, a block for each band.
fn bands(plan: &Plan, texts: &Texts<'_>, run: Run<'_>) -> Result<Vec<Block>, CountError> {
    let grid = Grid::counting(plan, texts, run);
    let output = Blocks { bands: grid.bands().iter().map(|_| Mutex::default()).collect() };
    grid.count(&output)?;
    Ok(output.bands.into_iter().map(|block| std::mem::take(&mut *locked(&block))).collect())
}

struct Blocks {
    bands: Vec<Mutex<Block>>,
}

impl Output for Blocks {
    fn deliver(&self, band: usize, _: Range<usize>, block: Block) {
        *locked(&self.bands[band]) = block;
    }
}
