//! Compiles patterns: into the vocabulary of their tokens and wildcards, and into tries over these.

use super::pattern_tokens::{PatternToken, TokenizedPatterns};
use super::tokenizer::Tokenizer;
use super::trie::{Node, Pairs, Trie};
use super::vocabulary::{NONE, TokenMatch, Vocabulary};
use super::wildcard_walk::WildcardTrie;
use super::wildcards::TokenWildcards;
use super::window::WINDOW;
use crate::core::base::error::CountError;
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::Boundaries;

/// What a token of the vocabulary is by itself: a pattern, the start of a walk, or both.
#[derive(Clone, Copy)]
pub struct TokenRole {
    /// The pattern that consists of this token, unless it needs a look at the neighbours.
    pub pattern: u32,
    pub starts_walk: StartsWalk,
}

/// Whether a walk starts at a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StartsWalk {
    Never,
    /// If the next token may continue a pattern.
    IfFollowed,
    Always,
}

pub struct Words {
    pub tokenizer: Tokenizer,
    pub vocabulary: Vocabulary,
    pub wildcards: TokenWildcards,
    /// The wildcard that may match nothing: a `*` next to punctuation, as in `C*+`. Walks also skip it.
    pub optional: Option<u32>,
    /// Whether terms compete. Then only the longest pattern without wildcards matters at each token.
    pub competes: bool,
    /// `trie` has the patterns without wildcards, reversed if terms compete. `wildcard_trie` has the others.
    pub trie: Trie,
    pub wildcard_trie: Trie,
    /// By token.
    pub roles: Vec<TokenRole>,
    pub any_walks: bool,
    /// By pattern: whether it has more than one token. Only such patterns can overlap themselves.
    pub is_sequence: Vec<bool>,
    /// By token.
    pub is_punctuation: Vec<bool>,
    /// By token: whether no word character may be next to it if a pattern begins or ends with it. So it is
    /// punctuation, and boundaries are not adaptive.
    pub needs_boundary: Vec<bool>,
    /// By token: whether some pattern contains it after its first token, without and with whitespace before it.
    pub is_inner: Vec<[bool; 2]>,
    /// By token: whether some pattern ends with it.
    pub is_last: Vec<bool>,
    /// The length of a window, in bytes.
    pub window: usize,
}

impl Words {
    /// Compiles the patterns with ids `0..patterns.len()`. If `competes`, at least the winners among the patterns
    /// without wildcards are reported.
    pub fn new<'f>(
        boundaries: &Boundaries,
        patterns: impl ExactSizeIterator<Item = Pattern<'f>>,
        competes: bool,
    ) -> Result<Self, CountError> {
        let TokenizedPatterns {
            vocabulary,
            wildcards,
            optional,
            punctuation,
            mut is_punctuation,
            pattern_tokens,
            ends,
        } = TokenizedPatterns::new(boundaries, patterns)?;
        let plain = vocabulary.len() as usize;
        let token_count = plain + wildcards.len();
        is_punctuation.resize(token_count, false);
        let needs_boundary = is_punctuation.iter().map(|&is_it| is_it && !boundaries.is_adaptive).collect();
        let mut words = Self {
            tokenizer: Tokenizer::new(boundaries.clone(), punctuation),
            vocabulary,
            wildcards,
            optional,
            competes,
            trie: Trie::new(plain),
            wildcard_trie: Trie::new(token_count),
            roles: vec![TokenRole { pattern: NONE, starts_walk: StartsWalk::Never }; token_count],
            any_walks: false,
            is_sequence: Vec::with_capacity(ends.len()),
            is_punctuation,
            needs_boundary,
            is_inner: vec![[false; 2]; token_count],
            is_last: vec![false; token_count],
            window: WINDOW,
        };
        let mut start = 0;
        for (pattern, end) in ends.into_iter().enumerate() {
            words.add(pattern as u32, &pattern_tokens[start..end]);
            start = end;
        }
        words.trie.finish(if competes { Pairs::All } else { Pairs::First }, true);
        words.wildcard_trie.finish(Pairs::First, false);
        for (token, first) in (0..).zip(&mut words.roles[..plain]) {
            let root = words.trie.root(token);
            first.starts_walk = match words.needs_boundary[token as usize] {
                _ if root == NONE => StartsWalk::Never,
                true if !competes || words.trie.node(root).pattern != NONE => StartsWalk::Always,
                _ => StartsWalk::IfFollowed,
            };
        }
        words.any_walks = words.roles.iter().any(|first| first.starts_walk != StartsWalk::Never);
        Ok(words)
    }

    /// Sets the length of windows. Tests make it small.
    pub fn with_window(self, window: usize) -> Self {
        // A window must have room for one character.
        Self { window: window.max(8), ..self }
    }

    fn add(&mut self, pattern: u32, tokens: &[PatternToken]) {
        let (&first, rest) = tokens.split_first().expect("a pattern has a character that is not whitespace");
        self.is_sequence.push(!rest.is_empty());
        if rest.is_empty() && !self.needs_boundary[first.id as usize] {
            self.roles[first.id as usize].pattern = pattern;
            self.is_last[first.id as usize] = true;
            return;
        }
        for (before, token) in tokens.iter().zip(rest) {
            self.is_inner[token.id as usize][usize::from(token.spaced)] = true;
            // If the token before it is skipped, that token's whitespace precedes this one.
            self.is_inner[token.id as usize][1] |= Some(before.id) == self.optional && before.spaced;
        }
        self.is_last[tokens[tokens.len() - 1].id as usize] = true;
        let is_wild = tokens.iter().any(|token| token.id >= self.vocabulary.len());
        let node = match (is_wild, self.competes) {
            (true, _) => {
                let optional = self.optional.map(|id| Optional { id, is_punctuation: &self.is_punctuation });
                add_path(&mut self.wildcard_trie, tokens.iter().copied(), &self.needs_boundary, optional)
            }
            (false, false) => add_path(&mut self.trie, tokens.iter().copied(), &self.needs_boundary, None),
            (false, true) => {
                // Reversing a pattern keeps the whitespace between the same two tokens.
                let spaced = [false].into_iter().chain(tokens.iter().rev().map(|token| token.spaced));
                let reversed =
                    tokens.iter().rev().zip(spaced).map(|(token, spaced)| PatternToken { id: token.id, spaced });
                add_path(&mut self.trie, reversed, &self.needs_boundary, None)
            }
        };
        node.pattern = pattern;
    }

    pub fn wildcard_patterns(&self) -> WildcardTrie<'_> {
        WildcardTrie {
            trie: &self.wildcard_trie,
            optional: self.optional,
            is_punctuation: &self.is_punctuation,
            is_adaptive: self.tokenizer.boundaries().is_adaptive,
        }
    }

    /// Selects the matches that are patterns by themselves, with the ids of their patterns. Branch-free, since a
    /// branch would be unpredictable.
    pub fn select_single_token(&self, matches: &[TokenMatch], single_token: &mut Vec<TokenMatch>) {
        single_token.clear();
        single_token.resize(matches.len(), TokenMatch { token: u32::MAX, id: NONE });
        let mut patterns = 0;
        for &here in matches {
            let pattern = self.roles[here.id as usize].pattern;
            single_token[patterns] = TokenMatch { token: here.token, id: pattern };
            patterns += usize::from(pattern != NONE);
        }
        single_token.truncate(patterns);
    }

    /// Selects the matches at which walks start, as indices into `matches`. The window has `tokens` tokens.
    /// Branch-free, too.
    pub fn select_walk_starts(&self, matches: &[TokenMatch], tokens: u32, walk_starts: &mut Vec<u32>) {
        walk_starts.clear();
        if !self.any_walks {
            return;
        }
        walk_starts.resize(matches.len(), 0);
        let mut selected = 0;
        for (i, &here) in matches.iter().enumerate() {
            let next = *matches.get(i + 1).unwrap_or(&TokenMatch { token: u32::MAX, id: NONE });
            let starts_walk = self.roles[here.id as usize].starts_walk;
            let is_followed = (next.token == here.token + 1) & self.trie.may_pair(here.id, next.id);
            walk_starts[selected] = i as u32;
            selected += usize::from(
                (starts_walk == StartsWalk::Always) | (starts_walk == StartsWalk::IfFollowed) & is_followed,
            );
        }
        walk_starts.truncate(selected);
        // The token after the last one is in the next window.
        if let Some(last) = matches.last()
            && last.token + 1 == tokens
            && self.roles[last.id as usize].starts_walk == StartsWalk::IfFollowed
        {
            walk_starts.push(matches.len() as u32 - 1);
        }
    }

    /// The same for patterns with wildcards. A token may have several matches; the index is that of its first match.
    pub fn select_wildcard_starts(&self, matches: &[TokenMatch], tokens: u32, walk_starts: &mut Vec<u32>) {
        walk_starts.clear();
        if self.wildcard_trie.is_empty() {
            return;
        }
        let mut start = 0;
        while start < matches.len() {
            let token = matches[start].token;
            let end = start + matches[start..].iter().take_while(|found| found.token == token).count();
            let next = matches[end..].iter().take(LOOKAHEAD).take_while(|next| next.token == token + 1).count();
            let next = &matches[end..end + next];
            let leads = |here: &TokenMatch| match self.optional {
                Some(_) if self.is_punctuation[here.id as usize] => true,
                _ if self.wildcard_trie.root(here.id) == NONE => false,
                // This token may be skipped.
                Some(_) => true,
                None if self.is_punctuation[here.id as usize] => true,
                None => {
                    token + 1 == tokens
                        || next.len() == LOOKAHEAD
                        || next.iter().any(|next| self.wildcard_trie.may_pair(here.id, next.id))
                }
            };
            if matches[start..end].iter().any(leads) {
                walk_starts.push(start as u32);
            }
            start = end;
        }
    }
}

/// The wildcard that may be left out, and which tokens before it are punctuation.
struct Optional<'p> {
    id: u32,
    is_punctuation: &'p [bool],
}

/// Adds a path to a trie and returns its last node.
fn add_path<'t>(
    trie: &'t mut Trie,
    mut tokens: impl Iterator<Item = PatternToken>,
    needs_boundary: &[bool],
    optional: Option<Optional<'_>>,
) -> &'t mut Node {
    let first = tokens.next().expect("a pattern has a character that is not whitespace");
    let mut node = trie.add_root(first.id, needs_boundary[first.id as usize]);
    // If the wildcard is left out, the pattern ends with the token before it. A wildcard is a word character, so that
    // token needs a boundary even if boundaries are adaptive.
    let is_optional = |id: u32| optional.as_ref().is_some_and(|optional| optional.id == id);
    let is_punctuation = |id: u32| optional.as_ref().is_some_and(|optional| optional.is_punctuation[id as usize]);
    let mut is_after_punctuation = is_punctuation(first.id);
    for PatternToken { id, spaced } in tokens {
        is_after_punctuation = if is_optional(id) { is_after_punctuation } else { is_punctuation(id) };
        let needs_boundary = needs_boundary[id as usize] || is_optional(id) && is_after_punctuation;
        node = trie.add_step(node, id, spaced, needs_boundary);
    }
    trie.node_mut(node)
}

/// The most matches of the next token to check. If it has more, a walk starts without a check.
const LOOKAHEAD: usize = 8;
