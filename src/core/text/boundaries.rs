//! Boundaries: word characters, and what may surround a match.
//!
//! A *word* is a maximal sequence of word characters. With [`MatchMode::Token`], every character but whitespace is a
//! word character. In these two modes a match must begin and end at the boundary of a word: its neighbours are not
//! word characters. `*` in a glob matches word characters.

use super::unicode::{first_char, is_space, is_word, last_char};

/// What may surround a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MatchMode {
    /// Neither neighbour is a word character: `(?<!\w)term(?!\w)`.
    #[default]
    Word,
    /// As [`MatchMode::Word`], but only where the term itself begins or ends with a word character: a neighbour of
    /// any other character may be anything. A wildcard at an end of a glob counts as a word character.
    Adaptive,
    /// Anything.
    Substring,
    /// Whitespace, or the start or end of the document: `(?<!\S)term(?!\S)`.
    Token,
}

/// Additional word characters, besides [`is_word`]: a sorted set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WordChars(Box<[char]>);

impl WordChars {
    /// The characters of `chars`. Whitespace separates words, so it is an error, which contains the first such
    /// character.
    ///
    /// # Errors
    ///
    /// The first character that is whitespace, which separates words.
    ///
    /// ```
    /// use countgrid::WordChars;
    ///
    /// assert_eq!(WordChars::new("-'").unwrap().iter().count(), 2);
    /// assert_eq!(WordChars::new("- "), Err(' '));
    /// ```
    pub fn new(chars: &str) -> Result<Self, char> {
        if let Some(space) = chars.chars().find(|&c| is_space(c)) {
            return Err(space);
        }
        let mut set: Vec<char> = chars.chars().collect();
        set.sort_unstable();
        set.dedup();
        Ok(Self(set.into()))
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The characters, in order.
    pub fn iter(&self) -> impl Iterator<Item = char> + '_ {
        self.0.iter().copied()
    }

    fn holds(&self, c: char) -> bool {
        self.0.binary_search(&c).is_ok()
    }
}

/// The word characters of a match mode.
#[derive(Clone, Debug, Default)]
pub struct Boundaries {
    /// Never [`MatchMode::Adaptive`], which is [`MatchMode::Word`] and `is_adaptive`.
    pub mode: MatchMode,
    pub word_chars: WordChars,
    /// Whether the end of a match that is not a word character may have any neighbour.
    pub is_adaptive: bool,
}

impl Boundaries {
    pub fn new(mode: MatchMode, word_chars: WordChars) -> Self {
        let is_adaptive = mode == MatchMode::Adaptive;
        Self { mode: if is_adaptive { MatchMode::Word } else { mode }, word_chars, is_adaptive }
    }

    /// Boundaries that allow the same matches of a literal, and that are not adaptive if both of its ends are alike.
    pub fn for_literal(&self, literal: &[u8]) -> Self {
        let ends = [self.word_begins_at(literal, 0), self.word_ends_at(literal, literal.len())];
        match ends {
            [true, true] => Self { is_adaptive: false, ..self.clone() },
            [false, false] if self.is_adaptive => Self { mode: MatchMode::Substring, ..Self::default() },
            _ => self.clone(),
        }
    }

    /// Whether `c` is a word character. `None` is a byte of invalid UTF-8.
    #[inline]
    pub fn is_word_char(&self, c: Option<char>) -> bool {
        match (self.mode, c) {
            (MatchMode::Token, Some(c)) => !is_space(c),
            (MatchMode::Token, None) => true,
            (_, Some(c)) => is_word(c) || !self.word_chars.is_empty() && self.word_chars.holds(c),
            (_, None) => false,
        }
    }

    /// Whether a word character ends at `at`.
    #[inline]
    pub fn word_ends_at(&self, text: &[u8], at: usize) -> bool {
        match text[..at].last() {
            None => false,
            // Most neighbours are ASCII and need no decoding.
            Some(&byte) if byte.is_ascii() => self.is_word_char(Some(byte.into())),
            Some(_) => self.is_word_char(last_char(&text[..at])),
        }
    }

    /// Whether a word character begins at `at`.
    #[inline]
    pub fn word_begins_at(&self, text: &[u8], at: usize) -> bool {
        match text.get(at) {
            None => false,
            Some(&byte) if byte.is_ascii() => self.is_word_char(Some(byte.into())),
            Some(_) => self.is_word_char(first_char(&text[at..]).0),
        }
    }

    /// Whether the neighbours of `start..end` allow a match.
    #[inline]
    pub fn allows(&self, text: &[u8], start: usize, end: usize) -> bool {
        self.allows_glob(text, start, end, [false; 2])
    }

    /// The same for a glob that begins or ends with a wildcard, which may have matched nothing.
    #[inline]
    pub fn allows_glob(&self, text: &[u8], start: usize, end: usize, wildcards: [bool; 2]) -> bool {
        let is_free = |at_end: usize, is_word: bool| self.is_adaptive && !wildcards[at_end] && !is_word;
        self.mode == MatchMode::Substring
            || (!self.word_ends_at(text, start) || is_free(0, self.word_begins_at(text, start)))
                && (!self.word_begins_at(text, end) || is_free(1, self.word_ends_at(text, end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additional_word_characters_are_a_set() {
        let set = WordChars::new("-'-\u{2019}").unwrap();
        assert_eq!(set, WordChars::new("\u{2019}'-").unwrap());
        assert_eq!(set.iter().collect::<String>(), "'-\u{2019}");
        assert_eq!(WordChars::new("-\u{3000}'"), Err('\u{3000}'));
    }

    #[test]
    fn neighbours_by_mode() {
        let boundaries = |mode, chars| Boundaries::new(mode, WordChars::new(chars).unwrap());
        let text = "don't é\u{3000}x".as_bytes();
        let cases = [
            (MatchMode::Word, "", (0, 3), true),
            (MatchMode::Word, "'", (0, 3), false),
            (MatchMode::Word, "'", (0, 5), true),
            (MatchMode::Token, "", (0, 3), false),
            (MatchMode::Token, "", (0, 5), true),
            (MatchMode::Token, "", (6, 8), true),
            (MatchMode::Substring, "", (1, 2), true),
            (MatchMode::Word, "", (1, 3), false),
            (MatchMode::Word, "", (3, 4), false),
            (MatchMode::Adaptive, "", (3, 4), true),
            (MatchMode::Adaptive, "'", (3, 4), false),
            (MatchMode::Adaptive, "", (3, 5), true),
            (MatchMode::Adaptive, "", (2, 4), false),
            (MatchMode::Adaptive, "", (1, 3), false),
        ];
        for (mode, chars, (start, end), allowed) in cases {
            assert_eq!(
                boundaries(mode, chars).allows(text, start, end),
                allowed,
                "{mode:?} {chars:?} {start}..{end}"
            );
        }
        assert!(boundaries(MatchMode::Word, "").allows(b"\xFFthe\xFF", 1, 4));
        assert!(!boundaries(MatchMode::Token, "").allows(b"\xFFthe", 1, 4));
    }
}
