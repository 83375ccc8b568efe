//! Searches documents with several expressions that compete: leftmost, then the earlier expression.
//!
//! Each search knows the start of its next match. The leftmost start wins, then the earlier expression. A search whose
//! match overlaps the winner continues at the winner's end. Only the end of a winner is needed, and whether another
//! match with the same start ends there too. So a search never reads much further than the winners.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::core::documents::batch::Batch;
use crate::core::engines::regex::{CancelCheck, OwnedSearch, Stop};
use crate::core::engines::regexes::{Regexes, RegexesScratch};
use crate::core::engines::{AnyEngine, MatchCallback};

/// Work to begin a search, as a number of bytes.
const BEGIN_WORK: usize = 64;

/// Reports the winners in a batch, document by document, in order. Stops early if the callback's `cancelled` returns
/// true.
pub fn compete(engines: &[AnyEngine], batch: Batch<'_>, callback: &mut impl MatchCallback) {
    let expressions = engines.iter().map(|engine| match engine {
        AnyEngine::Regex(regex) => regex,
        _ => unreachable!("a plan's patterns have one syntax"),
    });
    let_compete(expressions.map(|regex| regex.search(&[])).collect(), batch, callback);
}

/// The same for expressions that are searched only in some documents.
pub fn compete_filtered(
    regexes: &Regexes,
    batch: Batch<'_>,
    scratch: &mut RegexesScratch,
    callback: &mut impl MatchCallback,
) {
    let work = Cell::new(0);
    regexes.each_document(batch, scratch, callback, |text, base, expressions, callback| {
        assert!(expressions.counted.is_none(), "positions are needed");
        let mut searches: Vec<_> = expressions.searched.iter().map(|expression| expression.search(text)).collect();
        compete_in(&mut searches, base, &work, callback)
    });
}

/// Returns the amount of work.
fn let_compete<'s>(mut searches: Vec<OwnedSearch<'s>>, batch: Batch<'s>, callback: &mut impl MatchCallback) -> usize {
    let work = Cell::new(0);
    for (text, base) in batch.documents() {
        searches.iter_mut().for_each(|search| search.restart(text));
        if compete_in(&mut searches, base, &work, callback).is_err() {
            break;
        }
        callback.end_document();
    }
    work.get()
}

/// Reports the winners in one document. `base` is the document's start in the batch.
fn compete_in(
    searches: &mut [OwnedSearch<'_>],
    base: usize,
    work: &Cell<usize>,
    callback: &mut impl MatchCallback,
) -> Result<(), Stop> {
    // The starts of the next matches, and the numbers of their searches.
    let mut next = BinaryHeap::with_capacity(searches.len());
    for (number, search) in searches.iter_mut().enumerate() {
        let is_cancelled = || callback.cancelled();
        let cancel_check = CancelCheck::new(&is_cancelled, work);
        cancel_check.work(BEGIN_WORK)?;
        next.extend(search.next_start(&cancel_check)?.map(|start| Reverse((start, number))));
    }
    let mut winner = (usize::MAX, 0);
    while let Some(Reverse((start, number))) = next.pop() {
        let search = &mut searches[number];
        let is_winner = start >= winner.1;
        let most = if is_winner { usize::MAX } else { winner.1 };
        // A match that begins within the winner has lost, whatever its end is.
        let end = match is_winner || start == winner.0 {
            true => search.end(most, &CancelCheck::new(&|| callback.cancelled(), work))?,
            false => None,
        };
        if let Some(end) = end.filter(|&end| is_winner || end == winner.1) {
            if is_winner {
                callback.passed(base + start);
            }
            callback.on_match(search.pattern(), base + start, base + end);
            winner = (start, end);
        }
        search.skip_to(winner.1);
        let is_cancelled = || callback.cancelled();
        let cancel_check = CancelCheck::new(&is_cancelled, work);
        cancel_check.work(1)?;
        next.extend(search.next_start(&cancel_check)?.map(|start| Reverse((start, number))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::core::engines::regex::reference::ReferenceSearch;
    use crate::core::engines::regex::{ForTexts, Regex, RegexOptions, SIZE_LIMIT, SearchLimits};
    use crate::core::text::boundaries::{Boundaries, MatchMode, WordChars};
    use crate::core::text::encoding::Span;

    const MODES: [MatchMode; 4] = [MatchMode::Word, MatchMode::Adaptive, MatchMode::Token, MatchMode::Substring];

    const LETTERS: [&[u8]; 8] = [b"a", b"b", b"a", b" ", b"-", b"\n", "é".as_bytes(), b"\xFF"];

    #[derive(Default)]
    struct Winners {
        found: Vec<(u32, usize, usize)>,
        documents: usize,
        passed: usize,
        looks: Cell<usize>,
        /// Cancelled when it was looked at this many times.
        cancel_after: Option<usize>,
    }

    impl MatchCallback for Winners {
        fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
            assert!(start >= self.passed);
            self.found.push((pattern, start, end));
        }

        fn on_matches(&mut self, _: u32, _: u64) {
            unreachable!("positions are needed")
        }

        fn passed(&mut self, position: usize) {
            assert!(position >= self.passed);
            self.passed = position;
        }

        fn end_document(&mut self) {
            self.documents += 1;
        }

        fn cancelled(&self) -> bool {
            self.looks.set(self.looks.get() + 1);
            self.cancel_after.is_some_and(|most| self.looks.get() > most)
        }
    }

    fn regexes(mode: MatchMode, expressions: &[&str]) -> Vec<Regex> {
        let boundaries = Boundaries::new(mode, WordChars::default());
        let options = RegexOptions::new(boundaries, false, expressions.len());
        let regex =
            |(i, text): (u32, &&str)| Regex::new(&options, ForTexts::Any, SIZE_LIMIT, i, text.as_bytes()).ok();
        (0..).zip(expressions).filter_map(regex).collect()
    }

    /// The winners, and the amount of work.
    fn winners(regexes: &[Regex], texts: &[Vec<u8>], limits: SearchLimits, winners: &mut Winners) -> usize {
        let text = texts.concat();
        let mut spans = Vec::new();
        for document in texts {
            let start = spans.last().map_or(0, |span: &Span| span.end);
            spans.push(Span { start, end: start + document.len() });
        }
        let searches = regexes.iter().map(|regex| regex.search_within(&[], limits)).collect();
        let_compete(searches, Batch { text: &text, spans: &spans }, winners)
    }

    /// The winners by the definition: again and again, the next match of each expression.
    fn expected(regexes: &[Regex], expressions: &[&str], texts: &[Vec<u8>]) -> Vec<(u32, usize, usize)> {
        let references: Vec<_> = regexes
            .iter()
            .map(|regex| {
                (regex.pattern(), ReferenceSearch::new(&regex.boundaries, expressions[regex.pattern() as usize]))
            })
            .collect();
        let (mut all, mut base) = (Vec::new(), 0);
        for text in texts {
            let mut from = 0;
            loop {
                let next =
                    references.iter().filter_map(|(pattern, search)| Some((*pattern, search.next(text, from)?)));
                let next: Vec<_> = next.collect();
                let Some(&(_, winner)) = next.iter().min_by_key(|(pattern, span)| (span.0, *pattern)) else { break };
                let same = next.into_iter().filter(|(_, span)| *span == winner);
                all.extend(same.map(|(pattern, (start, end))| (pattern, base + start, base + end)));
                from = winner.1;
            }
            base += text.len();
        }
        all
    }

    #[track_caller]
    fn check(mode: MatchMode, expressions: &[&str], texts: &[Vec<u8>]) {
        let regexes = regexes(mode, expressions);
        let expected = expected(&regexes, expressions, texts);
        let greedy = SearchLimits { wasted: 0, wasted_per_byte: 0, ..SearchLimits::default() };
        let mixed =
            SearchLimits { wasted: 3, wasted_per_byte: 0, greedy_bytes: 2, quit_bytes: 1, sets: 5, is_alone: false };
        for (i, limits) in [SearchLimits::default(), greedy, mixed].into_iter().enumerate() {
            let mut found = Winners::default();
            winners(&regexes, texts, limits, &mut found);
            assert_eq!(found.found, expected, "{mode:?} {expressions:?} {texts:?} {i}");
            assert_eq!(found.documents, texts.len());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn winners_follow_the_definition(
            mode in select(MODES.to_vec()),
            expressions in prop::collection::vec(
                select(vec![
                    "a", "b", "ab", "a+", "a+?", "(?s).*b", ".", "a|ab", "ab|a", r"\w+", r"\W", "-?a", "a-?", "[ab]+-",
                    "a b", r"\S+", "(?s).+", "(a|-)*b?|-", "é", "^a", "b$", "(?m)^.", r"\bab",
                ]),
                1..6,
            ),
            texts in prop::collection::vec(
                prop::collection::vec(select(LETTERS.to_vec()), 0..24)
                    .prop_map(|letters| letters.concat()),
                1..4,
            ),
        ) {
            check(mode, &expressions, &texts);
        }
    }

    /// Expressions that read far beyond the winners, and what their texts repeat.
    const HARD: [(&[&str], &str); 6] = [
        (&["a", "a+"], "a"),
        (&["a", "(?s).+", ".*b"], "a"),
        (&["a", "a+b", "[ab]+c", "a*"], "a"),
        (&["-", r"(\w+-)+", r"\S+"], "ab-"),
        (&["b", "(?s)a.*c|b", "(?s).*?c"], "ab "),
        (&["ab", r"\w+", r"(\w+ )+", "(?s)a.*"], "ab "),
    ];

    #[test]
    fn work_is_linear_in_the_text() {
        for (expressions, part) in HARD {
            for mode in MODES {
                let regexes = regexes(mode, expressions);
                let work = |bytes: usize| {
                    let text = part.repeat(bytes / part.len()).into_bytes();
                    winners(&regexes, &[text], SearchLimits::default(), &mut Winners::default())
                };
                let [small, large] = [60_000, 240_000].map(work);
                assert!(large < 6 * small, "{mode:?} {expressions:?}: {small}, {large}");
            }
        }
    }

    #[test]
    fn it_can_be_cancelled() {
        for (expressions, part) in HARD {
            let text = part.repeat((4 << 20) / part.len()).into_bytes();
            let regexes = regexes(MatchMode::Substring, expressions);
            let mut found = Winners { cancel_after: Some(3), ..Winners::default() };
            winners(&regexes, &[text], SearchLimits::default(), &mut found);
            assert_eq!((found.documents, found.looks.get()), (0, 4), "{expressions:?}");
        }
    }

    #[test]
    fn long_texts_are_searched_alike_by_all_searches() {
        for (expressions, part) in HARD {
            for mode in MODES {
                check(
                    mode,
                    expressions,
                    &[part.repeat(100).into_bytes(), [part.repeat(50).as_str(), "c b"].concat().into()],
                );
            }
        }
    }
}
