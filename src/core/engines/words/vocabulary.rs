//! The distinct atoms of all forms, and how the atoms of a text are looked up.
//!
//! A text's atoms go through passes without branches: an [`Image`] is made of each; most words of most texts are in no
//! form, and a [`Filter`] turns nearly all of them away; what is left goes to its place in the table, which a [`Perfect`]
//! hash tells, and whose image is the same or is not. The place is the atom's id. Of long atoms, of which English text has
//! one in a thousand, the bytes are compared in the end.
//!
//! Atoms that find their place taken are in the [`Overflow`]. There are none unless two share a hash, which nobody can
//! arrange (see [`key`](super::key)). If there are, each candidate is looked up by itself, and by its bytes.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::filter::{Candidates, Filter};
use super::key::{Image, Images, SHORT};
use super::perfect::Perfect;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{Level, prefetch};

/// No atom of any form.
pub const NONE: u32 = u32::MAX;

/// Collects atoms, and numbers them in the order in which they come.
pub struct Builder {
    atoms: PackedStrings,
    index: HashTable<u32>,
    hasher: RandomState,
}

impl Builder {
    /// Room for so many atoms.
    pub fn with_capacity(atoms: usize) -> Self {
        Self {
            atoms: PackedStrings::default(),
            index: HashTable::with_capacity(atoms),
            hasher: RandomState::default(),
        }
    }

    /// The number of an atom, which is added if it is not there.
    pub fn insert(&mut self, atom: &[u8]) -> u32 {
        let Self { atoms, index, hasher } = self;
        let hash = |atom: &[u8]| {
            let mut hasher = hasher.build_hasher();
            hasher.write(atom);
            hasher.finish()
        };
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
    pub fn build(self, level: Level) -> (Vocabulary, Vec<u32>) {
        self.build_by(level, Images::new(level))
    }

    fn build_by(self, level: Level, images: Images) -> (Vocabulary, Vec<u32>) {
        let of_atoms: Vec<Image> = self.atoms.iter().map(|atom| images.of(atom)).collect();
        let hashes: Vec<u64> = of_atoms.iter().map(|image| image.low).collect();
        let perfect = Perfect::new(&hashes);
        let free = images.of_none();
        let mut table = vec![free; perfect.places()];
        let mut long = Long::default();
        let mut crowded = Vec::new();
        let mut ids = vec![NONE; hashes.len()];
        for (number, (image, atom)) in of_atoms.into_iter().zip(self.atoms.iter()).enumerate() {
            let place = perfect.place(image.low);
            if table[place] != free {
                crowded.push(number);
                continue;
            }
            table[place] = image;
            ids[number] = place as u32;
            if atom.len() > SHORT {
                long.numbers.resize(table.len(), 0);
                long.numbers[place] = long.atoms.len() as u32;
                long.atoms.push(atom);
            }
        }
        crowded.sort_unstable_by_key(|&number| self.atoms.get(number));
        let mut overflow = Overflow { atoms: PackedStrings::default(), first_id: table.len() as u32 };
        for number in crowded {
            ids[number] = overflow.first_id + overflow.atoms.len() as u32;
            overflow.atoms.push(self.atoms.get(number));
        }
        let longest = self.atoms.iter().map(<[u8]>::len).max().unwrap_or(0);
        let filter = Filter::new(&hashes);
        (Vocabulary { level, images, filter, perfect, table, long, longest, overflow }, ids)
    }
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
    overflow: Overflow,
}

/// The long atoms of a vocabulary.
#[derive(Default)]
struct Long {
    atoms: PackedStrings,
    /// By id, the number of a long atom; empty if there is none.
    numbers: Vec<u32>,
}

/// The atoms whose places in the table are taken: in order, so that finding one takes a number of comparisons that
/// depends on nothing but how many there are.
struct Overflow {
    atoms: PackedStrings,
    /// The id of the first.
    first_id: u32,
}

impl Overflow {
    fn find(&self, atom: &[u8]) -> u32 {
        let (mut first, mut last) = (0, self.atoms.len());
        while first < last {
            let middle = usize::midpoint(first, last);
            match self.atoms.get(middle).cmp(atom) {
                Ordering::Less => first = middle + 1,
                Ordering::Greater => last = middle,
                Ordering::Equal => return self.first_id + middle as u32,
            }
        }
        NONE
    }
}

impl Vocabulary {
    /// All ids are less; not all that are less are ids.
    pub fn len(&self) -> u32 {
        self.overflow.first_id + self.overflow.atoms.len() as u32
    }

    /// The id of one atom.
    pub fn find(&self, atom: &[u8]) -> u32 {
        if atom.len() > self.longest {
            return NONE;
        }
        self.find_by(self.images.of(atom), atom)
    }

    fn find_by(&self, image: Image, atom: &[u8]) -> u32 {
        let id = self.perfect.place(image.low) as u32;
        match self.table[id as usize] == image && self.is_spelled(id, atom) {
            true => id,
            false => self.overflow.find(atom),
        }
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
        let atom = |atom: u32| &text[starts[atom as usize] as usize..ends[atom as usize] as usize];
        if self.overflow.first_id < self.len() {
            *len = 0;
            for &number in atoms {
                let id = self.find_by(images[number as usize], atom(number));
                found[*len] = Found { atom: number, id };
                *len += usize::from(id != NONE);
            }
            return;
        }
        let mut known = 0;
        let mut places = [0u32; BLOCK];
        for (atoms, hashes) in atoms.chunks(BLOCK).zip(hashes.chunks(BLOCK)) {
            let places = &mut places[..hashes.len()];
            self.perfect.places_of(self.level, hashes, places);
            places.iter().for_each(|&id| prefetch(self.table.as_ptr().wrapping_add(id as usize)));
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
        grow(long, known, 0);
        let mut count = 0;
        for (i, &found) in (0..).zip(&found[..known]) {
            long[count] = i;
            count += usize::from(atom(found.atom).len() > SHORT);
        }
        let is_spelled = |&i: &u32| self.is_spelled(found[i as usize].id, atom(found[i as usize].atom));
        if !long[..count].iter().all(is_spelled) {
            let mut spelled = 0;
            for i in 0..known {
                found[spelled] = found[i];
                spelled += usize::from(self.is_spelled(found[i].id, atom(found[i].atom)));
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
    /// `found`, and what was merged into it; empty if nothing was.
    merged: Vec<Found>,
}

impl Search {
    /// What was found, in order of atoms.
    #[inline]
    pub fn found(&self) -> &[Found] {
        &self.found[..self.len]
    }

    /// Makes an atom, unless it is [`NONE`], what was found.
    pub fn find_one(&mut self, id: u32) {
        self.found.clear();
        self.found.push(Found { atom: 0, id });
        self.len = usize::from(id != NONE);
    }

    /// Takes back what was found from an atom on.
    pub fn end_before(&mut self, atom: u32) {
        self.len = self.found().partition_point(|found| found.atom < atom);
    }

    /// The images of all atoms, in order, and behind them what earlier searches left.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// What was found, and what else was merged into it, in order of atoms.
    #[inline]
    pub fn all(&self) -> &[Found] {
        if self.merged.is_empty() { self.found() } else { &self.merged }
    }

    /// Merges further finds with those that there are, both in order of atoms.
    pub fn merge(&mut self, others: &[Found]) {
        let Self { found, len, merged, .. } = self;
        merged.clear();
        if others.is_empty() {
            return;
        }
        let mut rest = &found[..*len];
        for other in others {
            let before = rest.iter().take_while(|own| own.atom <= other.atom).count();
            merged.extend_from_slice(&rest[..before]);
            merged.push(*other);
            rest = &rest[before..];
        }
        merged.extend_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::core::base::simd;

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
            let (vocabulary, ids) = builder.build(simd::level());
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
        let (vocabulary, _) = builder.build(simd::level());
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
        let (mut vocabulary, ids) = builder.build(simd::level());
        // As if the first had been this one, with the same image.
        let mut others = PackedStrings::default();
        [&b"and_a_long_one_MORE"[..], b"and_a_long_one_less"].iter().for_each(|atom| others.push(atom));
        vocabulary.long.atoms = others;
        let mut search = Search::default();
        vocabulary.find_all(text, &starts, &ends, &mut search);
        assert_eq!(search.found(), [Found { atom: 1, id: ids[1] }, Found { atom: 2, id: ids[2] }]);
        assert_eq!(vocabulary.find(b"and_a_long_one_more"), NONE);
    }

    /// A vocabulary of these atoms, by these images, and their ids.
    fn vocabulary<A: AsRef<[u8]>>(atoms: &[A], level: Level, images: Images) -> (Vocabulary, Vec<u32>) {
        let mut builder = Builder::with_capacity(atoms.len());
        atoms.iter().for_each(|atom| _ = builder.insert(atom.as_ref()));
        builder.build_by(level, images)
    }

    /// Finds each atom by itself and all in one text, and none of the absent ones.
    fn check<A: AsRef<[u8]>>(vocabulary: &Vocabulary, ids: &[u32], atoms: &[A], absent: &[A]) {
        assert!(ids.iter().all(|&id| id < vocabulary.len()));
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        assert!(atoms.iter().zip(ids).all(|(atom, &id)| vocabulary.find(atom.as_ref()) == id));
        assert!(absent.iter().all(|atom| vocabulary.find(atom.as_ref()) == NONE));
        let (mut text, mut starts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for atom in absent.iter().chain(atoms).chain(absent) {
            starts.push(text.len() as u32);
            text.extend_from_slice(atom.as_ref());
            ends.push(text.len() as u32);
        }
        let mut search = Search::default();
        vocabulary.find_all(&text, &starts, &ends, &mut search);
        let expected = (absent.len() as u32..).zip(ids).map(|(atom, &id)| Found { atom, id });
        assert!(search.found().iter().copied().eq(expected));
    }

    #[test]
    fn pairs_of_equal_hashes_are_told_apart() {
        for level in Level::all() {
            let images = Images::new(level);
            let pairs: Vec<[u8; SHORT]> = (0..2000).flat_map(|hash| images.colliding(hash << 50 ^ hash, 3)).collect();
            let (known, absent): (Vec<_>, Vec<_>) = pairs.iter().enumerate().partition(|(i, _)| i % 3 > 0);
            let [mut known, absent] = [known, absent].map(|all| all.into_iter().map(|(_, atom)| &atom[..]).collect());
            Vec::extend(&mut known, [&b"short"[..], b"and_one_that_is_longer"]);
            let (vocabulary, ids) = vocabulary(&known, level, images);
            assert_eq!(vocabulary.overflow.atoms.len(), 2000, "{level:?}");
            check(&vocabulary, &ids, &known, &absent);
        }
    }

    #[test]
    fn a_million_atoms_of_one_hash_are_told_apart() {
        // By AES, one key in 256 is an atom's, so that many take longer to find than to look up.
        for (level, count) in Level::all().into_iter().zip([1_000_000, 20_000, 20_000]) {
            let images = Images::new(level);
            let atoms = images.colliding(7, count + 1000);
            let (known, absent) = atoms.split_at(count);
            let (vocabulary, ids) = vocabulary(known, level, images);
            assert_eq!(vocabulary.overflow.atoms.len(), count - 1, "{level:?}");
            check(&vocabulary, &ids, known, absent);
        }
    }

    #[test]
    fn lists_that_once_had_equal_hashes_have_none() {
        let zeros = ["0".repeat(16), format!("1{}", "0".repeat(16))];
        let mut random = 1u64;
        let mut letter = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            b'a' + ((random >> 33) % 10) as u8
        };
        let words: HashSet<[u8; 9]> = (0..300_000).map(|_| std::array::from_fn(|_| letter())).collect();
        let numbers = |width| (0..50_000).map(move |i| format!("{i:0width$}").into_bytes());
        let lists: [Vec<Vec<u8>>; 6] = [
            vec![b"002000090".to_vec(), b"007000036".to_vec()],
            zeros.map(String::into_bytes).to_vec(),
            words.iter().map(|word| word.to_vec()).collect(),
            (8..40).flat_map(|width| numbers(width).take(3000)).collect(),
            numbers(1).map(|number| [b"a_long_prefix_for_all_", &number[..]].concat()).collect(),
            numbers(5).map(|number| [&number[..], b"_and_a_long_suffix_for_all"].concat()).collect(),
        ];
        for level in Level::all() {
            for atoms in &lists {
                let (vocabulary, ids) = vocabulary(atoms, level, Images::new(level));
                assert!(vocabulary.overflow.atoms.is_empty(), "{level:?}");
                check(&vocabulary, &ids, atoms, &[b"absent".to_vec(), b"absent_and_longer_than_short".to_vec()]);
            }
        }
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
            let (vocabulary, ids) = builder.build(level);
            let mut search = Search::default();
            vocabulary.find_all(text, &starts, &ends, &mut search);
            let found: Vec<_> = search.found().iter().map(|found| (found.atom, found.id)).collect();
            assert_eq!(found, [(0, ids[1]), (2, ids[2]), (3, ids[0]), (5, ids[1])]);
        }
    }
}
