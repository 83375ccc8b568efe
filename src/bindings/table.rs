//! Tables of results as Arrow streams, for other libraries.

use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray};
use arrow_schema::{ArrowError, Field, Schema};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList, PyString};

use super::errors::type_name;
use super::guard::guarded;
use super::run::check_signals;
use crate::core::base::memory;

/// An `arrow_array_stream` capsule of a table. A column is an array of int64 or float64, or a list of str and None.
#[pyfunction]
pub fn arrow_stream<'py>(
    py: Python<'py>,
    columns: Vec<(String, Bound<'py, PyAny>)>,
) -> PyResult<Bound<'py, PyCapsule>> {
    guarded(|| {
        let mut fields = Vec::new();
        let mut arrays = Vec::new();
        for (name, values) in columns {
            let array = array_of(&values)?;
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(|error| malformed(&error))?;
        let reader = RecordBatchIterator::new([Ok(batch)], schema);
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    })
}

fn array_of(values: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    if let Ok(numbers) = values.cast::<PyArray1<i64>>() {
        return Ok(Arc::new(Int64Array::from(numbers.to_vec()?)));
    }
    if let Ok(numbers) = values.cast::<PyArray1<f64>>() {
        return Ok(Arc::new(Float64Array::from(numbers.to_vec()?)));
    }
    let Ok(list) = values.cast::<PyList>() else {
        return Err(PyTypeError::new_err(format!("a column is {}; expected a list or an array", type_name(values))));
    };
    let mut texts: Vec<Option<Bound<'_, PyString>>> = memory::with_room(list.len());
    for (i, text) in list.iter().enumerate() {
        check_signals(list.py(), i)?;
        memory::push(&mut texts, if text.is_none() { None } else { Some(text.cast_into()?) });
    }
    let texts = texts.iter().map(|text| text.as_ref().map(|text| text.to_str()).transpose());
    let texts = texts.collect::<PyResult<Vec<_>>>()?;
    if texts.iter().flatten().map(|text| text.len()).sum::<usize>() > i32::MAX as usize {
        return Err(PyOverflowError::new_err(
            "the names are more than 2 GB of text; Arrow strings cannot contain them",
        ));
    }
    Ok(Arc::new(StringArray::from(texts)))
}

fn malformed(error: &ArrowError) -> PyErr {
    PyValueError::new_err(format!("not a table: {error}"))
}
