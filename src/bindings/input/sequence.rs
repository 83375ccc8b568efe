//! Python sequences and iterables: a reference is taken on each item, and what is no text is refused, before anything else.

use numpy::PyUntypedArray;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::super::buffer::Keeper;
use super::super::errors::{short_repr, type_name};
use super::super::items::Items;
use super::once;
use crate::kernel::Documents;

/// Takes a list, a tuple, or anything that can be iterated over.
pub fn documents(object: &Bound<'_, PyAny>, name: &str, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    let missing = MissingValues::default();
    let other = |i, item: &Bound<'_, PyAny>| missing.or_error(i, item, name);
    let items = if let Ok(list) = object.cast_exact::<PyList>() {
        Items::of_list(list, other)?
    } else if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        Items::of_tuple(tuple, other)?
    } else {
        let iterator = object.try_iter()?;
        let is_read_once = iterator.is(object);
        if is_read_once {
            once::check_generator(object, name)?;
        }
        let items = Items::new(0, iterator, other)?;
        if is_read_once {
            once::note(object, items.len() == 0, name)?;
        }
        items
    };
    keeper.items(object.py(), items)
}

/// Takes a one-dimensional array of objects.
pub fn of_array(array: &Bound<'_, PyUntypedArray>, name: &str, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    keeper.read(array);
    let missing = MissingValues::default();
    let items = Items::of_array(array, |i, item: &Bound<'_, PyAny>| missing.or_error(i, item, name))?;
    keeper.items(array.py(), items)
}

/// The values that stand for a missing text: `None`, whatever is not equal to itself (NaN, NaT), `pandas.NA`.
#[derive(Default)]
struct MissingValues {
    pandas_na: std::cell::OnceCell<Option<Py<PyAny>>>,
}

impl MissingValues {
    /// Nothing for a value that stands for a missing text, an error for any other.
    fn or_error(&self, i: usize, item: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
        if self.holds(item) {
            return Ok(());
        }
        Err(PyTypeError::new_err(format!(
            "{name}[{i}] is {} ({}); expected {}",
            type_name(item),
            short_repr(item),
            if name == "documents" { "str, bytes or a missing value" } else { "str or bytes" }
        )))
    }

    fn holds(&self, item: &Bound<'_, PyAny>) -> bool {
        item.is_none() || self.is_pandas_na(item) || is_unequal_to_itself(item)
    }

    fn is_pandas_na(&self, item: &Bound<'_, PyAny>) -> bool {
        let py = item.py();
        let na = self.pandas_na.get_or_init(|| {
            let pandas = super::imported(py, "pandas")?;
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
