//! Python sequences and iterables: a reference is held on each item, the texts stay where they are.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::super::buffer::Keeper;
use super::super::errors::{short_repr, type_name};
use crate::kernel::Documents;
use crate::kernel::chunk::Chunk;

/// Takes a list, a tuple, or anything that can be iterated over.
///
/// A tuple is held as it is; of anything else the items go into a tuple of ours, which no one can change.
pub fn documents(object: &Bound<'_, PyAny>, name: &str, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    let items = match object.cast_exact::<PyTuple>() {
        Ok(tuple) => tuple.clone(),
        Err(_) => to_tuple(object)?,
    };
    let missing = MissingValues::default();
    let texts = keeper.tuple(&items, |i, item| {
        if missing.holds(item) {
            return Ok(None);
        }
        Err(PyTypeError::new_err(format!(
            "{name}[{i}] is {} ({}); expected {}",
            type_name(item),
            short_repr(item),
            if name == "documents" { "str, bytes or a missing value" } else { "str or bytes" }
        )))
    })?;
    Ok(Documents::new(vec![Chunk::from_texts(texts)]))
}

fn to_tuple<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    object.py().get_type::<PyTuple>().call1((object,))?.cast_into().map_err(PyErr::from)
}

/// The values that stand for a missing text: `None`, whatever is not equal to itself (NaN, NaT), `pandas.NA`.
#[derive(Default)]
struct MissingValues {
    pandas_na: std::cell::OnceCell<Option<Py<PyAny>>>,
}

impl MissingValues {
    fn holds(&self, item: &Bound<'_, PyAny>) -> bool {
        item.is_none() || self.is_pandas_na(item) || is_unequal_to_itself(item)
    }

    fn is_pandas_na(&self, item: &Bound<'_, PyAny>) -> bool {
        let py = item.py();
        let na = self.pandas_na.get_or_init(|| {
            let pandas = super::pandas::imported(py)?;
            Some(pandas.getattr("NA").ok()?.unbind())
        });
        na.as_ref().is_some_and(|na| na.is(item))
    }
}

/// Whether `item != item` is true: not merely truthy, since an array compares to an array.
fn is_unequal_to_itself(item: &Bound<'_, PyAny>) -> bool {
    let unequal = item.rich_compare(item, pyo3::basic::CompareOp::Ne);
    // NumPy's scalars compare to a bool of NumPy's own.
    unequal.is_ok_and(|unequal| {
        matches!(type_name(&unequal).as_str(), "bool" | "bool_") && unequal.is_truthy().unwrap_or(false)
    })
}
