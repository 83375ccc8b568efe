//! Finds out what an object is and calls the file for it.

use numpy::PyUntypedArray;
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyList, PyMapping, PySet, PyTuple};

use super::super::borrowed::Owners;
use super::super::errors::{type_name, wrong_type};
use super::super::items::{is_buffer, is_text};
use super::batches::{self, Batches, Peeked};
use super::{array, arrow, hugging_face, pandas, sequence};
use crate::core::Documents;

/// The documents of any object except `Documents`.
pub fn documents(object: &Bound<'_, PyAny>, name: &str, owners: &mut Owners) -> PyResult<Documents<'static>> {
    match content(object, name, owners)? {
        Content::Documents(documents) => Ok(documents),
        Content::Batches(batches) => batches.documents(object.py(), owners),
    }
}

/// What an object contains.
pub enum Content {
    Documents(Documents<'static>),
    /// Not yet read, except for the first.
    Batches(Batches),
}

/// The content of any object except `Documents`.
pub fn content(object: &Bound<'_, PyAny>, name: &str, owners: &mut Owners) -> PyResult<Content> {
    if let Some(batches) = batches::of_sequence(object, name)? {
        Ok(Content::Batches(batches))
    } else if object.is_exact_instance_of::<PyList>() || object.is_exact_instance_of::<PyTuple>() {
        sequence::documents(object, name, owners).map(Content::Documents)
    } else if let Ok(array) = object.cast::<PyUntypedArray>() {
        array::documents(array, name, owners).map(Content::Documents)
    } else if let Some(documents) = pandas::documents(object, name, owners)? {
        Ok(Content::Documents(documents))
    } else if arrow::is_arrow(object)? {
        arrow::documents(object, name, owners).map(Content::Documents)
    } else {
        let of_dataset = hugging_face::batches(object)?;
        let object = of_dataset.as_ref().unwrap_or(object);
        check_is_list_of_texts(object, name)?;
        match Peeked::new(object, name)?.batches(name)? {
            Ok(batches) => Ok(Content::Batches(batches)),
            Err(texts) => sequence::of_iterable(object.py(), texts.items(), name, owners).map(Content::Documents),
        }
    }
}

/// Raises `TypeError` for objects that can be iterated over but are hardly meant as a list of texts, such as a `str`,
/// a mapping or a set.
fn check_is_list_of_texts(object: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    let hint = if is_text(object) {
        "pass a list, such as ['...']"
    } else if is_buffer(object) && name == "documents" {
        "pass a list, such as [bytes(data)], or Documents.from_lines(data) for its lines"
    } else if is_buffer(object) {
        "pass a list, such as [bytes(data)]"
    } else if is_set(object) {
        "a set has no order; pass a list"
    } else if object.hasattr("__fspath__")? && name == "documents" {
        "it is a path; pass Documents.from_lines(path) for a file's lines, or count tables with count_dataset"
    } else if object.hasattr("__fspath__")? {
        "it is a path; pass what read_lexicon(path) returns"
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
    Err(wrong_type(object, name, hint))
}

/// Whether iterating over an object gives groups of rows.
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

/// What to pass instead of an object of pyarrow, polars or DuckDB that has a method to read it.
fn hint_for_method(object: &Bound<'_, PyAny>) -> Option<&'static str> {
    const METHODS: [(&str, &str); 4] = [
        ("to_reader", "pass what its .to_reader() returns"),
        ("scanner", "it is a dataset; pass what its .scanner(columns=[...]).to_reader() returns"),
        ("collect", "it is not computed yet; pass what its .collect() returns"),
        ("sql", "it is a connection; pass what its .sql(query) returns"),
    ];
    METHODS.iter().find(|(method, _)| object.hasattr(*method).unwrap_or(false)).map(|(_, hint)| *hint)
}

/// What to pass instead of a mapping, depending on which part of it is text.
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
