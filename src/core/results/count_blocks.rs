//! The counts of all texts as count blocks, for results whose rows cannot be written as they are counted.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard};

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::counting::count_block::CountBlock;
use crate::core::counting::reducer::RowWriter;
use crate::core::counting::row::Row;
use crate::core::documents::rows::MISSING_ROW;
use crate::core::documents::texts::Texts;
use crate::core::plan::Plan;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::run_options::RunOptions;

/// How many rows a worker writes at a time if rows share texts.
pub const SHARED_ROWS: usize = 4 << 10;

/// The counts of all texts: one count block for each row block.
#[derive(Default)]
pub struct CountBlocks {
    row_blocks: Vec<Range<usize>>,
    pub blocks: Vec<CountBlock>,
    /// Bytes of text that were counted.
    pub done: u64,
}

impl CountBlocks {
    /// Counts all texts.
    pub fn new(plan: &Plan, texts: &Texts<'_>, run: RunOptions<'_>) -> Result<Self, CountError> {
        let grid = Grid::counting(plan, texts, run, 0)?;
        let blocks: Vec<Mutex<CountBlock>> = grid.row_blocks().iter().map(|_| Mutex::default()).collect();
        grid.count(&|row_block, _| Box::new(lock_ignoring_poison(&blocks[row_block])))?;
        let blocks = blocks.iter().map(|block| std::mem::take(&mut *lock_ignoring_poison(block))).collect();
        Ok(Self { row_blocks: grid.row_blocks().to_vec(), blocks, done: grid.bytes_done() })
    }

    /// The block of the text of a row, and the text's index in it. `None` if the row is missing.
    pub fn locate(&self, text: u32) -> Option<(&CountBlock, usize)> {
        let text = Some(text).filter(|&text| text != MISSING_ROW)? as usize;
        let row_block = self.row_blocks.partition_point(|row_block| row_block.end <= text);
        Some((&self.blocks[row_block], text - self.row_blocks[row_block].start))
    }
}

impl RowWriter for MutexGuard<'_, CountBlock> {
    fn row(&mut self, row: &mut Row) {
        self.push(row);
    }

    fn end(&mut self) {
        **self = self.take();
    }
}
