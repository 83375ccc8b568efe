//! A glob as it is searched for: from its first literal, which an automaton finds, and what must follow there.

use super::byte_sets::ByteSets;
use crate::core::terms::glob::{FixedPart, Glob, GlobItem, PartItem};
use crate::core::text::boundaries::Boundaries;
use crate::core::text::unicode::first_symbol;

/// A pattern with wildcards.
pub struct PatternGlob {
    pub pattern: u32,
    pub glob: Glob,
    /// The bytes of its literals.
    bytes: Vec<u8>,
    /// Its number among the globs.
    pub number: u32,
    /// Whether it begins with a gap, so that its literals begin in the second part.
    pub begins_with_gap: bool,
    /// The number of single characters before the first literal in its part.
    pub ones: usize,
    /// The parts between gaps with a character that is not a word character. After them the glob continues in another
    /// word.
    pub crossing: Vec<usize>,
}

/// What must follow a glob's first literal.
#[derive(Clone, Copy, Default)]
pub struct Rest {
    /// The byte after so many characters, if a literal is there in any match.
    next: Option<(u8, u8)>,
    /// Bytes that the rest of the word contains.
    pub bytes: ByteSets,
}

impl PatternGlob {
    pub fn new(boundaries: &Boundaries, number: u32, pattern: u32, items: &[GlobItem]) -> Self {
        let bytes = items.iter().filter_map(|item| if let GlobItem::Byte(byte) = item { Some(*byte) } else { None });
        let glob = Glob::new(items);
        let crosses = |&i: &usize| glob.parts[i].items.iter().any(|item| has_non_word_char(boundaries, item));
        let crossing = (1..glob.parts.len().max(2) - 1).filter(crosses).collect();
        let begins_with_gap = glob.parts[0].is_empty();
        let leading = glob.parts.get(usize::from(begins_with_gap)).and_then(FixedPart::first_literal);
        let ones = leading.map_or(0, |(ones, _)| ones);
        Self { pattern, bytes: bytes.collect(), glob, number, begins_with_gap, ones, crossing }
    }

    /// The part with the first literal, if it has one. Parts after a gap begin with a literal. A first part of only
    /// single characters has none.
    fn leading_part(&self) -> Option<&FixedPart> {
        self.glob.parts.get(usize::from(self.begins_with_gap))
    }

    /// The first literal, if the first nonempty part has one.
    pub fn first_literal(&self) -> Option<&[u8]> {
        self.leading_part()?.first_literal().map(|(_, literal)| literal)
    }

    /// What must follow the first literal.
    pub fn rest(&self, boundaries: &Boundaries) -> Rest {
        let part = self.leading_part().map_or(&[][..], |part| &part.items);
        let after_first = part.get(self.ones + 1..).unwrap_or(&[]);
        let ones = after_first.iter().take_while(|item| matches!(item, PartItem::One)).count();
        let next = match after_first.get(ones) {
            Some(PartItem::Literal(literal)) => u8::try_from(ones).ok().zip(literal.first().copied()),
            _ => None,
        };
        let items = || self.glob.parts.iter().flat_map(|part| &part.items);
        let literals =
            items().filter_map(|item| if let PartItem::Literal(literal) = item { Some(literal) } else { None });
        let bytes = match items().any(|item| has_non_word_char(boundaries, item)) {
            // The rest may be in another word.
            true => ByteSets::default(),
            false => literals.skip(1).fold(ByteSets::default(), |sets, literal| sets.with(literal)),
        };
        Rest { next, bytes }
    }

    /// Whether a literal contains the first byte of a character.
    pub fn contains(&self, character: &[u8]) -> bool {
        character.first().is_some_and(|first| self.bytes.contains(first))
    }
}

impl Rest {
    /// Whether this may begin a text: false only if the characters before `next` are of one byte each.
    #[inline(always)]
    pub fn may_begin(&self, text: &[u8]) -> bool {
        let Some((ones, byte)) = self.next else { return true };
        match text.get(..=ones.into()) {
            Some([before @ .., last]) => *last == byte || !before.is_ascii(),
            _ => false,
        }
    }
}

fn has_non_word_char(boundaries: &Boundaries, item: &PartItem) -> bool {
    matches!(item, PartItem::Literal(literal) if !is_within_word(boundaries, literal))
}

/// Whether a literal consists of word characters.
pub fn is_within_word(boundaries: &Boundaries, mut literal: &[u8]) -> bool {
    while !literal.is_empty() {
        let (c, len) = first_symbol(literal);
        if !boundaries.is_word_char(c) {
            return false;
        }
        literal = &literal[len..];
    }
    true
}
