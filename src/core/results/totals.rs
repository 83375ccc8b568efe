//! One total for each column, without the matrix.

use std::sync::Mutex;

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::{filled, push, zeros};
use crate::core::counting::reducer::RowWriter;
use crate::core::counting::row::Row;
use crate::core::documents::rows::{Documents, MISSING_ROW};
use crate::core::plan::Plan;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::RunOptions;

/// For each column: how often its terms occur in all documents, and in how many documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// By column, how often its terms occur.
    pub counts: Vec<u64>,
    /// By column, in how many documents.
    pub documents: Vec<u64>,
}

impl Totals {
    /// All zero.
    pub fn new(columns: usize) -> Self {
        Self { counts: zeros(columns), documents: zeros(columns) }
    }

    /// Adds the totals of more documents.
    pub fn add(&mut self, other: &Self) {
        add(&mut self.counts, &other.counts);
        add(&mut self.documents, &other.documents);
    }
}

/// Adds up the counts of all documents for each column.
pub fn totals(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Totals, CountError> {
    // Each worker adds to totals of its own.
    let idle = Mutex::new(Vec::new());
    load_blocks(documents, run, |_, part, run| {
        let rows_of_texts = part.rows().map(|rows| {
            let mut rows_of_texts = filled(0, part.texts().len());
            rows.iter().filter(|&&text| text != MISSING_ROW).for_each(|&text| rows_of_texts[text as usize] += 1);
            rows_of_texts
        });
        Grid::counting(plan, part.texts(), run, 0)?.count(&|_, texts| {
            let totals = lock_ignoring_poison(&idle).pop().unwrap_or_else(|| Partial::new(plan.columns()));
            Box::new(TotalsWriter { totals, next: texts.start, rows_of_texts: rows_of_texts.as_deref(), idle: &idle })
        })
    })?;
    let mut sum = Totals::new(plan.columns());
    lock_ignoring_poison(&idle).iter().for_each(|totals| totals.add_to(&mut sum));
    Ok(sum)
}

/// A worker's totals. If documents contain only a few of very many terms, most pages of these arrays are never used.
#[derive(Default)]
struct Partial {
    totals: Totals,
    /// Whether blocks of columns contain anything but zeros.
    touched: Vec<bool>,
}

/// Columns of a block: a page of memory.
const BLOCK: usize = 512;

impl Partial {
    fn new(columns: usize) -> Self {
        Self { totals: Totals::new(columns), touched: filled(false, columns.div_ceil(BLOCK)) }
    }

    #[inline]
    fn add(&mut self, column: usize, count: u64, documents: u64) {
        self.totals.counts[column] += count;
        self.totals.documents[column] += documents;
        self.touched[column / BLOCK] = true;
    }

    fn add_to(&self, sum: &mut Totals) {
        for (block, _) in self.touched.iter().enumerate().filter(|(_, touched)| **touched) {
            let columns = block * BLOCK..self.totals.counts.len().min((block + 1) * BLOCK);
            add(&mut sum.counts[columns.clone()], &self.totals.counts[columns.clone()]);
            add(&mut sum.documents[columns.clone()], &self.totals.documents[columns]);
        }
    }
}

fn add(sums: &mut [u64], more: &[u64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

struct TotalsWriter<'s> {
    totals: Partial,
    /// The index of the next text.
    next: usize,
    /// How many rows have each text, if rows share texts.
    rows_of_texts: Option<&'s [u64]>,
    /// Totals that no worker uses now.
    idle: &'s Mutex<Vec<Partial>>,
}

impl RowWriter for TotalsWriter<'_> {
    fn row(&mut self, row: &mut Row) {
        let rows = self.rows_of_texts.map_or(1, |rows| rows[self.next]);
        self.next += 1;
        let totals = &mut self.totals;
        row.drain(|part| part.for_each(|column, count| totals.add(column, count * rows, rows)));
    }

    fn end(&mut self) {
        push(&mut *lock_ignoring_poison(self.idle), std::mem::take(&mut self.totals));
    }
}
