//! Rows that are the same row: equal in transaction, kind and number, whatever else they say.

use crate::columns::Cells;
use crate::failure::{Failure, Result, push};
use crate::hash::Seed;
use crate::hex;
use crate::slots::Slots;

/// Rows whose loads overlap.
const BATCH: usize = 64;

/// What names a row, one entry a row each.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a, C> {
    /// Texts, or 32 bytes. 64 hexadecimal digits are the same hash in any case, with or without `0x`.
    pub transaction: &'a C,
    /// The kind, as a number.
    pub kind: &'a [u8],
    /// The number within the transaction.
    pub seq: &'a [i64],
    /// The chain, as a number; None where there is only one.
    pub chain: Option<&'a [u32]>,
}

/// Rows whose identity an earlier row has, ascending. `OutOfRange` where columns differ in length.
pub fn duplicates<C: Cells>(identity: Identity<C>, seed: u64) -> Result<Vec<u32>> {
    let rows = identity.transaction.rows();
    let lengths = [
        identity.kind.len(),
        identity.seq.len(),
        identity.chain.map_or(rows, <[u32]>::len),
    ];
    if lengths != [rows; 3] || u32::try_from(rows).is_err() {
        return Err(Failure::OutOfRange(format!(
            "columns of unequal length, or too long: {rows} rows"
        )));
    }
    let seed = Seed::new(seed);
    let mut slots = Slots::with_room(rows)?;
    let mut later = Vec::new();
    let mut hashes = [0; BATCH];
    let mut peeked = [0; BATCH];
    for start in (0..rows).step_by(BATCH) {
        let count = BATCH.min(rows - start);
        for (i, hash) in hashes.iter_mut().enumerate().take(count) {
            *hash = identity.hash(seed, start + i);
        }
        for (peeked, hash) in peeked.iter_mut().zip(hashes).take(count) {
            *peeked = slots.peek(hash);
        }
        std::hint::black_box(&peeked);
        for (i, hash) in hashes.iter().enumerate().take(count) {
            let row = start + i;
            match slots.find(*hash, |other| identity.is_same(other as usize, row)) {
                Some(_) => push(&mut later, row as u32)?,
                None => slots.insert(*hash, row as u32)?,
            }
        }
    }
    Ok(later)
}

/// A transaction's name, in the form in which equal names are equal.
#[derive(PartialEq)]
enum Name<'a> {
    Hash([u8; 32]),
    Text(Option<&'a [u8]>),
}

impl<C: Cells> Identity<'_, C> {
    #[inline]
    fn name(&self, row: usize) -> Name<'_> {
        let cell = self.transaction.cell(row);
        let hash = cell.and_then(|cell| if C::TEXT { hex::word(cell) } else { cell.try_into().ok() });
        hash.map_or(Name::Text(cell), Name::Hash)
    }

    fn rest(&self, row: usize) -> (u8, i64, u32) {
        (self.kind[row], self.seq[row], self.chain.map_or(0, |chain| chain[row]))
    }

    #[inline]
    fn hash(&self, seed: Seed, row: usize) -> u32 {
        let (kind, seq, chain) = self.rest(row);
        let name = match self.name(row) {
            Name::Hash(bytes) => seed.text(&bytes),
            Name::Text(text) => seed.text(text.unwrap_or_default()),
        };
        seed.words(u64::from(name) << 32 | u64::from(chain), seq as u64, u64::from(kind))
    }

    #[inline]
    fn is_same(&self, a: usize, b: usize) -> bool {
        self.rest(a) == self.rest(b) && self.name(a) == self.name(b)
    }
}
