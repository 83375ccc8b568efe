//! Loads documents in blocks: the next block is loaded while the workers count the current one.

use std::sync::Mutex;

use super::run_options::{RunOptions, TileSizes};
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::documents::load_block::LoadBlock;
use crate::core::documents::rows::Documents;

/// Calls `each` with the documents, block by block, and the number of the block's first row. Documents that need no
/// loading are one block.
pub fn load_blocks(
    documents: &Documents<'_>,
    run: RunOptions<'_>,
    mut each: impl FnMut(usize, &Documents<'_>, RunOptions<'_>) -> Result<(), CountError>,
) -> Result<(), CountError> {
    let Some(source) = documents.source() else { return each(0, documents, run) };
    let (mut start, mut bytes) = (0, 0);
    // Workers wait for the first block and, at the end of each block, for each other. So the first blocks are
    // smaller, and so are row blocks.
    let mut most = run.load_block_bytes / 8;
    let tile_sizes = TileSizes { row_block: run.tile_sizes.row_block / 4, ..run.tile_sizes };
    let (mut loaded, mut spare) = (LoadBlock::default(), LoadBlock::default());
    loaded.fill(source, 0, most)?;
    while start < source.len() {
        if start > 0 && !(run.on_progress)(bytes) {
            return Err(CountError::Cancelled);
        }
        let size = loaded.size();
        let documents = Documents::new(loaded.chunks());
        let end = start + documents.len();
        most = run.load_block_bytes.min(2 * most);
        let next = Mutex::new((&mut spare, None));
        let while_running = || {
            let (block, result) = &mut *lock_ignoring_poison(&next);
            result.get_or_insert_with(|| block.fill(source, end, most));
        };
        // A copy in UTF-8 may be longer than the original.
        let on_progress = |done: u64| (run.on_progress)(bytes + done.min(size));
        each(
            start,
            &documents,
            RunOptions { tile_sizes, on_progress: &on_progress, while_running: &while_running, ..run },
        )?;
        while_running();
        lock_ignoring_poison(&next).1.take().expect("loaded by now")?;
        (start, bytes) = (end, bytes + size);
        drop(documents);
        std::mem::swap(&mut loaded, &mut spare);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::core::documents::load_block::TextSource;
    use crate::core::text::encoding::Text;
    use crate::core::text::transform::Transform;

    struct Strings(Vec<Option<String>>);

    impl TextSource for Strings {
        fn first_missing(&self, _: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
            Ok(self.0.iter().position(Option::is_none))
        }

        fn len(&self) -> usize {
            self.0.len()
        }

        fn nbytes(&self) -> u64 {
            self.0.iter().flatten().map(|text| text.len() as u64).sum()
        }

        fn load(&self, texts: Range<usize>, to: &mut LoadBlock) -> Result<(), CountError> {
            let _ = self.0[texts].iter().all(|text| to.push(text.as_deref().map(|text| Text::Str(text.as_bytes()))));
            Ok(())
        }
    }

    /// Copies short Latin-1 texts. From the first long text on, it refers to the texts.
    struct Mixed(Vec<&'static [u8]>);

    impl TextSource for Mixed {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn nbytes(&self) -> u64 {
            self.0.iter().map(|text| text.len() as u64).sum()
        }

        fn first_missing(&self, _: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
            Ok(None)
        }

        fn load(&self, texts: Range<usize>, to: &mut LoadBlock) -> Result<(), CountError> {
            let mut start = texts.start;
            while start < texts.end && to.is_worth_a_copy(self.0[start].len()) {
                start += 1;
                if !to.push(Some(Text::Latin1(self.0[start - 1]))) {
                    return Ok(());
                }
            }
            let end = texts.end.min(start + to.room_for_references());
            let references = self.0[start..end].iter().map(|text| Some(Text::Latin1(text)));
            to.refer(references.collect(), Box::new(()));
            Ok(())
        }
    }

    #[test]
    fn copies_and_references_are_loaded_in_order() {
        static LONG_TEXT: [u8; 20_000] = [0xE9; 20_000];
        let texts: Vec<&[u8]> =
            (0..1000).map(|i| &LONG_TEXT[..if i % 300 == 299 { 20_000 } else { i % 90 }]).collect();
        let expected: Vec<String> = texts.iter().map(|text| "é".repeat(text.len())).collect();
        for load_block_bytes in [0, 5_000, 100_000, 1 << 20] {
            let documents = Documents::loaded(Box::new(Mixed(texts.clone())));
            let told = std::sync::Mutex::new(vec![0]);
            let on_progress = |bytes| {
                told.lock().unwrap().push(bytes);
                true
            };
            let mut found = Vec::new();
            let mut kinds = [false; 2];
            let run = RunOptions { load_block_bytes, on_progress: &on_progress, ..RunOptions::default() };
            load_blocks(&documents, run, |start, part, run| {
                assert_eq!(start, found.len());
                for text in part.iter().flatten() {
                    kinds[usize::from(matches!(text, Text::Str(_)))] = true;
                    let mut utf8 = Vec::new();
                    Transform::default().append(text, &mut utf8);
                    found.push(String::from_utf8(utf8).unwrap());
                }
                (run.on_progress)(part.nbytes());
                Ok(())
            })
            .unwrap();
            assert_eq!(found, expected);
            assert_eq!(kinds, [true, true]);
            let told = told.into_inner().unwrap();
            assert!(told.is_sorted() && told.last() == Some(&documents.nbytes()), "{told:?}");
        }
    }

    #[test]
    fn documents_are_loaded_in_blocks() {
        let strings: Vec<Option<String>> = (0..100).map(|i| (i % 7 != 3).then(|| "x".repeat(i))).collect();
        for load_block_bytes in [0, 100, 1000, 1 << 20] {
            let documents = Documents::loaded(Box::new(Strings(strings.clone())));
            let told = std::sync::Mutex::new(Vec::new());
            let on_progress = |bytes| {
                told.lock().unwrap().push(bytes);
                true
            };
            let (mut found, mut count) = (Vec::new(), 0);
            let run = RunOptions { load_block_bytes, on_progress: &on_progress, ..RunOptions::default() };
            load_blocks(&documents, run, |start, part, run| {
                assert_eq!(start, found.len());
                found.extend(part.iter().map(|text| text.map(|text| text.memory().to_vec())));
                count += 1;
                (run.on_progress)(part.nbytes());
                Ok(())
            })
            .unwrap();
            let expected: Vec<_> = strings.iter().map(|text| text.clone().map(String::into_bytes)).collect();
            assert_eq!(found, expected);
            assert_eq!(count == 1, load_block_bytes == 1 << 20, "{count}");
            let told = told.into_inner().unwrap();
            assert!(told.is_sorted() && told.last() == Some(&documents.nbytes()), "{told:?}");
            assert_eq!((documents.len(), documents.first_missing(&|| true)), (100, Ok(Some(3))));
            assert_eq!(documents.with_text(5, |text| text.map(|text| text.memory().len())), Ok(Some(5)));
            assert_eq!(documents.with_text(10, |text| text.is_none()), Ok(true));
        }
        let documents = Documents::loaded(Box::new(Strings(strings)));
        let run = RunOptions { load_block_bytes: 100, on_progress: &|_| false, ..RunOptions::default() };
        assert_eq!(load_blocks(&documents, run, |_, _, _| Ok(())), Err(CountError::Cancelled));
    }
}
