//! Amounts in base units: 128 bits where an asset's sums fit, 320 where they do not.

use num_bigint::BigUint;
use ruint::Uint;
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// Sums of up to 2^32 amounts of 256 bits, twice over.
pub type Wide = Uint<320, 5>;

/// An amount, never negative. Sums cannot overflow where the type was chosen by the asset's total.
pub trait Units:
    Copy + Ord + Default + Debug + Send + Sync + 'static + Add<Output = Self> + AddAssign + Sub<Output = Self> + SubAssign
{
    /// Whether this is the type of wide assets.
    const WIDE: bool;

    /// An amount of an asset that fits 128 bits.
    fn from_narrow(value: u128) -> Self;

    /// Any amount; panics where it does not fit, which the choice of the type excludes.
    fn from_wide(value: Wide) -> Self;

    /// The amount in the type that holds all.
    fn to_wide(self) -> Wide;

    /// `floor(self · part / whole)`, exactly; `part <= whole` or `self <= whole`, and `whole > 0`.
    fn share(self, part: Self, whole: Self) -> Self;

    /// For the arithmetic of links.
    fn to_big(self) -> BigUint {
        BigUint::from_bytes_le(&self.to_wide().to_le_bytes_vec())
    }

    /// For the arithmetic of links; panics where it does not fit.
    fn from_big(value: &BigUint) -> Self {
        Self::from_wide(Wide::try_from_le_slice(&value.to_bytes_le()).expect("a link moves no more than its rows hold"))
    }

    /// Whether it is nothing.
    fn is_zero(self) -> bool {
        self == Self::default()
    }
}
