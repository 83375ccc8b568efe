//! Hugging Face `datasets`: by their Arrow data, instead of item by item.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::super::errors::type_name;

/// Rows of a batch.
const ROWS: usize = 10_000;

/// An iterable of Arrow tables with the rows of a dataset or of its column, after filters and shuffles.
pub fn batches<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let class = object.get_type();
    let of_datasets = class.module().is_ok_and(|module| module.to_string().starts_with("datasets."));
    let dataset = match type_name(object).as_str() {
        _ if !of_datasets => return Ok(None),
        "Dataset" | "IterableDataset" => object.clone(),
        "Column" | "IterableColumn" => {
            let source = object.getattr("source")?;
            // A field of a struct.
            if !matches!(type_name(&source).as_str(), "Dataset" | "IterableDataset") || is_transformed(&source)? {
                return Ok(None);
            }
            source.call_method1("select_columns", (object.getattr("column_name")?,))?
        }
        _ => return Ok(None),
    };
    if is_transformed(&dataset)? {
        return Ok(None);
    }
    let rows = PyDict::new(object.py());
    rows.set_item("batch_size", ROWS)?;
    dataset.call_method1("with_format", ("arrow",))?.call_method("iter", (), Some(&rows)).map(Some)
}

/// Whether the dataset calls a function of the user for each item.
fn is_transformed(dataset: &Bound<'_, PyAny>) -> PyResult<bool> {
    let Some(format) = dataset.getattr_opt("format")? else { return Ok(false) };
    Ok(format.get_item("type").is_ok_and(|kind| kind.eq("custom").unwrap_or(false)))
}
