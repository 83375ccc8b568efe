//! A step of the automaton over a whole piece of text at once, remembered.
//!
//! Text repeats itself: a few thousand pieces are most of it. From one state the automaton goes through the same bytes to
//! the same state and finds the same literals, so a worker remembers, for a state and a [piece](super::pieces), what
//! comes of them. Pieces may be cut anywhere; that they are cut between words makes them known. This holds for
//! any literals, with spaces and across pieces too, and costs a look-up of 32 bytes a piece instead of a branch a byte.
//!
//! Where places do not matter, a document's pieces are counted first, and each piece's literals once for all of its
//! occurrences.

use super::super::super::raw::prefetch;
use super::super::Sink;
use super::Cursor;
use super::pieces::{Class, Classes, Key, Pieces};
use super::states::{ROOT, States};

/// Text of a window: with its bits and places it stays in the first two levels of cache.
const WINDOW: usize = 4 << 10;

const AHEAD: usize = 32;

/// No literals are found.
const NOTHING: u32 = 0;

/// Added to the place of a list of which the places matter.
const PLACES: u32 = 1 << 31;

#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Entry {
    key: Key,
    from: u32,
    to: u32,
    /// Where its list is in `lists`.
    list: u32,
    /// How often it was met in this document.
    count: u32,
}

impl Entry {
    #[inline(always)]
    fn is(&self, key: Key, from: u32) -> bool {
        (self.key.low ^ key.low) | (self.key.high ^ key.high) | u64::from(self.from ^ from) == 0
    }
}

#[cold]
#[inline(never)]
fn report<S: Sink>(states: &States, cursor: &mut Cursor<'_, S>, list: &[u32], at: usize) {
    let len = list[0] as usize;
    for i in 0..len {
        let (literal, end) = (list[1 + i], at + list[1 + len + i] as usize);
        cursor.sink.hit(literal, end - states.len(literal), end);
    }
}

/// What a worker remembers.
pub struct Memo {
    /// A power of two of them; those without a key are free.
    entries: Vec<Entry>,
    used: usize,
    /// For each list: how many literals there are, twice, plus one if places matter; then the literals; then the
    /// ends of each in the piece.
    lists: Vec<u32>,
    /// Entries that were met in this document.
    met: Vec<u32>,
    met_len: usize,
    pieces: Pieces,
    found: Vec<(u32, u32)>,
    /// Pieces that were not known, since it was last asked.
    pub misses: u64,
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
            misses: 0,
        }
    }
}

const FIRST_ENTRIES: usize = 1 << 10;
const MOST_ENTRIES: usize = 1 << 16;

impl Memo {
    pub fn scan<S: Sink>(
        &mut self,
        states: &States,
        classes: &Classes,
        cursor: &mut Cursor<'_, S>,
        start: usize,
        end: usize,
    ) {
        if self.entries.is_empty() {
            self.entries.resize(FIRST_ENTRIES, Entry::default());
            self.met.resize(FIRST_ENTRIES, 0);
        }
        cursor.go_to(start);
        let before = start.saturating_sub(states.longest()).max(cursor.document.start);
        let mut state = match classes.of(cursor.text[start]) {
            Class::Dead => ROOT,
            _ => states.behind(&cursor.text[before..start]),
        };
        let mut at = start;
        while at < end {
            let until = end.min(at + WINDOW);
            state = self.window(states, classes, cursor, at, until, state);
            at = until;
        }
        self.flush(cursor);
    }

    fn window<S: Sink>(
        &mut self,
        states: &States,
        classes: &Classes,
        cursor: &mut Cursor<'_, S>,
        start: usize,
        end: usize,
        mut state: u32,
    ) -> u32 {
        let starts = cursor.spans[cursor.next..]
            .iter()
            .map(|span| span.start)
            .skip_while(|&at| at < start)
            .take_while(|&at| at < end);
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.cut(classes, cursor.text, start..end, starts);
        let Pieces { starts: bounds, keys, hashes, .. } = &pieces;
        let mut piece = 0;
        while piece < keys.len() {
            if start + bounds[piece] as usize >= cursor.document.end {
                self.flush(cursor);
                cursor.go_to(start + bounds[piece] as usize);
                state = ROOT;
            }
            let last = if cursor.document.end >= end {
                keys.len()
            } else {
                let end = (cursor.document.end - start) as u32;
                piece + bounds[piece..].iter().position(|&at| at >= end).unwrap_or(keys.len() - piece)
            };
            while piece < last {
                state = self.pieces_from(
                    states,
                    classes,
                    cursor,
                    &keys[piece..last],
                    &hashes[piece..last],
                    &bounds[piece..last],
                    &mut piece,
                    start,
                    state,
                );
            }
        }
        self.pieces = pieces;
        state
    }

    /// Goes through pieces of one document until the memo must be rearranged.
    #[inline(never)]
    fn pieces_from<S: Sink>(
        &mut self,
        states: &States,
        classes: &Classes,
        cursor: &mut Cursor<'_, S>,
        keys: &[Key],
        hashes: &[u32],
        bounds: &[u32],
        piece: &mut usize,
        base: usize,
        mut state: u32,
    ) -> u32 {
        let mask = self.entries.len() - 1;
        let entries = &mut self.entries[..mask + 1];
        let met = &mut self.met[..mask + 1];
        let mut n = self.met_len;
        for (part, ((keys, hashes), bounds)) in
            keys.chunks(AHEAD).zip(hashes.chunks(AHEAD)).zip(bounds.chunks(AHEAD)).enumerate()
        {
            for &hash in hashes {
                prefetch(&entries[hash as usize & mask]);
            }
            for (i, (&key, &hash)) in keys.iter().zip(hashes).enumerate() {
                let mut slot = (hash as usize).wrapping_add(state as usize) & mask;
                while !entries[slot].is(key, state) {
                    if entries[slot].key == Key::NONE {
                        self.met_len = n;
                        self.learn(states, classes, cursor, key, state);
                        *piece += part * AHEAD + i;
                        return state;
                    }
                    slot = (slot + 1) & mask;
                }
                let entry = &mut entries[slot];
                met[n & mask] = slot as u32;
                let counts = entry.list.wrapping_sub(1) < PLACES - 1;
                n += usize::from((entry.count == 0) & counts);
                entry.count += u32::from(counts);
                state = entry.to;
                if entry.list >= PLACES {
                    let list = &self.lists[(entry.list - PLACES) as usize..];
                    report(states, cursor, list, base + bounds[i] as usize);
                }
            }
        }
        *piece += keys.len();
        self.met_len = n;
        state
    }

    #[cold]
    #[inline(never)]
    fn learn<S: Sink>(
        &mut self,
        states: &States,
        classes: &Classes,
        cursor: &mut Cursor<'_, S>,
        key: Key,
        from: u32,
    ) -> usize {
        self.misses += 1;
        if self.used * 2 >= self.entries.len() || self.lists.len() > 4 * MOST_ENTRIES {
            self.flush(cursor);
            let len = if self.lists.len() > 4 * MOST_ENTRIES { self.entries.len() } else { self.entries.len() * 2 };
            if len > MOST_ENTRIES || self.lists.len() > 4 * MOST_ENTRIES {
                self.entries.fill(Entry::default());
                self.lists.truncate(1);
                self.used = 0;
            } else {
                self.met.resize(len, 0);
                let old = std::mem::replace(&mut self.entries, vec![Entry::default(); len]);
                for entry in old.into_iter().filter(|entry| entry.key != Key::default()) {
                    let slot = self.free(entry.key, entry.from);
                    self.entries[slot] = entry;
                }
            }
        }
        let mut state = from;
        self.found.clear();
        for (end, &byte) in (1..).zip(&key.bytes()[..key.len()]) {
            state = states.step(state, byte);
            self.found.extend(states.literals(state).map(|literal| (literal, end)));
        }
        state = match key.next() {
            Class::Dead => ROOT,
            next => states.reduced(state, |byte| classes.of(byte) == next),
        };
        let mut list = NOTHING;
        let mut places = false;
        if !self.found.is_empty() {
            list = self.lists.len() as u32;
            places = self.found.iter().any(|&(literal, _)| cursor.sink.places_matter(literal));
            self.lists.push(self.found.len() as u32);
            self.lists.extend(self.found.iter().map(|found| found.0));
            self.lists.extend(self.found.iter().map(|found| found.1));
        }
        let slot = self.free(key, from);
        self.entries[slot] =
            Entry { key, from, to: state, list: if places { list + PLACES } else { list }, count: 0 };
        self.used += 1;
        slot
    }

    fn free(&self, key: Key, state: u32) -> usize {
        let mask = self.entries.len() - 1;
        let mut slot = (key.hash() as usize).wrapping_add(state as usize) & mask;
        while self.entries[slot].key != Key::default() {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Reports what was counted.
    fn flush<S: Sink>(&mut self, cursor: &mut Cursor<'_, S>) {
        for &slot in &self.met[..std::mem::take(&mut self.met_len)] {
            let entry = &mut self.entries[slot as usize];
            let count = std::mem::take(&mut entry.count);
            let list = entry.list as usize;
            let len = self.lists[list] as usize;
            for &literal in &self.lists[list + 1..list + 1 + len] {
                cursor.sink.hits(literal, count.into());
            }
        }
    }
}
