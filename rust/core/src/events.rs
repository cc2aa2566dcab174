//! The queue of a walk: numbers in order, each once, in a bitmap with 64 numbers a word and a bitmap over its words.

use crate::failure::{Failure, Result, zeroed};

/// A set of numbers below a length, taken out in ascending or descending order. A number that is pushed behind the last
/// one taken comes out next.
#[derive(Debug, Clone)]
pub struct Events {
    /// The first level has a bit a number, each further level a bit a word of the level before; the last is one word.
    levels: Vec<Vec<u64>>,
    ascending: bool,
    length: usize,
}

impl Events {
    /// An empty queue of numbers below `length`; ascending, or else descending. Its memory, `length / 8` bytes, is
    /// touched only where numbers are pushed.
    pub fn new(length: usize, ascending: bool) -> Result<Events> {
        let mut levels = Vec::new();
        let mut words = length;
        loop {
            words = words.div_ceil(64).max(1);
            levels.push(zeroed(words)?);
            if words == 1 {
                return Ok(Events {
                    levels,
                    ascending,
                    length,
                });
            }
        }
    }

    /// Puts a number into the queue, once; a number that is too large fails with `OutOfRange`.
    #[inline]
    pub fn push(&mut self, number: usize) -> Result<()> {
        if number >= self.length {
            return Err(Failure::OutOfRange(format!("event {number} of {}", self.length)));
        }
        let mut at = number;
        for level in &mut self.levels {
            let word = &mut level[at / 64];
            let was_empty = *word == 0;
            *word |= 1 << (at % 64);
            if !was_empty {
                break;
            }
            at /= 64;
        }
        Ok(())
    }

    /// The next number, which stays.
    #[inline]
    pub fn peek(&self) -> Option<usize> {
        let mut at = 0;
        for level in self.levels.iter().rev() {
            let word = level[at];
            if word == 0 {
                return None;
            }
            let bit = if self.ascending {
                word.trailing_zeros()
            } else {
                63 - word.leading_zeros()
            };
            at = at * 64 + bit as usize;
        }
        Some(at)
    }

    /// Takes the next number out.
    #[inline]
    pub fn pop(&mut self) -> Option<usize> {
        let number = self.peek()?;
        let mut at = number;
        for level in &mut self.levels {
            let word = &mut level[at / 64];
            *word &= !(1 << (at % 64));
            if *word != 0 {
                break;
            }
            at /= 64;
        }
        Some(number)
    }

    /// Whether nothing is queued.
    pub fn is_empty(&self) -> bool {
        self.levels.last().is_none_or(|level| level[0] == 0)
    }
}
