//! Documents in one buffer, with offsets.

use numpy::PyUntypedArray;
use numpy::prelude::*;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::super::arrays::check_one_dimensional;
use super::super::borrowed::{BorrowedDocuments, Owners};
use super::super::run::SIGNAL_ITEMS;
use crate::core::Documents;
use crate::core::documents::chunk::{Chunk, Content, Integers, Layout, Missing, Width};

/// Documents in one buffer: document `i` is from `offsets[i]` to `offsets[i + 1]`.
pub fn from_buffer(data: &Bound<'_, PyAny>, offsets: &Bound<'_, PyAny>) -> PyResult<BorrowedDocuments> {
    let mut owners = Owners::default();
    let bytes = owners.buffer(data, "data")?;
    let numpy = offsets.py().import("numpy")?;
    // Copies only if it is not a contiguous array already.
    let offsets = numpy.call_method1("ascontiguousarray", (offsets,))?.cast_into::<PyUntypedArray>()?;
    check_one_dimensional(&offsets, "offsets")?;
    if offsets.is_empty() {
        return Err(PyValueError::new_err("offsets is empty; expected n_documents + 1 of them, so at least one"));
    }
    let offsets = integers_of(&offsets, "offsets", &mut owners)?;
    check_offsets(data.py(), &offsets, bytes.len(), "offsets")?;
    let len = offsets.len() - 1;
    let chunk = Chunk::new(Layout::Offsets { data: bytes, offsets, content: Content::Bytes }, Missing::None, len);
    Ok(BorrowedDocuments::new(Documents::new(vec![chunk]), owners))
}

/// The integers of a contiguous one-dimensional array.
pub fn integers_of(
    array: &Bound<'_, PyUntypedArray>,
    name: &str,
    owners: &mut Owners,
) -> PyResult<Integers<'static>> {
    let dtype = array.dtype();
    if dtype.is_native_byteorder() == Some(false) {
        return Err(PyTypeError::new_err(format!(
            "{name} has dtype {dtype}; expected integers in native byte order"
        )));
    }
    if !matches!(dtype.kind(), b'i' | b'u') {
        return Err(PyTypeError::new_err(format!("{name} has dtype {dtype}; expected integers")));
    }
    let width = Width { bytes: dtype.itemsize(), signed: dtype.kind() == b'i' };
    Ok(Integers::new(owners.buffer(array.as_any(), name)?, width))
}

/// Raises `ValueError` for offsets that decrease or exceed `len`, the length of their buffer.
pub fn check_offsets(py: Python<'_>, offsets: &Integers<'_>, len: usize, name: &str) -> PyResult<()> {
    let mut before = 0;
    for start in (0..offsets.len()).step_by(SIGNAL_ITEMS) {
        py.check_signals()?;
        let part = start..offsets.len().min(start + SIGNAL_ITEMS);
        // The first loop has no branch per offset; the second finds the offset for the error.
        let (mut last, mut is_sorted) = (before, true);
        offsets.for_each(part.clone(), |offset| {
            let offset = offset.unwrap_or(usize::MAX);
            is_sorted &= last <= offset;
            last = offset;
        });
        if is_sorted && last <= len {
            before = last;
            continue;
        }
        for i in part {
            let problem = match offsets.get(i) {
                None => "is negative".to_string(),
                Some(offset) if offset < before => format!("is {offset}, less than the one before ({before})"),
                Some(offset) if offset > len => format!("is {offset}, past the end of the data ({len} bytes)"),
                Some(offset) => {
                    before = offset;
                    continue;
                }
            };
            return Err(PyValueError::new_err(format!("{name}: offset {i} {problem}")));
        }
    }
    Ok(())
}
