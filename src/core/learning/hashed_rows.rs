//! Rows of terms in hashed columns, and the count matrix that they become.

use std::sync::atomic::AtomicBool;

use crate::core::base::cancel::{CHECK_EVERY, check};
use crate::core::base::error::CountError;
use crate::core::base::simd;
use crate::core::counting::count_block::CountBlock;
use crate::core::counting::runs::Runs;
use crate::core::counting::sort::sort;
use crate::core::results::sparse::Index;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// Sums by column of consecutive documents.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HashedRows {
    /// What a count block has for a column is twice the column here, plus 1 if the sum is negative.
    counted: CountBlock,
}

impl HashedRows {
    /// The number of documents.
    pub fn len(&self) -> usize {
        self.counted.len()
    }

    /// The number of sums. A sum of terms with different signs may be zero.
    pub fn nonzero(&self) -> usize {
        self.counted.nonzero()
    }

    /// Adds a document. Each term is twice its column, plus 1 if it counts as -1. The list is cleared.
    pub fn push(&mut self, terms: &mut Vec<u32>, runs: &mut Runs, cancel: &AtomicBool) {
        let level = simd::level();
        sort(level, terms, cancel);
        runs.find(level, terms);
        // Two signs in a column: two different terms.
        runs.join(
            |term| term >> 1,
            |[plus, positive], [minus, negative]| match positive.checked_sub(negative) {
                Some(sum) => [plus, sum],
                None => [minus, negative - positive],
            },
        );
        self.counted.push_runs(runs);
        terms.clear();
    }

    /// Moves the content to rows without spare capacity. These become empty and keep their capacity.
    pub fn take(&mut self) -> Self {
        Self { counted: self.counted.take() }
    }

    /// Writes the sums. Both slices have an item for each sum.
    fn write<I: Index>(&self, indices: &mut [I], data: &mut [f64], cancel: &AtomicBool) {
        let small = self.counted.small_counts();
        let signed = |term: u32, count: f64| if term & 1 == 1 { -count } else { count };
        for start in (0..data.len()).step_by(CHECK_EVERY) {
            check(cancel);
            let part = start..data.len().min(start + CHECK_EVERY);
            let (indices, data) = (&mut indices[part.clone()], &mut data[part.clone()]);
            let terms = &self.counted.columns()[part.clone()];
            indices.iter_mut().zip(terms).for_each(|(index, &term)| *index = I::of((term >> 1) as usize));
            let cells = data.iter_mut().zip(terms);
            match small {
                Some(counts) => {
                    cells.zip(&counts[part]).for_each(|((cell, &term), &count)| *cell = signed(term, count.into()));
                }
                None => cells.zip(part).for_each(|((cell, &term), at)| {
                    *cell = signed(term, self.counted.count(at) as f64);
                }),
            }
        }
    }
}

/// What each row is divided by.
#[derive(Clone, Copy, Debug)]
pub enum Norm {
    /// The sum of the absolute values.
    L1,
    /// The length.
    L2,
}

/// Cells whose values are added up independently, so that no addition waits for the one before.
const LANES: usize = 8;

impl Norm {
    fn divide(self, row: &mut [f64], cancel: &AtomicBool) {
        let own = |cell: f64| match self {
            Self::L1 => cell.abs(),
            Self::L2 => cell * cell,
        };
        let mut lanes = [0.0; LANES];
        for cells in row.chunks(CHECK_EVERY) {
            check(cancel);
            let (whole, rest) = cells.as_chunks();
            for cells in whole {
                let cells: &[f64; LANES] = cells;
                lanes.iter_mut().zip(cells).for_each(|(sum, &cell)| *sum += own(cell));
            }
            lanes.iter_mut().zip(rest).for_each(|(sum, &cell)| *sum += own(cell));
        }
        // Cells are integers. So the sum does not depend on the order, unless it is larger than this: then they are
        // added from first to last, as NumPy does.
        let mut sum: f64 = lanes.iter().sum();
        if sum >= (1u64 << f64::MANTISSA_DIGITS) as f64 {
            sum = row.iter().fold(0.0, |sum, &cell| sum + own(cell));
        }
        let norm = match self {
            Self::L1 => sum,
            Self::L2 => sum.sqrt(),
        };
        if norm > 0.0 {
            for cells in row.chunks_mut(CHECK_EVERY) {
                check(cancel);
                cells.iter_mut().for_each(|cell| *cell /= norm);
            }
        }
    }
}

/// Writes rows as compressed sparse rows, and frees each part when it is written. `indptr` needs one item more than
/// there are rows, `indices` and `data` one for each sum.
pub fn write_rows<I: Index>(
    parts: Vec<HashedRows>,
    norm: Option<Norm>,
    data: &mut [f64],
    indices: &mut [I],
    indptr: &mut [I],
    run: RunOptions<'_>,
) -> Result<(), CountError> {
    let (first, mut ends) = indptr.split_first_mut().expect("one more than there are rows");
    *first = I::of(0);
    let is_small = data.len() < INLINE_SUMS;
    let (mut data, mut indices, mut before) = (data, indices, 0);
    let slices = parts.into_iter().map(|part| {
        let sums = part.nonzero();
        before += sums;
        let ends = ends.split_off_mut(..part.len()).expect("an end for each row");
        let indices = indices.split_off_mut(..sums).expect("an index for each sum");
        (part, before - sums, data.split_off_mut(..sums).expect("a cell for each sum"), indices, ends)
    });
    let team = WorkerTeam::new(run, 0, is_small);
    team.map(slices, |(part, before, data, indices, ends)| {
        part.write(indices, data, &team.cancel);
        let mut start = 0;
        for (i, row_end) in ends.iter_mut().enumerate() {
            let end = start + part.counted.row_len(i);
            if let Some(norm) = norm {
                norm.divide(&mut data[start..end], &team.cancel);
            }
            *row_end = I::of(before + end);
            start = end;
        }
    })?;
    Ok(())
}

/// Fewer sums than this are written on the calling thread.
const INLINE_SUMS: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(documents: &[&[u32]]) -> HashedRows {
        let (mut rows, mut runs, cancel) = (HashedRows::default(), Runs::default(), AtomicBool::new(false));
        for terms in documents {
            rows.push(&mut terms.to_vec(), &mut runs, &cancel);
        }
        rows.take()
    }

    fn written(parts: Vec<HashedRows>, norm: Option<Norm>) -> (Vec<f64>, Vec<i32>, Vec<i32>) {
        let sums = parts.iter().map(HashedRows::nonzero).sum();
        let rows: usize = parts.iter().map(HashedRows::len).sum();
        let (mut data, mut indices, mut indptr) = (vec![0.0; sums], vec![0; sums], vec![0; rows + 1]);
        write_rows(parts, norm, &mut data, &mut indices, &mut indptr, RunOptions::with_workers(2)).unwrap();
        (data, indices, indptr)
    }

    #[test]
    fn columns_are_summed() {
        let rows = || pushed(&[&[6, 7, 2, 7, 7, 9, 8], &[], &[8]]);
        let (data, indices, indptr) = written(vec![rows(), HashedRows::default(), rows()], None);
        assert_eq!(data, [1.0, -2.0, 0.0, 1.0, 1.0, -2.0, 0.0, 1.0]);
        assert_eq!((indices, indptr), (vec![1, 3, 4, 4, 1, 3, 4, 4], vec![0, 3, 3, 4, 7, 7, 8]));
        for (norm, length) in [(Norm::L1, 3.0), (Norm::L2, f64::sqrt(5.0))] {
            let (data, _, _) = written(vec![rows()], Some(norm));
            assert_eq!(data, [1.0 / length, -2.0 / length, 0.0, 1.0]);
        }
    }

    #[test]
    fn large_sums_and_long_rows() {
        let terms = [vec![4; 1000], vec![5; 300], vec![7; 255], (10..200).collect()].concat();
        let (data, indices, _) = written(vec![pushed(&[&terms])], None);
        // Both signs of columns 5 to 99 occur once.
        assert_eq!(data[..2], [700.0, -255.0]);
        assert!(data[2..].iter().all(|&sum| sum == 0.0));
        assert_eq!(indices[..3], [2, 3, 5]);
        let (scaled, _, _) = written(vec![pushed(&[&terms])], Some(Norm::L2));
        let norm = f64::from(700 * 700 + 255 * 255).sqrt();
        assert_eq!(scaled[..2], [700.0 / norm, -255.0 / norm]);
    }

    #[test]
    fn sums_that_are_not_exact_are_added_in_order() {
        let cells: Vec<f64> = (0..100).map(|i| f64::from(i) * 3e7 + 1.0).collect();
        let mut row = cells.clone();
        Norm::L2.divide(&mut row, &AtomicBool::new(false));
        let norm = cells.iter().fold(0.0, |sum, cell| sum + cell * cell).sqrt();
        assert_eq!(row, cells.iter().map(|cell| cell / norm).collect::<Vec<_>>());
    }
}
