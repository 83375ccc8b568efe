//! The literals of which each match of an expression contains at least one.
//!
//! Cox, "Regular expression matching with a trigram index", 2012, and Hyperscan choose literals this way too: any part
//! that each match passes through can give them, and the rarest set wins. Literals come from the crate `regex-syntax`.

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::core::engines::byte_rates::rate;
use crate::core::engines::regex::bytes_of;

/// Literals, and about how often one of them begins at a position of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct RequiredLiterals {
    pub literals: Vec<Vec<u8>>,
    pub rate: f64,
    pub before: Before,
}

/// The text that a match can have before the first of its literals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Before {
    /// The number of bytes.
    longest: usize,
    /// A bit for each byte that it can contain.
    bytes: [u64; 4],
}

impl Before {
    /// The bytes before a literal that are read to find where its match begins. Beyond, it may begin anywhere.
    const MOST: usize = 4 << 10;

    /// Adds a part of the expression in front.
    fn add(&mut self, part: &Hir) {
        self.longest = self.longest.saturating_add(part.properties().maximum_len().unwrap_or(usize::MAX));
        let bytes = bytes_of(part);
        (0..=u8::MAX).filter(|&byte| bytes.contains(byte)).for_each(|byte| self.insert(byte));
    }

    fn or(self, other: Self) -> Self {
        Self {
            longest: self.longest.max(other.longest),
            bytes: std::array::from_fn(|i| self.bytes[i] | other.bytes[i]),
        }
    }

    /// The same for texts of which the literals are found in their case-folded form.
    pub fn any_case(mut self) -> Self {
        for byte in b'a'..=b'z' {
            if self.contains(byte) || self.contains(byte.to_ascii_uppercase()) {
                self.insert(byte);
                self.insert(byte.to_ascii_uppercase());
            }
        }
        self
    }

    fn insert(&mut self, byte: u8) {
        self.bytes[usize::from(byte / 64)] |= 1 << (byte % 64);
    }

    fn contains(&self, byte: u8) -> bool {
        self.bytes[usize::from(byte / 64)] >> (byte % 64) & 1 == 1
    }

    /// The first position of an ASCII text where a match can begin, if the first literal begins at `first`.
    pub fn start(&self, text: &[u8], first: usize) -> usize {
        let before = text[..first].iter().rev().take(self.longest.min(Self::MOST));
        let length = before.take_while(|&&byte| self.contains(byte)).count();
        if length == Self::MOST { 0 } else { first - length }
    }
}

/// Literals that occur at more positions would not exclude enough documents: at 400 bytes, half of them.
const MOST_RATE: f64 = 1.0 / 800.0;
/// The most literals of one expression.
const MOST_LITERALS: usize = 100;
/// How many parts of a sequence may begin a literal, and how many it may consist of.
const STARTS: usize = 32;
const PARTS: usize = 8;

impl RequiredLiterals {
    /// `None` if an expression has none that are rare.
    pub fn of(hir: &Hir) -> Option<Self> {
        best(hir).filter(|found| found.rate <= MOST_RATE)
    }

    /// The same for case-folded texts, if none of the literals has a case outside ASCII.
    pub fn folded(mut self) -> Self {
        self.literals.iter_mut().for_each(|literal| literal.make_ascii_lowercase());
        self.literals.sort_unstable();
        self.literals.dedup();
        self
    }

    pub fn is_ascii(&self) -> bool {
        self.literals.iter().all(|literal| literal.is_ascii())
    }

    fn new(literals: Vec<Vec<u8>>) -> Option<Self> {
        let is_useful = !literals.is_empty() && literals.len() <= MOST_LITERALS && !literals.contains(&Vec::new());
        is_useful.then(|| Self {
            rate: literals.iter().map(|literal| rate(literal)).sum(),
            literals,
            before: Before::default(),
        })
    }
}

/// The rarest literals, however common they are.
fn best(hir: &Hir) -> Option<RequiredLiterals> {
    let inner = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => return None,
        HirKind::Literal(_) | HirKind::Class(_) => None,
        HirKind::Capture(capture) => return best(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => best(&repetition.sub),
        HirKind::Repetition(_) => return None,
        // No part begins before this one does, so the sequences from it on are enough.
        HirKind::Concat(parts) => {
            let starts =
                (1..parts.len().min(STARTS)).filter(|&first| !is_anything(&parts[first])).filter_map(|first| {
                    let last = parts.len().min(first + PARTS);
                    Some((first, prefixes(&Hir::concat(parts[first..last].to_vec()))?))
                });
            let inner = parts.iter().enumerate().filter_map(|(i, part)| Some((i, best(part)?)));
            starts.chain(inner).min_by(|(_, a), (_, b)| rarer(a, b)).map(|(first, mut found)| {
                parts[..first].iter().for_each(|part| found.before.add(part));
                found
            })
        }
        HirKind::Alternation(parts) => parts.iter().map(best).collect::<Option<Vec<_>>>().and_then(|all| {
            let before = all.iter().fold(Before::default(), |before, found| before.or(found.before));
            let found = RequiredLiterals::new(all.into_iter().flat_map(|found| found.literals).collect())?;
            Some(RequiredLiterals { before, ..found })
        }),
    };
    prefixes(hir).into_iter().chain(inner).min_by(rarer)
}

fn rarer(a: &RequiredLiterals, b: &RequiredLiterals) -> std::cmp::Ordering {
    a.rate.total_cmp(&b.rate)
}

/// The literals that matches begin with.
fn prefixes(hir: &Hir) -> Option<RequiredLiterals> {
    let literals = Extractor::new().extract(hir);
    RequiredLiterals::new(literals.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect())
}

/// Whether a part begins with so many different characters that no literals begin with them.
fn is_anything(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => class.ranges().len() > MOST_LITERALS,
        HirKind::Repetition(repetition) => is_anything(&repetition.sub),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_those_that_each_match_contains() {
        for (expression, expected) in [
            ("password", &["password"][..]),
            (r"\d+ errors?", &[" error"]),
            (r"(?:GET|POST) /admin", &["GET /admin", "POST /admin"]),
            (r"(\w+foobar|\d+quux)+", &["foobar", "quux"]),
            (r"\w+@\w+\.example", &[".example"]),
            (r"x{3}y", &["xxxy"]),
            (r"[bd]onjour", &["bonjour", "donjour"]),
            (r"\bVersion/\d", &["Version/"]),
            (r"(?:very )?unusual", &["unusual"]),
            ("[A-Z]{2,}", &[]),
            (r"\d{4}-\d{2}", &[]),
            (r"\w+ing", &[]),
            ("(?:password)?x", &[]),
            ("(?:password)*", &[]),
            ("password|a", &[]),
            ("the", &[]),
        ] {
            let hir = regex_syntax::parse(expression).unwrap();
            let mut found: Vec<_> = RequiredLiterals::of(&hir).map_or(Vec::new(), |found| found.literals);
            let mut expected: Vec<_> = expected.iter().map(|literal| literal.as_bytes().to_vec()).collect();
            found.sort();
            expected.sort();
            let shown: Vec<_> = found.iter().map(|literal| String::from_utf8_lossy(literal)).collect();
            assert_eq!(found, expected, "{expression}: {shown:?}");
        }
    }
}
