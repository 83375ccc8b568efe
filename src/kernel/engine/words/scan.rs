//! The engine's pass over a text, window by window.
//!
//! A window ends between characters, and an atom that goes on behind its end is left to the next window, which begins with
//! it. Walks go on from window to window. So windows need not grow, whatever the text: memory is bounded by the window's
//! size and the longest form. An atom longer than a window is a window of its own: only its end is looked for.

use super::super::super::batch::Batch;
use super::super::super::text::Span;
use super::super::super::unicode::first_char;
use super::super::{Scratch, Sink};
use super::atoms::Atoms;
use super::patterns::Memo;
use super::vocabulary::{Found, NONE, Search};
use super::window::Window;
use super::{Words, sets, walk};

/// Text of a window: with the bits and places of its atoms it stays in the second-level cache.
pub const WINDOW: usize = 16 << 10;

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
    walk: walk::Walk,
    walk_of_sets: sets::Walk,
}

/// What was found in a window and is to be reported.
struct Finds<'f> {
    all: &'f [Found],
    whole: &'f [Found],
    walkers: &'f [u32],
}

/// Either walk, by whether there are patterns.
struct AnyWalk<'w> {
    words: &'w Words,
    walk: &'w mut walk::Walk,
    of_sets: &'w mut sets::Walk,
}

impl AnyWalk<'_> {
    fn begin(&mut self, window: &Window<'_>, found: &[Found], sink: &mut impl Sink) -> u32 {
        match self.words.patterns.is_empty() {
            true => self.walk.begin(&self.words.trie, window, found, sink),
            false => self.of_sets.begin(self.words.forms(), window, found, sink),
        }
    }

    fn resume(&mut self, window: &Window<'_>, found: &[Found], sink: &mut impl Sink) -> u32 {
        match self.words.patterns.is_empty() {
            true => self.walk.resume(&self.words.trie, window, found, sink),
            false => self.of_sets.resume(self.words.forms(), window, found, sink),
        }
    }

    fn leave(&mut self, window: &Window<'_>) -> Option<usize> {
        match self.words.patterns.is_empty() {
            true => self.walk.leave(&self.words.trie, window),
            false => self.of_sets.leave(window),
        }
    }
}

/// What was reported so far: which document of the batch has been come to.
struct Reported<'b> {
    spans: &'b [Span],
    document: usize,
}

/// Where a window ends.
struct Extent {
    /// How many of its atoms end in it, and where it ends: the next window begins there.
    atoms: usize,
    end: usize,
    /// Whether its first atom goes on behind it.
    is_long: bool,
}

impl Words {
    /// Reports every occurrence in every document of the batch.
    pub fn scan_windows(&self, batch: Batch<'_>, scratch: &mut Scratch, sink: &mut impl Sink) {
        let Buffers { atoms, search, memo, matched, whole, walkers, walk, walk_of_sets } = &mut scratch.words;
        let Batch { text, spans } = batch;
        let runs = self.atomiser.runs();
        let mut walk = AnyWalk { words: self, walk, of_sets: walk_of_sets };
        let mut reported = Reported { spans, document: 0 };
        // The first document that reaches into the window.
        let mut first = 0;
        let mut start = 0;
        while start < text.len() {
            first += spans[first..].iter().take_while(|span| span.end <= start).count();
            let reaching = spans[first..].iter().take_while(|span| span.start < start + self.window).count();
            let reaching = &spans[first..first + reaching];
            let Extent { atoms: count, mut end, is_long } = self.extent(text, start, reaching, atoms);
            let (mut starts, mut ends, mut end_base) = (&atoms.starts()[..count], &atoms.ends()[..count], start);
            if is_long {
                let document = &text[..reaching.last().map_or(0, |last| last.end)];
                end = self.end_of_run(document, end, atoms, sink);
                (starts, ends, end_base) = (&[0], &[0], end);
                self.find_one(&text[start..end], search, memo);
            } else {
                self.vocabulary.find_all(&text[start..end], starts, ends, search);
                if !self.patterns.is_empty() {
                    matched.clear();
                    let atoms = starts.iter().zip(ends).zip(search.images());
                    let atoms = atoms.map(|((&start, &end), image)| (start, end, image));
                    self.patterns.find_all(&text[start..end], atoms, self.vocabulary.len(), memo, matched);
                    search.merge(matched);
                }
            }
            let document = spans[reported.document];
            let mut window = Window { runs, text, end, starts, ends, start, end_base, document };
            self.choose(search.found(), window.len(), whole, walkers);
            let finds = Finds { all: search.found(), whole, walkers };
            reported.report(&mut window, finds, &mut walk, sink);
            sink.passed(walk.leave(&window).unwrap_or(end));
            if sink.cancelled() {
                return;
            }
            start = end;
        }
        (reported.document..spans.len()).for_each(|_| sink.end_document());
    }

    /// Cuts the text from `start` on into atoms, as far as a window goes.
    fn extent(&self, text: &[u8], start: usize, reaching: &[Span], atoms: &mut Atoms) -> Extent {
        let mut end = text.len().min(start + self.window);
        let document = reaching.last().copied().unwrap_or(Span { start, end: start });
        let goes_on = document.end > end;
        if goes_on {
            end = char_start(&text[..document.end], end, document.start.max(start));
        }
        let within = |span: &Span| Span { start: span.start.max(start) - start, end: span.end.min(end) - start };
        self.atomiser.cut(&text[start..end], reaching.iter().map(within), atoms);
        let (starts, ends) = (atoms.starts(), atoms.ends());
        let runs = self.atomiser.runs();
        let is_open = goes_on
            && ends.last().is_some_and(|&last| start + last as usize == end)
            && runs.begin_at(&text[..document.end], end)
            && runs.end_at(&text[document.start..end], end - document.start);
        match starts.split_last() {
            Some((0, _)) if is_open => Extent { atoms: 0, end, is_long: true },
            Some((&last, before)) if is_open => {
                Extent { atoms: before.len(), end: start + last as usize, is_long: false }
            }
            _ => Extent { atoms: starts.len(), end, is_long: false },
        }
    }

    /// The end of a run that reaches beyond `at` in its document.
    fn end_of_run(&self, document: &[u8], mut at: usize, atoms: &mut Atoms, sink: &impl Sink) -> usize {
        while self.atomiser.runs().begin_at(document, at) && !sink.cancelled() {
            let end = char_start(document, document.len().min(at + self.window), at);
            self.atomiser.cut(&document[at..end], std::iter::once(Span { start: 0, end: end - at }), atoms);
            at += atoms.ends()[0] as usize;
            if at < end {
                break;
            }
        }
        at
    }

    /// Looks one atom up.
    fn find_one(&self, atom: &[u8], search: &mut Search, memo: &mut Memo) {
        search.clear();
        search.extend(Some(self.vocabulary.find(atom)).filter(|&id| id != NONE).into_iter());
        if !self.patterns.is_empty() {
            search.extend(self.patterns.find(atom, memo.matching()).iter().map(|id| self.vocabulary.len() + id));
        }
    }
}

impl Reported<'_> {
    fn report(&mut self, window: &mut Window<'_>, finds: Finds<'_>, walk: &mut AnyWalk<'_>, sink: &mut impl Sink) {
        let Finds { all, mut whole, mut walkers } = finds;
        // The first atom that no walk has come to.
        let mut free = walk.resume(window, all, sink);
        // The next document in which something begins, until there is none.
        let start_of = |window: &Window<'_>, walkers: &[u32]| {
            walkers.first().map(|&walker| window.start_of(all[walker as usize].atom))
        };
        loop {
            let next = whole.first().map(|first| window.start_of(first.atom));
            let Some(next) = [next, start_of(window, walkers)].into_iter().flatten().min() else { return };
            while next >= window.document.end {
                sink.end_document();
                self.document += 1;
                window.document = self.spans[self.document];
            }
            while let Some((&first, rest)) =
                whole.split_first().filter(|(first, _)| window.start_of(first.atom) < window.document.end)
            {
                let (start, end) = window.atom(first.atom);
                sink.hit(first.id, start, end);
                whole = rest;
            }
            while let Some((&first, rest)) =
                walkers.split_first().filter(|_| start_of(window, walkers) < Some(window.document.end))
            {
                if all[first as usize].atom >= free {
                    free = walk.begin(window, &all[first as usize..], sink);
                }
                walkers = rest;
            }
        }
    }
}

/// The first place of the character that `at` is within, or else `at`. Nothing before `from` is part of it.
fn char_start(text: &[u8], at: usize, from: usize) -> usize {
    let before = text[from..at].iter().rev().take(3).position(|byte| byte & 0xC0 != 0x80);
    let start = before.map_or(at, |continuations| at - continuations - 1);
    if start + first_char(&text[start..]).1 > at { start } else { at }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::plan::{Engines, Options, Plan, Syntax};
    use super::super::super::super::terms::Terms;
    use super::super::super::Engine;
    use super::super::effort;
    use super::*;

    /// Occurrences, and the places that were passed.
    #[derive(Default)]
    struct Seen {
        hits: Vec<(u32, usize, usize)>,
        passed: Vec<usize>,
    }

    impl Sink for Seen {
        fn hit(&mut self, form: u32, start: usize, end: usize) {
            assert!(start >= self.passed.last().copied().unwrap_or(0), "an occurrence at {start} is late");
            self.hits.push((form, start, end));
        }

        fn hits(&mut self, _: u32, _: u64) {
            unreachable!("`words` tells places")
        }

        fn passed(&mut self, place: usize) {
            self.passed.push(place);
        }

        fn end_document(&mut self) {}

        fn cancelled(&self) -> bool {
            false
        }
    }

    fn scan(terms: &[String], syntax: Syntax, window: usize, text: &str) -> Seen {
        let terms = Terms::each(terms.iter().map(|term| (term, true)));
        let options = Options { syntax, ..Options::default() };
        let plan = Plan::with_engines(terms, options, Engines::WordsBy(window)).unwrap();
        let spans = [Span { start: 0, end: text.len() }];
        let mut seen = Seen::default();
        effort::take();
        plan.groups()[0].scan(Batch { text: text.as_bytes(), spans: &spans }, &mut Scratch::default(), &mut seen);
        seen
    }

    /// All phrases of so many words that begin with `a`, each of the others `a` or `*`, before a last word.
    fn wild_phrases(words: usize, last: &str) -> Vec<String> {
        let phrase = |bits: usize| -> String {
            (0..words).map(|i| if bits >> i & 1 == 1 { "* " } else { "a " }).collect::<String>() + last
        };
        (0..1 << words).map(phrase).collect()
    }

    #[test]
    fn each_atom_is_looked_at_once_whatever_the_forms() {
        let one = |term: String| vec![term];
        let nested = |piece: &str| (1..100).map(|times| piece.repeat(times)).collect::<Vec<_>>();
        let cases: [(Vec<String>, Syntax, &str, usize); 9] = [
            (one("a ".repeat(1000) + "b"), Syntax::Literal, "a ", 2),
            (one("-".repeat(1000) + "+"), Syntax::Literal, "-", 2),
            (one("a b ".repeat(500) + "c"), Syntax::Literal, "a b ", 4),
            (one("a ".repeat(50_000) + "b"), Syntax::Literal, "a ", 2),
            (nested("-"), Syntax::Literal, "-", 1),
            (vec!["a b".into(), "b a c".into(), "- -".into()], Syntax::Literal, "a b ", 4),
            (one("a b".into()), Syntax::Literal, "a                                  ", 2),
            // The sets of paths are remembered: the first thousand atoms make them.
            (wild_phrases(10, "b"), Syntax::Glob, "a ", 2),
            (wild_phrases(4, "-+"), Syntax::Glob, "-a ", 3),
        ];
        for (terms, syntax, piece, atoms) in cases {
            for window in [64, WINDOW] {
                let effort = |times: usize| {
                    scan(&terms, syntax, window, &piece.repeat(times));
                    effort::take()
                };
                let times = [60_000, 120_000];
                let [once, twice] = times.map(effort);
                let more = (twice - once) as f64 / (times[1] - times[0]) as f64;
                // The white space between atoms, and two steps for each.
                assert!(more <= (piece.len() + 2 * atoms) as f64, "{:?} on {piece:?}: {more}", terms.last());
            }
        }
    }

    #[test]
    fn windows_of_any_size_find_the_same_and_never_look_back() {
        let pieces =
            ["a ", "a ", "a a ", "b-", "-", "a", "\u{3000}", "\n \t", "é", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa ", ". "];
        let mut state = 1u64;
        let text: String = (0..8000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pieces[(state >> 33) as usize % pieces.len()]
            })
            .collect();
        let terms =
            ["a", "a a", "a a a", "a a b-", "b--", "--", "-", "a\u{3000}é", &"a".repeat(29)].map(String::from);
        let globs = ["a*", "* a", "a* *-", "b-*", "*-*-*", "? ? a"].map(String::from);
        for (terms, syntax) in [(&terms[..], Syntax::Literal), (&globs, Syntax::Glob)] {
            let mut whole = scan(terms, syntax, 1 << 20, &text).hits;
            whole.sort_unstable();
            assert!(whole.len() > 1000);
            for window in [8, 9, 10, 13, 64, 1000] {
                let Seen { mut hits, passed } = scan(terms, syntax, window, &text);
                assert!(passed.is_sorted() && passed.len() > 10, "{passed:?}");
                hits.sort_unstable();
                assert_eq!(hits, whole, "{window}");
            }
        }
    }
}
