//! The naive engine against a model that uses only Rust's `regex` and `str`.

use countgrid::core::{MatchMode, Options, Syntax};
use proptest::prelude::*;
use regex::{Regex, RegexBuilder};

use crate::common::*;
use crate::inputs::*;

/// Finds the matches of a term with only `regex` and `str`, left to right, without overlaps.
struct Model {
    mode: MatchMode,
    /// The term, if it is a literal.
    literal: Option<String>,
    regex: Regex,
    /// In token mode: a regex for each word of the term.
    words: Vec<Regex>,
}

impl Model {
    fn new(options: &Options, term: &str) -> Self {
        let regex = |pattern: &str| {
            RegexBuilder::new(pattern).case_insensitive(options.ignore_case).build().expect("a term is a regex")
        };
        let is_glob = options.syntax == Syntax::Glob;
        let term = &if is_glob { without_escaped_spaces(term) } else { term.into() };
        let one = if options.mode == MatchMode::Token { r"\S" } else { r"\w" };
        let translated = |word: &str| if is_glob { translated(word, one) } else { regex::escape(word) };
        let words: Vec<String> = term.split_whitespace().map(translated).collect();
        let whole = match options.mode {
            MatchMode::Substring => term
                .split_inclusive(char::is_whitespace)
                .map(|part| {
                    let word = part.trim_end();
                    translated(word) + &part[word.len()..]
                })
                .collect(),
            // Half boundaries look only at one side: `(?<!\w)` and `(?!\w)`.
            mode => {
                let ends = if mode == MatchMode::Adaptive { bounded_ends(term, is_glob) } else { [true; 2] };
                let [before, after] = [r"\b{start-half}", r"\b{end-half}"];
                let [before, after] = [(ends[0], before), (ends[1], after)]
                    .map(|(is_bounded, boundary)| if is_bounded { boundary } else { "" });
                format!("{before}(?:{}){after}", words.join(r"\s+"))
            }
        };
        Self {
            mode: options.mode,
            literal: (!is_glob && !options.ignore_case).then(|| term.into()),
            regex: regex(&whole),
            words: words.iter().map(|word| regex(&format!("^(?:{word})$"))).collect(),
        }
    }

    fn count(&self, text: &str) -> u64 {
        match (self.mode, &self.literal) {
            (MatchMode::Substring, Some(literal)) => text.matches(literal).count() as u64,
            (MatchMode::Substring | MatchMode::Word | MatchMode::Adaptive, _) => {
                self.regex.find_iter(text).count() as u64
            }
            (MatchMode::Token, _) => {
                let tokens: Vec<&str> = text.split_whitespace().collect();
                let (mut at, mut count) = (0, 0);
                while at + self.words.len() <= tokens.len() {
                    let here = self.words.iter().zip(&tokens[at..]).all(|(word, token)| word.is_match(token));
                    at += if here { self.words.len() } else { 1 };
                    count += u64::from(here);
                }
                count
            }
        }
    }
}

/// Whether a term begins and ends with a word character or a wildcard.
fn bounded_ends(term: &str, is_glob: bool) -> [bool; 2] {
    let word = Regex::new(r"\w").unwrap();
    let mut symbols = Vec::new();
    let mut chars = term.trim().chars();
    while let Some(c) = chars.next() {
        let is_wildcard = is_glob && matches!(c, '*' | '?');
        let literal = if is_glob && c == '\\' { chars.next().unwrap() } else { c };
        symbols.push(is_wildcard || word.is_match(&literal.to_string()));
    }
    [symbols[0], symbols[symbols.len() - 1]]
}

/// A glob without escapes before whitespace, which change nothing.
fn without_escaped_spaces(glob: &str) -> String {
    let mut plain = String::new();
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            (_, Some(space)) if space.is_whitespace() => plain.push(space),
            (c, next) => plain.extend([Some(c), next].into_iter().flatten()),
        }
    }
    plain
}

/// A word of a glob as a regular expression.
fn translated(word: &str, one: &str) -> String {
    if !word.is_empty() && word.chars().all(|c| c == '*') {
        return format!("{one}+");
    }
    let mut pattern = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => pattern += &format!("{one}*"),
            '?' => pattern += one,
            '\\' => pattern += &chars.next().map_or(String::new(), |c| regex::escape(&c.to_string())),
            c => pattern += &regex::escape(&c.to_string()),
        }
    }
    pattern
}

#[expect(clippy::ptr_arg, reason = "for `any` over vectors")]
fn is_broken(bytes: &Vec<u8>) -> bool {
    std::str::from_utf8(bytes).is_err()
}

/// A text with each byte of invalid UTF-8 replaced by one character that is neither a word character nor whitespace.
/// In token mode, a surrogate is one character.
fn readable(mode: MatchMode, bytes: &[u8]) -> String {
    const SURROGATE: &[u8] = b"\xED\xA0\x80";
    let whole: Vec<u8>;
    let bytes = match mode {
        MatchMode::Token => {
            whole = bstr::ByteSlice::replace(bytes, SURROGATE, "\u{F6FF}");
            &whole
        }
        _ => bytes,
    };
    let stand_in = |&byte: &u8| char::from_u32(0xF700 + u32::from(byte)).expect("for private use");
    bytes
        .utf8_chunks()
        .flat_map(|chunk| chunk.valid().chars().chain(chunk.invalid().iter().map(stand_in)).collect::<Vec<_>>())
        .collect()
}

/// Counts matches of bytes in bytes, left to right, without overlaps.
fn count_bytes(term: &[u8], mut document: &[u8]) -> u64 {
    let mut count = 0;
    while let Some(at) = document.windows(term.len()).position(|window| window == term) {
        document = &document[at + term.len()..];
        count += 1;
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(3000), max_global_rejects: 1 << 20, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn the_naive_engine_agrees_with_regex_and_str(
        input in prop_oneof![
            input_of(simple_options(&[Syntax::Literal, Syntax::Glob]), false, 3, 3, 40),
            input_of(simple_options(&[Syntax::Literal, Syntax::Glob]), true, 3, 3, 40),
        ],
    ) {
        let Options { mode, ignore_case, .. } = input.options;
        // Parts of characters match byte by byte, and bytes have no case.
        let by_bytes = mode == MatchMode::Substring && input.documents.iter().chain(&input.terms).any(is_broken);
        prop_assume!(!(by_bytes && (ignore_case || input.options.syntax == Syntax::Glob)));
        // Without the escape between them, the bytes may form a character.
        let is_escaped = |term: &Vec<u8>| input.options.syntax == Syntax::Glob && term.contains(&b'\\');
        prop_assume!(!input.terms.iter().any(|term| is_broken(term) && is_escaped(term)));
        let models: Vec<Model> = input.terms.iter().map(|term| Model::new(&input.options, &readable(mode, term))).collect();
        let row = |document: &Vec<u8>| -> Vec<u64> {
            if by_bytes {
                return input.terms.iter().map(|term| count_bytes(term, document)).collect();
            }
            models.iter().map(|model| model.count(&readable(mode, document))).collect()
        };
        let expected: Matrix = input.documents.iter().map(row).collect();
        prop_assert_eq!(input.naive_counts(), expected);
    }
}
