//! The reference for tests: the crate's own engines, with repeated leftmost searches, and groups for the context.

use regex_automata::{Anchored, Input, meta};
use regex_syntax::hir::Hir;

use super::compile::parse;
use super::context::within_context;
use crate::core::text::boundaries::{Boundaries, MatchMode};

pub struct ReferenceSearch {
    boundaries: Boundaries,
    at_start: meta::Regex,
    within: Option<meta::Regex>,
}

impl ReferenceSearch {
    pub fn new(boundaries: &Boundaries, text: &str) -> Self {
        let (at_start, within) = within_context(boundaries, parse(text.as_bytes(), false).unwrap());
        let config = meta::Config::new().utf8_empty(false);
        let compile = |hir: Hir| meta::Builder::new().configure(config.clone()).build_from_hir(&hir).unwrap();
        Self { boundaries: boundaries.clone(), at_start: compile(at_start), within: within.map(compile) }
    }

    pub fn matches(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let mut from = 0;
        std::iter::from_fn(|| {
            let found = self.next(text, from);
            from = found.map_or(from, |found| found.1);
            found
        })
        .collect()
    }

    fn next(&self, text: &[u8], mut from: usize) -> Option<(usize, usize)> {
        let Some(within) = &self.within else { return group(&self.at_start, text, from, Anchored::No) };
        let valid_from =
            |from| from + std::str::from_utf8(&text[from..]).map_or_else(|error| error.valid_up_to(), str::len);
        let is_word = self.boundaries.mode == MatchMode::Word;
        let mut valid = if is_word { valid_from(from) } else { text.len() };
        if !self.boundaries.word_ends_at(text, from)
            && let Some(found) = group(&self.at_start, text, from, Anchored::Yes)
        {
            return Some(found);
        }
        loop {
            let found = group(within, text, from, Anchored::No);
            if let Some(found) = found.filter(|found| found.0 <= valid) {
                return Some(found);
            }
            if valid == text.len() {
                return None;
            }
            from = valid + 1;
            valid = valid_from(from);
            if let Some(found) = group(&self.at_start, text, from, Anchored::Yes) {
                return Some(found);
            }
        }
    }
}

fn group(regex: &meta::Regex, text: &[u8], from: usize, anchored: Anchored) -> Option<(usize, usize)> {
    let mut captures = regex.create_captures();
    regex.search_captures(&Input::new(text).range(from..).anchored(anchored), &mut captures);
    captures.get_group(1).map(|group| (group.start, group.end))
}
