//! Adaptive boundaries: which characters matches begin and end with.
//!
//! With them, a boundary is only required at an end of a match that is a word character. Most expressions tell how
//! all of their matches begin and end. In the others the characters that can be at an end get marks for their class,
//! and [`super::tracked_nfa`] follows the marks.

use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Literal, Repetition};

/// Whether a boundary is required at an end of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    Never,
    Always,
    /// If the match's own character there is a word character, which differs between matches.
    AtWords,
}

/// Groups that mark parts of an expression. Group 1 is the expression without context.
pub const TERM: u32 = 1;
/// A word character, and another character.
pub const WORD: u32 = 2;
pub const OTHER: u32 = 3;
/// A word character before the match.
pub const WORD_BEFORE: u32 = 4;
/// The context after a match whose last character is a word character, and after one whose last is not.
pub const AFTER_WORD: u32 = 5;
pub const AFTER_OTHER: u32 = 6;

/// Whether a group's characters are all of the same class.
pub fn is_mark(index: u32) -> bool {
    matches!(index, WORD | OTHER)
}

pub fn group(index: u32, hir: Hir) -> Hir {
    Hir::capture(Capture { index, name: None, sub: Box::new(hir) })
}

/// The boundaries before and after matches.
pub fn boundaries_of(hir: &Hir, word: &ClassUnicode) -> [Boundary; 2] {
    let Ends { first, last, .. } = ends(hir, word);
    [first, last].map(|CharKinds { word, other }| match (word, other) {
        (false, _) => Boundary::Never,
        (true, false) => Boundary::Always,
        (true, true) => Boundary::AtWords,
    })
}

/// Which of the two classes characters may have.
#[derive(Clone, Copy, Default)]
struct CharKinds {
    word: bool,
    other: bool,
}

impl CharKinds {
    fn of(class: &ClassUnicode, word: &ClassUnicode) -> Self {
        let mut kinds = Self::default();
        let mut words = word.ranges();
        for range in class.ranges() {
            // The first word characters that are not all before the range. Both classes are read once.
            while let [before, rest @ ..] = words
                && before.end() < range.start()
            {
                words = rest;
            }
            let first = words.first().filter(|words| words.start() <= range.end());
            let is_inside = first.is_some_and(|words| words.start() <= range.start() && range.end() <= words.end());
            kinds = kinds.or(Self { word: first.is_some(), other: !is_inside });
            if kinds.word && kinds.other {
                break;
            }
        }
        kinds
    }

    fn of_char(c: char, word: &ClassUnicode) -> Self {
        Self::of(&ClassUnicode::new([ClassUnicodeRange::new(c, c)]), word)
    }

    fn or(self, other: Self) -> Self {
        Self { word: self.word || other.word, other: self.other || other.other }
    }
}

/// The first and last characters of an expression's matches.
#[derive(Clone, Copy, Default)]
struct Ends {
    can_be_empty: bool,
    first: CharKinds,
    last: CharKinds,
}

fn ends(hir: &Hir, word: &ClassUnicode) -> Ends {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Ends { can_be_empty: true, ..Ends::default() },
        HirKind::Literal(literal) => {
            let text = text_of(literal);
            let kinds = |c: Option<char>| c.map_or(CharKinds::default(), |c| CharKinds::of_char(c, word));
            Ends { can_be_empty: false, first: kinds(text.chars().next()), last: kinds(text.chars().next_back()) }
        }
        HirKind::Class(class) => {
            let kinds = CharKinds::of(&unicode(class), word);
            Ends { can_be_empty: false, first: kinds, last: kinds }
        }
        HirKind::Repetition(Repetition { min, sub, .. }) => {
            let part = ends(sub, word);
            Ends { can_be_empty: part.can_be_empty || *min == 0, ..part }
        }
        HirKind::Capture(capture) => ends(&capture.sub, word),
        HirKind::Concat(parts) => {
            let start = Ends { can_be_empty: true, ..Ends::default() };
            parts.iter().map(|part| ends(part, word)).fold(start, |before, part| Ends {
                can_be_empty: before.can_be_empty && part.can_be_empty,
                first: if before.can_be_empty { before.first.or(part.first) } else { before.first },
                last: if part.can_be_empty { before.last.or(part.last) } else { part.last },
            })
        }
        HirKind::Alternation(parts) => {
            parts.iter().map(|part| ends(part, word)).fold(Ends::default(), |all, part| Ends {
                can_be_empty: all.can_be_empty || part.can_be_empty,
                first: all.first.or(part.first),
                last: all.last.or(part.last),
            })
        }
    }
}

/// An expression that matches the same, with the marks [`WORD`] and [`OTHER`] around characters that can be the first
/// or the last of a match, as `at` demands. It has no other groups.
pub fn marked(hir: Hir, word: &ClassUnicode, at: [bool; 2]) -> Hir {
    let is_marked = at != [false; 2];
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Literal(literal) if is_marked => {
            let chars: Vec<char> = text_of(&literal).chars().collect();
            let is_word = |c: &char| CharKinds::of_char(*c, word).word;
            let mark = |run: &[char]| {
                let text: String = run.iter().collect();
                group(if is_word(&run[0]) { WORD } else { OTHER }, Hir::literal(text.into_bytes()))
            };
            Hir::concat(chars.chunk_by(|a, b| is_word(a) == is_word(b)).map(mark).collect())
        }
        HirKind::Class(class) if is_marked => {
            let parts = [WORD, OTHER].into_iter().zip(divided(&unicode(&class), word));
            // A character matches one of them, so their order does not matter.
            let parts = parts.filter(|(_, class)| !class.ranges().is_empty());
            Hir::alternation(parts.map(|(index, class)| group(index, Hir::class(Class::Unicode(class)))).collect())
        }
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Repetition(repetition) => marked_repetition(repetition, word, at),
        HirKind::Capture(capture) => marked(*capture.sub, word, at),
        HirKind::Concat(parts) => {
            let filled: Vec<bool> = parts.iter().map(|part| !can_be_empty(part)).collect();
            let part = |(i, part)| {
                let [first, last] = [&filled[..i], &filled[i + 1..]].map(|others| !others.contains(&true));
                marked(part, word, [at[0] && first, at[1] && last])
            };
            Hir::concat(parts.into_iter().enumerate().map(part).collect())
        }
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.into_iter().map(|part| marked(part, word, at)).collect())
        }
    }
}

/// `x{100}` as `x`, `x{98}` and `x`: only the first and the last are large.
fn marked_repetition(repetition: Repetition, word: &ClassUnicode, at: [bool; 2]) -> Hir {
    let Repetition { min, max, greedy, sub } = repetition;
    let repeated = |min, max, at| {
        let sub = Box::new(marked((*sub).clone(), word, at));
        Hir::repetition(Repetition { min, max, greedy, sub })
    };
    if min < 2 || can_be_empty(&sub) || at == [false; 2] {
        return repeated(min, max, at);
    }
    Hir::concat(vec![
        repeated(1, Some(1), [at[0], false]),
        repeated(min - 2, Some(min - 2), [false; 2]),
        repeated(1, max.map(|max| max - min + 1), [false, at[1]]),
    ])
}

/// Whether the empty string is a match. The properties of an expression do not tell if a part of it never matches,
/// such as `[a&&b]`.
pub fn can_be_empty(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(_) | HirKind::Class(_) => false,
        HirKind::Repetition(repetition) => repetition.min == 0 || can_be_empty(&repetition.sub),
        HirKind::Capture(capture) => can_be_empty(&capture.sub),
        HirKind::Concat(parts) => parts.iter().all(can_be_empty),
        HirKind::Alternation(parts) => parts.iter().any(can_be_empty),
    }
}

/// The word characters of a class, and its other characters.
fn divided(class: &ClassUnicode, word: &ClassUnicode) -> [ClassUnicode; 2] {
    let (mut words, mut others) = (class.clone(), class.clone());
    words.intersect(word);
    others.difference(word);
    [words, others]
}

fn text_of(literal: &Literal) -> &str {
    std::str::from_utf8(&literal.0).expect("expressions match only UTF-8")
}

fn unicode(class: &Class) -> ClassUnicode {
    match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => class.to_unicode_class().expect("expressions match only UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::engines::regex::compile::parse;
    use crate::core::text::unicode::word_chars;

    #[test]
    fn boundaries_follow_from_the_ends_of_all_matches() {
        use Boundary::{Always, AtWords, Never};
        for (expression, expected) in [
            ("good", [Always, Always]),
            (":\\)", [Never, Never]),
            ("#\\w+", [Never, Always]),
            ("\\w+!", [Always, Never]),
            ("good|:\\)", [AtWords, AtWords]),
            ("\\W?good\\W?", [AtWords, AtWords]),
            ("(?:a|b!?)", [Always, AtWords]),
            ("!*a", [AtWords, Always]),
            ("(?:^|$|!)a", [AtWords, Always]),
            ("(?i)k\\b", [Always, Always]),
            ("(?:a|!){2}", [AtWords, AtWords]),
            ("(?:a*!)+", [AtWords, Never]),
            (".", [AtWords, AtWords]),
            ("[^\\s\\S]", [Never, Never]),
            ("(?-u:\\w)é", [Always, Always]),
            ("日本[!?]", [Always, Never]),
        ] {
            let hir = parse(expression.as_bytes(), false).unwrap();
            assert_eq!(boundaries_of(&hir, &word_chars()), expected, "{expression}");
        }
    }
}
