//! Terms as one byte string, for pickling.
//!
//! Millions of terms become one object, which is copied at once. Pickling millions of objects would take seconds, in
//! which `pickle` ignores signals. The format has integers of eight bytes, little-endian, and text:
//!
//! | part | is |
//! | --- | --- |
//! | 1 integer | the number of terms |
//! | 1 integer for each term | twice its bytes, plus 1 if it was given as text |
//! | bytes | all terms, one after another |
//! | 1 integer | the number of categories plus 1, or 0 if each term is a column |
//! | 2 integers for each category | its number of terms, and the bytes of its name |
//! | bytes | all names, one after another |

use super::list::{Terms, is_text};
use crate::core::base::memory;
use crate::core::text::encoding::Text;

impl Terms {
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn packed(&self) -> Vec<u8> {
        let mut packed = Packed(memory::with_room(self.nbytes() + 8 * (self.len() + 2)));
        let terms = || (0..self.len()).map(|i| self.get(i));
        packed.numbers([self.len()]);
        packed.numbers(terms().map(|(term, is_str)| 2 * term.len() + usize::from(is_str)));
        terms().for_each(|(term, _)| packed.0.extend_from_slice(term));
        let categories: Option<Vec<_>> = self.categories().map(Iterator::collect);
        packed.numbers([categories.as_ref().map_or(0, |categories| 1 + categories.len())]);
        let categories = categories.unwrap_or_default();
        packed.numbers(categories.iter().flat_map(|(name, terms)| [terms.len(), name.len()]));
        categories.iter().for_each(|(name, _)| packed.0.extend_from_slice(name.as_bytes()));
        packed.0
    }

    /// Restores the terms. `None` if the bytes are invalid.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn unpacked(packed: &[u8]) -> Option<Self> {
        let mut rest = Rest(packed);
        let count = rest.number()?;
        let sizes = rest.numbers(count)?;
        let mut texts = memory::with_room(sizes.len());
        for &size in sizes {
            let (size, is_str) = (to_usize(size)? / 2, size[0] % 2 == 1);
            let text = rest.bytes(size)?;
            if is_str && !is_text(text) {
                return None;
            }
            texts.push(if is_str { Text::Str(text) } else { Text::Bytes(text) });
        }
        let mut texts = texts.into_iter();
        let terms = match rest.number()? {
            0 => {
                let mut terms = Self::default();
                texts.by_ref().for_each(|text| terms.push(text));
                terms
            }
            categories => {
                let mut terms = Self::by_category();
                let sizes = rest.numbers(2usize.checked_mul(categories - 1)?)?;
                for [count, name] in sizes.as_chunks().0 {
                    texts.by_ref().take(to_usize(*count)?).for_each(|text| terms.push(text));
                    terms.end_category(str::from_utf8(rest.bytes(to_usize(*name)?)?).ok()?.into());
                }
                terms
            }
        };
        (texts.next().is_none() && rest.0.is_empty()).then_some(terms)
    }
}

struct Packed(Vec<u8>);

impl Packed {
    fn numbers(&mut self, numbers: impl IntoIterator<Item = usize>) {
        numbers.into_iter().for_each(|number| self.0.extend_from_slice(&(number as u64).to_le_bytes()));
    }
}

fn to_usize(number: [u8; 8]) -> Option<usize> {
    u64::from_le_bytes(number).try_into().ok()
}

/// The bytes that are not read yet.
struct Rest<'p>(&'p [u8]);

impl<'p> Rest<'p> {
    fn bytes(&mut self, len: usize) -> Option<&'p [u8]> {
        self.0.split_off(..len)
    }

    fn numbers(&mut self, count: usize) -> Option<&'p [[u8; 8]]> {
        Some(self.bytes(count.checked_mul(8)?)?.as_chunks().0)
    }

    fn number(&mut self) -> Option<usize> {
        to_usize(self.numbers(1)?[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_round_trip_and_invalid_bytes_are_rejected() {
        let mut by_category = Terms::by_category();
        for (name, texts) in [("pos", vec![Text::Str("größe".as_bytes()), Text::Bytes(b"\xFF")]), ("é", vec![])] {
            texts.into_iter().for_each(|text| by_category.push(text));
            by_category.end_category(name.into());
        }
        let surrogate = ("\u{FFFF}".as_bytes(), true);
        for terms in [
            Terms::default(),
            Terms::by_category(),
            Terms::each([("a", true), ("", false), ("bc d", true)]),
            Terms::each([(&b"\xED\xA0\x80"[..], true), (b"\xED\xA0\x80", false), surrogate]),
            by_category,
        ] {
            let packed = terms.packed();
            assert_eq!(Terms::unpacked(&packed), Some(terms));
            for len in 0..packed.len() {
                assert_eq!(Terms::unpacked(&packed[..len]), None);
            }
            assert_eq!(Terms::unpacked(&[&packed[..], b"x"].concat()), None);
            for at in 0..packed.len() {
                for byte in [0, 1, 2, 3, 0x80, 0xFF] {
                    let mut changed = packed.clone();
                    changed[at] = byte;
                    // Different terms, or none.
                    if let Some(terms) = Terms::unpacked(&changed) {
                        assert_eq!(Terms::unpacked(&terms.packed()), Some(terms));
                    }
                }
            }
        }
        let mut invalid = Terms::each([("a", true)]).packed();
        let text = invalid.iter().position(|&byte| byte == b'a').expect("the term");
        invalid[text] = 0xFF;
        assert_eq!(Terms::unpacked(&invalid), None);
    }
}
