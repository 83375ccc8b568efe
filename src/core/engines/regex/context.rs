//! Changes a parsed expression: adds the context that enforces boundaries. Also finds out which bytes matches can
//! contain.

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};
use regex_syntax::utf8::{Utf8Range, Utf8Sequences};

use super::ends::{AFTER_OTHER, AFTER_WORD, Boundary, TERM, WORD_BEFORE, boundaries_of, group, marked};
use super::texts::ForTexts;
use crate::core::text::boundaries::{Boundaries, MatchMode};
use crate::core::text::unicode::{spaces, word_chars};

/// An expression with its context.
pub struct Expression {
    pub hir: Hir,
    /// Whether it has marks for [`super::tracked_nfa`].
    pub is_marked: bool,
}

/// What a search for an expression needs.
pub struct InContext {
    /// Where boundaries are required.
    pub before: Boundary,
    pub after: Boundary,
    /// The expression as group 1, with context after it if a boundary may be required there.
    pub at_start: Expression,
    /// The same after a character of context, if a boundary may be required before it.
    pub within: Option<Expression>,
}

/// The characters that may be next to a match, and the others.
#[derive(Clone, Debug)]
pub struct Neighbours {
    outside: ClassUnicode,
    inside: ClassUnicode,
}

impl Neighbours {
    pub fn new(boundaries: &Boundaries) -> Self {
        let outside = outside(boundaries);
        let mut inside = outside.clone();
        inside.negate();
        Self { outside, inside }
    }

    pub fn inside(&self) -> &ClassUnicode {
        &self.inside
    }

    /// Where adaptive boundaries are required.
    pub fn before_and_after(&self, hir: &Hir) -> [Boundary; 2] {
        boundaries_of(hir, &self.inside)
    }
}

/// What can be next to matches in some texts. All expressions of a plan have the same.
#[derive(Clone, Debug)]
pub struct Context {
    /// A character before a match: one that may be next to it, or one that may not.
    before: Hir,
    word_before: Hir,
    /// After a match: what may be next to it, or anything.
    after: Hir,
    any_after: Hir,
}

impl Context {
    pub fn new(boundaries: &Boundaries, neighbours: &Neighbours, texts: &ForTexts) -> Self {
        let Neighbours { outside, inside } = neighbours;
        let class = |class: &ClassUnicode| Hir::class(Class::Unicode(class.clone()));
        // In other texts, invalid UTF-8 does not occur or is a symbol.
        let is_utf8 = matches!(texts, ForTexts::Any) && boundaries.mode == MatchMode::Word;
        let following = |class: Hir| texts.context(following(class, is_utf8));
        Self {
            before: texts.context(class(outside)),
            word_before: texts.context(class(inside)),
            after: following(class(outside)),
            any_after: following(class(&any_char())),
        }
    }
}

/// Adds the context to an expression.
pub fn in_context(
    boundaries: &Boundaries,
    neighbours: &Neighbours,
    context: &Context,
    texts: &ForTexts,
    hir: &Hir,
) -> InContext {
    let [before, after] = match boundaries.mode {
        MatchMode::Substring => [Boundary::Never; 2],
        _ if boundaries.is_adaptive => neighbours.before_and_after(hir),
        _ => [Boundary::Always; 2],
    };
    let context_after = match after {
        Boundary::Never => Hir::empty(),
        Boundary::Always => context.after.clone(),
        Boundary::AtWords => Hir::alternation(vec![
            group(AFTER_WORD, context.after.clone()),
            group(AFTER_OTHER, context.any_after.clone()),
        ]),
    };
    let marks = [before, after].map(|boundary| boundary == Boundary::AtWords);
    let with_marks = |at| {
        let hir = texts.expression(marked(hir.clone(), &neighbours.inside, at));
        Hir::concat(vec![group(TERM, hir), context_after.clone()])
    };
    let at_start = Expression { hir: with_marks([false, marks[1]]), is_marked: marks[1] };
    let context_before = match before {
        Boundary::Never => None,
        Boundary::Always => Some(context.before.clone()),
        Boundary::AtWords => {
            Some(Hir::alternation(vec![context.before.clone(), group(WORD_BEFORE, context.word_before.clone())]))
        }
    };
    let within = context_before.map(|before| Expression {
        hir: Hir::concat(vec![before, with_marks(marks)]),
        is_marked: marks != [false; 2],
    });
    InContext { before, after, at_start, within }
}

/// The characters that may be next to a match.
fn outside(boundaries: &Boundaries) -> ClassUnicode {
    if boundaries.mode == MatchMode::Token {
        return spaces();
    }
    let mut outside = word_chars();
    outside.union(&ClassUnicode::new(boundaries.word_chars.iter().map(|c| ClassUnicodeRange::new(c, c))));
    outside.negate();
    outside
}

/// What may follow a match: one of these characters or the end of the text. With `invalid` also a byte of invalid
/// UTF-8, which the bytes after it reveal.
fn following(chars: Hir, invalid: bool) -> Hir {
    let mut choices = vec![chars, Hir::look(Look::End)];
    if invalid {
        let sequences: Vec<_> = Utf8Sequences::new('\0', char::MAX).collect();
        let mut no_lead = ClassBytes::empty();
        for sequence in &sequences {
            let lead = sequence.as_slice()[0];
            no_lead.push(ClassBytesRange::new(lead.start, lead.end));
        }
        no_lead.negate();
        choices.push(Hir::class(Class::Bytes(no_lead)));
        choices.extend(sequences.iter().filter(|sequence| sequence.len() > 1).map(|sequence| {
            let (lead, rest) = sequence.as_slice().split_first().expect("a sequence has a byte");
            Hir::concat(vec![bytes(*lead, false), cut_off(rest)])
        }));
    }
    Hir::alternation(choices)
}

/// Anything but the continuation bytes that should follow.
fn cut_off(continuation: &[Utf8Range]) -> Hir {
    let Some((next, rest)) = continuation.split_first() else { return Hir::fail() };
    let continued = Hir::concat(vec![bytes(*next, false), cut_off(rest)]);
    Hir::alternation(vec![Hir::look(Look::End), bytes(*next, true), continued])
}

fn any_char() -> ClassUnicode {
    ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)])
}

fn bytes(range: Utf8Range, negated: bool) -> Hir {
    let mut class = ClassBytes::new([ClassBytesRange::new(range.start, range.end)]);
    if negated {
        class.negate();
    }
    Hir::class(Class::Bytes(class))
}

/// Whether each match is within a line, and stays the same if the line is searched separately.
pub fn is_by_lines(hir: &Hir, bytes: &MatchBytes) -> bool {
    let looks = hir.properties().look_set();
    !looks.contains(Look::Start) && !looks.contains(Look::End) && !bytes.contains(b'\n')
}

/// A set of bytes.
pub struct MatchBytes([bool; 256]);

impl MatchBytes {
    #[inline]
    pub fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    fn add(&mut self, low: u8, high: u8) {
        self.0[usize::from(low)..=usize::from(high)].fill(true);
    }
}

/// The bytes that a match of the expression can contain. Of characters outside ASCII, all continuation bytes.
pub fn bytes_of(hir: &Hir) -> MatchBytes {
    let mut bytes = MatchBytes([false; 256]);
    add_bytes(hir, &mut bytes);
    bytes
}

fn add_bytes(hir: &Hir, bytes: &mut MatchBytes) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|&byte| bytes.add(byte, byte)),
        HirKind::Class(Class::Unicode(class)) => {
            let lead = |c: char| c.encode_utf8(&mut [0; 4]).as_bytes()[0];
            class.ranges().iter().for_each(|range| bytes.add(lead(range.start()), lead(range.end())));
            if !class.is_ascii() {
                bytes.add(0x80, 0xBF);
            }
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().for_each(|range| bytes.add(range.start(), range.end()));
        }
        HirKind::Repetition(repetition) => add_bytes(&repetition.sub, bytes),
        HirKind::Capture(capture) => add_bytes(&capture.sub, bytes),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| add_bytes(part, bytes)),
    }
}
