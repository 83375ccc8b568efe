//! The distinct atoms of all forms, and how an atom of a text is looked up.
//!
//! An atom of up to 16 bytes is two integers, so that hashing and comparing it takes a handful of instructions; longer
//! ones, of which English text has one in a thousand, have a table of their own. Most words of most texts are in no
//! form: a filter of two bits an atom turns nearly all of them away before the table is touched.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::super::super::terms::Strings;

/// No atom of any form.
pub const NONE: u32 = u32::MAX;

/// Bytes of an atom that is kept as integers.
pub const SHORT: usize = 16;

/// An atom of up to 16 bytes: the bytes, with zeros behind them, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    low: u64,
    high: u64,
    len: u32,
}

impl Key {
    /// The key of no atom.
    pub const NONE: Self = Self { low: 0, high: 0, len: 0 };

    /// The key of `text[start..end]`, which is short.
    #[inline]
    pub fn new(text: &[u8], start: usize, end: usize) -> Self {
        let len = end - start;
        let bytes = match text[start..].first_chunk::<SHORT>() {
            Some(bytes) => *bytes,
            // Next to the text's end.
            None => {
                let mut bytes = [0; SHORT];
                bytes[..len].copy_from_slice(&text[start..end]);
                bytes
            }
        };
        let bytes = u128::from_le_bytes(bytes) & MASKS[len];
        Self { low: bytes as u64, high: (bytes >> 64) as u64, len: len as u32 }
    }

    /// A product of two halves, folded: plain multiplication leaves too much of a short word in few bits.
    #[inline]
    pub fn hash(self) -> u64 {
        const A: u64 = 0x9E37_79B9_7F4A_7C15;
        const B: u64 = 0xD1B5_4A32_D192_ED03;
        let product = u128::from(self.low ^ A) * u128::from((self.high ^ B).wrapping_add(u64::from(self.len)));
        product as u64 ^ (product >> 64) as u64
    }
}

/// The lowest so many bytes.
static MASKS: [u128; SHORT + 1] = {
    let mut masks = [0; SHORT + 1];
    let mut len = 1;
    while len <= SHORT {
        masks[len] = masks[len - 1] << 8 | 0xFF;
        len += 1;
    }
    masks
};

#[derive(Clone, Copy)]
struct Slot {
    key: Key,
    id: u32,
}

const FREE: Slot = Slot { key: Key::NONE, id: NONE };

/// Atoms, numbered in the order in which they came.
#[derive(Default)]
pub struct Vocabulary {
    len: u32,
    /// Two bits of one word for each short atom, about 16 bits of space for each.
    filter: Vec<u64>,
    /// Short atoms, by open addressing; at most half full.
    slots: Vec<Slot>,
    long: Strings,
    long_ids: Vec<u32>,
    long_index: HashTable<u32>,
}

impl Vocabulary {
    /// Room for so many atoms.
    pub fn with_capacity(atoms: usize) -> Self {
        let slots = (2 * atoms).next_power_of_two().max(64);
        Self { filter: vec![0; (slots / 8).max(8)], slots: vec![FREE; slots], ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// The filter's word and the two bits in it.
    #[inline]
    fn filter_bits(&self, hash: u64) -> (usize, u64) {
        (hash as usize & (self.filter.len() - 1), 1 << (hash >> 52 & 63) | 1 << (hash >> 58))
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        (hash >> 20) as usize & (self.slots.len() - 1)
    }

    /// The id of an atom, which is added if it is not there.
    pub fn insert(&mut self, atom: &[u8]) -> u32 {
        if atom.len() > SHORT {
            return self.insert_long(atom);
        }
        let key = Key::new(atom, 0, atom.len());
        let found = self.find_short(key, key.hash());
        if found != NONE {
            return found;
        }
        if 2 * (self.len as usize + 1) > self.slots.len() {
            self.grow();
        }
        let id = self.len;
        self.place(Slot { key, id });
        self.len += 1;
        id
    }

    fn place(&mut self, slot: Slot) {
        let hash = slot.key.hash();
        let (word, bits) = self.filter_bits(hash);
        self.filter[word] |= bits;
        let mut at = self.home(hash);
        while self.slots[at].id != NONE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
    }

    fn grow(&mut self) {
        let slots = std::mem::take(&mut self.slots);
        self.slots = vec![FREE; 2 * slots.len()];
        self.filter = vec![0; 2 * self.filter.len()];
        slots.into_iter().filter(|slot| slot.id != NONE).for_each(|slot| self.place(slot));
    }

    fn insert_long(&mut self, atom: &[u8]) -> u32 {
        let Self { long, long_ids, long_index, len, .. } = self;
        let entry = long_index.entry(
            long_hash(atom),
            |&at| long.get(at as usize) == atom,
            |&at| long_hash(long.get(at as usize)),
        );
        let at = *entry
            .or_insert_with(|| {
                long.push(atom);
                long_ids.push(*len);
                *len += 1;
                (long.len() - 1) as u32
            })
            .get();
        self.long_ids[at as usize]
    }

    #[inline]
    fn find_short(&self, key: Key, hash: u64) -> u32 {
        let mut at = self.home(hash);
        loop {
            let slot = &self.slots[at];
            if slot.id == NONE || slot.key == key {
                return slot.id;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    #[cold]
    fn find_long(&self, atom: &[u8]) -> u32 {
        let found = self.long_index.find(long_hash(atom), |&at| self.long.get(at as usize) == atom);
        found.map_or(NONE, |&at| self.long_ids[at as usize])
    }

    /// The id of one atom.
    pub fn find(&self, atom: &[u8]) -> u32 {
        if atom.len() > SHORT {
            return self.find_long(atom);
        }
        let key = Key::new(atom, 0, atom.len());
        self.find_short(key, key.hash())
    }

    /// Finds all atoms of a text that some form holds, in order: in one pass those that the filter lets through, in a
    /// second those that are there.
    pub fn find_all(&self, text: &[u8], starts: &[u32], ends: &[u32], search: &mut Search) {
        let Search { candidates, found, .. } = search;
        // The buffers only grow: what they hold beyond this window's atoms is never read.
        if candidates.len() < starts.len() {
            candidates.resize(starts.len(), Candidate { key: FREE.key, hash: 0, atom: 0 });
        }
        let mut kept = 0;
        for (atom, (&start, &end)) in starts.iter().zip(ends).enumerate() {
            let (start, end) = (start as usize, end as usize);
            let is_short = end - start <= SHORT;
            // A long atom keeps its place among the candidates, to be looked up by its bytes.
            let key = if is_short { Key::new(text, start, end) } else { FREE.key };
            let hash = key.hash();
            let (word, bits) = self.filter_bits(hash);
            candidates[kept] = Candidate { key, hash, atom: atom as u32 };
            kept += usize::from(self.filter[word] & bits == bits || !is_short);
        }
        found.clear();
        found.resize(kept, Found { atom: 0, id: NONE });
        let mut known = 0;
        for candidate in &candidates[..kept] {
            let id = match candidate.key.len {
                0 => {
                    let atom = candidate.atom as usize;
                    self.find_long(&text[starts[atom] as usize..ends[atom] as usize])
                }
                _ => self.find_short(candidate.key, candidate.hash),
            };
            found[known] = Found { atom: candidate.atom, id };
            known += usize::from(id != NONE);
        }
        found.truncate(known);
    }
}

fn long_hash(atom: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(atom);
    hasher.finish()
}

/// An atom of the text that may be in the vocabulary.
#[derive(Clone, Copy)]
struct Candidate {
    key: Key,
    hash: u64,
    atom: u32,
}

/// An atom of the text, by its number in its window, that is in the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub atom: u32,
    pub id: u32,
}

/// What a search found, and its buffers.
#[derive(Default)]
pub struct Search {
    candidates: Vec<Candidate>,
    pub found: Vec<Found>,
    /// What `found` was before something was merged into it.
    merged: Vec<Found>,
}

impl Search {
    /// Puts further finds among those that there are, both in order of atoms.
    pub fn merge(&mut self, others: &[Found]) {
        let Self { found, merged, .. } = self;
        if others.is_empty() {
            return;
        }
        std::mem::swap(found, merged);
        found.clear();
        let mut rest = &merged[..];
        for other in others {
            let before = rest.iter().take_while(|own| own.atom <= other.atom).count();
            found.extend_from_slice(&rest[..before]);
            found.push(*other);
            rest = &rest[before..];
        }
        found.extend_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_inserted_and_nothing_else() {
        let atoms: Vec<String> =
            (0..5000).map(|i| format!("{}{i}", ["", "a", "longer", "much_longer_than_16"][i % 4])).collect();
        for capacity in [0, 5000] {
            let mut vocabulary = Vocabulary::with_capacity(capacity);
            for (i, atom) in atoms.iter().enumerate() {
                assert_eq!(vocabulary.insert(atom.as_bytes()), i as u32);
            }
            for (i, atom) in atoms.iter().enumerate() {
                assert_eq!(vocabulary.insert(atom.as_bytes()), i as u32);
                assert_eq!(vocabulary.find(atom.as_bytes()), i as u32);
            }
            for absent in ["", "b", "a4", "longer", "much_longer_than_16", "12345678", "1234567890123456"] {
                assert_eq!(vocabulary.find(absent.as_bytes()), NONE, "{absent}");
            }
            assert_eq!(vocabulary.len(), 5000);
        }
    }

    #[test]
    fn zeros_count() {
        let mut vocabulary = Vocabulary::with_capacity(4);
        let ids = [&b"a"[..], b"a\0", b"\0a", b"\0"].map(|atom| vocabulary.insert(atom));
        assert_eq!(ids, [0, 1, 2, 3]);
        assert_eq!(vocabulary.find(b"a\0\0"), NONE);
    }

    #[test]
    fn all_atoms_of_a_text() {
        let text = b"one two three and_a_long_one_more one";
        let (starts, ends): (Vec<u32>, Vec<u32>) = (vec![0, 4, 8, 14, 34], vec![3, 7, 13, 33, 37]);
        let mut vocabulary = Vocabulary::with_capacity(0);
        for atom in ["and_a_long_one_more", "one", "three"] {
            vocabulary.insert(atom.as_bytes());
        }
        let mut search = Search::default();
        vocabulary.find_all(text, &starts, &ends, &mut search);
        let found: Vec<_> = search.found.iter().map(|found| (found.atom, found.id)).collect();
        assert_eq!(found, [(0, 1), (2, 2), (3, 0), (4, 1)]);
    }
}
