//! The table of small cases (`tests/cases.toml`) with every engine, memory layout, result, number of workers and tile
//! size. Also tests that the table is too small for: padding across edges of vectors and tiles, overflow,
//! cancellation. More tests of split documents are in `cuts`.
//!
//! Less than 128 KiB of text is counted on the calling thread, unsplit, unless one worker is requested. So small
//! inputs reach the thread pool with one worker, and splits need long inputs.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::*;
use countgrid::core::documents::chunk::{Chunk, Content, Layout, Missing};
use countgrid::core::documents::rows::MISSING_ROW;
use countgrid::core::text::encoding::ByteOrder;
use countgrid::core::{
    CountError, Documents, Engines, MatchMode, Options, Overlap, Plan, RunOptions, Syntax, Terms, Text, WordChars,
    dense, totals,
};
use ndarray::Array2;
use serde::Deserialize;

/// A case in the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    documents: Option<Vec<String>>,
    documents_bytes: Option<Vec<String>>,
    terms: Option<Vec<String>>,
    terms_bytes: Option<Vec<String>>,
    categories: Option<Vec<Category>>,
    #[serde(default, rename = "match")]
    mode: ModeName,
    #[serde(default)]
    ignore_case: bool,
    #[serde(default)]
    strip_accents: bool,
    #[serde(default)]
    fold_punctuation: bool,
    #[serde(default)]
    word_chars: String,
    #[serde(default)]
    syntax: SyntaxName,
    #[serde(default)]
    overlap: OverlapName,
    counts: Matrix,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    name: String,
    terms: Vec<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ModeName {
    #[default]
    Word,
    Adaptive,
    Substring,
    Token,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SyntaxName {
    #[default]
    Literal,
    Glob,
    Regex,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OverlapName {
    #[default]
    PerTerm,
    All,
    Longest,
    First,
}

/// A case ready to be counted.
struct Case {
    name: String,
    documents: Vec<Vec<u8>>,
    terms: Terms,
    options: Options,
    counts: Matrix,
}

fn cases() -> &'static [Case] {
    #[derive(Deserialize)]
    struct Table {
        case: Vec<Entry>,
    }
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let table: Table = toml::from_str(include_str!("../cases.toml")).unwrap();
        table.case.into_iter().map(Case::from).collect()
    })
}

impl From<Entry> for Case {
    fn from(entry: Entry) -> Self {
        let documents = match (entry.documents, entry.documents_bytes) {
            (Some(documents), None) => documents.into_iter().map(String::into_bytes).collect(),
            (None, Some(documents)) => documents.iter().map(|document| unescaped(document)).collect(),
            _ => panic!("{}: documents or documents_bytes", entry.name),
        };
        let terms = match (entry.terms, entry.terms_bytes, entry.categories) {
            (Some(terms), None, None) => Terms::each(terms.into_iter().map(|term| (term, true))),
            (None, Some(terms), None) => bytes_terms(&terms.iter().map(|term| unescaped(term)).collect::<Vec<_>>()),
            (None, None, Some(categories)) => {
                let mut all = Terms::by_category();
                for category in categories {
                    category.terms.iter().for_each(|term| all.push(Text::Str(term.as_bytes())));
                    all.end_category(category.name);
                }
                all
            }
            _ => panic!("{}: terms, terms_bytes or categories", entry.name),
        };
        let mode = match entry.mode {
            ModeName::Word => MatchMode::Word,
            ModeName::Adaptive => MatchMode::Adaptive,
            ModeName::Substring => MatchMode::Substring,
            ModeName::Token => MatchMode::Token,
        };
        let options = Options {
            mode,
            ignore_case: entry.ignore_case,
            strip_accents: entry.strip_accents,
            fold_punctuation: entry.fold_punctuation,
            word_chars: WordChars::new(&entry.word_chars).unwrap(),
            syntax: match entry.syntax {
                SyntaxName::Literal => Syntax::Literal,
                SyntaxName::Glob => Syntax::Glob,
                SyntaxName::Regex => Syntax::Regex,
            },
            overlap: match entry.overlap {
                OverlapName::PerTerm => Overlap::PerTerm,
                OverlapName::All => Overlap::All,
                OverlapName::Longest => Overlap::Longest,
                OverlapName::First => Overlap::First,
            },
        };
        Self { name: entry.name, documents, terms, options, counts: entry.counts }
    }
}

/// Replaces `\xNN` by the byte.
fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split(r"\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}

impl Case {
    fn engines(&self) -> Vec<Engines> {
        engines_for(&self.terms, &self.options)
    }

    fn plan(&self, kind: Engines) -> Plan {
        plan(&self.terms, &self.options, kind)
    }

    /// Bytes that belong to no match and change no boundary next to a document.
    fn filler(&self, len: usize) -> Vec<u8> {
        filler(self.options.mode, len)
    }
}

/// Filler for terms without U+0001, q and z. If boundaries matter, it begins and ends with whitespace and has other
/// characters between, so no phrase crosses it.
fn filler(mode: MatchMode, len: usize) -> Vec<u8> {
    if mode == MatchMode::Substring {
        return b"\x01zqz".iter().copied().cycle().take(len).collect();
    }
    let mut filler: Vec<u8> = b"\n\x01 zqz qz,\t".iter().copied().cycle().take(len).collect();
    if let Some(last) = filler.last_mut() {
        *last = b'\n';
    }
    filler
}

#[test]
fn the_table_is_well_formed() {
    let mut names: Vec<&str> = cases().iter().map(|case| &case.name[..]).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "names are unique");
    for case in cases() {
        assert_eq!(case.counts.len(), case.documents.len(), "{}: a row for each document", case.name);
        assert!(case.counts.iter().all(|row| row.len() == case.terms.columns()), "{}: columns", case.name);
        for i in 0..case.terms.len() {
            let term = case.terms.get(i).0;
            assert!(!term.iter().any(|byte| b"\x01qzQZ".contains(byte)), "{}: filler in terms[{i}]", case.name);
        }
    }
}

#[test]
fn every_engine_layout_output_and_tiling() {
    for workers in 1..=3 {
        for case in cases() {
            let stored = layouts(&case.documents);
            for kind in case.engines() {
                let plan = case.plan(kind);
                for (row_block, section) in [(1, 1), (3, 16), (64, 64), (1 << 18, 1 << 20)] {
                    let run = run(workers, row_block, section);
                    for stored in &stored {
                        let documents = stored.documents();
                        let row = |at: &Option<usize>| at.map_or(vec![0; plan.columns()], |i| case.counts[i].clone());
                        let expected: Matrix = stored.rows.iter().map(row).collect();
                        let context = || {
                            format!(
                                "{}: {kind:?}, {}, {workers} workers, row block of {row_block}",
                                case.name, stored.name
                            )
                        };
                        assert_eq!(count_dense(&plan, &documents, run), expected, "{}", context());
                        assert_eq!(count_sparse(&plan, &documents, run), expected, "{}, sparse", context());
                        assert_eq!(count_found(&plan, &documents, run), expected, "{}, found", context());
                        let totals = totals_of(&expected, plan.columns());
                        assert_eq!(count_totals(&plan, &documents, run), totals, "{}, totals", context());
                    }
                }
            }
        }
    }
}

/// The documents of a case, with filler before and after each.
fn padded_documents(case: &Case, front: usize, back: usize) -> Vec<Vec<u8>> {
    let (front, back) = (case.filler(front), case.filler(back));
    case.documents.iter().map(|document| [&front[..], document, &back].concat()).collect()
}

#[test]
fn padding_changes_no_count() {
    for case in cases() {
        for kind in case.engines() {
            let plan = case.plan(kind);
            for front in 0..=130 {
                let back = front * 37 % 131;
                let documents = padded_documents(case, front, back);
                let found = count_dense(&plan, &bytes_documents(&documents), run(2, 100, 100));
                assert_eq!(found, case.counts, "{}: {kind:?}, {front} bytes before, {back} after", case.name);
            }
        }
    }
}

#[test]
fn padding_to_the_edges_of_blocks_changes_no_count() {
    for (i, case) in cases().iter().enumerate() {
        for kind in fast_engines(&case.terms, &case.options) {
            let plan = case.plan(kind);
            // The longest document fills a batch, so the next document starts another.
            let spread = i % 7;
            for (front, back) in [
                (4093 + spread, 2),
                (2, 4093 + spread),
                (8189 + spread, 0),
                (16_381 + spread, 1),
                (65_533 + spread, 1),
            ] {
                if front > 60_000 && case.documents.len() > 4 {
                    continue;
                }
                let documents = padded_documents(case, front, back);
                let found = count_dense(&plan, &bytes_documents(&documents), run(2, 4096, 4096));
                assert_eq!(found, case.counts, "{}: {kind:?}, {front} bytes before, {back} after", case.name);
            }
        }
    }
}

#[test]
fn cuts_of_a_long_document_change_no_count() {
    const LONG: usize = 160_000;
    for (i, case) in cases().iter().enumerate().filter(|(_, case)| !case.documents.is_empty()) {
        // All documents of the case, repeated, with filler of varying lengths between them.
        let mut document = Vec::new();
        let mut times = 0;
        while document.len() < LONG {
            for (j, small) in case.documents.iter().enumerate() {
                document.extend(case.filler(3 + (times * 7 + j) % 11));
                document.extend_from_slice(small);
            }
            times += 1;
        }
        document.extend(case.filler(3));
        let columns = case.terms.columns();
        let expected: Vec<u64> =
            (0..columns).map(|j| case.counts.iter().map(|row| row[j]).sum::<u64>() * times as u64).collect();
        let documents = bytes_documents(std::slice::from_ref(&document));
        for kind in fast_engines(&case.terms, &case.options) {
            let plan = case.plan(kind);
            let run = run(2 + i % 2, 1024, 9_973);
            assert!(columns == 0 || plan.groups().is_empty() || is_cut(&plan, &documents, run), "{}", case.name);
            assert_eq!(count_dense(&plan, &documents, run), [&expected[..]], "{}: {kind:?}", case.name);
        }
    }
}

#[test]
fn many_documents_make_many_batches_and_row_blocks() {
    // More than one row block of empty documents, more than one batch of short ones, and a few long ones.
    let long = "a b ".repeat(20_000);
    let text = |i: usize| match i {
        _ if i % 20_011 == 20_010 => &long[..],
        _ if i < 40_000 => "",
        _ => ["a", "b a", "", "c ab"][i % 4],
    };
    let documents: Vec<&str> = (0..70_000).map(text).collect();
    let options = Options::default();
    for terms in [&["a"][..], &["a", "b a", "c", "d", "a b"]] {
        let terms = Terms::each(terms.iter().map(|term| (term, true)));
        let documents = bytes_documents(&documents);
        let expected = count_sparse(&plan(&terms, &options, Engines::Naive), &documents, run(1, 1 << 18, 1 << 20));
        for kind in [Engines::Best, Engines::Words] {
            for workers in 1..=3 {
                for row_block in [512, 1 << 18] {
                    let found =
                        count_sparse(&plan(&terms, &options, kind), &documents, run(workers, row_block, 1 << 14));
                    assert!(found == expected, "{kind:?}, {workers} workers, row block of {row_block}");
                }
            }
        }
    }
}

#[test]
fn a_lone_surrogate_equals_itself() {
    let ucs2: Vec<u8> =
        [0xD800u16, 0x20, 0x61, 0xDC00, 0xD800, 0xDC00].into_iter().flat_map(u16::to_ne_bytes).collect();
    let ucs4: Vec<u8> =
        [0xD800u32, 0x20, 0x61, 0xDC00, 0xD800, 0xDC00].into_iter().flat_map(u32::to_ne_bytes).collect();
    let utf8 = b"\xED\xA0\x80 a\xED\xB0\x80\xED\xA0\x80\xED\xB0\x80";
    let terms =
        bytes_terms(&[&b"\xED\xA0\x80"[..], b"\xED\xB0\x80", b"\xED\xA0\x80\xED\xB0\x80", "𐀀".as_bytes(), b"a"]);
    let documents = [Text::Ucs2(&ucs2), Text::Ucs4(&ucs4, ByteOrder::Native), Text::Str(utf8)];
    for (mode, expected) in [
        // The first low surrogate follows a word character (`a`), the second does not.
        (MatchMode::Word, [2, 1, 1, 0, 1]),
        (MatchMode::Substring, [2, 2, 1, 0, 1]),
        (MatchMode::Token, [1, 0, 0, 0, 0]),
    ] {
        for ignore_case in [false, true] {
            let options = Options { mode, ignore_case, ..Options::default() };
            for kind in engines_for(&terms, &options) {
                let documents = Documents::from_texts(documents.map(Some));
                let found = count_dense(&plan(&terms, &options, kind), &documents, run(1, 1, 1));
                assert_eq!(found, [expected; 3], "{mode:?}, {kind:?}");
            }
        }
    }
}

#[test]
fn overflow_names_the_first_row_and_then_the_first_column() {
    // Rows from 300 on overflow: row 300 in columns 2 and 3, row 301 in column 1, row 302 (long, split) in all.
    let row = |a: usize, b: usize, c: usize| "a ".repeat(a) + &"b ".repeat(b) + &"c. ".repeat(c);
    let mut texts = vec![row(255, 255, 255); 300];
    texts.extend([row(255, 256, 300), row(300, 0, 0), row(40_000, 40_000, 40_000), row(0, 0, 256)]);
    texts.extend(vec![row(1, 0, 0); 300]);
    let expected = CountError::Overflow { row: 300, column: 2, count: 256, dtype: "uint8" };
    let terms = Terms::each([("x", true), ("a", true), ("b", true), ("c", true)]);
    for kind in fast_engines(&terms, &Options::default()) {
        let plan = plan(&terms, &Options::default(), kind);
        for workers in 1..=3 {
            for (row_block, section) in [(1, 4096), (5000, 1 << 14), (1 << 18, 1 << 20)] {
                let run = run(workers, row_block, section);
                let documents = bytes_documents(&texts);
                let mut matrix = Array2::<u8>::zeros((texts.len(), 4));
                assert_eq!(dense(&plan, &documents, matrix.view_mut(), false, run), Err(expected.clone()));
                assert_eq!(csr::<u8, i32>(&plan, &documents, run), Err(expected.clone()));
                let mut matrix = Array2::<u32>::zeros((texts.len(), 4));
                assert_eq!(dense(&plan, &documents, matrix.view_mut(), false, run), Ok(()));
                assert_eq!(matrix.row(302).to_vec(), [0, 40_000, 40_000, 40_000]);
                assert_eq!(matrix.row(603).to_vec(), [0, 1, 0, 0]);
            }
        }
    }
}

#[test]
fn overflow_names_the_row_that_shares_a_text() {
    let texts = ["a ".repeat(200), "a ".repeat(100)];
    let packed = || texts.iter().map(|text| Some(Text::Str(text.as_bytes()))).collect();
    let documents = Documents::shared(vec![Chunk::from_texts(packed())], vec![1, MISSING_ROW, 1, 0, 0]);
    let plan = plan(&Terms::each([("a", true)]), &Options::default(), Engines::Best);
    let expected = CountError::Overflow { row: 3, column: 0, count: 200, dtype: "int8" };
    let mut matrix = Array2::<i8>::zeros((5, 1));
    for run in [run(1, 1, 1), run(3, 1, 1)] {
        assert_eq!(dense(&plan, &documents, matrix.view_mut(), true, run), Err(expected.clone()));
        assert_eq!(csr::<i8, i32>(&plan, &documents, run), Err(expected.clone()));
    }
    let used = Chunk::from_texts(packed()).only(&[false, true]);
    let unused = Documents::shared(vec![used], vec![1, 1]);
    let mut matrix = Array2::<i8>::zeros((2, 1));
    assert_eq!(dense(&plan, &unused, matrix.view_mut(), true, run(1, 1, 1)), Ok(()));
    assert_eq!(matrix, ndarray::array![[100], [100]]);
}

/// More text than any machine can read during the test: very many documents in one buffer.
fn endless(data: &[u8]) -> Documents<'_> {
    let layout = Layout::Fixed { data, first: 0, stride: 0, width: data.len(), content: Content::Bytes };
    Documents::new(vec![Chunk::new(layout, Missing::None, 1 << 20)])
}

#[test]
fn progress_that_returns_false_cancels() {
    let text = "aa a a-a ".repeat(20_000);
    for mode in MODES {
        let options = Options { mode, ignore_case: false, ..Options::default() };
        for terms in [&["a"][..], &["a", "aa", "b", "a-a"]] {
            let terms = Terms::each(terms.iter().map(|term| (term, true)));
            for kind in fast_engines(&terms, &options) {
                let plan = plan(&terms, &options, kind);
                for workers in [1, 2] {
                    let documents = endless(text.as_bytes());
                    let begun = Instant::now();
                    let run = RunOptions { on_progress: &|_| false, ..RunOptions::with_workers(workers) };
                    assert_eq!(totals(&plan, &documents, run), Err(CountError::Cancelled));
                    assert!(begun.elapsed() < Duration::from_secs(5), "{mode:?} {kind:?}: {:?}", begun.elapsed());
                    // The plan stays usable.
                    let found = count_totals(&plan, &bytes_documents(&[&text]), RunOptions::with_workers(1));
                    assert!(found.counts[0] > 0);
                }
            }
        }
    }
}

#[test]
fn one_long_document_can_be_cancelled() {
    // There are matches everywhere and no split points, so the count takes far longer than until the first check for
    // cancellation.
    let (spaces, marks) = ("a ".repeat(24 << 20), "a-".repeat(24 << 20));
    for (text, mode, terms) in [
        (&marks, MatchMode::Word, &["a-a"][..]),
        (&spaces, MatchMode::Word, &["a a", "b", "c", "d"]),
        (&spaces, MatchMode::Token, &["a a", "b", "c", "d"]),
        (&spaces, MatchMode::Substring, &["a a"]),
        (&spaces, MatchMode::Substring, &["a a", "a", " ", "b"]),
    ] {
        let options = Options { mode, ignore_case: false, ..Options::default() };
        let plan = Plan::new(Terms::each(terms.iter().map(|term| (term, true))), options).unwrap();
        let documents = bytes_documents(std::slice::from_ref(text));
        let begun = Instant::now();
        let run = RunOptions { on_progress: &|_| false, ..RunOptions::with_workers(1) };
        assert_eq!(totals(&plan, &documents, run), Err(CountError::Cancelled), "{mode:?} {terms:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{mode:?} {terms:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn progress_gets_the_bytes_done() {
    let text = "aa a a-a ".repeat(20_000);
    let documents = endless(text.as_bytes());
    let terms = Terms::each([("a", true), ("aa", true), ("b", true), ("a-a", true)]);
    let plan = plan(&terms, &Options::default(), Engines::Words);
    let (last, calls) = (AtomicU64::new(0), AtomicU64::new(0));
    let on_progress = |done: u64| {
        let before = last.swap(done, Ordering::Relaxed);
        assert!(before <= done && done <= documents.nbytes());
        // On a slow machine the first calls may come before anything is done.
        calls.fetch_add(1, Ordering::Relaxed) < 5 || done == 0
    };
    let run = RunOptions { on_progress: &on_progress, ..RunOptions::with_workers(2) };
    assert_eq!(totals(&plan, &documents, run), Err(CountError::Cancelled));
    assert!(last.load(Ordering::Relaxed) > 0);
}

#[test]
fn threads_count_at_the_same_time() {
    let texts: Vec<String> = (0..3000).map(|i| "a b ".repeat(i % 50) + &"a--b ".repeat(i % 7)).collect();
    let terms = Terms::each([("a", true), ("b a", true), ("--", true), ("b", true), ("a--b", true)]);
    let plan = plan(&terms, &Options::default(), Engines::Best);
    let expected = count_dense(&plan, &bytes_documents(&texts), run(1, 1 << 18, 1 << 20));
    thread::scope(|scope| {
        for thread in 0..6 {
            let (plan, texts, expected) = (&plan, &texts, &expected);
            scope.spawn(move || {
                let documents = bytes_documents(texts);
                for round in 0..4 {
                    // A different number of workers needs a different pool.
                    let run = run(1 + (thread + round) % 3, 4096, 1 << 14);
                    assert!(count_dense(plan, &documents, run) == *expected);
                    assert!(count_sparse(plan, &documents, run) == *expected);
                }
            });
        }
    });
}

#[test]
fn progress_may_count() {
    let plan = plan(&Terms::each([("a", true), ("b", true)]), &Options::default(), Engines::Words);
    let text = "a b ".repeat(50_000);
    let inner = bytes_documents(std::slice::from_ref(&text));
    let calls = AtomicU64::new(0);
    let on_progress = |_| {
        assert_eq!(count_totals(&plan, &inner, run(2, 1 << 14, 1 << 14)).counts, [50_000, 50_000]);
        calls.fetch_add(1, Ordering::Relaxed) < 2
    };
    let run = RunOptions { on_progress: &on_progress, ..RunOptions::with_workers(2) };
    assert_eq!(totals(&plan, &endless(text.as_bytes()), run), Err(CountError::Cancelled));
    assert!(calls.load(Ordering::Relaxed) >= 3);
}
