//! The limit for compiled expressions.

use crate::core::base::error::TermError;

/// The largest size of an automaton in bytes. The crate `regex` has the same limit.
pub const SIZE_LIMIT: usize = 10 << 20;

pub const TOO_LARGE: TermError = TermError::TooLarge { limit: SIZE_LIMIT, is_adaptive: false };
