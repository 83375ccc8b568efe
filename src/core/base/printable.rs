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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_control_characters_are_escaped() {
        assert_eq!(Printable("a\n\t\0\u{1b}[31m\u{85}é'\\ 日").to_string(), r"a\n\t\u{0}\u{1b}[31m\u{85}é'\ 日");
    }
}
