//! A step of the automaton over a whole piece of text at once, remembered.
//!
//! Text repeats itself: a few thousand pieces are most of it. From one state the automaton goes through the same bytes to
//! the same state and finds the same literals, so a worker remembers, for a state and a [piece](super::pieces), what
//! comes of them. Pieces may be cut anywhere; that they are cut between words makes them known. This holds for
//! any literals, with spaces and across pieces too, and costs a look-up of 32 bytes a piece instead of a branch a byte.
//!
//! Where places do not matter, a document's pieces are counted first, and each piece's literals once for all of its
//! occurrences.

use std::ops::Range;

use super::aho_corasick::{AhoCorasick, ROOT};
use super::segments::{ByteClass, SegmentKey, Segmenter, Segments};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{Level, prefetch};
use crate::core::engines::engine::{Cursor, MatchCallback};

/// Text of a window: its pieces and their keys stay in the first two levels of cache.
const WINDOW: usize = 8 << 10;

/// So many pieces are asked for at once before they are looked up: the memo is larger than the second level of cache.
const AHEAD: usize = 32;

/// Pieces that are remembered at first, and at most: 4 MB. A memo that is half full grows, or is forgotten: 5% of
/// the pieces of source code are then new, and what is learnt anew is what the text at hand needs.
const FIRST_TRANSITIONS: usize = 1 << 10;
const MOST_TRANSITIONS: usize = 1 << 17;

/// Numbers in all lists, at most: a piece may hold very many literals.
const MOST_LISTED: usize = 1 << 19;

/// So many places in a row are looked at for a piece. A text whose pieces were made to be looked for in the same places costs
/// time to learn, not to look.
const PROBES: usize = 16;

/// The list of a piece in which no literal ends.
const EMPTY_LIST: u32 = 0;

/// Added to the place of a list of which the places in the text matter.
const WITH_POSITIONS: u32 = 1 << 31;

/// What is remembered, and learnt from when it is not.
pub struct SegmentAutomaton {
    pub aho_corasick: AhoCorasick,
    segmenter: Segmenter,
}

impl SegmentAutomaton {
    pub fn new(literals: &PackedStrings, level: Level) -> Self {
        let all: Vec<&[u8]> = literals.iter().collect();
        Self { aho_corasick: AhoCorasick::new(&all), segmenter: Segmenter::new(literals.iter(), level) }
    }
}

/// What comes of a piece from a state.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Transition {
    key: SegmentKey,
    from: u32,
    to: u32,
    /// Where its list is in `lists`.
    list: u32,
    /// How often it was met in the document at hand.
    count: u32,
}

impl Transition {
    #[inline(always)]
    fn is_for(&self, key: SegmentKey, from: u32) -> bool {
        (self.key.low ^ key.low) | (self.key.high ^ key.high) | u64::from(self.from ^ from) == 0
    }

    /// Whether literals end in it that are counted without their places.
    #[inline(always)]
    fn counts(&self) -> bool {
        self.list.wrapping_sub(1) < WITH_POSITIONS - 1
    }
}

/// What a worker remembers: of one engine, as reported to one kind of sink.
pub struct TransitionCache {
    /// A power of two of them; those without a key are free.
    transitions: Vec<Transition>,
    used: usize,
    /// For each list: how many literals there are, then the literals, then where in the piece each ends.
    lists: Vec<u32>,
    /// Entries that were met in the document at hand: the first `counted_len`.
    counted: Vec<u32>,
    counted_len: usize,
    segments: Segments,
    /// Literals of a piece that is being learnt, with their ends.
    found: Vec<(u32, u32)>,
}

impl Default for TransitionCache {
    fn default() -> Self {
        Self {
            transitions: Vec::new(),
            used: 0,
            lists: vec![0],
            counted: Vec::new(),
            counted_len: 0,
            segments: Segments::default(),
            found: Vec::new(),
        }
    }
}

impl TransitionCache {
    /// Reports the literals that end in a stretch. There is no filter for places to pass.
    pub fn scan<S: MatchCallback>(
        &mut self,
        automaton: &SegmentAutomaton,
        cursor: &mut Cursor<'_, S>,
        slice: Range<usize>,
    ) -> usize {
        if self.transitions.is_empty() {
            self.grow(FIRST_TRANSITIONS, &automaton.segmenter);
        }
        let Range { start, end } = slice;
        cursor.go_to(start);
        let before = start.saturating_sub(automaton.aho_corasick.longest()).max(cursor.document.start);
        let mut state = match automaton.segmenter.of(cursor.text[start]) {
            ByteClass::Unused => ROOT,
            _ => automaton.aho_corasick.state_after(&cursor.text[before..start]),
        };
        let mut segments = std::mem::take(&mut self.segments);
        for start in (start..end).step_by(WINDOW) {
            let window = start..end.min(start + WINDOW);
            cursor.callback.passed(start.saturating_sub(automaton.aho_corasick.longest()));
            state = self.scan_window(automaton, cursor, &mut segments, window, state);
            if cursor.callback.cancelled() {
                break;
            }
        }
        self.segments = segments;
        self.flush(cursor.callback);
        0
    }

    fn scan_window<S: MatchCallback>(
        &mut self,
        automaton: &SegmentAutomaton,
        cursor: &mut Cursor<'_, S>,
        segments: &mut Segments,
        window: Range<usize>,
        mut state: u32,
    ) -> u32 {
        let Range { start, end } = window;
        let documents = cursor.starts().skip(1);
        let documents = documents.skip_while(|&at| at < start).take_while(|&at| at < end);
        segments.split(&automaton.segmenter, cursor.text, window, documents);
        let mut at = 0;
        while let Some(&segment) = segments.starts.get(at) {
            if start + segment as usize >= cursor.document.end {
                self.flush(cursor.callback);
                cursor.go_to(start + segment as usize);
                state = ROOT;
            }
            // A piece ends with its document.
            let last = match cursor.document.end >= end {
                true => segments.starts.len(),
                false => {
                    let end = (cursor.document.end - start) as u32;
                    at + segments.starts[at..].iter().take_while(|&&segment| segment < end).count()
                }
            };
            while at < last {
                state = self.follow(automaton, cursor.callback, segments, &mut at, last, start, state);
                if at < last {
                    self.learn(automaton, cursor.callback, segments.keys[at], state);
                }
            }
        }
        state
    }

    /// Goes through the pieces from `at` on until one is not known; returns the state before it. `base` is where the
    /// window begins.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "the innermost loop, with all that it needs at hand")]
    fn follow<S: MatchCallback>(
        &mut self,
        automaton: &SegmentAutomaton,
        callback: &mut S,
        segments: &Segments,
        at: &mut usize,
        last: usize,
        base: usize,
        mut state: u32,
    ) -> u32 {
        let mask = self.transitions.len() - 1;
        let transitions = &mut self.transitions[..mask + 1];
        let counted = &mut self.counted[..mask + 1];
        let mut len = self.counted_len;
        let mut first = *at;
        'unknown: while first < last {
            let part = first..last.min(first + AHEAD);
            let hashes = &segments.hashes[part.clone()];
            for &hash in hashes {
                prefetch(&raw const transitions[hash as usize & mask]);
            }
            for (i, (&key, &hash)) in segments.keys[part.clone()].iter().zip(hashes).enumerate() {
                let mut slot = (hash as usize).wrapping_add(state as usize) & mask;
                let mut probes = 1;
                while !transitions[slot].is_for(key, state) {
                    if transitions[slot].key == SegmentKey::NONE || probes == PROBES {
                        first += i;
                        break 'unknown;
                    }
                    slot = (slot + 1) & mask;
                    probes += 1;
                }
                let transition = &mut transitions[slot];
                // Without a branch: which pieces hold literals is hard to foresee.
                counted[len & mask] = slot as u32;
                len += usize::from((transition.count == 0) & transition.counts());
                transition.count += u32::from(transition.counts());
                state = transition.to;
                if transition.list >= WITH_POSITIONS {
                    let list = &self.lists[(transition.list - WITH_POSITIONS) as usize..];
                    report(&automaton.aho_corasick, callback, list, base + segments.starts[part.start + i] as usize);
                }
            }
            first = part.end;
        }
        *at = first;
        self.counted_len = len;
        state
    }

    /// Steps through a piece and remembers what came of it.
    #[cold]
    fn learn<S: MatchCallback>(
        &mut self,
        automaton: &SegmentAutomaton,
        callback: &mut S,
        key: SegmentKey,
        from: u32,
    ) {
        if self.used * 2 >= self.transitions.len() || self.lists.len() > MOST_LISTED {
            self.flush(callback);
            match self.transitions.len() < MOST_TRANSITIONS && self.lists.len() <= MOST_LISTED {
                true => self.grow(2 * self.transitions.len(), &automaton.segmenter),
                false => self.forget(),
            }
        }
        let SegmentAutomaton { aho_corasick, segmenter } = automaton;
        let mut state = from;
        self.found.clear();
        for (end, &byte) in (1..).zip(&key.bytes()[..key.len()]) {
            state = aho_corasick.step(state, byte);
            self.found.extend(aho_corasick.literals(state).map(|literal| (literal, end)));
        }
        let to = match key.next() {
            ByteClass::Unused => ROOT,
            next => aho_corasick.reduced(state, |byte| segmenter.of(byte) == next),
        };
        let mut list = EMPTY_LIST;
        if !self.found.is_empty() {
            list = self.lists.len() as u32;
            self.lists.push(self.found.len() as u32);
            self.lists.extend(self.found.iter().map(|found| found.0));
            self.lists.extend(self.found.iter().map(|found| found.1));
            if self.found.iter().any(|&(literal, _)| callback.needs_spans(literal)) {
                list += WITH_POSITIONS;
            }
        }
        let transition = Transition { key, from, to, list, count: 0 };
        let slot = self.slot(&transition, segmenter);
        match self.transitions[slot].key {
            SegmentKey::NONE => self.used += 1,
            // Another goes, and with it how often it was met.
            _ => self.flush(callback),
        }
        self.transitions[slot] = transition;
    }

    /// Where an entry goes: the first free place, or if that is too far the first of all.
    fn slot(&self, transition: &Transition, segmenter: &Segmenter) -> usize {
        let mask = self.transitions.len() - 1;
        let first = (segmenter.hash(transition.key) as usize).wrapping_add(transition.from as usize) & mask;
        let mut positions = (first..first + PROBES).map(|slot| slot & mask);
        positions.find(|&slot| self.transitions[slot].key == SegmentKey::NONE).unwrap_or(first)
    }

    fn grow(&mut self, len: usize, segmenter: &Segmenter) {
        self.counted.resize(len, 0);
        let known = std::mem::replace(&mut self.transitions, vec![Transition::default(); len]);
        for transition in known.into_iter().filter(|transition| transition.key != SegmentKey::NONE) {
            let slot = self.slot(&transition, segmenter);
            self.transitions[slot] = transition;
        }
    }

    fn forget(&mut self) {
        self.transitions.fill(Transition::default());
        self.lists.truncate(1);
        self.used = 0;
    }

    /// Reports what was counted in the document at hand.
    fn flush<S: MatchCallback>(&mut self, callback: &mut S) {
        for &slot in &self.counted[..std::mem::take(&mut self.counted_len)] {
            let Transition { list, count, .. } = &mut self.transitions[slot as usize];
            let list = &self.lists[*list as usize..];
            let count = std::mem::take(count).into();
            list[1..1 + list[0] as usize].iter().for_each(|&literal| callback.on_matches(literal, count));
        }
    }
}

/// Reports the literals of a list, each at its place in the piece at `at`.
#[cold]
fn report<S: MatchCallback>(aho_corasick: &AhoCorasick, callback: &mut S, list: &[u32], at: usize) {
    let len = list[0] as usize;
    for (&literal, &end) in list[1..1 + len].iter().zip(&list[1 + len..]) {
        let end = at + end as usize;
        callback.on_match(literal, end - aho_corasick.len(literal), end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::documents::batch::Batch;
    use crate::core::text::encoding::Span;

    /// Keeps what is found, by document.
    #[derive(Default)]
    struct Found {
        counts: Vec<[u64; 4]>,
        now: [u64; 4],
        needs_spans: bool,
    }

    impl MatchCallback for Found {
        fn on_match(&mut self, pattern: u32, _: usize, _: usize) {
            self.now[pattern as usize] += 1;
        }

        fn needs_spans(&self, pattern: u32) -> bool {
            self.needs_spans || pattern == 0
        }

        fn on_matches(&mut self, pattern: u32, count: u64) {
            self.now[pattern as usize] += count;
        }

        fn end_document(&mut self) {
            self.counts.push(std::mem::take(&mut self.now));
        }

        fn cancelled(&self) -> bool {
            false
        }
    }

    #[test]
    fn what_is_forgotten_is_learnt_again() {
        let mut literals = PackedStrings::default();
        [&b"17"[..], b" 1", b"9\n1", b"5"].iter().for_each(|literal| literals.push(literal));
        let automaton = SegmentAutomaton::new(&literals, Level::PORTABLE);
        // More pieces than a memo holds, in documents of several sizes, each of the texts twice.
        let mut text = Vec::new();
        let mut spans = Vec::new();
        for number in (0..MOST_TRANSITIONS).chain(0..1000) {
            let start = text.len();
            text.extend(format!("a {number} {}\n{}", number % 317, number % 1009).repeat(1 + number % 2).bytes());
            spans.push(Span { start, end: text.len() });
        }
        let matches = |text: &[u8], literal: &[u8]| text.windows(literal.len()).filter(|at| *at == literal).count();
        for needs_spans in [false, true] {
            let mut found = Found { needs_spans, ..Found::default() };
            let mut cursor = Cursor::new(Batch { text: &text, spans: &spans }, &mut found);
            TransitionCache::default().scan(&automaton, &mut cursor, 0..text.len());
            cursor.finish();
            assert_eq!(found.counts.len(), spans.len());
            for (counts, span) in found.counts.iter().zip(&spans) {
                let text = &text[span.start..span.end];
                for (count, literal) in counts.iter().zip(literals.iter()) {
                    assert_eq!(*count, matches(text, literal) as u64, "{literal:?} in {text:?}");
                }
            }
        }
    }
}
