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
pub trait RowConsumer {
    /// Takes the next text's counts and sets the row to zero.
    fn row(&mut self, row: &mut Row);
}

/// Writes a worker's rows to the output.
pub trait RowWriter: RowConsumer {
    /// Begins a row block: the next rows belong to it.
    fn begin(&mut self, row_block: usize, texts: Range<usize>);
    /// Ends the row block: all of its rows are written.
    fn end(&mut self);
}

/// The destination of counts.
pub trait Output: Sync {
    fn writer(&self) -> Box<dyn RowWriter + '_>;
}

impl RowConsumer for CountBlock {
    fn row(&mut self, row: &mut Row) {
        self.push(row);
    }
}
