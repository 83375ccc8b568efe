//! The traits for what workers do with matches, and for what takes rows of counts.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use super::batch_job::BatchJob;
use super::count_block::CountBlock;
use super::row::Row;
use crate::core::engines::Scratch;

/// What a worker does with the matches in its tiles.
pub trait Reducer {
    /// The result of a tile that shares its row block with other tiles.
    type Partial: Send;

    /// Begins a row block: the next batches are all of its texts, up to [`Reducer::end`].
    fn begin(&mut self, row_block: usize, texts: Range<usize>);

    /// Searches a batch: the next texts of the row block that was begun, or of a tile that shares its row block.
    fn batch(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch);

    fn end(&mut self);

    /// The result of the batches since the last call that belong to no begun row block.
    fn partial(&mut self) -> Self::Partial;

    /// Whether partial results can be added up before all are done, so that only a few wait.
    const ADDS_UP: bool;

    /// Adds up some partial results of a row block.
    fn sum(&mut self, parts: Vec<Self::Partial>, texts: usize, cancel: &AtomicBool) -> Self::Partial;

    /// Takes all partial results of the row block that was begun.
    fn join(&mut self, parts: Vec<Self::Partial>, texts: usize, cancel: &AtomicBool);
}

/// Takes the counts of texts, one text after another.
pub trait RowWriter {
    /// Takes the next text's counts and sets the row to zero.
    fn row(&mut self, row: &mut Row);

    /// Called after the last row, unless the count was cancelled.
    fn end(&mut self) {}
}

/// Makes the writer of a row block, from its number and its texts.
pub type Begin<'o> = dyn Fn(usize, Range<usize>) -> Box<dyn RowWriter + 'o> + Sync + 'o;

impl<F: FnMut(&mut Row)> RowWriter for F {
    fn row(&mut self, row: &mut Row) {
        self(row);
    }
}

impl RowWriter for CountBlock {
    fn row(&mut self, row: &mut Row) {
        self.push(row);
    }
}
