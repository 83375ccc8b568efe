//! Strategies for random documents, terms and options.
//!
//! Alphabets are small, so matches, overlaps and near misses are frequent. They contain characters that cause
//! trouble: case pairs of unequal length, punctuation, combining marks, several kinds of whitespace, astral
//! characters, and parts of UTF-8 sequences.

use countgrid::core::{Engines, MatchMode, Options, Overlap, Plan, Syntax, Terms, WordChars};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::common::*;

/// The alphabet of texts and terms.
const LETTERS: &[&str] = &[
    "a", "a", "b", "B", " ", " ", "\t", "\n", "\u{301}", "é", "É", "ß", "ẞ", "s", "ſ", "σ", "ς", "Σ", "k",
    "\u{212A}", "𐐀", "𐐨", "ⱥ", "Ⱥ", "😀", "-", "-", "+", "'", "’", "\u{2212}", "_", "1", "\u{200D}", "\u{3000}",
    "\u{A0}", "\u{85}", "東", "\0",
];

/// Invalid UTF-8, some of which becomes valid next to other bytes.
const BROKEN: &[&[u8]] =
    &[b"\xFF", b"\xE2\x82", b"\xE2", b"\xAC", b"\xC3", b"\xA9", b"\x80", b"\xF0\x9F\x98", b"\xED\xA0\x80", b"\x85"];

/// Documents and terms of a few letters.
#[derive(Clone, Debug)]
pub struct Input {
    pub options: Options,
    pub documents: Vec<Vec<u8>>,
    pub terms: Vec<Vec<u8>>,
}

impl Input {
    pub fn terms(&self) -> Terms {
        bytes_terms(&self.terms)
    }

    pub fn plan(&self, kind: Engines) -> Plan {
        plan(&self.terms(), &self.options, kind)
    }

    pub fn counts(&self, kind: Engines) -> Matrix {
        count_dense(&self.plan(kind), &bytes_documents(&self.documents), run(2, 16, 16))
    }

    /// The counts of the naive engine.
    pub fn naive_counts(&self) -> Matrix {
        self.counts(Engines::Naive)
    }
}

/// A few of the letters, often with whitespace. `broken` adds some invalid UTF-8.
pub fn alphabet(broken: bool) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let letters = subsequence(LETTERS.to_vec(), 1..=4);
    let spaces = prop_oneof![2 => Just(""), 3 => Just(" "), 1 => select(vec!["\n", "\t", "\u{3000}", "\u{A0}"])];
    let others = subsequence(BROKEN.to_vec(), if broken { 1..=3 } else { 0..=0 });
    (letters, spaces, others).prop_map(|(letters, space, others)| {
        let texts = letters.into_iter().chain([space]).filter(|letter| !letter.is_empty()).map(str::as_bytes);
        texts.chain(others).map(<[u8]>::to_vec).collect()
    })
}

pub fn text(alphabet: Vec<Vec<u8>>, len: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(select(alphabet), len).prop_map(|letters| letters.concat())
}

/// This term, or another if it is invalid.
pub fn valid_term(options: &Options, term: Vec<u8>) -> Vec<u8> {
    if Plan::new(bytes_terms(&[&term]), options.clone()).is_ok() { term } else { b"a".to_vec() }
}

fn has_word_chars(mode: MatchMode) -> bool {
    matches!(mode, MatchMode::Word | MatchMode::Adaptive)
}

/// All options but regular expressions.
pub fn any_options() -> impl Strategy<Value = Options> {
    let word_chars = select(vec!["", "", "-", "-'", "😀+-"]);
    let overlap = select(vec![Overlap::PerTerm, Overlap::PerTerm, Overlap::All, Overlap::Longest, Overlap::First]);
    let syntax = select(vec![Syntax::Literal, Syntax::Glob]);
    (select(MODES.to_vec()), any::<[bool; 3]>(), word_chars, syntax, overlap).prop_map(
        |(mode, [ignore_case, strip_accents, fold_punctuation], word_chars, syntax, overlap)| Options {
            mode,
            ignore_case,
            strip_accents,
            fold_punctuation,
            word_chars: WordChars::new(if has_word_chars(mode) { word_chars } else { "" }).unwrap(),
            syntax,
            overlap,
        },
    )
}

/// The options that `regex` can express too.
pub fn simple_options(syntaxes: &[Syntax]) -> impl Strategy<Value = Options> + use<> {
    (select(MODES.to_vec()), any::<bool>(), select(syntaxes.to_vec()))
        .prop_map(|(mode, ignore_case, syntax)| Options { mode, ignore_case, syntax, ..Options::default() })
}

pub fn input_of(
    options: impl Strategy<Value = Options>,
    broken: bool,
    most_documents: usize,
    most_terms: usize,
    longest: usize,
) -> impl Strategy<Value = Input> {
    (options, alphabet(broken)).prop_flat_map(move |(options, alphabet)| {
        let mut of_terms = alphabet.clone();
        if options.syntax == Syntax::Glob {
            of_terms.extend([&b"*"[..], b"*", b"?", b"\\"].map(<[u8]>::to_vec));
        }
        let documents = prop::collection::vec(text(alphabet, 0..=longest), 0..=most_documents);
        let terms = prop::collection::vec(text(of_terms, 1..=5), 1..=most_terms);
        (documents, terms).prop_map(move |(documents, terms)| {
            let terms = terms.into_iter().map(|term| valid_term(&options, term)).collect();
            Input { options: options.clone(), documents, terms }
        })
    })
}

pub fn input(broken: bool, most_documents: usize, most_terms: usize, longest: usize) -> impl Strategy<Value = Input> {
    input_of(any_options(), broken, most_documents, most_terms, longest)
}

pub fn any_input() -> impl Strategy<Value = Input> {
    prop_oneof![input(false, 4, 6, 40), input(true, 4, 6, 40), input(true, 2, 1, 60)]
}

/// Terms that compete: repeated parts, so that terms contain each other, in documents of the same parts.
pub fn competing_input() -> impl Strategy<Value = Input> {
    let letters = select(vec!["a ", "-", "a-", "ab ", "- a", "é +"]);
    (any_options(), letters).prop_flat_map(|(options, letters)| {
        let letters: Vec<Vec<u8>> = letters.chars().map(|c| c.to_string().into_bytes()).collect();
        let part = text(letters.clone(), 1..=3);
        let term = (part, 1..=6usize, text(letters.clone(), 0..=2))
            .prop_map(|(part, times, end)| [part.repeat(times), end].concat());
        let terms = prop::collection::vec(term, 1..=12);
        let documents = prop::collection::vec(text(letters, 0..=150), 1..=3);
        (documents, terms).prop_map(move |(documents, terms)| {
            let overlap = if options.overlap == Overlap::First { Overlap::First } else { Overlap::Longest };
            let options = Options { overlap, ..options.clone() };
            let terms = terms.into_iter().map(|term| valid_term(&options, term)).collect();
            Input { options, documents, terms }
        })
    })
}

/// A few terms that mostly overlap themselves and each other, in documents that can hardly be split.
pub fn nested_input() -> impl Strategy<Value = Input> {
    let letters = select(vec!["ab", "aab", "a-", "a b", "aé", "a"]);
    (any_options(), letters, 1..12usize).prop_flat_map(|(options, letters, most)| {
        let letters: Vec<Vec<u8>> = letters.chars().map(|c| c.to_string().into_bytes()).collect();
        let mut of_terms = letters.clone();
        if options.syntax == Syntax::Glob {
            of_terms.extend([b"*".to_vec(), b"?".to_vec()]);
        }
        // The naive engine tries everything that wildcards can match.
        let (longest, longest_term) = if options.syntax == Syntax::Glob { (40, 6) } else { (150, 12) };
        let documents = prop::collection::vec(text(letters, 0..=longest), 1..=3);
        let terms = prop::collection::vec(text(of_terms, 1..=longest_term), 1..=most);
        (documents, terms).prop_map(move |(documents, terms)| {
            let terms = terms.into_iter().map(|term| valid_term(&options, term)).collect();
            Input { options: options.clone(), documents, terms }
        })
    })
}

/// Globs in substring mode, in documents whose words repeat. Some words are longer than those that are cached, and
/// some globs match across words.
pub fn repeated_words() -> impl Strategy<Value = Input> {
    let word =
        (select(vec!["a", "ab", "aab", "é", "aéb", "b\u{301}"]), prop_oneof![9 => 1..12usize, 1 => 90..120usize]);
    let words = prop::collection::vec(word.prop_map(|(part, times)| part.repeat(times)), 1..6);
    let parts = vec!["a", "b", "é", "ab", "*", "*", "?", "*", "?", "-", " ", "a-"];
    let term = prop::collection::vec(select(parts), 1..6).prop_map(|parts| parts.concat().into_bytes());
    let terms = prop::collection::vec(
        prop_oneof![4 => term, 1 => select(vec!["a*b", "*b", "a*", "aa"]).prop_map(Vec::from)],
        1..9,
    );
    let overlap = select(vec![Overlap::PerTerm, Overlap::PerTerm, Overlap::All, Overlap::Longest, Overlap::First]);
    let picks = prop::collection::vec(
        prop::collection::vec((any::<prop::sample::Index>(), select(vec![" ", "-", "\n", "\u{3000}"])), 0..12),
        1..5,
    );
    (words, terms, overlap, picks).prop_map(|(words, terms, overlap, picks)| {
        let options = Options { mode: MatchMode::Substring, syntax: Syntax::Glob, overlap, ..Options::default() };
        let document = |picks: Vec<(prop::sample::Index, &str)>| -> Vec<u8> {
            picks.iter().flat_map(|(pick, space)| [pick.get(&words), *space]).collect::<String>().into_bytes()
        };
        let documents = picks.into_iter().map(document).collect();
        Input { terms: terms.into_iter().map(|term| valid_term(&options, term)).collect(), options, documents }
    })
}

/// Phrases of many tokens over few letters, so that they overlap in every way.
pub fn phrases() -> impl Strategy<Value = Input> {
    const LETTERS: &[&[u8]] = &[b"a", b"a", b"b", b"-", b"-", b"+", "é".as_bytes(), b"\xFF"];
    let letters = subsequence(LETTERS.to_vec(), 1..=3);
    let options = (select(vec![MatchMode::Word, MatchMode::Token]), select(vec![Syntax::Literal, Syntax::Glob]));
    (letters, select(vec!["", " ", " ", "\u{3000}"]), options).prop_flat_map(|(letters, space, (mode, syntax))| {
        let options = Options { mode, ignore_case: false, syntax, ..Options::default() };
        let mut alphabet: Vec<Vec<u8>> = letters.into_iter().map(<[u8]>::to_vec).collect();
        alphabet
            .extend([space, space].iter().filter(|space| !space.is_empty()).map(|space| space.as_bytes().to_vec()));
        let mut of_terms = alphabet.clone();
        let most = if syntax == Syntax::Glob { 8 } else { 16 };
        if syntax == Syntax::Glob {
            of_terms.extend([&b"*"[..], b"?"].map(<[u8]>::to_vec));
        }
        let documents = prop::collection::vec(text(alphabet, 0..=60), 1..=3);
        let terms = prop::collection::vec(text(of_terms, 1..=most), 1..=8);
        (documents, terms).prop_map(move |(documents, terms)| {
            let terms = terms.into_iter().map(|term| valid_term(&options, term)).collect();
            Input { options: options.clone(), documents, terms }
        })
    })
}
