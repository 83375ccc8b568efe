//! A trie of patterns over tokens, with suffix links: an Aho-Corasick automaton.
//!
//! A node is a path of tokens, each with or without whitespace before it. The whitespace before the first token
//! belongs to no pattern, so a suffix of a path ignores it. A walk that fails at a node continues at the longest
//! suffix of its path. So it never reads a token twice.
//!
//! A pattern that begins with punctuation cannot begin directly after a word. So no suffix link leads to punctuation
//! directly after a word. That is decided when links are built and need not be checked in the text.
//!
//! Patterns can also be inserted from their last token to their first, for a walk from right to left
//! ([`longest`](super::longest)). The same applies there: a pattern that ends with punctuation cannot end directly
//! before a word.

use super::step_counter;
use super::transitions::Transitions;
use super::vocabulary::NONE;

#[derive(Clone, Copy)]
pub struct Node {
    /// The pattern that ends here. [`NONE`] if there is none, or if it is reported without a walk.
    pub pattern: u32,
    /// The number of tokens of the path.
    pub depth: u32,
    /// The longest proper suffix of the path that has children, or [`NONE`].
    pub suffix: u32,
    /// The longest proper suffix of the path that is a pattern to report.
    pub output: u32,
    /// The first transition. Most nodes have no other; other transitions are in a table.
    token: u32,
    next: u32,
    spaced: bool,
    has_more_children: bool,
    pub has_children: bool,
    /// Whether the last token is punctuation, or may be if the last one is skipped. Then the next character matters.
    pub needs_boundary: bool,
}

impl Node {
    /// Whether a pattern ends here, or with a suffix.
    #[inline(always)]
    pub fn reports(&self) -> bool {
        // `NONE` has all bits set.
        self.pattern & self.output != NONE
    }

    /// Whether there may be a transition by this token.
    #[inline(always)]
    pub fn may_have_child(&self, token: u32) -> bool {
        self.token == token || self.has_more_children
    }
}

pub struct Trie {
    nodes: Vec<Node>,
    /// By token: the node of the path with only this token. [`NONE`] if no walk begins with it.
    roots: Vec<u32>,
    steps: Transitions,
    deepest: u32,
}

/// The pairs of neighbouring tokens that a trie's filter accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// The first two tokens of each pattern.
    First,
    /// Any two neighbours in a pattern.
    All,
}

impl Trie {
    pub fn new(tokens: usize) -> Self {
        Self { nodes: Vec::new(), roots: vec![NONE; tokens], steps: Transitions::default(), deepest: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The number of tokens of the longest pattern.
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
    pub fn root(&self, token: u32) -> u32 {
        self.roots[token as usize]
    }

    fn add(&mut self, depth: u32, needs_boundary: bool) -> u32 {
        let node = Node {
            pattern: NONE,
            depth,
            suffix: NONE,
            output: NONE,
            token: NONE,
            next: NONE,
            spaced: false,
            has_more_children: false,
            has_children: false,
            needs_boundary,
        };
        self.nodes.push(node);
        self.deepest = self.deepest.max(depth);
        self.nodes.len() as u32 - 1
    }

    /// The node of one token, which is added if it is new.
    pub fn add_root(&mut self, token: u32, needs_boundary: bool) -> u32 {
        if self.root(token) == NONE {
            self.roots[token as usize] = self.add(1, needs_boundary);
        }
        self.root(token)
    }

    /// The node that a transition leads to, which is added if it is new.
    pub fn add_step(&mut self, node: u32, token: u32, spaced: bool, needs_boundary: bool) -> u32 {
        let known = self.step(node, token, spaced);
        if known != NONE {
            return known;
        }
        let next = self.add(self.node(node).depth + 1, needs_boundary);
        let Node { has_children, has_more_children, .. } = *self.node(node);
        let own = self.node_mut(node);
        if has_children {
            own.has_more_children = true;
            self.steps.insert(node, token, spaced, next);
        } else {
            *own = Node { token, spaced, next, has_children: true, has_more_children, ..*own };
        }
        next
    }

    /// The token of the only transition, or `None` if there are several.
    pub fn only_child(&self, node: u32) -> Option<u32> {
        let own = self.node(node);
        (!own.has_more_children).then_some(own.token)
    }

    /// The node that a transition leads to, or [`NONE`].
    #[inline(always)]
    pub fn step(&self, node: u32, token: u32, spaced: bool) -> u32 {
        step_counter::add(1);
        let own = self.node(node);
        if own.token == token && own.spaced == spaced {
            return own.next;
        }
        if own.has_more_children { self.steps.get(node, token, spaced) } else { NONE }
    }

    /// Builds the filter of pairs and, with `links`, the suffix links. Call it when all patterns are inserted.
    pub fn finish(&mut self, pairs: Pairs, links: bool) {
        let mut labels: Vec<Option<Label>> = vec![None; self.nodes.len()];
        for (node, own) in (0..).zip(&self.nodes).filter(|(_, own)| own.has_children) {
            labels[own.next as usize] = Some(Label { node, token: own.token, spaced: own.spaced });
        }
        for (node, token, spaced, next) in self.steps.iter() {
            labels[next as usize] = Some(Label { node, token, spaced });
        }
        // By node: the last token.
        let mut tokens: Vec<u32> = labels.iter().map(|label| label.map_or(NONE, |label| label.token)).collect();
        let roots = (0..).zip(&self.roots).filter(|&(_, &root)| root != NONE);
        roots.for_each(|(token, &root)| tokens[root as usize] = token);
        let Self { nodes, steps, .. } = self;
        let steps_of = labels.iter().flatten();
        let steps_of = steps_of.filter(|label| pairs == Pairs::All || nodes[label.node as usize].depth == 1);
        steps.finish(steps_of.map(|label| (tokens[label.node as usize], label.token)));
        if links {
            self.link(&labels);
        }
    }

    /// Builds the suffix links in order of depth. The link of a node follows from the links of its parent.
    fn link(&mut self, labels: &[Option<Label>]) {
        let mut by_depth: Vec<u32> = (0..self.nodes.len() as u32).collect();
        by_depth.sort_by_key(|&node| self.node(node).depth);
        // The longest proper suffix that is a path, with or without children.
        let mut suffixes = vec![NONE; self.nodes.len()];
        for node in by_depth {
            let Some(Label { node: before, token, spaced }) = labels[node as usize] else { continue };
            let mut suffix = suffixes[before as usize];
            let mut longest = NONE;
            while suffix != NONE && longest == NONE {
                longest = self.step(suffix, token, spaced);
                suffix = suffixes[suffix as usize];
            }
            let is_after_word_char = !spaced && self.node(node).needs_boundary && !self.node(before).needs_boundary;
            if longest == NONE && !is_after_word_char {
                longest = self.root(token);
            }
            suffixes[node as usize] = longest;
            if longest != NONE {
                let Node { pattern, has_children, suffix, output, .. } = *self.node(longest);
                let own = self.node_mut(node);
                own.suffix = if has_children { longest } else { suffix };
                own.output = if pattern != NONE { longest } else { output };
            }
        }
    }

    /// Whether two tokens may be neighbours in a pattern: at its beginning or anywhere, as [`Pairs`] says.
    #[inline(always)]
    pub fn may_pair(&self, first: u32, second: u32) -> bool {
        self.steps.may_pair(first, second)
    }
}

/// The transition that leads to a node.
#[derive(Clone, Copy)]
struct Label {
    node: u32,
    token: u32,
    spaced: bool,
}
