//! Documents: where their texts are stored, and how engines get them.
//!
//! | file | contains |
//! | --- | --- |
//! | [`chunk`] | consecutive documents in one memory layout: offsets, views, fixed width |
//! | [`texts`] | all chunks of a column |
//! | [`load_block`] | texts that must be copied or looked up, a block at a time |
//! | [`rows`] | [`Documents`](rows::Documents): the text of each row |
//! | [`batch`] | consecutive documents as one slice of transformed UTF-8, which engines search |

pub mod batch;
pub mod chunk;
pub mod load_block;
pub mod rows;
pub mod texts;
