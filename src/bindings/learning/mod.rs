//! The classes of terms that are learned from documents: rules for words, tables of terms, vectorizers.

pub mod hashed;
pub mod learned;
pub mod term_table;
pub mod token_rules;
pub mod vectorizer;

use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::core::Documents;

/// Arrays (data, indices, indptr).
type CsrArrays<'py> = Bound<'py, PyTuple>;

fn checked_ends<'e>(ends: &'e PyReadonlyArray1<'_, i64>, tokens: &Documents<'_>) -> PyResult<&'e [i64]> {
    let ends = ends.as_slice()?;
    let rises = ends.is_sorted() && ends.first().is_none_or(|&first| first >= 0);
    if !rises || ends.last().copied().unwrap_or(0) != tokens.len() as i64 {
        return Err(PyValueError::new_err("ends must rise from 0 to the number of tokens"));
    }
    Ok(ends)
}
