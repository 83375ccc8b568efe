//! A worker team: workers do numbered jobs while the calling thread checks for cancellation.
//!
//! Workers take the next number from a counter until none are left. The calling thread does no jobs. About twenty
//! times a second it asks the caller whether to keep going. Small work runs on the calling thread, since waking a
//! pool would take longer.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};

use super::pool::with_pool;
use super::run_options::{CHECK_INTERVAL, RunOptions};
use super::share::RunningCount;
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory;
use crate::core::base::panics::catch_panics;

/// The workers of one call, and their shared state.
pub struct WorkerTeam<'w> {
    on_progress: &'w (dyn Fn(u64) -> bool + Sync),
    while_running: &'w (dyn Fn() + Sync),
    /// The number of pool threads, or `None` to work on the calling thread.
    workers: Option<usize>,
    /// Bytes of text done.
    pub done: AtomicU64,
    pub cancel: AtomicBool,
}

impl<'w> WorkerTeam<'w> {
    /// `done` bytes of text are done already. With `is_small`, the work runs on the calling thread.
    pub fn new(run: RunOptions<'w>, done: u64, is_small: bool) -> Self {
        assert_ne!(run.workers, Some(0), "the number of workers");
        let workers = (!is_small && !run.on_calling_thread)
            .then(|| run.workers.unwrap_or_else(|| run.default_workers.number()));
        Self {
            on_progress: run.on_progress,
            while_running: run.while_running,
            workers,
            done: AtomicU64::new(done),
            cancel: AtomicBool::new(false),
        }
    }

    /// The largest number of workers.
    pub fn workers(&self) -> usize {
        self.workers.unwrap_or(1)
    }

    pub fn bytes_done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Does a job for each item. Returns the results in order.
    pub fn map<T: Send, R: Send>(
        &self,
        items: impl IntoIterator<Item = T>,
        job: impl Fn(T) -> R + Sync,
    ) -> Result<Vec<R>, CountError> {
        let slots: Vec<_> = items.into_iter().map(|item| Mutex::new((Some(item), None))).collect();
        let slot = |i: usize| lock_ignoring_poison(&slots[i]);
        self.work(
            slots.len(),
            || (),
            |(), i| {
                let item = slot(i).0.take().expect("each item is taken once");
                let result = job(item);
                slot(i).1 = Some(result);
            },
        )?;
        Ok((0..slots.len()).map(|i| slot(i).1.take().expect("all jobs are done")).collect())
    }

    /// Does one job on one worker. It must look at the flag every few milliseconds: see [`check`](cancel::check).
    pub fn one<R: Send>(
        run: RunOptions<'w>,
        is_small: bool,
        job: impl FnOnce(&AtomicBool) -> R + Send,
    ) -> Result<R, CountError> {
        let team = Self::new(run, 0, is_small);
        let mut results = team.map([job], |job| job(&team.cancel))?;
        Ok(results.pop().expect("the result of the job"))
    }

    /// Does the jobs `0..jobs`. Each worker calls `begin` once, and passes the result to each of its jobs.
    pub fn work<W>(
        &self,
        jobs: usize,
        begin: impl Fn() -> W + Sync,
        job: impl Fn(&mut W, usize) + Sync,
    ) -> Result<(), CountError> {
        let next = AtomicUsize::new(0);
        let failed = Mutex::new(None);
        let fail = |error| {
            self.cancel.store(true, Ordering::Relaxed);
            lock_ignoring_poison(&failed).get_or_insert(error);
        };
        // Does jobs until none are left, the count is cancelled, or `pause` is set.
        let work = |pause: &AtomicBool| {
            let work = || {
                let mut worker = begin();
                while !pause.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= jobs || self.is_cancelled() {
                        return;
                    }
                    memory::check_shortage();
                    job(&mut worker, number);
                }
            };
            // If a job panics, the whole count fails, and its half-done work is dropped.
            catch_panics(work).unwrap_or_else(fail);
        };
        let pause = AtomicBool::new(false);
        let Some(workers) = self.workers else {
            work(&pause);
            return self.ended(failed);
        };
        let workers = workers.min(jobs).max(1);
        let running = RunningCount::begin();
        // After the callback has cancelled the count, it is not called again.
        let mut keep_going = true;
        let mut has_begun = false;
        while !has_begun || pause.swap(false, Ordering::Relaxed) {
            let share = running.share(workers);
            // Each worker keeps a sender until it is done, so the channel closes when all are.
            let (is_working, all_done) = channel::<()>();
            let (work, pause) = (&work, &pause);
            with_pool(share, |pool| {
                pool.in_place_scope(|scope| {
                    for _ in 0..share {
                        let is_working = is_working.clone();
                        scope.spawn(move |_| {
                            work(pause);
                            drop(is_working);
                        });
                    }
                    drop(is_working);
                    if !std::mem::replace(&mut has_begun, true) {
                        catch_panics(self.while_running).unwrap_or_else(fail);
                    }
                    while all_done.recv_timeout(CHECK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                        keep_going = keep_going && (self.on_progress)(self.bytes_done());
                        self.cancel.fetch_or(!keep_going, Ordering::Relaxed);
                        if keep_going {
                            catch_panics(memory::check_shortage).unwrap_or_else(fail);
                        }
                        // Other counts have begun or ended. All workers stop after their jobs, and as many as are due
                        // now take over.
                        let is_due = next.load(Ordering::Relaxed) < jobs && running.share(workers) != share;
                        pause.fetch_or(is_due, Ordering::Relaxed);
                    }
                });
            })?;
        }
        self.ended(failed)
    }

    fn ended(&self, failed: Mutex<Option<CountError>>) -> Result<(), CountError> {
        if let Some(error) = lock_ignoring_poison(&failed).take() {
            return Err(error);
        }
        if self.is_cancelled() { Err(CountError::Cancelled) } else { Ok(()) }
    }
}
