//! How large the automata of an expression become, without building them.
//!
//! The builder of `regex-automata` builds each part of an expression separately, so sizes add up. In symbols, a class
//! is one state with a transition for each of its ranges. In UTF-8, the size of a class of characters is not obvious.
//! Each distinct class is therefore built once: lists of expressions repeat the same few, such as `\w`.

use std::hash::BuildHasher;
use std::ops::Add;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use regex_automata::nfa::thompson::{Compiler, Config, State, WhichCaptures};
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Repetition};

use crate::core::engines::regex::{Expression, ForTexts, InContext, RegexOptions, SIZE_LIMIT, ascii_of, is_mark};

/// What the builder takes for a state, with a few transitions that read nothing.
const STATE: usize = 64;
/// A byte of a literal. Alternations of literals become tries, which take more than sequences.
const LITERAL_BYTE: usize = 128;
/// An alternative: its transitions from the choice and to the end.
const ALTERNATIVE: usize = 48;
/// The states of any expression: its start, its end, and the loop before it.
const FRAME: usize = 1024;
/// The sizes of its states and transitions. Reversed, a transition that reads becomes a state.
const BARE_STATE: usize = 32;
const TRANSITION: usize = 8;
const TRANSITION_REVERSED: usize = 36;
const EDGE: usize = 4;

/// How many classes the last character can have in a search that follows marks.
const LAST: usize = 4;

/// An upper limit of sizes in bytes in UTF-8.
#[derive(Clone, Copy)]
struct NfaSize {
    /// Of the NFA that reads from left to right.
    forward: usize,
    /// Of the NFA from right to left: built as such, and from the other one.
    backward: usize,
    reversed: usize,
}

impl NfaSize {
    fn all(bytes: usize) -> Self {
        Self { forward: bytes, backward: bytes, reversed: bytes }
    }

    fn fits(self, is_marked: bool) -> bool {
        let Self { forward, backward, reversed } = self;
        forward <= SIZE_LIMIT && if is_marked { reversed <= 2 * SIZE_LIMIT } else { backward <= SIZE_LIMIT }
    }

    fn times(self, times: usize) -> Self {
        let times = |size: usize| size.saturating_mul(times);
        Self { forward: times(self.forward), backward: times(self.backward), reversed: times(self.reversed) }
    }
}

impl Add for NfaSize {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            forward: self.forward.saturating_add(other.forward),
            backward: self.backward.saturating_add(other.backward),
            reversed: self.reversed.saturating_add(other.reversed),
        }
    }
}

/// An upper limit of the size of each automaton in symbols.
#[derive(Clone, Copy)]
pub struct SizeInSymbols {
    bytes: usize,
    /// The number of classes with characters outside ASCII, as often as they are repeated.
    wide: usize,
}

impl SizeInSymbols {
    fn new(bytes: usize) -> Self {
        Self { bytes, wide: 0 }
    }

    fn times(self, times: usize) -> Self {
        Self { bytes: self.bytes.saturating_mul(times), wide: self.wide.saturating_mul(times) }
    }

    /// In bytes. `symbols` is the number of symbols outside ASCII.
    pub fn bytes(self, symbols: usize) -> usize {
        // At worst, every second symbol is in a class. Invalid UTF-8 is one range more.
        let ranges = symbols.div_ceil(2) + 1;
        self.bytes.saturating_add(self.wide.saturating_mul(TRANSITION_REVERSED * ranges))
    }
}

impl Add for SizeInSymbols {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { bytes: self.bytes.saturating_add(other.bytes), wide: self.wide.saturating_add(other.wide) }
    }
}

/// Knows the classes seen so far.
#[derive(Default)]
pub struct NfaSizes {
    /// With their sizes in UTF-8, if they were needed.
    classes: HashTable<(ClassUnicode, Option<NfaSize>)>,
    hasher: RandomState,
    /// Of the context in UTF-8, if all expressions have the same.
    context: Option<NfaSize>,
}

impl NfaSizes {
    /// The classes of all expressions so far, if they are not ASCII.
    pub fn classes(&self) -> impl Iterator<Item = &ClassUnicode> + Clone {
        self.classes.iter().map(|(class, _)| class)
    }

    /// The size of an expression in symbols, with its context. Notes its classes.
    pub fn in_symbols(&mut self, options: &RegexOptions, hir: &Hir) -> SizeInSymbols {
        /// The classes of the context, twice with each last character.
        const CONTEXT: usize = 16;
        let is_marked = options.has_marks(hir);
        let words = ascii_of(&Class::Unicode(options.word_chars().clone())).ranges().len();
        let context =
            SizeInSymbols { bytes: FRAME + (STATE + TRANSITION_REVERSED * (words + 1)) * CONTEXT, wide: CONTEXT };
        self.of_symbols(hir, is_marked.then_some(words)) + context
    }

    /// `words` is the number of ranges of ASCII word characters, if there are marks. Then each class is divided, and
    /// there is a state for each class of the last character.
    fn of_symbols(&mut self, hir: &Hir, words: Option<usize>) -> SizeInSymbols {
        let copies = if words.is_some() { LAST } else { 1 };
        let states = |number| SizeInSymbols::new(copies * STATE * number);
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => states(1),
            HirKind::Literal(literal) => states(if words.is_some() { 6 } else { 2 }).times(literal.0.len()),
            HirKind::Class(class) => {
                let ranges = ascii_of(class).ranges().len();
                let is_wide = matches!(class, Class::Unicode(class) if !class.is_ascii());
                if let Class::Unicode(class) = class
                    && is_wide
                {
                    self.entry(class);
                }
                let (parts, ranges) = match words {
                    Some(words) => (2, ranges + words + 1),
                    None => (1, ranges),
                };
                let bytes = 2 * STATE + TRANSITION_REVERSED * ranges;
                SizeInSymbols { bytes, wide: is_wide.into() }.times(parts * copies) + states(parts * 4)
            }
            HirKind::Repetition(Repetition { min, max, sub, .. }) => {
                let times = max.unwrap_or(min + 1).max(1) as usize;
                (self.of_symbols(sub, words) + states(4)).times(times) + states(4)
            }
            HirKind::Capture(capture) => self.of_symbols(&capture.sub, words) + states(2),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                let ends = states(2) + SizeInSymbols::new(copies * ALTERNATIVE * parts.len());
                parts.iter().map(|part| self.of_symbols(part, words)).fold(ends, SizeInSymbols::add)
            }
        }
    }

    /// Whether the automata of an expression in UTF-8 are surely not too large.
    pub fn fit(&mut self, options: &RegexOptions, hir: &Hir) -> bool {
        if options.has_marks(hir) {
            return self.parts(options, hir).all(|(size, is_marked)| size.fits(is_marked));
        }
        let context = match self.context {
            Some(context) => context,
            None => {
                self.parts(options, &Hir::literal(*b"a")).map(|(size, _)| size).fold(NfaSize::all(0), NfaSize::add)
            }
        };
        self.context = Some(context);
        (self.of(hir, false) + context).fits(false)
    }

    /// The sizes of an expression with its context, and whether it has marks.
    fn parts(&mut self, options: &RegexOptions, hir: &Hir) -> impl Iterator<Item = (NfaSize, bool)> {
        let InContext { at_start, within, .. } = options.in_context(hir, &ForTexts::Any);
        let parts = [Some(at_start), within].into_iter().flatten();
        parts.map(|Expression { hir, is_marked }| (self.of(&hir, is_marked) + NfaSize::all(FRAME), is_marked))
    }

    /// With marks, there is a state for each class of the last character, except within marked characters.
    fn of(&mut self, hir: &Hir, is_marked: bool) -> NfaSize {
        let copies = |size: NfaSize| size.times(if is_marked { LAST } else { 1 });
        let states = |number| copies(NfaSize::all(STATE * number));
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => states(1),
            HirKind::Literal(literal) => copies(NfaSize::all(LITERAL_BYTE).times(literal.0.len().max(1))),
            HirKind::Class(class) => copies(self.of_class(class)),
            HirKind::Repetition(Repetition { min, max, sub, .. }) => {
                let times = max.unwrap_or(min + 1).max(1) as usize;
                (self.of(sub, is_marked) + states(4)).times(times) + states(2)
            }
            HirKind::Capture(capture) => self.of(&capture.sub, is_marked && !is_mark(capture.index)) + states(4),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                let ends = states(2) + copies(NfaSize::all(ALTERNATIVE)).times(parts.len());
                parts.iter().map(|part| self.of(part, is_marked)).fold(ends, NfaSize::add)
            }
        }
    }

    fn entry(&mut self, class: &ClassUnicode) -> &mut Option<NfaSize> {
        let hash = |class: &ClassUnicode| {
            let ends = class.ranges().iter().take(8).map(|range| (range.start(), range.end()));
            self.hasher.hash_one((class.ranges().len(), ends.collect::<Vec<_>>()))
        };
        let entry = self.classes.entry(hash(class), |(known, _)| known == class, |(known, _)| hash(known));
        &mut entry.or_insert_with(|| (class.clone(), None)).into_mut().1
    }

    fn of_class(&mut self, class: &Class) -> NfaSize {
        match class {
            Class::Unicode(class) if !class.is_ascii() => *self.entry(class).get_or_insert_with(|| built(class)),
            Class::Unicode(class) => of_ranges(class.ranges().len()),
            Class::Bytes(class) => of_ranges(class.ranges().len()),
        }
    }
}

/// The size of a class of bytes.
fn of_ranges(ranges: usize) -> NfaSize {
    NfaSize { reversed: TRANSITION_REVERSED * ranges, ..NfaSize::all(TRANSITION * ranges) } + NfaSize::all(2 * STATE)
}

/// The size of a class of characters.
fn built(class: &ClassUnicode) -> NfaSize {
    let hir = Hir::class(Class::Unicode(class.clone()));
    let [[forward, reversed], [backward, _]] = [false, true].map(|reverse| {
        let config = Config::new().utf8(false).reverse(reverse).which_captures(WhichCaptures::None);
        let Ok(nfa) = Compiler::new().configure(config).build_from_hir(&hir) else { return [usize::MAX; 2] };
        let (mut reads, mut edges) = (0, 0);
        for state in nfa.states() {
            match state {
                State::ByteRange { .. } => reads += 1,
                State::Sparse(sparse) => reads += sparse.transitions.len(),
                State::Union { alternates } => edges += alternates.len(),
                _ => edges += 2,
            }
        }
        let states = BARE_STATE * nfa.states().len() + EDGE * edges;
        // How many sequences share states depends on the hashes of the builder's cache, which the states before them
        // change.
        let margin = |size: usize| size + size / 4;
        [margin(states + TRANSITION * reads), margin(states + TRANSITION_REVERSED * reads)]
    });
    NfaSize { forward, backward, reversed } + NfaSize::all(4 * STATE)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::*;
    use crate::core::base::error::TermError;
    use crate::core::engines::regex::{Regex, Symbols, add_chars, reversed, tracked};
    use crate::core::text::boundaries::{Boundaries, MatchMode, WordChars};

    const EXPRESSIONS: [&str; 24] = [
        "password",
        r"\w",
        r"\w+@\w+",
        r"\W{20}",
        ".{50}",
        r"[^a]{1,30}",
        "(?i)straße|kelvin",
        r"\p{Greek}+|\p{Han}{3,}",
        r"[\x{0}-\x{10FFFF}]{40}",
        "[é-ü]{9}",
        "(a|b|c|d|e|f)*",
        "(?:a?){60}",
        r"\S{1,40}",
        r"\p{Lu}{9}",
        r"[\p{L}--[a-z]]{5}",
        r"\p{Lowercase}[^\p{Lowercase}]",
        r"(?i)[^\w\d]{3}\p{Alphabetic}",
        "((a{9}){9}){9}",
        "日本語|[一-龠]{5}",
        "[\u{7F}-\u{80}\u{7FF}-\u{800}\u{FFFF}-\u{10000}]{9}",
        "(?:foo|bar|foobar|fox|barn|f){30}",
        r"(?:^|\b|a)*?x$",
        "(((a)))((b)(c|(d)))",
        r"\d+[\w.-]{0,50}?(?:\s|$|[x-z]){2,}?",
    ];

    #[test]
    fn automata_are_no_larger_than_estimated() {
        for expression in EXPRESSIONS {
            let hir = regex_syntax::parse(expression).unwrap();
            let size = NfaSizes::default().of(&hir, false) + NfaSize::all(FRAME);
            for (reverse, most) in [(false, size.forward), (true, size.backward)] {
                let nfa = |most| {
                    let config = Config::new().utf8(false).reverse(reverse).nfa_size_limit(Some(most));
                    let config =
                        config.which_captures(if reverse { WhichCaptures::None } else { WhichCaptures::All });
                    Compiler::new().configure(config).build_from_hir(&hir).ok()
                };
                assert!(nfa(most).is_some(), "{expression}: more than {most} bytes");
                assert!(nfa((most - FRAME) / 16).is_none(), "{expression}: far less than {most} bytes");
            }
        }
    }

    #[test]
    fn automata_in_symbols_are_no_larger_than_estimated() {
        for mode in [MatchMode::Substring, MatchMode::Word, MatchMode::Token, MatchMode::Adaptive] {
            let boundaries =
                Boundaries::new(mode, WordChars::new(if mode == MatchMode::Token { "" } else { "-'" }).unwrap());
            let options = RegexOptions::new(boundaries.clone(), false, 1);
            for expression in EXPRESSIONS {
                let hir = regex_syntax::parse(expression).unwrap();
                let mut sizes = NfaSizes::default();
                let size = sizes.in_symbols(&options, &hir);
                let mut chars = HashSet::default();
                add_chars(&hir, &mut chars);
                let classes = sizes.classes().chain([options.word_chars()]);
                let symbols = Arc::new(Symbols::new(&boundaries, classes, &chars).unwrap());
                let most = size.bytes(symbols.len());
                for (texts, most) in [(ForTexts::Symbols(symbols), most), (ForTexts::Ascii, size.bytes(0))] {
                    let compiled = |most| Regex::new(&options, texts.clone(), most, 0, expression.as_bytes());
                    // Those that match the empty string are not compiled.
                    if let Err(TermError::TooLarge { .. }) = compiled(most) {
                        panic!("{mode:?} {expression}: more than {most} bytes");
                    }
                }
            }
        }
    }

    #[test]
    fn automata_with_marks_are_no_larger_than_estimated() {
        let boundaries = Boundaries::new(MatchMode::Adaptive, WordChars::default());
        let options = RegexOptions::new(boundaries, false, 1);
        let mut marked = 0;
        for expression in EXPRESSIONS {
            let hir = regex_syntax::parse(expression).unwrap();
            let InContext { at_start, within, .. } = options.in_context(&hir, &ForTexts::Any);
            for Expression { hir, .. } in [Some(at_start), within].iter().flatten().filter(|part| part.is_marked) {
                let size = NfaSizes::default().of(hir, true) + NfaSize::all(FRAME);
                let config = Config::new().utf8(false).which_captures(WhichCaptures::All);
                let nfa = Compiler::new().configure(config).build_from_hir(hir).unwrap();
                let nfa = tracked(&nfa, size.forward).expect(expression);
                assert!(reversed(&nfa, size.reversed).is_ok(), "{expression}: more than {} bytes", size.reversed);
                marked += 1;
            }
        }
        assert!(marked > 10);
    }
}
