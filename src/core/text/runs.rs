//! What may surround an occurrence, and which characters runs are made of.
//!
//! A *run* is what `*` in a glob goes over: word characters, or under [`Match::Token`] anything but white space. Whole
//! words and tokens are whole runs: what stands beside an occurrence is no character of a run.

use super::unicode::{first_char, is_space, is_word, last_char};

/// The rule for what surrounds an occurrence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Match {
    /// Neither neighbour is a word character: `(?<!\w)term(?!\w)`.
    #[default]
    Word,
    /// Anywhere.
    Substring,
    /// Between white space: `(?<!\S)term(?!\S)`.
    Token,
}

/// Characters that count as word characters beside those of [`is_word`]: a set, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WordChars(Box<[char]>);

impl WordChars {
    /// The characters of `chars`; or the first that is white space, which separates words and can be in none.
    pub fn new(chars: &str) -> Result<Self, char> {
        if let Some(space) = chars.chars().find(|&c| is_space(c)) {
            return Err(space);
        }
        let mut set: Vec<char> = chars.chars().collect();
        set.sort_unstable();
        set.dedup();
        Ok(Self(set.into()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = char> + '_ {
        self.0.iter().copied()
    }

    fn holds(&self, c: char) -> bool {
        self.0.binary_search(&c).is_ok()
    }
}

/// The characters of runs under one matching rule.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    pub rule: Match,
    pub word_chars: WordChars,
}

impl Runs {
    /// Whether a character, or for `None` a byte outside valid UTF-8, is part of a run.
    #[inline]
    pub fn hold(&self, c: Option<char>) -> bool {
        match (self.rule, c) {
            (Match::Token, Some(c)) => !is_space(c),
            (Match::Token, None) => true,
            (Match::Word | Match::Substring, Some(c)) => {
                is_word(c) || !self.word_chars.is_empty() && self.word_chars.holds(c)
            }
            (Match::Word | Match::Substring, None) => false,
        }
    }

    /// Whether a character of a run ends at `at`.
    #[inline]
    pub fn end_at(&self, text: &[u8], at: usize) -> bool {
        match text[..at].last() {
            None => false,
            // Most neighbours are ASCII, of which nothing need be decoded.
            Some(&byte) if byte.is_ascii() => self.hold(Some(byte.into())),
            Some(_) => self.hold(last_char(&text[..at])),
        }
    }

    /// Whether a character of a run begins at `at`.
    #[inline]
    pub fn begin_at(&self, text: &[u8], at: usize) -> bool {
        match text.get(at) {
            None => false,
            Some(&byte) if byte.is_ascii() => self.hold(Some(byte.into())),
            Some(_) => self.hold(first_char(&text[at..]).0),
        }
    }

    /// Whether an occurrence may stand at `start..end` of a document, as far as its neighbours go.
    #[inline]
    pub fn allow(&self, text: &[u8], start: usize, end: usize) -> bool {
        self.rule == Match::Substring || !self.end_at(text, start) && !self.begin_at(text, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_word_characters_are_a_set() {
        let set = WordChars::new("-'-\u{2019}").unwrap();
        assert_eq!(set, WordChars::new("\u{2019}'-").unwrap());
        assert_eq!(set.iter().collect::<String>(), "'-\u{2019}");
        assert_eq!(WordChars::new("-\u{3000}'"), Err('\u{3000}'));
    }

    #[test]
    fn neighbours_by_rule() {
        let runs = |rule, chars| Runs { rule, word_chars: WordChars::new(chars).unwrap() };
        let text = "don't é\u{3000}x".as_bytes();
        let cases = [
            (Match::Word, "", (0, 3), true),
            (Match::Word, "'", (0, 3), false),
            (Match::Word, "'", (0, 5), true),
            (Match::Token, "", (0, 3), false),
            (Match::Token, "", (0, 5), true),
            (Match::Token, "", (6, 8), true),
            (Match::Substring, "", (1, 2), true),
            (Match::Word, "", (1, 3), false),
        ];
        for (rule, chars, (start, end), allowed) in cases {
            assert_eq!(runs(rule, chars).allow(text, start, end), allowed, "{rule:?} {chars:?} {start}..{end}");
        }
        assert!(runs(Match::Word, "").allow(b"\xFFthe\xFF", 1, 4));
        assert!(!runs(Match::Token, "").allow(b"\xFFthe", 1, 4));
    }
}
