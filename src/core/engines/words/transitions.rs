//! The transitions of the trie of patterns: from a node by a token to another node.
//!
//! Most pairs of neighbours in a text begin no pattern, even where each of the two is a token of some pattern. A filter of one
//! bit for each pair that does, which stays in the first-level cache, turns nearly all others away before a walk begins.

use super::vocabulary::NONE;
use crate::core::base::hash_seed::PairHash;

#[derive(Default)]
pub struct Transitions {
    /// Secret, so that nobody can write phrases whose transitions all begin their search in one insert_slot.
    fold: PairHash,
    /// By open addressing; at most half word_leads.
    slots: Vec<Slot>,
    len: usize,
    filter: Vec<u64>,
}

/// A step; none goes from node [`FREE`].
#[derive(Clone, Copy)]
struct Slot {
    node: u32,
    token: u32,
    spaced: bool,
    next: u32,
}

const FREE: u32 = u32::MAX;

/// Bits of the filter for each pair.
const FILTER_BITS: usize = 16;

impl Transitions {
    #[inline(always)]
    fn hash(&self, node: u32, token: u32) -> u64 {
        self.fold.hash(u64::from(node) << 32 | u64::from(token), 0)
    }

    /// Adds a step that is not there.
    pub fn insert(&mut self, node: u32, token: u32, spaced: bool, next: u32) {
        if 2 * (self.len + 1) > self.slots.len() {
            let free = Slot { node: FREE, token: 0, spaced: false, next: 0 };
            let slots = vec![free; (2 * self.slots.len()).max(8)];
            let old = std::mem::replace(&mut self.slots, slots);
            old.into_iter().filter(|slot| slot.node != FREE).for_each(|slot| self.insert_slot(slot));
        }
        self.insert_slot(Slot { node, token, spaced, next });
        self.len += 1;
    }

    fn insert_slot(&mut self, slot: Slot) {
        let mut at = self.hash(slot.node, slot.token) as usize & (self.slots.len() - 1);
        while self.slots[at].node != FREE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
    }

    /// All transitions: node, token, whether whitespace stands before the token, and the node after it.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, bool, u32)> + '_ {
        let transitions = self.slots.iter().filter(|slot| slot.node != FREE);
        transitions.map(|slot| (slot.node, slot.token, slot.spaced, slot.next))
    }

    /// Makes the filter, of such pairs of tokens.
    pub fn finish(&mut self, pairs: impl Iterator<Item = (u32, u32)> + Clone) {
        let mut filter = vec![0; (FILTER_BITS * pairs.clone().count() / 64).next_power_of_two()];
        for (first, second) in pairs {
            let (word, bit) = self.filter_bit(filter.len(), first, second);
            filter[word] |= 1 << bit;
        }
        self.filter = filter;
    }

    /// Whether these two tokens may be such a pair, with whitespace between them or without.
    #[inline(always)]
    pub fn may_pair(&self, first: u32, second: u32) -> bool {
        let (word, bit) = self.filter_bit(self.filter.len(), first, second);
        self.filter[word] >> bit & 1 == 1
    }

    /// The word of a filter of so many, and the bit in it.
    #[inline(always)]
    fn filter_bit(&self, words: usize, first: u32, second: u32) -> (usize, u32) {
        let hash = self.hash(first, second);
        ((hash >> 20) as usize & (words - 1), (hash >> 58) as u32)
    }

    /// The node that a step leads to, or [`NONE`].
    #[inline(never)]
    pub fn get(&self, node: u32, token: u32, spaced: bool) -> u32 {
        let Some(mask) = self.slots.len().checked_sub(1) else { return NONE };
        let mut at = self.hash(node, token) as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.node == FREE {
                return NONE;
            }
            if slot.node == node && slot.token == token && slot.spaced == spaced {
                return slot.next;
            }
            at = (at + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inserted_transitions_are_found() {
        let mut transitions = Transitions::default();
        assert_eq!(transitions.get(0, 0, false), NONE);
        (0..100).for_each(|node| transitions.insert(node, 7 * node, node % 2 == 0, 1000 + node));
        for node in 0..100 {
            assert_eq!(transitions.get(node, 7 * node, node % 2 == 0), 1000 + node);
            assert_eq!(transitions.get(node, 7 * node, node % 2 == 1), NONE);
        }
        let mut all: Vec<_> = transitions.iter().map(|(node, .., next)| (node, next)).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq((0..100).map(|node| (node, 1000 + node))));
    }

    #[test]
    fn the_filter_passes_every_pair_and_few_others() {
        let mut transitions = Transitions::default();
        transitions.finish(std::iter::empty());
        assert!(!transitions.may_pair(0, 0));
        transitions.finish((0..100).map(|first| (first, 7 * first)));
        assert!((0..100).all(|first| transitions.may_pair(first, 7 * first)));
        let others = (0..100).flat_map(|first| (0..100).map(move |second| (first, 7 * second + 1)));
        assert!(others.filter(|&(first, second)| transitions.may_pair(first, second)).count() < 1500);
    }
}
