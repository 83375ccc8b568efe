//! What workers make of occurrences, and where the rows of counts go.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use super::batch_job::BatchJob;
use super::count_block::CountBlock;
use super::row::Row;
use crate::core::engines::Scratch;

/// What a worker makes of the occurrences in its tiles.
pub trait Reducer {
    /// What comes of a tile that shares its band with others.
    type Partial: Send;

    /// What follows, up to [`Reducer::end`], is about the texts of one band, all of them.
    fn begin(&mut self, row_block: usize, texts: Range<usize>);

    /// Takes in a batch: the next texts of the band that was begun, or if none was, a part of one.
    fn batch(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch);

    fn end(&mut self);

    /// What the batches made that belong to no band begun.
    fn partial(&mut self) -> Self::Partial;

    /// Whether parts can be added up before all are there, so that no more than a few wait.
    const ADDS_UP: bool;

    /// Adds up some of the parts of a band.
    fn sum(&mut self, parts: Vec<Self::Partial>, texts: usize, cancel: &AtomicBool) -> Self::Partial;

    /// Takes in all parts of the band that was begun.
    fn join(&mut self, parts: Vec<Self::Partial>, texts: usize, cancel: &AtomicBool);
}

/// Takes the counts of texts, one text after another.
pub trait RowConsumer {
    /// Takes the next text's counts and leaves the row at zero.
    fn row(&mut self, row: &mut Row);
}

/// What a worker writes its rows with.
pub trait RowWriter: RowConsumer {
    /// The next rows are those of a band.
    fn begin(&mut self, row_block: usize, texts: Range<usize>);
    /// All rows of the band are written.
    fn end(&mut self);
}

/// Where counts go.
pub trait Output: Sync {
    fn writer(&self) -> Box<dyn RowWriter + '_>;
}

impl RowConsumer for CountBlock {
    fn row(&mut self, row: &mut Row) {
        self.push(row);
    }
}
