//! Globs: terms with wildcards.
//!
//! `*` matches any sequence of word characters (see [`Boundaries`]), `?` matches exactly one, and `\` makes the next
//! character literal. A word that is only `*` needs at least one character. Both wildcards are greedy, like `\w*` and
//! `\w` in a regular expression, so a match is the longest from its start. Wildcards match whole characters, and
//! split text only between characters, even if documents are bytes.
//!
//! A pattern with wildcards is stored as text in a canonical spelling, which engines parse. Whitespace is handled in
//! `terms`; `engines::words` and `engines::globs` find the matches.

use memchr::memmem;

use crate::core::base::error::TermError;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Text;
use crate::core::text::unicode::{first_char, first_symbol, is_space, last_char, last_symbol_len, splits_symbol};

/// An item of a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GlobItem {
    Byte(u8),
    /// Exactly one word character.
    One,
    /// At least `least` word characters.
    Star {
        least: usize,
    },
}

/// The canonical spelling: only necessary escapes, and one `*` instead of several.
pub fn canonical(text: &[u8]) -> Result<Vec<u8>, TermError> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    let mut after_star = false;
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => {
                let &escaped = bytes.next().ok_or(TermError::DanglingEscape)?;
                if matches!(escaped, b'*' | b'?' | b'\\') {
                    out.push(b'\\');
                }
                out.push(escaped);
            }
            b'*' if after_star => {}
            byte => out.push(byte),
        }
        after_star = byte == b'*';
    }
    Ok(out)
}

/// The bytes of a glob in canonical spelling, if it has no wildcard.
pub fn literal(glob: &[u8]) -> Option<Vec<u8>> {
    let byte = |item| match item {
        GlobItem::Byte(byte) => Some(byte),
        GlobItem::One | GlobItem::Star { .. } => None,
    };
    items(glob).into_iter().map(byte).collect()
}

/// The items of a glob in canonical spelling.
pub fn items(glob: &[u8]) -> Vec<GlobItem> {
    let mut items = Vec::with_capacity(glob.len());
    let mut at = 0;
    while let Some(&byte) = glob.get(at) {
        items.push(match byte {
            b'\\' => {
                at += 1;
                GlobItem::Byte(glob[at])
            }
            b'?' => GlobItem::One,
            b'*' => {
                let begins = at == 0 || last_char(&glob[..at]).is_some_and(is_space);
                let ends = at + 1 == glob.len() || first_char(&glob[at + 1..]).0.is_some_and(is_space);
                GlobItem::Star { least: usize::from(begins && ends) }
            }
            byte => GlobItem::Byte(byte),
        });
        at += 1;
    }
    items
}

/// The literals between the wildcards of a glob in canonical spelling. Some may be empty.
pub fn literals(glob: &[u8]) -> Vec<Vec<u8>> {
    let byte = |item: &GlobItem| if let GlobItem::Byte(byte) = item { Some(*byte) } else { None };
    items(glob).split(|item| byte(item).is_none()).map(|bytes| bytes.iter().filter_map(byte).collect()).collect()
}

/// In longer text, preparing a search pays off.
const SHORT_WORD: usize = 64;

/// A parsed glob: fixed parts with gaps between them. A fixed part has a fixed number of characters.
#[derive(Debug)]
pub struct Glob {
    /// At least one. Only the first and the last may be empty, if the glob begins or ends with a gap.
    pub parts: Vec<FixedPart>,
    /// The minimum number of characters between each part and the next.
    pub gaps: Vec<usize>,
}

/// Consecutive literals and single characters.
#[derive(Debug, Default)]
pub struct FixedPart {
    pub items: Vec<PartItem>,
    /// The number of characters.
    chars: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub enum PartItem {
    Literal(Vec<u8>),
    /// One word character.
    One,
}

impl Glob {
    pub fn new(items: &[GlobItem]) -> Self {
        let mut glob = Self { parts: vec![FixedPart::default()], gaps: Vec::new() };
        // Adjacent wildcards are a gap if one of them is a star.
        for group in items.chunk_by(|a, b| matches!(a, GlobItem::Byte(_)) == matches!(b, GlobItem::Byte(_))) {
            let least: usize =
                group.iter().map(|item| if let GlobItem::Star { least } = item { *least } else { 1 }).sum();
            if group.iter().any(|item| matches!(item, GlobItem::Star { .. })) {
                glob.gaps.push(least);
                glob.parts.push(FixedPart::default());
                continue;
            }
            let part = glob.parts.last_mut().expect("there is always a part");
            let literal: Vec<u8> = group
                .iter()
                .filter_map(|item| if let GlobItem::Byte(byte) = item { Some(*byte) } else { None })
                .collect();
            if literal.is_empty() {
                part.items.extend((0..least).map(|_| PartItem::One));
                part.chars += least;
            } else {
                part.chars += Text::Str(&literal).units();
                part.items.push(PartItem::Literal(literal));
            }
        }
        glob
    }

    /// Whether the glob matches a whole word.
    pub fn matches_word(&self, word: &[u8], boundaries: &Boundaries) -> bool {
        let (first, rest) = self.parts.split_first().expect("a glob has a part");
        let Some(mut at) = first.match_at(word, 0, boundaries) else { return false };
        let Some((last, middle)) = rest.split_last() else { return at == word.len() };
        for (part, &gap) in middle.iter().zip(&self.gaps) {
            let Some(from) = after_gap(word, at, gap) else { return false };
            let Some(end) = part.end_of_first(word, from, boundaries) else { return false };
            at = end;
        }
        let Some(from) = after_gap(word, at, self.gaps[middle.len()]) else { return false };
        let Some(start) = last.start_before(word, word.len()) else { return false };
        start >= from && last.match_at(word, start, boundaries) == Some(word.len())
    }
}

impl FixedPart {
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The number of characters.
    pub fn chars(&self) -> usize {
        self.chars
    }

    /// The first literal, and the number of single characters before it.
    pub fn first_literal(&self) -> Option<(usize, &[u8])> {
        self.items.iter().enumerate().find_map(|(at, item)| match item {
            PartItem::Literal(literal) => Some((at, &literal[..])),
            PartItem::One => None,
        })
    }

    /// The end of the match that begins at `at`.
    pub fn match_at(&self, text: &[u8], at: usize, boundaries: &Boundaries) -> Option<usize> {
        let mut end = at;
        for item in &self.items {
            end += match item {
                PartItem::Literal(literal) => text[end..].starts_with(literal).then_some(literal.len())?,
                PartItem::One => {
                    let (c, len) = first_symbol(&text[end..]);
                    (len > 0 && boundaries.is_word_char(c) && !splits_symbol(text, end)).then_some(len)?
                }
            };
        }
        Some(end)
    }

    /// The end of the match that begins at `at` and is followed by a gap.
    pub fn match_before_gap(&self, text: &[u8], at: usize, boundaries: &Boundaries) -> Option<usize> {
        self.match_at(text, at, boundaries).filter(|&end| !splits_symbol(text, end))
    }

    /// The end of the first match at or after `from`, with a gap before and after it. The part begins with a literal,
    /// which is searched for.
    fn end_of_first(&self, text: &[u8], from: usize, boundaries: &Boundaries) -> Option<usize> {
        let Some(PartItem::Literal(literal)) = self.items.first() else { return Some(from) };
        let finder = (text.len() - from > SHORT_WORD).then(|| memmem::Finder::new(literal));
        let mut at = from;
        loop {
            at += match &finder {
                Some(finder) => finder.find(&text[at..])?,
                None => memmem::find(&text[at..], literal)?,
            };
            if !splits_symbol(text, at)
                && let Some(end) = self.match_before_gap(text, at, boundaries)
            {
                return Some(end);
            }
            at += 1;
        }
    }

    /// The start of a match that ends at `end`.
    pub fn start_before(&self, text: &[u8], end: usize) -> Option<usize> {
        chars_before(text, end, self.chars)
    }
}

/// The position `chars` characters after `at`, if a gap can begin at `at` and the text is long enough.
fn after_gap(text: &[u8], mut at: usize, chars: usize) -> Option<usize> {
    if splits_symbol(text, at) {
        return None;
    }
    for _ in 0..chars {
        match first_symbol(&text[at..]).1 {
            0 => return None,
            len => at += len,
        }
    }
    Some(at)
}

/// The position `chars` characters before `at`, if there are as many.
pub fn chars_before(text: &[u8], mut at: usize, chars: usize) -> Option<usize> {
    for _ in 0..chars {
        match last_symbol_len(&text[..at]) {
            0 => return None,
            len => at -= len,
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(glob: &str) -> String {
        String::from_utf8(canonical(glob.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn spelling() {
        assert_eq!(spelt(r"a**b\c\*\\?\**"), r"a*bc\*\\?\**");
        assert_eq!(canonical(br"a\"), Err(TermError::DanglingEscape));
        assert_eq!(literal(br"why\?"), Some(b"why?".to_vec()));
        assert_eq!(literal(br"wh*"), None);
        assert_eq!(spelt("\\é*"), "é*");
        assert_eq!(literals(br"a\*b?*c"), [&b"a*b"[..], b"", b"c"]);
    }

    #[test]
    fn a_word_that_is_a_star_needs_a_character() {
        let least = |glob: &str| -> Vec<usize> {
            let star = |item: &GlobItem| if let GlobItem::Star { least } = item { Some(*least) } else { None };
            items(glob.as_bytes()).iter().filter_map(star).collect()
        };
        assert_eq!(least("*"), [1]);
        assert_eq!(least("a * b*\u{3000}*"), [1, 0, 1]);
        assert_eq!(least("*-* *a \\**"), [0, 0, 0, 0]);
    }

    #[test]
    fn whole_words() {
        let matches = |glob: &str, word: &str| {
            Glob::new(&items(&canonical(glob.as_bytes()).unwrap()))
                .matches_word(word.as_bytes(), &Boundaries::default())
        };
        let cases = [
            ("happi*", "happily happi happiness", "happy unhappily"),
            ("*tion", "nation tion stationtion", "nations tio"),
            ("*a*", "a ba ab bab bababab", "b bbb"),
            ("a?c", "abc aéc aac", "ac abbc abcd"),
            ("?", "a é 𝒳", "ab"),
            ("??*", "ab abc éé", "a é"),
            ("*?", "a ab", ""),
            ("a*b*c", "abc aXbXc abbc abcbc ac_b_c", "acb ab abcd"),
            ("a*aba", "aaba aXaba ababa", "aba ab"),
            ("a?*b", "axb abb axxb", "ab"),
            ("*é", "é café", "cafe"),
        ];
        for (glob, yes, no) in cases {
            yes.split(' ').for_each(|word| assert!(matches(glob, word), "{glob} {word}"));
            no.split(' ').for_each(|word| assert!(!matches(glob, word), "{glob} {word}"));
        }
    }
}
