//! The threads that workers run on.
//!
//! Each thread that counts keeps the pool of its last count. So counts that run at the same time have threads of their
//! own, which the operating system schedules fairly, where one shared pool would make the second wait for the first; and
//! no lock is shared, so that a process may fork at any moment: the child sees that the pool is its parent's, whose
//! threads it does not have, and makes its own.

use std::cell::Cell;
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::caught::caught;
use super::error::CountError;
use super::memory;

struct Kept {
    process: u32,
    workers: usize,
    pool: ThreadPool,
}

thread_local! {
    static KEPT: Cell<Option<Kept>> = const { Cell::new(None) };
}

/// Runs `work` with a pool of at least so many threads, or of fewer if the system gives no more.
pub fn with_pool<R>(workers: usize, work: impl FnOnce(&ThreadPool) -> R) -> Result<R, CountError> {
    let process = std::process::id();
    // Taken out while in use: a count from within a count (a progress callback may start one) makes another.
    let kept = match KEPT.take() {
        Some(kept) if kept.process != process => {
            // The threads are the parent's. To drop the pool would be to wait for them.
            std::mem::forget(kept);
            None
        }
        kept => kept.filter(|kept| kept.workers >= workers),
    };
    let kept = match kept {
        Some(kept) => kept,
        None => Kept { process, workers, pool: make(workers)? },
    };
    let result = work(&kept.pool);
    KEPT.set(Some(kept));
    Ok(result)
}

/// More than a thread needs to begin.
const STACK: usize = 8 << 20;

/// A pool of so many threads; while the system refuses, of half as many.
fn make(workers: usize) -> Result<ThreadPool, CountError> {
    // The C library ends the process if a thread that has begun cannot get its thread-local variables.
    caught(|| memory::check(STACK))?;
    let pool = ThreadPoolBuilder::new().num_threads(workers).thread_name(|i| format!("countgrid-{i}")).build();
    match pool {
        Err(_) if workers > 1 => make(workers / 2),
        pool => pool.map_err(|error| CountError::NoThreads { reason: error.to_string() }),
    }
}

/// The cores open to this process.
pub fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}
