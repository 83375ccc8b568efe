//! If terms compete: finds the longest pattern that begins at each token, in one pass from right to left.
//!
//! A *chain* is a sequence of tokens in which each two neighbours are neighbours in some pattern. No pattern crosses
//! the end of its chain, so each chain has its own winners. A chain is collected, if necessary across windows. At its
//! end, the trie of the reversed patterns is walked from the chain's last token to its first. At each token, the walk
//! knows the longest pattern that begins there, in one step, however many patterns begin or end there. The leftmost
//! wins, and the search continues after it.
//!
//! A walk from left to right would know the patterns that end at each token. It would have to report every nested
//! one, since any of them may remain if a longer one loses.
//!
//! A chain is settled early when it is a few times as long as the longest pattern. Only matches that begin within a
//! pattern's length of its end are still unknown then. So memory does not depend on the text.

use super::compile::{StartsWalk, TokenRole, Words};
use super::trie::Trie;
use super::vocabulary::{NONE, TokenMatch};
use super::walk_starts::{WalkStarts, report_single_tokens};
use super::window::{Trail, Window};
use crate::core::base::memory;
use crate::core::engines::engine::MatchCallback;

/// A token of a chain. Positions are those of the batch's text.
#[derive(Clone, Copy)]
struct ChainToken {
    start: usize,
    end: usize,
    id: u32,
    /// Whether there is whitespace between it and the previous token.
    spaced: bool,
}

/// The longest pattern that begins with a token, and its number of tokens. [`NONE`] if there is none.
#[derive(Clone, Copy)]
struct LongestPattern {
    pattern: u32,
    tokens: u32,
}

/// The trie of the reversed patterns, and what a walk through it needs.
#[derive(Clone, Copy)]
pub struct ReverseTrie<'w> {
    trie: &'w Trie,
    roles: &'w [TokenRole],
    needs_boundary: &'w [bool],
    /// Whether no pattern of several tokens has wildcards. Then only winners need to be reported.
    is_only_trie: bool,
    /// Whether patterns of one token are reported here if they are in a chain.
    has_single_tokens: bool,
    /// A chain of so many tokens is settled early.
    max_len: usize,
}

/// A chain that is being collected. It may continue in the next window.
#[derive(Default)]
pub struct TokenChain {
    tokens: Vec<ChainToken>,
    longest: Vec<LongestPattern>,
    /// The number in the window of the token that would continue the chain.
    next: u32,
    trail: Trail,
}

/// A chain is settled early when it has this many times the tokens of the longest pattern. It also needs at least one
/// token per [`WINDOW_SHARE`] bytes of a window.
const PATTERN_LENGTHS: usize = 3;
const WINDOW_SHARE: usize = 4;

impl Words {
    pub fn reverse_trie(&self) -> ReverseTrie<'_> {
        let Self { trie, wildcard_trie, roles, needs_boundary, wildcards, window, .. } = self;
        let max_len = (window / WINDOW_SHARE).max(PATTERN_LENGTHS * trie.deepest());
        ReverseTrie {
            trie,
            roles,
            needs_boundary,
            is_only_trie: wildcard_trie.is_empty(),
            has_single_tokens: wildcards.is_empty(),
            max_len,
        }
    }

    /// Divides the matches of a window with `tokens` tokens. Those that may be in a chain go to `chained`, as
    /// indices. Other patterns of one token go to `single_token`, with the ids of their patterns. No branch depends
    /// on the text.
    pub fn select_chained(
        &self,
        matches: &[TokenMatch],
        tokens: u32,
        single_token: &mut Vec<TokenMatch>,
        chained: &mut Vec<u32>,
    ) {
        single_token.clear();
        single_token.resize(matches.len(), TokenMatch { token: u32::MAX, id: NONE });
        chained.clear();
        chained.resize(matches.len(), 0);
        let (mut patterns, mut chained_len) = (0, 0);
        // Whether the token is the second of a pair that some pattern may contain.
        let mut is_second = false;
        // The last pair, and whether some pattern may contain it.
        let mut last = (NONE, NONE, false);
        for (i, &here) in matches.iter().enumerate() {
            let next = *matches.get(i + 1).unwrap_or(&TokenMatch { token: u32::MAX, id: NONE });
            if (last.0, last.1) != (here.id, next.id) {
                last = (here.id, next.id, self.trie.may_pair(next.id, here.id));
            }
            let is_first = (next.token == here.token + 1) & last.2;
            // The neighbours of tokens at the window's ends are unknown.
            let is_edge = (here.token == 0) | (here.token + 1 == tokens);
            let TokenRole { pattern, starts_walk } = self.roles[here.id as usize];
            let is_chained = is_second | is_first | is_edge | (starts_walk == StartsWalk::Always);
            single_token[patterns] = TokenMatch { token: here.token, id: pattern };
            patterns += usize::from(!is_chained & (pattern != NONE));
            chained[chained_len] = i as u32;
            chained_len += usize::from(is_chained);
            is_second = is_first;
        }
        single_token.truncate(patterns);
        chained.truncate(chained_len);
    }
}

impl TokenChain {
    /// Resets the chain before another text.
    pub fn reset(&mut self) {
        self.tokens.clear();
    }

    /// Collects the matches of the current document that may be in a chain. Reports the matches of `single_token` on
    /// the way, so that all matches come in order.
    pub fn collect(
        &mut self,
        reverse_trie: ReverseTrie<'_>,
        window: &Window<'_>,
        chained: &mut WalkStarts<'_>,
        single_token: &mut &[TokenMatch],
        callback: &mut impl MatchCallback,
    ) {
        while let Some(&TokenMatch { token, id }) = chained.next(window).and_then(<[TokenMatch]>::first) {
            let (start, end) = window.token(token);
            let gap = if self.tokens.is_empty() || token != self.next { None } else { self.trail.gap(window, start) };
            if gap.is_none() {
                self.end(reverse_trie, window, callback);
                report_single_tokens(single_token, window, start, callback);
            } else if self.tokens.len() >= reverse_trie.max_len {
                self.settle(reverse_trie, window, reverse_trie.trie.deepest(), callback);
            }
            memory::push(&mut self.tokens, ChainToken { start, end, id, spaced: gap == Some(true) });
            self.trail.pass(end);
            self.next = token + 1;
        }
        if self.next < window.len() {
            self.end(reverse_trie, window, callback);
        }
    }

    /// Ends the chain, which must be in the current document.
    #[inline]
    pub fn end(&mut self, reverse_trie: ReverseTrie<'_>, window: &Window<'_>, callback: &mut impl MatchCallback) {
        if !self.tokens.is_empty() {
            self.settle(reverse_trie, window, 0, callback);
            self.tokens.clear();
        }
    }

    /// Leaves a window. Returns the start of the chain if it may continue in the next window.
    pub fn leave(
        &mut self,
        reverse_trie: ReverseTrie<'_>,
        window: &Window<'_>,
        callback: &mut impl MatchCallback,
    ) -> Option<usize> {
        let is_open = !self.tokens.is_empty() && self.next == window.len();
        if self.trail.leave(window, u32::from(is_open)).is_none() {
            self.end(reverse_trie, window, callback);
        }
        self.next = 0;
        self.tokens.first().map(|first| first.start)
    }

    /// Reports the patterns that begin with a token that is followed by at least `followed_by` others, and drops
    /// these tokens.
    fn settle(
        &mut self,
        reverse_trie: ReverseTrie<'_>,
        window: &Window<'_>,
        followed_by: usize,
        callback: &mut impl MatchCallback,
    ) {
        self.walk(reverse_trie, window);
        let known = self.tokens.len() - followed_by;
        let mut at = 0;
        while at < known {
            let LongestPattern { pattern, tokens } = self.longest[at];
            if pattern == NONE {
                at += 1;
                continue;
            }
            callback.on_match(pattern, self.tokens[at].start, self.tokens[at + tokens as usize - 1].end);
            at += if reverse_trie.is_only_trie { tokens as usize } else { 1 };
        }
        self.tokens.drain(..at);
    }

    /// Finds the longest pattern that begins with each token.
    fn walk(&mut self, reverse_trie: ReverseTrie<'_>, window: &Window<'_>) {
        let ReverseTrie { trie, roles, needs_boundary, has_single_tokens, .. } = reverse_trie;
        let Self { tokens, longest, .. } = self;
        if longest.len() < tokens.len() {
            memory::reserve(longest, tokens.len() - longest.len());
            longest.resize(tokens.len(), LongestPattern { pattern: NONE, tokens: 0 });
        }
        let is_word = |token: &ChainToken| !needs_boundary[token.id as usize];
        // The longest path that has children and begins with the next token.
        let mut node = NONE;
        let mut after: Option<&ChainToken> = None;
        // If the walk stayed at its node, a token with the same neighbours as the next one begins the same pattern.
        let mut same = None;
        let mut last = LongestPattern { pattern: NONE, tokens: 1 };
        for (i, (token, longest)) in tokens.iter().zip(longest).enumerate().rev() {
            let spaced = after.is_some_and(|after| after.spaced);
            let before = i.checked_sub(1).map(|before| &tokens[before]);
            let neighbours = before.map(|before| (token.id, before.id, token.spaced, spaced));
            if same.is_some() && same == neighbours {
                *longest = last;
                after = Some(token);
                continue;
            }
            let came_from = node;
            let mut step = NONE;
            while node != NONE && step == NONE {
                step = trie.step(node, token.id, spaced);
                node = if step == NONE { trie.node(node).suffix } else { NONE };
            }
            let continued = step != NONE;
            if step == NONE {
                step = trie.root(token.id);
                let is_before_word_char = || match after {
                    Some(after) => !spaced && is_word(after),
                    None => window.is_before_word_char(token.end),
                };
                if step != NONE && trie.node(step).needs_boundary && is_before_word_char() {
                    step = NONE;
                }
            }
            *longest = LongestPattern {
                pattern: if has_single_tokens { roles[token.id as usize].pattern } else { NONE },
                tokens: 1,
            };
            if step != NONE {
                let own = trie.node(step);
                node = if own.has_children { step } else { own.suffix };
                if own.reports() {
                    let found = if own.pattern == NONE { trie.node(own.output) } else { own };
                    let is_after_word_char = || match before {
                        Some(before) => !token.spaced && is_word(before),
                        None => window.is_after_word_char(token.start),
                    };
                    if !(own.needs_boundary && is_after_word_char()) {
                        *longest = LongestPattern { pattern: found.pattern, tokens: found.depth };
                    }
                }
            }
            same = if continued && node == came_from { neighbours } else { None };
            last = *longest;
            after = Some(token);
        }
    }
}
