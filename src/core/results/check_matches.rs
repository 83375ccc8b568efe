//! Checks that stored matches are still matches of the documents.
//!
//! Matches are stored without their text. To show them later in documents that should be the same, search the
//! documents that have matches again and compare.

use super::find::{MatchLists, find};
use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::documents::rows::Documents;
use crate::core::plan::Plan;
use crate::core::schedule::run_options::RunOptions;

/// Stored matches in any order: four slices of equal length.
#[derive(Clone, Copy)]
pub struct StoredMatches<'p> {
    pub documents: &'p [i64],
    pub columns: &'p [i64],
    pub starts: &'p [i64],
    pub ends: &'p [i64],
}

impl StoredMatches<'_> {
    /// Start, end and column of match `i`.
    fn at(&self, i: usize) -> [i64; 3] {
        [self.starts[i], self.ends[i], self.columns[i]]
    }
}

/// The most documents, and the most bytes of text, to search at a time.
const DOCUMENTS_PER_SEARCH: usize = 64 << 10;
const BYTES_PER_SEARCH: usize = 16 << 20;

/// The document of the first stored match that is no longer a match.
pub fn first_changed(
    plan: &Plan,
    documents: &Documents<'_>,
    stored: StoredMatches<'_>,
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
        let found = RepeatedSearch::new(plan, chosen.as_ref().unwrap_or(documents), run)?;
        let (mut document, mut before) = (-1, None);
        for i in start..end {
            // The chosen documents are numbered in the order of the stored matches.
            if before != Some(stored.documents[i]) {
                document += 1;
                before = Some(stored.documents[i]);
            }
            let row = if rows.is_some() { document } else { stored.documents[i] };
            if !found.contains(row, stored.at(i)) {
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

/// All matches in some documents.
struct RepeatedSearch(MatchLists);

impl RepeatedSearch {
    fn new(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Self, CountError> {
        find(plan, documents, run)?.into_lists(run).map(Self)
    }

    fn contains(&self, document: i64, wanted: [i64; 3]) -> bool {
        let stored = StoredMatches {
            documents: &self.0.documents,
            columns: &self.0.columns,
            starts: &self.0.starts,
            ends: &self.0.ends,
        };
        let (mut low, mut high) = (0, self.0.documents.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match (self.0.documents[middle], stored.at(middle)).cmp(&(document, wanted)) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        false
    }
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
        let repeated = RepeatedSearch::new(&plan, &documents(&texts), RunOptions::default()).unwrap();
        let MatchLists { documents: rows, columns, starts, ends } = &repeated.0;
        assert_eq!(rows, &[0, 0, 3]);
        let stored = StoredMatches { documents: rows, columns, starts, ends };
        let first = |texts: &[_]| first_changed(&plan, &documents(texts), stored, RunOptions::default()).unwrap();
        assert_eq!(first(&texts), None);
        assert_eq!(first(&[Some("the cat sat"), Some("cat"), None, Some("a cat")]), None);
        assert_eq!(first(&[Some("the cat"), None, None, Some("cat a")]), Some(3));
        assert_eq!(first(&[Some("the cat")]), Some(3));
        assert_eq!(first(&[None, None, None, Some("cat")]), Some(0));
    }
}
