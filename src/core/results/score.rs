//! Scores: the count matrix times a matrix of weights, without the count matrix.

use std::ops::Range;
use std::sync::Mutex;

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::{filled, push};
use crate::core::counting::reducer::{Output, RowConsumer, RowWriter};
use crate::core::counting::row::{Row, RowPart};
use crate::core::documents::rows::{Documents, MISSING_ROW};
use crate::core::plan::Plan;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::RunOptions;

/// Fills `scores`, of shape (documents, scores per document): for each document, the sum of its counts times the
/// columns' `weights`, of shape (columns, scores per document). A missing document scores 0.
///
/// Each sum is taken in the order of the columns, so it depends on neither the workers nor the tiles. After an error
/// the content of `scores` is undefined.
///
/// # Errors
///
/// The caller cancelled, memory ran out, or the system could not start a thread.
///
/// # Panics
///
/// The arrays have other shapes.
pub fn score(
    plan: &Plan,
    documents: &Documents<'_>,
    weights: ArrayView2<'_, f64>,
    scores: ArrayViewMut2<'_, f64>,
    run: RunOptions<'_>,
) -> Result<(), CountError> {
    assert_eq!(weights.nrows(), plan.columns(), "the weights of each column");
    assert_eq!(scores.dim(), (documents.len(), weights.ncols()), "the shape of the scores");
    let weights = weights.as_standard_layout();
    let (columns, dimensions) = weights.dim();
    let weights = weights.as_slice().expect("a standard layout");
    let mut rest = Some(scores);
    load_blocks(documents, run, |_, part, run| {
        let (mut rows, others) = rest.take().expect("the rows of the load block").split_at(Axis(0), part.len());
        rest = Some(others);
        let grid = Grid::counting(plan, part.texts(), run, 0)?;
        let row_blocks = grid.row_blocks().iter().map(|_| Mutex::default()).collect();
        let output = ScoreOutput { weights, columns, dimensions, row_blocks };
        grid.count(&output)?;
        let of_texts = output.row_blocks.iter().map(|block| std::mem::take(&mut *lock_ignoring_poison(block)));
        let Some(texts) = part.rows() else {
            for (cell, score) in rows.iter_mut().zip(of_texts.flatten()) {
                *cell = score;
            }
            return Ok(());
        };
        let mut scores = Vec::new();
        of_texts.flatten().for_each(|score| push(&mut scores, score));
        for (mut row, &text) in rows.outer_iter_mut().zip(texts) {
            for (i, cell) in row.iter_mut().enumerate() {
                *cell = if text == MISSING_ROW { 0.0 } else { scores[text as usize * dimensions + i] };
            }
        }
        Ok(())
    })
}

struct ScoreOutput<'w> {
    weights: &'w [f64],
    columns: usize,
    dimensions: usize,
    /// The scores of each row block's texts.
    row_blocks: Vec<Mutex<Vec<f64>>>,
}

impl Output for ScoreOutput<'_> {
    fn writer(&self) -> Box<dyn RowWriter + '_> {
        Box::new(ScoreWriter { output: self, row_block: 0, scores: Vec::new(), sum: filled(0.0, self.dimensions) })
    }
}

struct ScoreWriter<'o> {
    output: &'o ScoreOutput<'o>,
    row_block: usize,
    /// The scores of the row block's texts so far.
    scores: Vec<f64>,
    /// Those of one text.
    sum: Vec<f64>,
}

impl RowWriter for ScoreWriter<'_> {
    fn begin(&mut self, row_block: usize, _: Range<usize>) {
        self.row_block = row_block;
        self.scores = Vec::new();
    }

    fn end(&mut self) {
        *lock_ignoring_poison(&self.output.row_blocks[self.row_block]) = std::mem::take(&mut self.scores);
    }
}

impl RowConsumer for ScoreWriter<'_> {
    fn row(&mut self, row: &mut Row) {
        let ScoreOutput { weights, columns, dimensions, .. } = *self.output;
        let sum = &mut self.sum[..];
        let mut add = |column: usize, count: u64| {
            // A line may be longer than the row. A zero count adds nothing, even to an infinite weight.
            if count > 0 && column < columns {
                let weights = &weights[column * dimensions..][..dimensions];
                sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += count as f64 * weight);
            }
        };
        row.drain(|part| match part {
            RowPart::Line(first, line) => line.for_each(|i, count| add(first + i, count.into())),
            RowPart::Some(columns, counts) => {
                columns.iter().zip(counts).for_each(|(&column, &count)| add(column as usize, count.into()));
            }
            RowPart::One(column, count) => add(column, count),
        });
        for sum in sum {
            push(&mut self.scores, std::mem::take(sum));
        }
    }
}
