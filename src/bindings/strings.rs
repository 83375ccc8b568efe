//! New Python strings from Rust's bytes. Python raises `MemoryError` where PyO3's own functions would panic.

#![allow(unsafe_code)]

use pyo3::ffi;
use pyo3::prelude::*;

/// A new `str`.
pub fn new_str<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the pointer and the length are those of valid UTF-8, and the result is a new object or null.
    unsafe {
        Bound::from_owned_ptr_or_err(py, ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), text.len() as isize))
    }
}

/// New `bytes`.
pub fn new_bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the pointer and the length are those of a slice, and the result is a new object or null.
    unsafe {
        Bound::from_owned_ptr_or_err(py, ffi::PyBytes_FromStringAndSize(bytes.as_ptr().cast(), bytes.len() as isize))
    }
}

/// UTF-8 as a `str`, with one of Python's error handlers.
pub fn decode<'py>(py: Python<'py>, utf8: &[u8], errors: &str) -> PyResult<Bound<'py, PyAny>> {
    match std::str::from_utf8(utf8) {
        Ok(text) => new_str(py, text),
        Err(_) => new_bytes(py, utf8)?.call_method1("decode", ("utf-8", errors)),
    }
}
