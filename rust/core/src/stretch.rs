//! A stretch of one row or lot.

use crate::lines::Lot;

/// Units `start` to `stop` of a row, counted from its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch<U> {
    /// The row.
    pub row: u32,
    /// Its first unit.
    pub start: U,
    /// The unit after its last.
    pub stop: U,
}

/// Units `start` to `stop` of a lot, counted from its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<U> {
    /// The lot.
    pub lot: Lot,
    /// Its first unit.
    pub start: U,
    /// The unit after its last.
    pub stop: U,
}
