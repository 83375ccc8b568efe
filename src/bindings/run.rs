//! Running a count: workers, the GIL, Ctrl-C, progress.
//!
//! The GIL is released once around the whole count. About twenty times a second the calling thread takes it back for
//! a moment, to let Python handle signals and to tell the progress; an exception from either ends the count.

use std::sync::Mutex;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::errors::{short_repr, type_name};
use crate::kernel::crew::locked;
use crate::kernel::{CountError, Run};

/// How the caller wants a count run.
pub struct Runner {
    pub workers: Option<usize>,
    /// Called with the bytes of text done and the total.
    progress: Option<Py<PyAny>>,
    /// Bytes done in runs before, and in all if that is known.
    pub before: u64,
    pub total: Option<u64>,
}

impl Runner {
    pub fn new(
        workers: Option<&Bound<'_, PyAny>>,
        progress: Option<Py<PyAny>>,
        total: Option<u64>,
    ) -> PyResult<Self> {
        Ok(Self { workers: workers.map(checked_workers).transpose()?, progress, before: 0, total })
    }

    /// Does `work` without the GIL.
    pub fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(Run<'_>) -> Result<T, CountError> + Send,
    ) -> PyResult<T> {
        let raised = Mutex::new(None);
        let watch = |done| {
            Python::attach(|py| match py.check_signals().and_then(|()| self.tell(py, done)) {
                Ok(()) => true,
                Err(error) => {
                    locked(&raised).get_or_insert(error);
                    false
                }
            })
        };
        let run = Run { workers: self.workers, watch: &watch, ..Run::default() };
        let result = py.detach(|| work(run));
        match locked(&raised).take() {
            Some(error) => Err(error),
            None => Ok(result?),
        }
    }

    /// Tells the progress of this run.
    pub fn tell(&self, py: Python<'_>, done: u64) -> PyResult<()> {
        match &self.progress {
            Some(progress) => progress.call1(py, (self.before + done, self.total)).map(drop),
            None => Ok(()),
        }
    }
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
