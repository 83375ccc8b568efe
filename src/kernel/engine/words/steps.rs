//! The steps of the trie of forms: from a node by an atom to another node.
//!
//! Most pairs of neighbours in a text are no step, even where each of the two is an atom of some form. A filter of one
//! bit a step, which stays in the first-level cache, turns nearly all of them away before the table is asked.

#[derive(Default)]
pub struct Steps {
    /// By open addressing; at most half full.
    slots: Vec<Slot>,
    len: usize,
    filter: Vec<u64>,
}

/// A step; none goes from node [`FREE`].
#[derive(Clone, Copy)]
struct Slot {
    node: u32,
    atom: u32,
    spaced: bool,
    next: u32,
}

const FREE: u32 = u32::MAX;

/// Bits of the filter for each step.
const FILTER_BITS: usize = 16;

#[inline(always)]
fn hash(node: u32, atom: u32) -> u64 {
    let product =
        u128::from((u64::from(node) << 32 | u64::from(atom)) ^ 0xD1B5_4A32_D192_ED03) * 0x9E37_79B9_7F4A_7C15;
    product as u64 ^ (product >> 64) as u64
}

impl Steps {
    /// The node that a step leads to: `next`, if it was not there.
    pub fn insert(&mut self, node: u32, atom: u32, spaced: bool, next: u32) -> u32 {
        if let Some(known) = self.get(node, atom, spaced) {
            return known;
        }
        if 2 * (self.len + 1) > self.slots.len() {
            let free = Slot { node: FREE, atom: 0, spaced: false, next: 0 };
            let slots = vec![free; (2 * self.slots.len()).max(8)];
            let old = std::mem::replace(&mut self.slots, slots);
            old.into_iter().filter(|slot| slot.node != FREE).for_each(|slot| self.place(slot));
        }
        self.place(Slot { node, atom, spaced, next });
        self.len += 1;
        next
    }

    fn place(&mut self, slot: Slot) {
        let mut at = hash(slot.node, slot.atom) as usize & (self.slots.len() - 1);
        while self.slots[at].node != FREE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
    }

    /// To be called when all steps are there.
    pub fn finish(&mut self) {
        let mut filter = vec![0; (FILTER_BITS * self.len / 64).next_power_of_two()];
        for slot in self.slots.iter().filter(|slot| slot.node != FREE) {
            let (word, bit) = filter_bit(&filter, slot.node, slot.atom);
            filter[word] |= 1 << bit;
        }
        self.filter = filter;
    }

    /// Whether there may be a step, with white space or without.
    #[inline(always)]
    pub fn may_lead(&self, node: u32, atom: u32) -> bool {
        let (word, bit) = filter_bit(&self.filter, node, atom);
        self.filter[word] >> bit & 1 == 1
    }

    #[inline]
    pub fn get(&self, node: u32, atom: u32, spaced: bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash(node, atom) as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.node == FREE {
                return None;
            }
            if slot.node == node && slot.atom == atom && slot.spaced == spaced {
                return Some(slot.next);
            }
            at = (at + 1) & mask;
        }
    }
}

#[inline(always)]
fn filter_bit(filter: &[u64], node: u32, atom: u32) -> (usize, u32) {
    let hash = hash(node, atom);
    ((hash >> 20) as usize & (filter.len() - 1), (hash >> 58) as u32)
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
