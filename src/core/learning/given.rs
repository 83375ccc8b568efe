//! Documents whose terms are given, instead of their texts.

use std::sync::atomic::AtomicBool;

use crate::core::base::cancel::{check, checked};
use crate::core::base::error::CountError;
use crate::core::documents::rows::Documents;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;
use crate::core::text::transform::Transform;

/// Takes the terms of documents.
pub trait TermSink {
    /// The current document has this term.
    fn term(&mut self, term: &[u8]);

    /// The current document ends. Work on a long document checks for cancellation.
    fn end_document(&mut self, cancel: &AtomicBool);
}

/// Fewer terms than this are read on the calling thread.
const INLINE_TERMS: usize = 64 << 10;

/// Reads given terms: those of document `i` are `terms[ends[i - 1]..ends[i]]`.
pub fn read_given<S: TermSink + Send>(
    terms: &Documents<'_>,
    ends: &[i64],
    run: RunOptions<'_>,
    sink: &mut S,
) -> Result<(), CountError> {
    let mut ends = ends.iter().copied().peekable();
    let mut end_documents = |sink: &mut S, term: usize, cancel: &AtomicBool| {
        while ends.next_if(|&end| end <= term as i64).is_some() {
            check(cancel);
            sink.end_document(cancel);
        }
    };
    let expanded = terms.rows().map(|_| Documents::from_texts(terms.iter()));
    let is_small = terms.len() < INLINE_TERMS;
    load_blocks(expanded.as_ref().unwrap_or(terms), run, |start, part, run| {
        WorkerTeam::one(run, is_small, |cancel| {
            let mut spelled = Vec::new();
            for i in checked(0..part.len(), cancel) {
                end_documents(sink, start + i, cancel);
                spelled.clear();
                if let Some(text) = part.texts().get(i) {
                    Transform::default().append(text, &mut spelled);
                }
                sink.term(&spelled);
            }
        })
    })?;
    WorkerTeam::one(run, is_small, |cancel| end_documents(sink, terms.len(), cancel))
}
