//! Verifies globs: from a glob's first literal, which the automaton has found, matches the rest of the glob.
//!
//! In substring mode a glob has a match for each position where it can begin, each as long as possible. There may be
//! as many as characters, all in one long word. What follows a glob's first gap does not depend on where the match
//! begins. In one word all its matches end at the same position, and there is a last position where the gap can
//! begin. Both are found once for each glob and word, from the last fixed part to the first, each as late as possible
//! ([`GapEnd`]). So a match costs one comparison, for any number of parts.
//!
//! Most literals that are found belong to globs whose other literals do not follow in the word. [`Rest`] describes what
//! must follow, and so excludes nearly all of them.

use std::ops::Range;

use memchr::memmem::FinderRev;

use super::byte_sets::{ByteSets, Rests};
use super::pattern_glob::{PatternGlob, Rest};
use crate::core::engines::engine::MatchCallback;
use crate::core::terms::glob::{FixedPart, Glob, PartItem, chars_before};
use crate::core::text::boundaries::Boundaries;
use crate::core::text::unicode::{first_char, last_symbol_len, splits_symbol};

/// Characters, or matches, between two checks for cancellation.
const CHECK_EVERY: usize = 64 << 10;

/// In longer ranges a literal is found by a search, not position by position.
const FAR_BYTES: usize = 256;

/// Bytes of such a search between two checks for cancellation.
const FAR_CHECK_EVERY: usize = 1 << 20;

/// The state of each glob in the current document.
#[derive(Default)]
pub struct GlobsScratch {
    globs: Vec<GlobState>,
    /// Counts documents.
    document: u64,
    /// Counts the literals that were found.
    pub literals: usize,
    /// Globs that begin with a gap and still have matches to report.
    continuing: Vec<u32>,
    /// The rests of the word that was last looked at, if they were needed.
    rests: Rests,
}

/// The state of a glob in the document where it was last searched.
#[derive(Clone, Copy)]
struct GlobState {
    document: u64,
    /// The first position that was not yet tried as a start.
    next_start: usize,
    /// The end of the word that `gap_end` is about.
    word_end: usize,
    gap_end: Option<GapEnd>,
    /// For a glob of only single characters: whether a word character ends at `next_start`, and the end of the match
    /// that begins with it.
    is_in_word: bool,
    end: Option<usize>,
    /// If matches must not overlap: the end of the last one.
    free_from: usize,
}

impl Default for GlobState {
    fn default() -> Self {
        Self {
            document: 0,
            next_start: 0,
            word_end: usize::MAX,
            gap_end: None,
            is_in_word: false,
            end: None,
            free_from: 0,
        }
    }
}

/// Where a glob's first gap leads to in a word.
#[derive(Clone, Copy)]
struct GapEnd {
    /// The last position where the gap can begin.
    latest: usize,
    /// The end of the match, which is the same for all earlier positions.
    end: usize,
}

/// The globs in one document.
pub struct DocumentGlobs<'t> {
    boundaries: &'t Boundaries,
    globs: &'t [PatternGlob],
    text: &'t [u8],
    /// The document's start in the batch.
    base: usize,
    scratch: &'t mut GlobsScratch,
    /// Whether a match that overlaps an earlier match of the same glob is left out.
    apart: bool,
    /// The last word that was looked at, from some position in it on.
    word: (usize, usize),
}

impl<'t> DocumentGlobs<'t> {
    pub fn new(
        boundaries: &'t Boundaries,
        globs: &'t [PatternGlob],
        text: &'t [u8],
        base: usize,
        scratch: &'t mut GlobsScratch,
        apart: bool,
    ) -> Self {
        if scratch.globs.len() < globs.len() {
            scratch.globs.resize_with(globs.len(), GlobState::default);
        }
        scratch.document += 1;
        scratch.continuing.clear();
        scratch.rests.clear();
        Self { boundaries, globs, text, base, scratch, apart, word: (1, 0) }
    }

    /// The state of a glob in this document. It is reset when it is first needed, since most documents contain few of
    /// the globs.
    fn state(&mut self, glob: &PatternGlob) -> &mut GlobState {
        let GlobsScratch { globs, document, .. } = &mut *self.scratch;
        let state = &mut globs[glob.number as usize];
        if state.document != *document {
            *state = GlobState { document: *document, ..GlobState::default() };
        }
        state
    }

    fn on_match(&mut self, glob: &PatternGlob, start: usize, end: usize, callback: &mut impl MatchCallback) {
        if self.apart {
            let free_from = &mut self.state(glob).free_from;
            if start < *free_from {
                return;
            }
            *free_from = end;
        }
        callback.on_match(glob.pattern, self.base + start, self.base + end);
    }

    pub fn count_literal(&mut self) {
        self.scratch.literals += 1;
    }

    /// Whether the rest of a glob may follow its first literal.
    #[inline]
    pub fn may_follow(&mut self, rest: &Rest, literal: Range<usize>, callback: &impl MatchCallback) -> bool {
        rest.may_begin(&self.text[literal.end..])
            && (rest.bytes.is_empty() || self.may_contain(&rest.bytes, literal, callback))
    }

    /// Whether some bytes may follow a literal in its word.
    #[inline]
    fn may_contain(&mut self, bytes: &ByteSets, literal: Range<usize>, callback: &impl MatchCallback) -> bool {
        let word_end = self.word_end(literal.start, callback);
        let rests = &mut self.scratch.rests;
        if rests.is_empty() {
            rests.find(&self.text[self.word.0..word_end]);
        }
        // A literal that begins within a character may end outside the word.
        word_end.checked_sub(literal.end).is_none_or(|rest| rests.may_contain(rest, bytes))
    }

    /// Reports the matches whose first literal is at `at`. If a glob begins with a gap, reports the matches in the
    /// word that begin before `until`. Calls for one glob must come in order of `at`.
    pub fn report_from_literal(&mut self, number: u32, at: usize, until: usize, callback: &mut impl MatchCallback) {
        let glob = &self.globs[number as usize];
        if glob.begins_with_gap {
            if !splits_symbol(self.text, at) {
                self.in_word(number, at, until, callback);
            }
            return;
        }
        let ones = glob.ones;
        // Single characters before the literal must be whole characters.
        if (ones == 0 || !splits_symbol(self.text, at))
            && let Some(start) = chars_before(self.text, at, ones)
            && let Some(end) = self.end_from(glob, start, callback)
        {
            self.on_match(glob, start, end, callback);
        }
    }

    /// Reports the matches of a glob that begins with a gap, in the word that contains `at` or ends there, unless
    /// this was done before. A match may begin with any character of the word, up to the last position where the gap
    /// can begin.
    pub fn in_word(&mut self, glob: u32, at: usize, until: usize, callback: &mut impl MatchCallback) {
        let glob = &self.globs[glob as usize];
        let word_end = self.word_end(at, callback);
        let state = *self.state(glob);
        if state.word_end == word_end {
            return;
        }
        let mut start = at;
        while start > state.next_start && self.boundaries.word_ends_at(self.text, start) {
            start -= last_symbol_len(&self.text[..start]);
        }
        let gap_end = self.gap_end(glob, start, word_end, callback);
        *self.state(glob) = GlobState { next_start: start, word_end, gap_end, ..state };
        if self.continue_glob(glob, until, callback) {
            self.scratch.continuing.push(glob.number);
        }
    }

    /// For globs that begin with a gap: reports the remaining matches in earlier words that begin before `until`.
    pub fn continue_all(&mut self, until: usize, callback: &mut impl MatchCallback) {
        let mut continuing = std::mem::take(&mut self.scratch.continuing);
        continuing.retain(|&glob| self.continue_glob(&self.globs[glob as usize], until, callback));
        self.scratch.continuing = continuing;
    }

    /// The same for one glob. Returns whether there are more.
    fn continue_glob(&mut self, glob: &PatternGlob, until: usize, callback: &mut impl MatchCallback) -> bool {
        let GlobState { next_start: mut start, gap_end: Some(GapEnd { latest, end }), .. } = *self.state(glob) else {
            return false;
        };
        for count in 1.. {
            if start > latest || start >= until || count % CHECK_EVERY == 0 && callback.cancelled() {
                break;
            }
            self.on_match(glob, start, end, callback);
            start += first_char(&self.text[start..]).1.max(1);
        }
        self.state(glob).next_start = start;
        start <= latest
    }

    /// Reports the matches of a glob without a literal that begin in a slice.
    pub fn report_everywhere(&mut self, glob: u32, from: usize, until: usize, callback: &mut impl MatchCallback) {
        let glob = &self.globs[glob as usize];
        let is_ones = glob.glob.parts.len() == 1;
        let GlobState { next_start, mut is_in_word, mut end, .. } = *self.state(glob);
        // A slice may begin within a character.
        let mut at = from.max(next_start);
        while at < until {
            let (c, len) = first_char(&self.text[at..]);
            let was_in_word = std::mem::replace(&mut is_in_word, self.boundaries.is_word_char(c));
            end = match end {
                _ if !is_in_word => None,
                // One more character than the previous match, if there is one.
                end if is_ones && was_in_word => end
                    .filter(|&end| self.boundaries.word_begins_at(self.text, end))
                    .map(|end| end + first_char(&self.text[end..]).1),
                _ => self.end_from(glob, at, callback),
            };
            if let Some(end) = end {
                self.on_match(glob, at, end, callback);
            }
            at += len.max(1);
        }
        let state = self.state(glob);
        (state.next_start, state.is_in_word, state.end) = (at, is_in_word, end);
    }

    /// The end of the longest match that begins at `start`.
    fn end_from(&mut self, glob: &PatternGlob, start: usize, callback: &impl MatchCallback) -> Option<usize> {
        let parts = &glob.glob.parts;
        let at = parts[0].match_at(self.text, start, self.boundaries)?;
        if parts.len() == 1 {
            return Some(at);
        }
        if splits_symbol(self.text, at) {
            return None;
        }
        let word_end = self.word_end(at, callback);
        if parts.len() == 2 && parts[1].is_empty() && glob.glob.gaps[0] == 0 {
            // The gap matches the rest of the word, as in `word*`, so no state is needed.
            return Some(word_end);
        }
        let mut state = *self.state(glob);
        if state.word_end != word_end {
            state = GlobState { word_end, gap_end: self.gap_end(glob, at, word_end, callback), ..state };
            *self.state(glob) = state;
        }
        state.gap_end.filter(|gap_end| at <= gap_end.latest).map(|gap_end| gap_end.end)
    }

    /// Where the first gap leads to if it begins at or after `low`, in the word that ends at `word_end`.
    fn gap_end(
        &self,
        glob: &PatternGlob,
        mut low: usize,
        mut word_end: usize,
        callback: &impl MatchCallback,
    ) -> Option<GapEnd> {
        let Glob { parts, gaps } = &glob.glob;
        // In each word, the part that leads out of it must be at the word's end. All other parts are as late as
        // possible.
        let mut crossed = Vec::new();
        for &i in &glob.crossing {
            let (start, end) = self.last_position(&parts[i], low, word_end, true, callback)?;
            crossed.push((i, start, end, low));
            low = end;
            word_end = self.end_of_word(end, callback);
        }
        let last = parts.len() - 1;
        let (mut start, end) = match parts[last].is_empty() {
            true => (word_end, word_end),
            false => self.last_position(&parts[last], low, word_end, false, callback)?,
        };
        for i in (1..last).rev() {
            let latest = self.back(start, gaps[i], low)?;
            match crossed.pop_if(|crossed| crossed.0 == i) {
                Some((_, at, end, low_before)) => {
                    if end > latest {
                        return None;
                    }
                    (start, low) = (at, low_before);
                }
                None => {
                    let until = self.back(latest, parts[i].chars(), low)?;
                    (start, _) = self.last_position(&parts[i], low, until, true, callback)?;
                }
            }
        }
        Some(GapEnd { latest: self.back(start, gaps[0], low)?, end })
    }

    /// The position `chars` characters before `at`, if it is not before `low`.
    fn back(&self, mut at: usize, chars: usize, low: usize) -> Option<usize> {
        for _ in 0..chars {
            if at <= low {
                return None;
            }
            at -= last_symbol_len(&self.text[..at]);
        }
        (at >= low).then_some(at)
    }

    /// The last position from `low` to `until` where a part matches, and the end of the match. With `before_gap`, it
    /// must end between characters.
    fn last_position(
        &self,
        part: &FixedPart,
        low: usize,
        until: usize,
        before_gap: bool,
        callback: &impl MatchCallback,
    ) -> Option<(usize, usize)> {
        let match_end = |at: usize| match before_gap {
            true => part.match_before_gap(self.text, at, self.boundaries),
            false => part.match_at(self.text, at, self.boundaries),
        };
        if let [PartItem::Literal(literal)] = &part.items[..]
            && until.saturating_sub(low) > FAR_BYTES
        {
            let finder = FinderRev::new(literal);
            let mut most = until;
            while most >= low && !callback.cancelled() {
                // Searches the positions from `least` to `most`.
                let least = low.max(most.saturating_sub(FAR_CHECK_EVERY.max(literal.len())));
                let part = &self.text[least..self.text.len().min(most + literal.len())];
                let Some(at) = finder.rfind(part).map(|at| least + at) else {
                    most = least.checked_sub(1)?;
                    continue;
                };
                if let Some(end) = match_end(at).filter(|_| !splits_symbol(self.text, at)) {
                    return Some((at, end));
                }
                most = at.checked_sub(1)?;
            }
            return None;
        }
        let mut at = until;
        for count in 1.. {
            if at < low || count % CHECK_EVERY == 0 && callback.cancelled() {
                break;
            }
            if let Some(end) = match_end(at) {
                return Some((at, end));
            }
            at = chars_before(self.text, at, 1)?;
        }
        None
    }

    /// The end of the word at `at`, which is `at` itself if there is none.
    fn word_end(&mut self, at: usize, callback: &impl MatchCallback) -> usize {
        if !(self.word.0..=self.word.1).contains(&at) {
            self.word = (at, self.end_of_word(at, callback));
            self.scratch.rests.clear();
        }
        self.word.1
    }

    fn end_of_word(&self, at: usize, callback: &impl MatchCallback) -> usize {
        let mut end = at;
        for count in 1.. {
            if !self.boundaries.word_begins_at(self.text, end) || count % CHECK_EVERY == 0 && callback.cancelled() {
                break;
            }
            end += first_char(&self.text[end..]).1;
        }
        end
    }
}
