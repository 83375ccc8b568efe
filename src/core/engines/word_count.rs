//! The word count engine.
//!
//! - **What it does:** counts the words of each document: maximal sequences of word characters. It has one pattern,
//!   any word, with the number 0.
//! - **Name and source:** population count of a bitmap of word starts, as simdjson counts strings (Langdale and Lemire
//!   2019).
//! - **Chosen for:** [`Plan::words`](crate::core::plan::Plan::words).
//! - **Cost:** one pass of the tokenizer's masks, without positions.

use super::engine::{CANCEL_BYTES, Engine, MatchCallback};
use super::words::punctuation::Punctuation;
use super::words::tokenizer::{Tokenizer, Tokens};
use crate::core::documents::batch::Batch;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::{Span, is_continuation};

/// The length of a window, in bytes. Its masks stay in the first-level cache.
const WINDOW: usize = 16 << 10;

/// Bytes of the longest character.
const CHARACTER: usize = 4;

/// Counts words.
pub struct WordCount {
    tokenizer: Tokenizer,
}

impl WordCount {
    pub fn new(boundaries: Boundaries) -> Self {
        let punctuation = Punctuation::none(&boundaries);
        Self { tokenizer: Tokenizer::new(boundaries, punctuation) }
    }

    /// Whether a word continues across a position in a document.
    fn is_in_word(&self, document: &[u8], at: usize) -> bool {
        let boundaries = self.tokenizer.boundaries();
        boundaries.word_ends_at(document, at) && boundaries.word_begins_at(document, at)
    }
}

impl Engine for WordCount {
    type Scratch = Tokens;

    fn scan(&self, Batch { text, spans }: Batch<'_>, tokens: &mut Tokens, callback: &mut impl MatchCallback) {
        let (mut start, mut document, mut unchecked) = (0, 0, 0);
        // The words of the current document in earlier windows.
        let mut words = 0;
        while start < text.len() {
            let end = window_end(text, start);
            let in_window = |span: &Span| Span {
                start: span.start.max(start) - start,
                end: span.end.min(end).max(start) - start,
            };
            let rest = &spans[document..];
            let overlapping = &rest[..rest.iter().take_while(|span| span.start < end).count()];
            let starts = self.tokenizer.mark_words(&text[start..end], overlapping.iter().map(in_window), tokens);
            let continued = overlapping.first().filter(|span| span.start < start && start < span.end);
            if continued.is_some_and(|span| self.is_in_word(&text[span.start..span.end], start - span.start)) {
                starts[0] &= !1;
            }
            for span in overlapping {
                words += ones(starts, in_window(span));
                if span.end > end {
                    break;
                }
                end_document(std::mem::take(&mut words), callback);
                document += 1;
            }
            unchecked += end - start;
            if unchecked >= CANCEL_BYTES && callback.cancelled() {
                return;
            }
            unchecked %= CANCEL_BYTES;
            start = end;
        }
        for _ in document..spans.len() {
            end_document(std::mem::take(&mut words), callback);
        }
    }

    fn split_context(&self) -> usize {
        CHARACTER
    }

    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        let mut starts = (from..window.len().saturating_sub(CHARACTER)).filter(|&at| is_char_start(window, at));
        starts.find(|&at| !self.tokenizer.boundaries().word_ends_at(window, at))
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        false
    }
}

fn end_document(words: u64, callback: &mut impl MatchCallback) {
    if words > 0 {
        callback.on_matches(0, words);
    }
    callback.end_document();
}

/// The end of a window: where a character begins, if the text is valid UTF-8.
fn window_end(text: &[u8], start: usize) -> usize {
    let end = text.len().min(start + WINDOW);
    (end.saturating_sub(CHARACTER - 1)..=end).rev().find(|&at| is_char_start(text, at)).unwrap_or(end)
}

/// Whether a character may begin at `at`, or the text ends there.
fn is_char_start(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|&byte| !is_continuation(byte))
}

/// The number of ones in a range of bits.
fn ones(bits: &[u64], Span { start, end }: Span) -> u64 {
    if start >= end {
        return 0;
    }
    let (first, last) = (start / 64, (end - 1) / 64);
    let (from, until) = (!0 << (start % 64), !0 >> (63 - (end - 1) % 64));
    if first == last {
        return (bits[first] & from & until).count_ones().into();
    }
    let whole: u64 = bits[first + 1..last].iter().map(|word| u64::from(word.count_ones())).sum();
    whole + u64::from((bits[first] & from).count_ones()) + u64::from((bits[last] & until).count_ones())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::text::boundaries::{MatchMode, WordChars};
    use crate::core::text::unicode::first_char;

    #[derive(Default)]
    struct Counts {
        done: Vec<u64>,
        open: u64,
    }

    impl MatchCallback for Counts {
        fn on_match(&mut self, _: u32, _: usize, _: usize) {
            unreachable!("words have no positions here");
        }

        fn on_matches(&mut self, pattern: u32, count: u64) {
            assert_eq!(pattern, 0);
            self.open += count;
        }

        fn end_document(&mut self) {
            self.done.push(std::mem::take(&mut self.open));
        }

        fn cancelled(&self) -> bool {
            false
        }
    }

    fn counter(chars: &str) -> WordCount {
        WordCount::new(Boundaries::new(MatchMode::Word, WordChars::new(chars).unwrap()))
    }

    fn counts(engine: &WordCount, text: &[u8], spans: &[Span]) -> Vec<u64> {
        let mut counts = Counts::default();
        engine.scan(Batch { text, spans }, &mut Tokens::default(), &mut counts);
        counts.done
    }

    /// By the definition, character by character.
    fn slowly(engine: &WordCount, mut text: &[u8]) -> u64 {
        let (mut words, mut inside) = (0, false);
        while !text.is_empty() {
            let (c, len) = first_char(text);
            let is_word = engine.tokenizer.boundaries().is_word_char(c);
            words += u64::from(is_word && !inside);
            inside = is_word;
            text = &text[len..];
        }
        words
    }

    const SAMPLES: [&[u8]; 16] = [
        b"word",
        b" ",
        b"-",
        b"don't",
        b". ",
        "\u{e9}t\u{e9}".as_bytes(),
        "\u{65e5}\u{672c}".as_bytes(),
        b"\xFF",
        b"\x80",
        "\u{1f600}".as_bytes(),
        "\u{20000}".as_bytes(),
        "\u{300}".as_bytes(),
        b"\xE6\x97",
        b"a",
        b"\n",
        b"                ",
    ];

    #[test]
    fn words_by_the_definition() {
        let mut state = 7u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below
        };
        for chars in ["", "-'", "\u{1f600}"] {
            let engine = counter(chars);
            for _ in 0..400 {
                let (mut text, mut spans) = (Vec::new(), Vec::new());
                let samples = [30, 300, 9000][random(3)];
                for _ in 0..random(12) {
                    let start = text.len();
                    (0..random(samples)).for_each(|_| text.extend(SAMPLES[random(SAMPLES.len())]));
                    spans.push(Span { start, end: text.len() });
                    (0..random(3)).for_each(|_| text.push(b'x'));
                }
                let expected: Vec<_> =
                    spans.iter().map(|span| slowly(&engine, &text[span.start..span.end])).collect();
                assert_eq!(counts(&engine, &text, &spans), expected, "{chars:?} {spans:?}");
            }
        }
    }

    #[test]
    fn words_longer_than_a_window() {
        let text = [&b"x".repeat(3 * WINDOW + 5)[..], " ".as_bytes(), &"\u{e9}".repeat(WINDOW).into_bytes()].concat();
        for start in 0..3 {
            let text = &text[start..];
            let all = [Span { start: 0, end: text.len() }];
            assert_eq!(counts(&counter(""), text, &all), [2], "{start}");
        }
    }

    #[test]
    fn a_split_is_between_words() {
        let engine = counter("");
        let text = "aa bb, \u{e9}\u{e9} cc      ".as_bytes();
        for from in 0..text.len() {
            let Some(at) = engine.split_point(text, from) else { continue };
            assert!(at >= from);
            let [whole, head, tail] = [text, &text[..at], &text[at..]].map(|text| slowly(&engine, text));
            assert_eq!(whole, head + tail, "{from} {at}");
        }
        assert_eq!(engine.split_point(text, 1), Some(3));
        assert_eq!(engine.split_point(b"aaaaaaaaaa", 2), None);
    }
}
