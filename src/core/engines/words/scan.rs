//! Goes through a batch, window by window.
//!
//! A window ends between characters. A token that continues after its end is left to the next window, which begins
//! with it. Walks continue from window to window. So windows need not grow for any text: memory depends only on the
//! window's length and the longest pattern. A token longer than a window gets a window of its own, in which only its
//! end is searched for.

use super::compile::Words;
use super::longest::TokenChain;
use super::tokenizer::Tokens;
use super::trie_walk::TrieWalk;
use super::vocabulary::{TokenMatch, VocabularyLookup};
use super::walk_starts::{WalkStarts, report_single_tokens};
use super::wildcard_walk::WildcardWalk;
use super::wildcards::WildcardCache;
use super::window::Window;
use super::window_end::WindowEnd;
use crate::core::documents::batch::Batch;
use crate::core::engines::engine::MatchCallback;
use crate::core::text::encoding::Span;

/// The buffers of the words engine.
#[derive(Default)]
pub struct WordsScratch {
    tokens: Tokens,
    search: VocabularyLookup,
    cache: WildcardCache,
    /// Wildcards that match a token.
    wildcard_matches: Vec<TokenMatch>,
    /// Matches that are patterns by themselves, with the ids of their patterns.
    single_token: Vec<TokenMatch>,
    /// Indices of the matches at which walks start, for either trie.
    walk_starts: Vec<u32>,
    wildcard_starts: Vec<u32>,
    walk: TrieWalk,
    chain: TokenChain,
    wildcard_walk: WildcardWalk,
}

/// The walks of a plan. For patterns without wildcards that is `chain` if terms compete, otherwise `plain`.
struct Walks<'w> {
    words: &'w Words,
    plain: &'w mut TrieWalk,
    chain: &'w mut TokenChain,
    wildcard: &'w mut WildcardWalk,
}

impl Walks<'_> {
    /// Leaves a window. Returns a position before which no later match begins.
    fn leave(&mut self, window: &Window<'_>, callback: &mut impl MatchCallback) -> usize {
        let plain = match self.words.competes {
            true => self.chain.leave(self.words.reverse_trie(), window, callback),
            false => self.plain.leave(&self.words.trie, window),
        };
        let wildcard = self.wildcard.leave(window);
        [plain, wildcard].into_iter().flatten().min().unwrap_or(window.end)
    }
}

/// The document that the scan has reached.
struct DocumentCursor<'b> {
    spans: &'b [Span],
    document: usize,
}

impl Words {
    /// Reports every match in every document of the batch.
    pub fn scan_windows(&self, batch: Batch<'_>, scratch: &mut WordsScratch, callback: &mut impl MatchCallback) {
        let WordsScratch {
            tokens,
            search,
            cache,
            wildcard_matches,
            single_token,
            walk_starts,
            wildcard_starts,
            walk,
            chain,
            wildcard_walk,
        } = scratch;
        let Batch { text, spans } = batch;
        let boundaries = self.tokenizer.boundaries();
        walk.reset(self.wildcard_trie.is_empty());
        chain.reset();
        wildcard_walk.reset();
        let mut walks = Walks { words: self, plain: walk, chain, wildcard: wildcard_walk };
        let mut cursor = DocumentCursor { spans, document: 0 };
        // The first document that overlaps the window.
        let mut first = 0;
        let mut start = 0;
        while start < text.len() {
            first += spans[first..].iter().take_while(|span| span.end <= start).count();
            let overlapping = spans[first..].iter().take_while(|span| span.start < start + self.window).count();
            let overlapping = &spans[first..first + overlapping];
            let WindowEnd { tokens: count, mut end, is_long } =
                self.tokenizer.window_end(text, start, self.window, overlapping, tokens);
            let (mut starts, mut ends, mut end_base) = (&tokens.starts()[..count], &tokens.ends()[..count], start);
            if is_long {
                let document = &text[..overlapping.last().map_or(0, |last| last.end)];
                end = self.tokenizer.word_end(document, end, self.window, tokens, &|| callback.cancelled());
                (starts, ends, end_base) = (&[0], &[0], end);
                self.find_one(&text[start..end], search, cache, wildcard_matches, callback);
            } else {
                self.vocabulary.find_all(&text[start..end], starts, ends, search);
                if !self.wildcards.is_empty() {
                    let bounds = starts.iter().zip(ends).zip(search.fingerprints());
                    let bounds = bounds.map(|((&start, &end), fingerprint)| (start, end, fingerprint));
                    let base = self.vocabulary.len();
                    // If wildcards take much work, the window ends early.
                    let done = self.wildcards.find_all(
                        &text[start..end],
                        bounds,
                        base,
                        4 * self.window,
                        cache,
                        wildcard_matches,
                    );
                    if done < count {
                        (end, starts, ends) = (start + starts[done] as usize, &starts[..done], &ends[..done]);
                        search.end_before(done as u32);
                    }
                }
            }
            search.merge(wildcard_matches);
            let document = spans[cursor.document];
            let mut window = Window { boundaries, text, end, starts, ends, start, end_base, document };
            if self.competes && self.any_walks {
                self.select_chained(search.matches(), window.len(), single_token, walk_starts);
            } else {
                self.select_walk_starts(search.matches(), window.len(), walk_starts);
            }
            if !(self.competes && self.any_walks && self.wildcards.is_empty()) {
                self.select_single_token(search.all(), single_token);
            }
            self.select_wildcard_starts(search.all(), window.len(), wildcard_starts);
            let plain = WalkStarts { matches: search.matches(), selected: walk_starts, first_unwalked: 0 };
            let wildcard = WalkStarts { matches: search.all(), selected: wildcard_starts, first_unwalked: 0 };
            cursor.report(&mut window, single_token, plain, wildcard, &mut walks, callback);
            let passed = walks.leave(&window, callback);
            callback.passed(passed);
            if callback.cancelled() {
                return;
            }
            start = end;
        }
        (cursor.document..spans.len()).for_each(|_| callback.end_document());
    }

    /// Looks up one token, which may be long.
    fn find_one(
        &self,
        token: &[u8],
        search: &mut VocabularyLookup,
        cache: &mut WildcardCache,
        wildcard_matches: &mut Vec<TokenMatch>,
        callback: &impl MatchCallback,
    ) {
        search.find_one(self.vocabulary.find(token));
        wildcard_matches.clear();
        let lookup = self.wildcards.find(token, cache.lookup(), || callback.cancelled());
        wildcard_matches
            .extend(lookup.iter().map(|wildcard| TokenMatch { token: 0, id: self.vocabulary.len() + wildcard }));
    }
}

impl DocumentCursor<'_> {
    fn report(
        &mut self,
        window: &mut Window<'_>,
        mut single_token: &[TokenMatch],
        mut plain: WalkStarts<'_>,
        mut wildcard: WalkStarts<'_>,
        walks: &mut Walks<'_>,
        callback: &mut impl MatchCallback,
    ) {
        let (trie, reverse_trie, wildcard_trie) =
            (&walks.words.trie, walks.words.reverse_trie(), walks.words.wildcard_patterns());
        plain.first_unwalked = walks.plain.resume(trie, window, plain.matches, callback);
        wildcard.first_unwalked = walks.wildcard.resume(wildcard_trie, window, wildcard.matches, callback);
        loop {
            // The start of the next match or walk decides the next document.
            let next = single_token.first().map_or(usize::MAX, |first| window.start_of(first.token));
            let next = next.min(plain.start(window)).min(wildcard.start(window));
            if next == usize::MAX {
                return;
            }
            while next >= window.document.end {
                walks.chain.end(reverse_trie, window, callback);
                callback.end_document();
                self.document += 1;
                window.document = self.spans[self.document];
            }
            if walks.words.competes {
                walks.chain.collect(reverse_trie, window, &mut plain, &mut single_token, callback);
            }
            report_single_tokens(&mut single_token, window, window.document.end, callback);
            while let Some(matches) = plain.next(window) {
                plain.first_unwalked = walks.plain.begin(trie, window, matches, callback);
            }
            while let Some(matches) = wildcard.next(window) {
                wildcard.first_unwalked = walks.wildcard.begin(wildcard_trie, window, matches, callback);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::engines::Engine;
    use crate::core::engines::words::step_counter;
    use crate::core::engines::words::window::WINDOW;
    use crate::core::plan::{Engines, Plan};
    use crate::core::terms::list::Terms;
    use crate::core::terms::options::{Options, Overlap, Syntax};

    /// Records matches, and the positions that were passed.
    #[derive(Default)]
    struct Recorder {
        matches: Vec<(u32, usize, usize)>,
        passed: Vec<usize>,
    }

    impl MatchCallback for Recorder {
        fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
            assert!(start >= self.passed.last().copied().unwrap_or(0), "a match at {start} is late");
            self.matches.push((pattern, start, end));
        }

        fn on_matches(&mut self, _: u32, _: u64) {
            unreachable!("the words engine reports positions")
        }

        fn passed(&mut self, position: usize) {
            self.passed.push(position);
        }

        fn end_document(&mut self) {}

        fn cancelled(&self) -> bool {
            false
        }
    }

    fn scan(terms: &[String], syntax: Syntax, window: usize, text: &str) -> Recorder {
        scan_by(terms, Options { syntax, ..Options::default() }, window, text)
    }

    fn scan_by(terms: &[String], options: Options, window: usize, text: &str) -> Recorder {
        let terms = Terms::each(terms.iter().map(|term| (term, true)));
        let plan = Plan::with_engines(terms, options, Engines::WordsBy(window)).unwrap();
        let spans = [Span { start: 0, end: text.len() }];
        let mut recorder = Recorder::default();
        step_counter::take();
        plan.groups()[0].scan(
            Batch { text: text.as_bytes(), spans: &spans },
            &mut crate::core::engines::Scratch::default(),
            &mut recorder,
        );
        recorder
    }

    /// All phrases of `words` words that are `a` or `*`, and begin with `a`, before a last word.
    fn wildcard_phrases(words: usize, last: &str) -> Vec<String> {
        let phrase = |bits: usize| -> String {
            (0..words).map(|i| if bits >> i & 1 == 1 { "* " } else { "a " }).collect::<String>() + last
        };
        (0..1 << words).map(phrase).collect()
    }

    #[test]
    fn each_token_is_read_once_whatever_the_patterns() {
        let one = |term: String| vec![term];
        let nested = |unit: &str| (1..20).map(|times| unit.repeat(times)).collect::<Vec<_>>();
        let cases: [(Vec<String>, Syntax, &str, usize); 10] = [
            (one("a ".repeat(1000) + "b"), Syntax::Literal, "a ", 2),
            (one("-".repeat(1000) + "+"), Syntax::Literal, "-", 2),
            (one("a b ".repeat(500) + "c"), Syntax::Literal, "a b ", 4),
            (one("a ".repeat(50_000) + "b"), Syntax::Literal, "a ", 2),
            (nested("-"), Syntax::Literal, "-", 1),
            (vec!["a b".into(), "b a c".into(), "- -".into()], Syntax::Literal, "a b ", 4),
            (one("a b".into()), Syntax::Literal, "a                                  ", 2),
            (vec!["a ".repeat(50_000) + "b", "x* y".into()], Syntax::Glob, "a ", 2),
            // Sets of paths are cached. The first thousand tokens create them.
            (wildcard_phrases(10, "b"), Syntax::Glob, "a ", 2),
            (wildcard_phrases(4, "-+"), Syntax::Glob, "-a ", 3),
        ];
        for (terms, syntax, unit, tokens) in cases {
            for window in [64, WINDOW] {
                let steps = |times: usize| {
                    scan(&terms, syntax, window, &unit.repeat(times));
                    step_counter::take()
                };
                let times = [60_000, 120_000];
                let [once, twice] = times.map(steps);
                let more = (twice - once) as f64 / (times[1] - times[0]) as f64;
                // The whitespace between tokens, plus two steps per token.
                assert!(more <= (unit.len() + 2 * tokens) as f64, "{:?} on {unit:?}: {more}", terms.last());
            }
        }
    }

    #[test]
    fn few_matches_of_competing_terms_are_reported_besides_the_winners() {
        let options = Options { overlap: Overlap::Longest, ..Options::default() };
        for (unit, tokens, most) in [("a ", 1, 100), ("a ", 1, 3), ("-", 1, 5), ("- ", 1, 50), ("a-b ", 3, 20)] {
            let terms: Vec<String> = (1..=most).map(|times| unit.repeat(times)).collect();
            for window in [64, WINDOW] {
                let steps = |times: usize| {
                    let matches = scan_by(&terms, options.clone(), window, &unit.repeat(times * most)).matches;
                    assert_eq!(matches.len(), times, "{unit:?}");
                    step_counter::take()
                };
                let [once, twice] = [1000, 2000].map(steps);
                let more = (twice - once) as f64 / (1000 * most) as f64;
                // The whitespace, plus two steps per token. A third of a chain that is settled early is walked twice.
                assert!(more <= (unit.len() + 3 * tokens) as f64, "{unit:?}: {more}");
            }
        }
    }

    #[test]
    fn windows_of_any_size_find_the_same_in_order() {
        let units =
            ["a ", "a ", "a a ", "b-", "-", "a", "\u{3000}", "\n \t", "é", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa ", ". "];
        let mut state = 1u64;
        let text: String = (0..8000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                units[(state >> 33) as usize % units.len()]
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
            let mut expected = scan_by(terms, options.clone(), 1 << 20, &text).matches;
            expected.sort_unstable();
            assert!(expected.len() > 1000);
            for window in [8, 9, 10, 13, 64, 1000] {
                let Recorder { mut matches, passed } = scan_by(terms, options.clone(), window, &text);
                assert!(passed.is_sorted() && passed.len() > 10, "{passed:?}");
                matches.sort_unstable();
                assert_eq!(matches, expected, "{window}");
            }
        }
    }

    #[test]
    fn a_window_ends_early_if_wildcards_take_much_work() {
        let globs: Vec<String> = (0..2000).map(|i| format!("*aaaaaa*{i}")).collect();
        let text: String = (0..2000).map(|i| format!("aaaaaa{i} ")).collect();
        let Recorder { matches, passed } = scan(&globs, Syntax::Glob, WINDOW, &text);
        let ends_with = |word: usize| (0..2000).filter(|i| word.to_string().ends_with(&i.to_string())).count();
        assert_eq!(matches.len(), (0..2000).map(ends_with).sum::<usize>());
        // Each word contains the literal of every wildcard.
        assert!(passed.len() > 2000 * 2000 / (4 * WINDOW) / 2, "{}", passed.len());
    }

    #[test]
    fn positions_are_passed_within_a_window_with_many_matches() {
        let dashes: Vec<String> = (1..=200).map(|times| "-".repeat(times)).collect();
        let Recorder { matches, passed } = scan(&dashes, Syntax::Literal, WINDOW, &"-".repeat(5000));
        assert_eq!(matches.len(), (4801..=5000).sum::<usize>());
        assert!(passed.len() > 3 && passed[0] > 1000, "{passed:?}");
    }
}
