//! Documents whose terms are given, instead of their texts.

use crate::core::base::error::CountError;
use crate::core::documents::rows::Documents;
use crate::core::schedule::run_options::{CancelTimer, RunOptions};
use crate::core::text::transform::Transform;

/// Takes the terms of documents.
pub trait TermSink {
    /// The current document has this term.
    fn term(&mut self, term: &[u8]);

    /// The current document ends.
    fn end_document(&mut self);
}

/// Terms between two checks for cancellation.
const CHECK_EVERY: usize = 1024;

/// Reads given terms: those of document `i` are `terms[ends[i - 1]..ends[i]]`.
pub fn read_given(
    terms: &Documents<'_>,
    ends: &[i64],
    run: RunOptions<'_>,
    sink: &mut impl TermSink,
) -> Result<(), CountError> {
    let timer = CancelTimer::new(run.on_progress);
    let (mut spelled, mut checked) = (Vec::new(), Ok(()));
    let mut ends = ends.iter().copied().peekable();
    let mut end_documents = |sink: &mut _, term: usize| {
        while ends.next_if(|&end| end <= term as i64).is_some() {
            TermSink::end_document(sink);
        }
    };
    terms.for_each_text(|i, text| {
        end_documents(sink, i);
        spelled.clear();
        if let Some(text) = text {
            Transform::default().append(text, &mut spelled);
        }
        sink.term(&spelled);
        if i % CHECK_EVERY == 0 {
            checked = timer.check();
        }
        checked.is_ok()
    })?;
    checked?;
    end_documents(sink, terms.len());
    Ok(())
}
