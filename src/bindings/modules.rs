//! Modules of Python that others have imported.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// A module, if the process has imported it; not while another thread does so, and half of it is there.
///
/// Objects of its types exist only then. So nothing is imported during a count, in which the process may fork: the child would wait
/// for ever for the thread that imports.
pub fn imported<'py>(py: Python<'py>, module: &str) -> Option<Bound<'py, PyAny>> {
    static MODULES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let module = MODULES.import(py, "sys", "modules").ok()?.get_item(module).ok()?;
    let is_initializing = |spec: Bound<'_, PyAny>| spec.getattr("_initializing")?.is_truthy();
    let half = module.getattr("__spec__").and_then(is_initializing).unwrap_or(false);
    (!half).then_some(module)
}
