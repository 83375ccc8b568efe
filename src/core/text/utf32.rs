//! Converts cells of NumPy's `U` to UTF-8: if all code points are ASCII, each becomes one byte.
//!
//! A cell has room for the array's longest document and is padded with zeros. Only what follows a zero tells whether
//! it is padding. So every cell must be read completely: four bytes for each byte of text, and the padding. The
//! fastest way reads it once, in order, and does nothing else. Zeros are narrowed like text, and the end is found in
//! the narrowed bytes.

use super::encoding::ByteOrder;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use crate::core::base::simd::every_fourth;
use crate::core::base::simd::nonzero;

/// Code points that are narrowed at a time.
const LANES: usize = 16;

/// Narrows a cell to the first bytes of `to`, one byte for each code point. Returns the length without padding, or
/// `None` if not all are ASCII. Inlined, so that it is compiled for the vector level of its caller.
#[inline(always)]
pub fn narrow(cell: &[u8], order: ByteOrder, to: &mut [u8]) -> Option<usize> {
    let (units, _) = cell.as_chunks::<4>();
    let to = &mut to[..units.len()];
    // A loop for each order: the compiler would not move the choice out of one.
    let all = match order {
        ByteOrder::Native => narrow_units::<0>(units, u32::from_ne_bytes, to),
        ByteOrder::Swapped => narrow_units::<3>(units, |unit| order.read(unit), to),
    };
    (all < 0x80).then(|| length_without_zeros(to))
}

/// Narrows code points, of which byte `AT` is the lowest on little-endian machines. Returns the bits that are set in
/// any of them.
#[inline(always)]
fn narrow_units<const AT: usize>(units: &[[u8; 4]], code: impl Fn([u8; 4]) -> u32 + Copy, to: &mut [u8]) -> u32 {
    let mut all = [0; LANES];
    let mut block = |units: &[[u8; 4]; LANES], to: &mut [u8; LANES]| {
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        {
            *to = every_fourth::<AT>(units);
            all.iter_mut().zip(units).for_each(|(all, &unit)| *all |= code(unit));
        }
        #[cfg(not(all(target_arch = "aarch64", target_endian = "little")))]
        for ((all, to), &unit) in all.iter_mut().zip(to).zip(units) {
            *all |= code(unit);
            *to = code(unit) as u8;
        }
    };
    match (units.last_chunk(), to.last_chunk_mut()) {
        (Some(last_units), Some(last)) => {
            // The last block may overlap the one before, so that no code points are left over.
            block(last_units, last);
            units.as_chunks().0.iter().zip(to.as_chunks_mut().0).for_each(|(units, to)| block(units, to));
        }
        _ => {
            for (to, &unit) in to.iter_mut().zip(units) {
                all[0] |= code(unit);
                *to = code(unit) as u8;
            }
        }
    }
    all.iter().fold(0, |all, lane| all | lane)
}

/// The number of bytes without the zeros at the end: 64 bytes at a time, or eight if there are fewer.
#[inline(always)]
pub fn length_without_zeros(bytes: &[u8]) -> usize {
    let mut end = bytes.len();
    while let Some(first) = bytes.first_chunk() {
        // If fewer than 64 bytes are left, the first block contains them, and zeros after the end.
        let (start, block) = bytes[..end].last_chunk().map_or((0, first), |block| (end - 64, block));
        let mask = nonzero(block);
        if mask != 0 || start == 0 {
            // No bit is set in 64 zeros: the length is 0.
            return start + 64 - mask.leading_zeros() as usize;
        }
        end = start;
    }
    while let Some(word) = bytes[..end].last_chunk::<8>() {
        let zeros = u64::from_le_bytes(*word).leading_zeros() as usize / 8;
        end -= zeros;
        if zeros < 8 {
            return end;
        }
    }
    bytes[..end].iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::{Kernel, Level};

    struct Narrow<'n>(&'n [u8], ByteOrder, &'n mut [u8]);

    impl Kernel for Narrow<'_> {
        type Output = Option<usize>;

        #[inline(always)]
        fn run(self) -> Option<usize> {
            narrow(self.0, self.1, self.2)
        }
    }

    /// The expected result: code points one by one.
    fn one_by_one(codes: &[u32]) -> Option<Vec<u8>> {
        let bytes: Option<Vec<u8>> = codes.iter().map(|&code| (code < 0x80).then_some(code as u8)).collect();
        bytes.map(|mut bytes| {
            bytes.truncate(bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1));
            bytes
        })
    }

    #[test]
    fn every_length_padding_and_alignment_at_every_level() {
        let check = |codes: &[u32], shift: usize| {
            let expected = one_by_one(codes);
            for (order, swap) in [(ByteOrder::Native, false), (ByteOrder::Swapped, true)] {
                let mut memory = vec![0xEE; shift];
                let unit = |&code: &u32| if swap { code.swap_bytes() } else { code }.to_ne_bytes();
                memory.extend(codes.iter().flat_map(unit));
                for level in Level::all() {
                    let mut made = vec![0xEE; codes.len() + 3];
                    let length = level.run(Narrow(&memory[shift..], order, &mut made));
                    assert_eq!(length.map(|length| made[..length].to_vec()), expected, "{codes:?} {level:?}");
                    assert_eq!(made[codes.len()..], [0xEE; 3]);
                }
            }
        };
        for width in 0..150 {
            let codes: Vec<u32> = (0..width).map(|i| 1 + i * 7 % 127).collect();
            for text in 0..=codes.len() {
                // Zeros within the text, and padding after it.
                let mut codes = codes.clone();
                codes[text..].fill(0);
                if text > 2 {
                    codes[text / 2] = 0;
                }
                check(&codes, text % 4);
            }
            for at in 0..codes.len() {
                for code in [0x80, 0xFF, 0x100, 0xD800, 0x1_0000, 0x10_FFFF, 0x8000_0000, 0x4100_0000] {
                    let mut codes = codes.clone();
                    codes[at] = code;
                    check(&codes, at % 4);
                }
            }
        }
    }
}
