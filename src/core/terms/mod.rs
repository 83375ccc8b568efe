//! Terms: the user's terms, how to match them, and the patterns that engines search for.
//!
//! | file | contains |
//! | --- | --- |
//! | [`list`] | [`Terms`](list::Terms): the terms as the caller gave them, by column |
//! | [`pickle`] | the same as bytes, for pickling |
//! | [`options`] | [`Options`](options::Options): how terms are matched |
//! | [`glob`] | terms with wildcards |
//! | [`patterns`] | the distinct patterns, and the columns of each |

pub mod glob;
pub mod list;
pub mod options;
pub mod patterns;
pub mod pickle;
