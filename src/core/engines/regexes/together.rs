//! Finds which of several expressions match a document, in one pass. They have no literals that could tell.
//!
//! The expressions are one lazy DFA, without their word boundaries: if an expression does not match without them, it
//! does not match with them either. The DFA is for ASCII, so that it stays small.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, Compiler, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, MatchKind, PatternSet};
use regex_syntax::hir::Hir;

/// Expressions in one DFA: of which many may match most documents, and of which few do. More expressions need more
/// states, by a product in the worst case. Then they are divided.
pub const FEW: usize = 8;
pub const MANY: usize = 64;
/// The size of an NFA in bytes.
const SIZE_LIMIT: usize = 1 << 20;
/// Memory for the states of each worker in bytes: for all DFAs of a plan together, and for each.
const CACHE_BYTES: usize = 64 << 20;
const CACHE_BYTES_EACH: std::ops::RangeInclusive<usize> = 64 << 10..=1 << 20;
/// In longer documents the expressions are searched one by one: this search cannot be cancelled, and most expressions
/// match a long document anyway.
pub const LONGEST: usize = 64 << 10;
/// After so many documents for which the DFA had too many states, it is not used any more. If there are more than
/// [`FEW`] expressions, both halves are tried.
const MOST_FAILURES: usize = 16;
const MOST_FAILURES_OF_MANY: usize = 2;

pub struct Together {
    expressions: Vec<u32>,
    cache: usize,
    /// Built for the first document. `None` if the expressions are too large.
    automaton: OnceLock<Option<Box<Automaton>>>,
    /// Both halves, after failures.
    halves: OnceLock<Box<[Together; 2]>>,
}

struct Automaton {
    dfa: DFA,
    scratch: Pool<Option<Box<(Cache, PatternSet)>>>,
    failures: AtomicUsize,
}

impl Together {
    /// Groups of at most `most` of the expressions.
    pub fn groups(expressions: &[u32], most: usize) -> Vec<Self> {
        // Enough for the smallest groups, should all be divided.
        let each = CACHE_BYTES / expressions.len().div_ceil(FEW).max(1);
        let cache = each.clamp(*CACHE_BYTES_EACH.start(), *CACHE_BYTES_EACH.end());
        expressions.chunks(most).map(|part| Self::new(part, cache)).collect()
    }

    fn new(expressions: &[u32], cache: usize) -> Self {
        Self { expressions: expressions.to_vec(), cache, automaton: OnceLock::new(), halves: OnceLock::new() }
    }

    /// Adds the expressions that may match an ASCII document. `parsed` returns an expression for ASCII.
    pub fn add_matching(&self, text: &[u8], parsed: &dyn Fn(u32) -> Hir, found: &mut Vec<u32>) {
        if let Some(halves) = self.halves.get() {
            return halves.iter().for_each(|half| half.add_matching(text, parsed, found));
        }
        if self.automaton.get().is_none() {
            let hirs: Vec<_> = self.expressions.iter().map(|&id| parsed(id)).collect();
            // If another worker was faster, its result is used.
            let _ = self.automaton.set(Automaton::new(&hirs, self.cache).map(Box::new));
        }
        let automaton = self.automaton.get().and_then(Option::as_ref);
        if automaton.is_some_and(|automaton| automaton.add_matching(text, &self.expressions, found)) {
            return;
        }
        found.extend_from_slice(&self.expressions);
        if self.expressions.len() > FEW
            && automaton.is_none_or(|automaton| automaton.failures.load(Ordering::Relaxed) >= MOST_FAILURES_OF_MANY)
        {
            let (first, second) = self.expressions.split_at(self.expressions.len() / 2);
            let _ = self.halves.set(Box::new([first, second].map(|half| Self::new(half, self.cache))));
        }
    }
}

impl Automaton {
    fn new(hirs: &[Hir], cache: usize) -> Option<Self> {
        let nfa =
            thompson::Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(SIZE_LIMIT));
        let nfa = Compiler::new().configure(nfa).build_many_from_hir(hirs).ok()?;
        // Each state of more expressions takes longer to build.
        let config = Config::new()
            .match_kind(MatchKind::All)
            .cache_capacity(cache)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(2))
            .minimum_bytes_per_state(Some(256 * hirs.len().div_ceil(FEW)));
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        Some(Self { dfa, scratch: Pool::new(|| None), failures: AtomicUsize::new(0) })
    }

    /// Returns false if the DFA would have too many states.
    fn add_matching(&self, text: &[u8], expressions: &[u32], found: &mut Vec<u32>) -> bool {
        if self.failures.load(Ordering::Relaxed) >= MOST_FAILURES {
            return false;
        }
        let mut scratch = self.scratch.get();
        let new = || Box::new((self.dfa.create_cache(), PatternSet::new(expressions.len())));
        let (cache, matching) = &mut **scratch.get_or_insert_with(new);
        matching.clear();
        let input = Input::new(text).anchored(Anchored::No);
        if self.dfa.try_which_overlapping_matches(cache, &input, matching).is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        found.extend(matching.iter().map(|pattern| expressions[pattern.as_usize()]));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::engines::regex::for_ascii;

    fn groups(expressions: &[&str], most: usize) -> Vec<Together> {
        Together::groups(&(0..expressions.len() as u32).collect::<Vec<_>>(), most)
    }

    fn matching_in(groups: &[Together], expressions: &[&str], text: &str) -> Vec<u32> {
        let mut found = Vec::new();
        let parsed = |id: u32| for_ascii(&regex_syntax::parse(expressions[id as usize]).unwrap());
        groups.iter().for_each(|group| group.add_matching(text.as_bytes(), &parsed, &mut found));
        found.sort_unstable();
        found
    }

    fn matching(expressions: &[&str], text: &str) -> Vec<u32> {
        let found = matching_in(&groups(expressions, FEW), expressions, text);
        assert_eq!(matching_in(&groups(expressions, MANY), expressions, text), found);
        found
    }

    #[test]
    fn expressions_that_match_are_found() {
        let expressions = [
            r"\d{4}-\d\d",
            "[A-Z]{3,}",
            r"\w+@\w+",
            "^a",
            "z$",
            r"\bis\b",
            "é",
            r"(?i)STRASSE",
            r"\s\s",
            "a.*z",
            "[é-ü]|!",
        ];
        for text in ["", "a z", "2024-05 ABC", "me@x.org is", "this", "strasse!", "a\nz", "x  y", "ABCD 1"] {
            let expected: Vec<u32> = (0..)
                .zip(expressions)
                .filter(|(_, expression)| regex::Regex::new(expression).unwrap().is_match(text))
                .map(|(id, _)| id)
                .collect();
            assert_eq!(matching(&expressions, text), expected, "{text:?}");
        }
    }

    /// Text for which `[ab]*a[ab]{40}c` needs a state for nearly every byte.
    fn with_many_states() -> String {
        let mut chance = 1u64;
        let letters = std::iter::repeat_with(|| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if chance >> 63 == 0 { 'a' } else { 'b' }
        });
        letters.take(60_000).collect()
    }

    #[test]
    fn too_many_states_mean_that_all_may_match() {
        assert_eq!(matching(&["[ab]*a[ab]{40}c", "x"], &with_many_states()), [0, 1]);
    }

    #[test]
    fn groups_with_too_many_states_are_divided() {
        let mut expressions = vec!["x"; 2 * FEW];
        expressions[0] = "[ab]*a[ab]{40}c";
        let groups = groups(&expressions, MANY);
        let text = with_many_states();
        let all: Vec<u32> = (0..2 * FEW as u32).collect();
        for _ in 0..MOST_FAILURES_OF_MANY {
            assert_eq!(matching_in(&groups, &expressions, &text), all);
        }
        assert_eq!(matching_in(&groups, &expressions, &text), all[..FEW]);
    }

    #[test]
    fn large_expressions_may_all_match() {
        assert_eq!(matching(&["(?:[a-z]{300}){300}", "x"], "no"), [0, 1]);
    }
}
