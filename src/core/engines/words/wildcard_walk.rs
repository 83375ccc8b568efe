//! The walk through the trie of patterns with wildcards. Several wildcards may match a token, so several paths are
//! alive.
//!
//! The state of the walk is the *set* of all paths that end with the last token. It contains each node at most once
//! per number of tokens. So a token costs at most the number of such nodes, after any text. Sets and the
//! steps between them are cached like the states of a lazy DFA. On text that repeats itself, a token costs one
//! lookup. The cache is bounded, and cleared when it is full.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::trie::Trie;
use super::vocabulary::{NONE, TokenMatch};
use super::window::{Trail, Window};
use crate::core::base::hash_seed::PairHash;
use crate::core::engines::engine::MatchCallback;

/// A path that ends with the last token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Path {
    node: u32,
    /// The number of tokens in the text: fewer than those of the node if the optional wildcard was skipped.
    tokens: u32,
    /// Whether whitespace must follow, because the pattern has it before a skipped wildcard.
    needs_space: bool,
}

/// A set of paths. Ranges refer to [`StateCache::paths`] and [`StateCache::ends`].
#[derive(Clone, Copy, Default)]
struct PathSet {
    paths: (u32, u32),
    /// The patterns that end here. From `punctuation` on, no word character may follow.
    ends: (u32, u32),
    punctuation: u32,
    /// The number of tokens of the longest path that has children, or 0.
    tokens: u32,
}

/// A pattern that ends with the last token, and its number of tokens in the text.
#[derive(Clone, Copy)]
struct End {
    pattern: u32,
    tokens: u32,
}

/// Sets of paths and the steps between them. The first set is empty.
#[derive(Default)]
struct StateCache {
    sets: Vec<PathSet>,
    paths: Vec<Path>,
    ends: Vec<End>,
    by_paths: HashTable<u32>,
    steps: Vec<CachedStep>,
    /// The ids that the cached steps matched.
    matches: Vec<u32>,
    by_step: HashTable<u32>,
    hasher: RandomState,
    pair_hash: PairHash,
}

/// A step from one set to another.
#[derive(Clone, Copy)]
struct CachedStep {
    from: u32,
    context: TokenContext,
    /// The ids that matched the token: a range in [`StateCache::matches`].
    matches: (u32, u32),
    to: u32,
}

/// The context in which a token is read.
#[derive(Clone, Copy, PartialEq, Eq)]
struct TokenContext {
    spaced: bool,
    /// Whether a pattern may begin with the token.
    begins: bool,
}

/// The most cached paths, ids and steps. They take up to 8 MB.
const MAX_ENTRIES: usize = 1 << 18;

const EMPTY: u32 = 0;

/// Paths or matches between two checks for cancellation.
const CHECK_EVERY: usize = 1 << 18;

/// A walk, which may continue in the next window, with a worker's cache. It must be used with one plan only.
#[derive(Default)]
pub struct WildcardWalk {
    cache: StateCache,
    set: u32,
    trail: Trail,
    next: Vec<Path>,
    /// Paths and matches since the last check for cancellation.
    work: usize,
}

/// The trie, and what a walk through it needs.
#[derive(Clone, Copy)]
pub struct WildcardTrie<'w> {
    pub trie: &'w Trie,
    /// The wildcard that may match nothing.
    pub optional: Option<u32>,
    /// By token.
    pub is_punctuation: &'w [bool],
    pub is_adaptive: bool,
}

impl WildcardTrie<'_> {
    /// Fills `next` with the paths after a token: those that continue with it, and those that begin with it.
    fn advance(self, paths: &[Path], matches: &[TokenMatch], context: TokenContext, next: &mut Vec<Path>) {
        let Self { trie, optional, is_adaptive, .. } = self;
        let TokenContext { spaced, begins } = context;
        next.clear();
        let mut add = |node: u32, tokens, needs_space| {
            if node != NONE {
                next.push(Path { node, tokens, needs_space });
            }
        };
        for path in paths.iter().filter(|path| spaced || !path.needs_space) {
            // A token's matches are sorted by id: first the token itself, then wildcards.
            let matches = match trie.only_child(path.node) {
                Some(only) => {
                    matches.binary_search_by_key(&only, |found| found.id).map_or(&[][..], |at| &matches[at..=at])
                }
                None => matches,
            };
            for found in matches {
                add(trie.step(path.node, found.id, spaced && !path.needs_space), path.tokens + 1, false);
            }
        }
        // A skipped wildcard is a word character, so it needs a boundary even if boundaries are adaptive.
        let after_optional = if begins { optional.map_or(NONE, |optional| trie.root(optional)) } else { NONE };
        for found in matches.iter().filter(|_| begins || is_adaptive) {
            add(trie.root(found.id), 1, false);
            if after_optional != NONE {
                add(trie.step(after_optional, found.id, false), 1, false);
            }
        }
        let Some(optional) = optional else { return };
        // Each path may also skip the optional wildcard, and so may the resulting paths.
        let mut at = 0;
        while let Some(&path) = next.get(at) {
            for spaced in [false, true] {
                let node = trie.step(path.node, optional, spaced);
                if node != NONE {
                    next.push(Path { node, needs_space: spaced || path.needs_space, ..path });
                }
            }
            at += 1;
        }
        next.sort_unstable();
        next.dedup();
    }
}

impl StateCache {
    fn paths(&self, set: u32) -> &[Path] {
        let (from, to) = self.sets[set as usize].paths;
        &self.paths[from as usize..to as usize]
    }

    /// The number of a set, which is added if it is new.
    fn set(&mut self, trie: &Trie, paths: &[Path]) -> u32 {
        let hash = self.hasher.hash_one(paths);
        if let Some(&set) = self.by_paths.find(hash, |&set| self.paths(set) == paths) {
            return set;
        }
        let from = self.paths.len() as u32;
        self.paths.extend_from_slice(paths);
        let ends = self.ends.len() as u32;
        let end = |path: &Path| End { pattern: trie.node(path.node).pattern, tokens: path.tokens };
        let is_punctuation = |path: &&Path| trie.node(path.node).needs_boundary;
        self.ends
            .extend(paths.iter().filter(|path| !is_punctuation(path)).map(end).filter(|end| end.pattern != NONE));
        let punctuation = self.ends.len() as u32;
        self.ends.extend(paths.iter().filter(is_punctuation).map(end).filter(|end| end.pattern != NONE));
        let continuing = paths.iter().filter(|path| trie.node(path.node).has_children);
        self.sets.push(PathSet {
            paths: (from, self.paths.len() as u32),
            ends: (ends, self.ends.len() as u32),
            punctuation,
            tokens: continuing.map(|path| path.tokens).max().unwrap_or(0),
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

    fn step_hash(pair_hash: PairHash, from: u32, context: TokenContext, matches: impl Iterator<Item = u32>) -> u64 {
        let mix = |hash: u64, next: u32| pair_hash.hash(hash ^ u64::from(next), 0);
        let first = mix(0, from << 2 | u32::from(context.spaced) << 1 | u32::from(context.begins));
        matches.fold(first, mix)
    }

    fn step(&self, hash: u64, from: u32, context: TokenContext, matches: &[TokenMatch]) -> Option<u32> {
        let is_it = |&step: &u32| {
            let step = self.steps[step as usize];
            let known = &self.matches[step.matches.0 as usize..step.matches.1 as usize];
            step.from == from && step.context == context && known.iter().eq(matches.iter().map(|found| &found.id))
        };
        self.by_step.find(hash, is_it).map(|&step| self.steps[step as usize].to)
    }

    fn add_step(&mut self, hash: u64, from: u32, context: TokenContext, matches: &[TokenMatch], to: u32) {
        let start = self.matches.len() as u32;
        self.matches.extend(matches.iter().map(|found| found.id));
        let number = self.steps.len() as u32;
        self.steps.push(CachedStep { from, context, matches: (start, self.matches.len() as u32), to });
        let Self { by_step, steps, matches, pair_hash, .. } = self;
        by_step.insert_unique(hash, number, |&step| {
            let CachedStep { from, context, matches: (start, end), .. } = steps[step as usize];
            Self::step_hash(*pair_hash, from, context, matches[start as usize..end as usize].iter().copied())
        });
    }

    fn is_full(&self) -> bool {
        self.paths.len() + self.matches.len() + self.steps.len() > MAX_ENTRIES
    }

    /// Clears the cache except for one set, which gets another number.
    fn forget(&mut self, trie: &Trie, set: u32) -> u32 {
        let paths = if self.sets.is_empty() { Vec::new() } else { self.paths(set).to_vec() };
        *self = Self::default();
        self.set(trie, &[]);
        self.set(trie, &paths)
    }
}

impl WildcardWalk {
    /// Begins with the first token of `matches`. Returns the token at which the walk ended: no pattern left to report
    /// begins before it.
    pub fn begin(
        &mut self,
        wildcard_trie: WildcardTrie<'_>,
        window: &Window<'_>,
        matches: &[TokenMatch],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        self.set = EMPTY;
        self.trail.pass(window.start_of(matches[0].token));
        self.advance(wildcard_trie, window, matches[0].token, matches, callback)
    }

    /// Resets the walk before another text.
    pub fn reset(&mut self) {
        self.set = EMPTY;
    }

    /// Continues with the first token of a window, if the walk reached its beginning.
    pub fn resume(
        &mut self,
        wildcard_trie: WildcardTrie<'_>,
        window: &Window<'_>,
        matches: &[TokenMatch],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        if self.set == EMPTY { 0 } else { self.advance(wildcard_trie, window, 0, matches, callback) }
    }

    /// Continues with a token. `matches` begins with the matches of that token, if there are any.
    fn advance(
        &mut self,
        wildcard_trie: WildcardTrie<'_>,
        window: &Window<'_>,
        mut token: u32,
        mut matches: &[TokenMatch],
        callback: &mut impl MatchCallback,
    ) -> u32 {
        let mut set = std::mem::replace(&mut self.set, EMPTY);
        while token < window.len() {
            let here = matches.iter().take_while(|found| found.token == token).count();
            let (here, rest) = matches.split_at(here);
            let [first, ..] = here else { return token };
            let (start, end) = window.token(token);
            let Some(spaced) = self.trail.gap(window, start) else { return token };
            let is_punctuation = wildcard_trie.is_punctuation.get(first.id as usize) == Some(&true);
            let begins = !is_punctuation || !window.is_after_word_char(start);
            set = self.step(wildcard_trie, set, here, TokenContext { spaced, begins });
            self.trail.pass(end);
            let PathSet { ends: (from, to), punctuation, tokens, .. } = self.cache.sets[set as usize];
            if from < to {
                let to = if punctuation < to && window.is_before_word_char(end) { punctuation } else { to };
                for &End { pattern, tokens } in &self.cache.ends[from as usize..to as usize] {
                    callback.on_match(pattern, self.trail.start(window, token, tokens), end);
                }
                self.work += (to - from) as usize;
            }
            token += 1;
            matches = rest;
            if tokens == 0 {
                return token;
            }
            if self.work > CHECK_EVERY {
                self.work = 0;
                if callback.cancelled() {
                    return window.len();
                }
            }
        }
        self.set = set;
        token
    }

    /// The set after a token with these matches.
    fn step(
        &mut self,
        wildcard_trie: WildcardTrie<'_>,
        mut set: u32,
        matches: &[TokenMatch],
        context: TokenContext,
    ) -> u32 {
        let Self { cache, next, work, .. } = self;
        let hash = StateCache::step_hash(cache.pair_hash, set, context, matches.iter().map(|found| found.id));
        if let Some(next) = cache.step(hash, set, context, matches) {
            return next;
        }
        if cache.is_full() || cache.sets.is_empty() {
            set = cache.forget(wildcard_trie.trie, set);
        }
        let paths = cache.paths(set);
        *work += paths.len() * matches.len();
        wildcard_trie.advance(paths, matches, context, next);
        let to = cache.set(wildcard_trie.trie, next);
        let hash = StateCache::step_hash(cache.pair_hash, set, context, matches.iter().map(|found| found.id));
        cache.add_step(hash, set, context, matches, to);
        to
    }

    /// Leaves a window. Returns the start of the first pattern that may continue in the next window.
    pub fn leave(&mut self, window: &Window<'_>) -> Option<usize> {
        let tokens = if self.set == EMPTY { 0 } else { self.cache.sets[self.set as usize].tokens };
        let start = self.trail.leave(window, tokens);
        if start.is_none() {
            self.set = EMPTY;
        }
        start
    }
}
