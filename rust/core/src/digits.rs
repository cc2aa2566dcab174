//! Amounts written as decimal digits.

use ruint::aliases::U256;

const ONES: u64 = 0x0101_0101_0101_0101;
const ZEROS: u64 = ONES.wrapping_mul(0x30);
const MOST_DIGITS: usize = 78;

/// What a text is as an amount in base units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Less than 2^128.
    Narrow(u128),
    /// 2^128 to 2^256 - 1.
    Wide(U256),
    /// Not ASCII digits alone, or more than uint256.
    Odd,
}

impl Amount {
    /// The smaller of the two types that holds it.
    #[inline]
    pub fn of(value: U256) -> Self {
        let [a, b, c, d] = value.into_limbs();
        if c | d == 0 {
            Self::Narrow(u128::from(a) | u128::from(b) << 64)
        } else {
            Self::Wide(value)
        }
    }

    /// A number in two's complement, lowest word first, at most four words; negative ones are odd.
    #[inline]
    pub fn of_words(words: &[u64]) -> Self {
        if words.last().is_some_and(|top| top >> 63 != 0) {
            return Self::Odd;
        }
        U256::checked_from_limbs_slice(words).map_or(Self::Odd, Self::of)
    }
}

/// Reads ASCII digits, leading zeros allowed: no sign, space, point or exponent.
#[inline]
pub fn amount(text: &[u8]) -> Amount {
    if text.is_empty() || text.len() > 38 {
        return long(text);
    }
    narrow(text).map_or(Amount::Odd, Amount::Narrow)
}

/// 1 to 38 digits.
#[inline]
fn narrow(text: &[u8]) -> Option<u128> {
    if text.len() <= 16 {
        return sixteen(text).map(u128::from);
    }
    let (rest, low) = text.split_at_checked(text.len().wrapping_sub(16))?;
    let low = u128::from(sixteen(low)?);
    if rest.len() <= 16 {
        return Some(low.wrapping_add(u128::from(sixteen(rest)?).wrapping_mul(10_u128.pow(16))));
    }
    let (rest, middle) = rest.split_at_checked(rest.len().wrapping_sub(16))?;
    let high = u128::from(sixteen(rest)?).wrapping_mul(10_u128.pow(32));
    let middle = u128::from(sixteen(middle)?).wrapping_mul(10_u128.pow(16));
    Some(high.wrapping_add(middle).wrapping_add(low))
}

/// Up to 16 digits.
#[inline]
fn sixteen(text: &[u8]) -> Option<u64> {
    if text.len() <= 8 {
        return eight(padded(text));
    }
    let (high, low) = text.split_at_checked(text.len().wrapping_sub(8))?;
    let low = u64::from_le_bytes(low.try_into().ok()?);
    Some(eight(padded(high))?.wrapping_mul(100_000_000).wrapping_add(eight(low)?))
}

/// Up to 8 characters with zeros in front.
#[inline]
fn padded(text: &[u8]) -> u64 {
    let word = |four: &[u8; 4]| u64::from(u32::from_le_bytes(*four));
    let bits = match (text.first_chunk::<4>(), text.last_chunk::<4>(), text) {
        (Some(first), Some(last), _) => word(first) << (64 - 8 * text.len()) | word(last) << 32,
        (_, _, &[a]) => u64::from(a) << 56,
        (_, _, &[a, b]) => u64::from(a) << 48 | u64::from(b) << 56,
        (_, _, &[a, b, c]) => u64::from(a) << 40 | u64::from(b) << 48 | u64::from(c) << 56,
        _ => 0,
    };
    let missing = 8_usize.wrapping_sub(text.len().min(8));
    bits | if missing == 8 {
        ZEROS
    } else {
        ZEROS & (1_u64 << (8 * missing)).wrapping_sub(1)
    }
}

/// Eight digits, the first in the lowest byte.
#[inline]
fn eight(text: u64) -> Option<u64> {
    let six_more = text.wrapping_add(ONES.wrapping_mul(6));
    if text & ONES.wrapping_mul(0xf0) | six_more >> 4 & ONES.wrapping_mul(0x0f) != ONES.wrapping_mul(0x33) {
        return None;
    }
    let digits = text ^ ZEROS;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

/// Any number of digits.
fn long(text: &[u8]) -> Amount {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Amount::Odd;
    }
    let zeros = text.iter().take_while(|digit| **digit == b'0').count();
    let significant = text.get(zeros..).unwrap_or_default();
    if significant.len() > MOST_DIGITS {
        return Amount::Odd;
    }
    let ten = U256::from(10_u8);
    let next = |sum: U256, digit: &u8| sum.checked_mul(ten)?.checked_add(U256::from(digit.wrapping_sub(b'0')));
    significant
        .iter()
        .try_fold(U256::ZERO, next)
        .map_or(Amount::Odd, Amount::of)
}
