//! An open-addressing index from 32-bit hashes to numbers: who uses it keeps the keys and compares them.

use crate::failure::{Failure, Result, zeroed};

/// No number.
pub const NONE: u32 = u32::MAX;

const EMPTY: u64 = 0;
const SMALLEST: usize = 64;

/// Hash in the upper half, number + 1 in the lower. Slots stand in the order of their hashes, so growing reads and
/// writes them one after another and asks for no key.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    slots: Vec<u64>,
    used: usize,
}

impl Slots {
    /// An empty one that takes `count` numbers before it grows.
    pub fn with_room(count: usize) -> Result<Self> {
        let length = count.saturating_mul(2).max(SMALLEST);
        Ok(Self {
            slots: zeroed(length.min(u32::MAX as usize))?,
            used: 0,
        })
    }

    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Memory in use.
    pub fn bytes(&self) -> usize {
        self.slots.capacity().saturating_mul(size_of::<u64>())
    }

    /// The slot where a search begins. Asking for many before the first search lets their loads overlap.
    #[inline]
    pub fn peek(&self, hash: u32) -> u64 {
        self.slots.get(self.place(hash)).copied().unwrap_or(EMPTY)
    }

    /// The first number with this hash, or `NONE`; `peeked` is what `peek` gave for it.
    #[inline]
    pub fn candidate(&self, hash: u32, peeked: u64) -> u32 {
        if peeked == EMPTY {
            return NONE;
        }
        if (peeked >> 32) as u32 == hash {
            return number(peeked);
        }
        self.find(hash, |_| true).unwrap_or(NONE)
    }

    /// The first number with this hash that `same` takes.
    #[inline]
    pub fn find(&self, hash: u32, mut same: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.place(hash);
        loop {
            let slot = *self.slots.get(at)?;
            if slot == EMPTY {
                return None;
            }
            if (slot >> 32) as u32 == hash && same(number(slot)) {
                return Some(number(slot));
            }
            at = self.after(at);
        }
    }

    /// Adds a number, which is less than `NONE`. The hash may be there already.
    pub fn insert(&mut self, hash: u32, number: u32) -> Result<()> {
        if self.used >= self.slots.len() / 2 {
            self.grow()?;
        }
        self.put(slot(hash, number));
        self.used += 1;
        Ok(())
    }

    fn grow(&mut self) -> Result<()> {
        let length = self.slots.len().saturating_mul(2).max(SMALLEST);
        if u32::try_from(length).is_err() {
            return Err(Failure::OutOfRange(format!("more than {} different keys", self.used)));
        }
        let old = std::mem::replace(&mut self.slots, zeroed(length)?);
        for slot in old {
            if slot != EMPTY {
                self.put(slot);
            }
        }
        Ok(())
    }

    fn put(&mut self, slot: u64) {
        let mut at = self.place((slot >> 32) as u32);
        while let Some(&there) = self.slots.get(at)
            && there != EMPTY
        {
            at = self.after(at);
        }
        if let Some(free) = self.slots.get_mut(at) {
            *free = slot;
        }
    }

    #[inline]
    fn place(&self, hash: u32) -> usize {
        (u64::from(hash).wrapping_mul(self.slots.len() as u64) >> 32) as usize
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at.wrapping_add(1) < self.slots.len() {
            at.wrapping_add(1)
        } else {
            0
        }
    }
}

#[inline]
fn slot(hash: u32, number: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(number.wrapping_add(1))
}

#[inline]
fn number(slot: u64) -> u32 {
    (slot as u32).wrapping_sub(1)
}
