//! `search`: one term in one file, the word-count job.

use pyo3::prelude::*;

use super::buffer::{Held, Keeper};
use super::guard::guarded;
use super::input::lines::text_of;
use super::input::terms::terms;
use super::plan::{flag, mode};
use super::run::{Runner, watched};
use crate::core::base::error::TermLocation;
use crate::core::documents::chunk::Chunk;
use crate::core::text::unicode::{first_char, is_space};
use crate::core::{CountError, Documents, MatchMode, Options, Plan, Text, totals};

/// Occurrences of one term in the lines of a file.
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
        let options =
            Options { mode: mode(r#match)?, ignore_case: flag("ignore_case", ignore_case)?, ..Options::default() };
        let terms = terms(term)?;
        let by_lines = may_cross_lines(terms.get(0).0, options.mode);
        let plan = watched(py, |keep_going| {
            Plan::new_cancellable(terms, options, keep_going).map_err(|error| match error {
                CountError::Term { error, .. } => CountError::Term { location: TermLocation::SINGLE, error },
                error => error,
            })
        })?;
        let runner = Runner::new(py, workers, None, None)?;
        let mut keeper = Keeper::default();
        let data = text_of(path, encoding, &mut keeper)?;
        let documents = if by_lines {
            Documents::new(vec![watched(py, |keep_going| Chunk::from_lines_while(data, keep_going))?])
        } else {
            Documents::from_texts([Some(Text::Bytes(data))])
        };
        let held = Held::new(documents, keeper);
        let totals = runner.run(py, |run| totals(&plan, held.documents(), run))?;
        Ok(totals.counts[0])
    })
}

/// Whether a term could stand across the end of a line. If not, the lines need not be found: the whole file is searched
/// as one document.
fn may_cross_lines(term: &[u8], mode: MatchMode) -> bool {
    let mut rest = term;
    while !rest.is_empty() {
        let (c, len) = first_char(rest);
        match (mode, c) {
            (MatchMode::Substring, Some('\r' | '\n')) => return true,
            (MatchMode::Word | MatchMode::Token, Some(c)) if is_space(c) => return true,
            _ => rest = &rest[len..],
        }
    }
    false
}
