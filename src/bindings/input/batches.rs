//! Iterables of Arrow arrays, record batches or tables: what `ParquetFile.iter_batches` gives, what Spark passes to
//! `mapInArrow`, lists of batches.
//!
//! The first item of an iterable tells whether it contains batches or texts.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyTuple};

use super::super::borrowed::{BorrowedDocuments, Owners};
use super::super::errors::type_name;
use super::super::items::is_text;
use super::super::modules::is_pandas;
use super::arrow::{Column, column_of, is_arrow};
use super::exhausted;
use crate::core::Documents;

/// An iterable whose first item was read.
pub struct Peeked<'py> {
    first: Option<Bound<'py, PyAny>>,
    rest: Bound<'py, PyIterator>,
}

impl<'py> Peeked<'py> {
    pub fn new(object: &Bound<'py, PyAny>, name: &str) -> PyResult<Self> {
        let mut rest = object.try_iter()?;
        let is_read_once = rest.is(object);
        if is_read_once {
            exhausted::check_generator(object, name)?;
        }
        let first = rest.next().transpose();
        if is_read_once {
            // Also after an error: an item was read.
            exhausted::check_and_remember(object, matches!(first, Ok(None)), name)?;
        }
        Ok(Self { first: first?, rest })
    }

    /// All items.
    pub fn items(self) -> impl Iterator<Item = PyResult<Bound<'py, PyAny>>> {
        self.first.into_iter().map(Ok).chain(self.rest)
    }

    /// The items as batches, if that is what they are.
    pub fn batches(self, name: &str) -> PyResult<Result<Batches, Self>> {
        match &self.first {
            Some(first) if is_batch(first)? => Ok(Ok(Batches {
                first: self.first.map(Bound::unbind),
                rest: self.rest.unbind(),
                read: 0,
                name: name.to_string(),
            })),
            _ => Ok(Err(self)),
        }
    }
}

/// The batches of a list or tuple, if that is what it contains.
pub fn of_sequence(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<Batches>> {
    let first = match (object.cast_exact::<PyList>(), object.cast_exact::<PyTuple>()) {
        (Ok(list), _) => list.get_item(0),
        (_, Ok(tuple)) => tuple.get_item(0),
        _ => return Ok(None),
    };
    match first {
        Ok(first) if is_batch(&first)? => Ok(Peeked::new(object, name)?.batches(name)?.ok()),
        _ => Ok(None),
    }
}

/// Whether an item of an iterable is a batch. A pandas object is not: its meaning depends on its index.
fn is_batch(item: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(!item.is_none() && !is_text(item) && is_arrow(item)? && !is_pandas(item)?)
}

/// Batches that are read one by one.
pub struct Batches {
    first: Option<Py<PyAny>>,
    rest: Py<PyIterator>,
    /// How many were read.
    read: usize,
    name: String,
}

impl Batches {
    /// The documents of the next batch.
    pub fn next_documents(&mut self, py: Python<'_>) -> PyResult<Option<BorrowedDocuments>> {
        let Some(column) = self.next(py)? else { return Ok(None) };
        let mut owners = Owners::default();
        let documents = column.documents(&self.name, &mut owners)?;
        Ok(Some(BorrowedDocuments::new(documents, owners)))
    }

    /// The documents of all batches.
    pub fn documents(mut self, py: Python<'_>, owners: &mut Owners) -> PyResult<Documents<'static>> {
        let mut all = Column::default();
        while let Some(column) = self.next(py)? {
            all.append(column);
        }
        all.documents(&self.name, owners)
    }

    fn next(&mut self, py: Python<'_>) -> PyResult<Option<Column>> {
        // An iterator written in C does not let Python handle signals.
        py.check_signals()?;
        let item = match self.first.take() {
            Some(first) => Some(first.into_bound(py)),
            None => self.rest.bind(py).clone().next().transpose()?,
        };
        let Some(item) = item else { return Ok(None) };
        self.read += 1;
        if !is_batch(&item)? {
            return Err(PyTypeError::new_err(format!(
                "{}: item {} is {}, those before it are Arrow data; expected the same",
                self.name,
                self.read - 1,
                type_name(&item)
            )));
        }
        column_of(&item, &self.name).map(Some)
    }
}
