//! Which words a document has.

use std::collections::HashSet;

use crate::core::engines::words::punctuation::Punctuation;
use crate::core::engines::words::tokenizer::Tokenizer;
use crate::core::text::boundaries::{Boundaries, MatchMode, WordChars};
use crate::core::text::char_map::CharMap;
use crate::core::text::char_set::CharSet;
use crate::core::text::encoding::{Text, is_continuation};
use crate::core::text::transform::Transform;
use crate::core::text::unicode::first_symbol;

/// How many words a term has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NgramRange {
    /// At least 1.
    pub least: usize,
    /// At least `least`.
    pub most: usize,
}

impl NgramRange {
    pub const WORDS: Self = Self { least: 1, most: 1 };
}

/// What documents become before words are found.
pub enum Normalizer {
    /// By the library's own options.
    Transform(Transform),
    /// By a table of the caller.
    Map(CharMap),
}

/// Which words a document has, and how many of them make a term.
pub struct TokenRules {
    pub normalizer: Normalizer,
    pub tokenizer: Tokenizer,
    /// Whether n-grams may contain words between which there is more than whitespace.
    pub across_punctuation: bool,
    pub ngrams: NgramRange,
    kept: KeptWords,
}

/// Which of the words are kept. The others are left out before n-grams are made.
pub struct KeptWords {
    /// Characters.
    pub least: usize,
    pub most: usize,
    /// All characters of a word must be in this set.
    pub class: Option<CharSet>,
    pub stop_words: HashSet<Box<[u8]>>,
}

impl KeptWords {
    pub fn all() -> Self {
        Self { least: 1, most: usize::MAX, class: None, stop_words: HashSet::new() }
    }
}

impl TokenRules {
    /// Words are sequences of word characters.
    pub fn of_words(
        transform: Transform,
        word_chars: WordChars,
        across_punctuation: bool,
        ngrams: NgramRange,
        stop_words: &[&[u8]],
    ) -> Self {
        let boundaries = Boundaries::new(MatchMode::Word, word_chars);
        let punctuation = Punctuation::none(&boundaries);
        let mut rules = Self {
            normalizer: Normalizer::Transform(transform),
            tokenizer: Tokenizer::new(boundaries, punctuation),
            across_punctuation,
            ngrams,
            kept: KeptWords::all(),
        };
        for word in stop_words {
            let mut made = Vec::new();
            transform.append(Text::Str(word), &mut made);
            rules.kept.stop_words.insert(made.into());
        }
        rules
    }

    /// Words are sequences of the characters of a class, in the text that a table makes of the document.
    pub fn of_class(map: CharMap, class: &CharSet, kept: KeptWords, ngrams: NgramRange) -> Self {
        Self {
            normalizer: Normalizer::Map(map),
            tokenizer: Tokenizer::of_class(class, kept.least > 1),
            across_punctuation: true,
            ngrams,
            kept,
        }
    }

    /// Whether a word is kept.
    pub fn keeps(&self, word: &[u8]) -> bool {
        let KeptWords { least, most, class, stop_words } = &self.kept;
        if *least > 1 || *most < word.len() {
            let chars = word.iter().filter(|&&byte| !is_continuation(byte)).count();
            if chars < *least || chars > *most {
                return false;
            }
        }
        if !stop_words.is_empty() && stop_words.contains(word) {
            return false;
        }
        class.as_ref().is_none_or(|class| {
            let mut rest = word;
            std::iter::from_fn(|| {
                let (c, len) = first_symbol(rest);
                rest = &rest[len..];
                (len > 0).then_some(c)
            })
            // A word never has a lone surrogate if the class is checked here: the class is one of word characters.
            .all(|c| c.is_some_and(|c| class.contains(c.into())))
        })
    }

    /// The words that are never kept although documents may have them.
    pub fn stop_words(&self) -> impl Iterator<Item = &[u8]> {
        self.kept.stop_words.iter().map(|word| &**word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_by_length_class_and_list() {
        let mut bits = vec![0u8; 0x11_0000 / 8];
        for c in "abcé日".chars() {
            bits[c as usize / 8] |= 1 << (c as usize % 8);
        }
        let class = CharSet::from_bits(&bits).unwrap();
        let stop_words = HashSet::from([b"abc"[..].into()]);
        let kept = KeptWords { least: 2, most: 3, class: Some(class.clone()), stop_words };
        let map = CharMap::new(std::iter::empty(), None).unwrap();
        let rules = TokenRules::of_class(map, &class, kept, NgramRange::WORDS);
        for (word, expected) in
            [("a", false), ("ab", true), ("é日", true), ("é", false), ("abc", false), ("abca", false), ("abd", false)]
        {
            assert_eq!(rules.keeps(word.as_bytes()), expected, "{word}");
        }
    }
}
