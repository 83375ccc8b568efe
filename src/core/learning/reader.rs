//! Finds the words of documents, window by window.

use std::ops::Range;

use bstr::ByteSlice;

use super::intern::Numbers;
use super::rules::{Normalizer, TokenRules};
use crate::core::documents::batch::{Batch, BatchBuffer};
use crate::core::documents::texts::Texts;
use crate::core::engines::words::tokenizer::Tokens;
use crate::core::engines::words::window::WINDOW;
use crate::core::engines::words::window_end::WindowEnd;
use crate::core::text::char_map::CharMap;
use crate::core::text::encoding::Span;
use crate::core::text::transform::Transform;
use crate::core::text::unicode::{first_char, is_space};

/// Numbers the words of documents, and takes the numbers.
pub trait WordSink {
    /// Numbers the words of the next window, which are in order and do not overlap.
    fn number(&mut self, text: &[u8], starts: &[u32], ends: &[u32], numbers: &mut Numbers);

    /// Numbers a single word, which may be longer than 4 GB.
    fn number_long(&mut self, word: &[u8]) -> u32;

    /// The current document has these words. Those that are left out are marked.
    fn take(&mut self, words: &[u32]);

    /// There is punctuation between the words before and after this call. Only if the rules ask for it.
    fn clause_end(&mut self);

    /// The current document ends.
    fn end_document(&mut self);

    /// Whether to stop.
    fn is_cancelled(&self) -> bool;
}

/// The buffers of a worker.
#[derive(Default)]
pub struct WordReader {
    batch: BatchBuffer,
    mapped: MappedBatch,
    tokens: Tokens,
    /// Of the words of a window.
    numbers: Numbers,
}

/// Documents as a table has changed them.
#[derive(Default)]
struct MappedBatch {
    text: Vec<u8>,
    spans: Vec<Span>,
}

impl MappedBatch {
    /// Consecutive documents of ASCII are mapped together.
    fn map<'s>(&'s mut self, map: &CharMap, Batch { text, spans }: Batch<'_>) -> Batch<'s> {
        self.text.clear();
        self.spans.clear();
        let mut first = 0;
        while let Some(&Span { start, .. }) = spans.get(first) {
            let rest = &text[start..];
            let ascii = start + rest.find_non_ascii_byte().unwrap_or(rest.len());
            let after = first + spans[first..].partition_point(|span| span.end <= ascii);
            let made = self.text.len();
            if after > first {
                map.append_ascii(&text[start..spans[after - 1].end], &mut self.text);
                let moved = spans[first..after].iter().map(|span| [span.start, span.end].map(|at| at - start + made));
                self.spans.extend(moved.map(|[start, end]| Span { start, end }));
            }
            if let Some(span) = spans.get(after) {
                let start = self.text.len();
                map.append(&text[span.start..span.end], &mut self.text);
                self.spans.push(Span { start, end: self.text.len() });
            }
            first = after + 1;
        }
        Batch { text: &self.text, spans: &self.spans }
    }
}

impl WordReader {
    /// Reads the documents of a range. Returns their bytes in memory.
    pub fn read(
        &mut self,
        rules: &TokenRules,
        texts: &Texts<'_>,
        range: Range<usize>,
        sink: &mut impl WordSink,
    ) -> usize {
        let Self { batch: buffer, mapped, tokens, numbers } = self;
        let (mut at, mut size) = (range.start, 0);
        while at < range.end && !sink.is_cancelled() {
            let transform = match rules.normalizer {
                Normalizer::Transform(transform) => transform,
                Normalizer::Map(_) => Transform::default(),
            };
            let (batch, taken, bytes) = buffer.batch(texts, at..range.end, transform);
            let batch = match &rules.normalizer {
                Normalizer::Transform(_) => batch,
                Normalizer::Map(map) => mapped.map(map, batch),
            };
            read_batch(rules, batch, tokens, numbers, sink);
            (at, size) = (at + taken, size + bytes);
        }
        size
    }
}

/// Reads the documents of a batch.
fn read_batch(
    rules: &TokenRules,
    Batch { text, spans }: Batch<'_>,
    tokens: &mut Tokens,
    numbers: &mut Numbers,
    sink: &mut impl WordSink,
) {
    let (mut document, mut start) = (0, 0);
    let mut clause = Clause::default();
    while start < text.len() {
        while spans.get(document).is_some_and(|span| span.end <= start) {
            end_document(&mut document, &mut clause, sink);
        }
        let overlapping = spans[document..].iter().take_while(|span| span.start < start + WINDOW).count();
        let overlapping = &spans[document..document + overlapping];
        let WindowEnd { tokens: count, mut end, is_long } =
            rules.tokenizer.window_end(text, start, WINDOW, overlapping, tokens);
        let (mut starts, mut ends) = (&tokens.starts()[..count], &tokens.ends()[..count]);
        if is_long {
            let document = &text[..overlapping.last().map_or(0, |last| last.end)];
            end = rules.tokenizer.word_end(document, end, WINDOW, tokens, &|| sink.is_cancelled());
            numbers.set(sink.number_long(&text[start..end]));
            // Only the start of the word matters below, and that its end is not before the window's.
            (starts, ends) = (&[0], &[u32::MAX]);
        } else {
            sink.number(&text[start..end], starts, ends, numbers);
        }
        let mut word = 0;
        while let Some(span) = spans.get(document) {
            let within = count_before(&starts[word..], span.end - start);
            let words = word..word + within;
            word += within;
            if rules.across_punctuation {
                sink.take(&numbers.list[words]);
            } else {
                for one in words {
                    let bounds = (start + starts[one] as usize, end.min(start.saturating_add(ends[one] as usize)));
                    if clause.ends(text, bounds) {
                        sink.clause_end();
                    }
                    sink.take(&numbers.list[one..=one]);
                }
            }
            if span.end > end {
                break;
            }
            end_document(&mut document, &mut clause, sink);
        }
        if sink.is_cancelled() {
            return;
        }
        start = end;
    }
    while document < spans.len() {
        end_document(&mut document, &mut clause, sink);
    }
}

/// Counts the positions before a limit, sixteen at a time. The positions are sorted.
fn count_before(positions: &[u32], limit: usize) -> usize {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let mut before = 0;
    for some in positions.chunks(16) {
        let count = some.iter().map(|&position| u32::from(position < limit)).sum::<u32>() as usize;
        before += count;
        if count < some.len() {
            break;
        }
    }
    before
}

fn end_document(document: &mut usize, clause: &mut Clause, sink: &mut impl WordSink) {
    *document += 1;
    clause.word_end = None;
    sink.end_document();
}

/// The clause that the reader is in.
#[derive(Default)]
struct Clause {
    /// Where the last word of the document ends.
    word_end: Option<usize>,
}

impl Clause {
    /// Whether there is more than whitespace before the next word.
    fn ends(&mut self, text: &[u8], (start, end): (usize, usize)) -> bool {
        let before = self.word_end.replace(end);
        before.is_some_and(|before| {
            let mut gap = text.get(before..start).unwrap_or(&[]);
            while !gap.is_empty() {
                let (c, len) = first_char(gap);
                if !c.is_some_and(is_space) {
                    return true;
                }
                gap = &gap[len..];
            }
            false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::documents::rows::Documents;
    use crate::core::learning::rules::NgramRange;
    use crate::core::text::boundaries::WordChars;
    use crate::core::text::encoding::Text;

    #[derive(Default)]
    struct Recorder {
        found: Vec<String>,
        documents: Vec<Vec<String>>,
        words: Vec<String>,
    }

    impl WordSink for Recorder {
        fn number(&mut self, text: &[u8], starts: &[u32], ends: &[u32], numbers: &mut Numbers) {
            numbers.list.clear();
            for (&start, &end) in starts.iter().zip(ends) {
                let number = self.number_long(&text[start as usize..end as usize]);
                numbers.list.push(number);
            }
        }

        fn number_long(&mut self, word: &[u8]) -> u32 {
            self.found.push(String::from_utf8(word.to_vec()).unwrap());
            self.found.len() as u32 - 1
        }

        fn take(&mut self, words: &[u32]) {
            self.words.extend(words.iter().map(|&word| self.found[word as usize].clone()));
        }

        fn clause_end(&mut self) {
            self.words.push("|".into());
        }

        fn end_document(&mut self) {
            self.documents.push(std::mem::take(&mut self.words));
        }

        fn is_cancelled(&self) -> bool {
            false
        }
    }

    fn words(documents: &[String], across_punctuation: bool) -> Vec<Vec<String>> {
        let transform = Transform::default();
        let chars = WordChars::default();
        let rules = TokenRules::of_words(transform, chars, across_punctuation, NgramRange::WORDS, &[]);
        let documents = Documents::from_texts(documents.iter().map(|document| Some(Text::Str(document.as_bytes()))));
        let mut recorder = Recorder::default();
        WordReader::default().read(&rules, documents.texts(), 0..documents.len(), &mut recorder);
        recorder.documents
    }

    #[test]
    fn windows_do_not_matter() {
        let pattern = regex::Regex::new(r"\w+").unwrap();
        let mut documents = Vec::new();
        for length in [0, 1, 3, WINDOW - 2, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW] {
            documents.push("x".repeat(length));
            documents.push(format!("{} é日 {} ", "ab ".repeat(length / 3), "Ж".repeat(length / 2)));
            documents.push(" ,".repeat(length / 2));
        }
        let expected: Vec<Vec<&str>> = documents
            .iter()
            .map(|document| pattern.find_iter(document).map(|word| word.as_str()).collect())
            .collect();
        assert_eq!(words(&documents, true), expected);
    }

    #[test]
    fn clauses_end_at_punctuation() {
        let documents = ["one  two, three\u{3000}four. - five", "six-seven", "", ", eight"].map(String::from);
        let expected: [&[&str]; 4] =
            [&["one", "two", "|", "three", "four", "|", "five"], &["six", "|", "seven"], &[], &["eight"]];
        assert_eq!(words(&documents, false), expected);
    }
}
