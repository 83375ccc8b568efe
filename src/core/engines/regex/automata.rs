//! Searches by lazily built automata: one forwards for the end of a match, one backwards for its start.
//!
//! They are the crate's automata, but the steps are ours. So a search can be cancelled on its way, tells how far it read
//! beyond the end of its match, and skips from places where no match has begun to the next literal that each match must
//! contain ([`super::jump`]).

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, Compiler, NFA, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

use super::jump::Jump;
use super::watch::{Stop, Watch};
use crate::core::base::error::RegexError;

/// Bytes that one compiled expression may take: the bound that the crate `regex` sets as well.
const SIZE_LIMIT: usize = 10 << 20;

/// Bytes that are read between two looks at whether the count was cancelled, at least.
const AT_ONCE: usize = 16 << 10;
/// What building a state costs, in bytes read.
const STATE: usize = 256;

/// One expression, to be searched for.
pub struct Automata {
    forward: DFA,
    /// None where the end of a match tells its start.
    backward: Option<DFA>,
    /// The length of all matches, if they have one.
    length: Option<usize>,
    jump: Option<Jump>,
    /// How many bytes of context can precede a match.
    context: usize,
}

/// What an expression is searched for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Matches anywhere; the expression is group 1 for `greedy`.
    Everywhere,
    /// Matches after a character of context, which is the first part of the expression.
    Within,
    /// Matches at given places; the expression is group 1 for `greedy`.
    Anchored,
}

/// The states built so far.
pub struct Caches {
    forward: Cache,
    backward: Option<Cache>,
}

/// What a search found.
pub struct Found {
    pub span: Option<(usize, usize)>,
    /// Where it stopped to read.
    pub read: usize,
}

impl Automata {
    /// With so many bytes of states at a time.
    pub fn new(hir: &Hir, wanted: Use, cache: usize) -> Result<Self, RegexError> {
        let (captures, jump) = match wanted {
            Use::Everywhere => (true, Jump::new(hir, false)),
            Use::Within => (false, Jump::new(hir, true)),
            Use::Anchored => (true, None),
        };
        let properties = hir.properties();
        let length = properties.minimum_len().filter(|_| properties.minimum_len() == properties.maximum_len());
        let forward = nfa(hir, false, captures)?;
        let build = |nfa, kind, starts| {
            // Where fewer bytes are read for each state built, `greedy` is faster.
            let config = Config::new()
                .match_kind(kind)
                .unicode_word_boundary(true)
                .specialize_start_states(starts)
                .cache_capacity(cache)
                .skip_cache_capacity_check(true)
                .minimum_cache_clear_count(Some(2))
                .minimum_bytes_per_state(Some(256));
            DFA::builder()
                .configure(config)
                .build_from_nfa(nfa)
                .map_err(|_| RegexError::TooLarge { limit: SIZE_LIMIT })
        };
        Ok(Self {
            context: if wanted == Use::Within { char::MAX.len_utf8() } else { 0 },
            forward: build(forward, MatchKind::LeftmostFirst, jump.is_some())?,
            // Backwards from its end, the longest match is the leftmost.
            backward: match length.is_some() || wanted == Use::Anchored {
                true => None,
                false => Some(build(nfa(hir, true, false)?, MatchKind::All, false)?),
            },
            length,
            jump,
        })
    }

    pub fn nfa(&self) -> &NFA {
        self.forward.get_nfa()
    }

    pub fn caches(&self) -> Caches {
        Caches { forward: self.forward.create_cache(), backward: self.backward.as_ref().map(DFA::create_cache) }
    }

    /// The first match in the input's range.
    pub fn find(&self, caches: &mut Caches, input: &Input<'_>, watch: &Watch<'_>) -> Result<Found, Stop> {
        if let Some(jump) = self.jump.as_ref().filter(|jump| jump.is_exact) {
            let next = jump.find(input.haystack(), input.start()..input.end(), watch)?;
            let span = next.map(|next| (next.start, next.literal_end));
            return Ok(Found { span, read: span.map_or(input.end(), |span| span.1) });
        }
        let (end, read) = self.find_end(&mut caches.forward, input, watch)?;
        let Some(end) = end else { return Ok(Found { span: None, read }) };
        let start = match (&self.backward, &mut caches.backward) {
            (Some(dfa), Some(cache)) => find_start(dfa, cache, input, end, watch)?,
            _ => self.length.map_or(input.start(), |length| end - length),
        };
        Ok(Found { span: Some((start, end)), read })
    }

    /// Where the first match ends, and where the search stopped to read.
    fn find_end(
        &self,
        cache: &mut Cache,
        input: &Input<'_>,
        watch: &Watch<'_>,
    ) -> Result<(Option<usize>, usize), Stop> {
        let dfa = &self.forward;
        let (text, end) = (input.haystack(), input.end());
        let mut at = input.start();
        // Where the next literal begins that a match must contain.
        let mut literal = 0;
        if let Some(jump) = &self.jump {
            let Some(next) = jump.find(text, at..end, watch)? else { return Ok((None, end)) };
            (at, literal) = (next.start, next.literal);
        }
        let start_at = |cache: &mut Cache, at| {
            dfa.start_state_forward(cache, &input.clone().range(at..end)).map_err(|_| Stop::Quit)
        };
        cache.search_start(at);
        // After a character of context, a match may just have begun; it is known by its state until the cache is cleared.
        let mut begun = LazyStateID::default();
        if self.jump.is_some() && self.context > 0 {
            let start = start_at(cache, at)?;
            begun = next_state(dfa, cache, start, b' ', at)?;
        }
        let clears = cache.clear_count();
        let mut state = start_at(cache, at)?;
        let mut last = None;
        while at < end {
            watch.work(1)?;
            if state.is_tagged() {
                state = next_state(dfa, cache, state, text[at], at)?;
            } else {
                let (from, mut before) = (at, state);
                let (stop, begun) = if at < literal { (literal, LazyStateID::default()) } else { (end, begun) };
                for &byte in &text[at..stop.min(end).min(at + AT_ONCE)] {
                    before = state;
                    state = dfa.next_state_untagged(cache, state, byte);
                    if state.is_tagged() || state == begun {
                        break;
                    }
                    at += 1;
                }
                watch.work(at - from)?;
                if state.is_unknown() {
                    watch.work(STATE)?;
                    state = next_state(dfa, cache, before, text[at], at)?;
                } else if !state.is_tagged() && state != begun {
                    continue;
                }
            }
            // What a state says of matches is about the place before the byte that led to it.
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
                && let Some(jump) = &self.jump
            {
                let from =
                    if state.is_start() { at + 1 } else { input.start().max((at + 1).saturating_sub(self.context)) };
                let Some(next) = jump.find(text, from..end, watch)? else { return Ok((None, end)) };
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

/// Where the leftmost match begins of those in the input's range that end at a place.
fn find_start(dfa: &DFA, cache: &mut Cache, input: &Input<'_>, end: usize, watch: &Watch<'_>) -> Result<usize, Stop> {
    let (text, start) = (input.haystack(), input.start());
    let input = input.clone().range(start..end).anchored(Anchored::Yes);
    let mut state = dfa.start_state_reverse(cache, &input).map_err(|_| Stop::Quit)?;
    let mut first = None;
    let mut at = end;
    cache.search_start(at);
    while at > start {
        watch.work(1)?;
        if state.is_tagged() {
            state = next_state(dfa, cache, state, text[at - 1], at)?;
        } else {
            let (from, mut before) = (at, state);
            for &byte in text[start.max(at.saturating_sub(AT_ONCE))..at].iter().rev() {
                before = state;
                state = dfa.next_state_untagged(cache, state, byte);
                if state.is_tagged() {
                    break;
                }
                at -= 1;
            }
            watch.work(from - at)?;
            if !state.is_tagged() {
                continue;
            }
            if state.is_unknown() {
                watch.work(STATE)?;
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

/// The next state, built if it is new.
#[inline]
fn next_state(dfa: &DFA, cache: &mut Cache, state: LazyStateID, byte: u8, at: usize) -> Result<LazyStateID, Stop> {
    cache.search_update(at);
    dfa.next_state(cache, state, byte).map_err(|_| Stop::Quit)
}

/// Whether a state tells of a match at the border of the range that was read; `beyond` is the byte there.
fn at_border(dfa: &DFA, cache: &mut Cache, state: LazyStateID, beyond: Option<u8>) -> Result<bool, Stop> {
    let state = match beyond {
        Some(byte) => dfa.next_state(cache, state, byte),
        None => dfa.next_eoi_state(cache, state),
    };
    let state = state.map_err(|_| Stop::Quit)?;
    if state.is_quit() { Err(Stop::Quit) } else { Ok(state.is_match()) }
}

fn nfa(hir: &Hir, reverse: bool, captures: bool) -> Result<NFA, RegexError> {
    let captures = if captures { WhichCaptures::All } else { WhichCaptures::None };
    let config = thompson::Config::new()
        .reverse(reverse)
        .utf8(false)
        .which_captures(captures)
        .nfa_size_limit(Some(SIZE_LIMIT));
    // The only way to fail for an expression that was parsed is to be too large.
    Compiler::new().configure(config).build_from_hir(hir).map_err(|_| RegexError::TooLarge { limit: SIZE_LIMIT })
}
