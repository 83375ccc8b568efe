//! The naive engine.
//!
//! - **What it does:** tries every pattern at every position, character by character, with backtracking for wildcards.
//! - **Name and source:** naive search; shares no search code with the other engines.
//! - **Chosen for:** tests and fuzzing only: the other engines are compared with it.
//! - **Cost:** text times patterns, more with wildcards.

use super::engine::{Engine, MatchCallback};
use crate::core::documents::batch::Batch;
use crate::core::terms::glob::{self, GlobItem};
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::{Boundaries, MatchMode};
use crate::core::text::unicode::{first_char, first_symbol, is_space};

/// What a pattern must match next.
enum Wanted {
    Byte(u8),
    /// All whitespace at the position, at least one character.
    Space,
    /// As many word characters as possible, between `least` and `most`.
    WordChars {
        least: usize,
        most: usize,
    },
}

pub struct Naive {
    boundaries: Boundaries,
    patterns: Vec<(u32, Vec<Wanted>)>,
}

impl Naive {
    pub fn new<'f>(boundaries: Boundaries, patterns: impl Iterator<Item = (u32, Pattern<'f>)>) -> Self {
        let want = |item| match item {
            GlobItem::Byte(b' ') if boundaries.mode != MatchMode::Substring => Wanted::Space,
            GlobItem::Byte(byte) => Wanted::Byte(byte),
            GlobItem::One => Wanted::WordChars { least: 1, most: 1 },
            GlobItem::Star { least } => Wanted::WordChars { least, most: usize::MAX },
        };
        let wants = |pattern| -> Vec<Wanted> {
            match pattern {
                Pattern::Literal(text) => text.iter().map(|&byte| want(GlobItem::Byte(byte))).collect(),
                Pattern::Glob(text) => glob::items(text).into_iter().map(want).collect(),
                Pattern::Regex(_) => panic!("regular expressions have no naive engine"),
            }
        };
        Self { patterns: patterns.map(|(id, pattern)| (id, wants(pattern))).collect(), boundaries }
    }

    fn scan_document(&self, text: &[u8], start: usize, callback: &mut impl MatchCallback) {
        let char_starts = starts(text, first_char);
        // In word mode, a lone surrogate is three characters.
        let symbols =
            if self.boundaries.mode == MatchMode::Word { char_starts.clone() } else { starts(text, first_symbol) };
        let anywhere = self.boundaries.mode == MatchMode::Substring;
        for first in (0..text.len()).filter(|&at| anywhere || char_starts[at]) {
            for (id, wants) in &self.patterns {
                let wildcards =
                    [wants.first(), wants.last()].map(|want| matches!(want, Some(Wanted::WordChars { .. })));
                let allows = |end: usize| self.boundaries.allows_glob(text, first, end, wildcards);
                let accepts = |end: usize| (anywhere || char_starts[end]) && allows(end);
                if let Some(end) = self.match_at(text, first, wants, &symbols, &accepts) {
                    callback.on_match(*id, start + first, start + end);
                }
            }
        }
    }

    /// The end of the first accepted match from `at`, trying greedy choices first.
    fn match_at(
        &self,
        text: &[u8],
        at: usize,
        wants: &[Wanted],
        symbols: &[bool],
        accepts: &impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let Some((want, rest)) = wants.split_first() else { return accepts(at).then_some(at) };
        match *want {
            Wanted::Byte(byte) if text.get(at) == Some(&byte) => self.match_at(text, at + 1, rest, symbols, accepts),
            Wanted::Byte(_) => None,
            Wanted::Space => {
                let ends = ends(text, at, |c| c.is_some_and(is_space));
                self.match_at(text, *ends.last()?, rest, symbols, accepts)
            }
            Wanted::WordChars { .. } if !symbols[at] => None,
            Wanted::WordChars { least, most } => {
                let mut choices = ends(text, at, |c| self.boundaries.is_word_char(c));
                choices.truncate(most);
                if least == 0 {
                    choices.insert(0, at);
                }
                choices.iter().rev().find_map(|&end| self.match_at(text, end, rest, symbols, accepts))
            }
        }
    }
}

/// Whether a character begins at each position. The end counts as one.
fn starts(text: &[u8], first: fn(&[u8]) -> (Option<char>, usize)) -> Vec<bool> {
    let mut starts = vec![false; text.len()];
    let mut at = 0;
    while at < text.len() {
        starts[at] = true;
        at += first(&text[at..]).1;
    }
    starts.push(true);
    starts
}

/// The ends of one, two, three ... characters of a kind, from `at` on.
fn ends(text: &[u8], mut at: usize, is_kind: impl Fn(Option<char>) -> bool) -> Vec<usize> {
    let mut ends = Vec::new();
    while at < text.len() {
        let (c, len) = first_symbol(&text[at..]);
        if !is_kind(c) {
            break;
        }
        at += len;
        ends.push(at);
    }
    ends
}

impl Engine for Naive {
    type Scratch = ();

    fn scan(&self, batch: Batch<'_>, _: &mut (), callback: &mut impl MatchCallback) {
        for (text, start) in batch.documents() {
            self.scan_document(text, start, callback);
            if callback.cancelled() {
                return;
            }
            callback.end_document();
        }
    }

    fn split_context(&self) -> usize {
        0
    }

    /// The reference never splits a document.
    fn split_point(&self, _: &[u8], _: usize) -> Option<usize> {
        None
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        true
    }
}
