//! One total for each column, without the matrix.

use std::ops::Range;
use std::sync::Mutex;

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::filled;
use crate::core::counting::reducer::{Output, RowConsumer, RowWriter};
use crate::core::counting::row::{Row, RowPart};
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
        Self { counts: filled(0, columns), documents: filled(0, columns) }
    }

    /// Adds the totals of more documents.
    pub fn add(&mut self, other: &Self) {
        let add = |sums: &mut [u64], more: &[u64]| sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        add(&mut self.counts, &other.counts);
        add(&mut self.documents, &other.documents);
    }
}

/// Adds up the counts of all documents for each column.
pub fn totals(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Totals, CountError> {
    let mut sum = Totals::new(plan.columns());
    load_blocks(documents, run, |_, part, run| {
        sum.add(&totals_of_load_block(plan, part, run)?);
        Ok(())
    })?;
    Ok(sum)
}

fn totals_of_load_block(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Totals, CountError> {
    let rows_of_texts = documents.rows().map(|rows| {
        let mut weights = filled(0, documents.texts().len());
        rows.iter().filter(|&&text| text != MISSING_ROW).for_each(|&text| weights[text as usize] += 1);
        weights
    });
    let output = TotalsOutput { totals: Mutex::new(Totals::new(plan.columns())), rows_of_texts };
    Grid::counting(plan, documents.texts(), run, 0)?.count(&output)?;
    Ok(std::mem::take(&mut lock_ignoring_poison(&output.totals)))
}

struct TotalsOutput {
    totals: Mutex<Totals>,
    /// How many rows have each text, if rows share texts.
    rows_of_texts: Option<Vec<u64>>,
}

impl Output for TotalsOutput {
    fn writer(&self) -> Box<dyn RowWriter + '_> {
        let totals = Totals::new(lock_ignoring_poison(&self.totals).counts.len());
        Box::new(TotalsWriter { output: self, totals, next: 0 })
    }
}

/// A worker's own totals. They are added to the result when the worker is done.
struct TotalsWriter<'s> {
    output: &'s TotalsOutput,
    totals: Totals,
    /// The index of the next text.
    next: usize,
}

impl RowWriter for TotalsWriter<'_> {
    fn begin(&mut self, _: usize, texts: Range<usize>) {
        self.next = texts.start;
    }

    fn end(&mut self) {}
}

impl RowConsumer for TotalsWriter<'_> {
    fn row(&mut self, row: &mut Row) {
        let rows = self.output.rows_of_texts.as_ref().map_or(1, |rows| rows[self.next]);
        self.next += 1;
        let Totals { counts, documents } = &mut self.totals;
        let mut add = |column: usize, count: u64| {
            counts[column] += count * rows;
            documents[column] += rows;
        };
        row.drain(|part| match part {
            RowPart::Line(first, line) => line.for_each(|i, count| add(first + i, count.into())),
            RowPart::Some(columns, counts) => {
                columns.iter().zip(counts).for_each(|(&column, &count)| add(column as usize, count.into()));
            }
            RowPart::One(column, count) => add(column, count),
        });
    }
}

impl Drop for TotalsWriter<'_> {
    fn drop(&mut self) {
        lock_ignoring_poison(&self.output.totals).add(&self.totals);
    }
}
