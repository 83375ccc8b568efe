//! The walk through the trie of forms without patterns: it reads each atom once.

use super::trie::{Node, Trie};
use super::vocabulary::{Found, NONE};
use super::window::{Trail, Window};
use crate::core::engines::engine::MatchCallback;

/// A walk, which may go on in the next window.
pub struct Walk {
    /// The longest path that ends with the last atom and that some form goes on from; [`NONE`] if there is none.
    node: u32,
    trail: Trail,
    /// Occurrences since it was last asked whether to go on.
    work: usize,
    is_alone: bool,
}

/// So many are reported before it is asked whether to go on.
const WORK: usize = 1 << 18;

impl Default for Walk {
    fn default() -> Self {
        Self { node: NONE, trail: Trail::default(), work: 0, is_alone: false }
    }
}

impl Walk {
    /// Begins with the first of `found`, which is led on or a mark. Tells the number of the atom before which the walk ends: no form that is to be
    /// reported begins with an earlier one.
    pub fn begin(
        &mut self,
        trie: &Trie,
        window: &Window<'_>,
        found: &[Found],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        let Found { atom, id } = found[0];
        let root = trie.root(id);
        let node = trie.node(root);
        if node.is_mark && !begin_with_mark(node, window, atom, callback) {
            return atom + 1;
        }
        // As for most pairs that the filter lets through.
        if found.get(1).is_some_and(|next| next.atom == atom + 1 && !node.may_lead(next.id)) {
            return atom + 1;
        }
        self.node = root;
        self.trail.pass(window.atom(atom).1);
        self.go_on(trie, window, atom + 1, &found[1..], callback)
    }

    /// Forgets where it was, before another text. Where it is alone, nothing else reports occurrences while it goes on.
    pub fn reset(&mut self, is_alone: bool) {
        self.node = NONE;
        self.is_alone = is_alone;
    }

    /// Goes on with the first atom of a window, if the walk came to its beginning.
    pub fn resume(
        &mut self,
        trie: &Trie,
        window: &Window<'_>,
        found: &[Found],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        if self.node == NONE { 0 } else { self.go_on(trie, window, 0, found, callback) }
    }

    /// Goes on with an atom; `found` begins with it, if it was found.
    #[inline(never)]
    fn go_on(
        &mut self,
        trie: &Trie,
        window: &Window<'_>,
        mut atom: u32,
        found: &[Found],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        let mut node = std::mem::replace(&mut self.node, NONE);
        let mut found = found.iter();
        while atom < window.len() {
            let Some(&Found { id, .. }) = found.next().filter(|next| next.atom == atom) else { return atom };
            let (start, end) = window.atom(atom);
            let Some(spaced) = self.trail.gap(window, start) else { return atom };
            let mut step = trie.step(node, id, spaced);
            while step == NONE {
                node = trie.node(node).suffix;
                if node == NONE {
                    return atom;
                }
                step = trie.step(node, id, spaced);
            }
            self.trail.pass(end);
            let own = trie.node(step);
            let longest = if own.goes_on { step } else { own.suffix };
            if own.reports() {
                if !(own.is_mark && window.is_before_run(end)) {
                    self.report(trie, window, atom, step, end, callback);
                }
                if self.work > WORK {
                    self.work = 0;
                    if callback.cancelled() {
                        return window.len();
                    }
                    if self.is_alone && longest != NONE {
                        callback.passed(self.trail.start(window, atom, trie.node(longest).depth));
                    }
                }
            }
            atom += 1;
            node = longest;
            if node == NONE {
                return atom;
            }
        }
        self.node = node;
        atom
    }

    /// Reports the form of a node, and those of its suffixes.
    fn report(
        &mut self,
        trie: &Trie,
        window: &Window<'_>,
        atom: u32,
        node: u32,
        end: usize,
        callback: &mut impl MatchCallback,
    ) {
        let mut own = trie.node(node);
        loop {
            if own.form != NONE {
                callback.on_match(own.form, self.trail.start(window, atom, own.depth), end);
            }
            self.work += 1;
            if own.output == NONE {
                return;
            }
            own = trie.node(own.output);
        }
    }

    /// Leaves a window; tells where the first form begins that may go on in the next one.
    pub fn leave(&mut self, trie: &Trie, window: &Window<'_>) -> Option<usize> {
        let atoms = if self.node == NONE { 0 } else { trie.node(self.node).depth };
        let start = self.trail.leave(window, atoms);
        if start.is_none() {
            self.node = NONE;
        }
        start
    }
}

/// Reports the form that is a mark, if a form may begin with it here; tells whether one may that is longer.
fn begin_with_mark(node: &Node, window: &Window<'_>, atom: u32, callback: &mut impl MatchCallback) -> bool {
    let (start, end) = window.atom(atom);
    if window.is_behind_run(start) {
        return false;
    }
    if node.form != NONE && !window.is_before_run(end) {
        callback.on_match(node.form, start, end);
    }
    node.goes_on
}
