//! What can be read only once: iterators and Arrow streams. Read a second time they are empty, and every count would be
//! zero without a word.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The objects that were read, as far as weak references to them can be made.
static READ: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

fn read(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    let set = READ.get_or_try_init(py, || Ok::<_, PyErr>(py.import("weakref")?.call_method0("WeakSet")?.unbind()))?;
    Ok(set.bind(py))
}

/// Takes note that something came out of an object, or refuses one that is empty since it was read before.
pub fn note(object: &Bound<'_, PyAny>, is_empty: bool, name: &str) -> PyResult<()> {
    let read = read(object.py())?;
    if !is_empty {
        // One that has no weak references cannot be told later.
        let _ = read.call_method1("add", (object,));
        return Ok(());
    }
    match read.contains(object) {
        Ok(true) => Err(used_up(name)),
        _ => Ok(()),
    }
}

/// Refuses a generator that has ended.
pub fn check_generator(object: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    match object.getattr_opt("gi_frame")? {
        Some(frame) if frame.is_none() => Err(used_up(name)),
        _ => Ok(()),
    }
}

fn used_up(name: &str) -> PyErr {
    PyValueError::new_err(format!("{name} was read to its end before; pass a list, or make it anew"))
}
