//! Which marks of a text are atoms: those that some form holds, beside such bytes as that form has beside them.
//!
//! A lexicon with emoticons holds nearly every mark that there is, but few of a text's marks can be part of one. What stands
//! beside a mark, one byte on each side, tells: then the others need not be looked up, which made such a lexicon four
//! times as slow as one of words alone.

use super::super::super::runs::Runs;
use super::super::super::text::Span;
use super::masks::copy_bit;

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
    /// The neighbours of ASCII marks; `None` if all are atoms, whatever stands beside them.
    neighbours: Option<Box<Neighbours>>,
}

/// For each ASCII mark and the byte before it, or behind it, at which places of a form they may be: a bit for each of
/// [`FIRST`] and [`INNER`].
#[derive(Clone)]
struct Neighbours {
    before: [[u8; 256]; 128],
    behind: [[u8; 256]; 128],
    /// Whether a byte may be what a form has beside a mark.
    is_space: [bool; 256],
    is_outside: [bool; 256],
}

/// The mark is a form's first character.
const FIRST: u8 = 1;
/// It is further on.
const INNER: u8 = 2;

impl Marks {
    pub fn all() -> Self {
        Self { ascii: [true; 128], high: true, neighbours: None }
    }

    pub fn none(runs: &Runs) -> Self {
        // A byte that is not ASCII may be part of any character.
        let of = |byte: usize| (byte < 128).then_some(byte as u8 as char);
        let neighbours = Neighbours {
            before: [[0; 256]; 128],
            behind: [[0; 256]; 128],
            is_space: std::array::from_fn(|byte| of(byte).is_none_or(char::is_whitespace)),
            is_outside: std::array::from_fn(|byte| of(byte).is_none_or(|c| !runs.hold(Some(c)))),
        };
        Self { ascii: [false; 128], high: false, neighbours: Some(Box::new(neighbours)) }
    }

    /// Adds a mark of a form, by its first byte: whether the form begins with it, and what it has beside it.
    pub fn add(&mut self, mark: u8, is_first: bool, before: Beside, behind: Beside) {
        match self.ascii.get_mut(mark as usize) {
            Some(holds) => *holds = true,
            None => {
                self.high = true;
                return;
            }
        }
        let Some(neighbours) = &mut self.neighbours else { return };
        let Neighbours { before: all_before, behind: all_behind, is_space, is_outside } = &mut **neighbours;
        let place = if is_first { FIRST } else { INNER };
        let add = |bytes: &mut [u8; 256], beside: Beside| match beside {
            Beside::Byte(byte) => bytes[byte as usize] |= place,
            Beside::Space => bytes.iter_mut().zip(&*is_space).for_each(|(byte, is)| *byte |= place * u8::from(*is)),
            Beside::Outside => {
                bytes.iter_mut().zip(&*is_outside).for_each(|(byte, is)| *byte |= place * u8::from(*is))
            }
            Beside::Any => bytes.iter_mut().for_each(|byte| *byte |= place),
        };
        add(&mut all_before[mark as usize], before);
        add(&mut all_behind[mark as usize], behind);
    }

    /// Those that are ASCII.
    pub fn ascii(&self) -> impl Iterator<Item = u8> {
        (0..128).filter(|&byte: &u8| self.ascii[byte as usize])
    }

    pub fn any_high(&self) -> bool {
        self.high
    }

    /// Of a window's ASCII marks, given as a mask, those that can be part of a form. One at an end of the window or of a
    /// document is, since what is beside it in the document is not seen.
    pub fn likely(&self, window: &[u8], documents: impl Iterator<Item = Span>, mask: &[u64], likely: &mut Vec<u64>) {
        likely.clear();
        likely.extend_from_slice(mask);
        let Some(neighbours) = &self.neighbours else { return };
        let Neighbours { before, behind, .. } = &**neighbours;
        for (i, word) in likely.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest & rest.wrapping_neg();
                let at = 64 * i + rest.trailing_zeros() as usize;
                rest ^= bit;
                let Some(&[a, mark, b]) = at.checked_sub(1).and_then(|at| window[at..].first_chunk()) else {
                    continue;
                };
                let mark = usize::from(mark & 127);
                let is_likely = before[mark][a as usize] & behind[mark][b as usize] != 0;
                *word ^= if is_likely { 0 } else { bit };
            }
        }
        for document in documents.filter(|document| document.start < document.end) {
            copy_bit(mask, likely, document.start);
            copy_bit(mask, likely, document.end - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stay_where_a_form_may_hold_them() {
        use Beside::{Any, Byte, Outside, Space};
        let mut marks = Marks::none(&Runs::default());
        // `:)`, `f-o`, `: $`, `+?`
        marks.add(b':', true, Outside, Byte(b')'));
        marks.add(b')', false, Byte(b':'), Outside);
        marks.add(b'-', false, Byte(b'f'), Byte(b'o'));
        marks.add(b':', true, Outside, Space);
        marks.add(b'$', false, Space, Outside);
        marks.add(b'+', true, Outside, Any);
        marks.add("…".as_bytes()[0], true, Outside, Outside);
        assert!(marks.any_high());
        assert_eq!(marks.ascii().collect::<Vec<_>>(), b"$)+-:");
        let cases: [(&str, &[usize]); 6] = [
            (" :) a:) :)a :( ", &[1, 2, 6, 8]),
            (" f-o f-x x-o ", &[2]),
            (" :\t$ : $1 :é$ ", &[1, 3, 5, 10, 13]),
            (" +a a+ ++ ", &[1, 7, 8]),
            // At the ends of a window nobody knows.
            (":", &[0]),
            ("-a-", &[0, 2]),
        ];
        for (text, expected) in cases {
            let is_mark = |at: &usize| b":)-$+".contains(&text.as_bytes()[*at]);
            let mask = [(0..text.len()).filter(is_mark).map(|at| 1 << at).sum()];
            let mut likely = Vec::new();
            marks.likely(text.as_bytes(), std::iter::empty(), &mask, &mut likely);
            let kept: Vec<usize> = (0..text.len()).filter(|at| likely[0] >> at & 1 == 1).collect();
            assert_eq!(kept, expected, "{text}");
        }
        // Nor at those of documents.
        let mut likely = Vec::new();
        let documents = [Span { start: 0, end: 4 }, Span { start: 4, end: 7 }];
        marks.likely(b"a:):a:a", documents.into_iter(), &[0b010_1110], &mut likely);
        assert_eq!(likely, [0b000_1100]);
    }
}
