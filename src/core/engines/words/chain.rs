//! Where terms compete: the longest form that begins at each atom, by one pass from behind.
//!
//! Atoms that some form has next to each other make a *chain*. No form reaches out of its chain, so the winners of one chain
//! depend on no other. A chain is collected, from window to window if need be. When it ends, the trie of the reversed forms
//! is walked through it from the last atom to the first. At each atom the walk knows the longest form that begins there, in
//! one step, however many others begin there or end there. (A walk that goes forwards knows the forms that end, and of
//! nested ones each would have to be told: any of them may be what is left when a longer one loses.) The leftmost wins, and
//! the next place is behind it.
//!
//! So that the memory does not depend on the text, a chain is settled before its end when it is a few times as long as the
//! longest form: all but what begins within a form's length of its end is known then.

use super::compiled::{First, Walks, Words};
use super::trie::Trie;
use super::vocabulary::{Found, NONE};
use super::walkers::{Walkers, report_whole};
use super::window::{Trail, Window};
use crate::core::base::memory;
use crate::core::engines::engine::MatchCallback;

/// An atom of a chain, by places of the batch's text.
#[derive(Clone, Copy)]
struct Atom {
    start: usize,
    end: usize,
    id: u32,
    /// Whether white space is between it and the one before.
    spaced: bool,
}

/// The longest form that begins with an atom, and how many atoms it has; [`NONE`] if there is none.
#[derive(Clone, Copy)]
struct Begun {
    form: u32,
    atoms: u32,
}

/// The trie of the reversed forms, and what it is walked by.
#[derive(Clone, Copy)]
pub struct Reversed<'w> {
    trie: &'w Trie,
    firsts: &'w [First],
    is_mark: &'w [bool],
    /// Whether there are no other forms of several atoms. Then only winners need be reported.
    is_alone: bool,
    /// Whether forms of one atom are reported here if they are in a chain.
    has_whole: bool,
    /// A chain of so many atoms is settled before its end.
    most: usize,
}

/// A chain that is collected, which may go on in the next window.
#[derive(Default)]
pub struct Chain {
    atoms: Vec<Atom>,
    begun: Vec<Begun>,
    /// The number in the window of the atom with which the chain would go on.
    next: u32,
    trail: Trail,
}

/// A chain is settled when it has so many times the atoms of the longest form, and a share of a window's bytes.
const TIMES: usize = 3;
const SHARE: usize = 4;

impl Words {
    pub fn reversed(&self) -> Reversed<'_> {
        let Self { trie, wild, firsts, is_mark, patterns, window, .. } = self;
        let most = (window / SHARE).max(TIMES * trie.deepest());
        Reversed { trie, firsts, is_mark, is_alone: wild.is_empty(), has_whole: patterns.is_empty(), most }
    }

    /// Deals what was found in a window of so many atoms out to `whole`, by ids of forms, and `chained`, by numbers of the
    /// finds: those that may be in a chain. Without a branch that a text can make unpredictable.
    pub fn choose_chained(&self, found: &[Found], atoms: u32, whole: &mut Vec<Found>, chained: &mut Vec<u32>) {
        whole.clear();
        whole.resize(found.len(), Found { atom: u32::MAX, id: NONE });
        chained.clear();
        chained.resize(found.len(), 0);
        let (mut forms, mut links) = (0, 0);
        let mut is_led = false;
        // The last pair, and whether some form has it.
        let mut last = (NONE, NONE, false);
        for (i, &here) in found.iter().enumerate() {
            let next = *found.get(i + 1).unwrap_or(&Found { atom: u32::MAX, id: NONE });
            if (last.0, last.1) != (here.id, next.id) {
                last = (here.id, next.id, self.trie.may_pair(next.id, here.id));
            }
            let leads = (next.atom == here.atom + 1) & last.2;
            // What is next to an atom at an end of the window is not seen.
            let is_edge = (here.atom == 0) | (here.atom + 1 == atoms);
            let First { form, walks } = self.firsts[here.id as usize];
            let is_chained = is_led | leads | is_edge | (walks == Walks::Always);
            whole[forms] = Found { atom: here.atom, id: form };
            forms += usize::from(!is_chained & (form != NONE));
            chained[links] = i as u32;
            links += usize::from(is_chained);
            is_led = leads;
        }
        whole.truncate(forms);
        chained.truncate(links);
    }
}

impl Chain {
    /// Forgets what it was, before another text.
    pub fn reset(&mut self) {
        self.atoms.clear();
    }

    /// Goes through the finds in the document at hand that may be in a chain. What is `whole` is reported on the way, so that
    /// occurrences come in order.
    pub fn collect(
        &mut self,
        forms: Reversed<'_>,
        window: &Window<'_>,
        chained: &mut Walkers<'_>,
        whole: &mut &[Found],
        callback: &mut impl MatchCallback,
    ) {
        while let Some(&Found { atom, id }) = chained.next(window).and_then(<[Found]>::first) {
            let (start, end) = window.atom(atom);
            let gap = if self.atoms.is_empty() || atom != self.next { None } else { self.trail.gap(window, start) };
            if gap.is_none() {
                self.end(forms, window, callback);
                report_whole(whole, window, start, callback);
            } else if self.atoms.len() >= forms.most {
                self.settle(forms, window, forms.trie.deepest(), callback);
            }
            memory::push(&mut self.atoms, Atom { start, end, id, spaced: gap == Some(true) });
            self.trail.pass(end);
            self.next = atom + 1;
        }
        if self.next < window.len() {
            self.end(forms, window, callback);
        }
    }

    /// Ends the chain, in its document.
    #[inline]
    pub fn end(&mut self, forms: Reversed<'_>, window: &Window<'_>, callback: &mut impl MatchCallback) {
        if !self.atoms.is_empty() {
            self.settle(forms, window, 0, callback);
            self.atoms.clear();
        }
    }

    /// Leaves a window; tells where the chain begins, if it may go on in the next one.
    pub fn leave(
        &mut self,
        forms: Reversed<'_>,
        window: &Window<'_>,
        callback: &mut impl MatchCallback,
    ) -> Option<usize> {
        let is_open = !self.atoms.is_empty() && self.next == window.len();
        if self.trail.leave(window, u32::from(is_open)).is_none() {
            self.end(forms, window, callback);
        }
        self.next = 0;
        self.atoms.first().map(|first| first.start)
    }

    /// Reports what begins with the atoms that are followed by so many, and drops them.
    fn settle(
        &mut self,
        forms: Reversed<'_>,
        window: &Window<'_>,
        followed_by: usize,
        callback: &mut impl MatchCallback,
    ) {
        self.walk(forms, window);
        let known = self.atoms.len() - followed_by;
        let mut at = 0;
        while at < known {
            let Begun { form, atoms } = self.begun[at];
            if form == NONE {
                at += 1;
                continue;
            }
            callback.on_match(form, self.atoms[at].start, self.atoms[at + atoms as usize - 1].end);
            at += if forms.is_alone { atoms as usize } else { 1 };
        }
        self.atoms.drain(..at);
    }

    /// Finds the longest form that begins with each atom.
    fn walk(&mut self, forms: Reversed<'_>, window: &Window<'_>) {
        let Reversed { trie, firsts, is_mark, has_whole, .. } = forms;
        let Self { atoms, begun, .. } = self;
        if begun.len() < atoms.len() {
            memory::reserve(begun, atoms.len() - begun.len());
            begun.resize(atoms.len(), Begun { form: NONE, atoms: 0 });
        }
        let is_run = |atom: &Atom| !is_mark[atom.id as usize];
        // The longest path that begins with the atom behind and that some form goes on from.
        let mut node = NONE;
        let mut behind: Option<&Atom> = None;
        // Where the walk stays at its node, an atom with the same neighbours as the one behind it: what begins with it is the same.
        let mut same = None;
        let mut last = Begun { form: NONE, atoms: 1 };
        for (i, (atom, begun)) in atoms.iter().zip(begun).enumerate().rev() {
            let spaced = behind.is_some_and(|behind| behind.spaced);
            let before = i.checked_sub(1).map(|before| &atoms[before]);
            let neighbours = before.map(|before| (atom.id, before.id, atom.spaced, spaced));
            if same.is_some() && same == neighbours {
                *begun = last;
                behind = Some(atom);
                continue;
            }
            let came_from = node;
            let mut step = NONE;
            while node != NONE && step == NONE {
                step = trie.step(node, atom.id, spaced);
                node = if step == NONE { trie.node(node).suffix } else { NONE };
            }
            let goes_on = step != NONE;
            if step == NONE {
                step = trie.root(atom.id);
                let is_before_run = || match behind {
                    Some(behind) => !spaced && is_run(behind),
                    None => window.is_before_run(atom.end),
                };
                if step != NONE && trie.node(step).is_mark && is_before_run() {
                    step = NONE;
                }
            }
            *begun = Begun { form: if has_whole { firsts[atom.id as usize].form } else { NONE }, atoms: 1 };
            if step != NONE {
                let own = trie.node(step);
                node = if own.goes_on { step } else { own.suffix };
                if own.reports() {
                    let longest = if own.form == NONE { trie.node(own.output) } else { own };
                    let is_behind_run = || match before {
                        Some(before) => !atom.spaced && is_run(before),
                        None => window.is_behind_run(atom.start),
                    };
                    if !(own.is_mark && is_behind_run()) {
                        *begun = Begun { form: longest.form, atoms: longest.depth };
                    }
                }
            }
            same = if goes_on && node == came_from { neighbours } else { None };
            last = *begun;
            behind = Some(atom);
        }
    }
}
