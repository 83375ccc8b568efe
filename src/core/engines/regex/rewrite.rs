//! Changes expressions part by part; makes expressions for texts that are ASCII.

use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition};

/// Changes the parts of an expression.
pub trait Rewrite {
    fn literal(&self, bytes: &[u8]) -> Hir;
    fn class(&self, class: &Class) -> Hir;
    fn look(&self, look: Look) -> Look;
}

pub fn rewritten(hir: &Hir, by: &impl Rewrite) -> Hir {
    let each = |parts: &[Hir]| parts.iter().map(|part| rewritten(part, by)).collect();
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => by.literal(&literal.0),
        HirKind::Class(class) => by.class(class),
        HirKind::Look(look) => Hir::look(by.look(*look)),
        HirKind::Repetition(repetition) => {
            let &Repetition { min, max, greedy, ref sub } = repetition;
            Hir::repetition(Repetition { min, max, greedy, sub: Box::new(rewritten(sub, by)) })
        }
        HirKind::Capture(Capture { index, name, sub }) => {
            Hir::capture(Capture { index: *index, name: name.clone(), sub: Box::new(rewritten(sub, by)) })
        }
        HirKind::Concat(parts) => Hir::concat(each(parts)),
        HirKind::Alternation(parts) => Hir::alternation(each(parts)),
    }
}

/// An expression that matches the same in texts that are ASCII. Its automata are small: `\w` has 750 ranges of
/// characters, of which four are ASCII.
pub fn for_ascii(hir: &Hir) -> Hir {
    rewritten(hir, &ForAscii)
}

/// The ASCII characters of a class.
pub fn ascii_of(class: &Class) -> ClassBytes {
    match class {
        Class::Bytes(class) => {
            let mut ascii = ClassBytes::new([ClassBytesRange::new(0, 0x7F)]);
            ascii.intersect(class);
            ascii
        }
        Class::Unicode(class) => {
            let small = |c: char| u8::try_from(c).ok().filter(u8::is_ascii);
            ClassBytes::new(class.ranges().iter().map_while(|range| {
                Some(ClassBytesRange::new(small(range.start())?, small(range.end()).unwrap_or(0x7F)))
            }))
        }
    }
}

struct ForAscii;

impl Rewrite for ForAscii {
    fn literal(&self, bytes: &[u8]) -> Hir {
        if bytes.is_ascii() { Hir::literal(bytes) } else { Hir::fail() }
    }

    fn class(&self, class: &Class) -> Hir {
        Hir::class(Class::Bytes(ascii_of(class)))
    }

    fn look(&self, look: Look) -> Look {
        match look {
            Look::WordUnicode => Look::WordAscii,
            Look::WordUnicodeNegate => Look::WordAsciiNegate,
            Look::WordStartUnicode => Look::WordStartAscii,
            Look::WordEndUnicode => Look::WordEndAscii,
            Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
            Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
            look => look,
        }
    }
}
