//! Whole words, tokens and phrases: the text's words are looked up, one lookup a word whatever the number of terms.
//!
//! Text and forms are read as **atoms**. In word mode an atom is a run of word characters or one *mark* (any other
//! character but white space); in token mode it is a run of anything but white space. Boundaries make an occurrence a
//! sequence of whole atoms: the atoms of a form, with white space just where the form has it. So `C++` is three atoms,
//! `New York` two with a gap, and no term is a special case: forms make a trie over atoms, and the scan walks it from
//! every atom. A form that begins or ends with a mark has one thing more to check: that no word character adjoins it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::super::batch::Batch;
use super::super::plan::Match;
use super::super::terms::Strings;
use super::super::unicode::{first_char, is_space, is_word, last_char};
use super::{CANCEL_BYTES, Engine, Scratch, Sink};

/// No atom of any form; no form at a node.
const NONE: u32 = u32::MAX;
/// Atoms read before they are matched: few enough for the first-level cache.
const BLOCK: usize = 1024;

/// What stands between an atom and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gap {
    Nothing,
    Space,
    /// A mark that no form contains, or the beginning of the text: no form goes across.
    Other,
}

/// An atom of a text.
#[derive(Clone, Copy, Debug)]
pub struct Atom {
    start: usize,
    end: usize,
    gap: Gap,
    is_mark: bool,
    id: u32,
}

/// Where a reader of atoms stands, and what is behind it since the last atom.
#[derive(Clone, Copy)]
struct Place {
    at: usize,
    gap: Gap,
}

impl Place {
    const BEGINNING: Self = Self { at: 0, gap: Gap::Other };
}

/// What a byte is, as the first of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Word,
    Space,
    /// A mark that some form contains.
    Mark,
    /// A mark that no form contains.
    Other,
    /// Not ASCII: the character decides.
    High,
}

/// Cuts text into atoms.
struct Atomiser {
    rule: Match,
    ascii: [Class; 256],
    /// The class of marks that are not ASCII, bytes outside valid UTF-8 among them.
    high_marks: Class,
}

impl Atomiser {
    /// Takes every mark for an atom.
    fn new(rule: Match) -> Self {
        let class = |byte: usize| match (byte as u8) as char {
            c if !c.is_ascii() => Class::High,
            c if is_space(c) => Class::Space,
            c if rule == Match::Token || is_word(c) => Class::Word,
            _ => Class::Mark,
        };
        Self { rule, ascii: std::array::from_fn(class), high_marks: Class::Mark }
    }

    /// The class of the character that begins at `at`, and its length.
    #[inline]
    fn class(&self, text: &[u8], at: usize) -> (Class, usize) {
        match self.ascii[text[at] as usize] {
            Class::High => self.high_class(&text[at..]),
            class => (class, 1),
        }
    }

    #[cold]
    fn high_class(&self, text: &[u8]) -> (Class, usize) {
        let (c, len) = first_char(text);
        let class = match c {
            Some(c) if is_space(c) => Class::Space,
            _ if self.rule == Match::Token => Class::Word,
            Some(c) if is_word(c) => Class::Word,
            _ => self.high_marks,
        };
        (class, len)
    }

    /// Appends the atoms that begin before `until`, with no ids yet, but at most so many that there are `most`.
    /// Returns where to go on.
    fn read(&self, text: &[u8], from: Place, until: usize, most: usize, atoms: &mut Vec<Atom>) -> Place {
        let Place { mut at, mut gap } = from;
        while at < until && atoms.len() < most {
            let (class, len) = self.class(text, at);
            let start = at;
            at += len;
            match class {
                Class::Space if gap == Gap::Nothing => gap = Gap::Space,
                Class::Space => {}
                Class::Other | Class::High => gap = Gap::Other,
                Class::Mark => {
                    atoms.push(Atom { start, end: at, gap, is_mark: true, id: NONE });
                    gap = Gap::Nothing;
                }
                Class::Word => {
                    while at < text.len() {
                        match self.class(text, at) {
                            (Class::Word, len) => at += len,
                            _ => break,
                        }
                    }
                    atoms.push(Atom { start, end: at, gap, is_mark: false, id: NONE });
                    gap = Gap::Nothing;
                }
            }
        }
        Place { at, gap }
    }
}

/// The distinct atoms of all forms.
#[derive(Default)]
struct Vocabulary {
    atoms: Strings,
    index: HashTable<u32>,
}

impl Vocabulary {
    fn hash(atom: &[u8]) -> u64 {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(atom);
        hasher.finish()
    }

    #[inline]
    fn find(&self, atom: &[u8]) -> u32 {
        self.index.find(Self::hash(atom), |&id| self.atoms.get(id as usize) == atom).copied().unwrap_or(NONE)
    }

    fn insert(&mut self, atom: &[u8]) -> u32 {
        let Self { atoms, index } = self;
        let entry = index.entry(
            Self::hash(atom),
            |&id| atoms.get(id as usize) == atom,
            |&id| Self::hash(atoms.get(id as usize)),
        );
        *entry
            .or_insert_with(|| {
                atoms.push(atom);
                (atoms.len() - 1) as u32
            })
            .get()
    }
}

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
        let mut atomiser = Atomiser::new(rule);
        let mut vocabulary = Vocabulary::default();
        let mut used = [false; 256];
        let mut uses_high_marks = false;
        // All forms as sequences of (atom, white space before it), one after the other.
        let mut sequence: Vec<(u32, bool)> = Vec::with_capacity(forms.len());
        let mut ends = Vec::with_capacity(forms.len());
        let mut atoms = Vec::new();
        for form in forms {
            atoms.clear();
            atomiser.read(form, Place::BEGINNING, form.len(), usize::MAX, &mut atoms);
            for atom in &atoms {
                if atom.is_mark {
                    used[form[atom.start] as usize] = true;
                    uses_high_marks |= !form[atom.start].is_ascii();
                }
                sequence.push((vocabulary.insert(&form[atom.start..atom.end]), atom.gap == Gap::Space));
            }
            ends.push(sequence.len());
        }
        for (class, used) in atomiser.ascii.iter_mut().zip(used) {
            if *class == Class::Mark && !used {
                *class = Class::Other;
            }
        }
        if !uses_high_marks {
            atomiser.high_marks = Class::Other;
        }
        let atoms = vocabulary.atoms.len();
        let mut words = Self {
            atomiser,
            vocabulary,
            nodes: vec![Node { form: NONE, goes_on: false }; atoms],
            steps: HashMap::default(),
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

    fn scan_document(&self, text: &[u8], start: usize, atoms: &mut Vec<Atom>, sink: &mut impl Sink) {
        atoms.clear();
        let mut place = Place::BEGINNING;
        while place.at < text.len() {
            let known = atoms.len();
            let most = BLOCK.max(2 * self.longest);
            let until = text.len().min(place.at + CANCEL_BYTES);
            place = self.atomiser.read(text, place, until, most, atoms);
            for atom in &mut atoms[known..] {
                atom.id = self.vocabulary.find(&text[atom.start..atom.end]);
            }
            // The last atoms wait for those that may follow them in a form.
            let ready = if place.at < text.len() { atoms.len().saturating_sub(self.longest) } else { atoms.len() };
            for i in 0..ready {
                if atoms[i].id != NONE {
                    self.walk(text, start, &atoms[i..], sink);
                }
            }
            atoms.drain(..ready);
            if sink.cancelled() {
                return;
            }
        }
    }

    /// Reports the forms that begin with the first of `atoms`.
    #[inline]
    fn walk(&self, text: &[u8], start: usize, atoms: &[Atom], sink: &mut impl Sink) {
        let first = atoms[0];
        let mut node = first.id;
        if first.is_mark && last_char(&text[..first.start]).is_some_and(is_word) {
            return;
        }
        let mut last = first;
        let mut rest = atoms[1..].iter();
        loop {
            let Node { form, goes_on } = self.nodes[node as usize];
            if form != NONE && !(last.is_mark && first_char(&text[last.end..]).0.is_some_and(is_word)) {
                sink.hit(form, start + first.start, start + last.end);
            }
            let next = match rest.next() {
                Some(next) if goes_on && next.gap != Gap::Other => *next,
                _ => return,
            };
            match self.steps.get(&(node, next.id, next.gap == Gap::Space)) {
                Some(&step) => node = step,
                None => return,
            }
            last = next;
        }
    }
}

impl Engine for Words {
    fn scan(&self, batch: Batch<'_>, scratch: &mut Scratch, sink: &mut impl Sink) {
        for (text, start) in batch.documents() {
            self.scan_document(text, start, &mut scratch.atoms, sink);
            if sink.cancelled() {
                return;
            }
            sink.end_document();
        }
    }

    fn reach(&self) -> usize {
        0
    }

    /// A place before an atom that no form holds but at its beginning, behind something that is no word character and
    /// that, if a word follows at once, is not the end of a form: then both sides see a boundary where the whole does.
    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let mut atoms = Vec::new();
        let place = Place { at: from, gap: Gap::Other };
        self.atomiser.read(window, place, window.len(), usize::MAX, &mut atoms);
        let id = |atom: &Atom| self.vocabulary.find(&window[atom.start..atom.end]);
        // The first atom may be the rest of one, the last the beginning of one.
        let pairs = atoms.windows(2).take(atoms.len().saturating_sub(2));
        let mut places = pairs.filter(|pair| {
            let [before, atom] = pair else { return false };
            let adjoins = match (atom.gap, before.is_mark, atom.is_mark) {
                (Gap::Nothing, false, _) => true,
                (Gap::Nothing, true, false) => {
                    let mark = id(before);
                    mark != NONE && self.is_last[mark as usize]
                }
                _ => false,
            };
            let atom = id(atom);
            !adjoins && (atom == NONE || !self.is_inner[atom as usize])
        });
        places.next().map(|pair| pair[1].start)
    }

    fn overlaps_itself(&self, form: u32) -> bool {
        self.is_sequence[form as usize]
    }
}
