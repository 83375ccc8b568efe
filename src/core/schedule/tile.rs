//! Decides where to split the count matrix. No threads here.
//!
//! Sizes are bytes of text, not numbers of documents, since one long document can outweigh a million short ones. A
//! **row block** is a range of texts. A long text is a row block of its own, split into **sections** at positions
//! that no match crosses. A **tile** is what a worker counts at a time: a row block, or a section of one, times some
//! of the plan's engine groups. If several tiles share a row block, their counts are added up at the end.

use std::ops::Range;

use super::run_options::{CancelTimer, TileSizes};
use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::documents::texts::Texts;
use crate::core::engines::{AnyEngine, Engine};
use crate::core::plan::Plan;
use crate::core::text::encoding::Text;
use crate::core::text::transform::Transform;

const ROW_BLOCKS_PER_SIZE: usize = 1024;

/// How far to look for a split point, in bytes of memory. The first size is nearly always enough.
const SPLIT_WINDOWS: [usize; 3] = [1 << 10, 8 << 10, 64 << 10];

/// A section is at least this many times as long as the context that decides about a split point.
const SECTION_CONTEXTS: usize = 64;

/// What a worker counts at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub row_block: usize,
    /// The range of the plan's engine groups.
    pub groups: Range<usize>,
    /// The bytes of the row block's only text, if it is split.
    pub section: Option<Range<usize>>,
}

/// The row blocks in order, and their tiles in the same order.
#[derive(Debug)]
pub struct Tiles {
    pub row_blocks: Vec<Range<usize>>,
    pub tiles: Vec<Tile>,
}

/// Splits the count matrix for a number of workers. With `all_groups`, each tile has all engine groups.
pub fn make_tiles(
    plan: &Plan,
    texts: &Texts<'_>,
    tile_sizes: TileSizes,
    workers: usize,
    all_groups: bool,
    timer: &CancelTimer<'_>,
) -> Result<Tiles, CountError> {
    let groups = plan.groups().len();
    let row_blocks = row_blocks(texts, tile_sizes, timer)?;
    // A tile has all engine groups, so that its text is loaded once, unless some workers would have nothing to do.
    let step = if all_groups || row_blocks.len() >= 4 * workers { groups } else { 1 };
    let mut tiles = memory::with_room(row_blocks.len());
    for (row_block, range) in row_blocks.iter().enumerate() {
        let long = match range.len() {
            1 if groups > 0 => texts.get(range.start).filter(|text| text.memory().len() >= 2 * tile_sizes.section),
            _ => None,
        };
        // Engine groups split a long text separately, since their patterns differ, unless they must stay together.
        let step = if long.is_some() && !all_groups { 1 } else { step };
        // A plan without patterns has one tile for each row block too, since its rows are written, if empty.
        for first in (0..groups.max(1)).step_by(step.max(1)) {
            let groups = first..(first + step).min(groups);
            let mut add = |section| memory::push(&mut tiles, Tile { row_block, groups: groups.clone(), section });
            match long {
                None => add(None),
                Some(text) => sections(&plan.groups()[groups.clone()], text, plan.transform(), tile_sizes, timer)?
                    .for_each(|section| add(Some(section))),
            }
        }
    }
    Ok(Tiles { row_blocks, tiles })
}

/// Splits texts into row blocks of about equal size. A text larger than that gets its own row block.
///
/// The size doubles after every [`ROW_BLOCKS_PER_SIZE`] row blocks, up to sixteenfold. So hundreds of gigabytes do
/// not make millions of row blocks, and the last ones are still small compared to the whole.
pub fn row_blocks(
    texts: &Texts<'_>,
    tile_sizes: TileSizes,
    timer: &CancelTimer<'_>,
) -> Result<Vec<Range<usize>>, CountError> {
    let mut row_blocks: Vec<Range<usize>> = Vec::new();
    let (mut start, mut end, mut bytes) = (0, 0, 0);
    for chunk in texts.chunks() {
        let mut at = 0;
        while at < chunk.len() {
            let row_block = tile_sizes.row_block << (row_blocks.len() / ROW_BLOCKS_PER_SIZE).min(4);
            let (next, size) = chunk.within(at, tile_sizes.texts - (end - start), row_block - bytes);
            (end, bytes) = (end + next - at, bytes + size);
            at = next;
            if at == chunk.len() {
                break;
            }
            if end == start {
                (end, at) = (end + 1, at + 1);
            }
            memory::push(&mut row_blocks, start..end);
            (start, bytes) = (end, 0);
            timer.check()?;
        }
    }
    if start < end {
        memory::push(&mut row_blocks, start..end);
    }
    Ok(row_blocks)
}

/// Splits a long text into sections that each of the engines can search separately.
fn sections(
    engines: &[AnyEngine],
    text: Text<'_>,
    transform: Transform,
    tile_sizes: TileSizes,
    timer: &CancelTimer<'_>,
) -> Result<impl Iterator<Item = Range<usize>> + use<>, CountError> {
    let len = text.memory().len();
    let mut splits = vec![0];
    if !engines.iter().all(|engine| engine.prepare_split(|| timer.check().is_ok())) {
        return Err(CountError::Cancelled);
    }
    // Finding a split point reads a multiple of the context, which must be little compared to the section.
    let context = engines.iter().map(AnyEngine::split_context).max().unwrap_or(0);
    let section = tile_sizes.section.max(context.saturating_mul(SECTION_CONTEXTS));
    let mut wanted = section;
    while wanted.saturating_add(section / 2) < len {
        timer.check()?;
        let split = common_split(engines, text, transform, wanted).filter(|split| splits.last() < Some(split));
        splits.extend(split);
        wanted = split.unwrap_or(wanted) + section;
    }
    splits.push(len);
    Ok((1..splits.len()).map(move |i| splits[i - 1]..splits[i]))
}

/// A position at or after `wanted` where all engines allow a split, if they agree on one soon.
fn common_split(engines: &[AnyEngine], text: Text<'_>, transform: Transform, wanted: usize) -> Option<usize> {
    const ROUNDS: usize = 64;
    let mut position = wanted;
    for _ in 0..ROUNDS {
        let before = position;
        for engine in engines {
            position = split_near(engine, text, transform, position)?;
        }
        if engines.len() == 1 || position == before {
            return Some(position);
        }
    }
    None
}

/// The first position at or after `wanted`, within a window, where the engine allows a split.
fn split_near(engine: &AnyEngine, text: Text<'_>, transform: Transform, wanted: usize) -> Option<usize> {
    let len = text.memory().len();
    let from = text.char_start(wanted);
    let mut window = context_before(text, transform, from, engine.split_context())?;
    let context = window.len();
    SPLIT_WINDOWS.into_iter().find_map(|size| {
        let end = text.char_start(len.min(from + 4 * engine.split_context() + size));
        if end >= len {
            return None;
        }
        window.truncate(context);
        transform.append_part(text, from..end, &mut window);
        let position = engine.split_point(&window, context)?;
        memory_length(text, from..end, transform, position - context).map(|length| from + length)
    })
}

/// At least `least` bytes of transformed text before `from`, or all of it.
fn context_before(text: Text<'_>, transform: Transform, from: usize, least: usize) -> Option<Vec<u8>> {
    let mut context = Vec::new();
    // Four bytes of memory make at least one byte of transformed text, except for accents that are dropped.
    let mut memory = 4 * least + 4;
    while memory <= 4 * least + SPLIT_WINDOWS[2] {
        let start = text.char_start(from.saturating_sub(memory));
        if start > from {
            return None;
        }
        context.clear();
        transform.append_part(text, start..from, &mut context);
        if start == 0 || context.len() >= least {
            return Some(context);
        }
        memory *= 2;
    }
    None
}

/// How many bytes of memory, in whole characters, make `wanted` bytes of transformed text. Includes the characters
/// after them that are transformed to nothing.
fn memory_length(text: Text<'_>, range: Range<usize>, transform: Transform, wanted: usize) -> Option<usize> {
    if transform.is_identity() && text.utf8().is_some() {
        return Some(wanted);
    }
    let mut made = Vec::new();
    let mut at = range.start;
    // Stops at the first character that makes more than `wanted` bytes.
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

    fn timer() -> CancelTimer<'static> {
        CancelTimer::new(&|_| true)
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
                let tile_sizes = TileSizes { row_block: 3, section: 100, ..TileSizes::default() };
                let Tiles { row_blocks, tiles } =
                    make_tiles(&plan, documents.texts(), tile_sizes, workers, false, &timer()).unwrap();
                assert_eq!(row_blocks.iter().cloned().flatten().collect::<Vec<_>>(), Vec::from_iter(0..9));
                for (row_block, range) in row_blocks.iter().enumerate() {
                    for group in 0..plan.groups().len() {
                        let own =
                            tiles.iter().filter(|tile| tile.row_block == row_block && tile.groups.contains(&group));
                        let sections: Vec<_> = own.map(|tile| tile.section.clone()).collect();
                        if sections == [None] {
                            continue;
                        }
                        // A split text: its sections are the whole text, in order.
                        assert_eq!(range.len(), 1);
                        let bytes: Vec<usize> = sections.into_iter().flat_map(Option::unwrap).collect();
                        assert_eq!(bytes, Vec::from_iter(0..long.len()));
                    }
                }
            }
        }
    }

    #[test]
    fn a_long_text_is_split_in_any_encoding() {
        let text = "Ünd dann, sprach der Fuchs: »Ja«, weiter geht es ".repeat(40_000);
        let ucs2: Vec<u8> = text.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        let tile_sizes = TileSizes { row_block: 1 << 16, section: 1 << 17, ..TileSizes::default() };
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
                    let sections =
                        sections(std::slice::from_ref(engine), text, plan.transform(), tile_sizes, &timer()).unwrap();
                    let sizes: Vec<usize> = sections.map(|section| section.len()).collect();
                    assert_eq!(sizes.iter().sum::<usize>(), text.memory().len());
                    assert!(sizes.iter().all(|&size| size < 2 * tile_sizes.section), "{mode:?} {terms:?} {sizes:?}");
                }
            }
        }
    }

    #[test]
    fn a_text_is_split_for_globs_where_no_wildcard_matches() {
        let prose = "state of the art, or not; state of the nation. ".repeat(40_000);
        let no_marks = "state of the art or not state of the nation ".repeat(40_000);
        let tile_sizes = TileSizes { row_block: 1 << 16, section: 1 << 17, ..TileSizes::default() };
        for (mode, terms, text, is_split) in [
            // Wildcards can match any words in sequence, but no comma.
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
            let sections =
                sections(plan.groups(), Text::Str(text.as_bytes()), Transform::default(), tile_sizes, &timer())
                    .unwrap();
            let sizes: Vec<usize> = sections.map(|section| section.len()).collect();
            assert_eq!(sizes.iter().sum::<usize>(), text.len());
            assert_eq!(sizes.len() > 10, is_split, "{mode:?} {sizes:?}");
        }
    }

    #[test]
    fn engines_of_one_tile_split_at_the_same_position() {
        let text = "ab. ba ab\nba, aab baa ".repeat(40_000);
        let tile_sizes = TileSizes { row_block: 1 << 16, section: 1 << 17, ..TileSizes::default() };
        let terms = Terms::each(["ab ba", "ba[ b]", "a+b"].map(|term| (term, true)));
        let regexes = Plan::new(terms, Options { syntax: Syntax::Regex, ..Options::default() }).unwrap();
        let few = plan(&["aba", "a b"], MatchMode::Substring);
        for (plan, groups) in [(regexes, 3), (few, 2)] {
            assert_eq!(plan.groups().len(), groups);
            let text = Text::Str(text.as_bytes());
            let splits: Vec<usize> = sections(plan.groups(), text, plan.transform(), tile_sizes, &timer())
                .unwrap()
                .map(|section| section.start)
                .collect();
            assert!(splits.len() > 5, "{splits:?}");
            for engine in plan.groups() {
                for &split in &splits[1..] {
                    assert_eq!(split_near(engine, text, plan.transform(), split), Some(split));
                }
            }
        }
    }

    #[test]
    fn a_text_with_matches_across_every_position_is_not_split() {
        let text = "aa".repeat(200_000);
        let plan = plan(&["aaa"], MatchMode::Substring);
        let tile_sizes = TileSizes { row_block: 1 << 10, section: 1 << 10, ..TileSizes::default() };
        let text = Text::Str(text.as_bytes());
        assert_eq!(sections(plan.groups(), text, Transform::default(), tile_sizes, &timer()).unwrap().count(), 1);
    }
}
