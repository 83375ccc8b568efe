//! Text in messages.

use std::fmt::{self, Write};

/// Text on one line: control characters are written as escapes.
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            _ if char.is_control() => write!(f, "{}", char.escape_default()),
            _ => f.write_char(char),
        })
    }
}

/// The beginning of a text on one line.
pub struct Beginning<'a>(pub &'a str);

impl Beginning<'_> {
    /// In characters.
    pub const MOST: usize = 60;
}

impl fmt::Display for Beginning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(Self::MOST) {
            Some((end, _)) => write!(f, "{}...", Printable(&self.0[..end])),
            None => Printable(self.0).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        for (repeats, shown) in [(0, 0), (59, 59), (60, 60), (61, 60), (500, 60)] {
            for char in ["a", "é", "日", "\n"] {
                let dots = if repeats > shown { "..." } else { "" };
                let expected = format!("{}{dots}", Printable(&char.repeat(shown)));
                assert_eq!(Beginning(&char.repeat(repeats)).to_string(), expected);
            }
        }
    }

    #[test]
    fn only_control_characters_are_escaped() {
        assert_eq!(Printable("a\n\t\0\u{1b}[31m\u{85}é'\\ 日").to_string(), r"a\n\t\u{0}\u{1b}[31m\u{85}é'\ 日");
    }
}
