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
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PyMapping, PySet, PyString, PyTuple};

use super::buffer::{Held, Keeper};
use super::documents::PyDocuments;
use super::errors::not_texts;
use super::items::is_text;
use super::overlap::is_plain;
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
    let hint = if is_text(object) {
        "pass a list, such as ['...']"
    } else if is_set(object) {
        "a set has no order; pass a list"
    } else if let Ok(mapping) = object.cast::<PyMapping>() {
        hint_for_mapping(mapping)
    } else if !object.hasattr("__iter__")?
        && let Some(hint) = hint_for_method(object)
    {
        hint
    } else if object.try_iter().is_err() {
        "pass a list of str or bytes, or an array or column of them"
    } else {
        return Ok(());
    };
    Err(not_texts(object, name, hint))
}

/// What to pass instead of something that is read by a method of its own: of pyarrow, polars, DuckDB.
fn hint_for_method(object: &Bound<'_, PyAny>) -> Option<&'static str> {
    const METHODS: [(&str, &str); 4] = [
        ("to_reader", "pass what its .to_reader() returns"),
        ("scanner", "it is a dataset; pass what its .scanner(columns=[...]).to_reader() returns"),
        ("collect", "it is not computed yet; pass what its .collect() returns"),
        ("sql", "it is a connection; pass what its .sql(query) returns"),
    ];
    METHODS.iter().find(|(method, _)| object.hasattr(*method).unwrap_or(false)).map(|(_, hint)| *hint)
}

/// What to pass instead of a mapping: whichever of its parts are texts.
fn hint_for_mapping(mapping: &Bound<'_, PyMapping>) -> &'static str {
    let value = mapping.values().ok().and_then(|values| values.iter().next());
    match value {
        Some(value) if is_text(&value) || value.is_none() => "pass a list, such as list(mapping.values())",
        Some(value) if value.try_iter().is_ok() && value.cast::<PyMapping>().is_err() => {
            "pass a list, such as [text for texts in mapping.values() for text in texts]"
        }
        _ => "pass a list, such as list(mapping)",
    }
}

fn is_set(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PySet>() || object.is_instance_of::<PyFrozenSet>()
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

/// A module, if the process has imported it; not while another thread does so, and half of it is there.
///
/// Objects of its types exist only then. So nothing is imported during a count, in which the process may fork: the child would wait
/// for ever for the thread that imports.
pub fn imported<'py>(py: Python<'py>, module: &str) -> Option<Bound<'py, PyAny>> {
    static MODULES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let module = MODULES.import(py, "sys", "modules").ok()?.get_item(module).ok()?;
    let is_initializing = |spec: Bound<'_, PyAny>| spec.getattr("_initializing")?.is_truthy();
    let half = module.getattr("__spec__").and_then(is_initializing).unwrap_or(false);
    (!half).then_some(module)
}

/// The module of masked arrays, if an array is one.
pub fn masked<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(numpy_ma) = (!is_plain(array)).then(|| imported(array.py(), "numpy.ma")).flatten() else {
        return Ok(None);
    };
    Ok(array.is_instance(&numpy_ma.getattr("MaskedArray")?)?.then_some(numpy_ma))
}

/// Refuses arrays with another number of dimensions than one.
fn one_dimension(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<()> {
    match array.ndim() {
        1 => Ok(()),
        n => Err(PyValueError::new_err(format!("{name} has {n} dimensions; expected 1"))),
    }
}
