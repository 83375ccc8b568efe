//! Equal numbers next to each other in a sorted list.

use crate::core::base::memory;

/// The different numbers of a sorted list, and how often each occurs.
#[derive(Default)]
pub struct Runs {
    numbers: Vec<u32>,
    counts: Vec<u32>,
}

impl Runs {
    /// Replaces the content by that of a sorted list.
    #[inline]
    pub fn find(&mut self, sorted: &[u32]) {
        let Self { numbers, counts } = self;
        for list in [&mut *numbers, counts] {
            list.clear();
            memory::reserve(list, sorted.len());
            list.resize(sorted.len(), 0);
        }
        let Some((&last, others)) = sorted.split_last() else { return };
        // Without branches, since neither is predictable: first where each run ends, then its length.
        let mut len = 0;
        for (i, (&number, &next)) in others.iter().zip(&sorted[1..]).enumerate() {
            numbers[len] = number;
            counts[len] = i as u32 + 1;
            len += usize::from(number != next);
        }
        (numbers[len], counts[len]) = (last, sorted.len() as u32);
        numbers.truncate(len + 1);
        counts.truncate(len + 1);
        let mut before = 0;
        for count in counts {
            *count -= std::mem::replace(&mut before, *count);
        }
    }

    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Sets all counts to 1.
    pub fn flatten(&mut self) {
        self.counts.fill(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_sorted_lists() {
        let mut runs = Runs::default();
        for (sorted, numbers, counts) in [
            (&[4, 4, 4, 7, 9, 9][..], &[4, 7, 9][..], &[3, 1, 2][..]),
            (&[], &[], &[]),
            (&[0], &[0], &[1]),
            (&[u32::MAX; 300], &[u32::MAX], &[300]),
        ] {
            runs.find(sorted);
            assert_eq!((runs.numbers(), runs.counts()), (numbers, counts));
        }
        runs.flatten();
        assert_eq!(runs.counts(), [1]);
    }
}
