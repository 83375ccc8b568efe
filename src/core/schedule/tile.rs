//! Where to cut the count matrix: arithmetic only, no threads.
//!
//! The cut is by bytes of text, not by number of documents: one long document can outweigh a million short ones. A
//! **band** is a run of texts; a long text is a band of its own, cut into **pieces** where the engine says that nothing
//! reaches across. A **tile** is what one worker does at a time: a band, or a piece of one, times some groups of the
//! plan. Tiles that share a band are added up when the last of them is done.

use std::ops::Range;

use super::run::{Pace, Tiling};
use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::documents::texts::Texts;
use crate::core::engines::{AnyEngine, Engine};
use crate::core::plan::Plan;
use crate::core::text::encoding::Text;
use crate::core::text::transform::Transform;

const BANDS_OF_A_SIZE: usize = 1024;

/// How far from where a cut is wanted it is looked for, in bytes of memory: nearly always a little way is enough.
const CUT_WINDOWS: [usize; 3] = [1 << 10, 8 << 10, 64 << 10];

/// A piece has at least so many times the bytes that decide about a cut.
const PIECE_REACHES: usize = 64;

/// What one worker does at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub band: usize,
    /// Which groups of the plan.
    pub groups: Range<usize>,
    /// Which bytes of the band's one text, if it is cut.
    pub piece: Option<Range<usize>>,
}

/// The cut matrix: bands in order, and the tiles of each next to one another.
#[derive(Debug)]
pub struct Tiles {
    pub bands: Vec<Range<usize>>,
    pub tiles: Vec<Tile>,
}

/// Cuts the matrix for so many workers. With `together`, no tile has some of the groups alone.
pub fn cut(
    plan: &Plan,
    texts: &Texts<'_>,
    tiling: Tiling,
    workers: usize,
    together: bool,
    pace: &Pace<'_>,
) -> Result<Tiles, CountError> {
    let groups = plan.groups().len();
    let bands = bands(texts, tiling, pace)?;
    // A band's groups go together, so that its text is gathered once, unless that leaves workers idle.
    let step = if together || bands.len() >= 4 * workers { groups } else { 1 };
    let mut tiles = memory::with_room(bands.len());
    for (band, range) in bands.iter().enumerate() {
        let long = match range.len() {
            1 if groups > 0 => texts.get(range.start).filter(|text| text.memory().len() >= 2 * tiling.piece),
            _ => None,
        };
        // A plan of no forms has one tile a band all the same: its rows are there, if empty.
        for first in (0..groups.max(1)).step_by(step.max(1)) {
            let last = (first + step).min(groups);
            match long {
                None => memory::push(&mut tiles, Tile { band, groups: first..last, piece: None }),
                // Each group has its own cuts, since each has other forms, unless they go together.
                Some(text) => {
                    let step = if together { groups } else { 1 };
                    for first in (first..last).step_by(step) {
                        let groups = first..first + step;
                        let engines = &plan.groups()[groups.clone()];
                        let pieces = pieces(engines, text, plan.transform(), tiling, pace)?;
                        pieces.for_each(|piece| {
                            memory::push(&mut tiles, Tile { band, groups: groups.clone(), piece: Some(piece) });
                        });
                    }
                }
            }
        }
    }
    Ok(Tiles { bands, tiles })
}

/// Runs of texts of about a band's size; one that is larger alone is alone in its band.
///
/// Every so many bands the size doubles, up to sixteenfold: so a column of hundreds of gigabytes has no millions of
/// them, and the last ones are still small beside what went before.
fn bands(texts: &Texts<'_>, tiling: Tiling, pace: &Pace<'_>) -> Result<Vec<Range<usize>>, CountError> {
    let mut bands: Vec<Range<usize>> = Vec::new();
    let (mut start, mut end, mut bytes) = (0, 0, 0);
    for chunk in texts.chunks() {
        let mut at = 0;
        while at < chunk.len() {
            let band = tiling.band << (bands.len() / BANDS_OF_A_SIZE).min(4);
            let (next, size) = chunk.within(at, tiling.texts - (end - start), band - bytes);
            (end, bytes) = (end + next - at, bytes + size);
            at = next;
            if at == chunk.len() {
                break;
            }
            if end == start {
                (end, at) = (end + 1, at + 1);
            }
            memory::push(&mut bands, start..end);
            (start, bytes) = (end, 0);
            pace.check()?;
        }
    }
    if start < end {
        memory::push(&mut bands, start..end);
    }
    Ok(bands)
}

/// The pieces of a long text, in order, that each of the engines can search apart.
fn pieces(
    engines: &[AnyEngine],
    text: Text<'_>,
    transform: Transform,
    tiling: Tiling,
    pace: &Pace<'_>,
) -> Result<impl Iterator<Item = Range<usize>> + use<>, CountError> {
    let len = text.memory().len();
    let mut cuts = vec![0];
    if !engines.iter().all(|engine| engine.prepare_split(|| pace.check().is_ok())) {
        return Err(CountError::Cancelled);
    }
    // To look for a cut is to read a multiple of the reach, which must stay little beside the piece.
    let reach = engines.iter().map(AnyEngine::split_context).max().unwrap_or(0);
    let piece = tiling.piece.max(reach.saturating_mul(PIECE_REACHES));
    let mut wanted = piece;
    while wanted.saturating_add(piece / 2) < len {
        pace.check()?;
        let cut = common_cut(engines, text, transform, wanted).filter(|cut| cuts.last() < Some(cut));
        cuts.extend(cut);
        wanted = cut.unwrap_or(wanted) + piece;
    }
    cuts.push(len);
    Ok((1..cuts.len()).map(move |i| cuts[i - 1]..cuts[i]))
}

/// A place from `wanted` on where the text can be cut for all of the engines, if they agree on one before long.
fn common_cut(engines: &[AnyEngine], text: Text<'_>, transform: Transform, wanted: usize) -> Option<usize> {
    const ROUNDS: usize = 64;
    let mut place = wanted;
    for _ in 0..ROUNDS {
        let before = place;
        for engine in engines {
            place = cut_near(engine, text, transform, place)?;
        }
        if engines.len() == 1 || place == before {
            return Some(place);
        }
    }
    None
}

/// The first place from `wanted` on, within a window, where the text can be cut for the engine.
fn cut_near(engine: &AnyEngine, text: Text<'_>, transform: Transform, wanted: usize) -> Option<usize> {
    let len = text.memory().len();
    let from = text.char_start(wanted);
    let mut window = context_before(text, transform, from, engine.split_context())?;
    let context = window.len();
    CUT_WINDOWS.into_iter().find_map(|size| {
        let end = text.char_start(len.min(from + 4 * engine.split_context() + size));
        if end >= len {
            return None;
        }
        window.truncate(context);
        transform.append_part(text, from..end, &mut window);
        let place = engine.split_point(&window, context)?;
        memory_length(text, from..end, transform, place - context).map(|length| from + length)
    })
}

/// At least so many bytes of transformed text before `from`, or all.
fn context_before(text: Text<'_>, transform: Transform, from: usize, reach: usize) -> Option<Vec<u8>> {
    let mut context = Vec::new();
    // Four bytes of memory make at least one of transformed text, but for accents that are dropped.
    let mut memory = 4 * reach + 4;
    while memory <= 4 * reach + CUT_WINDOWS[2] {
        let start = text.char_start(from.saturating_sub(memory));
        if start > from {
            return None;
        }
        context.clear();
        transform.append_part(text, start..from, &mut context);
        if start == 0 || context.len() >= reach {
            return Some(context);
        }
        memory *= 2;
    }
    None
}

/// How many bytes of memory, in whole characters, make `wanted` bytes of transformed text, with the characters behind
/// them of which nothing is left.
fn memory_length(text: Text<'_>, range: Range<usize>, transform: Transform, wanted: usize) -> Option<usize> {
    if transform.is_identity() && text.utf8().is_some() {
        return Some(wanted);
    }
    let mut made = Vec::new();
    let mut at = range.start;
    // Up to the first character that makes more than wanted.
    while at < range.end {
        let (next, before) = (text.char_start(at + 1), made.len());
        transform.append_part(text, at..next, &mut made);
        if made.len() > wanted {
            return (before == wanted).then_some(at - range.start);
        }
        at = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::documents::rows::Documents;
    use crate::core::terms::list::Terms;
    use crate::core::terms::options::{Options, Syntax};
    use crate::core::text::boundaries::MatchMode;

    fn pace() -> Pace<'static> {
        Pace::new(&|_| true)
    }

    fn plan(terms: &[&str], mode: MatchMode) -> Plan {
        Plan::new(
            Terms::each(terms.iter().map(|term| (term, true))),
            Options { mode, ignore_case: true, ..Options::default() },
        )
        .unwrap()
    }

    fn documents<'a>(texts: &[&'a str]) -> Documents<'a> {
        Documents::from_texts(texts.iter().map(|text| Some(Text::Str(text.as_bytes()))))
    }

    #[test]
    fn tiles_cover_the_matrix_once() {
        let long = "The quick brown fox. ".repeat(50);
        let documents = documents(&["", "a", &long, "b", "c", "d", &long, "", ""]);
        for workers in [1, 2, 7] {
            for terms in [&["the"][..], &["the", "fox"], &["the", "fox", "quick", "a"]] {
                let plan = plan(terms, MatchMode::Word);
                let tiling = Tiling { band: 3, piece: 100, ..Tiling::default() };
                let Tiles { bands, tiles } = cut(&plan, documents.texts(), tiling, workers, false, &pace()).unwrap();
                assert_eq!(bands.iter().cloned().flatten().collect::<Vec<_>>(), Vec::from_iter(0..9));
                for (band, range) in bands.iter().enumerate() {
                    for group in 0..plan.groups().len() {
                        let own = tiles.iter().filter(|tile| tile.band == band && tile.groups.contains(&group));
                        let pieces: Vec<_> = own.map(|tile| tile.piece.clone()).collect();
                        if pieces == [None] {
                            continue;
                        }
                        // A cut text: its pieces are the whole, in order.
                        assert_eq!(range.len(), 1);
                        let bytes: Vec<usize> = pieces.into_iter().flat_map(Option::unwrap).collect();
                        assert_eq!(bytes, Vec::from_iter(0..long.len()));
                    }
                }
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_whatever_its_encoding() {
        let text = "Ünd dann, sprach der Fuchs: »Ja«, weiter geht es ".repeat(40_000);
        let ucs2: Vec<u8> = text.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        let tiling = Tiling { band: 1 << 16, piece: 1 << 17, ..Tiling::default() };
        for (mode, terms) in [
            (MatchMode::Word, &["fuchs", "dann"][..]),
            (MatchMode::Word, &["sprach der", "ja«", "a", "b"]),
            (MatchMode::Token, &["»ja«,", "es ünd", "x", "y"]),
            (MatchMode::Substring, &["uchs", "geht"]),
            (MatchMode::Substring, &["uchs", "geht", "e", "nn", "t e"]),
        ] {
            let plan = plan(terms, mode);
            for text in [Text::Str(text.as_bytes()), Text::Ucs2(&ucs2)] {
                for engine in plan.groups() {
                    let pieces =
                        pieces(std::slice::from_ref(engine), text, plan.transform(), tiling, &pace()).unwrap();
                    let sizes: Vec<usize> = pieces.map(|piece| piece.len()).collect();
                    assert_eq!(sizes.iter().sum::<usize>(), text.memory().len());
                    assert!(sizes.iter().all(|&size| size < 2 * tiling.piece), "{mode:?} {terms:?} {sizes:?}");
                }
            }
        }
    }

    #[test]
    fn a_text_is_cut_for_globs_where_their_wildcards_end() {
        let prose = "state of the art, or not; state of the nation. ".repeat(40_000);
        let no_marks = "state of the art or not state of the nation ".repeat(40_000);
        let tiling = Tiling { band: 1 << 16, piece: 1 << 17, ..Tiling::default() };
        for (mode, terms, text, is_cut) in [
            // Wildcards may go on with any word, but not over a comma.
            (MatchMode::Word, &["* of *", "the", "a-*"][..], &prose, true),
            (MatchMode::Word, &["* of *", "the", "a-*"], &no_marks, false),
            (MatchMode::Word, &["na*", "*te of the", "o?"], &no_marks, true),
            (MatchMode::Token, &["* of *", "the"], &prose, false),
            (MatchMode::Substring, &["a*t", "f*n"], &no_marks, true),
            (MatchMode::Substring, &["a*t", "f * a*", "?"], &no_marks, false),
            (MatchMode::Substring, &["a*t", "f * a*", "?"], &prose, true),
        ] {
            let terms = Terms::each(terms.iter().map(|term| (term, true)));
            let plan = Plan::new(terms, Options { mode, syntax: Syntax::Glob, ..Options::default() }).unwrap();
            let pieces =
                pieces(plan.groups(), Text::Str(text.as_bytes()), Transform::default(), tiling, &pace()).unwrap();
            let sizes: Vec<usize> = pieces.map(|piece| piece.len()).collect();
            assert_eq!(sizes.iter().sum::<usize>(), text.len());
            assert_eq!(sizes.len() > 10, is_cut, "{mode:?} {sizes:?}");
        }
    }

    #[test]
    fn engines_of_one_tile_cut_at_one_place() {
        let text = "ab. ba ab\nba, aab baa ".repeat(40_000);
        let tiling = Tiling { band: 1 << 16, piece: 1 << 17, ..Tiling::default() };
        let terms = Terms::each(["ab ba", "ba[ b]", "a+b"].map(|term| (term, true)));
        let regexes = Plan::new(terms, Options { syntax: Syntax::Regex, ..Options::default() }).unwrap();
        let few = plan(&["aba", "a b"], MatchMode::Substring);
        for (plan, groups) in [(regexes, 3), (few, 2)] {
            assert_eq!(plan.groups().len(), groups);
            let text = Text::Str(text.as_bytes());
            let cuts: Vec<usize> = pieces(plan.groups(), text, plan.transform(), tiling, &pace())
                .unwrap()
                .map(|piece| piece.start)
                .collect();
            assert!(cuts.len() > 5, "{cuts:?}");
            for engine in plan.groups() {
                for &cut in &cuts[1..] {
                    assert_eq!(cut_near(engine, text, plan.transform(), cut), Some(cut));
                }
            }
        }
    }

    #[test]
    fn a_text_that_terms_reach_across_everywhere_stays_whole() {
        let text = "aa".repeat(200_000);
        let plan = plan(&["aaa"], MatchMode::Substring);
        let tiling = Tiling { band: 1 << 10, piece: 1 << 10, ..Tiling::default() };
        let text = Text::Str(text.as_bytes());
        assert_eq!(pieces(plan.groups(), text, Transform::default(), tiling, &pace()).unwrap().count(), 1);
    }
}
