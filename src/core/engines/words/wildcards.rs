//! Finds the wildcards that match a token, among any number of them.
//!
//! An automaton finds the wildcards whose longest literal the token contains. If the literal is at an end of the
//! wildcard, it must be at that end of the token. Only these wildcards are then matched in full. Most words of a text
//! repeat, so each worker caches their wildcards. Most lookups are one comparison.

use std::collections::HashMap;
use std::iter;

use daachorse::DoubleArrayAhoCorasick;
use foldhash::fast::RandomState;

use super::fingerprint::{Fingerprint, MAX_SHORT};
use super::vocabulary::{NONE, TokenMatch};
use crate::core::base::error::CountError;
use crate::core::terms::glob::{Glob, GlobItem, PartItem};
use crate::core::text::boundaries::Boundaries;

/// Added before and after a token while it is searched for literals, so that literals at an end match only there. If
/// a token contains this byte itself, a wildcard may be tried unnecessarily.
const EDGE: u8 = 0xFF;

/// The distinct wildcards of all patterns, numbered in order of insertion.
#[derive(Default)]
pub struct TokenWildcards {
    boundaries: Boundaries,
    globs: Vec<Glob>,
    ids: HashMap<Vec<GlobItem>, u32, RandomState>,
    /// Finds the literals, with their numbers. `None` if no wildcard contains one.
    literals: Option<DoubleArrayAhoCorasick<u32>>,
    /// By literal: its wildcards, and the longest other literal that it ends with.
    wildcards_of: Vec<Vec<u32>>,
    suffixes: Vec<u32>,
    /// Wildcards without a literal.
    without_literal: Vec<u32>,
    /// One bit per pair of bytes, set if a token that begins with them may match. Empty if any token may match.
    first_bytes: Vec<u64>,
}

impl TokenWildcards {
    pub fn new(boundaries: Boundaries) -> Self {
        Self { boundaries, ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.globs.is_empty()
    }

    pub fn len(&self) -> usize {
        self.globs.len()
    }

    /// The id of a wildcard, which is inserted if it is new.
    pub fn insert(&mut self, items: &[GlobItem]) -> u32 {
        if let Some(&id) = self.ids.get(items) {
            return id;
        }
        let id = self.globs.len() as u32;
        self.globs.push(Glob::new(items));
        self.ids.insert(items.to_vec(), id);
        id
    }

    /// Builds the automaton. Call it when all wildcards are inserted.
    pub fn compile(&mut self) -> Result<(), CountError> {
        self.ids = HashMap::default();
        let mut numbers: HashMap<Vec<u8>, u32, RandomState> = HashMap::default();
        for (id, glob) in (0..).zip(&self.globs) {
            let Some(literal) = longest_literal(glob) else {
                self.without_literal.push(id);
                continue;
            };
            let next = self.wildcards_of.len() as u32;
            let number = *numbers.entry(literal).or_insert(next);
            if number == next {
                self.wildcards_of.push(Vec::new());
            }
            self.wildcards_of[number as usize].push(id);
        }
        if !numbers.is_empty() {
            self.suffixes = suffixes(&numbers);
            let automaton = DoubleArrayAhoCorasick::with_values(numbers)
                .map_err(|error| CountError::TooManyTerms { reason: error.to_string() })?;
            self.literals = Some(automaton);
        }
        self.first_bytes = first_bytes(&self.globs);
        Ok(())
    }

    /// The wildcards that match a token, in order. Returns none if `stop` becomes true.
    pub fn find<'m>(&self, token: &[u8], lookup: &'m mut WildcardLookup, stop: impl Fn() -> bool) -> &'m [u32] {
        let WildcardLookup { ids, last_search, search, tried } = lookup;
        ids.clear();
        // Wildcards do not match punctuation.
        if self.is_empty() || !self.boundaries.word_begins_at(token, 0) {
            return ids;
        }
        ids.extend_from_slice(&self.without_literal);
        let is_long = token.len() > SLICE_BYTES;
        if let Some(literals) = &self.literals {
            last_search.resize(self.wildcards_of.len(), 0);
            *search += 1;
            let mut note = |found: daachorse::Match<u32>| {
                // The other literals that end here are suffixes of this one. If a literal was seen before, so were
                // its suffixes.
                let mut literal = found.value();
                while literal != NONE && last_search[literal as usize] != *search {
                    last_search[literal as usize] = *search;
                    ids.extend_from_slice(&self.wildcards_of[literal as usize]);
                    literal = self.suffixes[literal as usize];
                }
            };
            let edge = || iter::once(EDGE);
            if is_long {
                let bytes = token.chunks(SLICE_BYTES).take_while(|_| !stop()).flatten().copied();
                let edged = edge().chain(bytes).chain(edge());
                literals.find_overlapping_no_suffix_iter_from_iter(edged).for_each(&mut note);
            } else {
                let edged = edge().chain(token.iter().copied()).chain(edge());
                literals.find_overlapping_no_suffix_iter_from_iter(edged).for_each(&mut note);
            }
            ids.sort_unstable();
        }
        *tried += ids.len();
        ids.retain(|&wildcard| {
            !(is_long && stop()) && self.globs[wildcard as usize].matches_word(token, &self.boundaries)
        });
        ids
    }

    /// Fills `matches` with the wildcards that match each token, in order of tokens. Ids are counted from `base`.
    /// Each token comes with its fingerprint. Stops after a token if more than `most` wildcards were tried or
    /// matched. Returns the number of tokens done.
    pub fn find_all<'a>(
        &self,
        text: &[u8],
        tokens: impl Iterator<Item = (u32, u32, &'a Fingerprint)>,
        base: u32,
        most: usize,
        cache: &mut WildcardCache,
        matches: &mut Vec<TokenMatch>,
    ) -> usize {
        matches.clear();
        cache.lookup.tried = 0;
        let mut done = 0;
        for (token, (start, end, fingerprint)) in (0..).zip(tokens) {
            if matches.len() + cache.lookup.tried > most {
                break;
            }
            done += 1;
            let (start, end) = (start as usize, end as usize);
            if !self.first_bytes.is_empty() {
                let second = if end - start > 1 { text[start + 1] } else { 0 };
                let first_two = usize::from(text[start]) << 8 | usize::from(second);
                if self.first_bytes[first_two / 64] >> (first_two % 64) & 1 == 0 {
                    continue;
                }
            }
            for &wildcard in cache.wildcards(self, &text[start..end], *fingerprint) {
                matches.push(TokenMatch { token, id: base + wildcard });
            }
        }
        done
    }
}

/// By literal: the longest other literal that it ends with, or [`NONE`].
fn suffixes(numbers: &HashMap<Vec<u8>, u32, RandomState>) -> Vec<u32> {
    let mut literals: Vec<(Vec<u8>, u32)> =
        numbers.iter().map(|(literal, &number)| (literal.iter().rev().copied().collect(), number)).collect();
    literals.sort_unstable();
    let mut suffixes = vec![NONE; literals.len()];
    // In order of the reversed literals, prefixes precede the literals that begin with them. The stack contains the
    // prefixes of the last one.
    let mut open: Vec<&(Vec<u8>, u32)> = Vec::new();
    for own in &literals {
        while open.last().is_some_and(|last| !own.0.starts_with(&last.0)) {
            open.pop();
        }
        suffixes[own.1 as usize] = open.last().map_or(NONE, |last| last.1);
        open.push(own);
    }
    suffixes
}

/// The longest literal of a glob, with an edge at each end that is an end of the glob.
fn longest_literal(glob: &Glob) -> Option<Vec<u8>> {
    let last = glob.parts.len() - 1;
    let mut longest: Option<Vec<u8>> = None;
    for (at, part) in glob.parts.iter().enumerate() {
        for (i, item) in part.items.iter().enumerate() {
            let PartItem::Literal(literal) = item else { continue };
            let mut edged = Vec::with_capacity(literal.len() + 2);
            edged.extend((at == 0 && i == 0).then_some(EDGE));
            edged.extend_from_slice(literal);
            edged.extend((at == last && i + 1 == part.items.len()).then_some(EDGE));
            if longest.as_ref().is_none_or(|longest| longest.len() < edged.len()) {
                longest = Some(edged);
            }
        }
    }
    longest
}

/// One bit per pair of bytes that matching tokens may begin with. Empty if some glob begins with a wildcard.
fn first_bytes(globs: &[Glob]) -> Vec<u64> {
    let mut first_bytes = vec![0u64; 1024];
    for glob in globs {
        let Some(PartItem::Literal(literal)) = glob.parts[0].items.first() else { return Vec::new() };
        let first = usize::from(literal[0]) << 8;
        let range = match literal.get(1) {
            Some(&second) => first | usize::from(second)..(first | usize::from(second)) + 1,
            None => first..first + 256,
        };
        range.for_each(|first_two| first_bytes[first_two / 64] |= 1 << (first_two % 64));
    }
    first_bytes
}

/// A worker's cache of the wildcards that match a token.
///
/// Each token has one slot and evicts the previous one. The table grows while many tokens are new, so small counts
/// need only a small table, and its size is bounded. Each worker creates its own cache for each count, so it belongs
/// to one plan.
#[derive(Default)]
pub struct WildcardCache {
    slots: Vec<CacheSlot>,
    misses: usize,
    /// Sets of wildcards, concatenated. The first is empty.
    wildcards: Vec<u32>,
    sets: Vec<(u32, u32)>,
    set_ids: HashMap<Vec<u32>, u32, RandomState>,
    lookup: WildcardLookup,
}

/// Buffers to look up one token.
#[derive(Default)]
pub struct WildcardLookup {
    ids: Vec<u32>,
    /// By literal: the number of the last search that found it.
    last_search: Vec<u64>,
    search: u64,
    /// The number of wildcards that were matched in full, successfully or not.
    tried: usize,
}

/// Bytes of a token between two checks for cancellation.
const SLICE_BYTES: usize = 1 << 20;

#[derive(Clone, Copy)]
struct CacheSlot {
    fingerprint: Fingerprint,
    /// [`FREE`] if the slot is empty.
    set: u32,
}

const FREE: u32 = u32::MAX;

const MIN_SLOTS: usize = 256;
/// 1 MB: enough for the words of most texts, and within the second-level cache.
const MAX_SLOTS: usize = 32 << 10;
/// The limit for all sets together.
const MAX_WILDCARDS: usize = 1 << 20;

impl WildcardCache {
    /// Buffers to look up a token that is not cached.
    pub fn lookup(&mut self) -> &mut WildcardLookup {
        &mut self.lookup
    }

    fn wildcards(&mut self, wildcards: &TokenWildcards, token: &[u8], fingerprint: Fingerprint) -> &[u32] {
        if token.len() > MAX_SHORT {
            return wildcards.find(token, &mut self.lookup, || false);
        }
        if self.misses >= 2 * self.slots.len() && self.slots.len() < MAX_SLOTS {
            self.clear((4 * self.slots.len()).max(MIN_SLOTS));
        } else if self.wildcards.len() > MAX_WILDCARDS {
            self.clear(self.slots.len());
        }
        let at = (fingerprint.low >> 20) as usize & (self.slots.len() - 1);
        if self.slots[at].fingerprint != fingerprint || self.slots[at].set == FREE {
            self.misses += 1;
            wildcards.find(token, &mut self.lookup, || false);
            self.slots[at] = CacheSlot { fingerprint, set: self.set() };
        }
        let (from, to) = self.sets[self.slots[at].set as usize];
        &self.wildcards[from as usize..to as usize]
    }

    /// The number of the set in `lookup`, which is added if it is new.
    fn set(&mut self) -> u32 {
        let ids = &self.lookup.ids;
        if ids.is_empty() {
            return 0;
        }
        if let Some(&set) = self.set_ids.get(ids) {
            return set;
        }
        let set = self.sets.len() as u32;
        let from = self.wildcards.len() as u32;
        self.wildcards.extend_from_slice(ids);
        self.sets.push((from, self.wildcards.len() as u32));
        self.set_ids.insert(ids.clone(), set);
        set
    }

    fn clear(&mut self, slots: usize) {
        self.slots.clear();
        self.slots.resize(slots, CacheSlot { fingerprint: Fingerprint::default(), set: FREE });
        self.misses = 0;
        self.wildcards.clear();
        self.sets.clear();
        self.sets.push((0, 0));
        self.set_ids.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::Level;
    use crate::core::engines::words::fingerprint::Fingerprinter;
    use crate::core::terms::glob::{canonical, items};

    fn wildcards(globs: &[&str]) -> TokenWildcards {
        let mut wildcards = TokenWildcards::new(Boundaries::default());
        for glob in globs {
            wildcards.insert(&items(&canonical(glob.as_bytes()).unwrap()));
        }
        wildcards.compile().unwrap();
        wildcards
    }

    #[test]
    fn every_wildcard_that_matches() {
        let globs = ["happi*", "*ness", "h*", "*pp*", "?", "*", "happi*", "h?ppy", "\\*a*", "é*"];
        let wildcards = wildcards(&globs);
        assert_eq!(wildcards.len(), 9);
        let cases: [(&str, &[u32]); 8] = [
            ("happiness", &[0, 1, 2, 3, 5]),
            ("h", &[2, 4, 5]),
            ("happy", &[2, 3, 5, 6]),
            ("é", &[4, 5, 8]),
            ("ness", &[1, 5]),
            ("unhappily", &[3, 5]),
            ("x", &[4, 5]),
            ("-", &[]),
        ];
        for (token, expected) in cases {
            assert_eq!(
                wildcards.find(token.as_bytes(), &mut WildcardLookup::default(), || false),
                expected,
                "{token}"
            );
        }
    }

    #[test]
    fn literals_within_literals() {
        let globs = ["*a*", "*aa*", "*aaa*", "*ba*", "*baaa", "aa*", "*aab*", "*b*a*a*"];
        let wildcards = wildcards(&globs);
        let mut lookup = WildcardLookup::default();
        let cases: [(&str, &[u32]); 5] = [
            ("baaa", &[0, 1, 2, 3, 4, 7]),
            ("aab", &[0, 1, 5, 6]),
            ("a", &[0]),
            ("b", &[]),
            ("aaabaaabaaa", &[0, 1, 2, 3, 4, 5, 6, 7]),
        ];
        // A search must not depend on the previous one.
        for (token, expected) in cases.iter().chain(cases.iter().rev()) {
            assert_eq!(wildcards.find(token.as_bytes(), &mut lookup, || false), *expected, "{token}");
        }
        let long = format!("{}baaa", "a".repeat(3 * SLICE_BYTES));
        assert_eq!(wildcards.find(long.as_bytes(), &mut lookup, || false), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(wildcards.find(long.as_bytes(), &mut lookup, || true).is_empty());
    }

    #[test]
    fn cached_wildcards_are_the_matching_ones() {
        for globs in [&["a1*", "a22?", "b*"][..], &["a1*", "*22", "?"]] {
            let wildcards = wildcards(globs);
            let words: Vec<String> =
                (0..20_000).map(|i| format!("{}{i}", ["a", "b", "much_longer_than_sixteen"][i % 3])).collect();
            let text = words.join(" ");
            let fingerprinter = Fingerprinter::new(Level::PORTABLE);
            let fingerprints: Vec<Fingerprint> = words.iter().map(|word| fingerprinter.of(word.as_bytes())).collect();
            let mut next = 0;
            let slots = words.iter().map(|word| {
                let start = next;
                next += word.len() as u32 + 1;
                (start, next - 1)
            });
            let tokens: Vec<_> =
                slots.zip(&fingerprints).map(|((start, end), fingerprint)| (start, end, fingerprint)).collect();
            let mut cache = WildcardCache::default();
            for _ in 0..2 {
                let mut matches = Vec::new();
                wildcards.find_all(text.as_bytes(), tokens.iter().copied(), 7, usize::MAX, &mut cache, &mut matches);
                let expected: Vec<TokenMatch> = (0..)
                    .zip(&words)
                    .flat_map(|(token, word)| {
                        let matches =
                            wildcards.find(word.as_bytes(), &mut WildcardLookup::default(), || false).to_vec();
                        matches.into_iter().map(move |id| TokenMatch { token, id: id + 7 })
                    })
                    .collect();
                assert!(matches == expected);
            }
        }
    }
}
