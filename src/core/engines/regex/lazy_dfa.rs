//! Lazy DFAs: one from left to right for the end of a match, one from right to left for its start.
//!
//! The DFAs are from the crate `regex-automata`, the loops are our own. So a search can be cancelled, and reports how
//! far it read beyond the end of its match. While no match has begun, it skips to the next literal that each
//! match must contain ([`super::required_literal`]).

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, Compiler, NFA, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

use super::cancel::{CancelCheck, Stop};
use super::context::Expression;
use super::required_literal::RequiredLiteral;
use super::size_limit::TOO_LARGE;
use super::tracked_nfa::{reversed, tracked};
use crate::core::base::error::TermError;

/// Bytes that are read between two checks for cancellation, at least.
const CHECK_EVERY: usize = 16 << 10;
/// The work to build a state, as a number of bytes read.
const STATE_WORK: usize = 256;

/// The lazy DFAs of one expression.
pub struct LazyDfas {
    forward: DFA,
    /// `None` if the end of a match determines its start.
    backward: Option<DFA>,
    /// The length of all matches, if they have the same.
    length: Option<usize>,
    required_literal: Option<RequiredLiteral>,
    /// How many bytes of context can precede a match.
    context: usize,
}

/// What to search for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SearchKind {
    /// Matches anywhere. The expression is group 1, for `greedy`.
    Everywhere,
    /// Matches after a character of context, which is the first part of the expression.
    Within,
    /// Matches at given positions. The expression is group 1, for `greedy`.
    Anchored,
}

/// The states that are built so far.
pub struct DfaCaches {
    forward: Cache,
    backward: Option<Cache>,
}

impl DfaCaches {
    pub fn bytes(&self) -> usize {
        self.forward.memory_usage() + self.backward.as_ref().map_or(0, Cache::memory_usage)
    }
}

/// The result of a search.
pub struct DfaMatch {
    pub span: Option<(usize, usize)>,
    /// Where the search stopped reading.
    pub read: usize,
}

impl LazyDfas {
    /// `most` limits the size of each automaton, `cache` the memory for states, in bytes.
    pub fn new(expression: &Expression, wanted: SearchKind, most: usize, cache: usize) -> Result<Self, TermError> {
        let &Expression { ref hir, is_marked } = expression;
        let (captures, required_literal) = match wanted {
            SearchKind::Everywhere => (true, RequiredLiteral::new(hir, false)),
            SearchKind::Within => (false, RequiredLiteral::new(hir, true)),
            SearchKind::Anchored => (true, None),
        };
        let properties = hir.properties();
        let length = properties.minimum_len().filter(|_| properties.minimum_len() == properties.maximum_len());
        let mut forward = nfa(hir, false, captures || is_marked, most)?;
        if is_marked {
            forward = tracked(&forward, most)?;
        }
        let backward = match length.is_some() || wanted == SearchKind::Anchored {
            true => None,
            // Each transition becomes a state.
            false if is_marked => Some(reversed(&forward, 2 * most)?),
            false => Some(nfa(hir, true, false, most)?),
        };
        let build = |nfa, kind, starts| {
            // If fewer bytes are read for each state that is built, `greedy` is faster.
            let config = Config::new()
                .match_kind(kind)
                .unicode_word_boundary(true)
                .specialize_start_states(starts)
                .cache_capacity(cache)
                .skip_cache_capacity_check(true)
                .minimum_cache_clear_count(Some(2))
                .minimum_bytes_per_state(Some(256));
            DFA::builder().configure(config).build_from_nfa(nfa).map_err(|_| TOO_LARGE)
        };
        Ok(Self {
            context: if wanted == SearchKind::Within { char::MAX.len_utf8() } else { 0 },
            forward: build(forward, MatchKind::LeftmostFirst, required_literal.is_some())?,
            // From right to left, the longest match ends leftmost.
            backward: backward.map(|nfa| build(nfa, MatchKind::All, false)).transpose()?,
            length,
            required_literal,
        })
    }

    pub fn nfa(&self) -> &NFA {
        self.forward.get_nfa()
    }

    pub fn caches(&self) -> DfaCaches {
        DfaCaches { forward: self.forward.create_cache(), backward: self.backward.as_ref().map(DFA::create_cache) }
    }

    /// The first match in the input's range. It is known to begin before `starts_end`.
    pub fn find(
        &self,
        caches: &mut DfaCaches,
        input: &Input<'_>,
        starts_end: usize,
        cancel_check: &CancelCheck<'_>,
    ) -> Result<DfaMatch, Stop> {
        if let Some(required_literal) =
            self.required_literal.as_ref().filter(|required_literal| required_literal.is_exact)
        {
            let next =
                required_literal.find(input.haystack(), input.start()..input.end(), starts_end, cancel_check)?;
            let span = next.map(|next| (next.start, next.literal_end));
            return Ok(DfaMatch { span, read: span.map_or(input.end(), |span| span.1) });
        }
        let (end, read) = self.find_end(&mut caches.forward, input, starts_end, cancel_check)?;
        let Some(end) = end else { return Ok(DfaMatch { span: None, read }) };
        let start = match (&self.backward, &mut caches.backward) {
            (Some(dfa), Some(cache)) => find_start(dfa, cache, input, end, cancel_check)?,
            _ => self.length.map_or(input.start(), |length| end - length),
        };
        Ok(DfaMatch { span: Some((start, end)), read })
    }

    /// The end of the first match, and where the search stopped reading.
    fn find_end(
        &self,
        cache: &mut Cache,
        input: &Input<'_>,
        starts_end: usize,
        cancel_check: &CancelCheck<'_>,
    ) -> Result<(Option<usize>, usize), Stop> {
        let dfa = &self.forward;
        let (text, end) = (input.haystack(), input.end());
        let mut at = input.start();
        // The start of the next literal that a match must contain.
        let mut literal = 0;
        if let Some(required_literal) = &self.required_literal {
            let Some(next) = required_literal.find(text, at..end, starts_end, cancel_check)? else {
                return Ok((None, end));
            };
            (at, literal) = (next.start, next.literal);
        }
        let start_at = |cache: &mut Cache, at| {
            dfa.start_state_forward(cache, &input.clone().range(at..end)).map_err(|_| Stop::Quit)
        };
        cache.search_start(at);
        // The state after only a character of context, where a match may just have begun. It is valid until the cache
        // is cleared.
        let mut begun = LazyStateID::default();
        if self.required_literal.is_some() && self.context > 0 {
            let start = start_at(cache, at)?;
            begun = next_state(dfa, cache, start, b' ', at)?;
        }
        let clears = cache.clear_count();
        let mut state = start_at(cache, at)?;
        let mut last = None;
        while at < end {
            cancel_check.work(1)?;
            if state.is_tagged() {
                state = next_state(dfa, cache, state, text[at], at)?;
            } else {
                let (from, mut before) = (at, state);
                let (stop, begun) = if at < literal { (literal, LazyStateID::default()) } else { (end, begun) };
                for &byte in &text[at..stop.min(end).min(at + CHECK_EVERY)] {
                    before = state;
                    state = dfa.next_state_untagged(cache, state, byte);
                    if state.is_tagged() || state == begun {
                        break;
                    }
                    at += 1;
                }
                cancel_check.work(at - from)?;
                if state.is_unknown() {
                    cancel_check.work(STATE_WORK)?;
                    state = next_state(dfa, cache, before, text[at], at)?;
                } else if !state.is_tagged() && state != begun {
                    continue;
                }
            }
            // A match state refers to the position before the byte that led to it.
            if state.is_match() {
                last = Some(at);
            } else if state.is_dead() {
                cache.search_finish(at);
                return Ok((last, at));
            } else if state.is_quit() {
                return Err(Stop::Quit);
            } else if last.is_none()
                && at >= literal
                && (state.is_start() || state == begun && cache.clear_count() == clears)
                && let Some(required_literal) = &self.required_literal
            {
                let from =
                    if state.is_start() { at + 1 } else { input.start().max((at + 1).saturating_sub(self.context)) };
                let Some(next) = required_literal.find(text, from..end, starts_end, cancel_check)? else {
                    return Ok((None, end));
                };
                literal = next.literal;
                if next.start > at + 1 {
                    at = next.start;
                    state = start_at(cache, at)?;
                    continue;
                }
            }
            at += 1;
        }
        cache.search_finish(end);
        match at_border(dfa, cache, state, text.get(end).copied())? {
            true => Ok((Some(end), end)),
            false => Ok((last, end)),
        }
    }
}

/// The leftmost start, in the input's range, of a match that ends at `end`.
fn find_start(
    dfa: &DFA,
    cache: &mut Cache,
    input: &Input<'_>,
    end: usize,
    cancel_check: &CancelCheck<'_>,
) -> Result<usize, Stop> {
    let (text, start) = (input.haystack(), input.start());
    let input = input.clone().range(start..end).anchored(Anchored::Yes);
    let mut state = dfa.start_state_reverse(cache, &input).map_err(|_| Stop::Quit)?;
    let mut first = None;
    let mut at = end;
    cache.search_start(at);
    while at > start {
        cancel_check.work(1)?;
        if state.is_tagged() {
            state = next_state(dfa, cache, state, text[at - 1], at)?;
        } else {
            let (from, mut before) = (at, state);
            for &byte in text[start.max(at.saturating_sub(CHECK_EVERY))..at].iter().rev() {
                before = state;
                state = dfa.next_state_untagged(cache, state, byte);
                if state.is_tagged() {
                    break;
                }
                at -= 1;
            }
            cancel_check.work(from - at)?;
            if !state.is_tagged() {
                continue;
            }
            if state.is_unknown() {
                cancel_check.work(STATE_WORK)?;
                state = next_state(dfa, cache, before, text[at - 1], at)?;
            }
        }
        if state.is_match() {
            first = Some(at);
        } else if state.is_dead() {
            cache.search_finish(at);
            return first.ok_or(Stop::Quit);
        } else if state.is_quit() {
            return Err(Stop::Quit);
        }
        at -= 1;
    }
    cache.search_finish(start);
    let before = start.checked_sub(1).map(|at| text[at]);
    if at_border(dfa, cache, state, before)? {
        first = Some(start);
    }
    first.ok_or(Stop::Quit)
}

/// The next state, which is built if it is new.
#[inline]
fn next_state(dfa: &DFA, cache: &mut Cache, state: LazyStateID, byte: u8, at: usize) -> Result<LazyStateID, Stop> {
    cache.search_update(at);
    dfa.next_state(cache, state, byte).map_err(|_| Stop::Quit)
}

/// Whether there is a match at the border of the range that was read. `beyond` is the byte after it.
fn at_border(dfa: &DFA, cache: &mut Cache, state: LazyStateID, beyond: Option<u8>) -> Result<bool, Stop> {
    let state = match beyond {
        Some(byte) => dfa.next_state(cache, state, byte),
        None => dfa.next_eoi_state(cache, state),
    };
    let state = state.map_err(|_| Stop::Quit)?;
    if state.is_quit() { Err(Stop::Quit) } else { Ok(state.is_match()) }
}

fn nfa(hir: &Hir, reverse: bool, captures: bool, most: usize) -> Result<NFA, TermError> {
    let captures = if captures { WhichCaptures::All } else { WhichCaptures::None };
    let config =
        thompson::Config::new().reverse(reverse).utf8(false).which_captures(captures).nfa_size_limit(Some(most));
    // A parsed expression can only fail because it is too large.
    Compiler::new().configure(config).build_from_hir(hir).map_err(|_| TOO_LARGE)
}
