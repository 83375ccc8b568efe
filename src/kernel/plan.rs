//! A plan: terms compiled once for the options they are matched with, immutable, shared by all workers.
//!
//! The plan groups the forms of its terms by the engine that serves each best. A group is one side of the grid (runs of
//! documents are the other), so an engine that costs a pass for each form can still keep all cores busy.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::engine::{AnyEngine, Engine, naive::Naive, single::Single, substrings::Substrings, words::Words};
use super::error::CountError;
use super::terms::{Forms, Terms};
use super::text::Transform;

/// The rule for what surrounds an occurrence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Match {
    /// Neither neighbour is a word character: `(?<!\w)term(?!\w)`.
    #[default]
    Word,
    /// Anywhere.
    Substring,
    /// Between white space: `(?<!\S)term(?!\S)`.
    Token,
}

/// How terms are matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    pub rule: Match,
    /// Compare under Unicode simple case folding.
    pub ignore_case: bool,
}

impl Options {
    pub fn transform(self) -> Transform {
        Transform { fold: self.ignore_case }
    }
}

/// Which engines a plan uses: the best ones, or for tests one kind for all forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engines {
    Best,
    Naive,
    Single,
    Words,
    Substrings,
}

/// Forms that one engine serves.
pub struct Group {
    pub engine: AnyEngine,
    forms: usize,
}

/// Compiled terms.
pub struct Plan {
    terms: Terms,
    options: Options,
    forms: Forms,
    groups: Vec<Group>,
    /// By form: whether its occurrences may overlap one another. Empty if none may.
    overlaps: Vec<bool>,
}

/// So many forms are faster searched for one by one: a search for bytes goes at 10 GB/s and more where the bytes are
/// rare, an engine for many forms at less than 1. Where three stops being the best number was not measured.
const SINGLE_FORMS: usize = 3;

impl Plan {
    pub fn new(terms: Terms, options: Options) -> Result<Self, CountError> {
        Self::with_engines(terms, options, Engines::Best)
    }

    /// Panics if the one kind of engine asked for cannot serve the forms.
    pub fn with_engines(terms: Terms, options: Options, engines: Engines) -> Result<Self, CountError> {
        let rule = options.rule;
        let forms = Forms::new(&terms, options)?;
        let all = || forms.forms.iter();
        let few = all().len() <= SINGLE_FORMS && all().all(|form| Single::serves(rule, form));
        let kind = match engines {
            Engines::Best if few => Engines::Single,
            Engines::Best if rule == Match::Substring => Engines::Substrings,
            Engines::Best => Engines::Words,
            kind => kind,
        };
        let one = |engine| vec![Group { engine, forms: all().len() }];
        let groups = if all().len() == 0 {
            Vec::new()
        } else {
            match kind {
                Engines::Naive => one(AnyEngine::Naive(Naive::new(rule, (0..).zip(all())))),
                Engines::Single => {
                    assert!(all().all(|form| Single::serves(rule, form)), "a form that `single` cannot serve");
                    (0..)
                        .zip(all())
                        .map(|(id, form)| Group { engine: AnyEngine::Single(Single::new(rule, id, form)), forms: 1 })
                        .collect()
                }
                Engines::Substrings => {
                    assert!(rule == Match::Substring, "`substrings` knows no boundaries");
                    one(AnyEngine::Substrings(Substrings::new(all())?))
                }
                Engines::Words | Engines::Best => {
                    assert!(rule != Match::Substring, "`words` needs boundaries");
                    one(AnyEngine::Words(Words::new(rule, all())))
                }
            }
        };
        let mut overlaps: Vec<bool> = (0..all().len())
            .map(|form| {
                let group = if groups.len() > 1 { form } else { 0 };
                groups[group].engine.overlaps_itself(form as u32)
            })
            .collect();
        if !overlaps.contains(&true) {
            overlaps = Vec::new();
        }
        Ok(Self { terms, options, forms, groups, overlaps })
    }

    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    pub fn options(&self) -> Options {
        self.options
    }

    /// Columns of the count matrix.
    pub fn columns(&self) -> usize {
        self.terms.columns()
    }

    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The columns that a form counts in.
    #[inline]
    pub fn columns_of(&self, form: u32) -> &[u32] {
        self.forms.columns(form)
    }

    /// By form, whether its occurrences may overlap one another; empty if none may.
    pub fn overlaps(&self) -> &[bool] {
        &self.overlaps
    }
}

/// Plans of equal terms and options are equal: they count the same.
impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.options == other.options && self.terms == other.terms
    }
}

impl Eq for Plan {}

impl Hash for Plan {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.options.hash(state);
        self.terms.hash(state);
    }
}

/// Which engine serves which terms, and why.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forms = self.forms.forms.len();
        let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
        writeln!(
            f,
            "{} in {}, {} to look for",
            count(self.terms.len(), "term"),
            count(self.columns(), "column"),
            count(forms, "distinct form")
        )?;
        if self.options.ignore_case {
            writeln!(f, "each document is folded (Unicode simple case folding) before it is searched")?;
        }
        let mut groups = self.groups.iter().peekable();
        while let Some(group) = groups.next() {
            let mut served = group.forms;
            while groups
                .peek()
                .is_some_and(|next| std::mem::discriminant(&next.engine) == std::mem::discriminant(&group.engine))
            {
                served += groups.next().map_or(0, |next| next.forms);
            }
            let (name, why) = match &group.engine {
                AnyEngine::Naive(_) => ("naive", "asked for, to judge the other engines"),
                AnyEngine::Single(_) => ("single", "so few are fastest searched for one by one, by their bytes"),
                AnyEngine::Words(_) => ("words", "one lookup for each word of the text serves any number of them"),
                AnyEngine::Substrings(_) => ("substrings", "one pass of an Aho-Corasick automaton serves any number"),
            };
            writeln!(f, "engine {name}: {}; {why}", count(served, "form"))?;
        }
        Ok(())
    }
}
