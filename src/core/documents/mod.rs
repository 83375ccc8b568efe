//! Documents: where their texts are in memory, and how they are handed to engines.
//!
//! | file | contains |
//! | --- | --- |
//! | [`chunk`] | consecutive documents in one memory layout: offsets, views, fixed width, lines |
//! | [`texts`] | chunk after chunk |
//! | [`load_block`] | texts that must be copied or looked up, a portion at a time |
//! | [`rows`] | [`Documents`](rows::Documents): the text of each row |
//! | [`batch`] | some documents in one buffer of transformed UTF-8, which engines search |

pub mod batch;
pub mod chunk;
pub mod load_block;
pub mod rows;
pub mod texts;
