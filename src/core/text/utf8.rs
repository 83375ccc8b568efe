//! Converts between UTF-8 and code points in blocks, without branches that depend on the characters.
//!
//! Text mixes characters of different lengths, and an adversary can mix them so that no branch is predictable. So a
//! character of one byte takes as long here as one of four. A byte of invalid UTF-8 gets a code of its own, greater
//! than all code points, and is written unchanged.

/// Code points in a block.
pub const BLOCK: usize = 32;

/// Bytes that are decoded together if all are ASCII, and the bits that other bytes have.
const ASCII: usize = size_of::<u64>();
const NON_ASCII: u64 = 0x8080_8080_8080_8080;

/// The byte `b` of invalid UTF-8 has the code `INVALID + b`, greater than every code point.
pub const INVALID: u32 = 0x11_0000;

/// How to read a character of a given length from four bytes.
#[derive(Clone, Copy)]
struct Lead {
    /// The character's length in bytes.
    size: u8,
    /// The lead byte's own bits.
    mask: u8,
    /// The number of bits that belong to the bytes after the character.
    shift: u8,
    /// The number of error bits that belong to the bytes after the character.
    shift_error: u8,
    /// The smallest code point that needs this length. For a byte that cannot lead, more than any code point.
    least: u32,
}

const fn lead(size: u8, mask: u8, shift: u8, shift_error: u8, least: u32) -> Lead {
    Lead { size, mask, shift, shift_error, least }
}

/// By the upper five bits of the first byte.
static LEADS: [Lead; 32] = {
    let none = lead(1, 0, 0, 0, u32::MAX);
    let mut leads = [none; 32];
    let mut i = 0;
    while i < leads.len() {
        leads[i] = match i {
            0..16 => lead(1, 0x7F, 18, 6, 0),
            24..28 => lead(2, 0x1F, 12, 4, 0x80),
            28..30 => lead(3, 0x0F, 6, 2, 0x800),
            30 => lead(4, 0x07, 0, 0, 0x1_0000),
            _ => none,
        };
        i += 1;
    }
    leads
};

/// The code at the beginning of four bytes, and its length (after Christopher Wellons, "A branchless UTF-8 decoder").
#[inline(always)]
fn decode_one([a, b, c, d]: [u8; 4], surrogates: bool) -> (u32, usize) {
    let lead = LEADS[usize::from(a >> 3)];
    let low = |byte: u8| u32::from(byte & 0x3F);
    let code = (u32::from(a & lead.mask) << 18 | low(b) << 12 | low(c) << 6 | low(d)) >> lead.shift;
    // The two upper bits of each byte but the first. They are 10 if the byte continues a character.
    let upper = u32::from(b & 0xC0) >> 2 | u32::from(c & 0xC0) >> 4 | u32::from(d) >> 6;
    let is_wrong = (upper ^ 0b10_1010) >> lead.shift_error != 0
        || code < lead.least
        || code >= INVALID
        || code & !0x7FF == 0xD800 && !surrogates;
    // The only branch. Without it each character would wait for the check of the one before (8 ns a character instead
    // of 4).
    if is_wrong { invalid(a) } else { (code, lead.size.into()) }
}

#[cold]
fn invalid(byte: u8) -> (u32, usize) {
    (INVALID + u32::from(byte), 1)
}

/// Decodes up to a block of codes. Returns their number and their bytes. With `surrogates`, a lone surrogate is one
/// code; otherwise its three bytes are invalid UTF-8.
#[inline(always)]
pub fn decode(bytes: &[u8], surrogates: bool, codes: &mut [u32; BLOCK]) -> (usize, usize) {
    let mut padded;
    let window: &[u8; 4 * BLOCK] = match bytes.first_chunk() {
        Some(window) => window,
        None => {
            // Zeros do not continue a character.
            padded = [0; 4 * BLOCK];
            padded[..bytes.len()].copy_from_slice(bytes);
            &padded
        }
    };
    let end = bytes.len().min(window.len());
    let (mut len, mut read) = (0, 0);
    while len < BLOCK && read < end {
        // Text in Western languages has long sequences of ASCII. Other text has too little for the branch to be
        // unpredictable.
        let ascii = bytes[read..].first_chunk().filter(|some| u64::from_ne_bytes(**some) & NON_ASCII == 0);
        if let (Some(some), Some(codes)) = (ascii, codes.get_mut(len..len + ASCII)) {
            codes.iter_mut().zip(some).for_each(|(code, &byte)| *code = byte.into());
            (len, read) = (len + ASCII, read + ASCII);
            continue;
        }
        let Some(four) = window[read..].first_chunk() else { break };
        let (code, size) = decode_one(*four, surrogates);
        codes[len] = code;
        (len, read) = (len + 1, read + size);
    }
    (len, read)
}

/// The length of a code in UTF-8.
#[inline(always)]
pub fn encoded_len(code: u32) -> usize {
    let least = |least: u32| usize::from(code >= least);
    1 + least(0x80) + least(0x800) + least(0x1_0000) - 3 * least(INVALID)
}

/// The UTF-8 of a code in the lower bytes of a word. Surrogates are encoded like characters.
#[inline(always)]
pub fn encode_one(code: u32) -> u32 {
    let (two, three, four) = (two_bytes(code), three_bytes(code), four_bytes(code));
    match code {
        0..0x80 => code,
        0x80..0x800 => two,
        0x800..0x1_0000 => three,
        0x1_0000..INVALID => four,
        INVALID.. => code & 0xFF,
    }
}

#[inline(always)]
fn two_bytes(code: u32) -> u32 {
    0x80C0 | code >> 6 | (code & 0x3F) << 8
}

#[inline(always)]
fn three_bytes(code: u32) -> u32 {
    0x80_80E0 | code >> 12 | (code >> 6 & 0x3F) << 8 | (code & 0x3F) << 16
}

#[inline(always)]
fn four_bytes(code: u32) -> u32 {
    0x8080_80F0 | code >> 18 | (code >> 12 & 0x3F) << 8 | (code >> 6 & 0x3F) << 16 | (code & 0x3F) << 24
}

/// Appends codes, at most a block of them.
#[inline(always)]
pub fn encode(codes: &[u32], out: &mut Vec<u8>) {
    let mut made = [0; 4 * BLOCK];
    let mut end = 0;
    let all = codes.iter().fold(0, |all, code| all | code);
    let mut write = |word: u32, len: usize| {
        made[end..end + 4].copy_from_slice(&word.to_le_bytes());
        end += len;
    };
    // The characters of one script have about the same length.
    if all < 0x800 {
        for &code in codes {
            write(if code < 0x80 { code } else { two_bytes(code) }, 1 + usize::from(code >= 0x80));
        }
    } else if all < 0x1_0000 {
        for &code in codes {
            let word = match code {
                0..0x80 => code,
                0x80..0x800 => two_bytes(code),
                _ => three_bytes(code),
            };
            write(word, 1 + usize::from(code >= 0x80) + usize::from(code >= 0x800));
        }
    } else {
        codes.iter().for_each(|&code| write(encode_one(code), encoded_len(code)));
    }
    out.extend_from_slice(&made[..end]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::text::unicode::first_symbol;

    fn encoded(code: u32) -> Vec<u8> {
        encode_one(code).to_le_bytes()[..encoded_len(code)].to_vec()
    }

    #[test]
    fn every_code_round_trips() {
        for code in 0..INVALID + 0x100 {
            let bytes = encoded(code);
            match char::from_u32(code) {
                Some(c) => assert_eq!(bytes, c.encode_utf8(&mut [0; 4]).as_bytes()),
                None if code >= INVALID => assert_eq!(bytes, [(code - INVALID) as u8]),
                None => assert_eq!(bytes.len(), 3),
            }
            let mut codes = [0; BLOCK];
            let expected = if (INVALID..INVALID + 0x80).contains(&code) { code - INVALID } else { code };
            assert_eq!(decode(&bytes, true, &mut codes), (1, bytes.len()), "{code:X}");
            assert_eq!(codes[0], expected);
        }
    }

    /// All sequences of four bytes around the values where the rules change, compared with `bstr`.
    #[test]
    fn bytes_of_invalid_utf8_have_their_own_codes() {
        let edges = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
            0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF,
        ];
        let mut text = Vec::new();
        for a in edges {
            for b in edges {
                for c in edges {
                    for d in edges {
                        text.extend_from_slice(&[a, b, c, d]);
                    }
                    text.extend_from_slice(&[a, b, c]);
                }
            }
        }
        for surrogates in [false, true] {
            let mut codes = [0; BLOCK];
            let (mut at, mut expected_at) = (0, 0);
            let mut out = Vec::new();
            while at < text.len() {
                let (len, read) = decode(&text[at..], surrogates, &mut codes);
                for &code in &codes[..len] {
                    let (c, len) = match first_symbol(&text[expected_at..]) {
                        (None, 3) if !surrogates => (None, 1),
                        first => first,
                    };
                    let expected = match (c, len) {
                        (Some(c), _) => c.into(),
                        (None, 3) => three_bytes_code(&text[expected_at..]),
                        (None, _) => INVALID + u32::from(text[expected_at]),
                    };
                    assert_eq!(code, expected, "at {expected_at}");
                    expected_at += len;
                }
                at += read;
                assert_eq!(at, expected_at);
                encode(&codes[..len], &mut out);
            }
            assert_eq!(out, text);
        }
    }

    fn three_bytes_code(bytes: &[u8]) -> u32 {
        u32::from(bytes[0] & 15) << 12 | u32::from(bytes[1] & 63) << 6 | u32::from(bytes[2] & 63)
    }
}
