//! Running a count: workers, the GIL, Ctrl-C, progress.
//!
//! The GIL is released once around the whole count. About twenty times a second the calling thread takes it back for
//! a moment, to let Python handle signals and to tell the progress; an exception from either ends the count. Work that holds
//! the GIL lets Python handle signals itself, every so many items.

use std::cell::RefCell;
use std::sync::Mutex;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::errors::{short_repr, type_name};
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::{CountError, RunOptions};

/// How the caller wants a count run.
pub struct Runner {
    pub workers: Option<usize>,
    /// Called with the bytes of text done and the total.
    progress: Option<Py<PyAny>>,
    /// Bytes done in runs before, and in all if that is known.
    pub before: u64,
    pub total: Option<u64>,
    /// Whether Python is ending: see [`is_finalizing`].
    alone: bool,
}

impl Runner {
    pub fn new(
        py: Python<'_>,
        workers: Option<&Bound<'_, PyAny>>,
        progress: Option<Py<PyAny>>,
        total: Option<u64>,
    ) -> PyResult<Self> {
        let workers = workers.map(checked_workers).transpose()?;
        Ok(Self { workers, progress, before: 0, total, alone: is_finalizing(py)? })
    }

    /// Does `work` without the GIL.
    pub fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(RunOptions<'_>) -> Result<T, CountError> + Send,
    ) -> PyResult<T> {
        let Self { workers, alone, .. } = *self;
        detached(
            py,
            alone,
            |py, done| self.tell(py, done),
            |watch| {
                work(RunOptions { workers, on_calling_thread: alone, on_progress: watch, ..RunOptions::default() })
            },
        )
    }

    /// Tells the progress of this run.
    pub fn tell(&self, py: Python<'_>, done: u64) -> PyResult<()> {
        match &self.progress {
            Some(progress) => progress.call1(py, (self.before + done, self.total)).map(drop),
            None => Ok(()),
        }
    }
}

/// Does `work` without the GIL. It asks now and then whether to go on: then Python handles signals.
pub fn watched<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Result<T, CountError> + Send,
) -> PyResult<T> {
    detached(py, is_finalizing(py)?, |_, _| Ok(()), |watch| work(&|| watch(0)))
}

fn detached<T: Send>(
    py: Python<'_>,
    alone: bool,
    tell: impl Fn(Python<'_>, u64) -> PyResult<()> + Sync,
    work: impl FnOnce(&(dyn Fn(u64) -> bool + Sync)) -> Result<T, CountError> + Send,
) -> PyResult<T> {
    let raised = Mutex::new(None);
    let watch = |done| {
        let keep_going = Python::try_attach(|py| match py.check_signals().and_then(|()| tell(py, done)) {
            Ok(()) => true,
            Err(error) => {
                lock_ignoring_poison(&raised).get_or_insert(error);
                false
            }
        });
        // Python is ending, and this is a daemon thread: nobody waits for the result.
        keep_going.unwrap_or(false)
    };
    let result = if alone { work(&watch) } else { py.detach(|| work(&watch)) };
    match lock_ignoring_poison(&raised).take() {
        Some(error) => Err(error),
        None => Ok(result?),
    }
}

/// The same with the GIL held.
pub fn asked<T>(py: Python<'_>, work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, CountError>) -> PyResult<T> {
    let raised = RefCell::new(None);
    let keep_going = || match py.check_signals() {
        Ok(()) => true,
        Err(error) => {
            raised.borrow_mut().get_or_insert(error);
            false
        }
    };
    let result = work(&keep_going);
    match raised.into_inner() {
        Some(error) => Err(error),
        None => Ok(result?),
    }
}

/// Lets Python handle signals at every so many items of a loop that holds the GIL.
#[inline]
pub fn check_signals(py: Python<'_>, item: usize) -> PyResult<()> {
    if item % SIGNAL_ITEMS == SIGNAL_ITEMS - 1 { py.check_signals() } else { Ok(()) }
}

/// Less than a millisecond.
pub const SIGNAL_ITEMS: usize = 16 << 10;

/// Whether Python is ending, and runs what is left to run (`__del__`) on this thread. No thread can have the GIL from now on, nor
/// can this one have it back from `detach`: all is to be done on this thread, which keeps it.
pub fn is_finalizing(py: Python<'_>) -> PyResult<bool> {
    static IS_FINALIZING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    IS_FINALIZING.import(py, "sys", "is_finalizing")?.call0()?.is_truthy()
}

fn checked_workers(workers: &Bound<'_, PyAny>) -> PyResult<usize> {
    let number: i64 = workers.extract().map_err(|_| {
        PyTypeError::new_err(format!(
            "workers is {} ({}); expected int or None",
            type_name(workers),
            short_repr(workers)
        ))
    })?;
    match usize::try_from(number) {
        Ok(workers) if (1..=MOST_WORKERS).contains(&workers) => Ok(workers),
        _ => Err(PyValueError::new_err(format!("workers is {number}; expected 1 to {MOST_WORKERS}, or None"))),
    }
}

/// More threads than any machine has cores; a typing error, not a wish.
const MOST_WORKERS: usize = 4096;
