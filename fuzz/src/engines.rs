//! Compares every engine, tiling, result and memory layout with the naive engine.

use arbitrary::{Result, Unstructured};
use countgrid::core::{Documents, Engines, Plan};

use crate::common::{
    Matrix, bytes_documents, count_dense, count_sparse, count_totals, fast_engines, layouts, matches, plan, run,
    totals_of,
};
use crate::input::Input;

/// Returns the number of cells compared.
pub fn check(source: &mut Unstructured<'_>) -> Result<u64> {
    let input = Input::new(source)?;
    let (terms, options) = (input.terms(), &input.options);
    let (row_block, section) = (source.int_in_range(1..=200)?, source.int_in_range(8..=400)?);
    let layout = source.int_in_range(0..=31usize)?;
    let naive = plan(&terms, options, Engines::Naive);
    let documents = bytes_documents(&input.documents);
    let whole = run(1, usize::MAX / 4, usize::MAX / 4);
    let expected = count_dense(&naive, &documents, whole);
    let cells = (expected.len() * naive.columns()) as u64;
    let mut compared = 0;
    let mut compare = |what: &str, found: &Matrix, expected: &Matrix| {
        assert_eq!(found, expected, "{what}: {input:#?}");
        compared += cells;
    };
    for kind in fast_engines(&terms, options) {
        let plan = plan(&terms, options, kind);
        compare(&format!("{kind:?}"), &count_dense(&plan, &documents, whole), &expected);
        compare(&format!("{kind:?}, cut"), &count_dense(&plan, &documents, run(2, row_block, section)), &expected);
    }
    let best = plan(&terms, options, Engines::Best);
    let cut = run(1, row_block, section);
    compare("sparse", &count_sparse(&best, &documents, cut), &expected);
    assert_eq!(count_totals(&best, &documents, cut), totals_of(&expected, best.columns()), "totals: {input:#?}");
    same_matches(&best, &naive, &documents, &input);
    // Each input tries one layout.
    let stored = layouts(&input.documents);
    if let Some(stored) = stored.get(layout) {
        let rows = stored.rows.iter();
        let expected =
            rows.map(|row| row.map_or_else(|| vec![0; best.columns()], |row| expected[row].clone())).collect();
        compare(&stored.name, &count_dense(&best, &stored.documents(), cut), &expected);
    }
    Ok(compared)
}

/// Compares the matches, with whole and with split documents.
fn same_matches(best: &Plan, naive: &Plan, documents: &Documents<'_>, input: &Input) {
    let expected = matches(naive, documents, run(1, usize::MAX / 4, usize::MAX / 4));
    for run in [run(1, usize::MAX / 4, usize::MAX / 4), run(2, 64, 64)] {
        assert_eq!(matches(best, documents, run), expected, "matches: {input:#?}");
    }
}
