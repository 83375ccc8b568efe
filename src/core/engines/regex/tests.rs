//! Compares all kinds of search with backtracking and with each other.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

use super::reference::ReferenceSearch;
use super::search::{RegexSearch, SearchLimits};
use super::*;
use crate::core::text::boundaries::{Boundaries, MatchMode, WordChars};
use crate::core::text::unicode::word_chars;

const MODES: [MatchMode; 4] = [MatchMode::Word, MatchMode::Adaptive, MatchMode::Token, MatchMode::Substring];

fn regex(mode: MatchMode, word_chars: &str, text: &str) -> Option<Regex> {
    let has_words = matches!(mode, MatchMode::Word | MatchMode::Adaptive);
    let word_chars = WordChars::new(if has_words { word_chars } else { "" }).unwrap();
    let options = RegexOptions::new(Boundaries::new(mode, word_chars), false, 1);
    Regex::new(&options, ForTexts::Any, SIZE_LIMIT, 0, text.as_bytes()).ok()
}

/// All matches, the amount of work, and why the search stopped.
fn search(
    regex: &Regex,
    text: &[u8],
    limits: SearchLimits,
    cancelled: &dyn Fn() -> bool,
) -> (Vec<(usize, usize)>, usize, Option<Stop>) {
    let work = Cell::new(0);
    let cancel_check = CancelCheck::new(cancelled, &work);
    let (mut scratch, mut search) = (regex.create_scratch(), RegexSearch::new(regex, text, limits));
    let mut matches = Vec::new();
    loop {
        match search.next(&mut scratch, &cancel_check) {
            Ok(Some(found)) => matches.push(found),
            Ok(None) => return (matches, work.get(), None),
            Err(stop) => return (matches, work.get(), Some(stop)),
        }
    }
}

/// Limits that force all kinds of search, from the first byte on or in turn.
fn limits() -> [SearchLimits; 5] {
    let greedy = SearchLimits { wasted: 0, wasted_per_byte: 0, ..SearchLimits::default() };
    [
        SearchLimits::default(),
        greedy,
        SearchLimits { greedy_bytes: 1, ..greedy },
        SearchLimits { sets: 2, ..greedy },
        SearchLimits { wasted: 3, wasted_per_byte: 0, greedy_bytes: 2, quit_bytes: 1, sets: 5, is_alone: false },
    ]
}

/// The classes of an expression.
fn add_classes(hir: &Hir, classes: &mut Vec<ClassUnicode>) {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => classes.push(class.clone()),
        HirKind::Repetition(repetition) => add_classes(&repetition.sub, classes),
        HirKind::Capture(capture) => add_classes(&capture.sub, classes),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| add_classes(part, classes));
        }
        _ => {}
    }
}

/// The expression for symbols, and for ASCII.
fn for_other_texts(boundaries: &Boundaries, text: &str) -> [Regex; 2] {
    let hir = parse(text.as_bytes(), false).unwrap();
    let options = RegexOptions::new(boundaries.clone(), false, 1);
    let (mut classes, mut chars) = (vec![options.word_chars().clone(), word_chars()], HashSet::default());
    add_classes(&hir, &mut classes);
    add_chars(&hir, &mut chars);
    let symbols = Arc::new(Symbols::new(boundaries, classes.iter(), &chars).unwrap());
    [ForTexts::Symbols(symbols), ForTexts::Ascii]
        .map(|texts| Regex::new(&options, texts, SIZE_LIMIT, 0, text.as_bytes()).unwrap())
}

#[track_caller]
fn check(mode: MatchMode, word_chars: &str, expression: &str, texts: &[Vec<u8>]) {
    let Some(regex) = regex(mode, word_chars, expression) else { return };
    let reference = ReferenceSearch::new(&regex.boundaries, expression);
    let [in_symbols, ascii] = for_other_texts(&regex.boundaries, expression);
    let ForTexts::Symbols(symbols) = &in_symbols.texts else { unreachable!("it was compiled for symbols") };
    for text in texts {
        let expected = reference.matches(text);
        let mut read = SymbolText::default();
        assert!(read.read(symbols, text, || false));
        for (i, limits) in limits().into_iter().enumerate() {
            let (mut found, _, stop) = search(&in_symbols, &read.symbols, limits, &|| false);
            let positions = |(start, end)| (read.position(text, start), read.position(text, end));
            found.iter_mut().for_each(|span| *span = positions(*span));
            assert_eq!((found, stop), (expected.clone(), None), "symbols: {mode:?} {expression} {text:?} {i}");
            if text.is_ascii() {
                let (found, _, stop) = search(&ascii, text, limits, &|| false);
                assert_eq!((found, stop), (expected.clone(), None), "ASCII: {mode:?} {expression} {text:?} {i}");
            }
        }
        for (i, limits) in limits().into_iter().enumerate() {
            let (found, _, stop) = search(&regex, text, limits, &|| false);
            assert_eq!((found, stop), (expected.clone(), None), "{mode:?} {word_chars:?} {expression} {text:?} {i}");
        }
    }
}

/// Expressions with a few letters, and with everything that makes a search look around or ahead.
fn expression() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "a",
        "b",
        "a",
        "b",
        "ab",
        "é",
        "-",
        " ",
        r"\w",
        r"\s",
        ".",
        "(?s:.)",
        "[ab]",
        "[^a]",
        r"\W",
        "𐐀",
        "^",
        "$",
        r"\A",
        r"\z",
        "(?m:^)",
        "(?m:$)",
        r"\b",
        r"\B",
        r"\b{start}",
        r"\b{end-half}",
        "(?-u:\\b)",
        r"(?R:$)",
        "(?i:B)",
        "",
    ]);
    leaf.prop_map(String::from).prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})|{b}")),
            (inner, select(vec!["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}?", "{0,3}", "{2,}"]))
                .prop_map(|(part, wasted_per_byte)| format!("(?:{part}){wasted_per_byte}")),
        ]
    })
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let letters: Vec<&[u8]> = [
        &b"a"[..],
        b"b",
        b"a",
        b"ab",
        b" ",
        b"-",
        b"\n",
        b"\r\n",
        "é".as_bytes(),
        "𐐀".as_bytes(),
        b"\xFF",
        b"\xE2\x82",
        b"\x80",
        "\u{FFFD}".as_bytes(),
    ]
    .into();
    (prop::collection::vec(select(letters), 0..24), 1..3usize)
        .prop_map(|(letters, wasted_per_byte)| letters.concat().repeat(wasted_per_byte))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_searches_find_the_same_as_backtracking(
        mode in select(MODES.to_vec()),
        word_chars in select(vec!["", "", "-"]),
        expression in expression(),
        texts in prop::collection::vec(text(), 1..4),
    ) {
        check(mode, word_chars, &expression, &texts);
    }
}

#[test]
fn common_expressions_are_found_by_all_searches() {
    let texts = [
        &b""[..],
        b"the fox jumped\nover the fox's den, the end",
        "Füchse, ein Füchs\u{301}lein — der Fuchs fox".as_bytes(),
        b"a\xFFab \xC3 ab\xFF\xFFab ab\xE2\x82",
        b"aaaa aaa aa a",
        b"xx yy x\ny x",
        b"ab-ab ab--ab -ab-",
        b"me@example.com, you@example.org; 2024-05-06 12:30",
        b"\xFF",
    ]
    .map(<[u8]>::to_vec);
    for expression in [
        "fox",
        "the|fox",
        "fo|fox",
        "fox|fo",
        "x|y|-",
        "the (fox|den)",
        "f.x",
        "a|ab",
        "ab|a",
        "a+?",
        "a+",
        "(?s)x.*y",
        "x.*y",
        r"\w+",
        "[^a]+",
        "(?i)FÜCHSE",
        "^the|end$",
        r"\bab",
        "a{2}",
        "-",
        "(?m)^.",
        r"\S+\s+\S+",
        r"\w+@\w+\.com",
        r"\d{4}-\d{2}-\d{2}",
        r"[a-z]+@",
        r"\w+ing|the",
        r"\w+ \w+",
        "(?s).*the",
        "(?s).*?the",
        r"[^\w]+",
        r"\S+",
        r"\S+?",
        r"(a-?)+",
        "a-??",
        r"\W?fox\W?",
        ",|fox",
        "(a|-)*b?|-",
        "(?:ab|)-?x|[^a]",
        "#?ab",
        "ab-*",
        "-+ab",
        "-ab-?",
        "-|the",
        "[a-]{3}",
        "[a-]{2,}?",
        "(?:-?[ab]-?){2,3}",
        "(?:[a-]|ab){2}b?",
    ] {
        for mode in MODES {
            for word_chars in ["", "-"] {
                check(mode, word_chars, expression, &texts);
            }
        }
    }
}

/// Expressions, and what their texts repeat. Repeated leftmost searches take quadratic time for them, or their DFAs
/// have too many states.
const HARD: [(&str, &str); 16] = [
    (".*[^A-Z]|[A-Z]", "A"),
    ("a.*b|a", "a"),
    ("[a ]+b|a", "a a"),
    ("A*B|A", "A"),
    (r"(?s).*\d|A", "A"),
    ("(?s)x.*y|x", "x"),
    ("(?s)x.*y", "x\n"),
    ("a(?s:.*)b|a", "a \u{FFFD}"),
    (r"(\w+ )*\d|\w", "ab "),
    ("(?s)a.*?b|a", "a"),
    ("a[ab]{60}c", "abbabaababab"),
    ("c[ab]{60}a|b", "abbabaababab"),
    ("(a?){50}b|a", "aaa "),
    (r"\ba.*b|a", "a é "),
    ("a|(a b )+c", "a b "),
    (r"\S+\s+\S+x|\S", "a "),
];

/// A text with a hard part, and random bytes that keep DFA states from repeating.
fn hard_text(part: &str, bytes: usize) -> Vec<u8> {
    let mut chance = 1u64;
    let mut text = Vec::new();
    while text.len() < bytes {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let chars: Vec<char> = part.chars().collect();
        let char = if part.len() > 9 {
            chars[(chance >> 33) as usize % chars.len()]
        } else {
            chars[text.len() % chars.len()]
        };
        text.extend(char.to_string().bytes());
    }
    text
}

#[test]
fn hard_expressions_are_found_by_all_searches() {
    for (expression, part) in HARD {
        for mode in MODES {
            check(mode, "", expression, &[hard_text(part, 300), [&hard_text(part, 200), &b" 1b"[..]].concat()]);
        }
    }
}

#[test]
fn work_is_linear_in_the_text() {
    for (expression, part) in HARD {
        for mode in MODES {
            let regex = regex(mode, "", expression).unwrap();
            let work = |bytes| {
                let (_, work, stop) = search(&regex, &hard_text(part, bytes), SearchLimits::default(), &|| false);
                assert_eq!(stop, None);
                work
            };
            let [small, large] = [60_000, 240_000].map(work);
            assert!(large < 6 * small, "{mode:?} {expression}: {small}, {large}");
            println!("{mode:?} {expression}: {} {}", small / 60_000, large / 240_000);
        }
    }
}

#[test]
fn counted_wildcards_take_few_steps_in_symbols() {
    let expressions =
        ["cat.{3,40}", "a.{0,60}b?", r"\S{1,60}", ".{50}", "(a|the|.{3}){1,20}", r"(?:\w|\s){10,40}", r"\b\w+\b"];
    let parts = ["error", "the", "cat", " ", ", ", "12", "слово", "日本語", "café", "😀", "\n", "b"];
    let text: String = (0..12_000usize).map(|i| parts[(i * i * 7 + i / 5 + i * i / 11) % parts.len()]).collect();
    for expression in expressions {
        for mode in MODES {
            let [regex, _] = for_other_texts(&Boundaries::new(mode, WordChars::default()), expression);
            let ForTexts::Symbols(symbols) = &regex.texts else { unreachable!("it was compiled for symbols") };
            let mut read = SymbolText::default();
            assert!(read.read(symbols, text.as_bytes(), || false));
            let (matches, work, stop) = search(&regex, &read.symbols, SearchLimits::default(), &|| false);
            assert_eq!(stop, None);
            // In UTF-8 some have thousands of states that are alive at the same time.
            let (states, steps) = (regex.reverse_nfa().states.len(), work / read.symbols.len());
            println!("{mode:?} {expression}: {} matches, {states} states, {steps} steps", matches.len());
            assert!(states < 500 && steps < 50, "{mode:?} {expression}: {states}, {steps}");
        }
    }
}

#[test]
fn memory_does_not_grow_with_the_text() {
    let more = [(r"(?s)\w{60}.*!|\w", "слово "), (r"c[ab]{60}a|a[ab]{60}c|b", "abbabaababab")];
    for (expression, part) in HARD.into_iter().chain(more) {
        for expressions in [1, 1000] {
            let boundaries = Boundaries { mode: MatchMode::Substring, ..Boundaries::default() };
            let options = RegexOptions::new(boundaries, false, expressions);
            let regex = Regex::new(&options, ForTexts::Any, SIZE_LIMIT, 0, expression.as_bytes()).unwrap();
            let watch_work = Cell::new(0);
            let cancel_check = CancelCheck::new(&|| false, &watch_work);
            let (mut scratch, text) = (regex.create_scratch(), hard_text(part, 400_000));
            // With `greedy` from the first byte on.
            let mut search = RegexSearch::new(
                &regex,
                &text,
                SearchLimits { wasted: 0, wasted_per_byte: 0, ..SearchLimits::default() },
            );
            let mut most = 0;
            while search.next(&mut scratch, &cancel_check).unwrap().is_some() {
                most = most.max(scratch.greedy.bytes());
            }
            most = most.max(scratch.greedy.bytes());
            // A large automaton needs some sets, however small the budget is.
            let bound = regex.budget.max(32 * regex.reverse_nfa().states.len());
            assert!(most > 0 && most <= bound, "{expression} {expressions}: {most} of {bound}");
        }
    }
}

#[test]
fn searches_that_keep_too_much_together_free_it() {
    let text = hard_text("abbabaababab", 20_000);
    let kept = |most_kept| {
        let mut options = RegexOptions::new(Boundaries::new(MatchMode::Substring, WordChars::default()), false, 1);
        options.most_kept = most_kept;
        let regexes = [r"\w\w+?[^c]{8}", r"\w+?[^c]{8}"]
            .map(|text| Regex::new(&options, ForTexts::Any, SIZE_LIMIT, 0, text.as_bytes()).unwrap());
        let mut bytes = regexes.each_ref().map(|regex| {
            let mut search = regex.search(&text);
            let mut matches = 0;
            while search.next_match(&CancelCheck::new(&|| false, &Cell::new(0))).unwrap().is_some() {
                matches += 1;
            }
            drop(search);
            (matches, regex.scratch.get().as_ref().map_or(0, |scratch| scratch.bytes()))
        });
        bytes.sort_unstable();
        bytes
    };
    let [all, none] = [usize::MAX, 0].map(kept);
    assert_eq!(all.map(|(matches, _)| matches), none.map(|(matches, _)| matches));
    assert!(all.iter().all(|&(matches, bytes)| matches > 0 && bytes > 32 << 10), "{all:?}");
    assert!(none.iter().all(|&(_, bytes)| bytes == 0), "{none:?}");
}

#[test]
fn invalid_utf8_costs_no_more_than_valid() {
    for part in [&b"\xFFa"[..], b"\xFF", b"\xE2\x82a ", b"a\xFF "] {
        for mode in MODES {
            for expression in ["a", "(?s).*b|a", r"\w+", "(?s).+?z"] {
                let regex = regex(mode, "", expression).unwrap();
                let work = |wasted_per_byte| {
                    search(&regex, &part.repeat(wasted_per_byte), SearchLimits::default(), &|| false).1
                };
                let [small, large] = [10_000, 40_000].map(work);
                assert!(large < 6 * small, "{mode:?} {expression} {part:?}: {small}, {large}");
                println!(
                    "{mode:?} {expression} {part:?}: {} {}",
                    small / 10_000 / part.len(),
                    large / 40_000 / part.len()
                );
            }
        }
    }
}

#[test]
fn every_search_can_be_cancelled() {
    let texts = HARD.map(|(expression, part)| (expression, hard_text(part, 1 << 20)));
    let plain = b"x and so on ".repeat(1 << 17);
    let more = ["(?s)x.*yy", "[^y]+y", "zz", "x", r"\w+", "qu.ck"].map(|expression| (expression, plain.clone()));
    for (expression, text) in texts.into_iter().chain(more) {
        for mode in MODES {
            let regex = regex(mode, "", expression).unwrap();
            for before in [0, 1, 3] {
                let looks = Cell::new(0);
                let cancelled = || {
                    looks.set(looks.get() + 1);
                    looks.get() > before
                };
                let (_, _, stop) = search(&regex, &text, SearchLimits::default(), &cancelled);
                // A text without a required literal is searched before the first check.
                let expected = if looks.get() <= before { None } else { Some(Stop::Cancelled) };
                assert_eq!(stop, expected, "{mode:?} {expression}");
                assert!((before.min(1)..=before + 1).contains(&looks.get()), "{mode:?} {expression}");
            }
        }
    }
}

/// Counts the matches of several expressions.
struct Counts(Vec<u64>);

impl MatchCallback for Counts {
    fn on_match(&mut self, _: u32, _: usize, _: usize) {
        unreachable!("tables do not find positions");
    }

    fn on_matches(&mut self, pattern: u32, count: u64) {
        self.0[pattern as usize] += count;
    }

    fn end_document(&mut self) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Compares the counts by tables, of each expression and of all together. Returns how many have tables.
#[track_caller]
fn check_counts(mode: MatchMode, expressions: &[&str], texts: &[Vec<u8>]) -> usize {
    let boundaries = Boundaries::new(mode, WordChars::default());
    let mut together: Option<CountTable> = None;
    let mut references = Vec::new();
    for expression in expressions {
        let Ok(hir) = parse(expression.as_bytes(), false) else { continue };
        let table = || CountTable::new(references.len() as u32, &asserted(&boundaries, &hir)?);
        let (Some(table), Some(other)) = (table(), table()) else { continue };
        let reference = ReferenceSearch::new(&boundaries, expression);
        for text in texts {
            let mut counts = Counts(vec![0; references.len() + 1]);
            table.count(text, &Cell::new(0), &mut counts).unwrap();
            let expected = reference.matches(text).len() as u64;
            assert_eq!(counts.0[references.len()], expected, "{mode:?} {expression} {text:?}");
        }
        references.push(reference);
        match &mut together {
            Some(together) => together.add(other).ok().unwrap(),
            None => together = Some(other),
        }
    }
    for (text, together) in texts.iter().flat_map(|text| Some((text, together.as_ref()?))) {
        let mut counts = Counts(vec![0; references.len()]);
        together.count(text, &Cell::new(0), &mut counts).unwrap();
        let expected: Vec<_> = references.iter().map(|reference| reference.matches(text).len() as u64).collect();
        assert_eq!(counts.0, expected, "{mode:?} {expressions:?} {text:?}");
    }
    references.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_count_what_backtracking_finds(
        mode in select(vec![MatchMode::Substring, MatchMode::Word, MatchMode::Adaptive]),
        expressions in prop::collection::vec(expression(), 1..7),
        texts in prop::collection::vec(text(), 1..6),
    ) {
        let expressions: Vec<&str> = expressions.iter().map(String::as_str).collect();
        let ascii = |text: Vec<u8>| text.into_iter().map(|byte| byte % 128).collect();
        check_counts(mode, &expressions, &texts.into_iter().map(ascii).collect::<Vec<_>>());
    }
}

#[test]
fn tables_go_back_after_matches() {
    let expressions =
        [r"a(?:bcd)?", r"\w+(?:\.\w)?", r"[0-9]+(?:[.,][0-9]{3}\b)*", "ab{0,9}c|a", "(?m)^a+(?:\nb)?", "b"];
    let texts = ["abcabcdabc", "a.b.c. d.", "1.234,567.8 12,3456", "abbbbbabbc", "aaa\n\naa\nb\na\na", "ab"];
    let texts = texts.map(|text| text.as_bytes().to_vec());
    let long = texts.concat().repeat(1000);
    for mode in [MatchMode::Substring, MatchMode::Word, MatchMode::Adaptive] {
        assert_eq!(check_counts(mode, &expressions, &texts), expressions.len(), "{mode:?}");
        for expression in expressions {
            let (regex, hir) = (regex(mode, "", expression).unwrap(), parse(expression.as_bytes(), false).unwrap());
            let mut counts = Counts(vec![0]);
            let table = CountTable::new(0, &asserted(&regex.boundaries, &hir).unwrap()).unwrap();
            table.count(&long, &Cell::new(0), &mut counts).unwrap();
            let expected = search(&regex, &long, SearchLimits::default(), &|| false).0.len() as u64;
            assert_eq!(counts.0, [expected], "{mode:?} {expression}");
        }
    }
}

#[test]
fn expressions_with_large_tables_or_far_to_go_back_have_none() {
    let table = |text: &str| CountTable::new(0, &parse(text.as_bytes(), false).unwrap());
    assert!(table("[ab]*a[ab]{3}c").is_some());
    for text in ["[ab]*a[ab]{12}c", "a(?:b*c)?", "(?:[a-z]{300}){300}"] {
        assert!(table(text).is_none(), "{text}");
    }
}
