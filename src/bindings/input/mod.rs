//! From Python objects to documents and terms.
//!
//! Every kind of object that api documents is recognised here and handed to the file for it. What comes back is a
//! [`Held`]: texts in the memory of whoever owns them.
//!
//! | file | takes |
//! | --- | --- |
//! | [`sequence`] | lists, tuples, iterables of `str`, `bytes` or missing values |
//! | [`array`] | NumPy arrays |
//! | [`pandas`] | Series, Index, Categorical, DataFrame |
//! | [`arrow`] | anything with the Arrow PyCapsule protocol |
//! | [`lines`] | files and buffers, line by line |
//! | [`once`] | knows iterators and streams that were read before |
//! | [`shared`] | rows that share texts: dictionaries and categories |

pub mod array;
pub mod arrow;
pub mod lines;
mod once;
pub mod pandas;
pub mod sequence;
mod shared;

use std::sync::Arc;

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFrozenSet, PyList, PyMapping, PySet, PyString, PyTuple};

use super::buffer::{Held, Keeper};
use super::documents::PyDocuments;
use super::errors::not_texts;
use super::run::check_signals;
use crate::kernel::{Documents, Terms};

/// Takes the texts of an object, called `name` in messages. Documents taken before are shared.
pub fn take(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Arc<Held>> {
    take_into(Keeper::default(), object, name)
}

/// Takes the texts of an object for one count, after which they are no longer needed.
pub fn take_once(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Arc<Held>> {
    take_into(Keeper::once(), object, name)
}

fn take_into(mut keeper: Keeper, object: &Bound<'_, PyAny>, name: &str) -> PyResult<Arc<Held>> {
    if let Ok(documents) = object.cast_exact::<PyDocuments>() {
        return Ok(documents.get().held().clone());
    }
    let documents = documents(object, name, &mut keeper)?;
    Ok(Arc::new(Held::new(documents, keeper)))
}

/// Finds out what an object is, and takes its texts.
fn documents(object: &Bound<'_, PyAny>, name: &str, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    if object.is_exact_instance_of::<PyList>() || object.is_exact_instance_of::<PyTuple>() {
        sequence::documents(object, name, keeper)
    } else if let Ok(array) = object.cast::<PyUntypedArray>() {
        array::documents(array, name, keeper)
    } else if let Some(documents) = pandas::documents(object, name, keeper)? {
        Ok(documents)
    } else if arrow::is_arrow(object)? {
        arrow::documents(object, name, keeper)
    } else {
        refuse_what_is_no_list(object, name)?;
        sequence::documents(object, name, keeper)
    }
}

/// A `str` is a sequence of `str`, a mapping and a set can be iterated over; none is meant as a list of texts.
fn refuse_what_is_no_list(object: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    let hint = if object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() {
        "pass a list, such as ['...']"
    } else if object.is_instance_of::<PySet>() || object.is_instance_of::<PyFrozenSet>() {
        "a set has no order; pass a list"
    } else if object.cast::<PyMapping>().is_ok() {
        "pass a list, such as list(mapping.values())"
    } else if object.try_iter().is_err() {
        "pass a list of str or bytes, or an array or column of them"
    } else {
        return Ok(());
    };
    Err(not_texts(object, name, hint))
}

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
                super::errors::short_repr(&name)
            ))
        })?;
        push_terms(&members, &format!("terms['{category}']"), &mut terms)?;
        terms.end_category(category.to_string());
    }
    Ok(terms)
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

/// A module, if the process has imported it; not while another thread does so, and half of it is there.
///
/// Objects of its types exist only then. So nothing is imported during a count, in which the process may fork: the child would wait
/// for ever for the thread that imports.
pub fn imported<'py>(py: Python<'py>, module: &str) -> Option<Bound<'py, PyAny>> {
    let module = py.import("sys").ok()?.getattr("modules").ok()?.get_item(module).ok()?;
    let is_initializing = |spec: Bound<'_, PyAny>| spec.getattr("_initializing")?.is_truthy();
    let half = module.getattr("__spec__").and_then(is_initializing).unwrap_or(false);
    (!half).then_some(module)
}

/// Refuses arrays with another number of dimensions than one.
fn one_dimension(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<()> {
    match array.ndim() {
        1 => Ok(()),
        n => Err(PyValueError::new_err(format!("{name} has {n} dimensions; expected 1"))),
    }
}
