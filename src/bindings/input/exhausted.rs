//! Recognises exhausted iterators and Arrow streams. They are empty when read a second time, so all counts would
//! silently be zero.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The objects that were read. Only objects that allow weak references can be stored.
static READ_OBJECTS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

fn read_objects(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    let set = READ_OBJECTS
        .get_or_try_init(py, || Ok::<_, PyErr>(py.import("weakref")?.call_method0("WeakSet")?.unbind()))?;
    Ok(set.bind(py))
}

/// Remembers an object that was read and was not empty. Raises `ValueError` for an empty one that was read before.
pub fn check_and_remember(object: &Bound<'_, PyAny>, is_empty: bool, name: &str) -> PyResult<()> {
    let read = read_objects(object.py())?;
    if !is_empty {
        // An object without weak references will not be recognised.
        let _ = read.call_method1("add", (object,));
        return Ok(());
    }
    match read.contains(object) {
        Ok(true) => Err(exhausted(name)),
        _ => Ok(()),
    }
}

/// Raises `ValueError` for an exhausted generator.
pub fn check_generator(object: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    match object.getattr_opt("gi_frame")? {
        Some(frame) if frame.is_none() => Err(exhausted(name)),
        _ => Ok(()),
    }
}

fn exhausted(name: &str) -> PyErr {
    PyValueError::new_err(format!("{name} was read to its end before; pass a list, or make it anew"))
}
