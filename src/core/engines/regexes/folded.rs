//! Expressions for case-folded texts, in which literals of expressions that ignore case are found.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

use crate::core::engines::regex::{Rewrite, rewritten};
use crate::core::text::unicode::Folding;

/// In larger classes, characters are not folded.
const SMALL_CLASS: usize = 16;

/// An expression that matches at least the case-folded matches of this one, apart from assertions. It serves to find
/// literals: those of `(?i)k` are one instead of three.
pub fn case_folded(hir: &Hir) -> Hir {
    rewritten(hir, &CaseFolded)
}

/// Whether some class contains different cases of one character.
pub fn has_cases(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => false,
        HirKind::Class(class) => characters(class).is_some_and(|all| {
            let mut folded: Vec<char> = all.iter().map(|&c| Folding::CASE.of(c)).collect();
            folded.sort_unstable();
            folded.dedup();
            folded.len() < all.len()
        }),
        HirKind::Repetition(repetition) => has_cases(&repetition.sub),
        HirKind::Capture(capture) => has_cases(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(has_cases),
    }
}

struct CaseFolded;

impl Rewrite for CaseFolded {
    fn literal(&self, bytes: &[u8]) -> Hir {
        let text = std::str::from_utf8(bytes).expect("expressions match only UTF-8");
        Hir::literal(text.chars().map(|c| Folding::CASE.of(c)).collect::<String>().into_bytes())
    }

    fn class(&self, class: &Class) -> Hir {
        let folded = characters(class).map(|all| all.into_iter().map(|c| Folding::CASE.of(c)));
        let ranges: Vec<_> = match folded {
            Some(folded) => folded.map(|c| ClassUnicodeRange::new(c, c)).collect(),
            None => vec![ClassUnicodeRange::new('\0', char::MAX)],
        };
        Hir::class(Class::Unicode(ClassUnicode::new(ranges)))
    }

    fn look(&self, look: Look) -> Look {
        look
    }
}

/// The characters of a small class.
fn characters(class: &Class) -> Option<Vec<char>> {
    let converted;
    let class = match class {
        Class::Unicode(class) => class,
        Class::Bytes(class) => {
            converted = class.to_unicode_class()?;
            &converted
        }
    };
    let size: usize = class.ranges().iter().map(ClassUnicodeRange::len).sum();
    (size <= SMALL_CLASS).then(|| class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect())
}
