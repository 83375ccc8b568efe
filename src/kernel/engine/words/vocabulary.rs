//! The distinct atoms of all forms, and how the atoms of a text are looked up.
//!
//! An atom of up to 16 bytes is a [`Key`]; longer ones, of which English text has one in a thousand, have a table of
//! their own. A text's atoms go through passes without branches: all are hashed; most words of most texts are in no form,
//! and a filter turns nearly all of them away; what is left goes to its place in the table, which a [`Perfect`] hash
//! tells, and is there or not.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::super::super::simd::{Kernel, Level, prefetch};
use super::super::super::terms::Strings;
use super::key::{Arithmetic, Key, Keys, SHORT};
use super::perfect::Perfect;

#[cfg(target_arch = "x86_64")]
use super::key::Aes;

/// No atom of any form.
pub const NONE: u32 = u32::MAX;

/// Collects atoms, and numbers them in the order in which they come.
pub struct Builder {
    /// By id; [`Key::NONE`] for a long atom.
    keys: Vec<Key>,
    index: HashTable<u32>,
    long: Strings,
    long_ids: Vec<u32>,
    long_index: HashTable<u32>,
}

impl Builder {
    /// Room for so many atoms.
    pub fn with_capacity(atoms: usize) -> Self {
        Self {
            keys: Vec::with_capacity(atoms),
            index: HashTable::with_capacity(atoms),
            long: Strings::default(),
            long_ids: Vec::new(),
            long_index: HashTable::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The id of an atom, which is added if it is not there.
    pub fn insert(&mut self, atom: &[u8]) -> u32 {
        let Self { keys, index, long, long_ids, long_index } = self;
        let next = keys.len() as u32;
        if atom.len() <= SHORT {
            let key = Key::new(atom, 0, atom.len());
            let is_same = |&id: &u32| keys[id as usize] == key;
            let id = *index.entry(key.hash(0), is_same, |&id| keys[id as usize].hash(0)).or_insert(next).get();
            if id == next {
                keys.push(key);
            }
            return id;
        }
        let is_same = |&at: &u32| long.get(at as usize) == atom;
        if let Some(&at) = long_index.find(long_hash(atom), is_same) {
            return long_ids[at as usize];
        }
        let at = long.len() as u32;
        long.push(atom);
        long_index.insert_unique(long_hash(atom), at, |&at| long_hash(long.get(at as usize)));
        long_ids.push(next);
        keys.push(Key::NONE);
        next
    }

    /// A vocabulary for kernels of a level.
    pub fn build(self, level: Level) -> Vocabulary {
        let Self { keys, long, long_ids, long_index, .. } = self;
        let short: Vec<(u32, Key)> = (0..).zip(keys.iter().copied()).filter(|(_, key)| key.is_short()).collect();
        // Equal hashes are a matter of luck, or of malice: some seed has none.
        let (seed, hashes, perfect) = (0u64..)
            .map(|attempt| attempt.wrapping_mul(0xD6E8_FEB8_6659_FD93))
            .find_map(|seed| {
                let hashes = hashes(level, seed, short.iter().map(|(_, key)| key));
                Perfect::new(&hashes).map(|perfect| (seed, hashes, perfect))
            })
            .expect("there are more seeds than anyone can wait for");
        let mut entries = vec![Entry { key: Key::NONE, id: NONE }; perfect.places()];
        for (&(id, key), &hash) in short.iter().zip(&hashes) {
            entries[perfect.place(hash)] = Entry { key, id };
        }
        let mut filter = vec![0; (FILTER_BITS * keys.len() / 64).next_power_of_two()];
        let long_keys: Vec<Key> = long.iter().map(|atom| Key::new(atom, 0, atom.len())).collect();
        for hash in hashes.into_iter().chain(self::hashes(level, seed, long_keys.iter())) {
            let (word, bit) = filter_bit(&filter, hash);
            filter[word] |= 1 << bit;
        }
        Vocabulary { len: keys.len(), level, seed, filter, perfect, entries, long, long_ids, long_index }
    }
}

/// A short atom in the table.
#[derive(Clone, Copy)]
struct Entry {
    /// [`Key::NONE`] in a place that is free.
    key: Key,
    id: u32,
}

/// Bits of the filter for each atom, of which one is set: one in 16 or more of the atoms that are not there gets through.
const FILTER_BITS: usize = 16;

/// Where a hash is in the filter: the word, and the bit in it.
#[inline(always)]
fn filter_bit(filter: &[u64], hash: u64) -> (usize, u32) {
    (hash as usize & (filter.len() - 1), (hash >> 58) as u32)
}

/// Atoms, by their ids.
pub struct Vocabulary {
    len: usize,
    level: Level,
    seed: u64,
    filter: Vec<u64>,
    perfect: Perfect,
    entries: Vec<Entry>,
    long: Strings,
    long_ids: Vec<u32>,
    long_index: HashTable<u32>,
}

impl Vocabulary {
    pub fn len(&self) -> usize {
        self.len
    }

    /// The id of one atom.
    pub fn find(&self, atom: &[u8]) -> u32 {
        if atom.len() > SHORT {
            return self.find_long(atom);
        }
        let key = Key::new(atom, 0, atom.len());
        let hash = hashes(self.level, self.seed, std::iter::once(&key))[0];
        let entry = self.entries[self.perfect.place(hash)];
        if entry.key == key { entry.id } else { NONE }
    }

    #[cold]
    fn find_long(&self, atom: &[u8]) -> u32 {
        let found = self.long_index.find(long_hash(atom), |&at| self.long.get(at as usize) == atom);
        found.map_or(NONE, |&at| self.long_ids[at as usize])
    }

    /// Finds all atoms of a text that some form holds, in order.
    pub fn find_all(&self, text: &[u8], starts: &[u32], ends: &[u32], search: &mut Search) {
        with_keys(self.level, self.seed, FindAll { vocabulary: self, text, starts, ends, search });
    }
}

fn long_hash(atom: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(atom);
    hasher.finish()
}

/// What is done with keys in one of the ways to make them.
trait WithKeys {
    type Output;

    fn run(self, keys: impl Keys) -> Self::Output;
}

struct Keyed<W, K>(W, K);

impl<W: WithKeys, K: Keys> Kernel for Keyed<W, K> {
    type Output = W::Output;

    #[inline(always)]
    fn run(self) -> W::Output {
        self.0.run(self.1)
    }
}

/// Does it in the way of a level.
fn with_keys<W: WithKeys>(level: Level, seed: u64, what: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if level >= Level::Avx2 {
        return level.run(Keyed(what, Aes::new(level, seed)));
    }
    level.run(Keyed(what, Arithmetic { seed }))
}

/// The hashes of keys.
fn hashes<'k>(level: Level, seed: u64, keys: impl Iterator<Item = &'k Key>) -> Vec<u64> {
    struct Hashes<I>(I);

    impl<'k, I: Iterator<Item = &'k Key>> WithKeys for Hashes<I> {
        type Output = Vec<u64>;

        #[inline(always)]
        fn run(self, keys: impl Keys) -> Vec<u64> {
            self.0.map(|key| keys.hash(keys.from(key))).collect()
        }
    }

    with_keys(level, seed, Hashes(keys))
}

struct FindAll<'a> {
    vocabulary: &'a Vocabulary,
    text: &'a [u8],
    starts: &'a [u32],
    ends: &'a [u32],
    search: &'a mut Search,
}

impl WithKeys for FindAll<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, keys: impl Keys) {
        let Self { vocabulary, text, starts, ends, search } = self;
        let Search { hashes, candidates, found, len, .. } = search;
        // The buffers only grow: what they hold beyond this window's atoms is never read.
        grow(hashes, starts.len(), 0);
        grow(candidates, starts.len(), 0);
        grow(found, starts.len(), Found { atom: 0, id: NONE });

        let hashes = &mut hashes[..starts.len()];
        for ((&start, &end), hash) in starts.iter().zip(ends).zip(&mut *hashes) {
            *hash = keys.hash(keys.key(text, start as usize, end as usize));
        }

        let (filter, entries, perfect) = (&vocabulary.filter[..], &vocabulary.entries[..], &vocabulary.perfect);
        let candidates = &mut candidates[..starts.len()];
        let mut kept = 0;
        for (atom, &hash) in (0..).zip(&*hashes) {
            candidates[kept] = atom;
            let (word, bit) = filter_bit(filter, hash);
            kept += (filter[word] >> bit & 1) as usize;
        }

        let found = &mut found[..kept];
        let mut known = 0;
        let mut places = [0u32; BLOCK];
        for block in candidates[..kept].chunks(BLOCK) {
            for (&atom, place) in block.iter().zip(&mut places) {
                *place = perfect.place(hashes[atom as usize]) as u32;
                prefetch(entries, *place as usize);
            }
            for (&atom, &place) in block.iter().zip(&places) {
                let (start, end) = (starts[atom as usize] as usize, ends[atom as usize] as usize);
                let entry = &entries[place as usize];
                let mut id = entry.id;
                let mut is_known = keys.are_equal(keys.key(text, start, end), &entry.key);
                if end - start > SHORT {
                    id = vocabulary.find_long(&text[start..end]);
                    is_known = id != NONE;
                }
                found[known] = Found { atom, id };
                known += usize::from(is_known);
            }
        }
        *len = known;
    }
}

/// Candidates whose entries are asked for at once: their cache lines fit the first-level cache.
const BLOCK: usize = 64;

fn grow<T: Clone>(buffer: &mut Vec<T>, len: usize, filler: T) {
    if buffer.len() < len {
        buffer.resize(len, filler);
    }
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
    hashes: Vec<u64>,
    /// Atoms that the filter lets through.
    candidates: Vec<u32>,
    /// What was found, and behind it what earlier searches left.
    found: Vec<Found>,
    len: usize,
    /// What `found` was before something was merged into it.
    merged: Vec<Found>,
}

impl Search {
    /// What was found, in order of atoms.
    #[inline]
    pub fn found(&self) -> &[Found] {
        &self.found[..self.len]
    }

    /// Puts further finds among those that there are, both in order of atoms.
    pub fn merge(&mut self, others: &[Found]) {
        let Self { found, len, merged, .. } = self;
        if others.is_empty() {
            return;
        }
        std::mem::swap(found, merged);
        found.clear();
        let mut rest = &merged[..*len];
        for other in others {
            let before = rest.iter().take_while(|own| own.atom <= other.atom).count();
            found.extend_from_slice(&rest[..before]);
            found.push(*other);
            rest = &rest[before..];
        }
        found.extend_from_slice(rest);
        *len = found.len();
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::simd;
    use super::*;

    #[test]
    fn finds_what_was_inserted_and_nothing_else() {
        let atoms: Vec<String> =
            (0..5000).map(|i| format!("{}{i}", ["", "a", "longer", "much_longer_than_16"][i % 4])).collect();
        for capacity in [0, 5000] {
            let mut builder = Builder::with_capacity(capacity);
            for _ in 0..2 {
                for (i, atom) in atoms.iter().enumerate() {
                    assert_eq!(builder.insert(atom.as_bytes()), i as u32);
                }
            }
            let vocabulary = builder.build(simd::level());
            for (i, atom) in atoms.iter().enumerate() {
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
        let mut builder = Builder::with_capacity(4);
        let ids = [&b"a"[..], b"a\0", b"\0a", b"\0"].map(|atom| builder.insert(atom));
        assert_eq!(ids, [0, 1, 2, 3]);
        let vocabulary = builder.build(simd::level());
        assert_eq!(vocabulary.find(b"a\0\0"), NONE);
    }

    #[test]
    fn all_atoms_of_a_text() {
        let text = b"one two three and_a_long_one_more one";
        let (starts, ends): (Vec<u32>, Vec<u32>) = (vec![0, 4, 8, 14, 34], vec![3, 7, 13, 33, 37]);
        for level in Level::all() {
            let mut builder = Builder::with_capacity(0);
            for atom in ["and_a_long_one_more", "one", "three"] {
                builder.insert(atom.as_bytes());
            }
            let vocabulary = builder.build(level);
            let mut search = Search::default();
            vocabulary.find_all(text, &starts, &ends, &mut search);
            let found: Vec<_> = search.found().iter().map(|found| (found.atom, found.id)).collect();
            assert_eq!(found, [(0, 1), (2, 2), (3, 0), (4, 1)]);
        }
    }
}
