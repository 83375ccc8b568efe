//! Which punctuation of a text are tokens: those that some pattern holds, neighbour such bytes as that pattern has neighbour them.
//!
//! A lexicon with emoticons holds nearly every punctuation that there is, but few of a text's punctuation can be part of one. What stands
//! neighbour a punctuation tells: the bytes next to it, and for one that begins a pattern the pattern's first bytes, as a trie (for less,
//! the underlines of headings would be looked up, dash by dash). With all punctuation as tokens such a lexicon was four times as
//! slow as one of words alone.

use super::punctuation_filter::{NEAR_OFFSETS, PatternPosition, PunctuationFilter, UNDERLINE};
use crate::core::base::simd::Level;
use crate::core::engines::bit_positions::copy_bit;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;

/// What a pattern has neighbour a punctuation.
#[derive(Clone, Copy, Debug)]
pub enum Neighbour {
    Byte(u8),
    /// White space.
    Space,
    /// The pattern ends: no character of a run may stand there.
    Outside,
    /// A wildcard, which may be anything.
    Any,
}

/// A set of punctuation, by their first byte, and of the bytes that may stand neighbour them.
#[derive(Clone)]
pub struct Punctuation {
    ascii: [bool; 128],
    /// Whether punctuation that are not ASCII are tokens, bytes outside valid UTF-8 among them.
    high: bool,
    /// What tells whether a pattern may end neighbour a byte; `None` if all punctuation are tokens, whatever stands neighbour them.
    boundaries: Option<Boundaries>,
    /// The neighbours of ASCII punctuation, once there is one.
    neighbours: Option<Box<NeighbourTables>>,
}

#[derive(Clone)]
struct NeighbourTables {
    /// A trie of the first bytes of patterns that begin with an ASCII punctuation: for each node and byte, the next node.
    trie: Vec<[u16; 256]>,
    /// The node of each punctuation.
    roots: [u16; 128],
    /// For each ASCII punctuation and the byte before or after it, which positions the punctuation may have in a pattern: [`FIRST`], [`INNER`].
    before: [[u8; 256]; 128],
    after: [[u8; 256]; 128],
    /// The same, coarser.
    around: PunctuationFilter,
    /// Whether a byte may be part of what a pattern has neighbour a punctuation.
    is_space: [bool; 256],
    is_outside: [bool; 256],
}

impl NeighbourTables {
    fn new(boundaries: &Boundaries) -> Self {
        // A byte that is not ASCII may be part of any character.
        let of = |byte: usize| (byte < 128).then_some(byte as u8 as char);
        Self {
            trie: vec![[NOWHERE as u16; 256], [ANYWHERE as u16; 256]],
            roots: [NOWHERE as u16; 128],
            before: [[0; 256]; 128],
            after: [[0; 256]; 128],
            around: PunctuationFilter::default(),
            is_space: std::array::from_fn(|byte| of(byte).is_none_or(char::is_whitespace)),
            is_outside: std::array::from_fn(|byte| of(byte).is_none_or(|c| !boundaries.is_word_char(Some(c)))),
        }
    }

    /// The bytes that may be what a pattern has neighbour a punctuation.
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
                // White space may go on, a wildcard too; after a pattern's end anything may stand.
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

    /// What stands before and after a punctuation, the nearest first.
    fn add_around(
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
        self.around.add_punctuation(punctuation, may_be_underlined);
        for (i, &by) in NEAR_OFFSETS[position as usize].iter().enumerate() {
            self.bytes(neighbour(by)).for_each(|byte| self.around.add_neighbour(punctuation, position, i, byte));
        }
    }

    /// Which positions a punctuation may have in a pattern, by the bytes next to it.
    #[inline(always)]
    fn positions(&self, [before, punctuation, after]: [u8; 3]) -> u8 {
        let [before, punctuation, after] = [before, punctuation & 127, after].map(usize::from);
        self.before[punctuation][before] & self.after[punctuation][after]
    }

    /// Whether a punctuation, the second of these bytes, may be a pattern's first, if the bytes next to it say so.
    fn may_be_first(&self, [_, punctuation, after @ ..]: [u8; DEPTH + 2]) -> bool {
        let mut node = self.roots[usize::from(punctuation & 127)];
        after.iter().for_each(|&byte| node = self.trie[usize::from(node)][usize::from(byte)]);
        usize::from(node) != NOWHERE
    }
}

/// What stands so many bytes away: extra than the next, only a byte after bytes is sure.
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

/// A pattern's first character.
const FIRST: u8 = 1;
/// Another one.
const INNER: u8 = 2;

/// How many bytes after a pattern's first punctuation are looked at.
const DEPTH: usize = 4;
/// Of 512 bytes each.
const MAX_NODES: usize = 4096;
/// The node from which nothing leads away, and that from which everything leads back to itself.
const NOWHERE: usize = 0;
const ANYWHERE: usize = 1;

impl Punctuation {
    pub fn all() -> Self {
        Self { ascii: [true; 128], high: true, boundaries: None, neighbours: None }
    }

    pub fn none(boundaries: &Boundaries) -> Self {
        Self { ascii: [false; 128], high: false, boundaries: Some(boundaries.clone()), neighbours: None }
    }

    /// Adds the first punctuation of a pattern, by its first byte, and what the pattern has after it, one by one up to its end.
    pub fn add_first(&mut self, punctuation: u8, after: impl Iterator<Item = Neighbour> + Clone) {
        if let Some(neighbours) = self.add(punctuation) {
            neighbours.add_around(
                punctuation,
                PatternPosition::First,
                std::iter::once(Neighbour::Outside),
                after.clone(),
            );
            neighbours.add_first(punctuation, after);
        }
    }

    /// Adds another punctuation of a pattern, and what stands before it, the nearest first, and after it.
    pub fn add_inner(
        &mut self,
        punctuation: u8,
        before: impl Iterator<Item = Neighbour> + Clone,
        after: impl Iterator<Item = Neighbour> + Clone,
    ) {
        if let Some(neighbours) = self.add(punctuation) {
            neighbours.add_around(punctuation, PatternPosition::Inner, before.clone(), after.clone());
            let [before, after] = [before.take(1).last(), after.take(1).last()];
            neighbours.add_inner(punctuation, before.unwrap_or(Neighbour::Any), after.unwrap_or(Neighbour::Any));
        }
    }

    /// Adds a punctuation; gives what is to learn its neighbours, if it is ASCII.
    fn add(&mut self, punctuation: u8) -> Option<&mut NeighbourTables> {
        let Some(holds) = self.ascii.get_mut(punctuation as usize) else {
            self.high = true;
            return None;
        };
        *holds = true;
        let boundaries = self.boundaries.as_ref()?;
        Some(self.neighbours.get_or_insert_with(|| Box::new(NeighbourTables::new(boundaries))))
    }

    /// Those that are ASCII.
    pub fn ascii(&self) -> impl Iterator<Item = u8> {
        (0..128).filter(|&byte: &u8| self.ascii[byte as usize])
    }

    pub fn any_high(&self) -> bool {
        self.high
    }

    /// Of a window's ASCII punctuation, given as a mask, those that can be part of a pattern. One next to an end of the window
    /// or of a document is, since what is neighbour it in the document is not seen.
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
            // All of them, or there are none.
            likely.extend_from_slice(mask);
            return;
        };
        likely.resize(mask.len(), 0);
        for document in documents.filter(|document| document.start < document.end) {
            copy_bit(mask, likely, document.start);
            let near_end = document.end.saturating_sub(DEPTH).max(document.start);
            (near_end..document.end).for_each(|at| copy_bit(mask, likely, at));
        }
        neighbours.around.candidates(level, window, buffer);
        let mut unlikely_before = 0;
        for (i, ((&mask, &candidates), likely)) in mask.iter().zip(&*buffer).zip(likely).enumerate() {
            // What the bytes next to a punctuation tell, without a branch: of ten punctuation one or two are left.
            let (mut first, mut inner) = (0, 0);
            let mut rest = mask & candidates & !*likely;
            while rest != 0 {
                let position = rest.trailing_zeros();
                rest &= rest - 1;
                match (64 * i + position as usize).checked_sub(1).and_then(|at| window[at..].first_chunk()) {
                    Some(&around) => {
                        let positions = neighbours.positions(around);
                        first |= u64::from(positions & FIRST) << position;
                        inner |= u64::from(positions / INNER) << position;
                    }
                    None => *likely |= 1 << position,
                }
            }
            // Behind another punctuation one extra on is likely only if that one is.
            let mut any = first | inner;
            while any != 0 {
                let bit = any & any.wrapping_neg();
                any ^= bit;
                let at = 64 * i + bit.trailing_zeros() as usize;
                let follows_unlikely = ((mask & !*likely) << 1 | unlikely_before) & bit != 0;
                let is_likely = inner & bit != 0 && !follows_unlikely
                    || first & bit != 0
                        && window[at - 1..].first_chunk().is_none_or(|&around| neighbours.may_be_first(around));
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
            // At the ends of a window nobody knows.
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
            // The same, far from both ends of a window, and from those of words of 64 bytes.
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
        // Nor at those of documents.
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
