//! Runs with wildcards: which of many patterns match an atom.
//!
//! Any number of patterns takes one pass: an automaton finds those whose longest literal the atom holds, at the right end
//! if the literal stands at an end, and each is then matched in full. Words come again and again, so a worker remembers
//! the answer for each; most lookups are one comparison.

use std::collections::HashMap;
use std::iter;

use daachorse::DoubleArrayAhoCorasick;
use foldhash::fast::RandomState;

use super::key::{Image, SHORT};
use super::vocabulary::{Found, NONE};
use crate::core::base::error::CountError;
use crate::core::terms::glob::{Glob, GlobItem, PartItem};
use crate::core::text::boundaries::Boundaries;

/// Stands before and behind an atom while it is searched for literals, so that one at an end can be told. Where an atom
/// holds this byte itself, a pattern too many is matched in full, and does not match.
const EDGE: u8 = 0xFF;

/// The distinct patterns of all forms, numbered in the order in which they came.
#[derive(Default)]
pub struct Patterns {
    boundaries: Boundaries,
    globs: Vec<Glob>,
    ids: HashMap<Vec<GlobItem>, u32, RandomState>,
    /// Finds the literals, each with its number; `None` if no pattern has one.
    literals: Option<DoubleArrayAhoCorasick<u32>>,
    /// By literal: its patterns, and the longest other literal that it ends with.
    patterns_of: Vec<Vec<u32>>,
    suffixes: Vec<u32>,
    /// Patterns of wildcards alone.
    without_literal: Vec<u32>,
    /// A bit for each pair of bytes that an atom may begin with if a pattern matches it; empty if any may.
    heads: Vec<u64>,
}

impl Patterns {
    pub fn new(boundaries: Boundaries) -> Self {
        Self { boundaries, ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.globs.is_empty()
    }

    pub fn len(&self) -> usize {
        self.globs.len()
    }

    /// The id of a pattern, which is added if it is not there.
    pub fn insert(&mut self, items: &[GlobItem]) -> u32 {
        if let Some(&id) = self.ids.get(items) {
            return id;
        }
        let id = self.globs.len() as u32;
        self.globs.push(Glob::new(items));
        self.ids.insert(items.to_vec(), id);
        id
    }

    /// Makes the automaton, once all patterns are there.
    pub fn compile(&mut self) -> Result<(), CountError> {
        self.ids = HashMap::default();
        let mut numbers: HashMap<Vec<u8>, u32, RandomState> = HashMap::default();
        for (id, glob) in (0..).zip(&self.globs) {
            let Some(literal) = longest_literal(glob) else {
                self.without_literal.push(id);
                continue;
            };
            let next = self.patterns_of.len() as u32;
            let number = *numbers.entry(literal).or_insert(next);
            if number == next {
                self.patterns_of.push(Vec::new());
            }
            self.patterns_of[number as usize].push(id);
        }
        if !numbers.is_empty() {
            self.suffixes = suffixes(&numbers);
            let automaton = DoubleArrayAhoCorasick::with_values(numbers)
                .map_err(|error| CountError::TooManyTerms { reason: error.to_string() })?;
            self.literals = Some(automaton);
        }
        self.heads = heads(&self.globs);
        Ok(())
    }

    /// The patterns that match an atom, in order. On the way it asks whether to stop, and then finds none.
    pub fn find<'m>(&self, atom: &[u8], matching: &'m mut Matching, stop: impl Fn() -> bool) -> &'m [u32] {
        let Matching { ids, seen, search, tried } = matching;
        ids.clear();
        // A mark is no run.
        if self.is_empty() || !self.boundaries.word_begins_at(atom, 0) {
            return ids;
        }
        ids.extend_from_slice(&self.without_literal);
        let is_long = atom.len() > STRETCH;
        if let Some(literals) = &self.literals {
            seen.resize(self.patterns_of.len(), 0);
            *search += 1;
            let mut note = |found: daachorse::Match<u32>| {
                // The others that end here are suffixes of this one. Those of one that was seen before were, too.
                let mut literal = found.value();
                while literal != NONE && seen[literal as usize] != *search {
                    seen[literal as usize] = *search;
                    ids.extend_from_slice(&self.patterns_of[literal as usize]);
                    literal = self.suffixes[literal as usize];
                }
            };
            let edge = || iter::once(EDGE);
            if is_long {
                let bytes = atom.chunks(STRETCH).take_while(|_| !stop()).flatten().copied();
                let edged = edge().chain(bytes).chain(edge());
                literals.find_overlapping_no_suffix_iter_from_iter(edged).for_each(&mut note);
            } else {
                let edged = edge().chain(atom.iter().copied()).chain(edge());
                literals.find_overlapping_no_suffix_iter_from_iter(edged).for_each(&mut note);
            }
            ids.sort_unstable();
        }
        *tried += ids.len();
        ids.retain(|&pattern| {
            !(is_long && stop()) && self.globs[pattern as usize].matches_word(atom, &self.boundaries)
        });
        ids
    }

    /// Fills `found` with the patterns that match each atom of a text, numbered from `base` on, in order of atoms. With each
    /// atom its image. Ends early behind an atom with which it has tried or found more than `most`; tells behind which.
    pub fn find_all<'a>(
        &self,
        text: &[u8],
        atoms: impl Iterator<Item = (u32, u32, &'a Image)>,
        base: u32,
        most: usize,
        memo: &mut Memo,
        found: &mut Vec<Found>,
    ) -> usize {
        found.clear();
        memo.matching.tried = 0;
        let mut done = 0;
        for (atom, (start, end, image)) in (0..).zip(atoms) {
            if found.len() + memo.matching.tried > most {
                break;
            }
            done += 1;
            let (start, end) = (start as usize, end as usize);
            if !self.heads.is_empty() {
                let second = if end - start > 1 { text[start + 1] } else { 0 };
                let head = usize::from(text[start]) << 8 | usize::from(second);
                if self.heads[head / 64] >> (head % 64) & 1 == 0 {
                    continue;
                }
            }
            for &pattern in memo.patterns(self, &text[start..end], *image) {
                found.push(Found { atom, id: base + pattern });
            }
        }
        done
    }
}

/// By literal, the longest other one that it ends with, or [`NONE`].
fn suffixes(numbers: &HashMap<Vec<u8>, u32, RandomState>) -> Vec<u32> {
    let mut literals: Vec<(Vec<u8>, u32)> =
        numbers.iter().map(|(literal, &number)| (literal.iter().rev().copied().collect(), number)).collect();
    literals.sort_unstable();
    let mut suffixes = vec![NONE; literals.len()];
    // Turned round, what a literal begins with stands before it; those that the last one begins with are kept.
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

/// The longest literal of a glob, with an edge where it stands at one.
fn longest_literal(glob: &Glob) -> Option<Vec<u8>> {
    let last = glob.parts.len() - 1;
    let mut longest: Option<Vec<u8>> = None;
    for (at, segment) in glob.parts.iter().enumerate() {
        for (i, piece) in segment.items.iter().enumerate() {
            let PartItem::Literal(literal) = piece else { continue };
            let mut edged = Vec::with_capacity(literal.len() + 2);
            edged.extend((at == 0 && i == 0).then_some(EDGE));
            edged.extend_from_slice(literal);
            edged.extend((at == last && i + 1 == segment.items.len()).then_some(EDGE));
            if longest.as_ref().is_none_or(|longest| longest.len() < edged.len()) {
                longest = Some(edged);
            }
        }
    }
    longest
}

/// The pairs of bytes that atoms may begin with, as bits; none if some glob begins with a wildcard.
fn heads(globs: &[Glob]) -> Vec<u64> {
    let mut heads = vec![0u64; 1024];
    for glob in globs {
        let Some(PartItem::Literal(literal)) = glob.parts[0].items.first() else { return Vec::new() };
        let first = usize::from(literal[0]) << 8;
        let range = match literal.get(1) {
            Some(&second) => first | usize::from(second)..(first | usize::from(second)) + 1,
            None => first..first + 256,
        };
        range.for_each(|head| heads[head / 64] |= 1 << (head % 64));
    }
    heads
}

/// What a worker remembers of the atoms that it has seen: of each the patterns that match it.
///
/// A table in which an atom has one place and drives out what was there. It grows while much is new, so that a small
/// count pays for a small table, and is bounded. It belongs to one plan: a worker makes a new one for each count.
#[derive(Default)]
pub struct Memo {
    places: Vec<Place>,
    misses: usize,
    /// Sets of patterns, one after the other; the first is empty.
    patterns: Vec<u32>,
    sets: Vec<(u32, u32)>,
    set_ids: HashMap<Vec<u32>, u32, RandomState>,
    matching: Matching,
}

/// Buffers for the search of one atom.
#[derive(Default)]
pub struct Matching {
    ids: Vec<u32>,
    /// By literal: the number of the last search that found it.
    seen: Vec<u64>,
    search: u64,
    /// Patterns that were matched in full, whether they match or not.
    tried: usize,
}

/// Bytes of an atom between two questions whether to stop.
const STRETCH: usize = 1 << 20;

#[derive(Clone, Copy)]
struct Place {
    image: Image,
    /// [`FREE`] until there is an atom.
    set: u32,
}

const FREE: u32 = u32::MAX;

const FEWEST_PLACES: usize = 256;
/// 1 MB: the words of most texts, within the second-level cache.
const MOST_PLACES: usize = 32 << 10;
/// Of all sets together.
const MOST_PATTERNS: usize = 1 << 20;

impl Memo {
    /// Buffers to search an atom with that is not to be remembered.
    pub fn matching(&mut self) -> &mut Matching {
        &mut self.matching
    }

    fn patterns(&mut self, patterns: &Patterns, atom: &[u8], image: Image) -> &[u32] {
        if atom.len() > SHORT {
            return patterns.find(atom, &mut self.matching, || false);
        }
        if self.misses >= 2 * self.places.len() && self.places.len() < MOST_PLACES {
            self.clear((4 * self.places.len()).max(FEWEST_PLACES));
        } else if self.patterns.len() > MOST_PATTERNS {
            self.clear(self.places.len());
        }
        let at = (image.low >> 20) as usize & (self.places.len() - 1);
        if self.places[at].image != image || self.places[at].set == FREE {
            self.misses += 1;
            patterns.find(atom, &mut self.matching, || false);
            self.places[at] = Place { image, set: self.set() };
        }
        let (from, to) = self.sets[self.places[at].set as usize];
        &self.patterns[from as usize..to as usize]
    }

    /// The number of the set in `matching`.
    fn set(&mut self) -> u32 {
        let ids = &self.matching.ids;
        if ids.is_empty() {
            return 0;
        }
        if let Some(&set) = self.set_ids.get(ids) {
            return set;
        }
        let set = self.sets.len() as u32;
        let from = self.patterns.len() as u32;
        self.patterns.extend_from_slice(ids);
        self.sets.push((from, self.patterns.len() as u32));
        self.set_ids.insert(ids.clone(), set);
        set
    }

    fn clear(&mut self, places: usize) {
        self.places.clear();
        self.places.resize(places, Place { image: Image::default(), set: FREE });
        self.misses = 0;
        self.patterns.clear();
        self.sets.clear();
        self.sets.push((0, 0));
        self.set_ids.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::Level;
    use crate::core::engines::words::key::Images;
    use crate::core::terms::glob::{canonical, items};

    fn patterns(globs: &[&str]) -> Patterns {
        let mut patterns = Patterns::new(Boundaries::default());
        for glob in globs {
            patterns.insert(&items(&canonical(glob.as_bytes()).unwrap()));
        }
        patterns.compile().unwrap();
        patterns
    }

    #[test]
    fn all_patterns_that_match() {
        let globs = ["happi*", "*ness", "h*", "*pp*", "?", "*", "happi*", "h?ppy", "\\*a*", "é*"];
        let patterns = patterns(&globs);
        assert_eq!(patterns.len(), 9);
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
        for (atom, expected) in cases {
            assert_eq!(patterns.find(atom.as_bytes(), &mut Matching::default(), || false), expected, "{atom}");
        }
    }

    #[test]
    fn literals_within_literals() {
        let globs = ["*a*", "*aa*", "*aaa*", "*ba*", "*baaa", "aa*", "*aab*", "*b*a*a*"];
        let patterns = patterns(&globs);
        let mut matching = Matching::default();
        let cases: [(&str, &[u32]); 5] = [
            ("baaa", &[0, 1, 2, 3, 4, 7]),
            ("aab", &[0, 1, 5, 6]),
            ("a", &[0]),
            ("b", &[]),
            ("aaabaaabaaa", &[0, 1, 2, 3, 4, 5, 6, 7]),
        ];
        // One search leaves nothing behind for the next.
        for (atom, expected) in cases.iter().chain(cases.iter().rev()) {
            assert_eq!(patterns.find(atom.as_bytes(), &mut matching, || false), *expected, "{atom}");
        }
        let long = format!("{}baaa", "a".repeat(3 * STRETCH));
        assert_eq!(patterns.find(long.as_bytes(), &mut matching, || false), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(patterns.find(long.as_bytes(), &mut matching, || true).is_empty());
    }

    #[test]
    fn what_is_remembered_is_what_is_found() {
        for globs in [&["a1*", "a22?", "b*"][..], &["a1*", "*22", "?"]] {
            let patterns = patterns(globs);
            let words: Vec<String> =
                (0..20_000).map(|i| format!("{}{i}", ["a", "b", "much_longer_than_sixteen"][i % 3])).collect();
            let text = words.join(" ");
            let images = Images::new(Level::PORTABLE);
            let images: Vec<Image> = words.iter().map(|word| images.of(word.as_bytes())).collect();
            let mut next = 0;
            let places = words.iter().map(|word| {
                let start = next;
                next += word.len() as u32 + 1;
                (start, next - 1)
            });
            let atoms: Vec<_> = places.zip(&images).map(|((start, end), image)| (start, end, image)).collect();
            let mut memo = Memo::default();
            for _ in 0..2 {
                let mut found = Vec::new();
                patterns.find_all(text.as_bytes(), atoms.iter().copied(), 7, usize::MAX, &mut memo, &mut found);
                let expected: Vec<Found> = (0..)
                    .zip(&words)
                    .flat_map(|(atom, word)| {
                        let found = patterns.find(word.as_bytes(), &mut Matching::default(), || false).to_vec();
                        found.into_iter().map(move |id| Found { atom, id: id + 7 })
                    })
                    .collect();
                assert!(found == expected);
            }
        }
    }
}
