//! Addresses and hashes in hexadecimal, eight digits at a time; EIP-55 checksums.

use sha3::{Digest, Keccak256};

const ONES: u64 = 0x0101_0101_0101_0101;

/// What a text is as an EVM address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// An address whose letters, if any, are all small or all capital: it carries no checksum.
    Plain([u8; 20]),
    /// Small and capital letters: an address if `capitals` is `capitals_of` it. Bit i is the digit i.
    Mixed([u8; 20], u64),
    /// Something else.
    Odd,
}

/// Reads `0x` and 40 hexadecimal digits; nothing is stripped or repaired.
pub fn address(text: &[u8]) -> Written {
    match text
        .strip_prefix(b"0x")
        .and_then(|digits| <&[u8; 40]>::try_from(digits).ok())
    {
        None => Written::Odd,
        Some(digits) => lower(digits).map_or_else(|| mixed(digits), Written::Plain),
    }
}

/// The bytes of small hexadecimal digits.
#[inline]
pub fn lower(digits: &[u8; 40]) -> Option<[u8; 20]> {
    let mut bytes = [0; 20];
    let mut wrong = 0;
    for (to, from) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(digits.as_chunks::<8>().0) {
        let (four, bad) = eight(u64::from_le_bytes(*from));
        *to = four.to_le_bytes();
        wrong |= bad;
    }
    (wrong == 0).then_some(bytes)
}

/// The bytes of 64 hexadecimal digits of any case, with or without `0x`: a transaction hash.
pub fn word(text: &[u8]) -> Option<[u8; 32]> {
    let digits = <&[u8; 64]>::try_from(text.strip_prefix(b"0x").unwrap_or(text)).ok()?;
    let mut bytes = [0; 32];
    let mut wrong = 0;
    for (to, from) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(digits.as_chunks::<8>().0) {
        let (four, bad) = eight(small(u64::from_le_bytes(*from)));
        *to = four.to_le_bytes();
        wrong |= bad;
    }
    (wrong == 0).then_some(bytes)
}

/// The text of an address: `0x` and 40 small digits.
pub fn spelled(address: &[u8; 20]) -> String {
    let mut text = String::with_capacity(42);
    text.push_str("0x");
    text.extend(digits_of(address).map(char::from));
    text
}

/// EIP-55: a letter is a capital where the same digit of keccak-256 of the 40 small digits is 8 or more.
pub fn capitals_of(address: &[u8; 20]) -> u64 {
    let digits: [u8; 40] = digits_of(address);
    let mask = Keccak256::digest(digits);
    let strong = |i: usize| mask.get(i / 2).is_some_and(|byte| byte >> (4 * (1 - i % 2)) & 8 != 0);
    bits(&digits, |i, digit| digit.is_ascii_alphabetic() && strong(i))
}

fn mixed(digits: &[u8; 40]) -> Written {
    let Some(bytes) = lower(&digits.map(|digit| digit.to_ascii_lowercase())) else {
        return Written::Odd;
    };
    let capitals = bits(digits, |_, digit| digit.is_ascii_uppercase());
    if bits(digits, |_, digit| digit.is_ascii_lowercase()) == 0 {
        return Written::Plain(bytes);
    }
    Written::Mixed(bytes, capitals)
}

fn bits(digits: &[u8; 40], is: impl Fn(usize, u8) -> bool) -> u64 {
    (0..)
        .zip(digits)
        .fold(0, |found, (i, digit)| found | u64::from(is(i, *digit)) << i)
}

fn digits_of(address: &[u8; 20]) -> [u8; 40] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
    let mut digits = [0; 40];
    for (to, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(address) {
        *to = [digit(byte >> 4), digit(byte & 15)];
    }
    digits
}

/// Capital letters made small; what is no letter stays no digit.
fn small(text: u64) -> u64 {
    text | (text & ONES.wrapping_mul(0x40)) >> 1
}

/// Four bytes out of eight digits, first digit in the lowest byte of each; the second is zero if all are small digits.
#[inline]
fn eight(text: u64) -> (u32, u64) {
    let letter = text >> 6 & ONES;
    let nibble = (text & ONES.wrapping_mul(15)).wrapping_add(letter.wrapping_mul(9));
    let above_nine = nibble.wrapping_add(ONES.wrapping_mul(6)) >> 4 & ONES;
    let again = nibble
        .wrapping_add(ONES.wrapping_mul(0x30))
        .wrapping_add(above_nine.wrapping_mul(0x27));
    let wrong = (again ^ text) | nibble & ONES.wrapping_mul(0xf0);
    let pairs = (nibble << 4 | nibble >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    ((fours | fours >> 16) as u32, wrong)
}
