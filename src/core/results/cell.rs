//! The types of the count matrix's cells, and the exact conversion of a count to each.

use std::sync::Mutex;

use half::f16;

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;

/// A type of cells. Integers and floats store the count; bool stores whether it is nonzero.
pub trait Cell: Copy + Send + Sync + 'static {
    /// NumPy's name of the type.
    const NAME: &'static str;
    /// No count.
    const ZERO: Self;
    /// Counts up to this one can be converted with [`Cell::from_small`].
    const SMALL: u8 = u8::MAX;

    /// Converts a count of at most [`Cell::SMALL`].
    fn from_small(count: u8) -> Self;

    /// Converts a count. `None` if the type cannot represent it exactly.
    fn from_count(count: u64) -> Option<Self>;
}

macro_rules! integer_cells {
    ($($type:ty = $name:literal),*) => {$(
        impl Cell for $type {
            const NAME: &'static str = $name;
            const ZERO: Self = 0;
            const SMALL: u8 = if Self::BITS == 8 { Self::MAX as u8 } else { u8::MAX };

            #[inline(always)]
            fn from_small(count: u8) -> Self {
                count as Self
            }

            #[inline]
            fn from_count(count: u64) -> Option<Self> {
                Self::try_from(count).ok()
            }
        }
    )*};
}

integer_cells!(
    i8 = "int8",
    i16 = "int16",
    i32 = "int32",
    i64 = "int64",
    u8 = "uint8",
    u16 = "uint16",
    u32 = "uint32",
    u64 = "uint64"
);

macro_rules! float_cells {
    ($($type:ty = $name:literal),*) => {$(
        impl Cell for $type {
            const NAME: &'static str = $name;
            const ZERO: Self = 0.0;

            #[inline(always)]
            fn from_small(count: u8) -> Self {
                count.into()
            }

            #[inline]
            fn from_count(count: u64) -> Option<Self> {
                let cell = count as Self;
                // The conversion back saturates, which would hide that counts close to 2^64 were rounded up.
                (cell < u64::MAX as Self && cell as u64 == count).then_some(cell)
            }
        }
    )*};
}

float_cells!(f32 = "float32", f64 = "float64");

impl Cell for f16 {
    const NAME: &'static str = "float16";
    const ZERO: Self = f16::ZERO;

    #[inline(always)]
    fn from_small(count: u8) -> Self {
        SMALL_F16[count as usize]
    }

    #[inline]
    fn from_count(count: u64) -> Option<Self> {
        let cell = f16::from_f32(f32::from_count(count)?);
        (f32::from(cell) as u64 == count && cell.is_finite()).then_some(cell)
    }
}

/// The small counts as `f16`. Few processors have an instruction for this conversion.
static SMALL_F16: [f16; 256] = {
    let mut all = [f16::ZERO; 256];
    let mut count = 1;
    while count < all.len() {
        // The exponent is the index of the highest bit. The lower bits are the upper bits of the ten-bit fraction.
        let exponent = count.ilog2();
        all[count] = f16::from_bits((((exponent + 15) << 10) | (((count as u32) << (10 - exponent)) & 0x3FF)) as u16);
        count += 1;
    }
    all
};

impl Cell for bool {
    const NAME: &'static str = "bool";
    const ZERO: Self = false;

    #[inline(always)]
    fn from_small(count: u8) -> Self {
        count > 0
    }

    #[inline]
    fn from_count(count: u64) -> Option<Self> {
        Some(count > 0)
    }
}

/// The first count, in order of rows, that did not fit a cell. It does not depend on which worker fails first.
#[derive(Default)]
pub struct FirstOverflow {
    first: Mutex<Option<(usize, CountError)>>,
}

impl FirstOverflow {
    /// Takes the result of writing a row. Returns whether it failed.
    pub fn note(&self, written: Result<(), CountError>) -> bool {
        let Err(error) = written else { return false };
        let mut first = lock_ignoring_poison(&self.first);
        if let CountError::Overflow { row, .. } = error
            && first.as_ref().is_none_or(|&(known, _)| row < known)
        {
            *first = Some((row, error));
        }
        true
    }

    pub fn first(self) -> Result<(), CountError> {
        lock_ignoring_poison(&self.first).take().map_or(Ok(()), |(_, error)| Err(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_convert_exactly() {
        fn check<T: Cell + PartialEq + std::fmt::Debug>() {
            for count in 0..=T::SMALL {
                assert_eq!(Some(T::from_small(count)), T::from_count(count.into()), "{} {count}", T::NAME);
            }
            assert!(T::SMALL == u8::MAX || T::from_count(u64::from(T::SMALL) + 1).is_none());
        }
        check::<bool>();
        check::<f16>();
        check::<f32>();
        check::<f64>();
        check::<i8>();
        check::<i16>();
        check::<i32>();
        check::<i64>();
        check::<u8>();
        check::<u16>();
        check::<u32>();
        check::<u64>();
    }

    #[test]
    fn the_first_overflow_is_reported() {
        let overflow = |row| CountError::Overflow { row, column: 0, count: 256, dtype: "uint8" };
        let overflows = FirstOverflow::default();
        assert!(!overflows.note(Ok(())));
        assert!([7, 3, 5].map(|row| overflows.note(Err(overflow(row)))).iter().all(|&failed| failed));
        assert_eq!(overflows.first(), Err(overflow(3)));
        assert_eq!(FirstOverflow::default().first(), Ok(()));
    }

    #[test]
    fn counts_convert_exactly_or_not_at_all() {
        assert_eq!([0, 127, 128].map(i8::from_count), [Some(0), Some(127), None]);
        assert_eq!([255, 256].map(u8::from_count), [Some(255), None]);
        assert_eq!([(1 << 31) - 1, 1 << 31].map(i32::from_count), [Some(i32::MAX), None]);
        assert_eq!(
            [1 << 24, (1 << 24) + 1, (1 << 24) + 2].map(|n| f32::from_count(n).is_some()),
            [true, false, true]
        );
        assert_eq!([1 << 53, (1 << 53) + 1, u64::MAX].map(|n| f64::from_count(n).is_some()), [true, false, false]);
        assert_eq!(
            [2048, 2049, 2050, 65504, 65536].map(|n| f16::from_count(n).is_some()),
            [true, false, true, true, false]
        );
        assert_eq!([0, 1, u64::MAX].map(bool::from_count), [false, true, true].map(Some));
        assert_eq!([u64::MAX].map(f32::from_count), [None]);
    }
}
