//! The counts of all texts, kept in blocks: for results whose rows cannot be written as they come.

use std::ops::Range;
use std::sync::Mutex;

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::counting::block::Block;
use crate::core::counting::row::Row;
use crate::core::counting::tally::{Output, Rows, Writer};
use crate::core::documents::texts::Texts;
use crate::core::plan::Plan;
use crate::core::schedule::crew::Crew;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::run::RunOptions;

/// The counts of all texts, a block for each band.
pub struct Collected {
    bands: Vec<Range<usize>>,
    blocks: Vec<Block>,
}

impl Collected {
    /// Counts all texts; `mark` makes blocks in which texts are quick to look up. Also gives the workers, for what follows.
    pub fn new<'r>(
        plan: &'r Plan,
        texts: &'r Texts<'_>,
        run: RunOptions<'r>,
        mark: bool,
    ) -> Result<(Self, Crew<'r>), CountError> {
        let grid = Grid::counting(plan, texts, run, 0)?;
        let output = Collecting { blocks: grid.bands().iter().map(|_| Mutex::default()).collect(), mark };
        grid.count(&output)?;
        let blocks =
            output.blocks.into_iter().map(|block| std::mem::take(&mut *lock_ignoring_poison(&block))).collect();
        Ok((Self { bands: grid.bands().to_vec(), blocks }, grid.into_crew()))
    }

    pub fn into_blocks(self) -> Vec<Block> {
        self.blocks
    }

    /// The columns and counts of a text. Blocks must be marked.
    pub fn row(&self, text: u32) -> impl ExactSizeIterator<Item = (u32, u64)> + '_ {
        let (block, i) = self.place(text);
        block.row(i)
    }

    /// How many counts a text has.
    pub fn row_len(&self, text: u32) -> usize {
        let (block, i) = self.place(text);
        block.row_len(i)
    }

    fn place(&self, text: u32) -> (&Block, usize) {
        let text = text as usize;
        let band = self.bands.partition_point(|band| band.end <= text);
        (&self.blocks[band], text - self.bands[band].start)
    }
}

/// By band, the block that a worker made of it.
struct Collecting {
    blocks: Vec<Mutex<Block>>,
    mark: bool,
}

impl Output for Collecting {
    fn writer(&self) -> Box<dyn Writer + '_> {
        Box::new(Collector { output: self, band: 0, growing: Block::default() })
    }
}

struct Collector<'o> {
    output: &'o Collecting,
    band: usize,
    growing: Block,
}

impl Rows for Collector<'_> {
    fn row(&mut self, row: &mut Row) {
        self.growing.push(row);
    }
}

impl Writer for Collector<'_> {
    fn begin(&mut self, band: usize, _: Range<usize>) {
        self.band = band;
    }

    fn end(&mut self) {
        let mut block = self.growing.take();
        if self.output.mark {
            block.mark();
        }
        *lock_ignoring_poison(&self.output.blocks[self.band]) = block;
    }
}
