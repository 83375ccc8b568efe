//! A coarse look at marks and the bytes around them, 64 at a time: most marks of a text can be part of no form, and need no
//! closer look.
//!
//! Marks are dealt into eight groups. For each byte it is known in which groups it is a mark, and in which it may stand in
//! each of a few places around one. Where some group has them all, [`marks`](super::marks) looks at the mark itself. A mark
//! among its like, as in an underline, passes only if some form has it so: those come by dozens, and hardly any form has.
//! By AVX-512, which looks up any ASCII byte in one instruction; below that, and where a byte is not ASCII, all marks are
//! looked at.

#![allow(unsafe_code)]

use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// Where in a form a mark stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    First,
    Inner,
}

/// By place of a mark in its form: where the bytes are that are looked at, counted from the mark.
pub const NEAR: [[isize; 4]; 2] = [[-1, 1, 2, 3], [-2, -1, 1, 2]];
/// A mark with so many of its like on both sides is part of an underline.
pub const UNDERLINE: usize = 3;

/// By ASCII byte, a bit for each group.
type Groups = [u8; 128];

#[derive(Clone)]
pub struct Around {
    mark: Groups,
    /// Only those that may be part of an underline.
    underlined: Groups,
    /// By place of a mark in its form, as [`NEAR`].
    near: [[Groups; 4]; 2],
}

impl Default for Around {
    fn default() -> Self {
        Self { mark: [0; 128], underlined: [0; 128], near: [[[0; 128]; 4]; 2] }
    }
}

fn group(mark: u8) -> u8 {
    1 << ((mark ^ mark >> 4) % 8)
}

impl Around {
    pub fn add_mark(&mut self, mark: u8, may_be_underlined: bool) {
        self.mark[usize::from(mark)] |= group(mark);
        if may_be_underlined {
            self.underlined[usize::from(mark)] |= group(mark);
        }
    }

    /// A byte may stand in the `i`-th of the places [`NEAR`] a mark.
    pub fn add_beside(&mut self, mark: u8, place: Place, i: usize, byte: u8) {
        if byte.is_ascii() {
            self.near[place as usize][i][usize::from(byte)] |= group(mark);
        }
    }

    /// A bit for each mark of a window that is to be looked at, and for bytes that are no marks, in words of 64. Of the
    /// first and the last words all are.
    pub fn to_be_looked_at(&self, level: Level, window: &[u8], looked_at: &mut Vec<u64>) {
        looked_at.clear();
        looked_at.resize(window.len().div_ceil(64), !0);
        #[cfg(target_arch = "x86_64")]
        if level.tier() >= Tier::Avx512 {
            // SAFETY: a level of this tier is made only where the processor has it.
            unsafe { x86::look_avx512(self, window, looked_at) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = level;
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Around, Groups, NEAR, UNDERLINE};

    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vbmi")]
    pub fn look_avx512(around: &Around, window: &[u8], looked_at: &mut [u64]) {
        let load = |bytes: &[u8]| {
            assert!(bytes.len() >= 64);
            // SAFETY: 64 bytes, and the load needs no alignment.
            unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
        };
        let both = |groups: &Groups| (load(groups), load(&groups[64..]));
        let look = |(low, high): (__m512i, __m512i), bytes| _mm512_permutex2var_epi8(low, bytes, high);
        let (mark, underlined) = (both(&around.mark), both(&around.underlined));
        let near = around.near.each_ref().map(|place| place.each_ref().map(both));
        for (i, looked_at) in looked_at.iter_mut().enumerate().skip(1) {
            let Some(bytes) = window.get(64 * i - UNDERLINE..64 * (i + 1) + UNDERLINE) else { return };
            let at = |by: isize| load(&bytes[UNDERLINE.wrapping_add_signed(by)..]);
            if _mm512_movepi8_mask(_mm512_or_si512(at(-(UNDERLINE as isize)), at(UNDERLINE as isize))) != 0 {
                continue;
            }
            let marks = at(0);
            let is_underlined =
                [-3, -2, -1, 1, 2, 3].into_iter().fold(!0, |all, by| all & _mm512_cmpeq_epi8_mask(marks, at(by)));
            let own = _mm512_mask_mov_epi8(look(mark, marks), is_underlined, look(underlined, marks));
            let [first, inner]: [__m512i; 2] = std::array::from_fn(|place| {
                let [a, b, c, d]: [__m512i; 4] = std::array::from_fn(|i| look(near[place][i], at(NEAR[place][i])));
                _mm512_ternarylogic_epi64::<0x80>(_mm512_and_si512(a, b), c, d)
            });
            // Where all agree.
            let found = _mm512_and_si512(own, _mm512_or_si512(first, inner));
            *looked_at = _mm512_test_epi8_mask(found, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::Tier;

    #[test]
    fn no_mark_is_passed_over_that_may_be_in_a_form() {
        let mut around = Around::default();
        let forms: [(u8, Place, [&[u8]; 4]); 3] = [
            (b':', Place::First, [b" )", b")", b"xo ", b"xo "]),
            (b'-', Place::Inner, [b"fo", b"f", b"o", b"fo"]),
            (b'"', Place::Inner, [b"<>", b"<", b">", b":-"]),
        ];
        for (mark, place, near) in forms {
            around.add_mark(mark, false);
            for (i, bytes) in near.iter().enumerate() {
                bytes.iter().for_each(|&byte| around.add_beside(mark, place, i, byte));
            }
        }
        let alphabet = b" :)-fo\"<>xx:-";
        let mut text: Vec<u8> =
            (0..3000u32).map(|i| alphabet[(i * i / 7 + i / 3) as usize % alphabet.len()]).collect();
        let pieces: [&[u8]; 4] = [b" :)xo", b"ff-oo", b"<<\">:", b" :)x "];
        (100..2900)
            .step_by(61)
            .zip(pieces.iter().cycle())
            .for_each(|(at, piece)| text[at..at + 5].copy_from_slice(piece));
        text[1000] = 0xE9;
        for level in Level::all() {
            for len in [0, 1, 63, 64, 65, 128, 129, 130, 131, 132, 3000] {
                let text = &text[..len];
                let mut found = Vec::new();
                around.to_be_looked_at(level, text, &mut found);
                assert_eq!(found.len(), len.div_ceil(64));
                let mut in_forms = 0;
                for at in 0..len {
                    let byte = |by: isize| at.checked_add_signed(by).and_then(|at| text.get(at));
                    let is_in_form = forms.iter().any(|(mark, place, near)| {
                        let agrees =
                            |(&by, bytes): (&isize, &&[u8])| byte(by).is_some_and(|byte| bytes.contains(byte));
                        text[at] == *mark && NEAR[*place as usize].iter().zip(near).all(agrees)
                    });
                    in_forms += u32::from(is_in_form);
                    assert!(!is_in_form || found[at / 64] >> (at % 64) & 1 == 1, "{level:?}: {at} of {len}");
                }
                if level.tier() == Tier::Avx512 && len == 3000 {
                    let inside = [&found[1..15], &found[16..45]].concat();
                    let looked_at: u32 = inside.iter().map(|word| word.count_ones()).sum();
                    assert!(in_forms > 20 && looked_at < 3 * in_forms, "{looked_at}, {in_forms}");
                }
            }
        }
    }
}
