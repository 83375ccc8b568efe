//! Forms compiled: the words and patterns that they consist of, and the tries that lead from one to the next.

use super::atoms::Atomiser;
use super::cut::{Cut, Link};
use super::patterns::Patterns;
use super::sets;
use super::trie::{Node, Pairs, Trie};
use super::vocabulary::{Found, NONE, Vocabulary};
use super::window::WINDOW;
use crate::core::base::error::CountError;
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::Boundaries;

/// What an atom of the text, alone, is the beginning of.
#[derive(Clone, Copy)]
pub struct First {
    /// The form that it is, if that needs no second look.
    pub form: u32,
    pub walks: Walks,
}

/// When there is more to be seen to than that.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Walks {
    Never,
    /// If what was found next may lead on.
    IfLed,
    Always,
}

pub struct Words {
    pub atomiser: Atomiser,
    pub vocabulary: Vocabulary,
    pub patterns: Patterns,
    /// The pattern that need not match anything: a `*` next to a mark, as in `C*+`. It is walked past as well.
    pub optional: Option<u32>,
    /// Whether terms compete, so that of the forms without patterns that begin at a place only the longest matters.
    pub competes: bool,
    /// The forms without patterns, reversed if terms compete, and those with them.
    pub trie: Trie,
    pub wild: Trie,
    /// By atom, as far as it is told at once.
    pub firsts: Vec<First>,
    pub any_walks: bool,
    /// By form: whether it has more than one atom, as a form that overlaps itself must.
    pub is_sequence: Vec<bool>,
    /// By atom: whether it is a mark.
    pub is_mark: Vec<bool>,
    /// By atom: whether some form has it after its first atom, without and with white space before it.
    pub is_inner: Vec<[bool; 2]>,
    /// By atom: whether some form ends with it.
    pub is_last: Vec<bool>,
    /// Text of a window.
    pub window: usize,
}

impl Words {
    /// For the forms with ids `0..forms.len()`. With `competes`, of the forms without wildcards at least those are reported
    /// that win.
    pub fn new<'f>(
        boundaries: &Boundaries,
        forms: impl ExactSizeIterator<Item = Pattern<'f>>,
        competes: bool,
    ) -> Result<Self, CountError> {
        let Cut { vocabulary, patterns, optional, marks, mut is_mark, links, ends } = Cut::new(boundaries, forms)?;
        let plain = vocabulary.len() as usize;
        let atoms = plain + patterns.len();
        is_mark.resize(atoms, false);
        let mut words = Self {
            atomiser: Atomiser::new(boundaries.clone(), marks),
            vocabulary,
            patterns,
            optional,
            competes,
            trie: Trie::new(plain),
            wild: Trie::new(atoms),
            firsts: vec![First { form: NONE, walks: Walks::Never }; atoms],
            any_walks: false,
            is_sequence: Vec::with_capacity(ends.len()),
            is_mark,
            is_inner: vec![[false; 2]; atoms],
            is_last: vec![false; atoms],
            window: WINDOW,
        };
        let mut start = 0;
        for (form, end) in ends.into_iter().enumerate() {
            words.add(form as u32, &links[start..end]);
            start = end;
        }
        words.trie.finish(if competes { Pairs::All } else { Pairs::First }, true);
        words.wild.finish(Pairs::First, false);
        for (atom, first) in (0..).zip(&mut words.firsts[..plain]) {
            let root = words.trie.root(atom);
            first.walks = match words.is_mark[atom as usize] {
                _ if root == NONE => Walks::Never,
                true if !competes || words.trie.node(root).form != NONE => Walks::Always,
                _ => Walks::IfLed,
            };
        }
        words.any_walks = words.firsts.iter().any(|first| first.walks != Walks::Never);
        Ok(words)
    }

    /// Reads text by windows of so many bytes, which tests make small.
    pub fn with_window(self, window: usize) -> Self {
        // A window must have room for a character.
        Self { window: window.max(8), ..self }
    }

    fn add(&mut self, form: u32, links: &[Link]) {
        let (&first, rest) = links.split_first().expect("a form has a character that is not white space");
        self.is_sequence.push(!rest.is_empty());
        let is_mark = self.is_mark[first.id as usize];
        if rest.is_empty() && !is_mark {
            self.firsts[first.id as usize].form = form;
            self.is_last[first.id as usize] = true;
            return;
        }
        for (before, link) in links.iter().zip(rest) {
            self.is_inner[link.id as usize][usize::from(link.spaced)] = true;
            // Where the atom before is left out, its white space stands before this one.
            self.is_inner[link.id as usize][1] |= Some(before.id) == self.optional && before.spaced;
        }
        self.is_last[links[links.len() - 1].id as usize] = true;
        let is_wild = links.iter().any(|link| link.id >= self.vocabulary.len());
        let node = match (is_wild, self.competes) {
            (true, _) => add_path(&mut self.wild, links.iter().copied(), &self.is_mark, self.optional),
            (false, false) => add_path(&mut self.trie, links.iter().copied(), &self.is_mark, None),
            (false, true) => {
                // The white space is between the same two atoms.
                let spaced = [false].into_iter().chain(links.iter().rev().map(|link| link.spaced));
                let reversed = links.iter().rev().zip(spaced).map(|(link, spaced)| Link { id: link.id, spaced });
                add_path(&mut self.trie, reversed, &self.is_mark, None)
            }
        };
        node.form = form;
    }

    pub fn wild_forms(&self) -> sets::Forms<'_> {
        sets::Forms { trie: &self.wild, optional: self.optional, is_mark: &self.is_mark }
    }

    /// Puts those of `found` that are forms into `whole`, by their forms' ids; without a branch, which would be unpredictable.
    pub fn choose_whole(&self, found: &[Found], whole: &mut Vec<Found>) {
        whole.clear();
        whole.resize(found.len(), Found { atom: u32::MAX, id: NONE });
        let mut forms = 0;
        for &here in found {
            let form = self.firsts[here.id as usize].form;
            whole[forms] = Found { atom: here.atom, id: form };
            forms += usize::from(form != NONE);
        }
        whole.truncate(forms);
    }

    /// Puts the numbers of those of `found`, in a window of so many atoms, that are to be walked from into `walkers`; without a
    /// branch, too.
    pub fn choose_walkers(&self, found: &[Found], atoms: u32, walkers: &mut Vec<u32>) {
        walkers.clear();
        if !self.any_walks {
            return;
        }
        walkers.resize(found.len(), 0);
        let mut chosen = 0;
        for (i, &here) in found.iter().enumerate() {
            let next = *found.get(i + 1).unwrap_or(&Found { atom: u32::MAX, id: NONE });
            let walks = self.firsts[here.id as usize].walks;
            let is_led = (next.atom == here.atom + 1) & self.trie.may_pair(here.id, next.id);
            walkers[chosen] = i as u32;
            chosen += usize::from((walks == Walks::Always) | (walks == Walks::IfLed) & is_led);
        }
        walkers.truncate(chosen);
        // What follows the last atom is in the next window.
        if let Some(last) = found.last()
            && last.atom + 1 == atoms
            && self.firsts[last.id as usize].walks == Walks::IfLed
        {
            walkers.push(found.len() as u32 - 1);
        }
    }

    /// The same for forms with patterns: of each atom, the first find at most.
    pub fn choose_wild_walkers(&self, found: &[Found], atoms: u32, walkers: &mut Vec<u32>) {
        walkers.clear();
        if self.wild.is_empty() {
            return;
        }
        let mut start = 0;
        while start < found.len() {
            let atom = found[start].atom;
            let end = start + found[start..].iter().take_while(|found| found.atom == atom).count();
            let next = found[end..].iter().take(FEW).take_while(|next| next.atom == atom + 1).count();
            let next = &found[end..end + next];
            let leads = |here: &Found| match self.optional {
                Some(_) if self.is_mark[here.id as usize] => true,
                _ if self.wild.root(here.id) == NONE => false,
                // It may be left out.
                Some(_) => true,
                None if self.is_mark[here.id as usize] => true,
                None => {
                    atom + 1 == atoms
                        || next.len() == FEW
                        || next.iter().any(|next| self.wild.may_pair(here.id, next.id))
                }
            };
            if found[start..end].iter().any(leads) {
                walkers.push(start as u32);
            }
            start = end;
        }
    }
}

/// Adds a path to a trie; gives the node it leads to.
fn add_path<'t>(
    trie: &'t mut Trie,
    mut links: impl Iterator<Item = Link>,
    is_mark: &[bool],
    optional: Option<u32>,
) -> &'t mut Node {
    let first = links.next().expect("a form has a character that is not white space");
    let mut node = trie.add_root(first.id, is_mark[first.id as usize]);
    for Link { id, spaced } in links {
        let is_left_out = Some(id) == optional;
        let is_mark = is_mark[id as usize] || is_left_out && trie.node(node).is_mark;
        node = trie.add_step(node, id, spaced, is_mark);
    }
    trie.node_mut(node)
}

/// Finds in one atom that are looked at, before it is taken for granted that one of them goes on.
const FEW: usize = 8;
