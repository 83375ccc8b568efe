//! Which marks of a text are atoms: those that some form holds, beside such bytes as that form has beside them.
//!
//! A lexicon with emoticons holds nearly every mark that there is, but few of a text's marks can be part of one. What stands
//! beside a mark tells: the bytes next to it, and for one that begins a form the form's first bytes, as a trie (for less,
//! the underlines of headings would be looked up, dash by dash). With all marks as atoms such a lexicon was four times as
//! slow as one of words alone.

use super::around::{Around, NEAR, Place, UNDERLINE};
use crate::core::base::simd::Level;
use crate::core::engines::bit_positions::copy_bit;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;

/// What a form has beside a mark.
#[derive(Clone, Copy, Debug)]
pub enum Beside {
    Byte(u8),
    /// White space.
    Space,
    /// The form ends: no character of a run may stand there.
    Outside,
    /// A wildcard, which may be anything.
    Any,
}

/// A set of marks, by their first byte, and of the bytes that may stand beside them.
#[derive(Clone)]
pub struct Marks {
    ascii: [bool; 128],
    /// Whether marks that are not ASCII are atoms, bytes outside valid UTF-8 among them.
    high: bool,
    /// What tells whether a form may end beside a byte; `None` if all marks are atoms, whatever stands beside them.
    boundaries: Option<Boundaries>,
    /// The neighbours of ASCII marks, once there is one.
    neighbours: Option<Box<Neighbours>>,
}

#[derive(Clone)]
struct Neighbours {
    /// A trie of the first bytes of forms that begin with an ASCII mark: for each node and byte, the next node.
    trie: Vec<[u16; 256]>,
    /// The node of each mark.
    roots: [u16; 128],
    /// For each ASCII mark and the byte before or behind it, which places the mark may have in a form: [`FIRST`], [`INNER`].
    before: [[u8; 256]; 128],
    behind: [[u8; 256]; 128],
    /// The same, coarser.
    around: Around,
    /// Whether a byte may be part of what a form has beside a mark.
    is_space: [bool; 256],
    is_outside: [bool; 256],
}

impl Neighbours {
    fn new(boundaries: &Boundaries) -> Self {
        // A byte that is not ASCII may be part of any character.
        let of = |byte: usize| (byte < 128).then_some(byte as u8 as char);
        Self {
            trie: vec![[NOWHERE as u16; 256], [ANYWHERE as u16; 256]],
            roots: [NOWHERE as u16; 128],
            before: [[0; 256]; 128],
            behind: [[0; 256]; 128],
            around: Around::default(),
            is_space: std::array::from_fn(|byte| of(byte).is_none_or(char::is_whitespace)),
            is_outside: std::array::from_fn(|byte| of(byte).is_none_or(|c| !boundaries.is_word_char(Some(c)))),
        }
    }

    /// The bytes that may be what a form has beside a mark.
    fn bytes(&self, beside: Beside) -> impl Iterator<Item = u8> + use<> {
        let (bytes, is_it) = match beside {
            Beside::Byte(byte) => (byte..=byte, [true; 256]),
            Beside::Space => (0..=255, self.is_space),
            Beside::Outside => (0..=255, self.is_outside),
            Beside::Any => (0..=255, [true; 256]),
        };
        bytes.filter(move |&byte| is_it[usize::from(byte)])
    }

    fn add_first(&mut self, mark: u8, behind: impl Iterator<Item = Beside>) {
        let mut node = usize::from(self.roots[usize::from(mark)]);
        if node == NOWHERE {
            node = self.trie.len();
            self.trie.push([NOWHERE as u16; 256]);
            self.roots[usize::from(mark)] = node as u16;
            self.bytes(Beside::Outside).for_each(|byte| self.before[usize::from(mark)][usize::from(byte)] |= FIRST);
        }
        for (depth, beside) in (1..).zip(behind) {
            if depth == 1 {
                self.bytes(beside).for_each(|byte| self.behind[usize::from(mark)][usize::from(byte)] |= FIRST);
            }
            match beside {
                Beside::Byte(byte) if depth < DEPTH && self.trie.len() < MOST_NODES => {
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
                // White space may go on, a wildcard too; behind a form's end anything may stand.
                _ => {
                    self.bytes(beside).for_each(|byte| self.trie[node][usize::from(byte)] = ANYWHERE as u16);
                    return;
                }
            }
        }
    }

    fn add_inner(&mut self, mark: u8, before: Beside, behind: Beside) {
        self.bytes(before).for_each(|byte| self.before[usize::from(mark)][usize::from(byte)] |= INNER);
        self.bytes(behind).for_each(|byte| self.behind[usize::from(mark)][usize::from(byte)] |= INNER);
    }

    /// What stands before and behind a mark, the nearest first.
    fn add_around(
        &mut self,
        mark: u8,
        place: Place,
        before: impl Iterator<Item = Beside> + Clone,
        behind: impl Iterator<Item = Beside> + Clone,
    ) {
        let beside = |by: isize| match by {
            ..0 => at_distance(before.clone(), by.unsigned_abs()),
            _ => at_distance(behind.clone(), by.unsigned_abs()),
        };
        let underline = UNDERLINE as isize;
        let may_be_underlined =
            (-underline..=underline).filter(|&by| by != 0).all(|by| self.bytes(beside(by)).any(|byte| byte == mark));
        self.around.add_mark(mark, may_be_underlined);
        for (i, &by) in NEAR[place as usize].iter().enumerate() {
            self.bytes(beside(by)).for_each(|byte| self.around.add_beside(mark, place, i, byte));
        }
    }

    /// Which places a mark may have in a form, by the bytes next to it.
    #[inline(always)]
    fn places(&self, [before, mark, behind]: [u8; 3]) -> u8 {
        let [before, mark, behind] = [before, mark & 127, behind].map(usize::from);
        self.before[mark][before] & self.behind[mark][behind]
    }

    /// Whether a mark, the second of these bytes, may be a form's first, if the bytes next to it say so.
    fn may_be_first(&self, [_, mark, behind @ ..]: [u8; DEPTH + 2]) -> bool {
        let mut node = self.roots[usize::from(mark & 127)];
        behind.iter().for_each(|&byte| node = self.trie[usize::from(node)][usize::from(byte)]);
        usize::from(node) != NOWHERE
    }
}

/// What stands so many bytes away: further than the next, only a byte behind bytes is sure.
fn at_distance(mut side: impl Iterator<Item = Beside>, distance: usize) -> Beside {
    let mut beside = side.next();
    for _ in 1..distance {
        beside = match (beside, side.next()) {
            (Some(Beside::Byte(_)), Some(Beside::Byte(byte))) => Some(Beside::Byte(byte)),
            _ => None,
        };
    }
    beside.unwrap_or(Beside::Any)
}

/// A form's first character.
const FIRST: u8 = 1;
/// Another one.
const INNER: u8 = 2;

/// How many bytes behind a form's first mark are looked at.
const DEPTH: usize = 4;
/// Of 512 bytes each.
const MOST_NODES: usize = 4096;
/// The node from which nothing leads away, and that from which everything leads back to itself.
const NOWHERE: usize = 0;
const ANYWHERE: usize = 1;

impl Marks {
    pub fn all() -> Self {
        Self { ascii: [true; 128], high: true, boundaries: None, neighbours: None }
    }

    pub fn none(boundaries: &Boundaries) -> Self {
        Self { ascii: [false; 128], high: false, boundaries: Some(boundaries.clone()), neighbours: None }
    }

    /// Adds the first mark of a form, by its first byte, and what the form has behind it, one by one up to its end.
    pub fn add_first(&mut self, mark: u8, behind: impl Iterator<Item = Beside> + Clone) {
        if let Some(neighbours) = self.add(mark) {
            neighbours.add_around(mark, Place::First, std::iter::once(Beside::Outside), behind.clone());
            neighbours.add_first(mark, behind);
        }
    }

    /// Adds another mark of a form, and what stands before it, the nearest first, and behind it.
    pub fn add_inner(
        &mut self,
        mark: u8,
        before: impl Iterator<Item = Beside> + Clone,
        behind: impl Iterator<Item = Beside> + Clone,
    ) {
        if let Some(neighbours) = self.add(mark) {
            neighbours.add_around(mark, Place::Inner, before.clone(), behind.clone());
            let [before, behind] = [before.take(1).last(), behind.take(1).last()];
            neighbours.add_inner(mark, before.unwrap_or(Beside::Any), behind.unwrap_or(Beside::Any));
        }
    }

    /// Adds a mark; gives what is to learn its neighbours, if it is ASCII.
    fn add(&mut self, mark: u8) -> Option<&mut Neighbours> {
        let Some(holds) = self.ascii.get_mut(mark as usize) else {
            self.high = true;
            return None;
        };
        *holds = true;
        let boundaries = self.boundaries.as_ref()?;
        Some(self.neighbours.get_or_insert_with(|| Box::new(Neighbours::new(boundaries))))
    }

    /// Those that are ASCII.
    pub fn ascii(&self) -> impl Iterator<Item = u8> {
        (0..128).filter(|&byte: &u8| self.ascii[byte as usize])
    }

    pub fn any_high(&self) -> bool {
        self.high
    }

    /// Of a window's ASCII marks, given as a mask, those that can be part of a form. One next to an end of the window
    /// or of a document is, since what is beside it in the document is not seen.
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
            let unseen = document.end.saturating_sub(DEPTH).max(document.start);
            (unseen..document.end).for_each(|at| copy_bit(mask, likely, at));
        }
        neighbours.around.to_be_looked_at(level, window, buffer);
        let mut unlikely_before = 0;
        for (i, ((&mask, &looked_at), likely)) in mask.iter().zip(&*buffer).zip(likely).enumerate() {
            // What the bytes next to a mark tell, without a branch: of ten marks one or two are left.
            let (mut first, mut inner) = (0, 0);
            let mut rest = mask & looked_at & !*likely;
            while rest != 0 {
                let place = rest.trailing_zeros();
                rest &= rest - 1;
                match (64 * i + place as usize).checked_sub(1).and_then(|at| window[at..].first_chunk()) {
                    Some(&around) => {
                        let places = neighbours.places(around);
                        first |= u64::from(places & FIRST) << place;
                        inner |= u64::from(places / INNER) << place;
                    }
                    None => *likely |= 1 << place,
                }
            }
            // Behind another mark one further on is likely only if that one is.
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
    fn marks_stay_where_a_form_may_hold_them() {
        use Beside::{Any, Byte, Outside, Space};
        let mut marks = Marks::none(&Boundaries::default());
        // `:)`, `f-o`, `: $`, `+?`, `---<o`, `:)x`
        marks.add_first(b':', [Byte(b')'), Outside].into_iter());
        marks.add_inner(b')', [Byte(b':')].into_iter(), [Outside].into_iter());
        marks.add_inner(b'-', [Byte(b'f')].into_iter(), [Byte(b'o')].into_iter());
        marks.add_first(b':', [Space, Byte(b'$'), Outside].into_iter());
        marks.add_inner(b'$', [Space].into_iter(), [Outside].into_iter());
        marks.add_first(b'+', [Any, Outside].into_iter());
        marks.add_first(b'-', [Byte(b'-'), Byte(b'-'), Byte(b'<'), Byte(b'o'), Outside].into_iter());
        marks.add_first(b':', [Byte(b')'), Byte(b'x'), Outside].into_iter());
        marks.add_first("…".as_bytes()[0], [Outside].into_iter());
        assert!(marks.any_high());
        assert_eq!(marks.ascii().collect::<Vec<_>>(), b"$)+-:");
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
            let is_mark = |at: &usize| b":)-$+".contains(&text.as_bytes()[*at]);
            let mask = [(0..text.len()).filter(is_mark).map(|at| 1 << at).sum()];
            for level in Level::all() {
                let mut likely = Vec::new();
                marks.likely(level, text.as_bytes(), std::iter::empty(), &mask, &mut Vec::new(), &mut likely);
                let kept: Vec<usize> = (0..text.len()).filter(|at| likely[0] >> at & 1 == 1).collect();
                assert_eq!(kept, expected, "{text}");
            }
            // The same, far from both ends of a window, and from those of words of 64 bytes.
            for (level, before) in Level::all().into_iter().flat_map(|level| [90, 126, 128].map(|by| (level, by))) {
                let long = format!("{}{text}{}", "a ".repeat(before / 2), " a".repeat(100));
                let mut masks = vec![0; long.len().div_ceil(64)];
                (0..text.len()).filter(is_mark).map(|at| at + before).for_each(|at| masks[at / 64] |= 1 << (at % 64));
                let mut likely = Vec::new();
                marks.likely(level, long.as_bytes(), std::iter::empty(), &masks, &mut Vec::new(), &mut likely);
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
        marks.likely(Level::PORTABLE, text, documents.into_iter(), &[0b1101_0101], &mut Vec::new(), &mut likely);
        assert_eq!(likely, [0b1101_0001]);
    }
}
