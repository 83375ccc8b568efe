//! Cuts forms into atoms and patterns for atoms, as text is cut into atoms.
//!
//! Wildcards are characters of runs, so each belongs to one atom: the run of a glob that holds one is a pattern. Not
//! here: the trie that forms make ([`compiled`](super::compiled)).

use super::atoms::{Atomiser, Atoms, Class};
use super::marks::{Beside, Marks};
use super::patterns::Patterns;
use super::vocabulary::{Builder, Vocabulary};
use crate::core::base::error::CountError;
use crate::core::base::simd;
use crate::core::terms::glob::{self, GlobItem};
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::first_char;

/// An atom of a form, or a pattern for one, by its id, and whether white space stands before it.
#[derive(Clone, Copy)]
pub struct Link {
    pub id: u32,
    pub spaced: bool,
}

/// Forms cut into atoms.
pub struct Cut {
    pub vocabulary: Vocabulary,
    /// Numbered behind the atoms.
    pub patterns: Patterns,
    /// The pattern that need not match anything.
    pub optional: Option<u32>,
    pub marks: Marks,
    /// By atom: whether it is a mark.
    pub is_mark: Vec<bool>,
    /// All forms, one after the other, and where each ends.
    pub links: Vec<Link>,
    pub ends: Vec<usize>,
}

/// Set in the numbers of patterns until atoms and patterns have their ids.
const PATTERN: u32 = 1 << 31;

impl Cut {
    pub fn new<'f>(
        boundaries: &Boundaries,
        forms: impl ExactSizeIterator<Item = Pattern<'f>>,
    ) -> Result<Self, CountError> {
        let mut cutter = Cutter {
            atomiser: Atomiser::new(boundaries.clone(), Marks::all()),
            atoms: Atoms::default(),
            vocabulary: Builder::with_capacity(forms.len()),
            patterns: Patterns::new(boundaries.clone()),
            optional: None,
            marks: Marks::none(boundaries),
            marked: Vec::new(),
            links: Vec::with_capacity(forms.len()),
        };
        let mut ends = Vec::with_capacity(forms.len());
        for form in forms {
            match form {
                Pattern::Literal(text) => cutter.literal(text),
                Pattern::Glob(text) => cutter.glob(text),
                Pattern::Regex(_) => panic!("`words` knows no regular expressions"),
            }
            ends.push(cutter.links.len());
        }
        let Cutter { vocabulary, mut patterns, mut optional, marks, marked, mut links, .. } = cutter;
        patterns.compile()?;
        let (vocabulary, ids) = vocabulary.build(simd::level());
        let numbers = links.iter_mut().map(|link| &mut link.id).chain(&mut optional);
        numbers.for_each(|number| {
            *number = match *number & PATTERN {
                0 => ids[*number as usize],
                _ => vocabulary.len() + (*number & !PATTERN),
            }
        });
        let mut is_mark = vec![false; vocabulary.len() as usize];
        marked.into_iter().for_each(|number| is_mark[ids[number as usize] as usize] = true);
        Ok(Self { vocabulary, patterns, optional, marks, is_mark, links, ends })
    }
}

struct Cutter {
    atomiser: Atomiser,
    atoms: Atoms,
    vocabulary: Builder,
    patterns: Patterns,
    optional: Option<u32>,
    marks: Marks,
    /// Atoms that are marks, by number.
    marked: Vec<u32>,
    links: Vec<Link>,
}

impl Cutter {
    fn literal(&mut self, form: &[u8]) {
        let Self { atomiser, atoms, .. } = self;
        atomiser.cut(form, std::iter::once(Span { start: 0, end: form.len() }), atoms);
        let mut before = 0;
        for (&start, &end) in atoms.starts().iter().zip(atoms.ends()) {
            let (start, end) = (start as usize, end as usize);
            let id = self.vocabulary.insert(&form[start..end]);
            if atomiser.is_mark(&form[start..]) {
                let beside = |at: usize| match form.get(at) {
                    None => Beside::Outside,
                    Some(b' ') => Beside::Space,
                    Some(&byte) => Beside::Byte(byte),
                };
                match start.checked_sub(1) {
                    None => self.marks.add_first(form[start], (end..).map(beside)),
                    Some(_) => {
                        let before = (0..=start).rev().map(|at| beside(at.wrapping_sub(1)));
                        self.marks.add_inner(form[start], before, (end..).map(beside));
                    }
                }
                self.marked.push(id);
            }
            self.links.push(Link { id, spaced: start > before });
            before = end;
        }
    }

    fn glob(&mut self, form: &[u8]) {
        let items = glob::items(form);
        let mut run: Vec<GlobItem> = Vec::new();
        let mut spaced = false;
        let mut at = 0;
        while at < items.len() {
            let bytes: Vec<u8> = items[at..]
                .iter()
                .take(4)
                .map_while(|item| if let GlobItem::Byte(byte) = item { Some(*byte) } else { None })
                .collect();
            let (c, len) = first_char(&bytes);
            let class = if bytes.is_empty() { Class::Run } else { self.atomiser.class(c) };
            let end = at + len.max(1);
            match class {
                Class::Run => run.extend_from_slice(&items[at..end]),
                Class::Space => {
                    self.run(&mut run, &mut spaced);
                    spaced = true;
                }
                Class::Mark => {
                    self.run(&mut run, &mut spaced);
                    let beside = |at: usize| match items.get(at) {
                        None => Beside::Outside,
                        Some(GlobItem::Byte(b' ')) => Beside::Space,
                        Some(&GlobItem::Byte(byte)) => Beside::Byte(byte),
                        Some(GlobItem::One | GlobItem::Star { .. }) => Beside::Any,
                    };
                    // Behind a star, which may match nothing, it may be the form's first as well as not.
                    if at == 0 || matches!(items[at - 1], GlobItem::Star { .. }) {
                        self.marks.add_first(bytes[0], (end..).map(beside));
                    }
                    let before = (0..=at).rev().map(|at| beside(at.wrapping_sub(1)));
                    self.marks.add_inner(bytes[0], before, (end..).map(beside));
                    let id = self.vocabulary.insert(&bytes[..len]);
                    self.marked.push(id);
                    self.links.push(Link { id, spaced: std::mem::take(&mut spaced) });
                }
            }
            at = end;
        }
        self.run(&mut run, &mut spaced);
    }

    /// Ends a run of a glob, if one has begun.
    fn run(&mut self, run: &mut Vec<GlobItem>, spaced: &mut bool) {
        if run.is_empty() {
            return;
        }
        let literal: Option<Vec<u8>> =
            run.iter().map(|item| if let GlobItem::Byte(byte) = item { Some(*byte) } else { None }).collect();
        let id = match literal {
            Some(atom) => self.vocabulary.insert(&atom),
            None => PATTERN | self.patterns.insert(run),
        };
        if run[..] == [GlobItem::Star { least: 0 }] {
            self.optional = Some(id);
        }
        self.links.push(Link { id, spaced: std::mem::take(spaced) });
        run.clear();
    }
}
