//! A search that can be cancelled on its way through a long document.
//!
//! It steps through the same lazily built automata as the crate's own search, byte by byte: one forwards for the end of a
//! match, one backwards for its start. Without the crate's shortcuts it is slower (some hundred MB/s), so it is for
//! documents that would otherwise keep a caller waiting.

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, Compiler, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

use super::CANCEL_BYTES;

/// Why a search ended early.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    Cancelled,
    /// The automaton cannot say: a Unicode word boundary of the expression beside a character that is not ASCII.
    Quit,
}

/// The automata of one expression.
pub struct Stepwise {
    forward: (DFA, Cache),
    backward: (DFA, Cache),
}

impl Stepwise {
    /// `None` where the automata cannot be built.
    pub fn new(hir: &Hir) -> Option<Self> {
        let automaton = |reverse: bool, kind: MatchKind| {
            let config = thompson::Config::new().reverse(reverse).utf8(false).which_captures(WhichCaptures::None);
            let nfa = Compiler::new().configure(config).build_from_hir(hir).ok()?;
            let config = Config::new().match_kind(kind).unicode_word_boundary(true);
            let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
            let cache = dfa.create_cache();
            Some((dfa, cache))
        };
        Some(Self {
            forward: automaton(false, MatchKind::LeftmostFirst)?,
            // Backwards from its end, the longest match is the leftmost.
            backward: automaton(true, MatchKind::All)?,
        })
    }

    /// Start and end of the first match in the input's range.
    pub fn find(&mut self, input: &Input<'_>, cancelled: &dyn Fn() -> bool) -> Result<Option<(usize, usize)>, Stop> {
        let (dfa, cache) = &mut self.forward;
        let text = input.haystack();
        let state = dfa.start_state_forward(cache, input).map_err(|_| Stop::Quit)?;
        let behind = text.get(input.end()).copied();
        let bytes = (input.start()..input.end()).map(|at| (at, text[at]));
        let Some(end) = walk(dfa, cache, state, bytes, input.end(), behind, cancelled)? else { return Ok(None) };
        if input.get_anchored() == Anchored::Yes {
            return Ok(Some((input.start(), end)));
        }
        let (dfa, cache) = &mut self.backward;
        let input = input.clone().range(input.start()..end).anchored(Anchored::Yes);
        let state = dfa.start_state_reverse(cache, &input).map_err(|_| Stop::Quit)?;
        let before = input.start().checked_sub(1).map(|at| text[at]);
        let bytes = (input.start()..end).rev().map(|at| (at + 1, text[at]));
        let start = walk(dfa, cache, state, bytes, input.start(), before, cancelled)?;
        Ok(start.map(|start| (start, end)))
    }
}

/// Steps through bytes, each with the place of a match that is seen when it is read, then through what lies beyond them.
/// The place of the last match.
fn walk(
    dfa: &DFA,
    cache: &mut Cache,
    mut state: LazyStateID,
    bytes: impl Iterator<Item = (usize, u8)>,
    end: usize,
    beyond: Option<u8>,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<usize>, Stop> {
    let mut last = None;
    for (steps, (place, byte)) in bytes.enumerate() {
        if steps % CANCEL_BYTES == CANCEL_BYTES - 1 && cancelled() {
            return Err(Stop::Cancelled);
        }
        state = dfa.next_state(cache, state, byte).map_err(|_| Stop::Quit)?;
        if state.is_tagged() {
            if state.is_match() {
                last = Some(place);
            } else if state.is_dead() {
                return Ok(last);
            } else if state.is_quit() {
                return Err(Stop::Quit);
            }
        }
    }
    state = match beyond {
        Some(byte) => dfa.next_state(cache, state, byte),
        None => dfa.next_eoi_state(cache, state),
    }
    .map_err(|_| Stop::Quit)?;
    match state.is_quit() {
        true => Err(Stop::Quit),
        false => Ok(if state.is_match() { Some(end) } else { last }),
    }
}
