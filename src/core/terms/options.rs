//! How terms are written and matched, and which occurrences count.

use super::list::Terms;
use crate::core::base::error::CountError;
use crate::core::text::boundaries::{Boundaries, MatchMode, WordChars};
use crate::core::text::transform::{NEVER_IN_UTF8, Transform};

/// How terms are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// As they are looked for.
    #[default]
    Literal,
    /// With wildcards: see [`glob`](super::glob).
    Glob,
    /// As regular expressions: see `engines/regex`.
    Regex,
}

/// Which occurrences count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// Of each term as if it were alone: left to right, not overlapping itself.
    #[default]
    PerTerm,
    /// All of them.
    All,
    /// Of all terms together: leftmost, then longest, not overlapping.
    Longest,
}

/// How terms are matched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    pub mode: MatchMode,
    /// Compare under Unicode simple case folding.
    pub ignore_case: bool,
    /// Compare without accents.
    pub strip_accents: bool,
    pub word_chars: WordChars,
    pub syntax: Syntax,
    pub overlap: Overlap,
}

impl Options {
    /// What is done to the terms and to documents. Regular expressions fold by themselves: they may say `(?-i)`.
    pub fn transform(&self, terms: &Terms) -> Transform {
        let separator = || NEVER_IN_UTF8.into_iter().find(|&byte| !terms.have(byte)).unwrap_or(NEVER_IN_UTF8[0]);
        match self.syntax {
            Syntax::Regex => Transform::default(),
            _ => Transform {
                strip_accents: self.strip_accents,
                fold: self.ignore_case,
                separator: if self.strip_accents { separator() } else { 0 },
            },
        }
    }

    pub fn boundaries(&self) -> Boundaries {
        Boundaries { mode: self.mode, word_chars: self.word_chars.clone() }
    }

    /// Refuses what makes no sense together.
    pub fn check(&self) -> Result<(), CountError> {
        let is_regex = self.syntax == Syntax::Regex;
        let reason = if is_regex && self.strip_accents {
            "strip_accents=True does not go with syntax=\"regex\": it would have to change what the expressions mean"
        } else if is_regex && self.overlap == Overlap::All {
            "overlap=\"all\" does not go with syntax=\"regex\": a search finds matches that do not overlap"
        } else if is_regex && self.overlap == Overlap::Longest {
            "overlap=\"longest\" does not go with syntax=\"regex\": which match is found depends on how the expression is \
             written, not on its length"
        } else if !self.word_chars.is_empty() && self.mode == MatchMode::Token {
            "word_chars does not go with match=\"token\", which asks for white space around a term; expected match=\"word\""
        } else if !self.word_chars.is_empty() && self.mode == MatchMode::Substring {
            "word_chars does not go with match=\"substring\", which asks for nothing around a term; expected match=\"word\""
        } else {
            return Ok(());
        };
        Err(CountError::Options { reason })
    }
}
