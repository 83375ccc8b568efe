//! Terms: a column for each, or for each category.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyMapping, PyString};

use super::super::errors::{about_item, not_texts, short_repr, with};
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
        push_terms(&members, &format!("terms['{category}']"), &mut terms)
            .map_err(|error| with(error, "category", category))?;
        terms.end_category(category.to_string());
    }
    Ok(terms)
}

/// The items of a set as a sorted list: `str`, then `bytes`, each as Python sorts them, then what is neither and will be
/// refused.
fn sorted<'py>(set: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let (texts, bytes, others) = (PyList::empty(set.py()), PyList::empty(set.py()), PyList::empty(set.py()));
    for item in set.try_iter()? {
        let item = item?;
        let list = if item.is_instance_of::<PyString>() {
            &texts
        } else if item.is_instance_of::<PyBytes>() {
            &bytes
        } else {
            &others
        };
        list.append(item)?;
    }
    texts.sort()?;
    bytes.sort()?;
    texts.call_method1("__add__", (bytes,))?.call_method1("__add__", (others,))
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
            None => {
                let error = PyValueError::new_err(format!("{name}[{i}] is missing; a term is str or bytes"));
                Err(about_item(error, name, i))
            }
        };
        result.is_ok()
    })?;
    result
}
