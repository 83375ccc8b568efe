//! Python modules that the process has imported.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// A module, if the process has imported it completely. Objects of its types exist only then.
///
/// We import nothing during a count, since the process may fork meanwhile. The child would wait forever for the
/// thread that imports.
pub fn imported<'py>(py: Python<'py>, module: &str) -> Option<Bound<'py, PyAny>> {
    static MODULES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let module = MODULES.import(py, "sys", "modules").ok()?.get_item(module).ok()?;
    let is_initializing = |spec: Bound<'_, PyAny>| spec.getattr("_initializing")?.is_truthy();
    let half = module.getattr("__spec__").and_then(is_initializing).unwrap_or(false);
    (!half).then_some(module)
}

/// Whether an object's class is one of pandas'.
pub fn is_pandas(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.get_type().module()?.to_str()?.split('.').next() == Some("pandas"))
}
