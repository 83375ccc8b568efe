//! `search`: counts one term in one file.

use pyo3::prelude::*;

use super::borrowed::{BorrowedDocuments, Owners};
use super::guard::guarded;
use super::input::lines::utf8_of;
use super::plan::{parse_flag, parse_mode};
use super::run::{Runner, detach_interruptible};
use super::terms::terms_of;
use crate::core::base::error::TermLocation;
use crate::core::documents::chunk::Chunk;
use crate::core::text::unicode::{first_char, is_space};
use crate::core::{CountError, Documents, MatchMode, Options, Plan, Text, totals};

/// Counts one term in the lines of a file.
#[pyfunction]
pub fn search(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    term: &Bound<'_, PyAny>,
    r#match: &Bound<'_, PyAny>,
    ignore_case: &Bound<'_, PyAny>,
    workers: Option<&Bound<'_, PyAny>>,
    encoding: Option<&Bound<'_, PyAny>>,
) -> PyResult<u64> {
    guarded(|| {
        let options = Options {
            mode: parse_mode(r#match)?,
            ignore_case: parse_flag("ignore_case", ignore_case)?,
            ..Options::default()
        };
        let terms = terms_of(term)?;
        let by_lines = may_cross_lines(terms.get(0).0, options.mode);
        let plan = detach_interruptible(py, |keep_going| {
            Plan::new_cancellable(terms, options, keep_going).map_err(|error| match error {
                CountError::Terms(mut invalid) => {
                    invalid.iter_mut().for_each(|term| term.location = TermLocation::SINGLE);
                    CountError::Terms(invalid)
                }
                error => error,
            })
        })?;
        let runner = Runner::new(py, workers, None, None)?;
        let mut owners = Owners::default();
        let data = utf8_of(path, encoding, &mut owners)?;
        let documents = if by_lines {
            Documents::new(vec![detach_interruptible(py, |keep_going| Chunk::from_lines_while(data, keep_going))?])
        } else {
            Documents::from_texts([Some(Text::Bytes(data))])
        };
        let borrowed = BorrowedDocuments::new(documents, owners);
        let totals = runner.run(py, |run| totals(&plan, borrowed.documents(), run))?;
        Ok(totals.counts[0])
    })
}

/// Whether a match of the term may cross the end of a line. If not, there is no need to find the lines: the whole
/// file is searched as one document.
fn may_cross_lines(term: &[u8], mode: MatchMode) -> bool {
    let mut rest = term;
    while !rest.is_empty() {
        let (c, len) = first_char(rest);
        match (mode, c) {
            (MatchMode::Substring, Some('\r' | '\n')) => return true,
            (MatchMode::Word | MatchMode::Adaptive | MatchMode::Token, Some(c)) if is_space(c) => return true,
            _ => rest = &rest[len..],
        }
    }
    false
}
