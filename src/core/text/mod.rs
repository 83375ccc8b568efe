//! Text: encodings, Unicode properties, and the transformation before a search.
//!
//! | file | contains |
//! | --- | --- |
//! | [`encoding`] | [`Text`](encoding::Text): UTF-8, or a Python string with one, two or four bytes a character |
//! | [`utf8`] | decodes and encodes UTF-8 in blocks, including invalid UTF-8 |
//! | [`utf32`] | converts UTF-32 to ASCII |
//! | [`unicode`] | word characters, whitespace, simple case folding |
//! | [`accents`] | strips accents: NFKD without combining characters |
//! | [`transform`] | case folding and accent stripping, for terms and documents alike |
//! | [`char_set`], [`char_map`] | tables that the caller provides: sets of characters, what characters become |
//! | [`change_scan`] | finds the first character that changes |
//! | [`locate`] | from positions in transformed text to positions in the original |
//! | [`boundaries`] | word and token boundaries |

pub mod accents;
pub mod boundaries;
pub mod change_scan;
pub mod char_map;
pub mod char_set;
pub mod encoding;
pub mod locate;
pub mod transform;
pub mod unicode;
pub mod utf32;
pub mod utf8;
