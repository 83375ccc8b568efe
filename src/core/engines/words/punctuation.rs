//! Decides which punctuation of a text is a token: punctuation that some pattern contains, next to bytes that the
//! pattern has there.
//!
//! A lexicon of emoticons contains nearly every punctuation character, but little of a text's punctuation can be part
//! of one. The neighbouring bytes decide. At the beginning of a pattern, a trie of the pattern's first bytes decides.
//! Without the trie, underlines of headings would be looked up dash by dash. With all punctuation as tokens, such a
//! lexicon was four times as slow as a lexicon of words.

use super::punctuation_filter::{NEAR_OFFSETS, PatternPosition, PunctuationFilter, UNDERLINE};
use crate::core::base::simd::Level;
use crate::core::engines::bit_positions::copy_bit;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;

/// What a pattern has next to a punctuation character.
#[derive(Clone, Copy, Debug)]
pub enum Neighbour {
    Byte(u8),
    /// Whitespace.
    Space,
    /// The pattern ends. No word character may follow (or precede), unless boundaries are adaptive.
    Outside,
    /// A wildcard, which may match anything.
    Any,
}

/// The first bytes of punctuation characters that are tokens, and the bytes that may be next to them.
#[derive(Clone)]
pub struct Punctuation {
    ascii: [bool; 128],
    /// Whether punctuation outside ASCII is a token, including bytes outside valid UTF-8.
    high: bool,
    /// Decides whether a pattern may end next to a byte. `None` if all punctuation characters are tokens, with any
    /// neighbours.
    boundaries: Option<Boundaries>,
    /// Created with the first ASCII punctuation character.
    neighbours: Option<Box<NeighbourTables>>,
}

#[derive(Clone)]
struct NeighbourTables {
    /// A trie of the first bytes of patterns that begin with ASCII punctuation: the next node by node and byte.
    trie: Vec<[u16; 256]>,
    /// The node of each punctuation character.
    roots: [u16; 128],
    /// By ASCII punctuation character and the byte before (or after) it: the positions that the character may have in
    /// a pattern, [`FIRST`] or [`INNER`].
    before: [[u8; 256]; 128],
    after: [[u8; 256]; 128],
    /// A coarser filter that runs first.
    filter: PunctuationFilter,
    /// Whether a byte may be part of whitespace, or be next to the end of a pattern.
    is_space: [bool; 256],
    is_outside: [bool; 256],
}

impl NeighbourTables {
    fn new(boundaries: &Boundaries) -> Self {
        // A byte outside ASCII may be part of any character.
        let of = |byte: usize| (byte < 128).then_some(byte as u8 as char);
        Self {
            trie: vec![[NOWHERE as u16; 256], [ANYWHERE as u16; 256]],
            roots: [NOWHERE as u16; 128],
            before: [[0; 256]; 128],
            after: [[0; 256]; 128],
            filter: PunctuationFilter::default(),
            is_space: std::array::from_fn(|byte| of(byte).is_none_or(char::is_whitespace)),
            is_outside: std::array::from_fn(|byte| {
                boundaries.is_adaptive || of(byte).is_none_or(|c| !boundaries.is_word_char(Some(c)))
            }),
        }
    }

    /// The bytes that this neighbour may be.
    fn bytes(&self, neighbour: Neighbour) -> impl Iterator<Item = u8> + use<> {
        let (bytes, is_it) = match neighbour {
            Neighbour::Byte(byte) => (byte..=byte, [true; 256]),
            Neighbour::Space => (0..=255, self.is_space),
            Neighbour::Outside => (0..=255, self.is_outside),
            Neighbour::Any => (0..=255, [true; 256]),
        };
        bytes.filter(move |&byte| is_it[usize::from(byte)])
    }

    fn add_first(&mut self, punctuation: u8, after: impl Iterator<Item = Neighbour>) {
        let mut node = usize::from(self.roots[usize::from(punctuation)]);
        if node == NOWHERE {
            node = self.trie.len();
            self.trie.push([NOWHERE as u16; 256]);
            self.roots[usize::from(punctuation)] = node as u16;
            self.bytes(Neighbour::Outside)
                .for_each(|byte| self.before[usize::from(punctuation)][usize::from(byte)] |= FIRST);
        }
        for (depth, neighbour) in (1..).zip(after) {
            if depth == 1 {
                self.bytes(neighbour)
                    .for_each(|byte| self.after[usize::from(punctuation)][usize::from(byte)] |= FIRST);
            }
            match neighbour {
                Neighbour::Byte(byte) if depth < DEPTH && self.trie.len() < MAX_NODES => {
                    let fresh = self.trie.len();
                    let next = &mut self.trie[node][usize::from(byte)];
                    if usize::from(*next) == NOWHERE {
                        *next = fresh as u16;
                        self.trie.push([NOWHERE as u16; 256]);
                    }
                    node = usize::from(self.trie[node][usize::from(byte)]);
                    if node == ANYWHERE {
                        return;
                    }
                }
                // Whitespace may continue, and so may a wildcard. After a pattern's end, anything may follow.
                _ => {
                    self.bytes(neighbour).for_each(|byte| self.trie[node][usize::from(byte)] = ANYWHERE as u16);
                    return;
                }
            }
        }
    }

    fn add_inner(&mut self, punctuation: u8, before: Neighbour, after: Neighbour) {
        self.bytes(before).for_each(|byte| self.before[usize::from(punctuation)][usize::from(byte)] |= INNER);
        self.bytes(after).for_each(|byte| self.after[usize::from(punctuation)][usize::from(byte)] |= INNER);
    }

    /// Adds a punctuation character to the filter, with its neighbours on both sides, nearest first.
    fn add_to_filter(
        &mut self,
        punctuation: u8,
        position: PatternPosition,
        before: impl Iterator<Item = Neighbour> + Clone,
        after: impl Iterator<Item = Neighbour> + Clone,
    ) {
        let neighbour = |by: isize| match by {
            ..0 => at_distance(before.clone(), by.unsigned_abs()),
            _ => at_distance(after.clone(), by.unsigned_abs()),
        };
        let underline = UNDERLINE as isize;
        let may_be_underlined = (-underline..=underline)
            .filter(|&by| by != 0)
            .all(|by| self.bytes(neighbour(by)).any(|byte| byte == punctuation));
        self.filter.add_punctuation(punctuation, may_be_underlined);
        for (i, &by) in NEAR_OFFSETS[position as usize].iter().enumerate() {
            self.bytes(neighbour(by)).for_each(|byte| self.filter.add_neighbour(punctuation, position, i, byte));
        }
    }

    /// The positions that a punctuation character may have in a pattern, given the bytes next to it.
    #[inline(always)]
    fn positions(&self, [before, punctuation, after]: [u8; 3]) -> u8 {
        let [before, punctuation, after] = [before, punctuation & 127, after].map(usize::from);
        self.before[punctuation][before] & self.after[punctuation][after]
    }

    /// Whether a pattern may begin with the second of these bytes, given the bytes after it.
    fn may_be_first(&self, [_, punctuation, after @ ..]: [u8; DEPTH + 2]) -> bool {
        let mut node = self.roots[usize::from(punctuation & 127)];
        after.iter().for_each(|&byte| node = self.trie[usize::from(node)][usize::from(byte)]);
        usize::from(node) != NOWHERE
    }
}

/// The neighbour at this distance. It is known only if all nearer neighbours are single bytes.
fn at_distance(mut side: impl Iterator<Item = Neighbour>, distance: usize) -> Neighbour {
    let mut neighbour = side.next();
    for _ in 1..distance {
        neighbour = match (neighbour, side.next()) {
            (Some(Neighbour::Byte(_)), Some(Neighbour::Byte(byte))) => Some(Neighbour::Byte(byte)),
            _ => None,
        };
    }
    neighbour.unwrap_or(Neighbour::Any)
}

/// A pattern begins with the character.
const FIRST: u8 = 1;
/// The character occurs after a pattern's beginning.
const INNER: u8 = 2;

/// The trie has this many bytes after a pattern's first punctuation character.
const DEPTH: usize = 4;
/// A node takes 512 bytes.
const MAX_NODES: usize = 4096;
/// No byte leads out of `NOWHERE`, and every byte leads from `ANYWHERE` back to it.
const NOWHERE: usize = 0;
const ANYWHERE: usize = 1;

impl Punctuation {
    pub fn all() -> Self {
        Self { ascii: [true; 128], high: true, boundaries: None, neighbours: None }
    }

    pub fn none(boundaries: &Boundaries) -> Self {
        Self { ascii: [false; 128], high: false, boundaries: Some(boundaries.clone()), neighbours: None }
    }

    /// Adds a punctuation character that a pattern begins with, by its first byte, and the pattern's rest, byte by
    /// byte.
    pub fn add_first(&mut self, punctuation: u8, after: impl Iterator<Item = Neighbour> + Clone) {
        if let Some(neighbours) = self.add(punctuation) {
            neighbours.add_to_filter(
                punctuation,
                PatternPosition::First,
                std::iter::once(Neighbour::Outside),
                after.clone(),
            );
            neighbours.add_first(punctuation, after);
        }
    }

    /// Adds a punctuation character within a pattern, with its neighbours on both sides, nearest first.
    pub fn add_inner(
        &mut self,
        punctuation: u8,
        before: impl Iterator<Item = Neighbour> + Clone,
        after: impl Iterator<Item = Neighbour> + Clone,
    ) {
        if let Some(neighbours) = self.add(punctuation) {
            neighbours.add_to_filter(punctuation, PatternPosition::Inner, before.clone(), after.clone());
            let [before, after] = [before.take(1).last(), after.take(1).last()];
            neighbours.add_inner(punctuation, before.unwrap_or(Neighbour::Any), after.unwrap_or(Neighbour::Any));
        }
    }

    /// Adds a punctuation character. Returns the tables for its neighbours if it is ASCII.
    fn add(&mut self, punctuation: u8) -> Option<&mut NeighbourTables> {
        let Some(is_token) = self.ascii.get_mut(punctuation as usize) else {
            self.high = true;
            return None;
        };
        *is_token = true;
        let boundaries = self.boundaries.as_ref()?;
        Some(self.neighbours.get_or_insert_with(|| Box::new(NeighbourTables::new(boundaries))))
    }

    /// The ASCII punctuation characters.
    pub fn ascii(&self) -> impl Iterator<Item = u8> {
        (0..128).filter(|&byte: &u8| self.ascii[byte as usize])
    }

    pub fn any_high(&self) -> bool {
        self.high
    }

    /// Selects the ASCII punctuation of a window that can be part of a pattern. `mask` has all of it. Punctuation
    /// near an end of the window or of a document is always selected, because its neighbours are unknown.
    pub fn likely(
        &self,
        level: Level,
        window: &[u8],
        documents: impl Iterator<Item = Span>,
        mask: &[u64],
        buffer: &mut Vec<u64>,
        likely: &mut Vec<u64>,
    ) {
        likely.clear();
        let Some(neighbours) = &self.neighbours else {
            // Either all punctuation is selected, or there is none.
            likely.extend_from_slice(mask);
            return;
        };
        likely.resize(mask.len(), 0);
        for document in documents.filter(|document| document.start < document.end) {
            copy_bit(mask, likely, document.start);
            let near_end = document.end.saturating_sub(DEPTH).max(document.start);
            (near_end..document.end).for_each(|at| copy_bit(mask, likely, at));
        }
        neighbours.filter.candidates(level, window, buffer);
        let mut unlikely_before = 0;
        for (i, ((&mask, &candidates), likely)) in mask.iter().zip(&*buffer).zip(likely).enumerate() {
            // The neighbouring bytes reject eight or nine of ten punctuation characters, without a branch.
            let (mut first, mut inner) = (0, 0);
            let mut rest = mask & candidates & !*likely;
            while rest != 0 {
                let position = rest.trailing_zeros();
                rest &= rest - 1;
                match (64 * i + position as usize).checked_sub(1).and_then(|at| window[at..].first_chunk()) {
                    Some(&filter) => {
                        let positions = neighbours.positions(filter);
                        first |= u64::from(positions & FIRST) << position;
                        inner |= u64::from(positions / INNER) << position;
                    }
                    None => *likely |= 1 << position,
                }
            }
            // Within a pattern, punctuation that follows other punctuation is possible only if that one is.
            let mut any = first | inner;
            while any != 0 {
                let bit = any & any.wrapping_neg();
                any ^= bit;
                let at = 64 * i + bit.trailing_zeros() as usize;
                let follows_unlikely = ((mask & !*likely) << 1 | unlikely_before) & bit != 0;
                let is_likely = inner & bit != 0 && !follows_unlikely
                    || first & bit != 0
                        && window[at - 1..].first_chunk().is_none_or(|&filter| neighbours.may_be_first(filter));
                *likely |= if is_likely { bit } else { 0 };
            }
            unlikely_before = (mask & !*likely) >> 63;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_punctuation_that_patterns_can_contain_stays() {
        use Neighbour::{Any, Byte, Outside, Space};
        let mut punctuation = Punctuation::none(&Boundaries::default());
        // `:)`, `f-o`, `: $`, `+?`, `---<o`, `:)x`
        punctuation.add_first(b':', [Byte(b')'), Outside].into_iter());
        punctuation.add_inner(b')', [Byte(b':')].into_iter(), [Outside].into_iter());
        punctuation.add_inner(b'-', [Byte(b'f')].into_iter(), [Byte(b'o')].into_iter());
        punctuation.add_first(b':', [Space, Byte(b'$'), Outside].into_iter());
        punctuation.add_inner(b'$', [Space].into_iter(), [Outside].into_iter());
        punctuation.add_first(b'+', [Any, Outside].into_iter());
        punctuation.add_first(b'-', [Byte(b'-'), Byte(b'-'), Byte(b'<'), Byte(b'o'), Outside].into_iter());
        punctuation.add_first(b':', [Byte(b')'), Byte(b'x'), Outside].into_iter());
        punctuation.add_first("…".as_bytes()[0], [Outside].into_iter());
        assert!(punctuation.any_high());
        assert_eq!(punctuation.ascii().collect::<Vec<_>>(), b"$)+-:");
        let cases: [(&str, &[usize]); 7] = [
            (" :) a:) :)x :)a .....", &[1, 2, 8]),
            (" f-o f-x x-o .....", &[2]),
            (" :\t$ : $1 :é$ .....", &[1, 3, 5, 10, 13]),
            (" +a a+ ++ .....", &[1, 7, 8]),
            (" ---- ---<x ---<o ---<oo .....", &[12, 18]),
            // At the ends of a window, the neighbours are unknown.
            (":", &[0]),
            ("-a:a", &[0]),
        ];
        for (text, expected) in cases {
            let is_punctuation = |at: &usize| b":)-$+".contains(&text.as_bytes()[*at]);
            let mask = [(0..text.len()).filter(is_punctuation).map(|at| 1 << at).sum()];
            for level in Level::all() {
                let mut likely = Vec::new();
                punctuation.likely(level, text.as_bytes(), std::iter::empty(), &mask, &mut Vec::new(), &mut likely);
                let kept: Vec<usize> = (0..text.len()).filter(|at| likely[0] >> at & 1 == 1).collect();
                assert_eq!(kept, expected, "{text}");
            }
            // The same, far from the ends of a window and across the ends of 64-byte words.
            for (level, before) in Level::all().into_iter().flat_map(|level| [90, 126, 128].map(|by| (level, by))) {
                let long = format!("{}{text}{}", "a ".repeat(before / 2), " a".repeat(100));
                let mut masks = vec![0; long.len().div_ceil(64)];
                (0..text.len())
                    .filter(is_punctuation)
                    .map(|at| at + before)
                    .for_each(|at| masks[at / 64] |= 1 << (at % 64));
                let mut likely = Vec::new();
                punctuation.likely(level, long.as_bytes(), std::iter::empty(), &masks, &mut Vec::new(), &mut likely);
                let kept: Vec<usize> = (0..text.len())
                    .filter(|at| likely[(at + before) / 64] >> ((at + before) % 64) & 1 == 1)
                    .collect();
                let inside = expected.iter().filter(|&&at| text.len() > 2 && at > 0 && at + DEPTH < text.len());
                assert!(inside.clone().all(|at| kept.contains(at)), "{text}: {kept:?}");
                assert!(kept.iter().all(|at| expected.contains(at)), "{text}: {kept:?}");
            }
        }
        // At the ends of documents, the neighbours are unknown, too.
        let mut likely = Vec::new();
        let documents = [Span { start: 0, end: 7 }, Span { start: 7, end: 20 }];
        let text = b":a:a:a::aaaaaaaaaaaa";
        punctuation.likely(
            Level::PORTABLE,
            text,
            documents.into_iter(),
            &[0b1101_0101],
            &mut Vec::new(),
            &mut likely,
        );
        assert_eq!(likely, [0b1101_0001]);
    }
}
