//! pandas: Series, Index, Categorical and other arrays, DataFrames of one column.
//!
//! A pandas object is unwrapped to what holds its data, an Arrow or a NumPy array, without a copy. pandas is never
//! imported from here: an object of its types exists only where it has been.

use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::super::buffer::Keeper;
use super::super::errors::not_texts;
use super::super::modules::imported;
use super::shared::Shared;
use super::{array, arrow};
use crate::core::Documents;
use crate::core::documents::chunk::{Integers, Width};

/// Takes a pandas object; `None` if it is none.
pub fn documents(object: &Bound<'_, PyAny>, name: &str, keeper: &mut Keeper) -> PyResult<Option<Documents<'static>>> {
    let Some(pandas) = imported(object.py(), "pandas") else { return Ok(None) };
    let is = |class: &str| -> PyResult<bool> { object.is_instance(&pandas.getattr(class)?) };
    if is("MultiIndex")? {
        return Err(not_texts(object, name, "it has several levels; pass one, such as index.get_level_values(0)"));
    }
    let array = if is("Series")? || is("Index")? {
        object.getattr("array")?
    } else if is("DataFrame")? {
        return frame_documents(object, name, keeper);
    } else if object.is_instance(&pandas.getattr("api")?.getattr("extensions")?.getattr("ExtensionArray")?)? {
        object.clone()
    } else {
        return Ok(None);
    };
    let dtype = array.getattr("dtype")?;
    if dtype.is_instance(&pandas.getattr("CategoricalDtype")?)? {
        return categorical_documents(&array, name, keeper).map(Some);
    }
    let is_arrow = dtype.is_instance(&pandas.getattr("ArrowDtype")?)?
        || dtype.is_instance(&pandas.getattr("StringDtype")?)?
            && dtype.getattr("storage")?.cast::<PyString>().is_ok_and(|storage| storage == "pyarrow");
    if is_arrow {
        return arrow::documents(&array.call_method0("__arrow_array__")?, name, keeper).map(Some);
    }
    let array = object.py().import("numpy")?.call_method1("asarray", (&array,))?;
    array::documents(array.cast()?, name, keeper).map(Some)
}

/// The one column of a DataFrame.
fn frame_documents(
    frame: &Bound<'_, PyAny>,
    name: &str,
    keeper: &mut Keeper,
) -> PyResult<Option<Documents<'static>>> {
    let columns: Vec<String> = frame
        .getattr("columns")?
        .try_iter()?
        .map(|column| Ok(column?.str()?.to_string()))
        .collect::<PyResult<_>>()?;
    if columns.len() != 1 {
        return Err(arrow::several_columns(name, columns.iter().map(String::as_str)));
    }
    let column = frame.getattr("iloc")?.get_item((pyo3::types::PySlice::full(frame.py()), 0))?;
    documents(&column, name, keeper)
}

/// Categories are the texts, codes say which row has which; -1 is missing.
fn categorical_documents(array: &Bound<'_, PyAny>, name: &str, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    // Rows share them, so they must be at hand.
    let mut owners = Keeper::default();
    let (categories, of_name) = (array.getattr("categories")?, format!("the categories of {name}"));
    let values = documents(&categories, &of_name, &mut owners)?
        .ok_or_else(|| not_texts(&categories, &of_name, "expected a pandas Index"))?;
    keeper.extend(owners);
    let numpy = array.py().import("numpy")?;
    let codes = numpy.call_method1("ascontiguousarray", (array.getattr("codes")?,))?.cast_into::<PyUntypedArray>()?;
    let width = Width { bytes: codes.dtype().itemsize(), signed: true };
    let codes = Integers::new(keeper.buffer(&codes, "codes")?, width);
    let mut shared = Shared::default();
    shared.begin(values);
    shared.extend(array.py(), &codes, codes.len(), |i| codes.get(i).is_none(), name)?;
    Ok(shared.documents())
}
