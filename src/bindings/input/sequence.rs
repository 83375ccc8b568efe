//! Python sequences and iterables. First of all, a reference is taken to each item, and other items than text raise.

use numpy::PyUntypedArray;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use super::super::borrowed::Owners;
use super::super::errors::{about_item, short_repr, type_name};
use super::super::items::{Items, is_buffer, is_text};
use super::super::modules::{imported, is_pandas};
use crate::core::Documents;

/// The documents of a list or a tuple.
pub fn documents<'py>(object: &Bound<'py, PyAny>, name: &str, owners: &mut Owners) -> PyResult<Documents<'static>> {
    let converter = ItemConverter::default();
    let convert = |i, item: &Bound<'py, PyAny>| converter.text_of(i, item, name);
    let items = match object.cast_exact::<PyList>() {
        Ok(list) => Items::of_list(list, convert)?,
        Err(_) => Items::of_tuple(object.cast_exact::<PyTuple>()?, convert)?,
    };
    owners.items(object.py(), items)
}

/// The documents of any other iterable.
pub fn of_iterable<'py>(
    py: Python<'py>,
    items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
    name: &str,
    owners: &mut Owners,
) -> PyResult<Documents<'static>> {
    let converter = ItemConverter::default();
    let items = Items::new(0, items, |i, item: &Bound<'py, PyAny>| converter.text_of(i, item, name))?;
    owners.items(py, items)
}

/// The documents of a one-dimensional array of objects.
pub fn of_array<'py>(
    array: &Bound<'py, PyUntypedArray>,
    name: &str,
    owners: &mut Owners,
) -> PyResult<Documents<'static>> {
    owners.keep_array(array);
    let converter = ItemConverter::default();
    let items = Items::of_array(array, |i, item: &Bound<'py, PyAny>| converter.text_of(i, item, name))?;
    owners.items(array.py(), items)
}

/// Converts items that are neither `str` nor `bytes`: Arrow scalars and missing values. Missing values are `None`,
/// `pandas.NA`, `numpy.ma.masked`, and values that are not equal to themselves (NaN, NaT).
#[derive(Default)]
pub struct ItemConverter {
    /// The missing values of imported libraries.
    missing: std::cell::OnceCell<Vec<Py<PyAny>>>,
}

impl ItemConverter {
    /// The text of an item, `None` if it is missing, or an error.
    pub fn text_of<'py>(
        &self,
        i: usize,
        item: &Bound<'py, PyAny>,
        name: &str,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.is_missing(item) {
            return Ok(None);
        }
        match scalar(item)? {
            Some(value) if is_text(&value) => Ok(Some(value)),
            Some(value) if self.is_missing(&value) => Ok(None),
            _ => Err(not_text(i, item, name)),
        }
    }

    fn is_missing(&self, item: &Bound<'_, PyAny>) -> bool {
        item.is_none()
            || self.missing_values(item.py()).iter().any(|value| value.is(item))
            || is_unequal_to_itself(item)
    }

    fn missing_values(&self, py: Python<'_>) -> &[Py<PyAny>] {
        let value = |(module, name)| Some(imported(py, module)?.getattr(name).ok()?.unbind());
        self.missing
            .get_or_init(|| [("pandas", "NA"), ("numpy.ma", "masked")].into_iter().filter_map(value).collect())
    }
}

/// The value of an Arrow scalar, unless it consists of bytes with an extension type, which are not text.
fn scalar<'py>(item: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(as_py) = item.getattr_opt("as_py")? else { return Ok(None) };
    let value = as_py.call0()?;
    let is_extension = value.is_instance_of::<PyBytes>() && item.getattr("type")?.hasattr("extension_name")?;
    Ok((!is_extension).then_some(value))
}

fn not_text(i: usize, item: &Bound<'_, PyAny>, name: &str) -> PyErr {
    let reason = why_not_text(item, name == "documents");
    about_item(PyTypeError::new_err(format!("{name}[{i}] {reason}")), name, i)
}

pub fn is_list(item: &Bound<'_, PyAny>) -> bool {
    let has = |attribute| item.hasattr(attribute).unwrap_or(false);
    // NumPy's scalars have `__array__`, but no length.
    item.is_instance_of::<PyList>() || item.is_instance_of::<PyTuple>() || (has("__array__") && has("__len__"))
}

/// What an item is, what is expected, and what to do.
pub fn why_not_text(item: &Bound<'_, PyAny>, is_document: bool) -> String {
    let is_list = is_list(item);
    let expected = if is_document { "str, bytes or a missing value" } else { "str or bytes" };
    let hint = if let Some(hint) = hint_for_pandas(item, is_document) {
        hint
    } else if is_buffer(item) {
        "; pass bytes(item)"
    } else if is_list && is_document {
        "; join the tokens of each document by \" \".join(tokens), and pass match=\"token\""
    } else if is_list {
        "; join the words of a term by \" \".join(words)"
    } else {
        ""
    };
    let (type_, value) = (type_name(item), short_repr(item));
    format!("is {type_} ({value}); expected {expected}{hint}")
}

/// What to do with a list of DataFrames, Series or Indexes. A column may also contain the tokens of one document.
fn hint_for_pandas(item: &Bound<'_, PyAny>, is_document: bool) -> Option<&'static str> {
    let has = |attribute| item.get_type().hasattr(attribute).unwrap_or(false);
    if !is_pandas(item).unwrap_or(false) || !(has("iloc") || has("get_indexer")) {
        return None;
    }
    Some(match (has("columns"), is_document) {
        (true, _) => "; concatenate the tables, such as by pd.concat, and pass one column of text",
        (false, true) => {
            "; concatenate the columns, such as by pd.concat, or if each is the tokens of a document, join them by \" \
             \".join(tokens)"
        }
        (false, false) => "; concatenate the columns, such as by pd.concat",
    })
}

/// Whether `item != item` is `True`. A truthy result does not suffice, since arrays compare to arrays.
fn is_unequal_to_itself(item: &Bound<'_, PyAny>) -> bool {
    let unequal = item.rich_compare(item, pyo3::basic::CompareOp::Ne);
    // NumPy's scalars return a bool of NumPy.
    unequal.is_ok_and(|unequal| {
        matches!(type_name(&unequal).as_str(), "bool" | "bool_") && unequal.is_truthy().unwrap_or(false)
    })
}
