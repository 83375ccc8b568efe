//! Compares regular expressions with the crate `regex`, tried at every position where a match may start.

use arbitrary::{Result, Unstructured};
use countgrid::core::{Engines, MatchMode, Options, Plan, Syntax, Terms, WordChars};
use regex::bytes::{Regex, RegexBuilder};

use crate::common::{bytes_documents, count_dense, count_found, matches, run};

const LEAVES: &[&str] = &[
    "a", "b", "a", "b", "c", "é", "-", " ", r"\w", r"\s", ".", "[ab]", "[^a]", r"\W", r"\S", r"\d", "Σ", "ß", "𐐀",
    "(?s:.)", "[^A-Z]", "[A-Z]", "\\n", "1",
];
const TIMES: &[&str] = &["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}?", "{0,3}", "{2,}"];
const TEXT: &[&str] = &["a", "b", "a", "b", "A", "B", " ", " ", "-", "\n", "é", "σ", "ẞ", "𐐨", "\u{301}", "1", "c"];

pub fn check(source: &mut Unstructured<'_>) -> Result<u64> {
    let mode = *source.choose(&[MatchMode::Word, MatchMode::Substring, MatchMode::Token])?;
    let word_chars = if mode == MatchMode::Word { *source.choose(&["", "", "-"])? } else { "" };
    let options = Options {
        mode,
        ignore_case: source.ratio(1, 4)?,
        word_chars: WordChars::new(word_chars).expect("no whitespace"),
        syntax: Syntax::Regex,
        ..Options::default()
    };
    let pattern = pattern(source, 4)?;
    let mut documents = Vec::new();
    for _ in 0..source.int_in_range(1..=3)? {
        documents.push(text(source)?);
    }
    let Ok(plan) = Plan::with_engines(Terms::each([(&pattern, true)]), options.clone(), Engines::Best) else {
        return Ok(0);
    };
    let whole = run(1, usize::MAX / 4, usize::MAX / 4);
    let expected: Vec<(i64, i64, i64)> = (0..)
        .zip(&documents)
        .flat_map(|(row, text)| {
            spans_by_trying(&options, word_chars, &pattern, text).into_iter().map(move |(s, e)| (row, s, e))
        })
        .collect();
    for run in [whole, run(2, 16, 16)] {
        let found = matches(&plan, &bytes_documents(&documents), run);
        let spans: Vec<_> =
            (0..found.starts.len()).map(|i| (found.documents[i], found.starts[i], found.ends[i])).collect();
        assert_eq!(spans, expected, "{pattern:?} {options:?} {documents:?}");
        let counted = count_dense(&plan, &bytes_documents(&documents), run);
        assert_eq!(counted, count_found(&plan, &bytes_documents(&documents), run), "{pattern:?} {options:?}");
    }
    Ok(2 * documents.len() as u64)
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

fn text(source: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    for _ in 0..source.int_in_range(0..=24)? {
        match source.int_in_range(0..=12)? {
            0 => text.extend(source.choose(TEXT)?.repeat(source.int_in_range(1..=40)?).bytes()),
            1 => text.push(0xFF),
            _ => text.extend(source.choose(TEXT)?.bytes()),
        }
    }
    Ok(text)
}

/// The spans of the matches, found by trying the expression at every character. Whatever must follow a match is added
/// to the expression.
fn spans_by_trying(options: &Options, word_chars: &str, pattern: &str, text: &[u8]) -> Vec<(i64, i64)> {
    let class = format!(r"\w{}", regex::escape(word_chars));
    let after = match options.mode {
        MatchMode::Substring => String::new(),
        // The texts contain no other invalid byte than 0xFF.
        MatchMode::Word => format!(r"(?:\z|[^{class}]|(?-u:\xFF))"),
        MatchMode::Token => r"(?:\z|\s)".into(),
        MatchMode::Adaptive => unreachable!("not with expressions"),
    };
    let build = |pattern: &str| -> Regex {
        RegexBuilder::new(pattern).case_insensitive(options.ignore_case).build().expect("parsed before")
    };
    let tried = build(&format!("^((?:{pattern})){after}"));
    let inside = build(&format!("^[{class}]$"));
    let may_follow = |before: Option<&[u8]>| match (options.mode, before) {
        (MatchMode::Substring, _) | (_, None) => true,
        (MatchMode::Word, Some(before)) => !inside.is_match(before),
        (MatchMode::Adaptive, _) => unreachable!("not with expressions"),
        (MatchMode::Token, Some(before)) => std::str::from_utf8(before).is_ok_and(|text| text.trim().is_empty()),
    };
    let mut spans = Vec::new();
    let (mut free_from, mut before) = (0, None);
    for character in characters(text) {
        let at = character.start;
        if at >= free_from
            && may_follow(before)
            && let Some(found) = tried.captures(&text[at..])
        {
            free_from = at + found[1].len();
            spans.push((at as i64, free_from as i64));
        }
        before = Some(&text[character]);
    }
    spans
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
