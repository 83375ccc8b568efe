//! The binding: Python objects in, NumPy arrays out. It decides nothing.
//!
//! | file | contents |
//! | --- | --- |
//! | [`plan`], [`documents`], [`search`] | the classes `Plan` and `Documents`, and the function `search` |
//! | [`terms`], [`input`] | from Python objects to terms and documents |
//! | [`learning`] | the classes of terms that are learned from documents |
//! | [`streams`] | documents in memory or in batches, counted from the first report of progress to the last |
//! | [`borrowed`], [`items`] | documents in the memory of Python objects, and the owners of that memory |
//! | [`output`], [`memory_overlap`] | result arrays: made, or checked if the caller provides one |
//! | [`table`] | tables of results as Arrow streams |
//! | [`run`] | workers, the GIL, Ctrl-C, progress |
//! | [`guard`], [`errors`] | panics, failed allocations and the core's errors as exceptions |
//! | [`arrays`], [`strings`], [`modules`] | helpers for NumPy arrays, Python strings and imported modules |
//!
//! `python/countgrid` documents what a call means; the core does the work.

mod arrays;
mod borrowed;
mod documents;
mod errors;
mod guard;
mod input;
mod items;
mod learning;
mod memory_overlap;
mod modules;
mod output;
mod plan;
mod run;
mod search;
mod streams;
mod strings;
mod table;
mod terms;

/// The compiled module of the package `countgrid`.
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
    use super::documents::PyDocuments;
    #[pymodule_export]
    use super::learning::hashed::{hash_csr, hash_csr_of_tokens};
    #[pymodule_export]
    use super::learning::learned::{PyLearned, learn, learn_tokens};
    #[pymodule_export]
    use super::learning::term_table::PyTermTable;
    #[pymodule_export]
    use super::learning::token_rules::PyTokenRules;
    #[pymodule_export]
    use super::learning::vectorizer::PyVectorizer;
    #[pymodule_export]
    use super::plan::PyPlan;
    #[pymodule_export]
    use super::run::default_workers;
    #[pymodule_export]
    use super::search::search;
    #[pymodule_export]
    use super::table::arrow_stream;

    /// Initialises everything that would otherwise be initialised at first use. If the process forked during such an
    /// initialisation, the child would wait forever for the thread that did it.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::guard::init();
        unicode::unpack_tables();
        is_finalizing(module.py())?;
        imported(module.py(), "sys");
        simd::chosen().map_err(PyValueError::new_err)?;
        // NumPy's table of functions, and rust-numpy's registry of borrowed arrays. rust-numpy panics if NumPy cannot
        // be imported or Ctrl-C interrupts the import, so it is imported first.
        module.py().import("numpy")?;
        PyArray1::<i32>::zeros(module.py(), 1, false).try_readwrite()?;
        // Reading the package's metadata would take a third of the time of the whole import.
        module.setattr("__version__", env!("CARGO_PKG_VERSION"))
    }
}
