//! The distinct tokens of all patterns, and the lookup of a text's tokens.
//!
//! The tokens of a window go through branch-free passes. Each gets a [`Fingerprint`]. A [`BloomFilter`] rejects
//! nearly all tokens that are in no pattern. A [`PerfectHash`] gives the only slot of the table where the token can
//! be. The token is in the vocabulary if that slot has the same fingerprint, and the slot's number is the token's id.
//! For long tokens (one in a thousand in English) the bytes are compared at the end.
//!
//! If two tokens share a slot, one of them is in the [`OverflowTable`]. That happens only if they share a hash, which
//! no attacker can arrange (see [`fingerprint`](super::fingerprint)). Then each candidate is looked up by itself and
//! compared by its bytes.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::bloom::{BloomFilter, CandidateTokens};
use super::fingerprint::{Fingerprint, Fingerprinter, MAX_SHORT};
use super::perfect_hash::PerfectHash;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{Level, prefetch};

/// The id of no token.
pub const NONE: u32 = u32::MAX;

/// Collects tokens and numbers them in order of insertion.
pub struct Builder {
    tokens: PackedStrings,
    index: HashTable<u32>,
    hasher: RandomState,
}

impl Builder {
    pub fn with_capacity(tokens: usize) -> Self {
        Self {
            tokens: PackedStrings::default(),
            index: HashTable::with_capacity(tokens),
            hasher: RandomState::default(),
        }
    }

    /// The number of a token, which is inserted if it is new.
    pub fn insert(&mut self, token: &[u8]) -> u32 {
        let Self { tokens, index, hasher } = self;
        let hash = |token: &[u8]| {
            let mut hasher = hasher.build_hasher();
            hasher.write(token);
            hasher.finish()
        };
        let next = tokens.len() as u32;
        let is_same = |&other: &u32| tokens.get(other as usize) == token;
        let number =
            *index.entry(hash(token), is_same, |&other| hash(tokens.get(other as usize))).or_insert(next).get();
        if number == next {
            tokens.push(token);
        }
        number
    }

    /// Builds the vocabulary for a level. Also returns the id of each token, by its number.
    pub fn build(self, level: Level) -> (Vocabulary, Vec<u32>) {
        self.build_by(level, Fingerprinter::new(level))
    }

    fn build_by(self, level: Level, fingerprinter: Fingerprinter) -> (Vocabulary, Vec<u32>) {
        let fingerprints: Vec<Fingerprint> = self.tokens.iter().map(|token| fingerprinter.of(token)).collect();
        let hashes: Vec<u64> = fingerprints.iter().map(|fingerprint| fingerprint.low).collect();
        let perfect = PerfectHash::new(&hashes);
        let free = fingerprinter.of_none();
        let mut table = vec![free; perfect.slots()];
        let mut long = LongTokenTable::default();
        let mut overflowing = Vec::new();
        let mut ids = vec![NONE; hashes.len()];
        for (number, (fingerprint, token)) in fingerprints.into_iter().zip(self.tokens.iter()).enumerate() {
            let slot = perfect.slot(fingerprint.low);
            if table[slot] != free {
                overflowing.push(number);
                continue;
            }
            table[slot] = fingerprint;
            ids[number] = slot as u32;
            if token.len() > MAX_SHORT {
                long.numbers.resize(table.len(), 0);
                long.numbers[slot] = long.tokens.len() as u32;
                long.tokens.push(token);
            }
        }
        overflowing.sort_unstable_by_key(|&number| self.tokens.get(number));
        let mut overflow = OverflowTable { tokens: PackedStrings::default(), first_id: table.len() as u32 };
        for number in overflowing {
            ids[number] = overflow.first_id + overflow.tokens.len() as u32;
            overflow.tokens.push(self.tokens.get(number));
        }
        let longest = self.tokens.longest();
        let filter = BloomFilter::new(&hashes);
        (Vocabulary { level, fingerprinter, filter, perfect, table, long, longest, overflow }, ids)
    }
}

/// A set of tokens with ids.
pub struct Vocabulary {
    level: Level,
    fingerprinter: Fingerprinter,
    filter: BloomFilter,
    perfect: PerfectHash,
    /// By id. Free slots have the fingerprint of no token.
    table: Vec<Fingerprint>,
    long: LongTokenTable,
    /// The length of the longest token, in bytes.
    longest: usize,
    overflow: OverflowTable,
}

/// The long tokens of a vocabulary.
#[derive(Default)]
struct LongTokenTable {
    tokens: PackedStrings,
    /// By id: the number of a long token. Empty if there is none.
    numbers: Vec<u32>,
}

/// Tokens whose slots are taken, sorted. A binary search takes a number of comparisons that no text can change.
struct OverflowTable {
    tokens: PackedStrings,
    first_id: u32,
}

impl OverflowTable {
    fn find(&self, token: &[u8]) -> u32 {
        let (mut first, mut last) = (0, self.tokens.len());
        while first < last {
            let middle = usize::midpoint(first, last);
            match self.tokens.get(middle).cmp(token) {
                Ordering::Less => first = middle + 1,
                Ordering::Greater => last = middle,
                Ordering::Equal => return self.first_id + middle as u32,
            }
        }
        NONE
    }
}

impl Vocabulary {
    /// An upper bound for ids; not every number below it is an id.
    pub fn len(&self) -> u32 {
        self.overflow.first_id + self.overflow.tokens.len() as u32
    }

    /// The id of one token.
    pub fn find(&self, token: &[u8]) -> u32 {
        if token.len() > self.longest {
            return NONE;
        }
        self.find_by(self.fingerprinter.of(token), token)
    }

    fn find_by(&self, fingerprint: Fingerprint, token: &[u8]) -> u32 {
        let id = self.perfect.slot(fingerprint.low) as u32;
        match self.table[id as usize] == fingerprint && self.is_spelled(id, token) {
            true => id,
            false => self.overflow.find(token),
        }
    }

    /// Whether a token is the one with this id, if their fingerprints are equal.
    #[inline(always)]
    fn is_spelled(&self, id: u32, token: &[u8]) -> bool {
        token.len() <= MAX_SHORT || self.long.tokens.get(self.long.numbers[id as usize] as usize) == token
    }

    /// Finds all tokens of a text that are in the vocabulary, in order.
    pub fn find_all(&self, text: &[u8], starts: &[u32], ends: &[u32], search: &mut VocabularyLookup) {
        let VocabularyLookup { fingerprints, candidates, matches, len, long, .. } = search;
        // The buffers only grow. Entries after this window's tokens are never read.
        grow(fingerprints, starts.len(), Fingerprint::default());
        let fingerprints = &mut fingerprints[..starts.len()];
        self.fingerprinter.of_all(text, starts, ends, fingerprints);
        let kept = self.filter.candidates(self.level, fingerprints, candidates);
        let (tokens, hashes) = (&candidates.tokens[..kept], &candidates.hashes[..kept]);
        grow(matches, kept, TokenMatch { token: 0, id: NONE });
        let matches = &mut matches[..kept];
        let token = |token: u32| &text[starts[token as usize] as usize..ends[token as usize] as usize];
        if self.overflow.first_id < self.len() {
            *len = 0;
            for &number in tokens {
                let id = self.find_by(fingerprints[number as usize], token(number));
                matches[*len] = TokenMatch { token: number, id };
                *len += usize::from(id != NONE);
            }
            return;
        }
        let mut known = 0;
        let mut slots = [0u32; PREFETCHED];
        for (tokens, hashes) in tokens.chunks(PREFETCHED).zip(hashes.chunks(PREFETCHED)) {
            let slots = &mut slots[..hashes.len()];
            self.perfect.slots_of(self.level, hashes, slots);
            slots.iter().for_each(|&id| prefetch(self.table.as_ptr().wrapping_add(id as usize)));
            for (&token, &id) in tokens.iter().zip(&*slots) {
                matches[known] = TokenMatch { token, id };
                known += usize::from(fingerprints[token as usize] == self.table[id as usize]);
            }
        }
        *len = known;
        if self.long.numbers.is_empty() {
            return;
        }
        // It is unpredictable which tokens are long. But they nearly always have equal bytes, so that branch is
        // predictable.
        grow(long, known, 0);
        let mut count = 0;
        for (i, &matches) in (0..).zip(&matches[..known]) {
            long[count] = i;
            count += usize::from(token(matches.token).len() > MAX_SHORT);
        }
        let is_spelled = |&i: &u32| self.is_spelled(matches[i as usize].id, token(matches[i as usize].token));
        if !long[..count].iter().all(is_spelled) {
            let mut spelled = 0;
            for i in 0..known {
                matches[spelled] = matches[i];
                spelled += usize::from(self.is_spelled(matches[i].id, token(matches[i].token)));
            }
            *len = spelled;
        }
    }
}

/// The number of slots to prefetch at a time: their cache lines fit into the first-level cache.
const PREFETCHED: usize = 64;

fn grow<T: Clone>(buffer: &mut Vec<T>, len: usize, filler: T) {
    if buffer.len() < len {
        buffer.resize(len, filler);
    }
}

/// A token of the text, by its number in its window, and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenMatch {
    pub token: u32,
    pub id: u32,
}

/// The tokens of a window that are in the vocabulary, with the buffers to find them.
#[derive(Default)]
pub struct VocabularyLookup {
    fingerprints: Vec<Fingerprint>,
    candidates: CandidateTokens,
    /// Only the first `len` are valid.
    matches: Vec<TokenMatch>,
    len: usize,
    /// Indices of the long tokens in `matches`.
    long: Vec<u32>,
    /// `matches` and what was merged into it. Empty if nothing was merged.
    merged: Vec<TokenMatch>,
}

impl VocabularyLookup {
    /// The tokens that are in the vocabulary, in order.
    #[inline]
    pub fn matches(&self) -> &[TokenMatch] {
        &self.matches[..self.len]
    }

    /// Sets the result to one token, or to nothing if `id` is [`NONE`].
    pub fn find_one(&mut self, id: u32) {
        self.matches.clear();
        self.matches.push(TokenMatch { token: 0, id });
        self.len = usize::from(id != NONE);
    }

    /// Drops the matches from a token on.
    pub fn end_before(&mut self, token: u32) {
        self.len = self.matches().partition_point(|found| found.token < token);
    }

    /// The fingerprints of all tokens, in order. May be followed by entries of earlier windows.
    pub fn fingerprints(&self) -> &[Fingerprint] {
        &self.fingerprints
    }

    /// The matches, and what was merged into them, in order of tokens.
    #[inline]
    pub fn all(&self) -> &[TokenMatch] {
        if self.merged.is_empty() { self.matches() } else { &self.merged }
    }

    /// Merges other matches into the result. Both must be in order of tokens.
    pub fn merge(&mut self, others: &[TokenMatch]) {
        let Self { matches, len, merged, .. } = self;
        merged.clear();
        if others.is_empty() {
            return;
        }
        let mut rest = &matches[..*len];
        for other in others {
            let before = rest.iter().take_while(|own| own.token <= other.token).count();
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
    fn only_inserted_tokens_are_found() {
        let tokens: Vec<String> =
            (0..5000).map(|i| format!("{}{i}", ["", "a", "longer", "much_longer_than_16"][i % 4])).collect();
        for capacity in [0, 5000] {
            let mut builder = Builder::with_capacity(capacity);
            for _ in 0..2 {
                for (i, token) in tokens.iter().enumerate() {
                    assert_eq!(builder.insert(token.as_bytes()), i as u32);
                }
            }
            let (vocabulary, ids) = builder.build(simd::level());
            for (id, token) in ids.iter().zip(&tokens) {
                assert_eq!(vocabulary.find(token.as_bytes()), *id);
            }
            assert!(ids.iter().collect::<HashSet<_>>().len() == 5000 && ids.iter().all(|&id| id < vocabulary.len()));
            for absent in ["", "b", "a4", "longer", "much_longer_than_16", "12345678", "1234567890123456"] {
                assert_eq!(vocabulary.find(absent.as_bytes()), NONE, "{absent}");
            }
        }
    }

    #[test]
    fn zero_bytes_matter() {
        let mut builder = Builder::with_capacity(4);
        let ids = [&b"a"[..], b"a\0", b"\0a", b"\0"].map(|token| builder.insert(token));
        assert_eq!(ids, [0, 1, 2, 3]);
        let (vocabulary, _) = builder.build(simd::level());
        assert_eq!(vocabulary.find(b"a\0\0"), NONE);
    }

    #[test]
    fn long_tokens_with_equal_fingerprints_are_told_apart() {
        let text = b"and_a_long_one_more one and_a_long_one_less";
        let (starts, ends) = ([0, 20, 24], [19, 23, 43]);
        let mut builder = Builder::with_capacity(0);
        for token in ["and_a_long_one_more", "one", "and_a_long_one_less"] {
            builder.insert(token.as_bytes());
        }
        let (mut vocabulary, ids) = builder.build(simd::level());
        // Simulates another token with the same fingerprint.
        let mut others = PackedStrings::default();
        [&b"and_a_long_one_MORE"[..], b"and_a_long_one_less"].iter().for_each(|token| others.push(token));
        vocabulary.long.tokens = others;
        let mut search = VocabularyLookup::default();
        vocabulary.find_all(text, &starts, &ends, &mut search);
        assert_eq!(search.matches(), [TokenMatch { token: 1, id: ids[1] }, TokenMatch { token: 2, id: ids[2] }]);
        assert_eq!(vocabulary.find(b"and_a_long_one_more"), NONE);
    }

    /// A vocabulary of these tokens with this fingerprinter, and their ids.
    fn vocabulary<A: AsRef<[u8]>>(
        tokens: &[A],
        level: Level,
        fingerprinter: Fingerprinter,
    ) -> (Vocabulary, Vec<u32>) {
        let mut builder = Builder::with_capacity(tokens.len());
        tokens.iter().for_each(|token| _ = builder.insert(token.as_ref()));
        builder.build_by(level, fingerprinter)
    }

    /// Looks up each token by itself, and all of them in one text between absent tokens.
    fn check<A: AsRef<[u8]>>(vocabulary: &Vocabulary, ids: &[u32], tokens: &[A], absent: &[A]) {
        assert!(ids.iter().all(|&id| id < vocabulary.len()));
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        assert!(tokens.iter().zip(ids).all(|(token, &id)| vocabulary.find(token.as_ref()) == id));
        assert!(absent.iter().all(|token| vocabulary.find(token.as_ref()) == NONE));
        let (mut text, mut starts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for token in absent.iter().chain(tokens).chain(absent) {
            starts.push(text.len() as u32);
            text.extend_from_slice(token.as_ref());
            ends.push(text.len() as u32);
        }
        let mut search = VocabularyLookup::default();
        vocabulary.find_all(&text, &starts, &ends, &mut search);
        let expected = (absent.len() as u32..).zip(ids).map(|(token, &id)| TokenMatch { token, id });
        assert!(search.matches().iter().copied().eq(expected));
    }

    #[test]
    fn pairs_with_equal_hashes_are_told_apart() {
        for level in Level::all() {
            let fingerprinter = Fingerprinter::new(level);
            let pairs: Vec<[u8; MAX_SHORT]> =
                (0..2000).flat_map(|hash| fingerprinter.colliding(hash << 50 ^ hash, 3)).collect();
            let (known, absent): (Vec<_>, Vec<_>) = pairs.iter().enumerate().partition(|(i, _)| i % 3 > 0);
            let [mut known, absent] =
                [known, absent].map(|all| all.into_iter().map(|(_, token)| &token[..]).collect());
            Vec::extend(&mut known, [&b"short"[..], b"and_one_that_is_longer"]);
            let (vocabulary, ids) = vocabulary(&known, level, fingerprinter);
            assert_eq!(vocabulary.overflow.tokens.len(), 2000, "{level:?}");
            check(&vocabulary, &ids, &known, &absent);
        }
    }

    #[test]
    fn a_million_tokens_with_one_hash_are_told_apart() {
        // With AES, only one key in 256 is a token's, so many take longer to search for than to look up.
        for (level, count) in Level::all().into_iter().zip([1_000_000, 20_000, 20_000]) {
            let fingerprinter = Fingerprinter::new(level);
            let tokens = fingerprinter.colliding(7, count + 1000);
            let (known, absent) = tokens.split_at(count);
            let (vocabulary, ids) = vocabulary(known, level, fingerprinter);
            assert_eq!(vocabulary.overflow.tokens.len(), count - 1, "{level:?}");
            check(&vocabulary, &ids, known, absent);
        }
    }

    #[test]
    fn lists_that_broke_older_hashes_have_distinct_hashes() {
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
            for tokens in &lists {
                let (vocabulary, ids) = vocabulary(tokens, level, Fingerprinter::new(level));
                assert!(vocabulary.overflow.tokens.is_empty(), "{level:?}");
                check(&vocabulary, &ids, tokens, &[b"absent".to_vec(), b"absent_and_longer_than_short".to_vec()]);
            }
        }
    }

    #[test]
    fn all_tokens_of_a_text() {
        let text = b"one two three and_a_long_one_more and_a_long_one_less one";
        let (starts, ends): (Vec<u32>, Vec<u32>) = (vec![0, 4, 8, 14, 34, 54], vec![3, 7, 13, 33, 53, 57]);
        for level in Level::all() {
            let mut builder = Builder::with_capacity(0);
            for token in ["and_a_long_one_more", "one", "three"] {
                builder.insert(token.as_bytes());
            }
            let (vocabulary, ids) = builder.build(level);
            let mut search = VocabularyLookup::default();
            vocabulary.find_all(text, &starts, &ends, &mut search);
            let matches: Vec<_> = search.matches().iter().map(|matches| (matches.token, matches.id)).collect();
            assert_eq!(matches, [(0, ids[1]), (2, ids[2]), (3, ids[0]), (5, ids[1])]);
        }
    }
}
