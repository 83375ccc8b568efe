//! Options: how terms are written and matched, and which matches count.

use super::list::Terms;
use crate::core::base::error::{ChosenOption, CountError};
use crate::core::text::boundaries::{Boundaries, MatchMode, WordChars};
use crate::core::text::transform::{NEVER_IN_UTF8, Transform};
use crate::core::text::unicode::Folding;

/// How terms are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// Plain text.
    #[default]
    Literal,
    /// Globs: `*` matches any number of word characters, `?` matches one, and a backslash escapes the next character.
    Glob,
    /// Regular expressions of the crate `regex`. [`Options::mode`] decides where matches may begin and end.
    Regex,
}

/// Which matches count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// For each term independently: from left to right, without overlaps of the same term.
    #[default]
    PerTerm,
    /// All matches.
    All,
    /// For all terms together: leftmost, then longest, without overlaps.
    Longest,
    /// For all terms together: leftmost, then the earlier term, without overlaps.
    First,
}

impl Overlap {
    /// Whether terms compete: a match of one may prevent that of another.
    pub(crate) fn competes(self) -> bool {
        matches!(self, Self::Longest | Self::First)
    }
}

/// How terms are matched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// What may surround a match.
    pub mode: MatchMode,
    /// Ignores case, by Unicode simple case folding.
    pub ignore_case: bool,
    /// Ignores accents.
    pub strip_accents: bool,
    /// Compares typographic punctuation as ASCII: `’` as `'`, `“` as `"`, `‑` as `-`.
    pub fold_punctuation: bool,
    /// Additional word characters, only with [`MatchMode::Word`] and [`MatchMode::Adaptive`].
    pub word_chars: WordChars,
    /// How terms are written.
    pub syntax: Syntax,
    /// Which matches count.
    pub overlap: Overlap,
}

impl Options {
    /// The transformation of terms and documents. Regular expressions ignore case themselves, since they may contain
    /// `(?-i)`.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn transform(&self, terms: &Terms) -> Transform {
        let separator = || NEVER_IN_UTF8.into_iter().find(|&byte| !terms.have(byte)).unwrap_or(NEVER_IN_UTF8[0]);
        match self.syntax {
            Syntax::Regex => Transform::default(),
            _ => Transform {
                strip_accents: self.strip_accents,
                folding: self.folding(),
                separator: if self.strip_accents { separator() } else { 0 },
            },
        }
    }

    /// Which characters become others.
    pub(crate) fn folding(&self) -> Folding {
        Folding { case: self.ignore_case, punctuation: self.fold_punctuation }
    }

    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn boundaries(&self) -> Boundaries {
        Boundaries::new(self.mode, self.word_chars.clone())
    }

    /// Rejects options that exclude each other.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn check(&self) -> Result<(), CountError> {
        let is_regex = self.syntax == Syntax::Regex;
        let option = |name, value| ChosenOption { name, value: Some(value) };
        let regex = option("syntax", "\"regex\"");
        let word_chars = ChosenOption { name: "word_chars", value: None };
        let (first, second, reason) = if is_regex && self.strip_accents {
            (option("strip_accents", "True"), regex, "it would have to change what the expressions mean")
        } else if is_regex && self.fold_punctuation {
            (option("fold_punctuation", "True"), regex, "it would have to change what the expressions mean")
        } else if is_regex && self.overlap == Overlap::All {
            (option("overlap", "\"all\""), regex, "a search finds matches that do not overlap")
        } else if is_regex && self.overlap == Overlap::Longest {
            let reason = "which match is found depends on how the expression is written, not on its length";
            (option("overlap", "\"longest\""), regex, reason)
        } else if !self.word_chars.is_empty() && self.mode == MatchMode::Token {
            (word_chars, option("match", "\"token\""), "a token is between whitespace, whatever its characters")
        } else if !self.word_chars.is_empty() && self.mode == MatchMode::Substring {
            (word_chars, option("match", "\"substring\""), "a substring matches whatever is around it")
        } else {
            return Ok(());
        };
        Err(CountError::Options { first, second, reason })
    }
}
