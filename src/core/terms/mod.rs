//! Terms: how they are written and matched, and the forms that engines look for.
//!
//! | file | contains |
//! | --- | --- |
//! | [`list`] | [`Terms`](list::Terms): the terms as the caller gave them, by column |
//! | [`pickle`] | the same as bytes, for pickling |
//! | [`options`] | [`Options`](options::Options): how terms are matched |
//! | [`glob`] | terms with wildcards |
//! | [`patterns`] | the distinct forms, and the columns of each |

pub mod glob;
pub mod list;
pub mod options;
pub mod patterns;
pub mod pickle;
