//! Unicode properties: decoding, word characters, whitespace, simple case folding.
//!
//! The properties come from the tables of `regex-syntax`, so they agree with Rust's `regex` (`\w`, `\s`, `(?i)`).
//! `\w` follows UTS #18, annex C. Folding follows CaseFolding.txt, statuses C and S. The tables are unpacked once
//! into arrays that are fast to index.
//!
//! A byte of invalid UTF-8 is one character, neither a word character nor whitespace.

use std::sync::{LazyLock, OnceLock};

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

use super::change_scan::ChangeScan;
use super::encoding::is_continuation;

/// One more than the largest code point.
const CODE_POINTS: usize = 0x11_0000;

/// The first character of `bytes` and its length. For a byte of invalid UTF-8: `None` and 1.
#[inline]
pub fn first_char(bytes: &[u8]) -> (Option<char>, usize) {
    match bstr::decode_utf8(bytes) {
        (Some(c), len) => (Some(c), len),
        (None, len) => (None, len.min(1)),
    }
}

/// The last character of `bytes`. `None` if `bytes` is empty or ends with a byte of invalid UTF-8.
#[inline]
pub fn last_char(bytes: &[u8]) -> Option<char> {
    bstr::decode_last_utf8(bytes).0
}

/// The first character as wildcards see it: a lone surrogate of a text document, which is three bytes of invalid
/// UTF-8, is one character.
#[inline]
pub fn first_symbol(bytes: &[u8]) -> (Option<char>, usize) {
    match bytes {
        [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => (None, 3),
        _ => first_char(bytes),
    }
}

/// The length of the last character as wildcards see it, or 0 if there is none.
#[inline]
pub fn last_symbol_len(bytes: &[u8]) -> usize {
    match (bytes, bstr::decode_last_utf8(bytes)) {
        ([.., 0xED, 0xA0..=0xBF, 0x80..=0xBF], _) => 3,
        (_, (Some(_), len)) => len,
        (bytes, (None, _)) => bytes.len().min(1),
    }
}

/// Whether `at` is inside a character as wildcards see it.
#[inline]
pub fn splits_symbol(text: &[u8], at: usize) -> bool {
    if !text.get(at).is_some_and(|&byte| is_continuation(byte)) {
        return false;
    }
    let back = text[..at].iter().rev().take(3).take_while(|&&byte| is_continuation(byte)).count() + 1;
    at.checked_sub(back).is_some_and(|lead| lead + first_symbol(&text[lead..]).1 > at)
}

/// Whether `c` is a word character: `\w` of UTS #18.
#[inline]
pub fn is_word(c: char) -> bool {
    let code = c as usize;
    WORD[code >> 6] >> (code & 63) & 1 == 1
}

/// One bit for each code point, in blocks of 64: whether it is a word character.
pub fn word_blocks() -> &'static [u64] {
    &WORD
}

/// Whether `c` is whitespace: `\s` of UTS #18, the property White_Space.
#[inline]
pub fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// The character that stands for `c` and all characters that differ from it only in case.
///
/// This is the one that CaseFolding.txt (C + S) maps them to, since terms given as bytes may contain its bytes.
#[cfg(test)]
pub fn fold(c: char) -> char {
    Folding::CASE.of(c)
}

/// Which characters become others, one to one, before terms and documents are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folding {
    /// Unicode simple case folding.
    pub case: bool,
    /// Typographic quotation marks, apostrophes, hyphens and minus signs become those of ASCII.
    pub punctuation: bool,
}

impl Folding {
    pub const CASE: Self = Self { case: true, punctuation: false };

    pub fn is_identity(self) -> bool {
        self == Self::default()
    }

    /// A number below 4, for tables.
    pub fn index(self) -> usize {
        usize::from(self.case) | usize::from(self.punctuation) << 1
    }

    /// What a character becomes.
    pub fn of(self, c: char) -> char {
        char::from_u32(self.table().fold(c.into())).unwrap_or(c)
    }

    /// The table, for many characters.
    #[inline]
    pub fn table(self) -> &'static Folds {
        FOLDS[self.index()].get_or_init(|| Folds::new(self))
    }
}

/// Typographic punctuation, and the ASCII character that it becomes.
const PUNCTUATION: [(char, &[char]); 3] = [
    ('\'', &['\u{2018}', '\u{2019}', '\u{201A}', '\u{201B}', '\u{2BC}', '\u{2032}', '\u{FF07}']),
    ('"', &['\u{201C}', '\u{201D}', '\u{201E}', '\u{201F}', '\u{2033}', '\u{FF02}']),
    ('-', &['\u{2010}', '\u{2011}', '\u{2212}', '\u{FE63}', '\u{FF0D}']),
];

/// The first bytes of typographic punctuation in UTF-8.
pub const PUNCTUATION_LEADS: [u8; 3] = [0xCA, 0xE2, 0xEF];

/// A value for each code point, in pages of 256. Page 0 stands for all pages that have only the default.
pub struct CodeTable<T> {
    pages: Vec<u16>,
    values: Vec<T>,
}

impl<T: Copy> CodeTable<T> {
    pub fn new(default: T) -> Self {
        Self { pages: vec![0; CODE_POINTS >> 8], values: vec![default; 256] }
    }

    pub fn set(&mut self, code: u32, value: T) {
        let page = &mut self.pages[code as usize >> 8];
        if *page == 0 {
            *page = (self.values.len() >> 8) as u16;
            self.values.extend_from_within(..256);
        }
        self.values[usize::from(*page) << 8 | code as usize & 255] = value;
    }

    /// The value of a code point. Other numbers have the default.
    #[inline(always)]
    pub fn get(&self, code: u32) -> T {
        let page = self.pages.get(code as usize >> 8).copied().unwrap_or(0);
        self.values[usize::from(page) << 8 | code as usize & 255]
    }
}

/// What each code point becomes.
pub struct Folds {
    /// What to add to each code point, modulo 2^32.
    steps: CodeTable<u32>,
    pub scan: ChangeScan,
}

impl Folds {
    fn new(Folding { case, punctuation }: Folding) -> Self {
        let (mut steps, mut changed) = (CodeTable::new(0), Vec::new());
        let mut set = |c: char, to: char| {
            if to != c {
                changed.push(c.into());
                steps.set(c.into(), u32::from(to).wrapping_sub(c.into()));
            }
        };
        if case {
            // Every character in a case class with several members changes under some case mapping. A test checks all
            // code points.
            for range in class(r"[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]").ranges() {
                (range.start()..=range.end()).for_each(|c| set(c, representative(c)));
            }
        }
        if punctuation {
            for (ascii, all) in PUNCTUATION {
                all.iter().for_each(|&c| set(c, ascii));
            }
        }
        Self { steps, scan: ChangeScan::new(changed.into_iter()) }
    }

    /// Folds a code point. Surrogates, and numbers that are not code points, do not change.
    #[inline(always)]
    pub fn fold(&self, code: u32) -> u32 {
        code.wrapping_add(self.steps.get(code))
    }
}

/// Unpacks the tables, which otherwise happens at first use.
pub fn unpack_tables() {
    LazyLock::force(&WORD);
    Folding::CASE.table();
}

/// One bit for each code point: 139 KB, of which a text touches a few cache lines.
static WORD: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0u64; CODE_POINTS >> 6];
    for range in word_chars().ranges() {
        for code in range.start() as usize..=range.end() as usize {
            bits[code >> 6] |= 1 << (code & 63);
        }
    }
    bits
});

/// By [`Folding::index`].
static FOLDS: [OnceLock<Folds>; 4] = [const { OnceLock::new() }; 4];

/// The member of `c`'s case class that CaseFolding.txt maps it to: the lower case of the upper case. The exceptions
/// are Cherokee, which folds to upper case, and one ligature, for which either member would do.
fn representative(c: char) -> char {
    let mut members = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    members.try_case_fold_simple().expect("regex-syntax is built with its case tables");
    let all = || members.ranges().iter().flat_map(|range| range.start()..=range.end());
    let single = |mut mapped: Box<dyn Iterator<Item = char>>, c| match (mapped.next(), mapped.next()) {
        (Some(mapped), None) => mapped,
        _ => c,
    };
    let is_target = |member: &char| {
        let upper = single(Box::new(member.to_uppercase()), *member);
        single(Box::new(upper.to_lowercase()), upper) == *member && *member != '\u{FB05}'
    };
    let cherokee = all().find(|member| ('\u{13A0}'..='\u{13F5}').contains(member));
    cherokee.or_else(|| all().find(is_target)).unwrap_or(c)
}

/// All word characters.
pub fn word_chars() -> ClassUnicode {
    class(r"\w")
}

/// All whitespace.
pub fn spaces() -> ClassUnicode {
    class(r"\s")
}

fn class(pattern: &str) -> ClassUnicode {
    let hir = regex_syntax::parse(pattern).expect("the pattern is a constant");
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(class)) => class,
        kind => unreachable!("{pattern} is a class of characters, not {kind:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_chars() -> impl Iterator<Item = char> {
        '\0'..=char::MAX
    }

    #[test]
    fn properties_equal_those_of_regex() {
        let word = regex::Regex::new(r"^\w$").unwrap();
        let space = regex::Regex::new(r"^\s$").unwrap();
        let mut buffer = [0; 4];
        for c in all_chars() {
            let text: &str = c.encode_utf8(&mut buffer);
            assert_eq!(is_word(c), word.is_match(text), "{c:?}");
            assert_eq!(is_space(c), space.is_match(text), "{c:?}");
        }
    }

    #[test]
    fn fold_is_idempotent_and_covers_every_case_class() {
        for c in all_chars() {
            assert_eq!(fold(fold(c)), fold(c), "{c:?}");
            assert_eq!(fold(c), representative(c), "{c:?}");
            assert_eq!(is_word(fold(c)), is_word(c), "{c:?}");
            assert_eq!(is_space(fold(c)), is_space(c), "{c:?}");
            assert_eq!(fold(c) > '\u{FFFF}', c > '\u{FFFF}', "{c:?}");
        }
    }

    #[test]
    fn typographic_punctuation_becomes_ascii() {
        let punctuation = Folding { case: false, punctuation: true };
        let both = Folding { case: true, punctuation: true };
        let changed: Vec<_> = all_chars().filter(|&c| punctuation.of(c) != c).collect();
        assert_eq!(changed.len(), 18);
        for c in &changed {
            assert!(PUNCTUATION_LEADS.contains(&c.to_string().as_bytes()[0]), "{c:?}");
        }
        for (from, to) in
            [('\u{2019}', '\''), ('\u{2BC}', '\''), ('\u{201E}', '"'), ('\u{2212}', '-'), ('\u{2013}', '\u{2013}')]
        {
            assert_eq!((punctuation.of(from), both.of(from), fold(from)), (to, to, from), "{from:?}");
        }
        for c in all_chars() {
            let expected = if changed.contains(&c) { punctuation.of(c) } else { fold(c) };
            assert_eq!(both.of(c), expected, "{c:?}");
            assert_eq!(Folding::default().of(c), c, "{c:?}");
        }
    }

    #[test]
    fn well_known_folds() {
        let same = [('A', 'a'), ('\u{212A}', 'k'), ('ſ', 's'), ('ς', 'σ'), ('ẞ', 'ß'), ('Ж', 'ж'), ('Å', '\u{212B}')];
        for (a, b) in same {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        for (a, b) in [('İ', 'i'), ('ı', 'i'), ('ß', 's'), ('é', 'e')] {
            assert_ne!(fold(a), fold(b), "{a} {b}");
        }
        // Characters named in CaseFolding.txt. `tests/test_options.py` checks all characters that Python knows.
        for target in "aσμθßkωåсꙋ\u{13A0}\u{13F0}\u{FB06}\u{390}\u{3B0}ა\u{1F80}ǆ𐐨".chars() {
            assert_eq!(fold(target), target);
        }
    }

    #[test]
    fn positions_within_characters() {
        let text = b"a\xC3\xA9\xF0\x9F\x98\x80\xA9\xE2\x82b\x80\xED\xA0\x80\xED\xA0";
        let within: Vec<usize> = (0..=text.len()).filter(|&at| splits_symbol(text, at)).collect();
        assert_eq!(within, [2, 4, 5, 6, 13, 14]);
        let (mut forward, mut backward) = (vec![0], vec![text.len()]);
        while forward.last() < Some(&text.len()) {
            forward.push(forward.last().unwrap() + first_symbol(&text[*forward.last().unwrap()..]).1);
        }
        while backward.last() > Some(&0) {
            backward.push(backward.last().unwrap() - last_symbol_len(&text[..*backward.last().unwrap()]));
        }
        backward.reverse();
        assert_eq!(forward, backward);
    }

    #[test]
    fn a_byte_of_invalid_utf8_is_one_character() {
        assert_eq!(first_char(b"\xE2\x82"), (None, 1));
        assert_eq!(first_char(b"\xE2\x82\xACx"), (Some('€'), 3));
        assert_eq!(first_char(b"\xFF"), (None, 1));
        assert_eq!(first_char(b""), (None, 0));
        assert_eq!(last_char(b"a\xE2\x82"), None);
        assert_eq!(last_char("a€".as_bytes()), Some('€'));
    }
}
