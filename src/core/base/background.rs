//! Work that cannot be stopped in the middle, on a thread that may be left behind.
//!
//! Some of what a plan is made of is built by other crates in one call, which nobody can end: an automaton of millions of
//! literals, a large regular expression. Such work goes to a thread that owns everything it works on. The caller waits, and asks
//! now and then whether to go on; if not, it leaves at once. The thread then ends by itself, at the latest when its one call
//! returns, and frees what it holds. It borrows nothing, so that nothing need wait for it, not even the end of the process.
//!
//! What is left behind is bounded: as long as [`MOST_LEFT`] threads are, further work waits for one of them to end.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::error::CountError;
use super::locks::lock_ignoring_poison;
use super::panics::catch_panics;

/// Threads that may be left behind at a time.
const MOST_LEFT: u32 = 2;

/// How long the caller waits between two questions.
const INTERVAL: Duration = Duration::from_millis(20);

/// Does `work` on a thread of its own, for as long as `goes_on` says so. The flag tells the work that nobody waits for it any
/// more.
pub fn run_in_background<T: Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    goes_on: impl Fn() -> bool,
) -> Result<T, CountError> {
    while LEFT.number() >= MOST_LEFT {
        if !goes_on() {
            return Err(CountError::Cancelled);
        }
        thread::sleep(INTERVAL);
    }
    let job = Arc::new(BackgroundJob {
        work: Mutex::new(Some(work)),
        left: AtomicBool::new(false),
        stage: Mutex::new(Stage::Busy),
    });
    let (send, receive) = sync_channel(1);
    let own = job.clone();
    let thread = thread::Builder::new().name("countgrid-plan".into()).spawn(move || {
        let made = own.run();
        // Dropped before the thread counts as ended, if nobody waits for it.
        drop(send.send(made));
        own.end();
    });
    if thread.is_err() {
        // A system that gives no thread gets the work done all the same.
        return job.run().unwrap_or(Err(CountError::Cancelled));
    }
    loop {
        match receive.recv_timeout(INTERVAL) {
            Ok(made) => return made.unwrap_or(Err(CountError::Cancelled)),
            Err(RecvTimeoutError::Timeout) if goes_on() => {}
            Err(_) => {
                job.abandon();
                return Err(CountError::Cancelled);
            }
        }
    }
}

struct BackgroundJob<F> {
    work: Mutex<Option<F>>,
    left: AtomicBool,
    stage: Mutex<Stage>,
}

#[derive(PartialEq)]
enum Stage {
    Busy,
    Left,
    Ended,
}

impl<T, F: FnOnce(&AtomicBool) -> T> BackgroundJob<F> {
    /// Does the work, once.
    fn run(&self) -> Option<Result<T, CountError>> {
        let work = lock_ignoring_poison(&self.work).take()?;
        Some(catch_panics(|| work(&self.left)))
    }

    fn end(&self) {
        let mut stage = lock_ignoring_poison(&self.stage);
        if *stage == Stage::Left {
            LEFT.add(-1);
        }
        *stage = Stage::Ended;
    }

    fn abandon(&self) {
        self.left.store(true, Ordering::Relaxed);
        let mut stage = lock_ignoring_poison(&self.stage);
        if *stage == Stage::Busy {
            *stage = Stage::Left;
            LEFT.add(1);
        }
    }
}

/// How many threads were left behind and are not at their end.
static LEFT: AbandonedThreads = AbandonedThreads(AtomicU64::new(0));

/// The process, and how many threads of it: a child that was forked has none of its parent's.
struct AbandonedThreads(AtomicU64);

impl AbandonedThreads {
    fn number(&self) -> u32 {
        Self::of_this_process(self.0.load(Ordering::Relaxed))
    }

    fn of_this_process(state: u64) -> u32 {
        if (state >> 32) as u32 == std::process::id() { state as u32 } else { 0 }
    }

    fn add(&self, change: i32) {
        let process = u64::from(std::process::id()) << 32;
        let changed = |state| Some(process | u64::from(Self::of_this_process(state).saturating_add_signed(change)));
        // It never fails: there is always a new state.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, changed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::core::base::memory::refuse;

    #[test]
    fn work_is_done_or_left_behind() {
        assert_eq!(run_in_background(|_| 42, || true), Ok(42));
        let panicked = run_in_background(|_| panic!("too much"), || true).map(|()| 0);
        assert!(matches!(panicked, Err(CountError::Panicked { message }) if message.starts_with("too much")));
        let refused = run_in_background(|_| refuse(7), || true).map(|()| 0);
        assert_eq!(refused, Err(CountError::NoMemory { bytes: 7 }));

        // As many are left behind as may be.
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
        assert_eq!(LEFT.number(), MOST_LEFT);
        // More work waits, and need not wait for ever.
        assert_eq!(run_in_background(|_| (), || false), Err(CountError::Cancelled));
        gates.into_iter().for_each(|open| open.send(()).unwrap());
        assert_eq!(run_in_background(|_| 43, || true), Ok(43));
    }
}
