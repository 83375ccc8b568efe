//! The grid: tiles (documents times engine groups), counted by workers.
//!
//! The longest tiles are taken first, so that all workers finish at about the same time. A tile that is its whole row
//! block is counted straight into the output. If several tiles share a row block, the worker that finishes the last
//! of them adds up their counts. So each row is written once, by one worker, and results depend on neither the
//! workers nor the tiles.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::run_options::{CancelTimer, RunOptions, TileSizes};
use super::tile::{self, Tile, Tiles};
use super::workers::WorkerTeam;
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::counting::batch_job::BatchJob;
use crate::core::counting::count_reducer::CountReducer;
use crate::core::counting::reducer::{Begin, Reducer};
use crate::core::documents::batch::BatchBuffer;
use crate::core::documents::texts::Texts;
use crate::core::engines::Scratch;
use crate::core::plan::Plan;

/// A count below all of these limits runs on the calling thread. It takes about a millisecond, hardly more than
/// waking a pool. It does not check for cancellation.
const INLINE_BYTES: usize = 128 << 10;
const INLINE_TEXTS: usize = 8 << 10;
pub const INLINE_CELLS: usize = 1 << 20;

/// The partial results of a row block are added up when there are this many.
const MOST_PARTS: usize = 8;

/// The most cells in a row block of a dense matrix. They take about 10 ms to write, and then the worker checks for
/// cancellation.
const ROW_BLOCK_CELLS: usize = 4 << 20;

/// A count that is cut into tiles, ready to run.
pub struct Grid<'g, 'a> {
    plan: &'g Plan,
    texts: &'g Texts<'a>,
    tiles: Tiles,
    /// The tiles in the order in which workers take them.
    order: Vec<u32>,
    slice: usize,
    team: WorkerTeam<'g>,
}

impl<'g, 'a> Grid<'g, 'a> {
    /// `cells` is the number of cells that are written for each text. With `all_groups`, each tile has all engine
    /// groups of the plan, so a worker sees all matches of a document.
    pub fn new(
        plan: &'g Plan,
        texts: &'g Texts<'a>,
        run: RunOptions<'g>,
        cells: usize,
        all_groups: bool,
    ) -> Result<Self, CountError> {
        let most_texts = (ROW_BLOCK_CELLS / cells.max(1)).max(1);
        let sizes = TileSizes { texts: run.tile_sizes.texts.min(most_texts), ..run.tile_sizes };
        let is_small = texts.len().saturating_mul(cells) < INLINE_CELLS
            && texts.len() < INLINE_TEXTS
            && texts.nbytes() <= (INLINE_BYTES / plan.cost_factor()) as u64;
        let team = WorkerTeam::new(run, 0, is_small);
        let timer = CancelTimer::new(run.on_progress);
        let tiles = tile::make_tiles(plan, texts, sizes, team.workers(), all_groups, &timer)?;
        let order = order(&tiles, texts, sizes.row_block);
        Ok(Self { plan, texts, tiles, order, slice: sizes.slice, team })
    }

    /// For counting.
    pub fn counting(
        plan: &'g Plan,
        texts: &'g Texts<'a>,
        run: RunOptions<'g>,
        cells: usize,
    ) -> Result<Self, CountError> {
        Self::new(plan, texts, run, cells, plan.competes())
    }

    /// The row blocks, as ranges of texts.
    pub fn row_blocks(&self) -> &[Range<usize>] {
        &self.tiles.row_blocks
    }

    /// The flag that cancels the count.
    pub fn cancel(&self) -> &AtomicBool {
        &self.team.cancel
    }

    /// Bytes of text that were counted.
    pub fn bytes_done(&self) -> u64 {
        self.team.bytes_done()
    }

    /// Counts all texts. Each row block gets a writer of its own.
    pub fn count<'o>(&self, begin: &'o Begin<'o>) -> Result<(), CountError> {
        self.run(|| CountReducer::new(self.plan, begin))
    }

    /// Searches all texts. Each worker gets a reducer of its own.
    pub fn run<T: Reducer>(&self, reducer: impl Fn() -> T + Sync) -> Result<(), CountError> {
        let Tiles { row_blocks, tiles } = &self.tiles;
        let mut tile_counts = vec![0; row_blocks.len()];
        tiles.iter().for_each(|tile| tile_counts[tile.row_block] += 1);
        let shared_block = |&remaining: &usize| Mutex::new(SharedRowBlock { parts: Vec::new(), remaining });
        let shared: Vec<_> = tile_counts.iter().map(shared_block).collect();
        let begin = || Worker { buffer: BatchBuffer::default(), scratch: Scratch::default(), reducer: reducer() };
        self.team.work(tiles.len(), begin, |worker, job| {
            let tile = &tiles[self.order[job] as usize];
            let texts = row_blocks[tile.row_block].clone();
            if tile_counts[tile.row_block] == 1 {
                worker.reducer.begin(tile.row_block, texts);
                self.count_tile(tile, worker);
                if !self.team.is_cancelled() {
                    worker.reducer.end();
                }
                return;
            }
            self.count_tile(tile, worker);
            let mut part = worker.reducer.partial();
            let mut row_block = lock_ignoring_poison(&shared[tile.row_block]);
            while T::ADDS_UP && row_block.parts.len() >= MOST_PARTS && row_block.remaining > 1 {
                let mut parts = std::mem::take(&mut row_block.parts);
                drop(row_block);
                parts.push(part);
                part = worker.reducer.sum(parts, texts.len(), &self.team.cancel);
                row_block = lock_ignoring_poison(&shared[tile.row_block]);
            }
            row_block.remaining -= 1;
            row_block.parts.push(part);
            if row_block.remaining == 0 && !self.team.is_cancelled() {
                let parts = std::mem::take(&mut row_block.parts);
                drop(row_block);
                worker.reducer.begin(tile.row_block, texts.clone());
                worker.reducer.join(parts, texts.len(), &self.team.cancel);
                worker.reducer.end();
            }
        })
    }

    /// Counts a tile, batch by batch.
    fn count_tile<T: Reducer>(&self, tile: &Tile, worker: &mut Worker<T>) {
        let Self { plan, texts, tiles, slice, team, .. } = self;
        let transform = plan.transform();
        let Range { mut start, end } = tiles.row_blocks[tile.row_block].clone();
        // Only the first engine group adds to the progress, so that each byte is reported once.
        let counts_bytes = tile.groups.start == 0;
        let Worker { buffer, scratch, reducer } = worker;
        let section_of = |i: usize| {
            let text = texts.get(i)?;
            Some(tile.section.as_ref().map_or(text, |section| text.slice(section.start, section.end)))
        };
        while start < end && !team.is_cancelled() {
            let (batch, taken, bytes) = match &tile.section {
                Some(section) => (buffer.one(section_of(start), transform), 1, section.len()),
                None => buffer.batch(texts, start..end, transform),
            };
            let job = BatchJob {
                plan,
                groups: tile.groups.clone(),
                batch,
                text: &|document| section_of(start + document),
                section: tile.section.clone(),
                slice: *slice,
                cancel: &team.cancel,
            };
            reducer.batch(&job, scratch);
            if counts_bytes {
                team.done.fetch_add(bytes as u64, Ordering::Relaxed);
            }
            start += taken;
        }
    }
}

/// A row block that several tiles share: the partial results so far, and the number of tiles that are not done.
struct SharedRowBlock<P> {
    parts: Vec<P>,
    remaining: usize,
}

/// A worker's own memory.
struct Worker<T> {
    buffer: BatchBuffer,
    scratch: Scratch,
    reducer: T,
}

/// Tiles of single texts that are longer than a row block come first, the longest before the others.
fn order(Tiles { row_blocks, tiles }: &Tiles, texts: &Texts<'_>, row_block: usize) -> Vec<u32> {
    let size = |tile: &Tile| match (&tile.section, row_blocks[tile.row_block].clone()) {
        (Some(section), _) => section.len(),
        (None, one) if one.len() == 1 => texts.size(one.start),
        _ => 0,
    };
    let mut order: Vec<u32> = (0..tiles.len() as u32).collect();
    order.sort_by_cached_key(|&i| Reverse(Some(size(&tiles[i as usize])).filter(|&size| size > row_block)));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::documents::rows::Documents;
    use crate::core::terms::list::Terms;
    use crate::core::terms::options::Options;
    use crate::core::text::encoding::Text;

    #[test]
    fn a_panic_is_an_error() {
        let plan = Plan::new(Terms::each([("a", true)]), Options::default()).unwrap();
        let long = "a ".repeat(INLINE_BYTES);
        for text in ["a", &long] {
            let documents = Documents::from_texts([Some(Text::Str(text.as_bytes()))]);
            let grid = Grid::counting(&plan, documents.texts(), RunOptions::with_workers(2), 1).unwrap();
            let error = grid.count(&|row_block, _| panic!("row block {row_block} fails")).unwrap_err();
            let CountError::Panicked { message } = error else { panic!("{error}") };
            assert!(message.starts_with("row block 0 fails"), "{message}");
        }
    }
}
