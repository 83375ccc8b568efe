//! Compares regular expressions with the crate `regex`, tried at every position where a match may start, counted
//! independently or competing.

use arbitrary::{Result, Unstructured};
use countgrid::core::{Engines, MatchMode, Options, Overlap, Plan, Syntax, Terms, WordChars};
use regex::bytes::{Regex, RegexBuilder};

use crate::common::{bytes_documents, count_dense, count_found, matches, run};

const LEAVES: &[&str] = &[
    "a",
    "b",
    "a",
    "b",
    "c",
    "é",
    "-",
    " ",
    r"\w",
    r"\s",
    ".",
    "[ab]",
    "[^a]",
    r"\W",
    r"\S",
    r"\d",
    "Σ",
    "ß",
    "𐐀",
    "(?s:.)",
    "[^A-Z]",
    "[A-Z]",
    "\\n",
    "1",
    "quick",
    "fox-",
    "Straße",
    "(?i:kelvin)",
    "日本",
];
const TIMES: &[&str] = &["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}?", "{0,3}", "{2,}"];
const TEXT: &[&str] = &[
    "a",
    "b",
    "a",
    "b",
    "A",
    "B",
    " ",
    " ",
    "-",
    "\n",
    "é",
    "σ",
    "ẞ",
    "𐐨",
    "\u{301}",
    "1",
    "c",
    "quick",
    "fox-",
    "STRASSE",
    "straẞe",
    "\u{212A}elvin",
    "KELVIN",
    "日本",
];

pub fn check(source: &mut Unstructured<'_>) -> Result<u64> {
    let mode = *source.choose(&[MatchMode::Word, MatchMode::Adaptive, MatchMode::Substring, MatchMode::Token])?;
    let word_chars = if mode == MatchMode::Word { *source.choose(&["", "", "-"])? } else { "" };
    let overlap = *source.choose(&[Overlap::PerTerm, Overlap::First])?;
    let options = Options {
        mode,
        ignore_case: source.ratio(1, 4)?,
        word_chars: WordChars::new(word_chars).expect("no whitespace"),
        syntax: Syntax::Regex,
        overlap,
        ..Options::default()
    };
    let compiled = |patterns: &[String], engines| {
        let terms = Terms::each(patterns.iter().map(|pattern| (pattern, true)));
        Plan::with_engines(terms, options.clone(), engines)
    };
    let mut patterns = Vec::new();
    for _ in 0..source.int_in_range(1..=3)? {
        let pattern = [pattern(source, 4)?];
        if compiled(&pattern, Engines::Best).is_ok() {
            patterns.extend(pattern);
        }
    }
    let mut documents = Vec::new();
    for _ in 0..source.int_in_range(1..=3)? {
        documents.push(text(source, mode != MatchMode::Adaptive)?);
    }
    let plans = [Engines::Single, Engines::Regexes]
        .map(|engines| compiled(&patterns, engines).expect("each pattern compiled"));
    let tried: Vec<_> = patterns.iter().map(|pattern| Tried::new(&options, word_chars, pattern)).collect();
    let whole = run(1, usize::MAX / 4, usize::MAX / 4);
    let expected: Vec<[i64; 4]> = (0..)
        .zip(&documents)
        .flat_map(|(row, text)| {
            let found = spans_by_trying(&tried, overlap, text);
            found.into_iter().map(move |(start, end, column)| [row, start as i64, end as i64, column as i64])
        })
        .collect();
    for (plan, run) in plans.iter().flat_map(|plan| [(plan, whole), (plan, run(2, 16, 16))]) {
        let found = matches(plan, &bytes_documents(&documents), run);
        let spans: Vec<_> = (0..found.starts.len())
            .map(|i| [found.documents[i], found.starts[i], found.ends[i], found.columns[i]])
            .collect();
        assert_eq!(spans, expected, "{patterns:?} {options:?} {documents:?}");
        let counted = count_dense(plan, &bytes_documents(&documents), run);
        assert_eq!(counted, count_found(plan, &bytes_documents(&documents), run), "{patterns:?} {options:?}");
    }
    Ok(4 * documents.len() as u64)
}

fn pattern(source: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    if depth == 0 || source.ratio(1, 4)? {
        return Ok((*source.choose(LEAVES)?).into());
    }
    let mut inner = || pattern(source, depth - 1);
    Ok(match inner()?.len() % 5 {
        0 => [inner()?, inner()?, inner()?].concat(),
        1 => format!("(?:{}|{})", inner()?, inner()?),
        2 => format!("({})|{}", inner()?, inner()?),
        3 => [inner()?, inner()?].concat(),
        _ => {
            let part = inner()?;
            format!("(?:{part}){}", source.choose(TIMES)?)
        }
    })
}

fn text(source: &mut Unstructured<'_>, may_be_invalid: bool) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    for _ in 0..source.int_in_range(0..=24)? {
        match source.int_in_range(0..=12)? {
            0 => text.extend(source.choose(TEXT)?.repeat(source.int_in_range(1..=40)?).bytes()),
            1 if may_be_invalid => text.push(0xFF),
            _ => text.extend(source.choose(TEXT)?.bytes()),
        }
    }
    Ok(text)
}

/// An expression that is tried at every character. Whatever must follow a match is added to it. With adaptive
/// boundaries only for valid UTF-8 without further word characters.
struct Tried {
    mode: MatchMode,
    expression: Regex,
    inside: Regex,
}

impl Tried {
    fn new(options: &Options, word_chars: &str, pattern: &str) -> Self {
        let class = format!(r"\w{}", regex::escape(word_chars));
        let after = match options.mode {
            MatchMode::Substring => String::new(),
            // The texts contain no other invalid byte than 0xFF.
            MatchMode::Word => format!(r"(?:\z|[^{class}]|(?-u:\xFF))"),
            MatchMode::Token => r"(?:\z|\s)".into(),
            // The last character is not a word character, or the next one is not.
            MatchMode::Adaptive => r"(?:\b{start-half}|\b{end-half})".into(),
        };
        let build = |pattern: &str| -> Regex {
            RegexBuilder::new(pattern).case_insensitive(options.ignore_case).build().expect("parsed before")
        };
        Self {
            mode: options.mode,
            expression: build(&format!("^((?:{pattern})){after}")),
            inside: build(&format!("^[{class}]$")),
        }
    }

    /// The first match that begins at `from` or later.
    fn next(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let is_inside = |character: Option<&[u8]>| character.is_some_and(|text| self.inside.is_match(text));
        let is_space = |text: &[u8]| std::str::from_utf8(text).is_ok_and(|text| text.trim().is_empty());
        let mut before = None;
        for character in characters(text) {
            let (at, this) = (character.start, &text[character]);
            let may_begin = match self.mode {
                MatchMode::Substring => true,
                MatchMode::Word => !is_inside(before),
                MatchMode::Adaptive => !is_inside(before) || !is_inside(Some(this)),
                MatchMode::Token => before.is_none_or(is_space),
            };
            if at >= from
                && may_begin
                && let Some(found) = self.expression.captures(&text[at..])
            {
                return Some((at, at + found[1].len()));
            }
            before = Some(this);
        }
        None
    }
}

/// The spans of the matches and their columns, in order.
fn spans_by_trying(tried: &[Tried], overlap: Overlap, text: &[u8]) -> Vec<(usize, usize, usize)> {
    let mut spans = Vec::new();
    if overlap == Overlap::PerTerm {
        for (column, tried) in tried.iter().enumerate() {
            let mut from = 0;
            while let Some((start, end)) = tried.next(text, from) {
                spans.push((start, end, column));
                from = end;
            }
        }
        spans.sort_unstable();
        return spans;
    }
    let mut from = 0;
    loop {
        let next: Vec<_> = tried.iter().map(|tried| tried.next(text, from)).collect();
        let Some(winner) = next.iter().flatten().copied().min_by_key(|found| found.0) else { return spans };
        let columns = (0..tried.len()).filter(|&column| next[column] == Some(winner));
        spans.extend(columns.map(|column| (winner.0, winner.1, column)));
        from = winner.1;
    }
}

/// The range of each character. An invalid byte is a character of its own.
fn characters(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut all = Vec::new();
    let mut at = 0;
    for chunk in text.utf8_chunks() {
        all.extend(chunk.valid().char_indices().map(|(i, c)| at + i..at + i + c.len_utf8()));
        at += chunk.valid().len();
        all.extend((0..chunk.invalid().len()).map(|i| at + i..at + i + 1));
        at += chunk.invalid().len();
    }
    all
}
