//! NumPy arrays of one dimension: `U`, `S`, `StringDType`, `object`, and masked arrays of these.
//!
//! `U` and `S` are read in place, in any byte order and stride, aligned or not. The strings of a `StringDType` may be
//! read only under a lock that a count should not hold, so they are copied in load blocks while they are counted.

use numpy::prelude::*;
use numpy::{PyArray1, PyArrayDescr, PyUntypedArray};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::super::arrays::{as_ndarray, check_one_dimensional, numpy_ma_if_masked};
use super::super::borrowed::Owners;
use super::numpy_strings::NumpyStrings;
use super::sequence;
use crate::core::Documents;
use crate::core::base::memory;
use crate::core::documents::chunk::{Chunk, Content, Layout, Missing};
use crate::core::text::encoding::ByteOrder;

pub fn documents(array: &Bound<'_, PyUntypedArray>, name: &str, owners: &mut Owners) -> PyResult<Documents<'static>> {
    check_one_dimensional(array, name)?;
    let Some(numpy_ma) = numpy_ma_if_masked(array)? else { return unmasked(array, Vec::new(), name, owners) };
    let data = as_ndarray(array)?;
    let mask = numpy_ma.call_method1("getmaskarray", (array,))?.cast_into::<PyArray1<bool>>()?;
    owners.keep_array(mask.as_untyped());
    if data.dtype().kind() == b'O' {
        // Masked items need not be text. In the list they are `None`.
        owners.keep_array(&data);
        return sequence::documents(&array.call_method0("tolist")?, name, owners);
    }
    let mask = mask.try_readonly().map_err(|error| PyValueError::new_err(format!("the mask of {name}: {error}")))?;
    unmasked(&data, memory::collected(mask.as_array().iter().copied()), name, owners)
}

/// The documents of an unmasked array. `mask` says which are missing in addition to nulls; it may be empty.
fn unmasked(
    array: &Bound<'_, PyUntypedArray>,
    mask: Vec<bool>,
    name: &str,
    owners: &mut Owners,
) -> PyResult<Documents<'static>> {
    let len = array.len();
    let dtype = array.dtype();
    let layout = match dtype.kind() {
        b'S' => fixed(array, Content::PaddedBytes, owners),
        b'U' => fixed(array, Content::PaddedUcs4(byte_order(&dtype)), owners),
        b'T' => {
            owners.keep_array(array);
            return Ok(Documents::loaded(Box::new(NumpyStrings::new(array, mask)?)));
        }
        b'O' => return sequence::of_array(array, name, owners),
        _ if len == 0 || is_all_nan(array)? => Layout::Null,
        _ => {
            let message = format!("{name} is an array of dtype {dtype}; expected text: U, S, StringDType or object");
            return Err(PyTypeError::new_err(message));
        }
    };
    let missing = if mask.contains(&true) { Missing::Mask(mask.into()) } else { Missing::None };
    Ok(Documents::new(vec![Chunk::new(layout, missing, len)]))
}

/// Items of a fixed width.
fn fixed(array: &Bound<'_, PyUntypedArray>, content: Content, owners: &mut Owners) -> Layout<'static> {
    let (data, first) = owners.array(array);
    let stride = array.strides().first().copied().unwrap_or(0);
    Layout::Fixed { data, first, stride, width: array.dtype().itemsize(), content }
}

fn byte_order(dtype: &Bound<'_, PyArrayDescr>) -> ByteOrder {
    match dtype.is_native_byteorder() {
        Some(false) => ByteOrder::Swapped,
        _ => ByteOrder::Native,
    }
}

/// Whether all items are NaN. pandas makes such a column of floats if all texts are missing.
fn is_all_nan(array: &Bound<'_, PyUntypedArray>) -> PyResult<bool> {
    if array.dtype().kind() != b'f' {
        return Ok(false);
    }
    array.py().import("numpy")?.call_method1("isnan", (array,))?.call_method0("all")?.is_truthy()
}
