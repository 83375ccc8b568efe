//! The transitions of a trie: from a node, by a token, to another node.
//!
//! Most pairs of neighbouring tokens in a text begin no pattern, even if each of them is in some pattern. A Bloom
//! filter with one bit per pair rejects nearly all other pairs before a walk starts. It stays in the first-level
//! cache.

use super::vocabulary::NONE;
use crate::core::base::hash_seed::PairHash;

#[derive(Default)]
pub struct Transitions {
    /// Secret, so that no attacker can write phrases whose transitions collide.
    pair_hash: PairHash,
    /// Open addressing, at most half full.
    slots: Vec<Slot>,
    len: usize,
    filter: Vec<u64>,
}

/// A transition. A free slot has the node [`FREE`].
#[derive(Clone, Copy)]
struct Slot {
    node: u32,
    token: u32,
    spaced: bool,
    next: u32,
}

const FREE: u32 = u32::MAX;

/// The filter's size per pair.
const FILTER_BITS: usize = 16;

impl Transitions {
    #[inline(always)]
    fn hash(&self, node: u32, token: u32) -> u64 {
        self.pair_hash.hash(u64::from(node) << 32 | u64::from(token), 0)
    }

    /// Adds a transition, which must be new.
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

    /// All transitions: node, token, whether whitespace precedes the token, and the next node.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, bool, u32)> + '_ {
        let transitions = self.slots.iter().filter(|slot| slot.node != FREE);
        transitions.map(|slot| (slot.node, slot.token, slot.spaced, slot.next))
    }

    /// Builds the filter of these pairs.
    pub fn finish(&mut self, pairs: impl Iterator<Item = (u32, u32)> + Clone) {
        let mut filter = vec![0; (FILTER_BITS * pairs.clone().count() / 64).next_power_of_two()];
        for (first, second) in pairs {
            let (word, bit) = self.filter_bit(filter.len(), first, second);
            filter[word] |= 1 << bit;
        }
        self.filter = filter;
    }

    /// Whether two tokens may be one of the pairs, with or without whitespace between them.
    #[inline(always)]
    pub fn may_pair(&self, first: u32, second: u32) -> bool {
        let (word, bit) = self.filter_bit(self.filter.len(), first, second);
        self.filter[word] >> bit & 1 == 1
    }

    /// The index of a word in a filter of so many words, and of the bit in it.
    #[inline(always)]
    fn filter_bit(&self, words: usize, first: u32, second: u32) -> (usize, u32) {
        let hash = self.hash(first, second);
        ((hash >> 20) as usize & (words - 1), (hash >> 58) as u32)
    }

    /// The next node, or [`NONE`].
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
