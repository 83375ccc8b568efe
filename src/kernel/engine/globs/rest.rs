//! Globs anywhere in a text: from its first literal, which an automaton has found, the rest of a glob is matched.
//!
//! In substring mode a glob has an occurrence for each place where it can begin, each as long as it can be; there may be
//! as many as characters, all within one long run. So that they cost no more than that, what was found out about a run is
//! kept for the next occurrence in it: where it ends, and where the glob's next segment stands ([`Seek`]).

use super::super::super::glob::{self, Glob, after_gap, backward};
use super::super::super::runs::Runs;
use super::super::super::unicode::{first_char, splits_symbol};

/// A form with wildcards.
pub struct FormGlob {
    form: u32,
    glob: Glob,
    /// The bytes of its literals.
    bytes: Vec<u8>,
    /// Its number among the globs.
    number: u32,
}

impl FormGlob {
    pub fn new(number: u32, form: u32, text: &[u8]) -> Self {
        let items = glob::items(text);
        let bytes =
            items.iter().filter_map(|item| if let glob::Item::Byte(byte) = item { Some(*byte) } else { None });
        Self { form, bytes: bytes.collect(), glob: Glob::new(&items), number }
    }

    /// Whether the glob begins with a gap, so that its literals begin in the second segment.
    fn begins_with_gap(&self) -> bool {
        self.glob.segments[0].is_empty()
    }

    /// The first literal, if there is one in the first segment that is not empty.
    pub fn first_literal(&self) -> Option<Vec<u8>> {
        self.leading().map(|(_, literal)| literal.to_vec())
    }

    /// The first literal, and how many single characters stand before it in its segment. Segments behind a gap begin
    /// with a literal; a first segment of single characters alone has none.
    fn leading(&self) -> Option<(usize, &[u8])> {
        self.glob.segments.get(usize::from(self.begins_with_gap()))?.first_literal()
    }

    /// Whether some literal holds the first byte of a character.
    pub fn holds(&self, character: &[u8]) -> bool {
        character.first().is_some_and(|first| self.bytes.contains(first))
    }
}

/// What is known of each glob in the current document.
#[derive(Default)]
pub struct Buffers {
    globs: Vec<Known>,
    /// Counts documents.
    document: u64,
}

/// What is known of one glob in the document that it was last looked for in.
#[derive(Default)]
struct Known {
    document: u64,
    /// The first place that is not yet known to be a start or none.
    next_start: usize,
    /// By segment.
    seeks: Vec<Seek>,
}

/// What is known of a segment in the run that ends at `run_end`. Occurrences come in order of their starts, so what was
/// looked for from an earlier place on holds from a later one.
#[derive(Clone, Copy)]
struct Seek {
    run_end: usize,
    /// Start and end of the place found: the first there is, or for the last segment the last of the run.
    place: Option<(usize, usize)>,
}

impl Seek {
    /// Nothing, of any run.
    const NOTHING: Self = Self { run_end: usize::MAX, place: None };
}

/// The globs in one document.
pub struct InDocument<'t> {
    runs: &'t Runs,
    globs: &'t [FormGlob],
    text: &'t [u8],
    buffers: &'t mut Buffers,
    /// The run that was looked at last.
    run: (usize, usize),
}

impl<'t> InDocument<'t> {
    pub fn new(runs: &'t Runs, globs: &'t [FormGlob], text: &'t [u8], buffers: &'t mut Buffers) -> Self {
        if buffers.globs.len() < globs.len() {
            buffers.globs.resize_with(globs.len(), Known::default);
        }
        buffers.document += 1;
        Self { runs, globs, text, buffers, run: (0, 0) }
    }

    /// What is known of a glob in this document. It is forgotten at the first look, not before: most documents hold few
    /// of the globs.
    fn known(&mut self, glob: &FormGlob) -> &mut Known {
        let Buffers { globs, document } = &mut *self.buffers;
        let known = &mut globs[glob.number as usize];
        if known.document != *document {
            known.document = *document;
            known.next_start = 0;
            known.seeks.clear();
            known.seeks.resize(glob.glob.segments.len(), Seek::NOTHING);
        }
        known
    }

    /// Reports the occurrences of which the first literal stands at `at`. Calls for one glob come in order of `at`.
    pub fn from_literal(&mut self, glob: u32, at: usize, mut report: impl FnMut(u32, usize, usize)) {
        let glob = &self.globs[glob as usize];
        let Some((ones, _)) = glob.leading() else { return };
        if !glob.begins_with_gap() {
            // Where single characters stand before it, they are whole ones.
            if (ones == 0 || !splits_symbol(self.text, at))
                && let Some(start) = backward(self.text, at, ones)
                && let Some(end) = self.end_from(glob, start)
            {
                report(glob.form, start, end);
            }
            return;
        }
        let second = &glob.glob.segments[1];
        let stands = match glob.glob.segments.len() {
            2 => second.match_at(self.text, at, self.runs),
            _ => second.match_before_gap(self.text, at, self.runs),
        };
        if stands.is_none() || splits_symbol(self.text, at) {
            return;
        }
        // The second segment stands at `at`. The occurrence may begin with any character of the run before it that leaves
        // the gap its least, but for those from which an earlier place of the segment was reached.
        let next = self.known(glob).next_start;
        let mut start = at;
        let mut starts = Vec::new();
        let mut chars = 0;
        while start >= next {
            if chars >= glob.glob.gaps[0] {
                starts.push(start);
            }
            let Some(before) = backward(self.text, start, 1).filter(|_| self.runs.end_at(self.text, start)) else {
                break;
            };
            start = before;
            chars += 1;
        }
        let (Some(&last), Some(&first)) = (starts.first(), starts.last()) else { return };
        self.known(glob).next_start = last + first_char(&self.text[last..]).1.max(1);
        let Some(end) = self.end_from(glob, first) else { return };
        starts.into_iter().rev().for_each(|start| report(glob.form, start, end));
    }

    /// Reports the occurrences of a glob without a literal that begin in a stretch.
    pub fn everywhere(&mut self, glob: u32, from: usize, until: usize, mut report: impl FnMut(u32, usize, usize)) {
        let glob = &self.globs[glob as usize];
        // A stretch may begin within a character.
        let mut at = from.max(self.known(glob).next_start);
        while at < until {
            let (c, len) = first_char(&self.text[at..]);
            if self.runs.hold(c)
                && let Some(end) = self.end_from(glob, at)
            {
                report(glob.form, at, end);
            }
            at += len.max(1);
        }
        self.known(glob).next_start = at;
    }

    /// The end of the longest match that begins at `start`.
    fn end_from(&mut self, form: &FormGlob, start: usize) -> Option<usize> {
        let Glob { segments, gaps } = &form.glob;
        let mut at = segments[0].match_at(self.text, start, self.runs)?;
        let last = segments.len() - 1;
        for i in 1..=last {
            let from = after_gap(self.text, at, gaps[i - 1])?;
            let run_end = self.run_end(at);
            if from > run_end {
                return None;
            }
            let segment = &segments[i];
            if segment.is_empty() {
                return Some(run_end);
            }
            let mut seek = self.known(form).seeks[i];
            let is_known =
                seek.run_end == run_end && (i == last || seek.place.is_none_or(|(start, _)| from <= start));
            if !is_known {
                let place = match i == last {
                    true => segment.last(self.text, from, run_end, self.runs),
                    false => segment.first(self.text, from, run_end, self.runs),
                };
                seek = Seek { run_end, place };
                self.known(form).seeks[i] = seek;
            }
            let (start, end) = seek.place?;
            if start < from {
                return None;
            }
            at = end;
        }
        Some(at)
    }

    /// Where the run at `at` ends: `at` itself, if there is none.
    fn run_end(&mut self, at: usize) -> usize {
        if self.run.0 <= at && at < self.run.1 {
            return self.run.1;
        }
        let mut end = at;
        while self.runs.begin_at(self.text, end) {
            end += first_char(&self.text[end..]).1;
        }
        self.run = (at, end);
        end
    }
}
