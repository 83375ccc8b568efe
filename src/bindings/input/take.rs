//! Finds out what an object is, and hands it to the file for it.

use std::sync::Arc;

use numpy::PyUntypedArray;
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyList, PyMapping, PySet, PyTuple};

use super::super::buffer::{Held, Keeper};
use super::super::errors::{not_texts, type_name};
use super::super::items::{is_buffer, is_text};
use super::super::taken::PyDocuments;
use super::{array, arrow, pandas, sequence};
use crate::core::Documents;

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
        return Ok(documents.get().held.clone());
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
    } else if is_buffer(object) && name == "documents" {
        "pass a list, such as [bytes(data)], or Documents.from_lines(data) for its lines"
    } else if is_buffer(object) {
        "pass a list, such as [bytes(data)]"
    } else if is_set(object) {
        "a set has no order; pass a list"
    } else if is_grouped(object) {
        "pass the column of text before it is grouped, and add up the counts of each group"
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

/// Whether an object iterates over groups of rows.
fn is_grouped(object: &Bound<'_, PyAny>) -> bool {
    let class = object.get_type();
    let module = class.module().map_or_else(|_| String::new(), |module| module.to_string());
    let name = type_name(object);
    match module.split('.').next() {
        Some("pandas" | "polars") => name.ends_with("GroupBy") || name.ends_with("Resampler"),
        Some("itertools") => name == "groupby",
        _ => false,
    }
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

/// Whether an object is a set, which has no order.
pub fn is_set(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PySet>() || object.is_instance_of::<PyFrozenSet>()
}
