//! Scores: the count matrix times a matrix of weights, without the count matrix.

use std::sync::Mutex;

use ndarray::{ArrayView2, ArrayViewMut2, Axis, Slice};

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::{collected, filled, push};
use crate::core::counting::row::Row;
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
    mut scores: ArrayViewMut2<'_, f64>,
    run: RunOptions<'_>,
) -> Result<(), CountError> {
    assert_eq!(weights.nrows(), plan.columns(), "the weights of each column");
    assert_eq!(scores.dim(), (documents.len(), weights.ncols()), "the shape of the scores");
    let weights = weights.as_standard_layout();
    let dimensions = weights.ncols();
    let weights = weights.as_slice().expect("a standard layout");
    load_blocks(documents, run, |start, part, run| {
        let mut rows = scores.slice_axis_mut(Axis(0), Slice::from(start..start + part.len()));
        let grid = Grid::counting(plan, part.texts(), run, 0)?;
        let row_blocks: Vec<_> = grid.row_blocks().iter().map(|_| Mutex::new(Vec::new())).collect();
        grid.count(&|row_block, _| {
            let mut of_texts = lock_ignoring_poison(&row_blocks[row_block]);
            let mut sums = filled(0.0, dimensions);
            Box::new(move |row: &mut Row| {
                row.drain(|part| {
                    part.for_each(|column, count| {
                        let weights = &weights[column * dimensions..][..dimensions];
                        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += count as f64 * weight);
                    });
                });
                sums.iter_mut().for_each(|sum| push(&mut *of_texts, std::mem::take(sum)));
            })
        })?;
        let of_texts = row_blocks.iter().map(|scores| std::mem::take(&mut *lock_ignoring_poison(scores)));
        let Some(texts) = part.rows() else {
            rows.iter_mut().zip(of_texts.flatten()).for_each(|(cell, score)| *cell = score);
            return Ok(());
        };
        let scores = collected(of_texts.flatten());
        for (mut row, &text) in rows.outer_iter_mut().zip(texts) {
            for (i, cell) in row.iter_mut().enumerate() {
                *cell = if text == MISSING_ROW { 0.0 } else { scores[text as usize * dimensions + i] };
            }
        }
        Ok(())
    })
}
