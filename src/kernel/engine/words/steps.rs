//! The steps of the trie of forms: from a node by an atom to another node.
//!
//! Most pairs of neighbours in a text are no step, even where each of the two is an atom of some form. A filter of one
//! bit a step, which stays in the first-level cache, turns nearly all of them away before the table is asked.

use std::collections::HashMap;

use foldhash::fast::FixedState;

#[derive(Default)]
pub struct Steps {
    /// From a node by an atom, with white space before it or not.
    table: HashMap<(u32, u32, bool), u32, FixedState>,
    filter: Vec<u64>,
}

/// Bits of the filter for each step.
const FILTER_BITS: usize = 16;

impl Steps {
    /// The node that a step leads to: `next`, if it was not there.
    pub fn insert(&mut self, node: u32, atom: u32, spaced: bool, next: u32) -> u32 {
        *self.table.entry((node, atom, spaced)).or_insert(next)
    }

    /// To be called when all steps are there.
    pub fn finish(&mut self) {
        self.filter = vec![0; (FILTER_BITS * self.table.len() / 64).next_power_of_two()];
        for &(node, atom, _) in self.table.keys() {
            let (word, bit) = self.filter_bit(node, atom);
            self.filter[word] |= 1 << bit;
        }
    }

    #[inline(always)]
    fn filter_bit(&self, node: u32, atom: u32) -> (usize, u32) {
        let hash = (u64::from(node) << 32 | u64::from(atom)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((hash >> 32) as usize & (self.filter.len() - 1), (hash >> 58) as u32)
    }

    /// Whether there may be a step, with white space or without.
    #[inline(always)]
    pub fn may_lead(&self, node: u32, atom: u32) -> bool {
        let (word, bit) = self.filter_bit(node, atom);
        self.filter[word] >> bit & 1 == 1
    }

    #[inline]
    pub fn get(&self, node: u32, atom: u32, spaced: bool) -> Option<u32> {
        self.table.get(&(node, atom, spaced)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_lets_every_step_through_and_few_others() {
        let mut steps = Steps::default();
        steps.finish();
        assert!(!steps.may_lead(0, 0));
        for node in 0..100 {
            assert_eq!(steps.insert(node, 7 * node, node % 2 == 0, 1000 + node), 1000 + node);
            assert_eq!(steps.insert(node, 7 * node, node % 2 == 0, 0), 1000 + node);
        }
        steps.finish();
        for node in 0..100 {
            assert!(steps.may_lead(node, 7 * node));
            assert_eq!(steps.get(node, 7 * node, node % 2 == 0), Some(1000 + node));
            assert_eq!(steps.get(node, 7 * node, node % 2 == 1), None);
        }
        let others = (0..100).flat_map(|node| (0..100).map(move |atom| (node, 7 * atom + 1)));
        assert!(others.filter(|&(node, atom)| steps.may_lead(node, atom)).count() < 1500);
    }
}
