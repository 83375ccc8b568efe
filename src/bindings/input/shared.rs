//! Rows that share texts: Arrow dictionaries and pandas categories.
//!
//! The values of a dictionary stay where they lie; those that no row uses count as missing, so that they are not searched.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::super::errors::about_item;
use super::super::run::check_signals;

use crate::core::Documents;
use crate::core::base::memory;
use crate::core::documents::chunk::{Chunk, Integers};
use crate::core::documents::rows::MISSING_ROW;

/// Collects dictionaries, and which text each row has.
#[derive(Default)]
pub struct Shared {
    /// The texts of dictionaries before the current one, and how many these are.
    chunks: Vec<Chunk<'static>>,
    before: usize,
    current: Option<Documents<'static>>,
    /// By text of the current dictionary: whether a row uses it.
    used: Vec<bool>,
    rows: Vec<u32>,
}

impl Shared {
    /// Begins a dictionary.
    pub fn begin(&mut self, values: Documents<'static>) {
        self.end();
        self.used = memory::filled(false, values.texts().len());
        self.current = Some(values);
    }

    fn end(&mut self) {
        let mut start = 0;
        for chunk in self.current.take().map(Documents::into_chunks).into_iter().flatten() {
            let end = start + chunk.len();
            self.chunks.push(chunk.only(&self.used[start..end]));
            start = end;
        }
        self.before += start;
    }

    /// Adds a row for each key of the current dictionary. `is_missing` says which keys stand for no value.
    pub fn extend(
        &mut self,
        py: Python<'_>,
        keys: &Integers<'_>,
        len: usize,
        is_missing: impl Fn(usize) -> bool,
        name: &str,
    ) -> PyResult<()> {
        let Self { before, current: Some(values), used, rows, .. } = self else { return Ok(()) };
        if *before + used.len() >= MISSING_ROW as usize {
            return Err(PyValueError::new_err(format!("{name} has dictionaries of more than 2^32 values together")));
        }
        memory::reserve(rows, len);
        for i in 0..len {
            check_signals(py, i)?;
            if is_missing(i) {
                rows.push(MISSING_ROW);
                continue;
            }
            let key = keys.get(i).filter(|&key| key < values.len()).ok_or_else(|| {
                let (row, values) = (rows.len(), values.len());
                let what = format!("{name}[{row}] has an index outside its dictionary of {values} values");
                about_item(PyValueError::new_err(what), name, row)
            })?;
            // The values of a dictionary may share texts themselves.
            let text = values.rows().map_or(key as u32, |texts| texts[key]);
            if text == MISSING_ROW {
                rows.push(MISSING_ROW);
                continue;
            }
            used[text as usize] = true;
            rows.push((*before + text as usize) as u32);
        }
        Ok(())
    }

    pub fn documents(mut self) -> Documents<'static> {
        self.end();
        Documents::shared(self.chunks, self.rows)
    }
}
