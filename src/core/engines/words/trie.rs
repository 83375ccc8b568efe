//! The trie of forms over atoms, with suffix links, as in the automaton of Aho and Corasick.
//!
//! A node is a path of atoms, each but the first with white space before it or without. The white space before the first
//! atom belongs to no form, so a suffix of a path forgets it. A walk that fails at a node goes on from the longest suffix
//! of its path, and never looks at an atom again.
//!
//! A form that begins with a mark cannot begin right after a run. Where a path has a mark right after a run, no suffix
//! begins with that mark: this is known when links are made, and need not be checked in the text.
//!
//! Forms may also be added from their last atom to their first, for a walk from right to left ([`chain`](super::chain)). The
//! same is true there: a form that ends with a mark cannot end right before a run.

use super::effort;
use super::steps::Steps;
use super::vocabulary::NONE;

#[derive(Clone, Copy)]
pub struct Node {
    /// The form that ends here; [`NONE`] if there is none, or if it is told without a walk.
    pub form: u32,
    /// Atoms of the path.
    pub depth: u32,
    /// The longest proper suffix of the path that some form goes on from; [`NONE`] if there is none.
    pub suffix: u32,
    /// The longest proper suffix of the path that is a form to be reported.
    pub output: u32,
    /// One of the steps, which most nodes have only one of: the others are in a table.
    atom: u32,
    next: u32,
    spaced: bool,
    has_others: bool,
    pub goes_on: bool,
    /// Whether its last atom is a mark, or may be where the last one is left out: then its neighbours matter.
    pub is_mark: bool,
}

impl Node {
    /// Whether a form ends here, or with a suffix.
    #[inline(always)]
    pub fn reports(&self) -> bool {
        // All bits of `NONE` are set.
        self.form & self.output != NONE
    }

    /// Whether there may be a step with an atom.
    #[inline(always)]
    pub fn may_lead(&self, atom: u32) -> bool {
        self.atom == atom || self.has_others
    }
}

pub struct Trie {
    nodes: Vec<Node>,
    /// By atom: the node of the path that is this atom; [`NONE`] if no walk begins with it.
    roots: Vec<u32>,
    steps: Steps,
    deepest: u32,
}

/// Which neighbours a trie's filter knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// The first two atoms of forms.
    First,
    /// Any two.
    All,
}

impl Trie {
    /// For so many atoms.
    pub fn new(atoms: usize) -> Self {
        Self { nodes: Vec::new(), roots: vec![NONE; atoms], steps: Steps::default(), deepest: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The most atoms of a form.
    pub fn deepest(&self) -> usize {
        self.deepest as usize
    }

    #[inline(always)]
    pub fn node(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }

    pub fn node_mut(&mut self, node: u32) -> &mut Node {
        &mut self.nodes[node as usize]
    }

    #[inline(always)]
    pub fn root(&self, atom: u32) -> u32 {
        self.roots[atom as usize]
    }

    fn add(&mut self, depth: u32, is_mark: bool) -> u32 {
        let node = Node {
            form: NONE,
            depth,
            suffix: NONE,
            output: NONE,
            atom: NONE,
            next: NONE,
            spaced: false,
            has_others: false,
            goes_on: false,
            is_mark,
        };
        self.nodes.push(node);
        self.deepest = self.deepest.max(depth);
        self.nodes.len() as u32 - 1
    }

    /// The node of one atom, which is added if it is not there.
    pub fn add_root(&mut self, atom: u32, is_mark: bool) -> u32 {
        if self.root(atom) == NONE {
            self.roots[atom as usize] = self.add(1, is_mark);
        }
        self.root(atom)
    }

    /// The node that a step leads to, which is added if it is not there.
    pub fn add_step(&mut self, node: u32, atom: u32, spaced: bool, is_mark: bool) -> u32 {
        let known = self.step(node, atom, spaced);
        if known != NONE {
            return known;
        }
        let next = self.add(self.node(node).depth + 1, is_mark);
        let Node { goes_on, has_others, .. } = *self.node(node);
        let own = self.node_mut(node);
        if goes_on {
            own.has_others = true;
            self.steps.insert(node, atom, spaced, next);
        } else {
            *own = Node { atom, spaced, next, goes_on: true, has_others, ..*own };
        }
        next
    }

    /// The only atom that leads on from a node, if there is only one.
    pub fn only_atom(&self, node: u32) -> Option<u32> {
        let own = self.node(node);
        (!own.has_others).then_some(own.atom)
    }

    /// The node that a step leads to, or [`NONE`].
    #[inline(always)]
    pub fn step(&self, node: u32, atom: u32, spaced: bool) -> u32 {
        effort::add(1);
        let own = self.node(node);
        if own.atom == atom && own.spaced == spaced {
            return own.next;
        }
        if own.has_others { self.steps.get(node, atom, spaced) } else { NONE }
    }

    /// Makes the filter of pairs, once all steps are there, and with `links` the suffix links.
    pub fn finish(&mut self, pairs: Pairs, links: bool) {
        let mut labels: Vec<Option<Label>> = vec![None; self.nodes.len()];
        for (node, own) in (0..).zip(&self.nodes).filter(|(_, own)| own.goes_on) {
            labels[own.next as usize] = Some(Label { node, atom: own.atom, spaced: own.spaced });
        }
        for (node, atom, spaced, next) in self.steps.iter() {
            labels[next as usize] = Some(Label { node, atom, spaced });
        }
        // By node, its last atom.
        let mut atoms: Vec<u32> = labels.iter().map(|label| label.map_or(NONE, |label| label.atom)).collect();
        let roots = (0..).zip(&self.roots).filter(|&(_, &root)| root != NONE);
        roots.for_each(|(atom, &root)| atoms[root as usize] = atom);
        let Self { nodes, steps, .. } = self;
        let steps_of = labels.iter().flatten();
        let steps_of = steps_of.filter(|label| pairs == Pairs::All || nodes[label.node as usize].depth == 1);
        steps.finish(steps_of.map(|label| (atoms[label.node as usize], label.atom)));
        if links {
            self.link(&labels);
        }
    }

    /// Makes the suffix links. A node's are made of those of the node before it, which has one atom less.
    fn link(&mut self, labels: &[Option<Label>]) {
        let mut by_depth: Vec<u32> = (0..self.nodes.len() as u32).collect();
        by_depth.sort_by_key(|&node| self.node(node).depth);
        // The longest proper suffix that is a path, whether it goes on or not.
        let mut suffixes = vec![NONE; self.nodes.len()];
        for node in by_depth {
            let Some(Label { node: before, atom, spaced }) = labels[node as usize] else { continue };
            let mut suffix = suffixes[before as usize];
            let mut longest = NONE;
            while suffix != NONE && longest == NONE {
                longest = self.step(suffix, atom, spaced);
                suffix = suffixes[suffix as usize];
            }
            let is_behind_run = !spaced && self.node(node).is_mark && !self.node(before).is_mark;
            if longest == NONE && !is_behind_run {
                longest = self.root(atom);
            }
            suffixes[node as usize] = longest;
            if longest != NONE {
                let Node { form, goes_on, suffix, output, .. } = *self.node(longest);
                let own = self.node_mut(node);
                own.suffix = if goes_on { longest } else { suffix };
                own.output = if form != NONE { longest } else { output };
            }
        }
    }

    /// Whether some form may have these two atoms next to each other: at its beginning, or anywhere, as [`Pairs`] says.
    #[inline(always)]
    pub fn may_pair(&self, first: u32, second: u32) -> bool {
        self.steps.may_pair(first, second)
    }
}

/// The step that leads to a node.
#[derive(Clone, Copy)]
struct Label {
    node: u32,
    atom: u32,
    spaced: bool,
}
