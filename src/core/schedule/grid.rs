//! The grid: tiles of documents times groups of terms, run by workers.
//!
//! The longest tiles come first, so that workers end together. A tile that is all there is of its band is counted straight
//! into the output; the counts of other bands are added up by the worker that does the last of their tiles. So every row is
//! written once, by one worker, and the result depends on neither the workers nor the cut.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::crew::Crew;
use super::run::{Pace, RunOptions, Tiling};
use super::tile::{self, Tile, Tiles};
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::counting::counts::Counts;
use crate::core::counting::job::Job;
use crate::core::counting::tally::{Output, Tally};
use crate::core::documents::batch::Gather;
use crate::core::documents::texts::Texts;
use crate::core::engines::Scratch;
use crate::core::plan::Plan;

/// Less than all of these is counted on the calling thread: a millisecond or so, hardly more than it takes to wake a pool.
/// Nobody looks for signals meanwhile.
const INLINE_BYTES: usize = 128 << 10;
const INLINE_TEXTS: usize = 8 << 10;
const INLINE_CELLS: usize = 1 << 20;

/// So many parts of a band wait for the others before they are added up.
const MOST_PARTS: usize = 8;

/// Cells of a dense matrix that a band has at most: some 10 ms to write, after which a worker sees that it is cancelled.
const BAND_CELLS: usize = 4 << 20;

/// One count, cut into tiles and not yet run.
pub struct Grid<'g, 'a> {
    plan: &'g Plan,
    texts: &'g Texts<'a>,
    tiles: Tiles,
    /// The tiles in the order in which they are taken.
    order: Vec<u32>,
    stretch: usize,
    crew: Crew<'g>,
}

impl<'g, 'a> Grid<'g, 'a> {
    /// For counts, of which so many cells are written for each text.
    pub fn counting(
        plan: &'g Plan,
        texts: &'g Texts<'a>,
        run: RunOptions<'g>,
        cells: usize,
    ) -> Result<Self, CountError> {
        let tiling = Tiling { texts: run.tiling.texts.min(BAND_CELLS / cells.max(1)).max(1), ..run.tiling };
        let is_small = texts.len().saturating_mul(cells) < INLINE_CELLS;
        Self::cut(plan, texts, RunOptions { tiling, ..run }, plan.competes(), is_small)
    }

    /// `together` keeps all groups of the plan in one tile, so that a worker sees all occurrences of a document.
    pub fn new(
        plan: &'g Plan,
        texts: &'g Texts<'a>,
        run: RunOptions<'g>,
        together: bool,
    ) -> Result<Self, CountError> {
        Self::cut(plan, texts, run, together, true)
    }

    fn cut(
        plan: &'g Plan,
        texts: &'g Texts<'a>,
        run: RunOptions<'g>,
        together: bool,
        is_small: bool,
    ) -> Result<Self, CountError> {
        let is_small = is_small && texts.len() < INLINE_TEXTS && !texts.is_larger_than(INLINE_BYTES / plan.effort());
        let crew = Crew::new(run, is_small);
        let tiles = tile::cut(plan, texts, run.tiling, crew.workers(), together, &Pace::new(run.watch))?;
        let order = order(&tiles, texts, run.tiling.band);
        Ok(Self { plan, texts, tiles, order, stretch: run.tiling.stretch, crew })
    }

    /// The runs of texts that will be written.
    pub fn bands(&self) -> &[Range<usize>] {
        &self.tiles.bands
    }

    /// Tells whether the count is cancelled.
    pub fn cancel(&self) -> &AtomicBool {
        &self.crew.cancel
    }

    /// The workers, for work that follows.
    pub fn into_crew(self) -> Crew<'g> {
        self.crew
    }

    /// Counts all texts into the output.
    pub fn count(&self, output: &impl Output) -> Result<(), CountError> {
        self.run(|| Counts::new(self.plan, output.writer()))
    }

    /// Goes through all texts with a tally for each worker.
    pub fn run<T: Tally>(&self, tally: impl Fn() -> T + Sync) -> Result<(), CountError> {
        let Tiles { bands, tiles } = &self.tiles;
        let mut shared: Vec<Mutex<Shared<T::Part>>> = Vec::new();
        shared.resize_with(bands.len(), || Mutex::new(Shared { parts: Vec::new(), to_come: 0 }));
        for tile in tiles {
            lock_ignoring_poison(&shared[tile.band]).to_come += 1;
        }
        let is_whole: Vec<bool> = shared.iter().map(|band| lock_ignoring_poison(band).to_come == 1).collect();
        let begin = || Worker { gather: Gather::default(), scratch: Scratch::default(), tally: tally() };
        self.crew.work(tiles.len(), begin, |worker, job| {
            let tile = &tiles[self.order[job] as usize];
            let texts = bands[tile.band].clone();
            if is_whole[tile.band] {
                worker.tally.begin(tile.band, texts);
                self.count_tile(tile, worker);
                if !self.crew.is_cancelled() {
                    worker.tally.end();
                }
                return;
            }
            self.count_tile(tile, worker);
            let mut part = worker.tally.part();
            let mut band = lock_ignoring_poison(&shared[tile.band]);
            while T::ADDS_UP && band.parts.len() >= MOST_PARTS && band.to_come > 1 {
                let mut parts = std::mem::take(&mut band.parts);
                drop(band);
                parts.push(part);
                part = worker.tally.sum(parts, texts.len(), &self.crew.cancel);
                band = lock_ignoring_poison(&shared[tile.band]);
            }
            band.to_come -= 1;
            band.parts.push(part);
            if band.to_come == 0 && !self.crew.is_cancelled() {
                let parts = std::mem::take(&mut band.parts);
                drop(band);
                worker.tally.begin(tile.band, texts.clone());
                worker.tally.join(parts, texts.len(), &self.crew.cancel);
                worker.tally.end();
            }
        })
    }

    /// Counts a tile, batch by batch.
    fn count_tile<T: Tally>(&self, tile: &Tile, worker: &mut Worker<T>) {
        let Self { plan, texts, tiles, stretch, crew, .. } = self;
        let transform = plan.transform();
        let Range { mut start, end } = tiles.bands[tile.band].clone();
        // Bytes are counted with a band's first group alone, so that they add up to the text's.
        let counts_bytes = tile.groups.start == 0;
        let Worker { gather, scratch, tally } = worker;
        let piece_of = |i: usize| {
            let text = texts.get(i)?;
            Some(tile.piece.as_ref().map_or(text, |piece| text.slice(piece.start, piece.end)))
        };
        while start < end && !crew.is_cancelled() {
            let (batch, taken, bytes) = match &tile.piece {
                Some(piece) => (gather.one(piece_of(start), transform), 1, piece.len()),
                None => gather.batch(texts, start..end, transform),
            };
            let job = Job {
                plan,
                groups: tile.groups.clone(),
                batch,
                text: &|document| piece_of(start + document),
                piece: tile.piece.clone(),
                stretch: *stretch,
                cancel: &crew.cancel,
            };
            tally.batch(&job, scratch);
            if counts_bytes {
                crew.done.fetch_add(bytes as u64, Ordering::Relaxed);
            }
            start += taken;
        }
    }
}

/// A band that several tiles share: what came of those that are done, and how many are to come.
struct Shared<P> {
    parts: Vec<P>,
    to_come: usize,
}

/// A worker's own memory.
struct Worker<T> {
    gather: Gather,
    scratch: Scratch,
    tally: T,
}

/// Tiles longer than a band, as those of one text may be, come first, the longest of them before the others.
fn order(Tiles { bands, tiles }: &Tiles, texts: &Texts<'_>, band: usize) -> Vec<u32> {
    let size = |i: u32| {
        let tile = &tiles[i as usize];
        match (&tile.piece, bands[tile.band].clone()) {
            (Some(piece), _) => piece.len(),
            (None, one) if one.len() == 1 => texts.size(one.start),
            _ => 0,
        }
    };
    let (mut order, rest): (Vec<_>, Vec<_>) = (0..tiles.len() as u32).partition(|&i| size(i) > band);
    order.sort_by_cached_key(|&i| std::cmp::Reverse(size(i)));
    order.extend(rest);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::counting::row::Row;
    use crate::core::counting::tally::{Rows, Writer};
    use crate::core::documents::rows::Documents;
    use crate::core::terms::list::Terms;
    use crate::core::terms::options::Options;
    use crate::core::text::encoding::Text;

    struct Panics;

    impl Output for Panics {
        fn writer(&self) -> Box<dyn Writer + '_> {
            Box::new(Self)
        }
    }

    impl Rows for Panics {
        fn row(&mut self, _: &mut Row) {}
    }

    impl Writer for Panics {
        fn begin(&mut self, band: usize, _: Range<usize>) {
            panic!("band {band} is too much");
        }

        fn end(&mut self) {}
    }

    #[test]
    fn a_panic_is_an_error() {
        let plan = Plan::new(Terms::each([("a", true)]), Options::default()).unwrap();
        let long = "a ".repeat(INLINE_BYTES);
        for text in ["a", &long] {
            let documents = Documents::from_texts([Some(Text::Str(text.as_bytes()))]);
            let grid = Grid::counting(&plan, documents.texts(), RunOptions::with_workers(2), 1).unwrap();
            let error = grid.count(&Panics).unwrap_err();
            let CountError::Panicked { message } = error else { panic!("{error}") };
            assert!(message.starts_with("band 0 is too much"), "{message}");
        }
    }
}
