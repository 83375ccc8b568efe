//! Every engine against the naive one, in every memory layout, result and tiling.

use countgrid::core::schedule::run_options::CancelTimer;
use countgrid::core::schedule::tile;
use countgrid::core::{Documents, Engines, Options, Overlap, Plan};
use proptest::prelude::*;
use proptest::sample::select;

use crate::common::*;
use crate::inputs::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(3000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn engines_agree_with_the_naive_one(input in any_input()) {
        let expected = input.naive_counts();
        for kind in engines_for(&input.terms(), &input.options) {
            prop_assert_eq!(&input.counts(kind), &expected, "{:?}", kind);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(2000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_phrases_over_few_letters(input in phrases(), overlap in select(vec![Overlap::PerTerm, Overlap::All])) {
        let input = Input { options: Options { overlap, ..input.options }, ..input };
        let expected = input.naive_counts();
        for kind in fast_engines(&input.terms(), &input.options) {
            prop_assert_eq!(&input.counts(kind), &expected, "{:?}", kind);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    /// Terms that contain each other, in documents of two or three letters.
    #[test]
    fn every_engine_finds_the_same(
        input in prop_oneof![nested_input(), competing_input()],
        workers in 1..3usize,
        row_block in select(vec![16, 64, 1 << 18]),
    ) {
        let documents = bytes_documents(&input.documents);
        let expected = matches(&input.plan(Engines::Naive), &documents, run(1, 1 << 18, 1 << 20));
        for kind in fast_engines(&input.terms(), &input.options) {
            let found = matches(&input.plan(kind), &documents, run(workers, row_block, row_block));
            prop_assert_eq!(&found, &expected, "{:?}", kind);
        }
    }

    #[test]
    fn matches_of_globs_are_cached_by_word(input in repeated_words(), row_block in select(vec![16, 1 << 18])) {
        let documents = bytes_documents(&input.documents);
        let naive = input.plan(Engines::Naive);
        let expected = matches(&naive, &documents, run(1, 1 << 18, 1 << 20));
        let counts = count_dense(&naive, &documents, run(1, 1 << 18, 1 << 20));
        for kind in fast_engines(&input.terms(), &input.options) {
            let plan = input.plan(kind);
            prop_assert_eq!(&matches(&plan, &documents, run(2, row_block, row_block)), &expected, "{:?}", kind);
            prop_assert_eq!(&count_dense(&plan, &documents, run(2, row_block, row_block)), &counts, "{:?}", kind);
        }
    }

    #[test]
    fn every_layout_and_output_gives_the_same(input in any_input(), workers in 1..4usize, row_block in 1..100usize) {
        let expected = input.naive_counts();
        let plan = input.plan(Engines::Best);
        for stored in layouts(&input.documents) {
            let documents = stored.documents();
            let row = |at: &Option<usize>| at.map_or(vec![0; plan.columns()], |i| expected[i].clone());
            let expected: Matrix = stored.rows.iter().map(row).collect();
            let run = run(workers, row_block, row_block);
            prop_assert_eq!(&count_dense(&plan, &documents, run), &expected, "{}", stored.name);
            prop_assert_eq!(&count_sparse(&plan, &documents, run), &expected, "{}", stored.name);
            prop_assert_eq!(&count_found(&plan, &documents, run), &expected, "{}", stored.name);
            let totals = totals_of(&expected, plan.columns());
            prop_assert_eq!(&count_totals(&plan, &documents, run), &totals, "{}", stored.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(60), max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Words shorter and longer than fingerprints, in documents longer than windows. Many differ only in their last
    /// letter.
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
        let expected = input.naive_counts();
        for kind in fast_engines(&input.terms(), &input.options) {
            prop_assert_eq!(&input.counts(kind), &expected, "{:?}", kind);
        }
    }

    /// More terms than a small table or filter can store.
    #[test]
    fn very_many_terms(input in input(true, 4, 400, 200)) {
        prop_assert_eq!(input.counts(Engines::Best), input.naive_counts());
    }

    /// Documents long enough to be split, and for several workers.
    #[test]
    fn workers_and_tiling_change_nothing(
        input in prop_oneof![input(false, 6, 5, 200), input(true, 6, 5, 200)],
        workers in 2..5usize,
        row_block in 1024..65_536usize,
        section in 4096..32_768usize,
    ) {
        let small = input.documents.concat();
        prop_assume!(!small.is_empty());
        let mut documents = input.documents.clone();
        documents.insert(documents.len() / 2, small.repeat(150_000 / small.len() + 1));
        let documents = bytes_documents(&documents);
        for kind in fast_engines(&input.terms(), &input.options) {
            let plan = input.plan(kind);
            let expected = count_dense(&plan, &documents, run(1, 1 << 18, 1 << 20));
            prop_assert_eq!(&count_dense(&plan, &documents, run(workers, row_block, section)), &expected, "{:?}", kind);
            let totals = count_totals(&plan, &documents, run(workers, row_block, section));
            prop_assert_eq!(totals, totals_of(&expected, plan.columns()), "{:?}", kind);
            prop_assert!(row_blocks_cover(&plan, &documents, workers), "{:?}", kind);
        }
    }
}

/// Whether the row blocks contain all texts, in order.
fn row_blocks_cover(plan: &Plan, documents: &Documents<'_>, workers: usize) -> bool {
    let tile_sizes = run(workers, 4096, 1 << 14).tile_sizes;
    let tiles =
        tile::make_tiles(plan, documents.texts(), tile_sizes, workers, plan.competes(), &CancelTimer::new(&|_| true))
            .unwrap();
    tiles.row_blocks.into_iter().flatten().eq(0..documents.texts().len())
}
