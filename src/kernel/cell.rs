//! The types of a count matrix's cells, and the exact narrowing of a count to each.

use half::f16;

/// A cell that holds a count, or a bool that holds whether there is one.
pub trait Cell: Copy + Send + Sync + 'static {
    /// NumPy's name of the type.
    const NAME: &'static str;
    const ZERO: Self;

    /// The count as a cell, `None` where the type cannot hold it exactly.
    fn from_count(count: u64) -> Option<Self>;
}

macro_rules! integer_cells {
    ($($type:ty = $name:literal),*) => {$(
        impl Cell for $type {
            const NAME: &'static str = $name;
            const ZERO: Self = 0;

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

            #[inline]
            fn from_count(count: u64) -> Option<Self> {
                let cell = count as Self;
                // The conversion back saturates, so that it hides the rounding up of counts next to 2^64.
                (cell < u64::MAX as Self && cell as u64 == count).then_some(cell)
            }
        }
    )*};
}

float_cells!(f32 = "float32", f64 = "float64");

impl Cell for f16 {
    const NAME: &'static str = "float16";
    const ZERO: Self = f16::ZERO;

    #[inline]
    fn from_count(count: u64) -> Option<Self> {
        let cell = f16::from_f32(f32::from_count(count)?);
        (f32::from(cell) as u64 == count && cell.is_finite()).then_some(cell)
    }
}

impl Cell for bool {
    const NAME: &'static str = "bool";
    const ZERO: Self = false;

    #[inline]
    fn from_count(count: u64) -> Option<Self> {
        Some(count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_or_not_at_all() {
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
