//! Terms that are learned from documents, with their count matrix.

use std::sync::Mutex;

use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::term_table::{PyTermTable, checked};
use super::token_rules::PyTokenRules;
use super::{CsrArrays, checked_ends};
use crate::bindings::documents::documents_for_single_use;
use crate::bindings::guard::guarded;
use crate::bindings::output::{csr_arrays_of, sparse_dtype};
use crate::bindings::run::Runner;
use crate::bindings::streams::{Opened, count_batches, counted, opened};
use crate::core::RunOptions;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::learning::learn::{Learned, learn as learn_terms, learn_given};

/// The terms of documents, and their count matrix.
#[pyclass(frozen, name = "Learned", module = "countgrid._core")]
pub struct PyLearned {
    #[pyo3(get)]
    table: Py<PyTermTable>,
    learned: Mutex<Learned>,
    documents: usize,
}

impl PyLearned {
    pub(super) fn of(py: Python<'_>, mut learned: Learned) -> PyResult<Self> {
        let table = std::mem::take(&mut learned.table);
        let documents = table.documents;
        Ok(Self { table: Py::new(py, PyTermTable::of(table))?, learned: Mutex::new(learned), documents })
    }
}

#[pymethods]
impl PyLearned {
    /// The count matrix, once. Column `i` is term `kept[i]`. A row has its counts in the order in which terms occur
    /// first in all documents.
    fn csr<'py>(
        &self,
        py: Python<'py>,
        kept: Option<PyReadonlyArray1<'py, i64>>,
        dtype: Option<&Bound<'py, PyAny>>,
        binary: bool,
        workers: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<CsrArrays<'py>> {
        guarded(|| {
            let dtype = sparse_dtype(py, dtype)?;
            let table = self.table.get().get(py);
            let kept = checked(kept, &table)?;
            let columns = kept.as_ref().map_or(table.len(), Vec::len);
            let runner = Runner::new(py, workers, None, None)?;
            let rows = runner.run(py, |run| {
                // Only this call holds the lock, and it does not wait for Python meanwhile.
                lock_ignoring_poison(&self.learned).take_rows(kept.as_deref(), binary, run)
            })?;
            let rows = rows.ok_or_else(|| PyValueError::new_err("the rows were not kept, or were taken before"))?;
            csr_arrays_of(py, &dtype, rows, self.documents, columns, &runner)
        })
    }
}

/// Learns the terms of documents. With `rows` it keeps the count matrix; else documents may be a stream.
#[pyfunction]
pub fn learn(
    py: Python<'_>,
    documents: &Bound<'_, PyAny>,
    rules: &Bound<'_, PyTokenRules>,
    rows: bool,
    missing: &Bound<'_, PyAny>,
    workers: Option<&Bound<'_, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyLearned> {
    guarded(|| {
        let rules = rules.get();
        let source = match rows {
            true => Opened::Documents(documents_for_single_use(documents, "documents")?),
            false => opened(documents, false)?,
        };
        let learned = match source {
            Opened::Documents(borrowed) => counted(&borrowed, 0, workers, missing, progress, |documents, runner| {
                rules.check(documents, 0)?;
                runner.run(py, |run| learn_terms(&rules.rules, documents, rows, run))
            })?,
            Opened::Batches(source) => {
                let runner = Runner::new(py, workers, progress, None)?;
                let mut sum: Option<Learned> = None;
                count_batches(py, source, missing, runner, |documents, runner, read_ahead| {
                    rules.check(documents, sum.as_ref().map_or(0, |sum| sum.table.documents))?;
                    let learned = runner.run(py, |run| {
                        learn_terms(&rules.rules, documents, false, RunOptions { while_running: read_ahead, ..run })
                    })?;
                    match &mut sum {
                        None => sum = Some(learned),
                        Some(sum) => runner.run(py, |run| sum.table.add(&learned.table, run))?,
                    }
                    Ok(())
                })?;
                sum.unwrap_or_default()
            }
        };
        PyLearned::of(py, learned)
    })
}

/// Learns given terms: those of document `i` are `tokens[ends[i - 1]:ends[i]]`.
#[pyfunction]
pub fn learn_tokens(
    py: Python<'_>,
    tokens: &Bound<'_, PyAny>,
    ends: PyReadonlyArray1<'_, i64>,
    rows: bool,
    workers: Option<&Bound<'_, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyLearned> {
    guarded(|| {
        let borrowed = documents_for_single_use(tokens, "tokens")?;
        let ends = checked_ends(&ends, borrowed.documents())?;
        let runner = Runner::new(py, workers, progress, None)?;
        let learned = runner.run(py, |run| learn_given(borrowed.documents(), ends, rows, run))?;
        PyLearned::of(py, learned)
    })
}
