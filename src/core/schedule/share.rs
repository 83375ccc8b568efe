//! How many threads a count uses while others run.
//!
//! Counts that run at the same time share the threads that one count would use alone. If 64 threads of Python each
//! start a count with 16 workers, each count gets one worker, not 16. When a count ends, the others take over its
//! threads.

use std::sync::atomic::{AtomicU64, Ordering};

/// The process, and the number of its counts that run now. A forked child begins with none.
static RUNNING: AtomicU64 = AtomicU64::new(0);

/// A count that runs, until it is dropped.
pub struct RunningCount(());

impl RunningCount {
    pub fn begin() -> Self {
        change(|running| running + 1);
        Self(())
    }

    /// The number of threads for this count. Without other counts, it would be `workers`.
    pub fn share(&self, workers: usize) -> usize {
        workers.div_ceil(running(RUNNING.load(Ordering::Relaxed)).max(1) as usize).max(1)
    }
}

impl Drop for RunningCount {
    fn drop(&mut self) {
        change(|running| running.saturating_sub(1));
    }
}

fn change(to: impl Fn(u64) -> u64) {
    let process = u64::from(std::process::id()) << 32;
    let _ = RUNNING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| Some(process | to(running(state))));
}

/// The counts of a state, if it is of this process.
fn running(state: u64) -> u64 {
    if state >> 32 == u64::from(std::process::id()) { state & u64::from(u32::MAX) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other tests count at the same time, so shares may be smaller.
    #[test]
    fn counts_that_run_at_the_same_time_share_the_threads_of_one() {
        let counts: Vec<_> = (0..8).map(|_| RunningCount::begin()).collect();
        for count in &counts {
            assert!((1..=2).contains(&count.share(16)));
            assert_eq!(count.share(3), 1);
        }
        drop(counts);
        assert!((1..=16).contains(&RunningCount::begin().share(16)));
    }

    #[test]
    fn a_forked_child_begins_with_none() {
        let of_parent = u64::from(std::process::id() + 1) << 32 | 7;
        assert_eq!(running(of_parent), 0);
        assert_eq!(running(u64::from(std::process::id()) << 32 | 7), 7);
    }
}
