//! Dictionary-encoded columns: Arrow dictionaries and pandas categories, whose rows share texts.
//!
//! The values of a dictionary are read in place. Values that no row uses are treated as missing, so they are not
//! searched.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::super::errors::about_item;
use super::super::run::check_signals;
use crate::core::Documents;
use crate::core::base::memory;
use crate::core::documents::chunk::{Chunk, Integers};
use crate::core::documents::rows::MISSING_ROW;

/// Builds documents from dictionaries and the keys of rows.
#[derive(Default)]
pub struct DictionaryBuilder {
    /// The texts of all dictionaries before the current one, and their number.
    chunks: Vec<Chunk<'static>>,
    before: usize,
    current: Option<Documents<'static>>,
    /// By text of the current dictionary: whether a row uses it.
    used: Vec<bool>,
    /// The text of each row.
    rows: Vec<u32>,
}

impl DictionaryBuilder {
    /// Starts a new dictionary.
    pub fn start(&mut self, values: Documents<'static>) {
        self.end_dictionary();
        self.used = memory::filled(false, values.texts().len());
        self.current = Some(values);
    }

    fn end_dictionary(&mut self) {
        let mut start = 0;
        for chunk in self.current.take().map(Documents::into_chunks).into_iter().flatten() {
            let end = start + chunk.len();
            self.chunks.push(chunk.only(&self.used[start..end]));
            start = end;
        }
        self.before += start;
    }

    /// Adds `len` rows by their keys in the current dictionary, unless `is_missing`.
    pub fn add_rows(
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

    pub fn finish(mut self) -> Documents<'static> {
        self.end_dictionary();
        Documents::shared(self.chunks, self.rows)
    }
}
