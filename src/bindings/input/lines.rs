//! Buffers with offsets, and the lines of files and buffers.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use numpy::PyUntypedArray;
use numpy::prelude::*;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::super::buffer::{Held, Keeper};
use super::super::errors::{not_texts, os_error};
use super::super::run::{check_signals, watched};
use crate::kernel::Documents;
use crate::kernel::chunk::{Chunk, Integers, Layout, Missing, Width};

/// Documents in one buffer, document `i` from `offsets[i]` to `offsets[i + 1]`.
pub fn from_buffer(data: &Bound<'_, PyAny>, offsets: &Bound<'_, PyAny>) -> PyResult<Held> {
    let mut keeper = Keeper::default();
    let bytes = keeper.buffer(data, "data")?;
    let numpy = offsets.py().import("numpy")?;
    // A copy only of what is no native contiguous array already.
    let offsets = numpy.call_method1("ascontiguousarray", (offsets,))?.cast_into::<PyUntypedArray>()?;
    super::one_dimension(&offsets, "offsets")?;
    if offsets.is_empty() {
        return Err(PyValueError::new_err("offsets is empty; expected n_documents + 1 of them, so at least one"));
    }
    let dtype = offsets.dtype();
    if dtype.is_native_byteorder() == Some(false) {
        return Err(PyTypeError::new_err(format!(
            "offsets has dtype {dtype}; expected integers in native byte order"
        )));
    }
    let width = match (dtype.kind(), dtype.itemsize()) {
        (b'i', 1) => Width::I8,
        (b'i', 2) => Width::I16,
        (b'i', 4) => Width::I32,
        (b'i', 8) => Width::I64,
        (b'u', 1) => Width::U8,
        (b'u', 2) => Width::U16,
        (b'u', 4) => Width::U32,
        (b'u', 8) => Width::U64,
        _ => return Err(PyTypeError::new_err(format!("offsets has dtype {dtype}; expected integers"))),
    };
    let offsets = Integers::new(keeper.buffer(offsets.as_any(), "offsets")?, width);
    check_offsets(data.py(), &offsets, bytes.len(), "offsets")?;
    let layout = Layout::Offsets { data: bytes, offsets, is_str: false };
    let chunk = Chunk::new(layout, Missing::None, offsets.len() - 1);
    Ok(Held::new(Documents::new(vec![chunk]), keeper))
}

/// Refuses offsets that fall or lead past the end of their buffer.
pub fn check_offsets(py: Python<'_>, offsets: &Integers<'_>, len: usize, name: &str) -> PyResult<()> {
    let mut before = 0;
    for i in 0..offsets.len() {
        check_signals(py, i)?;
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
    Ok(())
}

/// The lines of a file (`str` or `os.PathLike`) or of a buffer.
pub fn from_lines(source: &Bound<'_, PyAny>) -> PyResult<Held> {
    let mut keeper = Keeper::default();
    let data = if source.is_instance_of::<PyString>() || source.hasattr("__fspath__")? {
        let path: PathBuf = source.extract()?;
        read(source.py(), &path, &mut keeper)?
    } else {
        keeper
            .buffer(source, "source")
            .map_err(|_| not_texts(source, "source", "expected a path or a contiguous buffer of bytes"))?
    };
    let chunk = watched(source.py(), |goes_on| Chunk::from_lines_while(data, goes_on))?;
    Ok(Held::new(Documents::new(vec![chunk]), keeper))
}

/// The bytes of a file: mapped, or read where it is no regular file or says that it is empty.
pub fn read(py: Python<'_>, path: &Path, keeper: &mut Keeper) -> PyResult<&'static [u8]> {
    let failed = |error| os_error(&error, path);
    let mut file = interruptible(py, || File::open(path))?.map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() && metadata.len() > 0 {
        return keeper.map(&file).map_err(failed);
    }
    let (mut bytes, mut part) = (Vec::new(), vec![0; READ_BYTES]);
    loop {
        match interruptible(py, || file.read(&mut part))?.map_err(failed)? {
            0 => return Ok(keeper.bytes(bytes)),
            read => bytes.extend_from_slice(&part[..read]),
        }
    }
}

/// Bytes that are read at a time; a pipe gives no more.
const READ_BYTES: usize = 64 << 10;

/// A call that may wait for others, without the GIL. A signal ends the wait, and Python handles it.
fn interruptible<T: Send>(
    py: Python<'_>,
    mut call: impl FnMut() -> std::io::Result<T> + Send,
) -> PyResult<std::io::Result<T>> {
    loop {
        let result = py.detach(&mut call);
        py.check_signals()?;
        match result {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            result => return Ok(result),
        }
    }
}
