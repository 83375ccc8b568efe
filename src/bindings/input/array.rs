//! NumPy arrays of one dimension: `U`, `S`, `StringDType`, `object`, and masked arrays of these.
//!
//! `U` and `S` are read where they lie, in any byte order and stride, aligned or not. The strings of a `StringDType` may be
//! read only under a lock that a count should not hold: they are copied portion by portion while they are counted.

use numpy::prelude::*;
use numpy::{PyArray1, PyArrayDescr, PyUntypedArray};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::super::arrays::{masked, one_dimension, plain};
use super::super::buffer::Keeper;
use super::super::numpy_strings::NumpyStrings;
use super::sequence;
use crate::core::Documents;
use crate::core::base::memory;
use crate::core::documents::chunk::{Chunk, Content, Layout, Missing};
use crate::core::text::encoding::ByteOrder;

pub fn documents(array: &Bound<'_, PyUntypedArray>, name: &str, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    one_dimension(array, name)?;
    let Some(numpy_ma) = masked(array)? else { return unmasked(array, Vec::new(), name, keeper) };
    let data = plain(array)?;
    let mask = numpy_ma.call_method1("getmaskarray", (array,))?.cast_into::<PyArray1<bool>>()?;
    keeper.read(mask.as_untyped());
    if data.dtype().kind() == b'O' {
        // What lies under the mask need not be text; in the list it is `None`.
        keeper.read(&data);
        return sequence::documents(&array.call_method0("tolist")?, name, keeper);
    }
    let mask = mask.try_readonly().map_err(|error| PyValueError::new_err(format!("the mask of {name}: {error}")))?;
    unmasked(&data, memory::collected(mask.as_array().iter().copied()), name, keeper)
}

/// An array without its mask, of what is missing beside its own nulls; empty if nothing is.
fn unmasked(
    array: &Bound<'_, PyUntypedArray>,
    mask: Vec<bool>,
    name: &str,
    keeper: &mut Keeper,
) -> PyResult<Documents<'static>> {
    let len = array.len();
    let dtype = array.dtype();
    let layout = match dtype.kind() {
        b'S' => fixed(array, Content::PaddedBytes, keeper),
        b'U' => fixed(array, Content::PaddedUcs4(byte_order(&dtype)), keeper),
        b'T' => {
            keeper.read(array);
            return Ok(Documents::loaded(Box::new(NumpyStrings::new(array, mask)?)));
        }
        b'O' => return sequence::of_array(array, name, keeper),
        _ if len == 0 || is_all_nan(array)? => Layout::Null,
        _ => {
            let message = format!("{name} is an array of dtype {dtype}; expected text: U, S, StringDType or object");
            return Err(PyTypeError::new_err(message));
        }
    };
    let missing = if mask.contains(&true) { Missing::Mask(mask.into()) } else { Missing::None };
    Ok(Documents::new(vec![Chunk::new(layout, missing, len)]))
}

/// Items of a fixed number of bytes.
fn fixed(array: &Bound<'_, PyUntypedArray>, content: Content, keeper: &mut Keeper) -> Layout<'static> {
    let (data, first) = keeper.array(array);
    let stride = array.strides().first().copied().unwrap_or(0);
    Layout::Fixed { data, first, stride, width: array.dtype().itemsize(), content }
}

fn byte_order(dtype: &Bound<'_, PyArrayDescr>) -> ByteOrder {
    match dtype.is_native_byteorder() {
        Some(false) => ByteOrder::Swapped,
        _ => ByteOrder::Native,
    }
}

/// Whether this is a column of floats that are all NaN, as pandas makes of one that is empty of text.
fn is_all_nan(array: &Bound<'_, PyUntypedArray>) -> PyResult<bool> {
    if array.dtype().kind() != b'f' {
        return Ok(false);
    }
    array.py().import("numpy")?.call_method1("isnan", (array,))?.call_method0("all")?.is_truthy()
}
