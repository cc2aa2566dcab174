//! Which pots may be tainted, a bit a pot, so that a scan finds the rows that matter 64 at a time.

use crate::failure::{Result, zeroed};
use std::ops::Range;

/// A set of pots that only grows.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
}

/// How many rows a scan looks at together.
pub(crate) const BLOCK: usize = 64;

impl Marks {
    /// No pot of `pots`.
    pub fn new(pots: usize) -> Result<Marks> {
        Ok(Marks {
            words: zeroed(pots.div_ceil(64))?,
        })
    }

    /// Whether there is room for any pot.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Puts a pot in.
    #[inline]
    pub fn set(&mut self, pot: u32) {
        if let Some(word) = self.words.get_mut(pot as usize / 64) {
            *word |= 1 << (pot % 64);
        }
    }

    /// Whether a pot is in; none is -1.
    #[inline]
    pub fn has(&self, pot: i32) -> bool {
        let pot = pot as u32;
        self.words
            .get(pot as usize / 64)
            .is_some_and(|word| word >> (pot % 64) & 1 == 1)
    }

    /// One bit for each of up to 64 rows whose pot is in.
    #[inline]
    pub fn mask(&self, pots: &[i32]) -> u64 {
        let mut mask = 0;
        for (i, &pot) in pots.iter().take(BLOCK).enumerate() {
            let word = self.words.get(pot as u32 as usize / 64).copied().unwrap_or(0);
            mask |= (word >> (pot as u32 % 64) & 1) << i;
        }
        mask
    }
}

/// The rows from `first` to `last` (excluded), up to `BLOCK` at a time, backwards from the last.
pub(crate) fn blocks(first: u32, last: u32, forward: bool) -> impl Iterator<Item = Range<usize>> {
    let (first, last) = (first as usize, last as usize);
    (0..last.saturating_sub(first)).step_by(BLOCK).map(move |done| {
        let size = BLOCK.min(last - first - done);
        let begin = if forward { first + done } else { last - done - size };
        begin..begin + size
    })
}

/// One bit for each of up to 64 rows that have this pot.
#[inline]
pub(crate) fn same(pots: &[i32], pot: u32) -> u64 {
    let pot = pot as i32;
    if !pots.iter().fold(false, |found, &other| found | (other == pot)) {
        return 0;
    }
    let same = pots.iter().take(BLOCK).enumerate();
    same.fold(0, |mask, (i, &other)| mask | u64::from(other == pot) << i)
}

/// The rows after bit `i` in the direction of a walk.
#[inline]
pub(crate) fn beyond(i: u32, forward: bool) -> u64 {
    if forward {
        u64::MAX.checked_shl(i + 1).unwrap_or(0)
    } else {
        (1 << i) - 1
    }
}

/// The first bit in the direction of a walk; the mask is not empty.
#[inline]
pub(crate) fn first(mask: u64, forward: bool) -> u32 {
    if forward {
        mask.trailing_zeros()
    } else {
        63 - mask.leading_zeros()
    }
}
