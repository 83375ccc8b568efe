//! The walk through the trie of forms, from an atom of the text.

use super::super::super::runs::Runs;
use super::super::super::text::Span;
use super::super::super::unicode::{first_char, is_space};
use super::super::Sink;
use super::atoms::Atoms;
use super::vocabulary::{Found, NONE};
use super::{Node, Words};

/// A walk through the trie from one place of the text.
pub struct Walk<'w> {
    pub words: &'w Words,
    pub window: &'w Window<'w>,
    pub start: usize,
}

/// What a walk has behind it.
#[derive(Clone, Copy)]
pub struct Behind {
    /// The last atom, and where it ends.
    pub atom: u32,
    pub end: usize,
    /// Whether white space must follow, which stood before an atom that was left out.
    pub spaced: bool,
}

impl Walk<'_> {
    /// Reports the form that ends at a node; tells whether others go on from there.
    #[inline(always)]
    pub fn report(&self, node: u32, behind: Behind, sink: &mut impl Sink) -> bool {
        let Self { words, window, start } = *self;
        let Node { form, goes_on, is_mark, .. } = words.nodes[node as usize];
        if form != NONE && !(is_mark && window.is_before_run(behind.end)) {
            sink.hit(form, start, behind.end);
        }
        goes_on
    }

    /// Goes on from a node by what was found in the next atom. `found` begins there, or with what else was found in the
    /// last atom. Only with patterns (`BRANCHES`) there is more than one find an atom.
    #[inline(never)]
    pub fn go_on<const BRANCHES: bool>(
        &self,
        mut node: u32,
        mut behind: Behind,
        mut found: &[Found],
        sink: &mut impl Sink,
    ) {
        let Self { words, window, .. } = *self;
        loop {
            if BRANCHES {
                self.skip_optional(node, behind, found, sink);
                while found.first().is_some_and(|other| other.atom == behind.atom) {
                    found = &found[1..];
                }
            }
            // A form goes on with the very next atom or not at all.
            let Some((&next, rest)) = found.split_first() else { return };
            if next.atom != behind.atom + 1 {
                return;
            }
            let (next_start, next_end) = window.atom(next.atom);
            let Some(spaced) = window.is_spaced(behind.end, next_start) else { return };
            let before = std::mem::replace(&mut behind, Behind { atom: next.atom, end: next_end, spaced: false });
            let step = if BRANCHES {
                if before.spaced && !spaced {
                    return;
                }
                self.last_way(node, behind, spaced && !before.spaced, &mut found, sink)
            } else {
                found = rest;
                words.steps.get(node, next.id, spaced)
            };
            match step {
                Some(step) => node = step,
                None => return,
            }
            if !self.report(node, behind, sink) {
                return;
            }
        }
    }

    /// Takes what was found in the atom `behind`, and goes all ways that lead on from a node but the last, which it gives.
    #[inline]
    fn last_way(
        &self,
        node: u32,
        behind: Behind,
        spaced: bool,
        found: &mut &[Found],
        sink: &mut impl Sink,
    ) -> Option<u32> {
        let mut last = None;
        while let Some((next, rest)) = found.split_first().filter(|(next, _)| next.atom == behind.atom) {
            *found = rest;
            if let Some(step) = self.words.steps.get(node, next.id, spaced)
                && let Some(aside) = last.replace(step)
            {
                self.branch(aside, behind, found, sink);
            }
        }
        last
    }

    /// Goes on from where the optional pattern would lead, as if it had matched nothing.
    #[inline]
    fn skip_optional(&self, node: u32, behind: Behind, found: &[Found], sink: &mut impl Sink) {
        let Some(optional) = self.words.optional else { return };
        for spaced in [false, true] {
            if let Some(step) = self.words.steps.get(node, optional, spaced) {
                self.branch(step, Behind { spaced: spaced || behind.spaced, ..behind }, found, sink);
            }
        }
    }

    /// A walk within a walk.
    #[inline(never)]
    pub fn branch(&self, node: u32, behind: Behind, found: &[Found], sink: &mut impl Sink) {
        if self.report(node, behind, sink) {
            self.go_on::<true>(node, behind, found, sink);
        }
    }
}

/// The atoms of a part of a batch, with the document that the walk has come to.
pub struct Window<'w> {
    pub runs: &'w Runs,
    /// The batch's text.
    pub text: &'w [u8],
    /// Where the window begins in it.
    pub start: usize,
    pub atoms: &'w Atoms,
    pub document: Span,
}

impl Window<'_> {
    /// Where an atom lies in the batch's text.
    #[inline]
    pub fn atom(&self, atom: u32) -> (usize, usize) {
        let atom = atom as usize;
        (self.start + self.atoms.starts()[atom] as usize, self.start + self.atoms.ends()[atom] as usize)
    }

    /// Whether a character of a run ends at `start`.
    #[inline(never)]
    pub fn is_behind_run(&self, start: usize) -> bool {
        let before = &self.text[self.document.start..start];
        self.runs.end_at(before, before.len())
    }

    /// Whether a character of a run begins at `end`.
    #[inline(never)]
    fn is_before_run(&self, end: usize) -> bool {
        self.runs.begin_at(&self.text[..self.document.end], end)
    }

    /// Whether there is white space between two atoms, `None` if there is something else or the document's end.
    fn is_spaced(&self, end: usize, next: usize) -> Option<bool> {
        if next >= self.document.end {
            return None;
        }
        is_spaced(&self.text[end..next])
    }
}

/// Whether what stands between two atoms is white space, and not nothing; `None` if there is something else.
#[inline]
pub fn is_spaced(mut gap: &[u8]) -> Option<bool> {
    // As it nearly always is.
    if let [b' '] = gap {
        return Some(true);
    }
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
