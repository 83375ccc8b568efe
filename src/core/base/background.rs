//! Runs work that cannot be stopped on a thread that can be abandoned.
//!
//! Other crates build parts of a plan in one call that cannot be cancelled: an automaton of millions of literals, a
//! large regular expression. Such work runs on a thread that owns all of its data. The caller waits and checks for
//! cancellation. If the caller cancels, it returns at once, and the thread is abandoned. It ends when its call
//! returns, at the latest, and frees its memory. It borrows nothing, so nothing has to wait for it, not even the end
//! of the process.
//!
//! The number of abandoned threads is limited: at [`MOST_LEFT`], new work waits until one of them ends.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::error::CountError;
use super::locks::lock_ignoring_poison;
use super::panics::catch_panics;

/// The most threads that may be abandoned at the same time.
const MOST_LEFT: u32 = 2;

/// How often the caller checks for cancellation.
const INTERVAL: Duration = Duration::from_millis(20);

/// Does `work` on its own thread. Returns early if `keep_going` returns false; then the flag tells the work that
/// nobody waits for its result.
pub fn run_in_background<T: Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    keep_going: impl Fn() -> bool,
) -> Result<T, CountError> {
    while number_left(LEFT.load(Ordering::Relaxed)) >= MOST_LEFT {
        if !keep_going() {
            return Err(CountError::Cancelled);
        }
        thread::sleep(INTERVAL);
    }
    let left = Arc::new(AtomicBool::new(false));
    let (work, is_left) = (Arc::new(Mutex::new(Some(work))), left.clone());
    let run = move || {
        let work = lock_ignoring_poison(&work).take().ok_or(CountError::Cancelled)?;
        catch_panics(|| work(&is_left))
    };
    let run_there = run.clone();
    let (send, receive) = sync_channel(1);
    let (abandon, abandoned) = channel();
    let thread = thread::Builder::new().name("countgrid-plan".into()).spawn(move || {
        // An abandoned result is dropped before the thread counts as ended.
        drop(send.send(run_there()));
        drop(abandoned);
    });
    if thread.is_err() {
        // If the system refuses a thread, the work runs here.
        return run();
    }
    loop {
        match receive.recv_timeout(INTERVAL) {
            Ok(made) => return made,
            Err(RecvTimeoutError::Timeout) if keep_going() => {}
            Err(_) => {
                left.store(true, Ordering::Relaxed);
                // The thread drops what it was sent when it ends. If it has ended, this drops it.
                drop(abandon.send(AbandonedThread::new()));
                return Err(CountError::Cancelled);
            }
        }
    }
}

/// The process id and, in the lower half, its number of abandoned threads that have not ended. A forked child has none
/// of its parent's threads.
static LEFT: AtomicU64 = AtomicU64::new(0);

fn number_left(state: u64) -> u32 {
    if (state >> 32) as u32 == std::process::id() { state as u32 } else { 0 }
}

fn add_left(change: i32) {
    let process = u64::from(std::process::id()) << 32;
    let changed = |state| Some(process | u64::from(number_left(state).saturating_add_signed(change)));
    // Cannot fail: the closure always returns a new state.
    let _ = LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, changed);
}

/// Counts an abandoned thread until this is dropped.
struct AbandonedThread;

impl AbandonedThread {
    fn new() -> Self {
        add_left(1);
        Self
    }
}

impl Drop for AbandonedThread {
    fn drop(&mut self) {
        add_left(-1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::core::base::memory::refuse;

    #[test]
    fn work_is_done_or_abandoned() {
        assert_eq!(run_in_background(|_| 42, || true), Ok(42));
        let panicked = run_in_background(|_| panic!("too much"), || true).map(|()| 0);
        assert!(matches!(panicked, Err(CountError::Panicked { message }) if message.starts_with("too much")));
        let refused = run_in_background(|_| refuse(7), || true).map(|()| 0);
        assert_eq!(refused, Err(CountError::NoMemory { bytes: 7 }));

        // Abandons as many as allowed.
        let mut gates = Vec::new();
        for _ in 0..MOST_LEFT {
            let (open, gate) = channel::<()>();
            let work = move |left: &AtomicBool| {
                gate.recv().unwrap();
                assert!(left.load(Ordering::Relaxed));
            };
            assert_eq!(run_in_background(work, || false), Err(CountError::Cancelled));
            gates.push(open);
        }
        assert_eq!(number_left(LEFT.load(Ordering::Relaxed)), MOST_LEFT);
        // More work waits, but can be cancelled.
        assert_eq!(run_in_background(|_| (), || false), Err(CountError::Cancelled));
        gates.into_iter().for_each(|open| open.send(()).unwrap());
        assert_eq!(run_in_background(|_| 43, || true), Ok(43));
    }
}
