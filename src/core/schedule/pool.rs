//! The threads that workers run on.
//!
//! A count takes an idle pool, or makes one, and leaves it for the next count. So counts that run at the same time have threads of
//! their own, which the operating system schedules fairly: with one shared pool the second would wait for the first.
//!
//! Idle pools are kept in a static, and never dropped when the process ends: then their threads may be gone already (Windows
//! ends all threads but one before it runs destructors), with locks that they held. The same is true in a forked child, which
//! knows its parent's pools by the process id and forgets them. Nobody waits for a lock here, so that a process may fork
//! at any moment.

use std::sync::{Mutex, MutexGuard};
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::base::panics::catch_panics;

struct Pool {
    process: u32,
    workers: usize,
    threads: ThreadPool,
}

/// Pools that no count uses: as many as there were counts at the same time, up to this number.
static IDLE: [Mutex<Option<Pool>>; 32] = [const { Mutex::new(None) }; 32];

/// Runs `work` with a pool of at least so many threads, or of fewer if the system gives no more.
pub fn with_pool<R>(workers: usize, work: impl FnOnce(&ThreadPool) -> R) -> Result<R, CountError> {
    let pool = match idle(workers) {
        Some(pool) => pool,
        None => Pool { process: std::process::id(), workers, threads: make(workers)? },
    };
    let result = work(&pool.threads);
    keep(pool);
    Ok(result)
}

/// An idle pool of at least so many threads, which is now the caller's.
fn idle(workers: usize) -> Option<Pool> {
    slots().find_map(|mut slot| slot.take_if(|pool| pool.workers >= workers))
}

/// Keeps a pool for the next count, instead of a smaller one if need be; drops it if there are many.
fn keep(pool: Pool) {
    let slot = slots().find(|slot| slot.as_ref().is_none_or(|other| other.workers < pool.workers));
    let smaller = slot.and_then(|mut slot| slot.replace(pool));
    drop(smaller);
}

/// The places of idle pools that nobody else looks at just now, without the pools of a parent process.
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

/// More than a thread needs to begin.
const STACK: usize = 8 << 20;

/// Without so much to spare, it is memory that a thread could not begin for.
const SPARE: usize = 64 << 20;

/// A pool of so many threads; while the system refuses, of half as many.
fn make(workers: usize) -> Result<ThreadPool, CountError> {
    // The C library ends the process if a thread that has begun cannot get its thread-local variables.
    catch_panics(|| memory::check(STACK))?;
    let pool = ThreadPoolBuilder::new().num_threads(workers).thread_name(|i| format!("countgrid-{i}")).build();
    match pool {
        Ok(pool) => Ok(pool),
        Err(_) if workers > 1 => make(workers / 2),
        Err(error) => {
            // The system says the same where memory is short as where there are too many threads.
            catch_panics(|| memory::check(SPARE))?;
            Err(CountError::NoThreads { reason: error.to_string() })
        }
    }
}

/// The cores open to this process.
pub fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}
