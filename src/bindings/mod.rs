//! The binding: Python objects in, NumPy arrays out, and nothing else.
//!
//! `input` turns Python objects into documents and terms, `plan`, `taken` and `documents` are the classes that Python holds,
//! `output` makes or checks the arrays, `run` releases the GIL and watches for Ctrl-C, `guard` turns
//! panics and failed allocations into exceptions, `errors` is the one place where
//! the core's errors become exceptions. What a call means is said in `python/countgrid`; what it does, in the core.

mod arrays;
mod buffer;
mod capsule;
mod documents;
mod errors;
mod guard;
mod input;
mod items;
mod modules;
mod numpy_strings;
mod output;
mod overlap;
mod plan;
mod run;
mod search;
mod taken;

/// The compiled module behind `countgrid`.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    use numpy::{PyArray1, PyArrayMethods};
    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;

    use super::modules::imported;
    use super::run::is_finalizing;
    use crate::core::base::simd;
    use crate::core::text::unicode;

    #[pymodule_export]
    use super::plan::PyPlan;
    #[pymodule_export]
    use super::search::search;
    #[pymodule_export]
    use super::taken::PyDocuments;

    /// Makes, while no other thread can be here, what would otherwise be made once at first use: a process that forked
    /// just then would wait for ever for a thread that it does not have.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::guard::begin();
        unicode::unpack_tables();
        is_finalizing(module.py())?;
        imported(module.py(), "sys");
        simd::chosen().map_err(PyValueError::new_err)?;
        // NumPy's table of functions, and rust-numpy's book of borrowed arrays. Without NumPy, or at Ctrl-C meanwhile,
        // rust-numpy would panic.
        module.py().import("numpy")?;
        PyArray1::<i32>::zeros(module.py(), 1, false).try_readwrite()?;
        // To look into the package's metadata would take a third of the time that importing takes.
        module.setattr("__version__", env!("CARGO_PKG_VERSION"))
    }
}
