//! Tables of terms.

use std::sync::{Arc, Mutex};

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::bindings::arrays::new_array;
use crate::bindings::guard::guarded;
use crate::bindings::run::{Runner, SignalTimer, check_signals};
use crate::bindings::strings::{decode, new_bytes};
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::collected;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::learning::term_table::TermTable;

/// Terms with their counts.
#[pyclass(frozen, name = "TermTable", module = "countgrid._core")]
pub struct PyTermTable {
    /// Shared with whoever reads it, so that it is locked for a moment only, or while terms are added.
    table: Mutex<Arc<TermTable>>,
}

impl PyTermTable {
    pub(super) fn of(table: TermTable) -> Self {
        Self { table: Mutex::new(Arc::new(table)) }
    }

    /// Whoever adds terms holds the lock and may wait for the GIL. So nobody waits for the lock with the GIL.
    pub(super) fn get(&self, py: Python<'_>) -> Arc<TermTable> {
        match self.table.try_lock() {
            Ok(table) => table.clone(),
            Err(_) => py.detach(|| lock_ignoring_poison(&self.table).clone()),
        }
    }
}

#[pymethods]
impl PyTermTable {
    #[new]
    fn new() -> PyResult<Self> {
        guarded(|| Ok(Self::of(TermTable::default())))
    }

    /// Terms that were not counted: all as UTF-8, and where each ends.
    #[staticmethod]
    fn unpacked(py: Python<'_>, text: &[u8], ends: PyReadonlyArray1<'_, i64>) -> PyResult<Self> {
        guarded(|| {
            let mut strings = PackedStrings::default();
            let mut start = 0;
            for (i, &end) in ends.as_slice()?.iter().enumerate() {
                check_signals(py, i)?;
                let term = usize::try_from(end).ok().and_then(|end| text.get(start..end));
                let term = term.ok_or_else(|| PyValueError::new_err("ends must rise, up to the length of text"))?;
                strings.push(term);
                start += term.len();
            }
            Ok(Self::of(TermTable::of_strings(strings)))
        })
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        guarded(|| Ok(self.get(py).len()))
    }

    #[getter]
    fn n_documents(&self, py: Python<'_>) -> PyResult<usize> {
        guarded(|| Ok(self.get(py).documents))
    }

    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        guarded(|| int64(py, &self.get(py).totals.counts))
    }

    #[getter]
    fn documents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        guarded(|| int64(py, &self.get(py).totals.documents))
    }

    /// Adds the counts of other documents. New terms get the next numbers. After an error, nothing was added.
    fn add(&self, py: Python<'_>, other: &Bound<'_, Self>) -> PyResult<()> {
        guarded(|| {
            let other = other.get().get(py);
            let runner = Runner::new(py, None, None, None)?;
            runner.run(py, |run| Arc::make_mut(&mut lock_ignoring_poison(&self.table)).add(&other, run))
        })
    }

    /// The numbers of the terms in order of their code points.
    fn order<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        guarded(|| {
            let table = self.get(py);
            let order = Runner::new(py, None, None, None)?.run(py, |run| table.order(run))?;
            int64_by(py, order.len(), |i| i64::from(order[i]))
        })
    }

    /// The numbers of the terms that enough documents have, the most frequent first: at most `top`.
    fn ranking<'py>(
        &self,
        py: Python<'py>,
        top: Option<usize>,
        min_documents: u64,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        guarded(|| {
            let table = self.get(py);
            let ranking = Runner::new(py, None, None, None)?.run(py, |run| table.ranking(top, min_documents, run))?;
            int64_by(py, ranking.len(), |i| i64::from(ranking[i]))
        })
    }

    /// Terms by number, or all.
    fn terms<'py>(&self, py: Python<'py>, kept: Option<PyReadonlyArray1<'py, i64>>) -> PyResult<Bound<'py, PyList>> {
        guarded(|| {
            let table = self.get(py);
            let kept = checked(kept, &table)?;
            let list = PyList::empty(py);
            let mut signals = SignalTimer::default();
            table.for_each_term(kept.as_deref(), |_, term| {
                signals.check(py, term.len())?;
                list.append(new_term(py, term)?)
            })?;
            Ok(list)
        })
    }

    /// Adds all terms and their numbers to a dict. It may be of a subclass, whose methods are not called.
    fn fill(&self, py: Python<'_>, vocabulary: &Bound<'_, PyDict>) -> PyResult<()> {
        guarded(|| {
            let mut signals = SignalTimer::default();
            self.get(py).for_each_term(None, |i, term| {
                signals.check(py, term.len())?;
                vocabulary.set_item(new_term(py, term)?, i)
            })
        })
    }

    /// Terms by number, or all: as UTF-8, and where each ends.
    fn packed<'py>(
        &self,
        py: Python<'py>,
        kept: Option<PyReadonlyArray1<'py, i64>>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyArray1<i64>>)> {
        guarded(|| {
            let table = self.get(py);
            let kept = checked(kept, &table)?;
            let runner = Runner::new(py, None, None, None)?;
            let (text, ends) = runner.run(py, |run| table.packed(kept.as_deref(), run))?;
            Ok((new_bytes(py, &text)?, int64(py, &ends)?))
        })
    }
}

fn new_term<'py>(py: Python<'py>, term: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    decode(py, term, "surrogatepass").or_else(|_| decode(py, term, "backslashreplace"))
}

/// Numbers of terms, which must be terms of the table.
pub(super) fn checked(kept: Option<PyReadonlyArray1<'_, i64>>, table: &TermTable) -> PyResult<Option<Vec<u32>>> {
    let Some(kept) = kept else { return Ok(None) };
    let kept = kept.as_slice()?;
    match kept.iter().find(|&&term| usize::try_from(term).map_or(true, |term| term >= table.len())) {
        Some(term) => Err(PyValueError::new_err(format!("term {term} is not below {}", table.len()))),
        None => Ok(Some(collected(kept.iter().map(|&term| term as u32)))),
    }
}

fn int64<'py>(py: Python<'py>, numbers: &[u64]) -> PyResult<Bound<'py, PyArray1<i64>>> {
    int64_by(py, numbers.len(), |i| numbers[i] as i64)
}

/// So many cells take about a millisecond to write.
const INT64_CELLS: usize = 1 << 20;

fn int64_by(py: Python<'_>, len: usize, number: impl Fn(usize) -> i64) -> PyResult<Bound<'_, PyArray1<i64>>> {
    let array = new_array::<i64, 1>(py, [len])?;
    for (part, cells) in array.try_readwrite()?.as_slice_mut()?.chunks_mut(INT64_CELLS).enumerate() {
        py.check_signals()?;
        (part * INT64_CELLS..).zip(cells).for_each(|(i, cell)| *cell = number(i));
    }
    Ok(array)
}
