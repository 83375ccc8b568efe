//! How to run a count: the number of workers, the sizes of tiles and load blocks, progress and cancellation.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::default_workers::DefaultWorkers;
use crate::core::base::error::CountError;
use crate::core::documents::load_block::LOAD_BLOCK_BYTES;

/// The sizes of tiles. Results never depend on them.
#[derive(Clone, Copy, Debug)]
pub struct TileSizes {
    /// Bytes of text in a row block of several texts.
    pub row_block: usize,
    /// Bytes of text in a section of a long text. Texts of at least twice this size are split.
    pub section: usize,
    /// Where matches of several engines are merged: bytes that all engines of a tile search together before matches
    /// are settled. The default keeps pending matches to a few megabytes even if every engine has a match at every
    /// position.
    pub slice: usize,
    /// Texts in a row block. With the default, that many empty texts cost about as much as a full row block of text.
    pub texts: usize,
}

impl Default for TileSizes {
    /// Sizes from 64 KB to 1 MB are about equally fast. They are large enough that taking a tile costs nothing in
    /// comparison, and small enough that all workers finish at about the same time.
    fn default() -> Self {
        Self { row_block: 256 << 10, section: 1 << 20, slice: 256 << 10, texts: 16 << 10 }
    }
}

/// How to run a count. Results never depend on it.
///
/// ```
/// use countgrid::RunOptions;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// // Four threads, until someone sets the flag: then the count ends with `CountError::Cancelled`.
/// let stop = AtomicBool::new(false);
/// let keep_going = |_bytes_done: u64| !stop.load(Ordering::Relaxed);
/// let run = RunOptions { workers: Some(4), on_progress: &keep_going, ..RunOptions::default() };
/// # let _ = run;
/// ```
#[derive(Clone, Copy)]
pub struct RunOptions<'w> {
    /// The number of threads, at least 1. `None` uses all cores that this process may use.
    pub workers: Option<usize>,
    /// The number of threads if `workers` is `None`.
    #[doc(hidden)]
    pub default_workers: DefaultWorkers,
    /// Runs everything on the calling thread.
    #[doc(hidden)]
    pub on_calling_thread: bool,
    #[doc(hidden)]
    pub tile_sizes: TileSizes,
    /// How many bytes of text a load block has at most, if texts must be loaded.
    #[doc(hidden)]
    pub load_block_bytes: usize,
    /// Called on the calling thread with the bytes of text done so far. Returns false to cancel the count.
    pub on_progress: &'w (dyn Fn(u64) -> bool + Sync),
    /// Called on the calling thread while the workers run. It may be called several times and should return soon.
    #[doc(hidden)]
    pub while_running: &'w (dyn Fn() + Sync),
}

impl Default for RunOptions<'_> {
    fn default() -> Self {
        Self {
            workers: None,
            default_workers: DefaultWorkers::UpTo(usize::MAX),
            on_calling_thread: false,
            tile_sizes: TileSizes::default(),
            load_block_bytes: LOAD_BLOCK_BYTES,
            on_progress: &|_| true,
            while_running: &|| (),
        }
    }
}

impl RunOptions<'_> {
    /// Uses this many threads, at least 1.
    pub fn with_workers(workers: usize) -> Self {
        Self { workers: Some(workers), ..Self::default() }
    }
}

/// How often the calling thread checks for cancellation.
pub const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Checks for cancellation at intervals, in loops of the calling thread.
pub struct CancelTimer<'w> {
    on_progress: &'w (dyn Fn(u64) -> bool + Sync),
    checked_at: Cell<Instant>,
}

impl<'w> CancelTimer<'w> {
    pub fn new(on_progress: &'w (dyn Fn(u64) -> bool + Sync)) -> Self {
        Self { on_progress, checked_at: Cell::new(Instant::now()) }
    }

    /// Returns an error if the count was cancelled. Call it every few milliseconds; a call takes 30 ns.
    pub fn check(&self) -> Result<(), CountError> {
        if self.checked_at.get().elapsed() < CHECK_INTERVAL {
            return Ok(());
        }
        let keep_going = (self.on_progress)(0);
        self.checked_at.set(Instant::now());
        if keep_going { Ok(()) } else { Err(CountError::Cancelled) }
    }
}
