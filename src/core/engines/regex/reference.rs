//! The reference for tests: backtracking from each position, where a match ends only if its neighbours allow it.

use regex_automata::nfa::thompson::{Compiler, Config, NFA, State, WhichCaptures};

use super::compile::parse;
use crate::core::text::boundaries::Boundaries;

pub struct ReferenceSearch {
    boundaries: Boundaries,
    nfa: NFA,
}

impl ReferenceSearch {
    pub fn new(boundaries: &Boundaries, text: &str) -> Self {
        let config = Config::new().utf8(false).which_captures(WhichCaptures::None);
        let hir = parse(text.as_bytes(), false).unwrap();
        let nfa = Compiler::new().configure(config).build_from_hir(&hir).unwrap();
        Self { boundaries: boundaries.clone(), nfa }
    }

    pub fn matches(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let mut from = 0;
        std::iter::from_fn(|| {
            let found = self.next(text, from)?;
            from = found.1;
            Some(found)
        })
        .collect()
    }

    /// The first match that begins at `from` or later.
    pub fn next(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        (from..text.len()).find_map(|start| Some((start, self.end(text, start)?)))
    }

    /// The end of the preferred match that begins at a position.
    fn end(&self, text: &[u8], start: usize) -> Option<usize> {
        let states = self.nfa.states().len();
        let mut tried = vec![false; states * (text.len() + 1 - start)];
        let mut stack = vec![(self.nfa.start_anchored(), start)];
        while let Some((state, at)) = stack.pop() {
            if std::mem::replace(&mut tried[states * (at - start) + state.as_usize()], true) {
                continue;
            }
            match self.nfa.state(state) {
                State::ByteRange { trans } => {
                    stack.extend(trans.matches(text, at).then_some((trans.next, at + 1)));
                }
                State::Sparse(sparse) => stack.extend(sparse.matches(text, at).map(|next| (next, at + 1))),
                State::Dense(dense) => stack.extend(dense.matches(text, at).map(|next| (next, at + 1))),
                State::Look { look, next } => {
                    stack.extend(self.nfa.look_matcher().matches(*look, text, at).then_some((*next, at)));
                }
                State::Union { alternates } => stack.extend(alternates.iter().rev().map(|&next| (next, at))),
                State::BinaryUnion { alt1, alt2 } => stack.extend([(*alt2, at), (*alt1, at)]),
                State::Capture { next, .. } => stack.push((*next, at)),
                State::Fail => {}
                State::Match { .. } if self.boundaries.allows(text, start, at) => return Some(at),
                State::Match { .. } => {}
            }
        }
        None
    }
}
