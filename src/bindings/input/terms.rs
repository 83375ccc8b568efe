//! Terms: a column for each, or for each category.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

use super::super::errors::{not_texts, short_repr};
use super::super::run::check_signals;
use super::take::{is_set, take};
use crate::core::Terms;

/// Takes terms: a column for each, or by category if they come as a mapping.
pub fn terms(object: &Bound<'_, PyAny>) -> PyResult<Terms> {
    let Ok(mapping) = object.cast::<PyMapping>() else {
        let mut terms = Terms::default();
        push_terms(object, "terms", &mut terms)?;
        return Ok(terms);
    };
    let mut terms = Terms::by_category();
    for pair in mapping.items()?.iter() {
        let (name, members): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let Ok(category) = name.cast::<PyString>() else {
            return Err(not_texts(&name, "the name of a category of terms", "expected str"));
        };
        let category = category.to_str().map_err(|_| {
            PyValueError::new_err(format!(
                "the category name {} holds a lone surrogate; expected valid Unicode",
                short_repr(&name)
            ))
        })?;
        // The terms of a category have no order that would show in the counts, but counters are compared by it.
        let members = if is_set(&members) { sorted(&members)? } else { members };
        push_terms(&members, &format!("terms['{category}']"), &mut terms)?;
        terms.end_category(category.to_string());
    }
    Ok(terms)
}

/// The items of a set as a list, in the same order in every process. By `repr`, since `str` and `bytes` cannot be compared.
fn sorted<'py>(set: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let builtins = set.py().import("builtins")?;
    let key = PyDict::new(set.py());
    key.set_item("key", builtins.getattr("repr")?)?;
    builtins.getattr("sorted")?.call((set,), Some(&key))
}

fn push_terms(object: &Bound<'_, PyAny>, name: &str, terms: &mut Terms) -> PyResult<()> {
    let held = take(object, name)?;
    let mut result = Ok(());
    held.documents().for_each_text(|i, text| {
        result = match text {
            Some(text) => {
                terms.push(text);
                check_signals(object.py(), i)
            }
            None => Err(PyValueError::new_err(format!("{name}[{i}] is missing; a term is str or bytes"))),
        };
        result.is_ok()
    })?;
    result
}
