//! How a count is run: how many workers, how much text at a time, and who is asked whether to go on.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::core::base::error::CountError;
use crate::core::documents::load_block::LOAD_BLOCK_BYTES;

/// How much text makes a band, a piece, a tile.
#[derive(Clone, Copy, Debug)]
pub struct TileSizes {
    /// Bytes of text in a band of several texts.
    pub row_block: usize,
    /// Bytes of text in a piece of one; a text of twice as many is cut.
    pub section: usize,
    /// Bytes that one engine searches before the next does, for all engines of a tile together: few enough that what they
    /// find is a few megabytes even if each finds something at each place.
    pub slice: usize,
    /// Texts in a band. By default, so many empty ones cost about what a full band of text does.
    pub texts: usize,
}

impl Default for TileSizes {
    /// Between 64 KB and 1 MB the size hardly matters: large enough that taking a tile costs nothing beside it, small
    /// enough that the last ones end together.
    fn default() -> Self {
        Self { row_block: 256 << 10, section: 1 << 20, slice: 256 << 10, texts: 16 << 10 }
    }
}

/// How a count is run. The result never depends on it.
#[derive(Clone, Copy)]
pub struct RunOptions<'w> {
    /// Threads, at least 1; `None` is all the cores open to this process.
    pub workers: Option<usize>,
    /// Keeps all work on the calling thread.
    pub on_calling_thread: bool,
    pub tile_sizes: TileSizes,
    /// Bytes that are loaded at a time, at most, where texts must be.
    pub load_block_bytes: usize,
    /// Asked from the calling thread, with the bytes of text done so far, whether to go on.
    pub on_progress: &'w (dyn Fn(u64) -> bool + Sync),
    /// What the calling thread does first, once the workers are at work: soon done, and to be called more than once.
    pub while_running: &'w (dyn Fn() + Sync),
}

impl Default for RunOptions<'_> {
    fn default() -> Self {
        Self {
            workers: None,
            on_calling_thread: false,
            tile_sizes: TileSizes::default(),
            load_block_bytes: LOAD_BLOCK_BYTES,
            on_progress: &|_| true,
            while_running: &|| (),
        }
    }
}

impl RunOptions<'_> {
    pub fn with_workers(workers: usize) -> Self {
        Self { workers: Some(workers), ..Self::default() }
    }
}

/// How long the calling thread sleeps between two looks.
pub const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Asks a watch now and then, for what the calling thread does itself.
pub struct CancelTimer<'w> {
    on_progress: &'w (dyn Fn(u64) -> bool + Sync),
    checked_at: Cell<Instant>,
}

impl<'w> CancelTimer<'w> {
    pub fn new(on_progress: &'w (dyn Fn(u64) -> bool + Sync)) -> Self {
        Self { on_progress, checked_at: Cell::new(Instant::now()) }
    }

    /// Whether to go on. To be called every few milliseconds at least; a call takes 30 ns.
    pub fn check(&self) -> Result<(), CountError> {
        if self.checked_at.get().elapsed() < CHECK_INTERVAL {
            return Ok(());
        }
        let keep_going = (self.on_progress)(0);
        self.checked_at.set(Instant::now());
        if keep_going { Ok(()) } else { Err(CountError::Cancelled) }
    }
}
