//! The grid: tiles of documents times groups of terms, run by workers.
//!
//! Workers take the next tile from a counter until none is left; the longest come first, so that they end together.
//! The counts of a band's tiles are added up by the worker that does the last of them and delivered as one block, so
//! every row is written once, by one worker, and the result depends on neither the workers nor the cut.
//!
//! The calling thread does no counting. It watches: about twenty times a second it asks the caller whether to go on.
//! A small count runs on the calling thread itself, since waking a pool would take longer.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::batch::{Batch, Gather};
use super::documents::Texts;
use super::engine::{Engine, Scratch};
use super::error::CountError;
use super::plan::Plan;
use super::pool::{cores, with_pool};
use super::tally::{Block, Row, Tally};
use super::tile::{self, Tile, Tiles, Tiling};

/// How a count is run. The result never depends on it.
#[derive(Clone, Copy)]
pub struct Run<'w> {
    /// Threads, at least 1; `None` is all the cores open to this process.
    pub workers: Option<usize>,
    pub tiling: Tiling,
    /// Asked from the calling thread, with the bytes of text done so far, whether to go on.
    pub watch: &'w (dyn Fn(u64) -> bool + Sync),
}

impl Default for Run<'_> {
    fn default() -> Self {
        Self { workers: None, tiling: Tiling::default(), watch: &|_| true }
    }
}

impl Run<'_> {
    pub fn with_workers(workers: usize) -> Self {
        Self { workers: Some(workers), ..Self::default() }
    }
}

/// What takes the counts.
pub trait Output: Sync {
    /// Takes the counts of the texts of one band; called once for each band, from any worker.
    fn deliver(&self, band: usize, texts: Range<usize>, block: Block);
}

/// Less text than this is counted on the calling thread: a millisecond, hardly more than it takes to wake a pool.
const INLINE_BYTES: u64 = 128 << 10;

/// How long the calling thread sleeps between two looks.
const WATCH_INTERVAL: Duration = Duration::from_millis(50);

/// One count, cut into tiles and not yet run.
pub struct Grid<'g, 'a> {
    plan: &'g Plan,
    texts: &'g Texts<'a>,
    run: Run<'g>,
    tiles: Tiles,
    /// Threads of a pool, or `None` for the calling thread.
    workers: Option<usize>,
}

impl<'g, 'a> Grid<'g, 'a> {
    pub fn new(plan: &'g Plan, texts: &'g Texts<'a>, run: Run<'g>) -> Self {
        assert_ne!(run.workers, Some(0), "the number of workers");
        let small = !texts.is_larger_than(INLINE_BYTES);
        let workers = (!small).then(|| run.workers.unwrap_or_else(cores));
        let tiles = tile::cut(plan, texts, run.tiling, workers.unwrap_or(1));
        let workers = workers.map(|workers| workers.min(tiles.tiles.len()).max(1));
        Self { plan, texts, run, tiles, workers }
    }

    /// The runs of texts that will be delivered.
    pub fn bands(&self) -> &[Range<usize>] {
        &self.tiles.bands
    }

    /// Counts all texts, delivering band by band.
    pub fn run(&self, output: &impl Output) -> Result<(), CountError> {
        let state = State::new(self, output);
        match self.workers {
            None => state.work(),
            Some(workers) => with_pool(workers, |pool| {
                pool.in_place_scope(|scope| {
                    state.running.add(workers);
                    for _ in 0..workers {
                        scope.spawn(|_| {
                            state.work();
                            state.running.remove_one();
                        });
                    }
                    // Once it has said no, the watch is not asked again.
                    let mut goes_on = true;
                    while !state.running.is_zero_within(WATCH_INTERVAL) {
                        goes_on = goes_on && (self.run.watch)(state.done.load(Ordering::Relaxed));
                        state.cancel.fetch_or(!goes_on, Ordering::Relaxed);
                    }
                });
            })?,
        }
        state.result()
    }
}

/// A grid at work.
struct State<'s, 'g, 'a, O: Output> {
    grid: &'s Grid<'g, 'a>,
    output: &'s O,
    /// The tiles in the order in which they are taken.
    order: Vec<usize>,
    /// By band: the blocks of its tiles that are done, and how many are to come.
    pending: Vec<Mutex<Pending>>,
    next: AtomicUsize,
    /// Bytes of text done.
    done: AtomicU64,
    cancel: AtomicBool,
    panic: Mutex<Option<String>>,
    running: Running,
}

#[derive(Default)]
struct Pending {
    blocks: Vec<Block>,
    to_come: usize,
}

/// A worker's own memory.
struct Worker {
    gather: Gather,
    scratch: Scratch,
    row: Row,
    /// By group.
    tallies: Vec<Tally>,
}

impl<'s, 'g, 'a, O: Output> State<'s, 'g, 'a, O> {
    fn new(grid: &'s Grid<'g, 'a>, output: &'s O) -> Self {
        let Tiles { bands, tiles } = &grid.tiles;
        let mut pending: Vec<Mutex<Pending>> = Vec::new();
        pending.resize_with(bands.len(), Mutex::default);
        for tile in tiles {
            locked(&pending[tile.band]).to_come += 1;
        }
        // Tiles of one text may be longer than a band.
        let size = |i: usize| match (&tiles[i].piece, bands[tiles[i].band].clone()) {
            (Some(piece), _) => piece.len(),
            (None, texts) if texts.len() == 1 => grid.texts.size_of(texts),
            _ => 0,
        };
        let (mut order, rest): (Vec<_>, Vec<_>) = (0..tiles.len()).partition(|&i| size(i) > grid.run.tiling.band);
        order.sort_by_cached_key(|&i| std::cmp::Reverse(size(i)));
        order.extend(rest);
        Self {
            grid,
            output,
            order,
            pending,
            next: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            cancel: AtomicBool::new(false),
            panic: Mutex::new(None),
            running: Running::default(),
        }
    }

    /// Does tiles until none is left, or until the count is cancelled.
    fn work(&self) {
        let work = || {
            let plan = self.grid.plan;
            let mut worker = Worker {
                gather: Gather::default(),
                scratch: Scratch::default(),
                row: Row::new(plan.columns()),
                tallies: plan.groups().iter().map(|_| Tally::new(plan)).collect(),
            };
            while let Some(&tile) = self.order.get(self.next.fetch_add(1, Ordering::Relaxed)) {
                let tile = &self.grid.tiles.tiles[tile];
                let blocks = self.count_tile(tile, &mut worker);
                if self.cancel.load(Ordering::Relaxed) {
                    return;
                }
                self.finish_tile(tile, blocks, &mut worker.row);
            }
        };
        // What a panic leaves half-done is dropped: the whole count fails.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.cancel.store(true, Ordering::Relaxed);
            locked(&self.panic).get_or_insert(message(panic));
        }
    }

    /// The counts of a tile, a block for each of its groups.
    fn count_tile(&self, tile: &Tile, worker: &mut Worker) -> Vec<Block> {
        let Grid { plan, texts, tiles, .. } = self.grid;
        let transform = plan.options().transform();
        let Range { mut start, end } = tiles.bands[tile.band].clone();
        // Bytes are counted with a band's first group alone, so that they add up to the text's.
        let counts_bytes = tile.groups.start == 0;
        let Worker { gather, scratch, row, tallies } = worker;
        let mut scan = |batch: Batch<'_>| {
            let groups = tile.groups.clone();
            for (tally, group) in tallies[groups.clone()].iter_mut().zip(&plan.groups()[groups]) {
                tally.batch(plan, batch, row, &self.cancel, |counting| {
                    group.engine.scan(batch, scratch, counting);
                });
            }
        };
        while start < end && !self.cancel.load(Ordering::Relaxed) {
            let taken = match &tile.piece {
                Some(piece) => {
                    let text = texts.get(start).map(|text| text.slice(piece.start, piece.end));
                    scan(gather.one(text, transform));
                    1
                }
                None => {
                    let (batch, taken) = gather.batch(texts, start..end, transform);
                    scan(batch);
                    taken
                }
            };
            if counts_bytes {
                let bytes = match &tile.piece {
                    Some(piece) => piece.len(),
                    None => texts.size_of(start..start + taken),
                };
                self.done.fetch_add(bytes as u64, Ordering::Relaxed);
            }
            start += taken;
        }
        tallies[tile.groups.clone()].iter_mut().map(Tally::take).collect()
    }

    /// Adds a tile's blocks to its band's, and delivers them if they are the last.
    fn finish_tile(&self, tile: &Tile, mut blocks: Vec<Block>, row: &mut Row) {
        let mut pending = locked(&self.pending[tile.band]);
        pending.to_come -= 1;
        pending.blocks.append(&mut blocks);
        if pending.to_come > 0 {
            return;
        }
        let blocks = std::mem::take(&mut pending.blocks);
        drop(pending);
        let texts = self.grid.tiles.bands[tile.band].clone();
        let block = Block::sum(blocks, texts.len(), row);
        self.output.deliver(tile.band, texts, block);
    }

    fn result(&self) -> Result<(), CountError> {
        if let Some(message) = locked(&self.panic).take() {
            return Err(CountError::Panicked { message });
        }
        if self.cancel.load(Ordering::Relaxed) {
            return Err(CountError::Cancelled);
        }
        Ok(())
    }
}

/// A lock whatever became of those who held it: a worker that panics fails the whole count anyway.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn message(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().map_or("a panic without a message", |message| message).to_string(),
    }
}

/// How many workers are at work.
#[derive(Default)]
struct Running {
    workers: Mutex<usize>,
    changed: Condvar,
}

impl Running {
    fn add(&self, workers: usize) {
        *locked(&self.workers) += workers;
    }

    fn remove_one(&self) {
        *locked(&self.workers) -= 1;
        self.changed.notify_all();
    }

    /// Waits until no worker is at work, but no longer than `most`.
    fn is_zero_within(&self, most: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(locked(&self.workers), most, |workers| *workers > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::documents::Documents;
    use super::super::plan::Options;
    use super::super::terms::Terms;
    use super::super::text::Text;
    use super::*;

    struct Panics;

    impl Output for Panics {
        fn deliver(&self, band: usize, _: Range<usize>, _: Block) {
            panic!("band {band} is too much");
        }
    }

    #[test]
    fn a_panic_is_an_error() {
        let plan = Plan::new(Terms::each([("a", true)]), Options::default()).unwrap();
        let long = "a ".repeat(INLINE_BYTES as usize);
        for text in ["a", &long] {
            let documents = Documents::from_texts([Some(Text::Str(text.as_bytes()))]);
            let grid = Grid::new(&plan, documents.texts(), Run::with_workers(2));
            let error = grid.run(&Panics).unwrap_err();
            assert_eq!(error, CountError::Panicked { message: "band 0 is too much".into() });
        }
    }
}
