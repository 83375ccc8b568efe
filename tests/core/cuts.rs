//! Long documents. They are split where no match is lost, or counted whole if that is impossible, and read in slices.

use crate::common::*;
use countgrid::core::text::encoding::ByteOrder;
use countgrid::core::{Documents, Engines, MatchMode, Options, Overlap, Syntax, Terms, Text};

/// Random letters, the same in each run.
fn random_text(letters: &[&str], len: usize, mut seed: u64) -> String {
    let mut text = String::with_capacity(len + 4);
    while text.len() < len {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(letters[(seed >> 33) as usize % letters.len()]);
    }
    text
}

#[test]
fn cuts_avoid_terms_that_overlap_themselves() {
    let a_b: &[&str] = &["a", "b", " ", " ", "\n"];
    let marks: &[&str] = &["a", "-", "-", "-", " ", "."];
    let accents: &[&str] = &["e", "\u{301}", "É", "ſ", "S", " ", "-", "\u{3000}"];
    let kelvin: &[&str] = &["\u{212A}", "k", "K", "x", " ", "Ⱥ", "ⱥ"];
    let inputs: &[(MatchMode, bool, &[&str], &[&str])] = &[
        (MatchMode::Substring, false, a_b, &["aa"]),
        (MatchMode::Substring, false, a_b, &["aa", "a a", "ab", "a b a", "  "]),
        (MatchMode::Word, false, a_b, &["a b a", "a", "a a"]),
        (MatchMode::Word, false, a_b, &["ab", "ba"]),
        (MatchMode::Token, false, a_b, &["a b a", "ab a"]),
        (MatchMode::Word, false, marks, &["--"]),
        (MatchMode::Word, false, marks, &["-", "--", "a-", "-a", "a -", "- a -"]),
        (MatchMode::Token, false, marks, &["--", "a-a", "-a --", "-"]),
        (MatchMode::Substring, false, marks, &["--", "-.-", "a--a"]),
        (MatchMode::Word, true, accents, &["é", "e\u{301}", "s", "s é", "-"]),
        (MatchMode::Word, true, accents, &["s"]),
        (MatchMode::Substring, true, accents, &["ss", "é", "\u{301}s"]),
        (MatchMode::Substring, true, kelvin, &["kk", "kxk", "ⱥⱥ"]),
        (MatchMode::Word, true, kelvin, &["kk", "k x", "ⱥ"]),
    ];
    for (seed, &(mode, ignore_case, letters, terms)) in thinned(inputs.iter().enumerate()) {
        cut_and_compare(letters, terms, &Options { mode, ignore_case, ..Options::default() }, seed as u64);
    }
}

#[test]
fn cuts_avoid_globs_and_accents() {
    let marks: &[&str] = &["a", "b", "-", "-", "-", " ", ".", " . "];
    let words: &[&str] = &["a", "b", "ab", " ", " ", ", "];
    let accents: &[&str] = &["e", "é", "\u{301}", "\u{302}\u{301}", "ﬁ", "fi", " ", ",", "…", "한"];
    let glob = Options { syntax: Syntax::Glob, ..Options::default() };
    let strip = Options { strip_accents: true, ..Options::default() };
    let inputs: &[(&Options, MatchMode, &[&str], &[&str])] = &[
        (&glob, MatchMode::Word, marks, &["a-*", "b"]),
        (&glob, MatchMode::Word, marks, &["*-b"]),
        (&glob, MatchMode::Word, marks, &["a *-b", "a- *"]),
        (&glob, MatchMode::Word, marks, &["*-*", "?-", "a*"]),
        (&glob, MatchMode::Word, &["a -b", "a -b", "a -b", " ."], &["a *-b"]),
        (&glob, MatchMode::Word, &["a-b", "a-b", " ", "."], &["a-*"]),
        (&glob, MatchMode::Word, words, &["a * b", "a* b*", "*b a"]),
        (&glob, MatchMode::Token, words, &["a* ?", "*,"]),
        (&glob, MatchMode::Substring, words, &["a*b", "b?a"]),
        (&glob, MatchMode::Substring, words, &["*b", "a* a", "??"]),
        (&strip, MatchMode::Word, accents, &["e", "fi", "é fi"]),
        (&strip, MatchMode::Substring, accents, &["ee", "fie", ".", "e e"]),
        (&strip, MatchMode::Substring, accents, &["ee"]),
    ];
    for (seed, &(options, mode, letters, terms)) in thinned(inputs.iter().enumerate()) {
        for overlap in [Overlap::PerTerm, Overlap::Longest] {
            cut_and_compare(letters, terms, &Options { mode, overlap, ..options.clone() }, seed as u64);
        }
    }
}

/// Counts a long random text: whole with the naive engine, split with the others.
fn cut_and_compare(letters: &[&str], terms: &[&str], options: &Options, seed: u64) {
    let text = random_text(letters, 150_000, seed);
    let terms = Terms::each(terms.iter().map(|term| (term, true)));
    let ucs4: Vec<u8> = text.chars().flat_map(|c| (c as u32).swap_bytes().to_ne_bytes()).collect();
    let texts = [Text::Str(text.as_bytes()), Text::Ucs4(&ucs4, ByteOrder::Swapped)];
    let documents = texts.map(|text| Documents::from_texts([Some(text)]));
    let judge = plan(&terms, options, Engines::Naive);
    let naive = count_dense(&judge, &documents[0], run(1, 1024, 1024));
    assert!(naive[0].iter().any(|&count| count > 100), "{options:?} {terms:?} {naive:?}");
    let found = matches(&judge, &documents[0], run(1, 1024, 1024));
    for kind in fast_engines(&terms, options) {
        let plan = plan(&terms, options, kind);
        for documents in &documents {
            for workers in [2, 3] {
                // Most of the time goes into the windows of 64 KiB that each split reads.
                let run = run(workers, 1024, 2048 + 1024 * workers);
                assert!(is_cut(&plan, documents, run), "{options:?} {terms:?}: {kind:?}");
                assert_eq!(count_dense(&plan, documents, run), naive, "{options:?} {terms:?}: {kind:?}");
                assert!(matches(&plan, documents, run) == found, "{options:?} {terms:?}: {kind:?}");
            }
        }
    }
}

#[test]
fn a_document_that_cannot_be_cut_is_counted_whole() {
    for (mode, text, term, count) in [
        (MatchMode::Substring, "a".repeat(300_001), "aa", 150_000),
        (MatchMode::Word, "a ".repeat(150_000), "a a", 75_000),
        (MatchMode::Word, "-".repeat(300_001), "--", 150_000),
        (MatchMode::Word, "a".repeat(300_000), "a", 0),
        (MatchMode::Token, "a b ".repeat(75_000), "a b a", 37_500),
        (MatchMode::Token, "-".repeat(300_000), "--", 0),
    ] {
        let options = Options { mode, ignore_case: false, ..Options::default() };
        let terms = Terms::each([(term, true)]);
        for kind in fast_engines(&terms, &options) {
            let documents = bytes_documents(std::slice::from_ref(&text));
            let run = run(3, 1 << 14, 1 << 14);
            assert_eq!(count_dense(&plan(&terms, &options, kind), &documents, run), [[count]], "{mode:?} {term:?}");
        }
    }
}

/// Engines read a long document in slices of 1 MiB, so that they can stop.
#[test]
fn slices_of_a_long_document_lose_no_match() {
    const EDGE: usize = 1 << 20;
    for (mode, term, piece, each) in [
        (MatchMode::Substring, "abc", "abc", 1),
        (MatchMode::Substring, "aba", "ababa", 1),
        (MatchMode::Word, "abc", "abc", 1),
        (MatchMode::Word, "a b c", "a b \tc", 1),
        (MatchMode::Word, "a b a", "a b a b a", 1),
        (MatchMode::Word, "a--", "a---- a--", 2),
        (MatchMode::Word, "été", "été", 1),
        (MatchMode::Token, "été a", "été\n \n a", 1),
    ] {
        let options = Options { mode, ignore_case: false, ..Options::default() };
        for alone in [true, false] {
            let others = if alone { &[][..] } else { &["c", "d", "ee"] };
            let terms = Terms::each(std::iter::once(&term).chain(others).map(|term| (term, true)));
            for kind in fast_engines(&terms, &options) {
                let plan = plan(&terms, &options, kind);
                for before in 0..piece.len() + 2 {
                    // A match at each position around the edge, and only filler elsewhere.
                    let mut text = b"\n".repeat(EDGE - before);
                    text.extend_from_slice(piece.as_bytes());
                    text.extend(b"\n".repeat(9));
                    let found = count_totals(&plan, &bytes_documents(&[text]), run(1, 1 << 18, 1 << 20));
                    assert_eq!(found.counts[0], each, "{mode:?} {term:?}: {kind:?}, {before} bytes before the edge");
                }
            }
        }
    }
}

/// Whether a glob matches from the start of a long word is known only at its end.
#[test]
fn globs_compete_across_a_long_run() {
    const LETTERS: usize = 150_000;
    let run_of = |end: &str| "b".repeat(LETTERS) + end;
    let options =
        |overlap| Options { mode: MatchMode::Substring, syntax: Syntax::Glob, overlap, ..Options::default() };
    let (n, both) = (LETTERS as u64, LETTERS as u64 + 1);
    for (text, terms, overlap, expected) in [
        (run_of("a"), &["*a", "b"][..], Overlap::Longest, [1, 0]),
        (run_of(""), &["*a", "b"], Overlap::Longest, [0, n]),
        (run_of("a"), &["*a", "b"], Overlap::PerTerm, [1, n]),
        (run_of("a"), &["*a", "b"], Overlap::All, [both, n]),
        (run_of("-a"), &["*-a", "b"], Overlap::Longest, [1, 0]),
        (run_of("a") + " " + &run_of("a"), &["*a", "b*"], Overlap::All, [2 * both, 2 * n]),
        (run_of("é"), &["?é", "b"], Overlap::Longest, [1, n - 1]),
        (run_of("x") + &"b".repeat(9), &["b*b*x*b", "?x"], Overlap::Longest, [1, 0]),
    ] {
        let options = options(overlap);
        let plan = plan(&Terms::each(terms.iter().map(|term| (term, true))), &options, Engines::Best);
        let documents = bytes_documents(std::slice::from_ref(&text));
        let found = count_dense(&plan, &documents, run(2, 1 << 14, 1 << 30));
        assert_eq!(found, [expected], "{terms:?} {overlap:?}");
        let matches = matches(&plan, &documents, run(2, 1 << 14, 1 << 30));
        assert_eq!(matches.documents.len() as u64, expected.iter().sum::<u64>(), "{terms:?} {overlap:?}");
    }
}
