//! Texts with one byte for each character, so that automata stay small for texts that are not ASCII.
//!
//! Expressions distinguish few characters outside ASCII: those of their literals, and whether a character belongs to
//! each of their classes, such as `\w`. Characters that no expression distinguishes get the same symbol, a byte from
//! 0x80 on. ASCII stays as it is. An expression is then compiled for symbols: `\w` is one class of bytes instead of an
//! automaton of 300 states.
//!
//! Each maximal piece of invalid UTF-8 is one symbol too. No expression contains it, but it can be next to a match.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use bstr::ByteSlice;
use foldhash::fast::RandomState;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, Hir, HirKind, Look};

use super::rewrite::{Rewrite, ascii_of, rewritten};
use crate::core::base::memory;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::is_continuation;
use crate::core::text::unicode::{CodeTable, is_word};

const FIRST: u32 = 0x80;
const MOST: usize = 125;
const CODE_POINTS: u32 = 0x11_0000;

/// Invalid UTF-8. The assertions of `regex-automata` ignore stray continuation bytes: they take `a` for the character
/// before the end of `a\x80`. So there are three symbols: nothing, a word character or another character is before
/// their end.
const INVALID: u8 = 0xFD;
const INVALID_WORD: u8 = 0xFE;
const INVALID_OTHER: u8 = 0xFF;

/// Which characters outside ASCII have the same symbol.
pub struct Symbols {
    /// Where intervals of characters with the same symbol begin, and that symbol.
    intervals: Vec<(u32, u8)>,
    /// By symbol, from the first on: one of its characters.
    examples: Vec<char>,
    /// By byte: whether it is a word character.
    words: [bool; 256],
    /// The same for the assertions of expressions: whether it is in `\w`.
    perl_words: [bool; 256],
    /// Whether invalid UTF-8 may be next to a match where boundaries are required.
    invalid_separates: bool,
    /// Built for the first document that is not ASCII.
    table: OnceLock<CodeTable<u8>>,
}

impl Symbols {
    /// For expressions with these classes, and with these characters in literals. `None` if there would be too many
    /// symbols.
    pub fn new<'c>(
        boundaries: &Boundaries,
        classes: impl Iterator<Item = &'c ClassUnicode> + Clone,
        chars: &HashSet<char, RandomState>,
    ) -> Option<Self> {
        let ranges = |class: &'c ClassUnicode| {
            let outside = class.ranges().iter().filter(|range| u32::from(range.end()) >= FIRST);
            outside.map(|range| (u32::from(range.start()).max(FIRST), after(range.end())))
        };
        let mut starts: Vec<u32> = vec![FIRST];
        for class in classes.clone() {
            starts.extend(ranges(class).flat_map(|(start, end)| [start, end]));
        }
        starts.extend(chars.iter().flat_map(|&c| [c.into(), after(c)]));
        starts.retain(|&start| (FIRST..CODE_POINTS).contains(&start));
        starts.sort_unstable();
        starts.dedup();
        let mut groups = vec![0u32; starts.len()];
        let mut used = 1;
        // Those of a group that are in a class become a group of their own.
        let mut divide = |ranges: &mut dyn Iterator<Item = (u32, u32)>| {
            let mut divided: HashMap<u32, u32, RandomState> = HashMap::default();
            for (start, end) in ranges {
                let first = starts.partition_point(|&at| at < start);
                let intervals = starts[first..].iter().zip(&mut groups[first..]);
                for (_, group) in intervals.take_while(|(at, _)| **at < end) {
                    *group = *divided.entry(*group).or_insert_with(|| {
                        used += 1;
                        used - 1
                    });
                }
            }
        };
        for class in classes {
            divide(&mut ranges(class));
        }
        for &c in chars.iter().filter(|c| !c.is_ascii()) {
            divide(&mut std::iter::once((c.into(), after(c))));
        }
        let mut symbols: HashMap<u32, u8, RandomState> = HashMap::default();
        let (mut intervals, mut examples) = (Vec::with_capacity(starts.len()), Vec::new());
        let (mut words, mut perl_words) = ([false; 256], [false; 256]);
        let mut note = |byte: u8, c: char| {
            words[usize::from(byte)] = boundaries.is_word_char(Some(c));
            perl_words[usize::from(byte)] = is_word(c);
        };
        (0..0x80).for_each(|byte: u8| note(byte, byte.into()));
        for (&start, &group) in starts.iter().zip(&groups) {
            if examples.len() == MOST && !symbols.contains_key(&group) {
                return None;
            }
            let symbol = *symbols.entry(group).or_insert_with(|| {
                let symbol = 0x80 | examples.len() as u8;
                let example = char::from_u32(start).expect("intervals begin with a character");
                note(symbol, example);
                examples.push(example);
                symbol
            });
            intervals.push((start, symbol));
        }
        let invalid_is_word = boundaries.is_word_char(None);
        words[usize::from(INVALID)..].fill(invalid_is_word);
        perl_words[usize::from(INVALID_WORD)] = true;
        let invalid_separates = !invalid_is_word;
        Some(Self { intervals, examples, words, perl_words, invalid_separates, table: OnceLock::new() })
    }

    /// Whether a symbol is a word character.
    #[inline]
    pub fn is_word(&self, symbol: u8) -> bool {
        self.words[usize::from(symbol)]
    }

    /// How many symbols there are for characters outside ASCII.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether the characters before and after a position are in `\w`. `None` for invalid UTF-8.
    pub fn words_around(&self, text: &[u8], at: usize) -> [Option<bool>; 2] {
        let is_word = |symbol: Option<&u8>| symbol.is_some_and(|&symbol| self.perl_words[usize::from(symbol)]);
        let (before, after) = (text[..at].last(), text.get(at));
        [
            (before != Some(&INVALID)).then(|| is_word(before)),
            after.is_none_or(|&symbol| symbol < INVALID).then(|| is_word(after)),
        ]
    }

    /// An expression that matches the same in symbols. Its literals and classes must be known.
    pub fn rewrite(&self, hir: &Hir) -> Hir {
        rewritten(hir, self)
    }

    /// The symbols of a class.
    fn class_of(&self, class: &Class) -> ClassBytes {
        let mut bytes = ascii_of(class);
        if let Class::Unicode(class) = class {
            let symbols = (0x80..=u8::MAX).zip(&self.examples).filter(|&(_, &example)| contains(class, example));
            symbols.for_each(|(symbol, _)| bytes.push(ClassBytesRange::new(symbol, symbol)));
        }
        bytes
    }

    /// The same for context.
    pub fn context_class(&self, class: &Class) -> ClassBytes {
        let mut bytes = self.class_of(class);
        // Whitespace is never a word character.
        if self.invalid_separates && matches!(class, Class::Unicode(class) if contains(class, ' ')) {
            bytes.push(ClassBytesRange::new(INVALID, u8::MAX));
        }
        bytes
    }

    fn of(&self, c: char) -> u8 {
        if c.is_ascii() {
            return c as u8;
        }
        self.intervals[self.intervals.partition_point(|&(start, _)| start <= c.into()) - 1].1
    }

    fn table(&self) -> &CodeTable<u8> {
        self.table.get_or_init(|| {
            let ends = self.intervals[1..].iter().map(|&(start, _)| start).chain([CODE_POINTS]);
            let intervals = self.intervals.iter().zip(ends).map(|(&(start, symbol), end)| (start..end, symbol));
            let mut sizes = [0; 256];
            intervals.clone().for_each(|(range, symbol)| sizes[usize::from(symbol)] += range.len());
            let most_common = (0x80..=u8::MAX).max_by_key(|&symbol| sizes[usize::from(symbol)]).unwrap_or(0x80);
            let mut table = CodeTable::new(most_common);
            for (range, symbol) in intervals.filter(|&(_, symbol)| symbol != most_common) {
                range.for_each(|code| table.set(code, symbol));
            }
            table
        })
    }
}

fn contains(class: &ClassUnicode, c: char) -> bool {
    let range = class.ranges().partition_point(|range| range.end() < c);
    class.ranges().get(range).is_some_and(|range| range.start() <= c)
}

/// Adds the characters of an expression's literals.
pub fn add_chars(hir: &Hir, chars: &mut HashSet<char, RandomState>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => {}
        HirKind::Literal(literal) if literal.0.is_ascii() => {}
        HirKind::Literal(literal) => chars.extend(String::from_utf8_lossy(&literal.0).chars()),
        HirKind::Repetition(repetition) => add_chars(&repetition.sub, chars),
        HirKind::Capture(capture) => add_chars(&capture.sub, chars),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| add_chars(part, chars)),
    }
}

/// The code after that of a character, if it is not a surrogate.
fn after(c: char) -> u32 {
    if c == '\u{D7FF}' { 0xE000 } else { u32::from(c) + 1 }
}

impl Rewrite for Symbols {
    fn literal(&self, bytes: &[u8]) -> Hir {
        // Context that looks for invalid UTF-8 has such literals.
        let Ok(text) = std::str::from_utf8(bytes) else { return Hir::fail() };
        Hir::literal(text.chars().map(|c| self.of(c)).collect::<Vec<_>>())
    }

    fn class(&self, class: &Class) -> Hir {
        Hir::class(Class::Bytes(self.class_of(class)))
    }

    fn look(&self, look: Look) -> Look {
        look
    }
}

/// Symbols between two known positions.
const STEP: usize = 64;

/// A text in symbols.
#[derive(Default)]
pub struct SymbolText {
    pub symbols: Vec<u8>,
    /// The positions of every so many characters in the original text.
    positions: Vec<usize>,
}

impl SymbolText {
    /// Reads another text. Returns false if `cancelled` returned true.
    ///
    /// Another thread may write to it meanwhile, which must not be worse than a wrong count.
    pub fn read(&mut self, symbols: &Symbols, text: &[u8], cancelled: impl Fn() -> bool) -> bool {
        const CHECK_EVERY: usize = 1 << 18;
        let table = symbols.table();
        self.symbols.clear();
        self.positions.clear();
        memory::reserve(&mut self.symbols, text.len());
        for (at, end, c) in text.char_indices() {
            let read = self.symbols.len();
            if read.is_multiple_of(STEP) {
                memory::push(&mut self.positions, at);
                if read.is_multiple_of(CHECK_EVERY) && cancelled() {
                    return false;
                }
            }
            self.symbols.push(match c {
                _ if c.is_ascii() => c as u8,
                char::REPLACEMENT_CHARACTER if text[at..end] != *"\u{FFFD}".as_bytes() => invalid(&text[..end]),
                _ => table.get(c.into()),
            });
        }
        true
    }

    /// The position in the original text.
    pub fn position(&self, text: &[u8], at: usize) -> usize {
        if at == self.symbols.len() {
            return text.len();
        }
        let mut position = self.positions[at / STEP];
        for _ in 0..at % STEP {
            position += match text.get(position) {
                Some(..0x80) => 1,
                Some(_) => bstr::decode_utf8(&text[position..]).1,
                None => 0,
            };
        }
        // If another thread wrote to the text, the position may be after its end.
        position.min(text.len())
    }
}

/// The symbol of invalid UTF-8 at the end of a text.
#[cold]
fn invalid(text: &[u8]) -> u8 {
    let bytes = text[text.len().saturating_sub(4)..].iter().rev();
    let continuation = bytes.take_while(|&&byte| is_continuation(byte)).count();
    let start = text.len().saturating_sub(continuation.min(3) + 1);
    match bstr::decode_utf8(&text[start..]).0 {
        None => INVALID,
        Some(c) if is_word(c) => INVALID_WORD,
        Some(_) => INVALID_OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::text::boundaries::{MatchMode, WordChars};

    fn symbols(mode: MatchMode, expressions: &[&str]) -> Option<Symbols> {
        fn add(hir: &Hir, classes: &mut Vec<ClassUnicode>) {
            match hir.kind() {
                HirKind::Class(Class::Unicode(class)) => classes.push(class.clone()),
                HirKind::Concat(parts) => parts.iter().for_each(|part| add(part, classes)),
                _ => {}
            }
        }
        let (mut classes, mut chars) = (Vec::new(), HashSet::default());
        for expression in expressions {
            let hir = regex_syntax::parse(expression).unwrap();
            add(&hir, &mut classes);
            add_chars(&hir, &mut chars);
        }
        Symbols::new(&Boundaries::new(mode, WordChars::default()), classes.iter(), &chars)
    }

    #[test]
    fn characters_share_a_symbol_unless_an_expression_distinguishes_them() {
        let expressions = [r"\w", "[à-þ]ü", "[^é]", "日本", "[\u{D7FF}-\u{E000}]"];
        let all = symbols(MatchMode::Word, &expressions).unwrap();
        let table = all.table();
        let classes = [r"^\w$", "^[à-þ]$", "^ü$", "^[^é]$", "^日$", "^本$", "^[\u{D7FF}-\u{E000}]$"]
            .map(|text| regex::Regex::new(text).unwrap());
        let mut found: HashMap<u8, [bool; 7]> = HashMap::new();
        for c in ('\u{80}'..=char::MAX).step_by(7).chain("éüàþÿ日本語\u{D7FF}\u{E000}\u{10FFFF}".chars()) {
            let text = c.to_string();
            let kinds = [0, 1, 2, 3, 4, 5, 6].map(|i| classes[i].is_match(&text));
            let symbol = table.get(c.into());
            assert_eq!(symbol, all.of(c));
            assert_eq!(all.is_word(symbol), kinds[0]);
            assert_eq!(*found.entry(symbol).or_insert(kinds), kinds, "{c}");
        }
        let distinct: HashSet<_> = found.values().collect();
        assert_eq!(distinct.len(), found.len());
        assert!(symbols(MatchMode::Word, &["[一-\u{4E7F}]", "日"]).is_some());
        let many: String = ('一'..='\u{4E7F}').collect();
        assert!(symbols(MatchMode::Word, &[&many]).is_none());
    }

    #[test]
    fn positions_are_those_of_the_text() {
        let all = symbols(MatchMode::Word, &["é", "日"]).unwrap();
        let text = "aé日\u{1F600}-".repeat(50);
        let mut read = SymbolText::default();
        assert!(read.read(&all, text.as_bytes(), || false));
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let positions: Vec<usize> = (0..=read.symbols.len()).map(|at| read.position(text.as_bytes(), at)).collect();
        assert_eq!(positions, starts);
        assert!(!read.read(&all, text.as_bytes(), || true));
        assert!(read.read(&all, b"", || false));
        assert_eq!(read.position(b"", 0), 0);
    }
}
