//! Counts in columns that are chosen by a hash.

use numpy::{Element, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::token_rules::PyTokenRules;
use super::{CsrArrays, checked_ends};
use crate::bindings::arrays::new_array;
use crate::bindings::documents::documents_for_single_use;
use crate::bindings::guard::guarded;
use crate::bindings::run::Runner;
use crate::bindings::streams::counted;
use crate::core::Index;
use crate::core::learning::hashed_rows::{HashedRows, Norm, write_rows};
use crate::core::learning::hashing::{HashColumns, hash, hash_given};

/// Counts terms in columns that are chosen by a hash: arrays (data, indices, indptr) of float64 and int32 or int64.
/// With the `norm` "l1" or "l2", each row is divided by its sum or its length.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
pub fn hash_csr<'py>(
    py: Python<'py>,
    documents: &Bound<'py, PyAny>,
    rules: &Bound<'py, PyTokenRules>,
    n_features: u32,
    alternate_sign: bool,
    norm: Option<&str>,
    missing: &Bound<'py, PyAny>,
    workers: Option<&Bound<'py, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<CsrArrays<'py>> {
    guarded(|| {
        let (columns, norm) = (hash_columns(n_features, alternate_sign)?, parse_norm(norm)?);
        let rules = rules.get();
        let borrowed = documents_for_single_use(documents, "documents")?;
        counted(&borrowed, 0, workers, missing, progress, |documents, runner| {
            rules.check(documents, 0)?;
            let rows = runner.run(py, |run| hash(&rules.rules, documents, columns, run))?;
            hashed_arrays(py, rows, norm, runner)
        })
    })
}

/// As `hash_csr`, for given terms: those of document `i` are `tokens[ends[i - 1]:ends[i]]`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
pub fn hash_csr_of_tokens<'py>(
    py: Python<'py>,
    tokens: &Bound<'py, PyAny>,
    ends: PyReadonlyArray1<'py, i64>,
    n_features: u32,
    alternate_sign: bool,
    norm: Option<&str>,
    workers: Option<&Bound<'py, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<CsrArrays<'py>> {
    guarded(|| {
        let (columns, norm) = (hash_columns(n_features, alternate_sign)?, parse_norm(norm)?);
        let borrowed = documents_for_single_use(tokens, "tokens")?;
        let ends = checked_ends(&ends, borrowed.documents())?;
        let runner = Runner::new(py, workers, progress, None)?;
        let rows = runner.run(py, |run| hash_given(borrowed.documents(), ends, columns, run))?;
        hashed_arrays(py, rows, norm, &runner)
    })
}

fn hash_columns(columns: u32, alternate_sign: bool) -> PyResult<HashColumns> {
    match columns {
        1..=0x7FFF_FFFF => Ok(HashColumns { columns, alternate_sign }),
        _ => Err(PyValueError::new_err(format!("n_features is {columns}; expected 1 to 2147483647"))),
    }
}

fn parse_norm(norm: Option<&str>) -> PyResult<Option<Norm>> {
    match norm {
        None => Ok(None),
        Some("l1") => Ok(Some(Norm::L1)),
        Some("l2") => Ok(Some(Norm::L2)),
        Some(other) => Err(PyValueError::new_err(format!("norm is {other:?}; expected \"l1\", \"l2\" or None"))),
    }
}

fn hashed_arrays<'py>(
    py: Python<'py>,
    parts: Vec<HashedRows>,
    norm: Option<Norm>,
    runner: &Runner,
) -> PyResult<CsrArrays<'py>> {
    let nonzero: usize = parts.iter().map(HashedRows::nonzero).sum();
    match nonzero <= i32::MAX as usize {
        true => hashed_arrays_by::<i32>(py, parts, norm, nonzero, runner),
        false => hashed_arrays_by::<i64>(py, parts, norm, nonzero, runner),
    }
}

fn hashed_arrays_by<'py, I: Index + Element>(
    py: Python<'py>,
    parts: Vec<HashedRows>,
    norm: Option<Norm>,
    nonzero: usize,
    runner: &Runner,
) -> PyResult<CsrArrays<'py>> {
    let rows: usize = parts.iter().map(HashedRows::len).sum();
    let data = new_array::<f64, 1>(py, [nonzero])?;
    let indices = new_array::<I, 1>(py, [nonzero])?;
    let indptr = new_array::<I, 1>(py, [rows + 1])?;
    {
        let (mut data, mut indices, mut indptr) =
            (data.try_readwrite()?, indices.try_readwrite()?, indptr.try_readwrite()?);
        let (data, indices, indptr) = (data.as_slice_mut()?, indices.as_slice_mut()?, indptr.as_slice_mut()?);
        runner.quiet().run(py, |run| write_rows(parts, norm, data, indices, indptr, run))?;
    }
    (data, indices, indptr).into_pyobject(py)
}
