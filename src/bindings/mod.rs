//! The binding: Python objects in, NumPy arrays out, and nothing else.
//!
//! `input` turns Python objects into documents and terms, `plan` and `documents` are the classes that Python holds,
//! `output` makes or checks the arrays, `run` releases the GIL and watches for Ctrl-C, `errors` is the one place where
//! the core's errors become exceptions. What a call means is said in `python/countgrid`; what it does, in the core.

mod buffer;
mod documents;
mod errors;
mod input;
mod output;
mod plan;
mod run;
mod search;

use pyo3::prelude::*;

/// The compiled module behind `countgrid`.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::documents::PyDocuments;
    #[pymodule_export]
    use super::plan::PyPlan;
    #[pymodule_export]
    use super::search::search;
}
