use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::core::documents::batch::BatchBuffer;
use crate::core::engines::regex::SIZE_LIMIT;
use crate::core::text::boundaries::{Boundaries, MatchMode, WordChars};
use crate::core::text::encoding::Text;

#[derive(Default)]
struct Matches {
    found: Vec<(usize, u32, usize, usize)>,
    documents: usize,
}

impl MatchCallback for Matches {
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        self.found.push((self.documents, pattern, start, end));
    }

    fn on_matches(&mut self, _: u32, _: u64) {
        panic!("positions are needed");
    }

    fn end_document(&mut self) {
        self.documents += 1;
    }

    fn cancelled(&self) -> bool {
        false
    }
}

fn matches<E: Engine>(engine: &E, documents: &[String]) -> Vec<(usize, u32, usize, usize)> {
    let mut callback = Matches::default();
    scan(engine, documents, &mut callback, |callback| callback.documents);
    callback.found
}

/// Scans all documents. `done` returns how many were reported.
fn scan<E: Engine, C: MatchCallback>(engine: &E, documents: &[String], callback: &mut C, done: impl Fn(&C) -> usize) {
    let chunk = crate::core::documents::chunk::Chunk::from_texts(
        documents.iter().map(|text| Some(Text::Str(text.as_bytes()))).collect(),
    );
    let texts = crate::core::documents::texts::Texts::new(vec![chunk]);
    let (mut buffer, mut scratch, mut at) = (BatchBuffer::default(), E::Scratch::default(), 0);
    while at < documents.len() {
        let (batch, taken, _) = buffer.batch(&texts, at..documents.len(), Transform::default());
        engine.scan(batch, &mut scratch, callback);
        at += taken;
        assert_eq!(done(callback), at);
    }
}

fn regex(options: &RegexOptions, id: u32, expression: &str) -> Option<Regex> {
    Regex::new(options, ForTexts::Any, SIZE_LIMIT, id, expression.as_bytes()).ok()
}

/// Compares all expressions together with each expression alone.
fn check(mode: MatchMode, ignore_case: bool, expressions: &[String], documents: &[String]) {
    let options = RegexOptions::new(Boundaries::new(mode, WordChars::default()), ignore_case, expressions.len());
    let expressions: Vec<&String> = expressions.iter().filter(|text| regex(&options, 0, text).is_some()).collect();
    let alone: Vec<Regex> = (0..).zip(&expressions).filter_map(|(id, text)| regex(&options, id, text)).collect();
    let patterns: Vec<_> = expressions.iter().map(|text| Pattern::Regex(text.as_bytes())).collect();
    let together = Regexes::new(options, patterns.into_iter(), || false).ok().unwrap();
    let mut expected: Vec<_> = alone.iter().flat_map(|regex| matches(regex, documents)).collect();
    expected.sort_unstable();
    let mut found = matches(&together, documents);
    found.sort_unstable();
    assert_eq!(found, expected, "{mode:?} {ignore_case} {expressions:?} {documents:?}");
}

const WORDS: [&str; 6] = ["xylem", "quartz", "Jazz", "vex_", "(xylem)", "kq"];

/// What can come before and after a word.
fn around() -> impl Strategy<Value = String> {
    let part = select(vec![
        "",
        "",
        "a",
        "b?",
        "[ab]",
        "[ab]{0,3}",
        "[a-z ]+",
        r"\w*?",
        r"\s",
        ".",
        ".*",
        r"(?s:.{0,4})",
        "^",
        "$",
        r"\b",
        r"\B",
        "(?m:^)",
        "(?m:$)",
        "(?:a|bb|)",
        "(a(?:b|x)?)+?",
        "(?:q|quartz )?",
        r"[^x]{2}",
        "é?",
        "xy",
    ]);
    proptest::collection::vec(part, 0..3).prop_map(|parts| parts.concat())
}

fn expression() -> impl Strategy<Value = String> {
    let one = (around(), select(WORDS.to_vec()), around()).prop_map(|(before, word, after)| before + word + &after);
    let one = one.boxed();
    prop_oneof![
        4 => one.clone(),
        1 => (one.clone(), one.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
        1 => (around(), one.clone(), around()).prop_map(|(a, b, c)| format!("{a}({b}){{1,2}}{c}")),
        1 => one.prop_map(|expression| format!("(?i){expression}")),
        1 => around(),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let part = select(vec![
        "a", "b", "ab", " ", "\n", "xylem", "quartz", "Jazz", "XYLEM", "jazz", "vex_", "kq", "xy", "x", "é", "ſ",
        ".", "a ", "-",
    ]);
    let ascii = proptest::collection::vec(part, 0..14).prop_map(|parts| parts.concat());
    prop_oneof![3 => ascii.clone().prop_map(|text| text.replace(['é', 'ſ'], "b")), 1 => ascii]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn searches_near_literals_find_what_each_expression_finds(
        mode in select(vec![MatchMode::Substring, MatchMode::Word, MatchMode::Token, MatchMode::Adaptive]),
        ignore_case: bool,
        expressions in proptest::collection::vec(expression(), 1..6),
        documents in proptest::collection::vec(document(), 1..5),
    ) {
        check(mode, ignore_case, &expressions, &documents);
    }
}

#[test]
fn long_documents_are_searched_near_literals() {
    let filler = "so much text without any of them, ".repeat(300);
    let expressions = [
        r"\w+ xylem",
        r"xylem\b.*?quartz",
        r"[a-z, ]+quartz",
        "(?s).*Jazz",
        "quartz$",
        "^so",
        r"[a-z]{0,9}kq(?:vex)?",
        r"\d+",
    ];
    let expressions = expressions.map(String::from);
    for middle in ["xylem", " xylem quartz Jazz", "kqvex kq", "xylem\nquartz", "none"] {
        let documents = [format!("{filler}{middle}{filler}{middle}"), format!("{middle}{filler}"), filler.repeat(9)];
        for mode in [MatchMode::Substring, MatchMode::Word, MatchMode::Adaptive] {
            check(mode, false, &expressions, &documents);
            check(mode, true, &expressions, &documents);
        }
    }
}

#[test]
fn filters_are_chosen_by_rare_literals() {
    let options = RegexOptions::new(Boundaries::default(), false, 4);
    let patterns = ["password", r"\d+", "(?i)straße", "the"].map(|text| Pattern::Regex(text.as_bytes()));
    let regexes = Regexes::new(options, patterns.into_iter(), || false).ok().unwrap();
    assert_eq!(regexes.unfiltered(), [1, 3]);
    assert_eq!(regexes.most_frequent(), [2, 0]);
}

/// Counts matches, and needs no positions unless they are of `with_spans`.
#[derive(Default)]
struct Counts {
    found: Vec<(usize, u32)>,
    with_spans: Option<u32>,
    documents: usize,
}

impl MatchCallback for Counts {
    fn on_match(&mut self, pattern: u32, _: usize, _: usize) {
        self.found.push((self.documents, pattern));
    }

    fn needs_spans(&self, pattern: u32) -> bool {
        self.with_spans == Some(pattern)
    }

    fn on_matches(&mut self, pattern: u32, count: u64) {
        assert!(!self.needs_spans(pattern));
        self.found.extend((0..count).map(|_| (self.documents, pattern)));
    }

    fn end_document(&mut self) {
        self.documents += 1;
    }

    fn cancelled(&self) -> bool {
        false
    }
}

#[test]
fn frequent_expressions_are_counted_as_they_are_found() {
    let expressions = [
        r"\w+",
        r"[a-z]+[.,]",
        r"\d{2}",
        "[A-Z]{2,}",
        r"\bs\w",
        r"(?:\w+ )+\d",
        "xylem",
        "e",
        r"[^\w\s]",
        "s$",
        "^s",
        r"\w\b-|é",
    ];
    let sentence = |i: usize| match i % 9 {
        0 => format!("some text no. {i}, "),
        1 => "déjà-vu ".to_owned(),
        2 => String::new(),
        3 => format!("XML-ids {i}-{}", i * 7),
        _ => "so is this, is it? ".repeat(i % 90),
    };
    let mut documents: Vec<_> = (0..300).map(sentence).collect();
    documents.push(documents.concat().repeat(2));
    for mode in [MatchMode::Substring, MatchMode::Word, MatchMode::Adaptive, MatchMode::Token] {
        let options = RegexOptions::new(Boundaries::new(mode, WordChars::default()), false, expressions.len());
        let patterns = || expressions.iter().map(|text| Pattern::Regex(text.as_bytes()));
        let expected = matches(&Regexes::new(options.clone(), patterns(), || false).ok().unwrap(), &documents);
        let mut expected: Vec<_> = expected.into_iter().map(|(document, id, ..)| (document, id)).collect();
        expected.sort_unstable();
        for with_spans in [None, Some(1)] {
            let regexes = Regexes::new(options.clone(), patterns(), || false).ok().unwrap();
            let mut callback = Counts { with_spans, ..Counts::default() };
            scan(&regexes, &documents, &mut callback, |callback| callback.documents);
            callback.found.sort_unstable();
            assert_eq!(callback.found, expected, "{mode:?} {with_spans:?}");
            let counted = &regexes.frequent.get().expect("the sample is complete").counted;
            let has_tables = mode != MatchMode::Token;
            assert_eq!(counted.contains(&0), has_tables, "{mode:?}");
            assert_eq!(counted.contains(&1), has_tables && with_spans.is_none(), "{mode:?}");
            assert!(!counted.contains(&6) && !counted.contains(&3), "{mode:?}: few documents have these");
            // Positions are found by searches.
            let mut found: Vec<_> = matches(&regexes, &documents).into_iter().map(|(i, id, ..)| (i, id)).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{mode:?} {with_spans:?}");
        }
    }
}
