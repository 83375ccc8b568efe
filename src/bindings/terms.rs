//! Terms of Python objects: a column for each term, or for each category.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyMapping, PyString};

use super::documents::documents_of;
use super::errors::{short_repr, with_attribute, wrong_type};
use super::input::extract::is_set;
use super::input::sequence;
use super::items::is_text;
use super::modules::is_pandas;
use super::run::check_signals;
use crate::core::{TermError, Terms};

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
    let mut reasons = Vec::new().into_iter();
    let borrowed = match documents_of(object, name) {
        Err(error) if is_about_item(&error, object)? => {
            let (usable, found) = without_unusable(object, name)?;
            reasons = found.into_iter();
            documents_of(&usable, name)?
        }
        borrowed => borrowed?,
    };
    let mut result = Ok(());
    borrowed.documents().for_each_text(|i, text| {
        result = match text {
            Some(text) => {
                terms.push(text);
                check_signals(object.py(), i)
            }
            None => {
                terms.push_unusable(reasons.next().unwrap_or(TermError::Missing));
                Ok(())
            }
        };
        result.is_ok()
    })?;
    result
}

/// Whether an error is about an item that is not text, and the object's items can be read again.
fn is_about_item(error: &PyErr, object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    Ok(error.is_instance_of::<PyTypeError>(py) && error.value(py).hasattr("term")? && !object.hasattr("__next__")?)
}

/// The items, with None instead of each that is not text, and what is wrong with those.
fn without_unusable<'py>(object: &Bound<'py, PyAny>, name: &str) -> PyResult<(Bound<'py, PyAny>, Vec<TermError>)> {
    let (usable, mut reasons) = (PyList::empty(object.py()), Vec::new());
    let converter = sequence::ItemConverter::default();
    for (i, item) in object.try_iter()?.enumerate() {
        let item = item?;
        check_signals(object.py(), i)?;
        let text = if is_text(&item) { Ok(Some(item.clone())) } else { converter.text_of(i, &item, name) };
        match text {
            Ok(Some(text)) => usable.append(text)?,
            Ok(None) => {
                reasons.push(TermError::Missing);
                usable.append(object.py().None())?;
            }
            Err(error) if !error.is_instance_of::<PyTypeError>(object.py()) => return Err(error),
            Err(_) if i == 0 && sequence::is_list(&item) && is_pandas(object)? && object.hasattr("to_dict")? => {
                let hint = "its items are lists; for categories of terms, pass what its .to_dict() returns";
                return Err(wrong_type(object, name, hint));
            }
            Err(_) => {
                reasons.push(TermError::NotText { reason: sequence::why_not_text(&item, false) });
                usable.append(object.py().None())?;
            }
        }
    }
    Ok((usable.into_any(), reasons))
}
