//! Transition cache: steps an Aho-Corasick automaton over a whole segment of text at once.
//!
//! Text repeats itself: a few thousand segments are most of it. From one state, the automaton goes through the same
//! segment to the same state with the same matches. So a worker caches the result for each state and segment
//! ([`segments`](super::segments)). Text may be split anywhere; splitting between words makes segments repeat. This
//! works for all literals, also across segments, and costs a lookup of 32 bytes for each segment instead of a branch
//! for each byte.
//!
//! If positions are not needed, the segments of a document are counted first. Then the literals of each segment are
//! reported once, with their number of matches.

use std::ops::Range;

use super::aho_corasick::{AhoCorasick, ROOT};
use super::segments::{ByteClass, SegmentKey, Segmenter, Segments};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{Level, prefetch};
use crate::core::engines::engine::{Cursor, MatchCallback};

/// Bytes in a window. Its segments and keys stay in the first two levels of cache.
const WINDOW: usize = 8 << 10;

/// Segments are prefetched in groups of this size, since the cache is larger than the second-level cache.
const AHEAD: usize = 32;

/// The first and the largest number of cached transitions (4 MB). A half-full cache grows, or is cleared at its
/// largest size. Clearing keeps it useful for the current text: 5% of the segments of source code are then learnt
/// anew.
const FIRST_TRANSITIONS: usize = 1 << 10;
const MOST_TRANSITIONS: usize = 1 << 17;

/// The most integers in all lists, since a segment may contain very many literals.
const MOST_LISTED: usize = 1 << 19;

/// How many consecutive slots are probed for a segment. If a text's segments are made to collide, they are learnt
/// anew.
const PROBES: usize = 16;

/// The list of a segment without matches.
const EMPTY_LIST: u32 = 0;

/// Added to a list's offset if the positions of its matches are needed.
const WITH_POSITIONS: u32 = 1 << 31;

/// The automaton, and the classes of bytes that split text into segments.
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

/// A cached transition: a state, a segment, and the state after it.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Transition {
    key: SegmentKey,
    from: u32,
    to: u32,
    /// The offset of its list in `lists`.
    list: u32,
    /// How often it was used in the current document.
    count: u32,
}

impl Transition {
    #[inline(always)]
    fn is_for(&self, key: SegmentKey, from: u32) -> bool {
        (self.key.low ^ key.low) | (self.key.high ^ key.high) | u64::from(self.from ^ from) == 0
    }

    /// Whether it has matches that are counted without positions.
    #[inline(always)]
    fn counts(&self) -> bool {
        self.list.wrapping_sub(1) < WITH_POSITIONS - 1
    }
}

/// A worker's cache, for one engine and one kind of callback.
pub struct TransitionCache {
    /// The table. Its length is a power of two. Slots without a key are free.
    transitions: Vec<Transition>,
    used: usize,
    /// Each list has the number of literals, the literals, and the end of each in the segment.
    lists: Vec<u32>,
    /// The transitions with matches to count in the current document: the first `counted_len`.
    counted: Vec<u32>,
    counted_len: usize,
    segments: Segments,
    /// The literals of the segment being learnt, with their ends.
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
    /// Reports the literals that end in a slice. Returns 0, since it has no filter that positions could pass.
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
            // A segment ends with its document.
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

    /// Follows cached transitions from segment `at` on, until one is missing. Returns the state before it. `base` is
    /// the window's start.
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
                // Without a branch, since it is unpredictable which segments have matches.
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

    /// Steps through a segment and caches the transition.
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
            // Another transition is replaced, so its counts must be reported first.
            _ => self.flush(callback),
        }
        self.transitions[slot] = transition;
    }

    /// The slot for a transition: the first free one, or the first of all if none of the probed slots is free.
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

    /// Reports the matches that were counted in the current document.
    fn flush<S: MatchCallback>(&mut self, callback: &mut S) {
        for &slot in &self.counted[..std::mem::take(&mut self.counted_len)] {
            let Transition { list, count, .. } = &mut self.transitions[slot as usize];
            let list = &self.lists[*list as usize..];
            let count = std::mem::take(count).into();
            list[1..1 + list[0] as usize].iter().for_each(|&literal| callback.on_matches(literal, count));
        }
    }
}

/// Reports the literals of a list, in the segment at `at`.
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

    /// Counts matches by document.
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
    fn a_cleared_cache_learns_again() {
        let mut literals = PackedStrings::default();
        [&b"17"[..], b" 1", b"9\n1", b"5"].iter().for_each(|literal| literals.push(literal));
        let automaton = SegmentAutomaton::new(&literals, Level::PORTABLE);
        // More segments than the cache can store, in documents of several sizes. Each text occurs twice.
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
