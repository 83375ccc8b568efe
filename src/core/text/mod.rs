//! Text: how it is encoded, what Unicode says of it, and how it is transformed before it is searched.
//!
//! | file | contains |
//! | --- | --- |
//! | [`encoding`] | [`Text`](encoding::Text): UTF-8, or the one, two or four bytes a character of a Python string |
//! | [`packed_text`] | the same in 16 bytes |
//! | [`utf8`] | UTF-8 decoded and encoded by blocks, valid or not |
//! | [`utf32`] | UTF-32 to ASCII |
//! | [`unicode`] | word characters, whitespace, simple case folding |
//! | [`accents`] | accents removed: NFKD without combining characters |
//! | [`transform`] | folding and removing accents, applied to terms and documents alike |
//! | [`locate`] | from positions in transformed text to positions in the text |
//! | [`boundaries`] | word and token boundaries |

pub mod accents;
pub mod boundaries;
pub mod encoding;
pub mod locate;
pub mod packed_text;
pub mod transform;
pub mod unicode;
pub mod utf32;
pub mod utf8;
