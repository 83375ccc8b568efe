//! Random inputs: every engine against the naive one, the naive one against Rust's `regex` and `str`, and the laws
//! that counts follow.
//!
//! Alphabets are small, so matches, overlaps and near misses are frequent. They contain characters that cause
//! trouble: case pairs of unequal length, punctuation, combining marks, several kinds of whitespace, astral
//! characters, and parts of UTF-8 sequences.

use crate::common::*;
use countgrid::core::documents::batch::BatchBuffer;
use countgrid::core::engines::Engine;
use countgrid::core::schedule::tile;
use countgrid::core::text::transform::Transform;
use countgrid::core::{Documents, Engines, MatchMode, Options, Overlap, Plan, Syntax, Terms, Text, WordChars};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use regex::{Regex, RegexBuilder};

/// The alphabet of texts and terms.
const LETTERS: &[&str] = &[
    "a", "a", "b", "B", " ", " ", "\t", "\n", "\u{301}", "é", "É", "ß", "ẞ", "s", "ſ", "σ", "ς", "Σ", "k",
    "\u{212A}", "𐐀", "𐐨", "ⱥ", "Ⱥ", "😀", "-", "-", "+", "'", "_", "1", "\u{200D}", "\u{3000}", "\u{A0}", "\u{85}",
    "東", "\0",
];

/// Invalid UTF-8, some of which becomes valid next to other bytes.
const BROKEN: &[&[u8]] =
    &[b"\xFF", b"\xE2\x82", b"\xE2", b"\xAC", b"\xC3", b"\xA9", b"\x80", b"\xF0\x9F\x98", b"\xED\xA0\x80", b"\x85"];

/// Documents and terms of a few letters.
#[derive(Clone, Debug)]
struct Input {
    options: Options,
    documents: Vec<Vec<u8>>,
    terms: Vec<Vec<u8>>,
}

impl Input {
    fn options(&self) -> &Options {
        &self.options
    }

    fn terms(&self) -> Terms {
        bytes_terms(&self.terms)
    }

    fn plan(&self, kind: Engines) -> Plan {
        plan(&self.terms(), self.options(), kind)
    }

    fn counted(&self, kind: Engines) -> Matrix {
        count_dense(&self.plan(kind), &bytes_documents(&self.documents), run(2, 16, 16))
    }

    /// The counts of the reference engine.
    fn judged(&self) -> Matrix {
        self.counted(Engines::Naive)
    }
}

/// A few of the letters, often with whitespace, and with `broken` some invalid UTF-8.
fn alphabet(broken: bool) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let letters = subsequence(LETTERS.to_vec(), 1..=4);
    let spaces = prop_oneof![2 => Just(""), 3 => Just(" "), 1 => select(vec!["\n", "\t", "\u{3000}", "\u{A0}"])];
    let others = subsequence(BROKEN.to_vec(), if broken { 1..=3 } else { 0..=0 });
    (letters, spaces, others).prop_map(|(letters, space, others)| {
        let texts = letters.into_iter().chain([space]).filter(|letter| !letter.is_empty()).map(str::as_bytes);
        texts.chain(others).map(<[u8]>::to_vec).collect()
    })
}

fn text(alphabet: Vec<Vec<u8>>, len: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(select(alphabet), len).prop_map(|letters| letters.concat())
}

/// A valid term: this one, or another.
fn valid_term(options: &Options, term: Vec<u8>) -> Vec<u8> {
    if Plan::new(bytes_terms(&[&term]), options.clone()).is_ok() { term } else { b"a".to_vec() }
}

/// All options but regular expressions.
fn any_options() -> impl Strategy<Value = Options> {
    let word_chars = select(vec!["", "", "-", "-'", "😀+-"]);
    let overlap = select(vec![Overlap::PerTerm, Overlap::PerTerm, Overlap::All, Overlap::Longest]);
    let syntax = select(vec![Syntax::Literal, Syntax::Glob]);
    (select(MODES.to_vec()), any::<bool>(), any::<bool>(), word_chars, syntax, overlap).prop_map(
        |(mode, ignore_case, strip_accents, word_chars, syntax, overlap)| Options {
            mode,
            ignore_case,
            strip_accents,
            word_chars: WordChars::new(if mode == MatchMode::Word { word_chars } else { "" }).unwrap(),
            syntax,
            overlap,
        },
    )
}

/// The options that `regex` can express too.
fn simple_options(syntaxes: &[Syntax]) -> impl Strategy<Value = Options> + use<> {
    (select(MODES.to_vec()), any::<bool>(), select(syntaxes.to_vec()))
        .prop_map(|(mode, ignore_case, syntax)| Options { mode, ignore_case, syntax, ..Options::default() })
}

fn input_of(
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

fn input(broken: bool, most_documents: usize, most_terms: usize, longest: usize) -> impl Strategy<Value = Input> {
    input_of(any_options(), broken, most_documents, most_terms, longest)
}

fn any_input() -> impl Strategy<Value = Input> {
    prop_oneof![input(false, 4, 6, 40), input(true, 4, 6, 40), input(true, 2, 1, 60)]
}

/// Terms that compete: repeated parts, so that terms contain each other, in documents of the same parts.
fn competing_input() -> impl Strategy<Value = Input> {
    let letters = select(vec!["a ", "-", "a-", "ab ", "- a", "é +"]);
    (any_options(), letters).prop_flat_map(|(options, letters)| {
        let letters: Vec<Vec<u8>> = letters.chars().map(|c| c.to_string().into_bytes()).collect();
        let part = text(letters.clone(), 1..=3);
        let term = (part, 1..=6usize, text(letters.clone(), 0..=2))
            .prop_map(|(part, times, end)| [part.repeat(times), end].concat());
        let terms = prop::collection::vec(term, 1..=12);
        let documents = prop::collection::vec(text(letters, 0..=150), 1..=3);
        (documents, terms).prop_map(move |(documents, terms)| {
            let options = Options { overlap: Overlap::Longest, ..options.clone() };
            let terms = terms.into_iter().map(|term| valid_term(&options, term)).collect();
            Input { options, documents, terms }
        })
    })
}

/// A few terms that mostly overlap themselves and each other, in documents that can hardly be split.
fn nested_input() -> impl Strategy<Value = Input> {
    let letters = select(vec!["ab", "aab", "a-", "a b", "aé", "a"]);
    (any_options(), letters, 1..12usize).prop_flat_map(|(options, letters, most)| {
        let letters: Vec<Vec<u8>> = letters.chars().map(|c| c.to_string().into_bytes()).collect();
        let mut of_terms = letters.clone();
        if options.syntax == Syntax::Glob {
            of_terms.extend([b"*".to_vec(), b"?".to_vec()]);
        }
        // The reference tries everything that wildcards can match.
        let (longest, longest_term) = if options.syntax == Syntax::Glob { (40, 6) } else { (150, 12) };
        let documents = prop::collection::vec(text(letters, 0..=longest), 1..=3);
        let terms = prop::collection::vec(text(of_terms, 1..=longest_term), 1..=most);
        (documents, terms).prop_map(move |(documents, terms)| {
            let terms = terms.into_iter().map(|term| valid_term(&options, term)).collect();
            Input { options: options.clone(), documents, terms }
        })
    })
}

/// Matches found with only `regex` and `str`: left to right, without overlaps.
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
            _ => format!(r"\b{{start-half}}(?:{})\b{{end-half}}", words.join(r"\s+")),
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
            (MatchMode::Substring | MatchMode::Word, _) => self.regex.find_iter(text).count() as u64,
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

/// A glob in which whitespace is not escaped, which changes nothing.
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

/// The text, with each byte of invalid UTF-8 as one character that is neither a word character nor whitespace. In
/// token mode a surrogate is one character.
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

/// Matches of bytes in bytes, left to right, without overlaps.
fn count_bytes(term: &[u8], mut document: &[u8]) -> u64 {
    let mut count = 0;
    while let Some(at) = document.windows(term.len()).position(|window| window == term) {
        document = &document[at + term.len()..];
        count += 1;
    }
    count
}

/// A text as the engine sees it.
fn transformed(text: &[u8], transform: Transform) -> Vec<u8> {
    BatchBuffer::default().one(Some(Text::Bytes(text)), transform).text.to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(3000), max_global_rejects: 1 << 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn engines_agree_with_the_naive_one(input in any_input()) {
        let expected = input.judged();
        for kind in kinds(&input.terms(), input.options()) {
            prop_assert_eq!(&input.counted(kind), &expected, "{:?}", kind);
        }
    }

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
        // Without the escape between them, the bytes may be a character.
        let is_escaped = |term: &Vec<u8>| input.options.syntax == Syntax::Glob && term.contains(&b'\\');
        prop_assume!(!input.terms.iter().any(|term| is_broken(term) && is_escaped(term)));
        let models: Vec<Model> = input.terms.iter().map(|term| Model::new(input.options(), &readable(mode, term))).collect();
        let row = |document: &Vec<u8>| -> Vec<u64> {
            if by_bytes {
                return input.terms.iter().map(|term| count_bytes(term, document)).collect();
            }
            models.iter().map(|model| model.count(&readable(mode, document))).collect()
        };
        let expected: Matrix = input.documents.iter().map(row).collect();
        prop_assert_eq!(input.judged(), expected);
    }

    /// Where an engine allows a split, the counts of both parts add up to those of the whole.
    #[test]
    fn cuts_lose_and_make_no_occurrence(
        input in prop_oneof![input(false, 1, 5, 120), input(true, 1, 5, 120)],
        from in 0.0..1.0f64,
        behind in 0.0..1.0f64,
    ) {
        // All matches must be reported; terms that compete may rely on that.
        prop_assume!(input.options.overlap != Overlap::Longest);
        let judge = input.plan(Engines::Naive);
        let transform = input.options().transform(&input.terms());
        let count = |text: &[u8]| {
            // Already transformed: a second transformation changes nothing.
            count_dense(&judge, &bytes_documents(&[text]), run(2, 1024, 1024)).remove(0)
        };
        for document in &input.documents {
            let text = transformed(document, transform);
            let char_start = |at: f64| Text::Bytes(&text).char_start(at as usize);
            let from = char_start(from * text.len() as f64);
            let end = char_start(from as f64 + (text.len() - from) as f64 * behind);
            let whole = count(&text);
            for kind in kinds(&input.terms(), input.options()) {
                let plan = input.plan(kind);
                for (at, group) in plan.groups().iter().enumerate() {
                    // One group serves all patterns, or each group serves one.
                    let columns = plan.columns_of(at as u32);
                    let serves = |j: usize| plan.groups().len() == 1 || columns.contains(&(j as u32));
                    // As much text before it as the engine needs, or more.
                    for more in [0, 1, 17] {
                        let start = char_start(from.saturating_sub(group.split_context() + more) as f64).min(from);
                        if start > 0 && from - start < group.split_context() {
                            continue;
                        }
                        let Some(place) = group.split_point(&text[start..end], from - start) else { continue };
                        let place = start + place;
                        prop_assert!(from <= place && place < end, "{:?}: {} from {}", kind, place, from);
                        let (left, right) = (count(&text[..place]), count(&text[place..]));
                        for j in (0..input.terms.len()).filter(|&j| serves(j)) {
                            prop_assert_eq!(
                                left[j] + right[j], whole[j],
                                "{:?}: {:?} in {:?} cut at {}", kind, &input.terms[j], &text, place
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_column_does_not_depend_on_other_terms(input in any_input()) {
        prop_assume!(input.options.overlap != Overlap::Longest);
        let whole = input.counted(Engines::Best);
        for (j, term) in input.terms.iter().enumerate() {
            let alone = Input { terms: vec![term.clone()], ..input.clone() };
            let column: Matrix = whole.iter().map(|row| vec![row[j]]).collect();
            prop_assert_eq!(alone.counted(Engines::Best), column);
        }
    }

    #[test]
    fn shuffling_documents_shuffles_rows(
        (input, order) in any_input().prop_flat_map(|input| {
            let order = Just((0..input.documents.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(input), order)
        })
    ) {
        let documents = order.iter().map(|&i| input.documents[i].clone()).collect();
        let whole = input.counted(Engines::Best);
        let shuffled: Matrix = order.iter().map(|&i| whole[i].clone()).collect();
        prop_assert_eq!(Input { documents, ..input }.counted(Engines::Best), shuffled);
    }

    #[test]
    fn stacking_two_halves_gives_the_whole(input in any_input(), at in any::<prop::sample::Index>()) {
        let whole = input.counted(Engines::Best);
        let (first, second) = input.documents.split_at(at.index(input.documents.len() + 1));
        let half = |documents: &[Vec<u8>]| {
            Input { documents: documents.to_vec(), ..input.clone() }.counted(Engines::Best)
        };
        prop_assert_eq!([half(first), half(second)].concat(), whole);
    }

    /// A category is the sum of its distinct patterns. A repeated term changes nothing.
    #[test]
    fn a_category_is_the_sum_of_its_forms(
        input in input_of(simple_options(&[Syntax::Literal]), true, 4, 6, 40),
        ends in prop::collection::vec(0..7usize, 0..3),
    ) {
        let columns = input.judged();
        let patterns = countgrid::core::terms::patterns::PatternSet::new(&input.terms(), input.options()).unwrap();
        // The first term of each pattern, identified by its column.
        let firsts: Vec<usize> = (0..patterns.len()).map(|pattern| patterns.columns(pattern as u32)[0] as usize).collect();
        let mut ends: Vec<usize> = ends.into_iter().map(|end| end.min(input.terms.len())).collect();
        ends.push(input.terms.len());
        ends.sort_unstable();
        let mut terms = Terms::by_category();
        let mut start = 0;
        let mut expected: Matrix = vec![Vec::new(); input.documents.len()];
        for end in ends {
            let members = start..end;
            members.clone().for_each(|i| terms.push(Text::Bytes(&input.terms[i])));
            members.clone().for_each(|i| terms.push(Text::Bytes(&input.terms[i])));
            terms.end_category(format!("up to {end}"));
            // A pattern counts once in each category that has a term with it.
            let form_of = |i: usize| firsts.iter().copied().find(|&first| same_pattern(&patterns, first, i)).unwrap();
            let mut distinct: Vec<usize> = members.map(form_of).collect();
            distinct.sort_unstable();
            distinct.dedup();
            for (row, counts) in expected.iter_mut().zip(&columns) {
                row.push(distinct.iter().map(|&i| counts[i]).sum());
            }
            start = end;
        }
        for kind in kinds(&terms, input.options()) {
            let plan = plan(&terms, input.options(), kind);
            let found = count_dense(&plan, &bytes_documents(&input.documents), run(2, 16, 16));
            prop_assert_eq!(&found, &expected, "{:?}", kind);
        }
    }
}

/// Phrases of many tokens over few letters, so that they overlap in every way.
fn phrases() -> impl Strategy<Value = Input> {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_phrases_over_few_letters(input in phrases(), overlap in select(vec![Overlap::PerTerm, Overlap::All])) {
        let input = Input { options: Options { overlap, ..input.options }, ..input };
        let expected = input.judged();
        for kind in fast_kinds(&input.terms(), input.options()) {
            prop_assert_eq!(&input.counted(kind), &expected, "{:?}", kind);
        }
    }
}

/// Whether two terms have the same pattern.
fn same_pattern(patterns: &countgrid::core::terms::patterns::PatternSet, a: usize, b: usize) -> bool {
    (0..patterns.len()).any(|pattern| {
        let columns = patterns.columns(pattern as u32);
        columns.contains(&(a as u32)) && columns.contains(&(b as u32))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    /// Terms that contain each other, in documents of two or three letters.
    #[test]
    fn every_engine_finds_the_same(
        input in prop_oneof![nested_input(), competing_input()],
        workers in 1..3usize,
        band in select(vec![16, 64, 1 << 18]),
    ) {
        let documents = bytes_documents(&input.documents);
        let expected = matches(&input.plan(Engines::Naive), &documents, run(1, 1 << 18, 1 << 20));
        for kind in fast_kinds(&input.terms(), input.options()) {
            let found = matches(&input.plan(kind), &documents, run(workers, band, band));
            prop_assert_eq!(&found, &expected, "{:?}", kind);
        }
    }

    #[test]
    fn every_layout_and_output_gives_the_same(input in any_input(), workers in 1..4usize, band in 1..100usize) {
        let expected = input.judged();
        let plan = input.plan(Engines::Best);
        for laid in layouts(&input.documents) {
            let documents = laid.documents();
            let row = |at: &Option<usize>| at.map_or(vec![0; plan.columns()], |i| expected[i].clone());
            let expected: Matrix = laid.rows.iter().map(row).collect();
            let run = run(workers, band, band);
            prop_assert_eq!(&count_dense(&plan, &documents, run), &expected, "{}", laid.name);
            prop_assert_eq!(&count_sparse(&plan, &documents, run), &expected, "{}", laid.name);
            prop_assert_eq!(&count_found(&plan, &documents, run), &expected, "{}", laid.name);
            let totals = totals_of(&expected, plan.columns());
            prop_assert_eq!(&count_totals(&plan, &documents, run), &totals, "{}", laid.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(60), max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Words shorter and longer than any key of fixed size, in documents longer than any window. Many differ only in
    /// their last letter.
    #[test]
    fn long_words_in_long_documents(
        mode in select(MODES.to_vec()),
        ignore_case in any::<bool>(),
        words in prop::collection::vec(
            (1..40usize, select(vec!["a", "ab", "é", "aé", "\u{212A}"]), select(vec!["", "b", "É", "-"])),
            3..12,
        ),
        spaces in select(vec![" ", "\n", " \u{3000}", "-", ", "]),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 300),
        times in 1..8usize,
        shift in 0..200usize,
    ) {
        let words: Vec<String> =
            words.iter().map(|(len, letter, last)| letter.repeat(len.div_ceil(letter.len())) + last).collect();
        let text: String = picks.iter().flat_map(|pick| [&pick.get(&words)[..], spaces]).collect();
        let document = ".".repeat(shift) + &text.repeat(times);
        let mut terms: Vec<String> = words.iter().take(4).cloned().collect();
        terms.extend(words.windows(2).take(2).map(|pair| pair.join(spaces)));
        let terms = terms.into_iter().map(String::into_bytes).collect();
        let options = Options { mode, ignore_case, ..Options::default() };
        let input = Input { options, documents: vec![document.into_bytes()], terms };
        let expected = input.judged();
        for kind in fast_kinds(&input.terms(), input.options()) {
            prop_assert_eq!(&input.counted(kind), &expected, "{:?}", kind);
        }
    }

    /// More terms than a small table or filter can store.
    #[test]
    fn very_many_terms(input in input(true, 4, 400, 200)) {
        prop_assert_eq!(input.counted(Engines::Best), input.judged());
    }

    /// Long enough for the pool, and for documents to be split.
    #[test]
    fn workers_and_tiling_change_nothing(
        input in prop_oneof![input(false, 6, 5, 200), input(true, 6, 5, 200)],
        workers in 2..5usize,
        band in 1024..65_536usize,
        piece in 4096..32_768usize,
    ) {
        let small = input.documents.concat();
        prop_assume!(!small.is_empty());
        let mut documents = input.documents.clone();
        documents.insert(documents.len() / 2, small.repeat(150_000 / small.len() + 1));
        let documents = bytes_documents(&documents);
        for kind in fast_kinds(&input.terms(), input.options()) {
            let plan = input.plan(kind);
            let expected = count_dense(&plan, &documents, run(1, 1 << 18, 1 << 20));
            prop_assert_eq!(&count_dense(&plan, &documents, run(workers, band, piece)), &expected, "{:?}", kind);
            let totals = count_totals(&plan, &documents, run(workers, band, piece));
            prop_assert_eq!(totals, totals_of(&expected, plan.columns()), "{:?}", kind);
            prop_assert!(bands_cover(&plan, &documents, workers), "{:?}", kind);
        }
    }
}

/// Whether the row blocks are all texts, in order.
fn bands_cover(plan: &Plan, documents: &Documents<'_>, workers: usize) -> bool {
    let tile_sizes = run(workers, 4096, 1 << 14).tile_sizes;
    let tiles = tile::make_tiles(
        plan,
        documents.texts(),
        tile_sizes,
        workers,
        plan.competes(),
        &countgrid::core::schedule::run_options::CancelTimer::new(&|_| true),
    )
    .unwrap();
    tiles.row_blocks.into_iter().flatten().eq(0..documents.texts().len())
}
