//! Boundaries as assertions of an expression, for texts that are ASCII.

use regex_syntax::hir::{Hir, Look};

use super::rewrite::for_ascii;
use crate::core::text::boundaries::{Boundaries, MatchMode};

/// An expression with the same matches in ASCII texts as with these boundaries. `None` if no assertion means them:
/// there are none for whitespace and for additional word characters.
pub fn asserted(boundaries: &Boundaries, hir: &Hir) -> Option<Hir> {
    let hir = for_ascii(hir);
    let required = |half| match boundaries.is_adaptive {
        // Only a word character of the match must not be next to another one.
        true => Hir::alternation(vec![Hir::look(half), Hir::look(Look::WordAscii)]),
        false => Hir::look(half),
    };
    match boundaries.mode {
        MatchMode::Substring => Some(hir),
        _ if boundaries.mode == MatchMode::Token || !boundaries.word_chars.is_empty() => None,
        _ => Some(Hir::concat(vec![required(Look::WordStartHalfAscii), hir, required(Look::WordEndHalfAscii)])),
    }
}
