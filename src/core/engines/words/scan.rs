//! The engine's pass over a text, window by window.
//!
//! A window ends between characters, and an atom that goes on behind its end is left to the next window, which begins with
//! it. Walks go on from window to window. So windows need not grow, whatever the text: memory is bounded by the window's
//! size and the longest form. An atom longer than a window is a window of its own: only its end is looked for.

use super::atoms::Atoms;
use super::chain::Chain;
use super::compiled::Words;
use super::patterns::Memo;
use super::vocabulary::{Found, Search};
use super::walkers::{Walkers, report_whole};
use super::window::Window;
use super::{sets, walk};
use crate::core::documents::batch::Batch;
use crate::core::engines::engine::MatchCallback;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::first_char;

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
    /// Which of what was found is to be walked from, through either trie.
    walkers: Vec<u32>,
    wild_walkers: Vec<u32>,
    walk: walk::Walk,
    chain: Chain,
    wild_walk: sets::Walk,
}

/// The walks through the forms without patterns, of which the chain is for those that compete, and through those with them.
struct Walks<'w> {
    words: &'w Words,
    plain: &'w mut walk::Walk,
    chain: &'w mut Chain,
    wild: &'w mut sets::Walk,
}

impl Walks<'_> {
    /// Leaves a window; tells the place before which no later occurrence begins.
    fn leave(&mut self, window: &Window<'_>, callback: &mut impl MatchCallback) -> usize {
        let plain = match self.words.competes {
            true => self.chain.leave(self.words.reversed(), window, callback),
            false => self.plain.leave(&self.words.trie, window),
        };
        let wild = self.wild.leave(window);
        [plain, wild].into_iter().flatten().min().unwrap_or(window.end)
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
    pub fn scan_windows(&self, batch: Batch<'_>, buffers: &mut Buffers, callback: &mut impl MatchCallback) {
        let Buffers { atoms, search, memo, matched, whole, walkers, wild_walkers, walk, chain, wild_walk } = buffers;
        let Batch { text, spans } = batch;
        let boundaries = self.atomiser.boundaries();
        walk.reset(self.wild.is_empty());
        chain.reset();
        wild_walk.reset();
        let mut walks = Walks { words: self, plain: walk, chain, wild: wild_walk };
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
                end = self.end_of_run(document, end, atoms, callback);
                (starts, ends, end_base) = (&[0], &[0], end);
                self.find_one(&text[start..end], search, memo, matched, callback);
            } else {
                self.vocabulary.find_all(&text[start..end], starts, ends, search);
                if !self.patterns.is_empty() {
                    let bounds = starts.iter().zip(ends).zip(search.images());
                    let bounds = bounds.map(|((&start, &end), image)| (start, end, image));
                    let base = self.vocabulary.len();
                    // Where patterns take much work, the window ends before its end.
                    let done =
                        self.patterns.find_all(&text[start..end], bounds, base, 4 * self.window, memo, matched);
                    if done < count {
                        (end, starts, ends) = (start + starts[done] as usize, &starts[..done], &ends[..done]);
                        search.end_before(done as u32);
                    }
                }
            }
            search.merge(matched);
            let document = spans[reported.document];
            let mut window = Window { boundaries, text, end, starts, ends, start, end_base, document };
            if self.competes && self.any_walks {
                self.choose_chained(search.found(), window.len(), whole, walkers);
            } else {
                self.choose_walkers(search.found(), window.len(), walkers);
            }
            if !(self.competes && self.any_walks && self.patterns.is_empty()) {
                self.choose_whole(search.all(), whole);
            }
            self.choose_wild_walkers(search.all(), window.len(), wild_walkers);
            let plain = Walkers { found: search.found(), chosen: walkers, free: 0 };
            let wild = Walkers { found: search.all(), chosen: wild_walkers, free: 0 };
            reported.report(&mut window, whole, plain, wild, &mut walks, callback);
            let passed = walks.leave(&window, callback);
            callback.passed(passed);
            if callback.cancelled() {
                return;
            }
            start = end;
        }
        (reported.document..spans.len()).for_each(|_| callback.end_document());
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
        let boundaries = self.atomiser.boundaries();
        let is_open = goes_on
            && ends.last().is_some_and(|&last| start + last as usize == end)
            && boundaries.word_begins_at(&text[..document.end], end)
            && boundaries.word_ends_at(&text[document.start..end], end - document.start);
        match starts.split_last() {
            Some((0, _)) if is_open => Extent { atoms: 0, end, is_long: true },
            Some((&last, before)) if is_open => {
                Extent { atoms: before.len(), end: start + last as usize, is_long: false }
            }
            _ => Extent { atoms: starts.len(), end, is_long: false },
        }
    }

    /// The end of a run that reaches beyond `at` in its document.
    fn end_of_run(&self, document: &[u8], mut at: usize, atoms: &mut Atoms, callback: &impl MatchCallback) -> usize {
        while self.atomiser.boundaries().word_begins_at(document, at) && !callback.cancelled() {
            let end = char_start(document, document.len().min(at + self.window), at);
            self.atomiser.cut(&document[at..end], std::iter::once(Span { start: 0, end: end - at }), atoms);
            // None is there if someone writes to the text.
            let Some(&len) = atoms.ends().first() else { break };
            at += len as usize;
            if at < end {
                break;
            }
        }
        at
    }

    /// Looks up one atom, which may be long.
    fn find_one(
        &self,
        atom: &[u8],
        search: &mut Search,
        memo: &mut Memo,
        matched: &mut Vec<Found>,
        callback: &impl MatchCallback,
    ) {
        search.find_one(self.vocabulary.find(atom));
        matched.clear();
        let matching = self.patterns.find(atom, memo.matching(), || callback.cancelled());
        matched.extend(matching.iter().map(|pattern| Found { atom: 0, id: self.vocabulary.len() + pattern }));
    }
}

impl Reported<'_> {
    fn report(
        &mut self,
        window: &mut Window<'_>,
        mut whole: &[Found],
        mut plain: Walkers<'_>,
        mut wild: Walkers<'_>,
        walks: &mut Walks<'_>,
        callback: &mut impl MatchCallback,
    ) {
        let (trie, reversed, forms) = (&walks.words.trie, walks.words.reversed(), walks.words.wild_forms());
        plain.free = walks.plain.resume(trie, window, plain.found, callback);
        wild.free = walks.wild.resume(forms, window, wild.found, callback);
        loop {
            // The next document in which something begins, until there is none.
            let next = whole.first().map_or(usize::MAX, |first| window.start_of(first.atom));
            let next = next.min(plain.start(window)).min(wild.start(window));
            if next == usize::MAX {
                return;
            }
            while next >= window.document.end {
                walks.chain.end(reversed, window, callback);
                callback.end_document();
                self.document += 1;
                window.document = self.spans[self.document];
            }
            if walks.words.competes {
                walks.chain.collect(reversed, window, &mut plain, &mut whole, callback);
            }
            report_whole(&mut whole, window, window.document.end, callback);
            while let Some(found) = plain.next(window) {
                plain.free = walks.plain.begin(trie, window, found, callback);
            }
            while let Some(found) = wild.next(window) {
                wild.free = walks.wild.begin(forms, window, found, callback);
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
    use super::*;
    use crate::core::engines::Engine;
    use crate::core::engines::words::effort;
    use crate::core::engines::words::window::WINDOW;
    use crate::core::plan::{Engines, Plan};
    use crate::core::terms::list::Terms;
    use crate::core::terms::options::{Options, Overlap, Syntax};

    /// Occurrences, and the places that were passed.
    #[derive(Default)]
    struct Seen {
        hits: Vec<(u32, usize, usize)>,
        passed: Vec<usize>,
    }

    impl MatchCallback for Seen {
        fn on_match(&mut self, form: u32, start: usize, end: usize) {
            assert!(start >= self.passed.last().copied().unwrap_or(0), "an occurrence at {start} is late");
            self.hits.push((form, start, end));
        }

        fn on_matches(&mut self, _: u32, _: u64) {
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
        scan_by(terms, Options { syntax, ..Options::default() }, window, text)
    }

    fn scan_by(terms: &[String], options: Options, window: usize, text: &str) -> Seen {
        let terms = Terms::each(terms.iter().map(|term| (term, true)));
        let plan = Plan::with_engines(terms, options, Engines::WordsBy(window)).unwrap();
        let spans = [Span { start: 0, end: text.len() }];
        let mut seen = Seen::default();
        effort::take();
        plan.groups()[0].scan(
            Batch { text: text.as_bytes(), spans: &spans },
            &mut crate::core::engines::Scratch::default(),
            &mut seen,
        );
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
        let nested = |piece: &str| (1..20).map(|times| piece.repeat(times)).collect::<Vec<_>>();
        let cases: [(Vec<String>, Syntax, &str, usize); 10] = [
            (one("a ".repeat(1000) + "b"), Syntax::Literal, "a ", 2),
            (one("-".repeat(1000) + "+"), Syntax::Literal, "-", 2),
            (one("a b ".repeat(500) + "c"), Syntax::Literal, "a b ", 4),
            (one("a ".repeat(50_000) + "b"), Syntax::Literal, "a ", 2),
            (nested("-"), Syntax::Literal, "-", 1),
            (vec!["a b".into(), "b a c".into(), "- -".into()], Syntax::Literal, "a b ", 4),
            (one("a b".into()), Syntax::Literal, "a                                  ", 2),
            (vec!["a ".repeat(50_000) + "b", "x* y".into()], Syntax::Glob, "a ", 2),
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
    fn of_terms_that_compete_little_but_what_wins_is_reported() {
        let options = Options { overlap: Overlap::Longest, ..Options::default() };
        for (piece, atoms, most) in [("a ", 1, 100), ("a ", 1, 3), ("-", 1, 5), ("- ", 1, 50), ("a-b ", 3, 20)] {
            let terms: Vec<String> = (1..=most).map(|times| piece.repeat(times)).collect();
            for window in [64, WINDOW] {
                let effort = |times: usize| {
                    let hits = scan_by(&terms, options.clone(), window, &piece.repeat(times * most)).hits;
                    assert_eq!(hits.len(), times, "{piece:?}");
                    effort::take()
                };
                let [once, twice] = [1000, 2000].map(effort);
                let more = (twice - once) as f64 / (1000 * most) as f64;
                // The white space, and two steps for each atom; of a chain that is cut, a third is gone through twice.
                assert!(more <= (piece.len() + 3 * atoms) as f64, "{piece:?}: {more}");
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
        let both = [&terms[..], &globs].concat();
        let jobs = [(&terms[..], Syntax::Literal), (&globs, Syntax::Glob), (&both, Syntax::Glob)];
        let overlaps = [Overlap::PerTerm, Overlap::Longest];
        for ((terms, syntax), overlap) in jobs.into_iter().flat_map(|job| overlaps.map(|overlap| (job, overlap))) {
            let options = Options { syntax, overlap, ..Options::default() };
            let mut whole = scan_by(terms, options.clone(), 1 << 20, &text).hits;
            whole.sort_unstable();
            assert!(whole.len() > 1000);
            for window in [8, 9, 10, 13, 64, 1000] {
                let Seen { mut hits, passed } = scan_by(terms, options.clone(), window, &text);
                assert!(passed.is_sorted() && passed.len() > 10, "{passed:?}");
                hits.sort_unstable();
                assert_eq!(hits, whole, "{window}");
            }
        }
    }

    #[test]
    fn a_window_ends_where_patterns_take_much_work() {
        let globs: Vec<String> = (0..2000).map(|i| format!("*aaaaaa*{i}")).collect();
        let text: String = (0..2000).map(|i| format!("aaaaaa{i} ")).collect();
        let Seen { hits, passed } = scan(&globs, Syntax::Glob, WINDOW, &text);
        let ends_with = |word: usize| (0..2000).filter(|i| word.to_string().ends_with(&i.to_string())).count();
        assert_eq!(hits.len(), (0..2000).map(ends_with).sum::<usize>());
        // Each word has the literal of every pattern.
        assert!(passed.len() > 2000 * 2000 / (4 * WINDOW) / 2, "{}", passed.len());
    }

    #[test]
    fn places_are_passed_within_a_window_that_has_many_occurrences() {
        let dashes: Vec<String> = (1..=200).map(|times| "-".repeat(times)).collect();
        let Seen { hits, passed } = scan(&dashes, Syntax::Literal, WINDOW, &"-".repeat(5000));
        assert_eq!(hits.len(), (4801..=5000).sum::<usize>());
        assert!(passed.len() > 3 && passed[0] > 1000, "{passed:?}");
    }
}
