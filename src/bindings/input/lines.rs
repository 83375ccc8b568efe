//! Buffers with offsets, and the lines of files and buffers.

use std::fs::File;
use std::path::PathBuf;

use numpy::PyUntypedArray;
use numpy::prelude::*;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::super::arrays::one_dimension;
use super::super::buffer::{Held, Keeper};
use super::super::errors::os_error;
use super::super::run::{SIGNAL_ITEMS, watched};
use crate::core::Documents;
use crate::core::documents::chunk::{Chunk, Content, Integers, Layout, Missing, Width};

/// Documents in one buffer, document `i` from `offsets[i]` to `offsets[i + 1]`.
pub fn from_buffer(data: &Bound<'_, PyAny>, offsets: &Bound<'_, PyAny>) -> PyResult<Held> {
    let mut keeper = Keeper::default();
    let bytes = keeper.buffer(data, "data")?;
    let numpy = offsets.py().import("numpy")?;
    // A copy only of what is no native contiguous array already.
    let offsets = numpy.call_method1("ascontiguousarray", (offsets,))?.cast_into::<PyUntypedArray>()?;
    one_dimension(&offsets, "offsets")?;
    if offsets.is_empty() {
        return Err(PyValueError::new_err("offsets is empty; expected n_documents + 1 of them, so at least one"));
    }
    let dtype = offsets.dtype();
    if dtype.is_native_byteorder() == Some(false) {
        return Err(PyTypeError::new_err(format!(
            "offsets has dtype {dtype}; expected integers in native byte order"
        )));
    }
    if !matches!(dtype.kind(), b'i' | b'u') {
        return Err(PyTypeError::new_err(format!("offsets has dtype {dtype}; expected integers")));
    }
    let width = Width { bytes: dtype.itemsize(), signed: dtype.kind() == b'i' };
    let offsets = Integers::new(keeper.buffer(offsets.as_any(), "offsets")?, width);
    check_offsets(data.py(), &offsets, bytes.len(), "offsets")?;
    let len = offsets.len() - 1;
    let layout = Layout::Offsets { data: bytes, offsets, content: Content::Bytes };
    let chunk = Chunk::new(layout, Missing::None, len);
    Ok(Held::new(Documents::new(vec![chunk]), keeper))
}

/// Refuses offsets that fall or lead past the end of their buffer.
pub fn check_offsets(py: Python<'_>, offsets: &Integers<'_>, len: usize, name: &str) -> PyResult<()> {
    let mut before = 0;
    for start in (0..offsets.len()).step_by(SIGNAL_ITEMS) {
        py.check_signals()?;
        let stretch = start..offsets.len().min(start + SIGNAL_ITEMS);
        // Two loops: the first has no branch for each offset.
        let (mut last, mut rise) = (before, true);
        offsets.for_each(stretch.clone(), |offset| {
            let offset = offset.unwrap_or(usize::MAX);
            rise &= last <= offset;
            last = offset;
        });
        if rise && last <= len {
            before = last;
            continue;
        }
        for i in stretch {
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

/// The lines of a file (`str` or `os.PathLike`) or of a buffer.
pub fn from_lines(source: &Bound<'_, PyAny>, encoding: Option<&Bound<'_, PyAny>>) -> PyResult<Held> {
    let mut keeper = Keeper::default();
    let data = text_of(source, encoding, &mut keeper)?;
    let chunk = watched(source.py(), |keep_going| Chunk::from_lines_while(data, keep_going))?;
    Ok(Held::new(Documents::new(vec![chunk]), keeper))
}

/// The text of a file or of a buffer, in UTF-8: mapped, or borrowed. What it is decides `countgrid._opening`.
pub fn text_of(
    source: &Bound<'_, PyAny>,
    encoding: Option<&Bound<'_, PyAny>>,
    keeper: &mut Keeper,
) -> PyResult<&'static [u8]> {
    let opening = source.py().import("countgrid._opening")?;
    let (place, start): (Bound<'_, PyAny>, usize) = opening.call_method1("located", (source, encoding))?.extract()?;
    let text = if place.is_instance_of::<PyString>() {
        let path: PathBuf = place.extract()?;
        File::open(&path).and_then(|file| keeper.map(&file)).map_err(|error| os_error(&error, &path))?
    } else {
        keeper.buffer(&place, "source")?
    };
    Ok(text.get(start..).unwrap_or_default())
}
