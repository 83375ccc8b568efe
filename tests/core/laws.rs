//! Laws that counts follow, whatever the input.

use countgrid::core::documents::batch::BatchBuffer;
use countgrid::core::engines::Engine;
use countgrid::core::terms::patterns::PatternSet;
use countgrid::core::text::transform::Transform;
use countgrid::core::{Engines, Overlap, Syntax, Terms, Text};
use proptest::prelude::*;

use crate::common::*;
use crate::inputs::*;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(3000), max_global_rejects: 1 << 20, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Where an engine allows a split, the counts of both parts add up to the counts of the whole.
    #[test]
    fn cuts_lose_and_make_no_occurrence(
        input in prop_oneof![input(false, 1, 5, 120), input(true, 1, 5, 120)],
        from in 0.0..1.0f64,
        after in 0.0..1.0f64,
    ) {
        // All matches must be reported; terms that compete may rely on that.
        prop_assume!(!matches!(input.options.overlap, Overlap::Longest | Overlap::First));
        let judge = input.plan(Engines::Naive);
        let transform = input.options.transform(&input.terms());
        let count = |text: &[u8]| {
            // A second transformation changes nothing.
            count_dense(&judge, &bytes_documents(&[text]), run(2, 1024, 1024)).remove(0)
        };
        for document in &input.documents {
            let text = transformed(document, transform);
            let char_start = |at: f64| Text::Bytes(&text).char_start(at as usize);
            let from = char_start(from * text.len() as f64);
            let end = char_start(from as f64 + (text.len() - from) as f64 * after);
            let whole = count(&text);
            for kind in engines_for(&input.terms(), &input.options) {
                let plan = input.plan(kind);
                for (at, group) in plan.groups().iter().enumerate() {
                    // One group serves all patterns, or each group serves one.
                    let columns = plan.columns_of(at as u32);
                    let serves = |j: usize| plan.groups().len() == 1 || columns.contains(&(j as u32));
                    // With the text before it that the engine needs, or more.
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
        prop_assume!(!matches!(input.options.overlap, Overlap::Longest | Overlap::First));
        let whole = input.counts(Engines::Best);
        for (j, term) in input.terms.iter().enumerate() {
            let alone = Input { terms: vec![term.clone()], ..input.clone() };
            let column: Matrix = whole.iter().map(|row| vec![row[j]]).collect();
            prop_assert_eq!(alone.counts(Engines::Best), column);
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
        let whole = input.counts(Engines::Best);
        let shuffled: Matrix = order.iter().map(|&i| whole[i].clone()).collect();
        prop_assert_eq!(Input { documents, ..input }.counts(Engines::Best), shuffled);
    }

    #[test]
    fn stacking_two_halves_gives_the_whole(input in any_input(), at in any::<prop::sample::Index>()) {
        let whole = input.counts(Engines::Best);
        let (first, second) = input.documents.split_at(at.index(input.documents.len() + 1));
        let half = |documents: &[Vec<u8>]| {
            Input { documents: documents.to_vec(), ..input.clone() }.counts(Engines::Best)
        };
        prop_assert_eq!([half(first), half(second)].concat(), whole);
    }

    /// A category is the sum of its distinct patterns. A repeated term changes nothing.
    #[test]
    fn a_category_is_the_sum_of_its_forms(
        input in input_of(simple_options(&[Syntax::Literal]), true, 4, 6, 40),
        ends in prop::collection::vec(0..7usize, 0..3),
    ) {
        let columns = input.naive_counts();
        let patterns = PatternSet::new(&input.terms(), &input.options).unwrap();
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
            // A pattern counts once in each category with a term that has this pattern.
            let form_of = |i: usize| firsts.iter().copied().find(|&first| same_pattern(&patterns, first, i)).unwrap();
            let mut distinct: Vec<usize> = members.map(form_of).collect();
            distinct.sort_unstable();
            distinct.dedup();
            for (row, counts) in expected.iter_mut().zip(&columns) {
                row.push(distinct.iter().map(|&i| counts[i]).sum());
            }
            start = end;
        }
        for kind in engines_for(&terms, &input.options) {
            let plan = plan(&terms, &input.options, kind);
            let found = count_dense(&plan, &bytes_documents(&input.documents), run(2, 16, 16));
            prop_assert_eq!(&found, &expected, "{:?}", kind);
        }
    }
}

/// A text as engines get it.
fn transformed(text: &[u8], transform: Transform) -> Vec<u8> {
    BatchBuffer::default().one(Some(Text::Bytes(text)), transform).text.to_vec()
}

/// Whether two terms have the same pattern.
fn same_pattern(patterns: &PatternSet, a: usize, b: usize) -> bool {
    (0..patterns.len()).any(|pattern| {
        let columns = patterns.columns(pattern as u32);
        columns.contains(&(a as u32)) && columns.contains(&(b as u32))
    })
}
