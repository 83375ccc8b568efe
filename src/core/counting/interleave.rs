//! Searches one text with several engines, of one pattern each, whose matches must be merged.
//!
//! Short documents are searched by one engine after another. In a long document all engines advance together, slice
//! by slice, so no more matches are pending than one slice contains.

use crate::core::documents::batch::Batch;
use crate::core::engines::{AnyEngine, Engine, MatchCallback, Scratch};
use crate::core::text::encoding::Span;

/// Searches batches with several engines.
#[derive(Default)]
pub struct Interleaver {
    spans: Vec<Span>,
}

impl Interleaver {
    /// Reports the matches of all engines in a batch, document by document. Within a document only the matches of one
    /// pattern are in order.
    pub fn scan(
        &mut self,
        engines: &[AnyEngine],
        batch: Batch<'_>,
        slice: usize,
        scratch: &mut Scratch,
        callback: &mut impl MatchCallback,
    ) {
        let slice = (slice / engines.len().max(1)).max(1);
        let mut rest = batch.spans;
        while let Some(&Span { start, end }) = rest.first()
            && !callback.cancelled()
        {
            let short = rest.iter().take_while(|span| span.end - start <= slice).count();
            if short == 0 {
                rest = &rest[1..];
                side_by_side(engines, &batch.text[start..end], slice, start, callback);
                continue;
            }
            let (documents, others) = rest.split_at(short);
            rest = others;
            self.spans.clear();
            self.spans.extend(documents.iter().map(|span| Span { start: span.start - start, end: span.end - start }));
            let text = &batch.text[start..documents[short - 1].end];
            for engine in engines {
                let part = Batch { text, spans: &self.spans };
                engine.scan(part, scratch, &mut PartCallback { base: start, callback });
            }
            if !callback.cancelled() {
                documents.iter().for_each(|_| callback.end_document());
            }
        }
    }
}

/// Searches one document with all engines, slice by slice. `base` is the document's start in the batch.
fn side_by_side(engines: &[AnyEngine], text: &[u8], slice: usize, base: usize, callback: &mut impl MatchCallback) {
    let mut searches: Vec<_> = engines
        .iter()
        .map(|engine| {
            let mut search = engine.search(text);
            let next = search.next(&|| callback.cancelled());
            (search, next)
        })
        .collect();
    for end in (0..text.len()).step_by(slice).map(|start| start + slice) {
        for (search, next) in &mut searches {
            while let Some((from, to)) = next.take_if(|(from, _)| *from < end) {
                callback.on_match(search.pattern(), base + from, base + to);
                *next = search.next(&|| callback.cancelled());
            }
        }
        if callback.cancelled() {
            return;
        }
        callback.passed(base + end.min(text.len()));
    }
    callback.end_document();
}

/// The callback for one engine's search of some documents. It does not forward ends of documents: they follow when
/// all engines are done.
struct PartCallback<'s, S> {
    base: usize,
    callback: &'s mut S,
}

impl<S: MatchCallback> MatchCallback for PartCallback<'_, S> {
    #[inline]
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        self.callback.on_match(pattern, self.base + start, self.base + end);
    }

    fn on_matches(&mut self, pattern: u32, count: u64) {
        self.callback.on_matches(pattern, count);
    }

    fn end_document(&mut self) {}

    fn cancelled(&self) -> bool {
        self.callback.cancelled()
    }
}
