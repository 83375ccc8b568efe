//! Terms of Python objects: a column for each term, or for each category.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyMapping, PyString};

use super::documents::documents_of;
use super::errors::{about_item, short_repr, with_attribute, wrong_type};
use super::input::extract::is_set;
use super::run::check_signals;
use crate::core::Terms;

/// The terms of an object: one column per term, or one per category for a mapping.
pub fn terms_of(object: &Bound<'_, PyAny>) -> PyResult<Terms> {
    let Ok(mapping) = object.cast::<PyMapping>() else {
        let mut terms = Terms::default();
        push_terms(object, "terms", &mut terms)?;
        return Ok(terms);
    };
    let mut terms = Terms::by_category();
    for pair in mapping.items()?.iter() {
        let (name, members): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let Ok(category) = name.cast::<PyString>() else {
            return Err(wrong_type(&name, "the name of a category of terms", "expected str"));
        };
        let category = category.to_str().map_err(|_| {
            PyValueError::new_err(format!(
                "the category name {} holds a lone surrogate; expected valid Unicode",
                short_repr(&name)
            ))
        })?;
        // The order of a category's terms changes no count, but counters compare it.
        let members = if is_set(&members) { sorted(&members)? } else { members };
        push_terms(&members, &format!("terms['{category}']"), &mut terms)
            .map_err(|error| with_attribute(error, "category", category))?;
        terms.end_category(category.to_string());
    }
    Ok(terms)
}

/// The items of a set as a list: `str`, then `bytes`, both sorted, then all other items, which will raise.
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
    let borrowed = documents_of(object, name)?;
    let mut result = Ok(());
    borrowed.documents().for_each_text(|i, text| {
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
