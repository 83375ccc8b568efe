//! Whole words, tokens and phrases: the text's words are looked up, one lookup a word whatever the number of terms.
//!
//! Text and forms are read as **atoms** (see [`atoms`]). Boundaries make an occurrence a sequence of whole atoms: those
//! of a form, with white space just where the form has it. So `C++` is three atoms, `New York` two with white space
//! between, and no term is a special case: forms make a trie over atoms, which is walked from every atom that some form
//! begins with. A form that begins or ends with a mark has one thing more to check: that no word character adjoins it.
//!
//! A window of text at a time goes through three passes: [`atoms`] finds where its atoms are, [`vocabulary`] which of
//! them some form holds, and the walk which forms stand there.

pub mod atoms;
pub mod vocabulary;

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::batch::{Batch, Span};
use super::super::plan::Match;
use super::super::unicode::{first_char, is_space, is_word, last_char};
use super::{Engine, Scratch, Sink};
use atoms::{Atomiser, Atoms, Marks};
use vocabulary::{Found, NONE, Search, Vocabulary};

/// Text of a window: with the bits and places of its atoms it stays in the second-level cache.
const WINDOW: usize = 16 << 10;

/// Atoms at a window's end that may be other than they look, because the window ends within a character.
const DOUBTFUL: usize = 4;

/// A prefix of some form, in atoms. The first nodes are the atoms themselves, each as the first of a form.
#[derive(Clone, Copy)]
struct Node {
    /// The form that ends here.
    form: u32,
    goes_on: bool,
}

/// From a node by an atom, with white space before it or not.
type Step = (u32, u32, bool);

pub struct Words {
    atomiser: Atomiser,
    vocabulary: Vocabulary,
    nodes: Vec<Node>,
    steps: HashMap<Step, u32, FixedState>,
    /// Whether some form has a mark at an end.
    has_outer_marks: bool,
    /// Atoms of the longest form.
    longest: usize,
    /// By form: whether it has more than one atom, as a form that overlaps itself must.
    is_sequence: Vec<bool>,
    /// By atom: whether some form holds it behind its first atom.
    is_inner: Vec<bool>,
    /// By atom: whether some form ends with it.
    is_last: Vec<bool>,
}

impl Words {
    /// For the forms with ids `0..forms.len()`.
    pub fn new<'f>(rule: Match, forms: impl ExactSizeIterator<Item = &'f [u8]>) -> Self {
        let atomiser = Atomiser::new(rule, Marks::all());
        let mut vocabulary = Vocabulary::with_capacity(forms.len());
        let mut marks = Marks::none();
        let mut has_outer_marks = false;
        // All forms as sequences of (atom, white space before it), one after the other.
        let mut sequence: Vec<(u32, bool)> = Vec::with_capacity(forms.len());
        let mut ends = Vec::with_capacity(forms.len());
        let mut atoms = Atoms::default();
        for form in forms {
            atomiser.cut(form, std::iter::once(Span { start: 0, end: form.len() }), &mut atoms);
            let mut before = 0;
            for (&start, &end) in atoms.starts().iter().zip(atoms.ends()) {
                let (start, end) = (start as usize, end as usize);
                if atomiser.is_mark(&form[start..]) {
                    marks.add(form[start]);
                    has_outer_marks |= start == 0 || end == form.len();
                }
                sequence.push((vocabulary.insert(&form[start..end]), start > before));
                before = end;
            }
            ends.push(sequence.len());
        }
        let atoms = vocabulary.len();
        let mut words = Self {
            atomiser: Atomiser::new(rule, marks),
            vocabulary,
            nodes: vec![Node { form: NONE, goes_on: false }; atoms],
            steps: HashMap::default(),
            has_outer_marks,
            longest: 0,
            is_sequence: Vec::with_capacity(ends.len()),
            is_inner: vec![false; atoms],
            is_last: vec![false; atoms],
        };
        let mut start = 0;
        for (form, end) in ends.into_iter().enumerate() {
            words.add(form as u32, &sequence[start..end]);
            start = end;
        }
        words
    }

    fn add(&mut self, form: u32, sequence: &[(u32, bool)]) {
        let (&(first, _), rest) = sequence.split_first().expect("a form holds a character that is no white space");
        let mut node = first;
        for &(atom, spaced) in rest {
            self.nodes[node as usize].goes_on = true;
            self.is_inner[atom as usize] = true;
            let next = self.nodes.len() as u32;
            let step = *self.steps.entry((node, atom, spaced)).or_insert(next);
            if step == next {
                self.nodes.push(Node { form: NONE, goes_on: false });
            }
            node = step;
        }
        self.nodes[node as usize].form = form;
        self.is_last[sequence[rest.len()].0 as usize] = true;
        self.is_sequence.push(!rest.is_empty());
        self.longest = self.longest.max(sequence.len());
    }

    /// Reports the forms that begin with the first of `found`, which are atoms of the window in order.
    #[inline]
    fn walk(&self, window: &Window<'_>, found: &[Found], sink: &mut impl Sink) {
        let first = found[0];
        let (start, mut end) = window.atom(first.atom);
        if self.has_outer_marks && self.atomiser.is_mark(&window.text[start..]) && window.is_word_before(start) {
            return;
        }
        let mut last = first;
        let mut node = first.id;
        let mut rest = found[1..].iter();
        loop {
            let Node { form, goes_on } = self.nodes[node as usize];
            if form != NONE && !(self.has_outer_marks && self.is_mark_before_word(window, last.atom)) {
                sink.hit(form, start, end);
            }
            // A form goes on with the very next atom or not at all.
            let next = match rest.next() {
                Some(next) if goes_on && next.atom == last.atom + 1 => *next,
                _ => return,
            };
            let (next_start, next_end) = window.atom(next.atom);
            let Some(spaced) = window.is_spaced(end, next_start) else { return };
            match self.steps.get(&(node, next.id, spaced)) {
                Some(&step) => node = step,
                None => return,
            }
            (last, end) = (next, next_end);
        }
    }

    fn is_mark_before_word(&self, window: &Window<'_>, atom: u32) -> bool {
        let (start, end) = window.atom(atom);
        window.is_word_behind(end) && self.atomiser.is_mark(&window.text[start..])
    }
}

/// The atoms of a part of a batch, with the document that the walk has come to.
struct Window<'w> {
    /// The batch's text.
    text: &'w [u8],
    /// Where the window begins in it.
    start: usize,
    atoms: &'w Atoms,
    document: Span,
}

impl Window<'_> {
    /// Where an atom lies in the batch's text.
    #[inline]
    fn atom(&self, atom: u32) -> (usize, usize) {
        let atom = atom as usize;
        (self.start + self.atoms.starts()[atom] as usize, self.start + self.atoms.ends()[atom] as usize)
    }

    fn is_word_before(&self, at: usize) -> bool {
        last_char(&self.text[self.document.start..at]).is_some_and(is_word)
    }

    fn is_word_behind(&self, at: usize) -> bool {
        first_char(&self.text[at..self.document.end]).0.is_some_and(is_word)
    }

    /// Whether there is white space between two atoms, `None` if there is something else or the document's end.
    fn is_spaced(&self, end: usize, next: usize) -> Option<bool> {
        if next >= self.document.end {
            return None;
        }
        let mut gap = &self.text[end..next];
        let spaced = !gap.is_empty();
        while !gap.is_empty() {
            let (c, len) = first_char(gap);
            if !c.is_some_and(is_space) {
                return None;
            }
            gap = &gap[len..];
        }
        Some(spaced)
    }
}

/// Where the last character of `text` begins, if that is not its beginning.
fn next_char_from_end(text: &[u8]) -> usize {
    let tail = text.iter().rev().take(3).take_while(|&&byte| byte & 0xC0 == 0x80).count();
    match text.len() - tail {
        0 | 1 => text.len(),
        behind => behind - 1,
    }
}

/// Buffers of this engine.
#[derive(Default)]
pub struct Buffers {
    atoms: Atoms,
    search: Search,
}

impl Engine for Words {
    fn scan(&self, batch: Batch<'_>, scratch: &mut Scratch, sink: &mut impl Sink) {
        let Buffers { atoms, search } = &mut scratch.words;
        let text = batch.text;
        // The document that the walk has come to.
        let mut document = 0;
        let mut start = 0;
        let mut len = WINDOW;
        while start < text.len() {
            let end = text.len().min(start + len);
            let reaching = batch.spans[document..].iter().take_while(|span| span.start < end);
            let spans = reaching
                .map(|span| Span { start: span.start.max(start) - start, end: span.end.min(end).max(start) - start });
            self.atomiser.cut(&text[start..end], spans, atoms);
            // The last atoms wait for those that may follow them in a form; the next window begins with them.
            let ready = match end == text.len() {
                true => atoms.starts().len(),
                false => atoms.starts().len().saturating_sub(self.longest + DOUBTFUL),
            };
            if ready == 0 && end < text.len() {
                match atoms.starts().is_empty() {
                    // Nothing but what stands between atoms; the last character may be cut.
                    true => start += next_char_from_end(&text[start..end]),
                    false => len *= 2,
                }
                continue;
            }
            self.vocabulary.find_all(&text[start..end], atoms.starts(), atoms.ends(), search);
            let mut window = Window { text, start, atoms, document: batch.spans[document] };
            for (i, found) in search.found.iter().enumerate() {
                if found.atom as usize >= ready {
                    break;
                }
                while start + atoms.starts()[found.atom as usize] as usize >= window.document.end {
                    sink.end_document();
                    document += 1;
                    window.document = batch.spans[document];
                }
                self.walk(&window, &search.found[i..], sink);
            }
            if sink.cancelled() {
                return;
            }
            start = if end == text.len() { end } else { start + atoms.starts()[ready] as usize };
            len = WINDOW;
        }
        (document..batch.spans.len()).for_each(|_| sink.end_document());
    }

    fn reach(&self) -> usize {
        0
    }

    /// A place before an atom that no form holds but at its beginning, behind something that is no word character and
    /// that, if a word follows at once, is not the end of a form: then both sides see a boundary where the whole does.
    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let text = &window[from..];
        let mut atoms = Atoms::default();
        self.atomiser.cut(text, std::iter::once(Span { start: 0, end: text.len() }), &mut atoms);
        let atom = |i: usize| &text[atoms.starts()[i] as usize..atoms.ends()[i] as usize];
        let cuts_cleanly = |i: &usize| {
            let adjoins = atoms.ends()[i - 1] == atoms.starts()[*i];
            let joined = adjoins
                && match (self.atomiser.is_mark(atom(i - 1)), self.atomiser.is_mark(atom(*i))) {
                    (false, _) => true,
                    (true, false) => {
                        let mark = self.vocabulary.find(atom(i - 1));
                        mark != NONE && self.is_last[mark as usize]
                    }
                    (true, true) => false,
                };
            let id = self.vocabulary.find(atom(*i));
            !joined && (id == NONE || !self.is_inner[id as usize])
        };
        // The first atom may be the rest of one, the last the beginning of one.
        let places = 1..atoms.starts().len().saturating_sub(DOUBTFUL);
        places.into_iter().find(cuts_cleanly).map(|i| from + atoms.starts()[i] as usize)
    }

    fn overlaps_itself(&self, form: u32) -> bool {
        self.is_sequence[form as usize]
    }
}
