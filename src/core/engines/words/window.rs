//! A window of the text, as walks read it.

use std::collections::VecDeque;

use super::effort;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::{first_char, is_space};

/// Text of a window: with the bits and places of its atoms it stays in the second-level cache.
pub const WINDOW: usize = 16 << 10;

/// The atoms of a part of a batch, with the document that walks have come to.
pub struct Window<'w> {
    pub boundaries: &'w Boundaries,
    /// The batch's text.
    pub text: &'w [u8],
    /// Where the window ends in it.
    pub end: usize,
    /// Where each atom begins and ends, counted from `start` and from `end_base`. Both are where the window begins, but for
    /// an atom that is longer than a window: its end may be farther away than 32 bits can tell.
    pub starts: &'w [u32],
    pub ends: &'w [u32],
    pub start: usize,
    pub end_base: usize,
    pub document: Span,
}

impl Window<'_> {
    /// How many atoms there are.
    #[inline]
    pub fn len(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Where an atom is in the batch's text.
    #[inline]
    pub fn atom(&self, atom: u32) -> (usize, usize) {
        (self.start_of(atom), self.end_base + self.ends[atom as usize] as usize)
    }

    #[inline]
    pub fn start_of(&self, atom: u32) -> usize {
        self.start + self.starts[atom as usize] as usize
    }

    /// Whether a character of a run ends at `start`.
    #[inline(never)]
    pub fn is_behind_run(&self, start: usize) -> bool {
        let before = &self.text[self.document.start..start];
        self.boundaries.word_ends_at(before, before.len())
    }

    /// Whether a character of a run begins at `end`.
    #[inline(never)]
    pub fn is_before_run(&self, end: usize) -> bool {
        self.boundaries.word_begins_at(&self.text[..self.document.end], end)
    }

    /// Whether there is white space from `from` to `to`, and nothing else; `None` if there is something else or the
    /// document's end.
    #[inline(always)]
    fn is_spaced(&self, from: usize, to: usize) -> Option<bool> {
        if to >= self.document.end {
            return None;
        }
        // As nearly all gaps are.
        if to == from || to == from + 1 && self.text[from] == b' ' {
            return Some(to > from);
        }
        is_spaced(&self.text[from..to])
    }
}

/// Whether what stands between two atoms is white space, and not nothing; `None` if there is something else.
pub fn is_spaced(mut gap: &[u8]) -> Option<bool> {
    effort::add(gap.len());
    let spaced = !gap.is_empty();
    while !gap.is_empty() {
        let (c, len) = first_char(gap);
        if !c.is_some_and(is_space) {
            return None;
        }
        gap = &gap[len..];
    }
    Some(spaced)
}

/// What a walk keeps of the text behind it, which goes on in the next window.
#[derive(Default)]
pub struct Trail {
    /// The text has been looked at up to here, and whether white space was seen since the last atom.
    seen: usize,
    spaced: bool,
    /// Where the last atoms of earlier windows begin: as many as the walk may still have to tell.
    starts: VecDeque<usize>,
}

impl Trail {
    /// An atom that ends here is the last one.
    #[inline(always)]
    pub fn pass(&mut self, end: usize) {
        self.seen = end;
        self.spaced = false;
    }

    /// Whether white space leads from the last atom to `to`; `None` if there is something else or the document's end.
    #[inline(always)]
    pub fn gap(&self, window: &Window<'_>, to: usize) -> Option<bool> {
        Some(window.is_spaced(self.seen, to)? | self.spaced)
    }

    /// Where an occurrence of so many atoms begins that ends with `atom`.
    #[inline]
    pub fn start(&self, window: &Window<'_>, atom: u32, atoms: u32) -> usize {
        match (atom + 1).checked_sub(atoms) {
            Some(first) => window.start_of(first),
            None => self.starts[self.starts.len() - (atoms - atom - 1) as usize],
        }
    }

    /// Goes on to the next window with so many atoms to remember. Tells where the first of them begins, or `None` if nothing
    /// can go on there: then the trail ends.
    pub fn leave(&mut self, window: &Window<'_>, atoms: u32) -> Option<usize> {
        let Some(spaced) = (if atoms == 0 { None } else { self.gap(window, window.end) }) else {
            self.starts.clear();
            return None;
        };
        self.seen = window.end;
        self.spaced = spaced;
        let new = atoms.min(window.len());
        self.starts.extend((window.len() - new..window.len()).map(|atom| window.start_of(atom)));
        self.starts.drain(..self.starts.len() - atoms as usize);
        self.starts.front().copied()
    }
}
