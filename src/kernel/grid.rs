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

use super::batch::Gather;
use super::documents::Texts;
use super::engine::Scratch;
use super::error::CountError;
use super::plan::Plan;
use super::pool::{cores, with_pool};
use super::resolve::Resolved;
use super::tally::{Block, Job, Streamed, Tally};
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

/// What takes the counts, or whatever blocks hold.
pub trait Output<B = Block>: Sync {
    /// Takes the block of the texts of one band; called once for each band, from any worker.
    fn deliver(&self, band: usize, texts: Range<usize>, block: B);
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
    /// For counts.
    pub fn counting(plan: &'g Plan, texts: &'g Texts<'a>, run: Run<'g>) -> Self {
        Self::new(plan, texts, run, plan.competes())
    }

    /// `together` keeps all groups of the plan in one tile, so that a worker sees all occurrences of a document.
    pub fn new(plan: &'g Plan, texts: &'g Texts<'a>, run: Run<'g>, together: bool) -> Self {
        assert_ne!(run.workers, Some(0), "the number of workers");
        let small = !texts.is_larger_than(INLINE_BYTES);
        let workers = (!small).then(|| run.workers.unwrap_or_else(cores));
        let tiles = tile::cut(plan, texts, run.tiling, workers.unwrap_or(1), together);
        let workers = workers.map(|workers| workers.min(tiles.tiles.len()).max(1));
        Self { plan, texts, run, tiles, workers }
    }

    /// The runs of texts that will be delivered.
    pub fn bands(&self) -> &[Range<usize>] {
        &self.tiles.bands
    }

    /// Counts all texts, delivering band by band.
    pub fn count(&self, output: &impl Output) -> Result<(), CountError> {
        if self.plan.competes() { self.run::<Resolved>(output) } else { self.run::<Streamed>(output) }
    }

    /// Goes through all texts with a tally for each worker, delivering band by band.
    pub fn run<T: Tally>(&self, output: &impl Output<T::Block>) -> Result<(), CountError> {
        let state = State::<T, _>::new(self, output);
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
struct State<'s, 'g, 'a, T: Tally, O: Output<T::Block>> {
    grid: &'s Grid<'g, 'a>,
    output: &'s O,
    /// The tiles in the order in which they are taken.
    order: Vec<usize>,
    /// By band: the blocks of its tiles that are done, and how many are to come.
    pending: Vec<Mutex<Pending<T::Block>>>,
    next: AtomicUsize,
    /// Bytes of text done.
    done: AtomicU64,
    cancel: AtomicBool,
    panic: Mutex<Option<String>>,
    running: Running,
}

struct Pending<B> {
    blocks: Vec<B>,
    to_come: usize,
}

/// A worker's own memory.
struct Worker<T> {
    gather: Gather,
    scratch: Scratch,
    tally: T,
}

impl<'s, 'g, 'a, T: Tally, O: Output<T::Block>> State<'s, 'g, 'a, T, O> {
    fn new(grid: &'s Grid<'g, 'a>, output: &'s O) -> Self {
        let Tiles { bands, tiles } = &grid.tiles;
        let mut pending: Vec<Mutex<Pending<T::Block>>> = Vec::new();
        pending.resize_with(bands.len(), || Mutex::new(Pending { blocks: Vec::new(), to_come: 0 }));
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
            let mut worker =
                Worker { gather: Gather::default(), scratch: Scratch::default(), tally: T::new(self.grid.plan) };
            while let Some(&tile) = self.order.get(self.next.fetch_add(1, Ordering::Relaxed)) {
                let tile = &self.grid.tiles.tiles[tile];
                let blocks = self.count_tile(tile, &mut worker);
                if self.cancel.load(Ordering::Relaxed) {
                    return;
                }
                self.finish_tile(tile, blocks, &mut worker.tally);
            }
        };
        // What a panic leaves half-done is dropped: the whole count fails.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.cancel.store(true, Ordering::Relaxed);
            locked(&self.panic).get_or_insert(message(panic));
        }
    }

    /// The blocks of a tile.
    fn count_tile(&self, tile: &Tile, worker: &mut Worker<T>) -> Vec<T::Block> {
        let Grid { plan, texts, tiles, .. } = self.grid;
        let transform = plan.options().transform();
        let Range { mut start, end } = tiles.bands[tile.band].clone();
        // Bytes are counted with a band's first group alone, so that they add up to the text's.
        let counts_bytes = tile.groups.start == 0;
        let Worker { gather, scratch, tally } = worker;
        let piece_of = |i: usize| {
            let text = texts.get(i)?;
            Some(tile.piece.as_ref().map_or(text, |piece| text.slice(piece.start, piece.end)))
        };
        while start < end && !self.cancel.load(Ordering::Relaxed) {
            let (batch, taken) = match &tile.piece {
                Some(_) => (gather.one(piece_of(start), transform), 1),
                None => gather.batch(texts, start..end, transform),
            };
            let job = Job {
                plan,
                groups: tile.groups.clone(),
                batch,
                text: &|document| piece_of(start + document),
                piece: tile.piece.clone(),
                cancel: &self.cancel,
            };
            tally.batch(&job, scratch);
            if counts_bytes {
                let bytes = match &tile.piece {
                    Some(piece) => piece.len(),
                    None => texts.size_of(start..start + taken),
                };
                self.done.fetch_add(bytes as u64, Ordering::Relaxed);
            }
            start += taken;
        }
        tally.take(tile.groups.clone())
    }

    /// Adds a tile's blocks to its band's, and delivers them if they are the last.
    fn finish_tile(&self, tile: &Tile, mut blocks: Vec<T::Block>, tally: &mut T) {
        let mut pending = locked(&self.pending[tile.band]);
        pending.to_come -= 1;
        pending.blocks.append(&mut blocks);
        if pending.to_come > 0 {
            return;
        }
        let blocks = std::mem::take(&mut pending.blocks);
        drop(pending);
        let texts = self.grid.tiles.bands[tile.band].clone();
        let block = tally.merge(blocks, texts.len());
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
            let grid = Grid::counting(&plan, documents.texts(), Run::with_workers(2));
            let error = grid.count(&Panics).unwrap_err();
            assert_eq!(error, CountError::Panicked { message: "band 0 is too much".into() });
        }
    }
}
