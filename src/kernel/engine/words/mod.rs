//! Whole words, tokens and phrases: the text's words are looked up, one lookup a word whatever the number of terms.
//!
//! Text and forms are read as **atoms** (see [`atoms`]). Boundaries make an occurrence a sequence of whole atoms: those
//! of a form, with white space just where the form has it. So `C++` is three atoms, `New York` two with white space
//! between, `happi*` one that a pattern describes, and no term is a special case: forms make a trie over atoms and
//! patterns, which is walked from every atom that some form begins with. A form that begins or ends with a mark has one
//! thing more to check: that no character of a run adjoins it.
//!
//! Forms are cut as text is, by [`cut`]. A window of text at a time goes through its passes: [`atoms`] finds where its
//! atoms are (by [`masks`], and by [`marks`] and [`around`] for those that are no words), [`vocabulary`] and [`patterns`] which of them some
//! form holds (by [`key`], [`filter`] and [`perfect`]), and [`walk`] which forms stand there (by [`steps`]).

mod around;
pub mod atoms;
mod cut;
mod filter;
mod key;
mod marks;
mod masks;
pub mod patterns;
mod perfect;
mod steps;
pub mod vocabulary;
mod walk;

use super::super::batch::Batch;
use super::super::error::CountError;
use super::super::runs::Runs;
use super::super::terms::Form;
use super::super::text::Span;
use super::super::unicode::is_space;
use super::{Engine, Scratch, Sink};
use atoms::{Atomiser, Atoms};
use cut::{Cut, Link};
use patterns::{Memo, Patterns};
use steps::Steps;
use vocabulary::{Found, NONE, Search, Vocabulary};
use walk::{Behind, Walk, Window, is_spaced};

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
    /// Whether its last atom is a mark, or may be where the last one is left out: then its neighbours matter.
    is_mark: bool,
}

/// What an atom of the text, alone, is the beginning of.
#[derive(Clone, Copy)]
struct First {
    /// The form that it is, if that needs no second look.
    form: u32,
    walks: Walks,
}

/// When there is more to be seen to than that.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Walks {
    Never,
    /// If what was found next may lead on.
    IfLed,
    Always,
}

pub struct Words {
    atomiser: Atomiser,
    vocabulary: Vocabulary,
    patterns: Patterns,
    /// The pattern that need not match anything: a `*` beside a mark, as in `C*+`. It is walked past as well.
    optional: Option<u32>,
    nodes: Vec<Node>,
    /// By atom, as far as it is told at once.
    firsts: Vec<First>,
    any_walks: bool,
    steps: Steps,
    /// Atoms of the longest form.
    longest: usize,
    /// By form: whether it has more than one atom, as a form that overlaps itself must.
    is_sequence: Vec<bool>,
    /// By atom: whether some form holds it behind its first atom, without and with white space before it.
    is_inner: Vec<[bool; 2]>,
    /// By atom: whether some form ends with it.
    is_last: Vec<bool>,
}

impl Words {
    /// For the forms with ids `0..forms.len()`.
    pub fn new<'f>(runs: &Runs, forms: impl ExactSizeIterator<Item = Form<'f>>) -> Result<Self, CountError> {
        let Cut { vocabulary, patterns, optional, marks, is_mark, links, ends } = Cut::new(runs, forms)?;
        let atoms = vocabulary.len() as usize + patterns.len();
        let node = |id: usize| Node { form: NONE, goes_on: false, is_mark: is_mark.get(id) == Some(&true) };
        let mut words = Self {
            atomiser: Atomiser::new(runs.clone(), marks),
            vocabulary,
            patterns,
            optional,
            nodes: (0..atoms).map(node).collect(),
            firsts: Vec::new(),
            any_walks: false,
            steps: Steps::default(),
            longest: 0,
            is_sequence: Vec::with_capacity(ends.len()),
            is_inner: vec![[false; 2]; atoms],
            is_last: vec![false; atoms],
        };
        let mut start = 0;
        for (form, end) in ends.into_iter().enumerate() {
            words.add(form as u32, &links[start..end]);
            start = end;
        }
        words.steps.finish();
        let needs_more = !words.patterns.is_empty() || optional.is_some();
        let first = |node: &Node| match *node {
            Node { is_mark, goes_on, .. } if is_mark || goes_on && needs_more || optional.is_some() => {
                First { form: NONE, walks: Walks::Always }
            }
            Node { form, goes_on, .. } => First { form, walks: if goes_on { Walks::IfLed } else { Walks::Never } },
        };
        words.firsts = words.nodes[..atoms].iter().map(first).collect();
        words.any_walks = words.firsts.iter().any(|first| first.walks != Walks::Never);
        Ok(words)
    }

    fn add(&mut self, form: u32, links: &[Link]) {
        let (&first, rest) = links.split_first().expect("a form holds a character that is no white space");
        let mut node = first.id;
        let mut before = first;
        for &link in rest {
            self.nodes[node as usize].goes_on = true;
            self.is_inner[link.id as usize][usize::from(link.spaced)] = true;
            // Where the atom before is left out, its white space stands before this one.
            self.is_inner[link.id as usize][1] |= Some(before.id) == self.optional && before.spaced;
            let next = self.nodes.len() as u32;
            let step = self.steps.insert(node, link.id, link.spaced, next);
            if step == next {
                let is_left_out = Some(link.id) == self.optional;
                let is_mark =
                    self.nodes[link.id as usize].is_mark || is_left_out && self.nodes[node as usize].is_mark;
                self.nodes.push(Node { form: NONE, goes_on: false, is_mark });
            }
            node = step;
            before = link;
        }
        self.nodes[node as usize].form = form;
        self.is_last[before.id as usize] = true;
        self.is_sequence.push(!rest.is_empty());
        self.longest = self.longest.max(links.len());
    }

    /// Puts those of the first `begun` of `found` that are forms into `whole`, by their forms' ids, and the numbers of those
    /// that are to be walked from into `walkers`; without a branch, since nobody can foretell which they are.
    fn choose(&self, found: &[Found], begun: usize, whole: &mut Vec<Found>, walkers: &mut Vec<u32>) {
        let nothing = Found { atom: u32::MAX, id: NONE };
        whole.clear();
        whole.resize(begun, nothing);
        let mut forms = 0;
        for &here in &found[..begun] {
            let form = self.firsts[here.id as usize].form;
            whole[forms] = Found { atom: here.atom, id: form };
            forms += usize::from(form != NONE);
        }
        whole.truncate(forms);
        walkers.clear();
        if !self.any_walks {
            return;
        }
        walkers.resize(begun, 0);
        let mut chosen = 0;
        for (i, &here) in found[..begun].iter().enumerate() {
            let next = *found.get(i + 1).unwrap_or(&nothing);
            let walks = self.firsts[here.id as usize].walks;
            let is_led = (next.atom == here.atom + 1) & self.steps.may_lead(here.id, next.id);
            walkers[chosen] = i as u32;
            chosen += usize::from((walks == Walks::Always) | (walks == Walks::IfLed) & is_led);
        }
        walkers.truncate(chosen);
    }

    /// Reports the forms that begin with the first of `found`, but for what [`First`] tells of it.
    fn walk(&self, window: &Window<'_>, found: &[Found], sink: &mut impl Sink) {
        let first = found[0];
        let (start, end) = window.atom(first.atom);
        let walk = Walk { words: self, window, start };
        let behind = Behind { atom: first.atom, end, spaced: false };
        if self.firsts[first.id as usize].walks == Walks::IfLed {
            return walk.go_on::<false>(first.id, behind, &found[1..], sink);
        }
        if self.nodes[first.id as usize].is_mark && window.is_behind_run(start) {
            return;
        }
        if walk.report(first.id, behind, sink) {
            match self.patterns.is_empty() {
                true => walk.go_on::<false>(first.id, behind, &found[1..], sink),
                false => walk.go_on::<true>(first.id, behind, &found[1..], sink),
            }
        }
        if let Some(optional) = self.optional
            && let Some(step) = self.steps.get(optional, first.id, false)
        {
            walk.branch(step, behind, &found[1..], sink);
        }
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
    memo: Memo,
    /// What patterns were found.
    matched: Vec<Found>,
    /// Which of what was found are forms, by their ids.
    whole: Vec<Found>,
    /// Which of what was found is to be walked from.
    walkers: Vec<u32>,
}

impl Engine for Words {
    fn scan(&self, batch: Batch<'_>, scratch: &mut Scratch, sink: &mut impl Sink) {
        let Buffers { atoms, search, memo, matched, whole, walkers } = &mut scratch.words;
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
            let (starts, ends) = (atoms.starts(), atoms.ends());
            self.vocabulary.find_all(&text[start..end], starts, ends, search);
            if !self.patterns.is_empty() {
                matched.clear();
                let atoms =
                    starts.iter().zip(ends).zip(search.images()).map(|((&start, &end), image)| (start, end, image));
                self.patterns.find_all(&text[start..end], atoms, self.vocabulary.len(), memo, matched);
                search.merge(matched);
            }
            let runs = self.atomiser.runs();
            let mut window = Window { runs, text, start, atoms, document: batch.spans[document] };
            let all_found = search.found();
            let begun = all_found.partition_point(|found| (found.atom as usize) < ready);
            self.choose(all_found, begun, whole, walkers);
            let place = |found: Found| start + atoms.starts()[found.atom as usize] as usize;
            let (mut whole, mut walkers) = (&whole[..], &walkers[..]);
            // The next document in which something begins, until there is none.
            let walker = |walkers: &[u32]| walkers.first().map(|&walker| place(all_found[walker as usize]));
            while let Some(next) =
                [whole.first().map(|&first| place(first)), walker(walkers)].into_iter().flatten().min()
            {
                while next >= window.document.end {
                    sink.end_document();
                    document += 1;
                    window.document = batch.spans[document];
                }
                while let Some((&first, rest)) =
                    whole.split_first().filter(|(first, _)| place(**first) < window.document.end)
                {
                    let (start, end) = window.atom(first.atom);
                    sink.hit(first.id, start, end);
                    whole = rest;
                }
                while let Some((&first, rest)) =
                    walkers.split_first().filter(|_| walker(walkers) < Some(window.document.end))
                {
                    self.walk(&window, &all_found[first as usize..], sink);
                    walkers = rest;
                }
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

    /// A place before an atom with which no form goes on, behind something that is no character of a run and that, if a
    /// run follows at once, is not the end of a form: then both sides see a boundary where the whole does.
    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let text = &window[from..];
        let mut atoms = Atoms::default();
        self.atomiser.cut(text, std::iter::once(Span { start: 0, end: text.len() }), &mut atoms);
        let bounds = |i: usize| (atoms.starts()[i] as usize, atoms.ends()[i] as usize);
        let cuts_cleanly = |i: &usize| {
            let ((start_before, end_before), (start, end)) = (bounds(i - 1), bounds(*i));
            let (before, atom) = (&text[start_before..end_before], &text[start..end]);
            let may_end_with = |mark: &[u8]| {
                let mark = self.vocabulary.find(mark);
                mark != NONE && self.is_last[mark as usize]
            };
            let gap = &text[end_before..start];
            let Some(spaced) = is_spaced(gap) else {
                // Behind a mark that is in no form here, nothing goes on; but it might end one if nothing stood behind it.
                let (last, len) = bstr::decode_last_utf8(gap);
                return last.is_some_and(is_space)
                    || self.atomiser.is_mark(atom)
                    || !may_end_with(&gap[gap.len() - len..]);
            };
            let joined = !spaced
                && match (self.atomiser.is_mark(before), self.atomiser.is_mark(atom)) {
                    (false, _) => true,
                    (true, false) => may_end_with(before),
                    (true, true) => false,
                };
            let is_inner = |id: u32| self.is_inner[id as usize][usize::from(spaced)];
            let id = self.vocabulary.find(atom);
            let goes_on = id != NONE && is_inner(id)
                || !self.patterns.is_empty()
                    && self
                        .patterns
                        .matching(atom)
                        .into_iter()
                        .any(|pattern| is_inner(self.vocabulary.len() + pattern));
            !joined && !goes_on
        };
        // The first atom may be the rest of one, the last the beginning of one.
        let places = 1..atoms.starts().len().saturating_sub(DOUBTFUL);
        places.into_iter().find(cuts_cleanly).map(|i| from + atoms.starts()[i] as usize)
    }

    fn overlaps_itself(&self, form: u32) -> bool {
        self.is_sequence[form as usize]
    }
}
