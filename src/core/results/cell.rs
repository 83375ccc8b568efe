//! The types of the count matrix's cells, and the exact conversion of a count to each.

use std::sync::Mutex;

use half::f16;

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;

/// A type of cells. Integers and floats store the count; bool stores whether it is nonzero.
pub trait Cell: Copy + Default + Send + Sync + 'static {
    /// NumPy's name of the type.
    const NAME: &'static str;
    /// Counts up to this one can be converted with [`Cell::from_small`].
    const SMALL: u8 = u8::MAX;

    /// Converts a count of at most [`Cell::SMALL`].
    fn from_small(count: u8) -> Self;

    /// Converts a count. `None` if the type cannot represent it exactly.
    fn from_count(count: u64) -> Option<Self>;
}

/// Each type with its name, its largest small count, and the conversions of a small count and of any count.
macro_rules! cells {
    ($($type:ty, $name:literal, $small:expr, $from_small:expr, $from_count:expr;)*) => {$(
        impl Cell for $type {
            const NAME: &'static str = $name;
            const SMALL: u8 = $small;

            #[inline(always)]
            fn from_small(count: u8) -> Self {
                $from_small(count)
            }

            #[inline]
            fn from_count(count: u64) -> Option<Self> {
                $from_count(count)
            }
        }
    )*};
}

cells! {
    bool, "bool", 255, |count| count > 0, |count| Some(count > 0);
    i8, "int8", 127, |count| count as Self, |count| Self::try_from(count).ok();
    i16, "int16", 255, Self::from, |count| Self::try_from(count).ok();
    i32, "int32", 255, Self::from, |count| Self::try_from(count).ok();
    i64, "int64", 255, Self::from, |count| Self::try_from(count).ok();
    u8, "uint8", 255, Self::from, |count| Self::try_from(count).ok();
    u16, "uint16", 255, Self::from, |count| Self::try_from(count).ok();
    u32, "uint32", 255, Self::from, |count| Self::try_from(count).ok();
    u64, "uint64", 255, Self::from, Some;
    f16, "float16", 255, |count| SMALL_F16[count as usize], half;
    f32, "float32", 255, Self::from, |count| Some(count as Self).filter(|&cell| is_exact(cell.into(), count));
    f64, "float64", 255, Self::from, |count| Some(count as Self).filter(|&cell| is_exact(cell, count));
}

/// Whether a float equals a count. The conversion to an integer saturates, which would hide that counts close to 2^64
/// were rounded up.
fn is_exact(cell: f64, count: u64) -> bool {
    cell < u64::MAX as f64 && cell as u64 == count
}

fn half(count: u64) -> Option<f16> {
    let cell = f16::from_f32(f32::from_count(count)?);
    is_exact(cell.into(), count).then_some(cell)
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

/// The first count, in order of rows, that did not fit a cell. It does not depend on which worker fails first.
#[derive(Default)]
pub struct FirstOverflow(Mutex<Option<(usize, CountError)>>);

impl FirstOverflow {
    /// Notes a count that does not fit. Those of one row must come in order of columns.
    #[cold]
    pub fn note<T: Cell>(&self, row: usize, column: u32, count: u64) {
        let mut first = lock_ignoring_poison(&self.0);
        if first.as_ref().is_none_or(|&(known, _)| row < known) {
            *first = Some((row, CountError::Overflow { row, column: column as usize, count, dtype: T::NAME }));
        }
    }

    pub fn first(self) -> Result<(), CountError> {
        lock_ignoring_poison(&self.0).take().map_or(Ok(()), |(_, error)| Err(error))
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
        let overflows = FirstOverflow::default();
        for (row, column) in [(7, 0), (3, 1), (3, 2), (5, 0)] {
            overflows.note::<u8>(row, column, 256);
        }
        let first = CountError::Overflow { row: 3, column: 1, count: 256, dtype: "uint8" };
        assert_eq!(overflows.first(), Err(first));
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
