//! A batch: consecutive documents as one slice of transformed UTF-8, the input of engines.
//!
//! Documents that are stored this way are borrowed. Others are copied into the worker's buffer (decoded and
//! transformed), one batch at a time, so a column is never copied as a whole. An engine sees the same bytes for every
//! layout.

use std::ops::Range;

use bstr::ByteSlice;

use super::chunk::Chunk;
use super::texts::Texts;
use crate::core::base::memory;
use crate::core::base::simd::{Kernel, level};
use crate::core::text::encoding::{ByteOrder, Span, Text};
use crate::core::text::transform::Transform;
use crate::core::text::utf32::narrow;

/// Bytes of text in a batch. It fits the second-level cache together with the engine's tables. A longer document is a
/// batch of its own.
const BATCH_BYTES: usize = 64 << 10;
/// Documents in a batch, so that a million empty documents are still many batches.
const BATCH_DOCUMENTS: usize = 4096;

/// How many documents ahead to prefetch, if documents are scattered in memory.
const AHEAD: usize = 12;

/// Documents in order. A missing document is empty.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'b> {
    pub text: &'b [u8],
    /// The position of each document in the text.
    pub spans: &'b [Span],
}

impl<'b> Batch<'b> {
    /// Each document, and where it begins in the batch's text.
    pub fn documents(self) -> impl Iterator<Item = (&'b [u8], usize)> {
        self.spans.iter().map(move |span| (&self.text[span.start..span.end], span.start))
    }
}

/// A worker's buffer for batches that must be copied.
#[derive(Default)]
pub struct BatchBuffer {
    text: Vec<u8>,
    spans: Vec<Span>,
}

impl BatchBuffer {
    /// Returns the next batch of the texts in `range`, which must not be empty; its number of texts; and their bytes
    /// in memory.
    pub fn batch<'s>(
        &'s mut self,
        texts: &Texts<'s>,
        range: Range<usize>,
        transform: Transform,
    ) -> (Batch<'s>, usize, usize) {
        let (chunk, chunk_start) = texts.chunk_of(range.start);
        let start = range.start - chunk_start;
        let most = (range.end - chunk_start).min(chunk.len()) - start;
        let ucs4 = chunk.padded_ucs4();
        let memory = if ucs4.is_some() { 4 * BATCH_BYTES } else { BATCH_BYTES };
        let (end, bytes) = chunk.within(start, most.min(BATCH_DOCUMENTS), memory);
        if end <= start + 1 {
            return (self.one(chunk.text(start), transform), 1, chunk.size(start));
        }
        if let Some(order) = ucs4 {
            let narrowed = NarrowedBatch { buffer: self, chunk, range: start..end, order, transform };
            return (level().run(narrowed), end - start, bytes);
        }
        let batch = match chunk.contiguous(start..end, &mut self.spans) {
            Some(slice) if transform.is_identity() => Batch { text: slice, spans: &self.spans },
            Some(slice) => self.transformed(slice, transform),
            None => self.copied(chunk, start..end, transform),
        };
        (batch, end - start, bytes)
    }

    /// One text, or a section of one, as a batch.
    pub fn one<'s>(&'s mut self, text: Option<Text<'s>>, transform: Transform) -> Batch<'s> {
        self.text.clear();
        self.spans.clear();
        let bytes = match text {
            None => &[],
            Some(text) => match text.utf8() {
                Some(bytes) if transform.is_identity() => bytes,
                _ => {
                    append(transform, text, &mut self.text);
                    &self.text[..]
                }
            },
        };
        self.spans.push(Span { start: 0, end: bytes.len() });
        Batch { text: bytes, spans: &self.spans }
    }

    /// Transforms the documents of another batch.
    pub fn transform<'s>(&'s mut self, batch: Batch<'s>, transform: Transform) -> Batch<'s> {
        if transform.is_identity() {
            return batch;
        }
        self.spans.clear();
        self.spans.extend_from_slice(batch.spans);
        self.transformed(batch.text, transform)
    }

    /// Transforms contiguous documents, at `spans` of the slice. ASCII documents keep their lengths, so consecutive
    /// ones are transformed together.
    fn transformed(&mut self, slice: &[u8], transform: Transform) -> Batch<'_> {
        let Self { text, spans } = self;
        text.clear();
        let mut first = 0;
        while let Some(&Span { start, .. }) = spans.get(first) {
            let ascii = start + slice[start..].find_non_ascii_byte().unwrap_or(slice.len() - start);
            let after = first + spans[first..].partition_point(|span| span.end <= ascii);
            let made = text.len();
            if after > first {
                let end = spans[after - 1].end;
                transform.append(Text::Bytes(&slice[start..end]), text);
                // The text has this length already, unless another thread wrote to the slice and it is no longer
                // ASCII.
                text.resize(made + end - start, b' ');
                for span in &mut spans[first..after] {
                    *span = Span { start: span.start - start + made, end: span.end - start + made };
                }
            }
            if let Some(span) = spans.get_mut(after) {
                let made = text.len();
                transform.append(Text::Bytes(&slice[span.start..span.end]), text);
                *span = Span { start: made, end: text.len() };
            }
            first = after + 1;
        }
        Batch { text, spans }
    }

    fn copied(&mut self, chunk: &Chunk<'_>, range: Range<usize>, transform: Transform) -> Batch<'_> {
        self.text.clear();
        self.spans.clear();
        self.spans.reserve(range.len());
        let is_identity = transform.is_identity();
        for i in range {
            let start = self.text.len();
            chunk.prefetch(i + AHEAD);
            match chunk.text(i) {
                None => {}
                Some(Text::Str(bytes) | Text::Bytes(bytes)) if is_identity => self.text.extend_from_slice(bytes),
                Some(text) => transform.append(text, &mut self.text),
            }
            self.spans.push(Span { start, end: self.text.len() });
        }
        Batch { text: &self.text, spans: &self.spans }
    }
}

/// Appends a text of any length, step by step, so that memory can be reserved in advance.
fn append(transform: Transform, text: Text<'_>, out: &mut Vec<u8>) {
    const STEP: usize = 1 << 20;
    /// The most bytes that one byte of memory becomes. U+FDFA decomposes into 33 bytes and takes two bytes in UCS-2.
    const MOST: usize = 17;

    let len = text.memory().len();
    let mut start = 0;
    while start < len {
        let end = if len - start > STEP { text.char_start(start + STEP) } else { len };
        if len > STEP {
            memory::reserve(out, MOST * (end - start));
        }
        transform.append(text.slice(start, end), out);
        start = end;
    }
}

/// Documents with four bytes for each code point.
struct NarrowedBatch<'s, 'c> {
    buffer: &'s mut BatchBuffer,
    chunk: &'c Chunk<'c>,
    range: Range<usize>,
    order: ByteOrder,
    transform: Transform,
}

impl<'s> Kernel for NarrowedBatch<'s, '_> {
    type Output = Batch<'s>;

    #[inline(always)]
    fn run(self) -> Batch<'s> {
        let Self { buffer: BatchBuffer { text, spans }, chunk, range, order, transform } = self;
        spans.clear();
        // The buffer keeps its old content after `end`. Clearing it would mean to write everything twice.
        let mut end = 0;
        for i in range {
            let start = end;
            let cell = chunk.bytes(i);
            let room = start + cell.len() / 4;
            if text.len() < room {
                text.resize(room, 0);
            }
            if let Some(length) = narrow(cell, order, &mut text[start..]) {
                end += length;
                if transform.folding.case {
                    text[start..end].make_ascii_lowercase();
                }
            } else if let Some(document) = chunk.text(i) {
                text.truncate(start);
                transform.append(document, text);
                end = text.len();
            }
            spans.push(Span { start, end });
        }
        Batch { text: &text[..end], spans }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::documents::chunk::{Content, Integers, Layout, Missing, Width};
    use crate::core::documents::rows::Documents;
    use crate::core::text::unicode::Folding;

    fn batched(documents: &Documents<'_>, fold: bool) -> Vec<Vec<u8>> {
        let mut buffer = BatchBuffer::default();
        let mut all = Vec::new();
        let mut at = 0;
        while at < documents.texts().len() {
            let (batch, taken, _) = buffer.batch(
                documents.texts(),
                at..documents.texts().len(),
                Transform { folding: Folding { case: fold, punctuation: false }, ..Transform::default() },
            );
            assert_eq!(batch.spans.len(), taken);
            all.extend(batch.documents().map(|(text, start)| {
                assert_eq!(&batch.text[start..start + text.len()], text);
                text.to_vec()
            }));
            at += taken;
        }
        all
    }

    #[test]
    fn batches_contain_every_document_once() {
        let long = "x".repeat(BATCH_BYTES + 1);
        let texts: Vec<&str> =
            (0..10_000).map(|i| if i % 997 == 0 { &long } else { ["", "A", "bc dé"][i % 3] }).collect();
        let scattered = Documents::from_texts(texts.iter().map(|text| Some(Text::Str(text.as_bytes()))));
        let data = texts.concat();
        let offsets: Vec<u8> = std::iter::once(0)
            .chain(texts.iter().scan(0, |end, text| {
                Some({
                    *end += text.len();
                    *end as i64
                })
            }))
            .flat_map(i64::to_ne_bytes)
            .collect();
        let layout = Layout::Offsets {
            data: data.as_bytes(),
            offsets: Integers::new(&offsets[..], Width::I64),
            content: Content::Str,
        };
        let contiguous = Documents::new(vec![Chunk::new(layout, Missing::None, texts.len())]);
        for fold in [false, true] {
            let expected: Vec<Vec<u8>> = texts
                .iter()
                .map(|text| if fold { text.to_ascii_lowercase() } else { text.to_string() }.into_bytes())
                .collect();
            assert_eq!(batched(&scattered, fold), expected);
            assert_eq!(batched(&contiguous, fold), expected);
        }
    }

    #[test]
    fn documents_with_bad_offsets_are_read_separately() {
        let width = Width { bytes: 1, signed: false };
        let layout =
            Layout::Offsets { data: b"abc", offsets: Integers::new(&[0, 2, 1, 3], width), content: Content::Bytes };
        let documents = Documents::new(vec![Chunk::new(layout, Missing::None, 3)]);
        assert_eq!(batched(&documents, false), [&b"ab"[..], b"", b"bc"]);
    }
}
