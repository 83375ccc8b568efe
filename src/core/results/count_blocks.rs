//! The counts of all texts as count blocks, for results whose rows cannot be written as they are counted.

use std::ops::Range;
use std::sync::Mutex;

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::counting::count_block::CountBlock;
use crate::core::counting::reducer::{Output, RowConsumer, RowWriter};
use crate::core::counting::row::Row;
use crate::core::documents::texts::Texts;
use crate::core::plan::Plan;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// The counts of all texts: one count block for each row block.
pub struct CountBlocks {
    row_blocks: Vec<Range<usize>>,
    blocks: Vec<CountBlock>,
}

impl CountBlocks {
    /// Counts all texts. With `checkpoints`, texts can be looked up ([`CountBlocks::row`]). Also returns the workers,
    /// for the next step.
    pub fn new<'r>(
        plan: &'r Plan,
        texts: &'r Texts<'_>,
        run: RunOptions<'r>,
        checkpoints: bool,
    ) -> Result<(Self, WorkerTeam<'r>), CountError> {
        let grid = Grid::counting(plan, texts, run, 0)?;
        let output =
            CountBlocksOutput { blocks: grid.row_blocks().iter().map(|_| Mutex::default()).collect(), checkpoints };
        grid.count(&output)?;
        let blocks =
            output.blocks.into_iter().map(|block| std::mem::take(&mut *lock_ignoring_poison(&block))).collect();
        Ok((Self { row_blocks: grid.row_blocks().to_vec(), blocks }, grid.into_team()))
    }

    pub fn into_blocks(self) -> Vec<CountBlock> {
        self.blocks
    }

    /// The columns and counts of a text. Needs checkpoints.
    pub fn row(&self, text: u32) -> impl ExactSizeIterator<Item = (u32, u64)> + '_ {
        let (block, i) = self.locate(text);
        block.row(i)
    }

    /// The number of nonzero counts of a text.
    pub fn row_len(&self, text: u32) -> usize {
        let (block, i) = self.locate(text);
        block.row_len(i)
    }

    fn locate(&self, text: u32) -> (&CountBlock, usize) {
        let text = text as usize;
        let row_block = self.row_blocks.partition_point(|row_block| row_block.end <= text);
        (&self.blocks[row_block], text - self.row_blocks[row_block].start)
    }
}

/// The count block of each row block.
struct CountBlocksOutput {
    blocks: Vec<Mutex<CountBlock>>,
    checkpoints: bool,
}

impl Output for CountBlocksOutput {
    fn writer(&self) -> Box<dyn RowWriter + '_> {
        Box::new(CountBlockWriter { output: self, row_block: 0, block: CountBlock::default() })
    }
}

struct CountBlockWriter<'o> {
    output: &'o CountBlocksOutput,
    row_block: usize,
    block: CountBlock,
}

impl RowConsumer for CountBlockWriter<'_> {
    fn row(&mut self, row: &mut Row) {
        self.block.push(row);
    }
}

impl RowWriter for CountBlockWriter<'_> {
    fn begin(&mut self, row_block: usize, _: Range<usize>) {
        self.row_block = row_block;
    }

    fn end(&mut self) {
        let mut block = self.block.take();
        if self.output.checkpoints {
            block.add_checkpoints();
        }
        *lock_ignoring_poison(&self.output.blocks[self.row_block]) = block;
    }
}
