//! The transitions of a trie: from a node, by a token, to another node.
//!
//! Most pairs of neighbouring tokens in a text begin no pattern, even if each of them is in some pattern. A Bloom
//! filter with one bit per pair rejects nearly all other pairs before a walk starts. It stays in the first-level
//! cache.

use hashbrown::HashTable;

use super::vocabulary::NONE;
use crate::core::base::hash_seed::PairHash;

#[derive(Default)]
pub struct Transitions {
    /// Secret, so that no attacker can write phrases whose transitions collide.
    pair_hash: PairHash,
    table: HashTable<Transition>,
    filter: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Transition {
    node: u32,
    token: u32,
    spaced: bool,
    next: u32,
}

/// The filter's size per pair.
const FILTER_BITS: usize = 16;

impl Transitions {
    #[inline(always)]
    fn hash(&self, node: u32, token: u32) -> u64 {
        hash(self.pair_hash, node, token)
    }

    /// Adds a transition, which must be new.
    pub fn insert(&mut self, node: u32, token: u32, spaced: bool, next: u32) {
        let Self { pair_hash, table, .. } = self;
        let rehash = |known: &Transition| hash(*pair_hash, known.node, known.token);
        table.insert_unique(hash(*pair_hash, node, token), Transition { node, token, spaced, next }, rehash);
    }

    /// All transitions: node, token, whether whitespace precedes the token, and the next node.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, bool, u32)> + '_ {
        self.table.iter().map(|step| (step.node, step.token, step.spaced, step.next))
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
        let is_it = |step: &Transition| step.node == node && step.token == token && step.spaced == spaced;
        self.table.find(self.hash(node, token), is_it).map_or(NONE, |step| step.next)
    }
}

#[inline(always)]
fn hash(pair_hash: PairHash, node: u32, token: u32) -> u64 {
    pair_hash.hash(u64::from(node) << 32 | u64::from(token), 0)
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
