//! Checks that stored matches are still matches of the documents.
//!
//! Matches are stored without their text. To show them later in documents that should be the same, search the
//! documents that have matches again and compare.

use super::find::{MatchColumns, MatchLists, find};
use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::documents::rows::Documents;
use crate::core::plan::Plan;
use crate::core::schedule::run_options::RunOptions;

/// The most documents, and the most bytes of text, to search at a time.
const DOCUMENTS_PER_SEARCH: usize = 64 << 10;
const BYTES_PER_SEARCH: usize = 16 << 20;

/// The document of the first stored match, of matches in any order, that is no longer a match.
pub fn first_changed(
    plan: &Plan,
    documents: &Documents<'_>,
    stored: MatchColumns<&[i64]>,
    run: RunOptions<'_>,
) -> Result<Option<i64>, CountError> {
    let len = stored.documents.len();
    let mut start = 0;
    while start < len {
        // Only documents with matches are searched, unless all must be loaded.
        let (rows, end) = match documents.source().is_some() {
            true => (None, len),
            false => {
                let (rows, end) = next_documents(documents, &stored.documents[start..]);
                (Some(rows), start + end)
            }
        };
        let chosen = rows
            .as_ref()
            .map(|rows| Documents::from_texts(rows.iter().map(|&row| row.and_then(|row| documents.get(row)))));
        let found = find(plan, chosen.as_ref().unwrap_or(documents), run)?.into_lists(run)?;
        let (mut document, mut before) = (-1, None);
        for i in start..end {
            // The chosen documents are numbered in the order of the stored matches.
            if before != Some(stored.documents[i]) {
                document += 1;
                before = Some(stored.documents[i]);
            }
            let row = if rows.is_some() { document } else { stored.documents[i] };
            if !contains(&found, [row, stored.starts[i], stored.ends[i], stored.columns[i]]) {
                return Ok(Some(stored.documents[i]));
            }
        }
        start = end;
    }
    Ok(None)
}

/// The documents of the next matches, one for each run of matches in the same document, and the number of these
/// matches. `None` if no document has the number.
fn next_documents(documents: &Documents<'_>, numbers: &[i64]) -> (Vec<Option<usize>>, usize) {
    let (mut rows, mut bytes, mut end) = (Vec::new(), 0, 0);
    for run in numbers.chunk_by(|a, b| a == b) {
        let row = usize::try_from(run[0]).ok().filter(|&row| row < documents.len());
        bytes += row.and_then(|row| documents.get(row)).map_or(0, |text| text.memory().len());
        memory::push(&mut rows, row);
        end += run.len();
        if rows.len() == DOCUMENTS_PER_SEARCH || bytes >= BYTES_PER_SEARCH {
            break;
        }
    }
    (rows, end)
}

/// Whether matches contain one with this document, start, end and column.
fn contains(found: &MatchLists, wanted: [i64; 4]) -> bool {
    let lists = [&found.documents, &found.starts, &found.ends, &found.columns];
    let mut equal = 0..found.documents.len();
    for (list, wanted) in lists.into_iter().zip(wanted) {
        let list = &list[equal.clone()];
        let first = equal.start;
        equal = first + list.partition_point(|&at| at < wanted)..first + list.partition_point(|&at| at <= wanted);
    }
    !equal.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::terms::list::Terms;
    use crate::core::terms::options::Options;
    use crate::core::text::encoding::Text;

    fn documents<'t>(texts: &[Option<&'t str>]) -> Documents<'t> {
        Documents::from_texts(texts.iter().map(|text| text.map(|text| Text::Str(text.as_bytes()))))
    }

    #[test]
    fn the_first_document_without_its_match_is_returned() {
        let mut terms = Terms::default();
        ["cat", "the"].iter().for_each(|term| terms.push(Text::Str(term.as_bytes())));
        let plan = Plan::new(terms, Options::default()).unwrap();
        let texts = [Some("the cat"), None, Some("no"), Some("a cat")];
        let run = RunOptions::default();
        let MatchLists { documents: rows, columns, starts, ends } =
            &find(&plan, &documents(&texts), run).unwrap().into_lists(run).unwrap();
        assert_eq!(rows, &[0, 0, 3]);
        let stored = MatchColumns { documents: rows, columns, starts, ends }.map(Vec::as_slice);
        let first = |texts: &[_]| first_changed(&plan, &documents(texts), stored, run).unwrap();
        assert_eq!(first(&texts), None);
        assert_eq!(first(&[Some("the cat sat"), Some("cat"), None, Some("a cat")]), None);
        assert_eq!(first(&[Some("the cat"), None, None, Some("cat a")]), Some(3));
        assert_eq!(first(&[Some("the cat")]), Some(3));
        assert_eq!(first(&[None, None, None, Some("cat")]), Some(0));
    }
}
