//! Counts of a fixed vocabulary.

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
use crate::bindings::streams::counted;
use crate::core::Sparse;
use crate::core::base::memory::collected;
use crate::core::learning::intern::NONE;
use crate::core::learning::vectorizer::Vectorizer;

/// Counts the terms of a fixed vocabulary.
#[pyclass(frozen, name = "Vectorizer", module = "countgrid._core")]
pub struct PyVectorizer {
    vectorizer: Vectorizer,
    rules: Option<Py<PyTokenRules>>,
    columns: usize,
}

#[pymethods]
impl PyVectorizer {
    /// `columns` has the column of each term, or -1. `order` has all terms, frequent ones first. Without rules, only
    /// given terms can be counted.
    #[new]
    fn new(
        py: Python<'_>,
        table: &Bound<'_, PyTermTable>,
        columns: PyReadonlyArray1<'_, i64>,
        order: Option<PyReadonlyArray1<'_, i64>>,
        rules: Option<Py<PyTokenRules>>,
    ) -> PyResult<Self> {
        guarded(|| {
            let (table, columns) = (table.get().get(py), columns.as_slice()?);
            let order = checked(order, &table)?;
            if columns.len() != table.len() || order.as_ref().is_some_and(|order| order.len() != table.len()) {
                return Err(PyValueError::new_err("columns, order and terms have different lengths"));
            }
            if let Some(column) = columns.iter().find(|&&column| !(-1..i64::from(NONE)).contains(&column)) {
                return Err(PyValueError::new_err(format!("column {column} is out of range")));
            }
            let count = columns.iter().max().map_or(0, |&last| (last + 1) as usize);
            let columns: Vec<u32> = collected(columns.iter().map(|&column| u32::try_from(column).unwrap_or(NONE)));
            let token_rules = rules.as_ref().map(|rules| rules.get().rules.clone());
            let runner = Runner::new(py, None, None, None)?;
            let vectorizer = runner
                .run(py, |run| Vectorizer::new(&table, &columns, order.as_deref(), token_rules.as_deref(), run))?;
            Ok(Self { vectorizer, rules, columns: count })
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
    fn csr<'py>(
        &self,
        py: Python<'py>,
        documents: &Bound<'py, PyAny>,
        dtype: Option<&Bound<'py, PyAny>>,
        binary: bool,
        missing: &Bound<'py, PyAny>,
        workers: Option<&Bound<'py, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<CsrArrays<'py>> {
        guarded(|| {
            let dtype = sparse_dtype(py, dtype)?;
            let rules = self.rules.as_ref().ok_or_else(|| PyValueError::new_err("this vectorizer has no rules"))?;
            let rules = rules.get();
            let borrowed = documents_for_single_use(documents, "documents")?;
            counted(&borrowed, 0, workers, missing, progress, |documents, runner| {
                rules.check(documents, 0)?;
                let rows = runner.run(py, |run| self.vectorizer.count(&rules.rules, documents, binary, run))?;
                self.arrays(py, &dtype, rows, documents.len(), runner)
            })
        })
    }

    /// As `csr`, for given terms: those of document `i` are `tokens[ends[i - 1]:ends[i]]`.
    #[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
    fn csr_of_tokens<'py>(
        &self,
        py: Python<'py>,
        tokens: &Bound<'py, PyAny>,
        ends: PyReadonlyArray1<'py, i64>,
        dtype: Option<&Bound<'py, PyAny>>,
        binary: bool,
        workers: Option<&Bound<'py, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<CsrArrays<'py>> {
        guarded(|| {
            let dtype = sparse_dtype(py, dtype)?;
            let borrowed = documents_for_single_use(tokens, "tokens")?;
            let ends = checked_ends(&ends, borrowed.documents())?;
            let runner = Runner::new(py, workers, progress, None)?;
            let rows = runner.run(py, |run| self.vectorizer.count_given(borrowed.documents(), ends, binary, run))?;
            self.arrays(py, &dtype, rows, ends.len(), &runner)
        })
    }
}

impl PyVectorizer {
    fn arrays<'py>(
        &self,
        py: Python<'py>,
        dtype: &Bound<'py, numpy::PyArrayDescr>,
        rows: Sparse<'_>,
        documents: usize,
        runner: &Runner,
    ) -> PyResult<CsrArrays<'py>> {
        csr_arrays_of(py, dtype, rows, documents, self.columns, runner)
    }
}
