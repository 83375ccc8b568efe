//! Documents of any object, in memory or in batches, and their count from the first report of progress to the last.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;

use super::borrowed::{BorrowedDocuments, Owners};
use super::documents::{PyDocuments, documents_for_single_use, documents_of};
use super::errors::unknown_value;
use super::input::arrow::Stream;
use super::input::batches::Batches;
use super::input::extract::{Content, content};
use super::run::{Runner, interruptible};
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::{CountError, Documents};

/// Checks the documents, and counts them between the first and the last report of progress.
pub fn counted<R>(
    borrowed: &BorrowedDocuments,
    rows_before: usize,
    workers: Option<&Bound<'_, PyAny>>,
    missing: &Bound<'_, PyAny>,
    progress: Option<Py<PyAny>>,
    count: impl FnOnce(&Documents<'_>, &Runner) -> PyResult<R>,
) -> PyResult<R> {
    let py = missing.py();
    let documents = borrowed.documents();
    check_missing(missing, documents, rows_before)?;
    let total = progress.as_ref().map(|_| documents.nbytes());
    let runner = Runner::new(py, workers, progress, total)?;
    runner.report(py, 0)?;
    let result = count(documents, &runner)?;
    runner.report(py, total.unwrap_or(0))?;
    Ok(result)
}

fn check_missing(missing: &Bound<'_, PyAny>, documents: &Documents<'_>, rows_before: usize) -> PyResult<()> {
    match missing.extract::<&str>() {
        Ok("zero") => Ok(()),
        Ok("raise") => match interruptible(missing.py(), |keep_going| documents.first_missing(keep_going))? {
            None => Ok(()),
            Some(row) => Err(CountError::Missing { row: rows_before + row }.into()),
        },
        _ => Err(unknown_value("missing", missing, "'zero' or 'raise'")),
    }
}

/// Converts documents to be read once, or twice.
pub fn documents_for(documents: &Bound<'_, PyAny>, twice: bool) -> PyResult<Arc<BorrowedDocuments>> {
    let convert = if twice { documents_of } else { documents_for_single_use };
    convert(documents, "documents")
}

/// Batches of documents, which are read one by one and may not fit in memory together.
pub trait Source: Send {
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<BorrowedDocuments>>;
}

impl Source for Stream {
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<BorrowedDocuments>> {
        self.next_documents(py, STREAM_BYTES)
    }
}

impl Source for Batches {
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<BorrowedDocuments>> {
        self.next_documents(py)
    }
}

/// Documents that are counted one after another.
pub enum Opened {
    Documents(Arc<BorrowedDocuments>),
    Batches(Box<dyn Source>),
}

/// The documents of an object. `twice` if they are read twice.
pub fn opened(documents: &Bound<'_, PyAny>, twice: bool) -> PyResult<Opened> {
    if is_stream(documents)? {
        return Ok(Opened::Batches(Box::new(Stream::open(documents, "documents")?)));
    }
    if documents.is_exact_instance_of::<PyDocuments>() {
        return Ok(Opened::Documents(documents_for(documents, twice)?));
    }
    let mut owners = if twice { Owners::default() } else { Owners::for_single_use() };
    Ok(match content(documents, "documents", &mut owners)? {
        Content::Documents(documents) => Opened::Documents(Arc::new(BorrowedDocuments::new(documents, owners))),
        Content::Batches(batches) => Opened::Batches(Box::new(batches)),
    })
}

/// Calls `count` with each batch, and with a function that reads the next batch. It is called while workers count, on
/// the calling thread: an iterator may belong to its thread, as SQLite's cursors do.
pub fn count_batches(
    py: Python<'_>,
    mut source: Box<dyn Source>,
    missing: &Bound<'_, PyAny>,
    mut runner: Runner,
    mut count: impl FnMut(&Documents<'_>, &Runner, &(dyn Fn() + Sync)) -> PyResult<()>,
) -> PyResult<()> {
    runner.report(py, 0)?;
    let mut next = source.next(py)?;
    let mut rows = 0;
    while let Some(borrowed) = next {
        py.check_signals()?;
        let documents = borrowed.documents();
        check_missing(missing, documents, rows)?;
        let ahead = Mutex::new((&mut source, None));
        let read_ahead = || {
            let (source, next) = &mut *lock_ignoring_poison(&ahead);
            if next.is_none() {
                *next = Python::try_attach(|py| source.next(py));
            }
        };
        count(documents, &runner, &read_ahead)?;
        rows += documents.len();
        runner.bytes_before += documents.nbytes();
        runner.report(py, 0)?;
        let (source, read) = ahead.into_inner().unwrap_or_else(PoisonError::into_inner);
        next = match read {
            Some(read) => read?,
            None => source.next(py)?,
        };
    }
    Ok(())
}

/// A stream is counted in batches of about this many bytes: enough for all workers, but little memory.
const STREAM_BYTES: u64 = 16 << 20;

/// Whether documents are an Arrow stream without a known size, which may not be in memory.
fn is_stream(documents: &Bound<'_, PyAny>) -> PyResult<bool> {
    // pandas is excluded, since it would export the index of a DataFrame too.
    Ok(documents.hasattr("__arrow_c_stream__")?
        && !documents.get_type().hasattr("nbytes")?
        && !documents.get_type().hasattr("memory_usage")?
        && !documents.hasattr("estimated_size")?)
}
