//! About how often a few bytes occur in texts that are not known.

/// About how often a literal begins at a position of a text. Neighbouring letters are not independent, so the chances
/// of single bytes are high.
pub fn rate(literal: &[u8]) -> f64 {
    let chance = |&byte: &u8| match byte {
        b' ' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' | b'h' | b'l' => 1.0 / 6.0,
        b'd' | b'c' | b'u' | b'm' | b'f' | b'p' | b'g' | b'w' | b'y' | b'b' => 1.0 / 16.0,
        b'0'..=b'9' | b'.' | b',' | b'-' | b'/' | b'_' | b':' | b'\n' | b'=' | b'"' => 1.0 / 16.0,
        // Bytes of other scripts: most letters have the same first byte.
        0x80.. => 1.0 / 6.0,
        _ => 1.0 / 40.0,
    };
    literal.iter().map(chance).product()
}
