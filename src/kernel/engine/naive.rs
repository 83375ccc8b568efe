//! The naive engine: at every place, try every form, character by character.
//!
//! It is slow and obviously right, and shares no search code with the other engines, which are compared with it.

use super::super::batch::Batch;
use super::super::plan::Match;
use super::super::unicode::{first_char, is_space, is_word};
use super::{Engine, Scratch, Sink};

/// A character, or a byte outside valid UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Char(char),
    Byte(u8),
}

impl Symbol {
    fn is_word(self) -> bool {
        matches!(self, Self::Char(c) if is_word(c))
    }

    fn is_space(self) -> bool {
        matches!(self, Self::Char(c) if is_space(c))
    }
}

/// The symbols of a text, each with the place where it begins.
fn symbols(text: &[u8]) -> Vec<(Symbol, usize)> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (c, len) = first_char(&text[at..]);
        all.push((c.map_or(Symbol::Byte(text[at]), Symbol::Char), at));
        at += len;
    }
    all
}

pub struct Naive {
    rule: Match,
    forms: Vec<(u32, Vec<u8>)>,
}

impl Naive {
    pub fn new<'f>(rule: Match, forms: impl Iterator<Item = (u32, &'f [u8])>) -> Self {
        Self { rule, forms: forms.map(|(id, form)| (id, form.to_vec())).collect() }
    }

    fn scan_document(&self, text: &[u8], start: usize, sink: &mut impl Sink) {
        if self.rule == Match::Substring {
            for at in 0..text.len() {
                for (id, form) in &self.forms {
                    if text[at..].starts_with(form) {
                        sink.hit(*id, start + at, start + at + form.len());
                    }
                }
            }
            return;
        }
        let symbols = symbols(text);
        let place = |i: usize| symbols.get(i).map_or(text.len(), |&(_, place)| place);
        for first in 0..symbols.len() {
            for (id, form) in &self.forms {
                if let Some(end) = self.match_at(&symbols, first, form) {
                    sink.hit(*id, start + place(first), start + place(end));
                }
            }
        }
    }

    /// The symbol after the form's last, if the form stands at symbol `first` with the right neighbours.
    fn match_at(&self, text: &[(Symbol, usize)], first: usize, form: &[u8]) -> Option<usize> {
        let stops = |symbol: Symbol| match self.rule {
            Match::Token => symbol.is_space(),
            _ => !symbol.is_word(),
        };
        let mut at = first;
        for (symbol, _) in symbols(form) {
            if symbol == Symbol::Char(' ') {
                let run = text[at..].iter().take_while(|(symbol, _)| symbol.is_space()).count();
                if run == 0 {
                    return None;
                }
                at += run;
            } else if text.get(at).is_some_and(|&(found, _)| found == symbol) {
                at += 1;
            } else {
                return None;
            }
        }
        let before = first.checked_sub(1).is_none_or(|i| stops(text[i].0));
        let after = text.get(at).is_none_or(|&(symbol, _)| stops(symbol));
        (before && after).then_some(at)
    }
}

impl Engine for Naive {
    fn scan(&self, batch: Batch<'_>, _: &mut Scratch, sink: &mut impl Sink) {
        for (text, start) in batch.documents() {
            self.scan_document(text, start, sink);
            if sink.cancelled() {
                return;
            }
            sink.end_document();
        }
    }

    fn reach(&self) -> usize {
        0
    }

    /// The judge never cuts.
    fn cut(&self, _: &[u8], _: usize) -> Option<usize> {
        None
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        true
    }
}
