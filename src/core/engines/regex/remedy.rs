//! What to do about syntax that other libraries have, such as Python's `re`.

use regex_syntax::ast::ErrorKind;

/// What to write instead, for an error at the beginning of `rest`.
pub fn remedy(error: &ErrorKind, rest: &str) -> Option<&'static str> {
    let starts = |start| rest.starts_with(start);
    Some(match error {
        ErrorKind::FlagUnrecognized if starts(">") => "atomic groups are not supported; write (?:...)",
        ErrorKind::FlagUnrecognized if starts("#") => "comments are not supported, except after # under (?x)",
        ErrorKind::FlagUnrecognized if starts("P=") => "backreferences are not supported",
        ErrorKind::FlagUnrecognized if starts("(") => "conditions are not supported",
        ErrorKind::FlagUnrecognized if starts("a") => "for classes of ASCII only, write [A-Za-z0-9_] or (?-u:\\w)",
        ErrorKind::EscapeUnrecognized if starts("\\Z") => "the end of a document is \\z",
        ErrorKind::ClassUnclosed => "within [...], write \\[ for a bracket",
        ErrorKind::RepetitionCountUnclosed => "write \\{ for a brace",
        ErrorKind::RepetitionCountDecimalEmpty => "write {0,n} for at most n, and \\{ for a brace",
        ErrorKind::UnsupportedBackreference if starts("\\0") => "codes are hexadecimal: write \\x07 for \\07",
        _ => return None,
    })
}
