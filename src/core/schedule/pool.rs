//! The threads that workers run on.
//!
//! A count takes an idle pool, or creates one, and leaves it for the next count. So counts that run at the same time
//! have their own threads, and the operating system schedules them fairly. With one shared pool the second count
//! would wait for the first.
//!
//! Idle pools are stored in a static and never dropped when the process ends. By then their threads may be gone, with
//! locks that they held: Windows ends all other threads before destructors run. A forked child has the same problem.
//! It recognizes its parent's pools by the process id and forgets them. Nothing here waits for a lock, so a process
//! may fork at any time.

use std::sync::{Mutex, MutexGuard};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::base::panics::catch_panics;

struct Pool {
    process: u32,
    workers: usize,
    threads: ThreadPool,
}

/// Pools that no count uses: as many as counts ran at the same time, up to this number.
static IDLE: [Mutex<Option<Pool>>; 32] = [const { Mutex::new(None) }; 32];

/// Runs `work` with a pool of at least `workers` threads, or fewer if the system does not provide more.
pub fn with_pool<R>(workers: usize, work: impl FnOnce(&ThreadPool) -> R) -> Result<R, CountError> {
    let pool = match idle(workers) {
        Some(pool) => pool,
        None => Pool { process: std::process::id(), workers, threads: make(workers)? },
    };
    let result = work(&pool.threads);
    keep(pool);
    Ok(result)
}

/// Takes the smallest idle pool with at least `workers` threads.
fn idle(workers: usize) -> Option<Pool> {
    let threads = |slot: &MutexGuard<'_, Option<Pool>>| slot.as_ref().map(|pool| pool.workers);
    let large_enough = slots().filter(|slot| threads(slot).is_some_and(|pool| pool >= workers));
    large_enough.min_by_key(threads)?.take()
}

/// Stores a pool for the next count. If there is no free slot, it replaces a smaller pool or is dropped.
fn keep(pool: Pool) {
    let slot = slots().find(|slot| slot.as_ref().is_none_or(|other| other.workers < pool.workers));
    let smaller = slot.and_then(|mut slot| slot.replace(pool));
    drop(smaller);
}

/// The slots that no other thread is using now. Pools of a parent process are forgotten.
fn slots() -> impl Iterator<Item = MutexGuard<'static, Option<Pool>>> {
    let process = std::process::id();
    IDLE.iter().filter_map(move |slot| {
        let mut slot = slot.try_lock().ok()?;
        if slot.as_ref().is_some_and(|pool| pool.process != process) {
            std::mem::forget(slot.take());
        }
        Some(slot)
    })
}

/// More than a thread needs to start.
const STACK: usize = 8 << 20;

/// If less than this is left, a thread could not start because memory is short.
const SPARE: usize = 64 << 20;

/// Creates a pool of `workers` threads. If the system refuses, it tries half as many.
fn make(workers: usize) -> Result<ThreadPool, CountError> {
    // The C library aborts the process if a new thread cannot allocate its thread-local variables.
    catch_panics(|| memory::check(STACK))?;
    let pool = ThreadPoolBuilder::new().num_threads(workers).thread_name(|i| format!("countgrid-{i}")).build();
    match pool {
        Ok(pool) => Ok(pool),
        Err(_) if workers > 1 => make(workers / 2),
        Err(error) => {
            // The system reports the same error for too little memory and for too many threads.
            catch_panics(|| memory::check(SPARE))?;
            Err(CountError::NoThreads { reason: error.to_string() })
        }
    }
}
