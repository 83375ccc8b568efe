//! Rows that share texts: Arrow dictionaries and pandas categories.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::kernel::Documents;
use crate::kernel::chunk::Integers;
use crate::kernel::documents::MISSING_ROW;
use crate::kernel::raw::PackedText;

/// Collects the texts that some row uses, each once, and which text each row has.
#[derive(Default)]
pub struct Shared {
    texts: Vec<PackedText<'static>>,
    rows: Vec<u32>,
    /// By value of the current dictionary: its place in `texts`, once a row has used it.
    places: Vec<Option<u32>>,
}

impl Shared {
    /// Begins a dictionary of so many values.
    pub fn begin(&mut self, values: usize) {
        self.places = vec![None; values];
    }

    /// Adds a row for each key. `is_missing` says which keys stand for no value; `values` are the dictionary's.
    pub fn extend(
        &mut self,
        keys: &Integers<'_>,
        len: usize,
        is_missing: impl Fn(usize) -> bool,
        values: &Documents<'static>,
        name: &str,
    ) -> PyResult<()> {
        self.rows.reserve(len);
        for i in 0..len {
            let row = if is_missing(i) {
                MISSING_ROW
            } else {
                let key = keys.get(i).filter(|&key| key < self.places.len()).ok_or_else(|| {
                    let row = self.rows.len();
                    let values = self.places.len();
                    PyValueError::new_err(format!(
                        "{name}[{row}] has an index outside its dictionary of {values} values"
                    ))
                })?;
                self.row_of(key, values)
            };
            self.rows.push(row);
        }
        Ok(())
    }

    fn row_of(&mut self, key: usize, values: &Documents<'static>) -> u32 {
        if let Some(place) = self.places[key] {
            return place;
        }
        let place = match values.get(key) {
            None => MISSING_ROW,
            text => {
                self.texts.push(PackedText::new(text));
                (self.texts.len() - 1) as u32
            }
        };
        self.places[key] = Some(place);
        place
    }

    pub fn documents(self) -> Documents<'static> {
        Documents::shared(self.texts, self.rows)
    }
}
