//! The walk through the trie of forms with patterns: several patterns may match an atom, so several paths are alive.
//!
//! All paths that end with the last atom are a *set*. Each node is in it at most once for each number of atoms, so an atom
//! costs no more than there are such nodes, whatever the text before it. Sets and the steps between them are remembered, as
//! the states of a deterministic automaton that is made while it is used: on text that repeats itself an atom costs a lookup.
//! What is remembered is bounded, and forgotten as a whole when it is full.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::trie::Trie;
use super::vocabulary::{Found, NONE};
use super::window::{Trail, Window};
use crate::core::base::hash_seed::PairHash;
use crate::core::engines::engine::MatchCallback;

/// A path that ends with the last atom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Path {
    node: u32,
    /// How many atoms of the text it has: fewer than the node's if the optional pattern was left out.
    atoms: u32,
    /// Whether white space must follow, which a form has before a pattern that was left out.
    owes_space: bool,
}

/// A set of paths, by places in [`Memo::paths`] and [`Memo::ends`].
#[derive(Clone, Copy, Default)]
struct Set {
    paths: (u32, u32),
    /// The forms that end here, and from where on their last atom is a mark.
    ends: (u32, u32),
    marks: u32,
    /// Atoms of the longest path that goes on; 0 if none does.
    atoms: u32,
}

/// A form that ends with the last atom, and how many atoms of the text it has.
#[derive(Clone, Copy)]
struct End {
    form: u32,
    atoms: u32,
}

/// Sets of paths, and the steps between them. The first set is empty.
#[derive(Default)]
struct Memo {
    sets: Vec<Set>,
    paths: Vec<Path>,
    ends: Vec<End>,
    by_paths: HashTable<u32>,
    steps: Vec<Step>,
    /// What was found where steps were made.
    found: Vec<u32>,
    by_step: HashTable<u32>,
    hasher: RandomState,
    fold: PairHash,
}

/// What leads from a set to another.
#[derive(Clone, Copy)]
struct Step {
    from: u32,
    way: Way,
    /// What was found in the atom, by places in [`Memo::found`].
    found: (u32, u32),
    to: u32,
}

/// How an atom is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way {
    spaced: bool,
    /// Whether a form may begin with it.
    begins: bool,
}

/// Paths, finds and steps that are remembered: up to 8 MB.
const MOST: usize = 1 << 18;

const EMPTY: u32 = 0;

/// Paths that are gone along, or occurrences that are reported, before it is asked whether to go on.
const WORK: usize = 1 << 18;

/// A walk, which may go on in the next window, and what a worker remembers. It belongs to one plan.
#[derive(Default)]
pub struct Walk {
    memo: Memo,
    set: u32,
    trail: Trail,
    next: Vec<Path>,
    /// Since it was last asked whether to go on.
    work: usize,
}

/// The trie, and what it is walked by.
#[derive(Clone, Copy)]
pub struct Forms<'w> {
    pub trie: &'w Trie,
    /// The pattern that need not match anything.
    pub optional: Option<u32>,
    /// By atom: whether it is a mark.
    pub is_mark: &'w [bool],
}

impl Forms<'_> {
    /// Fills `next` with the paths that an atom leads to: those that go on with it, and those that begin with it.
    fn lead(self, paths: &[Path], found: &[Found], way: Way, next: &mut Vec<Path>) {
        let Self { trie, optional, .. } = self;
        let Way { spaced, begins } = way;
        next.clear();
        let mut add = |node: u32, atoms, owes_space| {
            if node != NONE {
                next.push(Path { node, atoms, owes_space });
            }
        };
        for path in paths.iter().filter(|path| spaced || !path.owes_space) {
            // What was found is in order: an atom by itself, then patterns.
            let found = match trie.only_atom(path.node) {
                Some(only) => {
                    found.binary_search_by_key(&only, |found| found.id).map_or(&[][..], |at| &found[at..=at])
                }
                None => found,
            };
            for found in found {
                add(trie.step(path.node, found.id, spaced && !path.owes_space), path.atoms + 1, false);
            }
        }
        if begins {
            let behind_optional = optional.map_or(NONE, |optional| trie.root(optional));
            for found in found {
                add(trie.root(found.id), 1, false);
                if behind_optional != NONE {
                    add(trie.step(behind_optional, found.id, false), 1, false);
                }
            }
        }
        let Some(optional) = optional else { return };
        // Each path as well as if the optional pattern had matched nothing; these, too.
        let mut at = 0;
        while let Some(&path) = next.get(at) {
            for spaced in [false, true] {
                let node = trie.step(path.node, optional, spaced);
                if node != NONE {
                    next.push(Path { node, owes_space: spaced || path.owes_space, ..path });
                }
            }
            at += 1;
        }
        next.sort_unstable();
        next.dedup();
    }
}

impl Memo {
    fn paths(&self, set: u32) -> &[Path] {
        let (from, to) = self.sets[set as usize].paths;
        &self.paths[from as usize..to as usize]
    }

    /// The number of a set of paths.
    fn set(&mut self, trie: &Trie, paths: &[Path]) -> u32 {
        let hash = self.hasher.hash_one(paths);
        if let Some(&set) = self.by_paths.find(hash, |&set| self.paths(set) == paths) {
            return set;
        }
        let from = self.paths.len() as u32;
        self.paths.extend_from_slice(paths);
        let ends = self.ends.len() as u32;
        let end = |path: &Path| End { form: trie.node(path.node).form, atoms: path.atoms };
        let is_mark = |path: &&Path| trie.node(path.node).is_mark;
        self.ends.extend(paths.iter().filter(|path| !is_mark(path)).map(end).filter(|end| end.form != NONE));
        let marks = self.ends.len() as u32;
        self.ends.extend(paths.iter().filter(is_mark).map(end).filter(|end| end.form != NONE));
        let going = paths.iter().filter(|path| trie.node(path.node).goes_on);
        self.sets.push(Set {
            paths: (from, self.paths.len() as u32),
            ends: (ends, self.ends.len() as u32),
            marks,
            atoms: going.map(|path| path.atoms).max().unwrap_or(0),
        });
        let set = self.sets.len() as u32 - 1;
        let Self { by_paths, sets, paths, hasher, .. } = self;
        let of = |&set: &u32| {
            let (from, to) = sets[set as usize].paths;
            hasher.hash_one(&paths[from as usize..to as usize])
        };
        by_paths.insert_unique(hash, set, of);
        set
    }

    fn hash_of_step(fold: PairHash, from: u32, way: Way, found: impl Iterator<Item = u32>) -> u64 {
        let mix = |hash: u64, next: u32| fold.hash(hash ^ u64::from(next), 0);
        let first = mix(0, from << 2 | u32::from(way.spaced) << 1 | u32::from(way.begins));
        found.fold(first, mix)
    }

    fn step(&self, hash: u64, from: u32, way: Way, found: &[Found]) -> Option<u32> {
        let is_it = |&step: &u32| {
            let step = self.steps[step as usize];
            let known = &self.found[step.found.0 as usize..step.found.1 as usize];
            step.from == from && step.way == way && known.iter().eq(found.iter().map(|found| &found.id))
        };
        self.by_step.find(hash, is_it).map(|&step| self.steps[step as usize].to)
    }

    fn add_step(&mut self, hash: u64, from: u32, way: Way, found: &[Found], to: u32) {
        let start = self.found.len() as u32;
        self.found.extend(found.iter().map(|found| found.id));
        let number = self.steps.len() as u32;
        self.steps.push(Step { from, way, found: (start, self.found.len() as u32), to });
        let Self { by_step, steps, found, fold, .. } = self;
        by_step.insert_unique(hash, number, |&step| {
            let Step { from, way, found: (start, end), .. } = steps[step as usize];
            Self::hash_of_step(*fold, from, way, found[start as usize..end as usize].iter().copied())
        });
    }

    fn is_full(&self) -> bool {
        self.paths.len() + self.found.len() + self.steps.len() > MOST
    }

    /// Forgets everything but one set, which gets another number.
    fn forget(&mut self, trie: &Trie, set: u32) -> u32 {
        let paths = if self.sets.is_empty() { Vec::new() } else { self.paths(set).to_vec() };
        *self = Self::default();
        self.set(trie, &[]);
        self.set(trie, &paths)
    }
}

impl Walk {
    /// Begins with an atom; `found` are the finds from it on. Tells the number of the atom before which the walk ends: no
    /// form that is to be reported begins with an earlier one.
    pub fn begin(
        &mut self,
        forms: Forms<'_>,
        window: &Window<'_>,
        found: &[Found],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        self.set = EMPTY;
        self.trail.pass(window.start_of(found[0].atom));
        self.go_on(forms, window, found[0].atom, found, callback)
    }

    /// Forgets where it was, before another text.
    pub fn reset(&mut self) {
        self.set = EMPTY;
    }

    /// Goes on with the first atom of a window, if the walk came to its beginning.
    pub fn resume(
        &mut self,
        forms: Forms<'_>,
        window: &Window<'_>,
        found: &[Found],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        if self.set == EMPTY { 0 } else { self.go_on(forms, window, 0, found, callback) }
    }

    /// Goes on with an atom; `found` begins with what was found there.
    fn go_on(
        &mut self,
        forms: Forms<'_>,
        window: &Window<'_>,
        mut atom: u32,
        mut found: &[Found],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        let mut set = std::mem::replace(&mut self.set, EMPTY);
        while atom < window.len() {
            let here = found.iter().take_while(|found| found.atom == atom).count();
            let (here, rest) = found.split_at(here);
            let [first, ..] = here else { return atom };
            let (start, end) = window.atom(atom);
            let Some(spaced) = self.trail.gap(window, start) else { return atom };
            let is_mark = forms.is_mark.get(first.id as usize) == Some(&true);
            let begins = !is_mark || !window.is_behind_run(start);
            set = self.step(forms, set, here, Way { spaced, begins });
            self.trail.pass(end);
            let Set { ends: (from, to), marks, atoms, .. } = self.memo.sets[set as usize];
            if from < to {
                let to = if marks < to && window.is_before_run(end) { marks } else { to };
                for &End { form, atoms } in &self.memo.ends[from as usize..to as usize] {
                    callback.on_match(form, self.trail.start(window, atom, atoms), end);
                }
                self.work += (to - from) as usize;
            }
            atom += 1;
            found = rest;
            if atoms == 0 {
                return atom;
            }
            if self.work > WORK {
                self.work = 0;
                if callback.cancelled() {
                    return window.len();
                }
            }
        }
        self.set = set;
        atom
    }

    /// The set behind an atom in which something was found.
    fn step(&mut self, forms: Forms<'_>, mut set: u32, found: &[Found], way: Way) -> u32 {
        let Self { memo, next, work, .. } = self;
        let hash = Memo::hash_of_step(memo.fold, set, way, found.iter().map(|found| found.id));
        if let Some(next) = memo.step(hash, set, way, found) {
            return next;
        }
        if memo.is_full() || memo.sets.is_empty() {
            set = memo.forget(forms.trie, set);
        }
        let paths = memo.paths(set);
        *work += paths.len() * found.len();
        forms.lead(paths, found, way, next);
        let to = memo.set(forms.trie, next);
        let hash = Memo::hash_of_step(memo.fold, set, way, found.iter().map(|found| found.id));
        memo.add_step(hash, set, way, found, to);
        to
    }

    /// Leaves a window; tells where the first form begins that may go on in the next one.
    pub fn leave(&mut self, window: &Window<'_>) -> Option<usize> {
        let atoms = if self.set == EMPTY { 0 } else { self.memo.sets[self.set as usize].atoms };
        let start = self.trail.leave(window, atoms);
        if start.is_none() {
            self.set = EMPTY;
        }
        start
    }
}
