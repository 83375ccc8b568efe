//! pandas: Series, Index, Categorical and other arrays, DataFrames of one column.
//!
//! A pandas object is unwrapped to the Arrow or NumPy array that contains its data, without a copy. This file never
//! imports pandas: objects of its types exist only if it was imported.

use numpy::PyUntypedArray;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::super::borrowed::Owners;
use super::super::errors::wrong_type;
use super::super::modules::imported;
use super::dictionary::DictionaryBuilder;
use super::offsets::integers_of;
use super::{array, arrow};
use crate::core::Documents;

/// The documents of a pandas object, `None` for any other object.
pub fn documents(object: &Bound<'_, PyAny>, name: &str, owners: &mut Owners) -> PyResult<Option<Documents<'static>>> {
    let Some(pandas) = imported(object.py(), "pandas") else { return Ok(None) };
    let is = |class: &str| -> PyResult<bool> { object.is_instance(&pandas.getattr(class)?) };
    if is("MultiIndex")? {
        return Err(wrong_type(object, name, "it has several levels; pass one, such as index.get_level_values(0)"));
    }
    let array = if is("Series")? || is("Index")? {
        object.getattr("array")?
    } else if is("DataFrame")? {
        return frame_documents(object, name, owners);
    } else if object.is_instance(&pandas.getattr("api")?.getattr("extensions")?.getattr("ExtensionArray")?)? {
        object.clone()
    } else {
        return Ok(None);
    };
    let dtype = array.getattr("dtype")?;
    if dtype.is_instance(&pandas.getattr("CategoricalDtype")?)? {
        return categorical_documents(&array, name, owners).map(Some);
    }
    let is_arrow = dtype.is_instance(&pandas.getattr("ArrowDtype")?)?
        || dtype.is_instance(&pandas.getattr("StringDtype")?)?
            && dtype.getattr("storage")?.cast::<PyString>().is_ok_and(|storage| storage == "pyarrow");
    if is_arrow {
        return arrow::documents(&array.call_method0("__arrow_array__")?, name, owners).map(Some);
    }
    let array = object.py().import("numpy")?.call_method1("asarray", (&array,))?;
    array::documents(array.cast()?, name, owners).map(Some)
}

/// The only column of a DataFrame.
fn frame_documents(
    frame: &Bound<'_, PyAny>,
    name: &str,
    owners: &mut Owners,
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
    documents(&column, name, owners)
}

/// Categories are the texts, and the codes say which text each row has. Code -1 means missing.
fn categorical_documents(array: &Bound<'_, PyAny>, name: &str, owners: &mut Owners) -> PyResult<Documents<'static>> {
    // Rows share the categories, so these are kept even for a single use.
    let mut kept = Owners::default();
    let (categories, of_name) = (array.getattr("categories")?, format!("the categories of {name}"));
    let values = documents(&categories, &of_name, &mut kept)?
        .ok_or_else(|| wrong_type(&categories, &of_name, "expected a pandas Index"))?;
    owners.extend(kept);
    let numpy = array.py().import("numpy")?;
    let codes = numpy.call_method1("ascontiguousarray", (array.getattr("codes")?,))?.cast_into::<PyUntypedArray>()?;
    let codes = integers_of(&codes, "codes", owners)?;
    let mut builder = DictionaryBuilder::default();
    builder.start(values);
    builder.add_rows(array.py(), &codes, codes.len(), |i| codes.get(i).is_none(), name)?;
    Ok(builder.finish())
}
