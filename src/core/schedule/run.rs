//! How a count is run: how many workers, how much text at a time, and who is asked whether to go on.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::core::base::error::CountError;
use crate::core::documents::load_block::PORTION_BYTES;

/// How much text makes a band, a piece, a tile.
#[derive(Clone, Copy, Debug)]
pub struct Tiling {
    /// Bytes of text in a band of several texts.
    pub band: usize,
    /// Bytes of text in a piece of one; a text of twice as many is cut.
    pub piece: usize,
    /// Bytes that one engine searches before the next does, for all engines of a tile together: few enough that what they
    /// find is a few megabytes even if each finds something at each place.
    pub stretch: usize,
    /// Texts in a band. By default, so many empty ones cost about what a full band of text does.
    pub texts: usize,
}

impl Default for Tiling {
    /// Between 64 KB and 1 MB the size hardly matters: large enough that taking a tile costs nothing beside it, small
    /// enough that the last ones end together.
    fn default() -> Self {
        Self { band: 256 << 10, piece: 1 << 20, stretch: 256 << 10, texts: 16 << 10 }
    }
}

/// How a count is run. The result never depends on it.
#[derive(Clone, Copy)]
pub struct RunOptions<'w> {
    /// Threads, at least 1; `None` is all the cores open to this process.
    pub workers: Option<usize>,
    /// Keeps all work on the calling thread.
    pub alone: bool,
    pub tiling: Tiling,
    /// Bytes that are loaded at a time, at most, where texts must be.
    pub portion: usize,
    /// Asked from the calling thread, with the bytes of text done so far, whether to go on.
    pub watch: &'w (dyn Fn(u64) -> bool + Sync),
    /// What the calling thread does first, once the workers are at work: soon done, and to be called more than once.
    pub meanwhile: &'w (dyn Fn() + Sync),
}

impl Default for RunOptions<'_> {
    fn default() -> Self {
        Self {
            workers: None,
            alone: false,
            tiling: Tiling::default(),
            portion: PORTION_BYTES,
            watch: &|_| true,
            meanwhile: &|| (),
        }
    }
}

impl RunOptions<'_> {
    pub fn with_workers(workers: usize) -> Self {
        Self { workers: Some(workers), ..Self::default() }
    }
}

/// How long the calling thread sleeps between two looks.
pub const WATCH_INTERVAL: Duration = Duration::from_millis(50);

/// Asks a watch now and then, for what the calling thread does itself.
pub struct Pace<'w> {
    watch: &'w (dyn Fn(u64) -> bool + Sync),
    asked: Cell<Instant>,
}

impl<'w> Pace<'w> {
    pub fn new(watch: &'w (dyn Fn(u64) -> bool + Sync)) -> Self {
        Self { watch, asked: Cell::new(Instant::now()) }
    }

    /// Whether to go on. To be called every few milliseconds at least; a call takes 30 ns.
    pub fn check(&self) -> Result<(), CountError> {
        if self.asked.get().elapsed() < WATCH_INTERVAL {
            return Ok(());
        }
        let goes_on = (self.watch)(0);
        self.asked.set(Instant::now());
        if goes_on { Ok(()) } else { Err(CountError::Cancelled) }
    }
}
