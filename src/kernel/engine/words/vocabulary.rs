//! The distinct atoms of all forms, and how the atoms of a text are looked up.
//!
//! A text's atoms go through passes without branches: an [`Image`] is made of each; most words of most texts are in no
//! form, and a [`Filter`] turns nearly all of them away; what is left goes to its place in the table, which a [`Perfect`]
//! hash tells, and whose image is the same or is not. The place is the atom's id. Of long atoms, of which English text has
//! one in a thousand, the bytes are compared in the end.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::super::super::error::CountError;
use super::super::super::simd::{Level, prefetch};
use super::super::super::terms::Strings;
use super::filter::{Candidates, Filter};
use super::key::{Image, Images, SHORT};
use super::perfect::Perfect;

/// No atom of any form.
pub const NONE: u32 = u32::MAX;

/// Collects atoms, and numbers them in the order in which they come.
pub struct Builder {
    atoms: Strings,
    index: HashTable<u32>,
}

impl Builder {
    /// Room for so many atoms.
    pub fn with_capacity(atoms: usize) -> Self {
        Self { atoms: Strings::default(), index: HashTable::with_capacity(atoms) }
    }

    /// The number of an atom, which is added if it is not there.
    pub fn insert(&mut self, atom: &[u8]) -> u32 {
        let Self { atoms, index } = self;
        let next = atoms.len() as u32;
        let is_same = |&other: &u32| atoms.get(other as usize) == atom;
        let number =
            *index.entry(hash(atom), is_same, |&other| hash(atoms.get(other as usize))).or_insert(next).get();
        if number == next {
            atoms.push(atom);
        }
        number
    }

    /// A vocabulary for kernels of a level, and by number the id that each atom has there.
    pub fn build(self, level: Level) -> Result<(Vocabulary, Vec<u32>), CountError> {
        // Equal hashes are a matter of luck, or of malice: some seed has none.
        let (images, of_atoms, hashes, perfect) = (0..SEEDS)
            .map(|attempt| Images::new(level, attempt.wrapping_mul(0xD6E8_FEB8_6659_FD93)))
            .find_map(|images| {
                let of_atoms: Vec<Image> = self.atoms.iter().map(|atom| images.of(atom)).collect();
                let hashes: Vec<u64> = of_atoms.iter().map(|image| image.low).collect();
                Perfect::new(&hashes).map(|perfect| (images, of_atoms, hashes, perfect))
            })
            .ok_or_else(|| CountError::TooManyTerms { reason: format!("equal hashes under {SEEDS} seeds") })?;
        let ids: Vec<u32> = hashes.iter().map(|&hash| perfect.place(hash) as u32).collect();
        let mut table = vec![images.of_none(); perfect.places()];
        ids.iter().zip(of_atoms).for_each(|(&id, image)| table[id as usize] = image);
        let mut long = Long::default();
        ids.iter().zip(self.atoms.iter()).filter(|(_, atom)| atom.len() > SHORT).for_each(|(&id, atom)| {
            long.numbers.resize(table.len(), 0);
            long.numbers[id as usize] = long.atoms.len() as u32;
            long.atoms.push(atom);
        });
        let longest = self.atoms.iter().map(<[u8]>::len).max().unwrap_or(0);
        Ok((Vocabulary { level, images, filter: Filter::new(&hashes), perfect, table, long, longest }, ids))
    }
}

/// The first has nearly always done.
const SEEDS: u64 = 64;

fn hash(atom: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(atom);
    hasher.finish()
}

/// Atoms, by their ids.
pub struct Vocabulary {
    level: Level,
    images: Images,
    filter: Filter,
    perfect: Perfect,
    /// By id; in places that are free, the image of no atom.
    table: Vec<Image>,
    long: Long,
    /// Bytes of the longest atom.
    longest: usize,
}

/// The long atoms of a vocabulary.
#[derive(Default)]
struct Long {
    atoms: Strings,
    /// By id, the number of a long atom; empty if there is none.
    numbers: Vec<u32>,
}

impl Vocabulary {
    /// All ids are less; not all that are less are ids.
    pub fn len(&self) -> u32 {
        self.table.len() as u32
    }

    /// The id of one atom.
    pub fn find(&self, atom: &[u8]) -> u32 {
        if atom.len() > self.longest {
            return NONE;
        }
        let image = self.images.of(atom);
        let id = self.perfect.place(image.low) as u32;
        if self.table[id as usize] == image && self.is_spelled(id, atom) { id } else { NONE }
    }

    /// Whether an atom with the same image is the same.
    #[inline(always)]
    fn is_spelled(&self, id: u32, atom: &[u8]) -> bool {
        atom.len() <= SHORT || self.long.atoms.get(self.long.numbers[id as usize] as usize) == atom
    }

    /// Finds all atoms of a text that some form holds, in order.
    pub fn find_all(&self, text: &[u8], starts: &[u32], ends: &[u32], search: &mut Search) {
        let Search { images, candidates, found, len, long, .. } = search;
        // The buffers only grow: what they hold beyond this window's atoms is never read.
        grow(images, starts.len(), Image::default());
        let images = &mut images[..starts.len()];
        self.images.of_all(text, starts, ends, images);
        let kept = self.filter.candidates(self.level, images, candidates);
        let (atoms, hashes) = (&candidates.atoms[..kept], &candidates.hashes[..kept]);
        grow(found, kept, Found { atom: 0, id: NONE });
        let found = &mut found[..kept];
        let mut known = 0;
        let mut places = [0u32; BLOCK];
        for (atoms, hashes) in atoms.chunks(BLOCK).zip(hashes.chunks(BLOCK)) {
            let places = &mut places[..hashes.len()];
            self.perfect.places_of(self.level, hashes, places);
            places.iter().for_each(|&id| prefetch(&self.table, id as usize));
            for (&atom, &id) in atoms.iter().zip(&*places) {
                found[known] = Found { atom, id };
                known += usize::from(images[atom as usize] == self.table[id as usize]);
            }
        }
        *len = known;
        if self.long.numbers.is_empty() {
            return;
        }
        // Which are long nobody can foretell, but that they are spelled alike, since hardly ever they are not.
        let atom = |found: Found| &text[starts[found.atom as usize] as usize..ends[found.atom as usize] as usize];
        grow(long, known, 0);
        let mut count = 0;
        for (i, &found) in (0..).zip(&found[..known]) {
            long[count] = i;
            count += usize::from(atom(found).len() > SHORT);
        }
        let is_spelled = |&i: &u32| self.is_spelled(found[i as usize].id, atom(found[i as usize]));
        if !long[..count].iter().all(is_spelled) {
            let mut spelled = 0;
            for i in 0..known {
                found[spelled] = found[i];
                spelled += usize::from(self.is_spelled(found[i].id, atom(found[i])));
            }
            *len = spelled;
        }
    }
}

/// Candidates whose places in the table are asked for at once: their cache lines fit the first-level cache.
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
    images: Vec<Image>,
    candidates: Candidates,
    /// What was found, and behind it what earlier searches left.
    found: Vec<Found>,
    len: usize,
    /// Which of what was found are long atoms.
    long: Vec<u32>,
    /// What `found` was before something was merged into it.
    merged: Vec<Found>,
}

impl Search {
    /// What was found, in order of atoms.
    #[inline]
    pub fn found(&self) -> &[Found] {
        &self.found[..self.len]
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds finds of the first atom of a window.
    pub fn extend(&mut self, ids: impl Iterator<Item = u32>) {
        self.found.truncate(self.len);
        self.found.extend(ids.map(|id| Found { atom: 0, id }));
        self.len = self.found.len();
    }

    /// The images of all atoms, in order, and behind them what earlier searches left.
    pub fn images(&self) -> &[Image] {
        &self.images
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
    use std::collections::HashSet;

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
            let (vocabulary, ids) = builder.build(simd::level()).unwrap();
            for (id, atom) in ids.iter().zip(&atoms) {
                assert_eq!(vocabulary.find(atom.as_bytes()), *id);
            }
            assert!(ids.iter().collect::<HashSet<_>>().len() == 5000 && ids.iter().all(|&id| id < vocabulary.len()));
            for absent in ["", "b", "a4", "longer", "much_longer_than_16", "12345678", "1234567890123456"] {
                assert_eq!(vocabulary.find(absent.as_bytes()), NONE, "{absent}");
            }
        }
    }

    #[test]
    fn zeros_count() {
        let mut builder = Builder::with_capacity(4);
        let ids = [&b"a"[..], b"a\0", b"\0a", b"\0"].map(|atom| builder.insert(atom));
        assert_eq!(ids, [0, 1, 2, 3]);
        let (vocabulary, _) = builder.build(simd::level()).unwrap();
        assert_eq!(vocabulary.find(b"a\0\0"), NONE);
    }

    #[test]
    fn a_long_atom_with_the_image_of_another_is_not_taken_for_it() {
        let text = b"and_a_long_one_more one and_a_long_one_less";
        let (starts, ends) = ([0, 20, 24], [19, 23, 43]);
        let mut builder = Builder::with_capacity(0);
        for atom in ["and_a_long_one_more", "one", "and_a_long_one_less"] {
            builder.insert(atom.as_bytes());
        }
        let (mut vocabulary, ids) = builder.build(simd::level()).unwrap();
        // As if the first had been this one, with the same image.
        let mut others = Strings::default();
        [&b"and_a_long_one_MORE"[..], b"and_a_long_one_less"].iter().for_each(|atom| others.push(atom));
        vocabulary.long.atoms = others;
        let mut search = Search::default();
        vocabulary.find_all(text, &starts, &ends, &mut search);
        assert_eq!(search.found(), [Found { atom: 1, id: ids[1] }, Found { atom: 2, id: ids[2] }]);
        assert_eq!(vocabulary.find(b"and_a_long_one_more"), NONE);
    }

    #[test]
    fn all_atoms_of_a_text() {
        let text = b"one two three and_a_long_one_more and_a_long_one_less one";
        let (starts, ends): (Vec<u32>, Vec<u32>) = (vec![0, 4, 8, 14, 34, 54], vec![3, 7, 13, 33, 53, 57]);
        for level in Level::all() {
            let mut builder = Builder::with_capacity(0);
            for atom in ["and_a_long_one_more", "one", "three"] {
                builder.insert(atom.as_bytes());
            }
            let (vocabulary, ids) = builder.build(level).unwrap();
            let mut search = Search::default();
            vocabulary.find_all(text, &starts, &ends, &mut search);
            let found: Vec<_> = search.found().iter().map(|found| (found.atom, found.id)).collect();
            assert_eq!(found, [(0, ids[1]), (2, ids[2]), (3, ids[0]), (5, ids[1])]);
        }
    }
}
