//! Makes documents, terms and options from bytes.
//!
//! Alphabets are small, so that matches, overlaps and near misses are frequent. They contain characters that cause
//! trouble: case pairs of unequal length, punctuation, combining marks, several kinds of whitespace, astral
//! characters, Hangul and ligatures that decompose, and parts of UTF-8 sequences.

use arbitrary::{Result, Unstructured};
use countgrid::core::{MatchMode, Options, Overlap, Plan, Syntax, Terms, Text, WordChars};

pub const LETTERS: &[&str] = &[
    "a", "b", "B", "c", "the", "0", "_", " ", "  ", "\t", "\n", "\r\n", "\u{A0}", "\u{3000}", "\u{85}", "-", "--",
    "+", ".", ",", "'", "!", ":", "\u{301}", "\u{323}", "é", "É", "ß", "ẞ", "s", "ſ", "σ", "ς", "Σ", "k", "\u{212A}",
    "𐐀", "𐐨", "ⱥ", "Ⱥ", "İ", "ı", "😀", "\u{200D}", "東", "京", "カ", "\u{3099}", "𠀀", "𪜶", "각", "가", "\u{11A8}",
    "ﷺ", "ﬁ", "ﾊ", "\u{FF9E}", "हि", "\0", "\u{1}", "\u{FEFF}", "\u{345}", "å", "Å", "\u{212B}", "’", "–",
];

pub const BROKEN: &[&[u8]] = &[
    b"\xFF",
    b"\x80",
    b"\xC3",
    b"\xA9",
    b"\xE2",
    b"\xE2\x82",
    b"\xAC",
    b"\xF0",
    b"\xF0\x9F\x98",
    b"\xED\xA0\x80",
    b"\xED\xB0\x80",
    b"\xC0\x80",
    b"\x85",
    b"\xA6",
    b"\xF4\x90\x80\x80",
];

/// Filler between parts of a long document, so that these reach the edges of windows, batches and sections.
const FILLERS: &[&str] = &["zq ", "word ", "x.y ", "a", " ", ".", "カ", "-", "\u{301}", "日本"];

/// Documents, terms and options.
#[derive(Clone, Debug)]
pub struct Input {
    pub options: Options,
    pub documents: Vec<Vec<u8>>,
    /// The terms of each category, or one term per column.
    pub terms: Vec<Vec<Vec<u8>>>,
    pub by_category: bool,
}

impl Input {
    pub fn new(source: &mut Unstructured<'_>) -> Result<Self> {
        if source.ratio(1, 4)? {
            return Self::nested(source);
        }
        let options = options(source)?;
        let alphabet = alphabet(source, 6)?;
        let mut of_terms = alphabet.clone();
        if options.syntax == Syntax::Glob {
            of_terms.extend([&b"*"[..], b"?", b"*", b"\\*"].map(<[u8]>::to_vec));
        }
        let by_category = source.ratio(1, 4)?;
        let mut terms = Vec::new();
        for _ in 0..source.int_in_range(1..=6)? {
            let mut members = Vec::new();
            for _ in 0..if by_category { source.int_in_range(0..=4)? } else { 1 } {
                members.extend(term(source, &of_terms, &options)?);
            }
            if by_category || !members.is_empty() {
                terms.push(members);
            }
        }
        let mut documents = Vec::new();
        for _ in 0..source.int_in_range(1..=4)? {
            documents.push(document(source, &alphabet, options.syntax)?);
        }
        Ok(Self { options, documents, terms, by_category })
    }

    /// Terms that compete: they contain each other or overlap in chains, and the documents are full of them.
    fn nested(source: &mut Unstructured<'_>) -> Result<Self> {
        let mut options = options(source)?;
        options.overlap = *source.choose(&[Overlap::Longest, Overlap::Longest, Overlap::First, Overlap::PerTerm])?;
        let alphabet = alphabet(source, 2)?;
        let mut of_terms = alphabet.clone();
        if options.syntax == Syntax::Glob {
            of_terms.extend([b"*".to_vec(), b"?".to_vec()]);
        }
        let parts: Vec<Vec<u8>> =
            (0..source.int_in_range(1..=3)?).map(|_| letters(source, &of_terms, 3)).collect::<Result<_>>()?;
        let mut terms = Vec::new();
        for _ in 0..source.int_in_range(1..=10)? {
            let mut term = source.choose(&parts)?.repeat(source.int_in_range(1..=6)?);
            if source.ratio(1, 3)? {
                term.extend_from_slice(source.choose(&parts)?);
            }
            terms.extend(is_valid(&term, &options).then(|| vec![term]));
        }
        let mut documents = Vec::new();
        for _ in 0..source.int_in_range(1..=3)? {
            let mut text = document(source, &alphabet, options.syntax)?;
            let most = if options.syntax == Syntax::Glob { 8 } else { 60 };
            let part = letters(source, &alphabet, 3)?;
            text.extend(part.repeat(source.int_in_range(0..=most)?));
            text.extend(letters(source, &alphabet, 6)?);
            documents.push(text);
        }
        let by_category = source.ratio(1, 4)?;
        Ok(Self { options, documents, terms, by_category })
    }

    pub fn terms(&self) -> Terms {
        if !self.by_category {
            return Terms::each(self.terms.iter().flatten().map(|term| (term, false)));
        }
        let mut terms = Terms::by_category();
        for (number, members) in self.terms.iter().enumerate() {
            members.iter().for_each(|term| terms.push(Text::Bytes(term)));
            terms.end_category(format!("category {number}"));
        }
        terms
    }
}

fn options(source: &mut Unstructured<'_>) -> Result<Options> {
    let mode = *source.choose(&[
        MatchMode::Word,
        MatchMode::Word,
        MatchMode::Adaptive,
        MatchMode::Substring,
        MatchMode::Token,
    ])?;
    let word_chars = if matches!(mode, MatchMode::Word | MatchMode::Adaptive) {
        *source.choose(&["", "", "", "-", "-'", "😀+", "."])?
    } else {
        ""
    };
    Ok(Options {
        mode,
        ignore_case: source.ratio(1, 3)?,
        strip_accents: source.ratio(1, 4)?,
        fold_punctuation: source.ratio(1, 5)?,
        word_chars: WordChars::new(word_chars).expect("no whitespace"),
        syntax: *source.choose(&[Syntax::Literal, Syntax::Literal, Syntax::Glob])?,
        overlap: *source.choose(&[
            Overlap::PerTerm,
            Overlap::PerTerm,
            Overlap::All,
            Overlap::Longest,
            Overlap::First,
        ])?,
    })
}

/// A few letters and parts of UTF-8 sequences.
pub fn alphabet(source: &mut Unstructured<'_>, most: usize) -> Result<Vec<Vec<u8>>> {
    let mut alphabet = Vec::new();
    for _ in 0..source.int_in_range(1..=most)? {
        let letter = match source.ratio(1, 8)? {
            true => source.choose(BROKEN)?,
            false => source.choose(LETTERS)?.as_bytes(),
        };
        alphabet.push(letter.to_vec());
    }
    if source.ratio(2, 3)? {
        alphabet.push(b" ".to_vec());
    }
    Ok(alphabet)
}

fn letters(source: &mut Unstructured<'_>, alphabet: &[Vec<u8>], most: usize) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    for _ in 0..source.int_in_range(1..=most)? {
        text.extend_from_slice(source.choose(alphabet)?);
    }
    Ok(text)
}

/// A valid term: some letters, or a repeated part and an end.
fn term(source: &mut Unstructured<'_>, alphabet: &[Vec<u8>], options: &Options) -> Result<Option<Vec<u8>>> {
    let term = match source.ratio(1, 6)? {
        true => {
            let part = letters(source, alphabet, 2)?;
            let end = letters(source, alphabet, 2)?;
            [part.repeat(source.int_in_range(2..=30)?), end].concat()
        }
        false => letters(source, alphabet, 6)?,
    };
    Ok(is_valid(&term, options).then_some(term))
}

/// Whether a term is valid and the naive engine, which backtracks at every wildcard, can search for it in reasonable
/// time.
fn is_valid(term: &[u8], options: &Options) -> bool {
    let wildcards = term.iter().filter(|&&byte| byte == b'*').count();
    let most = if options.syntax == Syntax::Glob { 3 } else { usize::MAX };
    wildcards <= most && Plan::new(Terms::each([(&term, false)]), options.clone()).is_ok()
}

fn document(source: &mut Unstructured<'_>, alphabet: &[Vec<u8>], syntax: Syntax) -> Result<Vec<u8>> {
    // The naive engine takes cubic time for three wildcards in a run of word characters.
    let (fillers, most) = if syntax == Syntax::Glob { (&FILLERS[..3], 12) } else { (FILLERS, 100) };
    let mut text = Vec::new();
    for _ in 0..source.int_in_range(0..=3)? {
        match source.int_in_range(0..=63)? {
            // Longer than an engine's window.
            0 => {
                let filler = source.choose(fillers)?;
                text.extend(filler.repeat(source.int_in_range(1..=17_000)? / filler.len()).bytes());
            }
            1..=10 => {
                let part = letters(source, alphabet, 3)?;
                text.extend(part.repeat(source.int_in_range(1..=most)?));
            }
            _ => text.extend(letters(source, alphabet, 30)?),
        }
    }
    Ok(text)
}
