//! Position order: a stable sort of row numbers by several keys, and nothing where rows are in order already.

use crate::failure::{Failure, Result, room};
use std::cmp::Ordering;

/// The rows in the order of their keys, most significant first; ties keep the order of the rows. None if they are in
/// that order. `OutOfRange` where keys differ in length or there are more rows than a u32 counts.
pub fn order(keys: &[&[i64]]) -> Result<Option<Vec<u32>>> {
    let rows = keys.first().map_or(0, |key| key.len());
    if keys.iter().any(|key| key.len() != rows) || u32::try_from(rows).is_err() {
        return Err(Failure::OutOfRange(format!(
            "keys of unequal length, or more than 2^32 - 1 rows: {rows}"
        )));
    }
    if (1..rows).all(|row| compare(keys, row - 1, row) != Ordering::Greater) {
        return Ok(None);
    }
    let packed: Vec<Packed> = keys.iter().map(|key| Packed::new(key)).collect();
    let below = usize::BITS - rows.leading_zeros();
    let bits = packed.iter().fold(below, |sum, key| sum.saturating_add(key.bits));
    let place = |row: usize| packed.iter().fold(0, |sum, key| key.onto(sum, row)) << below | row as u128;
    let row_of = |place: u64| (place & ((1 << below) - 1)) as u32;
    let mut order = room(rows)?;
    if bits <= u64::BITS {
        let mut places = room(rows)?;
        places.extend((0..rows).map(|row| place(row) as u64));
        places.sort_unstable();
        order.extend(places.into_iter().map(row_of));
    } else if bits <= u128::BITS {
        let mut places = room(rows)?;
        places.extend((0..rows).map(place));
        places.sort_unstable();
        order.extend(places.into_iter().map(|place| row_of(place as u64)));
    } else {
        order.extend(0..rows as u32);
        order.sort_unstable_by(|a, b| compare(keys, *a as usize, *b as usize).then(a.cmp(b)));
    }
    Ok(Some(order))
}

#[inline]
fn compare(keys: &[&[i64]], a: usize, b: usize) -> Ordering {
    keys.iter()
        .map(|key| key[a].cmp(&key[b]))
        .find(|found| found.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// A key in as few bits as its values need; the least i64, which stands for an absent value, costs next to nothing.
struct Packed<'a> {
    key: &'a [i64],
    least: i64,
    absent: u64,
    bits: u32,
}

impl<'a> Packed<'a> {
    fn new(key: &'a [i64]) -> Self {
        let present = || key.iter().copied().filter(|value| *value != i64::MIN);
        let (least, most) = (present().min().unwrap_or(0), present().max().unwrap_or(0));
        let absent = u64::from(key.contains(&i64::MIN));
        let top = (most.wrapping_sub(least) as u64).wrapping_add(absent);
        Self {
            key,
            least,
            absent,
            bits: u64::BITS - top.leading_zeros(),
        }
    }

    #[inline]
    fn onto(&self, sum: u128, row: usize) -> u128 {
        let value = self.key[row];
        let code = if value == i64::MIN {
            0
        } else {
            (value.wrapping_sub(self.least) as u64).wrapping_add(self.absent)
        };
        sum << self.bits | u128::from(code)
    }
}
