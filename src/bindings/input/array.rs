//! NumPy arrays of one dimension: `U`, `S`, `StringDType`, `object`, and masked arrays of these.
//!
//! `U` and `S` are read where they lie, in any byte order and stride, aligned or not. The strings of a `StringDType` are
//! copied: they may be read only under a lock that a count should not hold.

use numpy::prelude::*;
use numpy::{PyArray1, PyArrayDescr, PyUntypedArray};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::super::buffer::{Keeper, each_numpy_string};
use super::{one_dimension, sequence};
use crate::kernel::chunk::{Chunk, Content, Integers, Layout, Missing, Width};
use crate::kernel::text::ByteOrder;
use crate::kernel::{Documents, Text, raw::PackedText};

pub fn documents(array: &Bound<'_, PyUntypedArray>, name: &str, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    one_dimension(array, name)?;
    let py = array.py();
    let masked = py.import("numpy.ma")?.getattr("MaskedArray")?;
    if array.is_instance(&masked)? {
        return masked_documents(array, name, keeper);
    }
    let len = array.len();
    let dtype = array.dtype();
    let layout = match dtype.kind() {
        b'S' => fixed(array, Content::PaddedBytes, keeper),
        b'U' => fixed(array, Content::PaddedUcs4(byte_order(&dtype)), keeper),
        b'T' => return strings(array, keeper),
        b'O' => return sequence::documents(&array.call_method0("tolist")?, name, keeper),
        _ if len == 0 || is_all_nan(array)? => Layout::Null,
        _ => {
            let message = format!("{name} is an array of dtype {dtype}; expected text: U, S, StringDType or object");
            return Err(PyTypeError::new_err(message));
        }
    };
    Ok(Documents::new(vec![Chunk::new(layout, Missing::None, len)]))
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

/// `StringDType`: the strings are copied into one buffer of ours. A null without an `na_object` is an empty string, as
/// it is to NumPy.
fn strings(array: &Bound<'_, PyUntypedArray>, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    let nulls_are_missing = array.dtype().hasattr("na_object")?;
    let len = array.len();
    let mut text = Vec::new();
    let mut offsets = Vec::with_capacity(8 * (len + 1));
    let mut mask = Vec::new();
    offsets.extend_from_slice(&0u64.to_ne_bytes());
    each_numpy_string(array, |string| {
        mask.push(string.is_none() && nulls_are_missing);
        text.extend_from_slice(string.unwrap_or_default());
        offsets.extend_from_slice(&(text.len() as u64).to_ne_bytes());
    })?;
    let missing = if mask.contains(&true) { Missing::Mask(mask.into()) } else { Missing::None };
    let offsets = Integers::new(keeper.bytes(offsets), Width::U64);
    let layout = Layout::Offsets { data: keeper.bytes(text), offsets, is_str: true };
    Ok(Documents::new(vec![Chunk::new(layout, missing, len)]))
}

/// The array behind the mask, without the masked items.
fn masked_documents(
    array: &Bound<'_, PyUntypedArray>,
    name: &str,
    keeper: &mut Keeper,
) -> PyResult<Documents<'static>> {
    let data = array.getattr("data")?.cast_into::<PyUntypedArray>()?;
    if data.dtype().kind() == b'O' {
        // What lies under the mask need not be text; in the list it is `None`.
        return sequence::documents(&array.call_method0("tolist")?, name, keeper);
    }
    let mask = array.py().import("numpy.ma")?.call_method1("getmaskarray", (array,))?;
    let mask = mask.cast_into::<PyArray1<bool>>()?.readonly().as_array().to_vec();
    let documents = documents(&data, name, keeper)?;
    let text =
        |(row, masked): (usize, bool)| -> Option<Text<'static>> { if masked { None } else { documents.get(row) } };
    let texts = mask.into_iter().enumerate().map(|row| PackedText::new(text(row))).collect();
    Ok(Documents::new(vec![Chunk::from_texts(texts)]))
}
