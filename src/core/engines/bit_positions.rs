//! The positions of the set bits of a mask, by AVX-512's compress instruction, by a table (NEON), or eight at a time.

#![allow(unsafe_code)]

use crate::core::base::simd::Level;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::simd::Tier;

/// Sets the bit at `at` if it is set in `from`.
#[inline]
pub fn copy_bit(from: &[u64], mask: &mut [u64], at: usize) {
    mask[at / 64] |= from[at / 64] & 1 << (at % 64);
}

/// Writes the positions of all set bits, plus `add`, to the beginning of `positions`, which only grows. Returns their
/// number.
pub fn bit_positions(level: Level, mask: &[u64], add: u32, positions: &mut Vec<u32>) -> usize {
    make_room(mask, positions);
    match level.tier() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a level of this tier is made only where the processor has it. `make_room` made room.
        Tier::Avx512 => unsafe { x86::bit_positions_avx512(mask, add, positions) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Tier::Avx2 => unsafe { x86::bit_positions_avx2(mask, add, positions) },
        #[cfg(target_arch = "aarch64")]
        // SAFETY: as above.
        Tier::Neon => unsafe { neon::bit_positions_neon(mask, add, positions) },
        _ => bit_positions_portable(mask, add, positions),
    }
}

/// As [`bit_positions`], for masks in which few words have more than one bit. The first position is written even if a
/// word is zero.
pub fn sparse_bit_positions(mask: &[u64], add: u32, positions: &mut Vec<u32>) -> usize {
    make_room(mask, positions);
    let mut len = 0;
    for (word, at) in mask.iter().zip((add..).step_by(64)) {
        let mut rest = *word;
        loop {
            positions[len] = at + rest.trailing_zeros();
            len += usize::from(rest != 0);
            rest &= rest.wrapping_sub(1);
            if rest == 0 {
                break;
            }
        }
    }
    len
}

/// Makes room for a position for every bit, and for the last group that is written.
fn make_room(mask: &[u64], positions: &mut Vec<u32>) {
    let room = 64 * (mask.len() + 1);
    if positions.len() < room {
        positions.resize(room, 0);
    }
}

/// Positions are written in groups of eight, even if a word has fewer bits. A branch for each bit would often be
/// mispredicted.
#[inline(always)]
fn bit_positions_portable(mask: &[u64], add: u32, positions: &mut [u32]) -> usize {
    const AT_ONCE: usize = 8;
    let mut len = 0;
    for (word, at) in mask.iter().zip((add..).step_by(64)) {
        let mut rest = *word;
        let end = len + rest.count_ones() as usize;
        let mut written = len;
        while written < end {
            for position in &mut positions[written..written + AT_ONCE] {
                *position = at + rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
            }
            written += AT_ONCE;
        }
        len = end;
    }
    len
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::bit_positions_portable;

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn bit_positions_avx2(mask: &[u64], add: u32, positions: &mut [u32]) -> usize {
        bit_positions_portable(mask, add, positions)
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi2")]
    pub fn bit_positions_avx512(mask: &[u64], add: u32, positions: &mut [u32]) -> usize {
        let every: [u8; 64] = std::array::from_fn(|position| position as u8);
        // SAFETY: 64 bytes, and the load needs no alignment.
        let every = unsafe { _mm512_loadu_si512(every.as_ptr().cast()) };
        let mut len = 0;
        for (&word, at) in mask.iter().zip((add..).step_by(64)) {
            let packed = _mm512_maskz_compress_epi8(word, every);
            let count = word.count_ones() as usize;
            let room = positions[len..].first_chunk_mut::<64>().expect("room for the positions of a whole word");
            let at = _mm512_set1_epi32(at as i32);
            let mut quarter = |i: usize, packed| {
                let wide = _mm512_add_epi32(_mm512_cvtepu8_epi32(packed), at);
                // SAFETY: there is room for 64 positions, and `i` is less than 4.
                unsafe { _mm512_storeu_si512(room[16 * i..].as_mut_ptr().cast(), wide) };
            };
            // Few words have more than 16 bits.
            quarter(0, _mm512_castsi512_si128(packed));
            if count > 16 {
                quarter(1, _mm512_extracti32x4_epi32::<1>(packed));
                quarter(2, _mm512_extracti32x4_epi32::<2>(packed));
                quarter(3, _mm512_extracti32x4_epi32::<3>(packed));
            }
            len += count;
        }
        len
    }
}

#[cfg(target_arch = "aarch64")]
mod neon {
    use std::arch::aarch64::*;

    /// The positions of the bits of each byte, padded to eight.
    static POSITIONS: [[u8; 8]; 256] = {
        let mut positions = [[0; 8]; 256];
        let mut byte = 0;
        while byte < positions.len() {
            let (mut bit, mut len) = (0, 0);
            while bit < 8 {
                positions[byte][len] = bit;
                len += byte >> bit & 1;
                bit += 1;
            }
            byte += 1;
        }
        positions
    };

    /// Eight positions are written for each byte of a mask; those of the next byte overwrite what is too many.
    #[target_feature(enable = "neon")]
    pub fn bit_positions_neon(mask: &[u64], add: u32, positions: &mut [u32]) -> usize {
        let mut len = 0;
        for (&word, at) in mask.iter().zip((add..).step_by(64)) {
            let room = positions[len..].first_chunk_mut::<64>().expect("room for the positions of a whole word");
            let counts = vget_lane_u64::<0>(vreinterpret_u64_u8(vcnt_u8(vcreate_u8(word))));
            // Byte `i` is the number of bits up to byte `i` of the word.
            let ends = counts.wrapping_mul(0x0101_0101_0101_0101);
            let mut first = vdupq_n_u32(at);
            for i in 0..8 {
                let start = if i == 0 { 0 } else { (ends >> (8 * (i - 1))) as usize & 0xFF };
                let within = &POSITIONS[(word >> (8 * i)) as usize & 0xFF];
                // SAFETY: eight bytes are read. The first `i` bytes have at most `8 * i` bits, so `start` is at most
                // 56, and there is room for eight positions more.
                unsafe {
                    let within = vmovl_u8(vld1_u8(within.as_ptr()));
                    let to = room.as_mut_ptr().add(start);
                    vst1q_u32(to, vaddw_u16(first, vget_low_u16(within)));
                    vst1q_u32(to.add(4), vaddw_high_u16(first, within));
                }
                first = vaddq_u32(first, vdupq_n_u32(8));
            }
            len += (ends >> 56) as usize;
        }
        len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_finds_all_positions() {
        let words = [0, 1, 1 << 63, u64::MAX, 0xFFFF, 0x1_FFFF, 0x8421_8421_8421_8421, 0, u64::MAX << 40];
        for count in 0..words.len() {
            let mask = &words[..count];
            let expected: Vec<u32> = (0..64 * count as u32)
                .filter(|at| mask[*at as usize / 64] >> (at % 64) & 1 == 1)
                .map(|at| at + 7)
                .collect();
            for level in Level::all() {
                let mut found = Vec::new();
                let len = bit_positions(level, mask, 7, &mut found);
                assert_eq!(found[..len], expected, "{level:?}");
                let len = sparse_bit_positions(mask, 7, &mut found);
                assert_eq!(found[..len], expected);
            }
        }
    }
}
