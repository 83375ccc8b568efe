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

use super::pieces::{Class, Classes, Key, Pieces};
use super::states::{ROOT, States};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{Level, prefetch};
use crate::core::engines::engine::{Cursor, MatchCallback};

/// Text of a window: its pieces and their keys stay in the first two levels of cache.
const WINDOW: usize = 8 << 10;

/// So many pieces are asked for at once before they are looked up: the memo is larger than the second level of cache.
const AHEAD: usize = 32;

/// Pieces that are remembered at first, and at most: 4 MB. A memo that is half full grows, or is forgotten: 5% of
/// the pieces of source code are then new, and what is learnt anew is what the text at hand needs.
const FIRST_ENTRIES: usize = 1 << 10;
const MOST_ENTRIES: usize = 1 << 17;

/// Numbers in all lists, at most: a piece may hold very many literals.
const MOST_LISTED: usize = 1 << 19;

/// So many places in a row are looked at for a piece. A text whose pieces were made to be looked for in the same places costs
/// time to learn, not to look.
const PROBES: usize = 16;

/// The list of a piece in which no literal ends.
const NOTHING: u32 = 0;

/// Added to the place of a list of which the places in the text matter.
const PLACES: u32 = 1 << 31;

/// What is remembered, and learnt from when it is not.
pub struct Steps {
    pub states: States,
    classes: Classes,
}

impl Steps {
    pub fn new(literals: &PackedStrings, level: Level) -> Self {
        let all: Vec<&[u8]> = literals.iter().collect();
        Self { states: States::new(&all), classes: Classes::new(literals.iter(), level) }
    }
}

/// What comes of a piece from a state.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Entry {
    key: Key,
    from: u32,
    to: u32,
    /// Where its list is in `lists`.
    list: u32,
    /// How often it was met in the document at hand.
    count: u32,
}

impl Entry {
    #[inline(always)]
    fn is(&self, key: Key, from: u32) -> bool {
        (self.key.low ^ key.low) | (self.key.high ^ key.high) | u64::from(self.from ^ from) == 0
    }

    /// Whether literals end in it that are counted without their places.
    #[inline(always)]
    fn counts(&self) -> bool {
        self.list.wrapping_sub(1) < PLACES - 1
    }
}

/// What a worker remembers: of one engine, as reported to one kind of sink.
pub struct Memo {
    /// A power of two of them; those without a key are free.
    entries: Vec<Entry>,
    used: usize,
    /// For each list: how many literals there are, then the literals, then where in the piece each ends.
    lists: Vec<u32>,
    /// Entries that were met in the document at hand: the first `met_len`.
    met: Vec<u32>,
    met_len: usize,
    pieces: Pieces,
    /// Literals of a piece that is being learnt, with their ends.
    found: Vec<(u32, u32)>,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            used: 0,
            lists: vec![0],
            met: Vec::new(),
            met_len: 0,
            pieces: Pieces::default(),
            found: Vec::new(),
        }
    }
}

impl Memo {
    /// Reports the literals that end in a stretch. There is no filter for places to pass.
    pub fn scan<S: MatchCallback>(
        &mut self,
        steps: &Steps,
        cursor: &mut Cursor<'_, S>,
        stretch: Range<usize>,
    ) -> usize {
        if self.entries.is_empty() {
            self.grow(FIRST_ENTRIES, &steps.classes);
        }
        let Range { start, end } = stretch;
        cursor.go_to(start);
        let before = start.saturating_sub(steps.states.longest()).max(cursor.document.start);
        let mut state = match steps.classes.of(cursor.text[start]) {
            Class::Dead => ROOT,
            _ => steps.states.behind(&cursor.text[before..start]),
        };
        let mut pieces = std::mem::take(&mut self.pieces);
        for start in (start..end).step_by(WINDOW) {
            let window = start..end.min(start + WINDOW);
            cursor.callback.passed(start.saturating_sub(steps.states.longest()));
            state = self.scan_window(steps, cursor, &mut pieces, window, state);
            if cursor.callback.cancelled() {
                break;
            }
        }
        self.pieces = pieces;
        self.flush(cursor.callback);
        0
    }

    fn scan_window<S: MatchCallback>(
        &mut self,
        steps: &Steps,
        cursor: &mut Cursor<'_, S>,
        pieces: &mut Pieces,
        window: Range<usize>,
        mut state: u32,
    ) -> u32 {
        let Range { start, end } = window;
        let documents = cursor.starts().skip(1);
        let documents = documents.skip_while(|&at| at < start).take_while(|&at| at < end);
        pieces.cut(&steps.classes, cursor.text, window, documents);
        let mut at = 0;
        while let Some(&piece) = pieces.starts.get(at) {
            if start + piece as usize >= cursor.document.end {
                self.flush(cursor.callback);
                cursor.go_to(start + piece as usize);
                state = ROOT;
            }
            // A piece ends with its document.
            let last = match cursor.document.end >= end {
                true => pieces.starts.len(),
                false => {
                    let end = (cursor.document.end - start) as u32;
                    at + pieces.starts[at..].iter().take_while(|&&piece| piece < end).count()
                }
            };
            while at < last {
                state = self.go_through(steps, cursor.callback, pieces, &mut at, last, start, state);
                if at < last {
                    self.learn(steps, cursor.callback, pieces.keys[at], state);
                }
            }
        }
        state
    }

    /// Goes through the pieces from `at` on until one is not known; returns the state before it. `base` is where the
    /// window begins.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "the innermost loop, with all that it needs at hand")]
    fn go_through<S: MatchCallback>(
        &mut self,
        steps: &Steps,
        callback: &mut S,
        pieces: &Pieces,
        at: &mut usize,
        last: usize,
        base: usize,
        mut state: u32,
    ) -> u32 {
        let mask = self.entries.len() - 1;
        let entries = &mut self.entries[..mask + 1];
        let met = &mut self.met[..mask + 1];
        let mut len = self.met_len;
        let mut first = *at;
        'unknown: while first < last {
            let part = first..last.min(first + AHEAD);
            let hashes = &pieces.hashes[part.clone()];
            for &hash in hashes {
                prefetch(&raw const entries[hash as usize & mask]);
            }
            for (i, (&key, &hash)) in pieces.keys[part.clone()].iter().zip(hashes).enumerate() {
                let mut slot = (hash as usize).wrapping_add(state as usize) & mask;
                let mut probes = 1;
                while !entries[slot].is(key, state) {
                    if entries[slot].key == Key::NONE || probes == PROBES {
                        first += i;
                        break 'unknown;
                    }
                    slot = (slot + 1) & mask;
                    probes += 1;
                }
                let entry = &mut entries[slot];
                // Without a branch: which pieces hold literals is hard to foresee.
                met[len & mask] = slot as u32;
                len += usize::from((entry.count == 0) & entry.counts());
                entry.count += u32::from(entry.counts());
                state = entry.to;
                if entry.list >= PLACES {
                    let list = &self.lists[(entry.list - PLACES) as usize..];
                    report(&steps.states, callback, list, base + pieces.starts[part.start + i] as usize);
                }
            }
            first = part.end;
        }
        *at = first;
        self.met_len = len;
        state
    }

    /// Steps through a piece and remembers what came of it.
    #[cold]
    fn learn<S: MatchCallback>(&mut self, steps: &Steps, callback: &mut S, key: Key, from: u32) {
        if self.used * 2 >= self.entries.len() || self.lists.len() > MOST_LISTED {
            self.flush(callback);
            match self.entries.len() < MOST_ENTRIES && self.lists.len() <= MOST_LISTED {
                true => self.grow(2 * self.entries.len(), &steps.classes),
                false => self.forget(),
            }
        }
        let Steps { states, classes } = steps;
        let mut state = from;
        self.found.clear();
        for (end, &byte) in (1..).zip(&key.bytes()[..key.len()]) {
            state = states.step(state, byte);
            self.found.extend(states.literals(state).map(|literal| (literal, end)));
        }
        let to = match key.next() {
            Class::Dead => ROOT,
            next => states.reduced(state, |byte| classes.of(byte) == next),
        };
        let mut list = NOTHING;
        if !self.found.is_empty() {
            list = self.lists.len() as u32;
            self.lists.push(self.found.len() as u32);
            self.lists.extend(self.found.iter().map(|found| found.0));
            self.lists.extend(self.found.iter().map(|found| found.1));
            if self.found.iter().any(|&(literal, _)| callback.needs_spans(literal)) {
                list += PLACES;
            }
        }
        let entry = Entry { key, from, to, list, count: 0 };
        let slot = self.slot(&entry, classes);
        match self.entries[slot].key {
            Key::NONE => self.used += 1,
            // Another goes, and with it how often it was met.
            _ => self.flush(callback),
        }
        self.entries[slot] = entry;
    }

    /// Where an entry goes: the first free place, or if that is too far the first of all.
    fn slot(&self, entry: &Entry, classes: &Classes) -> usize {
        let mask = self.entries.len() - 1;
        let first = (classes.hash(entry.key) as usize).wrapping_add(entry.from as usize) & mask;
        let mut places = (first..first + PROBES).map(|slot| slot & mask);
        places.find(|&slot| self.entries[slot].key == Key::NONE).unwrap_or(first)
    }

    fn grow(&mut self, len: usize, classes: &Classes) {
        self.met.resize(len, 0);
        let known = std::mem::replace(&mut self.entries, vec![Entry::default(); len]);
        for entry in known.into_iter().filter(|entry| entry.key != Key::NONE) {
            let slot = self.slot(&entry, classes);
            self.entries[slot] = entry;
        }
    }

    fn forget(&mut self) {
        self.entries.fill(Entry::default());
        self.lists.truncate(1);
        self.used = 0;
    }

    /// Reports what was counted in the document at hand.
    fn flush<S: MatchCallback>(&mut self, callback: &mut S) {
        for &slot in &self.met[..std::mem::take(&mut self.met_len)] {
            let Entry { list, count, .. } = &mut self.entries[slot as usize];
            let list = &self.lists[*list as usize..];
            let count = std::mem::take(count).into();
            list[1..1 + list[0] as usize].iter().for_each(|&literal| callback.on_matches(literal, count));
        }
    }
}

/// Reports the literals of a list, each at its place in the piece at `at`.
#[cold]
fn report<S: MatchCallback>(states: &States, callback: &mut S, list: &[u32], at: usize) {
    let len = list[0] as usize;
    for (&literal, &end) in list[1..1 + len].iter().zip(&list[1 + len..]) {
        let end = at + end as usize;
        callback.on_match(literal, end - states.len(literal), end);
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
        let steps = Steps::new(&literals, Level::PORTABLE);
        // More pieces than a memo holds, in documents of several sizes, each of the texts twice.
        let mut text = Vec::new();
        let mut spans = Vec::new();
        for number in (0..MOST_ENTRIES).chain(0..1000) {
            let start = text.len();
            text.extend(format!("a {number} {}\n{}", number % 317, number % 1009).repeat(1 + number % 2).bytes());
            spans.push(Span { start, end: text.len() });
        }
        let occurrences =
            |text: &[u8], literal: &[u8]| text.windows(literal.len()).filter(|at| *at == literal).count();
        for needs_spans in [false, true] {
            let mut found = Found { needs_spans, ..Found::default() };
            let mut cursor = Cursor::new(Batch { text: &text, spans: &spans }, &mut found);
            Memo::default().scan(&steps, &mut cursor, 0..text.len());
            cursor.finish();
            assert_eq!(found.counts.len(), spans.len());
            for (counts, span) in found.counts.iter().zip(&spans) {
                let text = &text[span.start..span.end];
                for (count, literal) in counts.iter().zip(literals.iter()) {
                    assert_eq!(*count, occurrences(text, literal) as u64, "{literal:?} in {text:?}");
                }
            }
        }
    }
}
