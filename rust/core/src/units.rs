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

    /// The amount in 128 bits, where it fits.
    fn narrow(self) -> Option<u128>;

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

    /// The amount, or `most` if that is less.
    fn at_most(self, most: Wide) -> Self {
        if most < self.to_wide() {
            Self::from_wide(most)
        } else {
            self
        }
    }

    /// Whether it is nothing.
    fn is_zero(self) -> bool {
        self == Self::default()
    }
}

impl Units for u128 {
    const WIDE: bool = false;

    #[inline]
    fn from_narrow(value: u128) -> Self {
        value
    }

    fn from_wide(value: Wide) -> Self {
        value.to()
    }

    #[inline]
    fn to_wide(self) -> Wide {
        Wide::from(self)
    }

    #[inline]
    fn narrow(self) -> Option<u128> {
        Some(self)
    }

    #[inline]
    fn share(self, part: Self, whole: Self) -> Self {
        if part == whole {
            return self;
        }
        if self == whole {
            return part;
        }
        let (high, low) = multiply(self, part);
        match (high, whole) {
            (_, 0) => 0,
            (0, _) => divide_small(low, whole),
            _ => divide_double(high, low, whole),
        }
    }
}

impl Units for Wide {
    const WIDE: bool = true;

    #[inline]
    fn from_narrow(value: u128) -> Self {
        Wide::from_limbs([value as u64, (value >> 64) as u64, 0, 0, 0])
    }

    #[inline]
    fn from_wide(value: Wide) -> Self {
        value
    }

    #[inline]
    fn to_wide(self) -> Wide {
        self
    }

    fn narrow(self) -> Option<u128> {
        u128::try_from(self).ok()
    }

    #[inline]
    fn share(self, part: Self, whole: Self) -> Self {
        match (narrow(&self), narrow(&part), narrow(&whole)) {
            (Some(all), Some(part), Some(whole)) => Wide::from_narrow(all.share(part, whole)),
            _ => share_wide(self, part, whole),
        }
    }
}

/// The value in 128 bits, if it fits.
#[inline]
fn narrow(value: &Wide) -> Option<u128> {
    let [low, high, rest @ ..] = *value.as_limbs();
    (rest == [0; 3]).then_some(u128::from(low) | u128::from(high) << 64)
}

fn share_wide(all: Wide, part: Wide, whole: Wide) -> Wide {
    let mut product = [0; 10];
    ruint::algorithms::addmul(&mut product, all.as_limbs(), part.as_limbs());
    let mut divisor = *whole.as_limbs();
    if divisor == [0; 5] {
        return Wide::ZERO;
    }
    ruint::algorithms::div(&mut product, &mut divisor);
    Wide::from_limbs_slice(&product[..5])
}

/// High and low half of a product.
#[inline]
fn multiply(a: u128, b: u128) -> (u128, u128) {
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    if a1 | b1 == 0 {
        return (0, a0 * b0);
    }
    let bottom = a0 * b0;
    let middle = a1 * b0 + (bottom >> 64);
    let (middle, over) = middle.overflowing_add(a0 * b1);
    let high = a1 * b1 + (middle >> 64) + (u128::from(over) << 64);
    (high, middle << 64 | bottom & LOW)
}

const LOW: u128 = u64::MAX as u128;

#[inline]
fn divide_small(a: u128, b: u128) -> u128 {
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => u128::from(a / b),
        _ => a / b,
    }
}

/// `(high · 2^128 + low) / whole` where `high < whole` (Knuth, The Art of Computer Programming 4.3.1, algorithm D).
fn divide_double(high: u128, low: u128, whole: u128) -> u128 {
    let shift = whole.leading_zeros();
    let whole = whole << shift;
    let high = if shift == 0 {
        high
    } else {
        high << shift | low >> (128 - shift)
    };
    let low = low << shift;
    let (first, rest) = digit(high, low >> 64, whole);
    let (second, _) = digit(rest, low & LOW, whole);
    first << 64 | second
}

/// One quotient digit of `(high · 2^64 + next) / whole` and the remainder; `high < whole`, whose top bit is set.
#[inline]
fn digit(high: u128, next: u128, whole: u128) -> (u128, u128) {
    if high >> 64 == 0 && (high << 64 | next) < whole {
        return (0, high << 64 | next);
    }
    let (top, below) = (whole >> 64, whole & LOW);
    let (mut guess, mut rest) = (high / top, high % top);
    if guess > LOW {
        (guess, rest) = (LOW, high - LOW * top);
    }
    while rest <= LOW && guess * below > (rest << 64 | next) {
        guess -= 1;
        rest += top;
    }
    (guess, (high << 64 | next).wrapping_sub(guess.wrapping_mul(whole)))
}
