//! Regular expressions against the crate `regex`. It has no look-around, so the expression is tried at every position
//! where the mode allows a match to start, and whatever must follow the match is added to the expression.

use crate::common::*;
use countgrid::core::base::error::TermError;
use countgrid::core::engines::AnyEngine;
use countgrid::core::{
    CountError, Documents, Engines, MatchMode, Options, Overlap, Plan, RunOptions, Syntax, Terms, Text, WordChars,
    totals,
};
use proptest::prelude::*;
use proptest::sample::select;
use regex::bytes::{Regex, RegexBuilder};

fn options(mode: MatchMode, ignore_case: bool, word_chars: &str) -> Options {
    let has_words = matches!(mode, MatchMode::Word | MatchMode::Adaptive);
    let word_chars = WordChars::new(if has_words { word_chars } else { "" }).unwrap();
    Options { mode, ignore_case, word_chars, syntax: Syntax::Regex, ..Options::default() }
}

fn counts(options: &Options, pattern: &str, documents: &[Vec<u8>]) -> Matrix {
    let [one, filtered] = [Engines::Single, Engines::Regexes].map(|engines| {
        let plan = plan(&Terms::each([(pattern, true)]), options, engines);
        let found = count_dense(&plan, &bytes_documents(documents), run(2, 16, 16));
        assert_eq!(count_found(&plan, &bytes_documents(documents), run(2, 16, 16)), found);
        found
    });
    assert_eq!(one, filtered);
    one
}

/// The characters of a text with their positions. `None` is a byte of invalid UTF-8.
fn chars(text: &[u8]) -> Vec<(usize, Option<char>)> {
    let mut at = 0;
    let mut all = Vec::new();
    for chunk in text.utf8_chunks() {
        all.extend(chunk.valid().char_indices().map(|(i, c)| (at + i, Some(c))));
        at += chunk.valid().len();
        all.extend((0..chunk.invalid().len()).map(|i| (at + i, None)));
        at += chunk.invalid().len();
    }
    all
}

/// A search that tries every position. Only for expressions without assertions. With adaptive boundaries only for
/// valid UTF-8 without further word characters.
struct Tried {
    mode: MatchMode,
    expression: Regex,
    inside: Regex,
}

impl Tried {
    fn new(options: &Options, word_chars: &str, pattern: &str) -> Self {
        let class = if word_chars.is_empty() { r"\w".into() } else { format!(r"\w{}", regex::escape(word_chars)) };
        let after = match options.mode {
            MatchMode::Substring => String::new(),
            // The texts contain no other invalid byte than 0xFF.
            MatchMode::Word => format!(r"(?:\z|[^{class}]|(?-u:\xFF))"),
            MatchMode::Token => r"(?:\z|\s)".into(),
            // The last character is not a word character, or the next one is not.
            MatchMode::Adaptive => r"(?:\b{start-half}|\b{end-half})".into(),
        };
        let tried =
            format!("^({}){after}", if pattern.contains('|') { format!("(?:{pattern})") } else { pattern.into() });
        let expression = RegexBuilder::new(&tried).case_insensitive(options.ignore_case).build().unwrap();
        let inside = Regex::new(&format!("^[{class}]$")).unwrap();
        Self { mode: options.mode, expression, inside }
    }

    /// The first match that begins at `from` or later.
    fn next(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let is_inside = |c: Option<char>| c.is_some_and(|c| self.inside.is_match(c.to_string().as_bytes()));
        let mut before = None;
        for (at, c) in chars(text) {
            let may_begin = at == 0
                || match self.mode {
                    MatchMode::Substring => true,
                    MatchMode::Word => !is_inside(before),
                    MatchMode::Adaptive => !is_inside(before) || !is_inside(c),
                    MatchMode::Token => before.is_some_and(char::is_whitespace),
                };
            if at >= from
                && may_begin
                && let Some(found) = self.expression.captures(&text[at..])
            {
                return Some((at, at + found[1].len()));
            }
            before = c;
        }
        None
    }

    fn count(&self, text: &[u8]) -> u64 {
        let mut from = 0;
        let found = std::iter::from_fn(|| {
            let found = self.next(text, from)?;
            from = found.1;
            Some(found)
        });
        found.count() as u64
    }
}

/// The counts of expressions that compete: the leftmost match wins, then that of the earlier expression.
fn count_winners(expressions: &[Tried], text: &[u8]) -> Vec<u64> {
    let mut counts = vec![0; expressions.len()];
    let mut from = 0;
    loop {
        let next: Vec<_> = expressions.iter().map(|tried| tried.next(text, from)).collect();
        let Some(winner) = next.iter().flatten().copied().min_by_key(|found| found.0) else { return counts };
        for (count, found) in counts.iter_mut().zip(next) {
            *count += u64::from(found == Some(winner));
        }
        from = winner.1;
    }
}

/// Expressions of a few letters, without assertions.
fn pattern() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "a", "b", "a", "b", "é", "-", " ", r"\w", r"\s", ".", "[ab]", "[^a]", r"\W", "Σ", "ß", "𐐀", "[a&&b]",
    ]);
    leaf.prop_map(String::from).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| parts.concat()),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})|{b}")),
            (inner, select(vec!["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}?"]))
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
        ]
    })
}

/// Expressions that contain literals, at their beginnings, their ends, or within.
fn pattern_with_words() -> impl Strategy<Value = String> {
    let word =
        select(vec!["quick", "fox", "Kelvin", "Straße", "jumps", "\u{17F}ong", "über", "日本語", "x-ray", "the"]);
    let around = select(vec![
        "",
        "",
        r"\w*",
        r"\s+",
        r"\d{2,4}",
        ".",
        ".*",
        "[a-z]?",
        r"\b",
        "(?:s|ed)?",
        "-",
        r"\W",
        "^",
        "$",
    ]);
    let flags = select(vec!["", "", "", "(?i)", "(?s)", "(?m)"]);
    let one = (around.clone(), word, around).prop_map(|(before, word, after)| format!("{before}{word}{after}"));
    let parts = prop::collection::vec(one, 1..4);
    (flags, parts, select(vec!["", "|"])).prop_map(|(flags, parts, joined)| {
        if joined.is_empty() {
            format!("{flags}{}", parts.concat())
        } else {
            format!("{flags}(?:{})", parts.join("|"))
        }
    })
}

fn text_with_words() -> impl Strategy<Value = Vec<u8>> {
    let words = vec![
        "quick",
        "Quick",
        "fox",
        "FOX",
        "foxes",
        "\u{212A}elvin",
        "kelvin",
        "straße",
        "STRAẞE",
        "jumps",
        "song",
        "\u{17F}ong",
        "Song",
        "ÜBER",
        "über",
        "日本語",
        "x-ray",
        "the",
        "12",
        "2024",
        "a",
        "é",
    ];
    let word = prop_oneof![4 => select(words).prop_map(|word| word.as_bytes().to_vec()), 1 => Just(b"\xFF".to_vec())];
    let between = select(vec![" ", " ", "", "\n", "-", "  ", ".", "'"]);
    prop::collection::vec((word, between), 0..12)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, after)| [word, after.into()].concat()).collect())
}

fn text(broken: bool) -> impl Strategy<Value = Vec<u8>> {
    let mut letters: Vec<&[u8]> =
        ["a", "b", "a", "b", " ", " ", "-", "\n", "é", "σ", "ẞ", "𐐨", "\u{301}", "'"].map(str::as_bytes).to_vec();
    if broken {
        letters.extend([&b"\xFF"[..]; 3]);
    }
    prop::collection::vec(select(letters), 0..16).prop_map(|letters| letters.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(3000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_equal_those_of_trying_everywhere(
        mode in select(MODES.to_vec()),
        ignore_case in any::<bool>(),
        word_chars in select(vec!["", "", "-", "'-"]),
        pattern in pattern(),
        [broken, valid] in [true, false].map(|broken| prop::collection::vec(text(broken), 1..4)),
        is_broken in any::<bool>(),
    ) {
        let (word_chars, documents) = match mode {
            MatchMode::Adaptive => ("", valid),
            _ => (word_chars, if is_broken { broken } else { valid }),
        };
        let options = options(mode, ignore_case, word_chars);
        match Plan::new(Terms::each([(&pattern, true)]), options.clone()) {
            Err(CountError::Terms(invalid)) if invalid[0].error == TermError::MatchesEmpty => {
                let whole = Regex::new(&["^(?:", &pattern, ")$"].concat()).unwrap();
                prop_assert!(whole.is_match(b""), "{}", pattern);
                return Ok(());
            }
            plan => prop_assert!(plan.is_ok()),
        }
        let word_chars = if mode == MatchMode::Word { word_chars } else { "" };
        let expected: Matrix =
            documents.iter().map(|text| vec![Tried::new(&options, word_chars, &pattern).count(text)]).collect();
        prop_assert_eq!(counts(&options, &pattern, &documents), expected, "{}", pattern);
    }

    #[test]
    fn expressions_compete_in_the_order_of_the_terms(
        mode in select(MODES.to_vec()),
        ignore_case in any::<bool>(),
        patterns in prop::collection::vec(pattern(), 1..5),
        documents in prop::collection::vec(text(false), 1..4),
    ) {
        let options = Options { overlap: Overlap::First, ..options(mode, ignore_case, "") };
        let usable = |pattern: &String| Plan::new(Terms::each([(pattern, true)]), options.clone()).is_ok();
        let patterns: Vec<_> = patterns.into_iter().filter(usable).collect();
        let terms = Terms::each(patterns.iter().map(|pattern| (pattern, true)));
        let plans = [Engines::Single, Engines::Regexes].map(|engines| plan(&terms, &options, engines));
        let tried: Vec<_> = patterns.iter().map(|pattern| Tried::new(&options, "", pattern)).collect();
        let expected: Matrix = documents.iter().map(|text| count_winners(&tried, text)).collect();
        let documents = bytes_documents(&documents);
        for plan in plans {
            prop_assert_eq!(count_dense(&plan, &documents, run(2, 16, 16)), &expected[..], "{:?}", patterns);
            prop_assert_eq!(count_found(&plan, &documents, run(2, 16, 16)), &expected[..], "{:?}", patterns);
        }
    }
}

proptest! {
    // Each case compiles a dozen expressions one by one.
    #![proptest_config(ProptestConfig { cases: cases(500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_changes_no_match(
        mode in select(MODES.to_vec()),
        overlap in select(vec![Overlap::PerTerm, Overlap::First]),
        ignore_case in any::<bool>(),
        word_chars in select(vec!["", "", "-", "'-"]),
        patterns in prop::collection::vec(pattern_with_words(), 1..12),
        documents in prop::collection::vec(text_with_words(), 1..6),
        slices in select(vec![1 << 4, 1 << 7, 1 << 20]),
    ) {
        let options = Options { overlap, ..options(mode, ignore_case, word_chars) };
        let usable = |pattern: &String| Plan::new(Terms::each([(pattern, true)]), options.clone()).is_ok();
        let patterns: Vec<_> = patterns.into_iter().filter(usable).collect();
        let terms = Terms::each(patterns.iter().map(|pattern| (pattern, true)));
        let [one_by_one, filtered] = [Engines::Single, Engines::Regexes].map(|engines| plan(&terms, &options, engines));
        let documents = bytes_documents(&documents);
        let expected = matches(&one_by_one, &documents, run(1, 1 << 20, 1 << 20));
        let found = matches(&filtered, &documents, run(2, slices, slices));
        prop_assert_eq!(&found, &expected, "{:?}", patterns);
        let counted = count_dense(&filtered, &documents, run(2, slices, slices));
        prop_assert_eq!(counted, count_dense(&one_by_one, &documents, run(1, 1 << 20, 1 << 20)), "{:?}", patterns);
    }
}

#[test]
fn assertions_see_the_whole_document() {
    let documents: Vec<Vec<u8>> =
        [&b"the cat the"[..], b"\xFFthe", b"the\nthe the", b"the\xFF\nthe", b"", b"then the"]
            .map(<[u8]>::to_vec)
            .into();
    for (pattern, expected) in [
        ("^the", [1, 0, 1, 1, 0, 0]),
        ("the$", [1, 1, 1, 1, 0, 1]),
        (r"\Athe", [1, 0, 1, 1, 0, 0]),
        ("(?m)^the", [1, 0, 2, 2, 0, 0]),
        ("(?m)the$", [1, 1, 2, 1, 0, 1]),
        (r"\bthe\b", [2, 1, 3, 2, 0, 1]),
        ("(?x)the # the article", [2, 1, 3, 2, 0, 1]),
        ("(?i:T)he", [2, 1, 3, 2, 0, 1]),
        ("t(?P<rest>h)e", [2, 1, 3, 2, 0, 1]),
    ] {
        let found: Vec<u64> =
            counts(&options(MatchMode::Word, false, ""), pattern, &documents).into_iter().flatten().collect();
        assert_eq!(found, expected, "{pattern}");
    }
}

#[test]
fn invalid_utf8_is_a_boundary_only_of_words() {
    let broken: [&[u8]; 12] = [
        b"\xFF",
        b"\x80",
        b"\xC3",
        b"\xE2\x82",
        b"\xE0",
        b"\xE0\xA0",
        b"\xED\xA0\x80",
        b"\xF0\x90",
        b"\xF0\x90\x80",
        b"\xF4\x90\x80\x80",
        b"\xC0\xAF",
        b"\xF5",
    ];
    for bytes in broken {
        for (before, after, in_words) in
            [(&b""[..], bytes, 1), (bytes, &b""[..], 1), (bytes, bytes, 1), (b"a", bytes, 0), (bytes, b"a", 0)]
        {
            let document = [before, b"the", after].concat();
            let tail = [before, b"the", after, b" the"].concat();
            let expected = [
                (MatchMode::Word, in_words),
                (MatchMode::Adaptive, in_words),
                (MatchMode::Token, 0),
                (MatchMode::Substring, 1),
            ];
            for (mode, expected) in expected {
                let options = options(mode, false, "");
                let found = counts(&options, "t.e", &[document.clone(), tail.clone()]);
                assert_eq!(found[0], [expected], "{mode:?} {document:?}");
                // The second `the` is between whitespace and the end.
                assert_eq!(found[1], [expected + 1], "{mode:?} {tail:?}");
            }
        }
    }
}

#[test]
fn a_document_is_cut_after_line_feeds_that_no_match_contains() {
    let line = "the fox, a fox\u{301} and the\tbox\n";
    let text = line.repeat(400_000 / line.len());
    let lines = (400_000 / line.len()) as u64;
    for (pattern, each, can_cut) in [
        ("[fb]ox", 2, true),
        ("(?m)^the", 1, true),
        ("(?m)box$", 1, true),
        (r"the\b", 2, true),
        ("(?s)the.{1,3}fox", 1, false),
        (r"\Athe", 0, false),
        (r"box\s", 1, false),
    ] {
        let options = options(MatchMode::Word, false, "");
        let plan = plan(&Terms::each([(pattern, true)]), &options, Engines::Best);
        let documents = bytes_documents(std::slice::from_ref(&text));
        let run = run(2, 1 << 14, 1 << 14);
        assert_eq!(tiles_of(&plan, &documents, run).len() > 1, can_cut, "{pattern}");
        let expected = match pattern {
            r"\Athe" => 1,
            // Only the last is not followed by a word.
            r"box\s" => 1,
            _ => each * lines,
        };
        assert_eq!(count_dense(&plan, &documents, run), [[expected]], "{pattern}");
        assert_eq!(count_found(&plan, &documents, run), [[expected]], "{pattern}");
    }
}

#[test]
fn unusable_expressions_raise_with_a_reason() {
    let options = options(MatchMode::Word, false, "");
    let error = |pattern: &[u8]| {
        let terms = Terms::each([(&b"a"[..], true), (pattern, false)]);
        Plan::new(terms, options.clone()).err().unwrap().to_string()
    };
    assert_eq!(error(b"(a"), "terms[1] '(a' is not a valid regular expression: unclosed group, at position 0");
    assert_eq!(
        error("é\\p{Nothing}".as_bytes()),
        "terms[1] 'é\\p{Nothing}' is not a valid regular expression: Unicode property not found, at position 1"
    );
    for (pattern, remedy) in [
        ("x(?>a)", "unrecognized flag: atomic groups are not supported; write (?:...), at position 3"),
        ("(?#note)x", "unrecognized flag: comments are not supported, except after # under (?x), at position 2"),
        ("(?P<x>a)(?P=x)", "backreferences are not supported"),
        ("(a)(?(1)b|c)", "conditions are not supported"),
        ("(?a)x", "write [A-Za-z0-9_]"),
        (r"end\Z", r"unrecognized escape sequence: the end of a document is \z, at position 3"),
        ("[^[]", r"within [...], write \[ for a bracket"),
        ("ab{2", r"write \{ for a brace"),
        ("a{,3}", "write {0,n} for at most n"),
        (r"\07", r"write \x07 for \07"),
    ] {
        assert!(error(pattern.as_bytes()).contains(remedy), "{pattern}: {}", error(pattern.as_bytes()));
    }
    for empty in [
        "a*",
        r"\b",
        "^",
        "(?:)",
        "a|",
        "(a{0})",
        // Parts that never match.
        "[a&&b]?",
        "[a&&b]|x*",
        "[a&&b]|^",
        "foo|(?:[a&&b])?",
        r"[^\s\S]*",
        "(?:[a&&b]x)*",
        "(?:[a&&b]|y*){2}",
    ] {
        assert!(error(empty.as_bytes()).starts_with(&format!("terms[1] '{empty}' can match the empty")), "{empty}");
    }
    assert!(error(b"\xFF").starts_with("terms[1] '\u{FFFD}' is invalid UTF-8"));
    assert!(error(br"(?-u:\xFF)").contains("not a valid regular expression"));
    for large in [r"(\w{200}){200}", "((a{1000}){1000}){1000}", r"[^\n]{100000}"] {
        assert!(
            error(large.as_bytes()).starts_with(&format!("terms[1] '{large}' compiles to more than 10 MB")),
            "{large}"
        );
    }
    assert!(error("(".repeat(10_000).as_bytes()).contains("terms[1]"));
}

#[test]
fn the_error_tells_if_adaptive_boundaries_make_an_expression_too_large() {
    for (expression, is_adaptive) in [(r"\S{1,3000}", true), (r"(\w{200}){200}", false), ("[^a]{1,100000}", false)] {
        let options = options(MatchMode::Adaptive, false, "");
        let error = Plan::new(Terms::each([(expression, true)]), options).err().unwrap().to_string();
        assert!(error.starts_with(&format!("terms[0] '{expression}' compiles to more than 10 MB")), "{error}");
        assert_eq!(error.contains("match=\"adaptive\""), is_adaptive, "{expression}: {error}");
    }
    // In symbols these are small.
    for expression in [r"cat.{1,200}", r"\S{1,100}", r"[^a]{1,200}"] {
        plan(&Terms::each([(expression, true)]), &options(MatchMode::Adaptive, false, ""), Engines::Best);
    }
}

#[test]
fn large_expressions_are_not_searched_for_in_utf8() {
    let parts = ["cat", "error", " ", ", ", "12", "слово", "café", "日本語", "😀", "\n", "a\u{301}"];
    let mut documents = vec![Vec::new(), b"cat".to_vec(), b"\xFFcat\xC3 the \x80a\x80 \xF0\x9F".repeat(40)];
    for seed in [1usize, 7, 11] {
        let text: String = (0..400).map(|i: usize| parts[(i * i * seed + i / 3) % parts.len()]).collect();
        documents.extend([text.clone().into_bytes(), text.replace(|c: char| !c.is_ascii(), "x").into_bytes()]);
        documents.push([text.as_bytes(), b"\xE2\x82", text.as_bytes()].concat());
    }
    let large = ["cat.{3,40}", r"\S{1,60}", ".{50}", "(a|the|.{3}){1,20}", r"\b.{2,30}?\b", r"(?:\W?\w){1,20}"];
    for mode in [MatchMode::Word, MatchMode::Adaptive, MatchMode::Token, MatchMode::Substring] {
        for pattern in large {
            let terms = Terms::each([(pattern, true)]);
            let [best, utf8] = [Engines::Best, Engines::Single].map(|engines| {
                let plan = plan(&terms, &options(mode, false, ""), engines);
                let is_alone = matches!(plan.groups(), [AnyEngine::Regex(_)]);
                assert_eq!(is_alone, engines == Engines::Single, "{pattern}");
                let documents = bytes_documents(&documents);
                let found = count_found(&plan, &documents, run(2, 16, 16));
                assert_eq!(count_dense(&plan, &documents, run(2, 16, 16)), found, "{mode:?} {pattern}");
                found
            });
            assert_eq!(best, utf8, "{mode:?} {pattern}");
        }
        for pattern in ["cat", r"\w+", r"\w+@\w+\.com", r"\d{4}-\d\d-\d\d", r"[0-9a-f]{64}", r"\W?cat\W?"] {
            let plan = plan(&Terms::each([(pattern, true)]), &options(mode, false, ""), Engines::Best);
            assert!(matches!(plan.groups(), [AnyEngine::Regex(_)]), "{mode:?} {pattern}");
        }
    }
}

#[test]
fn an_expression_that_matches_nothing_counts_nothing() {
    assert_eq!(counts(&options(MatchMode::Word, false, ""), r"[^\s\S]", &[b"a b".to_vec()]), [[0]]);
}

#[test]
fn equal_expressions_are_one() {
    let terms = Terms::each([("a+", true), ("b", true), ("a+", false)]);
    let plan = plan(&terms, &options(MatchMode::Word, false, ""), Engines::Best);
    assert_eq!(plan.groups().len(), 2);
    let text = Documents::from_texts([Some(Text::Str("aa b é a".as_bytes()))]);
    assert_eq!(totals(&plan, &text, RunOptions::default()).unwrap().counts, [2, 1, 2]);
}
