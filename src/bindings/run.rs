//! Running a count: workers, the GIL, Ctrl-C, progress.
//!
//! The GIL is released once around the whole count. About twenty times a second the calling thread attaches to Python
//! for a moment, to handle signals and report progress. An exception from either ends the count. Loops that hold the
//! GIL check for signals themselves, once every few thousand items.

use std::cell::RefCell;
use std::sync::Mutex;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::errors::{short_repr, type_name};
use super::guard::guarded;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::schedule::default_workers::{DefaultWorkers, MOST_WORKERS};
use crate::core::{CountError, RunOptions};

/// How to run a count.
pub struct Runner {
    workers: DefaultWorkers,
    /// Called with the bytes of text counted and the total.
    progress: Option<Py<PyAny>>,
    /// Bytes that earlier runs counted.
    pub bytes_before: u64,
    /// Bytes of all runs, if known.
    pub total_bytes: Option<u64>,
    /// See [`is_finalizing`].
    is_finalizing: bool,
}

impl Runner {
    pub fn new(
        py: Python<'_>,
        workers: Option<&Bound<'_, PyAny>>,
        progress: Option<Py<PyAny>>,
        total_bytes: Option<u64>,
    ) -> PyResult<Self> {
        let workers = match workers {
            Some(workers) => DefaultWorkers::Exactly(checked_workers(workers)?),
            None => DefaultWorkers::of_environment()?,
        };
        Ok(Self { workers, progress, bytes_before: 0, total_bytes, is_finalizing: is_finalizing(py)? })
    }

    /// The same workers, without progress: for another pass over the same documents.
    pub fn quiet(&self) -> Self {
        Self { progress: None, ..*self }
    }

    /// Does `work` without the GIL.
    pub fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(RunOptions<'_>) -> Result<T, CountError> + Send,
    ) -> PyResult<T> {
        let Self { workers, is_finalizing, .. } = *self;
        let options =
            RunOptions { default_workers: workers, on_calling_thread: is_finalizing, ..RunOptions::default() };
        detach(
            py,
            is_finalizing,
            |py, bytes| self.report(py, bytes),
            |on_progress| work(RunOptions { on_progress, ..options }),
        )
    }

    /// Reports how many bytes this run has counted.
    pub fn report(&self, py: Python<'_>, bytes: u64) -> PyResult<()> {
        match &self.progress {
            Some(progress) => progress.call1(py, (self.bytes_before + bytes, self.total_bytes)).map(drop),
            None => Ok(()),
        }
    }
}

/// Does `work` without the GIL. When `work` calls `keep_going`, Python handles signals; false means that it should
/// stop.
pub fn detach_interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Result<T, CountError> + Send,
) -> PyResult<T> {
    detach(py, is_finalizing(py)?, |_, _| Ok(()), |on_progress| work(&|| on_progress(0)))
}

/// Does `work` without the GIL, unless Python is finalizing. The first exception of a signal handler or of `report`
/// makes the function that `work` gets return false, and is raised at the end.
fn detach<T: Send>(
    py: Python<'_>,
    is_finalizing: bool,
    report: impl Fn(Python<'_>, u64) -> PyResult<()> + Sync,
    work: impl FnOnce(&(dyn Fn(u64) -> bool + Sync)) -> Result<T, CountError> + Send,
) -> PyResult<T> {
    let raised = Mutex::new(None);
    let on_progress = |bytes| {
        let keep_going = Python::try_attach(|py| match py.check_signals().and_then(|()| report(py, bytes)) {
            Ok(()) => true,
            Err(error) => {
                lock_ignoring_poison(&raised).get_or_insert(error);
                false
            }
        });
        // Without the GIL Python is finalizing and this is a daemon thread: nobody waits for the result.
        keep_going.unwrap_or(false)
    };
    let result = if is_finalizing { work(&on_progress) } else { py.detach(|| work(&on_progress)) };
    match lock_ignoring_poison(&raised).take() {
        Some(error) => Err(error),
        None => Ok(result?),
    }
}

/// As [`detach_interruptible`], but keeps the GIL.
pub fn interruptible<T>(
    py: Python<'_>,
    work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, CountError>,
) -> PyResult<T> {
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

/// Lets Python handle signals after every [`SIGNAL_ITEMS`] items of a loop that holds the GIL.
#[inline]
pub fn check_signals(py: Python<'_>, item: usize) -> PyResult<()> {
    if item % SIGNAL_ITEMS == SIGNAL_ITEMS - 1 { py.check_signals() } else { Ok(()) }
}

/// So many items take less than a millisecond.
pub const SIGNAL_ITEMS: usize = 16 << 10;

/// Lets Python handle signals after every megabyte of items, in a loop that holds the GIL.
#[derive(Default)]
pub struct SignalTimer {
    bytes: usize,
}

impl SignalTimer {
    /// The next item has so many bytes.
    #[inline]
    pub fn check(&mut self, py: Python<'_>, bytes: usize) -> PyResult<()> {
        /// A short string takes as long as so many bytes of a long one.
        const ITEM: usize = 64;

        self.bytes += ITEM + bytes;
        if self.bytes < 1 << 20 {
            return Ok(());
        }
        self.bytes = 0;
        py.check_signals()
    }
}

/// Whether Python is finalizing, and calls us from a `__del__` or an exit handler. Other threads can no longer get
/// the GIL, and neither could this thread after `detach`. So this thread keeps it and does all the work.
pub fn is_finalizing(py: Python<'_>) -> PyResult<bool> {
    static IS_FINALIZING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    IS_FINALIZING.import(py, "sys", "is_finalizing")?.call0()?.is_truthy()
}

/// How many workers a count has if the caller does not say: see [`DefaultWorkers`].
#[pyfunction]
pub fn default_workers() -> PyResult<usize> {
    guarded(|| Ok(DefaultWorkers::of_environment()?.number()))
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
