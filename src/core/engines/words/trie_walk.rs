//! The walk through the trie of patterns without wildcards. It reads each token once.

use super::trie::{Node, Trie};
use super::vocabulary::{NONE, TokenMatch};
use super::window::{Trail, Window};
use crate::core::engines::engine::MatchCallback;

/// A walk, which may continue in the next window.
pub struct TrieWalk {
    /// The longest path that has children and ends with the last token. [`NONE`] if there is none.
    node: u32,
    trail: Trail,
    /// Matches since the last check for cancellation.
    work: usize,
    is_only_walk: bool,
}

/// Matches between two checks for cancellation.
const CHECK_EVERY: usize = 1 << 18;

impl Default for TrieWalk {
    fn default() -> Self {
        Self { node: NONE, trail: Trail::default(), work: 0, is_only_walk: false }
    }
}

impl TrieWalk {
    /// Begins with the first match, which passed the pair filter or is punctuation. Returns the token at which the
    /// walk ended: no pattern left to report begins before it.
    pub fn begin(
        &mut self,
        trie: &Trie,
        window: &Window<'_>,
        matches: &[TokenMatch],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        let TokenMatch { token, id } = matches[0];
        let root = trie.root(id);
        let node = trie.node(root);
        if node.needs_boundary && !begin_with_punctuation(node, window, token, callback) {
            return token + 1;
        }
        // This rejects most pairs that passed the filter.
        if matches.get(1).is_some_and(|next| next.token == token + 1 && !node.may_have_child(next.id)) {
            return token + 1;
        }
        self.node = root;
        self.trail.pass(window.token(token).1);
        self.advance(trie, window, token + 1, &matches[1..], callback)
    }

    /// Resets the walk before another text. With `is_only_walk`, no other matches are reported while it continues.
    pub fn reset(&mut self, is_only_walk: bool) {
        self.node = NONE;
        self.is_only_walk = is_only_walk;
    }

    /// Continues with the first token of a window, if the walk reached its beginning.
    pub fn resume(
        &mut self,
        trie: &Trie,
        window: &Window<'_>,
        matches: &[TokenMatch],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        if self.node == NONE { 0 } else { self.advance(trie, window, 0, matches, callback) }
    }

    /// Continues with a token. `matches` begins with that token if it is in the vocabulary.
    #[inline(never)]
    fn advance(
        &mut self,
        trie: &Trie,
        window: &Window<'_>,
        mut token: u32,
        matches: &[TokenMatch],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        let mut node = std::mem::replace(&mut self.node, NONE);
        let mut matches = matches.iter();
        while token < window.len() {
            let Some(&TokenMatch { id, .. }) = matches.next().filter(|next| next.token == token) else {
                return token;
            };
            let (start, end) = window.token(token);
            let Some(spaced) = self.trail.gap(window, start) else { return token };
            let mut step = trie.step(node, id, spaced);
            while step == NONE {
                node = trie.node(node).suffix;
                if node == NONE {
                    return token;
                }
                step = trie.step(node, id, spaced);
            }
            self.trail.pass(end);
            let own = trie.node(step);
            let longest = if own.has_children { step } else { own.suffix };
            if own.reports() {
                if !(own.needs_boundary && window.is_before_word_char(end)) {
                    self.report(trie, window, token, step, end, callback);
                }
                if self.work > CHECK_EVERY {
                    self.work = 0;
                    if callback.cancelled() {
                        return window.len();
                    }
                    if self.is_only_walk && longest != NONE {
                        callback.passed(self.trail.start(window, token, trie.node(longest).depth));
                    }
                }
            }
            token += 1;
            node = longest;
            if node == NONE {
                return token;
            }
        }
        self.node = node;
        token
    }

    /// Reports the patterns of a node and of its suffixes.
    fn report(
        &mut self,
        trie: &Trie,
        window: &Window<'_>,
        token: u32,
        node: u32,
        end: usize,
        callback: &mut impl MatchCallback,
    ) {
        let mut own = trie.node(node);
        loop {
            if own.pattern != NONE {
                callback.on_match(own.pattern, self.trail.start(window, token, own.depth), end);
            }
            self.work += 1;
            if own.output == NONE {
                return;
            }
            own = trie.node(own.output);
        }
    }

    /// Leaves a window. Returns the start of the first pattern that may continue in the next window.
    pub fn leave(&mut self, trie: &Trie, window: &Window<'_>) -> Option<usize> {
        let tokens = if self.node == NONE { 0 } else { trie.node(self.node).depth };
        let start = self.trail.leave(window, tokens);
        if start.is_none() {
            self.node = NONE;
        }
        start
    }
}

/// Reports the pattern that is only this punctuation character, if it matches. Returns whether a longer one may begin
/// here.
fn begin_with_punctuation(node: &Node, window: &Window<'_>, token: u32, callback: &mut impl MatchCallback) -> bool {
    let (start, end) = window.token(token);
    if window.is_after_word_char(start) {
        return false;
    }
    if node.pattern != NONE && !window.is_before_word_char(end) {
        callback.on_match(node.pattern, start, end);
    }
    node.has_children
}
